"""The files of a bundle, from a folder or an archive that is not trusted, and back into an archive."""

import io
import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from engine.bundle.paths import ADDED, placed
from engine.errors import PolicyError
from evidence.model.canonical import digest_bytes, digest_json

MAX_FILES = 5_000
ARCHIVE = "bundle archive"
"""What an archive is called where nobody says which file it is."""
_WHICH = "name a folder of policies, or what `quaestor policy export` wrote"
MAX_FILE_BYTES = 8 << 20
MAX_TOTAL_BYTES = 128 << 20
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_DECIDES = re.compile(
    r"(controls|lib|risk|retention)/.+\.rego|access/[^/]+\.(cedar|cedarschema|yaml)"
    r"|(gates|frameworks|parameters|statements)/[^/]+\.yaml|schemas/.+\.json"
    r"|foreign/[^/]+/(mapping\.yaml|(.+/)?data\.(json|yaml)|.+\.rego)"
)
ACCESS_CASES = "access/access.cases.json"
"""What must come of requests under the Cedar policies of a bundle."""
_PROVES = re.compile(
    r"(controls|lib|risk|retention)/.+(_test\.rego|_cases\.yaml)|foreign/[^/]+/[^/]+_cases\.yaml"
    rf"|{re.escape(ACCESS_CASES)}"
)
_NOT_RUN = re.compile(r"foreign/.+_test\.rego")
"""Tests of a foreign pack: they are its makers', and neither decide nor prove anything here."""


OPA_FILES = (".manifest", ".signatures.json")
"""What OPA puts into its bundles beside policies and data."""
OVERLAY = "overlay.yaml"
"""Name under which an organisation's overlay travels with the policies in an archive; it is no part of the bundle."""


def decides(path: str) -> bool:
    """Whether a file takes part in decisions; tests and cases do not. An overlay's stand under `overlay/`."""
    return bool(_DECIDES.fullmatch(placed(path))) and not proves(path) and not is_pack_test(path)


def is_pack_test(path: str) -> bool:
    """Whether a file is a test that came with a foreign pack: read, so that no denial hides in it, and not run."""
    return bool(_NOT_RUN.fullmatch(placed(path)))


def proves(path: str) -> bool:
    """Whether a file is a control's test or cases, or those of the Cedar policies."""
    return bool(_PROVES.fullmatch(placed(path)))


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every policy, test and cases file under a folder, by its path in it.

    Raises PolicyError for a folder that is not there, a link that leaves it, a path that no archive of the policies
    can hold, so that nobody could check again what they decided, and more or larger files than is sane.
    """
    root = folder.resolve()
    if not root.is_dir():
        raise PolicyError("no such folder", path=str(folder), line=1, hint="give the folder that holds `controls/`")
    files: dict[str, bytes] = {}
    size = 0
    for name in policy_paths(root):
        if not _archivable(name):
            hint = "letters without accents, digits, `_`, `-` and `.` behind the first, and no path that is very long"
            raise PolicyError("no archive of the policies can hold this path", path=name, line=1, hint=hint)
        content = _read(root, name)
        size += len(content)
        _within_limits(len(files) + 1, size, len(content), name)
        files[name] = content
    return files


def _archivable(name: str) -> bool:
    """Whether `unpacked` takes a path that `archive` can write, also where it stands in an overlay."""
    if not _NAME.fullmatch(name):
        return False
    if len(ADDED + name) <= tarfile.LENGTH_NAME:  # fits as it is: a header for each of a thousand files takes its time
        return True
    try:
        tarfile.TarInfo(ADDED + name).tobuf(tarfile.USTAR_FORMAT)
    except ValueError:
        return False
    return True


def _read(root: Path, name: str) -> bytes:
    path = f"{root}/{name}"  # text: a Path of each of a thousand files costs as much as reading them
    try:
        about = os.lstat(path)
        if stat.S_ISLNK(about.st_mode):  # the one way out: folders that are links are not entered
            link = Path(path)
            if not link.resolve().is_relative_to(root):
                raise PolicyError("a link that leads out of the folder", path=name, line=1, hint="copy the file")
            about = link.stat()
        if not stat.S_ISREG(about.st_mode):
            raise PolicyError("not a file that holds text", path=name, line=1, hint="a device or pipe is no policy")
        if about.st_size > MAX_FILE_BYTES:
            raise _too_large(name)
        with io.FileIO(path) as file:
            return file.readall()
    except OSError as cause:
        raise PolicyError(f"cannot be read: {cause.strerror}", path=name, line=1) from None


def policy_paths(root: Path) -> Iterator[str]:
    """Paths of policies, tests and cases under a folder in a fixed order; folders that are links are not entered."""
    for folder, subfolders, names in os.walk(root, followlinks=False):
        subfolders.sort()
        place = Path(folder).relative_to(root).as_posix()
        for name in sorted(names):
            path = name if place == "." else f"{place}/{name}"
            if decides(path) or proves(path) or is_pack_test(path):
                yield path


def files_digest(files: Mapping[str, bytes]) -> str:
    """Digest of the files that decide."""
    return digest_json({path: digest_bytes(content) for path, content in files.items() if decides(path)})


def read_archive(data: bytes) -> dict[str, bytes]:
    """The policies, tests, cases and overlay of an archive, nothing written to disk.

    Raises PolicyError for one that is not acceptable.
    """
    files = unpacked(data)
    return {name: content for name, content in files.items() if decides(name) or proves(name) or name == OVERLAY}


def unpacked(data: bytes) -> dict[str, bytes]:
    """All files of a zip or a tar, which may be compressed, by their plain paths.

    Raises PolicyError for a path that is not plain or is there twice, a link or device, and more than is sane.
    """
    try:
        pairs = _zip_files(data) if data[:2] == b"PK" else _tar_files(inflated(data) if compressed(data) else data)
        files: dict[str, bytes] = {}
        size = 0
        for name, content in pairs:
            plain = PurePosixPath(name).as_posix()
            named = _NAME.fullmatch(plain) or plain in OPA_FILES
            if plain in files or not named or ".." in plain.split("/"):
                raise PolicyError("not a plain path, or there twice", path=repr(name), line=1, hint="make it anew")
            files[plain] = content
            size += len(content)
            _within_limits(len(files), size, len(content), plain)
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as bad:
        raise PolicyError(f"not an archive that can be read: {bad}", path=ARCHIVE, line=1, hint=_WHICH) from None
    return files


def compressed(data: bytes) -> bool:
    """Whether an archive is compressed, as OPA's bundles are."""
    return data[:2] == b"\x1f\x8b"


