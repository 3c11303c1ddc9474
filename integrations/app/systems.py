"""Use cases of the inventory: versions of systems, and their risk tier by policy."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from engine.access import EntityRef
from engine.bundle.load import Bundle
from engine.bundle.parameter_types import PERIODS, path_of, problems
from engine.deciding.decide import admitted, by_type, gate_state
from engine.deciding.evaluate import Records
from engine.deciding.other_answers import OtherAnswer, other_answers
from engine.deciding.questionnaires import Answered, answered
from engine.deciding.risk import compute_risk, with_claims
from engine.deciding.verdict import GateState, RiskTier
from engine.errors import did_you_mean
from evidence.collector import RecordDraft
from evidence.model.base import format_instant
from evidence.model.canonical import digest_file
from evidence.model.errors import QuaestorError
from evidence.model.names import check_id
from evidence.model.predicates.inventory import RegistryEntry
from evidence.model.predicates.log import Action
from evidence.model.record import Record
from evidence.model.subject import Subject, system_subject
from evidence.model.text import says_something
from evidence.model.yaml import Place
from evidence.snapshot.model import Snapshot
from evidence.snapshot.take import take_snapshot
from evidence.store.writing import Judged
from integrations.app.actor import Actor
from integrations.app.approvals import resource_of
from integrations.app.moment import Moment
from integrations.app.records import (
    Filed,
    add_record,
    add_records,
    content_of,
    entries_of,
    made_attributes,
    require_register,
    require_version,
    versions,
)
from integrations.app.session import Session
from integrations.app.withdrawing import agreed_by

STATED = (
    "impact_level",
    "automation_level",
    "sensitive_domain",
    "complexity",
    "monitoring_interval_days",
    "rationale",
)
"""Fields of a risk-classification that no policy computes: people state each of them."""


class Registered(NamedTuple):
    """What was filed, the record whose place it takes (None at first), and other versions with the same model file."""

    filed: Filed
    before: str | None
    same_file: tuple[str, ...]


def register_version(
    session: Session,
    system_id: str,
    model: Path,
    entry: dict[str, Any],
    *,
    actor: Actor,
    owner: str | None = None,
    where: str = "registry-entry",
    lines: Mapping[Place, int] | None = None,
) -> Registered:
    """File the registry entry of a model version; one of a version that is there renews it.

    The installation signs it, so that a later stage (`promote_version`) replaces it; `actor` is who registers, whom
    Cedar must let and whom the entry names as its source; `owner` is the person of the register who answers for the
    version, that of its last entry where None; `where` is the file of the entry, with its `lines`. Raises
    QuaestorError where Cedar does not let them, where the file can be no model, and where the version is another file
    already or the entry gives it a stage that it has not.
    """
    check_id(system_id, "system id")
    moment = Moment(session)
    judged = Judged(session.store.size(), RegistryEntry.uri(), "entry")  # else two at once give one version two files
    entries = versions(session.store, system_id=system_id)
    require_register(session, actor, system_id, entries)
    _require_model(model)
    digest = digest_file(model)
    fields = {"metrics_history": [], **entry, "artifact_digest": digest}
    fields |= _former(entries, entry.get("version"))
    content = content_of("registry-entry", fields, where=where, lines=lines)
    version = content.to_json()["version"]
    require_version(session.store, system_id, content.to_json(), entries, where=where)
    name = f"{system_id}@{version}"
    before = next((record for record in reversed(entries) if record.content["version"] == version), None)
    same = versions(session.store, digest=digest)
    same_file = {f"{record.envelope.system_id}@{record.content['version']}" for record in same} - {name}
    draft = RecordDraft(
        content=content,
        about={name: digest},
        system_id=system_id,
        collected_at=moment.at,
        source=actor.holder,
        model_version=version,
        owner=session.known(owner) if owner else before.envelope.owner if before else None,
    )
    filed = add_record(session, draft, actor=session.machine, moment=moment, judged=judged)
    return Registered(filed, before.id if before else None, tuple(sorted(same_file)))


def _require_model(file: Path) -> None:
    """Raise QuaestorError for a file that is no model, as far as its name, size and first bytes tell.

    The format is the user's: models that Quaestor does not run are registered too. Nothing is loaded here.
    """
    hint = "name the file of the model: its digest is what every record of the version is about"
    if file.stat().st_size == 0:
        raise QuaestorError(f"{file} is empty, and no model", hint=hint)
    if file.suffix.lower() == ".onnx" and is_text(file):
        raise QuaestorError(f"{file} is text, and no ONNX model", hint=hint)


def is_text(file: Path) -> bool:
    """Whether a file begins as text, without a control byte in its first 4096. A model in protobuf has one at once."""
    with file.open("rb") as stream:
        head = stream.read(4096)
    return not any(byte < 32 and byte not in b"\t\n\f\r" for byte in head)


def _former(entries: Iterable[Record], version: object) -> dict[str, dict[str, str]]:
    """The model files of the system's other versions, by label: the inventory knows them, and nobody types them in."""
    others = {
        record.content["version"]: record.content["artifact_digest"]
        for record in entries
        if record.content["version"] != version
    }
    return {"former_artifacts": others} if others else {}


