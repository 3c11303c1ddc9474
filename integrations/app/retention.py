"""Use cases of retention: until when an item is kept, by policy, and the erasure of a payload that is due.

The class of a record follows from its type. A payload goes only where the retention policy says that it is due, no
legal hold stands against it or what it was made of, the register of holds answered, and Cedar lets the person act. Its
leaf stays in the log. What nobody may take back, or nobody alone, stays while it counts: an erasure is no way around.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.access import EntityRef
from engine.backends.base import AnswerState
from engine.deciding.decide import admitted
from evidence.model.base import Frozen, format_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.mistakes import did_you_mean
from evidence.model.own import model_of
from evidence.model.predicates.inventory import RegistryEntry
from evidence.model.predicates.retention import LegalHold, RetentionSchedule
from evidence.model.record import Record
from evidence.model.subject import Subject, SubjectKind, system_digest, system_subject
from evidence.model.text import says_something
from evidence.model.yaml import Place
from evidence.snapshot.makers import MADE_BY, made_by
from evidence.snapshot.take import take_snapshot
from evidence.snapshot.withdrawal import answered_only
from evidence.store.erasing import finish_erasures
from evidence.store.records import Receipt
from evidence.store.writing import Judged
from integrations.app.actor import Actor
from integrations.app.descent import Kinship, digests_of
from integrations.app.holds import holds_on
from integrations.app.moment import Moment
from integrations.app.records import record_of
from integrations.app.session import Session

RETENTION_RULE = "quaestor/retention"
ITEM = (
    "id",
    "record_class",
    "names",
    "personal",
    "anchors",
    "holds_reachable",
    "holds",
    "regimes",
    "schedule",
    "linked_until",
)
"""Fields of an item that the retention policy reads (policies/retention/schedule.rego)."""


class Keeping(Frozen):
    """What the retention policy says of an item (policies/retention/schedule.rego)."""

    keep_until: str | None = None
    purge_at: str | None = None
    due: bool
    held: bool
    conflict: bool
    minimise: bool
    minimise_at: str | None = None
    unknown: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Payload:
    """What could be erased: a record, or the curves of a run, which are kept as the record of their run is."""

    id: str
    type: str
    evidence_class: str
    system_id: str
    collected_at: datetime
    names: tuple[str, ...]
    """By which a hold may cover it: digests, type, system, version."""
    hold: Mapping[str, Any] | None = None
    """Of a legal hold, what it says."""
    firm: str = ""
    """Why no single person takes it back, in words; empty where one might."""


def payload_of(record: Record) -> Payload:
    """A record as retention sees it."""
    envelope = record.envelope
    version = [f"{envelope.system_id}@{envelope.model_version}"] if envelope.model_version else []
    return Payload(
        id=record.id,
        type=record.type,
        evidence_class=str(envelope.evidence_class),
        system_id=envelope.system_id,
        collected_at=envelope.collected_at,
        names=(record.id, *record.subject, record.type, envelope.system_id, *version),
        hold=record.content if record.type == "legal-hold" else None,
        firm=_firm(record),
    )


def _firm(record: Record) -> str:
    if model_of(record.type).CHANGED_BY_TWO:
        return f"a {record.type}: two persons change such answers"
    if record.type == RegistryEntry.TYPE:
        return f"a {record.type}: a version leaves the inventory by gate `retirement`, and is decided on until then"
    return answered_only(record)


@dataclass(frozen=True)
class Shelf:
    """What is on file about the keeping of a record: schedules of its system, holds, whether their register answers."""

    schedules: tuple[Mapping[str, Any], ...]
    aside: tuple[str, ...]
    """Why schedules that are there do not count."""
    holds: tuple[Mapping[str, Any], ...]
    names: tuple[str, ...]
    """Nodes and files that it was made of, by which a hold may cover it too."""
    reachable: bool
    counting: frozenset[str]
    """Records that a decision on one of the subjects would look at."""
    replaced: Mapping[str, str]
    """Records that others replace, and which."""


def ask_retention(session: Session, item: Mapping[str, Any], *, at: datetime | None = None) -> Keeping:
    """The policy's answer for an item, as of `at` or else now. Raises QuaestorError where it gives none."""
    document = canonical_bytes({"now": format_instant(at or session.now()), "item": dict(item)})
    data = canonical_bytes({"parameters": dict(session.effective.values)})
    engine = session.engines.get(session.bundle.program())
    answer = engine.evaluate([RETENTION_RULE], document, data)[RETENTION_RULE]
    if answer.state is not AnswerState.VALUE:
        raise QuaestorError(
            f"the retention policy gives no answer for this item: {answer.error or 'undefined'}",
            hint="policies/retention/schedule.rego says what an item holds",
        )
    return Keeping.model_validate_json(canonical_bytes(answer.value))


