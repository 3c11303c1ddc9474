"""`quaestor report`: the signed PDF of a decision."""

from pathlib import Path

import click

from integrations.cli.shared import INPUT, OutputType, kept_checkpoint, say, session, write

MAX_TOLD, MAX_LETTERS = 5, 20


@click.command(epilog="\b\nExamples:\n  quaestor report 4f0c21ab --output mortgage-2.pdf")
@click.argument("decision")
@click.option("--output", "-o", type=OutputType(".pdf"), required=True, help="PDF to write.")
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
        given = materials(opened, recorded, since=kept)
        data = document.make(given)
        lacking = document.unset(given)
    write(data, output)
    for field, letters in list(lacking.items())[:MAX_TOLD]:
        told = letters if len(letters) <= MAX_LETTERS else f"{letters[:MAX_LETTERS]}…"
        say(f"note: no font of the report has the letters `{told}` of `{field}`: its pages show boxes there", err=True)
    if lacking:
        more = f"; {len(lacking) - MAX_TOLD} more fields have such letters" if len(lacking) > MAX_TOLD else ""
        mend = "write them in Latin, Greek or Cyrillic letters too; the attached files have them whole"
        say(f"  to mend it: {mend}{more}", err=True)
    say(f"{output}: {document.name} of {len(data)} bytes, decision {recorded.decision.id}")
    say(f"check it: quaestor verify {output}")
    return 0
