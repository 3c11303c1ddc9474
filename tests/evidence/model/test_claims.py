"""Times that a record claims, held against when the ledger took it in."""

from datetime import timedelta
from typing import Any

import pytest

from engine.bundle.statements import Fact, StatementType, claimed_in_facts
from evidence.model.base import CLOCKS_DIFFER, format_instant, parse_instant
from evidence.model.claims import ahead_of, claimed_times
from evidence.model.predicates import PREDICATES

FILED = parse_instant("2026-11-20T08:00:00Z")
LATER = "2026-11-20T08:00:11Z"


def early(type_: str, content: dict[str, Any], **times: Any) -> str:
    """Where a record of a type is ahead of its filing; empty where it is not."""
    both = {"issued_at": FILED, "collected_at": FILED, **times}
    found = ahead_of(type_, content, **both, filed_at=FILED)
    return found.path if found else ""


@pytest.mark.parametrize(
    ("type_", "content", "path"),
    [
        ("approval", {"decided_at": LATER}, "decided_at"),
        ("incident-record", {"detected_at": "2026-11-01T00:00:00Z", "reported_at": LATER}, "reported_at"),
        ("incident-record", {"notified": {"insurer": "2026-11-01T00:00:00Z", "dpa": LATER}}, "notified.dpa"),
        ("lineage-graph", {"nodes": [{"id": "a"}, {"id": "b", "finished_at": LATER}]}, "nodes.1.finished_at"),
        ("lineage-graph", {"nodes": [{"id": "a", "collected_on": "2026-11-21"}]}, "nodes.0.collected_on"),
        ("feed-status", {"window": {"start": "2026-11-01T00:00:00Z", "end": LATER}}, "window.end"),
        ("validation-run", {"population_as_of": "2026-11-21"}, "population_as_of"),
    ],
)
def test_what_has_been_lies_before_the_filing(type_: str, content: dict[str, Any], path: str) -> None:
    assert early(type_, content) == path


def test_what_is_planned_may_lie_ahead() -> None:
    assert early("purge-certificate", {"due_at": "2030-01-01T00:00:00Z"}) == ""
    assert early("waiver", {"granted_at": "2026-11-20T08:00:00Z", "expires_on": "2027-01-01T00:00:00Z"}) == ""
    assert early("incident-record", {"estimated_resolution_at": "2030-01-01T00:00:00Z"}) == ""


def test_the_day_of_the_filing_has_been() -> None:
    assert early("validation-run", {"population_as_of": "2026-11-20"}) == ""


def test_clocks_may_differ_by_seconds_and_no_more() -> None:
    just = format_instant(FILED + timedelta(seconds=CLOCKS_DIFFER))
    assert early("approval", {"decided_at": just}) == ""
    assert early("approval", {}, issued_at=FILED + timedelta(seconds=CLOCKS_DIFFER + 1)) == "issued_at"
    assert early("approval", {}, collected_at=FILED + timedelta(seconds=CLOCKS_DIFFER + 1)) == "collected_at"


def test_every_time_that_a_schema_calls_past_is_looked_at() -> None:
    """The published schemas say `x-happened`; the walk finds just those."""
    for name, model in PREDICATES.items():
        schema = model.model_json_schema(by_alias=True)
        marked = set(_marked(schema, schema, ()))
        for path in marked:
            value: Any = "2026-11-21" if path[-1].endswith("_on") or path[-1].endswith("_as_of") else LATER
            for step in reversed(path):
                value = [value] if step == "[]" else {step: value}
            assert [found for found, _ in claimed_times(model, value)], (name, path)


def _marked(schema: Any, whole: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    found = [path] if schema.get("x-happened") else []
    for option in schema.get("anyOf", ()):
        found += _marked(option, whole, path)
    for name, part in schema.get("properties", {}).items():
        found += _marked(part, whole, (*path, name))
    if isinstance(schema.get("items"), dict):
        found += _marked(schema["items"], whole, (*path, "[]"))
    if isinstance(schema.get("additionalProperties"), dict):
        found += _marked(schema["additionalProperties"], whole, (*path, "any"))
    return found


def test_facts_of_a_statement_claim_times_too() -> None:
    kind = StatementType(
        name="audit",
        title="An audit was done",
        signed_by=("auditor",),
        scope="system",
        valid_for="P1Y",
        facts={
            "done_at": Fact(type="happened", says="When"),
            "due_at": Fact(type="instant", says="When the next one is due"),
            "actions": Fact(type="list<action>", says="What followed"),
        },
    )
    facts = {"done_at": LATER, "due_at": "2030-01-01T00:00:00Z", "actions": [{"done_at": LATER, "due_at": LATER}]}
    assert [path for path, _ in claimed_in_facts(kind, facts)] == ["facts.done_at", "facts.actions.0.done_at"]
