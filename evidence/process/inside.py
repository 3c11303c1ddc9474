"""The child's side of a confined process: it confines itself, then runs one function with a channel to its parent.

Standard library only, and little of it. A frame is four bytes of length, big-endian, and so many bytes.
"""

import contextlib
import gc
import importlib
import json
import os
import sys

OUT_OF_MEMORY = 86
"""The exit code of a child that ended because it ran out of memory."""
within = False
"""Whether this process is such a child; one that it starts itself stays in its process group."""


class Channel:
    """Frames from and to the parent."""

    def __init__(self, source: int, sink: int) -> None:
        self._source, self._sink = source, sink

    def receive(self) -> bytes | None:
        """The next frame; None at the end."""
        head = self._read(4)
        return self._read(int.from_bytes(head, "big")) if head is not None else None

    def send(self, frame: bytes) -> None:
        data = memoryview(len(frame).to_bytes(4, "big") + frame)
        while data:
            data = data[os.write(self._sink, data) :]

    def _read(self, size: int) -> bytes | None:
        parts = []
        while size:
            part = os.read(self._source, min(size, 1 << 20))
            if not part:
                return None
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def main() -> None:
    """Arguments of the command line: where packages and our code lie, `module:function`, parent's id, limits as JSON.

    The function is called with the channel and what `confine` says of itself.
    """
    global within  # noqa: PLW0603
    from evidence.process.confine import confine, die_with_parent  # a parent has no use for these

    where, target, parent, limits = sys.argv[1:5]
    if parent != "0":  # which it is for a child that may pass from thread to thread
        die_with_parent(int(parent))
    # What libraries print goes to standard error; the channel has the output for itself.
    sink = os.dup(1)
    os.dup2(2, 1)
    _find_floors()
    told = confine(where.rpartition("\n")[2], **json.loads(limits))
    sys.dont_write_bytecode = True  # it could not
    within = True
    module, _, function = target.partition(":")
    try:
        gc.disable()  # what is imported stays: looking for garbage in it is an eighth of the start of a model run
        answer = getattr(importlib.import_module(module), function)
        gc.freeze()
        gc.enable()
        answer(Channel(0, sink), told)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _find_floors() -> None:
    """Import our top packages while the folder that they lie in can still be listed.

    Confined, a child reads each of them but not a checkout's root, which Python lists anew where it changed meanwhile.
    """
    for package in ("engine", "reports"):
        with contextlib.suppress(ModuleNotFoundError):  # a process needs no floor above its own
            importlib.import_module(package)
