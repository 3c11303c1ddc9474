"""An empty store with its key, and statements to put into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evidence.model.base import format_instant
from evidence.model.canonical import digest_bytes
from evidence.model.notes import Withdrawal, new_note
from evidence.model.record import Statement
from evidence.store.entry import NewStatement, Receipt
from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey
from tests.worlds.people import DAY
from tests.worlds.records import predicate, statement

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODEL = digest_bytes(b"model")
ORIGIN = "example.com/quaestor"


@dataclass
class Bench:
    """An empty store, where it is, and its key."""

    url: str
    blobs: Path
    key: SigningKey
    store: RecordStore

    def reopen(self, **options: Any) -> RecordStore:
        return RecordStore.open(self.url, self.blobs, **options)

    def migrate(self) -> tuple[str, str]:
        return RecordStore.migrate(self.url, self.blobs, self.key)

    def record(self, count: int, *, system_id: str = "mortgage", days: int = 0, subject: str = MODEL) -> Statement:
        """A small evidence record, collected `days` after NOON; `count` makes it one of its own."""
        window = {"start": format_instant(NOON - 3 * DAY), "end": format_instant(NOON - 2 * DAY)}
        content = predicate("feed-status", feed="waiver", window=window, count=count, complete=True)
        return statement(content, system=system_id, subject=subject, at=NOON + days * DAY, issuer="test")

    def keep(self, statement: Statement, **fields: Any) -> Receipt:
        """Sign and append."""
        given = {"kind": "record", "action": "imported", "actor": "ada", "at": NOON, "signer": self.key} | fields
        return self.store.append(self.key.sign(statement.payload), **given)

    def keep_records(self, numbers: range) -> list[Receipt]:
        """Sign and append records in one go."""
        new = [
            NewStatement(self.key.sign(self.record(number).payload), "record", "imported", "ada", NOON)
            for number in numbers
        ]
        return self.store.append_many(new, signer=self.key)

    def withdrawal(self, record: str) -> Statement:
        note = Withdrawal(system_id="mortgage", record=record, reason="wrong data", by="ada", at=NOON)
        return new_note(note, {"model": MODEL})


def opened(url: str, folder: Path) -> Iterator[Bench]:
    key = SigningKey.generate()
    with RecordStore.create(url, folder / "blobs", origin=ORIGIN, signer=key) as store:
        yield Bench(url, folder / "blobs", key, store)
