"""A bundle as OPA loads it, and back: policies, `data.json` with the parameters' defaults, manifest, signature.

The signature is OPA's (a token over the digest of each file). What is read back has to be, to the byte, what would be
written of its policies: a manifest, data or file of another's making changes nothing unseen.
"""

import struct
import zlib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.bundle.files import ARCHIVE, archive, decides, files_digest, inflated, unpacked
from engine.bundle.foreign import is_foreign
from engine.bundle.load import Bundle, bundle_from_files
from engine.bundle.paths import placed
from engine.errors import PolicyError
from evidence.model.canonical import canonical_bytes, parse_json
from evidence.model.errors import EvidenceError, SignatureError
from evidence.trust.jws import payload_of, sign_compact, verify_compact
from evidence.trust.keys import SigningKey

MANIFEST, DATA, SIGNATURES = ".manifest", "data.json", ".signatures.json"
_TAKEN = ("data.json", "data.yaml")
"""Names of what OPA loads as data, in whatever folder it stands."""
_AS_TEXT = ".txt"
"""What OPA would load of a foreign pack gets this ending, so that its rules do not mix with ours there."""
_ANEW = "make it anew: `quaestor policy build`"
_BLOCK = 0xFFFF


def opa_bundle(bundle: Bundle, key: SigningKey | None = None) -> bytes:
    """The compressed tar, signed where a key is given: the same bytes for the same policies and Ed25519 key."""
    files = _written(bundle)
    if key is not None:
        token = sign_compact(key, canonical_bytes(_listing(files)))
        files[SIGNATURES] = canonical_bytes({"signatures": [token]})
    return _gzip(archive(files))


def read_opa_bundle(data: bytes, public_key: str | None = None, cache: Path | None = None) -> tuple[Bundle, bool]:
    """The bundle, and whether it is signed. With a public key (PEM) that key must have signed it.

    `cache` as for `bundle_from_files`. Raises PolicyErrors with every mistake of the policies, PolicyError for an
    archive that Quaestor did not make of them, and SignatureError.
    """
    files = unpacked(data)
    signatures = files.pop(SIGNATURES, None)
    token = _token(signatures) if signatures is not None else None
    read = {_plain(name): content for name, content in files.items() if name not in (MANIFEST, DATA)}
    strange = sorted(name for name in read if not decides(name))
    if strange:
        hint = "Quaestor loads what `quaestor policy build` wrote"
        raise PolicyError("a file that is no part of a bundle", path=strange[0], line=1, hint=hint)
    bundle = bundle_from_files(read, cache)
    written = _written(bundle)
    if more := sorted(files.keys() - written.keys()):
        raise PolicyError("not what belongs to these policies", path=more[0], line=1, hint=_ANEW)
    for name, content in written.items():
        if files.get(name) != content:
            raise PolicyError("not what belongs to these policies", path=name, line=1, hint=_ANEW)
    signature = {SIGNATURES: signatures} if signatures is not None else {}
    if inflated(data) != archive({**files, **signature}):
        # Readers differ on odd entries: what one passes over is a policy to the other.
        raise PolicyError("not laid out as Quaestor writes it", path=ARCHIVE, line=1, hint=_ANEW)
    if token is not None and not _lists(payload_of(token), files):
        raise SignatureError("the signature is not over these files", where=SIGNATURES, hint="have it signed anew")
    if public_key is not None:
        if token is None:
            raise SignatureError("not signed", where=SIGNATURES, hint="`quaestor policy build --sign KEY`")
        verify_compact(token, public_key)
    return bundle, token is not None


def _written(bundle: Bundle) -> dict[str, bytes]:
    """All files but the signature. Raises PolicyError for a file that is something else to OPA."""
    written = {f"{path}{_AS_TEXT}" if _apart(path) else path: content for path, content in bundle.files.items()}
    if taken := sorted(path for path in written if path.rpartition("/")[2] in _TAKEN):
        raise PolicyError("has a name that OPA takes for itself", path=taken[0], line=1, hint="rename it")
    roots = {placed(path).partition("/")[0] for path in bundle.modules()} | {"parameters"}
    manifest = {"revision": files_digest(bundle.files), "roots": sorted(roots), "rego_version": 1}
    parameters = {name: parameter.default for name, parameter in bundle.catalogue.items()}
    return {
        **written,
        MANIFEST: canonical_bytes(manifest),
        DATA: canonical_bytes({"parameters": parameters}),
    }


def _apart(path: str) -> bool:
    return is_foreign(path) and (path.endswith(".rego") or path.rpartition("/")[2] in _TAKEN)


def _plain(name: str) -> str:
    """The path in the policies of what stands under a name in OPA's archive."""
    path = name.removesuffix(_AS_TEXT)
    return path if name != path and _apart(path) else name


def _listing(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What is signed. OPA digests manifest and data as the values that they hold, in the form that Go writes."""
    listed = []
    for name, content in sorted(files.items()):
        digest = sha256(_as_go(content) if name in (MANIFEST, DATA) else content).hexdigest()
        listed.append({"name": name, "hash": digest, "algorithm": "SHA-256"})
    return {"files": listed}


def _as_go(canonical: bytes) -> bytes:
    """Canonical JSON as Go writes the same value: two letters stand as escapes there."""
    return canonical.decode().replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode()


def _lists(payload: Any, files: Mapping[str, bytes]) -> bool:
    """Whether what is signed names exactly these files; who else signed may list them otherwise, and say more."""
    told = payload.get("files") if isinstance(payload, dict) else None
    ours = _listing(files)["files"]
    return isinstance(told, list) and sorted(map(repr, map(_row, told))) == sorted(map(repr, map(_row, ours)))


def _row(listed: Any) -> tuple[Any, ...]:
    if not isinstance(listed, dict):
        return ()
    return listed.get("name"), listed.get("hash"), listed.get("algorithm")


def _token(content: bytes) -> str:
    try:
        told = parse_json(content, where=SIGNATURES)
    except EvidenceError as cause:
        raise SignatureError(cause.problem, where=SIGNATURES, hint="have it signed anew") from None
    tokens = told.get("signatures") if isinstance(told, dict) and told.keys() == {"signatures"} else None
    if not isinstance(tokens, list) or len(tokens) != 1 or not isinstance(tokens[0], str):
        raise SignatureError("not one signature", where=SIGNATURES, hint="have it signed anew")
    return tokens[0]


def _gzip(data: bytes) -> bytes:
    """The gzip form (RFC 1952) with stored blocks: what a library compresses to differs from one to the next."""
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    blocks = []
    for start in range(0, len(data) or 1, _BLOCK):
        block = data[start : start + _BLOCK]
        last = start + _BLOCK >= len(data)
        blocks.append(struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF) + block)
    return head + b"".join(blocks) + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
