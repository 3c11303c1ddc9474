"""Policies as OPA loads them: written, signed, and taken back into a folder."""

from pathlib import Path

from engine.bundle.load import Bundle
from engine.bundle.opa import opa_bundle, read_opa_bundle
from evidence.model.errors import QuaestorError
from evidence.trust.keys import SigningKey


def built(bundle: Bundle, key: Path | None) -> bytes:
    """The bundle for OPA, signed by the private key of a file. Raises SignatureError."""
    return opa_bundle(bundle, SigningKey.load(key) if key is not None else None)


def loaded(archive: Path, key: Path | None, folder: Path) -> tuple[Bundle, bool]:
    """Write the policies of a bundle for OPA into a new or empty folder; the bundle, and whether it is signed.

    Everything is checked before anything is written, the signature by the public key of a file. Raises QuaestorError.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise QuaestorError("holds other things", where=str(folder), hint="name a new folder")
    public = key.read_text(encoding="utf-8", errors="replace") if key is not None else None
    bundle, signed = read_opa_bundle(archive.read_bytes(), public)
    for name, content in bundle.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return bundle, signed
