"""`quaestor policy test`: cases, Rego tests, deletion and corruption test of every control; cases of who may act.

All by the path that a decision takes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.backends.base import AnswerState, Program, RegoEngine
from engine.backends.syntax import parse_modules
from engine.bundle.access_words import known_words
from engine.bundle.control import EXCEPTIONS, Control
from engine.bundle.facts import ControlFacts
from engine.bundle.files import ACCESS_CASES
from engine.bundle.load import Bundle
from engine.bundle.metadata import package_of
from engine.bundle.paths import of_controls
from engine.deciding.verdict import ControlResult, Status
from engine.errors import PolicyError, PolicyErrors, did_you_mean
from engine.proofs.access import needless_policies, read_access_cases, run_access_cases
from engine.proofs.cases import Case, Questions, cases_path, read_cases, run_case
from engine.proofs.corruption import Believed, Corruptions, corrupt
from engine.proofs.deletion import Survivor, deletion_test
from engine.proofs.places import APPLIES, places, plain_path
from engine.proofs.sight import Aside
from engine.rego.tree import rule_line, rule_name
from engine.rego.types import enumerations, maps, record_type
from evidence.model.canonical import digest_bytes, digest_json
from evidence.model.own import is_own

MakeEngine = Callable[[Program], RegoEngine]
ACCESS = "access"
"""The name under which the proofs of the Cedar policies are asked for and told."""


@dataclass(frozen=True)
class CaseOutcome:
    """A case and what became of it; `problem` is empty where it came out as it says, and else `result` tells why."""

    name: str
    line: int
    expected: str
    actual: str
    problem: str
    result: ControlResult | None = None
    gate: str = ""
    tier: str = ""
    turned_away: tuple[Aside, ...] = ()
    """Records of the case that the control does not see."""
    hint: str = ""
    """How a case is mended that is none of a control."""


@dataclass(frozen=True)
class RegoOutcome:
    """A `test_…` rule, why it failed (empty where it held), and where it stands, if that is known."""

    name: str
    problem: str
    path: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Report:
    """What was proved of a control (or, under the name of its file, of a library, which has Rego tests alone; or, as
    `access`, of the Cedar policies).
    """

    name: str
    path: str
    cases: tuple[CaseOutcome, ...] = ()
    rego_tests: tuple[RegoOutcome, ...] = ()
    deletions: int = 0
    """Changes that the deletion test tried."""
    survivors: tuple[Survivor, ...] = ()
    corruptions: int = 0
    """Falsehoods that the corruption test tried, of which `refused` were closed before the policy saw them."""
    refused: int = 0
    believed: tuple[Believed, ...] = ()
    """Falsehoods that left a pass."""
    unweighed: tuple[str, ...] = ()
    """Paths that objectives read and of which no other value takes them away, in any case."""
    idle: tuple[str, ...] = ()
    """Paths that the control reads and that decided nothing in any passing case: nothing is proved of them."""
    needless: tuple[str, ...] = ()
    """Exceptions of METADATA that no change needed, each as `may_differ.<path>`."""
    unsaid: tuple[str, ...] = ()
    """Messages of its findings that no case gave."""
    messages: int = 0
    mistakes: tuple[PolicyError, ...] = ()
    foreign: bool = False
    """Other people's Rego: its cases alone are run. Neither the deletion nor the corruption test is had of it."""
    cases_at: str = ""
    """The file of its cases, where that is not named after `path`."""
    undecided: tuple[PolicyError, ...] = ()
    """Of the Cedar policies: those without which every case is decided alike."""
    mode: Literal["auto", "hybrid", "attested"] = "auto"
    """What decides the control: records alone, or a signature as well."""

    @property
    def undetected(self) -> int:
        """Corruptions that left a pass."""
        return sum(item.count for item in self.believed)

    @property
    def passed(self) -> bool:
        return not (
            self.survivors
            or self.undecided
            or self.believed
            or self.unweighed
            or self.needless
            or self.mistakes
            or any(case.problem for case in self.cases)
            or any(test.problem for test in self.rego_tests)
        )


