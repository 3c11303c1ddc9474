"""The pure function: decision = decide(bundle, overlay, snapshot, gate, engine).

Subject and instant stand in the snapshot. The engine is a means: every engine gives the same bytes, and none is named
in the body.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from engine.access import AccessPolicies
from engine.backends.base import Answer, AnswerState, RegoEngine
from engine.bundle.control import Control
from engine.bundle.gates import Gate
from engine.bundle.load import Bundle
from engine.bundle.parameters import Effective
from engine.bundle.vocabulary import STRICTEST_FIRST
from engine.deciding.evaluate import (
    Context,
    PolicyRecord,
    Records,
    judge,
    policy_input,
    policy_record,
    set_aside,
    visible,
)
from engine.deciding.verdict import (
    ControlResult,
    Decision,
    EvidenceItem,
    ExcludedItem,
    Outcome,
    Prerequisite,
    Relaxation,
    RiskTier,
    Status,
)
from engine.deciding.waivers import apply_waiver
from engine.errors import PolicyError
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.snapshot.model import Snapshot

RISK_RULE = "quaestor/risk"
HARMLESS = (Status.PASS, Status.WAIVED, Status.NOT_APPLICABLE)
_ORDER = {
    Status.FAIL: 0,
    Status.ERROR: 1,
    Status.MISSING: 2,
    Status.WAIVED: 3,
    Status.PASS: 4,
    Status.NOT_APPLICABLE: 5,
}


def decide(bundle: Bundle, effective: Effective, snapshot: Snapshot, gate_name: str, engine: RegoEngine) -> Decision:
    """Decide whether the snapshot's subject may pass a gate.

    Raises PolicyError for a gate that the bundle does not have and for one that selects no control.
    """
    gate = bundle.gate(gate_name)
    controls = [c for c in bundle.select(gate_name) if c.id not in effective.disabled]
    if not controls:
        raise PolicyError(
            f"gate `{gate_name}` selects no control",
            path=gate.path,
            line=1,
            hint="a gate that asks for nothing would let everything through; select controls or enable one",
        )
    records = _by_type(snapshot)
    access = cache(lambda: AccessPolicies(bundle.files))
    data = canonical_bytes({"parameters": dict(effective.values)})
    risk, risk_error = _risk(bundle, effective, snapshot, gate_name, records, engine, data)
    context = Context(
        gate=gate_name,
        instant=snapshot.instant,
        subject=snapshot.subject,
        tier=risk.tier,
        roles=risk.roles,
        vocabulary=bundle.vocabulary,
        parameters=effective.values,
    )
    results, relaxations = [], []
    for control, answer, seen in _answers(controls, records, context, gate_name, engine, data):
        result, relaxation = apply_waiver(
            control,
            judge(control, answer, seen, context, set_aside(control, records, context.subject)),
            records.get("waiver", ()),
            context,
            access,
        )
        results.append(result)
        relaxations += [relaxation] if relaxation else []
    prerequisites = _prerequisites(gate, snapshot, bundle.digest, digest_json(dict(effective.values)))
    denied = {prior.id for prior in snapshot.decisions if prior.outcome == "deny"}
    outcome, reasons = _outcome(gate, results, prerequisites, denied, risk, risk_error)
    results.sort(key=lambda r: (r.advisory, _ORDER[r.status], r.control))
    return Decision(
        outcome=outcome,
        gate=gate_name,
        subject=snapshot.subject,
        instant=snapshot.instant,
        bundle_digest=bundle.digest,
        overlay_digest=effective.overlay_digest,
        parameters_digest=digest_json(dict(effective.values)),
        snapshot_digest=snapshot.digest,
        risk=risk,
        summary=_summary(outcome, gate_name, snapshot, reasons, len(results)),
        reasons=tuple(reasons),
        counts=dict(sorted(Counter(str(r.status) for r in results if not r.advisory).items())),
        results=tuple(results),
        prerequisites=prerequisites,
        relaxations=tuple(_relaxations(effective, snapshot, relaxations)),
        evidence=_evidence(snapshot),
        excluded=tuple(
            ExcludedItem(id=e.id, type=e.type, reason=e.reason, detail=e.detail)
            for e in sorted(snapshot.excluded, key=lambda e: (e.type, e.id))
        ),
    )


def _by_type(snapshot: Snapshot) -> dict[str, list[PolicyRecord]]:
    records: dict[str, list[PolicyRecord]] = {}
    for entry in sorted(snapshot.entries, key=lambda e: e.record.id):
        records.setdefault(entry.record.type, []).append(policy_record(entry))
    return records


def _risk(
    bundle: Bundle,
    effective: Effective,
    snapshot: Snapshot,
    gate: str,
    records: Records,
    engine: RegoEngine,
    data: bytes,
) -> tuple[RiskTier, str]:
    """Tier and roles: the strictest of what policy computes and what any current classification says or declares.

    The second value says why the tier could not be computed, empty when it could.
    """
    context = Context(
        gate=gate,
        instant=snapshot.instant,
        subject=snapshot.subject,
        tier="undetermined",
        roles=(),
        vocabulary=bundle.vocabulary,
        parameters=effective.values,
    )
    seen = {"risk-questionnaire": records.get("risk-questionnaire", ())}
    answer = engine.evaluate([RISK_RULE], policy_input(seen, context), data)[RISK_RULE]
    if answer.state is not AnswerState.VALUE:
        return RiskTier(tier="undetermined"), answer.error or "the risk policy gave no answer"
    value = answer.value
    problem = _risk_problem(value)
    if problem:
        return RiskTier(tier="undetermined"), problem
    claimed = [
        record["predicate"][field]
        for record in records.get("risk-classification", ())
        for field in ("tier", "declared_tier")
    ]
    return RiskTier(
        tier=bundle.vocabulary.strictest([value["tier"], *claimed]),
        path=tuple(value.get("path", ())),
        articles=tuple(value.get("articles", ())),
        reasons=tuple(value.get("reasons", ())),
        roles=tuple(sorted(value.get("roles", ()))),
    ), ""


def _risk_problem(value: Any) -> str:
    """Why an answer of the risk policy cannot be used; empty where it can."""
    if not isinstance(value, dict) or not isinstance(value.get("tier"), str):
        return "the risk policy's answer has no tier"
    if value["tier"] not in STRICTEST_FIRST:
        return f"the risk policy answers with the unknown tier `{value['tier']}`"
    for name in ("path", "articles", "reasons", "roles"):
        texts = value.get(name, [])
        if not isinstance(texts, list) or any(not isinstance(text, str) for text in texts):
            return f"`{name}` of the risk policy's answer is not a list of texts"
    return ""


def _answers(
    controls: Sequence[Control],
    records: Records,
    context: Context,
    gate: str,
    engine: RegoEngine,
    data: bytes,
) -> list[tuple[Control, Answer, dict[str, list[PolicyRecord]]]]:
    """An answer for each control; controls that may see the same records are asked together, on one input."""
    seen = {control.id: visible(control, records, context.instant, context.subject) for control in controls}
    views: list[tuple[dict[str, list[PolicyRecord]], list[Control]]] = []
    for control in controls:
        own = seen[control.id]
        for view, group in views:
            if all(view.get(kind, items) == items for kind, items in own.items()):
                view |= own
                group.append(control)
                break
        else:
            views.append((dict(own), [control]))
    whole = max((len(group) for _, group in views), default=0)
    answers: dict[str, Answer] = {}
    for view, group in views:
        rules = {control.rule: control.id for control in group}
        given = engine.evaluate(
            list(rules), policy_input(view, context), data, group=gate if len(group) == whole else None
        )
        answers |= {rules[rule]: answer for rule, answer in given.items()}
    return [(control, answers[control.id], seen[control.id]) for control in controls]


def _prerequisites(gate: Gate, snapshot: Snapshot, bundle: str, parameters: str) -> tuple[Prerequisite, ...]:
    """Earlier gates that this one asks for. An allowance under other policies or thresholds answers for nothing."""
    result = []
    for name in gate.requires:
        # The latest; of several at one instant, one that did not allow.
        decided = [d for d in snapshot.decisions if d.gate == name and d.instant <= snapshot.instant]
        prior = max(decided, key=lambda d: (d.instant, d.outcome != "allow", d.id), default=None)
        if prior is None:
            detail = f"gate {name} has not decided on this digest"
        else:
            detail = f"gate {name} said {prior.outcome} at {prior.to_json()['instant']}"
        met = prior is not None and prior.outcome == "allow"
        if prior is not None and (prior.bundle_digest, prior.parameters_digest) != (bundle, parameters):
            met, detail = False, f"{detail}, under other policies or parameters; ask it again"
        result.append(Prerequisite(gate=name, met=met, decision=prior.id if prior else None, detail=detail))
    return tuple(result)


def _outcome(
    gate: Gate,
    results: Sequence[ControlResult],
    prerequisites: Sequence[Prerequisite],
    denied: Collection[str],
    risk: RiskTier,
    risk_error: str,
) -> tuple[Outcome, list[str]]:
    """The outcome with its reasons, breaches first. Nothing but a clean sheet allows."""
    decisive = [r for r in results if not r.advisory and r.severity in gate.denies and r.status not in HARMLESS]
    breaches = [f"{r.control} {r.title}: {r.reason}" for r in decisive if r.status is Status.FAIL]
    unknown = [
        f"{r.control} {r.title}: {'evidence is missing' if r.status is Status.MISSING else 'error'}: {r.reason}"
        for r in decisive
        if r.status is not Status.FAIL
    ]
    for item in prerequisites:
        if not item.met:
            (breaches if item.decision in denied else unknown).append(f"earlier gate: {item.detail}")
    if risk.tier == "prohibited":
        breaches.insert(0, "the practice is prohibited (AI Act Art 5): no gate lets it through")
    elif risk_error:
        unknown.append(f"the risk tier could not be computed: {risk_error}")
    elif risk.tier == "undetermined":
        # It blocks as a failure does: an unknown tier leaves open which law holds.
        unknown.append(f"the risk tier is undetermined: {'; '.join(risk.reasons) or 'a classification says so'}")
    if breaches:
        return Outcome.DENY, breaches + unknown
    if unknown:
        return Outcome.INDETERMINATE, unknown
    if not any(r.status in (Status.PASS, Status.WAIVED) and not r.advisory for r in results):
        # Advice asks for nothing: a gate of which no control binds would let everything through.
        return Outcome.INDETERMINATE, ["no control passed: none that the gate selects binds here and is satisfied"]
    return Outcome.ALLOW, []


def _summary(outcome: Outcome, gate: str, snapshot: Snapshot, reasons: Sequence[str], asked: int) -> str:
    name = f"{snapshot.subject.name} ({snapshot.subject.digest[:19]})"
    if outcome is Outcome.ALLOW:
        return f"{name} may pass gate {gate}: no control that binds stands against it ({asked} asked)"
    want = "" if outcome is Outcome.DENY else " for want of evidence"
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return f"{name} may not pass gate {gate}{want}: {reasons[0]}{more}"


def _relaxations(effective: Effective, snapshot: Snapshot, waived: Sequence[Relaxation]) -> list[Relaxation]:
    """Everything that made the decision milder, or different, than the bundle and the present would have it."""
    result = list(waived)
    # Every one: the risk tier, dates and waivers go by parameters that no control declares.
    result += [
        Relaxation(kind="parameter", subject=o.name, detail=f"{_brief(o.default)} replaced by {_brief(o.value)}")
        for o in effective.overrides
    ]
    result += [
        Relaxation(kind="disabled-control", subject=control, detail=reason)
        for control, reason in effective.disabled.items()
    ]
    result += [
        Relaxation(
            kind="unsigned-evidence",
            subject=entry.record.id,
            detail=f"{entry.record.type} of class {entry.record.envelope.evidence_class} carries no signature",
            evidence=entry.record.id,
        )
        for entry in snapshot.entries
        if entry.signature.state != "verified" and not entry.derived_here
    ]
    result += [
        Relaxation(kind="withdrawn-evidence", subject=item.id, detail=f"{item.type}: {item.detail}", evidence=item.id)
        for item in snapshot.excluded
        if item.reason in ("withdrawn", "erased")
    ]
    if snapshot.instant_chosen:
        instant = snapshot.to_json()["instant"]
        result.append(
            Relaxation(kind="chosen-instant", subject=instant, detail="decided as of an instant named by the caller")
        )
    return sorted(result, key=lambda r: (r.kind, r.subject, r.detail))


def _brief(value: object) -> str:
    text = canonical_bytes(value).decode()
    return text if len(text) <= 120 else f"{text[:117]}…"


def _evidence(snapshot: Snapshot) -> tuple[EvidenceItem, ...]:
    items = (
        EvidenceItem(
            id=entry.record.id,
            type=entry.record.type,
            evidence_class=entry.record.envelope.evidence_class.value,
            collected_at=entry.record.envelope.collected_at,
            expires_at=entry.record.envelope.expires_at,
            source=entry.record.envelope.source,
            issuer=entry.record.envelope.issuer,
            signature=entry.signature.state,
            signer=entry.signature.signer,
        )
        for entry in snapshot.entries
    )
    return tuple(sorted(items, key=lambda item: (item.type, item.id)))
