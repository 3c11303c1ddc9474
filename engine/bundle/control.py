"""A control: one requirement, one Rego package, with its catalogue entry in METADATA (docs/architecture.md)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, JsonValue, field_validator

from engine.bundle.documents import Document, parse_model
from engine.bundle.metadata import misformed, package_metadata, package_of
from engine.bundle.paths import is_added
from engine.errors import PolicyError, PolicyErrors, did_you_mean
from evidence.model.base import Duration, Frozen, Text

EvidenceClassName = Literal["attested", "ingested", "derived", "measured"]
ID_PATTERN = r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$"
NAME_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class EvidenceRequirement(Frozen):
    """What records of a type a control accepts: of at least a class, collected at most so long ago."""

    least_class: EvidenceClassName | None = None
    max_age: Duration | None = None


class Objective(Frozen):
    """An assessment objective: what `satisfied contains "<name>"` asserts."""

    says: str = Field(min_length=8, pattern=r"\S")
    at: tuple[str, ...] = ()
    """Gates at which it is judged; empty for every gate of the control."""
    covers: tuple[str, ...] = ()
    only: Literal["law-scope"] | None = None
    reads: tuple[str, ...] = ()
    """Evidence types that its rules read; empty for all of the control."""


class LawScope(Frozen):
    """Where `basis: law` holds: these tiers and roles, from a date token on."""

    tiers: tuple[str, ...] = ("any",)
    roles: tuple[str, ...] = ("any",)
    from_: str = Field(alias="from")


def short_forms(value: Any) -> Any:
    """What `evidence` may say in short, in full: types alone, or each with its least class."""
    if isinstance(value, tuple) and all(isinstance(name, str) for name in value) and len(set(value)) == len(value):
        return {name: EvidenceRequirement() for name in value}
    return {name: _requirement(item) for name, item in value.items()} if isinstance(value, dict) else value


ForeignKind = Literal["deny", "violation", "warn", "allow"]


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lists(item) for name, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, (list, tuple)) else value


Template = Annotated[JsonValue, BeforeValidator(_lists)]
"""A JSON value, with lists where a document that was read has tuples."""


class Foreign(Frozen):
    """Where the rule of a foreign control is from, and how it is asked (`engine.bundle.foreign`).

    `query` is what answers, `positive` a rule that must be true besides, both as `package.rule`; `input` is what they
    are given, in which `$content.name` and the like stand for parts of a record.
    """

    pack: str
    rego_version: Literal["v0", "v1"]
    kind: ForeignKind
    query: str
    positive: str | None = None
    input: Template
    origin: str
    licence: str


class _Custom(Frozen):
    """METADATA's `custom`, as written. What is left out has the value that nearly every control gives it."""

    id: str | None = Field(default=None, pattern=ID_PATTERN)
    pack: str = Field(default="core", pattern=NAME_PATTERN)
    severity: Literal["blocker", "major", "minor"]
    basis: Literal["law", "guidance", "policy"]
    waivable: bool | None = None
    law_scope: LawScope | None = None
    mode: Literal["auto", "hybrid", "attested"] = "auto"
    tiers: tuple[str, ...] = Field(default=("any",), min_length=1)
    roles: tuple[str, ...] = Field(default=("any",), min_length=1)
    gates: tuple[str, ...] = Field(min_length=1)
    applies_from: str = "D-POL"
    until: str | None = None
    evidence: dict[str, EvidenceRequirement] = Field(min_length=1)
    about: dict[str, Literal["system"]] = Field(default_factory=dict)
    applies: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    objectives: dict[str, Objective] = Field(min_length=1)
    may_be_empty: dict[str, Text] = Field(default_factory=dict)
    may_be_false: dict[str, Text] = Field(default_factory=dict)
    may_differ: dict[str, Text] = Field(default_factory=dict)
    may_stand_beside: dict[str, Text] = Field(default_factory=dict)
    frameworks: dict[str, tuple[str, ...]]
    remediation: str = Field(min_length=8, pattern=r"\S")

    _short_forms = field_validator("evidence", mode="before")(short_forms)


class _Annotations(Frozen):
    """A METADATA block, as written."""

    title: str = Field(min_length=3, pattern=r"\S")
    description: str = Field(min_length=8, pattern=r"\S")
    scope: Literal["package"] = "package"
    organizations: tuple[str, ...] = ()
    authors: tuple[Any, ...] = ()
    related_resources: tuple[Any, ...] = ()
    custom: _Custom


EXCEPTIONS = ("may_be_empty", "may_be_false", "may_differ", "may_stand_beside")
"""Fields of METADATA that name what the tests of `engine.proofs` let pass, by evidence path, each with its reason."""


