"""From table columns to what is measured: model inputs, labels, groups and periods. Sandboxed child only."""

import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import Period
from evidence.validation.child.data import Batch, Coded, Kind, Source, encoded, read_batches
from evidence.validation.child.forecasting import forecast_kinds, placed
from evidence.validation.child.pictures import laid_out
from evidence.validation.child.session import Inputs
from evidence.validation.kinds import LABELS, NUMBER, RANKING
from evidence.validation.plan.files import GAPS, DataFile, Forecast, PeriodColumn, TestData
from evidence.validation.plan.groups import Dimension
from evidence.validation.plan.inputs import FeatureColumn
from evidence.validation.plan.model import Plan
from evidence.validation.plan.output import LARGEST_GRADE, Output

Open = Callable[[str, DataFile], Source]
"""Opens a table of the plan by its name in the request."""
Report = Callable[[str, int, int | None], None]
"""Says how far a stage has come."""

Labels = NDArray[np.bool_] | NDArray[np.int64] | NDArray[np.float64]
"""What is true of each row: whether it is positive, which class it is of, or its value; (rows, labels) of several."""

PERIOD = "(period)"
"""Name of the dimension that holds the period of each row."""
QUERY = "(query)"
"""Name under which the query of each row stands beside its groups, where items are ranked."""
CLUSTER = "(cluster)"
"""Name under which the cluster of each row stands beside its groups."""
NO_GROUP = frozenset({"", "na", "nan", "null", "unknown", "undefined", "notknown", "notavailable", "notapplicable"})
"""Words that name no group, in lower case and without anything but letters and digits: blanks, `?`, `n/a`."""
LONGEST_GROUP = 200
_SAID = re.compile(r"[^\w]|_")


@dataclass(frozen=True)
class Rows:
    """Rows ready to be scored, with their group in each dimension; and inputs and groups of those that were left out.

    `labels` are there where they were asked for: true where positive; of several classes the place of each row's class
    in the plan; the true value itself. A gap of a left-out row is NaN, or no word.
    `weights` are as the plan's column has them.
    """

    inputs: Inputs
    labels: Labels | None
    groups: dict[str, Coded]
    left_out: int
    left_out_groups: dict[str, Coded]
    left_out_inputs: Inputs | None = None
    weights: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.inputs)


class Periods:
    """Turns days into calendar periods and remembers which there were, by name (the first day)."""

    def __init__(self, column: PeriodColumn, where: str) -> None:
        self.column = column
        self.found: dict[str, Period] = {}
        self.unknown = 0
        self._where = where
        self._days: dict[str, str] = {}

    def coded(self, batch: Batch) -> Coded:
        """Period of each row."""
        days = batch.words[self.column.column]
        self.unknown += int((days.codes < 0).sum())
        return Coded(days.codes, [self._name(word) for word in days.words])

    @property
    def days(self) -> list[str]:
        """Every day that there was, in their order."""
        return sorted(self._days)

    def _name(self, word: str) -> str:
        if word not in self._days:
            period = _period(self._day(word), {"month": 1, "quarter": 3, "year": 12}[self.column.by])
            name = f"{period.start:%Y-%m-%d}"
            self.found[name] = period
            self._days[word] = name
        return self._days[word]

    def _day(self, word: str) -> date:
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", word):
                return date.fromisoformat(word)
        except ValueError:
            pass
        raise EvidenceError(
            f"`{word[:40]}` in the column `{self.column.column}` is no ISO 8601 day",
            where=self._where,
            hint="write days such as 2026-01-31",
        )


def _period(day: date, months: int) -> Period:
    first = (day.month - 1) // months * months
    year, month = divmod(day.year * 12 + first + months, 12)
    return Period(
        start=datetime(day.year, first + 1, 1, tzinfo=UTC),
        end=datetime(year, month + 1, 1, tzinfo=UTC),
    )


@dataclass(frozen=True)
class Layout:
    """What is read of a table, beside the features. Where it need not be `whole`, a row may miss a feature."""

    features: bool
    label: TestData | None
    dimensions: tuple[Dimension, ...]
    periods: Periods | None
    cluster: str | None = None
    weight: str | None = None
    query: str | None = None
    forecast: Forecast | None = None
    whole: bool = True


