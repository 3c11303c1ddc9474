"""PAdES signatures on reports: RSA, because an EC key would make pyHanko claim PDF 2.0 and break PDF/A-3.

Sources: ETSI EN 319 142-1 (PAdES baseline B-B), ISO 32000-2 section 12.8 (byte ranges), RFC 5652 (CMS), RFC 5035
(signing-certificate-v2).
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from evidence.model.base import Frozen, format_instant
from evidence.model.errors import QuaestorError, SignatureError

FIELD = "QuaestorSignature"
KEY_BITS = 3072
VALID_DAYS = 3650
_RESERVED = 12288
"""Hexadecimal digits kept free for the CMS object: twice the bytes that an RSA signature and its certificate take."""


class SignatureFacts(Frozen):
    """What is known of a PDF's signature. `problem` is empty when it is intact and covers the whole file.

    `trust` is `not-checked` where no certificate was given to check against.
    """

    problem: str
    fingerprint: str = ""
    subject: str = ""
    signed_at: str = ""
    trust: Literal["trusted", "not-trusted", "not-checked"] = "not-checked"
    distrust: str = ""
    """Why a certificate that the caller gave vouches for nothing, where that is so."""

    @property
    def intact(self) -> bool:
        return not self.problem


def make_signing_certificate(common_name: str, *, now: datetime) -> tuple[bytes, bytes]:
    """A new RSA key (PKCS 8, PEM) and a self-issued certificate for it (PEM), valid for ten years from `now`."""
    key = rsa.generate_private_key(65537, KEY_BITS)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:64])])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(usage, critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, certificate.public_bytes(serialization.Encoding.PEM)


def certificate_fingerprint(cert_pem: bytes) -> str:
    """SHA-256 of the first certificate in PEM text, as 64 hexadecimal digits. Raises SignatureError."""
    return sha256(_certificates(cert_pem)[0].public_bytes(serialization.Encoding.DER)).hexdigest()


def sign_pdf(pdf: bytes, key_pem: bytes, cert_pem: bytes, *, signing_time: datetime) -> bytes:
    """The PDF with one PAdES signature (B-B) over all of it; the bytes of `pdf` stay as its beginning.

    `cert_pem` may hold several certificates; the first is the signer's. The same inputs give the same bytes. Raises
    SignatureError for a key that is not RSA or does not belong to the certificate, or a file that is no PDF.
    """
    key, certificate = _signing_pair(key_pem, cert_pem)
    load_pyhanko()
    from asn1crypto import keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign import fields, signers
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import SignatureObject
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    try:
        writer = _writer(pdf)
        steps = PdfCMSEmbedder().write_cms(field_name=FIELD, writer=writer)
        next(steps)
        pades = fields.SigSeedSubFilter.PADES
        # PDF dates carry whole seconds with a zone; UTC keeps them free of the machine's.
        stamp = signing_time.astimezone(UTC).replace(microsecond=0)
        steps.send(
            SigObjSetup(sig_placeholder=SignatureObject(subfilter=pades, timestamp=stamp, bytes_reserved=_RESERVED))
        )
        prepared, output = steps.send(SigIOSetup(md_algorithm="sha256"))
        with ThreadPoolExecutor(1) as aside:  # a caller may already run an event loop in its own thread
            signature = aside.submit(
                lambda: asyncio.run(signer.async_sign(prepared.document_digest, "sha256", use_pades=True))
            ).result()
        steps.send(signature)
    except (QuaestorError, MemoryError):
        raise
    except Exception as cause:  # pyHanko has many families of errors; a caller can act on none of them apart
        raise SignatureError(f"the PDF cannot be signed: {cause}") from None
    return bytes(output.getvalue())


def check_signature(pdf: bytes, trusted: Sequence[bytes] = (), *, now: datetime | None = None) -> SignatureFacts:
    """What the signature of a report is worth. `trusted` are certificates (PEM): the signer's own, or its issuer's.

    An issuer's counts where it is one of a certification authority, in force when the file says that it was signed and
    (where it is given) `now`: nothing but the file's own word says that a signature is older than an expired authority.
    Stricter than PDF asks: exactly one signature in the form in which reports are signed, over every byte of the file
    but its own place, with nothing in that place besides. So no byte can differ without a `problem`. Raises
    SignatureError where a trusted certificate is none.
    """
    anchors = [certificate for pem in trusted for certificate in _certificates(pem)]
    load_pyhanko()
    try:
        return _facts(pdf, anchors, now)
    except (QuaestorError, MemoryError):
        raise
    except Exception as cause:  # hostile bytes reach parsers that raise whatever they like
        return SignatureFacts(problem=f"the signature cannot be read ({type(cause).__name__})")


def load_pyhanko() -> Any:
    """The module `pyhanko`. Raises QuaestorError where it is not installed."""
    try:
        import pyhanko
    except ImportError as cause:
        raise QuaestorError(
            f"pyHanko is not installed: {cause}", hint="install it with `pip install 'quaestor[report]'`"
        ) from None
    # What it would log about hostile files is told in our own words.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    return pyhanko


def _writer(pdf: bytes) -> Any:
    """An incremental writer that takes neither clock nor randomness, so that signing is repeatable."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Writer(IncrementalPdfFileWriter):
        @classmethod
        def _handle_id(cls, prev: Any) -> Any:
            first = prev.trailer["/ID"][0].original_bytes if "/ID" in prev.trailer else sha256(pdf).digest()[:16]
            second = sha256(b"signed" + pdf).digest()[:16]
            return generic.ArrayObject([generic.ByteStringObject(first), generic.ByteStringObject(second)])

        def _update_meta(self) -> None:
            """The metadata stay those of the document: its dates are the decision's."""

    return Writer(BytesIO(pdf))


