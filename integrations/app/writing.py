"""What authors write by: the fields of an evidence type in words, and Rego in its usual form."""

from pathlib import Path
from typing import Any

from engine.backends.opa_format import formatted
from engine.bundle.explanation import title_of
from engine.bundle.files import read_folder
from engine.bundle.foreign import is_foreign
from engine.bundle.load import Bundle
from engine.errors import did_you_mean
from evidence.model.errors import QuaestorError
from evidence.model.skeleton import skeleton
from integrations.app.settings import builtin_policies


def schema_of(bundle: Bundle, kind: str) -> dict[str, Any]:
    """The JSON Schema of the content of an evidence type, or of `statement:<kind>`. Raises QuaestorError."""
    if kind not in bundle.schemas:
        raise QuaestorError(f"unknown evidence type `{kind}`", hint=did_you_mean(kind, bundle.schemas))
    return bundle.schemas[kind]


def schema_words(bundle: Bundle, kind: str) -> str:
    """The same in words, a field a line as YAML has it: whether it must be there, what it may be, what it says."""
    schema = schema_of(bundle, kind)
    classes = schema.get("x-classes")
    head = [f"{kind}: {title_of(bundle, kind)}"]
    head.append(f"class {' or '.join(map(str, classes)) if isinstance(classes, list) else 'attested'}")
    if schema.get("x-max-age"):
        head.append(f"counts for at most {schema['x-max-age']}")
    signing = bundle.signers.of(kind)
    if signing is not None:
        apart = f", not by who was {', '.join(signing.not_by)}" if signing.not_by else ""
        head.append(f"signed by {' or '.join(signing.signed_by)}{apart}")
    about = schema.get("x-about")
    if isinstance(about, dict) and about:
        head.append("about: " + ", ".join(f"{subject} by `{name}`" for subject, name in sorted(about.items())))
    return skeleton(schema, head=head)


def format_policies(folder: Path, *, write: bool) -> tuple[str, ...]:
    """The Rego files of a folder that are not in OPA's form, which `write` gives them; foreign packs stay as they are.

    Raises QuaestorError.
    """
    if write and folder.resolve() == builtin_policies().resolve():
        hint = "copy the folder, and name the copy with --policies"
        raise QuaestorError("these are the policies that come with Quaestor, which an update replaces", hint=hint)
    names = [name for name in read_folder(folder) if name.endswith(".rego") and not is_foreign(name)]
    return formatted(folder, names, write=write)
