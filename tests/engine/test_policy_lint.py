"""Lint: each mistake is found at its line, with a hint, and all of them at once."""

import re
from pathlib import Path

import pytest

from engine.bundle.load import bundle_from_files
from engine.proofs.linting import lint
from engine.rego.lint import look_through
from engine.rego.types import LargeTypeError, from_schema
from tests.worlds.linting import lint_files
from tests.worlds.small_bundle import CONTROL, METADATA, PARAMETERS, RULES, line_of, schema_files, small_bundle

HELPER = '\nsatisfied contains "attributes-covered" if '


def found(files: dict[str, bytes], *, warnings: bool = False) -> list[tuple[str, int, str]]:
    return [(e.path, e.line, e.problem) for e in lint_files(files) if warnings or not e.warning]


def rule(body: str, *, metadata: str = METADATA) -> tuple[dict[str, bytes], int]:
    """The bundle with one more rule of one line, and the line."""
    text = f"{RULES}\nextra if {{ {body} }}\n"
    return small_bundle(metadata=metadata, rules=text), line_of(metadata + text, "extra if")


def test_a_catalogue_with_a_mistake_is_told_and_not_that_it_lacks_every_parameter() -> None:
    broken = PARAMETERS.replace("type: ", "typ: ", 1)
    said = [error for error in lint_files(small_bundle(**{"parameters/parameters.yaml": broken})) if not error.warning]
    assert said
    assert {error.path for error in said} == {"parameters/parameters.yaml"}


def test_a_good_bundle_has_no_mistakes() -> None:
    assert lint_files(small_bundle()) == ()


class TestPaths:
    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ("input.evidnce", "`input.evidnce` does not exist"),
            ('input.evidence["fairness-adit"]', "unknown evidence type `fairness-adit`"),
            ("some a in audits; a.predicate.atributes", "there is no `atributes` in `fairness-audit[].predicate`"),
            ("audits[_].predicate.grps", "there is no `grps` in `fairness-audit[].predicate`"),
            ("audits[0].signature.status", "there is no `status` in `fairness-audit[].signature`"),
            ("audits.predicate", "a list has no `predicate`"),
            ("input.system.teir", "there is no `teir`"),
            ("every a in audits { a.predicate.impact_ratio.sex.cilow > 0 }", "there is no `cilow`"),
            ("count([x | some a in audits; x := a.predicate.nope]) > 0", "there is no `nope`"),
            ('object.get(audits[0].predicate, "nope", 0) > 1', "there is no `nope`"),
            ("data.parameters.min_grp_size > 1", "unknown parameter `min_grp_size`"),
            ("data.lib.numbers.macro(1) > 1", "`data.lib.numbers.macro` is defined nowhere"),
            ("data.other.x", "`data.other.x` may not be read here"),
            ("data.other.f(1) > 1", "`data.other.f` may not be read here"),
            ("input.evidence", "`input.evidence` without a type"),
            ("input", "`input` as a whole is not read"),
            ("nobody_defines_me > 1", "`nobody_defines_me` is not known here"),
        ],
    )
    def test_that_cannot_exist(self, body: str, problem: str) -> None:
        files, line = rule(body)
        assert any(path == CONTROL and at == line and problem in said for path, at, said in found(files))

    def test_through_a_function(self) -> None:
        rules = (
            RULES
            + "\nlarge(group) if group.size > 10\n\nextra if { some a in audits; large(a.predicate.mitigation[0]) }\n"
        )
        problems = found(small_bundle(rules=rules))
        line = line_of(METADATA + rules, "large(group)")
        assert problems == [(CONTROL, line, "there is no `size` in `fairness-audit[].predicate.mitigation[]`")]

    def test_in_a_library_names_the_caller(self) -> None:
        library = "package lib.groups\n\nlarge(audit) if audit.predicate.sizes\n"
        rules = RULES + "\nextra if { some a in audits; data.lib.groups.large(a) }\n"
        (error,) = lint_files(small_bundle(rules=rules, **{"lib/groups.rego": library}))[:1]
        assert (error.path, error.line) == ("lib/groups.rego", 3)
        assert f"{CONTROL}:{line_of(METADATA + rules, 'extra if')}" in (error.hint or "")

    def test_hint_names_what_was_meant(self) -> None:
        files, line = rule('input.evidence["fairness-adit"]')
        (error,) = [e for e in lint_files(files) if e.line == line and not e.warning]
        assert error.hint == "did you mean `fairness-audit`"

    def test_statements_in_any_order(self) -> None:
        files, _ = rule("n < audits[i].predicate.unknown_count; n = 3; i = 0")
        assert found(files) == []


