"""All benchmarks, or some, as one Markdown table: `python -m benchmarks [--only NAME]... [--quick] [--output FILE]`."""

import argparse
import importlib
import os
import platform
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import timing
from benchmarks.table import Row, markdown
from benchmarks.tools import HOW_TO_GET_CONFTEST, find_conftest
from engine.backends.compile import HOW_TO_GET_OPA, find_opa

SUBJECTS = (
    "start",
    "bundle",
    "decisions",
    "gate",
    "whatif",
    "validation",
    "wide",
    "intervals",
    "coverage",
    "ledger",
    "scale",
    "lineage",
    "pdf",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where every subject could be measured, 1 where one failed (the rest is measured all the same)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios, taken side by side in one run.")
    parser.add_argument("--only", action="append", choices=SUBJECTS, metavar="NAME", help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and smaller data: minutes, not an hour")
    parser.add_argument("--entries", type=int, help="large ledger of `scale`; else 10^6, or 10^4 when quick")
    parser.add_argument("--least", action="store_true", help="least times, not medians: for a machine that others use")
    parser.add_argument("--output", type=Path, help="write the table to this file as well")
    given = parser.parse_args(arguments)
    timing.LEAST = given.least
    sections: list[tuple[str, list[Row]]] = []
    failed = False
    for name in given.only or SUBJECTS:
        subject = importlib.import_module(f"benchmarks.{name}")
        if name == "scale":
            subject.ENTRIES = given.entries
        begun = time.monotonic()
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            rows = subject.run(given.quick)
        except Exception as cause:  # one subject must not take the table with it
            failed = True
            rows = [Row(f"{name} could not be measured", "", "", f"{type(cause).__name__}: {cause}"[:300])]
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        sections.append((subject.TITLE, rows))
    text = markdown(sections, _heading(given.quick, given.least))
    print(text)
    if given.output:
        given.output.write_text(text, encoding="utf-8")
    return 1 if failed else 0


def _heading(quick: bool, least: bool) -> str:
    opa, conftest = find_opa(), find_conftest()
    tools = [
        f"Python {platform.python_version()}",
        f"OPA {opa.version}" if opa else f"no OPA ({HOW_TO_GET_OPA})",
        "conftest" if conftest else f"no conftest ({HOW_TO_GET_CONFTEST})",
        *(f"{name} {version(name)}" for name in ("wasmtime", "gordon-to-regorus", "onnxruntime", "weasyprint")),
    ]
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    how = ", ".join(word for word, said in (("quick", quick), ("least times", least)) if said)
    return f"# Benchmarks{f' ({how})' if how else ''}\n\n{machine}{load}; {', '.join(tools)}."


if __name__ == "__main__":
    sys.exit(main())
