"""`quaestor retention`: until when something is kept, and the erasure of what is due."""

from datetime import datetime
from pathlib import Path

import click

from integrations.cli.shared import INPUT, INSTANT, print_json, read_values, say, session


@click.group(
    epilog="\b\nExamples:\n  quaestor retention ask item.yaml\n  quaestor retention ask item.yaml --at 2036-12-03\n"
    "  quaestor retention erase 4f0c21ab --reason 'purpose ended' --as theo"
)
def command() -> None:
    """Ask until when something is kept, and erase payloads that are due."""


@command.command()
@click.argument("file", type=INPUT)
@click.option("--at", type=INSTANT, help="As of this instant; else now.")
@click.pass_context
def ask(ctx: click.Context, file: Path, at: datetime | None) -> int:
    """Ask the retention policy about the item in FILE (YAML or JSON): keep until, due, held, and why."""
    from integrations.app.retention import ask_retention

    with session(ctx) as opened:
        print_json(ask_retention(opened, read_values(file)[0], at=at).to_json())
    return 0


@command.command()
@click.argument("record_id")
@click.option("--reason", required=True, help="Why it goes; the log keeps it.")
@click.option("--as", "actor", metavar="PERSON", required=True, help="Records manager who signs.")
@click.pass_context
def erase(ctx: click.Context, record_id: str, reason: str, actor: str) -> int:
    """Erase the payload of a record that is due and not held; its entry in the log stays.

    The class under which it is kept is that of its type (`quaestor evidence schema TYPE`, `x-record-class`).
    """
    from integrations.app.records import resolve_id
    from integrations.app.retention import erase_payload

    with session(ctx) as opened:
        full = resolve_id(opened.store, record_id)
        receipt, keeping = erase_payload(opened, full, actor=opened.person(actor), reason=reason)
    say(f"erased the payload of {full}; the log says so at index {receipt.index}")
    for line in keeping.reasons:
        say(f"  {line}")
    return 0
