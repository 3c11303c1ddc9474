"""The lineage drawn: layers from sources on the left to what the model feeds on the right."""

from reports.charts.shapes import LineageChart, LineageNode
from reports.charts.svg import BLUE, INK, PALE, RED, SOFT, drawing, fit, num, tag, text

_BOX_HEIGHT, _GAP, _LETTER = 26.0, 9.0, 7.0
_FILL = {
    "source": "#ffffff",
    "dataset": "#eef3f7",
    "feature": "#ffffff",
    "run": "#f7f1e3",
    "model": PALE,
    "deployment": "#e9e4f0",
    "output": "#e9e4f0",
    "decision": "#e9e4f0",
}


def lineage_chart(chart: LineageChart, width: float = 500.0) -> str:
    """Boxes in layers, arrows along the edges. A node that lacks something is outlined in broken, darker strokes."""
    layers = _layers(chart)
    count = max(len(layers), 1)
    step = width / count
    box = min(step - 18, 120.0) if count > 1 else min(width, 160.0)
    tallest = max((len(layer) for layer in layers), default=1)
    height = max(tallest * (_BOX_HEIGHT + _GAP) + 8, 40.0)
    place: dict[str, tuple[float, float]] = {}
    for column, layer in enumerate(layers):
        free = height - len(layer) * (_BOX_HEIGHT + _GAP) + _GAP
        x = column * (width - box) / (count - 1) if count > 1 else 0.0
        for row, name in enumerate(layer):
            place[name] = (x, free / 2 + row * (_BOX_HEIGHT + _GAP))
    parts = []
    for start, end in chart.edges:
        if start in place and end in place and start != end:
            parts.append(_arrow(place[start], place[end], box))
    for node in chart.nodes:
        parts.append(_box(node, *place[node.id], box))
    return drawing(width, height, _spoken(chart), parts)


def _layers(chart: LineageChart) -> list[list[str]]:
    """Node ids by the length of the longest path from a source, each layer ordered by where its parents stand.

    Edges that close a cycle are left out of the reckoning, so that even a broken graph is drawn.
    """
    names = [node.id for node in chart.nodes]
    parents: dict[str, list[str]] = {name: [] for name in names}
    for start, end in chart.edges:
        if start in parents and end in parents and start != end:
            parents[end].append(start)
    depth: dict[str, int] = {}
    for _ in names:
        # Longest paths settle after as many rounds as there are nodes; a cycle is cut off there.
        before = dict(depth)
        for name in names:
            depth[name] = min(max((depth.get(p, 0) + 1 for p in parents[name]), default=0), len(names) - 1)
        if depth == before:
            break
    used = {level: place for place, level in enumerate(sorted(set(depth.values())))}
    layers: list[list[str]] = [[] for _ in used]
    for name in names:
        layers[used[depth[name]]].append(name)
    where: dict[str, float] = {}
    for layer in layers:
        layer.sort(key=lambda name: (_middle(parents[name], where), name))
        where.update({name: (row + 0.5) / len(layer) for row, name in enumerate(layer)})
    return layers


def _middle(parents: list[str], where: dict[str, float]) -> float:
    known = [where[name] for name in parents if name in where]
    return round(sum(known) / len(known), 9) if known else 0.5


def _arrow(start: tuple[float, float], end: tuple[float, float], box: float) -> str:
    x1, y1 = start[0] + box, start[1] + _BOX_HEIGHT / 2
    x2, y2 = end[0] - 3, end[1] + _BOX_HEIGHT / 2
    bend = (x2 - x1) / 2
    curve = f"M{num(x1)} {num(y1)} C{num(x1 + bend)} {num(y1)} {num(x2 - bend)} {num(y2)} {num(x2)} {num(y2)}"
    head = f"{num(x2 + 3)},{num(y2)} {num(x2 - 2)},{num(y2 - 2.4)} {num(x2 - 2)},{num(y2 + 2.4)}"
    return tag("path", d=curve, fill="none", stroke=SOFT, stroke_width=0.8) + tag("polygon", points=head, fill=SOFT)


def _box(node: LineageNode, x: float, y: float, width: float) -> str:
    lacking = bool(node.note)
    frame = tag(
        "rect",
        x=x,
        y=y,
        width=width,
        height=_BOX_HEIGHT,
        rx=3.0,
        fill=_FILL.get(node.kind, "#ffffff"),
        stroke=RED if lacking else BLUE if node.kind == "model" else SOFT,
        stroke_width=1.4 if node.kind == "model" or lacking else 0.7,
        stroke_dasharray="3 2" if lacking else "none",
    )
    words = fit(node.label.rsplit("/", 1)[-1], width - 6, _LETTER)
    below = node.kind + (f": {node.note}" if lacking else "")
    return (
        frame
        + text(x + 4, y + 11, words, size=_LETTER, fill=INK, bold=node.kind == "model")
        + text(x + 4, y + 20.5, fit(below, width - 6, 6), size=6, fill=RED if lacking else SOFT)
    )


def _spoken(chart: LineageChart) -> str:
    flows = "; ".join(f"{start} to {end}" for start, end in chart.edges)
    return f"Lineage: {flows or 'no edges'}. {chart.caption}"