class TestTypes:
    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ('audits[0].predicate.unknown_count == "3"', "a whole number is never equal to text"),
            ('"3" in audits[0].predicate.group_sizes', "text is never equal to a whole number"),
            ('audits[0].predicate.audited == "model"', "`model` is none of the values that it can have"),
            ('audits[0].class == "mesured"', "`mesured` is none of the values that it can have"),
            ("audits[0].predicate.unknown_count < audits[0].id", "a whole number and text have no order"),
            ("audits[0].id < audits[0].source", "text has no order that means anything"),
            ("input.now > data.parameters.from_day", "an instant of a day comes after the day's text"),
            ("audits[0].predicate.attributes > 3", "a list and a whole number have no order"),
            ("audits[0].predicate.unknown_count + data.parameters.tolerance > 1", "arithmetic on fractions"),
            ("audits[0].predicate.unknown_count / 2 > 1", "arithmetic on fractions"),
            ("sum([0.1, 0.2]) > 1", "`sum` of fractions"),
            ("audits[0].id + 1 > 2", "arithmetic on text and a whole number"),
            ('startswith(3, "a")', "argument 1 of `startswith` is a whole number"),
            ("every x in audits[0].id { x > 1 }", "text has no entries to go through"),
        ],
    )
    def test_that_cannot_be_compared(self, body: str, problem: str) -> None:
        metadata = METADATA.replace("protected_attributes]", "protected_attributes, from_day, tolerance]")
        files, line = rule(f"data.parameters.from_day; data.parameters.tolerance; {body}", metadata=metadata)
        assert [at for _, at, said in found(files) if problem in said] == [line]

    @pytest.mark.parametrize(
        "body",
        [
            "input.now < data.parameters.from_day",
            "input.now >= data.parameters.from_day",
            "substring(input.now, 0, 10) <= data.parameters.from_day",
            "audits[0].collected_at <= input.now",
            'audits[0].collected_at > "2026-01-01T00:00:00Z"',
            "audits[0].predicate.impact_ratio.sex.ci_low >= data.parameters.tolerance",
            "data.lib.numbers.micro(data.parameters.tolerance) + 1 > 3",
            'input.system.tier in {"minimal", "limited"}',
            'object.get(audits[0].predicate, "unknown_count", null) != null',
            'count({x | x := audits[_].predicate.attributes[_]} - {"sex"}) == 0',
        ],
    )
    def test_that_may(self, body: str) -> None:
        metadata = METADATA.replace("protected_attributes]", "protected_attributes, from_day, tolerance]")
        files, _ = rule(f"data.parameters.from_day; data.parameters.tolerance; {body}", metadata=metadata)
        assert found(files) == []


class TestBasis:
    def test_who_calls_it_law_cites_one(self) -> None:
        law = METADATA.replace("basis: policy", "basis: law")
        assert found(small_bundle(metadata=law)) == []
        for cited in ("frameworks: {}", "frameworks: {eu-ai-act: []}"):
            told = lint_files(small_bundle(metadata=law.replace('frameworks: {eu-ai-act: ["10(2)(f)"]}', cited)))
            assert [(error.path, error.line, error.warning) for error in told] == [(CONTROL, 8, False)]
            assert "no article of a law is cited" in told[0].problem
            assert "laws here: eu-ai-act" in told[0].advice

    def test_what_was_decided_with_one_that_cites_none_can_be_made_again(self) -> None:
        law = METADATA.replace("basis: policy", "basis: law").replace('{eu-ai-act: ["10(2)(f)"]}', "{}")
        assert bundle_from_files(small_bundle(metadata=law)).controls["FAIR-01"].basis == "law"


