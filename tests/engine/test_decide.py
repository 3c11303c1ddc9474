"""decide(): the design's "No silent pass" point by point, tiers, law, earlier gates, and the same bytes each time."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.backends.base import Limits, RegoEngine
from engine.backends.choose import open_engine
from engine.bundle.effective import Effective
from engine.bundle.load import Bundle, bundle_from_files
from engine.deciding.decide import admitted, decide, standing
from engine.deciding.verdict import (
    ContestedReason,
    ContradictionCause,
    ControlReason,
    ControlResult,
    Decision,
    EngineCause,
    GateReason,
    NothingBindsReason,
    Outcome,
    Status,
    TierErrorReason,
    TierReason,
)
from engine.errors import PolicyError, PolicyErrors
from evidence.model.errors import EvidenceError
from evidence.model.predicates.base import Predicate
from evidence.model.record import parse_statement, read_record
from evidence.model.subject import Subject, SubjectKind, portfolio_subject
from evidence.snapshot.model import Entry, Excluded, Makers, PriorDecision, Refusal, Snapshot
from reports.words.decisions import reason_text, relaxation_text
from tests.worlds import policies
from tests.worlds.people import DAY, NOW
from tests.worlds.policies import BENCH, KNOWN, POLICIES, bench_files, effective
from tests.worlds.records import (
    DIGEST,
    SUBJECT,
    audit,
    classification,
    high_questionnaire,
    predicate,
    questionnaire,
    statement,
    waiver,
)
from tests.worlds.snapshots import entry, on_terms_of, papers, prior, snapshot

GOOD = papers(entry(audit()))


def result(made: Decision, control: str) -> ControlResult:
    return next(item for item in made.results if item.control == control)


class TestNoSilentPass:
    def test_1_a_pass_cites_the_records_that_it_rested_on(self, bench: Bundle, engine: RegoEngine) -> None:
        made = decide(bench, effective(bench), snapshot(*GOOD), "validation", engine)
        assert made.outcome is Outcome.ALLOW
        assert result(made, "BEN-01").evidence == (GOOD[1].record.id,)

    def test_1_without_a_record_there_is_no_pass(self, bench: Bundle, engine: RegoEngine) -> None:
        made = decide(bench, effective(bench), snapshot(*papers()), "validation", engine)
        assert made.outcome is Outcome.INDETERMINATE
        assert made.exit_code == 3
        assert result(made, "BEN-01").status is Status.MISSING

    def test_2_evidence_of_the_wrong_type_never_becomes_a_record(self) -> None:
        payload = json.loads(statement(audit()).payload)
        payload["predicate"]["content"]["unknown_count"] = "0"
        with pytest.raises(EvidenceError, match="unknown_count"):
            read_record(parse_statement(json.dumps(payload).encode(), where="file"))

    def test_2_a_parameter_of_the_wrong_type_is_refused(self, bench: Bundle) -> None:
        with pytest.raises(PolicyErrors, match="not of type int"):
            effective(bench, 'parameters: {min_group_size: "50"}')

    def test_3_a_path_that_cannot_exist_is_an_error_with_file_and_line(self) -> None:
        path, text = policies.control("BEN-01", "[validation]", KNOWN.replace("unknown_count <=", "unknwn_count <="))
        line = text[: text.index("unknwn_count")].count("\n") + 1
        with pytest.raises(PolicyErrors, match=f"{path}:{line}: .*unknwn_count"):
            bundle_from_files(bench_files({**BENCH, path: text}))

    def test_3_a_parameter_that_does_not_exist_is_an_error(self) -> None:
        path, text = policies.control("BEN-01", "[validation]", KNOWN.replace("min_group_size", "min_grp_size"))
        with pytest.raises(PolicyErrors, match="min_grp_size"):
            bundle_from_files(bench_files({**BENCH, path: text}))

    def test_4_what_no_rule_asserts_is_not_satisfied(self, bench: Bundle, engine: RegoEngine) -> None:
        made = decide(bench, effective(bench), snapshot(*papers(entry(audit(51)))), "validation", engine)
        assert made.outcome is Outcome.DENY
        assert made.exit_code == 1
        (reason,) = made.reasons
        assert reason == ControlReason(control="BEN-01", status=Status.FAIL, objective="known", finding=0)
        (finding,) = result(made, "BEN-01").findings
        assert (finding.observed, finding.expected, finding.evidence) == (51, 50, made.results[0].evidence[0])

    def test_4_a_good_record_hides_no_bad_one(self, bench: Bundle, engine: RegoEngine) -> None:
        both = papers(entry(audit(0)), entry(audit(99)))
        assert decide(bench, effective(bench), snapshot(*both), "validation", engine).outcome is Outcome.DENY

    def test_4_a_finding_against_a_satisfied_objective_is_an_error(self) -> None:
        rules = KNOWN.replace("unknown_count >", "unknown_count >= 0\n\taudit.predicate.unknown_count <")
        path, text = policies.control("BEN-01", "[validation, staging, clash, aged, lax]", rules)
        bundle = bundle_from_files(bench_files({**BENCH, path: text}))
        opened = open_engine("regorus", bundle.program())
        try:
            made = decide(bundle, effective(bundle), snapshot(*GOOD), "validation", opened)
        finally:
            opened.close()
        assert result(made, "BEN-01").status is Status.ERROR
        assert result(made, "BEN-01").cause == ContradictionCause(objectives=("known",))
        assert made.reasons == (ControlReason(control="BEN-01", status=Status.ERROR),)
        assert made.outcome is Outcome.INDETERMINATE

    @pytest.mark.parametrize("place", range(len(GOOD)))
    def test_5_no_record_can_be_taken_away_from_an_allowance(
        self, bench: Bundle, engine: RegoEngine, place: int
    ) -> None:
        left = [item for index, item in enumerate(GOOD) if index != place]
        assert not decide(bench, effective(bench), snapshot(*left), "validation", engine).allowed

    def test_6_an_error_takes_no_neighbour_with_it(self, bench: Bundle, engine: RegoEngine) -> None:
        made = decide(bench, effective(bench), snapshot(*papers(entry(audit(7)))), "clash", engine)
        assert result(made, "BEN-01").status is Status.PASS
        assert result(made, "BEN-05").status is Status.ERROR
        assert result(made, "BEN-05").cause == EngineCause(error="conflict")
        assert made.outcome is Outcome.INDETERMINATE

    def test_6_an_engine_without_time_gives_no_pass(self, bench: Bundle) -> None:
        hurried = open_engine("regorus", bench.program(), limits=Limits(seconds=1e-6))
        try:
            made = decide(bench, effective(bench), snapshot(*GOOD), "validation", hurried)
        finally:
            hurried.close()
        assert {item.status for item in made.results} == {Status.ERROR}
        assert made.outcome is Outcome.INDETERMINATE
        assert made.exit_code == 3

    def test_7_a_gate_that_selects_nothing_is_refused(self, bench: Bundle, engine: RegoEngine) -> None:
        with pytest.raises(PolicyError, match="gate `empty` selects no control"):
            decide(bench, effective(bench), snapshot(*GOOD), "empty", engine)

    def test_7_a_gate_all_of_whose_controls_are_disabled_is_refused(self, bench: Bundle, engine: RegoEngine) -> None:
        overlay = effective(bench, "disable: {BEN-06: measured by another team until spring}")
        with pytest.raises(PolicyError, match="gate `strict` selects no control"):
            decide(bench, overlay, snapshot(*GOOD), "strict", engine)

    def test_7_an_unknown_gate_is_refused_with_a_near_name(self, bench: Bundle, engine: RegoEngine) -> None:
        with pytest.raises(PolicyError, match="unknown gate `validatoin`") as caught:
            decide(bench, effective(bench), snapshot(*GOOD), "validatoin", engine)
        assert "did you mean `validation`" in str(caught.value.hint)

    def test_7_a_gate_of_which_nothing_applies_allows_nothing(self, bench: Bundle, engine: RegoEngine) -> None:
        high = (entry(high_questionnaire(), "ana"), entry(audit()))
        made = decide(bench, effective(bench), snapshot(*high), "deployers", engine)
        assert result(made, "BEN-08").status is Status.NOT_APPLICABLE
        assert made.outcome is Outcome.INDETERMINATE

    def test_7_a_gate_of_which_nothing_binds_allows_nothing(self, bench: Bundle, engine: RegoEngine) -> None:
        high = (entry(high_questionnaire(), "ana"), entry(audit()))
        made = decide(bench, effective(bench), snapshot(*high), "open", engine)
        assert (result(made, "BEN-04").status, result(made, "BEN-04").advisory) == (Status.PASS, True)
        assert made.outcome is Outcome.INDETERMINATE
        assert made.reasons == (NothingBindsReason(),)
        # Nor does what-if tell an allowance where an earlier gate is all that the decision names.
        behind = made.model_copy(update={"reasons": (GateReason(gate="validation", state="other-policies"),)})
        assert standing(bench, behind).reasons == (NothingBindsReason(),)

    def test_8_every_relaxation_is_listed(self, bench: Bundle, engine: RegoEngine) -> None:
        unsigned = entry(audit(51), None)
        granted = entry(waiver(), "ben")
        gone = [
            Excluded(
                id=f"sha256:{64 * digit}",
                type="fairness-audit",
                reason=reason,
                detail="in words",
                by="ana",
                why="wrong file",
            )
            for digit, reason in (("1", "withdrawn"), ("2", "erased"), ("3", "expired"))
        ]
        overlay = "parameters: {section5_literal: true}\ndisable: {BEN-06: measured by another team until spring}"
        seen = snapshot(*papers(unsigned, granted), chosen=True, excluded=gone)
        made = decide(bench, effective(bench, overlay), seen, "validation", engine)
        assert made.outcome is Outcome.ALLOW
        assert {(item.kind, item.subject) for item in made.relaxations} == {
            ("waiver", "BEN-01"),
            ("parameter", "section5_literal"),
            ("disabled-control", "BEN-06"),
            ("unsigned-evidence", unsigned.record.id),
            ("withdrawn-evidence", gone[0].id),
            ("withdrawn-evidence", gone[1].id),
            ("chosen-instant", NOW),
        }
        told = {item["kind"]: item for item in made.to_json()["relaxations"]}
        assert told["chosen-instant"]["subject"] == "2026-11-21T08:00:00Z"
        assert (told["parameter"]["default"], told["parameter"]["value"]) == (False, True)
        assert told["disabled-control"]["why"] == "measured by another team until spring"
        assert {(item.reason, item.by, item.why) for item in made.excluded} == {
            (reason, "ana", "wrong file") for reason in ("withdrawn", "erased", "expired")
        }

    def test_8_a_register_that_is_taken_for_renewed_is_told(self, bench: Bundle, engine: RegoEngine) -> None:
        seen = snapshot(*GOOD, chosen=True).model_copy(update={"renewal_assumed": NOW - DAY})
        told = decide(bench, effective(bench), seen, "validation", engine).to_json()["relaxations"]
        assert {"kind": "assumed-renewal", "subject": "2026-11-20T08:00:00Z"} in told

    def test_8_nothing_relaxed_is_nothing_listed(self, bench: Bundle, engine: RegoEngine) -> None:
        assert decide(bench, effective(bench), snapshot(*GOOD), "validation", engine).relaxations == ()


class TestMakers:
    """Who made a version is as the snapshot says, which has it from the whole ledger."""

    def approval(self, decision: str) -> Entry:
        content = predicate(
            "approval",
            gate="validation",
            artifact_digest=DIGEST,
            approver={"id": "ben", "name": "Ben"},
            role="compliance",
            decision=decision,
            conditions=[],
            decided_at="2026-11-20T08:00:00Z",
        )
        return entry(content, "ben")

    @pytest.mark.parametrize(
        ("decision", "makers", "aside"),
        [
            ("approve", Makers(trainer=("ben",)), ["apart"]),
            ("approve", Makers(builder=("ben",)), ["apart"]),
            ("approve", Makers(trainer=("cleo",)), []),
            # Nobody silences a rejection by a record that names its author as the one who trained.
            ("reject", Makers(trainer=("ben",)), []),
            ("abstain", Makers(trainer=("ben",)), []),
        ],
    )
    def test_keep_an_approver_out(
        self, bench: Bundle, engine: RegoEngine, decision: str, makers: Makers, aside: list[str]
    ) -> None:
        seen = snapshot(*GOOD, self.approval(decision)).model_copy(update={"makers": makers})
        made = decide(bench, effective(bench), seen, "validation", engine)
        assert [item.reason for item in made.excluded] == aside

    def test_nobody_is_silenced_by_being_named_as_maker(self, bench: Bundle, engine: RegoEngine) -> None:
        """A record of another's authorship sets aside what they signed before: then nothing is allowed at all."""
        strict = entry(classification("prohibited", "prohibited"), "ben", evidence_class="attested")
        seen = snapshot(*GOOD, strict)
        assert decide(bench, effective(bench), seen, "validation", engine).outcome is Outcome.DENY
        named = seen.model_copy(update={"makers": Makers(builder=("ben",))})
        made = decide(bench, effective(bench), named, "validation", engine)
        assert made.outcome is Outcome.INDETERMINATE
        (reason,) = made.reasons
        assert reason == ContestedReason(record=strict.record.id, type="risk-classification", by="ben", act="builder")
        assert "that ben signed is set aside, since ben was named as builder" in reason_text(reason, made)


