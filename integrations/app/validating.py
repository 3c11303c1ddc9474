"""Use cases of validation: try a plan, commit it signed, then run the model and file what was measured."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from evidence.collector import RecordDraft
from evidence.model.canonical import digest_file
from evidence.model.errors import QuaestorError
from evidence.model.mistakes import did_you_mean
from evidence.model.notes import RunCharts, RunEnded, RunStarted, new_note
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.subject import Subject, SubjectKind
from evidence.snapshot.runs import measured_runs
from evidence.snapshot.take import take_snapshot
from evidence.store.records import RecordStore
from evidence.validation.catalogue import measure_of
from evidence.validation.outcome import ValidationOutcome
from evidence.validation.plan.model import PERFORMANCE, Plan
from evidence.validation.plan.read import load_plan
from evidence.validation.runner import validate
from evidence.validation.sandbox import Progress
from integrations.app.actor import Actor
from integrations.app.moment import Moment
from integrations.app.records import Filed, add_record, add_records, find_version, record_of
from integrations.app.session import Session


@dataclass(frozen=True)
class Validated:
    """What a validation found and what was filed."""

    plan: Plan
    subject: Subject
    outcome: ValidationOutcome
    filed: tuple[Filed, ...]


@dataclass(frozen=True)
class Trial:
    """That a plan can run: which of its numbers the run measured, never how high they came out."""

    plan: Plan
    rows: int
    measured: tuple[str, ...]
    notes: tuple[str, ...]


def try_plan(path: Path, *, at: datetime, progress: Progress, only: Collection[str] | None = None) -> Trial:
    """Run the plan's model in the sandbox and keep nothing: no record, no entry in the log, and no number is told.

    A number of the test data that nobody recorded would be a way to choose the best of many. `only`: these sections of
    the plan (see `Plan.only`). Raises QuaestorError where the run fails, and where a whole one measures not all that
    the plan promises.
    """
    plan = load_plan(path)
    plan = (plan if only is None else plan.only(only)).sealed()
    _require_of_the_past(plan, path, at)
    if only is None:
        return _tried(plan, path, at, progress)
    return _trial(plan, validate(plan, started_at=at, plan_digest=plan.digest, progress=progress))


def _tried(plan: Plan, path: Path, at: datetime, progress: Progress) -> Trial:
    outcome = validate(plan, started_at=at, plan_digest=plan.digest, progress=progress)
    missing = sorted({*plan.plan.thresholds, plan.plan.primary_metric} - outcome.measured)
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        near = "; ".join(filter(None, (_near(name, outcome.measured) for name in missing)))
        hint = (
            f"{near or 'mend the name'}; or test on data that have enough such cases, of each class (`smallest` in "
            f"docs/plans.md); all {len(outcome.measured)} that it measures: "
            f"quaestor validate {path} --check --only {','.join((PERFORMANCE, *plan.sections))}"
        )
        raise QuaestorError(f"the run measures no {listed}, which the plan promises", where=str(path), hint=hint)
    return _trial(plan, outcome)


def _near(name: str, measured: Collection[str]) -> str:
    """The measured test that was perhaps meant: of the same measure, where there is one."""
    kin = [test for test in measured if measure_of(test) == measure_of(name)]
    return did_you_mean(name, kin) if kin else ""


def _trial(plan: Plan, outcome: ValidationOutcome) -> Trial:
    return Trial(plan, outcome.charts.rows, tuple(sorted(outcome.measured)), outcome.notes)


def commit_plan(session: Session, path: Path, *, actor: Actor, progress: Progress) -> Filed:
    """File the plan's promises (tests, thresholds, primary metric) as a signed `validation-plan`, before any run.

    The plan is tried first: a signed plan that cannot run could only be withdrawn. Raises as `try_plan` does.
    """
    moment = Moment(session)
    plan, subject = _planned(session, path, moment.at)
    _operating_changes(moment, subject, plan, path)
    _tried(plan, path, moment.at, progress)
    tried = Moment(session)  # it took its time, and others may have written to the ledger meanwhile
    draft = RecordDraft.on(subject, plan.plan, tried.at, source=path.name)
    return add_record(session, draft, actor=actor, moment=tried)


def run_validation(session: Session, path: Path, *, progress: Progress) -> Validated:
    """Run the plan's model in the sandbox and file every measurement.

    The run is logged before it starts, so that one whose result is not liked still counts. Raises QuaestorError where
    the plan was not committed, the model is not registered, or the run fails; then nothing is filed.
    """
    moment = Moment(session)
    at = moment.at
    plan, subject = _planned(session, path, at)
    changes = _operating_changes(moment, subject, plan, path)
    _require_commitment(session.store, subject, plan, at, path)
    run_id = str(uuid4())
    _log_start(session, subject, plan, run_id, at)
    try:
        outcome = validate(plan, started_at=at, plan_digest=plan.digest, progress=progress)
    except (QuaestorError, KeyboardInterrupt) as cause:
        _log_end(session, subject, run_id, cause)
        raise
    if outcome.run.artifact_digest != subject.digest:
        raise QuaestorError(f"the model that ran has digest {outcome.run.artifact_digest}, not that of {subject.name}")
    told = outcome.run.model_copy(update={"operating_changes": changes})
    outcome = outcome.model_copy(update={"run": told})
    version = plan.model.version
    drafts = [
        replace(
            RecordDraft.on(subject, predicate, at, source=f"run {run_id}", model_version=version),
            about={**_measured_data(predicate), subject.name: subject.digest},
        )
        for predicate in outcome.predicates
    ]
    filed = add_records(session, drafts, actor=session.machine)
    note = RunCharts(
        system_id=subject.system_id,
        run=next(item.record.id for item in filed if item.record.type == "validation-run"),
        charts=outcome.charts.to_json(),
        notes=outcome.notes,
    )
    charts = new_note(note, {subject.name: subject.digest})
    session.append(charts, kind="charts", action="imported", actor=session.machine, at=session.now())
    return Validated(plan=plan, subject=subject, outcome=outcome, filed=filed)


def _measured_data(predicate: Predicate) -> dict[str, str]:
    """The data of which a measurement tells, by digest: it counts where these are judged, too (gate data-intake)."""
    field = predicate.ABOUT.get(SubjectKind.DATASET)
    return {"dataset": getattr(predicate, field)} if field else {}


def _planned(session: Session, path: Path, at: datetime) -> tuple[Plan, Subject]:
    """The plan, sealed, and the version that it is for: by its own word, and registered with the file it names."""
    plan = load_plan(path).sealed()
    _require_of_the_past(plan, path, at)
    digest = digest_file(plan.file(plan.model.path))
    subject = find_version(session.store, plan.system, plan.model.version, digest, where=str(path))
    _require_pinned(session, subject, plan, path, at)
    return plan, subject


def _require_of_the_past(plan: Plan, path: Path, at: datetime) -> None:
    """Raise QuaestorError for data of a day to come: the run would count, and its record be refused."""
    if plan.data.as_of > at.date():
        problem = f"`data.as_of` is {plan.data.as_of.isoformat()}, a day to come"
        raise QuaestorError(problem, where=str(path), hint="give the day for which the data stand")


def _require_pinned(session: Session, subject: Subject, plan: Plan, path: Path, at: datetime) -> None:
    """Raise QuaestorError where a training-run on file names other test or training data than the plan.

    Where none is on file yet, the digests in the plan and in the run let a policy compare them later.
    """
    for entry in take_snapshot(session.store, subject, at).entries:
        record = entry.record
        if record.type != "training-run" or subject.digest not in record.subject:
            continue
        splits = record.content["split_digests"]
        pinned, learnt = splits.get(plan.data.split), {*record.content["dataset_digests"], splits.get("train")}
        problem = None
        if pinned not in (None, plan.plan.dataset_digest):
            problem = f"the training-run of {subject.name} pins {pinned} as its {plan.data.split} split"
            problem += f", `data.path` is {plan.plan.dataset_digest}"
        elif splits.get("train") == plan.plan.dataset_digest:
            problem = f"{subject.name} was trained on `data.path`, by its training-run"
        elif plan.plan.training_digest not in {None, *learnt}:
            problem = f"the training-run of {subject.name} did not read `training.path` ({plan.plan.training_digest})"
        if problem:
            hint = f"test on the data that the training-run names (record {record.id[7:19]})"
            raise QuaestorError(problem, where=str(path), hint=hint)


def _operating_changes(moment: Moment, subject: Subject, plan: Plan, path: Path) -> tuple[str, ...]:
    """What of the plan's operating point is not as in the system's first run.

    Raises QuaestorError where something is and the plan does not say why: a threshold that moves with the version
    makes two versions incomparable.
    """
    for record in measured_runs(moment.view(subject.system_id)):
        before, now = record.content.get("operating_point"), plan.operating_point.to_json()
        if before is None:
            continue
        changed = tuple(name for name in sorted({*before, *now}) if before.get(name) != now.get(name))
        if changed and plan.plan.operating_reason is None:
            told = "; ".join(f"`{name}` was {before.get(name)}, is {now.get(name)}" for name in changed)
            raise QuaestorError(
                f"the operating point is not that of the first run of `{subject.system_id}`: {told}",
                where=str(path),
                hint="say why in the plan, `plan.operating_reason`; two persons sign it: statement:operating-point",
            )
        return changed
    return ()


def _require_commitment(store: RecordStore, subject: Subject, plan: Plan, at: datetime, path: Path) -> None:
    """The plan's promises are on file, unchanged, from before this run."""
    uri = PREDICATES["validation-plan"].uri()
    for stored in store.find(kind="record", subject=subject.digest, predicate_type=uri):
        record = record_of(stored)
        if record.content_digest == plan.digest and record.envelope.collected_at <= at + timedelta(seconds=1):
            return
    raise QuaestorError(
        "the plan is not committed, or was changed since: thresholds come before the test (AI Act Art 9(8))",
        where=str(path),
        hint=f"quaestor validate {path.name} --commit --as <person>",
    )


def _log_end(session: Session, subject: Subject, run_id: str, cause: BaseException) -> None:
    """Log that a run ended before it measured anything, so that it does not count as one whose result was not liked."""
    reason = str(cause)[:1000] or "interrupted"
    at = session.now()
    note = RunEnded(system_id=subject.system_id, ended=run_id, reason=reason, at=at)
    statement = new_note(note, {subject.name: subject.digest})
    session.append(statement, kind="run", action="configured", actor=session.machine, at=at)


def _log_start(session: Session, subject: Subject, plan: Plan, run_id: str, at: datetime) -> None:
    note = RunStarted(
        system_id=subject.system_id,
        run=run_id,
        plan_digest=plan.digest,
        split=plan.data.split,
        dataset_digest=plan.plan.dataset_digest,
        started_at=at,
        artifact_digest=subject.digest,
    )
    statement = new_note(note, {subject.name: subject.digest})
    session.append(statement, kind="run", action="configured", actor=session.machine, at=at)
