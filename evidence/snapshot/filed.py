"""Whether a record that was filed is current: by its subject, its times and its signature.

One judgement for the snapshot of a ledger and for the records that cases of controls write, whose content may be
partial. What other records say of it (a withdrawal, a successor) is the snapshot's to know.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evidence.model.base import format_instant
from evidence.model.claims import ahead_of
from evidence.model.duration import add_duration
from evidence.model.own import model_of
from evidence.model.record import EvidenceClass, Record
from evidence.model.subject import Subject, system_digest
from evidence.snapshot.makers import unknown_author
from evidence.snapshot.model import Excluded
from evidence.trust.envelopes import SignatureState
from evidence.trust.people import Register


@dataclass(frozen=True)
class Filed:
    """A record with what is known of its filing and its signature. Every statement is of the type `attestation`."""

    id: str
    type: str
    evidence_class: str
    subject: tuple[str, ...]
    system_id: str
    content: Mapping[str, Any]
    issued_at: datetime
    collected_at: datetime
    expires_at: datetime
    filed_at: datetime
    signature: SignatureState


def as_filed(record: Record, signature: SignatureState, filed_at: datetime) -> Filed:
    """A record, on file or about to be."""
    envelope = record.envelope
    return Filed(
        id=record.id,
        type=record.type,
        evidence_class=envelope.evidence_class.value,
        subject=record.subject,
        system_id=envelope.system_id,
        content=record.content,
        issued_at=envelope.issued_at,
        collected_at=envelope.collected_at,
        expires_at=envelope.expires_at,
        filed_at=filed_at,
        signature=signature,
    )


def concerns(record_subjects: Collection[str], system_id: str, subject: Subject) -> bool:
    """Whether a record is about the subject or about its system as a whole: no other is in a snapshot of it."""
    about = {subject.digest, system_digest(subject.system_id)}
    return system_id == subject.system_id and not about.isdisjoint(record_subjects)


def expiry(record: Filed) -> datetime:
    """When a record stops counting: its own date, or its type's greatest age, whichever comes first."""
    try:
        oldest = add_duration(record.collected_at, model_of(record.type).MAX_AGE)
    except OverflowError:  # collected, so it says, at the end of time
        return record.expires_at
    return min(record.expires_at, oldest)


def not_current(
    record: Filed, instant: datetime, *, instant_chosen: bool, register: Register | None = None
) -> Excluded | None:
    """Why a record is not current at an instant; None where it is.

    At a chosen instant what was filed later was not known. The author of a version is looked up in `register`; without
    one, as in a case, where nobody is registered, that is not asked.
    """

    def excluded(reason: Any, detail: str, **more: Any) -> Excluded:
        return Excluded(id=record.id, type=record.type, reason=reason, detail=detail, **more)

    collected, filed_at, state = record.collected_at, record.filed_at, record.signature
    if collected > instant:
        return excluded("not-yet-collected", f"collected at {format_instant(collected)}", at=collected)
    if instant_chosen and filed_at > instant:
        # What the ledger says of it (an approval, a promotion) was not known then either.
        return excluded("not-yet-filed", f"filed at {format_instant(filed_at)}", at=filed_at)
    times = {"issued_at": record.issued_at, "collected_at": collected, "filed_at": filed_at}
    early = ahead_of(record.type, record.content, **times)
    if early is not None:
        return excluded("ahead-of-filing", early.told(filed_at), at=early.claimed, why=early.path)
    if state.state == "unverified":
        named = f" (key {state.keyid[:12]})" if state.keyid else ""
        detail = f"no key that its ledger's people had then verifies its signature{named}"
        return excluded("unsigned", detail, keyid=state.keyid)
    attested = record.evidence_class == EvidenceClass.ATTESTED
    if attested and (state.state != "verified" or state.kind != "person"):
        return excluded("unsigned", "an attested record counts only under a person's trusted signature")
    stranger = "" if register is None else unknown_author(record.type, record.content, register)
    if stranger:
        author = record.content["author"]
        return excluded("unknown-person", stranger, by=author["id"], why=author["name"])
    ends = expiry(record)
    if ends <= instant:
        # Last: nothing else stands against it, so that it still replaces what came before it.
        return excluded("expired", f"could be used until {format_instant(ends)}; collect it again", until=ends)
    return None
