"""From what the battery found to the records that tell it: digests are put in, and what goes into another record.

The digests come from the parent, which made them; the child that ran the model knows none.
"""

from collections.abc import Mapping
from typing import Any

from evidence.model.errors import EvidenceError
from evidence.model.predicates.data import DataQualityReport
from evidence.model.predicates.values import FailedCheck
from evidence.validation.measured import Examined

LABEL_ERRORS, POISONING_SCREEN = "label-errors", "poisoning-screen"
"""Checks of a table that other tests of the battery make; the names are those that policies ask for."""
_FILES = {"test": "data", "training": "training", "reference": "reference"}
"""Under which name a request hands over each table."""


def quality_reports(examined: Examined, digests: Mapping[str, str]) -> tuple[DataQualityReport, ...]:
    """The report on each table: with the digest of its file, and what was found of its labels and by the screen.

    Raises EvidenceError for a report on a table that was not handed over.
    """
    made = []
    for report in examined.quality:
        split, checks, failed = report.split or "", list(report.checks), list(report.failed_checks)
        if _FILES.get(split) not in digests:
            raise EvidenceError("the model run gave a result that makes no sense: a report on a table it was not given")
        wrong = examined.numbers.get(f"label_error_rate:{split}")
        checks += [LABEL_ERRORS] if wrong else []
        if split == "training" and examined.poisoning_hits is not None:
            checks.append(POISONING_SCREEN)
            failed += [FailedCheck(check=POISONING_SCREEN, blocking=True)] if examined.poisoning_hits else []
        changes = {
            "dataset_digest": digests[_FILES[split]],
            "checks": tuple(checks),
            "failed_checks": tuple(failed),
            "label_error_rate": wrong,
        }
        made.append(report.model_copy(update=changes))
    return tuple(made)


def of_training(examined: Examined) -> dict[str, Any]:
    """What a robustness report says of poisoned training rows and of what the model gives away of them."""
    return {
        "poisoning_checked": examined.poisoning_hits is not None,
        "poisoning_hits": examined.poisoning_hits or 0,
        "membership_inference_advantage": examined.numbers.get("membership_advantage"),
    }
