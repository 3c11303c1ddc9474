"""Tables read in batches: memory does not grow with the rows. Runs in the sandboxed child only.

A column is read as one of four kinds: `number` (float64, gaps as NaN), `text` (codes into a list of words, gaps as -1),
`day` (the same, words being ISO 8601 days) and `value` (the same, numbers being written out as words). Empty fields and
`NA`, `NaN`, `null` count as gaps in a CSV file.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as papq
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.child.arrays import headers, read_arrays
from evidence.validation.child.pictures import Pictures

Kind = Literal["number", "text", "day", "value"]
GAPS = ["", "NA", "N/A", "NaN", "nan", "null", "NULL"]
BATCH_ROWS = 65_536
BATCH_BYTES = 8 << 20
"""A batch of a wide table has fewer rows: so many bytes as 64-bit numbers, a few times that while measured."""
READ_BYTES = 16 << 20
"""Bytes that the readers of a Parquet file's columns buffer together."""
CSV_BLOCK = 1 << 20
"""Arrow reads some thirty blocks ahead of its consumer, so the block bounds the memory. No line may be longer."""
MAX_HEADER = 1 << 20
MAX_COLUMNS = 20_000

_CONVERSION = re.compile(
    r"In CSV column #(\d+): (?:Row #(\d+): )?CSV conversion error to (\S+): invalid value '(.*)'", re.S
)
_SHAPE = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")


@dataclass(frozen=True)
class Source:
    """An open file with the name that messages give it."""

    file: BinaryIO
    format: Literal["csv", "parquet", "npz", "images"]
    where: str


@dataclass(frozen=True)
class Coded:
    """Words of a column: `codes` (rows,) int32 into `words`, -1 for a gap."""

    codes: NDArray[np.int32]
    words: list[str]


@dataclass(frozen=True)
class Batch:
    """Some rows of a table: its columns of numbers and of words, and arrays (rows, …) of an .npz file or of images."""

    rows: int
    numbers: dict[str, NDArray[np.float64]]
    words: dict[str, Coded]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


def read_batches(source: Source, kinds: dict[str, Kind], arrays: tuple[str, ...] = ()) -> Iterator[Batch]:
    """The columns that `kinds` names, batch by batch, in file order; of an .npz file `arrays` as well, of images
    those that the columns `arrays` name: (rows, height, width, channels).

    Raises EvidenceError for a file that is no table of the format, a column that is missing or stands twice, a value
    that is not of its kind (with its line where the format has lines), and a table without rows.
    """
    rows = 0
    if source.format in ("npz", "images"):
        read = _npz if source.format == "npz" else _images
        for batch in read(source, kinds, arrays):
            rows += batch.rows
            yield batch
        if not rows:
            raise EvidenceError("the table has no rows", where=source.where)
        return
    try:
        batches = _csv(source, kinds) if source.format == "csv" else _parquet(source, kinds)
        for batch in batches:
            if batch.num_rows:
                rows += batch.num_rows
                yield _convert(batch, kinds, source)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as cause:
        raise EvidenceError(_plain(cause), where=source.where) from None
    if not rows:
        raise EvidenceError(
            "the table has no rows", where=source.where, hint="give a table with at least one row below its header"
        )


