# METADATA
# title: Copyright policy and opt-out honoured
# description: >-
#   A policy to honour reservations of rights is signed and names its document, and of every dataset that was scraped from
#   the web, or of which nobody knows how it was obtained, it is recorded that opt-outs were honoured. How a dataset was
#   obtained, and that opt-outs were honoured, is the word of its datasheet.
# custom:
#   pack: gpai
#   severity: major
#   basis: law
#   mode: hybrid
#   tiers: [gpai]
#   roles: [gpai-provider]
#   gates: [data-intake]
#   applies_from: D-GPAI
#   evidence: [dataset-record, risk-questionnaire, statement:copyright-policy]
#   applies: [risk-questionnaire]
#   objectives:
#     policy-signed:
#       says: A policy to honour reservations of rights is signed.
#       reads: [statement:copyright-policy]
#     opt-outs-honoured:
#       says: Opt-outs were honoured in every dataset that was scraped.
#       reads: [dataset-record]
#   may_differ:
#     statement:copyright-policy.facts.policy_digest: the control does not hold the document
#   frameworks: {eu-ai-act: ["53(1)(c)", "Dir (EU) 2019/790 4(3)"]}
#   remediation: Approve the copyright policy and drop web sources whose opt-out was not checked.
package controls.gpai.EUAIA_53_2

import data.lib.findings as say
import data.lib.records
import data.risk.gpai

questionnaires := input.evidence["risk-questionnaire"]

policies := input.evidence["statement:copyright-policy"]

datasets := input.evidence["dataset-record"]

applies if {
	some questionnaire in questionnaires
	gpai.general(questionnaire.predicate)
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.gpai == false
		questionnaire.predicate.gpai_systemic == false
	}
}

satisfied contains "policy-signed" if {
	count(policies) > 0
	every policy in policies {
		records.named(policy.predicate.facts.policy_digest)
	}
}

satisfied contains "opt-outs-honoured" if {
	count(datasets) > 0
	described
	every dataset in datasets {
		honoured(dataset.predicate)
	}
}

# A datasheet is on the content that is offered; that of another dataset says nothing of it.
described if input.subject.digest in {dataset.predicate.content_digest | some dataset in datasets}

honoured(dataset) if dataset.collected_how in {"own-collection", "licensed", "public-record", "synthetic"}

honoured(dataset) if {
	dataset.collected_how in {"targeted-scrape", "untargeted-scrape", "unknown"}
	dataset.opt_out_checked == true
}

findings contains say.none("opt-outs-honoured", "content_digest", "no datasheet is on the content of the dataset that is offered") if {
	count(datasets) > 0
	not described
}

findings contains say.also(open, {"observed": dataset.predicate.collected_how}) if {
	some dataset in datasets
	not is_honoured(dataset)
	open := say.breach("opt-outs-honoured", dataset, "opt_out_checked", "that opt-outs were honoured in the dataset ({observed}) is not recorded")
}

is_honoured(dataset) if honoured(dataset.predicate)
