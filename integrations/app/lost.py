"""Use case of a run that was killed: a person says what became of it, so that it is accounted for and still counts."""

from pathlib import Path

from engine.deciding.admission import Signed, objection
from evidence.model.errors import QuaestorError
from evidence.model.notes import RunEnded, RunLost, RunStarted, new_note, read_note
from evidence.model.record import EvidenceClass
from evidence.model.subject import Subject, SubjectKind, system_digest
from evidence.model.text import says_something
from evidence.snapshot.derived import lost_runs, plan_signers
from evidence.snapshot.makers import makers_of, plain
from evidence.store.entry import Receipt
from evidence.trust.envelopes import SignatureState
from evidence.validation.plan import load_plan
from integrations.app.actor import Actor
from integrations.app.admitting import view_of
from integrations.app.records import record_of, statement_of
from integrations.app.session import Session


def report_lost(session: Session, plan: Path, run: str, *, reason: str, actor: Actor) -> Receipt:
    """Log that a run of the plan's system was killed, signed by a person who may sign its plan.

    It goes on counting as a run on its test data. Raises QuaestorError for a run that is not open, a reason that says
    nothing, a person who may not sign, and one who signed the very plan: nobody buries a run of their own.
    """
    if not says_something(reason):
        raise QuaestorError(f"the reason `{reason}` says nothing", hint="say what became of the run")
    system_id = load_plan(plan).system
    subject = Subject(kind=SubjectKind.SYSTEM, name=system_id, digest=system_digest(system_id), system_id=system_id)
    found = {note.run: note for note in unfinished(session, subject)}
    if run not in found:
        known = ", ".join(sorted(found)) or "none"
        raise QuaestorError(f"`{run}` is no run of `{system_id}` without an end", hint=f"those are: {known}")
    _require_signer(session, subject, actor)
    _require_another(session, system_id, found[run], actor)
    at = session.now()
    note = RunLost(system_id=system_id, lost=run, reason=reason, by=actor.holder, at=at)
    made = new_note(note, {system_id: found[run].artifact_digest or subject.digest})
    return session.append(made, kind="run", action="configured", actor=actor, at=at)


def unfinished(session: Session, subject: Subject) -> list[RunStarted]:
    """Runs of the subject's system that neither have a record, nor ended, nor were told as lost; in ledger order.

    What does not count as told (`lost_runs`) leaves the run open to somebody else's word.
    """
    started: dict[str, RunStarted] = {}
    closed: set[str] = set()
    told = False
    for stored in session.store.find(kind="run", system_id=subject.system_id):
        note = read_note(statement_of(stored))
        if isinstance(note, RunStarted):
            started[note.run] = note
        elif isinstance(note, RunEnded):
            closed.add(note.ended)
        elif isinstance(note, RunLost):
            told = True
    if told:
        closed |= lost_runs(view_of(session, subject.system_id)).keys()
    for stored in session.store.find(kind="record", system_id=subject.system_id):
        record = record_of(stored)
        if record.type == "validation-run":
            closed.add(record.envelope.source.removeprefix("run "))
    return [note for run, note in started.items() if run not in closed]


def _require_signer(session: Session, subject: Subject, actor: Actor) -> None:
    """Raise QuaestorError unless the actor could sign the plan of a run: who trained or built does not."""
    at = session.now()
    state = SignatureState(
        state="verified", signer=actor.holder, kind=actor.kind, name=actor.name, roles=tuple(sorted(actor.roles))
    )
    asked = Signed(
        type="validation-plan",
        evidence_class=EvidenceClass.ATTESTED,
        system_id=subject.system_id,
        content={},
        issued_at=at,
        expires_at=at,
        filed_at=at,
        signature=state,
    )
    made_by = makers_of(view_of(session, subject.system_id))
    why = objection(asked, subject, session.bundle.signers, made_by, lambda: session.bundle.access)
    if why is not None:
        raise QuaestorError(
            f"a lost run is told by who may sign its plan: {why.detail}",
            hint="ask somebody who may: `quaestor key list`",
        )


def _require_another(session: Session, system_id: str, run: RunStarted, actor: Actor) -> None:
    """Raise QuaestorError unless the plan of the run is on file and somebody else's signature is under it."""
    signed = plan_signers(view_of(session, system_id)).get(run.plan_digest)
    if not signed:
        raise QuaestorError(
            f"no plan {run.plan_digest[:19]} of the run `{run.run}` is on file, signed by a person",
            hint="file the plan again with `quaestor validate PLAN --commit`",
        )
    if signed & {plain(actor.holder), plain(actor.name)}:
        raise QuaestorError(
            f"`{actor.holder}` signed the plan of the run `{run.run}`, and somebody else tells that it was lost",
            hint="another person who may sign a validation-plan: policies/access/signers.yaml",
        )
