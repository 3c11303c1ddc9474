"""Lineage from OpenLineage events: a JSON file, a file of one event a line, or a folder of them.

Source: OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json) and its "run cycle". The events of a run
add up: what START says it reads and what COMPLETE says it wrote belong together, by `runId`. Only runs that COMPLETE
make edges: what a run that failed or still goes on would have written was not written. An event without `eventType`
adds facts, as OTHER does. A facet is replaced as a whole by a later one of its name, by `eventTime`, and taken back by
`_deleted`. DatasetEvents and JobEvents add facts on datasets and no edge: they tell of no run.

A run that reads and writes one dataset (MERGE, UPDATE, overwrite) changed it in place: an edge from the dataset to
itself, kept with its run so that nobody's change is hidden; it is no cycle, and the ways from sources pass it by. All
states of such a dataset are one node, with the ancestry of all of them: more than was read at any time, never less.

Facets that are read: `ownership` (datasets, jobs), `version` (DatasetVersionDatasetFacet), `tags` (TagsDatasetFacet,
for personal data), `datasetType` (DatasetTypeDatasetFacet: MODEL is a model), `columnLineage` of outputs (the datasets
that it names were read), and `quaestor`, a facet of ours for what the standard lacks (kind, digest, owner, origin,
licence, purpose, legal ground, consent, personal data, dates). Facets of producers that we do not know are left alone.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evidence.lineage.graph import Facet, Lineage, LineageNode, check_id
from evidence.model.base import Date, DigestText, Frozen, Instant, format_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import explain
from evidence.model.predicates.values import PersonRef

NodeKind = Literal["source", "dataset", "feature", "model", "deployment", "output", "decision"]
_TERMINAL = ("COMPLETE", "FAIL", "ABORT")
_PERSONAL_TAGS = ("personal", "personaldata", "pii")
_YES, _NO = ("", "true", "yes", "1"), ("false", "no", "0", "none")


class _Open(BaseModel):
    """Events come with fields and facets of many producers; what we do not read is let through unread."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Facet(_Open):
    deleted: bool = Field(default=False, alias="_deleted")


class _Owner(_Open):
    name: str
    type: str | None = None


class _Ownership(_Facet):
    owners: tuple[_Owner, ...] = ()


class _Version(_Facet):
    datasetVersion: str | None = None  # noqa: N815  (the name in the specification)


class _Tag(_Open):
    key: str
    value: str = ""
    field: str | None = None


class _Tags(_Facet):
    tags: tuple[_Tag, ...] = ()


class _DatasetType(_Facet):
    datasetType: str | None = None  # noqa: N815  (the name in the specification)


class _InputField(_Open):
    namespace: str = Field(min_length=1)
    name: str = Field(min_length=1)


class _Column(_Open):
    inputFields: tuple[_InputField, ...] = ()  # noqa: N815


class _ColumnLineage(_Facet):
    fields: dict[str, _Column] = {}
    dataset: tuple[_InputField, ...] = ()


class _Quaestor(Frozen):
    """Our own facet is closed, so that a field that is misspelt is not silently without effect."""

    deleted: bool = Field(default=False, alias="_deleted")
    producer: str | None = Field(default=None, alias="_producer")
    schema_url: str | None = Field(default=None, alias="_schemaURL")
    kind: NodeKind | None = None
    digest: DigestText | None = None
    owner: PersonRef | None = None
    origin: str | None = None
    licence: str | None = None
    purpose: str | None = None
    legal_ground: str | None = None
    consent: str | None = None
    personal_data: tuple[str, ...] | None = None
    collected_on: Date | None = None
    retain_until: Date | None = None


class _Facets(_Open):
    ownership: _Ownership | None = None
    version: _Version | None = None
    tags: _Tags | None = None
    datasetType: _DatasetType | None = None  # noqa: N815
    columnLineage: _ColumnLineage | None = None  # noqa: N815
    quaestor: _Quaestor | None = None


class _JobFacets(_Open):
    """Job and run facets may bear the same names with other fields."""

    ownership: _Ownership | None = None
    quaestor: _Quaestor | None = None


class _Dataset(_Open):
    namespace: str = Field(min_length=1)
    name: str = Field(min_length=1)
    facets: _Facets | None = None


class _Run(_Open):
    # No `/`, which every id of a dataset has: a run can't be taken for a dataset.
    runId: str = Field(pattern="^[^/]+$")  # noqa: N815


class _Job(_Open):
    namespace: str = Field(min_length=1)
    name: str = Field(min_length=1)
    facets: _JobFacets | None = None


class Event(_Open):
    """An OpenLineage RunEvent, JobEvent or DatasetEvent, as far as it is read."""

    eventType: Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] | None = None  # noqa: N815
    eventTime: str  # noqa: N815
    instant: Instant
    run: _Run | None = None
    job: _Job | None = None
    dataset: _Dataset | None = None
    inputs: tuple[_Dataset, ...] | None = None
    outputs: tuple[_Dataset, ...] | None = None

    @property
    def datasets(self) -> tuple[_Dataset, ...]:
        return (*(self.inputs or ()), *(self.outputs or ()), *((self.dataset,) if self.dataset else ()))


