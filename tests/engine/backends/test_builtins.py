"""Every allowed built-in gives on the three engines what OPA gives; those that a host supplies, on many values."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rego_programs import program

from engine.backends.base import Answer, AnswerState, Limits, RegoEngine
from engine.backends.builtins import HOST, REGORUS, allowed_builtins, refused_builtins
from evidence.model.errors import QuaestorError

ENGINES = ("opa", "wasm", "regorus")
DATA = b'{"parameters":{}}'

TEXTS = ["", "a", "abc", "aXbX", "ä€😀", "Straße", " a b\t\n", "x,y,,z", "%s %", "0", "-1", "abcabcabc"]
NUMBERS = [0, 1, -1, 2, 7, -7, 2**31, 2**40 + 1, 2**53, -(2**53)]
FRACTIONS = [1.5, -2.5, 0.1, 2.5, 0.5, -0.5, 1e2]
LISTS: list[list[Any]] = [[], [1], [3, 1, 2], ["b", "a", "ä", "B"], [1, "a", None, True, [1], {"a": 1}], [2, 2, 1]]
OBJECTS: list[dict[str, Any]] = [{}, {"a": 1}, {"a": 1, "b": {"c": 2}}, {"b": [1], "ä": None}]
ANYTHING = [1, 1.5, None, True, "a", *LISTS, *OBJECTS]
INSTANTS = [
    "2026-11-21T08:00:00Z", "2026-11-21T08:00:00.5Z", "2024-02-29T23:59:59+02:00", "2023-02-29T00:00:00Z",
    "1970-01-01T00:00:00Z", "1600-01-01T00:00:00Z", "2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775808Z",
    "2026-11-21", "2026-11-21t08:00:00z", "2026-11-21 08:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:00:60Z", "x",
    "2026-11-21T08:00:00", "2026-11-21T08:00:00-23:59", "2026-11-21T08:00:00+24:00", "2026-11-21T08:00:00+25:00",
    "2026-11-21T08:00:00.1234567891Z", "2026-11-21T08:00:00,5Z", "2026-11-21T8:00:00Z", "1677-09-21T00:12:43Z",
    "2026-11-21T08:00:00.Z", "2026-11-21T08:00:00+01:60", "2026-11-21T08:00:00+0100", "", "0000-01-01T00:00:00Z",
]  # fmt: skip
NANOSECONDS = [0, 1, -1, 1795075200000000000, 1709251199000000000, -(2**63), 2**63 - 1, 86_400 * 10**9 * 59]


def cases(*arguments: list[Any]) -> list[list[Any]]:
    return [list(case) for case in product(*arguments)]


CASES: dict[str, list[list[Any]]] = {
    "abs": cases(NUMBERS + FRACTIONS),
    "array.concat": cases(LISTS, LISTS),
    "array.reverse": cases(LISTS),
    "array.slice": cases(LISTS, [-1, 0, 1, 5], [-1, 0, 2, 9]),
    "concat": cases(TEXTS, [[], ["a"], ["a", "b", ""], TEXTS]),
    "contains": cases(TEXTS, TEXTS),
    "count": cases(LISTS + OBJECTS),
    "endswith": cases(TEXTS, TEXTS),
    "graph.reachable": cases([{"a": ["b"], "b": ["c", "a"], "c": []}, {"a": ["a"]}, {}], [[], ["a"], ["a", "z"]]),
    "is_array": cases(ANYTHING),
    "is_boolean": cases(ANYTHING),
    "is_null": cases(ANYTHING),
    "is_number": cases(ANYTHING),
    "is_object": cases(ANYTHING),
    "is_set": cases(ANYTHING),
    "is_string": cases(ANYTHING),
    "lower": cases(["", " ", "".join(chr(code) for code in range(32, 127)), "Maria ROSSI, 3"]),
    "max": cases(LISTS),
    "min": cases(LISTS),
    "numbers.range": cases([0, 1, 5, -3], [0, 2, 5, -3]),
    "object.filter": cases(OBJECTS, [["a"], [], ["b", "ä"]]),
    "object.get": cases(OBJECTS, ["a", "zz", ["b", "c"], ["b", "zz"], []], [None, 1]),
    "object.keys": cases(OBJECTS),
    "object.remove": cases(OBJECTS, [["a"], [], ["b", "ä"]]),
    "object.union": cases(OBJECTS, OBJECTS),
    "regex.match": cases(["^a", "[a-z]+$", "^[0-9]{4}-[0-9]{2}$", "", "a|b", "ä", "a{2}"], [*TEXTS, "2024-01"]),
    "replace": cases(TEXTS, ["a", "X", "ä", "b"], ["", "Q", "aa"]),
    "round": cases(NUMBERS + FRACTIONS),
    "sort": cases(LISTS),
    "split": cases(TEXTS, ["", ",", "a", "X", "ä"]),
    "sprintf": [
        ["%s", ["a"]], ["%d", [5]], ["%d", [-5]], ["%v %v", ["a", -5]], ["%%", []], ["a", []], ["", []],
        ["ä%s€%d", ["ß%d", 2**53]], ["%d%d%s\n", [0, 1, "\U0001f600"]],
    ],
    "startswith": cases(TEXTS, TEXTS),
    "strings.any_prefix_match": cases(["a", "abc", ["abc", "x"], []], ["a", "", ["q", "ab"], []]),
    "strings.any_suffix_match": cases(["a", "abc", ["abc", "x"], []], ["c", "", ["q", "bc"], []]),
    "strings.count": cases([*TEXTS, "aaaa"], [*TEXTS, "aa"]),
    "substring": cases(TEXTS, [0, 1, 2, 9, -1], [0, 1, -1, 99]),
    "sum": cases([[], [1, 2, 3], [0], [-1, 5], [2**40, 2**40]]),
    "time.add_date": cases(NANOSECONDS, [0, 1, -1, 300], [0, 1, -13, 25], [0, 1, -400]),
    "time.clock": cases(NANOSECONDS),
    "time.date": cases(NANOSECONDS),
    "time.parse_rfc3339_ns": cases(INSTANTS),
    "time.weekday": cases(NANOSECONDS),
    "to_number": cases(["1", "1.5", "-0", "1e3", "", "a", "0x10", None, True, 3, "01", "007", ".5", "1.", "NaN",
                        "9007199254740991", " 1", "Inf"]),
    "trim": cases(TEXTS, TEXTS),
    "trim_left": cases(TEXTS, TEXTS),
    "trim_prefix": cases(TEXTS, TEXTS),
    "trim_right": cases(TEXTS, TEXTS),
    "trim_space": cases(TEXTS),
    "trim_suffix": cases(TEXTS, TEXTS),
    "type_name": cases(ANYTHING),
}  # fmt: skip
AS_NUMBER = {"to_number": " + 0"}
"""OPA keeps the text of the number that it was given, such as 01, which is no JSON: a sum is a number."""
SETS = {"object.keys", "graph.reachable"}
"""Built-ins whose value is a set: its order is the engine's own."""
BY_RULE = {
    "intersection": "x := sort(intersection({{1, 2, 3}, {2, 3, 4}, {s | some s in input.args[0]}}))",
    "union": "x := sort(union({{1}, {2}, {s | some s in input.args[0]}}))",
    "walk": 'x := sort([{"path": path, "is": type_name(node)} | walk(input.args[0], [path, node])])',
}
BY_RULE_CASES: dict[str, list[list[Any]]] = {
    "intersection": [[[2, 3]], [[2]], [[]]],
    "union": [[[2, 3]], [[]]],
    "walk": cases(ANYTHING),
}