class Emergency(NamedTuple):
    """Why a version goes to production in a change freeze, and the second person who agrees."""

    reason: str
    second: Actor


def promote_version(
    session: Session, subject: Subject, stage: str, *, actor: Actor, emergency: Emergency | None = None
) -> Filed:
    """File the registry entry of a version anew, at another stage.

    `actor` is who moves it, whom Cedar must let and whom the entry names as its source; the installation alone signs
    it, so that the next move replaces it, and the two persons sign what tells of an emergency. Going up to staging or
    production asks for an allowance of the gate of that name on this very digest, made by the policies and thresholds
    in force: an emergency passes over a change freeze (`freeze_periods`) and over nothing else. Raises QuaestorError
    where there is none, or Cedar refuses.
    """
    moment = Moment(session)
    at = moment.at
    entries = entries_of(session.store, subject)
    if not entries:
        raise QuaestorError(f"{subject.name} is not registered", hint="register it with `quaestor system register`")
    resource, attributes = resource_of(moment, subject, actor)
    until = _frozen_until(session, at)
    context: dict[str, object] = {"stage": stage, "frozen": until is not None, "emergency": emergency is not None}
    if emergency is not None:
        _require_emergency(emergency, stage)
        context |= agreed_by(moment.view(subject.system_id), emergency.second)
    try:
        session.require(actor, "promote", resource, attributes, context)
    except QuaestorError as cause:
        raise _named(cause, subject, until) from None
    if stage in ("staging", "production"):
        snapshot = take_snapshot(session.store, subject, at)
        prior = next((item for item in snapshot.decisions if item.gate == stage), None)
        effective = session.effective
        state = gate_state(prior, session.bundle, effective, effective.off_at(at)) if prior else "undecided"
        if state != "allowed":
            said = _SAID[state]
            hint = f"ask it first: quaestor gate decide {stage} {subject.name}"
            raise QuaestorError(f"gate {stage} {said} on {subject.name}", hint=hint)
    last = entries[-1]
    content = content_of("registry-entry", {**last.content, "stage": stage}, where=subject.name)
    draft = RecordDraft.on(subject, content, at, source=actor.holder, model_version=last.envelope.model_version)
    draft = replace(draft, owner=last.envelope.owner)
    action: Action = "promoted" if stage in ("staging", "production") else "demoted"
    if emergency is None:
        return add_record(session, draft, actor=session.machine, action=action)
    told = _told(subject, last.content["version"], at, actor, emergency)
    beside = [(), (actor, emergency.second)]
    return add_records(session, [draft, told], actor=session.machine, beside=beside, action=action, moment=moment)[0]


def _told(subject: Subject, version: str, at: datetime, actor: Actor, emergency: Emergency) -> RecordDraft:
    """The record of an emergency, about the system: it is reviewed before any version of it follows."""
    content = content_of(
        "emergency-move",
        {
            "artifact_digest": subject.digest,
            "version": version,
            "moved_at": format_instant(at),
            "reason": emergency.reason,
            "moved_by": {"id": actor.holder, "name": actor.name},
            "second": {"id": emergency.second.holder, "name": emergency.second.name},
        },
        where=subject.name,
    )
    return RecordDraft.on(system_subject(subject.system_id), content, at, source=actor.holder)


