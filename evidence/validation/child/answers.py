"""What a model's outputs say, by the kind that the plan declares. Sandboxed child only."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.model.errors import EvidenceError
from evidence.validation.child.scan import Scan
from evidence.validation.kinds import LABELS
from evidence.validation.plan.output import Output

SUM_TOLERANCE = 1e-3
"""How far the scores of a row may be from 1 together: single precision and a graph's own rounding."""

HAIR = 1e-5
"""How far outside 0 to 1 a score may lie and count as rounding: some hundred steps of single precision."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """What the model said of some rows.

    `scores` (rows,): the score of the positive class (0 or 1 where the model gives classes), of several classes the
    score of the answered one (1 where it gives classes), or the value; NaN where it abstained. `chosen` (rows,): the
    answered one of several classes, -1 for none of them. `chances` (rows, classes): the score of each, in the precision
    of the output. `marks` (rows, labels): which of several labels a row was given, `scores` then 1 where it was told.
    `low`, `high` (rows,): the ends of the interval around a value. `clipped`: the number of rows with a score that
    lay a hair outside 0 to 1, as sums in single precision do, and were set to the nearer end.
    """

    scores: Numbers
    abstained: NDArray[np.bool_]
    outputs: tuple[NDArray[Any], ...]
    chosen: NDArray[np.int64] | None = None
    chances: NDArray[np.floating[Any]] | None = None
    marks: NDArray[np.bool_] | None = None
    low: Numbers | None = None
    high: Numbers | None = None
    clipped: int = 0

    @property
    def raw(self) -> bytes:
        """Every output, byte for byte, to compare two answers."""
        return b"".join(
            repr(part.tolist()).encode() if part.dtype == object else np.ascontiguousarray(part).tobytes()
            for part in self.outputs
        )

    def decided(self, threshold: float) -> NDArray[Any]:
        """The decision on each row; of a value there is none but the value."""
        if self.marks is not None:
            return self.marks
        return self.scores >= threshold if self.chosen is None else self.chosen

    def numbers(self) -> Numbers:
        """Every number of the answer: (rows,), or (rows, classes) where each class has its score."""
        return self.scores if self.chances is None else np.where(self.abstained[:, None], np.nan, self.chances)


class Reader:
    """Reads the outputs that a plan names. `names` are those to ask the graph for."""

    def __init__(self, output: Output, where: str) -> None:
        self._output = output
        self._where = where
        self._ids: tuple[int | str, ...] = output.ids or output.classes or ()  # type: ignore[assignment]
        ends = [output.interval.low, output.interval.high] if output.interval else []
        marks = [output.abstain.output] if output.abstain and output.abstain.output else []
        self.names = list(dict.fromkeys([output.name, *ends, *marks]))

    def read(self, parts: list[Any], rows: int) -> Answer:
        """The answer in the graph's outputs. Raises EvidenceError where one has another shape than its kind has."""
        arrays = {name: self._array(part) for name, part in zip(self.names, parts, strict=True)}
        main = arrays[self._output.name]
        if self._output.kind in LABELS:
            return self._labels(main, self._abstained(arrays, rows), tuple(arrays.values()), rows)
        made = {
            "probability": self._probability,
            "label": self._label,
            "classes": self._classes,
            "class": self._class,
            "value": self._value,
            "ranking": self._value,
        }[self._output.kind](main, rows)
        scores, chosen, chances = made
        abstained = self._abstained(arrays, rows)
        scores[abstained] = np.nan
        clipped = 0
        if self._output.kind == "probability":
            scores, clipped = _cut(scores)
        if chosen is not None:
            chosen[abstained] = -1
        low, high = None, None
        if ends := self._output.interval:
            low, high = (self._one(arrays[name], rows).astype(np.float64) for name in (ends.low, ends.high))
        return Answer(scores, abstained, tuple(arrays.values()), chosen, chances, low=low, high=high, clipped=clipped)

    def _labels(
        self, main: NDArray[Any], abstained: NDArray[np.bool_], outputs: tuple[NDArray[Any], ...], rows: int
    ) -> Answer:
        table = self._table(main, rows, len(self._output.words)).astype(np.float64)
        if self._output.link:
            table = special.expit(table)
        table, clipped = _cut(table)
        marks = (table >= np.asarray(self._output.limits)) & ~abstained[:, None]
        scores = np.where(np.isnan(table).any(axis=1) | abstained, np.nan, 1.0)
        return Answer(scores, abstained, outputs, chances=table, marks=marks, clipped=clipped)

    def _probability(self, main: NDArray[Any], rows: int) -> tuple[Numbers, None, None]:
        if self._output.link == "softmax":
            table = self._logits(self._table(main, rows, None))
            return special.softmax(table, axis=1)[:, self._index(table)], None, None
        score = self._column(main, rows).astype(np.float64)
        return special.expit(score) if self._output.link else score, None, None

    def _label(self, main: NDArray[Any], rows: int) -> tuple[Numbers, None, None]:
        positive: Any = self._output.positive
        return (self._column(main, rows) == positive).astype(np.float64), None, None

    def _classes(self, main: NDArray[Any], rows: int) -> tuple[Numbers, NDArray[np.int64], NDArray[np.floating[Any]]]:
        table = self._table(main, rows, len(self._ids))
        if self._output.link == "softmax":
            table = self._logits(table)
            exact = table.dtype if table.dtype == np.float64 else np.float32
            table = special.softmax(table.astype(np.float64), axis=1).astype(exact)
        whole = table.sum(axis=1, keepdims=True, dtype=np.float64)
        near = np.abs(whole - 1) <= SUM_TOLERANCE
        table = np.where(near, table / np.where(near, whole, 1), table).astype(table.dtype)
        broken = np.isnan(table).any(axis=1)
        chosen = np.where(broken, -1, np.argmax(np.where(np.isnan(table), -np.inf, table), axis=1)).astype(np.int64)
        scores = table[np.arange(rows), np.maximum(chosen, 0)].astype(np.float64)
        scores[broken] = np.nan
        return scores, chosen, table

    def _class(self, main: NDArray[Any], rows: int) -> tuple[Numbers, NDArray[np.int64], None]:
        given = self._one(main, rows)
        chosen = np.full(rows, -1, dtype=np.int64)
        for code, name in enumerate(self._ids):
            chosen[given == name] = code
        return np.where(chosen < 0, np.nan, 1.0), chosen, None

    def _value(self, main: NDArray[Any], rows: int) -> tuple[Numbers, None, None]:
        return self._one(main, rows).astype(np.float64), None, None

    def _abstained(self, arrays: dict[str, NDArray[Any]], rows: int) -> NDArray[np.bool_]:
        abstain = self._output.abstain
        if abstain is None:
            return np.zeros(rows, dtype=np.bool_)
        name = abstain.output or self._output.name
        if self._output.kind in ("classes", "labels") and name == self._output.name:
            every: NDArray[np.bool_] = (arrays[name] == abstain.value).all(axis=1)
            return every
        marks = (
            self._column(arrays[name], rows) if self._output.kind == "probability" else self._one(arrays[name], rows)
        )
        abstained: NDArray[np.bool_] = np.asarray(marks == abstain.value, dtype=np.bool_)
        return abstained

    def _array(self, part: Any) -> NDArray[Any]:
        """An output as an array; a list of dictionaries (ZipMap) as one column a class."""
        if not isinstance(part, list):
            return np.asarray(part)
        wanted = self._ids or (self._output.positive,)
        try:
            return np.asarray([[row[name] for name in wanted] for row in part], dtype=np.float32)
        except (KeyError, TypeError):
            known = (
                ", ".join(f"`{key}`" for key in list(part[0])[:20]) if part and isinstance(part[0], dict) else "none"
            )
            raise EvidenceError(
                f"the output `{self._output.name}` gives scores of {known}",
                where=self._where,
                hint="name them: `output.ids` for several classes, `output.positive` for two",
            ) from None

    def _column(self, output: NDArray[Any], rows: int) -> NDArray[Any]:
        """One value a row: the output itself, or the column of the positive class."""
        if output.ndim == 2 and output.shape[0] == rows:
            index = self._index(output)
            if index < output.shape[1]:
                return output[:, index]
            raise EvidenceError(
                f"`output.index` is {index}, and the output `{self._output.name}` has {output.shape[1]} columns",
                where=self._where,
                hint="name the column of the positive class; the first is 0",
            )
        if output.ndim == 1 and output.shape[0] == rows:
            return output
        raise self._misshapen(output, rows, "one value, or one value a class, for each row")

    def _index(self, table: NDArray[Any]) -> int:
        return self._output.index if table.shape[1] > 1 else 0

    def _one(self, output: NDArray[Any], rows: int) -> NDArray[Any]:
        if output.shape in ((rows,), (rows, 1)):
            return output.reshape(rows)
        raise self._misshapen(output, rows, "one value for each row")

    def _table(self, output: NDArray[Any], rows: int, width: int | None) -> NDArray[Any]:
        if output.ndim == 2 and output.shape[0] == rows and width in (None, output.shape[1]):
            return output
        raise self._misshapen(output, rows, f"a score for each of {width or 'its'} classes in each row")

    def _logits(self, table: NDArray[Any]) -> NDArray[Any]:
        """Scores that `link` may turn into probabilities: a second softmax would flatten those that are some already.

        A single row proves nothing, since logits may add up to 1 by chance.
        """
        sums = table.sum(axis=1, dtype=np.float64)
        if len(table) > 1 and ((table >= 0) & (table <= 1)).all() and (np.abs(sums - 1) <= SUM_TOLERANCE).all():
            raise EvidenceError(
                f"the output `{self._output.name}` gives probabilities already: each row adds up to 1",
                where=self._where,
                hint="leave `output.link` out; it is for logits",
            )
        return table

    def _misshapen(self, output: NDArray[Any], rows: int, wanted: str) -> EvidenceError:
        return EvidenceError(
            f"the output has the shape {list(output.shape)} for {rows} rows",
            where=self._where,
            hint=f"`output.name` must give {wanted}",
        )


