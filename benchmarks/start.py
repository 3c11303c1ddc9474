"""The cold start of the command line: `quaestor --help` beside a bare Python."""

import sys
from pathlib import Path

from benchmarks.table import Peer, Row, costs
from benchmarks.timing import processes

TITLE = "Cold start"


def run(quick: bool) -> list[Row]:
    """Whole processes: the help page, a bare interpreter, and one that imports only what parses the command line."""
    python = sys.executable
    commands = {
        "help": [str(Path(python).with_name("quaestor")), "--help"],
        "a bare Python": [python, "-c", "pass"],
        "a bare Python that imports click": [python, "-c", "import click"],
    }
    runs = processes(commands, rounds=9 if quick else 21, warm_up=2)
    return [
        costs("quaestor --help", runs["help"].seconds, Peer(name, runs[name].seconds))
        for name in commands
        if name != "help"
    ]
