"""From a recorded decision to the signed PDF."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reports.charts.data import read_chart_points
from reports.documents.attachments import Materials, attached_files
from reports.documents.pack import AuditPack, build_pack
from reports.pdf.signature import certificate_fingerprint, sign_pdf
from reports.renderers.pdf import render_pdf


def make_report(
    materials: Materials,
    *,
    frameworks: Mapping[str, Mapping[str, Any]],
    limits: Mapping[str, Any],
    key_pem: bytes,
    cert_pem: bytes,
    signing_time: datetime,
) -> bytes:
    """The signed PDF/A-3 of a decision, with everything attached that is needed to check it.

    `frameworks` and `limits` as for `build_pack`. Raises QuaestorError for a key that cannot sign or a library that is
    not installed.
    """
    files = attached_files(materials)
    pack = pack_of(materials, frameworks=frameworks, limits=limits, certificate=certificate_fingerprint(cert_pem))
    return sign_pdf(render_pdf(pack, files), key_pem, cert_pem, signing_time=signing_time)


def pack_of(
    materials: Materials,
    *,
    frameworks: Mapping[str, Mapping[str, Any]],
    limits: Mapping[str, Any],
    certificate: str = "",
) -> AuditPack:
    """The audit pack that a report of these materials tells."""
    return build_pack(
        materials.decision,
        materials.snapshot,
        frameworks=frameworks,
        limits=limits,
        keyring=materials.keyring,
        files=attached_files(materials),
        points=read_chart_points(materials.charts) if materials.charts else None,
        certificate=certificate,
    )
