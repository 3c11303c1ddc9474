"""The corruption test: in a case that passes, make one thing false that the control reads; no such change may pass.

Made false, one at a time: each text, number and boolean that is read (`engine.proofs.falsehoods`), in each record of
the case; then all records of a type at once, in ways after which none of them may count: expired a second ago, about
another subject, signed by somebody who may not. A false record goes the way of any other: a schema, a kind of
statement or admission may refuse it, and what is refused is closed.

Three things are asked of what is let in. A falsehood that can never be right (`STRICT`) leaves no pass, where another
value of the place takes it away. Of each path that an objective reads, some value takes the objective away in some
case: else the fact is asked for and decides nothing. And a false record beside the good one leaves no pass either,
where it left none in its place: a good record hides no bad one; nor does it depend on
where a false entry stands among the good ones of a list or map, or a false record among good ones, beside few or many
(`engine.proofs.crowds`). METADATA names what may be so all the same, with its reason: `may_be_false` the first,
`may_differ` the second, `may_stand_beside` (a path, or a type) the third.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from engine.bundle.control import Control
from engine.bundle.facts import ControlFacts
from engine.bundle.load import Bundle
from engine.deciding.evaluate import PolicyRecord, Records, judge
from engine.deciding.verdict import ControlResult, Status
from engine.proofs.cases import BytesOf, Case, Questions, content_problems
from engine.proofs.crowds import RECORDS, Crowd, copies_of, crowds, entry_steps
from engine.proofs.falsehoods import LEDGERS, OTHER_DIGEST, STRICT, Falsehood, elsewhere, falsehoods
from engine.proofs.places import (
    APPLIES,
    LETS_THROUGH,
    Step,
    at,
    binding_objectives,
    places,
    plain_path,
    pointer,
    read_as,
    replaced,
)
from engine.proofs.sight import Sight
from engine.rego.typecheck import PARAMETER
from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes, digest_bytes, digest_json

MAX_RECORDS = 6
"""Records of a type that are made false, one at a time."""
Reader = tuple[str, str, str]
"""An objective, a path that it reads, and at which gate, where its rules ask which it is (else empty)."""
_EXCEPTIONS = ("may_be_false", "may_differ", "may_stand_beside")


@dataclass(frozen=True)
class Believed:
    """Falsehoods of one form on one path after which the control still lets the subject through.

    `what` is the first of them, in the case `case`; `count` is how many there are over all cases.
    """

    path: str
    form: str
    what: str
    case: str
    status: str
    count: int = 1

    def __str__(self) -> str:
        more = f" and {self.count - 1} more" if self.count > 1 else ""
        return f"{self.what}{more}: still {self.status} ({self.path}; case: {self.case})"


@dataclass
class Corruptions:
    """What came of the corruptions of a control, case by case."""

    tried: int = 0
    refused: int = 0
    """Closed by a schema, a kind of statement or admission, before the policy saw them."""
    believed: dict[tuple[str, str], Believed] = field(default_factory=dict)
    """Those that left a pass, by path and form."""
    needed: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in _EXCEPTIONS})
    """Exceptions of METADATA that were needed."""
    owed: set[Reader] = field(default_factory=set)
    """Of which some value has to take the objective away."""
    noticed: set[Reader] = field(default_factory=set)
    """Of which a value took it away."""
    stood: set[tuple[str, str, str, str]] = field(default_factory=set)
    """What has stood beside a good record, or among good ones: gate, path, kind of falsehood and where, word."""

    def believe(self, path: str, form: str, what: str, case: str, status: Status) -> None:
        first = self.believed.get((path, form), Believed(path, form, what, case, str(status), 0))
        self.believed[path, form] = Believed(path, form, first.what, first.case, first.status, first.count + 1)

    def idle(self, control: Control) -> tuple[str, ...]:
        """After the last case: paths that decide nothing, each with the objectives that read it in vain."""
        found: dict[tuple[str, str], list[str]] = {}
        for objective, path, gate in sorted(self.owed - self.noticed):
            if path in control.may_differ:
                self.needed["may_differ"].add(path)
            else:
                found.setdefault((path, f" at gate {gate}" if gate else ""), []).append(objective)
        return tuple(
            f"{path}: no other value takes {', '.join(who)} away{where}" for (path, where), who in found.items()
        )


def corrupt(
    found: Corruptions,
    bundle: Bundle,
    control: Control,
    facts: ControlFacts,
    case: Case,
    passed: ControlResult,
    questions: Questions,
    words: Mapping[str, frozenset[str]],
    maps: frozenset[str],
) -> None:
    """Try every corruption of a case that passed with the result `passed`, and add what came of it to `found`.

    `words` are enumerations by evidence path, `maps` the evidence paths of maps.
    """
    reads = {name: facts.paths[name] for name in [*binding_objectives(passed), APPLIES]}
    sight = Sight(control, case.context, bundle)
    run = _Run(found, bundle, control, case, sight, questions, words, maps, reads, facts.asks_gate)
    for kind in sorted(case.records):
        if kind in frozenset().union(*reads.values()):
            run.whole_type(kind)
            for record in case.records[kind][:MAX_RECORDS]:
                run.record(kind, record)


@dataclass
class _Run:
    """The corruptions of one case."""

    found: Corruptions
    bundle: Bundle
    control: Control
    case: Case
    sight: Sight
    questions: Questions
    words: Mapping[str, frozenset[str]]
    maps: frozenset[str]
    reads: Mapping[str, frozenset[str]]
    asks_gate: frozenset[str]
    _crowds: dict[tuple[str, tuple[Step, ...]], Crowd] = field(default_factory=dict)
    _record_crowds: dict[str, Sequence[PolicyRecord]] = field(default_factory=dict)

    def whole_type(self, kind: str) -> None:
        """All records of a type as they must not count: then it is as if there were none."""
        for what, spoilt in _void(self.control, self.case, kind) if self.case.records[kind] else ():
            self.found.tried += 1
            bad = [spoilt(r) if _among(r, self.case.records[kind]) else r for r in self.case.filed[kind]]
            result, seen = self._result({**self.case.filed, kind: bad})
            unseen = not any(not _among(record, self.case.filed[kind]) for record in seen[kind])
            self.found.refused += unseen
            if result.status in LETS_THROUGH and not (unseen and kind in self.control.may_be_empty):
                self.found.believe(kind, what, f"every {kind} record {what}", self.case.name, result.status)

    def record(self, kind: str, record: PolicyRecord) -> None:
        """Each place of a record that is read, made false by each falsehood."""
        reads = frozenset().union(*self.reads.values())
        thresholds = _thresholds(self.case, reads)
        filed = [one for items in self.case.records.values() for one in items]
        done: set[tuple[Step, ...]] = set()
        # Of entries that are alike the first decides nothing where another already breaks what it would.
        for alike in (False, True):
            for place, pattern in places(record, f"{kind}[]", alike=alike):
                read, steps = read_as(pattern, reads), tuple(place)
                # Its id is made from what it holds: no record says it of itself.
                if not read or steps == ("id",) or steps in done:
                    continue
                if alike and not self._readers(read) & (self.found.owed - self.found.noticed):
                    continue
                done.add(steps)
                words = self.words.get(pattern, frozenset())
                found = list(falsehoods(record, steps, self.case.context, words, thresholds))
                self._place(kind, record, read, found, each=bool(words))
                if not words:
                    self._compared(kind, record, read, elsewhere(filed, record, steps, self.case.context))

    def _place(self, kind: str, record: PolicyRecord, read: str, found: list[Falsehood], *, each: bool) -> None:
        """The falsehoods of one place: those of `STRICT`, then other values until each objective has lost one.

        `each` value is tried where they are words, since each has a meaning of its own.
        """
        path, by = plain_path(read), self._readers(read)
        passed: list[tuple[Falsehood, Status]] = []
        settled, noticed = by <= self.found.noticed, False
        for false in sorted(found, key=lambda one: one.kind not in STRICT):
            enough = (settled if each else by <= self.found.noticed) and (noticed or not passed)
            if enough and false.kind not in STRICT:
                continue
            self.found.tried += 1
            bad = self._with(kind, record, false)
            result = self._let_in(kind, record, bad, false)
            if result is None:
                self.found.refused += 1
                continue
            # Its digests no record says of itself: where they only tell one content or event from another any will do.
            if false.kind != "text" and false.steps not in (("digest",), ("event",)):
                self.found.owed |= by
            self.found.noticed |= _lost(result, by)
            noticed = noticed or result.status is not Status.PASS
            if result.status not in LETS_THROUGH:
                word = str(false.value) if each else ""
                self._beside(kind, record, bad, false, path, word=word)
                self._in_order(kind, record, bad, false, path, word=word)
            elif false.kind in STRICT:
                passed.append((false, result.status))
        for false, status in passed if noticed else ():
            self._pass(kind, record, false, path, status)

    def _compared(self, kind: str, record: PolicyRecord, read: str, others: Iterator[Falsehood]) -> None:
        """What stands elsewhere in the place, until each objective was lost by some value."""
        by = self._readers(read)
        for false in others:
            if by <= self.found.noticed:
                return
            self.found.tried += 1
            result = self._let_in(kind, record, self._with(kind, record, false), false)
            if result is None:
                self.found.refused += 1
            else:
                self.found.noticed |= _lost(result, by)

    def _readers(self, read: str) -> set[Reader]:
        """The objectives that read a place, each with its path: one that asks for the gate reads it at each anew."""
        path, gate = plain_path(read), self.case.context.gate
        by = (name for name, paths in self.reads.items() if read_as(read, paths))
        return {(name, path, gate if name in self.asks_gate else "") for name in by}

    def _pass(self, kind: str, record: PolicyRecord, false: Falsehood, path: str, status: Status) -> None:
        if path in self.control.may_be_false:
            self.found.needed["may_be_false"].add(path)
            return
        index = next(i for i, item in enumerate(self.case.filed[kind]) if item is record)
        what = f"{pointer(kind, [index, *false.steps])} = {false.value!r} ({false.kind})"
        self.found.believe(path, false.kind, what, self.case.name, status)

    def _bytes_of(self, value: Any) -> bytes:
        return self.questions.written.bytes_of(value)

    def _with(self, kind: str, record: PolicyRecord, false: Falsehood) -> PolicyRecord:
        bad = _false(record, false, self._bytes_of)
        told = record.items() >= self._event(kind, record).items() and false.steps != ("event",)
        return {**bad, **self._event(kind, bad)} if told else bad

    def _event(self, kind: str, record: PolicyRecord) -> dict[str, str]:
        return self.bundle.event_told(kind, record["predicate"], record["digest"])

    def _let_in(self, kind: str, record: PolicyRecord, bad: PolicyRecord, false: Falsehood) -> ControlResult | None:
        """The result with the false record in the place of the good one; None where the policy does not see it."""
        classes = self.bundle.schemas[kind].get("x-classes")
        if isinstance(classes, list) and bad["class"] not in classes:
            return None
        if false.steps[0] == "predicate" and content_problems(kind, bad["predicate"], self.bundle, self._bytes_of):
            return None
        filed = {**self.case.filed, kind: [bad if item is record else item for item in self.case.filed[kind]]}
        result, seen = self._result(filed)
        return result if _among(bad, seen[kind]) else None

    def _in_order(
        self, kind: str, record: PolicyRecord, bad: PolicyRecord, false: Falsehood, path: str, *, word: str
    ) -> None:
        """The false entry of each list or map around the place among good ones, once a gate for each kind of falsehood
        or word: where one leaves a pass and another none, it depends on where an entry stands, or beside how many,
        whether it is looked at.
        """
        for depth in entry_steps(kind, false.steps, self.maps):
            form = (self.case.context.gate, path, f"{false.kind} {depth}", word)
            if form in self.found.stood:
                continue
            steps, entry = false.steps[:depth], at(bad, false.steps[: depth + 1])
            told = f"{pointer(kind, steps)} with {false.steps[-1]} = {false.value!r}"
            statuses: dict[str, Status] = {}
            field = next(iter(false.steps[depth + 1 :]), None)
            for where, entries in self._crowd(kind, record, steps).with_false(entry, field):
                result = self._with_entries(kind, record, Falsehood(false.kind, steps, entries))
                if result is not None:
                    statuses[f"{where} of {told}"] = result.status
            if len(statuses) < 2:
                continue
            self.found.stood.add(form)
            passed = [(what, status) for what, status in statuses.items() if status in LETS_THROUGH]
            if len(passed) == len(statuses):
                passed = []
            if len(at(record, steps)) > 1:
                alone = [entry] if isinstance(at(record, steps), list) else {false.steps[depth]: entry}
                result = self._with_entries(kind, record, Falsehood(false.kind, steps, alone))
                if result is not None and result.status in LETS_THROUGH:
                    passed.append((f"in the place of all entries one of {told}", result.status))
            if not passed:
                continue
            if path in self.control.may_stand_beside:
                self.found.needed["may_stand_beside"].add(path)
            else:
                self.found.believe(path, "order", passed[0][0], self.case.name, passed[0][1])

    def _crowd(self, kind: str, record: PolicyRecord, steps: tuple[Step, ...]) -> Crowd:
        """The good entries of a list or map, and as many more as let the case through."""
        place, good = (record["id"], steps), at(record, steps)
        if place not in self._crowds:
            self._crowds[place] = Crowd(good, good)
            for crowd in crowds(good):
                result = self._with_entries(kind, record, Falsehood("value", steps, crowd.many))
                if result is not None and result.status in LETS_THROUGH:
                    self._crowds[place] = crowd
                    break
        return self._crowds[place]

    def _with_entries(self, kind: str, record: PolicyRecord, false: Falsehood) -> ControlResult | None:
        self.found.tried += 1
        result = self._let_in(kind, record, self._with(kind, record, false), false)
        self.found.refused += result is None
        return result

    def _beside(
        self, kind: str, record: PolicyRecord, bad: PolicyRecord, false: Falsehood, path: str, *, word: str
    ) -> None:
        """The false record as a second one, filed after the good, then among many good ones: once a gate for each kind
        of falsehood or word.
        """
        gate = self.case.context.gate
        if (gate, path, false.kind, word) in self.found.stood or false.steps[0] in LEDGERS:
            return
        self.found.stood.add((gate, path, false.kind, word))
        second = {**bad, "id": digest_json({"beside": bad["id"]}), "log_index": self._last_index() + RECORDS + 1}
        good = self.case.filed[kind]
        if not self._taken_away(kind, [*good, second], second, false, path, "beside the good record"):
            return
        crowd = self._record_crowd(kind, record)
        half = len(crowd) // 2
        many = "the good record" if len(crowd) == 1 else f"{len(crowd)} good records"
        if self._taken_away(kind, [second, *crowd], second, false, path, f"before {many}"):
            amid = [*crowd[:half], second, *crowd[half:]]
            self._taken_away(kind, amid, second, false, path, f"amid {many}")

    def _record_crowd(self, kind: str, record: PolicyRecord) -> Sequence[PolicyRecord]:
        """The records of a type, with as many copies of one as let the case through."""
        if record["id"] not in self._record_crowds:
            good = self.case.filed[kind]
            self._record_crowds[record["id"]] = good
            for differ in (("digest", "event"), ()):
                copies = copies_of(record, self._last_index() + 1, [name for name in differ if name in record])
                result, seen = self._result({**self.case.filed, kind: [*good, *copies]})
                if result.status in LETS_THROUGH and _among(copies[0], seen[kind]):
                    self._record_crowds[record["id"]] = [*good, *copies]
                    break
        return self._record_crowds[record["id"]]

    def _last_index(self) -> int:
        return max(int(record["log_index"]) for items in self.case.filed.values() for record in items)

    def _taken_away(
        self, kind: str, items: list[PolicyRecord], second: PolicyRecord, false: Falsehood, path: str, where: str
    ) -> bool:
        """Whether the false record is let in and leaves no pass; where it leaves one, that is told."""
        self.found.tried += 1
        result, seen = self._result({**self.case.filed, kind: items})
        if not _among(second, seen[kind]):
            self.found.refused += 1
            return False
        if result.status not in LETS_THROUGH:
            return True
        named = next((name for name in (path, kind) if name in self.control.may_stand_beside), None)
        if named is not None:
            self.found.needed["may_stand_beside"].add(named)
        else:
            what = f"{where} one with {pointer(kind, false.steps)} = {false.value!r}"
            self.found.believe(path, "beside", what, self.case.name, result.status)
        return False

    def _result(self, filed: Records) -> tuple[ControlResult, Mapping[str, list[PolicyRecord]]]:
        context = self.case.context
        seen, aside = self.sight.of(filed)
        answer = self.questions.ask(seen, context, context.parameters)
        return judge(self.control, answer, seen, context, aside), seen


def _lost(result: ControlResult, by: set[Reader]) -> set[Reader]:
    """Of those that read a place those whose objective the result does not have; `applies` is lost with the pass."""
    kept = {state.name for state in result.objectives if state.satisfied}
    if result.status is Status.PASS:
        kept.add(APPLIES)
    return {reader for reader in by if reader[0] not in kept}


def _void(control: Control, case: Case, kind: str) -> Iterator[tuple[str, Callable[[PolicyRecord], PolicyRecord]]]:
    """Ways in which a record of the type cannot count, in words and as what is made of a record."""
    past = format_instant(case.context.instant - timedelta(seconds=1))
    yield "expired a second ago", lambda record: {**record, "expires_at": past}
    about = control.about[kind].get(case.context.subject.kind)
    if about is not None:
        yield "about another subject", lambda record: _elsewhere(record, about)
    if all(record["class"] == "attested" for record in case.records[kind]):
        yield (
            "signed by somebody who may not",
            lambda record: {**record, "signature": {**record["signature"], "roles": []}},
        )
        unsigned = {"state": "absent", "kind": "none", "roles": []}
        yield "that nobody signed", lambda record: {**record, "signature": unsigned}


def _elsewhere(record: PolicyRecord, about: str) -> PolicyRecord:
    """The record about another subject, filed for that one."""
    moved = {**record, "subject": [OTHER_DIGEST]}
    if about not in record["predicate"]:
        return moved
    return _false(moved, Falsehood("digest", ("predicate", about), OTHER_DIGEST), canonical_bytes)


def _false(record: PolicyRecord, false: Falsehood, bytes_of: BytesOf) -> PolicyRecord:
    """The record with the falsehood; its digest is that of its content still."""
    bad: PolicyRecord = replaced(record, list(false.steps), false.value)
    if false.steps[0] == "predicate" and record["digest"] == digest_bytes(bytes_of(record["predicate"])):
        bad["digest"] = digest_bytes(bytes_of(bad["predicate"]))
    return bad


def _among(record: PolicyRecord, records: list[PolicyRecord] | Any) -> bool:
    """Whether it is one of them: the very one, not another with the same content."""
    return any(item is record for item in records)


def _thresholds(case: Case, reads: frozenset[str]) -> list[float]:
    """Numbers among the parameters that are read."""
    parameters = case.context.parameters
    named = (parameters.get(path.removeprefix(PARAMETER)) for path in sorted(reads) if path.startswith(PARAMETER))
    return [value for value in named if isinstance(value, (int, float)) and not isinstance(value, bool)]
