"""The corruption test of `policy test`: each kind of falsehood is found where a rule is too weak for it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from engine.backends.regorus import RegorusEngine
from engine.bundle.draft import read_draft
from engine.bundle.files import read_folder
from engine.bundle.load import bundle_from_files
from engine.proofs.policytest import Report, run_policy_tests
from engine.proofs.survivors import survivors_page
from tests.worlds.small_bundle import CASES, METADATA, TEST, schema_files, small_bundle

ROOT = Path(__file__).parents[2]
C, D = f"sha256:{64 * 'c'}", f"sha256:{64 * 'd'}"
ESTIMATE = {"value": 0.2, "n": 100, "ci_low": 0.1, "ci_high": 0.3, "confidence": 0.95, "excluded": 0}
RECORDS: dict[str, dict[str, Any]] = {
    "approval": {
        "gate": "staging",
        "artifact_digest": C,
        "role": "validator",
        "decision": "approve",
        "decided_at": "2026-11-10T00:00:00Z",
        "conditions": [{"text": "watch the smallest group", "met": True}],
    },
    "fairness-audit": {
        "artifact_digest": C,
        "dataset_digest": D,
        "audited": "model-outputs",
        "unknown_count": 0,
        "parity_difference": {"sex": ESTIMATE},
    },
    "feed-status": {
        "feed": "incident-record",
        "window": {"start": "2025-11-20T00:00:00Z", "end": "2026-11-20T00:00:00Z"},
        "count": 0,
        "complete": True,
    },
    "model-card": {"artifact_digest": C, "limitations": "groups of few cases"},
}
ACCESS = {
    "access/signers.yaml": "signers: {approval: {signed_by: [validator]}, model-card: {signed_by: [validator]}}\n",
    **{
        f"access/{name}": (ROOT / "policies" / "access" / name).read_text(encoding="utf-8")
        for name in ("schema.cedarschema", "access.cedar")
    },
}
EVERY = """
seen := input.evidence["{kind}"]

