"""Drift of the test data against the plan's reference, feature by feature and for the answer. Sandboxed child only.

Of several classes the answer is the class, of labels the score of each; of images and the like the features are mean
and spread of their entries.

A reference that fits into the sample (200,000 rows, fewer where they are wide) is read once; a larger one twice: a
random sample sets the cells, then all rows are counted. Kept of every row is its key alone, eight bytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

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
from evidence.validation.kinds import LABELS
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
_ANSWER = "answer "
Target = Literal["input", "population", "environment", "prediction"]
Told = dict[str, NDArray[Any]]


def said(answer: Answer, words: tuple[str, ...]) -> Told:
    """What is compared of an answer: the place of the class (-1 where there is none), or the score; of labels each's.

    By label, under an empty name where there is one answer.
    """
    if answer.marks is not None:
        return dict(zip(words, answer.numbers().T, strict=True))
    return {"": answer.scores if answer.chosen is None else answer.chosen}


@dataclass(frozen=True)
class _Side:
    """Counts of one side: numeric columns in order, what the model said as `said` has it, and text columns by name."""

    numbers: tuple[NumericCounts, ...]
    answers: dict[str, NumericCounts | CategoryCounts]
    texts: dict[str, CategoryCounts]
    classes: tuple[str, ...]

    def update(self, table: NDArray[np.generic], texts: Mapping[str, NDArray[np.object_]], answer: Told | None) -> None:
        """Counts rows: `table` (rows, numeric columns), words by column, and what the model said of those it was asked.

        Not asked are those in which a value is missing.
        """
        for counts, column in zip(self.numbers, np.sort(np.ascontiguousarray(table.T), axis=1), strict=True):
            counts.update_ordered(column)
        for name, told in (answer or {}).items():
            counted = self.answers[name]
            if isinstance(counted, CategoryCounts):
                counted.update(self.classes, told)
            else:
                counted.update(told)
        for name, categories in self.texts.items():
            coded = encoded(texts[name])
            categories.update(coded.words, coded.codes.astype(np.int64))


class Comparison:
    """The reference, counted, and the test data as they come."""

    def __init__(self, plan: Plan, reference: Reference, model: Model, open_table: Open, report: Report) -> None:
        """Reads the reference and scores it. Raises EvidenceError as `read_rows` does."""
        self.plan = plan
        self.reference = reference
        self._names = list(plan.features.described)
        self._texts = [column.name for column in plan.features.columns if column.text]
        self._keys: list[Keys] = []
        self._one_class = bool(plan.output.words) and plan.output.kind not in LABELS
        self._answers = plan.output.words if plan.output.kind in LABELS else ("",)
        self._old, self._new = self._count(model, open_table, report)

    def _count(self, model: Model, open_table: Open, report: Report) -> tuple[_Side, _Side]:
        sample, asked = RowSample(min(SAMPLE_ROWS, SAMPLE_VALUES // (len(self._names) + 1)), self.plan.seed), 0
        for inputs, told in self._read(model, open_table):
            if told is not None:
                asked += len(inputs)
                self._keys.append(row_keys(inputs))
            sample.update(sample.seen, self._columns(inputs, told))
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
                texts: dict[str, NDArray[Any]] = {name: part[_TEXT + name] for name in self._texts}
                asked_of = part["asked"].astype(np.bool_)
                told_of = {name: part[_ANSWER + name][asked_of] for name in self._answers}
                old.update(part["numbers"], texts, told_of)
            return old, new
        columns.clear()
        for inputs, told in self._read(model, open_table):
            old.update(inputs.described(), inputs.texts, told)
        return old, new

    def _columns(self, inputs: Inputs, told: Told | None) -> dict[str, NDArray[Any]]:
        """What the sample keeps of some rows; `told` is absent where the model was not asked."""
        found = {"numbers": inputs.described(), "asked": np.full(len(inputs), told is not None)}
        found |= {_TEXT + name: words for name, words in inputs.texts.items()}
        kind = np.int64 if self._one_class else np.float64
        silent = np.zeros(len(inputs), dtype=kind)
        return found | {_ANSWER + name: silent if told is None else told[name] for name in self._answers}

    def _read(self, model: Model, open_table: Open) -> Iterator[tuple[Inputs, Told | None]]:
        """The rows of the reference with what the model says of them, and those with a gap without."""
        layout = Layout(True, None, (), None)
        for rows in read_rows(open_table("reference", self.reference), self.plan, layout, model.dtype):
            if rows.left_out_inputs is not None:
                yield rows.left_out_inputs, None
            if len(rows):
                yield rows.inputs, said(model.answer(rows.inputs), self.plan.output.words)

    def _sides(self, columns: Mapping[str, NDArray[Any]]) -> tuple[_Side, _Side]:
        baselines = [NumericBaseline(column) for column in np.ascontiguousarray(columns["numbers"].T)]
        classes, asked = self.plan.output.words, columns["asked"].astype(np.bool_)
        scores = {name: NumericBaseline(columns[_ANSWER + name][asked]) for name in self._answers}

        def side() -> _Side:
            counts = tuple(NumericCounts(baseline) for baseline in baselines)
            answers: dict[str, NumericCounts | CategoryCounts] = {
                name: CategoryCounts("prediction") if self._one_class else NumericCounts(score)
                for name, score in scores.items()
            }
            return _Side(counts, answers, {name: CategoryCounts(name) for name in self._texts}, classes)

        return side(), side()

    def overlap(self, mine: Copies) -> int:
        """How many of our rows, copies counted, stand in the reference too, by the keys of their inputs."""
        found = Overlap(mine)
        for keys in self._keys:
            found.update(keys)
        return found.rows

    def update(self, inputs: Inputs, answer: Answer | None) -> None:
        """Count a batch of the test data; where the model abstained there is no answer, nor for left-out rows."""
        self._new.update(
            inputs.described(), inputs.texts, None if answer is None else said(answer, self.plan.output.words)
        )

    def reports(self, excluded: int, share: float) -> tuple[DriftReport, ...]:
        """One report a feature and statistic, then those of the score.

        `excluded` test rows were left out, and `share` of the others are independent cases.
        """
        how: dict[str, Any] = {"confidence": self.plan.confidence, "share": share}
        made: list[DriftReport] = []
        for name, old, new in zip(self._names, self._old.numbers, self._new.numbers, strict=True):
            made += self._reported(name, numeric_drift(old, new, **how), excluded, self.reference.target)
        for name in self._texts:
            found = category_drift(self._old.texts[name], self._new.texts[name], **how)
            made += self._reported(name, found, excluded, self.reference.target)
        for name, before in self._old.answers.items():
            after = self._new.answers[name]
            if isinstance(before, CategoryCounts) and isinstance(after, CategoryCounts):
                answer = category_drift(before, after, **how)
            else:
                assert isinstance(before, NumericCounts)
                assert isinstance(after, NumericCounts)
                answer = numeric_drift(before, after, **how)
            made += self._reported(name or None, answer, excluded, "prediction")
        return tuple(made)

    def _reported(self, feature: str | None, drift: Drift, excluded: int, target: Target) -> list[DriftReport]:
        limit = self.reference.alert_above
        return [
            DriftReport(
                target=target,
                feature=feature,
                statistic=statistic,
                value=drift.distances[statistic].recorded(excluded),
                out_of_domain_rate=drift.out_of_domain.recorded(excluded)
                if target != "prediction" and drift.out_of_domain
                else None,
                baseline_ref=NO_DIGEST,
                window=self.reference.window,
                alert_raised=drift.distances[statistic].recorded().ci_high > limit,
            )
            for statistic in self.reference.statistics
            if statistic in drift.distances
        ]
