"""Rows of the table of ratios, and their Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line: what was measured, ours beside theirs, and whether the aim is met (None where there is none)."""

    name: str
    ours: str
    theirs: str
    ratio: str = ""
    aim: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Peer:
    """What ours is compared with: its name and its seconds."""

    name: str
    seconds: float


def faster(name: str, ours: float, peer: Peer, least: float | None = None) -> Row:
    """A row whose ratio is theirs to ours in seconds: how many times faster ours is."""
    ratio = peer.seconds / ours
    aim = "" if least is None else f">= {least:g} times as fast"
    met = None if least is None else ratio >= least
    return Row(name, span(ours), f"{peer.name} {span(peer.seconds)}", f"{figures(ratio)} times as fast", aim, met)


def costs(name: str, ours: float, peer: Peer, most: float | None = None) -> Row:
    """A row whose ratio is ours to theirs in seconds: how many times the time of the peer ours takes."""
    ratio = ours / peer.seconds
    aim = "" if most is None else f"<= {most:g} times the time"
    met = None if most is None else ratio <= most
    return Row(name, span(ours), f"{peer.name} {span(peer.seconds)}", f"{figures(ratio)} times the time", aim, met)


def within(name: str, ours: float, most: float) -> Row:
    """A row for a time that has nobody to be compared with, and at most so many seconds to take."""
    return Row(name, span(ours), "", aim=f"<= {span(most)}", met=ours <= most)


def absent(name: str, tool: str, how: str) -> Row:
    """A row for a comparison that cannot be made here, and what would make it possible."""
    return Row(name, "", f"{tool} is not here ({how})", "not measured")


def span(seconds: float) -> str:
    """A time in the unit that suits its size, three figures."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{figures(seconds / size)} {unit}"
    return f"{figures(seconds / 1e-6)} µs"


def figures(number: float) -> str:
    """Three significant figures, no exponent."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def markdown(sections: Sequence[tuple[str, Sequence[Row]]], heading: str) -> str:
    """All rows as one Markdown table under a heading."""
    lines = [heading, "", "| what | ours | theirs | ratio | aim | met |", "|---|---:|---:|---:|---|---|"]
    for title, rows in sections:
        lines.append(f"| **{title}** | | | | | |")
        lines += [_line(row) for row in rows]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    met = "" if row.met is None else ("yes" if row.met else "**no**")
    cells = (row.name, row.ours, row.theirs, row.ratio, row.aim, met)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
