"""Machine code where a model runs, with all that a model run imports, against the workspace and its own parent.

As root where the tests run as root, and as nobody where nobody can start this Python.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evidence.process.child import Bounds, Child
from evidence.process.told import layers
from evidence.trust.keys import SigningKey

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing holds machine code; see docs"),
]
NATIVE = pytest.mark.skipif(os.uname().machine != "x86_64", reason="system calls are named by number here")
ROOT = Path(__file__).parents[3]
ATTACKER = """
import ctypes, errno, json, os

def run(channel, held):
    import numpy, onnx, onnxruntime, pyarrow, scipy
    import evidence.validation.child.main
    c = ctypes.CDLL(None, use_errno=True)
    def call(number, *arguments):
        return "done" if c.syscall(number, *arguments) >= 0 else errno.errorcode[ctypes.get_errno()]
    def read(path):
        file = c.open(path.encode(), 0)
        return "done" if file >= 0 else errno.errorcode[ctypes.get_errno()]
    scope = {"c": c, "call": call, "read": read, "os": os, "ctypes": ctypes, "found": None}
    exec(channel.receive().decode(), scope)
    channel.send(json.dumps(scope["found"]).encode())
"""
BOUNDS = Bounds(memory=4 << 30, cpu_seconds=60)
Attack = Callable[[str], object]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A private key as a workspace keeps it."""
    path = tmp_path / "lender" / ".quaestor" / "keys" / "ana.pem"
    path.parent.mkdir(parents=True)
    SigningKey.generate().save(path)
    return path


@pytest.fixture
def attack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attack:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "attacker.py").write_text(ATTACKER)
    monkeypatch.syspath_prepend(str(folder))

    def run(code: str) -> object:
        environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
        with Child("attacker:run", BOUNDS, environment=environment) as child:
            return json.loads(child.ask(code.encode(), seconds=120))

    return run


def needs(layer: str) -> None:
    if layer not in layers():
        pytest.skip(f"this kernel does not give `{layer}`, and each run says so")


def test_it_cannot_read_a_key(attack: Attack, key: Path) -> None:
    needs("files: Landlock")
    paths = [str(key), str(key.parent), f"/proc/{os.getpid()}/root{key}", f"/proc/self/root{key}"]
    assert attack(f"found = [read(path) for path in {paths!r}]") == ["EACCES"] * 4
    assert key.read_bytes()


@NATIVE
def test_it_cannot_truncate_rename_remove_or_write_a_file(attack: Attack, key: Path) -> None:
    before = key.read_bytes()
    name = f"{str(key)!r}.encode()"
    code = (
        f"found = [call(76, {name}, 0), call(82, {name}, b'/tmp/x'), call(87, {name}), call(2, {name}, 0o1, 0),"
        f" call(257, -100, {name}, 0o1001, 0), call(90, {name}, 0o777), call(88, b'/etc/passwd', {name} + b'2'),"
        f" call(316, -100, {name}, -100, b'/tmp/x', 0), call(285, 1, 0, 0, 10)]"
    )
    assert attack(code) == ["EPERM"] * 9
    assert key.read_bytes() == before
    assert [item.name for item in key.parent.iterdir()] == [key.name]


@NATIVE
def test_it_cannot_signal_or_trace_its_parent_or_open_its_memory(attack: Attack) -> None:
    code = (
        "up = os.getppid(); pointer = ctypes.create_string_buffer(256)\n"
        "found = [call(62, up, 0), call(62, -1, 0), call(200, up, 0), call(234, up, up, 0), call(129, up, 10, pointer),"
        " call(101, 16, up, 0, 0), call(101, 0x4206, up, 0, 0), call(310, up, pointer, 1, pointer, 1, 0),"
        " call(311, up, pointer, 1, pointer, 1, 0), call(434, up, 0), call(438, 3, 0, 0), call(424, 3, 9, 0, 0),"
        " call(312, up, up, 0, 0, 0)]"
    )
    assert attack(code) == ["EPERM"] * 13


def test_it_cannot_open_the_files_of_its_parent(attack: Attack) -> None:
    needs("files: Landlock")
    names = ["mem", "maps", "environ", "fd/0", "cmdline", "auxv", "stack"]
    code = f"found = [read('/proc/%d/%s' % (os.getppid(), name)) for name in {names!r}]"
    assert set(attack(code)) <= {"EACCES", "ENOENT", "EPERM"}  # type: ignore[call-overload]


@NATIVE
def test_it_cannot_have_a_capability_back(attack: Attack) -> None:
    code = (
        "head, all_ = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[0xffffffff] * 6)\n"
        "found = [call(126, head, all_), call(105, 0), call(117, 0, 0, 0), call(106, 0), call(157, 8, 1, 0, 0, 0),"
        " call(157, 28, 0, 0, 0, 0), call(272, 0x10000000), call(308, 3, 0), call(161, b'/')]"
    )
    assert attack(code) == ["EPERM"] * 9


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter; those of pytest are its owner's alone."""
    with tempfile.TemporaryDirectory(prefix="quaestor-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_as_another_user(open_folder: Path) -> None:
    """The same as nobody: a parent of another user, whose keys it could read by their mode."""
    if os.getuid() != 0:
        pytest.skip("only root can become nobody")
    needs("files: Landlock")
    folder = open_folder / "site-packages"
    folder.mkdir()
    (folder / "attacker.py").write_text(ATTACKER)
    key = open_folder / "ana.pem"
    SigningKey.generate().save(key)
    os.chown(key, 65534, 65534)
    asked = f"found = [read({str(key)!r}), call(62, os.getppid(), 0), call(101, 16, os.getppid(), 0, 0), os.getuid()]"
    code = (
        f"import sys; sys.path[:0] = [{str(folder)!r}]; sys.path += {[str(ROOT), *sys.path]!r}\n"
        "from evidence.process.child import Bounds, Child\n"
        f"open({str(key)!r}).close()\n"
        "with Child('attacker:run', Bounds(memory=4 << 30, cpu_seconds=60)) as child:\n"
        f"    print(child.ask({asked.encode()!r}, seconds=120).decode())\n"
    )
    command = [sys.executable, "-c", code]
    try:
        done = subprocess.run(command, capture_output=True, text=True, user=65534, group=65534, cwd="/", check=False)
    except PermissionError:
        pytest.skip("nobody cannot start this Python")
    if "Permission denied" in done.stderr and str(open_folder) not in done.stderr:
        pytest.skip("nobody cannot read what this Python is made of")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["EACCES", "EPERM", "EPERM", 65534]


def test_what_holds_is_told() -> None:
    told = layers()
    assert "network, programs, writing files: audit hook" in told
    assert {item.removeprefix("not in force: ") for item in told} >= {
        "capabilities: none", "files: Landlock", "system calls: seccomp allow-list", "network: empty namespace",
    }  # fmt: skip
