"""Forecasts: errors beside naive ones, by origin and horizon, and what may not have been known."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
import yaml
from onnx import helper, numpy_helper

from evidence.model.base import parse_instant
from evidence.model.errors import EvidenceError
from evidence.validation.measures.forecast import Forecasts, History
from evidence.validation.outcome import ValidationOutcome
from evidence.validation.plan.read import load_plan
from evidence.validation.runner import validate
from tests.worlds.runs import onnx_model, plan_values

AT = parse_instant("2026-11-21T08:00:00Z")
KEY = np.zeros(1, dtype=np.uint64)


def history(values: Any, season: int, series: int = 0) -> History:
    found = History(season)
    steps = np.arange(len(values))
    found.add(np.full(len(values), series, dtype=np.uint64), steps, np.asarray(values, dtype=np.float64))
    found.close("history.csv")
    return found


class TestMeasures:
    def test_scale_is_the_naive_error_of_the_past(self) -> None:
        past = np.array([1.0, 5, 2, 6, 3, 8, 2, 7])
        assert history(past, 1).scales(KEY, "")[0] == pytest.approx(np.abs(np.diff(past)).mean())
        assert history(past, 2).scales(KEY, "")[0] == pytest.approx(np.abs(past[2:] - past[:-2]).mean())

    def test_no_wrong_season_makes_errors_small(self) -> None:
        past = np.arange(40.0)  # a trend: a season apart lies far more than a step
        assert history(past, 12).scales(KEY, "")[0] == pytest.approx(1)

    def test_a_gap_in_the_past_is_no_value(self) -> None:
        found = History(1)
        found.add(np.zeros(4, dtype=np.uint64), np.array([1, 2, 5, 6]), np.array([1.0, 3.0, 100.0, 101.0]))
        found.close("history.csv")
        assert found.scales(KEY, "")[0] == pytest.approx(1.5)

    def test_a_series_without_a_past_is_refused(self) -> None:
        with pytest.raises(EvidenceError, match="has no history of more than 3 steps"):
            history(np.arange(9.0), 3).scales(np.array([7], dtype=np.uint64), "test.csv")
        with pytest.raises(EvidenceError, match="no history"):
            history(np.arange(1.0), 1).scales(KEY, "test.csv")

    def test_naive_forecast_repeats_the_last_season_known(self) -> None:
        past = np.array([10.0, 20, 30, 11, 21, 31])
        found = Forecasts(history(past, 3), "test.csv")
        truth = np.array([12.0, 22, 32, 14])
        rows = [(o, t) for o in (5, 6) for t in range(o + 1, 10) if t - o <= 4]
        origin, target = (np.array(part) for part in zip(*rows, strict=True))
        label = truth[target - 6]
        found.add(np.zeros(len(rows), dtype=np.uint64), origin, target, label, label + 2, origin.astype(np.uint64))
        known = np.concatenate([past, truth])
        naive = [abs(known[t] - known[max(s for s in range(o + 1) if (t - s) % 3 == 0)]) for o, t in rows]
        told = found.relative(0.95, 2.0)
        assert told is not None
        assert told.value == pytest.approx(2 / np.mean(naive))
        assert told.low < told.value < told.high

    def test_naive_forecasts_that_are_mostly_unknown_tell_nothing(self) -> None:
        found = Forecasts(history(np.arange(4.0), 2), "test.csv")
        steps = np.arange(50, 60)
        found.add(np.zeros(10, dtype=np.uint64), steps, steps + 1, steps * 1.0, steps + 1.0, steps.astype(np.uint64))
        assert found.relative(0.95, 10) is None

    def test_one_moment_has_one_truth(self) -> None:
        found = Forecasts(history(np.arange(9.0), 1), "test.csv")
        two = np.zeros(2, dtype=np.uint64)
        found.add(two, np.array([9, 10]), np.array([12, 12]), np.array([1.0, 2.0]), np.array([1.0, 1.0]), two)
        with pytest.raises(EvidenceError, match="two values of one series at one time"):
            found.relative(0.95, 2)


START = date(2024, 1, 1)


def day(step: int) -> str:
    return (START + timedelta(days=step)).isoformat()


def world(shops: int = 60, ahead: int = 2, origins: int = 5, seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """Test rows and history of daily sales in shops, with a week's season."""
    rng = np.random.default_rng(seed)
    week = rng.random(7)
    past, rows = [], []
    for shop in range(shops):
        sales = (0.2 + 0.6 * np.tile(week, 8)[:50] + rng.normal(0, 0.05, 50)).round(4)
        past += [(f"s{shop}", day(step), float(sales[step])) for step in range(35)]
        for origin in range(34, 34 + origins):
            for step in range(origin + 1, origin + 1 + ahead):
                rows.append((f"s{shop}", day(origin), day(step), sales[step - 7], sales[origin], sales[step]))
    names = ("shop", "known_on", "day", "income", "debt", "sales")
    test = pa.table({name: list(part) for name, part in zip(names, zip(*rows, strict=True), strict=True)})
    before = pa.table({n: list(p) for n, p in zip(("shop", "day", "sales"), zip(*past, strict=True), strict=True)})
    return test, before


