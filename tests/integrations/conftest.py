"""A cache of compiled policies that no user's own one is touched for, and files for a test."""

import contextlib
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from examples.mortgage.demo import Demo
from tests.integrations.doors import Doors


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file and gives its path."""

    def make(name: str, data: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return make


@pytest.fixture(scope="session")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's workspace after both versions were measured and judged at gate `validation`."""
    demo = Demo(tmp_path_factory.mktemp("scenarios") / "lender")
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")):
        demo.set_up()
        for version in ("1", "2"):
            demo.judge(version, ["validation"])
    return demo.folder


@pytest.fixture
def lab(lender: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    """A copy of it to do anything with."""
    return Doors(Path(shutil.copytree(lender, tmp_path / "lab")), capsys)
