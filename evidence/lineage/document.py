"""Lineage written by hand: a YAML document with `nodes` and `edges`."""

from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evidence.lineage.graph import Facet, Lineage, LineageNode, check_id
from evidence.model.base import Frozen, format_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import refusal
from evidence.model.predicates.values import Edge, Node
from evidence.model.schemas import file_schema
from evidence.model.yaml import read_mapping

_ENDS_AT = {"trained": ("model",), "served": ("deployment",), "read": ("run", "deployment")}
_STARTS_AT = {"produced": ("run", "model", "deployment")}


class _Node(Node):
    version: str | None = None


class _Retract(Frozen):
    """What an earlier import told wrongly: edges as they were told, and nodes that are none of the system's."""

    edges: tuple[Edge, ...] = ()
    nodes: tuple[str, ...] = ()


class _Document(Frozen):
    nodes: tuple[_Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    retract: _Retract = _Retract()


def document_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a document."""
    return {**file_schema(_Document), "title": "LineageDocument"}


def read_document(path: Path, system_id: str, *, at: datetime) -> Lineage:
    """The graph of a YAML file, as said at the instant `at` for a system.

    The document describes its nodes as a whole: what an earlier one of the same system said of a node, and this one
    leaves out, is taken back. Raises EvidenceError with file and line for a field that does not fit, an edge or run
    that names an unknown node, and an edge whose kind does not fit the nodes that it joins.
    """
    values, lines = read_mapping(path, hint="start with `nodes:`")
    try:
        document = _Document.model_validate_json(canonical_bytes(values))
    except ValidationError as cause:
        hint = "the fields of a lineage document: `quaestor lineage schema`"
        raise refusal(cause, what="the lineage document", where=str(path), lines=lines.lines, hint=hint) from None
    if not (document.nodes or document.retract.edges or document.retract.nodes):
        raise EvidenceError(
            "`nodes` has no entry", where=f"{path}:1", hint="tell of nodes, or take back with `retract`"
        )
    kinds: dict[str, str] = {}
    for number, node in enumerate(document.nodes):
        where = f"{path}:{lines.line(('nodes', number, 'id'))}"
        check_id(node.id, where)
        if node.id in kinds:
            raise EvidenceError(f"the node `{node.id}` stands twice", where=where, hint="keep one of them")
        kinds[node.id] = node.kind
    for number, edge in enumerate(document.edges):
        _check_edge(edge, kinds, f"{path}:{lines.line(('edges', number))}")
    said = format_instant(at)
    nodes = tuple(
        LineageNode(
            id=node.id,
            facets={f"document of {system_id}": Facet(at=said, fields=_fields(node))},
        )
        for node in document.nodes
    )
    both = set(document.edges) & set(document.retract.edges)
    if both:
        where = f"{path}:{lines.line(('retract', 'edges'))}"
        raise EvidenceError("an edge is told and taken back", where=where, hint="leave it out of one of both lists")
    retract = document.retract
    return Lineage(nodes=nodes, edges=document.edges, retracted=retract.edges, left=retract.nodes)


def _fields(node: _Node) -> dict[str, object]:
    return {name: value for name, value in node.to_json().items() if name != "id"}


def _check_edge(edge: Edge, kinds: dict[str, str], where: str) -> None:
    """A kind that does not fit would pass a step off as one that needs no run, or whose run nobody described."""
    for end in (edge.from_, edge.to):
        if end not in kinds:
            raise EvidenceError(f"an edge names the unknown node `{end}`", where=where, hint="list it in `nodes`")
    if edge.run is not None and kinds.get(edge.run) != "run":
        found = f"a {kinds[edge.run]}" if edge.run in kinds else "no node of the document"
        raise EvidenceError(
            f"an edge names the run `{edge.run}`, which is {found}",
            where=where,
            hint="list it in `nodes` with `kind: run`",
        )
    for fitting, end, word in ((_ENDS_AT, edge.to, "ends"), (_STARTS_AT, edge.from_, "starts")):
        allowed = fitting.get(edge.kind, ())
        if allowed and kinds[end] not in allowed:
            raise EvidenceError(
                f"an edge of kind `{edge.kind}` {word} at `{end}`, which is a {kinds[end]}",
                where=where,
                hint=f"it {word} at a {' or '.join(allowed)}; data made of data are `derived`",
            )
