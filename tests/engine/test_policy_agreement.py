"""What lint refuses because the engines read it differently, or because OPA does not build it."""

import json
from pathlib import Path

import pytest

from engine.backends.base import AnswerState, Limits, Program
from engine.backends.choose import open_engine
from engine.rego.patterns import pattern_problem
from evidence.model.canonical import digest_json
from evidence.model.errors import QuaestorError
from tests.worlds.linting import lint_files
from tests.worlds.small_bundle import CONTROL, METADATA, RULES, line_of, schema_files, small_bundle

HELPERS = """
approvals := input.evidence.approval

words := {"granted", "verified"}

by_role[role] := 1 if some role in ["board"]

reached if {
	count(approvals) > 0
	count(words) > 0
	by_role.board
}
"""
BUILT = METADATA.replace("{fairness-audit: measured}", "{fairness-audit: measured, approval: any, training-run: any}")
READ = RULES.replace(
    "count(audits) > 0", 'count(audits) > 0\n\tcount(approvals) > 0\n\tcount(input.evidence["training-run"]) > 0', 1
)


def problems(text: str) -> list[tuple[str, int]]:
    """What lint says of rules beside those of the small bundle, with lines counted from the first of these rules."""
    rules = f"{READ}{HELPERS}\n{text}\n"
    files = small_bundle(metadata=BUILT, rules=rules, **{"schemas/training-run.json": schema_files()["training-run"]})
    first = line_of(BUILT + rules, text.split("\n", 1)[0])
    found = [error for error in lint_files(files) if not error.warning]
    assert all(error.path == CONTROL and error.hint for error in found)
    return [(error.problem, error.line - first) for error in found]


def statement(body: str) -> list[tuple[str, int]]:
    return problems(f"extra if {{\n\tsome a in approvals; a.id; {body}\n}}")


