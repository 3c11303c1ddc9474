"""Golden decisions of format 1: every later version of Quaestor makes them again, to the same bytes, on every engine.

They are recorded once (`record.py`) and never redone. Where one comes out differently, the code is wrong or the format
has changed: a new format is another number, beside this one.
"""

import lzma
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from engine.backends.base import RegoEngine
from engine.backends.choose import open_engine
from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from engine.backends.wasm import WasmEngine
from engine.bundle.attached import policies_of
from engine.deciding.decide import decide
from engine.deciding.verdict import Decision, Status, read_decision
from evidence.model.canonical import canonical_bytes, digest_bytes, parse_json
from evidence.snapshot.model import Snapshot
from reports.verify.replay import replay
from reports.verify.verify import verify_pdf
from tests.golden.record import FOLDER, REPORT, TRUST

HERE = Path(__file__).parent
NAMES = sorted(place.name for place in FOLDER.iterdir())


@cache
def shared(part: str, digest: str) -> bytes:
    """Policies or a module that several decisions share."""
    data = lzma.decompress((HERE / part / f"{digest}.xz").read_bytes())
    assert digest_bytes(data) == f"sha256:{digest}"
    return data


def part_of(name: str, part: str) -> bytes:
    return shared(part, (FOLDER / name / part).read_text(encoding="utf-8").strip())


def recorded(name: str) -> bytes:
    return (FOLDER / name / "decision.json").read_bytes()


def snapshot_of(name: str) -> Snapshot:
    return Snapshot.model_validate_json(lzma.decompress((FOLDER / name / "snapshot.json.xz").read_bytes()))


def made_again(name: str, engine: RegoEngine) -> Decision:
    bundle, effective = policies_of(part_of(name, "policies"))
    return decide(bundle, effective, snapshot_of(name), parse_json(recorded(name), where=name)["gate"], engine)


class Engines:
    """Engines by name and program, each opened once."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache = cache_dir
        self._open: dict[tuple[str, str], RegoEngine] = {}

    def get(self, engine: str, name: str) -> RegoEngine:
        program = policies_of(part_of(name, "policies"))[0].program()
        key = (engine, program.digest)
        if key not in self._open:
            self._open[key] = (
                WasmEngine(program, part_of(name, "module"))
                if engine == "recorded module"
                else open_engine(engine, program, cache_dir=self._cache)
            )
        return self._open[key]

    def close(self) -> None:
        for engine in self._open.values():
            engine.close()


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    opened = Engines(tmp_path_factory.mktemp("golden"))
    yield opened
    opened.close()


@pytest.mark.parametrize("engine", ["regorus", "recorded module", "wasm", "opa"])
@pytest.mark.parametrize("name", NAMES)
def test_it_comes_out_again_byte_for_byte(name: str, engine: str, engines: Engines) -> None:
    if engine in ("wasm", "opa") and find_opa() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW_TO_GET_OPA)
        pytest.skip(HOW_TO_GET_OPA)
    assert made_again(name, engines.get(engine, name)).body == recorded(name)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_as_it_was_written(name: str) -> None:
    body = recorded(name)
    assert read_decision(parse_json(body, where=name), where=name).body == body
    seen = lzma.decompress((FOLDER / name / "snapshot.json.xz").read_bytes())
    assert canonical_bytes(snapshot_of(name).to_json()) == seen


def test_they_show_every_status_and_outcome() -> None:
    found = [read_decision(parse_json(recorded(name), where=name), where=name) for name in NAMES]
    assert {result.status for decision in found for result in decision.results} == set(Status)
    assert {str(decision.outcome) for decision in found} == {"allow", "deny", "indeterminate"}
    assert any(decision.prerequisites for decision in found)
    assert any(result.waiver for decision in found for result in decision.results)
    assert {decision.subject.name for decision in found} >= {"mortgage@1", "mortgage@2"}


def test_its_report_still_verifies() -> None:
    report = verify_pdf((HERE / REPORT).read_bytes(), trust=[(HERE / TRUST).read_bytes()], replay=replay)
    assert [(check.name, check.detail) for check in report.checks if check.state.value == "failed"] == []
    assert report.ok
    assert report.trusted
