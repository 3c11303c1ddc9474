"""`quaestor lineage`: from events to the record of a registered model, and what each mistake says."""

import contextlib
import gzip
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence.model.canonical import digest_bytes
from integrations.cli.main import main
from tests.worlds.workspaces import ENTRY, registered, staffed

MODEL = b"\x08weights of a model"
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which version 1 of `mortgage` is registered."""
    staff = {"eli": "ml-engineer", "ana": "validator", "omar": "compliance"}
    return registered(staffed(tmp_path_factory.mktemp("lineage") / "lender", staff), MODEL)


@pytest.fixture
def run(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command on a copy of it; its exit code and all that it says."""
    shutil.copytree(made, tmp_path / "lender")

    def command(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["-w", str(tmp_path / "lender"), *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out + said.err

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
        assert run("lineage", "import", path, "--system", "mortgage", "--as", "eli") == (
            0,
            "imported 3 nodes and 1 edges\n",
        )
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


ZONES = ("2026-11-20T22:00:00.125Z", "2026-11-20T23:30:00.250+01:00")


def _facet(**fields: Any) -> dict[str, Any]:
    return {"_producer": "https://etl.example/2.4", "_schemaURL": "https://etl.example/facets/any.json", **fields}


def _full_event(kind: str, time: str) -> dict[str, Any]:
    """An event with something in every place that the specification has: facets of runs, jobs, data, inputs, outputs,
    standard ones, unknown ones and those of the producer's own, and a dataset that is read and written.
    """
    table = {
        "namespace": "warehouse://prod", "name": "lending.public.accounts",
        "facets": {
            "documentation": _facet(description="Accounts, one a row."),
            "schema": _facet(fields=[{"name": "id", "type": "BIGINT", "description": "Number"}, {"name": "paid"}]),
            "dataSource": _facet(name="prod", uri="warehouse://prod"),
            "symlinks": _facet(identifiers=[{"namespace": "hive", "name": "accounts", "type": "TABLE"}]),
            "columnLineage": _facet(fields={"paid": {
                "inputFields": [{"namespace": "warehouse://prod", "name": "lending.public.payments", "field": "on",
                                 "transformations": [{"type": "INDIRECT", "subtype": "JOIN", "masking": False}]}],
                "transformationType": "IDENTITY", "transformationDescription": "as it is"}}),
            "lifecycleStateChange": _facet(lifecycleStateChange="OVERWRITE"),
            "house_codes": _facet(anything=[1, 2.5, None, {"deep": [True]}]),
        },
    }  # fmt: skip
    tests = [{"assertion": "not_null", "success": True, "column": "id"}]
    counts = {"rowCount": 120, "bytes": 48000, "fileCount": 2, "columnMetrics": {"id": {"nullCount": 0}}}
    return {
        "eventType": kind, "eventTime": time,
        "producer": "https://etl.example/2.4", "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
        "run": {"runId": "0193b1c2-7b9e-7c58-9a51-3f2a6a5d9e10", "facets": {
            "nominalTime": _facet(nominalStartTime=ZONES[0], nominalEndTime=ZONES[1]),
            "parent": _facet(job={"namespace": "nightly", "name": "all"},
                             run={"runId": "0193b1c2-0000-7c58-9a51-3f2a6a5d9e10"}),
            "processing_engine": _facet(version="3.5", name="engine"), "house_team": _facet(cost=1.25)}},
        "job": {"namespace": "nightly", "name": "refresh-accounts", "facets": {
            "documentation": _facet(description="Nightly."), "sql": _facet(query="MERGE INTO accounts …"),
            "sourceCodeLocation": _facet(type="git", url="https://git.example/etl"),
            "ownership": _facet(owners=[{"name": "team:data", "type": "MAINTAINER"}])}},
        "inputs": [{**table, "inputFacets": {"dataQualityMetrics": _facet(**counts),
                                             "dataQualityAssertions": _facet(assertions=tests)}}],
        "outputs": [{**table, "outputFacets": {"outputStatistics": _facet(rowCount=120, size=48000)}}],
    }  # fmt: skip


def test_an_event_with_every_facet_and_a_dataset_that_is_read_and_written(run: Run, tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    lines = [_full_event(kind, time) for kind, time in zip(("START", "COMPLETE"), ZONES, strict=True)]
    events.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    code, said = run("lineage", "import", events, "--system", "mortgage", "--as", "eli")
    assert (code, said) == (0, "imported 3 nodes and 2 edges\n")
    code, said = run("lineage", "trace", "warehouse://prod/lending.public.accounts", "--json")
    assert code == 0
    assert "lending.public.payments" in said


@pytest.mark.parametrize(
    ("digest", "says"), [(None, "has no digest"), (f"sha256:{'a' * 64}", "has digest sha256:aaaa")]
)
def test_a_node_that_is_not_the_subject(run: Run, tmp_path: Path, digest: str | None, says: str) -> None:
    run("lineage", "import", write(tmp_path, digest), "--system", "mortgage", "--as", "eli")
    code, said = run("lineage", "record", "db/model", "--subject", "mortgage@1")
    assert (code, says in said) == (2, True), said


CLEAN = """
nodes:
  - {id: bought, kind: source, owner: {id: ada, name: Ada}, origin: catalogue, licence: own, purpose: credit}
  - {id: job, kind: run, owner: {id: ada, name: Ada}}
  - {id: clean, kind: %s, digest: "%s", owner: {id: ada, name: Ada}}
edges: [{from: bought, to: clean, kind: trained, run: job}]
"""


def graph_of(run: Run, node: str) -> tuple[set[str], set[str]]:
    """Ids of the nodes, and gaps, of the record that is filed for a node of version 1."""
    code, filed = run("lineage", "record", node, "--subject", "mortgage@1")
    assert code == 0, filed
    content = json.loads(run("evidence", "show", filed.split()[1].rstrip(":"))[1])["predicate"]["content"]
    return {item["id"] for item in content["nodes"]}, set(content["gaps"])


@pytest.mark.parametrize("kind", ["model", "dataset"])
@pytest.mark.parametrize("system", ["mortgage", "cards"])
def test_a_second_account_of_the_same_file_hides_nothing(run: Run, tmp_path: Path, system: str, kind: str) -> None:
    """Whoever names the node with the cleaner ancestry gets the other's as well, and is told that there are two."""
    entry, model = tmp_path / "cards.json", tmp_path / "model.onnx"
    entry.write_text(json.dumps({**ENTRY, "name": "cards"}))
    model.write_bytes(MODEL)
    assert run("system", "register", "cards", "--model", model, "--entry", entry, "--as", "eli")[0] == 0
    events = write(tmp_path, digest_bytes(MODEL))
    if kind == "dataset":  # OpenLineage's word where nobody says model: of which no record is made
        events.write_text(events.read_text().replace('"kind": "model"', '"kind": "dataset"'))
    assert run("lineage", "import", events, "--system", "mortgage", "--as", "eli")[0] == 0
    (tmp_path / "clean.yaml").write_text(CLEAN % ("model", digest_bytes(MODEL)))
    assert run("lineage", "import", tmp_path / "clean.yaml", "--system", system, "--as", "eli")[0] == 0
    nodes, gaps = graph_of(run, "clean")
    assert {"db/crm", "db/model", "bought"} <= nodes
    assert "clean: db/model is said to be the same file, and neither was made of the other" in gaps
    assert "run:r1: no owner" in gaps


def test_nor_does_a_node_that_is_told_to_be_another_file_just_before(run: Run, tmp_path: Path) -> None:
    run("lineage", "import", write(tmp_path, digest_bytes(MODEL)), "--system", "mortgage", "--as", "eli")
    later = write(tmp_path, digest_bytes(b"another"))
    later.write_text(later.read_text().replace("T12:", "T13:"))
    assert run("lineage", "import", later, "--system", "mortgage", "--as", "eli")[0] == 0
    (tmp_path / "clean.yaml").write_text(CLEAN % ("model", digest_bytes(MODEL)))
    assert run("lineage", "import", tmp_path / "clean.yaml", "--system", "mortgage", "--as", "eli")[0] == 0
    nodes, gaps = graph_of(run, "clean")
    assert {"db/crm", "db/model"} <= nodes
    assert "clean: db/model is said to be the same file, and neither was made of the other" in gaps


def test_a_copy_that_was_made_of_the_model_is_no_second_account(run: Run, tmp_path: Path) -> None:
    run("lineage", "import", write(tmp_path, digest_bytes(MODEL)), "--system", "mortgage", "--as", "eli")
    copy = CLEAN.replace("id: bought, kind: source", "id: db/model, kind: model").replace(
        "from: bought", "from: db/model"
    )
    (tmp_path / "copy.yaml").write_text(copy % ("model", digest_bytes(MODEL)))
    assert run("lineage", "import", tmp_path / "copy.yaml", "--system", "mortgage", "--as", "eli")[0] == 0
    nodes, gaps = graph_of(run, "clean")
    assert "db/crm" in nodes
    assert not any("same file" in gap for gap in gaps)
    assert any("same file" in gap for gap in graph_of(run, "db/model")[1])


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
        code, said = run("lineage", "import", file, "--system", system, "--as", "eli")
        assert (code, says in said) == (2, True), said
        assert "to mend it" in said
        assert "Traceback" not in said
    assert run("lineage", "list", "--system", "mortgage")[1].startswith("no lineage of `mortgage`")
    code, said = run("lineage", "trace", "db/model")
    assert (code, "the lineage has no node `db/model`" in said) == (2, True)


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM lineage_edge", "UPDATE entry SET kind = 'charts' WHERE kind = 'lineage'"],
)
def test_what_somebody_hides_in_the_database_is_left_out_of_no_record(run: Run, tmp_path: Path, sql: str) -> None:
    assert run("lineage", "import", write(tmp_path, digest_bytes(MODEL)), "--system", "mortgage", "--as", "eli")[0] == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "lender/.quaestor/store.db")) as connection, connection:
        assert connection.execute(sql).rowcount > 0
    (tmp_path / "clean.yaml").write_text(CLEAN % ("model", digest_bytes(MODEL)))
    for command in (
        ("record", "db/model", "--subject", "mortgage@1"),
        ("import", tmp_path / "clean.yaml", "--system", "mortgage", "--as", "eli"),
    ):
        code, said = run("lineage", *command)
        assert code == 2, said
        assert "the lineage is not what the ledger tells" in said or "the store does not verify" in said
        assert "doctor --full" in said


