"""Other people's Rego as controls: a folder `foreign/<pack>/` with its modules, unedited, and a `mapping.yaml`.

The mapping says of each control what it asks of whom, which rule of the pack answers (`query`) and what the rule is
given (`input`). Such Rego is not ours: lint cannot follow it, so it runs on OPA alone (`engine.backends.foreign`), its
denials deny, and its silence is no pass unless the mapping names a rule that must be true.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import Field, JsonValue, field_validator

from engine.backends.base import ForeignPack, ForeignRule
from engine.backends.modules import DATA, without_text
from engine.bundle.control import (
    ID_PATTERN,
    NAME_PATTERN,
    Control,
    EvidenceRequirement,
    Foreign,
    ForeignKind,
    Objective,
    Template,
    short_forms,
)
from engine.bundle.documents import Document, parse_model, read_yaml
from engine.bundle.facts import ControlFacts, Message
from engine.errors import PolicyError, PolicyErrors, did_you_mean, refuse
from evidence.model.base import Frozen, Text
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.yaml import plain_scalars

FOLDER = "foreign/"
MAPPING = "mapping.yaml"
DATA_FILES = ("data.json", "data.yaml")
"""What OPA takes as data: it stands in `data` at the path of its folder in the pack."""
ACCEPTED = "accepted"
"""The one objective of a foreign control."""
DENIES = "the rule {rule} of the foreign pack {pack} denies: {said}"
WARNS = "the rule {rule} of the foreign pack {pack} warns: {said}"
MORE = "the rule {rule} of the foreign pack {pack} says {more} more"
REFUSES = "the rule {rule} of the foreign pack {pack} is false"
SILENT = "the rule {rule} of the foreign pack {pack} says nothing against the record, and silence is no pass"
UNDEFINED = "the rule {rule} of the foreign pack {pack} says neither yes nor no"
NOT_GIVEN = "the record has no {field}, which the rule {rule} of the foreign pack {pack} is to be given"
RESERVED = ("quaestor", "system", "parameters", "data", "input")
"""Roots that no package and no data of a pack may have: ours, OPA's own settings, and the words of the language."""
PLACES = ("content", "record", "parameters", "subject", "system", "gate", "now")
"""What a text of `input` that begins with `$` may stand for."""
_PLACE = re.compile(r"\$[a-z]+(\.[A-Za-z_][A-Za-z0-9_-]*)*")
_PACKAGE = re.compile(r"package[ \t]+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t\r]*(#.*)?", re.ASCII)
_HEAD = re.compile(r"(?:default[ \t]+)?([A-Za-z_]\w*)", re.ASCII)
_QUERY = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$"
_OTHERWISE = re.compile(
    r"[-+]?(0[xXoObB][0-9a-fA-F_]+|0[0-9_]+|[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?([eE].*)?|\.inf|\.nan)", re.IGNORECASE
)
DENIAL = re.compile(r"(deny|violation)(_\w+)?")
"""Names of rules that conftest asks as denials."""
_KEYWORDS = frozenset({"package", "import", "default", "else", "not", "some", "every", "with", "as", "if", "in"})


class _Mapped(Frozen):
    """A control, as the mapping has it."""

    title: str = Field(min_length=8, pattern=r"\S")
    family: str = Field(pattern=NAME_PATTERN)
    severity: Literal["blocker", "major", "minor"]
    waivable: bool = True
    tiers: tuple[str, ...] = Field(default=("any",), min_length=1)
    roles: tuple[str, ...] = Field(default=("any",), min_length=1)
    gates: tuple[str, ...] = Field(min_length=1)
    applies_from: str = "D-POL"
    until: str | None = None
    evidence: dict[str, EvidenceRequirement] = Field(min_length=1, max_length=1)
    about: Literal["system"] | None = None
    kind: ForeignKind
    query: str = Field(pattern=_QUERY)
    positive: str | None = Field(default=None, pattern=_QUERY)
    input: Template = "$content"
    parameters: tuple[str, ...] = ()
    frameworks: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    remediation: str = Field(min_length=8, pattern=r"\S")

    _short_forms = field_validator("evidence", mode="before")(short_forms)


