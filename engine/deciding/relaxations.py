"""What made a decision milder, or different, than the bundle alone would have it; and waivers that do not hold."""

from typing import Annotated, Literal

from pydantic import Discriminator, JsonValue

from evidence.model.base import Date, DigestText, Frozen, Instant, Int
from evidence.model.predicates.values import PersonRef

EvidenceClassName = Literal["attested", "ingested", "derived", "measured"]


class RefusedWaiver(Frozen):
    """A waiver for the control and this subject that does not hold, and why.

    `granted_for` is the severity or basis that it was granted for, `days` the longest time that a waiver may last,
    `person` who signed it, and `policies` the access policies (`@id`) that did not let them.
    """

    waiver: DigestText
    code: Literal[
        "law-blocker",
        "not-waivable",
        "no-trusted-signature",
        "not-by-approver",
        "self-approved",
        "other-severity",
        "other-basis",
        "not-in-force",
        "too-long",
        "no-longest-time",
        "no-access-policies",
        "not-permitted",
    ]
    granted_for: str | None = None
    days: Int | None = None
    person: str | None = None
    policies: tuple[str, ...] = ()


class WaiverRelaxation(Frozen):
    """A control (`subject`) that is not satisfied was waived; `risk` is what the waiver says is accepted."""

    kind: Literal["waiver"] = "waiver"
    subject: str
    evidence: DigestText
    status: Literal["fail", "missing"]
    risk: str
    risk_owner: PersonRef
    requested_by: PersonRef
    approver: PersonRef
    granted_at: Instant
    expires_on: Instant


class ParameterRelaxation(Frozen):
    """The organisation's overlay replaced the default of a parameter (`subject`)."""

    kind: Literal["parameter"] = "parameter"
    subject: str
    default: JsonValue
    value: JsonValue


class DisabledControlRelaxation(Frozen):
    """The organisation's overlay switched a control (`subject`) off, for the reason and by the approver it names;
    with `pack`, because that whole pack is left out; with `until`, to the end of that day.
    """

    kind: Literal["disabled-control"] = "disabled-control"
    subject: str
    why: str
    approver: str | None = None
    pack: str | None = None
    until: Date | None = None


class UnsignedEvidenceRelaxation(Frozen):
    """A record (`subject`) counts without a verified signature."""

    kind: Literal["unsigned-evidence"] = "unsigned-evidence"
    subject: DigestText
    type: str
    evidence_class: EvidenceClassName


class WithdrawnEvidenceRelaxation(Frozen):
    """A record (`subject`) was withdrawn or erased; `excluded` says by whom and why."""

    kind: Literal["withdrawn-evidence"] = "withdrawn-evidence"
    subject: str


class ReplacedEvidenceRelaxation(Frozen):
    """A record (`subject`) that a person attested was replaced by a later one, or a later account of the same event
    stands in its place; it would count otherwise.
    """

    kind: Literal["replaced-evidence"] = "replaced-evidence"
    subject: DigestText


class EarlierRefusalRelaxation(Frozen):
    """An earlier decision (`subject`) at this gate on this digest did not allow, and counted what counts no more.

    `gone` are the ids of these records; the body's `excluded` says of each why, by whom and what replaced it. With
    `system`, that was the last word on the same digest as a version of another system, with evidence of its own.
    """

    kind: Literal["earlier-refusal"] = "earlier-refusal"
    subject: DigestText
    outcome: Literal["deny", "indeterminate"]
    instant: Instant
    gone: tuple[DigestText, ...]
    system: str | None = None


class ChosenInstantRelaxation(Frozen):
    """The decision is as of an instant that the caller named, and not of the present."""

    kind: Literal["chosen-instant"] = "chosen-instant"
    subject: Instant


class AssumedRenewalRelaxation(Frozen):
    """The register of people expires (`subject`) before the instant that the caller named; that it is renewed as it
    stands is assumed.
    """

    kind: Literal["assumed-renewal"] = "assumed-renewal"
    subject: Instant


Relaxation = Annotated[
    WaiverRelaxation
    | ParameterRelaxation
    | DisabledControlRelaxation
    | UnsignedEvidenceRelaxation
    | WithdrawnEvidenceRelaxation
    | ReplacedEvidenceRelaxation
    | EarlierRefusalRelaxation
    | ChosenInstantRelaxation
    | AssumedRenewalRelaxation,
    Discriminator("kind"),
]
"""Something that made the decision milder, or different, than the bundle and the present alone would have it."""
