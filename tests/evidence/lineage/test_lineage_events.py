"""OpenLineage events: what they tell of datasets and runs, and what is refused."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.lineage.eventfiles import read_openlineage
from evidence.lineage.graph import Lineage, LineageNode
from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import Edge
from tests.worlds.lineage import dataset, described, event, facet, told, training_events, write_lines


def node(lineage: Lineage, name: str) -> LineageNode:
    return next(item for item in lineage.nodes if item.id == name)


def edges(lineage: Lineage) -> set[tuple[str, str, str | None]]:
    return {(edge.from_, edge.to, edge.run) for item in lineage.nodes for edge in item.edges()}


class TestTheRunCycle:
    def test_inputs_of_start_and_outputs_of_complete_belong_together(self) -> None:
        start = event("START", "r1", [dataset("raw")])
        complete = event("COMPLETE", "r1", None, [dataset("clean")], minute=5)
        assert edges(told(start, complete)) == {("db/raw", "db/clean", "run:r1")}
        assert edges(told(complete, start)) == {("db/raw", "db/clean", "run:r1")}

    def test_datasets_seen_while_it_runs_add_up(self) -> None:
        events = [
            event("START", "r1", [dataset("a")]),
            event("RUNNING", "r1", [dataset("b")], [dataset("x")], minute=1),
            event("COMPLETE", "r1", [], [], minute=2),
            event("OTHER", "r1", [dataset("c")], minute=3),
        ]
        assert edges(told(*events)) == {(f"db/{name}", "db/x", "run:r1") for name in "abc"}

    def test_runs_do_not_mix(self) -> None:
        events = [event("START", "r1", [dataset("a")]), event("COMPLETE", "r2", [], [dataset("x")])]
        assert edges(told(*events)) == set()

    @pytest.mark.parametrize("end", ["FAIL", "ABORT", "RUNNING", "OTHER", "START", None])
    def test_a_run_that_did_not_complete_made_nothing(self, end: str | None) -> None:
        lineage = told(event("START", "r1", [dataset("a")]), event(end, "r1", None, [dataset("x")], minute=5))
        assert edges(lineage) == set()
        assert {item.id for item in lineage.nodes} == {"db/a", "db/x", "run:r1"}

    @pytest.mark.parametrize("end", ["FAIL", "ABORT"])
    def test_a_later_failure_takes_the_completion_back(self, end: str) -> None:
        done = event("COMPLETE", "r1", [dataset("a")], [dataset("x")], minute=1)
        assert edges(told(done, event(end, "r1", minute=2))) == set()
        assert edges(told(event(end, "r1", minute=2), done)) == set()
        assert edges(told(done, event(end, "r1", minute=1))) == set()  # at one instant the worse counts
        assert len(edges(told(done, event(end, "r1", minute=0)))) == 1  # a second attempt of the run completed

    def test_a_start_that_is_stamped_after_the_end_changes_nothing(self) -> None:
        done = event("COMPLETE", "r1", [dataset("a")], [dataset("x")], minute=1)
        assert len(edges(told(done, event("START", "r1", minute=2)))) == 1

    def test_run_and_job(self) -> None:
        events = [event("START", "r1"), event("COMPLETE", "r1", minute=5)]
        run = node(told(*events), "run:r1").node
        assert (run.kind, run.origin) == ("run", "etl/job of r1")
        assert run.to_json()["started_at"] == "2026-11-21T12:00:00Z"
        assert run.to_json()["finished_at"] == "2026-11-21T12:05:00Z"

    @pytest.mark.parametrize("kind", ["START", "FAIL"])
    def test_what_did_not_complete_has_no_end(self, kind: str) -> None:
        assert node(told(event(kind, "r1")), "run:r1").node.finished_at is None

    def test_too_many_edges_of_one_run(self) -> None:
        lineage = told(
            event("COMPLETE", "r", [dataset(f"i{n}") for n in range(401)], [dataset(f"o{n}") for n in range(250)])
        )
        with pytest.raises(EvidenceError, match="reads 401 datasets and writes 250"):
            edges(lineage)

    def test_columns_name_what_was_read(self) -> None:
        columns = facet(
            fields={
                "rate": {
                    "inputFields": [{"namespace": "db", "name": "hidden", "field": "r", "transformations": []}],
                    "transformationType": "IDENTITY",
                }
            },
            dataset=[{"namespace": "db", "name": "filter", "field": "f"}],
        )
        lineage = told(event("COMPLETE", "r1", [dataset("a")], [dataset("x", columnLineage=columns)]))
        assert edges(lineage) == {(f"db/{name}", "db/x", "run:r1") for name in ("a", "hidden", "filter")}
        of_input = told(event("COMPLETE", "r1", [dataset("a", columnLineage=columns)], [dataset("x")]))
        assert edges(of_input) == {("db/a", "db/x", "run:r1")}  # how `a` came about is for another run to say


STATIC = {"eventTime": "2026-11-21T12:00:00Z", "producer": "x", "schemaURL": "x"}


class TestOtherEvents:
    def test_a_dataset_event_adds_facts(self) -> None:
        static = STATIC | {"dataset": dataset("a", quaestor=described())}
        lineage = told(static)
        assert node(lineage, "db/a").node.licence == "internal"
        assert edges(lineage) == set()

    def test_a_job_event_tells_of_no_run(self) -> None:
        static = STATIC | {
            "job": {"namespace": "etl", "name": "nightly"},
            "inputs": [dataset("a", quaestor=described())],
            "outputs": [dataset("b")],
        }
        lineage = told(static)
        assert {item.id for item in lineage.nodes} == {"db/a", "db/b"}
        assert edges(lineage) == set()


class TestFacets:
    def of(self, *facets: dict[str, Any]) -> LineageNode:
        """The dataset with facets that came in this order, a minute apart."""
        return node(told(*(event("OTHER", "r", [dataset("a", **f)], minute=n) for n, f in enumerate(facets))), "db/a")

    def test_our_own(self) -> None:
        known = described(
            kind="source",
            digest=f"sha256:{'a' * 64}",
            legal_ground="contract",
            consent="not-needed",
            personal_data=["age"],
            collected_on="2025-01-01",
            retain_until="2030-01-01",
        )
        found = self.of({"quaestor": known}).node.to_json()
        kept = {name: value for name, value in known.items() if not name.startswith("_")}
        assert found == kept | {"id": "db/a"}

    @pytest.mark.parametrize(
        "wrong",
        [{"license": "MIT"}, {"kind": "run"}, {"digest": "abc"}, {"owner": "ada"}, {"collected_on": "yesterday"}],
    )
    def test_our_own_is_closed(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(EvidenceError, match=next(iter(wrong))):
            self.of({"quaestor": facet(**wrong)})

    def test_facets_of_others_are_left_alone(self) -> None:
        found = self.of({"schema": facet(fields=[{"name": "x"}]), "acme_licence": facet(licence="MIT")})
        assert found.node.to_json() == {"id": "db/a", "kind": "dataset"}

    @pytest.mark.parametrize(
        ("owners", "expected"),
        [
            ([{"name": "user:jdoe"}], ("user:jdoe", "jdoe")),
            ([{"name": "jdoe"}], ("jdoe", "jdoe")),
            ([{"name": "user:"}], ("user:", "user:")),
            ([{"name": "team:ops", "type": "MAINTAINER"}, {"name": "user:ada", "type": "OWNER"}], ("user:ada", "ada")),
            ([{"name": " "}, {"name": "user:ada"}], ("user:ada", "ada")),
            ([{"name": " "}], None),
            ([], None),
        ],
    )
    def test_ownership(self, owners: list[Any], expected: tuple[str, str] | None) -> None:
        owner = self.of({"ownership": facet(owners=owners)}).node.owner
        assert (owner and (owner.id, owner.name)) == expected

    def test_version(self) -> None:
        assert self.of({"version": facet(datasetVersion="7")}).version == "7"

    @pytest.mark.parametrize(
        ("tags", "expected"),
        [
            ([{"key": "pii", "value": "true", "field": "email"}], ("email",)),
            ([{"key": "PII", "value": "true", "source": "USER"}], ("PII",)),
            ([{"key": "personal-data", "value": "age"}, {"key": "Personal Data", "value": "sex"}], ("age", "sex")),
            ([{"key": "pii", "value": "False", "field": "id"}], None),
            ([{"key": "tier", "value": "gold"}], None),
        ],
    )
    def test_personal_data_by_tags(self, tags: list[Any], expected: tuple[str, ...] | None) -> None:
        assert self.of({"tags": facet(tags=tags)}).node.personal_data == expected

    @pytest.mark.parametrize(("told_type", "kind"), [("MODEL", "model"), ("model", "model"), ("TABLE", "dataset")])
    def test_the_type_of_a_dataset_may_be_model(self, told_type: str, kind: str) -> None:
        found = told(event("COMPLETE", "r", [], [dataset("m", datasetType=facet(datasetType=told_type, subType=""))]))
        assert {node.id: node.node.kind for node in found.nodes}["db/m"] == kind

    def test_our_own_facet_says_more_than_the_type(self) -> None:
        facets = {"datasetType": facet(datasetType="MODEL"), "quaestor": facet(kind="feature")}
        found = told(event("COMPLETE", "r", [], [dataset("m", **facets)]))
        assert {node.id: node.node.kind for node in found.nodes}["db/m"] == "feature"

    def test_a_later_facet_replaces_the_whole_of_an_earlier_one(self) -> None:
        found = self.of({"quaestor": described()}, {"quaestor": facet(licence="MIT")}).node
        assert (found.licence, found.purpose, found.owner) == ("MIT", None, None)

    def test_a_facet_that_does_not_come_again_stays(self) -> None:
        assert self.of({"quaestor": described()}, {"version": facet(datasetVersion="2")}).node.licence == "internal"

    @pytest.mark.parametrize("name", ["quaestor", "ownership", "version", "tags"])
    def test_a_deleted_facet_is_gone(self, name: str) -> None:
        given = {
            "quaestor": described(owner=None),
            "ownership": facet(owners=[{"name": "user:ada"}]),
            "version": facet(datasetVersion="2"),
            "tags": facet(tags=[{"key": "pii", "value": "age"}]),
        }
        before, after = self.of({name: given[name]}), self.of({name: given[name]}, {name: facet(_deleted=True)})
        assert before.fields
        assert not after.fields

    def test_a_fraction_of_a_second_orders(self) -> None:
        def at(time: str, licence: str) -> dict[str, Any]:
            return event("OTHER", "r", [dataset("a", quaestor=facet(licence=licence))]) | {"eventTime": time}

        old, new = at("2026-11-21T12:00:00.250Z", "old"), at("2026-11-21T13:00:00.251+01:00", "new")
        assert node(told(new, old), "db/a").node.licence == "new"

    def test_of_two_statements_of_one_instant_it_is_always_the_same_that_wins(self) -> None:
        one, other = (event("OTHER", "r", [dataset("a", quaestor=facet(licence=word))]) for word in ("MIT", "BSD"))
        assert node(told(one, other), "db/a") == node(told(other, one), "db/a")

    def test_a_job_says_who_owns_its_runs(self) -> None:
        lineage = told(event("START", "r", ownership=facet(owners=[{"name": "user:ada"}])))
        owner = node(lineage, "run:r").node.owner
        assert owner is not None
        assert owner.id == "user:ada"

    def test_a_run_stays_a_run(self) -> None:
        assert node(told(event("START", "r", quaestor=described(kind="model"))), "run:r").node.kind == "run"


@given(st.permutations(training_events()), st.integers(0, 9))
def test_neither_order_nor_repetition_matters(events: list[dict[str, Any]], twice: int) -> None:
    once, again = told(*training_events()), told(*events, *events[:twice])
    assert {item.id: item for item in once.nodes} == {item.id: item for item in again.nodes}
    assert edges(once) == edges(again)


class TestFiles:
    def events(self) -> list[dict[str, Any]]:
        return [event("START", "r1", [dataset("a")]), event("COMPLETE", "r1", None, [dataset("b")])]

    @pytest.mark.parametrize("form", ["list.json", "lines.json", "lines.jsonl", "lines.ndjson", "LINES.NDJSON"])
    def test_each_form(self, tmp_path: Path, form: str) -> None:
        path = tmp_path / form
        text = json.dumps(self.events(), indent=1) if form == "list.json" else "\n".join(map(json.dumps, self.events()))
        path.write_text(text + "\n\n", encoding="utf-8")
        assert edges(read_openlineage(path)) == {("db/a", "db/b", "run:r1")}

    def test_one_pretty_event(self, tmp_path: Path) -> None:
        (tmp_path / "one.json").write_text(json.dumps(self.events()[0], indent=2))
        assert len(read_openlineage(tmp_path / "one.json").nodes) == 2

    def test_a_folder_with_other_files(self, tmp_path: Path) -> None:
        for number, value in enumerate(self.events()):
            (tmp_path / f"{number}.json").write_text(json.dumps(value))
        (tmp_path / "README.md").write_text("# not events")
        (tmp_path / "inner").mkdir()
        assert edges(read_openlineage(tmp_path)) == {("db/a", "db/b", "run:r1")}

    def test_packed_events_are_not_left_out_in_silence(self, tmp_path: Path) -> None:
        write_lines(tmp_path / "a.ndjson", self.events()[:1])
        (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(json.dumps(self.events()[1]).encode()))
        for path in (tmp_path, tmp_path / "b.ndjson.gz"):
            with pytest.raises(EvidenceError, match="compressed events are not read") as caught:
                read_openlineage(path)
            assert "unpack" in str(caught.value.hint)

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
        with pytest.raises(EvidenceError, match="cannot be read"):
            read_openlineage(tmp_path)
        (tmp_path / "loop.json").unlink()
        (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
        with pytest.raises(EvidenceError, match=r"gone\.json: cannot be read"):
            read_openlineage(tmp_path)
        (tmp_path / "gone.json").unlink()
        os.mkfifo(tmp_path / "pipe.json")
        with pytest.raises(EvidenceError, match="not a file"):
            read_openlineage(tmp_path)
        (tmp_path / "pipe.json").unlink()
        with pytest.raises(EvidenceError, match=r"no \.json, \.jsonl or \.ndjson file"):
            read_openlineage(tmp_path)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "not JSON"),
            ("{", "not JSON"),
            ("7", "no JSON object"),
            ("{}", "neither `run`, `job` nor `dataset`"),
            ('{"nodes": []}', "neither `run`"),
            ('{"run": null}', "neither `run`"),
            ('{"run": {"runId": "r"}}', "the run has no `job`"),
            ('{"a": 1, "a": 2}', "`a` stands twice"),
            ('{"run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}}', "`eventTime`"),
            ('{"run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}, "eventTime": "noon"}', "`eventTime`"),
            ("\ufeff{}", "not JSON"),
            ("[]", "no event in it"),
        ],
    )
    def test_what_is_no_event(self, tmp_path: Path, text: str, message: str) -> None:
        (tmp_path / "bad.json").write_text(text, encoding="utf-8")
        with pytest.raises(EvidenceError, match=message) as caught:
            read_openlineage(tmp_path / "bad.json")
        assert "bad.json" in str(caught.value)

    def test_the_line_is_named(self, tmp_path: Path) -> None:
        path = write_lines(tmp_path / "a.ndjson", [self.events()[0], self.events()[1] | {"eventType": "DONE"}])
        with pytest.raises(EvidenceError, match=r"a\.ndjson:2: .*`eventType`"):
            read_openlineage(path)

    @pytest.mark.parametrize("name", ["a\x00b", "a\x1b[2Jb", "a\nb", "x" * 900, "\u202eb"])
    def test_odd_names(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(EvidenceError, match=r"cannot be printed|bytes, more than 800") as caught:
            read_openlineage(write_lines(tmp_path / "a.ndjson", [event("START", "r", [dataset(name)])]))
        assert str(caught.value).isprintable()

    def test_half_a_surrogate(self, tmp_path: Path) -> None:
        with pytest.raises(EvidenceError, match="no canonical JSON form"):
            read_openlineage(write_lines(tmp_path / "a.ndjson", [event("START", "r", [dataset("\ud800")])]))

    def test_a_run_cannot_pass_for_a_dataset(self) -> None:
        with pytest.raises(EvidenceError, match=r"run\.runId"):
            told(event("START", "db/loans"))


def test_edges_of_a_run_name_it() -> None:
    lineage = told(event("COMPLETE", "r1", [dataset("a")], [dataset("b")]))
    assert node(lineage, "run:r1").edges() == [Edge(from_="db/a", to="db/b", kind="derived", run="run:r1")]
