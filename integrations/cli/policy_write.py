"""`quaestor policy schema`, `editor` and `fmt`: what authors write by."""

from pathlib import Path

import click

from integrations.cli.shared import (
    folder_option,
    overlay_option,
    policies_folder,
    policies_in_force,
    print_json,
    say,
    table,
    text_or_json,
    workspace_if_any,
    workspace_overlay,
    write,
)


@click.command()
@click.argument("kind", metavar="TYPE", required=False)
@text_or_json
@folder_option
@overlay_option
@click.pass_context
def schema(ctx: click.Context, kind: str | None, shape: str, policies: Path | None, overlay: Path | None) -> int:
    """Tell the fields of an evidence TYPE, or of statement:KIND, in words, or as JSON Schema; without it list all."""
    from engine.bundle.explanation import title_of
    from integrations.app.writing import schema_of, schema_words

    bundle, _ = policies_in_force(ctx, policies, overlay)
    if kind is None:
        table([(name, title_of(bundle, name)) for name in sorted(bundle.schemas)], ("type", "what it is"))
    elif shape == "json":
        print_json(schema_of(bundle, kind))
    else:
        write(schema_words(bundle, kind), None)
    return 0


@click.command()
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that the editor opens; else the workspace's, else the current one.",
)
@folder_option
@overlay_option
@click.pass_context
def editor(ctx: click.Context, output: Path | None, policies: Path | None, overlay: Path | None) -> int:
    """Write JSON Schemas of what people write by hand, and VS Code settings that name them, into a folder.

    For gates, parameters, overlay, cases, plans, records and the like; settings that are there already are kept.
    """
    from integrations.app.editor import SETTINGS, write_help
    from integrations.app.modelines import SCHEMAS

    here = workspace_if_any(ctx)
    folder = output or (here.settings.root if here is not None else Path())
    count = write_help(policies_folder(ctx, policies), folder, overlay or workspace_overlay(ctx, policies))
    say(f"{count} schemas: {folder / SCHEMAS}")
    say(f"settings: {folder / SETTINGS}")
    return 0


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 where a file is not in this form.")
@folder_option
@click.pass_context
def fmt(ctx: click.Context, check: bool, policies: Path | None) -> int:
    """Give the Rego of a bundle OPA's own form, and list the files that had another. Needs OPA (`make opa`).

    In a workspace whose overlay is a folder that is written, and the policies too unless they are Quaestor's.
    """
    from integrations.app.settings import builtin_policies
    from integrations.app.writing import format_policies

    folder, own = policies_folder(ctx, policies), workspace_overlay(ctx, policies)
    folders = [own] if own is not None and own.is_dir() else []
    if not folders or folder.resolve() != builtin_policies().resolve():
        folders.append(folder)
    found = [name for each in folders for name in format_policies(each, write=not check)]
    for name in found:
        say(name)
    say(f"{len(found)} files {'are not in this form' if check else 'written'}")
    return 1 if check and found else 0
