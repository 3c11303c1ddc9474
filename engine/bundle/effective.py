"""What holds under an organisation's overlay: the value of each parameter, and the controls that are off.

An overlay is a YAML file: `parameters: {name: value}`, `disable: {control: {reason: …, approver: …, until: …}}` and
`packs: {pack: binds | {reason: …, approver: …}}`. A parameter with a floor may only be made stricter. What no waiver
reaches is not disabled either, alone or with its pack: a control that is not waivable, or a blocker of the law; one
that is law only for some is off for the others alone. What an overlay adds stands in other files
(`engine.bundle.additions`).
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from pydantic import Field, field_validator

from engine.bundle.control import Control
from engine.bundle.documents import Document, parse_model, read_yaml
from engine.bundle.parameter_types import PERIOD, STARTS, ParameterType, Problem, parse_type, path_of
from engine.bundle.parameters import Parameter, schema_of, value_problems
from engine.errors import PolicyError, did_you_mean, refuse
from evidence.model.base import Date, Frozen
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.duration import add_duration
from evidence.model.mistakes import MAX_TOLD
from evidence.model.schemas import file_schema
from evidence.model.text import says_something

BINDS = "binds"
CORE = "core"
"""The pack that binds every organisation."""


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
        name: {**schema_of(one), "default": one.default, "description": one.meaning} for name, one in catalogue.items()
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
            mistakes.append(overlay.error(problem, "disable", name, hint=hint, follows=f"reason of {name}"))
    packs = {control.pack for control in known.values()}
    for name, left in sorted(written.packs.items()):
        assert overlay is not None
        problem, hint = _pack_problem(packs, name, left)
        if problem:
            mistakes.append(overlay.error(problem, "packs", name, hint=hint, follows=f"reason of {name}"))
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
        overlay.error(
            f"`{key}` of `{name}` says nothing: `{told}`", part, name, key, hint=hint, unknown=f"{key} of {name}"
        )
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


def lapsed(overlay: Document, day: date) -> list[PolicyError]:
    """Warnings of what an overlay turns off until a day that is past: it turns nothing off."""
    hint = "it binds again: take the entry out, or say until when it is off"
    return [
        overlay.error(
            f"`{name}` was off until {said.until}",
            "disable",
            name,
            "until",
            hint=hint,
            warning=True,
        )
        for name, said in Overlay.model_validate(overlay.value).disable.items()
        if said.until is not None and said.until < day
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
