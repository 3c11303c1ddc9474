"""The system calls that a confined process may make (seccomp(2), x86-64 and arm64): what is not listed is refused.

Left out, so refused: sockets, new programs and processes, writing or making files, ptrace and reading another
process's memory, io_uring, bpf, mounts, keys, namespaces, modules. A child that starts children of its own
(`_STARTING`) gets what that takes and nothing of the rest.
"""

import ctypes
import errno
import os
import struct
import sys
from typing import Any

_PR_SET_SECCOMP, _FILTER = 22, 2
_ALLOW, _REFUSE, _ABSENT = 0x7FFF_0000, 0x0005_0000 | errno.EPERM, 0x0005_0000 | errno.ENOSYS
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h

# name: (x86-64, arm64), None where the architecture has no such call (asm/unistd_64.h, asm-generic/unistd.h).
Numbers = dict[str, tuple[int | None, int | None]]
_ALLOWED: Numbers = {
    # memory
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216),
    "msync": (26, 227), "mincore": (27, 232), "madvise": (28, 233), "mlock": (149, 228), "munlock": (150, 229),
    "membarrier": (324, 283),
    # what is open already, and reading
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62), "pread64": (17, 67),
    "readv": (19, 65), "writev": (20, 66), "preadv": (295, 69), "preadv2": (327, 286), "dup": (32, 23),
    "dup2": (33, None), "dup3": (292, 24), "pipe": (22, None), "pipe2": (293, 59),
    "getdents64": (217, 61), "fadvise64": (221, 223), "close_range": (436, 436), "eventfd2": (290, 19),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "epoll_create1": (291, 20), "epoll_ctl": (233, 21), "epoll_wait": (232, None), "epoll_pwait": (281, 22),
    # what lies where
    "stat": (4, None), "lstat": (6, None), "newfstatat": (262, 79), "statx": (332, 291), "access": (21, None),
    "faccessat": (269, 48), "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78),
    "getcwd": (79, 17), "statfs": (137, 43), "fstatfs": (138, 44), "umask": (95, 166),
    # time and chance
    "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "getrandom": (318, 278),
    # threads, signals to oneself, its own end
    "futex": (202, 98), "futex_waitv": (449, 449), "set_robust_list": (273, 99), "get_robust_list": (274, 100),
    "rseq": (334, 293), "set_tid_address": (218, 96), "gettid": (186, 178), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "sched_setaffinity": (203, 122), "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120), "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126),
    "getcpu": (309, 168), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128), "pause": (34, None), "exit": (60, 93),
    "exit_group": (231, 94), "arch_prctl": (158, None),
    # who it is
    "getpid": (39, 172), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150), "getpgrp": (111, None),
    "getpgid": (121, 155), "getsid": (124, 156), "getgroups": (115, 158), "capget": (125, 90), "uname": (63, 160),
    "sysinfo": (99, 179), "getrlimit": (97, 163), "getrusage": (98, 165), "getpriority": (140, 141),
}  # fmt: skip
_STARTING: Numbers = {
    "fork": (57, None), "vfork": (58, None), "clone": (56, 220), "execve": (59, 221), "wait4": (61, 260),
    "waitid": (247, 95), "kill": (62, 129), "setsid": (112, 157), "chdir": (80, 49), "seccomp": (317, 277),
    "capset": (126, 91), "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446), "memfd_create": (319, 279), "ftruncate": (77, 46),
    "pidfd_open": (434, 434),
}  # fmt: skip
# clone3 and openat2 hide their flags from a filter; without them the C library falls back to the calls that do not.
_HIDDEN: Numbers = {"clone3": (435, 435), "openat2": (437, 437)}

