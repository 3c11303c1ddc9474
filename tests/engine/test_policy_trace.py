"""Why an objective does not hold: the expression at which each clause ended, with its line and values, by real OPA."""

import json
from typing import Any

import pytest

from engine.backends.base import Program
from engine.backends.compile import need_opa
from engine.backends.opa_explain import explain
from engine.proofs.trace import Clause, Step, clauses_of
from evidence.model.errors import QuaestorError

CONTROL = """package controls.x.A

import data.lib.h

cards := input.evidence["model-card"]

satisfied contains "reviewed" if {
	count(cards) > 0
	some card in cards
	h.ok(card)
	card.n > 9
}

satisfied contains "each" if {
	every card in cards {
		card.n > data.parameters.least
		not bad(card)
	}
}

satisfied contains "no bad one" if {
	count(cards) > 1
	not any_bad
}

satisfied contains "helped" if helper

satisfied contains "helped" if {
	count([card | some card in cards; card.n > 100]) > 0
}

satisfied contains "there" if cards[_].n == 5

satisfied contains "loops" if {
	some place, card in input.evidence["model-card"]
	place > 4
	card.n > 0
}

satisfied contains "asked" if not input.gate == "canary"

any_bad if {
	some card in cards
	bad(card)
}

bad(card) if card.k == "z"

helper if {
	some card in cards
	card.missing.field == 3
}
"""
LIBRARY = """package lib.h

ok(card) if {
	card.reviewed == true
	card.n + 1 > 3
}
"""
PROGRAM = Program({"controls/x/A.rego": CONTROL, "lib/h.rego": LIBRARY}, ("controls/x/A/satisfied",), {}, "sha256:0")
CARDS = [{"n": 1, "reviewed": True}, {"n": 5, "k": "z"}]


def clauses(key: str, cards: Any = CARDS) -> tuple[Clause, ...]:
    given = {"gate": "canary", "evidence": {"model-card": cards}}
    data = {"parameters": {"least": 3}}
    query = f'data.controls.x.A.satisfied["{key}"]'
    asked = json.dumps(given).encode(), json.dumps(data).encode()
    events = explain(need_opa("a test"), PROGRAM, *asked, query)
    return clauses_of(events, "satisfied", key, {"input": given, "data": data})


def ends(clause: Clause) -> list[Step]:
    """The innermost steps."""
    found = []
    for step in clause.steps:
        inner = [end for each in step.inside for end in ends(each)]
        found += inner or [step]
    return found


def line(text: str, module: str = CONTROL) -> int:
    return module.splitlines().index(text) + 1


def told(step: Step) -> tuple[str, int, str, str]:
    return step.path, step.line, step.expression, step.verdict


def test_is_followed_into_the_function_that_gave_no_value_once_an_element() -> None:
    (clause,) = clauses("reviewed")
    assert (clause.path, clause.line) == ("controls/x/A.rego", line('satisfied contains "reviewed" if {'))
    assert [told(step) for step in clause.steps] == 2 * [
        ("controls/x/A.rego", line("	h.ok(card)"), "h.ok(card)", "undefined")
    ]
    first, second = ends(clause)
    assert told(first) == ("lib/h.rego", 5, "card.n + 1 > 3", "false")
    assert [(item.name, item.value) for item in first.values] == [("card.n + 1", 2), ("card.n", 1)]
    assert told(second) == ("lib/h.rego", 4, "card.reviewed == true", "undefined")


def test_tells_the_attempt_that_came_furthest() -> None:
    (clause,) = clauses("reviewed", [{"n": 1}, {"n": 5, "reviewed": True}, {"n": -1, "reviewed": False}])
    assert [told(step)[1:] for step in clause.steps] == [(line("	card.n > 9"), "card.n > 9", "false")]
    (clause,) = clauses("reviewed", [])
    assert [told(step) for step in ends(clause)] == [("controls/x/A.rego", 8, "count(cards) > 0", "false")]
    assert clause.steps[0].values[0].value == 0


def test_every_names_the_element_and_what_of_it_did_not_hold() -> None:
    (clause,) = clauses("each")
    assert (clause.steps[0].expression, clause.steps[0].verdict) == ("every card in cards", "not for each")
    (end,) = ends(clause)
    assert told(end) == ("controls/x/A.rego", 16, "card.n > data.parameters.least", "false")
    assert [(item.name, item.value) for item in end.values] == [("card.n", 1), ("data.parameters.least", 3)]


def test_under_not_it_is_what_holds() -> None:
    (clause,) = clauses("no bad one")
    (step,) = clause.steps
    assert told(step) == ("controls/x/A.rego", line("	not any_bad"), "not any_bad", "holds")
    assert [(inner.rule, inner.line, inner.held) for inner in step.inside] == [("any_bad", line("any_bad if {"), True)]


def test_tells_of_some_that_there_is_none_and_else_which() -> None:
    (clause,) = clauses("loops", [])
    text = 'some place, card in input.evidence["model-card"]'
    assert told(clause.steps[0])[2:] == (text, "none")
    (clause,) = clauses("loops")
    assert [(step.expression, step.values[0].value) for step in clause.steps] == [("place > 4", 0), ("place > 4", 1)]


def test_tells_what_stood_in_the_input() -> None:
    (clause,) = clauses("asked")
    (step,) = clause.steps
    assert (step.expression, step.verdict) == ('not input.gate == "canary"', "holds")
    assert [(item.name, item.value) for item in step.values] == [("input.gate", "canary")]


def test_each_clause_of_an_objective_is_told() -> None:
    first, second = clauses("helped")
    shown = "card.missing.field == 3"
    assert {told(end)[1:] for end in ends(first)} == {(line(f"	{shown}"), shown, "undefined")}
    assert told(second.steps[0])[3] == "false"
    assert 0 in [item.value for item in second.steps[0].values]


def test_of_a_clause_that_holds_nothing_is_told() -> None:
    (clause,) = clauses("there")
    assert (clause.held, clause.steps) == (True, ())


def test_what_opa_refuses_and_a_machine_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(QuaestorError, match="`opa eval` refuses the policies"):
        explain(need_opa("a test"), PROGRAM, b"{}", b"{}", "data.x[")
    monkeypatch.setattr("engine.backends.compile.find_opa", lambda: None)
    with pytest.raises(QuaestorError) as told_of:
        need_opa("a test asks it")
    assert str(told_of.value) == "a test asks it, and no `opa` is at hand"
    assert "make opa" in (told_of.value.hint or "")
    monkeypatch.undo()
    monkeypatch.setattr("engine.backends.opa_explain.MAX_BYTES", 100)
    with pytest.raises(QuaestorError, match="longer than"):
        clauses("each")
