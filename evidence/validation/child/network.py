"""A small network of an ONNX graph as bounds see it. Sandboxed child only.

Understood are Gemm, MatMul, Add, Sub, Mul and Div with constants, Relu, LeakyRelu, Clip, Sigmoid, Tanh, Flatten,
Reshape, Identity, Cast, Concat, and of ai.onnx.ml Scaler, LinearClassifier and LinearRegressor; at the end Softmax,
Sigmoid, ZipMap and, of several classes, Normalizer. Anything else is not bounded, and the reason names it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.validation.child.trees import LINKS, UnreadableError, plain
from evidence.validation.measures.enclosure import Enclosure, sigmoid, tangent
from evidence.validation.measures.intervals import Floats

MAX_WEIGHTS = 20_000_000
"""Numbers of a network's constants, beyond which it is not small."""
_ALIKE = ("Identity", "ZipMap")
_FLOATS = (1, 11)
"""Single and double precision, by ONNX's numbers."""


class Network:
    """The part of a graph that makes the scores. Raises UnreadableError where it is not understood.

    `several`: of the scores the highest is the answer, so that a norm which all share changes nothing.
    """

    def __init__(self, data: bytes, output: str, *, several: bool = False) -> None:
        import onnx

        proto = onnx.load_model_from_string(data)
        if proto.functions:
            raise UnreadableError("the model has functions of its own")
        graph = proto.graph
        self._makers = {name: node for node in graph.node for name in node.output if name}
        tensors = {item.name: item for item in graph.initializer}
        if sum(int(np.prod(item.dims)) for item in tensors.values()) > MAX_WEIGHTS:
            raise UnreadableError("the network is not small")
        self._constants = {name: onnx.numpy_helper.to_array(item) for name, item in tensors.items()}
        self._several = several
        self._name, self.linked = self._before_link(output)

    def bounds(self, low: dict[str, NDArray[Any]], high: dict[str, NDArray[Any]]) -> Enclosure:
        """The sums behind the scores (rows, columns), for inputs of the graph from `low` to `high`."""
        known: dict[str, Enclosure] = {}
        for name, one in low.items():
            if np.issubdtype(one.dtype, np.number):
                ends = one.astype(np.float64), high[name].astype(np.float64)
                known[name] = Enclosure(np.minimum(*ends), np.maximum(*ends))
        try:
            made = self._value(self._name, known, 0)
        except (ValueError, IndexError, KeyError):  # of numpy, where shapes or attributes are not what they should be
            raise UnreadableError("its shapes or attributes do not fit together") from None
        if made.low.ndim != 2:
            raise UnreadableError("the scores are no table")
        return made

    def _before_link(self, name: str) -> tuple[str, bool]:
        """The name of the sums behind an output, and whether a logistic or softmax function stands in between."""
        linked = False
        for _ in range(len(self._makers) + 1):
            node = self._makers.get(name)
            if node is None:
                break
            kind, given = node.op_type, _attributes(node)
            if kind in ("Softmax", "Sigmoid") and not linked:
                if given.get("axis", -1) not in (-1, 1):
                    raise UnreadableError("Softmax is not over the classes")
                linked = True
            elif kind == "LinearClassifier":
                return name, linked or self._link_of(node, name, given)
            elif not (kind in _ALIKE or (kind == "Cast" and given["to"] in _FLOATS) or self._shares_norm(kind, given)):
                break
            name = node.input[0]
        return name, linked

    def _shares_norm(self, kind: str, given: dict[str, Any]) -> bool:
        return self._several and kind == "Normalizer" and given.get("norm", "MAX") in ("L1", "L2")

    @staticmethod
    def _link_of(node: Any, name: str, given: dict[str, Any]) -> bool:
        if name != node.output[1]:
            raise UnreadableError("LinearClassifier gives classes there and no scores")
        if given.get("post_transform", "NONE") not in {"NONE", *LINKS}:
            raise UnreadableError("LinearClassifier transforms its scores")
        return given.get("post_transform", "NONE") in LINKS

    def _value(self, name: str, known: dict[str, Enclosure], depth: int) -> Enclosure:
        if name in known:
            return known[name]
        node = self._makers.get(name)
        if node is None or depth > 200:
            raise UnreadableError("the network is too deep, or reads what are no numbers of a row")
        known[name] = self._made(node, known, depth)
        return known[name]

    def _constant(self, name: str) -> Floats | None:
        """A constant of the graph in double precision; None where it is none."""
        found = self._constants.get(name)
        node = self._makers.get(name)
        if found is None and node is not None and node.op_type == "Constant":
            value = _attributes(node).get("value")
            found = None if value is None else np.asarray(value)
        if found is None or not np.issubdtype(found.dtype, np.number):
            return None
        if np.issubdtype(found.dtype, np.floating) and not np.isfinite(found).all():
            raise UnreadableError("a weight is no finite number")
        if found.dtype == np.float16:
            raise UnreadableError("the weights are in half precision")
        return found.astype(np.float64)

    def _made(self, node: Any, known: dict[str, Enclosure], depth: int) -> Enclosure:
        kind, given = node.op_type, _attributes(node)
        if kind in ("Add", "Sub", "Mul", "Div"):
            return self._arithmetic(kind, node, known, depth)
        if kind == "Concat":
            return self._joined(node, given, known, depth)
        values = self._value(node.input[0], known, depth + 1)
        rows = len(values.low)
        if kind == "Identity" or (kind == "Cast" and given["to"] in _FLOATS):
            return values
        if kind == "Flatten" and given.get("axis", 1) == 1:
            return values.shaped((rows, -1))
        if kind == "Reshape":
            shape = self._needed(node.input[1])
            if len(shape) != 2 or shape[0] not in (-1, 0, rows):
                raise UnreadableError("Reshape mixes rows")
            return values.shaped((rows, -1))
        if kind == "Relu":
            return values.rising(lambda x: np.maximum(x, 0))
        if kind == "LeakyRelu" and 0 <= given.get("alpha", 0.01) <= 1:
            slope = given.get("alpha", 0.01)
            return values.rising(lambda x: np.where(x > 0, x, slope * x))
        if kind == "Clip":
            ends = [self._needed(name) if name else None for name in node.input[1:]]
            low = ends[0] if ends else given.get("min")
            high = ends[1] if len(ends) > 1 else given.get("max")
            return values.rising(lambda x: np.clip(x, low, high))
        if kind == "Sigmoid":
            return sigmoid(values)
        if kind == "Tanh":
            return tangent(values)
        return self._weighted(node, kind, given, values)

    def _weighted(self, node: Any, kind: str, given: dict[str, Any], values: Enclosure) -> Enclosure:
        """The operators that multiply a row with weights."""
        if values.low.ndim != 2:
            raise UnreadableError(f"{kind} gets no table")
        width = values.low.shape[1]
        if kind == "MatMul":
            weights = self._needed(node.input[1])
            if weights.ndim != 2:
                raise UnreadableError("MatMul multiplies with no matrix")
            return values.linear(weights, np.zeros(weights.shape[1]))
        if kind == "Gemm" and not given.get("transA"):
            weights = self._needed(node.input[1]) * given.get("alpha", 1.0)
            weights = weights.T if given.get("transB") else weights
            offset = self._needed(node.input[2]) if len(node.input) > 2 and node.input[2] else np.zeros(1)
            return values.linear(weights, np.broadcast_to(offset * given.get("beta", 1.0), (weights.shape[1],)))
        if kind == "Scaler":
            offset, scale = (np.broadcast_to(np.asarray(given[name]), (width,)) for name in ("offset", "scale"))
            return values.shifted(-offset).scaled(scale)
        if kind in ("LinearClassifier", "LinearRegressor"):
            weights = np.asarray(given["coefficients"]).reshape(-1, width).T
            offset = np.asarray(given.get("intercepts") or np.zeros(weights.shape[1]))
            if kind == "LinearRegressor" and given.get("post_transform", "NONE") != "NONE":
                raise UnreadableError("LinearRegressor transforms its values")
            return values.linear(weights, offset)
        raise UnreadableError(f"nothing is known of what {kind} does to bounds")

    def _arithmetic(self, kind: str, node: Any, known: dict[str, Enclosure], depth: int) -> Enclosure:
        one, two = (self._constant(name) for name in node.input)
        if one is not None and kind in ("Add", "Mul"):
            one, two, name = two, one, node.input[1]
        else:
            name = node.input[0]
        values = self._value(name, known, depth + 1)
        if two is None:
            other = self._value(node.input[1], known, depth + 1)
            if kind in ("Add", "Sub") and other.low.shape == values.low.shape:
                return values.plus(other if kind == "Add" else other.scaled(np.asarray(-1.0)))
            raise UnreadableError(f"{kind} of two numbers that both vary is not bounded")
        if two.ndim > values.low.ndim or (two.ndim == values.low.ndim and two.shape[0] != 1):
            raise UnreadableError(f"{kind} treats rows differently")
        if kind in ("Add", "Sub"):
            return values.shifted(two.reshape(two.shape[-values.low.ndim + 1 :]) * (1.0 if kind == "Add" else -1.0))
        if kind == "Div" and not (two != 0).all():
            raise UnreadableError("Div divides by zero")
        return values.scaled(two if kind == "Mul" else 1 / two)

    def _joined(self, node: Any, given: dict[str, Any], known: dict[str, Enclosure], depth: int) -> Enclosure:
        if given.get("axis") not in (1, -1):
            raise UnreadableError("Concat joins rows")
        parts = [self._value(name, known, depth + 1) for name in node.input]
        if any(part.low.ndim != 2 for part in parts):
            raise UnreadableError("Concat joins what is no table")
        low, high = (np.concatenate([getattr(part, end) for part in parts], axis=1) for end in ("low", "high"))
        return Enclosure(low, high)

    def _needed(self, name: str) -> Floats:
        found = self._constant(name)
        if found is None:
            raise UnreadableError("a weight is no constant of the graph")
        return found


def _attributes(node: Any) -> dict[str, Any]:
    import onnx

    return {item.name: plain(onnx.helper.get_attribute_value(item)) for item in node.attribute}
