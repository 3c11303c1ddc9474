"""Where the model comes from: the lineage as far as it is drawn."""

from collections.abc import Iterator

from evidence.model.predicates.data import LineageGraph
from reports.charts.shapes import LineageChart, LineageNode
from reports.charts.sources import Sources
from reports.words import charts as words
from reports.words.escape import clean
from reports.words.wording import plural

MAX_NODES = 60


def charts(sources: Sources) -> Iterator[LineageChart]:
    """One chart a lineage graph."""
    for record, graph in sources.of(LineageGraph):
        shown = graph.nodes[:MAX_NODES]
        ids = {node.id for node in shown}
        nodes = []
        for node in shown:
            lacks = [
                name
                for name in ("owner", "origin", "licence", "purpose")
                if node.kind in ("source", "dataset") and not getattr(node, name)
            ]
            note = f"no {', '.join(lacks)}" if lacks else ""
            nodes.append(LineageNode(id=node.id, label=clean(node.id), kind=node.kind, note=note))
        left = len(graph.nodes) - len(shown)
        yield LineageChart(
            nodes=tuple(nodes),
            edges=tuple(dict.fromkeys((e.from_, e.to) for e in graph.edges if e.from_ in ids and e.to in ids)),
            caption=words.lineage(graph.complete_path_share)
            + (f" {plural(left, 'further node')} in evidence.jsonl." if left > 0 else ""),
            gaps=tuple(clean(gap) for gap in graph.gaps or ()),
            records=(record,),
        )
