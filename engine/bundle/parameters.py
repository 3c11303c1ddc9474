"""Parameters that policies read as `data.parameters.<name>`, and an organisation's overlay of them.

An overlay is a YAML file: `parameters: {name: value}`, `disable: {control: {reason: …, approver: …}}` and `packs:
{pack: binds | {reason: …, approver: …}}`. A parameter with a floor may only be made stricter. What no waiver reaches is
not disabled either, alone or with its pack: a control that is not waivable, or a blocker of the law; one that is law
only for some is off for the others alone. What an overlay adds stands in other files (`engine.bundle.additions`).
"""

import calendar
import datetime
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, field_validator

from engine.bundle.control import Control
from engine.bundle.documents import Document, parse_model, read_yaml
from engine.errors import PolicyError, PolicyErrors, did_you_mean, refuse
from evidence.model.base import Frozen
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.duration import add_duration
from evidence.model.schemas import file_schema
from evidence.model.text import says_something

PARAMETERS_PATH = "parameters/parameters.yaml"
SCALARS = ("str", "int", "float", "bool", "date", "duration")
MAX_ENTRIES = 10_000
READ_BY_ENGINE = ("freeze_periods", "waiver_max_days")
"""Parameters that say something without a control's reading them."""
_LEAF = re.compile(r"^(?:" + "|".join(SCALARS) + r")$")


class Parameter(Frozen):
    """A parameter of the catalogue: its type, default, where the default comes from, and whether it has a floor."""

    type: str
    default: Any
    unit: str
    source: Literal["law", "guidance", "seed", "proposal"]
    meaning: str = Field(min_length=8)
    floor: bool = False
    stricter: Literal["higher", "lower"] | None = None


class CatalogueFile(Frozen):
    """`policies/parameters/parameters.yaml`: every parameter by its name."""

    parameters: dict[str, Parameter]


class Disabled(Frozen):
    """Why a control is switched off, and who of the organisation approved it."""

    reason: str
    approver: str | None = None


class Off(Disabled):
    """A control that is switched off; `pack` where all of that pack is."""

    pack: str | None = None


BINDS = "binds"
CORE = "core"
"""The pack that binds every organisation."""


class LeftOut(Frozen):
    """Why a pack does not bind the organisation, or a control of it, and who of it approved that."""

    reason: str
    approver: str


