"""`policy try`: one control on the evidence on record, on a file, on a case; again at each save."""

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.bundle.files import read_folder
from engine.bundle.load import Bundle, bundle_from_files, load_bundle
from engine.errors import PolicyErrors
from engine.proofs.cases import read_cases
from engine.proofs.editing import Editing
from evidence.trust.keys import SigningKey
from tests.integrations.doors import Doors, Make, refused
from tests.worlds.workspaces import ROOT

SHIPPED = ROOT / "policies"
CARD = """
gate: validation
parameters: {protected_attributes: [sex]}
evidence: {}
"""


class TestOnRecord:
    def test_gives_what_a_dry_decision_gives_and_records_nothing(self, lab: Doors) -> None:
        before = lab("gate", "list").out, lab("evidence", "list").out
        dry = json.loads(lab("gate", "decide", "validation", "mortgage@1", "--dry-run", "-f", "json").out)
        results = {result["control"]: result for result in dry["results"]}
        for name in ("FAIR-02", "PERF-02", "RISK-01", "DQ-01", "EUAIA-14-1"):
            if name not in results:
                continue
            said = lab("policy", "try", name, "--system", "mortgage@1", "--gate", "validation", "--format", "json")
            assert said.code == 0, said.text
            told = json.loads(said.out)
            assert told["result"] == results[name]
            assert told["tier"] == dry["risk"]["tier"]
            held = {read["record"] for read in told["reads"] if "record" in read}
            assert held <= {item["id"] for item in dry["evidence"]}
        assert (lab("gate", "list").out, lab("evidence", "list").out) == before

    def test_a_pass_by_signature_says_so_in_every_form(self, quaestor: Doors) -> None:
        signed = "by signature: the word of who signed, which is no measurement"
        case = ("EUAIA-14-1", "--case", "five capabilities, validation")
        assert f"  passed at gate validation: {signed}\n" in quaestor("policy", "try", *case).out
        assert json.loads(quaestor("policy", "try", *case, "--format", "json").out)["signed"] == signed
        assert f"a pass of it is {signed}\n" in quaestor("policy", "test", "EUAIA-14-1", "-v").out
        failing = ("FAIR-02", "--case", "accepted a larger gap than there is")
        assert "by signature" not in quaestor("policy", "try", *failing).out

    def test_tells_each_objective_and_each_value_with_its_place(self, lab: Doors) -> None:
        said = lab("policy", "try", "FAIR-02", "--system", "mortgage@1", "--gate", "validation", "--all")
        assert said.code == 0, said.text
        assert (
            "FAIR-02  Fairness gaps within bounds or mitigated and accepted\n  failed at gate validation: " in said.out
        )
        assert "  not held gaps-within-bounds: " in said.out
        assert re.search(r"^             against: .* \(\w+, record [0-9a-f]{12}\)$", said.out, re.MULTILINE)
        assert re.search(
            r"^    data/parameters/max_parity_difference = 0\.\d+  \[gaps-within-bounds\]$", said.out, re.M
        )
        assert re.search(r"^    input/evidence/fairness-audit/\d/predicate/audited = ", said.out, re.MULTILINE)

    def test_an_overlay_to_come(self, lab: Doors, file: Make) -> None:
        text = (lab.folder / "overlay.yaml").read_text(encoding="utf-8")
        other = file("o.yaml", text.replace("min_primary_metric: 0.7 ", "min_primary_metric: 0.99 "))
        given = ("policy", "try", "PERF-02", "--system", "mortgage@2", "--gate", "validation")
        assert "  passed at gate validation\n" in lab(*given).out
        said = lab(*given, "--overlay", other)
        assert "  failed at gate validation: " in said.out
        assert "data/parameters/min_primary_metric = 0.99" in said.out

    def test_what_cannot_be_tried(self, lab: Doors) -> None:
        refused(lab("policy", "try", "FAIR-2", "--system", "mortgage@1"), "no control `FAIR-2`", "`FAIR-02`")
        refused(lab("policy", "try", "FAIR-02", "--system", "mortgag@1"), "no version `1` of `mortgag`")
        refused(lab("policy", "try", "FAIR-02"), "name one source of evidence")
        refused(
            lab("policy", "try", "FAIR-02", "--system", "mortgage@1", "--gate", "staging"),
            "`FAIR-02` is not asked at gate `staging`", "validation",
        )  # fmt: skip


