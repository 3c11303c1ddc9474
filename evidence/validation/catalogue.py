"""Every measure by its name: the kinds of model that it fits, which way is better, its range, unit and definition.

The one table behind plan checking and the direction of thresholds; `policies/lib/metrics.rego` holds the same
directions, ranges and units for the controls, and a test holds the two together. The names of ISO/IEC TS 4213:2022
(assessment of machine learning classification performance) stand where that document has one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["probability", "label", "classes", "class", "value"]
"""What a model's output means (`output.kind`): of two classes the positive one's score or the class itself; of several
classes a score each or the class itself; a number."""

SCORED: frozenset[Kind] = frozenset({"probability", "classes"})
BINARY: frozenset[Kind] = frozenset({"probability", "label"})
SEVERAL: frozenset[Kind] = frozenset({"classes", "class"})
CLASSIFIER: frozenset[Kind] = BINARY | SEVERAL
VALUE: frozenset[Kind] = frozenset({"value"})
EVERY: frozenset[Kind] = CLASSIFIER | VALUE
NONE: frozenset[Kind] = frozenset()

Family = Literal["metric", "rate", "latency", "fairness", "robustness", "drift", "examined"]
"""Where a run records a measure: among its metrics, beside them, in a report of its own, or with the battery."""

TARGET = "unit of the target"


@dataclass(frozen=True)
class Measure:
    """One measure. `highest` is None where it has no end; `kinds` is empty where no live run measures it.

    `of_a_class`: the kinds in which it is told of each class too, as NAME:CLASS. `section`: that of the plan that
    asks for it, where a test of the battery measures it.
    """

    family: Family
    kinds: frozenset[Kind]
    better: Literal["more", "less"]
    lowest: float
    highest: float | None
    unit: str
    says: str
    ts4213: str | None = None
    of_a_class: frozenset[Kind] = NONE
    section: str | None = None

    @property
    def side(self) -> Literal[">=", "<="]:
        """How a limit of the measure is written: a floor where more is better, a ceiling where less is."""
        return ">=" if self.better == "more" else "<="

    @property
    def needs_scores(self) -> bool:
        """Whether only scores have it: a class alone has no order of cases and no chance to be right about."""
        told = self.kinds | self.of_a_class
        return bool(told) and told <= SCORED

    def possible(self, value: float) -> bool:
        """Whether the measure can have this value."""
        return self.lowest <= value and (self.highest is None or value <= self.highest)


def _share(
    family: Family,
    kinds: frozenset[Kind],
    better: Literal["more", "less"],
    says: str,
    ts4213: str | None = None,
    of_a_class: frozenset[Kind] = NONE,
) -> Measure:
    return Measure(family, kinds, better, 0, 1, "share", says, ts4213, of_a_class)


def _loss(
    kinds: frozenset[Kind], unit: str, says: str, ts4213: str | None = None, family: Family = "metric"
) -> Measure:
    return Measure(family, kinds, "less", 0, None, unit, says, ts4213)


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "accuracy": _share("metric", CLASSIFIER, "more", "Share of rows answered with their class.", "accuracy"),
        "balanced_accuracy": _share(
            "metric", CLASSIFIER, "more", "Mean of the recall of each class.", "macro-average of recall"
        ),
        "precision": _share(
            "metric", BINARY, "more", "Share of the positive answers that are right.", "precision", SEVERAL
        ),
        "recall": _share(
            "metric", BINARY, "more", "Share of the positive rows that are found.", "recall (sensitivity)", SEVERAL
        ),
        "specificity": _share(
            "metric", BINARY, "more", "Share of the negative rows that are told as such.", "specificity", SEVERAL
        ),
        "f1": _share("metric", BINARY, "more", "Harmonic mean of precision and recall.", "F1 score", SEVERAL),
        "precision_macro": _share(
            "metric",
            SEVERAL,
            "more",
            "Mean of the precision of each class; undefined where a class is never answered.",
            "macro-average of precision",
        ),
        "f1_macro": _share("metric", SEVERAL, "more", "Mean of the F1 score of each class.", "macro-average of F1"),
        "f1_micro": _share(
            "metric",
            SEVERAL,
            "more",
            "F1 score of all one-against-the-rest decisions together: where each row has one class it is the accuracy, "
            "as are precision and recall so averaged.",
            "micro-average of F1",
        ),
        "roc_auc": _share(
            "metric",
            frozenset({"probability"}),
            "more",
            "Chance that a positive row scores above a negative one; of a class, one against the rest.",
            "area under the ROC curve",
            frozenset({"classes"}),
        ),
        "roc_auc_macro": _share(
            "metric",
            frozenset({"classes"}),
            "more",
            "Mean over the classes of the area under the ROC curve of one against the rest.",
            "area under the ROC curve (macro-average)",
        ),
        "average_precision": _share(
            "metric", NONE, "more", "Mean of the precision over the recall.", "area under the precision-recall curve"
        ),
        "log_loss": _loss(
            SCORED, "nats", "Mean of minus the logarithm of the score of the true class.", "cross-entropy loss"
        ),
        "brier": _share(
            "metric",
            frozenset({"probability"}),
            "less",
            "Mean squared distance of the score of the positive class from 0 or 1.",
        ),
        "brier_multiclass": Measure(
            "metric",
            frozenset({"classes"}),
            "less",
            0,
            2,
            "sum of squared shares",
            "Mean over the rows of the squared distance of the scores from the true class, summed over the classes "
            "(G. W. Brier, 1950).",
        ),
        "mae": _loss(VALUE, TARGET, "Mean absolute error."),
        "rmse": _loss(VALUE, TARGET, "Root of the mean squared error."),
        "mse": _loss(VALUE, "squared unit of the target", "Mean squared error."),
        "mape": _loss(NONE, "part of the target", "Mean absolute error as a part of the target."),
        "r2": Measure(
            "metric",
            VALUE,
            "more",
            -9_000_000_000,
            1,
            "part of the variance",
            "Share of the variance of the target that the answers explain: 1 - SSE / SST.",
        ),
        "pinball": _loss(
            VALUE,
            TARGET,
            "Mean quantile loss of the answer at `output.quantile`; pinball:low and pinball:high are those of the ends "
            "of the interval.",
        ),
        "interval_coverage": _share(
            "metric", VALUE, "more", "Share of rows whose true value lies in the interval that the model gives."
        ),
        "interval_width": _loss(VALUE, TARGET, "Mean width of the interval that the model gives."),
        "calibration_error": _share(
            "rate",
            SCORED,
            "less",
            "Expected calibration error over bins of equal mass; of several classes that of the answered class.",
        ),
        "abstention_rate": _share("rate", EVERY, "less", "Share of rows on which the model abstained."),
        "latency_p50": _loss(EVERY, "ms", "Median time of a call.", family="latency"),
        "latency_p95": _loss(EVERY, "ms", "95th percentile of the time of a call.", family="latency"),
        "latency_p99": _loss(EVERY, "ms", "99th percentile of the time of a call.", family="latency"),
        "parity_difference": _share(
            "fairness", CLASSIFIER, "less", "Largest difference of the share of favourable answers between groups."
        ),
        "parity_ratio": _share(
            "fairness", CLASSIFIER, "more", "Least share of favourable answers of a group to the greatest."
        ),
        "odds_difference": _share(
            "fairness", CLASSIFIER, "less", "Larger of the gaps of true and of false favourable rates between groups."
        ),
        "opportunity_difference": _share(
            "fairness", CLASSIFIER, "less", "Largest difference of the true favourable rate between groups."
        ),
        "impact_ratio": _share(
            "fairness", CLASSIFIER, "more", "Share of favourable answers of a group to that of the best group."
        ),
        "mean_difference": _loss(
            VALUE, TARGET, "Largest difference of the mean answer between groups.", family="fairness"
        ),
        "error_difference": _loss(
            VALUE, TARGET, "Largest difference of the mean absolute error between groups.", family="fairness"
        ),
        "accuracy_drop": Measure(
            "robustness",
            EVERY,
            "less",
            -1,
            1,
            "difference of shares",
            "Share of right answers lost under the worst attack; of a value, answers moved beyond the tolerance.",
        ),
        "attack_success": _share(
            "robustness", EVERY, "less", "Share of right answers that an attack turns; of a value, of all answers."
        ),
        "invalid_input_rejection": _share("robustness", EVERY, "more", "Share of malformed probes turned down."),
        "ood_rejection": _share("robustness", EVERY, "more", "Share of probes outside the domain turned down."),
        "valid_input_rejection": _share("robustness", EVERY, "less", "Share of valid rows turned down."),
        "drift": _loss(EVERY, "distance", "Distance from the reference.", family="drift"),
    }
)
"""Measures by name, in the order in which they are told."""


def metrics_of(kind: Kind) -> tuple[str, ...]:
    """Names of the metrics that a run of a model of this kind records over all rows."""
    return tuple(name for name, row in MEASURES.items() if row.family == "metric" and kind in row.kinds)


def measure_of(test: str) -> str:
    """The measure that a test of a plan is about: `training-labels:impact_ratio:sex=f` is about the impact_ratio."""
    return test.removeprefix("training-labels:").partition(":")[0]


def promises_of(kind: Kind) -> Iterator[str]:
    """What a test of a plan may be for a model of this kind, the open ends of a name as `…`."""
    for name, row in MEASURES.items():
        if kind in row.kinds and row.family in ("metric", "rate", "latency"):
            yield name
        if kind in row.of_a_class:
            yield f"{name}:CLASS"
