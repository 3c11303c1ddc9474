"""Small mistakes that `opa check --strict` refuses: lint tells each at its line, without OPA."""

import os
import subprocess
from pathlib import Path

import pytest

from engine.bundle.load import bundle_from_files
from engine.errors import PolicyError, PolicyErrors
from tests.engine.backends.rego_programs import need_opa
from tests.worlds import linting
from tests.worlds.small_bundle import CONTROL, METADATA, RULES, line_of, small_bundle, write

FIRST_LIBRARY = "lib/first.rego"
OTHER_LIBRARY = "lib/other.rego"

IN_A_CONTROL = [
    # Definitions of one name that do not go together. `<` marks the line that is told.
    ("default k := 1\ndefault k := 2 # <\nk := 3 if count(audits) > 1", "`k` has a second default; the first is at "),
    ("default k(_) := 1\ndefault k(_) := 2 # <", "`k` has a second default"),
    ("k := 1\nk contains 2 # <", "`k` is a set here and a value at "),
    ("k if count(audits) > 1\nk contains 2 # <", "`k` is a set here and a value at "),
    ('k := {}\nk[x] := 2 if some x in ["a"] # <', "`k` is an object by its keys here and a value at "),
    ("default k := 1\nk contains 2 # <", "`k` is a set here and a value at "),
    ('default k := {}\nk[x] := 2 if some x in ["a"] # <', "`k` is an object by its keys here and a value at "),
    ("k(x) := x\nk := 2 # <", "`k` is a value here and a function of 1 at "),
    ("k(x) := x\nk contains 2 # <", "`k` is a set here and a function of 1 at "),
    ("k(x) := x\nk(x, y) := x + y # <\nu := k(1) + k(1, 2)", "`k` is a function of 2 here and a function of 1 at "),
    ("default k := 1\nk(x) := x # <", "`k` is a function of 1 here and a value at "),
    ("default k(_, _) := 1\nk(x) := x # <", "`k` is a function of 1 here and a function of 2 at "),
    # Defaults that are found out.
    ("default k := input.now # <", "the default of `k` is not written out"),
    ("default k := data.parameters.min_group_size # <", "the default of `k` is not written out"),
    ("default k := audits # <", "the default of `k` is not written out"),
    ("default k := count([1]) # <", "the default of `k` is not written out"),
    ('default k := {"a": [count([1])]} # <', "the default of `k` is not written out"),
    # Names.
    ("k if {\n\tx := 1 # <\n\ttrue\n}", "`x` is given a value and not used"),
    ("k if {\n\t[x, y] := [1, 2] # <\n\tx > 0\n}", "`y` is given a value and not used"),
    ('k if {\n\t{"a": z} := {"a": 1} # <\n\ttrue\n}', "`z` is given a value and not used"),
    ("k := [1 | x := 2] # <", "`x` is given a value and not used"),
    ("k := [y | some y in [1]; z := y] # <", "`z` is given a value and not used"),
    ("k if { every x in [1] { x > 0; z := 2 } } # <", "`z` is given a value and not used"),
    ("f(x, y) := x # <\nk := f(1, 2)", "`y` is given a value and not used"),
    ("default f(x) := 1 # <\nf(x) := x if x > 1\nk := f(1)", "`x` is given a value and not used"),
    ("k if { every input in [1] { input == 1 } } # <", "`input` is taken as a name"),
    ("k if { every x, x in [1] { x > 0 } } # <", "`x` is declared twice"),
    ("k if { some x, x; [1, 2][x] > 1 } # <", "`x` is declared twice"),
    ('k if { [x, "a"] := [1, "a"]; x == 1 } # <', "`:=` gives a value to what is no name"),
    ("f(count([1])) := 1 # <\nk := f(1)", "an argument of `f` is neither a name nor written out"),
    ('f(input.now) := 1 # <\nk := f("")', "an argument of `f` is neither a name nor written out"),
    ("f([x | some x in [1]]) := 1 # <\nk := f([1])", "an argument of `f` is neither a name nor written out"),
    ("f() := 1 # <\nk := f()", "`f` is a function of no arguments"),
    # Objects that give names to their fields.
    ('j := "a"\nk if { {j: y} := {"a": 1}; y == 1 } # <', "`y` stands under a key that is not written out"),
    ('j := "a"\nk if { {j: y} = {"a": 1}; y == 1 } # <', "`y` stands under a key that is not written out"),
    ('j := "a"\nk if { some {j: y} in [{"a": 1}]; y == 1 } # <', "`y` stands under a key that is not written out"),
    ('k if { x := "a"; {x: y} = {"a": 1}; y == 1 } # <', "`y` stands under a key that is not written out"),
    ('k if { [{input.now: y}] := [{"a": 1}]; y == 1 } # <', "`y` stands under a key that is not written out"),
    ('f(x, {x: y}) := y # <\nk := f("a", {"a": 1})', "a key in an argument of `f` is not written out"),
    ("k if { some _; count(audits) > 0 } # <", "`some _` declares nothing"),
    ("k if { [[x, 1], 2] = [[1], 2]; x == 1 } # <", "two sides of other sizes or names"),
    ('k if { {"a": {"b": x}} = {"a": {"c": 1}}; x == 1 } # <', "two sides of other sizes or names"),
    # What nothing binds.
    ('k if not audits[i].id == "" # <', "`i` is not known here"),
    ('k if { some i; not audits[i].id == "" } # <', "`i` is not known here"),
    ("k if not i = 1 # <", "`i` is not known here"),
    ('k if {x: y} = {"a": 1} # <', "`x` is not known here"),
    # Types.
    ('s := {1}\nk if s["a"] # <', "`a` is never in it: text is never equal to a whole number"),
    # Recursion, calls and what was there before: told already.
    ("k if not j # <\nj if not k", "calls itself"),
    ("k if count([1], 2, 3) # <", "`count`"),
    ("k if all([true]) # <", "the built-in `all` is not allowed"),
    ('k if audits with nothing as "" # <', "`with` outside a test"),
    ("k contains x if true # <", "`x` is"),
]
AT_THE_HEAD = [
    ("import data.lib.numbers # <", "`data.lib.numbers` is imported and not used"),
    ("import data.lib.numbers as n # <", "`data.lib.numbers` is imported and not used"),
    ("import input.now # <", "`input.now` is imported and not used"),
    ("import data.lib.first\nimport data.lib.more.first # <", "`first` is imported twice, first in line "),
    ("import data.lib.first as input # <", "`input` is taken as a name"),
    ("import future.keywords.nope # <", "there is no keyword `nope`"),
]
ANNOTATED = [
    ("# METADATA # <\n# title: [", "", 1),
    ("# METADATA # <\n# scope: nothing", "the METADATA of a rule has the scope `rule` or `document`", 0),
    ("# METADATA # <\n# scope: package", "the METADATA of a rule has the scope `rule` or `document`", 0),
    ("# METADATA # <\n# schemas: 1", "`schemas` of the METADATA block is not a list", 0),
    ("# METADATA # <\n# custom: [a]", "`custom` of the METADATA block is not a map", 0),
    ("# METADATA # <\n# entrypoint: 1", "`entrypoint` of the METADATA block is not true or false", 0),
    ("# METADATA # <\n# custom: {a: [{1: 2}]}", "`custom` of the METADATA block is not a map whose keys are words", 0),
    ("# METADATA # <\n# labels: [a]", "`labels` of the METADATA block is not a map", 0),
    ("# METADATA # <\n# title: [a]", "`title` of the METADATA block is not a text", 0),
    ("# METADATA # <\n# organizations: [[a]]", "`organizations` of the METADATA block is not a list of names", 0),
    ("# METADATA # <\n# authors: [{nme: a}]", "`authors` of the METADATA block is not a list of names, or of maps", 0),
    ("# METADATA # <\n# authors: ['']", "`authors` of the METADATA block is not a list of names, or of maps", 0),
    *(
        (
            f"# METADATA # <\n# related_resources: [{url}]",
            "`related_resources` of the METADATA block is not a list of",
            0,
        )
        for url in ("'%zz'", "':a'", "'http://[::1'", "'http://a:b'", "'http://a b'", "''", "1", "{ref: 1}", "{to: a}")
    ),
    ("# METADATA # <\n# schemas: [{input: 1}]", "`schemas` of the METADATA block is not a list of references", 0),
    ("# METADATA # <\n# schemas: [{foo: schema.a}]", "`schemas` of the METADATA block is not a list of references", 0),
    ("# METADATA # <\n# compile: {unknowns: ['1x']}", "`compile` of the METADATA block is not a map whose `unkn", 0),
    ("# METADATA # <\n# a", "the METADATA block is no map", 0),
    ("# METADATA # <", "the METADATA block is no map", 0),
]
OF_TWO_LIBRARIES = [
    ("package lib.first\n\ndefault x := 1\n", "package lib.first\n\ndefault x := 2\n", 3, "`x` has a second default"),
    ("package lib.first\n\nx := 1\n", "package lib.first\n\nx contains 2\n", 3, "`x` is a set here and a value at "),
    ("package lib.first.x\n\ny := 2\n", "package lib.first\n\nx := 1\n", 3, "`x` is also a package, `lib.first.x`"),
    ("package lib.first.x\n\ny := 2\n", "package lib.first\n\nx(z) := z\n", 3, "`x` is also a package"),
    ("package lib.first.x.z\n\ny := 2\n", "package lib.first\n\nx := 1\n", 3, "`x` is also a package"),
    ("package lib.first\n\nx := 1\n", "package lib.other\n\nimport data.lib.first\n\nx := 1\n", 3, "imported and not"),
]