class TestAbsentOperandOfIn:
    @pytest.mark.parametrize(
        ("body", "part"),
        [
            ('"a", a.predicate.reason in data.parameters.approvals', "a.predicate.reason"),
            ("a.predicate.reason, a.id in data.parameters.approvals", "a.predicate.reason"),
            ("(a.predicate.reason in words) == false", "a.predicate.reason"),
            ("said := a.predicate.reason in words\n\tsaid == false", "a.predicate.reason"),
            ('count([1 | (a.predicate.reason in words) != true]) == 0', "a.predicate.reason"),
            ('("x" in data.parameters.approvals["low"]) == false', "data.parameters.approvals.low"),
            ('[(a.predicate.reason in words)] == [false]', "a.predicate.reason"),
        ],
    )  # fmt: skip
    def test_refused(self, body: str, part: str) -> None:
        said = [problem for problem, _ in statement(body) if "a part of `in`" in problem]
        assert said == [f"`{part}`, a part of `in`, may be absent, and then the engines differ"]

    @pytest.mark.parametrize(
        "body",
        [
            "a.predicate.reason in words",
            "reason := a.predicate.reason; (reason in words) == false",
            "(a.predicate.role in words) == false",
            'a.predicate.reason != ""; (a.predicate.reason in words) == false',
        ],
    )
    def test_fine(self, body: str) -> None:
        assert [problem for problem, _ in statement(body) if "a part of `in`" in problem] == []


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        # heads
        ('breach.found.at := "x" if count(approvals) > 3', "the head of `breach` goes deeper than `breach[key]`", 0),
        ("breach[k].z := 1 if some k in words", "the head of `breach` goes deeper than `breach[key]`", 0),
        (
            "breach[k].r contains 1 if some k in words",
            "the head of `breach` goes deeper than `breach[key]`",
            0,
        ),
        (
            "breach[k] contains 1 if some k in words",
            "`breach[…] contains` makes sets under keys, on which the engines differ",
            0,
        ),
        ("breach.found if count(approvals) > 3", "the head of `breach` goes deeper than `breach[key]`", 0),
        (
            'breach["found"] := 1 if count(approvals) > 3',
            "the head of `breach` has a key that is written out, which regorus takes for a rule",
            0,
        ),
        (
            "breach contains a.predicate.reason if {\n\tsome a in approvals\n}",
            "`a.predicate.reason` in the head of a rule may be absent, and then the engines differ",
            0,
        ),
        (
            "breach[a.predicate.reason] := 1 if {\n\tsome a in approvals\n}",
            "`a.predicate.reason` in the head of a rule may be absent, and then the engines differ",
            0,
        ),
        (
            "breach contains approvals[_].predicate.reason if {\n\tapprovals[_].predicate.reason\n}",
            "`approvals[_].predicate.reason` in the head of a rule may be absent, and then the engines differ",
            0,
        ),
        ("breach[k] := n if {\n\tsome k in words\n\tsome n in [1, 2]\n}", "`breach[key]` may give a key two values", 0),
        ("breach := a.id if some a in approvals", "`breach` may give two values", 0),
        ("breach := n if {\n\tsome a in approvals\n\tn := count(a.subject)\n}", "`breach` may give two values", 0),
        ("breach := approvals[_].id", "`breach` may give two values", 0),
        ("breach := v if {\n\twalk(approvals, [_, v])\n\tv == 3\n}", "`breach` may give two values", 0),
        ("breach := n if {\n\tn := approvals[_].id\n}", "`breach` may give two values", 0),
        ("breach := i if {\n\tsome i\n\tapprovals[i].id\n}", "`breach` may give two values", 0),
        # names
        ("breach if {\n\tcount(words) > n\n\tn := 1\n}", "`n` is used before its declaration", 1),
        ("breach if {\n\tn > 0\n\tsome n in [1]\n}", "`n` is used before its declaration", 1),
        ("breach if {\n\tcount([1 | n > 1]) > 0\n\tn := 1\n}", "`n` is used before its declaration", 1),
        ("breach if {\n\tn := 1\n\tn := 2\n}", "`n` is declared twice", 2),
        ("breach if {\n\tinput := 1\n\tinput == 1\n}", "input cannot be shadowed", 1),
        ("breach if {\n\t_ := words\n}", "`_ := …` binds nothing, and may stand before what it uses", 1),
        ("breach if {\n\t2 = _\n}", "`_ := …` binds nothing, and may stand before what it uses", 1),
        (
            "breach if {\n\tsome a in approvals\n\tb := a\n\tsome _, _ in b\n}",
            "`some … in` names nothing, and regorus may run it before what it uses",
            3,
        ),
        (
            "breach if {\n\tsome a in approvals\n\tb := a\n\tcount([1 | some _ in b]) > 0\n}",
            "`some … in` names nothing, and regorus may run it before what it uses",
            3,
        ),
        (
            "breach if {\n\tsome a in approvals\n\tb := a\n\tevery w in words {\n\t\tw != b\n\t}\n}",
            "`b`, another name of a local value: regorus finds it not in `every`",
            3,
        ),
        ("breach if [w | some w in words] == [input.gate]", "compares a comprehension with what is written out", 0),
        # what is gone through
        ("breach if {\n\tsome _ in []\n}", "goes through what is written as empty", 1),
        ("breach if {\n\tnot approvals[_].id\n}", "goes through a list under `not`", 1),
        ("breach if {\n\t[_, v] := walk(approvals)\n\tv == 3\n}", "`walk` gives no value that every engine finds", 1),
        ("breach := [v | walk(approvals)[_] = v]", "`walk` gives no value that every engine finds", 0),
    ],
)
def test_a_form_that_engines_read_differently(text: str, problem: str, line: int) -> None:
    assert (problem, line) in problems(text)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("count(a.id) > 1", "argument 1 of `count` is text"),
        ("walk(a.predicate, [_, v])\n\tcount(v) > 1", "argument 1 of `count` is a value of unknown type"),
        ('replace(a.id, "", "x") != "x"', '`replace` of what may be "", which OPA\'s WebAssembly does not end'),
        ('replace(a.id, a.source, "x") != "x"', '`replace` of what may be "", which OPA\'s WebAssembly does not end'),
        ("regex.match(a.source, a.id)", "a pattern that the engines may read differently: it is not written out"),
        (r"regex.match(`\d`, a.id)", r"a pattern that the engines may read differently: `\d`"),
        ("max([n | some n in [1]; n > 3]) > 1", "`max` of a list that may be empty, on which the engines differ"),
        ('substring(a.id, 0 - 1, 2) == ""', "`substring` from a start that is not written out"),
        ('to_number(a.id) == 1', "`to_number` outside of `lib.time`: of some values it fails, or the engines differ"),
        ('round(1.5) == 2', "`round` outside of `lib.numbers`: of some values it fails, or the engines differ"),
        ('lower(a.id) == "x"', "`lower` outside of `lib.letters`: of some values it fails, or the engines differ"),
        ('json.filter(a, ["id"]) == {}', "the built-in `json.filter` is not allowed"),
        ("data.parameters.min_group_size * 1000000 > 1", "arithmetic that may pass 2^63, on which the engines differ"),
        (
            "(data.parameters.min_group_size * 1000) * 1000 > 1",
            "arithmetic that may pass 2^63, on which the engines differ",
        ),
        ("count(words) % count(words) == 1", "a remainder of what may be 0, on which the engines differ"),
        ("9007199254740993 > data.parameters.min_group_size", "a whole number past 2^53"),
        ("object.get(approvals, 0, a) == a", "argument 1 of `object.get` is a list"),
        ('object.get(a, ["predicate", "reason"], "x") == "x"', "argument 2 of `object.get` is a list"),
        ('{a.log_index: 1} == {"x": 1}', "a key of an object is a whole number, not text"),
        ("count({a.log_index: 1 | a.id}) > 0", "a key of an object is a whole number, not text"),
        ('["a", 1] == [1, "a"]', "text is never equal to a whole number"),
        ("sum(approvals) > 1", "argument 1 of `sum` is a list"),
        ('concat(",", [1]) == "1"', "argument 2 of `concat` is a list"),
        ("array.slice(approvals, 0.5, 1) == []", "argument 2 of `array.slice` is a number"),
        (
            'some t in input.evidence["training-run"]\n\tsome _ in t.predicate.hyperparameters.x',
            "a value of unknown type has no entries to go through",
        ),
    ],
)  # fmt: skip
def test_a_call_that_engines_answer_differently(body: str, problem: str) -> None:
    assert problem in [said for said, _ in statement(body)]


