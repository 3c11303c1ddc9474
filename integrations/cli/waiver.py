"""`quaestor waiver`: a time-boxed exception to one control."""

from datetime import datetime

import click

from integrations.cli.shared import INSTANT, say, session


@click.group(
    epilog="\b\nExamples:\n  quaestor waiver grant INT-01 --subject mortgage@2 --risk 'keys lie in files' \\\n"
    "      --risk-owner omar --requested-by eli --until 2027-01-15 --as dora"
)
def command() -> None:
    """Grant a time-boxed exception to one control."""


@command.command()
@click.argument("control_id", metavar="CONTROL")
@click.option("--subject", "subject_text", required=True, help="Model version or system that it covers.")
@click.option("--risk", required=True, help="Risk that is accepted, in words.")
@click.option("--risk-owner", required=True, help="Person of the register who carries the risk.")
@click.option("--requested-by", required=True, help="Person of the register who asked.")
@click.option("--until", type=INSTANT, required=True, help="When it ends.")
@click.option("--as", "actor", metavar="PERSON", required=True, help="Approver; not the one who asked.")
@click.pass_context
def grant(
    ctx: click.Context,
    control_id: str,
    subject_text: str,
    risk: str,
    risk_owner: str,
    requested_by: str,
    until: datetime,
    actor: str,
) -> int:
    """Grant a waiver of CONTROL. A blocker whose basis is law on that day cannot be waived.

    Many controls, such as FAIR-01, become law for a high-risk system on 2 December 2027. Before, they stand as a policy
    of the house, and can be waived; from that day on such a waiver does not hold, also where it has time left. To see
    that day now: quaestor gate decide GATE SUBJECT --at 2027-12-03. See docs/policies.md, Waivers.
    """
    from integrations.app.approvals import grant_waiver
    from integrations.app.records import find_subject

    with session(ctx) as opened:
        filed = grant_waiver(
            opened,
            find_subject(opened.store, subject_text),
            control_id=control_id,
            risk=risk,
            risk_owner=risk_owner,
            requested_by=requested_by,
            actor=opened.person(actor),
            expires_on=until,
        )
    say(f"waiver {filed.record.id} of {control_id} until {filed.record.content['expires_on']}")
    return 0
