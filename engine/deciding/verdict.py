"""What an evaluation says: statuses, findings, control results and the decision."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, JsonValue, ValidationError, model_validator

from engine.bundle.facts import ASKED_FOR
from engine.deciding.relaxations import EvidenceClassName, RefusedWaiver, Relaxation
from evidence.model.base import DigestText, Frozen, Instant, Int
from evidence.model.canonical import canonical_bytes, digest_bytes
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import explain
from evidence.model.notes import DecisionHead
from evidence.model.subject import Subject


class Status(StrEnum):
    """Outcome of one control. Only `pass`, `waived` and `not-applicable` let a blocker through."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    MISSING = "missing"
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


HARMLESS = (Status.PASS, Status.WAIVED, Status.NOT_APPLICABLE)
"""The states of a control that speak against nothing."""


class Outcome(StrEnum):
    """Outcome of a gate: allow (exit 0), deny (exit 1), indeterminate (exit 3): denied because it could not be said."""

    ALLOW = "allow"
    DENY = "deny"
    INDETERMINATE = "indeterminate"


Place = str | bool | Int
"""What fills a place of a message: text, a whole number, a yes or no."""


class Finding(Frozen):
    """Why an objective is not satisfied. It explains and decides nothing.

    A policy's own finding has a `message`: constant text in which `{name}` is a place for `values[name]`, or for
    `observed` and `expected`. A finding that the engine adds has a `code` instead: `no-record` (no current record of
    the type `values["type"]`, of at least the class `values["class"]`) or `not-satisfied` (no rule asserts the
    objective and none says why). `gap` marks a fact that could not be judged (a group too small, a value never
    measured) rather than a breach.
    """

    objective: str
    message: str | None = None
    code: Literal["no-record", "not-satisfied"] | None = None
    values: dict[str, Place] = Field(default_factory=dict)
    gap: bool = False
    evidence: str | None = None
    observed: JsonValue = None
    expected: JsonValue = None
    path: str | None = None

    @property
    def asks_for(self) -> str | None:
        """The evidence type of which it asks for a record; None where its path is a field."""
        path = self.path or ""
        return path.removeprefix(ASKED_FOR) if path.startswith(ASKED_FOR) else None


class ObjectiveResult(Frozen):
    """State of one assessment objective at this gate. `advisory`: outside its legal scope or before its date."""

    name: str
    says: str
    satisfied: bool
    advisory: bool = False
    covers: tuple[str, ...] = ()


EngineError = Literal[
    "conflict", "limit", "failure", "inexact", "bad-input", "disagreement", "incomparable", "no-answer", "no-opa"
]
"""Why a rule has no value; `disagreement` and `incomparable` are those of a cross-check of two engines."""


class FindingCause(Frozen):
    """A finding speaks against the control: its place in the control's `findings`, from 0."""

    kind: Literal["finding"] = "finding"
    finding: Int


class NoRecordCause(Frozen):
    """No record that the control reads is there."""

    kind: Literal["no-record"] = "no-record"


class OutsideCause(Frozen):
    """The control concerns other tiers or roles than the system's or the organisation's."""

    kind: Literal["outside"] = "outside"
    what: Literal["tier", "role"]
    concerns: tuple[str, ...]
    has: tuple[str, ...]


class FactsCause(Frozen):
    """The facts say that the control does not apply."""

    kind: Literal["facts"] = "facts"


class NoObjectiveCause(Frozen):
    """None of the control's objectives is judged at this gate for this tier."""

    kind: Literal["no-objective"] = "no-objective"


class UnknownScopeCause(Frozen):
    """Whether the control applies is not known; `absent` are types that it reads without a record."""

    kind: Literal["unknown-scope"] = "unknown-scope"
    absent: tuple[str, ...]


class EngineCause(Frozen):
    """The engine gave no value for the control's rule."""

    kind: Literal["engine"] = "engine"
    error: EngineError


class MalformedCause(Frozen):
    """The policy answered in a form that is not that of a control; `name` is the field or objective that is odd."""

    kind: Literal["malformed"] = "malformed"
    problem: Literal["form", "applies", "satisfied", "findings", "finding", "unknown-objective"]
    name: str | None = None


class ContradictionCause(Frozen):
    """The policy both satisfies and finds against these objectives."""

    kind: Literal["contradiction"] = "contradiction"
    objectives: tuple[str, ...]


Cause = Annotated[
    FindingCause
    | NoRecordCause
    | OutsideCause
    | FactsCause
    | NoObjectiveCause
    | UnknownScopeCause
    | EngineCause
    | MalformedCause
    | ContradictionCause,
    Discriminator("kind"),
]
"""Why a control came to its status; a pass has none, its objectives and evidence say it."""


