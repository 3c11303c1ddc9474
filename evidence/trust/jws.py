"""Compact JSON Web Signatures (RFC 7515) by our keys: EdDSA (RFC 8037) by Ed25519, ES256 by ECDSA on P-256."""

import base64
import binascii
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from evidence.model.canonical import canonical_bytes
from evidence.model.errors import SignatureError
from evidence.trust.keys import SigningKey, public_keyid

MAX_CHARS = 16 << 20
_HALF = 32
_PublicKey = Ed25519PublicKey | EllipticCurvePublicKey


def sign_compact(key: SigningKey, payload: bytes) -> str:
    """The token of a payload. Raises SignatureError for a key on another curve than P-256."""
    public = _public(key.public_key)
    signed = f"{_text(canonical_bytes({'alg': _algorithm(public), 'typ': 'JWT'}))}.{_text(payload)}"
    signature = key.sign_raw(signed.encode())
    if isinstance(public, EllipticCurvePublicKey):
        signature = b"".join(half.to_bytes(_HALF, "big") for half in decode_dss_signature(signature))
    return f"{signed}.{_text(signature)}"


def payload_of(token: str) -> Any:
    """What a token says, whoever signed it. Raises SignatureError for what is no token."""
    return _json(_parts(token)[1])


def verify_compact(token: str, public_pem: str) -> None:
    """Raises SignatureError unless the key signed the token, by the one algorithm that such a key has."""
    head, _, signature = _parts(token)
    public_keyid(public_pem)  # says so where it is no key
    public = _public(public_pem)
    told = _json(head)
    if not isinstance(told, dict) or told.get("alg") != _algorithm(public):
        raise SignatureError("the signature is of another algorithm than the key", hint="give the key that signed it")
    message = token.rpartition(".")[0].encode()
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(signature, message)
        elif len(signature) == 2 * _HALF:
            halves = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
            public.verify(encode_dss_signature(*halves), message, ECDSA(SHA256()))
        else:
            raise InvalidSignature
    except InvalidSignature:
        raise SignatureError("the key did not sign this", hint="it was changed, or another key signed it") from None


def _public(pem: str) -> _PublicKey:
    public = serialization.load_pem_public_key(pem.encode())
    if isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1):
        return public
    if isinstance(public, Ed25519PublicKey):
        return public
    raise SignatureError("neither an Ed25519 key nor an ECDSA key on P-256", hint="make one: `quaestor key new`")


def _algorithm(public: _PublicKey) -> str:
    return "EdDSA" if isinstance(public, Ed25519PublicKey) else "ES256"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _parts(token: str) -> tuple[bytes, bytes, bytes]:
    parts = token.split(".")
    try:
        if len(parts) != 3 or len(token) > MAX_CHARS:
            raise ValueError
        head, payload, signature = (
            base64.b64decode(f"{part}{'=' * (-len(part) % 4)}", b"-_", validate=True) for part in parts
        )
    except (ValueError, binascii.Error):
        raise SignatureError("not a compact JSON Web Signature", hint="three parts in base64url") from None
    return head, payload, signature


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise SignatureError("a part of the signature is not JSON", hint="make it anew") from None
