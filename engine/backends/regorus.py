"""Rego from source, without OPA: regorus's interpreter in a child process that can be killed.

Never its RVM, which takes errors for undefined. A few rules an engine, since an engine's cost grows with its packages;
one that errs is asked again on an engine of its own. Engines are kept for as long as the data stay the same.
"""

import json
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from engine.backends.base import (
    BAD_INPUT,
    CONFLICT,
    FAILURE,
    INEXACT,
    LIMIT,
    Answer,
    AnswerState,
    Limits,
    Program,
    RegoEngine,
    failed,
)
from engine.backends.compile import check_paths
from engine.backends.modules import MAX_NESTING, ModuleGraph, nesting
from evidence.model.errors import QuaestorError
from evidence.process.child import Bounds, Child, ChildError

_WORKER = "engine.backends.regorus_worker:serve"
_OWN_NEEDS = 256 << 20
"""Address space of the interpreter itself, which the limit of memory leaves out."""
_SETTINGS = {"MIMALLOC_ARENA_RESERVE": "32MiB"}
"""regorus's allocator reserves 1 GiB of addresses at once otherwise, which its limit would count."""
_START_SECONDS = 30.0
_CONFLICTS = (
    "error: rule conflicts",
    "produce multiple outputs",
    "produced multiple outputs",
    "generated multiple times",
)
_LONGEST_FRAME = 1 << 30


class RegorusEngine(RegoEngine):
    """The program's source, interpreted.

    Raises QuaestorError where a module nests deeper than the parser can bear, or where no module defines a rule.
    """

    name = "regorus"

    def __init__(self, program: Program, *, limits: Limits | None = None) -> None:
        self.version = f"regorus {version('gordon-to-regorus')}"
        self._limits = limits or Limits()
        self._worker: Child | None = None
        self.load(program)

    def load(self, program: Program) -> None:
        """Take another program in the place of the one that is loaded, in the same child process. Raises as above."""
        check_paths(program)
        for path, text in program.modules.items():
            if nesting(text) > MAX_NESTING:
                raise QuaestorError(
                    f"brackets nest deeper than {MAX_NESTING} levels", where=path, hint="name an inner part in a rule"
                )
        self._load = _load_request(program, self._limits)
        try:
            if self._worker is not None:
                self._ask_to_load(self._worker)
            self._ready()
        except ChildError as cause:
            self.close()
            raise QuaestorError(f"no worker of regorus: {cause}") from None

    def _evaluate(
        self,
        rules: tuple[str, ...],
        input_json: bytes,
        data_json: bytes,
        group: str | None,  # noqa: ARG002
    ) -> dict[str, Answer]:
        known = self._load["own"]
        answers = {rule: failed(FAILURE, f"no module defines `{rule}`") for rule in rules if rule not in known}
        todo = [rule for rule in rules if rule not in answers]
        while todo:
            for rule, answer in self._run(todo, input_json, data_json):
                answers[rule] = answer
            todo = [rule for rule in todo if rule not in answers]
        return answers

    def _run(self, rules: list[str], input_json: bytes, data_json: bytes) -> Iterator[tuple[str, Answer]]:
        """Answers in the order of `rules`, up to and with the first that loses the child process."""
        head = {"do": "evaluate", "rules": rules, "seconds": self._limits.seconds}
        try:
            child = self._ready()
            if max(len(data_json), len(input_json)) > _LONGEST_FRAME:
                yield from ((rule, failed(BAD_INPUT, "a document is too large")) for rule in rules)
                return
            taken = _answer(child.ask(json.dumps(head).encode(), data_json, input_json, seconds=self._limits.seconds))
        except ChildError as cause:
            self.close()
            yield from ((rule, failed(BAD_INPUT, str(cause))) for rule in rules)
            return
        if "error" in taken:
            yield from ((rule, failed(BAD_INPUT, taken["error"])) for rule in rules)
            return
        for rule in rules:
            try:
                yield rule, _read(_answer(child.receive(self._limits.seconds)))
            except ChildError as cause:
                self.close()
                yield rule, failed(LIMIT, str(cause))
                return

    def _ready(self) -> Child:
        if self._worker is None:
            bounds = Bounds(self._limits.memory + _OWN_NEEDS, None, frame=_LONGEST_FRAME, serves=True)
            child = Child(_WORKER, bounds, environment=_SETTINGS)
            try:
                self._ask_to_load(child)
            except (ChildError, QuaestorError):
                child.close()
                raise
            self._worker = child
        return self._worker

    def _ask_to_load(self, child: Child) -> None:
        loaded = _answer(child.ask(json.dumps(self._load).encode(), seconds=_START_SECONDS))
        if "error" in loaded:
            raise QuaestorError(f"regorus refuses the policies: {loaded['error']}", hint="mend the module it names")

    def close(self) -> None:
        """End the child process."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def __del__(self) -> None:
        if getattr(self, "_worker", None) is not None:
            self.close()


def _answer(frame: bytes) -> dict[str, Any]:
    """An answer of the worker, as read; one that makes no sense is an error."""
    try:
        answer = json.loads(frame)
    except (ValueError, RecursionError):
        answer = None
    return answer if isinstance(answer, dict) else {"error": "the worker's answer makes no sense"}


def _load_request(program: Program, limits: Limits) -> dict[str, Any]:
    graph = ModuleGraph(program)
    needed = {rule: graph.needed_by(rule) for rule in program.rules}
    for rule, paths in needed.items():
        if not paths:
            raise QuaestorError(f"no module defines the rule `{rule}`")
    uses = Counter(path for paths in needed.values() for path in paths)
    shared = sorted(path for path, count in uses.items() if count > 1 and 2 * count >= len(needed))
    own = {rule: [path for path in paths if path not in shared] for rule, paths in needed.items()}
    modules = {path: program.modules[path] for path in sorted(uses)}
    return {"do": "load", "modules": modules, "shared": shared, "own": own, "seconds": limits.seconds}


def _read(answer: dict[str, Any]) -> Answer:
    if "value" in answer:
        return Answer(AnswerState.VALUE, json.loads(answer["value"]))
    if answer.get("undefined"):
        return Answer(AnswerState.UNDEFINED)
    detail = str(answer.get("error", ""))
    if any(words in detail for words in _CONFLICTS):
        return failed(CONFLICT, detail)
    if "not an i64" in detail:  # what the binding says of a number that it cannot hand to a built-in of ours
        return failed(INEXACT, detail)
    if "memory" in detail or "allocation" in detail:
        return failed(LIMIT, detail)
    return failed(FAILURE, detail)
