"""`quaestor lineage`: from events to the record of a registered model, and what each mistake says."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence.model.canonical import digest_bytes
from integrations.cli.main import main
from tests.integrations.doors import ENTRY

MODEL = b"weights of a model"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command on a workspace in which version 1 of `mortgage` is registered; its exit code and all that it says."""

    def command(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["-w", str(tmp_path / "lender"), *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out + said.err

    (tmp_path / "model.onnx").write_bytes(MODEL)
    (tmp_path / "entry.json").write_text(json.dumps(ENTRY))
    assert main(["init", str(tmp_path / "lender")]) == 0
    assert command("key", "new", "eli", "--name", "Eli Novak", "--role", "ml-engineer")[0] == 0
    registered = command(
        "system", "register", "mortgage", "--model", tmp_path / "model.onnx", "--entry", tmp_path / "entry.json",
        "--as", "eli",
    )  # fmt: skip
    assert registered[0] == 0, registered[1]
    return command


def events(digest: str | None) -> list[dict[str, Any]]:
    """START and COMPLETE of one training, which bring the input and the output."""
    known = {"owner": {"id": "ada", "name": "Ada Byron"}, "origin": "bureau", "licence": "own", "purpose": "credit"}
    source = {"namespace": "db", "name": "crm", "facets": {"quaestor": known | {"kind": "source"}}}
    own = known | {"kind": "model"} | ({"digest": digest} if digest else {})
    model = {"namespace": "db", "name": "model", "facets": {"quaestor": own}}
    base = {"run": {"runId": "r1"}, "job": {"namespace": "etl", "name": "train"}}
    return [
        base | {"eventType": "START", "eventTime": "2026-11-21T12:00:00Z", "inputs": [source]},
        base | {"eventType": "COMPLETE", "eventTime": "2026-11-21T12:05:00Z", "outputs": [model]},
    ]


def write(folder: Path, digest: str | None) -> Path:
    path = folder / "events.ndjson"
    path.write_text("\n".join(map(json.dumps, events(digest))))
    return path


def test_from_events_to_the_record(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, digest_bytes(MODEL))
    for _ in range(2):
        assert run("lineage", "import", path, "--system", "mortgage") == (0, "imported 3 nodes and 1 edges\n")
    code, listed = run("lineage", "list", "--system", "mortgage")
    assert code == 0
    assert [line.split()[0] for line in listed.splitlines()] == ["node", "db/crm", "db/model", "run:r1"]
    assert "\x1b" not in listed  # what came from outside does not reach the terminal as it is
    code, traced = run("lineage", "trace", "db/crm", "--down", "--json")
    assert [edge["kind"] for edge in json.loads(traced)["edges"]] == ["trained"]
    code, filed = run("lineage", "record", "db/model", "--subject", "mortgage@1")
    assert code == 0, filed
    assert "3 nodes, 1 edges" in filed
    assert "gap: run:r1: no owner" in filed


@pytest.mark.parametrize(
    ("digest", "says"), [(None, "has no digest"), (f"sha256:{'a' * 64}", "has digest sha256:aaaa")]
)
def test_a_node_that_is_not_the_subject(run: Run, tmp_path: Path, digest: str | None, says: str) -> None:
    run("lineage", "import", write(tmp_path, digest), "--system", "mortgage")
    code, said = run("lineage", "record", "db/model", "--subject", "mortgage@1")
    assert (code, says in said) == (2, True), said


def test_mistakes(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, None)
    (tmp_path / "x.txt").write_text("x")
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(b"{}"))
    (tmp_path / "empty.ndjson").touch()
    os.mkfifo(tmp_path / "pipe.json")
    cycle = "nodes: [{id: a, kind: dataset}, {id: b, kind: dataset}]\nedges:\n"
    cycle += "- {from: a, to: b, kind: derived}\n- {from: b, to: a, kind: derived}\n"
    (tmp_path / "cycle.yaml").write_text(cycle)
    for file, system, says in (
        (path, "mortage", "no system `mortage` is registered"),
        (path, "mortgage@1", "`mortgage@1` is no system"),
        (tmp_path / "x.txt", "mortgage", "neither YAML nor OpenLineage JSON"),
        (tmp_path / "packed.json.gz", "mortgage", "compressed events are not read"),
        (tmp_path / "empty.ndjson", "mortgage", "no event in it"),
        (tmp_path / "pipe.json", "mortgage", "not a file"),
        (tmp_path / "cycle.yaml", "mortgage", "the lineage has a cycle: a -> b -> a"),
        (tmp_path / "nowhere", "mortgage", "does not exist"),
    ):
        code, said = run("lineage", "import", file, "--system", system)
        assert (code, says in said) == (2, True), said
        assert "to mend it" in said
        assert "Traceback" not in said
    assert run("lineage", "list", "--system", "mortgage")[1].startswith("no lineage of `mortgage`")
    code, said = run("lineage", "trace", "db/model")
    assert (code, "the lineage has no node `db/model`" in said) == (2, True)
