"""The ONNX model under test behind one function: features in, scores and abstentions out. Sandboxed child only."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.child.answers import Answer, Reader, output_problems
from evidence.validation.child.needs import Needs
from evidence.validation.child.scan import Scan, TensorInfo
from evidence.validation.plan.inputs import ArrayInput, FeatureColumn, Features
from evidence.validation.plan.model import Plan

PROVIDERS = ("CPUExecutionProvider",)
RUN_BYTES = 32 << 20
"""Memory that the results between a graph's operators are meant for, as far as it can be known beforehand."""
LEAST_ROWS = 8
"""Rows that a graph gets at a time at least: more than the batches in which it is tried beside the whole."""
_SINGLE = {"float16", "float32", "int8", "int16", "uint8", "uint16", "bool"}
"""Types whose every number a 32-bit float holds."""
_NUMBERS = _SINGLE | {"float64", "int32", "int64", "uint32"}


class RefusedInputError(EvidenceError):
    """The runtime answered an input with an error: the input was turned down (or the model is broken)."""


@dataclass(frozen=True)
class Inputs:
    """Model input rows: `numbers` (rows, numeric columns) and `texts`, one object array (rows,) a text column.

    Of arrays `numbers` holds the entries, laid flat one array after the other; `shapes` are those of an entry of each.
    """

    numbers: NDArray[np.floating[Any]]
    texts: dict[str, NDArray[np.object_]]
    shapes: tuple[tuple[int, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: NDArray[np.integer[Any]] | NDArray[np.bool_] | slice) -> "Inputs":
        """The rows of a mask, of indexes or of a slice."""
        return Inputs(self.numbers[rows], {name: text[rows] for name, text in self.texts.items()}, self.shapes)

    def described(self) -> NDArray[np.floating[Any]]:
        """The numbers of each row by which drift and associations are told (see `Features.described`)."""
        if not self.shapes:
            return self.numbers
        parts, position = [], 0
        for shape in self.shapes:
            entries = self.numbers[:, position : position + int(np.prod(shape))].astype(np.float64)
            parts += [entries.mean(axis=1), entries.std(axis=1)]
            position += entries.shape[1]
        return np.column_stack(parts)

    def with_numbers(self, numbers: NDArray[np.floating[Any]]) -> "Inputs":
        """The same rows with other numbers."""
        return Inputs(numbers.astype(self.numbers.dtype, copy=False), self.texts, self.shapes)


class Model:
    """A loaded model. One thread, CPU only, no operator libraries, no files: it is loaded from its bytes."""

    def __init__(self, data: bytes, scan: Scan, plan: Plan, needs: Needs | None = None) -> None:
        """`needs` are those of the same model.

        Raises EvidenceError where the runtime refuses the model, or plan and model do not fit together."""
        problems = conformance(scan, plan)
        if problems:
            raise EvidenceError(
                "; ".join(problems), where=plan.model.path, hint="mend `features` or `output` of the plan"
            )
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        # Else the runtime takes its own format where the bytes look like it, whatever was scanned.
        options.add_session_config_entry("session.load_model_format", "ONNX")
        # Without the arena, memory goes back after each batch.
        options.enable_cpu_mem_arena = False
        self._where = plan.model.path
        self._features: Features = plan.features
        self._reader = Reader(plan.output, plan.model.path)
        try:
            self._session = ort.InferenceSession(data, options, providers=list(PROVIDERS))
        except Exception as cause:  # the runtime's exceptions have no common class of their own
            raise EvidenceError(_said("the model cannot be loaded", cause, scan), where=self._where) from None
        self.providers: tuple[str, ...] = tuple(self._session.get_providers())
        scored = next(item.dtype for item in scan.outputs if item.name == plan.output.name)
        scored = "float32" if scored == "sequence" else scored  # the scores of a ZipMap
        self.eps = float(np.finfo(scored if scored.startswith("float") else "float64").eps)
        """Distance that the numbers of the output keep from 1."""
        self._inputs = {item.name: item for item in scan.inputs}
        self._feeding = feeding(plan.features, self._inputs)
        self._batch = fixed_batch(scan)
        self._needs = needs or Needs(data)
        kinds = {self._inputs[feed.input].dtype for feed in self._feeding if not feed.text}
        self.dtype: Any = np.float32 if kinds <= _SINGLE else np.float64

    @property
    def laid_out(self) -> dict[str, range]:
        """Which numbers of a row are the columns of each input that gets columns of numbers, not arrays."""
        found, position = {}, 0
        for feed in self._feeding:
            if not feed.text and feed.array is None:
                found[feed.input] = range(position, position + len(feed.columns))
                position += len(feed.columns)
        return found

    @property
    def takes_ids(self) -> bool:
        """Whether an input takes whole numbers of many digits: ids of words, not shades of a picture."""
        return any(self._inputs[feed.input].dtype in ("int32", "int64", "uint32") for feed in self._feeding)

    def check_whole(self, inputs: Inputs) -> None:
        """Raises EvidenceError where an input of whole numbers would get fractions, or a gap, which it cannot hold."""
        for feed, part in self._numbers(inputs.numbers, inputs.shapes):
            info = self._inputs[feed.input]
            if info.dtype.startswith("float"):
                continue
            if np.isnan(part).any():
                raise EvidenceError(
                    f"the input `{info.name}` takes {info.dtype}, which has no missing value, the data have gaps",
                    where=self._where,
                    hint="set `data.missing: exclude`, or export the model with a float input",
                )
            if (part != np.rint(part)).any():
                raise EvidenceError(
                    f"the input `{info.name}` takes {info.dtype}, the data hold fractions",
                    where=self._where,
                    hint="export the model with a float input, or round the column",
                )

    def answer(self, inputs: Inputs) -> Answer:
        """What the model says of some rows.

        It gets as many at a time as the memory for its results between the operators is meant for. A graph of a fixed
        batch gets so many, the last of them repeated to fill up. Raises EvidenceError where the runtime fails or an
        output has another shape than its kind.
        """
        step = self._batch or self._rows_at_once(inputs)
        if self._batch is None and len(inputs) <= step:
            return self._reader.read(self._run(self.feeds(inputs)), len(inputs))
        parts: list[list[Any]] = []
        for start in range(0, len(inputs), step):
            kept = min(step, len(inputs) - start)
            rows: Any = slice(start, start + kept)
            if kept < step and self._batch is not None:
                rows = np.minimum(np.arange(start, start + step), len(inputs) - 1)
            outputs = self._run(self.feeds(inputs.take(rows)))
            parts.append([part[:kept] for part in outputs] if self._batch is not None else outputs)
        return self._reader.read([self._joined(column) for column in zip(*parts, strict=True)], len(inputs))

    def _joined(self, parts: tuple[Any, ...]) -> Any:
        """An output of several batches as one: an array, or the rows of a ZipMap."""
        if isinstance(parts[0], list):
            return list(chain.from_iterable(parts))
        shapes = {np.shape(part)[1:] for part in parts}
        if len(shapes) > 1 or not all(np.ndim(part) for part in parts):
            raise EvidenceError(
                f"an output has the shape {list(np.shape(parts[0]))} in one batch and {list(np.shape(parts[-1]))} "
                "in another",
                where=self._where,
                hint="export the model so that each row has its answer",
            )
        return np.concatenate(parts)

    def _rows_at_once(self, inputs: Inputs) -> int:
        shapes = {name: np.shape(part) for name, part in self.feeds(inputs.take(slice(0, 1))).items()}
        return max(LEAST_ROWS, RUN_BYTES // self._needs.of_row(shapes))

    def answer_malformed(self, rows: NDArray[Any], inputs: Inputs) -> Answer:
        """As `answer`, for numbers of the wrong type, width or rank: the runtime or the model has to turn them down.

        Texts and shapes are those of `inputs`, which has as many rows. An output of another shape is still an answer:
        scores of NaN.
        """
        count = len(rows)
        if self._batch is not None:  # so that it is not turned down for its few rows
            fill = np.minimum(np.arange(self._batch), count - 1)
            rows, inputs = rows[fill], inputs.take(fill)
        feeds: dict[str, Any] = {}
        left = [feed for feed in self._feeding if not feed.text]
        for feed in self._feeding:
            if feed.text:
                feeds[feed.input] = np.column_stack([inputs.texts[name] for name in feed.columns])
                continue
            width = feed.width(inputs.shapes)
            # The last input gets one column too many, or too few.
            part, rows = (rows, rows) if feed is left[-1] else (rows[..., :width], rows[..., width:])
            number = np.issubdtype(part.dtype, np.number)
            typed = _cast(part, self._inputs[feed.input]) if number else part.astype(object)
            feeds[feed.input] = typed[..., 0] if feed.flat and part.shape[-1] == 1 else typed
        outputs = self._run(feeds)
        try:
            return self._reader.read([part[:count] for part in outputs], count)
        except EvidenceError:
            return Answer(np.full(count, np.nan), np.zeros(count, dtype=np.bool_), ())

    def _run(self, feeds: dict[str, Any]) -> list[Any]:
        try:
            outputs: list[Any] = self._session.run(self._reader.names, feeds)
        except Exception as cause:  # as above
            kind = EvidenceError if _out_of_memory(cause) else RefusedInputError
            raise kind(_said("the model failed", cause), where=self._where) from None
        return outputs

    def _numbers(
        self, numbers: NDArray[Any], shapes: tuple[tuple[int, ...], ...]
    ) -> Iterator[tuple["Feed", NDArray[Any]]]:
        """The numeric columns of each input."""
        position = 0
        for feed in self._feeding:
            if not feed.text:
                width = feed.width(shapes)
                yield feed, numbers[:, position : position + width]
                position += width

    def feeds(self, inputs: Inputs) -> dict[str, Any]:
        """What each input of the graph gets for some rows."""
        feeds: dict[str, Any] = {}
        for feed, part in self._numbers(inputs.numbers, inputs.shapes):
            info = self._inputs[feed.input]
            if feed.array is not None:
                entries = part.reshape(len(inputs), *inputs.shapes[feed.place])
                feeds[feed.input] = _cast(_normalised(entries, feed.array), info)
            else:
                feeds[feed.input] = _cast(part[:, 0] if feed.flat else part, info)
        for feed in self._feeding:
            if feed.text:
                texts = np.column_stack([inputs.texts[name] for name in feed.columns])
                feeds[feed.input] = texts[:, 0] if feed.flat else texts
        return feeds


@dataclass(frozen=True)
class Feed:
    """One input of the graph: the columns or the array (the `place`th of the plan) that go into it.

    `flat`: it takes one value a row and has no second axis.
    """

    input: str
    columns: tuple[str, ...] = ()
    text: bool = False
    flat: bool = False
    array: ArrayInput | None = None
    place: int = 0

    def width(self, shapes: tuple[tuple[int, ...], ...]) -> int:
        """Numeric columns that it takes."""
        return len(self.columns) if self.array is None else int(np.prod(shapes[self.place]))


def feeding(features: Features, inputs: dict[str, TensorInfo]) -> tuple[Feed, ...]:
    """What goes into which input, in the order of the numeric columns.

    Columns of one input that do not stand beside each other would change that order: the plan is refused.
    """
    if features.layout == "arrays":
        arrays = enumerate(features.arrays or ())
        return tuple(Feed(item.input or item.name, array=item, place=place) for place, item in arrays)
    if features.layout == "tensor":
        names = tuple(column.name for column in features.columns)
        return (Feed(features.input or next(iter(inputs)), names),)
    joined: dict[str, list[FeatureColumn]] = {}
    for column in features.columns:
        joined.setdefault(column.input or column.name, []).append(column)
    feeds = []
    for name, columns in joined.items():
        info = inputs.get(name)
        flat = info is not None and info.shape is not None and len(info.shape) == 1
        feeds.append(Feed(name, tuple(column.name for column in columns), columns[0].text, flat))
    return tuple(feeds)


def fixed_batch(scan: Scan) -> int | None:
    """How many rows the graph takes at a time; None where that is free."""
    sizes = {item.shape[0] for item in scan.inputs if item.shape}
    return next((size for size in sizes if size is not None), None)


def _normalised(entries: NDArray[Any], array: ArrayInput) -> NDArray[Any]:
    """`(entry * scale - mean) / std`, by channel where there are several."""
    rank = entries.ndim - 1
    axis = [1] * rank
    if rank:
        axis[0 if array.channels == "first" else -1] = -1
    made = entries * np.asarray(array.scale, dtype=entries.dtype) if array.scale is not None else entries
    for numbers, step in ((array.mean, np.subtract), (array.std, np.divide)):
        if numbers is not None:
            made = step(
                made, np.asarray(numbers, dtype=entries.dtype).reshape(axis if len(numbers) > 1 else [1] * rank)
            )
    return made


def conformance(scan: Scan, plan: Plan) -> list[str]:
    """Where the declared columns, types and outputs differ from the model's own, in words; empty where they fit."""
    return [*_input_problems(scan, plan), *output_problems(scan, plan.output)]


def _input_problems(scan: Scan, plan: Plan) -> list[str]:
    inputs = {item.name: item for item in scan.inputs}
    listed = ", ".join(f"`{name}`" for name in inputs)
    features = plan.features
    batches = {item.shape[0] for item in scan.inputs if item.shape and item.shape[0] is not None}
    if len(batches) > 1 or 0 in batches:
        return [f"the inputs {listed} take batches of different sizes; export the model with a free first axis"]
    if features.layout == "tensor":
        if len(inputs) != 1:
            return [f"the model has {len(inputs)} inputs ({listed}), but `features.layout` is tensor"]
        name = features.input or next(iter(inputs))
        if name not in inputs:
            return [f"the model has no input `{name}`, but {listed}"]
        return _tensor_problems(inputs[name], len(features.columns))
    feeds = {feed.input: feed for feed in feeding(features, inputs)}
    problems = [f"the model has no input `{name}`, but {listed}" for name in feeds if name not in inputs]
    what = "array" if features.layout == "arrays" else "column"
    problems += [f"the model's input `{name}` gets no {what}" for name in inputs if name not in feeds]
    if len(feeds) < len(features.arrays or ()):
        problems.append("two of `features.arrays` go into one input")
    for name in feeds.keys() & inputs.keys():
        problems += (
            _array_problems(inputs[name]) if feeds[name].array else _columns_problems(features, feeds[name], inputs)
        )
    return sorted(problems)


def _array_problems(info: TensorInfo) -> list[str]:
    if info.dtype not in _NUMBERS:
        return [f"the input `{info.name}` takes {info.dtype}, which no array can give"]
    return []


def _columns_problems(features: Features, feed: Feed, inputs: dict[str, TensorInfo]) -> list[str]:
    """Where an input that is made of columns does not take them."""
    info, columns = inputs[feed.input], [c for c in features.columns if (c.input or c.name) == feed.input]
    problems = []
    for column in columns:
        if column.text != (info.dtype == "string"):
            problems.append(
                f"the input `{info.name}` takes {info.dtype}; the column `{column.name}` does not give that"
            )
        elif info.dtype != "string" and info.dtype not in _NUMBERS:
            problems.append(f"the input `{info.name}` takes {info.dtype}, which no column can give")
    if info.shape and info.shape[1:] not in ((), (None,), (len(columns),)):
        problems.append(
            f"the input `{info.name}` has the shape {_shape(info)}, the plan gives it {len(columns)} columns"
        )
    elif info.shape and len(info.shape) == 1 and len(columns) > 1:
        problems.append(f"the input `{info.name}` has the shape {_shape(info)}, not (rows, {len(columns)})")
    places = [features.columns.index(column) for column in columns]
    if places != list(range(places[0], places[0] + len(places))):
        problems.append(f"the columns of the input `{info.name}` do not stand beside each other in the plan")
    return problems


def _tensor_problems(info: TensorInfo, columns: int) -> list[str]:
    if info.dtype not in _NUMBERS:
        return [f"the input `{info.name}` takes {info.dtype}, not numbers"]
    if info.shape is not None and len(info.shape) != 2:
        return [f"the input `{info.name}` has the shape {_shape(info)}, not (rows, columns)"]
    if info.shape and info.shape[1] not in (None, columns):
        return [f"the input `{info.name}` takes {info.shape[1]} columns, the plan gives {columns}"]
    return []


def _cast(values: NDArray[Any], info: TensorInfo) -> NDArray[Any]:
    """The values in the input's type; a whole-number input gets the nearest whole number."""
    target = np.dtype(info.dtype)
    if values.dtype == target:
        return values
    if np.issubdtype(target, np.integer) and np.issubdtype(values.dtype, np.floating):
        values = np.rint(values)
    with np.errstate(invalid="ignore"):  # attacks send NaN and infinities here too
        cast: NDArray[Any] = values.astype(target)
    return cast


def _shape(info: TensorInfo) -> str:
    return str(["?" if size is None else size for size in info.shape or ()])


def _out_of_memory(cause: Exception) -> bool:
    return isinstance(cause, MemoryError) or "bad_alloc" in str(cause) or "ailed to allocate" in str(cause)


def _said(problem: str, cause: Exception, scan: Scan | None = None) -> str:
    text = " ".join(str(cause).split())
    if _out_of_memory(cause):
        return f"{problem}: it needs more memory than `budgets.memory_mb` allows"
    custom = f" (custom operators: {', '.join(scan.custom_operators[:5])})" if scan and scan.custom_operators else ""
    return f"{problem}: {text[:400]}{custom}"
