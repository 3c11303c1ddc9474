"""Every measure by its name: the kinds of model that it fits, which way is better, its range, unit and definition.

The one table behind plan checking and the direction of thresholds; `policies/lib/metrics.rego` holds the same
directions, ranges and units for the controls, and a test holds the two together. The names of ISO/IEC TS 4213:2022
(assessment of machine learning classification performance) stand where that document has one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["probability", "label", "classes", "class", "labels", "value", "ranking"]
"""What a model's output means (`output.kind`): of two classes the positive one's score or the class itself; of several
classes a score each or the class itself; of several labels, any of which a row may have, a score each; a number; the
score by which the items of a query are ordered."""

SCORED: frozenset[Kind] = frozenset({"probability", "classes", "labels"})
BINARY: frozenset[Kind] = frozenset({"probability", "label"})
SEVERAL: frozenset[Kind] = frozenset({"classes", "class"})
LABELS: frozenset[Kind] = frozenset({"labels"})
ONE_CLASS: frozenset[Kind] = BINARY | SEVERAL
"""Each row has one class."""
CLASSIFIER: frozenset[Kind] = ONE_CLASS | LABELS
VALUE: frozenset[Kind] = frozenset({"value"})
RANKING: frozenset[Kind] = frozenset({"ranking"})
NUMBER: frozenset[Kind] = VALUE | RANKING
EVERY: frozenset[Kind] = CLASSIFIER | NUMBER
ONE_ANSWER: frozenset[Kind] = ONE_CLASS | VALUE
"""Each row has one true answer, a class or a number, that stands for itself."""
ONE_SCORE: frozenset[Kind] = SCORED & ONE_CLASS
NONE: frozenset[Kind] = frozenset()

Family = Literal["metric", "rate", "latency", "fairness", "robustness", "drift", "examined"]
"""Where a run records a measure: among its metrics, beside them, in a report of its own, or with the battery."""

TARGET = "unit of the target"

WEIGHTED = "weighted:"
"""What stands before a test of a plan that is about a metric in which rows count by `data.weight`."""


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


def _examined(section: str, says: str, kinds: frozenset[Kind] = EVERY) -> Measure:
    """A share that a test of the battery measures, and of which less is better."""
    return Measure("examined", kinds, "less", 0, 1, "share", says, section=section)


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "accuracy": _share("metric", ONE_CLASS, "more", "Share of rows answered with their class.", "accuracy"),
        "balanced_accuracy": _share(
            "metric", ONE_CLASS, "more", "Mean of the recall of each class.", "macro-average of recall"
        ),
        "subset_accuracy": _share(
            "metric", LABELS, "more", "Share of rows on which every label is right.", "exact match ratio"
        ),
        "hamming_loss": _share(
            "metric", LABELS, "less", "Share of the decisions on rows and labels that are wrong.", "Hamming loss"
        ),
        "precision": _share(
            "metric", BINARY, "more", "Share of the positive answers that are right.", "precision", SEVERAL | LABELS
        ),
        "recall": _share(
            "metric",
            BINARY,
            "more",
            "Share of the positive rows that are found.",
            "recall (sensitivity)",
            SEVERAL | LABELS,
        ),
        "specificity": _share(
            "metric",
            BINARY,
            "more",
            "Share of the negative rows that are told as such.",
            "specificity",
            SEVERAL | LABELS,
        ),
        "f1": _share("metric", BINARY, "more", "Harmonic mean of precision and recall.", "F1 score", SEVERAL | LABELS),
        "precision_macro": _share(
            "metric",
            SEVERAL | LABELS,
            "more",
            "Mean of the precision of each class; undefined where a class is never answered.",
            "macro-average of precision",
        ),
        "recall_macro": _share(
            "metric", LABELS, "more", "Mean of the recall of each label.", "macro-average of recall"
        ),
        "f1_macro": _share(
            "metric", SEVERAL | LABELS, "more", "Mean of the F1 score of each class.", "macro-average of F1"
        ),
        "precision_micro": _share(
            "metric", LABELS, "more", "Share of all labels given that are right.", "micro-average of precision"
        ),
        "recall_micro": _share(
            "metric", LABELS, "more", "Share of all labels of the rows that are found.", "micro-average of recall"
        ),
        "f1_micro": _share(
            "metric",
            SEVERAL | LABELS,
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
            frozenset({"classes", "labels"}),
        ),
        "roc_auc_macro": _share(
            "metric",
            frozenset({"classes", "labels"}),
            "more",
            "Mean over the classes of the area under the ROC curve of one against the rest.",
            "area under the ROC curve (macro-average)",
        ),
        "average_precision": _share(
            "metric", NONE, "more", "Mean of the precision over the recall.", "area under the precision-recall curve"
        ),
        "log_loss": _loss(
            SCORED - LABELS, "nats", "Mean of minus the logarithm of the score of the true class.", "cross-entropy loss"
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
        "mase": _loss(
            VALUE,
            "naive errors",
            "Mean absolute error of forecasts, each as a multiple of the naive error of its series in the history "
            "(Hyndman and Koehler 2006).",
        ),
        "relative_mae": _loss(
            VALUE,
            "part of the naive error",
            "Mean absolute error of forecasts to that of the seasonal naive forecast on the same rows.",
            family="rate",
        ),
        "ndcg": _share(
            "metric",
            RANKING,
            "more",
            "Mean over the queries of the normalised discounted cumulative gain of the first `output.cutoff` items.",
        ),
        "mrr": _share(
            "metric", RANKING, "more", "Mean over the queries of the reciprocal rank of the first relevant item."
        ),
        "precision_at_k": _share(
            "metric", RANKING, "more", "Mean over the queries of the share of relevant ones among the first items."
        ),
        "recall_at_k": _share(
            "metric", RANKING, "more", "Mean over the queries of the share of relevant items that are among the first."
        ),
        "ndcg_lift": Measure(
            "metric",
            RANKING,
            "more",
            -1,
            1,
            "difference of shares",
            "Mean over the queries of the NDCG less that of a shuffle of the same items.",
        ),
        "tied_pairs": _share(
            "rate",
            RANKING,
            "less",
            "Share of pairs of items of different relevance that get one score, a mean over queries.",
        ),
        "uninformative_queries": _share(
            "rate", RANKING, "less", "Share of queries that no order could make better or worse."
        ),
        "calibration_error": _share(
            "rate",
            SCORED - LABELS,
            "less",
            "Expected calibration error over bins of equal mass; of several classes that of the answered class.",
        ),
        "abstention_rate": _share("rate", CLASSIFIER | VALUE, "less", "Share of rows on which the model abstained."),
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
        "exposure_ratio": _share(
            "fairness", RANKING, "more", "Mean exposure of the group that is seen least to that of the one seen most."
        ),
        "exposure_difference": _loss(
            RANKING,
            "mean exposure of a list",
            "Largest difference of the mean exposure between groups.",
            family="fairness",
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
        "certified_share": _share(
            "robustness", EVERY, "more", "Share of right answers that nothing within the certificate's budget turns."
        ),
        "turnable_share": _share(
            "robustness", EVERY, "less", "Share of right answers that something within the certificate's budget turns."
        ),
        "invalid_input_rejection": _share("robustness", EVERY, "more", "Share of malformed probes turned down."),
        "ood_rejection": _share("robustness", EVERY, "more", "Share of probes outside the domain turned down."),
        "valid_input_rejection": _share("robustness", EVERY, "less", "Share of valid rows turned down."),
        "drift": _loss(EVERY, "distance", "Distance from the reference.", family="drift"),
        # performance beside the pass: baselines, recalibration, out_of_time, uncertainty
        "gain": Measure(
            "examined",
            ONE_ANSWER,
            "more",
            -9_000_000_000,
            None,
            "unit of the metric",
            "How much better a metric is than that of a constant (gain:trivial:METRIC) or of the incumbent "
            "(gain:incumbent:METRIC) on the same rows, whichever way it goes.",
            section="baselines",
        ),
        "calibration_slope_distance": Measure(
            "examined",
            ONE_SCORE,
            "less",
            0,
            None,
            "distance from 1",
            "How far the slope of a logistic regression of the labels on the log odds of the scores is from 1, over "
            "all rows or in a group.",
            section="recalibration",
        ),
        "calibration_intercept_distance": Measure(
            "examined",
            ONE_SCORE,
            "less",
            0,
            None,
            "log odds",
            "How far the intercept of that regression is from 0 where its slope is held at 1.",
            section="recalibration",
        ),
        "trend": Measure(
            "examined",
            EVERY,
            "more",
            -9_000_000_000,
            None,
            "unit of the metric",
            "Change of the primary metric from the first to the last period of the test, positive where it gets "
            "better.",
            section="out_of_time",
        ),
        "set_coverage": Measure(
            "examined",
            ONE_SCORE | VALUE,
            "more",
            0,
            1,
            "share",
            "Share of rows whose truth lies in the prediction set: the model's own interval, or a conformal one.",
            section="uncertainty",
        ),
        "set_size": Measure(
            "examined",
            ONE_SCORE | VALUE,
            "less",
            0,
            None,
            "classes, or unit of the target",
            "Mean number of classes in a conformal prediction set, or the width of a conformal interval.",
            section="uncertainty",
        ),
        "risk_coverage_area": Measure(
            "examined",
            ONE_SCORE,
            "less",
            0,
            1,
            "share",
            "Area under the risk-coverage curve: the mean share of wrong answers among the surest, over all shares "
            "answered.",
            section="uncertainty",
        ),
        "missing_rate": _examined("quality", "Share of the rows of a table without some input."),
        "out_of_range_rate": _examined("quality", "Largest share of a column's rows outside its declared range."),
        "unseen_category_rate": _examined(
            "quality", "Largest share of a column's rows of a category that the training data (or reference) lack."
        ),
        "duplicate_rate": _examined("quality", "Share of the rows of a table that repeat another."),
        "label_error_rate": _examined(
            "label_noise", "Share of wrong labels, told where the table is surest of each class.", ONE_CLASS
        ),
        "poisoning_suspects": _examined("poisoning", "Share of the training rows that the screen suspects.", ONE_CLASS),
        "neighbour_disagreement": Measure(
            "examined",
            ONE_CLASS,
            "less",
            -1,
            1,
            "difference of shares",
            "Rows that their neighbours contradict: share among the training rows less that among the test rows.",
            section="poisoning",
        ),
        "membership_advantage": Measure(
            "examined",
            ONE_ANSWER,
            "less",
            -1,
            1,
            "difference of shares",
            "Share of training rows less that of other rows that a threshold on the loss calls training rows.",
            section="membership",
        ),
        "membership_auc": _examined(
            "membership", "Chance that a training row has a smaller loss than another; half is a guess.", ONE_ANSWER
        ),
        "hidden_slice_gap": Measure(
            "examined",
            ONE_ANSWER,
            "less",
            0,
            None,
            "unit of the metric",
            "By how much the metric is worse in the weakest slice that a search found and other rows confirmed.",
            section="hidden_slices",
        ),
        "importance": Measure(
            "examined",
            ONE_ANSWER,
            "less",
            -9_000_000_000,
            None,
            "unit of the metric",
            "By how much the primary metric is worse where a feature is shuffled: how much the model leans on it.",
            section="drivers",
        ),
        "ablation": Measure(
            "examined",
            ONE_ANSWER,
            "less",
            -9_000_000_000,
            None,
            "unit of the metric",
            "By how much the primary metric is worse where the features of a group are shuffled together.",
            section="drivers",
        ),
        "explanation_stability": Measure(
            "examined",
            ONE_ANSWER,
            "more",
            -1,
            1,
            "correlation of ranks",
            "How alike two halves of the rows rank the features by their importance.",
            section="drivers",
        ),
        "monotonicity_violation": Measure(
            "examined",
            ONE_ANSWER,
            "less",
            0,
            1,
            "share",
            "Share of the rows whose answer moves with a feature that it also moves against the declared direction.",
            section="drivers",
        ),
        "answer_proxy": Measure(
            "examined",
            ONE_ANSWER,
            "less",
            0,
            1,
            "share",
            "How well the answers tell a protected attribute: area under the ROC curve, of classes Cramér's V.",
            section="drivers",
        ),
        "input_proxy": Measure(
            "examined",
            ONE_ANSWER,
            "less",
            0,
            1,
            "share",
            "How well the other inputs together tell a protected attribute: area under the ROC curve.",
            section="drivers",
        ),
        "flip_rate": Measure(
            "examined",
            ONE_ANSWER,
            "less",
            0,
            1,
            "share",
            "Share of rows whose decision changes when a protected attribute or a proxy is set to another value.",
            section="individual",
        ),
        "consistency": Measure(
            "examined",
            ONE_ANSWER,
            "more",
            0,
            1,
            "share",
            "How often the nearest neighbours of a row, protected attributes aside, are answered like it.",
            section="individual",
        ),
    }
)
"""Measures by name, in the order in which they are told."""


def metrics_of(kind: Kind) -> tuple[str, ...]:
    """Names of the metrics that a run of a model of this kind records over all rows."""
    return tuple(name for name, row in MEASURES.items() if row.family == "metric" and kind in row.kinds)


def measure_of(test: str) -> str:
    """The measure that a test of a plan is about: `training-labels:impact_ratio:sex=f` is about the impact_ratio."""
    return test.removeprefix("training-labels:").removeprefix(WEIGHTED).partition(":")[0]


def promises_of(kind: Kind) -> Iterator[str]:
    """What a test of a plan may be for a model of this kind, the open ends of a name as `…`."""
    for name, row in MEASURES.items():
        if kind in row.kinds and row.family in ("metric", "rate", "latency"):
            yield name
        if kind in row.of_a_class:
            yield f"{name}:CLASS"
