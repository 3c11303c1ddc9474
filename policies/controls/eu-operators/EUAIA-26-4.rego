# METADATA
# title: Workers informed before workplace use
# description: >-
#   Notices of the kind `workers` reached all affected workers (audience `workers`) and all their representatives
#   (audience `worker-representatives`) before the first use. That a notice reached them is the word of its source, and
#   whether the system is used at the workplace that of the questionnaire; a system that decides about workers (Annex III
#   point 4b) is, whatever the context says. When first use is the questionnaire says too, and nothing ran in production
#   before the notice.
# custom:
#   severity: blocker
#   basis: law
#   mode: attested
#   tiers: [high]
#   roles: [deployer]
#   gates: [production]
#   applies_from: D-HR
#   evidence: [deployment-record, feed-status, notice-record, risk-questionnaire]
#   about: {deployment-record: system}
#   applies: [risk-questionnaire]
#   parameters: [notice_window_days]
#   objectives:
#     workers-informed: {says: All affected workers and their representatives were informed before the first use.}
#   may_be_empty:
#     deployment-record: the system may not be in use yet
#     risk-questionnaire.annex_iii_answers: "at the workplace it applies, whatever point 4b of Annex III says"
#     risk-questionnaire.targets: "at the workplace it applies, whomever the output is about"
#   may_differ: {risk-questionnaire.targets: "only the word for workers makes it apply, as the cases show"}
#   may_be_false: {risk-questionnaire.first_use_at: a first use may lie ahead of its questionnaire}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of notices
#     notice-record.audience: a notice to others takes nothing away from that to the workers
#     notice-record.kind: another kind of notice takes nothing away from that to the workers
#   frameworks: {eu-ai-act: ["26(7)"]}
#   remediation: Inform the workers and their representatives before first use.
package controls.eu_operators.EUAIA_26_4

import data.lib.deployments
import data.lib.feeds
import data.lib.findings as say

questionnaires := input.evidence["risk-questionnaire"]

notices := input.evidence["notice-record"]

statuses := input.evidence["feed-status"]

audiences := ["workers", "worker-representatives"]

# Points of Annex III under which a system decides about workers.
about_workers := ["4b"]

whole if feeds.all_seen_for(notices, statuses, "notice-record", data.parameters.notice_window_days)

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.context == "workplace"
}

applies if {
	some questionnaire in questionnaires
	"workers" in questionnaire.predicate.targets
}

applies if {
	some questionnaire in questionnaires
	some point, answer in questionnaire.predicate.annex_iii_answers
	point in about_workers
	answer == "yes"
}

applies := false if {
	count(questionnaires) > 0
	count(about_workers) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.context != "workplace"
		count(questionnaire.predicate.targets) > 0
		not "workers" in questionnaire.predicate.targets
		every point in about_workers {
			questionnaire.predicate.annex_iii_answers[point] in {"no", "not-applicable"}
		}
	}
}

satisfied contains "workers-informed" if {
	whole
	count(questionnaires) > 0
	count(audiences) > 0
	every audience in audiences {
		count(to(audience)) > 0
		every notice in to(audience) {
			notice.predicate.coverage == 1
			every questionnaire in questionnaires {
				notice.predicate.delivered_at < questionnaire.predicate.first_use_at
			}
			count(used_before(notice)) == 0
		}
	}
}

used_before(notice) := deployments.begun_by(input.evidence["deployment-record"], notice.predicate.delivered_at)

to(audience) := [notice |
	some notice in notices
	notice.predicate.kind == "workers"
	notice.predicate.audience == audience
]

findings contains feeds.gap_for("workers-informed", notices, statuses, "notice-record", data.parameters.notice_window_days) if not whole

findings contains say.also(nobody, {"values": {"audience": audience}}) if {
	some audience in audiences
	count(to(audience)) == 0
	nobody := say.none("workers-informed", "audience", "no notice to {audience} is recorded")
}

findings contains say.also(partly, {"observed": notice.predicate.coverage, "values": {"audience": audience}}) if {
	some audience in audiences
	some notice in to(audience)
	notice.predicate.coverage < 1
	partly := say.breach("workers-informed", notice, "coverage", "the notice did not reach all {audience}")
}

findings contains say.also(late, {"observed": notice.predicate.delivered_at, "expected": first, "values": {"audience": audience}}) if {
	some audience in audiences
	some notice in to(audience)
	some questionnaire in questionnaires
	first := questionnaire.predicate.first_use_at
	notice.predicate.delivered_at >= first
	late := say.breach("workers-informed", notice, "delivered_at", "the notice to {audience} came after the first use")
}

findings contains say.also(used, {"observed": started, "values": {"audience": audience}}) if {
	some audience in audiences
	some notice in to(audience)
	some deployment in used_before(notice)
	started := deployment.predicate.started_at
	used := say.breach("workers-informed", deployment, "started_at", "the system runs in production since {observed}, and the notice to {audience} had not come by then")
}

findings contains say.gap("workers-informed", questionnaire, "first_use_at", "when the system is first used is not answered") if {
	some questionnaire in questionnaires
	not questionnaire.predicate.first_use_at
}
