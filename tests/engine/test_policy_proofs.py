"""`policy test`: cases, Rego tests and the deletion test, on the engine that is always there."""

import re

import pytest

from engine.backends.regorus import RegorusEngine
from engine.bundle.load import bundle_from_files
from engine.errors import PolicyError, PolicyErrors
from engine.proofs.cases import passing_case, read_cases
from engine.proofs.policytest import Report, run_policy_tests
from tests.worlds.small_bundle import AUDIT, CASES, GATE, METADATA, NOTHING, RULES, TEST, case, cases, small_bundle


def report(files: dict[str, bytes]) -> Report:
    (found,) = run_policy_tests(bundle_from_files(files), RegorusEngine)
    return found


def test_a_proved_control() -> None:
    result = report(small_bundle())
    assert result.passed
    assert [(c.name, c.actual) for c in result.cases] == [
        ("enough cases", "pass"),
        ("a small group", "fail"),
        ("an audit of nothing", "fail"),
    ]
    assert [test.name for test in result.rego_tests] == ["test_nothing_known_satisfies_nothing"]
    assert result.deletions == 9
    assert result.idle == ()


def test_each_objective_has_a_case_that_leaves_it_unsatisfied() -> None:
    """What the proofs change is made up: a rule that compares a name with an id holds beside all of it."""
    small = case("a small group", "fail", {**AUDIT, "group_sizes": {"f": 3}}, satisfied=["attributes-covered"])
    nothing = {"name": "nothing on file", "gate": "validation", "expect": "missing", "evidence": {}}
    empty = case("an audit that tells nothing", "fail", {"artifact_digest": AUDIT["artifact_digest"]})
    told = f"{CASES}:1: no case leaves `attributes-covered` unsatisfied"
    # Where something is absent nothing holds, whatever the rules say.
    for more, but in (([], ""), ([nothing], " but by what is absent"), ([empty], " but by what is absent")):
        found = report(small_bundle(**{CASES: cases(case("enough cases", "pass", AUDIT), small, *more)}))
        assert [str(item) for item in found.mistakes] == [told + but]
        assert not found.passed


class TestDeletion:
    def survivors(self, old: str, new: str, **more: str) -> set[tuple[str, str]]:
        assert old in RULES
        result = report(small_bundle(rules=RULES.replace(old, new), **more))
        assert not result.passed
        return {(survivor.what, survivor.path) for survivor in result.survivors}

    def test_every_over_an_emptied_list(self) -> None:
        found = self.survivors("\t\tcount(audit.predicate.group_sizes) > 0\n", "")
        what = "the entries of fairness-audit/0/predicate/group_sizes"
        assert found == {(what, "fairness-audit.group_sizes")}

    def test_every_over_an_emptied_parameter(self) -> None:
        found = self.survivors("\tcount(data.parameters.protected_attributes) > 0\n", "")
        assert ("the entries of the parameter protected_attributes", "parameters.protected_attributes") in found

    def test_a_breach_that_is_looked_for(self) -> None:
        """The classic: deny by finding the breach, so whatever is absent is no breach."""
        found = self.survivors(
            "every n in audit.predicate.group_sizes { n >= data.parameters.min_group_size }",
            "every n in audit.predicate.group_sizes { not n < data.parameters.min_group_size }",
        )
        assert found == {("the parameter min_group_size", "parameters.min_group_size")}

    def test_not_of_a_field(self) -> None:
        found = self.survivors(
            "\t\tcount(audit.predicate.group_sizes) > 0\n",
            '\t\tcount(audit.predicate.group_sizes) > 0\n\t\tnot audit.predicate.audited == "training-labels"\n',
        )
        assert found == {("fairness-audit/0/predicate/audited", "fairness-audit.audited")}

    def test_not_applicable_for_want_of_a_fact_is_no_better(self) -> None:
        known = "audits[0].predicate.mitigation"
        applies = f"\napplies := count({known}) == 0 if {known}\n\napplies := false if not {known}\n"
        result = report(small_bundle(rules=RULES + applies))
        assert {(s.path, s.status) for s in result.survivors} == {
            ("fairness-audit.mitigation", "not-applicable"),
            ("fairness-audit.predicate", "not-applicable"),
        }

    def test_a_named_exception_with_its_reason(self) -> None:
        exception = "#   may_be_empty: {fairness-audit.group_sizes: No groups is a state too.}\n#   frameworks"
        metadata = METADATA.replace("#   frameworks", exception)
        rules = RULES.replace("\t\tcount(audit.predicate.group_sizes) > 0\n", "")
        assert report(small_bundle(metadata=metadata, rules=rules)).passed
        needless = report(small_bundle(metadata=metadata))
        assert not needless.passed
        assert needless.needless == ("may_be_empty.fairness-audit.group_sizes",)

    def test_a_field_that_decides_nothing_may_go_where_metadata_says_why(self) -> None:
        old = "\t\tcount(audit.predicate.group_sizes) > 0\n"
        rules = RULES.replace(old, f"{old}\t\tbig(audit)\n") + (
            '\nbig(audit) if audit.predicate.audited == "model-outputs"\n'
            "\nbig(audit) if audit.predicate.unknown_count > 1000\n"
        )
        result = report(small_bundle(rules=rules))
        assert result.survivors == ()
        assert result.idle == ("fairness-audit.unknown_count",)
        assert result.unweighed == ("fairness-audit.unknown_count: no other value takes groups-large-enough away",)
        assert not result.passed
        named = "#   may_differ: {fairness-audit.unknown_count: The outputs were audited here.}\n#   frameworks"
        assert report(small_bundle(metadata=METADATA.replace("#   frameworks", named), rules=rules)).passed


