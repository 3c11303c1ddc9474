"""Parameters that policies read as `data.parameters.<name>`, and an organisation's overlay of them.

An overlay is a YAML file: `parameters: {name: value}`, `disable: {control: {reason: …, approver: …}}` and `packs:
{pack: binds | {reason: …, approver: …}}`. A parameter with a floor may only be made stricter. What no waiver reaches is
not disabled either, alone or with its pack: a control that is not waivable, or a blocker of the law; one that is law
only for some is off for the others alone. What an overlay adds stands in other files (`engine.bundle.additions`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from pydantic import Field, field_validator

from engine.bundle.control import Control
from engine.bundle.documents import Document, parse_model, read_yaml
from engine.bundle.parameter_types import (
    PERIOD,
    SCALARS,
    STARTS,
    ParameterType,
    Problem,
    parse_type,
    path_of,
    problems,
    type_schema,
)
from engine.bundle.paths import ADDED, is_added
from engine.errors import PolicyError, PolicyErrors, did_you_mean, refuse
from evidence.model.base import Date, Frozen
from evidence.model.canonical import canonical_bytes, digest_json, parse_json
from evidence.model.duration import add_duration
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import MAX_TOLD
from evidence.model.schemas import file_schema
from evidence.model.text import says_something
from evidence.model.yaml import Place

PARAMETERS_PATH = "parameters/parameters.yaml"
READ_BY_ENGINE = ("freeze_periods", "waiver_max_days")
"""Parameters that say something without a control's reading them."""
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class ParameterEntry(Frozen):
    """A parameter, as written: its type, default, where the default comes from, and whether it has a floor.

    `minimum` and `maximum` hold for each number in a value, whatever has them; where they are by the name of a set of
    words, for what stands under one of these words.
    """

    type: str
    default: Any
    unit: str
    source: Literal["law", "guidance", "seed", "proposal", "organisation"]
    meaning: str = Field(min_length=8)
    floor: bool = False
    stricter: Literal["higher", "lower"] | None = None
    minimum: float | None = None
    maximum: float | dict[str, float] | None = None


class Parameter(ParameterEntry):
    """A parameter of the catalogue, with the words that its type may name, by set."""

    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def most_at(self, at: Place) -> float | None:
        """The most that a number at a place in a value may be."""
        if not isinstance(self.maximum, dict):
            return self.maximum
        return min(
            (most for name, most in self.maximum.items() if not {*at}.isdisjoint(self.words[name])), default=None
        )


class CatalogueFile(Frozen):
    """`policies/parameters/parameters.yaml`: every parameter by its name, and the sets of words that their types name.

    A set is written out, or stands elsewhere in the bundle: `schemas/x.json#/properties/y/enum`, a file and a JSON
    Pointer (RFC 6901) to a list or to a mapping, whose names are then the words.
    """

    parameters: dict[str, ParameterEntry]
    words: dict[str, tuple[str, ...] | str] = Field(default_factory=dict)


class Disabled(Frozen):
    """Why a control is switched off, who of the organisation approved it, and the last day (UTC) on which it is;
    None: as long as the overlay says so.
    """

    reason: str
    approver: str | None = None
    until: Date | None = None

    def holds_at(self, instant: datetime) -> bool:
        return self.until is None or instant.astimezone(UTC).date() <= self.until


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


class SwitchedOff(LeftOut):
    """What an overlay in force says of a control that it turns off; without `until`, for as long as it says so."""

    until: Date | None = None


class Overlay(Frozen):
    """An organisation's overlay, as written. A pack that is not named binds. A bare text under `disable` is a reason:
    earlier releases took it without an approver, whom an overlay in force names (`unapproved`).
    """

    parameters: dict[str, Any] = Field(default_factory=dict)
    disable: dict[str, Disabled] = Field(default_factory=dict)
    packs: dict[str, LeftOut | None] = Field(default_factory=dict)
    """None: the pack binds, which is written `binds`."""

    @field_validator("disable", mode="before", json_schema_input_type=dict[str, SwitchedOff])
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

    def off_at(self, instant: datetime) -> dict[str, Off]:
        """What the overlay switches off then, the law apart (`engine.deciding.decide.switched_off`)."""
        return {name: said for name, said in self.disabled.items() if said.holds_at(instant)}

    @cached_property
    def digest(self) -> str:
        """Digest of the values, as decisions have it."""
        return digest_json(dict(self.values))

    @cached_property
    def data(self) -> bytes:
        """The document `data` as canonical JSON."""
        return canonical_bytes({"parameters": dict(self.values)})


