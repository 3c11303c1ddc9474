"""Lineage written by hand: a YAML document with `nodes` and `edges`."""

from pathlib import Path

from pydantic import Field, ValidationError

from evidence.lineage.graph import Lineage, LineageNode
from evidence.model.base import Frozen
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import Edge, Node
from evidence.model.record import explain
from evidence.validation.document import read_yaml


class _Node(Node):
    version: str | None = None


class _Document(Frozen):
    nodes: tuple[_Node, ...] = Field(min_length=1)
    edges: tuple[Edge, ...] = ()


def read_document(path: Path, system_id: str | None = None) -> Lineage:
    """The graph of a YAML file. Raises EvidenceError that names file and field, or an edge to an unknown node."""
    values, lines = read_yaml(path)
    try:
        document = _Document.model_validate_json(canonical_bytes(values))
    except ValidationError as cause:
        place = next((lines[loc] for e in cause.errors() for loc in _prefixes(e["loc"]) if loc in lines), 1)
        raise EvidenceError(f"not a lineage document: {explain(cause)}", where=f"{path}:{place}") from None
    known = set()
    for node in document.nodes:
        if node.id in known:
            raise EvidenceError(f"the node `{node.id}` stands twice", where=str(path))
        known.add(node.id)
    for edge in document.edges:
        for end in (edge.from_, edge.to):
            if end not in known:
                raise EvidenceError(
                    f"an edge names the unknown node `{end}`", where=str(path), hint="list it in `nodes`"
                )
    return Lineage(
        nodes=tuple(
            LineageNode(
                node=Node.model_validate(node.model_dump(exclude={"version"}, by_alias=True)),
                version=node.version,
                system_id=system_id,
            )
            for node in document.nodes
        ),
        edges=document.edges,
    )


def _prefixes(place: tuple[int | str, ...]) -> list[tuple[int | str, ...]]:
    """The place and what encloses it, innermost first."""
    return [place[:length] for length in range(len(place), -1, -1)]
