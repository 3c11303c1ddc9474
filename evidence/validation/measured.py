"""What the sandboxed child hands back: measurements, checked by the parent like any input that is not trusted."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from evidence.model.base import Count, Frozen, Int, Number, RowKey
from evidence.model.predicates.validation import DriftReport, FairnessAudit, RobustnessReport
from evidence.model.predicates.values import MetricEstimate, PeriodResult, RowCounts, SliceGap, SliceResult
from evidence.validation.child.scan import Scan

NO_DIGEST = "sha256:" + "0" * 64
"""Stands in the child's reports until the parent, which makes the digests, puts them in."""


class RocPoint(Frozen):
    """Rates at one threshold."""

    false_positive_rate: Number
    true_positive_rate: Number


class ReliabilityBin(Frozen):
    """Rows of similar score: their mean score beside the share of positive labels with its interval."""

    mean_score: Number
    observed: MetricEstimate


class Charts(Frozen):
    """Data of the report's charts; small, and kept as a document of its own beside the records.

    Group, drift and slice charts are drawn from the predicates themselves.
    """

    roc: tuple[RocPoint, ...] = Field(default=(), max_length=201)
    reliability: tuple[ReliabilityBin, ...] = Field(default=(), max_length=100)
    batch_difference: Number
    """Largest distance between scores of one row in batches of different size."""
    rows: Int
    excluded: Int
    abstained: Int
    isolation: tuple[str, ...]
    """What held the child while the model ran, in words."""
    libraries: dict[str, str]
    """Versions of the libraries that measured."""


class Examined(Frozen):
    """What tests of the battery found; `numbers` by the id that a test of the plan may have: `NAME`, or `NAME:KEY`.

    Every other field is one test's own.
    """

    numbers: dict[str, MetricEstimate] = Field(default_factory=dict)

    @classmethod
    def joined(cls, parts: "Iterable[Examined]") -> "Examined":
        """What several tests found, together."""
        numbers: dict[str, MetricEstimate] = {}
        others: dict[str, Any] = {}
        for part in parts:
            numbers |= part.numbers
            others |= {name: getattr(part, name) for name in part.model_fields_set - {"numbers"}}
        return cls(numbers=numbers, **others)


class Measured(Frozen):
    """All results of one run. Digests inside the reports stand open (`NO_DIGEST`)."""

    scan: Scan
    providers: tuple[str, ...]
    metrics: dict[str, MetricEstimate]
    confusion: tuple[tuple[Count, ...], ...] | None
    slices: tuple[SliceResult, ...]
    slice_gaps: tuple[SliceGap, ...]
    periods: tuple[PeriodResult, ...]
    row_counts: RowCounts
    duplicate_rows: Count
    effective_n: Count
    clipped_scores: Count | None
    class_sizes: dict[Literal["positive", "negative"], Count] | None
    row_sketch: tuple[RowKey, ...]
    split_overlap_rows: Count | None
    reference_overlap_rows: Count | None
    calibration_error: MetricEstimate | None
    latency_ms: dict[str, MetricEstimate]
    max_output_difference: Number | None
    batch_invariant: bool
    deterministic: bool
    fairness: tuple[FairnessAudit, ...]
    robustness: RobustnessReport | None
    drift: tuple[DriftReport, ...]
    examined: Examined
    charts: Charts


class Column(Frozen):
    """A column of a table, by its first rows: `words` are its different values, none where they are more than twenty.

    `low` and `high` are the range where all values are `numbers`.
    """

    name: str
    numbers: bool
    words: tuple[str, ...]
    gaps: bool
    low: Number | None = None
    high: Number | None = None


class Array(Frozen):
    """An array of an .npz file with more than one number a row: the shape of an entry, its type, and its range."""

    name: str
    entry: tuple[Int, ...]
    dtype: str
    low: Number | None = None
    high: Number | None = None


class Look(Frozen):
    """What lies in a model file and in the table that it is to be tested on."""

    scan: Scan
    columns: tuple[Column, ...]
    arrays: tuple[Array, ...] = ()
