"""The record store: statements in and out, each of them a leaf of one append-only, signed ledger."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, insert, select

from evidence.model.errors import StoreError
from evidence.model.notes import Erasure, new_note, read_note
from evidence.model.predicates.log import Action
from evidence.store import mapping, schema, tree
from evidence.store.blobs import BlobStore
from evidence.store.checks import Checked, check, check_kind, instant
from evidence.store.database import WAIT_SECONDS, Database
from evidence.store.entry import (
    Entry,
    Kind,
    NewStatement,
    Receipt,
    StoredStatement,
    VerificationReport,
)
from evidence.store.erasing import require_erasure
from evidence.store.finding import Terms, find_rows, rows_of
from evidence.store.held import Holdings
from evidence.store.holdings import read_holdings
from evidence.store.reading import entries_between
from evidence.store.rows import CHECKPOINT, ENTRY, HEAD, LEDGER
from evidence.store.writing import Judged, receipts_of, require_none_since, write_erasures, write_statements
from evidence.trust import ledger
from evidence.trust.envelopes import unseal
from evidence.trust.keys import SigningKey
from evidence.trust.map import EMPTY
from evidence.trust.people import Register, ledger_name, read_chain, register_digest

if TYPE_CHECKING:
    from evidence.lineage.graph import Lineage
    from evidence.store.lineage import LineageStore

__all__ = ["Entry", "NewStatement", "Receipt", "RecordStore", "StoredStatement", "VerificationReport"]

ERASABLE: tuple[Kind, ...] = ("record", "snapshot", "charts")
"""What may be erased. Without a withdrawal or a refusal, what it took away would count again; a run that was logged
must stay counted; a decision is what later gates and auditors go by."""
PAGE = 500


class RecordStore:
    """Statements as DSSE envelopes, each with its leaf in the ledger. Use it as a context manager, or close it.

    What `append` has returned a receipt for is on the disk, payload and signed checkpoint both. Every method raises
    StoreError where the database or the blob folder fails; nothing acknowledged is lost by that.
    """

    def __init__(self, database: Database, blobs: BlobStore, origin: str, public_key: str) -> None:
        self.database = database
        self.blobs = blobs
        self.origin = origin
        """Name of the ledger."""
        self.public_key = public_key
        """PEM of the key that signs the checkpoints."""
        self._people: tuple[tuple[str, ...], Register, tuple[bytes, ...]] | None = None
        self._people_under: str | None = None

    @classmethod
    def create(cls, url: str, blobs: Path, *, origin: str, signer: SigningKey) -> "RecordStore":
        """Make an empty store whose ledger `origin` is signed by `signer`, and open it.

        Raises StoreError where there is one already, and SignatureError where the name or key will not do (Ed25519).
        """
        ledger.check_origin(origin, signer)
        BlobStore(blobs).create()
        database = Database.connect(url, create=True)
        try:
            with database.begin() as connection:
                before = schema.upgrade(connection, database.name)
                if before and tree.read_head(connection):
                    raise StoreError("there is a store already", where=database.name, hint="open it, or name another")
                head: dict[str, object] = {"id": HEAD, "origin": origin, "public_key": signer.public_key}
                head |= {"size": 0, "map_from": 0, "portfolio": True}
                connection.execute(insert(LEDGER), [head])
                first = ledger.Checkpoint(origin, 0, ledger.EMPTY_ROOT, EMPTY)
                tree.write_checkpoint(connection, first, signer)
        finally:
            database.close()
        return cls.open(url, blobs)

    @classmethod
    def open(
        cls,
        url: str,
        blobs: Path,
        *,
        wait: float = WAIT_SECONDS,
        even_damaged: bool = False,
        frozen: bool = False,
    ) -> "RecordStore":
        """Open a store; `wait` is how many seconds to wait for another writer.

        Raises StoreError where there is none, its schema is not that of this release, its blob folder is not there,
        or its ledger does not end in a checkpoint signed over it; with `even_damaged` the last is let pass, so that
        the store can be verified. `frozen`: see `Database.connect`.
        """
        database = Database.connect(url, wait=wait, frozen=frozen)
        try:
            if not blobs.is_dir():
                raise StoreError("the blob folder is not there", where=str(blobs), hint="restore it from a backup")
            with database.reading() as connection:
                schema.require_latest(connection, database.name)
                head = tree.read_head(connection)
                if head is None:
                    raise StoreError("not a store: it has no ledger", where=database.name, hint="use `quaestor init`")
                if not even_damaged:
                    _, checkpoint = tree.read_checkpoint(connection, head)
                    tree.read_frontier(connection, head, checkpoint)
                    mapping.read_paths(connection, (), mapping.map_root(checkpoint.map_root))
        except BaseException:
            database.close()
            raise
        return cls(database, BlobStore(blobs), head.origin, head.public_key)

    @staticmethod
    def migrate(url: str, blobs: Path, signer: SigningKey) -> tuple[str, str]:
        """Bring an older store up to date; the versions before and after.

        One from before the map gets it, built from its entries, and its last checkpoint signed anew with the map's
        root. Raises StoreError where the store does not verify, or `signer` is not its ledger's key; then all stays as
        it was.
        """
        from evidence.store.adopt import adopt

        database = Database.connect(url)
        try:
            with database.begin() as connection:
                if schema.current(connection) is None:
                    schema.require_latest(connection, database.name)
                before = schema.upgrade(connection, database.name)
                adopt(connection, BlobStore(blobs), signer)
        finally:
            database.close()
        return before, schema.latest()

    def __enter__(self) -> "RecordStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.database.close()

    @cached_property
    def lineage(self) -> "LineageStore":
        """The lineage graph in the same database."""
        from evidence.store.lineage import LineageStore

        return LineageStore(self.database)

    def append(
        self, envelope: bytes, *, kind: Kind, action: Action, actor: str, at: datetime, signer: SigningKey
    ) -> Receipt:
        """Keep a statement: `envelope` is a DSSE envelope, kept in these bytes; `signer` is the ledger's key.

        A statement that is kept already gets its first receipt again, and nothing is written. Raises EvidenceError or
        SignatureError where the statement is not right, and StoreError where it was erased or cannot be kept.
        """
        return self.append_many([NewStatement(envelope, kind, action, actor, at)], signer=signer)[0]

    def append_many(
        self, statements: Iterable[NewStatement], *, signer: SigningKey, judged: Judged | None = None
    ) -> list[Receipt]:
        """Keep statements, all or none, under one checkpoint; their receipts in order.

        Raises as `append` does, and where something was filed since they were `judged` that may stand against them.
        """
        checked = [check(new) for new in statements]
        self._require_signer(signer)
        unique = {item.id: item for item in checked}
        with self.database.reading() as connection:
            known = receipts_of(connection, list(unique))
        # Payloads first: a leaf in the ledger must never stand for a payload that a crash kept from the disk.
        fresh = [item.envelope for item in unique.values() if item.id not in known]
        if len(fresh) == 1:
            self.blobs.put(fresh[0])
        elif fresh:
            self.blobs.put_many(fresh)
        if fresh:
            with self.database.begin() as connection:
                head = tree.read_head(connection, lock=True)
                if judged is not None and head is not None:
                    require_none_since(connection, head, judged)
                known = write_statements(connection, list(unique.values()), signer)
        return [known[item.id] for item in checked]

    def import_lineage(
        self, lineage: "Lineage", system_id: str, statements: Iterable[NewStatement], *, signer: SigningKey
    ) -> tuple[int, int]:
        """Add lineage to the graph and the statements that tell of it to the ledger: both, or neither.

        The numbers of nodes and edges told of. Raises as `append` does, and as `LineageStore.add`.
        """
        unique = {item.id: item for item in map(check, statements)}
        self._require_signer(signer)
        with self.database.begin() as connection:
            told = self.lineage.write(connection, lineage, system_id)
            # Here, so that what the graph refuses leaves no payload; and before the commit, as in `append_many`.
            self.blobs.put_many([item.envelope for item in unique.values()])
            write_statements(connection, list(unique.values()), signer)
        return told

    def erase(self, id: str, *, reason: str, actor: str, at: datetime, signer: SigningKey) -> Receipt:
        """Delete the payload of a statement and log that it was; the log verifies as before. See `erase_many`."""
        return self.erase_many([id], reason=reason, actor=actor, at=at, signer=signer)[0]

    def erase_many(
        self,
        ids: Sequence[str],
        *,
        reason: str,
        actor: str,
        at: datetime,
        signer: SigningKey,
        makers: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({}),
        judged: Judged | None = None,
    ) -> list[Receipt]:
        """Delete the payloads of statements and log of each that it was, all or none, under one checkpoint.

        What the ledger keeps are digests, the actor's name, the times and, of what told who made a version, `makers`
        (statement -> `trainer`, `builder` -> names). Copies inside snapshots are statements of
        their own. The ledger's word comes first and the payloads go then, so that a crash leaves at most payloads
        behind: doing it again, or `finish_erasures`, deletes those, and the receipts are the first ones. Raises
        StoreError where there is no such statement, or it is one on which others rest (only records, snapshots and
        charts can go), one is marked as erased and the ledger does not say so, or something was filed since they were
        `judged` that may stand against them.
        """
        self._require_signer(signer)
        rows = [self._row(id) for id in ids]
        new: dict[str, Checked] = {}
        for row in rows:
            if row.kind not in ERASABLE:
                raise StoreError(f"no {row.kind} can be erased", hint=f"only these can: {', '.join(ERASABLE)}")
            if row.erased_by is not None:
                require_erasure(self, row)
                continue
            note = Erasure(
                system_id=row.system_id, erased=row.id, reason=reason, by=actor, at=at, **_told(makers, row.id)
            )
            about = self.entry(row.id).subjects or (row.id,)
            statement = new_note(note, {f"subject {number}": digest for number, digest in enumerate(about, 1)})
            new[row.id] = check(NewStatement(signer.sign(statement.payload), "erasure", "purged", actor, at))
        self.blobs.put_many([item.envelope for item in new.values()])
        with self.database.begin() as connection:
            receipts = write_erasures(connection, new, signer, [row.id for row in rows], judged)
        for row in rows:
            self.blobs.delete(row.envelope)
        return receipts

    def is_erased(self, id: str) -> bool:
        """Whether a statement was erased. Raises StoreError where there is none, or the ledger does not say so."""
        row = self._row(id)
        if row.erased_by is not None:
            require_erasure(self, row)
        return row.erased_by is not None

    def get(self, id: str) -> StoredStatement:
        """The statement `id`. Raises StoreError where there is none, or its payload is erased, missing or altered."""
        return self._there(self._row(id))

    def each(self, ids: Sequence[str]) -> Iterator[StoredStatement]:
        """The statements of these ids, in their order, found in pages. Raises as `get` does."""
        for some in tree.batched(ids, PAGE):
            rows = self._rows(some)
            for id in some:
                yield self._there(rows[id] if id in rows else self._row(id))

    def among(self, ids: Sequence[str]) -> Callable[[str], StoredStatement]:
        """What gives a statement as `get` does, the rows of these ids found at once."""
        try:
            rows = self._rows(ids)
        except StoreError:  # each is asked for by itself then, and tells its own
            rows = {}
        return lambda id: self._there(rows[id] if id in rows else self._row(id))

    def find(
        self,
        *,
        kind: Kind | None = None,
        subject: str | None = None,
        system_id: str | None = None,
        predicate_type: str | None = None,
        newest_first: bool = False,
    ) -> Iterator[StoredStatement]:
        """Statements that fit all that is given, in ledger order or against it, without those that were erased: all
        of them, proved under the last checkpoint.

        `subject` is a `sha256:` digest. It costs by the entries about the subject or the system where one is named,
        else by the ledger or, for registrations and decisions, the portfolio. Raises StoreError where an entry was
        hidden, added, changed or moved, and where a payload is missing or altered: no statement is ever passed over
        silently.
        """
        if kind is not None:
            check_kind(kind)
        found = find_rows(self.database, Terms(kind, subject, system_id, predicate_type))
        erased = set(map(self._erased_by, found.erasures))
        for row in reversed(found.rows) if newest_first else found.rows:
            if row.id in erased:
                continue
            stored = self._stored(row)
            if row.position >= found.map_from or predicate_type in (None, _type_of(stored)):
                yield stored

    def _erased_by(self, row: Row[Any]) -> str | None:
        """The id of the statement that an erasure says that it erased."""
        stored = self._stored(row)
        where = f"{stored.kind} {stored.id}"
        note = read_note(unseal(stored.envelope, where=where, id=stored.id).statement, where=where)
        return note.erased if isinstance(note, Erasure) else None

    def entries(self, start: int = 0, stop: int | None = None) -> list[Entry]:
        """Ledger entries from index `start` up to, not including, `stop` (default: all that there are)."""
        with self.database.reading() as connection:
            head = tree.read_head(connection)
            return [] if head is None else list(entries_between(connection, start, stop, head.map_from))

    def entry(self, id: str) -> Entry:
        """The ledger entry of a statement, its payload there or not. Raises StoreError where there is none."""
        position = self._row(id).position
        return self.entries(position, position + 1)[0]

    def holdings(self, subject: str, system_id: str, *, portfolio: bool = False) -> Holdings:
        """All that the ledger holds about the digest `subject` and the system, proved under the last checkpoint; with
        `portfolio`, also what tells how every system stands, where the map has that listing.

        Raises StoreError where an entry of theirs was hidden, added, changed or moved, whatever else the database says.
        """
        return read_holdings(self.database, subject, system_id, portfolio=portfolio)

    def people(self) -> tuple[Register, tuple[bytes, ...]]:
        """The register of people as it stands, and the envelopes of its versions, oldest first.

        Raises SignatureError where there is none or a version is not signed by whom it must be, and StoreError.
        """
        if self._people is None or self._people_under != self._note():
            holdings = self.holdings(register_digest(self.origin), "")
            entries = holdings.people
            known = tuple(entry.id for entry in entries)
            if self._people is None or self._people[0] != known:
                envelopes = tuple(self.payload(entry) for entry in entries)
                logged = [entry.at for entry in entries]
                self._people = known, read_chain(envelopes, self.origin, logged=logged), envelopes
            self._people_under = holdings.note
        return self._people[1:]

    def _note(self) -> str | None:
        """The last checkpoint as it stands: what was proved under it holds until there is another."""
        with self.database.reading() as connection:
            head = tree.read_head(connection)
            return None if head is None else tree.read_checkpoint(connection, head)[0]

    @property
    def ledger(self) -> str:
        """What tells this ledger from every other (`people.ledger_name`). Raises as `people` does."""
        self.people()
        assert self._people is not None
        return ledger_name(self.origin, self._people[0][0])

    def append_people(self, envelope: bytes, *, actor: str, at: datetime, signer: SigningKey) -> Receipt:
        """Log the next version of the register of people.

        Raises SignatureError where it does not follow the last, says that it is older than this entry, or is not signed
        by the administrators of both.
        """
        entries = self.holdings(register_digest(self.origin), "").people
        logged = [*(entry.at for entry in entries), at]
        read_chain([*(self.payload(entry) for entry in entries), envelope], self.origin, logged=logged)
        return self.append(envelope, kind="people", action="configured", actor=actor, at=at, signer=signer)

    def payload(self, entry: Entry) -> bytes:
        """The envelope of an entry, in the bytes that came. Raises StoreError where it is missing or altered."""
        return self._envelope(entry.envelope, f"{entry.kind} {entry.id}")

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Proof that entry `index` is in the ledger of `size` entries. Raises EvidenceError or StoreError."""
        with self.database.reading() as connection:
            _require_size(connection, size)
            return ledger.inclusion_proof(index, size, lambda nodes: tree.read_hashes(connection, nodes))

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """Proof that the ledger of `old` entries begins that of `new`. Raises EvidenceError or StoreError."""
        with self.database.reading() as connection:
            _require_size(connection, new)
            return ledger.consistency_proof(old, new, lambda nodes: tree.read_hashes(connection, nodes))

    def checkpoint(self) -> str:
        """The latest signed checkpoint (C2SP tlog-checkpoint)."""
        query = select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(1)
        with self.database.reading() as connection:
            note = str(connection.execute(query).scalar_one())
        ledger.verify_checkpoint(note, self.public_key, self.origin)
        return note

    def ids(self, prefix: str, *, kind: Kind | None = None) -> list[str]:
        """Ids of statements that begin with `prefix` (`sha256:` and digits), in ledger order; no payload is read."""
        query = select(ENTRY.c.id).where(ENTRY.c.id.startswith(prefix, autoescape=True))
        if kind is not None:
            query = query.where(ENTRY.c.kind == kind)
        with self.database.reading() as connection:
            return [str(id) for id in connection.execute(query.order_by(ENTRY.c.position)).scalars()]

    def shares(self, kind: Kind, number: int) -> list[list[str]]:
        """Ids of all statements of a kind in so many parts, each newest first, proved to be all; no payload is read.

        Those of one system lie in one part, by what rows say: whoever asks for the last of a system compares the parts.
        """
        parts: list[list[str]] = [[] for _ in range(number)]
        place: dict[str | None, int] = {}
        for row in reversed(find_rows(self.database, Terms(kind)).rows):
            parts[place.setdefault(row.system_id, len(place) % number)].append(str(row.id))
        return parts

    def decision_ids(self, prefix: str) -> list[str]:
        """Ids of the decision statements whose decision's id begins with `prefix`, in ledger order."""
        query = select(ENTRY.c.id).where(ENTRY.c.decision_id.startswith(prefix, autoescape=True))
        with self.database.reading() as connection:
            return [str(id) for id in connection.execute(query.order_by(ENTRY.c.position)).scalars()]

    def size(self) -> int:
        """How many entries the ledger has, by its latest checkpoint."""
        return ledger.parse_checkpoint(self.checkpoint()).size

    def checkpoints(self) -> list[str]:
        """Every signed checkpoint, oldest first."""
        query = select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.size)
        with self.database.reading() as connection:
            return [str(note) for note in connection.execute(query).scalars()]

    def verify(self, full: bool = True, *, public_key: str | None = None) -> VerificationReport:
        """Look at the whole store and report every problem found.

        Always: no gap in the sequence, each leaf is what its row says, the tree and every checkpoint's root follow from
        the leaves, the last checkpoint is signed. `full`: also each checkpoint's signature, each payload's bytes, and
        that the columns which statements are found by say what the payload says. `public_key` (PEM) is the key that the
        ledger ought to have, known from elsewhere.
        """
        from evidence.store.verification import verify_store

        return verify_store(self.database, self.blobs, full=full, public_key=public_key)

    def _require_signer(self, signer: SigningKey) -> None:
        if signer.public_key != self.public_key:
            raise StoreError(
                f"key {signer.keyid[:12]} is not the key of this ledger", hint=f"the ledger `{self.origin}` has its own"
            )

    def _rows(self, ids: Sequence[str]) -> dict[str, Row[Any]]:
        return rows_of(self.database, ids)

    def _row(self, id: str) -> Row[Any]:
        found = rows_of(self.database, [id])
        if not found:
            raise StoreError(f"no statement `{id}` in the store", where=self.database.name)
        return found[id]

    def _there(self, row: Row[Any]) -> StoredStatement:
        if row.erased_by is not None:
            raise StoreError(
                f"the payload of {row.kind} {row.id} was erased", hint=f"ledger entry {row.erased_by} says when and why"
            )
        return self._stored(row)

    def _envelope(self, digest: str, what: str) -> bytes:
        try:
            return self.blobs.get(digest)
        except StoreError as cause:
            raise StoreError(f"{what} cannot be read: {cause.problem}", where=cause.where, hint=cause.hint) from None

    def _stored(self, row: Row[Any]) -> StoredStatement:
        envelope = self._envelope(row.envelope, f"{row.kind} {row.id}")
        return StoredStatement.model_validate(
            {
                "id": row.id,
                "kind": row.kind,
                "index": row.position,
                "action": row.action,
                "actor": row.actor,
                "at": instant(row.at),
                "envelope": envelope,
            }
        )


def _type_of(stored: StoredStatement) -> str:
    where = f"{stored.kind} {stored.id}"
    return unseal(stored.envelope, where=where, id=stored.id).statement.predicate_type


def _told(makers: Mapping[str, Mapping[str, tuple[str, ...]]], id: str) -> dict[str, tuple[str, ...]]:
    return {act: found for act, found in makers.get(id, {}).items() if found}


def _require_size(connection: Connection, size: int) -> None:
    head = tree.read_head(connection)
    if head is None or size > head.size:
        raise StoreError(f"the ledger has {head.size if head else 0} entries, not {size}")
