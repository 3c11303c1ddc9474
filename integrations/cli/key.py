"""`quaestor key`: keys of persons and machines, and the keyring."""

from pathlib import Path

import click

from integrations.cli.shared import table, workspace


@click.group(epilog="\b\nExamples:\n  quaestor key new ana --name 'Ana Ruiz' --role validator\n  quaestor key list")
def command() -> None:
    """Make keys of persons and machines, and list the keyring."""


@command.command()
@click.argument("holder")
@click.option("--name", required=True, help="Full name of the person or machine.")
@click.option("--role", "roles", multiple=True, help="Role that the holder has; repeat for several.")
@click.option("--machine", is_flag=True, help="The holder is a machine, such as a CI runner.")
@click.option("--custody", default="file", show_default=True, help="Where the key is kept: file, vault, kms, hsm.")
@click.pass_context
def new(ctx: click.Context, holder: str, name: str, roles: tuple[str, ...], machine: bool, custody: str) -> int:
    """Make an Ed25519 key for HOLDER and add it to the keyring."""
    from integrations.setup import new_person

    kind = "machine" if machine else "person"
    key = new_person(workspace(ctx), holder, name=name, roles=roles, kind=kind, custody=custody)
    click.echo(f"{kind} {key.holder} ({key.name}), roles {', '.join(key.roles) or 'none'}, key {key.keyid}")
    return 0


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--holder", required=True)
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True)
@click.option("--machine", is_flag=True)
@click.option("--custody", default="file", show_default=True)
@click.pass_context
def trust(
    ctx: click.Context, file: Path, holder: str, name: str, roles: tuple[str, ...], machine: bool, custody: str
) -> int:
    """Add somebody's public key (PEM) to the keyring."""
    from evidence.signing import TrustedKey, public_keyid

    text = file.read_text(encoding="utf-8")
    key = TrustedKey(
        keyid=public_keyid(text),
        public_key=text,
        holder=holder,
        name=name,
        kind="machine" if machine else "person",
        roles=roles,
        custody=custody,
    )
    workspace(ctx).trust(key)
    click.echo(f"trusted {key.holder}, key {key.keyid}")
    return 0


@command.command(name="list")
@click.pass_context
def list_keys(ctx: click.Context) -> int:
    """List the keyring."""
    rows = [
        (key.holder, key.name, key.kind, ", ".join(key.roles), key.custody, key.keyid[:16])
        for key in workspace(ctx).keyring.keys
    ]
    table(rows, ("holder", "name", "kind", "roles", "custody", "key"))
    return 0