class TestWhoSigns:
    """A person's record of a type that only some may sign counts by that rule, whatever class it calls itself."""

    @pytest.mark.parametrize(
        ("evidence_class", "signer", "aside"),
        [
            ("ingested", "cleo", ["not-permitted"]),
            ("attested", "cleo", ["not-permitted"]),
            ("ingested", "ben", []),
            ("attested", "ben", []),
            ("ingested", "quaestor", []),
        ],
    )
    def test_an_entry_of_processing(self, shipped: Bundle, evidence_class: str, signer: str, aside: list[str]) -> None:
        seen = snapshot(*papers(entry(self.processing(), signer, evidence_class=evidence_class)))
        assert [why.reason for _, why in admitted(shipped, seen)[1]] == aside

    def test_nor_by_who_built_it(self, shipped: Bundle) -> None:
        seen = snapshot(entry(self.processing(), "ben", evidence_class="ingested"))
        seen = seen.model_copy(update={"makers": Makers(builder=("ben",))})
        assert [why.reason for _, why in admitted(shipped, seen)[1]] == ["apart"]

    def test_a_type_without_a_rule_is_as_its_class_says(self, shipped: Bundle) -> None:
        content = predicate(
            "feed-status",
            feed="legal-hold",
            count=0,
            complete=True,
            window={"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        )
        assert admitted(shipped, snapshot(entry(content, "cleo", evidence_class="ingested")))[1] == []

    def processing(self) -> Predicate:
        return predicate(
            "processing-record",
            entry_id="7",
            systems=["mortgage"],
            version_family="mortgage",
            purposes=["credit decisions"],
            feature_necessity={},
        )


class TestBefore:
    """A decision names what was refused before, and what of it counts no more."""

    def test_a_refusal_of_this_gate_is_a_relaxation(self, bench: Bundle, engine: RegoEngine) -> None:
        gone = f"sha256:{64 * '1'}"
        refusals = tuple(
            Refusal(id=f"sha256:{64 * digit}", gate=gate, outcome="deny", instant=NOW - DAY, gone=(gone,))
            for digit, gate in (("2", "validation"), ("3", "staging"))
        )
        replaced = Excluded(id=gone, type="risk-questionnaire", reason="superseded", detail="", by="ana",
                            replaced_by=GOOD[0].record.id)  # fmt: skip
        seen = snapshot(*GOOD, excluded=[replaced]).model_copy(update={"refusals": refusals})
        made = decide(bench, effective(bench), seen, "validation", engine)
        assert made.outcome is Outcome.ALLOW
        refusal, evidence = made.relaxations
        assert (refusal.kind, refusal.subject) == ("earlier-refusal", refusals[0].id)
        assert refusal.to_json()["gone"] == [gone]
        assert (evidence.kind, evidence.subject) == ("replaced-evidence", gone)
        assert relaxation_text(refusal, made) == (
            "this gate said deny on 20 November 2026, 08:00 UTC (decision 222222222222), and 1 record that it counted "
            "counts no more: 1 replaced (risk-questionnaire 111111111111)"
        )
        successor = GOOD[0].record.id
        assert relaxation_text(evidence, made) == (
            f"risk-questionnaire that ana signed: a later entry says how it stands: {successor}"
        )

    def test_what_a_machine_brought_is_replaced_as_a_matter_of_course(self, bench: Bundle, engine: RegoEngine) -> None:
        replaced = Excluded(id=f"sha256:{64 * '1'}", type="lineage-graph", reason="superseded", detail="")
        made = decide(bench, effective(bench), snapshot(*GOOD, excluded=[replaced]), "validation", engine)
        assert made.relaxations == ()


class TestTier:
    def decided(self, bench: Bundle, engine: RegoEngine, *entries: Entry, gate: str = "validation") -> Decision:
        return decide(bench, effective(bench), snapshot(entry(audit()), *entries), gate, engine)

    def test_an_unknown_tier_blocks(self, bench: Bundle, engine: RegoEngine) -> None:
        made = self.decided(bench, engine)
        assert made.risk.tier == "undetermined"
        assert result(made, "BEN-01").status is Status.PASS
        assert made.outcome is Outcome.INDETERMINATE
        assert made.reasons == (TierReason(tier="undetermined"),)

    def test_a_prohibited_practice_passes_no_gate(self, bench: Bundle, engine: RegoEngine) -> None:
        shown = classification("prohibited", "prohibited")
        made = self.decided(bench, engine, entry(questionnaire(), "ana"), entry(shown))
        assert made.risk.tier == "prohibited"
        assert made.outcome is Outcome.DENY
        assert made.reasons == (TierReason(tier="prohibited"),)

    @pytest.mark.parametrize(
        ("recorded", "declared", "tier"),
        [
            ("minimal", "minimal", "high-annex-iii"),
            ("derogated", "limited", "high-annex-iii"),
            ("minimal", "high-annex-i-a", "high-annex-iii"),
            ("undetermined", "minimal", "undetermined"),
            ("minimal", "prohibited", "prohibited"),
        ],
    )
    def test_the_strictest_tier_holds(
        self, bench: Bundle, engine: RegoEngine, recorded: str, declared: str, tier: str
    ) -> None:
        made = self.decided(
            bench, engine, entry(high_questionnaire(), "ana"), entry(classification(recorded, declared))
        )
        assert made.risk.tier == tier

    def test_the_stricter_of_two_questionnaires_holds(self, bench: Bundle, engine: RegoEngine) -> None:
        high = entry(high_questionnaire(), "ben")
        made = self.decided(bench, engine, entry(questionnaire(), "ana"), high)
        assert (made.risk.tier, made.risk.record) == ("high-annex-iii", high.record.id)
        assert made.risk.roles == ("deployer", "provider")

    def test_the_reason_names_the_record_that_caused_it(self, bench: Bundle, engine: RegoEngine) -> None:
        partial = entry(questionnaire(annex_iii_answers={"1a": "no"}), "ana")
        made = self.decided(bench, engine, entry(questionnaire(), "ben"), partial)
        assert made.reasons[0] == TierReason(tier="undetermined")
        assert reason_text(made.reasons[0], made).startswith(
            f"the risk tier is undetermined, by risk-questionnaire {partial.record.id[7:19]}: Annex III point 1b is not"
        )
        stricter = entry(classification("prohibited", "minimal"))
        made = self.decided(bench, engine, entry(questionnaire(), "ben"), stricter)
        assert made.risk.record == stricter.record.id
        assert f"by risk-classification {stricter.record.id[7:19]}" in reason_text(made.reasons[0], made)
        denied = entry(audit(51))
        made = decide(bench, effective(bench), snapshot(*papers(denied)), "validation", engine)
        assert reason_text(made.reasons[0], made).endswith(f", by fairness-audit {denied.record.id[7:19]}")

    def test_a_risk_policy_with_a_tier_that_nobody_knows_is_no_answer(self) -> None:
        files = bench_files()
        files["risk/tier.rego"] = files["risk/tier.rego"].replace(b'"tier": strictest,', b'"tier": "high-anex-iii",')
        bundle = bundle_from_files(files)
        opened = open_engine("regorus", bundle.program())
        mild = (entry(high_questionnaire(), "ana"), entry(classification("minimal", "minimal")), entry(audit()))
        try:
            made = decide(bundle, effective(bundle), snapshot(*mild), "validation", opened)
        finally:
            opened.close()
        assert made.risk.tier == "undetermined"
        assert made.outcome is Outcome.INDETERMINATE
        assert made.reasons == (TierErrorReason(problem="unknown-tier", name="high-anex-iii"),)

    def test_the_risk_policy_does_not_see_other_records(self, bench: Bundle, engine: RegoEngine) -> None:
        alone = decide(bench, effective(bench), snapshot(entry(questionnaire(), "ana")), "validation", engine)
        assert alone.risk == self.decided(bench, engine, entry(questionnaire(), "ana")).risk


class TestSeverity:
    def test_a_major_control_denies_where_the_gate_says(self, bench: Bundle, engine: RegoEngine) -> None:
        seen = snapshot(*papers(entry(audit(51)), entry(waiver(), "ben")))
        assert decide(bench, effective(bench), seen, "strict", engine).outcome is Outcome.DENY
        made = decide(bench, effective(bench), seen, "lax", engine)
        assert made.outcome is Outcome.ALLOW
        assert result(made, "BEN-06").status is Status.FAIL


class TestHiddenRecords:
    def test_a_record_past_a_controls_age_can_neither_help_nor_hurt(self, bench: Bundle, engine: RegoEngine) -> None:
        old = entry(audit(), at=NOW - 8 * DAY)
        made = decide(bench, effective(bench), snapshot(*papers(old)), "aged", engine)
        assert result(made, "BEN-01").evidence == (old.record.id,)
        assert (result(made, "BEN-07").status, result(made, "BEN-07").evidence) == (Status.MISSING, ())
        bad, new = entry(audit(99), at=NOW - 8 * DAY), entry(audit())
        made = decide(bench, effective(bench), snapshot(*papers(bad, new)), "aged", engine)
        assert result(made, "BEN-01").status is Status.FAIL
        assert (result(made, "BEN-07").status, result(made, "BEN-07").evidence) == (Status.PASS, (new.record.id,))

    def test_the_last_second_of_an_age_counts(self, bench: Bundle, engine: RegoEngine) -> None:
        for late, status in ((0, Status.PASS), (1, Status.MISSING)):
            seen = snapshot(*papers(entry(audit(), at=NOW - 7 * DAY - timedelta(seconds=late))))
            assert result(decide(bench, effective(bench), seen, "aged", engine), "BEN-07").status is status


class TestLaw:
    def law(
        self, bench: Bundle, engine: RegoEngine, instant: datetime, *, high: bool = True, bad: int = 51
    ) -> Decision:
        asked = high_questionnaire() if high else questionnaire()
        seen = snapshot(entry(asked, "ana", at=instant - DAY), entry(audit(bad), at=instant - DAY), instant=instant)
        return decide(bench, effective(bench), seen, "law", engine)

    def test_in_scope_before_its_date_the_laws_objective_advises(self, bench: Bundle, engine: RegoEngine) -> None:
        found = result(self.law(bench, engine, datetime(2027, 12, 1, 23, 59, 59, tzinfo=UTC)), "BEN-02")
        assert [(o.name, o.satisfied, o.advisory) for o in found.objectives] == [
            ("known", False, False),
            ("known-by-law", False, True),
        ]
        assert (found.basis, found.status, found.advisory) == ("policy", Status.FAIL, False)

    def test_in_scope_from_its_date_the_law_binds(self, bench: Bundle, engine: RegoEngine) -> None:
        found = result(self.law(bench, engine, datetime(2027, 12, 2, tzinfo=UTC)), "BEN-02")
        assert [o.advisory for o in found.objectives] == [False, False]
        assert found.basis == "law"

    def test_switched_off_it_is_judged_all_the_same_where_it_is_law(self, bench: Bundle, engine: RegoEngine) -> None:
        house = effective(bench, "disable: {BEN-02: {reason: no unknown groups here, approver: ada}}")

        def told(day: datetime, gate: str, high: bool = True) -> Decision:
            asked = high_questionnaire() if high else questionnaire()
            filed = (entry(asked, "ana", at=day - DAY), entry(audit(51), at=day - DAY))
            return decide(bench, house, snapshot(*filed, instant=day), gate, engine)

        law, before = datetime(2027, 12, 2, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC)
        assert result(told(law, "law"), "BEN-02").basis == "law"
        assert not [item for item in told(law, "law").relaxations if item.kind == "disabled-control"]
        for day, high in ((before, True), (law, False)):
            with pytest.raises(PolicyError, match="gate `law` selects no control"):
                told(day, "law", high)
            off = [item for item in told(day, "validation", high).relaxations if item.kind == "disabled-control"]
            assert [item.to_json() for item in off] == [
                {"kind": "disabled-control", "subject": "BEN-02", "why": "no unknown groups here", "approver": "ada"}
            ]

    def test_switched_off_until_a_day_it_is_judged_from_the_next_day_on(
        self, bench: Bundle, engine: RegoEngine
    ) -> None:
        house = effective(
            bench, "disable: {BEN-02: {reason: no unknown groups here, approver: ada, until: 2026-12-31}}"
        )

        def told(day: datetime, gate: str) -> Decision:
            filed = (entry(questionnaire(), "ana", at=day - DAY), entry(audit(51), at=day - DAY))
            return decide(bench, house, snapshot(*filed, instant=day), gate, engine)

        last, next_day = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        with pytest.raises(PolicyError, match="gate `law` selects no control"):
            told(last, "law")
        made = told(last, "validation")
        (off,) = [item for item in made.relaxations if item.kind == "disabled-control"]
        assert off.to_json()["until"] == "2026-12-31"
        assert "until 31 December 2026, approved by ada: no unknown groups here" in relaxation_text(off, made)
        assert result(told(next_day, "law"), "BEN-02").status is Status.FAIL
        assert not [item for item in told(next_day, "validation").relaxations if item.kind == "disabled-control"]

    def test_out_of_scope_the_laws_objective_is_not_judged(self, bench: Bundle, engine: RegoEngine) -> None:
        found = result(self.law(bench, engine, datetime(2028, 1, 1, tzinfo=UTC), high=False), "BEN-02")
        assert [o.name for o in found.objectives] == ["known"]
        assert found.basis == "policy"

    @pytest.mark.parametrize(
        ("day", "overlay", "advisory"),
        [
            (datetime(2026, 11, 21, tzinfo=UTC), None, True),
            (datetime(2026, 8, 1, tzinfo=UTC), "parameters: {section5_literal: true}", True),
            (datetime(2026, 8, 2, tzinfo=UTC), "parameters: {section5_literal: true}", False),
            (datetime(2027, 12, 2, tzinfo=UTC), None, False),
        ],
    )
    def test_a_date_that_is_unsettled_goes_by_its_switch(
        self, bench: Bundle, engine: RegoEngine, day: datetime, overlay: str | None, advisory: bool
    ) -> None:
        seen = snapshot(entry(high_questionnaire(), "ana", at=day - DAY), entry(audit(99), at=day - DAY), instant=day)
        made = decide(bench, effective(bench, overlay), seen, "open", engine)
        assert (result(made, "BEN-04").status, result(made, "BEN-04").advisory) == (Status.FAIL, advisory)
        assert made.outcome is (Outcome.INDETERMINATE if advisory else Outcome.DENY)
        assert [item.subject for item in made.relaxations] == (["section5_literal"] if overlay else [])


class TestEarlierGates:
    def staged(self, bench: Bundle, engine: RegoEngine, *decisions: PriorDecision) -> Decision:
        same_terms = [on_terms_of(bench, decision) for decision in decisions]
        return decide(bench, effective(bench), snapshot(*GOOD, decisions=same_terms), "staging", engine)

    def test_an_allowance_whose_evidence_was_taken_back_answers_for_nothing(
        self, bench: Bundle, engine: RegoEngine
    ) -> None:
        gone = (f"sha256:{64 * '1'}",)
        made = self.staged(bench, engine, prior("validation", "allow").model_copy(update={"gone": gone}))
        assert made.outcome is Outcome.INDETERMINATE
        (asked,) = made.prerequisites
        assert (asked.state, asked.met) == ("taken-back", False)

    def test_an_allowance_under_other_policies_or_parameters_answers_for_nothing(
        self, bench: Bundle, engine: RegoEngine
    ) -> None:
        allowed = on_terms_of(bench, prior("validation", "allow"))
        for field in ("bundle_digest", "parameters_digest"):
            other = allowed.model_copy(update={field: f"sha256:{64 * '0'}"})
            made = decide(bench, effective(bench), snapshot(*GOOD, decisions=[other]), "staging", engine)
            assert made.outcome is not Outcome.ALLOW
            (asked,) = made.prerequisites
            assert (asked.state, asked.outcome, asked.met) == ("other-policies", Outcome.ALLOW, False)
            assert made.reasons == (GateReason(gate="validation", state="other-policies", decision=other.id),)

    def test_an_allowance_without_a_control_answers_only_where_it_is_off_here_too(self) -> None:
        files = bench_files()
        path = next(path for path, content in files.items() if b"#   id: BEN-02\n" in content)
        asked = files[path].replace(b"#   gates: [law]", b"#   gates: [law, validation]")
        assert asked != files[path]
        bundle = bundle_from_files({**files, path: asked})
        lenient = effective(bundle, "disable: {BEN-02: no unknown groups here, BEN-06: nor is that measured}")

        def state(off: str, overlay: Effective, day: datetime = NOW) -> str:
            allowed = on_terms_of(bundle, prior("validation", "allow", day - DAY)).model_copy(update={"off": (off,)})
            filed = (entry(high_questionnaire(), "ana", at=day - DAY), entry(audit(), at=day - DAY))
            taken = snapshot(*filed, decisions=[allowed], instant=day)
            with closing(open_engine("regorus", bundle.program())) as running:
                return decide(bundle, overlay, taken, "staging", running).prerequisites[0].state

        assert state("BEN-02", effective(bundle)) == "other-policies"
        assert state("BEN-02", lenient) == "allowed"
        assert state("BEN-02", lenient, datetime(2027, 12, 2, tzinfo=UTC)) == "other-policies", "it is law by now"
        assert state("BEN-06", effective(bundle)) == "allowed", "the earlier gate does not ask it"

    def test_an_allowance_of_the_earlier_gate_is_cited(self, bench: Bundle, engine: RegoEngine) -> None:
        made = self.staged(bench, engine, prior("validation", "allow"))
        assert made.outcome is Outcome.ALLOW
        assert made.prerequisites[0].decision == f"sha256:{64 * 'a'}"

    @pytest.mark.parametrize(
        ("decisions", "outcome"),
        [
            ([], Outcome.INDETERMINATE),
            ([prior("registration", "allow")], Outcome.INDETERMINATE),
            ([prior("validation", "deny")], Outcome.DENY),
            ([prior("validation", "indeterminate")], Outcome.INDETERMINATE),
            ([prior("validation", "allow", NOW + DAY)], Outcome.INDETERMINATE),
            ([prior("validation", "allow", NOW - 2 * DAY), prior("validation", "deny", digit="b")], Outcome.DENY),
            ([prior("validation", "deny", digit="b"), prior("validation", "allow", NOW - 2 * DAY)], Outcome.DENY),
            ([prior("validation", "allow"), prior("validation", "deny", digit="1")], Outcome.DENY),
        ],
        ids=["none", "another gate", "denied", "could not say", "later", "denied since", "in any order", "at once"],
    )
    def test_anything_else_lets_nothing_through(
        self, bench: Bundle, engine: RegoEngine, decisions: list[PriorDecision], outcome: Outcome
    ) -> None:
        made = self.staged(bench, engine, *decisions)
        assert made.outcome is outcome
        assert not made.prerequisites[0].met


ENTRIES = papers(
    *(entry(audit(n), signer) for n, signer in ((0, "quaestor"), (3, None), (60, "quaestor"), (61, None))),
    entry(waiver(), "ben"),
    entry(waiver(requested_by={"id": "ben", "name": "Ben"}), "ben"),
    entry(classification("minimal", "minimal")),
    entry(questionnaire(), "ben", at=NOW - 2 * DAY),
    entry(audit(), at=NOW - 20 * DAY),
)
GATES = [name for name in policies.GATES if name != "empty"]


class TestSameBytes:
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(order=st.permutations(range(len(ENTRIES))), gate=st.sampled_from(GATES))
    def test_the_order_of_records_changes_nothing(
        self, bench: Bundle, engine: RegoEngine, order: list[int], gate: str
    ) -> None:
        seen = [snapshot(*ENTRIES), snapshot(*(ENTRIES[place] for place in order))]
        bodies = [decide(bench, effective(bench), each, gate, engine).body for each in seen]
        assert bodies[0] == bodies[1]

    @pytest.mark.parametrize("gate", GATES)
    def test_two_engines_give_the_same_bytes(
        self, bench: Bundle, engine: RegoEngine, wasm: RegoEngine, gate: str
    ) -> None:
        for entries in (ENTRIES, GOOD, papers(entry(audit(7))), ()):
            seen = snapshot(*entries)
            bodies = [decide(bench, effective(bench), seen, gate, each).body for each in (engine, wasm)]
            assert bodies[0] == bodies[1]

    def test_a_record_of_a_type_that_no_control_reads_changes_no_result(
        self, bench: Bundle, engine: RegoEngine
    ) -> None:
        model = effective(bench)
        alone = decide(bench, model, snapshot(*GOOD), "validation", engine)
        more = decide(bench, model, snapshot(*GOOD, entry(classification("minimal", "minimal"))), "validation", engine)
        assert (more.results, more.outcome, more.risk) == (alone.results, alone.outcome, alone.risk)
        assert more.snapshot_digest != alone.snapshot_digest

    def test_seed_of_hashes_locale_and_zone_change_nothing(self, tmp_path: Path) -> None:
        # Keys differ from process to process, so records go unsigned, as JSON, into each.
        seen = snapshot(*(item for item in ENTRIES if item.signature.state == "absent"))
        (tmp_path / "snapshot.json").write_text(json.dumps(seen.to_json()))
        script = (
            "import sys; from pathlib import Path\n"
            "from engine.backends.choose import open_engine; from engine.deciding.decide import decide\n"
            "from evidence.snapshot.model import Snapshot; from tests.worlds.policies import bench_bundle, effective\n"
            "bundle = bench_bundle(); engine = open_engine('regorus', bundle.program())\n"
            "seen = Snapshot.model_validate_json(Path(sys.argv[1]).read_bytes())\n"
            "for gate in ('validation', 'clash', 'law'):\n"
            "    print(decide(bundle, effective(bundle), seen, gate, engine).body.decode())\n"
            "engine.close()\n"
        )
        outputs = {
            subprocess.run(
                [sys.executable, "-c", script, str(tmp_path / "snapshot.json")],
                env={**os.environ, "PYTHONHASHSEED": str(seed), "LC_ALL": words, "LANG": words, "TZ": zone},
                cwd=POLICIES.parent,
                capture_output=True,
                check=True,
                timeout=120,
            ).stdout
            for seed, words, zone in ((0, "C", "UTC"), (1, "de_DE.UTF-8", "Asia/Tokyo"), (4711, "tr_TR", "EST5EDT"))
        }
        assert len(outputs) == 1
        assert outputs.pop().count(b"\n") == 3


@pytest.fixture(scope="module")
def reviewed() -> Bundle:
    gates = {**policies.GATES, "review": "denies: [blocker]\nsubjects: [portfolio]"}
    return bundle_from_files(bench_files({**BENCH, **dict([policies.control("BEN-09", "[review]")])}, gates))


class TestPortfolio:
    """The organisation is judged by the gates that say so, and by no other; it has no tier."""

    def decided(self, bundle: Bundle, gate: str, subject: Subject, *entries: Entry) -> Decision:
        opened = open_engine("regorus", bundle.program())
        try:
            of_it = snapshot(*entries).model_copy(update={"subject": subject})
            return decide(bundle, effective(bundle), of_it, gate, opened)
        finally:
            opened.close()

    def test_it_passes_without_a_questionnaire(self, reviewed: Bundle) -> None:
        made = self.decided(reviewed, "review", portfolio_subject(), entry(audit()))
        assert made.outcome is Outcome.ALLOW

    def test_it_does_not_pass_without_a_record(self, reviewed: Bundle) -> None:
        assert self.decided(reviewed, "review", portfolio_subject()).outcome is Outcome.INDETERMINATE

    @pytest.mark.parametrize(("gate", "subject"), [("validation", portfolio_subject()), ("review", SUBJECT)])
    def test_no_gate_judges_what_it_does_not_name(self, reviewed: Bundle, gate: str, subject: Subject) -> None:
        with pytest.raises(PolicyError, match=f"gate `{gate}` judges no {subject.kind}"):
            self.decided(reviewed, gate, subject, entry(audit()))


@pytest.fixture(scope="module")
def running(shipped: Bundle) -> Iterator[RegoEngine]:
    opened = open_engine("regorus", shipped.program())
    yield opened
    opened.close()


class TestShippedPolicies:
    def seen(self, shipped: Bundle, gate: str, *entries: Entry) -> Snapshot:
        """A snapshot of a subject that the gate judges."""
        known = (SUBJECT, SUBJECT.model_copy(update={"kind": SubjectKind.DATASET}), portfolio_subject())
        subject = next(subject for subject in known if subject.kind in shipped.gates[gate].subjects)
        return snapshot(*entries).model_copy(update={"subject": subject})

    def test_no_gate_opens_for_an_empty_snapshot(self, shipped: Bundle, running: RegoEngine) -> None:
        for gate in sorted(shipped.gates):
            made = decide(shipped, effective(shipped), self.seen(shipped, gate), gate, running)
            assert not made.allowed, gate
            assert not [item.control for item in made.results if item.status is Status.PASS], gate

    def test_every_pass_cites_records_of_the_snapshot(self, shipped: Bundle, running: RegoEngine) -> None:
        choose = random.Random(7)
        for gate in sorted(shipped.gates):
            seen = self.seen(shipped, gate, *choose.sample(ENTRIES, 8))
            known = {item.record.id for item in seen.entries}
            made = decide(shipped, effective(shipped), seen, gate, running)
            for item in made.results:
                assert set(item.evidence) <= known
                assert item.evidence or item.status is not Status.PASS
