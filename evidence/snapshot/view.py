"""The ledger as a snapshot sees it: what concerns a subject and its system, proved whole, up to an instant.

A store and an audit pack are seen alike: whoever takes a snapshot and whoever checks one ask the same code.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from evidence.model.base import CLOCKS_DIFFER, format_instant
from evidence.model.errors import SignatureError, StoreError
from evidence.model.notes import Erasure, Note, read_note
from evidence.model.record import Statement
from evidence.model.subject import Subject
from evidence.store.checks import clock_went_back
from evidence.store.entry import Entry, Kind
from evidence.store.held import HINT, Holdings
from evidence.trust import ledger
from evidence.trust.envelopes import SignatureState, open_envelope, signature_state, unseal
from evidence.trust.people import ledger_name, read_chain, require_current

AnyNote = TypeVar("AnyNote", bound=Note)
_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}")
Payload = Callable[[Entry], bytes]
"""The envelope of an entry, in the bytes whose digest its leaf holds. Raises QuaestorError."""


class View:
    """What the ledger holds about a subject and its system, and what of it was known at an instant.

    At the present all that the ledger holds is known, whatever time it bears, so that no clock set back hides an entry;
    at a chosen instant, what was entered by then. Raises SignatureError or StoreError where it is made.
    """

    def __init__(
        self, holdings: Holdings, payload: Payload, subject: Subject, instant: datetime, *, instant_chosen: bool
    ) -> None:
        self.subject = subject
        self.instant = instant
        self.holdings = holdings
        self.instant_chosen = instant_chosen
        self._payload = payload
        self._opened: dict[str, tuple[Statement, SignatureState]] = {}
        versions = [entry for entry in holdings.people if self._is_known(entry)]
        origin, last = holdings.checkpoint.origin, holdings.last_at
        self.people = versions[-1].id if versions else ""
        """Id of the version of the register of people that was known at the instant."""
        self.ledger = ledger_name(origin, versions[0].id) if versions else ""
        if holdings.people and not versions:
            raise SignatureError(
                f"there is none yet at {format_instant(instant)}: the first version is of "
                f"{format_instant(holdings.people[0].at)}",
                where="register of people",
                hint="name an instant since then",
            )
        self.register = read_chain(map(payload, versions), origin, logged=[entry.at for entry in versions])
        self.renewal_assumed = self._renewal_assumed()
        if self.renewal_assumed is None:
            require_current(self.register, instant)
        if not instant_chosen and last is not None and instant < last - timedelta(seconds=CLOCKS_DIFFER):
            raise clock_went_back(int(instant.timestamp()), int(last.timestamp()))

    def _is_known(self, entry: Entry) -> bool:
        return not self.instant_chosen or entry.at <= self.instant

    def _renewal_assumed(self) -> datetime | None:
        """When the register of people expires, where that lies before an instant to come that somebody asks about.

        The last version that there is can only be taken for renewed as it stands. Where a later one is, it is known
        that the register had lapsed at the instant, and nothing is to be assumed.
        """
        lapsed = self.instant_chosen and self.register.expires_at <= self.instant
        last = all(entry.at <= self.instant for entry in self.holdings.people)
        return self.register.expires_at if lapsed and last else None

    @cached_property
    def known(self) -> tuple[Entry, ...]:
        """The entries that were known at the instant, in ledger order."""
        return tuple(filter(self._is_known, self.holdings.entries))

    @cached_property
    def erased(self) -> dict[str, Erasure]:
        """Erased statements by id, at whatever time: nobody can read any more what they said."""
        return {note.erased: note for note, _ in self.read_notes(self.holdings.own, Erasure)}

    @cached_property
    def portfolio(self) -> tuple[Entry, ...] | None:
        """The known entries that tell how every system stands, in ledger order; None where they are not at hand."""
        listed = self.holdings.portfolio
        return None if listed is None else tuple(filter(self._is_known, listed))

    def of(self, kind: Kind) -> list[Entry]:
        """The known entries of one kind that concern the system, whatever their subject, in ledger order."""
        return [entry for entry in self.holdings.of(kind) if self._is_known(entry)]

    def records(self) -> Iterator[Entry]:
        """Entries of the system's records, whatever version they are about, in ledger order, without erased ones."""
        return (entry for entry in self.holdings.of("record") if entry.id not in self.erased)

    def notes(self, kind: type[AnyNote], *, about: str | None = None) -> Iterator[tuple[AnyNote, SignatureState]]:
        """The known notes of a kind about the system, in ledger order, and what their signatures are worth.

        With `about` those whose entry names that digest among its subjects.
        """
        entries = self.of(kind.KIND)
        return self.read_notes((entry for entry in entries if about is None or about in entry.subjects), kind)

    def notes_elsewhere(self, kind: type[AnyNote]) -> Iterator[tuple[AnyNote, SignatureState]]:
        """The known notes of a kind on the subject's very digest that were made for another system."""
        own = {entry.index for entry in self.holdings.of(kind.KIND)}
        others = (entry for entry in self.known if entry.index not in own and self.subject.digest in entry.subjects)
        return self.read_notes(others, kind)

    def open(self, entry: Entry) -> tuple[Statement, SignatureState]:
        """The statement of an entry, and what its signature is worth. Raises QuaestorError."""
        if entry.id in self._opened:
            return self._opened[entry.id]
        where = f"{entry.kind} {entry.id}"
        sealed = unseal(self._payload(entry), where=where, id=entry.id)
        statement = sealed.statement
        if statement.id != entry.id:
            raise StoreError(f"the payload is statement {statement.id}", where=where, hint=HINT)
        self._opened[entry.id] = statement, signature_state(sealed, self.register.keyring, at=entry.at, where=where)
        return self._opened[entry.id]

    def mentions(self, entry: Entry, digests: Collection[str]) -> bool:
        """Whether one of these digests may stand in the statement of an entry, by its bytes: most need not be read.

        JSON writes letters and digits as they are, or as `\\uXXXX`; what has such escapes may hold any.
        """
        if not digests:
            return False
        payload = open_envelope(self._payload(entry), where=f"{entry.kind} {entry.id}")
        return b"\\u" in payload or any(found.decode() in digests for found in _DIGEST.findall(payload))

    def read_notes(self, entries: Iterable[Entry], kind: type[AnyNote]) -> Iterator[tuple[AnyNote, SignatureState]]:
        """The notes of a kind among these entries, in their order, and what their signatures are worth."""
        for entry in entries:
            if entry.kind == kind.KIND:
                statement, state = self.open(entry)
                note = read_note(statement, where=f"{entry.kind} {entry.id}")
                if isinstance(note, kind):
                    yield note, state


def as_seen(holdings: Holdings, log: ledger.Checkpoint, payload: Payload) -> tuple[Holdings, frozenset[str]]:
    """Of later holdings, what a snapshot at `log` saw, but for what was erased since; and the ids of the latter."""
    gone: set[str] = set()
    for entry in holdings.entries:
        if entry.kind == "erasure" and entry.index >= log.size:
            where = f"erasure {entry.id}"
            note = read_note(unseal(payload(entry), where=where, id=entry.id).statement, where=where)
            gone |= {note.erased} if isinstance(note, Erasure) else set()
    gone &= {entry.id for entry in holdings.entries}
    kept = {entry.index: entry for entry in holdings.entries if entry.index < log.size and entry.id not in gone}
    listings = tuple(
        replace(listing, indexes=tuple(index for index in listing.indexes if index in kept))
        for listing in holdings.listings
    )
    entries = tuple(kept.values())
    last = entries[-1].at if entries else None
    seen = replace(holdings, checkpoint=log, entries=entries, inclusion=(), listings=listings, last_at=last)
    return seen, frozenset(gone)
