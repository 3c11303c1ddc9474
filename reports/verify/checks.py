"""The single checks on the files of a pack: each returns what it found in words, or raises FailedCheck."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from pydantic import ValidationError

from engine.deciding.verdict import Decision, read_decision
from evidence.model.base import Frozen
from evidence.model.canonical import canonical_bytes, digest_bytes, parse_json
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.mistakes import explain
from evidence.model.predicates import PREDICATES
from evidence.model.record import Record, ResourceDescriptor, Statement, read_record
from evidence.snapshot.model import Snapshot
from evidence.trust import ledger
from evidence.trust.envelopes import SignatureState, signature_state, unseal
from evidence.trust.keys import Keyring
from evidence.trust.people import read_chain
from reports.documents import attachments as names
from reports.documents.attachments import Manifest
from reports.documents.proof import LedgerProof
from reports.words.wording import plural

MAX_JSON = 256 << 20
MAX_RECORDS = 100_000
MAX_VERSIONS = 10_000
Model = TypeVar("Model", bound=Frozen)


class FailedCheck(Exception):  # noqa: N818
    """Something in the pack is not as it should be; the message says what, in plain words."""


@dataclass(frozen=True)
class Contents:
    """The files of a pack, read: well formed, and nothing more is known of them until the checks have run.

    `bundle` is the tar of the policies with the overlay, `wasm` their compiled module where one is attached.
    """

    decision: Decision
    envelope: bytes
    snapshot: Snapshot
    evidence: tuple[bytes, ...]
    bundle: bytes
    wasm: bytes | None
    keyring: Keyring
    people: tuple[str, ...]
    """Ids of the statements of the register of people, oldest first."""
    register: tuple[bytes, ...]
    """Their envelopes."""
    proof: LedgerProof
    files: Mapping[str, bytes]
    """All of them, by name."""
    inputs: bytes | None = None
    """What the policies are said to have been given."""
    charts: bytes | None = None
    """The signed note of the curves that are drawn."""


def read_contents(files: Mapping[str, bytes]) -> Contents:
    """The files of a pack as typed values. Raises EvidenceError or SignatureError that names the file."""
    made = _read_decision(files)
    lines = files[names.EVIDENCE].split(b"\n")
    if lines[-1] or len(lines) - 1 > MAX_RECORDS:
        raise EvidenceError(f"does not end with a whole line, or has more than {MAX_RECORDS}", where=names.EVIDENCE)
    taken = _read(Snapshot, files, names.SNAPSHOT)
    people = files[names.PEOPLE].split(b"\n")
    if people[-1] or len(people) > MAX_VERSIONS:
        problem = f"does not end with a whole line, or has more than {MAX_VERSIONS}"
        raise EvidenceError(problem, where=names.PEOPLE)
    register = read_chain(people[:-1], taken.log.origin, where=names.PEOPLE)
    return Contents(
        decision=made,
        envelope=files[names.DECISION_ENVELOPE],
        snapshot=taken,
        evidence=tuple(lines[:-1]),
        bundle=files[names.BUNDLE],
        wasm=files.get(names.WASM),
        keyring=register.keyring,
        people=tuple(_statement_id(line, names.PEOPLE) for line in people[:-1]),
        register=tuple(people[:-1]),
        proof=_read(LedgerProof, files, names.PROOF),
        files=files,
        inputs=files.get(names.INPUT),
        charts=files.get(names.CHARTS),
    )


def _statement_id(envelope: bytes, where: str) -> str:
    return unseal(envelope, where=where).statement.id


def _read(model: type[Model], files: Mapping[str, bytes], name: str) -> Model:
    """A file in the one form in which packs hold it: canonical JSON that the model writes again byte for byte."""
    value = parse_json(files[name], where=name, limit=MAX_JSON)
    try:
        read = model.model_validate_json(canonical_bytes(value))
    except ValidationError as cause:
        raise EvidenceError(f"does not fit: {explain(cause)[:500]}", where=name) from None
    if canonical_bytes(read.to_json()) != files[name]:
        raise EvidenceError("is not in canonical form (RFC 8785)", where=name)
    return read


def _read_decision(files: Mapping[str, bytes]) -> Decision:
    made = read_decision(parse_json(files[names.DECISION], where=names.DECISION, limit=MAX_JSON), where=names.DECISION)
    if made.body != files[names.DECISION]:
        raise EvidenceError("is not in canonical form (RFC 8785)", where=names.DECISION)
    return made


def manifest(files: Mapping[str, bytes]) -> str:
    """Names and digests of the attachments are those of the manifest, with none missing and none beside."""
    if names.MANIFEST not in files:
        raise FailedCheck(f"{names.MANIFEST} is not attached")
    listed = _read(Manifest, files, names.MANIFEST)
    expected = {entry.name: entry for entry in listed.files}
    attached = set(files) - {names.MANIFEST}
    if len(expected) < len(listed.files) or attached != set(expected):
        odd = sorted(attached ^ set(expected)) or ["a name twice"]
        raise FailedCheck(f"the manifest and the attached files differ: {', '.join(odd)[:200]}")
    known = {*names.REQUIRED, *names.OPTIONAL}
    if unknown := sorted(attached - known):
        raise FailedCheck(f"not a file of an audit pack: {', '.join(unknown)[:200]}")
    for name, entry in sorted(expected.items()):
        if sha256(files[name]).hexdigest() != entry.sha256 or len(files[name]) != entry.bytes:
            raise FailedCheck(f"{name} does not have the digest that the manifest names")
    return f"{plural(len(expected), 'file')}, each with the digest that the manifest names"


def decision(contents: Contents) -> str:
    """The signed statement of the decision holds the attached body, and a machine's key of the register verifies it."""
    made = contents.decision
    where = names.DECISION_ENVELOPE
    statement = _decision_statement(contents)
    state = signature_state(contents.envelope, contents.keyring, where=where)
    if state.state != "verified" or state.kind != "machine":
        raise FailedCheck(f"the decision is not signed by a machine's key of the register (signature {state.state})")
    predicate = statement.predicate
    if canonical_bytes(predicate.get("decision")) != made.body:
        raise FailedCheck("the signed decision is not the attached one")
    if predicate.get("decision_id") != made.id:
        raise FailedCheck(f"the decision's id is {made.id}, the signed statement names {predicate.get('decision_id')}")
    if predicate.get("materials") != digest_bytes(contents.bundle):
        raise FailedCheck("the attached policies are not those that the signed decision names")
    wasm = digest_bytes(contents.wasm) if contents.wasm is not None else None
    if wasm is not None and predicate.get("wasm") != wasm:
        raise FailedCheck("the attached compiled policies are not those that the signed decision names")
    return f"{made.id}, signed with the machine key {state.keyid}"


