"""Packs that an overlay leaves out: their controls are off as by `disable`, with reason and approver, no further."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.backends.choose import open_engine
from engine.bundle.effective import Effective, read_overlay
from engine.bundle.load import Bundle, bundle_from_files
from engine.bundle.overlay import Overlay, effective_under
from engine.deciding.decide import decide
from engine.deciding.verdict import Decision, Outcome
from engine.errors import PolicyErrors
from reports.words.decisions import relaxation_text
from tests.worlds.people import DAY
from tests.worlds.policies import BENCH, bench_files, effective
from tests.worlds.records import audit, high_questionnaire
from tests.worlds.snapshots import entry, papers, snapshot

LEFT_OUT = "packs: {us: {reason: We lend to nobody there., approver: vic}}"


@pytest.fixture(scope="module")
def packed() -> Bundle:
    """The bench: BEN-06 and, law in its scope, BEN-02 are of the pack `us`, BEN-04, a blocker of the law, too."""
    controls = {
        path: text.replace("#   pack: core", "#   pack: us") if path[-11:-5] in ("BEN-02", "BEN-04", "BEN-06") else text
        for path, text in BENCH.items()
    }
    return bundle_from_files(bench_files(controls))


def under(bundle: Bundle, text: str) -> Effective:
    """As a door reads an overlay in force."""
    said = Overlay(Path("overlay.yaml"), read_overlay(text, "overlay.yaml"), text.encode(), {})
    return effective_under(bundle, said)


def mistakes(bundle: Bundle, text: str) -> list[str]:
    with pytest.raises(PolicyErrors) as caught:
        under(bundle, text)
    return [f"{error} / {error.hint}" for error in caught.value.errors]


def made(bundle: Bundle, text: str, gate: str, *seen: object, instant: datetime | None = None) -> Decision:
    engine = open_engine("regorus", bundle.program())
    try:
        more = {"instant": instant} if instant is not None else {}
        return decide(bundle, under(bundle, text), snapshot(*seen, **more), gate, engine)
    finally:
        engine.close()


def test_a_pack_left_out_is_off_and_told(packed: Bundle) -> None:
    seen = papers(entry(audit(51)))
    assert {item.control for item in made(packed, "packs: {us: binds}", "lax", *seen).results} == {"BEN-01", "BEN-06"}
    found = made(packed, LEFT_OUT, "lax", *seen)
    assert {item.control for item in found.results} == {"BEN-01"}
    off = {"kind": "disabled-control", "why": "We lend to nobody there.", "approver": "vic", "pack": "us"}
    told = [item.to_json() for item in found.relaxations]
    assert {**off, "subject": "BEN-06"} in told
    assert "switched off in the organisation's overlay, with the pack us, approved by vic" in relaxation_text(
        found.relaxations[0], found
    )


def test_what_no_waiver_reaches_stays_on(packed: Bundle) -> None:
    day = datetime(2027, 12, 2, tzinfo=UTC)  # BEN-02 is law for whom this tier makes it so
    filed = (entry(high_questionnaire(), "ana", at=day - DAY), entry(audit(51), at=day - DAY))
    found = made(packed, LEFT_OUT, "law", *filed, instant=day)
    assert found.outcome is Outcome.DENY
    assert [(item.control, item.basis) for item in found.results] == [("BEN-02", "law")]
    assert {str(item.subject) for item in found.relaxations if item.kind == "disabled-control"} == {"BEN-06"}
    assert "BEN-04" not in under(packed, LEFT_OUT).disabled


def test_each_pack_binds_that_nobody_leaves_out(packed: Bundle) -> None:
    for text in ("", "packs: {}", "packs: {us: binds, core: binds}"):
        assert under(packed, text).disabled == {}


def test_one_by_one_wins_over_the_pack(packed: Bundle) -> None:
    both = f"{LEFT_OUT}\ndisable: {{BEN-06: {{reason: another team measures it, approver: ada}}}}"
    said = under(packed, both).disabled["BEN-06"]
    assert (said.approver, said.pack) == ("ada", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("packs: {uss: binds}", "unknown pack `uss` / did you mean `us`"),
        ("packs: {core: {reason: too much to do, approver: vic}}", "`core` binds every organisation"),
        ("packs: {us: {reason: too, approver: vic}}", "left out for a reason that says nothing"),
        ("packs: {us: {reason: We lend to nobody there., approver: ' '}}", "left out by nobody"),
        ("packs: {us: {reason: We lend to nobody there., approver: TBD}}", "`approver` of `us` says nothing"),
        ("disable: {BEN-06: {reason: '----------', approver: vic}}", "`reason` of `BEN-06` says nothing"),
        ('disable: {BEN-06: {reason: elsewhere, approver: "\\u200b"}}', "`approver` of `BEN-06` says nothing"),
        ("disable: {BEN-06: measured by another team}", "`BEN-06` is disabled without an approver"),
        ("disable: {BEN-06: {reason: measured by another team}}", "`BEN-06` is disabled without an approver"),
    ],
)
def test_what_is_not_accepted(packed: Bundle, text: str, told: str) -> None:
    (found,) = mistakes(packed, text)
    assert found.startswith("overlay.yaml:1")
    assert told in found


@pytest.mark.parametrize("said", ["off", "We lend to nobody there.", "{reason: We lend to nobody there.}", "true", ""])
def test_a_pack_is_not_left_out_without_an_approver(packed: Bundle, said: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        under(packed, f"packs:\n  us: {said}\n")
    (error,) = caught.value.errors
    assert error.line == 2
    assert error.problem.startswith("`packs.us")


def test_what_was_decided_under_an_overlay_without_an_approver_can_be_decided_again(packed: Bundle) -> None:
    """As earlier releases took it: by what is kept, and not by what is in force."""
    assert effective(packed, "disable: {BEN-06: measured by another team}").disabled["BEN-06"].approver is None
