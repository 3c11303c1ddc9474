"""Decision latency: our engines beside a real OPA server, `opa eval` and conftest, on the same bundle and input."""

import contextlib
import http.client
import json
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import evidence
from benchmarks.table import Peer, Row, absent, costs, faster, figures, span, within
from benchmarks.timing import processes, side_by_side
from benchmarks.tools import HOW_TO_GET_CONFTEST, HOW_TO_GET_OPA, find_conftest
from benchmarks.workspace import decided_workspace, last_input
from engine.backends.base import AnswerState, Limits, Program, RegoEngine, gate_rule
from engine.backends.choose import open_engine
from engine.backends.compile import find_opa
from engine.bundle.load import Bundle, load_bundle
from evidence.model.canonical import canonical_bytes, digest_json
from integrations.app.settings import builtin_policies

TITLE = "Decision: every control of the bundle asked at once"
GATE = "benchmark"
MANY = 250
LARGE = 500_000
"""Bytes of input from which on a process takes so long that it is run once."""
CONFTEST = 12
"""How many times as fast as conftest the decision of the demo is to be."""
LIMITS = Limits(seconds=120.0, memory=1 << 31, work=1 << 50)
_CONFTEST = """package quaestor.conftest

deny contains finding.message if {{
	some result in data.{gate}
	some finding in result.findings
}}
"""


@dataclass(frozen=True)
class Load:
    """What is asked: a gate of a program, its `input` and its `data`; and what is aimed at.

    `aim`: how many times as fast as the server Wasm is to be. `most`: seconds that it may take at most.
    """

    name: str
    program: Program
    gate: str
    input_json: bytes
    data_json: bytes
    aim: float | None
    most: float | None = None


def run(quick: bool) -> list[Row]:
    """Rows for 30 and 250 controls, with 4 kB, a record of each type, the demo's evidence, and 1 MB of it."""
    bundle = load_bundle(builtin_policies())
    rows: list[Row] = []
    for load in _loads(bundle, quick):
        rows += _rows(load, quick)
    return rows


def _loads(bundle: Bundle, quick: bool) -> Iterator[Load]:
    count = len(bundle.controls)
    once, many = asked_at_once(bundle, count), asked_at_once(bundle, MANY)
    data = canonical_bytes({"parameters": evidence.parameters(bundle)})
    small = evidence.document(bundle, evidence.up_to(bundle, 4096))
    each = evidence.document(bundle, evidence.one_of_each(bundle))
    large = evidence.document(bundle, evidence.at_least(bundle, 1_000_000))
    yield Load(f"{count} controls, {_size(small)}", once, GATE, small, data, 3)
    yield Load(f"{count} controls, {_size(each)} (a record of each type)", once, GATE, each, data, 3)
    yield _production()
    yield Load(f"{MANY} controls, {_size(small)}", many, GATE, small, data, 3)
    yield Load(f"{count} controls, {_size(large)}", once, GATE, large, data, 25)
    if not quick:
        yield Load(f"{MANY} controls, {_size(large)}", many, GATE, large, data, None)


def _production() -> Load:
    """The last decision of the demo: gate production on the snapshot of a model that passed two gates before."""
    with (
        tempfile.TemporaryDirectory(prefix="quaestor-bench-") as folder,
        decided_workspace(Path(folder), "2", ("validation", "registration", "staging", "production")) as workspace,
    ):
        document, program = last_input(workspace), workspace.bundle.program()
        data = canonical_bytes({"parameters": dict(workspace.effective.values)})
    count = len(program.groups["production"])
    name = f"{count} controls, {_size(document)} (the demo's decision at gate production)"
    return Load(name, program, "production", document, data, 4, 0.015)


def asked_at_once(bundle: Bundle, count: int) -> Program:
    """The bundle's program with `count` controls, some of them copies under other names, all asked by one gate."""
    program = bundle.program()
    modules, rules = dict(program.modules), []
    originals = list(bundle.controls.values())
    for number in range(count):
        control, copy = originals[number % len(originals)], number // len(originals)
        if copy == 0:
            rules.append(control.rule)
            continue
        name = f"{control.name}_C{copy}"
        for path in (control.path, f"{control.rule}.rego"):
            target = path.removesuffix(".rego") + f"_C{copy}.rego"
            modules[target] = re.sub(rf"\b{control.name}\b", name, program.modules[path])
        rules.append(control.rule.removesuffix(control.name) + name)
    body = "".join(f'\t"{rule.rpartition("/")[2]}": data.{rule.replace("/", ".")},\n' for rule in rules)
    modules[f"{gate_rule(GATE)}.rego"] = f"package quaestor.gates\n\n{GATE} := {{\n{body}}}\n"
    return replace(
        program,
        modules=dict(sorted(modules.items())),
        rules=tuple(dict.fromkeys((*program.rules, *rules))),
        groups={**program.groups, GATE: tuple(rules)},
        digest=digest_json({"modules": modules}),
    )


