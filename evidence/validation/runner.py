"""`validate`: from a plan to typed evidence about a model. The model itself runs in the sandboxed child.

This module reads clocks nowhere and opens only the files that the plan names; numbers come from the child and are
checked here against the predicate models before anybody sees them.
"""

import importlib.util
import json
import os
import platform
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evidence.model.base import Frozen, parse_instant
from evidence.model.canonical import digest_json
from evidence.model.errors import EvidenceError, unreadable
from evidence.model.mistakes import explain
from evidence.model.predicates.artifact import ArtifactManifest
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.data import DataQualityReport
from evidence.model.predicates.validation import (
    DriftReport,
    ExplainabilityReport,
    FairnessAudit,
    RobustnessReport,
    ValidationRun,
)
from evidence.model.predicates.values import PeriodResult, SchemaField
from evidence.validation.child.scan import Scan, TensorInfo
from evidence.validation.examined import of_training, quality_reports
from evidence.validation.families import members
from evidence.validation.judging import judged_counts, named_numbers, notes_of, results_of
from evidence.validation.kept import keep
from evidence.validation.kinds import NUMBER
from evidence.validation.measured import Charts, Look, Measured
from evidence.validation.plan.artifact import Budgets, FieldNote
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


class ValidationOutcome(Frozen):
    """Typed evidence of one run; `charts` is for the report and `notes` says what a reader should know of the run."""

    run: ValidationRun
    fairness: tuple[FairnessAudit, ...]
    robustness: RobustnessReport | None
    drift: tuple[DriftReport, ...]
    quality: tuple[DataQualityReport, ...] = ()
    artifact: ArtifactManifest | None
    explainability: ExplainabilityReport | None = None
    charts: Charts
    notes: tuple[str, ...]
    measured: frozenset[str]
    """Ids of all numbers that a test of a plan may ask for."""

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        """Everything that becomes a record, in a fixed order."""
        found = (self.robustness, self.artifact, self.explainability)
        optional = [item for item in found if item is not None]
        return (self.run, *self.fairness, *optional, *self.drift, *self.quality)

    @property
    def charts_digest(self) -> str:
        """Digest of the chart data, to find them again beside the records."""
        return digest_json(self.charts.to_json())


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
        answer = run_child(_request(plan, "run"), handed, plan.budgets, progress)
    _check_sealed(plan, known)  # after it: what is wrong with a file says more than that it is another one
    measured = _checked(answer)
    return _outcome(plan, measured, known, plan_digest, moment)


def scan_artifact(plan: Plan) -> ArtifactManifest:
    """The manifest of the plan's model file, found in the sandbox without running the model.

    Unlike `validate` this also answers for a file that is no ONNX model or must not run. Raises EvidenceError where the
    plan has no `artifact` section, or the file is damaged.
    """
    _check_libraries()
    with _opened({"model": plan.file(plan.model.path)}, plan.budgets) as files, keep(files) as kept:
        answer = run_child(_request(plan, "scan"), {"model": kept["model"].descriptor}, plan.budgets, None)
    try:
        scan = Scan.model_validate_json(json.dumps(answer))
    except ValidationError:
        raise EvidenceError("the scan gave no answer that can be read") from None
    manifest = _manifest(plan, scan, kept["model"].digest)
    if manifest is None:
        raise EvidenceError(
            "the plan has no `artifact` section", hint="declare licence, classifications and the like there"
        )
    return manifest


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


def _request(plan: Plan, mode: str) -> dict[str, Any]:
    return {"mode": mode, "plan": plan.to_json(), "folder": str(plan.folder)}


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
        pins.append(("golden inputs", _golden_set(plan, digests), plan.plan.golden_set_digest, inputs))
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


def _golden_set(plan: Plan, digests: dict[str, str]) -> str | None:
    """Digest of the inputs whose outputs are compared with the reference; None where nothing is compared."""
    return digests.get("golden-inputs", digests["data"]) if plan.golden else None


