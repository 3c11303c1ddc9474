"""The drawn curves are those that the ledger keeps of a validation run which the snapshot counts."""

from evidence.model.canonical import digest_bytes
from evidence.trust.envelopes import signature_state
from reports.charts.points import read_charts
from reports.documents.attachments import CHARTS
from reports.verify.checks import Contents, FailedCheck
from reports.verify.complete import listed_entries


def charts(contents: Contents) -> str:
    """The attached curves are a listed entry of the ledger, signed by a machine, about a run that counts."""
    envelope = contents.charts or b""
    note, points = read_charts(envelope, where=CHARTS)
    digest = digest_bytes(envelope)
    entries = listed_entries(contents.proof.entries)
    entry = next((one for one in entries.values() if one.kind == "charts" and one.envelope == digest), None)
    if entry is None:
        raise FailedCheck("the drawn curves are no entry of the ledger about the subject")
    state = signature_state(envelope, contents.keyring, at=entry.at, where=CHARTS)
    if (state.state, state.kind) != ("verified", "machine"):
        raise FailedCheck(f"no machine's key of the register signed the drawn curves (signature {state.state})")
    runs = {one.record.id for one in contents.snapshot.entries if one.record.type == "validation-run"}
    if note.run not in runs:
        raise FailedCheck(f"the drawn curves are those of {note.run}, which is no validation-run that counts")
    return f"{len(points.roc)} and {len(points.calibration)} points of the run {note.run}, ledger entry {entry.index}"
