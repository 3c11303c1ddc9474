"""Drift of the test data against the plan's reference, feature by feature and for the answer. Sandboxed child only.

Of several classes the answer is the class; of images and the like the features are mean and spread of their entries.

A reference that fits into the sample (200,000 rows, fewer where they are wide) is read once; a larger one twice: a
random sample sets the cells, then all rows are counted. Kept of every row is its key alone, eight bytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import DriftReport
from evidence.validation.child.answers import Answer
from evidence.validation.child.data import batch_rows, encoded
from evidence.validation.child.identity import row_keys
from evidence.validation.child.rows import Layout, Open, Report, read_rows
from evidence.validation.child.sampling import RowSample
from evidence.validation.child.session import Inputs, Model
from evidence.validation.measured import NO_DIGEST
from evidence.validation.measures.copies import Copies, Keys, Overlap
from evidence.validation.measures.drift import (
    CategoryCounts,
    Drift,
    NumericBaseline,
    NumericCounts,
    category_drift,
    numeric_drift,
)
from evidence.validation.plan.files import Reference
from evidence.validation.plan.model import Plan

SAMPLE_ROWS = 200_000
SAMPLE_VALUES = 1 << 25
_TEXT = "text "


def said(answer: Answer) -> NDArray[Any]:
    """What is compared of an answer: the place of the class (-1 where there is none), or the score."""
    return answer.scores if answer.chosen is None else answer.chosen


@dataclass(frozen=True)
class _Side:
    """Counts of one side: numeric columns in order, then the answer; text columns by name."""

    numbers: tuple[NumericCounts, ...]
    answer: NumericCounts | CategoryCounts
    texts: dict[str, CategoryCounts]
    classes: tuple[str, ...]

    def update(
        self, table: NDArray[np.generic], texts: Mapping[str, NDArray[np.object_]], answer: NDArray[Any] | None
    ) -> None:
        """Counts rows: `table` (rows, numeric columns), words by column, and what the model said of those it was asked.

        Not asked are those in which a value is missing.
        """
        for counts, column in zip(self.numbers, np.sort(np.ascontiguousarray(table.T), axis=1), strict=True):
            counts.update_ordered(column)
        if answer is None:
            pass
        elif isinstance(self.answer, CategoryCounts):
            self.answer.update(self.classes, answer)
        else:
            self.answer.update(answer)
        for name, categories in self.texts.items():
            coded = encoded(texts[name])
            categories.update(coded.words, coded.codes.astype(np.int64))


def _columns(inputs: Inputs, told: NDArray[Any] | None) -> dict[str, NDArray[Any]]:
    """What the sample keeps of some rows; `told` is absent where the model was not asked."""
    texts = {_TEXT + name: words for name, words in inputs.texts.items()}
    asked = np.full(len(inputs), told is not None)
    answer = np.zeros(len(inputs), dtype=np.int64) if told is None else told
    return {"numbers": inputs.described(), "answer": answer, "asked": asked, **texts}


class Comparison:
    """The reference, counted, and the test data as they come."""

    def __init__(self, plan: Plan, reference: Reference, model: Model, open_table: Open, report: Report) -> None:
        """Reads the reference and scores it. Raises EvidenceError as `read_rows` does."""
        self.plan = plan
        self.reference = reference
        self._names = list(plan.features.described)
        self._texts = [column.name for column in plan.features.columns if column.text]
        self._keys: list[Keys] = []
        self._old, self._new = self._count(model, open_table, report)

    def _count(self, model: Model, open_table: Open, report: Report) -> tuple[_Side, _Side]:
        sample, asked = RowSample(min(SAMPLE_ROWS, SAMPLE_VALUES // (len(self._names) + 1)), self.plan.seed), 0
        for inputs, told in self._read(model, open_table):
            if told is not None:
                asked += len(told)
                self._keys.append(row_keys(inputs))
            sample.update(sample.seen, _columns(inputs, told))
            report("reference", sample.seen, None)
        if not asked:
            raise EvidenceError(
                "no row of the reference can be used",
                where=self.reference.path,
                hint="mend the rows with gaps, or give another reference",
            )
        columns = sample.columns()
        old, new = self._sides(columns)
        if sample.seen <= sample.capacity:
            step = batch_rows(len(self._names))
            for start in range(0, sample.seen, step):
                part = {name: values[start : start + step] for name, values in columns.items()}
                texts = {name: part[_TEXT + name] for name in self._texts}
                old.update(part["numbers"], texts, part["answer"][part["asked"].astype(np.bool_)])  # type: ignore[arg-type]
            return old, new
        columns.clear()
        for inputs, told in self._read(model, open_table):
            old.update(inputs.described(), inputs.texts, told)
        return old, new

    def _read(self, model: Model, open_table: Open) -> Iterator[tuple[Inputs, NDArray[Any] | None]]:
        """The rows of the reference with what the model says of them, and those with a gap without."""
        layout = Layout(True, None, (), None)
        for rows in read_rows(open_table("reference", self.reference), self.plan, layout, model.dtype):
            if rows.left_out_inputs is not None:
                yield rows.left_out_inputs, None
            if len(rows):
                yield rows.inputs, said(model.answer(rows.inputs))

    def _sides(self, columns: Mapping[str, NDArray[Any]]) -> tuple[_Side, _Side]:
        baselines = [NumericBaseline(column) for column in np.ascontiguousarray(columns["numbers"].T)]
        classes = self.plan.output.words
        score = NumericBaseline(columns["answer"][columns["asked"]])

        def side() -> _Side:
            counts = tuple(NumericCounts(baseline) for baseline in baselines)
            answer = CategoryCounts("prediction") if classes else NumericCounts(score)
            return _Side(counts, answer, {name: CategoryCounts(name) for name in self._texts}, classes)

        return side(), side()

    def overlap(self, mine: Copies) -> int:
        """How many of our rows, copies counted, stand in the reference too, by the keys of their inputs."""
        found = Overlap(mine)
        for keys in self._keys:
            found.update(keys)
        return found.rows

    def update(self, inputs: Inputs, answer: Answer | None) -> None:
        """Count a batch of the test data; where the model abstained there is no answer, nor for left-out rows."""
        self._new.update(inputs.described(), inputs.texts, None if answer is None else said(answer))

    def reports(self, excluded: int, share: float) -> tuple[DriftReport, ...]:
        """One report a feature and statistic, then those of the score.

        `excluded` test rows were left out, and `share` of the others are independent cases.
        """
        how: dict[str, Any] = {"confidence": self.plan.confidence, "share": share}
        made: list[DriftReport] = []
        for name, old, new in zip(self._names, self._old.numbers, self._new.numbers, strict=True):
            made += self._reported(name, numeric_drift(old, new, **how), excluded)
        for name in self._texts:
            made += self._reported(name, category_drift(self._old.texts[name], self._new.texts[name], **how), excluded)
        before, after = self._old.answer, self._new.answer
        if isinstance(before, CategoryCounts) and isinstance(after, CategoryCounts):
            answer = category_drift(before, after, **how)
        else:
            assert isinstance(before, NumericCounts)
            assert isinstance(after, NumericCounts)
            answer = numeric_drift(before, after, **how)
        return (*made, *self._reported(None, answer, excluded))

    def _reported(self, feature: str | None, drift: Drift, excluded: int) -> list[DriftReport]:
        limit = self.reference.alert_above
        return [
            DriftReport(
                target=self.reference.target if feature else "prediction",
                feature=feature,
                statistic=statistic,
                value=drift.distances[statistic].recorded(excluded),
                out_of_domain_rate=drift.out_of_domain.recorded(excluded) if feature and drift.out_of_domain else None,
                baseline_ref=NO_DIGEST,
                window=self.reference.window,
                alert_raised=drift.distances[statistic].recorded().ci_high > limit,
            )
            for statistic in self.reference.statistics
            if statistic in drift.distances
        ]
