"""A cache of compiled policies that no user's own one is touched for, and files for a test."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from examples.mortgage.demo import DATA, Demo
from tests.integrations.doors import Doors
from tests.worlds.once import once, run_folder
from tests.worlds.policies import POLICIES
from tests.worlds.workspaces import judged, quietly, staffed


@pytest.fixture(scope="session", autouse=True)
def _own_cache(policy_cache: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(policy_cache.parent))
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
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with people and nothing else, for copies of it."""
    return once(run_folder(tmp_path_factory) / "staffed", lambda folder: staffed(folder / "lab")) / "lab"


@pytest.fixture
def quaestor(people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    """The command on a copy of it."""
    return Doors(Path(shutil.copytree(people, tmp_path / "lab")), capsys)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """An organization's own bundle: a copy of the shipped one."""
    return Path(shutil.copytree(POLICIES, tmp_path / "mine"))


@pytest.fixture(scope="session")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's workspace after both versions were measured and judged at gate `validation`, for copies of it."""

    def make(folder: Path) -> None:
        demo, said = judged(folder / "lender", {"1": ["validation"], "2": ["validation"]})
        exits = [(part, "data-intake", item["exit"]) for part, item in zip(DATA, demo.taken_in, strict=True)]
        exits += [(version, "validation", item["exit"]) for version, (item,) in said.items()]
        (folder / "exits.json").write_text(json.dumps(exits), encoding="utf-8")

    return once(run_folder(tmp_path_factory) / "judged", make) / "lender"


@pytest.fixture(scope="session")
def released(lender: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's second version taken through registration, staging and production, with its report, in `lender`; as
    gate staging left it in `staged`; what each gate came to in `exits.json`. For copies of it."""

    def make(folder: Path) -> None:
        demo = Demo(shutil.copytree(lender, folder / "lender"))
        said = {}
        with quietly():
            for gate in ("registration", "staging", "production"):
                said[gate] = demo.ask("2", gate)
                if gate == "staging":
                    shutil.copytree(demo.folder, folder / "staged")
            demo.report("2", said["production"])
        before = json.loads((lender.parent / "exits.json").read_bytes())
        exits = [*before, *(("2", gate, item["exit"]) for gate, item in said.items())]
        (folder / "exits.json").write_text(json.dumps(exits), encoding="utf-8")

    return once(run_folder(tmp_path_factory) / "released", make)


@pytest.fixture
def copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path], Doors]:
    """Copies a workspace; the copy is the working folder too."""

    def copy(made: Path) -> Doors:
        folder = Path(shutil.copytree(made, tmp_path / "lab"))
        monkeypatch.chdir(folder)
        return Doors(folder, capsys)

    return copy


@pytest.fixture
def lab(lender: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    """A copy of it to do anything with."""
    return Doors(Path(shutil.copytree(lender, tmp_path / "lab")), capsys)
