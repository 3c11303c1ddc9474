"""Drift of the test data against the plan's reference, feature by feature and for the answer. Sandboxed child only.

Of several classes the answer is the class; of images and the like the features are mean and spread of their entries.

A reference of up to 200,000 rows is read once; a larger one twice: a random sample sets the cells, then all rows are
counted, so that memory does not grow with the rows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import DriftReport
from evidence.validation.child.answers import Answer
from evidence.validation.child.rows import Layout, Open, Report, read_rows
from evidence.validation.child.sampling import RowSample
from evidence.validation.child.session import Inputs, Model
from evidence.validation.measured import NO_DIGEST
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
SAMPLE_VALUES = 20_000_000


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

    def update(self, inputs: Inputs, answer: NDArray[Any] | None) -> None:
        """Counts rows; without an answer those that no model was asked about, since a value was missing."""
        table = inputs.described()
        for position, counts in enumerate(self.numbers):
            counts.update(table[:, position])
        if answer is None:
            pass
        elif isinstance(self.answer, CategoryCounts):
            self.answer.update(self.classes, answer)
        else:
            self.answer.update(answer)
        for name, categories in self.texts.items():
            text = inputs.texts[name]
            known = np.array([word is not None for word in text], dtype=np.bool_)
            words, place = np.unique(text[known].astype(np.str_), return_inverse=True)
            codes = np.full(len(text), -1, dtype=np.int64)
            codes[known] = place
            categories.update(words.tolist(), codes)


class Comparison:
    """The reference, counted, and the test data as they come."""

    def __init__(self, plan: Plan, reference: Reference, model: Model, open_table: Open, report: Report) -> None:
        """Reads the reference and scores it. Raises EvidenceError as `read_rows` does."""
        self.plan = plan
        self.reference = reference
        self._names = list(plan.features.described)
        self._texts = [column.name for column in plan.features.columns if column.text]
        self._old, self._new = self._count(model, open_table, report)

    def _count(self, model: Model, open_table: Open, report: Report) -> tuple[_Side, _Side]:
        layout = Layout(True, None, (), None)
        sample = RowSample(min(SAMPLE_ROWS, SAMPLE_VALUES // (len(self._names) + 1)), self.plan.seed)
        every: list[tuple[Inputs, NDArray[Any] | None]] = []
        for rows in read_rows(open_table("reference", self.reference), self.plan, layout, model.dtype):
            if rows.left_out_inputs is not None and sample.seen <= sample.capacity:
                every.append((rows.left_out_inputs, None))
            if not len(rows):
                continue
            told = said(model.answer(rows.inputs))
            sample.update(sample.seen, {"numbers": rows.inputs.described(), "answer": told})
            every.append((rows.inputs, told))
            if sample.seen > sample.capacity:
                every.clear()
            report("reference", sample.seen, None)
        if not sample.seen:
            raise EvidenceError(
                "no row of the reference can be used",
                where=self.reference.path,
                hint="mend the rows with gaps, or give another reference",
            )
        old, new = self._sides(sample)
        if sample.seen <= sample.capacity:
            for inputs, found in every:
                old.update(inputs, found)
            return old, new
        every.clear()
        for rows in read_rows(open_table("reference", self.reference), self.plan, layout, model.dtype):
            if rows.left_out_inputs is not None:
                old.update(rows.left_out_inputs, None)
            if len(rows):
                old.update(rows.inputs, said(model.answer(rows.inputs)))
        return old, new

    def _sides(self, sample: RowSample) -> tuple[_Side, _Side]:
        columns = sample.columns()
        numbers: NDArray[Any] = columns["numbers"]
        baselines = [NumericBaseline(numbers[:, position]) for position in range(len(self._names))]
        classes = self.plan.output.words
        score = NumericBaseline(columns["answer"])

        def side() -> _Side:
            counts = tuple(NumericCounts(baseline) for baseline in baselines)
            answer = CategoryCounts("prediction") if classes else NumericCounts(score)
            return _Side(counts, answer, {name: CategoryCounts(name) for name in self._texts}, classes)

        return side(), side()

    def update(self, inputs: Inputs, answer: Answer | None) -> None:
        """Count a batch of the test data; where the model abstained there is no answer, nor for left-out rows."""
        self._new.update(inputs, None if answer is None else said(answer))

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
