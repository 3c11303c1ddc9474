"""What-if over a portfolio: the latest decision on each of many systems, made again under changed policies."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from benchmarks.gate import QUAESTOR
from benchmarks.table import Row, figures, span, within
from benchmarks.timing import run_process
from benchmarks.workspace import decided_workspace
from evidence.model.canonical import canonical_bytes, digest_bytes
from evidence.model.notes import DecisionNote
from evidence.model.subject import SubjectKind
from evidence.store.entry import NewStatement, StoredStatement
from integrations.app.deciding import note_of
from integrations.app.records import statement_of
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
            others = len(list(session.store.find(kind="decision"))) - 1  # on its data, at gate data-intake
            begun = time.perf_counter()
            fill(session, count)
            filled = time.perf_counter() - begun
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
    if judged != count + others:
        raise RuntimeError(f"{judged} of {count} systems and {others} datasets were judged")
    each = figures(done.processor / count * 1e3)
    name = f"{count:,} systems ({each} ms of a processor each, at most {figures(done.memory / 1e6)} MB a process)"
    # Of few systems, start and check of the policies are most of it.
    taken = Row(name, span(done.seconds), "") if quick else within(name, done.seconds, MINUTE)
    return [taken, Row("to put them on record before", span(filled), "")]


def fill(session: Session, count: int) -> None:
    """File the one decision on record for `count` systems in all, each with a snapshot and a version of its own."""
    (decided,) = [
        one
        for one in session.store.find(kind="decision")
        if note_of(one, DecisionNote).facts.subject.kind is SubjectKind.MODEL
    ]
    made = _copies(session, decided, count)
    while some := list(islice(made, 2 * BULK)):
        session.append_many(some)


def _copies(session: Session, decided: StoredStatement, count: int) -> Iterator[NewStatement]:
    """In the canonical text of the first: to build each of objects takes five times as long."""
    note = note_of(decided, DecisionNote)
    subject, machine, now = note.facts.subject, session.machine, session.now()
    seen, told = (statement_of(one).payload.decode() for one in (session.store.get(note.snapshot), decided))
    body = canonical_bytes(note.decision).decode()
    records = [entry["record"] for entry in json.loads(seen)["predicate"]["snapshot"]["entries"]]
    contents = {one["content_digest"]: canonical_bytes(one["envelope"]["content"]).decode() for one in records}
    for number in range(1, count):
        digest = digest_bytes(f"version {number}".encode())
        own = {subject.digest[7:]: digest[7:], f'"{subject.system_id}"': f'"mortgage-{number}"'}
        anew = {name: digest_bytes(_with(text, own).encode()) for name, text in contents.items()}
        snapshot = _with(_with(seen, own), {old: new for old, new in anew.items() if old != new})
        names = {
            note.snapshot: digest_bytes(snapshot.encode()),
            note.decision_id: digest_bytes(_with(body, own).encode()),
        }
        for text, kind, action in (
            (snapshot, "snapshot", "configured"),
            (_with(told, own | names), "decision", "decided"),
        ):
            yield NewStatement(session.workspace.machine_key.sign(text.encode()), kind, action, machine.holder, now)


def _with(text: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    return text