class TestLanguage:
    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ("http.send({})", "the built-in `http.send` is not allowed"),
            ("time.now_ns() > 1", "the built-in `time.now_ns` is not allowed"),
            ("opa.runtime()", "the built-in `opa.runtime` is not allowed"),
            ('audits with input.now as ""', "`with` outside a test"),
            ('sprintf("%v", [1]) == ""', "`sprintf` with `%v`"),
            ('sprintf("%d", [data.parameters.tolerance]) == ""', "`%d` in `sprintf` is given a number"),
            ('sprintf("%s", [3]) == ""', "`%s` in `sprintf` is given a whole number"),
            ('sprintf("%s", []) == ""', "`sprintf` has 1 places and 0 values"),
            ('concat(",", {"a", "b"}) == ""', "`concat` over a set"),
            ('concat(",", [x | some x in {"a", "b"}]) == ""', "`concat` over a set"),
            ('concat(",", [k | some k, _ in audits[0].predicate.group_sizes]) == ""', "`concat` over a set"),
            ("some unused in audits", "`unused` is declared and not used"),
        ],
    )
    def test_that_engines_disagree_on_or_that_is_impure(self, body: str, problem: str) -> None:
        metadata = METADATA.replace("protected_attributes]", "protected_attributes, tolerance]")
        files, line = rule(f"data.parameters.tolerance; {body}", metadata=metadata)
        assert [at for _, at, said in found(files) if problem in said] == [line]

    def test_a_value_of_open_type_is_told_by_asking(self) -> None:
        metadata = METADATA.replace("{fairness-audit: measured}", "{fairness-audit: measured, training-run: any}")
        asked = 'some a in input.evidence["training-run"]; some k, v in a.predicate.hyperparameters; '
        said = 'count(audits) > 0\n\tcount(input.evidence["training-run"]) > 0'
        rules = RULES.replace("count(audits) > 0", said, 1)
        for body, problems in (
            ("", ["`%s` in `sprintf` is given a value of unknown type, not text"]),
            ("is_string(v); ", []),
        ):
            text = f'{rules}\nextra if {{ {asked}{body}k != sprintf("%s", [v]) }}\n'
            schema = schema_files()["training-run"]
            files = small_bundle(metadata=metadata, rules=text, **{"schemas/training-run.json": schema})
            assert [problem for *_, problem in found(files)] == problems

    def test_sorted_text_of_a_set_is_fine(self) -> None:
        files, _ = rule('concat(",", sort([x | some x in {"a", "b"}])) == ""')
        assert found(files) == []

    @pytest.mark.parametrize(
        "named",
        ["audits := audit.predicate.group_sizes\n\t\t", "every audits in [audit.predicate.group_sizes] {\n\t\t"],
    )
    def test_the_count_of_another_list_of_the_name_does_not_say_so(self, named: str) -> None:
        asked = "every n in audit.predicate.group_sizes { n >= data.parameters.min_group_size }"
        inner = asked.replace("audit.predicate.group_sizes", "audits") + (" }" if "{" in named else "")
        rules = RULES.replace("\t\tcount(audit.predicate.group_sizes) > 0\n", "").replace(asked, named + inner)
        assert [(error.line, error.problem) for error in lint_files(small_bundle(rules=rules))] == [
            (line_of(METADATA + rules, "every n in"), "`every` over a list that may be empty is true")
        ]

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            *((said, 1) for said in ("n >= 0", "0 <= n", "n == 0", "n != 5", "5 > n", "n <= 5", "n > -1", "n > 0 - 1")),
            *((said, 0) for said in ("0 < n", "n >= 1", "n != 0", "n == 3", "1.5 < n")),
            *((said, 0) for said in ("n >= data.parameters.min_group_size", "count(audits) == n")),
        ],
    )
    def test_a_comparison_that_an_empty_list_fulfils_does_not_say_so(self, said: str, told: int) -> None:
        count = "count(audit.predicate.group_sizes)"
        rules = RULES.replace(f"{count} > 0", re.sub(r"\bn\b", count, said))
        assert [error.problem for error in lint_files(small_bundle(rules=rules))] == told * [
            "`every` over a list that may be empty is true"
        ]

    def test_every_over_a_list_that_may_be_empty_is_a_warning(self) -> None:
        rules = RULES.replace("\tcount(data.parameters.protected_attributes) > 0\n", "")
        (error,) = lint_files(small_bundle(rules=rules))
        assert error.warning
        assert (error.line, error.problem) == (
            line_of(METADATA + rules, "every attribute"),
            "`every` over a list that may be empty is true",
        )

    def test_broken_rego_and_deep_brackets(self) -> None:
        text = "package lib.broken\n\nx := {\n"
        deep = f"package lib.deep\n\n\nx := {'[' * 40}{']' * 40}\n"
        problems = found(small_bundle(**{"lib/broken.rego": text, "lib/deep.rego": deep}))
        assert ("lib/deep.rego", 4, "brackets nested deeper than 12 levels") in problems
        assert [path for path, *_ in problems] == ["lib/broken.rego", "lib/deep.rego"]

    def test_a_library_cannot_add_to_a_control(self) -> None:
        text = 'package controls.fairness.FAIR_01\n\nsatisfied contains "attributes-covered" if true\n'
        problems = found(small_bundle(**{"lib/sly.rego": text}))
        assert (
            "lib/sly.rego",
            1,
            "the package `controls.fairness.FAIR_01` does not begin with its folder `lib`",
        ) in problems

    @pytest.mark.parametrize("name", ["numbres", "numbers.of"])
    def test_a_library_that_nobody_has(self, name: str) -> None:
        library = "package lib.numbers\n\nwhole(x) := floor(x)\n".replace("floor", "round")
        rules = f"import data.lib.{name} as sums\n\n{RULES}\nextra if {{ numbers.whole(2) == 2 }}\n"
        files = small_bundle(rules=rules, **{"lib/numbers.rego": library})
        told = {(error.line, error.problem): error.hint or "" for error in lint_files(files)}
        where = line_of(METADATA + rules, "import data.lib")
        assert "did you mean `data.lib.numbers`" in told[where, f"there is no library `data.lib.{name}`"]
        call = line_of(METADATA + rules, "extra if")
        assert told[call, "the built-in `numbers.whole` is not allowed"] == (
            "for the library write `import data.lib.numbers`"
        )

    def test_a_library_that_is_used_and_not_imported(self) -> None:
        """Told by what is missing, with the library that has the function."""
        rules = f"{RULES}\nextra if {{ sums.micro(2) == 2 }}\n"
        (error,) = [error for error in lint_files(small_bundle(rules=rules)) if not error.warning]
        assert (error.line, error.problem) == (line_of(METADATA + rules, "extra if"), "`sums` is not imported")
        assert error.hint == "write `import data.lib.numbers as sums`"

    @pytest.mark.parametrize(
        "rule",
        [
            'deny contains "no" if count(audits) == 0',
            "allow if count(audits) > 0",
            'other contains "x" if true',
            'deny contains "no" if count(audits) == 0\n\nblocked if count(deny) > 0',
            "deny if count(audits) == 0\n\nf(x) if deny == x\n\nblocked if f(true)",
        ],
    )
    def test_a_verdict_that_nothing_reads(self, rule: str) -> None:
        """Who knows OPA elsewhere takes it for one that denies."""
        rules = f"{RULES}\n{rule}\n"
        name = rule.split(maxsplit=1)[0]
        line = line_of(METADATA + rules, rule.split("\n", maxsplit=1)[0])
        assert (CONTROL, line, f"nothing reads `{name}`: it decides nothing") in found(small_bundle(rules=rules))

    def test_a_verdict_of_a_library_that_nothing_reads(self) -> None:
        """It denies nothing, whoever imports the library; helpers of other names may wait for who calls them."""
        here = 'if input.gate == "validation"'
        library = f'package lib.gates\n\ndeny contains "no" {here}\n\nhelper {here}\n'
        path = "lib/gates.rego"
        told = [item for item in found(small_bundle(**{path: library})) if item[0] == path]
        assert told == [(path, 3, "nothing reads `deny`: it decides nothing")]
        read = RULES.replace("\tcount(audits) > 0\n", "\tcount(audits) > 0\n\tcount(gates.deny) == 0\n", 1)
        files = small_bundle(rules=f"import data.lib.gates\n\n{read}", **{path: library})
        assert "nothing reads `deny`: it decides nothing" not in {problem for _, _, problem in found(files)}

    def test_arguments_that_a_library_cannot_take_are_told_where_they_are_handed_in(self) -> None:
        """The library is right for others."""
        calls = "sums.micro(2) == 2\n\tsums.micro(input.now) == 2"
        rules = f"import data.lib.numbers as sums\n\n{RULES}\nextra if {{\n\t{calls}\n}}\n"
        (error,) = [error for error in lint_files(small_bundle(rules=rules)) if not error.warning]
        assert (error.path, error.line) == (CONTROL, line_of(METADATA + rules, "sums.micro(input"))
        assert error.problem.startswith("what is handed in does not fit: arithmetic on an instant and a whole number")
        assert error.problem.endswith("(in lib/numbers.rego:3)")

    def test_a_library_that_is_wrong_for_all_is_told_itself(self) -> None:
        library = 'package lib.numbers\n\nmicro(number) := round(number * "x")\n'
        rules = f"import data.lib.numbers as sums\n\n{RULES}\nextra if {{\n\tsums.micro(2) == 2\n}}\n"
        errors = lint_files(small_bundle(rules=rules, **{"lib/numbers.rego": library}))
        assert {error.path for error in errors if not error.warning} == {"lib/numbers.rego"}

    def test_a_mistake_that_another_call_came_to_first_is_still_the_library_s(self) -> None:
        """What `outer` hands to `micro` is wrong whoever calls it; of the second call that is known, not found."""
        library = 'package lib.numbers\n\nmicro(number) := round(number * 10)\n\nouter(x) := micro("a") if x == x\n'
        calls = 'sums.outer(2) == 2\n\tsums.outer("b") == 2'
        rules = f"import data.lib.numbers as sums\n\n{RULES}\nextra if {{\n\t{calls}\n\tsums.micro(2) == 2\n}}\n"
        errors = lint_files(small_bundle(rules=rules, **{"lib/numbers.rego": library}))
        assert not any("outer" in error.problem for error in errors)
        assert "lib/numbers.rego" in {error.path for error in errors if not error.warning}

    def test_a_verdict_that_a_finding_reads(self) -> None:
        finding = 'findings contains {"objective": "attributes-covered", "message": "no"} if deny'
        assert found(small_bundle(rules=f"{RULES}\n{finding}\n\ndeny if count(audits) == 0\n")) == []

    @pytest.mark.parametrize(("path", "told"), [("group_sizs.f", True), ("group_sizes.f", False), ("filed_at", False)])
    def test_the_path_of_a_finding_is_a_field(self, path: str, told: bool) -> None:
        finding = (
            'findings contains {"objective": "attributes-covered", "message": "no", "evidence": audit.id, '
            f'"path": "{path}"}} if some audit in audits'
        )
        errors = lint_files(small_bundle(rules=f"{RULES}\n{finding}\n"))
        problem = "the path of a finding names no field of `fairness-audit`: `group_sizs`"
        assert [error.problem for error in errors if "path" in error.problem] == [problem] * told
        assert not any(error.path == CONTROL and not error.warning for error in errors)

    def test_a_name_that_nothing_binds_is_told_once(self) -> None:
        rules = f"{RULES}\nextra if {{ nobody == 2 }}\n"
        (error,) = [error for error in lint_files(small_bundle(rules=rules)) if not error.warning]
        assert error.line == line_of(METADATA + rules, "extra if")

    def test_a_folder_that_is_no_bundle_is_told_to_be_that_and_nothing_else(self) -> None:
        files = {path.removeprefix("controls/"): text for path, text in small_bundle().items() if "controls" in path}
        (error,) = lint_files(files)
        assert str(error) == ".:1: no bundle of policies lies here"
        assert error.hint == "give the folder that holds `controls` and `parameters`; an overlay is given by --overlay"

    def test_an_impure_built_in_that_nothing_reaches(self) -> None:
        text = 'package lib.idle\n\nask(url) := http.send({"url": url})\n'
        problems = found(small_bundle(**{"lib/idle.rego": text}))
        assert problems == [("lib/idle.rego", 3, "the built-in `http.send` is not allowed")]

    @pytest.mark.parametrize("depth", [250, 5_000])
    def test_calls_nested_without_end(self, depth: int) -> None:
        files, _ = rule(f"{'abs(' * depth}1{')' * depth} > 0")
        assert found(files) != []

    @pytest.mark.parametrize(
        "text", [" + ".join(["1"] * 250), f"{'abs(' * 200}1{')' * 200}", f"input.system{'.a' * 250}"]
    )
    def test_what_is_nested_too_deeply_is_told_at_its_line(self, text: str) -> None:
        files, line = rule(f"{text} == 1")
        assert {(path, at) for path, at, said in found(files) if "nested" in said} == {(CONTROL, line)}

    def test_walk_reads_all_that_it_goes_through(self) -> None:
        rules = RULES.replace(
            "count(audits) > 0", "count(audits) > 0\n\twalk(audits[0].predicate.mitigation, [_, _])", 1
        )
        look = look_through(small_bundle(rules=rules))
        assert look.mistakes == ()
        paths = look.inspection.controls["FAIR-01"].paths["attributes-covered"]
        assert "fairness-audit[].predicate.mitigation/**" in paths

    def test_recursion(self) -> None:
        files, _ = rule("again(3)")
        files[CONTROL] += b"\nagain(n) if again(n - 1)\n"
        assert any("calls itself" in said for _, _, said in found(files))

    def test_recursion_is_told_alike_whether_something_asks_for_the_rule_or_nothing(self) -> None:
        ring = "\nring := [1]\n-1 if {\n\tsome x in ring\n\tx > 0\n}\n"
        asked = RULES.replace("count(audits) > 0", "count(audits) > 0\n\tring != 1", 1)
        alone, beside = ([said for *_, said in found(small_bundle(rules=rules + ring))] for rules in (RULES, asked))
        assert alone == beside
        assert "a number has no entries to go through" in alone


