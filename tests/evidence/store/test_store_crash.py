"""What is acknowledged stays: writers that are killed, that run out of disk, that run side by side."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.model.errors import StoreError
from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey
from tests.worlds.stores import ORIGIN, Bench

ROOT = Path(__file__).parents[3]


@pytest.fixture
def key_file(bench: Bench, tmp_path: Path) -> Path:
    path = tmp_path / "ledger.pem"
    bench.key.save(path)
    return path


def appender(
    bench: Bench, key_file: Path, first: int, count: int, batch: int, limit: int | None = None
) -> "subprocess.Popen[str]":
    arguments = [bench.url, str(bench.blobs), str(key_file), str(first), str(count), str(batch)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.worlds.appender", *arguments, *([str(limit)] if limit else [])],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def acknowledged(lines: list[str]) -> dict[int, str]:
    """Index to id, of the lines that came whole."""
    whole = [line.split() for line in lines if line.endswith("\n") and line.startswith("ok ")]
    return {int(index): id for _, index, id in whole}


def holds(bench: Bench, receipts: dict[int, str]) -> None:
    """The store opens and verifies, and each acknowledged record is there, whole, at its place."""
    with bench.reopen() as store:
        report = store.verify(public_key=bench.key.public_key)
        assert report.ok, report.problems
        for index, id in receipts.items():
            stored = store.get(id)
            assert stored.index == index
        assert report.payloads == report.size >= len(receipts)


@pytest.mark.slow
class TestKilled:
    @pytest.mark.parametrize("batch", [1, 7])
    def test_kill_9_in_the_middle_of_appends(self, bench: Bench, key_file: Path, batch: int) -> None:
        chance = random.Random(20261121 + batch)
        kept: dict[int, str] = {}
        for attempt in range(4):
            process = appender(bench, key_file, first=10_000 * attempt, count=9_000, batch=batch)
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(1 + batch * chance.randint(1, 12))]
            # The writer is by now somewhere in its next append; a moment of chance spreads the places.
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(chance.random() / 50)
            process.kill()
            lines += process.stdout.readlines()
            assert process.wait() == -9
            process.stdout.close()
            fresh = acknowledged(lines)
            assert fresh
            assert not kept.keys() & fresh.keys()
            kept |= fresh
            holds(bench, kept)
        bench.keep(bench.record(99_999))
        holds(bench, kept)


@pytest.mark.slow
class TestSideBySide:
    def test_four_writers_lose_nothing_and_share_no_index(self, bench: Bench, key_file: Path) -> None:
        # Each two of them have ten records in common.
        writers = [appender(bench, key_file, first=20 * number, count=30, batch=5) for number in range(4)]
        outputs = [process.communicate(timeout=120)[0] for process in writers]
        assert [process.returncode for process in writers] == [0, 0, 0, 0]
        told = [acknowledged(output.splitlines(keepends=True)) for output in outputs]
        assert [len(receipts) for receipts in told] == [30, 30, 30, 30]
        merged = {index: id for receipts in told for index, id in receipts.items()}
        assert sorted(merged) == list(range(90))
        assert len(set(merged.values())) == 90
        holds(bench, merged)


class TestDiskFull:
    def test_a_limit_on_file_size_ends_the_writer_with_a_message(self, sqlite_bench: Bench, tmp_path: Path) -> None:
        # Works without any right: the kernel refuses to let a file grow past the limit, here the database's log.
        key_file = tmp_path / "ledger.pem"
        sqlite_bench.key.save(key_file)
        sqlite_bench.store.close()
        process = appender(sqlite_bench, key_file, first=0, count=5_000, batch=1, limit=300_000)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 2
        lines = output.splitlines(keepends=True)
        assert lines[-1].startswith("error the store cannot be read or written"), lines[-1]
        receipts = acknowledged(lines)
        assert receipts
        holds(sqlite_bench, receipts)

    def test_a_payload_that_does_not_fit_leaves_nothing(self, bench: Bench, tmp_path: Path) -> None:
        key_file = tmp_path / "ledger.pem"
        bench.key.save(key_file)
        process = appender(bench, key_file, first=0, count=5, batch=1, limit=100)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 2
        assert "error a payload cannot be written: the disk is full" in output
        assert not [path for path in bench.blobs.rglob("*") if path.is_file()]
        holds(bench, {})

    def test_a_full_disk(self, small_disk: Path) -> None:
        key = SigningKey.generate()
        url, blobs = f"sqlite:///{small_disk}/store.db", small_disk / "blobs"
        with RecordStore.create(url, blobs, origin=ORIGIN, signer=key) as store:
            bench = Bench(url, blobs, key, store)
            receipts = {}

            def fill() -> None:
                for number in range(5_000):
                    receipt = bench.keep(bench.record(number))
                    receipts[receipt.index] = receipt.id

            with pytest.raises(StoreError, match="the disk is full"):
                fill()
            assert len(receipts) > 10
            with pytest.raises(StoreError, match="full"):
                bench.keep_records(range(6_000, 6_500))
        holds(bench, receipts)
        subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
        with bench.reopen() as store:
            bench.store = store
            receipt = bench.keep(bench.record(9_000))
        holds(bench, receipts | {receipt.index: receipt.id})


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of one and a half megabytes."""
    folder = Path(tempfile.mkdtemp(prefix="quaestor-small-"))
    mounted = shutil.which("mount") and (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", folder], capture_output=True, check=False
        ).returncode
        == 0
    )
    if not mounted:
        folder.rmdir()
        pytest.skip("a small file system cannot be mounted without the right to; the limit on file size is tested")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()
