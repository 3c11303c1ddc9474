"""Rego in OPA's own form, as `opa fmt` writes it."""

import re
from collections.abc import Sequence
from pathlib import Path

from engine.backends.compile import OpaBinary, need_opa, run_opa
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
    listed = _run(opa, ["fmt", "--list", *names], folder)
    others = tuple(line for line in listed.splitlines() if line)
    if write and others:
        _run(opa, ["fmt", "--write", *others], folder)
    return others


def _run(opa: OpaBinary, arguments: list[str], folder: Path) -> str:
    run = run_opa(opa, arguments, folder, seconds=SECONDS)
    if run.returncode != 0:
        said = run.stderr.decode("utf-8", "replace")
        hint = "mend the Rego there: `quaestor policy lint`"
        places = list(dict.fromkeys(_PLACE.findall(said))) or [said.strip()[:500]]
        raise QuaestorError(f"`opa fmt` cannot read the policies: {', '.join(places)}", hint=hint)
    return run.stdout.decode("utf-8", "replace")
