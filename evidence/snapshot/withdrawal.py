"""What may be taken back, and what can only be answered by a later record.

The door, the snapshot and whoever verifies a pack ask this one function.
"""

from evidence.model.record import EvidenceClass, Record

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
