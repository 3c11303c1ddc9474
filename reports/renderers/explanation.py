"""A control for a terminal: what it asks, of whom, since when, on which facts, and what is said where it is not met."""

import textwrap
from collections.abc import Iterable, Iterator

import yaml

from engine.bundle.explanation import Explanation, ObjectiveRead, TypeRead
from engine.bundle.facts import Message
from reports.words.controls import (
    ADDED_TEXT,
    MODE_WORDS,
    SEVERITY_WORDS,
    asked_of,
    basis_text,
    foreign_text,
    gates_text,
    message_text,
    off_text,
    parameter_text,
    since_text,
    type_text,
    waiver_text,
)
from reports.words.escape import clean

WIDTH = 110


def text_lines(explanation: Explanation) -> Iterator[str]:
    """Plain text of at most `WIDTH` columns, but for words that are longer."""
    control = explanation.control
    yield clean(f"{control.id}  {control.title}")
    yield from _wrapped(control.description, 2)
    yield ""
    facts = (
        *((("off", off_text(control, explanation.off)),) if explanation.off is not None else ()),
        ("asked of", asked_of(explanation)),
        ("at gates", gates_text(control.gates)),
        ("binds", since_text(explanation.since)),
        ("severity", SEVERITY_WORDS[control.severity]),
        ("basis", basis_text(explanation)),
        ("waiver", waiver_text(explanation)),
        ("decided", MODE_WORDS[control.mode]),
        ("to mend it", control.remediation),
        *((("class", foreign_text(control.foreign)),) if control.foreign is not None else ()),
        *((("brought by", ADDED_TEXT),) * control.added),
    )
    for name, value in facts:
        yield from _wrapped(value, 13, f"  {name:<11}")
    if explanation.condition:
        yield from ("", "Whether it applies is read from")
        for read in explanation.condition:
            yield from _type(read)
    told: dict[TypeRead, str] = {}
    for objective in explanation.objectives:
        yield from ("", *_objective(objective, explanation.said_only_of(objective), told))
    for names, found in explanation.said_alike.items():
        yield from ("", *_wrapped(", ".join(names), 2, "Said alike of the objectives "))
        for message in found:
            yield from _wrapped(message_text(message), 6, "  ")
    if explanation.parameters:
        yield from ("", "Parameters")
        for parameter in explanation.parameters:
            yield from _wrapped(parameter_text(parameter), 6, f"  {parameter.name} = ")
    if explanation.cited:
        yield from ("", "Answers")
        for cited in explanation.cited:
            yield from _wrapped(f"{cited.framework} {cited.article}  {cited.title}", 6, "  ")
    if explanation.exceptions:
        yield from ("", "What its proofs let pass")
        for path, reason in explanation.exceptions.items():
            yield from _wrapped(f"{path}: {reason}", 6, "  ")
    if explanation.example:
        yield from ("", "Records that pass (its first passing case; only what it reads)")
        yield from _example(explanation.example)


def _example(example: object) -> list[str]:
    """As YAML. PyYAML looks at the width before it writes a value, so that a digest after it may still be too long."""
    for width in (80, 30):
        text = yaml.safe_dump(example, sort_keys=False, allow_unicode=True, width=width, default_flow_style=None)
        lines = [f"  {clean(line)}" for line in text.splitlines()]
        if all(len(line) <= WIDTH for line in lines):
            break
    return lines


def _objective(objective: ObjectiveRead, messages: Iterable[Message], told: dict[TypeRead, str]) -> Iterator[str]:
    """`told`: which types were told before, with which fields, and of which objective."""
    where = f" (at {', '.join(objective.at)})" if objective.at else ""
    law = " (only where the control is law)" if objective.only_in_law_scope else ""
    yield from _wrapped(f"{objective.says}{where}{law}", 2, f"Objective {objective.name}: ")
    for read in objective.evidence:
        first = told.setdefault(read, objective.name)
        yield from _type(read) if first == objective.name else _wrapped(f"{read.type}, as {first} does", 6, "  reads ")
    if objective.parameters:
        yield from _wrapped(f"by the parameters {', '.join(objective.parameters)}", 6, "  ")
    for message in messages:
        yield from _wrapped(message_text(message), 6, "  ")
    for need in objective.covers:
        yield from _wrapped(f"covers {need.article}: {need.title}", 6, "  ")


def _type(read: TypeRead) -> Iterator[str]:
    yield from _wrapped(f"{read.type}: {type_text(read)}", 6, "  reads ")
    for field in read.fields:
        yield from _wrapped(f"{field.path}  {field.meaning}".rstrip(), 12, "      ")


def _wrapped(text: str, indent: int, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        clean(text),
        WIDTH,
        initial_indent=" " * indent if first is None else first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
