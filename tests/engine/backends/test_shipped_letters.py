"""FAIR-02 looks for words in texts of any letters: every engine finds the same ones."""

from pathlib import Path

import pytest

from engine.backends.choose import open_engine
from engine.bundle.load import Bundle
from engine.deciding.evaluate import policy_input
from engine.proofs.cases import read_cases
from evidence.model.canonical import canonical_bytes
from tests.engine.fuzz.agreement import in_words

TERMS = ["DEMOGRAPHİC_PARİTY", "DEMOGRAPHIC_PARITY", "ΟΔΟΣ parity", "Ｆairness", "ﬀ", "Ꟁ", "𐕰", "\u212aparity", "x"]


@pytest.mark.slow
def test_every_term_on_every_engine(shipped: Bundle, wasm_cache: Path) -> None:
    control = shipped.controls["FAIR-02"]
    case = next(c for c in read_cases(shipped, control) if c.expect == "pass" and c.records.get("training-run"))
    data = canonical_bytes({"parameters": dict(case.context.parameters)})
    said: dict[str, list[str]] = {}
    for name in ("opa", "wasm", "regorus"):
        engine = open_engine(name, shipped.program(), cache_dir=wasm_cache)
        for term in TERMS:
            runs = [
                {**run, "predicate": {**run["predicate"], "objective": [term]}} for run in case.records["training-run"]
            ]
            document = policy_input({**case.records, "training-run": runs}, case.context)
            said.setdefault(name, []).append(in_words(engine.evaluate([control.rule], document, data)[control.rule]))
        engine.close()
    assert said["opa"] == said["wasm"] == said["regorus"]
    assert len(set(said["opa"])) > 1
