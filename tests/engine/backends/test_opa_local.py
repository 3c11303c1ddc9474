"""The OPA server that Quaestor starts itself: nobody else reaches it, and it takes no more memory than it may."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rego_programs import need_opa, program

from engine.backends.base import AnswerState, Limits
from engine.backends.opa_local import LocalOpaEngine
from evidence.model.errors import QuaestorError

RULES = ("quaestor/results/GOOD", "quaestor/results/HEAVY", "quaestor/results/LONG")
PROGRAM = program({
    "GOOD": "GOOD := input.x",
    "HEAVY": 'HEAVY := count(concat("", [sprintf("%d-%1000s", [i, "a"]) | some i in numbers.range(1, 3000000)]))',
    "LONG": 'LONG := [sprintf("%d-%1000s", [i, "a"]) | some i in numbers.range(1, 60000)]',
})  # fmt: skip
DATA = b'{"parameters":{}}'


def test_another_user_of_the_machine_neither_reaches_nor_replaces_it(monkeypatch: pytest.MonkeyPatch) -> None:
    need_opa()
    called: list[list[str]] = []
    start = subprocess.Popen

    def noted(command: list[str], **options: object) -> object:
        called.append(command)
        return start(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("engine.backends.opa_local.subprocess.Popen", noted)
    engine = LocalOpaEngine(PROGRAM)
    try:
        (command,) = (command for command in called if "run" in command)
        assert command[command.index("--addr") + 1].startswith("unix://")
        place = Path(engine._socket)
        assert stat.S_ISSOCK(place.stat().st_mode)
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert engine.evaluate(RULES[:1], b'{"x":7}', DATA)[RULES[0]].value == 7
    finally:
        engine.close()
    assert not place.parent.exists()


def test_one_that_does_not_listen_is_an_error_and_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    need_opa()
    engine = LocalOpaEngine(PROGRAM)
    try:
        assert engine._process is not None
        engine._process.kill()
        engine._process.wait()
        Path(engine._socket).unlink(missing_ok=True)
        with socket.socket() as other:  # who listens on a port instead is not asked
            other.bind(("127.0.0.1", 0))
            assert engine.evaluate(RULES[:1], b'{"x":7}', DATA)[RULES[0]].state is AnswerState.ERROR
    finally:
        engine.close()


@pytest.mark.parametrize("rule", RULES[1:])
def test_what_takes_too_much_memory_or_says_too_much_is_an_error(rule: str) -> None:
    need_opa()
    engine = LocalOpaEngine(PROGRAM, limits=Limits(memory=64 << 20))
    try:
        assert engine.evaluate([rule], b"{}", DATA)[rule].state is AnswerState.ERROR
    finally:
        engine.close()


def test_a_path_that_no_socket_can_have_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need_opa()
    long = tmp_path / ("d" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with pytest.raises(QuaestorError, match="too long for a socket"):
        LocalOpaEngine(PROGRAM)


KILLED = """
import sys
sys.path.insert(0, {folder!r})
from test_opa_local import PROGRAM
from engine.backends.opa_local import LocalOpaEngine

engine = LocalOpaEngine(PROGRAM)
print(engine._socket, engine._process.pid, flush=True)
sys.stdin.read()
"""


def answers(place: str) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(place) == 0


def test_it_ends_with_whoever_started_it_though_that_was_killed(tmp_path: Path) -> None:
    need_opa()
    source = KILLED.format(folder=str(Path(__file__).parent))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    started = subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    with started:
        assert started.stdout is not None
        place, _ = started.stdout.readline().split()
        assert answers(place)
        started.send_signal(signal.SIGKILL)
        started.wait()
    deadline = time.monotonic() + 10
    while answers(place) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not answers(place)


def test_closing_it_ends_the_server_once_and_the_watcher_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    need_opa()
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def noted(*arguments: object, **options: object) -> object:
        started.append(start(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr("engine.backends.opa_local.subprocess.Popen", noted)
    engine = LocalOpaEngine(PROGRAM)
    assert [process.poll() for process in started[-2:]] == [None, None]
    engine.close()
    engine.close()
    watcher, server = (process.returncode for process in started[-2:])
    assert watcher == -signal.SIGKILL  # before its pipe ended, and not left to kill what has the id by then
    assert server != -signal.SIGKILL