def _named(refusal: QuaestorError, subject: Subject, until: str | None) -> QuaestorError:
    """A refusal of Cedar's, which knows digests alone, by the name of the version; in a freeze, how long that lasts."""
    hint = refusal.hint
    if until is not None and _NOT_IN_FREEZE in refusal.problem:
        hint = (
            f"a change freeze (`freeze_periods` of the overlay) lasts until the end of {until}; "
            "what cannot wait for it goes by `--emergency REASON --second PERSON`"
        )
    return QuaestorError(refusal.problem.replace(subject.digest, subject.name), hint=hint)


_NOT_IN_FREEZE = "promote.not_in_freeze"
"""The Cedar policy that forbids it (access.cedar)."""


def _frozen_until(session: Session, at: datetime) -> str | None:
    """The last day (UTC) of the change freeze in which an instant lies, None where it lies in none; the first and the
    last day of one count whole.
    """
    day = at.date().isoformat()
    periods = session.effective.values.get("freeze_periods", [])
    for wrong in problems(PERIODS, periods):  # policies of earlier releases have none, or hold them to less
        raise QuaestorError(
            f"`{path_of('freeze_periods', wrong.at)}` {wrong.text}", hint=f"{wrong.hint} in the overlay"
        )
    return max((period["end"] for period in periods if period["start"] <= day <= period["end"]), default=None)


def _require_emergency(emergency: Emergency, stage: str) -> None:
    if stage != "production":
        raise QuaestorError(
            f"a move to {stage} is no emergency", hint="leave --emergency out: a change freeze is for production alone"
        )
    if not says_something(emergency.reason):
        hint = "say why it cannot wait for the end of the freeze"
        raise QuaestorError(f"the reason `{emergency.reason}` says nothing", hint=hint)


_SAID: dict[GateState, str] = {
    "undecided": "has not decided",
    "denied": "said deny",
    "indeterminate": "said indeterminate",
    "other-policies": "decided by other policies or thresholds, or with other controls switched off",
    "taken-back": "allowed by records that were taken back since",
}


class ToldTier(NamedTuple):
    """A system's tier by policy and, where it was asked for, what would change it."""

    risk: RiskTier
    others: tuple[OtherAnswer, ...] = ()
    answered: tuple[Answered, ...] = ()
    """The current questionnaires, by what they answer."""
    claimed: RiskTier | None = None
    """Where a current classification says a stricter tier, by which decisions go."""


def tell_tier(session: Session, system_id: str) -> ToldTier:
    """The tier by policy from the questionnaires that count, and what would change it. Nothing is recorded.

    Raises QuaestorError where no questionnaire counts or the policy gives no answer.
    """
    snapshot, records = _counted(session, system_id, session.now())
    risk = _computed(session, snapshot, records, system_id)
    given = (session.bundle, session.effective, snapshot, records, risk, session.engines.get(session.bundle.program()))
    claimed = with_claims(risk, records, session.bundle)
    return ToldTier(risk, other_answers(*given), answered(*given), None if claimed.tier == risk.tier else claimed)


def classify_system(
    session: Session,
    system_id: str,
    *,
    declared: str,
    review: datetime,
    facts: dict[str, Any],
    actor: Actor,
    where: str = "risk-classification",
    lines: Mapping[Place, int] | None = None,
) -> tuple[Filed, ToldTier]:
    """Compute the tier by policy from the questionnaires that count, and file it as a derived record.

    `actor` is the person who declares the tier and states the rest: who may sign a classification, by signers.yaml. The
    record names them as its source, and the installation signs what it computed. `facts` are the fields of a
    risk-classification that people state (`STATED`). Raises QuaestorError where one of them is not stated, one is that
    policy computes, Cedar refuses, no questionnaire counts, or the policy gives no answer.
    """
    _require_stated(facts)
    moment = Moment(session)
    at = moment.at
    _require_classify(session, moment, system_id, actor)
    snapshot, records = _counted(session, system_id, at)
    risk = _computed(session, snapshot, records, system_id)
    articles = [str(article).removeprefix("Art ") for article in risk.articles]
    reference = f"AI Act {', '.join(articles)}".strip()
    content = content_of(
        "risk-classification",
        {
            **facts,
            "tier": risk.tier,
            "declared_tier": declared,
            "reasons": [{"text": text, "reference": reference} for text in risk.reasons],
            "legal_clauses": [f"eu-ai-act:{article}" for article in articles],
            "control_ids": _controls_by_clause(session.bundle, articles),
            "next_review": format_instant(review),
        },
        where=where,
        lines=lines,
    )
    draft = RecordDraft.on(system_subject(system_id), content, at, source=actor.holder)
    return add_record(session, draft, actor=session.machine), ToldTier(risk)


