"""`quaestor gate`: decide whether a subject may pass a gate."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from integrations.cli.shared import (
    INSTANT,
    InputType,
    format_option,
    mistake_lines,
    output_option,
    print_json,
    say,
    session,
    table,
    workspace,
    write,
)

if TYPE_CHECKING:
    from engine.bundle.effective import Effective
    from engine.bundle.load import Bundle
    from integrations.app.session import Session

ENGINES = ("auto", "wasm", "regorus", "opa")


class _Gate(click.Group):
    """A misspelt `decide` tells CI too that there is no decision."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as cause:
            _tell_by(decide, ctx, args[1:], cause)
            raise


@click.group(
    cls=_Gate,
    epilog="\b\nExamples:\n  quaestor gate todo validation mortgage@2      what is lacking, and who supplies it?\n"
    "  quaestor gate decide validation mortgage@2\n"
    "  quaestor gate decide production mortgage@2 --format junit --output decision.xml\n"
    "  quaestor gate decide production mortgage@2 --at 2027-12-02     what fails on that day?\n"
    "  quaestor gate decide staging mortgage@2 --cross-check wasm,regorus",
)
def command() -> None:
    """Decide whether a subject may pass a gate."""


def _pair(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, str] | None:
    if value is None:
        return None
    names = tuple(value.split(","))
    if len(names) != 2 or names[0] == names[1] or not set(names) <= set(ENGINES[1:]):
        raise click.BadParameter("two of wasm, regorus, opa, such as wasm,regorus", ctx=ctx, param=param)
    return names[0], names[1]


@contextlib.contextmanager
def _told_to_ci(form: str, gate: str, subject: str, output: Path | None) -> Iterator[None]:
    """Where there is no decision, write in its stead that there is none: a file left from before would be read as one.

    Standard output gets it in the forms that machines read.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit, click.ClickException):
        raise
    except BaseException as cause:  # a panic of an extension module is no Exception
        _tell(form, gate, subject, output, mistake_lines(cause))
        raise


def _tell(form: str, gate: str, subject: str, output: Path | None, lines: Sequence[str]) -> None:
    from reports.renderers.mistake import render_mistake

    if output is not None or form != "text":
        write(render_mistake(form, gate, subject, lines), output)


class _Decide(click.Command):
    """Tells CI of options that cannot be read, too: by what the rest of the command line asks for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as cause:
            _tell_by(self, ctx.parent, given, cause)
            raise


def _tell_by(decide: click.Command, parent: click.Context | None, given: list[str], cause: click.UsageError) -> None:
    """Tell CI of a command line that cannot be read, in the form and file that it asks a decision in."""
    rest = click.Context(decide, parent, "decide", resilient_parsing=True, ignore_unknown_options=True)
    click.Command.parse_args(decide, rest, given)
    gate, subject = (rest.params.get(name) or "?" for name in ("gate", "subject_text"))
    _tell(rest.params.get("form") or "text", gate, subject, rest.params.get("output"), [cause.format_message()])


@command.command(cls=_Decide)
@click.argument("gate")
@click.argument("subject_text", metavar="SUBJECT")
@click.option("--at", type=INSTANT, help="As of this instant, past or to come; a preview that opens no later gate.")
@click.option("--engine", type=click.Choice(ENGINES), help="Rego engine; else the workspace's choice (auto).")
@click.option("--as", "actor", metavar="PERSON", help="Person of the register who asks; the log names them.")
@click.option("--dry-run", is_flag=True, help="Record nothing and open no later gate.")
@click.option(
    "--policies",
    type=InputType(folder_too=True),
    help="With --dry-run: decide by this folder or archive.",
)
@click.option(
    "--overlay", type=InputType(folder_too=True), help="With --dry-run: decide under this overlay, a file or folder."
)
@click.option("--cross-check", callback=_pair, metavar="A,B", help="Ask two engines; where they differ, deny.")
@format_option
@output_option
@click.pass_context
def decide(
    ctx: click.Context,
    gate: str,
    subject_text: str,
    at: datetime | None,
    engine: str | None,
    cross_check: tuple[str, str] | None,
    actor: str | None,
    dry_run: bool,
    policies: Path | None,
    overlay: Path | None,
    form: str,
    output: Path | None,
) -> int:
    """Decide whether SUBJECT (SYSTEM@VERSION, SYSTEM@DATASET, SYSTEM, digest, file, or organization) may pass GATE.

    Exit code 0 allowed, 1 denied, 3 denied for want of evidence, 2 a mistake of yours, which the output then tells.
    """
    if dry_run and actor:
        raise click.UsageError(
            "--as names who asks in the log, and a dry run is not logged: leave one of them out", ctx
        )
    if dry_run:
        return _preview(
            ctx, gate, subject_text, at, cross_check or ((engine,) if engine else ()), policies, overlay, form, output
        )
    if policies is not None or overlay is not None:
        raise click.UsageError("other policies or another overlay decide nothing: add --dry-run", ctx)
    from integrations.app.deciding import decide_gate
    from integrations.app.records import find_subject
    from reports.renderers.base import render
    from reports.words.decisions import summary
    from reports.words.policies import other_policies_text

    with _told_to_ci(form, gate, subject_text, output):
        with session(ctx) as opened:
            asking = opened.person(actor) if actor else None
            subject = find_subject(opened.store, subject_text)
            engines = cross_check or ((engine,) if engine else ())
            recorded = decide_gate(opened, gate, subject, actor=asking, at=at, engines=engines)
            controls = opened.bundle.controls
        text = render(form, recorded.decision, recorded.snapshot, recorded.other_policies, controls)
    write(text, output)
    if recorded.other_policies is not None and (form == "json" or output is not None):
        say(f"quaestor: {other_policies_text(recorded.other_policies)}", err=True)
    if output is not None:
        say(f"{recorded.decision.outcome}: {summary(recorded.decision)}", err=True)
    return recorded.decision.exit_code


