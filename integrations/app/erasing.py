"""Use case of an erasure that reaches every descendant: planned over the whole lineage, then done in one act.

Each record is judged as if it were erased alone: by schedule, holds and minimum of its own class and system, and by
Cedar. A hold on the data stops the erasure of what was made of it, wherever the erasure starts.
"""

from collections.abc import Mapping
from typing import Literal

from evidence.model.base import Frozen
from evidence.model.errors import QuaestorError
from evidence.model.notes import DecisionNote, RunCharts, read_note
from evidence.model.predicates.retention import LegalHold
from evidence.model.predicates.validation import ValidationRun
from evidence.model.record import EvidenceClass, Record
from evidence.store.entry import Entry
from evidence.store.erasing import finish_erasures
from evidence.store.records import Receipt
from evidence.store.writing import Judged
from integrations.app.actor import Actor
from integrations.app.descent import Descent, Kinship, digests_of, records_about
from integrations.app.moment import Moment
from integrations.app.records import record_of
from integrations.app.retention import (
    Keeping,
    Payload,
    Shelves,
    firm,
    judged,
    made_versions,
    payload_of,
    replaces,
    require_purge,
    require_reason,
)
from integrations.app.session import Session

Verdict = Literal["erase", "keep", "erased"]
COPY = "decision {decision} of gate {gate} on {subject} rests on it and can only be made again from it"


class Descendant(Frozen):
    """A node of the lineage that the erasure reaches; at a `start` it begins. What it stands for lies elsewhere."""

    id: str
    kind: str
    owner: str | None
    systems: tuple[str, ...]
    start: bool


class Item(Frozen):
    """A payload of the store about what the erasure reaches: whether it goes, and why or why not."""

    id: str
    kind: Literal["record", "charts", "snapshot"]
    type: str | None = None
    system_id: str
    about: tuple[str, ...] = ()
    """Nodes that it is about."""
    verdict: Verdict
    why: tuple[str, ...] = ()
    keeping: Keeping | None = None


class ErasurePlan(Frozen):
    """Every descendant and every payload about one, before anything is erased."""

    nodes: tuple[Descendant, ...]
    items: tuple[Item, ...]

    def ids(self, verdict: Verdict) -> list[str]:
        return [item.id for item in self.items if item.verdict == verdict]


def plan_erasure(
    session: Session,
    moment: Moment,
    *,
    node: str | None = None,
    record_id: str | None = None,
    actor: Actor | None = None,
) -> ErasurePlan:
    """What an erasure of a node, or of what a record is about, would erase and what it would leave; nothing is changed.

    With an `actor` Cedar is asked whether they may erase what is due. Raises QuaestorError where they may not, where
    the node or record is not there, or lineage or ledger are not whole.
    """
    root = _root(session, record_id) if record_id is not None else None
    kin = Kinship(session, moment)
    made = kin.descent(node=node, digests=_digests(session, record_id, root))
    found, gone = records_about(moment, kin, made)
    if root is not None and root.id not in {record.id for record in found}:
        found = [root, *found]
    judge = _Judge(session, moment, made, Shelves(session, moment, kin), actor)
    items = judge.without_return([judge(payload_of(record), digests_of(record), "record") for record in found])
    items += [_earlier(id, system_id) for id, system_id in gone]
    items += _charts(moment, judge, {item.id: item for item in items})
    items += _copies(moment, {item.id for item in items if item.kind == "record"}, {item.system_id for item in items})
    return ErasurePlan(nodes=_descendants(made), items=tuple(sorted(items, key=lambda item: (item.kind, item.id))))


def erase_descendants(
    session: Session, *, node: str | None = None, record_id: str | None = None, actor: Actor, reason: str
) -> tuple[ErasurePlan, list[Receipt]]:
    """Erase, in one act, all of `plan_erasure` that is due; the plan, and where the log says so of each.

    What an earlier act left behind when it was killed is finished first. Raises as `plan_erasure` does, and then
    nothing is erased.
    """
    require_reason(reason)
    finish_erasures(session.store)
    moment, size = Moment(session), session.store.size()
    plan = plan_erasure(session, moment, node=node, record_id=record_id, actor=actor)
    going = [item for item in plan.items if item.verdict == "erase"]
    receipts = session.store.erase_many(
        [item.id for item in going],
        reason=reason,
        actor=actor.holder,
        at=session.now(),
        signer=session.workspace.machine_key,
        makers={item.id: made_versions(moment, item.id, item.type, item.system_id) for item in going},
        judged=Judged(size, LegalHold.uri()),
    )
    return plan, receipts


def _root(session: Session, record_id: str) -> Record | None:
    """The record that an erasure is said of; None where it was erased before, so that the act can go on."""
    entry = session.store.entry(record_id)
    if entry.kind != "record":
        hint = "records: `quaestor evidence list`"
        raise QuaestorError(f"`{record_id}` is a {entry.kind}, not an evidence record", hint=hint)
    return None if session.store.is_erased(record_id) else record_of(session.store.get(record_id))


def _digests(session: Session, record_id: str | None, root: Record | None) -> tuple[str, ...]:
    """What the erasure starts from besides a node: what the record is about; of an erased one, what its entry says."""
    if root is not None:
        return digests_of(root)
    entry = session.store.entry(record_id) if record_id is not None else None
    return tuple(digest for digest in entry.subjects if digest != entry.system) if entry is not None else ()


