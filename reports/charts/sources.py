"""What charts are taken from: the records of the snapshot that was decided on, the limits, the curves of its run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from evidence.model.predicates.base import Predicate
from evidence.model.predicates.validation import ValidationRun
from evidence.model.record import Record
from evidence.snapshot.model import Snapshot
from reports.charts.shapes import ChartPoints

P = TypeVar("P", bound=Predicate)


@dataclass(frozen=True)
class Sources:
    """`records` by type, the earliest collected first; `parameters` are the effective ones by name."""

    records: Mapping[str, Sequence[Record]]
    parameters: Mapping[str, Any]
    points: ChartPoints

    def of(self, kind: type[P]) -> Iterator[tuple[str, P]]:
        """Id and content of each record of a type."""
        for record in self.records.get(kind.TYPE, ()):
            content = record.typed()
            assert isinstance(content, kind)
            yield record.id, content

    def drawn_runs(self) -> dict[str, ValidationRun]:
        """By record id, the run whose curves are drawn; every run where they do not say of which they are."""
        return {record: run for record, run in self.of(ValidationRun) if self.points.run in (None, record)}

    def limit(self, name: str) -> float | None:
        """A parameter that is a number."""
        value = self.parameters.get(name)
        # A boolean is a whole number to Python, and no limit.
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def bound(self, measure: str) -> float | None:
        """The level that `metric_bounds` sets a measure, else the parameter of its name."""
        own = (self.parameters.get("metric_bounds") or {}).get(measure, {})
        return float(own["level"]) if "level" in own else self.limit(measure)


def sources_of(snapshot: Snapshot, parameters: Mapping[str, Any], points: ChartPoints | None) -> Sources:
    """The sources that a snapshot gives."""
    records: dict[str, list[Record]] = {}
    for entry in sorted(snapshot.entries, key=lambda e: (e.record.envelope.collected_at, e.record.id)):
        records.setdefault(entry.record.type, []).append(entry.record)
    return Sources(records, parameters, points or ChartPoints())
