"""Gates: named points in the life of a model. One YAML file a gate says what it denies and what it asks for before."""

from collections.abc import Iterable, Mapping, Set
from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field

from engine.bundle.control import NAME_PATTERN, Control
from engine.bundle.documents import Document, parse_model
from engine.errors import PolicyError, did_you_mean
from evidence.model.base import Frozen
from evidence.model.subject import Subject


class Selection(Frozen):
    """Which of the controls that name the gate it asks; an empty list does not narrow."""

    controls: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()


class GateFile(Frozen):
    """A gate, as written. `denies`: severities that stop a subject here; `requires`: gates that must have allowed the
    digest; `subjects`: kinds of subject that it judges; `select`: which of the controls that name it are asked.
    """

    gate: str = Field(pattern=NAME_PATTERN)
    title: str = Field(min_length=3)
    meaning: str = Field(min_length=8)
    denies: tuple[Literal["blocker", "major"], ...] = Field(min_length=1)
    requires: tuple[str, ...] = ()
    subjects: tuple[Literal["model", "system", "dataset", "portfolio"], ...] = Field(
        default=("model", "system", "dataset"), min_length=1
    )
    select: Selection = Selection()


class Gate(GateFile):
    """A gate, and its file in the bundle."""

    path: str

    def require(self, subject: Subject) -> None:
        """Raise PolicyError for a subject of a kind that the gate does not judge."""
        if subject.kind not in self.subjects:
            problem = f"gate `{self.gate}` judges no {subject.kind}"
            raise PolicyError(problem, path=self.path, line=1, hint=f"it judges {', '.join(self.subjects)}")


def read_gate(document: Document) -> Gate:
    """`policies/gates/<gate>.yaml`. Raises PolicyError or PolicyErrors."""
    if not isinstance(document.value, dict):
        raise document.error(
            "a gate is a mapping", hint="write `gate: …`, `title: …`, `meaning: …`, `denies: [blocker]`"
        )
    file = parse_model(GateFile, document, document.value)
    stem = PurePosixPath(document.path).stem
    if file.gate != stem:
        raise document.error(f"the gate `{file.gate}` is not the file's name `{stem}`", "gate", hint="make them agree")
    if "blocker" not in file.denies:
        raise document.error("a gate always denies on blockers", "denies", hint="write `denies: [blocker]`")
    return Gate(**dict(file), path=document.path)


def selected(gate: Gate, controls: Iterable[Control]) -> tuple[Control, ...]:
    """The controls that a gate asks, by id: those that name it, narrowed by its selection."""
    wanted = gate.select
    return tuple(
        control
        for control in sorted(controls, key=lambda c: c.id)
        if gate.gate in control.gates
        and (not wanted.controls or control.id in wanted.controls)
        and (not wanted.families or control.family in wanted.families)
        and (not wanted.packs or control.pack in wanted.packs)
    )


def gate_mistakes(
    gates: Mapping[str, Gate],
    documents: Mapping[str, Document],
    controls: Mapping[str, Control],
    unread: Set[str] = frozenset(),
) -> list[PolicyError]:
    """What is wrong between gates, and between gates and controls: unknown names, cycles.

    `unread` are names of gates with mistakes of their own, which are told.
    """
    mistakes = []
    families, packs = {c.family for c in controls.values()}, {c.pack for c in controls.values()}
    for name, gate in sorted(gates.items()):
        document = documents[name]
        for index, other in enumerate(gate.requires):
            if other not in gates and other not in unread:
                mistakes.append(
                    document.error(f"unknown gate `{other}`", "requires", index, hint=did_you_mean(other, gates))
                )
        for index, control in enumerate(gate.select.controls):
            if control not in controls:
                hint = did_you_mean(control, controls)
                mistakes.append(document.error(f"unknown control `{control}`", "select", "controls", index, hint=hint))
            elif name not in controls[control].gates:
                problem = f"the control `{control}` does not name the gate `{name}`"
                hint = f"add `{name}` to `gates` in its METADATA"
                mistakes.append(document.error(problem, "select", "controls", index, hint=hint))
        for field, known in (("families", families), ("packs", packs)):
            for index, item in enumerate(getattr(gate.select, field)):
                if item not in known:
                    problem = f"no control of the bundle is in `{item}`"
                    mistakes.append(document.error(problem, "select", field, index, hint=did_you_mean(item, known)))
        if name in _before(name, gates):
            problem = f"gate `{name}` asks, by way of others, for its own allowance"
            mistakes.append(document.error(problem, "requires", hint="break the circle"))
    return mistakes


def _before(name: str, gates: Mapping[str, Gate]) -> set[str]:
    """Every gate that must have allowed before `name`, directly or not."""
    found: set[str] = set()
    todo = list(gates[name].requires)
    while todo:
        other = todo.pop()
        if other not in found and other in gates:
            found.add(other)
            todo += gates[other].requires
    return found
