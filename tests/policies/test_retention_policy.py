"""The retention policy: one answer from every Rego engine, and the words that it shares with the evidence types."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from engine.backends.base import AnswerState, Program, RegoEngine
from engine.backends.compile import compile_wasm, find_opa
from engine.backends.regorus import RegorusEngine
from engine.backends.wasm import WasmEngine
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.predicates import PREDICATES
from evidence.model.yaml import parse_yaml

POLICIES = Path(__file__).parents[2] / "policies"
NOW = "2026-11-21T00:00:00Z"
PAPER = "sha256:" + "d" * 64
ANSWER = "asked/answer"
REGIMES = "asked/regimes"
OLD = {
    "id": "item-1",
    "record_class": "inference-data",
    "personal": False,
    "anchors": {"triggered": "2024-01-01T00:00:00Z"},
    "holds_reachable": True,
    "holds": [],
    "schedule": {"period": "P2Y", "split_rule": "none", "legal_basis": "policy"},
}
REQUESTED = OLD | {
    "record_class": "credit-application",
    "personal": True,
    "anchors": {
        "triggered": "2025-06-01T00:00:00Z",
        "acted": "2025-06-01T00:00:00Z",
        "erasure_requested": "2026-01-01T00:00:00Z",
    },
}


def program() -> Program:
    modules = {
        str(path.relative_to(POLICIES)): path.read_text(encoding="utf-8")
        for folder in ("retention", "lib")
        for path in sorted((POLICIES / folder).glob("*.rego"))
        if not path.name.endswith("_test.rego")
    }
    modules["asked.rego"] = (
        "package asked\n\nanswer := data.retention.schedule.answer(input.item)\n\n"
        "regimes := sort([name | some name in data.retention.table.regimes])\n"
    )
    return Program(modules=modules, rules=(ANSWER, REGIMES), groups={}, digest=digest_json(modules))


@pytest.fixture(scope="module")
def engines() -> Iterator[list[RegoEngine]]:
    asked = program()
    opened: list[RegoEngine] = [RegorusEngine(asked)]
    opa = find_opa()
    if opa is not None:
        opened.append(WasmEngine(asked, compile_wasm(asked, opa)))
    yield opened
    for engine in opened:
        engine.close()


def ask(engines: list[RegoEngine], rule: str, item: dict[str, Any]) -> Any:
    catalogue = parse_yaml((POLICIES / "parameters/parameters.yaml").read_bytes()).value
    parameters = {name: entry["default"] for name, entry in catalogue["parameters"].items()}
    document, data = canonical_bytes({"now": NOW, "item": item}), canonical_bytes({"parameters": parameters})
    answers = [engine.evaluate([rule], document, data)[rule] for engine in engines]
    for answer in answers:
        assert answer.state is AnswerState.VALUE, answer.detail
    assert len({json.dumps(answer.value, sort_keys=True) for answer in answers}) == 1
    return answers[0].value


def test_an_item_whose_time_has_come_is_due(engines: list[RegoEngine]) -> None:
    assert ask(engines, ANSWER, OLD)["due"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"record_class": "scratch"},
        {"record_class": "technical-documentatoin"},
        {"record_class": "event-log-scoring"},
        {"regimes": []},
        {"regimes": ["eu-ai-atc"]},
        {"holds": [{"matter_id": "M-7", "scope": [" "]}]},
        {"holds": [{"matter_id": "M-7", "scope": ["INFERENCE-data"]}]},
        {"record_class": "bias-correction-data", "anchors": {}, "schedule": {}},
        {"holds_reachable": False},
    ],
)
def test_what_is_not_told_frees_nothing(engines: list[RegoEngine], changes: dict[str, Any]) -> None:
    answer = ask(engines, ANSWER, OLD | changes)
    assert answer["due"] is False
    assert answer["unknown"] or answer["held"]


def test_a_request_against_a_minimum_is_a_conflict_until_it_is_decided(engines: list[RegoEngine]) -> None:
    answer = ask(engines, ANSWER, REQUESTED)
    assert (answer["conflict"], answer["due"], answer["purge_at"]) == (True, False, None)
    decided = REQUESTED | {"schedule": REQUESTED["schedule"] | {"conflict_decision": PAPER}}
    answer = ask(engines, ANSWER, decided)
    assert (answer["conflict"], answer["due"], answer["purge_at"]) == (False, False, "2027-07-01T00:00:00Z")
    assert any(PAPER in text for text in answer["reasons"])
    split = REQUESTED | {"schedule": REQUESTED["schedule"] | {"split_rule": "pseudonymised"}}
    assert ask(engines, ANSWER, split)["minimise"] is True


@pytest.mark.parametrize("record_class", sorted({model.RECORD_CLASS for model in PREDICATES.values()}))
def test_each_type_of_evidence_is_of_a_class_that_is_known(engines: list[RegoEngine], record_class: str) -> None:
    answer = ask(engines, ANSWER, OLD | {"record_class": record_class})
    assert not any("class" in text for text in answer["unknown"])


def test_a_schedule_names_the_regimes_of_the_table(engines: list[RegoEngine]) -> None:
    annotation = PREDICATES["retention-schedule"].model_fields["regimes"].annotation
    [listed] = [option for option in get_args(annotation) if option is not type(None)]
    assert sorted(get_args(get_args(listed)[0])) == ask(engines, REGIMES, OLD)


def test_a_blank_scope_is_refused() -> None:
    hold = {
        "matter_id": "M-7",
        "ground": "litigation",
        "scope": ["item-1"],
        "issued_by": {"id": "theo", "name": "Theo"},
        "held_from": NOW,
        "review_at": NOW,
        "service_reachable": True,
        "fail_closed_tested_at": NOW,
    }
    PREDICATES["legal-hold"].model_validate_json(canonical_bytes(hold))
    for scope in ([" "], ["item-1", ""], ["\t\n"]):
        with pytest.raises(ValidationError):
            PREDICATES["legal-hold"].model_validate_json(canonical_bytes(hold | {"scope": scope}))
