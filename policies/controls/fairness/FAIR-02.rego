# METADATA
# title: Fairness gaps within bounds or mitigated and accepted
# description: >-
#   On training labels and model outputs the binding fairness measures, by every protected attribute, stay within
#   their bounds at the worse end of the interval, or each gap beyond is mitigated and accepted. Labels and outputs
#   are audited in the same terms: threshold, label, favourable class and columns. Each protected attribute is read
#   from the column of that name, in bins or not, or from the one that protected_columns names for it. A
#   fairness-acceptance statement names that gap alone: what was audited, the measure, of which group or attribute as
#   the audit has it, and how large it is at the worse end (the difference, or what a ratio lacks of one), within the
#   rounding of metric_tolerance. Answers that are numbers are judged by the difference of their means, or of their
#   errors, between groups, against a bound in the unit of the target, which metric_bounds gives. The mitigation is
#   done, or due before the acceptance ends. A term of the training
#   objective counts when it is one of the maintained list below, capitals, blanks and underscores aside; else a
#   no-fairness-term statement gives the ground. Either way it is training runs signed by a key of the register that
#   say so, each of them; an unsigned one counts for nothing.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   mode: hybrid
#   gates: [validation, canary]
#   evidence:
#     fairness-audit: measured
#     statement:fairness-acceptance: any
#     statement:no-fairness-term: any
#     training-run: any
#     validation-run: measured
#   parameters:
#     - max_excluded_percent
#     - max_odds_difference
#     - max_parity_difference
#     - max_unknown_group_percent
#     - metric_bounds
#     - metric_tolerance
#     - min_group_size
#     - min_impact_ratio
#     - protected_attributes
#     - protected_columns
#   objectives:
#     labels-and-outputs-audited:
#       says: The training labels and the outputs of the candidate were audited by every protected attribute, in the same terms.
#       covers: [S1.M4.1]
#       reads: [fairness-audit]
#     attributes-read-by-name:
#       says: Audits and validation runs read each protected attribute from the column of its name, or from the one agreed for it.
#       covers: [S1.M4.1]
#       reads: [fairness-audit, validation-run]
#     binding-measures-given:
#       says: At least one fairness measure binds, and each is measured for every group of every audited attribute.
#       covers: [S1.M4.1]
#       reads: [fairness-audit]
#     audits-hold-enough:
#       says: Each audited group has enough cases to judge, and few are of unknown group or were left out.
#       covers: [S1.M4.1]
#       reads: [fairness-audit]
#     gaps-within-bounds:
#       says: Every binding measure is within its bound, or its gap is mitigated and accepted for a time with a reason.
#       covers: [S1.M4.1]
#       reads: [statement:fairness-acceptance, fairness-audit]
#     fairness-in-objective:
#       says: The training objective, in a signed record of the run, has a fairness term, or a signed ground says why it has none.
#       at: [validation]
#       covers: [S1.M4.6]
#       reads: [statement:no-fairness-term, training-run]
#   may_differ:
#     fairness-audit.group_sizes: which groups there are is asked of the measures; how large each is, audits-hold-enough asks of the independent cases
#     fairness-audit.mitigation.done_at: a time to come is set aside, and when in the past it was done says nothing of the gap
#     statement:fairness-acceptance.expires_at: one that has ended, or is accepted for over half a year, is set aside; a mitigation due after the end fails, as the cases show
#   may_stand_beside:
#     statement:fairness-acceptance: an acceptance names one gap; one of another gap or size accepts nothing here, and each gap needs its own
#     training-run.signature.state: a run that nobody signed counts for nothing beside one that is signed, for the model or against it
#   frameworks: {eu-ai-act: ["10(2)(g)"], nist-ai-rmf: ["MEASURE 2.11", "MANAGE 1.3"], iso-42001: ["A.5.4"]}
#   remediation: "Mitigate the gap and audit again, or have the remaining gap accepted with reason and expiry."
package controls.fairness.FAIR_02

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records
import data.lib.text

audits := input.evidence["fairness-audit"]

runs := input.evidence["validation-run"]

# What nobody signed speaks neither for the model nor against it: else whoever brings it in could stop any model.
trainings := [training | some training in input.evidence["training-run"]; signed(training)]

parts := {"training-labels": "the training labels", "model-outputs": "the model's answers"}

# The names of the measures that may bind, in words.
words := {
	"parity_difference": "selection-rate difference",
	"odds_difference": "equalised-odds difference",
	"impact_ratio": "selection-rate ratio",
	"mean_difference": "difference of the means",
	"error_difference": "difference of the mean errors",
	"exposure_ratio": "ratio of the mean exposures",
	"exposure_difference": "difference of the mean exposures",
}

