"""Why the objectives of a control that is tried do not hold, as OPA tells it."""

import json
from dataclasses import dataclass

from engine.backends.compile import need_opa
from engine.backends.opa_explain import explain
from engine.deciding.verdict import FactsCause, UnknownScopeCause
from engine.proofs.places import APPLIES
from engine.proofs.trace import Clause, clauses_of
from engine.proofs.trial import Trial, question
from evidence.model.errors import QuaestorError
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
    if control.foreign is not None:
        raise QuaestorError(
            f"`{control.id}` is judged by other people's Rego, whose clauses are not known here",
            hint=f"`quaestor policy try {control.id}` tells what it says",
        )
    program = bundle.program([control.id])
    input_json, data_json = question(trial.given)
    documents = {"input": json.loads(input_json), "data": json.loads(data_json)}

    def clauses(rule: str, key: str | None = None) -> tuple[Clause, ...]:
        query = f"data.{control.package}.{rule}" + (f'["{key}"]' if key is not None else "")
        return clauses_of(explain(opa, program, input_json, data_json, query), rule, key, documents, trying.file_of)

    states = trial.result.objectives
    found = {state.name: clauses(RULE, state.name) for state in states if not state.satisfied}
    undecided = isinstance(trial.result.cause, (FactsCause, UnknownScopeCause))
    if undecided and bundle.inspection.controls[control.id].has_applies:
        found[APPLIES] = clauses(APPLIES)
    return Trace(trial, found)
