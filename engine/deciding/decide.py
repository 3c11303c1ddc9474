"""The pure function: decision = decide(bundle, overlay, snapshot, gate, engine).

Subject and instant stand in the snapshot. The engine is a means: every engine gives the same bytes, and none is named
in the body.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.backends.base import Answer, RegoEngine
from engine.bundle.control import Control
from engine.bundle.effective import Effective
from engine.bundle.gates import Gate, selected
from engine.bundle.load import Bundle
from engine.deciding.accounts import retold
from engine.deciding.admission import Objection, evidence_type, makers, objection
from engine.deciding.evaluate import (
    Context,
    PolicyRecord,
    Records,
    beyond_waiver,
    judge,
    policy_input,
    policy_record,
    scope_of,
    set_aside,
    visible,
)
from engine.deciding.relaxations import (
    AssumedRenewalRelaxation,
    ChosenInstantRelaxation,
    DisabledControlRelaxation,
    EarlierRefusalRelaxation,
    ParameterRelaxation,
    Relaxation,
    ReplacedEvidenceRelaxation,
    UnsignedEvidenceRelaxation,
    WithdrawnEvidenceRelaxation,
)
from engine.deciding.risk import UNKNOWN, ComputedRisk, Named, compute_risk, context_of, with_claims
from engine.deciding.verdict import (
    HARMLESS,
    ContestedReason,
    ControlReason,
    ControlResult,
    Decision,
    EvidenceItem,
    ExcludedItem,
    FindingCause,
    GateReason,
    GateState,
    NothingBindsReason,
    Outcome,
    Prerequisite,
    Reason,
    RiskTier,
    Status,
    TierErrorReason,
    TierReason,
)
from engine.deciding.waivers import apply_waiver
from engine.errors import NothingAskedError
from evidence.model.base import format_instant
from evidence.model.canonical import Written, canonical_bytes
from evidence.snapshot.filed import as_filed
from evidence.snapshot.model import Entry, PriorDecision, Snapshot
from evidence.snapshot.model import Records as Filed

_ORDER = {
    Status.FAIL: 0,
    Status.ERROR: 1,
    Status.MISSING: 2,
    Status.WAIVED: 3,
    Status.PASS: 4,
    Status.NOT_APPLICABLE: 5,
}


def decide(
    bundle: Bundle,
    effective: Effective,
    snapshot: Snapshot,
    gate_name: str,
    engine: RegoEngine,
    *,
    named: Named | None = None,
) -> Decision:
    """Decide whether the snapshot's subject may pass a gate.

    `named` are policies that are signed, where these are to be taken for signed as those are (what-if).
    Raises PolicyError for a gate that the bundle does not have, one that judges no such subject and one that selects no
    control.
    """
    gate = bundle.gate(gate_name)
    gate.require(snapshot.subject)
    counted, turned_away = admitted(bundle, snapshot)
    records = by_type(bundle, counted, turned_away)
    tiered = snapshot.subject.has_tier
    computed = (
        compute_risk(bundle, effective, snapshot, gate_name, records, engine) if tiered else ComputedRisk(UNKNOWN)
    )
    risk = with_claims(computed.risk, records, bundle)
    context = context_of(bundle, effective, snapshot.subject, snapshot.instant, gate_name, risk, named)
    off = _off(bundle, effective, context)
    controls = _asked(bundle, gate, off)
    results, waived = _judged(
        bundle, controls, records, context, effective.data, engine, _known_contents(counted), group=gate_name
    )
    prerequisites = _prerequisites(gate, snapshot, bundle, effective, off)
    open_tier = _open_tier(risk, computed.error) if tiered else []
    outcome, reasons = _outcome(gate, results, prerequisites, risk, open_tier, _contested(turned_away), bundle.added)
    results.sort(key=lambda r: (r.advisory, _ORDER[r.status], r.control))
    return Decision(
        outcome=outcome,
        gate=gate_name,
        subject=snapshot.subject,
        instant=snapshot.instant,
        bundle_digest=bundle.digest,
        overlay_digest=effective.overlay_digest,
        parameters_digest=effective.digest,
        snapshot_digest=snapshot.digest,
        risk=risk,
        reasons=tuple(reasons),
        counts=dict(sorted(Counter(str(r.status) for r in results if not r.advisory).items())),
        results=tuple(results),
        prerequisites=prerequisites,
        relaxations=tuple(_relaxations(effective, off, snapshot, turned_away, gate_name, waived)),
        evidence=_evidence(counted),
        excluded=_excluded(snapshot, turned_away),
    )


Wanted = Callable[[str, Mapping[str, Any]], bool]
"""Whether a record is asked for, by its type and content."""


@dataclass(frozen=True)
class Standing:
    """How each control that a gate asks came out, and why the gate does not allow; of earlier gates nothing is said."""

    results: tuple[ControlResult, ...]
    reasons: tuple[Reason, ...]


def judged_again(
    before: Decision,
    bundle: Bundle,
    effective: Effective,
    touched: Collection[str],
    read: Callable[[Wanted], Filed],
    engine: Callable[[Collection[str]], RegoEngine],
    *,
    named: Named | None = None,
) -> Standing:
    """How a decision would stand under other policies, by which only controls of `touched` may come out otherwise.

    Those alone are judged again (`engine.bundle.touched`); `read` gives the records of the decision's snapshot that are
    wanted, `engine` one that knows the controls of some ids, and neither is asked for where there is nothing to judge.
    `named`: as for `decide`, and the same for both. Raises as `decide` does.
    """
    gate = bundle.gate(before.gate)
    gate.require(before.subject)
    context = context_of(bundle, effective, before.subject, before.instant, gate.gate, before.risk, named)
    controls = _asked(bundle, gate, _off(bundle, effective, context))
    known = {result.control: result for result in before.results}
    fresh = [control for control in controls if control.id in touched or control.id not in known]
    asked = {control.id for control in fresh}
    results = [known[control.id] for control in controls if control.id not in asked]
    if fresh:
        kinds = {"waiver", *(kind for control in fresh for kind in control.evidence)}
        counted, turned_away = admitted(bundle, read(lambda type_, content: evidence_type(type_, content) in kinds))
        written = _known_contents(counted)
        records = by_type(bundle, counted, turned_away)
        results += _judged(bundle, fresh, records, context, effective.data, engine(asked), written)[0]
    return _standing(bundle, gate, before, results)


def standing(bundle: Bundle, decision: Decision) -> Standing:
    """How a decision by this bundle stands by itself, were every earlier gate passed."""
    return _standing(bundle, bundle.gate(decision.gate), decision, decision.results)


def _standing(bundle: Bundle, gate: Gate, decision: Decision, results: Sequence[ControlResult]) -> Standing:
    # What is no control's: the tier and who made what follow from evidence and rules that are the same.
    kept = [r for r in decision.reasons if not isinstance(r, (ControlReason, GateReason, NothingBindsReason))]
    kept = [r for r in kept if r != TierReason(tier="prohibited")]
    _, reasons = _outcome(gate, results, (), decision.risk, kept, (), bundle.added)
    return Standing(tuple(results), tuple(reasons))


def _asked(bundle: Bundle, gate: Gate, off: Collection[str]) -> list[Control]:
    controls = [control for control in bundle.select(gate.gate) if control.id not in off]
    if not controls:
        raise NothingAskedError(gate.gate, gate.path)
    return controls


def _judged(
    bundle: Bundle,
    controls: Sequence[Control],
    records: Records,
    context: Context,
    data: bytes,
    engine: RegoEngine,
    written: Written,
    *,
    group: str | None = None,
) -> tuple[list[ControlResult], list[Relaxation]]:
    """The result of each control, and the waivers that stand in for some. `group`: the gate, where it asks no other."""
    results: list[ControlResult] = []
    waived: list[Relaxation] = []
    for control, answer, seen in _answers(controls, records, context, data, engine, written, group):
        result, relaxation = apply_waiver(
            control,
            judge(control, answer, seen, context, set_aside(control, records, context.subject)),
            records.get("waiver", ()),
            context,
            lambda: bundle.access,
        )
        results.append(result)
        waived += [relaxation] if relaxation else []
    return results, waived


def admitted(bundle: Bundle, filed: Filed) -> tuple[list[Entry], list[tuple[Entry, Objection]]]:
    """The entries that count under the bundle's rules on statements, signers and accounts of events; those that do not,
    each with why.
    """
    looked_at = [(entry, as_filed(entry.record, entry.signature, entry.filed_at)) for entry in filed.entries]
    made = makers((seen for _, seen in looked_at), filed.subject) if filed.makers is None else filed.makers
    counted: list[Entry] = []
    turned_away: list[tuple[Entry, Objection]] = []
    for entry, seen in sorted(looked_at, key=lambda pair: pair[0].record.id):
        why = objection(seen, filed.subject, bundle, made)
        if why is None:
            counted.append(entry)
        else:
            turned_away.append((entry, why))
    told_again = retold(bundle.schemas, counted)
    turned_away += [(entry, told_again[entry.record.id]) for entry in counted if entry.record.id in told_again]
    return [entry for entry in counted if entry.record.id not in told_again], turned_away


def _excluded(snapshot: Snapshot, turned_away: Sequence[tuple[Entry, Objection]]) -> tuple[ExcludedItem, ...]:
    items = [
        ExcludedItem(**{name: value for name, value in vars(item).items() if name in ExcludedItem.model_fields})
        for item in snapshot.excluded
    ]
    items += [
        ExcludedItem(
            id=entry.record.id,
            type=entry.record.type,
            reason=why.reason,
            why=why.why,
            by=why.by,
            replaced_by=why.replaced_by,
            past=why.past,
        )
        for entry, why in turned_away
    ]
    return tuple(sorted(items, key=lambda item: (item.type, item.id, item.reason)))


def by_type(
    bundle: Bundle, entries: Sequence[Entry], turned_away: Sequence[tuple[Entry, Objection]]
) -> dict[str, list[PolicyRecord]]:
    """Records as the bundle's policies see them, by the evidence type under which controls read them.

    `entries` are those that count; of what was turned away, the accounts are looked at for which one of them stands.
    """
    earlier: dict[str, list[str]] = {}
    for entry, why in turned_away:
        if why.replaced_by is not None:
            earlier.setdefault(why.replaced_by, []).append(format_instant(entry.filed_at))
    records: dict[str, list[PolicyRecord]] = {}
    for entry in entries:
        kind = evidence_type(entry.record.type, entry.record.content)
        event = bundle.event_told(kind, entry.record.content, entry.record.content_digest)
        filed = sorted(earlier.get(entry.record.id, ()))
        before = {"earlier_filed_at": filed} if filed else {}
        records.setdefault(kind, []).append({**policy_record(entry), **event, **before})
    return records


def _known_contents(entries: Iterable[Entry]) -> Written:
    """A writer of what policies are given that knows how the contents of these records are written."""
    written = Written()
    for entry in entries:
        written.take(entry.record.content, entry.record.content_text)
    return written


def _answers(
    controls: Sequence[Control],
    records: Records,
    context: Context,
    data: bytes,
    engine: RegoEngine,
    written: Written,
    gate: str | None,
) -> list[tuple[Control, Answer, dict[str, list[PolicyRecord]]]]:
    """An answer for each control; controls that may see the same records are asked together, on one input."""
    seen = {control.id: visible(control, records, context.instant, context.subject) for control in controls}
    views = _views(controls, seen)
    whole = max((len(group) for _, group in views), default=0)
    answers: dict[str, Answer] = {}
    for view, group in views:
        rules = {control.rule: control.id for control in group}
        given = engine.evaluate(
            list(rules), policy_input(view, context, written), data, group=gate if len(group) == whole else None
        )
        answers |= {rules[rule]: answer for rule, answer in given.items()}
    return [(control, answers[control.id], seen[control.id]) for control in controls]


def _views(
    controls: Sequence[Control], seen: Mapping[str, dict[str, list[PolicyRecord]]]
) -> list[tuple[dict[str, list[PolicyRecord]], list[Control]]]:
    """The views of the evidence, each with the controls that see no other record of any type that they read."""
    views: list[tuple[dict[str, list[PolicyRecord]], list[Control]]] = []
    for control in controls:
        own = seen[control.id]
        for view, group in views:
            if all(view.get(kind, items) == items for kind, items in own.items()):
                view.update(own)
                group.append(control)
                break
        else:
            views.append((dict(own), [control]))
    return views


def given(
    bundle: Bundle, effective: Effective, snapshot: Snapshot, gate_name: str, risk: RiskTier
) -> list[tuple[list[Control], bytes]]:
    """The document `input` of each view of the evidence at a gate, with the controls that were asked on it.

    Raises PolicyError for a gate that the bundle does not have.
    """
    counted, turned_away = admitted(bundle, snapshot)
    records = by_type(bundle, counted, turned_away)
    context = context_of(bundle, effective, snapshot.subject, snapshot.instant, gate_name, risk)
    off = _off(bundle, effective, context)
    controls = [control for control in bundle.select(gate_name) if control.id not in off]
    seen = {control.id: visible(control, records, context.instant, context.subject) for control in controls}
    written = _known_contents(counted)
    return [(group, policy_input(view, context, written)) for view, group in _views(controls, seen)]


def _off(bundle: Bundle, effective: Effective, context: Context) -> set[str]:
    """The controls that the overlay switches off here."""
    return {name for name in effective.disabled if switched_off(bundle.controls[name], effective, context)}


def switched_off(control: Control, effective: Effective, context: Context) -> bool:
    """The overlay reaches no further than a waiver: what is law for this subject on this day is judged all the same."""
    said = effective.disabled.get(control.id)
    off = said is not None and said.holds_at(context.instant)
    return off and beyond_waiver(control, scope_of(control, context)) is None


def _prerequisites(
    gate: Gate, snapshot: Snapshot, bundle: Bundle, effective: Effective, off: Collection[str]
) -> tuple[Prerequisite, ...]:
    """Earlier gates that this one asks for. An allowance under other policies or thresholds answers for nothing."""
    result = []
    for name in gate.requires:
        # The latest; of several at one instant, one that did not allow.
        decided = [d for d in snapshot.decisions if d.gate == name and d.instant <= snapshot.instant]
        prior = max(decided, key=lambda d: (d.instant, d.outcome != "allow", d.id), default=None)
        if prior is None:
            result.append(Prerequisite(gate=name, state="undecided"))
            continue
        result.append(
            Prerequisite(
                gate=name,
                state=gate_state(prior, bundle, effective, off),
                decision=prior.id,
                outcome=Outcome(prior.outcome),
                instant=prior.instant,
            )
        )
    return tuple(result)


def gate_state(prior: PriorDecision, bundle: Bundle, effective: Effective, off: Collection[str]) -> GateState:
    """What an earlier decision is worth under these policies and thresholds, where the controls `off` are not asked."""
    if (prior.bundle_digest, prior.parameters_digest) != (bundle.digest, effective.digest):
        return "other-policies"
    asked = {control.id for control in selected(bundle.gate(prior.gate), bundle.controls.values())}
    if (asked & {*(prior.off or ())}) - {*off}:
        return "other-policies"
    return "taken-back" if prior.outcome == "allow" and prior.gone else _STATES[prior.outcome]


_STATES: dict[str, GateState] = {"allow": "allowed", "deny": "denied", "indeterminate": "indeterminate"}


def _outcome(
    gate: Gate,
    results: Sequence[ControlResult],
    prerequisites: Sequence[Prerequisite],
    risk: RiskTier,
    open_tier: Sequence[Reason],
    contested: Sequence[Reason],
    added: Collection[str],
) -> tuple[Outcome, list[Reason]]:
    """The outcome with its reasons, breaches first. Nothing but a clean sheet allows."""
    breaches: list[Reason] = []
    unknown: list[Reason] = [*contested]
    if risk.tier == "prohibited":
        breaches.append(TierReason(tier="prohibited"))
    for result in results:
        if not result.advisory and result.severity in gate.denies and result.status not in HARMLESS:
            (breaches if result.status is Status.FAIL else unknown).append(_control_reason(result))
    for item in prerequisites:
        if not item.met:
            told = GateReason(gate=item.gate, state=item.state, decision=item.decision)
            (breaches if item.outcome is Outcome.DENY else unknown).append(told)
    unknown += open_tier
    if breaches:
        return Outcome.DENY, breaches + unknown
    if unknown:
        return Outcome.INDETERMINATE, unknown
    if not any(r.status in (Status.PASS, Status.WAIVED) and not r.advisory and r.control not in added for r in results):
        # Advice asks for nothing: a gate of which no control binds would let everything through. So would one where
        # only a control of the overlay's binds: without the overlay the gate would not allow.
        return Outcome.INDETERMINATE, [NothingBindsReason()]
    return Outcome.ALLOW, []


def _open_tier(risk: RiskTier, error: TierErrorReason | None) -> list[Reason]:
    """That the tier is not known. It blocks as a failure does: an unknown tier leaves open which law holds."""
    if error is not None and risk.tier != "prohibited":
        return [error]
    return [TierReason(tier="undetermined")] if risk.tier == "undetermined" else []


def _contested(turned_away: Sequence[tuple[Entry, Objection]]) -> list[Reason]:
    """What is set aside because its signer was named as maker after it was filed; the door lets in none before."""
    return [
        ContestedReason(record=entry.record.id, type=entry.record.type, by=why.by or "", act=why.why)
        for entry, why in turned_away
        if why.reason == "apart" and set(why.why.split(", ")) & {"trainer", "builder"}
    ]


def _control_reason(result: ControlResult) -> ControlReason:
    place = result.cause.finding if isinstance(result.cause, FindingCause) else None
    objective = result.findings[place].objective if place is not None else None
    return ControlReason(control=result.control, status=result.status, objective=objective, finding=place)


def _relaxations(
    effective: Effective,
    off: Collection[str],
    snapshot: Snapshot,
    turned_away: Sequence[tuple[Entry, Objection]],
    gate: str,
    waived: Sequence[Relaxation],
) -> list[Relaxation]:
    """Everything that made the decision milder, or different, than the bundle and the present would have it."""
    result = list(waived)
    # Every one: the risk tier, dates and waivers go by parameters that no control declares.
    result += [ParameterRelaxation(subject=o.name, default=o.default, value=o.value) for o in effective.overrides]
    result += [
        DisabledControlRelaxation(
            subject=control, why=said.reason, approver=said.approver, pack=said.pack, until=said.until
        )
        for control, said in effective.disabled.items()
        if control in off
    ]
    result += [
        UnsignedEvidenceRelaxation(
            subject=entry.record.id,
            type=entry.record.type,
            evidence_class=entry.record.envelope.evidence_class.value,
        )
        for entry in snapshot.entries
        if entry.signature.state != "verified" and not entry.derived_here
    ]
    result += [
        WithdrawnEvidenceRelaxation(subject=item.id)
        for item in snapshot.excluded
        if item.reason in ("withdrawn", "erased")
    ]
    result += [
        ReplacedEvidenceRelaxation(subject=item.id)
        for item in snapshot.excluded
        # What a machine brought or derived is replaced as a matter of course.
        if item.reason == "superseded" and item.by is not None
    ]
    # What an account tells later of times past, nobody saw at the time: a machine's too is named. Not so one that says
    # the same again, as a collector's each run does: among hundreds of those nobody would look for what was told later.
    result += [
        ReplacedEvidenceRelaxation(subject=entry.record.id)
        for entry, why in turned_away
        if why.reason == "superseded" and why.why
    ]
    # The snapshot names accounts of events for which later ones stand; by policies of before they count.
    counting = {entry.record.id for entry in snapshot.entries} - {entry.record.id for entry, _ in turned_away}
    for item in snapshot.refusals or ():
        gone = tuple(name for name in item.gone if name not in counting)
        if item.gate == gate and (gone or item.system_id is not None):
            result.append(
                EarlierRefusalRelaxation(
                    subject=item.id, outcome=item.outcome, instant=item.instant, gone=gone, system=item.system_id
                )
            )
    if snapshot.instant_chosen:
        result.append(ChosenInstantRelaxation(subject=snapshot.instant))
    if snapshot.renewal_assumed is not None:
        result.append(AssumedRenewalRelaxation(subject=snapshot.renewal_assumed))
    return sorted(result, key=lambda r: (r.kind, str(r.subject), canonical_bytes(r.to_json())))


def _evidence(entries: Sequence[Entry]) -> tuple[EvidenceItem, ...]:
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
        for entry in entries
    )
    return tuple(sorted(items, key=lambda item: (item.type, item.id)))
