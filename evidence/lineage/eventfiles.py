"""Files and folders of OpenLineage events, read event by event, so that memory does not grow with a file of lines."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from evidence.lineage.graph import Lineage
from evidence.lineage.openlineage import Event, events_lineage, parse_event
from evidence.model.canonical import MAX_DOCUMENT_BYTES, parse_json
from evidence.model.errors import EvidenceError, unreadable

MAX_FILES = 100_000
SUFFIXES = (".json", ".jsonl", ".ndjson")
_PACKED = (".gz", ".zst", ".bz2", ".xz", ".zip")


def read_openlineage(path: Path) -> Lineage:
    """The nodes that the events of a file or folder tell of; the store makes the edges of completed runs.

    Raises EvidenceError that names file and event for one that is not an OpenLineage event, and where there is none.
    """
    lineage = events_lineage(read_events(path))
    if not lineage.nodes:
        raise EvidenceError(
            "no event in it that names a run or a dataset", where=str(path), hint="look whether its producer wrote any"
        )
    return lineage


def read_events(path: Path) -> Iterator[Event]:
    """The events of a file (one JSON event, a JSON list, or one event a line) or of a folder, by file name.

    Folders inside a folder are not entered, and files with other suffixes are left alone; packed event files are
    refused, since a lineage that silently lacks a part looks complete. Raises EvidenceError.
    """
    for file in _files(path):
        try:
            with file.open("rb") as stream:
                for place, value in _documents(file, stream):
                    yield parse_event(value, place)
        except OSError as cause:
            raise unreadable(file, cause) from None


def is_packed(path: Path) -> bool:
    """Whether a file looks like events that somebody compressed."""
    return path.suffix.lower() in _PACKED and Path(path.stem).suffix.lower() in SUFFIXES


def _files(path: Path) -> list[Path]:
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError as cause:
        raise unreadable(path, cause) from None
    for file in files:
        if is_packed(file):
            raise EvidenceError("compressed events are not read", where=str(file), hint="unpack it, then import again")
    if path.is_dir():
        files = [file for file in files if file.suffix.lower() in SUFFIXES]
        if not files:
            raise EvidenceError(
                "no .json, .jsonl or .ndjson file in the folder",
                where=str(path),
                hint="name the folder that holds the events",
            )
        if len(files) > MAX_FILES:
            raise EvidenceError(f"more than {MAX_FILES} files", where=str(path), hint="import it in parts")
    for file in files:
        # A pipe or a device would be read for ever.
        try:
            mode = file.stat().st_mode
        except OSError as cause:
            raise unreadable(file, cause) from None
        if not stat.S_ISREG(mode):
            raise EvidenceError("not a file", where=str(file), hint="give a file or a folder of event files")
    return files


def _documents(file: Path, stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    if file.suffix.lower() in (".jsonl", ".ndjson"):
        yield from _lines(file, stream)
        return
    data = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        raise EvidenceError(
            f"more than {MAX_DOCUMENT_BYTES >> 20} MiB of JSON",
            where=str(file),
            hint="write one event a line into a .ndjson file, which may be larger",
        )
    lines = [line for line in data.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        stream.seek(0)
        yield from _lines(file, stream)
        return
    value = parse_json(data, where=str(file))
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        yield f"{file} event {number}", item


def _lines(file: Path, stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    number = 0
    while line := stream.readline(MAX_DOCUMENT_BYTES + 1):
        number += 1
        if line.strip():
            yield f"{file}:{number}", parse_json(line, where=f"{file}:{number}")
