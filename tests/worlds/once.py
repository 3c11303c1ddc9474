"""What is costly to make and alike for all workers of a test run: the first that asks makes it, the others find it."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def run_folder(temporary: pytest.TempPathFactory) -> Path:
    """The folder of this test run that all its workers have in common."""
    base = temporary.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """The folder as `make` left it, for reading only. Who asks while it is made waits; what failed is made anew."""
    done = folder.with_name(f"{folder.name}.done")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