class TestOnFiles:
    @pytest.mark.parametrize("control", ["RISK-01", "EUAIA-17-1", "PERF-01"])
    def test_a_case_comes_to_what_policy_test_says_of_it(self, quaestor: Doors, control: str, shipped: Bundle) -> None:
        for case in read_cases(shipped, shipped.controls[control])[:6]:
            said = quaestor("policy", "try", control, "--case", case.name, "--format", "json")
            assert json.loads(said.out)["result"]["status"] == case.expect, said.text

    def test_a_file_has_the_fields_of_a_case(self, quaestor: Doors, file: Make, shipped: Bundle) -> None:
        there = quaestor("policy", "try", "FAIR-02", "--input", file("c.yaml", CARD), "--gate", "canary").out
        assert "  evidence missing at gate canary: " in there
        record = '{"model-card": [{"artifact_digest": "sha256:c", "title": "a card"}]}'
        kinds = shipped.controls["FAIR-02"].evidence
        assert "fairness-audit" in kinds
        said = quaestor("policy", "try", "FAIR-02", "--input", file("c.yaml", CARD))
        assert said.code == 0, said.text
        assert "  evidence missing at gate validation: " in said.out
        assert "    no record of type fairness-audit\n" in said.out
        refused(
            quaestor("policy", "try", "FAIR-02", "--input", file("d.yaml", f"gate: validation\nevidence: {record}\n")),
            "d.yaml:2: the control does not read `model-card`",
        )
        refused(quaestor("policy", "try", "FAIR-02", "--input", file("e.yaml", "- 1\n")), "not the fields of one case")
        refused(quaestor("policy", "try", "FAIR-02", "--input", file("f.yaml", "gat: x\n")), "f.yaml:1: unknown field")

    def test_mistakes_of_a_file_are_told_as_its_own_each_once(self, quaestor: Doors, file: Make) -> None:
        path = file("g.yaml", "gate: stagng\nevidence: {model-card: []}\n")
        for verb in ("try", "trace"):
            said = quaestor("policy", verb, "RISK-02", "--input", path)
            refused(said, f"2 mistakes in {path}, each with how to mend it", "the gate `stagng`", "`model-card`")
            assert said.text.count("known are: production, registration") == 1

    def test_the_parameters_are_those_of_the_workspace_then_the_file_s(self, quaestor: Doors, file: Make) -> None:
        (quaestor.folder / "overlay.yaml").write_text("parameters: {min_group_size: 31, max_excluded_percent: 4}\n")
        one = file("c.yaml", "parameters: {min_group_size: 77}\nevidence: {}\n")
        said = quaestor("policy", "try", "FAIR-02", "--input", one).out
        assert "data/parameters/min_group_size = 77 " in said
        assert "data/parameters/max_excluded_percent = 4 " in said

    def test_a_mistake_of_lint_is_told_at_its_line(self, quaestor: Doors, mine: Path, file: Make) -> None:
        path = mine / "controls" / "risk" / "RISK-01.rego"
        path.write_text(path.read_text() + "\nodd := data.parameters.nope\n")
        line = len(path.read_text().splitlines())
        said = quaestor("policy", "try", "RISK-01", "--input", file("c.yaml", "evidence: {}\n"), "--policies", mine)
        refused(said, f"RISK-01.rego:{line}: unknown parameter `nope`")

    def test_a_control_that_the_overlay_turns_off_is_tried_and_that_is_said(self, quaestor: Doors, file: Make) -> None:
        (quaestor.folder / "overlay.yaml").write_text(
            "disable: {PERF-08: {reason: the risk team judges it, approver: vic}}\n"
        )
        said = quaestor("policy", "try", "PERF-08", "--input", file("c.yaml", "evidence: {}\n"))
        assert said.code == 0, said.text
        assert said.out.startswith("the overlay turns PERF-08 off, no decision asks it: the risk team judges it\n")

    def test_what_no_policy_would_see_is_not_tried(self, quaestor: Doors, file: Make, shipped: Bundle) -> None:
        cases = read_cases(shipped, shipped.controls["FAIR-02"])
        refused_case = next(case for case in cases if case.expect == "refused")
        refused(
            quaestor("policy", "try", "FAIR-02", "--case", refused_case.name),
            f"FAIR-02_cases.yaml:{refused_case.line}: a record of the case", "is none: no policy would see it",
        )  # fmt: skip
        for expect in ("pass", "refused"):
            text = f"expect: {expect}\nevidence: {{fairness-audit: [{{predicate: {{audited: nothing}}}}]}}\n"
            refused(quaestor("policy", "try", "FAIR-02", "--input", file("c.yaml", text)), "c.yaml:2: `audited`: ")

    def test_a_case_or_its_name_that_is_none(self, quaestor: Doors) -> None:
        refused(quaestor("policy", "try", "FAIR-02", "--case", "accepted for no reson"), "`accepted for no reason`")
        lost = quaestor("policy", "try", "FAIR-02", "--case", "nope")
        refused(lost, "no case `nope`", "cases: `quaestor policy test FAIR-02 -v` lists them")
        assert max(map(len, lost.err.splitlines())) < 200
        near = quaestor("policy", "try", "FAIR-02", "--case", "reason").err
        assert "did you mean `" in near
        assert 1 < near.count("reason") <= 6
        refused(quaestor("policy", "try", "FAIR-02", "--case", "x", "--gate", "canary"), "leave out --gate")


