"""Payloads in a folder, by digest."""

from pathlib import Path

import pytest

from evidence.model.canonical import digest_bytes
from evidence.model.errors import StoreError
from evidence.store.blobs import BlobStore


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    store = BlobStore(tmp_path / "blobs")
    store.create()
    return store


def files(blobs: BlobStore) -> list[str]:
    return sorted(str(path.relative_to(blobs.folder)) for path in blobs.folder.rglob("*") if path.is_file())


class TestBlobs:
    def test_a_blob_is_a_file_named_by_its_digest(self, blobs: BlobStore) -> None:
        digest = blobs.put(b"payload")
        assert digest == digest_bytes(b"payload")
        assert files(blobs) == [f"{digest[7:9]}/{digest[9:]}"]
        assert blobs.get(digest) == b"payload"

    def test_twice_is_once(self, blobs: BlobStore) -> None:
        assert blobs.put_many([b"a", b"b", b"a", b""]) == [digest_bytes(item) for item in (b"a", b"b", b"a", b"")]
        blobs.put(b"a")
        assert len(files(blobs)) == 3

    def test_a_torn_file_is_written_again(self, blobs: BlobStore) -> None:
        digest = blobs.put(b"payload")
        (blobs.folder / digest[7:9] / digest[9:]).write_bytes(b"")
        with pytest.raises(StoreError, match=f"{digest} was altered"):
            blobs.get(digest)
        blobs.put(b"payload")
        assert blobs.get(digest) == b"payload"

    def test_many(self, blobs: BlobStore) -> None:
        many = [b"%d" % number for number in range(300)]
        for digest, data in zip(blobs.put_many(many), many, strict=True):
            assert blobs.get(digest) == data
        assert len(files(blobs)) == 300

    def test_deleted_is_gone(self, blobs: BlobStore) -> None:
        digest = blobs.put(b"payload")
        assert blobs.has(digest)
        blobs.delete(digest)
        blobs.delete(digest)
        assert not blobs.has(digest)
        with pytest.raises(StoreError, match=f"{digest} is missing"):
            blobs.get(digest)

    @pytest.mark.parametrize("digest", ["", "sha256:../../etc/passwd", "sha512:" + "0" * 64, "sha256:" + "A" * 64])
    def test_no_other_file_can_be_named(self, blobs: BlobStore, digest: str) -> None:
        for ask in (blobs.get, blobs.has, blobs.delete):
            with pytest.raises(StoreError, match="is not the digest"):
                ask(digest)

    def test_a_folder_that_is_gone(self, blobs: BlobStore) -> None:
        blobs.folder.rmdir()
        with pytest.raises(StoreError, match="a payload cannot be written"):
            blobs.put(b"payload")
        with pytest.raises(StoreError, match="a payload cannot be written"):
            blobs.put_many([b"a", b"b"])
