"""Every output tells the same facts, and none lets a hostile string become more than text."""

import json
import re
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import pytest

from engine.bundle.changes import Changed, Changes, FieldChange
from engine.deciding import verdict
from engine.deciding.flips import Unjudged, WhatIf
from engine.deciding.relaxations import ParameterRelaxation, RefusedWaiver, WithdrawnEvidenceRelaxation
from engine.deciding.verdict import (
    Decision,
    Finding,
    GateReason,
    MalformedCause,
    Outcome,
    Prerequisite,
    Status,
    TierErrorReason,
    TierReason,
)
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError
from evidence.model.notes import OtherPolicies
from reports.documents.describe import describe
from reports.documents.findings import grouped
from reports.documents.view import DecisionView, FindingView
from reports.renderers import base
from reports.renderers.base import FORMATS
from reports.renderers.changes import markdown_lines, text_lines
from reports.renderers.dry_run import as_dry_run
from reports.words import decisions, wording
from reports.words.escape import clean
from reports.words.findings import finding_line, finding_text
from reports.words.wording import number, value_text
from tests.worlds import lender, mortgage, samples

WITHDRAWN = WithdrawnEvidenceRelaxation(subject=mortgage.withdrawn_record().id)
HOSTILE = "</title><script>alert(1)</script> `x` | [a](http://e.vil) @team \x1b[31mred\x07 \u202eevil ]]> \n## head"


def denied() -> Decision:
    return samples.sample().decision


def render(form: str, decision: Decision) -> str:
    return base.render(form, decision, samples.sample().snapshot)


def described(decision: Decision) -> DecisionView:
    return describe(decision, samples.sample().snapshot)


def changed(**fields: object) -> Decision:
    copy = denied().model_copy(update=fields)
    return Decision.model_validate_json(canonical_bytes(copy.to_json()))


def allowed() -> Decision:
    """No control denies; a minor one failed without denying."""
    results = tuple(
        r.model_copy(update={"severity": "minor"}) if r.status in (Status.FAIL, Status.MISSING, Status.ERROR) else r
        for r in denied().results
    )
    return changed(outcome=Outcome.ALLOW, reasons=(), results=results)


def facts(decision: Decision, form: str) -> list[str]:
    """What each output has to say: the data of the decision, and but for JSON the words that are made of them."""
    said = [decision.subject.digest, decision.bundle_digest, decision.snapshot_digest]
    for result in decision.results:
        said += [result.control, result.title]
        said += [f.evidence for f in result.findings if f.evidence]
        remedy = result.remediation if form == "json" else decisions.remedy_text(result, decision)
        # Of what was waived, text and Markdown tell the waiver and not what else could be done.
        said += [remedy] if result.findings and not (result.waiver and form in ("text", "markdown")) else []
        said += [result.waiver] if result.waiver else []
    for item in decision.relaxations:
        said += [item.to_json()["subject"]] if form == "json" else [decisions.relaxation_subject(item)]
    if form == "json":
        return said
    said += [decisions.reason_text(reason, decision) for reason in decision.reasons]
    said += [decisions.relaxation_text(item, decision) for item in decision.relaxations]
    said += [decisions.prerequisite_text(item) for item in decision.prerequisites]
    for result in decision.results:
        says = {item.name: item.says for item in result.objectives}
        said += [finding_text(finding, says[finding.objective]) for finding in result.findings]
    parties = described(decision).parties
    return said + ([value for _, value in parties.facts] if form in ("text", "markdown") else [])


def test_evidence_that_does_not_say_what_is_asked_is_told_with_the_command_that_names_it() -> None:
    """A record is there; the author's advice alone would say nothing of the one that is wanting, a feed for one."""
    (missing,) = [item for item in denied().results if item.control == "DOC-05"]
    todo = "`quaestor gate todo validation mortgage 1` says what to file, who signs it and by which command."
    unclear = missing.model_copy(update={"findings": ()})
    assert decisions.remedy_text(unclear, denied()) == f"{missing.remediation} {todo}"
    for other in (Status.FAIL, Status.ERROR):
        broken = unclear.model_copy(update={"status": other})
        assert decisions.remedy_text(broken, denied()) == missing.remediation
    source = verdict.ForeignSource(pack="them", kind="deny", query="data.main.deny")
    silent = unclear.model_copy(update={"foreign": source})
    assert decisions.remedy_text(silent, denied()) == missing.remediation