class ForeignSource(Frozen):
    """Whose Rego judged: the pack, the rule, and the rule that had to be true besides."""

    class_: Literal["foreign"] = Field(default="foreign", alias="class")
    pack: str
    kind: Literal["deny", "violation", "warn", "allow"]
    query: str
    positive: str | None = None


class ControlResult(Frozen):
    """Result of one control. `advisory` results are shown and decide nothing.

    `foreign` is there where other people's Rego judged it, on OPA alone: none of our checks looked into that Rego.
    """

    control: str
    title: str
    family: str
    status: Status
    cause: Cause | None = None
    severity: Literal["blocker", "major", "minor"]
    basis: Literal["law", "guidance", "policy"]
    advisory: bool
    applies_from: str | None = None
    objectives: tuple[ObjectiveResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    evidence: tuple[DigestText, ...] = ()
    """Ids of the records that the control was given; a pass rests on these."""
    remediation: str
    frameworks: dict[str, tuple[str, ...]]
    waiver: DigestText | None = None
    refused_waivers: tuple[RefusedWaiver, ...] = ()
    foreign: ForeignSource | None = None

    @property
    def absent(self) -> tuple[str, ...]:
        """Evidence types of which the control found no record, and by which it could not say more."""
        named = {str(finding.values.get("type", "")) for finding in self.findings if finding.code == "no-record"}
        unknown = self.cause.absent if isinstance(self.cause, UnknownScopeCause) else ()
        return tuple(sorted({*named, *unknown}))


class ControlReason(Frozen):
    """A control that binds here failed, or could not say; `finding` is the place in its findings, from 0."""

    kind: Literal["control"] = "control"
    control: str
    status: Status
    objective: str | None = None
    finding: Int | None = None


GateState = Literal["allowed", "undecided", "denied", "indeterminate", "other-policies", "taken-back"]


class GateReason(Frozen):
    """An earlier gate did not let the subject through under these policies and parameters."""

    kind: Literal["gate"] = "gate"
    gate: str
    state: GateState
    decision: DigestText | None = None


class TierReason(Frozen):
    """The tier forbids every gate, or is not known; the body's `risk.reasons` say more."""

    kind: Literal["tier"] = "tier"
    tier: Literal["prohibited", "undetermined"]


class TierErrorReason(Frozen):
    """The risk policy gave no usable answer; `name` is the odd tier or field."""

    kind: Literal["tier-error"] = "tier-error"
    problem: EngineError | Literal["no-tier", "unknown-tier", "not-texts"]
    name: str | None = None


class ContestedReason(Frozen):
    """A record that counted until its signer (`by`) was named as `act`, trainer or builder: nobody can tell whether it
    was set aside rightly, or its signer was named to silence it. It is withdrawn, or replaced by somebody apart.
    """

    kind: Literal["contested"] = "contested"
    record: DigestText
    type: str
    by: str
    act: str


class NothingBindsReason(Frozen):
    """No control that the gate selects binds here and is satisfied."""

    kind: Literal["nothing-binds"] = "nothing-binds"


Reason = Annotated[
    ControlReason | GateReason | TierReason | TierErrorReason | ContestedReason | NothingBindsReason,
    Discriminator("kind"),
]


class Prerequisite(Frozen):
    """An earlier gate that this gate asks for, and the latest decision that answers it.

    `state` is `other-policies` where that decision was made under another bundle or other parameters, or with controls
    switched off that are asked now, and `taken-back` where records on which its allowance rested were since withdrawn,
    erased or replaced.
    """

    gate: str
    state: GateState
    decision: DigestText | None = None
    outcome: Outcome | None = None
    instant: Instant | None = None

    @property
    def met(self) -> bool:
        return self.state == "allowed"


class EvidenceItem(Frozen):
    """A record of the snapshot as the decision lists it."""

    id: DigestText
    type: str
    evidence_class: EvidenceClassName
    collected_at: Instant
    expires_at: Instant
    source: str
    issuer: str
    signature: Literal["verified", "unverified", "absent"]
    signer: str | None = None


class ExcludedItem(Frozen):
    """A record about the subject that did not count.

    `by`, `at` and `why` tell who withdrew or erased it, and `signed` whether a withdrawal carries that person's trusted
    signature; `until` is when it expired, `at` also when it is collected, `replaced_by` what supersedes it (`by` then
    says which person signed what was replaced), `past` the fields in which a later account tells what had been already
    when this one was given, `keyid` the key that nobody trusts; of a person whom the register of
    people has not, `by` is the id and `why` the name.
    """

    id: str
    type: str
    reason: str
    by: str | None = None
    at: Instant | None = None
    until: Instant | None = None
    why: str | None = None
    signed: bool | None = None
    replaced_by: str | None = None
    past: str | None = None
    keyid: str | None = None


class RiskTier(Frozen):
    """The tier that the bundle computes from the questionnaire (Regulation (EU) 2024/1689).

    `record` is the questionnaire that decides it, or the classification that says a stricter one.
    """

    tier: str
    path: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    record: DigestText | None = None


def _whole(value: object) -> object:
    """To Python 1 is the same as 1.0 and true; a format is told by the number alone."""
    if type(value) is not int:
        raise ValueError("not a whole number")
    return value


class Decision(Frozen):
    """The body of a decision: a pure function of bundle, snapshot, subject, gate and instant.

    It is data: identifiers, digests, instants, enumerations, and texts out of the bundle, the overlay and the evidence.
    Sentences are made of it by `reports/words`, so that better words change no decision. No engine, clock, path or host
    stands in it.
    """

    format: Annotated[Literal[1], BeforeValidator(_whole)] = 1
    schema_: Literal["https://quaestor.dev/decision/v1"] = Field(
        default="https://quaestor.dev/decision/v1", alias="schema"
    )
    outcome: Outcome
    gate: str
    subject: Subject
    instant: Instant
    rego_version: Literal["v1"] = "v1"
    bundle_digest: DigestText
    overlay_digest: DigestText
    parameters_digest: DigestText
    snapshot_digest: DigestText
    risk: RiskTier
    reasons: tuple[Reason, ...]
    """Why it does not allow, breaches first."""
    counts: dict[str, Int]
    results: tuple[ControlResult, ...]
    prerequisites: tuple[Prerequisite, ...]
    relaxations: tuple[Relaxation, ...]
    evidence: tuple[EvidenceItem, ...]
    excluded: tuple[ExcludedItem, ...]

    @model_validator(mode="after")
    def _places_are_there(self) -> "Decision":
        """What reasons and causes point to stands in the body."""
        findings = {result.control: len(result.findings) for result in self.results}
        pointed = [(r.control, r.cause.finding) for r in self.results if isinstance(r.cause, FindingCause)]
        for reason in self.reasons:
            if isinstance(reason, ControlReason) and reason.control not in findings:
                raise ValueError(f"a reason names the control {reason.control}, which has no result")
            if isinstance(reason, ControlReason) and reason.finding is not None:
                pointed.append((reason.control, reason.finding))
            if isinstance(reason, GateReason) and reason.gate not in {item.gate for item in self.prerequisites}:
                raise ValueError(f"a reason names the gate {reason.gate}, which is no earlier gate of this one")
        for control, place in pointed:
            if not 0 <= place < findings[control]:
                raise ValueError(f"a reason names finding {place} of control {control}, which is not there")
        return self

    @cached_property
    def body(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return canonical_bytes(self.to_json())

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical body."""
        return digest_bytes(self.body)

    @property
    def allowed(self) -> bool:
        return self.outcome is Outcome.ALLOW

    @property
    def exit_code(self) -> int:
        return {Outcome.ALLOW: 0, Outcome.DENY: 1, Outcome.INDETERMINATE: 3}[self.outcome]


class Decided(DecisionHead):
    """The note of a decision, its body read with it."""

    decision: Decision

    @model_validator(mode="after")
    def _states_its_format(self) -> "Decided":
        if "format" not in self.decision.model_fields_set:
            raise ValueError("it is of a version before format 1")
        return self


def read_decision(value: Any, *, where: str) -> Decision:
    """A body that was read as JSON. Raises EvidenceError, also for a body of another format than 1."""
    if not isinstance(value, dict):
        raise EvidenceError("the body of a decision is not an object", where=where)
    if "format" not in value:
        raise EvidenceError(
            "this decision was written by a version before format 1, which this version does not read",
            where=where,
            hint="check it with the version that wrote it, or decide again",
        )
    if type(value["format"]) is not int or value["format"] != 1:
        raise EvidenceError(
            f"this decision is of format {canonical_bytes(value['format']).decode()[:40]}; this version reads format 1",
            where=where,
            hint="check it with a later version of Quaestor",
        )
    try:
        return Decision.from_json(value)
    except ValidationError as cause:
        raise EvidenceError(f"does not fit: {explain(cause)[:500]}", where=where) from None
