"""Runs the command as its users do: in this process, or as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from integrations.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
MORTGAGE = ROOT / "examples" / "mortgage"


@dataclass(frozen=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


class Doors:
    """The command in this process, on one workspace; what it prints is caught."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Answer:
        self._capsys.readouterr()
        code = main(["-w", str(self.folder), *(str(argument) for argument in arguments)])
        caught = self._capsys.readouterr()
        return Answer(code, caught.out, caught.err)


def process(
    *arguments: str | bytes, cwd: Path, environment: Mapping[str, str] | None = None, stdout: int = subprocess.PIPE
) -> Answer:
    """The command as a process of its own, started in `cwd`."""
    done = subprocess.run(
        [sys.executable, "-m", "integrations.cli.main", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=300,
        check=False,
    )
    return Answer(done.returncode, (done.stdout or b"").decode(errors="replace"), done.stderr.decode(errors="replace"))
