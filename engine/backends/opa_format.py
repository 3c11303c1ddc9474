"""Rego in OPA's own form, as `opa fmt` writes it."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from engine.backends.compile import need_opa
from evidence.model.errors import QuaestorError

SECONDS = 60.0
_PLACE = re.compile(r"[\w./-]+\.rego:\d+")


def formatted(folder: Path, names: Sequence[str], *, write: bool) -> tuple[str, ...]:
    """Of some Rego files under a folder those that `opa fmt` would write otherwise, and with `write` does.

    Raises QuaestorError without OPA, and for a file that it cannot read; then nothing is written.
    """
    opa = need_opa("`opa fmt` gives Rego its form")
    if not names:
        return ()
    listed = _run([str(opa.path), "fmt", "--list", *names], folder)
    others = tuple(line for line in listed.splitlines() if line)
    if write and others:
        _run([str(opa.path), "fmt", "--write", *others], folder)
    return others


def _run(command: list[str], folder: Path) -> str:
    try:
        run = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env={"PATH": os.defpath},
        )
    except (OSError, subprocess.TimeoutExpired) as cause:
        raise QuaestorError(f"`opa fmt` cannot be run: {cause}") from None
    if run.returncode != 0:
        hint = "mend the Rego there: `quaestor policy lint`"
        places = list(dict.fromkeys(_PLACE.findall(run.stderr))) or [run.stderr.strip()[:500]]
        raise QuaestorError(f"`opa fmt` cannot read the policies: {', '.join(places)}", hint=hint)
    return run.stdout
