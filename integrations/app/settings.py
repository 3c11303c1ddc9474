"""The one settings class: `quaestor.toml` of a workspace, and the environment variables that win over it."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from evidence.model.base import Frozen
from evidence.model.errors import QuaestorError
from evidence.model.record import explain

FILE = "quaestor.toml"
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
    keyring: Path = Field(strict=False)
    policies: Path = Field(strict=False)
    overlay: Path | None = Field(default=None, strict=False)
    cache: Path = Field(strict=False)
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
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise QuaestorError(f"cannot be read: {cause.strerror}", where=str(path), hint=_HINT) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise QuaestorError(f"not TOML: {cause}", where=str(path)) from None
    for name in ("store", "policies", "overlay", "engine", "opa_url", "opa_token", "opa_ca"):
        if value := environment.get(f"QUAESTOR_{name.upper()}"):
            data[name] = value
    data.setdefault("cache", str(cache_folder(environment)))
    data.setdefault("policies", str(builtin_policies()))
    for name in ("blobs", "keys", "keyring", "policies", "overlay", "cache", "opa_ca"):
        if isinstance(data.get(name), str):
            data[name] = root / data[name]
    store = data.get("store")
    if isinstance(store, str) and store.startswith("sqlite:///") and not store.startswith("sqlite:////"):
        data["store"] = f"sqlite:///{root / store.removeprefix('sqlite:///')}"
    try:
        return Settings(root=root, **data)
    except (ValidationError, TypeError) as cause:
        detail = explain(cause) if isinstance(cause, ValidationError) else str(cause)
        raise QuaestorError(f"does not fit: {detail}", where=str(path)) from None


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where compiled policies are kept between runs (XDG Base Directory Specification)."""
    environment = os.environ if environment is None else environment
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "quaestor"
