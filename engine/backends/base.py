"""What every Rego engine promises: an answer for each rule asked for, whatever the binding does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.bundle.control import Foreign

CONFLICT = "a rule or function gave two different values"
LIMIT = "the evaluation needed more time, work or memory than it may use"
FAILURE = "the policy could not be evaluated"
INEXACT = "the answer holds a number too large to be exact"
BAD_INPUT = "the engine refused the input document"
DISAGREEMENT = "two engines disagree on this rule"
NO_OPA = "it asks other people's Rego, which needs OPA, and none is at hand"
INCOMPARABLE = "the answers of two engines cannot be compared: no canonical JSON form"
_MAX_WHOLE = 1 << 63  # regorus counts in doubles from there on
_MAX_FRACTION = 1 << 53


class AnswerState(StrEnum):
    VALUE = "value"
    UNDEFINED = "undefined"
    ERROR = "error"


@dataclass(frozen=True)
class Answer:
    """What one rule came to: a JSON value, undefined, or an error with its message.

    `error` is worded alike by every engine, since it stands in decisions that must not differ; `detail` is what the
    engine itself said, for people who mend the policy.
    """

    state: AnswerState
    value: Any = None
    error: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Limits:
    """What one evaluation may use: seconds of wall time, bytes of memory, engine steps where they are counted."""

    seconds: float = 10.0
    memory: int = 1 << 30
    work: int = 20_000_000_000


@dataclass(frozen=True)
class ForeignRule:
    """What is asked of a foreign pack for one control: of each record of a type, with these parameters."""

    name: str
    evidence: str
    parameters: tuple[str, ...]
    asked: "Foreign"


@dataclass(frozen=True)
class ForeignPack:
    """Other people's Rego: modules and data as their makers have them, in the older syntax where `v0`, and what is
    asked of it, by the rule (`quaestor/results/K8S_01`) in whose place the answer stands.
    """

    name: str
    v0: bool
    modules: Mapping[str, str]
    data: Mapping[str, Any]
    rules: Mapping[str, ForeignRule]


@dataclass(frozen=True)
class Program:
    """What an engine loads: Rego v1 modules by path, and the rules that will be asked for.

    `rules` are slash paths such as `quaestor/results/FAIR_01`, each defined in a module of its own so that an engine
    can load one control without the others. `groups` maps a name to rules asked for together (a gate's controls): the
    modules then define `gate_rule(name)`, an object of the rules' values by their last name, which an engine may
    answer in one run. `digest` covers the modules and rules. `foreign` packs stand apart: no engine loads them with our
    own, and `open_engine` puts beside the engine what asks them.
    """

    modules: dict[str, str]
    rules: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    digest: str
    foreign: tuple[ForeignPack, ...] = ()


def gate_rule(group: str) -> str:
    """The rule that answers a whole group: `quaestor/gates/validation`, a package being no place for a hyphen."""
    return f"quaestor/gates/{group.replace('-', '_')}"


def _exact(answer: Answer) -> Answer:
    """The answer, or none where it holds a number of which two engines may have different digits."""
    todo = [answer.value]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            todo += value.values()
        elif isinstance(value, list):
            todo += value
        elif isinstance(value, (int, float)):
            most = _MAX_WHOLE if isinstance(value, int) else _MAX_FRACTION
            if not abs(value) < most:  # so that no infinity gets by either
                return failed(INEXACT, f"{value}")
    return answer


def by_gate(gate: Answer, rules: Sequence[str]) -> dict[str, Answer]:
    """The answers of `rules` that the value of a gate rule holds; none where the gate has no object for a value."""
    if gate.state is not AnswerState.VALUE or not isinstance(gate.value, dict):
        return {}
    named = {rule: rule.rpartition("/")[2] for rule in rules}
    return {rule: Answer(AnswerState.VALUE, gate.value[name]) for rule, name in named.items() if name in gate.value}


def failed(error: str, detail: str = "") -> Answer:
    """An answer that says why there is none."""
    return Answer(AnswerState.ERROR, error=error, detail=detail)


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
            return {rule: failed(FAILURE, f"{self.name}: {cause}") for rule in rules}
        lost = failed(FAILURE, f"{self.name} gave no answer")
        return {rule: _exact(answers.get(rule, lost)) for rule in rules}

    @abstractmethod
    def _evaluate(
        self, rules: tuple[str, ...], input_json: bytes, data_json: bytes, group: str | None
    ) -> dict[str, Answer]: ...

    def close(self) -> None:  # noqa: B027  (most engines hold nothing)
        """Free processes and memory."""