def rule_of(name: str) -> str:
    return "call_" + name.replace(".", "_")


def modules() -> dict[str, str]:
    out = {}
    for name, examples in CASES.items():
        arguments = ", ".join(f"input.args[{n}]" for n in range(len(examples[0])))
        out[rule_of(name)] = f'{rule_of(name)} := {{"value": x}} if x := {name}({arguments}){AS_NUMBER.get(name, "")}'
    for name, text in BY_RULE.items():
        out[rule_of(name)] = f'{rule_of(name)} := {{"value": x}} if {{\n\t{text}\n}}'
    out["micro"] = 'micro := {"value": x} if x := round(input.args[0] * 1000000)'
    return out


Ask = Callable[[str, list[Any]], dict[str, Answer]]


@pytest.fixture(scope="module")
def ask(start: Callable[..., RegoEngine]) -> Ask:
    """Answers of the three engines for one call."""
    calls = program(modules())
    engines = {name: start(name, calls, Limits(seconds=5, work=2_000_000_000)) for name in ENGINES}

    def call(name: str, arguments: list[Any]) -> dict[str, Answer]:
        rule = f"quaestor/results/{name}"
        document = json.dumps({"args": arguments}).encode()
        return {engine: engines[engine].evaluate([rule], document, DATA)[rule] for engine in ENGINES}

    return call