class TestGates:
    """A rule that asks which gate it is may ask less at one than at another."""

    says, finds = RULES[: RULES.index("findings")], RULES[RULES.index("findings") :]
    early = '\nfits(_) if input.gate == "staging"\n'

    def proved(self, more: str, *staging: dict[str, object], **files: str) -> Report:
        """The report on the control at two gates, by rules with `more`; of cases at `staging` it has these."""
        rules = self.says.replace("{ n >= data.parameters.min_group_size }", "{ fits(n) }")
        rules += f"\nfits(n) if n >= data.parameters.min_group_size\n{more}"
        small = case("a small group", "fail", {**AUDIT, "group_sizes": {"f": 3}})
        more_files = {
            "gates/staging.yaml": GATE.replace("validation", "staging"),
            CASES: cases(case("enough cases", "pass", AUDIT), small, *staging, NOTHING),
            **files,
        }
        metadata = METADATA.replace("gates: [validation]", "gates: [validation, staging]")
        return report(small_bundle(metadata=metadata, rules=rules, **more_files))

    def test_those_with_the_same_objectives_share_their_cases(self) -> None:
        assert self.proved("").passed
        late = self.finds.replace("some audit in", 'input.gate == "validation"\n\tsome audit in', 1)
        assert self.proved(f"\n{late}").passed, "a finding decides nothing"

    @pytest.mark.parametrize(
        ("more", "library"),
        [
            (early, "early := 1"),
            ("\nfits(_) if data.lib.stages.early\n", 'early if input.gate == "staging"'),
            ("\nfits(_) if data.lib.stages.of(input.gate)\n", 'of(gate) if gate == "staging"'),
        ],
        ids=["the control asks", "a library asks", "a library is told"],
    )
    def test_each_has_a_case_where_a_rule_asks_for_it(self, more: str, library: str) -> None:
        found = self.proved(more, **{"lib/stages.rego": f"package lib.stages\n\n{library}\n"})
        (mistake,) = found.mistakes
        assert mistake.problem == (
            "no case passes at gate `staging`, whose objectives are attributes-covered, groups-large-enough"
        )
        assert mistake.hint == "write one; the proofs start from it, and the rules ask which gate it is"

    def test_what_decides_at_one_excuses_nothing_at_another(self) -> None:
        staging = case("enough cases at staging", "pass", AUDIT, gate="staging")
        found = self.proved(self.early, staging)
        told = "fairness-audit.group_sizes: no other value takes groups-large-enough away at gate staging"
        assert (found.mistakes, found.unweighed) == ((), (told,))
        assert self.proved('\nfits(n) if {\n\tinput.gate == "staging"\n\tn >= 30\n}\n', staging).passed


