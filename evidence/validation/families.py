"""Tests of a plan that judge many numbers at once, such as the drift of every feature: `drift:psi:*`.

The plan says how (`Threshold.family`). `each`: every member meets the bound at the worse end of its own interval; it is
enough that one does not, so that a bad member passes as seldom as if it stood alone, and good ones fail together the
more often the more they are. `holm`: every member meets it after Holm's correction, so that the chance of calling *any*
bad member good is no larger than that of one. `share`: so large a share of the members meets it.
Sources: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979)
65-70; how often chance alone gives an estimate as good, from its interval: D. G. Altman and J. M. Bland, How to obtain
the P value from a confidence interval, BMJ 343 (2011) d2304.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from statistics import NormalDist

from evidence.model.canonical import digest_json
from evidence.model.numbers import outward
from evidence.model.predicates.values import MetricEstimate, TestResult, Threshold
from evidence.validation.catalogue import MEASURES, measure_of

ANY = "*"
_NORMAL = NormalDist()
_DECIMALS = 6


def members(test: str, named: Mapping[str, MetricEstimate]) -> dict[str, MetricEstimate]:
    """The numbers that a test is about: those that begin as it does where it ends with `*`, or the one of its name.

    Groups that several attributes make are none of many; an `&` in the name of a column or a slice makes no such group.
    """
    if test.endswith(ANY):
        start = test.removesuffix(ANY)
        return {name: named[name] for name in sorted(named) if name.startswith(start) and not _joined(name)}
    return {test: named[test]} if test in named else {}


def lacks(test: str, found: Collection[str], due: Iterable[str]) -> bool:
    """Whether a number that was due, and that a test of many is about, is none of those `found` (see `keys.due`)."""
    start = test.removesuffix(ANY)
    about = [name for name in due if name.removesuffix(ANY).startswith(start)]
    return any(
        not any(one.startswith(name.removesuffix(ANY)) for one in found) if name.endswith(ANY) else name not in found
        for name in about
    )


def _joined(name: str) -> bool:
    row = MEASURES.get(measure_of(name))
    return "&" in name and row is not None and row.family == "fairness"


def judge(threshold: Threshold, found: Mapping[str, MetricEstimate], *, complete: bool = True) -> TestResult:
    """Result of a test on its members, of which there is one at least; `complete` where none of them was undefined.

    What is told as observed is the member that decides.
    """
    digest = digest_json(threshold.to_json())
    if threshold.family is None:
        (observed,) = found.values()
        return TestResult(passed=meets(observed, threshold), observed=observed, threshold_digest=digest)
    held = [(by, estimate) for by, estimate in sorted(_in_order(threshold, found), key=lambda pair: pair[0])]
    met = sum(meets(estimate, threshold) for _, estimate in held)
    needed = len(held)
    if threshold.family == "share" and threshold.share is not None:
        needed = math.ceil(threshold.share * len(held) - 1e-9)
    return TestResult(
        passed=complete and met >= needed,
        observed=held[needed - 1][1],
        threshold_digest=digest,
        judged=len(held),
        met=met,
    )


def meets(estimate: MetricEstimate, threshold: Threshold) -> bool:
    """Whether the interval's worse end meets the threshold, at the asked confidence or more."""
    if estimate.confidence < threshold.confidence:
        return False
    return estimate.ci_low >= threshold.value if threshold.op == ">=" else estimate.ci_high <= threshold.value


def _in_order(threshold: Threshold, found: Mapping[str, MetricEstimate]) -> list[tuple[float, MetricEstimate]]:
    """Members with their distance beyond the bound, the best first; under `holm` in their corrected intervals."""
    if threshold.family != "holm":
        return [(_beyond(estimate, threshold), estimate) for estimate in found.values()]
    ranked = sorted(found.items(), key=lambda item: _by_chance(item[1], threshold))
    corrected = [
        _at(name, estimate, 1 - (1 - estimate.confidence) / (len(ranked) - place))
        for place, (name, estimate) in enumerate(ranked)
    ]
    return [(_beyond(estimate, threshold), estimate) for estimate in corrected]


def _beyond(estimate: MetricEstimate, threshold: Threshold) -> float:
    return threshold.value - estimate.ci_low if threshold.op == ">=" else estimate.ci_high - threshold.value


def _by_chance(estimate: MetricEstimate, threshold: Threshold) -> float:
    """How often a member just at the bound would look as good: the P value of its being better."""
    end = estimate.ci_low if threshold.op == ">=" else estimate.ci_high
    margin = estimate.value - threshold.value if threshold.op == ">=" else threshold.value - estimate.value
    half = abs(estimate.value - end)
    if half == 0:
        return 0.0 if margin >= 0 else 1.0
    return 1 - _NORMAL.cdf(margin / half * _quantile(estimate.confidence))


def _at(name: str, estimate: MetricEstimate, confidence: float) -> MetricEstimate:
    """The estimate with its interval stretched to another level, as of a normal variable, within what can be.

    A distance has no interval that begins below 0: controls call such a number impossible, and the test failed.
    """
    times = _quantile(confidence) / _quantile(estimate.confidence)
    low = estimate.value - times * (estimate.value - estimate.ci_low)
    high = estimate.value + times * (estimate.ci_high - estimate.value)
    low, high = outward(low, _DECIMALS, up=False), outward(high, _DECIMALS, up=True)
    if measure := MEASURES.get(measure_of(name)):
        low = max(low, measure.lowest)
        high = high if measure.highest is None else min(high, measure.highest)
    return estimate.model_copy(
        update={
            "ci_low": low + 0.0,
            "ci_high": high + 0.0,
            "confidence": math.floor(confidence * 1e6) / 1e6,
        }
    )


def _quantile(confidence: float) -> float:
    return _NORMAL.inv_cdf((1 + confidence) / 2)
