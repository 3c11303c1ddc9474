"""Policies in the form in which OPA loads them, taken back into a folder."""

from pathlib import Path

from engine.bundle.load import Bundle
from engine.bundle.opa import read_opa_bundle
from evidence.model.errors import QuaestorError
from integrations.app.workspace import write_files


def loaded(archive: Path, key: Path | None, folder: Path) -> tuple[Bundle, bool]:
    """Write the policies of a bundle for OPA into a new or empty folder; the bundle, and whether it is signed.

    Everything is checked before anything is written, the signature by the public key of a file. Raises QuaestorError.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise QuaestorError("holds other things", where=str(folder), hint="name a new folder")
    public = key.read_text(encoding="utf-8", errors="replace") if key is not None else None
    bundle, signed = read_opa_bundle(archive.read_bytes(), public)
    write_files(folder, bundle.files)
    return bundle, signed
