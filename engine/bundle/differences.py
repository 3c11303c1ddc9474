"""What sets one bundle apart from another: asked when a decision is made, and when somebody checks one."""

from collections.abc import Mapping

from engine.bundle.files import decides
from evidence.model.canonical import digest_bytes
from evidence.model.notes import OtherPolicies


def file_digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Digests by path of the files that decide."""
    return {path: digest_bytes(content) for path, content in files.items() if decides(path)}


def differences(these: Mapping[str, str], known: Mapping[str, str]) -> OtherPolicies | None:
    """How the files of a bundle differ from known ones, both as `file_digests` gives them; None where they do not."""
    if dict(these) == dict(known):
        return None
    return OtherPolicies(
        missing=tuple(sorted(known.keys() - these.keys())),
        added=tuple(sorted(these.keys() - known.keys())),
        changed=tuple(sorted(path for path in these.keys() & known.keys() if these[path] != known[path])),
    )
