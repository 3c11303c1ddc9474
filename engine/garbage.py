"""Python's search for garbage, which a long run without any does again and again for nothing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search meanwhile: what is made is freed by its count of references, or lives until the end.

    Nor one right after it through all that was made: that counts as old, and waits for a search through the old.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()
            gc.unfreeze()
            gc.enable()


@contextmanager
def collector_seldom(made: int) -> Iterator[None]:
    """A search only after so many objects were made and not gone, and never among those that are there now."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(made)
    try:
        yield
    finally:
        gc.set_threshold(*before)