def read_words(document: Document, files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """The sets of words of `policies/parameters/parameters.yaml`, those that stand elsewhere out of the bundle's
    `files`. Raises PolicyErrors with every mistake.
    """
    given = document.value.get("words") if isinstance(document.value, dict) else None
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise document.error("`words` is not a map", "words", hint="write `words: {<name>: [<word>, …]}`")
    words, mistakes = {}, []
    for name, said in given.items():
        listed = _words_at(said, files, added=is_added(document.path)) if isinstance(said, str) else said
        if not _NAME.fullmatch(name) or name in (*SCALARS, PERIOD, "list", "map"):
            problem, hint = f"`{name}` cannot be the name of words", "lower-case words with hyphens, and no type"
            mistakes.append(document.error(problem, "words", name, hint=hint))
        elif not _are_words(listed):
            problem = f"no words are found at `{said}`" if isinstance(said, str) else f"`{name}` lists no words"
            hint = "write a list of words, each once, or `<file>#/<path>` of a list or mapping of the bundle"
            mistakes.append(document.error(problem, "words", name, hint=hint))
        else:
            words[name] = tuple(listed)
    refuse(mistakes)
    return words


def _are_words(listed: Any) -> bool:
    """Whether it is a list of texts, each once."""
    fits = isinstance(listed, list) and bool(listed) and all(isinstance(word, str) for word in listed)
    return fits and len(set(listed)) == len(listed)


def _words_at(reference: str, files: Mapping[str, bytes], *, added: bool) -> Any:
    """The list, or the names of the mapping, to which a file and a JSON Pointer lead; None where they lead nowhere.

    What an overlay `added` may name files of its own, too.
    """
    path, _, pointer = reference.partition("#")
    content = files.get(path, files.get(ADDED + path) if added else None)
    if content is None or not pointer.startswith("/"):
        return None
    try:
        found = parse_json(content, where=path) if path.endswith(".json") else read_yaml(content, path).value
    except (EvidenceError, PolicyError):
        return None  # what is wrong with the file is told of it
    for step in pointer[1:].split("/"):
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return list(found) if isinstance(found, dict) else found


def read_catalogue(document: Document, words: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, Parameter]:
    """`policies/parameters/parameters.yaml`, whose types may name these sets of words (`read_words`).

    Raises PolicyErrors with every mistake.
    """
    value, known = document.value, words or {}
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
            parameter = _parameter(parse_model(ParameterEntry, document, entry, where), known)
        except PolicyErrors as cause:
            mistakes += cause.errors
            continue
        except ValueError as cause:
            mistakes.append(document.error(str(cause), *where, "type"))
            continue
        mistakes += [
            document.error(f"the default of `{path_of(name, at)}` {text}", *where, "default", *at, hint=hint or None)
            for at, text, hint in islice(value_problems(parameter, parameter.default), MAX_TOLD)
        ]
        if parameter.floor and parameter.stricter is None:
            mistakes.append(document.error(f"`{name}` has a floor and no `stricter`", *where, hint="higher or lower"))
        catalogue[name] = parameter
    refuse(mistakes)
    return catalogue


def _parameter(entry: ParameterEntry, known: Mapping[str, tuple[str, ...]]) -> Parameter:
    """A parameter with the words that it names. Raises ValueError for a type, or a bound, of no known words."""
    named = parse_type(entry.type, known).sets | (entry.maximum.keys() if isinstance(entry.maximum, dict) else set())
    for name in sorted(named - known.keys()):
        raise ValueError(f"`{name}` names no words")
    said = dict(entry) | {"default": plain(entry.default)}
    return Parameter(**said, words={name: known[name] for name in sorted(named)})


def plain(value: Any) -> Any:
    """Tuples as lists again: plain JSON values."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return {name: plain(item) for name, item in value.items()} if isinstance(value, dict) else value


_BOUNDS = {"share": 1, "ratio": 1, "part of the range": 1, "percent": 100}
"""The most that a number of a unit can be."""


def value_problems(parameter: Parameter, value: Any) -> Iterator[Problem]:
    """What in a value does not fit the parameter's type, or lies outside of what it can sensibly be."""
    kind = parse_type(parameter.type, parameter.words)
    wrong = tuple(problems(kind, value))
    yield from wrong or _bounds_problems(parameter, value)


def _bounds_problems(parameter: Parameter, value: Any) -> Iterator[Problem]:
    if parameter.type in ("int", "float"):
        most = _BOUNDS.get(parameter.unit)
        if value < 0:
            yield Problem((), f"is {value}, below 0", "")
            return
        if most is not None and value > most:
            yield Problem((), f"is {value}, and a {parameter.unit} is at most {most}", _as_share(value, most))
            return
    for at, number in _numbers(value):
        if parameter.minimum is not None and number < parameter.minimum:
            yield Problem(at, f"is {number}, and is at least {parameter.minimum:g}", "")
        most_here = parameter.most_at(at)
        if most_here is not None and number > most_here:
            yield Problem(at, f"is {number}, and is at most {most_here:g}", _as_share(number, most_here))


def _numbers(value: Any, at: Place = ()) -> Iterator[tuple[Place, int | float]]:
    """Each number in a value, with its place."""
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _numbers(entry, (*at, name))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _numbers(entry, (*at, index))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield at, value


def _as_share(number: float, most: float) -> str:
    """What to write where per cent were given for a share."""
    return f"write {number / 100:g} for {number} per cent" if most == 1 and number <= 100 else ""


def read_overlay(text: str | bytes, path: str) -> Document:
    """An overlay file, its form checked. Raises PolicyError or PolicyErrors."""
    document = read_yaml(text, path)
    if document.value is None:
        return Document(path=path, value={}, lines=document.lines)
    if not isinstance(document.value, dict):
        raise document.error("an overlay is a mapping", hint="write `parameters: {<name>: <value>}`")
    parse_model(Overlay, document, document.value)
    return document


def _schema_of(parameter: Parameter) -> dict[str, Any]:
    """The JSON Schema of a parameter's values; the bounds of a number in a list or map are left to the reader."""
    bounds = {"minimum": parameter.minimum, "maximum": parameter.maximum} if parameter.type in ("int", "float") else {}
    said = {name: bound for name, bound in bounds.items() if bound is not None}
    return type_schema(parse_type(parameter.type, parameter.words)) | said


def overlay_schema(catalogue: Mapping[str, Parameter], controls: Iterable[Control]) -> dict[str, Any]:
    """The JSON Schema of an overlay: each parameter of the catalogue with its type, default and meaning, and the ids
    and packs of the controls that it may name. Where a floor lies is left to `effective_parameters`.
    """
    known = list(controls)
    schema = file_schema(Overlay)
    values = {
        name: {**_schema_of(one), "default": one.default, "description": one.meaning} for name, one in catalogue.items()
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
        wrong = tuple(islice(_override_problems(catalogue, name, value), MAX_TOLD))
        mistakes += [overlay.error(text, "parameters", name, *at, hint=hint) for at, text, hint in wrong]
        if wrong:
            continue
        if digest_json(value) != digest_json(catalogue[name].default):
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


def _override_problems(catalogue: Mapping[str, Parameter], name: str, value: Any) -> Iterator[Problem]:
    """Whatever an overlay says of a parameter that cannot hold, as whole sentences."""
    if name not in catalogue:
        yield Problem((), f"unknown parameter `{name}`", did_you_mean(name, catalogue))
        return
    parameter = catalogue[name]
    kind = parse_type(parameter.type, parameter.words)
    fits = True
    for at, text, hint in value_problems(parameter, value):
        fits = False
        about = f"{hint} ({parameter.meaning.rstrip('.')})" if hint else f"{parameter.meaning} ({parameter.unit})"
        yield Problem(at, f"`{path_of(name, at)}` {text}", about)
    if (
        fits
        and parameter.floor
        and parameter.stricter
        and not _at_least_as_strict(kind, parameter.default, value, parameter.stricter)
    ):
        may = "be raised or added to" if parameter.stricter == "higher" else "be lowered or taken away from"
        base = "the law's" if parameter.source == "law" else "the bundle's"
        yield Problem((), f"`{name}` is milder than {base} floor {_brief(parameter.default)}", f"it may only {may}")


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _at_least_as_strict(kind: ParameterType, default: Any, value: Any, direction: str) -> bool:
    higher = direction == "higher"
    if kind.words is not None:
        return bool(value == default)
    if kind.name == "list":
        less, more = (default, value) if higher else (value, default)
        return {digest_json(item) for item in less} <= {digest_json(item) for item in more}
    if kind.name == "map" and kind.item is not None:
        item = kind.item
        # Of a date from which something binds a name more is one more that is bound later than at once.
        names = set(default) <= set(value) if higher else set(default) == set(value)
        return names and all(_at_least_as_strict(item, default[name], value[name], direction) for name in default)
    if kind.name == "duration":
        pairs = [(add_duration(start, default), add_duration(start, value)) for start in STARTS]
        return all(new >= old if higher else new <= old for old, new in pairs)
    if kind.name in ("str", PERIOD):
        return bool(value == default)
    return bool(value >= default if higher else value <= default)


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
