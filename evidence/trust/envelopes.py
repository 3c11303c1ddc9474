"""DSSE envelopes: made, opened once, and what their signatures are worth against a keyring.

Source: DSSE v1.0.2 (https://github.com/secure-systems-lab/dsse); envelopes and algorithms come from securesystemslib.
"""

from base64 import b64decode
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import ValidationError
from pydantic_core import CoreConfig, SchemaValidator, core_schema, from_json
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import Signature

from evidence.model.base import Frozen
from evidence.model.canonical import digest_bytes, parse_json
from evidence.model.errors import SignatureError
from evidence.model.notes import AnyNote, NoteStatement
from evidence.model.record import PAYLOAD_TYPE, Statement, as_statement, parse_statement
from evidence.trust.keys import Keyring, envelope_bytes, verifier

MAX_ENVELOPE_BYTES = 96 << 20
_BASE64 = SchemaValidator(core_schema.bytes_schema(), CoreConfig(val_json_bytes="base64"))


class SignatureState(Frozen):
    """What is known of the signature on a record: `verified` only by a key of the keyring."""

    state: Literal["verified", "unverified", "absent"]
    keyid: str | None = None
    signer: str | None = None
    kind: Literal["person", "machine", "none"] = "none"
    name: str | None = None
    """Full name of the signer."""
    roles: tuple[str, ...] = ()
    """Roles that the signer held when the envelope was filed."""
    others: tuple["SignatureState", ...] = ()
    """Further signatures that verify, each of another holder."""

    @property
    def by_machine(self) -> bool:
        """Whether it is good and a machine's."""
        return self.state == "verified" and self.kind == "machine"


class Signer(Protocol):
    """Signs for one key: a key file here; elsewhere a vault or a card may."""

    @property
    def keyid(self) -> str:
        """SHA-256 of the key's SubjectPublicKeyInfo, as the keyring names it."""
        ...

    def sign_raw(self, message: bytes) -> bytes:
        """A bare signature over `message`."""
        ...


@dataclass(frozen=True)
class Sealed:
    """A statement in its DSSE envelope: the bytes, and what they say.

    Only `seal` and `unseal` make one, so that the two never differ: whoever has one need not read the bytes again.
    """

    data: bytes
    envelope: Envelope
    statement: Statement


def seal(statement: Statement, signers: Iterable[Signer]) -> Sealed:
    """The statement in an envelope, signed by each."""
    envelope = Envelope(payload=statement.payload, payload_type=PAYLOAD_TYPE, signatures={})
    message = envelope.pae()
    for signer in signers:
        envelope.signatures[signer.keyid] = Signature(signer.keyid, signer.sign_raw(message).hex())
    return Sealed(envelope_bytes(envelope), envelope, statement)


def unseal(data: bytes, *, where: str, id: str | None = None) -> Sealed:
    """What an envelope from elsewhere holds; its signatures are not looked at. Raises EvidenceError or SignatureError.

    `id`: as for `parse_statement`.
    """
    envelope = _read(data, where=where)
    return Sealed(data, envelope, parse_statement(envelope.payload, where=where, id=id))


def kept_payload(data: bytes, id: str) -> tuple[bytes, dict[str, Any]] | None:
    """The payload of an envelope that this installation's own store keeps under `id`, and what it says, read quickly;
    None where it is no envelope of a statement, or its payload's digest is not the id: that is read with care.

    Bytes of that very digest are a canonical form that was made here of a statement that had been read with care: no
    name stands twice in it, and it nests no deeper than is allowed. Whoever can put other bytes under an id of the
    store can put any statement there.
    """
    payload = _kept(data, id)
    try:
        value = None if payload is None else from_json(payload, allow_inf_nan=False)
    except (ValueError, RecursionError):
        return None
    return (payload, value) if payload is not None and isinstance(value, dict) else None


def kept_statement(data: bytes, id: str, *, where: str) -> Statement:
    """As `unseal`, of an envelope that this installation's own store keeps under `id`."""
    found = kept_payload(data, id)
    if found is None:
        return unseal(data, where=where, id=id).statement
    payload, value = found
    return as_statement(value, payload, where=where)


def kept_note(data: bytes, id: str, kind: type[AnyNote]) -> AnyNote | None:
    """The note of a kind in an envelope that this installation's own store keeps under `id`, read from the text at once
    with its body; None where it is no such note as it stands: `kept_statement` and `read_note` tell why.
    """
    payload = _kept(data, id)
    # What is no number in JSON is one to pydantic.
    if payload is None or b"NaN" in payload or b"Infinity" in payload:
        return None
    try:
        statement = NoteStatement[kind].model_validate_json(payload)  # type: ignore[valid-type]
    except ValidationError:
        return None
    return statement.predicate if statement.predicate_type == kind.TYPE else None


