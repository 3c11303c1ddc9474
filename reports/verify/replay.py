"""The decision of a pack made again, by engines that take nothing from the machine: no cache, no OPA."""

import json
from collections.abc import Sequence
from typing import Any

from engine.backends.base import FAILURE, Answer, AnswerState, ForeignPack, RegoEngine, failed
from engine.backends.compile import read_stamp
from engine.backends.crosscheck import CrossCheckEngine
from engine.backends.foreign import can_have_said
from engine.backends.regorus import RegorusEngine
from engine.backends.wasm import WasmEngine
from engine.bundle.attached import policies_of
from engine.deciding.byhand import policy_inputs
from engine.deciding.decide import decide
from engine.deciding.evaluate import ENGINE_ERRORS
from engine.deciding.verdict import ControlResult, Decision, EngineCause
from evidence.model.errors import QuaestorError
from reports.documents.attachments import INPUT, WASM
from reports.verify.checks import Contents


def replay(contents: Contents) -> tuple[str, Decision]:
    """From the attached policies and snapshot: the bundle's digest, computed anew, and the decision, made anew.

    regorus answers from the policies' source; a compiled module that is attached is asked beside it and must say the
    same, since whoever signed the pack could have attached one that says something else. Other people's Rego needs OPA:
    what it said is taken from the decision, and whoever tells of the replay says so. Raises QuaestorError, also
    for a module of other policies: what is attached and not asked would prove nothing. The input that is attached for
    whoever asks by hand must be the one that the policies are given.
    """
    bundle, effective = policies_of(contents.bundle)
    program = bundle.program()
    if contents.wasm is not None and (made_of := read_stamp(contents.wasm).program) != program.digest:
        raise QuaestorError(
            f"the attached compiled policies are of `{made_of[:80]}`, not of the attached ones, `{program.digest}`",
            where=WASM,
        )
    running: RegoEngine = RegorusEngine(program)
    if contents.wasm is not None:
        running = CrossCheckEngine(WasmEngine(program, contents.wasm), running)
    if program.foreign:
        running = _AsRecorded(running, contents.decision, program.foreign)
    try:
        again = decide(bundle, effective, contents.snapshot, contents.decision.gate, running)
    finally:
        running.close()
    if contents.inputs is not None and contents.inputs != policy_inputs(bundle, effective, contents.snapshot, again):
        raise QuaestorError("it is not what the attached policies are given of the snapshot", where=INPUT)
    return bundle.digest, again


class _AsRecorded(RegoEngine):
    """An engine beside which foreign rules answer as the decision says; all that follows of it is made again."""

    def __init__(self, native: RegoEngine, recorded: Decision, packs: Sequence[ForeignPack]) -> None:
        self.name, self.version = native.name, native.version
        self._native = native
        results = {f"quaestor/results/{result.control.replace('-', '_')}": result for result in recorded.results}
        self._asked = {rule: question for pack in packs for rule, question in pack.rules.items()}
        self._said = {rule: _said(results.get(rule)) for rule in self._asked}

    def _evaluate(
        self, rules: tuple[str, ...], input_json: bytes, data_json: bytes, group: str | None
    ) -> dict[str, Answer]:
        ours = [rule for rule in rules if rule not in self._said]
        answers = self._native.evaluate(ours, input_json, data_json, group=group)
        document, parameters = json.loads(input_json), json.loads(data_json)["parameters"]
        return answers | {rule: self._of(rule, document, parameters) for rule in rules if rule in self._said}

    def _of(self, rule: str, document: dict[str, Any], parameters: dict[str, Any]) -> Answer:
        said = self._said[rule]
        if said.state is AnswerState.VALUE and not can_have_said(self._asked[rule], document, parameters, said.value):
            return failed(FAILURE, "the rule cannot have said what the decision has of it")
        return said

    def close(self) -> None:
        self._native.close()


def _said(result: ControlResult | None) -> Answer:
    if result is None or result.foreign is None:
        return failed(FAILURE, "the decision has no such result")
    if isinstance(result.cause, EngineCause):
        errors = {code: text for text, code in ENGINE_ERRORS.items()}
        if result.cause.error == "no-answer":
            return Answer(AnswerState.UNDEFINED)
        return failed(errors.get(result.cause.error, FAILURE))
    satisfied = [item.name for item in result.objectives if item.satisfied]
    findings = [finding.to_json() for finding in result.findings if finding.code is None]
    return Answer(AnswerState.VALUE, {"applies": [True], "satisfied": satisfied, "findings": findings})
