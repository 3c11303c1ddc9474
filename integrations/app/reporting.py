"""Use cases of reports: the signed PDF of a decision, and its verification offline."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from engine.bundle.attached import policies_of
from engine.bundle.files import read_folder
from engine.bundle.load import Bundle
from engine.deciding.byhand import policy_inputs
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.errors import QuaestorError, StoreError
from evidence.model.notes import RunCharts, read_note
from evidence.store.records import RecordStore
from evidence.trust.envelopes import unseal
from integrations.app.deciding import Recorded
from integrations.app.records import statement_of
from integrations.app.session import Session
from integrations.app.settings import builtin_policies
from reports.documents.attachments import Materials
from reports.documents.base import Document
from reports.documents.proof import prove
from reports.documents.report import DecisionPack
from reports.verify.child import verify_confined
from reports.verify.extract import MAX_PDF_BYTES
from reports.verify.policies import Expected, file_digests
from reports.verify.verify import VerificationReport


def decision_pack(session: Session, recorded: Recorded) -> Document[Materials]:
    """The document of a recorded decision, to be signed now with this installation's report key."""
    bundle, effective = policies_of(recorded.bundle)
    key = session.workspace.report_key()
    return DecisionPack(
        frameworks=framework_titles(bundle),
        limits=effective.values,
        key_pem=key.key_pem,
        cert_pem=key.certificate_pem,
        signing_time=session.now(),
    )


def materials(session: Session, recorded: Recorded) -> Materials:
    """Everything that a report of the decision is made of, out of the store."""
    store = session.store
    bundle, effective = policies_of(recorded.bundle)
    kept = {entry.record.id for entry in recorded.snapshot.entries if not entry.derived_here}
    return Materials(
        decision=recorded.decision,
        decision_envelope=recorded.envelope,
        snapshot=recorded.snapshot,
        evidence={name: store.get(name).envelope for name in sorted(kept)},
        bundle=recorded.bundle,
        wasm=recorded.wasm,
        people=_people(store, recorded),
        proof=prove(store, recorded.statement_id, recorded.snapshot),
        charts=_charts(store, recorded),
        inputs=policy_inputs(bundle, effective, recorded.snapshot, recorded.decision),
    )


def framework_titles(bundle: Bundle) -> Mapping[str, Mapping[str, Any]]:
    """Titles of the bundle's frameworks and of their articles, by id."""
    return {
        name: {
            "title": framework.title,
            "version": framework.version,
            "articles": {article.id: article.title for article in framework.articles},
        }
        for name, framework in sorted(bundle.frameworks.items())
    }


def verify_report(source: BinaryIO, *, trust: Sequence[bytes], policies: str | None = None) -> VerificationReport:
    """Check a report offline: signature, digests, proof, and the decision made again. Needs no workspace.

    `policies` are those expected, a folder or a bundle's digest; without it the policies that come with this
    installation are compared, and what differs is told.

    No more is read of `source` than a report may have.
    """
    return verify_confined(source.read(MAX_PDF_BYTES + 1), trust=trust, expected=_expected(policies))


def _expected(policies: str | None) -> Expected:
    if policies is None:
        return Expected(files=file_digests(read_folder(builtin_policies())))
    if policies.startswith("sha256:"):
        if not re.fullmatch("sha256:[0-9a-f]{64}", policies):
            raise QuaestorError(f"`{policies}` is no digest", hint="sha256: and 64 hexadecimal digits, or a folder")
        return Expected(files=file_digests(read_folder(builtin_policies())), digest=policies)
    files = file_digests(read_folder(Path(policies)))
    return Expected(files=files, digest=digest_json(files))


def _people(store: RecordStore, recorded: Recorded) -> tuple[bytes, ...]:
    """Versions of the register of people up to the one by which the decision's signatures were judged."""
    _, envelopes = store.people()
    found: list[bytes] = []
    for envelope in envelopes:
        found.append(envelope)
        where = "register of people"
        if unseal(envelope, where=where).statement.id == recorded.snapshot.people:
            return tuple(found)
    raise StoreError("the ledger has lost the version of the register of people that the decision names")


def _charts(store: RecordStore, recorded: Recorded) -> bytes | None:
    """Curves of the latest validation run that the decision saw; None where it saw none."""
    runs = {entry.record.id for entry in recorded.snapshot.entries if entry.record.type == "validation-run"}
    found: dict[str, Any] | None = None
    for stored in store.find(kind="charts", subject=recorded.decision.subject.digest):
        note = read_note(statement_of(stored))
        if isinstance(note, RunCharts) and note.run in runs:
            found = note.charts
    if found is None:
        return None
    roc = [[point["false_positive_rate"], point["true_positive_rate"]] for point in found["roc"]]
    calibration = [
        {
            "mean_score": item["mean_score"],
            "rate": item["observed"]["value"],
            "n": item["observed"]["n"],
            "low": item["observed"]["ci_low"],
            "high": item["observed"]["ci_high"],
        }
        for item in found["reliability"]
    ]
    return canonical_bytes({"roc": roc, "calibration": calibration})