def _cut(scores: Numbers) -> tuple[Numbers, int]:
    """Scores with those a hair outside 0 to 1 put back, and how many these were; NaN is none of them."""
    cut = np.clip(scores, 0.0, 1.0)
    hair = (scores != cut) & (np.abs(scores - cut) <= HAIR)
    return np.where(hair, cut, scores), int(hair.any(axis=tuple(range(1, hair.ndim))).sum())


def output_problems(scan: Scan, output: Output) -> list[str]:
    """Where the declared outputs differ from the model's own, in words; empty where they fit."""
    outputs = {item.name: item for item in scan.outputs}
    listed = ", ".join(f"`{name}`" for name in outputs)
    problems = []
    for name in sorted(Reader(output, "").names):
        if name not in outputs:
            problems.append(f"the model has no output `{name}`, but {listed}")
            continue
        dtype = outputs[name].dtype
        zipped = dtype == "sequence" and name == output.name and output.kind in ("probability", "classes")
        if dtype in {"sequence", "map", "optional"} and not zipped:
            problems.append(f"the output `{name}` is a {dtype}, not a tensor (export without ZipMap)")
        elif zipped and output.link:
            problems.append(f"the output `{name}` is a ZipMap, which gives probabilities; leave `link` out")
        elif name == output.name:
            problems += _kind_problems(name, dtype, output)
    return problems


def _kind_problems(name: str, dtype: str, output: Output) -> list[str]:
    if output.kind in ("classes", "labels", "value", "ranking") and dtype != "sequence" and dtype in ("string", "bool"):
        return [f"the output `{name}` gives {dtype}, not the numbers of a {output.kind}"]
    if output.kind == "class":
        ids = output.ids or output.classes or ()
        if any(isinstance(word, str) != (dtype == "string") for word in ids):
            return [f"the output `{name}` gives {dtype}; say in `output.ids` what the model calls each class"]
        if dtype.startswith("float"):
            return [f"the output `{name}` gives {dtype}, not classes"]
    return []
