"""Which controls and cases were free of mistakes, kept, so that the next check looks only at what changed since.

A control is checked with what all controls share (schemas, parameters, statements, libraries, …) and with no other
control, and its cases with the two of them. So what was found holds for the same bytes beside the same shared files,
under the same checks.
"""

from collections.abc import Mapping

from pydantic import Field, ValidationError

from engine.backends.cache import PrivateCache
from engine.bundle.checked import digest_of_checks
from engine.bundle.facts import ControlFacts
from engine.bundle.foreign import FOLDER
from engine.bundle.paths import CONTROLS, placed
from evidence.model.base import Frozen
from evidence.model.canonical import digest_bytes, digest_json


class Clean(Frozen):
    """What has no mistake and no warning."""

    controls: dict[str, ControlFacts] = Field(default_factory=dict)
    """What linting derived, by `content_key` of the control."""
    cases: frozenset[str] = frozenset()
    """Files of cases, by `content_key` of the control and of the cases."""


def content_key(files: Mapping[str, bytes], *paths: str) -> str:
    """What files say, and where they stand."""
    return digest_json({path: digest_bytes(files[path]) for path in paths})


def recall_clean(store: PrivateCache, files: Mapping[str, bytes]) -> Clean:
    """What was free of mistakes beside the files that controls share; nothing where others could have written it."""
    name = _name(files)
    known = store.load(name) if name else None
    try:
        return Clean.model_validate_json(known) if known is not None else Clean()
    except ValidationError:
        return Clean()


def remember_clean(store: PrivateCache, files: Mapping[str, bytes], clean: Clean) -> None:
    """Keep it for the next check."""
    name = _name(files)
    if name:
        store.save(name, clean.model_dump_json().encode())


def _name(files: Mapping[str, bytes]) -> str:
    """The entry for these shared files under the checks of this program; empty where its source cannot be read."""
    checks = digest_of_checks()
    if not checks:
        return ""
    own = (CONTROLS, FOLDER)  # what a control over other people's Rego says is derived each time
    shared = {path: digest_bytes(content) for path, content in files.items() if not placed(path).startswith(own)}
    return f"clean-{digest_json({'checks': checks, 'files': shared}).removeprefix('sha256:')}.json"
