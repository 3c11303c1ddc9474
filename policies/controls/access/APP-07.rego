# METADATA
# title: Waivers complete and time-boxed
# description: >-
#   Every waiver names its control, the risk, who carries it and who granted it to somebody else, ends in time, and none
#   reaches a blocker of the law: what a waiver says of its control counts for nothing beside the policies in force. The
#   list of waivers is whole: the feed of waivers says so and the evidence index names exactly these. An empty list is
#   the usual state and passes on the same two records. Read strictly: waivers that have ended, or have not begun, are
#   held to the same.
# custom:
#   severity: blocker
#   basis: policy
#   waivable: false
#   gates: [staging, production, operation]
#   evidence: [evidence-index, feed-status, waiver]
#   parameters: [waiver_max_days]
#   objectives:
#     list-whole: {says: The list of waivers is known to be whole.}
#     waivers-complete: {says: "Every waiver names control, risk, owner and approver.", reads: [feed-status, waiver]}
#     granted-by-another: {says: Nobody granted a waiver that they asked for., reads: [feed-status, waiver]}
#     time-boxed: {says: Every waiver ends in time., reads: [feed-status, waiver]}
#     never-law: {says: No waiver reaches a blocker whose basis is law., reads: [feed-status, waiver]}
#   may_stand_beside: {feed-status.feed: another feed says nothing of waivers}
#   frameworks: {nist-ai-rmf: ["MANAGE 1.3"], iso-42001: ["A.6.1.3"]}
#   remediation: Withdraw the waiver or grant it again with owner, other approver and expiry.
package controls.access.APP_07

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

waivers := input.evidence.waiver

indexes := input.evidence["evidence-index"]

waiver_ids := sort([waiver.id | some waiver in waivers])

# No waiver lasts longer than the feed must answer for, nor did one under the usual ninety days, before less was allowed.
window := max([90, data.parameters.waiver_max_days])

whole if {
	days := window
	feeds.all_seen_for(waivers, input.evidence["feed-status"], "waiver", days)
}

satisfied contains "list-whole" if {
	whole
	count(indexes) > 0
	every index in indexes {
		count(index.predicate.records) > 0
		every entry in index.predicate.records {
			records.named(entry.type)
			records.named(entry.record_id)
		}
		listed(index) == waiver_ids
	}
}

satisfied contains "waivers-complete" if {
	whole
	count([waiver | some waiver in waivers; not complete(waiver)]) == 0
}

satisfied contains "granted-by-another" if {
	whole
	count([waiver | some waiver in waivers; not by_another(waiver)]) == 0
}

satisfied contains "time-boxed" if {
	whole
	data.parameters.waiver_max_days > 0
	count([waiver | some waiver in waivers; not in_time(waiver)]) == 0
}

satisfied contains "never-law" if {
	whole
	count([waiver | some waiver in waivers; not reaches_no_law(waiver)]) == 0
}

listed(index) := sort([entry.record_id | some entry in index.predicate.records; entry.type == "waiver"])

complete(waiver) if {
	records.named(waiver.predicate.control_id)
	records.filled(waiver.predicate.risk)
	records.named(waiver.predicate.risk_owner.id)
	records.named(waiver.predicate.approver.id)
}

# Granted under the signature of its approver, who is not the one who asked.
by_another(waiver) if {
	records.another(waiver.predicate.approver, waiver.predicate.requested_by)
	waiver.predicate.approver.id == waiver.signature.signer
}

in_time(waiver) if {
	calendar.at_most_days_between(waiver.predicate.granted_at, waiver.predicate.expires_on, data.parameters.waiver_max_days)
}

reaches_no_law(waiver) if {
	records.named(waiver.predicate.control_id)
	not waiver.predicate.control_id in input.policies.law_blockers
	[waiver.predicate.control_severity, waiver.predicate.control_basis] != ["blocker", "law"]
}

findings contains feeds.gap_for(objective, waivers, input.evidence["feed-status"], "waiver", days) if {
	not whole
	days := window
	some objective in ["list-whole", "waivers-complete", "granted-by-another", "time-boxed", "never-law"]
}

findings contains say.also(other, {"observed": waiver_ids, "expected": listed(index)}) if {
	some index in indexes
	listed(index) != waiver_ids
	other := say.gap("list-whole", index, "records", "the evidence index names other waivers than are here")
}

findings contains say.breach("waivers-complete", waiver, "risk", "the waiver does not name control, risk, owner and approver") if {
	some waiver in waivers
	not complete(waiver)
}

findings contains own if {
	some waiver in waivers
	not by_another(waiver)
	own := say.also(
		say.breach("granted-by-another", waiver, "approver", "the waiver of {control} was granted by who asked for it, or not under the approver's signature"),
		{"observed": waiver.predicate.approver.id, "values": {"control": waiver.predicate.control_id}},
	)
}

findings contains long if {
	some waiver in waivers
	not in_time(waiver)
	long := say.also(
		say.breach("time-boxed", waiver, "expires_on", "the waiver of {control} does not end within {expected} days of being granted"),
		{
			"observed": waiver.predicate.expires_on,
			"expected": data.parameters.waiver_max_days,
			"values": {"control": waiver.predicate.control_id},
		},
	)
}

findings contains say.also(reaches, {"observed": waiver.predicate.control_id}) if {
	some waiver in waivers
	not reaches_no_law(waiver)
	reaches := say.breach("never-law", waiver, "control_id", "the waiver reaches {observed}, a blocker whose basis is law")
}
