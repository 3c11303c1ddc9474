import numpy as np
import pytest

from evidence.validation.measures.clusters import ClusterSums
from evidence.validation.measures.copies import Copies
from evidence.validation.runner import validate
from tests.evidence.validation.test_runner import AT, data
from tests.worlds.runs import MakePlan, applications

CLUSTERS, SIZE = 400, 10


def drawn(alike: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Rows of clusters of ten that are right in 80 of 100, and in a share of them as their cluster is."""
    random = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(CLUSTERS), SIZE)
    usual, own = random.random(CLUSTERS) < 0.8, random.random(len(cluster)) < np.sqrt(alike)
    return cluster.astype(np.uint64), np.where(own, usual[cluster], random.random(len(cluster)) < 0.8)


def share(keys: np.ndarray, right: np.ndarray, parts: int = 1, **more: int) -> float | None:
    sums = ClusterSums(**more)
    for some, of in zip(np.array_split(keys, parts), np.array_split(right, parts), strict=True):
        sums.update(some, {"accuracy": (of, np.ones(len(of), dtype=bool))})
    return sums.shares(0.95).get("accuracy")


def test_rows_wholly_alike_are_as_many_cases_as_clusters() -> None:
    keys, right = drawn(1.0)
    assert share(keys, right) == pytest.approx(1 / SIZE, rel=0.1)


def test_rows_that_have_nothing_to_do_with_each_other_are_nearly_as_many_cases() -> None:
    keys, right = drawn(0.0)
    assert 0.75 < share(keys, right) <= 1.0


def test_rows_alike_in_part_lie_between_as_their_correlation_says() -> None:
    keys, right = drawn(0.3)
    assert share(keys, right) == pytest.approx(1 / (1 + (SIZE - 1) * 0.3), rel=0.2)


def test_the_order_and_the_batches_of_the_rows_change_nothing() -> None:
    keys, right = drawn(0.3)
    order = np.random.default_rng(0).permutation(len(keys))
    assert share(keys[order], right[order], parts=7) == pytest.approx(share(keys, right), rel=1e-12)


def test_too_few_clusters_too_many_or_one_that_differs_say_nothing() -> None:
    keys, right = drawn(0.3)
    assert share(keys[: 20 * SIZE], right[: 20 * SIZE]) is None
    assert share(keys, right, most=100) is None
    assert share(keys, keys != 3) is None
    assert share(keys, np.ones(len(keys), dtype=bool)) is None


def test_a_run_uses_it_and_still_tells_kish_as_its_size(make_plan: MakePlan) -> None:
    table = applications(3000)
    named = table.append_column("customer", [[f"c{place // 10}" for place in range(3000)]])
    alone = validate(plan := make_plan(table=named), started_at=AT, plan_digest=plan.digest).run
    plan = make_plan(table=named, **data(cluster="customer"))
    found = validate(plan, started_at=AT, plan_digest=plan.digest).run
    copies = Copies()
    copies.update(np.repeat(np.arange(300), 10).astype(np.uint64), {})
    assert found.effective_n == copies.effective == 300
    for name in ("accuracy", "recall", "specificity", "precision"):
        told, before = found.metrics[name], alone.metrics[name]
        assert told.value == before.value
        # The rows of these customers have nothing to do with each other.
        assert 300 < told.n * 3000 / before.n <= 3000
        assert before.ci_high - before.ci_low <= told.ci_high - told.ci_low
    assert found.metrics["roc_auc"].n <= 300