def _facts(pdf: bytes, anchors: list[x509.Certificate], now: datetime | None) -> SignatureFacts:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    reader = PdfFileReader(BytesIO(pdf))
    found = reader.embedded_signatures
    if len(found) != 1:
        return SignatureFacts(
            problem="the file is not signed" if not found else f"the file has {len(found)} signatures"
        )
    embedded = found[0]
    byte_range = [int(number) for number in embedded.byte_range]
    contents, problem = _contents(pdf, byte_range)
    if problem:
        return SignatureFacts(problem=problem)
    if bytes(embedded.pkcs7_content)[: len(contents)] != contents:
        return SignatureFacts(problem="the signature in the file is not the one that its field names")
    certificate, problem = _check_cms(contents, _hash_ranges(pdf, byte_range))
    if certificate is None:
        return SignatureFacts(problem=problem)
    stamp = embedded.self_reported_timestamp
    facts = SignatureFacts(
        problem="",
        fingerprint=sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest(),
        subject=certificate.subject.rfc4514_string(),
        signed_at=format_instant(stamp) if stamp is not None and stamp.tzinfo is not None else "",
    )
    own = certificate in anchors
    moments = [moment for moment in (stamp, now) if moment is not None]
    objections = {anchor: _issuer_problem(anchor, moments) for anchor in anchors if anchor != certificate}
    roots = [_asn1(anchor) for anchor, problem in objections.items() if not problem] or [_asn1(certificate)]
    context = ValidationContext(trust_roots=roots, other_certs=roots, allow_fetching=False, moment=stamp)
    with ThreadPoolExecutor(1) as aside:
        status = aside.submit(lambda: validate_pdf_signature(embedded, context)).result()
    if not (status.intact and status.valid) or status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        return facts.model_copy(update={"problem": "the signature does not cover the file as it is"})
    if not anchors:
        return facts
    vouched = own or (status.trusted and not all(objections.values()))
    told = "; ".join(problem for problem in objections.values() if problem)
    return facts.model_copy(
        update={"trust": "trusted" if vouched else "not-trusted", "distrust": "" if vouched else told}
    )


def _issuer_problem(issuer: x509.Certificate, moments: Sequence[datetime]) -> str:
    """Why a certificate cannot vouch for others' at these moments; empty where it can (RFC 5280, 4.2.1.3, 4.2.1.9)."""
    name = issuer.subject.rfc4514_string()
    try:
        if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return f"`{name}` is no certification authority"
    except x509.ExtensionNotFound:
        return f"`{name}` is no certification authority"
    with contextlib.suppress(x509.ExtensionNotFound):
        if not issuer.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign:
            return f"`{name}` may not sign certificates"
    for moment in moments:
        if not issuer.not_valid_before_utc <= moment <= issuer.not_valid_after_utc:
            until = format_instant(issuer.not_valid_after_utc)
            return f"`{name}` is not in force at {format_instant(moment)} (it ends at {until})"
    return ""


def _contents(pdf: bytes, byte_range: list[int]) -> tuple[bytes, str]:
    """The CMS object in its place in the file, or what is wrong with the place.

    The place holds upper-case hexadecimal digits of one DER object and zeros after it, and the ranges hold all else.
    """
    if len(byte_range) != 4 or byte_range[0] != 0 or min(byte_range) < 0:
        return b"", "the signature's byte range is malformed"
    _, first, start, rest = byte_range
    if not 0 < first < start <= len(pdf) or start + rest != len(pdf):
        return b"", "the signature does not cover the whole file: something was added after it, or taken away"
    place = pdf[first:start]
    if len(place) > 4 * _RESERVED or place[:1] != b"<" or place[-1:] != b">":
        return b"", "the place of the signature is malformed"
    digits = place[1:-1]
    if digits.translate(None, b"0123456789ABCDEF") or len(digits) % 2:
        return b"", "the place of the signature holds something else"
    raw = bytes.fromhex(digits.decode())
    length = _der_length(raw)
    if not length or length > len(raw) or any(raw[length:]):
        return b"", "the place of the signature holds something else"
    return raw[:length], ""


