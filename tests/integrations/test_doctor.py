"""`quaestor doctor`: what it finds in a store that was changed or rolled back or cannot be written; what it cleans."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from integrations.cli.main import main
from tests.integrations.doors import Answer, Doors, refused
from tests.worlds.workspaces import MORTGAGE, ROOT, registered, run, staffed

LINEAGE = """\
nodes:
  - {id: source/bureau, kind: source, owner: {id: ada, name: Ada Byron}, origin: bureau, licence: own, purpose: credit}
  - {id: dataset/train, kind: dataset, owner: {id: ada, name: Ada Byron}, origin: bureau, licence: own, purpose: credit}
  - {id: model/v1, kind: model}
edges:
  - {from: source/bureau, to: dataset/train, kind: derived}
  - {from: dataset/train, to: model/v1, kind: trained}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a registered version and lineage."""
    folder = staffed(tmp_path_factory.mktemp("doctor") / "lender", {"eli": "ml-engineer"})
    registered(folder, MORTGAGE / "models/mortgage-v1.onnx")
    (folder / "lineage.yaml").write_text(LINEAGE, encoding="utf-8")
    run(folder, ["lineage", "import", folder / "lineage.yaml", "--system", "mortgage", "--as", "eli"])
    return folder


@pytest.fixture
def lab(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(Path(shutil.copytree(made, tmp_path / "lab")), capsys)


def database(lab: Doors) -> Path:
    (found,) = (lab.folder / ".quaestor").glob("*.db")
    return found


def changed(lab: Doors, *statements: str) -> None:
    with sqlite3.connect(database(lab)) as connection:
        for statement in statements:
            connection.execute(statement)


def hired(lab: Doors, name: str, role: str) -> None:
    """Another entry of the ledger: a person more."""
    assert lab("key", "new", name, "--name", name.title(), "--role", role).code == 0


def rolled_back(lab: Doors, tmp_path: Path) -> Path:
    """The checkpoint that somebody kept of the workspace; then it was put back to the state before the last entry."""
    before, kept = Path(shutil.copytree(lab.folder, tmp_path / "before")), tmp_path / "kept"
    hired(lab, "ana", "validator")
    assert lab("doctor", "--keep", kept).code == 0
    shutil.rmtree(lab.folder)
    shutil.copytree(before, lab.folder)
    return kept


class TestCheckpoint:
    def test_a_ledger_that_only_grew_continues_it(self, lab: Doors, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        assert lab("doctor", "--keep", kept).code == 0
        hired(lab, "ana", "validator")
        said = lab("doctor", "--checkpoint", kept)
        assert said.code == 0, said.text
        assert "the ledger continues the one of" in said.out

    def test_a_rollback_is_refused(self, lab: Doors, tmp_path: Path) -> None:
        kept = rolled_back(lab, tmp_path)
        assert lab("doctor", "--full").code == 0, "by itself the older state is whole"
        said = lab("doctor", "--checkpoint", kept)
        assert said.code == 1
        assert "it was rolled back" in said.out

    def test_another_history_under_the_same_key_is_refused(self, lab: Doors, tmp_path: Path) -> None:
        kept = rolled_back(lab, tmp_path)
        for name in ("omar", "mara"):
            hired(lab, name, "compliance")
        said = lab("doctor", "--checkpoint", kept)
        assert said.code == 1
        assert "history was rewritten" in said.out

    def test_one_of_another_ledger_or_none(self, lab: Doors, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        kept.write_text("no checkpoint", encoding="utf-8")
        refused(lab("doctor", "--checkpoint", kept), "this is no checkpoint of a ledger", "--keep FILE")
        other = Doors(tmp_path / "other", lab._capsys)
        assert main(["init", str(other.folder)]) == 0
        assert other("doctor", "--keep", kept).code == 0
        assert lab("doctor", "--checkpoint", kept).code == 1


class TestLineage:
    def test_what_the_ledger_gives_is_all_that_the_tables_hold(self, lab: Doors) -> None:
        said = lab("doctor", "--full")
        assert said.code == 0, said.text

    @pytest.mark.parametrize(
        ("statement", "says"),
        [
            (
                "UPDATE lineage_node SET body = replace(body, '\"own\"', '\"free\"')",
                "lineage_node: 2 rows that no import",
            ),
            ("DELETE FROM lineage_edge WHERE source = 'source/bureau'", "lineage_edge: 1 rows missing"),
            (
                "INSERT INTO lineage_edge VALUES ('source/bureau', 'model/v1', 'trained', '')",
                "lineage_edge: 1 rows that",
            ),
            ("INSERT INTO lineage_member VALUES ('other', 'model/v1')", "lineage_member: 1 rows that"),
        ],
        ids=["licence", "edge-gone", "edge-made-up", "other-system"],
    )
    def test_a_change_behind_the_ledger_is_found(self, lab: Doors, statement: str, says: str) -> None:
        changed(lab, statement)
        said = lab("doctor", "--full")
        assert said.code == 1
        assert says in said.out


class TestKilledImport:
    """Nodes of the graph and the entry that tells of them get there together, or not at all."""

    def test_leaves_neither_tables_nor_ledger(self, lab: Doors, tmp_path: Path) -> None:
        paper = tmp_path / "more.yaml"
        paper.write_text("nodes: [{id: dataset/more, kind: dataset}]", encoding="utf-8")
        command = ["-w", str(lab.folder), "lineage", "import", str(paper), "--system", "mortgage", "--as", "eli"]
        # Killed when the graph's rows are written, and the ledger's are about to be.
        code = (
            "import os, signal, sys; from evidence.store import records; from integrations.cli.main import main\n"
            "records.write_statements = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
            "main(sys.argv[1:])\n"
        )
        done = subprocess.run([sys.executable, "-c", code, *command], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        with sqlite3.connect(database(lab)) as connection:
            assert connection.execute("SELECT id FROM lineage_node WHERE id = 'dataset/more'").fetchall() == []
        said = lab("doctor", "--full")
        assert said.code == 0, said.text
        assert lab(*command[2:]).code == 0
        assert lab("doctor", "--full").code == 0


class TestLeftovers:
    def test_of_killed_writers_go_and_those_of_running_ones_stay(self, lab: Doors) -> None:
        folder = next(path for path in (lab.folder / ".quaestor" / "blobs").iterdir() if path.is_dir())
        old, young = folder / ".new-dead", folder / ".new-alive"
        for path in (old, young):
            path.write_bytes(b"half a payl")
        os.utime(old, (1, 1))
        said = lab("doctor")
        assert said.code == 0, said.text
        assert "1 temporary files of writers that were killed" in said.out
        assert (old.exists(), young.exists()) == (False, True)


class TestNotWritable:
    """Root writes to a read-only folder too, so that a full disk stands for both: no byte can be written."""

    def doctor(self, folder: Path, *more: str, limit: Callable[[], None]) -> Answer:
        command = [sys.executable, "-m", "integrations.cli.main", "-w", str(folder), "doctor", *more]
        search = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, preexec_fn=limit
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def test_a_full_disk(self, lab: Doors) -> None:
        for path in database(lab).parent.glob("*.db-*"):
            path.unlink()
        said = self.doctor(lab.folder, limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
        assert said.code == 0, said.text
        assert "cannot be written" in said.out
        assert "the store verifies" in said.out

    def test_entries_that_are_only_in_the_log_are_read_too(self, lab: Doors, tmp_path: Path) -> None:
        from evidence.store.frozen import _beside
        from evidence.store.records import RecordStore

        path = database(lab)
        reader = sqlite3.connect(path)  # holds the log open, so that it stays
        reader.execute("SELECT count(*) FROM entry").fetchall()
        hired(lab, "ana", "validator")
        assert path.with_name(f"{path.name}-wal").stat().st_size
        blobs = lab.folder / ".quaestor" / "blobs"
        with _beside(path) as url, RecordStore.open(url, blobs, even_damaged=True, frozen=True) as store:
            report = store.verify()
        reader.close()
        assert report.ok
        with RecordStore.open(f"sqlite:///{path}", blobs) as store:
            assert report.size == len(store.entries())


def test_it_says_what_confines_a_model(lab: Doors) -> None:
    said = lab("doctor")
    assert "sandbox     " in said.out