class TestObjectives:
    def check(self, old: str, new: str, problem: str, at: str) -> None:
        text = METADATA + RULES
        assert old in text
        changed = text.replace(old, new, 1)
        files = small_bundle(metadata=changed, rules="")
        assert (CONTROL, line_of(changed, at), problem) in found(files)

    def test_asserted_and_unknown(self) -> None:
        new = 'satisfied contains "attributes-coverd" if'
        self.check(
            'satisfied contains "attributes-covered" if',
            new,
            "the objective `attributes-coverd` is not in METADATA",
            new,
        )

    def test_named_and_never_asserted(self) -> None:
        problem = "no rule satisfies the objective `attributes-covered`"
        self.check('satisfied contains "attributes-covered" if', "covered if", problem, "#     attributes-covered")

    def test_not_a_literal(self) -> None:
        new = 'satisfied contains name if {\n\tname := "attributes-covered"'
        problem = "`satisfied` is not asserted as a set of literal objective names"
        self.check('satisfied contains "attributes-covered" if {', new, problem, "satisfied contains name")

    def test_default(self) -> None:
        new = "default satisfied := set()\n\nsatisfied contains"
        problem = "`satisfied` is not asserted as a set of literal objective names"
        self.check("satisfied contains", new, problem, "default satisfied")

    def test_without_evidence(self) -> None:
        new = 'satisfied contains "attributes-covered" if input.gate == "validation"\n\nold if {'
        problem = "the objective `attributes-covered` is satisfied without reading evidence"
        self.check(
            'satisfied contains "attributes-covered" if {', new, problem, 'satisfied contains "attributes-covered"'
        )

    def test_without_condition(self) -> None:
        new = 'satisfied contains "attributes-covered"\n\nold if {'
        problem = "the objective `attributes-covered` is satisfied without a condition"
        self.check(
            'satisfied contains "attributes-covered" if {', new, problem, 'satisfied contains "attributes-covered"'
        )

    def test_finding_about_an_unknown_one(self) -> None:
        problem = "a finding names the unknown objective `groups-large`"
        self.check('"objective": "groups-large-enough"', '"objective": "groups-large"', problem, "findings contains")

    def test_finding_with_a_set(self) -> None:
        problem = "`observed` of a finding holds a set, or a list made of one, without an order"
        self.check('"observed": n', '"observed": [x | some x in {n}]', problem, "findings contains")

    def test_finding_with_an_unknown_field(self) -> None:
        self.check('"observed": n', '"observd": n', "a finding has no field `observd`", "findings contains")

    def test_finding_without_message(self) -> None:
        old = '\t\t"message": "group {group} is too small to judge",\n'
        self.check(old, "", "a finding without `message`", "findings contains")

    def test_applies_that_is_no_boolean(self) -> None:
        new = 'applies := "yes" if count(audits) > 0\n\nfindings contains'
        self.check("findings contains", new, "`applies` is text", "applies :=")


