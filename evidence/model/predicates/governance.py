"""Who decided, who may, and which exceptions were granted."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from evidence.model.base import Count, DigestText, Happened, Instant, Name, Text
from evidence.model.predicates.base import WHAT_IS_DECIDED, Predicate
from evidence.model.predicates.values import Condition, Override, PersonRef

GateName = Literal[
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
]


class Approval(Predicate):
    """Signed decision of one person in one role on one artifact at one gate."""

    TYPE = "approval"
    ABOUT = WHAT_IS_DECIDED
    CLASSES = ("attested",)
    COLLECTOR = "quaestor approve, checked by Cedar"
    MAX_AGE = "P90D"
    RECORD_CLASS = "quality-system"

    gate: GateName = Field(description="Gate")
    artifact_digest: DigestText = Field(description="Artifact decided on")
    approver: PersonRef = Field(description="Who decided")
    role: Name = Field(description="Role held at signing")
    decision: Literal["approve", "reject", "abstain"] = Field(description="Decision")
    reason: Text | None = Field(default=None, description="Reason, required for exceptions")
    conditions: tuple[Condition, ...] = Field(description="Conditions, each with met or not; empty list if none")
    quorum: Count | None = Field(default=None, description="Members present for a board decision")
    decided_at: Happened = Field(description="When it was decided")


class Waiver(Predicate):
    """Time-boxed exception to one control for one scope."""

    TYPE = "waiver"
    CLASSES = ("attested",)
    COLLECTOR = "quaestor waiver, checked by Cedar"
    MAX_AGE = "P90D"
    RECORD_CLASS = "quality-system"
    FEED = True

    control_id: Name = Field(description="Control that is waived")
    control_basis: Literal["law", "guidance", "policy"] = Field(description="Basis of that control at the time")
    control_severity: Literal["blocker", "major", "minor"] = Field(description="Severity of that control")
    scope: Name = Field(description="System, version or tier that it covers")
    risk: Text = Field(description="Risk accepted")
    risk_owner: PersonRef = Field(description="Who carries the risk")
    requested_by: PersonRef = Field(description="Who asked")
    approver: PersonRef = Field(description="Who granted it")
    granted_at: Happened = Field(description="When it was granted")
    expires_on: Instant = Field(description="When it ends")


class Attestation(Predicate):
    """Signed statement or decision by a named person.

    `statement_type` is a kind of `policies/statements`, whose file says which facts it holds and who may sign it.
    """

    TYPE = "attestation"
    CLASSES = ("attested",)
    COLLECTOR = "quaestor attest, signed by a natural person"
    MAX_AGE = "P365D"
    RECORD_CLASS = "quality-system"

    statement_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")] = Field(
        description="Kind of statement"
    )
    statement: Text = Field(description="Statement in full")
    scope: tuple[Name, ...] = Field(description="Systems, versions, teams or datasets covered")
    role: Name = Field(description="Role of the signer at signing")
    co_signers: tuple[PersonRef, ...] = Field(description="Further signers; empty list if none")
    requested_by: PersonRef | None = Field(
        default=None, description="Who asked for it, where that may not be the signer"
    )
    facts: dict[Name, JsonValue] = Field(description="Facts stated, typed per statement_type")
    options: tuple[Name, ...] | None = Field(default=None, description="Options compared")
    criteria: tuple[Name, ...] | None = Field(default=None, description="Criteria weighed")
    choice: Name | None = Field(default=None, description="Option chosen")


class AccessPolicy(Predicate):
    """Rights and authentication on a resource."""

    TYPE = "access-policy"
    CLASSES = (
        "ingested",
        "derived",
    )
    COLLECTOR = "identity provider, Cedar policies, cloud IAM"
    MAX_AGE = "P30D"
    RECORD_CLASS = "quality-system"

    resource: Name = Field(description="Resource; of a dataset, the digest of its content")
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
    role: Name = Field(description="Role")
    principals: tuple[Name, ...] = Field(description="Persons or services that hold the role")
    wildcard_principal: bool = Field(description="Any principal is allowed")
    actions: tuple[Name, ...] = Field(description="Actions allowed")
    conditions: tuple[Name, ...] = Field(description="Conditions such as tier and environment; empty list if none")
    emergency_override: Override | None = Field(
        default=None, description="Reason, second person and expiry of an emergency right"
    )
    authentication: Literal["none", "oauth2", "api-key", "mutual-tls", "oidc", "saml"] = Field(
        description="Authentication"
    )
    scopes: tuple[Name, ...] = Field(description="Models and operations that a client is limited to")
    idp: Name | None = Field(default=None, description="Identity provider")
    local_accounts: tuple[Name, ...] = Field(description="Local accounts; empty list if none")
    download_allowed: bool = Field(description="May download artifacts")
    granted_at: Happened = Field(description="When granted")
    reviewed_at: Happened = Field(description="Last access review")
