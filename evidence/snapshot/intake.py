"""What gate data-intake said last of each dataset of a system, out of the ledger.

A system's decisions lie in its chain, whatever they are about, and the ledger's map proves the chain whole: no refusal
can be left out. Of a dataset's decisions the last one is opened, and no earlier one but behind a preview, or one that
the installation did not sign.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from evidence.model.notes import DecisionNote
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.standing import DatasetStanding, IntakeStanding
from evidence.model.subject import SubjectKind, gate_digest
from evidence.snapshot import model
from evidence.snapshot.view import View
from evidence.snapshot.words import gate_of, taken_back, words_of
from evidence.store.entry import Entry

GATE = "data-intake"
_GATE = gate_digest(GATE)
DESCRIPTION = "dataset-record"
"""The type of record that says what a dataset is."""


def intake_standing(view: View, counted: Sequence[model.Entry]) -> IntakeStanding | None:
    """How the system's datasets stand at the gate that takes them in; None for a subject that is made of none.

    `counted` are the records of the snapshot so far.
    """
    if view.subject.kind not in (SubjectKind.MODEL, SubjectKind.SYSTEM):
        return None
    words = _last_words(view)
    return IntakeStanding(datasets=tuple(_standing(view, counted, *words[digest]) for digest in sorted(words)))


def _last_words(view: View) -> dict[str, tuple[Entry, DecisionNote]]:
    """The last decision of the gate by the digest of the dataset, with its entry."""
    found: dict[str, tuple[Entry, DecisionNote]] = {}
    # Leaves of earlier releases do not tell the gate; of what is no dataset one decision has to be opened to know it.
    others: set[str] = set()
    known = {entry.index for entry in view.known}
    for entry in reversed(view.holdings.of("decision")):
        digests = {*entry.subjects} - {_GATE}
        passed_by = gate_of(entry) not in (GATE, None) or all(one in found or one in others for one in digests)
        if passed_by or entry.index not in known:
            continue
        for note in words_of(view, [entry]):
            subject = note.facts.subject
            if subject.kind is not SubjectKind.DATASET:
                others.add(subject.digest)
            elif note.facts.gate == GATE and subject.system_id == view.subject.system_id:
                found.setdefault(subject.digest, (entry, note))
    return found


def _standing(view: View, counted: Sequence[model.Entry], entry: Entry, note: DecisionNote) -> DatasetStanding:
    facts, later = note.facts, [other for other in view.known if other.index > entry.index]
    return DatasetStanding(
        digest=facts.subject.digest,
        name=facts.subject.name,
        decision=note.decision_id,
        outcome=facts.outcome,
        decided_at=facts.instant,
        bundle_digest=facts.bundle_digest,
        overlay_digest=note.words.overlay_digest,
        until=_until(note),
        gone=taken_back(view, later, note),
        described_since=_described(facts.subject.digest, entry, later, counted),
    )


def _until(note: DecisionNote) -> datetime | None:
    """When the first of its relaxations ends. A control that is off until a day is off on that day too."""
    ends = [item.expires_on for item in note.words.relaxations if item.kind == "waiver"]
    days = [item.until for item in note.facts.relaxations if item.kind == "disabled-control"]
    midnights = (datetime.combine(day + timedelta(days=1), time(), UTC) for day in days if day is not None)
    return min((*(end for end in ends if end is not None), *midnights), default=None)


def _described(digest: str, decision: Entry, later: Sequence[Entry], counted: Sequence[model.Entry]) -> tuple[str, ...]:
    """Records that describe the dataset and were filed after a decision: by their leaves, and by the content of those
    that were filed for the system as a whole.
    """
    model_of_it = PREDICATES[DESCRIPTION]
    uri, field = model_of_it.uri(), model_of_it.ABOUT[SubjectKind.DATASET]
    found = {entry.id for entry in later if entry.type == uri and digest in entry.subjects}
    found |= {
        item.record.id
        for item in counted
        if item.record.type == DESCRIPTION
        and item.log_index > decision.index
        and item.record.content.get(field) == digest
    }
    return tuple(sorted(found))
