"""The ONNX model under test behind one function: features in, scores and abstentions out. Sandboxed child only."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.child.scan import Scan, TensorInfo
from evidence.validation.plan import Features, Output, Plan

PROVIDERS = ("CPUExecutionProvider",)
HAIR = 1e-5
"""How far outside 0 to 1 a score may lie and count as rounding: some hundred steps of single precision."""
_NUMBERS = {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "bool"}


class RefusedInputError(EvidenceError):
    """The runtime answered an input with an error: the input was turned down (or the model is broken)."""


@dataclass(frozen=True)
class Inputs:
    """Model input rows: `numbers` (rows, numeric columns) and `texts`, one object array (rows,) a text column."""

    numbers: NDArray[np.floating[Any]]
    texts: dict[str, NDArray[np.object_]]

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: NDArray[np.integer[Any]] | NDArray[np.bool_] | slice) -> "Inputs":
        """The rows of a mask, of indexes or of a slice."""
        return Inputs(self.numbers[rows], {name: text[rows] for name, text in self.texts.items()})

    def with_numbers(self, numbers: NDArray[np.floating[Any]]) -> "Inputs":
        """The same rows with other numbers."""
        return Inputs(numbers.astype(self.numbers.dtype, copy=False), self.texts)


@dataclass(frozen=True)
class Answer:
    """What the model said: `scores` (rows,) float64, the probability of the positive class (0 or 1 where it only gives
    labels), NaN where it abstained; `abstained` (rows,); `raw` the bytes of every output; `clipped` the number of
    scores that lay a hair outside 0 to 1, as sums in single precision do, and were set to the nearer end."""

    scores: NDArray[np.float64]
    abstained: NDArray[np.bool_]
    outputs: tuple[NDArray[Any], ...]
    clipped: int = 0

    @property
    def raw(self) -> bytes:
        """Every output, byte for byte, to compare two answers."""
        return b"".join(
            repr(part.tolist()).encode() if part.dtype == object else np.ascontiguousarray(part).tobytes()
            for part in self.outputs
        )


class Model:
    """A loaded model. One thread, CPU only, no operator libraries, no files: it is loaded from its bytes."""

    def __init__(self, data: bytes, scan: Scan, plan: Plan) -> None:
        """Raises EvidenceError where the runtime refuses the model, or plan and model do not fit together."""
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
        self._output: Output = plan.output
        try:
            self._session = ort.InferenceSession(data, options, providers=list(PROVIDERS))
        except Exception as cause:  # the runtime's exceptions have no common class of their own
            raise EvidenceError(_said("the model cannot be loaded", cause, scan), where=self._where) from None
        self.providers: tuple[str, ...] = tuple(self._session.get_providers())
        scored = next(item.dtype for item in scan.outputs if item.name == plan.output.name)
        self.eps = float(np.finfo(scored if scored.startswith("float") else "float64").eps)
        """Distance that the numbers of the output keep from 1."""
        self._inputs = {item.name: item for item in scan.inputs}
        abstain = plan.output.abstain
        self._names = [plan.output.name]
        if abstain and abstain.output and abstain.output != plan.output.name:
            self._names.append(abstain.output)
        kinds = {self._inputs[name].dtype for name in self._number_inputs()}
        self.dtype: Any = np.float32 if kinds <= {"float32", "float16"} else np.float64

    def check_whole(self, inputs: Inputs) -> None:
        """Raises EvidenceError where an input of whole numbers would get fractions."""
        names = self._number_inputs()
        for position in range(inputs.numbers.shape[1]):
            info = self._inputs[names[min(position, len(names) - 1)]]
            values = inputs.numbers[:, position]
            if not info.dtype.startswith("float") and (values != np.rint(values)).any():
                raise EvidenceError(
                    f"the input `{info.name}` takes {info.dtype}, the data hold fractions",
                    where=self._where,
                    hint="export the model with a float input, or round the column",
                )

    def answer(self, inputs: Inputs) -> Answer:
        """Scores of some rows. Raises EvidenceError where the runtime fails or the output has another shape."""
        outputs = self._run(self._feeds(inputs))
        return self._read(tuple(np.asarray(part) for part in outputs), len(inputs))

    def answer_malformed(self, rows: NDArray[Any], texts: dict[str, NDArray[np.object_]]) -> Answer:
        """As `answer`, for numbers of the wrong type, width or rank: the runtime or the model has to turn them down.

        An output of another shape is still an answer: scores of NaN.
        """
        names = self._number_inputs()
        if self._features.layout == "tensor":
            feeds: dict[str, Any] = {names[0]: self._retyped(rows, names[0])}
        else:
            width = rows.shape[-1]
            feeds = {name: self._retyped(rows[..., position], name) for position, name in enumerate(names[:width])}
            if width > len(names):
                feeds["one_too_many"] = rows[..., -1]
            feeds |= {c.input or c.name: texts[c.name].reshape(-1, 1) for c in self._features.columns if c.text}
        outputs = self._run(feeds)
        try:
            return self._read(tuple(np.asarray(part) for part in outputs), len(rows))
        except EvidenceError:
            return Answer(np.full(len(rows), np.nan), np.zeros(len(rows), dtype=np.bool_), ())

    def _retyped(self, rows: NDArray[Any], name: str) -> NDArray[Any]:
        return _cast(rows, self._inputs[name]) if np.issubdtype(rows.dtype, np.number) else rows.astype(object)

    def _run(self, feeds: dict[str, Any]) -> list[Any]:
        try:
            outputs: list[Any] = self._session.run(self._names, feeds)
        except Exception as cause:  # as above
            kind = EvidenceError if _out_of_memory(cause) else RefusedInputError
            raise kind(_said("the model failed", cause), where=self._where) from None
        return outputs

    def _number_inputs(self) -> list[str]:
        if self._features.layout == "tensor":
            return [self._features.input or next(iter(self._inputs))]
        return [column.input or column.name for column in self._features.columns if not column.text]

    def _feeds(self, inputs: Inputs) -> dict[str, Any]:
        if self._features.layout == "tensor":
            name = self._number_inputs()[0]
            return {name: _cast(inputs.numbers, self._inputs[name])}
        feeds: dict[str, Any] = {}
        position = 0
        for column in self._features.columns:
            info = self._inputs[column.input or column.name]
            if column.text:
                values: NDArray[Any] = inputs.texts[column.name]
            else:
                values = _cast(inputs.numbers[:, position], info)
                position += 1
            two_axes = info.shape is None or len(info.shape) == 2
            feeds[info.name] = values.reshape(-1, 1) if two_axes else values
        return feeds

    def _read(self, outputs: tuple[NDArray[Any], ...], rows: int) -> Answer:
        main = self._column(outputs[0], rows)
        if self._output.kind == "label":
            positive: Any = self._output.positive
            scores = (main == positive).astype(np.float64)
        else:
            scores = main.astype(np.float64)
        abstained = np.zeros(rows, dtype=np.bool_)
        if self._output.abstain:
            marks = self._column(outputs[1], rows) if len(outputs) > 1 else main
            abstained = marks == self._output.abstain.value
            scores[abstained] = np.nan
        if self._output.kind == "label":
            return Answer(scores, abstained, outputs)
        cut = np.clip(scores, 0.0, 1.0)
        hair = (scores != cut) & (np.abs(scores - cut) <= HAIR)  # NaN is neither
        return Answer(np.where(hair, cut, scores), abstained, outputs, int(hair.sum()))

    def _column(self, output: NDArray[Any], rows: int) -> NDArray[Any]:
        if output.ndim == 2 and output.shape[0] == rows:
            index = self._output.index if output.shape[1] > 1 else 0
            if index < output.shape[1]:
                return output[:, index]
        elif output.ndim == 1 and output.shape[0] == rows:
            return output
        raise EvidenceError(
            f"the output has the shape {list(output.shape)} for {rows} rows",
            where=self._where,
            hint="`output.name` must give one value, or one value a class, for each row",
        )


def conformance(scan: Scan, plan: Plan) -> list[str]:
    """Where the declared columns, types and outputs differ from the model's own, in words; empty where they fit."""
    return [*_input_problems(scan, plan), *_output_problems(scan, plan)]


