"""What a child process gives up for good before anything hostile is opened: see docs/security.md for where what holds.

Standard library only, and little of it, since every child pays for it. Linux: an empty network namespace (where the
kernel permits), no capabilities, Landlock, and a seccomp filter of what is allowed. Everywhere: resource limits
(setrlimit(2)) and an audit hook (PEP 578). macOS has only these two and keeps RLIMIT_AS weakly; there the limits of
processor and wall time are what holds native code. `confine` says what is in force and what the system refused.
"""

import ctypes
import os
import resource
import signal
import sys
from typing import Any

from evidence.process import landlock, syscalls

FLOORS = ("evidence", "engine", "reports", "policies")
"""Quaestor's own folders that a child reads its code from."""
_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache",
    "/usr/share/zoneinfo", "/dev/null", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
)  # fmt: skip
_LOADERS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store")
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 24, 38, 47
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63
_REFUSED_EVENTS = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostby", "socket.sendto", "os.system",
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown",
)  # fmt: skip
_REFUSED_STARTS = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.kill")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(
    root: str,
    *,
    memory: int,
    cpu_seconds: int | None,
    reserves_addresses: bool,
    starts_children: bool,
    own_network: bool,
    descriptors: list[int],
) -> list[str]:
    """Limit this process for good. Returns what is in force and what is not, in words, for the record of a run.

    `memory` is in bytes: of address space, or where `reserves_addresses` (a WebAssembly engine takes more than it
    uses) of private memory. `own_network` asks for a network namespace, which takes a millisecond and is a second wall
    beside the filter. `descriptors` are the open files that it may read.
    """
    told: list[str] = []
    limits = [("DATA" if reserves_addresses else "AS", memory), ("CORE", 0), ("NOFILE", 256)]
    # Where memory is shared as an anonymous file the limit of file size counts; Landlock and the filter forbid writing.
    limits += [("FSIZE", memory if starts_children else 0)]
    limits += [("CPU", cpu_seconds)] if cpu_seconds is not None else []
    # Linux counts threads against NPROC, and Arrow needs some; there the filter stops new processes.
    limits += [("NPROC", 0)] if sys.platform != "linux" and not starts_children else []
    if sys.platform == "linux":
        told += _confine_linux(root, starts_children=starts_children, own_network=own_network, descriptors=descriptors)
    sys.addaudithook(_refuse_more if not starts_children else _refuse)
    told.append("network, programs, writing files: audit hook")
    told += [f"limit: {name} {value}" for name, value in limits if _limit(name, value)]
    return told


def die_with_parent(parent: int) -> None:
    """End this process when the thread that started it ends (Linux; elsewhere the end of its input does)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def _confine_linux(root: str, *, starts_children: bool, own_network: bool, descriptors: list[int]) -> list[str]:
    libc = ctypes.CDLL(None, use_errno=True)
    # A user namespace must come before the first thread, so before numpy is imported.
    alone = own_network and (libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    powerless = _drop_capabilities(libc)
    readable, runnable = _needed(root)
    if starts_children:  # a Python that starts inside the wall has to find our folders by listing what is around them
        walled = landlock.restrict(libc, readable=readable, descriptors=descriptors, runnable=runnable, listable=[root])
    else:
        walled = landlock.restrict(libc, readable=readable, descriptors=descriptors)
    filtered = syscalls.allow_only_listed(libc, starts_children=starts_children)
    layers = (
        (alone, "network: empty namespace"),
        (powerless, "capabilities: none"),
        (walled, "files: Landlock"),
        (filtered, "system calls: seccomp allow-list"),
    )
    return [words if held else f"not in force: {words}" for held, words in layers]


def _needed(root: str) -> tuple[list[str], list[str]]:
    """What a child may read (Python, its packages, our code, the system's libraries), and what starts a Python."""
    own = [os.path.join(root, name) for name in FLOORS]  # noqa: PTH118  (pathlib costs each child milliseconds)
    # A checkout holds more than code; a folder of packages does not, and may be where Quaestor itself is installed.
    closed = {"", "/"} if root.endswith(("site-packages", "dist-packages")) else {"", "/", root}
    python = [path for path in (sys.prefix, sys.base_prefix, *sys.path) if path not in closed]
    return [*python, *own, *_SYSTEM], [os.path.realpath(sys.executable), *_LOADERS]


def _drop_capabilities(libc: Any) -> bool:
    """Give up every capability, and that any program could bring one back (capabilities(7))."""
    libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)
    for number in range(_LAST_CAPABILITY + 1):
        if libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) != 0:  # past the last one, or nothing to drop
            break
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    none, now = (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()
    try:
        libc.capset(header, none)
        return libc.capget(header, now) == 0 and not any(now)
    except AttributeError:  # a C library without these calls
        return False


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
    # A number is a file that is open already, such as a pipe to a child.
    writes = event == "open" and not isinstance(args[0], int) and isinstance(args[2], int) and args[2] & _WRITES
    if writes or event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"{event} is not allowed in a confined process")


def _refuse_more(event: str, args: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED_STARTS):
        raise PermissionError(f"{event} is not allowed in a confined process")
    _refuse(event, args)