satisfied contains "one" if {{
	count(seen) > 0
	every record in seen {{
		{body}
	}}
}}
"""
SOME = """
satisfied contains "one" if {{
	some record in input.evidence["{kind}"]
	{body}
}}
"""


def whole_report(kinds: str, parameters: str, rules: str, evidence: dict[str, Any], named: str = "") -> Report:
    """The report on a control with one objective, `one`, and two cases: one passes, one has no record; `named` are
    exceptions.
    """
    start, end = METADATA.index("#     attributes-covered"), METADATA.index("#   frameworks")
    metadata = f"{METADATA[:start]}#     one: {{says: The record is as it has to be.}}\n{named}{METADATA[end:]}"
    metadata = metadata.replace("{fairness-audit: measured}", f"[{kinds}]")
    metadata = metadata.replace("[min_group_size, protected_attributes]", f"[{parameters}]")
    case = {"name": "a good record", "gate": "validation", "expect": "pass", "evidence": evidence}
    schemas = {f"schemas/{kind}.json": schema_files()[kind] for kind in (*evidence, "model-card")}
    none = {"name": "no record", "gate": "validation", "expect": "missing", "evidence": {}}
    more = {CASES: json.dumps({"cases": [case, none]}), **ACCESS, **schemas}
    files = small_bundle(metadata=metadata, rules=rules, **more)
    del files[TEST]
    (found,) = run_policy_tests(bundle_from_files(files), RegorusEngine, only=["FAIR-01"])
    assert [case.problem for case in found.cases] == ["", ""]
    return found


def control_report(*given: Any) -> Report:
    """The same, but for the case that has to leave the objective unsatisfied: it would be another for each rule."""
    found = whole_report(*given)
    assert [item for item in found.mistakes if "unsatisfied" not in item.problem] == []
    return replace(found, mistakes=())


def proved(kind: str, body: str, *, rules: str = EVERY, named: str = "") -> Report:
    """The report on a control that holds records of a type to `body`."""
    parameters = "tolerance" if "tolerance" in body else ""
    return control_report(
        kind, parameters, rules.format(kind=kind, body=body), {kind: [{"predicate": RECORDS[kind]}]}, named
    )


def forms(report: Report) -> set[tuple[str, str]]:
    """Path and form of what was believed, `idle` for paths that decide nothing."""
    idle = {(line.partition(":")[0], "idle") for line in report.unweighed}
    assert report.passed == (not report.believed and not idle and not report.needless and not report.survivors)
    return {(item.path, item.form) for item in report.believed} | idle


@dataclass(frozen=True)
class Weak:
    """A rule that is too weak, what it believes, and the rule mended."""

    kind: str
    weak: str
    believed: set[tuple[str, str]]
    mended: str


APPROVED = 'record.predicate.decided_at >= "2026-11-01T00:00:00Z"'
WEAK = {
    "a placeholder": Weak(
        "approval",
        'record.predicate.role in ["validator", "n/a"]',
        {("approval.role", "placeholder")},
        'record.predicate.role == "validator"',
    ),
    "another digest": Weak(
        "fairness-audit",
        'startswith(record.predicate.dataset_digest, "sha256:")',
        {("fairness-audit.dataset_digest", "idle")},
        f'record.predicate.dataset_digest == "{D}"',
    ),
    "a negative number": Weak(
        "fairness-audit",
        "record.predicate.parity_difference.sex.ci_low <= data.parameters.tolerance",
        {("fairness-audit.parity_difference.ci_low", "negative")},
        "0 <= record.predicate.parity_difference.sex.ci_low\n"
        "\t\trecord.predicate.parity_difference.sex.ci_low <= data.parameters.tolerance",
    ),
    "a window of a second": Weak(
        "feed-status",
        'record.predicate.window.end >= "2026-11-20T00:00:00Z"\n\t\trecord.predicate.window.end <= record.issued_at',
        {("feed-status.window.end", "window")},
        'record.predicate.window.start <= "2025-11-20T00:00:00Z"\n'
        '\t\trecord.predicate.window.end >= "2026-11-20T00:00:00Z"\n'
        "\t\trecord.predicate.window.end <= record.filed_at",
    ),
    "a boolean turned": Weak(
        "feed-status",
        "record.predicate.complete in [true, false]",
        {("feed-status.complete", "idle")},
        "record.predicate.complete == true",
    ),
    "another word": Weak(
        "approval",
        'record.predicate.decision in ["approve", "reject", "abstain"]',
        {("approval.decision", "idle")},
        'record.predicate.decision == "approve"',
    ),
    "beyond each threshold": Weak(
        "fairness-audit",
        "record.predicate.unknown_count >= 0",
        {("fairness-audit.unknown_count", "idle")},
        "record.predicate.unknown_count <= 10",
    ),
}


@pytest.mark.parametrize("name", WEAK)
def test_a_falsehood_that_a_weak_rule_believes(name: str) -> None:
    rule = WEAK[name]
    assert forms(proved(rule.kind, rule.weak)) >= rule.believed
    mended = {path for path, _ in forms(proved(rule.kind, rule.mended))}
    assert not mended & {path for path, _ in rule.believed}


def test_a_time_after_the_filing_is_set_aside_before_any_rule_sees_it() -> None:
    """The weak rule asks nothing of the time, and needs not."""
    report = proved("approval", APPROVED)
    assert not [form for path, form in forms(report) if path == "approval.decided_at"]
    assert report.refused >= 2


def test_a_record_of_another_system_is_set_aside_before_any_rule_sees_it() -> None:
    report = proved("approval", 'record.system_id != ""')
    assert not [form for path, form in forms(report) if path == "approval.system_id"]
    assert report.refused


def test_a_contradicting_record_beside_the_good_one() -> None:
    body = 'record.predicate.decision == "approve"'
    weak = proved("approval", body, rules=SOME)
    assert forms(weak) == {("approval.decision", "beside")}
    assert "'abstain'" in weak.believed[0].what
    assert weak.believed[0].count == 2
    assert proved("approval", body).passed


@pytest.mark.parametrize(
    "form",
    ["expired a second ago", "about another subject", "signed by somebody who may not", "that nobody signed"],
)
def test_records_that_cannot_count(form: str) -> None:
    """`every` is true of no record at all, and another type stands behind the pass."""
    rules = """
