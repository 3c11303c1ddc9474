"""What it takes to have a bundle: every control checked, the same from the cache of an earlier check, one tried again
after a save, and all proved.
"""

import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.gate import QUAESTOR
from benchmarks.table import Row, within
from benchmarks.timing import run_process, side_by_side
from engine.bundle.load import load_bundle
from integrations.app.settings import builtin_policies
from integrations.app.trying import Source, Trying

TITLE = "A bundle of policies: read, checked and proved"
CACHED, COLD = 0.05, 0.01
"""Seconds that the check may take at most: from its cache, and without it for each control."""
LONGEST, CASE = "controls/fairness/FAIR-02.rego", "ratios within bounds on labels and outputs"
"""The longest control, and the case of it that is tried."""
SAVES, SAVED = 15, 0.2
"""How often it is saved, and the seconds from a save to the result that it may take."""
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
        within(f"`policy try --watch`: {Path(LONGEST).stem} tried again after a save", _saved(policies), SAVED),
    ]
    if not quick:
        proofs = run_process([str(QUAESTOR), "policy", "test", "--policies", str(policies)])
        if proofs.code != 0:
            raise RuntimeError(f"`quaestor policy test` ended with {proofs.code}: {proofs.output[-500:]!r}")
        rows.append(within("`policy test`: all cases, deletions, corruptions", proofs.seconds, PROOFS))
    return rows


def _saved(policies: Path) -> float:
    """Seconds from a save of a control to its result, by the medium one of several: a comment more is as good as any
    change, since what is checked goes by the text.
    """
    with tempfile.TemporaryDirectory(prefix="quaestor-bench-") as name:
        folder = shutil.copytree(policies, Path(name) / "policies")
        file, taken = folder / LONGEST, list[float]()
        text = file.read_text(encoding="utf-8")
        with Trying(folder, None, file.stem, Source(case=CASE)) as trying:
            attempts = trying.attempts()
            next(attempts)
            for number in range(SAVES + 1):
                file.write_text(f"{text}\n# {number}\n", encoding="utf-8")
                begun = time.perf_counter()
                attempt = next(attempts)
                if attempt.trial is None:
                    raise RuntimeError(f"the control was not tried: {attempt.problem}")
                taken.append(time.perf_counter() - begun)
    return median(taken[1:])  # the first save starts the process that parses
