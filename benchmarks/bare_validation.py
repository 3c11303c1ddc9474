"""What one would write without Quaestor: a loop of onnxruntime over the table, then scikit-learn and fairlearn.

    python -m benchmarks.bare_validation <model.onnx> <table.parquet>

The same metrics on the same rows as the plan of `benchmarks.validation`: overall, by slice, and fairness of one
attribute; point estimates only, since those libraries give no intervals. Their functions need the labels, scores and
groups of all rows at once.
"""

import json
import sys
from typing import Any

NUMBERS = ("pirat", "hirat", "lvrat", "chist", "mhist", "unemp")
COLUMNS = (
    "pirat",
    "hirat",
    "lvrat",
    "chist",
    "mhist",
    "phist",
    "unemp",
    "selfemp",
    "insurance",
    "condomin",
    "single",
    "hschool",
)
SLICES = ("selfemp", "condomin", "single")
PROTECTED = "afam"
BATCH = 65_536


def main(model: str, table: str) -> dict[str, Any]:
    """Metrics by name."""
    import numpy as np
    import onnxruntime as ort
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    from fairlearn import metrics as fairness
    from sklearn import metrics

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    labels, scores, groups = [], [], {name: [] for name in (*SLICES, PROTECTED)}  # type: ignore[var-annotated]
    wanted = sorted({*COLUMNS, *groups, "deny"})
    for batch in pq.ParquetFile(table).iter_batches(batch_size=BATCH, columns=wanted):
        flags = {
            name: batch.column(name).to_numpy(zero_copy_only=False)
            if name in NUMBERS
            else pc.equal(batch.column(name), "yes").to_numpy(zero_copy_only=False)
            for name in wanted
        }
        features = np.column_stack([flags[name] for name in COLUMNS]).astype(np.float32)
        scores.append(session.run(["probabilities"], {"X": features})[0][:, 1])
        labels.append(flags["deny"])
        for name, parts in groups.items():
            parts.append(flags[name])
    truth, score = np.concatenate(labels), np.concatenate(scores).astype(np.float64)
    guess = score >= 0.5
    found: dict[str, Any] = {
        "accuracy": metrics.accuracy_score(truth, guess),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, guess),
        "precision": metrics.precision_score(truth, guess),
        "recall": metrics.recall_score(truth, guess),
        "specificity": metrics.recall_score(truth, guess, pos_label=False),
        "f1": metrics.f1_score(truth, guess),
        "roc_auc": metrics.roc_auc_score(truth, score),
        "log_loss": metrics.log_loss(truth, score),
        "brier": metrics.brier_score_loss(truth, score),
    }
    for name in (*SLICES, PROTECTED):
        values = np.concatenate(groups[name])
        for value in (False, True):
            rows = values == value
            found[f"roc_auc:{name}={value}"] = metrics.roc_auc_score(truth[rows], score[rows])
    frame = fairness.MetricFrame(
        metrics={
            "selection_rate": fairness.selection_rate,
            "accuracy": metrics.accuracy_score,
            "true_positive_rate": fairness.true_positive_rate,
            "false_positive_rate": fairness.false_positive_rate,
        },
        y_true=~truth,
        y_pred=~guess,
        sensitive_features=np.concatenate(groups[PROTECTED]),
    )
    found["parity_difference"] = float(frame.difference()["selection_rate"])
    found["impact_ratio"] = float(frame.ratio()["selection_rate"])
    found["odds_difference"] = float(max(frame.difference()[["true_positive_rate", "false_positive_rate"]]))
    return {name: float(value) for name, value in found.items()}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