satisfied contains "one" if {
	count(input.evidence["model-card"]) > 0
	every record in input.evidence.approval { record.predicate.decision == "approve" }
}
"""
    evidence = {kind: [{"predicate": RECORDS[kind]}] for kind in ("approval", "model-card")}
    found = control_report("approval, model-card", "", rules, evidence)
    assert ("approval", form) in {(item.path, item.form) for item in found.believed}


def test_what_a_schema_refuses_is_closed_and_counted() -> None:
    """A model card cannot say `n/a`, so a rule that takes any text is not too weak."""
    report = proved("model-card", 'record.predicate.limitations != ""')
    assert report.passed
    assert report.refused >= 1
    assert report.corruptions > report.refused


def test_a_fact_that_only_has_to_differ_from_another_decides() -> None:
    """A digest of nothing in the case would do; the one that the rule forbids stands elsewhere in it."""
    report = proved("fairness-audit", "record.predicate.dataset_digest != record.predicate.artifact_digest")
    assert report.unweighed == ()
    assert ("fairness-audit.dataset_digest", "digest") not in forms(report)


def test_what_decides_nothing_for_one_objective_is_told_with_its_name() -> None:
    (line,) = proved("feed-status", "record.predicate.complete in [true, false]").unweighed
    assert line == "feed-status.complete: no other value takes one away"


def test_an_objective_that_a_value_can_break_has_a_case_with_one() -> None:
    """Whatever a model card says of its limits is said, and the schema refuses one that says nothing."""
    says = EVERY.format(kind="model-card", body='record.predicate.limitations != ""')
    assert whole_report("model-card", "", says, {"model-card": [{"predicate": RECORDS["model-card"]}]}).mistakes == ()
    approves = EVERY.format(kind="approval", body='record.predicate.decision == "approve"')
    found = whole_report("approval", "", approves, {"approval": [{"predicate": RECORDS["approval"]}]})
    assert [item.problem for item in found.mistakes] == ["no case leaves `one` unsatisfied but by what is absent"]


CONDITIONS = [{"text": "watch the smallest group", "met": True}, {"text": "write it down", "met": True}]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("place", ["0", "count(record.predicate.conditions) - 1"])
def test_a_rule_that_looks_at_one_end_of_a_list_alone(count: int, place: str) -> None:
    """Whoever tries one false entry in the place of the only one sees it noticed."""
    evidence = {"approval": [{"predicate": {**RECORDS["approval"], "conditions": CONDITIONS[:count]}}]}
    first = EVERY.format(kind="approval", body=f"record.predicate.conditions[{place}].met")
    assert forms(control_report("approval", "", first, evidence)) == {("approval.conditions.met", "order")}
    every = (
        "count(record.predicate.conditions) > 0\n\t\tevery item in record.predicate.conditions {\n\t\t\titem.met\n\t\t}"
    )
    assert forms(control_report("approval", "", EVERY.format(kind="approval", body=every), evidence)) == set()


def test_a_rule_that_asks_for_some_entry_is_in_no_order() -> None:
    evidence = {"approval": [{"predicate": RECORDS["approval"]}]}
    some = "some item in record.predicate.conditions\n\t\titem.met"
    assert forms(control_report("approval", "", EVERY.format(kind="approval", body=some), evidence)) == set()


def test_an_order_that_has_a_meaning_may_be_named() -> None:
    evidence = {"approval": [{"predicate": RECORDS["approval"]}]}
    first = EVERY.format(kind="approval", body="record.predicate.conditions[0].met")
    named = "#   may_stand_beside: {approval.conditions.met: the first one counts}\n"
    report = control_report("approval", "", first, evidence, named)
    assert report.passed, (report.believed, report.needless)


@pytest.mark.parametrize("turned", [False, True])
def test_entries_that_no_good_value_needs_stand_before_those_that_do(turned: bool) -> None:
    """A condition that is met decides nothing by its text, one that is not met does: in whichever order they stand."""
    conditions = [{"text": "write it down", "met": True}, {"text": "waived: no cases", "met": False}]
    evidence = {
        "approval": [{"predicate": {**RECORDS["approval"], "conditions": conditions[::-1] if turned else conditions}}]
    }
    some = "count(record.predicate.conditions) > 0"
    every = f"{some}\n\t\tevery item in record.predicate.conditions {{\n\t\t\tfine(item)\n\t\t}}"
    helpers = '\nfine(item) if item.met\n\nfine(item) if startswith(item.text, "waived: ")\n'
    rules = EVERY.format(kind="approval", body=every) + helpers
    assert forms(control_report("approval", "", rules, evidence)) == set()


class TestCrowds:
    """Rules to which it matters where an entry or a record stands, or beside how many others."""

    ORDER = ("approval.conditions.met", "order")
    MET = "every item in record.predicate.conditions {\n\t\t\titem.met\n\t\t}"
    FINE = "count(record.predicate.conditions) > 0\n\t\tfine(record.predicate.conditions)"
    ALL = "\nfine(items) if {\n\tevery item in items {\n\t\titem.met\n\t}\n}\n"

    def told(self, count: int, body: str, helpers: str = "") -> set[tuple[str, str]]:
        """What is believed of a rule on an approval with so many conditions, all of them met."""
        conditions = [{"text": f"condition {index}", "met": True} for index in range(count)]
        evidence = {"approval": [{"predicate": {**RECORDS["approval"], "conditions": conditions}}]}
        return forms(control_report("approval", "", EVERY.format(kind="approval", body=body) + helpers, evidence))

    @pytest.mark.parametrize("count", [1, 2, 3, 4])
    def test_all_entries(self, count: int) -> None:
        assert self.told(count, self.FINE, self.ALL) == set()

    @pytest.mark.parametrize(
        ("count", "body"),
        [
            (2, "record.predicate.conditions[1].met"),
            (3, "record.predicate.conditions[1].met"),
            (3, "record.predicate.conditions[count(record.predicate.conditions) - 2].met"),
        ],
    )
    def test_one_entry_alone(self, count: int, body: str) -> None:
        assert self.told(count, body) == {self.ORDER}

    @pytest.mark.parametrize("part", ["1, count(items)", "0, count(items) - 1", "1, count(items) - 1", "0, 10"])
    def test_a_part_of_the_list(self, part: str) -> None:
        helper = f"\nfine(items) if {{\n\tevery item in array.slice(items, {part}) {{\n\t\titem.met\n\t}}\n}}\n"
        assert self.told(3, self.FINE, helper) == {self.ORDER}

    @pytest.mark.parametrize("way_out", ["count(items) > 3", "count(items) >= 10", "count(items) > 40"])
    def test_a_way_out_for_many_entries(self, way_out: str) -> None:
        assert self.told(1, self.FINE, f"{self.ALL}\nfine(items) if {way_out}\n") == {self.ORDER}

    def test_a_way_out_for_many_records_and_another_word(self) -> None:
        fine = """
