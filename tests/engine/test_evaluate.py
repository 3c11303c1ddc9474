"""From an engine's answer to the result of a control: nothing but a whole, plain answer on records is a pass."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.backends.base import Answer, AnswerState, failed
from engine.bundle.control import Control, EvidenceRequirement
from engine.bundle.load import Bundle
from engine.deciding.evaluate import Context, PolicyRecord, judge, policy_record, set_aside, visible
from engine.deciding.verdict import ControlResult, Status
from evidence.model.subject import SubjectKind
from tests.engine import world
from tests.engine.world import DAY, NOW, audit, effective, entry


def context(bundle: Bundle, **more: Any) -> Context:
    plain = Context(
        gate="validation",
        instant=NOW,
        subject=world.SUBJECT,
        tier="minimal",
        roles=("deployer",),
        vocabulary=bundle.vocabulary,
        parameters=effective(bundle).values,
    )
    return replace(plain, **more)


def answer(satisfied: Any = ("known",), findings: Any = (), applies: Any = (True,)) -> Answer:
    def plain(value: Any) -> Any:
        return list(value) if isinstance(value, tuple) else value

    return Answer(
        AnswerState.VALUE, {"applies": plain(applies), "satisfied": plain(satisfied), "findings": plain(findings)}
    )


SEEN: dict[str, list[PolicyRecord]] = {"fairness-audit": [policy_record(entry(audit()))]}
FINDING = {"objective": "known", "message": "too many"}


@pytest.fixture(scope="module")
def plain(bench: Bundle) -> Control:
    return bench.controls["BEN-01"]


def judged(bench: Bundle, control: Control, given: Answer, seen: Any = None, **more: Any) -> ControlResult:
    return judge(control, given, SEEN if seen is None else seen, context(bench, **more))


class TestPass:
    def test_all_objectives_satisfied_on_records(self, bench: Bundle, plain: Control) -> None:
        found = judged(bench, plain, answer())
        assert (found.status, found.evidence) == (Status.PASS, (SEEN["fairness-audit"][0]["id"],))
        assert found.reason == "1 of 1 objectives satisfied on 1 records"

    @pytest.mark.parametrize("seen", [{}, {"fairness-audit": []}, {"approval": SEEN["fairness-audit"]}])
    def test_what_no_record_stands_behind_is_not_satisfied(
        self, bench: Bundle, plain: Control, seen: dict[str, Any]
    ) -> None:
        found = judged(bench, plain, answer(), seen)
        assert found.status is Status.MISSING
        assert not found.objectives[0].satisfied
        assert [finding.path for finding in found.findings] == ["evidence/fairness-audit"]

    def test_nothing_satisfied_gets_a_finding_in_plain_words(self, bench: Bundle, plain: Control) -> None:
        found = judged(bench, plain, answer(()))
        assert found.status is Status.FAIL
        assert found.findings[0].message == "not satisfied: Few cases are of an unknown group."

    def test_the_places_of_a_message_are_filled(self, bench: Bundle, plain: Control) -> None:
        finding = {**FINDING, "message": "{group} has {observed}, {missing}", "observed": 3, "values": {"group": "f"}}
        found = judged(bench, plain, answer((), (finding,)))
        assert found.findings[0].message == "{group} has {observed}, {missing}"
        assert found.reason.startswith("f has 3, {missing}")

    def test_a_gap_is_missing_and_one_breach_beside_it_a_failure(self, bench: Bundle, plain: Control) -> None:
        gap = {**FINDING, "gap": True}
        assert judged(bench, plain, answer((), (gap,))).status is Status.MISSING
        assert judged(bench, plain, answer((), (gap, FINDING))).status is Status.FAIL

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        satisfied=st.one_of(st.none(), st.text(max_size=5), st.lists(st.sampled_from(["known", "knwon", 1, None]))),
        findings=st.one_of(st.none(), st.lists(st.sampled_from([FINDING, {"objective": "known"}, {}, "known", 3]))),
        applies=st.one_of(st.none(), st.booleans(), st.lists(st.sampled_from([True, False, None, 1]), max_size=3)),
        some=st.booleans(),
    )
    def test_only_the_one_whole_answer_passes(
        self, bench: Bundle, plain: Control, satisfied: Any, findings: Any, applies: Any, some: bool
    ) -> None:
        found = judged(bench, plain, answer(satisfied, findings, applies), SEEN if some else {})
        whole = isinstance(satisfied, list) and set(satisfied) == {"known"} and findings == []
        assert (found.status is Status.PASS) == bool(whole and applies in ([True],) and applies[0] is True and some)


class TestError:
    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            (failed("a rule or function gave two different values"), "two different values"),
            (Answer(AnswerState.UNDEFINED), "the policy gave no answer"),
            (Answer(AnswerState.VALUE, None), "lacks"),
            (Answer(AnswerState.VALUE, {"satisfied": ["known"], "findings": []}), "lacks"),
            (answer("known"), "`satisfied` is not a set"),
            (answer({"known": True}), "`satisfied` is not a set"),
            (answer(("known", "knwon")), "unknown objective `knwon`"),
            (answer((), {}), "`findings` is not a set"),
            (answer((), ("text",)), "does not fit"),
            (answer((), ({"objective": "known"},)), "message"),
            (answer((), ({**FINDING, "severity": "none"},)), "severity"),
            (answer((), ({**FINDING, "objective": "other"},)), "unknown objective `other`"),
            (answer((), ({**FINDING, "observed": 2**60},)), "does not fit"),
            (answer((), ({**FINDING, "observed": float("nan")},)), "does not fit"),
            (answer(applies=(1,)), "`applies` is neither"),
            (answer(applies=(True, False)), "`applies` is neither"),
            (answer(applies=True), "`applies` is neither"),
            (answer(("known",), (FINDING,)), "both satisfies and finds against known"),
        ],
    )
    def test_an_answer_that_is_none(self, bench: Bundle, plain: Control, given: Answer, reason: str) -> None:
        found = judged(bench, plain, given)
        assert found.status is Status.ERROR
        assert reason in found.reason
        assert found.reason.startswith("could not be judged")


class TestApplies:
    def test_false_on_records_that_it_reads(self, bench: Bundle) -> None:
        found = judged(bench, bench.controls["BEN-03"], answer((), applies=(False,)))
        assert found.status is Status.NOT_APPLICABLE

    def test_false_without_those_records_is_missing(self, bench: Bundle) -> None:
        control = bench.controls["BEN-03"]
        assert control.applies_reads == {"fairness-audit"}
        found = judged(bench, control, answer((), applies=(False,)), {"feed-status": SEEN["fairness-audit"]})
        assert found.status is Status.MISSING
        assert found.reason == "whether it applies is not known: no current fairness-audit record"

    def test_undefined_is_missing(self, bench: Bundle) -> None:
        assert judged(bench, bench.controls["BEN-03"], answer(applies=())).status is Status.MISSING

    def test_a_control_for_other_tiers_or_roles_says_which(self, bench: Bundle) -> None:
        found = judged(bench, bench.controls["BEN-04"], failed("whatever"))
        assert found.status is Status.NOT_APPLICABLE
        assert found.reason == "it concerns the tiers high; the system's is minimal"
        found = judged(bench, bench.controls["BEN-08"], answer(), roles=("provider",))
        assert found.reason == "it binds a deployer; the organisation is provider"

    @pytest.mark.parametrize("control", ["BEN-04", "BEN-08"])
    def test_where_tier_and_roles_are_unknown_every_control_applies(self, bench: Bundle, control: str) -> None:
        found = judged(bench, bench.controls[control], answer(()), tier="undetermined", roles=())
        assert found.status is Status.FAIL

    def test_an_overlay_among_the_tiers_takes_no_control_away(self, bench: Bundle, plain: Control) -> None:
        found = judged(bench, plain.model_copy(update={"tiers": ("bank-model",)}), answer(()))
        assert found.status is Status.FAIL

    def test_a_gate_at_which_no_objective_is_judged(self, bench: Bundle, plain: Control) -> None:
        objective = plain.objectives["known"].model_copy(update={"at": ("staging",)})
        control = plain.model_copy(update={"objectives": {"known": objective}})
        found = judged(bench, control, answer())
        assert (found.status, found.evidence) == (Status.NOT_APPLICABLE, ())


class TestScope:
    def test_all_objectives_before_their_date_make_the_result_advice(self, bench: Bundle) -> None:
        control = bench.controls["BEN-02"]
        only = control.model_copy(update={"objectives": {"known-by-law": control.objectives["known-by-law"]}})
        for said, status in ((answer(("known-by-law",)), Status.PASS), (answer(()), Status.FAIL)):
            found = judged(bench, only, said, tier="high-annex-iii", roles=("provider",))
            assert (found.status, found.advisory, found.basis) == (status, True, "policy")

    def test_each_tier_has_its_own_date(self, bench: Bundle) -> None:
        day = datetime(2028, 1, 1, tzinfo=UTC)
        for tier, advisory in (("high-annex-iii", False), ("high-annex-i-a", True)):
            found = judged(bench, bench.controls["BEN-04"], answer(()), tier=tier, instant=day)
            assert (found.status, found.advisory) == (Status.FAIL, advisory)

    def test_after_its_end_a_control_advises(self, bench: Bundle, plain: Control) -> None:
        ended = plain.model_copy(update={"until": "D-GEN"})
        assert not judged(bench, ended, answer(()), instant=datetime(2026, 8, 2, tzinfo=UTC)).advisory
        assert judged(bench, ended, answer(()), instant=datetime(2026, 8, 3, tzinfo=UTC)).advisory


class TestVisible:
    @pytest.mark.parametrize(
        ("least", "seen"),
        [
            (None, ["attested", "ingested", "derived", "measured"]),
            ("attested", ["attested", "ingested", "derived", "measured"]),
            ("ingested", ["ingested", "derived", "measured"]),
            ("derived", ["derived", "measured"]),
            ("measured", ["measured"]),
        ],
    )
    def test_a_class_hides_the_lesser_ones(self, plain: Control, least: str | None, seen: list[str]) -> None:
        record = SEEN["fairness-audit"][0]
        records = [{**record, "class": name} for name in ("attested", "ingested", "derived", "measured")]
        control = plain.model_copy(update={"evidence": {"fairness-audit": EvidenceRequirement(least_class=least)}})
        assert [
            r["class"] for r in visible(control, {"fairness-audit": records}, NOW, world.SUBJECT)["fairness-audit"]
        ] == seen

    def test_types_that_are_not_declared_are_hidden(self, plain: Control) -> None:
        assert visible(plain, {**SEEN, "approval": SEEN["fairness-audit"]}, NOW, world.SUBJECT) == SEEN

    def test_an_age_that_reaches_back_before_all_time_hides_nothing(self, plain: Control) -> None:
        control = plain.model_copy(update={"evidence": {"fairness-audit": EvidenceRequirement(max_age="P9000Y")}})
        assert visible(control, SEEN, NOW, world.SUBJECT) == SEEN

    @pytest.mark.parametrize(
        ("kind", "field", "seen"),
        [("model", "artifact_digest", True), ("dataset", "dataset_digest", True), ("system", "artifact_digest", False)],
    )
    def test_records_about_another_subject_are_set_aside(
        self, plain: Control, kind: str, field: str, seen: bool
    ) -> None:
        subject = world.SUBJECT.model_copy(update={"kind": SubjectKind(kind)})
        (record,) = SEEN["fairness-audit"]
        own, other = (
            {**record, "predicate": {**record["predicate"], field: digest}}
            for digest in (subject.digest, f"sha256:{64 * 'e'}")
        )
        records = {"fairness-audit": [own, other]}
        kept = visible(plain, records, NOW, subject)["fairness-audit"]
        assert kept == ([own] if seen else [own, other])
        assert set_aside(plain, records, subject) == {"fairness-audit": 1 if seen else 0}

    def test_a_record_that_names_no_artifact_is_about_what_it_was_filed_for(self, plain: Control) -> None:
        control = plain.model_copy(update={"about": {"fairness-audit": {"model": "checkpoint"}}})
        (record,) = SEEN["fairness-audit"]
        of_the_system = {**record, "subject": [f"sha256:{64 * 'e'}"]}
        records = {"fairness-audit": [record, of_the_system]}
        assert visible(control, records, NOW, world.SUBJECT)["fairness-audit"] == [record]

    def test_nothing_but_other_artifacts_is_missing_and_says_so(self, bench: Bundle, plain: Control) -> None:
        found = judge(plain, answer(()), {"fairness-audit": []}, context(bench), {"fairness-audit": 2})
        assert found.status is Status.MISSING
        assert found.findings[0].values["set_aside"] == 2
        assert found.reason.endswith("; 2 about another artifact set aside")

    def test_a_policy_sees_no_key_but_who_signed(self) -> None:
        record = policy_record(entry(audit(), at=NOW - DAY))
        assert record["signature"] == {
            "state": "verified",
            "kind": "machine",
            "signer": "quaestor",
            "roles": ["collector"],
        }
        assert record["collected_at"] == "2026-11-20T08:00:00Z"
        assert record["predicate"]["unknown_count"] == 0