class Overlay(Frozen):
    """An organisation's overlay, as written. A pack that is not named binds. A bare text under `disable` is a reason:
    earlier releases took it without an approver, whom an overlay in force names (`unapproved`).
    """

    parameters: dict[str, Any] = Field(default_factory=dict)
    disable: dict[str, Disabled] = Field(default_factory=dict)
    packs: dict[str, LeftOut | None] = Field(default_factory=dict)
    """None: the pack binds, which is written `binds`."""

    @field_validator("disable", mode="before", json_schema_input_type=dict[str, LeftOut])
    @classmethod
    def _reasons(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: {"reason": said} if isinstance(said, str) else said for name, said in value.items()}

    @field_validator("packs", mode="before", json_schema_input_type=dict[str, LeftOut | Literal["binds"]])
    @classmethod
    def _binding(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        # Nothing at all does not say that it binds.
        return {name: None if said == BINDS else "" if said is None else said for name, said in value.items()}


class Override(Frozen):
    """A parameter whose value is not the catalogue's."""

    name: str
    default: Any
    value: Any


class Effective(Frozen):
    """What holds: every parameter's value, what the overlay changed, and the digest of the overlay."""

    values: dict[str, Any]
    overrides: tuple[Override, ...]
    disabled: dict[str, Off]
    overlay_digest: str

    @cached_property
    def digest(self) -> str:
        """Digest of the values, as decisions have it."""
        return digest_json(dict(self.values))

    @cached_property
    def data(self) -> bytes:
        """The document `data` as canonical JSON."""
        return canonical_bytes({"parameters": dict(self.values)})


@dataclass(frozen=True)
class ParameterType:
    """`int`, `list<str>`, `map<str,list<str>>`, …: a name and, for collections, the type of the entries."""

    name: str
    item: "ParameterType | None" = None


def parse_type(text: str) -> ParameterType:
    """Raises ValueError for text that names no type."""
    text = text.replace(" ", "")
    if _LEAF.match(text):
        return ParameterType(text)
    if text.startswith("list<") and text.endswith(">"):
        return ParameterType("list", parse_type(text[5:-1]))
    if text.startswith("map<str,") and text.endswith(">"):
        return ParameterType("map", parse_type(text[8:-1]))
    raise ValueError(f"`{text}` is not a parameter type: {', '.join(SCALARS)}, list<…>, map<str,…>")


def read_catalogue(document: Document) -> dict[str, Parameter]:
    """`policies/parameters/parameters.yaml`. Raises PolicyErrors with every mistake."""
    value = document.value
    if not isinstance(value, dict) or not isinstance(value.get("parameters"), dict):
        raise document.error("no `parameters`", hint="write `parameters: {<name>: {type: …, default: …}}`")
    catalogue: dict[str, Parameter] = {}
    mistakes = [
        document.error(f"unknown field `{name}`", name, hint="parameters stand below `parameters`")
        for name in value
        if name not in CatalogueFile.model_fields
    ]
    for name, entry in value["parameters"].items():
        where = ("parameters", name)
        try:
            parameter = parse_model(Parameter, document, entry, where)
        except PolicyErrors as cause:
            mistakes += cause.errors
            continue
        try:
            kind = parse_type(parameter.type)
        except ValueError as cause:
            mistakes.append(document.error(str(cause), *where, "type"))
            continue
        default, problem = plain(parameter.default), type_problem(kind, plain(parameter.default))
        problem = problem or bounds_problem(parameter, default)
        if problem:
            mistakes.append(document.error(f"the default of `{name}` {problem}", *where, "default"))
        if parameter.floor and parameter.stricter is None:
            mistakes.append(document.error(f"`{name}` has a floor and no `stricter`", *where, hint="higher or lower"))
        catalogue[name] = parameter.model_copy(update={"default": default})
    refuse(mistakes)
    return catalogue


def plain(value: Any) -> Any:
    """Tuples as lists again: plain JSON values."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return {name: plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def type_problem(kind: ParameterType, value: Any) -> str:
    """Why a value is not of a type, as the end of a sentence; empty where it is."""
    if kind.item is not None:
        return _collection_problem(kind, kind.item, value)
    good = {
        "str": isinstance(value, str),
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53,
        "float": isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 2**53,
        "date": isinstance(value, str) and _is_date(value),
        "duration": isinstance(value, str) and _is_duration(value),
    }[kind.name]
    example = {"date": ", such as 2027-12-02", "duration": ", such as P6M"}.get(kind.name, "")
    return "" if good else f"is not of type {kind.name}{example}"


_BOUNDS = {"share": 1, "ratio": 1, "part of the range": 1, "percent": 100}
"""The most that a number of a unit can be."""


def bounds_problem(parameter: Parameter, value: Any) -> str:
    """Why a number cannot be one of the parameter's unit, as the end of a sentence; empty where it can."""
    if parameter.type not in ("int", "float"):
        return ""
    most = _BOUNDS.get(parameter.unit)
    if value < 0:
        return f"is {value}, below 0"
    return f"is {value}, and a {parameter.unit} is at most {most}" if most is not None and value > most else ""


def type_schema(kind: ParameterType) -> dict[str, Any]:
    """The JSON Schema of the values of a type, as far as one can say it: `type_problem` says the rest."""
    if kind.item is not None:
        item = type_schema(kind.item)
        listed = {"type": "array", "items": item, "uniqueItems": True}
        return listed if kind.name == "list" else {"type": "object", "additionalProperties": item}
    return {
        "str": {"type": "string"},
        "bool": {"type": "boolean"},
        "int": {"type": "integer"},
        "float": {"type": "number"},
        "date": {"type": "string", "format": "date"},
        "duration": {"type": "string", "format": "duration"},
    }[kind.name]


def _collection_problem(kind: ParameterType, item: ParameterType, value: Any) -> str:
    if not isinstance(value, list if kind.name == "list" else dict):
        return "is not a list" if kind.name == "list" else "is not a map"
    if len(value) > MAX_ENTRIES:
        return f"has more than {MAX_ENTRIES} entries"
    entries = enumerate(value) if isinstance(value, list) else value.items()
    for name, entry in entries:
        problem = type_problem(item, entry)
        if problem:
            return f"has an entry ({name}) that {problem}"
    if kind.name == "list" and len({digest_json(entry) for entry in value}) < len(value):
        return "has an entry twice"
    return ""


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_duration(text: str) -> bool:
    try:
        add_duration(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC), text)
    except (ValueError, OverflowError):
        return False
    return True


