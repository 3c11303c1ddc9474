"""A limit of wall time for what runs in WebAssembly, at the cost of two locks a run and not of a thread for each."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import wasmtime


class Alarm:
    """Interrupts what runs on an engine after its seconds, by moving the engine's epoch on.

    One thread watches however many runs follow each other: it sleeps until the end of the run that it saw, looks
    whether one is still under way, and ends where none is. So a run that keeps its limit wakes nobody.
    """

    def __init__(self, engine: wasmtime.Engine, seconds: float) -> None:
        self._engine = engine
        self._seconds = seconds
        self._lock = threading.Lock()
        self._end: float | None = None
        self._watcher: threading.Thread | None = None

    @contextmanager
    def set(self) -> Iterator[None]:
        """Around one run. It never rings before or after: the next run begins with its own time."""
        with self._lock:
            self._end = time.monotonic() + self._seconds
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, daemon=True)
                self._watcher.start()
        try:
            yield
        finally:
            with self._lock:
                self._end = None

    def _watch(self) -> None:
        while True:
            with self._lock:
                left = 0.0 if self._end is None else self._end - time.monotonic()
                if left <= 0:
                    if self._end is not None:
                        self._engine.increment_epoch()
                    self._watcher = None
                    return
            time.sleep(left)
