"""Our validation as a process of its own: `python -m benchmarks.our_validation <plan.yaml>` prints its metrics."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from evidence.validation.plan.read import load_plan
from evidence.validation.runner import validate

if __name__ == "__main__":
    plan = load_plan(Path(sys.argv[1]))
    outcome = validate(plan, started_at=datetime(2026, 11, 21, tzinfo=UTC), plan_digest=plan.digest)
    found = {name: estimate.value for name, estimate in outcome.run.metrics.items()}
    audit = outcome.fairness[0]
    found["parity_difference"] = max(estimate.value for estimate in audit.parity_difference.values())
    found["impact_ratio"] = min(estimate.value for estimate in audit.impact_ratio.values())
    print(json.dumps(found))
