"""The use case of collectors: what one finds is permitted by Cedar, signed and filed."""

from dataclasses import dataclass
from typing import TypeVar

from evidence.collector import Collector
from evidence.model.errors import QuaestorError
from evidence.model.record import EvidenceClass
from evidence.model.subject import SubjectKind
from integrations.app.actor import Actor
from integrations.app.records import Filed, add_records, find_subject, require_collect
from integrations.app.session import Session

Source = TypeVar("Source")


@dataclass(frozen=True)
class Brought:
    """What a collector brought: the records filed, and how many nodes and edges its lineage told of."""

    filed: tuple[Filed, ...]
    nodes: int = 0
    edges: int = 0


def collect(session: Session, collector: Collector[Source], source: Source, *, system_id: str, actor: Actor) -> Brought:
    """File what the collector finds in the source: lineage in the graph of the system, records signed by the actor.

    Raises QuaestorError where no such system is registered, the source cannot be read, or Cedar does not let the actor
    file it. Lineage goes first: where the graph refuses it, no record is filed; records are filed all or none.
    """
    if find_subject(session.store, system_id).kind is not SubjectKind.SYSTEM:
        raise QuaestorError(f"`{system_id}` is no system", hint="name the system, without a version")
    found = collector.collect(source)
    if any(draft.system_id != system_id for draft in found.records):
        raise QuaestorError(f"the collector brought a record of another system than `{system_id}`")
    nodes = edges = 0
    if found.lineage is not None:
        require_collect(session, actor, system_id, EvidenceClass.INGESTED)
        nodes, edges = session.store.lineage.add(found.lineage, system_id)
    return Brought(filed=add_records(session, found.records, actor=actor), nodes=nodes, edges=edges)