def require_item(item: Mapping[str, Any], *, where: str, lines: Mapping[Place, int]) -> None:
    """Raise EvidenceError for a field that an item of retention, its schedule or one of its holds does not have.

    Nothing would read it: a misspelt one would be left out of the answer. The policy itself names unknown anchors.
    """
    schedule, holds = item.get("schedule"), item.get("holds")
    parts: list[tuple[Place, Any, Collection[str]]] = [((), item, ITEM)]
    parts.append((("schedule",), schedule, RetentionSchedule.model_fields))
    parts += [
        (("holds", n), hold, LegalHold.model_fields) for n, hold in enumerate(holds if isinstance(holds, list) else ())
    ]
    for place, part, known in parts:
        for name in part if isinstance(part, Mapping) else ():
            if name not in known:
                line = lines.get((*place, name))
                raise EvidenceError(
                    f"`{'.'.join(map(str, (*place, name)))}`: an item of retention has no such field",
                    where=f"{where}:{line}" if line else where,
                    hint=did_you_mean(name, known),
                )


def erase_payload(session: Session, record_id: str, *, actor: Actor, reason: str) -> tuple[Receipt, Keeping]:
    """Erase the payload of a record that is due under the class of its type.

    Raises QuaestorError that says what stands against it.
    """
    require_reason(reason)
    finish_erasures(session.store)
    moment, store, size = Moment(session), session.store, session.store.size()
    record = record_of(store.get(record_id))
    payload = payload_of(record)
    shelf = Shelves(session, moment, Kinship(session, moment))(payload.system_id, digests_of(record))
    keeping = judged(session, payload, shelf, moment.at)
    require_purge(session, actor, payload, keeping)
    told = firm(payload, shelf)
    if told:
        raise QuaestorError(told, hint="it may go once it counts no more: `quaestor evidence show` says until when")
    back = [old for old, new in shelf.replaced.items() if new == payload.id]
    if back:
        hint = "erase that one first, or both in one act with --descendants"
        raise QuaestorError(replaces(back[0]), hint=hint)
    made = {payload.id: made_versions(moment, payload.id, payload.type, payload.system_id)}
    receipts = store.erase_many(
        [record_id],
        reason=reason,
        actor=actor.holder,
        at=moment.at,
        signer=session.workspace.machine_key,
        makers=made,
        judged=Judged(size, LegalHold.uri()),
    )
    return receipts[0], keeping


def firm(payload: Payload, shelf: Shelf) -> str:
    """Why a payload stays that is due: no single person may take it back, and it counts; empty where it may go."""
    return f"it counts still, and is {payload.firm}" if payload.firm and payload.id in shelf.counting else ""


def replaces(old: str) -> str:
    """Why a record stays: without it, what it replaced would count again."""
    return f"it replaces {old[:19]}, which would count again without it"


def made_versions(moment: Moment, id: str, type_: str | None, system_id: str) -> Mapping[str, tuple[str, ...]]:
    """Whom a record tells to have made a version, by act: who may sign hangs on them, and the log keeps them."""
    view = moment.view(system_id)
    leaf = next((leaf for leaf in view.records() if leaf.id == id), None)
    if leaf is None or type_ is None or type_ not in MADE_BY:
        return {}
    statement, state = view.open(leaf)
    content = statement.predicate["content"]
    told = made_by([(type_, content, state)] if isinstance(content, dict) else [])
    return {"trainer": told.trainer, "builder": told.builder}


def require_reason(reason: str) -> None:
    """Raise QuaestorError for a reason that says nothing: the log keeps it instead of what goes."""
    if not says_something(reason):
        raise QuaestorError(f"the reason `{reason}` says nothing", hint="say why the payload goes: the log keeps it")


def require_purge(session: Session, actor: Actor, payload: Payload, keeping: Keeping) -> None:
    """Raise QuaestorError unless Cedar lets the actor erase the payload, as the retention policy judges it."""
    session.require(
        actor,
        "purge",
        EntityRef(type="Record", id=payload.id),
        {"evidence_class": payload.evidence_class, "held": keeping.held},
        {"due": keeping.due},
    )


