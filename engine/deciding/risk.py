"""The risk tier: what policy computes from the questionnaires that count, for a decision and for a classification."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.backends.base import AnswerState, RegoEngine
from engine.bundle.effective import Effective
from engine.bundle.load import Bundle
from engine.bundle.vocabulary import STRICTEST_FIRST
from engine.deciding.evaluate import Context, Policies, Records, engine_error, policy_input
from engine.deciding.verdict import RiskTier, TierErrorReason
from evidence.model.subject import Subject
from evidence.snapshot.model import Snapshot

RISK_RULE = "quaestor/risk"
UNKNOWN = RiskTier(tier="undetermined")


@dataclass(frozen=True)
class Named:
    """Policies by their digests."""

    bundle_digest: str
    overlay_digest: str


@dataclass(frozen=True)
class ComputedRisk:
    """Tier and roles by policy, or why it gave no usable answer; then the tier is undetermined."""

    risk: RiskTier
    error: TierErrorReason | None = None


def compute_risk(
    bundle: Bundle, effective: Effective, snapshot: Snapshot, gate: str, records: Records, engine: RegoEngine
) -> ComputedRisk:
    """What the risk policy says of the questionnaires among `records`, those that count (`decide.admitted`)."""
    context = context_of(bundle, effective, snapshot.subject, snapshot.instant, gate, UNKNOWN)
    seen = {"risk-questionnaire": records.get("risk-questionnaire", ())}
    answer = engine.evaluate([RISK_RULE], policy_input(seen, context), effective.data)[RISK_RULE]
    if answer.state is not AnswerState.VALUE:
        return ComputedRisk(UNKNOWN, TierErrorReason(problem=engine_error(answer)))
    value = answer.value
    problem = _problem(value, {str(record["id"]) for record in seen["risk-questionnaire"]})
    if problem is not None:
        return ComputedRisk(UNKNOWN, problem)
    return ComputedRisk(
        RiskTier(
            tier=value["tier"],
            path=tuple(value.get("path", ())),
            articles=tuple(value.get("articles", ())),
            reasons=tuple(value.get("reasons", ())),
            roles=tuple(sorted(value.get("roles", ()))),
            record=value.get("record"),
        )
    )


def with_claims(risk: RiskTier, records: Records, bundle: Bundle) -> RiskTier:
    """The strictest of what policy computes and what any current classification says or declares."""
    claims = [
        (record["predicate"][field], str(record["id"]))
        for record in records.get("risk-classification", ())
        for field in ("tier", "declared_tier")
    ]
    tier = bundle.vocabulary.strictest([risk.tier, *(claim for claim, _ in claims)])
    if tier == risk.tier:
        return risk
    # Policies of earlier releases name no record; what they decided is made again to the same bytes.
    named = min(name for claim, name in claims if claim == tier) if risk.record is not None else None
    return risk.model_copy(update={"tier": tier, "record": named})


def context_of(
    bundle: Bundle,
    effective: Effective,
    subject: Subject,
    instant: datetime,
    gate: str,
    risk: RiskTier,
    named: Named | None = None,
) -> Context:
    """What policies are told beside the evidence; they are told that `named` are in force, else these."""
    named = named or Named(bundle.digest, effective.overlay_digest)
    return Context(
        gate=gate,
        instant=instant,
        subject=subject,
        tier=risk.tier,
        roles=risk.roles,
        vocabulary=bundle.vocabulary,
        parameters=effective.values,
        policies=Policies(named.bundle_digest, named.overlay_digest, bundle.controls),
    )


def _problem(value: Any, questionnaires: set[str]) -> TierErrorReason | None:
    """Why an answer of the risk policy cannot be used; None where it can."""
    if not isinstance(value, Mapping) or not isinstance(value.get("tier"), str):
        return TierErrorReason(problem="no-tier")
    if value["tier"] not in STRICTEST_FIRST:
        return TierErrorReason(problem="unknown-tier", name=value["tier"])
    for name in ("path", "articles", "reasons", "roles"):
        texts = value.get(name, [])
        if not isinstance(texts, list) or any(not isinstance(text, str) for text in texts):
            return TierErrorReason(problem="not-texts", name=name)
    if "record" in value and value["record"] not in questionnaires:
        return TierErrorReason(problem="not-texts", name="record")
    return None