def parse_event(value: Any, where: str) -> Event:
    """An event from JSON values. Raises EvidenceError that names the fields that do not fit."""
    if not isinstance(value, dict):
        raise EvidenceError(
            "not an OpenLineage event: no JSON object", where=where, hint="write one event, a JSON object, a line"
        )
    if not any(value.get(part) for part in ("run", "job", "dataset")):
        raise EvidenceError(
            "not an OpenLineage event: it has neither `run`, `job` nor `dataset`",
            where=where,
            hint="give OpenLineage events, or a YAML file with nodes and edges",
        )
    if value.get("run") and not value.get("job"):
        raise EvidenceError(
            "not an OpenLineage event: the run has no `job`", where=where, hint="emit the event with its `job`"
        )
    try:
        event = Event.model_validate_json(canonical_bytes(value | {"instant": value.get("eventTime")}))
    except ValidationError as cause:
        problem = explain(cause).replace("`instant`", "`eventTime`")
        raise EvidenceError(
            f"not an OpenLineage event: {problem}",
            where=where,
            hint="mend what emits the event; its form: https://openlineage.io/spec/2-0-2/OpenLineage.json",
        ) from None
    for item in event.datasets:
        check_id(_id(item), where)
    if event.run:
        check_id(f"run:{event.run.runId}", where)
    return event


def event_nodes(event: Event) -> list[LineageNode]:
    """What one event adds: its datasets, and its run with what it read and wrote."""
    at = _precise(event.eventTime)
    nodes = [LineageNode(id=_id(item), facets=_dataset_facets(item.facets, at)) for item in event.datasets]
    if event.run is None or event.job is None:
        return nodes
    reads = {_id(item) for item in event.inputs or ()}
    for item in event.outputs or ():
        named = _columns(item)
        reads |= named
        nodes += [LineageNode(id=name, facets={}) for name in sorted(named)]
    facets = _common_facets(event.job.facets, at)
    if "quaestor" in facets:
        facets["quaestor"].fields.pop("kind", None)  # a run stays a run
    facets["job"] = Facet(at=at, fields={"kind": "run", "origin": f"{event.job.namespace}/{event.job.name}"})
    moment = format_instant(event.instant)
    if event.eventType == "START":
        facets["start"] = Facet(at=at, fields={"started_at": moment})
    if event.eventType in _TERMINAL:
        done = {"finished_at": moment} if event.eventType == "COMPLETE" else {}
        facets["end"] = Facet(at=at, fields={"state": event.eventType} | done)
    run = LineageNode(
        id=f"run:{event.run.runId}",
        facets=facets,
        reads=tuple(sorted(reads)),
        writes=tuple(sorted({_id(item) for item in event.outputs or ()})),
    )
    return [*nodes, run]


def events_lineage(events: Iterable[Event]) -> Lineage:
    """The nodes of many events, in any order, each once. The store makes the edges, from all it knows of a run."""
    found: dict[str, LineageNode] = {}
    for event in events:
        for node in event_nodes(event):
            known = found.get(node.id)
            found[node.id] = node if known is None else known.merged(node)
    return Lineage(nodes=tuple(found.values()), edges=())


def _id(dataset: _Dataset | _InputField) -> str:
    return f"{dataset.namespace}/{dataset.name}"


def _precise(text: str) -> str:
    """The event's time in UTC with microseconds: the whole seconds of records would not order START and COMPLETE."""
    return datetime.fromisoformat(text.upper()).astimezone(UTC).isoformat(timespec="microseconds")


def _columns(output: _Dataset) -> set[str]:
    lineage = output.facets.columnLineage if output.facets else None
    if lineage is None or lineage.deleted:
        return set()
    return {_id(item) for item in (*lineage.dataset, *(one for c in lineage.fields.values() for one in c.inputFields))}


def _dataset_facets(facets: _Facets | None, at: str) -> dict[str, Facet]:
    found = _common_facets(facets, at)
    if facets is None:
        return found
    if facets.version is not None:
        version = None if facets.version.deleted else facets.version.datasetVersion
        found["version"] = Facet(at=at, fields={"version": version} if version else {})
    if facets.datasetType is not None:
        told = "" if facets.datasetType.deleted else (facets.datasetType.datasetType or "")
        found["datasetType"] = Facet(at=at, fields={"kind": "model"} if told.upper() == "MODEL" else {})
    if facets.tags is not None:
        personal = [] if facets.tags.deleted else _personal(facets.tags.tags)
        found["tags"] = Facet(at=at, fields={"personal_data": personal} if personal else {})
    return found


def _common_facets(facets: _Facets | _JobFacets | None, at: str) -> dict[str, Facet]:
    found: dict[str, Facet] = {}
    ownership, own = (facets.ownership, facets.quaestor) if facets else (None, None)
    if ownership is not None:
        owner = None if ownership.deleted else _owner(ownership)
        found["ownership"] = Facet(at=at, fields={"owner": owner} if owner else {})
    if own is not None:
        fields = {} if own.deleted else own.to_json()
        kept = {key: value for key, value in fields.items() if not key.startswith("_")}
        found["quaestor"] = Facet(at=at, fields=kept)
    return found


def _owner(ownership: _Ownership) -> dict[str, str] | None:
    """The owner of type OWNER, else the first: a URN such as `user:jdoe` or `application:loans`."""
    owners = [owner for owner in ownership.owners if owner.name.strip()]
    owners.sort(key=lambda owner: (owner.type or "").upper() != "OWNER")
    if not owners:
        return None
    urn = owners[0].name.strip()
    return {"id": urn, "name": urn.rpartition(":")[2].strip() or urn}


def _personal(tags: Iterable[_Tag]) -> list[str]:
    """Fields that a tag calls personal; where a tag speaks of the whole dataset, its value or its key."""
    found = set()
    for tag in tags:
        key = "".join(letter for letter in tag.key.lower() if letter.isalnum())
        value = tag.value.strip()
        if key in _PERSONAL_TAGS and value.lower() not in _NO:
            found.add(tag.field or (tag.key if value.lower() in _YES else value))
    return sorted(found)
