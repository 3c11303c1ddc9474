"""The whole `quaestor gate decide` process beside `opa eval` on the same bundle and the input of the same decision."""

import sys
import tempfile
from pathlib import Path

from benchmarks.table import Peer, Row, absent, costs, span
from benchmarks.timing import processes
from benchmarks.tools import HOW_TO_GET_OPA
from benchmarks.workspace import GATE, decided_workspace, last_input
from engine.backends.base import gate_rule
from engine.backends.compile import find_opa
from evidence.model.canonical import canonical_bytes
from integrations.app.workspace import Workspace

TITLE = "A whole gate decision, from the start of the process to its end"
SUBJECT = "mortgage@2"
QUAESTOR = Path(sys.executable).with_name("quaestor")


def run(quick: bool) -> list[Row]:
    """A decision over the demo's workspace, with the bundle checked and compiled before, as on a machine in use."""
    with (
        tempfile.TemporaryDirectory(prefix="quaestor-bench-") as folder,
        decided_workspace(Path(folder), "2") as workspace,
    ):
        decide = [str(QUAESTOR), "-w", str(workspace.settings.root), "gate", "decide", GATE, SUBJECT]
        commands = {"auto": decide, "regorus": [*decide, "--engine", "regorus"]}
        opa = find_opa()
        if opa is not None:
            commands["opa eval"] = _eval_command(opa.path, workspace, Path(folder))
        runs = processes(commands, rounds=5 if quick else 11, environment=_installed(Path(folder)))
    rows = []
    for name, label in (("auto", "gate decide"), ("regorus", "gate decide --engine regorus")):
        if opa is None:
            rows.append(absent(f"{label}: {span(runs[name].seconds)}", "OPA", HOW_TO_GET_OPA))
        else:
            rows.append(costs(label, runs[name].seconds, Peer("opa eval", runs["opa eval"].seconds), 3.0))
    return rows


def _installed(folder: Path) -> dict[str, str]:
    """Python keeps the bytecode of what it imports, as an installer leaves it: the first run, which does not count."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _eval_command(opa: Path, workspace: Workspace, folder: Path) -> list[str]:
    """`opa eval` of the gate's rule, over all evidence that a control of the gate reads."""
    bundle = workspace.bundle
    policies = folder / "policies"
    for path, text in bundle.program().modules.items():
        file = policies / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    values = dict(workspace.effective.values)
    (policies / "data.json").write_bytes(canonical_bytes({"parameters": values}))
    (folder / "input.json").write_bytes(last_input(workspace))
    query = f"data.{gate_rule(GATE).replace('/', '.')}"
    return [str(opa), "eval", "-d", str(policies), "-i", str(folder / "input.json"), query]
