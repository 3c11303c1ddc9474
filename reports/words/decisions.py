"""What the data of a decision say in plain words: one function a thing, and every output uses these.

All are pure, and free of control and direction characters in what they return.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from engine.bundle.control import Control
from engine.deciding.relaxations import (
    EarlierRefusalRelaxation,
    ParameterRelaxation,
    RefusedWaiver,
    Relaxation,
    WaiverRelaxation,
)
from engine.deciding.verdict import (
    ContestedReason,
    ControlReason,
    ControlResult,
    Decision,
    EngineError,
    ExcludedItem,
    GateReason,
    GateState,
    Outcome,
    Prerequisite,
    Reason,
    Status,
    TierErrorReason,
    TierReason,
)
from evidence.model.predicates.values import PersonRef
from reports.words.controls import SIGNED_WORDS
from reports.words.escape import clean
from reports.words.findings import finding_line
from reports.words.wording import EXCLUSION_WORDS, day_text, instant_text, moment_text, plural, value_text

MAX_VALUE = 120
MAX_NAMED = 4
ENGINE_ERRORS: dict[EngineError, str] = {
    "conflict": "a rule or function gave two different values",
    "limit": "the evaluation needed more time, work or memory than it may use",
    "failure": "the policy could not be evaluated",
    "bad-input": "the engine refused the input document",
    "disagreement": "two engines disagree on this rule",
    "inexact": "the answer holds a number past 2^53, which engines write differently",
    "incomparable": "the answers of two engines cannot be compared: no canonical JSON form",
    "no-answer": "the policy gave no answer",
    "no-opa": "it asks other people's Rego, which needs OPA, and none was at hand; `make opa` brings it",
}
_MALFORMED = {
    "form": "the policy's answer lacks `applies`, `satisfied` or `findings`",
    "applies": "`applies` is neither true nor false",
    "satisfied": "`satisfied` is not a set of objective names",
    "findings": "`findings` is not a set",
    "finding": "a finding does not fit",
    "unknown-objective": "the policy names an unknown objective",
}
_REFUSALS = {
    "law-blocker": "a blocker whose basis is law cannot be waived",
    "not-waivable": "the control cannot be waived",
    "no-trusted-signature": "no person's trusted key signed it",
    "not-in-force": "it is not in force at this instant",
    "no-longest-time": "the parameter waiver_max_days is not set",
    "no-access-policies": "who may waive cannot be told: the access policies cannot be used",
}


_FEED = "feed-status"
"""The type that a finding asks for where a list of events may not be whole."""


def summary(decision: Decision) -> str:
    """What was decided and the first reason, in one sentence without its full stop."""
    name = f"{decision.subject.name} ({decision.subject.digest[:19]})"
    if decision.outcome is Outcome.ALLOW:
        asked = len(decision.results)
        return clean(f"{name} may pass gate {decision.gate}: no control that binds stands against it ({asked} asked)")
    want = "" if decision.outcome is Outcome.DENY else " for want of evidence"
    more = f" (and {len(decision.reasons) - 1} more)" if len(decision.reasons) > 1 else ""
    first = f": {reason_text(decision.reasons[0], decision)}" if decision.reasons else ""
    return clean(f"{name} may not pass gate {decision.gate}{want}{first}{more}")


def reason_text(reason: Reason, decision: Decision) -> str:
    """A reason of the decision; a control's begins with its id and title."""
    if isinstance(reason, ControlReason):
        return _control_reason(reason, decision)
    if isinstance(reason, GateReason):
        item = next(p for p in decision.prerequisites if p.gate == reason.gate)
        return clean(f"earlier gate: {prerequisite_text(item)}")
    if isinstance(reason, TierReason):
        if reason.tier == "prohibited":
            by = by_record(decision.risk.record, decision)
            return clean(f"the practice is prohibited (AI Act Art 5){by}: no gate lets it through")
        told = "; ".join(decision.risk.reasons) or "a classification says so"
        return clean(f"the risk tier is undetermined{by_record(decision.risk.record, decision)}: {told}")
    if isinstance(reason, TierErrorReason):
        return clean(f"the risk tier could not be computed: {_tier_error(reason)}")
    if isinstance(reason, ContestedReason):
        told = f"{reason.type} {reason.record[7:19]} that {reason.by} signed"
        act = " and ".join(reason.act.split(", "))
        return clean(
            f"contested: {told} is set aside, since {reason.by} was named as {act} after it was filed; "
            "withdraw it with a second person, or let somebody apart replace it"
        )
    return "no control passed: none that the gate selects binds here and is satisfied"


