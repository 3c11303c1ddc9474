"""Statements: what a person may state under their signature, who may state it, and who may not.

One file a kind, `policies/statements/<type>.yaml`; who may sign the other attested record types stands in
`policies/access/signers.yaml`, and the roles there are in `policies/access/roles.yaml`. A control reads the statements
of a kind as the evidence type `statement:<type>`, whose `predicate.facts` are typed by the file.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from engine.bundle.control import NAME_PATTERN
from engine.bundle.documents import Document, parse_model
from engine.bundle.paths import placed
from engine.errors import PolicyError, PolicyErrors, did_you_mean, refuse
from evidence.model.base import (
    Count,
    Date,
    DigestText,
    Duration,
    Frozen,
    Happened,
    HappenedDay,
    Instant,
    Number,
    Share,
    Text,
)
from evidence.model.canonical import canonical_bytes
from evidence.model.claims import claimed_times
from evidence.model.errors import QuaestorError
from evidence.model.mistakes import explain
from evidence.model.predicates.values import ActionItem, DocumentRef, Measure, PersonRef, PlannedMetric

ROLES_PATH = "access/roles.yaml"
SIGNERS_PATH = "access/signers.yaml"
STATEMENT = "statement:"
"""What stands before the kind in the evidence type under which a control reads statements."""
Apart = Literal["trainer", "builder", "requester"]
_WORDS = re.compile(r"^[a-z0-9_-]+(\|[a-z0-9_-]+)+$")
_SIMPLE: dict[str, Any] = {
    "text": Text, "number": Number, "count": Count, "share": Share, "flag": bool, "day": Date, "instant": Instant,
    "happened": Happened, "happened-day": HappenedDay,
    "duration": Duration, "digest": DigestText, "person": PersonRef, "action": ActionItem, "measure": Measure,
    "document": DocumentRef, "planned-metric": PlannedMetric,
}  # fmt: skip
"""What a fact may be: by name, or `a|b|c`, `list<…>`, `map<…>` (by text) of these. What is `happened` lies before the
statement's filing."""


class Signing(Frozen):
    """Who may sign: roles of which the signer held one at the filing, acts that keep a person out, further signers."""

    signed_by: tuple[str, ...] = Field(min_length=1)
    not_by: tuple[Apart, ...] = ()
    co_signers: int = Field(default=0, ge=0, le=10)
    """How many persons beside the first must have signed, each in a fitting role."""


class Fact(Frozen):
    """A fact of a statement: its type, and what it says."""

    type: str
    says: str = Field(min_length=3)


class StatementFile(Signing):
    """A kind of statement, as written."""

    title: str = Field(min_length=8)
    scope: Literal["version", "system", "organization"]
    """What `scope` of the statement must name."""
    valid_for: Duration
    weighs: tuple[Literal["options", "criteria", "choice"], ...] = ()
    """Optional fields of an attestation that this kind must fill."""
    facts: dict[str, Fact]


class StatementType(StatementFile):
    """A kind of statement."""

    name: str


class Signers(Frozen):
    """Who may sign what: the roles that exist, the kinds of statement, and the other attested record types."""

    roles: dict[str, str] = Field(default_factory=dict)
    statements: dict[str, StatementType] = Field(default_factory=dict)
    records: dict[str, Signing] = Field(default_factory=dict)

    def of(self, kind: str) -> Signing | None:
        """Who may sign a record of an evidence type, or a `statement:<kind>`; None where no rule says so."""
        if kind.startswith(STATEMENT):
            return self.statements.get(kind.removeprefix(STATEMENT))
        return self.records.get(kind)


@cache
def fact_type(text: str) -> Any:
    """The Python type of a fact's type. Raises ValueError for text that names none."""
    text = text.replace(" ", "")
    if text in _SIMPLE:
        return _SIMPLE[text]
    if _WORDS.match(text):
        return Literal[tuple(text.split("|"))]
    if text.startswith("list<") and text.endswith(">"):
        return tuple.__class_getitem__((fact_type(text[5:-1]), ...))
    if text.startswith("map<") and text.endswith(">"):
        return dict.__class_getitem__((str, fact_type(text[4:-1])))
    near = next((f", did you mean `{one}`?" for one in get_close_matches(text, _SIMPLE, n=1, cutoff=0.7)), ":")
    raise ValueError(f"`{text}` is no type of a fact{near} {', '.join(_SIMPLE)}, one|other, list<…>, map<…>")


def read_statement(document: Document) -> StatementType:
    """`policies/statements/<type>.yaml`. Raises PolicyError or PolicyErrors."""
    if not isinstance(document.value, dict):
        raise document.error("a statement is a mapping", hint="write `title: …`, `signed_by: […]`, `facts: {…}`")
    file = parse_model(StatementFile, document, document.value)
    name = PurePosixPath(document.path).stem
    if not re.match(NAME_PATTERN, name):
        raise document.error(f"`{name}` is not lower-case words with hyphens", hint="rename the file")
    mistakes = []
    for fact, kind in file.facts.items():
        try:
            fact_type(kind.type)
        except ValueError as cause:
            mistakes.append(document.error(str(cause), "facts", fact, "type"))
    refuse(mistakes)
    return StatementType(**dict(file), name=name)


