"""Use cases of reports: the signed PDF of a decision, and its verification offline."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from engine.bundle.attached import policies_of
from engine.bundle.differences import file_digests
from engine.bundle.draft import no_bundle
from engine.bundle.files import read_folder
from engine.bundle.titles import framework_titles
from engine.deciding.byhand import policy_inputs
from evidence.model.canonical import digest_json
from evidence.model.errors import EvidenceError, QuaestorError, StoreError
from evidence.model.notes import RunCharts, read_note
from evidence.store.kept import require_extends
from evidence.store.records import RecordStore
from evidence.trust.envelopes import unseal
from integrations.app.deciding import Get, Recorded
from integrations.app.records import statement_of
from integrations.app.session import Session
from integrations.app.settings import builtin_policies
from reports.documents.attachments import Materials
from reports.documents.base import Document
from reports.documents.proof import prove
from reports.documents.report import DecisionPack
from reports.verify.child import verify_confined
from reports.verify.extract import MAX_PDF_BYTES
from reports.verify.policies import Expected
from reports.verify.verify import VerificationReport

_PDF = b"%PDF-"
_HEAD = 1024
"""Bytes within which a PDF says that it is one, as its readers have it (ISO 32000-1, annex H, note 13)."""


def decision_pack(session: Session, recorded: Recorded) -> Document[Materials]:
    """The document of a recorded decision, to be signed now with this installation's report key."""
    bundle, effective = policies_of(recorded.bundle, session.workspace.settings.cache)
    key = session.workspace.report_key()
    return DecisionPack(
        frameworks=framework_titles(bundle),
        controls=bundle.controls,
        limits=effective.values,
        key_pem=key.key_pem,
        cert_pem=key.certificate_pem,
        signing_time=session.now(),
    )


def materials(session: Session, recorded: Recorded, *, since: str | None = None) -> Materials:
    """Everything that a report of the decision is made of, out of the store.

    `since` is a checkpoint that its reader kept. Raises QuaestorError where the ledger does not continue that.
    """
    store = session.store
    earlier = None if since is None else require_extends(store, since)
    bundle, effective = policies_of(recorded.bundle, session.workspace.settings.cache)
    kept = sorted({entry.record.id for entry in recorded.snapshot.entries if not entry.derived_here})
    get = store.among(kept)
    return Materials(
        decision=recorded.decision,
        decision_envelope=recorded.envelope,
        snapshot=recorded.snapshot,
        evidence={name: _sealed(store, get, name, recorded.decision.id) for name in kept},
        bundle=recorded.bundle,
        wasm=recorded.wasm,
        people=_people(store, recorded),
        proof=prove(store, recorded.statement_id, recorded.snapshot, since=earlier),
        charts=_charts(store, recorded),
        inputs=policy_inputs(bundle, effective, recorded.snapshot, recorded.decision),
    )


def verify_report(
    source: BinaryIO,
    *,
    trust: Sequence[bytes],
    policies: str | None = None,
    now: datetime | None = None,
    checkpoint: str | None = None,
) -> VerificationReport:
    """Check a report offline: signature, digests, proof, and the decision made again. Needs no workspace.

    `policies` are those expected, a folder or a bundle's digest; without it the policies that come with this
    installation are compared, and what differs is told. `now` and `checkpoint` as for `verify_pdf`.

    No more is read of `source` than a report may have. Raises PolicyError where no bundle lies in the folder named, and
    EvidenceError for what does not even begin as a PDF: somebody named the wrong file, and nothing is said of a report.
    """
    pdf = source.read(MAX_PDF_BYTES + 1)
    if _PDF not in pdf[:_HEAD]:
        hint = "name the report itself, as `quaestor report` wrote it or its sender gave it"
        raise EvidenceError("not a PDF", where=str(getattr(source, "name", "report")), hint=hint)
    return verify_confined(pdf, trust=trust, expected=_expected(policies), now=now, checkpoint=checkpoint)


def _expected(policies: str | None) -> Expected:
    if policies is None:
        return Expected(files=file_digests(read_folder(builtin_policies())))
    if policies.startswith("sha256:"):
        if not re.fullmatch("sha256:[0-9a-f]{64}", policies):
            raise QuaestorError(f"`{policies}` is no digest", hint="sha256: and 64 hexadecimal digits, or a folder")
        return Expected(files=file_digests(read_folder(builtin_policies())), digest=policies)
    files = file_digests(read_folder(Path(policies)))
    if (mistake := no_bundle(files, policies)) is not None:
        raise mistake
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
    """The curves of the latest validation run that the decision saw, as signed; None where it saw none."""
    runs = {entry.record.id for entry in recorded.snapshot.entries if entry.record.type == "validation-run"}
    found: bytes | None = None
    subject = recorded.decision.subject
    for stored in store.find(kind="charts", subject=subject.digest, system_id=subject.system_id):
        note = read_note(statement_of(stored))
        if isinstance(note, RunCharts) and note.run in runs:
            found = stored.envelope
    return found


def _sealed(store: RecordStore, get: Get, name: str, decision: str) -> bytes:
    """The envelope of a record that a decision rests on. Raises StoreError; of an erased one, what is left."""
    try:
        return get(name).envelope
    except StoreError:
        if not store.is_erased(name):
            raise
    raise StoreError(
        f"record {name} was erased, and a report of decision {decision[:19]} shows what it rests on",
        hint="a report that was made before still verifies, and `quaestor replay` makes the decision again",
    )
