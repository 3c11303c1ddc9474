"""Parts that may be absent: lint names those on which the engines differ, and the engines agree where it is silent."""

import json
from pathlib import Path

import pytest

from engine.backends.base import Answer, Program, RegoEngine
from engine.backends.choose import open_engine
from evidence.model.canonical import digest_json
from tests.worlds.linting import lint_files
from tests.worlds.small_bundle import CONTROL, METADATA, RULES, line_of, small_bundle

# In the schemas `approval.reason`, `.quorum` and `approver.role` are optional, the other fields are required.
HELPERS = """
approvals := input.evidence.approval

said(word) if word == "granted"

reasoned(approval) if approval.predicate.reason == "granted"

reason(approval) := approval.predicate.reason

given(approval) := approval.predicate.role

shortened(approval) := short if {
	long := approval.predicate.role
	short := substring(long, 0, 3)
}

either(approval) := approval.predicate.reason

default either(_) := "none"

word_or(approval) := approval.predicate.reason if {
	approval.predicate.reason
} else := "none"

perhaps := "x" if input.system.tier == "high-annex-iii"

default for_sure := "x"

for_sure := "y" if input.system.tier == "high-annex-iii"

words := {"granted", "verified"}

by_role[role] := 1 if some role in ["board"]

same(one, other) if one == other

extra if {
	some a in approvals
	same(a.id, a.id)
	input.subject.kind; said(a.id); reasoned(a); reason(a); given(a); shortened(a); either(a); word_or(a); perhaps
	for_sure; count(words) > 0; by_role.board
}
"""
SILENT = [
    "not said(a.predicate.role)",
    "not reasoned(a)",
    "not a.predicate.reason",
    'not a.predicate.reason == "granted"',
    'not "granted" == a.predicate.reason',
    "not a.predicate.role in words",
    "not a.signature.state in words",
    "not input.gate in words",
    "not input.subject.digest in words",
    "not data.parameters.report_days > 20",
    'not data.parameters.approvals["high"]',
    "word := a.predicate.role; not word in words",
    "some condition in a.predicate.conditions; not said(condition.text)",
    "every condition in a.predicate.conditions { not said(condition.text) }",
    "not count(a.predicate.conditions) > 3",
    'not count([1 | a.predicate.reason == "granted"]) > 0',
    'not said(object.get(a.predicate, "reason", "none"))',
    "not reason(a)",
    "not given(a) in words",
    "not shortened(a) in words",
    "not either(a) in words",
    "not word_or(a) in words",
    "not for_sure in words",
    "not words[a.predicate.role]",
    "not by_role[a.predicate.role]",
    'a.predicate.reason != ""; not a.predicate.reason in words',
    "some word in words; not word in data.parameters.methods",
    "some name, roles in data.parameters.approvals; count(roles) > 0; not data.parameters.approvals[name] == []",
    "some name, _ in data.parameters.approvals; not count(data.parameters.approvals[name]) > 9",
    'not {"role": a.predicate.role} == {"role": "x"}',
    "not a.predicate.reason == a.owner.id",
    'not object.union(a, {"owner": {"x": "1"}}).owner.x in words',
]
TOLD = [
    ("not said(a.predicate.reason)", "a.predicate.reason"),
    ('not said(a["predicate"].reason)', "a.predicate.reason"),
    ("not a.predicate.reason in words", "a.predicate.reason"),
    ("not a.predicate.quorum > 1", "a.predicate.quorum"),
    ('not a.predicate.reason != "granted"', "a.predicate.reason"),
    ('not startswith(a.predicate.reason, "x")', "a.predicate.reason"),
    ('not trim_space(a.predicate.reason) == "granted"', "a.predicate.reason"),
    ("not a.predicate.quorum + 1 == 2", "a.predicate.quorum"),
    ("not a.predicate.approver.role in words", "a.predicate.approver.role"),
    ("not said(a.owner.id)", "a.owner.id"),
    ("not a.model_version in words", "a.model_version"),
    ("not words[a.predicate.reason]", "a.predicate.reason"),
    ('not {"reason": a.predicate.reason} == {"reason": "x"}', "a.predicate.reason"),
    ("not a.predicate.conditions[3].text in words", "a.predicate.conditions[3].text"),
    ('not count(data.parameters.approvals["low"]) > 0', "data.parameters.approvals.low"),
    ("not count(data.parameters.approvals[a.predicate.role]) > 0", "data.parameters.approvals[…]"),
    ("not by_role[a.predicate.role] > 1", "by_role[…]"),
    ("not reason(a) in words", "reason(…)"),
    ('not reason(a) == "granted"', "reason(…)"),
    ("not perhaps in words", "perhaps"),
    ("every word in words { not a.predicate.reason != word }", "a.predicate.reason"),
    ("count([1 | not a.predicate.reason in words]) > 0", "a.predicate.reason"),
    ('not object.union({"owner": {"x": "1"}}, a).owner.id in words', "object.union(…).owner.id"),
    ('not object.remove(a, ["id"]).id in words', "object.remove(…).id"),
    ('not object.get(a, "owner", {"x": "1"}).id in words', "object.get(…).id"),
    ("not same(a.predicate.reason, a.id)", "a.predicate.reason"),
]
PLACES = {
    "list": "count([1 | {}]) > 0",
    "set": "count({{1 | {}}}) > 0",
    "object": 'count({{"k": 1 | {}}}) > 0',
    "every": 'every w in words {{ w != ""; {} }}',
    "every in a list": 'count([1 | every w in words {{ w != ""; {} }}]) > 0',
    "list in every": "every w in words {{ count([w | {}]) > 0 }}",
    "list in a list": "count([1 | count([1 | {}]) > 0]) > 0",
    "list under not": "not count([1 | {}]) == 0",
    "list gone through": "some q in [1 | {}]; q == 1",
    "list of every": "every q in [1 | {}] {{ q == 2 }}",
    "argument": "sum([1 | {}]) == 1",
    "part of a list": "[count([1 | {}])] == [1]",
    "bound": "found := count([1 | {}]); found == 1",
    "of the body's own": "count([b | some b in approvals; b.id == a.id; {}]) > 0",
}
"""Where a statement may stand inside of another."""
ABSENT = [
    "not said(a.predicate.reason)",
    "not said(a.owner.id)",
    "not a.predicate.reason in words",
    "not a.owner.id in words",
    'not "x" in a.predicate.reason',
    "not words[a.predicate.reason]",
    'not a.predicate.reason != "granted"',
    "not a.predicate.quorum > 1",
    "not reason(a) in words",
]
PRESENT = ["not said(a.predicate.role)", "not a.id in words", "not reasoned(a)", 'not a.predicate.reason == "granted"']
INSIDE = {place.format(body): body for place in PLACES.values() for body in ABSENT}
BESIDE = [place.format(body) for place in PLACES.values() for body in PRESENT]
ALL = list(dict.fromkeys([*SILENT, *(body for body, _ in TOLD), *INSIDE, *BESIDE]))
APPROVAL = {
    "gate": "staging",
    "artifact_digest": f"sha256:{64 * 'c'}",
    "approver": {"id": "ana", "name": "Ana"},
    "role": "owner",
    "decision": "approved",
    "conditions": [{"text": "none", "met": True}],
    "decided_at": "2026-11-20T00:00:00Z",
}
INPUT = {
    "now": "2026-11-21T00:00:00Z",
    "gate": "validation",
    "subject": {"kind": "model", "name": "m", "digest": f"sha256:{64 * 'c'}", "system_id": "s"},
    "system": {"id": "s", "tier": "minimal", "roles": []},
    "evidence": {
        "approval": [{"id": "sha256:a", "class": "attested", "signature": {"state": "verified"}, "predicate": APPROVAL}]
    },
}
DATA = {"parameters": {"report_days": 15, "approvals": {"high": ["owner"]}, "methods": ["erase"]}}