class RolesFile(Frozen):
    """`policies/access/roles.yaml`: the roles that a person may hold, and what each does."""

    roles: dict[str, str]


class SignersFile(Frozen):
    """`policies/access/signers.yaml`: by evidence type, who may sign its records."""

    signers: dict[str, Signing]


def read_signers(documents: Mapping[str, Document], types: Mapping[str, Any]) -> tuple[Signers, list[PolicyError]]:
    """Roles, statements and signers of a bundle's YAML files by path; `types` are the evidence types.

    The second value holds every mistake; what is wrong is left out of the first.
    """
    mistakes: list[PolicyError] = []
    roles: dict[str, str] = {}
    records: dict[str, Signing] = {}
    statements: dict[str, StatementType] = {}
    named: list[tuple[Document, Signing, tuple[str, ...]]] = []
    for path, document in documents.items():
        try:
            place = placed(path)
            if place == ROLES_PATH:
                roles = parse_model(RolesFile, document, document.value).roles
            elif place == SIGNERS_PATH:
                rules = parse_model(SignersFile, document, document.value).signers
                named += [(document, rule, ("signers", name, "signed_by")) for name, rule in rules.items()]
                mistakes += [
                    document.error(f"unknown evidence type `{name}`", "signers", name, hint=did_you_mean(name, types))
                    for name in rules
                    if name not in types
                ]
                records = {**rules, **records}  # a rule of the policies stands, whatever an overlay says
            elif place.startswith("statements/"):
                kind = read_statement(document)
                named.append((document, kind, ("signed_by",)))
                statements[kind.name] = kind
        except PolicyErrors as cause:
            mistakes += cause.errors
        except PolicyError as cause:
            mistakes.append(cause)
    mistakes += [
        document.error(f"unknown role `{role}`", *where, index, hint=did_you_mean(role, roles))
        for document, rule, where in named
        for index, role in enumerate(rule.signed_by)
        if role not in roles
    ]
    return Signers(roles=roles, statements=statements, records=records), mistakes


@cache
def _reader(text: str) -> TypeAdapter[Any]:
    """What reads a fact of a type, without turning one type into another: a person or an action is strict by itself."""
    kind = fact_type(text)
    own = isinstance(kind, type) and issubclass(kind, Frozen)
    return TypeAdapter(kind) if own else TypeAdapter(kind, config={"strict": True})


def facts_problem(kind: StatementType, predicate: Mapping[str, Any]) -> str:
    """Why an attestation does not fit its kind (facts and optional fields), empty where it does."""
    facts = predicate.get("facts")
    if not isinstance(facts, dict):
        return "`facts` is missing"
    unknown = sorted(set(facts) - set(kind.facts))
    if unknown:
        return f"`facts.{unknown[0]}` is no fact of a {kind.name} statement"
    for name, fact in kind.facts.items():
        if name not in facts:
            return f"`facts.{name}` ({fact.says}) is missing"
        try:
            _reader(fact.type).validate_json(canonical_bytes(facts[name]))
        except (ValidationError, QuaestorError) as cause:
            told = explain(cause) if isinstance(cause, ValidationError) else str(cause)
            return f"`facts.{name}` is no {fact.type}: {told}"
    absent = [field for field in kind.weighs if not predicate.get(field)]
    return f"`{absent[0]}` is missing" if absent else ""


def claimed_in_facts(kind: StatementType, facts: Mapping[str, Any]) -> Iterator[tuple[str, datetime]]:
    """Path and instant of each time of which the facts of a statement say that it has been."""
    for name, fact in kind.facts.items():
        for path, claimed in claimed_times(fact_type(fact.type), facts.get(name)):
            yield ".".join(["facts", name, *([path] if path else [])]), claimed


@cache
def _fact_schema(text: str) -> dict[str, Any]:
    """The JSON Schema of a fact's type. Facts are many, their types few."""
    return TypeAdapter(fact_type(text)).json_schema(by_alias=True)


def statement_schema(kind: StatementType, attestation: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of the kind's records: that of an attestation with the facts typed."""
    parts: dict[str, Any] = {}
    definitions: dict[str, Any] = dict(attestation.get("$defs", {}))
    for name, fact in kind.facts.items():
        schema = {**_fact_schema(fact.type), "description": fact.says}
        definitions |= schema.pop("$defs", {})
        parts[name] = schema
    facts = {"type": "object", "additionalProperties": False, "properties": parts, "required": sorted(parts)}
    properties = {
        **attestation["properties"],
        "facts": facts,
        "statement_type": {"const": kind.name, "enum": [kind.name], "type": "string"},
    }
    named = {"requested_by"} if "requester" in kind.not_by else set()  # whom it keeps out must be named
    required = sorted({*attestation.get("required", ()), *kind.weighs, *named})
    return {
        **attestation,
        "$defs": definitions,
        "properties": properties,
        "required": required,
        "x-max-age": kind.valid_for,
    }
