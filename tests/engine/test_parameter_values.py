"""What may stand in a parameter: words of closed sets, periods and numbers within bounds; all else is refused.

A value that no rule reads has no effect, and whoever wrote it thinks that it holds: a threshold that was meant to be
tightened would stay as it was.
"""

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from engine.bundle.documents import read_yaml
from engine.bundle.draft import Draft, read_draft
from engine.bundle.effective import effective_parameters
from engine.bundle.files import read_folder
from engine.bundle.load import bundle_from_files
from engine.bundle.overlay import effective_under, overlay_at
from engine.bundle.parameter_types import PERIODS, parse_type, problems
from engine.bundle.parameters import PARAMETERS_PATH, Parameter, read_catalogue, read_words
from engine.errors import PolicyError, PolicyErrors
from engine.proofs.linting import lint
from evidence.validation.catalogue import MEASURES
from evidence.validation.measures.robustness import CORRUPTIONS
from evidence.validation.plan.tests import Robustness
from tests.worlds.policies import POLICIES
from tests.worlds.small_bundle import PARAMETERS, small_bundle

MISTAKES = [
    ("metric_bounds: {roc_auc: {levl: 0.99}}", "`metric_bounds.roc_auc.levl` is no metric-bound", "`level`"),
    ("metric_bounds: {rocauc: {level: 0.99}}", "`metric_bounds.rocauc` is no share-metric or other", "`roc_auc`"),
    ("metric_bounds: {roc_auc: {spread: 3}}", "`metric_bounds.roc_auc.spread` is 3, and is at most 1", "write 0.03"),
    ("metric_bounds: {impact_ratio: {level: 0.95}}", "`metric_bounds.impact_ratio` is no share-metric", "of their own"),
    ("required_attacks: [noise, evasoin]", "`required_attacks.1` is `evasoin`, which is no attack", "fgsm, noise"),
    ("required_corruptions: [mising]", "`required_corruptions.0` is `mising`, which is no corruption", "`missing`"),
    ("promotion_drift_tests: [pis]", "`promotion_drift_tests.0` is `pis`, which is no drift-statistic", "`psi`"),
    ("max_open_severity: hihg", "`max_open_severity` is `hihg`, which is no finding-severity", "`high`"),
    ("max_vendor_risk: lo", "`max_vendor_risk` is `lo`, which is no vendor-rating", "`low`"),
    ("blocked_severity: none", "`blocked_severity` is `none`, which is no vulnerability-severity", "medium"),
    ("min_tls_version: 1.3", "`min_tls_version` is `1.3`, and no tls-version", 'write `"1.3"`, in quotes'),
    ("accountable_roles: [acountable-executive]", "is no role", "`accountable-executive`"),
    ("review_functions: [leagl]", "`review_functions.0` is `leagl`, which is no role", "`legal`"),
    ("approvals_by_stage: {prodction: [validator]}", "`approvals_by_stage.prodction` is no stage", "`production`"),
    (
        "approvals_by_tier: {high: [validatr]}",
        "`approvals_by_tier.high.0` is `validatr`, which is no role",
        "validator",
    ),
    ("monitoring_by_tier: {hgh: 1}", "`monitoring_by_tier.hgh` is no tier-rank", "`high`"),
    (
        "notice_hours_by_severity: {critcal: 4}",
        "`notice_hours_by_severity.critcal` is no incident-severity",
        "critical",
    ),
    ("severity_matrix: {high: {'1,000': high}}", "`severity_matrix.high.1,000` is no whole number", "digits"),
    ("severity_matrix: {high: {'0': hgih}}", "`severity_matrix.high.0` is `hgih`, which is no incident", "`high`"),
    ("sensitive_domains: [lendig]", "`sensitive_domains.0` is `lendig`, which is no domain", "`lending`"),
    ("required_log_fields: [requestid]", "`required_log_fields.0` is `requestid`, which is no log-field", "request_id"),
    ("endpoint_auth: [none]", "`endpoint_auth.0` is `none`, which is no authentication", "known are: api-key"),
    ("freeze_periods: [{start: 2027-12-31, end: 2026-01-01}]", "ends on 2026-01-01, before it starts on 2027", "start"),
    ("freeze_periods: [{from: 2027-12-31, end: 2028-01-01}]", "`freeze_periods.0.from` is no part of a", "{start:"),
    (
        "peak_periods: [{start: 2027-12-01, end: 2027-12-32}]",
        "`peak_periods.0.end` is `2027-12-32`, not of type date",
        "",
    ),
    ("maintenance_windows: [2027-12-31]", "`maintenance_windows.0` is `2027-12-31`, and no period", "{start: 2026"),
    ("max_slice_gap: 10", "`max_slice_gap` is 10, and is at most 1", "write 0.1 for 10 per cent"),
    ("max_period_spread: 10", "`max_period_spread` is 10, and is at most 1", "write 0.1"),
    ("min_primary_metric: 75", "`min_primary_metric` is 75, and is at most 1", "write 0.75 for 75 per cent"),
    ("min_confidence: 0.05", "`min_confidence` is 0.05, and is at least 0.5", "Lowest confidence"),
    ("min_test_cases: 0", "`min_test_cases` is 0, and is at least 1", "Independent cases"),
    ("incident_window_days: 0", "`incident_window_days` is 0, and is at least 1", "Days of incidents"),
    ("monitoring_by_tier: {high: 0}", "`monitoring_by_tier.high` is 0, and is at least 1", "Monitoring"),
    ("max_automation_by_tier: {high: 4}", "`max_automation_by_tier.high` is 4, and is at most 3", "automation"),
    ("min_primary_metric: 0,75", "`min_primary_metric` is `0,75`, not of type float", "write `0.75`, with a point"),
    ('min_primary_metric: "0.75"', '`min_primary_metric` is the text `"0.75"`, not of', "write `0.75` without quotes"),
    ("min_test_cases:", "`min_test_cases` is left blank, not of type int", "a whole number"),
    (
        "high_risk_from: {high-annex-iii: 2027-12-02, high-annex-i-a: 2028-08-02, high-annex-i-b: 2028-08-31}",
        "`high_risk_from` is milder than the law's floor",
        "lowered or taken away from",
    ),
    ("event_log_keep: P7999Y", "`event_log_keep` is `P7999Y`, not of type duration", "P6M"),
    ("section5_literal: yes", "`section5_literal` is `yes`, not of type bool", "write `true`"),
]
GOOD = [
    "metric_bounds: {rmse: {level: 65, spread: 10, slice_gap: 25}, roc_auc: {level: 0.99}}",
    "metric_bounds: {mean_difference: {level: 60}}",
    "required_attacks: [noise, fgsm, search]",
    "protected_attributes: [sx, Geschlecht]",  # names of an organisation's own data
    "protected_columns: {sex: Geschlecht}",
    "dp_required_classes: [health]",
    "rollback_limits: {our-own-signal: 3}",
    "severity_matrix: {high: {'0': high, '1000': critical}}",
    'min_tls_version: "1.3"',
    "freeze_periods: [{start: 2026-12-15, end: 2026-12-15}]",
    "max_transfer_drop: 12.5",  # in the unit of the metric, which may be no share
    "member_state_languages: {DE: [de], NO: ['no', nn]}",
]


