"""Landlock: which files a process may read at all, for good (landlock(7), Linux 5.13 and later).

Nothing may be written, made, renamed or removed. From ABI 4 on no TCP port is bound or connected to; from ABI 6 on no
signal leaves the process and those that it starts, and no process outside can be looked into.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from typing import Any

# System call numbers are the same on every architecture (asm-generic/unistd.h).
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
# What is refused unless a rule allows it: all rights that the kernel's ABI knows (linux/landlock.h).
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP, _SCOPES = 0b11, 0b11


def abi(libc: Any) -> int:
    """The version of Landlock in this kernel; 0 or less where there is none."""
    return int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def restrict(
    libc: Any,
    *,
    readable: Iterable[str],
    descriptors: Iterable[int],
    runnable: Iterable[str] = (),
    listable: Iterable[str] = (),
) -> bool:
    """Let this process read what lies under some paths and in open files, run what lies under others, list the names
    under yet others, and no more.

    Needs no_new_privs. False where the kernel has no Landlock or refuses.
    """
    version = abi(libc)
    if version < 1:
        return False
    attributes = struct.pack(
        "=QQQ", _FILE_RIGHTS[min(version, 5)], _TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0
    )[: 8 if version < 4 else 16 if version < 6 else 24]
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        for path in readable:
            _allow_path(libc, rules, path, _READ_FILE | _READ_DIR)
        for path in listable:
            _allow_path(libc, rules, path, _READ_DIR)
        for path in runnable:
            _allow_path(libc, rules, path, _EXECUTE | _READ_FILE | _READ_DIR)
        for descriptor in descriptors:
            _allow(libc, rules, descriptor, _READ_FILE)
        return int(libc.syscall(_RESTRICT_SELF, rules, 0)) == 0
    finally:
        os.close(rules)


def _allow_path(libc: Any, rules: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]  # Linux only
    except OSError:
        return  # what is not there needs no rule
    try:
        is_folder = os.fstat(descriptor).st_mode & 0o170000 == 0o040000
        _allow(libc, rules, descriptor, rights if is_folder else rights & ~_READ_DIR)
    finally:
        os.close(descriptor)


def _allow(libc: Any, rules: int, descriptor: int, rights: int) -> None:
    libc.syscall(_ADD_RULE, rules, _RULE_PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
