"""Exceptions: one holds only whole, in time, in scope, signed by somebody who may grant it and did not ask for it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.access import AccessPolicies
from engine.backends.base import RegoEngine
from engine.bundle.load import Bundle, bundle_from_files
from engine.deciding.decide import decide
from engine.deciding.evaluate import policy_record
from engine.deciding.relaxations import WaiverRelaxation
from engine.deciding.verdict import ControlResult, Decision, Outcome, Status
from engine.deciding.waivers import apply_waiver
from engine.errors import PolicyErrors
from evidence.model.base import format_instant
from evidence.snapshot.model import Entry
from tests.engine.test_evaluate import answer, context, judged
from tests.worlds.people import NOW
from tests.worlds.policies import bench_files, effective
from tests.worlds.records import DIGEST, OTHER_DIGEST, audit, high_questionnaire, predicate, waiver
from tests.worlds.snapshots import entry, papers, snapshot


def person(name: str) -> dict[str, str]:
    return {"id": name, "name": name.title()}


def decided(bench: Bundle, engine: RegoEngine, *waivers: Entry, gate: str = "validation") -> Decision:
    seen = snapshot(*papers(entry(audit(51)), *waivers))
    return decide(bench, effective(bench), seen, gate, engine)


def first(made: Decision) -> ControlResult:
    return next(item for item in made.results if item.control == "BEN-01")


def refusals(result: ControlResult) -> list[str]:
    return [item.code for item in result.refused_waivers]


class TestHolds:
    @pytest.mark.parametrize("scope", [DIGEST, "mortgage@2", "mortgage"])
    def test_a_failure_is_waived_and_listed(self, bench: Bundle, engine: RegoEngine, scope: str) -> None:
        granted = entry(waiver(scope=scope), "ben")
        made = decided(bench, engine, granted)
        assert (first(made).status, first(made).waiver) == (Status.WAIVED, granted.record.id)
        assert made.outcome is Outcome.ALLOW
        (listed,) = made.relaxations
        assert (listed.kind, listed.subject, listed.evidence) == ("waiver", "BEN-01", granted.record.id)
        assert isinstance(listed, WaiverRelaxation)
        assert (listed.status, listed.approver.name, listed.requested_by.name) == ("fail", "Ben", "Ana")
        assert (listed.risk_owner.name, listed.risk) == ("Ana", "some cases are of an unknown group")
        assert format_instant(listed.expires_on) == "2027-01-15T08:00:00Z"
        assert first(made).findings != ()

    def test_missing_evidence_can_be_waived(self, bench: Bundle, engine: RegoEngine) -> None:
        made = decide(bench, effective(bench), snapshot(*papers(entry(waiver(), "ben"))), "validation", engine)
        assert first(made).status is Status.WAIVED
        assert made.relaxations[0].to_json()["status"] == "missing"

    def test_one_that_holds_counts_beside_one_that_does_not(self, bench: Bundle, engine: RegoEngine) -> None:
        bad, good = entry(waiver(requested_by=person("ben")), "ben"), entry(waiver(), "ben")
        assert first(decided(bench, engine, bad, good)).waiver == good.record.id

    def test_a_pass_needs_none(self, bench: Bundle, engine: RegoEngine) -> None:
        seen = snapshot(*papers(entry(audit()), entry(waiver(), "ben")))
        made = decide(bench, effective(bench), seen, "validation", engine)
        assert (first(made).status, made.relaxations) == (Status.PASS, ())


class TestDoesNotHold:
    @pytest.mark.parametrize(
        ("content", "signer", "refused"),
        [
            ({}, "dan", {"code": "not-by-approver", "person": "ben"}),
            ({"control_severity": "minor"}, "ben", {"code": "other-severity", "granted_for": "minor"}),
            ({"granted_at": "2026-11-21T08:00:01Z"}, "ben", {"code": "not-in-force"}),
            ({"expires_on": "2026-11-21T08:00:00Z"}, "ben", {"code": "not-in-force"}),
            (
                {"granted_at": "2026-11-16T07:59:59Z", "expires_on": "2027-02-14T08:00:00Z"},
                "ben",
                {"code": "too-long", "days": 90},
            ),
        ],
    )
    def test_and_says_why(
        self, bench: Bundle, engine: RegoEngine, content: dict[str, Any], signer: str | None, refused: Any
    ) -> None:
        record = entry(waiver(**content), signer)
        made = decided(bench, engine, record)
        assert first(made).status is Status.FAIL
        (found,) = first(made).refused_waivers
        assert found.to_json() == {"policies": [], **refused, "waiver": record.record.id}
        assert made.outcome is Outcome.DENY
        assert [item.kind for item in made.relaxations if item.kind == "waiver"] == []

    @pytest.mark.parametrize(
        ("content", "signer"),
        [
            ({"requested_by": person("ben")}, "ben"),
            ({}, None),
            ({}, "mallory"),
            ({}, "quaestor"),
            ({"approver": person("quaestor")}, "quaestor"),
            ({"approver": person("cleo")}, "cleo"),
        ],
    )
    def test_one_by_nobody_who_may_sign_it_is_no_evidence(
        self, bench: Bundle, engine: RegoEngine, content: dict[str, Any], signer: str | None
    ) -> None:
        record = entry(waiver(**content), signer)
        made = decided(bench, engine, record)
        assert (first(made).status, made.outcome) == (Status.FAIL, Outcome.DENY)
        assert [item.id for item in made.excluded if item.type == "waiver"] == [record.record.id]

    @pytest.mark.parametrize("author", [person("ben"), {"id": "ben-two", "name": "Ben"}])
    def test_one_by_who_built_is_no_evidence(self, bench: Bundle, engine: RegoEngine, author: dict[str, str]) -> None:
        facts = {"reviewers": [], "review_topics": [], "stages": {}, "test_kinds": [], "gates": {}, "tests_failed": 0}
        built = predicate(
            "ci-run", commit="4f2a", author=author, rollback_step="present", artifact_digest=DIGEST, **facts
        )
        record = entry(waiver(), "ben")
        made = decided(bench, engine, entry(built), record)
        assert (first(made).status, made.outcome) == (Status.FAIL, Outcome.DENY)
        assert [item.id for item in made.excluded if item.type == "waiver"] == [record.record.id]

    @pytest.mark.parametrize("content", [{"scope": OTHER_DIGEST}, {"scope": "credit"}, {"control_id": "BEN-06"}])
    def test_one_of_another_scope_is_none(self, bench: Bundle, engine: RegoEngine, content: dict[str, str]) -> None:
        made = decided(bench, engine, entry(waiver(**content), "ben"))
        assert first(made).status is Status.FAIL
        assert first(made).refused_waivers == ()

    def test_the_longest_time_is_a_parameter(self, bench: Bundle, engine: RegoEngine) -> None:
        seen = snapshot(*papers(entry(audit(51)), entry(waiver(), "ben")))
        made = decide(bench, effective(bench, "parameters: {waiver_max_days: 59}"), seen, "validation", engine)
        assert [(item.code, item.days) for item in first(made).refused_waivers] == [("too-long", 59)]
        assert [item.subject for item in made.relaxations] == ["waiver_max_days"]

    def test_an_error_cannot_be_waived(self, bench: Bundle, engine: RegoEngine) -> None:
        seen = snapshot(*papers(entry(audit(7)), entry(waiver("BEN-05"), "ben")))
        made = decide(bench, effective(bench), seen, "clash", engine)
        assert {item.control: item.status for item in made.results}["BEN-05"] is Status.ERROR
        assert not made.allowed

    def test_a_bundle_that_does_not_say_who_may_waive_is_none(self) -> None:
        files = {path: text for path, text in bench_files().items() if not path.endswith(".cedar")}
        with pytest.raises(PolicyErrors, match="no Cedar schema and policies"):
            bundle_from_files(files)


class TestLaw:
    def waived(self, bench: Bundle, control: str, at: Any = NOW, **content: Any) -> ControlResult:
        chosen = bench.controls[control]
        where = {"tier": "high-annex-iii", "roles": ("provider",), "instant": at}
        failing = judged(bench, chosen, answer(()), **where)
        assert failing.status is Status.FAIL
        record = policy_record(entry(waiver(control, **content), "ben"))
        now = context(bench, **where)
        return apply_waiver(chosen, failing, [record], now, lambda: AccessPolicies(bench.files))[0]

    def test_a_blocker_of_the_law_never(self, bench: Bundle) -> None:
        found = self.waived(bench, "BEN-04", control_basis="law")
        assert found.status is Status.FAIL
        assert refusals(found) == ["law-blocker"]

    def test_one_whose_law_does_not_bind_yet_until_it_does(self, bench: Bundle) -> None:
        times = {"granted_at": "2027-11-01T00:00:00Z", "expires_on": "2028-01-01T00:00:00Z"}
        before, after = datetime(2027, 12, 1, tzinfo=UTC), datetime(2027, 12, 2, tzinfo=UTC)
        assert self.waived(bench, "BEN-02", before, **times).status is Status.WAIVED
        assert refusals(self.waived(bench, "BEN-02", after, **times)) == ["law-blocker"]

    @pytest.mark.parametrize(
        ("change", "code", "granted_for"),
        [
            ({"waivable": False}, "not-waivable", None),
            ({"severity": "major", "basis": "law"}, "other-basis", "policy"),
        ],
    )
    def test_a_control_that_changed_since(
        self, bench: Bundle, change: dict[str, Any], code: str, granted_for: str | None
    ) -> None:
        chosen = bench.controls["BEN-01"].model_copy(update=change)
        failing = judged(bench, chosen, answer(()))
        record = policy_record(entry(waiver(control_severity=chosen.severity), "ben"))
        found, listed = apply_waiver(chosen, failing, [record], context(bench), lambda: AccessPolicies(bench.files))
        assert (found.status, listed) == (Status.FAIL, None)
        assert [(item.code, item.granted_for) for item in found.refused_waivers] == [(code, granted_for)]

    def test_high_risk_changes_nothing_for_policies_of_the_house(self, bench: Bundle, engine: RegoEngine) -> None:
        seen = snapshot(entry(high_questionnaire(), "ana"), entry(audit(51)), entry(waiver(), "ben"))
        assert first(decide(bench, effective(bench), seen, "validation", engine)).status is Status.WAIVED
