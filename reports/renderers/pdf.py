"""The report as PDF/A-3: the HTML page set on paper by WeasyPrint, with the pack's files attached.

WeasyPrint is told the instant of the decision wherever it would take the clock, and can fetch nothing but our own
fonts. The same pack gives the same bytes on one installation; other versions of its libraries may set pages otherwise.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from evidence.model.base import parse_instant
from evidence.model.errors import QuaestorError
from reports.documents.attachments import AttachedFile
from reports.documents.pack import AuditPack
from reports.renderers.html import FONTS, render_html

VARIANT = "pdf/a-3b"
# PDF/A allows no property whose schema it does not know, so the identifier of PDF/UA comes with a description of its
# schema (ISO 19005-3, 6.6.2.3; ISO 14289-1, 5).
_UNIVERSAL_ACCESS = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Which part of ISO 14289 the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
FONT_SCHEME = "quaestor-font:"
_ENVIRONMENT = threading.Lock()


def render_pdf(pack: AuditPack, files: Sequence[AttachedFile] = ()) -> bytes:
    """The unsigned report, tagged PDF/A-3b and PDF/UA-1, with `files` attached.

    Raises QuaestorError where WeasyPrint or the system libraries that it needs are not installed.
    """
    page = render_html(pack, font_url=lambda name: FONT_SCHEME + name)
    return html_to_pdf(page, files, parse_instant(pack.decision.instant_iso))


def html_to_pdf(page: str, files: Sequence[AttachedFile], when: datetime) -> bytes:
    """An HTML page as tagged PDF/A-3b and PDF/UA-1.

    Whatever the page refers to outside itself is left out, our fonts excepted.
    """
    weasyprint = load_weasyprint()
    attachments = [
        weasyprint.Attachment(
            string=file.data,
            name=file.name,
            description=file.description,
            relationship=file.relationship,
            created=when,
            modified=when,
            url_fetcher=font_fetcher(),
        )
        for file in files
    ]
    with _source_date(when):
        data: bytes = weasyprint.HTML(string=page, url_fetcher=font_fetcher()).write_pdf(
            pdf_variant=VARIANT, pdf_tags=True, attachments=attachments, finisher=_finish
        )
    return data


def _finish(document: Any, pdf: Any) -> None:  # noqa: ARG001  (WeasyPrint hands both)
    """What WeasyPrint does not write: the identifier of PDF/UA-1, beside that of one variant; and words left whole.

    It sets centred and right-aligned words of a drawing as a transparency group, of which PDFium (so Chrome and Edge)
    cuts the edge off, and `0.8` reads `.8`. They are opaque: without the group they are the same, and whole.
    """
    for item in pdf.objects:
        extra = getattr(item, "extra", {})
        if extra.get("Type") == "/Metadata":
            item.stream = [part.replace(b"</rdf:RDF>", _UNIVERSAL_ACCESS + b"</rdf:RDF>") for part in item.stream]
        elif extra.get("Subtype") == "/Form":
            extra.pop("Group", None)


def load_weasyprint() -> Any:
    """The module `weasyprint`. Raises QuaestorError that names the packages to install."""
    try:
        import weasyprint
    except ImportError as cause:
        raise QuaestorError(
            f"WeasyPrint is not installed: {cause}", hint="install it with `pip install 'quaestor[report]'`"
        ) from None
    except OSError as cause:
        raise QuaestorError(
            f"a system library that WeasyPrint needs cannot be loaded: {str(cause).splitlines()[0]}",
            hint="Debian and Ubuntu: `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libfontconfig1 "
            "libglib2.0-0 fonts-dejavu-core`; macOS: `brew install pango`; Fedora: `dnf install pango`",
        ) from None
    return weasyprint


def font_fetcher() -> Any:
    """A fetcher that knows the fonts of this package and nothing else: no file, no URL, no data."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    fonts = {FONT_SCHEME + path.name: path for path in FONTS.glob("*.woff2")}

    class FontFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002
            if url not in fonts:
                raise ValueError("a report refers to nothing outside itself")
            return URLFetcherResponse(url, _unpacked(fonts[url]), {"Content-Type": "font/sfnt"})

    return FontFetcher()


@cache
def _unpacked(font: Path) -> bytes:
    """A font as WeasyPrint needs it, which unpacks a packed one anew for every report: a fifth of its time."""
    from fontTools.ttLib import woff2

    unpacked = BytesIO()
    woff2.decompress(BytesIO(font.read_bytes()), unpacked)
    return unpacked.getvalue()


@contextmanager
def _source_date(when: datetime) -> Iterator[None]:
    """SOURCE_DATE_EPOCH, which the font subsetter reads, for the time of one rendering; then as it was."""
    with _ENVIRONMENT:
        before = os.environ.get("SOURCE_DATE_EPOCH")
        os.environ["SOURCE_DATE_EPOCH"] = str(max(0, int(when.timestamp())))
        try:
            yield
        finally:
            if before is None:
                del os.environ["SOURCE_DATE_EPOCH"]
            else:
                os.environ["SOURCE_DATE_EPOCH"] = before
