# METADATA
# title: Legal hold beats every purge
# description: >-
#   No purge deleted what a legal hold covered at that time, the hold service answers, and purging was lately seen to
#   refuse without it. No hold and no purge are usual states; the feeds of both say that their lists are whole. Read
#   strictly: a hold without a scope holds everything, a purge without its end may have been at any time, and a hold
#   covers a purge by the digest of an object, by the record class, or by an entry of the purge's scope.
# custom:
#   severity: blocker
#   basis: policy
#   waivable: false
#   gates: [incident, retirement]
#   evidence: [feed-status, legal-hold, purge-certificate]
#   parameters: [hold_test_days]
#   objectives:
#     nothing-held-purged:
#       says: Nothing under a legal hold was purged.
#     hold-service-sound:
#       says: The hold service answers, and purging was lately seen to refuse without it.
#       reads: [feed-status, legal-hold]
#   frameworks:
#     gdpr: ["17(3)(e)"]
#     eu-ai-act: ["18", "73(6)", "75a(6)(b)"]
#   remediation: Stop the purge job, restore what was held, and prove that purging refuses when the hold service is down.
package controls.retention.RET_05

import data.lib.feeds
import data.lib.records
import data.lib.time as calendar

holds := input.evidence["legal-hold"]

certificates := input.evidence["purge-certificate"]

statuses := input.evidence["feed-status"]

satisfied contains "nothing-held-purged" if {
	all_holds
	all_purges
	count(vague_holds) == 0
	count(vague_purges) == 0
	count(clashes) == 0
}

satisfied contains "hold-service-sound" if {
	all_holds
	data.parameters.hold_test_days > 0
	count([hold | some hold in holds; not sound(hold)]) == 0
}

all_holds if feeds.all_seen(holds, statuses, "legal-hold")

all_purges if feeds.all_seen(certificates, statuses, "purge-certificate")

# Holds that do not say what they cover.
vague_holds := [hold | some hold in holds; not scoped(hold)]

scoped(hold) if count(hold.predicate.scope) > 0

# Purges that do not say what they covered, or what became of it.
vague_purges := [certificate | some certificate in certificates; not tells(certificate)]

tells(certificate) if {
	records.named(certificate.predicate.record_class)
	count(certificate.predicate.scope) > 0
	has_outcome(certificate)
}

has_outcome(certificate) if count(certificate.predicate.object_digests) > 0

has_outcome(certificate) if count(certificate.predicate.exceptions) > 0

# Purges that cannot be shown to have left a hold alone, each with the hold.
clashes := [{"certificate": certificate, "hold": hold} |
	some certificate in certificates
	some hold in holds
	not apart(certificate, hold)
]

# Deleted before the hold, or after its release.
apart(certificate, hold) if certificate.predicate.completed_at < hold.predicate.held_from

apart(certificate, hold) if hold.predicate.released_at < certificate.predicate.completed_at

# Nothing that was deleted lies in the scope of the hold.
apart(certificate, hold) if {
	count(hold.predicate.scope) > 0
	count(certificate.predicate.object_digests) > 0
	count([name | some name in purged(certificate); name in hold.predicate.scope]) == 0
}

# Nothing was deleted: all items stay.
apart(certificate, _) if {
	count(certificate.predicate.object_digests) == 0
	count(certificate.predicate.exceptions) > 0
}

# All names under which a hold may cover a purge.
purged(certificate) := array.concat(
	array.concat(certificate.predicate.object_digests, certificate.predicate.scope),
	[certificate.predicate.record_class],
)

sound(hold) if {
	hold.predicate.service_reachable == true
	calendar.within_days(hold.predicate.fail_closed_tested_at, data.parameters.hold_test_days, input.now)
}

findings contains feeds.gap("nothing-held-purged", "purge-certificate") if not all_purges

findings contains feeds.gap(objective, "legal-hold") if {
	not all_holds
	some objective in ["nothing-held-purged", "hold-service-sound"]
}

findings contains finding if {
	some hold in vague_holds
	finding := {
		"objective": "nothing-held-purged",
		"message": sprintf("the hold for matter %s does not say what it covers", [hold.predicate.matter_id]),
		"evidence": hold.id,
		"path": "scope",
	}
}

findings contains finding if {
	some certificate in vague_purges
	finding := {
		"objective": "nothing-held-purged",
		"message": "the certificate does not say what it covers, or what became of it",
		"gap": true,
		"evidence": certificate.id,
		"path": "scope",
	}
}

findings contains finding if {
	some clash in clashes
	finding := {
		"objective": "nothing-held-purged",
		"message": sprintf("a purge of %s reached what is held for matter %s", [
			clash.certificate.predicate.record_class,
			clash.hold.predicate.matter_id,
		]),
		"evidence": clash.certificate.id,
		"observed": sort(clash.certificate.predicate.object_digests),
		"expected": sort(clash.hold.predicate.scope),
		"path": "object_digests",
	}
}

findings contains finding if {
	some hold in holds
	hold.predicate.service_reachable == false
	finding := {
		"objective": "hold-service-sound",
		"message": sprintf("the hold service did not answer for matter %s", [hold.predicate.matter_id]),
		"evidence": hold.id,
		"observed": false,
		"expected": true,
		"path": "service_reachable",
	}
}

findings contains finding if {
	some hold in holds
	not sound(hold)
	hold.predicate.service_reachable == true
	finding := {
		"objective": "hold-service-sound",
		"message": "purging was not lately seen to refuse with the hold service down",
		"evidence": hold.id,
		"observed": hold.predicate.fail_closed_tested_at,
		"expected": data.parameters.hold_test_days,
		"path": "fail_closed_tested_at",
	}
}
