"""Use cases of reports: the signed PDF of a decision, and its verification offline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.bundle.load import Bundle
from engine.deciding.decide import decide
from engine.deciding.verdict import Decision
from evidence.model.canonical import canonical_bytes
from evidence.model.notes import RunCharts, read_note
from evidence.store.records import RecordStore
from integrations.app.deciding import Recorded, engine_for, policies_of
from integrations.app.records import statement_of
from integrations.app.settings import Settings, cache_folder
from integrations.app.workspace import REPORT_CERTIFICATE, REPORT_KEY, Workspace
from reports.documents.attachments import Materials
from reports.documents.proof import prove
from reports.documents.report import make_report
from reports.verify.verify import Contents, VerificationReport, verify_pdf


def write_report(workspace: Workspace, store: RecordStore, recorded: Recorded, *, at: datetime) -> bytes:
    """The PDF/A-3 of a recorded decision, signed at `at`. Raises QuaestorError."""
    bundle, effective = policies_of(recorded.bundle)
    return make_report(
        materials(workspace, store, recorded),
        frameworks=framework_titles(bundle),
        limits=effective.values,
        key_pem=(workspace.settings.keys / REPORT_KEY).read_bytes(),
        cert_pem=(workspace.settings.keys / REPORT_CERTIFICATE).read_bytes(),
        signing_time=at,
    )


def materials(workspace: Workspace, store: RecordStore, recorded: Recorded) -> Materials:
    """Everything that a report of the decision is made of, out of the store."""
    kept = {entry.record.id for entry in recorded.snapshot.entries if not entry.derived_here}
    return Materials(
        decision=recorded.decision,
        decision_envelope=recorded.envelope,
        snapshot=recorded.snapshot,
        evidence={name: store.get(name).envelope for name in sorted(kept)},
        bundle=recorded.bundle,
        wasm=recorded.wasm,
        keyring=workspace.keyring,
        proof=prove(store, recorded.statement_id, recorded.snapshot),
        charts=_charts(store, recorded),
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


def verify_report(pdf: bytes, *, trust: Sequence[bytes]) -> VerificationReport:
    """Check a report offline: signature, digests, proof, and the decision made again. Needs no workspace.

    The decision is made again from the policies' source by regorus; a compiled module that is attached is asked beside
    it and must say the same, since whoever signed the pack could have attached one that says something else.
    """
    settings = Settings(
        root=Path.cwd(),
        origin="verifier",
        store="",
        blobs=Path(),
        keys=Path(),
        keyring=Path(),
        policies=Path(),
        cache=cache_folder(),
    )

    def replay(contents: Contents) -> tuple[str, Decision]:
        bundle, effective = policies_of(contents.bundle)
        both = ("wasm", "regorus") if contents.wasm is not None else None
        with engine_for(settings, bundle.program(), "regorus", both, contents.wasm) as running:
            again = decide(bundle, effective, contents.snapshot, contents.decision.gate, running)
        return bundle.digest, again

    return verify_pdf(pdf, trust=trust, replay=replay)


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
