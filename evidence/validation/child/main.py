"""The sandboxed child: reads a request, runs the model or scans it, answers. Started by `sandbox.run_child` only.

Everything hostile happens here: parsing the model file, running it, parsing the tables. When this module is imported
the process has been confined already (see `confine`).
"""

import json
import os
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from evidence.model.errors import EvidenceError
from evidence.process.inside import Channel
from evidence.validation.child.baselines import incumbent_plan
from evidence.validation.child.data import Source
from evidence.validation.child.look import look_at, look_at_arrays
from evidence.validation.child.measure import measure
from evidence.validation.child.scan import Scan, scan_model
from evidence.validation.child.session import Model
from evidence.validation.plan.files import DataFile
from evidence.validation.plan.model import Plan

Send = Callable[[dict[str, Any]], None]


def main(channel: Channel, isolation: list[str]) -> None:
    """Answer one request: `{"mode": "run", "plan": …, "folder": …, "files": {name: descriptor}}`.

    Or, where there is no plan yet, `{"mode": "look", "model": path, "table": {…}, "files": …}`.
    """

    def send(frame: dict[str, Any]) -> None:
        channel.send(json.dumps(frame, allow_nan=False).encode())

    try:
        send({"result": _answer(json.loads(channel.receive() or b"null"), isolation, send)})
    except EvidenceError as error:
        send({"error": {"problem": error.problem, "where": error.where, "hint": error.hint}})
    except MemoryError:
        send({"error": {"problem": "the model run needs more memory than `budgets.memory_mb` allows"}})
    except pa.ArrowMemoryError:
        send({"error": {"problem": "reading the data needs more memory than `budgets.memory_mb` allows"}})


def _answer(request: dict[str, Any], isolation: list[str], send: Send) -> dict[str, Any]:
    if request["mode"] == "look":
        return _look(request)
    plan = Plan.model_validate_json(json.dumps(request["plan"] | {"folder": request["folder"]}))
    descriptors: dict[str, int] = request["files"]
    scan = _scanned(descriptors["model"], plan.model.path)
    _check_runnable(scan, plan.model.path)

    def source(name: str, table: DataFile) -> Source:
        return _source(descriptors[name], table)

    def progress(stage: str, done: int, total: int | None) -> None:
        send({"progress": [stage, done, total]})

    def model() -> bytes:
        return _bytes(descriptors["model"])  # each time anew: a large model is not held beside its session

    incumbent = None
    if plan.baselines and plan.baselines.incumbent:
        path = plan.baselines.incumbent.path
        found = _scanned(descriptors["incumbent"], path)
        _check_runnable(found, path)
        theirs = _bytes(descriptors["incumbent"])
        incumbent = Model(theirs, found, incumbent_plan(plan))
    measured = measure(plan, scan, model, source, isolation, progress, incumbent)
    return measured.model_dump(mode="json")


def _look(request: dict[str, Any]) -> dict[str, Any]:
    """What lies in a model and a table that nobody has planned anything for; the model does not run."""
    table = DataFile.model_validate_json(json.dumps(request["table"]))
    scan = _scanned(request["files"]["model"], request["model"])
    _check_runnable(scan, request["model"])
    columns = look_at(_source(request["files"]["data"], table))
    arrays = look_at_arrays(_source(request["files"]["data"], table))
    return {
        "scan": scan.to_json(),
        "columns": [column.to_json() for column in columns],
        "arrays": [array.to_json() for array in arrays],
    }


def _bytes(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "rb", closefd=False) as file:
        return file.read()


def _scanned(descriptor: int, where: str) -> Scan:
    try:
        return scan_model(_bytes(descriptor))
    except EvidenceError as error:
        raise EvidenceError(error.problem, where=where) from None


def _source(descriptor: int, table: DataFile) -> Source:
    # Opened by name, so that Arrow reads without Python; macOS then shares the position of the descriptor.
    os.lseek(descriptor, 0, os.SEEK_SET)
    return Source(pa.OSFile(f"/dev/fd/{descriptor}", "rb"), table.format, table.path)


def _check_runnable(scan: Scan, where: str) -> None:
    """Refuse what must not or cannot run; raises EvidenceError."""
    if scan.format != "onnx":
        found = {"unknown": "no known model format", "ort": "in onnxruntime's own format (ORT)"}.get(
            scan.format, f"a {scan.format} file"
        )
        raise EvidenceError(f"not an ONNX model: {found}", where=where, hint="export the model to ONNX")
    if scan.executable_content:
        raise EvidenceError(
            f"the model holds executable content: {', '.join(scan.executable_content)}",
            where=where,
            hint="export the graph without operators of its own code",
        )
    if scan.escaping_data:
        paths = ", ".join(f"`{path[:200]}`" for path in scan.escaping_data[:5])
        raise EvidenceError(
            f"the model refers to data outside its folder: {paths}",
            where=where,
            hint="save the model in one file, or its data beside it",
        )
    if scan.external_data:
        raise EvidenceError(
            "the weights lie in other files, which the digest of the model file does not cover",
            where=where,
            hint="save the model as one file (`onnx.save_model(model, path, save_as_external_data=False)`)",
        )
