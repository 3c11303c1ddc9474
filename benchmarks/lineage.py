"""The lineage graph: what one model came from, in a graph of a million edges."""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Literal

from benchmarks.table import Row, figures, within
from evidence.lineage.graph import Facet, Lineage, LineageNode
from evidence.model.predicates.values import Edge
from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey

TITLE = "Lineage (SQLite)"
NodeKind = Literal["source", "dataset", "feature", "model"]
EdgeKind = Literal["derived", "trained"]
SYSTEM_EDGES = 100
"""Edges of one system: 20 sources, 12 datasets that each join five, 6 feature sets of five datasets, a model."""
BATCH = 2500
AT = "2026-11-21T00:00:00Z"
AIM = 0.01


def run(quick: bool) -> list[Row]:
    """Upstream closure of one model in 10^6 edges (10^5 when quick), with building the graph as a figure beside it."""
    systems = (100_000 if quick else 1_000_000) // SYSTEM_EDGES
    with tempfile.TemporaryDirectory(prefix="quaestor-bench-") as folder:
        url, blobs = f"sqlite:///{folder}/store.db", Path(folder) / "blobs"
        with RecordStore.create(url, blobs, origin="benchmark", signer=SigningKey.generate()) as store:
            edges = 0
            begun = time.perf_counter()
            for first in range(0, systems, BATCH):
                graph = _joined(range(first, min(first + BATCH, systems)))
                store.lineage.add(graph, "benchmark")
                edges += len(graph.edges)
            built = time.perf_counter() - begun
            times, nodes = [], 0
            for number in range(0, systems, max(1, systems // 50)):
                begun = time.perf_counter()
                found = store.lineage.closure(f"model/{number}", upstream=True)
                times.append(time.perf_counter() - begun)
                nodes = len(found.nodes)
                if len(found.edges) != SYSTEM_EDGES:
                    raise RuntimeError(f"the closure has {len(found.edges)} edges, not {SYSTEM_EDGES}")
    taken = median(times)
    return [
        within(f"closure of one model ({nodes} nodes, {SYSTEM_EDGES} edges) among {edges:,} edges", taken, AIM),
        Row(f"import of {edges:,} edges, cycles refused", f"{figures(edges / built)} edges a second", ""),
    ]


def _joined(systems: range) -> Lineage:
    kinds: dict[str, NodeKind] = {}
    edges: list[Edge] = []
    for number in systems:
        names, found = _system(number)
        kinds |= names
        edges += found
    return Lineage(
        nodes=tuple(
            LineageNode(id=name, facets={"kind": Facet(at=AT, fields={"kind": kind})}) for name, kind in kinds.items()
        ),
        edges=tuple(edges),
    )


def _system(number: int) -> tuple[dict[str, NodeKind], list[Edge]]:
    """Nodes by kind and edges of one system, SYSTEM_EDGES of them, all above its model; neighbours share sources."""
    sources = [f"source/{3 * number + place}" for place in range(20)]
    datasets = [f"dataset/{number}/{place}" for place in range(12)]
    features = [f"feature/{number}/{place}" for place in range(6)]
    model = f"model/{number}"
    pairs: list[tuple[str, str, EdgeKind]] = [(name, model, "trained") for name in (*features, *sources[:4])]
    for layer, below in ((sources, datasets), (datasets, features)):
        pairs += [
            (layer[(5 * place + step) % len(layer)], name, "derived")
            for place, name in enumerate(below)
            for step in range(5)
        ]
    layers: tuple[tuple[list[str], NodeKind], ...] = (
        (sources, "source"),
        (datasets, "dataset"),
        (features, "feature"),
        ([model], "model"),
    )
    kinds = {name: kind for names, kind in layers for name in names}
    return kinds, [Edge(from_=source, to=target, kind=kind) for source, target, kind in pairs]
