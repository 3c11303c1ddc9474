"""OpenLineage events and lineage documents to test with."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from evidence.lineage.ancestry import lineage_graph
from evidence.lineage.document import read_document
from evidence.lineage.graph import Facet, Lineage, LineageNode, settled
from evidence.lineage.openlineage import events_lineage, parse_event
from evidence.model.predicates.data import LineageGraph
from evidence.model.predicates.values import Edge

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODEL = "db/model"
DIGEST = f"sha256:{'c' * 64}"
Json = dict[str, Any]


def dataset(name: str, namespace: str = "db", **facets: Any) -> Json:
    return {"namespace": namespace, "name": name, "facets": facets}


def facet(**fields: Any) -> Json:
    """A facet as a producer sends it, with the fields that the specification asks for."""
    return {"_producer": "https://example.com/etl", "_schemaURL": "https://example.com/facet.json", **fields}


def described(**fields: Any) -> Json:
    """Our own facet with everything that a reader must know of data, but for what `fields` say; None leaves out."""
    known = {
        "owner": {"id": "ada", "name": "Ada"},
        "origin": "credit bureau",
        "licence": "internal",
        "purpose": "credit decisions",
    } | fields
    return facet(**{name: value for name, value in known.items() if value is not None})


def event(
    kind: str | None,
    run: str,
    inputs: list[Json] | None = None,
    outputs: list[Json] | None = None,
    *,
    minute: int = 0,
    **job: Any,
) -> Json:
    """A RunEvent, `minute` minutes after noon; `job` are the facets of its job."""
    values: Json = {
        "eventTime": (NOON + timedelta(minutes=minute)).isoformat(),
        "producer": "https://example.com/etl",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run},
        "job": {"namespace": "etl", "name": f"job of {run}", "facets": job},
    }
    values |= {"eventType": kind} if kind else {}
    values |= {"inputs": inputs} if inputs is not None else {}
    return values | ({"outputs": outputs} if outputs is not None else {})


def told(*events: Json) -> Lineage:
    """What the events tell."""
    return events_lineage(parse_event(value, f"event {number}") for number, value in enumerate(events, start=1))


def write_lines(path: Path, events: list[Json]) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in events), encoding="utf-8")
    return path


def plain_graph(edges: list[tuple[str, str]], nodes: tuple[str, ...] = ()) -> Lineage:
    """A graph of datasets, as a document would tell it."""
    names = sorted({*nodes, *(end for edge in edges for end in edge)})
    said = {"document": Facet(at="2026-11-21T12:00:00Z", fields={"kind": "dataset"})}
    return Lineage(
        nodes=tuple(LineageNode(id=name, facets=said) for name in names),
        edges=tuple(Edge(from_=start, to=end, kind="derived") for start, end in edges),
    )


def document(folder: Path, text: str, *, hours: int = 0, system_id: str = "mortgage") -> Lineage:
    """A YAML document, read as imported `hours` after noon."""
    path = folder / "lineage.yaml"
    path.write_text(text, encoding="utf-8")
    return read_document(path, system_id, at=NOON + timedelta(hours=hours))


def training_events(**facets: Any) -> list[Json]:
    """A complete training: two sources, a table and two features of it, the model, its service and its decisions.

    `facets` replace the `quaestor` facet of a dataset by name (`crm`, `loans`, `income`, …), `job_owner` that of jobs.
    """
    owner = facets.get("job_owner", {"ownership": facet(owners=[{"name": "user:jdoe"}])})

    def item(name: str, **given: Any) -> Json:
        return dataset(name, quaestor=facets.get(name, described(**given)))

    crm, bureau = item("crm", kind="source"), item("bureau", kind="source")
    loans, income, debt = item("loans"), item("income", kind="feature"), item("debt", kind="feature")
    model = item("model", kind="model", digest=DIGEST)
    service, decision = item("service", kind="deployment"), item("decision", kind="decision")
    steps = [
        ("load", [crm, bureau], [loans]),
        ("features", [loans], [income, debt]),
        ("train", [income, debt], [model]),
        ("deploy", [model], [service]),
        ("decide", [service], [decision]),
    ]
    events = []
    for number, (run, inputs, outputs) in enumerate(steps):
        events.append(event("START", run, inputs, minute=10 * number, **owner))
        events.append(event("COMPLETE", run, None, outputs, minute=10 * number + 5, **owner))
    return events


def graph_of(**facets: Any) -> LineageGraph:
    """The record of the model of `training_events`, some facets replaced."""
    return record_of(told(*training_events(**facets)))


def record_of(found: Lineage) -> LineageGraph:
    """The record of the model of what events tell."""
    nodes = {item.id: item for item in found.nodes}
    edges = settled([edge for item in found.nodes for edge in item.edges()], nodes)
    return lineage_graph(Lineage(nodes=found.nodes, edges=tuple(edges)), MODEL)
