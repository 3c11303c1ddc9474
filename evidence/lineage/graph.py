"""The lineage graph as plain values: what imports bring and what the store keeps.

What is known of a node is kept facet by facet, as OpenLineage has it (https://openlineage.io/docs/spec/facets/): a
facet is replaced as a whole by a later one of its name. So the graph does not depend on the order of the imports, the
same import twice changes nothing, and what a newer statement leaves out is no longer claimed.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from evidence.model.base import Frozen
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import Edge, Node

MAX_ID_BYTES = 800
"""Three of them (from, to, run) are one key, and PostgreSQL's index holds keys of up to 2704 bytes."""
MAX_RUN_EDGES = 100_000
"""Edges that one run may make: its inputs times its outputs."""
_EDGE_TO = {"model": "trained", "deployment": "served", "output": "produced", "decision": "produced"}


class Facet(Frozen):
    """What one source said of a node: the time of saying (UTC, text order is time order) and fields of `Node`.

    Besides those, `version`; and for a run `state` (COMPLETE, FAIL or ABORT).
    """

    at: str
    fields: dict[str, Any]

    @property
    def order(self) -> tuple[str, bytes]:
        """Greater is newer; of two of one instant it is always the same one that wins."""
        return self.at, canonical_bytes(self.fields)


class LineageNode(Frozen):
    """A node with the facets that are known of it, and for a run of events the ids that it read and wrote."""

    id: str
    facets: dict[str, Facet]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> dict[str, Any]:
        """All facets laid over one another, the newest on top."""
        facets = sorted(self.facets.items(), key=lambda item: (item[1].at, item[0]))
        return {key: value for _, facet in facets for key, value in facet.fields.items() if value is not None}

    @cached_property
    def node(self) -> Node:
        """The node as records have it; whatever nobody gave a kind is a dataset."""
        known = {"kind": "dataset"} | {key: self.fields[key] for key in Node.model_fields if key in self.fields}
        return Node.model_validate(known | {"id": self.id}, strict=False)

    @property
    def version(self) -> str | None:
        version: str | None = self.fields.get("version")
        return version

    @property
    def files(self) -> frozenset[str]:
        """Digests of which any source said that the node is this very file; a deployment of a file is none."""
        if self.node.kind == "deployment":
            return frozenset()
        return frozenset(digest for facet in self.facets.values() if (digest := facet.fields.get("digest")))

    @property
    def completed(self) -> bool:
        """Whether an event said that the run completed, and none later that it failed."""
        return self.fields.get("state") == "COMPLETE"

    def merged(self, other: "LineageNode") -> "LineageNode":
        """What both know: the newer facet of each name, everything that either read or wrote."""
        facets = dict(self.facets)
        for name, facet in other.facets.items():
            if name not in facets or facet.order > facets[name].order:
                facets[name] = facet
        return LineageNode(
            id=self.id,
            facets=dict(sorted(facets.items())),
            reads=tuple(sorted({*self.reads, *other.reads})),
            writes=tuple(sorted({*self.writes, *other.writes})),
        )

    def edges(self) -> list[Edge]:
        """The edges that a completed run of events made; a run that failed or still goes on made none.

        A dataset that it read and wrote has an edge to itself: the run changed it in place.

        Their kind follows that of the target, which may be told later: `settled` gives it.
        """
        if not self.completed:
            return []
        if len(self.reads) * len(self.writes) > MAX_RUN_EDGES:
            raise EvidenceError(
                f"the run `{self.id}` reads {len(self.reads)} datasets and writes {len(self.writes)}:"
                f" more than {MAX_RUN_EDGES} edges",
                hint="emit one run for each step",
            )
        return [Edge(from_=old, to=new, kind="derived", run=self.id) for old in self.reads for new in self.writes]