def _kept(data: bytes, id: str) -> bytes | None:
    """The payload of an envelope, where its digest is the id."""
    try:
        envelope = from_json(data)
        if envelope["payloadType"] != PAYLOAD_TYPE:
            return None
        payload = _decoded(envelope["payload"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return payload if digest_bytes(payload) == id else None


def open_envelope(data: bytes, *, where: str) -> bytes:
    """The payload of a DSSE envelope; its signatures are not looked at. Raises EvidenceError or SignatureError."""
    return _read(data, where=where).payload


def signature_state(
    sealed: bytes | Sealed, keyring: Keyring, *, at: datetime | None = None, where: str = "envelope"
) -> SignatureState:
    """What the envelope's signatures are worth: those that verify by keys of the keyring that were valid at `at`.

    `at` is when the envelope was filed: a key counts from when it was trusted up to when it was removed, and its holder
    with the roles held then; without it the present state counts (keys and roles without an end). Signatures by unknown
    or removed keys, or that do not verify, are `unverified`. The first holder by key id is the signer, others follow.
    """
    envelope = sealed.envelope if isinstance(sealed, Sealed) else _read(sealed, where=where)
    if not envelope.signatures:
        return SignatureState(state="absent")
    found: dict[str, SignatureState] = {}
    for keyid in sorted(envelope.signatures):
        key = keyring.find(keyid)
        if key is None or not (key.until is None if at is None else key.valid(at)) or key.holder in found:
            continue
        try:
            envelope.verify([verifier(key.public_key, key.keyid)], 1)
        except (VerificationError, UnverifiedSignatureError, ValueError):
            continue
        roles = key.roles if at is None else key.roles_at(at)
        found[key.holder] = SignatureState(
            state="verified", keyid=keyid, signer=key.holder, kind=key.kind, name=key.name, roles=roles
        )
    if not found:
        return SignatureState(state="unverified", keyid=min(envelope.signatures))
    first, *others = found.values()
    return first.model_copy(update={"others": tuple(others)})


_FORM = "give a JSON object with `payload`, `payloadType` and `signatures`"


def _misshapen(value: Any) -> str:
    """What is wrong with JSON that could not be read as an envelope, in words of JSON."""
    if not isinstance(value, dict):
        return "not a JSON object"
    for name in ("payload", "payloadType", "signatures"):
        if name not in value:
            return f"`{name}` is missing"
    signatures = value["signatures"]
    if not isinstance(signatures, list) or not all(isinstance(item, dict) for item in signatures):
        return "`signatures` is not a list of objects"
    for name in ("keyid", "sig"):
        if not all(name in item for item in signatures):
            return f"a signature has no `{name}`"
    keyids = [str(item["keyid"]) for item in signatures]
    twice = next((keyid for place, keyid in enumerate(keyids) if keyid in keyids[:place]), None)
    return "`payload` or a `sig` is not base64" if twice is None else f"two signatures by the key `{twice[:64]}`"


def _read(data: bytes, *, where: str) -> Envelope:
    value = parse_json(data, where=where, limit=MAX_ENVELOPE_BYTES)
    try:
        # securesystemslib decodes base64 leniently; two texts for one payload would be two digests for one record.
        payload = _decoded(value["payload"])
        envelope = Envelope.from_dict({**value, "payload": ""})
        envelope.payload = payload
    except Exception:  # securesystemslib raises its own family for bad encodings
        problem = _misshapen(parse_json(data, where=where, limit=MAX_ENVELOPE_BYTES))  # `from_dict` took it apart
        raise SignatureError(f"not a DSSE envelope: {problem}", where=where, hint=_FORM) from None
    if envelope.payload_type != PAYLOAD_TYPE:
        problem = f"payload type is `{envelope.payload_type}`, not `{PAYLOAD_TYPE}`"
        raise SignatureError(problem, where=where, hint="give an envelope of that type")
    return envelope


def _decoded(text: Any) -> bytes:
    """`b64decode(text, validate=True)`, in a third of the time where pydantic's decoder is no more lenient.

    That one takes the alphabet for URLs as well, and text without its padding; in JSON a backslash hides other signs.
    """
    if isinstance(text, str) and len(text) % 4 == 0 and not any(sign in text for sign in "-_\\"):
        with suppress(ValidationError):
            return bytes(_BASE64.validate_json(f'"{text}"'))
    return b64decode(text, validate=True)