class Control(Frozen):
    """A control of the bundle. `family` is its folder, `package` its Rego package, `path` its file in the bundle.

    `reads` names, for each objective, the evidence types that its `satisfied` rules may read, directly or through
    helpers; `applies_reads` those that decide whether the control applies. Both are declared, and lint holds the rules
    to them. `about` says of each of its types, by kind of subject, which field holds the digest of the subject: it sees
    no record about another one. METADATA's `about: {<type>: system}` takes this away where versions are compared.
    """

    id: str
    title: str
    description: str
    family: str
    pack: str
    severity: Literal["blocker", "major", "minor"]
    basis: Literal["law", "guidance", "policy"]
    waivable: bool
    law_scope: LawScope | None
    mode: Literal["auto", "hybrid", "attested"]
    tiers: tuple[str, ...]
    roles: tuple[str, ...]
    gates: tuple[str, ...]
    applies_from: str
    until: str | None
    evidence: dict[str, EvidenceRequirement]
    parameters: tuple[str, ...]
    objectives: dict[str, Objective]
    may_be_empty: dict[str, str]
    may_be_false: dict[str, str]
    may_differ: dict[str, str]
    may_stand_beside: dict[str, str]
    frameworks: dict[str, tuple[str, ...]]
    remediation: str
    package: str
    path: str
    about: dict[str, dict[str, str]]
    applies: tuple[str, ...] = ()
    reads: dict[str, frozenset[str]]
    applies_reads: frozenset[str]
    foreign: Foreign | None = None
    """Where other people's Rego answers."""

    @property
    def stem(self) -> str:
        """Its file without the ending; of a foreign control, which shares its file, beside it by the id."""
        if self.foreign is not None:
            return f"{PurePosixPath(self.path).parent}/{self.id}"
        return self.path.removesuffix(".rego")

    @property
    def name(self) -> str:
        """The id as a Rego name: `FAIR_01`."""
        return self.id.replace("-", "_")

    @property
    def added(self) -> bool:
        """Whether the organisation's overlay brings it."""
        return is_added(self.path)

    @property
    def rule(self) -> str:
        """The rule of the generated package `quaestor.results` that an engine is asked for."""
        return f"quaestor/results/{self.name}"


def _requirement(value: Any) -> Any:
    if value == "any":
        return EvidenceRequirement()
    if isinstance(value, str):
        return {"least_class": value}
    if isinstance(value, dict):
        known = {"class": "least_class", "max_age": "max_age"}
        return {known.get(name, name): item for name, item in value.items() if (name, item) != ("class", "any")}
    return value