class Watched:
    """`policy try … --watch` in a process of its own."""

    def __init__(self, policies: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "integrations.cli.main", "policy", "try", *arguments, "--watch", "--policies",
             str(policies)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            cwd=policies, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            # What a job in the background starts would ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def round(self) -> str:
        """What it prints up to the end of one attempt."""
        said = ""
        while not said.splitlines()[-1:] or not said.splitlines()[-1].startswith("-- "):
            said += self._lines.get(timeout=120)
        return said


def save(path: Path, text: str) -> None:
    """In one step, so that no attempt sees half of it."""
    other = path.with_name(f".{path.name}.new")
    other.write_text(text)
    other.replace(path)


@pytest.fixture
def watch() -> Iterator[Callable[..., Watched]]:
    begun: list[Watched] = []

    def start(policies: Path, *arguments: str) -> Watched:
        begun.append(Watched(policies, *arguments))
        return begun[-1]

    yield start
    for one in begun:
        one.process.kill()
        one.process.wait()


@pytest.mark.slow
class TestWatch:
    def test_each_save_is_tried_a_mistake_is_told_and_ctrl_c_ends_it(
        self, mine: Path, file: Make, watch: Callable[..., Watched]
    ) -> None:
        given = file("c.yaml", CARD)
        rule = mine / "controls" / "fairness" / "FAIR-02.rego"
        text = rule.read_text()
        watched = watch(mine, "FAIR-02", "--input", str(given))
        assert "  evidence missing at gate validation" in watched.round()
        save(rule, text + "\nodd := data.parameters.nope\n")
        assert "unknown parameter `nope`" in watched.round()
        save(rule, text.replace("title: Fairness gaps", "title: Gaps"))
        assert "FAIR-02  Gaps within bounds" in watched.round()
        save(given, "gate: nowhere\n")
        assert "does not name the gate `nowhere`" in watched.round()
        save(given, CARD.replace("validation", "canary"))
        assert "at gate canary" in watched.round()
        parameters = mine / "parameters" / "parameters.yaml"
        save(parameters, parameters.read_text().replace("  min_group_size:", "  min_grp_size:"))
        assert "min_group_size" in watched.round()
        watched.process.send_signal(signal.SIGINT)
        assert watched.process.wait(timeout=60) == 0
        assert watched._lines.empty() or "Traceback" not in "".join(iter(watched._lines.get_nowait, ""))


def _checked(check: Callable[[], Bundle | None]) -> tuple[Bundle | None, set[tuple[str, str]]]:
    """The bundle, or every mistake by file and problem."""
    try:
        return check(), set()
    except PolicyErrors as cause:
        return None, {(error.path, error.problem) for error in cause.errors}


CHANGES = {
    "a comment": ("controls/fairness/FAIR-02.rego", "package controls", "# a word\npackage controls"),
    "a library": ("lib/metrics.rego", "package lib.metrics", "# a word\npackage lib.metrics"),
    "a field that is none": ("controls/fairness/FAIR-02.rego", "predicate.unknown_count", "predicate.unknwn"),
    "an objective that METADATA lacks": ("controls/fairness/FAIR-02.rego", "#     audits-hold-enough:", "#     hold:"),
    "a parameter that is not declared": ("controls/fairness/FAIR-02.rego", "#     - min_group_size\n", ""),
    "no Rego": ("controls/fairness/FAIR-02.rego", "audits := input", "audits := := input"),
    "a function that others call": ("lib/metrics.rego", "\nmeets(", "\nmets("),
    "a library's package": ("lib/metrics.rego", "package lib.metrics", "package controls.metrics"),
    "a gate that is none": ("controls/fairness/FAIR-02.rego", "gates: [validation, canary]", "gates: [validation, x]"),
}  # fmt: skip


@pytest.fixture(scope="module")
def families() -> dict[str, bytes]:
    """The shipped policies with two families of controls: to check them whole takes a quarter of the time."""
    kept = ("controls/fairness/", "controls/performance/")
    return {p: c for p, c in read_folder(SHIPPED).items() if not p.startswith("controls/") or p.startswith(kept)}


@pytest.fixture(scope="module")
def unchanged(families: dict[str, bytes]) -> Bundle:
    return bundle_from_files(families)


@pytest.mark.slow
class TestCheckedAgain:
    @pytest.mark.parametrize("name", CHANGES)
    def test_gives_what_the_check_of_the_whole_gives(
        self, name: str, families: dict[str, bytes], unchanged: Bundle
    ) -> None:
        path, old, new = CHANGES[name]
        assert old in families[path].decode()
        changed = {**families, path: families[path].replace(old.encode(), new.encode())}
        whole, mistakes = _checked(lambda: bundle_from_files(changed))
        editing = Editing(unchanged, "FAIR-02")
        try:
            again, told = _checked(lambda: editing.again(changed))
        finally:
            editing.close()
        assert again == whole
        assert (again and again.digest) == (whole and whole.digest)
        assert bool(told) == bool(mistakes)
        assert not told or told & mistakes

    def test_leaves_what_it_cannot_say_to_that(self, shipped: Bundle) -> None:
        files = read_folder(SHIPPED)
        editing = Editing(shipped, "FAIR-02")
        try:
            for path in ("parameters/parameters.yaml", "controls/performance/PERF-02.rego", "gates/canary.yaml"):
                assert editing.again({**files, path: files[path] + b"\n# other\n"}) is None
            assert editing.again({p: c for p, c in files.items() if p != "controls/fairness/FAIR-02.rego"}) is None
        finally:
            editing.close()


class TestTrace:
    def test_leads_to_the_expression_its_line_and_its_values(self, quaestor: Doors, shipped: Bundle) -> None:
        said = quaestor("policy", "trace", "FAIR-02", "--case", "accepted a larger gap than there is")
        assert said.code == 0, said.text
        text = shipped.files["lib/metrics.rego"].decode().splitlines()
        (line,) = re.findall(r"lib/metrics\.rego:(\d+)  estimate\.ci_low >= level: is false", said.out)
        assert "ci_low" in text[int(line) - 1]
        assert "estimate.ci_low = 0.751001\n" in said.out
        assert "level = 0.8\n" in said.out
        assert said.out.count("\ngaps-within-bounds: ") == 1
        assert "audits-hold-enough" not in said.out

    def test_on_the_evidence_on_record_as_json(self, lab: Doors) -> None:
        said = lab(
            "policy", "trace", "FAIR-02", "--system", "mortgage@1", "--gate", "validation", "--format", "json"
        )  # fmt: skip
        told = json.loads(said.out)
        open_ = {item["name"] for item in told["result"]["objectives"] if not item["satisfied"]}
        assert told["trace"].keys() == open_
        assert all(clause["steps"] for clauses in told["trace"].values() for clause in clauses)

    @pytest.mark.slow
    def test_every_objective_that_a_shipped_case_leaves_open_has_a_place(
        self, quaestor: Doors, shipped: Bundle
    ) -> None:
        for control in ("PERF-01", "RISK-01", "EUAIA-17-1", "DRIFT-04"):
            cases = [case for case in read_cases(shipped, shipped.controls[control]) if case.expect == "fail"]
            for case in cases[:2]:
                told = json.loads(quaestor("policy", "trace", control, "--case", case.name, "--format", "json").out)
                assert told["trace"]
                for clauses in told["trace"].values():
                    for clause in clauses:
                        assert clause["path"] in shipped.files
                        assert clause["steps"], (control, case.name)

    def test_without_opa_it_says_how_to_get_it(self, quaestor: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("engine.backends.compile.find_opa", lambda: None)
        refused(quaestor("policy", "trace", "FAIR-02", "--case", "x"), "no `opa` is at hand", "make opa")


@pytest.mark.slow
class TestBundleForOpa:
    def test_is_built_signed_loaded_back_and_tried(self, quaestor: Doors, tmp_path: Path, shipped: Bundle) -> None:
        key = SigningKey.generate()
        key.save(tmp_path / "key.pem")
        (tmp_path / "public.pem").write_text(key.public_key)
        made = tmp_path / "bundle.tar.gz"
        said = quaestor("policy", "build", "--policies", SHIPPED, "--sign", tmp_path / "key.pem", "-o", made)
        assert said.code == 0, said.text
        assert shipped.digest in said.out
        first = made.read_bytes()
        quaestor("policy", "build", "--policies", SHIPPED, "--sign", tmp_path / "key.pem", "-o", made)
        assert made.read_bytes() == first
        assert quaestor("policy", "diff", SHIPPED, made).out == "no difference in what the policies mean\n"
        back = quaestor("policy", "load", made, "--key", tmp_path / "public.pem", "-o", tmp_path / "back")
        assert back.code == 0, back.text
        assert f"{shipped.digest}: " in back.out
        assert "signed by this key" in back.out
        assert load_bundle(tmp_path / "back").digest == shipped.digest
        (tmp_path / "c.yaml").write_text(CARD)
        tried = quaestor("policy", "try", "FAIR-02", "--input", tmp_path / "c.yaml", "--policies", made)
        assert "evidence missing at gate validation" in tried.out
        refused(quaestor("policy", "load", made, "-o", tmp_path / "back"), "holds other things")

    def test_what_an_overlay_sets_is_not_in_it(self, quaestor: Doors, tmp_path: Path, file: Make) -> None:
        off = "{reason: We keep no such model., approver: head of risk}"
        said = f"parameters: {{min_primary_metric: 0.9}}\ndisable:\n  PERF-08: {off}\n"
        overlay, made = file("overlay.yaml", said), tmp_path / "bundle.tar.gz"
        built = quaestor("policy", "build", "--policies", SHIPPED, "--overlay", overlay, "-o", made)
        assert built.code == 0, built.text
        told = "2 things that the overlay sets or turns off are not in it: they hold in Quaestor alone"
        assert f"note: {told} (min_primary_metric, PERF-08)" in built.err
        assert "note:" not in quaestor("policy", "build", "--policies", SHIPPED, "-o", made).err

    def test_a_key_that_is_none_or_another(self, quaestor: Doors, tmp_path: Path, file: Make) -> None:
        made = tmp_path / "bundle.tar.gz"
        refused(
            quaestor("policy", "build", "--policies", SHIPPED, "--sign", file("k.pem", "words"), "-o", made),
            "not an unencrypted PKCS 8 private key",
        )
        assert not made.exists()
        assert quaestor("policy", "build", "--policies", SHIPPED, "-o", made).code == 0
        public = file("p.pem", SigningKey.generate().public_key)
        refused(quaestor("policy", "load", made, "--key", public, "-o", tmp_path / "new"), "not signed")
        refused(quaestor("policy", "load", public, "-o", tmp_path / "new"), "not an archive")
        assert not (tmp_path / "new").exists()
