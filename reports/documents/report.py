"""From a recorded decision to the signed PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from engine.bundle.control import Control
from reports.charts.points import read_charts
from reports.documents.attachments import Materials, attached_files, other_policies
from reports.documents.pack import AuditPack, build_pack
from reports.pdf.signature import certificate_fingerprint, sign_pdf
from reports.renderers.letters import unset
from reports.renderers.pdf import render_pdf


@dataclass(frozen=True)
class DecisionPack:
    """The document of one decision: a signed PDF/A-3 with everything attached that is needed to check it.

    `frameworks`, `controls` and `limits` as for `build_pack`; key and certificate are PEM.
    """

    frameworks: Mapping[str, Mapping[str, Any]]
    controls: Mapping[str, Control]
    limits: Mapping[str, Any]
    key_pem: bytes
    cert_pem: bytes
    signing_time: datetime
    name: ClassVar[str] = "decision-pack"

    def make(self, materials: Materials) -> bytes:
        """The PDF. Raises QuaestorError for a key that cannot sign or a library that is not installed."""
        certificate = certificate_fingerprint(self.cert_pem)
        pdf = render_pdf(self._told(materials, certificate), attached_files(materials))
        return sign_pdf(pdf, self.key_pem, self.cert_pem, signing_time=self.signing_time)

    def unset(self, materials: Materials) -> Mapping[str, str]:
        """By field, letters that no font of the report has: its pages show boxes in their place."""
        return unset(self._told(materials))

    def _told(self, materials: Materials, certificate: str = "") -> AuditPack:
        return pack_of(
            materials,
            frameworks=self.frameworks,
            controls=self.controls,
            limits=self.limits,
            certificate=certificate,
        )


def pack_of(
    materials: Materials,
    *,
    frameworks: Mapping[str, Mapping[str, Any]],
    controls: Mapping[str, Control],
    limits: Mapping[str, Any],
    certificate: str = "",
) -> AuditPack:
    """The audit pack that a report of these materials tells."""
    return build_pack(
        materials.decision,
        materials.snapshot,
        frameworks=frameworks,
        controls=controls,
        limits=limits,
        keyring=materials.keyring,
        files=attached_files(materials),
        points=read_charts(materials.charts)[1] if materials.charts else None,
        certificate=certificate,
        other=other_policies(materials.decision_envelope),
    )