UNKNOWN = [
    ('f(x) if strings.any_suffix_match("a", [x.b, 3])', "argument 2 of `strings.any_suffix_match` is a list"),
    ('f(x) if sum([x.b, "a"]) == 2', "argument 1 of `sum` is a list"),
    ('f(x) if sum({x.b, "a"}) == 2', "argument 1 of `sum` is a set"),
    ('f(x) if ["a", x.b] == [1, "a"]', "text is never equal to a whole number"),
    ('f(x) if {x, 1} == {"a"}', "a whole number is never equal to text"),
    ('f(x) if 3 in ["a", x]', "a whole number is never equal to text"),
]


@pytest.mark.parametrize(("function", "problem"), UNKNOWN)
def test_what_is_told_of_a_list_counts_beside_what_is_not(function: str, problem: str) -> None:
    """OPA refuses to build it, called or not."""
    assert problem in [said for said, _ in problems(function)]


@pytest.mark.slow
@pytest.mark.parametrize("function", [function for function, _ in UNKNOWN])
def test_opa_does_not_build_it(function: str, wasm_cache: Path) -> None:
    source = f"package odd\n\n{function}\n\nx := 1\n"
    program = Program({"odd.rego": source}, ("odd/x",), {}, digest_json(source))
    with pytest.raises(QuaestorError, match="rego_type_error"):
        open_engine("wasm", program, cache_dir=wasm_cache)


