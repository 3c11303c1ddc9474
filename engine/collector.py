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
