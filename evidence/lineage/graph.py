"""The lineage graph as plain values: what imports bring and what the store keeps."""

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from evidence.model.base import Frozen
from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import Edge, Node


class LineageNode(Frozen):
    """A node with the version of what it stands for and the system that it was imported for."""

    node: Node
    version: str | None = None
    system_id: str | None = None


class Lineage(Frozen):
    """Nodes and edges; an edge points from what was read to what was made of it."""

    nodes: tuple[LineageNode, ...]
    edges: tuple[Edge, ...]

    def merged(self, others: Iterable["Lineage"]) -> "Lineage":
        """One graph of several; where a node comes twice, fields that a later one states win."""
        nodes: dict[str, LineageNode] = {}
        edges: dict[tuple[str, str, str, str | None], Edge] = {}
        for graph in (self, *others):
            for item in graph.nodes:
                nodes[item.node.id] = merge_node(nodes.get(item.node.id), item)
            for edge in graph.edges:
                edges[edge.from_, edge.to, edge.kind, edge.run] = edge
        return Lineage(nodes=tuple(nodes.values()), edges=tuple(edges.values()))


def merge_node(old: LineageNode | None, new: LineageNode) -> LineageNode:
    """`old` with whatever `new` states; `dataset`, the default kind of events, does not overwrite another kind."""
    if old is None:
        return new
    fields = old.node.to_json() | new.node.to_json()
    if new.node.kind == "dataset":
        fields["kind"] = old.node.kind
    return LineageNode(
        node=Node.model_validate(fields, strict=False),
        version=new.version or old.version,
        system_id=new.system_id or old.system_id,
    )


def refuse_cycle(edges: Iterable[tuple[str, str]]) -> None:
    """Raise EvidenceError that names the nodes of a cycle, if the edges (from, to) hold one."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for source, target in edges:
        sorter.add(target, source)
    try:
        sorter.prepare()
    except CycleError as cause:
        nodes = [str(node) for node in cause.args[1]]
        raise EvidenceError(
            f"the lineage has a cycle: {' -> '.join(nodes)}",
            hint="data cannot be made of itself; give each version of a dataset its own node",
        ) from None