def plain(form: str, text: str) -> str:
    """An output with its escapes undone."""
    from html import unescape

    if form == "markdown":
        return unescape(text).replace("`", "")
    if form == "junit":
        return " ".join(
            [*(v for e in ET.fromstring(text).iter() for v in e.attrib.values()), *ET.fromstring(text).itertext()]
        )
    if form in ("sarif", "json"):
        return json.dumps(json.loads(text), ensure_ascii=False).replace('\\"', '"')
    return text


class TestSameFacts:
    @pytest.mark.parametrize("form", sorted(FORMATS))
    def test_reasons_findings_remedies_and_relaxations_are_told(self, form: str) -> None:
        told = plain(form, render(form, denied()))
        missing = [fact for fact in facts(denied(), form) if fact.replace("`", "") not in told.replace("`", "")]
        assert missing == []

    @pytest.mark.parametrize("form", sorted(set(FORMATS) - {"json"}))
    def test_observed_and_expected_are_told(self, form: str) -> None:
        told = plain(form, render(form, denied()))
        assert "0.69 (interval 0.59 to 0.8, n 173), limit 0.8" in told
        assert "of group afam=1 may" in told
        assert "binds from 2 December 2027" in told

    @pytest.mark.parametrize("form", sorted(FORMATS))
    def test_the_same_decision_gives_the_same_text(self, form: str) -> None:
        assert render(form, denied()) == render(form, changed())

    def test_advice_that_is_met_stands_with_what_passed_and_each_control_once(self) -> None:
        met = (Status.PASS, Status.NOT_APPLICABLE)
        for status in Status:
            results = tuple(
                r.model_copy(update={"status": status, "findings": (), "cause": None, "waiver": None})
                if r.advisory
                else r
                for r in denied().results
            )
            view = described(denied().model_copy(update={"results": results}))
            assert any(control.advisory for control in view.controls)
            shown = (*view.failing, *view.unjudged, *view.advice, *view.others)
            assert sorted(c.control for c in shown) == sorted(c.control for c in view.controls)
            assert any(control.advisory for control in view.others) == (status in (*met, Status.WAIVED))

    @pytest.mark.parametrize("form", ["text", "markdown"])
    @pytest.mark.parametrize("advisory", [True, False])
    def test_what_a_pass_leaves_open_is_named(self, form: str, advisory: bool) -> None:
        """Folded to a line, else nobody reads what stops the subject once the objective binds."""
        one = next(r for r in denied().results if r.status is Status.PASS and r.objectives)
        unmet = one.objectives[0].model_copy(
            update={"name": "later", "says": "It is judged later.", "satisfied": False, "advisory": True}
        )
        result = one.model_copy(update={"objectives": (*one.objectives, unmet), "advisory": advisory})
        text = render(form, denied().model_copy(update={"results": (result,), "reasons": ()}))
        assert "advice, not satisfied: It is judged later" in text

    @pytest.mark.parametrize("form", ["text", "markdown", "junit", "sarif"])
    @pytest.mark.parametrize("mode", ["auto", "hybrid", "attested"])
    def test_a_pass_by_signature_says_so(self, form: str, mode: str) -> None:
        passed = next(r for r in denied().results if r.status is Status.PASS and not r.advisory)
        known = {passed.control: samples.CONTROLS[passed.control].model_copy(update={"mode": mode})}
        told = plain(form, base.render(form, denied(), samples.sample().snapshot, None, known))
        assert told.count("by signature: ") == (mode != "auto")
        assert ("the word of who signed" in told) == (mode != "auto")
        failing = next(r for r in denied().results if r.status is Status.FAIL)
        known = {failing.control: samples.CONTROLS[failing.control].model_copy(update={"mode": mode})}
        assert "by signature" not in base.render(form, denied(), samples.sample().snapshot, None, known)

    @pytest.mark.parametrize("form", ["text", "markdown"])
    def test_how_many_of_what_failed_deny_is_told(self, form: str) -> None:
        told = plain(form, render(form, denied()))
        failing = described(denied()).failing
        assert f"{len(failing)} failed ({sum(item.decisive for item in failing)} den" in told
        assert re.search(r"evidence missing \((none denies|1 denies|\d+ deny)\)", told)

    @pytest.mark.parametrize("form", sorted(FORMATS))
    def test_a_dry_run_says_so_in_the_file_itself(self, form: str) -> None:
        told = render(form, denied())
        marked = as_dry_run(form, told)
        assert "dry run" not in plain(form, told).lower().replace("-", " ").replace("_", " ")
        assert "DRY RUN" in marked
        missing = [
            fact for fact in facts(denied(), form) if fact.replace("`", "") not in plain(form, marked).replace("`", "")
        ]
        assert missing == []

    def test_json_is_the_canonical_body(self) -> None:
        assert render("json", denied()).encode() == denied().body

    def test_json_names_every_other_policy_beside_the_body(self) -> None:
        other = OtherPolicies(missing=tuple(f"controls/old/OLD-{n:02}.rego" for n in range(40)))
        told = json.loads(base.render("json", denied(), samples.sample().snapshot, other))
        said = told.pop("other_policies")
        assert said.startswith("decided by policies that are not those of this installation of Quaestor: missing: ")
        assert said.endswith(", ".join(f"OLD-{n:02}" for n in range(40)))
        assert canonical_bytes(told) == denied().body

    def test_an_unknown_format_names_the_known_ones(self) -> None:
        with pytest.raises(QuaestorError, match="unknown format `pfd`") as caught:
            render("pfd", denied())
        assert "junit" in str(caught.value.hint)


