"""An overlay as a folder: a control of the house with a parameter of its own, as docs/policies.md shows it."""

import re
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FILE = re.compile(r"^`house/([^`]+)`:\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def documented() -> dict[str, bytes]:
    """The files of the overlay that docs/policies.md adds without a copy, by their path in its folder."""
    text = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    return {path: content.encode() for path, content in _FILE.findall(text)}


def written(files: Mapping[str, bytes | str], folder: Path) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
