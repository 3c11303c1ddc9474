"""What was made of data, by the lineage, and of what; and the records about it: for an erasure and what holds it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evidence.lineage.graph import Lineage
from evidence.model.canonical import canonical_bytes
from evidence.model.notes import LineageImport, read_note
from evidence.model.own import model_of
from evidence.model.predicates.values import Node
from evidence.model.record import Record, read_record
from evidence.model.subject import Subject, SubjectKind, system_digest
from evidence.snapshot.view import View
from evidence.store.lineage_check import require_lineage
from integrations.app.moment import Moment
from integrations.app.records import statement_of
from integrations.app.session import Session


@dataclass(frozen=True)
class Descent:
    """Nodes of the lineage from where an erasure starts down to all that was made of it."""

    starts: tuple[str, ...]
    nodes: tuple[Node, ...]
    """All of them by id, the starts and the runs too."""
    files: dict[str, tuple[str, ...]]
    """What records are about: digests that any source ever said a node to be the file of, with these nodes; and those
    that the erasure starts from."""
    start_files: tuple[str, ...]
    """Digests that it starts from."""
    systems: dict[str, tuple[str, ...]]
    """Systems that a node was told of for, by node."""


def digests_of(record: Record) -> tuple[str, ...]:
    """What a record is about: its subjects, and what its content names as that; not its system as a whole."""
    fields = {record.content.get(field) for field in model_of(record.type).ABOUT.values()}
    named = {*record.subject, *(value for value in fields if isinstance(value, str))}
    return tuple(sorted(named - {system_digest(record.envelope.system_id)}))


@dataclass(frozen=True)
class Origins:
    """What files were made of, with themselves: a hold on any of it holds them."""

    nodes: tuple[str, ...]
    files: tuple[str, ...]
    systems: tuple[str, ...]
    """Systems that the lineage was told for."""
    tellers: tuple[str, ...]
    """Systems that hold a record about one of them."""


class Kinship:
    """The lineage, read once. Nodes of one file are one thing, whatever they are called.

    Raises StoreError where the lineage tables are not those that the ledger's imports give: somebody may hide there
    what was made of the data, or a hold on what it was made of.
    """

    def __init__(self, session: Session, moment: Moment) -> None:
        require_lineage(session.store)
        self._session, self._moment = session, moment
        self._graph, self._said = session.store.lineage, _files(session)
        self._origins: dict[tuple[str, ...], Origins] = {}
        self._tellers: dict[str, set[str]] = {}

    def descent(self, *, node: str | None = None, digests: Iterable[str] = ()) -> Descent:
        """All that was made of a node, or of files. Raises EvidenceError for a node that is not there."""
        begun, said = set(digests), self._said
        starts = self._nodes_of(begun) | ({node} if node is not None else set())
        begun |= {digest for digest, same in said.items() if starts & set(same)}
        nodes = self._reached(starts, upstream=False)
        files = {digest: tuple(n for n in same if n in nodes) for digest, same in said.items()}
        about = {digest: same for digest, same in files.items() if same}
        return Descent(
            starts=tuple(sorted(starts)),
            nodes=tuple(nodes[name] for name in sorted(nodes)),
            files=about | {digest: files.get(digest, ()) for digest in sorted(begun)},
            start_files=tuple(sorted(begun)),
            systems=self._graph.systems(nodes),
        )

    def origins(self, digests: Iterable[str], starts: Iterable[str] = ()) -> Origins:
        """What the files of these digests and these nodes were made of, wherever an erasure begins."""
        asked = (*sorted(set(digests)), "", *sorted(set(starts)))
        if asked not in self._origins:
            nodes = self._reached({*self._nodes_of(digests), *starts}, upstream=True)
            files = {digest for digest, same in self._said.items() if nodes.keys() & set(same)} | set(digests)
            systems = {name for told in self._graph.systems(nodes).values() for name in told}
            tellers = {name for digest in files for name in self.systems_of(digest)}
            self._origins[asked] = Origins(
                *(tuple(sorted(some)) for some in (nodes, files, systems, tellers)),
            )
        return self._origins[asked]

    def systems_of(self, digest: str) -> set[str]:
        """Systems that hold a record about a digest."""
        if digest not in self._tellers:
            self._tellers[digest] = _systems_of(self._session, self._moment, digest)
        return self._tellers[digest]

    def _nodes_of(self, digests: Iterable[str]) -> set[str]:
        return {name for digest in digests for name in self._said.get(digest, ())}

    def _reached(self, starts: Iterable[str], *, upstream: bool) -> dict[str, Node]:
        nodes: dict[str, Node] = {}
        left = sorted(starts)
        while left:
            name = left.pop()
            if name not in nodes:
                nodes |= {item.id: item.node for item in self._graph.closure(name, upstream=upstream).nodes}
                twins = (twin for same in self._said.values() if nodes.keys() & set(same) for twin in same)
                left += [twin for twin in twins if twin not in nodes]
        return nodes


def records_about(moment: Moment, kin: Kinship, made: Descent) -> tuple[list[Record], list[tuple[str, str]]]:
    """The records about what was made, in whatever system they lie; and of those that were erased id and system.

    They come out of the ledger's map, proved whole: whoever hides a record from an erasure is noticed.
    """
    systems = {name for told in made.systems.values() for name in told}
    for digest in made.files:
        systems |= kin.systems_of(digest)
    found: list[Record] = []
    gone: list[tuple[str, str]] = []
    for system_id in sorted(systems):
        view = moment.view(system_id)
        for leaf in view.holdings.of("record"):
            if leaf.id in view.erased:
                gone += [(leaf.id, system_id)] if made.files.keys() & set(leaf.subjects) else []
                continue
            record = read_record(view.open(leaf)[0], where=f"record {leaf.id}")
            if made.files.keys() & set(digests_of(record)):
                found.append(record)
    return found, gone


def _systems_of(session: Session, moment: Moment, digest: str) -> set[str]:
    subject = Subject(kind=SubjectKind.DATASET, name=digest, digest=digest, system_id="")
    holdings = session.store.holdings(digest, "")
    view = View(holdings, session.store.payload, subject, moment.at, instant_chosen=False)
    entries = (leaf for leaf in holdings.entries if leaf.kind == "record" and digest in leaf.subjects)
    opened = (view.open(leaf)[0] for leaf in entries if leaf.id not in view.erased)
    return {str(statement.predicate.get("system_id", "")) for statement in opened} - {""}


def _files(session: Session) -> dict[str, tuple[str, ...]]:
    """Digests and the nodes of which some import said that they are that file.

    By the ledger: the graph keeps the newest word alone, so that a node could be told to be another file just before.
    """
    found: dict[str, set[str]] = {}
    for told in _imports(session):
        for item in told.nodes:
            for digest in item.files:
                found.setdefault(digest, set()).add(item.id)
    return {digest: tuple(sorted(found[digest])) for digest in sorted(found)}


def _imports(session: Session) -> Iterator[Lineage]:
    for stored in session.store.find(kind="lineage"):
        note = read_note(statement_of(stored), where=f"lineage {stored.id}")
        if isinstance(note, LineageImport):
            yield Lineage.model_validate_json(canonical_bytes(note.lineage))
