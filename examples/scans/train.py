"""Train the network of the example on scanned digits saved as images; write splits, model and reference outputs.

Each split is one .zip: PNG images of 8 x 8 shades, and a table with the name and the digit of each. The network takes
one channel, brought to about -1 to 1 as the plan declares, through a convolution and a layer to ten logits. It is
written by hand as a graph: the convolution's filters are fixed, and what follows is learnt by scikit-learn.

    python -m examples.scans.train        # rewrites train.zip, test.zip, model.onnx, golden.csv
"""

import csv
import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
SEED = 3
SPLITS = {"train": 700, "test": 500}
MEAN, SPREAD = 0.3, 0.4
FILTERS = np.array(
    [
        [[1, 1, 1], [0, 0, 0], [-1, -1, -1]], [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
        [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]], [[1, 1, 0], [1, 0, -1], [0, -1, -1]],
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    ]
)  # fmt: skip
"""Edges of four directions, and the shade itself."""


def main() -> None:
    data = load_digits()
    shades = np.rint(data.images * 255 / 16).astype(np.uint8)
    # Copies of an image stay on one side, so that none is learnt and tested.
    kept = np.sort(np.unique(shades.reshape(len(shades), -1), axis=0, return_index=True)[1])
    train, test = train_test_split(
        kept, train_size=SPLITS["train"], test_size=SPLITS["test"], random_state=SEED, stratify=data.target[kept]
    )
    network = LogisticRegression(C=0.02, max_iter=2000).fit(edges(shades[train]), data.target[train])
    for name, rows in {"train": train, "test": test}.items():
        write(HERE / f"{name}.zip", shades[rows], data.target[rows])
    chances = network.predict_proba(edges(shades[test]))
    with (HERE / "golden.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f"digit_{digit}" for digit in range(10)])
        writer.writerows([f"{chance:.6f}" for chance in row] for row in chances)
    (HERE / "model.onnx").write_bytes(graph_of(network).SerializeToString(deterministic=True))


def edges(shades: np.ndarray) -> np.ndarray:
    """What the convolution makes of images: (images, filters * 8 * 8)."""
    ready = np.pad((shades / 255 - MEAN) / SPREAD, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(ready, (3, 3), axis=(1, 2))
    return np.maximum(np.einsum("nyxij,fij->nfyx", windows, FILTERS), 0).reshape(len(shades), -1)


def graph_of(network: LogisticRegression) -> onnx.ModelProto:
    weights = {"filters": FILTERS[:, None], "w": network.coef_.T, "b": network.intercept_}
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["pixels", "filters"], ["edges"], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", ["edges"], ["active"]),
            helper.make_node("Flatten", ["active"], ["flat"]),
            helper.make_node("Gemm", ["flat", "w", "b"], ["logits"]),
        ],
        "scans",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [None, 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [None, 10])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    model.doc_string = "A digit from a scan, example of Quaestor"
    onnx.checker.check_model(model, full_check=True)
    return model


def write(path: Path, shades: np.ndarray, digits: np.ndarray) -> None:
    """A .zip of the images and their table; the same bytes each time."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["scan", "digit"])
    writer.writerows((f"{place:04d}.png", digit) for place, digit in enumerate(digits))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("labels.csv"), table.getvalue())
        for place, image in enumerate(shades):
            archive.writestr(zipfile.ZipInfo(f"{place:04d}.png"), png(image))


def png(image: np.ndarray) -> bytes:
    """A grey image of eight bits as PNG, no row filtered."""
    lines = b"".join(b"\x00" + row.tobytes() for row in image)
    header = struct.pack(">IIBBBBB", image.shape[1], image.shape[0], 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


if __name__ == "__main__":
    main()
