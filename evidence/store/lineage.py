"""The lineage graph in the database: import, closure by recursive SQL, the same on SQLite and PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from evidence.lineage.graph import Lineage, LineageNode, merge_node, refuse_cycle
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import Edge
from evidence.store.database import Database
from evidence.store.lineage_rows import LineageEdgeRow, LineageNodeRow

SMALL_BATCH = 200
"""Up to so many new edges a cycle is looked for from each; above, the whole graph is sorted once."""
_CHUNK = 400


class LineageStore:
    """Nodes and edges of lineage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, lineage: Lineage) -> None:
        """Add a graph to what is there; where a node is known, fields that the new one states win.

        Raises EvidenceError that names the nodes of a cycle; then nothing is added.
        """
        with self._database.begin() as connection:
            known = _nodes(connection, [item.node.id for item in lineage.nodes])
            merged = [merge_node(known.get(item.node.id), item) for item in lineage.nodes]
            merged = list({item.node.id: item for item in merged}.values())
            self._put(
                connection,
                LineageNodeRow,
                [
                    {
                        "id": item.node.id,
                        "system_id": item.system_id or "",
                        "body": canonical_bytes(item.to_json()).decode(),
                    }
                    for item in merged
                ],
                ("system_id", "body"),
            )
            edges = [
                {"source": edge.from_, "target": edge.to, "kind": edge.kind, "run": edge.run or ""}
                for edge in lineage.edges
            ]
            self._put(connection, LineageEdgeRow, edges, ())
            _refuse_cycle(connection, lineage.edges)

    def closure(self, node: str, *, upstream: bool) -> Lineage:
        """Everything above (or below) a node, with the edges between and the runs that they name.

        Raises EvidenceError for a node that is not there.
        """
        with self._database.session() as session:
            connection = session.connection()
            if not _nodes(connection, [node]):
                raise EvidenceError(
                    f"the lineage has no node `{node}`", hint="import it with `quaestor lineage import`"
                )
            edges = _closure_edges(connection, node, upstream=upstream)
            ids = {node, *(edge.from_ for edge in edges), *(edge.to for edge in edges)}
            ids |= {edge.run for edge in edges if edge.run}
            nodes = _nodes(connection, sorted(ids))
        return Lineage(nodes=tuple(nodes[name] for name in sorted(nodes)), edges=tuple(edges))

    def orphans(self, system_id: str) -> list[str]:
        """Nodes of a system that no edge touches or names as its run."""
        edge = LineageEdgeRow
        touched = sa.exists().where(
            sa.or_(
                col(edge.source) == col(LineageNodeRow.id),
                col(edge.target) == col(LineageNodeRow.id),
                col(edge.run) == col(LineageNodeRow.id),
            )
        )
        query = sa.select(LineageNodeRow.id).where(col(LineageNodeRow.system_id) == system_id, ~touched)  # type: ignore[call-overload]
        with self._database.session() as session:
            connection = session.connection()
            return sorted(connection.execute(query).scalars())

    def _put(
        self,
        connection: sa.Connection,
        table: type[LineageNodeRow] | type[LineageEdgeRow],
        rows: Sequence[dict[str, str]],
        updated: tuple[str, ...],
    ) -> None:
        if not rows:
            return
        insert: Any = (sqlite if self._database.dialect == "sqlite" else postgresql).insert(table)
        keys = [column.name for column in sa.inspect(table).primary_key]
        if updated:
            insert = insert.on_conflict_do_update(
                index_elements=keys, set_={name: getattr(insert.excluded, name) for name in updated}
            )
        else:
            insert = insert.on_conflict_do_nothing(index_elements=keys)
        connection.execute(insert, list(rows))


def _nodes(connection: sa.Connection, ids: Sequence[str]) -> dict[str, LineageNode]:
    found = {}
    for start in range(0, len(ids), _CHUNK):
        query = sa.select(
            LineageNodeRow.id, LineageNodeRow.body
        ).where(  # type: ignore[call-overload]
            col(LineageNodeRow.id).in_(ids[start : start + _CHUNK])
        )
        for row in connection.execute(query):
            found[row.id] = LineageNode.model_validate_json(row.body)
    return found


def _closure_edges(connection: sa.Connection, node: str, *, upstream: bool) -> list[Edge]:
    """Edges above or below a node, each once."""
    near, far = ("target", "source") if upstream else ("source", "target")
    # UNION, not UNION ALL: a node reached by two ways is walked once, so cost grows with the closure, not its paths.
    query = sa.text(
        f"WITH RECURSIVE reached(id) AS (SELECT CAST(:node AS TEXT) UNION "  # noqa: S608  (columns of our own)
        f"SELECT e.{far} FROM lineage_edge e JOIN reached r ON e.{near} = r.id) "
        f"SELECT e.source, e.target, e.kind, e.run FROM lineage_edge e JOIN reached r ON e.{near} = r.id "
        f"ORDER BY e.source, e.target, e.kind, e.run"
    )
    return [
        Edge(from_=row.source, to=row.target, kind=row.kind, run=row.run or None)
        for row in connection.execute(query, {"node": node})
    ]


def _refuse_cycle(connection: sa.Connection, edges: Iterable[Edge]) -> None:
    """A new cycle runs through a new edge: look below the target of each, or sort the whole graph once."""
    new = {(edge.from_, edge.to) for edge in edges}
    if len(new) > SMALL_BATCH:
        query = sa.select(LineageEdgeRow.source, LineageEdgeRow.target)  # type: ignore[call-overload]
        refuse_cycle((row.source, row.target) for row in connection.execute(query))
        return
    for target in sorted({target for _, target in new}):
        below = [(edge.from_, edge.to) for edge in _closure_edges(connection, target, upstream=False)]
        reached = {target, *(end for _, end in below)}
        if any(source in reached for source, end in new if end == target):
            refuse_cycle([*below, *new])