class TestCases:
    def problems(self, *entries: dict[str, object]) -> list[str]:
        result = report(small_bundle(**{CASES: cases(*entries, NOTHING)}))
        assert not result.passed
        return [c.problem for c in result.cases if c.problem] + [str(m) for m in result.mistakes]

    def test_that_come_out_otherwise(self) -> None:
        wrong = case("wrong", "fail", AUDIT)
        assert self.problems(case("right", "pass", AUDIT), wrong) == ["expected fail, came to pass"]

    def test_that_satisfy_otherwise(self) -> None:
        small = {**AUDIT, "group_sizes": {"f": 3}}
        wrong = case("wrong", "fail", small, satisfied=["groups-large-enough"])
        problem = "satisfied attributes-covered instead of groups-large-enough"
        assert self.problems(case("right", "pass", AUDIT), wrong) == [problem]

    def test_none_that_passes(self) -> None:
        (problem,) = self.problems(case("nothing", "missing"))
        assert "no case passes at gate `validation`" in problem

    def test_a_field_that_the_schema_does_not_have(self) -> None:
        (problem,) = self.problems(case("odd", "pass", {**AUDIT, "sizes": 3}))
        assert problem.startswith(f"{CASES}:")
        assert "`sizes`: is no field here" in problem

    def test_a_field_of_another_type(self) -> None:
        (problem,) = self.problems(case("odd", "pass", {**AUDIT, "unknown_count": "3"}))
        assert "`unknown_count`: is no whole number" in problem

    def test_fields_that_the_control_does_not_read_may_be_left_out(self) -> None:
        partial = {"attributes": ["sex"], "group_sizes": {"f": 40}}
        assert report(small_bundle(**{CASES: cases(case("partial", "pass", partial), NOTHING)})).passed

    def test_evidence_that_the_control_does_not_read(self) -> None:
        entry = case("odd", "pass", AUDIT)
        entry["evidence"] = {"approval": []}
        (problem,) = self.problems(entry)
        assert "the control does not read `approval`" in problem

    def test_records_that_are_not_current_do_not_count(self) -> None:
        entry = case("stale", "missing")
        entry["evidence"] = {"fairness-audit": [{"predicate": AUDIT, "expires_at": "2026-11-20T12:00:00Z"}]}
        assert report(small_bundle(**{CASES: cases(case("right", "pass", AUDIT), entry, NOTHING)})).passed

    def test_the_first_that_passes_is_read_alone(self) -> None:
        written = cases(
            case("a small group", "fail", {**AUDIT, "group_sizes": {"f": 3}}),
            case("enough cases", "pass", AUDIT),
            case("many cases", "pass", {**AUDIT, "unknown_count": 1}),
            case("of another type", "pass", {**AUDIT, "unknown_count": "none"}),
        )
        bundle = bundle_from_files(small_bundle(**{CASES: written}))
        (control,) = bundle.controls.values()
        found = passing_case(bundle, control)
        assert found == read_cases(bundle, control, "enough cases")[0]
        with pytest.raises(PolicyErrors, match="unknown_count"):  # which `policy test` and lint tell
            read_cases(bundle, control)
        alone = bundle_from_files(small_bundle(**{CASES: cases(case("a small group", "fail", AUDIT))}))
        assert passing_case(alone, control) is None

    def test_a_control_needs_cases_and_no_rego_test(self) -> None:
        files = small_bundle()
        del files[TEST]
        assert report(files).passed
        del files[CASES]
        assert [m.problem for m in report(files).mistakes] == ["the control has no cases"]


BASE = """\
base:
  gate: validation
  evidence:
    fairness-audit:
      - {artifact_digest: sha256:c, attributes: [sex, age], group_sizes: {f: 60, m: 70}}
cases:
"""


