"""Every measure by its name: the kinds of model that it fits, which way is better, its range, unit and definition.

The one table behind plan checking and the direction of thresholds; `policies/lib/metrics.rego` holds the same
directions, ranges and units for the controls, and a test holds the two together. The names of ISO/IEC TS 4213:2022
(assessment of machine learning classification performance) stand where that document has one.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from evidence.validation.battery import BATTERY
from evidence.validation.kinds import (
    BINARY,
    CLASSIFIER,
    EVERY,
    LABELS,
    NONE,
    ONE_CLASS,
    RANKING,
    SCORED,
    SEVERAL,
    TARGET,
    VALUE,
    WEIGHTED,
    Kind,
    Measure,
    loss_of,
    share_of,
)

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "accuracy": share_of("metric", ONE_CLASS, "more", "Share of rows answered with their class.", "accuracy"),
        "balanced_accuracy": share_of(
            "metric", ONE_CLASS, "more", "Mean of the recall of each class.", "macro-average of recall"
        ),
        "subset_accuracy": share_of(
            "metric", LABELS, "more", "Share of rows on which every label is right.", "exact match ratio"
        ),
        "hamming_loss": share_of(
            "metric", LABELS, "less", "Share of the decisions on rows and labels that are wrong.", "Hamming loss"
        ),
        "precision": share_of(
            "metric", BINARY, "more", "Share of the positive answers that are right.", "precision", SEVERAL | LABELS
        ),
        "recall": share_of(
            "metric",
            BINARY,
            "more",
            "Share of the positive rows that are found.",
            "recall (sensitivity)",
            SEVERAL | LABELS,
        ),
        "specificity": share_of(
            "metric",
            BINARY,
            "more",
            "Share of the negative rows that are told as such.",
            "specificity",
            SEVERAL | LABELS,
        ),
        "f1": share_of(
            "metric", BINARY, "more", "Harmonic mean of precision and recall.", "F1 score", SEVERAL | LABELS
        ),
        "precision_macro": share_of(
            "metric",
            SEVERAL | LABELS,
            "more",
            "Mean of the precision of each class; undefined where a class is never answered.",
            "macro-average of precision",
        ),
        "recall_macro": share_of(
            "metric", LABELS, "more", "Mean of the recall of each label.", "macro-average of recall"
        ),
        "f1_macro": share_of(
            "metric", SEVERAL | LABELS, "more", "Mean of the F1 score of each class.", "macro-average of F1"
        ),
        "precision_micro": share_of(
            "metric", LABELS, "more", "Share of all labels given that are right.", "micro-average of precision"
        ),
        "recall_micro": share_of(
            "metric", LABELS, "more", "Share of all labels of the rows that are found.", "micro-average of recall"
        ),
        "f1_micro": share_of(
            "metric",
            SEVERAL | LABELS,
            "more",
            "F1 score of all one-against-the-rest decisions together: where each row has one class it is the accuracy, "
            "as are precision and recall so averaged.",
            "micro-average of F1",
        ),
        "roc_auc": share_of(
            "metric",
            frozenset({"probability"}),
            "more",
            "Chance that a positive row scores above a negative one; of a class, one against the rest.",
            "area under the ROC curve",
            frozenset({"classes", "labels"}),
        ),
        "roc_auc_macro": share_of(
            "metric",
            frozenset({"classes", "labels"}),
            "more",
            "Mean over the classes of the area under the ROC curve of one against the rest.",
            "area under the ROC curve (macro-average)",
        ),
        "average_precision": share_of(
            "metric", NONE, "more", "Mean of the precision over the recall.", "area under the precision-recall curve"
        ),
        "log_loss": loss_of(
            SCORED - LABELS, "nats", "Mean of minus the logarithm of the score of the true class.", "cross-entropy loss"
        ),
        "brier": share_of(
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
        "mae": loss_of(VALUE, TARGET, "Mean absolute error."),
        "rmse": loss_of(VALUE, TARGET, "Root of the mean squared error."),
        "mse": loss_of(VALUE, "squared unit of the target", "Mean squared error."),
        "mape": loss_of(NONE, "part of the target", "Mean absolute error as a part of the target."),
        "r2": Measure(
            "metric",
            VALUE,
            "more",
            -9_000_000_000,
            1,
            "part of the variance",
            "Share of the variance of the target that the answers explain: 1 - SSE / SST.",
        ),
        "pinball": loss_of(
            VALUE,
            TARGET,
            "Mean quantile loss of the answer at `output.quantile`; pinball:low and pinball:high are those of the ends "
            "of the interval.",
        ),
        "interval_coverage": share_of(
            "metric", VALUE, "more", "Share of rows whose true value lies in the interval that the model gives."
        ),
        "interval_width": loss_of(VALUE, TARGET, "Mean width of the interval that the model gives."),
        "mase": loss_of(
            VALUE,
            "naive errors",
            "Mean absolute error of forecasts, each as a multiple of the naive error of its series in the history "
            "(Hyndman and Koehler 2006).",
        ),
        "relative_mae": loss_of(
            VALUE,
            "part of the naive error",
            "Mean absolute error of forecasts to that of the seasonal naive forecast on the same rows.",
            family="rate",
        ),
        "ndcg": share_of(
            "metric",
            RANKING,
            "more",
            "Mean over the queries of the normalised discounted cumulative gain of the first `output.cutoff` items.",
        ),
        "mrr": share_of(
            "metric", RANKING, "more", "Mean over the queries of the reciprocal rank of the first relevant item."
        ),
        "precision_at_k": share_of(
            "metric", RANKING, "more", "Mean over the queries of the share of relevant ones among the first items."
        ),
        "recall_at_k": share_of(
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
        "tied_pairs": share_of(
            "rate",
            RANKING,
            "less",
            "Share of pairs of items of different relevance that get one score, a mean over queries.",
        ),
        "uninformative_queries": share_of(
            "rate", RANKING, "less", "Share of queries that no order could make better or worse."
        ),
        "calibration_error": share_of(
            "rate",
            SCORED - LABELS,
            "less",
            "Expected calibration error over bins of equal mass; of several classes that of the answered class.",
        ),
        "abstention_rate": share_of("rate", CLASSIFIER | VALUE, "less", "Share of rows on which the model abstained."),
        "latency_p50": loss_of(EVERY, "ms", "Median time of a call.", family="latency"),
        "latency_p95": loss_of(EVERY, "ms", "95th percentile of the time of a call.", family="latency"),
        "latency_p99": loss_of(EVERY, "ms", "99th percentile of the time of a call.", family="latency"),
        "parity_difference": share_of(
            "fairness", CLASSIFIER, "less", "Largest difference of the share of favourable answers between groups."
        ),
        "parity_ratio": share_of(
            "fairness", CLASSIFIER, "more", "Least share of favourable answers of a group to the greatest."
        ),
        "odds_difference": share_of(
            "fairness", CLASSIFIER, "less", "Larger of the gaps of true and of false favourable rates between groups."
        ),
        "opportunity_difference": share_of(
            "fairness", CLASSIFIER, "less", "Largest difference of the true favourable rate between groups."
        ),
        "impact_ratio": share_of(
            "fairness", CLASSIFIER, "more", "Share of favourable answers of a group to that of the best group."
        ),
        "mean_difference": loss_of(
            VALUE, TARGET, "Largest difference of the mean answer between groups.", family="fairness"
        ),
        "error_difference": loss_of(
            VALUE, TARGET, "Largest difference of the mean absolute error between groups.", family="fairness"
        ),
        "exposure_ratio": share_of(
            "fairness", RANKING, "more", "Mean exposure of the group that is seen least to that of the one seen most."
        ),
        "exposure_difference": loss_of(
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
        "attack_success": share_of(
            "robustness", EVERY, "less", "Share of right answers that an attack turns; of a value, of all answers."
        ),
        "certified_share": share_of(
            "robustness", EVERY, "more", "Share of right answers that nothing within the certificate's budget turns."
        ),
        "turnable_share": share_of(
            "robustness", EVERY, "less", "Share of right answers that something within the certificate's budget turns."
        ),
        "invalid_input_rejection": share_of("robustness", EVERY, "more", "Share of malformed probes turned down."),
        "ood_rejection": share_of("robustness", EVERY, "more", "Share of probes outside the domain turned down."),
        "valid_input_rejection": share_of("robustness", EVERY, "less", "Share of valid rows turned down."),
        "drift": loss_of(EVERY, "distance", "Distance from the reference.", family="drift"),
        **BATTERY,
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
