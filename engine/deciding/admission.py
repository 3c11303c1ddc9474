"""Which records count: who signed them in which role, who may not, and what a statement or an own type must hold.

Looked at are attested records, those that a person signed of a type in signers.yaml, whatever their class, and all of
an organisation's own types, whose content the ledger takes in unread: the schema of the bundle that decides says what
fits, so that a schema loosened later changes no decision under the old one.

The door asks before it files, `decide` asks for each record of a snapshot, so does whoever makes the decision again
from a pack, and cases of controls are held to it: one piece of code. Cedar gives the answer; what it is told here is
who trained, built and asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from engine.access import AccessRequest, EntityRef
from engine.bundle.load import Bundle
from engine.bundle.own_model import unfit
from engine.bundle.statements import STATEMENT, Signers, Signing, StatementType, claimed_in_facts, facts_problem
from evidence.model.base import Frozen
from evidence.model.claims import Ahead, ahead, claimed_times
from evidence.model.duration import add_duration
from evidence.model.own import is_own
from evidence.model.record import EvidenceClass
from evidence.model.subject import ORGANIZATION, Subject
from evidence.snapshot.filed import Filed
from evidence.snapshot.makers import made_by, names, persons, plain
from evidence.snapshot.model import Makers
from evidence.trust.envelopes import SignatureState

ATTESTATION = "attestation"
MAX_FIELD = 200
"""Characters of a field's name in an objection: what does not fit may be called anything."""


class Objection(Frozen):
    """Why a record does not count: a code, what it is about (a field, a term, an act), by whom it is signed, and what
    stands in its place.

    `detail` says the same in words, for the door; it stands in no decision.
    """

    reason: Literal[
        "unknown-type",
        "content-unfit",
        "unknown-statement",
        "facts-unfit",
        "scope-unfit",
        "term-unfit",
        "co-signers",
        "no-rule",
        "not-permitted",
        "apart",
        "superseded",
    ]
    why: str
    detail: str
    by: str | None = None
    replaced_by: str | None = None
    past: str | None = None


def makers(records: Iterable[Filed], subject: Subject) -> Makers:
    """Who made versions of the subject's system, by these records alone: those of a case, or of an older snapshot."""
    return made_by((one.type, one.content, one.signature) for one in records if one.system_id == subject.system_id)


def ruled(type_: str, evidence_class: str, signature: SignatureState, signers: Signers) -> bool:
    """Whether a rule decides if a record counts: it is of an own type, or who signed it matters."""
    return is_own(type_) or _by_signer(type_, evidence_class, signature, signers)


def _by_signer(type_: str, evidence_class: str, signature: SignatureState, signers: Signers) -> bool:
    """Whether who signed a record decides if it counts: an attested one, or a person's of a type that has a rule.

    Called ingested, a paper that only some may sign would else count under anybody's key. A machine's feed stays.
    """
    return evidence_class == EvidenceClass.ATTESTED or (type_ in signers.records and bool(persons(signature)))


def objection(record: Filed, subject: Subject, bundle: Bundle, made: Makers, *, whole: bool = True) -> Objection | None:
    """Why a record does not count for `subject`; None where it does, and where no rule is about it (`ruled`).

    `whole` is false for records of cases, which leave out what their control does not read.
    """
    signers = bundle.signers
    if is_own(record.type):
        odd = _own_unfit(record, bundle, whole=whole)
        if odd is not None:
            return odd
    if not _by_signer(record.type, record.evidence_class, record.signature, signers):
        return None
    name, rule = record.type, signers.records.get(record.type)
    if record.type == ATTESTATION:
        kind = signers.statements.get(str(record.content["statement_type"]))
        if kind is None:
            named = str(record.content["statement_type"])
            return Objection(reason="unknown-statement", why=named, detail=f"`{named}` is no kind of statement")
        odd = _unfit(kind, record, subject)
        if odd is not None:
            return odd
        name, rule = STATEMENT + kind.name, kind
    if rule is None:
        return Objection(reason="no-rule", why=name, detail=f"no rule says who may sign a {name}")
    return _signers_objection(name, rule, record, made, bundle)


def evidence_type(type_: str, content: Mapping[str, Any]) -> str:
    """The evidence type under which controls read a record: that of a statement is its kind's."""
    return STATEMENT + str(content["statement_type"]) if type_ == ATTESTATION else type_