def _decision_statement(contents: Contents) -> Statement:
    where = names.DECISION_ENVELOPE
    return unseal(contents.envelope, where=where).statement


def keys(contents: Contents, trusted: frozenset[str]) -> str:
    """The key of the decision is among those that the caller trusts; so is that of the ledger, being the same."""
    state = signature_state(contents.envelope, contents.keyring, where=names.DECISION_ENVELOPE)
    signers = {"decision": state.keyid or "none", "ledger": ledger_key(contents)[0]}
    for what, keyid in signers.items():
        if keyid not in trusted:
            raise FailedCheck(f"the key of the {what} is not among those that you trust: {keyid}")
    return f"trusted: decision {signers['decision']}, ledger {signers['ledger']}"


def evidence(contents: Contents) -> str:
    """Ids, content and signatures of the records, against what the snapshot says of them."""
    entries = {entry.record.id: entry for entry in contents.snapshot.entries}
    if len(entries) < len(contents.snapshot.entries):
        raise FailedCheck("the snapshot holds a record twice")
    attached: set[str] = set()
    signed = 0
    for place, line in enumerate(contents.evidence, 1):
        where = f"{names.EVIDENCE}:{place}"
        sealed = unseal(line, where=where)
        statement = sealed.statement
        if statement.id in attached:
            raise FailedCheck(f"record {statement.id} is attached twice")
        attached.add(statement.id)
        entry = entries.get(statement.id)
        if entry is None or entry.derived_here:
            raise FailedCheck(
                f"record {statement.id} ({where}) is not one of the snapshot's: it, or its id, was changed"
            )
        if not _same(read_record(statement, where=where), entry.record):
            raise FailedCheck(f"record {statement.id} is not what the snapshot says of it")
        state = signature_state(sealed, contents.keyring, at=entry.filed_at, where=where)
        if state != entry.signature:
            raise FailedCheck(
                f"the signature of record {statement.id} is {state.state}, the snapshot says {entry.signature.state}"
            )
        if entry.record.envelope.evidence_class.value == "attested" and (state.state, state.kind) != (
            "verified",
            "person",
        ):
            raise FailedCheck(f"the attested record {statement.id} is not signed by a person's key of the register")
        signed += state.state == "verified"
    here = [entry for entry in entries.values() if entry.derived_here]
    for entry in here:
        if (
            entry.signature != SignatureState(state="absent")
            or _rebuilt(entry.record, contents.snapshot).id != entry.record.id
        ):
            raise FailedCheck(
                f"the record {entry.record.id}, made with the snapshot, does not have the id of its content"
            )
    if absent := sorted(set(entries) - attached - {entry.record.id for entry in here}):
        raise FailedCheck(f"record {absent[0]} of the snapshot is not attached")
    return (
        f"{plural(len(attached), 'record')} with the ids that their content gives, {signed} of them signed by keys of "
        f"the register; {len(here)} more that Quaestor made with the snapshot, under the decision's signature"
    )


