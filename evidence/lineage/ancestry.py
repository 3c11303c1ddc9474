"""From the ancestry of one model or dataset to the `lineage-graph` record that policies judge.

The graph is small by then: the store gives the closure of one node, and networkx walks it.
"""

from collections.abc import Sequence

import networkx as nx

from evidence.lineage.graph import Lineage
from evidence.model.errors import EvidenceError
from evidence.model.predicates.data import LineageGraph
from evidence.model.predicates.values import Edge, Node, Path
from evidence.model.text import says_something

MAX_NODES = 20_000
MAX_PATH_STEPS = 500_000
"""Nodes on all paths together; a record is one JSON document of at most 64 MiB."""
_DATA = ("source", "dataset")
_DESCRIBED = ("origin", "licence", "purpose")
_PERSONAL = ("legal_ground", "consent", "collected_on", "retain_until")


def lineage_graph(
    lineage: Lineage,
    judged: str,
    *,
    kinds: Sequence[str] = ("model",),
    twins: Sequence[str] = (),
    orphans: Sequence[str] = (),
) -> LineageGraph:
    """The `lineage-graph` of the node `judged`, of one of these kinds, from all that is above and below it, with the
    edges between.

    `twins` are other nodes of its digest. What one of them was made of it was made of too; that there are two accounts
    of one file, neither of which was made of the other, is a gap: nobody chooses the cleaner one.
    `orphans` are the nodes of the system without an edge. Raises EvidenceError where the node is not in the graph, is
    of another kind, or the graph is larger than a record may be.
    """
    nodes = {item.id: item.node for item in lineage.nodes}
    if judged not in nodes:
        raise EvidenceError(f"the lineage has no node `{judged}`", hint="import it with `quaestor lineage import`")
    if nodes[judged].kind not in kinds:
        problem = f"the node `{judged}` is a {nodes[judged].kind} and no {' or '.join(kinds)}"
        raise EvidenceError(problem, hint=f"name a {kinds[0]}'s node")
    if len(nodes) > MAX_NODES:
        raise EvidenceError(
            f"the lineage of `{judged}` has {len(nodes)} nodes, more than the {MAX_NODES} of a record",
            hint="import less of it, or give it a node of its own system",
        )
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(nodes))
    # A change in place leads from nowhere new: it stays among the edges, where its run is looked at, and off the ways.
    graph.add_edges_from(sorted((edge.from_, edge.to) for edge in lineage.edges if edge.from_ != edge.to))
    apart = [name for name in sorted(twins) if name not in nx.ancestors(graph, judged)]
    graph.add_edges_from([(name, judged) for name in apart if judged not in nx.ancestors(graph, name)])
    ancestors = sorted(nx.ancestors(graph, judged) - {judged})
    paths = _source_paths(graph, judged, nodes, ancestors)
    complete = [name for name, found in paths.items() if all(path.complete for path in found)]
    return LineageGraph(
        nodes=tuple(nodes[name] for name in sorted(nodes)),
        edges=tuple(sorted(lineage.edges, key=lambda e: (e.from_, e.to, e.kind, e.run or ""))),
        node_versions={item.id: item.version for item in sorted(lineage.nodes, key=lambda n: n.id) if item.version},
        node_digests={name: node.digest for name, node in sorted(nodes.items()) if node.digest},
        source_paths={name: tuple(found) for name, found in paths.items()},
        complete_path_share=round(len(complete) / len(paths), 6) if paths else 0.0,
        gaps=tuple(sorted({*_gaps(lineage.edges, nodes, (*ancestors, judged), paths), *_accounts(judged, apart)})),
        orphan_nodes=tuple(sorted(orphans)),
        unowned_nodes=tuple(name for name in sorted(nodes) if not _owned(nodes[name])),
        duplicate_features=tuple(_duplicates(nodes, ancestors)),
        upstream_components=(),
        changes=(),
        feedback_paths=tuple(_feedback(graph, judged, nodes, ancestors)),
        person_level_outputs=tuple(sorted(name for name, node in nodes.items() if node.kind == "decision")),
        cross_context_uses=(),
    )


def _traced(graph: "nx.DiGraph[str]", judged: str, nodes: dict[str, Node], ancestors: Sequence[str]) -> list[str]:
    """What is traced to its sources: a model's inputs; data themselves, and the features that were made of them."""
    if nodes[judged].kind == "model":
        return _inputs(graph, judged, nodes, ancestors)
    return sorted({judged, *(name for name in nx.descendants(graph, judged) if nodes[name].kind == "feature")})


