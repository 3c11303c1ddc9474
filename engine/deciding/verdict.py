"""What an evaluation says: statuses, findings, control results and the decision."""

from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import Field, JsonValue

from evidence.model.base import DigestText, Frozen, Instant, Int
from evidence.model.canonical import canonical_bytes, digest_bytes
from evidence.model.subject import Subject


class Status(StrEnum):
    """Outcome of one control. Only `pass`, `waived` and `not-applicable` let a blocker through."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    MISSING = "missing"
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


class Outcome(StrEnum):
    """Outcome of a gate: allow (exit 0), deny (exit 1), indeterminate (exit 3): denied because it could not be said."""

    ALLOW = "allow"
    DENY = "deny"
    INDETERMINATE = "indeterminate"


class Finding(Frozen):
    """Why an objective is not satisfied. It explains and decides nothing.

    `gap` marks a fact that could not be judged (a group too small, a value never measured) rather than a breach.
    """

    objective: str
    message: str
    """Constant text with places such as `{limit}`, which `values` fill, or `observed` and `expected`."""
    values: dict[str, str | bool | Int] = Field(default_factory=dict)
    gap: bool = False
    evidence: str | None = None
    observed: JsonValue = None
    expected: JsonValue = None
    path: str | None = None


class ObjectiveResult(Frozen):
    """State of one assessment objective at this gate. `advisory`: outside its legal scope or before its date."""

    name: str
    says: str
    satisfied: bool
    advisory: bool = False
    covers: tuple[str, ...] = ()


class ControlResult(Frozen):
    """Result of one control. `advisory` results are shown and decide nothing."""

    control: str
    title: str
    family: str
    status: Status
    reason: str
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


class Relaxation(Frozen):
    """Something that made the decision milder, or different, than the bundle alone would have it."""

    kind: Literal[
        "waiver", "parameter", "disabled-control", "unsigned-evidence", "withdrawn-evidence", "chosen-instant"
    ]
    subject: str
    """What was relaxed: a control id, parameter name or record id."""
    detail: str
    evidence: DigestText | None = None


class Prerequisite(Frozen):
    """An earlier gate that this gate asks for, and the decision that answers it."""

    gate: str
    met: bool
    decision: DigestText | None = None
    detail: str


class EvidenceItem(Frozen):
    """A record of the snapshot as the decision lists it."""

    id: DigestText
    type: str
    evidence_class: Literal["attested", "ingested", "derived", "measured"]
    collected_at: Instant
    expires_at: Instant
    source: str
    issuer: str
    signature: Literal["verified", "unverified", "absent"]
    signer: str | None = None


class ExcludedItem(Frozen):
    """A record about the subject that did not count."""

    id: str
    type: str
    reason: str
    detail: str


class RiskTier(Frozen):
    """The tier that the bundle computes from the questionnaire (Regulation (EU) 2024/1689)."""

    tier: str
    path: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class Decision(Frozen):
    """The body of a decision: a pure function of bundle, snapshot, subject, gate and instant.

    No engine, clock, path or host stands in it; those are in the envelope (`DecisionRecord`).
    """

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
    summary: str
    """One sentence: what was decided and the first reason."""
    reasons: tuple[str, ...]
    counts: dict[str, Int]
    results: tuple[ControlResult, ...]
    prerequisites: tuple[Prerequisite, ...]
    relaxations: tuple[Relaxation, ...]
    evidence: tuple[EvidenceItem, ...]
    excluded: tuple[ExcludedItem, ...]

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