def refused_by_opa(files: dict[str, bytes], folder: Path) -> bool:
    command = [str(need_opa().path), "check", "--strict", "-b", str(write(files, folder))]
    return subprocess.run(command, capture_output=True, check=False, env={"PATH": os.defpath}).returncode != 0


def lint_files(files: dict[str, bytes]) -> tuple[PolicyError, ...]:
    """All that is told but that nothing reads the rules which stand here for themselves."""
    return tuple(error for error in linting.lint_files(files) if not error.problem.startswith("nothing reads"))


def told(files: dict[str, bytes], path: str, line: int) -> list[str]:
    mistakes = [error for error in lint_files(files) if not error.warning]
    return [error.problem for error in mistakes if (error.path, error.line) == (path, line)]


@pytest.mark.parametrize(("rules", "problem"), IN_A_CONTROL)
def test_in_a_control(rules: str, problem: str, tmp_path: Path) -> None:
    text = f"{RULES}\n{rules}\n"
    files = small_bundle(rules=text)
    assert any(problem in said for said in told(files, CONTROL, line_of(METADATA + text, "# <")))
    assert refused_by_opa(files, tmp_path)


@pytest.mark.parametrize(("imports", "problem"), AT_THE_HEAD)
def test_among_the_imports(imports: str, problem: str, tmp_path: Path) -> None:
    text = f"\n{imports}\n{RULES}"
    more = {FIRST_LIBRARY: "package lib.first\n\nx := 1\n", "lib/more.rego": "package lib.more.first\n\nx := 1\n"}
    files = small_bundle(rules=text, **more)
    assert any(problem in said for said in told(files, CONTROL, line_of(METADATA + text, "# <")))
    assert refused_by_opa(files, tmp_path)


