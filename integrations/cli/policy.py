"""`quaestor policy`: lint and test policies."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from integrations.cli.policy_bundle import build, load
from integrations.cli.policy_try import trace, try_control
from integrations.cli.policy_write import editor, fmt, schema
from integrations.cli.shared import (
    OUTPUT,
    InputType,
    OutputType,
    folder_option,
    mistake_list,
    overlay_option,
    policies_folder,
    policies_in_force,
    policies_of,
    present,
    print_json,
    say,
    table,
    text_or_json,
    workspace,
    workspace_overlay,
    write,
)

if TYPE_CHECKING:
    from reports.documents.proofs import Proved


@click.group(
    epilog="\b\nExamples:\n  quaestor policy lint policies/\n  quaestor policy test FAIR-01 FAIR-02\n"
    "  quaestor policy list --gate validation\n  quaestor policy explain FAIR-02\n"
    "  quaestor policy editor --policies policies/ -o .\n"
    "  quaestor policy try FAIR-02 --system mortgage@2 --gate validation --watch\n"
    "  quaestor policy new CARD-01 --family documentation --evidence model-card --gate staging --policies mine\n"
    "  quaestor policy build --sign key.pem -o bundle.tar.gz\n"
    "  quaestor policy diff policies/ ../main/policies/ --what-if\n"
    "  quaestor policy coverage --framework eu-ai-act"
)
def command() -> None:
    """Lint and test policies, list controls."""


for verb in (try_control, trace, schema, editor, fmt, build, load):
    command.add_command(verb)
shape_option = click.option(
    "--format",
    "shape",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
    help="Shape.",
)


@command.command()
@click.argument("policies", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@overlay_option
@click.option("--all", "every", is_flag=True, help="List each place of a mistake that is made in several.")
@click.pass_context
def lint(ctx: click.Context, policies: Path | None, overlay: Path | None, every: bool) -> int:
    """Check every policy of a bundle: METADATA, paths, parameters, built-ins, what engines differ on, and cases.

    Every mistake is listed with file, line and how to mend it, what all controls rest on first. Exit code 1 where
    there is one. Cedar policies, their cases and the overlay, with what it adds, are checked too.
    """
    from engine.errors import is_shared
    from engine.proofs.linting import lint as lint_folder
    from integrations.app.policies import file_of
    from integrations.app.settings import cache_folder
    from reports.words.wording import plural

    against = overlay or workspace_overlay(ctx, policies)
    found = lint_folder(policies_folder(ctx, policies), against, day=present().date(), cache=cache_folder())
    for line in mistake_list([error.at(file_of(error.path, against)) for error in found], every=every):
        say(line)
    mistakes = [item for item in found if not item.warning]
    if any(is_shared(item) for item in found):
        say("the controls rest on these files and were not checked yet: mend these first")
    say(f"{plural(len(mistakes), 'mistake')}, {plural(len(found) - len(mistakes), 'warning')}")
    return 1 if mistakes else 0


@command.command()
@click.argument("controls", nargs=-1)
@folder_option
@overlay_option
@click.option(
    "--engine", type=click.Choice(("auto", "wasm", "regorus")), default="auto", show_default=True, help="Rego engine."
)
@click.option("--run", "pattern", metavar="REGEX", help="Only the controls whose id matches.")
@click.option("--verbose", "-v", is_flag=True, help="Each case, how long each took, and messages that no case gave.")
@text_or_json
@click.option("--junit", type=OUTPUT, help="JUnit XML to write: a suite a control, a test a case and a proof.")
@click.option("--survivors", type=OUTPUT, help="Markdown page to write: what METADATA lets pass, with its reasons.")
@click.pass_context
def test(
    ctx: click.Context,
    controls: tuple[str, ...],
    policies: Path | None,
    overlay: Path | None,
    engine: str,
    pattern: str | None,
    verbose: bool,
    shape: str,
    junit: Path | None,
    survivors: Path | None,
) -> int:
    """Run each control's cases, its Rego tests, its deletion and its corruption test. Exit code 1 where one fails.

    CONTROLS are ids, or files of theirs: the module, the cases, the Rego tests. Without any it is every control.

    The deletion test starts from every passing case and takes away each record, field and list that the control reads,
    one at a time; the corruption test makes each field false. None of these may leave a pass, unless METADATA says why.
    """
    from engine.proofs.survivors import survivors_page
    from integrations.app.policies import file_of
    from integrations.app.proving import prove
    from integrations.app.workshop import matching
    from reports.documents.proofs import proved
    from reports.renderers.proofs import json_value, junit_text, verbose_lines

    bundle = policies_of(ctx, policies, overlay)
    added = overlay or workspace_overlay(ctx, policies)
    given = _given(policies, overlay)
    chosen = matching(bundle, controls, pattern)
    every = []
    for report, seconds in prove(bundle, engine, chosen):
        every.append(proved(report, seconds, partial(file_of, overlay=added), given))
        if verbose and shape == "text":
            for line in verbose_lines(every[-1]):
                say(line)
    if junit is not None:
        write(junit_text(every), junit)
    if survivors is not None:
        write(survivors_page(bundle.controls), survivors)
    if shape == "json":
        print_json(json_value(every, bundle.digest))
    else:
        _tell_proofs(every)
    return 0 if all(item.passed for item in every) else 1


def _given(policies: Path | None, overlay: Path | None) -> str:
    """Policies and overlay as another command is given them."""
    both = (("policies", policies), ("overlay", overlay))
    return "".join(f" --{name} {quote(str(path))}" for name, path in both if path is not None)


def _tell_proofs(every: "Sequence[Proved]") -> None:
    from reports.renderers.proofs import detail_lines, row_of

    table([row_of(item) for item in every], ("control", "cases", "rego tests", "deletions", "corruptions", ""))
    for item in every:
        for line in detail_lines(item):
            say(line)
    if foreign := [item.control for item in every if item.foreign]:
        say(f"no deletion and no corruption test of other people's Rego: {', '.join(foreign)}")
    failed = sum(1 for item in every if not item.passed)
    say(f"{len(every) - failed} passed, {failed} failed")


@command.command(name="list")
@click.option("--gate", help="Only the controls of this gate.")
@folder_option
@overlay_option
@click.pass_context
def list_controls(ctx: click.Context, gate: str | None, policies: Path | None, overlay: Path | None) -> int:
    """List the controls of a bundle; what an overlay adds or switches off is marked, with the reason."""
    from reports.words.controls import ADDED_WORD, off_text

    bundle, effective = policies_in_force(ctx, policies, overlay)
    chosen = sorted(bundle.select(gate) if gate else bundle.controls.values(), key=lambda control: control.id)
    ids = {control.id for control in chosen}
    off = {name: said for name, said in effective.off_at(present()).items() if name in ids}
    marks = {c.id: ", ".join([ADDED_WORD] * c.added + ["off"] * (c.id in off)) for c in chosen}
    heads: tuple[str, ...] = ("control", "severity", "basis", "gates", "title")
    rows: list[tuple[str, ...]] = [(c.id, c.severity, c.basis, ", ".join(c.gates), c.title) for c in chosen]
    if any(marks.values()):
        heads, rows = (*heads, ""), [(*row, marks[row[0]]) for row in rows]
    table(rows, heads)
    for control in chosen:
        if control.id in off:
            say(f"{control.id} is {off_text(control, off[control.id])}")
    count = f"{len(rows)} controls, {len(off)} switched off" if off else f"{len(rows)} controls"
    say(f"{count}, bundle {bundle.digest}")
    return 0


@command.command()
@click.argument("control_id", metavar="CONTROL")
@click.option("--family", required=True, help="Folder under controls/, such as documentation.")
@click.option("--evidence", "kinds", multiple=True, required=True, help="Evidence type that it reads; repeat for more.")
@click.option("--gate", "gates", multiple=True, required=True, help="Gate at which it is judged; repeat for more.")
@click.option(
    "--severity", type=click.Choice(("blocker", "major", "minor")), default="major", show_default=True, help="Severity."
)
@click.option("--title", default="Write here what it asks", help="Title, in a few words.")
@folder_option
@overlay_option
@click.pass_context
def new(
    ctx: click.Context,
    control_id: str,
    family: str,
    kinds: tuple[str, ...],
    gates: tuple[str, ...],
    severity: str,
    title: str,
    policies: Path | None,
    overlay: Path | None,
) -> int:
    """Write a new control and its cases: lint accepts them, and `policy test` fails until a case passes."""
    from integrations.app.scaffold import new_control

    folder, own = policies_folder(ctx, policies), overlay or workspace_overlay(ctx, policies)
    if own is not None and not own.is_dir():
        if overlay is not None:
            raise click.UsageError("a control is written into an overlay's folder: name that, and not a file", ctx)
        own = None
    files = new_control(
        folder, control_id, family=family, kinds=kinds, gates=gates, severity=severity, title=title, overlay=own
    )
    for path in files:
        say(str(path))
    given = _given(policies, overlay)
    say(f"next: write its rule and a record that passes, then: quaestor policy test {control_id}{given}")
    return 0


@command.command()
@click.argument("control_id", metavar="CONTROL")
@text_or_json
@folder_option
@overlay_option
@click.pass_context
def explain(ctx: click.Context, control_id: str, shape: str, policies: Path | None, overlay: Path | None) -> int:
    """Explain a control: what it asks of whom since when, on which fields and parameters, and what a miss says.

    In a workspace its parameters are those that hold there.
    """
    from integrations.app.workshop import explained
    from reports.renderers.explanation import text_lines

    found = explained(*policies_in_force(ctx, policies, overlay), control_id)
    if shape == "json":
        print_json(found.model_dump(mode="json", exclude_none=True))
    else:
        write("\n".join(text_lines(found)) + "\n", None)
    return 0


@command.command()
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder to write: new, empty, or an earlier site, which is replaced.",
)
@folder_option
@overlay_option
@click.pass_context
def docs(ctx: click.Context, output: Path, policies: Path | None, overlay: Path | None) -> int:
    """Write the controls as a folder of web pages: an index to search, a page a control, a matrix a framework."""
    from integrations.app.workshop import documented

    count = documented(*policies_in_force(ctx, policies, overlay), output)
    say(f"{count} files: {output / 'index.html'}")
    return 0


@command.command()
@click.option("--framework", "wanted", help="Only this framework, such as eu-ai-act.")
@click.option("--source", help="Only articles whose id begins so, such as S2 or S2.M1: needs of one source.")
@shape_option
@click.option("--output", "-o", type=OUTPUT, help="File to write; else standard output.")
@folder_option
@overlay_option
@click.pass_context
def coverage(
    ctx: click.Context,
    wanted: str | None,
    source: str | None,
    shape: str,
    output: Path | None,
    policies: Path | None,
    overlay: Path | None,
) -> int:
    """Which articles of each framework a control answers, and on what evidence; what nobody answers comes first.

    An article of a law or a standard is answered where a control cites it, a need of the framework `mission` only where
    an objective's own clause judges it. Exit code 1 where an article is not covered.
    """
    from engine.bundle.coverage import coverage as covered
    from engine.errors import did_you_mean
    from evidence.model.errors import QuaestorError
    from reports.renderers.coverage import markdown_lines, text_lines

    bundle = policies_of(ctx, policies, overlay)
    if wanted is not None and wanted not in bundle.frameworks:
        raise QuaestorError(f"unknown framework `{wanted}`", hint=did_you_mean(wanted, bundle.frameworks))
    chosen = [bundle.frameworks[wanted]] if wanted else list(bundle.frameworks.values())
    found = [part.starting(source) if source else part for part in (covered(bundle, item) for item in chosen)]
    found = [part for part in found if part.rows]
    if not found:
        raise QuaestorError(f"no article begins with `{source}`", hint="needs are S0.M1.1 and the like")
    if shape == "json":
        text = json.dumps([part.to_json() for part in found], indent=2) + "\n"
    else:
        text = "\n".join(markdown_lines(found) if shape == "markdown" else text_lines(found)) + "\n"
    write(text, output)
    return 1 if any(part.uncovered for part in found) else 0


@command.command()
@click.argument("old", type=InputType(folder_too=True))
@click.argument("new", type=InputType(folder_too=True))
@click.option("--what-if", is_flag=True, help="Judge the recorded evidence under both: who flips at which gate?")
@click.option(
    "--overlay",
    type=InputType(folder_too=True),
    help="Overlay, a file or folder, to go with NEW; else the workspace's.",
)
@click.option(
    "--old-overlay",
    type=InputType(folder_too=True),
    help="Overlay to go with OLD, such as that of the branch into which this one is merged; else the workspace's.",
)
@shape_option
@click.option("--output", "-o", type=OUTPUT, help="File to write; else standard output.")
@click.pass_context
def diff(
    ctx: click.Context,
    old: Path,
    new: Path,
    what_if: bool,
    overlay: Path | None,
    old_overlay: Path | None,
    shape: str,
    output: Path | None,
) -> int:
    """What is different from OLD policies to NEW ones, each a folder or what `policy export` wrote.

    With --what-if each latest decision on record is made again under both; nothing is recorded. Exit code 1 where a
    subject flips, either way, and 3 where none does but of some it cannot be told, such as one whose snapshot was
    erased; without it 0.
    """
    from engine.bundle.changes import changes as compared
    from integrations.app.policies import policies_at
    from reports.renderers.changes import markdown_lines, text_lines

    own = workspace_overlay(ctx, None) if what_if or overlay or old_overlay else None
    before, after = policies_at(old, old_overlay or own), policies_at(new, overlay or own)
    found = compared(before[0], after[0], (before[1], after[1]))
    flips = None
    if what_if:
        from integrations.app.whatif import Policies
        from integrations.app.whatif import what_if as judged

        flips = judged(workspace(ctx).settings, Policies(*before), Policies(*after))
    if shape == "json":
        told: dict[str, Any] = {"changes": found.to_json(), "unjudged": None, "verdicts": None}
        if flips is not None:
            told["unjudged"] = [item.to_json() for item in flips.unjudged]
            told["verdicts"] = [{**item.to_json(), "flips": item.flips} for item in flips.verdicts]
        text = json.dumps(told, indent=2, sort_keys=True)
    else:
        lines = markdown_lines if shape == "markdown" else text_lines
        text = "\n".join(lines(found, flips))
    write(text + "\n", output)
    return 0 if flips is None else flips.exit_code


@command.command()
@folder_option
@overlay_option
@click.option("--output", "-o", type=OutputType(".tar"), required=True, help="Tar to write, such as bundle.tar.")
@click.pass_context
def export(ctx: click.Context, policies: Path | None, overlay: Path | None, output: Path) -> int:
    """Write the checked bundle, with what an overlay adds, as a tar: the same bytes for the same policies."""
    bundle = policies_of(ctx, policies, overlay)
    write(bundle.archive(), output)
    say(f"bundle {bundle.digest}: {output}")
    return 0