def _inputs(graph: "nx.DiGraph[str]", model: str, nodes: dict[str, Node], ancestors: Sequence[str]) -> list[str]:
    """The model's inputs: its features, and whatever else it was made of directly, be it data or another model.

    A run that stands between the model and what it was made of is looked through. So each root of the ancestry is
    above an input, or is one, and none escapes the question whether it is a source.
    """
    found = {name for name in ancestors if nodes[name].kind == "feature"}
    seen, left = set(), [model]
    while left:
        for name in graph.predecessors(left.pop()):
            if nodes[name].kind == "run" and graph.in_degree(name) > 0:
                if name not in seen:
                    seen.add(name)
                    left.append(name)
            else:
                found.add(name)
    return sorted(found)


def _source_paths(
    graph: "nx.DiGraph[str]", judged: str, nodes: dict[str, Node], ancestors: Sequence[str]
) -> dict[str, list[Path]]:
    """Of all that is traced the shortest path from each root above it, source first; complete where it is a source."""
    upwards = graph.reverse(copy=False)
    found: dict[str, list[Path]] = {}
    steps = 0
    for name in _traced(graph, judged, nodes, ancestors):
        found[name] = []
        before = dict(nx.bfs_predecessors(upwards, name))
        for root in sorted(node for node in (name, *before) if graph.in_degree(node) == 0):
            path = [root]
            while path[-1] != name:
                path.append(before[path[-1]])
            steps += len(path)
            if steps > MAX_PATH_STEPS:
                raise EvidenceError(
                    f"the paths from the inputs of `{judged}` to their sources have more than {MAX_PATH_STEPS} steps",
                    hint="leave out edges that say the same twice",
                )
            found[name].append(Path(nodes=tuple(path), complete=nodes[root].kind == "source"))
    return found


def _filled(text: str | None) -> bool:
    return text is not None and says_something(text)


def _owned(node: Node) -> bool:
    return node.owner is not None and _filled(node.owner.id) and _filled(node.owner.name)


def _gaps(
    edges: Sequence[Edge], nodes: dict[str, Node], ancestry: Sequence[str], paths: dict[str, list[Path]]
) -> list[str]:
    """Where the ancestry breaks off, or something in it lacks what a reader must know of it, in words."""
    inside = set(ancestry)
    made = [edge for edge in edges if edge.to in inside]
    gaps = {
        f"{path.nodes[0]}: not a source system, and nothing upstream of it is known"
        for found in paths.values()
        for path in found
        if not path.complete
    }
    if not paths:
        gaps.add(f"{ancestry[-1]}: nothing upstream of it is known")
    for name in sorted(inside | {edge.run for edge in made if edge.run}):
        node = nodes[name]
        gaps |= {f"{name}: no owner"} if not _owned(node) else set()
        if node.kind in _DATA:
            gaps |= {f"{name}: no {field}" for field in _DESCRIBED if not _filled(getattr(node, field))}
        if node.kind in _DATA and node.personal_data:
            gaps |= {
                f"{name}: personal data, and no {field.replace('_', ' ')}"
                for field in _PERSONAL
                if not getattr(node, field)
            }
    gaps |= {f"{edge.from_} -> {edge.to}: no run is named" for edge in made if edge.kind == "derived" and not edge.run}
    return sorted(gaps)


def _accounts(model: str, apart: Sequence[str]) -> list[str]:
    return [f"{model}: {name} is said to be the same file, and neither was made of the other" for name in apart]


def _duplicates(nodes: dict[str, Node], ancestors: Sequence[str]) -> list[str]:
    """Features whose last name part is that of another feature: one meaning, two definitions."""
    names: dict[str, list[str]] = {}
    for name in ancestors:
        if nodes[name].kind == "feature":
            names.setdefault(name.rsplit("/", 1)[-1], []).append(name)
    return sorted(name for same in names.values() if len(same) > 1 for name in same)


def _feedback(graph: "nx.DiGraph[str]", model: str, nodes: dict[str, Node], ancestors: Sequence[str]) -> list[Path]:
    """Paths on which an output of production comes back to train the model."""
    after = dict(nx.bfs_predecessors(graph.reverse(copy=False), model))
    found, steps = [], 0
    for name in ancestors:
        if nodes[name].kind in ("output", "decision"):
            path = [name]
            while path[-1] != model:
                path.append(after[path[-1]])
            steps += len(path)
            if steps > MAX_PATH_STEPS:
                raise EvidenceError(
                    f"the feedback paths into `{model}` have more than {MAX_PATH_STEPS} steps",
                    hint="leave out edges that say the same twice",
                )
            found.append(Path(nodes=tuple(path), complete=True))
    return found
