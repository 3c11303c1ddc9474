"""What several verbs share: the workspace, options, and how values are printed."""

import contextlib
import json
import os
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reports.words.escape import HIDDEN, clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.bundle.effective import Effective
    from engine.bundle.load import Bundle
    from engine.errors import PolicyError
    from evidence.model.yaml import Place
    from integrations.app.session import Session
    from integrations.app.workspace import Workspace

LINES = (".jsonl", ".ndjson")
"""Files of JSON lines (jsonlines.org): one value a line."""
ONE_A_LINE = 'write one JSON object a line: {"name": "value"}'
MAX_LINES = 10_000
"""Records that one file brings: they are filed all or none."""
FORMATS = ("text", "json", "junit", "sarif", "markdown")


class InstantType(click.ParamType[Any]):
    """An RFC 3339 date-time with zone, or a day (its first second, UTC)."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from evidence.model.base import parse_instant

        try:
            return parse_instant(f"{value}T00:00:00Z" if isinstance(value, str) and len(value) == 10 else value)
        except ValueError as cause:
            self.fail(f"`{value}`: {cause}", param, ctx)


INSTANT = InstantType()
as_holder = click.option(
    "--as",
    "actor",
    metavar="HOLDER",
    required=True,
    help="Person of the register, or machine of another tool, who signs; their key file lies in the key folder.",
)
folder_option = click.option(
    "--policies", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Bundle; else the workspace's."
)
text_or_json = click.option(
    "--format", "shape", type=click.Choice(("text", "json")), default="text", show_default=True, help="Shape."
)
format_option = click.option(
    "--format", "-f", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="Form of the answer."
)


TEXTS = (".json", ".xml", ".sarif", ".md", ".txt", ".out", ".log", "")
"""Endings of what is made again and again for people and CI to read; "" is a name without one, such as `decision`."""


class OutputType(click.Path):
    """A file to write, in a folder that is there and can be written: said before the work, not after it.

    Nothing below `.quaestor` or of the workspace's store, blobs and keys is one. A file with something in it is
    replaced only where its name ends in one of `endings`, as what the command makes again does: another one somebody
    wrote by hand, or cannot make again.
    """

    def __init__(self, *endings: str) -> None:
        super().__init__(path_type=Path, dir_okay=False, writable=True)
        self._endings = endings

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        shown = clean(str(path))
        if _is_kept(path, ctx):
            self.fail(f"`{shown}` lies where the workspace keeps its store and keys; name a file elsewhere", param, ctx)
        if path.is_file() and path.stat().st_size and not self._made_again(path):
            told = f", and only a file of the name {' or '.join(f'…{end}' for end in self._endings if end)} is replaced"
            told = told if self._endings else ""
            self.fail(f"`{shown}` is there already{told}; name another file, or remove it first", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"the folder `{clean(str(path.parent))}` is not there; make it first", param, ctx)
        if not os.access(path.parent, os.W_OK):
            self.fail(f"the folder `{clean(str(path.parent))}` cannot be written", param, ctx)
        return path

    def _made_again(self, path: Path) -> bool:
        name = path.name.lower()
        ends = any(name.endswith(end) for end in self._endings if end)
        return ends or ("" in self._endings and not path.suffix and not name.startswith("."))


def _is_kept(path: Path, ctx: click.Context | None) -> bool:
    """Whether a path lies where a workspace keeps what it records and signs with, by whatever link."""
    from evidence.model.errors import QuaestorError

    place = path.resolve()
    if any(part.casefold() == ".quaestor" for part in place.parent.parts):
        return True
    with contextlib.suppress(QuaestorError, OSError):
        settings = workspace(ctx or click.get_current_context()).settings
        folders = [settings.blobs.resolve(), settings.keys.resolve()]
        store = Path(settings.store.removeprefix("sqlite:///")).resolve()
        return place == store or any(place.is_relative_to(folder) for folder in folders)
    return False


class InputType(click.Path):
    """A file to read: a plain one, since a device or a pipe may have no end, or none that ever comes."""

    def __init__(self, *, folder_too: bool = False) -> None:
        super().__init__(path_type=Path, exists=True, dir_okay=folder_too)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not (path.is_file() or path.is_dir()):
            self.fail(f"`{clean(str(path))}` is not a file, but a device or a pipe", param, ctx)
        return path


INPUT = InputType()
overlay_option = click.option(
    "--overlay",
    type=InputType(folder_too=True),
    help="Overlay, a file or folder; else the workspace's, with its own policies.",
)


def say(text: str = "", *, err: bool = False) -> None:
    """One line for people: whatever is in it, it stays one line in which nothing is hidden."""
    click.echo(clean(text), err=err)


OUTPUT = OutputType(*TEXTS)
output_option = click.option("--output", "-o", type=OUTPUT, help="File to write; else standard output.")


def workspace(ctx: click.Context) -> "Workspace":
    """The workspace that the command line names, else the nearest."""
    from integrations.app.workspace import Workspace

    return Workspace.find((ctx.find_root().obj or {}).get("workspace"))


def mistake_lines(cause: BaseException, known: "Mapping[str, Any] | None" = None) -> list[str]:
    """What went wrong and how to mend it, in lines, whatever happened; `known` as for `as_given`."""
    from evidence.model.errors import QuaestorError

    if isinstance(cause, QuaestorError):
        lines = [f"quaestor: {line}" for line in getattr(cause, "lines", (str(cause),))]
        lines += [f"  to mend it: {cause.hint}"] if cause.hint else []
        return list(map(_naming(known), lines))
    if isinstance(cause, FileNotFoundError) and cause.filename is None:
        return ["quaestor: the current folder was removed", "  to mend it: go to one that is there"]
    if isinstance(cause, OSError):
        place = f"`{cause.filename}`: " if cause.filename else ""
        return [f"quaestor: {place}{cause.strerror or cause}"]
    if isinstance(cause, MemoryError):
        return ["quaestor: out of memory; nothing was recorded by this command after its last message"]
    return [
        f"quaestor: unexpected {type(cause).__name__}: {cause}",
        "  this is a defect of Quaestor; run `quaestor --verbose …` and report what it shows",
    ]


def as_given(text: str, known: "Mapping[str, Any] | None" = None) -> str:
    """A text in which files are named as the user names them: from the workspace as they gave it, or from here.

    What an argument names in full stays so. `known` is what the command line said; else that of the running command.
    """
    return _naming(known)(text)


def _naming(known: "Mapping[str, Any] | None" = None) -> "Callable[[str], str]":
    """`as_given` for many texts: where the workspace is, is looked up once."""
    context = click.get_current_context(silent=True)
    known = known if known is not None else (context.find_root().obj if context else None) or {}
    arguments = known.get("arguments", ())
    folders = [
        (re.compile(_BEGINS + re.escape(f"{folder}{os.sep}")), "" if name == os.curdir else f"{name}{os.sep}")
        for folder, name in _folders(known.get("workspace"))
        if not any(folder in argument for argument in arguments)
    ]

    def named(text: str) -> str:
        for folder, name in folders:
            text = name.join(folder.split(text))
        return text

    return named


_BEGINS = r"(?<![^\s`'\"(=:,])"
"""Where a path may begin: `/a` stands in `/b/a` too, which is another."""


def _folders(workspace: str | None) -> "Iterator[tuple[str, str]]":
    """The folders that files are named from, in full and as the user has them, the inner one first."""
    from evidence.model.errors import QuaestorError
    from integrations.app.settings import find_workspace

    try:
        here = Path.cwd()
    except FileNotFoundError:  # the current folder was removed
        return
    found = [(here, os.curdir)]
    if workspace:
        found.append((Path(workspace).resolve(), str(Path(workspace))))
    else:
        with contextlib.suppress(QuaestorError):
            root = find_workspace(here)
            found.append((root, os.path.relpath(root, here)))
    for folder, name in sorted(found, key=lambda one: -len(one[0].parts)):
        if folder != folder.parent:
            yield str(folder), name


PLACES = 3
"""Places up to which each is listed where the same mistake stands in several."""


def mistake_list(found: "Sequence[PolicyError]", *, every: bool = False) -> "Iterator[str]":
    """Mistakes and warnings with how to mend them; the same one in many places is told once, unless `every`."""
    named = _naming()
    groups: dict[tuple[str, str | None, bool], list[PolicyError]] = {}
    for item in found:
        # By which control a line of a library was reached makes no other mistake of it.
        groups.setdefault((item.problem, item.advice, item.warning), []).append(item)
    for same in groups.values():
        shown = same if every or len(same) <= PLACES else same[:1]
        for item in shown:
            yield named(f"{'warning: ' if item.warning else ''}{item}")
            if item.hint:
                yield f"    {item.hint}"
        if len(same) > len(shown):
            others = named(", ".join(f"{item.path}:{item.line}" for item in same[1:PLACES]))
            yield f"    the same at {len(same) - 1} other places: {others}, … (--all lists each)"


def workspace_if_any(ctx: click.Context) -> "Workspace | None":
    """The workspace that the command line names, else the nearest, else None. Raises QuaestorError for a broken one."""
    from evidence.model.errors import QuaestorError
    from integrations.app.settings import find_workspace

    if not (ctx.find_root().obj or {}).get("workspace"):
        try:
            find_workspace(Path.cwd())
        except QuaestorError:
            return None
    return workspace(ctx)


def workspace_overlay(ctx: click.Context, policies: Path | None) -> Path | None:
    """The overlay of the workspace, where its own policies are meant and it has one."""
    here = workspace_if_any(ctx) if policies is None else None
    return here.settings.overlay if here is not None else None


def policies_folder(ctx: click.Context, policies: Path | None = None) -> Path:
    """The bundle that is named, else the workspace's, else the one that comes with Quaestor."""
    from integrations.app.settings import builtin_policies

    if policies is not None:
        return policies
    here = workspace_if_any(ctx)
    return here.settings.policies if here is not None else builtin_policies()


