"""The OPA server that Quaestor starts itself: nobody else reaches it, and it takes no more memory than it may."""

import socket
import stat
import subprocess
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
