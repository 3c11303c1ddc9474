"""A decision in plain words: the one reading of it that text, Markdown, JUnit, SARIF, HTML and PDF share."""

from collections.abc import Iterable
from datetime import date

from engine.deciding.verdict import ControlResult, Decision, Finding, Outcome, Status
from evidence.model.base import Frozen, Int, format_instant
from reports.words.wording import (
    CLASS_WORDS,
    FRAMEWORK_NAMES,
    OUTCOME_MEANINGS,
    OUTCOME_WORDS,
    RELAXATION_WORDS,
    STATUS_WORDS,
    clean,
    instant_text,
    iso_day_text,
    value_text,
)

HARMLESS = (Status.PASS, Status.WAIVED, Status.NOT_APPLICABLE)


class FindingView(Frozen):
    """Why an objective is not satisfied. `evidence` is a record id or empty, `evidence_type` its kind."""

    objective: str
    says: str
    message: str
    gap: bool
    observed: str
    expected: str
    evidence: str
    evidence_type: str
    path: str


class ObjectiveView(Frozen):
    """One assessment objective and its state: `satisfied` or `not satisfied`, `, advisory` where it does not bind."""

    name: str
    says: str
    state: str


class ControlView(Frozen):
    """Result of one control.

    `binds` says from when, for a control that only advises; else it is empty. `decisive`: it is one of the decision's
    reasons; a failed control that is not (a minor one, where the gate asks for majors) is shown and denies nothing.
    """

    control: str
    title: str
    family: str
    status: Status
    status_words: str
    advisory: bool
    decisive: bool
    binds: str
    severity: str
    basis: str
    reason: str
    objectives: tuple[ObjectiveView, ...]
    findings: tuple[FindingView, ...]
    remediation: str
    articles: tuple[str, ...]
    evidence: tuple[str, ...]
    waiver: str


class RelaxationView(Frozen):
    """Something that made the decision milder, or different, than the policies alone would have it."""

    kind: str
    words: str
    subject: str
    detail: str


class RecordView(Frozen):
    """One evidence record as the decision lists it; `signature` says by whom it is signed."""

    id: str
    type: str
    collected: str
    expires: str
    source: str
    issuer: str
    signature: str


class EvidenceClassView(Frozen):
    """The records of one evidence class, with what the class is worth."""

    name: str
    title: str
    meaning: str
    records: tuple[RecordView, ...]


class ExcludedView(Frozen):
    """A record about the subject that did not count."""

    id: str
    type: str
    reason: str
    detail: str


class PrerequisiteView(Frozen):
    """An earlier gate that this gate asks for."""

    gate: str
    met: str
    decision: str
    detail: str


class ReasonView(Frozen):
    """A reason of the decision; where a control stands behind it, what was observed, expected and what to do."""

    text: str
    control: str
    observed: str
    expected: str
    remediation: str


class CountView(Frozen):
    """How many binding controls came to a status."""

    words: str
    n: Int


class DigestView(Frozen):
    """A digest with what it is of."""

    label: str
    value: str


class DecisionView(Frozen):
    """A decision, ready to be told. `failing` are controls that failed, `unjudged` those without an answer."""

    id: str
    outcome: Outcome
    verdict: str
    verdict_meaning: str
    summary: str
    reasons: tuple[ReasonView, ...]
    name: str
    digest: str
    kind: str
    system: str
    gate: str
    instant: str
    instant_iso: str
    tier: str
    roles: str
    articles: str
    tier_path: str
    tier_reasons: tuple[str, ...]
    counts: tuple[CountView, ...]
    failing: tuple[ControlView, ...]
    unjudged: tuple[ControlView, ...]
    waived: tuple[ControlView, ...]
    passing: tuple[ControlView, ...]
    not_applicable: tuple[ControlView, ...]
    advisory: tuple[ControlView, ...]
    prerequisites: tuple[PrerequisiteView, ...]
    relaxations: tuple[RelaxationView, ...]
    evidence: tuple[EvidenceClassView, ...]
    excluded: tuple[ExcludedView, ...]
    digests: tuple[DigestView, ...]

    @property
    def controls(self) -> tuple[ControlView, ...]:
        """Every control, binding ones first, those that speak against the subject before the others."""
        return (
            *self.failing, *self.unjudged, *self.waived, *self.passing, *self.not_applicable, *self.advisory
        )  # fmt: skip


