"""The decision of a pack made again, by engines that take nothing from the machine: no cache, no OPA."""

from engine.backends.base import RegoEngine
from engine.backends.compile import read_stamp
from engine.backends.crosscheck import CrossCheckEngine
from engine.backends.regorus import RegorusEngine
from engine.backends.wasm import WasmEngine
from engine.bundle.attached import policies_of
from engine.deciding.byhand import policy_inputs
from engine.deciding.decide import decide
from engine.deciding.verdict import Decision
from evidence.model.errors import QuaestorError
from reports.documents.attachments import INPUT, WASM
from reports.verify.checks import Contents


def replay(contents: Contents) -> tuple[str, Decision]:
    """From the attached policies and snapshot: the bundle's digest, computed anew, and the decision, made anew.

    regorus answers from the policies' source; a compiled module that is attached is asked beside it and must say the
    same, since whoever signed the pack could have attached one that says something else. Raises QuaestorError, also
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
    try:
        again = decide(bundle, effective, contents.snapshot, contents.decision.gate, running)
    finally:
        running.close()
    if contents.inputs is not None and contents.inputs != policy_inputs(bundle, effective, contents.snapshot, again):
        raise QuaestorError("it is not what the attached policies are given of the snapshot", where=INPUT)
    return bundle.digest, again