def policies_of(ctx: click.Context, policies: Path | None = None, overlay: Path | None = None) -> "Bundle":
    """The checked policies that are named, else those of the workspace with what its overlay adds, else those that
    come with Quaestor.
    """
    return policies_in_force(ctx, policies, overlay)[0]


def policies_in_force(
    ctx: click.Context, policies: Path | None = None, overlay: Path | None = None
) -> "tuple[Bundle, Effective]":
    """The bundle that is named, as the catalogue has it; else the workspace's, with the parameters that hold there.

    `overlay` takes the place of the workspace's.
    """
    from integrations.app.policies import policies_at

    return policies_at(policies_folder(ctx, policies), overlay or workspace_overlay(ctx, policies))


@contextlib.contextmanager
def session(ctx: click.Context) -> "Iterator[Session]":
    """A session on the workspace that the command line names, by the real clock."""
    from integrations.app.session import open_session

    with open_session(workspace(ctx), present) as opened:
        yield opened


def _read() -> list[Path]:
    """The files that the running command was given to read."""
    context = click.get_current_context(silent=True)
    if context is None:
        return []
    given = [
        context.params.get(param.name or "") for param in context.command.params if isinstance(param.type, InputType)
    ]
    return [path for path in given if isinstance(path, Path)]


def write(text: str | bytes, output: Path | None) -> None:
    """To the file, replaced as a whole, or to standard output. Raises QuaestorError for a file that was read for it."""
    data = text.encode() if isinstance(text, str) else text
    if output is not None:
        from evidence.model.errors import QuaestorError
        from integrations.app.workspace import replace_file

        if output.is_file() and any(path.exists() and output.samefile(path) for path in _read()):
            hint = "name another file to write"
            raise QuaestorError("this file is read and would be written over", where=str(output), hint=hint)
        replace_file(output, data)
        return
    sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")
    sys.stdout.flush()


