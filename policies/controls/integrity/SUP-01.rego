# METADATA
# title: Bill of materials present and no blocked vulnerability
# description: >-
#   The package has a bill of materials and a scan by a recent database that counts every severity, none of those that
#   block. What is open and does not block is not open for longer than its severity allows; a count without the day of the
#   oldest finding leaves that open. That the scan looked at what the bill lists is the scanner's word.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging, operation]
#   evidence: [sbom, vulnerability-report]
#   parameters: [blocked_severity, max_scan_age_days, vulnerability_fix_days]
#   objectives:
#     contents-listed: {says: A bill of materials lists what is in the package., covers: [S3.M2.4], reads: [sbom]}
#     none-blocked:
#       says: "A recent scan finds no vulnerability of a severity that blocks."
#       covers: [S3.M2.4]
#       reads: [vulnerability-report]
#     mended-in-time: {says: No vulnerability is open for longer than its severity allows., reads: [vulnerability-report]}
#   frameworks: {eu-ai-act: ["15(5)"], cra: ["13"], nist-ai-rmf: ["MEASURE 2.7", "GOVERN 6.1"]}
#   remediation: Upgrade or remove the vulnerable component and scan again.
package controls.integrity.SUP_01

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

boms := input.evidence.sbom

scans := input.evidence["vulnerability-report"]

severities := ["low", "medium", "high", "critical"]

# None for a word that is no severity: then nothing is known not to block.
blocking := [severity |
	some least, lowest in severities
	lowest == data.parameters.blocked_severity
	some rank, severity in severities
	rank >= least
]

satisfied contains "contents-listed" if {
	count(boms) > 0
	every bom in boms {
		count(bom.predicate.components) > 0
		every component in bom.predicate.components {
			records.named(component.name)
			records.named(component.version)
		}
	}
}

satisfied contains "none-blocked" if {
	count(scans) > 0
	every scan in scans {
		recent(scan)
		count(blocking) > 0
		every severity in blocking {
			scan.predicate.counts_by_severity[severity] == 0
		}
	}
}

satisfied contains "mended-in-time" if {
	count(scans) > 0
	every scan in scans {
		count(severities) > 0
		every severity in severities {
			in_time(scan.predicate, severity)
		}
	}
}

recent(scan) if calendar.within_days(scan.predicate.database_date, data.parameters.max_scan_age_days, input.now)

in_time(scan, severity) if {
	scan.counts_by_severity[severity] == 0
	not scan.oldest_open[severity]
}

in_time(scan, severity) if {
	scan.counts_by_severity[severity] >= 0
	calendar.within_days(scan.oldest_open[severity], data.parameters.vulnerability_fix_days[severity], input.now)
}

findings contains say.breach("contents-listed", bom, "components", "the bill of materials lists nothing") if {
	some bom in boms
	count(bom.predicate.components) == 0
}

findings contains say.also(old, {"observed": scan.predicate.database_date, "expected": data.parameters.max_scan_age_days}) if {
	some scan in scans
	not recent(scan)
	old := say.gap("none-blocked", scan, "database_date", "the scan knows vulnerabilities up to {observed} alone, more than {expected} days ago")
}

findings contains say.also(open, {"observed": number, "values": {"severity": severity}}) if {
	some scan in scans
	some severity in blocking
	number := scan.predicate.counts_by_severity[severity]
	number > 0
	open := say.breach("none-blocked", scan, "counts_by_severity", "{observed} vulnerabilities of severity {severity} are open")
}

findings contains say.also(uncounted, {"values": {"severity": severity}}) if {
	some scan in scans
	some severity in severities
	not severity in object.keys(scan.predicate.counts_by_severity)
	some objective in ["none-blocked", "mended-in-time"]
	asked(objective, severity)
	uncounted := say.gap(objective, scan, "counts_by_severity", "the scan does not count findings of severity {severity}")
}

asked("mended-in-time", _) := true

asked("none-blocked", severity) if severity in blocking

findings contains say.also(undated, {"values": {"severity": severity}}) if {
	some scan in scans
	some severity in severities
	scan.predicate.counts_by_severity[severity] > 0
	not scan.predicate.oldest_open[severity]
	undated := say.gap("mended-in-time", scan, "oldest_open", "since when findings of severity {severity} are open is not known")
}

findings contains say.also(late, {"observed": since, "values": {"severity": severity}}) if {
	some scan in scans
	some severity in severities
	since := scan.predicate.oldest_open[severity]
	not in_time(scan.predicate, severity)
	late := say.breach("mended-in-time", scan, "oldest_open", "a finding of severity {severity} is open since {observed}, longer than it may be")
}
