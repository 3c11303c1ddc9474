"""Keys: private ones that sign, and the keyring of the public ones that are trusted."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from evidence.model.base import Frozen, Instant, Name
from evidence.model.errors import SignatureError
from evidence.model.record import PAYLOAD_TYPE

_WRITER = json.JSONEncoder(separators=(",", ":"), sort_keys=True)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a key or role holds that says no other time."""


class Grant(Frozen):
    """A role from an instant on, up to, not including, another."""

    role: Name
    since: Instant
    until: Instant | None = None

    def held(self, at: datetime) -> bool:
        return _within(self.since, self.until, at)


class TrustedKey(Frozen):
    """A public key that is trusted, from when to when, and whose it is.

    `keyid` is the SHA-256 of its SubjectPublicKeyInfo; `grants` are the roles of its holder, ended ones too.
    """

    keyid: str
    public_key: str
    holder: Name
    name: Name
    kind: Literal["person", "machine"]
    custody: str = "file"
    since: Instant = BEGINNING
    until: Instant | None = None
    grants: tuple[Grant, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that have no end."""
        return tuple(grant.role for grant in self.grants if grant.until is None)

    def roles_at(self, at: datetime) -> tuple[str, ...]:
        """Roles that the holder held at an instant, in order."""
        return tuple(sorted({grant.role for grant in self.grants if grant.held(at)}))

    def valid(self, at: datetime) -> bool:
        """Whether the key could sign at an instant."""
        return _within(self.since, self.until, at)


def _within(since: datetime, until: datetime | None, at: datetime) -> bool:
    """Whether an instant lies in a half-open period; None has no end."""
    return since <= at and (until is None or at < until)


class Keyring(Frozen):
    """The trusted keys, removed ones too."""

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
        self.signer = CryptoSigner(private, verifier(self.public_key, self.keyid))

    @classmethod
    def generate(cls) -> "SigningKey":
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> "SigningKey":
        """From a PEM file (PKCS 8, not encrypted). Raises SignatureError, also where others can get at the file."""
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except OSError as cause:
            raise SignatureError(
                f"the private key cannot be read: {cause.strerror}",
                where=str(path),
                hint="make the file readable for you alone, or name whose key lies here with --as",
            ) from None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise SignatureError(
                "not an unencrypted PKCS 8 private key in PEM form",
                where=str(path),
                hint="make one with `quaestor init` or `openssl genpkey -algorithm ed25519`",
            ) from None
        if not isinstance(private, (Ed25519PrivateKey, EllipticCurvePrivateKey)):
            raise SignatureError(
                "neither an Ed25519 nor an ECDSA key", where=str(path), hint="make another key: `quaestor key new`"
            )
        require_private(path)
        return cls(private)

    def save(self, path: Path) -> None:
        """Write the key so that only its owner can read it; an existing file is never overwritten."""
        pem = self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())  # the register may name it from now on

    def sign(self, payload: bytes) -> bytes:
        """A DSSE envelope around a statement, as canonical JSON bytes."""
        return sign_together([self], payload)

    def sign_raw(self, message: bytes) -> bytes:
        """A bare signature over `message` (used by checkpoints, whose format is not DSSE)."""
        return bytes.fromhex(self.signer.sign(message).signature)


def require_private(path: Path) -> None:
    """Raise SignatureError where others can get at a file with a private key."""
    if open_to_others(path):
        raise SignatureError(
            "others can read or write this private key",
            where=str(path),
            hint=f"`chmod 600 {path}`; if somebody may have taken it, remove it from the register and make another",
        )


def open_to_others(path: Path) -> bool:
    """Whether the mode of a file, which is this user's own, lets anybody else at it.

    As ssh asks it: of a file that belongs to another user, such as a secret mounted into a container, that one says
    who may read it.
    """
    status = path.stat()
    return status.st_uid == os.geteuid() and bool(status.st_mode & 0o077)


def sign_together(keys: Sequence[SigningKey], payload: bytes) -> bytes:
    """A DSSE envelope around a statement, with a signature by each key, as canonical JSON bytes."""
    envelope = Envelope(payload=payload, payload_type=PAYLOAD_TYPE, signatures={})
    for key in keys:
        envelope.sign(key.signer)
    return envelope_bytes(envelope)


def envelope_bytes(envelope: Envelope) -> bytes:
    """An envelope as canonical JSON: of ASCII texts alone, the standard library writes what RFC 8785 asks for."""
    return _WRITER.encode(envelope.to_dict()).encode("ascii")


def public_keyid(public_pem: str) -> str:
    """SHA-256 of the SubjectPublicKeyInfo of a PEM public key. Raises SignatureError."""
    try:
        key = serialization.load_pem_public_key(public_pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise SignatureError(
            "not a public key in PEM form",
            hint="give the public key, a file that begins with `-----BEGIN PUBLIC KEY-----`",
        ) from None
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()


def verifier(public_pem: str, keyid: str) -> SSlibKey:
    """What checks signatures by a PEM public key."""
    key = serialization.load_pem_public_key(public_pem.encode())
    return SSlibKey.from_crypto(key, keyid=keyid)
