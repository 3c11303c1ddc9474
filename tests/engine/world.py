"""A small world to decide in: people with real keys, records, snapshots, and controls beside the shipped policies."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engine.bundle.files import read_folder
from engine.bundle.load import Bundle, bundle_from_files
from engine.bundle.parameters import Effective, effective_parameters, read_overlay
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.record import EvidenceClass, Statement, new_statement, read_record
from evidence.model.subject import Subject, SubjectKind
from evidence.snapshot.model import Entry, Excluded, LogPosition, PriorDecision, Snapshot
from evidence.trust.envelopes import signature_state, wrap_unsigned
from evidence.trust.keys import Grant, Keyring, SigningKey
from evidence.trust.people import Holder, HolderKey, Register, with_holder

POLICIES = Path(__file__).parents[2] / "policies"
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = timedelta(days=1)
DIGEST = f"sha256:{64 * 'c'}"
OTHER_DIGEST = f"sha256:{64 * 'd'}"
SUBJECT = Subject(kind=SubjectKind.MODEL, name="mortgage@2", digest=DIGEST, system_id="mortgage")
PEOPLE = {"ana": ("model-owner",), "ben": ("compliance",), "cleo": ("ml-engineer",), "dan": ("compliance",)}


@cache
def keys() -> dict[str, SigningKey]:
    """Private keys of `quaestor` (a machine), of PEOPLE, and of `mallory`, whom nobody trusts."""
    return {name: SigningKey.generate() for name in ("root", "quaestor", *PEOPLE, "mallory")}


def register(
    origin: str, *, removed: dict[str, datetime] | None = None, at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
) -> list[bytes]:
    """Versions of a register of people, as signed: everybody from 1970 on, then `at` without the `removed` keys."""
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    end = datetime(9999, 1, 1, tzinfo=UTC)
    roles = {"root": ("administrator",), "quaestor": ("collector",), **PEOPLE}

    def holder(name: str) -> Holder:
        key = keys()[name]
        return Holder(
            id=name,
            name=name.title(),
            kind="machine" if name == "quaestor" else "person",
            keys=(HolderKey(keyid=key.keyid, public_key=key.public_key, since=begin),),
            grants=tuple(Grant(role=role, since=begin) for role in roles[name]),
        )

    first = Register(
        origin=origin,
        version=1,
        issued_at=begin,
        expires_at=end,
        threshold=1,
        holders=tuple(map(holder, sorted(roles))),
    )
    versions = [first]
    for name, since in (removed or {}).items():
        known = versions[-1].holder(name)
        assert known is not None
        gone = known.model_copy(update={"keys": (known.keys[0].model_copy(update={"until": since}),)})
        versions.append(with_holder(versions[-1], gone, issued_at=at, expires_at=end))
    return [keys()["root"].sign(version.statement().payload) for version in versions]


@cache
def keyring() -> Keyring:
    made = keys()
    machine = made["quaestor"].trusted("quaestor", "Quaestor", "machine", ("collector",))
    return Keyring(keys=(machine, *(made[n].trusted(n, n.title(), "person", roles) for n, roles in PEOPLE.items())))


def predicate(kind: str, **content: Any) -> Predicate:
    return PREDICATES[kind].model_validate_json(canonical_bytes(content))


def audit(unknown: int = 0, digest: str = DIGEST) -> Predicate:
    """A fairness audit. The bench's controls ask that few cases are of an unknown group."""
    return predicate(
        "fairness-audit",
        artifact_digest=digest,
        dataset_digest=OTHER_DIGEST,
        audited="model-outputs",
        attributes=["sex"],
        intersections=[],
        group_sizes={"sex=f": 60, "sex=m": 70},
        unknown_count=unknown,
        group_metrics={},
        parity_difference={},
        odds_difference={},
        impact_ratio={},
        binding_measures=["impact_ratio"],
        mitigation=[],
    )


def questionnaire(**facts: Any) -> Predicate:
    """A risk questionnaire of a system with minimal risk; `facts` say otherwise."""
    base = yaml.safe_load((POLICIES / "risk" / "tier_cases.yaml").read_text(encoding="utf-8"))["base"]
    return predicate("risk-questionnaire", **{**base, **facts})


def high_questionnaire(**facts: Any) -> Predicate:
    base = yaml.safe_load((POLICIES / "risk" / "tier_cases.yaml").read_text(encoding="utf-8"))["base"]
    answers = {**base["annex_iii_answers"], "5b": "yes"}
    return questionnaire(
        **{"roles": ["provider"], "scope_trigger": "provider-eu-market", "annex_iii_answers": answers, **facts}
    )


