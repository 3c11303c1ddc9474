"""`quaestor doctor`: this installation, and the store of the workspace."""

import importlib
import platform
from pathlib import Path

import click

from integrations.cli.shared import say, workspace

LIBRARIES = {
    "onnxruntime": "models are run: quaestor[validation]",
    "fairlearn": "fairness is compared: quaestor[validation]",
    "weasyprint": "reports are drawn: quaestor[report], and Pango from the system",
    "pyhanko": "reports are signed: quaestor[report]",
    "opa_client": "an OPA server is asked: quaestor[opa]",
    "psycopg": "the store lies in PostgreSQL: quaestor[postgres]",
}


@click.command(epilog="\b\nExamples:\n  quaestor doctor\n  quaestor doctor --full     read every payload too")
@click.option("--full", is_flag=True, help="Check every payload and checkpoint of the store.")
@click.option("--migrate", is_flag=True, help="Bring the store's schema to this version first.")
@click.pass_context
def command(ctx: click.Context, full: bool, migrate: bool) -> int:
    """Check this installation, the policies and the store. Exit code 1 where the store does not verify."""
    from engine.backends.compile import find_opa
    from evidence.model.errors import QuaestorError
    from integrations.app.settings import find_workspace

    say(f"python      {platform.python_version()} on {platform.system()} {platform.machine()}")
    opa = find_opa()
    say(f"opa         {opa.version if opa else 'none: regorus evaluates; `make opa` brings it'}")
    for name, use in LIBRARIES.items():
        try:
            importlib.import_module(name)
            say(f"{name:<11} ok")
        except (ImportError, OSError) as cause:
            say(f"{name:<11} missing, needed where {use} ({str(cause).splitlines()[0]})")
    named = (ctx.find_root().obj or {}).get("workspace")
    try:
        root = Path(named) if named else find_workspace(Path.cwd())
    except QuaestorError:
        say("workspace   none here")
        return 0
    return _check_workspace(ctx, root, full=full, migrate=migrate)


def _check_workspace(ctx: click.Context, root: Path, *, full: bool, migrate: bool) -> int:
    from evidence.model.base import format_instant
    from evidence.store.records import RecordStore

    space = workspace(ctx)
    say(f"workspace   {root}")
    if migrate:
        before, after = RecordStore.migrate(space.settings.store, space.settings.blobs, space.machine_key)
        say(f"schema      {before} to {after}" if before != after else f"schema      {after}")
    say(f"policies    {len(space.bundle.controls)} controls, bundle {space.bundle.digest}")
    say(f"overlay     {len(space.effective.overrides)} parameters, {len(space.effective.disabled)} controls off")
    with RecordStore.open(space.settings.store, space.settings.blobs, even_damaged=True) as store:
        report = store.verify(full=full, public_key=space.machine_key.public_key)
        people = store.people()[0] if report.ok else None
    if people is not None:
        until = format_instant(people.expires_at)
        say(f"people      {len(people.holders)} in version {people.version} of the register, which holds until {until}")
    say(f"ledger      {report.origin}: {report.size} entries, root {report.root}")
    say(f"            {report.checkpoints} checkpoints, {report.payloads} payloads read, {len(report.erased)} erased")
    for problem in report.problems:
        say(f"PROBLEM     {problem.where}: {problem.problem}")
    say("the store verifies" if report.ok else "the store does NOT verify")
    return 0 if report.ok else 1
