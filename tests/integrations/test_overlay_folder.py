"""An overlay that is a folder: what it adds is judged like the rest and kept with each decision."""

import json
import shutil
from pathlib import Path

import pytest

from integrations.app.settings import FILE
from tests.integrations.doors import Doors, refused
from tests.worlds.overlays import documented, written
from tests.worlds.running import take_in_again
from tests.worlds.workspaces import ROOT

SHIPPED = ROOT / "policies"
NEW = ("policy", "new", "CARD-09", "--family", "house", "--evidence", "model-card", "--gate", "staging")
CONTROL = "controls/house/HOUSE-01.rego"
NAMED = (
    "decided by the policies of this installation of Quaestor and by what is added by the organisation's overlay: "
    "HOUSE-01, overlay/parameters/parameters.yaml"
)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The folder that docs/policies.md shows."""
    return written(documented(), tmp_path / "house")


def in_a_folder(doors: Doors, added: dict[str, bytes]) -> Path:
    """The workspace's overlay as a folder with additions, as docs/policies.md says."""
    folder = doors.folder / "house"
    folder.mkdir()
    shutil.move(doors.folder / "overlay.yaml", folder / "overlay.yaml")
    settings = doors.folder / FILE
    settings.write_text(settings.read_text().replace('overlay = "overlay.yaml"', 'overlay = "house"'))
    return written({name: text for name, text in added.items() if name != "overlay.yaml"}, folder)


@pytest.mark.slow
class TestTheExampleOfTheDocs:
    def test_lints_and_is_proved(self, quaestor: Doors, house: Path) -> None:
        said = quaestor("policy", "lint", SHIPPED, "--overlay", house)
        assert (said.code, said.out) == (0, "0 mistakes, 0 warnings\n")
        tested = quaestor("policy", "test", "HOUSE-01", "--overlay", house)
        assert tested.code == 0, tested.text
        assert "1 passed, 0 failed" in tested.out

    def test_is_decided_kept_replayed_reported_and_verified(self, lab: Doors, tmp_path: Path) -> None:
        plain = json.loads(lab("gate", "decide", "validation", "mortgage@2", "-f", "json").out)
        folder = in_a_folder(lab, documented())
        take_in_again(lab)
        decided = lab("gate", "decide", "validation", "mortgage@2", "-f", "json")
        assert decided.code == 0, decided.text
        assert NAMED in decided.err
        body = json.loads(decided.out)
        assert body["overlay_digest"] == plain["overlay_digest"]
        assert body["bundle_digest"] != plain["bundle_digest"]
        asked = {result["control"]: result["status"] for result in body["results"]}
        assert asked.keys() - {result["control"] for result in plain["results"]} == {"HOUSE-01"}
        assert asked["HOUSE-01"] == "pass"
        shutil.rmtree(folder)  # what is kept with the decision is enough
        (lab.folder / "house").mkdir()
        (lab.folder / "house/overlay.yaml").touch()
        name = lab("gate", "list").out.splitlines()[-1].split()[-1]
        assert lab("replay", name).out.startswith("same bytes")
        assert lab("replay", name, "--engine", "regorus").out.startswith("same bytes")
        report = tmp_path / "report.pdf"
        assert lab("report", name, "-o", report).code == 0
        certificate = lab.folder / ".quaestor/keys/report-certificate.pem"
        checked = lab("verify", report, "--trust", certificate)
        assert checked.code == 0, checked.text
        assert "added by the organisation's overlay: HOUSE-01" in checked.out
        assert "the attached policies, run again over the attached evidence, say the same byte for byte" in checked.out
        assert "their words are those that the attached files give" in checked.out  # page one tells it too
        assert lab("verify", report, "--trust", certificate, "--policies", SHIPPED).code == 1

    def test_a_stricter_house_to_come_refuses_and_says_why(self, lab: Doors, house: Path) -> None:
        text = (lab.folder / "overlay.yaml").read_text(encoding="utf-8")
        stricter = text.replace("\nparameters:\n", "\nparameters:\n  min_house_reviewers: 3\n", 1)
        (house / "overlay.yaml").write_text(stricter, encoding="utf-8")
        told = lab("gate", "decide", "validation", "mortgage@2", "--dry-run", "--overlay", house)
        assert told.code == 1, told.text
        assert NAMED in told.out
        assert "2 of 3 people reviewed the model card" in told.out
        flips = lab("policy", "diff", SHIPPED, SHIPPED, "--what-if", "--overlay", house)
        assert "closes  mortgage@2 at gate validation: allow -> deny" in flips.out
        assert "controls: new HOUSE-01" in flips.out

    def test_the_workshop_works_on_it(self, lab: Doors, tmp_path: Path) -> None:
        in_a_folder(lab, documented())
        assert "brought by the organisation's overlay" in " ".join(lab("policy", "explain", "HOUSE-01").out.split())
        tried = lab("policy", "try", "HOUSE-01", "--system", "mortgage@2")
        assert "passed at gate validation" in tried.out
        assert "data/parameters/min_house_reviewers = 2" in tried.out
        assert "HOUSE-01" in lab("policy", "list", "--gate", "validation").out
        assert "HOUSE-01" in lab("policy", "coverage", "--framework", "iso-42001").out
        built, exported, back = (tmp_path / name for name in ("bundle.tar.gz", "bundle.tar", "back"))
        digests = {
            lab("policy", "build", "-o", built).out.split(":")[1],
            lab("policy", "export", "-o", exported).out.split(":")[1],
            lab("policy", "load", built, "-o", back).out.split(":")[1],
        }
        assert len(digests) == 1
        assert lab("policy", "diff", SHIPPED, exported).out.splitlines() == [
            "controls: new HOUSE-01",
            "parameters: new min_house_reviewers",
        ]