def classification(tier: str, declared: str) -> Predicate:
    return predicate(
        "risk-classification",
        tier=tier,
        declared_tier=declared,
        impact_level="low",
        automation_level=1,
        sensitive_domain="none",
        complexity="low",
        rationale="as the questionnaire has it",
        monitoring_interval_days=30,
        reasons=[],
        legal_clauses=[],
        control_ids={},
        next_review="2027-06-01T00:00:00Z",
    )


def waiver(control: str = "BEN-01", **more: Any) -> Predicate:
    """A waiver asked for by Ana and granted by Ben for sixty days from five days ago."""
    content = {
        "control_id": control,
        "control_basis": "policy",
        "control_severity": "blocker",
        "scope": DIGEST,
        "risk": "some cases are of an unknown group",
        "risk_owner": {"id": "ana", "name": "Ana"},
        "requested_by": {"id": "ana", "name": "Ana"},
        "approver": {"id": "ben", "name": "Ben"},
        "granted_at": "2026-11-16T08:00:00Z",
        "expires_on": "2027-01-15T08:00:00Z",
    }
    return predicate("waiver", **{**content, **more})


def statement(
    content: Predicate,
    *,
    evidence_class: str | None = None,
    at: datetime = NOW - DAY,
    expires: datetime | None = None,
    subject: str = DIGEST,
    system: str = "mortgage",
    issuer: str = "quaestor",
    source: str = "test",
) -> Statement:
    return new_statement(
        content,
        subject={"subject": subject},
        envelope={
            "evidence_class": EvidenceClass(evidence_class or content.CLASSES[0]),
            "system_id": system,
            "source": source,
            "collector": "test",
            "issuer": issuer,
            "issued_at": at,
            "collected_at": at,
            "expires_at": expires or at + 60 * DAY,
        },
    )


def envelope(made: Statement, signer: str | None) -> bytes:
    """The DSSE envelope of a statement, signed by a key of `keys`, or by none."""
    return keys()[signer].sign(made.payload) if signer else wrap_unsigned(made.payload)


def entry(content: Predicate, signer: str | None = "quaestor", **more: Any) -> Entry:
    made = statement(content, **more)
    record, state = read_record(made), signature_state(envelope(made, signer), keyring())
    return Entry(record=record, signature=state, filed_at=record.envelope.collected_at, log_index=0)


def snapshot(
    *entries: Entry,
    instant: datetime = NOW,
    chosen: bool = False,
    decisions: Sequence[PriorDecision] = (),
    excluded: Sequence[Excluded] = (),
) -> Snapshot:
    return Snapshot(
        subject=SUBJECT,
        instant=instant,
        instant_chosen=chosen,
        entries=tuple(entries),
        excluded=tuple(excluded),
        decisions=tuple(decisions),
        people=f"sha256:{64 * 'f'}",
        log=LogPosition(origin="test.example/log", size=1, root=f"sha256:{64 * 'e'}"),
    )


def papers(*entries: Entry) -> tuple[Entry, ...]:
    """Records with the questionnaire of a system with minimal risk, which every allowance needs."""
    return (entry(questionnaire(), "ana"), *entries)


def prior(gate: str, outcome: str, at: datetime = NOW - DAY, digit: str = "a") -> PriorDecision:
    return PriorDecision.model_validate(
        {
            "id": f"sha256:{64 * digit}",
            "gate": gate,
            "outcome": outcome,
            "instant": at,
            "bundle_digest": f"sha256:{64 * '0'}",
            "parameters_digest": f"sha256:{64 * '0'}",
        }
    )


def on_terms_of(bundle: Bundle, decision: PriorDecision) -> PriorDecision:
    """The earlier decision as made under a bundle and its default parameters."""
    parameters = digest_json(dict(effective(bundle).values))
    return decision.model_copy(update={"bundle_digest": bundle.digest, "parameters_digest": parameters})


def effective(bundle: Bundle, overlay: str | None = None) -> Effective:
    document = read_overlay(overlay, "overlay.yaml") if overlay else None
    return effective_parameters(bundle.catalogue, document, bundle.controls.values())