class Lineage(Frozen):
    """Nodes and edges; an edge points from what was read to what was made of it."""

    nodes: tuple[LineageNode, ...]
    edges: tuple[Edge, ...]
    retracted: tuple[Edge, ...] = ()
    """Edges that an import takes back: they were told wrongly. The ledger keeps both imports."""
    left: tuple[str, ...] = ()
    """Nodes that an import takes out of its system, which no edge touches any more."""

    def to_json(self) -> dict[str, Any]:
        """Nodes as records have them, with their versions, and edges."""
        return {
            "nodes": [item.node.to_json() | ({"version": item.version} if item.version else {}) for item in self.nodes],
            "edges": [edge.to_json() for edge in self.edges],
        }


def merged_nodes(nodes: Iterable[LineageNode]) -> dict[str, LineageNode]:
    """One node an id, in the order of first mention."""
    found: dict[str, LineageNode] = {}
    for node in nodes:
        known = found.get(node.id)
        found[node.id] = node if known is None else known.merged(node)
    return found


def merged(parts: Iterable[Lineage]) -> Lineage:
    """Several readings of one graph as one: each node and edge once."""
    nodes: dict[str, LineageNode] = {}
    edges: dict[tuple[str, str, str, str], Edge] = {}
    for part in parts:
        nodes |= {item.id: item for item in part.nodes}
        edges |= {(edge.from_, edge.to, edge.kind, edge.run or ""): edge for edge in part.edges}
    return Lineage(nodes=tuple(nodes[name] for name in sorted(nodes)), edges=tuple(edges[key] for key in sorted(edges)))


def settled(edges: Iterable[Edge], nodes: Mapping[str, LineageNode]) -> list[Edge]:
    """The edges of event runs with the kind that their target asks for: into a model they are `trained`, and so on."""
    result = []
    for edge in edges:
        run = nodes.get(edge.run or "")
        told = run is not None and bool(run.writes)
        kind = _EDGE_TO.get(nodes[edge.to].node.kind, "derived") if told and edge.to in nodes else edge.kind
        result.append(edge if kind == edge.kind else edge.model_copy(update={"kind": kind}))
    return result


def check_id(node: str, where: str | None = None) -> None:
    """Raise EvidenceError for an id that a database or a terminal could not take as it is."""
    shown = node if len(node) <= 60 else f"{node[:60]}…"
    shown = shown.encode("unicode_escape").decode() if not shown.isprintable() else shown
    if not node.strip():
        raise EvidenceError("a node with a blank id", where=where, hint="name it")
    if not all(letter.isprintable() for letter in node):
        raise EvidenceError(
            f"the id `{shown}` holds a character that cannot be printed", where=where, hint="take it out"
        )
    if len(node.encode()) > MAX_ID_BYTES:
        raise EvidenceError(
            f"the id `{shown}` has {len(node.encode())} bytes, more than {MAX_ID_BYTES}", where=where, hint="shorten it"
        )


def in_place(edge: Edge, nodes: Mapping[str, LineageNode]) -> bool:
    """Whether the edge says that a run of events changed a dataset in place."""
    run = nodes.get(edge.run or "")
    return edge.from_ == edge.to and run is not None and edge.to in run.writes and edge.to in run.reads


def refuse_cycle(edges: Iterable[tuple[str, str]]) -> None:
    """Raise EvidenceError that names the nodes of a cycle, if the edges (from, to) hold one."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for source, target in edges:
        sorter.add(target, source)
    try:
        sorter.prepare()
    except CycleError as cause:
        ring = [str(node) for node in cause.args[1]][:-1]
        first = ring.index(min(ring))
        nodes = [*ring[first:], *ring[:first], ring[first]]
        shown = nodes if len(nodes) <= 12 else [*nodes[:6], "…", *nodes[-5:]]
        raise EvidenceError(
            f"the lineage has a cycle: {' -> '.join(shown)}",
            hint="data cannot be made of itself: give each version of a dataset its own node; where an import told "
            "an edge wrongly, take it back with `retract` in a YAML (`quaestor lineage import --help`)",
        ) from None