class TestDifferences:
    def run(self, *lines: str) -> tuple[list[str], list[str]]:
        """What became of each case after the first, which is the base; and the mistakes."""
        text = BASE + "".join(f"  - {line}\n" for line in ("{name: the base, expect: pass}", *lines))
        result = report(small_bundle(**{CASES: text}))
        return [c.actual for c in result.cases[1:]], [f"{m.line}: {m.problem}" for m in result.mistakes]

    def test_a_case_says_how_it_differs(self) -> None:
        actual, mistakes = self.run(
            "{name: a small group, expect: fail, change: {fairness-audit/0/group_sizes/f: 3}}",
            "{name: no groups, expect: fail, without: [fairness-audit/0/group_sizes]}",
            "{name: no audit, expect: missing, without: [fairness-audit/0]}",
            "{name: no evidence, expect: missing, evidence: {}}",
            "{name: two, expect: fail, copy: {fairness-audit/1: fairness-audit/0}, "
            "change: {fairness-audit/1/attributes: []}}",
            "{name: stale, expect: missing, change: {fairness-audit/0/expires_at: 2026-11-20T00:00:00Z}}",
            "{name: another artifact, expect: missing, change: {fairness-audit/0/artifact_digest: sha256:e}}",
            "{name: fewer cases ask for, expect: fail, parameters: {min_group_size: 61}}",
            "{name: a record more, expect: fail, change: {fairness-audit/1: {attributes: [sex]}}}",
        )
        assert mistakes == []
        assert actual == ["fail", "fail", "missing", "missing", "fail", "missing", "missing", "fail", "fail"]

    @pytest.mark.parametrize(
        ("difference", "problem"),
        [
            ("change: {fairness-audit/1/attributes: []}", "there is no entry `1`; it has 1"),
            ("change: {fairness-audit/2: {attributes: []}}", "there is no entry `2`; it has 1"),
            ("change: {fairness-audit/0/attributes: [sex, age]}", "it is that already"),
            ("change: {fairness-audit/0/group_sizes/f/n: 1}", "nothing lies under it at `n`"),
            ("change: {fairness-audit/0/parity/sex: 1}", "there is no `parity`"),
            ("change: {approval/0/gate: staging}", "the control does not read `approval`"),
            ("change: {fairness-audit: []}", "write the records of a type one by one, or under `evidence`"),
            ("without: [fairness-audit/0/mitigation]", "there is no `mitigation`"),
            ("without: [fairness-audit/x]", "there is no entry `x`; it has 1"),
            ("copy: {fairness-audit/1: fairness-audit/5}", "there is no entry `5`; it has 1"),
        ],
    )
    def test_a_place_that_is_not_there(self, difference: str, problem: str) -> None:
        _, mistakes = self.run(f"{{name: odd, expect: fail, {difference}}}")
        place = re.findall(r"[\w-]+/[\w/]+|fairness-audit", difference)[0]
        assert mistakes == [f"8: `{place}`: {problem}"]

    def test_a_changed_field_of_another_type_at_its_line(self) -> None:
        _, (mistake,) = self.run("{name: odd, expect: fail, change: {fairness-audit/0/unknown_count: many}}")
        assert mistake.startswith("8: `unknown_count`: is no whole number")

    def test_a_mistake_of_the_base_is_told_once(self) -> None:
        text = BASE.replace("attributes: [sex, age]", "attributes: 3") + "  - {name: one, expect: pass}\n" * 1
        text += "  - {name: two, expect: pass}\n"
        (mistake,) = report(small_bundle(**{CASES: text})).mistakes
        assert (mistake.line, mistake.problem[:12]) == (5, "`attributes`")


class TestRego:
    def test_one_that_does_not_hold(self) -> None:
        text = "package controls.fairness.FAIR_01_test\n\ntest_wrong if 1 == 2\n\ntest_right if 1 == 1\n"
        result = report(small_bundle(**{TEST: text}))
        assert [(t.name, t.problem) for t in result.rego_tests] == [
            ("test_right", ""),
            ("test_wrong", "it does not hold"),
        ]
        assert not result.passed

    def test_of_a_library(self) -> None:
        text = "package lib.numbers_test\n\ntest_micro if data.lib.numbers.micro(1) == 1000001\n"
        files = small_bundle(**{"lib/numbers_test.rego": text})
        library, control = run_policy_tests(bundle_from_files(files), RegorusEngine)
        assert (library.name, library.passed, control.passed) == ("lib/numbers_test.rego", False, True)

    def test_without_a_rule(self) -> None:
        result = report(small_bundle(**{TEST: "package controls.fairness.FAIR_01_test\n\nx := 1\n"}))
        assert [m.problem for m in result.mistakes] == ["no `test_…` rule"]


def test_an_unknown_control() -> None:
    with pytest.raises(PolicyError, match="unknown control `FAIR-9`"):
        list(run_policy_tests(bundle_from_files(small_bundle()), RegorusEngine, only=["FAIR-9"]))
