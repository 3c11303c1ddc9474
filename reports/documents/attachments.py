"""What travels inside a report: everything that a reader needs to check the decision and to make it again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Literal

from engine.deciding.verdict import Decision
from evidence.model.base import Frozen, Int
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import EvidenceError
from evidence.model.notes import DecisionNote, OtherPolicies, read_note
from evidence.snapshot.model import Snapshot
from evidence.trust.envelopes import MAX_ENVELOPE_BYTES, unseal
from evidence.trust.keys import Keyring
from evidence.trust.people import read_chain
from evidence.version import VERSION
from reports.documents.proof import LedgerProof
from reports.words.wording import EDITION, EDITIONS

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
_TOLD: Mapping[str, tuple[Relationship, str]] = {
    DECISION: ("Source", "The decision in canonical form (RFC 8785)"),
    DECISION_ENVELOPE: ("Source", "The decision as signed (DSSE)"),
    EVIDENCE: ("Data", "Evidence records, one DSSE envelope a line"),
    SNAPSHOT: ("Data", "What the decision read: records, prior decisions, place in the ledger"),
    BUNDLE: ("Supplement", "The policies that decided, with the overlay"),
    PEOPLE: ("Supplement", "The register of people, version by version"),
    PROOF: ("Supplement", "Ledger checkpoint, and the proof that nothing about the subject was left out"),
    WASM: ("Supplement", "The policies compiled to WebAssembly"),
    CHARTS: ("Data", "Points of the drawn curves, as signed (DSSE)"),
    INPUT: ("Data", "What the policies were given, to ask them by hand"),
    MANIFEST: ("Supplement", "Names, digests and relationships of these files"),
}
"""What a report says of each file, in the order in which it lists them."""


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
    made_with: str | None = None
    """The version of Quaestor whose words the pages are in (`reports.words.wording.EDITIONS`)."""
    wording: Int | None = None
    """The edition, which some reports of 0.1.0 name beside the version that tells it. Not read."""
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
    `charts` the signed note of the run's curves (`evidence.model.notes.RunCharts`), `inputs` what policies were given
    (see `engine.deciding.byhand`).
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
    data = {
        DECISION: materials.decision.body,
        DECISION_ENVELOPE: materials.decision_envelope,
        EVIDENCE: _lines(materials.evidence[name] for name in sorted(materials.evidence)),
        SNAPSHOT: canonical_bytes(materials.snapshot.to_json()),
        BUNDLE: materials.bundle,
        PEOPLE: _lines(materials.people),
        PROOF: canonical_bytes(materials.proof.to_json()),
        WASM: materials.wasm,
        CHARTS: materials.charts,
        INPUT: materials.inputs,
    }
    files = listed_files({name: content for name, content in data.items() if content is not None})
    manifest = Manifest(
        decision=materials.decision.id,
        made_with=VERSION,
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
    return (*files, *listed_files({MANIFEST: canonical_bytes(manifest.to_json())}))


def other_policies(decision_envelope: bytes) -> OtherPolicies | None:
    """How the policies differ from those of the installation that decided, by the signed note of the decision.

    Raises EvidenceError or SignatureError where the envelope holds no note.
    """
    note = read_note(unseal(decision_envelope, where=DECISION_ENVELOPE).statement, where=DECISION_ENVELOPE)
    return note.other_policies if isinstance(note, DecisionNote) else None


def listed_files(data: Mapping[str, bytes]) -> tuple[AttachedFile, ...]:
    """Files of a pack by name, in the order in which a report lists them."""
    return tuple(AttachedFile(name, data[name], *told) for name, told in _TOLD.items() if name in data)


def wording_of(files: Iterable[AttachedFile]) -> int:
    """The edition of the wording in which the maker of a pack writes; the present one where there is no manifest.

    Raises EvidenceError for a maker whose edition this version does not know.
    """
    for file in files:
        if file.name == MANIFEST:
            version = made_with(file.data)
            if version not in EDITIONS:
                hint = "verify it with the version of Quaestor that made it, or a later one"
                raise EvidenceError(f"the words of Quaestor `{version}` are not known here", where=MANIFEST, hint=hint)
            return EDITIONS[version]
    return EDITION


def made_with(manifest: bytes) -> str | None:
    """The version of Quaestor that made a report, as its manifest claims; None where it does not.

    Raises EvidenceError where the manifest is no JSON object, or the version no text.
    """
    value = parse_json(manifest, where=MANIFEST)
    version = value.get("made_with") if isinstance(value, dict) else 0
    if version is not None and not isinstance(version, str):
        raise EvidenceError(
            "it does not say which version made the report", where=MANIFEST, hint="give the report as made"
        )
    return version


def _lines(envelopes: Iterable[bytes]) -> bytes:
    """Envelopes in canonical form, one a line; what is signed is their payload, which stays as it is."""
    return b"".join(
        canonical_bytes(parse_json(envelope, where="envelope", limit=MAX_ENVELOPE_BYTES)) + b"\n"
        for envelope in envelopes
    )