def value(answer: Answer, *, as_set: bool = False) -> Any:
    """What an answer comes to; undefined and an error are alike here: no value."""
    if answer.state is not AnswerState.VALUE:
        return "no value"
    inner = answer.value["value"]
    return {"value": sorted(inner) if as_set else inner}


def agree(answers: dict[str, Answer], *, as_set: bool = False) -> bool:
    wanted = value(answers["opa"], as_set=as_set)
    return all(value(answer, as_set=as_set) == wanted for answer in answers.values())


def test_every_allowed_builtin_is_tried() -> None:
    assert set(CASES) | set(BY_RULE) == set(allowed_builtins())


def test_the_list_says_what_the_host_supplies() -> None:
    allowed = allowed_builtins()
    assert {name for name, entry in allowed.items() if entry.engines["wasm"] == "host"} == set(HOST)
    assert {name for name, entry in allowed.items() if entry.engines["regorus"] == "host"} == set(REGORUS)


def test_what_is_impure_is_refused_with_its_reason() -> None:
    impure = {"http.send", "time.now_ns", "rand.intn", "uuid.rfc4122", "opa.runtime", "net.lookup_ip_addr"}
    assert impure <= set(refused_builtins())
    assert not set(refused_builtins()) & set(allowed_builtins())


@pytest.mark.parametrize("name", sorted(CASES | BY_RULE_CASES))
def test_engines_agree_with_opa(name: str, ask: Ask) -> None:
    examples = CASES.get(name) or BY_RULE_CASES[name]
    answers = [(case, ask(rule_of(name), case)) for case in examples]
    assert [(case, got) for case, got in answers if not agree(got, as_set=name in SETS)] == []
    assert any(got["opa"].state is AnswerState.VALUE for _, got in answers)
    if allowed_builtins()[name].total:
        assert [
            case for case, got in answers if got["regorus"].state is AnswerState.ERROR and name not in ERRORS_OF_TYPE
        ] == []


ERRORS_OF_TYPE = {"count", "concat", "substring"}
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
wholes = st.integers(-(2**53), 2**53)
nanoseconds = st.integers(-(2**63), 2**63 - 1)
moments = st.datetimes(datetime(1500, 1, 1), datetime(2400, 1, 1))
fractions = st.integers(0, 10**9).map(lambda n: n / 10**9) | st.floats(-1e6, 1e6, allow_subnormal=False)


