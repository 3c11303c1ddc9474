"""To which family a model belongs, by the operators of its graph. Sandboxed child only.

A family that people read easily is told only where nothing else can be meant: `linear` where the inputs are joined
by sums with fixed weights alone, behind them at most a link that keeps the order or picks the best class.
"""

from typing import Any, Literal

Family = Literal["linear", "tree-ensemble", "support-vector", "neural", "mixed", "other"]

_TREES = {"TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor"}
_MACHINES = {"SVMClassifier", "SVMRegressor"}
_LINEAR = {"LinearClassifier", "LinearRegressor"}
_ADDS = {"Add", "Sub", "ReduceSum", "Sum"}
_SUMS = {"MatMul", "Gemm", "Mul", "Div"}
_SHIFTS = {"Add", "Sub", "Mul"}
_NETWORK = {
    "Conv", "ConvTranspose", "Gemm", "MatMul", "MatMulInteger", "QLinearMatMul", "LSTM", "GRU", "RNN", "Attention",
}  # fmt: skip
_KEEPS = {
    "Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Concat", "Gather", "Slice", "Split", "Transpose",
    "Scaler", "Imputer", "FeatureVectorizer", "ArrayFeatureExtractor", "Neg", "OneHotEncoder",
    "DictVectorizer", "Dropout", "Constant",
}  # fmt: skip
"""Operators that pass numbers on, scale them, or make numbers of words."""
_NAMES = {"LabelEncoder", "CategoryMapper", "CastMap"}
"""Operators that give other names to classes; of an input they would make anything of anything."""
_LINKS = {
    "Sigmoid", "Softmax", "Normalizer", "ArgMax", "ZipMap", "Binarizer", "Greater", "GreaterOrEqual", "Less",
    "LessOrEqual", "Equal", "Not", "Clip", "LogSoftmax",
}  # fmt: skip


def family_of(graph: Any) -> Family:
    """The family of a graph."""
    kinds = {node.op_type for node in graph.node}
    if any(attribute.HasField("g") or attribute.graphs for node in graph.node for attribute in node.attribute):
        return "other"
    trees, machines, network = kinds & _TREES, kinds & _MACHINES, kinds & _NETWORK
    if _is_linear(graph):
        return "linear"
    if bool(trees) + bool(machines) + bool(network or kinds & _LINEAR) > 1:
        return "mixed"
    if trees:
        return "tree-ensemble"
    if machines:
        return "support-vector"
    return "neural" if network else "other"


def _is_linear(graph: Any) -> bool:
    """Whether every number is a weighted sum of the inputs, or behind a link of one."""
    fixed = {item.name for item in graph.initializer}
    linked: set[str] = set()
    joined = False
    for node in graph.node:
        varying = [name for name in node.input if name and name not in fixed]
        if not varying:
            if node.op_type != "Constant":
                return False
            fixed.update(node.output)
            continue
        behind = any(name in linked for name in varying)
        if not _is_allowed(node, varying, behind):
            return False
        joined |= node.op_type in _SUMS | _LINEAR | _ADDS
        if behind or node.op_type in _LINKS | _LINEAR:
            linked.update(node.output)
    return joined


def _is_allowed(node: Any, varying: list[str], behind: bool) -> bool:
    """Whether a sum stays a sum; `behind` a link nothing is joined any more, so that no second layer hides there."""
    if node.op_type in _KEEPS | _LINKS:
        return True
    if behind:
        return node.op_type in _NAMES or (node.op_type in _SHIFTS and len(varying) == 1)
    if node.op_type in _LINEAR | _ADDS:
        return True
    divided = node.op_type == "Div" and varying[0] == node.input[1]
    return node.op_type in _SUMS and len(varying) == 1 and not divided