class TestDeclarations:
    def test_evidence_read_and_not_declared(self) -> None:
        files, line = rule('count(input.evidence["approval"]) > 0')
        problem = "the evidence type `approval` is read and METADATA does not declare it"
        assert found(files) == [(CONTROL, line, problem)]

    def test_evidence_declared_and_not_read(self) -> None:
        metadata = METADATA.replace("{fairness-audit: measured}", "{fairness-audit: measured, approval: any}")
        problem = "the evidence type `approval` is declared and no objective reads it"
        assert found(small_bundle(metadata=metadata)) == [(CONTROL, line_of(metadata, "evidence:"), problem)]

    def test_parameter_read_and_not_declared(self) -> None:
        files, line = rule("count(data.parameters.methods) > 0")
        assert found(files) == [(CONTROL, line, "the parameter `methods` is read and METADATA does not declare it")]

    def test_parameter_declared_and_not_read(self) -> None:
        metadata = METADATA.replace("protected_attributes]", "protected_attributes, methods]")
        problem = "the parameter `methods` is declared and never read"
        assert found(small_bundle(metadata=metadata)) == [(CONTROL, line_of(metadata, "parameters:"), problem)]


class TestCauses:
    """Of a name that stands for nothing its own line is told, and not what else comes of it in the file."""

    @pytest.mark.parametrize(
        ("old", "new", "problem", "hint"),
        [
            (
                '"attributes-covered" if',
                '"attributes-coverd" if',
                "the objective `attributes-coverd` is not in METADATA",
                "did you mean `attributes-covered`",
            ),
            (
                "#     groups-large-enough:",
                "#     groups-large-enoug:",
                "the objective `groups-large-enough` is not in METADATA",
                "did you mean `groups-large-enoug`",
            ),
            (
                'input.evidence["fairness-audit"]',
                'input.evidence["fairness-audits"]',
                "unknown evidence type `fairness-audits`",
                "did you mean `fairness-audit`",
            ),
            (
                "{fairness-audit: measured}",
                "{fairness-audits: measured}",
                "unknown evidence type `fairness-audits`",
                "did you mean `fairness-audit`",
            ),
            (
                "[min_group_size, protected_attributes]",
                "[min_group_sizes, protected_attributes]",
                "unknown parameter `min_group_sizes`",
                "did you mean `min_group_size`",
            ),
        ],
    )
    def test_are_told_alone(self, old: str, new: str, problem: str, hint: str) -> None:
        assert old in METADATA + RULES
        files = small_bundle(metadata=METADATA.replace(old, new), rules=RULES.replace(old, new))
        (error,) = lint_files(files)
        assert (error.path, error.problem, error.hint) == (CONTROL, problem, hint)

    def test_hide_nothing_of_another_kind_nor_of_another_file(self) -> None:
        files = small_bundle(
            metadata=METADATA.replace("protected_attributes]", "protected_attributes, methods]"),
            rules=RULES.replace('"attributes-covered" if', '"attributes-coverd" if'),
        )
        assert {problem for _, _, problem in found(files)} == {
            "the objective `attributes-coverd` is not in METADATA",
            "the parameter `methods` is declared and never read",
        }
        other = METADATA.replace("FAIR-01", "FAIR-02").replace("FAIR_01", "FAIR_02")
        files["controls/fairness/FAIR-02.rego"] = (other + RULES.replace("attributes-covered", "attributes")).encode()
        files[CONTROL] = (METADATA + RULES.replace('"attributes-covered" if', '"groups-large-enough" if')).encode()
        assert {path for path, _, _ in found(files)} == {CONTROL, "controls/fairness/FAIR-02.rego"}


