"""Rankings: the numbers are scikit-learn's, ties gain nothing, and a query is one case."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
import yaml
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from sklearn.metrics import ndcg_score

from evidence.model.base import parse_instant
from evidence.model.errors import EvidenceError
from evidence.validation.measures.exposure import ExposureFairness
from evidence.validation.measures.ranking import RankingPerformance
from evidence.validation.outcome import ValidationOutcome
from evidence.validation.plan.output import Judged
from evidence.validation.plan.read import load_plan
from evidence.validation.runner import validate
from tests.worlds.runs import onnx_model, plan_values

AT = parse_instant("2026-11-21T08:00:00Z")
DIGEST = "sha256:" + "0" * 64
Numbers = NDArray[np.float64]


def lists(queries: int, seed: int = 1, most: int = 20) -> tuple[NDArray[np.uint64], Numbers, Numbers]:
    """Query, grade and score of each item, in no order; some scores are tied."""
    rng = np.random.default_rng(seed)
    query = np.repeat(np.arange(queries), rng.integers(1, most, queries)).astype(np.uint64)
    grade = rng.integers(0, 4, len(query)).astype(np.float64)
    score = np.round(grade + rng.normal(0, 2, len(query)))
    mixed = rng.permutation(len(query))
    return query[mixed], grade[mixed], score[mixed]


def counted(query: Any, grade: Any, score: Any, cuts: int = 1, judged: Judged | None = None) -> RankingPerformance:
    found = RankingPerformance(judged or Judged(cutoff=5))
    for rows in np.array_split(np.arange(len(query)), cuts):
        found.count(query[rows], query[rows], grade[rows], score[rows], {})
    return found


def shuffled(grade: Numbers, score: Numbers, of: Callable[[Numbers], float], times: int = 600) -> float:
    """What an order by score gives on average where ties are broken at random."""
    rng = np.random.default_rng(5)
    return float(np.mean([of(grade[np.lexsort((rng.random(len(score)), -score))]) for _ in range(times)]))


class TestMeasures:
    @pytest.mark.parametrize("gain", ["linear", "exponential"])
    @pytest.mark.parametrize("cutoff", [1, 5, 50])
    def test_ndcg_is_scikit_learns(self, gain: Any, cutoff: int) -> None:
        query, grade, score = lists(200)
        found = counted(query, grade, score, 3, Judged(cutoff=cutoff, gain=gain)).overall()["ndcg"]
        worth = grade if gain == "linear" else 2**grade - 1
        rows = [query == one for one in np.unique(query)]
        expected = [ndcg_score([worth[r]], [score[r]], k=cutoff) for r in rows if len(set(grade[r])) > 1]
        assert found.value == pytest.approx(np.mean(expected), abs=1e-12)
        assert found.n == len(expected) < len(rows)

    def test_others_are_means_over_the_ways_to_break_a_tie(self) -> None:
        query, grade, score = lists(12, seed=3)
        score = np.round(score / 3)
        found = counted(query, grade, score, judged=Judged(cutoff=3, relevant=2)).overall()
        wanted: dict[str, list[float]] = {"mrr": [], "precision_at_k": [], "recall_at_k": []}
        for one in np.unique(query):
            g, s = grade[query == one], score[query == one]
            good = int((g >= 2).sum())
            if not 0 < good < len(g):
                continue
            wanted["mrr"].append(shuffled(g, s, lambda o: 1 / (1 + int(np.argmax(o >= 2)))))
            if len(g) > 3:
                wanted["precision_at_k"].append(shuffled(g, s, lambda o: float((o[:3] >= 2).mean())))
                wanted["recall_at_k"].append(shuffled(g, s, lambda o, good=good: float((o[:3] >= 2).sum() / good)))
        for name, values in wanted.items():
            assert found[name].value == pytest.approx(np.mean(values), abs=0.02), name
            assert found[name].n == len(values), name

    def test_order_and_batches_change_nothing(self) -> None:
        query, grade, score = lists(150)
        one = counted(query, grade, score).overall()
        other = counted(query[::-1], grade[::-1], score[::-1], 9).overall()
        assert {n: v.recorded() for n, v in one.items()} == {n: v.recorded() for n, v in other.items()}

    def test_one_score_for_all_is_a_shuffle(self) -> None:
        query, grade, _ = lists(300)
        found = counted(query, grade, np.zeros(len(query))).overall()
        assert found["ndcg_lift"].value == pytest.approx(0, abs=1e-12)
        assert found["tied_pairs"].value == 1
        assert found["ndcg_lift"].low < 0 < found["ndcg_lift"].high
        best = counted(query, grade, grade).overall()
        assert best["ndcg"].value == best["mrr"].value == 1
        assert best["ndcg"].low < 0.99  # all right is not certain
        assert best["tied_pairs"].value == 0

    def test_what_no_order_can_change_is_told_and_counts_for_nothing(self) -> None:
        """Single items, items of one relevance, and lists no longer than the cutoff would all look perfect."""
        query, grade, score = lists(200, seed=2)
        plain = counted(query, grade, score).overall()
        more = np.arange(10_000, 10_600).astype(np.uint64)
        padded = counted(
            np.concatenate([query, more]),
            np.concatenate([grade, np.full(600, 3.0)]),
            np.concatenate([score, np.zeros(600)]),
        ).overall()
        for name in ("ndcg", "mrr", "precision_at_k", "recall_at_k", "ndcg_lift"):
            assert padded[name] == plain[name], name
        assert padded["uninformative_queries"].value > 0.7
        short = counted(query, grade, score, judged=Judged(cutoff=20)).overall()
        assert not {"precision_at_k", "recall_at_k"} & short.keys()

    def test_queries_of_one_cluster_are_one_case(self) -> None:
        query, grade, score = lists(200)
        found = RankingPerformance(Judged(cutoff=5))
        found.count(query, query // 2, grade, score, {})
        alone = counted(query, grade, score).overall()["ndcg"]
        assert found.overall()["ndcg"].n == pytest.approx(alone.n / 2, rel=0.1)
        assert found.overall()["ndcg"].low < alone.low


def audited(query: Any, score: Any, group: Any, grade: Any = None, **more: Any) -> Any:
    found = ExposureFairness(["g", *more], [["g", *more]] if more else [], audited="model-outputs")
    columns = {"g": group, **more}
    codes = {
        name: found.groups[name].encode(sorted(set(values)), np.searchsorted(sorted(set(values)), values))
        for name, values in columns.items()
    }
    grade = np.zeros(len(query)) if grade is None else grade
    found.update(query, query, grade, codes, score)
    return found.audit(artifact_digest=DIGEST, dataset_digest=DIGEST, binding_gaps=["exposure_ratio"])


class TestExposure:
    def test_one_list_by_hand(self) -> None:
        """Two lists alike: the first half of the places against the second."""
        worth = 1 / np.log2(np.arange(4) + 2)
        query = np.repeat(np.arange(2), 4).astype(np.uint64)
        found = audited(query, np.tile([4.0, 3, 2, 1], 2), np.tile(["a", "a", "b", "b"], 2))
        assert found.exposure_ratio["g"].value == pytest.approx(worth[2:].mean() / worth[:2].mean(), abs=1e-6)
        apart = (worth[:2].mean() - worth[2:].mean()) / worth.mean()
        assert found.exposure_difference["g"].value == pytest.approx(apart, abs=1e-6)
        assert found.group_sizes == {"g=a": 4, "g=b": 4}
        assert found.effective_group_sizes == {"g=a": 2, "g=b": 2}

    def test_lists_of_one_group_dilute_nothing(self) -> None:
        rng = np.random.default_rng(3)
        query = np.repeat(np.arange(100), 10).astype(np.uint64)
        group = np.where(rng.random(1000) < 0.5, "a", "b")
        score = rng.normal(size=1000) + (group == "a")
        plain = audited(query, score, group)
        padded = audited(
            np.concatenate([query, query + 1000, query + 2000]),
            np.concatenate([score, score, score]),
            np.concatenate([group, np.full(1000, "a"), np.full(1000, "b")]),
        )
        assert plain.exposure_ratio["g"].ci_high < 0.95
        assert padded.exposure_ratio == plain.exposure_ratio
        assert padded.effective_group_sizes == plain.effective_group_sizes

    def test_ties_share_what_their_places_get(self) -> None:
        query = np.repeat(np.arange(50), 6).astype(np.uint64)
        found = audited(query, np.zeros(300), np.tile(["a", "a", "a", "b", "b", "b"], 50))
        assert found.exposure_ratio["g"].value == 1

    def test_groups_together_and_a_group_of_one_list(self) -> None:
        query = np.repeat(np.arange(40), 4).astype(np.uint64)
        group, other = np.tile(["a", "a", "b", "b"], 40), np.tile(["x", "y", "x", "y"], 40)
        score = np.tile([4.0, 3, 2, 1], 40) + np.random.default_rng(1).normal(0, 1, 160)
        found = audited(query, score, group, h=other)
        assert found.exposure_ratio.keys() == {"g", "h", "g&h"}
        assert found.exposure_ratio["g&h"].value < found.exposure_ratio["g"].value
        group[0] = "c"
        assert "g" not in audited(query, score, group).exposure_ratio  # nobody knows what the next list would do


def jobs(queries: int = 120, seed: int = 1) -> pa.Table:
    rng = np.random.default_rng(seed)
    query = np.repeat(np.arange(queries), 8)
    income, debt = rng.random(len(query)).round(4), rng.random(len(query)).round(4)
    grade = np.clip(np.round(2 * income - debt + rng.normal(0, 0.4, len(query))), 0, 3)
    return pa.table(
        {
            "job": [f"j{one}" for one in query],
            "income": income,
            "debt": debt,
            "sex": rng.choice(["f", "m"], len(query)),
            "site": np.where(query % 2 == 0, "north", "south"),
            "grade": grade,
        }
    )


WEIGHTS = np.array([[2.0], [-1.0]], dtype=np.float32)


def run(folder: Path, table: pa.Table, **changes: Any) -> ValidationOutcome:
    graph = onnx_model([helper.make_node("MatMul", ["X", "W"], ["p"])], [numpy_helper.from_array(WEIGHTS, "W")])
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    pacsv.write_csv(table, folder / "test.csv")
    values = plan_values(slices=["site"], binding_measures=["exposure_ratio"])
    known = {k: v for k, v in values["data"].items() if k not in ("positive", "negative")}
    values["data"] = known | {"label": "grade", "query": "job"}
    values["output"] = {"name": "p", "kind": "ranking", "cutoff": 3}
    limit = {"op": ">=", "value": 0.5, "confidence": 0.95}
    values["plan"] |= {"primary_metric": "ndcg", "required_tests": ["ndcg"], "thresholds": {"ndcg": limit}}
    for name, change in changes.items():
        values[name] = values[name] | change if isinstance(values.get(name), dict) else change
    (folder / "plan.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    plan = load_plan(folder / "plan.yaml")
    return validate(plan, started_at=AT, plan_digest=plan.digest)


class TestRuns:
    def test_a_query_is_one_case(self, tmp_path: Path) -> None:
        found = run(tmp_path, jobs())
        assert found.run.effective_n == 120
        assert all(value.n <= 120 for value in found.run.metrics.values())
        assert found.run.test_results["ndcg"].passed
        sites = {item.value: item.metric.n for item in found.run.slices if item.dimension == "site"}
        assert sum(sites.values()) == found.run.metrics["ndcg"].n
        assert found.run.metrics["ndcg"].method == "at 3, linear gain, relevant from 1, ties averaged"
        assert found.fairness[0].exposure_ratio is not None

    def test_all_rows_in_one_query_are_one_case_and_no_number(self, tmp_path: Path) -> None:
        table = jobs()
        one = table.set_column(0, "job", pa.array(["all"] * len(table)))
        found = run(tmp_path, one)
        assert found.run.metrics == {}
        assert found.run.effective_n == 1
        assert found.run.test_results == {}
        assert any("was not measured" in note for note in found.notes)

    @pytest.mark.parametrize("attack", ["a query a row", "one relevance"])
    def test_lists_that_no_order_can_change_are_refused(self, tmp_path: Path, attack: str) -> None:
        table = jobs()
        if attack == "one relevance":
            table = table.set_column(5, "grade", pa.array([3.0] * len(table)))
        else:
            table = table.set_column(0, "job", pa.array([f"r{i}" for i in range(len(table))]))
        with pytest.raises(EvidenceError, match="no value of `job` has rows of different relevance"):
            run(tmp_path, table)

    def test_a_row_without_a_query_is_a_gap(self, tmp_path: Path) -> None:
        table = jobs()
        words = table["job"].to_pylist()
        table = table.set_column(0, "job", pa.array(["" if at < 8 else word for at, word in enumerate(words)]))
        with pytest.raises(EvidenceError, match="what its row belongs to"):
            run(tmp_path, table)
        found = run(tmp_path, table, data={"missing": "exclude"}).run
        assert found.row_counts is not None
        assert found.row_counts.excluded == 8
        assert found.effective_n == 119

    @pytest.mark.parametrize("grade", [-1.0, 32.0])
    def test_a_relevance_that_is_none(self, tmp_path: Path, grade: float) -> None:
        table = jobs()
        with pytest.raises(EvidenceError, match="from 0 to 31"):
            run(tmp_path, table.set_column(5, "grade", pa.array([grade, *table["grade"].to_pylist()[1:]])))

    def test_copied_queries_are_seen(self, tmp_path: Path) -> None:
        table = jobs(80)
        again = table.set_column(0, "job", pa.array([f"copy-{word}" for word in table["job"].to_pylist()]))
        found = run(tmp_path, pa.concat_tables([table, again])).run
        assert found.duplicate_rows is not None
        assert found.duplicate_rows >= 640

    @pytest.mark.parametrize(
        ("section", "change", "problem"),
        [
            ("data", {"query": None}, "`data.query` is the column"),
            ("output", {"abstain": {"value": -1}}, "has no `abstain`"),
            ("output", {"favourable": "higher"}, "has no `favourable`"),
            ("output", {"cutoff": 0}, "must be at least 1"),
            ("output", {"kind": "value"}, "has no `cutoff`"),
            ("plan", {"primary_metric": "mae"}, "`mae`"),
            ("plan", {"primary_metric": "tied_pairs"}, "is no metric"),
            ("binding_measures", ["impact_ratio"], "does not have"),
        ],
    )
    def test_plans_that_are_refused(self, tmp_path: Path, section: str, change: Any, problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            run(tmp_path, jobs(), **{section: change})
