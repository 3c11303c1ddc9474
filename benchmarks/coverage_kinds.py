"""Coverage of the intervals of rankings and forecasts: cases as in `coverage`, the truth from a large draw."""

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.coverage_case import Case, Floats, Random
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.exposure import ExposureFairness
from evidence.validation.measures.forecast import Forecasts, History
from evidence.validation.measures.intervals import Interval
from evidence.validation.measures.ranking import RankingPerformance
from evidence.validation.measures.values import Level, ValuePerformance
from evidence.validation.plan.output import Judged

ITEMS = 10
LARGE = 20_000
"""Queries of the draw that stands for the truth."""


def _board(random: Random, queries: int, behind: float) -> tuple[Floats, Floats, Floats]:
    """Grades, scores and groups of lists; the second group is scored lower by `behind`."""
    fit = random.normal(size=(queries, ITEMS)) + random.normal(0, 0.5, (queries, 1))
    grade = np.digitize(fit, [0.8, 1.6]).astype(np.float64)
    group = (random.random((queries, ITEMS)) < 0.4).astype(np.float64)
    score = fit + random.normal(0, 0.7, fit.shape) - behind * group
    return grade.ravel(), score.ravel(), group.ravel()


def _ranked(measure: str) -> Callable[[Random, int], Interval | None]:
    def draw(random: Random, n: int) -> Interval | None:
        grade, score, _ = _board(random, n, 0.0)
        query = np.repeat(np.arange(n, dtype=np.uint64), ITEMS)
        counted = RankingPerformance(Judged(cutoff=5))
        counted.count(query, query, grade, score, {})
        return counted.overall().get(measure)

    return draw


def _exposed(behind: float, measure: str) -> Callable[[Random, int], Interval | None]:
    def draw(random: Random, n: int) -> Interval | None:
        grade, score, group = _board(random, n, behind)
        query = np.repeat(np.arange(n, dtype=np.uint64), ITEMS)
        counted = ExposureFairness(["g"], audited="model-outputs")
        codes = {"g": counted.groups["g"].encode(["a", "b"], group.astype(np.int64))}
        counted.update(query, query, grade, codes, score)
        found = counted.gaps().get("g")
        return found and found[0 if measure == "exposure_ratio" else 1]

    return draw


def rankings() -> Iterator[Case]:
    """Measures of a ranking over queries, and the exposure of two groups that are alike or not."""
    for measure in ("ndcg", "mrr", "precision_at_k", "recall_at_k", "ndcg_lift"):
        draw = _ranked(measure)
        truth = _truth(draw)
        for n in (50, 200, 1000):
            yield Case(measure, "lists of ten", n, truth, draw, "low")
    for truth_of, behind in (("seen alike", 0.0), ("one group behind", 0.85)):
        for measure, gate in (("exposure_ratio", "low"), ("exposure_difference", "high")):
            draw = _exposed(behind, measure)
            truth = _truth(draw) if behind else float(measure == "exposure_ratio")
            limit = 0.8 if measure == "exposure_ratio" else None
            passes = "" if limit is None else ("most" if not behind else "few")
            for n in (50, 200, 1000):
                yield Case(measure, truth_of, n, truth, draw, gate, limit, passes if n >= 200 else "")


PAST, AHEAD = 24, 3


def _forecast(measure: str) -> Callable[[Random, int], Interval | None]:
    """Series that differ in size, three forecasts of each; their errors have a part in common."""

    def draw(random: Random, n: int) -> Interval | None:
        size = random.lognormal(0, 0.5, (n, 1))
        value = size * (10 + np.cumsum(random.normal(size=(n, PAST + AHEAD)), axis=1))
        series = np.arange(n, dtype=np.uint64)
        history = History(1)
        step = np.tile(np.arange(PAST), n)
        history.add(np.repeat(series, PAST), step, value[:, :PAST].ravel())
        answer = value[:, PAST:] + size * (random.normal(0, 0.6, (n, 1)) + random.normal(0, 0.6, (n, AHEAD)))
        rows = np.repeat(series, AHEAD)
        copies = Copies()
        copies.update(rows, {})
        if measure == "mase":
            counted = ValuePerformance(Level())
            counted.count(value[:, PAST:].ravel(), answer.ravel(), None, {}, history.scales(rows, ""))
            return counted.overall(share=copies.share).get("mase")
        told = Forecasts(history, "")
        target = np.tile(np.arange(PAST, PAST + AHEAD), n)
        origin = np.full(n * AHEAD, PAST - 1)
        told.add(rows, origin, target, value[:, PAST:].ravel(), answer.ravel(), rows)
        return told.relative(0.95, copies.effective)

    return draw


def forecasts() -> Iterator[Case]:
    """Errors of forecasts beside naive ones, series being the cases."""
    for measure in ("mase", "relative_mae"):
        draw = _forecast(measure)
        truth = _truth(draw)
        for n in (50, 200, 1000):
            yield Case(measure, "series of different size", n, truth, draw, "high")


def _truth(draw: Callable[[Random, int], Interval | None]) -> float:
    found = draw(np.random.default_rng(1), LARGE)
    assert found is not None
    return found.value