def _descendants(made: Descent) -> tuple[Descendant, ...]:
    return tuple(
        Descendant(
            id=node.id,
            kind=node.kind,
            owner=node.owner.name if node.owner is not None else None,
            systems=made.systems.get(node.id, ()),
            start=node.id in made.starts,
        )
        for node in made.nodes
    )


class _Judge:
    """Judges payloads of one plan: schedules of their system, holds on them and on what they were made of."""

    def __init__(self, session: Session, moment: Moment, made: Descent, shelves: Shelves, actor: Actor | None) -> None:
        self._session, self._at, self._made, self._actor, self._shelves = session, moment.at, made, actor, shelves
        self._replaced: dict[str, str] = {}

    def __call__(self, payload: Payload, digests: tuple[str, ...], kind: Literal["record", "charts"]) -> Item:
        """The payload, about files of these digests. Raises QuaestorError where it is due and the actor may not."""
        made = self._made
        about = tuple(sorted({node for digest in digests for node in made.files.get(digest, ())}))
        item = Item(
            id=payload.id, kind=kind, type=payload.type, system_id=payload.system_id, about=about, verdict="keep"
        )
        shelf = self._shelves(payload.system_id, digests, made.start_files, made.starts)
        self._replaced |= shelf.replaced
        try:
            keeping = judged(self._session, payload, shelf, self._at)
        except QuaestorError as cause:
            # No schedule says when it goes, so it stays.
            return item.model_copy(update={"why": (cause.problem,)})
        if not keeping.due or keeping.held:
            return item.model_copy(update={"why": why_kept(keeping), "keeping": keeping})
        told = firm(payload, shelf)
        if told:
            return item.model_copy(update={"why": (told,), "keeping": keeping})
        if self._actor is not None:
            require_purge(self._session, self._actor, payload, keeping)
        return item.model_copy(update={"verdict": "erase", "why": keeping.reasons, "keeping": keeping})

    def without_return(self, items: list[Item]) -> list[Item]:
        """The same, where nothing goes before what it replaced: that would count again."""
        going = {item.id for item in items if item.verdict == "erase"}
        stays = {new: old for old, new in self._replaced.items() if new in going and old not in going}
        if not stays:
            return items
        return self.without_return(
            [
                item.model_copy(update={"verdict": "keep", "why": (replaces(stays[item.id]),)})
                if item.id in stays
                else item
                for item in items
            ]
        )


def why_kept(keeping: Keeping) -> tuple[str, ...]:
    """What keeps an item, the strongest first, then all that the policy says of it."""
    if keeping.held:
        first = "held"
    elif keeping.conflict:
        first = "a person must decide between what keeps it and what lets it go"
    elif keeping.unknown:
        first = "it cannot be told until when it must stay"
    elif keeping.minimise:
        first = "its personal part goes, the rest stays: to be split where it is kept"
    elif keeping.purge_at is not None:
        first = f"not due before {keeping.purge_at}"
    else:
        first = "nothing says that it goes"
    return (first, *keeping.reasons)


def _earlier(id: str, system_id: str) -> Item:
    return Item(id=id, kind="record", system_id=system_id, verdict="erased", why=("by an earlier act",))


def _charts(moment: Moment, judge: _Judge, records: Mapping[str, Item]) -> list[Item]:
    """The curves of validation runs: they stay with the record of their run, and are judged as it was once it goes."""
    found = []
    for system_id in sorted({item.system_id for item in records.values()}):
        view = moment.view(system_id)
        for leaf in view.holdings.of("charts"):
            if leaf.id in view.erased:
                continue
            note = read_note(view.open(leaf)[0], where=f"charts {leaf.id}")
            run = records.get(note.run) if isinstance(note, RunCharts) else None
            if run is None:
                continue
            item = judge(_curves(leaf, run), leaf.subjects, "charts")
            kept = {"verdict": "keep", "why": (f"part of the {run.type} {run.id[:19]}, which stays",)}
            found.append(item.model_copy(update=kept) if run.verdict == "keep" else item)
    return found


def _curves(leaf: Entry, run: Item) -> Payload:
    return Payload(
        id=leaf.id,
        type=ValidationRun.TYPE,
        evidence_class=str(EvidenceClass.MEASURED),
        system_id=run.system_id,
        collected_at=leaf.at,
        names=(leaf.id, run.id, *leaf.subjects, ValidationRun.TYPE, run.system_id),
    )


def _copies(moment: Moment, records: set[str], systems: set[str]) -> list[Item]:
    """Snapshots that hold copies of the records. They stay: without one its decision could not be checked again."""
    found: dict[str, Item] = {}
    for system_id in sorted(systems):
        for note, _ in moment.view(system_id).notes(DecisionNote):
            facts = note.facts
            held = records & {item.id for item in facts.evidence}
            if held:
                why = COPY.format(decision=note.decision_id[:19], gate=facts.gate, subject=facts.subject.name)
                told = (
                    f"it holds copies of {len(held)} of these records; without one of them no new report is made of it"
                )
                found[note.snapshot] = Item(
                    id=note.snapshot, kind="snapshot", system_id=system_id, verdict="keep", why=(why, told)
                )
    return list(found.values())
