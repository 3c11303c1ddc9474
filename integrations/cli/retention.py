"""`quaestor retention`: until when something is kept, and the erasure of what is due."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from integrations.cli.shared import INPUT, INSTANT, print_json, read_values, say, session, table

if TYPE_CHECKING:
    from integrations.app.erasing import ErasurePlan

MOST = 8
"""Reasons that are summed up."""


@click.group(
    epilog="\b\nExamples:\n  quaestor retention ask item.yaml\n  quaestor retention ask item.yaml --at 2036-12-03\n"
    "  quaestor retention erase 4f0c21ab --reason 'purpose ended' --as theo\n"
    "  quaestor retention erase --node data/train --plan     all that was made of it, and what may go\n"
    "  quaestor retention erase --node data/train --reason 'consent withdrawn' --as theo"
)
def command() -> None:
    """Ask until when something is kept, and erase payloads that are due."""


@command.command()
@click.argument("file", type=INPUT)
@click.option("--at", type=INSTANT, help="As of this instant; else now.")
@click.pass_context
def ask(ctx: click.Context, file: Path, at: datetime | None) -> int:
    """Ask the retention policy about the item in FILE (YAML or JSON): keep until, due, held, and why."""
    from integrations.app.retention import ask_retention, require_item

    item, lines = read_values(file)
    require_item(item, where=str(file), lines=lines)
    with session(ctx) as opened:
        print_json(ask_retention(opened, item, at=at).to_json())
    return 0


@command.command()
@click.argument("record_id", required=False)
@click.option("--node", help="Node of the lineage instead of a record: it and all that was made of it.")
@click.option("--descendants", is_flag=True, help="What the record is about, and all that was made of it.")
@click.option("--plan", is_flag=True, help="Show every descendant, what may go and what stays; erase nothing.")
@click.option("--json", "as_json", is_flag=True, help="With --plan: as JSON.")
@click.option("--reason", help="Why it goes; the log keeps it.")
@click.option("--as", "actor", metavar="PERSON", help="Records manager who signs; with --plan, who would.")
@click.pass_context
def erase(
    ctx: click.Context,
    record_id: str | None,
    node: str | None,
    descendants: bool,
    plan: bool,
    as_json: bool,
    reason: str | None,
    actor: str | None,
) -> int:
    """Erase the payload of a record that is due and not held; its entry in the log stays.

    The class under which it is kept is that of its type (`quaestor evidence schema TYPE`, `x-record-class`).

    With --node or --descendants the erasure follows the lineage to every dataset, run, model and output that was made
    of the data, and judges each record about one of them by itself. What is due goes in one act, each with its entry
    in the log; the rest is listed with what keeps it. --plan shows all of it first.
    """
    from integrations.app.records import resolve_id
    from integrations.app.retention import erase_payload

    if (record_id is None) == (node is None):
        raise click.UsageError("name the record, or with --node a node of the lineage: one of them")
    if plan and not (node or descendants):
        raise click.UsageError("--plan shows an erasure through the lineage: add --descendants")
    if as_json and not plan:
        raise click.UsageError("--json is a form of --plan")
    if plan:
        _show_plan(ctx, record_id, node, actor, as_json=as_json)
        return 0
    if reason is None or actor is None:
        raise click.UsageError("an erasure names its --reason and, with --as, who signs")
    if node or descendants:
        _erase_descendants(ctx, record_id, node, actor, reason)
        return 0
    with session(ctx) as opened:
        full = resolve_id(opened.store, record_id or "")
        receipt, keeping = erase_payload(opened, full, actor=opened.person(actor), reason=reason)
    say(f"erased the payload of {full}; the log says so at index {receipt.index}")
    for line in keeping.reasons:
        say(f"  {line}")
    return 0


def _show_plan(
    ctx: click.Context, record_id: str | None, node: str | None, actor: str | None, *, as_json: bool
) -> None:
    from integrations.app.erasing import plan_erasure
    from integrations.app.moment import Moment
    from integrations.app.records import resolve_id

    with session(ctx) as opened:
        full = None if record_id is None else resolve_id(opened.store, record_id)
        who = None if actor is None else opened.person(actor)
        planned = plan_erasure(opened, Moment(opened), node=node, record_id=full, actor=who)
    if as_json:
        print_json(planned.to_json())
        return
    _tell(planned)
    _why_so_much_stays(planned)
    say(f"{len(planned.ids('erase'))} payloads would go, {len(planned.ids('keep'))} would stay; nothing was erased")


def _erase_descendants(ctx: click.Context, record_id: str | None, node: str | None, actor: str, reason: str) -> None:
    from integrations.app.erasing import erase_descendants
    from integrations.app.records import resolve_id

    with session(ctx) as opened:
        full = None if record_id is None else resolve_id(opened.store, record_id)
        done, receipts = erase_descendants(opened, node=node, record_id=full, actor=opened.person(actor), reason=reason)
    _tell(done)
    if receipts:
        first, last = min(item.index for item in receipts), max(item.index for item in receipts)
        say(f"{len(receipts)} payloads erased; the log says so of each, at index {first} to {last}")
    else:
        _why_so_much_stays(done)
        say("nothing was erased: nothing more is due")


def _why_so_much_stays(plan: "ErasurePlan") -> None:
    """What keeps the payloads that stay, the most frequent first: of many, nobody reads them one by one."""
    counted = Counter(item.why[0] for item in plan.items if item.verdict == "keep" and item.why)
    for why, number in counted.most_common(MOST):
        say(f"{number} stay: {why}")
    if len(counted) > MOST:
        say(f"and for {len(counted) - MOST} further reasons, above")
    if any("retention-schedule" in why for why in counted):
        say("what has no schedule stays: quaestor evidence add retention-schedule FILE --system … --as PERSON")


def _tell(plan: "ErasurePlan") -> None:
    """The descendants, what they stand for lies outside; and each payload of the store, with what decides."""
    rows = [
        (item.id, item.kind, item.owner or "-", ", ".join(item.systems) or "-", "start" if item.start else "made of it")
        for item in plan.nodes
    ]
    if rows:
        table(rows, ("node", "kind", "owner", "system", "is"))
        say("what the nodes stand for lies elsewhere: for each, delete, retrain, unlearn, exempt or retire (PRIV-07)")
    else:
        say("the lineage knows nothing of it")
    for item in plan.items:
        name = item.type or item.kind
        about = f"  about {', '.join(item.about)}" if item.about else ""
        say(f"{item.verdict:<6}  {name} {item.id[:19]} of {item.system_id}{about}")
        for line in item.why:
            say(f"          {line}")