def run(
    folder: Path, test: pa.Table, before: pa.Table, training: pa.Table | None = None, **changes: Any
) -> ValidationOutcome:
    """The model answers with what was sold on the same day a week ago."""
    weights = numpy_helper.from_array(np.array([[1.0], [0.0]], dtype=np.float32), "W")
    (folder / "model.onnx").write_bytes(
        onnx_model([helper.make_node("MatMul", ["X", "W"], ["p"])], [weights]).SerializeToString()
    )
    pacsv.write_csv(test, folder / "test.csv")
    pacsv.write_csv(before, folder / "history.csv")
    values = plan_values(protected_attributes=None, binding_measures=None)
    known = {k: v for k, v in values["data"].items() if k not in ("positive", "negative")}
    forecast = {
        "series": "shop",
        "origin": "known_on",
        "target": "day",
        "step": "day",
        "horizon": 2,
        "season": 7,
        "cases": "series",
        "history": {"path": "history.csv", "format": "csv"},
    }
    values["data"] = known | {"label": "sales", "forecast": forecast | changes.pop("forecast", {})}
    values["data"] |= changes.pop("data", {})
    values["output"] = {"name": "p", "kind": "value"}
    if training is not None:
        pacsv.write_csv(training, folder / "train.csv")
        values["training"] = {"path": "train.csv", "format": "csv"}
    limits = {name: {"op": "<=", "value": 2, "confidence": 0.95} for name in ("mase", "mase:horizon=2", "relative_mae")}
    values["plan"] |= {
        "protected_attributes": [], "primary_metric": "mase", "required_tests": list(limits), "thresholds": limits,
    }  # fmt: skip
    values |= changes
    (folder / "plan.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    plan = load_plan(folder / "plan.yaml")
    return validate(plan, started_at=AT, plan_digest=plan.digest)


class TestRuns:
    def test_by_series_and_by_horizon(self, tmp_path: Path) -> None:
        test, before = world()
        found = run(tmp_path, test, before).run
        assert found.effective_n == 60
        assert found.metrics["mase"].n == found.metrics["relative_mae"].n == 60
        assert found.metrics["relative_mae"].value == pytest.approx(1, abs=1e-5)  # it is the naive forecast
        assert {item.value for item in found.slices if item.dimension == "horizon"} == {"1", "2"}
        past = np.asarray(before["sales"]).reshape(60, 35)
        scale = np.minimum(np.abs(past[:, 7:] - past[:, :-7]).mean(axis=1), np.abs(np.diff(past, axis=1)).mean(axis=1))
        error = np.abs(np.asarray(test["sales"]) - np.asarray(test["income"])).reshape(60, -1)
        assert found.metrics["mase"].value == pytest.approx((error / scale[:, None]).mean(), rel=1e-5)
        assert all(result.passed for result in found.test_results.values())
        assert found.operating_point is not None
        assert "season of 7, cases by series" in (found.operating_point.judged_by or "")

    @pytest.mark.parametrize("constant", [3, 12])
    def test_series_whose_past_is_one_value(self, tmp_path: Path, constant: int) -> None:
        """They have no naive error: left out and counted, and where they are many nothing is told."""
        test, before = world()
        flat = {f"s{at}" for at in range(constant)}
        sales = [
            0.5 if s in flat else v for s, v in zip(*(before[n].to_pylist() for n in ("shop", "sales")), strict=True)
        ]
        found = run(tmp_path, test, before.set_column(2, "sales", pa.array(sales))).run
        if constant == 3:
            assert found.metrics["mase"].excluded == 30
            assert found.metrics["mase"].n == 57
        else:
            assert "mase" not in found.metrics
            assert "mase" not in found.test_results

    def test_stretches_of_time_are_the_cases_where_series_are_alike(self, tmp_path: Path) -> None:
        test, before = world(origins=6)
        found = run(tmp_path, test, before, forecast={"cases": "origin"}).run
        assert found.effective_n is not None
        assert found.effective_n <= 4
        assert found.metrics.keys() <= {"abstention_rate"}  # too few to tell a number

    def test_what_was_to_be_forecast_is_in_no_history(self, tmp_path: Path) -> None:
        test, before = world()
        later = pa.table({"shop": ["s0"], "day": [day(35)], "sales": [0.5]})
        with pytest.raises(EvidenceError, match="goes on after the first origin"):
            run(tmp_path, test, pa.concat_tables([before, later]))

    def test_training_ends_before_the_first_origin(self, tmp_path: Path) -> None:
        test, before = world()
        rows = {name: test[name].to_pylist()[:2] for name in test.column_names}
        early = pa.table(rows | {"known_on": [day(9), day(9)], "day": [day(10), day(11)]})
        assert run(tmp_path, test, before, early).run.split_overlap_rows == 2
        with pytest.raises(EvidenceError, match="training rows or more are about a time after the first origin"):
            run(tmp_path, test, before, pa.table(rows))

    @pytest.mark.parametrize(
        ("column", "value", "problem"),
        [
            ("known_on", day(36), "is made no day before"),
            ("known_on", day(35), "is made no day before"),
            ("known_on", day(30), "looks further than 2 steps"),
            ("known_on", "May 3rd", "no ISO 8601 day"),
            ("known_on", "", "what its row belongs to"),
            ("shop", "unheard of", "has no history"),
            ("sales", 77.0, "two values of one series"),
        ],
    )
    def test_rows_that_are_refused(self, tmp_path: Path, column: str, value: Any, problem: str) -> None:
        test, before = world()
        values = test[column].to_pylist()
        at = 1 if column == "sales" else 0
        if column == "known_on" and value == day(36):
            at = 0
        values[at] = value
        place = test.column_names.index(column)
        with pytest.raises(EvidenceError, match=problem):
            run(tmp_path, test.set_column(place, column, pa.array(values)), before)

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"data": {"forecast": None}}, "needs `data.forecast`"),
            ({"data": {"cluster": "shop"}}, "both say what is one case"),
            ({"slices": [{"column": "shop", "name": "horizon"}]}, "give the dimension another name"),
            ({"forecast": {"season": 0}}, "must be at least 1"),
            ({"forecast": {"history": {"path": "none.csv", "format": "csv"}}}, "which is no file"),
        ],
    )
    def test_plans_that_are_refused(self, tmp_path: Path, changes: Any, problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            run(tmp_path, *world(), **changes)

    def test_history_is_sealed(self, tmp_path: Path) -> None:
        run(tmp_path, *world())
        plan = load_plan(tmp_path / "plan.yaml")
        sealed = plan.sealed()
        (tmp_path / "history.csv").write_text((tmp_path / "history.csv").read_text() + "s0,2023-12-31,9\n")
        with pytest.raises(EvidenceError, match=r"changed after it was sealed.*data\.forecast\.history\.path"):
            validate(sealed, started_at=AT, plan_digest=sealed.digest)
