"""An overlay that is a folder: what it adds is judged like the rest and kept with each decision."""

import json
import shutil
from pathlib import Path

import pytest

from integrations.app.settings import FILE
from tests.integrations.doors import Doors
from tests.worlds.overlays import documented, written
from tests.worlds.workspaces import ROOT

SHIPPED = ROOT / "policies"
CONTROL = "controls/house/HOUSE-01.rego"


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


class TestTheExampleOfTheDocs:
    def test_lints_and_is_proved(self, quaestor: Doors, house: Path) -> None:
        said = quaestor("policy", "lint", SHIPPED, "--overlay", house)
        assert (said.code, said.out) == (0, "0 mistakes, 0 warnings\n")
        tested = quaestor("policy", "test", "HOUSE-01", "--overlay", house)
        assert tested.code == 0, tested.text
        assert "1 passed, 0 failed" in tested.out

    def test_is_decided_kept_replayed_reported_and_verified(self, lab: Doors, tmp_path: Path) -> None:
        plain = lab("gate", "decide", "validation", "mortgage@2", "-f", "json")
        assert plain.code == 0, plain.text
        folder = in_a_folder(lab, documented())
        decided = lab("gate", "decide", "validation", "mortgage@2", "-f", "json")
        assert decided.code in (0, 1), decided.text
        body = json.loads(decided.out)
        print(body["outcome"], decided.err, [r for r in body["results"] if r["control"] == "HOUSE-01"])
        before = json.loads(plain.out)
        assert body["overlay_digest"] == before["overlay_digest"]
        assert body["bundle_digest"] != before["bundle_digest"]
        assert "HOUSE-01" in {result["control"] for result in body["results"]}
        assert "added by the organisation's overlay: HOUSE-01, overlay/parameters/parameters.yaml" in decided.err
        shutil.rmtree(folder / "controls")  # what is kept with the decision is enough
        found = lab("gate", "list").out.splitlines()[-1].split()
        print(found)
