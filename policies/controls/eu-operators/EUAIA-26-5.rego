# METADATA
# title: Public deployer uses only registered systems
# description: >-
#   Before the first use the system was registered by its provider (Annex VIII Section A, or where the law says so the
#   non-public or the national part), and the use by the deployer (Section C), each with a number and a day. That a number
#   stands in the register is the word of whoever filed or signed the record. Whether the deployer is a public authority is
#   the questionnaire's word; every questionnaire must name a private one for the control not to apply. When first use is
#   the questionnaire says too, and nothing ran in production before the registration.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high-annex-iii]
#   roles: [deployer]
#   gates: [production]
#   applies_from: D-HR
#   evidence: [conformity-record, deployment-record, risk-questionnaire]
#   about: {deployment-record: system}
#   applies: [risk-questionnaire]
#   objectives:
#     system-registered: {says: The provider registered the system before its first use.}
#     use-registered: {says: The deployer registered the use before it began.}
#   may_be_empty: {deployment-record: the system may not be in use yet}
#   may_be_false: {risk-questionnaire.first_use_at: a first use may lie ahead of its questionnaire}
#   may_stand_beside:
#     conformity-record.completed_at: a renewal after the first use takes nothing away from the first registration
#     conformity-record.kind: a record of another kind says nothing of registration
#     conformity-record.registration_id: an entry without a number takes nothing away from one that has it
#     conformity-record.registration_section: an entry in another part of the register takes nothing away
#     risk-questionnaire.deployer_kind: "where one names a public authority the control applies, whatever another says"
#   frameworks: {eu-ai-act: ["26(8)", "49(3)"], nist-ai-rmf: ["GOVERN 1.6"]}
#   remediation: "Register the use, or stop using the unregistered system."
package controls.eu_operators.EUAIA_26_5

import data.lib.deployments
import data.lib.findings as say
import data.lib.records

questionnaires := input.evidence["risk-questionnaire"]

registrations := [record | some record in input.evidence["conformity-record"]; record.predicate.kind == "registration"]

sections := {
	"system-registered": {"viii-a", "non-public", "national"},
	"use-registered": {"viii-c"},
}

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.deployer_kind == "public-authority"
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.deployer_kind in {"private", "private-public-service"}
	}
}

satisfied contains "system-registered" if registered("system-registered")

satisfied contains "use-registered" if registered("use-registered")

registered(objective) if {
	count(questionnaires) > 0
	some registration in registrations
	registration.predicate.registration_section in sections[objective]
	records.named(registration.predicate.registration_id)
	every questionnaire in questionnaires {
		registration.predicate.completed_at < questionnaire.predicate.first_use_at
	}
	count(deployments.begun_by(input.evidence["deployment-record"], registration.predicate.completed_at)) == 0
}

findings contains say.gap(objective, questionnaire, "first_use_at", "when the system is first used is not answered") if {
	some questionnaire in questionnaires
	not questionnaire.predicate.first_use_at
	some objective, _ in sections
}

findings contains say.none("system-registered", "registration_id", "no registration of the system from before its first use is recorded") if {
	not registered("system-registered")
}

findings contains say.none("use-registered", "registration_id", "no registration of the use from before it began is recorded") if {
	not registered("use-registered")
}
