"""Which records of a case a control sees: those that the snapshot and admission would let it have."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from engine.bundle.control import Control
from engine.bundle.load import Bundle
from engine.bundle.statements import STATEMENT
from engine.deciding.admission import ATTESTATION, Objection, makers, objection
from engine.deciding.evaluate import Context, PolicyRecord, Records, set_aside, visible, withholding
from evidence.model.base import parse_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.subject import Subject
from evidence.snapshot.filed import Filed, concerns, not_current
from evidence.snapshot.model import Excluded, Makers
from evidence.trust.envelopes import SignatureState


@dataclass(frozen=True)
class Aside:
    """A record that is there and that a control does not see: its type, a word for the reason, and what it means."""

    type: str
    id: str
    reason: str
    detail: str

    def to_json(self) -> dict[str, str]:
        return {"type": self.type, "record": self.id, "reason": self.reason, "detail": self.detail}


@dataclass
class Sight:
    """What a control sees in one context.

    What is found of a record holds for that very value and is kept: the questions that start from a case share nearly
    all of its records.
    """

    control: Control
    context: Context
    bundle: Bundle
    _looked_at: dict[int, tuple[PolicyRecord, Filed, Excluded | Aside | None]] = field(default_factory=dict)
    _against: dict[tuple[int, Makers], Objection | None] = field(default_factory=dict)

    def of(self, filed: Records) -> tuple[dict[str, list[PolicyRecord]], dict[str, int]]:
        """Of the filed records those that the control sees, and how many of a type are about another subject."""
        subject, made_by = self.context.subject, self._makers(filed)
        counted = {kind: [r for r in items if self._counts(kind, r, made_by)] for kind, items in filed.items()}
        return visible(self.control, counted, self.context.instant, subject), set_aside(self.control, counted, subject)

    def aside(self, filed: Records) -> tuple[Aside, ...]:
        """The filed records that the control does not see, each with why."""
        made_by, found = self._makers(filed), list[Aside]()
        counted: dict[str, list[PolicyRecord]] = {}
        for kind, items in filed.items():
            for record in items:
                if self._counts(kind, record, made_by):
                    counted.setdefault(kind, []).append(record)
                    continue
                why = self._look(kind, record)[1] or self._objection(kind, record, made_by)
                if why is not None:
                    found.append(why if isinstance(why, Aside) else aside_for(kind, record["id"], why))
        return (*found, *withheld(self.control, counted, self.context.instant, self.context.subject))

    def _makers(self, filed: Records) -> Makers:
        """Who made versions of the system, by all records, whatever became of them, as in a snapshot."""
        return makers((self._look(kind, r)[0] for kind, items in filed.items() for r in items), self.context.subject)

    def _counts(self, kind: str, record: PolicyRecord, made_by: Makers) -> bool:
        return self._look(kind, record)[1] is None and self._objection(kind, record, made_by) is None

    def _look(self, kind: str, record: PolicyRecord) -> tuple[Filed, Excluded | Aside | None]:
        """The record as it was filed, and why a snapshot at the instant of the case would not count it."""
        if id(record) not in self._looked_at:
            one = _filed(kind, record)
            subject = self.context.subject
            why: Excluded | Aside | None = not_current(one, self.context.instant, instant_chosen=True)
            if not concerns(one.subject, one.system_id, subject):
                detail = f"it is about {_told(one)}, and neither about {subject.name} nor about its system"
                why = Aside(kind, one.id, "elsewhere", detail)
            # Kept with the record, whose id would else come to be another's.
            self._looked_at[id(record)] = record, one, why
        return self._looked_at[id(record)][1:]

    def _objection(self, kind: str, record: PolicyRecord, made_by: Makers) -> Objection | None:
        """Why the record does not count under the bundle's rules on statements and signers, as in a decision."""
        key = id(record), made_by
        if key not in self._against:
            one = self._look(kind, record)[0]
            self._against[key] = objection(one, self.context.subject, self.bundle, made_by, whole=False)
        return self._against[key]


def aside_for(kind: str, record_id: str, why: Excluded | Objection) -> Aside:
    """A record that a snapshot or admission sets aside."""
    signer = f"signed by {why.by}: " if isinstance(why, Objection) and why.by else ""
    return Aside(kind, record_id, why.reason, signer + why.detail)


def withheld(control: Control, records: Records, instant: datetime, subject: Subject) -> Iterator[Aside]:
    """The records that count and that the control may not read, each with why."""
    for kind in sorted(control.evidence):
        wanted, withheld_for = control.evidence[kind], withholding(control, kind, instant, subject)
        for record in records.get(kind, ()):
            why = withheld_for(record)
            if why == "about":
                detail = "its content is about something else than what is judged"
            elif why == "class":
                detail = f"it is {record['class']}, and the control asks for {wanted.least_class} or better"
            elif why == "age":
                detail = f"collected at {record['collected_at']}, and the control asks for {wanted.max_age} at most"
            else:
                continue
            yield Aside(kind, record["id"], why, detail)


def _told(record: Filed) -> str:
    digests = ", ".join(digest[:19] for digest in record.subject)
    return f"{digests or 'nothing'}, as a record of `{record.system_id}`"


def _filed(kind: str, record: PolicyRecord) -> Filed:
    """A record of a case as it would have been filed."""
    times = {name: parse_instant(record[name]) for name in ("issued_at", "collected_at", "expires_at", "filed_at")}
    return Filed(
        id=record["id"],
        type=ATTESTATION if kind.startswith(STATEMENT) else kind,
        evidence_class=record["class"],
        subject=tuple(record["subject"]),
        system_id=record["system_id"],
        content=record["predicate"],
        **times,
        signature=SignatureState.model_validate_json(canonical_bytes(record["signature"])),
    )
