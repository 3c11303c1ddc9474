"""What each row contributes to a metric: numbers whose mean is the metric, and whose spread says how sure it is.

To first order a metric of n rows is the mean of their influence functions, so that the standard error of the metric, or
of the difference of two metrics of the same rows, is the standard deviation of the contributions (or of their
differences) over the root of n. For a mean they are the rows' own values, for a quotient of means those of the delta
method, for the area under the ROC curve DeLong's placements.
Sources: F. R. Hampel, The influence curve and its role in robust estimation, JASA 69 (1974) 383-393; A. W. van der
Vaart, Asymptotic Statistics (1998), chapter 20; E. R. DeLong et al., Biometrics 44 (1988) 837-845.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evidence.validation.child.answers import Answer
from evidence.validation.child.rows import Labels
from evidence.validation.kinds import BINARY, VALUE
from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.tally import log_losses
from evidence.validation.plan.output import Output

Flags = NDArray[np.bool_]


def contributions(metric: str, output: Output, labels: Labels, answer: Answer, eps: float) -> Floats | None:
    """The contribution of each row, (rows,), none of which the model abstained on; None where the metric is undefined.

    `eps` is the distance from 1 that the model's numbers keep, by which the log loss is cut.
    """
    if output.kind in VALUE:
        return _of_value(metric, labels.astype(np.float64), answer.scores, output.quantile)
    if output.kind in BINARY:
        truth = labels.astype(np.bool_)
        return _of_two(metric, truth, answer.scores >= output.threshold, answer.scores, eps)
    assert answer.chosen is not None
    return _of_several(metric, labels.astype(np.int64), answer.chosen, answer.chances, len(output.words), eps)


def midranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found: Floats = (ends - (counts - 1) / 2)[place]
    return found


def area(truth: Flags, scores: Floats) -> Floats | None:
    """Contributions to the area under the ROC curve; None where a label is absent."""
    ranks = midranks(scores)
    n_pos, n_neg = int(truth.sum()), int((~truth).sum())
    if not n_pos or not n_neg:
        return None
    placed = np.empty(len(truth))
    placed[truth] = (ranks[truth] - midranks(scores[truth])) / n_neg
    placed[~truth] = 1 - (ranks[~truth] - midranks(scores[~truth])) / n_pos
    value = float(placed[truth].mean())
    size = np.where(truth, len(truth) / n_pos, len(truth) / n_neg)
    found: Floats = value + size * (placed - value)
    return found


def _ratio(part: NDArray[np.generic], whole: NDArray[np.generic]) -> Floats | None:
    """Contributions to the quotient of two means; None where the lower one is 0."""
    above, below = part.astype(np.float64), whole.astype(np.float64)
    size = float(below.mean()) if len(below) else 0.0
    if size == 0:
        return None
    value = float(above.mean()) / size
    found: Floats = value + (above - value * below) / size
    return found


def _mean(parts: Sequence[Floats | None]) -> Floats | None:
    """Contributions to the mean of metrics; None where one of them is undefined."""
    told = [part for part in parts if part is not None]
    return np.mean(told, axis=0) if told and len(told) == len(parts) else None


def _of_two(metric: str, truth: Flags, guess: Flags, scores: Floats, eps: float) -> Floats | None:
    right = truth == guess
    chance = np.where(truth, scores, 1 - scores)
    known: Mapping[str, Callable[[], Floats | None]] = {
        "accuracy": lambda: right.astype(np.float64),
        "precision": lambda: _ratio(truth & guess, guess),
        "recall": lambda: _ratio(truth & guess, truth),
        "specificity": lambda: _ratio(~truth & ~guess, ~truth),
        "balanced_accuracy": lambda: _mean([_ratio(truth & guess, truth), _ratio(~truth & ~guess, ~truth)]),
        "f1": lambda: _ratio(2.0 * (truth & guess), truth.astype(np.float64) + guess),
        "roc_auc": lambda: area(truth, scores),
        "log_loss": lambda: log_losses(chance, eps),
        "brier": lambda: (1 - chance) ** 2,
    }
    return known[metric]()


def _of_several(
    metric: str, truth: NDArray[np.int64], guess: NDArray[np.int64], chances: NDArray[np.floating] | None,
    classes: int, eps: float,
) -> Floats | None:  # fmt: skip
    right = (truth == guess).astype(np.float64)
    hits = [((truth == code) & (guess == code), truth == code, guess == code) for code in range(classes)]
    known: Mapping[str, Callable[[], Floats | None]] = {
        "accuracy": lambda: right,
        "f1_micro": lambda: right,
        "balanced_accuracy": lambda: _mean([_ratio(hit, true) for hit, true, _ in hits]),
        "precision_macro": lambda: _mean([_ratio(hit, told) for hit, _, told in hits]),
        "f1_macro": lambda: _mean([_ratio(2.0 * hit, true.astype(np.float64) + told) for hit, true, told in hits]),
    }
    if metric in known or chances is None:
        return known[metric]()
    table = chances.astype(np.float64)
    true = table[np.arange(len(truth)), truth]
    scored: Mapping[str, Callable[[], Floats | None]] = {
        "roc_auc_macro": lambda: _mean([area(truth == code, table[:, code]) for code in range(classes)]),
        "log_loss": lambda: log_losses(true, eps),
        "brier_multiclass": lambda: (table**2).sum(axis=1) - 2 * true + 1,
    }
    return scored[metric]()


def _of_value(metric: str, truth: Floats, answers: Floats, quantile: float | None) -> Floats | None:
    error = truth - answers
    squares = error**2
    if metric == "mae":
        return np.abs(error)
    if metric == "pinball":
        assert quantile is not None
        lost: Floats = np.maximum(quantile * error, (quantile - 1) * error)
        return lost
    mean = float(squares.mean())
    if metric == "rmse":
        root = mean**0.5
        return root + (squares - mean) / (2 * root) if root else squares
    if metric == "r2":
        rest = _ratio(squares, (truth - truth.mean()) ** 2)
        return None if rest is None else 1 - rest
    return squares