_HEAD = """\
# METADATA
# title: Bench control {id}
# description: The audits count few cases of an unknown group.
# custom:
#   id: {id}
#   pack: core
#   severity: {severity}
#   basis: {basis}
#   waivable: {waivable}
#   mode: auto
#   tiers: {tiers}
#   roles: {roles}
#   gates: {gates}
#   applies_from: {applies_from}
{more}#   evidence: {evidence}
#   parameters: {parameters}
#   objectives: {objectives}
#   frameworks: {{eu-ai-act: ["10(2)(f)"]}}
#   remediation: Audit again and name the groups.
package controls.bench.{name}

audits := input.evidence["fairness-audit"]

"""
_KNOWN = """\
satisfied contains "{objective}" if {{
	count(audits) > 0
	every audit in audits {{
		audit.predicate.unknown_count <= data.parameters.min_group_size
	}}
}}

findings contains finding if {{
	some audit in audits
	audit.predicate.unknown_count > data.parameters.min_group_size
	finding := {{
		"objective": "{objective}",
		"message": "too many cases are of an unknown group",
		"observed": audit.predicate.unknown_count,
		"expected": data.parameters.min_group_size,
		"evidence": audit.id,
	}}
}}
"""
KNOWN = _KNOWN.format(objective="known")
# Two values of one rule: an evaluation error in every engine, once an audit counts seven.
_CONFLICT = """\
verdict := "fine" if count(audits) > 0

verdict := "conflict" if {
	some audit in audits
	audit.predicate.unknown_count == 7
}

satisfied contains "known" if {
	count(audits) > 0
	verdict == "fine"
}
"""
_FEED = """\
statuses := input.evidence["feed-status"]

applies := count(audits) > 0

satisfied contains "known" if {
	count(statuses) > 0
	every status in statuses {
		status.predicate.complete == true
	}
}
"""


def control(id: str, gates: str, rules: str = KNOWN, **more: str) -> tuple[str, str]:
    """Path and text of a control of the bench."""
    values = {
        "severity": "blocker",
        "basis": "policy",
        "waivable": "true",
        "tiers": "[any]",
        "roles": "[any]",
        "applies_from": "D-POL",
        "more": "",
        "evidence": "{fairness-audit: measured}",
        "parameters": "[min_group_size]",
        "objectives": "{known: {says: Few cases are of an unknown group.}}",
        **more,
    }
    head = _HEAD.format(id=id, name=id.replace("-", "_"), gates=gates, **values)
    return f"controls/bench/{id}.rego", head + rules


BENCH = dict(
    [
        control("BEN-01", "[validation, staging, clash, aged, lax]"),
        control(
            "BEN-02",
            "[law]",
            KNOWN + _KNOWN.format(objective="known-by-law"),
            basis="law",
            waivable="false",
            more="#   law_scope: {tiers: [high], roles: [provider], from: D-HR}\n",
            objectives="{known: {says: Few cases are of an unknown group.}, "
            "known-by-law: {says: Few cases are unknown as the law asks., only: law-scope}}",
        ),
        control(
            "BEN-03",
            "[facts]",
            _FEED,
            evidence="{fairness-audit: any, feed-status: any}",
            more="#   applies: [fairness-audit]\n",
            objectives="{known: {says: Few cases are of an unknown group., reads: [feed-status]}}",
            parameters="[]",
        ),
        control("BEN-04", "[open]", basis="law", waivable="false", applies_from="D-HR-OPEN", tiers="[high]"),
        control("BEN-05", "[clash]", _CONFLICT, parameters="[]"),
        control("BEN-06", "[strict, lax]", severity="major"),
        control("BEN-07", "[aged]", evidence="{fairness-audit: {class: measured, max_age: P7D}}"),
        control("BEN-08", "[deployers]", roles="[deployer]"),
    ]
)
GATES = {
    "validation": "denies: [blocker]",
    "staging": "denies: [blocker]\nrequires: [validation]",
    "clash": "denies: [blocker]",
    "aged": "denies: [blocker]",
    "law": "denies: [blocker]",
    "facts": "denies: [blocker]",
    "open": "denies: [blocker]",
    "strict": "denies: [blocker, major]",
    "lax": "denies: [blocker]",
    "deployers": "denies: [blocker]",
    "empty": "denies: [blocker]",
}


def bench_files(controls: dict[str, str] | None = None) -> dict[str, bytes]:
    """The shipped policies with the bench's controls and gates in place of theirs; no tests and cases."""
    files = {
        path: content
        for path, content in read_folder(POLICIES).items()
        if not path.startswith(("controls/", "gates/")) and not path.endswith(("_test.rego", "_cases.yaml"))
    }
    files |= {path: text.encode() for path, text in (BENCH if controls is None else controls).items()}
    files |= {
        f"gates/{name}.yaml": f"gate: {name}\ntitle: Gate\nmeaning: A gate of the bench.\n{text}\n".encode()
        for name, text in GATES.items()
    }
    return files


@cache
def bench_bundle() -> Bundle:
    return bundle_from_files(bench_files())
