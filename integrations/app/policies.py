"""Policies and overlays in files: read, and the digest by which decisions name what a signed one says."""

from pathlib import Path

from engine.bundle.files import files_digest, read_archive
from engine.bundle.load import Bundle
from engine.bundle.overlay import bundle_at, effective_under, overlay_at
from engine.bundle.parameters import Effective, read_overlay
from engine.errors import PolicyError, PolicyErrors
from evidence.model.canonical import digest_json
from integrations.app.settings import cache_folder


def policies_at(path: Path, overlay: Path | None = None) -> tuple[Bundle, Effective]:
    """The checked bundle of a folder or an archive with what an overlay adds, and the parameters that hold under it.

    `overlay` is a file or a folder; None: the parameters are as the catalogue has them. Raises PolicyErrors.
    """
    read = overlay_at(overlay) if overlay is not None else None
    bundle = bundle_at(path, read, cache_folder())
    return bundle, effective_under(bundle, read)


def content_digest(kind: str, file: Path) -> str | None:
    """The bundle's digest of a `policy` archive, the overlay's of a `config` file; None for any other file.

    Signatures cover bytes, decisions name contents: with both, a signature is tied to the policies in force. A
    configuration that is no overlay may be that of the model's package. Raises PolicyError for a `policy` that is no
    archive.
    """
    if kind == "policy":
        return files_digest(read_archive(file.read_bytes()))
    if kind != "config":
        return None
    try:
        return digest_json(read_overlay(file.read_bytes(), str(file)).value)
    except (PolicyError, PolicyErrors):
        return None