class TestJUnit:
    def test_red_exactly_when_the_gate_says_no(self) -> None:
        no = ET.fromstring(render("junit", denied()))
        yes = ET.fromstring(render("junit", allowed()))
        assert int(no.attrib["failures"]) == 3  # the decision, FAIR-02, DRIFT-04
        assert int(no.attrib["errors"]) == 2  # DOC-05, RISK-07: evidence is missing
        assert (yes.attrib["failures"], yes.attrib["errors"]) == ("0", "0")

    def test_a_denial_by_an_earlier_gate_alone_is_red_too(self) -> None:
        results = tuple(r for r in denied().results if r.status is Status.PASS)
        text = render("junit", changed(results=results, reasons=(GateReason(gate="registration", state="undecided"),)))
        assert ET.fromstring(text).attrib["failures"] == "1"

    def test_want_of_evidence_is_an_error_and_no_failure(self) -> None:
        text = render(
            "junit", changed(outcome=Outcome.INDETERMINATE, results=(), reasons=(TierReason(tier="undetermined"),))
        )
        assert (ET.fromstring(text).attrib["failures"], ET.fromstring(text).attrib["errors"]) == ("0", "1")


class TestSarif:
    def log(self, decision: Decision) -> dict[str, dict[str, object]]:
        run = json.loads(render("sarif", decision))["runs"][0]
        assert [r["ruleIndex"] for r in run["results"]] == list(range(len(run["results"])))
        assert [r["ruleId"] for r in run["results"]] == [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        return {r["ruleId"]: r for r in run["results"]}

    def test_levels_follow_what_denies(self) -> None:
        found = self.log(denied())
        assert (found["FAIR-02"]["kind"], found["FAIR-02"]["level"]) == ("fail", "error")
        assert found["DRIFT-04"]["level"] == "warning"
        assert found["EUAIA-18-1"]["level"] == "note"
        assert (found["PERF-02"]["kind"], found["PERF-02"]["level"]) == ("pass", "none")
        assert found["APP-04"]["suppressions"]

    def test_nothing_above_a_note_when_allowed(self) -> None:
        assert {r["level"] for r in self.log(allowed()).values()} <= {"note", "none"}

    def test_it_is_of_version_2_1_0(self) -> None:
        log = json.loads(render("sarif", denied()))
        assert log["version"] == "2.1.0"
        assert log["runs"][0]["invocations"][0]["exitCode"] == 1


class TestHostileStrings:
    def decision(self) -> Decision:
        result = denied().results[0]
        finding = Finding(
            objective=HOSTILE,
            message=HOSTILE + "{x}",
            values={"x": HOSTILE},
            observed={HOSTILE: [HOSTILE]},
            expected=HOSTILE,
            path=HOSTILE,
        )
        refused = RefusedWaiver(
            waiver=denied().id, code="not-permitted", person=HOSTILE, granted_for=HOSTILE, policies=(HOSTILE,)
        )
        poisoned = result.model_copy(
            update={
                "control": HOSTILE,
                "title": HOSTILE,
                "cause": MalformedCause(problem="finding", name=HOSTILE),
                "remediation": HOSTILE,
                "family": HOSTILE,
                "findings": (finding,),
                "frameworks": {HOSTILE: (HOSTILE,)},
                "refused_waivers": (refused,),
            }
        )
        # Names of people hold no character that cannot be printed: the model refuses it.
        printable = "".join(letter for letter in HOSTILE if letter.isprintable())
        person = mortgage.ANNA.model_copy(update={"name": printable, "role": printable})
        waived = samples.waived().model_copy(update={"subject": HOSTILE, "risk": HOSTILE, "approver": person})
        reason = denied().reasons[0].model_copy(update={"control": HOSTILE})
        return changed(
            results=(poisoned,),
            reasons=(reason, TierErrorReason(problem="unknown-tier", name=HOSTILE)),
            gate=HOSTILE,
            prerequisites=(Prerequisite(gate=HOSTILE, state="undecided"),),
            subject=denied().subject.model_copy(update={"name": HOSTILE, "system_id": HOSTILE}),
            relaxations=(waived, *denied().relaxations),
            excluded=tuple(item.model_copy(update={"by": HOSTILE, "why": HOSTILE}) for item in denied().excluded),
        )

    @pytest.mark.parametrize("form", sorted(set(FORMATS) - {"json"}))
    def test_no_control_or_direction_character_comes_through(self, form: str) -> None:
        text = render(form, self.decision())
        assert not {letter for letter in text if (letter < " " and letter != "\n") or letter in "\x7f\u202e\u2066"}

    def test_xml_and_json_stay_well_formed(self) -> None:
        ET.fromstring(render("junit", self.decision()))
        json.loads(render("sarif", self.decision()))

    def test_markdown_has_no_markup_link_or_mention_of_it(self) -> None:
        text = render("markdown", self.decision())
        assert "<script" not in text
        assert "](http" not in text
        assert "@team" not in text
        assert "\n## head" not in text

    def test_names_and_values_of_policies_stay_on_their_line(self) -> None:
        changes = Changes(
            added={"parameters": ("x`\n\n## head",)},
            removed={"parameters": ()},
            changed={"parameters": (Changed(name="y\r# head", fields=(self.field("a\n## head"),), rules=False),)},
            files=("lib/a\r\r## head.rego",),
        )
        text = "\n".join(markdown_lines(changes, None))
        assert "\r" not in text
        assert [line for line in text.splitlines() if line.startswith("#")] == [
            "## Quaestor: what these policies change",
            "### Parameters",
            "### Rules that every control may use",
        ]

    def test_so_does_why_one_cannot_be_judged_again(self) -> None:
        one = Unjudged(subject=HOSTILE, system="s", gate=HOSTILE, decided_at="2026-01-01T00:00:00Z", why=HOSTILE)
        changes = Changes(added={}, removed={}, changed={}, files=())
        text = "\n".join(markdown_lines(changes, WhatIf(unjudged=(one,))))
        assert not [part for part in ("<script", "](http", "@team", "\n## head") if part in text]
        *_, told = text_lines(changes, WhatIf(unjudged=(one,)))
        assert told.startswith("unknown ")
        assert told.isprintable()

    def test_of_a_long_value_what_differs_is_told(self) -> None:
        many = [f"entry {number}" for number in range(99)]
        fields = (FieldChange(field="default", before=[*many, "sex", "age"], after=[*many, "age"]),)
        changes = Changes(
            added={"parameters": ()},
            removed={"parameters": ()},
            changed={"parameters": (Changed(name="groups", fields=fields),)},
            files=(),
        )
        (line,) = [line for line in text_lines(changes, None) if "default" in line]
        before, after = line.split(" -> ")
        assert '"sex", "age"' in before
        assert '"sex"' not in after
        assert len(line) < 500

    def field(self, text: str) -> FieldChange:
        return FieldChange(field="meaning", before=text, after=None)

    def test_a_comment_that_is_too_long_is_cut_and_says_so(self) -> None:
        many = denied().results * 60
        text = render("markdown", changed(results=many))
        assert len(text) < 62_000
        assert "Shortened. The whole decision: `sha256:" in text
        assert "instant chosen by the caller" in text


class TestWords:
    def test_places_are_filled_once_from_values_and_fields(self) -> None:
        finding = Finding(
            objective="o",
            message="{a} of {b}, {observed} beyond {expected}: {c} {nothing} {}",
            values={"a": "{b}", "b": 12, "c": True},
            observed=0.5,
            expected=0.25,
        )
        told = "{b} of 12, 0.5 beyond 0.25: yes {nothing} {}"
        assert finding_text(finding, "") == finding_line(finding, "") == told

    def test_a_message_without_places_stays_as_it_is(self) -> None:
        assert finding_text(Finding(objective="o", message="100 % {of} it"), "") == "100 % {of} it"

    def test_the_engines_own_findings_have_words(self) -> None:
        values: dict[str, str | bool | int] = {"type": "approval", "class": "measured"}
        absent = Finding(objective="o", code="no-record", values=values)
        assert finding_text(absent, "x") == "no current approval record of class measured or better"
        assert (
            finding_text(Finding(objective="o", code="not-satisfied"), "All is well.") == "not satisfied: All is well."
        )

    @pytest.mark.parametrize(
        ("observed", "limit", "told"),
        [
            (0.69000001, 0.8, ": 0.69, limit 0.8"),
            (0.80000001, 0.8, ": 0.80000001, limit 0.8"),
            (0.00000001, None, ": 1e-08"),
            (51, 50, ": 51, limit 50"),
            (True, True, ""),
            ("text", "text", ""),
        ],
    )
    def test_numbers_beside_their_limit_are_never_told_as_another(
        self, observed: object, limit: object, told: str
    ) -> None:
        finding = Finding(objective="o", message="m", observed=observed, expected=limit)  # type: ignore[arg-type]
        assert finding_line(finding, "") == f"m{told}"

    def test_other_words_change_no_decision(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before, told = denied().body, render("text", denied())
        for module in (wording, decisions):
            for name, value in vars(module).items():
                if name.lstrip("_").isupper() and isinstance(value, dict):
                    other = {key: "anders" if isinstance(word, str) else word for key, word in value.items()}
                    monkeypatch.setattr(module, name, other)
        again = lender.decide_sample(samples.sample().snapshot)
        assert again.body == before
        assert decisions.exclusion_text(again.excluded[0]) != ""
        assert again.id in told
        assert decisions.relaxation_text(WITHDRAWN, changed(relaxations=(WITHDRAWN,))).startswith(
            "retention-schedule, "
        )

    def test_every_code_of_a_body_has_words(self) -> None:
        result = denied().results[0]
        for code in get_args(RefusedWaiver.model_fields["code"].annotation):
            told = decisions.refusal_text(RefusedWaiver(waiver=denied().id, code=code, person="p", days=3), result)
            assert told.startswith("waiver sha256:")
            assert not told.endswith(": ")
        for problem in get_args(MalformedCause.model_fields["problem"].annotation):
            cause = MalformedCause(problem=problem)
            assert decisions.cause_text(result.model_copy(update={"cause": cause}), denied())
        for error in get_args(verdict.EngineError):
            assert decisions.reason_text(TierErrorReason(problem=error), denied()).startswith("the risk tier could not")
            assert decisions.cause_text(result.model_copy(update={"cause": verdict.EngineCause(error=error)}), denied())
        for state in get_args(verdict.GateState):
            assert "gate g" in decisions.prerequisite_text(Prerequisite(gate="g", state=state))

    def test_hidden_characters_are_spelled_out(self) -> None:
        assert clean("a\x00b\u202ec\n d\t") == "a[U+0000]b[U+202E]c  d "

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0.1, "0.1"),
            (1.0, "1"),
            (-0.0, "0"),
            (1e-9, "1e-09"),
            (0.00012, "0.00012"),
            (123456789012, "123456789012"),
            (1e300, "1e+300"),
        ],
    )
    def test_numbers(self, value: float, text: str) -> None:
        assert number(value) == text

    def test_values(self) -> None:
        assert value_text(None) == ""
        assert value_text(False) == "no"
        assert value_text([]) == "none"
        assert value_text(["a", 1, True]) == "a, 1, yes"
        assert value_text({"b": 1, "a": [{}]}) == "a: (none); b: 1"
        assert value_text({"auditor": {"secret": ["read", "list"]}}) == "auditor: (secret: read, list)"
        assert value_text([[1, 2], [{"end": "2035-12-31", "start": "2026-01-01"}]]) == (
            "(1, 2), ((end: 2035-12-31; start: 2026-01-01))"
        )
        estimate = {"value": 0.5, "ci_low": 0.25, "ci_high": 0.75, "confidence": 0.95}
        assert value_text({"slice": {**estimate, "n": 8}, "all rows": 0.5}) == (
            "all rows: 0.5; slice: 0.5 (interval 0.25 to 0.75, n 8)"
        )
        assert value_text([estimate]) == "0.5 (interval 0.25 to 0.75)"
        deep: list[object] = []
        for _ in range(400):
            deep = [deep]
        assert "[[[" in value_text(deep), "what lies too deep is shown as it is"
        assert value_text("x" * 999).endswith("… (whole value in decision.json)")

    def test_a_control_that_fails_without_denying_is_not_decisive(self) -> None:
        assert [c.decisive for c in described(allowed()).failing] == [False, False]
        assert [c.decisive for c in described(denied()).failing] == [True, True]

    def test_every_control_is_in_exactly_one_section(self) -> None:
        view = described(denied())
        assert sorted(c.control for c in view.controls) == sorted(r.control for r in denied().results)


