# METADATA
# title: Automated decisions have ground, safeguards and timely answers
# description: >-
#   A system that decides about persons alone and with a significant effect has a ground of Art 22(2), offers intervention, a
#   hearing and contest, and says where to opt out. In operation every request to opt out, to appeal or for human review was
#   answered within the time of Art 12(3), or within an extension of two months at most; an open one stands as long as its
#   time has not run out, and a request under another law is held to the same. Whether it decides alone is the questionnaire's word; every current one must deny it for the
#   control not to apply. RISK-01 holds that answer against the automation level of the classification.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [any], roles: [controller], from: D-GDPR}
#   mode: hybrid
#   gates: [production, operation]
#   evidence: [feed-status, registry-entry, risk-questionnaire, subject-request]
#   applies: [risk-questionnaire]
#   parameters: [request_window_days, subject_request_period]
#   objectives:
#     ground-and-safeguards:
#       says: "The decisions have a ground, and persons can have a human look at them, be heard and contest them."
#       reads: [risk-questionnaire]
#     opt-out-offered:
#       says: The inventory says where affected persons can opt out.
#       covers: [S0.M6.4]
#       reads: [registry-entry]
#     answered-in-time:
#       says: "Every request to opt out, to appeal or for human review was answered in time."
#       at: [operation]
#       covers: [S0.M6.4]
#       reads: [feed-status, subject-request]
#   may_stand_beside: {feed-status.feed: another feed says nothing of requests}
#   frameworks: {gdpr: ["12(3)", "13(2)(f)", "15(1)(h)", "22"], nist-ai-rmf: ["MEASURE 3.3"], iso-42001: ["A.8.5"]}
#   remediation: "Offer intervention, hearing and contest, and answer the overdue request."
package controls.privacy.PRIV_05

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

questionnaires := input.evidence["risk-questionnaire"]

entries := input.evidence["registry-entry"]

all_requests := input.evidence["subject-request"]

requests := [request | some request in all_requests; not elsewhere(request)]

# Kinds of request that other controls judge.
elsewhere(request) if request.predicate.kind in {"erasure", "access", "correction"}

applies if {
	some questionnaire in questionnaires
	alone(questionnaire)
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		harmless(questionnaire)
	}
}

alone(questionnaire) if {
	questionnaire.predicate.solely_automated == true
	questionnaire.predicate.significant_effect == true
}

harmless(questionnaire) if questionnaire.predicate.solely_automated == false

harmless(questionnaire) if questionnaire.predicate.significant_effect == false

satisfied contains "ground-and-safeguards" if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.automated_decision_ground in {"contract", "law", "explicit-consent"}
		records.covers(questionnaire.predicate.contest_channels, ["intervention", "view", "contest"])
	}
}

satisfied contains "opt-out-offered" if {
	count(entries) > 0
	every entry in entries {
		offers(entry)
	}
}

offers(entry) if records.filled(entry.predicate.opt_out_channel)

satisfied contains "answered-in-time" if {
	whole
	count([request | some request in requests; not in_time(request)]) == 0
}

whole if feeds.all_seen_for(all_requests, input.evidence["feed-status"], "subject-request", data.parameters.request_window_days)

in_time(request) if {
	request.predicate.opened_at <= request.predicate.closed_at
	request.predicate.closed_at <= due(request.predicate)
}

in_time(request) if {
	not request.predicate.closed_at
	input.now <= due(request.predicate)
}

# An extension of more than two further months counts for nothing.
due(request) := request.extended_until if {
	request.extended_until <= calendar.add(usual(request), "P2M")
} else := usual(request)

usual(request) := calendar.add(request.opened_at, data.parameters.subject_request_period)

findings contains say.breach("ground-and-safeguards", questionnaire, "automated_decision_ground", "the automated decisions have no ground of Art 22(2)") if {
	some questionnaire in questionnaires
	questionnaire.predicate.automated_decision_ground == "none"
}

findings contains say.also(closed, {"observed": channel}) if {
	some questionnaire in questionnaires
	some channel in ["intervention", "view", "contest"]
	not channel in questionnaire.predicate.contest_channels
	closed := say.breach("ground-and-safeguards", questionnaire, "contest_channels", "persons are not offered the safeguard {observed}")
}

findings contains say.gap("opt-out-offered", entry, "opt_out_channel", "the inventory does not say where affected persons can opt out") if {
	some entry in entries
	not offers(entry)
}

findings contains feeds.gap_for("answered-in-time", all_requests, input.evidence["feed-status"], "subject-request", data.parameters.request_window_days) if not whole

findings contains say.also(late, {"observed": limit, "values": {"kind": kind}}) if {
	some request in requests
	limit := due(request.predicate)
	kind := request.predicate.kind
	not in_time(request)
	late := say.breach("answered-in-time", request, "closed_at", "a request ({kind}) was not answered by {observed}")
}