@pytest.fixture(scope="module")
def linted() -> dict[str, list[str]]:
    """The mistakes of a control with all statements of this file, by statement, each in a rule on a line of its own."""
    bodies = ALL
    metadata = METADATA.replace("{fairness-audit: measured}", "{fairness-audit: measured, approval: any}")
    metadata = metadata.replace("protected_attributes]", "protected_attributes, report_days, approvals, methods]")
    rules = RULES.replace("count(audits) > 0", "count(audits) > 0\n\tcount(input.evidence.approval) > 0", 1)
    text = f"{rules}{HELPERS}"
    first = (metadata + text).count("\n") + 1
    text += "".join(f"probe{i} if {{ some a in approvals; a.id; {body} }}\n" for i, body in enumerate(bodies))
    found: dict[str, list[str]] = {body: [] for body in bodies}
    for error in lint_files(small_bundle(metadata=metadata, rules=text)):
        if not error.warning:
            assert error.path == CONTROL
            found[bodies[error.line - first]].append(error.problem)
    return found


@pytest.mark.parametrize("body", [*SILENT, *BESIDE])
def test_nothing_is_said_of_what_is_surely_there(body: str, linted: dict[str, list[str]]) -> None:
    assert linted[body] == []


@pytest.mark.parametrize(("body", "part"), TOLD)
def test_a_part_under_not_that_may_be_absent(body: str, part: str, linted: dict[str, list[str]]) -> None:
    said = f"`{part}`, a part of what stands under `not`, may be absent, and then the engines differ"
    assert linted[body] == [said]


