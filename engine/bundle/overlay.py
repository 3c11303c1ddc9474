"""An organisation's overlay in files: `overlay.yaml` alone, or a folder that holds it beside what it adds to policies.

The folder is laid out as a bundle is (`controls/<family>/<ID>.rego`, …). What it adds becomes part of the bundle, under
`overlay/`, and counts in its digest; `overlay.yaml` has a digest of its own.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.bundle.control import Control
from engine.bundle.documents import Document
from engine.bundle.effective import Effective, effective_parameters, read_overlay, unapproved
from engine.bundle.files import ARCHIVE, OVERLAY, decides, proves, read_folder
from engine.bundle.load import Bundle, bundle_from_archive, bundle_from_files, under
from engine.bundle.parameters import Parameter
from engine.bundle.paths import ADDED, is_added
from engine.errors import PolicyError, PolicyErrors, causes, in_order, refuse

_POLICY = (".rego", ".yaml", ".yml", ".json", ".cedar", ".cedarschema")
_BESIDE = (".md", ".txt", "~")
"""Prose, and what an editor keeps of an earlier text."""
_FOLDERS = ("access", "controls", "foreign", "frameworks", "gates", "lib", "parameters", "retention", "risk", "schemas",
            "statements")  # fmt: skip
"""Of a bundle: in these a file of any other name was meant to hold too, such as `RED-01.reg`."""
_LAYOUT = "an overlay is laid out as a bundle: docs/policies.md, Adding without a copy"


@dataclass(frozen=True)
class Overlay:
    """What the files say: `document` and `text` are those of `overlay.yaml`, `additions` by their path in a bundle."""

    path: Path
    document: Document
    text: bytes
    additions: Mapping[str, bytes]

    def place(self, error: PolicyError) -> PolicyError:
        """A mistake in what was added, at its path in the folder."""
        return error.at((self.path / error.path.removeprefix(ADDED)).as_posix()) if is_added(error.path) else error


def overlay_at(path: Path) -> Overlay:
    """The overlay of a file or folder, its form checked. Raises PolicyError or PolicyErrors, and OSError for a file."""
    additions: dict[str, bytes] = {}
    file = path
    if path.is_dir():
        file = path / OVERLAY
        if file.is_dir():
            hint = "write a file of that name"
            raise PolicyError("a folder that is named as a file", path=str(file), line=1, hint=hint)
        if not file.is_file():
            hint = f"write one, which may be empty; what the folder adds stands beside it ({_LAYOUT})"
            raise PolicyError(f"the overlay's folder has no {OVERLAY}", path=str(path), line=1, hint=hint)
        refuse(_unread(path))
        try:
            additions = {ADDED + name: content for name, content in read_folder(path).items()}
        except PolicyError as cause:
            raise cause.at((path / cause.path).as_posix()) from None
    elif not path.exists():
        hint = "make it, or name another under `overlay` of quaestor.toml or by --overlay"
        raise PolicyError("there is no overlay, neither a file nor a folder", path=str(path), line=1, hint=hint)
    text = file.read_bytes()
    return Overlay(path=path, document=read_overlay(text, str(file)), text=text, additions=additions)


def _unread(folder: Path) -> Iterator[PolicyError]:
    """Files that look like policies where none is read, and whatever else lies where policies are read: their
    author thinks that they hold.
    """
    for place, subfolders, names in os.walk(folder):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for linked in (path for path in (Path(place) / name for name in subfolders) if path.is_symlink()):
            yield PolicyError("nothing reads a folder that is a link", path=str(linked), line=1, hint="copy the folder")
        for named in (name for name in subfolders if name.endswith(_POLICY)):
            hint = "write a file of that name, or name the folder otherwise"
            yield PolicyError("a folder that is named as a file", path=f"{Path(place) / named}", line=1, hint=hint)
        for name in sorted(names):
            path = (Path(place) / name).relative_to(folder).as_posix()
            among = path.split("/")[0] in _FOLDERS and "/" in path and not name.endswith(_BESIDE)
            policy = (name.endswith(_POLICY) or among) and not name.startswith(".")
            if policy and path != OVERLAY and (is_added(path) or not (decides(path) or proves(path))):
                yield PolicyError("nothing reads this file", path=f"{folder / path}", line=1, hint=_LAYOUT)


def with_additions(files: Mapping[str, bytes], overlay: Overlay | None) -> dict[str, bytes]:
    """The files of policies with what an overlay adds. Raises PolicyError where they hold another overlay's already."""
    if overlay is None or not overlay.additions:
        return dict(files)
    held = {path: content for path, content in sorted(files.items()) if is_added(path) and decides(path)}
    if held and held != {path: content for path, content in overlay.additions.items() if decides(path)}:
        hint = "name the policies without it, or leave this overlay's additions out"
        raise PolicyError(
            "these policies hold the additions of an overlay already", path=next(iter(held)), line=1, hint=hint
        )
    return {**files, **overlay.additions}


def bundle_at(path: Path, overlay: Overlay | None = None, cache: Path | None = None) -> Bundle:
    """The checked bundle of a folder, or of an archive (`policy export`, `policy build`), with what an overlay adds.

    `cache` as for `bundle_from_files`. Raises PolicyErrors with every mistake, at paths under the folders.
    """
    if not path.is_dir():
        found = _from_archive(path, cache)
        if overlay is None or not overlay.additions:
            return found
        files = {**found.files, **found.proofs}
    else:
        files = _read(path)
    try:
        return bundle_from_files(with_additions(files, overlay), cache)
    except PolicyError as cause:
        mistakes = cause.errors if isinstance(cause, PolicyErrors) else (cause,)
        raise PolicyErrors(_under(path, overlay, error) for error in mistakes) from None


def _from_archive(path: Path, cache: Path | None) -> Bundle:
    try:
        return bundle_from_archive(path.read_bytes(), cache)
    except PolicyError as cause:
        # Of two that are compared, which.
        raise cause.at(str(path)) if cause.path == ARCHIVE else cause from None


def _read(folder: Path) -> dict[str, bytes]:
    try:
        return read_folder(folder)
    except PolicyError as cause:
        raise under(folder, cause) from None


def _under(path: Path, overlay: Overlay | None, error: PolicyError) -> PolicyError:
    if overlay is not None and overlay.additions and is_added(error.path) and error.path != str(path):
        return overlay.place(error)
    return under(path, error) if path.is_dir() else error


def effective_under(bundle: Bundle, overlay: Overlay | None) -> Effective:
    """The parameters of a bundle and what is switched off, under an overlay in force; None: as the catalogue has them.

    Raises PolicyErrors with every mistake, such as a control that is turned off with nobody's approval.
    """
    if overlay is not None:
        refuse(mistakes_of(overlay, bundle.catalogue, bundle.controls.values()))
    document = overlay.document if overlay is not None else None
    return effective_parameters(bundle.catalogue, document, bundle.controls.values())


def mistakes_of(
    overlay: Overlay, catalogue: Mapping[str, Parameter], controls: Iterable[Control]
) -> tuple[PolicyError, ...]:
    """Every mistake in what an overlay sets and turns off in policies."""
    mistakes = unapproved(overlay.document)
    try:
        effective_parameters(catalogue, overlay.document, controls)
    except PolicyErrors as cause:
        mistakes += cause.errors
    return in_order(causes(mistakes))
