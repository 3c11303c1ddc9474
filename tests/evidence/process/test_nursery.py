"""A forked child is what a started one is: what it may, what it has, and how its end is told."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.process import child as module
from evidence.process.child import Bounds, Child, ChildError, Ending
from tests.worlds.nursery import Forked, Nursery

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="children are forked on Linux only")
BOUNDS = Bounds(memory=1 << 30, cpu_seconds=20)
PROBE = """
import json, os, resource, sys

def run(channel, held):
    def say(value):
        channel.send(json.dumps(value).encode())
    exec(channel.receive().decode(), {"say": say, "held": held, "os": os, "resource": resource, "sys": sys})
"""
FACTS = """
import ctypes, socket
prctl = ctypes.CDLL(None).prctl
def opened(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False
def refused(act):
    try:
        act()
    except OSError as cause:
        return str(cause)
say({
    "held": held,
    "environment": dict(os.environ),
    "arguments": [sys.argv[0], *sys.argv[2:3], *sys.argv[4:]],
    "open": [number for number in range(256) if opened(number)],
    "limits": [resource.getrlimit(number) for number in range(16)],
    "no new privileges": prctl(39, 0, 0, 0, 0),
    "capabilities": [prctl(23, number, 0, 0, 0) for number in range(41)],
    "leads": os.getsid(0) == os.getpid(),
    "folder": os.getcwd(),
    "writes": refused(lambda: open("/tmp/x", "w")),
    "reads": refused(lambda: open("/etc/passwd")),
    "starts": refused(os.fork),
    "network": refused(socket.socket),
    "mask": os.umask(0),
})
"""


@pytest.fixture
def nursery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started_anew: None) -> Iterator[Nursery]:
    """Forks children that run PROBE; `Child` knows nothing of it yet."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "probe.py").write_text(PROBE)
    monkeypatch.syspath_prepend(str(folder))
    nursery = Nursery("probe:run", module._start)
    yield nursery
    nursery.close()


def facts(**more: Any) -> Any:
    with Child("probe:run", BOUNDS, environment={"GIVEN": "1"}, **more) as child:
        said = json.loads(child.ask(FACTS.encode(), seconds=60))
        return said, isinstance(child._process, Forked)


def test_it_has_and_may_what_a_started_one_has_and_may(
    nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "1")
    (tmp_path / "given").write_text("x")
    with (tmp_path / "given").open() as given, (tmp_path / "given").open() as kept:
        os.set_inheritable(kept.fileno(), True)
        started, no = facts(descriptors=(given.fileno(),))
        monkeypatch.setattr(module, "_start", nursery.start)
        first, yes = facts(descriptors=(given.fileno(),))
        second, again = facts(descriptors=(given.fileno(),))
        assert given.fileno() in started["open"]
    assert (no, yes, again) == (False, True, True)
    assert first == second == started
    assert started["environment"]["GIVEN"] == "1"
    assert not any("not in force" in layer for layer in started["held"])


@pytest.mark.parametrize(
    "code",
    [
        "os.abort()", "raise ValueError('so')", "os._exit(7)", "pass", "sys.exit(3)", "bytearray(2 << 30)",
        "while True: pass",
    ],
)  # fmt: skip
def test_its_end_is_told_as_that_of_a_started_one(nursery: Nursery, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    ends = []
    for start in (module._start, nursery.start):
        monkeypatch.setattr(module, "_start", start)
        with (
            pytest.raises(ChildError) as raised,
            Child("probe:run", Bounds(memory=1 << 30, cpu_seconds=1)) as child,
        ):
            child.ask(code.encode(), seconds=60)
        ends.append((raised.value.ending, raised.value.detail))
    assert ends[0] == ends[1]


def test_one_that_is_late_is_ended_and_the_next_answers(nursery: Nursery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_start", nursery.start)
    with pytest.raises(ChildError) as raised, Child("probe:run", BOUNDS) as child:
        child.ask(b"import time; time.sleep(60)", seconds=0.5)
    assert raised.value.ending is Ending.WALL_TIME
    with pytest.raises(ProcessLookupError):
        os.kill(child._process.pid, 0)
    with Child("probe:run", BOUNDS) as child, Child("probe:run", BOUNDS) as beside:
        assert [json.loads(one.ask(b"say(os.getpid())", seconds=60)) for one in (beside, child)] == [
            beside._process.pid, child._process.pid,
        ]  # fmt: skip
        assert [isinstance(one._process, Forked) for one in (child, beside)] == [True, False]
