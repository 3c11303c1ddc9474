"""The first line of a YAML file by which an editor finds its schema, as the YAML language server reads it."""

import os
from pathlib import Path

SCHEMAS = ".vscode/quaestor"
"""Folder of the schemas. It holds nothing secret and may be shared, which `.quaestor` with its keys may not."""


def schema_line(path: Path, name: str) -> str:
    """The comment that names the schema of a YAML file at `path`, with its line break.

    It is the schema that `quaestor policy editor` wrote into the nearest folder above; empty where it wrote none.
    """
    folder = path.absolute().parent
    for above in (folder, *folder.parents):
        schema = above / SCHEMAS / f"{name}.json"
        if schema.is_file():
            return f"# yaml-language-server: $schema={Path(os.path.relpath(schema, folder)).as_posix()}\n"
    return ""


def evidence_name(kind: str) -> str:
    """The name of the schema of an evidence type, or of `statement:<kind>`."""
    return f"evidence/{kind.replace(':', '/')}"
