# METADATA
# title: Real-world test or canary allowed
# description: >-
#   A system that is not yet on the market is tested on people outside the laboratory by a plan alone that was approved, or
#   counts as approved since the authority was silent for the time of Art 60, that is registered, reversible, running, and
#   ends in time; and all subjects consented. Approval, registration and reversibility are the word of who signed the plan,
#   and consent that of the notice's source. Read strictly: whoever asks for this gate asks for exposure; a system is on the
#   market from the day that the registry gives as its first placing, and not before.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider, deployer]
#   gates: [canary]
#   applies_from: D-GEN
#   evidence: [feed-status, notice-record, registry-entry, statement:real-world-test-plan]
#   applies: [registry-entry]
#   parameters: [notice_window_days, real_world_test_period, tacit_approval_days]
#   objectives:
#     plan-approved:
#       says: The test plan was approved or counts as approved.
#       reads: [statement:real-world-test-plan]
#     plan-registered:
#       says: The test is registered and its effects can be reversed.
#       reads: [statement:real-world-test-plan]
#     test-in-time:
#       says: The test is running and ends within the time that the law gives it.
#       reads: [statement:real-world-test-plan]
#     subjects-consented:
#       says: All subjects of the test consented.
#       reads: [feed-status, notice-record]
#   may_be_false: {statement:real-world-test-plan.facts.starts_at: a test may begin after its plan was signed}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of consents
#     notice-record.kind: another kind of notice says nothing of consent
#   frameworks: {eu-ai-act: ["2(8)", "60", "60a", "61"], nist-ai-rmf: ["MEASURE 2.3"]}
#   remediation: "Complete plan, approval, registration and consent before exposing anybody."
package controls.eu_operators.EUAIA_60_1

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

plans := input.evidence["statement:real-world-test-plan"]

notices := input.evidence["notice-record"]

consents := [notice | some notice in notices; notice.predicate.kind == "test-consent"]

whole if feeds.all_seen_for(notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days)

applies := false if {
	count(entries) > 0
	every entry in entries {
		placed(entry)
	}
}

applies if {
	some entry in entries
	not placed(entry)
}

placed(entry) if entry.predicate.first_placed_on <= calendar.day_of(input.now)

satisfied contains "plan-approved" if {
	count(plans) > 0
	every plan in plans {
		approved(plan.predicate.facts)
	}
}

satisfied contains "plan-registered" if {
	count(plans) > 0
	every plan in plans {
		records.named(plan.predicate.facts.registration_ref)
		plan.predicate.facts.reversible == true
	}
}

satisfied contains "test-in-time" if {
	count(plans) > 0
	every plan in plans {
		running(plan.predicate.facts)
	}
}

satisfied contains "subjects-consented" if {
	whole
	count(consents) > 0
	every consent in consents {
		consent.predicate.coverage == 1
	}
}

# Whatever is called tacit waits for the authority's silence to last.
approved(plan) if {
	records.filled(plan.approval_ref)
	not contains(text.lower(plan.approval_ref), "tacit")
	plan.submitted_at <= plan.starts_at
}

approved(plan) if {
	contains(text.lower(plan.approval_ref), "tacit")
	calendar.add_days(plan.submitted_at, data.parameters.tacit_approval_days) <= plan.starts_at
}

running(plan) if {
	plan.starts_at <= input.now
	input.now < plan.ends_at
	plan.ends_at <= latest_end(plan)
}

latest_end(plan) := calendar.add(plan.starts_at, data.parameters.real_world_test_period) if plan.extended == false

# Once extendable by as long again.
latest_end(plan) := end if {
	plan.extended == true
	first := calendar.add(plan.starts_at, data.parameters.real_world_test_period)
	end := calendar.add(first, data.parameters.real_world_test_period)
}

findings contains say.breach("plan-approved", plan, "facts.approval_ref", "the test plan was not approved, or begins before the authority's silence counts as approval") if {
	some plan in plans
	not approved(plan.predicate.facts)
}

findings contains say.breach("plan-registered", plan, "facts.registration_ref", "the test is not registered") if {
	some plan in plans
	not records.named(plan.predicate.facts.registration_ref)
}

findings contains say.breach("plan-registered", plan, "facts.reversible", "the effects of the test cannot be reversed") if {
	some plan in plans
	plan.predicate.facts.reversible == false
}

findings contains say.also(out, {"observed": plan.predicate.facts.ends_at}) if {
	some plan in plans
	not running(plan.predicate.facts)
	out := say.breach("test-in-time", plan, "facts.ends_at", "the test is not running now, or ends ({observed}) later than the law allows")
}

findings contains feeds.gap_for("subjects-consented", notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days) if not whole

findings contains say.none("subjects-consented", "evidence/notice-record", "no consent of the subjects is recorded") if count(consents) == 0

findings contains say.also(partly, {"observed": consent.predicate.coverage, "expected": 1}) if {
	some consent in consents
	consent.predicate.coverage < 1
	partly := say.breach("subjects-consented", consent, "coverage", "not all subjects of the test consented")
}
