"""`quaestor policy try` and `trace`: one control on evidence, while it is written."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from integrations.cli.shared import (
    INPUT,
    InputType,
    mistake_lines,
    overlay_option,
    policies_folder,
    print_json,
    say,
    session,
    text_or_json,
    workspace_overlay,
)

if TYPE_CHECKING:
    from engine.proofs.trial import Trial
    from integrations.app.trying import Source, Trying


def _source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What both verbs are given: the control, the policies and where the evidence comes from."""
    options = (
        click.argument("control_id", metavar="CONTROL"),
        click.option("--system", metavar="SUBJECT", help="On the evidence on record about NAME[@VERSION], as of now."),
        click.option("--input", "file", type=INPUT, help="On what a file says: the fields of one case, YAML or JSON."),
        click.option("--case", metavar="NAME", help="On a case of the control's own."),
        click.option("--gate", help="Gate; else what the file says, else the first of the control."),
        click.option("--policies", type=InputType(folder_too=True), help="Folder or archive; else the workspace's."),
        overlay_option,
        text_or_json,
    )
    for option in reversed(options):
        command = option(command)
    return command


@contextlib.contextmanager
def _trying(ctx: click.Context, values: dict[str, Any]) -> "Iterator[Trying]":
    """What tries the control that the options name."""
    from integrations.app.trying import Trying

    named = [name for name in ("system", "file", "case") if values[name] is not None]
    if len(named) != 1:
        raise click.UsageError("name one source of evidence: --system, --input or --case", ctx)
    if values["case"] is not None and (values["gate"] or values["overlay"]):
        raise click.UsageError("a case says its own gate and parameters: leave out --gate and --overlay", ctx)
    policies = values["policies"]
    overlay = values["overlay"] or workspace_overlay(ctx, policies)
    source = _source(ctx, values)
    with Trying(policies_folder(ctx, policies), overlay, values["control_id"], source) as trying:
        yield trying


def _source(ctx: click.Context, values: dict[str, Any]) -> "Source":
    from integrations.app.trying import Source, on_record

    if values["system"] is None:
        return Source(file=values["file"], case=values["case"], gate=values["gate"])
    with session(ctx) as opened:
        return on_record(opened, values["system"], values["gate"])


@click.command(name="try")
@_source_options
@click.option("--all", "every", is_flag=True, help="List every value that was read.")
@click.option("--watch", is_flag=True, help="Again at each save of the policies, the overlay or the file; Ctrl-C ends.")
@click.pass_context
def try_control(ctx: click.Context, /, shape: str, every: bool, watch: bool, **values: Any) -> int:
    """Try CONTROL now: its result, each objective with what speaks against it, and the values that its rules read.

    Nothing is recorded, and waivers are left out. Exit code 0, whatever it comes to.
    """
    with _trying(ctx, values) as trying:
        if not watch:
            _tell(trying, trying.once(), shape, every=every)
            return 0
        with contextlib.suppress(KeyboardInterrupt):
            for number, attempt in enumerate(trying.attempts()):
                if attempt.trial is not None:
                    _tell(trying, attempt.trial, shape, every=every)
                for line in mistake_lines(attempt.problem) if attempt.problem is not None else ():
                    say(line, err=shape == "json")
                say(
                    f"-- {'began' if number == 0 else 'again'} in {1000 * attempt.seconds:.0f} ms; Ctrl-C ends",
                    err=True,
                )
        return 0


def _tell(trying: "Trying", trial: "Trial", shape: str, *, every: bool) -> None:
    from reports.renderers.trial import as_json, text_lines

    if trying.off is not None:
        say(f"the overlay turns {trial.control.id} off, no decision asks it: {trying.off}", err=shape == "json")
    if shape == "json":
        print_json(as_json(trial))
    else:
        for line in text_lines(trial, every=every):
            say(line)


@click.command()
@_source_options
@click.pass_context
def trace(ctx: click.Context, /, shape: str, **values: Any) -> int:
    """Tell why each objective of CONTROL that does not hold does not: the expression, its line, and its values.

    It asks OPA (`make opa`, or QUAESTOR_OPA with its path). Nothing is recorded. Exit code 0, whatever it comes to.
    """
    from integrations.app.tracing import traced
    from reports.renderers.trace import trace_lines
    from reports.renderers.trial import as_json

    with _trying(ctx, values) as trying:
        found = traced(trying)
    if shape == "json":
        told = {name: [clause.to_json() for clause in clauses] for name, clauses in found.clauses.items()}
        print_json({**as_json(found.trial), "trace": told})
    else:
        for line in trace_lines(found.trial, found.clauses):
            say(line)
    return 0
