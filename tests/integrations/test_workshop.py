"""The workshop of policy authors: controls explained, begun, shown as a site, compared by what they would decide."""

import dataclasses
import json
import re
import shlex
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from engine.bundle.effective import effective_parameters
from engine.bundle.load import Bundle
from integrations.app.workshop import explained
from integrations.cli.main import main
from reports.renderers.explanation import WIDTH, text_lines
from reports.site.pages import site
from tests.integrations.doors import Doors, refused
from tests.worlds.policies import bench_bundle
from tests.worlds.workspaces import ROOT

SHIPPED = ROOT / "policies"


class TestExplain:
    def test_says_of_whom_since_when_on_what_and_what_a_miss_says(self, quaestor: Doors) -> None:
        said = " ".join(quaestor("policy", "explain", "EUAIA-17-1").out.split())
        for part in (
            "asked of tiers high, roles provider",
            "binds from 2 December 2027; high-annex-i-a from 2 August 2028",
            "blocker: its failure denies every gate of it",
            "nobody may waive it",
            "the word of the person who signed",
            "signed by compliance or accountable-executive",
            "facts.documents.*.expires_at Document per aspect a to m",
            "fails it: the document of aspect ({aspect}) has run out",
            "leaves it open: aspect ({aspect}) of Art 17(1) has no document",
            "eu-ai-act 17(1)(a)-(m) Quality management: its thirteen aspects",
            "qms_aspects_beside_sector_law = g, h, i",
            "entries may be added, none taken away",
            "size_class: medium",
        ):
            assert part in said

    def test_what_several_objectives_say_alike_is_told_once_and_failures_first(self, quaestor: Doors) -> None:
        said = " ".join(quaestor("policy", "explain", "INC-01").out.split())
        assert said.count("says that its source did not answer for the whole window") == 1
        assert said.count("complete The source answered for the whole window") == 1
        assert "reads feed-status, as severity-in-scheme does" in said
        assert "Said alike of the objectives severity-in-scheme, severity-by-harm, category-with-rollback" in said
        first = said.index("fails it: the severity is none of the scheme")
        assert first < said.index("leaves it open: a severity has no step in the procedure")
        whole = json.loads(quaestor("policy", "explain", "INC-01", "--format", "json").out)
        for objective in whole["objectives"]:
            assert any("did not answer for the whole window" in item["text"] for item in objective["messages"])

    def test_who_may_not_sign_and_what_of_a_record_is_read_beside_its_content(self, quaestor: Doors) -> None:
        """Whoever copies the records that pass gets a signature that the control accepts, and one that it counts."""
        said = quaestor("policy", "explain", "APP-04").out
        assert ", and not by who was trainer or builder" in " ".join(said.split())
        found = json.loads(quaestor("policy", "explain", "APP-04", "--format", "json").out)
        read = {one["type"]: one for objective in found["objectives"] for one in objective["evidence"]}
        assert read["audit-report"]["not_by"] == ["trainer", "builder"]
        fields = {one["path"] for one in read["approval"]["fields"]}
        assert "record.signature.signer" in fields
        assert all(one["signature"]["signer"] for one in found["example"]["approval"])
        path = quaestor.folder / "case.json"
        path.write_text(json.dumps({"evidence": found["example"]}), encoding="utf-8")
        gate = found["control"]["gates"][0]
        tried = json.loads(quaestor("policy", "try", "APP-04", "--input", path, "--gate", gate, "--format", "json").out)
        assert tried["set_aside"] == []

    def test_parameters_are_those_that_hold_in_the_workspace(self, quaestor: Doors) -> None:
        overlay = quaestor.folder / "overlay.yaml"
        overlay.write_text("parameters: {min_primary_metric: 0.9}\n")
        said = " ".join(quaestor("policy", "explain", "PERF-02").out.split())
        assert "min_primary_metric = 0.9 (metric) instead of 0.8" in said

    @pytest.mark.parametrize("file", ["overlay.yaml", "quaestor.toml"])
    def test_a_workspace_that_cannot_be_read_is_not_passed_over(
        self, quaestor: Doors, file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (quaestor.folder / file).write_text("parameters: {min_primry_metric: 0.9}\n")
        monkeypatch.chdir(quaestor.folder)
        for words in (["policy", "explain", "PERF-02"], ["policy", "lint"]):
            assert main(words) != 0
            told = capsys.readouterr()
            assert file in told.out + told.err
            assert "min_primary_metric" not in told.out.replace("did you mean `min_primary_metric`", "")

    def test_every_message_of_a_shipped_control_is_listed(self, shipped: Bundle) -> None:
        bundle = shipped
        for control in bundle.controls.values():
            text = bundle.files[control.path].decode()
            written = set(re.findall(r"""say\.(?:breach|gap|none)\("[^"]+", (?:\w+, )?"[^"]*", "([^"]+)"\)""", text))
            assert written <= {item.text for item in bundle.inspection.controls[control.id].messages}

    def test_every_shipped_control_has_an_example_and_fits_a_terminal(self, shipped: Bundle) -> None:
        bundle = shipped
        effective = effective_parameters(bundle.catalogue)
        for name in bundle.controls:
            found = explained(bundle, effective, name)
            assert found.example
            assert all(item.evidence for item in found.objectives)
            wide = [line for line in text_lines(found) if len(line) > WIDTH + 30 and len(line.split()) > 3]
            assert wide == []

    def test_machines_read_it_too(self, quaestor: Doors) -> None:
        said = quaestor("policy", "explain", "INC-09", "--format", "json")
        assert '"applies_from": "D-HR' in said.out
        assert '"messages": [' in said.out


@pytest.mark.slow
class TestList:
    def test_what_was_off_until_yesterday_is_on(self, quaestor: Doors, tmp_path: Path) -> None:
        overlay = tmp_path / "overlay.yaml"
        why = "reason: the risk team judges it, approver: vic, until:"
        overlay.write_text(f"disable:\n  PERF-08: {{{why} 2099-12-31}}\n  APP-05: {{{why} 2026-01-01}}\n")
        said = quaestor("policy", "list", "--policies", SHIPPED, "--overlay", overlay).out
        assert "PERF-08 is switched off in the organisation's overlay until 31 December 2099, approved by vic" in said
        assert "APP-05 is" not in said
        assert "controls, 1 switched off, bundle" in said


class TestNew:
    def test_lint_accepts_it_and_test_fails_until_it_is_written(
        self, quaestor: Doors, mine: Path, shipped: Bundle
    ) -> None:
        kinds = sorted(shipped.schemas)[::6]
        for number, kind in enumerate(kinds):
            begun = quaestor("policy", "new", f"NEW-{number}", "--family", "own", "--evidence", kind,
                             "--gate", "staging", "--policies", mine)  # fmt: skip
            assert begun.code == 0, begun.text
        assert quaestor("policy", "lint", mine).out.endswith("0 mistakes, 0 warnings\n")
        tested = quaestor("policy", "test", "NEW-0", "--policies", mine)
        assert tested.code == 1
        assert "what passes: expected pass" in tested.out

    def test_is_green_once_a_record_passes(self, quaestor: Doors, mine: Path) -> None:
        begun = quaestor("policy", "new", "CARD-01", "--family", "documentation", "--evidence", "model-card",
                         "--gate", "staging", "--title", 'A card: "named"', "--policies", mine)  # fmt: skip
        assert begun.code == 0, begun.text
        cases = mine / "controls/documentation/CARD-01_cases.yaml"
        text = cases.read_text()
        assert "evidence: {}  #" in text
        cases.write_text(text.replace("evidence: {}  #", "evidence: {model-card: [{artifact_digest: sha256:c}]}  #", 1))
        tested = quaestor("policy", "test", "CARD-01", "--policies", mine)
        assert tested.code == 0, tested.out

    @pytest.mark.parametrize(
        ("control", "options", "problem"),
        [
            ("card-1", {}, "`card-1` cannot be the id of a control"),
            ("CARD-01", {"family": "../x"}, "`../x` cannot be a family"),
            ("CARD-01", {"evidence": "model-crd"}, "unknown evidence type `model-crd`"),
            ("CARD-01", {"gate": "stagin"}, "unknown gate `stagin`"),
            ("FAIR-01", {"family": "own"}, "there is a control `FAIR-01`: controls/fairness/FAIR-01.rego"),
        ],
    )
    def test_what_cannot_be_one(
        self, quaestor: Doors, mine: Path, control: str, options: dict[str, str], problem: str
    ) -> None:
        given = {"family": "documentation", "evidence": "model-card", "gate": "staging", **options}
        words = [word for name, value in given.items() for word in (f"--{name}", value)]
        before = sorted(mine.rglob("*"))
        refused(quaestor("policy", "new", control, *words, "--policies", mine), problem)
        assert sorted(mine.rglob("*")) == before

    def test_a_type_named_twice_and_a_gate_that_judges_no_model(self, quaestor: Doors, mine: Path) -> None:
        for control, kind, gate in (("CARD-01", "model-card", "staging"), ("CARD-02", "portfolio-report", "portfolio")):
            begun = quaestor("policy", "new", control, "--family", "own", "--evidence", kind, "--evidence", kind,
                             "--gate", gate, "--gate", gate, "--policies", mine)  # fmt: skip
            assert begun.code == 0, begun.text
        assert quaestor("policy", "lint", mine).out.endswith("0 mistakes, 0 warnings\n")
        failed = quaestor("policy", "test", "CARD-01", "--policies", mine)
        assert "controls/own/CARD-01_cases.yaml:6: what passes: expected pass" in failed.out
        cases = mine / "controls/own/CARD-01_cases.yaml"
        cases.write_text(cases.read_text().replace("  gate: staging\n", "  gate: staging\n  roles: [provder]\n"))
        assert "unknown role `provder`" in quaestor("policy", "lint", mine).out

    def test_nothing_is_written_where_either_file_is_there(self, quaestor: Doors, mine: Path) -> None:
        (mine / "controls/documentation/CARD-01_cases.yaml").write_text("# mine\n")
        before = sorted(mine.rglob("*"))
        begun = quaestor("policy", "new", "CARD-01", "--family", "documentation", "--evidence", "model-card",
                         "--gate", "staging", "--policies", mine)  # fmt: skip
        refused(begun, "the file is there already")
        assert sorted(mine.rglob("*")) == before

    def test_the_shipped_policies_are_not_written(self, quaestor: Doors) -> None:
        refused(
            quaestor("policy", "new", "CARD-01", "--family", "own", "--evidence", "model-card", "--gate", "staging"),
            "the policies that come with Quaestor",
        )


class TestTest:
    def test_by_pattern_with_each_case_and_as_junit(self, quaestor: Doors, tmp_path: Path) -> None:
        file = tmp_path / "proofs.xml"
        said = quaestor("policy", "test", "--run", "^PERF-01$|^EUAIA-17-1$", "-v", "--junit", file)
        assert said.code == 0, said.text
        assert "ok     missing        aspect m is left out" in said.out
        assert re.search(r"EUAIA-17-1  [0-9.]+ s, 2 of 2 messages given by some case", said.out)
        assert said.out.endswith("2 passed, 0 failed\n")
        suites = ElementTree.parse(file).getroot()
        assert [suite.get("name") for suite in suites] == ["EUAIA-17-1", "PERF-01"]
        assert not suites.findall(".//failure")

    def test_a_failure_stands_in_junit_and_a_message_that_no_case_gives_is_named(
        self, quaestor: Doors, mine: Path, tmp_path: Path
    ) -> None:
        cases = mine / "controls/performance/PERF-01_cases.yaml"
        text = cases.read_text()
        last = text.rindex("  - name") if text.rindex("  - name") > text.rindex("  - {") else text.rindex("  - {")
        cases.write_text(text[:last] + "  - {name: wrong <hope>, expect: pass, evidence: {}}\n")
        file = tmp_path / "proofs.xml"
        said = quaestor("policy", "test", "PERF-01", "--policies", mine, "--junit", file, "-v")
        assert said.code == 1
        failure = ElementTree.parse(file).getroot().find(".//testcase[@name='wrong <hope>']/failure")
        assert failure is not None
        assert "expected pass, came to missing" in (failure.get("message") or "")

    def test_a_gate_or_pack_that_there_is_not_is_a_mistake_with_the_name_that_is_meant(
        self, quaestor: Doors, mine: Path
    ) -> None:
        for file, right, wrong in (
            ("rollout/RES-01", 'input.gate == "incident"', 'input.gate == "incidnt"'),
            ("audit-trail/LOG-02", 'input.gate in {"staging",', 'input.gate in {"stagin",'),
            ("audit-trail/LOG-04", 'at_gate := {"operation":', 'at_gate := {"operaton":'),
            ("bank/MRM-03", "pack: bank", "pack: bnak"),
        ):
            module = mine / f"controls/{file}.rego"
            text = module.read_text()
            assert right in text
            module.write_text(text.replace(right, wrong, 1))
        said = quaestor("policy", "lint", mine)
        assert said.code == 1
        for line in (
            "unknown gate `incidnt`\n    did you mean `incident`\n",
            "unknown gate `stagin`\n    did you mean `staging`\n",
            "unknown gate `operaton`\n    did you mean `operation`\n",
            "controls/bank/MRM-03.rego:8: no other control is of the pack `bnak`\n    did you mean `bank`\n",
            "4 mistakes, 0 warnings\n",
        ):
            assert line in said.out
        # What was decided by such policies can be made again.
        assert quaestor("policy", "list", "--policies", mine).code == 0

    def test_what_a_deletion_lets_pass_stands_at_its_case(self, quaestor: Doors, mine: Path) -> None:
        module = mine / "controls/risk/RISK-10.rego"
        text = module.read_text()
        kept = "#   may_be_empty: {lineage-graph.changes: a legacy system may have changed in nothing}\n"
        assert kept in text
        module.write_text(text.replace(kept, ""))
        said = quaestor("policy", "test", "RISK-10", "--policies", mine, "--format", "json")
        assert said.code == 1
        (told,) = json.loads(said.out)["controls"]
        lines = {case["name"]: case["line"] for case in told["cases"]}
        assert {failure["kind"] for failure in told["failures"]} == {"deletion"}
        assert {failure["file"] for failure in told["failures"]} == {"controls/risk/RISK-10_cases.yaml"}
        assert all(failure["line"] == lines[failure["test"]] for failure in told["failures"])

    def test_json_holds_what_text_and_junit_tell(self, quaestor: Doors, mine: Path, tmp_path: Path) -> None:
        module = mine / "controls/performance/PERF-01.rego"
        cases = module.with_name("PERF-01_cases.yaml")
        cases.write_text(cases.read_text() + "  - {name: wrong, expect: pass, evidence: {}}\n")
        module.write_text(
            module.read_text().replace("#   evidence:", "#   may_differ: {validation-run.seed: unread}\n#   evidence:")
        )
        file = tmp_path / "proofs.xml"
        asked = ("policy", "test", "PERF-01", "EUAIA-17-1", "--policies", mine)
        text, told = quaestor(*asked), quaestor(*asked, "--format", "json", "--junit", file, "-v")
        assert (text.code, told.code, told.err) == (1, 1, "")
        found = json.loads(told.out)
        assert (found["passed"], found["failed"]) == (1, 1)
        assert found["bundle"].startswith("sha256:")
        controls = {item["control"]: item for item in found["controls"]}
        assert controls["EUAIA-17-1"]["passed"]
        assert controls["EUAIA-17-1"]["failures"] == []
        failures = controls["PERF-01"]["failures"]
        (case,) = [item for item in failures if item["kind"] == "case"]
        line = cases.read_text().splitlines().index("  - {name: wrong, expect: pass, evidence: {}}") + 1
        assert (case["file"], case["line"]) == ("controls/performance/PERF-01_cases.yaml", line)
        assert case["problem"].startswith("expected pass, came to missing: no current ")
        assert f"\ncontrols/performance/PERF-01_cases.yaml:{line}: wrong: {case['problem']}\n" in text.out
        tried = f"quaestor policy try PERF-01 --case wrong --policies {mine}"
        assert f"    see what its rules read: {tried}; then mend the rule, or `expect`\n" in text.out
        assert quaestor(*shlex.split(tried)[1:]).code == 0
        kinds = {item["kind"] for item in failures}
        assert "needless-exception" in kinds
        # The same failures in each form, and no other.
        for failure in failures:
            assert failure["problem"].splitlines()[0] in text.out
        joined = "".join(item.text or "" for item in ElementTree.parse(file).getroot().iter("failure"))
        assert all(item["problem"] in joined for item in failures)
        tried = controls["PERF-01"]["deletions"]
        assert f"{tried['tried'] - tried['passed_on']}/{tried['tried']}" in text.out

    def test_a_control_that_is_named_twice_is_proved_once(self, quaestor: Doors) -> None:
        said = quaestor("policy", "test", "EUAIA-17-1", "--run", "^EUAIA-17-1$")
        assert said.code == 0, said.text
        assert said.out.endswith("1 passed, 0 failed\n")

    def test_patterns_that_are_none(self, quaestor: Doors) -> None:
        refused(quaestor("policy", "test", "--run", "("), "`(` is no regular expression")
        refused(quaestor("policy", "test", "--run", "zzz"), "no control matches `zzz`")


class TestAccess:
    """The proofs of the Cedar policies: lint does not know what a policy is to mean, and the cases do."""

    def test_a_prohibition_that_became_a_permission(self, quaestor: Doors, mine: Path, tmp_path: Path) -> None:
        cedar, file = mine / "access/access.cedar", tmp_path / "proofs.xml"
        text = cedar.read_text()
        before, rule, after = text.partition('@id("promote.not_own_to_production")\nforbid')
        assert rule
        cedar.write_text(before + rule.replace("forbid", "permit") + after)
        assert quaestor("policy", "lint", mine).code == 0
        said = quaestor("policy", "test", "access", "--policies", mine, "--junit", file)
        assert said.code == 1
        told = " ".join(said.out.split())
        cases = (mine / "access/access.cases.json").read_text().splitlines()
        name = "nobody brings into production what they built"
        line = next(number for number, text in enumerate(cases, 1) if name in text)
        problem = (
            "expected deny by promote.not_own_to_production, came to allow by promote.by_release_or_owner, promote"
        )
        assert f"access/access.cases.json:{line}: {name}: {problem}" in told
        assert "cleo as release-manager: promote Model mortgage@2" in told
        here = before.count("\n") + 1
        assert (
            f"access/access.cedar:{here}: without `promote.not_own_to_production` every case is decided alike" in told
        )
        assert ElementTree.parse(file).getroot().findall(f".//testcase[@name='{name}']/failure")

    def test_what_comes_shipped_holds_and_is_asked_for_by_name_file_or_pattern(self, quaestor: Doors) -> None:
        for asked in (["access"], ["policies/access/access.cedar"], ["--run", "^access$", "access/access.cases.json"]):
            said = quaestor("policy", "test", *asked, "--format", "json")
            assert said.code == 0, said.text
            (row,) = json.loads(said.out)["controls"]
            assert row["control"] == "access"
            assert len(row["cases"]) > 60
            assert row["deletions"]["tried"] > 20

    def test_cases_that_are_gone_prove_nothing(self, quaestor: Doors, mine: Path) -> None:
        (mine / "access/access.cases.json").unlink()
        said = quaestor("policy", "test", "access", "--policies", mine)
        assert said.code == 1
        assert "access/access.cases.json:1: the Cedar policies have no cases" in said.out

    def test_lint_reads_the_cases_too(self, quaestor: Doors, mine: Path) -> None:
        file = mine / "access/access.cases.json"
        before, old, after = file.read_text().partition('"decision": "allow"')
        file.write_text(before + old.replace("allow", "alow") + after)
        said = quaestor("policy", "lint", mine)
        assert said.code == 1
        line = before.count("\n") + 1
        assert f"access/access.cases.json:{line}: `cases.0.decision`: is `alow`" in said.out
        assert said.out.endswith("did you mean `allow`\n1 mistake, 0 warnings\n")


class TestOneFaultOneMessage:
    """Whoever mends the cause mends what follows from it, and is not told of that."""

    @pytest.mark.parametrize(
        ("file", "old", "new", "problem", "hint"),
        [
            ("frameworks/gdpr.yaml", "\narticles:", "\nartcles:", "unknown field `artcles`", "`articles`"),
            ("gates/staging.yaml", "\ndenies: [blocker", "\ndenies: [blockers", "`blockers`", "`blocker`"),
            ("gates/staging.yaml", "\nmeaning:", "\nmeanin:", "unknown field `meanin`", "`meaning`"),
            ("controls/organisation/OWN-01.rego", "#   severity:", "#   sevrity:", "`custom.sevrity`", "`severity`"),
            ("controls/organisation/OWN-01_cases.yaml", "expect:", "expct:", "expct`", "`expect`"),
        ],
    )
    def test_a_misspelt_word(
        self, quaestor: Doors, mine: Path, file: str, old: str, new: str, problem: str, hint: str
    ) -> None:
        path = mine / file
        before, _, after = path.read_text().partition(old)
        assert after
        path.write_text(before + new + after)
        said = quaestor("policy", "lint", mine)
        assert said.code == 1
        first, second, *_ = said.out.splitlines()
        line = before.count("\n") + old.count("\n") + 1
        assert first.startswith(f"{file}:{line}: ")
        assert problem in first
        assert second == f"    did you mean {hint}"
        assert said.out.endswith("1 mistake, 0 warnings\n")

    def test_a_misspelt_field_of_a_record_is_told_where_it_is_written(self, quaestor: Doors, mine: Path) -> None:
        """Cases that change or copy the record say nothing of it again."""
        file = "controls/documentation/DOC-01_cases.yaml"
        text = (mine / file).read_text()
        for old, near in (("        limitations:", "limitations"), ("{model-card/0/reviewed_by: []}", "reviewed_by")):
            before, _, after = text.partition(old)
            assert after
            (mine / file).write_text(before + old.replace("limitations", "limitation").replace("ed_", "d_") + after)
            said = quaestor("policy", "lint", mine).out
            ((place, problem),) = re.findall(rf"{file}:(\d+): (`.*is no field here.*)", said)
            assert problem.endswith(f"; did you mean `{near}`")
            entry = before[: before.rindex("      - ")] if near == "limitations" else before
            assert int(place) == entry.count("\n") + 1
            assert "quaestor policy schema model-card" in said

    def test_a_reason_that_says_nothing(self, quaestor: Doors, tmp_path: Path) -> None:
        overlay = tmp_path / "overlay.yaml"
        overlay.write_text("disable: {OWN-01: {reason: n/a, approver: vic}}\n")
        said = quaestor("policy", "lint", SHIPPED, "--overlay", overlay)
        assert "overlay.yaml:1: `reason` of `OWN-01` says nothing: `n/a`" in said.out
        assert said.out.endswith("\n1 mistake, 0 warnings\n")

    def test_what_is_off_until_a_day_that_is_past_is_a_warning(self, quaestor: Doors, tmp_path: Path) -> None:
        overlay = tmp_path / "overlay.yaml"
        why = "reason: the risk team judges it, approver: vic, until:"
        overlay.write_text(f"disable:\n  PERF-08: {{{why} 2099-12-31}}\n  APP-05: {{{why} 2020-01-01}}\n")
        said = quaestor("policy", "lint", SHIPPED, "--overlay", overlay)
        assert said.code == 0
        assert "overlay.yaml:3: `APP-05` was off until 2020-01-01\n" in said.out
        assert said.out.endswith("\n0 mistakes, 1 warning\n")


class _Links(HTMLParser):
    """Ids and targets of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            if name in ("href", "src") and value:
                self.targets.append(value)
            assert not name.startswith("on")
            assert name != "style"


@pytest.mark.slow
class TestDocs:
    def test_each_link_leads_somewhere_inside(self, quaestor: Doors, tmp_path: Path, shipped: Bundle) -> None:
        folder = tmp_path / "site"
        assert quaestor("policy", "docs", "-o", folder).code == 0
        pages = {}
        for path in folder.rglob("*.html"):
            pages[path.resolve()] = _Links()
            pages[path.resolve()].feed(path.read_text(encoding="utf-8"))
        assert {path.stem for path in pages} >= {*shipped.controls, "eu-ai-act", "index"}
        for path, page in pages.items():
            for target in page.targets:
                name, _, fragment = target.partition("#")
                other = (path.parent / name).resolve() if name else path
                assert other.is_file()
                assert not fragment or unquote(fragment) in pages[other].ids
        assert quaestor("policy", "docs", "-o", folder).code == 0  # an earlier site is replaced

    def test_what_a_bundle_says_is_text(self) -> None:
        bundle = bench_bundle()
        control = next(iter(bundle.controls.values()))
        hostile = control.model_copy(
            update={"title": "<script>alert(1)</script>\u202e", "remediation": '"><img src=x>'}
        )
        controls = {**bundle.controls, control.id: hostile}
        bundle = dataclasses.replace(bundle, controls=controls)
        pages = site(bundle, [explained(bundle, effective_parameters(bundle.catalogue), name) for name in controls])
        for name in ("index.html", f"controls/{control.id}.html"):
            text = pages[name].decode()
            assert "<script>alert" not in text
            assert "<img" not in text
            assert "\u202e" not in text

    @pytest.mark.parametrize("name", ["thesis.txt", "site.js", ".quaestor-site/thesis.html", "controls/FAIR-02.rego"])
    @pytest.mark.parametrize("site_too", [False, True])
    def test_other_folders_are_left_alone(self, quaestor: Doors, tmp_path: Path, name: str, site_too: bool) -> None:
        folder = tmp_path / "papers"
        if site_too:
            assert quaestor("policy", "docs", "-o", folder).code == 0
        file = folder / (f"more/{name}" if site_too else name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
        before = sorted(folder.rglob("*"))
        refused(quaestor("policy", "docs", "-o", folder), "holds other things than a site")
        assert sorted(folder.rglob("*")) == before
        assert file.read_text() == "mine"

    def test_a_link_is_not_followed(self, quaestor: Doors, tmp_path: Path) -> None:
        (tmp_path / "mine.html").write_text("mine")
        (tmp_path / "site").mkdir()
        (tmp_path / "site/.quaestor-site").touch()
        (tmp_path / "site/index.html").symlink_to(tmp_path / "mine.html")
        refused(quaestor("policy", "docs", "-o", tmp_path / "site"), "holds other things than a site")
        assert (tmp_path / "mine.html").read_text() == "mine"


def other_policies(mine: Path) -> Path:
    """FAIR-02 is gone, ROB-02 asks for what no run of the lender has, PERF-02 is milder and INT-07 has other rules."""
    for path in mine.glob("controls/fairness/FAIR-02*"):
        path.unlink()
    parameters = mine / "parameters" / "parameters.yaml"
    text = parameters.read_text()
    start = text.index("  min_primary_metric:")
    parameters.write_text(text[:start] + text[start:].replace("default: 0.8", "default: 0.5", 1))
    card = mine / "controls" / "performance" / "PERF-02.rego"
    card.write_text(card.read_text().replace("#   severity: blocker", "#   severity: major", 1))
    run = mine / "controls" / "integrity" / "INT-07.rego"
    run.write_text(f"{run.read_text()}\n# only a comment\n")
    lib = mine / "lib" / "text.rego"
    lib.write_text(f"{lib.read_text()}\n# a comment of a library\n")
    return mine


class TestDiff:
    @pytest.mark.slow
    def test_tells_what_it_means_and_not_what_bytes_it_is_of(self, quaestor: Doors, mine: Path) -> None:
        said = quaestor("policy", "diff", SHIPPED, other_policies(mine))
        assert said.code == 0
        assert said.out.splitlines() == [
            "controls: gone FAIR-02",
            "controls: changed PERF-02",
            "    severity: blocker -> major",
            *(["    waivable: false -> true"] if "waivable" in said.out else []),
            "parameters: changed min_primary_metric",
            "    default: 0.8 -> 0.5",
            "for every control: changed lib/text.rego",
        ]

    def test_of_a_bundle_and_its_archive_there_is_none(self, quaestor: Doors, tmp_path: Path) -> None:
        archive = tmp_path / "bundle.tar"
        assert quaestor("policy", "export", "--policies", SHIPPED, "-o", archive).code == 0
        assert quaestor("policy", "diff", SHIPPED, archive).out == "no difference in what the policies mean\n"

    def test_what_an_overlay_sets_otherwise_is_a_difference(self, quaestor: Doors, tmp_path: Path) -> None:
        overlay = tmp_path / "strict.yaml"
        overlay.write_text("parameters: {min_primary_metric: 0.9}\n", encoding="utf-8")
        said = quaestor("policy", "diff", SHIPPED, SHIPPED, "--overlay", overlay)
        assert said.out.splitlines() == ["values: changed min_primary_metric", "    value: 0.8 -> 0.9"]

    def test_what_the_overlay_of_before_set_is_a_difference(self, quaestor: Doors, tmp_path: Path) -> None:
        before, now = tmp_path / "before.yaml", tmp_path / "now.yaml"
        before.write_text("parameters: {min_primary_metric: 0.9}\n", encoding="utf-8")
        now.write_text("parameters: {min_primary_metric: 0.95}\n", encoding="utf-8")
        said = quaestor("policy", "diff", SHIPPED, SHIPPED, "--old-overlay", before, "--overlay", now)
        assert said.out.splitlines() == ["values: changed min_primary_metric", "    value: 0.9 -> 0.95"]
        said = quaestor("policy", "diff", SHIPPED, SHIPPED, "--old-overlay", before)
        assert said.out.splitlines() == ["values: changed min_primary_metric", "    value: 0.9 -> 0.8"]

    def test_what_is_no_archive_is_named(self, quaestor: Doors, tmp_path: Path) -> None:
        page = tmp_path / "page.yaml"
        page.write_text("[]", encoding="utf-8")
        refused(quaestor("policy", "diff", SHIPPED, page), "page.yaml", "not an archive", "policy export")

    @pytest.mark.slow
    def test_who_would_flip_on_the_evidence_on_record(self, lab: Doors, mine: Path) -> None:
        before = lab("gate", "list").out
        for name in ("fairness/FAIR-02", "performance/PERF-02", "robustness/ROB-01"):
            path = mine / "controls" / f"{name}.rego"
            path.write_text(path.read_text().replace("#   severity: blocker", "#   severity: minor", 1))
        said = lab("policy", "diff", SHIPPED, mine, "--what-if")
        assert said.code == 1, said.text
        assert "of 4 latest decisions on record, 0 would be refused now, 1 allowed now" in said.out
        assert "opens   mortgage@1 at gate validation: deny -> allow" in said.out
        assert "FAIR-02: fail, blocker -> fail, minor" in said.out
        back = lab("policy", "diff", mine, SHIPPED, "--what-if", "--format", "json")
        verdicts = {item["subject"]: item for item in json.loads(back.out)["verdicts"]}
        assert (verdicts["mortgage@1"]["before"], verdicts["mortgage@1"]["after"]) == ("allow", "deny")
        assert not verdicts["mortgage@2"]["flips"]
        page = lab("policy", "diff", SHIPPED, mine, "--what-if", "--format", "markdown").out
        assert "| mortgage&#64;1 | validation | deny | allow |" in page
        assert lab("gate", "list").out == before

    def test_an_overlay_to_come(self, lab: Doors, tmp_path: Path) -> None:
        overlay = tmp_path / "stricter.yaml"
        text = (lab.folder / "overlay.yaml").read_text(encoding="utf-8")
        overlay.write_text(text.replace("min_primary_metric: 0.7 ", "min_primary_metric: 0.99 "), encoding="utf-8")
        said = lab("policy", "diff", SHIPPED, SHIPPED, "--what-if", "--overlay", overlay)
        assert said.code == 1, said.text
        assert "closes  mortgage@2 at gate validation: allow -> deny" in said.out
        assert "PERF-02: pass -> fail, blocker" in said.out


class TestDryRun:
    def test_decides_records_nothing_and_says_so(self, lab: Doors, tmp_path: Path) -> None:
        before = lab("gate", "list").out, lab("evidence", "list").out
        overlay = tmp_path / "stricter.yaml"
        text = (lab.folder / "overlay.yaml").read_text(encoding="utf-8")
        overlay.write_text(text.replace("min_primary_metric: 0.7 ", "min_primary_metric: 0.99 "), encoding="utf-8")
        plain = lab("gate", "decide", "validation", "mortgage@2", "--dry-run")
        assert plain.code == 0, plain.text
        assert plain.out.startswith("DRY RUN: nothing was recorded")
        strict = lab("gate", "decide", "validation", "mortgage@2", "--dry-run", "--overlay", overlay, "-f", "json")
        assert strict.code == 1
        assert json.loads(strict.out)["outcome"] == "deny"
        assert "DRY RUN" in json.loads(strict.out)["dry_run"]
        assert "DRY RUN: nothing was recorded" in strict.err
        assert (lab("gate", "list").out, lab("evidence", "list").out) == before

    def test_other_policies_decide_nothing_for_real(self, lab: Doors, mine: Path) -> None:
        refused(lab("gate", "decide", "validation", "mortgage@2", "--policies", mine), "add --dry-run")

    def test_nobody_is_named_in_a_log_that_is_not_written(self, lab: Doors) -> None:
        refused(lab("gate", "decide", "validation", "mortgage@2", "--dry-run", "--as", "ada"), "leave one of them out")


ROOTS = {
    "a parameter that was renamed": (
        "parameters/parameters.yaml", "  min_group_size:", "  min_grp_size:", "controls/", "mean `min_grp_size`",
    ),
    "a parameter without its colon": (
        "parameters/parameters.yaml", "  min_group_size:", "  min_group_size", "parameters/parameters.yaml", "not YAML",
    ),
    "a severity of a gate": ("gates/staging.yaml", "[blocker]", "[blockr]", "gates/staging.yaml:4", "`blockr`"),
    "a function that others call": ("lib/records.rego", "\nnamed(written)", "\nnamd(written)", "", "`records.named`"),
    "a word of Cedar": ("access/access.cedar", "permit", "premit", "access/access.cedar:", "premit"),
    "a role of Cedar": ("access/access.cedar", '("collector")', '("colector")', "access/access.cedar:56", "`colector`"),
    "a field of a statement": ("statements/metric-choice.yaml", "signed_by", "sigend_by", "statements/", "`signed_by`"),
    "a schema": ("schemas/model-card.json", "{", "{{", "schemas/model-card.json:1", "not JSON"),
}  # fmt: skip


@pytest.mark.slow
class TestRootCauses:
    @pytest.mark.parametrize("name", ROOTS)
    def test_the_cause_comes_first_and_what_follows_from_it_is_folded(
        self, quaestor: Doors, mine: Path, name: str
    ) -> None:
        file, old, new, place, problem = ROOTS[name]
        text = (mine / file).read_text(encoding="utf-8")
        assert old in text
        (mine / file).write_text(text.replace(old, new), encoding="utf-8")
        said = quaestor("policy", "lint", mine)
        lines = said.out.splitlines()
        assert said.code == 1
        assert lines[0].startswith(place)
        assert problem in lines[0] + lines[1]
        assert len(lines) <= 8

    def test_the_overlay_is_checked_too(self, quaestor: Doors) -> None:
        (quaestor.folder / "overlay.yaml").write_text("parameters: {min_grup_size: 3}\n")
        said = quaestor("policy", "lint")
        assert said.code == 1
        assert "overlay.yaml:1: unknown parameter `min_grup_size`" in said.out
        assert "did you mean `min_group_size`" in said.out
