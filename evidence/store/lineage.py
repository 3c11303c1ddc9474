"""The lineage graph in the database: import, closure by recursive SQL, the same on SQLite and PostgreSQL."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from evidence.lineage.graph import Lineage, LineageNode, check_id, in_place, merged_nodes, refuse_cycle, settled
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError, StoreError
from evidence.model.predicates.values import Edge
from evidence.store.database import Database
from evidence.store.lineage_rows import LineageEdgeRow, LineageMemberRow, LineageNodeRow

_APART = col(LineageEdgeRow.source) != col(LineageEdgeRow.target)
"""All edges but those of changes in place, which are no cycles; no other edge to itself gets in."""
SMALL_BATCH = 200
"""Up to so many edges a cycle is looked for below them; of more, the whole graph is sorted once."""
MAX_CLOSURE_EDGES = 500_000
_CHUNK = 400
_ROWS = 5_000
# Any number will do, so long as all of Quaestor's processes take the same one.
_LOCK = 0x4C696E65


class LineageStore:
    """Nodes and edges of lineage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, lineage: Lineage, system_id: str) -> tuple[int, int]:
        """Add a graph of a system to what is there; the numbers of nodes and edges that it tells of.

        Of each node the newer facet of a name stays. Runs of events make their edges once they are known to have
        completed, from whatever this import and earlier ones know of them; where one turns out to have failed, its
        edges go. What the graph takes back goes first. Raises EvidenceError for an id that cannot be kept, an edge to
        an unknown node, a cycle, whose nodes it names, and what cannot be taken back; then nothing is changed.
        """
        with self._database.begin() as connection:
            return self.write(connection, lineage, system_id)

    def write(self, connection: sa.Connection, lineage: Lineage, system_id: str) -> tuple[int, int]:
        """`add` within a transaction of the caller's, which is to be undone where this raises."""
        told = merged_nodes(lineage.nodes)
        for name in told:
            check_id(name)
        if self._database.dialect == "postgresql":
            # Two imports at once, each blind to the other, could each add half of a cycle.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _retract(connection, lineage, system_id)
        known = _nodes(connection, sorted(told))
        nodes = {name: known[name].merged(node) if name in known else node for name, node in told.items()}
        edges = [*lineage.edges, *(edge for node in nodes.values() for edge in node.edges())]
        _require_nodes(connection, edges, nodes)
        changed = [node for name, node in nodes.items() if node != known.get(name)]
        rows = ({"id": node.id, "body": canonical_bytes(node.model_dump(mode="json")).decode()} for node in changed)
        self._put(connection, LineageNodeRow, rows, ("body",))
        members = ({"system_id": system_id, "node": name} for name in nodes)
        self._put(connection, LineageMemberRow, members, ())
        _drop_edges(connection, [node.id for node in changed if node.writes and not node.completed])
        kept = ({"source": e.from_, "target": e.to, "kind": e.kind, "run": e.run or ""} for e in edges)
        self._put(connection, LineageEdgeRow, kept, ())
        _refuse_cycle(connection, [edge for edge in edges if not in_place(edge, nodes)])
        return len(nodes), len(edges)

    def hidden_by(self, lineage: Lineage) -> list[str]:
        """What was told of nodes and would be known no more once this is added, in words.

        Looked at is what others must hear of: that something holds personal data, and a licence.
        """
        told = merged_nodes(lineage.nodes)
        with self._database.reading() as connection:
            known = _nodes(connection, sorted(told))
        gone = []
        for name, before in known.items():
            old, new = before.node, before.merged(told[name]).node
            was_data, is_data = (item.kind in ("source", "dataset") for item in (old, new))
            if set(old.personal_data or ()) - set(new.personal_data or ()) or (
                old.personal_data and was_data > is_data
            ):
                gone.append(f"the personal data of `{name}`")
            if old.licence and old.licence != new.licence:
                gone.append(f"the licence of `{name}`")
        return sorted(gone)

    def closure(self, node: str, *, upstream: bool) -> Lineage:
        """Everything above (or below) a node, with the edges between and the runs that they name.

        Raises EvidenceError for a node that is not there, and where more than MAX_CLOSURE_EDGES edges are reached.
        """
        with self._database.reading() as connection:
            if not _nodes(connection, [node]):
                raise EvidenceError(
                    f"the lineage has no node `{node}`",
                    hint="look for it with `quaestor lineage list`, or import it with `quaestor lineage import`",
                )
            edges = _closure_edges(connection, node, upstream=upstream)
            ids = {node, *(edge.from_ for edge in edges), *(edge.to for edge in edges)}
            ids |= {edge.run for edge in edges if edge.run}
            nodes = _nodes(connection, sorted(ids))
        return Lineage(nodes=tuple(nodes[name] for name in sorted(nodes)), edges=tuple(settled(edges, nodes)))

    def family(self, node: str) -> Lineage:
        """Everything above and below a node. Raises EvidenceError as `closure` does."""
        above, below = self.closure(node, upstream=True), self.closure(node, upstream=False)
        nodes = {item.id: item for item in (*above.nodes, *below.nodes)}
        return Lineage(nodes=tuple(nodes[name] for name in sorted(nodes)), edges=(*above.edges, *below.edges))

    def members(self, system_id: str) -> Iterator[LineageNode]:
        """The nodes that were imported for a system, by id."""
        query = sa.select(LineageMemberRow.node).where(col(LineageMemberRow.system_id) == system_id)  # type: ignore[call-overload]
        with self._database.reading() as connection:
            ids = sorted(connection.execute(query).scalars())
            for start in range(0, len(ids), _CHUNK):
                found = _nodes(connection, ids[start : start + _CHUNK])
                yield from (found[name] for name in sorted(found))

    def systems(self, nodes: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The systems that each node was imported for, by node."""
        member, named = LineageMemberRow, sorted(set(nodes))
        found: dict[str, list[str]] = {}
        with self._database.reading() as connection:
            for start in range(0, len(named), _CHUNK):
                chunk = col(member.node).in_(named[start : start + _CHUNK])
                query = sa.select(member.node, member.system_id).where(chunk)  # type: ignore[call-overload]
                for row in connection.execute(query):
                    found.setdefault(row.node, []).append(row.system_id)
        return {name: tuple(sorted(systems)) for name, systems in found.items()}

    def orphans(self, system_id: str) -> list[str]:
        """Nodes of a system that no edge touches; a run that made nothing is none."""
        edge, member = LineageEdgeRow, LineageMemberRow
        touched = sa.or_(
            sa.exists().where(col(edge.source) == col(member.node)),
            sa.exists().where(col(edge.target) == col(member.node)),
        )
        query = sa.select(member.node).where(col(member.system_id) == system_id, ~touched)  # type: ignore[call-overload]
        with self._database.reading() as connection:
            found = _nodes(connection, sorted(connection.execute(query).scalars()))
        return sorted(name for name, item in found.items() if item.node.kind != "run")

    def of_digest(self, digest: str) -> list[str]:
        """Nodes of which any source ever said that they are the file of this digest, but for deployments of it, by id.

        The system for which they were imported does not matter: it is one file.
        """
        # A digest holds no character that LIKE reads as a pattern.
        query = sa.select(LineageNodeRow.id).where(col(LineageNodeRow.body).contains(digest))  # type: ignore[call-overload]
        with self._database.reading() as connection:
            found = _nodes(connection, sorted(connection.execute(query).scalars()))
        return sorted(name for name, item in found.items() if digest in item.files)

    def _put(
        self,
        connection: sa.Connection,
        table: type[LineageNodeRow] | type[LineageEdgeRow] | type[LineageMemberRow],
        rows: Iterable[dict[str, str]],
        updated: tuple[str, ...],
    ) -> None:
        """Insert rows, a few thousand at a time; where the key is there already, overwrite `updated`."""
        insert: Any = (sqlite if self._database.dialect == "sqlite" else postgresql).insert(table)
        keys = [column.name for column in sa.inspect(table).primary_key]
        if updated:
            insert = insert.on_conflict_do_update(
                index_elements=keys, set_={name: getattr(insert.excluded, name) for name in updated}
            )
        else:
            insert = insert.on_conflict_do_nothing(index_elements=keys)
        batch: list[dict[str, str]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _ROWS:
                connection.execute(insert, batch)
                batch = []
        if batch:
            connection.execute(insert, batch)


def _nodes(connection: sa.Connection, ids: Sequence[str]) -> dict[str, LineageNode]:
    found = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = col(LineageNodeRow.id).in_(ids[start : start + _CHUNK])
        query = sa.select(LineageNodeRow.id, LineageNodeRow.body).where(chunk)  # type: ignore[call-overload]
        for row in connection.execute(query):
            try:
                found[row.id] = LineageNode.model_validate_json(row.body)
            except ValidationError:
                raise StoreError(
                    f"the lineage node `{row.id}` is damaged", hint="restore the database from a backup"
                ) from None
    return found


def _require_nodes(connection: sa.Connection, edges: Iterable[Edge], nodes: dict[str, LineageNode]) -> None:
    """Raise EvidenceError for an edge whose end or run neither the import nor the store knows."""
    named = {name for edge in edges for name in (edge.from_, edge.to, edge.run) if name and name not in nodes}
    unknown = named - _nodes(connection, sorted(named)).keys()
    if unknown:
        raise EvidenceError(f"an edge names the unknown node `{min(unknown)}`", hint="import the node with it")


def _retract(connection: sa.Connection, lineage: Lineage, system_id: str) -> None:
    """Take back edges between nodes of the system, then nodes that no edge touches. Raises EvidenceError.

    What a run of events made is told again by its events: not here, but where they come from, it is mended.
    """
    member, edge = LineageMemberRow, LineageEdgeRow
    named = sorted({*lineage.left, *(name for item in lineage.retracted for name in (item.from_, item.to))})
    query = sa.select(member.node).where(col(member.system_id) == system_id, col(member.node).in_(named))  # type: ignore[call-overload]
    ours = set(connection.execute(query).scalars()) if named else set()
    if absent := [name for name in named if name not in ours]:
        hint = f"the nodes of the system: `quaestor lineage list --system {system_id}`"
        raise EvidenceError(f"`{absent[0]}` is no node of `{system_id}`, so nothing of it is taken back", hint=hint)
    runs = _nodes(connection, sorted({item.run for item in lineage.retracted if item.run}))
    for item in lineage.retracted:
        if item.run in runs and runs[item.run].writes:
            hint = "emit an event that says what the run read and wrote, or that it failed, and import that"
            raise EvidenceError(f"the edge {item.from_} -> {item.to} is of the run of events `{item.run}`", hint=hint)
        key = {"source": item.from_, "target": item.to, "kind": item.kind, "run": item.run or ""}
        same = sa.and_(*(col(getattr(edge, name)) == value for name, value in key.items()))
        if connection.execute(sa.delete(edge).where(same)).rowcount == 0:
            hint = (
                "give it as it was told, with `kind` and, where it had one, `run`: `quaestor lineage trace NODE --json`"
            )
            raise EvidenceError(f"there is no edge {item.from_} -> {item.to} of kind `{item.kind}`", hint=hint)
    for name in lineage.left:
        touches = sa.or_(col(edge.source) == name, col(edge.target) == name, col(edge.run) == name)
        if connection.execute(sa.select(sa.exists().where(touches))).scalar():
            hint = "take its edges back too, in the same `retract`"
            raise EvidenceError(f"the node `{name}` still has edges", hint=hint)
        gone = sa.and_(col(member.system_id) == system_id, col(member.node) == name)
        connection.execute(sa.delete(member).where(gone))


def _drop_edges(connection: sa.Connection, runs: Sequence[str]) -> None:
    for start in range(0, len(runs), _CHUNK):
        connection.execute(sa.delete(LineageEdgeRow).where(col(LineageEdgeRow.run).in_(runs[start : start + _CHUNK])))


def _reached(near: str, far: str) -> str:
    """A common table `reached` of :start and whatever the edges lead to from there."""
    # UNION, not UNION ALL: a node reached by two ways is walked once, so cost grows with the closure, not its paths.
    return (
        "WITH RECURSIVE reached(id) AS (SELECT id FROM lineage_node WHERE id IN :start UNION "  # noqa: S608  (columns of our own)
        f"SELECT e.{far} FROM lineage_edge e JOIN reached r ON e.{near} = r.id)"
    )


def _walk_by_index(connection: sa.Connection) -> None:
    """For this transaction PostgreSQL looks each step of a walk up in an index.

    It cannot know how far a recursion goes, and would read the whole table at every step of a deep one.
    """
    if connection.dialect.name == "postgresql":
        for way in ("seqscan", "hashjoin", "mergejoin"):
            connection.execute(sa.text(f"SET LOCAL enable_{way} = off"))


def _closure_edges(connection: sa.Connection, node: str, *, upstream: bool) -> list[Edge]:
    """Edges above or below a node, each once. Raises EvidenceError where there are too many to hold."""
    near, far = ("target", "source") if upstream else ("source", "target")
    query = sa.text(
        f"{_reached(near, far)} SELECT e.source, e.target, e.kind, e.run "  # noqa: S608  (columns of our own)
        f"FROM lineage_edge e JOIN reached r ON e.{near} = r.id LIMIT :most"
    ).bindparams(sa.bindparam("start", expanding=True))
    _walk_by_index(connection)
    rows = connection.execute(query, {"start": [node], "most": MAX_CLOSURE_EDGES + 1}).all()
    if len(rows) > MAX_CLOSURE_EDGES:
        raise EvidenceError(f"more than {MAX_CLOSURE_EDGES} edges {'above' if upstream else 'below'} `{node}`")
    # Sorted here and not by the database, whose collation may be another on another machine.
    return [Edge(from_=row[0], to=row[1], kind=row[2], run=row[3] or None) for row in sorted(map(tuple, rows))]


def _refuse_cycle(connection: sa.Connection, edges: Iterable[Edge]) -> None:
    """A new cycle runs through a new edge: sort what lies below the new edges, or, of many, the whole graph."""
    new = {(edge.from_, edge.to) for edge in edges}
    refuse_cycle(pair for pair in new if pair[0] == pair[1])
    if len(new) > SMALL_BATCH:
        whole = sa.select(LineageEdgeRow.source, LineageEdgeRow.target).where(_APART)  # type: ignore[call-overload]
        refuse_cycle((row.source, row.target) for row in connection.execute(whole))
        return
    query = sa.text(_reached("source", "target") + " SELECT id FROM reached").bindparams(  # noqa: S608  (columns of our own)
        sa.bindparam("start", expanding=True)
    )
    _walk_by_index(connection)
    below = set(connection.execute(query, {"start": sorted({target for _, target in new})}).scalars()) if new else set()
    if any(source in below for source, _ in new):
        refuse_cycle(_edges_between(connection, sorted(below)))


def _edges_between(connection: sa.Connection, nodes: Sequence[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(nodes), _CHUNK):
        chunk = col(LineageEdgeRow.source).in_(nodes[start : start + _CHUNK])
        query = sa.select(LineageEdgeRow.source, LineageEdgeRow.target).where(chunk, _APART)  # type: ignore[call-overload]
        for row in connection.execute(query):
            yield row.source, row.target