class TestCorrections:
    """What was imported wrongly is taken back by a later import, and the ledger keeps both."""

    WRONG = """
nodes:
  - {id: source/crm, kind: source, origin: bureau}
  - {id: source/wrong, kind: source}
  - {id: model/1, kind: model, digest: "DIGEST"}
edges:
  - {from: source/crm, to: model/1, kind: trained}
  - {from: source/wrong, to: model/1, kind: trained}
"""
    EDGE = "{from: source/wrong, to: model/1, kind: trained}"

    @pytest.fixture
    def told(self, run: Run, tmp_path: Path) -> Path:
        path = tmp_path / "lineage.yaml"
        path.write_text(self.WRONG.replace("DIGEST", digest_bytes(MODEL)))
        assert run("lineage", "import", path, "--system", "mortgage", "--as", "eli")[0] == 0
        code, said = run("lineage", "record", "model/1", "--subject", "mortgage@1")
        assert code == 0, said
        assert "3 nodes, 2 edges" in said
        return path

    def retract(self, run: Run, told: Path, text: str) -> tuple[int, str]:
        told.write_text(f"retract:\n  {text}\n")
        return run("lineage", "import", told, "--system", "mortgage", "--as", "eli", "--with", "omar")

    @pytest.mark.parametrize("second", [[], ["--with", "eli"], ["--with", "ana"]])
    def test_nobody_takes_lineage_back_alone(self, run: Run, told: Path, second: list[str]) -> None:
        """A source of doubtful licence would be gone from the record, and nobody the wiser."""
        told.write_text(f"retract: {{edges: [{self.EDGE}], nodes: [source/wrong]}}\n")
        code, said = run("lineage", "import", told, "--system", "mortgage", "--as", "eli", *second)
        assert code == 2
        assert "withdraw" in said if second else "nobody takes lineage back alone" in said
        assert "source/wrong" in run("lineage", "list", "--system", "mortgage")[1]

    def test_an_edge_and_a_node_are_taken_back(self, run: Run, told: Path) -> None:
        code, said = self.retract(run, told, f"edges: [{self.EDGE}]\n  nodes: [source/wrong]")
        assert code == 0, said
        assert "source/wrong" not in run("lineage", "list", "--system", "mortgage")[1]
        code, said = run("lineage", "record", "model/1", "--subject", "mortgage@1")
        assert code == 0, said
        assert "2 nodes, 1 edges" in said
        listed = run("evidence", "list", "--type", "lineage-graph", "--system", "mortgage")[1]
        assert listed.count("superseded") == 1, "the record of before stays, replaced"
        code, said = run("doctor", "--full")
        assert code == 0, said

    def test_a_later_document_corrects_what_a_node_is(self, run: Run, told: Path) -> None:
        told.write_text("nodes: [{id: source/crm, kind: source, origin: register}]\n")
        assert run("lineage", "import", told, "--system", "mortgage", "--as", "eli")[0] == 0
        assert '"origin": "register"' in run("lineage", "trace", "source/crm", "--json")[1]

    LABELS = "nodes: [{id: source/crm, kind: source, licence: research only, personal_data: [income]}]\n"

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("{id: source/crm, kind: source, licence: research only}", "personal data"),
            ("{id: source/crm, kind: source, licence: research only, personal_data: [age]}", "personal data"),
            ("{id: source/crm, kind: output, licence: research only, personal_data: [income]}", "personal data"),
            ("{id: source/crm, kind: source, licence: MIT, personal_data: [income]}", "licence"),
        ],
    )
    def test_nobody_relabels_what_others_must_hear_of_alone(self, run: Run, told: Path, text: str, what: str) -> None:
        """The newest word of a node counts, so that a later import could say that the data are nobody's."""
        command = ("lineage", "import", told, "--system", "mortgage", "--as", "eli")
        told.write_text(self.LABELS)
        time.sleep(1.1)  # of two words of one second it is not the later one that counts
        assert run(*command)[0] == 0, "to tell more takes nobody else"
        told.write_text(f"nodes: [{text}]\n")
        time.sleep(1.1)
        code, said = run(*command)
        assert code == 2
        assert f"nobody takes lineage back alone: the {what} of `source/crm`" in said
        assert "research only" in run("lineage", "trace", "source/crm", "--json")[1]
        assert run(*command, "--with", "omar")[0] == 0
        code, said = run("doctor", "--full")
        assert code == 0, said

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (
                "edges: [{from: source/crm, to: model/1, kind: derived}]",
                "there is no edge source/crm -> model/1 of kind",
            ),
            ("edges: [{from: source/gone, to: model/1, kind: trained}]", "`source/gone` is no node of `mortgage`"),
            ("nodes: [source/crm]", "the node `source/crm` still has edges"),
            ("edges: []", "`nodes` has no entry"),
        ],
    )
    def test_what_cannot_be_taken_back(self, run: Run, told: Path, text: str, words: str) -> None:
        code, said = self.retract(run, told, text)
        assert code == 2
        assert words in said
        assert "to mend it" in said
        assert run("lineage", "trace", "model/1", "--json")[1].count('"kind": "trained"') == 2

    def test_what_events_told_is_mended_where_they_come_from(self, run: Run, tmp_path: Path) -> None:
        assert (
            run("lineage", "import", write(tmp_path, digest_bytes(MODEL)), "--system", "mortgage", "--as", "eli")[0]
            == 0
        )
        edges = json.loads(run("lineage", "trace", "db/model", "--json")[1])["edges"]
        path = tmp_path / "retract.yaml"
        path.write_text(json.dumps({"retract": {"edges": [{**edges[0], "kind": "derived"}]}}))
        code, said = run("lineage", "import", path, "--system", "mortgage", "--as", "eli", "--with", "omar")
        assert code == 2
        assert "run of events" in said

    def test_help_and_error_say_so(self, run: Run, told: Path) -> None:
        assert "retract:" in run("lineage", "import", "--help")[1]
        told.write_text(
            "nodes: [{id: source/crm, kind: source}, {id: model/1, kind: model}]\n"
            "edges: [{from: model/1, to: source/crm, kind: derived}]\n"
        )
        code, said = run("lineage", "import", told, "--system", "mortgage", "--as", "eli")
        assert code == 2
        assert "cycle" in said
        assert "`retract`" in said