# Bounds of shares; what is in the unit of the target has one of its own, or none, and then nothing is tolerated.
bounds := {
	"parity_difference": data.parameters.max_parity_difference,
	"odds_difference": data.parameters.max_odds_difference,
	"impact_ratio": data.parameters.min_impact_ratio,
	"exposure_ratio": data.parameters.min_impact_ratio,
}

# What binds: shares of favourable answers, or of answers that are numbers their gaps.
binding(audit) := {measure | some measure, _ in words; binds(audit, measure)}

binds(audit, measure) if measure in audit.predicate.binding_measures

binds(audit, measure) if measure in audit.predicate.binding_gaps

bound(measure) := bounds[measure]

bound(measure) := data.parameters.metric_bounds[measure].level if {
	measure in ["mean_difference", "error_difference", "exposure_difference"]
}

# Criteria and methods of group and individual fairness, as an objective may name them.
fairness_terms := {
	"adversarial-debiasing", "bounded-group-loss", "counterfactual-fairness", "demographic-parity", "disparate-impact",
	"equal-opportunity", "equalised-odds", "equalized-odds", "error-rate-parity", "fairness", "fairness-constraint",
	"fairness-penalty", "fairness-regularisation", "fairness-regularization", "false-positive-rate-parity", "group-fairness",
	"impact-ratio", "individual-fairness", "minimax-fairness", "predictive-parity", "statistical-parity",
	"true-positive-rate-parity",
}

satisfied contains "labels-and-outputs-audited" if {
	count(audits) > 0
	every audit in audits {
		{other.predicate.audited | some other in audits; same_terms(audit, other)} == object.keys(parts)
		records.covers(audit.predicate.attributes, data.parameters.protected_attributes)
	}
}

satisfied contains "attributes-read-by-name" if {
	count(audits) > 0
	count(runs) > 0
	count(data.parameters.protected_attributes) > 0
	every attribute in data.parameters.protected_attributes {
		every audit in audits {
			read_by_name(audit, attribute)
		}
		every run in runs {
			read_by_name(run, attribute)
		}
	}
}

satisfied contains "binding-measures-given" if {
	count(audits) > 0
	every audit in audits {
		count(audit.predicate.attributes) > 0
		count(binding(audit)) > 0
		every measure in binding(audit) {
			every attribute in audit.predicate.attributes {
				given(audit, measure, attribute)
			}
		}
	}
}

satisfied contains "audits-hold-enough" if {
	count(audits) > 0
	every audit in audits {
		count(audit.predicate.attributes) > 0
		every attribute in audit.predicate.attributes {
			few_unknown(audit, attribute)
			count(groups(audit, attribute)) > 0
			every group, _ in groups(audit, attribute) {
				audit.predicate.effective_group_sizes[group] >= data.parameters.min_group_size
			}
		}
		few_left_out(audit)
	}
}

satisfied contains "gaps-within-bounds" if {
	count(audits) > 0
	every audit in audits {
		count(binding(audit)) > 0
		every measure in binding(audit) {
			count(audit.predicate[measure]) > 0
			every key, estimate in audit.predicate[measure] {
				tolerable(audit, measure, key, estimate)
			}
		}
	}
}

satisfied contains "fairness-in-objective" if {
	count(trainings) > 0
	every training in trainings {
		names_fairness(training)
	}
}

satisfied contains "fairness-in-objective" if {
	count(trainings) > 0
	every training in trainings {
		count(training.predicate.objective) > 0
	}
	ground_signed
}

# The operating point of an audit or a run tells the column of each attribute, and where it is cut.
read_by_name(record, attribute) if record.predicate.operating_point.protected[attribute] == column(attribute)

read_by_name(record, attribute) if {
	startswith(record.predicate.operating_point.protected[attribute], concat("", [column(attribute), " cut at "]))
}

column(attribute) := data.parameters.protected_columns[attribute]

column(attribute) := attribute if not data.parameters.protected_columns[attribute]

signed(training) if training.signature.state == "verified"

ground_signed if count(input.evidence["statement:no-fairness-term"]) > 0

names_fairness(training) if {
	some term in training.predicate.objective
	replace(replace(text.lower(term), "_", "-"), " ", "-") in fairness_terms
}

# Cases by group of one attribute.
groups(audit, attribute) := metrics.groups_of(audit.predicate.group_sizes, attribute)

