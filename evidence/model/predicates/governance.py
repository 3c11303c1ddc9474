"""Who decided, who may, and which exceptions were granted."""

from typing import Literal

from pydantic import Field, JsonValue, ValidationError, model_validator

from evidence.model.base import DigestText, Instant, Int
from evidence.model.canonical import canonical_bytes
from evidence.model.predicates.base import WHAT_IS_DECIDED, Predicate
from evidence.model.predicates.statements import ALSO_REQUIRED, FACTS, StatementType
from evidence.model.predicates.values import Condition, Override, PersonRef


class Approval(Predicate):
    """Signed decision of one person in one role on one artifact at one gate."""

    TYPE = "approval"
    ABOUT = WHAT_IS_DECIDED
    CLASSES = ("attested",)
    COLLECTOR = "quaestor approve, checked by Cedar"
    MAX_AGE = "P90D"

    gate: Literal[
        "registration",
        "data-intake",
        "validation",
        "staging",
        "production",
        "canary",
        "operation",
        "incident",
        "retirement",
        "portfolio",
    ] = Field(description="Gate")
    artifact_digest: DigestText = Field(description="Artifact decided on")
    approver: PersonRef = Field(description="Who decided")
    role: str = Field(description="Role held at signing")
    decision: Literal["approve", "reject", "abstain"] = Field(description="Decision")
    reason: str | None = Field(default=None, description="Reason, required for exceptions")
    conditions: tuple[Condition, ...] = Field(description="Conditions, each with met or not; empty list if none")
    quorum: Int | None = Field(default=None, description="Members present for a board decision")
    decided_at: Instant = Field(description="When it was decided")


class Waiver(Predicate):
    """Time-boxed exception to one control for one scope."""

    TYPE = "waiver"
    CLASSES = ("attested",)
    COLLECTOR = "quaestor waiver, checked by Cedar"
    MAX_AGE = "P90D"
    FEED = True

    control_id: str = Field(description="Control that is waived")
    control_basis: Literal["law", "guidance", "policy"] = Field(description="Basis of that control at the time")
    control_severity: Literal["blocker", "major", "minor"] = Field(description="Severity of that control")
    scope: str = Field(description="System, version or tier that it covers")
    risk: str = Field(description="Risk accepted")
    risk_owner: PersonRef = Field(description="Who carries the risk")
    requested_by: PersonRef = Field(description="Who asked")
    approver: PersonRef = Field(description="Who granted it")
    granted_at: Instant = Field(description="When it was granted")
    expires_on: Instant = Field(description="When it ends")


class Attestation(Predicate):
    """Signed statement or decision by a named person; statement_type fixes the extra fields."""

    TYPE = "attestation"
    CLASSES = ("attested",)
    COLLECTOR = "quaestor attest, signed by a natural person"
    MAX_AGE = "P365D"

    statement_type: StatementType = Field(description="Kind of statement")
    statement: str = Field(description="Statement in full")
    scope: tuple[str, ...] = Field(description="Systems, versions, teams or datasets covered")
    role: str = Field(description="Role of the signer at signing")
    co_signers: tuple[PersonRef, ...] = Field(description="Further signers; empty list if none")
    facts: dict[str, JsonValue] = Field(description="Facts stated, typed per statement_type")
    options: tuple[str, ...] | None = Field(default=None, description="Options compared")
    criteria: tuple[str, ...] | None = Field(default=None, description="Criteria weighed")
    choice: str | None = Field(default=None, description="Option chosen")

    @model_validator(mode="after")
    def _facts_fit(self) -> "Attestation":
        """The facts and optional fields that the statement type asks for are there, and no others."""
        try:
            FACTS[self.statement_type].model_validate_json(canonical_bytes(self.facts))
        except ValidationError as cause:
            parts = (f"facts.{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in cause.errors(include_url=False))
            raise ValueError(f"a `{self.statement_type}` statement: {'; '.join(parts)}") from None
        for field in ALSO_REQUIRED.get(self.statement_type, ()):
            if getattr(self, field) is None:
                raise ValueError(f"a `{self.statement_type}` statement needs `{field}`")
        return self


class AccessPolicy(Predicate):
    """Rights and authentication on a resource."""

    TYPE = "access-policy"
    CLASSES = (
        "ingested",
        "derived",
    )
    COLLECTOR = "identity provider, Cedar policies, cloud IAM"
    MAX_AGE = "P30D"

    resource: str = Field(description="Resource")
    resource_kind: Literal[
        "dataset",
        "model-store",
        "endpoint",
        "environment",
        "gate",
        "personal-store",
        "stream",
        "override-console",
    ] = Field(description="Kind of resource")
    role: str = Field(description="Role")
    principals: tuple[str, ...] = Field(description="Persons or services that hold the role")
    wildcard_principal: bool = Field(description="Any principal is allowed")
    actions: tuple[str, ...] = Field(description="Actions allowed")
    conditions: tuple[str, ...] = Field(description="Conditions such as tier and environment; empty list if none")
    emergency_override: Override | None = Field(
        default=None, description="Reason, second person and expiry of an emergency right"
    )
    authentication: Literal["none", "oauth2", "api-key", "mutual-tls", "oidc", "saml"] = Field(
        description="Authentication"
    )
    scopes: tuple[str, ...] = Field(description="Models and operations that a client is limited to")
    idp: str | None = Field(default=None, description="Identity provider")
    local_accounts: tuple[str, ...] = Field(description="Local accounts; empty list if none")
    download_allowed: bool = Field(description="May download artifacts")
    granted_at: Instant = Field(description="When granted")
    reviewed_at: Instant = Field(description="Last access review")