def print_json(value: Any) -> None:
    """JSON in which hidden characters stand as JSON's own escapes."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    for line in text.split("\n"):
        click.echo(HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], line))


def table(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> None:
    """Left-aligned columns; nothing is cut."""
    cells = [[clean(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for row in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def progress() -> Callable[[str, int, int | None], None]:
    """A reporter of long work on standard error; silent where that is no terminal."""
    if not sys.stderr.isatty():
        return _silent
    last = {"stage": ""}

    def show(stage: str, done: int, total: int | None) -> None:
        share = f"{100 * done // total:3d} %" if total else f"{done}"
        end = "\n" if last["stage"] and stage != last["stage"] else ""
        last["stage"] = stage
        click.echo(f"{end}\r{stage:<40} {share}", nl=False, err=True)
        if total and done >= total:
            click.echo("", err=True)
            last["stage"] = ""

    return show


def _silent(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def read_values(path: Path) -> "tuple[dict[str, Any], Mapping[Place, int]]":
    """The fields of a YAML or JSON file of the user's, with the line of each. Raises EvidenceError with the line."""
    from evidence.model.canonical import parse_json
    from evidence.model.errors import EvidenceError
    from evidence.model.yaml import YamlError, parse_yaml, read_mapping

    hint = "write one field a line, such as `name: value`"
    if path.suffix != ".json":
        found, document = read_mapping(path, hint=hint)
        return found, document.lines
    data = path.read_bytes().removeprefix(BOM_UTF8)  # as some editors begin a file, and YAML allows
    values = parse_json(data, where=str(path))
    if not isinstance(values, dict):
        raise EvidenceError("not a JSON object", where=str(path), hint='write the fields as {"name": "value"}')
    try:
        return values, parse_yaml(data).lines  # JSON is YAML, whose reader knows the lines
    except YamlError:
        return values, {}