def _preview(
    ctx: click.Context,
    gate: str,
    subject_text: str,
    at: datetime | None,
    engines: Sequence[str],
    policies: Path | None,
    overlay: Path | None,
    form: str,
    output: Path | None,
) -> int:
    """Decide and record nothing: the same exit codes, and standard error says what it was."""
    from integrations.app.deciding import other_policies, preview_gate
    from integrations.app.records import find_subject
    from reports.renderers.base import render
    from reports.renderers.dry_run import NOTE, as_dry_run
    from reports.words.decisions import summary

    with _told_to_ci(form, gate, subject_text, output), session(ctx) as opened:
        other = _others(opened, policies, overlay)
        subject = find_subject(opened.store, subject_text)
        decision, snapshot = preview_gate(opened, gate, subject, at=at, engines=engines, policies=other)
        used = other[0] if other is not None else opened.bundle
        unlike = other_policies(used, policies or opened.settings.policies)
        text = as_dry_run(form, render(form, decision, snapshot, unlike, used.controls))
    write(text, output)
    say(f"{NOTE} {summary(decision)}", err=True)
    return decision.exit_code


def _others(opened: "Session", policies: Path | None, overlay: Path | None) -> "tuple[Bundle, Effective] | None":
    """The policies that the options name in the place of the workspace's; None where they name none."""
    from integrations.app.policies import policies_at

    if policies is None and overlay is None:
        return None
    return policies_at(policies or opened.settings.policies, overlay or opened.settings.overlay)


@command.command()
@click.argument("gate")
@click.argument("subject_text", metavar="SUBJECT")
@click.option("--json", "as_json", is_flag=True, help="The tasks as JSON.")
@click.option("--policies", type=InputType(folder_too=True), help="By this folder or archive.")
@click.option("--overlay", type=InputType(folder_too=True), help="Under this overlay, a file or folder.")
@click.pass_context
def todo(
    ctx: click.Context, gate: str, subject_text: str, as_json: bool, policies: Path | None, overlay: Path | None
) -> int:
    """List what SUBJECT lacks for GATE: who supplies it, by which command. Decides and records nothing.

    Exit code 0, whatever is lacking.
    """
    from dataclasses import asdict

    from integrations.app.records import find_subject
    from integrations.app.todo import todo as tasks_of
    from reports.words.decisions import summary

    with session(ctx) as opened:
        subject = find_subject(opened.store, subject_text)
        decision, tasks = tasks_of(opened, gate, subject, _others(opened, policies, overlay))
    if as_json:
        print_json({"outcome": decision.outcome, "tasks": [asdict(task) for task in tasks]})
        return 0
    say(f"{summary(decision)}; nothing was recorded")
    for number, task in enumerate(tasks, 1):
        say()
        asked = f" ({', '.join(task.controls)})" if task.controls else ""
        say(f"{number}. {task.what}{asked}")
        rows = (
            *(("found", text) for text in task.why),
            *(("window", text) for text in task.windows),
            ("skeleton", task.skeleton),
            *(("do", text) for text in task.commands),
            ("signed by", " or ".join(task.signed_by)),
            ("not by", " or ".join(task.not_by)),
            ("advice", task.advice),
        )
        last = ""
        for name, text in rows:
            if text:
                say(f"   {name + ':' if name != last else '':<10} {text}")
                last = name
    say()
    say("what a control asks: quaestor policy explain CONTROL; thresholds and lists of your own stand in overlay.yaml")
    return 0


@command.command(name="list")
@click.pass_context
def list_decisions(ctx: click.Context) -> int:
    """List the recorded decisions, oldest first."""
    from integrations.app.deciding import decisions

    with session(ctx) as opened:
        rows = [
            (d.to_json()["instant"], d.gate, d.subject.name, d.outcome.value, d.id.removeprefix("sha256:")[:16])
            for d in decisions(opened.store)
        ]
    table(rows, ("instant", "gate", "subject", "outcome", "decision"))
    return 0


@command.command()
@click.argument("gate", required=False)
@click.pass_context
def show(ctx: click.Context, gate: str | None) -> int:
    """Show the gates, or what one gate asks."""
    space = workspace(ctx)
    if gate is None:
        rows = [
            (g.gate, ", ".join(g.denies), ", ".join(g.requires) or "-", g.meaning) for g in space.bundle.gates.values()
        ]
        table(rows, ("gate", "denies on", "asks for gates", "meaning"))
        return 0
    found = space.gate(gate)
    say(f"{found.gate}: {found.meaning}")
    say(f"denies on {', '.join(found.denies)}; asks for {', '.join(found.requires) or 'no earlier gate'}")
    rows = [(c.id, c.severity, c.applies_from, c.title) for c in space.bundle.select(gate)]
    table(rows, ("control", "severity", "from", "title"))
    return 0
