"""Skeletons of records that people write: each evidence type and kind of statement, with who may sign it."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.bundle.load import Bundle
from engine.bundle.statements import STATEMENT, Signing
from engine.errors import did_you_mean
from evidence.model.errors import QuaestorError
from evidence.model.own import model_of
from evidence.model.predicates.data import DatasetRecord
from evidence.model.predicates.operation import FeedStatus
from evidence.model.skeleton import skeleton
from evidence.model.subject import SubjectKind
from integrations.app.records import BY_HAND, DOORS

_SCOPES = {"version": "SYSTEM@VERSION, or its digest", "system": "the system's id", "organization": "organization"}

ENTRY = "registry-entry"
"""Written by hand too, though another verb than `evidence add` takes it."""
_OF_A_VERSION = (
    "training-run",
    "audit-report",
    "change-record",
    "deployment-record",
    "canary-metrics",
    "logging-check",
    "incident-record",
)
"""Types which policies tie to a version by the statement's subject, whatever their content names."""


def record_template(bundle: Bundle, kind: str) -> str:
    """The content of a record of an evidence type, or of `statement:<kind>`, as YAML to fill in.

    Raises QuaestorError for a name that is neither, and for a type that nobody writes by hand.
    """
    if kind not in bundle.schemas:
        raise QuaestorError(f"unknown evidence type `{kind}`", hint=did_you_mean(kind, bundle.schemas))
    schema = bundle.schemas[kind]
    if kind == ENTRY:
        return _entry_template(content_schema(kind, schema))
    if not written_by_hand(kind):
        raise QuaestorError(f"a {kind} is not written by hand", hint=DOORS.get(kind, "Quaestor makes it"))
    told = str(schema.get("description", "")).split("\n\n")[0]
    statement = bundle.signers.statements.get(kind.removeprefix(STATEMENT)) if kind.startswith(STATEMENT) else None
    head = [f"{statement.title if statement else told} ({kind})", *_signing(bundle.signers.of(kind))]
    if statement:
        scope = f"{statement.scope}: {_SCOPES[statement.scope]}"
        head.append(f"`scope` names the {scope}; it holds for {statement.valid_for}.")
    if kind == DatasetRecord.TYPE:
        head.append("DATA is the file itself; `content_digest` may be left open, it is that of the file.")
    about = "--subject SYSTEM@VERSION" if scope_of(bundle, kind) == "version" else "--system SYSTEM"
    head.append(f"Filed by: {add_command(kind, about)}")
    return skeleton(_with_keys(bundle, kind, schema), head=head)


def filer(kind: str) -> str:
    """Who files a record of the type, in a command: a person, or the machine that collects a feed."""
    return "MACHINE" if kind == FeedStatus.TYPE else "PERSON"


_KEYS = {
    ("risk-questionnaire", "annex_iii_answers"): "annex_iii_points",
    ("technical-file", "items"): "annex_iv_items",
    ("statement:prohibited-screen", "facts", "answers"): "prohibited_points",
}
"""Mappings whose names a parameter of the bundle lists: nobody has to guess them."""


def _with_keys(bundle: Bundle, kind: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with the names of its mappings written out where a parameter lists them."""
    for (of_kind, *place), parameter in _KEYS.items():
        known = bundle.catalogue.get(parameter)
        if of_kind == kind and known is not None and isinstance(known.default, list | tuple):
            schema = _written_out(schema, place, [str(name) for name in known.default])
    return schema


def _written_out(schema: Mapping[str, Any], place: Sequence[str], names: Sequence[str]) -> Mapping[str, Any]:
    if place:
        properties = schema["properties"]
        inner = _written_out(properties[place[0]], place[1:], names)
        return {**schema, "properties": {**properties, place[0]: inner}}
    value = schema["additionalProperties"]
    kept = {name: item for name, item in schema.items() if name != "additionalProperties"}
    asked = schema.get("x-questions", {})
    named = {name: {**value, "description": asked[name]} if name in asked else value for name in names}
    return {**kept, "properties": named, "required": names}


def add_command(kind: str, about: str) -> str:
    """The command that files a record by hand; what stands in capitals is the user's. `about` is the option that says
    what it is about: what is said of a dataset by the system's name is filed with the data themselves.
    """
    data = " --dataset DATA" if kind == DatasetRecord.TYPE and about.startswith("--system ") else ""
    return f"quaestor evidence add {type_of(kind)} FILE {about}{data} --as {filer(kind)}"


def _entry_template(schema: Mapping[str, Any]) -> str:
    head = [
        f"{schema['description']} ({ENTRY})",
        "A new version begins at `stage: development`, and is moved on by `quaestor system promote`.",
        "Filed by: quaestor system register SYSTEM --model MODEL --entry FILE --owner PERSON --as PERSON",
    ]
    return skeleton(schema, head=head)


def content_schema(kind: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of what a person writes of a record, of the one of its evidence type.

    Of a registry entry `system register` takes the digest itself, and the history is empty where it is left out.
    """
    written = {name: part for name, part in schema.items() if name != "$id"}  # kinds of statement share theirs
    if kind == ENTRY:
        fields = {name: part for name, part in schema["properties"].items() if name != "artifact_digest"}
        required = [name for name in schema["required"] if name in fields and name != "metrics_history"]
        written |= {"properties": fields, "required": required}
    return written


def scope_of(bundle: Bundle, kind: str) -> str:
    """What a record of the type is filed about: a `version`, or the `system` as a whole, and so each version of it."""
    statement = bundle.signers.statements.get(kind.removeprefix(STATEMENT)) if kind.startswith(STATEMENT) else None
    if statement is not None:
        return "version" if statement.scope == "version" else "system"
    about = bundle.schemas[kind].get("x-about")
    named = isinstance(about, dict) and SubjectKind.MODEL in about
    return "version" if named or kind in _OF_A_VERSION else "system"


def type_of(kind: str) -> str:
    """The evidence type under which `evidence add` takes it."""
    return "attestation" if kind.startswith(STATEMENT) else kind


def written_by_hand(kind: str) -> bool:
    """Whether a person or an outside tool brings records of the type."""
    type_ = type_of(kind)
    return type_ not in DOORS and any(str(each) in model_of(type_).CLASSES for each in BY_HAND)


def _signing(rule: Signing | None) -> list[str]:
    if rule is None:
        return []
    apart = f"; not by who was {', '.join(rule.not_by)}" if rule.not_by else ""
    more = f"; {rule.co_signers} more must sign" if rule.co_signers else ""
    return [f"Signed as {' or '.join(rule.signed_by)}{apart}{more}."]
