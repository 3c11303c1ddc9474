"""A verification of the whole store: every problem that it has, not only the first."""

import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlmodel import Session, col

from evidence.model.base import CLOCKS_DIFFER
from evidence.model.canonical import digest_bytes
from evidence.model.errors import QuaestorError, StoreError
from evidence.model.notes import DecisionNote
from evidence.model.record import parse_statement
from evidence.model.subject import system_digest
from evidence.store import mapping, tree
from evidence.store.blobs import BlobStore
from evidence.store.checks import found_by, instant
from evidence.store.database import Database
from evidence.store.entry import Problem, VerificationReport, leaf_bytes
from evidence.store.reading import COLUMNS, PAGE, subjects_between
from evidence.store.rows import CheckpointRow, EntryRow, MapNodeRow, NodeRow
from evidence.trust import ledger
from evidence.trust import map as verifiable
from evidence.trust.envelopes import open_envelope
from evidence.trust.map import Chain

_CHECKPOINTS = 2000
_ODD = "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view') OR (type = 'index' AND sql LIKE '%WHERE%')"


def verify_store(database: Database, blobs: BlobStore, *, full: bool, public_key: str | None) -> VerificationReport:
    """See `RecordStore.verify`. Raises StoreError where the database itself cannot be read."""
    with database.session() as session:
        head = tree.read_head(session.connection())
        if head is None:
            raise StoreError("not a store: it has no ledger", where=database.name)
        return Verification(session, blobs, head, full).run(public_key)