_CLONE_THREAD = 0x10000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TERMINAL_QUESTIONS = (0x5401, 0x5413, 0x5421, 0x5450, 0x5451, 0x541B)  # TCGETS, TIOCGWINSZ, FION*, FIO*CLEX
_DESCRIPTOR_FLAGS = (0, 1, 2, 3, 4, 1030, 1032, 1033, 1034)  # F_DUPFD, FD, FL, DUPFD_CLOEXEC, PIPE_SZ, SEALS
_SELF_NAMING = (15, 16, 3, 23, 39, 0x53564D41)  # PR_SET_NAME, GET_NAME, GET_DUMPABLE, CAPBSET_READ, NNP, SET_VMA
_SELF_LIMITING = (1, 4, 22, 24, 38, 47)  # PR_SET_PDEATHSIG, DUMPABLE, SECCOMP, CAPBSET_DROP, NNP, CAP_AMBIENT

Step = tuple[int, int, int, int]


def allow_only_listed(libc: Any, *, starts_children: bool) -> bool:
    """Install the filter for this process and those that it starts. False where the system has none that we know."""
    machine = os.uname().machine if sys.byteorder == "little" else ""
    program = _program(machine, os.getpid(), starts_children)
    if program is None:
        return False
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    pointer = ctypes.byref(Program(len(program), ctypes.cast(code, ctypes.c_void_p)))
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER, pointer, 0, 0) == 0)


def _program(machine: str, own_id: int, starts_children: bool) -> list[Step] | None:
    """The filter in classic BPF (linux/filter.h); None for a machine that is not known."""
    if machine not in _AUDIT:
        return None
    column = list(_AUDIT).index(machine)
    program: list[Step] = [(0x20, 0, 0, 4), (0x15, 1, 0, _AUDIT[machine]), _end(_REFUSE), (0x20, 0, 0, 0)]
    # The x32 calls of x86-64 have numbers of their own: refuse them all.
    program += [(0x35, 0, 1, 0x4000_0000), _end(_REFUSE)]
    for table, verdict in ((_ALLOWED, _ALLOW), (_STARTING if starts_children else {}, _ALLOW), (_HIDDEN, _ABSENT)):
        for numbers in table.values():
            if (number := numbers[column]) is not None:
                program += [(0x15, 0, 1, number), _end(verdict)]
    prctl = _SELF_NAMING + (_SELF_LIMITING if starts_children else ())
    for (on_x86, on_arm), test in (
        ((2, None), _none_of_bits(1, _WRITES)),  # open
        ((257, 56), _none_of_bits(2, _WRITES)),  # openat
        ((56, 220), _all_of_bits(0, _CLONE_THREAD)),  # clone: threads only
        ((234, 131), _one_of(0, (own_id,))),  # tgkill
        ((302, 261), _one_of(0, (0, own_id))),  # prlimit64
        ((16, 29), _one_of(1, _TERMINAL_QUESTIONS)),  # ioctl
        ((157, 167), _one_of(0, prctl)),
        ((72, 25), _one_of(1, _DESCRIPTOR_FLAGS)),  # fcntl: none that has a signal sent to somebody
        ((53, 199), _one_of(0, (1,) if starts_children else ())),  # socketpair: of AF_UNIX, for an event loop's own use
    ):
        number = on_x86 if column == 0 else on_arm
        if number is not None:
            program += [(0x15, 0, len(test), number), *test]
    return [*program, _end(_REFUSE)]


def _end(verdict: int) -> Step:
    return (0x06, 0, 0, verdict)


def _argument(index: int) -> Step:
    """Load the lower half of an argument, which is all that the flags and ids asked about here have."""
    return (0x20, 0, 0, 16 + 8 * index)


def _none_of_bits(index: int, bits: int) -> list[Step]:
    return [_argument(index), (0x45, 0, 1, bits), _end(_REFUSE), _end(_ALLOW)]


def _all_of_bits(index: int, bit: int) -> list[Step]:
    return [_argument(index), (0x45, 1, 0, bit), _end(_REFUSE), _end(_ALLOW)]


def _one_of(index: int, values: tuple[int, ...]) -> list[Step]:
    steps = [_argument(index)]
    for value in values:
        steps += [(0x15, 0, 1, value), _end(_ALLOW)]
    return [*steps, _end(_REFUSE)]
