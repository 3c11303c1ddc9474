"""Curves with intervals: what the surest answers get wrong, and a measure over time. Shapes and drawings."""

from evidence.model.base import Number
from reports.charts.draw import SIDE, WIDTH, square
from reports.charts.shapes import Chart, Mark, RiskStep
from reports.charts.svg import BLUE, GRID, PALE, RED, SOFT, decimals, drawing, line, num, tag, text, ticks
from reports.words.wording import short

_LEFT, _TOP, _HEIGHT, _FOOT = 46.0, 10.0, 110.0, 24.0


class RiskCoverageChart(Chart):
    """Share of wrong answers among the surest, by how many are answered."""

    title: str = "Risk and coverage"
    steps: tuple[RiskStep, ...]

    @property
    def narrow(self) -> bool:
        return True


class TrendChart(Chart):
    """A measure in each period, from the first to the last; `places` from 0 to 1, `change` that of the line."""

    marks: tuple[Mark, ...]
    places: tuple[Number, ...]
    change: Number


def risk_coverage_chart(chart: RiskCoverageChart) -> str:
    """The curve with its intervals, up to the greatest risk that they allow."""
    highest = max((step.high for step in chart.steps), default=1.0)
    top = next(limit for limit in (0.05, 0.1, 0.2, 0.5, 1.0) if highest <= limit)
    parts, left, foot, side = square("share answered, surest first", "share wrong of these", top=top, diagonal=False)

    def y(risk: float) -> float:
        return foot - risk / top * side

    path = " ".join(f"{num(left + step.coverage * side)},{num(y(step.risk))}" for step in chart.steps)
    for step in chart.steps:
        x = left + step.coverage * side
        parts.append(line(x, y(step.low), x, y(step.high), stroke=PALE, width=2.4))
    parts.append(tag("polyline", points=path, fill="none", stroke=BLUE, stroke_width=1.6, stroke_linejoin="round"))
    steps = "; ".join(f"{short(step.coverage, 2)} answered, {short(step.risk)} wrong" for step in chart.steps)
    return drawing(SIDE, foot + 26, f"Risk by coverage: {steps}. {chart.caption}", parts)


def trend_chart(chart: TrendChart) -> str:
    """Estimates with their intervals over time, and the weighted line through them."""
    values = [part for mark in chart.marks for part in (mark.low, mark.high)]
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or 0.05
    low, high = low - room, high + room
    left, right, foot = _LEFT, WIDTH - 16, _TOP + _HEIGHT

    def at(place: float, value: float) -> tuple[float, float]:
        # Points keep off the frame by a little.
        return left + 14 + place * (right - left - 28), foot - (value - low) / (high - low) * _HEIGHT

    parts = []
    marks = ticks(low, high)
    places = decimals(marks)
    for tick in marks:
        _, y = at(0, tick)
        parts.append(line(left, y, right, y, stroke=GRID))
        parts.append(text(left - 4, y + 2.5, short(tick, places), size=7, anchor="end", fill=SOFT))
    begin, end = _line(chart)
    parts.append(line(*at(0, begin), *at(1, end), stroke=RED, width=1.2, dash="4 2"))
    shown = -100.0
    for mark, place in zip(chart.marks, chart.places, strict=True):
        x, y = at(place, mark.value)
        parts.append(line(x, at(place, mark.low)[1], x, at(place, mark.high)[1], stroke=BLUE, width=1.4))
        parts.append(tag("circle", cx=x, cy=y, r=2.8, fill=BLUE))
        if x - shown > 34:  # labels that would run into each other are left out
            parts.append(text(x, foot + 10, mark.label, size=7, anchor="middle", fill=SOFT))
            shown = x
    told = "; ".join(f"{mark.label} {short(mark.value)}" for mark in chart.marks)
    return drawing(WIDTH, foot + _FOOT, f"{chart.title}: {told}. {chart.caption}", parts)


def _line(chart: TrendChart) -> tuple[float, float]:
    """Both ends of the line of this change that goes through the weighted middle of the marks."""
    weights = [1 / max(mark.high - mark.low, 1e-12) ** 2 for mark in chart.marks]
    whole = sum(weights)
    place = sum(weight * place for weight, place in zip(weights, chart.places, strict=True)) / whole
    value = sum(weight * mark.value for weight, mark in zip(weights, chart.marks, strict=True)) / whole
    return value - chart.change * place, value + chart.change * (1 - place)