def read_overlay(text: str | bytes, path: str) -> Document:
    """An overlay file, its form checked. Raises PolicyError or PolicyErrors."""
    document = read_yaml(text, path)
    if document.value is None:
        return Document(path=path, value={}, lines=document.lines)
    if not isinstance(document.value, dict):
        raise document.error("an overlay is a mapping", hint="write `parameters: {<name>: <value>}`")
    parse_model(Overlay, document, document.value)
    return document


def overlay_schema(catalogue: Mapping[str, Parameter], controls: Iterable[Control]) -> dict[str, Any]:
    """The JSON Schema of an overlay: each parameter of the catalogue with its type, default and meaning, and the ids
    and packs of the controls that it may name. Where a floor lies is left to `effective_parameters`.
    """
    known = list(controls)
    schema = file_schema(Overlay)
    values = {
        name: {**type_schema(parse_type(one.type)), "default": one.default, "description": one.meaning}
        for name, one in catalogue.items()
    }
    schema["properties"]["parameters"] |= {"additionalProperties": False, "properties": values}
    schema["properties"]["disable"]["propertyNames"] = {"enum": sorted(control.id for control in known)}
    schema["properties"]["packs"]["propertyNames"] = {"enum": sorted({control.pack for control in known})}
    return schema


def effective_parameters(
    catalogue: Mapping[str, Parameter], overlay: Document | None = None, controls: Iterable[Control] = ()
) -> Effective:
    """What holds under an overlay (None: the defaults).

    `overlay` is what `read_overlay` gave; `controls` are those of the bundle, for `disable`. Raises PolicyErrors with
    every mistake: an unknown name, a value of the wrong type or below a floor, a control that cannot be disabled.
    """
    given = overlay.value if overlay is not None else {}
    written = Overlay.model_validate(given)
    values = {name: parameter.default for name, parameter in sorted(catalogue.items())}
    overrides, mistakes = [], []
    for name, value in sorted(written.parameters.items()):
        assert overlay is not None
        problem, hint = _override_problem(catalogue, name, value)
        if problem:
            mistakes.append(overlay.error(problem, "parameters", name, hint=hint))
        elif digest_json(value) != digest_json(catalogue[name].default):
            overrides.append(Override(name=name, default=catalogue[name].default, value=value))
            values[name] = value
    known = {control.id: control for control in controls}
    for name, said in sorted(written.disable.items()):
        assert overlay is not None
        problem, hint = _disable_problem(known, name, said)
        if problem:
            mistakes.append(overlay.error(problem, "disable", name, hint=hint))
    packs = {control.pack for control in known.values()}
    for name, left in sorted(written.packs.items()):
        assert overlay is not None
        problem, hint = _pack_problem(packs, name, left)
        if problem:
            mistakes.append(overlay.error(problem, "packs", name, hint=hint))
    refuse(mistakes)
    return Effective(
        values=values,
        overrides=tuple(overrides),
        disabled=_switched_off(written, known.values()),
        overlay_digest=digest_json(given),
    )


def unapproved(overlay: Document) -> list[PolicyError]:
    """The controls that an overlay turns off without an approver, and what it turns off on a placeholder's word: asked
    of one in force, not of one that is on record, which earlier releases took so.
    """
    entries = overlay.value.get("disable", {})
    hint = "write in words what stands there: it is told in every decision"
    placeholders = [
        overlay.error(f"`{key}` of `{name}` says nothing: `{told}`", part, name, key, hint=hint)
        for part in ("disable", "packs")
        for name, said in overlay.value.get(part, {}).items()
        if isinstance(said, dict)
        for key, told in said.items()
        if isinstance(told, str) and told.strip() and not says_something(told)
    ]
    return placeholders + [
        overlay.error(
            f"`{name}` is disabled without an approver",
            "disable",
            name,
            hint="write `{reason: …, approver: …}`: who of the organisation approved it stands in every decision",
        )
        for name, said in entries.items()
        if not isinstance(said, dict) or said.get("approver") is None
    ]


