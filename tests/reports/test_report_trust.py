"""Which certificates vouch for a report: the signer's own, or a certification authority's that is in force."""

import re
from datetime import datetime, timedelta
from functools import cache

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from reports.pdf.signature import check_signature, sign_pdf
from reports.renderers.pdf import html_to_pdf
from reports.verify.verify import CheckState, verify_pdf
from tests.worlds import mortgage

NOW = mortgage.INSTANT
YEAR = timedelta(days=365)


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(
    name: str, issuer: str, *, ca: bool | None, begin: datetime = NOW - YEAR, end: datetime = NOW + YEAR,
    may_sign: bool | None = True,
) -> bytes:  # fmt: skip
    """A certificate in PEM; `ca` and `may_sign` None: it does not say."""

    def of(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder().subject_name(of(name)).issuer_name(of(issuer)).serial_number(7)
    builder = builder.public_key(key(name).public_key()).not_valid_before(begin).not_valid_after(end)
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if may_sign is not None:
        usage = dict.fromkeys(
            ("key_encipherment", "data_encipherment", "key_agreement", "crl_sign", "encipher_only", "decipher_only"),
            False,
        )
        told = x509.KeyUsage(
            digital_signature=True, content_commitment=True, key_cert_sign=bool(ca) and may_sign, **usage
        )
        builder = builder.add_extension(told, critical=True)
    return builder.sign(key(issuer), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@cache
def signed() -> bytes:
    """A page under a certificate that `root` issued."""
    private = key("signer").private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    page = html_to_pdf("<html lang=en><title>t</title><p>page</p></html>", (), NOW)
    return sign_pdf(page, private, leaf(), signing_time=NOW)


@cache
def leaf() -> bytes:
    return certificate("signer", "root", ca=False)


def test_the_authority_that_issued_the_certificate() -> None:
    facts = check_signature(signed(), [certificate("root", "root", ca=True)], now=NOW)
    assert (facts.problem, facts.trust, facts.distrust) == ("", "trusted", "")


def test_the_signers_own_certificate_needs_no_authority() -> None:
    assert check_signature(signed(), [leaf()], now=NOW + 9 * YEAR).trust == "trusted"


@pytest.mark.parametrize(
    ("root", "now", "problem"),
    [
        (certificate("root", "root", ca=False), NOW, "is no certification authority"),
        (certificate("root", "root", ca=None), NOW, "is no certification authority"),
        (certificate("root", "root", ca=True, may_sign=False), NOW, "may not sign certificates"),
        (certificate("root", "root", ca=True, end=NOW - timedelta(seconds=1)), NOW - 2 * YEAR / 3, "is not in force"),
        (certificate("root", "root", ca=True, end=NOW + timedelta(days=1)), NOW + timedelta(days=2), "is not in force"),
        (certificate("root", "root", ca=True, begin=NOW + timedelta(days=1)), None, "is not in force"),
    ],
    ids=["no-ca", "says-nothing", "may-not-sign", "expired-when-signed", "expired-now", "not-yet"],
)
def test_what_vouches_for_nothing(root: bytes, now: datetime | None, problem: str) -> None:
    facts = check_signature(signed(), [root], now=now)
    assert facts.trust == "not-trusted"
    assert problem in facts.distrust
    report = verify_pdf(signed(), trust=[root], now=now)
    (said,) = [check for check in report.checks if check.name == "signer"]
    assert said.state is CheckState.FAILED
    assert problem in said.detail


def test_another_authority_beside_it_helps_nothing() -> None:
    stranger, worthless = certificate("other", "other", ca=True), certificate("root", "root", ca=False)
    assert check_signature(signed(), [stranger, worthless], now=NOW).trust == "not-trusted"
    good = certificate("root", "root", ca=True)
    assert check_signature(signed(), [worthless, good], now=NOW).trust == "trusted"


def with_more(der: bytes, place: int, more: bytes) -> bytes:
    """The object with `more` behind the tag of the part at a place; what holds the part is told to be longer."""
    out, at = bytearray(der), 0
    while at < place:
        width = der[at + 1] & 0x7F if der[at + 1] & 0x80 else 0
        size = slice(at + 2, at + 2 + width) if width else slice(at + 1, at + 2)
        length, end = int.from_bytes(der[size], "big"), at + 2 + width
        if end + length > place:
            out[size] = (length + len(more)).to_bytes(width or 1, "big")
            at = end
        else:
            at = end + length
    out[place + 1 : place + 1] = more
    return bytes(out)


@pytest.mark.parametrize(
    ("more", "problem"),
    [(b"", ""), (b"\x81", "the signature does not verify: the file or the signature was changed")],
    ids=["its shortest form", "a length in two bytes"],
)
def test_signed_attributes_have_one_form_even_from_the_holder_of_the_key(more: bytes, problem: str) -> None:
    place = max(re.findall(rb"<([0-9A-F]{1000,})>", signed()), key=len)
    der = cms.ContentInfo.load(bytes.fromhex(place.decode())).dump()
    signer = cms.ContentInfo.load(der)["content"]["signer_infos"][0]
    attributes = signer["signed_attrs"].dump()
    changed = with_more(der, der.index(signer["signed_attrs"][0].dump()), more)
    start = der.index(attributes)
    written = b"\x31" + changed[start + 1 : start + len(attributes) + len(more)]
    signature = key("signer").sign(written, padding.PKCS1v15(), hashes.SHA256())
    anew = changed.replace(signer["signature"].native, signature).hex().upper().encode()
    assert check_signature(signed().replace(place, anew.ljust(len(place), b"0")), [leaf()], now=NOW).problem == problem
