"""A confined child: what it may use, how its end is told, and what native code in it can reach (nothing)."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evidence.process.child import Bounds, Child, ChildError, Ending

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="macOS has neither Landlock nor seccomp")
BOUNDS = Bounds(memory=1 << 30, cpu_seconds=20)
ROOT = Path(__file__).parents[3]
PROBE = """
import json, os, sys

def echo(channel, held):
    while (frame := channel.receive()) is not None:
        channel.send(frame)

def run(channel, held):
    def say(value):
        channel.send(json.dumps(value).encode())
    exec(channel.receive().decode(), {"say": say, "channel": channel, "held": held, "os": os, "sys": sys})
"""
NATIVE = """
import ctypes, errno
c = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if c.syscall(number, *arguments) >= 0:
        return "done"
    return errno.errorcode[ctypes.get_errno()]
"""


@pytest.fixture(autouse=True)
def probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package folder with the functions that the children of these tests run."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "probe.py").write_text(PROBE)
    monkeypatch.syspath_prepend(str(folder))


def said(code: str, bounds: Bounds = BOUNDS, seconds: float = 60) -> object:
    """What Python code says in a confined child."""
    with Child("probe:run", bounds) as child:
        return json.loads(child.ask(code.encode(), seconds=seconds))


def ending(code: str, bounds: Bounds = BOUNDS, seconds: float = 60) -> ChildError:
    with pytest.raises(ChildError) as raised, Child("probe:run", bounds) as child:
        child.ask(code.encode(), seconds=seconds)
    return raised.value


class TestFrames:
    def test_each_is_answered_in_turn(self) -> None:
        with Child("probe:echo", Bounds(memory=1 << 30, cpu_seconds=20, serves=True)) as child:
            for frame in (b"", b"one", b"x" * (5 << 20), b"two"):
                assert child.ask(frame, seconds=30) == frame

    def test_many_at_once(self) -> None:
        with Child("probe:echo", BOUNDS) as child:
            first = child.ask(*(b"%d" % n for n in range(1000)), seconds=30)
            assert [first, *(child.receive(30) for _ in range(999))] == [b"%d" % n for n in range(1000)]

    def test_noise_of_libraries_does_not_stop_it(self) -> None:
        assert said("print('x' * 1_000_000); sys.stderr.write('y' * 1_000_000); say(1)") == 1


class TestEndings:
    def test_too_slow(self) -> None:
        begun = time.monotonic()
        assert ending("import time; time.sleep(60)", seconds=1).ending is Ending.WALL_TIME
        assert time.monotonic() - begun < 20

    def test_too_busy(self) -> None:
        assert ending("while True: pass", Bounds(memory=1 << 30, cpu_seconds=1)).ending is Ending.PROCESSOR

    @LINUX
    def test_too_greedy(self) -> None:
        assert ending("bytearray(2 << 30)").ending is Ending.MEMORY

    @LINUX
    def test_greedy_where_addresses_are_free(self) -> None:
        bounds = Bounds(memory=512 << 20, cpu_seconds=20, reserves_addresses=True)
        assert said("import mmap; say(len(mmap.mmap(-1, 8 << 30, prot=0)))", bounds) == 8 << 30
        assert ending("x = bytearray(1 << 30)", bounds).ending is Ending.MEMORY

    @pytest.mark.parametrize(
        ("code", "detail"),
        [
            ("os.abort()", "SIGABRT"),
            ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
            ("raise ValueError('so\\x1b[2J')", "exit code 1: ValueError: so [2J"),
            ("os._exit(7)", "exit code 7"),
            ("pass", "exit code 0"),
        ],
    )
    def test_crashes(self, code: str, detail: str) -> None:
        error = ending(code)
        assert (error.ending, error.detail) == (Ending.CRASHED, detail)

    def test_too_talkative(self) -> None:
        bounds = Bounds(memory=1 << 30, cpu_seconds=20, frame=1000)
        assert ending("channel.send(b'x' * 1001)", bounds).ending is Ending.TOO_MUCH

    def test_too_talkative_in_all(self) -> None:
        with Child("probe:run", Bounds(memory=1 << 30, cpu_seconds=20, output=10_000)) as child:
            child.ask(b"while True: channel.send(b'x' * 1000)", seconds=30)
            for _ in range(9):
                child.receive(30)
            with pytest.raises(ChildError, match="answered with more"):
                child.receive(30)

    def test_a_target_that_is_not_there(self) -> None:
        with pytest.raises(ChildError, match="ModuleNotFoundError"), Child("no_such_module:run", BOUNDS) as child:
            child.receive(30)

    @LINUX
    def test_it_does_not_outlive_a_parent_that_is_killed(self, tmp_path: Path) -> None:
        code = (
            f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(tmp_path / 'site-packages')!r}]\n"
            "from evidence.process.child import Bounds, Child\n"
            "child = Child('probe:run', Bounds(memory=1 << 30, cpu_seconds=60))\n"
            "print(child.ask(b'say(os.getpid()); import time; time.sleep(600)', seconds=30).decode(), flush=True)\n"
            "import time; time.sleep(600)\n"
        )
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
            assert parent.stdout is not None
            orphan = int(parent.stdout.readline())
            os.kill(orphan, 0)
            parent.kill()
        for _ in range(100):
            state = Path(f"/proc/{orphan}/stat")
            if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
                return
            time.sleep(0.1)
        os.kill(orphan, signal.SIGKILL)
        pytest.fail("the child lived on")


class TestInheritance:
    def test_no_environment_but_what_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QUAESTOR_OPA_TOKEN", "secret")
        with Child("probe:run", BOUNDS, environment={"GIVEN": "1"}) as child:
            names = json.loads(child.ask(b"say(sorted(os.environ))", seconds=30))
        assert set(names) <= {"GIVEN", "LC_ALL", "TZ", "LC_CTYPE"}

    def test_no_open_files_but_those_that_are_named(self, tmp_path: Path) -> None:
        kept, shut = tmp_path / "kept", tmp_path / "shut"
        kept.write_text("given")
        shut.write_text("secret")
        with kept.open("rb") as one, shut.open("rb") as other:
            os.set_inheritable(other.fileno(), True)
            with Child("probe:run", BOUNDS, descriptors=(one.fileno(),)) as child:
                code = (
                    "found = {}\n"
                    "for n in range(3, 256):\n"
                    "    try: found[n] = os.fstat(n).st_ino\n"
                    "    except OSError: pass\n"
                    f"say([found, os.read({one.fileno()}, 99).decode(), open('/dev/fd/{one.fileno()}').read()])"
                )
                found, text, again = json.loads(child.ask(code.encode(), seconds=30))
            assert str(one.fileno()) in found
            assert os.fstat(other.fileno()).st_ino not in found.values()
            assert (text, again) == ("given", "given")


class TestPlaces:
    def test_installed_beside_its_packages(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = tmp_path / "site-packages"
        shutil.copytree(ROOT / "evidence" / "process", folder / "evidence" / "process")
        (folder / "evidence" / "__init__.py").touch()
        (folder / "a_package.py").write_text("VALUE = 3")
        monkeypatch.setattr("evidence.process.child._ROOT", str(folder))
        assert said("import a_package, evidence; say([a_package.VALUE, evidence.__file__])") == [
            3,
            str(folder / "evidence" / "__init__.py"),
        ]

    def test_a_checkout_whose_root_changes_while_a_child_starts(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = tmp_path / "checkout"
        shutil.copytree(ROOT / "evidence" / "process", root / "evidence" / "process")
        for package in ("evidence", "engine", "reports"):
            (root / package).mkdir(exist_ok=True)
            (root / package / "__init__.py").touch()
            (root / package / "part.py").write_text(f"NAME = {package!r}")
        monkeypatch.setattr("evidence.process.child._ROOT", str(root))
        # As a folder that is made beside the packages after Python has listed the root and before the child is walled.
        changed = f"from evidence.process import inside; import os; os.utime({str(root)!r}, (1, 1)); inside.main()"
        start = "import sys; sys.path += sys.argv[1].split(chr(0o12)); " + changed
        monkeypatch.setattr("evidence.process.child._START", start)
        code = "from engine import part as one; from reports import part as other; say([one.NAME, other.NAME])"
        assert said(code) == ["engine", "reports"]

    @LINUX
    def test_a_checkout_is_read_for_its_code_alone(self) -> None:
        code = f"import evidence.process.child\ntry: open({str(ROOT / 'README.md')!r})\nexcept OSError: say('refused')"
        if "files: Landlock" not in said("say(held)"):  # type: ignore[operator]
            pytest.skip("this kernel has no Landlock")
        assert said(code) == "refused"


class TestPython:
    @pytest.mark.parametrize(
        "code",
        [
            "import socket; socket.socket()",
            "import _socket; _socket.socket()",
            "os.fork()",
            "import subprocess; subprocess.run(['true'])",
            "os.execv('/bin/true', ['true'])",
            "os.kill(os.getppid(), 15)",
            "open('/tmp/quaestor-was-here', 'w')",
            "os.unlink(os.__file__)",
            "os.truncate(os.__file__, 0)",
        ],
    )
    def test_cannot(self, code: str) -> None:
        tried = f"try:\n    {code}\n    say('done')\nexcept OSError as e:\n    say('refused')"
        assert said(tried) == "refused"

    def test_threads_still_start(self) -> None:
        assert said("import threading; t = threading.Thread(target=say, args=(1,)); t.start(); t.join()") == 1


@LINUX
class TestNativeCode:
    """Machine code in the child: what it asks of the kernel by number, past Python and its audit hook."""

    @pytest.mark.skipif(os.uname().machine != "x86_64", reason="system calls are named by number here")
    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("socket", "41, 2, 1, 0"),
            ("unix socket", "41, 1, 1, 0"),
            ("socketpair", "53, 1, 1, 0, (ctypes.c_int * 2)()"),
            ("connect", "42, 0, None, 0"),
            ("fork", "57"),
            ("vfork", "58"),
            ("clone", "56, 17, 0, 0, 0, 0"),
            ("execve", "59, b'/bin/true', None, None"),
            ("execveat", "322, -100, b'/bin/true', None, None, 0"),
            ("ptrace", "101, 16, os.getppid(), 0, 0"),
            ("process_vm_readv", "310, os.getppid(), None, 0, None, 0, 0"),
            ("process_vm_writev", "311, os.getppid(), None, 0, None, 0, 0"),
            ("pidfd_getfd", "438, 0, 0, 0"),
            ("io_uring_setup", "425, 8, ctypes.create_string_buffer(120)"),
            ("bpf", "321, 0, None, 0"),
            ("userfaultfd", "323, 0"),
            ("keyctl", "250, 0, 0, 0"),
            ("mount", "165, b'x', b'/', b'tmpfs', 0, None"),
            ("unshare", "272, 0x10000000"),
            ("kill the parent", "62, os.getppid(), 0"),
            ("tgkill the parent", "234, os.getppid(), os.getppid(), 0"),
            ("a signal by fcntl", "72, 0, 8, os.getppid()"),
            ("setuid", "105, 0"),
            ("open for writing", "2, b'/tmp/quaestor-was-here', 0o101, 0o600"),
            ("openat for writing", "257, -100, b'/tmp/quaestor-was-here', 0o2, 0o600"),
            ("unnamed file", "257, -100, b'/tmp', 0o20200002, 0o600"),
            ("unlink", "87, os.__file__.encode()"),
            ("rename", "82, os.__file__.encode(), b'/tmp/x'"),
            ("truncate", "76, os.__file__.encode(), 0"),
            ("chmod", "90, b'/tmp', 0o777"),
            ("mkdir", "83, b'/tmp/quaestor-was-here', 0o700"),
            ("memfd_create", "319, b'x', 0"),
            ("x32 getpid", "0x40000000 + 39"),
        ],
        ids=lambda value: value if isinstance(value, str) and value[0].isalpha() else "",
    )
    def test_is_refused(self, name: str, arguments: str) -> None:
        assert said(f"{NATIVE}\nsay(call({arguments}))") == "EPERM"

    @pytest.mark.skipif(os.uname().machine != "x86_64", reason="system calls are named by number here")
    def test_calls_that_hide_their_flags_seem_not_to_exist(self) -> None:
        assert said(f"{NATIVE}\nsay([call(435, None, 0), call(437, -100, b'/etc/passwd', None, 0)])") == ["ENOSYS"] * 2

    def test_reads_no_file_of_the_machine(self, tmp_path: Path) -> None:
        secret = tmp_path / "key.pem"
        secret.write_text("secret")
        if "files: Landlock" not in said("say(held)"):  # type: ignore[operator]
            pytest.skip("this kernel has no Landlock")
        paths = ["/etc/passwd", "/etc/hostname", "/proc/self/environ", f"/proc/{os.getpid()}/environ", str(secret)]
        paths += [str(ROOT / "pyproject.toml"), str(tmp_path), "/tmp", str(Path.home())]
        code = (
            f"{NATIVE}\nimport ctypes\n"
            f"say([c.open(path.encode(), 0) for path in {paths!r}] + [c.open(os.__file__.encode(), 0) >= 0])"
        )
        assert said(code) == [-1] * len(paths) + [True]

    def test_holds_no_capability(self) -> None:
        code = (
            "import ctypes\nc = ctypes.CDLL(None)\n"
            "head, now = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()\n"
            "say([c.capget(head, now), sum(now)])"
        )
        assert said(code) == [0, 0]

    def test_it_says_what_holds(self) -> None:
        held = said("say(held)")
        assert isinstance(held, list)
        assert "system calls: seccomp allow-list" in held
        assert "capabilities: none" in held
        assert "limit: FSIZE 0" in held
        assert any(item.endswith("files: Landlock") for item in held)


@LINUX
class TestChildrenOfChildren:
    def test_one_that_may_start_others_starts_them_confined(self) -> None:
        bounds = Bounds(memory=2 << 30, cpu_seconds=20, reserves_addresses=True, starts_children=True)
        code = (
            "from evidence.process.child import Bounds, Child\n"
            "with Child('probe:run', Bounds(memory=1 << 30, cpu_seconds=5)) as inner:\n"
            "    say(json.loads(inner.ask(b'say(held)', seconds=30)))\n"
        )
        held = said(f"import json\n{code}", bounds)
        assert isinstance(held, list)
        assert "system calls: seccomp allow-list" in held

    @pytest.mark.parametrize(
        "code", ["open('/etc/passwd')", "open('/tmp/x', 'w')", "import socket; socket.create_connection(('::1', 80))"]
    )
    def test_it_reads_writes_and_calls_no_more_for_that(self, code: str) -> None:
        bounds = Bounds(memory=2 << 30, cpu_seconds=20, starts_children=True)
        assert said(f"try:\n    {code}\n    say('done')\nexcept OSError:\n    say('refused')", bounds) == "refused"

    def test_all_of_them_end_with_the_first(self, tmp_path: Path) -> None:
        bounds = Bounds(memory=2 << 30, cpu_seconds=20, starts_children=True)
        code = (
            "from evidence.process.child import Bounds, Child\n"
            "inner = Child('probe:run', Bounds(memory=1 << 30, cpu_seconds=60, serves=True))\n"
            "import json\n"
            "say(json.loads(inner.ask(b'say(os.getpid()); import time; time.sleep(600)', seconds=30)))\n"
            "inner.receive(600)"
        )
        inner = said(code, bounds)
        for _ in range(100):
            state = Path(f"/proc/{inner}/stat")
            if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
                return
            time.sleep(0.1)
        pytest.fail("the inner child lived on")
