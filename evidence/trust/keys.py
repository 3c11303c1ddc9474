"""Keys: private ones that sign, and the keyring of the public ones that are trusted."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from evidence.model.base import Frozen
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import SignatureError
from evidence.model.names import Name
from evidence.model.record import PAYLOAD_TYPE, explain


class TrustedKey(Frozen):
    """A public key that is trusted, and whose it is; `keyid` is the SHA-256 of its SubjectPublicKeyInfo."""

    keyid: str
    public_key: str
    holder: Name
    name: Name
    kind: Literal["person", "machine"]
    roles: tuple[Name, ...] = ()
    custody: Name = "file"


class Keyring(Frozen):
    """The trusted keys."""

    keys: tuple[TrustedKey, ...] = ()

    def find(self, keyid: str) -> TrustedKey | None:
        return next((key for key in self.keys if key.keyid == keyid), None)


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
        self._signer = CryptoSigner(private, verifier(self.public_key, self.keyid))

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


def keyring_bytes(keyring: Keyring) -> bytes:
    """The keyring as it is written to its file: indented for people, sorted for diffs."""
    return (json.dumps(keyring.to_json(), indent=2, sort_keys=True) + "\n").encode()


def public_keyid(public_pem: str) -> str:
    """SHA-256 of the SubjectPublicKeyInfo of a PEM public key. Raises SignatureError."""
    try:
        key = serialization.load_pem_public_key(public_pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise SignatureError("not a public key in PEM form") from None
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()


def verifier(public_pem: str, keyid: str) -> SSlibKey:
    """What checks signatures by a PEM public key."""
    key = serialization.load_pem_public_key(public_pem.encode())
    return SSlibKey.from_crypto(key, keyid=keyid)
