"""Keys, DSSE envelopes, and what a signature is worth against a keyring.

Source: DSSE v1.0.2 (https://github.com/secure-systems-lab/dsse); envelopes and algorithms come from securesystemslib.
"""

import json
import os
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer._crypto_signer import CryptoSigner
from securesystemslib.signer._key import SSlibKey
from securesystemslib.signer._signature import Signature

from evidence.model.base import Frozen
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import SignatureError
from evidence.model.record import PAYLOAD_TYPE, explain

MAX_ENVELOPE_BYTES = 96 << 20


class TrustedKey(Frozen):
    """A public key that is trusted, and whose it is; `keyid` is the SHA-256 of its SubjectPublicKeyInfo."""

    keyid: str
    public_key: str
    holder: str
    name: str
    kind: Literal["person", "machine"]
    roles: tuple[str, ...] = ()
    custody: str = "file"


class Keyring(Frozen):
    """The trusted keys."""

    keys: tuple[TrustedKey, ...] = ()

    def find(self, keyid: str) -> TrustedKey | None:
        return next((key for key in self.keys if key.keyid == keyid), None)


class SignatureState(Frozen):
    """What is known of the signature on a record: `verified` only by a key of the keyring."""

    state: Literal["verified", "unverified", "absent"]
    keyid: str | None = None
    signer: str | None = None
    kind: Literal["person", "machine", "none"] = "none"
    roles: tuple[str, ...] = ()


class SigningKey:
    """A private key, Ed25519 or ECDSA P-256, with its DSSE signer."""

    def __init__(self, private: Ed25519PrivateKey | EllipticCurvePrivateKey) -> None:
        self._private = private
        self.public_key = (
            private.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )
        self.keyid = public_keyid(self.public_key)
        self._signer = CryptoSigner(private, _public(self.public_key, self.keyid))

    @classmethod
    def generate(cls) -> "SigningKey":
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> "SigningKey":
        """From a PEM file (PKCS 8, not encrypted). Raises SignatureError."""
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except OSError as cause:
            raise SignatureError(f"the private key cannot be read: {cause.strerror}", where=str(path)) from None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise SignatureError(
                "not an unencrypted PKCS 8 private key in PEM form",
                where=str(path),
                hint="make one with `quaestor init` or `openssl genpkey -algorithm ed25519`",
            ) from None
        if not isinstance(private, (Ed25519PrivateKey, EllipticCurvePrivateKey)):
            raise SignatureError("neither an Ed25519 nor an ECDSA key", where=str(path))
        return cls(private)

    def save(self, path: Path) -> None:
        """Write the key so that only its owner can read it; an existing file is never overwritten."""
        pem = self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)

    def trusted(
        self,
        holder: str,
        name: str,
        kind: Literal["person", "machine"],
        roles: tuple[str, ...] = (),
        custody: str = "file",
    ) -> TrustedKey:
        """The entry of this key for a keyring."""
        return TrustedKey(
            keyid=self.keyid,
            public_key=self.public_key,
            holder=holder,
            name=name,
            kind=kind,
            roles=roles,
            custody=custody,
        )

    def sign(self, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
        """A DSSE envelope around `payload`, as canonical JSON bytes."""
        envelope = Envelope(payload=payload, payload_type=payload_type, signatures={})
        envelope.sign(self._signer)
        return canonical_bytes(envelope.to_dict())

    def sign_raw(self, message: bytes) -> bytes:
        """A bare signature over `message` (used by checkpoints, whose format is not DSSE)."""
        return bytes.fromhex(self._signer.sign(message).signature)


def wrap_unsigned(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """A DSSE envelope without signatures, so that signed and unsigned records are kept in one form."""
    return canonical_bytes(Envelope(payload=payload, payload_type=payload_type, signatures={}).to_dict())


def open_envelope(data: bytes, *, where: str, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """The payload of a DSSE envelope; its signatures are not looked at. Raises EvidenceError or SignatureError."""
    return _read(data, where=where, payload_type=payload_type).payload


def signature_state(data: bytes, keyring: Keyring, *, where: str = "envelope") -> SignatureState:
    """What the envelope's signatures are worth: the first that verifies by a key of the keyring counts.

    A signature by an unknown key, or one that does not verify, is `unverified`.
    """
    envelope = _read(data, where=where)
    if not envelope.signatures:
        return SignatureState(state="absent")
    for keyid in sorted(envelope.signatures):
        key = keyring.find(keyid)
        if key is None:
            continue
        try:
            envelope.verify([_public(key.public_key, key.keyid)], 1)
        except (VerificationError, UnverifiedSignatureError, ValueError):
            continue
        return SignatureState(state="verified", keyid=keyid, signer=key.holder, kind=key.kind, roles=key.roles)
    return SignatureState(state="unverified", keyid=min(envelope.signatures))


def verify_raw(message: bytes, signature: bytes, public_key: str) -> bool:
    """Whether a bare signature over `message` verifies."""
    key = _public(public_key, "key")
    try:
        key.verify_signature(Signature("key", signature.hex()), message)
    except (VerificationError, UnverifiedSignatureError, ValueError):
        return False
    return True


def load_keyring(path: Path) -> Keyring:
    """A keyring from its JSON file. Raises SignatureError that names the field."""
    try:
        data = path.read_bytes()
    except OSError as cause:
        raise SignatureError(f"the keyring cannot be read: {cause.strerror}", where=str(path)) from None
    try:
        keyring = Keyring.model_validate_json(canonical_bytes(parse_json(data, where=str(path))))
    except ValidationError as cause:
        raise SignatureError(f"not a keyring: {explain(cause)}", where=str(path)) from None
    for key in keyring.keys:
        if key.keyid != public_keyid(key.public_key):
            raise SignatureError(f"key id `{key.keyid}` is not that of its public key", where=str(path))
    return keyring


def _read(data: bytes, *, where: str, payload_type: str = PAYLOAD_TYPE) -> Envelope:
    value = parse_json(data, where=where, limit=MAX_ENVELOPE_BYTES)
    try:
        envelope = Envelope.from_dict(value)
        # securesystemslib decodes base64 leniently; two texts for one payload would be two digests for one record.
        b64decode(value["payload"], validate=True)
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise SignatureError(f"not a DSSE envelope: {cause!s}", where=where) from None
    except Exception as cause:  # securesystemslib raises its own family for bad encodings
        raise SignatureError(f"not a DSSE envelope: {type(cause).__name__}", where=where) from None
    if envelope.payload_type != payload_type:
        raise SignatureError(f"payload type is `{envelope.payload_type}`, not `{payload_type}`", where=where)
    return envelope


def public_keyid(public_pem: str) -> str:
    """SHA-256 of the SubjectPublicKeyInfo of a PEM public key. Raises SignatureError."""
    try:
        key = serialization.load_pem_public_key(public_pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise SignatureError("not a public key in PEM form") from None
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()


def _public(public_pem: str, keyid: str) -> SSlibKey:
    key = serialization.load_pem_public_key(public_pem.encode())
    return SSlibKey.from_crypto(key, keyid=keyid)


def keyring_bytes(keyring: Keyring) -> bytes:
    """The keyring as it is written to its file: indented for people, sorted for diffs."""
    return (json.dumps(keyring.to_json(), indent=2, sort_keys=True) + "\n").encode()