@pytest.mark.parametrize(("block", "problem", "below"), ANNOTATED)
@pytest.mark.parametrize("rule", ["k := 1", ""])
def test_among_the_annotations(block: str, problem: str, below: int, rule: str, tmp_path: Path) -> None:
    text = f"{RULES}\n{block}\n{rule}\n"
    line = line_of(METADATA + text, "# <") + below
    files = small_bundle(rules=text.replace(" # <", ""))
    said = told(files, CONTROL, line)
    assert said
    assert not rule or below or any(one.startswith(problem) for one in said)
    assert refused_by_opa(files, tmp_path)


def test_an_annotation_before_no_rule_and_one_of_a_library() -> None:
    text = f"{RULES}\n# METADATA\n# title: a\n"
    line = line_of(METADATA + text, "# METADATA\n# title: a\n")
    problem = "the METADATA block stands before no rule and no `package`"
    assert told(small_bundle(rules=text), CONTROL, line) == [problem]
    library = "# METADATA\n# scope: rule\npackage lib.first\n\nx := 1\n"
    problem = "the METADATA of a package has the scope `package` or `subpackages`"
    assert told(small_bundle(**{FIRST_LIBRARY: library}), FIRST_LIBRARY, 1) == [problem]
    right = "# METADATA\n# title: a\n# custom: {b: [1]}\npackage lib.first\n\n# METADATA\n# scope: document\nx := 1\n"
    assert lint_files(small_bundle(**{FIRST_LIBRARY: right})) == ()


