"""Bundles and engines that the tests of decisions share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.backends.base import RegoEngine
from engine.backends.choose import open_engine
from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from engine.bundle.load import Bundle, load_bundle
from tests.worlds.policies import POLICIES, bench_bundle


@pytest.fixture(scope="session")
def shipped() -> Bundle:
    """The policies that come with Quaestor."""
    return load_bundle(POLICIES)


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
def wasm_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled modules are kept for the session. Without an OPA the test is skipped; in CI it fails."""
    if find_opa() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no OPA here: {HOW_TO_GET_OPA}")
        pytest.skip(f"no OPA here: {HOW_TO_GET_OPA}")
    return tmp_path_factory.mktemp("modules")


@pytest.fixture(scope="session")
def wasm(bench: Bundle, wasm_cache: Path) -> Iterator[RegoEngine]:
    """OPA's Wasm with the bench loaded."""
    opened = open_engine("wasm", bench.program(), cache_dir=wasm_cache)
    yield opened
    opened.close()