@pytest.fixture(scope="module")
def draft() -> Draft:
    return read_draft(read_folder(POLICIES))


def refused(draft: Draft, text: str, folder: Path) -> tuple[PolicyError, ...]:
    path = folder / "overlay.yaml"
    path.write_text(f"parameters:\n  {text}\n", encoding="utf-8")
    with pytest.raises(PolicyErrors) as caught:
        effective_parameters(draft.catalogue, overlay_at(path).document, draft.controls.values())
    return caught.value.errors


@pytest.mark.parametrize(("text", "problem", "hint"), MISTAKES)
def test_a_value_that_nothing_reads_is_refused(
    draft: Draft, tmp_path: Path, text: str, problem: str, hint: str
) -> None:
    error, *_ = refused(draft, text, tmp_path)
    assert (error.path, error.line) == (str(tmp_path / "overlay.yaml"), 2)
    assert problem in error.problem
    assert hint in (error.hint or "")


@pytest.mark.parametrize("text", GOOD)
def test_a_value_that_is_read_holds(draft: Draft, tmp_path: Path, text: str) -> None:
    path = tmp_path / "overlay.yaml"
    path.write_text(f"parameters:\n  {text}\n", encoding="utf-8")
    assert effective_parameters(draft.catalogue, overlay_at(path).document).overrides