def read_rows(source: Source, plan: Plan, layout: Layout, dtype: Any) -> Iterator[Rows]:
    """Rows of a table batch by batch. `dtype` is the precision of the model's numbers.

    Rows with a gap in a feature or the label are left out and counted where `data.missing` is `exclude`, else an error.
    Where it is `score`, a number may be missing (NaN), and the groups say under `GAPS` of which rows one is.
    """
    start = 0
    arrays = tuple(item.name for item in plan.features.arrays or ()) if layout.features else ()
    for batch in read_batches(source, _kinds(plan, layout, source.where), arrays):
        yield _assemble(batch, plan, layout, dtype, source, start)
        start += batch.rows


def _kinds(plan: Plan, layout: Layout, where: str) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}

    def want(name: str, kind: Kind) -> None:
        if kinds.setdefault(name, kind) != kind:
            raise EvidenceError(
                f"the plan reads the column `{name}` both as {kinds[name]} and as {kind}",
                where=where,
                hint="give the dimension `bins`, or the feature `values`"
                if layout.label is None or name not in layout.label.labels
                else "it is the label: name another column as `data.label`, or take it from `features`",
            )

    if layout.features:
        for column in plan.features.columns:
            want(column.name, "text" if column.text or column.values else "number")
    if layout.label:
        classes = None if plan.output.kind in LABELS else plan.output.classes
        words = classes or (layout.label.positive,)
        for name in layout.label.labels:
            want(name, "text" if isinstance(words[0], str) else "number")
    for dimension in layout.dimensions:
        want(dimension.column, "number" if dimension.bins else "text")
    if layout.periods:
        want(layout.periods.column.column, "day")
    if layout.weight:
        want(layout.weight, "number")
    if layout.forecast:
        for name, kind in forecast_kinds(layout.forecast).items():
            want(name, kind)
    for alike in (layout.cluster, layout.query):
        if alike:
            want(alike, "text")
    return kinds


def _assemble(batch: Batch, plan: Plan, layout: Layout, dtype: Any, source: Source, start: int) -> Rows:
    where = source.where
    columns = plan.features.columns if layout.features else ()
    numeric = [column for column in columns if not column.text]
    numbers = np.empty((batch.rows, len(numeric)), dtype=dtype)
    for position, column in enumerate(numeric):
        numbers[:, position] = _feature(batch, column, where)
    texts = {c.name: _texts(batch.words[c.name]) for c in columns if c.text}
    named = [(column.name, 1) for column in numeric]
    shapes: tuple[tuple[int, ...], ...] = ()
    if layout.features and plan.features.arrays:
        parts = [batch.arrays[item.name] for item in plan.features.arrays]
        if source.format == "images":
            parts = [laid_out(part, item.channels) for part, item in zip(parts, plan.features.arrays, strict=True)]
        shapes = tuple(part.shape[1:] for part in parts)
        named = [(item.name, math.prod(shape)) for item, shape in zip(plan.features.arrays, shapes, strict=True)]
        numbers = np.concatenate(
            [part.reshape(batch.rows, -1) for part in parts], axis=1, dtype=dtype, casting="unsafe"
        )
    labels, known = labels_of(batch, layout.label, plan.output, where) if layout.label else (None, None)
    groups = {dimension.label: _group(batch, dimension, where) for dimension in layout.dimensions}
    if layout.periods:
        groups[PERIOD] = layout.periods.coded(batch)
    if layout.cluster:
        groups[CLUSTER] = batch.words[layout.cluster]
    weights = _weights(batch, layout.weight, where, start) if layout.weight else None
    if weights is not None:
        known = ~np.isnan(weights) if known is None else known & ~np.isnan(weights)
    if layout.query:
        groups[QUERY] = batch.words[layout.query]
        known = groups[QUERY].codes >= 0 if known is None else known & (groups[QUERY].codes >= 0)
    if layout.forecast:
        found, told = placed(batch, layout.forecast, where, start)
        groups |= found
        known = told if known is None else known & told
    inputs = Inputs(numbers, texts, shapes)
    if not layout.whole:
        named, numbers, texts = [], numbers[:, :0], {}
    scored = plan.data.missing == "score"
    if scored:
        some = np.asarray(np.isnan(numbers).any(axis=1), dtype=np.int32)
        groups[GAPS] = Coded(some, ["none", "some"])
    bad = _gaps(numbers, texts, known, scored=scored)
    if bad is None:
        return Rows(inputs, labels, groups, 0, {}, weights=weights)
    if plan.data.missing == "error":
        if weights is not None and layout.weight:
            texts = texts | {layout.weight: np.array([None if gap else "" for gap in np.isnan(weights)], dtype=object)}
        raise _gap_error(int(np.flatnonzero(bad)[0]), named, numbers, texts, where, start)
    return Rows(
        inputs.take(~bad),
        None if labels is None else labels[~bad],
        {name: Coded(coded.codes[~bad], coded.words) for name, coded in groups.items()},
        int(bad.sum()),
        {name: Coded(coded.codes[bad], coded.words) for name, coded in groups.items()},
        inputs.take(bad),
        None if weights is None else weights[~bad],
    )


