"""What the store gives out: ledger entries, receipts, statements, and what a verification found."""

from collections.abc import Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as _text
from typing import Literal

from evidence.model.base import DigestText, Frozen, Instant, Int, format_instant
from evidence.model.notes import NoteKind
from evidence.model.predicates.log import Action
from evidence.trust import ledger
from evidence.trust.envelopes import Sealed

Kind = Literal["record", "people", NoteKind]
"""What a statement is to the store."""


class Entry(Frozen):
    """A leaf of the ledger: digests and no payload, so that a payload can be erased and the log still verifies."""

    index: Int
    id: DigestText
    """Id of the statement."""
    kind: Kind
    envelope: DigestText
    """SHA-256 of the DSSE envelope, in the bytes that came: the name of its blob."""
    action: Action
    actor: str
    subjects: tuple[DigestText, ...]
    """Digests of the statement's subjects, sorted, each once."""
    type: str | None = None
    """Predicate type of the statement; None in entries from before the map."""
    system: DigestText | None = None
    """`system_digest` of the system that the statement names; None where it names none, and before the map."""
    at: Instant

    @property
    def data(self) -> bytes:
        """The leaf: canonical JSON (RFC 8785) of the fields but `index`."""
        return leaf_bytes(
            id=self.id,
            kind=self.kind,
            envelope=self.envelope,
            action=self.action,
            actor=self.actor,
            subjects=self.subjects,
            at=format_instant(self.at),
            type=self.type,
            system=self.system,
        )

    @property
    def hash(self) -> bytes:
        """Leaf hash, 32 bytes."""
        return ledger.leaf_hash(self.data)


def leaf_bytes(
    *,
    id: str,
    kind: str,
    envelope: str,
    action: str,
    actor: str,
    subjects: Sequence[str],
    at: str,
    type: str | None = None,
    system: str | None = None,
) -> bytes:
    """Canonical JSON of a leaf; `type` and `system` are left out where they are None.

    For ASCII names and text values RFC 8785 is what the standard library's writer of texts gives, forty times faster
    than a general implementation; the tests compare the two. Raises TypeError for what is no text.
    """
    made = (
        f'{{"action":{_text(action)},"actor":{_text(actor)},"at":{_text(at)},"envelope":{_text(envelope)}'
        f',"id":{_text(id)},"kind":{_text(kind)},"subjects":[{",".join(map(_text, subjects))}]'
    )
    if system is not None:
        made += f',"system":{_text(system)}'
    if type is not None:
        made += f',"type":{_text(type)}'
    return f"{made}}}".encode()


class Receipt(Frozen):
    """Proof of keeping: where the statement stands, and the first signed checkpoint that covers it."""

    id: DigestText
    index: Int
    size: Int
    root: DigestText


class StoredStatement(Frozen):
    """A kept statement, its envelope in the bytes that came."""

    id: DigestText
    kind: Kind
    index: Int
    action: Action
    actor: str
    at: Instant
    envelope: bytes


@dataclass(frozen=True)
class NewStatement:
    """A DSSE envelope to keep, as bytes or as somebody here made or opened it, and what the ledger says of it."""

    envelope: bytes | Sealed
    kind: Kind
    action: Action
    actor: str
    at: Instant


class Problem(Frozen):
    """Something that a verification found wrong."""

    where: str
    problem: str


class VerificationReport(Frozen):
    """What a verification of the whole store found."""

    origin: str
    size: Int
    root: DigestText
    """Root as computed from the leaves."""
    checkpoints: Int
    payloads: Int
    """Payloads whose bytes were checked; 0 unless the verification was full."""
    erased: tuple[DigestText, ...]
    """Statements whose payload was erased, and that the ledger says so of."""
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems
