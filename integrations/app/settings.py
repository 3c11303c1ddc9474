"""The one settings class: `quaestor.toml` of a workspace, and the environment variables that win over it."""

import os
import tomllib
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from evidence.model.base import Frozen
from evidence.model.errors import QuaestorError
from evidence.model.mistakes import explain

FILE = "quaestor.toml"
_FROM_ENVIRONMENT = ("store", "keys", "policies", "overlay", "engine", "opa_url", "opa_token", "opa_ca")
_OWNERS_ONLY = ("keys", "opa_url", "opa_token", "opa_ca")
_HINT = "make a workspace with `quaestor init`, or name one with --workspace"


class Settings(Frozen):
    """Where a workspace keeps its things. Paths are absolute once loaded."""

    root: Path = Field(strict=False)
    origin: str
    """Name of the ledger, as its checkpoints carry it."""
    store: str
    """Database URL: sqlite:///… or postgresql://…"""
    blobs: Path = Field(strict=False)
    keys: Path = Field(strict=False)
    """Folder with the private keys of this workspace."""
    policies: Path = Field(strict=False)
    overlay: Path | None = Field(default=None, strict=False)
    cache: Path = Field(strict=False)
    """Where compiled policies lie: native code, so a workspace's file, which somebody may have sent, never names it."""
    engine: Literal["auto", "wasm", "regorus", "opa"] = "auto"
    opa_url: str | None = None
    opa_token: str | None = None
    opa_ca: Path | None = Field(default=None, strict=False)


def builtin_policies() -> Path:
    """The policy bundle that comes with Quaestor."""
    return Path(__file__).resolve().parents[2] / "policies"


def find_workspace(start: Path) -> Path:
    """The folder with `quaestor.toml`, at `start` or above it. Raises QuaestorError where there is none."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE).is_file():
            return folder
    raise QuaestorError(f"no {FILE} in `{start}` or above it", hint=_HINT)


def load_settings(root: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings of the workspace at `root`. Raises QuaestorError that names the file and field."""
    environment = os.environ if environment is None else environment
    path = root / FILE
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            data: dict[str, Any] = tomllib.load(file)
    except OSError as cause:
        raise QuaestorError(f"cannot be read: {cause.strerror}", where=str(path), hint=_HINT) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise QuaestorError(f"not TOML: {cause}", where=str(path), hint='write one `name = "value"` a line') from None
    given = {name: value for name in _FROM_ENVIRONMENT if (value := environment.get(f"QUAESTOR_{name.upper()}"))}
    _check_sender(path, status, data.keys() - given.keys())
    data |= given
    data["cache"] = cache_folder(environment)
    data.setdefault("policies", str(builtin_policies()))
    for name in ("blobs", "keys", "policies", "overlay", "opa_ca"):
        if isinstance(data.get(name), str):
            data[name] = root / data[name]
    store = data.get("store")
    if isinstance(store, str) and store.startswith("sqlite:///") and not store.startswith("sqlite:////"):
        data["store"] = f"sqlite:///{root / store.removeprefix('sqlite:///')}"
    try:
        return Settings(root=root, **data)
    except (ValidationError, TypeError) as cause:
        detail = explain(cause) if isinstance(cause, ValidationError) else str(cause)
        raise QuaestorError(
            f"does not fit: {detail}", where=str(path), hint="the settings of a new workspace: `quaestor init FOLDER`"
        ) from None


def _check_sender(path: Path, status: os.stat_result, named: Set[str]) -> None:
    """Refuse what a workspace that somebody sent, or that others may write, could turn against who works in it."""
    if "cache" in named:
        raise QuaestorError(
            "`cache` is not a workspace's to name: what lies there is run",
            where=str(path),
            hint="take the line out; XDG_CACHE_HOME says where the cache lies",
        )
    believed = sorted(named & set(_OWNERS_ONLY))
    if believed and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
        whose = "belongs to another user" if status.st_uid != os.geteuid() else "can be written by others"
        instead = ", ".join(f"QUAESTOR_{name.upper()}" for name in believed)
        raise QuaestorError(
            f"the file {whose}, so its `{'`, `'.join(believed)}` cannot be believed",
            where=str(path),
            hint=f"make it yours (`chown`, `chmod go-w`), or set {instead} in the environment",
        )


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where compiled policies are kept between runs, by the XDG Base Directory Specification (no relative paths)."""
    environment = os.environ if environment is None else environment
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "quaestor"
