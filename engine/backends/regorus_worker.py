"""The child process of the regorus engine: answers requests until its input ends.

A request is a JSON frame, followed by the frames of the documents that it announces; each answer is one JSON frame,
sent as soon as it is known. It imports only the standard library, regorus and the built-ins, since its start is part of
every decision that this engine makes.
"""

import json
import os
import resource
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evidence.process.inside import Channel

os.environ["RUST_BACKTRACE"] = "0"  # read by regorus when it is loaded: no native stack in messages

import regorus

from engine.backends.builtins import REGORUS

_LONGEST_LINE = 1 << 16
_TOGETHER = 16
"""Rules asked on one engine: fewer, and what they share is analysed again and again; more, and an engine's cost, which
grows with its packages, takes over."""
_KEPT_ENGINES = 32
_KEPT_INPUT = 1 << 17
"""Longest input for which engines are kept: a longer one takes more time to parse for each than policies do."""


def host_builtins() -> dict[str, Callable[..., Any]]:
    """The built-ins that take the place of regorus's own."""
    return dict(REGORUS)


class Worker:
    """Holds the modules, an engine with the modules that most rules share, and engines that were asked before."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._modules: dict[str, str] = request["modules"]
        self._own: dict[str, list[str]] = request["own"]
        self._seconds = float(request["seconds"])
        self._kept: dict[tuple[str, ...], regorus.Engine] = {}
        self._data: str | None = None
        self._input = ""
        self._shared = regorus.Engine()
        self._shared.set_policy_length_config(max_col=_LONGEST_LINE, max_file_bytes=1 << 24, max_lines=20_000)
        for name, function in host_builtins().items():
            self._shared.add_extension(name, function.__code__.co_argcount, function)
        for path in request["shared"]:
            self._shared.add_policy(path, self._modules[path])

    def take(self, data_json: str, input_json: str) -> None:
        if data_json != self._data:
            self._kept.clear()
            self._data = None
            self._shared.clear_data()
            self._shared.add_data_json(data_json)
            self._data = data_json
        self._shared.set_input_json(input_json)
        self._input = input_json

    def answers(self, rules: list[str]) -> Iterator[dict[str, Any]]:
        """What each rule comes to, in order: `value` (JSON text), `undefined` or `error`.

        Rules share an engine as long as none of them errs; the one that does, and those after it, get one each, since
        an engine refuses all its rules where one module is wrong.
        """
        for start in range(0, len(rules), _TOGETHER):
            batch = tuple(rules[start : start + _TOGETHER])
            engine: regorus.Engine | None = None
            together = len(batch) > 1
            for rule in batch:
                limit_processor_time(self._seconds)
                answer = None
                if together:
                    try:
                        engine = engine or self._engine(batch)
                        answer = _ask(engine, rule)
                    except BaseException:  # a panic of the binding is no Exception
                        self._kept.pop(batch, None)
                        together = False
                yield answer or self._alone(rule)

    def _engine(self, batch: tuple[str, ...]) -> regorus.Engine:
        """An engine with the modules of a batch and the input: one that was asked before where that is quicker."""
        engine = self._kept.get(batch)
        if engine is not None and len(self._input) <= _KEPT_INPUT:
            engine.set_input_json(self._input)
            return engine
        engine = self._shared.clone()
        for path in sorted({path for rule in batch for path in self._own[rule]}):
            engine.add_policy(path, self._modules[path])
        if len(self._input) <= _KEPT_INPUT:
            while len(self._kept) >= _KEPT_ENGINES:
                del self._kept[next(iter(self._kept))]
            self._kept[batch] = engine
        return engine

    def _alone(self, rule: str) -> dict[str, Any]:
        try:
            return _ask(self._engine((rule,)), rule)
        except BaseException as cause:
            self._kept.pop((rule,), None)
            return {"rule": rule, "error": message(cause)}


def _ask(engine: regorus.Engine, rule: str) -> dict[str, Any]:
    value = engine.eval_rule_as_json("data." + rule.replace("/", "."))
    return {"rule": rule, "undefined": True} if value == '"<undefined>"' else {"rule": rule, "value": value}


def message(cause: BaseException) -> str:
    return str(cause).partition("Stack backtrace:")[0].strip() or type(cause).__name__


def limit_processor_time(seconds: float) -> None:
    """So that a rule without end ends even where the parent is gone. The parent measures the wall time."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime + seconds) + 2
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]  # one that a process around this one has set stays
    bounded = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (bounded, hard))


def serve(channel: "Channel", _held: list[str]) -> None:
    """Answer requests until there are no more."""

    def send(document: dict[str, Any]) -> None:
        channel.send(json.dumps(document).encode())

    worker: Worker | None = None
    while (frame := channel.receive()) is not None:
        request = json.loads(frame)
        if request["do"] == "load":
            try:
                worker = Worker(request)
            except BaseException as cause:
                send({"error": message(cause)})
                continue
            send({"ready": True})
            continue
        documents = [channel.receive(), channel.receive()]
        if worker is None or None in documents:
            return
        limit_processor_time(float(request["seconds"]))
        try:
            worker.take(*(str(document, "utf-8") for document in documents if document is not None))
        except BaseException as cause:
            send({"error": message(cause)})
            continue
        send({"ready": True})
        for answer in worker.answers(request["rules"]):
            send(answer)
