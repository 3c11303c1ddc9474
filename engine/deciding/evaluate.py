"""From what a policy answers to the result of a control. Everything that is not plainly a pass is not a pass.

Two steps, both pure: `visible` gives a control the records that it may read, `judge` turns the engine's answer into a
`ControlResult`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from engine.backends.base import (
    BAD_INPUT,
    CONFLICT,
    DISAGREEMENT,
    INCOMPARABLE,
    INEXACT,
    LIMIT,
    NO_OPA,
    Answer,
    AnswerState,
)
from engine.bundle.control import Control, LawScope, Objective
from engine.bundle.facts import ASKED_FOR
from engine.bundle.vocabulary import Vocabulary
from engine.deciding.verdict import (
    Cause,
    ContradictionCause,
    ControlResult,
    EngineCause,
    EngineError,
    FactsCause,
    Finding,
    FindingCause,
    ForeignSource,
    MalformedCause,
    NoObjectiveCause,
    NoRecordCause,
    ObjectiveResult,
    OutsideCause,
    Status,
    UnknownScopeCause,
)
from evidence.model.base import format_instant
from evidence.model.canonical import Written, canonical_bytes
from evidence.model.duration import subtract_duration
from evidence.model.errors import QuaestorError
from evidence.model.record import EvidenceClass
from evidence.model.subject import Subject
from evidence.snapshot.model import Entry

PolicyRecord = dict[str, Any]
Records = Mapping[str, Sequence[PolicyRecord]]
"""Records by evidence type, each in the form that a policy sees (docs/architecture.md)."""


@dataclass(frozen=True)
class Policies:
    """The policies in force: the bundle's digest and controls, and the digest of what the overlay says."""

    bundle_digest: str
    overlay_digest: str
    controls: Mapping[str, Control]


