"""Training before test, as the rows say, and the trend over periods: known answers, coverage, and through a plan."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from evidence.model.errors import EvidenceError
from evidence.validation.measures.intervals import Interval
from evidence.validation.measures.trend import trend
from evidence.validation.runner import validate
from tests.evidence.validation.test_baselines import gated
from tests.evidence.validation.test_runner import AT, data
from tests.worlds.runs import MakePlan, applications, write_table

QUARTERS = data(period={"column": "day", "by": "quarter"})
EARLIER = {"start": "2023-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z"}


def around(value: float, error: float) -> Interval:
    return Interval(value, value - 1.959964 * error, value + 1.959964 * error, 100, 0.95)


class TestTrend:
    def test_the_line_is_that_of_weighted_least_squares(self) -> None:
        times, values, errors = [0.0, 1.0, 3.0, 4.0], [0.80, 0.79, 0.76, 0.77], [0.01, 0.02, 0.01, 0.03]
        found = trend(times, [around(*part) for part in zip(values, errors, strict=True)])
        assert found is not None
        slope = np.polynomial.polynomial.polyfit(times, values, 1, w=1 / np.array(errors))[1]
        assert found.value == pytest.approx(slope * 4)
        design = np.column_stack([np.ones(4), times]) / np.array(errors)[:, None]
        error = np.sqrt(np.linalg.inv(design.T @ design)[1, 1]) * 4
        assert found.high - found.value == pytest.approx(1.959964 * error, rel=1e-5)

    def test_values_off_the_line_stretch_the_interval(self) -> None:
        calm = trend([0, 1, 2, 3], [around(value, 0.01) for value in (0.8, 0.8, 0.8, 0.8)])
        wild = trend([0, 1, 2, 3], [around(value, 0.01) for value in (0.8, 0.9, 0.7, 0.8)])
        assert calm is not None
        assert wild is not None
        assert wild.high - wild.low > 5 * (calm.high - calm.low)

    def test_coverage(self) -> None:
        rng = np.random.default_rng(4)
        held = 0
        for _ in range(1000):
            values = 0.8 - 0.05 * np.linspace(0, 1, 5) + rng.normal(0, 0.02, 5)
            found = trend(range(5), [around(value, 0.02) for value in values])
            assert found is not None
            held += found.low <= -0.05 <= found.high
        assert held / 1000 >= 0.945

    def test_too_few(self) -> None:
        assert trend([0, 1], [around(0.8, 0.1)] * 2) is None
        assert trend([0, 0, 0], [around(0.8, 0.1)] * 3) is None
        assert trend([0, 1, 2], [around(0.8, 0.1), around(0.8, 0.0), around(0.8, 0.1)]) is None


class TestRun:
    def test_a_steady_model_after_a_declared_training(self, make_plan: MakePlan) -> None:
        section = {"out_of_time": {"training_window": EARLIER}}
        plan = make_plan(table=applications(3000), **section, **QUARTERS, **gated("trend", -0.2))
        run = validate(plan, started_at=AT, plan_digest=plan.digest).run
        assert run.examined is not None
        assert run.examined["trend"].ci_low < 0 < run.examined["trend"].ci_high
        assert run.test_results["trend"].passed
        assert run.training_window is not None
        assert f"{run.training_window.end:%Y-%m-%d}" == "2025-01-01"
        assert run.training_window_read is False

    def test_a_model_that_gets_worse(self, make_plan: MakePlan, tmp_path: Any) -> None:
        """From quarter to quarter more labels are turned round; the training rows say that they are older."""
        table = applications(4000)
        month = np.array([int(day[5:7]) for day in table["day"].to_pylist()])
        turned = np.random.default_rng(1).random(4000) < (month - 1) / 24
        paid = (2 * np.array(table["income"]) - np.array(table["debt"]) > 0.5) != turned
        table = table.set_column(5, "paid", pa.array(np.where(paid, "yes", "no")))
        old = applications(300, seed=3)
        old = old.set_column(4, "day", pa.array([f"2024-{1 + place % 12:02}-15" for place in range(300)]))
        write_table(tmp_path / "train.csv", old)
        training = {"training": {"path": "train.csv", "format": "csv"}, "out_of_time": {}}
        plan = make_plan(table=table, **training, **QUARTERS, **gated("trend", -0.05))
        run = validate(plan, started_at=AT, plan_digest=plan.digest).run
        assert run.examined is not None
        assert run.examined["trend"].ci_high < 0
        assert not run.test_results["trend"].passed
        assert run.training_window is not None
        assert f"{run.training_window.start:%Y-%m-%d} {run.training_window.end:%Y-%m-%d}" == "2024-01-15 2024-12-16"
        assert run.training_window_read is True

    def test_two_periods_have_no_trend(self, make_plan: MakePlan) -> None:
        table = applications(600)
        days = [day.replace(day[5:7], "02" if day < "2025-07" else "08", 1) for day in table["day"].to_pylist()]
        table = table.set_column(4, "day", pa.array([day[:8] + "15" for day in days]))
        section = {"out_of_time": {"training_window": EARLIER}}
        plan = make_plan(table=table, **section, **QUARTERS, **gated("trend", -0.2))
        outcome = validate(plan, started_at=AT, plan_digest=plan.digest)
        assert "trend" not in outcome.run.test_results
        assert any("`trend` was not measured: `roc_auc` is told of 2 periods" in note for note in outcome.notes)


class TestGaming:
    @pytest.fixture
    def trained(self, make_plan: MakePlan, tmp_path: Any) -> Any:
        """Runs a plan whose training rows are of some days."""

        def run(days: list[str | None], **section: Any) -> Any:
            table = applications(len(days), seed=3).set_column(4, "day", pa.array(days))
            write_table(tmp_path / "train.csv", table)
            training = {"training": {"path": "train.csv", "format": "csv"}, "out_of_time": section}
            plan = make_plan(**training, **QUARTERS)
            return validate(plan, started_at=AT, plan_digest=plan.digest)

        return run

    def test_the_declaration_is_not_believed(self, trained: Any) -> None:
        with pytest.raises(EvidenceError, match="are of 2024-02-01 to before 2025-03-02, the plan declares"):
            trained(["2024-02-01", "2025-03-01"] * 20, training_window=EARLIER)

    def test_one_row_of_the_test_time_is_enough(self, trained: Any) -> None:
        with pytest.raises(EvidenceError, match="not tested out of time"):
            trained(["2024-02-01"] * 40 + ["2025-06-01"])

    def test_a_row_without_a_day_hides_nothing(self, trained: Any) -> None:
        with pytest.raises(EvidenceError, match="1 rows have no day"):
            trained([*["2024-02-01"] * 40, None])

    def test_a_declared_training_that_reaches_into_the_test(self, make_plan: MakePlan) -> None:
        later = EARLIER | {"end": "2025-02-01T00:00:00Z"}
        plan = make_plan(out_of_time={"training_window": later}, **QUARTERS)
        with pytest.raises(EvidenceError, match="not tested out of time"):
            validate(plan, started_at=AT, plan_digest=plan.digest)

    def test_training_rows_without_days_and_nothing_declared(self, make_plan: MakePlan, tmp_path: Any) -> None:
        write_table(tmp_path / "train.csv", applications(60, seed=3).drop_columns(["day"]))
        plan = make_plan(training={"path": "train.csv", "format": "csv"}, out_of_time={}, **QUARTERS)
        with pytest.raises(EvidenceError, match="nothing says when the training data are of"):
            validate(plan, started_at=AT, plan_digest=plan.digest)

    def test_sections_that_judge_nothing_are_refused(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match=r"needs `data\.period`"):
            make_plan(out_of_time={"training_window": EARLIER})
        with pytest.raises(EvidenceError, match="needs `training`, or `training_window`"):
            make_plan(out_of_time={}, **QUARTERS)
        with pytest.raises(EvidenceError, match="`trend` needs the section `out_of_time`"):
            make_plan(**QUARTERS, **gated("trend"))
