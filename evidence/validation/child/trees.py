"""The tree ensembles of a model, read from its graph: their splits, and the trees behind the answer. Child only.

They are told where a row's numbers go into nothing but ensembles, as they are: what the model answers then changes at
splits alone. The operators are those of ai.onnx.ml: TreeEnsembleClassifier, TreeEnsembleRegressor and TreeEnsemble.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evidence.validation.child.session import Model
from evidence.validation.measures.forest import Forest
from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.reach import Cuts
from evidence.validation.plan.model import Plan

ENSEMBLES = ("TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble")
MAX_NODES = 400_000
"""Nodes of all trees together, beyond which they are not read."""
LINKS = {"LOGISTIC", "SOFTMAX", 1, 2}
"""Post-transforms that stand between sums and scores, by name and by number."""
_NO_LINK = {"NONE", 0}
_MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT")
_ALIKE = {"Identity", "Cast", "ZipMap", "Flatten", "Squeeze"}
"""Operators that hand scores on without changing a number of them (Cast: between single and double)."""
_CHANCE = ("Random", "Bernoulli", "Multinomial", "Dropout")


class UnreadableError(Exception):
    """Why a graph is not one of trees, in words."""


@dataclass(frozen=True)
class Trees:
    """The splits of all ensembles by number of a row, and the trees behind the answer where their sum makes it.

    `linked`: a logistic or softmax function stands between sum and score.
    """

    cuts: Cuts
    forest: Forest | None
    linked: bool


def read_trees(data: bytes, plan: Plan, model: Model) -> Trees:
    """Raises UnreadableError where numbers of a row go elsewhere too, or a split is no comparison of size."""
    import onnx

    proto = onnx.load_model_from_string(data)
    if proto.functions:
        raise UnreadableError("the model has functions of its own")
    try:
        return _read(proto, plan, model)
    except (ValueError, IndexError, KeyError, TypeError, StopIteration):
        raise UnreadableError("the attributes of its trees do not fit together") from None


def _read(proto: Any, plan: Plan, model: Model) -> Trees:
    columns = _columns(proto, model)
    ensembles: dict[str, _Ensemble] = {}
    for node in proto.graph.node:
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            raise UnreadableError(f"the graph has other graphs inside ({node.op_type})")
        if node.op_type.startswith(_CHANCE) or node.domain not in ("", "ai.onnx", "ai.onnx.ml"):
            raise UnreadableError(f"nothing is known of what {node.op_type} does")
        read = [name for name in node.input if name in columns]
        if not read:
            continue
        if node.op_type in ENSEMBLES:
            ensembles |= dict.fromkeys(node.output, _Ensemble(node, columns[node.input[0]], model.dtype))
        else:
            columns[node.output[0]] = _handed_on(node, columns, model.dtype)
    if not ensembles:
        raise UnreadableError("the graph has no tree ensemble")
    cuts: dict[int, Floats] = {}
    for ensemble in {id(item): item for item in ensembles.values()}.values():
        for number, values in ensemble.cuts().items():
            cuts[number] = np.union1d(cuts.get(number, np.zeros(0)), values)
    behind = _behind(proto.graph, plan.output.name, ensembles)
    forest = behind.forest() if behind and not plan.output.abstain else None
    return Trees(cuts, forest, bool(behind and behind.linked))


def has_trees(data: bytes) -> bool:
    """Whether a tree ensemble stands anywhere in a graph."""
    import onnx

    proto = onnx.load_model_from_string(data)
    return any(node.op_type in ENSEMBLES for part in (proto.graph, *proto.functions) for node in part.node)


def _columns(proto: Any, model: Model) -> dict[str, list[int]]:
    """Which numbers of a row are the columns of each numeric input."""
    import onnx

    found: dict[str, list[int]] = {}
    for item in proto.graph.input:
        if item.name in model.laid_out:
            given = onnx.helper.tensor_dtype_to_np_dtype(item.type.tensor_type.elem_type)
            if given != np.dtype(model.dtype):
                raise UnreadableError(f"an input takes {given}, to which numbers are rounded")
            found[item.name] = list(model.laid_out[item.name])
    if not found:
        raise UnreadableError("no input takes the numbers of a row as they are")
    return found


def _handed_on(node: Any, columns: dict[str, list[int]], dtype: Any) -> list[int]:
    """The columns of what an operator in front of the trees gives."""
    import onnx

    attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    if node.op_type == "Identity":
        return columns[node.input[0]]
    if node.op_type == "Cast" and onnx.helper.tensor_dtype_to_np_dtype(attributes["to"]) == np.dtype(dtype):
        return columns[node.input[0]]
    if node.op_type == "Concat" and attributes.get("axis") in (1, -1) and all(name in columns for name in node.input):
        return [number for name in node.input for number in columns[name]]
    raise UnreadableError(f"{node.op_type} reads a row's numbers beside the trees, or changes them")


def _behind(graph: Any, output: str, ensembles: dict[str, "_Ensemble"]) -> "_Ensemble | None":
    """The ensemble whose sums are the scores of an output, where nothing in between changes a number."""
    import onnx

    makers = {name: node for node in graph.node for name in node.output}
    name = output
    for _ in range(len(graph.node) + 1):
        if name in ensembles:
            ensemble = ensembles[name]
            return ensemble if name == ensemble.scores else None
        node = makers.get(name)
        if node is None or node.op_type not in _ALIKE:
            return None
        if node.op_type == "Cast":
            to = next(item.i for item in node.attribute if item.name == "to")
            if to not in (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE):
                return None
        name = node.input[0]
    return None


@dataclass
class _Made:
    """A forest under construction, a node at a time."""

    feature: list[int] = field(default_factory=list)
    cut: list[float] = field(default_factory=list)
    yes: list[int] = field(default_factory=list)
    no: list[int] = field(default_factory=list)
    tree: list[int] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    leaves: list[tuple[int, int, float]] = field(default_factory=list)


class _Ensemble:
    """One operator: its trees with the numbers of a row that they read."""

    def __init__(self, node: Any, columns: list[int], dtype: Any) -> None:
        import onnx

        self._columns, self._dtype, self._kind = columns, np.dtype(dtype), node.op_type
        self._given = {item.name: plain(onnx.helper.get_attribute_value(item)) for item in node.attribute}
        self.scores = node.output[1] if self._kind == "TreeEnsembleClassifier" else node.output[0]
        self.linked = self._given.get("post_transform", "NONE") in LINKS
        self._made = _Made()
        self._build(self._modern if self._kind == "TreeEnsemble" else self._classic)

    def cuts(self) -> dict[int, Floats]:
        """The splits of each number of a row, rising."""
        made = self._made
        feature, cut = np.asarray(made.feature), np.asarray(made.cut)
        inner = np.asarray(made.yes) >= 0
        return {int(number): np.unique(cut[inner & (feature == number)]) for number in np.unique(feature[inner])}

    def forest(self) -> Forest | None:
        """The trees with what their leaves add; None where leaves are not added up."""
        plain = self._given.get("post_transform", "NONE") in _NO_LINK
        added = self._given.get("aggregate_function", "SUM") in ("SUM", "AVERAGE", 0, 1)
        if not (plain or self.linked) or not added:
            return None
        made, targets = self._made, [target for _, target, _ in self._made.leaves]
        width = max([*targets, self._width() - 1]) + 1
        # Two classes of which one alone has weights: the sums of that one are all there is.
        if self._kind == "TreeEnsembleClassifier" and width == 2 and len(set(targets)) == 1:
            width, targets = 1, [0] * len(targets)
        values = np.zeros((len(made.yes), width))
        for (node, _, weight), target in zip(made.leaves, targets, strict=True):
            values[node, target] += weight
        base = np.asarray(self._given.get("base_values") or [0.0] * width, dtype=np.float64)
        if len(base) != width or not np.isfinite(values).all() or not np.isfinite(base).all():
            return None
        whole = [np.asarray(item, dtype=np.int64) for item in (made.feature, made.yes, made.no, made.tree, made.parent)]
        if self._given.get("aggregate_function") in ("AVERAGE", 0) and self._kind != "TreeEnsembleClassifier":
            values = values / max(1, len(set(made.tree)))
        feature, yes, no, tree, parent = whole
        return Forest(feature, np.asarray(made.cut), yes, no, tree, parent, values, base)

    def _width(self) -> int:
        if self._kind == "TreeEnsembleClassifier":
            return len(self._given.get("classlabels_int64s") or self._given.get("classlabels_strings") or [])
        return int(self._given.get("n_targets", 1))

    def _build(self, nodes: Callable[[], Iterator[tuple[Any, Callable[[Any], Any]]]]) -> None:
        """Lay every tree out, parents first."""
        made = self._made
        for tree, (root, look) in enumerate(nodes()):
            waiting, place = [(root, -1, False)], 0
            while place < len(waiting):
                key, parent, side = waiting[place]
                place += 1
                at = len(made.yes)
                if at >= MAX_NODES:
                    raise UnreadableError(f"the trees have more than {MAX_NODES} nodes")
                if parent >= 0:
                    (made.yes if side else made.no)[parent] = at
                made.tree.append(tree)
                made.parent.append(parent)
                made.yes.append(-1)
                made.no.append(-1)
                split, leaf = look(key)
                made.feature.append(self._columns[split[0]] if split else 0)
                made.cut.append(self._cut(split[1], split[2]) if split else 0.0)
                made.leaves += [(at, target, weight) for target, weight in leaf]
                if split:
                    yes, no = split[3:] if split[1] in ("BRANCH_LEQ", "BRANCH_LT") else split[:2:-1]
                    waiting += [(yes, at, True), (no, at, False)]

    def _cut(self, mode: str, value: float) -> float:
        """The greatest number of the input's type on the lower side of a split."""
        if not np.isfinite(value):
            raise UnreadableError("a split is no finite number")
        typed = self._dtype.type(value)
        if mode in ("BRANCH_LT", "BRANCH_GTE"):
            typed = np.nextafter(typed, self._dtype.type(-np.inf))
        return float(typed)

    def _mode(self, mode: str) -> str:
        if mode not in _MODES:
            raise UnreadableError(f"a split is no comparison of size ({mode})")
        return mode

    def _classic(self) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
        """The trees of an operator with one list of nodes for all."""
        given = self._given
        trees, ids = given.get("nodes_treeids") or [], given.get("nodes_nodeids") or []
        values = given.get("nodes_values") or given.get("nodes_values_as_tensor") or []
        modes = given.get("nodes_modes") or []
        places = {(tree, node): place for place, (tree, node) in enumerate(zip(trees, ids, strict=True))}
        if len(places) != len(trees):
            raise UnreadableError("two nodes of a tree have one number")
        kind = "class" if self._kind == "TreeEnsembleClassifier" else "target"
        weights = given.get(f"{kind}_weights") or given.get(f"{kind}_weights_as_tensor") or []
        leaves: dict[tuple[int, int], list[tuple[int, float]]] = {}
        for tree, node, target, weight in zip(
            given.get(f"{kind}_treeids") or [], given.get(f"{kind}_nodeids") or [], given.get(f"{kind}_ids") or [],
            weights, strict=True,
        ):  # fmt: skip
            leaves.setdefault((tree, node), []).append((target, weight))
        feature, true, false = (
            given.get(f"nodes_{name}") or [] for name in ("featureids", "truenodeids", "falsenodeids")
        )

        def look(key: tuple[int, int]) -> tuple[Any, Any]:
            place = places.get(key)
            if place is None:
                raise UnreadableError("a tree names a node that it does not have")
            if modes[place] == "LEAF":
                return None, leaves.get(key, [])
            yes, no = (key[0], true[place]), (key[0], false[place])
            return (feature[place], self._mode(modes[place]), values[place], yes, no), []

        first: dict[int, tuple[int, int]] = {}
        for tree, node in zip(trees, ids, strict=True):
            first.setdefault(tree, (tree, node))
        for root in first.values():
            yield root, look

    def _modern(self) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
        """The trees of TreeEnsemble, whose leaves have lists of their own."""
        given = self._given
        names = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER")

        def look(key: tuple[bool, int]) -> tuple[Any, Any]:
            is_leaf, place = key
            if is_leaf:
                return None, [(given["leaf_targetids"][place], given["leaf_weights"][place])]
            mode = self._mode(names[given["nodes_modes"][place]])
            children = [
                (bool(given[f"nodes_{side}leafs"][place]), given[f"nodes_{side}nodeids"][place])
                for side in ("true", "false")
            ]
            return (given["nodes_featureids"][place], mode, given["nodes_splits"][place], *children), []

        for root in given["tree_roots"]:
            yield (False, root), look


def plain(value: Any) -> Any:
    """An attribute as plain Python values: text instead of bytes, lists instead of tensors."""
    import onnx

    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    if isinstance(value, onnx.TensorProto):
        return onnx.numpy_helper.to_array(value).tolist()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
