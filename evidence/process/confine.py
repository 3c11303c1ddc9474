"""What the child gives up before it opens anything hostile: memory, time, files, network, other programs.

Standard library only, since it runs before everything else is imported. Linux: a network namespace of its own (where
the kernel permits) and a seccomp filter (seccomp(2), x86-64 and arm64). Everywhere: resource limits (setrlimit(2))
and an audit hook (PEP 578). macOS has no namespaces and keeps RLIMIT_AS weakly; there the audit hook, the wall clock
and the processor limit are what holds, and `confine` says so in its answer.
"""

import contextlib
import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from typing import Any

_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_CLONE_THREAD = 0x10000
_ALLOW, _ERRNO = 0x7FFF_0000, 0x0005_0000

# Audit architecture, then system call numbers (linux/audit.h, asm/unistd.h).
_SYSCALLS = {
    "x86_64": (
        0xC000003E,
        {"clone": 56, "clone3": 435},
        # socket socketpair fork vfork execve execveat kill ptrace mount setns process_vm_writev bpf io_uring_setup
        (41, 53, 57, 58, 59, 322, 62, 101, 165, 308, 311, 321, 425),
    ),
    "aarch64": (0xC00000B7, {"clone": 220, "clone3": 435}, (198, 199, 221, 281, 129, 117, 40, 268, 271, 280, 425)),
}
_REFUSED_EVENTS = (
    "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.kill",
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(memory_bytes: int, cpu_seconds: int) -> list[str]:
    """Limit this process for good. Returns what is in force, in words, for the record of the run."""
    held: list[str] = []
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # A user namespace must come before the first thread, so before numpy is imported.
        if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            held.append("network: empty namespace")
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if _filter_calls(libc):
            held.append("network, programs: seccomp filter")
    sys.addaudithook(_refuse)
    held.append("network, programs, writing files: audit hook")
    for name, value in (
        ("AS", memory_bytes),
        ("CPU", cpu_seconds),
        ("FSIZE", 0),
        ("NOFILE", 256),
        ("CORE", 0),
    ):
        if _limit(name, value):
            held.append(f"limit: {name} {value}")
    # Linux counts threads against NPROC, and Arrow needs some; there the filter stops new processes.
    if sys.platform != "linux" and _limit("NPROC", 0):
        held.append("limit: NPROC 0")
    return held


def _limit(name: str, value: int) -> bool:
    kind = getattr(resource, f"RLIMIT_{name}", None)
    if kind is None:
        return False
    try:
        hard = resource.getrlimit(kind)[1]
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bounded, bounded))
    except (ValueError, OSError):  # macOS refuses some limits
        return False
    return True


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(args[2], int) and args[2] & _WRITES
    if writes or event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not allowed while a model runs")


def _filter_calls(libc: Any) -> bool:
    """Refuse sockets, new programs and processes, debugging and the like; threads stay allowed."""
    known = _SYSCALLS.get(platform.machine())
    if known is None or sys.byteorder != "little":
        return False
    arch, clone, refused = known
    refuse = (0x06, 0, 0, _ERRNO | errno.EPERM)
    program = [(0x20, 0, 0, 4), (0x15, 1, 0, arch), refuse, (0x20, 0, 0, 0)]
    # The x32 calls of x86-64 have numbers of their own: refuse them all.
    program += [(0x35, 0, 1, 0x4000_0000), refuse]
    for number in refused:
        program += [(0x15, 0, 1, number), refuse]
    # clone3 hides its flags from a filter; without it the C library falls back to clone.
    program += [(0x15, 0, 1, clone["clone3"]), (0x06, 0, 0, _ERRNO | errno.ENOSYS)]
    program += [(0x15, 0, 3, clone["clone"]), (0x20, 0, 0, 16), (0x45, 1, 0, _CLONE_THREAD), refuse]
    program += [(0x06, 0, 0, _ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    pointer = ctypes.byref(Program(len(program), ctypes.cast(code, ctypes.c_void_p)))
    with contextlib.suppress(AttributeError):
        return bool(libc.prctl(_PR_SET_SECCOMP, 2, pointer, 0, 0) == 0)
    return False


def quiet_output() -> int:
    """Send what libraries print on standard output to standard error; returns the old output's descriptor."""
    own = os.dup(1)
    os.dup2(2, 1)
    return own
