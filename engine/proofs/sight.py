"""Which records of a case a control sees: those that the snapshot and admission would let it have."""

from dataclasses import dataclass, field

from engine.bundle.control import Control
from engine.bundle.load import Bundle
from engine.bundle.statements import STATEMENT
from engine.deciding.admission import ATTESTATION, Signed, makers, objection
from engine.deciding.evaluate import Context, PolicyRecord, Records, set_aside, visible
from evidence.model.base import format_instant, parse_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.claims import ahead_of
from evidence.snapshot.model import Makers
from evidence.trust.envelopes import SignatureState


@dataclass
class Sight:
    """What a control sees in one context.

    What is found of a record holds for that very value and is kept: the questions that start from a case share nearly
    all of its records.
    """

    control: Control
    context: Context
    bundle: Bundle
    _looked_at: dict[int, tuple[PolicyRecord, Signed | None]] = field(default_factory=dict)
    _counts: dict[tuple[int, Makers], bool] = field(default_factory=dict)

    def of(self, filed: Records) -> tuple[dict[str, list[PolicyRecord]], dict[str, int]]:
        """Of the filed records those that the control sees, and how many of a type are about another subject."""
        subject = self.context.subject
        current = {kind: [r for r in items if self._signed(kind, r) is not None] for kind, items in filed.items()}
        signed = (self._signed(kind, record) for kind, items in current.items() for record in items)
        made_by = makers((one for one in signed if one is not None), subject)
        admitted = {kind: [r for r in items if self._admitted(kind, r, made_by)] for kind, items in current.items()}
        seen = visible(self.control, admitted, self.context.instant, subject)
        return seen, set_aside(self.control, admitted, subject)

    def _signed(self, kind: str, record: PolicyRecord) -> Signed | None:
        """What admission looks at of the record; None where it is not current."""
        if id(record) not in self._looked_at:
            # Kept with the record, whose id would else come to be another's.
            self._looked_at[id(record)] = record, self._look(kind, record)
        return self._looked_at[id(record)][1]

    def _look(self, kind: str, record: PolicyRecord) -> Signed | None:
        """As the snapshot has it: of its time, ahead of no filing, signed by a person where it is an attestation."""
        moment = format_instant(self.context.instant)
        signature = record["signature"]
        by_person = signature.get("state") == "verified" and signature.get("kind") == "person"
        in_time = record["collected_at"] <= moment < record["expires_at"]
        if not in_time or (record["class"] == "attested" and not by_person):
            return None
        # Statements of all kinds are attestations.
        type_ = ATTESTATION if kind.startswith(STATEMENT) else kind
        issued_at, collected_at, filed_at = (
            parse_instant(record[name]) for name in ("issued_at", "collected_at", "filed_at")
        )
        times = {"issued_at": issued_at, "collected_at": collected_at, "filed_at": filed_at}
        if ahead_of(type_, record["predicate"], **times) is not None:
            return None
        return Signed(
            type=type_,
            evidence_class=record["class"],
            system_id=record["system_id"],
            content=record["predicate"],
            issued_at=issued_at,
            collected_at=collected_at,
            filed_at=filed_at,
            expires_at=parse_instant(record["expires_at"]),
            signature=SignatureState.model_validate_json(canonical_bytes(signature)),
        )

    def _admitted(self, kind: str, record: PolicyRecord, made_by: Makers) -> bool:
        """Whether the record counts under the bundle's rules on statements and signers, as in a decision."""
        found = self._counts.get((id(record), made_by))
        if found is None:
            one = self._signed(kind, record)
            found = one is not None and self._unopposed(one, made_by)
            self._counts[id(record), made_by] = found
        return found

    def _unopposed(self, one: Signed, made_by: Makers) -> bool:
        return objection(one, self.context.subject, self.bundle, made_by, whole=False) is None