def test_each_mistake_of_a_value_is_told_at_its_line(draft: Draft, tmp_path: Path) -> None:
    text = "approvals_by_tier:\n    high: [validator]\n    hihg: [validator]\n    limited:\n      - dpo\n      - dpp"
    found = refused(draft, text, tmp_path)
    assert [(error.line, error.problem) for error in found] == [
        (4, "`approvals_by_tier.hihg` is no tier-rank: nothing reads it"),
        (7, "`approvals_by_tier.limited.1` is `dpp`, which is no role"),
    ]


@pytest.mark.slow
def test_lint_and_load_refuse_alike(tmp_path: Path) -> None:
    """An overlay that was meant to be tighter: by neither door is it without effect."""
    path = tmp_path / "overlay.yaml"
    path.write_text("parameters:\n  metric_bounds: {roc_auc: {levl: 0.99}}\n  max_slice_gap: 10\n", encoding="utf-8")
    linted = [error for error in lint(POLICIES, path) if not error.warning]
    with pytest.raises(PolicyErrors) as loaded:
        effective_under(bundle_from_files(read_folder(POLICIES)), overlay_at(path))
    told = [(error.path, error.line, error.problem) for error in loaded.value.errors]
    assert [(error.path, error.line, error.problem) for error in linted] == told
    assert [line for _, line, _ in told] == [2, 3]


