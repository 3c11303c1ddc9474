"""Which legal holds stand against an erasure: those on what would go and on all that it was made of.

A hold is looked for in the system of what would go, in every system that tells of its origins, and in the organisation.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.deciding.admission import objection
from evidence.model.notes import Withdrawal
from evidence.model.predicates.retention import LegalHold
from evidence.model.record import EvidenceClass, read_record
from evidence.model.subject import ORGANIZATION, system_digest
from evidence.snapshot.filed import Filed, as_filed, expiry
from evidence.snapshot.makers import makers_of
from integrations.app.moment import Moment
from integrations.app.session import Session


@dataclass(frozen=True)
class _Hold:
    record: Filed
    signers: frozenset[str | None]
    index: int


def holds_on(
    session: Session, moment: Moment, systems: Collection[str], files: Collection[str]
) -> list[Mapping[str, Any]]:
    """What the holds of these systems and of the organisation say; of those without a scope, which hold everything,
    the ones about a whole system or one of the files.

    One that a decision would not count for its signer holds nothing. One whose time ran out holds until it is
    withdrawn, or its signers say that its matter is released: else whoever waits a month would have it gone.
    """
    found: list[Mapping[str, Any]] = []
    for system_id in sorted({*systems, ORGANIZATION}):
        filed = list(_filed(session, moment, system_id, {system_digest(system_id), *files}))
        found += [one.record.content for one in filed if not _ended(one, filed, moment)]
    return found


def _filed(session: Session, moment: Moment, system_id: str, about: Collection[str]) -> Iterator[_Hold]:
    view = moment.view(system_id)
    withdrawn = {note.record for note, _ in view.notes(Withdrawal)}
    for leaf in view.records():
        # Entries from before the map do not say what type their record is.
        if leaf.type not in (None, LegalHold.uri()) or leaf.id in withdrawn:
            continue
        statement, state = view.open(leaf)
        if statement.predicate_type != LegalHold.uri():
            continue
        record = as_filed(read_record(statement, where=f"record {leaf.id}"), state, leaf.at)
        if not record.content["scope"] and not set(about) & set(leaf.subjects):
            continue
        rule = objection(record, view.subject, session.bundle, makers_of(view))
        if rule is None and _signed(record):
            yield _Hold(record, frozenset(one.signer for one in (state, *state.others)), leaf.index)


def _signed(record: Filed) -> bool:
    state, attested = record.signature, record.evidence_class == EvidenceClass.ATTESTED
    return state.state == "verified" and state.kind == "person" if attested else state.state != "unverified"


def _ended(hold: _Hold, filed: Collection[_Hold], moment: Moment) -> bool:
    """Whether the time of a hold ran out, and who signed it said of its matter since that it is released."""
    released = (
        later
        for later in filed
        if later.index > hold.index
        and later.signers == hold.signers
        and later.record.content["matter_id"] == hold.record.content["matter_id"]
        and later.record.content.get("released_at")
    )
    return expiry(hold.record) <= moment.at and any(True for _ in released)
