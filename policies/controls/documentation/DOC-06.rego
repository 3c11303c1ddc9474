# METADATA
# title: Technical file matches the release
# description: >-
#   The technical file bears the version of the registry and its digest, names the data of the training run and none beside
#   its splits, and states for each protected attribute the gaps that the latest audit of the model's answers measured, as
#   `parity_difference:sex` and `odds_difference:sex`, within the rounding that is allowed; of answers that are numbers or
#   rankings those measures that the audit has instead. Files of other kinds are not the technical file and are not judged.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   tiers: [high]
#   gates: [staging, production]
#   evidence: {fairness-audit: measured, registry-entry: any, technical-file: any, training-run: any}
#   parameters: [metric_tolerance]
#   objectives:
#     fairness-stated:
#       says: The technical file states the fairness gaps that were measured.
#       covers: [S4.M6.4]
#       reads: [fairness-audit, technical-file]
#     release-matched:
#       says: The technical file is of this version and of the data that it was trained on.
#       reads: [registry-entry, technical-file, training-run]
#   may_stand_beside:
#     technical-file.kind: a system card or a file for a general-purpose model says nothing of the technical file
#     fairness-audit.audited: an audit of labels says nothing of the model's answers
#   frameworks: {eu-ai-act: ["11(1)"], iso-42001: ["A.6.2.7"]}
#   remediation: Generate the technical file again for this release.
package controls.documentation.DOC_06

import data.lib.findings as say
import data.lib.numbers
import data.lib.records

files := [file |
	some file in input.evidence["technical-file"]
	file.predicate.kind in {"annex-iv", "annex-iv-simplified"}
]

entries := input.evidence["registry-entry"]

runs := input.evidence["training-run"]

audits := [audit | some audit in input.evidence["fairness-audit"]; audit.predicate.audited == "model-outputs"]

latest := [audit |
	some audit in audits
	count([later | some later in audits; later.log_index > audit.log_index]) == 0
]

satisfied contains "fairness-stated" if {
	count(files) > 0
	count(latest) > 0
	every audit in latest {
		count(gaps(audit)) > 0
		every file in files {
			count([gap | some gap in gaps(audit); not stated(file, gap)]) == 0
			count(unmeasured(file, audit)) == 0
		}
	}
}

satisfied contains "release-matched" if {
	count(files) > 0
	count(entries) > 0
	count(runs) > 0
	every file in files {
		of_release(file)
		of_data(file)
	}
}

# Measures of the audit by the name under which the file states them.
gaps(audit) := {{"name": concat(":", [measure, attribute]), "value": estimate.value} |
	some measure, estimates in {
		"parity_difference": object.get(audit.predicate, "parity_difference", {}),
		"odds_difference": object.get(audit.predicate, "odds_difference", {}),
		"mean_difference": object.get(audit.predicate, "mean_difference", {}),
		"error_difference": object.get(audit.predicate, "error_difference", {}),
		"exposure_difference": object.get(audit.predicate, "exposure_difference", {}),
	}
	some attribute, estimate in estimates
}

# Gaps that the file states and the audit did not measure.
unmeasured(file, audit) := [name |
	some name, _ in file.predicate.fairness_metrics
	endswith(split(name, ":")[0], "_difference")
	not name in {gap.name | some gap in gaps(audit)}
]

stated(file, gap) if {
	measured := numbers.micro(gap.value)
	written := numbers.micro(file.predicate.fairness_metrics[gap.name])
	abs(measured - written) <= numbers.micro(data.parameters.metric_tolerance)
}

of_release(file) if {
	records.on_candidate(file)
	count(entries) > 0
	every entry in entries {
		file.predicate.document_version == entry.predicate.version
	}
}

# Each dataset of the training, and none that is neither one of them nor one of its splits.
of_data(file) if {
	count(runs) > 0
	every run in runs {
		records.covers(file.predicate.dataset_digests, run.predicate.dataset_digests)
		records.covers(data_of(run), file.predicate.dataset_digests)
	}
}

data_of(run) := array.concat(run.predicate.dataset_digests, [digest | some digest in run.predicate.split_digests])

findings contains say.none(objective, "evidence/technical-file", "there is no current technical file after Annex IV") if {
	count(files) == 0
	some objective in ["fairness-stated", "release-matched"]
}

findings contains say.none("fairness-stated", "evidence/fairness-audit", "no audit of the model's answers measured a gap") if {
	count([audit | some audit in latest; count(gaps(audit)) > 0]) == 0
}

findings contains say.also(untold, {"expected": gap.value, "values": {"measure": gap.name}}) if {
	some file in files
	some audit in latest
	some gap in gaps(audit)
	not stated(file, gap)
	untold := say.breach("fairness-stated", file, "fairness_metrics", "the file does not state {measure} as the audit measured it")
}

findings contains say.also(invented, {"values": {"measure": name}}) if {
	some file in files
	some audit in latest
	some name in unmeasured(file, audit)
	invented := say.breach("fairness-stated", file, "fairness_metrics", "the file states {measure}, which the latest audit did not measure")
}

findings contains say.also(other, {"observed": file.predicate.document_version, "expected": sort([entry.predicate.version | some entry in entries])}) if {
	count(entries) > 0
	some file in files
	not of_release(file)
	other := say.breach("release-matched", file, "document_version", "the file is of version {observed}, and the registry has {expected}")
}

findings contains say.breach("release-matched", file, "dataset_digests", "the file does not name the data of the training run, or names others") if {
	count(runs) > 0
	some file in files
	not of_data(file)
}
