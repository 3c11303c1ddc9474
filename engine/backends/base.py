"""What every Rego engine promises: an answer for each rule asked for, whatever the binding does."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class AnswerState(StrEnum):
    VALUE = "value"
    UNDEFINED = "undefined"
    ERROR = "error"


@dataclass(frozen=True)
class Answer:
    """What one rule came to: a JSON value, undefined, or an error with its message."""

    state: AnswerState
    value: Any = None
    error: str = ""


@dataclass(frozen=True)
class Limits:
    """What one evaluation may use: seconds of wall time, bytes of memory, engine steps where they are counted."""

    seconds: float = 10.0
    memory: int = 1 << 30
    work: int = 20_000_000_000


@dataclass(frozen=True)
class Program:
    """What an engine loads: Rego v1 modules by path, and the rules that will be asked for.

    `rules` are slash paths such as `quaestor/results/FAIR_01`; `groups` maps a name to rules asked for together (a
    gate's controls), which an engine may answer in one run. `digest` covers the modules and rules.
    """

    modules: dict[str, str]
    rules: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    digest: str


class RegoEngine(ABC):
    """A Rego engine with one program loaded. Used by one thread at a time; `close` frees what it holds."""

    name: str
    version: str

    def evaluate(
        self, rules: Sequence[str], input_json: bytes, data_json: bytes, *, group: str | None = None
    ) -> dict[str, Answer]:
        """An answer for each rule of `rules`, in their order.

        `input_json` and `data_json` are the JSON documents `input` and `data` (with `data.parameters`). `group` says
        that `rules` lie in that group, a hint. A rule that errs does not take its neighbours with it. Never raises.
        """
        try:
            answers = self._evaluate(tuple(rules), input_json, data_json, group)
        except Exception as cause:  # a binding may raise anything; the gate still needs an answer
            return {rule: Answer(AnswerState.ERROR, error=f"engine failed: {cause}") for rule in rules}
        lost = Answer(AnswerState.ERROR, error="engine gave no answer")
        return {rule: answers.get(rule, lost) for rule in rules}

    @abstractmethod
    def _evaluate(
        self, rules: tuple[str, ...], input_json: bytes, data_json: bytes, group: str | None
    ) -> dict[str, Answer]: ...

    def close(self) -> None:  # noqa: B027  (most engines hold nothing)
        """Free processes and memory."""
