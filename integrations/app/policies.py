"""Policies and overlays in files: read, and the digest by which decisions name what a signed one says."""

from pathlib import Path

from engine.bundle.files import files_digest, read_archive
from engine.bundle.load import Bundle, bundle_from_archive, checked_bundle
from engine.bundle.parameters import Effective, effective_parameters, read_overlay
from engine.errors import PolicyError, PolicyErrors
from evidence.model.canonical import digest_json
from integrations.app.settings import cache_folder


def bundle_at(path: Path) -> Bundle:
    """The checked bundle of a folder, or of an archive (`policy export`, `policy build`). Raises PolicyErrors."""
    if path.is_dir():
        return checked_bundle(path, cache_folder())
    return bundle_from_archive(path.read_bytes())


def effective_with(bundle: Bundle, overlay: Path | None) -> Effective:
    """The parameters of a bundle under an overlay's file; None: as the catalogue has them. Raises PolicyErrors."""
    document = read_overlay(overlay.read_bytes(), str(overlay)) if overlay else None
    return effective_parameters(bundle.catalogue, document, bundle.controls.values())


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
