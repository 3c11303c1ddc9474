"""The typed evidence of one run: what the child measured, what the plan declares, and which files were used."""

import os
import platform
from datetime import datetime
from typing import Any

from evidence.model.base import Frozen
from evidence.model.errors import EvidenceError
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
from evidence.model.predicates.values import MetricEstimate, PeriodResult, SchemaField
from evidence.validation.child.scan import Scan, TensorInfo
from evidence.validation.examined import of_training, quality_reports
from evidence.validation.families import members
from evidence.validation.judging import judged_counts, named_numbers, notes_of, results_of
from evidence.validation.kinds import NUMBER
from evidence.validation.measured import Charts, Measured
from evidence.validation.plan.artifact import FieldNote
from evidence.validation.plan.model import Plan


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


def outcome_of(
    plan: Plan, measured: Measured, digests: dict[str, str], plan_digest: str, started_at: datetime
) -> ValidationOutcome:
    """The records of a run, from what the child measured and the digests of the files that it was given."""
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
    run = _run(plan, measured, named, digests, plan_digest, started_at)
    return ValidationOutcome(
        run=run,
        fairness=fairness,
        robustness=robustness,
        drift=drift,
        quality=quality_reports(measured.examined, digests),
        artifact=_manifest_of(plan, measured.scan, digests["model"]),
        explainability=_explained(measured, digests["model"]),
        charts=measured.charts,
        notes=notes_of(plan, measured, run),
        measured=frozenset({*named, *(test for test in plan.plan.thresholds if members(test, named))}),
    )


def _run(
    plan: Plan,
    measured: Measured,
    named: dict[str, MetricEstimate],
    digests: dict[str, str],
    plan_digest: str,
    started_at: datetime,
) -> ValidationRun:
    return ValidationRun(
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
        golden_set_digest=golden_set(plan, digests),
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


def _manifest_of(plan: Plan, scan: Scan, digest: str) -> ArtifactManifest | None:
    """The manifest of a scanned model file with what the plan declares of it; None where it declares nothing."""
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


def golden_set(plan: Plan, digests: dict[str, str]) -> str | None:
    """Digest of the inputs whose outputs are compared with the reference; None where nothing is compared."""
    return digests.get("golden-inputs", digests["data"]) if plan.golden else None
