"""What authors of policies ask for: a control explained, with records that pass it; all of them as a web site."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.bundle.effective import Effective
from engine.bundle.explanation import Explanation, explain
from engine.bundle.load import Bundle
from engine.errors import PolicyError, PolicyErrors
from evidence.model.errors import QuaestorError
from integrations.app.workspace import write_files

MARK = ".quaestor-site"
"""A file by which a folder is known for a site of ours."""
_OURS = re.compile(r"index\.html|site\.(css|js)|(controls|frameworks)/[^/]+\.html|" + re.escape(MARK))
_FILE_OF_CONTROL = re.compile(
    r"^(?:.*/)?(?:controls/[^/]+/([^/]+?)(?:_cases\.yaml|_test\.rego|\.rego)|foreign/[^/]+/([^/]+?)_cases\.yaml)$"
)
_FILE_OF_ACCESS = re.compile(r"^(?:.*/)?access/[^/]+\.(?:cedar|cedarschema|cases\.json)$")


def explained(bundle: Bundle, effective: Effective, control_id: str) -> Explanation:
    """A control explained, with the records of its first case that passes. Raises PolicyError for an unknown one."""
    return explain(bundle, control_id, effective, _passing(bundle, control_id))


def matching(bundle: Bundle, named: Sequence[str], pattern: str | None) -> tuple[str, ...]:
    """The controls that are named, by id or by a file of theirs, and those whose id matches a regular expression, each
    once; none where neither is given. `access` stands for the Cedar policies.

    Raises QuaestorError for a pattern that is none, and for one that matches nothing.
    """
    from engine.proofs.policytest import ACCESS, provable_names

    ids = (_FILE_OF_CONTROL.sub(r"\1\2", _FILE_OF_ACCESS.sub(ACCESS, name)) for name in named)
    given = tuple(dict.fromkeys(ids))
    if pattern is None:
        return given
    try:
        wanted = re.compile(pattern)
    except re.error as cause:
        raise QuaestorError(f"`{pattern}` is no regular expression: {cause}", hint="such as `^FAIR-`") from None
    found = [name for name in provable_names(bundle) if wanted.search(name)]
    if not found:
        raise QuaestorError(f"no control matches `{pattern}`", hint="see `quaestor policy list`")
    return tuple(dict.fromkeys((*given, *found)))


def documented(bundle: Bundle, effective: Effective, folder: Path) -> int:
    """Write the site of a bundle's controls into a folder that is empty, or holds an earlier site; how many files.

    Of an earlier site its own files are taken away and nothing else. Raises QuaestorError for a folder with anything
    else in it.
    """
    from reports.site.pages import site

    earlier = _earlier(folder)
    pages = site(bundle, [explained(bundle, effective, name) for name in sorted(bundle.controls)])
    for path in earlier:
        path.unlink()
    write_files(folder, {MARK: b"", **pages})
    return len(pages)


def _earlier(folder: Path) -> list[Path]:
    """The files of an earlier site. Raises QuaestorError where the folder holds another file, or no mark of ours."""
    if not folder.exists():
        return []
    found = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()] if folder.is_dir() else []
    other = [path for path in found if path.is_symlink() or not _OURS.fullmatch(path.relative_to(folder).as_posix())]
    if other or not folder.is_dir() or (found and folder / MARK not in found):
        where = str(other[0] if other else folder)
        raise QuaestorError("holds other things than a site", where=where, hint="name a new folder, or an earlier site")
    return found


def _passing(bundle: Bundle, control_id: str) -> dict[str, list[Any]] | None:
    """The records of the first case that passes, by type, as a case writes them: their content, and beside it what else
    of them the control reads; None where there is no such case.
    """
    from engine.proofs.cases import RECORD_FIELDS, passing_case

    if control_id not in bundle.controls:
        return None
    try:
        first = passing_case(bundle, bundle.controls[control_id])
    except (PolicyError, PolicyErrors):  # `policy test` is where mistakes of cases are told
        return None
    if first is None:
        return None
    read = frozenset[str]().union(*bundle.inspection.controls[control_id].paths.values())

    def written(kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
        start = f"{kind}[]."
        names = {
            path.removeprefix(start).partition(".")[0].partition("[")[0] for path in read if path.startswith(start)
        }
        beside = {name: record[name] for name in RECORD_FIELDS if name in names - _MADE and name in record}
        content = record["predicate"]
        return {**beside, "predicate": content} if beside.keys() & content.keys() else {**beside, **content}

    return {kind: [written(kind, record) for record in records] for kind, records in first.filed.items() if records}


_MADE = {"id", "digest", "predicate"}
"""Fields of a record that nobody writes: they are made of what it holds."""
