"""The table of measures that policies judge by, and the one that plans are held to, say the same."""

import contextlib
import math
from pathlib import Path

from engine.backends.base import Program
from engine.backends.regorus import RegorusEngine
from evidence.model.canonical import digest_json
from evidence.validation.measurable import SIDES

POLICIES = Path(__file__).parents[2] / "policies"
NO_END = 9_000_000_000


def test_what_a_plan_refuses_no_run_could_pass_and_what_it_takes_some_run_could() -> None:
    modules = {
        f"lib/{name}.rego": (POLICIES / f"lib/{name}.rego").read_text(encoding="utf-8")
        for name in ("metrics", "numbers")
    }
    modules["asked.rego"] = "package asked\n\nanswer := data.lib.metrics.table\n"
    rules = ("asked/answer",)
    program = Program(modules=modules, rules=rules, groups={}, digest=digest_json(modules))
    with contextlib.closing(RegorusEngine(program)) as engine:
        table = engine.evaluate(rules, b"{}", b'{"parameters": {}}')["asked/answer"].value
    for measure, (side, (lowest, highest)) in SIDES.items():
        row = table[measure]
        assert {"more": ">=", "less": "<="}[row["better"]] == side, measure
        assert (row["lowest"], row["highest"]) == (lowest, highest if highest < math.inf else NO_END), measure