class _Mapping(Frozen):
    """`foreign/<pack>/mapping.yaml`, as written: `origin` and `licence` say where the Rego is from, on what terms."""

    pack: str = Field(pattern=NAME_PATTERN)
    origin: Text
    licence: Text
    rego_version: Literal["v0", "v1"]
    controls: dict[str, Any] = Field(min_length=1)


@dataclass(frozen=True)
class Pack:
    """The Rego of a pack: modules and data by their path in its folder; the names of its rules by package."""

    name: str
    modules: Mapping[str, str]
    data: Mapping[str, Any]
    rules: Mapping[str, frozenset[str]]


def is_foreign(path: str) -> bool:
    """Whether a file of a bundle belongs to a foreign pack."""
    return path.startswith(FOLDER)


def pack_files(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """The files of each pack, by their path in its folder."""
    packs: dict[str, dict[str, bytes]] = {}
    for path, content in sorted(files.items()):
        if is_foreign(path):
            name, _, inner = path.removeprefix(FOLDER).partition("/")
            packs.setdefault(name, {})[inner] = content
    return packs


def read_pack(name: str, files: Mapping[str, bytes]) -> tuple[Pack, list[PolicyError]]:
    """Modules and data of a pack, and what is wrong with them whatever the mapping says."""
    mistakes: list[PolicyError] = []
    modules: dict[str, str] = {}
    rules: dict[str, frozenset[str]] = {}
    data: dict[str, Any] = {}
    for inner, content in files.items():
        path = f"{FOLDER}{name}/{inner}"
        try:
            if inner.endswith(".rego"):
                text = _text(path, content)
                package = package_of(path, text)
                modules[inner] = text
                rules[package] = rules.get(package, frozenset()) | rule_names(text)
            elif PurePosixPath(inner).name in DATA_FILES:
                _merge(data, _rooted(path, inner, content), path)
        except PolicyError as cause:
            mistakes.append(cause)
    mistakes += [
        PolicyError(f"data of the root `{root}`, which is not the pack's", path=f"{FOLDER}{name}/{MAPPING}", line=1)
        for root in RESERVED
        if root in data
    ]
    mistakes += _inexact(data, f"{FOLDER}{name}/{MAPPING}", "data of the pack")
    return Pack(name, modules, data, rules), mistakes


def _inexact(value: Any, path: str, what: str) -> list[PolicyError]:
    """A number that not every program reads alike: nothing could be asked with it."""
    try:
        canonical_bytes(value)
    except QuaestorError as cause:
        return [PolicyError(f"{what}: {cause.problem}", path=path, line=1, hint="write it as text")]
    return []


def _text(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise PolicyError("not UTF-8 text", path=path, line=1, hint="save it as UTF-8") from None


def package_of(path: str, text: str) -> str:
    """The package of a module, as OPA reads it: only `\\n` ends a line, so that no comment hides another package.

    Raises PolicyError where the first line that says something is not `package a.b`, and for a reserved root.
    """
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        said = line.strip(" \t\r")
        if not said or said.startswith("#"):
            continue
        found = _PACKAGE.fullmatch(said)
        if found is None:
            raise PolicyError("the module does not begin with a line `package a.b`", path=path, line=number)
        if found[1].split(".")[0] in RESERVED:
            problem = f"the package `{found[1]}` is not for other people's Rego"
            raise PolicyError(problem, path=path, line=number, hint=f"no root is {', '.join(RESERVED)}")
        return found[1]
    raise PolicyError("a module without a package", path=path, line=1)


def rule_names(text: str) -> frozenset[str]:
    """Names at the head of statements: what stands first in a line and in no bracket.

    It may take in a name too many, never one too few that `opa fmt` would write. A rule that is not there has no value,
    and what has no value is no pass.
    """
    names: set[str] = set()
    depth = 0
    for line in without_text(text).split("\n"):
        found = _HEAD.match(line.strip(" \t\r")) if depth == 0 else None
        if found is not None and found[1] not in _KEYWORDS:
            names.add(found[1])
        depth = max(0, depth + sum(line.count(letter) for letter in "([{") - sum(line.count(x) for x in ")]}"))
    return frozenset(names)


def _yaml(content: bytes, path: str) -> Any:
    """The data of a file. Raises PolicyError for a number that OPA reads and we do not: as text it is never less."""
    value = read_yaml(content, path).value
    _no_other_numbers(content, path)
    return value


def _no_other_numbers(content: bytes, path: str) -> None:
    for plain, line in plain_scalars(content):
        if _OTHERWISE.fullmatch(plain):
            problem = f"`{plain}` is a number to OPA, and here text or another number"
            raise PolicyError(problem, path=path, line=line, hint="write it in digits, or in quotes")


def _rooted(path: str, inner: str, content: bytes) -> dict[str, Any]:
    """The data of a file under the names of its folders, as OPA has it."""
    try:
        value = parse_json(content, where=path) if inner.endswith(".json") else _yaml(content, path)
    except EvidenceError as cause:
        raise PolicyError(cause.problem, path=path, line=1, hint="data of a pack is JSON or YAML") from None
    if not isinstance(value, dict):
        raise PolicyError("data that is not a mapping", path=path, line=1, hint="give each value a name")
    for folder in reversed(PurePosixPath(inner).parent.parts):
        value = {folder: value}
    return value


def _merge(into: dict[str, Any], value: Mapping[str, Any], path: str) -> None:
    for name, item in value.items():
        if name not in into:
            into[name] = item
        elif isinstance(item, dict) and isinstance(into[name], dict):
            _merge(into[name], item, path)
        else:
            raise PolicyError(f"two files of data give `{name}`", path=path, line=1, hint="take one of them out")


def read_foreign(
    name: str, files: Mapping[str, bytes], mapping: Document | None, schemas: Mapping[str, Mapping[str, Any]]
) -> tuple[list[tuple[Control, Document]], list[PolicyError]]:
    """The controls of a pack, each with its part of the mapping under `custom` as METADATA has it; and the mistakes."""
    pack, mistakes = read_pack(name, files)
    path = f"{FOLDER}{name}/{MAPPING}"
    if mapping is None:
        if MAPPING not in files:
            hint = "it says which rules are controls: docs/policies.md"
            mistakes.append(PolicyError("a foreign pack without a mapping", path=path, line=1, hint=hint))
        return [], mistakes
    if not isinstance(mapping.value, dict):
        hint = "write `pack: …`, `origin: …`, `licence: …`, `rego_version: v1`, `controls: …`"
        return [], [*mistakes, mapping.error("a mapping of a foreign pack has fields", hint=hint)]
    try:
        whole = parse_model(_Mapping, mapping, mapping.value)
        _no_other_numbers(files[MAPPING], path)
    except PolicyErrors as cause:
        return [], [*mistakes, *cause.errors]
    except PolicyError as cause:
        return [], [*mistakes, cause]
    if whole.pack != name:
        hint = "make them agree"
        mistakes.append(mapping.error(f"the pack `{whole.pack}` is not the folder's name `{name}`", "pack", hint=hint))
    found = []
    for control_id in whole.controls:
        try:
            item = _control(control_id, whole, mapping, schemas)
        except PolicyErrors as cause:
            mistakes += cause.errors
        except PolicyError as mistake:
            mistakes.append(mistake)
        else:
            mistakes += _mistakes(item[0], pack, item[1], schemas)
            found.append(item)
    if any(error.path == path and not error.warning for error in mistakes):
        return found, mistakes  # which rules are asked is not known yet
    asked = {control.foreign.query for control, _ in found if control.foreign is not None}
    for rule in _named(pack):
        if DENIAL.fullmatch(rule.rpartition(".")[2]) and rule not in asked:
            problem = f"no control asks the rule `{rule}`, so nobody hears what it denies"
            hint = "add a control with it as `query`, where it is meant"
            mistakes.append(PolicyError(problem, path=path, line=mapping.line("controls"), hint=hint, warning=True))
    return found, mistakes


def _named(pack: Pack) -> dict[str, None]:
    """The rules of a pack with their packages, in order."""
    return {f"{package}.{name}": None for package, names in sorted(pack.rules.items()) for name in sorted(names)}


def _control(
    control_id: str, whole: _Mapping, mapping: Document, schemas: Mapping[str, Mapping[str, Any]]
) -> tuple[Control, Document]:
    at = ("controls", control_id)
    if not re.fullmatch(ID_PATTERN, control_id):
        raise mapping.error(f"`{control_id}` is not the id of a control", *at, hint="capitals, such as `K8S-01`")
    value = mapping.value["controls"][control_id]
    if not isinstance(value, dict):
        raise mapping.error(f"the control `{control_id}` has no fields", *at, hint="write `title: …`, `query: …`")
    said = parse_model(_Mapped, mapping, value, at)
    (kind,) = said.evidence
    about = {} if said.about == "system" else dict(schemas.get(kind, {}).get("x-about", {}))
    named = {name: getattr(said, name) for name in _Mapped.model_fields if name in Control.model_fields}
    control = Control(
        **{**named, "about": {kind: about}},
        id=control_id,
        description=f"Other people's Rego: the rule {said.query} of the pack {whole.pack} ({whole.origin}).",
        pack=whole.pack,
        basis="policy",
        law_scope=None,
        mode="auto",
        objectives={ACCEPTED: Objective(says=said.title)},
        may_be_empty={},
        may_be_false={},
        may_differ={},
        may_stand_beside={},
        package=said.query.rpartition(".")[0],
        path=mapping.path,
        reads={ACCEPTED: frozenset(said.evidence)},
        applies_reads=frozenset(said.evidence),
        foreign=Foreign(
            pack=whole.pack,
            rego_version=whole.rego_version,
            kind=said.kind,
            query=said.query,
            positive=said.positive,
            input=said.input,
            origin=whole.origin,
            licence=whole.licence,
        ),
    )
    lines = {("custom", *place[2:]): line for place, line in mapping.lines.items() if place[:2] == at}
    return control, Document(path=mapping.path, value={"custom": value}, lines=lines)


def _mistakes(
    control: Control, pack: Pack, document: Document, schemas: Mapping[str, Mapping[str, Any]]
) -> Iterator[PolicyError]:
    foreign = control.foreign
    assert foreign is not None
    known = _named(pack)
    for field in ("query", "positive"):
        rule = getattr(foreign, field)
        if rule is not None and rule not in known:
            problem = f"the pack has no rule `{rule}`"
            yield document.error(problem, "custom", field, hint=did_you_mean(rule, known))
    if foreign.positive is not None and foreign.kind in ("allow", "warn"):
        problem = f"`positive` beside a rule of the kind `{foreign.kind}`"
        yield document.error(problem, "custom", "positive", hint="`allow` is positive itself, and a warning is advice")
    if _inexact(foreign.input, "", ""):
        yield document.error("`input` holds a number that is not exact", "custom", "input", hint="write it as text")
    (kind,) = control.evidence
    for where, text in _texts(foreign.input):
        if text.startswith("$"):
            problem, hint = _misplaced(text, control.parameters, schemas.get(kind))
            if problem:
                yield document.error(problem, "custom", "input", *where, hint=hint)


def _texts(value: JsonValue, where: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, (*where, name))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _texts(item, (*where, index))


def _misplaced(text: str, parameters: tuple[str, ...], schema: Mapping[str, Any] | None) -> tuple[str, str | None]:
    """What is wrong with a place such as `$content.name`; empty where nothing is."""
    root, *steps = text.removeprefix("$").split(".")
    if root not in PLACES or not _PLACE.fullmatch(text):
        known = [f"${name}" for name in PLACES]
        return f"`{text}` is no place", did_you_mean(f"${root}", known)
    if root == "parameters" and steps and steps[0] not in parameters:
        return f"`parameters` does not name `{steps[0]}`", did_you_mean(steps[0], parameters)
    if root == "content" and schema is not None:
        return _unknown_field(text, steps, schema)
    return "", None


def _unknown_field(text: str, steps: list[str], schema: Mapping[str, Any]) -> tuple[str, str | None]:
    from engine.rego.types import from_schema  # what checks alone need is imported where they run

    node = from_schema(schema, "")
    for step in steps:
        options = [option for option in node.each() if option.kind == "object"]
        if not options and node.kind != "any":
            return f"`{text}`: nothing stands in `{step}`", "name a field that holds others, or the field before it"
        fields = {name: kind for option in options for name, kind in option.fields.items()}
        rest = next((option.item for option in options if option.item is not None), None)
        if step not in fields and rest is None and options:
            return f"`{text}`: the content has no `{step}`", did_you_mean(step, fields)
        if node.kind == "any" or (step not in fields and rest is None):
            break
        node = fields.get(step, rest) or node
    return "", None


def hidden(name: str, tests: Mapping[str, bytes], controls: Iterable[Control]) -> Iterator[PolicyError]:
    """Tests of a pack, which are not run, that say something of a rule that a control asks: `penetration_test.rego`."""
    asked = {rule for control in controls if (own := control.foreign) for rule in (own.query, own.positive) if rule}
    for inner, content in tests.items():
        path = f"{FOLDER}{name}/{inner}"
        try:
            text = _text(path, content)
            package = package_of(path, text)
        except PolicyError:
            continue  # it is neither run nor compiled
        for rule in sorted(asked & {f"{package}.{said}" for said in rule_names(text)}):
            problem = f"a test is not run, and this one says something of the rule `{rule}`"
            line = _line(text, rule.rpartition(".")[2])
            yield PolicyError(
                problem, path=path, line=line, hint="give the file a name that does not end in _test.rego"
            )


def unsaid(name: str, files: Mapping[str, bytes], controls: Iterable[Control]) -> Iterator[PolicyError]:
    """What modules of a pack take from `data` and nothing in it gives: it has no value, and its rule never denies."""
    pack, mistakes = read_pack(name, files)
    if mistakes:
        return
    given = {word for control in controls for word in control.parameters}
    for inner, text in pack.modules.items():
        for said in sorted({found for found in DATA.findall(without_text(text)) if found}):
            if not _gives(pack, given, said.split(".")):
                problem = f"`data.{said}` is given by nothing in the pack, and without it a rule may never deny"
                hint = "put the module or the data.yaml that gives it into the pack; a parameter, into `parameters`"
                line = _line(text, f"data.{said}")
                yield PolicyError(problem, path=f"{FOLDER}{name}/{inner}", line=line, hint=hint)


def _gives(pack: Pack, parameters: set[str], names: list[str]) -> bool:
    if names[0] == "parameters":
        return len(names) == 1 or names[1] in parameters
    if names[0] in pack.data:
        return True
    packages = {tuple(package.split(".")): rules for package, rules in pack.rules.items()}
    return any(
        list(package[: len(names)]) == names
        or (names[: len(package)] == list(package) and names[len(package)] in rules)
        for package, rules in packages.items()
    )


def _line(text: str, word: str) -> int:
    lines = text.split("\n")
    return next((number for number, line in enumerate(lines, start=1) if word in line), 1)


def packs_asked(files: Mapping[str, bytes], controls: Iterable[Control]) -> tuple[ForeignPack, ...]:
    """The packs that some of these controls ask, by name. Raises PolicyErrors for one that cannot be read."""
    asked: dict[str, list[tuple[Control, Foreign]]] = {}
    for control in controls:
        if control.foreign is not None:
            asked.setdefault(control.foreign.pack, []).append((control, control.foreign))
    folders = pack_files(files) if asked else {}
    packs = []
    for name, pairs in sorted(asked.items()):
        pack, mistakes = read_pack(name, folders[name])
        refuse(mistakes)
        rules = {
            control.rule: ForeignRule(
                name=control.name,
                evidence=next(iter(control.evidence)),
                parameters=control.parameters,
                asked=foreign,
            )
            for control, foreign in pairs
        }
        packs.append(ForeignPack(name, pairs[0][1].rego_version == "v0", dict(pack.modules), dict(pack.data), rules))
    return tuple(packs)


def foreign_facts(control: Control) -> ControlFacts:
    """What is known of a foreign control: it may read all that it is given, and says one of a few things."""
    foreign = control.foreign
    assert foreign is not None
    (kind,) = control.evidence
    paths = {f"{kind}[].predicate/**", *(f"parameter:{name}" for name in control.parameters)}
    said = {"deny": DENIES, "violation": DENIES, "warn": WARNS, "allow": REFUSES}[foreign.kind]
    open_ = UNDEFINED if foreign.kind == "allow" or foreign.positive else SILENT
    messages = [Message(objective=ACCEPTED, text=said), Message(objective=ACCEPTED, text=open_, gap=True)]
    return ControlFacts(
        has_applies=False,
        has_findings=True,
        paths={ACCEPTED: frozenset(paths)},
        asks_gate=frozenset(),
        messages=tuple(messages),
    )
