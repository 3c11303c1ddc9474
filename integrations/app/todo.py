"""What stands between a subject and a gate, as a list of tasks: what is lacking, who supplies it, and by which command.

It decides as the gate would and records nothing: neither decision nor snapshot.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.bundle.gates import Gate
from engine.bundle.load import Bundle
from engine.deciding.decide import HARMLESS
from engine.deciding.verdict import ControlResult, Decision
from evidence.model.predicates import PREDICATES
from evidence.model.subject import Subject
from integrations.app.deciding import preview_gate
from integrations.app.records import DOORS
from integrations.app.session import Session
from integrations.app.skeletons import signing_of, type_of, written_by_hand
from reports.words.decisions import control_text, prerequisite_text
from reports.words.findings import finding_line

MEASURED = ("validation-run", "fairness-audit", "robustness-report", "artifact-manifest", "drift-report")
"""What `quaestor validate` files; its skeleton is a plan."""

QUESTIONS = "risk-questionnaire"


@dataclass(frozen=True)
class Task:
    """Something to do: `controls` ask for it, `command` supplies it, `signed_by` are the roles of which one signs."""

    what: str
    controls: tuple[str, ...]
    command: str = ""
    skeleton: str = ""
    signed_by: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    advice: str = ""


def todo(session: Session, gate: str, subject: Subject) -> tuple[Decision, tuple[Task, ...]]:
    """The decision that the gate would make now, and the tasks that it leaves: what is lacking first, then what failed.

    Raises QuaestorError for a gate that the policies do not have.
    """
    decision, _ = preview_gate(session, gate, subject)
    blocking = [result for result in decision.results if _blocks(result, session.bundle.gate(gate))]
    absent = _absent(blocking)
    if decision.risk.tier == "undetermined" and not any(item.type == QUESTIONS for item in decision.evidence):
        absent.setdefault(QUESTIONS, ())  # no control reads it there; the tier does
    tasks = [*_earlier_gates(decision), *_tier(decision)]
    tasks += [_supply(session.bundle, kind, names, subject) for kind, names in sorted(absent.items())]
    tasks += [task for result in blocking for task in _breaches(result, decision)]
    return decision, tuple(dict.fromkeys(tasks))  # one thing may stand against several objectives


def _blocks(result: ControlResult, gate: Gate) -> bool:
    return not result.advisory and result.severity in gate.denies and result.status not in HARMLESS


def _earlier_gates(decision: Decision) -> Iterator[Task]:
    subject = decision.subject.name
    for item in decision.prerequisites:
        if not item.met:
            yield Task(
                prerequisite_text(item),
                (),
                command=f"quaestor gate decide {item.gate} {subject}",
                advice=f"what it lacks: quaestor gate todo {item.gate} {subject}",
            )


def _tier(decision: Decision) -> Iterator[Task]:
    if decision.risk.tier in ("undetermined", "prohibited"):
        why = "; ".join(decision.risk.reasons) or "a classification says so"
        advice = f"the tier follows from the {QUESTIONS}"
        yield Task(f"the risk tier is {decision.risk.tier}: {why}", (), advice=advice)


def _absent(results: Iterable[ControlResult]) -> dict[str, tuple[str, ...]]:
    """The evidence types of which a control that blocks found no record, with the controls."""
    found: dict[str, list[str]] = {}
    for result in results:
        for kind in result.absent:
            found.setdefault(kind, []).append(result.control)
    return {kind: tuple(sorted(names)) for kind, names in found.items()}


def _supply(bundle: Bundle, kind: str, controls: tuple[str, ...], subject: Subject) -> Task:
    """The task of bringing a record of a type that is not there."""
    rule = signing_of(bundle, kind) if "attested" in PREDICATES[type_of(kind)].CLASSES else None
    if kind in MEASURED:
        command, template = "quaestor validate PLAN", "quaestor plan init MODEL DATA"
    elif written_by_hand(kind):
        about = f"--subject {subject.name}" if _of_version(bundle, kind, subject) else f"--system {subject.system_id}"
        command = f"quaestor evidence add {type_of(kind)} FILE {about} --as PERSON"
        template = f"quaestor evidence template {kind}"
    else:
        door = DOORS.get(kind, "Quaestor makes it").replace("SUBJECT", subject.name)
        command, template = door.replace("--subject …", f"--subject {subject.name}"), ""
    return Task(
        f"no current {kind} record",
        controls,
        command=command,
        skeleton=template,
        signed_by=rule.signed_by if rule else (),
        not_by=rule.not_by if rule else (),
    )


def _of_version(bundle: Bundle, kind: str, subject: Subject) -> bool:
    """Whether a record of the type is filed about the version, and not about the system as a whole."""
    statement = bundle.signers.statements.get(kind.partition(":")[2])
    about = bundle.schemas[kind].get("x-about")
    named = isinstance(about, dict) and str(subject.kind) in about
    return subject.kind != "system" and (named or (statement is not None and statement.scope == "version"))


def _breaches(result: ControlResult, decision: Decision) -> Iterator[Task]:
    """What else a control that blocks found, with what its author advises."""
    says = {item.name: item.says for item in result.objectives}
    for finding in result.findings:
        if finding.code != "no-record":
            told = finding_line(finding, says.get(finding.objective, ""))
            yield Task(told, (result.control,), advice=result.remediation)
    if not result.findings and not result.absent:
        yield Task(control_text(result, decision), (result.control,), advice=result.remediation)
