"""The ledger: statements appended one by one and in bulk, each durable, and the verification of a whole store."""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.table import Row, figures, span, within
from evidence.model.notes import RunEnded, new_note
from evidence.store.records import NewStatement, RecordStore
from evidence.trust.envelopes import seal
from evidence.trust.keys import SigningKey

TITLE = "Ledger (SQLite, each append on the disk under a signed checkpoint)"
AT = datetime(2026, 11, 21, tzinfo=UTC)
BULK = 1000


def run(quick: bool) -> list[Row]:
    """Appends per second, and the verification of 10^5 entries (10^4 when quick)."""
    entries, single = (10_000, 100) if quick else (100_000, 300)
    signer = SigningKey.generate()
    with tempfile.TemporaryDirectory(prefix="quaestor-bench-") as folder:
        url, blobs = f"sqlite:///{folder}/store.db", Path(folder) / "blobs"
        with RecordStore.create(url, blobs, origin="benchmark", signer=signer) as store:
            made = list(statements(entries, signer, AT))
            begun = time.perf_counter()
            for item in made[:single]:
                store.append_many([item], signer=signer)
            alone = (time.perf_counter() - begun) / single
            rest = made[single:]
            begun = time.perf_counter()
            for start in range(0, len(rest), BULK):
                store.append_many(rest[start : start + BULK], signer=signer)
            bulk = (time.perf_counter() - begun) / len(rest)
            begun = time.perf_counter()
            report = store.verify(public_key=signer.public_key)
            full = time.perf_counter() - begun
            begun = time.perf_counter()
            quickly = store.verify(full=False, public_key=signer.public_key)
            tree = time.perf_counter() - begun
    if report.problems or quickly.problems:
        raise RuntimeError(f"the store does not verify: {report.problems[:3]}")
    return [
        Row("append, one by one", f"{figures(1 / alone)} a second", ""),
        Row(f"append, {BULK} at a time", f"{figures(1 / bulk)} a second", ""),
        _whole(f"verify {entries:,} entries: tree, checkpoints, payloads, signatures", full, entries),
        Row(f"verify {entries:,} entries: tree and roots", span(tree), ""),
    ]


def _whole(name: str, seconds: float, entries: int) -> Row:
    each = f"{name} ({figures(seconds / entries * 1e6)} µs an entry)"
    return within(each, seconds, 5.0) if entries == 100_000 else Row(each, span(seconds), "")


def statements(count: int, signer: SigningKey, at: datetime) -> Iterator[NewStatement]:
    """Small notes of many subjects, signed, as the store takes them."""
    for number in range(count):
        text = "what a person wrote about it " * 8
        note = RunEnded(system_id="benchmark", ended=str(number), reason=text, at=at)
        statement = new_note(note, {f"subject {number % 97}": f"sha256:{number % 97:064x}"})
        yield NewStatement(seal(statement, [signer]), "run", "configured", "benchmark", at)
