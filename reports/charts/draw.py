"""Charts as SVG, drawn by hand: pure functions of the chart data, the same bytes each time."""

from reports.charts.shapes import CalibrationChart, ConfusionChart, IntervalChart, RocChart
from reports.charts.svg import (
    BLUE,
    GRID,
    INK,
    PALE,
    RED,
    SOFT,
    decimals,
    drawing,
    fit,
    line,
    lines_of,
    num,
    tag,
    text,
    ticks,
)
from reports.words.wording import short

WIDTH = 500.0
_LABEL, _VALUES, _ROW, _TOP, _BOTTOM = 132.0, 128.0, 15.0, 16.0, 22.0
_LINE = 9.0
"""Height of a further line of a label."""
SIDE = 236.0


def interval_chart(chart: IntervalChart) -> str:
    """One row a mark: label, estimate with its interval on a common axis, the numbers beside it; the limit as a line.

    An interval whose worse end breaks the limit that is meant for it is drawn in the second colour with a square, and
    its label is bold.
    """
    low, high = _range(chart)
    left, right = _LABEL + 6, WIDTH - _VALUES - 8
    labels = [lines_of(mark.label, _LABEL) for mark in chart.marks]
    heights = [_ROW + _LINE * (len(label) - 1) for label in labels]
    height = _TOP + sum(heights) + _BOTTOM
    foot = height - _BOTTOM + 2

    def place(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (right - left)

    parts = []
    marks = ticks(low, high)
    places = decimals(marks)
    for tick in marks:
        parts.append(line(place(tick), _TOP - 2, place(tick), foot))
        parts.append(text(place(tick), foot + 9, short(tick, places), size=7, anchor="middle", fill=SOFT))
    parts.append(text(WIDTH, _TOP - 6, "estimate  [interval]  cases", size=7, anchor="end", fill=SOFT))
    above = _TOP
    for mark, label, row in zip(chart.marks, labels, heights, strict=True):
        y, above = above + row / 2, above + row
        breach = mark.judged and _breaks(chart, mark.low, mark.high)
        colour = RED if breach else BLUE
        for nth, words in enumerate(label):
            at = y + 2.8 + _LINE * (nth - (len(label) - 1) / 2)
            parts.append(text(_LABEL, at, words, anchor="end", bold=breach))
        if chart.style == "bars":
            start = place(max(low, 0.0))
            fill = RED if breach else PALE
            parts.append(
                tag("rect", x=min(start, place(mark.value)), y=y - 4, width=abs(place(mark.value) - start), height=8.0,
                    fill=fill, fill_opacity="0.55" if breach else "1")
            )  # fmt: skip
        parts.append(line(place(mark.low), y, place(mark.high), y, stroke=colour, width=1.4))
        for end in (mark.low, mark.high):
            parts.append(line(place(end), y - 2.6, place(end), y + 2.6, stroke=colour, width=1.4))
        parts.append(_dot(place(mark.value), y, colour, square=breach))
        numbers = f"{short(mark.value)}  [{short(mark.low)}, {short(mark.high)}]  n {mark.n}"
        parts.append(text(WIDTH, y + 2.8, numbers, size=7.5, anchor="end", bold=breach))
    if chart.limit is not None and low <= chart.limit <= high:
        parts.append(line(place(chart.limit), _TOP - 4, place(chart.limit), foot, stroke=INK, width=1.1, dash="4 2"))
        parts.append(text(place(chart.limit), _TOP - 7, chart.limit_text, size=7.5, anchor="middle", bold=True))
    return drawing(WIDTH, height, _spoken(chart), parts)


def _range(chart: IntervalChart) -> tuple[float, float]:
    values = [value for mark in chart.marks for value in (mark.low, mark.high, mark.value)]
    values += [chart.limit] if chart.limit is not None else []
    low, high = min(values, default=0.0), max(values, default=1.0)
    if chart.style == "points" and low >= 0 and high <= 1:
        return 0.0, 1.0
    low = min(0.0, low) if chart.style == "bars" else low
    room = (high - low) * 0.06 or 0.05
    return (low - room if low < 0 or chart.style == "points" else 0.0), high + room


def _breaks(chart: IntervalChart, low: float, high: float) -> bool:
    """Whether the interval's worse end lies beyond the limit."""
    if chart.limit is None:
        return False
    return high > chart.limit if chart.style == "bars" or chart.at_most else low < chart.limit


def _dot(x: float, y: float, colour: str, *, square: bool) -> str:
    if square:
        return tag("rect", x=x - 2.8, y=y - 2.8, width=5.6, height=5.6, fill=colour)
    return tag("circle", cx=x, cy=y, r=2.8, fill=colour)


def _spoken(chart: IntervalChart) -> str:
    """The chart in one sentence, for readers who do not see it."""
    rows = "; ".join(f"{m.label} {short(m.value)}, interval {short(m.low)} to {short(m.high)}" for m in chart.marks)
    limit = f" Limit: {chart.limit_text}." if chart.limit_text else ""
    return f"{chart.title}: {rows or 'no values'}.{limit}"


def square(
    x_words: str, y_words: str, *, top: float = 1.0, diagonal: bool = True
) -> tuple[list[str], float, float, float]:
    """A square plot of shares, upright up to `top`, with the diagonal; its parts, left edge, foot and side length."""
    left, side = 34.0, SIDE - 46
    foot = 8 + side
    parts = []
    for step in range(6):
        share = step / 5
        x, y = left + share * side, foot - share * side
        parts += [line(x, 8, x, foot), line(left, y, left + side, y)]
        parts.append(text(x, foot + 10, short(share, 1), size=7, anchor="middle", fill=SOFT))
        parts.append(text(left - 4, y + 2.5, short(share * top, 1 if top == 1 else 2), size=7, anchor="end", fill=SOFT))
    if diagonal:
        parts.append(line(left, foot, left + side, 8, stroke=SOFT, width=0.9, dash="3 2"))
    parts.append(text(left + side / 2, foot + 21, x_words, size=7.5, anchor="middle"))
    upright = text(0, 0, y_words, size=7.5, anchor="middle")
    parts.append(tag("g", upright, transform=f"translate(9 {num(foot - side / 2)}) rotate(-90)"))
    return parts, left, foot, side


def confusion_chart(chart: ConfusionChart) -> str:
    """Rows by true and answered class; the shade is the share of the line, in the second colour where it is wrong."""
    size = len(chart.classes)
    side = min(30.0, (WIDTH - _LABEL - 20) / size)
    top = 40.0
    parts = [text(_LABEL + 6 + side * size / 2, 9, "answered", size=7.5, anchor="middle")]
    parts.append(text(_LABEL, top - 6, "true", size=7.5, anchor="end"))
    long = max(map(len, chart.classes)) > side / 4  # words that would run into each other stand on two lines
    for column, word in enumerate(chart.classes):
        x = _LABEL + 6 + side * (column + 0.5)
        parts.append(text(x, top - 6 - 9 * (column % 2 if long else 0), fit(word, 2 * side), size=7, anchor="middle"))
    for row, (word, counts) in enumerate(zip(chart.classes, chart.counts, strict=True)):
        y, whole = top + side * row, sum(counts)
        parts.append(text(_LABEL, y + side / 2 + 2.8, fit(word, _LABEL), anchor="end"))
        for column, count in enumerate(counts):
            x, share = _LABEL + 6 + side * column, count / whole if whole else 0.0
            fill = BLUE if row == column else RED
            parts.append(
                tag("rect", x=x, y=y, width=side, height=side, fill=fill, fill_opacity=num(0.7 * share), stroke=GRID)
            )
            if count:
                shade = "#ffffff" if share > 0.75 else INK
                parts.append(text(x + side / 2, y + side / 2 + 2.6, str(count), size=7, anchor="middle", fill=shade))
    wrong = sum(
        count for row, counts in enumerate(chart.counts) for column, count in enumerate(counts) if row != column
    )
    every = sum(map(sum, chart.counts))
    spoken = f"Confusion matrix of {size} classes: {every - wrong} of {every} rows right. {chart.caption}"
    return drawing(WIDTH, top + side * size + 4, spoken, parts)


def roc_chart(chart: RocChart) -> str:
    """The ROC curve over the line of chance."""
    parts, left, foot, side = square("false positive rate", "true positive rate")
    path = " ".join(f"{num(left + x * side)},{num(foot - y * side)}" for x, y in chart.points)
    parts.append(tag("polyline", points=path, fill="none", stroke=BLUE, stroke_width=1.6, stroke_linejoin="round"))
    return drawing(SIDE, foot + 26, f"Receiver operating characteristic. {chart.caption}", parts)


def calibration_chart(chart: CalibrationChart) -> str:
    """Reliability diagram: rate of the outcome against the mean score of each bin."""
    parts, left, foot, side = square("mean score", "observed rate")
    most = max((item.n for item in chart.bins), default=1)
    for item in chart.bins:
        x, y = left + item.mean_score * side, foot - item.rate * side
        parts.append(line(x, foot - item.low * side, x, foot - item.high * side, stroke=BLUE, width=1.4))
        parts.append(tag("circle", cx=x, cy=y, r=1.8 + 2.4 * (item.n / most) ** 0.5, fill=BLUE))
    bins = "; ".join(f"score {short(b.mean_score, 2)}, rate {short(b.rate, 2)}, n {b.n}" for b in chart.bins)
    return drawing(SIDE, foot + 26, f"Reliability diagram: {bins}. {chart.caption}", parts)
