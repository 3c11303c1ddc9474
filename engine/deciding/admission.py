"""Which attested records count: who signed them in which role, who may not, and what a statement must hold.

The door asks before it files, `decide` asks for each record of a snapshot, and so does whoever makes the decision again
from a pack: one piece of code. Cedar gives the answer; what it is told here is who trained, built and asked.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from engine.access import AccessPolicies, AccessRequest, EntityRef
from engine.bundle.statements import STATEMENT, Signers, Signing, StatementType, facts_problem
from evidence.model.base import Frozen
from evidence.model.duration import add_duration
from evidence.model.record import Record
from evidence.model.subject import Subject
from evidence.snapshot.model import Entry
from evidence.trust.envelopes import SignatureState

MADE_BY: dict[str, Literal["trainer", "builder"]] = {"training-run": "trainer", "ci-run": "builder"}
"""Records that say who made the candidate."""
ORGANIZATION = "organization"


class SetAside(Frozen):
    """Why a record does not count here: a code, and what was found."""

    reason: Literal["unknown-statement", "unfit", "not-permitted"]
    detail: str


class Makers(Frozen):
    """Who trained and who built the candidate, by id and by name in small letters."""

    trainer: frozenset[str] = frozenset()
    builder: frozenset[str] = frozenset()


def makers(entries: Iterable[Entry], subject: Subject) -> Makers:
    """Authors and signers of the records that say how the subject was made.

    Names count as well as ids: a second id of one person would otherwise be a way around. A record about another
    version of the same system counts too, since its makers know the model.
    """
    found: dict[str, set[str]] = {"trainer": set(), "builder": set()}
    for entry in entries:
        act = MADE_BY.get(entry.record.type)
        if act is None or entry.record.envelope.system_id != subject.system_id:
            continue
        author = entry.record.content.get("author")
        if isinstance(author, dict):
            found[act] |= {_plain(author[part]) for part in ("id", "name") if isinstance(author.get(part), str)}
        if entry.signature.kind == "person":
            found[act] |= {_plain(text) for text in (entry.signature.signer, entry.signature.name) if text}
    return Makers(trainer=frozenset(found["trainer"]), builder=frozenset(found["builder"]))


def objection(
    record: Record,
    signature: SignatureState,
    subject: Subject,
    signers: Signers,
    made_by: Makers,
    access: Callable[[], AccessPolicies],
) -> SetAside | None:
    """Why an attested record does not count for `subject`; None where it does, and for records of another class."""
    if record.envelope.evidence_class != "attested":
        return None
    rule: Signing | None
    if record.type == "attestation":
        kind = signers.statements.get(str(record.content["statement_type"]))
        if kind is None:
            return SetAside(
                reason="unknown-statement", detail=f"`{record.content['statement_type']}` is no kind of statement"
            )
        problem = (
            facts_problem(kind, record.content) or _scope_problem(kind, record, subject) or _term_problem(kind, record)
        )
        if problem:
            return SetAside(reason="unfit", detail=problem)
        rule, name = kind, STATEMENT + kind.name
    else:
        rule, name = signers.records.get(record.type), record.type
    if rule is None:
        return SetAside(reason="not-permitted", detail=f"{record.type}: no rule says who may sign it")
    return _signers_objection(name, rule, record, signature, made_by, access)


def _signers_objection(
    name: str,
    rule: Signing,
    record: Record,
    signature: SignatureState,
    made_by: Makers,
    access: Callable[[], AccessPolicies],
) -> SetAside | None:
    signed = (signature, *signature.others)
    people = {_plain(one.signer or "") for one in signed if one.state == "verified" and one.kind == "person"}
    if len(people) <= rule.co_signers:
        return SetAside(
            reason="not-permitted", detail=f"{name}: {len(people)} signed, and {rule.co_signers + 1} persons must"
        )
    requester = record.content.get("requested_by")
    asked = {_plain(str(requester[part])) for part in ("id", "name")} if isinstance(requester, dict) else set()
    if "requester" in rule.not_by and not asked:
        return SetAside(reason="unfit", detail=f"{name}: `requested_by` is missing")
    for one in signed:
        answer = access().authorize(
            AccessRequest(
                principal=one.signer or "nobody",
                roles=one.roles,
                action="attest",
                resource=EntityRef(type="Statement", id=name),
                attributes={
                    "signed_by": sorted(rule.signed_by),
                    "trained_by": _refs(one, made_by.trainer if "trainer" in rule.not_by else ()),
                    "built_by": _refs(one, made_by.builder if "builder" in rule.not_by else ()),
                    "requested_by": _refs(one, asked if "requester" in rule.not_by else ()),
                },
            )
        )
        if not answer.allowed:
            return SetAside(reason="not-permitted", detail=answer.reason)
    return None


def _refs(one: SignatureState, names: Iterable[str]) -> list[EntityRef]:
    """Persons as Cedar sees them; the signer is among them where id or name is."""
    known = set(names)
    mine = {_plain(text) for text in (one.signer, one.name) if text}
    return (
        [EntityRef(type="Person", id=one.signer or "nobody")]
        if known & mine
        else [EntityRef(type="Person", id=name) for name in sorted(known)]
    )


def _scope_problem(kind: StatementType, record: Record, subject: Subject) -> str:
    scope = {text.strip() for text in record.content["scope"]}
    wanted: Sequence[str] = {
        "version": (subject.digest, subject.name),
        "system": (subject.system_id,),
        "organization": (ORGANIZATION, subject.system_id),
    }[kind.scope]
    if scope & set(wanted):
        return ""
    return f"its scope does not name this {kind.scope} (`{wanted[0] if kind.scope != 'version' else wanted[1]}`)"


def _term_problem(kind: StatementType, record: Record) -> str:
    envelope = record.envelope
    latest = add_duration(envelope.issued_at, kind.valid_for)
    if envelope.expires_at > latest:
        return f"it runs longer than the {kind.valid_for} for which a {kind.name} statement may hold"
    return ""


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def evidence_type(record: Record) -> str:
    """The evidence type under which controls read a record: that of a statement is its kind's."""
    return STATEMENT + str(record.content["statement_type"]) if record.type == "attestation" else record.type


__all__ = ["Makers", "SetAside", "evidence_type", "makers", "objection"]