def test_the_keys_of_an_object_are_text() -> None:
    said = "a key of an object is a whole number, not text"
    assert (said, 0) in problems("breach[k] := 1 if {\n\tsome a in approvals\n\tk := a.log_index\n}")
    of_any = "breach[k] := 1 if {\n\tsome a in approvals\n\tsome k in [v | some v in a.predicate]\n}"
    assert any("a key of an object is" in problem for problem, _ in problems(of_any))


GATHERED = "an object that is gathered here may give a key two values"


@pytest.mark.parametrize(
    "body",
    [
        'count({"a": b.id | some b in approvals}) > 0',
        "count({b.source: b.id | some b in approvals}) > 0",
        "count({s: b.id | some b in approvals; s := b.source}) > 0",
        "count({s: w | some s in words; some w in words}) > 0",
        "count({s: w | some s, _ in data.parameters.approvals; some w in data.parameters.approvals[s]}) > 0",
    ],
)
def test_an_object_that_may_be_given_two_values_for_a_key(body: str) -> None:
    assert GATHERED in [said for said, _ in statement(body)]


@pytest.mark.parametrize(
    "body",
    [
        'count({"a": 1 | some _ in approvals}) > 0',
        "count({b.source: true | some b in approvals}) > 0",
        "count({s: w | some s, w in data.parameters.approvals}) > 0",
        "count({s: n | some s, w in data.parameters.approvals; n := count(w)}) > 0",
        "count({s: [b.id | some b in approvals; b.source == s] | some s in words}) > 0",
    ],
)
def test_an_object_with_one_value_a_key(body: str) -> None:
    assert GATHERED not in [said for said, _ in statement(body)]


def test_a_rule_with_one_value() -> None:
    for text in (
        'breach := "x" if some a in approvals',
        "breach := n if n := count(approvals)",
        "breach := [a.id | some a in approvals]",
        "breach := {k: 1 | some k, _ in data.parameters.approvals}",
        "breach := count(words) if {\n\tsome a in approvals\n\ta.id\n}",
    ):
        assert "`breach` may give two values" not in [said for said, _ in problems(text)]


# With two values of one rule or key, OPA sees that the other side is absent before it gathers them.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("rules", "given", "by_opa"),
    [
        ("one := n if some n in [1, 2]\n\nx if input.absent == one\n", b"{}", AnswerState.UNDEFINED),
        ("x if {\n\tsome a in input.list\n\tb := a\n\tsome _ in b\n}\n", b'{"list":[[1]]}', AnswerState.VALUE),
        ('x if input.absent in {"a": y | some y in [1, 2]}\n', b"{}", AnswerState.UNDEFINED),
        (
            "o[k] := 1 if some k in input.keys\n\nx := [substring(k, 0, 1) | some k, _ in o]\n",
            b'{"keys":[1]}',
            AnswerState.VALUE,
        ),
    ],
    ids=["a-rule-with-two-values", "a-loop-that-names-nothing", "two-values-for-a-key", "keys-that-are-no-text"],
)
def test_engines_do_differ_on(rules: str, given: bytes, by_opa: AnswerState, wasm_cache: Path) -> None:
    source = f"package rules\n\n{rules}"
    program = Program({"rules.rego": source}, ("rules/x",), {}, digest_json(source))
    said = []
    for name in ("opa", "wasm", "regorus"):
        engine = open_engine(name, program, cache_dir=wasm_cache)
        said.append(engine.evaluate(program.rules, given, b'{"parameters":{}}')["rules/x"].state)
        engine.close()
    assert said == [by_opa, by_opa, AnswerState.ERROR]


@pytest.mark.parametrize(
    "body",
    [
        "count(words) * 1000000 > 1",
        "data.parameters.min_group_size * 100 > 1",
        "data.parameters.min_group_size % 7 == 1",
        "numbers := [n | some n in [1]; n > 3]\n\tcount(numbers) > 0\n\tmax(numbers) > 1",
        'some t in input.evidence["training-run"]\n\tx := t.predicate.hyperparameters.x\n\t'
        "is_object(x)\n\tcount(x) > 0",
        'regex.match("^[a-z]{2,4}(x|y)$", a.id)',
        "walk(a.predicate, [_, v])\n\tv == 3",
    ],
)
def test_what_stays_allowed(body: str) -> None:
    assert [said for said, _ in statement(body) if "parameter" not in said] == []