@dataclass(frozen=True)
class Context:
    """What a control is judged against, beside the evidence."""

    gate: str
    instant: datetime
    subject: Subject
    tier: str
    roles: tuple[str, ...]
    vocabulary: Vocabulary
    parameters: Mapping[str, Any]
    policies: Policies

    @cached_property
    def law_blockers(self) -> tuple[str, ...]:
        """Controls that are blockers of the law here, in order: no waiver reaches them."""
        blockers: dict[tuple[LawScope | None, str], list[Control]] = {}
        for control in self.policies.controls.values():
            if control.severity == "blocker":
                blockers.setdefault((control.law_scope, control.basis), []).append(control)
        # Controls of one legal scope bind together.
        return tuple(sorted(c.id for alike in blockers.values() if _law(alike[0], self).binding for c in alike))

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The document `input` without the evidence."""
        return {
            "now": format_instant(self.instant),
            "gate": self.gate,
            "subject": self.subject.to_json(),
            "system": {"id": self.subject.system_id, "tier": self.tier, "roles": sorted(self.roles)},
            "policies": {
                "bundle_digest": self.policies.bundle_digest,
                "overlay_digest": self.policies.overlay_digest,
                "law_blockers": list(self.law_blockers),
            },
        }


@dataclass(frozen=True)
class Scope:
    """How a control binds for this tier, these roles and this day."""

    basis: Literal["law", "guidance", "policy"]
    waivable: bool
    advisory: bool
    applies_from: str
    in_law_scope: bool
    law_binds: bool


def policy_record(entry: Entry) -> PolicyRecord:
    """A record in the form that every policy sees; absent optional fields are left out."""
    record = entry.record
    head = record.envelope.model_dump(mode="json", exclude_none=True, exclude={"content"})
    head["class"] = head.pop("evidence_class")
    signature = entry.signature.to_json()
    for private in ("keyid", "name", "others"):
        signature.pop(private, None)
    return {
        **head,
        "id": record.id,
        "digest": record.content_digest,
        "subject": sorted(record.subject),
        "filed_at": format_instant(entry.filed_at),
        "log_index": entry.log_index,
        "signature": signature,
        "predicate": record.content,
    }


def visible(control: Control, records: Records, instant: datetime, subject: Subject) -> dict[str, list[PolicyRecord]]:
    """The records that a control may read: of its declared types and about the subject, of at least the class and at
    most the age that it asks.
    """
    kept = {}
    for name in sorted(control.evidence):
        withheld = withholding(control, name, instant, subject)
        kept[name] = [record for record in records.get(name, ()) if withheld(record) is None]
    return kept


Withheld = Literal["about", "class", "age"]
"""Why a control may not read a record that counts: it is about something else, of too low a class, or too old."""


def withholding(
    control: Control, kind: str, instant: datetime, subject: Subject
) -> Callable[[PolicyRecord], Withheld | None]:
    """What tells of a record of a type why the control may not read it; None where it may."""
    wanted, field = control.evidence[kind], control.about[kind].get(subject.kind)
    least = None if wanted.least_class is None else EvidenceClass(wanted.least_class)
    oldest = None if wanted.max_age is None else _oldest(instant, wanted.max_age)

    def withheld(record: PolicyRecord) -> Withheld | None:
        if not is_about(record, field, subject):
            return "about"
        if least is not None and not EvidenceClass(record["class"]).at_least(least):
            return "class"
        return "age" if oldest is not None and record["collected_at"] < oldest else None

    return withheld


def is_about(record: PolicyRecord, field: str | None, subject: Subject) -> bool:
    """Whether a record is about the subject: the digest in `field` of its content is the subject's.

    Where an optional field is not filled the statement's own subject must name that digest, the system's does not do.
    Without a field the record counts for the whole system.
    """
    if field is None:
        return True
    named = record["predicate"].get(field)
    return bool(named == subject.digest if named is not None else subject.digest in record["subject"])


def set_aside(control: Control, records: Records, subject: Subject) -> dict[str, int]:
    """How many records of a type `visible` keeps from the control because they are about another subject."""
    counts = {}
    for name in control.evidence:
        field = control.about[name].get(subject.kind)
        counts[name] = sum(1 for record in records.get(name, ()) if not is_about(record, field, subject))
    return counts


def _oldest(instant: datetime, max_age: str) -> str:
    try:
        return format_instant(subtract_duration(instant, max_age))
    except OverflowError:  # an age that reaches back before the year 1 excludes nothing
        return format_instant(datetime.min.replace(tzinfo=UTC))


def policy_input(records: Records, context: Context, written: Written | None = None) -> bytes:
    """The document `input` for one view of the evidence, as canonical JSON.

    `written` knows the canonical form of records that other views showed before.
    """
    evidence = {name: list(items) for name, items in records.items()}
    document = {**context.document, "evidence": evidence}
    return canonical_bytes(document) if written is None else written.bytes_of(document, fresh=3)


class _Law(NamedTuple):
    """Whether a control lies in its legal scope, and whether its basis is the law here."""

    in_scope: bool
    binding: bool


def _law(control: Control, context: Context) -> _Law:
    law, words = control.law_scope, context.vocabulary
    if law is None:
        return _Law(control.basis == "law", control.basis == "law")
    in_scope = words.tier_matches(law.tiers, context.tier) and words.roles_match(law.roles, context.roles)
    begins = words.date_of(law.from_, context.tier, context.parameters)
    return _Law(in_scope, in_scope and context.instant.date() >= begins)


def scope_of(control: Control, context: Context) -> Scope:
    """How a control binds here: inside its legal scope the law's terms, elsewhere those of a policy of the house."""
    words, day = context.vocabulary, context.instant.date()
    applies_from = words.date_of(control.applies_from, context.tier, context.parameters)
    always, law = control.law_scope is None, _law(control, context)
    past = control.until is not None and day > words.date_of(control.until, context.tier, context.parameters)
    return Scope(
        basis=control.basis if always else ("law" if law.binding else "policy"),
        waivable=control.waivable if always or law.binding else True,
        advisory=day < applies_from or past or (control.foreign is not None and control.foreign.kind == "warn"),
        applies_from=applies_from.isoformat(),
        in_law_scope=law.in_scope,
        law_binds=law.binding and not (always and day < applies_from),
    )


def beyond_waiver(control: Control, scope: Scope) -> Literal["law-blocker", "not-waivable"] | None:
    """Why no exception reaches a control here, neither a waiver nor `disable` of the overlay; None where one may."""
    if control.severity == "blocker" and scope.basis == "law":
        return "law-blocker"
    return None if scope.waivable else "not-waivable"


