"""Train the classifier of the example on queries to a bank, and write splits, model and reference outputs.

A scikit-learn pipeline: words by their TF-IDF beside two numbers, and of each of five labels a logistic regression. The
converter skl2onnx ends the text in an operator of one runtime (com.microsoft:Tokenizer), which INT-07 finds to be none
of the standard; so the graph is made here, of operators that ONNX itself has: StringSplit, TfIdfVectorizer,
LpNormalization. Needs scikit-learn, and the folder `banking` of NLU++ (CC BY 4.0):

    python -m examples.queries.train task-specific-datasets/nlupp/data/banking
"""

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent
SEED = 7
INTENTS = {
    "transfer": "transfer_payment_deposit",
    "information": "request_info",
    "fault": "wrong_notworking_notshowing",
    "card": "card",
    "account": "account",
}
"""What the labels are called here, and in the data."""
NUMBERS = ("words", "digits")


def main() -> None:
    rows = queries(Path(sys.argv[1]))
    order = np.random.default_rng(SEED).permutation(len(rows))
    half = len(rows) // 2
    splits = {"train": [rows[place] for place in order[:half]], "test": [rows[place] for place in order[half:]]}
    for name, part in splits.items():
        write(HERE / f"{name}.csv", ["text", *NUMBERS, *INTENTS], [[row[key] for key in row] for row in part])
    text = TfidfVectorizer(lowercase=False, token_pattern=r"[^ ]+", min_df=2)
    made = ColumnTransformer([("text", text, 0), ("numbers", StandardScaler(), [1, 2])])
    model = make_pipeline(made, OneVsRestClassifier(LogisticRegression(C=20, class_weight="balanced", max_iter=1000)))
    tables = {name: np.array([[row["text"], row["words"], row["digits"]] for row in part], dtype=object)
              for name, part in splits.items()}  # fmt: skip
    truth = np.array([[row[label] == "yes" for label in INTENTS] for row in splits["train"]], dtype=np.int64)
    model.fit(tables["train"], truth)
    write(
        HERE / "golden.csv",
        list(INTENTS),
        [[f"{score:.7g}" for score in row] for row in model.predict_proba(tables["test"])],
    )
    (HERE / "model.onnx").write_bytes(exported(model).SerializeToString(deterministic=True))


def queries(folder: Path) -> list[dict[str, Any]]:
    """Each different query with its numbers and labels, in the order of the files; lower case, words apart."""
    found: dict[str, dict[str, Any]] = {}
    for fold in range(20):
        for item in json.loads((folder / f"fold{fold}.json").read_text(encoding="utf-8")):
            text = " ".join(re.findall(r"[a-z]+|[0-9]+", item["text"].lower().replace("'", "")))
            if text and text not in found:
                numbers = {"words": text.count(" ") + 1, "digits": sum(letter.isdigit() for letter in text)}
                marks = {label: "yes" if name in item.get("intents", []) else "no" for label, name in INTENTS.items()}
                found[text] = {"text": text, **numbers, **marks}
    return list(found.values())


def exported(model: Any) -> ModelProto:
    """The pipeline in standard operators: `text` (rows,) and `numbers` (rows, 2) to `scores` (rows, labels)."""
    made, classifier = model.named_steps["columntransformer"], model.named_steps["onevsrestclassifier"]
    text, scaler = made.named_transformers_["text"], made.named_transformers_["numbers"]
    words = sorted(text.vocabulary_, key=text.vocabulary_.__getitem__)
    weights = np.column_stack([one.coef_[0] for one in classifier.estimators_])
    constants = {
        "mean": scaler.mean_[None, :],
        "scale": scaler.scale_[None, :],
        "weights": weights,
        "bias": np.array([[one.intercept_[0] for one in classifier.estimators_]]),
    }
    nodes = [
        helper.make_node("StringSplit", ["text"], ["tokens", "count"], delimiter=" "),
        helper.make_node(
            "TfIdfVectorizer", ["tokens"], ["counted"], mode="TFIDF", min_gram_length=1, max_gram_length=1,
            max_skip_count=0, ngram_counts=[0], ngram_indexes=list(range(len(words))), pool_strings=words,
            weights=[float(value) for value in text.idf_],
        ),
        helper.make_node("LpNormalization", ["counted"], ["normed"], axis=1, p=2),
        helper.make_node("Sub", ["numbers", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["scaled"]),
        helper.make_node("Concat", ["normed", "scaled"], ["features"], axis=1),
        helper.make_node("MatMul", ["features", "weights"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "queries",
        [
            helper.make_tensor_value_info("text", TensorProto.STRING, ["rows"]),
            helper.make_tensor_value_info("numbers", TensorProto.FLOAT, ["rows", len(NUMBERS)]),
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", len(INTENTS)])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()],
        doc_string="What a query to a bank is about, example of Quaestor",
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def write(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
