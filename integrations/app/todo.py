"""What stands between a subject and a gate, as a list of tasks: what is lacking, who supplies it, and by which command.

It decides as the gate would and records nothing: neither decision nor snapshot.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.bundle.effective import Effective
from engine.bundle.files import OVERLAY
from engine.bundle.gates import Gate
from engine.bundle.load import Bundle
from engine.bundle.statements import STATEMENT
from engine.deciding.verdict import HARMLESS, ControlResult, Decision, Finding
from engine.errors import PolicyError, PolicyErrors
from engine.proofs.cases import read_cases
from evidence.model.own import model_of
from evidence.model.subject import Subject, SubjectKind
from integrations.app.deciding import preview_gate
from integrations.app.feeds import FEED_STATUS, InTheWay, Wanted, in_the_way, is_of_feeds, lacks_events, wanted
from integrations.app.session import Session
from integrations.app.settings import Settings
from integrations.app.skeletons import ENTRY, add_command, scope_of, type_of, written_by_hand
from reports.words.decisions import by_record, control_text, exclusion_text, prerequisite_text
from reports.words.findings import finding_line

SECTIONS = {
    "fairness-audit": "protected_attributes",
    "robustness-report": "robustness",
    "artifact-manifest": "artifact",
    "drift-report": "reference",
    "data-quality-report": "quality",
    "explainability-report": "drivers",
}
"""What a run files only where its plan has a section for it, each with the section."""
MEASURED = ("validation-run", *SECTIONS)
"""What one `quaestor validate` files."""
QUESTIONS, PLAN, APPROVAL, SIGNATURE, LINEAGE, STANDING, INTAKE, REPLAY = (
    "risk-questionnaire",
    "validation-plan",
    "approval",
    "model-signature",
    "lineage-graph",
    "portfolio-standing",
    "intake-standing",
    "replay-check",
)
_COLLECTOR = ("collector",)
"""The role of a machine that brings what other tools know."""
_FIRST = (QUESTIONS, PLAN, *MEASURED, LINEAGE)
_LAST = ("deployment-record", "canary-metrics", "prediction-log", FEED_STATUS, SIGNATURE, APPROVAL)
"""What is filed before other papers, in this order, and what after them: users meet a version once all else is in
place, a feed is whole at the end of its run, and an approval counts after what it is about."""


@dataclass(frozen=True)
class Task:
    """Something to do: `controls` ask for it, `commands` do it in turn, `signed_by` are the roles of which one signs.

    What stands in capitals in a command is the user's: a file, a person. `why` is what was found. `windows` say of each
    feed since when its status has to tell.
    """

    what: str
    controls: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    skeleton: str = ""
    signed_by: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    advice: str = ""


def todo(
    session: Session, gate: str, subject: Subject, policies: tuple[Bundle, Effective] | None = None
) -> tuple[Decision, tuple[Task, ...]]:
    """The decision that the gate would make now, and the tasks that it leaves: what is to be filed first, a task for
    all that one record or run serves, then a task for each control that found something else.

    `policies` stand in for those of the workspace. Raises QuaestorError for a gate that the policies do not have.
    """
    bundle = session.bundle if policies is None else policies[0]
    decision, snapshot = preview_gate(session, gate, subject, policies=policies)
    blocking = [result for result in decision.results if _blocks(result, bundle.gate(gate))]
    absent, asked = _absent(blocking, bundle, gate), _asked_for(blocking, bundle)
    feeds = wanted(blocking, snapshot)
    if feeds:
        asked[FEED_STATUS] = (*asked.get(FEED_STATUS, ()), *(item for feed in feeds for item in feed.found))
    open_tier = decision.risk.tier == "undetermined" and subject.has_tier
    if open_tier and not any(item.type == QUESTIONS for item in decision.evidence):
        absent.setdefault(QUESTIONS, ())  # no control reads it there; the tier does
    roles = _roles_to_ask(bundle, blocking)
    if roles:
        absent.setdefault(APPROVAL, tuple(r.control for r in blocking if _roles_to_ask(bundle, [r])))
    tasks = [*_earlier_gates(decision), *_tier(decision, absent)]
    spared = {kind for kind, names in absent.items() if _passes_without(bundle, kind, names, gate)}
    needed = {kind: names for kind, names in absent.items() if kind not in spared}
    own = _overlay_file(session.settings)
    tasks += [
        replace(task, windows=tuple(map(_window, feeds))) if task.skeleton.endswith(FEED_STATUS) else task
        for task in _supplies(bundle, needed, asked, subject, gate, roles, own)
    ]
    tasks += map(_taken_back, in_the_way(blocking, snapshot))
    tasks += [task for result in blocking for task in _breaches(result, decision, bundle)]
    exceptions = _supplies(bundle, {kind: absent[kind] for kind in spared}, {}, subject, gate, roles, own)
    tasks += [replace(task, what=f"perhaps: {task.what}", advice=_PERHAPS) for task in exceptions]
    return decision, tuple(tasks)


def _window(feed: Wanted) -> str:
    if feed.since is None:
        return f"{feed.feed}: up to the end of the run"
    return f"{feed.feed}: from {feed.since} or earlier up to the end of the run"


def _taken_back(status: InTheWay) -> Task:
    """What helps where a status does not hold: a newer one beside it does not."""
    return Task(
        f"a {FEED_STATUS} of {status.feed} that does not hold goes on counting beside a newer one",
        status.controls,
        commands=(f"quaestor evidence withdraw {status.record} --reason REASON --as PERSON --with SECOND",),
        advice=f"or wait until {status.until}, when it stops counting",
    )


def _overlay_file(settings: Settings) -> str:
    """The overlay's file as it is named from the workspace's folder, where commands are given."""
    path = settings.overlay or settings.root / OVERLAY
    file = path / OVERLAY if path.is_dir() else path
    return (file.relative_to(settings.root) if file.is_relative_to(settings.root) else file).as_posix()


_PERHAPS = "only where what it states is so; the controls can pass without it"


def _is_event(kind: str) -> bool:
    """Whether records of the type tell of events: that there was none a feed-status says."""
    return not kind.startswith(STATEMENT) and model_of(kind).FEED


def _passes_without(bundle: Bundle, kind: str, controls: Iterable[str], gate: str) -> bool:
    """Whether a statement or an event of the kind is for exceptions: each control that reads it has a case that passes
    without."""
    if not kind.startswith(STATEMENT) and not _is_event(kind):
        return False
    for name in controls:
        try:
            cases = read_cases(bundle, bundle.controls[name])
        except (PolicyError, PolicyErrors):  # `policy test` tells of them
            return False
        if not any(case.expect == "pass" and case.context.gate == gate and not case.records[kind] for case in cases):
            return False
    return True


def _blocks(result: ControlResult, gate: Gate) -> bool:
    return not result.advisory and result.severity in gate.denies and result.status not in HARMLESS


def _earlier_gates(decision: Decision) -> Iterator[Task]:
    subject = decision.subject.name
    for item in decision.prerequisites:
        if not item.met:
            yield Task(
                prerequisite_text(item),
                commands=(f"quaestor gate todo {item.gate} {subject}", f"quaestor gate decide {item.gate} {subject}"),
            )


def _tier(decision: Decision, absent: Mapping[str, Sequence[str]]) -> Iterator[Task]:
    """That the tier forbids the gate, unless filing the questionnaire, a task of its own, would tell it."""
    open_tier = decision.risk.tier == "undetermined" and decision.subject.has_tier
    if (open_tier or decision.risk.tier == "prohibited") and QUESTIONS not in absent:
        why = decision.risk.reasons or ("a classification says so",)
        advice = f"the tier follows from the {QUESTIONS}; file a corrected one"
        yield Task(f"the risk tier is {decision.risk.tier}", why=tuple(why), advice=advice)


def _absent(results: Iterable[ControlResult], bundle: Bundle, gate: str) -> dict[str, tuple[str, ...]]:
    """The evidence types of which a control that blocks found no record, with the controls.

    Nobody is asked for an event that a control can do without, as long as it asks for something else and no status of
    the feed counts one: that nothing happened would be answered by an invention.
    """
    found: dict[str, list[str]] = {}
    for result in results:
        counted = {item.values["feed"] for item in result.findings if is_of_feeds(item) and lacks_events(item)}
        needless = {
            kind
            for kind in result.absent
            if _is_event(kind) and kind not in counted and _passes_without(bundle, kind, [result.control], gate)
        }
        others = any(finding.code != "no-record" for finding in result.findings)
        for kind in result.absent:
            if kind not in needless or not (others or needless < {*result.absent}):
                found.setdefault(kind, []).append(result.control)
    return {kind: tuple(sorted(names)) for kind, names in found.items()}


def _wanted(finding: Finding, bundle: Bundle) -> str | None:
    """The evidence type, which people or collectors bring or a run measures, of which a policy found no record that
    says what it asks: its gap has the type for its path.
    """
    kind = finding.asks_for
    if kind is None or not finding.gap or finding.message is None or kind not in bundle.schemas:
        return None
    return kind if kind in MEASURED or (kind != PLAN and written_by_hand(kind)) else None


def _asked_for(results: Iterable[ControlResult], bundle: Bundle) -> dict[str, tuple[tuple[str, str], ...]]:
    """By evidence type, the controls that block for want of a record that says more, each with what it found; but for
    feeds, of which `integrations.app.feeds` tells."""
    found: dict[str, list[tuple[str, str]]] = {}
    for result in results:
        for finding in result.findings:
            if (kind := _wanted(finding, bundle)) is not None and not is_of_feeds(finding):
                found.setdefault(kind, []).append((result.control, finding_line(finding, "")))
    return {kind: tuple(items) for kind, items in found.items()}


def _of_a_run(kind: str, subject: Subject, absent: Iterable[str]) -> bool:
    """Whether a run of the model is to file it. What tells of a dataset somebody else brings, before there is a model;
    and where a control found the run's and asks for more, it asks for what a tool that watches live data brings.
    """
    of_a_model = subject.kind is not SubjectKind.DATASET
    return kind in MEASURED and (not written_by_hand(kind) or (of_a_model and kind in absent))


def _roles_to_ask(bundle: Bundle, results: Iterable[ControlResult]) -> tuple[str, ...]:
    """The roles of which controls that read approvals found none."""
    return tuple(
        sorted(
            {
                str(finding.values["role"])
                for result in results
                if APPROVAL in bundle.controls[result.control].evidence
                for finding in result.findings
                if "role" in finding.values
            }
        )
    )


def _supplies(
    bundle: Bundle,
    absent: Mapping[str, tuple[str, ...]],
    asked: Mapping[str, tuple[tuple[str, str], ...]],
    subject: Subject,
    gate: str,
    roles: Sequence[str],
    overlay: str,
) -> Iterator[Task]:
    """A task for each thing to file; one run of the model files several. Of a type that is `absent` there is no record,
    of one that is `asked` none that says enough. `overlay` is the overlay's file.
    """
    together: dict[str, list[str]] = {}
    for kind in sorted({*absent, *asked}, key=_turn):
        together.setdefault(MEASURED[0] if _of_a_run(kind, subject, absent) else kind, []).append(kind)
    for kinds in together.values():
        model = bundle.model(type_of(kinds[0]))
        run = _of_a_run(kinds[0], subject, absent)
        by_hand = kinds[0] != PLAN and not run and written_by_hand(kinds[0])
        rule = bundle.signers.of(kinds[0]) if by_hand or (model is not None and "attested" in model.CLASSES) else None
        found = [item for kind in kinds for item in asked.get(kind, ())]
        yield Task(
            _lacking(kinds, gate, any(kind in absent for kind in kinds)),
            tuple(sorted({name for kind in kinds for name in absent.get(kind, ())} | {name for name, _ in found})),
            why=tuple(dict.fromkeys(line for _, line in found)),
            commands=(
                (_added(bundle, kinds[0], subject),)
                if by_hand and kinds[0] in MEASURED
                else commands_for(bundle, kinds[0], subject, gate, roles, overlay)
            ),
            skeleton=f"quaestor evidence template {kinds[0]}" if by_hand else "",
            signed_by=_COLLECTOR if kinds[0] == FEED_STATUS else rule.signed_by if rule else (),
            not_by=rule.not_by if rule and kinds[0] != FEED_STATUS else (),
            advice=_ADVICE.get(kinds[0], "") or (_sections(kinds) if run else ""),
        )


def _sections(kinds: Iterable[str]) -> str:
    """What a plan needs so that a run files the types."""
    asked = [f"`{SECTIONS[kind]}` for the {kind}" for kind in kinds if kind in SECTIONS]
    return f"a run files what its plan has a section for: {', '.join(asked)} (docs/plans.md)" if asked else ""


def _lacking(kinds: Sequence[str], gate: str, absent: bool) -> str:
    if APPROVAL in kinds:
        return f"approvals at gate {gate} are missing"
    return f"no current {', '.join(kinds)} record" + ("" if absent else " that says what is asked")


_ADVICE = {
    FEED_STATUS: "one for each feed that is named, by the machine that collects it at the end of each run "
    "(`quaestor key new MACHINE --machine --role collector --name NAME`); each counts for a day, "
    "and each that counts has to hold",
    QUESTIONS: "the risk tier follows from it",
    STANDING: "a store of an earlier release tells it from its next entry on: decide again",
    INTAKE: "the snapshot of an earlier release does not tell it: decide again",
    "interface-probe": "no command measures it; `quaestor evidence import` takes what this installation's key signed",
    PLAN: "thresholds are signed before the run; --check tries the plan and files nothing",
    SIGNATURE: "the file that is released, the thresholds in force and the policies in force each need one",
}


def _turn(kind: str) -> tuple[int, str]:
    if kind in _FIRST:
        return _FIRST.index(kind) - len(_FIRST), ""
    return (_LAST.index(kind) + 1, "") if kind in _LAST else (0, kind)


def commands_for(
    bundle: Bundle, kind: str, subject: Subject, gate: str, roles: Sequence[str], overlay: str
) -> tuple[str, ...]:
    """What brings a record of the type, in turn; capitals stand for what only the user knows."""
    name = subject.name
    if kind == PLAN:
        return (
            f"quaestor plan init MODEL DATA --subject {name} --output PLAN",
            "quaestor validate PLAN --check",
            "quaestor validate PLAN --commit --as PERSON",
        )
    if _of_a_run(kind, subject, (kind,)):
        return ("quaestor validate PLAN",)
    if kind == LINEAGE:
        return (
            f"quaestor lineage import FILE --system {subject.system_id} --as PERSON",
            f"quaestor lineage list --system {subject.system_id}",
            f"quaestor lineage record NODE --subject {name}",
        )
    if kind == APPROVAL:
        return tuple(f"quaestor approve {name} --gate {gate} --role {role} --as PERSON" for role in roles or ("ROLE",))
    if kind == SIGNATURE:
        return (
            "quaestor policy export --output bundle.tar",
            *(
                command
                for part, file in (("model", "MODEL"), ("config", overlay), ("policy", "bundle.tar"))
                for command in (
                    f"quaestor artifact sign {file} --as PERSON --output {part}.sig.json",
                    f"quaestor artifact verify {file} {part}.sig.json --subject {name} --kind {part}",
                )
            ),
        )
    if kind == ENTRY:
        return (f"quaestor system register {subject.system_id} --model MODEL --entry FILE --owner PERSON --as PERSON",)
    if kind == REPLAY:
        return ("quaestor gate list", "quaestor replay DECISION --file")
    return (_added(bundle, kind, subject),) if written_by_hand(kind) else ()


def _added(bundle: Bundle, kind: str, subject: Subject) -> str:
    about = f"--subject {subject.name}" if _of_subject(bundle, kind, subject) else f"--system {subject.system_id}"
    return add_command(kind, about)


def _of_subject(bundle: Bundle, kind: str, subject: Subject) -> bool:
    """Whether a record of the type is filed about the version or dataset, and not about the system as a whole."""
    if subject.kind is SubjectKind.DATASET:
        about = bundle.schemas[kind].get("x-about")
        return isinstance(about, dict) and SubjectKind.DATASET in about
    return subject.kind is SubjectKind.MODEL and scope_of(bundle, kind) == "version"


def _breaches(result: ControlResult, decision: Decision, bundle: Bundle) -> Iterator[Task]:
    """What else a control that blocks found, as one task, with what its author advises."""
    says = {item.name: item.says for item in result.objectives}
    others = [item for item in result.findings if item.code != "no-record"]
    found = [item for item in others if _wanted(item, bundle) is None]
    told = tuple(
        dict.fromkeys(
            finding_line(item, says.get(item.objective, "")) + by_record(item.evidence, decision) for item in found
        )
    )
    if not others and not result.absent:
        told = (control_text(result, decision),)
    if told:
        told += tuple(_expired(result, decision, bundle))
        commands = (*_asked(found, decision.subject.system_id), *_told_again(found, decision, bundle))
        yield Task(result.title, (result.control,), why=told, commands=commands, advice=result.remediation)


def _told_again(findings: Iterable[Finding], decision: Decision, bundle: Bundle) -> tuple[str, ...]:
    """Where a finding is of an event that is told as it goes on, how the whole account is filed with what is new."""
    types = {item.id: item.type for item in decision.evidence}
    kinds = {types[item.evidence] for item in findings if item.evidence in types}
    told = sorted(kind for kind in kinds if "x-retold" in bundle.schemas.get(kind, {}))
    return tuple(add_command(kind, f"--subject {decision.subject.name}") for kind in told)


def _expired(result: ControlResult, decision: Decision, bundle: Bundle) -> Iterator[str]:
    """The records that left no current one of a type that the control reads: what it finds elsewhere may come of it."""
    current = {item.type for item in decision.evidence}
    for item in decision.excluded:
        if (
            item.reason == "expired"
            and item.type in bundle.controls[result.control].evidence
            and item.type not in current
        ):
            yield f"{item.type} {item.id[7:19]} {exclusion_text(item)}"


def _asked(findings: Iterable[Finding], system_id: str) -> tuple[str, ...]:
    """Where a finding is that another gate has not said so of a version, or of a dataset of the system, how it does."""
    named = set()
    for values in (item.values for item in findings):
        if {"gate", "system", "version"} <= values.keys():
            named.add(f"{values['gate']} {values['system']}@{values['version']}")
        if {"gate", "dataset"} <= values.keys():
            named.add(f"{values['gate']} {system_id}@{values['dataset']}")
    return tuple(f"quaestor gate {verb} {about}" for about in sorted(named) for verb in ("todo", "decide"))