def judge(
    control: Control, answer: Answer, seen: Records, context: Context, aside: Mapping[str, int] | None = None
) -> ControlResult:
    """The result of one control.

    `answer` is the engine's answer for the control's rule of `quaestor.results`: an object with `applies` (a list of
    what the rule came to), `satisfied` and `findings`. `seen` holds the records that it was given (`visible`), `aside`
    counts those that were not about the subject (`set_aside`).
    """
    scope = scope_of(control, context)
    outside = _outside(control, context)
    if outside is not None:
        return _result(control, scope, Status.NOT_APPLICABLE, outside)
    if answer.state is not AnswerState.VALUE:
        return _result(control, scope, Status.ERROR, EngineCause(error=engine_error(answer)))
    try:
        applies, satisfied, findings = _read_answer(control, answer.value)
    except _MalformedError as malformed:
        return _result(control, scope, Status.ERROR, malformed.cause)
    if applies is not True:
        return _unapplied(control, scope, applies, seen)
    judged = {
        name: objective
        for name, objective in control.objectives.items()
        if (not objective.at or context.gate in objective.at) and (objective.only != "law-scope" or scope.in_law_scope)
    }
    if not judged:
        return _result(control, scope, Status.NOT_APPLICABLE, NoObjectiveCause())
    contradicted = sorted({f.objective for f in findings} & satisfied & set(judged))
    if contradicted:
        cause = ContradictionCause(objectives=tuple(contradicted))
        return _result(control, scope, Status.ERROR, cause, findings=tuple(_in_order(findings)))
    return _weigh(control, scope, judged, satisfied, findings, seen, aside or {})


def _weigh(
    control: Control,
    scope: Scope,
    judged: Mapping[str, Objective],
    satisfied: set[str],
    findings: list[Finding],
    seen: Records,
    aside: Mapping[str, int],
) -> ControlResult:
    """Status from the state of each objective that is judged here."""
    cited = sorted({record["id"] for name in judged for kind in control.reads[name] for record in seen.get(kind, ())})
    states, shown, verdicts = [], [], []
    for name, objective in judged.items():
        # An objective that no record stands behind cannot be satisfied, whatever the rule says.
        rests = any(seen.get(kind) for kind in control.reads[name])
        held = name in satisfied and rests
        advisory = objective.only == "law-scope" and not scope.law_binds
        states.append(
            ObjectiveResult(
                name=name, says=objective.says, satisfied=held, advisory=advisory, covers=tuple(objective.covers)
            )
        )
        if held:
            continue
        why = _in_order([finding for finding in findings if finding.objective == name])
        why += _absent(control, name, seen, aside, explained=bool(why))
        if not why:
            why = [Finding(objective=name, code="not-satisfied")]
        shown += why
        if not advisory:
            verdicts.append(Status.MISSING if all(finding.gap for finding in why) else Status.FAIL)
    binding = [state for state in states if not state.advisory]
    advisory_only = not binding
    if advisory_only:
        verdicts = [Status.MISSING if all(f.gap for f in shown) else Status.FAIL] if shown else []
    if Status.FAIL in verdicts:
        status = Status.FAIL
    elif verdicts:
        status = Status.MISSING
    else:
        status = Status.PASS if cited else Status.MISSING
    listed = _in_order(shown)
    return _result(
        control,
        scope,
        status,
        None if status is Status.PASS else _first_cause(shown, listed),
        advisory=scope.advisory or advisory_only,
        objectives=tuple(states),
        findings=tuple(listed),
        evidence=tuple(cited),
    )


def _absent(
    control: Control, objective: str, seen: Records, aside: Mapping[str, int], *, explained: bool
) -> list[Finding]:
    """A finding for each evidence type that the objective reads and of which no record may be read.

    Where the policy explained itself and some records were there, an absent type may be one needed only at times.
    """
    absent = [kind for kind in sorted(control.reads[objective]) if not seen.get(kind)]
    if explained and len(absent) < len(control.reads[objective]):
        return []
    return [_no_record(control, objective, kind, aside.get(kind, 0)) for kind in absent]


def _no_record(control: Control, objective: str, kind: str, others: int) -> Finding:
    least = control.evidence[kind].least_class
    values: dict[str, str | bool | int] = {"type": kind, **({"class": str(least)} if least else {})}
    if others:
        values["set_aside"] = others
    return Finding(objective=objective, code="no-record", values=values, gap=True, path=f"{ASKED_FOR}{kind}")


def _unapplied(control: Control, scope: Scope, applies: bool | None, seen: Records) -> ControlResult:
    records = sorted({record["id"] for items in seen.values() for record in items})
    # `count(reports) > 0` is false of no report too: what says that it does not apply has to be there.
    rests = any(seen.get(kind) for kind in control.applies_reads)
    if applies is False and rests:
        return _result(control, scope, Status.NOT_APPLICABLE, FactsCause(), evidence=tuple(records))
    absent = tuple(kind for kind in sorted(control.evidence) if not seen.get(kind))
    return _result(control, scope, Status.MISSING, UnknownScopeCause(absent=absent), evidence=tuple(records))


