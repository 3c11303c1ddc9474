"""How answers go as one input rises: a small chart an input, the mean of all rows and where eight of ten rows lie."""

from evidence.model.base import Number
from reports.charts.shapes import Chart
from reports.charts.svg import BLUE, PALE, RED, SOFT, decimals, drawing, line, num, tag, text, ticks
from reports.words.wording import short

_WIDTH, _LEFT, _TOP, _HIGH, _FOOT = 236.0, 40.0, 8.0, 84.0, 16.0


class ResponseChart(Chart):
    """Curves over the values of an input, each (points,) long; `against`: they go against what was declared."""

    grid: tuple[Number, ...]
    mean: tuple[Number, ...]
    low: tuple[Number, ...]
    high: tuple[Number, ...]
    against: bool = False

    @property
    def narrow(self) -> bool:
        return True


def response_chart(chart: ResponseChart) -> str:
    """The mean as a line over a band; broken, in the second colour, where it goes against what was declared."""
    least, most = min(chart.low), max(chart.high)
    room = (most - least) * 0.08 or 0.05
    least, most = least - room, most + room
    right, foot = _WIDTH - 8, _TOP + _HIGH

    def across(value: float) -> float:
        return _LEFT + (value - chart.grid[0]) / (chart.grid[-1] - chart.grid[0]) * (right - _LEFT)

    def up(value: float) -> float:
        return foot - (value - least) / (most - least) * _HIGH

    parts = []
    marks = ticks(least, most, 4)
    for tick in marks:
        parts.append(line(_LEFT, up(tick), right, up(tick)))
        parts.append(text(_LEFT - 4, up(tick) + 2.5, short(tick, decimals(marks)), size=7, anchor="end", fill=SOFT))
    below = ticks(chart.grid[0], chart.grid[-1], 6)
    for tick in below:
        parts.append(text(across(tick), foot + 10, short(tick, decimals(below)), size=7, anchor="middle", fill=SOFT))
    over = list(zip(chart.grid, chart.high, strict=True))
    under = list(zip(chart.grid, chart.low, strict=True))[::-1]
    band = " ".join(f"{num(across(x))},{num(up(y))}" for x, y in [*over, *under])
    parts.append(tag("polygon", points=band, fill=PALE, fill_opacity="0.7"))
    path = " ".join(f"{num(across(x))},{num(up(y))}" for x, y in zip(chart.grid, chart.mean, strict=True))
    parts.append(
        tag("polyline", points=path, fill="none", stroke=RED if chart.against else BLUE, stroke_width=1.6,
            stroke_linejoin="round", stroke_dasharray="5 2" if chart.against else "none")
    )  # fmt: skip
    spoken = "; ".join(f"{short(x)} gives {short(y)}" for x, y in zip(chart.grid, chart.mean, strict=True))
    return drawing(_WIDTH, foot + _FOOT, f"{chart.title}: {spoken}. {chart.caption}", parts)
