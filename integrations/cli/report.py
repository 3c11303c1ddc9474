"""`quaestor report`: the signed PDF of a decision."""

from pathlib import Path

import click

from integrations.cli.shared import INPUT, kept_checkpoint, say, session, write


@click.command(epilog="\b\nExamples:\n  quaestor report 4f0c21ab --output mortgage-2.pdf")
@click.argument("decision")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), required=True, help="PDF to write.")
@click.option("--since", type=INPUT, help="A checkpoint that the reader kept: show that the ledger continues it.")
@click.pass_context
def command(ctx: click.Context, decision: str, output: Path, since: Path | None) -> int:
    """Write the signed PDF/A-3 of DECISION (its id, or the first digits), with all that it rests on attached."""
    from integrations.app.deciding import load_decision
    from integrations.app.reporting import decision_pack, materials

    with session(ctx) as opened:
        recorded = load_decision(opened.store, decision)
        document = decision_pack(opened, recorded)
        kept = None if since is None else kept_checkpoint(since)
        data = document.make(materials(opened, recorded, since=kept))
    write(data, output)
    say(f"{output}: {document.name} of {len(data)} bytes, decision {recorded.decision.id}")
    say(f"check it: quaestor verify {output}")
    return 0