class TestWords:
    def test_what_is_written_out_is_what_quaestor_measures(self, draft: Draft) -> None:
        words = {name: set(listed) for name, listed in draft.words.items()}
        budgets = get_type_hints(Robustness)["budgets"]
        assert words["attack"] == set(get_args(get_args(budgets)[0]))
        assert words["corruption"] == set(CORRUPTIONS)
        of_intervals = {"interval_coverage", "interval_width"}  # tests beside others, and no primary metric
        primary = {name for name, row in MEASURES.items() if row.family == "metric"} - of_intervals
        shares = {name for name in primary if MEASURES[name].unit == "share"}
        assert (words["share-metric"], words["other-metric"]) == (shares, primary - shares)

    @pytest.mark.parametrize(
        ("name", "kind", "field", "without"),
        [
            ("effect-method", "kpi-report", "method", {"none"}),
            ("authentication", "access-policy", "authentication", {"none"}),
            ("vulnerability-severity", "vendor-assessment", "risk_rating", set()),
            ("domain", "risk-classification", "sensitive_domain", {"none"}),
        ],
    )
    def test_what_is_written_out_is_an_enumeration_of_the_evidence(
        self, draft: Draft, name: str, kind: str, field: str, without: set[str]
    ) -> None:
        properties: Any = draft.schemas[kind]["properties"]
        assert set(draft.words[name]) == set(properties[field]["enum"]) - without

    def test_every_set_is_named_by_a_type(self, draft: Draft) -> None:
        assert {name for one in draft.catalogue.values() for name in one.words} == draft.words.keys()

    @pytest.mark.parametrize(
        ("words", "problem"),
        [
            ("access/roles.yaml#/rolls", "no words are found at `access/roles.yaml#/rolls`"),
            ("access/rules.yaml#/roles", "no words are found at"),
            ("access/roles.yaml", "no words are found at"),
            ("[]", "`role` lists no words"),
            ("[a, a]", "`role` lists no words"),
            ("[a, 1]", "`role` lists no words"),
            ("3", "`role` lists no words"),
        ],
    )
    def test_words_that_are_not_there(self, words: str, problem: str) -> None:
        document = read_yaml(f"words:\n  role: {words}\nparameters: {{}}\n", PARAMETERS_PATH)
        with pytest.raises(PolicyErrors) as caught:
            read_words(document, read_folder(POLICIES))
        ((line, said),) = [(error.line, error.problem) for error in caught.value.errors]
        assert line == 2
        assert said.startswith(problem)

    def test_a_default_is_held_to_the_words_too(self) -> None:
        text = (
            "parameters:\n  who:\n    type: list<role>\n    default: [validatr]\n    unit: list\n"
            "    source: organisation\n    meaning: Who may do it.\n"
        )
        with pytest.raises(PolicyErrors, match=r"the default of `who\.0` is `validatr`, which is no role"):
            read_catalogue(read_yaml(text, PARAMETERS_PATH), {"role": ("validator",)})
        with pytest.raises(PolicyErrors, match="`role` is not a parameter type"):
            read_catalogue(read_yaml(text, PARAMETERS_PATH))

    def test_an_overlay_names_the_words_of_the_policies_and_brings_its_own(self) -> None:
        own = (
            "words:\n  floor: [ground, first]\nparameters:\n  house_floors:\n    type: map<floor,list<act>>\n"
            "    default: {ground: [erase]}\n    unit: map\n    source: organisation\n    meaning: What is done.\n"
        )
        base = f"words:\n  act: [erase, keep]\n{PARAMETERS.lstrip()}"
        files = {**small_bundle(), PARAMETERS_PATH: base.encode(), f"overlay/{PARAMETERS_PATH}": own.encode()}
        draft = read_draft(files)
        assert not [error for error in draft.mistakes if "parameters" in error.path]
        assert draft.catalogue["house_floors"].words == {"floor": ("ground", "first"), "act": ("erase", "keep")}
        taken = read_draft({**files, f"overlay/{PARAMETERS_PATH}": own.replace("floor", "act").encode()})
        assert "the policies have the words `act` already" in [error.problem for error in taken.mistakes]


@pytest.mark.parametrize("text", ["list<" * 2000 + "str" + ">" * 2000, "fl oat", "float ", "map<str,int", "list"])
def test_text_that_is_no_type(text: str) -> None:
    with pytest.raises(ValueError, match=r"type"):
        parse_type(text)


def test_no_window_over_which_a_feed_answers_is_made_shorter_by_a_stricter_limit(draft: Draft) -> None:
    """With a day of `waiver_max_days` all that lay before went out of APP-07's sight."""
    asked = {
        name
        for text in draft.modules.values()
        for line in text.splitlines()
        if re.search(r"feeds\.\w+\(", line)
        for name in re.findall(r"data\.parameters\.(\w+)", line)
    }
    assert len(asked) > 10
    assert {
        name for name in asked if draft.catalogue[name].floor and draft.catalogue[name].stricter == "lower"
    } == set()


def test_a_catalogue_of_an_earlier_release_is_held_to_no_words() -> None:
    parameter = Parameter(
        type="list<map<str,date>>", default=[], unit="list", source="proposal", meaning="Company change freezes."
    )
    document = read_yaml("parameters: {freeze_periods: [{start: 2027-12-31, end: 2026-01-01}]}", "overlay.yaml")
    held = effective_parameters({"freeze_periods": parameter}, document).values["freeze_periods"]
    assert [wrong.text for wrong in problems(PERIODS, held)] == ["ends on 2026-01-01, before it starts on 2027-12-31"]
    assert not list(problems(parse_type(parameter.type), held))
