"""A verification of the whole store: every problem that it has, not only the first."""

from collections import deque
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select, text

from evidence.model.base import CLOCKS_DIFFER
from evidence.model.errors import QuaestorError, StoreError
from evidence.process.shares import Helpers, Later, helpers
from evidence.store import mapping, tree
from evidence.store.blobs import BlobStore
from evidence.store.bulk import Claimed, Entered, Note, Payloads, check_notes, check_payloads
from evidence.store.database import Database
from evidence.store.entry import Problem, VerificationReport
from evidence.store.reading import PAGE, leaf_hash_of, subjects_between
from evidence.store.rows import CHECKPOINT, ENTRY, MAP_NODE, NODE
from evidence.trust import ledger
from evidence.trust import map as verifiable
from evidence.trust.map import Chain

ALONE = 20_000
"""Entries up to which one process does it all: others take longer to start."""
_AHEAD = 4
"""Pages that wait for a process, so that a large store does not lie in memory."""
_CHECKPOINTS = 2000
_COLUMNS = [ENTRY.c[name] for name in Entered._fields]
_ODD = "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view') OR (type = 'index' AND sql LIKE '%WHERE%')"


def verify_store(database: Database, blobs: BlobStore, *, full: bool, public_key: str | None) -> VerificationReport:
    """See `RecordStore.verify`. Raises StoreError where the database itself cannot be read."""
    with database.reading() as connection:
        head = tree.read_head(connection)
        if head is None:
            raise StoreError("not a store: it has no ledger", where=database.name)
        return Verification(connection, blobs, head, full).run(public_key)


