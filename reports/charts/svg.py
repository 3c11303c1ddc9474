"""Small pieces of SVG: escaped text, numbers in fixed decimals, axes. Everything drawn in a report is made of these.

Colours come from Okabe and Ito's set (Color Universal Design, 2008), which stays apart for colour-blind readers, and
differ in lightness and shape too, so that a grey print says the same.
"""

import math
import textwrap
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

INK = "#1b2733"
SOFT = "#5b6875"
GRID = "#d5dbe1"
BLUE = "#0072b2"
RED = "#b3400a"
PALE = "#c9ddea"
FONT = "QSans, sans-serif"


def num(value: float) -> str:
    """A coordinate: two decimals at most, never `-0`."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def tag(name: str, body: str = "", **attributes: str | float) -> str:
    """An element; an attribute `stroke_width` is written `stroke-width`. `body` must be escaped already."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(value if isinstance(value, str) else num(value))}"
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{body}</{name}>" if body else f"<{name}{written}/>"


def text(
    x: float, y: float, words: str, *, size: float = 8, anchor: str = "start", fill: str = INK, bold: bool = False
) -> str:
    """A line of text; `words` are escaped here."""
    return tag(
        "text",
        escape(words),
        x=x,
        y=y,
        font_family=FONT,
        font_size=size,
        text_anchor=anchor,
        fill=fill,
        font_weight="600" if bold else "400",
    )


def line(
    x1: float, y1: float, x2: float, y2: float, *, stroke: str = GRID, width: float = 0.6, dash: str = "none"
) -> str:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, stroke_dasharray=dash)


def drawing(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """A whole drawing with its name for readers who do not see it."""
    body = tag("title", escape(title)) + "".join(parts)
    return tag(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {num(width)} {num(height)}",
        width=num(width),
        height=num(height),
        role="img",
        aria_label=title,
    )


def lines_of(words: str, width: float, size: float = 8, most: int = 3) -> list[str]:
    """Text in lines of about `width` units, divided between words; what `most` lines do not hold is cut as by `fit`."""
    room = max(4, int(width / (size * 0.5)))
    found = _wrapped(words, room)
    if len(found) < 2:
        return found
    if len(found) > most:
        return [*found[: most - 1], fit(" ".join(found[most - 1 :]), width, size)]
    # As even as the number of lines allows, so that no single sign stands on the last.
    return next(even for less in range(4, room + 1) if len(even := _wrapped(words, less)) <= len(found))


def _wrapped(words: str, room: int) -> list[str]:
    return textwrap.wrap(words, room, break_on_hyphens=False) or [""]


def fit(words: str, width: float, size: float = 8) -> str:
    """Text shortened with an ellipsis to about `width` units (an average letter is half its size wide)."""
    room = max(4, int(width / (size * 0.5)))
    return words if len(words) <= room else f"{words[: room - 1]}…"


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round values from `low` to `high`: steps of 1, 2 or 5 times a power of ten."""
    if high <= low:
        return [low]
    raw = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    steps = [power * factor for factor in (0.1, 0.2, 0.5, 1, 2, 5, 10)]
    place = next(place for place, step in enumerate(steps) if step >= raw * 0.999)
    # One value is no scale: where a round step leaves one, the next smaller is taken.
    return next((found for step in steps[place::-1] if len(found := _multiples(low, high, step)) > 1), [low])


def _multiples(low: float, high: float, step: float) -> list[float]:
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, math.floor(high / step + 1e-9) + 1)]


def decimals(values: list[float]) -> int:
    """Decimals that tell neighbouring ticks apart."""
    if len(values) < 2:
        return 2
    step = abs(values[1] - values[0])
    return max(0, min(6, -math.floor(math.log10(step) + 1e-9)))