@pytest.mark.slow
class TestWhatIsMarked:
    """A reader of the catalogue sees what is the house's own, and what the house does without."""

    @pytest.fixture
    def marked(self, house: Path) -> Path:
        text = "packs:\n  us: {reason: We lend to nobody there <b>, approver: vic}\n"
        text += "disable:\n  PERF-08: {reason: slices are judged by the risk team, approver: vic}\n"
        (house / "overlay.yaml").write_text(text, encoding="utf-8")
        return house

    def test_in_the_list(self, quaestor: Doors, marked: Path) -> None:
        said = quaestor("policy", "list", "--overlay", marked)
        assert said.code == 0, said.text
        lines = {line.split()[0]: line for line in said.out.splitlines() if line}
        ours = next(line for line in said.out.splitlines() if line.startswith("HOUSE-01 "))
        assert ours.endswith("added by the overlay")
        told = [line for line in said.out.splitlines() if line.startswith("PERF-08 ")]
        assert told[0].endswith("off")
        assert "approved by vic: slices are judged by the risk team; judged all the same where it is law" in told[1]
        assert ", with the pack us, approved by vic: We lend to nobody there <b>" in said.out
        assert not lines["PERF-01"].endswith(("off", "overlay"))
        count = sum(" is switched off in the organisation's overlay" in line for line in said.out.splitlines())
        assert f"controls, {count} switched off, bundle" in said.out
        plain = quaestor("policy", "list", "--policies", SHIPPED).out
        assert "overlay" not in plain
        assert "switched off" not in plain

    def test_in_the_coverage(self, quaestor: Doors, marked: Path, tmp_path: Path) -> None:
        asked = ("policy", "coverage", "--framework", "iso-42001", "--overlay", marked)
        said = quaestor(*asked).out
        assert [line for line in said.splitlines() if "(added by the overlay)" in line]
        assert all(("HOUSE-01" in line) == ("added by the overlay" in line) for line in said.splitlines())
        assert "`HOUSE-01`" in (page := quaestor(*asked, "--format", "markdown").out)
        assert "(added by the overlay)" in page
        rows = json.loads(quaestor(*asked, "--format", "json").out)[0]["rows"]
        added = {answer["control"]: answer["added"] for row in rows for answer in row["answers"]}
        assert {name for name, own in added.items() if own} == {"HOUSE-01"}

    def test_on_the_pages(self, quaestor: Doors, marked: Path, tmp_path: Path) -> None:
        site = tmp_path / "site"
        assert quaestor("policy", "docs", "--overlay", marked, "-o", site).code == 0
        page = (site / "controls/HOUSE-01.html").read_text(encoding="utf-8")
        assert "the organisation&#39;s overlay; Quaestor&#39;s policies have no such control" in page
        assert "have no such control" not in (site / "controls/PERF-01.html").read_text(encoding="utf-8")
        assert "approved by vic: slices are judged by the risk team" in (site / "controls/PERF-08.html").read_text()
        index = (site / "index.html").read_text(encoding="utf-8")
        assert index.count('<b class="added">') == 1
        assert "there <b>" not in "".join(path.read_text() for path in site.rglob("*.html"))
        assert "HOUSE-01</a> (added by the overlay)" in (site / "frameworks/iso-42001.html").read_text()


