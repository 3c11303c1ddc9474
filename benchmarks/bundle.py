"""What it takes to have a bundle: every control checked, the same from the cache of an earlier check, and proved."""

import re
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.gate import QUAESTOR
from benchmarks.table import Row, within
from benchmarks.timing import run_process, side_by_side
from engine.bundle.load import checked_bundle
from integrations.app.settings import builtin_policies

TITLE = "A bundle of policies: read, checked and proved"
MANY = 258
CACHED, COLD = 0.05, 0.01
"""Seconds that the check may take at most: from its cache, and without it for each control."""
PROOFS = 180.0
"""Seconds for `policy test` of the whole catalogue, on two processors."""


def run(quick: bool) -> list[Row]:
    """The bundle grown to 258 controls by copies with their tests and cases; 60 when quick, for the check itself."""
    with tempfile.TemporaryDirectory(prefix="quaestor-bench-") as name:
        folder = Path(name)
        grow(folder / "many", MANY)
        grow(folder / "cold", 60 if quick else MANY)
        begun = time.perf_counter()
        count = len(checked_bundle(folder / "cold", folder / "nothing-yet").controls)
        cold = time.perf_counter() - begun
        checked_bundle(folder / "many", folder / "cache")
        times = side_by_side(
            {"cached": lambda: checked_bundle(folder / "many", folder / "cache")}, rounds=21, seconds=5
        )
        if not quick:
            proofs = run_process([str(QUAESTOR), "policy", "test", "--policies", str(builtin_policies())])
            if proofs.code != 0:
                raise RuntimeError(f"`quaestor policy test` ended with {proofs.code}: {proofs.output[-500:]!r}")
    rows = (
        [] if quick else [within("`quaestor policy test`: all cases, deletions, corruptions", proofs.seconds, PROOFS)]
    )
    return [
        within(f"{MANY} controls, from the cache", times["cached"], CACHED),
        within(f"{count} controls, checked anew", cold, COLD * count),
        *rows,
    ]


def grow(folder: Path, count: int) -> None:
    """The built-in policies with copies of controls under other ids, their proofs too, so that there are `count`."""
    shutil.copytree(builtin_policies(), folder)
    originals = sorted(path for path in folder.glob("controls/*/*.rego") if not path.stem.endswith("_test"))
    for number in range(len(originals), count):
        original, copy = originals[number % len(originals)], number // len(originals)
        old, new = original.stem, f"{original.stem}-C{copy}"
        for file in (original, original.with_name(f"{old}_test.rego"), original.with_name(f"{old}_cases.yaml")):
            if file.exists():
                text = re.sub(rf"\b{old}\b", new, file.read_text(encoding="utf-8"))
                text = re.sub(rf"\b{_rego(old)}(?=_test\b|\b)", _rego(new), text)
                file.with_name(file.name.replace(old, new, 1)).write_text(text, encoding="utf-8")


def _rego(identifier: str) -> str:
    return identifier.replace("-", "_")