@pytest.mark.parametrize(
    "observed", ["[v | walk(a.predicate, [_, v])]", "[v | some v in facts]", "graph.reachable({}, [])"]
)
def test_a_list_of_unknown_order_in_a_finding(observed: str) -> None:
    text = (
        'findings contains finding if {\n\tsome a in approvals\n\tsome t in input.evidence["training-run"]\n'
        "\tfacts := t.predicate.hyperparameters.x\n\tis_object(facts)\n"
        '\tfinding := {"objective": "attributes-covered", "message": "x", "evidence": a.id, '
        f'"observed": {observed}}}\n}}'
    )
    assert ("`observed` of a finding holds a set, or a list made of one, without an order") in [
        said for said, _ in problems(text)
    ]


@pytest.mark.parametrize(
    ("body", "name"),
    [("word in a.predicate.conditions", "word"), ('"f", k in a.predicate', "k"), ("not k in words", "k")],
)
def test_a_forgotten_some_is_a_mistake_and_not_a_crash(body: str, name: str) -> None:
    assert any(f"`{name}`" in said and at == 1 for said, at in statement(body))


def test_a_function_that_nobody_calls_is_checked() -> None:
    said = [problem for problem, _ in problems('idle(_) if 1 == "a"')]
    assert "a whole number is never equal to text" in said


GOOD = [
    "^a", "[a-z]+$", "^[0-9]{4}-[0-9]{2}$", "", "a|b", "ä", "a{2}", "[^a-zA-Z_]", r"\.", r"[\-\]]", "(a(b|c)*)+?",
    "x{2,}", "a{1000}", "^$", "a|", ".{3}", "[ä-ü]", r"\^\$\/", "(^a|b$)", "😀?",
]  # fmt: skip
BAD = [
    r"\d", r"\w", r"\s", r"\b",
    r"\pL", "(?i)a", "(?:a)", "[[:alpha:]]", "[a&&b]", "a{,2}", "a{1001}", "(a{100}){11}", "(",
    ")", "[", "[]", "[a", "a**", "a+*", "*", "^*",
    "a{2}{3}", "[z-a]", r"\<", "\\", "a{3,2}", "{", "}", "]", "[a-]", "a{01}",
    r"\x41",
]  # fmt: skip
TEXTS = [
    "",
    "a",
    "abc",
    "2024-01",
    "Straße",
    "ä€😀",
    "aa",
    "x.y",
    "b\n",
    "a" * 1000,
    "-]",
    "ü",
    "^$/",
    "A_",
    "\u0301",
    "xx",
]


@pytest.mark.parametrize("pattern", BAD)
def test_a_pattern_outside_of_what_the_engines_share(pattern: str) -> None:
    assert pattern_problem(pattern)


@pytest.mark.slow
def test_patterns_that_are_let_by_match_alike(wasm_cache: Path) -> None:
    assert [pattern_problem(pattern) for pattern in GOOD] == [""] * len(GOOD)
    rows = [
        f"{json.dumps(pattern)}: [regex.match({json.dumps(pattern, ensure_ascii=False)}, t) | some t in input.texts]"
        for pattern in GOOD
    ]
    source = "package patterns\n\nall := {\n" + ",\n".join(rows) + ",\n}\n"
    program = Program({"patterns.rego": source}, ("patterns/all",), {}, digest_json(source))
    document = json.dumps({"texts": TEXTS}).encode()
    answers = {}
    for name in ("opa", "wasm", "regorus"):
        engine = open_engine(name, program, cache_dir=wasm_cache, limits=Limits(seconds=20))
        answer = engine.evaluate(program.rules, document, b'{"parameters":{}}')["patterns/all"]
        engine.close()
        assert answer.state is AnswerState.VALUE, (name, answer)
        answers[name] = answer.value
    assert answers["opa"] == answers["wasm"] == answers["regorus"]
    assert len(answers["opa"]) == len(GOOD)
