"""What may be taken back, what was, and what can only be answered by a later record.

The door, the snapshot and whoever verifies a pack ask this one function.
"""

from evidence.model.predicates.inventory import RegistryEntry
from evidence.model.record import EvidenceClass, Record
from evidence.snapshot.model import Excluded

ANSWERED_TYPES = ("incident-record",)
"""What happened: a later record may tell how it ended, none that it did not happen."""


def answered_only(record: Record) -> str:
    """Why a record cannot be withdrawn, in words; empty where it can."""
    if record.envelope.evidence_class in (EvidenceClass.MEASURED, EvidenceClass.DERIVED):
        article = "an" if record.type[0] in "aeiou" else "a"
        return f"{article} {record.type} that was {record.envelope.evidence_class}: measure again, the runs are counted"
    if record.type == "approval" and record.content["decision"] != "approve":
        return "a rejection: whoever rejected may approve later"
    if record.type in ANSWERED_TYPES:
        return f"an {record.type}: file how it went on"
    return ""


def was_taken_back(item: Excluded) -> bool:
    """Whether people took the record back; what only aged, or what registering and promoting replace, they did not."""
    replaced = item.reason == "superseded" and item.by is not None and item.type != RegistryEntry.TYPE
    return replaced or item.reason in ("withdrawn", "erased")
