"""One control tried on evidence: its result, and the values that its rules read to come to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.backends.base import Answer, RegoEngine
from engine.bundle.control import Control
from engine.bundle.effective import Effective
from engine.bundle.facts import ControlFacts
from engine.bundle.load import Bundle
from engine.bundle.statements import STATEMENT
from engine.deciding.admission import ATTESTATION, evidence_type
from engine.deciding.decide import admitted, by_type
from engine.deciding.evaluate import Context, PolicyRecord, judge, policy_input, set_aside, visible
from engine.deciding.risk import compute_risk, context_of, with_claims
from engine.deciding.verdict import ControlResult
from engine.proofs.places import APPLIES, Step, read_as
from engine.proofs.sight import Aside, aside_for, withheld
from engine.rego.typecheck import PARAMETER
from evidence.model.canonical import canonical_bytes
from evidence.snapshot.model import Snapshot


@dataclass(frozen=True)
class Given:
    """What a control is judged on: the records that it sees, and how many of a type are about another subject.

    `turned_away` are those of its types that it does not see, each with why.
    """

    context: Context
    records: Mapping[str, list[PolicyRecord]]
    aside: Mapping[str, int]
    turned_away: tuple[Aside, ...] = ()


@dataclass(frozen=True)
class Read:
    """A value that the rules of some objectives read (`applies`: whether the control applies).

    `pointer` is its place in the document `input`, or in `data` for a parameter, as a JSON Pointer after that word;
    `record` is the id of the record that holds it.
    """

    pointer: str
    value: Any
    objectives: tuple[str, ...]
    record: str | None = None

    def to_json(self) -> dict[str, Any]:
        told = {"pointer": self.pointer, "value": self.value, "objectives": list(self.objectives)}
        return told if self.record is None else {**told, "record": self.record}


@dataclass(frozen=True)
class Trial:
    """What a control came to. `detail` is what the engine itself said where it gave no answer."""

    control: Control
    given: Given
    result: ControlResult
    reads: tuple[Read, ...]
    detail: str = ""


def given_snapshot(
    bundle: Bundle, effective: Effective, control: Control, snapshot: Snapshot, gate: str, engine: RegoEngine
) -> Given:
    """What a decision at the gate would give the control; `engine` answers for the risk policy too."""
    counted, refused = admitted(bundle, snapshot)
    records = by_type(bundle, counted, refused)
    risk = with_claims(compute_risk(bundle, effective, snapshot, gate, records, engine).risk, records, bundle)
    context = context_of(bundle, effective, snapshot.subject, snapshot.instant, gate, risk)
    seen = visible(control, records, context.instant, context.subject)
    turned_away = (
        *(aside_for(item.type, item.id, item) for item in snapshot.excluded),
        *(aside_for(evidence_type(e.record.type, e.record.content), e.record.id, why) for e, why in refused),
        *withheld(control, records, context.instant, context.subject),
    )
    # Of which kind a statement is that a snapshot leaves out, it does not tell.
    kinds = {*control.evidence, *(ATTESTATION for kind in control.evidence if kind.startswith(STATEMENT))}
    aside = tuple(item for item in turned_away if item.type in kinds)
    return Given(context, seen, set_aside(control, records, context.subject), aside)


def question(given: Given) -> tuple[bytes, bytes]:
    """The documents `input` and `data` that an engine is asked on."""
    return policy_input(given.records, given.context), canonical_bytes({"parameters": dict(given.context.parameters)})


def tried(control: Control, facts: ControlFacts, given: Given, engine: RegoEngine) -> Trial:
    """The result by the path that a decision takes, but for waivers; `engine` has the control loaded."""
    answer: Answer = engine.evaluate([control.rule], *question(given))[control.rule]
    result = judge(control, answer, given.records, given.context, given.aside)
    judged = {state.name for state in result.objectives} | {APPLIES}
    reads = {name: paths for name, paths in facts.paths.items() if name in judged}
    return Trial(control, given, result, tuple(_reads(reads, given)), answer.detail)


def _reads(reads: Mapping[str, frozenset[str]], given: Given) -> Iterator[Read]:
    everything = frozenset().union(*reads.values())
    for name in sorted(path for path in everything if path.startswith(PARAMETER)):
        plain = name.removeprefix(PARAMETER)
        by = tuple(objective for objective, paths in reads.items() if name in paths)
        yield Read(pointer("data", "parameters", plain), given.context.parameters.get(plain), by)
    for kind, records in sorted(given.records.items()):
        for index, record in enumerate(records):
            for steps, forms, value in _leaves(record, (), (f"{kind}[]",), everything):
                by = tuple(name for name, paths in reads.items() if any(read_as(form, paths) for form in forms))
                yield Read(pointer("input", "evidence", kind, index, *steps), value, by, str(record["id"]))


def _leaves(
    value: Any, steps: tuple[Step, ...], forms: tuple[str, ...], reads: frozenset[str]
) -> Iterator[tuple[tuple[Step, ...], tuple[str, ...], Any]]:
    """Every plain value that is read: its place, and the forms in which it is; a map's entry is `*` or its name."""
    if not forms:
        return
    if isinstance(value, list) and value:
        inner = tuple(form for each in forms if read_as(form := f"{each}[]", reads))
        for index, item in enumerate(value):
            yield from _leaves(item, (*steps, index), inner, reads)
    elif isinstance(value, dict) and value:
        for name in sorted(value):
            named = tuple(form for each in forms for step in (name, "*") if read_as(form := f"{each}.{step}", reads))
            yield from _leaves(value[name], (*steps, name), named, reads)
    else:
        yield steps, forms, value


def pointer(*steps: Step) -> str:
    """A JSON Pointer without its first slash: `input/evidence/model-card/0/predicate/title`."""
    return "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in steps)
