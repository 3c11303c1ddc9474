"""The shipped controls, each on the records of its cases with a part here and there changed."""

import random
from collections.abc import Mapping
from typing import Any

from engine.backends.base import RegoEngine
from engine.bundle.control import Control
from engine.bundle.load import Bundle
from engine.deciding.evaluate import policy_input
from engine.proofs.cases import Case, read_cases
from engine.rego.types import Type, record_type
from evidence.model.canonical import canonical_bytes
from tests.engine.fuzz.agreement import Disagreement, disagreements
from tests.engine.fuzz.values import changed


def all_cases(bundle: Bundle) -> list[tuple[Control, Case]]:
    """Every case of every control, in their order."""
    return [(control, case) for control in bundle.controls.values() for case in read_cases(bundle, control)]


def mutated_case(case: Case, types: Mapping[str, Type], rng: random.Random) -> tuple[bytes, bytes]:
    """The input and data of a case whose records were changed within their types."""
    rate = rng.choice((0.01, 0.03, 0.1))
    records: dict[str, list[dict[str, Any]]] = {}
    for kind, items in case.records.items():
        kept = [item for item in items if rng.random() > 0.05]
        records[kind] = [changed(item, types[kind], rng, rate) for item in kept]
        if kept and rng.random() < 0.2:
            records[kind].append(changed(rng.choice(kept), types[kind], rng, rate))
    return policy_input(records, case.context), canonical_bytes({"parameters": dict(case.context.parameters)})


def run_shipped(
    bundle: Bundle, opened: Mapping[str, RegoEngine], rng: random.Random, pairs: int
) -> tuple[int, list[Disagreement]]:
    """How many pairs of a shipped control and changed records were asked, and where the engines differed."""
    cases = all_cases(bundle)
    types = {name: record_type(name, schema) for name, schema in bundle.schemas.items()}
    found: list[Disagreement] = []
    for _ in range(pairs):
        control, case = rng.choice(cases)
        document, data = mutated_case(case, types, rng)
        found += disagreements(opened, [control.rule], document, data)
    return pairs, found