def test_renderers_do_not_import_the_pdf_libraries() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import reports.renderers.base, reports.renderers.text\n"
        "import reports.documents.report, reports.verify.verify\n"
        "heavy = {'weasyprint', 'pyhanko', 'pikepdf', 'jinja2', 'numpy', 'sqlalchemy'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def one_finding(**changes: object) -> FindingView:
    found = next(one for one in described(denied()).failing if one.findings).findings[0]
    return found.model_copy(update=changes)


def failed(decision: Decision) -> set[str]:
    return {result.control for result in decision.results if result.status is Status.FAIL}


class TestFindingsToldOnce:
    def test_of_several_objectives_and_of_several_records(self) -> None:
        first = one_finding()
        another = first.model_copy(update={"objective": "another", "says": "Another."})
        assert grouped([first, another, first]) == (
            grouped([first])[0].model_copy(update={"says": (first.says, "Another.")}),
        )
        ids = [f"sha256:{n}" + "0" * 62 for n in "abcdef"]
        (group,) = grouped(first.model_copy(update={"evidence": name}) for name in ids)
        assert group.evidence == tuple(ids), "which records is kept"
        assert dict(group.facts)["evidence"] == (
            f"{first.evidence_type} {' '.join(name[7:23] for name in ids[:4])} and 2 more"
        )
        (single,) = grouped([first])
        assert dict(single.facts)["evidence"] == f"{first.evidence_type} {first.evidence}"

    def test_lines_that_share_all_else_stand_together_each_with_its_value(self) -> None:
        rows = [one_finding(message=f"input {n} adds nothing", observed=f"0.00{n}") for n in (1, 2)]
        (group,) = grouped(rows)
        assert group.told == (
            "input 1 adds nothing: 0.001",
            "input 2 adds nothing: 0.002",
        )
        assert "observed" not in dict(group.facts)
        assert grouped(rows[:1])[0].told == ("input 1 adds nothing",)

    @pytest.mark.parametrize("field", ["expected", "path", "evidence_type"])
    def test_what_differs_in_more_stands_apart(self, field: str) -> None:
        first = one_finding()
        assert len(grouped([first, first.model_copy(update={field: "other", "message": "other"})])) == 2
        assert len(grouped([first, first.model_copy(update={"gap": not first.gap, "message": "other"})])) == 2

    def test_records_that_are_not_there_stand_together(self) -> None:
        absent = [
            one_finding(message=f"no current {kind} record", path=f"evidence/{kind}", evidence="", observed="")
            for kind in ("approval", "dpia")
        ]
        (group,) = grouped(absent)
        assert group.told == ("no current approval record", "no current dpia record")
        assert "where" not in dict(group.facts), "the message says it"
        other = one_finding(message="nobody approved", path="evidence/approval")
        assert dict(grouped([other])[0].facts)["where"] == "evidence/approval"

    def test_every_finding_of_a_decision_is_told(self) -> None:
        for control in described(denied()).controls:
            assert {item.message for item in control.findings} == {
                line.message for group in control.found for line in group.lines
            }


