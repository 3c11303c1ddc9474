"""Every output tells the same facts, and none lets a hostile string become more than text."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import samples

from engine.deciding.verdict import Decision, Finding, Outcome, Status
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError
from reports.documents.view import describe
from reports.renderers.base import FORMATS, render
from reports.words.wording import clean, number, value_text

HOSTILE = "</title><script>alert(1)</script> `x` | [a](http://e.vil) @team \x1b[31mred\x07 \u202eevil ]]> \n## head"


def denied() -> Decision:
    return samples.sample().decision


def changed(**fields: object) -> Decision:
    copy = denied().model_copy(update=fields)
    return Decision.model_validate_json(canonical_bytes(copy.to_json()))


def allowed() -> Decision:
    """No control denies; a minor one failed without denying."""
    results = tuple(
        r.model_copy(update={"severity": "minor"}) if r.status in (Status.FAIL, Status.MISSING, Status.ERROR) else r
        for r in denied().results
    )
    return changed(outcome=Outcome.ALLOW, reasons=(), summary="mortgage 1 may pass", results=results)


def facts(decision: Decision) -> list[str]:
    """What each output has to say, as the plain words of the decision itself."""
    said = [decision.subject.digest, decision.bundle_digest, decision.snapshot_digest, *decision.reasons]
    for result in decision.results:
        said += [result.control, result.title]
        said += [f.message for f in result.findings]
        said += [f.evidence for f in result.findings if f.evidence]
        said += [result.remediation] if result.findings else []
        said += [result.waiver] if result.waiver else []
    for item in decision.relaxations:
        said += [item.subject, item.detail]
    return said


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
        missing = [fact for fact in facts(denied()) if fact.replace("`", "") not in told.replace("`", "")]
        assert missing == []

    @pytest.mark.parametrize("form", sorted(set(FORMATS) - {"json"}))
    def test_observed_and_expected_are_told(self, form: str) -> None:
        told = plain(form, render(form, denied()))
        assert "0.69 (interval 0.59 to 0.8, n 173)" in told
        assert "binds from 2 December 2027" in told

    @pytest.mark.parametrize("form", sorted(FORMATS))
    def test_the_same_decision_gives_the_same_text(self, form: str) -> None:
        assert render(form, denied()) == render(form, changed())

    def test_json_is_the_canonical_body(self) -> None:
        assert render("json", denied()).encode() == denied().body

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
        text = render("junit", changed(results=results, reasons=("earlier gate: validation has not decided",)))
        assert ET.fromstring(text).attrib["failures"] == "1"

    def test_want_of_evidence_is_an_error_and_no_failure(self) -> None:
        text = render("junit", changed(outcome=Outcome.INDETERMINATE, results=(), reasons=("evidence is missing",)))
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
            objective=HOSTILE, message=HOSTILE, observed={HOSTILE: [HOSTILE]}, expected=HOSTILE, path=HOSTILE
        )
        poisoned = result.model_copy(
            update={
                "title": HOSTILE,
                "reason": HOSTILE,
                "remediation": HOSTILE,
                "family": HOSTILE,
                "findings": (finding,),
                "frameworks": {HOSTILE: (HOSTILE,)},
            }
        )
        return changed(
            results=(poisoned,),
            reasons=(HOSTILE,),
            summary=HOSTILE,
            gate=HOSTILE,
            subject=denied().subject.model_copy(update={"name": HOSTILE, "system_id": HOSTILE}),
            relaxations=tuple(
                r.model_copy(update={"detail": HOSTILE, "subject": HOSTILE}) for r in denied().relaxations
            ),
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

    def test_a_comment_that_is_too_long_is_cut_and_says_so(self) -> None:
        many = denied().results * 60
        text = render("markdown", changed(results=many))
        assert len(text) < 62_000
        assert "Shortened. The whole decision: `sha256:" in text
        assert "instant chosen by the caller" in text


class TestWords:
    def test_hidden_characters_are_spelled_out(self) -> None:
        assert clean("a\x00b\u202ec\n d\t") == "a[U+0000]b[U+202E]c  d "

    @pytest.mark.parametrize(
        ("value", "text"),
        [(0.1, "0.1"), (1.0, "1"), (-0.0, "0"), (1e-9, "1e-09"), (0.00012, "0.00012"), (123456789012, "123456789012")],
    )
    def test_numbers(self, value: float, text: str) -> None:
        assert number(value) == text

    def test_values(self) -> None:
        assert value_text(None) == ""
        assert value_text(False) == "no"
        assert value_text([]) == "none"
        assert value_text(["a", 1, True]) == "a, 1, yes"
        assert value_text({"b": 1, "a": [{}]}) == '{"a":[{}],"b":1}'
        assert value_text("x" * 999).endswith("… (whole value in decision.json)")

    def test_a_control_that_fails_without_denying_is_not_decisive(self) -> None:
        assert [c.decisive for c in describe(allowed()).failing] == [False, False]
        assert [c.decisive for c in describe(denied()).failing] == [True, True]

    def test_every_control_is_in_exactly_one_section(self) -> None:
        view = describe(denied())
        assert sorted(c.control for c in view.controls) == sorted(r.control for r in denied().results)


def test_renderers_do_not_import_the_pdf_libraries() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import reports.renderers.base, reports.renderers.text\n"
        "import reports.documents.report, reports.verify.verify\n"
        "heavy = {'weasyprint', 'pyhanko', 'pikepdf', 'jinja2', 'numpy', 'sqlmodel'} & set(sys.modules)\n"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