# The measure has what it needs: the difference of the attribute, or the ratio of each of its groups, two at least.
given(audit, measure, attribute) if {
	measure != "impact_ratio"
	audit.predicate[measure][attribute]
}

given(audit, "impact_ratio", attribute) if {
	count(groups(audit, attribute)) > 1
	every group, _ in groups(audit, attribute) {
		audit.predicate.impact_ratio[group]
	}
}

same_terms(audit, other) if audit.predicate.operating_point == other.predicate.operating_point

few_unknown(audit, attribute) if {
	unknown := audit.predicate.unknown_count
	rows := sum([size | some size in groups(audit, attribute)])
	numbers.at_most_percent(unknown, rows + unknown, data.parameters.max_unknown_group_percent)
}

# Abstentions are not left out: to fairness they are an answer that nobody wants.
few_left_out(audit) if {
	left_out := audit.predicate.row_counts.excluded
	numbers.at_most_percent(left_out, metrics.rows(audit), data.parameters.max_excluded_percent)
}

tolerable(_, measure, _, estimate) if metrics.meets(measure, estimate, bound(measure))

tolerable(audit, measure, key, estimate) if {
	some statement in input.evidence["statement:fairness-acceptance"]
	facts := statement.predicate.facts
	[facts.audited, facts.measure, facts.of] == [audit.predicate.audited, measure, key]
	accepted := numbers.micro(facts.gap)
	accepted >= gap(measure, estimate)
	accepted <= gap(measure, estimate) + numbers.micro(data.parameters.metric_tolerance)
	some item in audit.predicate.mitigation
	mitigates(item, statement.expires_at)
}

mitigates(item, _) if item.done_at <= input.now

mitigates(item, until) if {
	item.due_at >= input.now
	item.due_at <= until
}

# How large the gap may be at the interval's worse end, in millionths: the difference, or what a ratio lacks of one. A
# value that is none of its measure, such as a signed difference below 0, can be accepted by nobody.
gap(measure, estimate) := numbers.micro(estimate.ci_high) if {
	metrics.less_is_better(measure)
	metrics.credible(measure, estimate)
}

gap(measure, estimate) := numbers.micro(1) - numbers.micro(estimate.ci_low) if {
	metrics.more_is_better(measure)
	metrics.credible(measure, estimate)
}

findings contains say.also(unaudited, {"values": {"part": called}}) if {
	some part, called in parts
	not part in {audit.predicate.audited | some audit in audits}
	unaudited := say.none("labels-and-outputs-audited", "audited", "{part} were not audited")
}

findings contains say.also(uncovered, {"values": {"attribute": attribute, "part": parts[audit.predicate.audited]}}) if {
	some audit in audits
	some attribute in data.parameters.protected_attributes
	not attribute in audit.predicate.attributes
	uncovered := say.breach("labels-and-outputs-audited", audit, "attributes", "the audit of {part} leaves out {attribute}")
}

findings contains say.also(alone, {"observed": point, "values": {"part": parts[audit.predicate.audited], "other": called}}) if {
	some audit in audits
	point := audit.predicate.operating_point
	some part, called in parts
	part in {other.predicate.audited | some other in audits; same_terms(other, other)}
	not part in {other.predicate.audited | some other in audits; same_terms(audit, other)}
	alone := say.breach("labels-and-outputs-audited", audit, "operating_point", "{other} were audited at another operating point than {part}")
}

findings contains say.gap("labels-and-outputs-audited", audit, "operating_point", "the audit does not say what it called favourable and selected") if {
	some audit in audits
	not same_terms(audit, audit)
}

findings contains say.also(aliased, {"observed": told, "expected": asked, "values": {"attribute": attribute}}) if {
	some type in ["fairness-audit", "validation-run"]
	some record in input.evidence[type]
	some attribute in data.parameters.protected_attributes
	told := record.predicate.operating_point.protected[attribute]
	asked := column(attribute)
	not read_by_name(record, attribute)
	aliased := say.breach("attributes-read-by-name", record, "operating_point.protected", "{attribute} was read from the column {observed}, not from {expected}")
}

findings contains say.also(untold, {"values": {"attribute": attribute}}) if {
	some type in ["fairness-audit", "validation-run"]
	some record in input.evidence[type]
	some attribute in data.parameters.protected_attributes
	not record.predicate.operating_point.protected[attribute]
	untold := say.gap("attributes-read-by-name", record, "operating_point.protected", "from which column {attribute} was read is not told")
}

