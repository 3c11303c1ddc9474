"""The ledger as a snapshot sees it: what concerns a subject and its system, proved whole, up to an instant."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from evidence.model.errors import StoreError
from evidence.model.notes import Erasure, Note, read_note
from evidence.model.record import Statement, parse_statement
from evidence.model.subject import Subject
from evidence.store.entry import Entry
from evidence.store.holdings import HINT, Holdings
from evidence.store.records import RecordStore
from evidence.store.writing import TOLERANCE_SECONDS, clock_went_back
from evidence.trust.envelopes import SignatureState, open_envelope, signature_state
from evidence.trust.people import Register, read_chain, require_current

AnyNote = TypeVar("AnyNote", bound=Note)


class View:
    """What the ledger holds about a subject and its system, and what of it was known at an instant.

    At the present all that the ledger holds is known, whatever time it bears, so that no clock set back hides an entry;
    at a chosen instant, what was entered by then.
    """

    def __init__(self, store: RecordStore, subject: Subject, instant: datetime, *, instant_chosen: bool) -> None:
        self.subject = subject
        self.instant = instant
        self.holdings: Holdings = store.holdings(subject.digest, subject.system_id)
        self._store = store
        self._chosen = instant_chosen
        self._opened: dict[str, tuple[Statement, SignatureState]] = {}
        last = self.holdings.last_at
        self.register = self._read_register()
        require_current(self.register, instant)
        if not instant_chosen and last is not None and instant < last - timedelta(seconds=TOLERANCE_SECONDS):
            raise clock_went_back(int(instant.timestamp()), int(last.timestamp()))

    def _read_register(self) -> Register:
        """The register of people as it was known at the instant. Raises SignatureError or StoreError."""
        entries = [entry for entry in self.holdings.people if not self._chosen or entry.at <= self.instant]
        self.people = entries[-1].id if entries else ""
        return read_chain((self._store.payload(entry) for entry in entries), self.holdings.checkpoint.origin)

    @cached_property
    def known(self) -> tuple[Entry, ...]:
        """The entries that were known at the instant, in ledger order."""
        return tuple(entry for entry in self.holdings.entries if not self._chosen or entry.at <= self.instant)

    @cached_property
    def erased(self) -> dict[str, Erasure]:
        """Erased statements by id, at whatever time: nobody can read any more what they said."""
        return {note.erased: note for note, _ in self._notes(self.holdings.entries, Erasure)}

    def notes(self, kind: type[AnyNote]) -> Iterator[tuple[AnyNote, SignatureState]]:
        """The known notes of a kind about the system, in ledger order, and what their signatures are worth."""
        known = {entry.index for entry in self.known}
        return self._notes((entry for entry in self.holdings.of(kind.KIND) if entry.index in known), kind)

    def open(self, entry: Entry) -> tuple[Statement, SignatureState]:
        """The statement of an entry, and what its signature is worth. Raises QuaestorError."""
        if entry.id in self._opened:
            return self._opened[entry.id]
        where = f"{entry.kind} {entry.id}"
        envelope = self._store.payload(entry)
        statement = parse_statement(open_envelope(envelope, where=where), where=where)
        if statement.id != entry.id:
            raise StoreError(f"the payload is statement {statement.id}", where=where, hint=HINT)
        self._opened[entry.id] = statement, signature_state(envelope, self.register.keyring, at=entry.at, where=where)
        return self._opened[entry.id]

    def _notes(self, entries: Iterable[Entry], kind: type[AnyNote]) -> Iterator[tuple[AnyNote, SignatureState]]:
        for entry in entries:
            if entry.kind == kind.KIND:
                statement, state = self.open(entry)
                note = read_note(statement, where=f"{entry.kind} {entry.id}")
                if isinstance(note, kind):
                    yield note, state
