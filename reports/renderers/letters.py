"""Letters that the report's fonts lack: a page shows a box in their place, which nobody can read.

The attached files have them all the same; who makes the report is told which field they stand in.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from reports.documents.pack import AuditPack
from reports.renderers.html import FONTS

_ALWAYS = frozenset(chr(code) for code in range(0x20, 0x7F)) | {"\n", "\t", "\u200b"}
"""Letters that every font has, and what takes no room: most reports need no look into the fonts."""


def unset(pack: AuditPack) -> Mapping[str, str]:
    """By field of the pack that has some, the letters that no font of the report has, each once, in order."""
    found: dict[str, str] = {}
    for field, text in _texts(pack.model_dump(mode="json"), ""):
        beyond = dict.fromkeys(letter for letter in text if letter not in _ALWAYS)
        if beyond and (lacking := "".join(letter for letter in beyond if ord(letter) not in _known())):
            found[field] = lacking
    return found


def _texts(value: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(name, f"{field} (a name)")
            yield from _texts(item, f"{field}.{name}" if field else name)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _texts(item, f"{field}.{place}")


@cache
def _known() -> frozenset[int]:
    """Code points for which a font of the report has a letter."""
    from fontTools.ttLib import TTFont

    known: set[int] = set()
    for path in sorted(FONTS.glob("*.woff2")):
        with TTFont(path, lazy=True) as font:
            known |= font.getBestCmap().keys()
    return frozenset(known)
