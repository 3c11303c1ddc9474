"""What a signed file says, where it is a policy bundle or an overlay: the digest by which decisions name it."""

from pathlib import Path

from engine.bundle.files import read_archive
from engine.bundle.load import files_digest
from engine.bundle.parameters import read_overlay
from engine.errors import PolicyError, PolicyErrors
from evidence.model.canonical import digest_json


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
