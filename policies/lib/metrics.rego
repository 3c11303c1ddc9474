# METADATA
# title: Metric estimates
# description: >-
#   What an estimate is worth. The maintained table says of each metric which way is better, between which values it can
#   lie and in which unit: a share runs from 0 to 1, so that 71 (per cent) is none. A comparison judges the worse end of
#   the interval, the lower one where more is better and the upper one where less is. A metric that the table does not
#   know, and a value or level outside its range, meets nothing. The table is that of evidence/validation/catalogue.py.
package lib.metrics

shares_to_raise := [
	"accuracy", "balanced_accuracy", "f1", "f1_macro", "f1_micro", "precision", "precision_macro", "precision_micro",
	"recall", "recall_macro", "recall_micro", "subset_accuracy",
	"specificity", "roc_auc", "roc_auc_macro", "average_precision", "interval_coverage", "impact_ratio", "parity_ratio",
	"invalid_input_rejection", "ood_rejection", "certified_share", "consistency",
	"ndcg", "mrr", "precision_at_k", "recall_at_k", "exposure_ratio",
]

shares_to_lower := [
	"brier", "calibration_error", "hamming_loss", "abstention_rate", "parity_difference", "odds_difference",
	"opportunity_difference", "valid_input_rejection", "attack_success", "missing_rate", "out_of_range_rate",
	"unseen_category_rate", "duplicate_rate", "label_error_rate", "poisoning_suspects", "membership_auc",
	"monotonicity_violation", "answer_proxy", "input_proxy", "flip_rate", "turnable_share",
	"tied_pairs", "uninformative_queries",
]

losses := {
	"log_loss": "nats", "mae": "unit of the target", "rmse": "unit of the target",
	"mse": "squared unit of the target", "mape": "part of the target", "drift": "distance",
	"pinball": "unit of the target", "interval_width": "unit of the target",
	"mean_difference": "unit of the target", "error_difference": "unit of the target",
	"hidden_slice_gap": "unit of the metric",
	"mase": "naive errors", "relative_mae": "part of the naive error",
	"exposure_difference": "mean exposure of a list",
	"latency_p50": "ms", "latency_p95": "ms", "latency_p99": "ms",
}

more_shares := {metric: {"better": "more", "lowest": 0, "highest": 1, "unit": "share"} | some metric in shares_to_raise}

less_shares := {metric: {"better": "less", "lowest": 0, "highest": 1, "unit": "share"} | some metric in shares_to_lower}

# The greatest number whose millionths every engine counts stands for "no end".
open_losses := {metric: {"better": "less", "lowest": 0, "highest": 9000000000, "unit": unit} | some metric, unit in losses}

others := {
	"brier_multiclass": {"better": "less", "lowest": 0, "highest": 2, "unit": "sum of squared shares"},
	"accuracy_drop": {"better": "less", "lowest": -1, "highest": 1, "unit": "difference of shares"},
	"gain": {"better": "more", "lowest": -9000000000, "highest": 9000000000, "unit": "unit of the metric"},
	"calibration_slope_distance": {"better": "less", "lowest": 0, "highest": 9000000000, "unit": "distance from 1"},
	"calibration_intercept_distance": {"better": "less", "lowest": 0, "highest": 9000000000, "unit": "log odds"},
	"trend": {"better": "more", "lowest": -9000000000, "highest": 9000000000, "unit": "unit of the metric"},
	"set_coverage": {"better": "more", "lowest": 0, "highest": 1, "unit": "share"},
	"set_size": {"better": "less", "lowest": 0, "highest": 9000000000, "unit": "classes, or unit of the target"},
	"risk_coverage_area": {"better": "less", "lowest": 0, "highest": 1, "unit": "share"},
	"neighbour_disagreement": {"better": "less", "lowest": -1, "highest": 1, "unit": "difference of shares"},
	"membership_advantage": {"better": "less", "lowest": -1, "highest": 1, "unit": "difference of shares"},
	"ndcg_lift": {"better": "more", "lowest": -1, "highest": 1, "unit": "difference of shares"},
	"r2": {"better": "more", "lowest": -9000000000, "highest": 1, "unit": "part of the variance"},
	"importance": {"better": "less", "lowest": -9000000000, "highest": 9000000000, "unit": "unit of the metric"},
	"ablation": {"better": "less", "lowest": -9000000000, "highest": 9000000000, "unit": "unit of the metric"},
	"explanation_stability": {"better": "more", "lowest": -1, "highest": 1, "unit": "correlation of ranks"},
}

table := object.union(object.union(more_shares, less_shares), object.union(open_losses, others))

more_is_better(metric) if table[metric].better == "more"

less_is_better(metric) if table[metric].better == "less"

# The side of a limit on which a metric is worse: a floor where more is better, a ceiling where less is.
side(metric) := {"more": ">=", "less": "<="}[table[metric].better]

# The metric that a test of a plan is about: "training-labels:impact_ratio:sex=f" is about the impact_ratio, and
# "weighted:f1" about f1.
measure(test) := split(trim_prefix(trim_prefix(test, "training-labels:"), "weighted:"), ":")[0]

# The value can be one of the metric.
possible(metric, value) if {
	table[metric].lowest <= value
	value <= table[metric].highest
}

# The estimate can be one of the metric, with both ends of its interval.
credible(metric, estimate) if {
	possible(metric, estimate.value)
	possible(metric, estimate.ci_low)
	possible(metric, estimate.ci_high)
}

# The estimate of a named metric is at its level or better, at its worse end.
meets(metric, estimate, level) if {
	credible(metric, estimate)
	possible(metric, level)
	reaches(metric, estimate, level)
}

reaches(metric, estimate, level) if {
	more_is_better(metric)
	estimate.ci_low >= level
}

reaches(metric, estimate, level) if {
	less_is_better(metric)
	estimate.ci_high <= level
}

# What a metric may be held against: its own bound of that name, else the usual one, which is meant for shares.
bound(own, metric, name, _) := own[metric][name]

bound(own, metric, name, usual) := usual if {
	table[metric].unit == "share"
	not own[metric][name]
}

# Rows of a table that was tested or audited, with those that were left out.
rows(record) := record.predicate.row_counts.rows

# Of the sizes of groups, those of the groups of one attribute: a name such as "a=x&b=y" is part of a group.
groups_of(sizes, attribute) := found if {
	start := concat("", [attribute, "="])
	found := {group: size |
		some group, size in sizes
		startswith(group, start)
		not contains(group, "&")
	}
}

# The rows that were left out are at most so many percent of these and those that were left out.
few_left_out(excluded, rows, percent) if data.lib.numbers.at_most_percent(excluded, rows + excluded, percent)
