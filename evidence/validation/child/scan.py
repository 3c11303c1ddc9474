"""What a model file holds, found by parsing it and never by running it. Runs in the sandboxed child only.

Found: format, operator sets, operators from outside the ONNX standard, files outside the model file that it refers to,
executable content (pickle, zip, ELF, Mach-O, PE, scripts, also inside tensors), inputs and outputs, and text that looks
like personal data. Licence, encryption and the like are in no file: the plan declares them.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from pydantic import Field, ValidationError

from evidence.model.base import Frozen, Int
from evidence.model.errors import EvidenceError
from evidence.validation.child.family import Family, family_of

STANDARD_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training"}
"""Operator domains of the ONNX standard (https://github.com/onnx/onnx/blob/main/docs/Operators.md)."""
PYTHON_DOMAIN = "ai.onnx.contrib"
"""Domain of onnxruntime-extensions, whose PyOp runs Python code."""
MAX_DEPTH = 16
MAX_NODES = 2_000_000

_FILE_HEADS = (
    (b"\x7fELF", "elf"),
    (b"\xfe\xed\xfa\xce", "mach-o"),
    (b"\xfe\xed\xfa\xcf", "mach-o"),
    (b"\xce\xfa\xed\xfe", "mach-o"),
    (b"\xcf\xfa\xed\xfe", "mach-o"),
    (b"\xca\xfe\xba\xbe", "mach-o"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"#!", "script"),
    (b"MZ", "pe"),
    (b"\x93NUMPY", "numpy"),
)
_RUNS = {"elf": "ELF program", "mach-o": "Mach-O program", "zip": "zip archive", "script": "script", "pe": "PE program"}
_PERSONAL = re.compile(
    rb"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}"  # e-mail address
    rb"|\b\d{3}-\d{2}-\d{4}\b"  # US social security number
    rb"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"  # IBAN
)


class TensorInfo(Frozen):
    """An input or output of the graph: `shape` has None where the size is free; None in whole where it is not said."""

    name: str
    dtype: str
    shape: tuple[Int | None, ...] | None = None


class Scan(Frozen):
    """What was found in a model file."""

    format: str
    ir_version: Int | None = None
    opset: Int | None = None
    executable_content: tuple[str, ...] = ()
    custom_operators: tuple[str, ...] = ()
    external_data: tuple[str, ...] = ()
    """Every outside file that holds weights, as written in the model."""
    inputs: tuple[TensorInfo, ...] = ()
    outputs: tuple[TensorInfo, ...] = ()
    makers: dict[str, str] = Field(default_factory=dict)
    """By output the operator whose numbers it holds, those that only pass numbers on left out."""
    family: Family = "other"
    nodes: Int = 0
    pii_scan_hits: Int = 0

    @property
    def escaping_data(self) -> tuple[str, ...]:
        """Outside files that are not within the model's folder."""
        return tuple(path for path in self.external_data if _escapes(path))


def scan_model(data: bytes) -> Scan:
    """The structure of a model file; a file that is no ONNX model has `format` accordingly and nothing else.

    Raises EvidenceError for an ONNX file that is cut off, nested deeper than 16 graphs or beyond 2 million nodes.
    """
    if kind := _file_kind(data):
        return Scan(format=kind, executable_content=_content_of(kind))
    model = _parse(data)
    if model is None or not (model.HasField("graph") and model.ir_version and model.opset_import):
        return Scan(format="unknown")
    try:
        return _structure(model)
    except ValidationError:  # protobuf hands out bytes for a text that is not UTF-8, which no ONNX model has
        return Scan(format="unknown")


def _structure(model: Any) -> Scan:
    functions = {(item.domain, item.name) for item in model.functions}
    custom: set[str] = set()
    executable: set[str] = set()
    external: set[str] = set()
    nodes = 0
    for graph, depth in _graphs(model):
        if depth > MAX_DEPTH:
            raise EvidenceError(f"graphs nested deeper than {MAX_DEPTH} levels")
        for node in graph.node:
            nodes += 1
            if nodes > MAX_NODES:
                raise EvidenceError(f"more than {MAX_NODES} operators")
            if node.domain not in STANDARD_DOMAINS and (node.domain, node.op_type) not in functions:
                custom.add(f"{node.domain}:{node.op_type}")
            if node.domain == PYTHON_DOMAIN and node.op_type == "PyOp":
                executable.add("Python operator")
        for tensor in _tensors(graph):
            external.update(_locations(tensor))
            executable.update(_embedded(tensor))
    return Scan(
        format="onnx",
        ir_version=int(model.ir_version),
        opset=next((int(item.version) for item in model.opset_import if item.domain in {"", "ai.onnx"}), None),
        executable_content=tuple(sorted(executable)),
        custom_operators=tuple(sorted(custom)),
        external_data=tuple(sorted(external)),
        inputs=tuple(_info(item) for item in _fed(model.graph)),
        outputs=tuple(_info(item) for item in model.graph.output),
        makers=_makers(model.graph),
        family=family_of(model.graph),
        nodes=nodes,
        pii_scan_hits=len(_PERSONAL.findall(_texts(model))),
    )


def _file_kind(data: bytes) -> str | None:
    # onnxruntime's own format is told by these bytes alone (flatbuffers' file identifier), and a file can be an ONNX
    # model besides: what is scanned would then not be what runs.
    if data[4:8] == b"ORTM":
        return "ort"
    for head, kind in _FILE_HEADS:
        if data.startswith(head):
            return kind
    # A pickle of protocol 2 or later: PROTO opcode, the number, and STOP at the end (Python, Lib/pickletools.py).
    if len(data) > 3 and data[0] == 0x80 and 2 <= data[1] <= 5:
        return "pickle"
    # Protocols 0 and 1 have no head; these are the openings of an object, a global, a list and a dictionary.
    if data.rstrip(b"\n").endswith(b".") and re.match(rb"(c[A-Za-z_.]+\n|\(lp|\(dp|\(i[a-z_.]+\n|ccopy_reg\n)", data):
        return "pickle"
    return None


def _content_of(kind: str) -> tuple[str, ...]:
    if kind == "pickle":
        return ("pickle opcodes",)
    return (_RUNS[kind],) if kind in _RUNS else ()


def _parse(data: bytes) -> Any | None:
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        return onnx.load_model_from_string(data)
    except (DecodeError, ValueError, UnicodeDecodeError):
        return None


def _graphs(model: Any) -> Iterator[tuple[Any, int]]:
    """Main graph, training graphs, functions and the graphs inside their nodes, with how deep each stands."""
    waiting: list[tuple[Any, int]] = [(model.graph, 1)]
    waiting += [(item, 1) for item in model.functions]
    for info in model.training_info:
        waiting += [(info.initialization, 1), (info.algorithm, 1)]
    while waiting:
        graph, depth = waiting.pop()
        yield graph, depth
        for attribute in _attributes(graph):
            if attribute.HasField("g"):
                waiting.append((attribute.g, depth + 1))
            waiting += [(inner, depth + 1) for inner in attribute.graphs]


def _attributes(graph: Any) -> Iterator[Any]:
    """Attributes of the nodes, and of a function those that it gives where a caller gives none."""
    for node in graph.node:
        yield from node.attribute
    yield from getattr(graph, "attribute_proto", ())


def _tensors(graph: Any) -> Iterator[Any]:
    yield from getattr(graph, "initializer", ())
    for sparse in getattr(graph, "sparse_initializer", ()):
        yield from (sparse.values, sparse.indices)
    for attribute in _attributes(graph):
        if attribute.HasField("t"):
            yield attribute.t
        yield from attribute.tensors
        sparse_values = [*attribute.sparse_tensors]
        if attribute.HasField("sparse_tensor"):
            sparse_values.append(attribute.sparse_tensor)
        for sparse in sparse_values:
            yield from (sparse.values, sparse.indices)


def _locations(tensor: Any) -> Iterator[str]:
    for entry in tensor.external_data:
        if entry.key == "location":
            yield entry.value[:1024]


def _embedded(tensor: Any) -> Iterator[str]:
    """Programs hidden in a tensor. Short heads are left out: weights would start so by chance."""
    for value in (tensor.raw_data[:16], *(text[:16] for text in tensor.string_data)):
        kind = _file_kind(value) if len(value) >= 8 else None
        if kind in {"elf", "mach-o", "zip"}:
            yield f"{_RUNS[kind]} in the tensor `{tensor.name[:80]}`"
        elif value[:1] == b"\x80" and value[2:3] == b"\x95" and value[1:2] in (b"\x04", b"\x05"):
            yield f"pickle opcodes in the tensor `{tensor.name[:80]}`"


def _fed(graph: Any) -> list[Any]:
    """Inputs that a caller has to give: those that no initializer fills."""
    filled = {item.name for item in graph.initializer}
    return [item for item in graph.input if item.name not in filled]


_PASSES_ON = {"Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten"}


def _makers(graph: Any) -> dict[str, str]:
    """What makes the numbers of each output of the main graph."""
    by_output = {name: node for node in graph.node for name in node.output if name}
    found = {}
    for item in graph.output:
        node, steps = by_output.get(item.name), 0
        while node is not None and node.op_type in _PASSES_ON and node.input and steps < MAX_DEPTH:
            node, steps = by_output.get(node.input[0]), steps + 1
        if node is not None:
            found[item.name] = str(node.op_type)[:80]
    return found


def _info(value: Any) -> TensorInfo:
    import onnx

    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return TensorInfo(name=value.name, dtype=str(kind or "unknown").removesuffix("_type"), shape=None)
    tensor = value.type.tensor_type
    shape = None
    if tensor.HasField("shape"):
        shape = tuple(int(d.dim_value) if d.WhichOneof("value") == "dim_value" else None for d in tensor.shape.dim)
    if tensor.elem_type == onnx.TensorProto.STRING:
        return TensorInfo(name=value.name, dtype="string", shape=shape)
    try:
        dtype = str(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type))
    except KeyError:
        dtype = "unknown"
    return TensorInfo(name=value.name, dtype=dtype, shape=shape)


def _texts(model: Any) -> bytes:
    """Words that a person may have left in the file: descriptions, metadata, constants of text."""
    parts = [model.doc_string, model.producer_name, model.graph.doc_string]
    parts += [f"{item.key} {item.value}" for item in model.metadata_props]
    texts = [part.encode("utf-8", "replace") for part in parts]
    for graph, _ in _graphs(model):
        texts += [node.doc_string.encode("utf-8", "replace") for node in graph.node if node.doc_string]
        texts += [bytes(text) for tensor in _tensors(graph) for text in tensor.string_data]
        texts += [bytes(text) for attribute in _attributes(graph) for text in attribute.strings]
    return b"\n".join(texts)


def _escapes(path: str) -> bool:
    parts = PurePosixPath(path.replace("\\", "/")).parts
    absolute = path.startswith(("/", "\\")) or bool(PureWindowsPath(path).drive)
    return absolute or ".." in parts