def inflated(data: bytes) -> bytes:
    """A compressed tar without its compression. Raises PolicyError for one that is cut off, goes on or is too large."""
    reader = zlib.decompressobj(wbits=31)
    most = MAX_TOTAL_BYTES + MAX_FILES * 1024  # a tar has a head and an end of a block for each file
    try:
        inflated = reader.decompress(data, most + 1)
    except zlib.error as cause:
        raise PolicyError(f"not an archive that can be read: {cause}", path=ARCHIVE, line=1, hint=_WHICH) from None
    if len(inflated) > most:
        raise PolicyError(f"more than {MAX_TOTAL_BYTES >> 20} MiB of policies", path=ARCHIVE, line=1)
    if not reader.eof or reader.unused_data:
        raise PolicyError("cut off, or more follows its end", path=ARCHIVE, line=1, hint="make it anew")
    return inflated


def _tar_files(data: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for count, member in enumerate(archive):
            if count > MAX_FILES:
                raise PolicyError(f"more than {MAX_FILES} files", path=ARCHIVE, line=1)
            if member.isdir():
                continue
            if not member.isfile():
                raise PolicyError("a link or device in the archive", path=member.name, line=1, hint="make it anew")
            if member.size > MAX_FILE_BYTES:
                raise _too_large(member.name)
            content = archive.extractfile(member)
            yield member.name, content.read() if content else b""


def _zip_files(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for count, member in enumerate(archive.infolist()):
            if count > MAX_FILES:
                raise PolicyError(f"more than {MAX_FILES} files", path=ARCHIVE, line=1)
            if member.is_dir():
                continue
            with archive.open(member) as content:
                read = content.read(MAX_FILE_BYTES + 1)  # the header's size may lie
            if len(read) > MAX_FILE_BYTES:
                raise _too_large(member.filename)
            yield member.filename, read


def _too_large(name: str) -> PolicyError:
    return PolicyError(f"larger than {MAX_FILE_BYTES >> 20} MiB", path=name, line=1, hint="split it")


def _within_limits(count: int, total: int, size: int, name: str) -> None:
    """Raises PolicyError for the file of a name where there are more or larger ones, up to it, than is sane."""
    if size > MAX_FILE_BYTES:
        raise _too_large(name)
    if count > MAX_FILES:
        raise PolicyError(f"more than {MAX_FILES} files", path=name, line=1, hint="is this the right folder?")
    if total > MAX_TOTAL_BYTES:
        raise PolicyError(f"more than {MAX_TOTAL_BYTES >> 20} MiB of policies", path=name, line=1)


def archive(files: Mapping[str, bytes]) -> bytes:
    """A tar of the files: the same bytes for the same files, on every machine."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(files[name]), 0, 0o644
            tar.addfile(member, io.BytesIO(files[name]))
    return buffer.getvalue()