def run_policy_tests(
    bundle: Bundle, make_engine: MakeEngine, only: Collection[str] = (), share: tuple[int, int] = (0, 1)
) -> Iterator[Report]:
    """A report for who may act, each library with tests and each control, as it is done; `only` names controls, each
    once or more, and `access`.

    `share` (k of n, from 0) is the part of one process where n of them do the work together, all with one program.
    Raises PolicyError for an unknown control in `only`.
    """
    provable = provable_names(bundle)
    only = frozenset(only)
    for name in sorted(only):
        if name not in provable:
            hint = did_you_mean(name, provable)
            raise PolicyError(f"unknown control `{name}`", path="controls", line=1, hint=hint)
    first, parts = share
    if first == 0 and ACCESS in (only or provable):
        yield _access_report(bundle)
    if only == {ACCESS}:
        return
    only -= {ACCESS}
    program = bundle.program(only)
    if not only:
        tests = (path for path in bundle.proofs if path.endswith("_test.rego") and not of_controls(path))
        for path in sorted(tests)[first::parts]:
            outcomes, mistakes = _rego_tests(program, path, bundle.proofs[path], make_engine)
            yield Report(name=path, path=path, rego_tests=outcomes, mistakes=tuple(mistakes))
    engine = make_engine(program)
    try:
        for name in sorted(only or bundle.controls)[first::parts]:
            yield _control_report(bundle, bundle.controls[name], program, engine, make_engine)
    finally:
        engine.close()


def provable_names(bundle: Bundle) -> list[str]:
    """What proofs can be asked for by name: the controls, and `access` where the bundle has Cedar policies."""
    return [*bundle.controls, *([ACCESS] if any(path.endswith(".cedar") for path in bundle.files) else [])]


def _access_report(bundle: Bundle) -> Report:
    """What the cases show of who may act, and of each Cedar policy: taken away, it has to be missed."""
    path = next(path for path in sorted(bundle.files) if path.endswith(".cedar"))
    unread = Report(ACCESS, path, cases_at=ACCESS_CASES)
    try:
        known = known_words(bundle.signers.roles)
        found = run_access_cases(bundle.access, read_access_cases(bundle.proofs, bundle.access, known))
    except PolicyErrors as cause:
        return replace(unread, mistakes=cause.errors)
    except PolicyError as cause:
        return replace(unread, mistakes=(cause,))
    hint = "mend the policy that decided, or what the case expects"
    outcomes = (
        CaseOutcome(item.case.name, item.line, item.case.decision, item.came_to, item.problem, hint=hint)
        for item in found
    )
    return replace(
        unread,
        cases=tuple(outcomes),
        deletions=len(bundle.access.policies),
        undecided=tuple(needless_policies(bundle.access, found)),
    )


def _control_report(
    bundle: Bundle, control: Control, program: Program, engine: RegoEngine, make_engine: MakeEngine
) -> Report:
    path = f"{control.stem}_test.rego"
    mistakes: list[PolicyError] = []
    rego_tests: tuple[RegoOutcome, ...] = ()
    if path in bundle.proofs:
        rego_tests, found = _rego_tests(program, path, bundle.proofs[path], make_engine)
        mistakes += found
    unread = Report(
        control.id,
        control.path,
        cases_at=cases_path(control.stem),
        rego_tests=rego_tests,
        foreign=control.foreign is not None,
    )
    try:
        cases = read_cases(bundle, control)
    except PolicyErrors as cause:
        return replace(unread, mistakes=(*mistakes, *cause.errors))
    except PolicyError as cause:
        return replace(unread, mistakes=(*mistakes, cause))
    outcomes, tried, passing = [], 0, []
    survivors: list[Survivor] = []
    excepted: set[str] = set()
    decided: set[str] = set()
    idle: set[str] = set()
    false = Corruptions()
    facts = bundle.inspection.controls[control.id]
    questions = Questions(control, engine)
    if control.foreign is not None:
        return _foreign_report(control, cases, facts, questions)
    types = [record_type(kind, bundle.schemas[kind]) for kind in control.evidence]
    words = {path: values for kind in types for path, values in enumerations(kind).items()}
    named_freely = frozenset().union(*(maps(kind) for kind in types))
    judged: list[tuple[Case, ControlResult]] = []
    for case, outcome, result in _tried(control, cases, questions):
        outcomes.append(outcome)
        judged += [(case, result)] if result is not None else []
        if result is not None and case.expect == result.status == Status.PASS:
            passing.append(case)
            deleted = deletion_test(control, facts, case, result, questions, words)
            tried += deleted.tried
            survivors += deleted.survivors
            excepted |= deleted.excepted
            decided |= deleted.decided
            idle |= deleted.idle
            corrupt(false, bundle, control, facts, case, result, questions, words, named_freely)
    unweighed = false.idle(control)
    absent = _held_by_none(facts, passing)
    excepted |= absent & control.may_be_empty.keys()
    needed = {"may_be_empty": excepted, **false.needed}
    mistakes += [*_unproved_fields(control, absent), *_unproved_gates(control, facts, passing)]
    if not any(outcome.problem for outcome in outcomes):  # one that came out otherwise was meant to
        mistakes += _unbroken(control, facts, judged, {objective for objective, *_ in false.noticed})
    return Report(
        name=control.id,
        path=control.path,
        mode=control.mode,
        cases=tuple(outcomes),
        rego_tests=rego_tests,
        deletions=tried,
        survivors=tuple(survivors),
        idle=tuple(sorted(idle - decided - excepted - {survivor.path for survivor in survivors})),
        corruptions=false.tried,
        refused=false.refused,
        believed=tuple(false.believed.values()),
        unweighed=unweighed,
        needless=tuple(
            f"{name}.{path}" for name in EXCEPTIONS for path in sorted(set(getattr(control, name)) - needed[name])
        ),
        unsaid=_unsaid(facts, outcomes),
        messages=len(facts.messages),
        mistakes=tuple(mistakes),
    )


