"""What other people's Rego said is taken from the decision where it is verified: not what it cannot have said."""

from typing import Any

import pytest

from engine.backends.regorus import RegorusEngine
from engine.bundle.foreign import DENIES, REFUSES, SILENT, UNDEFINED
from engine.bundle.load import Bundle, bundle_from_files
from engine.deciding.decide import decide
from engine.deciding.replay import compare
from engine.deciding.verdict import ControlResult, Decision, Finding, ObjectiveResult, Status
from evidence.snapshot.model import Entry
from reports.verify.replay import _AsRecorded
from tests.engine.test_foreign import judged, light
from tests.engine.test_own_types import attack
from tests.worlds.foreign import MORE_PACKS
from tests.worlds.policies import effective
from tests.worlds.snapshots import papers, snapshot

pytestmark = pytest.mark.usefixtures("wasm_cache")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundle_from_files(light(MORE_PACKS))


def again(bundle: Bundle, recorded: Decision, *entries: Entry) -> Decision:
    program = bundle.program()
    engine = _AsRecorded(RegorusEngine(program), recorded, program.foreign)
    try:
        return decide(bundle, effective(bundle), snapshot(*papers(*entries)), recorded.gate, engine)
    finally:
        engine.close()


def forged(recorded: Decision, control: str, **changes: Any) -> Decision:
    """The decision with another result for a control, as whoever signs it may write it."""
    results = tuple(
        result.model_copy(update=changes) if result.control == control else result for result in recorded.results
    )
    return recorded.model_copy(update={"results": results})


def passed(result: ControlResult) -> dict[str, Any]:
    (objective,) = result.objectives
    held = ObjectiveResult.model_validate({**objective.model_dump(), "satisfied": True})
    return {"status": Status.PASS, "cause": None, "findings": (), "objectives": (held,)}


def of(decision: Decision, control: str) -> ControlResult:
    return next(result for result in decision.results if result.control == control)


@pytest.mark.parametrize(
    "changes",
    [{}, {"grave_open": 99}, {"tester": "Ab"}, {"tester": "Nobody"}, {"method": "grey-box"}],
)
def test_what_they_said_is_made_again_of_the_record(bundle: Bundle, changes: dict[str, Any]) -> None:
    records = (attack(), attack(**changes))
    made = judged(bundle, *records)
    assert compare(made, again(bundle, made, *records)).same
    assert compare(judged(bundle), again(bundle, judged(bundle))).same


@pytest.mark.parametrize("control", ["GKP-01", "ATT-02"])
def test_a_pass_of_silence_and_of_a_warning_is_none(bundle: Bundle, control: str) -> None:
    record = attack()
    made = judged(bundle, record)
    lie = forged(made, control, **passed(of(made, control)))
    assert of(again(bundle, lie, record), control).status is Status.ERROR


def test_the_words_of_a_finding_have_to_be_those_of_its_rule(bundle: Bundle) -> None:
    record = attack(grave_open=2)
    made = judged(bundle, record)
    (told,) = of(made, "ATT-01").findings
    for changed in (
        {"gap": True},  # a denial would be missing evidence
        {"message": SILENT, "gap": True},
        {"message": REFUSES},  # of `main.complete`
        {"message": UNDEFINED, "gap": True},
        {"message": "all is well"},
        {"values": {**told.values, "pack": "others"}},
        {"values": {**told.values, "rule": "main.warn"}},
        {"evidence": None},
    ):
        lie = forged(made, "ATT-01", findings=(Finding.model_validate({**told.model_dump(), **changed}),))
        assert of(again(bundle, lie, record), "ATT-01").status is Status.ERROR, changed
    assert told.message == DENIES


def test_a_denial_left_out_beside_another_record_is_a_pass_that_only_replay_sees(bundle: Bundle) -> None:
    """Whoever signs may say that a rule accepted what it denied: so it is `consistent`, and never `verified`."""
    record = attack(grave_open=2)
    made = judged(bundle, record)
    lie = forged(made, "ATT-01", **passed(of(made, "ATT-01")))
    assert of(again(bundle, lie, record), "ATT-01").status is Status.PASS
