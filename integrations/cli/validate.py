"""`quaestor validate`: run a model in the sandbox and record what it does."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evidence.model.groups import plain
from evidence.model.predicates.values import MetricEstimate, TestResult, Threshold
from integrations.cli.shared import INPUT, present, print_json, progress, say, session, table
from reports.words.wording import short_span

if TYPE_CHECKING:
    from integrations.app.validating import Validated


@click.command(
    epilog="\b\nExamples:\n  quaestor validate plan.yaml --check              can it run? nothing is filed or logged\n"
    "  quaestor validate plan.yaml --check --only reference,robustness   these sections; never evidence\n"
    "  quaestor validate plan.yaml --commit --as ana    fix the thresholds, signed\n"
    "  quaestor validate plan.yaml                      then run the model and file what it does\n"
    "  quaestor validate plan.yaml --lost RUN --reason 'power cut' --as otto   by who did not commit it"
)
@click.argument("plan", type=INPUT)
@click.option("--check", is_flag=True, help="Run everything, file and log nothing; says what is measured, no numbers.")
@click.option(
    "--only",
    metavar="SECTION[,SECTION]",
    help="With --check: only these sections of the plan (performance, reference, robustness, …). Passes no gate.",
)
@click.option("--commit", is_flag=True, help="Try the plan as --check does, then sign and file its thresholds.")
@click.option("--lost", "run", metavar="RUN", help="Say of a run that was killed what became of it; it stays a run.")
@click.option("--reason", help="With --lost: what became of it.")
@click.option("--as", "actor", metavar="PERSON", help="Person of the register who commits the plan, or signs --lost.")
@click.option("--json", "as_json", is_flag=True, help="The measured predicates as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    plan: Path,
    check: bool,
    only: str | None,
    commit: bool,
    run: str | None,
    reason: str | None,
    actor: str | None,
    as_json: bool,
) -> int:
    """Run the model of PLAN on its data in a sandbox, and file performance, fairness, drift, robustness and more."""
    from evidence.model.base import format_instant
    from evidence.model.errors import QuaestorError
    from integrations.app.lost import open_runs, report_lost
    from integrations.app.validating import commit_plan, run_validation, try_plan

    if (run is None) != (reason is None) or (run is not None and (check or commit or as_json or actor is None)):
        raise QuaestorError("a lost run takes a reason and a signature", hint="--lost RUN --reason TEXT --as <person>")
    if check and (commit or actor or as_json):
        raise QuaestorError("a check files, signs and measures nothing for others", hint="give --check alone")
    if only is not None and not check:
        hint = "give --check with it, or leave --only out for the run that is filed"
        raise QuaestorError("part of a plan is never filed: what is left out could be what failed", hint=hint)
    if check:
        parts = None if only is None else [name.strip() for name in only.split(",")]
        trial = try_plan(plan, at=present(), progress=progress(), only=parts)
        what = "the plan" if parts is None else f"this part of the plan ({', '.join(parts)})"
        say(f"{what} can run: {trial.rows} rows of the {trial.plan.data.split} split; nothing was filed or logged")
        if parts is not None:
            say("a part is no evidence: a gate asks for a run of the whole plan, committed before")
        say(f"{len(trial.measured)} numbers are measured, and not told here:")
        for line in _families(trial.measured):
            say(f"  {line}")
        for note in trial.notes:
            say(f"note: {note}")
        return 0
    if commit and actor is None:
        raise QuaestorError("a plan is committed by a person", hint="--as <person of the register>")
    if actor is not None and not commit and run is None:
        hint = "give --commit to sign the plan, or leave --as out for the run itself"
        raise QuaestorError(
            "a run is signed by this installation and counts; --as is for --commit and --lost", hint=hint
        )
    with session(ctx) as opened:
        if commit and actor:
            filed = commit_plan(opened, plan, actor=opened.person(actor), progress=progress())
            say(f"committed validation-plan {filed.record.id}")
            if filed.record.content.get("operating_reason"):
                say("  its reason counts once two persons sign a statement:operating-point on this plan:")
                say(f"  {filed.record.content_digest}")
            return 0
        if run is not None:
            receipt = report_lost(opened, plan, run, reason=str(reason), actor=opened.person(str(actor)))
            say(f"run {run} is told as lost, at log index {receipt.index}; it stays a run on its test data")
            return 0
        done = run_validation(opened, plan, progress=progress())
        still_open = open_runs(opened, done.subject.system_id)
    if as_json:
        print_json([item.record.content for item in done.filed])
        return 0
    _tell_numbers(done)
    for note in done.outcome.notes:
        say(f"note: {note}")
    for one in still_open:
        when = format_instant(one.started_at)
        say(f"note: run {one.run} of {when} has no record; was it killed, say so with --lost")
    say(f"filed {len(done.filed)} records")
    return 0


def _families(tests: Sequence[str]) -> list[str]:
    """Names of tests in lines: those of one measure together, `drift:psi: age, income`; those by themselves first."""
    kin: dict[str, list[str]] = {}
    for test in tests:
        family, _, member = test.rpartition(":")
        kin.setdefault(family, []).append(member)
    alone = kin.pop("", [])
    return [*([", ".join(alone)] if alone else []), *(f"{name}: {', '.join(found)}" for name, found in kin.items())]


def _tell_numbers(done: "Validated") -> None:
    """The measures of the run, and what became of the tests of its plan."""
    measured = done.outcome.run
    say(f"{done.subject.name} on {measured.dataset_digest[:19]} ({measured.split} split)")
    rows = [(name, f"{e.value:.4f}", _span(e), str(e.n)) for name, e in sorted(measured.metrics.items())]
    for audit in done.outcome.fairness:
        rows += [
            (f"impact ratio {plain(group)}, {audit.audited}", f"{e.value:.4f}", _span(e), str(e.n))
            for group, e in sorted(audit.impact_ratio.items())
        ]
    confidence = max((e.confidence for e in measured.metrics.values()), default=0.95)
    table(rows, ("measure", "value", f"{confidence:.0%} interval", "n"))
    _tell_tests(done.plan.plan.thresholds, measured.test_results, set(done.plan.plan.required_tests))


def _tell_tests(
    thresholds: Mapping[str, Threshold], results: Mapping[str, TestResult], required: Collection[str]
) -> None:
    """The tests of the plan with their limits: what a gate will ask of this run, told before it is asked."""
    rows = []
    for test, threshold in sorted(thresholds.items()):
        limit = f"{threshold.op} {threshold.value:g}"
        found = results.get(test)
        if found is None:
            rows.append((test, "", "", limit, "not measured"))
            continue
        of = f" ({found.met} of {found.judged})" if found.judged is not None else ""
        word = ("passed" if found.passed else "NOT PASSED") + of + ("" if test in required else ", not required")
        rows.append((test, f"{found.observed.value:.4f}", _span(found.observed), limit, word))
    if rows:
        say("")
        table(rows, ("test of the plan", "value", "interval", "limit", "result"))
        passed = sum(found.passed for test, found in results.items() if test in required)
        say(f"{passed} of {len(required)} required tests passed")


def _span(estimate: MetricEstimate) -> str:
    return " to ".join(short_span(estimate.ci_low, estimate.ci_high, 4))
