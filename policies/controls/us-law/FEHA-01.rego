# METADATA
# title: Automated-decision records kept four years
# description: >-
#   Every store that keeps records for this law keeps them as long as it asks and could read one back, and there is one for
#   each class in which inputs, outputs and findings of audits lie.
# custom:
#   pack: us
#   severity: major
#   basis: law
#   tiers: [us-aedt]
#   roles: [employer]
#   gates: [production, retirement]
#   applies_from: D-FEHA
#   evidence: [retention-state, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [feha_keep, feha_record_classes]
#   objectives:
#     kept-four-years: {says: "Inputs, outputs and findings of audits are kept as long as the law asks.", reads: [retention-state]}
#   may_be_empty: {risk-questionnaire.us_flags: a system under none of these laws names none}
#   may_stand_beside:
#     retention-state.regime: what is kept for another law says nothing of this one
#     retention-state.record_class: a store of another class takes nothing away
#   frameworks: {feha: ["2 CCR 11013(c)"]}
#   remediation: Raise the retention of these records to four years.
package controls.us_law.FEHA_01

import data.lib.findings as say
import data.lib.records
import data.lib.regimes
import data.lib.time as calendar

applies := regimes.binds(input.evidence["risk-questionnaire"], "feha-ads")

stores := [store | some store in input.evidence["retention-state"]; store.predicate.regime == "feha"]

classes := {store.predicate.record_class | some store in stores}

satisfied contains "kept-four-years" if {
	count(stores) > 0
	records.covers(classes, data.parameters.feha_record_classes)
	every store in stores {
		kept(store)
	}
}

kept(store) if {
	calendar.lasts(store.predicate.configured, data.parameters.feha_keep)
	store.predicate.retrievable
}

findings contains say.also(absent, {"values": {"class": class}}) if {
	some class in data.parameters.feha_record_classes
	not class in classes
	absent := say.none("kept-four-years", "evidence/retention-state", "no store tells how long records of the class {class} are kept")
}

findings contains say.also(short, {"observed": store.predicate.configured, "expected": data.parameters.feha_keep}) if {
	some store in stores
	not kept(store)
	short := say.breach("kept-four-years", store, "configured", "records are kept for {observed} or cannot be read back, and {expected} are asked for")
}
