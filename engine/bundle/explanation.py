"""What a control asks of whom, since when and on which facts: all that a bundle holds of it."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

from engine.bundle.control import EXCEPTIONS, Control, Objective
from engine.bundle.effective import Effective, Off
from engine.bundle.facts import Message
from engine.bundle.load import Bundle
from engine.bundle.statements import STATEMENT
from engine.errors import PolicyError, did_you_mean
from evidence.model.base import Date, Frozen

_PARAMETER = "parameter:"
_RECORDS = "[]"
_CONTENT = "predicate."


class Cited(Frozen):
    """An article of a framework, or a need, with its title."""

    framework: str
    article: str
    title: str


class FieldRead(Frozen):
    """A field that deciding an objective reads: `metrics.*.ci_low`, `documents[].expires_at`; the record's own fields
    begin with `record.`"""

    path: str
    meaning: str = ""


class TypeRead(Frozen):
    """An evidence type that an objective reads, and of it which fields."""

    type: str
    meaning: str
    classes: tuple[str, ...]
    max_age: str | None
    signed_by: tuple[str, ...]
    """Roles of which a signer holds one; empty where anybody, or a machine, may sign."""
    not_by: tuple[str, ...]
    """What a signer must not have been: trainer, builder, requester."""
    fields: tuple[FieldRead, ...]


class ParameterRead(Frozen):
    """A parameter as it holds here. `usual` is the catalogue's value."""

    name: str
    value: Any
    usual: Any
    unit: str
    source: str
    meaning: str
    stricter: Literal["higher", "lower"] | None
    """The only direction in which an overlay may move it, where it has a floor."""


class ObjectiveRead(Frozen):
    """An objective: what must hold, what decides it, and what is said where it does not hold."""

    name: str
    says: str
    at: tuple[str, ...]
    only_in_law_scope: bool
    covers: tuple[Cited, ...]
    evidence: tuple[TypeRead, ...]
    parameters: tuple[str, ...]
    messages: tuple[Message, ...]
    """What its findings may say: first what fails it, then what leaves it open."""


class Since(Frozen):
    """A date from which something applies, with those of tiers that have their own."""

    token: str
    meaning: str
    date: Date
    by_tier: dict[str, Date]


class Law(Frozen):
    """For whom the control is law, and from when; elsewhere it is policy."""

    tiers: tuple[str, ...]
    roles: tuple[str, ...]
    since: Since


class Explanation(Frozen):
    """A control as it holds under an organisation's parameters; `example` holds records that pass, by type."""

    control: Control
    off: Off | None = None
    """Who turned it off in the overlay and why, one by one or with its pack; None where it is judged."""
    since: Since
    law: Law | None
    waived_by: tuple[str, ...]
    """Roles that may sign a waiver; empty where none holds."""
    condition: tuple[TypeRead, ...]
    """What decides whether the control applies; empty where it always does."""
    objectives: tuple[ObjectiveRead, ...]
    parameters: tuple[ParameterRead, ...]
    cited: tuple[Cited, ...]
    exceptions: dict[str, str]
    """What its proofs let pass, by path, each with its reason."""
    example: dict[str, list[Any]] | None = None

    @cached_property
    def said_alike(self) -> dict[tuple[str, ...], tuple[Message, ...]]:
        """What findings of several objectives say in the same words, by the names of these objectives."""
        saying: dict[tuple[bool, str], list[str]] = {}
        for objective in self.objectives:
            for message in objective.messages:
                saying.setdefault((message.gap, message.text), []).append(objective.name)
        alike: dict[tuple[str, ...], tuple[Message, ...]] = {}
        for objective in self.objectives:
            for message in objective.messages:
                names = tuple(saying[message.gap, message.text])
                if len(names) > 1 and names[0] == objective.name:
                    alike[names] = (*alike.get(names, ()), message)
        return alike

    def said_only_of(self, objective: ObjectiveRead) -> tuple[Message, ...]:
        """What its findings say and those of no other objective."""
        others = {(message.gap, message.text) for found in self.said_alike.values() for message in found}
        return tuple(message for message in objective.messages if (message.gap, message.text) not in others)


def explain(
    bundle: Bundle, control_id: str, effective: Effective, example: Mapping[str, list[Any]] | None = None
) -> Explanation:
    """The explanation of one control. Raises PolicyError where the bundle has none of this id."""
    control = bundle.controls.get(control_id)
    if control is None:
        hint = did_you_mean(control_id, bundle.controls)
        raise PolicyError(f"unknown control `{control_id}`", path="controls", line=1, hint=hint)
    facts = bundle.inspection.controls[control.id]
    scope = control.law_scope
    needs = {article: framework for framework in _requirements(bundle) for article in _articles(bundle, framework)}
    return Explanation(
        control=control,
        off=effective.disabled.get(control.id),
        since=_since(bundle, control.applies_from),
        law=Law(tiers=scope.tiers, roles=scope.roles, since=_since(bundle, scope.from_)) if scope else None,
        waived_by=bundle.signers.records["waiver"].signed_by if control.waivable or scope else (),
        condition=_types(bundle, control, facts.paths.get("applies", frozenset())),
        objectives=tuple(
            _objective(bundle, control, name, item, facts.messages, needs) for name, item in control.objectives.items()
        ),
        parameters=tuple(_parameter(bundle, name, effective) for name in control.parameters),
        cited=tuple(
            _cited(bundle, framework, article)
            for framework, articles in control.frameworks.items()
            for article in articles
        ),
        exceptions={path: reason for field in EXCEPTIONS for path, reason in getattr(control, field).items()},
        example=dict(example) if example is not None else None,
    )