def describe(decision: Decision) -> DecisionView:
    """The plain-words reading of a decision. Pure; every text in it is free of control characters."""
    types = {item.id: item.type for item in decision.evidence}
    controls = [_control(result, decision, types) for result in decision.results]
    binding = [control for control in controls if not control.advisory]

    def of(*statuses: Status) -> tuple[ControlView, ...]:
        return tuple(control for control in binding if control.status in statuses)

    return DecisionView(
        id=decision.id,
        outcome=decision.outcome,
        verdict=OUTCOME_WORDS[decision.outcome],
        verdict_meaning=OUTCOME_MEANINGS[decision.outcome],
        summary=clean(decision.summary),
        reasons=tuple(_reason(clean(reason), binding) for reason in decision.reasons),
        name=clean(decision.subject.name),
        digest=decision.subject.digest,
        kind=decision.subject.kind.value,
        system=clean(decision.subject.system_id),
        gate=clean(decision.gate),
        instant=instant_text(decision.instant),
        instant_iso=format_instant(decision.instant),
        tier=clean(decision.risk.tier),
        roles=_listed(decision.risk.roles),
        articles=_listed(_article("eu-ai-act", article) for article in decision.risk.articles),
        tier_path=" > ".join(clean(step) for step in decision.risk.path),
        tier_reasons=tuple(clean(reason) for reason in decision.risk.reasons),
        counts=tuple(
            CountView(words=STATUS_WORDS[status], n=sum(1 for control in binding if control.status is status))
            for status in (
                Status.FAIL,
                Status.MISSING,
                Status.ERROR,
                Status.WAIVED,
                Status.PASS,
                Status.NOT_APPLICABLE,
            )
        ),
        failing=of(Status.FAIL),
        unjudged=of(Status.MISSING, Status.ERROR),
        waived=of(Status.WAIVED),
        passing=of(Status.PASS),
        not_applicable=of(Status.NOT_APPLICABLE),
        advisory=tuple(control for control in controls if control.advisory),
        prerequisites=_prerequisites(decision),
        relaxations=_relaxations(decision),
        evidence=_evidence(decision),
        excluded=tuple(
            ExcludedView(id=clean(item.id), type=clean(item.type), reason=clean(item.reason), detail=clean(item.detail))
            for item in decision.excluded
        ),
        digests=(
            DigestView(label="decision", value=decision.id),
            DigestView(label="policy bundle", value=decision.bundle_digest),
            DigestView(label="organisation's overlay", value=decision.overlay_digest),
            DigestView(label="effective parameters", value=decision.parameters_digest),
            DigestView(label="evidence snapshot", value=decision.snapshot_digest),
        ),
    )


def _prerequisites(decision: Decision) -> tuple[PrerequisiteView, ...]:
    return tuple(
        PrerequisiteView(
            gate=clean(item.gate),
            met="met" if item.met else "not met",
            decision=item.decision or "",
            detail=clean(item.detail),
        )
        for item in decision.prerequisites
    )


def _relaxations(decision: Decision) -> tuple[RelaxationView, ...]:
    return tuple(
        RelaxationView(
            kind=item.kind,
            words=RELAXATION_WORDS[item.kind],
            subject=clean(item.subject),
            detail=clean(item.detail),
        )
        for item in decision.relaxations
    )


def _control(result: ControlResult, decision: Decision, types: dict[str, str]) -> ControlView:
    head = f"{result.control} {result.title}:"
    says = {objective.name: objective.says for objective in result.objectives}
    return ControlView(
        control=clean(result.control),
        title=clean(result.title),
        family=clean(result.family),
        status=result.status,
        status_words=STATUS_WORDS[result.status],
        advisory=result.advisory,
        decisive=not result.advisory and any(reason.startswith(head) for reason in decision.reasons),
        binds=_binds(result, decision.instant.date()),
        severity=result.severity,
        basis=result.basis,
        reason=clean(result.reason),
        objectives=tuple(
            ObjectiveView(
                name=clean(item.name),
                says=clean(item.says),
                state=("satisfied" if item.satisfied else "not satisfied") + (", advisory" if item.advisory else ""),
            )
            for item in result.objectives
        ),
        findings=tuple(_finding(item, says.get(item.objective, ""), types) for item in result.findings),
        remediation=clean(result.remediation),
        articles=tuple(_article(name, item) for name, items in sorted(result.frameworks.items()) for item in items),
        evidence=result.evidence,
        waiver=result.waiver or "",
    )


def _reason(text: str, controls: Iterable[ControlView]) -> ReasonView:
    """The decision's reason beside the control that it begins with, and the finding that it repeats."""
    control = next((c for c in controls if text.startswith(f"{c.control} {c.title}:")), None)
    told = [f for f in control.findings if f.message == control.reason] if control else []
    return ReasonView(
        text=text,
        control=control.control if control else "",
        observed=told[0].observed if told else "",
        expected=told[0].expected if told else "",
        remediation=control.remediation if control else "",
    )


def _binds(result: ControlResult, day: date) -> str:
    if not result.advisory:
        return ""
    if result.applies_from and result.applies_from > day.isoformat():
        return f"binds from {iso_day_text(result.applies_from)}"
    return "advises only: outside its legal scope or period"


def _finding(finding: Finding, says: str, types: dict[str, str]) -> FindingView:
    return FindingView(
        objective=clean(finding.objective),
        says=clean(says),
        message=clean(finding.message),
        gap=finding.gap,
        observed=value_text(finding.observed),
        expected=value_text(finding.expected),
        evidence=clean(finding.evidence or ""),
        evidence_type=clean(types.get(finding.evidence or "", "")),
        path=clean(finding.path or ""),
    )


def _article(framework: str, article: str) -> str:
    name = FRAMEWORK_NAMES.get(framework, framework)
    numbered = framework in ("eu-ai-act", "gdpr") and article[:1].isdigit()
    return clean(f"{name} Art {article}" if numbered else f"{name} {article}")


def _listed(items: Iterable[str]) -> str:
    return ", ".join(clean(item) for item in items)


def _evidence(decision: Decision) -> tuple[EvidenceClassView, ...]:
    """Every class, also the empty ones: that nothing was measured is worth knowing."""
    return tuple(
        EvidenceClassView(
            name=name,
            title=title,
            meaning=meaning,
            records=tuple(
                RecordView(
                    id=item.id,
                    type=clean(item.type),
                    collected=format_instant(item.collected_at),
                    expires=format_instant(item.expires_at),
                    source=clean(item.source),
                    issuer=clean(item.issuer),
                    signature=(
                        f"verified: {clean(item.signer or 'signer not named')}"
                        if item.signature == "verified"
                        else {"absent": "not signed", "unverified": "signature not verified"}[item.signature]
                    ),
                )
                for item in decision.evidence
                if item.evidence_class == name
            ),
        )
        for name, (title, meaning) in CLASS_WORDS.items()
    )
