"""A control: one requirement, one Rego package, with its catalogue entry in METADATA (docs/architecture.md)."""

import re
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import Field, field_validator

from engine.bundle.documents import Document, parse_model
from engine.bundle.metadata import package_metadata, package_of
from engine.errors import PolicyError
from evidence.model.base import Duration, Frozen

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


class LawScope(Frozen):
    """Where `basis: law` holds: these tiers and roles, from a date token on."""

    tiers: tuple[str, ...] = ("any",)
    roles: tuple[str, ...] = ("any",)
    from_: str = Field(alias="from")


class _Custom(Frozen):
    """METADATA's `custom`, as written."""

    id: str = Field(pattern=ID_PATTERN)
    pack: str = Field(pattern=NAME_PATTERN)
    severity: Literal["blocker", "major", "minor"]
    basis: Literal["law", "guidance", "policy"]
    waivable: bool
    law_scope: LawScope | None = None
    mode: Literal["auto", "hybrid", "attested"]
    tiers: tuple[str, ...] = Field(min_length=1)
    roles: tuple[str, ...] = Field(min_length=1)
    gates: tuple[str, ...] = Field(min_length=1)
    applies_from: str
    until: str | None = None
    evidence: dict[str, EvidenceRequirement] = Field(min_length=1)
    parameters: tuple[str, ...] = ()
    objectives: dict[str, Objective] = Field(min_length=1)
    may_be_empty: dict[str, str] = Field(default_factory=dict)
    frameworks: dict[str, tuple[str, ...]]
    remediation: str = Field(min_length=8, pattern=r"\S")

    @field_validator("evidence", mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        return {name: _requirement(item) for name, item in value.items()} if isinstance(value, dict) else value


class _Annotations(Frozen):
    """A METADATA block, as written."""

    title: str = Field(min_length=3, pattern=r"\S")
    description: str = Field(min_length=8, pattern=r"\S")
    scope: Literal["package"] = "package"
    organizations: tuple[str, ...] = ()
    authors: tuple[Any, ...] = ()
    related_resources: tuple[Any, ...] = ()
    custom: _Custom


class Control(Frozen):
    """A control of the bundle. `family` is its folder, `package` its Rego package, `path` its file in the bundle.

    `reads` names, for each objective, the evidence types that its `satisfied` rules read, directly or through helpers;
    `applies_reads` those that decide whether the control applies.
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
    frameworks: dict[str, tuple[str, ...]]
    remediation: str
    package: str
    path: str
    has_applies: bool = False
    reads: dict[str, frozenset[str]] = Field(default_factory=dict)
    applies_reads: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The id as a Rego name: `FAIR_01`."""
        return self.id.replace("-", "_")

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


def read_control(path: str, text: str) -> tuple[Control, Document]:
    """The control of a module `policies/controls/<family>/<ID>.rego`, without what its rules say, and its METADATA.

    Raises PolicyError or PolicyErrors where METADATA is missing, incomplete or wrong, or where file name, package and
    id do not agree.
    """
    package, package_line = package_of(text, path)
    document = package_metadata(text, path)
    if not isinstance(document.value, dict):
        raise PolicyError("METADATA is not a mapping", path=path, line=document.line(), hint="write `# title: …`")
    annotations = parse_model(_Annotations, document, document.value)
    custom = annotations.custom
    place = PurePosixPath(path)
    family = place.parent.name
    if place.stem != custom.id:
        raise document.error(
            f"the id `{custom.id}` is not the file's name `{place.stem}`", "custom", "id", hint="make them agree"
        )
    expected = f"controls.{family.replace('-', '_')}.{custom.id.replace('-', '_')}"
    if package != expected:
        raise PolicyError(
            f"the package `{package}` does not fit the file",
            path=path,
            line=package_line,
            hint=f"write `package {expected}`",
        )
    for name in custom.objectives:
        if not re.match(NAME_PATTERN, name):
            raise document.error(
                f"the objective `{name}` is not lower-case words with hyphens", "custom", "objectives", name
            )
    control = Control(
        **{name: getattr(custom, name) for name in type(custom).model_fields},
        title=annotations.title,
        description=annotations.description,
        family=family,
        package=package,
        path=path,
    )
    return control, document
