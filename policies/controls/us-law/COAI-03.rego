# METADATA
# title: Correction and human review offered
# description: >-
#   Each request under Colorado law in a feed that is whole got instructions, and a review with its outcome by somebody who
#   could change it, or the reason why none was feasible. A request that is not answered yet leaves the control open: the law
#   as we have it sets no time. Whether the reviewer could change the outcome is the word of the case system.
# custom:
#   pack: us
#   severity: major
#   basis: law
#   mode: hybrid
#   tiers: [us-admt]
#   roles: [deployer]
#   gates: [production, operation]
#   applies_from: D-CO27
#   evidence: [feed-status, risk-questionnaire, subject-request]
#   applies: [risk-questionnaire]
#   parameters: [request_window_days]
#   objectives:
#     requests-answered: {says: Each request got instructions and a review that could change the outcome., reads: [feed-status, subject-request]}
#   may_be_empty: {risk-questionnaire.us_flags: a system under none of these laws names none}
#   may_stand_beside: {feed-status.feed: another feed says nothing of requests}
#   frameworks: {co-sb26-189: ["6-1-1705"]}
#   remediation: Let a person who can change the outcome review the case.
package controls.us_law.COAI_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.regimes

requests := input.evidence["subject-request"]

applies := regimes.binds(input.evidence["risk-questionnaire"], "co-admt")

whole if feeds.all_seen_for(requests, input.evidence["feed-status"], "subject-request", data.parameters.request_window_days)

satisfied contains "requests-answered" if {
	whole
	count(unanswered) == 0
}

# A request that does not say under which law it stands may be one of Colorado.
unanswered := [request | some request in requests; not elsewhere(request); not answered(request)]

elsewhere(request) if request.predicate.regime in {"gdpr", "ccpa", "internal"}

answered(request) if {
	request.predicate.instructions_given
	request.predicate.reviewer_can_change
	records.named(request.predicate.outcome)
}

answered(request) if {
	request.predicate.instructions_given
	records.filled(request.predicate.infeasibility_reason)
}

findings contains feeds.gap_for("requests-answered", requests, input.evidence["feed-status"], "subject-request", data.parameters.request_window_days) if not whole

findings contains say.gap("requests-answered", request, "outcome", "the request is not answered yet") if {
	whole
	some request in unanswered
	not request.predicate.closed_at
}

findings contains say.breach("requests-answered", request, "reviewer_can_change", "the request was closed without instructions, or without a review that could change the outcome") if {
	whole
	some request in unanswered
	request.predicate.closed_at
}