def _control_reason(reason: ControlReason, decision: Decision) -> str:
    result = next(r for r in decision.results if r.control == reason.control)
    lead = {Status.MISSING: "evidence is missing: ", Status.ERROR: "error: "}.get(result.status, "")
    named = None if reason.finding is None else result.findings[reason.finding].evidence
    text = f"{result.control} {result.title}: {lead}{control_text(result, decision)}"
    return clean(text + by_record(named, decision))


def by_record(name: str | None, decision: Decision) -> str:
    """`, by risk-questionnaire 4f0c21ab93de`: the record behind a reason; empty where none is named."""
    found = next((item for item in decision.evidence if item.id == name), None)
    return f", by {found.type} {found.id[7:19]}" if found else ""


def _tier_error(reason: TierErrorReason) -> str:
    if reason.problem == "no-tier":
        return "the risk policy's answer has no tier"
    if reason.problem == "unknown-tier":
        return f"the risk policy answers with the unknown tier `{reason.name}`"
    if reason.problem == "not-texts":
        return f"`{reason.name}` of the risk policy's answer is not a list of texts"
    return ENGINE_ERRORS[reason.problem]


def control_text(result: ControlResult, decision: Decision, control: Control | None = None) -> str:
    """Why a control came to its status, with its notes (`control_notes`)."""
    text = _pass_text(result) if result.status is Status.PASS else cause_text(result, decision)
    notes = control_notes(result, decision, control)
    return clean(f"{text} ({'; '.join(notes)})" if notes else text)


FOREIGN = "class foreign: Rego of other people, which OPA alone ran and no check of ours looked into"


def control_notes(result: ControlResult, decision: Decision, control: Control | None = None) -> list[str]:
    """What is told beside a result: waivers, whose Rego judged where it is not ours, and that a pass rests on a
    signature, where `control` (the bundle's, if it is at hand) says so.
    """
    signed = signed_text(result, control) if control else ""
    return [*waiver_notes(result, decision), *([FOREIGN] if result.foreign else []), *([signed] if signed else [])]


def signed_text(result: ControlResult, control: Control) -> str:
    """That a pass rests on a signature; empty for any other result, and where records alone decide."""
    return SIGNED_WORDS.get(control.mode, "") if result.status is Status.PASS else ""


def waiver_notes(result: ControlResult, decision: Decision) -> list[str]:
    """The waiver that covers a control, or why those that are there do not hold."""
    waived = [r for r in decision.relaxations if isinstance(r, WaiverRelaxation) and r.subject == result.control]
    return [*map(waiver_text, waived), *(refusal_text(item, result) for item in result.refused_waivers)]


def _pass_text(result: ControlResult) -> str:
    satisfied = sum(1 for item in result.objectives if item.satisfied)
    text = f"{satisfied} of {plural(len(result.objectives), 'objective')} satisfied on "
    # Where a control passed, what is not satisfied does not bind yet, or not here; once it does it stops the subject.
    open_yet = "; ".join(item.says.rstrip(".") for item in result.objectives if not item.satisfied)
    return text + plural(len(result.evidence), "record") + (f"; advice, not satisfied: {open_yet}" if open_yet else "")


def cause_text(result: ControlResult, decision: Decision) -> str:
    """The cause of a result that is not a pass."""
    return cause_at(result, decision.gate, decision.risk.tier)


def cause_at(result: ControlResult, gate: str, tier: str) -> str:
    """The same of a result that stands in no decision."""
    cause = result.cause
    if cause is None:
        return ""
    if cause.kind == "finding":
        finding = result.findings[cause.finding]
        says = next((item.says for item in result.objectives if item.name == finding.objective), "")
        return finding_line(finding, says)
    if cause.kind == "no-record":
        return "no record that it reads is there"
    if cause.kind == "outside":
        if cause.what == "tier":
            return clean(f"it concerns the tiers {', '.join(cause.concerns)}; the system's is {', '.join(cause.has)}")
        return clean(f"it binds the role {' or '.join(cause.concerns)}; the organisation is {', '.join(cause.has)}")
    if cause.kind == "facts":
        return "the facts say that it does not apply"
    if cause.kind == "no-objective":
        return clean(f"none of its objectives is judged at gate {gate} for tier {tier}")
    if cause.kind == "unknown-scope":
        absent = f": no current {', '.join(cause.absent)} record" if cause.absent else ""
        return clean(f"whether it applies is not known{absent}")
    if cause.kind == "engine":
        return f"could not be judged: {ENGINE_ERRORS[cause.error]}"
    if cause.kind == "malformed":
        name = f" (`{cause.name}`)" if cause.name else ""
        return clean(f"could not be judged: {_MALFORMED[cause.problem]}{name}")
    return clean(f"could not be judged: the policy both satisfies and finds against {', '.join(cause.objectives)}")


