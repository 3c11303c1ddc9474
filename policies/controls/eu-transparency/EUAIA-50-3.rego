# METADATA
# title: Emotion or biometric categorisation notice given
# description: >-
#   Where the system reads emotions or categorises persons biometrically, every notice of it came before the event that it
#   must precede and reached all who are exposed, and an entry of the record of processing names the system and the task.
#   That a notice reached everybody is the word of its source. Where the law permits it to detect crime, as two
#   persons signed, nobody need be informed.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [transparency]
#   roles: [deployer]
#   gates: [production]
#   applies_from: D-GEN
#   evidence: [feed-status, notice-record, processing-record, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [notice_window_days]
#   objectives:
#     persons-informed:
#       says: Everybody exposed was informed before.
#       reads: [feed-status, notice-record, risk-questionnaire]
#     use-recorded:
#       says: The record of processing names the system and its task.
#       reads: [processing-record, risk-questionnaire]
#   may_be_empty: {risk-questionnaire.signature.roles: the roles of who signed count for the reviewer of a claim alone}
#   may_be_false: {notice-record.before_event_at: the event that a notice precedes may lie ahead}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of notices
#     notice-record.kind: another kind of notice says nothing of this one
#     processing-record.purposes: an entry on another processing takes nothing away
#     processing-record.systems: an entry on another system takes nothing away
#     risk-questionnaire.signature.signer: one more person who signed the same answers takes nothing away from the others
#   frameworks: {eu-ai-act: ["50(3)"], gdpr: ["6", "9"]}
#   remediation: Inform the persons exposed before the system is applied to them.
package controls.eu_transparency.EUAIA_50_3

import data.lib.feeds
import data.lib.findings as say
import data.risk.grounds
import data.risk.transparency

questionnaires := input.evidence["risk-questionnaire"]

records := input.evidence["notice-record"]

notices := [notice | some notice in records; notice.predicate.kind == "emotion-biometric"]

entries := input.evidence["processing-record"]

whole if feeds.all_seen_for(records, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days)

applies if {
	some questionnaire in questionnaires
	reads(questionnaire)
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.biometric_kind
		questionnaire.predicate.task
		not reads(questionnaire)
	}
}

reads(questionnaire) if transparency.reads_persons(questionnaire.predicate)

# Every questionnaire claims a ground of Art 50(3) that two persons signed.
excepted if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		claimed := {
			"law_enforcement": questionnaire.predicate.law_enforcement,
			"lawful_exception": questionnaire.predicate.lawful_exception,
			"reviewers": grounds.reviewers(questionnaire),
			"signers": grounds.signers(questionnaire),
		}
		grounds.lifts(claimed, "lawful_exception", "Art 50(3)")
	}
}

satisfied contains "persons-informed" if {
	whole
	count(notices) > 0
	every notice in notices {
		notice.predicate.coverage == 1
		notice.predicate.delivered_at < notice.predicate.before_event_at
	}
}

satisfied contains "persons-informed" if {
	whole
	excepted
}

satisfied contains "use-recorded" if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		recorded(questionnaire)
	}
}

recorded(questionnaire) if {
	some entry in entries
	input.system.id in entry.predicate.systems
	questionnaire.predicate.task in entry.predicate.purposes
}

findings contains feeds.gap_for("persons-informed", records, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days) if not whole

findings contains say.none("persons-informed", "kind", "no notice of emotion recognition or biometric categorisation is recorded") if {
	not excepted
	count(notices) == 0
}

findings contains say.also(partly, {"observed": notice.predicate.coverage, "expected": 1}) if {
	not excepted
	some notice in notices
	notice.predicate.coverage < 1
	partly := say.breach("persons-informed", notice, "coverage", "the notice did not reach everybody exposed")
}

findings contains say.breach("persons-informed", notice, "delivered_at", "the notice did not come before the event that it must precede, or that event is not known") if {
	not excepted
	some notice in notices
	not ahead(notice)
}

ahead(notice) if notice.predicate.delivered_at < notice.predicate.before_event_at

findings contains say.also(unknown, {"expected": questionnaire.predicate.task}) if {
	some questionnaire in questionnaires
	not recorded(questionnaire)
	unknown := say.none("use-recorded", "purposes", "no entry of the record of processing names this system and the purpose {expected}")
}
