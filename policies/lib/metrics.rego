# METADATA
# title: Metric estimates
# description: >-
#   What an estimate is worth: a comparison judges the worse end of its interval, the lower one where more is better and
#   the upper one where less is better. A metric of another name has no known direction and meets nothing.
package lib.metrics

more_is_better := {"accuracy", "balanced_accuracy", "f1", "precision", "recall", "roc_auc"}

less_is_better := {"brier", "log_loss"}

# The estimate of a named metric is at its level or better, at its worse end.
meets(metric, estimate, level) if {
	metric in more_is_better
	estimate.ci_low >= level
}

meets(metric, estimate, level) if {
	metric in less_is_better
	estimate.ci_high <= level
}

# The estimate carries an interval that holds its value.
has_interval(estimate) if {
	estimate.ci_low <= estimate.value
	estimate.value <= estimate.ci_high
}

# An operator that limits a metric: a floor where more is better, a ceiling where less is. Either may limit another name.
limits(metric, op) if {
	op == ">="
	not metric in less_is_better
}

limits(metric, op) if {
	op == "<="
	not metric in more_is_better
}

# The worse end of an estimate is on the good side of a limit, or on it.
clears(estimate, op, limit) if {
	op == ">="
	estimate.ci_low >= limit
}

clears(estimate, op, limit) if {
	op == "<="
	estimate.ci_high <= limit
}
