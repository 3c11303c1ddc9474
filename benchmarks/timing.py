"""Times taken side by side: contestants take turns in one run, so that what else the machine does meets them alike."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_LAUNCHER = Path(__file__).with_name("launch.py")
LEAST_ROUNDS = 3
LEAST = False
"""Whether the least of several times counts and not their median: other work on the machine only ever adds to one."""


@dataclass(frozen=True)
class Run:
    """A whole process: wall time in seconds, those of processors with its children, largest resident memory of it or
    any child of its in bytes, its output.
    """

    seconds: float
    processor: float
    memory: int
    code: int
    output: bytes


def side_by_side(
    contestants: Mapping[str, Callable[[], Any]], *, rounds: int, seconds: float, warm_up: int = 1
) -> dict[str, float]:
    """Median (or least) seconds of each contestant.

    Each round runs every one once, in turning order. After `seconds` no further round begins, three being the least.
    """
    names = list(contestants)
    for _ in range(warm_up):
        for run in contestants.values():
            run()
    taken: dict[str, list[float]] = {name: [] for name in names}
    end = time.perf_counter() + seconds
    for turn in range(rounds):
        if turn >= LEAST_ROUNDS and time.perf_counter() > end:
            break
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            begun = time.perf_counter()
            contestants[name]()
            taken[name].append(time.perf_counter() - begun)
    return {name: min(values) if LEAST else median(values) for name, values in taken.items()}


def processes(
    commands: Mapping[str, Sequence[str]],
    *,
    rounds: int,
    warm_up: int = 1,
    environment: Mapping[str, str] | None = None,
) -> dict[str, Run]:
    """For each command the run of median (or least) wall time, in turns; its memory is the most of all runs."""
    names = list(commands)
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for turn in range(warm_up + rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            found = run_process(commands[name], environment)
            if turn >= warm_up:
                runs[name].append(found)
    chosen = {}
    for name, found_runs in runs.items():
        ordered = sorted(found_runs, key=lambda run: run.seconds)
        one = ordered[0 if LEAST else len(ordered) // 2]
        chosen[name] = replace(one, memory=max(run.memory for run in ordered))
    return chosen


def run_process(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a command from start to end.

    A small interpreter of its own starts it: what Linux reports as a process's largest memory includes that of the
    process which it was forked from, and this one may have grown.
    """
    launched = subprocess.run(
        [sys.executable, "-I", "-S", str(_LAUNCHER), *command],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
    )
    head, _, output = launched.stdout.partition(b"\n")
    if launched.returncode != 0:
        raise RuntimeError(f"`{command[0]}` cannot be run: {launched.stderr.decode(errors='replace')[-2000:]}")
    about = json.loads(head)
    if about["code"] not in (0, 1, 3):
        said = (output + launched.stderr).decode(errors="replace")[-2000:]
        raise RuntimeError(f"`{' '.join(command)[:300]}` ended with {about['code']}: {said}")
    return Run(about["seconds"], about["processor"], about["memory"], about["code"], output)
