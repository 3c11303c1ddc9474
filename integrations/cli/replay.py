"""`quaestor replay`: make a recorded decision again."""

import click

from integrations.cli.shared import say, session


@click.command(
    epilog="\b\nExamples:\n  quaestor replay 4f0c21ab\n  quaestor replay 4f0c21ab --engine regorus\n\n\b\n"
    "Exit code 0 the same bytes, 1 they differ."
)
@click.argument("decision")
@click.option("--engine", type=click.Choice(("auto", "wasm", "regorus", "opa")), help="Engine; else the recorded one.")
@click.pass_context
def command(ctx: click.Context, decision: str, engine: str | None) -> int:
    """Make DECISION (its id, or the first digits) again out of what was kept, and compare the bytes."""
    from integrations.app.deciding import load_decision, replay

    with session(ctx) as opened:
        result = replay(opened, load_decision(opened.store, decision), engine)
    if result.same:
        say(f"same bytes: {result.again_id}")
        return 0
    say(f"differs: recorded {result.recorded_id}, again {result.again_id}")
    for item in result.differences:
        say(f"  {item.path}: {item.recorded} became {item.again}")
    return 1
