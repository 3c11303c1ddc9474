"""`validate`: from a plan to typed evidence about a model. The model itself runs in the sandboxed child.

This module reads clocks nowhere and opens only the files that the plan names; numbers come from the child and are
checked here against the predicate models before anybody sees them.
"""

import importlib.util
import json
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evidence.model.base import parse_instant
from evidence.model.errors import EvidenceError, unreadable
from evidence.model.mistakes import explain
from evidence.validation.kept import keep
from evidence.validation.measured import Look, Measured
from evidence.validation.outcome import ValidationOutcome, golden_set, outcome_of
from evidence.validation.plan.artifact import Budgets
from evidence.validation.plan.files import DataFile, format_of
from evidence.validation.plan.model import Plan
from evidence.validation.sandbox import Progress, run_child

PLACES = {
    "model": "model.path",
    "data": "data.path",
    "training": "training.path",
    "history": "data.forecast.history.path",
    "reference": "reference.path",
    "golden": "golden.outputs.path",
    "golden-inputs": "golden.inputs.path",
    "incumbent": "baselines.incumbent.path",
}
"""Where a plan names the files that a request hands over."""


def validate(
    plan: Plan,
    *,
    started_at: datetime,
    plan_digest: str,
    progress: Progress | None = None,
) -> ValidationOutcome:
    """Run the model of a plan and measure what the plan asks for.

    `plan_digest` is the digest of the committed `validation-plan` content (`plan.digest` where it is this file's own).
    The same plan and files give the same evidence again, but for `started_at` and the latencies.
    Raises EvidenceError for files that cannot be used, a model that breaks a limit, and results that make no sense.
    """
    _check_libraries()
    moment = parse_instant(started_at)
    if plan_digest != plan.digest:
        raise EvidenceError(
            f"the plan's own `plan` section has the digest {plan.digest}, the committed plan {plan_digest}",
            hint="test against what was committed, or commit the changed plan",
        )
    with _opened(_files(plan), plan.budgets) as files, keep(files) as kept:
        known = {name: file.digest for name, file in kept.items()}
        handed = {name: file.descriptor for name, file in kept.items()}
        answer = run_child(_request(plan), handed, plan.budgets, progress)
    _check_sealed(plan, known)  # after it: what is wrong with a file says more than that it is another one
    measured = _checked(answer)
    return outcome_of(plan, measured, known, plan_digest, moment)


def look_into(model: Path, data: Path) -> Look:
    """What a model file takes and gives, and what the columns of a table hold, found in the sandbox; no model runs.

    Raises EvidenceError for a file that is no ONNX model that may run, and for one that is no table.
    """
    _check_libraries()
    table = DataFile(path=str(data), format=format_of(data))
    request = {"mode": "look", "model": str(model), "table": table.to_json()}
    with _opened({"model": model, "data": data}, Budgets()) as files:
        answer = run_child(request, {name: file for name, (file, _) in files.items()}, Budgets(), None)
    try:
        return Look.model_validate_json(json.dumps(answer))
    except ValidationError:
        raise EvidenceError("the look at model and data gave no answer that can be read") from None


def _check_libraries() -> None:
    missing = [
        name for name in ("numpy", "onnx", "onnxruntime", "pyarrow", "scipy") if not importlib.util.find_spec(name)
    ]
    if missing:
        raise EvidenceError(
            f"running models needs {', '.join(missing)}", hint="install Quaestor with its extra: `quaestor[validation]`"
        )


def _files(plan: Plan) -> dict[str, Path]:
    named = plan.named_files()
    return {name: named[place] for name, place in PLACES.items() if place in named}


@contextmanager
def _opened(paths: dict[str, Path], budgets: Budgets) -> Iterator[dict[str, tuple[int, Path]]]:
    """Descriptors of the files, checked to be plain files and, for the model, not larger than the plan allows."""
    with ExitStack() as stack:
        opened: dict[str, tuple[int, Path]] = {}
        for name, path in paths.items():
            try:
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            except OSError as cause:
                raise unreadable(path, cause) from None
            stack.callback(os.close, file)
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode):
                raise EvidenceError("not a plain file", where=str(path), hint="name a file, not a folder or a device")
            if not found.st_size:
                raise EvidenceError("the file is empty", where=str(path), hint="write it again")
            if name in ("model", "incumbent") and found.st_size > budgets.model_mb << 20:
                raise EvidenceError(
                    f"the model file has {found.st_size} bytes, more than `budgets.model_mb` allows",
                    where=str(path),
                    hint="raise `budgets.model_mb` in the plan",
                )
            opened[name] = (file, path)
        yield opened


def _request(plan: Plan) -> dict[str, Any]:
    return {"mode": "run", "plan": plan.to_json(), "folder": str(plan.folder)}


def _checked(answer: Any) -> Measured:
    try:
        return Measured.model_validate_json(json.dumps(answer))
    except ValidationError as cause:
        raise EvidenceError(f"the model run gave a result that makes no sense: {explain(cause)}") from None


def _check_sealed(plan: Plan, digests: dict[str, str]) -> None:
    """The files must be those that the committed plan was sealed over, and the test data nothing else besides."""
    pins: list[tuple[str, str | None, str | None, DataFile | None]] = [
        ("data", digests["data"], plan.plan.dataset_digest, plan.data),
        ("training", digests.get("training"), plan.plan.training_digest, plan.training),
    ]
    if plan.golden:
        inputs = plan.golden.inputs or plan.data
        pins.append(("golden inputs", golden_set(plan, digests), plan.plan.golden_set_digest, inputs))
    for what, found, pinned, table in pins:
        if pinned is not None and found != pinned:
            raise EvidenceError(
                f"the {what} file has the digest {found}, the committed plan pins {pinned}",
                where=str(plan.file(table.path)) if table else None,
                hint="restore the file, or commit a new plan with it",
            )
    sealed = plan.sealed_with({PLACES[name]: digest for name, digest in digests.items()}).plan
    if plan.plan.settings_digest is not None and sealed != plan.plan:
        raise EvidenceError(
            f"the files of the plan changed after it was sealed: {', '.join(PLACES[name] for name in digests)}",
            hint="restore them, or commit the plan again",
        )
