"""From what a policy answers to the result of a control. Everything that is not plainly a pass is not a pass.

Two steps, both pure: `visible` gives a control the records that it may read, `judge` turns the engine's answer into a
`ControlResult`. The rules are those of the design's section "No silent pass".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ValidationError

from engine.backends.base import Answer, AnswerState
from engine.bundle.control import Control, Objective
from engine.bundle.vocabulary import Vocabulary
from engine.deciding.verdict import ControlResult, Finding, ObjectiveResult, Status
from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.duration import subtract_duration
from evidence.model.errors import QuaestorError
from evidence.model.record import EvidenceClass, explain
from evidence.model.subject import Subject
from evidence.snapshot.model import Entry

PolicyRecord = dict[str, Any]
Records = Mapping[str, Sequence[PolicyRecord]]
"""Records by evidence type, each in the form that a policy sees (docs/architecture.md)."""


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
    """A record in the form that a policy sees; absent optional fields are left out."""
    record, envelope = entry.record, entry.record.envelope
    head = envelope.to_json()
    content = head.pop("content")
    head["class"] = head.pop("evidence_class")
    signature = entry.signature.to_json()
    signature.pop("keyid", None)
    return {
        **head,
        "id": record.id,
        "digest": record.content_digest,
        "subject": sorted(record.subject),
        "filed_at": format_instant(entry.filed_at),
        "log_index": entry.log_index,
        "signature": signature,
        "predicate": content,
    }


def visible(control: Control, records: Records, instant: datetime) -> dict[str, list[PolicyRecord]]:
    """The records that a control may read: of its declared types, of at least the class and at most the age it asks."""
    result: dict[str, list[PolicyRecord]] = {}
    for name, wanted in sorted(control.evidence.items()):
        kept = list(records.get(name, ()))
        if wanted.least_class is not None:
            kept = [r for r in kept if EvidenceClass(r["class"]).at_least(EvidenceClass(wanted.least_class))]
        if wanted.max_age is not None:
            oldest = _oldest(instant, wanted.max_age)
            kept = [r for r in kept if r["collected_at"] >= oldest]
        result[name] = kept
    return result


def _oldest(instant: datetime, max_age: str) -> str:
    try:
        return format_instant(subtract_duration(instant, max_age))
    except OverflowError:  # an age that reaches back before the year 1 excludes nothing
        return format_instant(datetime.min.replace(tzinfo=UTC))


def policy_input(records: Records, context: Context) -> bytes:
    """The document `input` for one view of the evidence, as canonical JSON."""
    return canonical_bytes(
        {
            "now": format_instant(context.instant),
            "gate": context.gate,
            "subject": context.subject.to_json(),
            "system": {"id": context.subject.system_id, "tier": context.tier, "roles": sorted(context.roles)},
            "evidence": {name: list(items) for name, items in records.items()},
        }
    )


def scope_of(control: Control, context: Context) -> Scope:
    """How a control binds here: inside its legal scope the law's terms, elsewhere those of a policy of the house."""
    words, day = context.vocabulary, context.instant.date()
    applies_from = words.date_of(control.applies_from, context.tier, context.parameters)
    law = control.law_scope
    if law is None:
        in_scope, law_from = control.basis == "law", applies_from
    else:
        in_scope = words.tier_matches(law.tiers, context.tier) and words.roles_match(law.roles, context.roles)
        law_from = words.date_of(law.from_, context.tier, context.parameters)
    binds = in_scope and day >= law_from
    past = control.until is not None and day > words.date_of(control.until, context.tier, context.parameters)
    return Scope(
        basis=control.basis if law is None else ("law" if binds else "policy"),
        waivable=control.waivable if law is None or binds else True,
        advisory=day < applies_from or past,
        applies_from=applies_from.isoformat(),
        in_law_scope=in_scope,
        law_binds=binds,
    )


