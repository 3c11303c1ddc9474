"""What the checks of a bundle came to, kept so that they run once for the same files under the same checks."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.backends.cache import PrivateCache
from engine.bundle.control import Control
from engine.bundle.draft import Framework
from engine.bundle.facts import Inspection
from engine.bundle.files import ACCESS_CASES, is_pack_test
from engine.bundle.gates import Gate
from engine.bundle.parameters import Parameter
from engine.bundle.statements import Signers
from engine.bundle.vocabulary import Vocabulary
from evidence.model.base import Frozen
from evidence.model.canonical import digest_bytes, digest_json

_ROOT = Path(__file__).resolve().parents[2]
_CHECKS = ("engine", "evidence/model")
"""Whatever reads a bundle or checks it and its cases."""


class Checked(Frozen):
    """A bundle without its files: everything that was read from them or derived, free of mistakes."""

    controls: dict[str, Control]
    gates: dict[str, Gate]
    frameworks: dict[str, Framework]
    catalogue: dict[str, Parameter]
    vocabulary: Vocabulary
    schemas: dict[str, dict[str, Any]]
    signers: Signers
    inspection: Inspection


def recall(store: PrivateCache, files: Mapping[str, bytes]) -> Checked | None:
    """What an earlier check of these files came to; None where there is none, or where others could have written it."""
    name = _name(files)
    known = store.load(name) if name else None
    try:
        checked = _read(known) if known is not None else None
    except ValidationError:
        return None
    if checked is None:
        return None
    # With tables of its own: what is done to one bundle is not done to the next of the same files.
    return checked.model_copy(update={table: dict(value) for table, value in checked if isinstance(value, dict)})


@lru_cache(maxsize=4)
def _read(known: bytes) -> Checked:
    """What an entry says. Whoever opens the same policies again in this process has it at once."""
    return Checked.model_validate_json(known)


def remember(store: PrivateCache, files: Mapping[str, bytes], checked: Checked) -> None:
    """Keep it for the next time."""
    name = _name(files)
    if name:
        store.save(name, checked.model_dump_json().encode())


def _name(files: Mapping[str, bytes]) -> str:
    """The entry for these files under the checks of this program; empty where its own source cannot be read."""
    checks = digest_of_checks()
    if not checks:
        return ""
    # Whether a test belongs to a policy is checked by its name alone; what it says, when it is run.
    named = {path for path in files if path.endswith(_PROOFS) and not is_pack_test(path)}
    said = {path: digest_bytes(content) for path, content in files.items() if path not in named}
    proofs = sorted(named)
    whole = digest_json({"checks": checks, "files": said, "proofs": proofs})
    return f"bundle-{whole.removeprefix('sha256:')}.json"


_PROOFS = ("_test.rego", "_cases.yaml", ACCESS_CASES)


@cache
def digest_of_checks() -> str:
    """Digest of the source that reads and checks bundles, so that no change to it relies on what it would not say."""
    try:
        return _digest(path for folder in _CHECKS for path in (_ROOT / folder).rglob("*") if path.suffix in _SOURCE)
    except OSError:
        return ""


_SOURCE = (".py", ".sha256", ".yaml")


def _digest(paths: Iterable[Path]) -> str:
    digests = {path.relative_to(_ROOT).as_posix(): digest_bytes(path.read_bytes()) for path in paths}
    return digest_json(digests) if digests else ""
