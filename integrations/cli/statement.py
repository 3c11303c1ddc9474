"""`quaestor statement`: the kinds of statement that people sign."""

import click

from integrations.cli.shared import policies_of, print_json, table


@click.group(
    epilog="\b\nExamples:\n  quaestor statement list\n  quaestor statement schema prohibited-screen\n"
    "  quaestor evidence template statement:prohibited-screen -o screen.yaml"
)
def command() -> None:
    """List the kinds of statement, and show what one holds."""


@command.command(name="list")
@click.pass_context
def list_kinds(ctx: click.Context) -> int:
    """List the kinds: who signs, who may not, what the scope names, for how long one holds."""
    kinds = policies_of(ctx).signers.statements
    rows = [
        (k.name, ", ".join(k.signed_by), ", ".join(k.not_by) or "-", k.scope, k.valid_for, k.title)
        for _, k in sorted(kinds.items())
    ]
    table(rows, ("kind", "signed by", "not by", "scope", "holds", "title"))
    return 0


@command.command()
@click.argument("kind")
@click.pass_context
def schema(ctx: click.Context, kind: str) -> int:
    """Print the JSON Schema of a statement of KIND: an attestation whose facts are typed."""
    from engine.bundle.statements import STATEMENT
    from engine.errors import did_you_mean
    from evidence.model.errors import QuaestorError

    bundle = policies_of(ctx)
    name = kind.removeprefix(STATEMENT)
    if name not in bundle.signers.statements:
        raise QuaestorError(f"unknown kind of statement `{name}`", hint=did_you_mean(name, bundle.signers.statements))
    print_json(bundle.schemas[STATEMENT + name])
    return 0
