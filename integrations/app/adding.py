"""The use case of `evidence add`: records that a person or an outside tool brings in a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from evidence.collector import RecordDraft
from evidence.model.canonical import digest_file
from evidence.model.claims import NOT_YET, ahead_of
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.predicates.base import Predicate
from evidence.model.record import EvidenceClass
from evidence.model.yaml import Place
from integrations.app.actor import Actor
from integrations.app.moment import Moment
from integrations.app.records import (
    Filed,
    add_records,
    class_by_hand,
    content_of,
    find_subject,
    resolve_id,
    with_digest,
)
from integrations.app.session import Session


@dataclass(frozen=True)
class Told:
    """What a file says of one record: its fields, the line of each, and where it stands."""

    values: dict[str, Any]
    lines: Mapping[Place, int] | None
    where: str


def add(
    session: Session,
    kind: str,
    each: Sequence[Told],
    *,
    source: Path,
    subject: str | None,
    system_id: str | None,
    dataset: Path | None,
    owner: str | None,
    evidence_class: str | None,
    expires: datetime | None,
    replaces: str | None,
    signers: Sequence[str],
) -> tuple[Filed, ...]:
    """File records of one type, all or none, about a `subject` or a system, and a `dataset` too; the first of the
    signers, given by id, brings them, the others sign beside.

    Raises QuaestorError where a record does not fit its type, is about nothing registered or about other data than the
    file, and as `add_records` does.
    """
    if replaces and len(each) > 1:
        problem = f"--replaces names one record, and the file has {len(each)}"
        raise QuaestorError(problem, where=str(source), hint="add them one by one")
    moment = Moment(session)
    at = moment.at
    contents = [_content(session, kind, told, dataset, at) for told in each]
    classes = _classes(session, kind, contents, each, evidence_class)
    actor, *beside = [session.person(name) for name in signers]
    _require_person(session, kind, contents[0], actor)
    about, system_id = _about(session, subject, system_id, dataset)
    replaced = resolve_id(session.store, replaces) if replaces else None
    person = session.known(owner) if owner else None
    drafts = [
        RecordDraft(
            content=content,
            about=about,
            system_id=system_id,
            collected_at=at,
            evidence_class=its_class,
            source=source.name,
            expires_at=expires,
            replaces=replaced,
            owner=person,
        )
        for content, its_class in zip(contents, classes, strict=True)
    ]
    return add_records(session, drafts, actor=actor, beside=[beside] * len(drafts), moment=moment)


def _content(session: Session, kind: str, told: Told, dataset: Path | None, at: datetime) -> Predicate:
    values = with_digest(kind, told.values, dataset) if dataset else told.values
    content = content_of(kind, values, where=told.where, lines=told.lines, own=session.bundle.own)
    if dataset:
        field = content.ABOUT.get("dataset", "")
        named = content.to_json().get(field)
        if named not in (None, digest_file(dataset)):
            problem = f"`{field}` is {named}, and {dataset} has the digest {digest_file(dataset)}"
            raise QuaestorError(problem, where=told.where, hint="name the file that the record is about")
    early = ahead_of(kind, content.to_json(), issued_at=at, collected_at=at, filed_at=at)
    if early is not None:  # the store refuses it too, and knows no line
        raise EvidenceError(early.told(at), where=told.where, hint=NOT_YET)
    return content


def _classes(
    session: Session, kind: str, contents: Sequence[Predicate], each: Sequence[Told], chosen: str | None
) -> list[EvidenceClass]:
    """The class of each record; of a paper that only some may sign attested, where the type allows it."""
    named, attests = EvidenceClass(chosen) if chosen else None, kind in session.bundle.signers.records
    return [
        class_by_hand(content, named, where=told.where, attests=attests)
        for content, told in zip(contents, each, strict=True)
    ]


def _require_person(session: Session, kind: str, content: Predicate, actor: Actor) -> None:
    """Raise QuaestorError where a paper that only some persons may sign is brought by a machine."""
    rule = session.bundle.signers.records.get(kind)
    if rule is not None and actor.kind != "person" and EvidenceClass.ATTESTED in content.CLASSES:
        hint = f"--as PERSON, who is {' or '.join(rule.signed_by)}"
        raise QuaestorError(f"a {kind} is signed by a person", hint=hint)


def _about(
    session: Session, subject: str | None, system_id: str | None, dataset: Path | None
) -> tuple[dict[str, str], str]:
    """The digests of what a record is about, by name, and its system."""
    about: dict[str, str] = {}
    if subject:
        found = find_subject(session.store, subject)
        about[found.name], system_id = found.digest, found.system_id
    elif system_id:
        about[system_id] = find_subject(session.store, system_id).digest
    if system_id is None:
        raise QuaestorError("say what the record is about", hint="--subject SYSTEM@VERSION or --system SYSTEM")
    if dataset:
        about[dataset.name] = digest_file(dataset)
    return about, system_id
