"""The workshop of policy authors: a control explained, a new one begun, all of them as a site."""

import re
import shutil
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from engine.bundle.load import Bundle, load_bundle
from engine.bundle.parameters import effective_parameters
from integrations.app.workshop import explained
from reports.renderers.explanation import WIDTH, text_lines
from reports.site.pages import site
from tests.integrations.doors import Doors, refused
from tests.worlds.policies import bench_bundle
from tests.worlds.workspaces import ROOT, staffed

SHIPPED = ROOT / "policies"


@cache
def shipped() -> Bundle:
    return load_bundle(SHIPPED)


@pytest.fixture
def quaestor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(staffed(tmp_path / "lab"), capsys)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """An organization's own bundle."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "mine"))


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

    def test_parameters_are_those_that_hold_in_the_workspace(self, quaestor: Doors) -> None:
        overlay = quaestor.folder / "overlay.yaml"
        overlay.write_text("parameters: {min_primary_metric: 0.9}\n")
        said = " ".join(quaestor("policy", "explain", "PERF-02").out.split())
        assert "min_primary_metric = 0.9 (metric) instead of 0.8" in said

    def test_every_message_of_a_shipped_control_is_listed(self) -> None:
        bundle = shipped()
        for control in bundle.controls.values():
            text = bundle.files[control.path].decode()
            written = set(re.findall(r"""say\.(?:breach|gap|none)\("[^"]+", (?:\w+, )?"[^"]*", "([^"]+)"\)""", text))
            assert written <= {item.text for item in bundle.inspection.controls[control.id].messages}

    def test_every_shipped_control_has_an_example_and_fits_a_terminal(self) -> None:
        bundle = shipped()
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

    def test_unknown(self, quaestor: Doors) -> None:
        refused(quaestor("policy", "explain", "FAIR-2"), "unknown control `FAIR-2`", "did you mean `FAIR-02`")


class TestNew:
    def test_lint_accepts_it_and_test_fails_until_it_is_written(self, quaestor: Doors, mine: Path) -> None:
        kinds = sorted(shipped().schemas)[::6]
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

    def test_the_shipped_policies_are_not_written(self, quaestor: Doors) -> None:
        refused(
            quaestor("policy", "new", "CARD-01", "--family", "own", "--evidence", "model-card", "--gate", "staging"),
            "the policies that come with Quaestor",
        )


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


class TestDocs:
    def test_each_link_leads_somewhere_inside(self, quaestor: Doors, tmp_path: Path) -> None:
        folder = tmp_path / "site"
        assert quaestor("policy", "docs", "-o", folder).code == 0
        pages = {}
        for path in folder.rglob("*.html"):
            pages[path.resolve()] = _Links()
            pages[path.resolve()].feed(path.read_text(encoding="utf-8"))
        assert {path.stem for path in pages} >= {*shipped().controls, "eu-ai-act", "index"}
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
        bundle = type(bundle)(**{**vars(bundle), "controls": controls})
        pages = site(bundle, [explained(bundle, effective_parameters(bundle.catalogue), name) for name in controls])
        for name in ("index.html", f"controls/{control.id}.html"):
            text = pages[name].decode()
            assert "<script>alert" not in text
            assert "<img" not in text
            assert "\u202e" not in text

    def test_other_folders_are_left_alone(self, quaestor: Doors, tmp_path: Path) -> None:
        (tmp_path / "papers").mkdir()
        (tmp_path / "papers" / "thesis.txt").write_text("mine")
        refused(quaestor("policy", "docs", "-o", tmp_path / "papers"), "holds other things")
        assert (tmp_path / "papers" / "thesis.txt").read_text() == "mine"
