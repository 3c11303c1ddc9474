"""The command `quaestor`: finds the verb, runs it, and turns mistakes into messages and exit codes.

Exit codes: 0 allowed or done; 1 denied, some control failed (or a check failed); 2 a mistake of the caller's; 3 denied,
nothing failed but evidence is missing or a control could not be judged. Heavy imports stay inside the verbs.
"""

import atexit
import gc
import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from evidence.version import VERSION

VERBS = {
    "init": "make a workspace: settings, keys, register of people, store",
    "key": "make keys of persons and machines, grant roles, list who signs",
    "system": "register systems and model versions, classify their risk",
    "evidence": "add, import, list, show and withdraw evidence records",
    "statement": "list the kinds of statement and their fields",
    "approve": "approve a model version at a gate, in a role you hold",
    "waiver": "grant a time-boxed exception to one control",
    "artifact": "sign files, and record that their signatures verify",
    "lineage": "import lineage, trace a model to its sources",
    "plan": "draft a validation plan for a model",
    "validate": "run a model in the sandbox and record what it does",
    "gate": "decide whether a subject may pass a gate",
    "retention": "ask until when something is kept, erase what is due",
    "policy": "lint and test policies, list controls",
    "replay": "make a recorded decision again and compare the bytes",
    "report": "write the signed PDF of a decision",
    "verify": "check a report offline",
    "doctor": "check this installation and the store of the workspace",
}
GARBAGE = 200_000
"""New objects between two looks for cycles of them, in a process that runs one command."""
EXAMPLES = """\b
Examples:
  quaestor init shop && cd shop
  quaestor validate plan.yaml
  quaestor gate decide validation mortgage@2
  quaestor report <decision> --output report.pdf
  quaestor verify report.pdf

\b
Exit codes: 0 allowed or done, 1 denied or a check failed, 2 your mistake,
            3 denied because evidence is missing or a control could not be judged."""


class Verbs(click.Group):
    """Subcommands that are imported only when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in VERBS:
            return None
        command = importlib.import_module(f"integrations.cli.{name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in VERBS and not name.startswith("-") and not ctx.resilient_parsing:
            import difflib

            near = difflib.get_close_matches(name, VERBS, n=1, cutoff=0.6)
            raise click.UsageError(f"No such command '{name}'." + (f" Did you mean '{near[0]}'?" if near else ""), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.command(
    cls=Verbs,
    help="Quaestor decides over evidence whether an AI system may pass a gate, and proves it.\n\n" + EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    "--workspace",
    "-w",
    metavar="FOLDER",
    help="Folder with quaestor.toml; else this folder or the nearest above it.",
)
@click.option("--verbose", "-v", is_flag=True, help="Show a traceback with an error.")
@click.version_option(package_name=None, message="%(version)s", version=VERSION)
@click.pass_context
def quaestor(ctx: click.Context, workspace: str | None, verbose: bool) -> None:
    ctx.ensure_object(dict).update(workspace=workspace, verbose=verbose)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    if arguments is None:
        closed = sys.stdout is None
        _open_streams()
        if closed:  # told before anything is done: what is done and not told would be done again
            _say("quaestor: standard output is closed")
            _say("  to mend it: let it go to a file, or to /dev/null")
            return 2
        _own_process()
        arguments = sys.argv[1:]
    known: dict[str, Any] = {"arguments": arguments}
    try:
        return _run(arguments, known)
    except click.exceptions.Abort:
        click.echo("quaestor: interrupted", err=True)
        return 130
    except click.ClickException as cause:
        _usage(cause)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 141
    except SystemExit:
        # So click ends, with 1, where the reader of the output went away; here 1 says that a gate was denied.
        return 141
    except KeyboardInterrupt:
        click.echo("quaestor: interrupted", err=True)
        return 130
    except BaseException as cause:  # a panic of an extension module is no Exception
        return _explain(cause, known)


def _run(arguments: list[str], known: dict[str, Any]) -> int:
    try:
        result: Any = quaestor.main(args=arguments, prog_name="quaestor", standalone_mode=False, obj=known)
    except click.exceptions.NoArgsIsHelpError as cause:
        click.echo(cause.ctx.get_help() if cause.ctx else "")
        return 2
    return result if isinstance(result, int) else 0


def _open_streams() -> None:
    """Give those of the standard streams a file that were closed by whoever started this process.

    The next file that is opened would take their number, the store perhaps, and what a library prints would go into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing != number:
                os.dup2(nothing, number)
                os.close(nothing)
            setattr(sys, name, os.fdopen(number, "r" if name == "stdin" else "w", closefd=False))


def _own_process() -> None:
    """What only a process that runs one command may set: it starts and ends in less time."""
    gc.set_threshold(GARBAGE)  # looking for cycles takes a sixth of the time of the imports
    atexit.register(gc.freeze)  # and the last look, at what ends with the process anyway, a fifth of the whole
    # No other package's plugin sees what is validated, and none is searched for among all that are installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _usage(cause: click.ClickException) -> None:
    """What the command line got wrong, with the verb that was perhaps meant."""
    if isinstance(cause, click.UsageError) and cause.ctx is not None:
        for line in cause.ctx.get_usage().splitlines():
            _say(line)
    _say(f"quaestor: {cause.format_message()}")
    if isinstance(cause, click.UsageError) and cause.ctx is not None:
        _say(f"  to mend it: see `{cause.ctx.command_path} --help`")


def _explain(cause: BaseException, known: Mapping[str, Any]) -> int:
    """A message without a traceback, unless `quaestor --verbose` asks for it, whatever happened; exit code 2."""
    from integrations.cli.shared import mistake_lines

    if known.get("verbose"):
        import traceback

        for line in "".join(traceback.format_exception(cause)).splitlines():
            _say(line)
    for line in mistake_lines(cause, known):
        _say(line)
    return 2


def _say(text: str) -> None:
    from integrations.cli.shared import say

    say(text, err=True)


if __name__ == "__main__":
    sys.exit(main())