@pytest.mark.parametrize("body", INSIDE)
def test_it_is_told_wherever_it_stands(body: str, linted: dict[str, list[str]]) -> None:
    assert any(", a part of what stands under `not`, may be absent" in problem for problem in linted[body])


def test_the_hint_says_how_to_mend_it() -> None:
    metadata = METADATA.replace("{fairness-audit: measured}", "{fairness-audit: measured, approval: any}")
    rules = RULES.replace("count(audits) > 0", "count(audits) > 0\n\tcount(input.evidence.approval) > 0", 1)
    rules += '\nextra if {\n\tsome a in input.evidence.approval\n\tnot a.predicate.reason in {"x"}\n}\n'
    (error,) = [error for error in lint_files(small_bundle(metadata=metadata, rules=rules)) if not error.warning]
    assert error.line == line_of(metadata + rules, "\tnot a.")
    assert error.hint == "pass the whole record to a helper that says what holds: `not named(record)`"


def function(text: str) -> list[str]:
    """What lint says of a helper of the control that is called with an approval."""
    metadata = METADATA.replace("{fairness-audit: measured}", "{fairness-audit: measured, approval: any}")
    rules = RULES.replace("count(audits) > 0", "count(audits) > 0\n\tcount(input.evidence.approval) > 0", 1)
    rules += f"\n{text}\n\nextra if {{ some a in input.evidence.approval; f(a) }}\n"
    return [error.problem for error in lint_files(small_bundle(metadata=metadata, rules=rules)) if not error.warning]


class TestElse:
    def test_a_value_that_may_be_absent_before_it(self) -> None:
        said = "`x.predicate.reason` in the value before an `else` may be absent, and then the engines differ"
        assert function('f(x) := x.predicate.reason if {\n\tx.id != ""\n} else := "none"') == [said]
        assert function('f(x) := [x.predicate.reason] if {\n\tx.id != ""\n} else := ["none"]') == [said]
        late = 'f(x) := "a" if {\n\tx.id == ""\n} else := x.predicate.reason if {\n\tx.id != ""\n} else := "none"'
        assert function(late) == [said]

    @pytest.mark.parametrize(
        "text",
        [
            'f(x) := reason if {\n\treason := x.predicate.reason\n} else := "none"',
            'f(x) := x.predicate.reason if {\n\tx.predicate.reason != ""\n} else := "none"',
            'f(x) := x.predicate.role if {\n\tx.id != ""\n} else := "none"',
            'f(x) := "none" if {\n\tx.id != ""\n} else := x.predicate.reason',
            'f(x) := x.predicate.reason\n\nf(x) := "none" if not x.predicate.reason',
        ],
    )
    def test_that_is_bound_or_surely_there_or_last(self, text: str) -> None:
        assert function(text) == []


def test_a_minus_before_a_name() -> None:
    said = "a minus before what is no number literal, which regorus has not"
    assert function("f(x) := -count(x.subject)") == [said]
    assert function("f(x) := 0 - count(x.subject)") == []
    assert function("f(x) := -1 if count(x.subject) > 0") == []


def probes(bodies: list[str]) -> Program:
    rules = "".join(f"\nprobe{i} if {{ some a in approvals; a.id; {body} }}\n" for i, body in enumerate(bodies))
    text = f"package probes\n{HELPERS}{rules}"
    names = tuple(f"probes/probe{i}" for i in range(len(bodies)))
    return Program(modules={"probes.rego": text}, rules=names, groups={}, digest=digest_json(text))


def answers(engine: RegoEngine, program: Program) -> list[Answer]:
    try:
        return list(engine.evaluate(program.rules, json.dumps(INPUT).encode(), json.dumps(DATA).encode()).values())
    finally:
        engine.close()


@pytest.fixture(scope="module")
def asked(wasm_cache: Path) -> dict[str, tuple[Answer, ...]]:
    """What OPA, its Wasm and regorus say of every statement of this file, by statement."""
    program = probes(ALL)
    names = ("opa", "wasm", "regorus")
    given = [answers(open_engine(name, program, cache_dir=wasm_cache), program) for name in names]
    return dict(zip(ALL, zip(*given, strict=True), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("body", [*SILENT, *BESIDE])
def test_engines_agree_where_lint_is_silent(body: str, asked: dict[str, tuple[Answer, ...]]) -> None:
    opa, *others = ((answer.state, answer.value, answer.error) for answer in asked[body])
    assert others == [opa, opa]


@pytest.mark.slow
def test_engines_do_differ_where_it_is_not(asked: dict[str, tuple[Answer, ...]]) -> None:
    for body in (*INSIDE, *(body for body, _ in TOLD)):
        opa, wasm, regorus = (answer.value for answer in asked[body])
        assert opa == wasm != regorus, body
