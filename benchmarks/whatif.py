"""What-if over a portfolio: the latest decision on each of many systems, made again under changed policies."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.gate import QUAESTOR
from benchmarks.table import Row, figures, within
from benchmarks.timing import run_process
from benchmarks.workspace import decided_workspace
from engine.deciding.verdict import read_decision
from evidence.model.canonical import digest_bytes
from evidence.model.notes import DecisionNote, SnapshotNote, new_note
from evidence.store.entry import NewStatement
from integrations.app.deciding import note_of
from integrations.app.session import Session, open_session
from integrations.app.settings import builtin_policies
from integrations.cli.shared import present

TITLE = "What-if: policies that changed, over the evidence on record"
SYSTEMS, QUICK, MINUTE = 10_000, 500, 60.0
BULK = 250
CHANGED = "controls/performance/PERF-02.rego"


def run(quick: bool) -> list[Row]:
    """The demo's decision at gate validation, on record for so many systems; one control of the gate is changed."""
    count = QUICK if quick else SYSTEMS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quaestor-bench-")))
        workspace = stack.enter_context(decided_workspace(folder, "2"))
        with open_session(workspace, present) as session:
            fill(session, count)
        new = shutil.copytree(builtin_policies(), folder / "new")
        text = (new / CHANGED).read_text(encoding="utf-8")
        (new / CHANGED).write_text(text + "\nstricter if data.parameters.min_primary_metric > 0.5\n", encoding="utf-8")
        command = [
            str(QUAESTOR),
            "-w",
            str(workspace.settings.root),
            "policy",
            "diff",
            str(builtin_policies()),
            str(new),
        ]
        done = run_process([*command, "--what-if", "--format", "json"])
    judged = len(json.loads(done.output)["verdicts"])
    if judged != count:
        raise RuntimeError(f"{judged} of {count} systems were judged")
    name = f"{count:,} systems ({figures(done.seconds / count * 1e3)} ms each, {figures(done.memory / 1e6)} MB)"
    return [within(name, done.seconds, MINUTE * count / SYSTEMS)]


def fill(session: Session, count: int) -> None:
    """File the one decision on record for `count` systems in all, each with a snapshot and a version of its own."""
    (decided,) = [note_of(item, DecisionNote) for item in session.store.find(kind="decision")]
    snapshot = note_of(session.store.get(decided.snapshot), SnapshotNote)
    made = _copies(session, decided, snapshot, count)
    for start in range(1, count, BULK):
        session.append_many([item for _ in range(min(BULK, count - start)) for item in next(made)])


def _copies(
    session: Session, decided: DecisionNote, snapshot: SnapshotNote, count: int
) -> Iterator[list[NewStatement]]:
    subject = decided.facts.subject
    texts = json.dumps(snapshot.snapshot), json.dumps(decided.decision)
    for number in range(1, count):
        system, digest = f"mortgage-{number}", digest_bytes(f"version {number}".encode())
        own = [text.replace(subject.digest, digest).replace(f'"{subject.system_id}"', f'"{system}"') for text in texts]
        about = {system: digest}
        seen = new_note(SnapshotNote(system_id=system, snapshot=json.loads(own[0])), about)
        decision = read_decision(json.loads(own[1]), where=system)
        note = decided.model_copy(
            update={
                "system_id": system,
                "decision_id": decision.id,
                "decision": decision.to_json(),
                "snapshot": seen.id,
            }
        )
        machine, now = session.machine, session.now()
        yield [
            NewStatement(session.sign(seen, machine), "snapshot", "configured", machine.holder, now),
            NewStatement(session.sign(new_note(note, about), machine), "decision", "decided", machine.holder, now),
        ]
