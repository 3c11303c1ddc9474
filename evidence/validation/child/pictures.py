"""A .zip of images and the table that names them, read in batches. Runs in the sandboxed child only.

The one table of the archive (.csv) has a row an image, and a column with the image's name in the archive. Names are
looked up among the members and nowhere else, so that none leads to a file. One file has one digest: no image can be
taken away or exchanged without its changing, and one that no row names is refused.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.child.arrays import BATCH_BYTES, BROKEN
from evidence.validation.child.png import Filtered, pixels, read_png

MAX_MEMBERS = 200_000
MAX_TABLE = 256 << 20
MAX_IMAGE = 64 << 20
"""Bytes of the table, and of an image as it is packed."""


class Pictures:
    """An archive of images. Raises EvidenceError for what is none, and for one with no table or several."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        file.seek(0)
        self._where = where
        with _reading("the archive", where):
            self._archive = zipfile.ZipFile(file)
        names = [item.filename for item in self._archive.infolist() if not item.filename.endswith("/")]
        if len(names) > MAX_MEMBERS:
            raise EvidenceError(f"{len(names)} files, more than {MAX_MEMBERS}", where=where)
        if len(set(names)) < len(names):
            raise EvidenceError("a file stands twice in the archive", where=where)
        tables = [name for name in names if name.lower().endswith(".csv")]
        if len(tables) != 1:
            raise EvidenceError(
                f"the archive holds {len(tables)} tables (.csv), not one",
                where=where,
                hint="put one table beside the images: a row an image, with its name in the archive and its label",
            )
        self._table = tables[0]
        self._left = set(names) - {self._table}
        self._members = frozenset(self._left)
        self._shapes: dict[str, tuple[int, int, int]] = {}

    def table(self) -> bytes:
        """The bytes of the table."""
        return self._read(self._table, MAX_TABLE)

    def holds(self, name: str) -> bool:
        """Whether the archive has an image of this name."""
        return name in self._members

    def images(self, column: str, names: list[str | None], first_row: int) -> Iterator[NDArray[np.uint8]]:
        """The images of some rows, in their order, batch by batch: (rows, height, width, channels).

        Raises EvidenceError for a name that is none of the archive, and for an image of another size than the first.
        """
        waiting: list[Filtered] = []
        held = 0
        for place, name in enumerate(names):
            if name is None or name not in self._members:
                shown = f"`{(name or '')[:80]}`" if name else "no image"
                raise EvidenceError(
                    f"data row {first_row + place + 1} names {shown}, which the archive does not hold",
                    where=self._where,
                    hint=f"`{column}` holds the name of each image as the archive has it, folders included",
                )
            self._left.discard(name)
            image = read_png(self._read(name, MAX_IMAGE), f"{self._where}:{name[:200]}")
            if image.shape != self._shapes.setdefault(column, image.shape):
                one, other = (" x ".join(map(str, shape)) for shape in (image.shape, self._shapes[column]))
                raise EvidenceError(
                    f"an image of {one}, where the first is of {other} (height, width, channels)",
                    where=f"{self._where}:{name[:200]}",
                    hint="bring all images to the size that the model takes",
                )
            waiting.append(image)
            held += 8 * int(np.prod(image.shape))
            if held >= BATCH_BYTES:
                yield pixels(waiting)
                waiting, held = [], 0
        if waiting:
            yield pixels(waiting)

    def check_all_named(self) -> None:
        """Raises EvidenceError for images that no row named."""
        if self._left:
            shown = ", ".join(f"`{name[:80]}`" for name in sorted(self._left)[:5])
            raise EvidenceError(
                f"{len(self._left)} files of the archive are named by no row: {shown}",
                where=self._where,
                hint="leave out what is not tested, so that nobody has to ask why it was not",
            )

    def _read(self, name: str, limit: int) -> bytes:
        with _reading(name, self._where), self._archive.open(name) as member:
            data = member.read(limit + 1)
            if len(data) > limit:
                raise EvidenceError(f"`{name[:200]}` has more than {limit} bytes", where=self._where)
            if member.read(1):  # at the end of a member its checksum is held against what was read
                raise EvidenceError(f"`{name[:200]}` has more bytes than it says", where=self._where)
        return data


@contextmanager
def _reading(name: str, where: str) -> Iterator[None]:
    """EvidenceError in place of whatever altered bytes make the reader raise."""
    try:
        yield
    except (*BROKEN, NotImplementedError) as cause:
        shown = f"{name[:200]!r}"[1:-1]
        raise EvidenceError(f"`{shown}` cannot be read: {str(cause)[:200]}", where=where) from None


def laid_out(images: NDArray[Any], channels: str) -> NDArray[Any]:
    """Images with their channels as the first or as the last axis of an entry."""
    return np.moveaxis(images, 3, 1) if channels == "first" else images
