"""The filter of system calls, run step by step for machines that the tests do not run on."""

import errno
import struct

import pytest

from evidence.process.syscalls import _program

OWN = 4242
ALLOWED, REFUSED, ABSENT = 0x7FFF_0000, 0x0005_0000 | errno.EPERM, 0x0005_0000 | errno.ENOSYS
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def verdict(machine: str, number: int, *arguments: int, starts_children: bool = False, architecture: int = 0) -> int:
    """What the kernel's filter machine comes to (classic BPF, Linux `bpf_filter`) for one system call."""
    program = _program(machine, OWN, starts_children)
    assert program is not None
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture or ARCHITECTURE[machine], 0, *padded)
    accumulator = at = 0
    while True:
        code, yes, no, k = program[at]
        at += 1
        if code == 0x06:
            return k
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, k)[0]
            continue
        holds = {0x15: accumulator == k, 0x35: accumulator >= k, 0x45: bool(accumulator & k)}[code]
        at += yes if holds else no


NAMES = {
    "read": (0, 63), "openat": (257, 56), "clone": (56, 220), "clone3": (435, 435), "openat2": (437, 437),
    "socket": (41, 198), "connect": (42, 203), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "io_uring_setup": (425, 425), "bpf": (321, 280), "kill": (62, 129), "tgkill": (234, 131), "unlinkat": (263, 35),
    "mount": (165, 40), "setns": (308, 268), "unshare": (272, 97), "process_vm_writev": (311, 271), "fcntl": (72, 25),
    "prctl": (157, 167), "futex": (202, 98), "mmap": (9, 222), "prlimit64": (302, 261), "socketpair": (53, 199),
    "pidfd_getfd": (438, 438), "ftruncate": (77, 46),
}  # fmt: skip


@pytest.mark.parametrize("machine", ARCHITECTURE)
@pytest.mark.parametrize(
    ("name", "arguments", "plainly", "with_children"),
    [
        ("read", (0,), ALLOWED, ALLOWED),
        ("mmap", (), ALLOWED, ALLOWED),
        ("futex", (), ALLOWED, ALLOWED),
        ("openat", (0, 0, 0o2000000), ALLOWED, ALLOWED),
        ("openat", (0, 0, 0o1), REFUSED, REFUSED),
        ("openat", (0, 0, 0o100), REFUSED, REFUSED),
        ("openat", (0, 0, 0o1000), REFUSED, REFUSED),
        ("openat2", (), ABSENT, ABSENT),
        ("clone3", (), ABSENT, ABSENT),
        ("clone", (0x3D0F00,), ALLOWED, ALLOWED),
        ("clone", (0x11,), REFUSED, ALLOWED),
        ("execve", (), REFUSED, ALLOWED),
        ("kill", (OWN,), REFUSED, ALLOWED),
        ("ftruncate", (), REFUSED, ALLOWED),
        ("execveat", (), REFUSED, REFUSED),
        ("socket", (1,), REFUSED, REFUSED),
        ("socketpair", (1,), REFUSED, ALLOWED),
        ("socketpair", (2,), REFUSED, REFUSED),
        ("connect", (), REFUSED, REFUSED),
        ("ptrace", (), REFUSED, REFUSED),
        ("io_uring_setup", (), REFUSED, REFUSED),
        ("bpf", (), REFUSED, REFUSED),
        ("mount", (), REFUSED, REFUSED),
        ("setns", (), REFUSED, REFUSED),
        ("unshare", (), REFUSED, REFUSED),
        ("unlinkat", (), REFUSED, REFUSED),
        ("process_vm_writev", (), REFUSED, REFUSED),
        ("pidfd_getfd", (), REFUSED, REFUSED),
        ("tgkill", (OWN, OWN, 6), ALLOWED, ALLOWED),
        ("tgkill", (1, 1, 6), REFUSED, REFUSED),
        ("prlimit64", (0,), ALLOWED, ALLOWED),
        ("prlimit64", (1,), REFUSED, REFUSED),
        ("fcntl", (0, 3), ALLOWED, ALLOWED),
        ("fcntl", (0, 8, 1), REFUSED, REFUSED),
        ("prctl", (15,), ALLOWED, ALLOWED),
        ("prctl", (22,), REFUSED, ALLOWED),
        ("prctl", (0x59616D61,), REFUSED, REFUSED),
    ],
)
def test_what_each_call_comes_to(
    machine: str, name: str, arguments: tuple[int, ...], plainly: int, with_children: int
) -> None:
    number = NAMES[name][list(ARCHITECTURE).index(machine)]
    assert verdict(machine, number, *arguments) == plainly
    assert verdict(machine, number, *arguments, starts_children=True) == with_children


def test_calls_of_another_architecture_are_refused() -> None:
    assert verdict("x86_64", 0, architecture=0x40000003) == REFUSED
    assert verdict("x86_64", 0x4000_0000 + 39) == REFUSED


def test_a_machine_that_is_not_known_has_no_filter() -> None:
    assert _program("riscv64", OWN, False) is None


@pytest.mark.parametrize("machine", ARCHITECTURE)
def test_no_number_that_is_not_listed_is_let_through(machine: str) -> None:
    """Of the first thousand calls fewer than a fifth are for anything at all that a model or a parser does."""
    allowed = [number for number in range(1000) if verdict(machine, number) == ALLOWED]
    assert len(allowed) < 130
