# METADATA
# title: How the organisation's systems stand
# description: >-
#   What the organisation is asked of all its systems together: that the last word of a gate on each of them holds, and says
#   of a control that nothing is in its way. A word holds that is no older than a review of the portfolio may be, was said
#   under the policies and thresholds in force, and rests on no record that was taken back. What nobody decided is a gap.
#   What gate retirement let go by policies that are not those of the installation is none where these are in force.
#   `asked` names gate and control, and the days that a word holds.
package lib.standings

import data.lib.findings as say
import data.lib.time as calendar

hold(standings, asked) if {
	count(standings) > 0
	every standing in standings {
		count([version | some version in standing.predicate.versions; not gone(version)]) > 0
		count([version | some version in standing.predicate.versions; not holds(version, asked)]) == 0
	}
}

said(version, gate) if version.decisions[gate].decision

holds(version, _) if gone(version)

holds(version, asked) if {
	current(version, asked)
	harmless(version.decisions[asked.gate], asked.control)
}

# Gate retirement let it go, by policies of the house's own making that are in force.
gone(version) if {
	version.let_go.bundle_digest == input.policies.bundle_digest
	version.let_go.overlay_digest == input.policies.overlay_digest
}

current(version, asked) if {
	word := version.decisions[asked.gate]
	in_force(word, asked.days)
	count(word.gone) == 0
}

# A gate's word that is no older than so many days, and was said under the policies and thresholds in force.
in_force(word, days) if {
	calendar.within_days(word.decided_at, days, input.now)
	word.bundle_digest == input.policies.bundle_digest
	word.overlay_digest == input.policies.overlay_digest
}

harmless(word, control) if word.statuses[control] in {"pass", "not-applicable"}

harmless(word, control) if {
	word.statuses[control] == "waived"
	input.now < word.waived_until[control]
}

# Finding: no version stands, and of none nothing is known.
empty(objective) := say.none(objective, "versions", "no version of any system stands in the portfolio")

# Finding: what speaks against a version. There is none where its last word holds.
finding(objective, standing, version, asked) := told if {
	not gone(version)
	not said(version, asked.gate)
	told := say.also(undecided(objective, standing), {"values": named(version, asked)})
}

finding(objective, standing, version, asked) := told if {
	not gone(version)
	said(version, asked.gate)
	not current(version, asked)
	told := say.also(lapsed(objective, standing), {"values": named(version, asked)})
}

finding(objective, standing, version, asked) := told if {
	not gone(version)
	current(version, asked)
	not asks(version, asked)
	told := say.also(unasked(objective, standing), {"values": named(version, asked)})
}

finding(objective, standing, version, asked) := told if {
	not gone(version)
	current(version, asked)
	status := version.decisions[asked.gate].statuses[asked.control]
	status == "fail"
	told := say.also(failed(objective, standing), {"values": named(version, asked)})
}

finding(objective, standing, version, asked) := told if {
	not gone(version)
	current(version, asked)
	status := version.decisions[asked.gate].statuses[asked.control]
	status != "fail"
	not harmless(version.decisions[asked.gate], asked.control)
	told := say.also(unmet(objective, standing), {"observed": status, "values": named(version, asked)})
}

asks(version, asked) if version.decisions[asked.gate].statuses[asked.control]

named(version, asked) := {
	"system": version.system_id,
	"version": version.version,
	"gate": asked.gate,
	"control": asked.control,
}

undecided(objective, standing) := say.gap(
	objective, standing, "versions",
	"gate {gate}, which judges {control}, has not decided on {system}@{version}",
)

lapsed(objective, standing) := say.gap(
	objective, standing, "versions",
	"gate {gate} answers no more for {control} on {system}@{version}: too long ago, by other policies, or on what was taken back",
)

unasked(objective, standing) := say.gap(objective, standing, "versions", "gate {gate} did not ask {control} of {system}@{version}")

failed(objective, standing) := say.breach(objective, standing, "versions", "gate {gate} found {control} in breach on {system}@{version}")

unmet(objective, standing) := say.gap(
	objective, standing, "versions",
	"gate {gate} said {observed} of {control} on {system}@{version}, and nothing better stands",
)
