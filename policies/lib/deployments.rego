# METADATA
# title: Deployments
# description: >-
#   Which deployments are of the candidate, by the digest of the deployed file, and whether all of them are here. That no
#   other file is deployed under its name is for INT-02 to find.
package lib.deployments

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text

of_candidate(deployments) := [deployment | some deployment in deployments; records.on_candidate(deployment)]

# No request reaches it.
idle(deployment) if deployment.predicate.traffic_share == 0

# All deployments of the thirty days for which their records count, each with the digest of its file.
all_seen(deployments, statuses) if {
	feeds.all_seen_for(deployments, statuses, "deployment-record", 30)
	count([deployment | some deployment in deployments; records.named(deployment.predicate.artifact_digest)]) == count(deployments)
}

# Deployments in production, of whatever version, that had begun when something was done: no word about a first use
# that is still to come takes them away. An environment has any name; each that is not one before use counts.
begun_by(deployments, instant) := [deployment |
	some deployment in deployments
	not begun_after(deployment, instant)
]

begun_after(deployment, _) if {
	place := split(text.lower(deployment.predicate.environment), "-")[0]
	place in {"development", "test", "staging"}
}

begun_after(deployment, instant) if instant < deployment.predicate.started_at

# Finding: the list of deployments may not be whole, or one of them does not tell its file.
gap(objective, deployments, statuses) := finding if {
	unnamed := [deployment | some deployment in deployments; not records.named(deployment.predicate.artifact_digest)]
	count(unnamed) > 0
	finding := say.gap(objective, unnamed[0], "artifact_digest", "the deployment names no file of the model")
} else := feeds.gap_for(objective, deployments, statuses, "deployment-record", 30)
