"""A .zip of images: exact pixels, one digest, and nothing in it that leads out of it or breaks the reader."""

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper
from PIL import Image

from evidence.model.base import parse_instant
from evidence.model.errors import EvidenceError
from evidence.validation.child.data import Source, read_batches
from evidence.validation.child.pictures import Pictures
from evidence.validation.child.png import SIGNATURE, pixels, read_png
from evidence.validation.draft import Asked, draft_plan
from evidence.validation.outcome import ValidationOutcome
from evidence.validation.plan.read import load_plan
from evidence.validation.runner import look_into, validate
from tests.evidence.validation.test_inputs import PICTURE_NODES, PICTURE_WEIGHTS, WORDS, model, pictures, promising
from tests.worlds.runs import plan_values

AT = parse_instant("2026-11-21T08:00:00Z")
Bytes = NDArray[np.uint8]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def head(width: int, height: int, depth: int = 8, colour: int = 0, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def png(image: Bytes, filters: Any = None, extra: bytes = b"") -> bytes:
    """Grey (height, width) or coloured (height, width, 3), each row with a filter of its own."""
    height, width = image.shape[:2]
    rows = image.reshape(height, -1).astype(np.int64)
    step = 1 if image.ndim == 2 else 3
    lines = []
    for y in range(height):
        kind = 0 if filters is None else int(filters[y])
        above = rows[y - 1] if y else np.zeros_like(rows[0])
        left, corner = (np.concatenate([np.zeros(step, dtype=np.int64), part[:-step]]) for part in (rows[y], above))
        guess = left + above - corner
        near = [np.abs(guess - part) for part in (left, above, corner)]
        paeth = np.where((near[0] <= near[1]) & (near[0] <= near[2]), left, np.where(near[1] <= near[2], above, corner))
        taken = [np.zeros_like(left), left, above, (left + above) // 2, paeth][kind]
        lines.append(bytes([kind]) + ((rows[y] - taken) % 256).astype(np.uint8).tobytes())
    colour = 0 if image.ndim == 2 else 2
    body = chunk(b"IDAT", zlib.compress(b"".join(lines)))
    return SIGNATURE + head(width, height, colour=colour) + extra + body + chunk(b"IEND", b"")


def decoded(data: bytes) -> Bytes:
    return pixels([read_png(data, "x.png")])[0]


class TestPng:
    @pytest.mark.parametrize("shape", [(1, 1), (5, 7), (7, 5), (16, 3, 3), (1, 9, 3), (33, 1)])
    def test_every_filter(self, shape: tuple[int, ...]) -> None:
        rng = np.random.default_rng(1)
        images = [rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(6)]
        packed = [read_png(png(image, rng.integers(0, 5, shape[0])), "x.png") for image in images]
        assert (pixels(packed).reshape(len(images), *shape) == np.stack(images)).all()

    @pytest.mark.parametrize("mode", ["L", "RGB", "P"])
    def test_pillow_reads_and_writes_the_same(self, mode: str) -> None:
        y, x = np.mgrid[0:40, 0:56]
        smooth = np.stack([x * 4, y * 6, (x + y) * 2], axis=2).astype(np.uint8)
        image = Image.fromarray(smooth).convert(mode)
        for optimised in (False, True):
            file = io.BytesIO()
            image.save(file, "PNG", optimize=optimised)
            expected = np.asarray(image.convert("RGB") if mode == "P" else image)
            assert (decoded(file.getvalue()).reshape(expected.shape) == expected).all()

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (b"\xff\xd8\xff\xe0JFIF", "not a PNG image"),
            (SIGNATURE, "damaged"),
            (SIGNATURE + chunk(b"IDAT", b""), "no header where it belongs"),
            (SIGNATURE + head(4, 4) + head(4, 4), "no header where it belongs"),
            (SIGNATURE + head(4, 4, depth=16) + chunk(b"IEND", b""), "eight bits"),
            (SIGNATURE + head(4, 4, colour=6) + chunk(b"IEND", b""), "eight bits"),
            (SIGNATURE + head(4, 4, interlaced=1) + chunk(b"IEND", b""), "eight bits"),
            (SIGNATURE + head(0, 4) + chunk(b"IEND", b""), "pixels"),
            (SIGNATURE + head(1 << 16, 1 << 16) + chunk(b"IEND", b""), "pixels"),
            (SIGNATURE + head(1 << 31, 1 << 31) + chunk(b"IEND", b""), "pixels"),
            (SIGNATURE + head(4, 4) + chunk(b"IDAT", b"junk") + chunk(b"IEND", b""), "damaged"),
            (SIGNATURE + head(4, 4, colour=3) + chunk(b"IEND", b""), "no palette"),
            (png(np.zeros((2, 2), np.uint8)) + b"PK", "follows the end"),
            (png(np.zeros((2, 2), np.uint8), extra=chunk(b"tRNS", b"\0\0")), "transparent"),
            (png(np.zeros((2, 2), np.uint8), extra=chunk(b"ABCD", b"")), "no standard knows"),
            (png(np.zeros((2, 2), np.uint8), extra=chunk(b"PLTE", b"1234")), "palette of the image is none"),
            (SIGNATURE + head(2, 2) + chunk(b"IDAT", zlib.compress(b"\x09" * 6)) + chunk(b"IEND", b""), "filter"),
        ],
    )
    def test_what_is_refused(self, data: bytes, problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            read_png(data, "x.png")

    def test_a_bomb_is_not_unpacked(self) -> None:
        body = chunk(b"IDAT", zlib.compress(bytes(200 << 20), 9))
        with pytest.raises(EvidenceError, match="fewer or more pixels"):
            read_png(SIGNATURE + head(4, 4) + body + chunk(b"IEND", b""), "x.png")

    def test_whatever_byte_is_altered(self) -> None:
        rng = np.random.default_rng(5)
        whole = png(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8), rng.integers(0, 5, 6))
        refused = 0
        for _ in range(400):
            data = bytearray(whole)
            data[rng.integers(len(data))] = rng.integers(256)
            try:
                decoded(bytes(data))
            except EvidenceError:
                refused += 1
        assert refused > 380  # what is left is a byte as it was


