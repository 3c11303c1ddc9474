"""Use case of a run that was killed: a person says what became of it, so that it is accounted for and still counts."""

from pathlib import Path

from engine.deciding.admission import objection
from evidence.model.errors import QuaestorError
from evidence.model.notes import RunLost, RunStarted, new_note
from evidence.model.record import EvidenceClass
from evidence.model.text import says_something
from evidence.snapshot.filed import Filed
from evidence.snapshot.makers import makers_of, plain
from evidence.snapshot.runs import plan_signers, read_runs
from evidence.snapshot.view import View
from evidence.store.entry import Receipt
from evidence.trust.envelopes import SignatureState
from evidence.validation.plan.read import load_plan
from integrations.app.actor import Actor
from integrations.app.moment import Moment
from integrations.app.session import Session


def report_lost(session: Session, plan: Path, run: str, *, reason: str, actor: Actor) -> Receipt:
    """Log that a run of the plan's system was killed, signed by a person who may sign its plan.

    It goes on counting as a run on its test data. Raises QuaestorError for a run that is not open, a reason that says
    nothing, a person who may not sign, and one who signed the very plan: nobody buries a run of their own.
    """
    if not says_something(reason):
        raise QuaestorError(f"the reason `{reason}` says nothing", hint="say what became of the run")
    system_id = load_plan(plan).system
    moment = Moment(session)
    view = moment.view(system_id)
    found = {note.run: note for note in read_runs(view).open}
    if run not in found:
        known = ", ".join(sorted(found)) or "none"
        raise QuaestorError(f"`{run}` is no run of `{system_id}` without an end", hint=f"those are: {known}")
    _require_signer(session, view, actor)
    _require_another(view, found[run], actor)
    note = RunLost(system_id=system_id, lost=run, reason=reason, by=actor.holder, at=moment.at)
    made = new_note(note, {system_id: found[run].artifact_digest or view.subject.digest})
    return session.append(made, kind="run", action="configured", actor=actor, at=moment.at)


def open_runs(session: Session, system_id: str) -> list[RunStarted]:
    """Runs of the system of whose end the ledger does not tell, in its order."""
    return read_runs(Moment(session).view(system_id)).open


def _require_signer(session: Session, view: View, actor: Actor) -> None:
    """Raise QuaestorError unless the actor could sign the plan of a run: who trained or built does not."""
    state = SignatureState(
        state="verified", signer=actor.holder, kind=actor.kind, name=actor.name, roles=tuple(sorted(actor.roles))
    )
    asked = Filed(
        id="",
        type="validation-plan",
        evidence_class=EvidenceClass.ATTESTED,
        subject=(view.subject.digest,),
        system_id=view.subject.system_id,
        content={},
        issued_at=view.instant,
        collected_at=view.instant,
        expires_at=view.instant,
        filed_at=view.instant,
        signature=state,
    )
    why = objection(asked, view.subject, session.bundle, makers_of(view))
    if why is not None:
        raise QuaestorError(
            f"a lost run is told by who may sign its plan: {why.detail}",
            hint="ask somebody who may: `quaestor key list`",
        )


def _require_another(view: View, run: RunStarted, actor: Actor) -> None:
    """Raise QuaestorError unless the plan of the run is on file and somebody else's signature is under it."""
    signed = plan_signers(view).get(run.plan_digest)
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
