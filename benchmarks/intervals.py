"""Intervals of fairness measures: in closed form, beside fairlearn's own bootstrap of a MetricFrame."""

from typing import Any

import numpy as np

from benchmarks.table import Peer, Row, faster
from benchmarks.timing import side_by_side
from evidence.validation.measures.fairness import Fairness

TITLE = "Fairness with 95 % intervals (2 attributes, label and prediction known)"
GROUPS = 4
REPLICATES = 2000
"""Draws that a bootstrap of so small a tail wants."""


def run(quick: bool) -> list[Row]:
    """The whole audit, counting included, over 10^4 and 10^5 rows; fairlearn's bootstrap is timed on fewer draws."""
    return [_row(rows, 10 if quick else 20) for rows in ((10_000,) if quick else (10_000, 100_000))]


def _row(rows: int, draws: int) -> Row:
    from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate

    random = np.random.default_rng(7)
    codes = {name: random.integers(0, GROUPS, rows) for name in ("origin", "age")}
    labels = random.random(rows) < 0.5
    predictions = random.random(rows) < np.where(labels, 0.8, 0.3)
    names = [f"group {number}" for number in range(GROUPS)]

    def ours() -> Any:
        audit = Fairness(list(codes), audited="model-outputs")
        encoded = {name: audit.groups[name].encode(names, values) for name, values in codes.items()}
        audit.update(labels, encoded, predictions)
        return audit.result()

    def theirs() -> Any:
        measures = {"selected": selection_rate, "hits": true_positive_rate, "alarms": false_positive_rate}
        for values in codes.values():
            frame = MetricFrame(
                metrics=measures,
                y_true=labels,
                y_pred=predictions,
                sensitive_features=values,
                n_boot=draws,
                ci_quantiles=[0.025, 0.975],
                random_state=7,
            )
            frame.by_group_ci, frame.difference_ci(), frame.ratio_ci()

    times = side_by_side({"ours": ours, "theirs": theirs}, rounds=3, seconds=60)
    # the time of a bootstrap grows with its draws, and nearly nothing else: the frames themselves take milliseconds
    peer = Peer(f"fairlearn, {REPLICATES:,} draws (timed on {draws})", times["theirs"] * REPLICATES / draws)
    return faster(f"{rows:,} rows", times["ours"], peer, 100)
