"""What other policies would have decided over the evidence on record: which subjects flip at which gate, both ways.

Nothing is recorded. Each subject is judged on the snapshot of its latest decision at a gate, as of that instant.
Earlier gates are left out of it: a decision under other policies opens none, so every later gate would seem to close.
And policies are taken for signed as those are that decided: nobody signs a change before it is merged.

Where many decisions are on record, each processor takes a share of the systems, in a process of its own.
"""

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from engine.backends.base import Program, RegoEngine
from engine.bundle.effective import Effective
from engine.bundle.load import Bundle
from engine.bundle.touched import touched
from engine.deciding.decide import Standing, Wanted, decide, judged_again, standing
from engine.deciding.flips import Unjudged, Verdict, WhatIf, unjudged, verdict
from engine.deciding.risk import Named
from engine.deciding.verdict import Decided, Decision
from engine.errors import NothingAskedError
from engine.garbage import collector_seldom
from evidence.model.errors import QuaestorError
from evidence.model.notes import DecisionFacts, DecisionNote
from evidence.process.shares import helpers
from evidence.snapshot.model import Records
from evidence.store.records import RecordStore
from integrations.app.deciding import Get, body_of, decided_of, kept_records, kept_snapshot
from integrations.app.engines import Engines
from integrations.app.settings import Settings
from integrations.app.workspace import Workspace

ALONE = 200
"""Decisions on record up to which one process judges them all: others take a second to start."""
MANY = 100_000
"""Objects made, and not yet gone, after which garbage is looked for: a snapshot that is read makes thousands, and to
look through them and the policies again and again costs a fifth."""
AT_ONCE = 10
"""Decisions whose snapshots are looked up by one query: each is read by itself, and takes a third of a megabyte."""
Key = tuple[str, str, str, str]
"""Subject, its digest, gate and system: one file may be a version of two systems."""
Note = Decided | DecisionNote


@dataclass(frozen=True)
class Policies:
    """A bundle and the parameters that hold with it."""

    bundle: Bundle
    effective: Effective

    @cached_property
    def program(self) -> Program:
        return self.bundle.program()

    def made(self, decision: Decision) -> bool:
        """Whether a decision was made under these."""
        return (decision.bundle_digest, decision.parameters_digest, decision.overlay_digest) == (
            self.bundle.digest,
            self.effective.digest,
            self.effective.overlay_digest,
        )


@dataclass(frozen=True)
class Difference:
    """From old policies to new ones, and which controls of the new it can reach (`engine.bundle.touched`), None: all"""

    old: Policies
    new: Policies
    reached: frozenset[str] | None

    @cached_property
    def few(self) -> Program:
        """A program of these alone is compiled in a second, where all take ten."""
        return self.new.bundle.program(self.reached or ())

    def program(self, asked: Collection[str]) -> Program:
        """A program that answers for the controls that are asked, one or more."""
        return self.few if self.reached and self.reached.issuperset(asked) else self.new.program


class Found(NamedTuple):
    """What is told of the decision at a place in the ledger."""

    key: Key
    place: int
    told: Verdict | Unjudged


class _UnjudgedError(Exception):
    """Why one decision cannot be judged again; the others can."""


def what_if(settings: Settings, old: Policies, new: Policies) -> WhatIf:
    """What is told of each subject and gate that was decided, in the order of subject and gate."""
    reached = touched(old.bundle, old.effective.values, new.bundle, new.effective.values)
    difference = Difference(old, new, reached)
    with (
        Workspace(settings).store() as store,
        helpers(len(store.ids("sha256:", kind="decision")), alone=ALONE) as others,
    ):
        asked = [others.ask(judge, settings, difference, ids) for ids in store.shares("decision", others.number)]
        found = [one for share in asked for one in share()]
    last = {one.key: one.told for one in sorted(found, key=lambda one: (one.key, one.place))}
    return WhatIf(
        verdicts=tuple(told for told in last.values() if isinstance(told, Verdict)),
        unjudged=tuple(told for told in last.values() if isinstance(told, Unjudged)),
    )


