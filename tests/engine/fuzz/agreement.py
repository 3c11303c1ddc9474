"""Asks OPA, its WebAssembly and regorus the same, and tells where their answers differ."""

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from engine.backends.base import Answer, AnswerState, Program, RegoEngine
from engine.backends.choose import open_engine
from evidence.model.canonical import canonical_bytes

ENGINES = ("opa", "wasm", "regorus")


@dataclass(frozen=True)
class Disagreement:
    """One rule on one input, and what each engine made of it, in words."""

    rule: str
    document: bytes
    data: bytes
    answers: Mapping[str, str]

    def __str__(self) -> str:
        said = "\n".join(f"{engine:8} {answer}" for engine, answer in self.answers.items())
        return f"{self.rule}\ninput    {self.document.decode()}\ndata     {self.data.decode()}\n{said}"


@contextmanager
def engines(program: Program) -> Iterator[dict[str, RegoEngine]]:
    """The three engines with one program loaded; OPA is a server of its own for as long."""
    with ExitStack() as stack:
        opened = {}
        for name in ENGINES:
            opened[name] = open_engine(name, program)
            stack.callback(opened[name].close)
        yield opened


def disagreements(
    opened: Mapping[str, RegoEngine], rules: Sequence[str], document: bytes, data: bytes, group: str | None = None
) -> list[Disagreement]:
    """Where the engines' answers for one input differ."""
    given = {name: engine.evaluate(rules, document, data, group=group) for name, engine in opened.items()}
    if any(answer.state is AnswerState.ERROR for answer in given["wasm"].values()):
        gc.collect()  # an instance that failed is thrown away, and holds its memory until its cycle is found
    found = []
    for rule in rules:
        answers = {name: in_words(given[name][rule]) for name in given}
        if len(set(answers.values())) > 1:
            details = {name: f"{answers[name]} {given[name][rule].detail}".strip() for name in given}
            found.append(Disagreement(rule, document, data, details))
    return found


def in_words(answer: Answer) -> str:
    """What a decision would rest on: the value, its two sets in one order, or why there is none."""
    if answer.state is not AnswerState.VALUE:
        return f"{answer.state}: {answer.error}"
    value = answer.value
    if isinstance(value, dict) and {"satisfied", "findings"} <= set(value):
        value = {**value, **{name: sorted(value[name], key=_order) for name in ("satisfied", "findings")}}
    return _order(value)


def _order(value: Any) -> str:
    try:
        return canonical_bytes(value).decode()
    except Exception as cause:  # a number without a canonical form: what would be decided is an error
        return f"{json.dumps(value, sort_keys=True)} ({cause})"
