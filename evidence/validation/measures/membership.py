"""Membership inference by the loss: whether a row was learnt from is guessed by how small the model's loss on it is.

The advantage of an attack is the share of training rows that it calls such less the share of other rows. The best
threshold on the very rows that it is judged on flatters the attack, and the more the fewer rows there are; so the value
and the lower end are told of each half of the rows by the threshold that is best on the other half. Of a threshold that
is not quite the best they say too little; so the upper end is that of the flattered one, which no other exceeds.
Source: S. Yeom, I. Giacomelli, M. Fredrikson, S. Jha, Privacy risk in machine learning, IEEE CSF 2018, 268-282.
"""

import numpy as np

from evidence.validation.measures.intervals import Floats, Interval, auc_interval, unpaired_difference


def advantage(
    members: Floats,
    others: Floats,
    seed: int,
    confidence: float = 0.95,
    shares: tuple[float, float] = (1.0, 1.0),
) -> Interval | None:
    """Advantage of the loss threshold: losses of rows that were learnt from and of others, (rows,) each.

    `shares` of them are independent cases. Its interval is Newcombe's of the difference of both shares. None where a
    side has fewer than two rows.
    """
    if min(len(members), len(others)) < 2:
        return None
    halves = [_halves(losses, seed + place) for place, losses in enumerate((members, others))]
    called = np.zeros(2)
    for judged in (0, 1):
        threshold = best_threshold(halves[0][1 - judged], halves[1][1 - judged])
        called += [(side[judged] <= threshold).sum() for side in halves]
    threshold = best_threshold(members, others)
    flattered = np.array([(side <= threshold).sum() for side in (members, others)])
    n, m = len(members) * shares[0], len(others) * shares[1]
    told, most = (
        unpaired_difference(hits[0] * shares[0], n, hits[1] * shares[1], m, confidence) for hits in (called, flattered)
    )
    if told is None or most is None:
        return None
    return Interval(told.value, told.low, max(told.high, most.high), told.n, confidence, "yeom-split-halves")


def best_threshold(members: Floats, others: Floats) -> float:
    """The loss up to which a row is called a member so that the advantage on these rows is largest."""
    losses = np.unique(np.concatenate([members, others]))
    gain = np.searchsorted(np.sort(members), losses, side="right") / len(members)
    gain = gain - np.searchsorted(np.sort(others), losses, side="right") / len(others)
    return float(losses[int(np.argmax(gain))])


def area(
    members: Floats, others: Floats, confidence: float = 0.95, shares: tuple[float, float] = (1.0, 1.0)
) -> Interval | None:
    """Area under the ROC curve of the attack over all thresholds: 0.5 is a guess. None where a side has no row."""
    scores, place = np.unique(-np.concatenate([members, others]), return_inverse=True)
    counts = [
        np.bincount(part, minlength=len(scores)) * share
        for part, share in zip((place[: len(members)], place[len(members) :]), shares, strict=True)
    ]
    return auc_interval(counts[0], counts[1], confidence)


def _halves(losses: Floats, seed: int) -> tuple[Floats, Floats]:
    mixed = np.random.default_rng(seed).permutation(losses)
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
