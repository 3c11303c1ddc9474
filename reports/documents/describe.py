"""From a decision and its snapshot to the one reading of it that every output shares. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from engine.bundle.control import Control
from engine.deciding.relaxations import ParameterRelaxation
from engine.deciding.verdict import HARMLESS, ControlReason, ControlResult, Decision, EvidenceItem, Finding, Status
from evidence.model.base import format_instant
from evidence.model.notes import OtherPolicies
from evidence.snapshot.model import Snapshot
from reports.documents.findings import grouped
from reports.documents.parties import parties
from reports.documents.view import (
    SEVERITIES,
    ControlView,
    CountView,
    DecisionView,
    DigestView,
    EvidenceClassView,
    ExcludedView,
    FindingView,
    MeasuredView,
    ObjectiveView,
    PrerequisiteView,
    ReasonView,
    RecordView,
    RelaxationView,
)
from reports.words.decisions import (
    change_text,
    control_notes,
    control_text,
    exclusion_text,
    listed,
    person_named,
    prerequisite_text,
    reason_text,
    relaxation_subject,
    relaxation_text,
    remedy_text,
    signed_text,
    summary,
)
from reports.words.escape import clean
from reports.words.findings import finding_text, is_estimate, is_number
from reports.words.policies import other_policies_text
from reports.words.wording import (
    CLASS_WORDS,
    EDITION,
    EXCLUSION_WORDS,
    OUTCOME_MEANINGS,
    OUTCOME_WORDS,
    RELAXATION_WORDS,
    STATUS_WORDS,
    framework_name,
    instant_text,
    iso_day_text,
    value_text,
)

MAX_DRAWN = 1e12


def describe(
    decision: Decision,
    snapshot: Snapshot,
    names: Mapping[str, str] = MappingProxyType({}),
    *,
    frameworks: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    edition: int = EDITION,
    other: OtherPolicies | None = None,
    controls: Mapping[str, Control] = MappingProxyType({}),
) -> DecisionView:
    """The plain-words reading of a decision and the snapshot that it was made on, in an edition of the wording.

    `names` are those of people by id, `frameworks` the titles of texts as the bundle has them (`build_pack`); `other`
    says how the policies differ from those of the installation that decided, which `policies` then tells; `controls`
    are those of the bundle, which know what passes by signature and which parameters are read. Pure; every text in it
    is free of control characters.
    """
    types = {item.id: item.type for item in decision.evidence}

    def cited(framework: str, article: str) -> str:
        return _article(framework, framework_name(framework, frameworks, edition), article)

    people = names if edition >= 2 else MappingProxyType({})
    known = controls if edition >= 2 else MappingProxyType({})
    shown = [_control(result, decision, types, cited, known.get(result.control)) for result in decision.results]
    binding = [control for control in shown if not control.advisory]

    def of(*statuses: Status) -> tuple[ControlView, ...]:
        return tuple(control for control in binding if control.status in statuses)

    def deciding_first(*statuses: Status) -> tuple[ControlView, ...]:
        places = {r.control: place for place, r in enumerate(decision.reasons) if isinstance(r, ControlReason)}

        def place(control: ControlView) -> tuple[int, int]:
            return places.get(control.control, len(places)), SEVERITIES.index(control.severity)

        return tuple(sorted(of(*statuses), key=place))

    return DecisionView(
        id=decision.id,
        outcome=decision.outcome,
        verdict=OUTCOME_WORDS[decision.outcome],
        verdict_meaning=OUTCOME_MEANINGS[decision.outcome].format(kind=decision.subject.kind.value),
        decided=summary(decision),
        policies=other_policies_text(other) if other else "",
        reasons=_reasons(decision, binding),
        parties=parties(snapshot, names),
        name=clean(decision.subject.name),
        digest=decision.subject.digest,
        kind=decision.subject.kind.value,
        system=clean(decision.subject.system_id),
        gate=clean(decision.gate),
        instant=instant_text(decision.instant),
        instant_iso=format_instant(decision.instant),
        tier=clean(decision.risk.tier),
        roles=listed(decision.risk.roles),
        articles=listed(cited("eu-ai-act", article) for article in decision.risk.articles),
        tier_path=" > ".join(clean(step) for step in decision.risk.path),
        tier_reasons=tuple(clean(reason) for reason in decision.risk.reasons),
        counts=_counts(shown, binding, edition),
        failing=deciding_first(Status.FAIL),
        unjudged=deciding_first(Status.MISSING, Status.ERROR),
        waived=of(Status.WAIVED),
        passing=of(Status.PASS),
        not_applicable=of(Status.NOT_APPLICABLE),
        advisory=tuple(control for control in shown if control.advisory),
        prerequisites=_prerequisites(decision),
        relaxations=_relaxations(decision, people, binding, known),
        evidence=_evidence(decision, people),
        excluded=_excluded(decision, people),
        digests=_digests(decision),
    )


def _counts(controls: list[ControlView], binding: list[ControlView], edition: int) -> tuple[CountView, ...]:
    """How many controls came out how, and how many of these deny; those that only advise are counted apart (both from
    edition 2 on).
    """
    statuses = (Status.FAIL, Status.MISSING, Status.ERROR, Status.WAIVED, Status.PASS, Status.NOT_APPLICABLE)
    counts = []
    for status in statuses:
        found = [control for control in binding if control.status is status]
        deny = sum(control.decisive for control in found) if edition >= 2 and status not in HARMLESS else None
        counts.append(CountView(words=STATUS_WORDS[status], n=len(found), deny=deny))
    if edition >= 2:
        counts.append(CountView(words="advisory", n=len(controls) - len(binding)))
    return tuple(counts)


def _digests(decision: Decision) -> tuple[DigestView, ...]:
    return (
        DigestView(label="decision", value=decision.id),
        DigestView(label="policy bundle", value=decision.bundle_digest),
        DigestView(label="organisation's overlay", value=decision.overlay_digest),
        DigestView(label="effective parameters", value=decision.parameters_digest),
        DigestView(label="evidence snapshot", value=decision.snapshot_digest),
    )


def _prerequisites(decision: Decision) -> tuple[PrerequisiteView, ...]:
    return tuple(
        PrerequisiteView(
            gate=clean(item.gate),
            met="met" if item.met else "not met",
            decision=item.decision or "",
            detail=prerequisite_text(item),
        )
        for item in decision.prerequisites
    )


def _relaxations(
    decision: Decision, people: Mapping[str, str], binding: Sequence[ControlView], known: Mapping[str, Control]
) -> tuple[RelaxationView, ...]:
    bore = [c for c in binding if c.decisive or c.status in (Status.FAIL, Status.WAIVED, Status.PASS)]
    readers: dict[str, list[str]] = {}
    for control in sorted(bore, key=lambda c: (not c.decisive, SEVERITIES.index(c.severity))):
        for name in known[control.control].parameters if control.control in known else ():
            readers.setdefault(name, []).append(control.control)
    changes = {
        relaxation_subject(item): change_text(item)
        for item in decision.relaxations
        if isinstance(item, ParameterRelaxation)
    }
    alike: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    severities = {name: SEVERITIES.index(control.severity) for name, control in known.items()}
    kinds = list(RELAXATION_WORDS)
    # What people granted or withdrew comes first: the kinds stand in the order of their weight, and of each what
    # concerns the heaviest controls, so that trifles push none of these off page one.
    for item in sorted(decision.relaxations, key=lambda r: (kinds.index(r.kind), severities.get(str(r.subject), 0))):
        read_by = tuple(readers.get(item.subject, ())) if isinstance(item, ParameterRelaxation) else ()
        told = relaxation_text(item, decision, people)
        alike.setdefault((item.kind, told, read_by), []).append(relaxation_subject(item))
    return tuple(
        RelaxationView(
            kind=kind,
            words=RELAXATION_WORDS[kind],
            subjects=tuple(subjects),
            detail=detail,
            change=changes.get(subjects[0], ""),
            read_by=read_by,
        )
        for (kind, detail, read_by), subjects in alike.items()
    )


def _excluded(decision: Decision, people: Mapping[str, str]) -> tuple[ExcludedView, ...]:
    alike: dict[tuple[str, str, str], list[str]] = {}
    for item in decision.excluded:
        key = (clean(item.type), EXCLUSION_WORDS.get(item.reason, clean(item.reason)), exclusion_text(item, people))
        alike.setdefault(key, []).append(clean(item.id))
    return tuple(
        ExcludedView(ids=tuple(ids), type=kind, reason=reason, detail=detail)
        for (kind, reason, detail), ids in alike.items()
    )


def _control(
    result: ControlResult,
    decision: Decision,
    types: dict[str, str],
    cited: Callable[[str, str], str],
    known: Control | None,
) -> ControlView:
    decisive = any(isinstance(r, ControlReason) and r.control == result.control for r in decision.reasons)
    says = {objective.name: objective.says for objective in result.objectives}
    findings = tuple(_finding(item, says.get(item.objective, ""), types) for item in result.findings)
    first = result.cause.finding if result.cause and result.cause.kind == "finding" else 0
    return ControlView(
        control=clean(result.control),
        title=clean(result.title),
        family=clean(result.family),
        foreign=clean(result.foreign.pack) if result.foreign else "",
        status=result.status,
        status_words=STATUS_WORDS[result.status],
        advisory=result.advisory,
        decisive=decisive,
        binds=_binds(result, decision.instant.date()),
        severity=result.severity,
        basis=result.basis,
        reason=control_text(result, decision, known),
        notes=tuple(control_notes(result, decision, known)),
        signed=signed_text(result, known) if known else "",
        objectives=tuple(
            ObjectiveView(
                name=clean(item.name),
                says=clean(item.says),
                state=("satisfied" if item.satisfied else "not satisfied") + (", advisory" if item.advisory else ""),
            )
            for item in result.objectives
        ),
        findings=findings,
        found=grouped((*findings[first : first + 1], *findings[:first], *findings[first + 1 :])),
        remediation=remedy_text(result, decision),
        articles=tuple(cited(name, item) for name, items in sorted(result.frameworks.items()) for item in items),
        evidence=result.evidence,
        waiver=result.waiver or "",
    )


def _reasons(decision: Decision, controls: Iterable[ControlView]) -> tuple[ReasonView, ...]:
    """The decision's reasons, each with the finding that it points to."""
    shown = {control.control: control for control in controls}
    result = []
    for reason in decision.reasons:
        of_control = reason if isinstance(reason, ControlReason) else None
        control = shown.get(clean(of_control.control)) if of_control else None
        place = of_control.finding if of_control else None
        result.append(
            ReasonView(
                text=reason_text(reason, decision),
                control=control.control if control else "",
                finding=control.findings[place] if control and place is not None else None,
                remediation=control.remediation if control else "",
            )
        )
    return tuple(result)


