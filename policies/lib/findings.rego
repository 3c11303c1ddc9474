# METADATA
# title: Findings
# description: >-
#   Why an objective is not satisfied, in one line a finding. A message is a constant text; what differs from case to case
#   stands in places such as {group}, which `values` fill, or {observed} and {expected}. Nothing is put together here, so
#   that every message can be listed and translated.
package lib.findings

# The record speaks against the objective. `path` names the field of its content.
breach(objective, record, path, message) := {
	"objective": objective,
	"message": message,
	"evidence": record.id,
	"path": path,
}

# The record leaves open what the objective asks.
gap(objective, record, path, message) := {
	"objective": objective,
	"message": message,
	"evidence": record.id,
	"path": path,
	"gap": true,
}

# No record is there that could tell.
none(objective, path, message) := {
	"objective": objective,
	"message": message,
	"path": path,
	"gap": true,
}

# The finding with what was `observed`, what was `expected`, and `values` for the places of its message.
also(finding, more) := object.union(finding, more)
