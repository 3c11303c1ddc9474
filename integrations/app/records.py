"""Use cases that put records into the store: each is checked, permitted by Cedar, signed and logged."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from engine.access import EntityRef, people
from engine.errors import did_you_mean
from evidence.collector import RecordDraft
from evidence.model.base import format_instant
from evidence.model.canonical import digest_file
from evidence.model.duration import add_duration
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.mistakes import refusal
from evidence.model.names import check_id, check_name
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.inventory import RegistryEntry
from evidence.model.predicates.log import Action
from evidence.model.record import (
    EvidenceClass,
    Record,
    Statement,
    new_statement,
    read_record,
)
from evidence.model.subject import ORGANIZATION, Subject, SubjectKind, portfolio_subject, system_subject
from evidence.model.yaml import Place
from evidence.snapshot.makers import makers_of, plain
from evidence.snapshot.view import View
from evidence.store.records import NewStatement, Receipt, RecordStore, StoredStatement
from evidence.store.writing import Judged
from evidence.trust.envelopes import unseal
from integrations.app.actor import Actor, Principal
from integrations.app.admitting import require_counts
from integrations.app.moment import Moment
from integrations.app.session import Session
from integrations.app.workspace import MACHINE

ACTIONS: dict[str, Action] = {
    "approval": "approved",
    "waiver": "waived",
    "registry-entry": "registered",
    "deployment-record": "deployed",
}
"""What the log calls the arrival of a record; others are `imported`."""
DOORS = {
    "approval": "quaestor approve SUBJECT --gate … --role … --as <person>",
    "waiver": "quaestor waiver grant CONTROL --subject … --as <person>",
    "registry-entry": "quaestor system register SYSTEM --model … --entry … --as <person>",
    "emergency-move": "quaestor system promote SYSTEM@VERSION --stage production --emergency REASON --second <person>",
    "model-signature": "quaestor artifact verify FILE SIGNATURE --subject … --kind …",
    "lineage-graph": "quaestor lineage record NODE --subject …",
    "evidence-index": "it is made with every snapshot",
    "intake-standing": "it is made with every snapshot of a model or system",
    "portfolio-standing": "it is made with every snapshot of the organisation",
    "replay-check": "quaestor replay DECISION --file",
    "explainability-report": "quaestor validate PLAN",
    "fairness-audit": "quaestor validate PLAN",
    "robustness-report": "quaestor validate PLAN",
    "validation-run": "quaestor validate PLAN",
}
"""How a record comes to be that nobody writes by hand: by an act that is permitted, or by a measurement."""
BY_HAND = (EvidenceClass.ATTESTED, EvidenceClass.INGESTED)
"""Classes of what is brought in. Measured and derived say that Quaestor itself ran or computed it."""


@dataclass(frozen=True)
class Filed:
    """A record that was filed, and where in the log it stands."""

    record: Record
    receipt: Receipt


def content_of(
    kind: str,
    values: Any,
    *,
    where: str,
    lines: Mapping[Place, int] | None = None,
    own: Mapping[str, type[Predicate]] = MappingProxyType({}),
) -> Predicate:
    """Checked content of a record of type `kind`. Raises EvidenceError that names each field that does not fit, with
    its line where the `lines` of a file are given. `own` are the organisation's own types (`Bundle.own`).
    """
    model = PREDICATES.get(kind) or own.get(kind)
    if model is None:
        hint = did_you_mean(kind, [*PREDICATES, *own])
        raise EvidenceError(f"unknown evidence type `{kind}`", where=where, hint=hint)
    try:
        return model.from_json(values)
    except ValidationError as cause:
        name = "statement:KIND" if kind == "attestation" else kind
        hint = f"a file to fill in: `quaestor evidence template {name}`; its fields: `quaestor evidence schema {kind}`"
        raise refusal(cause, what=f"the {kind}", where=where, lines=lines, hint=hint) from None
    except EvidenceError as cause:
        hint = "texts hold whole characters, and numbers lie within ±(2^53 - 1)"
        raise EvidenceError(cause.problem[:200], where=where, hint=hint) from None


def with_digest(kind: str, values: Any, file: Path) -> Any:
    """The content of a record on a data file, with its digest where it leaves that open: nobody has to compute it."""
    field = PREDICATES[kind].ABOUT.get(SubjectKind.DATASET) if kind in PREDICATES else None
    if field is None or not isinstance(values, dict) or values.get(field) is not None:
        return values
    return {**values, field: digest_file(file)}


def find_subject(store: RecordStore, text: str) -> Subject:
    """A subject from what a person typed: `system@version`, `system`, `system@dataset`, a digest, the path of a model
    or data file, or `organization`.

    A registered name is that name, whatever files lie about. Raises QuaestorError where a file of the name of a version
    is not that version's, where nothing registered answers to the text, or more than one version or dataset does.
    """
    if text == ORGANIZATION:
        return portfolio_subject()
    if versions(store, system_id=text):
        return system_subject(text)
    is_file = _is_file(text)
    name, at, version = text.partition("@")
    entries = versions(store, system_id=name) if at else []
    if entries and not is_file and not _entries_of(entries, name, version):
        known = _datasets(store, system_id=name)
        meant = [digest for (_, digest), label in sorted(known.items()) if version in (digest, label)]
        if len(meant) > 1:
            hint = f"name {' or '.join(f'{name}@{digest}' for digest in meant)}"
            raise QuaestorError(f"`{text}` is the name of {len(meant)} datasets", hint=hint)
        if meant:
            return _dataset(known, entries, name, meant[0])
    if at and (entries or not is_file):
        digest = _digest_of(store, entries, name, version, is_file=is_file)
        if is_file and digest_file(Path(text)) != digest:
            hint = f"write ./{text} for the file, or {digest} for the version"
            raise QuaestorError(f"`{text}` is both a registered version and a file", hint=hint)
        return Subject(kind=SubjectKind.MODEL, name=text, digest=digest, system_id=name)
    if text.startswith("sha256:") or is_file:
        digest = text if text.startswith("sha256:") else digest_file(Path(text))
        same = versions(store, digest=digest)
        owners = {record.envelope.system_id for record in same}
        if len(owners) > 1:
            names = sorted({f"{record.envelope.system_id}@{record.content['version']}" for record in same})
            raise QuaestorError(f"`{text}` is registered by {len(owners)} systems", hint=f"name {' or '.join(names)}")
        for record in same:
            name = f"{record.envelope.system_id}@{record.content['version']}"
            return Subject(kind=SubjectKind.MODEL, name=name, digest=digest, system_id=record.envelope.system_id)
        readers = sorted(system_id for system_id, _ in _datasets(store, digest=digest))
        if len(readers) > 1:
            hint = f"name {' or '.join(f'{system_id}@{digest}' for system_id in readers)}"
            raise QuaestorError(f"`{text}` is a dataset of {len(readers)} systems", hint=hint)
        if readers:
            known, entries = _datasets(store, system_id=readers[0]), versions(store, system_id=readers[0])
            return _dataset(known, entries, readers[0], digest)
        file = text if is_file else "FILE"
        raise QuaestorError(
            f"nothing registered has the digest of `{text}`",
            hint="a model is registered by `quaestor system register`, a dataset described by "
            f"`quaestor evidence add dataset-record SHEET --system SYSTEM --dataset {file} --as PERSON`",
        )
    hint = f"{did_you_mean(text, _systems(store))}; versions are registered with `quaestor system register`"
    raise QuaestorError(f"no system `{text}` is registered", hint=hint)


def _systems(store: RecordStore) -> set[str]:
    return {record.envelope.system_id for record in versions(store)}


def _datasets(
    store: RecordStore, *, system_id: str | None = None, digest: str | None = None
) -> dict[tuple[str, str], str]:
    """The datasets that dataset-records are on, those of a system or of a digest, as system and digest, each with the
    name of its file.
    """
    found: dict[tuple[str, str], str] = {}
    for stored in _of_type(store, "dataset-record", system_id=system_id, digest=digest):
        statement = statement_of(stored)
        record = read_record(statement)
        owner, content = record.envelope.system_id, record.content["content_digest"]
        if system_id not in (None, owner) or digest not in (None, content):
            continue
        for item in statement.subject:
            if f"sha256:{item.digest.get('sha256')}" == content:
                found.setdefault((owner, content), item.name.removeprefix(f"{owner}@"))
    return found


def _dataset(known: Mapping[tuple[str, str], str], entries: Sequence[Record], system_id: str, digest: str) -> Subject:
    """A dataset of a system, called `system@file`; by its digest where that name is another dataset's or version's.

    `known` and `entries` are the datasets and registry entries of the system.
    """
    label = known[system_id, digest]
    alone = list(known.values()).count(label) == 1
    called = label if alone and not _entries_of(entries, system_id, label) else digest
    return Subject(kind=SubjectKind.DATASET, name=f"{system_id}@{called}", digest=digest, system_id=system_id)


def _digest_of(store: RecordStore, entries: Sequence[Record], name: str, version: str, *, is_file: bool) -> str:
    found = {record.content["artifact_digest"] for record in _entries_of(entries, name, version)}
    text = f"{name}@{version}"
    if not found:
        known = {f"{record.envelope.system_id}@{record.content['version']}" for record in versions(store)}
        hint = f"{did_you_mean(text, known)}; versions are listed by `quaestor system list`"
        hint = f"write ./{text} for the file of that name" if is_file else hint
        raise QuaestorError(f"no version `{version}` of `{name}` is registered", hint=hint)
    if len(found) > 1:
        raise QuaestorError(f"`{text}` is registered with {len(found)} digests", hint="name the digest")
    return str(found.pop())


def _entries_of(entries: Iterable[Record], system_id: str, version: str) -> list[Record]:
    return [r for r in entries if r.envelope.system_id == system_id and r.content["version"] == version]


def find_version(store: RecordStore, system_id: str, version: str, digest: str, *, where: str) -> Subject:
    """The version of a system that a file was registered as. Raises QuaestorError where it was as none, or another.

    One file may be registered by several systems; which of them is meant is said, not guessed.
    """
    entries = versions(store, digest=digest)
    names = sorted({f"{record.envelope.system_id}@{record.content['version']}" for record in entries})
    wanted = f"{system_id}@{version}"
    if wanted not in names:
        known = f"the file is registered as {', '.join(names)}" if names else "the file is not registered"
        raise QuaestorError(
            f"the plan is for {wanted}, and {known}",
            where=where,
            hint="correct `system` and `model.version`, or register the file: `quaestor system register`",
        )
    return Subject(kind=SubjectKind.MODEL, name=wanted, digest=digest, system_id=system_id)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or a byte that no name has
        return False


def class_by_hand(
    content: Predicate, chosen: EvidenceClass | None, *, where: str, attests: bool = False
) -> EvidenceClass:
    """The class of a record that a person or an outside tool brings: `chosen`, else the usual one of the type.

    Where a person `attests`, signing a paper that only some may sign, the usual one is attested if the type allows it.
    Raises EvidenceError where only Quaestor makes such records, by measuring, computing or an act of its own verb:
    what is typed in must never pass for a measurement.
    """
    kind, offered = content.TYPE, [c for c in BY_HAND if str(c) in content.CLASSES]
    if kind in DOORS or not offered:
        raise EvidenceError(f"`{kind}` is not added by hand", where=where, hint=DOORS.get(kind, "Quaestor makes it"))
    if chosen is not None and chosen not in offered:
        hint = f"choose {' or '.join(offered)}, or leave --class out"
        raise EvidenceError(f"a {kind} brought in cannot be of class {chosen}", where=where, hint=hint)
    if chosen is None and attests and EvidenceClass.ATTESTED in offered:
        return EvidenceClass.ATTESTED
    return chosen or min(offered, key=lambda c: content.CLASSES.index(str(c)))


def add_record(
    session: Session,
    draft: RecordDraft,
    *,
    actor: Actor,
    co_signers: Sequence[Actor] = (),
    action: Action | None = None,
    moment: Moment | None = None,
    judged: Judged | None = None,
) -> Filed:
    """File a draft, signed by the actor. `action` is what the log calls its arrival, else as usual for its type.

    `moment` is that of the use case of which this is a part. Raises as `add_records` does.
    """
    return add_records(session, [draft], actor=actor, beside=[co_signers], action=action, moment=moment, judged=judged)[
        0
    ]


def add_records(
    session: Session,
    drafts: Sequence[RecordDraft],
    *,
    actor: Actor,
    beside: Sequence[Sequence[Actor]] = (),
    action: Action | None = None,
    moment: Moment | None = None,
    judged: Judged | None = None,
) -> tuple[Filed, ...]:
    """File drafts, all or none, signed by the actor and, draft by draft, by whoever signs `beside` them.

    Raises QuaestorError where Cedar does not let the actor file one, where one is attested and the actor is no person,
    or measured or derived and the actor is one, where one was collected after the present, where something was filed
    since they were `judged` that may stand against them, and where a decision would set one aside or one cannot replace
    what it names (`integrations.app.admitting`).
    """
    moment = moment or Moment(session)
    at = moment.at
    statements = [_statement(session, draft, actor, at) for draft in drafts]
    records = [read_record(statement) for statement in statements]  # as they were made: nothing is read again
    for record, draft in zip(records, drafts, strict=True):
        check_names(record, draft.about, where=f"new {record.type} record")
        check_feed(session, record, where=f"new {record.type} record")
    signers = beside or [()] * len(drafts)
    signed = [session.sign(one, actor, *others) for one, others in zip(statements, signers, strict=True)]
    for record, draft, sealed in zip(records, drafts, signed, strict=True):
        require_counts(session, moment, record, min(draft.about), sealed, actor)
    receipts = session.append_many(
        [
            NewStatement(sealed, "record", action or ACTIONS.get(record.type, "imported"), actor.holder, at)
            for sealed, record in zip(signed, records, strict=True)
        ],
        judged,
    )
    return tuple(Filed(record=record, receipt=receipt) for record, receipt in zip(records, receipts, strict=True))


def check_names(record: Record, subjects: Iterable[str], *, where: str) -> None:
    """Raise EvidenceError for a name that a terminal or a report could not show as it is."""
    envelope = record.envelope
    check_id(envelope.system_id, "system id", where=where)
    if envelope.model_version is not None:
        check_id(envelope.model_version, "version", where=where)
    if record.type == "registry-entry":
        check_id(record.content["version"], "version", where=where)
        check_name(record.content["name"], "name of the system", where=where)
        if envelope.system_id == ORGANIZATION:
            hint = "choose another id"
            raise EvidenceError(
                f"`{ORGANIZATION}` stands for the organisation, and for no system", where=where, hint=hint
            )
    for subject in subjects:
        check_name(subject, "name of a subject", where=where)
    for text, what in ((envelope.source, "source"), (envelope.collector, "collector"), (envelope.issuer, "issuer")):
        check_name(text, what, where=where)
    if envelope.owner is not None:
        check_name(envelope.owner.id, "owner's id", where=where)
        check_name(envelope.owner.name, "owner's name", where=where)


def check_feed(session: Session, record: Record, *, where: str) -> None:
    """Raise EvidenceError for the status of a feed that no control can ask for: of what is no evidence type of events.

    Whether records of the organisation's own types are events no schema says: each of them may be.
    """
    if record.type != "feed-status":
        return
    feed = record.content["feed"]
    known = [*(name for name, model in PREDICATES.items() if model.FEED), *session.bundle.own]
    if feed not in known:
        hint = did_you_mean(feed, known)
        raise EvidenceError(f"the `feed` is `{feed}`, which is no evidence type of events", where=where, hint=hint)


def _statement(session: Session, draft: RecordDraft, actor: Actor, at: datetime) -> Statement:
    content = draft.content
    kind = draft.evidence_class or EvidenceClass(content.CLASSES[0])
    if kind is EvidenceClass.ATTESTED and actor.kind != "person":
        raise QuaestorError(
            f"a {content.TYPE} record is attested by a person, and `{actor.holder}` is a machine",
            hint="say who signs: --as <person of the register>",
        )
    if kind not in BY_HAND and actor.kind == "person":
        raise QuaestorError(
            f"a {content.TYPE} of class {kind} under the key of the person `{actor.holder}`",
            hint="persons attest; what is measured or derived carries a machine's signature",
        )
    if draft.collected_at > at:
        problem = f"a {content.TYPE} collected at {format_instant(draft.collected_at)}, later than now"
        raise QuaestorError(problem, hint="set the clock of the collector, or of this machine")
    require_collect(session, actor, draft.system_id, kind)
    latest = min(add_duration(draft.collected_at, longest) for longest in _terms(session, content))
    return new_statement(
        content,
        subject=dict(draft.about),
        envelope={
            "evidence_class": kind,
            "system_id": draft.system_id,
            "model_version": draft.model_version,
            "source": draft.source or actor.holder,
            "collector": MACHINE,
            "issuer": actor.holder,
            "replaces": draft.replaces,
            "owner": draft.owner,
            "issued_at": at,
            "collected_at": draft.collected_at,
            "ledger": session.store.ledger,
            "expires_at": min(latest, draft.expires_at) if draft.expires_at else latest,
        },
    )


def _terms(session: Session, content: Predicate) -> list[str]:
    """How long a record of this content may count: its type's greatest age, and its kind of statement's term."""
    kind = session.bundle.signers.statements.get(getattr(content, "statement_type", ""))
    return [content.MAX_AGE, *([kind.valid_for] if kind is not None else [])]


def require_approve(session: Session, view: View, content: Mapping[str, Any], principal: Principal) -> None:
    """Raise QuaestorError unless Cedar lets the principal decide so on what the approval is about, in its role.

    `view` is of the system whose version is approved.
    """
    made_by = made_attributes(view, principal)
    model = EntityRef(type="Model", id=content["artifact_digest"])
    context = {name: content[name] for name in ("gate", "role", "decision")}
    session.require(principal, "approve", model, made_by, context)


def made_attributes(view: View, principal: Principal) -> dict[str, list[EntityRef]]:
    """Who trained and built versions of a system, as Cedar sees it; the principal is among them by id or by name."""
    made = makers_of(view)
    mine = {plain(text) for text in (principal.holder, principal.name)}
    result = {}
    for attribute, names in (("trained_by", made.trainer), ("built_by", made.builder)):
        result[attribute] = people([*names, *([principal.holder] if mine.intersection(names) else [])])
    return result


def require_register(session: Session, principal: Principal, system_id: str, entries: Iterable[Record]) -> None:
    """Raise QuaestorError unless Cedar lets the principal enter versions of the system in the inventory.

    `entries` are those of the system that are there (`versions`).
    """
    assigned = {person["id"] for entry in entries for person in entry.content["role_assignments"].values()}
    attributes = {"assigned": people(sorted(assigned))}
    try:
        session.require(principal, "register", EntityRef(type="System", id=system_id), attributes)
    except QuaestorError as refusal:
        if not assigned or principal.holder in assigned:
            raise
        answer = f"for `{system_id}` answer, by the `role_assignments` of its entries: {', '.join(sorted(assigned))}"
        raise QuaestorError(refusal.problem, hint=f"{answer}. {refusal.hint}") from None


_ID = re.compile(r"[^\W_][\w.-]{0,127}")


def _require_new_id(system_id: str, systems: Iterable[str], *, where: str) -> None:
    """Raise EvidenceError for an id that cannot be written as a plain word, such as `../a` or `a b`, or that reads as
    another: by the case or form of letters alone, or by letters of two alphabets, as a Cyrillic `o` among Latin ones.

    A system of an earlier version keeps the id that it has.
    """
    read = _as_read(system_id)
    alike = sorted(name for name in systems if _as_read(name) == read)
    if alike:
        raise EvidenceError(
            f"the system id `{system_id}` differs from `{alike[0]}`, which is registered, by the case or form of "
            "letters alone",
            where=where,
            hint=f"write `{alike[0]}` if it is that system, or choose another id",
        )
    latin = {unicodedata.name(letter, "").startswith("LATIN ") for letter in read if letter.isalpha()}
    if not _ID.fullmatch(system_id) or len(latin) > 1:
        short = system_id if len(system_id) <= 60 else f"{system_id[:60]}…"
        hint = (
            "use letters of one alphabet, digits, `-`, `_` and `.`, beginning with a letter or digit, up to 128 of them"
        )
        raise EvidenceError(f"`{short}` cannot be the id of a new system", where=where, hint=hint)


def _as_read(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def require_version(
    store: RecordStore, system_id: str, content: Mapping[str, Any], entries: Sequence[Record], *, where: str
) -> None:
    """Raise EvidenceError for a registry entry that reuses the label of another file, or moves its version, and for
    one of a new system whose id is no plain word, or reads as that of another.

    A new version begins in development and an entry filed anew keeps the stage: `quaestor system promote` moves it.
    `entries` are those of the system that are there (`versions`).
    """
    if not entries:
        _require_new_id(system_id, _systems(store), where=where)
    version, stage, standing = content["version"], content["stage"], "development"
    for record in _entries_of(entries, system_id, version):
        standing = record.content["stage"]
        if record.content["artifact_digest"] != content["artifact_digest"]:
            others = sorted({one.content["version"] for one in entries})
            raise EvidenceError(
                f"{system_id}@{version} is registered already, with another model file: that one has the digest "
                f"{record.content['artifact_digest']}, this one {content['artifact_digest']}",
                where=where,
                hint="a version is one file for good: name the file that was registered, or give this one a `version` "
                f"that is not taken; taken are {', '.join(others)}",
            )
    if stage != standing:
        move = f"quaestor system promote {system_id}@{version} --stage {stage}"
        raise EvidenceError(
            f"the entry says stage `{stage}`, and {system_id}@{version} is in `{standing}`",
            where=where,
            hint=f"write `stage: {standing}`, whoever registers does not move it; to move it: {move}",
        )


def require_collect(session: Session, principal: Principal, system_id: str, kind: EvidenceClass) -> None:
    """Raise QuaestorError unless Cedar lets the principal bring evidence of that class about the system."""
    session.require(principal, "collect", EntityRef(type="System", id=system_id), {}, {"evidence_class": str(kind)})


def statement_of(stored: StoredStatement) -> Statement:
    return unseal(stored.envelope, where=f"{stored.kind} {stored.id}", id=stored.id).statement


def record_of(stored: StoredStatement) -> Record:
    """A stored statement as the record that it is. Raises EvidenceError."""
    return read_record(statement_of(stored))


def entries_of(store: RecordStore, subject: Subject) -> list[Record]:
    """The registry entries of one version of one system, in the order of filing; another may have the same file."""
    name, _, version = subject.name.partition("@")
    if subject.kind is not SubjectKind.MODEL:
        return []
    same = _entries_of(versions(store, system_id=name), name, version)
    return [record for record in same if record.content["artifact_digest"] == subject.digest]


def versions(store: RecordStore, *, system_id: str | None = None, digest: str | None = None) -> list[Record]:
    """Every registry entry, or those of a system or of a file by its digest, in the order of filing.

    Proved to be all (`RecordStore.find`); raises StoreError where one was hidden.
    """
    if system_id is not None and not _is_text(system_id):
        return []
    found = map(record_of, _of_type(store, RegistryEntry.TYPE, system_id=system_id, digest=digest))
    return [
        record
        for record in found
        if system_id in (None, record.envelope.system_id) and digest in (None, record.content["artifact_digest"])
    ]


def _of_type(store: RecordStore, kind: str, *, system_id: str | None, digest: str | None) -> Iterator[StoredStatement]:
    uri = PREDICATES[kind].uri()
    return store.find(kind="record", system_id=system_id, subject=digest, predicate_type=uri)


def _is_text(typed: str) -> bool:
    """Whether it is whole characters, as every id of a record is; the name of a file need not be."""
    try:
        typed.encode()
    except UnicodeEncodeError:
        return False
    return True


def resolve_id(store: RecordStore, reference: str) -> str:
    """The full id of a statement from its first digits. Raises QuaestorError where none or several begin so."""
    wanted = reference.removeprefix("sha256:")
    if len(wanted) == 64:
        return f"sha256:{wanted}"
    if len(wanted) < 6 or not all(letter in "0123456789abcdef" for letter in wanted):
        raise QuaestorError(f"`{reference}` is no record id", hint="give at least six of its hexadecimal digits")
    found = store.ids(f"sha256:{wanted}")
    if len(found) != 1:
        problem = f"`{reference}` fits {len(found)} records" if found else f"no record `{reference}`"
        raise QuaestorError(problem, hint="all are listed by `quaestor evidence list`")
    return found.pop()
