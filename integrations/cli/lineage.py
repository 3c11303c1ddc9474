"""`quaestor lineage`: where a model's data came from."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from integrations.cli.shared import InputType, as_holder, print_json, say, session, table

if TYPE_CHECKING:
    from evidence.lineage.graph import LineageNode

_HEADS = ("node", "kind", "owner", "licence", "purpose")


@click.group(
    epilog="\b\nExamples:\n  quaestor lineage import events/ --system mortgage --as ci\n"
    "  quaestor lineage import lineage.yaml --system mortgage --as eli\n  quaestor lineage list --system mortgage\n"
    "  quaestor lineage trace mortgage-v2 --up\n"
    "  quaestor lineage record mortgage-v2 --subject mortgage@2\n"
    "  quaestor lineage record lender/train --subject mortgage@train.csv"
)
def command() -> None:
    """Import lineage, and trace a model to its sources."""


@command.command(name="import")
@click.argument("path", type=InputType(folder_too=True))
@click.option("--system", "system_id", required=True, help="System that the lineage belongs to.")
@as_holder
@click.option(
    "--with", "second", metavar="PERSON", help="Second person, who made no version, where lineage is taken back."
)
@click.pass_context
def import_lineage(ctx: click.Context, path: Path, system_id: str, actor: str, second: str | None) -> int:
    """Import OpenLineage events or YAML from PATH.

    PATH is a .json, .jsonl or .ndjson file of events, a folder of such files, or a .yaml of nodes and edges:

    \b
      nodes:
        - {id: source/crm, kind: source, owner: {id: ada, name: Ada}, origin: bureau, licence: own, purpose: credit}
        - {id: model/1, kind: model, digest: "sha256:…"}
      edges:
        - {from: source/crm, to: model/1, kind: trained}

    Runs make edges once an event says that they completed. The same events twice change nothing; a node's newest
    facts stay, in whatever order they come. An edge that would close a cycle stops the import, and nothing is added.

    What was told wrongly is corrected by a later import: a YAML says anew what a node is, and takes back edges and
    nodes that should not be there, which two persons sign. The ledger keeps both imports; `lineage record` then makes
    the record anew.

    \b
      retract:
        edges: [{from: source/crm, to: data/train, kind: derived}]
        nodes: [source/crm]
    """
    from evidence.lineage.collectors import lineage_files
    from integrations.app.collecting import collect

    with session(ctx) as opened:
        collector = lineage_files(path, system_id, at=opened.now())
        agreeing = opened.person(second) if second else None
        brought = collect(opened, collector, path, system_id=system_id, actor=opened.person(actor), second=agreeing)
    say(f"imported {brought.nodes} nodes and {brought.edges} edges")
    return 0


@command.command(name="list")
@click.option("--system", "system_id", required=True, help="System that the lineage was imported for.")
@click.pass_context
def list_nodes(ctx: click.Context, system_id: str) -> int:
    """List the nodes of a system, as `trace` and `record` call them."""
    with session(ctx) as opened:
        rows = _rows(opened.store.lineage.members(system_id))
    if not rows:
        say(f"no lineage of `{system_id}`; import it with `quaestor lineage import`")
        return 0
    table(rows, _HEADS)
    return 0


@command.command()
@click.argument("node")
@click.option(
    "--up/--down", default=True, show_default=True, help="Towards the sources, or towards what was made of it."
)
@click.option("--json", "as_json", is_flag=True, help="Nodes and edges as JSON.")
@click.pass_context
def trace(ctx: click.Context, node: str, up: bool, as_json: bool) -> int:
    """Trace NODE through the lineage."""
    with session(ctx) as opened:
        found = opened.store.lineage.closure(node, upstream=up)
    if as_json:
        print_json(found.to_json())
        return 0
    table(_rows(found.nodes), _HEADS)
    return 0


@command.command()
@click.argument("node")
@click.option("--subject", "subject_text", required=True, help="Model version or dataset that the node stands for.")
@click.pass_context
def record(ctx: click.Context, node: str, subject_text: str) -> int:
    """File the lineage-graph record of a model's or dataset's NODE."""
    from evidence.lineage.collectors import SubjectAncestry
    from integrations.app.collecting import collect, said_to_be
    from integrations.app.records import find_subject

    with session(ctx) as opened:
        subject = find_subject(opened.store, subject_text)
        said = said_to_be(opened, subject.digest)
        collector = SubjectAncestry(opened.store.lineage, subject, opened.now(), said)
        (filed,) = collect(opened, collector, node, system_id=subject.system_id, actor=opened.machine).filed
    content = filed.record.content
    say(f"lineage-graph {filed.record.id}: {len(content['nodes'])} nodes, {len(content['edges'])} edges")
    for gap in content.get("gaps", ()):
        say(f"  gap: {gap}")
    return 0


@command.command()
def schema() -> int:
    """Print the JSON Schema of a lineage document (YAML)."""
    from evidence.lineage.document import document_schema

    print_json(document_schema())
    return 0


def _rows(items: "Iterable[LineageNode]") -> list[tuple[str, ...]]:
    return [
        tuple(
            cell or "-"
            for cell in (n.id, n.node.kind, n.node.owner.name if n.node.owner else None, n.node.licence, n.node.purpose)
        )
        for n in sorted(items, key=lambda n: n.id)
    ]