def read_each(path: Path) -> "Iterator[tuple[dict[str, Any], Mapping[Place, int] | None, str]]":
    """The fields of each record of a user's file, with their lines and its place: of a .jsonl or .ndjson file one JSON
    object a line, else the one of `read_values`. Raises EvidenceError with the line, and where there is none.
    """
    from evidence.model.canonical import MAX_DOCUMENT_BYTES, parse_json
    from evidence.model.errors import EvidenceError

    if path.suffix.lower() not in LINES:
        values, lines = read_values(path)
        yield values, lines, str(path)
        return
    count = 0
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_DOCUMENT_BYTES + 1), b""), start=1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                values = parse_json(line.removeprefix(BOM_UTF8 if number == 1 else b""), where=where)
            except EvidenceError as cause:
                raise EvidenceError(cause.problem, where=where, hint=ONE_A_LINE) from None
            if not isinstance(values, dict):
                raise EvidenceError("not a JSON object", where=where, hint=ONE_A_LINE)
            count += 1
            if count > MAX_LINES:
                raise EvidenceError(f"more than {MAX_LINES} records", where=where, hint="add them in several files")
            yield values, None, where
    if not count:
        raise EvidenceError("no record in it", where=str(path), hint=ONE_A_LINE)


def present() -> datetime:
    """The real clock, read at the doors only: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def kept_checkpoint(path: Path) -> str:
    """The text of a checkpoint that the caller kept. Raises EvidenceError where the file holds none."""
    from evidence.model.errors import EvidenceError
    from evidence.trust.ledger import MAX_NOTE_CHARS, parse_checkpoint

    with path.open("rb") as file:
        text = file.read(4 * MAX_NOTE_CHARS).decode("utf-8", "replace")
    try:
        parse_checkpoint(text)
    except EvidenceError as cause:
        hint = "give the file that `quaestor doctor --keep FILE` wrote"
        raise EvidenceError(f"this is no checkpoint of a ledger: {cause.problem}", where=str(path), hint=hint) from None
    return text
