"""Evidence records: in-toto Statements v1 whose predicate is dated, classed and typed content.

Source: in-toto Attestation Framework, Statement v1 (https://github.com/in-toto/attestation). A record's id is the
SHA-256 of the canonical form (RFC 8785) of its statement; the bytes that came are kept beside it.
"""

from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, JsonValue, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from evidence.model.base import DigestText, Frozen, Instant
from evidence.model.canonical import canonical_bytes, digest_bytes, parse_json
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import explain
from evidence.model.own import model_of, type_of_uri
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import PREDICATE_URI, Predicate
from evidence.model.predicates.values import PersonRef

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_NAMES = {"_type", "subject", "predicateType", "predicate"}
_READ = "record that was read"


class EvidenceClass(StrEnum):
    """How a record came to be; reports keep the classes apart. Later members weigh more."""

    ATTESTED = "attested"
    INGESTED = "ingested"
    DERIVED = "derived"
    MEASURED = "measured"

    def at_least(self, least: "EvidenceClass") -> bool:
        order = list(EvidenceClass)
        return order.index(self) >= order.index(least)


class ResourceDescriptor(Frozen):
    """in-toto ResourceDescriptor with the fields that a subject needs."""

    name: str
    digest: dict[str, str]


class RecordPredicate(Frozen):
    """Predicate of an evidence record: when, by whom and how it was taken in, around the typed `content`."""

    evidence_class: EvidenceClass
    system_id: str
    model_version: str | None = None
    source: str
    collector: str
    issuer: str
    owner: PersonRef | None = None
    replaces: DigestText | None = None
    """The record that this one stands in for, where somebody else with the same right issued that
    (`evidence.snapshot.superseding`); what the same hand issued is replaced without it."""
    issued_at: Instant
    collected_at: Instant
    expires_at: Instant
    ledger: str | None = None
    """The ledger that it was signed for, which no other takes in; other tools leave it out of what they measure."""
    content: dict[str, JsonValue]


class StatementHead(Frozen):
    """What an in-toto Statement v1 says of its predicate."""

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(default="https://in-toto.io/Statement/v1", alias="_type")
    subject: tuple[ResourceDescriptor, ...] = Field(min_length=1)
    predicate_type: str = Field(alias="predicateType")


class Statement(StatementHead):
    """in-toto Statement v1."""

    predicate: dict[str, JsonValue]

    @cached_property
    def payload(self) -> bytes:
        """Canonical bytes: what is signed."""
        return canonical_bytes(self.to_json())

    @cached_property
    def id(self) -> str:
        """`sha256:` of the canonical bytes."""
        return digest_bytes(self.payload)

    @property
    def subject_digests(self) -> tuple[str, ...]:
        """SHA-256 digests of the subjects, as `sha256:<hex>`; subjects without one are left out."""
        return tuple(f"sha256:{item.digest['sha256']}" for item in self.subject if "sha256" in item.digest)


class Record(Frozen):
    """A checked evidence record: the statement, its envelope fields and its typed content."""

    id: DigestText
    type: str
    subject: tuple[DigestText, ...]
    envelope: RecordPredicate
    content_digest: DigestText

    @property
    def content(self) -> dict[str, Any]:
        return self.envelope.content

    @cached_property
    def content_text(self) -> str:
        """The content in canonical JSON, which `content_digest` is the digest of.

        Raises EvidenceError where it is not: in Python `true` is the same as 1, so that records may be equal all the
        same, and policies would be given what nobody signed.
        """
        # Read out of canonical JSON it is in that order already, and is written ten times as fast: the digest tells.
        with suppress(PydanticSerializationError):
            text = to_json(self.content)
            if digest_bytes(text) == self.content_digest:
                return text.decode()
        text = canonical_bytes(self.content)
        if digest_bytes(text) != self.content_digest:
            raise EvidenceError("the content is not the one that its digest is of", where=f"record {self.id}")
        return text.decode()

    def typed(self) -> Predicate:
        """The content as the predicate model of its type."""
        return model_of(self.type).from_json(self.envelope.content)


def new_statement(
    content: Predicate,
    *,
    subject: dict[str, str],
    envelope: dict[str, Any],
) -> Statement:
    """A statement about `subject` (name -> `sha256:` digest) with checked content.

    `envelope` holds the fields of RecordPredicate but `content`. Raises EvidenceError where they do not fit.
    """
    normal = content.to_json()
    try:
        shell = RecordPredicate(**{**envelope, "content": {}})
    except ValidationError as cause:
        raise EvidenceError(explain(cause), where=f"new {content.TYPE} record") from None
    statement = _about(subject, content.uri(), {**shell.to_json(), "content": normal})
    # Content that is a model was checked when it was made; the rest is looked at here.
    _keep(statement, _record(statement, content, shell, where=f"record {statement.id}"))
    return statement


