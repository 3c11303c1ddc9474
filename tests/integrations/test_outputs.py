"""What a command writes: never in the place of what is recorded, signed with, written by hand or read."""

import os
import sqlite3
from pathlib import Path

import pytest

from tests.integrations.doors import Doors, refused

SIGN = ("artifact", "sign")
TEMPLATE = ("evidence", "template", "registry-entry")
DECIDE = ("gate", "decide", "portfolio", "organization", "--dry-run", "-f", "json")


@pytest.fixture
def model(quaestor: Doors) -> Path:
    path = quaestor.folder / "model.onnx"
    path.write_bytes(b"\x08\x07model")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("place", ["store.db", "keys/ana.pem", "keys/new.sig.json", "blobs/new.sig.json", "new.json"])
def test_nothing_is_written_below_the_workspaces_own_folder(quaestor: Doors, model: Path, place: str) -> None:
    own = quaestor.folder / ".quaestor"
    before = contents(own)
    for path in (own / place, quaestor.folder / "x" / ".." / ".quaestor" / place):
        (quaestor.folder / "x").mkdir(exist_ok=True)
        refused(quaestor(*SIGN, model, "--as", "ana", "-o", path), "keeps its store and keys")
        refused(quaestor(*TEMPLATE, "-o", path), "keeps its store and keys")
        refused(quaestor(*DECIDE, "-o", path), "keeps its store and keys")
        # told to CI too where the command line cannot be read: not in that file
        refused(quaestor(*DECIDE, "--bogus", "-o", path), "No such option")
    assert contents(own) == before
    assert quaestor("doctor").code == 0


def test_nor_through_a_link(quaestor: Doors, model: Path, tmp_path: Path) -> None:
    store = quaestor.folder / ".quaestor/store.db"
    before = store.read_bytes()
    link, folder, hard = tmp_path / "a.sig.json", tmp_path / "folder", tmp_path / "b.sig.json"
    link.symlink_to(store)
    folder.symlink_to(store.parent)
    os.link(store, hard)
    for path in (link, folder / "a.sig.json"):
        refused(quaestor(*SIGN, model, "--as", "ana", "-o", path), "keeps its store and keys")
    assert quaestor(*SIGN, model, "--as", "ana", "-o", hard).code == 0, "the name is replaced, and not the store"
    assert store.read_bytes() == before


def test_a_store_elsewhere_is_kept_too(
    quaestor: Doors, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "elsewhere"
    (quaestor.folder / ".quaestor").rename(kept)
    settings = quaestor.folder / "quaestor.toml"
    text = settings.read_text(encoding="utf-8")
    assert 'store = "sqlite:///.quaestor/store.db"' in text
    (kept / "store.db").rename(kept / "store.json")
    text = text.replace("sqlite:///.quaestor/store.db", f"sqlite:///{kept}/store.json")
    settings.write_text(text.replace(".quaestor/", f"{kept}/"), encoding="utf-8")
    for path in (kept / "store.json", kept / "blobs/ab", kept / "keys/a.json"):
        refused(quaestor(*DECIDE, "-o", path), "keeps its store and keys")
    with sqlite3.connect(kept / "store.json") as store:
        assert store.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_skeleton_replaces_nothing(quaestor: Doors, tmp_path: Path) -> None:
    entry = tmp_path / "entry.yaml"
    entry.touch()
    assert quaestor(*TEMPLATE, "-o", entry).code == 0, "an empty file loses nothing"
    entry.write_text("filled in")
    refused(quaestor(*TEMPLATE, "-o", entry), "is there already; name another file, or remove it first")
    assert entry.read_text() == "filled in"


@pytest.mark.parametrize(
    "name", ["overlay.yaml", "a.yml", "m.onnx", "m.safetensors", "k.pem", "c.rego", ".env", "t.csv"]
)
def test_what_people_wrote_or_trained_is_not_replaced(quaestor: Doors, model: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("by hand")
    for command in (
        DECIDE,
        (*SIGN, model, "--as", "ana"),
        ("report", "0" * 64),
        ("policy", "coverage"),
        ("policy", "diff", tmp_path, tmp_path),
        ("policy", "export"),
        ("policy", "build"),
        ("evidence", "show", "0" * 64, "--envelope"),
    ):
        refused(quaestor(*command, "-o", path), "is there already, and only a file of the name")
    refused(quaestor("doctor", "--keep", path), "is there already, and only a file of the name")
    for option in ("--junit", "--survivors"):
        refused(quaestor("policy", "test", "CARD-01", option, path), "is there already, and only a file of the name")
    assert path.read_text() == "by hand"


def test_a_report_replaces_no_json_and_json_no_report(quaestor: Doors, tmp_path: Path) -> None:
    (tmp_path / "entry.json").write_text("{}")
    refused(quaestor("report", "0" * 64, "-o", tmp_path / "entry.json"), "only a file of the name ….pdf is replaced")
    (tmp_path / "r.pdf").write_text("%PDF")
    refused(quaestor(*DECIDE, "-o", tmp_path / "r.pdf"), "is there already")


def test_what_is_made_again_is_replaced(quaestor: Doors, model: Path, tmp_path: Path) -> None:
    for name in ("d.json", "d.SARIF", "decision"):
        (tmp_path / name).write_text("an earlier one")
        assert quaestor(*DECIDE, "-o", tmp_path / name).code in (1, 3)
        assert "earlier" not in (tmp_path / name).read_text(encoding="utf-8")
    signature = tmp_path / "m.sig.json"
    for _ in range(2):
        assert quaestor(*SIGN, model, "--as", "ana", "-o", signature).code == 0
    assert quaestor(*DECIDE, "-o", "/dev/null").code in (1, 3)


def test_an_input_of_the_command_is_not_replaced(quaestor: Doors, tmp_path: Path) -> None:
    model, link = tmp_path / "m.sig.json", tmp_path / "l.sig.json"
    model.write_text("{}")
    os.link(model, link)
    for path in (model, link):
        refused(quaestor(*SIGN, model, "--as", "ana", "-o", path), "this file is read and would be written over")
    kept = tmp_path / "today.checkpoint"
    assert quaestor("doctor", "--keep", kept).code == 0
    before = kept.read_bytes()
    refused(quaestor("doctor", "--checkpoint", kept, "--keep", kept), "this file is read")
    assert kept.read_bytes() == before
