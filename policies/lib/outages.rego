# METADATA
# title: Outages
# description: >-
#   Which incidents were no outage: those that say so, in which no fallback stood in, and whose category does not hold the
#   word. Every other incident is one.
package lib.outages

import data.lib.records
import data.lib.text

among(incidents) := [incident | some incident in incidents; not no_outage(incident)]

no_outage(incident) if {
	incident.predicate.outage == false
	not incident.predicate.fallback_engaged_at
	records.named(incident.predicate.category)
	not contains(text.lower(incident.predicate.category), "outage")
}
