"""Reads the files that are attached to a PDF which nobody vouches for: no stream is inflated past its limit."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from evidence.model.errors import EvidenceError, QuaestorError

MAX_PDF_BYTES = 256 << 20
MAX_FILES = 64
MAX_FILE_BYTES = 256 << 20
MAX_TOTAL_BYTES = 512 << 20
MAX_NAME = 200
ACTIONS = (
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/ResetForm", "/GoToE", "/GoToR", "/GoTo3DView", "/GoToDp",
    "/Rendition", "/RichMediaExecute", "/URI", "/Named", "/Hide", "/SetOCGState", "/Movie", "/Sound", "/Thread",
)  # fmt: skip
"""Actions of PDF (ISO 32000-2, 12.6.4): all but going to a place in the file."""
FORBIDDEN = {"/OpenAction": "opens with an action", "/AA": "would run something", "/OCProperties": "has hidden layers"}
"""Entries of the document's catalogue that no report has."""
_NESTED = ("dictionary", "stream", "array")


def extract_attachments(pdf: bytes) -> dict[str, bytes]:
    """The embedded files of a PDF by name. Raises EvidenceError, and QuaestorError where pikepdf is not installed.

    Refused: more than 64 files, a name twice, filters other than Flate, and more than 256 MiB a file or 512 MiB in all
    once inflated.
    """
    pikepdf = load_pikepdf()
    if len(pdf) > MAX_PDF_BYTES:
        raise EvidenceError(f"{len(pdf)} bytes, more than the limit of {MAX_PDF_BYTES}", where="PDF")
    try:
        return _extract(pikepdf, pdf)
    except (QuaestorError, MemoryError):
        raise
    except Exception as cause:  # a parser on hostile bytes may raise anything
        raise EvidenceError(f"not a readable PDF ({type(cause).__name__})", where="PDF") from None


def load_pikepdf() -> Any:
    """The module `pikepdf`. Raises QuaestorError where it is not installed."""
    try:
        import pikepdf
    except ImportError as cause:
        raise QuaestorError(
            f"pikepdf is not installed: {cause}", hint="install it with `pip install 'quaestor[report]'`"
        ) from None
    return pikepdf


def _extract(pikepdf: Any, pdf: bytes) -> dict[str, bytes]:
    from io import BytesIO

    found: dict[str, bytes] = {}
    total = 0
    with pikepdf.open(BytesIO(pdf), attempt_recovery=False, suppress_warnings=True) as document:
        _refuse_active(document)
        for count, spec in enumerate(_listed(document).values()):
            if count >= MAX_FILES:
                raise EvidenceError(f"more than {MAX_FILES} attached files", where="PDF")
            name = str(spec.get("/UF", spec.get("/F", "")))
            if not name or len(name) > MAX_NAME or name in found:
                raise EvidenceError(f"the attached file name `{name[:MAX_NAME]}` is empty, too long or there twice")
            stream = spec["/EF"]["/F"]
            found[name] = _inflate(stream, name, MAX_TOTAL_BYTES - total)
            total += len(found[name])
    return found


def _listed(document: Any) -> dict[str, Any]:
    """The file specifications of the document's list of attached files."""
    names = document.Root.get("/Names")
    tree = names.get("/EmbeddedFiles") if names is not None else None
    return {} if tree is None else dict(load_pikepdf().NameTree(tree).items())


def _refuse_active(document: Any) -> None:
    """Raise EvidenceError for what does something, covers or hides a page, or holds a file beside the listed ones.

    A link to a place in the report is none of these.
    """
    listed = {spec.objgen for spec in _listed(document).values() if spec.is_indirect}
    for entry, problem in FORBIDDEN.items():
        if entry in document.Root:
            raise EvidenceError(f"it {problem}: a report does not", where="PDF")
    if "/XFA" in document.Root.get("/AcroForm", {}):
        raise EvidenceError("it has a form of its own (XFA): a report does not", where="PDF")
    for item in _dictionaries(document.objects):
        if item.get("/S") in ACTIONS or "/JS" in item or "/AA" in item:
            raise EvidenceError("it would run something: a report holds no scripts and actions", where="PDF")
        if item.get("/Subtype") == "/FileAttachment":
            raise EvidenceError("a file is attached to a page, beside the listed ones", where="PDF")
        if "/EF" in item and not (item.is_indirect and item.objgen in listed):
            raise EvidenceError("a file is embedded that the list of attached files does not name", where="PDF")
    for page in document.pages:
        for annotation in page.get("/Annots", ()):
            _check_annotation(annotation)


def _check_annotation(annotation: Any) -> None:
    """Raise EvidenceError unless it draws nothing: a link, or the signature's field, which takes no room."""
    kind = str(annotation.get("/Subtype"))
    if kind == "/FileAttachment":
        raise EvidenceError("a file is attached to a page, beside the listed ones", where="PDF")
    roomless = kind == "/Widget" and not any(float(number) for number in annotation.get("/Rect", (1,)))
    if "/AP" in annotation or not (kind == "/Link" or roomless):
        raise EvidenceError(f"something is laid over a page ({kind[1:40]}): a report does not", where="PDF")


def _dictionaries(objects: Iterable[Any]) -> Iterator[Any]:
    """Every dictionary of a document, those inside others too; what stands by reference comes as its own object."""
    left = list(objects)
    while left:
        item = left.pop()
        kind = getattr(item, "_type_name", "")
        inside = item.values() if kind in ("dictionary", "stream") else item if kind == "array" else ()
        left += [part for part in inside if getattr(part, "_type_name", "") in _NESTED and not part.is_indirect]
        if kind in ("dictionary", "stream"):
            yield item


def _inflate(stream: Any, name: str, left: int) -> bytes:
    """The decoded bytes of a stream, given up as soon as they pass the limit."""
    filters = stream.get("/Filter")
    kinds = [str(item) for item in filters] if _is_array(filters) else [] if filters is None else [str(filters)]
    raw: bytes = stream.read_raw_bytes()
    limit = min(left, MAX_FILE_BYTES)
    if not kinds:
        data = raw
    elif kinds == ["/FlateDecode"] and stream.get("/DecodeParms") is None:
        inflater = zlib.decompressobj()
        data = inflater.decompress(raw, limit + 1)
        if len(data) <= limit and not inflater.eof:
            raise EvidenceError("the attached file is cut short", where=name)
    else:
        raise EvidenceError(f"the attached file is packed as {', '.join(kinds)[:80]}, which is not read", where=name)
    if len(data) > limit:
        raise EvidenceError(f"the attached file is larger than {limit} bytes once inflated", where=name)
    return data


def _is_array(value: Any) -> bool:
    return value is not None and getattr(value, "_type_name", "") == "array"
