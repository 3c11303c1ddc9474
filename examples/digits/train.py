"""Train the network of the example on scikit-learn's digits, and write splits, model and reference outputs.

Images of 8 x 8 shades (0 to 16) of one channel go through one hidden layer to ten logits. The graph takes shades from
0 to 1 and gives logits: the plan declares both, the division by 16 and the softmax.

    python -m examples.digits.train        # rewrites train.npz, test.npz, model.onnx, golden.csv
"""

import csv
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).parent
SEED = 7


def main() -> None:
    data = load_digits()
    images = data.images.astype(np.uint8)[:, None]  # rows, channel, height, width
    # Copies of an image stay on one side, so that none is learnt and tested.
    same = np.unique(images.reshape(len(images), -1), axis=0, return_inverse=True)[1].ravel()
    train, test = train_test_split(np.unique(same), test_size=0.5, random_state=SEED)
    splits = {"train": np.isin(same, train), "test": np.isin(same, test)}
    learnt = splits["train"]
    network = MLPClassifier((48,), alpha=0.5, max_iter=600, random_state=SEED)
    network.fit(images[learnt].reshape(learnt.sum(), -1) / 16, data.target[learnt])
    for name, rows in splits.items():
        np.savez_compressed(HERE / f"{name}.npz", images=images[rows], digit=data.target[rows].astype(np.int64))
    chances = network.predict_proba(images[splits["test"]].reshape(splits["test"].sum(), -1) / 16)
    with (HERE / "golden.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f"digit_{digit}" for digit in range(10)])
        writer.writerows([f"{chance:.6f}" for chance in row] for row in chances)
    (HERE / "model.onnx").write_bytes(graph_of(network).SerializeToString(deterministic=True))


def graph_of(network: MLPClassifier) -> onnx.ModelProto:
    """Flatten, one hidden layer, logits. Their softmax is the network's probability."""
    (first, second), (bias, last) = network.coefs_, network.intercepts_
    weights = {"w1": first, "b1": bias, "w2": second, "b2": last}
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["pixels"], ["flat"]),
            helper.make_node("Gemm", ["flat", "w1", "b1"], ["hidden"]),
            helper.make_node("Relu", ["hidden"], ["active"]),
            helper.make_node("Gemm", ["active", "w2", "b2"], ["logits"]),
        ],
        "digits",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [None, 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [None, 10])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    model.doc_string = "A digit from an image, example of Quaestor"
    onnx.checker.check_model(model, full_check=True)
    return model


if __name__ == "__main__":
    main()