def judge(control: Control, answer: Answer, seen: Records, context: Context) -> ControlResult:
    """The result of one control.

    `answer` is the engine's answer for the control's rule of `quaestor.results`: an object with `applies` (a list of
    what the rule came to), `satisfied` and `findings`. `seen` holds the records that it was given (`visible`).
    """
    scope = scope_of(control, context)
    not_applicable = _outside(control, context)
    if not_applicable:
        return _result(control, scope, Status.NOT_APPLICABLE, not_applicable)
    if answer.state is not AnswerState.VALUE:
        detail = answer.error or "the policy gave no answer"
        return _result(control, scope, Status.ERROR, f"could not be judged: {detail}")
    try:
        applies, satisfied, findings = _read_answer(control, answer.value)
    except _MalformedError as cause:
        return _result(control, scope, Status.ERROR, f"could not be judged: {cause}")
    if applies is not True:
        return _unapplied(control, scope, applies, seen)
    judged = {
        name: objective
        for name, objective in control.objectives.items()
        if (not objective.at or context.gate in objective.at) and (objective.only != "law-scope" or scope.in_law_scope)
    }
    if not judged:
        reason = f"none of its objectives is judged at gate {context.gate} for tier {context.tier}"
        return _result(control, scope, Status.NOT_APPLICABLE, reason)
    contradicted = sorted({f.objective for f in findings} & satisfied & set(judged))
    if contradicted:
        names = ", ".join(contradicted)
        reason = f"could not be judged: the policy both satisfies and finds against {names}"
        return _result(control, scope, Status.ERROR, reason, findings=tuple(findings))
    return _weigh(control, scope, judged, satisfied, findings, seen)