def _binds(result: ControlResult, day: date) -> str:
    if not result.advisory:
        return ""
    if result.applies_from and result.applies_from > day.isoformat():
        return f"binds from {iso_day_text(result.applies_from)}"
    if result.foreign is not None and result.foreign.kind == "warn":
        return "advises only: a foreign pack warns"
    return "advises only: outside its legal scope or period"


def _finding(finding: Finding, says: str, types: dict[str, str]) -> FindingView:
    return FindingView(
        objective=clean(finding.objective),
        says=clean(says),
        message=finding_text(finding, says),
        gap=finding.gap,
        observed=value_text(finding.observed),
        expected=value_text(finding.expected),
        evidence=clean(finding.evidence or ""),
        evidence_type=clean(types.get(finding.evidence or "", "")),
        path=clean(finding.path or ""),
        measured=_measured(finding),
    )


def _measured(finding: Finding) -> MeasuredView | None:
    """The finding's number where it has an interval and a limit."""
    observed, limit = finding.observed, finding.expected
    if not is_estimate(observed) or not is_number(limit):
        return None
    if any(abs(value) > MAX_DRAWN for value in (*(observed[name] for name in ("value", "ci_low", "ci_high")), limit)):
        return None  # told in words only
    return MeasuredView(
        value=observed["value"], low=observed["ci_low"], high=observed["ci_high"], n=int(observed["n"]), limit=limit
    )


