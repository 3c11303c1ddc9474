"""Bundles and engines that the tests of decisions share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.base import RegoEngine
from engine.backends.choose import open_engine
from engine.bundle.load import Bundle
from tests.worlds.policies import bench_bundle


@pytest.fixture(scope="session")
def bench() -> Bundle:
    """The shipped policies with a few small controls in place of their own."""
    return bench_bundle()


@pytest.fixture(scope="session")
def engine(bench: Bundle) -> Iterator[RegoEngine]:
    """regorus with the bench loaded."""
    opened = open_engine("regorus", bench.program())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def wasm(bench: Bundle, wasm_cache: Path) -> Iterator[RegoEngine]:
    """OPA's Wasm with the bench loaded."""
    opened = open_engine("wasm", bench.program(), cache_dir=wasm_cache)
    yield opened
    opened.close()
