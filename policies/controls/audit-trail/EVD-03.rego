# METADATA
# title: "Signed records carry a verified person, role and time"
# description: >-
#   Every attested record of the snapshot has the verified signature of a person in a role that the register of people gives,
#   and so has a report on the testing of this version, with the date of its completion. Read strictly:
#   a report of testing that a tool brought does not count. The time is that of the record, held by the ledger's order;
#   a timestamp of somebody outside is not asked for, since nothing brings one.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [validation, staging, production]
#   evidence: {audit-report: any, evidence-index: any}
#   objectives:
#     attested-by-persons:
#       says: Every attested record is signed by a verified person in a role.
#       reads: [evidence-index]
#     test-report-signed: {says: "A person signed and dated a report on the testing of this version."}
#   may_differ: {audit-report.completed_at: any day before the filing dates a report}
#   may_stand_beside: {audit-report.kind: an audit of another kind is no report on testing}
#   frameworks: {eu-ai-act: ["Annex IV 2(g)", "Annex V 8"], nist-ai-rmf: ["GOVERN 2.1"]}
#   remediation: Have the responsible person sign the record in their own name.
package controls.audit_trail.EVD_03

import data.lib.findings as say
import data.lib.records

indexes := input.evidence["evidence-index"]

reports := [report | some report in input.evidence["audit-report"]; report.predicate.kind == "model-validation"]

satisfied contains "attested-by-persons" if {
	count(attested) > 0
	every entries in attested {
		count(entries) > 0
		every entry in entries {
			by_person(entry)
		}
	}
}

satisfied contains "test-report-signed" if {
	count(attested) > 0
	count(reports) > 0
	every report in reports {
		every entries in attested {
			sound(entries, report)
		}
	}
}

# What no machine made, index by index.
attested := [[entry | some entry in index.predicate.records; not of_machine(entry)] | some index in indexes]

of_machine(entry) if entry.evidence_class in machine_classes

machine_classes := {"measured", "derived", "ingested"}

by_person(entry) if {
	entry.signature_state == "verified"
	entry.signer_kind == "person"
	records.named(entry.signer_role)
}

# The index has the report as attested, so that the clause above holds it to a person.
listed(entries, report) if {
	some entry in entries
	entry.record_id == report.id
	entry.evidence_class == "attested"
	by_person(entry)
}

findings contains say.gap("attested-by-persons", index, "records", "the snapshot holds no attested record") if {
	some place, index in indexes
	count(attested[place]) == 0
}

findings contains say.also(unsigned, {"observed": entry.signer_kind, "values": {"type": entry.type, "record": entry.record_id}}) if {
	some place, index in indexes
	some entry in attested[place]
	not by_person(entry)
	unsigned := say.breach("attested-by-persons", index, "records", "the {type} {record} is not signed by a verified person in a role ({observed})")
}

findings contains say.none("test-report-signed", "evidence/audit-report", "no report on the testing of this version is on file") if count(reports) == 0

findings contains say.breach("test-report-signed", report, "signature", "the report on testing is not dated, not of this version, or not signed by a person") if {
	some report in reports
	some entries in attested
	not sound(entries, report)
}

sound(entries, report) if {
	records.names_candidate(report)
	report.predicate.completed_at <= input.now
	listed(entries, report)
}
