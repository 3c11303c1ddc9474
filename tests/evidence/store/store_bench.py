"""An empty store with its key, and statements to put into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from evidence.model.canonical import digest_bytes
from evidence.model.notes import Withdrawal, new_note
from evidence.model.predicates.operation import FeedStatus
from evidence.model.predicates.values import Period
from evidence.model.record import EvidenceClass, Statement, new_statement
from evidence.store.entry import NewStatement, Receipt
from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
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
        collected = NOON + timedelta(days=days)
        return new_statement(
            FeedStatus(
                feed="waiver",
                window=Period(start=NOON - timedelta(days=3), end=NOON - timedelta(days=2)),
                count=count,
                complete=True,
            ),
            subject={"model": subject},
            envelope={
                "evidence_class": EvidenceClass.INGESTED,
                "system_id": system_id,
                "source": "test",
                "collector": "test",
                "issuer": "test",
                "issued_at": collected,
                "collected_at": collected,
                "expires_at": collected + timedelta(days=30),
            },
        )

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