findings contains say.none("attributes-read-by-name", "operating_point.protected", "no validation run tells from which column each attribute was read") if {
	count(runs) == 0
}

findings contains say.also(loose, {"values": {"part": parts[audit.predicate.audited]}}) if {
	some audit in audits
	count(binding(audit)) == 0
	some objective in ["binding-measures-given", "gaps-within-bounds"]
	loose := say.breach(objective, audit, "binding_measures", "no fairness measure binds for {part}")
}

findings contains say.also(empty, {"values": {"part": parts[audit.predicate.audited]}}) if {
	some audit in audits
	count(audit.predicate.attributes) == 0
	some objective in ["binding-measures-given", "audits-hold-enough"]
	empty := say.gap(objective, audit, "attributes", "the audit of {part} covers no attribute")
}

findings contains say.also(open, {"values": {"attribute": attribute, "measure": words[measure], "part": parts[audit.predicate.audited]}}) if {
	some audit in audits
	some measure in binding(audit)
	some attribute in audit.predicate.attributes
	not given(audit, measure, attribute)
	open := say.gap("binding-measures-given", audit, measure, "the {measure} is not given for every group by {attribute} in {part}")
}

findings contains say.also(unmeasured, {"values": {"measure": words[measure], "part": parts[audit.predicate.audited]}}) if {
	some audit in audits
	some measure in binding(audit)
	count(audit.predicate[measure]) == 0
	unmeasured := say.gap("gaps-within-bounds", audit, measure, "the {measure} was not measured for {part}")
}

findings contains say.also(small, {"observed": size, "expected": data.parameters.min_group_size, "values": {"group": group}}) if {
	some audit in audits
	some attribute in audit.predicate.attributes
	some group, _ in groups(audit, attribute)
	size := audit.predicate.effective_group_sizes[group]
	size < data.parameters.min_group_size
	small := say.gap("audits-hold-enough", audit, "effective_group_sizes", "the group {group} has {observed} cases, too few to judge")
}

findings contains say.also(unknown, {"observed": audit.predicate.unknown_count, "values": {"attribute": attribute}}) if {
	some audit in audits
	some attribute in audit.predicate.attributes
	not few_unknown(audit, attribute)
	unknown := say.gap("audits-hold-enough", audit, "unknown_count", "too many cases are of no group by {attribute}: {observed}")
}

findings contains say.also(uncounted, {"values": {"group": group}}) if {
	some audit in audits
	some attribute in audit.predicate.attributes
	some group, _ in groups(audit, attribute)
	not audit.predicate.effective_group_sizes[group]
	uncounted := say.gap("audits-hold-enough", audit, "effective_group_sizes", "how many independent cases the group {group} has was not counted")
}

findings contains say.also(partial, {"observed": left_out}) if {
	some audit in audits
	left_out := audit.predicate.row_counts.excluded
	not few_left_out(audit)
	partial := say.gap("audits-hold-enough", audit, "row_counts", "too many rows were left out of the audit: {observed}")
}

findings contains say.gap("audits-hold-enough", audit, "row_counts", "how many rows were left out of the audit was not counted") if {
	some audit in audits
	not audit.predicate.row_counts
}

findings contains say.also(beyond, {"observed": estimate, "expected": expected, "values": values}) if {
	some audit in audits
	some measure in binding(audit)
	some key, estimate in audit.predicate[measure]
	expected := bound(measure)
	not tolerable(audit, measure, key, estimate)
	values := {"measure": words[measure], "of": key, "part": parts[audit.predicate.audited]}
	beyond := say.breach("gaps-within-bounds", audit, measure, "the {measure} of {of} in {part} lies beyond its bound, and no mitigation with a fitting acceptance covers it")
}

findings contains say.also(unset, {"observed": estimate, "values": {"measure": words[measure], "of": key}}) if {
	some audit in audits
	some measure in binding(audit)
	some key, estimate in audit.predicate[measure]
	not bound(measure)
	unset := say.breach("gaps-within-bounds", audit, measure, "no bound is set for the {measure} of {of}: metric_bounds gives one in the unit of the target")
}

findings contains say.also(silent, {"observed": training.predicate.objective}) if {
	some training in trainings
	not names_fairness(training)
	not ground_signed
	silent := say.breach("fairness-in-objective", training, "objective", "no term of the training objective is about fairness, and no signed ground says why it has none")
}

findings contains say.gap("fairness-in-objective", training, "objective", "the training run is not signed by a key of the register") if {
	count(trainings) == 0
	some training in input.evidence["training-run"]
}
