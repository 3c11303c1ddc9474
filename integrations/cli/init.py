"""`quaestor init`: a workspace with settings, keys and a store."""

from pathlib import Path
from typing import Any

import click

from integrations.cli.shared import as_given, present, say


class _Folder(click.Path):
    """A folder that has a name: "", as an unset variable of a script gives it, would be the one in which one is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("the folder has no name; write `.` for this one", param, ctx)
        return super().convert(value, param, ctx)


@click.command(
    epilog="\b\nExamples:\n  quaestor init\n  quaestor init lender --name 'Example Lender'\n"
    "  quaestor init --store postgresql://user@host/quaestor",
)
@click.argument("folder", type=_Folder(path_type=Path, file_okay=False), default=Path())
@click.option("--name", default=None, help="Name of the organisation; it names the ledger. Else the folder's name.")
@click.option("--store", default="sqlite:///.quaestor/store.db", show_default=True, help="Database URL.")
@click.option(
    "--policies",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Own policy bundle; else the one that comes along.",
)
@click.option("--admin", default="admin", show_default=True, help="Id of the first administrator.")
@click.option("--admin-name", default=None, help="Full name of the first administrator.")
def command(
    folder: Path, name: str | None, store: str, policies: Path | None, admin: str, admin_name: str | None
) -> int:
    """Make a workspace: settings, keys, and a store whose ledger begins with the register of people.

    Nothing that is there already is overwritten.
    """
    from integrations.app.setup import create_workspace

    made = create_workspace(
        folder.resolve(),
        name=name,
        store=store,
        policies=policies,
        now=present(),
        administrator=admin,
        administrator_name=admin_name,
    )
    say(as_given(f"workspace {made.settings.root}"))
    say(as_given(f"  settings     {made.settings.root / 'quaestor.toml'}"))
    say(as_given(f"  admin key    {made.settings.keys / admin}.pem"))
    say(f"  ledger key   {made.machine_key.keyid}")
    say("next: quaestor key new <person> --name 'Full Name' --role validator")
    return 0