def _outcome(
    plan: Plan, measured: Measured, digests: dict[str, str], plan_digest: str, started_at: datetime
) -> ValidationOutcome:
    model = {"artifact_digest": digests["model"]}
    fairness = tuple(
        audit.model_copy(
            update=model
            | {
                "dataset_digest": digests["training" if audit.audited == "training-labels" else "data"],
                # What the plan declares is taken from the plan, not from the process that ran the model.
                **_binding(plan),
                "mitigation": plan.mitigation,
                "operating_point": plan.operating_point,
            }
        )
        for audit in measured.fairness
    )
    drift = tuple(report.model_copy(update={"baseline_ref": digests["reference"]}) for report in measured.drift)
    robustness = measured.robustness and measured.robustness.model_copy(update=model | of_training(measured.examined))
    named = named_numbers(plan, measured)
    run = ValidationRun(
        artifact_digest=digests["model"],
        dataset_digest=digests["data"],
        plan_digest=plan_digest,
        started_at=started_at,
        seed=plan.seed,
        environment=plan.environment,
        hardware=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        execution_providers=measured.providers,
        split=plan.data.split,
        population=plan.data.population,
        population_as_of=plan.data.as_of,
        primary_metric=plan.plan.primary_metric,
        metrics=measured.metrics,
        slices=measured.slices,
        periods=measured.periods or _one_period(plan, measured),
        test_results=results_of(plan, measured, named),
        calibration_error=measured.calibration_error,
        latency_ms=measured.latency_ms,
        max_output_difference=measured.max_output_difference,
        golden_set_digest=_golden_set(plan, digests),
        batch_invariant=measured.batch_invariant,
        deterministic=measured.deterministic,
        training_digest=digests.get("training"),
        reference_digest=digests.get("reference"),
        operating_point=plan.operating_point,
        operating_reason=plan.plan.operating_reason,
        row_counts=measured.row_counts,
        duplicate_rows=measured.duplicate_rows,
        effective_n=measured.effective_n,
        clipped_scores=measured.clipped_scores,
        judged=judged_counts(measured),
        class_sizes=measured.class_sizes,
        row_sketch=measured.row_sketch,
        cluster_column=plan.data.cluster,
        split_overlap_rows=measured.split_overlap_rows,
        reference_overlap_rows=measured.reference_overlap_rows,
        slice_gaps=measured.slice_gaps,
        classes=plan.output.words or None,
        confusion=measured.confusion,
        examined=measured.examined.numbers or None,
        baseline_metrics=measured.examined.baseline_metrics,
        baseline_digest=digests.get("incumbent"),
        recalibration=measured.examined.recalibration,
        training_window=measured.examined.training_window,
        training_window_read=measured.examined.training_window_read,
        hidden_slices=measured.examined.hidden_slices,
        weighting=measured.weighting,
    )
    return ValidationOutcome(
        run=run,
        fairness=fairness,
        robustness=robustness,
        drift=drift,
        quality=quality_reports(measured.examined, digests),
        artifact=_manifest(plan, measured.scan, digests["model"]),
        explainability=_explained(measured, digests["model"]),
        charts=measured.charts,
        notes=notes_of(plan, measured, run),
        measured=frozenset({*named, *(test for test in plan.plan.thresholds if members(test, named))}),
    )


def _explained(measured: Measured, digest: str) -> ExplainabilityReport | None:
    """What drives the model, with the family that its graph shows."""
    report = measured.examined.explainability
    return report and report.model_copy(update={"artifact_digest": digest, "model_family": measured.scan.family})


def _binding(plan: Plan) -> dict[str, Any]:
    """The measures that bind, in the field that their kind has."""
    of_values = plan.output.kind in NUMBER
    return {
        "binding_measures": () if of_values else plan.binding_measures,
        "binding_gaps": plan.binding_measures if of_values else None,
    }


def _one_period(plan: Plan, measured: Measured) -> tuple[PeriodResult, ...]:
    """The primary metric as that of the one period which the plan says that all rows are of."""
    metric = measured.metrics.get(plan.plan.primary_metric)
    if plan.data.window is None or metric is None:
        return ()
    return (PeriodResult(period=plan.data.window, n=metric.n, metric=metric),)


def _manifest(plan: Plan, scan: Scan, digest: str) -> ArtifactManifest | None:
    notes = plan.artifact
    if notes is None:
        return None
    declared = notes.model_dump(exclude={"inputs", "outputs"})
    return ArtifactManifest(
        **declared,
        artifact_digest=digest,
        format=scan.format,
        opset=scan.opset,
        executable_content=scan.executable_content,
        custom_operators=scan.custom_operators,
        external_data_paths=scan.escaping_data,
        input_schema=_input_schema(plan, scan, notes.inputs),
        output_schema=tuple(_field(item.name, item.dtype, notes.outputs, "outputs") for item in scan.outputs),
        pii_scan_hits=scan.pii_scan_hits,
    )


def _input_schema(plan: Plan, scan: Scan, notes: dict[str, FieldNote]) -> tuple[SchemaField, ...]:
    """One field a feature: for a tensor of columns these are the columns, each of the tensor's type."""
    inputs: dict[str, TensorInfo] = {item.name: item for item in scan.inputs}
    if not inputs:
        return ()
    fields = []
    for column in plan.features.columns:
        name = (plan.features.input or next(iter(inputs))) if plan.features.layout == "tensor" else None
        info = inputs.get(name or column.input or column.name)
        fields.append(_field(column.name, info.dtype if info else "unknown", notes, "inputs"))
    return tuple(fields)


def _field(name: str, dtype: str, notes: dict[str, FieldNote], section: str) -> SchemaField:
    if name not in notes:
        raise EvidenceError(
            f"`artifact.{section}` does not say of which class `{name}` is", hint="add it there with `classification`"
        )
    return SchemaField(name=name, dtype=dtype, **notes[name].model_dump())
