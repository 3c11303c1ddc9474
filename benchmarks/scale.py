"""A decision, and the whole verification, by the size of the ledger: what is decided costs what it touches."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, islice
from pathlib import Path

from benchmarks.ledger import statements
from benchmarks.table import Peer, Row, costs, figures, span, within
from benchmarks.timing import side_by_side
from benchmarks.workspace import GATE, decided_workspace
from evidence.model.predicates.inventory import RegistryEntry
from evidence.model.record import new_statement
from evidence.store.entry import NewStatement
from integrations.app.deciding import decide_gate
from integrations.app.records import find_subject, versions
from integrations.app.session import Session, open_session
from integrations.app.workspace import Workspace
from integrations.cli.shared import present

TITLE = "The same decision in a small and a large ledger"
SMALL, LARGE, QUICK = 100, 1_000_000, 10_000
BULK = 5_000
SUBJECT = "mortgage@2"
SYSTEM_EACH = 50
"""One entry of so many is the registration of one more system; the others are notes."""
ENTRIES: int | None = None
"""Size of the large ledger, where the caller names one."""


def run(quick: bool) -> list[Row]:
    """A decision of the demo's model, all of it, in ledgers that differ by what concerns other systems."""
    size = ENTRIES or (QUICK if quick else LARGE)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quaestor-bench-")))
        small = stack.enter_context(decided_workspace(folder, "2"))
        shutil.copytree(small.settings.root, folder / "large")
        large = Workspace.find(str(folder / "large"))
        fill(small, SMALL)
        fill(large, size)
        contestants = {name: stack.enter_context(_decider(space)) for name, space in (("s", small), ("l", large))}
        times = side_by_side(contestants, rounds=15 if quick else 41, seconds=60)
        with large.store() as store:
            begun = time.perf_counter()
            report = store.verify(public_key=store.public_key)
            full = time.perf_counter() - begun
    if report.problems:
        raise RuntimeError(f"the store does not verify: {report.problems[:3]}")
    whole = f"verify in full {report.size:,} entries ({figures(full / report.size * 1e6)} µs an entry)"
    return [
        costs(f"a decision among {size:,} entries", times["l"], Peer(f"among {SMALL}", times["s"]), 1.2),
        within(whole, full, 5.0) if 10**5 <= report.size < 2 * 10**5 else Row(whole, span(full), ""),
    ]


def fill(workspace: Workspace, size: int) -> None:
    """Append what is about other systems, thousands at a time, until the ledger has `size` entries: notes, and the
    registrations of systems, each of a version of its own.
    """
    with open_session(workspace, present) as session:
        key, at = workspace.machine_key, session.now()
        missing = size - session.store.size()
        notes = statements(missing, key, at)
        entries = _registrations(session)
        made = (next(entries if number % SYSTEM_EACH == 0 else notes) for number in range(missing))
        while some := list(islice(made, BULK)):
            session.store.append_many(some, signer=key)


def _registrations(session: Session) -> Iterator[NewStatement]:
    """Entries as that of the subject, of systems without end."""
    like = versions(session.store, system_id=SUBJECT.partition("@")[0])[-1]
    envelope = like.envelope.model_dump(exclude={"content", "system_id"})
    for number in count(1):
        digest, name = f"sha256:{number:064x}", f"system-{number}"
        content = RegistryEntry.from_json({**like.content, "artifact_digest": digest, "name": name})
        about = {f"{name}@{like.content['version']}": digest}
        made = new_statement(content, subject=about, envelope={**envelope, "system_id": name})
        signer = session.machine
        yield NewStatement(session.sign(made, signer), "record", "registered", signer.holder, session.now())


@contextmanager
def _decider(workspace: Workspace) -> Iterator[Callable[[], object]]:
    """Decides in a workspace again and again, in one session, as a service would, on a subject that is named."""
    with open_session(workspace, present) as session:
        yield lambda: decide_gate(session, GATE, find_subject(session.store, SUBJECT))