def _counted(session: Session, system_id: str, at: datetime) -> tuple[Snapshot, Records]:
    """What is on record about the system, with a questionnaire that counts."""
    snapshot = take_snapshot(session.store, system_subject(system_id), at)
    counted, turned_away = admitted(session.bundle, snapshot)
    records = by_type(session.bundle, counted, turned_away)
    if not records.get("risk-questionnaire"):
        aside = [why.detail for entry, why in turned_away if entry.record.type == "risk-questionnaire"]
        raise QuaestorError(
            f"`{system_id}` has no current risk-questionnaire that counts{''.join(f': {why}' for why in aside[:1])}",
            hint=_where_questions_are(session, system_id),
        )
    return snapshot, records


def _where_questions_are(session: Session, system_id: str) -> str:
    """How to come to a questionnaire: by another name, where none is registered under this one, or by filing it."""
    registered = {record.envelope.system_id for record in versions(session.store)}
    system, at, _ = system_id.partition("@")
    if at and system in registered:
        return f"the tier is that of the system: `quaestor system tier {system}`"
    file = f"file one: quaestor evidence add risk-questionnaire FILE --system {system_id} --as <person>"
    near = did_you_mean(system_id, registered)
    return f"{near}; or {file}" if system_id not in registered and near.startswith("did you mean") else file


def _computed(session: Session, snapshot: Snapshot, records: Records, system_id: str) -> RiskTier:
    engine = session.engines.get(session.bundle.program())
    computed = compute_risk(session.bundle, session.effective, snapshot, "registration", records, engine)
    if computed.error is not None:
        raise QuaestorError(
            f"the risk policy gave no answer for `{system_id}` that can be used: {computed.error.problem}"
        )
    return computed.risk


def _require_classify(session: Session, moment: Moment, system_id: str, actor: Actor) -> None:
    """Raise QuaestorError unless the actor could sign a classification: what they state counts under the installation's
    key.
    """
    rule = session.bundle.signers.records["risk-classification"]
    made = made_attributes(moment.view(system_id), actor)
    acts = {"trainer": made["trained_by"], "builder": made["built_by"]}
    kept = [act for act, people in acts.items() if act in rule.not_by and actor.holder in {one.id for one in people}]
    attributes = {"signed_by": sorted(rule.signed_by), "kept_from": kept}
    session.require(actor, "attest", EntityRef(type="Statement", id="risk-classification"), attributes)


def _require_stated(facts: dict[str, Any]) -> None:
    missing = [name for name in STATED if name not in facts]
    if missing:
        raise QuaestorError(
            f"the classification does not state {', '.join(f'`{name}`' for name in missing)}",
            hint="state them in a YAML file, `--facts FILE`; see `quaestor evidence schema risk-classification`",
        )
    computed = sorted(facts.keys() - {*STATED, "supervising_authority"})
    if computed:
        known = f"what can be stated is {', '.join(STATED)} and supervising_authority"
        raise QuaestorError(
            f"`{computed[0]}` is not stated by people: policy computes it, or no such field is", hint=known
        )


def _controls_by_clause(bundle: Bundle, articles: list[str]) -> dict[str, list[str]]:
    """The controls of the bundle that cite each article, or the provision in which it stands: `6` for `6(2)`."""
    result = {}
    for article in articles:
        ids = sorted(
            control.id
            for control in bundle.controls.values()
            if any(
                article == cited or article.startswith((f"{cited}(", f"{cited} "))
                for cited in control.frameworks.get("eu-ai-act", ())
            )
        )
        result[f"eu-ai-act:{article}"] = ids
    return result
