"""How the organisation's systems stand, as its snapshot reads it off the ledger: what a liar would leave out or add."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.model.errors import StoreError
from evidence.model.notes import OtherPolicies
from evidence.model.subject import portfolio_subject, system_digest
from evidence.snapshot.take import take_snapshot
from tests.worlds.ledgers import Box, derived
from tests.worlds.people import DAY, NOW, key_of
from tests.worlds.records import DIGEST, OTHER_DIGEST, audit, entry_of

HOUSE = portfolio_subject()
WHOLE = {"kind": "system", "name": "mortgage", "digest": system_digest("mortgage")}
PRICING = {"name": "pricing 1", "digest": OTHER_DIGEST, "system_id": "pricing"}


def register(box: Box, stage: str = "development", *, days: int = 6, version: str = "2", **more: Any) -> str:
    """A registry entry of a version of `mortgage`, or of another system."""
    digest = more.pop("subject", DIGEST)
    content = entry_of(stage).model_copy(update={"version": version, "artifact_digest": digest})
    given: dict[str, Any] = {"action": "registered", "at": NOW - days * DAY, "subject": digest, **more}
    return box.add(content, **given)


def standing(box: Box, **more: Any) -> dict[str, Any]:
    (content,) = derived(box.take(subject=HOUSE, **more), "portfolio-standing")
    return content


def names(content: dict[str, Any], field: str = "versions") -> list[tuple[str, str]]:
    return [(item["system_id"], item["version"]) for item in content[field]]


def words(box: Box) -> dict[str, dict[str, Any]]:
    """By gate, of the only version that stands."""
    (version,) = standing(box)["versions"]
    found: dict[str, dict[str, Any]] = version["decisions"]
    return found


class TestWhoStands:
    def test_every_system_that_was_registered(self, box: Box) -> None:
        assert standing(box)["versions"] == []
        register(box)
        register(box, system="pricing", subject=OTHER_DIGEST, version="1")
        assert names(standing(box)) == [("mortgage", "2"), ("pricing", "1")]
        assert [item["decisions"] for item in standing(box)["versions"]] == [{}, {}]

    def test_no_snapshot_of_a_system_tells_it(self, box: Box) -> None:
        register(box)
        assert derived(box.take(), "portfolio-standing") == []

    def test_the_newest_version_until_one_is_promoted(self, box: Box) -> None:
        register(box, subject=OTHER_DIGEST, version="1")
        register(box, days=5)
        assert names(standing(box)) == [("mortgage", "2")]
        register(box, "staging", subject=OTHER_DIGEST, version="1", action="promoted", days=4)
        assert names(standing(box)) == [("mortgage", "1")]
        register(box, "staging", action="promoted", days=3)
        assert names(standing(box)) == [("mortgage", "1"), ("mortgage", "2")]

    @pytest.mark.parametrize("stage", ["archived", "development"])
    def test_a_word_takes_no_version_out_that_was_promoted(self, box: Box, stage: str) -> None:
        register(box, "production", action="promoted", subject=OTHER_DIGEST, version="1")
        register(box, stage, action="demoted", subject=OTHER_DIGEST, version="1", days=5)
        register(box, "production", action="promoted", days=4)
        assert names(standing(box)) == [("mortgage", "1"), ("mortgage", "2")]

    def test_what_came_in_at_a_stage_counts_as_promoted(self, box: Box) -> None:
        register(box, "production", subject=OTHER_DIGEST, version="1")
        register(box, days=5)
        assert names(standing(box)) == [("mortgage", "1")]

    def test_no_later_entry_takes_that_back(self, box: Box) -> None:
        register(box, "production", subject=OTHER_DIGEST, version="1")
        register(box, subject=OTHER_DIGEST, version="1", days=5)
        register(box, days=4)
        assert names(standing(box)) == [("mortgage", "1")]

    def test_an_entry_that_nobody_signed_registers_too(self, box: Box) -> None:
        register(box, signer=None)
        assert names(standing(box)) == [("mortgage", "2")]

    def test_a_withdrawal_takes_no_system_out(self, box: Box) -> None:
        box.withdraw(register(box))
        assert names(standing(box)) == [("mortgage", "2")]

    def test_an_erasure_takes_no_system_out(self, box: Box) -> None:
        name = register(box)
        box.store.erase(name, reason="duty", actor="test", at=NOW - DAY, signer=key_of("quaestor"))
        assert names(standing(box)) == [("mortgage", DIGEST)]

    def test_a_system_that_was_registered_as_a_whole(self, box: Box) -> None:
        register(box, subject=system_digest("mortgage"))
        box.decided("allow", gate="registration", about=WHOLE, said={"TP-01": "pass"})
        assert words(box)["registration"]["statuses"] == {"TP-01": "pass"}
        register(box, days=1)
        assert words(box) == {}

    def test_what_was_registered_after_a_chosen_instant_was_not_known(self, box: Box) -> None:
        register(box, days=2)
        assert standing(box, instant=NOW - 3 * DAY)["versions"] == []

    def test_a_row_that_is_hidden_is_noticed(self, box: Box, tmp_path: Path) -> None:
        register(box)
        position = box.store.entries()[-1].index
        for change in ("kind = 'charts'", "predicate_type = 'x'", "system_id = 'other'"):
            with box.store.database.begin() as connection:
                before = connection.exec_driver_sql(f"SELECT * FROM entry WHERE position = {position}").mappings().one()
                connection.exec_driver_sql(f"UPDATE entry SET {change} WHERE position = {position}")
            with pytest.raises(StoreError, match="does not verify"):
                box.take(subject=HOUSE)
            with box.store.database.begin() as connection:
                name = change.split()[0]
                back = f"UPDATE entry SET {name} = '{before[name]}' WHERE position = {position}"
                connection.exec_driver_sql(back)
        assert names(standing(box)) == [("mortgage", "2")]

    @pytest.mark.parametrize("gate", ["canary", "operation", "production"])
    @pytest.mark.parametrize("former", [False, True])
    def test_what_a_gate_let_run_stands_whatever_the_registry_says(self, box: Box, gate: str, former: bool) -> None:
        """A version that nobody calls promoted was hidden by the next that was begun."""
        register(box, subject=OTHER_DIGEST, version="1")
        about = PRICING | {"system_id": "mortgage"}
        box.decided("allow", NOW - 5 * DAY, gate, about=about, former=former)
        box.decided("deny", NOW - 4 * DAY, gate, about=about, digit="b")
        register(box, days=3)
        assert names(standing(box)) == [("mortgage", "1")]

    @pytest.mark.parametrize(
        "more", [{"outcome": "deny"}, {"chosen": True}, {"signer": "ana"}, {"gate": "staging"}, {"about": PRICING}]
    )
    def test_and_what_none_let_run_does_not(self, box: Box, more: dict[str, Any]) -> None:
        register(box, subject=OTHER_DIGEST, version="1")
        given = {"outcome": "allow", "gate": "production", "about": PRICING | {"system_id": "mortgage"}, **more}
        box.decided(given.pop("outcome"), NOW - 5 * DAY, **given)
        register(box, days=3)
        assert names(standing(box)) == [("mortgage", "2")]


class TestWhatWasDecided:
    def test_the_last_word_of_each_gate(self, box: Box) -> None:
        register(box)
        box.decided("deny", NOW - 4 * DAY, said={"PERF-07": "fail"}, digit="b")
        box.decided("allow", NOW - 3 * DAY, said={"PERF-07": "pass", "SUP-02": "not-applicable"}, digit="c")
        box.decided("deny", NOW - 2 * DAY, "operation", said={"SUP-02": "fail"}, digit="d")
        found = words(box)
        assert list(found) == ["operation", "validation"]
        assert found["validation"] == {
            "decision": f"sha256:{64 * 'c'}",
            "outcome": "allow",
            "decided_at": "2026-11-18T08:00:00Z",
            "bundle_digest": f"sha256:{64 * '1'}",
            "overlay_digest": f"sha256:{64 * '5'}",
            "statuses": {"PERF-07": "pass", "SUP-02": "not-applicable"},
            "waived_until": {},
            "gone": [],
        }
        assert found["operation"]["statuses"] == {"SUP-02": "fail"}

    def test_what_a_waiver_ends_with(self, box: Box) -> None:
        register(box)
        box.decided("allow", said={"SUP-02": "waived"}, waived={"SUP-02": "2027-01-15T08:00:00Z"})
        assert words(box)["validation"]["waived_until"] == {"SUP-02": "2027-01-15T08:00:00Z"}

    def test_a_preview_and_what_the_installation_did_not_sign_hide_nothing(self, box: Box) -> None:
        register(box)
        box.decided("deny", NOW - 4 * DAY, digit="b")
        box.decided("allow", NOW - 3 * DAY, chosen=True, digit="c")
        box.decided("allow", NOW - 3 * DAY, signer="ana", digit="d")
        box.decided("allow", NOW - 3 * DAY, signer=None, digit="e")
        assert words(box)["validation"]["outcome"] == "deny"

    def test_a_decision_on_this_file_under_another_system_answers_for_nothing(self, box: Box) -> None:
        register(box)
        box.decided("allow", about={"system_id": "pricing"})
        assert words(box) == {}

    def test_of_earlier_releases_the_gate_is_read(self, box: Box) -> None:
        register(box)
        box.decided("allow", NOW - 4 * DAY, former=True, digit="b")
        box.decided("deny", NOW - 3 * DAY, former=True, digit="c")
        box.decided("allow", NOW - 2 * DAY, "staging", digit="d")
        assert {gate: word["outcome"] for gate, word in words(box).items()} == {
            "staging": "allow",
            "validation": "deny",
        }

    def test_no_earlier_decision_is_opened(self, box: Box) -> None:
        """What it costs grows with the last words, whatever was decided before."""
        register(box)
        box.decided("deny", NOW - 4 * DAY, digit="b")
        box.decided("allow", NOW - 3 * DAY, digit="c")
        earlier = next(entry for entry in box.store.entries() if entry.kind == "decision")
        box.store.blobs.delete(earlier.envelope)
        assert words(box)["validation"]["outcome"] == "allow"

    def test_what_was_taken_back_since(self, box: Box) -> None:
        register(box)
        first, second, third = (box.add(audit(number), at=NOW - 5 * DAY) for number in range(3))
        box.decided("allow", NOW - 4 * DAY, counted=[first, second, third])
        assert words(box)["validation"]["gone"] == []
        box.withdraw(first)
        box.store.erase(second, reason="duty", actor="test", at=box.clock, signer=key_of("quaestor"))
        assert words(box)["validation"]["gone"] == sorted([first, second])
        box.decided("allow", NOW - DAY, counted=[third])
        assert words(box)["validation"]["gone"] == []


class TestWhatWasLetGo:
    def test_the_gate_lets_a_version_go(self, box: Box) -> None:
        register(box)
        register(box, system="pricing", subject=OTHER_DIGEST, version="1")
        box.decided("allow", NOW - 4 * DAY, "retirement", digit="c")
        content = standing(box)
        assert (names(content), names(content, "retired")) == ([("pricing", "1")], [("mortgage", "2")])
        assert content["retired"][0]["decision"] == f"sha256:{64 * 'c'}"
        register(box, "archived", action="demoted", days=3)
        assert names(standing(box)) == [("pricing", "1")]

    def test_or_the_system_as_a_whole(self, box: Box) -> None:
        register(box)
        box.decided("allow", NOW - 4 * DAY, "retirement", about=WHOLE)
        assert names(standing(box), "retired") == [("mortgage", "2")]
        box.decided("deny", NOW - 3 * DAY, "retirement")
        assert names(standing(box)) == [("mortgage", "2")]

    @pytest.mark.parametrize(
        ("outcome", "more"),
        [("deny", {}), ("indeterminate", {}), ("allow", {"chosen": True}), ("allow", {"signer": "ana"})],
    )
    def test_nothing_else_does(self, box: Box, outcome: str, more: dict[str, Any]) -> None:
        register(box)
        box.decided(outcome, NOW - 4 * DAY, "retirement", **more)
        assert names(standing(box)) == [("mortgage", "2")]

    @pytest.mark.parametrize(("until", "stands"), [(NOW.date(), True), ((NOW - DAY).date(), False)])
    def test_while_a_control_was_off_that_binds_again_it_does_not(self, box: Box, until: date, stands: bool) -> None:
        """The overlay is the same text before that day and after it."""
        register(box)
        box.decided("allow", NOW - 4 * DAY, "retirement", off=["RET-01"], until=until.isoformat())
        (version,) = standing(box)["versions"]
        assert ("let_go" in version) is stands

    @pytest.mark.parametrize(
        "more",
        [
            {"off": ["RET-01"]},
            {"other": OtherPolicies(changed=("gates/retirement.yaml",))},
            {"other": OtherPolicies(missing=("controls/retention/RET-01.rego",))},
            {"other": OtherPolicies(added=("lib/more.rego",))},
        ],
    )
    def test_by_other_policies_it_does_only_where_these_are_in_force(self, box: Box, more: dict[str, Any]) -> None:
        """Which they are, the policies that ask know: by none of the installation's own anything may be let go."""
        register(box)
        box.decided("allow", NOW - 4 * DAY, "retirement", **more)
        (version,) = standing(box)["versions"]
        assert version["let_go"] == {
            "bundle_digest": f"sha256:{64 * '1'}",
            "overlay_digest": f"sha256:{64 * '5'}",
        }
        register(box, subject=OTHER_DIGEST, version="1", days=3)
        assert names(standing(box)) == [("mortgage", "1"), ("mortgage", "2")]

    def test_what_an_overlay_adds_alters_nothing(self, box: Box) -> None:
        register(box)
        box.decided("allow", NOW - 4 * DAY, "retirement", other=OtherPolicies(added=("overlay/lib/own.rego",)))
        assert names(standing(box), "retired") == [("mortgage", "2")]

    @pytest.mark.parametrize("action", ["registered", "promoted"])
    def test_what_comes_back_stands_again(self, box: Box, action: str) -> None:
        register(box)
        box.decided("allow", NOW - 4 * DAY, "retirement")
        register(box, "staging", action=action, days=3)
        assert names(standing(box)) == [("mortgage", "2")]

    def test_so_does_what_was_let_go_by_what_was_taken_back(self, box: Box) -> None:
        register(box)
        record = box.add(audit(), at=NOW - 5 * DAY)
        box.decided("allow", NOW - 4 * DAY, "retirement", counted=[record])
        box.withdraw(record)
        assert names(standing(box)) == [("mortgage", "2")]

    def test_a_version_that_was_made_to_be_let_go_hides_none(self, box: Box) -> None:
        register(box)
        register(box, subject=OTHER_DIGEST, version="3", days=5)
        box.decided("allow", NOW - 4 * DAY, "retirement", about=PRICING | {"system_id": "mortgage"})
        assert names(standing(box)) == [("mortgage", "2")]


def test_the_snapshot_of_now_and_of_an_instant_between(box: Box) -> None:
    register(box)
    box.decided("deny", NOW - 4 * DAY, digit="b")
    box.decided("allow", NOW - 2 * DAY, digit="c")
    then = take_snapshot(box.store, HOUSE, NOW - 3 * DAY, instant_chosen=True)
    (content,) = derived(then, "portfolio-standing")
    assert content["versions"][0]["decisions"]["validation"]["outcome"] == "deny"
    again = take_snapshot(box.store, HOUSE, NOW - 3 * DAY, instant_chosen=True)
    assert again.digest == then.digest
    assert box.take(NOW + timedelta(seconds=1), HOUSE).digest != then.digest
