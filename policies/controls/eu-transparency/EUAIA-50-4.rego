# METADATA
# title: Deep fakes and public-interest text disclosed
# description: >-
#   Every record of published content says that all of it is labelled, or names the exception relied on and the editor who
#   answers for what is not. Which content is a deep fake or informs the public is not told apart, as in the classification:
#   all that is generated counts. Labels, exceptions and editors are the word of the record's source.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [transparency]
#   roles: [deployer]
#   gates: [production]
#   applies_from: D-GEN
#   evidence: [feed-status, notice-record, risk-questionnaire]
#   applies: [notice-record, risk-questionnaire]
#   parameters: [notice_window_days]
#   objectives:
#     content-labelled:
#       says: "All generated content is labelled, or an exception and its editor are named."
#       reads: [feed-status, notice-record]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of labels
#     notice-record.kind: a notice of another kind says nothing of labels
#   frameworks: {eu-ai-act: ["50(4)"], nist-ai-600-1: [Information integrity]}
#   remediation: Label the item or record the exception and its responsible editor.
package controls.eu_transparency.EUAIA_50_4

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

questionnaires := input.evidence["risk-questionnaire"]

notices := input.evidence["notice-record"]

labels := [notice | some notice in notices; notice.predicate.kind == "content-label"]

whole if feeds.all_seen_for(notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days)

applies if {
	some questionnaire in questionnaires
	count(questionnaire.predicate.generates) > 0
}

# Where content is labelled something is generated, whatever the answers say.
applies := false if {
	count(questionnaires) > 0
	count(labels) == 0
	every questionnaire in questionnaires {
		count(questionnaire.predicate.generates) == 0
	}
}

satisfied contains "content-labelled" if {
	whole
	count(labels) > 0
	every label in labels {
		disclosed(label.predicate)
	}
}

disclosed(label) if label.coverage == 1

disclosed(label) if {
	records.filled(label.exception_reason)
	records.named(label.responsible_editor.id)
}

findings contains feeds.gap_for("content-labelled", notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days) if not whole

findings contains say.none("content-labelled", "kind", "no record says whether published content is labelled") if count(labels) == 0

findings contains say.breach("content-labelled", label, "coverage", "content is published without a label, and no exception with its editor is named") if {
	some label in labels
	not is_disclosed(label)
}

is_disclosed(label) if disclosed(label.predicate)
