"""How one bundle differs from another in what it means: controls, objectives, parameters, gates, statements, types;
and how the overlays do that go with them: values, and what they switch off.
"""

from collections.abc import Mapping
from typing import Any

from engine.bundle.control import Control
from engine.bundle.draft import Framework
from engine.bundle.effective import Effective
from engine.bundle.files import decides
from engine.bundle.foreign import FOLDER as FOREIGN
from engine.bundle.foreign import MAPPING, pack_files
from engine.bundle.load import Bundle
from engine.bundle.own import FOLDER
from engine.bundle.paths import CONTROLS, placed
from evidence.model.base import Frozen

_DERIVED = ("id", "family", "package", "path", "reads", "applies_reads", "about", "objectives")
_ELSEWHERE = (
    CONTROLS, "gates/", "parameters/", "statements/", "frameworks/", "access/signers.yaml", FOLDER, FOREIGN
)  # fmt: skip
"""Files whose content is compared by what it means, or whose change shows in a control."""


class FieldChange(Frozen):
    """A field before and after; None where it was not there."""

    field: str
    before: Any = None
    after: Any = None


class Changed(Frozen):
    """Something of that name which both bundles have, and what is different of it."""

    name: str
    fields: tuple[FieldChange, ...] = ()
    rules: bool = False
    """Whether its Rego differs, METADATA and comments aside."""


class Changes(Frozen):
    """What is new, gone and different, by kind of thing; every list is sorted by name."""

    added: dict[str, tuple[str, ...]]
    removed: dict[str, tuple[str, ...]]
    changed: dict[str, tuple[Changed, ...]]
    files: tuple[str, ...]
    """Files whose rules every control may use, and which differ: libraries, tier, retention, access, schemas."""

    @property
    def empty(self) -> bool:
        return not (any(self.added.values()) or any(self.removed.values()) or any(self.changed.values()) or self.files)


def changes(old: Bundle, new: Bundle, overlays: tuple[Effective, Effective] | None = None) -> Changes:
    """What is different in the new bundle, and under the overlays that go with the two, where they are given."""
    tables: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        "controls": (old.controls, new.controls),
        "parameters": (old.catalogue, new.catalogue),
        "gates": (old.gates, new.gates),
        "statements": (old.signers.statements, new.signers.statements),
        "signers": (old.signers.records, new.signers.records),
        "frameworks": (_articles(old.frameworks), _articles(new.frameworks)),
        "own types": (_own_types(old), _own_types(new)),
        **({} if overlays is None else _by_overlay(*overlays)),
    }
    added, removed, changed = {}, {}, {}
    for kind, (before, after) in tables.items():
        added[kind] = tuple(sorted(after.keys() - before.keys()))
        removed[kind] = tuple(sorted(before.keys() - after.keys()))
        found = [_changed(name, before[name], after[name], old, new) for name in sorted(before.keys() & after.keys())]
        changed[kind] = tuple(item for item in found if item.fields or item.rules)
    paths = {
        path
        for path in old.files.keys() | new.files.keys()
        if decides(path) and not placed(path).startswith(_ELSEWHERE)
    }
    return Changes(
        added=added,
        removed=removed,
        changed=changed,
        files=tuple(sorted(path for path in paths if old.files.get(path) != new.files.get(path))),
    )


def _by_overlay(old: Effective, new: Effective) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Values that either overlay sets, where both bundles have the parameter, and what they switch off."""
    named = {item.name for item in (*old.overrides, *new.overrides)} & old.values.keys() & new.values.keys()
    values = [{name: {"value": one.values[name]} for name in named} for one in (old, new)]
    return {"values": (values[0], values[1]), "switched off": (old.disabled, new.disabled)}


def _changed(name: str, before: Any, after: Any, old: Bundle, new: Bundle) -> Changed:
    if isinstance(before, Control):
        fields = [
            *_fields(_told(before), _told(after)),
            *_fields(_objectives(before), _objectives(after)),
        ]
        return Changed(name=name, fields=tuple(fields), rules=_rego(old, before) != _rego(new, after))
    first, second = (item if isinstance(item, dict) else item.to_json() for item in (before, after))
    return Changed(name=name, fields=tuple(_fields(first, second)))


def _rego(bundle: Bundle, control: Control) -> Any:
    """What answers for a control: its own rules, or all files of its foreign pack but for the mapping."""
    if control.foreign is None:
        return _rules(bundle.files[control.path])
    files = pack_files(bundle.files)[control.pack]
    return {path: content for path, content in files.items() if path != MAPPING}


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    return [
        FieldChange(field=name, before=before.get(name), after=after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _told(control: Control) -> dict[str, Any]:
    """METADATA of a control, but for its objectives."""
    return {name: value for name, value in control.to_json().items() if name not in _DERIVED}


def _objectives(control: Control) -> dict[str, Any]:
    return {f"objective {name}": item.to_json() for name, item in control.objectives.items()}


def _articles(frameworks: Mapping[str, Framework]) -> dict[str, dict[str, Any]]:
    """The title of each article, by framework."""
    return {name: {item.id: item.title for item in framework.articles} for name, framework in frameworks.items()}


def _own_types(bundle: Bundle) -> dict[str, dict[str, Any]]:
    """Of each of the organisation's own types what its schema says, field by field: to loosen one lets more count."""
    schemas: dict[str, Any] = {name: bundle.schemas[name] for name in bundle.own}
    return {
        name: {
            **{word: value for word, value in schema.items() if word != "properties"},
            **{f"field {field}": part for field, part in schema["properties"].items()},
        }
        for name, schema in schemas.items()
    }


def _rules(text: bytes) -> list[str]:
    """The lines of a module that are no comments."""
    lines = (line.strip() for line in text.decode("utf-8", errors="replace").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
