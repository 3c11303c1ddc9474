"""Drift as one would write it without Quaestor: a loop over the columns of two tables, all rows in memory.

    python -m benchmarks.bare_drift <reference.parquet> <data.parquet>

PSI and Jensen-Shannon over ten bins of the reference, and scipy's two-sample KS; no model runs, nothing else is told.
"""

import json
import sys
from typing import Any


def main(reference: str, data: str) -> dict[str, Any]:
    """Distances by column."""
    import numpy as np
    import pyarrow.parquet as pq
    from scipy.spatial.distance import jensenshannon
    from scipy.stats import ks_2samp

    old, new = pq.read_table(reference), pq.read_table(data)
    found: dict[str, Any] = {}
    for name in old.column_names:
        first, second = (table.column(name).to_numpy() for table in (old, new))
        if first.dtype.kind != "f":
            continue
        edges = np.quantile(first, np.linspace(0, 1, 11))
        edges[0], edges[-1] = -np.inf, np.inf
        p, q = (np.histogram(side, edges)[0] / len(side) + 1e-9 for side in (first, second))
        found[name] = {
            "psi": float(np.sum((q - p) * np.log(q / p))),
            "js": float(jensenshannon(p, q, 2)),
            "ks": float(ks_2samp(first, second, method="asymp").statistic),
        }
    return found


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