def judged(session: Session, payload: Payload, shelf: Shelf, at: datetime) -> Keeping:
    """What the retention policy says of a payload.

    Raises QuaestorError where its class has no schedule, or several.
    """
    record_class = model_of(payload.type).RECORD_CLASS
    schedules = [content for content in shelf.schedules if content["record_class"] == record_class]
    if len(schedules) != 1:
        raise QuaestorError(
            f"{len(schedules)} current retention-schedule records of class `{record_class}`"
            f"{''.join(f'; set aside: {why}' for why in shelf.aside)}",
            hint="file one, signed: quaestor evidence add retention-schedule FILE --system … --as <records manager>",
        )
    created = format_instant(payload.collected_at)
    # A hold that was not released holds its own record too: with it, all that it covers would be free to go.
    own = [dict(payload.hold) | {"scope": [payload.id]}] if payload.hold is not None else []
    item = {
        "id": payload.id,
        "record_class": record_class,
        "names": list(dict.fromkeys([*payload.names, *shelf.names])),
        "anchors": {"created": created, "triggered": created},
        "personal": schedules[0]["personal"],
        "schedule": schedules[0],
        "holds": [*shelf.holds, *own],
        "holds_reachable": shelf.reachable,
    }
    return ask_retention(session, item, at=at)


class Shelves:
    """What is on file for the records of one use case, read once for each system and subject.

    Only what a decision would count says so: a schedule that its signer may not sign lets nothing go and stops nothing.
    """

    def __init__(self, session: Session, moment: Moment, kin: Kinship) -> None:
        self._session, self._moment, self._kin = session, moment, kin
        self._taken: dict[tuple[str, str], _Taken] = {}
        self._shelves: dict[tuple[str, tuple[str, ...]], Shelf] = {}

    def __call__(
        self, system_id: str, digests: tuple[str, ...], more: tuple[str, ...] = (), starts: tuple[str, ...] = ()
    ) -> Shelf:
        """The shelf of records of a system about these files.

        Holds count on what these were made of, and on what an erasure starts from: further files and nodes.
        """
        key = (system_id, (*digests, "", *more, "", *starts))
        if key not in self._shelves:
            self._shelves[key] = self._filled(system_id, digests, more, starts)
        return self._shelves[key]

    def _filled(
        self, system_id: str, digests: tuple[str, ...], more: tuple[str, ...], starts: tuple[str, ...]
    ) -> Shelf:
        whole = system_digest(system_id)
        taken = [self._take(system_id, digest) for digest in (whole, *sorted({*digests} - {whole}))]
        origins = self._kin.origins({*digests, *more} - {whole}, starts)
        others = [self._take(name, system_digest(name)) for name in sorted({*origins.systems} - {system_id})]
        holds = holds_on(self._session, self._moment, {system_id, *origins.systems, *origins.tellers}, origins.files)
        return Shelf(
            schedules=tuple(record.content for record in taken[0].counted if record.type == "retention-schedule"),
            aside=taken[0].aside,
            holds=tuple({canonical_bytes(dict(hold)): hold for hold in holds}.values()),
            names=(*origins.nodes, *origins.files),
            reachable=all(_answered([one]) for one in others) and _answered(taken),
            counting=frozenset().union(*(one.counting for one in taken)),
            replaced={old: new for one in taken for old, new in one.replaced.items()},
        )

    def _take(self, system_id: str, digest: str) -> "_Taken":
        if (system_id, digest) not in self._taken:
            subject = system_subject(system_id)
            if digest != subject.digest:
                subject = Subject(kind=SubjectKind.MODEL, name=digest, digest=digest, system_id=system_id)
            snapshot = take_snapshot(self._session.store, subject, self._moment.at)
            counted, turned_away = admitted(self._session.bundle, snapshot)
            self._taken[system_id, digest] = _Taken(
                counted=tuple(entry.record for entry in counted),
                aside=tuple(why.detail for one, why in turned_away if one.record.type == "retention-schedule"),
                counting=frozenset(entry.record.id for entry in snapshot.entries),
                replaced={item.id: item.replaced_by for item in snapshot.excluded if item.replaced_by},
            )
        return self._taken[system_id, digest]


@dataclass(frozen=True)
class _Taken:
    counted: tuple[Record, ...]
    aside: tuple[str, ...]
    counting: frozenset[str]
    replaced: Mapping[str, str]


def _answered(taken: Iterable[_Taken]) -> bool:
    """Whether the register of holds answered for a system, the first, and for no file less than whole."""
    feeds = [[record.content["complete"] for record in one.counted if _is_of_holds(record)] for one in taken]
    return bool(feeds[0]) and all(all(some) for some in feeds)


def _is_of_holds(record: Record) -> bool:
    return record.type == "feed-status" and bool(record.content["feed"] == "legal-hold")
