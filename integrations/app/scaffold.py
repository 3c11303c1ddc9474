"""A new control: a Rego module and its cases, which lint accepts and which fail until somebody writes what passes."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.bundle.control import ID_PATTERN, NAME_PATTERN
from engine.bundle.draft import Draft, read_draft
from engine.bundle.files import read_folder
from engine.bundle.gates import Gate
from engine.bundle.overlay import overlay_at, with_additions
from engine.bundle.statements import STATEMENT
from engine.errors import did_you_mean
from evidence.model.errors import QuaestorError
from evidence.model.own import CUSTOM
from integrations.app.modelines import schema_line
from integrations.app.policies import file_of, told_by_file
from integrations.app.settings import builtin_policies

_MODULE = """\
# METADATA
# title: {title}
# description: Write here what the control asks, and whose word it rests on.
# custom:
#   severity: {severity}
#   basis: policy
#   gates: [{gates}]
#   evidence: [{kinds}]
#   objectives:
{objectives}
#   frameworks: {{}}
#   remediation: Write here what whoever fails it has to do.
package controls.{family}.{name}

import data.lib.findings as say
{imports}
{rules}"""
_OBJECTIVE = '#     {name}: {{says: "Write here what must hold of each {kind}.", reads: [{kind}]}}'
_RULES = """\
{stem}_records := input.evidence["{kind}"]

# Each record must meet it, and `every` over nothing is true: so there must be one.
satisfied contains "{name}" if {{
	count({stem}_records) > 0
	every record in {stem}_records {{
		fits_{stem}(record)
	}}
}}

# Write here what must hold of a record.
fits_{stem}(record) if {condition}

findings contains say.breach("{name}", record, "{field}", "write here what is wrong with the record") if {{
	some record in {stem}_records
	not fits_{stem}(record)
}}
"""
_CASES = """\
# `quaestor policy test {id}` fails until the first case has records that pass (docs/policies.md: Cases).
base:
  gate: {gate}{subject}
  evidence: {{}}  # by type a list of records, of each the fields that the rules read
cases:
  - {{name: what passes, expect: pass}}
  - {{name: no record, expect: missing, evidence: {{}}}}
"""


def new_control(
    folder: Path,
    control_id: str,
    *,
    family: str,
    kinds: Sequence[str],
    gates: Sequence[str],
    severity: str,
    title: str,
    overlay: Path | None = None,
) -> tuple[Path, Path]:
    """Write a control and its cases into the bundle at `folder`, or into an overlay's folder beside it; the two files.

    Raises QuaestorError for a name that cannot be one, a type or gate that the bundle does not know, a control that is
    there, and for the bundle that comes with Quaestor, which an update replaces.
    """
    said = overlay_at(overlay) if overlay is not None else None
    if overlay is None and folder.resolve() == builtin_policies().resolve():
        raise QuaestorError(
            "these are the policies that come with Quaestor, which an update replaces",
            hint="add it in an overlay: name a folder that holds your overlay.yaml with --overlay, and as `overlay` in "
            "quaestor.toml (docs/policies.md: Adding without a copy)",
        )
    with told_by_file(overlay):
        draft = read_draft(with_additions(read_folder(folder), said))
    kinds, gates = tuple(dict.fromkeys(kinds)), tuple(dict.fromkeys(gates))
    _check_names(draft, control_id, family, kinds, gates, overlay)
    home = (folder if overlay is None else overlay) / "controls" / family
    module, cases = home / f"{control_id}.rego", home / f"{control_id}_cases.yaml"
    for path in (module, cases):
        if path.exists():
            raise QuaestorError("the file is there already", where=str(path), hint="choose another id")
    home.mkdir(parents=True, exist_ok=True)
    for path, text in (
        (module, _module(draft, control_id, family, kinds, gates, severity, title)),
        (
            cases,
            schema_line(cases, "cases")
            + _CASES.format(id=control_id, gate=gates[0], subject=_subject(draft.gates[gates[0]])),
        ),
    ):
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return module, cases


def _check_names(
    draft: Draft, control_id: str, family: str, kinds: Sequence[str], gates: Sequence[str], overlay: Path | None
) -> None:
    if not re.match(ID_PATTERN, control_id):
        raise QuaestorError(f"`{control_id}` cannot be the id of a control", hint="write it such as CARD-01")
    if not re.match(NAME_PATTERN, family):
        raise QuaestorError(f"`{family}` cannot be a family", hint="write lower-case words with hyphens")
    if control_id in draft.controls:
        file = file_of(draft.controls[control_id].path, overlay)
        raise QuaestorError(f"there is a control `{control_id}`: {file}", hint="another id")
    for words, given, known in (("evidence type", kinds, draft.schemas), ("gate", gates, draft.gates)):
        for name in given:
            if name not in known:
                raise QuaestorError(f"unknown {words} `{name}`", hint=did_you_mean(name, known))


def _subject(gate: Gate) -> str:
    """What a case is about, where the gate does not judge models."""
    return "" if "model" in gate.subjects else f"\n  subject: {gate.subjects[0]}"


def _module(
    draft: Draft, control_id: str, family: str, kinds: Sequence[str], gates: Sequence[str], severity: str, title: str
) -> str:
    names = {kind: kind.removeprefix(STATEMENT).removeprefix(CUSTOM) for kind in kinds}
    written = {kind: _condition(draft.schemas[kind], kind.startswith(STATEMENT)) for kind in kinds}
    rules = [
        _RULES.format(
            kind=kind,
            name=f"{names[kind]}-fits",
            stem=names[kind].replace("-", "_"),
            field=written[kind][0],
            condition=written[kind][1],
        )
        for kind in kinds
    ]
    uses_records = any("records." in condition for _, condition in written.values())
    return _MODULE.format(
        title=json.dumps(title, ensure_ascii=False),
        severity=severity,
        gates=", ".join(gates),
        kinds=", ".join(kinds),
        objectives="\n".join(_OBJECTIVE.format(name=f"{names[kind]}-fits", kind=kind) for kind in kinds),
        family=family.replace("-", "_"),
        name=control_id.replace("-", "_"),
        imports="import data.lib.records\n" if uses_records else "",
        rules="\n".join(rules),
    )


def _condition(schema: Mapping[str, Any], statement: bool) -> tuple[str, str]:
    """A field of the content that every record has, and a condition on it to begin with."""
    if statement:
        return "statement", "records.filled(record.predicate.statement)"
    for name in schema["required"]:
        kind = schema["properties"][name].get("type")
        condition = {
            "string": f"records.named(record.predicate.{name})",
            "boolean": f"record.predicate.{name} == true",
            "integer": f"record.predicate.{name} > 0",
            "number": f"record.predicate.{name} > 0",
            "array": f"count(record.predicate.{name}) > 0",
            "object": f"count(record.predicate.{name}) > 0",
        }.get(kind)
        if condition is not None:
            return name, condition
    return "", "count(record.predicate) > 0"
