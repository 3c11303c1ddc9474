import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as papq
import pytest

from evidence.model.errors import EvidenceError
from evidence.validation.child.data import Batch, Source, read_batches


def batches(content: bytes, kinds: dict[str, Any], form: Any = "csv") -> list[Batch]:
    return list(read_batches(Source(io.BytesIO(content), form, "t"), kinds))


def parquet(**columns: Any) -> bytes:
    file = io.BytesIO()
    papq.write_table(pa.table(columns), file)
    return file.getvalue()


class TestCsv:
    def test_numbers_words_and_gaps(self) -> None:
        (batch,) = batches(b"b,a,c\nyes,1,x\nno,,y\n,2.5,z\n", {"a": "number", "b": "text"})
        assert np.array_equal(batch.numbers["a"], [1, np.nan, 2.5], equal_nan=True)
        words = batch.words["b"]
        assert [words.words[code] if code >= 0 else None for code in words.codes] == ["yes", "no", None]

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"", "the table is empty"),
            (b"a\n", "the table has no rows"),
            (b"b\n1\n", "no column `a`"),
            (b"a,a\n1,2\n", "the column `a` stands twice"),
            (b"z,a\n1,1\n1,two\n", "t:3: `two` in the column `a` is not a number"),
            (b"a,b\n1,2\n3\n", "t:3: 1 fields where the header has 2"),
            (b"\xff\xfe\n1\n", "not UTF-8"),
            (b"a" * (2 << 20), "t:1: not CSV"),
        ],
    )
    def test_mistakes_are_named_with_their_line(self, content: bytes, problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            batches(content, {"a": "number"})

    def test_the_line_is_right_far_into_the_file(self) -> None:
        lines = b"".join(b"%d,some padding to make it longer\n" % i for i in range(200_000))
        with pytest.raises(EvidenceError, match="t:200002: `x`"):
            batches(b"a,b\n" + lines + b"x,\n", {"a": "number"})


class TestParquet:
    def test_the_same_batches_as_csv(self) -> None:
        content = parquet(a=[1.0, None, 3.0], b=["x", None, "y"], d=["2025-01-01", None, "2025-02-01"])
        (batch,) = batches(content, {"a": "number", "b": "text", "d": "day"}, "parquet")
        assert np.array_equal(batch.numbers["a"], [1, np.nan, 3], equal_nan=True)
        assert batch.words["b"].codes.tolist() == [0, -1, 1]
        assert batch.words["d"].words == ["2025-01-01", "2025-02-01"]

    @pytest.mark.parametrize(
        "column",
        [
            pa.array([1, None, 0], pa.int64()),
            pa.array([True, None, False], pa.bool_()),
            pa.array([1, None, 0], pa.decimal128(5, 2)),
        ],
    )
    def test_every_kind_of_number(self, column: Any) -> None:
        (batch,) = batches(parquet(a=column), {"a": "number"}, "parquet")
        assert np.array_equal(batch.numbers["a"], [1, np.nan, 0], equal_nan=True)

    def test_days_of_every_type(self) -> None:
        stamps = pa.array([0, 86_400], pa.timestamp("s"))
        (batch,) = batches(parquet(d=stamps), {"d": "day"}, "parquet")
        assert batch.words["d"].words == ["1970-01-01", "1970-01-02"]

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"hello", "not a Parquet file"),
            (b"PAR1" + b"x" * 100 + (3_000_000_000).to_bytes(4, "little") + b"PAR1", "not a Parquet file"),
            (parquet(b=[1]), "no column `a`"),
            (parquet(a=["x"]), "holds string, not numbers"),
            (parquet(a=pa.array([], pa.float64())), "has no rows"),
            (parquet(a=[1.0])[:-20], "not a Parquet file"),
        ],
    )
    def test_mistakes_are_named(self, content: bytes, problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            batches(content, {"a": "number"}, "parquet")

    def test_fractions_are_no_groups(self) -> None:
        with pytest.raises(EvidenceError, match="fractions where words"):
            batches(parquet(a=[1.5]), {"a": "text"}, "parquet")


def test_a_damaged_column_is_an_error_not_a_crash(tmp_path: Path) -> None:
    content = bytearray(parquet(a=np.arange(10_000, dtype=np.float64)))
    content[100:5000] = b"\xff" * 4900
    with pytest.raises(EvidenceError):
        batches(bytes(content), {"a": "number"}, "parquet")
