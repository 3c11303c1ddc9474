"""Use cases of lineage: import it, and file what is known of one model's ancestry."""

from datetime import datetime
from pathlib import Path

from evidence.lineage.ancestry import lineage_graph
from evidence.lineage.document import read_document
from evidence.lineage.eventfiles import SUFFIXES, is_packed, read_openlineage
from evidence.model.errors import QuaestorError
from evidence.model.subject import SubjectKind
from evidence.store.records import RecordStore
from integrations.app.records import Filed, add_record, find_subject
from integrations.app.workspace import Workspace


def import_path(store: RecordStore, path: Path, system_id: str, *, at: datetime) -> tuple[int, int]:
    """Import a YAML document or OpenLineage events for a registered system; the numbers of nodes and edges told of.

    Raises QuaestorError.
    """
    if find_subject(store, system_id).kind is not SubjectKind.SYSTEM:
        raise QuaestorError(f"`{system_id}` is no system", hint="name the system, without a version")
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml") and not path.is_dir():
        lineage = read_document(path, system_id, at=at)
    elif suffix in SUFFIXES or is_packed(path) or path.is_dir():
        lineage = read_openlineage(path)
    else:
        raise QuaestorError(
            "neither YAML nor OpenLineage JSON",
            where=str(path),
            hint="give a .yaml, .json, .jsonl or .ndjson file, or a folder of event files",
        )
    return store.lineage.add(lineage, system_id)


def file_lineage_graph(
    workspace: Workspace, store: RecordStore, node: str, subject_text: str, *, at: datetime
) -> Filed:
    """File the lineage-graph record of the model that `node` stands for.

    Raises QuaestorError where the node is no model's or its digest is not that of the subject.
    """
    subject = find_subject(store, subject_text)
    content = lineage_graph(store.lineage.family(node), node, orphans=store.lineage.orphans(subject.system_id))
    known = content.node_digests.get(node)
    if known is None:
        raise QuaestorError(
            f"the node `{node}` has no digest, so nothing says that it is {subject.name}",
            hint=f"give the node `digest: {subject.digest}`, in the YAML or the `quaestor` facet, and import it again",
        )
    if known != subject.digest:
        raise QuaestorError(
            f"the node `{node}` has digest {known}, and {subject.name} has {subject.digest}",
            hint="name the node of this very file, or the subject that the node stands for",
        )
    return add_record(
        workspace, store, content, {subject.name: subject.digest}, system_id=subject.system_id, at=at, source="lineage"
    )