def archive(images: dict[str, bytes], table: str | None = None, method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        if table is None:
            table = "file,y\n" + "".join(f"{name},a\n" for name in images)
        made.writestr("labels.csv", table)
        for name, data in images.items():
            made.writestr(name, data)
    return file


def read(file: io.BytesIO) -> Bytes:
    batches = list(read_batches(Source(file, "images", "x.zip"), {"y": "text"}, ("file",)))
    return np.concatenate([batch.arrays["file"] for batch in batches])


IMAGES = [np.full((3, 4), at, dtype=np.uint8) for at in range(5)]
NAMED = {f"pictures/{at}.png": png(image) for at, image in enumerate(IMAGES)}


class TestArchives:
    def test_rows_in_the_order_of_the_table(self) -> None:
        order = [3, 1, 4, 0, 2, 3]
        table = "file,y\n" + "".join(f"pictures/{at}.png,a\n" for at in order)
        assert read(archive(NAMED, table))[:, 0, 0, 0].tolist() == order

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd", "/etc/passwd", "pictures/0.PNG", "labels.csv", "pictures/", "nan.png"]
    )
    def test_a_name_leads_nowhere_else(self, name: str) -> None:
        with pytest.raises(EvidenceError, match="which the archive does not hold"):
            read(archive(NAMED, f"file,y\npictures/0.png,a\n{name},a\n"))

    def test_a_member_named_like_a_path_is_a_member(self, tmp_path: Path) -> None:
        assert read(archive({"../../x.png": png(IMAGES[2])})).max() == 2
        assert list(tmp_path.iterdir()) == []

    def test_an_image_that_no_row_names(self) -> None:
        with pytest.raises(EvidenceError, match="4 files of the archive are named by no row"):
            read(archive(NAMED, "file,y\npictures/0.png,a\n"))

    def test_images_of_another_size(self) -> None:
        with pytest.raises(EvidenceError, match="an image of 9 x 9 x 1, where the first is of 3 x 4 x 1"):
            read(archive(NAMED | {"z.png": png(np.zeros((9, 9), np.uint8))}))
        with pytest.raises(EvidenceError, match="3 x 4 x 3"):
            read(archive(NAMED | {"z.png": png(np.zeros((3, 4, 3), np.uint8))}))

    def test_tables(self) -> None:
        with pytest.raises(EvidenceError, match="2 tables"):
            read(archive(NAMED | {"more.csv": b"a\n1\n"}))
        with pytest.raises(EvidenceError, match="no column `y`"):
            read(archive(NAMED, "file,z\npictures/0.png,a\n"))
        with pytest.raises(EvidenceError, match=r"not an archive|cannot be read"):
            Pictures(io.BytesIO(b"PK\x03\x04 or so"), "x.zip")

    def test_a_name_that_stands_twice(self) -> None:
        file = archive(NAMED)
        with zipfile.ZipFile(file, "a") as more, pytest.warns(UserWarning, match="Duplicate"):
            more.writestr("pictures/0.png", png(IMAGES[4]))
        with pytest.raises(EvidenceError, match="stands twice"):
            read(file)

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
    def test_whatever_byte_is_altered(self, method: int) -> None:
        rng = np.random.default_rng(5)
        whole = archive(NAMED, method=method).getvalue()
        for _ in range(150):
            data = bytearray(whole)
            for place in rng.integers(len(data), size=3):
                data[place] = rng.integers(256)
            try:
                read(io.BytesIO(data))
            except EvidenceError:
                continue

    def test_batches_are_bounded_in_bytes(self) -> None:
        large = np.arange(512 * 512, dtype=np.int64).reshape(512, 512).astype(np.uint8)
        images = {f"{at}.png": png(large + np.uint8(at)) for at in range(20)}
        batches = list(read_batches(Source(archive(images), "images", "x.zip"), {"y": "text"}, ("file",)))
        assert len(batches) > 1
        assert sum(batch.rows for batch in batches) == 20
        assert int(batches[0].arrays["file"][0, 0, 0, 0]) == 0


