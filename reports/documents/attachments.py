"""What travels inside a report: everything that a reader needs to check the decision and to make it again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Literal

from engine.deciding.verdict import Decision
from evidence.model.base import Frozen, Int
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.snapshot.model import Snapshot
from evidence.trust.envelopes import MAX_ENVELOPE_BYTES
from evidence.trust.keys import Keyring
from evidence.trust.people import read_chain
from reports.documents.proof import LedgerProof

DECISION = "decision.json"
DECISION_ENVELOPE = "decision.dsse.json"
EVIDENCE = "evidence.jsonl"
SNAPSHOT = "snapshot.json"
BUNDLE = "bundle.tar"
WASM = "policy.wasm"
PEOPLE = "people.jsonl"
PROOF = "ledger-proof.json"
CHARTS = "charts.json"
INPUT = "input.json"
MANIFEST = "manifest.json"
REQUIRED = (DECISION, DECISION_ENVELOPE, EVIDENCE, SNAPSHOT, BUNDLE, PEOPLE, PROOF, MANIFEST)
OPTIONAL = (WASM, CHARTS, INPUT)

Relationship = Literal["Source", "Data", "Supplement"]
"""AFRelationship of an associated file (ISO 32000-2, 7.11.3)."""


class ManifestEntry(Frozen):
    """A file of the pack."""

    name: str
    sha256: str
    bytes: Int
    relationship: Relationship
    description: str


class Manifest(Frozen):
    """The list of a pack's files; it stands inside the signed bytes of the PDF."""

    schema_: Literal["https://quaestor.dev/pack/v1"] = "https://quaestor.dev/pack/v1"
    decision: str
    files: tuple[ManifestEntry, ...]


@dataclass(frozen=True)
class AttachedFile:
    """A file to embed, with its relationship to the printed pages."""

    name: str
    data: bytes
    relationship: Relationship
    description: str


@dataclass(frozen=True)
class Materials:
    """What a report is made of. `evidence` holds the DSSE envelope of each record, as it came, by record id.

    `bundle` is the tar of the policies with the organisation's overlay, `wasm` their compiled module if there is one,
    `charts` the curves of the validation run (see `chartdata.ChartPoints`), `inputs` what the policies were given (see
    `engine.deciding.byhand`).
    """

    decision: Decision
    decision_envelope: bytes
    snapshot: Snapshot
    evidence: Mapping[str, bytes]
    bundle: bytes
    wasm: bytes | None
    people: tuple[bytes, ...]
    """Versions of the register of people up to the one that the snapshot names, as signed, oldest first."""
    proof: LedgerProof
    charts: bytes | None = None
    inputs: bytes | None = None

    @cached_property
    def keyring(self) -> Keyring:
        """The keys that the register names. Raises SignatureError."""
        return read_chain(self.people, self.snapshot.log.origin).keyring


def attached_files(materials: Materials) -> tuple[AttachedFile, ...]:
    """The files of a pack, the manifest last. Raises EvidenceError where an envelope is not JSON."""
    records = (materials.evidence[name] for name in sorted(materials.evidence))
    files = [
        AttachedFile(DECISION, materials.decision.body, "Source", "The decision in canonical form (RFC 8785)"),
        AttachedFile(DECISION_ENVELOPE, materials.decision_envelope, "Source", "The decision as signed (DSSE)"),
        AttachedFile(EVIDENCE, _lines(records), "Data", "Evidence records, one DSSE envelope a line"),
        AttachedFile(
            SNAPSHOT,
            canonical_bytes(materials.snapshot.to_json()),
            "Data",
            "What the decision read: records, prior decisions, place in the ledger",
        ),
        AttachedFile(BUNDLE, materials.bundle, "Supplement", "The policies that decided, with the overlay"),
        AttachedFile(PEOPLE, _lines(materials.people), "Supplement", "The register of people, version by version"),
        AttachedFile(
            PROOF,
            canonical_bytes(materials.proof.to_json()),
            "Supplement",
            "Ledger checkpoint, and the proof that nothing about the subject was left out",
        ),
    ]
    if materials.wasm is not None:
        files.append(AttachedFile(WASM, materials.wasm, "Supplement", "The policies compiled to WebAssembly"))
    if materials.charts is not None:
        files.append(AttachedFile(CHARTS, materials.charts, "Data", "Points of the drawn curves"))
    if materials.inputs is not None:
        files.append(AttachedFile(INPUT, materials.inputs, "Data", "What the policies were given, to ask them by hand"))
    manifest = Manifest(
        decision=materials.decision.id,
        files=tuple(
            ManifestEntry(
                name=file.name,
                sha256=sha256(file.data).hexdigest(),
                bytes=len(file.data),
                relationship=file.relationship,
                description=file.description,
            )
            for file in files
        ),
    )
    listed = canonical_bytes(manifest.to_json())
    return (*files, AttachedFile(MANIFEST, listed, "Supplement", "Names, digests and relationships of these files"))


def _lines(envelopes: Iterable[bytes]) -> bytes:
    """Envelopes in canonical form, one a line; what is signed is their payload, which stays as it is."""
    return b"".join(
        canonical_bytes(parse_json(envelope, where="envelope", limit=MAX_ENVELOPE_BYTES)) + b"\n"
        for envelope in envelopes
    )
