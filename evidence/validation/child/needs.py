"""How much memory a graph needs for the results between its operators, told without running it. Sandboxed child only.

The shapes are inferred for one row, and the operators gone through in their order: a result lies in memory from where
it is made to where it is used last. Weights are no part of it. Results of which no shape can be inferred count as the
largest that is known; what lies inside of loops and branches is not seen.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import helper, shape_inference

LARGE = 1 << 12
"""Bytes from which a weight is nothing that a shape is computed from, and is left out of what is kept of a graph."""
TEXT = 64
"""Bytes taken for a text."""

Shapes = Mapping[str, tuple[int, ...]]
"""The shape of each input of a graph, its first axis being the rows."""


class Needs:
    """What one row takes up in a model, by the shapes of its inputs. Keeps the graph without its weights."""

    def __init__(self, data: bytes) -> None:
        model = onnx.load_model_from_string(data)
        weights = model.graph.initializer
        for place in range(len(weights) - 1, -1, -1):
            weight = weights[place]
            if weight.ByteSize() >= LARGE:
                if all(item.name != weight.name for item in model.graph.input):
                    info = helper.make_tensor_value_info(weight.name, weight.data_type, list(weight.dims))
                    model.graph.input.append(info)
                del weights[place]
        for node in model.graph.node:
            for place in range(len(node.attribute) - 1, -1, -1):
                if node.attribute[place].ByteSize() >= LARGE:
                    del node.attribute[place]
        del model.functions[:], model.training_info[:], model.metadata_props[:]
        self._graph: bytes = model.SerializeToString()
        self._known: dict[tuple[tuple[str, tuple[int, ...]], ...], int] = {}

    def of_row(self, shapes: Shapes) -> int:
        """Bytes that are held at once for one row; 1 at least."""
        key = tuple(sorted((name, shape[1:]) for name, shape in shapes.items()))
        if key not in self._known:
            self._known[key] = max(1, self._infer(dict(key)))
        return self._known[key]

    def _infer(self, entries: dict[str, tuple[int, ...]]) -> int:
        model = onnx.load_model_from_string(self._graph)
        for item in model.graph.input:
            if item.name in entries and item.type.HasField("tensor_type"):
                shape = helper.make_tensor_type_proto(
                    item.type.tensor_type.elem_type, [1, *entries[item.name]]
                ).tensor_type.shape
                item.type.tensor_type.shape.CopyFrom(shape)
        del model.graph.value_info[:]  # shapes of many rows, or of none
        for item in model.graph.output:
            if item.type.HasField("tensor_type"):
                item.type.tensor_type.ClearField("shape")
        try:
            graph = shape_inference.infer_shapes(model, data_prop=True).graph
        except (shape_inference.InferenceError, RuntimeError, ValueError):
            graph = model.graph
        infos = [*graph.value_info, *graph.output, *(item for item in graph.input if item.name in entries)]
        return _peak(graph, entries, {info.name: size for info in infos if (size := _size(info)) is not None})


def _size(info: Any) -> int | None:
    """Bytes of a tensor; None where that is not known."""
    tensor = info.type.tensor_type
    if not info.type.HasField("tensor_type") or not tensor.HasField("shape"):
        return None
    if any(dim.WhichOneof("value") != "dim_value" for dim in tensor.shape.dim):
        return None
    if tensor.elem_type == onnx.TensorProto.STRING:
        width = TEXT
    else:
        try:
            width = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.elem_type)).itemsize
        except KeyError:
            return None
    size = width
    for dim in tensor.shape.dim:
        size *= max(0, int(dim.dim_value))
    return size


def _peak(graph: Any, entries: Mapping[str, Any], sizes: Mapping[str, int]) -> int:
    """The most that inputs and results take up at once."""
    unknown = max(sizes.values(), default=0)
    last = {name: place for place, node in enumerate(graph.node) for name in node.input}
    last |= dict.fromkeys((item.name for item in graph.output), len(graph.node))
    held = sum(sizes.get(name, unknown) for name in entries)
    most, alive = held, set[str]()
    for place, node in enumerate(graph.node):
        made = {name for name in node.output if name}
        alive |= made
        held += sum(sizes.get(name, unknown) for name in made)
        most = max(most, held)
        done = {name for name in {*node.input, *made} & alive if last.get(name, -1) <= place}
        alive -= done
        held -= sum(sizes.get(name, unknown) for name in done)
    return most