def _weights(batch: Batch, column: str, where: str, start: int) -> NDArray[np.float64]:
    """The weight of each row, NaN where it is blank. Raises EvidenceError for one below 0, and an infinite one."""
    weights = batch.numbers[column]
    wrong = (weights < 0) | np.isinf(weights)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise EvidenceError(
            f"`{weights[row]:g}` in the column `{column}` is no weight (data row {start + row + 1})",
            where=where,
            hint="a weight is a finite number from 0 up",
        )
    return weights


def _group(batch: Batch, dimension: Dimension, where: str) -> Coded:
    """The group of each row. Raises EvidenceError for a word that no record can hold as the name of a group."""
    if dimension.bins is None:
        words = batch.words[dimension.column]
        named = np.array([_SAID.sub("", word).casefold() not in NO_GROUP for word in words.words] + [False])
        for word in itertools.compress(words.words, named):
            if len(word) > LONGEST_GROUP or not word.isprintable() or word != word.rstrip():
                raise EvidenceError(
                    f"`{ascii(word[:60])[1:-1]}` in the column `{dimension.column}` is no name of a group",
                    where=where,
                    hint=f"it has at most {LONGEST_GROUP} characters, all printable, and ends with no space; or give "
                    "the column `bins`",
                )
        return Coded(np.where(named[words.codes], words.codes, -1).astype(np.int32), words.words)
    values = batch.numbers[dimension.column]
    codes = np.searchsorted(np.asarray(dimension.bins), values, side="right").astype(np.int32)
    codes[np.isnan(values)] = -1
    edges = [f"{edge:g}" for edge in dimension.bins]
    inner = [f"{low} to {high}" for low, high in itertools.pairwise(edges)]
    return Coded(codes, [f"< {edges[0]}", *inner, f">= {edges[-1]}"])