def _article(framework: str, name: str, article: str) -> str:
    numbered = framework in ("eu-ai-act", "gdpr") and article[:1].isdigit()
    return clean(f"{name} Art {article}" if numbered else f"{name} {article}")


def _evidence(decision: Decision, people: Mapping[str, str]) -> tuple[EvidenceClassView, ...]:
    """Every class, also the empty ones: that nothing was measured is worth knowing."""
    return tuple(
        EvidenceClassView(
            name=name,
            title=title,
            meaning=meaning,
            n=sum(1 for item in decision.evidence if item.evidence_class == name),
            records=_records([item for item in decision.evidence if item.evidence_class == name], people),
        )
        for name, (title, meaning) in CLASS_WORDS.items()
    )


def _records(items: Iterable[EvidenceItem], people: Mapping[str, str]) -> tuple[RecordView, ...]:
    """Records in the order of their types; those of one type, issuer and signature stand together."""
    alike: dict[tuple[str, str, str], list[EvidenceItem]] = {}
    for item in items:
        signature = (
            f"verified: {clean(person_named(item.signer, people) if item.signer else 'signer not named')}"
            if item.signature == "verified"
            else {"absent": "not signed", "unverified": "signature not verified"}[item.signature]
        )
        alike.setdefault((clean(item.type), clean(person_named(item.issuer, people)), signature), []).append(item)
    return tuple(
        RecordView(
            ids=tuple(item.id for item in group),
            type=kind,
            collected=_span(item.collected_at for item in group),
            expires=_span(item.expires_at for item in group),
            source=_sources(sorted({clean(item.source) for item in group})),
            issuer=issuer,
            signature=signature,
        )
        for (kind, issuer, signature), group in alike.items()
    )


def _span(times: Iterable[datetime]) -> str:
    """The instant, or the first and the last."""
    every = sorted(set(times))
    return format_instant(every[0]) if len(every) == 1 else f"{format_instant(every[0])} to {format_instant(every[-1])}"


def _sources(sources: Sequence[str]) -> str:
    return sources[0] if len(sources) == 1 else f"{sources[0]} and {len(sources) - 1} more"