def _der_length(raw: bytes) -> int:
    """Bytes of the DER object at the start, 0 where there is none in the shortest form."""
    if len(raw) < 2 or raw[0] != 0x30:
        return 0
    if raw[1] < 0x80:
        return 2 + raw[1]
    more = raw[1] & 0x7F
    size = int.from_bytes(raw[2 : 2 + more], "big")
    shortest = 1 <= more <= 4 and raw[2] != 0 and size >= 0x80
    return 2 + more + size if shortest else 0


def _hash_ranges(pdf: bytes, byte_range: list[int]) -> bytes:
    view = memoryview(pdf)
    hasher = sha256(view[: byte_range[1]])
    hasher.update(view[byte_range[2] :])
    return hasher.digest()


def _check_cms(contents: bytes, document: bytes) -> tuple[x509.Certificate | None, str]:
    """The signer's certificate where the CMS object signs `document` (its SHA-256), else None and the reason.

    Once signed attributes, signature and certificate are known to be good, the whole object is built again out of just
    these: a byte that they do not determine has no place in it.
    """
    from asn1crypto import cms

    info = cms.ContentInfo.load(contents, strict=True)
    signed = info["content"]
    signers, certificates = signed["signer_infos"], signed["certificates"]
    if len(signers) != 1 or len(certificates) != 1:
        return None, "the signature is not in the form in which reports are signed"
    signer = signers[0]
    encoded = certificates[0].chosen.dump()
    certificate = x509.load_der_x509_certificate(encoded)
    attributes = {item["type"].native: item["values"] for item in signer["signed_attrs"]}
    if attributes["message_digest"][0].native != document:
        return None, "the file was changed after it was signed"
    named = attributes["signing_certificate_v2"][0]["certs"][0]["cert_hash"].native
    if named != sha256(encoded).digest():
        return None, "the certificate in the file is not the one that signed"
    public = certificate.public_key()
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < 2048:
        return None, "the certificate has no RSA key of at least 2048 bits"
    signature = signer["signature"].native
    try:
        public.verify(signature, signer["signed_attrs"].untag().dump(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return None, "the signature does not verify: the file or the signature was changed"
    parsed, signed_attributes = _asn1(certificate), cms.CMSAttributes.load(signer["signed_attrs"].untag().dump())
    # What is taken over has to be in the form that writing it gives: asked of each part by itself, since asn1crypto
    # takes twice as long to write an object anew for each level that it lies deeper.
    canonical = all(part.dump() == part.dump(force=True) for part in (parsed, signed_attributes))
    again = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": cms.DigestAlgorithms([{"algorithm": "sha256"}]),
                    "encap_content_info": {"content_type": "data"},
                    "certificates": [cms.CertificateChoices(name="certificate", value=parsed)],
                    "signer_infos": [
                        cms.SignerInfo(
                            {
                                "version": "v1",
                                "sid": cms.SignerIdentifier(
                                    {
                                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                                            {"issuer": parsed.issuer, "serial_number": parsed.serial_number}
                                        )
                                    }
                                ),
                                "digest_algorithm": {"algorithm": "sha256"},
                                "signature_algorithm": {"algorithm": "sha256_rsa"},
                                "signed_attrs": signed_attributes,
                                "signature": signature,
                            }
                        )
                    ],
                }
            ),
        }
    )
    if not canonical or again.dump() != contents:
        return None, "the signature is not in the form in which reports are signed"
    return certificate, ""


def _asn1(certificate: x509.Certificate) -> Any:
    from asn1crypto import x509 as asn1_x509

    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _certificates(pem: bytes) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError:
        found = []
    if not found:
        raise SignatureError("not a certificate in PEM form", hint="a certificate begins with BEGIN CERTIFICATE")
    return found


def _signing_pair(key_pem: bytes, cert_pem: bytes) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    certificate = _certificates(cert_pem)[0]
    try:
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SignatureError("the report key is not an unencrypted private key in PEM form") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SignatureError(
            "the report key is not RSA",
            hint="PDF/A-3 takes no other kind here; make one with `openssl genrsa 3072`",
        )
    if key.public_key() != certificate.public_key():
        raise SignatureError("the report key does not belong to the certificate")
    return key, certificate
