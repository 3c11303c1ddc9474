"""Payloads and checkpoints as a verification reads them: in pages, which other processes can take over.

Everything comes in and goes out as plain values. Nothing here knows the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from evidence.model.errors import QuaestorError, StoreError
from evidence.model.notes import DecisionNote
from evidence.store.blobs import BlobStore
from evidence.store.checks import found_by
from evidence.trust import ledger
from evidence.trust.envelopes import kept_payload, unseal


class Entered(NamedTuple):
    """The columns of an entry's row, as they were found."""

    position: int
    id: str
    kind: str
    envelope: str
    action: str
    actor: str
    at: int
    hash: bytes
    predicate_type: str
    system_id: str | None
    collected_at: int
    erased_by: int | None
    decision_id: str | None


Claimed = tuple[tuple[Any, ...], list[str]]
"""An entry whose payload is to be read: its columns, in plain form, which a process takes over quickest; subjects."""


@dataclass
class Payloads:
    """What the payloads of a page say: problems as place and text, ids by the position of their entry."""

    read: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    decisions: dict[int, str] = field(default_factory=dict)
    """Ids of the decisions."""
    erasures: dict[int, str] = field(default_factory=dict)
    """What each erasure says that it erased."""


class Note(NamedTuple):
    """A checkpoint as kept under a size, and what it states; None where it is none that counts."""

    size: int
    checkpoint: ledger.Checkpoint | None
    signed: bool
    problem: str


def check_payloads(folder: str, page: Sequence[Claimed], mapped: bool) -> Payloads:
    """The payloads of a page hold the statements of their entries, and say what the rows are found by.

    Without a map (`mapped`), rows need not say yet which decision they hold.
    """
    blobs, found = BlobStore(Path(folder)), Payloads()
    for columns, subjects in page:
        row = Entered(*columns)
        where = f"entry {row.position}"
        try:
            said = _said(blobs.get(row.envelope), row, where)
        except QuaestorError as cause:
            found.problems.append((where, cause.problem))
            continue
        found.read += 1
        decided = said.columns[-1]
        if decided is not None:
            found.decisions[row.position] = decided
        stated = (row.predicate_type, row.system_id, row.collected_at, row.decision_id if mapped else decided)
        if said.columns != stated:
            problem = f"the columns that {row.kind} {row.id} is found by are not what its payload says"
            found.problems.append((where, problem))
        if said.subjects != subjects:
            found.problems.append((where, f"the subjects of {row.kind} {row.id} are not what its payload says"))
        if row.kind == "erasure":
            found.erasures[row.position] = said.erased
    return found


def check_notes(notes: Sequence[tuple[int, str]], public_key: str, origin: str, signed_from: int) -> list[Note]:
    """Checkpoints as they are kept, by size: their form, and from one size on their signatures too."""
    return [_note(size, note, public_key, origin, size >= signed_from) for size, note in notes]


def _note(size: int, note: str, public_key: str, origin: str, signed: bool) -> Note:
    try:
        checkpoint = ledger.verify_checkpoint(note, public_key, origin) if signed else ledger.parse_checkpoint(note)
    except QuaestorError as cause:
        return Note(size, None, False, cause.problem)
    if checkpoint.size != size or checkpoint.origin != origin:
        return Note(size, None, False, f"it states size {checkpoint.size} of `{checkpoint.origin}`")
    return Note(size, checkpoint, signed, "")


class _Said(NamedTuple):
    """What a payload says of itself: predicate type, system, time of collection, decision; subjects; what it erased."""

    columns: tuple[str, str | None, int, str | None]
    subjects: list[str]
    erased: str


def _said(envelope: bytes, row: Entered, where: str) -> _Said:
    """Raises QuaestorError where the envelope does not hold the statement of the row."""
    payload = _payload(envelope, row.id, where)
    try:
        predicate, kind = payload["predicate"], payload["predicateType"]
        decided = kind == DecisionNote.TYPE
        digests = {item["digest"]["sha256"] for item in payload["subject"] if "sha256" in item["digest"]}
        return _Said(
            columns=(kind, *found_by(predicate, row.at), predicate["decision_id"] if decided else None),
            subjects=sorted([f"sha256:{digest}" for digest in digests]),
            erased=str(predicate.get("erased")),
        )
    except (KeyError, TypeError, AttributeError):
        raise StoreError("the payload is no in-toto Statement", where=where) from None


def _payload(envelope: bytes, id: str, where: str) -> dict[str, Any]:
    """The statement in an envelope whose digest was checked. Raises QuaestorError unless its id is `id`.

    What Quaestor itself writes is canonical, so that nothing need be canonicalised; anything else goes the long way.
    """
    found = kept_payload(envelope, id)
    if found is not None:
        return found[1]
    statement = unseal(envelope, where=where).statement
    if statement.id != id:
        raise StoreError(f"the payload is statement {statement.id}, not {id}", where=where)
    return statement.to_json()