def _foreign_report(control: Control, cases: Sequence[Case], facts: ControlFacts, questions: Questions) -> Report:
    """What the cases show of other people's Rego, of which nobody knows what it reads: one has to show that it can
    speak against a record, for a rule that never does would be silent in every case.
    """
    outcomes = []
    against = False
    for case, outcome, result in _tried(control, cases, questions):
        outcomes.append(outcome)
        against = against or (result is not None and case.expect == result.status == Status.FAIL)
    hint = "write one with a record that the rule denies"
    problem = "no case fails: nothing shows that the rule says no"
    silent = PolicyError(problem, path=cases_path(control.stem), line=1, hint=hint)
    return Report(
        name=control.id,
        path=control.path,
        cases_at=cases_path(control.stem),
        mode=control.mode,
        cases=tuple(outcomes),
        unsaid=_unsaid(facts, outcomes),
        messages=len(facts.messages),
        mistakes=() if against else (silent,),
        foreign=True,
    )


def _tried(
    control: Control, cases: Sequence[Case], questions: Questions
) -> Iterator[tuple[Case, CaseOutcome, ControlResult | None]]:
    """Each case with what came of it; without a result where its records are none, as it says."""
    for case in cases:
        if case.refused:
            yield case, CaseOutcome(case.name, case.line, case.expect, "refused", ""), None
        else:
            result = run_case(control, case, questions)
            yield case, _outcome(case, result), result


def _unsaid(facts: ControlFacts, outcomes: Iterable[CaseOutcome]) -> tuple[str, ...]:
    """Messages of its findings that no case gave."""
    results = [outcome.result for outcome in outcomes if outcome.result is not None]
    said = {finding.message for result in results for finding in result.findings}
    return tuple(item.text for item in facts.messages if item.text not in said)


def _outcome(case: Case, result: ControlResult) -> CaseOutcome:
    satisfied = frozenset(state.name for state in result.objectives if state.satisfied)
    problem = ""
    if case.expect != result.status:
        problem = f"expected {case.expect}, came to {result.status}"
    elif case.satisfied is not None and case.satisfied != satisfied:
        problem = f"satisfied {_names(satisfied)} instead of {_names(case.satisfied)}"
    context, aside = case.context, case.turned_away
    return CaseOutcome(
        case.name, case.line, case.expect, str(result.status), problem, result, context.gate, context.tier, aside
    )