seen := input.evidence.approval

satisfied contains "one" if {
\tcount(seen) > 0
\tfine
}

fine if {
\tevery record in seen {
\t\trecord.predicate.decision == "approve"
\t}
}

fine if {
\tcount(seen) > 3
\tevery record in seen {
\t\trecord.predicate.decision != "abstain"
\t}
}
"""
        told = forms(control_report("approval", "", fine, {"approval": [{"predicate": RECORDS["approval"]}]}))
        assert ("approval.decision", "beside") in told

    @pytest.mark.parametrize("count", ["count(seen)", "count(seen[0].predicate.conditions)"])
    def test_a_control_that_does_not_apply_where_there_are_many(self, count: str) -> None:
        rules = f"""
seen := input.evidence.approval

applies if {count} <= 3

applies := false if {count} > 3

satisfied contains "one" if {{
\tcount(seen) > 0
\tevery record in seen {{
\t\trecord.predicate.decision == "approve"
\t\tevery item in record.predicate.conditions {{
\t\t\titem.met
\t\t}}
\t}}
}}
"""
        approval = {**RECORDS["approval"], "conditions": [{"text": "a condition", "met": True}]}
        told = forms(
            control_report("approval", "", rules, {"approval": [{"predicate": approval}]}, "#   applies: [approval]\n")
        )
        assert {form for _, form in told} & {"beside", "order"}

    def test_a_way_out_for_few_entries(self) -> None:
        assert self.told(3, self.FINE, f"{self.ALL}\nfine(items) if count(items) < 2\n") == {self.ORDER}

    @pytest.mark.parametrize("count", [1, 3])
    @pytest.mark.parametrize("share", ["2 * count(met) > count(items)", "10 * count(met) >= 9 * count(items)"])
    def test_a_share_of_the_entries(self, count: int, share: str) -> None:
        most = f"\nfine(items) if {{\n\tmet := [item | some item in items; item.met]\n\t{share}\n}}\n"
        assert self.told(count, self.FINE, most) != set()

    def test_entries_that_have_to_differ(self) -> None:
        """Then copies differ in what tells them from each other."""
        differ = "count({item.text | some item in items}) == count(items)"
        every = self.ALL.replace("\tevery item", f"\t{differ}\n\tevery item")
        assert self.told(2, self.FINE, every) == set()
        second = f"\nfine(items) if {{\n\t{differ}\n\titems[1].met\n}}\n"
        assert self.told(2, self.FINE, second) == {self.ORDER}

    @pytest.mark.parametrize(
        ("rule", "right"),
        [
            ("every estimate in record.predicate.parity_difference {\n\t\t\tlow(estimate)\n\t\t}", True),
            ("low(record.predicate.parity_difference.sex)", True),
            ("low(record.predicate.parity_difference[names(record)[0]])", False),
            ("low(record.predicate.parity_difference[names(record)[count(names(record)) - 1]])", False),
            (
                "every name, estimate in record.predicate.parity_difference {\n\t\t\tfine(name, estimate)\n\t\t}",
                False,
            ),
            ("few(record.predicate.parity_difference)", False),
        ],
    )
    def test_the_names_of_a_map(self, rule: str, right: bool) -> None:
        helpers = """