def _signers_objection(name: str, rule: Signing, record: Filed, made: Makers, bundle: Bundle) -> Objection | None:
    signing = persons(record.signature)
    if len(signing) <= rule.co_signers:
        detail = f"{name}: signed by {len(signing)}, and {rule.co_signers + 1} persons must sign"
        return Objection(reason="co-signers", why=str(rule.co_signers + 1), detail=detail)
    requester = record.content.get("requested_by")
    asked = {plain(str(requester[part])) for part in ("id", "name")} if isinstance(requester, dict) else set()
    if "requester" in rule.not_by and not asked:
        return Objection(reason="facts-unfit", why="requested_by", detail=f"{name}: `requested_by` is missing")
    apart = {"trainer": {*made.trainer}, "builder": {*made.builder}, "requester": asked}
    # Who says no is not set aside for having made it: a record of one's authorship would silence a rejection.
    rejects = record.type == "approval" and record.content.get("decision") in ("reject", "abstain")
    kept_from = () if rejects else rule.not_by
    for person in signing:
        acts = sorted(act for act in kept_from if apart[act] & names(person))
        answer = bundle.access.authorize(
            AccessRequest(
                principal=str(person.signer),
                roles=person.roles,
                action="attest",
                resource=EntityRef(type="Statement", id=name),
                attributes={"signed_by": sorted(rule.signed_by), "kept_from": acts},
            )
        )
        if not answer.allowed:
            reason: Literal["apart", "not-permitted"] = "apart" if acts else "not-permitted"
            why = ", ".join(acts or rule.signed_by)
            return Objection(reason=reason, why=why, detail=_told(name, rule, acts, answer.reason), by=person.signer)
    return None


def _told(name: str, rule: Signing, acts: Sequence[str], answer: str) -> str:
    if acts:
        return f"{name}: whoever is {' and '.join(acts)} may not sign it ({answer})"
    return f"{name}: it is signed as {' or '.join(rule.signed_by)} ({answer})"


def _own_unfit(record: Filed, bundle: Bundle, *, whole: bool) -> Objection | None:
    """Why a record is none of the organisation's own type, as the bundle has it."""
    name, model = record.type, bundle.own.get(record.type)
    if model is None:
        return Objection(reason="unknown-type", why=name, detail=f"`{name}` is no evidence type of these policies")
    if record.evidence_class not in model.CLASSES:
        detail = f"a {name} record cannot be of class `{record.evidence_class}`: {', '.join(model.CLASSES)}"
        return Objection(reason="content-unfit", why="evidence_class", detail=detail)
    odd = unfit(model, record.content, whole=whole)
    if odd is not None:
        field = odd[0][:MAX_FIELD]
        return Objection(reason="content-unfit", why=field, detail=f"{name}: `{field}` {odd[1]}")
    for path, claimed in claimed_times(model, record.content):
        if ahead(claimed, record.filed_at):
            return Objection(reason="content-unfit", why=path, detail=Ahead(path, claimed).told(record.filed_at))
    if record.expires_at > _stale(record.collected_at, model.MAX_AGE):
        detail = f"it runs longer than the {model.MAX_AGE} after which a {name} is stale"
        return Objection(reason="term-unfit", why=model.MAX_AGE, detail=detail)
    return None


def _stale(collected_at: datetime, max_age: str) -> datetime:
    try:
        return add_duration(collected_at, max_age)
    except OverflowError:  # collected, so it says, at the end of time
        return collected_at


def _unfit(kind: StatementType, record: Filed, subject: Subject) -> Objection | None:
    problem = facts_problem(kind, record.content)
    if problem:
        return Objection(reason="facts-unfit", why=problem.split("`")[1], detail=problem)
    for path, claimed in claimed_in_facts(kind, record.content["facts"]):
        if ahead(claimed, record.filed_at):
            return Objection(reason="facts-unfit", why=path, detail=Ahead(path, claimed).told(record.filed_at))
    scope = {str(text).strip() for text in record.content["scope"]}
    wanted = {
        "version": (subject.name, subject.digest),
        "system": (subject.system_id,),
        "organization": (ORGANIZATION, subject.system_id),
    }[kind.scope]
    if not scope & set(wanted):
        detail = f"its scope does not name this {kind.scope}, `{wanted[0]}`"
        return Objection(reason="scope-unfit", why=kind.scope, detail=detail)
    if record.expires_at > add_duration(record.issued_at, kind.valid_for):
        detail = f"it runs longer than the {kind.valid_for} for which a {kind.name} statement may hold"
        return Objection(reason="term-unfit", why=kind.valid_for, detail=detail)
    return None
