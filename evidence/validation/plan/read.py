"""Reading a plan from its YAML file, with every mistake told by its line."""

import difflib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from evidence.model.errors import EvidenceError
from evidence.model.mistakes import NO_FIELD, fields_at, mistakes_of, name_of
from evidence.model.yaml import Place, Yaml, read_mapping
from evidence.validation.measurable import mistakes
from evidence.validation.plan.model import Plan


def load_plan(path: Path) -> Plan:
    """The plan that a YAML file holds.

    Raises EvidenceError with file and line for every mistake in it, a promise that its run could not keep, and where a
    file that it names is not there.
    """
    values, document = read_mapping(path, hint="start with `system: <id>`")
    if "folder" in values:
        raise EvidenceError(
            "unknown field `folder`",
            where=f"{path}:{document.line(('folder',))}",
            hint="leave it out: paths are meant from the folder of the plan",
        )
    data, output = values.get("data"), values.get("output")
    labels = data.get("label") if isinstance(data, dict) else None
    if isinstance(labels, list) and isinstance(output, dict) and output.get("kind") == "labels":
        # The columns of the labels are the classes of the output, and said once.
        values = values | {"output": {"classes": labels} | output}
    try:
        plan = Plan.model_validate_json(json.dumps(values | {"folder": str(path.absolute().parent)}))
    except ValidationError as cause:
        raise _mistakes(cause, path, document) from None
    unkept = [(document.line(place), f"`{place[0]}.{place[1]}`: {problem}") for place, problem in mistakes(plan)]
    if unkept:
        raise _together(unkept, path)
    for place, file in plan.named_files().items():
        if not file.is_file():
            line = document.line(tuple(place.split(".")))
            raise EvidenceError(
                f"`{place}` names `{file}`, which is no file",
                where=f"{path}:{line}",
                hint="paths are meant from the plan's folder",
            )
    return plan


def _mistakes(cause: ValidationError, path: Path, document: Yaml) -> EvidenceError:
    """All mistakes of a plan as one error, in the order of their lines."""
    told = []
    for place, words in mistakes_of(cause).items():
        if not place:  # what several fields say together: told at the first that it names
            told.append((document.line(_named_in(words)), words))
            continue
        near = difflib.get_close_matches(str(place[-1]), fields_at(Plan, place) - {"folder"}, n=1)
        also = f"; did you mean `{near[0]}`" if near and words == NO_FIELD else ""
        told.append((document.line(place), f"`{name_of(place)}`: {words}{also}"))
    return _together(told, path)


def _named_in(words: str) -> Place:
    """The first field that a sentence names, such as `data.positive`."""
    named = re.search(r"`([a-z_]+(?:\.[a-z_]+)*)`", words)
    return tuple(named[1].split(".")) if named else ()


def _together(found: Iterable[tuple[int, str]], path: Path) -> EvidenceError:
    (line, problem), *rest = sorted(found)
    also = "".join(f"; line {other}: {text}" for other, text in rest[:20])
    return EvidenceError(problem + also, where=f"{path}:{line}", hint="the fields of a plan: `quaestor plan schema`")