def _objective(
    bundle: Bundle,
    control: Control,
    name: str,
    objective: Objective,
    messages: Iterable[Message],
    needs: Mapping[str, str],
) -> ObjectiveRead:
    """`needs` is the framework of each need."""
    paths = bundle.inspection.controls[control.id].paths.get(name, frozenset())
    return ObjectiveRead(
        name=name,
        says=objective.says,
        at=objective.at,
        only_in_law_scope=objective.only == "law-scope",
        covers=tuple(_cited(bundle, needs[need], need) for need in objective.covers if need in needs),
        evidence=_types(bundle, control, paths),
        parameters=tuple(sorted(path.removeprefix(_PARAMETER) for path in paths if path.startswith(_PARAMETER))),
        messages=tuple(
            sorted((item for item in messages if item.objective == name), key=lambda item: (item.gap, item.text))
        ),
    )


def _types(bundle: Bundle, control: Control, paths: frozenset[str]) -> tuple[TypeRead, ...]:
    """The types of some evidence paths; of their fields only those that hold no other that is read."""
    read = {kind for kind in control.evidence if any(path == kind or path.startswith(f"{kind}[") for path in paths)}
    return tuple(_type(bundle, control, kind, paths) for kind in control.evidence if kind in read)


def _type(bundle: Bundle, control: Control, kind: str, paths: frozenset[str]) -> TypeRead:
    schema, wanted, start = bundle.schemas[kind], control.evidence[kind], f"{kind}{_RECORDS}."
    found = {path.removeprefix(start).removesuffix("/**") for path in paths if path.startswith(start)}
    leaves = sorted(path for path in found if not any(other.startswith((f"{path}.", f"{path}[")) for other in found))
    signing = bundle.signers.of(kind)
    every = schema.get("x-classes")
    classes = tuple(str(item) for item in every) if isinstance(every, list) else ("attested",)
    return TypeRead(
        type=kind,
        meaning=title_of(bundle, kind),
        classes=(wanted.least_class,) if wanted.least_class else classes,
        max_age=wanted.max_age or (str(schema["x-max-age"]) if schema.get("x-max-age") else None),
        signed_by=signing.signed_by if signing is not None else (),
        not_by=signing.not_by if signing is not None else (),
        fields=tuple(_field(schema, path) for path in leaves if path != "predicate"),
    )


def _field(schema: Mapping[str, Any], path: str) -> FieldRead:
    if not path.startswith(_CONTENT):
        return FieldRead(path=f"record.{path}")
    inner = path.removeprefix(_CONTENT)
    return FieldRead(path=inner, meaning=_meaning(schema, inner.replace("[]", ".*").split(".")))


def _meaning(schema: Mapping[str, Any], steps: list[str]) -> str:
    """What the schema says of the deepest step that it describes."""
    node: Any = schema
    said = ""
    for step in steps:
        node = _resolved(schema, node)
        if step == "*":
            node = node.get("items") or node.get("additionalProperties") or {}
        else:
            node = (node.get("properties") or {}).get(step) or {}
        if not isinstance(node, dict):
            break
        said = _first_line(node.get("description")) or said
    return said


def _resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """A node of a schema behind its `$ref`, or behind the alternative of it that is not null."""
    for _ in range(4):
        options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
        reference = node.get("$ref")
        if isinstance(reference, str):
            node = schema.get("$defs", {}).get(reference.rpartition("/")[2], {})
        elif len(options) == 1:
            node = options[0]
        else:
            break
    return node


def _parameter(bundle: Bundle, name: str, effective: Effective) -> ParameterRead:
    entry = bundle.catalogue[name]
    return ParameterRead(
        name=name,
        value=effective.values[name],
        usual=entry.default,
        unit=entry.unit,
        source=entry.source,
        meaning=entry.meaning,
        stricter=entry.stricter if entry.floor else None,
    )


def _since(bundle: Bundle, token: str) -> Since:
    entry = bundle.vocabulary.dates[token]
    return Since(token=token, meaning=entry.meaning, date=entry.date, by_tier=entry.by_tier)


def _cited(bundle: Bundle, framework: str, article: str) -> Cited:
    return Cited(framework=framework, article=article, title=_articles(bundle, framework).get(article, ""))


def _articles(bundle: Bundle, framework: str) -> dict[str, str]:
    known = bundle.frameworks.get(framework)
    return {item.id: item.title for item in known.articles} if known is not None else {}


def _requirements(bundle: Bundle) -> list[str]:
    return [name for name, item in bundle.frameworks.items() if item.kind == "requirements"]


def title_of(bundle: Bundle, kind: str) -> str:
    """What an evidence type, or a `statement:<kind>`, is, in one line."""
    if kind.startswith(STATEMENT):
        return bundle.signers.statements[kind.removeprefix(STATEMENT)].title
    return _first_line(bundle.schemas[kind].get("description"))


def _first_line(text: Any) -> str:
    return text.split("\n", 1)[0] if isinstance(text, str) else ""
