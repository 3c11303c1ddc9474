"""What a bundle's controls answer of a framework, article by article, and on what kind of evidence the answer rests."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.bundle.control import Control, EvidenceClassName
from engine.bundle.draft import Framework
from engine.bundle.load import Bundle
from engine.bundle.statements import STATEMENT
from evidence.model.base import Frozen

CLASSES: tuple[EvidenceClassName, ...] = ("measured", "derived", "ingested", "attested")
"""Classes of evidence, the strongest first."""


class Answer(Frozen):
    """A control that answers an article, with those of its objectives that do, and the classes that these read."""

    control: str
    objectives: tuple[str, ...]
    classes: tuple[EvidenceClassName, ...]
    added: bool = False
    """Whether the organisation's overlay brings the control."""


class Covered(Frozen):
    """An article, and who answers it: nobody where `answers` is empty."""

    article: str
    title: str
    answers: tuple[Answer, ...]

    @property
    def classes(self) -> tuple[EvidenceClassName, ...]:
        """The classes of evidence on which the answers rest, the strongest first."""
        found = {name for answer in self.answers for name in answer.classes}
        return tuple(name for name in CLASSES if name in found)


class Coverage(Frozen):
    """The articles of one framework, in its own order."""

    framework: str
    title: str
    version: str
    rows: tuple[Covered, ...]

    def starting(self, start: str) -> "Coverage":
        """Of the articles those whose id is `start`, or begins with it and a full stop."""
        rows = tuple(row for row in self.rows if row.article == start or row.article.startswith(f"{start}."))
        return self.model_copy(update={"rows": rows})

    @property
    def uncovered(self) -> tuple[Covered, ...]:
        """The articles that no control answers."""
        return tuple(row for row in self.rows if not row.answers)

    @property
    def covered(self) -> tuple[Covered, ...]:
        """The articles that some control answers."""
        return tuple(row for row in self.rows if row.answers)

    @property
    def shares(self) -> dict[EvidenceClassName, int]:
        """How many covered articles rest on each class of evidence; one that rests on several counts in each."""
        return {name: sum(name in row.classes for row in self.rows) for name in CLASSES}


def coverage(bundle: Bundle, framework: Framework) -> Coverage:
    """What the controls answer of a framework.

    An article of a law or a standard is answered by a control that cites it, with all its objectives; a need
    (`kind: requirements`) by the objectives that say so in `covers`, and by nothing else of their control. What other
    people's Rego cites is their claim, which nothing here has looked into: it answers nothing.
    """
    ours = (control for control in bundle.controls.values() if control.foreign is None)
    controls = sorted(ours, key=lambda control: control.id)
    answers: dict[str, list[Answer]] = {}
    for control in controls:
        for article, objectives in _answered(control, framework):
            classes = _classes(control, objectives, bundle.schemas)
            answer = Answer(control=control.id, objectives=objectives, classes=classes, added=control.added)
            answers.setdefault(article, []).append(answer)
    return Coverage(
        framework=framework.framework,
        title=framework.title,
        version=framework.version,
        rows=tuple(
            Covered(article=item.id, title=item.title, answers=tuple(answers.get(item.id, ())))
            for item in framework.articles
        ),
    )


def _answered(control: Control, framework: Framework) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each article that a control answers, and the objectives that do."""
    if framework.kind != "requirements":
        for article in control.frameworks.get(framework.framework, ()):
            yield article, tuple(control.objectives)
        return
    needs = dict.fromkeys(need for objective in control.objectives.values() for need in objective.covers)
    for need in needs:
        yield need, tuple(name for name, objective in control.objectives.items() if need in objective.covers)


def _classes(
    control: Control, objectives: tuple[str, ...], schemas: Mapping[str, Mapping[str, Any]]
) -> tuple[EvidenceClassName, ...]:
    """The least class of each type that the objectives read: what the control asks for, else the weakest there is."""
    found = set()
    for objective in objectives:
        for kind in control.reads[objective]:
            allowed: list[EvidenceClassName] = (
                ["attested"] if kind.startswith(STATEMENT) else schemas[kind]["x-classes"]
            )
            found.add(control.evidence[kind].least_class or max(allowed, key=CLASSES.index))
    return tuple(name for name in CLASSES if name in found)
