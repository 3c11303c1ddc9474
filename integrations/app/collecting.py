"""The use case of collectors: what one finds is permitted by Cedar, signed and filed."""

from dataclasses import dataclass
from typing import TypeVar

from engine.access import EntityRef
from evidence.collector import Collector
from evidence.lineage.graph import Lineage
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError
from evidence.model.notes import LineageImport, new_note, read_note
from evidence.model.record import EvidenceClass
from evidence.model.subject import SubjectKind, system_digest
from evidence.store.entry import NewStatement
from evidence.store.lineage_check import require_lineage
from evidence.trust.envelopes import open_envelope
from integrations.app.actor import Actor
from integrations.app.moment import Moment
from integrations.app.records import Filed, add_records, find_subject, require_collect, statement_of
from integrations.app.session import Session
from integrations.app.withdrawing import agreed_by

Source = TypeVar("Source")
PART = 20_000
"""Nodes or edges that one entry of the ledger holds."""


@dataclass(frozen=True)
class Brought:
    """What a collector brought: the records filed, and how many nodes and edges its lineage told of."""

    filed: tuple[Filed, ...]
    nodes: int = 0
    edges: int = 0


def collect(
    session: Session,
    collector: Collector[Source],
    source: Source,
    *,
    system_id: str,
    actor: Actor,
    second: Actor | None = None,
) -> Brought:
    """File what the collector finds in the source: lineage in the graph of the system, records signed by the actor.

    Lineage is taken back under the rules of a withdrawal: a `second` person, who made no version, signs it too. So is
    what would hide that something holds personal data, or the licence that was told of it. Lineage goes first: where
    the graph refuses it, no record is filed; records are filed all or none. Raises QuaestorError where no such system
    is registered, the source cannot be read, or Cedar does not let the actor file it.
    """
    if find_subject(session.store, system_id).kind is not SubjectKind.SYSTEM:
        raise QuaestorError(f"`{system_id}` is no system", hint="name the system, without a version")
    found = collector.collect(source)
    if any(draft.system_id != system_id for draft in found.records):
        raise QuaestorError(f"the collector brought a record of another system than `{system_id}`")
    nodes = edges = 0
    if found.lineage is not None:
        require_collect(session, actor, system_id, EvidenceClass.INGESTED)
        nodes, edges = _import(session, found.lineage, system_id, actor, second)
    return Brought(filed=add_records(session, found.records, actor=actor), nodes=nodes, edges=edges)


def said_to_be(session: Session, digest: str) -> tuple[str, ...]:
    """Nodes of which an import once said that they are the file of a digest, by the ledger.

    The graph keeps the newest word alone, so that a node could be told to be another file just before it is looked for.
    Raises StoreError where the graph is not what the ledger tells.
    """
    require_lineage(session.store)
    found = set()
    for stored in session.store.find(kind="lineage"):
        payload = open_envelope(stored.envelope, where=f"lineage {stored.id}")
        if digest.encode() not in payload:
            continue
        note = read_note(statement_of(stored), where=f"lineage {stored.id}")
        told = Lineage.model_validate_json(canonical_bytes(note.lineage)) if isinstance(note, LineageImport) else None
        found |= {item.id for item in (told.nodes if told is not None else ()) if digest in item.files}
    return tuple(sorted(found))


def _import(session: Session, lineage: Lineage, system_id: str, actor: Actor, second: Actor | None) -> tuple[int, int]:
    """Add to the graph and keep the import in the ledger too, in parts: the tables can then be compared with it."""
    moment = Moment(session)
    at = moment.at
    require_lineage(session.store)  # else who changes its tables hides alone what takes two to hide
    hidden = session.store.lineage.hidden_by(lineage)
    taken_back = bool(lineage.retracted or lineage.left or hidden)
    if taken_back:
        if second is None:
            hint = "name a second person, who made no version, with `--with`: a source can be hidden by taking it back"
            told = f": {hidden[0]} would be known no more" if hidden else ""
            raise QuaestorError(f"nobody takes lineage back alone{told}", hint=hint)
        issuer = {"issuer": EntityRef(type="Person", id=actor.holder), "issuer_kind": "person"}
        lineage_of = EntityRef(type="Filed", id=f"lineage of {system_id}")
        session.require(actor, "withdraw", lineage_of, issuer, agreed_by(moment.view(system_id), second))
    signers = (actor, second) if taken_back and second is not None else (actor,)
    # A run names what it read and wrote, which the graph has to know by then.
    nodes = sorted(lineage.nodes, key=lambda item: item.node.kind == "run")
    parts = [Lineage(nodes=tuple(nodes[start : start + PART]), edges=()) for start in range(0, len(nodes), PART)]
    if lineage.retracted or lineage.left:
        parts.insert(0, Lineage(nodes=(), edges=(), retracted=lineage.retracted, left=lineage.left))
    edges = lineage.edges
    parts += [Lineage(nodes=(), edges=edges[start : start + PART]) for start in range(0, len(edges), PART)]
    notes = [LineageImport(system_id=system_id, lineage=part.model_dump(mode="json")) for part in parts]
    statements = [new_note(note, {system_id: system_digest(system_id)}) for note in notes]
    new = [
        NewStatement(session.sign(statement, *signers), "lineage", "imported", actor.holder, at)
        for statement in statements
    ]
    return session.store.import_lineage(lineage, system_id, new, signer=session.workspace.machine_key)
