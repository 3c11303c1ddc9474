"""Why objectives do not hold, for a terminal: clause by clause the expression that ended it, with its values."""

from collections.abc import Iterator, Mapping

from engine.proofs.trace import Clause, Step
from engine.proofs.trial import Trial
from reports.renderers.trial import trial_cause, value_json
from reports.words.decisions import signed_text
from reports.words.escape import clean
from reports.words.wording import STATUS_WORDS

VERDICTS = {
    "false": "is false",
    "undefined": "has no value",
    "false or undefined": "is false or has no value",
    "none": "there is none",
    "not for each": "does not hold for each of them",
    "holds": "what must not be so is so",
}


def trace_lines(trial: Trial, clauses: Mapping[str, tuple[Clause, ...]]) -> Iterator[str]:
    """The result, then of each objective that does not hold every clause."""
    context, result = trial.given.context, trial.result
    why = trial_cause(trial) or signed_text(result, trial.control)
    yield clean(f"{result.control}  {result.title}")
    yield clean(f"  {STATUS_WORDS[result.status]} at gate {context.gate}{f': {why}' if why else ''}")
    says = {state.name: state.says for state in result.objectives}
    for name, found in clauses.items():
        yield ""
        yield clean(f"{name}: {says.get(name, 'whether the control applies')}")
        for clause in found:
            yield from _clause(clause, "  ")
        if not found:
            yield "  no clause could give it: its rules were not reached"
    if not clauses:
        yield "  no objective is left that does not hold"


def _clause(clause: Clause, indent: str) -> Iterator[str]:
    name = f"{clause.rule} at " if clause.rule else "body at "
    held = " has a value" if clause.held else ""
    yield clean(f"{indent}{name}{clause.path}:{clause.line}{held}")
    for step in clause.steps:
        yield from _step(step, f"{indent}  ")
    if clause.more:
        yield f"{indent}  … and {clause.more} more"


def _step(step: Step, indent: str) -> Iterator[str]:
    yield clean(f"{indent}{step.path}:{step.line}  {step.expression}: {VERDICTS[step.verdict]}")
    yield from (clean(f"{indent}    {item.name} = {value_json(item.value)}") for item in step.values)
    for clause in step.inside:
        yield from _clause(clause, f"{indent}  ")
