"""`quaestor lineage`: where a model's data came from."""

from pathlib import Path

import click

from integrations.cli.shared import print_json, table, when, workspace


@click.group(
    epilog="\b\nExamples:\n  quaestor lineage import events/ --system mortgage\n"
    "  quaestor lineage import lineage.yaml --system mortgage\n  quaestor lineage trace mortgage-v2 --up\n"
    "  quaestor lineage record mortgage-v2 --subject mortgage@2"
)
def command() -> None:
    """Import lineage, and trace a model to its sources."""


@command.command(name="import")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--system", "system_id", required=True, help="System that the lineage belongs to.")
@click.pass_context
def import_lineage(ctx: click.Context, path: Path, system_id: str) -> int:
    """Import PATH: OpenLineage run events (a .json, .jsonl file or a folder), or a YAML with nodes and edges."""
    from integrations.tracing import import_path

    space = workspace(ctx)
    with space.store() as store:
        nodes, edges = import_path(space, store, path, system_id, at=when(None))
    click.echo(f"imported {nodes} nodes and {edges} edges")
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
    space = workspace(ctx)
    with space.store() as store:
        found = store.lineage.closure(node, upstream=up)
    if as_json:
        print_json(found.to_json())
        return 0
    rows = [
        (
            n.node.id,
            n.node.kind,
            n.node.owner.name if n.node.owner else "-",
            n.node.licence or "-",
            n.node.purpose or "-",
        )
        for n in sorted(found.nodes, key=lambda n: n.node.id)
    ]
    table(rows, ("node", "kind", "owner", "licence", "purpose"))
    return 0


@command.command()
@click.argument("node")
@click.option("--subject", "subject_text", required=True, help="Model version that the node stands for.")
@click.pass_context
def record(ctx: click.Context, node: str, subject_text: str) -> int:
    """File the lineage-graph record of a model's NODE."""
    from integrations.tracing import file_lineage_graph

    space = workspace(ctx)
    with space.store() as store:
        filed = file_lineage_graph(space, store, node, subject_text, at=when(None))
    content = filed.record.content
    click.echo(f"lineage-graph {filed.record.id}: {len(content['nodes'])} nodes, {len(content['edges'])} edges")
    for gap in content.get("gaps", ()):
        click.echo(f"  gap: {gap}")
    return 0
