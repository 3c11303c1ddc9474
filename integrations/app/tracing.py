"""Why the objectives of a control that is tried do not hold, as OPA tells it."""

from dataclasses import dataclass

from engine.backends.compile import need_opa
from engine.backends.opa_explain import explain
from engine.deciding.verdict import FactsCause, UnknownScopeCause
from engine.proofs.places import APPLIES
from engine.proofs.trace import Clause, clauses_of
from engine.proofs.trial import Trial, question
from integrations.app.trying import Trying

RULE = "satisfied"


@dataclass(frozen=True)
class Trace:
    """By objective that does not hold the clauses that were to satisfy it; `applies` where that decided alone."""

    trial: Trial
    clauses: dict[str, tuple[Clause, ...]]


def traced(trying: Trying) -> Trace:
    """Try once, and ask OPA about each objective that does not hold. Raises QuaestorError, without OPA first."""
    opa = need_opa("only OPA tells how it came to a value")
    trial = trying.once()
    bundle, control = trying.bundle, trial.control
    assert bundle is not None
    program = bundle.program([control.id])
    package = f"data.{control.package}"
    found = {}
    for state in trial.result.objectives:
        if not state.satisfied:
            events = explain(opa, program, *question(trial.given), f'{package}.{RULE}["{state.name}"]')
            found[state.name] = clauses_of(events, RULE, state.name)
    undecided = isinstance(trial.result.cause, (FactsCause, UnknownScopeCause))
    if undecided and bundle.inspection.controls[control.id].has_applies:
        events = explain(opa, program, *question(trial.given), f"{package}.{APPLIES}")
        found[APPLIES] = clauses_of(events, APPLIES)
    return Trace(trial, found)
