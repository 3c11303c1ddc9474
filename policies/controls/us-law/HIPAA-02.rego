# METADATA
# title: Six-year documentation kept
# description: >-
#   Every store that keeps documentation for this law is locked until as long after now as the law asks: what is retired
#   today was in effect today, and the time runs from the last day on which it was. A record could be read back.
# custom:
#   pack: us
#   severity: major
#   basis: law
#   tiers: [us-phi]
#   roles: [controller]
#   gates: [retirement]
#   applies_from: D-HIPAA
#   evidence: [retention-state, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [hipaa_keep]
#   objectives:
#     kept-six-years: {says: The documentation is locked as long as the law asks., reads: [retention-state]}
#   may_be_empty: {risk-questionnaire.us_flags: a system under none of these laws names none}
#   may_stand_beside: {retention-state.regime: what is kept for another law says nothing of this one}
#   frameworks: {hipaa: ["164.316(b)(2)(i)"]}
#   remediation: Extend the lock to six years.
package controls.us_law.HIPAA_02

import data.lib.findings as say
import data.lib.regimes
import data.lib.time as calendar

applies := regimes.binds(input.evidence["risk-questionnaire"], "hipaa-phi")

stores := [store | some store in input.evidence["retention-state"]; store.predicate.regime == "hipaa"]

satisfied contains "kept-six-years" if {
	count(stores) > 0
	every store in stores {
		kept(store)
	}
}

kept(store) if {
	store.predicate.lock_until >= calendar.add(input.now, data.parameters.hipaa_keep)
	store.predicate.retrievable
}

findings contains say.none("kept-six-years", "evidence/retention-state", "no store tells how long documentation is locked for this law") if count(stores) == 0

findings contains say.also(short, {"expected": data.parameters.hipaa_keep}) if {
	some store in stores
	not kept(store)
	short := say.breach("kept-six-years", store, "lock_until", "the documentation is not locked for {expected} from now, or cannot be read back")
}
