"""Several current questionnaires of one system: what each comes to by itself, beside what they come to together."""

from engine.backends.base import RegoEngine
from engine.bundle.effective import Effective
from engine.bundle.load import Bundle
from engine.deciding.evaluate import PolicyRecord, Records
from engine.deciding.other_answers import QUESTIONNAIRE
from engine.deciding.risk import compute_risk
from engine.deciding.verdict import RiskTier
from evidence.model.base import Frozen
from evidence.snapshot.model import Snapshot


class Answered(Frozen):
    """Questionnaires with the very same answers, one a signature, and what the tier would be by these alone."""

    records: tuple[str, ...]
    """Ids, sorted."""
    signers: tuple[str, ...]
    tier: str
    decides: bool
    """Whether the system's tier, path and articles follow from it."""
    otherwise: tuple[str, ...]
    """Fields that it answers otherwise than the one that decides."""


def answered(
    bundle: Bundle, effective: Effective, snapshot: Snapshot, records: Records, risk: RiskTier, engine: RegoEngine
) -> tuple[Answered, ...]:
    """What each of the questionnaires says, the one that decides first; `risk` is what all of them come to."""
    alike: dict[str, list[PolicyRecord]] = {}
    for record in records.get(QUESTIONNAIRE, ()):
        alike.setdefault(str(record["digest"]), []).append(record)
    decisive = next((same[0] for same in alike.values() if risk.record in {one["id"] for one in same}), None)
    found = []
    for same in alike.values():
        alone = compute_risk(bundle, effective, snapshot, "registration", {QUESTIONNAIRE: same}, engine)
        signers = {str(one["signature"].get("signer") or one["issuer"]) for one in same}
        content, deciding = same[0]["predicate"], decisive["predicate"] if decisive is not None else {}
        fields = sorted(name for name in {*content, *deciding} if content.get(name) != deciding.get(name))
        found.append(
            Answered(
                records=tuple(sorted(str(one["id"]) for one in same)),
                signers=tuple(sorted(signers)),
                tier=alone.risk.tier,
                decides=decisive is same[0],
                otherwise=tuple(fields) if decisive is not None else (),
            )
        )
    return tuple(sorted(found, key=lambda item: (not item.decides, item.records)))
