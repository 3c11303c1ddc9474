"""Rego from source, without OPA: regorus's interpreter in a child process that can be killed.

Never its RVM, which takes errors for undefined. A few rules an engine, since an engine's cost grows with its packages;
one that errs is asked again on an engine of its own. Engines are kept for as long as the data stay the same.
"""

import json
import os
import select
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
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

_WORKER = Path(__file__).with_name("regorus_worker.py")
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
        check_paths(program)
        for path, text in program.modules.items():
            if nesting(text) > MAX_NESTING:
                raise QuaestorError(
                    f"brackets nest deeper than {MAX_NESTING} levels", where=path, hint="name an inner part in a rule"
                )
        self.version = f"regorus {version('gordon-to-regorus')}"
        self._limits = limits or Limits()
        self._load = _load_request(program, self._limits)
        self._worker: _Child | None = None
        self._ready()

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
            taken = child.ask([json.dumps(head).encode(), data_json, input_json], self._limits.seconds)
        except _LostError as cause:
            self.close()
            yield from ((rule, failed(BAD_INPUT, str(cause))) for rule in rules)
            return
        if "error" in taken:
            yield from ((rule, failed(BAD_INPUT, taken["error"])) for rule in rules)
            return
        for rule in rules:
            try:
                yield rule, _read(child.receive(self._limits.seconds))
            except _LostError as cause:
                self.close()
                yield rule, failed(LIMIT, str(cause))
                return

    def _ready(self) -> "_Child":
        if self._worker is None:
            child = _Child(self._limits.memory)
            try:
                loaded = child.ask([json.dumps(self._load).encode()], _START_SECONDS)
            except _LostError:
                child.kill()
                raise
            if "error" in loaded:
                child.kill()
                raise QuaestorError(f"regorus refuses the policies: {loaded['error']}", hint="mend the module it names")
            self._worker = child
        return self._worker

    def close(self) -> None:
        """End the child process."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def __del__(self) -> None:
        if getattr(self, "_worker", None) is not None:
            self.close()


class _LostError(Exception):
    """The child process gave no answer: it ended, or was too slow."""


class _Child:
    """The worker process and its pipes. `ask` and `receive` raise _LostError, after which it is to be killed."""

    def __init__(self, memory: int) -> None:
        command = [sys.executable, "-I", str(_WORKER), str(memory + _OWN_NEEDS)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_SETTINGS, bufsize=0
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise _LostError("the process has no pipes")
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._received = bytearray()

    def ask(self, frames: list[bytes], seconds: float) -> dict[str, Any]:
        """Send frames and wait for one answer."""
        if any(len(frame) > _LONGEST_FRAME for frame in frames):
            raise _LostError("a document is too large")
        end = time.monotonic() + seconds
        rest = memoryview(b"".join(struct.pack(">I", len(frame)) + frame for frame in frames))
        while rest:
            self._wait(None, self._in, end)
            try:
                rest = rest[os.write(self._in, rest[: 1 << 16]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise _LostError(self._ending()) from None
        return self._receive(end)

    def receive(self, seconds: float) -> dict[str, Any]:
        """The next answer."""
        return self._receive(time.monotonic() + seconds)

    def _receive(self, end: float) -> dict[str, Any]:
        (size,) = struct.unpack(">I", self._take(4, end))
        if size > _LONGEST_FRAME:
            raise _LostError("its answer is too large")
        answer = json.loads(self._take(size, end))
        if not isinstance(answer, dict):
            raise _LostError("its answer makes no sense")
        return answer

    def _take(self, size: int, end: float) -> bytes:
        while len(self._received) < size:
            self._wait(self._out, None, end)
            try:
                piece = os.read(self._out, 1 << 20)
            except BlockingIOError:
                continue
            if not piece:
                raise _LostError(self._ending())
            self._received += piece
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def _wait(self, reader: int | None, writer: int | None, end: float) -> None:
        left = end - time.monotonic()
        readers, writers = [reader] if reader is not None else [], [writer] if writer is not None else []
        if left <= 0 or not any(select.select(readers, writers, [], left)):
            raise _LostError("it took longer than its limit of time")

    def _ending(self) -> str:
        try:
            return f"the process ended with {self._process.wait(timeout=5)}"
        except subprocess.TimeoutExpired:
            return "the process closed its pipes"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


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
