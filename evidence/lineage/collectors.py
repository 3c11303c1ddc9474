"""Collectors of lineage: files that tell of it, and the record of what is known of the ancestry of a subject."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from evidence.collector import Collected, Collector, RecordDraft
from evidence.lineage.ancestry import lineage_graph
from evidence.lineage.document import read_document
from evidence.lineage.eventfiles import SUFFIXES, is_packed, read_openlineage
from evidence.lineage.graph import Lineage, merged
from evidence.model.errors import EvidenceError
from evidence.model.subject import Subject, SubjectKind


class OpenLineageEvents:
    """OpenLineage run events: a file of them, or a folder of such files."""

    def collect(self, source: Path) -> Collected:
        return Collected(lineage=read_openlineage(source))


@dataclass(frozen=True)
class LineageDocument:
    """A YAML document of nodes and edges, as said at an instant for a system."""

    system_id: str
    at: datetime

    def collect(self, source: Path) -> Collected:
        return Collected(lineage=read_document(source, self.system_id, at=self.at))


def lineage_files(path: Path, system_id: str, *, at: datetime) -> Collector[Path]:
    """The collector that reads what lies at `path`. Raises EvidenceError where none does."""
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml") and not path.is_dir():
        return LineageDocument(system_id, at)
    if suffix in SUFFIXES or is_packed(path) or path.is_dir():
        return OpenLineageEvents()
    raise EvidenceError(
        "neither YAML nor OpenLineage JSON",
        where=str(path),
        hint="give a .yaml, .json, .jsonl or .ndjson file, or a folder of event files",
    )


class Ancestry(Protocol):
    """What keeps the lineage graph."""

    def family(self, node: str) -> Lineage: ...

    def orphans(self, system_id: str) -> list[str]: ...

    def of_digest(self, digest: str) -> list[str]: ...


_KINDS = {SubjectKind.DATASET: ("dataset", "source")}
"""The kinds of node that stand for a subject, where it is no model."""


@dataclass(frozen=True)
class SubjectAncestry:
    """The `lineage-graph` record of a model version or dataset; the source is the node that stands for it.

    Other nodes of the same digest are the same file: their ancestry is told too, whichever of them is named.
    """

    graph: Ancestry
    subject: Subject
    at: datetime
    said: tuple[str, ...] = ()
    """Nodes of which somebody once said that they are this file, whatever the graph says of them now."""

    def collect(self, source: str) -> Collected:
        """Raises EvidenceError where the node is of another kind, or its digest is not that of the subject."""
        subject = self.subject
        twins = sorted({*self.graph.of_digest(subject.digest), *self.said} - {source})
        family = merged([self.graph.family(node) for node in (source, *twins)])
        kinds, orphans = _KINDS.get(subject.kind, ("model",)), self.graph.orphans(subject.system_id)
        content = lineage_graph(family, source, kinds=kinds, twins=twins, orphans=orphans)
        known = content.node_digests.get(source)
        if known is None:
            hint = f"give the node `digest: {subject.digest}`, in the YAML or the `quaestor` facet, and import it again"
            raise EvidenceError(
                f"the node `{source}` has no digest, so nothing says that it is {subject.name}", hint=hint
            )
        if known != subject.digest:
            raise EvidenceError(
                f"the node `{source}` has digest {known}, and {subject.name} has {subject.digest}",
                hint="name the node of this very file, or the subject that the node stands for",
            )
        return Collected(records=(RecordDraft.on(subject, content, self.at, source="lineage"),))
