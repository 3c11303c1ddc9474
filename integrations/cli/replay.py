"""`quaestor replay`: make a recorded decision again."""

import click

from integrations.cli.shared import say, session


@click.command(
    epilog="\b\nExamples:\n  quaestor replay 4f0c21ab\n  quaestor replay 4f0c21ab --engine regorus\n"
    "  quaestor replay 4f0c21ab --file\n\n\b\n"
    "Exit code 0 the same bytes, 1 they differ."
)
@click.argument("decision")
@click.option("--engine", type=click.Choice(("auto", "wasm", "regorus", "opa")), help="Engine; else the recorded one.")
@click.option("--file", "keep", is_flag=True, help="File what it gave as a replay-check of the decision's subject.")
@click.pass_context
def command(ctx: click.Context, decision: str, engine: str | None, keep: bool) -> int:
    """Make DECISION (its id, or the first digits) again out of what was kept, and compare the bytes."""
    from integrations.app.deciding import file_replay, load_decision, replay

    with session(ctx) as opened:
        recorded = load_decision(opened.store, decision)
        result = replay(opened, recorded, engine)
        if keep:
            say(f"filed: replay-check {file_replay(opened, recorded, result).record.id}")
    if result.same:
        say(f"same bytes: {result.again_id}")
        return 0
    say(f"differs: recorded {result.recorded_id}, again {result.again_id}")
    for item in result.differences:
        say(f"  {item.path}: {item.recorded} became {item.again}")
    return 1