def remedy_text(result: ControlResult, decision: Decision) -> str:
    """What to do about a control: its author's advice where something failed, else which evidence to file."""
    if result.status is not Status.MISSING or (result.foreign is not None and not result.absent):
        return clean(result.remediation)
    todo = f"quaestor gate todo {decision.gate} {decision.subject.name}"
    if not result.absent:  # there are records, and they do not say what is asked: the findings tell which
        # Of a feed that is wanting the author's advice says nothing.
        fed = all(finding.asks_for == _FEED for finding in result.findings)
        advice = "" if fed and result.findings else f"{result.remediation} "
        return clean(f"{advice}`{todo}` says what to file, who signs it and by which command.")
    names = " and a current ".join(result.absent)
    return clean(f"File a current {names}; `{todo}` says who signs it and by which command.")


def waiver_text(item: WaiverRelaxation) -> str:
    """What was waived, by whom, until when, and who carries which risk."""
    status = "failure" if item.status == "fail" else "want of evidence"
    return clean(
        f"{status} waived until {moment_text(item.expires_on)} by {person_text(item.approver)}, asked for by "
        f"{person_text(item.requested_by)}; risk carried by {person_text(item.risk_owner)}: {item.risk}"
    )


def person_text(person: PersonRef) -> str:
    """`Ana Weber (model-owner)`."""
    return clean(f"{person.name} ({person.role})" if person.role else person.name)


def refusal_text(item: RefusedWaiver, result: ControlResult) -> str:
    """Why a waiver does not hold."""
    if item.code == "not-by-approver":
        why = f"it was not signed by the approver whom it names, {item.person}"
    elif item.code == "self-approved":
        why = f"the approver, {item.person}, asked for it"
    elif item.code == "other-severity":
        why = f"it was granted for a {item.granted_for} control, and this one is {result.severity}"
    elif item.code == "other-basis":
        why = f"it was granted for a control of {item.granted_for}, and this one binds by {result.basis}"
    elif item.code == "too-long":
        why = f"it lasts longer than {item.days} days"
    elif item.code == "not-permitted":
        which = f" (access policies: {', '.join(item.policies)})" if item.policies else ""
        why = f"{item.person} may not waive {result.control}{which}"
    else:
        why = _REFUSALS[item.code]
    return clean(f"waiver {item.waiver[:19]} does not hold: {why}")


_GATE_STATES: dict[GateState, str] = {
    "undecided": "has not decided on this digest",
    "allowed": "said allow",
    "denied": "said deny",
    "indeterminate": "said indeterminate",
    "taken-back": "said allow",
}


def prerequisite_text(item: Prerequisite) -> str:
    """What an earlier gate said, and when."""
    when = f" on {moment_text(item.instant)}" if item.instant else ""
    if item.state == "other-policies":
        terms = "under other policies or parameters, or with other controls switched off"
        return clean(f"gate {item.gate} said {item.outcome}{when}, {terms}; ask it again")
    since = "; evidence that it rests on was taken back since: ask it again" if item.state == "taken-back" else ""
    return clean(f"gate {item.gate} {_GATE_STATES[item.state]}{when}{since}")