def _rebuilt(record: Record, snapshot: Snapshot) -> Statement:
    """The statement of a record that the store made when the snapshot was taken: about the subject, class derived."""
    if record.type not in PREDICATES or record.envelope.evidence_class.value != "derived":
        raise FailedCheck(f"record {record.id} is said to be made with the snapshot, and is of another class")
    subject = ResourceDescriptor(
        name=snapshot.subject.name, digest={"sha256": snapshot.subject.digest.removeprefix("sha256:")}
    )
    statement = Statement(
        subject=(subject,), predicate_type=PREDICATES[record.type].uri(), predicate=record.envelope.to_json()
    )
    if not _same(read_record(statement), record):
        raise FailedCheck(f"record {record.id} is not what the snapshot says of it")
    return statement


def _same(read: Record, stated: Record) -> bool:
    """Whether two records say the same, to the letter: to Python, `true` and 1 are equal."""
    return read == stated and read.content_text == stated.content_text


def snapshot(contents: Contents) -> str:
    """The snapshot's digest, computed anew, is the decision's; both speak of the same subject, instant, records."""
    taken, made = contents.snapshot, contents.decision
    if taken.digest != made.snapshot_digest:
        raise FailedCheck(f"the snapshot has the digest {taken.digest}, the decision names {made.snapshot_digest}")
    if taken.subject != made.subject or taken.instant != made.instant:
        raise FailedCheck("the snapshot is of another subject or instant than the decision")
    turned_away = {item.id for item in made.excluded} - {item.id for item in taken.excluded}
    if sorted(entry.record.id for entry in taken.entries) != sorted({item.id for item in made.evidence} | turned_away):
        raise FailedCheck("the decision lists other records than the snapshot holds")
    if not contents.people or taken.people != contents.people[-1]:
        raise FailedCheck("the snapshot was taken under another version of the register of people than is attached")
    if taken.instant_chosen and not any(item.kind == "chosen-instant" for item in made.relaxations):
        raise FailedCheck("the instant was chosen by the caller, and the decision does not say so")
    if taken.renewal_assumed and not any(item.kind == "assumed-renewal" for item in made.relaxations):
        raise FailedCheck("the register of people is assumed to be renewed, and the decision does not say so")
    return f"{taken.digest}, computed anew from {plural(len(taken.entries), 'record')}"


def ledger_proof(contents: Contents) -> str:
    """The decision's statement is a leaf under a checkpoint that a key of the register signed."""
    keyid, checkpoint = ledger_key(contents)
    proof, log = contents.proof, contents.snapshot.log
    leaf = parse_json(proof.leaf.encode(), where=names.PROOF)
    statement = _decision_statement(contents)
    named = {"id": statement.id, "envelope": digest_bytes(contents.envelope), "kind": "decision"}
    if not isinstance(leaf, dict) or any(leaf.get(field) != value for field, value in named.items()):
        raise FailedCheck("the ledger entry is that of another statement than the attached decision")
    value = ledger.leaf_hash(proof.leaf.encode())
    if not ledger.verify_inclusion(value, proof.index, checkpoint.size, hashes_of(proof.inclusion), checkpoint.root):
        raise FailedCheck("the inclusion proof does not lead from the decision to the checkpoint")
    old = bytes.fromhex(log.root.removeprefix("sha256:"))
    if not ledger.verify_consistency(log.size, checkpoint.size, old, checkpoint.root, hashes_of(proof.consistency)):
        raise FailedCheck("the ledger that the snapshot saw is not the beginning of the checkpoint's")
    place = f"entry {proof.index} of {checkpoint.size} in the ledger {checkpoint.origin}"
    return f"{place}, checkpoint signed with the key {keyid}"


def ledger_key(contents: Contents) -> tuple[str, ledger.Checkpoint]:
    """The machine key of the register that signed the checkpoint, and what the checkpoint says. Raises FailedCheck."""
    for key in contents.keyring.keys:
        if key.kind != "machine":
            continue
        try:
            return key.keyid, ledger.verify_checkpoint(
                contents.proof.checkpoint, key.public_key, contents.snapshot.log.origin
            )
        except QuaestorError:
            continue
    raise FailedCheck("the checkpoint is not signed by a machine's key of the register for the ledger of the snapshot")


def hashes_of(values: tuple[str, ...]) -> list[bytes]:
    """Hashes of their hexadecimal digits. Raises FailedCheck."""
    try:
        return [bytes.fromhex(value) for value in values]
    except ValueError:
        raise FailedCheck("a hash of the proof is not hexadecimal") from None