def run(folder: Path, channels: str, **changes: Any) -> ValidationOutcome:
    """The pictures of `test_inputs` as images of three channels, the third of them empty."""
    made = pictures(300)
    shades = np.concatenate([made["images"], np.zeros((300, 1, 4, 4), np.uint8)], axis=1)
    table = "file,y\n" + "".join(f"{at}.png,{word}\n" for at, word in enumerate(made["y"]))
    images = {f"{at}.png": png(np.moveaxis(image, 0, 2), np.arange(4) % 5) for at, image in enumerate(shades)}
    (folder / "test.zip").write_bytes(archive(images, table).getvalue())
    shape = [None, 3, 4, 4] if channels == "first" else [None, 4, 4, 3]
    axes = [2, 3] if channels == "first" else [1, 2]
    nodes = [helper.make_node("ReduceMean", ["x"], ["light"], axes=axes, keepdims=0), *PICTURE_NODES[1:]]
    weights = PICTURE_WEIGHTS | {"W": np.vstack([PICTURE_WEIGHTS["W"], np.zeros((1, 3), dtype=np.float32)])}
    graph = model(nodes, {"x": (TensorProto.FLOAT, shape)}, {"logits": (TensorProto.FLOAT, [None, 3])}, **weights)
    (folder / "model.onnx").write_bytes(graph)
    values = plan_values(protected_attributes=None, binding_measures=None, latency={"runs": 370, "warm_up": 0})
    known = {k: v for k, v in values["data"].items() if k not in ("positive", "negative")}
    array = {"name": "file", "input": "x", "scale": 1 / 255, "mean": [0.4, 0.0, 0.0], "std": [0.1, 1.0, 1.0]}
    array |= {"channels": channels, "range": {"low": 0, "high": 255}}
    values |= {
        "data": known | {"path": "test.zip", "format": "images", "label": "y"},
        "features": {"layout": "arrays", "arrays": [array]},
        "output": {"name": "logits", "kind": "classes", "link": "softmax", "classes": WORDS},
        "plan": promising("accuracy"),
    } | changes
    (folder / "plan.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    plan = load_plan(folder / "plan.yaml")
    return validate(plan, started_at=AT, plan_digest=plan.digest)


class TestRuns:
    def test_channels_first_and_last_are_the_same_run(self, tmp_path: Path) -> None:
        found = run(tmp_path, "first").run
        assert found.metrics["accuracy"].value > 0.75
        assert run(tmp_path, "last").run.metrics == found.metrics

    def test_a_draft_knows_the_images(self, tmp_path: Path) -> None:
        run(tmp_path, "first")
        look = look_into(tmp_path / "model.onnx", tmp_path / "test.zip")
        (array,) = look.arrays
        assert (array.name, array.entry, array.dtype) == ("file", (3, 4, 4), "uint8")
        draft = yaml.safe_load(
            draft_plan(look, Asked(model_path="m", data_path="test.zip", data_format="images", label="y"))
        )
        assert draft["data"]["format"] == "images"
        assert [(item["name"], item["input"]) for item in draft["features"]["arrays"]] == [("file", "x")]
        assert draft["output"]["kind"] == "classes"

    def test_training_of_another_format_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "train.csv").write_text("file,y\n")
        with pytest.raises(EvidenceError, match=r"`training\.format` is csv"):
            run(tmp_path, "first", training={"path": "train.csv", "format": "csv"})


def test_a_member_without_a_name_is_refused() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("t.csv", "photo,y\n")
        made.writestr("x", b"")
    data = archive.getvalue()
    at = data.rindex(b"PK\x01\x02")
    nameless = data[: at + 28] + b"\x00\x00" + data[at + 30 : at + 46] + data[at + 47 :]
    end = nameless.rindex(b"PK\x05\x06")
    size = struct.unpack("<I", nameless[end + 12 : end + 16])[0] - 1
    nameless = nameless[: end + 12] + struct.pack("<I", size) + nameless[end + 16 :]
    with pytest.raises(EvidenceError, match="named by no row"):
        Pictures(io.BytesIO(nameless), "t.zip").check_all_named()
