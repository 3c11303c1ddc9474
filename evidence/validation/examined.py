"""From what the battery found to the records that tell it: digests are put in, and what goes into another record.

The digests come from the parent, which made them; the child that ran the model knows none.
"""

from collections.abc import Mapping

from evidence.model.predicates.data import DataQualityReport
from evidence.validation.measured import Examined

_FILES = {"test": "data", "training": "training", "reference": "reference"}
"""Under which name a request hands over each table."""


def quality_reports(examined: Examined, digests: Mapping[str, str]) -> tuple[DataQualityReport, ...]:
    """The report on each table, with the digest of its file."""
    return tuple(
        report.model_copy(update={"dataset_digest": digests[_FILES[report.split or ""]]}) for report in examined.quality
    )