def read_control(
    path: str, text: str, abouts: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[Control, Document]:
    """The control of a module `policies/controls/<family>/<ID>.rego`, without what its rules say, and its METADATA.

    `abouts`: by evidence type, what its records are about (`x-about` of its schema).

    Raises PolicyError where METADATA is missing, and ControlErrors with every mistake where it is incomplete or wrong,
    or where file name, package and id do not agree.
    """
    package, package_line = package_of(text, path)
    document = package_metadata(text, path)
    if not isinstance(document.value, dict):
        raise PolicyError("METADATA is not a mapping", path=path, line=document.line(), hint="write `# title: …`")
    annotations, mistakes = _annotations(document)
    place = PurePosixPath(path)
    mistakes += _misnamed(annotations.custom, document, place, package, package_line)
    mistakes += _mistaken_words(annotations.custom, document)
    mistakes += [
        document.error(f"`{name}` is not {words}", name, hint="mend it, or take it out: OPA loads no other")
        for name, words in misformed(document.value)
        if isinstance(document.value[name], list)
    ]
    control = _control(annotations, place, package, abouts or {})
    if mistakes:
        raise ControlErrors(mistakes, control, document)
    return control, document


class ControlErrors(PolicyErrors):
    """The mistakes of a control's METADATA; `control` is what its `document` says without them."""

    def __init__(self, errors: Iterable[PolicyError], control: "Control", document: Document) -> None:
        super().__init__(errors)
        self.control = control
        self.document = document


def _annotations(document: Document) -> tuple[_Annotations, list[PolicyError]]:
    """METADATA, and its mistakes. A field with a mistake is left out, so that the others can be looked at."""
    try:
        return parse_model(_Annotations, document, document.value), []
    except PolicyErrors as cause:
        mistakes = list(cause.errors)
    fitting: dict[str, dict[str, Any]] = {}
    for model, value in ((_Annotations, document.value), (_Custom, document.value.get("custom"))):
        fitting[model.__name__] = {
            name: item
            for name, item in (value.items() if isinstance(value, dict) else ())
            if name != "custom" and _fits(model, document, name, item)
        }
    custom = parse_model(_Custom, document, {**_STAND_INS, **fitting["_Custom"]})
    stood_in = {name: type(getattr(custom, name))() for name in ("gates", "evidence", "objectives")
                if name not in fitting["_Custom"]}  # fmt: skip
    if "evidence" in stood_in:  # what names its types cannot be held against them
        stood_in |= {name: type(getattr(custom, name))() for name in ("about", "applies", *EXCEPTIONS)}
        objectives = stood_in.get("objectives", custom.objectives)
        stood_in["objectives"] = {name: item.model_copy(update={"reads": ()}) for name, item in objectives.items()}
    texts = {"title": "to be written", "description": "to be written", **fitting["_Annotations"]}
    told = {**texts, "custom": custom.model_copy(update=stood_in)}
    return _Annotations.model_construct(**told), mistakes


_STAND_INS: dict[str, Any] = {
    "severity": "minor", "basis": "policy", "gates": ["none"], "evidence": ["none"], "frameworks": {},
    "objectives": {"none": {"says": "to be written"}}, "remediation": "to be written",
}  # fmt: skip


def _fits(model: type[Frozen], document: Document, name: str, item: Any) -> bool:
    """Whether a field by itself is as the model has it."""
    base = _STAND_INS if model is _Custom else {"title": "none", "description": "to be written", "custom": _STAND_INS}
    try:
        parse_model(model, document, {**base, name: item})
    except PolicyErrors:
        return False
    return True


def _misnamed(
    custom: _Custom, document: Document, place: PurePosixPath, package: str, package_line: int
) -> Iterator[PolicyError]:
    """Where file name, package and id do not agree."""
    path, family = str(place), place.parent.name
    control_id = custom.id or place.stem
    if place.stem != control_id:
        problem = f"the id `{control_id}` is not the file's name `{place.stem}`"
        yield document.error(problem, "custom", "id", hint="leave `id` out")
    elif not re.match(ID_PATTERN, control_id):
        hint = "name it in capitals, such as `FAIR-01.rego`"
        yield PolicyError("the file's name is not the id of a control", path=path, line=1, hint=hint)
    expected = f"controls.{family.replace('-', '_')}.{place.stem.replace('-', '_')}"
    if package != expected:
        problem = f"the package `{package}` does not fit the file"
        yield PolicyError(problem, path=path, line=package_line, hint=f"write `package {expected}`")


def _mistaken_words(custom: _Custom, document: Document) -> Iterator[PolicyError]:
    """Names of objectives of another form, and types named beside `evidence` that do not stand there."""
    for name in custom.objectives:
        if not re.match(NAME_PATTERN, name):
            problem = f"the objective `{name}` is not lower-case words with hyphens"
            yield document.error(problem, "custom", "objectives", name, hint="write it so, such as `drop-within-bound`")
    lists: dict[tuple[str, ...], Iterable[str]] = {
        ("objectives", name, "reads"): item.reads for name, item in custom.objectives.items()
    }
    lists |= {("applies",): custom.applies, ("about",): custom.about}
    for where, kinds in lists.items():
        for kind in kinds:
            if kind not in custom.evidence:
                hint = did_you_mean(kind, custom.evidence)
                problem = f"`evidence` does not name the type `{kind}`"
                yield document.error(problem, "custom", *where, hint=hint, follows="evidence type")


def _control(
    annotations: _Annotations, place: PurePosixPath, package: str, abouts: Mapping[str, Mapping[str, str]]
) -> Control:
    custom = annotations.custom
    written = {
        name: getattr(custom, name)
        for name in type(custom).model_fields
        if name in Control.model_fields and name != "about"
    }
    # What the law asks at the price of the gate cannot be waived; all else may be, unless METADATA says no.
    implied = (custom.basis, custom.severity) != ("law", "blocker")
    return Control(
        **{
            **written,
            "id": custom.id or place.stem,
            "waivable": implied if custom.waivable is None else custom.waivable,
        },
        title=annotations.title,
        description=annotations.description,
        family=place.parent.name,
        package=package,
        path=str(place),
        about={
            kind: dict(abouts.get(kind, {})) if custom.about.get(kind) != "system" else {} for kind in custom.evidence
        },
        reads={name: frozenset(item.reads or custom.evidence) for name, item in custom.objectives.items()},
        applies_reads=frozenset(custom.applies or custom.evidence),
    )
