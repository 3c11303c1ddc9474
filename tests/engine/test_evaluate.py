"""From an engine's answer to the result of a control: nothing but a whole, plain answer on records is a pass."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.backends.base import BAD_INPUT, CONFLICT, DISAGREEMENT, LIMIT, Answer, AnswerState, failed
from engine.bundle.control import Control, EvidenceRequirement
from engine.bundle.load import Bundle
from engine.deciding.evaluate import Context, Policies, PolicyRecord, judge, policy_record, set_aside, visible
from engine.deciding.verdict import (
    Cause,
    ContradictionCause,
    ControlResult,
    EngineCause,
    FindingCause,
    MalformedCause,
    OutsideCause,
    Status,
    UnknownScopeCause,
)
from evidence.model.subject import SubjectKind
from reports.words.findings import finding_text
from tests.worlds.people import DAY, NOW
from tests.worlds.policies import effective
from tests.worlds.records import SUBJECT, audit
from tests.worlds.snapshots import entry


def context(bundle: Bundle, **more: Any) -> Context:
    plain = Context(
        gate="validation",
        instant=NOW,
        subject=SUBJECT,
        tier="minimal",
        roles=("deployer",),
        vocabulary=bundle.vocabulary,
        parameters=effective(bundle).values,
        policies=Policies(bundle.digest, effective(bundle).overlay_digest, bundle.controls),
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
        assert found.cause is None

    @pytest.mark.parametrize("seen", [{}, {"fairness-audit": []}, {"approval": SEEN["fairness-audit"]}])
    def test_what_no_record_stands_behind_is_not_satisfied(
        self, bench: Bundle, plain: Control, seen: dict[str, Any]
    ) -> None:
        found = judged(bench, plain, answer(), seen)
        assert found.status is Status.MISSING
        assert not found.objectives[0].satisfied
        assert [finding.path for finding in found.findings] == ["evidence/fairness-audit"]

    def test_nothing_satisfied_gets_a_finding_of_the_engines_own(self, bench: Bundle, plain: Control) -> None:
        found = judged(bench, plain, answer(()))
        assert found.status is Status.FAIL
        assert (found.findings[0].code, found.findings[0].message) == ("not-satisfied", None)
        assert found.cause == FindingCause(finding=0)

    def test_the_places_of_a_message_are_filled(self, bench: Bundle, plain: Control) -> None:
        finding = {**FINDING, "message": "{group} has {observed}, {missing}", "observed": 3, "values": {"group": "f"}}
        found = judged(bench, plain, answer((), (finding,)))
        assert found.findings[0].message == "{group} has {observed}, {missing}"
        assert finding_text(found.findings[0], "").startswith("f has 3, {missing}")

    def test_a_gap_is_missing_and_one_breach_beside_it_a_failure(self, bench: Bundle, plain: Control) -> None:
        gap = {**FINDING, "gap": True}
        assert judged(bench, plain, answer((), (gap,))).status is Status.MISSING
        both = judged(bench, plain, answer((), (gap, FINDING)))
        assert both.status is Status.FAIL
        assert isinstance(both.cause, FindingCause)
        assert not both.findings[both.cause.finding].gap

    @pytest.mark.parametrize("ids", ["abc", "cba", "bca"])
    def test_the_order_of_findings_is_that_of_what_they_say(self, bench: Bundle, plain: Control, ids: str) -> None:
        """Ids differ from one filing of the same records to the next, and with them nothing that is told."""
        said = [
            {"values": {"group": "f"}, "path": "n", "observed": 2},
            {"values": {"group": "f"}, "path": "n", "observed": 3},
            {"values": {"group": "m"}, "path": "n", "observed": 1},
        ]
        given = tuple(
            {**FINDING, "message": "{group} is small", "evidence": f"sha256:{64 * name}", **item}
            for name, item in zip(ids, said, strict=True)
        )
        found = judged(bench, plain, answer((), given[::-1])).findings
        assert [(item.values["group"], item.observed) for item in found] == [("f", 2), ("f", 3), ("m", 1)]

    def test_a_message_keeps_its_places_and_values(self, bench: Bundle, plain: Control) -> None:
        given = {**FINDING, "message": "{n} of {group}: {all}", "values": {"n": 3, "group": "{n} <b>", "all": False}}
        (found,) = judged(bench, plain, answer((), (given,))).findings
        assert (found.message, found.values) == (given["message"], given["values"])

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
        ("given", "cause"),
        [
            (failed(CONFLICT), EngineCause(error="conflict")),
            (failed(LIMIT), EngineCause(error="limit")),
            (failed(BAD_INPUT), EngineCause(error="bad-input")),
            (failed(DISAGREEMENT), EngineCause(error="disagreement")),
            (failed("what no engine says"), EngineCause(error="failure")),
            (Answer(AnswerState.UNDEFINED), EngineCause(error="no-answer")),
            (Answer(AnswerState.VALUE, None), MalformedCause(problem="form")),
            (Answer(AnswerState.VALUE, {"satisfied": ["known"], "findings": []}), MalformedCause(problem="form")),
            (answer("known"), MalformedCause(problem="satisfied")),
            (answer({"known": True}), MalformedCause(problem="satisfied")),
            (answer(("known", "knwon")), MalformedCause(problem="unknown-objective", name="knwon")),
            (answer((), {}), MalformedCause(problem="findings")),
            (answer((), ("text",)), MalformedCause(problem="finding")),
            (answer((), ({"objective": "known"},)), MalformedCause(problem="finding", name="message")),
            (answer((), ({**FINDING, "severity": "none"},)), MalformedCause(problem="finding", name="severity")),
            (answer((), ({**FINDING, "code": "no-record"},)), MalformedCause(problem="finding", name="code")),
            (answer((), ({**FINDING, "values": {"x": 0.5}},)), MalformedCause(problem="finding", name="values")),
            (answer((), ({**FINDING, "values": {"x": []}},)), MalformedCause(problem="finding", name="values")),
            (
                answer((), ({**FINDING, "objective": "other"},)),
                MalformedCause(problem="unknown-objective", name="other"),
            ),
            (answer((), ({**FINDING, "observed": 2**60},)), MalformedCause(problem="finding")),
            (answer((), ({**FINDING, "observed": float("nan")},)), MalformedCause(problem="finding")),
            (answer(applies=(1,)), MalformedCause(problem="applies")),
            (answer(applies=(True, False)), MalformedCause(problem="applies")),
            (answer(applies=True), MalformedCause(problem="applies")),
            (answer(("known",), (FINDING,)), ContradictionCause(objectives=("known",))),
        ],
    )
    def test_an_answer_that_is_none(self, bench: Bundle, plain: Control, given: Answer, cause: Cause) -> None:
        found = judged(bench, plain, given)
        assert found.status is Status.ERROR
        assert found.cause == cause


class TestApplies:
    def test_false_on_records_that_it_reads(self, bench: Bundle) -> None:
        found = judged(bench, bench.controls["BEN-03"], answer((), applies=(False,)))
        assert found.status is Status.NOT_APPLICABLE

    def test_false_without_those_records_is_missing(self, bench: Bundle) -> None:
        control = bench.controls["BEN-03"]
        assert control.applies_reads == {"fairness-audit"}
        found = judged(bench, control, answer((), applies=(False,)), {"feed-status": SEEN["fairness-audit"]})
        assert found.status is Status.MISSING
        assert found.cause == UnknownScopeCause(absent=("fairness-audit",))

    def test_undefined_is_missing(self, bench: Bundle) -> None:
        assert judged(bench, bench.controls["BEN-03"], answer(applies=())).status is Status.MISSING

    def test_a_control_for_other_tiers_or_roles_says_which(self, bench: Bundle) -> None:
        found = judged(bench, bench.controls["BEN-04"], failed("whatever"))
        assert found.status is Status.NOT_APPLICABLE
        assert found.cause == OutsideCause(what="tier", concerns=("high",), has=("minimal",))
        found = judged(bench, bench.controls["BEN-08"], answer(), roles=("provider",))
        assert found.cause == OutsideCause(what="role", concerns=("deployer",), has=("provider",))

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
            r["class"] for r in visible(control, {"fairness-audit": records}, NOW, SUBJECT)["fairness-audit"]
        ] == seen

    def test_types_that_are_not_declared_are_hidden(self, plain: Control) -> None:
        assert visible(plain, {**SEEN, "approval": SEEN["fairness-audit"]}, NOW, SUBJECT) == SEEN

    def test_an_age_that_reaches_back_before_all_time_hides_nothing(self, plain: Control) -> None:
        control = plain.model_copy(update={"evidence": {"fairness-audit": EvidenceRequirement(max_age="P9000Y")}})
        assert visible(control, SEEN, NOW, SUBJECT) == SEEN

    @pytest.mark.parametrize(
        ("kind", "field", "seen"),
        [("model", "artifact_digest", True), ("dataset", "dataset_digest", True), ("system", "artifact_digest", False)],
    )
    def test_records_about_another_subject_are_set_aside(
        self, plain: Control, kind: str, field: str, seen: bool
    ) -> None:
        subject = SUBJECT.model_copy(update={"kind": SubjectKind(kind)})
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
        assert visible(control, records, NOW, SUBJECT)["fairness-audit"] == [record]

    def test_nothing_but_other_artifacts_is_missing_and_says_so(self, bench: Bundle, plain: Control) -> None:
        found = judge(plain, answer(()), {"fairness-audit": []}, context(bench), {"fairness-audit": 2})
        assert found.status is Status.MISSING
        assert found.findings[0].values["set_aside"] == 2
        assert finding_text(found.findings[0], "").endswith("; 2 about another subject set aside")

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