def _switched_off(written: Overlay, controls: Iterable[Control]) -> dict[str, Off]:
    """The controls that the overlay turns off, one by one or with their pack, by id.

    What no waiver reaches stays on at the decision, which knows the law that binds there (`deciding.switched_off`).
    """
    off = {
        control.id: Off(reason=left.reason, approver=left.approver, pack=control.pack)
        for control in controls
        if (left := written.packs.get(control.pack)) is not None and not _always_on(control)
    }
    off |= {name: Off(**dict(said)) for name, said in written.disable.items()}
    return dict(sorted(off.items()))


def _override_problem(catalogue: Mapping[str, Parameter], name: str, value: Any) -> tuple[str, str]:
    if name not in catalogue:
        return f"unknown parameter `{name}`", did_you_mean(name, catalogue)
    parameter = catalogue[name]
    kind = parse_type(parameter.type)
    problem = type_problem(kind, value)
    if problem:
        return f"`{name}` {problem}", f"{parameter.meaning} ({parameter.type})"
    problem = bounds_problem(parameter, value)
    if problem:
        return f"`{name}` {problem}", f"{parameter.meaning} ({parameter.unit})"
    if (
        parameter.floor
        and parameter.stricter
        and not _at_least_as_strict(kind, parameter.default, value, parameter.stricter)
    ):
        may = "be raised or added to" if parameter.stricter == "higher" else "be lowered or taken away from"
        base = "the law's" if parameter.source == "law" else "the bundle's"
        return f"`{name}` is milder than {base} floor {_brief(parameter.default)}", f"it may only {may}"
    return "", ""


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _at_least_as_strict(kind: ParameterType, default: Any, value: Any, direction: str) -> bool:
    higher = direction == "higher"
    if kind.name == "list":
        less, more = (default, value) if higher else (value, default)
        return {digest_json(item) for item in less} <= {digest_json(item) for item in more}
    if kind.name == "map" and kind.item is not None:
        item = kind.item
        return set(default) <= set(value) and all(
            _at_least_as_strict(item, default[name], value[name], direction) for name in default
        )
    if kind.name == "duration":
        pairs = [(add_duration(start, default), add_duration(start, value)) for start in _STARTS]
        return all(new >= old if higher else new <= old for old, new in pairs)
    if kind.name == "str":
        return bool(value == default)
    return bool(value >= default if higher else value <= default)


# Four years of first and last days: P6M and P180D differ by the season, so longer means longer from each of them.
_STARTS = [
    datetime.datetime(year, month, day, tzinfo=datetime.UTC)
    for year in range(2024, 2028)
    for month in range(1, 13)
    for day in (1, calendar.monthrange(year, month)[1])
]


def _disable_problem(known: Mapping[str, Control], name: str, said: Disabled) -> tuple[str, str]:
    if name not in known:
        return f"unknown control `{name}`", did_you_mean(name, known)
    control = known[name]
    if why := _always_on(control):
        return f"`{name}` is {why}: it cannot be disabled", "mend what it finds"
    return _unfounded(f"`{name}` is disabled", said.reason, said.approver)


def _always_on(control: Control) -> str:
    """Why a control is judged everywhere, whatever an overlay says; empty where it may be off for some subject."""
    if control.law_scope is not None:
        return ""
    if control.severity == "blocker" and control.basis == "law":
        return "a blocker whose basis is law"
    return "" if control.waivable else "not waivable"


def _pack_problem(packs: Set[str], name: str, said: LeftOut | None) -> tuple[str, str]:
    if name not in packs:
        return f"unknown pack `{name}`", did_you_mean(name, packs)
    if said is None:
        return "", ""
    if name == CORE:
        return f"`{CORE}` binds every organisation: it cannot be left out", "turn single controls off under `disable`"
    return _unfounded(f"the pack `{name}` is left out", said.reason, said.approver)


def _unfounded(what: str, reason: str, approver: str | None) -> tuple[str, str]:
    if len(reason.strip()) < 8:
        return f"{what} for a reason that says nothing", "say why in words; it stands in every decision"
    if approver is not None and not approver.strip():
        return f"{what} by nobody", "name in `approver` who of the organisation approved it"
    return "", ""


def catalogue_error(path: str) -> PolicyError:
    """The mistake of a bundle without parameters."""
    return PolicyError("the bundle has no parameters", path=path, line=1, hint=f"add {PARAMETERS_PATH}")