def relaxation_text(item: Relaxation, decision: Decision, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a relaxation did, and by whom; of what it is, its kind and subject tell. `names` are people's, by id."""
    if item.kind == "waiver":
        return waiver_text(item)
    if item.kind == "parameter":
        return clean(f"{change_text(item)} in the organisation's overlay; no approver is named")
    if item.kind == "disabled-control":
        approver = f", approved by {person_named(item.approver, names)}" if item.approver else ""
        pack = f", with the pack {item.pack}" if item.pack else ""
        until = f" until {day_text(item.until)}" if item.until else ""
        return clean(f"switched off in the organisation's overlay{until}{pack}{approver}: {item.why}")
    if item.kind == "unsigned-evidence":
        return clean(f"{item.type} of class {item.evidence_class} carries no verified signature")
    if item.kind == "earlier-refusal":
        return _refusal(item, decision)
    if item.kind in ("withdrawn-evidence", "replaced-evidence"):
        found = next((e for e in decision.excluded if e.id == item.subject), None)
        if found and item.kind == "replaced-evidence":
            return clean(f"{found.type} that {person_named(found.by, names)} signed: {exclusion_text(found, names)}")
        return clean(f"{found.type}, {EXCLUSION_WORDS[found.reason]} {exclusion_text(found, names)}") if found else ""
    if item.kind == "assumed-renewal":
        return "it expires then, before the instant of this preview; that it is renewed as it stands is an assumption"
    return "decided as of an instant named by the caller"


def _refusal(item: EarlierRefusalRelaxation, decision: Decision) -> str:
    """What an earlier decision said, and what became of the records that it counted and that count no more."""
    known = {record.id: record for record in decision.excluded}
    told: dict[str, list[str]] = {}
    for name in item.gone:
        record = known.get(name)
        word = EXCLUSION_WORDS.get(record.reason, record.reason) if record else "gone"
        told.setdefault(word, []).append(f"{record.type} {name[7:19]}" if record else name[7:19])
    parts = [
        f"{len(names)} {word}" + (f" ({', '.join(names[:MAX_NAMED])}{', …' * (len(names) > MAX_NAMED)})")
        for word, names in sorted(told.items())
    ]
    if item.system is not None:
        last = f"as a version of the system {item.system} this very digest was last answered {item.outcome}"
        return clean(f"{last} at this gate, on {moment_text(item.instant)} (decision {item.subject[7:19]})")
    gone = f"{plural(len(item.gone), 'record')} that it counted {'counts' if len(item.gone) == 1 else 'count'} no more"
    said = f"this gate said {item.outcome} on {moment_text(item.instant)} (decision {item.subject[7:19]})"
    return clean(f"{said}, and {gone}: {'; '.join(parts)}")


def change_text(item: ParameterRelaxation) -> str:
    """`0.05 replaced by 0.1`."""
    return clean(f"{_brief(item.default)} replaced by {_brief(item.value)}")


def relaxation_subject(item: Relaxation) -> str:
    """What was relaxed: a control id, parameter name, record id or instant."""
    return instant_text(item.subject) if isinstance(item.subject, datetime) else clean(item.subject)


def _brief(value: object) -> str:
    text = value_text(value) or "nothing"
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


def person_named(holder: str | None, names: Mapping[str, str]) -> str:
    """A person by name, with the id by which the register has them; by the id alone where no name is known."""
    name = names.get(holder or "")
    return f"{name} ({holder})" if name and name != holder else str(holder)


def exclusion_text(item: ExcludedItem, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """What there is to say of a record that does not count, beside the word for the reason (EXCLUSION_WORDS)."""
    when = f"on {moment_text(item.at)} " if item.at else ""
    if item.reason == "withdrawn":
        doubt = ", whose trusted signature the withdrawal does not carry" if item.signed is False else ""
        return clean(f"{when}by {person_named(item.by, names)}{doubt}: {item.why}")
    if item.reason == "erased":
        return clean(f"{when}by {person_named(item.by, names)}: {item.why}")
    if item.reason == "expired" and item.until:
        return f"could be used until {moment_text(item.until)}; collect it again"
    if item.reason == "not-yet-collected" and item.at:
        return f"collected only on {moment_text(item.at)}"
    if item.reason == "not-yet-filed" and item.at:
        return f"filed only on {moment_text(item.at)}"
    if item.reason == "ahead-of-filing" and item.at:
        return clean(f"`{item.why}` says {moment_text(item.at)}, which is later than its filing")
    if item.reason == "superseded" and item.why:
        past = f"; what had been already when this one was given: {item.past}" if item.past else ""
        return clean(
            f"a later account of the event stands for it: {item.replaced_by}, which says more of {item.why}{past}"
        )
    if item.reason == "superseded":
        return clean(f"a later entry says how it stands: {item.replaced_by}")
    if item.reason == "unknown-person":
        return clean(f"its author is `{item.by}`, called `{item.why}`: an administrator adds whoever made a version")
    if item.reason == "unsigned":
        if item.keyid:
            return clean(f"no key that the register of people had then verifies its signature (key {item.keyid[:12]})")
        return "an attested record counts only under a person's trusted signature"
    if item.reason == "content-unfit":
        return clean(f"`{item.why}`")
    return "see `quaestor doctor --full`" if item.reason == "unreadable" else ""


def listed(items: Iterable[str]) -> str:
    return ", ".join(clean(item) for item in items)
