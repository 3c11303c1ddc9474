"""Policies and overlays in files: read, and the digest by which decisions name what a signed one says."""

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from engine.bundle.effective import Effective, read_overlay
from engine.bundle.files import files_digest, read_archive
from engine.bundle.load import Bundle
from engine.bundle.overlay import bundle_at, effective_under, overlay_at
from engine.bundle.paths import is_added, placed
from engine.errors import PolicyError, PolicyErrors
from evidence.model.canonical import digest_json
from integrations.app.settings import cache_folder


def file_of(path: str, overlay: Path | None) -> str:
    """A file of a bundle, of what an overlay adds by the path of the file that somebody has open."""
    return (overlay / placed(path)).as_posix() if overlay is not None and is_added(path) else path


@contextlib.contextmanager
def told_by_file(overlay: Path | None) -> Iterator[None]:
    """Mistakes in what an overlay adds are told of its own files. Raises the PolicyError that the block raises."""
    try:
        yield
    except PolicyError as cause:
        raise cause.placed(partial(file_of, overlay=overlay)) from None


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