def judge(settings: Settings, difference: Difference, ids: Sequence[str]) -> list[Found]:
    """What is told of the latest of the decisions `ids`, which come newest first."""
    with collector_seldom(MANY), Workspace(settings).store() as store, Engines(settings) as engines:
        found: list[Found] = []
        notes = latest(store, ids)
        while some := list(islice(notes, AT_ONCE)):
            get = store.among([note.snapshot for _, note in some])
            found += [Found(_key(_facts(note)), at, _told(get, engines, difference, note)) for at, note in some]
        return found


def latest(store: RecordStore, ids: Sequence[str]) -> Iterator[tuple[int, Note]]:
    """Of decisions, given newest first, the one that each gate made last on each digest as a version of each system;
    no previews. Each with its place in the ledger.

    One at a time: there may be more than fit into memory. Whatever time a decision states, the log has the last one
    last.
    """
    seen = set()
    for stored in store.each(ids):
        note = decided_of(stored)
        facts = _facts(note)
        key = _key(facts)
        if key not in seen and not any(item.kind == "chosen-instant" for item in facts.relaxations):
            seen.add(key)
            yield stored.index, note


def _facts(note: Note) -> Decision | DecisionFacts:
    """What is told of a decision. Raises EvidenceError where not even its facts can be read."""
    return note.decision if isinstance(note, Decided) else note.facts


def _key(facts: Decision | DecisionFacts) -> Key:
    return facts.subject.name, facts.subject.digest, facts.gate, facts.subject.system_id


def _told(get: Get, engines: Engines, difference: Difference, note: Note) -> Verdict | Unjudged:
    try:
        return _verdict(get, engines, difference, note)
    except _UnjudgedError as cause:
        return unjudged(_facts(note), str(cause))


def _verdict(get: Get, engines: Engines, difference: Difference, note: Note) -> Verdict:
    old, new = difference.old, difference.new
    with _of_it_alone():
        decision = body_of(note, where=f"decision {note.decision_id}")
    named = Named(decision.bundle_digest, decision.overlay_digest)
    before = decision if old.made(decision) else _decided(get, engines, old, note, decision.gate, named)
    if before is None or difference.reached is None:
        made = _decided(get, engines, new, note, decision.gate, named)
        after = None if made is None else standing(new.bundle, made)
    else:
        after = _decided_again(get, engines, difference, note, before, named)
    return verdict(decision, None if before is None else standing(old.bundle, before), after)


def _decided(get: Get, engines: Engines, policies: Policies, note: Note, gate: str, named: Named) -> Decision | None:
    """None where the policies have no such gate, or ask nothing at it."""
    if gate not in policies.bundle.gates:
        return None
    with _of_it_alone():
        snapshot = kept_snapshot(get, note)
        policies.bundle.gate(gate).require(snapshot.subject)
    engine = engines.get(policies.program)
    try:
        return decide(policies.bundle, policies.effective, snapshot, gate, engine, named=named)
    except NothingAskedError:
        return None


def _decided_again(
    get: Get, engines: Engines, difference: Difference, note: Note, before: Decision, named: Named
) -> Standing | None:
    """As `_decided`, from what the policies decided from which these differ."""
    new, reached = difference.new, difference.reached or frozenset()
    if before.gate not in new.bundle.gates:
        return None
    with _of_it_alone():
        new.bundle.gate(before.gate).require(before.subject)

    def read(wanted: Wanted) -> Records:
        with _of_it_alone():
            return kept_records(get, note, wanted)

    def engine(asked: Collection[str]) -> RegoEngine:
        return engines.get(difference.program(asked))

    try:
        return judged_again(before, new.bundle, new.effective, reached, read, engine, named=named)
    except NothingAskedError:
        return None


@contextlib.contextmanager
def _of_it_alone() -> Iterator[None]:
    """What goes wrong in here keeps one decision from being judged again; policies and engines concern every one."""
    try:
        yield
    except QuaestorError as cause:
        raise _UnjudgedError(str(cause)) from None