def _input_problems(scan: Scan, plan: Plan) -> list[str]:
    inputs = {item.name: item for item in scan.inputs}
    listed = ", ".join(f"`{name}`" for name in inputs)
    features = plan.features
    if features.layout == "tensor":
        if len(inputs) != 1:
            return [f"the model has {len(inputs)} inputs ({listed}), but `features.layout` is tensor"]
        name = features.input or next(iter(inputs))
        if name not in inputs:
            return [f"the model has no input `{name}`, but {listed}"]
        return _tensor_problems(inputs[name], len(features.columns))
    problems = []
    wanted = {column.input or column.name: column for column in features.columns}
    problems += [f"the model has no input `{name}`, but {listed}" for name in wanted if name not in inputs]
    problems += [f"the model's input `{name}` gets no column" for name in inputs if name not in wanted]
    for name in wanted.keys() & inputs.keys():
        info = inputs[name]
        if wanted[name].text != (info.dtype == "string"):
            problems.append(
                f"the input `{name}` takes {info.dtype}; the column `{wanted[name].name}` does not give that"
            )
        elif info.dtype != "string" and info.dtype not in _NUMBERS:
            problems.append(f"the input `{name}` takes {info.dtype}, which no column can give")
        if info.shape and (
            len(info.shape) > 2 or info.shape[0] not in (None,) or info.shape[1:] not in ((), (1,), (None,))
        ):
            problems.append(
                f"the input `{name}` has the shape {_shape(info)}, not one value a row of any number of rows"
            )
    return sorted(problems)


def _tensor_problems(info: TensorInfo, columns: int) -> list[str]:
    if info.dtype not in _NUMBERS:
        return [f"the input `{info.name}` takes {info.dtype}, not numbers"]
    if info.shape is not None and len(info.shape) != 2:
        return [f"the input `{info.name}` has the shape {_shape(info)}, not (rows, columns)"]
    problems = []
    if info.shape and info.shape[0] is not None:
        problems.append(f"the input `{info.name}` takes exactly {info.shape[0]} rows; export it with a free first axis")
    if info.shape and info.shape[1] not in (None, columns):
        problems.append(f"the input `{info.name}` takes {info.shape[1]} columns, the plan gives {columns}")
    return problems


def _output_problems(scan: Scan, plan: Plan) -> list[str]:
    outputs = {item.name: item for item in scan.outputs}
    listed = ", ".join(f"`{name}`" for name in outputs)
    wanted = {plan.output.name}
    if plan.output.abstain and plan.output.abstain.output:
        wanted.add(plan.output.abstain.output)
    problems = []
    for name in sorted(wanted):
        if name not in outputs:
            problems.append(f"the model has no output `{name}`, but {listed}")
        elif outputs[name].dtype in {"sequence", "map", "optional"}:
            problems.append(f"the output `{name}` is a {outputs[name].dtype}, not a tensor (export without ZipMap)")
    return problems


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
