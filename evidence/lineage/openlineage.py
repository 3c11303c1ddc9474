"""Lineage from OpenLineage run events: a JSON file, a file of one event a line, or a folder of them.

Source: OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json). Only events that say COMPLETE make
edges: what a run that failed or still goes on would have written was not written. Facets that are read: ownership,
version (DatasetVersionDatasetFacet), tags, documentation, and `quaestor`, a facet of ours for what the standard lacks
(kind, digest, origin, licence, purpose, legal ground, consent, dates). Facets of producers that we do not know are
left alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from evidence.lineage.graph import Lineage, LineageNode
from evidence.model.base import Date, DigestText, Instant
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import Edge, Node, PersonRef
from evidence.model.record import explain

MAX_FILES = 100_000
NodeKind = Literal["source", "dataset", "feature", "run", "model", "deployment", "output", "decision"]
_EDGE_TO = {"model": "trained", "deployment": "served", "output": "produced", "decision": "produced"}
_PERSONAL_TAGS = ("personal", "personal-data", "pii")


class _Open(BaseModel):
    """Events come with fields and facets of many producers; what we do not read is let through unread."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Owner(_Open):
    name: str


class _Ownership(_Open):
    owners: tuple[_Owner, ...] = ()


class _Version(_Open):
    datasetVersion: str  # noqa: N815  (the name in the specification)


class _Tag(_Open):
    key: str
    value: str = ""
    field: str | None = None


class _Tags(_Open):
    tags: tuple[_Tag, ...] = ()


class _Quaestor(_Open):
    kind: NodeKind | None = None
    digest: DigestText | None = None
    owner: PersonRef | None = None
    origin: str | None = None
    licence: str | None = None
    purpose: str | None = None
    legal_ground: str | None = None
    consent: str | None = None
    collected_on: Date | None = None
    retain_until: Date | None = None


class _Facets(_Open):
    ownership: _Ownership | None = None
    version: _Version | None = None
    tags: _Tags | None = None
    quaestor: _Quaestor | None = None


class _Dataset(_Open):
    namespace: str = Field(min_length=1)
    name: str = Field(min_length=1)
    facets: _Facets = _Facets()


class _Run(_Open):
    runId: str = Field(min_length=1)  # noqa: N815


class _Job(_Open):
    namespace: str
    name: str
    facets: _Facets = _Facets()


def _or_empty(value: Any) -> Any:
    return () if value is None else value


_Datasets = Annotated[tuple[_Dataset, ...], BeforeValidator(_or_empty)]


class RunEvent(_Open):
    """An OpenLineage RunEvent, as far as it is read."""

    eventType: Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]  # noqa: N815
    eventTime: Instant  # noqa: N815
    run: _Run
    job: _Job
    inputs: _Datasets = ()
    outputs: _Datasets = ()


def read_openlineage(path: Path, system_id: str | None = None) -> Lineage:
    """The graph that the events of a file or folder tell.

    Raises EvidenceError that names file and event for one that is not a RunEvent; events of other kinds (JobEvent,
    DatasetEvent) have no `run` and are refused too, since they say nothing of what was made of what.
    """
    empty = Lineage(nodes=(), edges=())
    return empty.merged(event_lineage(event, system_id) for event in read_events(path))


def read_events(path: Path) -> Iterator[RunEvent]:
    """The events of a file (one JSON event, a JSON list, or one event a line) or of a folder, by file name."""
    if path.is_dir():
        files = sorted(item for item in path.iterdir() if item.suffix in (".json", ".jsonl", ".ndjson"))
        if not files:
            raise EvidenceError("no .json, .jsonl or .ndjson file in the folder", where=str(path))
        if len(files) > MAX_FILES:
            raise EvidenceError(f"more than {MAX_FILES} files", where=str(path))
    else:
        files = [path]
    for file in files:
        try:
            data = file.read_bytes()
        except OSError as cause:
            raise EvidenceError(f"cannot be read: {cause.strerror}", where=str(file)) from None
        for place, value in _documents(file, data):
            yield _event(place, value)


def _documents(file: Path, data: bytes) -> Iterator[tuple[str, Any]]:
    lines = [line for line in data.splitlines() if line.strip()]
    if file.suffix in (".jsonl", ".ndjson") or (len(lines) > 1 and all(line.startswith(b"{") for line in lines)):
        for number, line in enumerate(data.splitlines(), start=1):
            if line.strip():
                yield f"{file}:{number}", parse_json(line, where=f"{file}:{number}")
        return
    value = parse_json(data, where=str(file))
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        yield f"{file} event {number}", item


def _event(place: str, value: Any) -> RunEvent:
    try:
        return RunEvent.model_validate_json(canonical_bytes(value))
    except ValidationError as cause:
        raise EvidenceError(f"not an OpenLineage run event: {explain(cause)}", where=place) from None


def event_lineage(event: RunEvent, system_id: str | None) -> Lineage:
    """What one event adds: its run, the datasets that it names, and edges where it is COMPLETE."""
    run_id = f"run:{event.run.runId}"
    finished = event.eventType == "COMPLETE"
    run = Node(
        id=run_id,
        kind="run",
        owner=_owner(event.job.facets),
        purpose=event.job.facets.quaestor.purpose if event.job.facets.quaestor else None,
        origin=f"{event.job.namespace}/{event.job.name}",
        started_at=event.eventTime if event.eventType == "START" else None,
        finished_at=event.eventTime if finished else None,
    )
    nodes = [LineageNode(node=run, system_id=system_id)]
    nodes += [_node(item, system_id) for item in (*event.inputs, *event.outputs)]
    edges = []
    if finished:
        for output in event.outputs:
            target = _node(output, system_id).node
            edges += [
                Edge(from_=_id(source), to=target.id, kind=_EDGE_TO.get(target.kind, "derived"), run=run_id)  # type: ignore[arg-type]
                for source in event.inputs
            ]
    return Lineage(nodes=tuple(nodes), edges=tuple(edges))


def _id(dataset: _Dataset) -> str:
    return f"{dataset.namespace}/{dataset.name}"


def _owner(facets: _Facets) -> PersonRef | None:
    if facets.quaestor and facets.quaestor.owner:
        return facets.quaestor.owner
    owners = facets.ownership.owners if facets.ownership else ()
    return PersonRef(id=owners[0].name, name=owners[0].name) if owners else None


def _node(dataset: _Dataset, system_id: str | None) -> LineageNode:
    facets, own = dataset.facets, dataset.facets.quaestor or _Quaestor()
    tags = facets.tags.tags if facets.tags else ()
    personal = sorted({tag.field or tag.value or tag.key for tag in tags if tag.key.lower() in _PERSONAL_TAGS})
    node = Node(
        id=_id(dataset),
        kind=own.kind or "dataset",
        digest=own.digest,
        owner=_owner(facets),
        origin=own.origin,
        licence=own.licence,
        purpose=own.purpose,
        legal_ground=own.legal_ground,
        consent=own.consent,
        personal_data=tuple(personal) or None,
        collected_on=own.collected_on,
        retain_until=own.retain_until,
    )
    version = facets.version.datasetVersion if facets.version else None
    return LineageNode(node=node, version=version, system_id=system_id)
