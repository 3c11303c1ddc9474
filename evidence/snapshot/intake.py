"""What gate data-intake said last of each dataset of a system, out of the ledger.

A system's decisions lie in its chain, whatever they are about, and the ledger's map proves the chain whole: no refusal
can be left out. Of a dataset's decisions the last one is opened, and no earlier one but behind a preview, or an
allowance that the installation did not sign.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from evidence.model.notes import DecisionNote
from evidence.model.own import model_of
from evidence.model.predicates.standing import DatasetStanding, IntakeStanding
from evidence.model.record import EvidenceClass
from evidence.model.subject import SubjectKind, gate_digest, system_digest
from evidence.snapshot import model
from evidence.snapshot.view import View
from evidence.snapshot.withdrawal import was_taken_back
from evidence.snapshot.words import gone, taken_back, words_of
from evidence.store.entry import Entry

GATE = "data-intake"
_GATE = gate_digest(GATE)


def intake_standing(
    view: View, counted: Sequence[model.Entry], excluded: Sequence[model.Excluded]
) -> IntakeStanding | None:
    """How the system's datasets stand at the gate that takes them in; None for a subject that is made of none.

    `counted` and `excluded` are those of the snapshot so far.
    """
    if view.subject.kind not in (SubjectKind.MODEL, SubjectKind.SYSTEM):
        return None
    words = _last_words(view)
    about = _about(view, counted, words)
    back = taken_back(view, view.known) | {item.id for item in excluded if was_taken_back(item)}
    return IntakeStanding(
        datasets=tuple(_standing(view, words[digest], about[digest], back) for digest in sorted(words))
    )


def _last_words(view: View) -> dict[str, DecisionNote]:
    """The last decision of the gate by the digest of the dataset."""
    found: dict[str, DecisionNote] = {}
    # Leaves of earlier releases do not tell the gate; of what is no dataset one decision has to be opened to know it.
    others: set[str] = set()
    for entry in reversed(view.of("decision")):
        # A gate of somebody's own has a digest that is not known here, and is told all the same.
        told = len(entry.subjects) > 1
        digests = {*entry.subjects} - {_GATE}
        if (told and _GATE not in entry.subjects) or all(one in found or one in others for one in digests):
            continue
        for note in words_of(view, [entry]):
            subject = note.facts.subject
            if subject.kind is not SubjectKind.DATASET:
                others.add(subject.digest)
            elif note.facts.gate == GATE and subject.system_id == view.subject.system_id:
                found.setdefault(subject.digest, note)
    return found


def _standing(view: View, note: DecisionNote, about: Mapping[str, Entry], back: Collection[str]) -> DatasetStanding:
    """How a dataset stands by its last word; `about` are the records about it by id, `back` what was taken back."""
    facts, words = note.facts, note.words
    # What was filed while it was being made stands before it in the ledger, and it did not see it.
    seen = {item.id for item in (*facts.evidence, *words.excluded)}
    unseen = [name for name, entry in about.items() if name not in seen and not _measured(view, entry)]
    return DatasetStanding(
        digest=facts.subject.digest,
        name=facts.subject.name,
        decision=note.decision_id,
        outcome=facts.outcome,
        decided_at=facts.instant,
        bundle_digest=facts.bundle_digest,
        overlay_digest=words.overlay_digest,
        tier=words.risk.tier,
        roles=words.risk.roles,
        until=_until(note),
        gone=gone(note, back),
        unseen=tuple(sorted(unseen)),
    )


def _until(note: DecisionNote) -> datetime | None:
    """When the first of its relaxations ends. A control that is off until a day is off on that day too."""
    ends = [item.expires_on for item in note.words.relaxations if item.kind == "waiver"]
    days = [item.until for item in note.facts.relaxations if item.kind == "disabled-control"]
    midnights = (datetime.combine(day + timedelta(days=1), time(), UTC) for day in days if day is not None)
    return min((*(end for end in ends if end is not None), *midnights), default=None)


def _measured(view: View, entry: Entry) -> bool:
    """Whether a run of a model filed it, which reads the data once more: gate validation judges what it measured."""
    if entry.id in view.erased:
        return False
    statement, state = view.open(entry)
    return state.by_machine and statement.predicate.get("evidence_class") == EvidenceClass.MEASURED


def _about(view: View, counted: Sequence[model.Entry], datasets: Collection[str]) -> Mapping[str, Mapping[str, Entry]]:
    """Records about each of these datasets, by digest, by id: those whose leaves name it, and, of what was filed for
    the system as a whole, those whose content does.
    """
    found: dict[str, dict[str, Entry]] = {digest: {} for digest in datasets}
    records = {entry.id: entry for entry in view.of("record")}
    for entry in records.values():
        for digest in found.keys() & {*entry.subjects}:
            found[digest][entry.id] = entry
    system = system_digest(view.subject.system_id)
    for item in counted:
        field = model_of(item.record.type).ABOUT.get(SubjectKind.DATASET)
        if field is not None and system in item.record.subject and item.record.content.get(field) in found:
            found[item.record.content[field]][item.record.id] = records[item.record.id]
    return found