@pytest.mark.slow
class TestNew:
    def test_begins_a_control_in_the_folder_of_the_workspace(self, quaestor: Doors) -> None:
        folder = in_a_folder(quaestor, {})
        begun = quaestor(*NEW)
        assert begun.code == 0, begun.text
        cases = folder / "controls/house/CARD-09_cases.yaml"
        assert begun.out.splitlines()[1] == str(cases)
        assert begun.out.endswith("quaestor policy test CARD-09\n")
        assert quaestor("policy", "lint").out == "0 mistakes, 0 warnings\n"
        assert quaestor("policy", "test", "CARD-09").code == 1
        cases.write_text(cases.read_text().replace("{}  #", "{model-card: [{artifact_digest: sha256:c}]}  #", 1))
        tested = quaestor("policy", "test", "CARD-09")
        assert tested.code == 0, tested.text
        refused(quaestor(*NEW), f"there is a control `CARD-09`: {folder}/controls/house/CARD-09.rego")

    def test_says_how_where_there_is_no_folder(self, quaestor: Doors) -> None:
        refused(quaestor(*NEW), "come with Quaestor", "Adding without a copy")
        refused(quaestor(*NEW, "--overlay", quaestor.folder / "overlay.yaml"), "an overlay's folder")


class TestMistakes:
    def test_are_told_by_the_path_of_the_file_in_the_folder(self, quaestor: Doors) -> None:
        folder = in_a_folder(quaestor, {**documented(), "gates/release.yaml": b"gate: release\n"})
        module = folder / CONTROL
        module.write_text(module.read_text().replace("data.parameters.min_house", "data.parameters.min_hose", 1))
        told = quaestor("policy", "lint")
        assert told.code == 1
        assert f"{folder}/gates/release.yaml:1: an overlay cannot add this file" in told.out
        (folder / "gates/release.yaml").unlink()
        told = quaestor("policy", "lint")
        assert f"{module}:" in told.out
        assert "did you mean `min_house_reviewers`" in told.out
        refused(quaestor("policy", "list"), str(module))
        refused(quaestor("policy", "try", "HOUSE-01", "--case", "two reviewers"), f"{module}:")

    def test_in_a_case_are_told_by_the_path_of_its_file(self, quaestor: Doors) -> None:
        """What a command tells can be opened, whichever command it is."""
        folder = in_a_folder(quaestor, documented())
        cases = folder / "controls/house/HOUSE-01_cases.yaml"
        given = ("policy", "try", "HOUSE-01", "--case")
        assert quaestor(*given, "two reviewers").code == 0
        refused(quaestor(*given, "three reviewers"), f"{cases}:", "did you mean `two reviewers`")
        cases.write_text(cases.read_text().replace("expect: fail", "expect: fial"))
        refused(quaestor(*given, "one of them twice"), f"{cases}:")

    def test_a_trace_names_the_file_in_the_folder(self, quaestor: Doors) -> None:
        folder = in_a_folder(quaestor, documented())
        given = ("policy", "trace", "HOUSE-01", "--case", "one of them twice")
        said = quaestor(*given)
        assert said.code == 0, said.text
        assert f"satisfied at {folder / CONTROL}:" in said.out
        assert "overlay/controls" not in said.text
        told = json.loads(quaestor(*given, "--format", "json").out)["trace"]
        assert {clause["path"] for clause in told["reviewed"]} == {str(folder / CONTROL)}

    def test_a_control_off_without_an_approver(self, quaestor: Doors) -> None:
        overlay = quaestor.folder / "overlay.yaml"
        overlay.write_text("disable:\n  PERF-08: slices are judged by another team\n")
        told = quaestor("policy", "lint")
        assert (told.code, f"{overlay}:2: `PERF-08` is disabled without an approver" in told.out) == (1, True)
        refused(quaestor("policy", "explain", "PERF-08"), "`PERF-08` is disabled without an approver")

    def test_an_unknown_pack(self, quaestor: Doors) -> None:
        (quaestor.folder / "overlay.yaml").write_text("packs: {banks: binds}\n")
        told = quaestor("policy", "lint")
        assert "unknown pack `banks`" in told.out
        assert "did you mean `bank`" in told.out

    @pytest.mark.slow
    def test_a_check_that_looks_only_at_what_changed_looks_at_the_folder_too(self, quaestor: Doors) -> None:
        folder = in_a_folder(quaestor, documented())
        for _ in range(2):
            assert quaestor("policy", "lint").code == 0
        module = folder / CONTROL
        text = module.read_text()
        module.write_text(text.replace(">= data.parameters", ">= input.parameters", 1))
        assert f"{module}:" in quaestor("policy", "lint").out
        module.write_text(text.replace("controls.house.HOUSE_01", "controls.fairness.FAIR_02"))
        assert "the package `controls.fairness.FAIR_02` does not fit the file" in quaestor("policy", "lint").out
        module.write_text(text)
        written({"lib/records/more.rego": b"package lib.records.more\n\nfew(n) if n < 5\n"}, folder)
        assert "reaches into `lib.records`" in quaestor("policy", "lint").out