def _names(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _unproved_fields(control: Control, absent: Collection[str]) -> Iterator[PolicyError]:
    """Fields that stand in no passing case, and of which METADATA says nothing."""
    for field in sorted(set(absent) - control.may_be_empty.keys()):
        problem = f"`{field}` is read, and stands in no case that passes"
        hint = "write one that holds it: what is in no case the deletion test cannot take away"
        yield PolicyError(problem, path=cases_path(control.stem), line=1, hint=hint)


def _unproved_gates(control: Control, facts: ControlFacts, passing: Collection[Case]) -> Iterator[PolicyError]:
    """Gates of which no passing case shows what is asked there. Those with the same objectives share their cases,
    unless a rule asks which gate it is.
    """
    shown = {_asked_at(control, facts, case.context.gate) for case in passing}
    told = set[tuple[frozenset[str], str]]()
    for gate in control.gates:
        judged, alone = asked = _asked_at(control, facts, gate)
        if judged and asked not in shown | told:
            told.add(asked)
            problem = f"no case passes at gate `{gate}`, whose objectives are {', '.join(sorted(judged))}"
            why = "it, and the rules ask which gate it is" if alone else "it"
            hint = f"write one; the proofs start from {why}"
            yield PolicyError(problem, path=cases_path(control.stem), line=1, hint=hint)


def _unbroken(
    control: Control, facts: ControlFacts, judged: Sequence[tuple[Case, ControlResult]], breakable: Collection[str]
) -> Iterator[PolicyError]:
    """Objectives that no case leaves unsatisfied by what its records say: one that should not pass, and holds all that
    the objective reads in some case in which it is satisfied. What the proofs change is made up; whoever writes such a
    case finds out whether it passes. Where no false value that is let in takes the objective away (`breakable` are the
    others), a case in which something is absent will do.
    """
    held = [_held(case) for case, _ in judged]
    for name in control.objectives:
        satisfied, broken = list[frozenset[str]](), list[frozenset[str]]()
        for (case, result), patterns in zip(judged, held, strict=True):
            states = {state.name: state.satisfied for state in result.objectives}
            if states.get(name) and case.expect == Status.PASS:
                satisfied.append(patterns & facts.paths[name])
            elif states.get(name) is False and case.expect in (Status.FAIL, Status.MISSING):
                broken.append(patterns & facts.paths[name])
        if any(some >= whole for some in broken for whole in satisfied) or (broken and name not in breakable):
            continue
        problem, hint = f"no case leaves `{name}` unsatisfied", "write one in which that alone is not so"
        if broken:
            problem += " but by what is absent"
            hint = "write one in which a value is wrong, and all is there that it reads in a case that passes"
        yield PolicyError(problem, path=cases_path(control.stem), line=1, hint=f"{hint}; expect `fail` or `missing`")


def _held(case: Case) -> frozenset[str]:
    """The patterns of all places in the records that the control sees in a case."""
    records = ((kind, record) for kind, items in case.records.items() for record in items)
    return frozenset(pattern for kind, record in records for _, pattern in places(record, f"{kind}[]"))


def _held_by_none(facts: ControlFacts, passing: Collection[Case]) -> set[str]:
    """Fields of own types that the rules read and no passing case holds; whoever fills in a record may leave them out.

    Each starts from a case that passes, so without one neither test looks at the field.
    """
    parts = ((path, *path.partition("[].predicate.")) for paths in facts.paths.values() for path in paths)
    read = {path for path, kind, field, _ in parts if field and is_own(kind)}
    if not passing or not read:
        return set()
    held = frozenset().union(*map(_held, passing))
    return {plain_path(path) for path in read if path.removesuffix("/**") not in held}


def _asked_at(control: Control, facts: ControlFacts, gate: str) -> tuple[frozenset[str], str]:
    """The objectives that are judged at a gate, and the gate itself where their rules, or `applies`, ask for it."""
    judged = frozenset(name for name, item in control.objectives.items() if not item.at or gate in item.at)
    return judged, gate if facts.asks_gate & {*judged, APPLIES} else ""


def _rego_tests(
    program: Program, path: str, content: bytes, make_engine: MakeEngine
) -> tuple[tuple[RegoOutcome, ...], list[PolicyError]]:
    """Run the `test_…` rules of a file. They are rules like any other, so every engine can."""
    text = content.decode("utf-8", errors="replace")
    trees, problems = parse_modules({path: text})
    if problems:
        return (), [PolicyError(p.problem, path=p.path, line=p.line, hint="mend the Rego there") for p in problems]
    lines = {rule_name(rule): rule_line(rule) for rule in reversed(trees[path]["rules"])}
    names = sorted(name for name in lines if name.startswith("test_"))
    if not names:
        return (), [PolicyError("no `test_…` rule", path=path, line=1, hint="write one")]
    package, _ = package_of(text, path)
    rules = tuple(f"{package.replace('.', '/')}/{name}" for name in names)
    modules = {**program.modules, path: text}
    digest = digest_json({"program": program.digest, "test": digest_bytes(content)})
    engine = make_engine(replace(program, modules=modules, rules=rules, groups={}, digest=digest))
    try:
        answers = engine.evaluate(rules, b"{}", b'{"parameters":{}}')
    finally:
        engine.close()
    outcomes = []
    for name, rule in zip(names, rules, strict=True):
        answer = answers[rule]
        held = answer.state is AnswerState.VALUE and answer.value is True
        said = answer.detail or answer.error if answer.state is AnswerState.ERROR else "it does not hold"
        outcomes.append(RegoOutcome(name, "" if held else said, path, lines[name]))
    return tuple(outcomes), []