class Verification:
    """One pass over the entries, with the tree growing beside it.

    `mapped` is false for a store that has no map yet and is about to get one.
    """

    def __init__(self, session: Session, blobs: BlobStore, head: tree.Head, full: bool, *, mapped: bool = True) -> None:
        self.session = session
        self.blobs = blobs
        self.head = head
        self.full = full
        self.mapped = mapped
        self.problems: list[Problem] = []
        self.frontier = ledger.Frontier()
        self.whole = True
        """No leaf was missing so far, so that the tree can be computed."""
        self.payloads = 0
        self.checkpoints = 0
        self.unlike: list[int] = []
        self.marked: dict[int, str] = {}
        """Erased statements by the position of the entry that is said to have erased them."""
        self.erasures: dict[int, str] = {}
        """What each erasure in the ledger says that it erased."""
        self.chains: dict[str, Chain] = {}
        """What the map has to hold for each digest, from the entries."""
        self.decisions: dict[int, str] = {}
        """Ids of decisions by the position of their entry, as their payloads have them."""
        self.last_at: int | None = None
        self.last: ledger.Checkpoint | None = None
        """The last checkpoint whose signature verified."""

    def run(self, public_key: str | None) -> VerificationReport:
        if public_key is not None and public_key.strip() != self.head.public_key.strip():
            self.report("ledger", "its key is not the one that it ought to have")
        checkpoints = self.checked_checkpoints()
        due = next(checkpoints, None)
        for rows in self.pages():
            subjects = subjects_between(self.session, rows[0].position, rows[-1].position + 1)
            start = self.frontier
            for row in rows:
                while due is not None and self.whole and due.size == self.frontier.size:
                    due = self.compare_root(due, checkpoints)
                self.check_row(row, sorted(subjects[row.position]))
            if self.whole:
                self.check_nodes(start, [_as_hash(row.hash) for row in rows])
                self.chains = mapping.extended(self.chains, (_located(row, subjects[row.position]) for row in rows))
        while due is not None:
            due = self.compare_root(due, checkpoints)
        self.check_end()
        if self.full:
            self.check_database()
        return VerificationReport(
            origin=self.head.origin,
            size=self.frontier.size,
            root=f"sha256:{self.frontier.root.hex()}",
            checkpoints=self.checkpoints,
            payloads=self.payloads,
            erased=tuple(sorted(self.marked.values())),
            problems=tuple(self.problems),
        )

    def report(self, where: str, problem: str) -> None:
        self.problems.append(Problem(where=where, problem=problem))

    def pages(self) -> Iterator[Sequence[EntryRow]]:
        start = 0
        while True:
            query = select(*COLUMNS).where(col(EntryRow.position) >= start).order_by(col(EntryRow.position)).limit(PAGE)
            rows: Sequence[Any] = self.session.execute(query).all()
            if not rows:
                return
            yield rows
            start = rows[-1].position + 1

    def check_row(self, row: EntryRow, subjects: list[str]) -> None:
        where = f"entry {row.position}"
        if row.position != self.frontier.size and self.whole:
            last = row.position - 1
            gap = f"{self.frontier.size}" if last == self.frontier.size else f"{self.frontier.size} to {last}"
            self.report(where, f"the sequence has a gap before it: missing {gap}; no root can be computed from there")
            self.whole = False
        if _leaf_hash(row, subjects, self.head.map_from) != row.hash:
            self.report(where, f"its row was altered: the leaf of {row.kind} {row.id} has another hash")
        if self.whole:
            self.frontier, _ = self.frontier.extend([_as_hash(row.hash)])
        self.check_time(row, where)
        if row.erased_by is not None:
            if row.erased_by in self.marked:
                self.report(where, f"entry {row.erased_by} is said to have erased it and another too")
            self.marked[row.erased_by] = row.id
            if self.has_payload(row, where):
                self.report(where, f"the payload of {row.id} is still there though it was erased; erase it again")
            return
        if self.full or row.kind == "erasure":
            self.check_payload(row, subjects, where)

    def check_time(self, row: EntryRow, where: str) -> None:
        if not isinstance(row.at, int) or not self.mapped:
            return
        if self.last_at is not None and row.at < self.last_at - CLOCKS_DIFFER:
            self.report(where, "its time lies before that of the entry before it: the clock went back")
        self.last_at = row.at

    def has_payload(self, row: EntryRow, where: str) -> bool:
        try:
            return self.blobs.has(row.envelope)
        except QuaestorError as cause:
            self.report(where, cause.problem)
            return False

    def check_payload(self, row: EntryRow, subjects: list[str], where: str) -> None:
        try:
            said = _said(self.blobs.get(row.envelope), row, where)
        except QuaestorError as cause:
            self.report(where, cause.problem)
            return
        self.payloads += 1
        decided = said.columns[-1]
        if decided is not None:
            self.decisions[row.position] = decided
        found_by = (row.predicate_type, row.system_id, row.collected_at, row.decision_id if self.mapped else decided)
        if said.columns != found_by:
            self.report(where, f"the columns that {row.kind} {row.id} is found by are not what its payload says")
        if said.subjects != subjects:
            self.report(where, f"the subjects of {row.kind} {row.id} are not what its payload says")
        if row.kind == "erasure":
            self.erasures[row.position] = said.erased

    def check_nodes(self, start: ledger.Frontier, hashes: list[bytes]) -> None:
        """The stored interior hashes that these leaves complete are the computed ones."""
        _, made = start.extend(hashes)
        computed: dict[int, dict[int, bytes]] = {}
        for (level, position), value in made:
            computed.setdefault(level, {})[position] = value
        computed.pop(0, None)
        for level, wanted in computed.items():
            query = select(col(NodeRow.position), col(NodeRow.hash)).where(
                col(NodeRow.level) == level,
                col(NodeRow.position) >= min(wanted),
                col(NodeRow.position) <= max(wanted),
            )
            stored = {row.position: row.hash for row in self.session.execute(query)}
            for position, value in wanted.items():
                if stored.get(position) != value:
                    what = "is missing" if position not in stored else "is not what the leaves give"
                    self.report("tree", f"the stored hash at level {level}, position {position} {what}")

    def checked_checkpoints(self) -> Iterator[ledger.Checkpoint]:
        """Every checkpoint in order of size, its form and (in full, or of the last) its signature checked."""
        last = -1
        while True:
            query = (
                select(col(CheckpointRow.size), col(CheckpointRow.note))
                .where(col(CheckpointRow.size) > last)
                .order_by(col(CheckpointRow.size))
                .limit(_CHECKPOINTS)
            )
            rows = self.session.execute(query).all()
            if not rows:
                return
            for size, note in rows:
                self.checkpoints += 1
                checkpoint = self.read_checkpoint(size, str(note))
                if checkpoint is not None:
                    yield checkpoint
            last = rows[-1].size

    def read_checkpoint(self, size: int, note: str) -> ledger.Checkpoint | None:
        where = f"checkpoint {size}"
        try:
            checkpoint = ledger.parse_checkpoint(note)
            if self.full or size >= self.head.size:
                ledger.verify_checkpoint(note, self.head.public_key, self.head.origin)
                self.last = checkpoint
        except QuaestorError as cause:
            self.report(where, cause.problem)
            return None
        if checkpoint.size != size or checkpoint.origin != self.head.origin:
            self.report(where, f"it states size {checkpoint.size} of `{checkpoint.origin}`")
            return None
        return checkpoint

    def compare_root(
        self, due: ledger.Checkpoint, checkpoints: Iterator[ledger.Checkpoint]
    ) -> ledger.Checkpoint | None:
        """Compare a checkpoint with the tree as it stands; the next checkpoint."""
        if self.whole and due.size == self.frontier.size:
            if due.root != self.frontier.root:
                self.unlike.append(due.size)
        elif self.whole:
            self.report(f"checkpoint {due.size}", f"the ledger has {self.frontier.size} entries only")
        return next(checkpoints, None)

    def check_end(self) -> None:
        if self.unlike:
            count = f", nor those of {len(self.unlike) - 1} later ones" if len(self.unlike) > 1 else ""
            self.report(
                f"checkpoint {self.unlike[0]}",
                f"the leaves do not give its root{count}: history was rewritten before entry {self.unlike[0]}",
            )
        if self.whole and self.frontier.size != self.head.size:
            self.report("ledger", f"its head states {self.head.size} entries, and there are {self.frontier.size}")
        if self.mapped:
            self.check_map()
        top = self.session.execute(select(col(CheckpointRow.size)).order_by(col(CheckpointRow.size).desc())).scalar()
        if top != self.head.size:
            self.report("ledger", f"its last checkpoint is of size {top}, and its head states {self.head.size} entries")
        for position, id in self.marked.items():
            if self.erasures.get(position) != id:
                self.report(f"entry {position}", f"{id} is marked as erased by it, and it does not say so")
        for position, id in self.erasures.items():
            if self.marked.get(position) != id:
                self.report(f"entry {position}", f"it says that it erased {id}, which is not marked so")

    def check_map(self) -> None:
        """The map's stored nodes are those that the entries give, and the last checkpoint states their root."""
        if not self.whole:
            return
        keys = {verifiable.key_of(digest): chain.value for digest, chain in self.chains.items()}
        root, nodes = verifiable.put(keys)
        if self.last is not None and self.last.size == self.frontier.size and self.last.map_root != root:
            self.report("map", "the last checkpoint's root of the map is not what the entries give")
        query = select(col(MapNodeRow.path), col(MapNodeRow.leaf), col(MapNodeRow.left), col(MapNodeRow.right))
        odd = 0
        for path, *row in self.session.execute(query):
            odd += nodes.pop(path, None) != mapping.to_node(*row)
        if odd or nodes:
            self.report("map", f"{odd} stored nodes are not what the entries give, and {len(nodes)} are missing")

    def check_database(self) -> None:
        """SQLite's own check, and no index that leaves rows out."""
        if self.session.connection().dialect.name != "sqlite":
            return
        for (answer,) in self.session.execute(text("PRAGMA integrity_check")):
            if answer != "ok":
                self.report("database", str(answer))
        for (name,) in self.session.execute(text(_ODD)):
            self.report("database", f"`{name}` is no part of a store: it can hide or change rows")


