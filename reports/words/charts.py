"""How to read each chart, in words: one constant or function a chart, and the headings under which they stand."""

from evidence.model.predicates.validation import RobustnessReport, ValidationRun
from evidence.model.predicates.values import MetricEstimate
from reports.words.escape import clean
from reports.words.wording import short, short_span

SECTIONS = {
    "fairness": "Groups of people",
    "performance": "Performance",
    "drift": "Drift",
    "robustness": "Robustness",
}
"""Sections of the report's charts in their order, with their headings; one without a chart is not printed."""

IMPACT_RATIO = (
    "Favourable answers of each group as a share of the best group's. The bar is the interval; policies judge its lower"
    " end."
)
SELECTION_RATE = "Share of each group that got the favourable answer."
GAP_OF_VALUES = (
    "Between the two groups that lie furthest apart, in the unit of the target. An interval that begins at 0 may be of"
    " groups that are alike; policies judge its upper end."
)
VALUE_BY_GROUP = "In the unit of the target."
SLICES = "The primary metric in each part of the data, each interval by itself."
PERIODS = "Stability over time."
OF_A_CLASS = {
    "recall": "Of the rows of each class, the share that was answered with it.",
    "precision": "Of the rows that were answered with each class, the share that is of it.",
    "roc_auc": "The chance that a row of the class scores higher for it than a row of another class.",
}
CONFUSION = (
    "A line holds the rows of one true class, by the class that the model answered with. What lies on the diagonal is"
    " right; the darker, the larger the share of the line."
)
DRIFT = "Distance from the reference data; policies judge the upper end of the interval."


def whole_split(run: ValidationRun) -> str:
    """What was measured on, how many numbers were judged beside each other, and what came of tests on many at once."""
    told = [f"{count} {clean(kind)}" for kind, count in sorted((run.judged or {}).items())]
    tests = [
        f" Test {clean(test)}: {result.met} of {result.judged} met it."
        for test, result in sorted(run.test_results.items())
        if result.judged is not None
    ]
    beside = f" Judged beside each other: {', '.join(told)}." if told else ""
    return f"Measured on the {run.split} split ({clean(run.population)}), seed {run.seed}.{beside}{''.join(tests)}"


def perturbation(report: RobustnessReport) -> str:
    """What is lost under attack: of the primary metric, or answers that moved too far."""
    if report.tolerance is None:
        return "How much of the primary metric is lost under attack and on corrupted input."
    return (
        f"Share of answers that moved by more than {short(report.tolerance)} (unit of the target) under attack and on"
        " corrupted input."
    )


def roc(area: MetricEstimate | None) -> str:
    """The area under the curve, where the run measured it, and the line of chance."""
    if area is None:
        return "Broken line: chance."
    low, high = short_span(area.ci_low, area.ci_high)
    return f"Area under the curve {short(area.value)} (interval {low} to {high}, n {area.n}). Broken line: chance."


def calibration(error: MetricEstimate | None) -> str:
    """The expected calibration error, where the run measured it, and how a reliability diagram is read."""
    reading = "On the broken line the score is the chance. Bars are intervals, dots grow with the number of cases."
    if error is None:
        return reading
    low, high = short_span(error.ci_low, error.ci_high)
    return f"Expected calibration error {short(error.value)} (interval {low} to {high}). {reading}"


def lineage(gapless: float) -> str:
    """Which way the lineage runs; `gapless` is the share of the model's inputs with a whole path."""
    share = short(100 * gapless, 1)
    return f"From sources to the model, left to right. {share} % of its inputs have a gapless path to a source."
