"""Skeletons of records that people write: each evidence type and kind of statement, with who may sign it."""

from engine.bundle.load import Bundle
from engine.bundle.statements import STATEMENT, Signing
from engine.errors import did_you_mean
from evidence.model.errors import QuaestorError
from evidence.model.predicates import PREDICATES
from evidence.model.skeleton import skeleton
from integrations.app.records import BY_HAND, DOORS

_SCOPES = {"version": "SYSTEM@VERSION, or its digest", "system": "the system's id", "organization": "organization"}


def record_template(bundle: Bundle, kind: str) -> str:
    """The content of a record of an evidence type, or of `statement:<kind>`, as YAML to fill in.

    Raises QuaestorError for a name that is neither, and for a type that nobody writes by hand.
    """
    if kind not in bundle.schemas:
        raise QuaestorError(f"unknown evidence type `{kind}`", hint=did_you_mean(kind, bundle.schemas))
    schema = bundle.schemas[kind]
    if not written_by_hand(kind):
        raise QuaestorError(f"a {kind} is not written by hand", hint=DOORS.get(kind, "Quaestor makes it"))
    told = str(schema.get("description", "")).split("\n\n")[0]
    statement = bundle.signers.statements.get(kind.removeprefix(STATEMENT)) if kind.startswith(STATEMENT) else None
    head = [f"{statement.title if statement else told} ({kind})", *_signing(signing_of(bundle, kind))]
    if statement:
        scope = f"{statement.scope}: {_SCOPES[statement.scope]}"
        head.append(f"`scope` names the {scope}; it holds for {statement.valid_for}.")
    about = "--subject SYSTEM@VERSION (or --system SYSTEM)"
    head.append(f"Filed by: quaestor evidence add {type_of(kind)} FILE {about} --as PERSON")
    return skeleton(schema, head=head)


def type_of(kind: str) -> str:
    """The evidence type under which `evidence add` takes it."""
    return "attestation" if kind.startswith(STATEMENT) else kind


def written_by_hand(kind: str) -> bool:
    """Whether a person or an outside tool brings records of the type."""
    type_ = type_of(kind)
    return type_ not in DOORS and any(str(each) in PREDICATES[type_].CLASSES for each in BY_HAND)


def signing_of(bundle: Bundle, kind: str) -> Signing | None:
    """Who may sign an attested record of the type; None where no rule says so."""
    if kind.startswith(STATEMENT):
        return bundle.signers.statements.get(kind.removeprefix(STATEMENT))
    return bundle.signers.records.get(kind)


def _signing(rule: Signing | None) -> list[str]:
    if rule is None:
        return []
    apart = f"; not by who was {', '.join(rule.not_by)}" if rule.not_by else ""
    more = f"; {rule.co_signers} more must sign" if rule.co_signers else ""
    return [f"Signed as {' or '.join(rule.signed_by)}{apart}{more}."]