low(estimate) if {
	0 <= estimate.ci_low
	estimate.ci_low <= estimate.value
	estimate.value <= estimate.ci_high
	estimate.ci_high <= data.parameters.tolerance
}

names(record) := sort(object.keys(record.predicate.parity_difference))

fine(name, _) if not startswith(name, "se")

fine(_, estimate) if low(estimate)

few(estimates) if count(estimates) > 3

few(estimates) if {
	every estimate in estimates {
		low(estimate)
	}
}
"""
        estimate = {**ESTIMATE, "value": 0.05, "ci_low": 0.01, "ci_high": 0.09}
        evidence = {
            "fairness-audit": [{"predicate": {**RECORDS["fairness-audit"], "parity_difference": {"sex": estimate}}}]
        }
        body = f"count(record.predicate.parity_difference) > 0\n\t\t{rule}"
        rules = EVERY.format(kind="fairness-audit", body=body) + helpers
        found = control_report("fairness-audit", "tolerance", rules, evidence).believed
        assert ({item.form for item in found} == set()) == right, found
        assert {item.form for item in found} <= {"order"}

    @pytest.mark.parametrize(
        ("rule", "right"),
        [
            ("every record in seen {\n\t\tgood(record)\n\t}", True),
            ("good(seen[0])", False),
            ("good(seen[count(seen) - 1])", False),
            ("fine", False),
            ("2 * count([record | some record in seen; good(record)]) > count(seen)", False),
        ],
    )
    def test_records(self, rule: str, right: bool) -> None:
        rules = f"""
seen := input.evidence.approval

satisfied contains "one" if {{
	count(seen) > 0
	{rule}
}}

good(record) if record.predicate.decision == "approve"

fine if count(seen) > 3

fine if {{
	every record in seen {{
		good(record)
	}}
}}
"""
        found = control_report("approval", "", rules, {"approval": [{"predicate": RECORDS["approval"]}]})
        assert forms(found) == (set() if right else {("approval.decision", "beside")})


class TestExceptions:
    @pytest.mark.parametrize(
        ("name", "kind", "body", "rules"),
        [
            (
                "may_differ: {feed-status.complete: What",
                "feed-status",
                "record.predicate.complete in [true, false]",
                EVERY,
            ),
            ("may_be_false: {approval.role: What", "approval", 'record.predicate.role in ["validator", "n/a"]', EVERY),
            ("may_stand_beside: {approval.decision: What", "approval", 'record.predicate.decision == "approve"', SOME),
            ("may_stand_beside: {approval: What", "approval", 'record.predicate.decision == "approve"', SOME),
        ],
    )
    def test_a_named_one_is_honoured(self, name: str, kind: str, body: str, rules: str) -> None:
        assert not proved(kind, body, rules=rules).passed
        assert proved(kind, body, rules=rules, named=f"#   {name} it says matters to nobody here.}}\n").passed

    @pytest.mark.parametrize("field", ["may_be_empty", "may_be_false", "may_differ", "may_stand_beside"])
    def test_a_needless_one_is_a_mistake(self, field: str) -> None:
        named = f"#   {field}: {{approval.decision: It matters to nobody here.}}\n"
        report = proved("approval", 'record.predicate.decision == "approve"', named=named)
        assert report.needless == (f"{field}.approval.decision",)
        assert not report.passed

    def test_one_of_another_kind_excuses_nothing(self) -> None:
        named = "#   may_differ: {approval.role: It matters to nobody here.}\n"
        report = proved("approval", 'record.predicate.role in ["validator", "n/a"]', named=named)
        assert ("approval.role", "placeholder") in forms(report)


def test_the_page_of_survivors_is_what_the_controls_say() -> None:
    controls = read_draft(read_folder(ROOT / "policies")).controls
    page = survivors_page(dict(sorted(controls.items())))
    assert (ROOT / "docs" / "survivors.md").read_text(encoding="utf-8") == page
