"""`quaestor verify`: check a report offline."""

from pathlib import Path

import click

from integrations.cli.shared import INPUT, kept_checkpoint, present, print_json, say

MAX_TRUST_BYTES = 1 << 20
MARKS = {"ok": "ok     ", "failed": "FAILED ", "not-checked": "-      "}


@click.command(
    epilog="\b\nExamples:\n  quaestor verify report.pdf\n  quaestor verify report.pdf --trust lender.pem\n\n\b\n"
    "Exit code 0 nothing failed, 1 a check failed, 2 no report could be checked."
)
@click.argument("report", type=INPUT)
@click.option(
    "--trust",
    "trusted",
    multiple=True,
    type=INPUT,
    help="Certificate or public key (PEM) that you trust, from the sender by another way; repeat for several.",
)
@click.option(
    "--policies",
    metavar="FOLDER|DIGEST",
    help="Whose policies you expect: a folder, or a bundle's digest. Without it, those of this installation.",
)
@click.option("--checkpoint", type=INPUT, help="A checkpoint of the ledger that you kept: the report's continues it.")
@click.option("--json", "as_json", is_flag=True, help="The checks as JSON.")
def command(
    report: Path, trusted: tuple[Path, ...], policies: str | None, checkpoint: Path | None, as_json: bool
) -> int:
    """Check REPORT offline: signature, attachments, evidence, ledger proof, and the decision made again."""
    from integrations.app.reporting import verify_report
    from reports.words.policies import changed_parameter_text

    kept = None if checkpoint is None else kept_checkpoint(checkpoint)
    with report.open("rb") as source:
        result = verify_report(
            source,
            trust=[_head(path) for path in trusted],
            policies=policies,
            now=present(),
            checkpoint=kept,
        )
    word = ("verified" if result.trusted and result.made_again else "consistent") if result.ok else "not verified"
    if as_json:
        print_json({**result.to_json(), "ok": result.ok, "verdict": word})
        return 0 if result.ok else 1
    for check in result.checks:
        say(f"{MARKS[check.state.value]} {check.name}: {check.detail}")
        for one in check.parameters or ():
            say(f"{'':8} {changed_parameter_text(one)}")
    if result.ok:
        say()
        if not result.trusted:
            say("who signed it was not checked: compare the fingerprints above, or give --trust CERTIFICATE")
        for check in result.checks:
            if check.name == "policies" and check.state.value != "ok":
                say(f"its policies: {check.detail}")
            if check.name == "replay" and not result.made_again:
                say(f"not all of it was made again: {check.detail}")
        say(f"{word}: {result.subject} at gate {result.gate}: {result.outcome} ({result.decision})")
        return 0
    say()
    say("NOT verified: a check failed; do not rely on this report")
    return 1


def _head(path: Path) -> bytes:
    """The beginning of a file, in which a certificate or key of any sane size lies whole."""
    with path.open("rb") as file:
        return file.read(MAX_TRUST_BYTES)
