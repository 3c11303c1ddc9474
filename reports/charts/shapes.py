"""What a chart is: frozen values that are drawn as they stand (`reports.charts.draw`), each by its own shape."""

from typing import Literal

from evidence.model.base import Frozen, Int, Number


class Chart(Frozen):
    """What every chart has: a title, how to read it, and the ids of the records that it shows."""

    title: str
    caption: str
    records: tuple[str, ...]

    @property
    def narrow(self) -> bool:
        """Whether two of its kind stand side by side on a page."""
        return False


class Mark(Frozen):
    """A value with its interval and the number of cases behind it."""

    label: str
    value: Number
    low: Number
    high: Number
    n: Int
    judged: bool = True
    """Whether the chart's limit is meant for it; what no limit is meant for breaks none."""


class IntervalChart(Chart):
    """Values with intervals on one scale, with the limit that the policies set, if any.

    `style` is `points` (estimates) or `bars` (distances from zero). The limit of points is the least that is good, that
    of bars, and of points with `at_most`, the most.
    """

    style: Literal["points", "bars"]
    marks: tuple[Mark, ...]
    limit: Number | None = None
    limit_text: str = ""
    at_most: bool = False


class RocChart(Chart):
    """Receiver operating characteristic; `points` are (false positive rate, true positive rate) in order."""

    title: str = "Receiver operating characteristic"
    points: tuple[tuple[Number, Number], ...]

    @property
    def narrow(self) -> bool:
        return True


class CalibrationBin(Frozen):
    """Cases with like scores: their mean score, and how many of them had the outcome, with its interval."""

    mean_score: Number
    rate: Number
    n: Int
    low: Number
    high: Number


class CalibrationChart(Chart):
    """Reliability diagram: in a calibrated model the rate equals the score."""

    title: str = "Calibration"
    bins: tuple[CalibrationBin, ...]

    @property
    def narrow(self) -> bool:
        return True


class ConfusionChart(Chart):
    """Rows by true class (`counts[i]`) and by answered class (`counts[i][j]`), in the order of `classes`."""

    title: str = "Confusion matrix"
    classes: tuple[str, ...]
    counts: tuple[tuple[Int, ...], ...]


class LineageNode(Frozen):
    """A node of the drawn lineage; `note` says what is missing of it, or is empty."""

    id: str
    label: str
    kind: str
    note: str


class LineageChart(Chart):
    """The ancestry of the model; `edges` are pairs of node ids."""

    nodes: tuple[LineageNode, ...]
    title: str = "From sources to the model"
    edges: tuple[tuple[str, str], ...]
    gaps: tuple[str, ...]


class RiskStep(Frozen):
    """A share of the rows that is answered, and the share of these answers that is wrong, with its interval."""

    coverage: Number
    risk: Number
    low: Number
    high: Number
    n: Int


class ChartPoints(Frozen):
    """Curves that a validation run keeps beside its record: chances as numbers between 0 and 1."""

    run: str | None = None
    """The record of the run; None where it is not known."""
    roc: tuple[tuple[Number, Number], ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    risk_coverage: tuple[RiskStep, ...] = ()