def test_annotations_of_a_rule_that_opa_takes(tmp_path: Path) -> None:
    block = [
        "title: 1",
        "organizations: [a, 1]",
        "authors: [a, Ann <ann@example.org>, {name: Ann}, {email: ann@example.org}]",
        "related_resources: ['https://example.org:80/a%20b?c#d', a/b, {ref: 'urn:isbn:1', description: a}]",
        "schemas: [{input.x: schema.a}, {data.parameters: 'schema[\"a b\"]'}]",
        "compile: {unknowns: [input.x, data.y]}",
        "custom: {a: {b: [{c: 1}]}}",
        "labels: {a: b}",
        "other: [1]",
    ]
    files = small_bundle(rules="\n".join([RULES, "# METADATA", *(f"# {line}" for line in block), "k := 1\n"]))
    assert lint_files(files) == ()
    assert not refused_by_opa(files, tmp_path)


def test_the_annotations_of_a_control(tmp_path: Path) -> None:
    wrong = METADATA.replace("# METADATA\n", "# METADATA\n# related_resources: [':a']\n# authors: [{nme: a}]\n")
    files = small_bundle(**{CONTROL: wrong + RULES})
    assert told(files, CONTROL, 2) == ["`related_resources` is not a list of URLs, or of maps with a URL as `ref`"]
    assert told(files, CONTROL, 3) == ["`authors` is not a list of names, or of maps with `name` or `email`"]
    assert refused_by_opa(files, tmp_path)


def test_what_raw_text_says_is_no_annotation(tmp_path: Path) -> None:
    files = small_bundle(rules=f"{RULES}\n# it`s\nk := `\n# METADATA\n# scope: package\n`\n")
    assert lint_files(files) == ()
    assert not refused_by_opa(files, tmp_path)


def test_an_import_that_has_the_name_of_a_rule() -> None:
    """OPA takes the import, regorus the rule."""
    text = f"\nimport data.lib.first as audits\n{RULES}"
    files = small_bundle(rules=text, **{FIRST_LIBRARY: "package lib.first\n\nx := 1\n"})
    problem = "`audits` is a rule of the package, and is imported too"
    assert told(files, CONTROL, line_of(METADATA + text, "import ")) == [problem]


@pytest.mark.parametrize(
    "rule",
    [
        "k if { not audits[i].id == audits[i].digest; i = 0 } # <",
        "k if { some i; not audits[i]; i = 9 } # <",
        "k if { not i = 1; i = 2 } # <",
        "k if { not [i] = [1]; [i] = [2] } # <",
        'k if { not audits[0][i]; audits[0][i] == "" } # <',
        "k if { every a in audits { audits[i].id == a.id }; i = 0 } # <",
        "k if { some i; every a in audits { audits[i].id == a.id }; i = 0 } # <",
        "k if { every a in audits { audits[i].id == a.id }; audits[i] } # <",
    ],
)
def test_a_name_under_not_or_every_that_is_bound_further_down(rule: str) -> None:
    """OPA binds it first, to regorus it is undefined there."""
    text = f"{RULES}\n{rule}\n"
    problem = "`i` stands under `not` or `every` before it is bound, and regorus keeps this order"
    assert problem in told(small_bundle(rules=text), CONTROL, line_of(METADATA + text, "# <"))


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("every x in [1, 2] { x = 1 }", "`=` under `every`, on which the engines differ"),
        ("every x in [1, 2] { 1 = x }", "`=` under `every`, on which the engines differ"),
        ("every x in [1, 2] { not x = 1 }", "`=` under `every`, on which the engines differ"),
        ("every x in [1, 2] { count([1 | [x, 1] = [1, 1]]) == 1 }", "`=` under `every`, on which the engines differ"),
        ("every x in [[1]] { every y in x { y = 2 } }", "`=` under `every`, on which the engines differ"),
        ("some x, x in [1, 2]", "`x` is declared twice"),
        ('some x, {"a": x} in [{"a": 1}]', "`x` is declared twice"),
        ("some x, [_, [x, y]] in [[1, [2, 3]]]; y == 3", "`x` is declared twice"),
    ],
)
def test_names_to_which_regorus_gives_another_value(rule: str, problem: str) -> None:
    """OPA asks whether both are equal; regorus takes the one that comes last, so that what is not so passes."""
    text = f"{RULES}\nk if {{ {rule} }} # <\n"
    assert told(small_bundle(rules=text), CONTROL, line_of(METADATA + text, "# <")) == [problem]