def test_what_decides_stands_first() -> None:
    decision = denied()
    minor = next(r for r in decision.results if r.status is Status.FAIL).model_copy(
        update={"control": "AAA-01", "severity": "minor"}
    )
    view = described(changed(results=(minor, *decision.results)))
    assert [control.decisive for control in view.failing] == [True, True, False]
    assert [control.control for control in view.failing[:2]] == [
        reason.control for reason in decision.reasons if reason.kind == "control" and reason.control in failed(decision)
    ]


def test_the_finding_that_decided_stands_first_within_its_control() -> None:
    decision = denied()
    result = next(r for r in decision.results if r.cause and r.cause.kind == "finding")
    (cause,) = (f for place, f in enumerate(result.findings) if place == result.cause.finding)
    before = cause.model_copy(update={"message": "something beside it", "path": "elsewhere"})
    moved = result.model_copy(
        update={"findings": (before, cause), "cause": result.cause.model_copy(update={"finding": 1})}
    )
    rest = tuple(moved if r.control == result.control else r for r in decision.results)
    view = described(decision.model_copy(update={"results": rest}))
    (control,) = (one for one in view.controls if one.control == result.control)
    assert [group.told[0] for group in control.found] == [control.findings[1].message, "something beside it"]


class TestPageOne:
    """What somebody from within would have page one leave out, or tell as harmless."""

    def of(self, decision: Decision, **names: str) -> DecisionView:
        return describe(decision, samples.sample().snapshot, names, controls=samples.CONTROLS)

    def test_of_many_limits_those_by_which_something_passed_are_told_the_heaviest_first(self) -> None:
        limited = {r.severity: r.control for r in denied().results if samples.CONTROLS[r.control].parameters}
        heavy, light = limited["blocker"], limited["major"]
        results = tuple(
            r.model_copy(update={"status": Status.PASS}) if r.control in (heavy, light) else r for r in denied().results
        )
        by = {name: samples.CONTROLS[name].parameters[0] for name in (heavy, light)}
        names = [by[light], "unread_a", "unread_b", "unread_c", by[heavy]]
        relaxations = tuple(ParameterRelaxation(subject=name, default=1, value=2 + n) for n, name in enumerate(names))
        told = [
            item.told
            for item in self.of(
                changed(outcome=Outcome.ALLOW, results=results, reasons=(), relaxations=relaxations)
            ).relaxed
        ]
        (line,) = told
        assert f"passed: {by[heavy]} (1 replaced by 6; {heavy}" in line
        assert line.index(by[heavy]) < line.index(by[light])
        assert "unread" not in line

    def test_many_trifling_waivers_push_none_of_a_blocker_off(self) -> None:
        by = {
            severity: [n for n, c in samples.CONTROLS.items() if c.severity == severity]
            for severity in ("minor", "blocker")
        }
        waivers = [
            samples.waived().model_copy(update={"subject": name, "risk": f"risk of {name}"})
            for name in (*sorted(by["minor"])[:12], by["blocker"][-1])
        ]
        first = self.of(changed(relaxations=tuple(waivers))).relaxed[0]
        assert first.told.startswith(f"{by['blocker'][-1]}: ")

    def test_a_signer_has_the_name_of_the_register_whatever_records_say(self) -> None:
        signed = {e.signature.signer for e in samples.sample().snapshot.entries if e.signature.kind == "person"}
        names = {str(signer): f"Registered {signer}" for signer in signed}
        shown = [signer.name for signer in self.of(denied(), **names).parties.signers]
        assert shown
        assert all(name.startswith("Registered ") for name in shown)