def _weigh(
    control: Control,
    scope: Scope,
    judged: Mapping[str, Objective],
    satisfied: set[str],
    findings: list[Finding],
    seen: Records,
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
        why = sorted((finding for finding in findings if finding.objective == name), key=_finding_order)
        why += _absent(control, name, seen, explained=bool(why))
        if not why:
            why = [Finding(objective=name, message=f"not satisfied: {objective.says}")]
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
    return _result(
        control,
        scope,
        status,
        _reason(status, states, shown, cited),
        advisory=scope.advisory or advisory_only,
        objectives=tuple(states),
        findings=tuple(sorted(shown, key=_finding_order)),
        evidence=tuple(cited),
    )


def _absent(control: Control, objective: str, seen: Records, *, explained: bool) -> list[Finding]:
    """A finding for each evidence type that the objective reads and of which no record may be read.

    Where the policy explained itself and some records were there, an absent type may be one needed only at times.
    """
    absent = [kind for kind in sorted(control.reads[objective]) if not seen.get(kind)]
    if explained and len(absent) < len(control.reads[objective]):
        return []
    return [
        Finding(
            objective=objective,
            gap=True,
            message=f"no current {kind} record"
            + (f" of class {least} or better" if (least := control.evidence[kind].least_class) else ""),
            path=f"evidence/{kind}",
        )
        for kind in absent
    ]


def _unapplied(control: Control, scope: Scope, applies: bool | None, seen: Records) -> ControlResult:
    records = sorted({record["id"] for items in seen.values() for record in items})
    # `count(reports) > 0` is false of no report too: what says that it does not apply has to be there.
    rests = any(seen.get(kind) for kind in (control.applies_reads or control.evidence))
    if applies is False and rests:
        reason = "the facts say that it does not apply"
        return _result(control, scope, Status.NOT_APPLICABLE, reason, evidence=tuple(records))
    absent = [kind for kind in sorted(control.evidence) if not seen.get(kind)]
    reason = "whether it applies is not known" + (f": no current {', '.join(absent)} record" if absent else "")
    return _result(control, scope, Status.MISSING, reason, evidence=tuple(records))


def _outside(control: Control, context: Context) -> str:
    if not context.vocabulary.tier_matches(control.tiers, context.tier):
        return f"it concerns the tiers {', '.join(control.tiers)}; the system's is {context.tier}"
    if not context.vocabulary.roles_match(control.roles, context.roles):
        return f"it binds a {' or '.join(control.roles)}; the organisation is {', '.join(context.roles)}"
    return ""


class _MalformedError(Exception):
    """The policy answered in a form that is not that of a control."""


def _read_answer(control: Control, value: Any) -> tuple[bool | None, set[str], list[Finding]]:
    if not isinstance(value, dict) or not {"applies", "satisfied", "findings"} <= set(value):
        raise _MalformedError("the policy's answer lacks `applies`, `satisfied` or `findings`")
    applies = value["applies"]
    if not isinstance(applies, list) or len(applies) > 1 or any(not isinstance(item, bool) for item in applies):
        raise _MalformedError("`applies` is neither true nor false")
    satisfied = value["satisfied"]
    if not isinstance(satisfied, list) or any(not isinstance(item, str) for item in satisfied):
        raise _MalformedError("`satisfied` is not a set of objective names")
    unknown = sorted(set(satisfied) - set(control.objectives))
    if unknown:
        raise _MalformedError(f"`satisfied` names the unknown objective `{unknown[0]}`")
    if not isinstance(value["findings"], list):
        raise _MalformedError("`findings` is not a set")
    findings = []
    for item in value["findings"]:
        try:
            finding = Finding.model_validate_json(canonical_bytes(item))
        except ValidationError as cause:
            raise _MalformedError(f"a finding does not fit: {explain(cause)}") from None
        except QuaestorError as cause:  # a number that is not the same in every JSON reader
            raise _MalformedError(f"a finding does not fit: {cause.problem}") from None
        if finding.objective not in control.objectives:
            raise _MalformedError(f"a finding names the unknown objective `{finding.objective}`")
        findings.append(finding)
    return (applies[0] if applies else None), set(satisfied), findings


def _reason(status: Status, states: list[ObjectiveResult], findings: list[Finding], cited: list[str]) -> str:
    if status is Status.PASS:
        advised = sum(1 for state in states if not state.satisfied)
        text = f"{sum(1 for s in states if s.satisfied)} of {len(states)} objectives satisfied on {len(cited)} records"
        return text + (f"; {advised} advisory" if advised else "")
    # `findings` come in the order in which the author lists the objectives, the weightiest first.
    ordered = sorted(findings, key=lambda f: f.gap)
    return _in_words(ordered[0]) if ordered else "no record that it reads is there"


def _in_words(finding: Finding) -> str:
    """A finding in one line, with what was observed and expected where these are numbers."""
    observed, limit = finding.observed, finding.expected
    text = finding.message
    if isinstance(observed, dict) and {"value", "ci_low", "ci_high", "n"} <= set(observed):
        value, low, high = (_short(observed[name], limit) for name in ("value", "ci_low", "ci_high"))
        text += f": {value} (interval {low} to {high}, n {observed['n']})"
    elif _is_number(observed):
        text += f": {_short(observed, limit)}"
    if _is_number(limit):
        text += f", limit {limit}"
    return text


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _short(value: Any, limit: Any) -> str:
    """A number with at most four decimals; in full where these would tell 0 or the limit of another number."""
    if not isinstance(value, float):
        return str(value)
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    said = float(text)
    return str(value) if said != value and (said == 0 or (_is_number(limit) and said == limit)) else text


def _finding_order(finding: Finding) -> tuple[str, str, str]:
    return (finding.objective, finding.message, canonical_bytes(finding.to_json()).decode())


def _result(
    control: Control,
    scope: Scope,
    status: Status,
    reason: str,
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
        reason=reason,
        severity=control.severity,
        basis=scope.basis,
        advisory=scope.advisory if advisory is None else advisory,
        applies_from=scope.applies_from,
        objectives=objectives,
        findings=findings,
        evidence=evidence,
        remediation=control.remediation,
        frameworks={name: tuple(ids) for name, ids in control.frameworks.items()},
    )
