"""Use cases of lineage: import it, and file what is known of one model's ancestry."""

from pathlib import Path

from evidence.collector import RecordDraft
from evidence.lineage.ancestry import lineage_graph
from evidence.lineage.document import read_document
from evidence.lineage.eventfiles import SUFFIXES, is_packed, read_openlineage
from evidence.model.errors import QuaestorError
from evidence.model.subject import Subject, SubjectKind
from integrations.app.records import Filed, add_record, find_subject
from integrations.app.session import Session


def import_path(session: Session, path: Path, system_id: str) -> tuple[int, int]:
    """Import a YAML document or OpenLineage events for a registered system; the numbers of nodes and edges told of.

    Raises QuaestorError.
    """
    store = session.store
    if find_subject(store, system_id).kind is not SubjectKind.SYSTEM:
        raise QuaestorError(f"`{system_id}` is no system", hint="name the system, without a version")
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml") and not path.is_dir():
        lineage = read_document(path, system_id, at=session.now())
    elif suffix in SUFFIXES or is_packed(path) or path.is_dir():
        lineage = read_openlineage(path)
    else:
        raise QuaestorError(
            "neither YAML nor OpenLineage JSON",
            where=str(path),
            hint="give a .yaml, .json, .jsonl or .ndjson file, or a folder of event files",
        )
    return store.lineage.add(lineage, system_id)


def file_lineage_graph(session: Session, node: str, subject: Subject) -> Filed:
    """File the lineage-graph record of the model that `node` stands for.

    Raises QuaestorError where the node is no model's or its digest is not that of the subject.
    """
    store = session.store
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
    return add_record(session, RecordDraft.on(subject, content, session.now(), source="lineage"), actor=session.machine)
