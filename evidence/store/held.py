"""What a ledger holds about a subject and its system: entries and listings, as a store or an audit pack has them."""

from dataclasses import dataclass
from datetime import datetime

from evidence.model.subject import PORTFOLIO_LISTING
from evidence.store.entry import Entry, Kind
from evidence.trust import ledger
from evidence.trust import map as verifiable
from evidence.trust.people import register_digest

HINT = "nothing is decided on it; see `quaestor doctor --full`, and restore the store from a backup"


@dataclass(frozen=True)
class Listing:
    """Indexes of all entries that concern a digest, and the map's proof of it."""

    digest: str
    indexes: tuple[int, ...]
    proof: verifiable.Proof


@dataclass(frozen=True)
class Holdings:
    """The entries that concern a subject or its system, in ledger order, checked to be all under the checkpoint."""

    note: str
    """The checkpoint as signed."""
    checkpoint: ledger.Checkpoint
    entries: tuple[Entry, ...]
    inclusion: tuple[tuple[bytes, ...], ...]
    """The inclusion proof of each entry."""
    listings: tuple[Listing, ...]
    """Of the subject, of its system (one where they are the same), of the register of people, and, where it was asked
    for, of the portfolio.
    """
    system: str
    """Digest of the system."""
    last_at: datetime | None
    """Time of the ledger's last entry; None where it has none."""

    def of(self, kind: Kind) -> list[Entry]:
        """Entries of one kind that concern the system, whatever their subject."""
        of_system = self.indexes(self.system)
        return [entry for entry in self.entries if entry.kind == kind and entry.index in of_system]

    @property
    def people(self) -> list[Entry]:
        """Entries of the register of people, in ledger order."""
        of_register = self.indexes(register_digest(self.checkpoint.origin))
        return [entry for entry in self.entries if entry.kind == "people" and entry.index in of_register]

    @property
    def own(self) -> list[Entry]:
        """Entries that concern the subject, its system or the register of people, and not the portfolio alone."""
        others = {listing.digest for listing in self.listings} - {PORTFOLIO_LISTING}
        indexes = frozenset[int]().union(*map(self.indexes, others))
        return [entry for entry in self.entries if entry.index in indexes]

    @property
    def portfolio(self) -> list[Entry] | None:
        """Entries that tell how every system stands, in ledger order; None where they were not asked for."""
        if all(listing.digest != PORTFOLIO_LISTING for listing in self.listings):
            return None
        listed = self.indexes(PORTFOLIO_LISTING)
        return [entry for entry in self.entries if entry.index in listed]

    def indexes(self, digest: str) -> frozenset[int]:
        """Indexes of the entries that concern a digest."""
        return frozenset(index for listing in self.listings if listing.digest == digest for index in listing.indexes)

    def about(self, kind: Kind) -> list[Entry]:
        """Entries of one kind that concern the system, and are about the subject itself or the system as a whole."""
        digests = {listing.digest for listing in self.listings} - {register_digest(self.checkpoint.origin)}
        return [entry for entry in self.of(kind) if digests.intersection(entry.subjects)]