def batch_rows(columns: int) -> int:
    """Rows of a batch of so many columns."""
    return max(1, min(BATCH_ROWS, BATCH_BYTES // (8 * max(1, columns))))


def column_names(source: Source) -> list[str]:
    """The names of all columns, in file order. Raises EvidenceError for a file that is no table of the format."""
    if source.format == "npz":
        return [item.name for item in headers(source.file, source.where) if not item.entry]
    if source.format == "images":
        source = table_of(Pictures(source.file, source.where), source.where)
    try:
        names = _header(source) if source.format == "csv" else papq.ParquetFile(source.file).schema_arrow.names
    except (pa.ArrowException, OSError) as cause:
        raise EvidenceError(f"not a table: {_plain(cause)}", where=source.where) from None
    _check_columns(names, dict.fromkeys(names, "text"), source)
    source.file.seek(0)
    return list(names)


def _csv(source: Source, kinds: dict[str, Kind]) -> Iterator[Any]:
    names = _header(source)
    _check_columns(names, kinds, source)
    words = pa.dictionary(pa.int32(), pa.string())
    types = {"number": pa.float64(), "text": words, "day": pa.string(), "value": words}
    wanted = sorted(kinds, key=names.index)
    try:
        # One thread: with more, Arrow does not say on which line a value is wrong.
        reader = pacsv.open_csv(
            source.file,
            read_options=pacsv.ReadOptions(use_threads=False, block_size=CSV_BLOCK),
            convert_options=pacsv.ConvertOptions(
                column_types={name: types[kinds[name]] for name in wanted},
                include_columns=wanted,
                null_values=GAPS,
                strings_can_be_null=True,
            ),
        )
        yield from reader
    except pa.ArrowInvalid as cause:
        raise _csv_error(str(cause), names, source) from None


def _header(source: Source) -> list[str]:
    start = source.file.read(MAX_HEADER)
    source.file.seek(0)
    try:
        text = start[: start.rfind(b"\n") + 1 or None].decode("utf-8-sig")
        names = next(csv.reader(io.StringIO(text, newline="")), [])
    except UnicodeDecodeError as cause:
        raise EvidenceError(
            f"not UTF-8 text (byte {cause.start})", where=source.where, hint="save the table as UTF-8"
        ) from None
    except csv.Error as cause:
        raise EvidenceError(
            f"not CSV: {cause}", where=f"{source.where}:1", hint="separate with commas, and quote texts that hold one"
        ) from None
    if not names:
        raise EvidenceError(
            "the table is empty: it has no header line",
            where=source.where,
            hint="write the names of the columns in the first line",
        )
    return names


def _csv_error(message: str, names: list[str], source: Source) -> EvidenceError:
    if found := _CONVERSION.search(message):
        column, row, _, value = found.groups()
        where = f"{source.where}:{row}" if row else source.where
        # Arrow counts the columns of the file, not those that were asked for.
        name = names[int(column)] if int(column) < len(names) else column
        hint = "mend the row, or map the words of the column to numbers with `values`"
        return EvidenceError(f"`{value[:60]}` in the column `{name}` is not a number", where=where, hint=hint)
    if found := _SHAPE.search(message):
        row, wanted, got = found.groups()
        problem = f"{got} fields where the header has {wanted}"
        return EvidenceError(problem, where=f"{source.where}:{row}", hint="mend the row; quote texts that hold a comma")
    return EvidenceError(f"not CSV: {_plain(message)}", where=source.where)


def _parquet(source: Source, kinds: dict[str, Kind]) -> Iterator[Any]:
    try:
        # A buffer, so that a column chunk of a large row group is not held whole.
        buffer = max(1 << 14, min(1 << 20, READ_BYTES // max(1, len(kinds))))
        table = papq.ParquetFile(source.file, buffer_size=buffer, pre_buffer=False)
    except (pa.ArrowException, OSError) as cause:
        raise EvidenceError(
            f"not a Parquet file: {_plain(cause)}", where=source.where, hint="say `format: csv` where it is one"
        ) from None
    _check_columns(table.schema_arrow.names, kinds, source)
    yield from table.iter_batches(batch_size=batch_rows(len(kinds)), columns=list(kinds), use_threads=False)


def _npz(source: Source, kinds: dict[str, Kind], arrays: tuple[str, ...]) -> Iterator[Batch]:
    wanted = list(dict.fromkeys([*kinds, *arrays]))
    for parts in read_arrays(source.file, wanted, source.where):
        rows = len(parts[wanted[0]]) if wanted else 0
        columns = {}
        for name in kinds:
            if parts[name].ndim != 1:
                raise EvidenceError(
                    f"the array `{name}` is no column: it has several numbers a row", where=source.where
                )
            columns[name] = _as_arrow(parts[name], name, source)
        table = _convert(pa.RecordBatch.from_pydict(columns), kinds, source) if columns else Batch(rows, {}, {})
        yield Batch(rows, table.numbers, table.words, {name: _entries(parts[name], name, source) for name in arrays})


def table_of(pictures: Pictures, where: str) -> Source:
    """The table of an archive of images."""
    return Source(pa.BufferReader(pictures.table()), "csv", where)


def _images(source: Source, kinds: dict[str, Kind], arrays: tuple[str, ...]) -> Iterator[Batch]:
    """Rows of the archive's table, each batch cut to as many as their images leave room for."""
    pictures = Pictures(source.file, source.where)
    if not arrays:
        yield from read_batches(table_of(pictures, source.where), kinds)
        return
    if len(arrays) > 1 or arrays[0] in kinds:
        raise EvidenceError(
            "the images are those of one column, which is read as nothing else",
            where=source.where,
            hint="several pictures a row, and what is no picture, go into an .npz file",
        )
    (name,) = arrays
    start = 0
    for batch in read_batches(table_of(pictures, source.where), {**kinds, name: "text"}):
        first = 0
        for images in pictures.images(name, _names(batch.words[name]), start):
            yield _cut(batch, kinds, slice(first, first + len(images)), {name: images})
            first += len(images)
        start += batch.rows
    pictures.check_all_named()


def _names(coded: Coded) -> list[str | None]:
    words: list[str | None] = [*coded.words, None]
    return [words[code] for code in coded.codes.tolist()]


def _cut(batch: Batch, kinds: dict[str, Kind], rows: slice, arrays: dict[str, NDArray[Any]]) -> Batch:
    words = {name: Coded(coded.codes[rows], coded.words) for name, coded in batch.words.items() if name in kinds}
    numbers = {name: values[rows] for name, values in batch.numbers.items()}
    return Batch(rows.stop - rows.start, numbers, words, arrays)


def _as_arrow(values: NDArray[Any], name: str, source: Source) -> Any:
    """A column as Arrow has it; an empty word is a gap, as in CSV."""
    if values.dtype.kind == "S":
        try:
            values = np.char.decode(values, "utf-8")
        except UnicodeDecodeError:
            raise EvidenceError(f"the column `{name}` holds no UTF-8 text", where=source.where) from None
    if values.dtype.kind == "U":
        return pa.array([None if word in GAPS else word for word in values.tolist()], type=pa.string())
    return pa.array(values.astype(np.float64) if values.dtype == np.float16 else values)


def _entries(values: NDArray[Any], name: str, source: Source) -> NDArray[Any]:
    if values.dtype.kind not in "biuf":
        raise EvidenceError(f"the array `{name}` holds {values.dtype}, not numbers", where=source.where)
    return values


def _check_columns(names: list[str], kinds: dict[str, Kind], source: Source) -> None:
    if len(names) > MAX_COLUMNS:
        raise EvidenceError(
            f"{len(names)} columns, more than {MAX_COLUMNS}",
            where=source.where,
            hint="leave out columns that the plan does not name",
        )
    missing = sorted(name for name in kinds if name not in names)
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        shown = ", ".join(names[:30])
        raise EvidenceError(f"no column {listed}", where=source.where, hint=f"the table has: {shown[:500]}")
    twice = sorted(name for name in kinds if names.count(name) > 1)
    if twice:
        raise EvidenceError(f"the column `{twice[0]}` stands twice", where=source.where, hint="rename one of both")


def _convert(batch: Any, kinds: dict[str, Kind], source: Source) -> Batch:
    numbers: dict[str, NDArray[np.float64]] = {}
    words: dict[str, Coded] = {}
    for name, kind in kinds.items():
        column = batch.column(batch.schema.get_field_index(name))
        if kind == "number":
            numbers[name] = _numbers(column, name, source)
        else:
            if kind == "day":
                column = _days(column, name, source)
            elif kind == "value" and not pa.types.is_dictionary(column.type):
                column = column.cast(pa.string())
            words[name] = _codes(column, name, source)
    return Batch(batch.num_rows, numbers, words)


def _numbers(column: Any, name: str, source: Source) -> NDArray[np.float64]:
    kind = column.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        if not pa.types.is_decimal(kind):
            raise EvidenceError(
                f"the column `{name}` holds {kind}, not numbers",
                where=source.where,
                hint="map its words to numbers with `values`, or leave the column out",
            )
        column = column.cast(pa.float64())
    values: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    if values.dtype == object:  # truth values with gaps
        values = column.cast(pa.int8()).to_numpy(zero_copy_only=False)
    return values.astype(np.float64, copy=False)


def _codes(column: Any, name: str, source: Source) -> Coded:
    if not pa.types.is_dictionary(column.type):
        if pa.types.is_floating(column.type):
            raise EvidenceError(
                f"the column `{name}` holds fractions where words are needed",
                where=source.where,
                hint="give `bins` for a dimension, or leave `values` out for a feature",
            )
        text = column if pa.types.is_string(column.type) else column.cast(pa.string())
        column = text.dictionary_encode()
    elif not pa.types.is_string(column.type.value_type):
        column = column.cast(pa.string()).dictionary_encode()
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return Coded(codes, column.dictionary.to_pylist())


def encoded(texts: NDArray[np.object_]) -> Coded:
    """The distinct words of some texts (rows,), and which of them each row has; None is a gap."""
    return _codes(pa.array(texts, type=pa.string()), "", Source(io.BytesIO(), "csv", ""))


def _days(column: Any, name: str, source: Source) -> Any:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.utf8_slice_codeunits(column, 0, 10)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.date32()).cast(pa.string())
    raise EvidenceError(
        f"the column `{name}` holds {kind}, not days",
        where=source.where,
        hint="give a column of ISO 8601 days, such as 2026-01-31",
    )


def _plain(cause: object) -> str:
    text = " ".join(str(cause).split())[:300].rstrip(".")
    return text[:1].lower() + text[1:]
