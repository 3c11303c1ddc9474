"""Whose policies decided: what differs from those that the caller expects, and what the overlay changed."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from engine.bundle.attached import policies_of
from engine.bundle.files import decides, read_archive
from engine.bundle.parameters import Effective
from evidence.model.base import Frozen
from evidence.model.canonical import digest_bytes, digest_json
from reports.verify.checks import Contents, FailedCheck

SHOWN = 12


class Expected(Frozen):
    """The policies that the caller expects.

    `files` maps the path of each file that decides to its digest: of the folder that the caller named, else of the
    policies that come with this installation. `digest` is that of the bundle, where the caller named one.
    """

    files: dict[str, str]
    digest: str | None = None


def file_digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Digests by path of the files that decide."""
    return {path: digest_bytes(content) for path, content in files.items() if decides(path)}


def policies(contents: Contents, expected: Expected) -> tuple[bool, str]:
    """Whether the attached policies are those expected, with no parameter changed; and what differs, in words.

    Raises FailedCheck where the caller named other policies, and QuaestorError where the attached cannot be read.
    """
    attached = file_digests(read_archive(contents.bundle))
    digest = digest_json(attached)
    told = [*_files(attached, expected.files), *_overlay(policies_of(contents.bundle)[1])]
    differs = "; ".join(told)
    if expected.digest is not None and digest != expected.digest:
        raise FailedCheck(
            f"the decision was made by {digest}, not by {expected.digest}" + (f": {differs}" * bool(told))
        )
    if not told:
        return True, f"those expected, with no parameter changed: {digest}"
    than = "by the caller's policies" if expected.digest else "from the policies that come with this installation"
    return False, f"judge what differs {than}: {differs}"


def _files(attached: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    lists = {
        "missing": sorted(known.keys() - attached.keys()),
        "added": sorted(attached.keys() - known.keys()),
        "changed": sorted(path for path in attached.keys() & known.keys() if attached[path] != known[path]),
    }
    return [f"{word}: {_shown([_name(path) for path in paths])}" for word, paths in lists.items() if paths]


def _name(path: str) -> str:
    """A control by its id, any other file by its path."""
    pure = PurePosixPath(path)
    return pure.stem if pure.parts[0] == "controls" and pure.suffix == ".rego" else path


def _overlay(effective: Effective) -> list[str]:
    changed = [f"{one.name} is {_value(one.value)} instead of {_value(one.default)}" for one in effective.overrides]
    off = sorted(effective.disabled)
    told = [f"parameters changed: {_shown(changed)}"] if changed else []
    return told + ([f"controls switched off: {_shown(off)}"] if off else [])


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)[:80]


def _shown(names: list[str]) -> str:
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