LOOSE = [
    ('k if { some a in audits; {"id": x} := a; x != "" } # <', "names beside an object"),
    ('k if { some a in audits; {"id": x} = a; x != "" } # <', "names beside an object"),
    ('k if { some a in audits; [x, {"id": _}] = [1, a]; x > 0 } # <', "names beside an object"),
    ("k if { some a in audits; [{}, x] := [a.predicate.group_sizes, 1]; x > 0 } # <", "names beside an object"),
    ("k if { some a in audits; [a.predicate.group_sizes, x] = [{}, 1]; x > 0 } # <", "names beside an object"),
    ('k if { some {"id": x} in audits; x != "" } # <', "an object in a pattern"),
    ('k if { some [_, {"id": x}] in [[1, a] | some a in audits]; x != "" } # <', "an object in a pattern"),
    ("k if { some x, {} in [a.predicate.group_sizes | some a in audits]; x > 0 } # <", "an object in a pattern"),
    ('k if { walk(audits, [p, {"id": x}]); p != x } # <', "an object in the pattern of `walk`"),
    ('f({"id": x}) := x # <\nk if { some a in audits; f(a) != "" }', "an object among the arguments of `f`"),
    ("f([{}]) := 1 # <\nk if { some a in audits; f([a.predicate.group_sizes]) == 1 }", "an object among the arguments"),
    ("f(x, x) := x # <\nk := f(1, 2)", "`x` is declared twice"),
    ("f([x, y], y) := x # <\nk := f([1, 2], 3)", "`y` is declared twice"),
    ("k if { audits[_].id; some i; audits[i].id } # <", "`some` after `list[_]`"),
]


@pytest.mark.parametrize(("rules", "problem"), LOOSE)
def test_patterns_that_fit_more_to_regorus(rules: str, problem: str) -> None:
    """To OPA an object fits what has its fields and no other, and an argument of one name has one value."""
    text = f"{RULES}\n{rules}\n"
    said = told(small_bundle(rules=text), CONTROL, line_of(METADATA + text, "# <"))
    assert any(one.startswith(problem) for one in said), said


@pytest.mark.parametrize("gap", ["\u2028", "\x85", "\x0b", "\x0c", "\r"])
def test_an_annotation_ends_where_rego_ends_a_line(gap: str, tmp_path: Path) -> None:
    files = small_bundle(rules=f"{RULES}\n#{gap}METADATA\n# title: [a]\nk := 1\n")
    assert [error.problem for error in lint_files(files)] == ["`title` of the METADATA block is not a text"]
    assert refused_by_opa(files, tmp_path)
    assert lint_files(small_bundle(rules=f"{RULES}\n# a{gap}# METADATA\n# title: [a]\nk := 1\n")) == ()


@pytest.mark.parametrize("above", ["", ".{0}", ".{0}.{1}", ".{0}.{1}.{2}"])
def test_an_import_that_holds_its_own_package(above: str) -> None:
    """regorus does not evaluate what is reached so, and a `not` of it holds."""
    package = METADATA.rpartition("package ")[2].split()[0].split(".")
    text = f"\nimport data{above.format(*package)} as me\n{RULES}\nk if not me.nothing\n"
    assert any(
        "holds this package" in said
        for said in told(small_bundle(rules=text), CONTROL, line_of(METADATA + text, "import "))
    )


@pytest.mark.parametrize(("first", "other", "line", "problem"), OF_TWO_LIBRARIES)
def test_of_two_libraries(first: str, other: str, line: int, problem: str, tmp_path: Path) -> None:
    files = small_bundle(**{FIRST_LIBRARY: first, OTHER_LIBRARY: other})
    assert any(problem in said for said in told(files, OTHER_LIBRARY, line))
    assert refused_by_opa(files, tmp_path)


