"""Runs the command as its users do: in this process, or as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evidence.model.predicates import PREDICATES
from evidence.model.record import Record, read_record
from integrations.app.records import statement_of
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from integrations.cli.main import main
from tests.worlds.workspaces import ROOT

Make = Callable[[str, str | bytes], Path]
"""Writes a file and gives its path."""
SCREEN = {
    "statement_type": "prohibited-screen",
    "statement": "None of the practices of Article 5(1) is part of the system.",
    "scope": ["mortgage"],
    "role": "compliance",
    "co_signers": [],
    "facts": {"answers": {"a": "no"}},
}
"""The content of a small attested record."""


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
    *arguments: str | bytes,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    stdout: int = subprocess.PIPE,
    shell: str = "",
) -> Answer:
    """The command as a process of its own, started in `cwd`, by a line of `shell` if there is one: of it, `"$@"`."""
    done = subprocess.run(
        [*(("sh", "-c", shell, "sh") if shell else ()), sys.executable, "-m", "integrations.cli.main", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=300,
        check=False,
    )
    return Answer(done.returncode, (done.stdout or b"").decode(errors="replace"), done.stderr.decode(errors="replace"))


def refused(answer: Answer, *words: str, code: int = 2) -> None:
    """A message that says all of `words`; no traceback, and no talk of a defect of ours."""
    assert answer.code == code, answer.text
    for word in words:
        assert word in answer.text
    assert "Traceback" not in answer.text
    assert "unexpected" not in answer.text
    for words in ("Input should", "Field required", "Extra inputs", "valid string", "validation error"):
        assert words not in answer.text, "pydantic's own words"
    assert all(letter.isprintable() or letter in "\n\t" for letter in answer.err)


NO_HOLDS = {
    "feed": "legal-hold",
    "count": 0,
    "complete": True,
    "window": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
}
"""The register of legal holds answers, and there are none."""


def add_to_system(lab: Doors, kind: str, content: Mapping[str, Any], person: str) -> None:
    """Evidence about the system, filed by a person."""
    path = lab.folder / f"{kind}.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert lab("evidence", "add", kind, path, "--system", "mortgage", "--as", person).code == 0


def on_file(lab: Doors, kind: str, about: str) -> list[Record]:
    """Records of a type about a version (`mortgage@1`) or the system, in the order of filing."""
    with Workspace(load_settings(lab.folder)).store() as store:
        found = [read_record(statement_of(item)) for item in store.find(predicate_type=PREDICATES[kind].uri())]
    _, _, version = about.partition("@")
    return [record for record in found if not version or record.envelope.model_version in (version, None)]
