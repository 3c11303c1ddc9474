"""Feeds of events that a gate still asks for: since when a status of each has to tell, and statuses that do not hold
and count on beside a newer one.

All is read from what `policies/lib/feeds.rego` finds: of a status that is not there or too short, `expected` says what
is asked of its window; one of which anything else is told began early enough.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.deciding.verdict import ControlResult, Finding
from evidence.model.base import DURATION_PATTERN, INSTANT_PATTERN, format_instant, parse_instant
from evidence.model.duration import subtract_duration
from evidence.snapshot.filed import Filed, as_filed, expiry
from evidence.snapshot.model import Entry, Snapshot
from reports.words.findings import finding_line

FEED_STATUS = "feed-status"
_OLDER = {"feed", "filed", "until"}
"""The values of a finding that an older status does not hold while the newest does."""


@dataclass(frozen=True)
class Wanted:
    """A feed of which a status is asked for: `since` is the latest start of its window that does for all who ask."""

    feed: str
    since: str | None
    found: tuple[tuple[str, str], ...]
    """Control, and what it found."""


@dataclass(frozen=True)
class InTheWay:
    """A status of a feed that does not hold: its record, and until when it counts, whatever is filed beside it."""

    feed: str
    record: str
    until: str
    controls: tuple[str, ...]


def is_of_feeds(finding: Finding) -> bool:
    """Whether a finding is that a list of events may not be whole, as the library of feeds has it."""
    return finding.asks_for == FEED_STATUS and "feed" in finding.values


def lacks_events(finding: Finding) -> bool:
    """Whether a status counts more events than are here, as a finding of feeds says."""
    return isinstance(finding.observed, int)


def wanted(results: Iterable[ControlResult], snapshot: Snapshot) -> list[Wanted]:
    """The feeds of which another status is asked for, by name."""
    entries = {entry.record.id: entry for entry in snapshot.entries}
    found: dict[str, list[tuple[str, Finding]]] = {}
    for control, finding in _findings(results):
        if not finding.values.keys() >= _OLDER:
            found.setdefault(str(finding.values["feed"]), []).append((control, finding))
    return [
        Wanted(
            feed,
            min(filter(None, (_since(finding, snapshot.instant, entries) for _, finding in items)), default=None),
            tuple((control, finding_line(finding, "")) for control, finding in items),
        )
        for feed, items in sorted(found.items())
    ]


def in_the_way(results: Iterable[ControlResult], snapshot: Snapshot) -> list[InTheWay]:
    """The statuses that no newer one makes up for, by feed: all but those that only lack events, which are to be filed,
    and Quaestor's own, which are made with each snapshot.
    """
    entries = {entry.record.id: entry for entry in snapshot.entries if not entry.derived_here}
    found: dict[str, list[tuple[str, Finding]]] = {}
    for control, finding in _findings(results):
        if finding.evidence in entries and not lacks_events(finding):
            found.setdefault(str(finding.evidence), []).append((control, finding))
    told = [
        InTheWay(
            str(items[0][1].values["feed"]),
            record,
            format_instant(expiry(_filed(entries[record]))),
            tuple(sorted({control for control, _ in items})),
        )
        for record, items in found.items()
    ]
    return sorted(told, key=lambda item: (item.feed, item.until, item.record))


def _filed(entry: Entry) -> Filed:
    return as_filed(entry.record, entry.signature, entry.filed_at)


def _findings(results: Iterable[ControlResult]) -> Iterator[tuple[str, Finding]]:
    for result in results:
        yield from ((result.control, finding) for finding in result.findings if is_of_feeds(finding))


def _since(finding: Finding, now: datetime, entries: Mapping[str, Entry]) -> str | None:
    """The latest start of a window that does, as the beginning of its day: a status filed later that day is as long."""
    asked, entry = finding.expected, entries.get(finding.evidence or "")
    if isinstance(asked, int) and not lacks_events(finding):
        return _day(now - timedelta(days=asked))
    if isinstance(asked, str) and re.match(INSTANT_PATTERN, asked):
        return _day(parse_instant(asked))
    if isinstance(asked, str) and re.match(DURATION_PATTERN, asked):
        return _day(subtract_duration(now, asked))
    return None if entry is None else str(entry.record.content["window"]["start"])


def _day(instant: datetime) -> str:
    return format_instant(instant.replace(hour=0, minute=0, second=0, microsecond=0))
