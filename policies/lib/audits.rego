# METADATA
# title: Audits by outsiders
# description: >-
#   When an audit counts as independent: its auditor signed it, says so, and holds no role in which people build, run, own
#   or use the system. That they have no other tie to it is their word.
package lib.audits

involved := {
	"business-owner", "data-scientist", "ml-engineer", "mlops-engineer", "model-owner", "release-manager", "system-owner",
}

independent(audit) if {
	audit.class == "attested"
	audit.predicate.independent
	audit.signature.signer == audit.predicate.auditor.id
	count(audit.signature.roles) > 0
	count([role | some role in audit.signature.roles; role in involved]) == 0
}
