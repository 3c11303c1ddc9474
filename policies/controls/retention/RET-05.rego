# METADATA
# title: Legal hold beats every purge
# description: >-
#   No purge deleted what a legal hold covered at that time, the hold service answers, and purging was lately seen to
#   refuse without it. No hold and no purge are usual states; the feeds of both say that their lists are whole. Read
#   strictly: a hold without a scope holds everything, one that was released before it began was not released, a purge
#   without its end may have been at any time, and a hold covers a purge by the digest of an object, by the record class
#   or by an entry of the purge's scope, whatever the letter case, the parts of a class with it.
# custom:
#   severity: blocker
#   basis: policy
#   waivable: false
#   gates: [incident, retirement]
#   evidence: [feed-status, legal-hold, purge-certificate]
#   parameters: [hold_test_days, retention_window_days]
#   objectives:
#     nothing-held-purged: {says: Nothing under a legal hold was purged.}
#     hold-service-sound:
#       says: The hold service answers, and purging was lately seen to refuse without it.
#       reads: [feed-status, legal-hold]
#   may_stand_beside: {feed-status.feed: the status of another feed says nothing of holds and purges}
#   frameworks: {gdpr: ["17(3)(e)"], eu-ai-act: ["18", "73(6)", "75a(6)(b)"]}
#   remediation: Stop the purge job, restore what was held, and prove that purging refuses when the hold service is down.
package controls.retention.RET_05

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text
import data.lib.time as calendar
import data.retention.schedule as retention
import data.retention.table

holds := input.evidence["legal-hold"]

certificates := input.evidence["purge-certificate"]

statuses := input.evidence["feed-status"]

satisfied contains "nothing-held-purged" if {
	all_holds
	all_purges
	count(vague_holds) + count(turned_holds) == 0
	count(vague_purges) + count(clashes) == 0
}

satisfied contains "hold-service-sound" if {
	all_holds
	data.parameters.hold_test_days > 0
	count([hold | some hold in holds; not sound(hold)]) == 0
}

all_holds if feeds.all_seen_for(holds, statuses, "legal-hold", data.parameters.retention_window_days)

all_purges if feeds.all_seen_for(certificates, statuses, "purge-certificate", data.parameters.retention_window_days)

# Holds that do not say what they cover.
vague_holds := [hold | some hold in holds; not scoped(hold)]

scoped(hold) if retention.scoped(hold.predicate)

# Holds that were released before they began.
turned_holds := [hold | some hold in holds; hold.predicate.released_at < hold.predicate.held_from]

# Purges that do not say what they covered, or what became of it.
vague_purges := [certificate | some certificate in certificates; not tells(certificate)]

tells(certificate) if {
	purge := certificate.predicate
	records.named(purge.record_class)
	count(purge.scope) > 0
	count(purge.object_digests) + count(purge.exceptions) > 0
}

# Purges that cannot be shown to have left a hold alone, each with the hold.
clashes := [{"certificate": certificate, "hold": hold} |
	some certificate in certificates
	some hold in holds
	not apart(certificate, hold)
]

# Deleted before the hold, or after its release.
apart(certificate, hold) if certificate.predicate.completed_at < hold.predicate.held_from

apart(certificate, hold) if {
	hold.predicate.held_from <= hold.predicate.released_at
	hold.predicate.released_at < certificate.predicate.completed_at
}

# Nothing that was deleted lies in the scope of the hold.
apart(certificate, hold) if {
	scoped(hold)
	purge := certificate.predicate
	count(purge.object_digests) > 0
	names := array.concat(purge.object_digests, purge.scope)
	item := {"id": purge.record_class, "record_class": purge.record_class, "names": names}
	held := hold.predicate
	not retention.covers(held, item)
	count([name | some name in held.scope; some whole in purge.scope; table.part_of(name, text.lower(whole))]) == 0
}

# Nothing was deleted: all items stay.
apart(certificate, _) if {
	count(certificate.predicate.object_digests) == 0
	count(certificate.predicate.exceptions) > 0
}

sound(hold) if {
	hold.predicate.service_reachable == true
	calendar.within_days(hold.predicate.fail_closed_tested_at, data.parameters.hold_test_days, input.now)
}

findings contains feeds.gap_for("nothing-held-purged", certificates, statuses, "purge-certificate", data.parameters.retention_window_days) if not all_purges

findings contains feeds.gap_for(objective, holds, statuses, "legal-hold", data.parameters.retention_window_days) if {
	not all_holds
	some objective in ["nothing-held-purged", "hold-service-sound"]
}

findings contains say.also(vague, {"values": {"matter": hold.predicate.matter_id}}) if {
	some hold in vague_holds
	vague := say.breach("nothing-held-purged", hold, "scope", "the hold for matter {matter} does not say what it covers")
}

findings contains say.also(turned, {"observed": released, "values": {"matter": hold.predicate.matter_id}}) if {
	some hold in turned_holds
	released := hold.predicate.released_at
	turned := say.breach("nothing-held-purged", hold, "released_at", "the hold for matter {matter} was released before it began")
}

findings contains say.gap("nothing-held-purged", certificate, "scope", "the certificate does not say what it covers, or what became of it") if {
	some certificate in vague_purges
}

findings contains say.also(clashing, {"observed": gone, "expected": held, "values": {"class": class, "matter": matter}}) if {
	some clash in clashes
	gone := sort(clash.certificate.predicate.object_digests)
	class := clash.certificate.predicate.record_class
	held := sort(clash.hold.predicate.scope)
	matter := clash.hold.predicate.matter_id
	clashing := say.breach("nothing-held-purged", clash.certificate, "object_digests", "a purge of {class} reached what is held for matter {matter}")
}

findings contains say.also(deaf, {"observed": false, "expected": true, "values": {"matter": hold.predicate.matter_id}}) if {
	some hold in holds
	hold.predicate.service_reachable == false
	deaf := say.breach("hold-service-sound", hold, "service_reachable", "the hold service did not answer for matter {matter}")
}

findings contains say.also(old, {"observed": tested, "expected": data.parameters.hold_test_days}) if {
	some hold in holds
	hold.predicate.service_reachable == true
	tested := hold.predicate.fail_closed_tested_at
	not sound(hold)
	old := say.breach("hold-service-sound", hold, "fail_closed_tested_at", "purging was not lately seen to refuse with the hold service down")
}