class TestManyValues:
    @many
    @given(pieces=st.lists(st.tuples(texts, texts | wholes), max_size=4))
    def test_sprintf(self, ask: Ask, pieces: list[tuple[str, str | int]]) -> None:
        verb = {str: "%s", int: "%d"}
        template = "".join(text.replace("%", "%%") + verb[type(item)] for text, item in pieces)
        assert agree(ask(rule_of("sprintf"), [template, [item for _, item in pieces]]))

    @many
    @given(text=st.text("ab\u00e4", max_size=10), part=st.text("ab\u00e4", max_size=3))
    def test_count(self, ask: Ask, text: str, part: str) -> None:
        assert agree(ask(rule_of("strings.count"), [text, part]))

    @many
    @given(texts=st.lists(st.text("ab", max_size=4), max_size=3), parts=st.lists(st.text("ab", max_size=3), max_size=3))
    def test_prefixes_and_suffixes(self, ask: Ask, texts: list[str], parts: list[str]) -> None:
        assert agree(ask(rule_of("strings.any_prefix_match"), [texts, parts]))
        assert agree(ask(rule_of("strings.any_suffix_match"), [texts, parts]))

    @many
    @given(moment=moments, minutes=st.integers(-1439, 1439), digits=st.text("0123456789", max_size=11))
    def test_parsed_instants(self, ask: Ask, moment: datetime, minutes: int, digits: str) -> None:
        away = "Z" if minutes == 0 else f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        text = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + ("." + digits if digits else "") + away
        assert agree(ask(rule_of("time.parse_rfc3339_ns"), [text]))

    @many
    @given(
        instant=nanoseconds, years=st.integers(-300, 300), months=st.integers(-40, 40), days=st.integers(-1000, 1000)
    )
    def test_dates_added(self, ask: Ask, instant: int, years: int, months: int, days: int) -> None:
        assert agree(ask(rule_of("time.add_date"), [instant, years, months, days]))

    @many
    @given(instant=nanoseconds)
    def test_calendar(self, ask: Ask, instant: int) -> None:
        for name in ("time.date", "time.clock", "time.weekday"):
            assert agree(ask(rule_of(name), [instant]))

    @many
    @given(number=fractions)
    def test_whole_millionths_of_a_fraction(self, ask: Ask, number: float) -> None:
        assert agree(ask("micro", [number]))


class TestOutsideTheLanguage:
    """What OPA answers and the others answer differently is an error that says so, never another answer."""

    @pytest.mark.parametrize(
        ("template", "values"),
        [
            ("%v", [1.5]), ("%.2f", [1.5]), ("%d", ["a"]), ("%s", [1]), ("%v", [{"a": 1}]), ("%v", [None]),
            ("%s", []), ("a", ["b"]), ("%", []), ("%d", [2**60]), ("%q", ["a"]), ("%v", [[1]]), ("%5d", [1]),
            ("%d", [True]),
        ],
    )  # fmt: skip
    def test_sprintf(self, ask: Ask, template: str, values: list[Any]) -> None:
        answers = ask(rule_of("sprintf"), [template, values])
        for engine in ("wasm", "regorus"):
            assert answers[engine].state is AnswerState.ERROR
            assert "sprintf" in answers[engine].detail

    def test_a_module_that_calls_what_is_not_allowed_is_not_run(self, start: Callable[..., RegoEngine]) -> None:
        with pytest.raises(QuaestorError, match=r"`crypto\.sha256`"):
            start("wasm", program({"A": 'A := crypto.sha256("a")'}), Limits())


def test_the_oracle_of_dates_is_the_calendar(ask: Ask) -> None:
    """OPA itself, against Python's calendar, so that three equal mistakes would show."""
    day = datetime(2028, 2, 29, 12, tzinfo=UTC)
    parsed = ask(rule_of("time.parse_rfc3339_ns"), ["2028-02-29T12:00:00Z"])["opa"]
    assert value(parsed) == {"value": int(day.timestamp()) * 10**9}
    later = day + timedelta(days=366)
    moved = ask(rule_of("time.add_date"), [int(day.timestamp()) * 10**9, 1, 0, 0])["wasm"]
    assert value(moved) == {"value": int(later.timestamp()) * 10**9}


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [("strings.any_prefix_match", "{}b", "{}a"), ("strings.any_suffix_match", "b{}", "a{}")],
)
def test_matching_many_texts_with_many_parts_takes_no_product_of_them(name: str, text: str, part: str) -> None:
    """A host built-in runs outside the engine's clock: 40,000 by 40,000 took minutes."""
    stem = "x" * 40
    texts, parts = ([form.format(f"{stem}{n:05d}") for n in range(40_000)] for form in (text, part))
    begun = time.process_time()
    assert HOST[name](texts, parts) is False
    assert HOST[name](texts, [*parts, texts[-1]]) is True
    assert time.process_time() - begun < 5