def _gaps(
    numbers: NDArray[Any],
    texts: dict[str, NDArray[np.object_]],
    known: NDArray[np.bool_] | None,
    *,
    scored: bool,
) -> NDArray[np.bool_] | None:
    """Mask of the rows with a gap, None where there is none; a missing number is none where such rows are `scored`.

    A sum finds out most cheaply that all is finite.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        finite = bool(np.isfinite(numbers.sum(dtype=np.float64)))
    bad = np.zeros(len(numbers), dtype=np.bool_)
    if not finite:
        bad |= np.isinf(numbers).any(axis=1) if scored else ~np.isfinite(numbers).all(axis=1)
    for text in texts.values():
        bad |= encoded(text).codes < 0
    if known is not None:
        bad |= ~known
    return bad if bad.any() else None


def _gap_error(
    row: int,
    named: list[tuple[str, int]],
    numbers: NDArray[Any],
    texts: dict[str, NDArray[np.object_]],
    where: str,
    start: int,
) -> EvidenceError:
    """The first row with a gap and where in it; `named` are the features and how many of the numbers each holds."""
    ends = np.cumsum([width for _, width in named], dtype=np.int64)
    holders = np.unique(np.searchsorted(ends, np.flatnonzero(~np.isfinite(numbers[row])), side="right"))
    names = [named[place][0] for place in holders]
    names += [name for name, text in texts.items() if text[row] is None]
    what = ", ".join(f"`{name}`" for name in names[:5]) or "the label or what its row belongs to"
    return EvidenceError(
        f"no finite value for {what} in data row {start + row + 1}",
        where=where,
        hint="fill the gap, or set `data.missing: exclude` to leave such rows out and have them counted",
    )


def _feature(batch: Batch, column: FeatureColumn, where: str) -> NDArray[np.float64]:
    if not column.values:
        return batch.numbers[column.name]
    mapping = column.values

    def number(word: str) -> float:
        if word not in mapping:
            known = ", ".join(f"`{value}`" for value in list(mapping)[:10])
            raise EvidenceError(
                f"`{word[:60]}` in the column `{column.name}` is none of {known}",
                where=where,
                hint="give the word a number in `values`, or mend the row",
            )
        return float(mapping[word])

    return _look_up(batch.words[column.name], [*map(number, batch.words[column.name].words)], np.nan)


def labels_of(batch: Batch, data: TestData, output: Output, where: str) -> tuple[Labels, NDArray[np.bool_]]:
    """What is true of each row, and whether that is known. Raises EvidenceError for a value that is no class."""
    columns = data.labels
    if output.kind in NUMBER:
        values = batch.numbers[columns[0]]
        if output.kind in RANKING and ((values < 0) | (values > LARGEST_GRADE)).any():
            raise EvidenceError(
                f"the label column `{columns[0]}` holds a relevance that lies not from 0 to {LARGEST_GRADE}",
                where=where,
                hint="grade relevance from 0, not relevant, upwards",
            )
        return values, np.isfinite(values)
    of_one = output.classes is not None and output.kind not in LABELS
    words: tuple[Any, ...] = output.classes if of_one and output.classes else (data.negative, data.positive)
    places = [_places(batch, column, data, words, where) for column in columns]
    place = places[0] if output.kind not in LABELS else np.column_stack(places)
    codes = np.where(np.isnan(place), 0, place).astype(np.int64)
    known: NDArray[np.bool_] = np.asarray(~np.isnan(place.reshape(batch.rows, -1)).any(axis=1))
    return (codes if of_one else np.asarray(codes == 1)), known


def _places(batch: Batch, column: str, data: TestData, words: tuple[Any, ...], where: str) -> NDArray[np.float64]:
    """Which of the words stands in each row of a label column; NaN where none does."""
    if isinstance(words[0], str):
        coded = batch.words[column]
        for word in coded.words:
            if word not in words:
                raise _strange_label(word[:60], column, data, words, where)
        return _look_up(coded, [float(words.index(word)) for word in coded.words], np.nan)
    values = batch.numbers[column]
    place = np.full(len(values), np.nan)
    for code, number in enumerate(words):
        place[values == number] = code
    strange = np.isnan(place) & ~np.isnan(values)
    if strange.any():
        raise _strange_label(f"{values[strange][0]:g}", column, data, words, where)
    return place


def _strange_label(value: str, column: str, data: TestData, words: tuple[Any, ...], where: str) -> EvidenceError:
    if data.positive is not None:
        listed = f"neither `{data.positive}` nor `{data.negative}`"
        hint = "mend the row, or name the two values in `data.positive` and `data.negative`"
    else:
        listed = f"none of {', '.join(f'`{word}`' for word in words[:20])}"
        hint = "mend the row, or name every class in `output.classes`"
    return EvidenceError(f"`{value}` in the label column `{column}` is {listed}", where=where, hint=hint)


def _look_up(coded: Coded, values: list[float], gap: float) -> NDArray[np.float64]:
    # Code -1, a gap, reads the last entry.
    return np.asarray([*values, gap], dtype=np.float64)[coded.codes]


def _texts(coded: Coded) -> NDArray[np.object_]:
    return np.asarray([*coded.words, None], dtype=object)[coded.codes]
