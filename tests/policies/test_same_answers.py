"""The whole bundle over every case: OPA's Wasm, regorus and an OPA server answer with the same bytes."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.backends.base import RegoEngine
from engine.backends.choose import open_engine
from engine.bundle.control import Control
from engine.bundle.load import Bundle
from engine.deciding.evaluate import judge, policy_input
from engine.proofs.cases import Case, read_cases
from evidence.model.canonical import canonical_bytes

POLICIES = Path(__file__).parents[2] / "policies"
CONTROLS = sorted(path.stem for path in POLICIES.glob("controls/*/*.rego") if not path.stem.endswith("_test"))


@pytest.fixture(scope="module")
def engines(shipped: Bundle, shipped_modules: Path) -> Iterator[dict[str, RegoEngine]]:
    """The three engines with the shipped bundle."""
    program = shipped.program()
    with ExitStack() as stack:
        opened = {}
        for name in ("wasm", "regorus", "opa"):
            opened[name] = open_engine(name, program, cache_dir=shipped_modules)
            stack.callback(opened[name].close)
        yield opened


def answered(control: Control, case: Case, engine: RegoEngine) -> bytes:
    """The engine's answer in its canonical bytes, and the result that a decision would hold.

    Sets come as lists in the engine's own order, so `satisfied` and `findings` are sorted by their bytes first.
    """
    data = canonical_bytes({"parameters": dict(case.context.parameters)})
    answer = engine.evaluate([control.rule], policy_input(case.records, case.context), data)[control.rule]
    value = answer.value
    if isinstance(value, dict):
        sets = {name: sorted(value[name], key=canonical_bytes) for name in ("satisfied", "findings") if name in value}
        value = {**value, **sets}
    result = judge(control, answer, case.records, case.context)
    assert case.refused or result.status == case.expect, case.name  # a refused record comes before no policy
    said = {"state": str(answer.state), "value": value, "error": answer.error, "result": result.to_json()}
    return canonical_bytes(said)


def test_every_control_of_the_bundle_is_here(shipped: Bundle) -> None:
    assert sorted(shipped.controls) == CONTROLS


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTROLS)
def test_the_same_bytes_for_every_case_of_a_control(name: str, shipped: Bundle, engines: dict[str, RegoEngine]) -> None:
    control = shipped.controls[name]
    cases = read_cases(shipped, control)
    assert cases
    for case in cases:
        given = {label: answered(control, case, engine) for label, engine in engines.items()}
        assert given["regorus"] == given["wasm"], case.name
        assert given["opa"] == given["wasm"], case.name
