"""From the ancestry of one model to the `lineage-graph` record that policies judge.

The graph is small by then: the store gives the closure of one model, and networkx walks it.
"""

from collections.abc import Sequence

import networkx as nx

from evidence.lineage.graph import Lineage
from evidence.model.errors import EvidenceError
from evidence.model.predicates.data import LineageGraph
from evidence.model.predicates.values import ComponentRef, Edge, Node, Path

MAX_NODES = 20_000
_DATA = ("source", "dataset", "feature")


def lineage_graph(
    lineage: Lineage,
    model: str,
    *,
    orphans: Sequence[str] = (),
    components: Sequence[ComponentRef] = (),
) -> LineageGraph:
    """The `lineage-graph` of the model node `model` from its closure (ancestors and descendants, with their edges).

    `orphans` are the nodes of the system without an edge. Raises EvidenceError where the model is not in the
    graph or the closure is larger than a record may be.
    """
    nodes = {item.node.id: item.node for item in lineage.nodes}
    if model not in nodes:
        raise EvidenceError(f"the lineage has no node `{model}`", hint="import it with `quaestor lineage import`")
    if len(nodes) > MAX_NODES:
        raise EvidenceError(f"the lineage of `{model}` has {len(nodes)} nodes, more than the {MAX_NODES} of a record")
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(nodes))
    graph.add_edges_from(sorted((edge.from_, edge.to) for edge in lineage.edges))
    ancestors = sorted(nx.ancestors(graph, model))
    inputs = _inputs(graph, model, nodes, ancestors)
    paths = {name: _paths(graph, name, nodes) for name in inputs}
    complete = [name for name in inputs if paths[name] and all(path.complete for path in paths[name])]
    return LineageGraph(
        nodes=tuple(nodes[name] for name in sorted(nodes)),
        edges=tuple(sorted(lineage.edges, key=lambda e: (e.from_, e.to, e.kind, e.run or ""))),
        node_versions={item.node.id: item.version for item in lineage.nodes if item.version},
        node_digests={name: node.digest for name, node in sorted(nodes.items()) if node.digest},
        source_paths={name: tuple(paths[name]) for name in inputs},
        complete_path_share=round(len(complete) / len(inputs), 6) if inputs else 0.0,
        gaps=tuple(_gaps(lineage.edges, nodes, ancestors, paths)),
        orphan_nodes=tuple(sorted(orphans)),
        unowned_nodes=tuple(name for name in (*ancestors, model) if nodes[name].owner is None),
        duplicate_features=tuple(_duplicates(nodes, ancestors)),
        upstream_components=tuple(components),
        changes=(),
        feedback_paths=tuple(_feedback(graph, model, nodes)),
        person_level_outputs=tuple(sorted(name for name, node in nodes.items() if node.kind == "decision")),
        cross_context_uses=(),
    )


def _inputs(graph: "nx.DiGraph[str]", model: str, nodes: dict[str, Node], ancestors: Sequence[str]) -> list[str]:
    """The model's inputs: its features where the lineage knows them, else the data that it was trained on directly."""
    features = [name for name in ancestors if nodes[name].kind == "feature"]
    return features or sorted(name for name in graph.predecessors(model) if nodes[name].kind in _DATA)


def _paths(graph: "nx.DiGraph[str]", name: str, nodes: dict[str, Node]) -> list[Path]:
    """The shortest path from each root above `name`, source first; complete where the root is a source system."""
    above = sorted(nx.ancestors(graph, name)) or [name]
    roots = [node for node in above if graph.in_degree(node) == 0]
    return [
        Path(nodes=tuple(nx.shortest_path(graph, root, name)), complete=nodes[root].kind == "source") for root in roots
    ]


def _gaps(
    edges: Sequence[Edge], nodes: dict[str, Node], ancestors: Sequence[str], paths: dict[str, list[Path]]
) -> list[str]:
    """Where the ancestry breaks off, or an ancestor lacks what a reader must know of it, in words."""
    inside = set(ancestors)
    gaps = {
        f"{path.nodes[0]}: not a source system, and nothing upstream of it is known"
        for found in paths.values()
        for path in found
        if not path.complete
    }
    for name in ancestors:
        node = nodes[name]
        if node.kind in ("source", "dataset"):
            gaps |= {
                f"{name}: no {field}" for field in ("owner", "origin", "licence", "purpose") if not getattr(node, field)
            }
    gaps |= {
        f"{edge.from_} -> {edge.to}: no run is named"
        for edge in edges
        if edge.kind == "derived" and not edge.run and edge.from_ in inside
    }
    return sorted(gaps)


def _duplicates(nodes: dict[str, Node], ancestors: Sequence[str]) -> list[str]:
    """Features whose last name part is that of another feature: one meaning, two definitions."""
    names: dict[str, list[str]] = {}
    for name in ancestors:
        if nodes[name].kind == "feature":
            names.setdefault(name.rsplit("/", 1)[-1], []).append(name)
    return sorted(name for same in names.values() if len(same) > 1 for name in same)


def _feedback(graph: "nx.DiGraph[str]", model: str, nodes: dict[str, Node]) -> list[Path]:
    """Paths on which an output of production comes back to train the model."""
    outputs = sorted(name for name in nx.ancestors(graph, model) if nodes[name].kind in ("output", "decision"))
    return [Path(nodes=tuple(nx.shortest_path(graph, name, model)), complete=True) for name in outputs]