@dataclass(frozen=True)
class _Said:
    """What a payload says of itself: predicate type, system, time of collection, decision; subjects; what it erased."""

    columns: tuple[str, str | None, int, str | None]
    subjects: list[str]
    erased: str


def _said(envelope: bytes, row: EntryRow, where: str) -> _Said:
    """Raises QuaestorError where the envelope does not hold the statement of the row."""
    payload = _payload(envelope, row.id, where)
    try:
        predicate, kind = payload["predicate"], payload["predicateType"]
        decided = kind == DecisionNote.TYPE
        digests = {item["digest"]["sha256"] for item in payload["subject"] if "sha256" in item["digest"]}
        return _Said(
            columns=(kind, *found_by(predicate, row.at), predicate["decision_id"] if decided else None),
            subjects=sorted(f"sha256:{digest}" for digest in digests),
            erased=str(predicate.get("erased")),
        )
    except (KeyError, TypeError, AttributeError):
        raise StoreError("the payload is no in-toto Statement", where=where) from None


def _as_hash(value: object) -> bytes:
    """A stored hash; zeros where somebody put something else in its place (SQLite takes any type anywhere)."""
    return value if isinstance(value, bytes) and len(value) == ledger.HASH_BYTES else bytes(ledger.HASH_BYTES)


def _located(row: EntryRow, subjects: list[str]) -> mapping.Located:
    system_id = row.system_id if isinstance(row.system_id, str) else None
    return row.position, _as_hash(row.hash), mapping.digests_of(subjects, system_id)


def _leaf_hash(row: EntryRow, subjects: list[str], map_from: int) -> bytes | None:
    """The leaf hash that the row's fields give; None where they give none."""
    named = row.position >= map_from
    try:
        at = instant(row.at)
        leaf = leaf_bytes(
            id=row.id,
            kind=row.kind,
            envelope=row.envelope,
            action=row.action,
            actor=row.actor,
            subjects=tuple(subjects),
            at=f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}Z",
            type=row.predicate_type if named else None,
            system=system_digest(row.system_id) if named and row.system_id is not None else None,
        )
    except (QuaestorError, ValueError, TypeError, OverflowError, OSError):
        return None
    return ledger.leaf_hash(leaf)


def _payload(envelope: bytes, id: str, where: str) -> dict[str, Any]:
    """The statement in an envelope whose digest was checked. Raises QuaestorError unless its id is `id`.

    What Quaestor itself writes is canonical, so the digest of the payload's bytes is the id and nothing need be
    canonicalised; anything else goes the long way.
    """
    try:
        data = b64decode(json.loads(envelope)["payload"], validate=True)
        if digest_bytes(data) == id:
            payload: dict[str, Any] = json.loads(data)
            return payload
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    statement = parse_statement(open_envelope(envelope, where=where), where=where)
    if statement.id != id:
        raise StoreError(f"the payload is statement {statement.id}, not {id}", where=where)
    return statement.to_json()
