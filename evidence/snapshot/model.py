"""A snapshot: the valid records for a subject and its system at an instant, frozen and digested.

Nothing outside it reaches a decision, so it is all that has to be kept to make the same decision again.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal

from evidence.model.base import DigestText, Frozen, Instant, Int, format_instant
from evidence.model.canonical import digest_json
from evidence.model.notes import Note, SnapshotNote
from evidence.model.record import Record
from evidence.model.subject import Subject
from evidence.trust.envelopes import SignatureState
from evidence.trust.ledger import Checkpoint


class Entry(Frozen):
    """A record of the snapshot with what is known of its signature."""

    record: Record
    signature: SignatureState
    derived_here: bool = False
    """Made by Quaestor when the snapshot was taken (the index, the log, feeds that the store itself keeps)."""
    filed_at: Instant
    """When the ledger took it in, by the ledger's own time; of what was made here, the snapshot's instant."""
    log_index: Int
    """Its place in the ledger; of what was made here, the ledger's size."""


class Excluded(Frozen):
    """A record about the subject that does not count, and why.

    `by`, `at` and `why` tell who withdrew or erased it, and `signed` whether a withdrawal carries that person's trusted
    signature; `at` is also when it is collected or filed, or what the field `why` claims of a time after its filing;
    `until` is when it expired, `replaced_by` what supersedes it (`by` then says which person signed what was replaced),
    and `keyid` the key that nobody trusts; where it names a person whom the register of people has not, `by` is the id
    and `why` the name. `detail` says the same in words, and stands in no decision.
    """

    id: str
    type: str
    reason: Literal[
        "expired",
        "not-yet-collected",
        "not-yet-filed",
        "ahead-of-filing",
        "unsigned",
        "withdrawn",
        "erased",
        "superseded",
        "unknown-person",
        "unreadable",
        "foreign",
    ]
    detail: str
    by: str | None = None
    at: Instant | None = None
    until: Instant | None = None
    why: str | None = None
    signed: bool | None = None
    replaced_by: str | None = None
    keyid: str | None = None


class PriorDecision(Frozen):
    """The latest decision at an earlier gate on the same digest.

    `gone` are records that it counted and that were taken back since: withdrawn, erased, or replaced by a person's;
    `off` are controls that the overlay switched off for it.
    """

    id: DigestText
    gate: str
    outcome: Literal["allow", "deny", "indeterminate"]
    instant: Instant
    bundle_digest: DigestText
    parameters_digest: DigestText
    gone: tuple[DigestText, ...] | None = None
    off: tuple[str, ...] | None = None


class Refusal(Frozen):
    """An earlier decision on the same digest that did not allow, and records that it counted and that count no more.

    These are accounts of events too for which a later one stands by the types as they are published
    (`evidence.snapshot.accounts`): under policies of before they count, and a decision does not name them as gone.
    `system_id` names another system under which the same digest was refused; it has records of its own.
    """

    id: DigestText
    gate: str
    outcome: Literal["deny", "indeterminate"]
    instant: Instant
    gone: tuple[DigestText, ...]
    system_id: str | None = None


class Makers(Frozen):
    """Who trained and who built versions of the system, by id and by name in small letters, sorted."""

    trainer: tuple[str, ...] = ()
    builder: tuple[str, ...] = ()


class LogPosition(Frozen):
    """Where the ledger stood when the snapshot was taken."""

    origin: str
    size: Int
    root: DigestText

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.origin, self.size, bytes.fromhex(self.root.removeprefix("sha256:")))


class Records(Frozen):
    """Records of a snapshot, with what tells whether they count for its subject."""

    subject: Subject
    entries: tuple[Entry, ...]
    makers: Makers | None = None
    """None in snapshots of earlier releases, which knew those alone whose records counted."""


class Snapshot(Records):
    """All that a decision reads of the world."""

    instant: Instant
    instant_chosen: bool = False
    """The caller named the instant, instead of taking the present."""
    excluded: tuple[Excluded, ...]
    decisions: tuple[PriorDecision, ...]
    refusals: tuple[Refusal, ...] | None = None
    """None in snapshots of earlier releases, which did not look for them."""
    people: DigestText
    """The version of the register of people by which signatures were judged: the id of its statement."""
    renewal_assumed: Instant | None = None
    """When that version expires, where the caller asks about a later instant: it is assumed to be renewed unchanged."""
    log: LogPosition

    @cached_property
    def digest(self) -> str:
        """Digest over ids, signature states and places in the log of the records, what was excluded, prior decisions,
        makers, and where the log stood.
        """
        later = {
            "refusals": None if self.refusals is None else [item.to_json() for item in self.refusals],
            "makers": None if self.makers is None else self.makers.to_json(),
        }
        return digest_json(
            {
                **{name: value for name, value in later.items() if value is not None},
                "subject": self.subject.to_json(),
                "instant": format_instant(self.instant),
                "instant_chosen": self.instant_chosen,
                "records": sorted(
                    (
                        {
                            "id": e.record.id,
                            "signature": e.signature.to_json(),
                            "derived_here": e.derived_here,
                            "filed_at": format_instant(e.filed_at),
                            "log_index": e.log_index,
                        }
                        for e in self.entries
                    ),
                    key=lambda item: str(item["id"]),
                ),
                "excluded": [item.to_json() for item in sorted(self.excluded, key=lambda e: (e.id, e.reason))],
                "decisions": [item.to_json() for item in sorted(self.decisions, key=lambda d: (d.gate, d.id))],
                "people": self.people,
                "log": self.log.to_json(),
                **({"renewal_assumed": format_instant(self.renewal_assumed)} if self.renewal_assumed else {}),
            }
        )


class SnapshotKept(Note):
    """The note of a snapshot, read with it."""

    TYPE = SnapshotNote.TYPE
    KIND = SnapshotNote.KIND

    snapshot: Snapshot


def records_of(snapshot: Mapping[str, Any], wanted: Callable[[str, Mapping[str, Any]], bool]) -> Records:
    """The records that are `wanted`, by type and content, of a snapshot as JSON: the rest of it is not looked at.

    All of them where it does not name the makers, whom the other records tell. Raises ValidationError, and
    EvidenceError where a content has no canonical form.
    """
    kept = {name: snapshot[name] for name in ("subject", "entries", "makers") if name in snapshot}
    if kept.get("makers") is not None:
        records = ((entry, entry["record"]) for entry in kept["entries"])
        kept["entries"] = [entry for entry, one in records if wanted(one["type"], one["envelope"]["content"])]
    given = kept["entries"]
    if isinstance(given, list):
        kept["entries"] = [_without_content(entry) for entry in given]
    found = Records.from_json(kept)
    for entry, whole in zip(found.entries, given, strict=True):
        vars(entry.record.envelope)["content"] = whole["record"]["envelope"]["content"]
        _ = entry.record.content_text
    return found


def _without_content(entry: Any) -> Any:
    """A content may be any JSON object: one that was read is not written to be read again. What is no entry stays."""
    try:
        record = entry["record"]
        envelope = record["envelope"]
        if isinstance(envelope["content"], dict):
            return {**entry, "record": {**record, "envelope": {**envelope, "content": {}}}}
    except (LookupError, TypeError):
        pass
    return entry