def reading(reads: str) -> dict[str, bytes]:
    """The small control with a second type that one of its two objectives reads; `reads` stands in METADATA."""
    metadata = METADATA.replace("{fairness-audit: measured}", "{fairness-audit: measured, approval: any}")
    metadata = metadata.replace("groups-large-enough: {", f"groups-large-enough: {{reads: {reads}, ")
    rules = RULES + "\napprovals := input.evidence.approval\n"
    rules = rules.replace("count(audits) > 0\n\tcount(data", "count(audits) > 0\n\tcount(approvals) > 0\n\tcount(data")
    return small_bundle(metadata=metadata, rules=rules)


class TestReads:
    def test_all_types_unless_it_says_fewer(self) -> None:
        look = look_through(reading("[fairness-audit]"))
        assert look.mistakes == ()
        assert look.draft.controls["FAIR-01"].reads == {
            "attributes-covered": frozenset({"approval", "fairness-audit"}),
            "groups-large-enough": frozenset({"fairness-audit"}),
        }
        paths = look.inspection.controls["FAIR-01"].paths
        assert "fairness-audit[].predicate.group_sizes.*" in paths["groups-large-enough"]
        assert "parameter:min_group_size" in paths["groups-large-enough"]

    @pytest.mark.parametrize(
        ("reads", "problems"),
        [
            (
                "[approval]",
                {
                    "the objective `groups-large-enough` reads `fairness-audit` and its list of types does not name it",
                    "the objective `groups-large-enough` says that it reads `approval` and does not",
                },
            ),
            (
                "[approval, fairness-audit]",
                {"the objective `groups-large-enough` says that it reads `approval` and does not"},
            ),
            ("[aproval]", {"`evidence` does not name the type `aproval`"}),
        ],
    )
    def test_what_is_written_is_what_the_rules_read(self, reads: str, problems: set[str]) -> None:
        files = reading(reads)
        line = line_of(files[CONTROL].decode(), "groups-large-enough: {")
        assert {(place, problem) for _, place, problem in found(files)} == {(line, problem) for problem in problems}


