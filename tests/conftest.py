"""The shipped policies, checked and compiled once for all workers of a test run."""

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import current_thread, main_thread

import pytest

from engine.backends import syntax
from engine.backends.choose import open_engine
from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from engine.bundle.load import Bundle, load_bundle
from evidence.process import child
from tests.worlds.nursery import Nursery
from tests.worlds.once import once, run_folder
from tests.worlds.policies import POLICIES

STARTED = child._start
"""How a child is started."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported and collected lives as long as the run: the garbage collector need not go through it again.

    It looks less often too, as in the process of a command: most of what a check of policies makes lives until its end.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(10_000)
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _one_parser() -> Iterator[None]:
    """One child parses for all tests of a worker: most check a small bundle, and starting it takes longer than that."""
    own = syntax.parser_of_one_check
    with pytest.MonkeyPatch.context() as patch, syntax.Parser() as parser:

        def kept() -> AbstractContextManager[syntax.Parser]:
            return nullcontext(parser) if current_thread() is main_thread() else own()  # one question at a time

        patch.setattr(syntax, "parser_of_one_check", kept)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nursery() -> Iterator[None]:
    """A model run takes a fifth of a second, starting it four times as long: those of a worker are forked."""
    if sys.platform != "linux":
        yield
        return
    nursery = Nursery("evidence.validation.child.main:main", STARTED)
    with contextlib.closing(nursery), pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "_start", nursery.start)
        yield


@pytest.fixture
def started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Model runs are started, as they are for users."""
    monkeypatch.setattr(child, "_start", STARTED)


@pytest.fixture(scope="session")
def policy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this run keeps checked bundles and compiled modules; no user's own cache is touched."""
    return run_folder(tmp_path_factory) / "cache" / "quaestor"


@pytest.fixture(scope="session")
def shipped(policy_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The policies that come with Quaestor."""
    once(run_folder(tmp_path_factory) / "checked", lambda _: load_bundle(POLICIES, policy_cache))
    return load_bundle(POLICIES, policy_cache)


@pytest.fixture(scope="session")
def wasm_cache(policy_cache: Path) -> Path:
    """The cache, for modules that are compiled. Without an OPA the test is skipped; in CI it fails."""
    if find_opa() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no OPA here: {HOW_TO_GET_OPA}")
        pytest.skip(f"no OPA here: {HOW_TO_GET_OPA}")
    return policy_cache


@pytest.fixture(scope="session")
def shipped_modules(shipped: Bundle, wasm_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache with the module of the shipped policies in it."""
    once(
        run_folder(tmp_path_factory) / "compiled",
        lambda _: open_engine("wasm", shipped.program(), cache_dir=wasm_cache).close(),
    )
    return wasm_cache
