"""`quaestor approve`: a person's decision on a model version at a gate."""

import click

from integrations.cli.shared import say, session


@click.command(
    epilog="\b\nExamples:\n  quaestor approve mortgage@2 --gate staging --role validator --as ana\n"
    "  quaestor approve mortgage@2 --gate staging --role compliance --as omar --reject --reason 'card is out of date'"
)
@click.argument("subject_text", metavar="SUBJECT")
@click.option("--gate", required=True, help="Gate the approval is for.")
@click.option("--role", required=True, help="Role in which you decide; your key must hold it.")
@click.option("--as", "actor", metavar="PERSON", required=True, help="Person of the register who signs.")
@click.option("--reject", is_flag=True, help="Reject instead of approving.")
@click.option("--reason", help="Reason; always given with --reject.")
@click.pass_context
def command(
    ctx: click.Context, subject_text: str, gate: str, role: str, actor: str, reject: bool, reason: str | None
) -> int:
    """Approve SUBJECT (SYSTEM@VERSION) at a gate. Nobody approves what they trained or built; reject it they may."""
    from evidence.model.errors import QuaestorError
    from integrations.app.approvals import approve
    from integrations.app.records import find_subject

    if reject and not reason:
        raise QuaestorError("a rejection needs a reason", hint="--reason '…'")
    with session(ctx) as opened:
        subject = find_subject(opened.store, subject_text)
        filed = approve(
            opened,
            subject,
            gate=gate,
            role=role,
            actor=opened.person(actor),
            decision="reject" if reject else "approve",
            reason=reason,
        )
    word = "rejected" if reject else "approved"
    say(f"{word} {subject.name} at {gate} as {role}: approval {filed.record.id}")
    return 0
