# METADATA
# title: Certificates valid
# description: >-
#   Where a conformity assessment took the route of a notified body (Annex VII) or of product law, a certificate for this
#   release and by this route is valid today, and its term is not longer than the law allows. A day on which it ends is no
#   day of it. A certificate that was renewed stands beside the old one. Where every assessment took Annex VI the control
#   does not apply; whether that route was right is judged by EUAIA-43-1.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [production, operation]
#   applies_from: D-HR-OPEN
#   evidence: [conformity-record, registry-entry]
#   applies: [conformity-record]
#   parameters: [certificate_term_annex_i, certificate_term_annex_iii]
#   objectives:
#     certificate-valid: {says: "A certificate for this release, by each route that was taken, is valid and not longer than the law allows."}
#   may_stand_beside:
#     conformity-record.certificate_expires_at: a certificate that ran out takes nothing away from its renewal
#     conformity-record.certificate_issued_at: a certificate of too long a term takes nothing away from one in order
#     conformity-record.kind: a record of another kind says nothing of a certificate
#     conformity-record.notified_body_number: a certificate that names no body takes nothing away from one that does
#     conformity-record.release_version: the certificate of another release says nothing of this one
#   frameworks: {eu-ai-act: ["44(2)"]}
#   remediation: Renew the certificate with the notified body.
package controls.eu_conformity.EUAIA_44_1

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

assessments := of("assessment")

certificates := of("certificate")

of(kind) := [record | some record in input.evidence["conformity-record"]; record.predicate.kind == kind]

# Longest term by route.
terms := {
	"annex-vii": data.parameters.certificate_term_annex_iii,
	"sectoral": data.parameters.certificate_term_annex_i,
}

applies if {
	some assessment in assessments
	terms[assessment.predicate.route]
}

applies := false if {
	count(assessments) > 0
	every assessment in assessments {
		assessment.predicate.route == "annex-vi"
	}
}

satisfied contains "certificate-valid" if {
	count(assessments) > 0
	count(entries) > 0
	every assessment in assessments {
		every entry in entries {
			certified(assessment.predicate.route, entry.predicate.version)
		}
	}
}

# Internal control needs none; a route that is not known is certified by nothing.
certified(route, _) if route == "annex-vi"

certified(route, version) if {
	some certificate in certificates
	certificate.predicate.route == route
	certificate.predicate.release_version == version
	valid(certificate.predicate, terms[route])
}

valid(certificate, term) if {
	records.named(certificate.notified_body_number)
	certificate.certificate_issued_at <= calendar.day_of(input.now)
	calendar.day_of(input.now) < certificate.certificate_expires_at
	calendar.start_of(certificate.certificate_expires_at) <= calendar.add(calendar.start_of(certificate.certificate_issued_at), term)
}

findings contains say.also(open, {"expected": entry.predicate.version}) if {
	some assessment in assessments
	some entry in entries
	not covered(assessment, entry)
	open := say.gap("certificate-valid", assessment, "route", "no certificate for the release {expected}, by the route of this assessment, is valid and of a lawful term")
}

covered(assessment, entry) if certified(assessment.predicate.route, entry.predicate.version)
