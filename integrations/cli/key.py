"""`quaestor key`: keys of persons and machines, and the keyring."""

from pathlib import Path
from typing import Literal

import click

from integrations.cli.shared import say, table, workspace


@click.group(
    epilog="\b\nExamples:\n  quaestor key new ana --name 'Ana Ruiz' --role validator\n"
    "  quaestor key trust bob.pem --holder bob --name 'Bob Stone' --role compliance\n  quaestor key list"
)
def command() -> None:
    """Make keys of persons and machines, and list the keyring."""


name_option = click.option("--name", required=True, help="Full name of the person or machine.")
role_option = click.option("--role", "roles", multiple=True, help="Role that the holder has; repeat for several.")
machine_option = click.option("--machine", is_flag=True, help="The holder is a machine, such as a CI runner.")
custody_option = click.option(
    "--custody", default="file", show_default=True, help="Where the key is kept: file, vault, kms, hsm."
)


@command.command()
@click.argument("holder")
@name_option
@role_option
@machine_option
@click.pass_context
def new(ctx: click.Context, holder: str, name: str, roles: tuple[str, ...], machine: bool) -> int:
    """Make an Ed25519 key for HOLDER, in a file, and add it to the keyring."""
    from integrations.app.setup import new_person

    kind: Literal["person", "machine"] = "machine" if machine else "person"
    key = new_person(workspace(ctx), holder, name=name, roles=roles, kind=kind)
    say(f"{key.kind} {key.holder} ({key.name}), roles {', '.join(key.roles) or 'none'}, key {key.keyid}")
    return 0


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--holder", required=True, help="Id of the person or machine, such as ana.")
@name_option
@role_option
@machine_option
@custody_option
@click.pass_context
def trust(
    ctx: click.Context, file: Path, holder: str, name: str, roles: tuple[str, ...], machine: bool, custody: str
) -> int:
    """Add somebody's public key (PEM) to the keyring."""
    from evidence.model.errors import SignatureError
    from evidence.trust.keys import public_keyid
    from integrations.app.setup import trust_key

    try:
        text = file.read_bytes().decode()
        public_keyid(text)
    except (UnicodeDecodeError, SignatureError):
        hint = "ask the holder for the public key; `openssl pkey -in key.pem -pubout` writes it"
        raise SignatureError("not a public key in PEM form", where=str(file), hint=hint) from None
    kind: Literal["person", "machine"] = "machine" if machine else "person"
    key = trust_key(workspace(ctx), text, holder, name=name, roles=roles, kind=kind, custody=custody)
    say(f"trusted {key.holder}, key {key.keyid}")
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