class TestMessages:
    def problems(self, message: str, more: str = "") -> list[tuple[str, bool]]:
        old = RULES[RULES.index('"message":') : RULES.index('"observed"')]
        rules = RULES.replace(old, f'"message": {message}, {more}\n\t\t')
        look = look_through(small_bundle(rules=rules))
        line = line_of(METADATA + rules, "findings contains")
        told = [(error, False) for error in look.untidy] + [(error, True) for error in look.mistakes]
        assert not any(error.warning for error, _ in told)
        return [(error.problem, refused) for error, refused in told if error.line == line]

    def test_a_constant_with_its_places_filled(self) -> None:
        assert self.problems('"{group} has {observed} cases"', '"values": {"group": name},') == []

    def test_text_that_is_put_together(self) -> None:
        """A mistake to lint; refused where `values` say that it was to be constant."""
        problem = "the message of a finding is not a constant text"
        assert self.problems('sprintf("%s", [name])') == [(problem, False)]
        assert self.problems('sprintf("%s", [name])', '"values": {"group": name},') == [(problem, True)]
        assert self.problems("name") == [(problem, False)]

    @pytest.mark.parametrize(
        ("message", "more", "problem"),
        [
            ('"{group} is small"', "", "nothing fills `{group}` of the message `{group} is small`"),
            ('"under {expected}"', "", "nothing fills `{expected}` of the message `under {expected}`"),
            ('"too small"', '"values": {"group": name},', "the message `too small` has no place for `group`"),
            ('"{ group }"', "", "a brace that is no place in the message `{ group }`"),
            ('"{share}"', '"values": {"share": 0.5},', "the value `share` of a finding is a number"),
            ('"{all}"', '"values": {"all": [name]},', "the value `all` of a finding is a list"),
        ],
    )
    def test_places_are_exactly_what_is_given(self, message: str, more: str, problem: str) -> None:
        assert (problem, True) in self.problems(message, more)

    def test_by_the_constructors(self) -> None:
        rules = RULES[: RULES.index("findings contains")] + (
            "findings contains data.lib.findings.also(small, "
            '{"observed": n, "expected": data.parameters.min_group_size, "values": {"group": name}}) if {\n'
            "\tsome audit in audits\n\tsome name, n in audit.predicate.group_sizes\n"
            "\tn < data.parameters.min_group_size\n"
            '\tsmall := data.lib.findings.gap("groups-large-enough", audit, "group_sizes", '
            '"{group}: {observed}, {expected}")\n}\n'
        )
        library = (Path(__file__).parents[2] / "policies/lib/findings.rego").read_text()
        assert found(small_bundle(rules=rules, **{"lib/findings.rego": library})) == []
        wrong = rules.replace("{group}:", "{name}:")
        assert {problem for _, _, problem in found(small_bundle(rules=wrong, **{"lib/findings.rego": library}))} == {
            "nothing fills `{name}` of the message `{name}: {observed}, {expected}`",
            "the message `{name}: {observed}, {expected}` has no place for `group`",
        }


