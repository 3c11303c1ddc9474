"""PNG images of eight bits, read without a codec library: the bytes are anybody's. Runs in the sandboxed child only.

Decoding is exact by the standard, so that the pixels which a model was judged on are those that the digest pins; of a
JPEG file two decoders make two images. Read are shades of grey, colours, and colours from a palette; what would need a
choice that nobody made (transparency, sixteen bits, interlacing) is refused. Colour profiles and gamma change nothing:
a model gets the numbers as they are stored. Source: Portable Network Graphics, W3C, third edition (2025).
"""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS = 1 << 24
MAX_CHUNKS = 100_000
_CHANNELS = {0: 1, 2: 3, 3: 1}
"""Numbers a pixel by type of colour: grey, colours, a place in the palette."""
_PALETTE = 3

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Filtered:
    """An image as it is packed: `rows` (height, width, numbers a pixel), and the filter of each row."""

    rows: Bytes
    filters: Bytes
    palette: Bytes | None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the image."""
        height, width, channels = self.rows.shape
        return height, width, channels if self.palette is None else 3


def read_png(data: bytes, where: str) -> Filtered:
    """The image in a file's bytes. Raises EvidenceError for whatever is none, is damaged, or needs a choice."""
    if not data.startswith(SIGNATURE):
        raise EvidenceError(
            "not a PNG image", where=where, hint="save images as PNG: of other formats two decoders make two images"
        )
    header, palette, packed = _chunks(data, where)
    width, height, colour = _header(header, where)
    channels = _CHANNELS[colour]
    if colour == _PALETTE and palette is None:
        raise EvidenceError("the image has no palette", where=where)
    size = height * (1 + width * channels)
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(packed, size + 1)
    except zlib.error as cause:
        raise EvidenceError(f"the image is damaged: {str(cause)[:100]}", where=where) from None
    if len(raw) != size or not unpacker.eof:
        raise EvidenceError("the image holds fewer or more pixels than it says", where=where)
    lines = np.frombuffer(raw, dtype=np.uint8).reshape(height, 1 + width * channels)
    filters = lines[:, 0]
    if (filters > 4).any():
        raise EvidenceError("the image has a filter that no standard knows", where=where)
    return Filtered(lines[:, 1:].reshape(height, width, channels), filters, palette if colour == _PALETTE else None)


def _chunks(data: bytes, where: str) -> tuple[bytes, Bytes | None, bytes]:
    """Header, palette and packed pixels. Raises EvidenceError for a chunk that is cut off, altered or out of place."""
    header, palette, at = b"", None, len(SIGNATURE)
    packed: list[bytes] = []
    for _ in range(MAX_CHUNKS):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body, checksum = data[at + 8 : at + 8 + size], data[at + 8 + size : at + 12 + size]
        if len(checksum) < 4 or zlib.crc32(kind + body) != int.from_bytes(checksum, "big"):
            raise EvidenceError("the image is damaged: a part is cut off or has another checksum", where=where)
        if (kind == b"IHDR") != (at == len(SIGNATURE)):
            raise EvidenceError("the image has no header where it belongs", where=where)
        at += 12 + size
        if kind == b"IHDR":
            header = body
        elif kind == b"PLTE":
            if palette is not None or packed or size % 3 or not 0 < size <= 768:
                raise EvidenceError("the palette of the image is none", where=where)
            palette = np.frombuffer(body, dtype=np.uint8).reshape(-1, 3)
        elif kind == b"IDAT":
            packed.append(body)
        elif kind == b"IEND":
            if at != len(data):
                raise EvidenceError("something follows the end of the image", where=where)
            return header, palette, b"".join(packed)
        elif kind == b"tRNS":
            raise EvidenceError("the image is transparent", where=where, hint="lay it over a background first")
        elif not kind[:1].islower():  # what a reader may not leave out
            raise EvidenceError("the image needs a part that no standard knows", where=where)
    raise EvidenceError("the image has too many parts", where=where)


def _header(header: bytes, where: str) -> tuple[int, int, int]:
    """Width, height and type of colour."""
    if len(header) != 13:
        raise EvidenceError("the header of the image is none", where=where)
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    depth, colour, packing, filtering, interlaced = header[8:]
    if not width or not height or width * height > MAX_PIXELS:
        raise EvidenceError(f"an image of {width} x {height} pixels; {MAX_PIXELS} are the most", where=where)
    if colour not in _CHANNELS or depth != 8 or interlaced or packing or filtering:
        raise EvidenceError(
            "the image is not of eight bits a colour without transparency or interlacing",
            where=where,
            hint="save it as plain PNG: grey or RGB, eight bits, no alpha",
        )
    return width, height, colour


def pixels(images: list[Filtered]) -> Bytes:
    """Images of one shape, put together: (images, height, width, channels).

    A pixel depends on those left of it and above it, so that all of one diagonal, in all images, are made at once.
    """
    rows = np.stack([image.rows for image in images])
    filters = np.stack([image.filters for image in images])
    made = rows if not filters.any() else _unfiltered(rows, filters)
    if all(image.palette is None for image in images):
        return made
    return np.stack([_coloured(one, image) for one, image in zip(made, images, strict=True)])


def _coloured(made: Bytes, image: Filtered) -> Bytes:
    """Colours in place of places in the palette; one beyond its end is black, as readers have it."""
    if image.palette is None:
        return made
    table = np.zeros((256, 3), dtype=np.uint8)
    table[: len(image.palette)] = image.palette
    found: Bytes = table[made[..., 0]]
    return found


def _unfiltered(rows: Bytes, filters: Bytes) -> Bytes:
    images, height, width, channels = rows.shape
    given = rows.transpose(1, 2, 0, 3).reshape(height, width, images * channels)
    kinds = np.repeat(filters.T, channels, axis=1)
    made = np.zeros((height + 1, width + 1, images * channels), dtype=np.int16)  # a border of noughts
    for diagonal in range(height + width - 1):
        y = np.arange(max(0, diagonal - width + 1), min(height, diagonal + 1))
        x = diagonal - y
        left, above, corner = made[y + 1, x], made[y, x + 1], made[y, x]
        to_left, to_above = np.abs(above - corner), np.abs(left - corner)
        to_corner = np.abs(left + above - 2 * corner)
        nearest = np.where(
            (to_left <= to_above) & (to_left <= to_corner), left, np.where(to_above <= to_corner, above, corner)
        )
        guess = np.choose(kinds[y], (np.zeros_like(left), left, above, (left + above) >> 1, nearest))
        made[y + 1, x + 1] = (given[y, x] + guess) & 255
    inner = made[1:, 1:].astype(np.uint8).reshape(height, width, images, channels)
    return inner.transpose(2, 0, 1, 3)
