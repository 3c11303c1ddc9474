"""`quaestor verify`: check a report offline."""

from pathlib import Path

import click

from integrations.cli.shared import line, print_json

MARKS = {"ok": "ok     ", "failed": "FAILED ", "not-checked": "-      "}


@click.command(
    epilog="\b\nExamples:\n  quaestor verify report.pdf\n  quaestor verify report.pdf --trust lender.pem\n\n\b\n"
    "Exit code 0 nothing failed, 1 a check failed."
)
@click.argument("report", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Certificate or public key (PEM) that you trust, from the sender by another way; repeat for several.",
)
@click.option("--json", "as_json", is_flag=True, help="The checks as JSON.")
def command(report: Path, trusted: tuple[Path, ...], as_json: bool) -> int:
    """Check REPORT offline: signature, attachments, evidence, ledger proof, and the decision made again."""
    from integrations.app.reporting import verify_report

    result = verify_report(report.read_bytes(), trust=[path.read_bytes() for path in trusted])
    if as_json:
        print_json({**result.to_json(), "ok": result.ok})
        return 0 if result.ok else 1
    for check in result.checks:
        click.echo(f"{MARKS[check.state.value]} {line(check.name)}: {line(check.detail)}")
    if result.ok:
        about = f"{result.subject} at gate {result.gate}: {result.outcome} ({result.decision})"
        click.echo(f"\nverified: {line(about)}")
        if not result.trusted:
            click.echo("who signed it was not checked: compare the fingerprints above, or give --trust CERTIFICATE")
        return 0
    click.echo("\nNOT verified: a check failed; do not rely on this report")
    return 1