def test_all_mistakes_at_once() -> None:
    metadata = METADATA.replace("severity: major", "severity: huge")
    text = "package lib.more\n\nx := data.nowhere.y\n"
    files = small_bundle(metadata=metadata, **{"lib/more.rego": text, "gates/staging.yaml": "gate: production\n"})
    assert {path for path, *_ in found(files)} == {CONTROL, "lib/more.rego", "gates/staging.yaml"}


def test_a_folder_that_is_not_there(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Exception, match="no such folder"):
        lint(tmp_path / "nowhere")


class TestTypesWithoutEnd:
    """What would double with each line is refused at its rule, before it fills the memory."""

    def test_objects_that_hold_the_one_before_twice(self) -> None:
        ladder = "; ".join(["x0 := {}", *(f'x{n} := {{"a": x{n - 1}, "b": x{n - 1}}}' for n in range(1, 40))])
        files, line = rule(f"{ladder}; x39 != {{}}")
        assert (CONTROL, line, "a value of more parts than can be checked") in found(files)

    def test_rules_that_hold_the_one_before_twice(self) -> None:
        rungs = [f'r{n} := {{"a": r{n - 1}, "b": r{n - 1}}}' for n in range(1, 40)]
        files = small_bundle(rules="\n".join([RULES, "r0 := {}", *rungs, ""]))
        assert any("more parts than can be checked" in said for _, _, said in found(files))

    def test_a_schema_whose_definitions_multiply(self) -> None:
        inner = {"type": "object", "properties": {name: {"$ref": "#/$defs/x"} for name in "abcd"}}
        schema = {"$ref": "#/$defs/x", "$defs": {"x": inner}}
        with pytest.raises(LargeTypeError, match="more than 50000 types"):
            from_schema(schema, "fairness-audit[].predicate")
