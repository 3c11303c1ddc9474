"""Use cases of lineage: import it, and file what is known of one model's ancestry."""

from datetime import datetime
from pathlib import Path

from evidence.store.records import RecordStore

from evidence.lineage.document import read_document
from evidence.lineage.facts import lineage_graph
from evidence.lineage.openlineage import read_openlineage
from evidence.model.errors import QuaestorError
from integrations.records import Filed, add_record, find_subject
from integrations.workspace import Workspace


def import_path(
    workspace: Workspace, store: RecordStore, path: Path, system_id: str, *, at: datetime
) -> tuple[int, int]:
    """Import a YAML document or OpenLineage events; the numbers of nodes and edges read. Raises QuaestorError."""
    if path.suffix in (".yaml", ".yml"):
        lineage = read_document(path, system_id)
    elif path.is_dir() or path.suffix in (".json", ".jsonl", ".ndjson"):
        lineage = read_openlineage(path, system_id)
    else:
        raise QuaestorError(
            "neither YAML nor OpenLineage JSON", where=str(path), hint="use .yaml, .json, .jsonl or a folder"
        )
    store.lineage.add(lineage)
    del workspace, at
    return len(lineage.nodes), len(lineage.edges)


def file_lineage_graph(
    workspace: Workspace, store: RecordStore, node: str, subject_text: str, *, at: datetime
) -> Filed:
    """File the lineage-graph record of the model that `node` stands for.

    Raises QuaestorError where the node's digest, if it has one, is not that of the subject.
    """
    subject = find_subject(store, subject_text)
    found = store.lineage.closure(node, upstream=True)
    content = lineage_graph(found, node, orphans=store.lineage.orphans(subject.system_id))
    known = content.node_digests.get(node)
    if known != subject.digest:
        raise QuaestorError(
            f"the node `{node}` has digest {known or 'none'}, and {subject.name} has {subject.digest}",
            hint="the node of a model carries the digest of its file",
        )
    return add_record(
        workspace, store, content, {subject.name: subject.digest}, system_id=subject.system_id, at=at, source="lineage"
    )
