"""`quaestor key`: the register of people and machines: their keys and roles."""

from datetime import datetime
from pathlib import Path
from typing import Literal

import click

from integrations.cli.shared import INPUT, INSTANT, say, session, table


@click.group(
    epilog="\b\nExamples:\n  quaestor key new ana --name 'Ana Ruiz' --role validator\n"
    "  quaestor key trust bob.pem --holder bob --name 'Bob Stone' --role compliance\n"
    "  quaestor key role ana --grant compliance --end validator\n  quaestor key list"
)
def command() -> None:
    """Keep the register of people: keys, roles, since when. An administrator signs each change."""


name_option = click.option("--name", required=True, help="Full name of the person or machine.")
role_option = click.option("--role", "roles", multiple=True, help="Role that the holder gets; repeat for several.")
machine_option = click.option("--machine", is_flag=True, help="The holder is a machine, such as a CI runner.")
custody_option = click.option(
    "--custody", default="file", show_default=True, help="Where the key is kept: file, vault, kms, hsm."
)
admin_option = click.option(
    "--as",
    "administrators",
    multiple=True,
    metavar="ADMINISTRATOR",
    help="Who signs; else the administrator whose key is in this workspace.",
)


@command.command()
@click.argument("holder")
@name_option
@role_option
@machine_option
@admin_option
@click.pass_context
def new(
    ctx: click.Context, holder: str, name: str, roles: tuple[str, ...], machine: bool, administrators: tuple[str, ...]
) -> int:
    """Make an Ed25519 key for HOLDER and enter it in the register."""
    from integrations.app.people import new_holder

    kind: Literal["person", "machine"] = "machine" if machine else "person"
    with session(ctx) as opened:
        made = new_holder(
            opened, holder, name=name, roles=roles, kind=kind, custody="file", administrators=administrators
        )
    held = ", ".join(grant.role for grant in made.grants if grant.until is None) or "none"
    say(f"{made.kind} {made.id} ({made.name}), roles {held}, key {made.keys[-1].keyid}")
    return 0


@command.command()
@click.argument("file", type=INPUT)
@click.option("--holder", required=True, help="Id of the person or machine, such as ana.")
@name_option
@role_option
@machine_option
@custody_option
@admin_option
@click.pass_context
def trust(
    ctx: click.Context,
    file: Path,
    holder: str,
    name: str,
    roles: tuple[str, ...],
    machine: bool,
    custody: str,
    administrators: tuple[str, ...],
) -> int:
    """Enter somebody's public key (PEM) in the register."""
    from evidence.model.errors import SignatureError
    from evidence.trust.keys import public_keyid
    from integrations.app.people import add_key

    try:
        text = file.read_bytes().decode()
        keyid = public_keyid(text)
    except (UnicodeDecodeError, SignatureError):
        hint = "ask the holder for the public key; `openssl pkey -in key.pem -pubout` writes it"
        raise SignatureError("not a public key in PEM form", where=str(file), hint=hint) from None
    kind: Literal["person", "machine"] = "machine" if machine else "person"
    with session(ctx) as opened:
        add_key(opened, text, holder, name=name, roles=roles, kind=kind, custody=custody, administrators=administrators)
    say(f"trusted {holder}, key {keyid}")
    return 0


@command.command()
@click.argument("keyid")
@click.option("--since", type=INSTANT, default=None, help="Since when it counts no more (RFC 3339); else now.")
@admin_option
@click.pass_context
def remove(ctx: click.Context, keyid: str, since: datetime | None, administrators: tuple[str, ...]) -> int:
    """Remove a key: what it signed since then counts no more, what it signed before still does."""
    from integrations.app.people import remove_key

    with session(ctx) as opened:
        made = remove_key(opened, keyid, since=since, administrators=administrators)
    say(f"removed a key of {made.id}")
    return 0


@command.command()
@click.argument("holder")
@click.option("--grant", multiple=True, metavar="ROLE", help="Role that the holder gets from now on.")
@click.option("--end", multiple=True, metavar="ROLE", help="Role that ends now.")
@admin_option
@click.pass_context
def role(
    ctx: click.Context, holder: str, grant: tuple[str, ...], end: tuple[str, ...], administrators: tuple[str, ...]
) -> int:
    """Give roles to a HOLDER and end others. What was signed in an ended role still counts."""
    from integrations.app.people import change_roles

    if not grant and not end:
        raise click.UsageError("say which: --grant ROLE or --end ROLE")
    with session(ctx) as opened:
        made = change_roles(opened, holder, grant=grant, end=end, administrators=administrators)
    say(f"{made.id} holds {', '.join(one.role for one in made.grants if one.until is None) or 'no role'}")
    return 0


@command.command()
@admin_option
@click.pass_context
def renew(ctx: click.Context, administrators: tuple[str, ...]) -> int:
    """Sign the register as it is for another year."""
    from evidence.model.base import format_instant
    from integrations.app.people import renew as renew_register

    with session(ctx) as opened:
        made = renew_register(opened, administrators=administrators)
    say(f"version {made.version} of the register holds until {format_instant(made.expires_at)}")
    return 0


@command.command(name="list")
@click.pass_context
def list_keys(ctx: click.Context) -> int:
    """List the register: each key with its holder, their roles, since when and until when."""
    from evidence.model.base import format_instant

    with session(ctx) as opened:
        keys = opened.keyring.keys
    rows = [
        (
            key.holder,
            key.name,
            key.kind,
            ", ".join(key.roles) or "none",
            key.custody,
            format_instant(key.since),
            format_instant(key.until) if key.until else "",
            key.keyid[:16],
        )
        for key in keys
    ]
    table(rows, ("holder", "name", "kind", "roles", "custody", "since", "until", "key"))
    return 0
