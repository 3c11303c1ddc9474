"""Work that is shared among processes of this program: it trusts them, as it does not `evidence.process.child`."""

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

from evidence.model.errors import StoreError

Asked = ParamSpec("Asked")
Found = TypeVar("Found")
Later = Callable[[], Found]
"""Gives what was asked for, once it is there."""


class Helpers:
    """Processes that take work over. Without any, it is done on asking."""

    def __init__(self, pool: ProcessPoolExecutor | None, number: int = 1) -> None:
        self._pool = pool
        self.number = number
        """How many do the work."""

    def ask(self, function: Callable[Asked, Found], *given: Asked.args, **named: Asked.kwargs) -> Later[Found]:
        """Let `function` be called; what comes of it. Raises StoreError where the process was lost."""
        if self._pool is None:
            done = function(*given, **named)
            return lambda: done
        asked = self._pool.submit(function, *given, **named)

        def result() -> Found:
            try:
                return asked.result()
            except BrokenProcessPool:
                hint = "try again; the system may have ended it for want of memory"
                raise StoreError("a process that took a share of the work ended", hint=hint) from None

        return result


@contextlib.contextmanager
def helpers(things: int, *, alone: int) -> Iterator[Helpers]:
    """A process for each processor, where there are more things to do than one process does `alone`."""
    if things <= alone or processors() < 2:
        yield Helpers(None)
        return
    with ProcessPoolExecutor(processors(), multiprocessing.get_context("spawn")) as pool:
        yield Helpers(pool, processors())


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
