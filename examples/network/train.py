"""Train a convolutional network with PyTorch on the data of the digits example; write its export and reference outputs.

Two convolutions and a linear layer, as `torch.onnx.export` writes them, of the operator set that it chooses. The graph
takes shades from 0 to 1 and gives logits: the plan declares both. Nothing but this script needs PyTorch (BSD-3-Clause)
and onnxscript (MIT), by which it exports:

    pip install torch onnx onnxscript numpy
    python -m examples.network.train        # rewrites model.onnx and golden.csv
"""

import csv
from pathlib import Path

import numpy as np
import torch
from torch import nn

HERE = Path(__file__).parent
DATA = HERE.parent / "digits"
SEED = 7
EPOCHS = 60


def main() -> None:
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    images, digits = table("train")
    network = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(16 * 4 * 4, 10),
    )  # fmt: skip
    optimiser = torch.optim.Adam(network.parameters(), lr=0.003, weight_decay=1e-3)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(images)).split(32):
            optimiser.zero_grad()
            noisy = (images[rows] + 0.1 * torch.randn_like(images[rows])).clamp(0, 1)
            nn.functional.cross_entropy(network(noisy), digits[rows]).backward()
            optimiser.step()
    network.eval()
    tested, _ = table("test")
    with torch.no_grad():
        chances = torch.softmax(network(tested).double(), dim=1)
    with (HERE / "golden.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f"digit_{digit}" for digit in range(10)])
        writer.writerows([f"{chance:.6f}" for chance in row] for row in chances.tolist())
    exported = torch.onnx.export(
        network, (images[:2],), input_names=["pixels"], output_names=["logits"], dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("rows")},), verbose=False,
    )  # fmt: skip
    model = exported.model_proto
    for part in (
        model,
        model.graph,
        *model.graph.node,
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
    ):
        del part.metadata_props[:]  # paths and lines of whoever exported it
        part.doc_string = ""
    model.doc_string = "A digit from an image by a convolutional network, example of Quaestor"
    (HERE / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))


def table(split: str) -> tuple[torch.Tensor, torch.Tensor]:
    held = np.load(DATA / f"{split}.npz")
    return torch.from_numpy(held["images"].astype(np.float32) / 16), torch.from_numpy(held["digit"])


if __name__ == "__main__":
    main()
