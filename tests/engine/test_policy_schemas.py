"""Schemas of a bundle that say more than a record is held to, so that lint would take for sure what may be absent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.bundle.load import load_bundle
from engine.bundle.published import beyond_published
from engine.errors import PolicyErrors
from evidence.model.schemas import published_schemas, schema_text
from tests.worlds.linting import lint_files
from tests.worlds.policies import POLICIES
from tests.worlds.small_bundle import small_bundle, write

SCHEMA = "schemas/approval.json"
Change = Callable[[dict[str, Any]], None]


def changed(change: Change) -> dict[str, bytes]:
    schema = published_schemas()["approval"]
    change(schema)
    return small_bundle(**{SCHEMA: json.dumps(schema)})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda schema: schema["required"].append("reason"),
            "`approval.reason` is required, and a record may be without it",
        ),
        (
            lambda schema: schema["$defs"]["PersonRef"]["required"].append("role"),
            "`approval.approver.role` is required, and a record may be without it",
        ),
        (
            lambda schema: schema["properties"].update(budget={"type": "integer"}),
            "no record has the field `approval.budget`: it can be in none that is filed",
        ),
        (
            lambda schema: schema["properties"].update(reason={"type": "integer"}),
            "`approval.reason` is a whole number, and text in every record",
        ),
        (
            lambda schema: schema["properties"]["decision"].update(enum=["approved"]),
            "`approval.decision` has other values in records than the schema lists",
        ),
        (
            lambda schema: schema["properties"]["role"].update(format="date"),
            "`approval.role` is of the format `date`, and no record is held to that",
        ),
    ],
)
def test_more_than_a_record_is_held_to(change: Change, problem: str, tmp_path: Path) -> None:
    files = changed(change)
    (error,) = [error for error in lint_files(files) if error.path == SCHEMA]
    assert (error.problem, error.line, error.warning) == (problem, 1, False)
    assert "schemas/custom/<name>.json" in (error.hint or "")
    with pytest.raises(PolicyErrors, match=SCHEMA.replace(".", "[.]")):
        load_bundle(write(files, tmp_path / "policies"))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"type": "object"', '"type": "objct"', "/type` is none of object"),
        ('"required": [', '"required": ["foo",', "/required` names `foo`"),
        ('"required": [', '"requird": [', "/requird` is no word of JSON Schema, did you mean `required`"),
        ('"type": "string"', '"type": ["string", 5]', "/type` is none of"),
        ('"#/$defs/PersonRef"', '"#/$defs/Person"', "/$ref` stands for nothing under `$defs`"),
        ('"properties": {', '"properties": [], "x-other": {', "/properties` holds no schemas"),
        ('"decision": {', '"decision": {"format": "date", ', "is of the format `date`"),
    ],
)  # fmt: skip
def test_one_that_is_none_is_told_at_its_line(old: str, new: str, problem: str) -> None:
    """No inference rests on what it holds nothing to."""
    before, _, after = schema_text(published_schemas()["approval"]).partition(old)
    assert after
    found = [error for error in lint_files(small_bundle(**{SCHEMA: before + new + after})) if error.path == SCHEMA]
    told = [error for error in found if problem in error.problem]
    assert [(error.line, error.warning) for error in told] == [(before.count("\n") + 1, False)]
    assert "schemas/custom/<name>.json" in (told[0].hint or "")


@pytest.mark.parametrize("word", ["$defs", "properties", "required", "enum", "items", "type", "$ref", "anyOf"])
@pytest.mark.parametrize("value", [5, [], [5], {}, {"a": 5}, None, "text"])
def test_whatever_stands_there_ends_in_a_message(word: str, value: Any) -> None:
    """The type is read by the bundle's control."""
    path = "schemas/fairness-audit.json"
    schema = published_schemas()["fairness-audit"] | {word: value}
    assert all(error.path == path for error in lint_files(small_bundle(**{path: json.dumps(schema)})))


def test_the_published_ones_are_schemas() -> None:
    for name, schema in published_schemas().items():
        wider = json.dumps({**schema, "description": "Others say it otherwise."}).encode()
        assert list(beyond_published({name: schema}, {f"schemas/{name}.json": wider})) == []


@pytest.mark.parametrize("events", [None, [], ["decision_id"], 5, "ab", [["a"]]])
def test_what_tells_events_apart_is_as_published(events: Any) -> None:
    """Another field would make two events of one that is told twice."""
    schema = {name: item for name, item in published_schemas()["decision-log"].items() if name != "x-event"}
    schema |= {} if events is None else {"x-event": events}
    path = "schemas/decision-log.json"
    other = json.dumps(published_schemas()["incident-record"])
    files = small_bundle(**{path: json.dumps(schema), "schemas/incident-record.json": other})
    (error,) = [error for error in lint_files(files) if error.path == path]
    assert "`x-event`" in error.problem
    assert not error.warning


@pytest.mark.parametrize("graver", [5, ["severity"], {"severity": "low"}, {}, {"severity": ["high", "low"]}])
def test_what_a_later_account_may_call_graver_is_as_published(graver: Any) -> None:
    """In another order a later account that plays an incident down would stand for the earlier."""
    path = "schemas/incident-record.json"
    schema = published_schemas()["incident-record"] | {"x-retold": graver}
    (error,) = [error for error in lint_files(small_bundle(**{path: json.dumps(schema)})) if error.path == path]
    assert "`x-retold`" in error.problem
    assert not error.warning


@pytest.mark.parametrize("kind", ["deployment-record", "approval"])
def test_of_another_type_each_account_stands_for_itself(kind: str) -> None:
    path = f"schemas/{kind}.json"
    files = small_bundle(**{path: json.dumps(published_schemas()[kind] | {"x-retold": {}})})
    assert "`x-retold`" in str([error.problem for error in lint_files(files) if error.path == path])


@pytest.mark.parametrize(
    "change",
    [
        lambda schema: schema["required"].remove("role"),
        lambda schema: schema["properties"].pop("reason"),
        lambda schema: schema.update(description="Who said yes."),
    ],
)
def test_less_is_fine(change: Change) -> None:
    assert [error for error in lint_files(changed(change)) if error.path == SCHEMA] == []


def test_a_type_of_which_no_record_can_be_filed() -> None:
    files = small_bundle(**{"schemas/aproval.json": json.dumps(published_schemas()["approval"])})
    (error,) = [error for error in lint_files(files) if error.path == "schemas/aproval.json"]
    assert (error.problem, error.warning) == ("no record of the type `aproval` can be filed", False)
    assert "approval" in (error.hint or "")


def test_the_shipped_schemas_say_nothing_more() -> None:
    files = {path: (POLICIES / path).read_bytes() for path in (f"schemas/{name}.json" for name in published_schemas())}
    assert [error for error in lint_files(files) if error.path.startswith("schemas/")] == []