def plain_statement(subject: dict[str, str], predicate_type: str, predicate: dict[str, Any]) -> Statement:
    """A statement about `subject` (name -> `sha256:` digest) whose predicate is no evidence record.

    Raises EvidenceError where the predicate has no canonical form.
    """
    statement = _about(subject, predicate_type, predicate)
    _ = statement.payload
    return statement


def _about(subject: dict[str, str], predicate_type: str, predicate: dict[str, Any]) -> Statement:
    described = tuple(
        ResourceDescriptor(name=name, digest={"sha256": digest.removeprefix("sha256:")})
        for name, digest in sorted(subject.items())
    )
    head = Statement(subject=described, predicate_type=predicate_type, predicate={})
    return head.model_copy(update={"predicate": predicate})


def parse_statement(payload: bytes, *, where: str, id: str | None = None) -> Statement:
    """A statement from bytes that are not trusted. Raises EvidenceError that names the field.

    `id` is the one under which the ledger has it: bytes of that very digest are the canonical form, which is then not
    made again. Other bytes are brought into it, and the statement has the id that they give.
    """
    value = parse_json(payload, where=where)
    if not isinstance(value, dict):
        raise EvidenceError("not an in-toto Statement: no JSON object", where=where)
    if id is None or digest_bytes(payload) != id:
        canonical = canonical_bytes(value)
        if canonical != payload:
            payload, value = canonical, parse_json(canonical, where=where)
    return as_statement(value, payload, where=where)


def as_statement(value: dict[str, Any], payload: bytes, *, where: str) -> Statement:
    """The statement that an object is, whose canonical form is `payload`. Raises EvidenceError that names the field."""
    predicate = value.get("predicate")
    shell = {**value, "predicate": {}} if isinstance(predicate, dict) else value
    try:
        statement = Statement.from_json(shell)
    except ValidationError as cause:
        hint = "sign a Statement of https://in-toto.io/Statement/v1, such as `quaestor evidence show ID` prints"
        raise EvidenceError(f"not an in-toto Statement v1: {explain(cause)}", where=where, hint=hint) from None
    statement = statement.model_copy(update={"predicate": predicate})
    if value.keys() == _NAMES:
        vars(statement)["payload"] = payload
    return statement


def read_record(statement: Statement, *, where: str | None = None) -> Record:
    """The evidence record that a statement holds, checked against the predicate model of its type.

    A statement is read once; the record stays with it. Raises EvidenceError for an unknown type, a class that the type
    does not allow, times in the wrong order, a subject without SHA-256, or content that does not fit the model.
    """
    known = vars(statement).get(_READ)
    if isinstance(known, Record):
        return known
    where = where or f"record {statement.id}"
    model = _model(statement, where)
    predicate = statement.predicate
    given = predicate.get("content")
    try:
        shell = RecordPredicate.from_json({**predicate, "content": {}} if isinstance(given, dict) else predicate)
    except ValidationError as cause:
        raise EvidenceError(f"the {model.TYPE} record does not fit: {explain(cause)}", where=where) from None
    try:
        content = model.from_json(given)
    except ValidationError as cause:
        raise EvidenceError(
            f"the content of the {model.TYPE} record does not fit: {explain(cause)}",
            where=where,
            hint=f"the fields are listed in policies/schemas/{model.TYPE}.json",
        ) from None
    return _keep(statement, _record(statement, content, shell, where=where))


def _keep(statement: Statement, record: Record) -> Record:
    vars(statement)[_READ] = record
    return record


def _model(statement: Statement, where: str) -> type[Predicate]:
    name = type_of_uri(statement.predicate_type)
    if name is None:
        raise EvidenceError(
            f"unknown evidence type `{statement.predicate_type}`",
            where=where,
            hint=f"known types are {PREDICATE_URI.format(type='<type>')} with one of: {', '.join(sorted(PREDICATES))}",
        )
    return model_of(name)


def _record(statement: Statement, content: Predicate, shell: RecordPredicate, *, where: str) -> Record:
    """The record of checked content and the checked fields around it."""
    if shell.evidence_class not in content.CLASSES:
        raise EvidenceError(
            f"a {content.TYPE} record cannot be of class `{shell.evidence_class}`",
            where=where,
            hint=f"allowed: {', '.join(content.CLASSES)}",
        )
    if shell.expires_at <= shell.collected_at:
        raise EvidenceError("`expires_at` is not after `collected_at`", where=where)
    if len(statement.subject_digests) < len(statement.subject):
        raise EvidenceError("each subject needs a `sha256` digest", where=where)
    normal = content.to_json()
    text = canonical_bytes(normal)
    try:
        record = Record(
            id=statement.id,
            type=content.TYPE,
            subject=statement.subject_digests,
            envelope=shell.model_copy(update={"content": normal}),
            content_digest=digest_bytes(text),
        )
    except ValidationError:  # what stands in the others was made here
        problem = "the `sha256` digest of a subject is not 64 hexadecimal digits in small letters"
        raise EvidenceError(problem, where=where) from None
    vars(record)["content_text"] = text.decode()
    return record