def _rows(load: Load, quick: bool) -> list[Row]:
    opa, conftest = find_opa(), find_conftest()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quaestor-bench-")))
        _write(load, folder)
        engines = {
            "regorus": stack.enter_context(contextlib.closing(open_engine("regorus", load.program, limits=LIMITS)))
        }
        if opa is not None:
            engines["wasm"] = stack.enter_context(contextlib.closing(open_engine("wasm", load.program, limits=LIMITS)))
        calls: dict[str, Callable[[], Any]] = {name: _asker(engine, load) for name, engine in engines.items()}
        if opa is not None:
            calls["server"] = stack.enter_context(_server(opa.path, folder / "policies", load))
        odd = _disagreement(calls)
        times = side_by_side(calls, rounds=15 if quick else 41, seconds=5 if quick else 25)
        if opa is None:
            return [absent(f"{load.name}: regorus{odd} {span(times['regorus'])}", "OPA", HOW_TO_GET_OPA)]
        commands = {"opa eval": _eval_command(opa.path, folder, load.gate)}
        large = len(load.input_json) > LARGE
        if conftest is not None and not (quick and large):  # it takes a minute and more then
            commands["conftest"] = _conftest_command(conftest, folder)
        runs = processes(commands, rounds=1 if large else 5, warm_up=0 if large else 1)
    server = Peer("OPA server", times["server"])
    regorus = costs(f"{load.name}: regorus{odd}", times["regorus"], server, 1.0)
    rows = [faster(f"{load.name}: wasm", times["wasm"], server, load.aim), regorus]
    if load.most is not None:
        rows.append(within(f"{load.name}: wasm", times["wasm"], load.most))
    aims = {"conftest": CONFTEST} if load.most is not None else {}
    rows += [
        faster(f"{load.name}: wasm", times["wasm"], Peer(name, found.seconds), aims.get(name))
        for name, found in runs.items()
    ]
    if conftest is None:
        rows.append(absent(f"{load.name}: wasm", "conftest", HOW_TO_GET_CONFTEST))
    return rows


def _asker(engine: RegoEngine, load: Load) -> Callable[[], Any]:
    rules = load.program.groups[load.gate]

    def ask() -> dict[str, Any]:
        answers = engine.evaluate(rules, load.input_json, load.data_json, group=load.gate)
        wrong = {rule: answer for rule, answer in answers.items() if answer.state is not AnswerState.VALUE}
        if wrong:
            raise RuntimeError(f"{engine.name} gave no value: {next(iter(wrong.items()))}")
        return {rule.rpartition("/")[2]: answer.value for rule, answer in answers.items()}

    return ask


@contextlib.contextmanager
def _server(opa: Path, policies: Path, load: Load) -> Iterator[Callable[[], Any]]:
    """A call of the gate on an OPA server of its own, over one connection that is kept."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(opa), "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error", "."]
    process = subprocess.Popen(command, cwd=policies, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    body = b'{"input":' + load.input_json + b"}"

    def ask() -> Any:
        connection.request("POST", f"/v1/data/{gate_rule(load.gate)}", body, {"Content-Type": "application/json"})
        reply = json.loads(connection.getresponse().read())
        if "result" not in reply:
            raise RuntimeError(f"the OPA server gave no result: {str(reply)[:500]}")
        return reply["result"]

    try:
        _wait(port, process)
        yield ask
    finally:
        connection.close()
        process.kill()
        process.wait()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while True:
        try:
            probe = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            probe.request("GET", "/health")
            if probe.getresponse().status == 200:
                probe.close()
                return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("the OPA server does not start")
        time.sleep(0.05)


def _disagreement(calls: Mapping[str, Callable[[], Any]]) -> str:
    """Which controls regorus answers otherwise than OPA, in words. Raises RuntimeError where Wasm does."""
    answers = {name: {control: _plain(result) for control, result in ask().items()} for name, ask in calls.items()}
    theirs = answers.get("server", answers["regorus"])
    if answers.get("wasm", theirs) != theirs:
        raise RuntimeError("Wasm and the OPA server do not answer alike: their times mean nothing")
    odd = sorted(control for control, result in answers["regorus"].items() if result != theirs[control])
    return f" (answers otherwise than OPA: {', '.join(odd[:4])}{'…' if len(odd) > 4 else ''})" if odd else ""


def _plain(result: Mapping[str, Any]) -> bytes:
    """A control's result as bytes; the sets in it in one order."""
    return canonical_bytes(
        {
            "applies": result["applies"],
            "satisfied": sorted(result["satisfied"]),
            "findings": sorted(canonical_bytes(finding).decode() for finding in result["findings"]),
        }
    )


def _write(load: Load, folder: Path) -> None:
    policies = folder / "policies"
    for path, text in load.program.modules.items():
        file = policies / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (policies / "data.json").write_bytes(load.data_json)
    (folder / "conftest").mkdir()
    (folder / "conftest" / "deny.rego").write_text(
        _CONFTEST.format(gate=gate_rule(load.gate).replace("/", ".")), encoding="utf-8"
    )
    (folder / "input.json").write_bytes(load.input_json)


def _eval_command(opa: Path, folder: Path, gate: str) -> list[str]:
    query = f"data.{gate_rule(gate).replace('/', '.')}"
    return [str(opa), "eval", "-d", str(folder / "policies"), "-i", str(folder / "input.json"), query]


def _conftest_command(conftest: Path, folder: Path) -> list[str]:
    command = [
        str(conftest),
        "test",
        str(folder / "input.json"),
        "--namespace",
        "quaestor.conftest",
        "--output",
        "json",
    ]
    command += ["--policy", str(folder / "policies"), "--policy", str(folder / "conftest")]
    return [*command, "--data", str(folder / "policies" / "data.json")]


def _size(document: bytes) -> str:
    size = len(document)
    return f"{figures(size / 1e6)} MB" if size >= 1_000_000 else f"{size / 1000:.0f} kB"