def _outside(control: Control, context: Context) -> OutsideCause | None:
    if not context.vocabulary.tier_matches(control.tiers, context.tier):
        return OutsideCause(what="tier", concerns=tuple(control.tiers), has=(context.tier,))
    if not context.vocabulary.roles_match(control.roles, context.roles):
        return OutsideCause(what="role", concerns=tuple(control.roles), has=tuple(context.roles))
    return None


ENGINE_ERRORS: dict[str, EngineError] = {
    CONFLICT: "conflict",
    LIMIT: "limit",
    BAD_INPUT: "bad-input",
    DISAGREEMENT: "disagreement",
    INCOMPARABLE: "incomparable",
    INEXACT: "inexact",
    NO_OPA: "no-opa",
}
"""The code of each error that engines word alike; any other is `failure`."""


def engine_error(answer: Answer) -> EngineError:
    """The code of an answer without a value."""
    return "no-answer" if answer.state is AnswerState.UNDEFINED else ENGINE_ERRORS.get(answer.error, "failure")


class _MalformedError(Exception):
    """The policy answered in a form that is not that of a control."""

    def __init__(self, problem: Any, name: str | None = None) -> None:
        super().__init__(problem)
        self.cause = MalformedCause(problem=problem, name=name)


def _read_answer(control: Control, value: Any) -> tuple[bool | None, set[str], list[Finding]]:
    if not isinstance(value, dict) or not {"applies", "satisfied", "findings"} <= set(value):
        raise _MalformedError("form")
    applies = value["applies"]
    if not isinstance(applies, list) or len(applies) > 1 or any(not isinstance(item, bool) for item in applies):
        raise _MalformedError("applies")
    satisfied = value["satisfied"]
    if not isinstance(satisfied, list) or any(not isinstance(item, str) for item in satisfied):
        raise _MalformedError("satisfied")
    if not isinstance(value["findings"], list):
        raise _MalformedError("findings")
    findings = [_read_finding(item) for item in value["findings"]]
    unknown = sorted({*satisfied, *(finding.objective for finding in findings)} - set(control.objectives))
    if unknown:
        raise _MalformedError("unknown-objective", unknown[0])
    return (applies[0] if applies else None), set(satisfied), findings


def _read_finding(item: Any) -> Finding:
    try:
        finding = Finding.model_validate_json(canonical_bytes(item))
    except ValidationError as cause:
        # The first field by name: neither the order of mistakes nor pydantic's words may stand in a decision.
        odd = sorted(str(error["loc"][0]) for error in cause.errors(include_url=False) if error["loc"])
        raise _MalformedError("finding", odd[0] if odd else None) from None
    except QuaestorError:  # a number that is not the same in every JSON reader
        raise _MalformedError("finding") from None
    if finding.message is None or finding.code is not None:
        raise _MalformedError("finding", "message" if finding.message is None else "code")
    return finding


def _first_cause(findings: list[Finding], listed: list[Finding]) -> Cause:
    """The finding that is told first, by its place in `listed`: a breach before a gap.

    `findings` come in the order in which the author lists the objectives, the weightiest first.
    """
    ordered = sorted(findings, key=lambda finding: finding.gap)
    return FindingCause(finding=listed.index(ordered[0])) if ordered else NoRecordCause()


def _in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=_finding_order) if len(findings) > 1 else list(findings)


def _finding_order(finding: Finding) -> tuple[str, str, bytes, str, bytes, str]:
    """By what a finding says; the record comes last, since its id differs from one filing of the same to the next."""
    said = {**finding.to_json(), "evidence": None}
    values = canonical_bytes(dict(finding.values))
    return (
        finding.objective,
        finding.message or "",
        values,
        finding.path or "",
        canonical_bytes(said),
        finding.evidence or "",
    )


def _result(
    control: Control,
    scope: Scope,
    status: Status,
    cause: Cause | None,
    *,
    advisory: bool | None = None,
    objectives: tuple[ObjectiveResult, ...] = (),
    findings: tuple[Finding, ...] = (),
    evidence: tuple[str, ...] = (),
) -> ControlResult:
    return ControlResult(
        control=control.id,
        title=control.title,
        family=control.family,
        status=status,
        cause=cause,
        severity=control.severity,
        basis=scope.basis,
        advisory=scope.advisory if advisory is None else advisory,
        applies_from=scope.applies_from,
        objectives=objectives,
        findings=findings,
        evidence=evidence,
        remediation=control.remediation,
        frameworks={name: tuple(ids) for name, ids in control.frameworks.items()},
        foreign=None
        if control.foreign is None
        else ForeignSource.model_validate(control.foreign.model_dump(include={"pack", "kind", "query", "positive"})),
    )
