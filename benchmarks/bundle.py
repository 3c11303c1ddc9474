"""What it takes to have a bundle: every control checked, the same from the cache of an earlier check, and proved."""

import tempfile
import time
from pathlib import Path

from benchmarks.gate import QUAESTOR
from benchmarks.table import Row, within
from benchmarks.timing import run_process, side_by_side
from engine.bundle.load import load_bundle
from integrations.app.settings import builtin_policies

TITLE = "A bundle of policies: read, checked and proved"
CACHED, COLD = 0.05, 0.01
"""Seconds that the check may take at most: from its cache, and without it for each control."""
PROOFS = 180.0
"""Seconds for `policy test` of the whole catalogue, on two processors."""


def run(quick: bool) -> list[Row]:
    """The shipped controls with their tests and cases; when quick without the proofs."""
    policies = builtin_policies()
    with tempfile.TemporaryDirectory(prefix="quaestor-bench-") as name:
        cache = Path(name) / "cache"
        begun = time.perf_counter()
        count = len(load_bundle(policies, cache).controls)
        cold = time.perf_counter() - begun
        times = side_by_side({"cached": lambda: load_bundle(policies, cache)}, rounds=21, seconds=5)
    rows = [
        within(f"{count} controls, from the cache", times["cached"], CACHED),
        within(f"{count} controls, checked anew", cold, COLD * count),
    ]
    if not quick:
        proofs = run_process([str(QUAESTOR), "policy", "test", "--policies", str(policies)])
        if proofs.code != 0:
            raise RuntimeError(f"`quaestor policy test` ended with {proofs.code}: {proofs.output[-500:]!r}")
        rows.append(within("`policy test`: all cases, deletions, corruptions", proofs.seconds, PROOFS))
    return rows