class Verification:
    """One pass over the entries, with the tree growing beside it.

    `mapped` is false for a store that has no map yet and is about to get one.
    """

    def __init__(
        self, connection: Connection, blobs: BlobStore, head: tree.Head, full: bool, *, mapped: bool = True
    ) -> None:
        self.connection = connection
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
        with helpers(self.head.size if self.full else 0, alone=ALONE) as others:
            self.check_entries(others)
        self.check_end()
        return VerificationReport(
            origin=self.head.origin,
            size=self.frontier.size,
            root=f"sha256:{self.frontier.root.hex()}",
            checkpoints=self.checkpoints,
            payloads=self.payloads,
            erased=tuple(sorted(self.marked.values())),
            problems=tuple(self.problems),
        )

    def check_entries(self, others: Helpers) -> None:
        """Every entry, the tree over them against each checkpoint, and, by other processes where it pays, payloads."""
        checkpoints = self.checked_checkpoints(others)
        due = next(checkpoints, None)
        asked: deque[Later[Payloads]] = deque()
        for rows in self.pages():
            subjects = subjects_between(self.connection, rows[0].position, rows[-1].position + 1)
            claims = [self.check_row(row, sorted(subjects[row.position])) for row in rows]
            asked.append(others.ask(check_payloads, str(self.blobs.folder), [c for c in claims if c], self.mapped))
            if len(asked) > _AHEAD:
                self.take_payloads(asked.popleft())
            due = self.check_tree(rows, due, checkpoints)
            if self.whole:
                located = (_located(row, subjects[row.position], self.head) for row in rows)
                self.chains = mapping.extended(self.chains, located)
        while due is not None:
            due = self.compare_root(due, checkpoints)
        if self.full:
            self.check_database()
        while asked:
            self.take_payloads(asked.popleft())

    def take_payloads(self, asked: Later[Payloads]) -> None:
        found = asked()
        self.payloads += found.read
        self.decisions |= found.decisions
        self.erasures |= found.erasures
        for where, problem in found.problems:
            self.report(where, problem)

    def report(self, where: str, problem: str) -> None:
        self.problems.append(Problem(where=where, problem=problem))

    def pages(self) -> Iterator[list[Entered]]:
        start = 0
        while True:
            query = select(*_COLUMNS).where(ENTRY.c.position >= start).order_by(ENTRY.c.position).limit(PAGE)
            rows = [Entered(*row) for row in self.connection.execute(query).all()]
            if not rows:
                return
            yield rows
            start = rows[-1].position + 1

    def check_row(self, row: Entered, subjects: list[str]) -> Claimed | None:
        """The row is the entry of its leaf. What its payload is to say, where that is to be read."""
        where = f"entry {row.position}"
        if leaf_hash_of(row, subjects, self.head.map_from) != row.hash:
            self.report(where, f"its row was altered: the leaf of {row.kind} {row.id} has another hash")
        self.check_time(row, where)
        if row.erased_by is not None:
            if row.erased_by in self.marked:
                self.report(where, f"entry {row.erased_by} is said to have erased it and another too")
            self.marked[row.erased_by] = row.id
            if self.has_payload(row, where):
                self.report(
                    where, f"the payload of {row.id} is still there though it was erased; `quaestor doctor` deletes it"
                )
            return None
        if not self.full and row.kind != "erasure":
            return None
        return tuple(row), subjects

    def check_tree(
        self, rows: Sequence[Entered], due: ledger.Checkpoint | None, checkpoints: Iterator[ledger.Checkpoint]
    ) -> ledger.Checkpoint | None:
        """Grow the tree by the leaves of a page, and compare it with the checkpoints on the way; the next one due."""
        if not self.whole:
            return due
        first = self.frontier.size
        hashes: list[bytes] = []
        for expected, row in enumerate(rows, first):
            if row.position != expected:
                missing = f"{expected}" if row.position == expected + 1 else f"{expected} to {row.position - 1}"
                problem = f"the sequence has a gap before it: missing {missing}; no root can be computed from there"
                self.report(f"entry {row.position}", problem)
                break
            hashes.append(_as_hash(row.hash))
        made: list[ledger.Run] = []
        while due is not None and due.size <= first + len(hashes):
            made += self.grow(hashes[self.frontier.size - first : due.size - first])
            due = self.compare_root(due, checkpoints)
        made += self.grow(hashes[self.frontier.size - first :])
        self.check_nodes(made)
        self.whole = len(hashes) == len(rows)
        return due

    def grow(self, hashes: Sequence[bytes]) -> list[ledger.Run]:
        self.frontier, made = self.frontier.extend(hashes)
        return made

    def check_time(self, row: Entered, where: str) -> None:
        if not isinstance(row.at, int) or not self.mapped:
            return
        if self.last_at is not None and row.at < self.last_at - CLOCKS_DIFFER:
            self.report(where, "its time lies before that of the entry before it: the clock went back")
        self.last_at = row.at

    def has_payload(self, row: Entered, where: str) -> bool:
        try:
            return self.blobs.has(row.envelope)
        except QuaestorError as cause:
            self.report(where, cause.problem)
            return False

    def check_nodes(self, made: Sequence[ledger.Run]) -> None:
        """The stored interior hashes are the computed ones."""
        computed: dict[int, dict[int, bytes]] = {}
        for level, first, hashes in made:
            if level > 0:
                computed.setdefault(level, {}).update(enumerate(hashes, first))
        for level, wanted in computed.items():
            query = select(NODE.c.position, NODE.c.hash).where(
                NODE.c.level == level,
                NODE.c.position >= min(wanted),
                NODE.c.position <= max(wanted),
            )
            stored = {at: value for at, value in self.connection.execute(query).all()}  # noqa: C416 (rows are no pairs)
            if stored == wanted:
                continue
            for position, value in wanted.items():
                if stored.get(position) != value:
                    what = "is missing" if position not in stored else "is not what the leaves give"
                    self.report("tree", f"the stored hash at level {level}, position {position} {what}")

    def checked_checkpoints(self, others: Helpers) -> Iterator[ledger.Checkpoint]:
        """Every checkpoint in order of size, its form and (in full, or of the last) its signature checked."""
        asked: deque[Later[list[Note]]] = deque()
        signed_from = 0 if self.full else self.head.size
        for notes in self.notes():
            asked.append(others.ask(check_notes, notes, self.head.public_key, self.head.origin, signed_from))
            if len(asked) > _AHEAD:
                yield from self.taken_notes(asked.popleft())
        while asked:
            yield from self.taken_notes(asked.popleft())

    def notes(self) -> Iterator[list[tuple[int, str]]]:
        last = -1
        while True:
            query = (
                select(CHECKPOINT.c.size, CHECKPOINT.c.note)
                .where(CHECKPOINT.c.size > last)
                .order_by(CHECKPOINT.c.size)
                .limit(_CHECKPOINTS)
            )
            rows = [(size, str(note)) for size, note in self.connection.execute(query)]
            if not rows:
                return
            yield rows
            last = rows[-1][0]

    def taken_notes(self, asked: Later[list[Note]]) -> Iterator[ledger.Checkpoint]:
        for note in asked():
            self.checkpoints += 1
            if note.checkpoint is None:
                self.report(f"checkpoint {note.size}", note.problem)
                continue
            self.last = note.checkpoint if note.signed else self.last
            yield note.checkpoint

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
        top = self.connection.execute(select(CHECKPOINT.c.size).order_by(CHECKPOINT.c.size.desc())).scalar()
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
        query = select(MAP_NODE.c.path, MAP_NODE.c.leaf, MAP_NODE.c.left, MAP_NODE.c.right)
        odd = 0
        for path, *row in self.connection.execute(query):
            odd += nodes.pop(path, None) != mapping.to_node(*row)
        if odd or nodes:
            self.report("map", f"{odd} stored nodes are not what the entries give, and {len(nodes)} are missing")

    def check_database(self) -> None:
        """SQLite's own check, and no index that leaves rows out."""
        if self.connection.dialect.name != "sqlite":
            return
        for (answer,) in self.connection.execute(text("PRAGMA integrity_check")):
            if answer != "ok":
                self.report("database", str(answer))
        for (name,) in self.connection.execute(text(_ODD)):
            self.report("database", f"`{name}` is no part of a store: it can hide or change rows")


def _as_hash(value: object) -> bytes:
    """A stored hash; zeros where somebody put something else in its place (SQLite takes any type anywhere)."""
    return value if isinstance(value, bytes) and len(value) == ledger.HASH_BYTES else bytes(ledger.HASH_BYTES)


def _located(row: Entered, subjects: list[str], head: tree.Head) -> mapping.Located:
    system_id = row.system_id if isinstance(row.system_id, str) else None
    listed = head.portfolio and mapping.of_portfolio(row.kind, row.predicate_type)
    return row.position, _as_hash(row.hash), mapping.digests_of(subjects, system_id, listed=listed)
