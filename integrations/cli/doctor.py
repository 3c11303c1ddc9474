"""`quaestor doctor`: this installation, and the store of the workspace."""

import importlib
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from integrations.cli.shared import INPUT, OutputType, as_given, kept_checkpoint, present, say, workspace, write

if TYPE_CHECKING:
    from evidence.store.entry import Problem
    from evidence.store.records import RecordStore

LEFT_AFTER = 3600
"""Seconds after which a temporary file is no running writer's any more."""

LIBRARIES = {
    "onnxruntime": "models are run: quaestor[validation]",
    "fairlearn": "fairness is compared: quaestor[validation]",
    "weasyprint": "reports are drawn: quaestor[report], and Pango from the system",
    "pyhanko": "reports are signed: quaestor[report]",
    "opa_client": "an OPA server is asked: quaestor[opa]",
    "psycopg": "the store lies in PostgreSQL: quaestor[postgres]",
}


@click.command(
    epilog="\b\nExamples:\n  quaestor doctor\n  quaestor doctor --full     read every payload too\n"
    "  quaestor doctor --keep today.checkpoint\n"
    "  quaestor doctor --checkpoint today.checkpoint    has the ledger only grown since?"
)
@click.option("--full", is_flag=True, help="Check every payload and checkpoint of the store, and the lineage tables.")
@click.option("--checkpoint", type=INPUT, help="A checkpoint that you kept: refuse a ledger that does not continue it.")
@click.option(
    "--keep",
    type=OutputType(".checkpoint", ".txt", ""),
    help="Write the last signed checkpoint to this file, to keep elsewhere.",
)
@click.option("--migrate", is_flag=True, help="Bring the store's schema to this version first.")
@click.pass_context
def command(ctx: click.Context, full: bool, checkpoint: Path | None, keep: Path | None, migrate: bool) -> int:
    """Check this installation, the policies, the keys and the store.

    Exit code 1 where others can get at a private key, or the store does not verify.
    """
    from engine.backends.compile import find_opa
    from evidence.model.errors import QuaestorError
    from integrations.app.settings import find_workspace

    kept = None if checkpoint is None else kept_checkpoint(checkpoint)
    say(f"python      {platform.python_version()} on {platform.system()} {platform.machine()}")
    opa = find_opa()
    say(f"opa         {opa.version if opa else 'none: regorus evaluates; `make opa` brings it'}")
    for name, use in LIBRARIES.items():
        try:
            importlib.import_module(name)
            say(f"{name:<11} ok")
        except (ImportError, OSError) as cause:
            say(f"{name:<11} missing, needed where {use} ({str(cause).splitlines()[0]})")
    say(f"sandbox     {'; '.join(_confinement())}")
    named = (ctx.find_root().obj or {}).get("workspace")
    try:
        root = Path(named) if named else find_workspace(Path.cwd())
    except QuaestorError:
        say("workspace   none here")
        return 0
    return _check_workspace(ctx, root, full=full, checkpoint=kept, keep=keep, migrate=migrate)


def _confinement() -> list[str]:
    """What holds, or does not hold, code in a model here."""
    from evidence.process.child import ChildError
    from evidence.process.told import layers

    try:
        return [layer for layer in layers() if not layer.startswith("limit: ")]
    except ChildError as cause:
        return [f"PROBLEM: no confined child can be started, so no model runs: {cause}"]


def _check_workspace(
    ctx: click.Context, root: Path, *, full: bool, checkpoint: str | None, keep: Path | None, migrate: bool
) -> int:
    from evidence.model.base import format_instant
    from evidence.store.frozen import open_to_look
    from evidence.store.records import RecordStore

    space = workspace(ctx)
    say(f"workspace   {root}")
    open_keys = space.open_keys()
    for key in open_keys:
        say(f"PROBLEM     {as_given(str(key))}: others can read or write this private key; `chmod 600` mends it")
    if migrate:
        before, after = RecordStore.migrate(space.settings.store, space.settings.blobs, space.machine_key)
        say(f"schema      {before} to {after}" if before != after else f"schema      {after}")
    say(f"policies    {len(space.bundle.controls)} controls, bundle {space.bundle.digest}")
    off = space.effective.off_at(present())
    say(f"overlay     {len(space.effective.overrides)} parameters, {len(off)} controls off")
    with open_to_look(space.settings.store, space.settings.blobs) as (store, only_read):
        if only_read:
            say(f"store       is read as it lies and cannot be written: {only_read}")
        unfinished = _finish_erasures(store) if not only_read else ""
        report = store.verify(full=full, public_key=space.machine_key.public_key)
        people = store.people()[0] if report.ok else None
        problems = [*report.problems, *_more_problems(store, full=full and report.ok, checkpoint=checkpoint)]
        if not problems and keep is not None:
            write(store.checkpoint().encode(), keep)
        swept = 0 if only_read else store.blobs.sweep(time.time() - LEFT_AFTER)
    if unfinished:
        say(f"erasures    {unfinished}")
    if swept:
        say(f"blobs       {swept} temporary files of writers that were killed, removed")
    if people is not None:
        until = format_instant(people.expires_at)
        say(f"people      {len(people.holders)} in version {people.version} of the register, which holds until {until}")
    say(f"ledger      {report.origin}: {report.size} entries, root {report.root}")
    say(f"            {report.checkpoints} checkpoints, {report.payloads} payloads read, {len(report.erased)} erased")
    for problem in problems:
        say(f"PROBLEM     {problem.where}: {problem.problem}")
    say("the store verifies" if not problems else "the store does NOT verify")
    return 1 if problems or open_keys else 0


def _finish_erasures(store: "RecordStore") -> str:
    """Do to the end what a crash broke off: what the ledger calls erased must not lie about. Empty where none does."""
    from evidence.model.errors import QuaestorError
    from evidence.store.erasing import finish_erasures

    try:
        finished = finish_erasures(store)
    except QuaestorError as cause:
        return f"none was finished: {cause}"
    return f"{len(finished)} that were broken off, their payloads deleted" if finished else ""


def _more_problems(store: "RecordStore", *, full: bool, checkpoint: str | None) -> list["Problem"]:
    """What the store's own verification does not look at: the checkpoint that somebody kept, the lineage tables."""
    from evidence.model.errors import QuaestorError
    from evidence.store.entry import Problem
    from evidence.store.kept import require_extends
    from evidence.store.lineage_check import lineage_problems

    found = []
    if checkpoint is not None:
        try:
            kept = require_extends(store, checkpoint)
            say(f"checkpoint  the ledger continues the one of {kept.size} entries that you kept")
        except QuaestorError as cause:
            found.append(Problem(where=cause.where or "checkpoint", problem=cause.problem))
    if full:
        try:
            found += lineage_problems(store)
        except QuaestorError as cause:
            found.append(Problem(where="lineage", problem=str(cause)))
    return found
