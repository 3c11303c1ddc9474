"""Whose policies decided: what differs from those that the caller expects, and what the overlay changed."""

from typing import NamedTuple

from engine.bundle.attached import policies_of
from engine.bundle.differences import differences, file_digests
from engine.bundle.effective import Override
from engine.bundle.files import read_archive
from evidence.model.base import Frozen
from evidence.model.canonical import digest_json
from reports.verify.checks import Contents
from reports.words.escape import clean
from reports.words.policies import other_policies_lines


class Expected(Frozen):
    """The policies that the caller expects.

    `files` maps the path of each file that decides to its digest: of the folder that the caller named, else of the
    policies that come with this installation. `digest` is that of the bundle, where the caller named one.
    """

    files: dict[str, str]
    digest: str | None = None


class Compared(NamedTuple):
    """Whether the attached policies are those expected, with no parameter changed; what differs, in words.

    `parameters` are those that the overlay changed, which the words only count; `refused`: the caller named other
    policies.
    """

    same: bool
    refused: bool
    detail: str
    parameters: tuple[Override, ...]


def policies(contents: Contents, expected: Expected) -> Compared:
    """How the attached policies compare. Raises QuaestorError where they cannot be read."""
    attached = file_digests(read_archive(contents.bundle))
    digest = digest_json(attached)
    other = differences(attached, expected.files)
    effective, instant = policies_of(contents.bundle)[1], contents.decision.instant
    changed = effective.overrides
    off = sorted(effective.off_at(instant))
    told = other_policies_lines(other, cut=False) if other else []
    told += [f"parameters changed: {len(changed)}"] if changed else []
    told += [clean(f"controls switched off: {', '.join(off)}")] if off else []
    differs = "; ".join(told)
    if expected.digest is not None and digest != expected.digest:
        detail = f"the decision was made by {digest}, not by {expected.digest}" + (f": {differs}" * bool(told))
        return Compared(same=False, refused=True, detail=detail, parameters=changed)
    if not told:
        return Compared(
            same=True, refused=False, detail=f"those expected, with no parameter changed: {digest}", parameters=()
        )
    than = "by the caller's policies" if expected.digest else "from the policies that come with this installation"
    return Compared(same=False, refused=False, detail=f"judge what differs {than}: {differs}", parameters=changed)
