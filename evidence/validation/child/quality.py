"""Data quality of every table of a plan: what its rows lack, hold beyond the declared, and repeat. In the child only.

Everything is counted over all rows, those that the run leaves out among them. A check is about this very table, so that
it goes by the share that was counted; intervals are of the rows that the table stands for (Wilson's), and are what a
test of the plan or a policy reads.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from evidence.model.predicates.data import DataQualityReport
from evidence.model.predicates.values import ColumnQuality, FailedCheck, MetricEstimate
from evidence.validation.child.contents import Contents
from evidence.validation.measured import NO_DIGEST, Examined
from evidence.validation.measures.fairness import group_name
from evidence.validation.measures.intervals import DECIMALS, wilson
from evidence.validation.plan.tests import DataCheck, Quality

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

Split = Literal["test", "training", "reference"]
SPLITS: tuple[Split, ...] = ("test", "training", "reference")


def quality(bench: "Bench") -> Examined:
    """A report on each table, and its shares of rows with gaps, out of range, of unseen categories and of copies."""
    settings = bench.plan.quality or Quality()
    protected = bench.plan.protected_attributes
    names = [item.label for item in protected.attributes] if protected else []
    baseline = next((bench.contents[split] for split in ("training", "reference") if split in bench.contents), None)
    numbers: dict[str, MetricEstimate] = {}
    reports, notes = [], []
    for split in SPLITS:
        if split not in bench.contents:
            continue
        contents = bench.contents[split]
        table = _Table(contents, baseline if baseline is not contents else None, bench.plan.confidence)
        failed = {check: columns for check, columns in table.beyond(settings).items() if columns}
        numbers |= {f"{name}:{split}": value for name, value in table.rates().items()}
        notes += [f"{check} fails in the {split} data: {', '.join(told[:20])}" for check, told in failed.items()]
        reference = bench.contents["reference"].shares(names) if "reference" in bench.contents else {}
        reports.append(
            DataQualityReport(
                stage="training" if split == "training" else "profile",
                dataset_digest=NO_DIGEST,
                checks=table.checks(),
                failed_checks=tuple(FailedCheck(check=c, blocking=c not in settings.warnings) for c in failed),
                completeness=table.completeness(),
                missing_rate=table.rates().get("missing_rate"),
                duplicate_rate=table.rates().get("duplicate_rate"),
                group_shares=_named(contents.shares(names)),
                reference_shares=_named(reference),
                split=split,
                rows=contents.rows,
                columns={name: table.column(name) for name in (*contents.numbers, *contents.texts)},
            )
        )
    return Examined(numbers=numbers, quality=tuple(reports), notes=tuple(notes))


@dataclass(frozen=True)
class _Table:
    """What was counted of a table, beside the one whose categories are the known ones."""

    contents: Contents
    baseline: Contents | None
    confidence: float

    def checks(self) -> tuple[DataCheck, ...]:
        """The checks that could be made: of ranges where one is declared, of categories where others are known."""
        contents = self.contents
        made: dict[DataCheck, bool] = {
            "missing-values": True,
            "declared-range": bool(contents.outside),
            "unseen-categories": any(self._unseen(name) is not None for name in contents.categories),
            "constant-columns": True,
            "duplicate-rows": contents.copies.rows > 0,
        }
        return tuple(check for check, could in made.items() if could)

    def beyond(self, settings: Quality) -> dict[DataCheck, list[str]]:
        """The columns, each with its rows, in which a check finds more than is tolerated."""
        contents = self.contents
        unseen = {name: self._unseen(name) or 0 for name in contents.categories}
        copied = {"rows": contents.copies.rows - contents.copies.distinct}
        constant = [name for name in (*contents.numbers, *contents.texts) if contents.constant(name)]

        def over(check: Any, counts: dict[str, int], rows: int) -> list[str]:
            most = settings.tolerated.get(check, 0.0) * rows
            return [f"{name} ({count} of {rows})" for name, count in counts.items() if count > most]

        return {
            "missing-values": over("missing-values", contents.missing, contents.rows),
            "declared-range": over("declared-range", contents.outside, contents.rows),
            "unseen-categories": over("unseen-categories", unseen, contents.rows),
            "constant-columns": constant if contents.rows > 1 else [],
            "duplicate-rows": over("duplicate-rows", copied, contents.copies.rows),
        }

    def rates(self) -> dict[str, MetricEstimate]:
        """Shares of the table: rows with some gap, copies; the largest of a column of out of range and unseen."""
        contents = self.contents
        copies = contents.copies
        unseen = [count for name in contents.categories if (count := self._unseen(name)) is not None]
        counted = {
            "missing_rate": self._share(contents.rows_with_gaps),
            "out_of_range_rate": self._share(max(contents.outside.values())) if contents.outside else None,
            "unseen_category_rate": self._share(max(unseen)) if unseen else None,
        }
        if found := wilson(copies.rows - copies.distinct, copies.rows, self.confidence):
            counted["duplicate_rate"] = found.recorded()
        return {name: value for name, value in counted.items() if value is not None}

    def completeness(self) -> float:
        """Share of all fields of the table that hold a value."""
        fields = self.contents.rows * len(self.contents.missing)
        return round(1 - sum(self.contents.missing.values()) / fields, DECIMALS) if fields else 1.0

    def column(self, name: str) -> ColumnQuality:
        """One feature by itself."""
        contents, unseen = self.contents, self._unseen(name)
        missing = self._share(contents.missing[name])
        assert missing is not None  # a table without rows is refused when it is read
        return ColumnQuality(
            missing=missing,
            out_of_range=self._share(contents.outside[name]) if name in contents.outside else None,
            unseen=self._share(unseen) if unseen is not None else None,
            constant=contents.constant(name),
        )

    def _unseen(self, name: str) -> int | None:
        """Rows of a category that the baseline does not hold; None where the column has none, or too many to know."""
        mine = self.contents.categories.get(name)
        known = self.baseline.categories.get(name) if self.baseline else None
        if mine is None or known is None:
            return None
        return sum(count for word, count in mine.items() if word not in known)

    def _share(self, count: int) -> MetricEstimate | None:
        independent = self.contents.cases.share
        found = wilson(count * independent, self.contents.rows * independent, self.confidence)
        return found.recorded() if found else None


def _named(shares: dict[tuple[str, str], float]) -> dict[str, float] | None:
    return {group_name([name], [word]): round(share, DECIMALS) for (name, word), share in shares.items()} or None
