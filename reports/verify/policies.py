"""Whose policies decided: what differs from those that the caller expects, and what the overlay changed."""

from datetime import datetime

from engine.bundle.attached import policies_of
from engine.bundle.differences import differences, file_digests
from engine.bundle.effective import Effective
from engine.bundle.files import read_archive
from evidence.model.base import Frozen
from evidence.model.canonical import canonical_bytes, digest_json
from reports.verify.checks import Contents, FailedCheck
from reports.words.escape import clean
from reports.words.policies import other_policies_lines, shown
from reports.words.wording import value_text

MAX_SHOWN = 80
"""Letters of a value that are shown."""


class Expected(Frozen):
    """The policies that the caller expects.

    `files` maps the path of each file that decides to its digest: of the folder that the caller named, else of the
    policies that come with this installation. `digest` is that of the bundle, where the caller named one.
    """

    files: dict[str, str]
    digest: str | None = None


def policies(contents: Contents, expected: Expected) -> tuple[bool, str]:
    """Whether the attached policies are those expected, with no parameter changed; and what differs, in words.

    Raises FailedCheck where the caller named other policies, and QuaestorError where the attached cannot be read.
    """
    attached = file_digests(read_archive(contents.bundle))
    digest = digest_json(attached)
    other = differences(attached, expected.files)
    effective, instant = policies_of(contents.bundle)[1], contents.decision.instant
    told = [*(other_policies_lines(other, cut=False) if other else ()), *_overlay(effective, instant)]
    differs = "; ".join(told)
    if expected.digest is not None and digest != expected.digest:
        raise FailedCheck(
            f"the decision was made by {digest}, not by {expected.digest}" + (f": {differs}" * bool(told))
        )
    if not told:
        return True, f"those expected, with no parameter changed: {digest}"
    than = "by the caller's policies" if expected.digest else "from the policies that come with this installation"
    return False, f"judge what differs {than}: {differs}"


def _overlay(effective: Effective, instant: datetime) -> list[str]:
    changed = [f"{one.name} is {_told(one.value, one.default)}" for one in effective.overrides]
    off = sorted(effective.off_at(instant))
    told = [f"parameters changed: {shown(changed)}"] if changed else []
    return told + ([f"controls switched off: {shown(off)}"] if off else [])


def _told(value: object, default: object) -> str:
    """What a value is and was: in words, as JSON where both read alike (0.8 and 0.79999999)."""
    texts = [value_text(one) or "nothing" for one in (value, default)]
    if texts[0] == texts[1]:
        texts = [clean(canonical_bytes(one).decode()) for one in (value, default)]
    now, before = (text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…" for text in texts)
    return f"{now} instead of {before}"