@pytest.mark.parametrize(
    "rules",
    [
        "default k := [x | some x in [1, 2]]",
        "default k(_) := 1\nk(x) := x if x > 1\nu := k(1)",
        "k := x if x := 1",
        "k := [x | [x, _] := [1, 2]]",
        "f([x, 1]) := x\nf([x, 2]) := x\nu := f([1, 1])",
        'f("a", _) := 1\nf(x, y) := y if x != "a"\nu := f("a", 1)',
        "f(x) := 1 if { false } else := x\nu := f(1)",
        "k if { x := 1; count([y | some y in [1]; y > x]) > 0 }",
        "k if { i = 0; not audits[i].id == audits[i].digest }",
        "k if { audits[i].id; not audits[i].id == audits[i].digest }",
        "f(i) if { not audits[i].id == audits[i].digest; i = 0 }\nk if f(0)",
        "k if { not enough; enough = false }\nenough := false",
        "k if { count({i | some i in [0]; not audits[0].id == audits[i].id}) == 0 }",
        'k if { {"a": x, "b": [y]} = {"b": [2], "a": 1}; x < y }',
        'k if { x := {"a": 1}; x = {"a": 1} }',
        'p contains {"a": r.id, "b": 1} if some r in audits\nk if { some {"a": x, "b": _} in p; x != "" }',
        "k if { i := 0; audits[i].id; some j; audits[j].id }",
        "k contains 1\nk contains 2 if count(audits) > 1\nl if count(k) > 0",
        "default k := false\nk if count(audits) > 1",
    ],
)
def test_what_is_right_is_left_alone(rules: str, tmp_path: Path) -> None:
    files = small_bundle(rules=f"{RULES}\n{rules}\n")
    assert [error.problem for error in lint_files(files) if not error.warning] == []
    assert not refused_by_opa(files, tmp_path)


@pytest.mark.parametrize("value", ["[][0]", "max([])", "array.concat([], [])[0]", "[x | some x in []][0]"])
@pytest.mark.parametrize("expression", ["{0} + 1 == 2", "{0} % 2 == 1", "1 - {0} > 0", "{0} > 0", "count({0}) > 0"])
def test_the_entry_of_what_is_written_as_empty(value: str, expression: str) -> None:
    """Of no type at all. What lint says of it is left open."""
    lint_files(small_bundle(rules=f"{RULES}\nk if {expression.format(value)}\n"))


def test_what_was_decided_by_untidy_policies_can_be_decided_again() -> None:
    untidy = small_bundle(rules=f"{RULES}\nk if {{\n\tx := 1\n\ttrue\n}}\n")
    assert bundle_from_files(untidy).controls.keys() == {"FAIR-01"}
    with pytest.raises(PolicyErrors, match="`k` is a set here and a value at"):
        bundle_from_files(small_bundle(rules=f"{RULES}\nk := 1\nk contains 2\n"))


class TestBodiesWithoutEnd:
    """What takes a time that grows with the square of what is written is bounded, or was taught not to."""

    @pytest.mark.parametrize("statement", ["[a{0}, b{0}] := audits", "[a, b] := audits", "x{0} = x{1}", "u{0} > 1"])
    def test_too_many_statements_are_told_at_their_line(self, statement: str) -> None:
        body = "\n".join(f"\t{statement.format(n, n + 1)}" for n in range(10_000))
        text = f"{RULES}\nextra if {{\n{body}\n}}\n"
        line = line_of(METADATA + text, "extra if") + 1
        problem = "a body of more than 1000 statements: put part of them into a rule of its own"
        assert [(e.path, e.line, e.problem) for e in lint_files(small_bundle(rules=text))] == [(CONTROL, line, problem)]

    @pytest.mark.parametrize(
        "rules",
        [
            lambda n: "extra if {\n" + "\n".join(f"\tx{i} = x{i + 1}" for i in range(n)) + f"\n\tx{n} = 1\n}}",
            lambda n: "\n".join(f'k[x] := 1 if some x in ["a{i}"]' for i in range(2 * n)),
            lambda n: "# METADATA\n# title: a\n\n" * (6 * n) + "k := 1",
        ],
        ids=["names that each wait for the next", "rules of one name", "annotations of one rule"],
    )
    def test_twice_as_much_takes_about_twice_as_long(self, rules) -> None:  # type: ignore[no-untyped-def]
        def seconds(count: int) -> float:
            files = small_bundle(rules=f"{RULES}\n{rules(count)}\n")
            begun = os.times()
            assert [error for error in lint_files(files) if not error.warning] == []
            return os.times().user - begun.user

        seconds(10)  # what is imported and kept on first use
        assert seconds(900) < 6 * seconds(300) + 0.3
