"""How to read each chart, in words: one constant or function a chart, and the headings under which they stand."""

from evidence.model.predicates.data import DataQualityReport
from evidence.model.predicates.examined import Direction, SliceSearch
from evidence.model.predicates.validation import ExplainabilityReport, RobustnessReport, ValidationRun
from evidence.model.predicates.values import Certificate, MetricEstimate, Weighting
from reports.words.escape import clean
from reports.words.wording import plural, short, short_span

SECTIONS = {
    "fairness": "Groups of people",
    "performance": "Performance",
    "drift": "Drift",
    "robustness": "Robustness",
    "data": "Data and privacy",
    "drivers": "What drives the model",
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
EXPOSURE_RATIO = (
    "Mean exposure of the group that is seen least to that of the group seen most; 1 is an even share. Policies judge"
    " the lower end of the interval."
)
EXPOSURE = "As a multiple of the mean of each list, in which a place further up is worth more."
RELEVANCE = "Mean grade of the items of each group. One may be seen less because less of it is relevant."
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
MEMBERSHIP_NAMES = {"membership_advantage": "advantage", "membership_auc": "area under the curve"}
MEMBERSHIP = (
    "How well the loss of a row tells whether the model learnt from it. An advantage of 0 and an area of 0.5 are those"
    " of a guess, 1 is certainty; policies judge the upper end of the advantage."
)
DRIFT = "Distance from the reference data; policies judge the upper end of the interval."

SLOPE = (
    "What a logistic regression on the scores would multiply their log odds by: 1 is right, below 1 the scores are too"
    " extreme, above 1 too timid."
)
INTERCEPT = "What it would add to the log odds: 0 is right, above 0 there are more positive labels than the scores say."


def gain(baseline: str, run: ValidationRun) -> str:
    """Over what a gain is, and how it is read."""
    reading = "Right of the line the model is better, whichever way the metric goes; both answered the same rows."
    if baseline == "incumbent":
        return f"Gain over the model {clean((run.baseline_digest or '')[:19])} that runs today. {reading}"
    methods = {e.method or "" for test, e in (run.examined or {}).items() if test.startswith("gain:trivial:")}
    labels = [kind for kind in ("training", "test") if f"constant-of-{kind}-labels" in methods]
    return f"Gain over the best constant answer, by the labels of the {' or '.join(labels)} data. {reading}"


def fitted(reading: str, run: ValidationRun) -> str:
    """How calibration by group is read, and which groups have none."""
    without = [fit.group or "all rows" for fit in run.recalibration or () if fit.slope is None or fit.intercept is None]
    told = f" Not to be told: {clean(', '.join(without[:5]))}{' and others' if len(without) > 5 else ''}."
    return f"{reading}{told if without else ''}"


def sets(run: ValidationRun) -> str:
    """What the prediction sets are, and how large they must be."""
    examined = run.examined or {}
    whole, size = examined.get("set_coverage"), examined.get("set_size")
    own = whole is not None and whole.method == "the-models-own-interval"
    made = "The model's own intervals" if own else "Sets made from one half of the rows (split conformal prediction)"
    large = f" Their mean size is {short(size.value)}." if size else ""
    return f"{made}: the share of the rows whose truth they hold. A group below the others is promised too much.{large}"


def risk_coverage(area: MetricEstimate | None) -> str:
    """The area under the curve, and how it is read."""
    reading = "Where the model's doubt is worth something, the curve rises from left to right: the surest are right."
    if area is None:
        return reading
    low, high = short_span(area.ci_low, area.ci_high)
    return f"Area under the curve {short(area.value)} (interval {low} to {high}). {reading}"


def trend(run: ValidationRun, gain: MetricEstimate) -> str:
    """The change over the time of the test, and whether it is after that of the training."""
    low, high = short_span(gain.ci_low, gain.ci_high)
    window = run.training_window
    ends = f" The training data end before {window.end:%Y-%m-%d}" if window else ""
    source = ", as their rows say." if run.training_window_read else ", as the plan declares."
    return (
        f"Change from the first to the last period {short(gain.value)} (interval {low} to {high}), above 0 where it"
        f" gets better; the broken line is the weighted regression.{ends}{source if window else ''}"
    )


def whole_split(run: ValidationRun) -> str:
    """What was measured on, how many numbers were judged beside each other, and what came of tests on many at once."""
    told = [f"{count} {clean(kind)}" for kind, count in sorted((run.judged or {}).items())]
    tests = [
        f" Test {clean(test)}: {result.met} of {result.judged} met it."
        for test, result in sorted(run.test_results.items())
        if result.judged is not None
    ]
    beside = f" Judged beside each other: {', '.join(told)}." if told else ""
    point = run.operating_point
    judged = f" Judged {clean(point.judged_by)}." if point is not None and point.judged_by else ""
    return (
        f"Measured on the {run.split} split ({clean(run.population)}), seed {run.seed}.{judged}{beside}{''.join(tests)}"
    )


def data_quality(report: DataQualityReport) -> str:
    """What the shares are of, and which checks the table failed."""
    reading = (
        f"Shares of the {report.rows or 0} rows; the bar is the interval for the rows that they stand for. Of single"
        " columns those with the largest shares."
    )
    if report.label_error_rate:
        reading += " Labels that look wrong are told too many where classes overlap."
    failed = [f"{clean(item.check)}{'' if item.blocking else ' (warning)'}" for item in report.failed_checks]
    return f"{reading} Failed: {', '.join(failed)}." if failed else f"{reading} No check failed."


MAX_GROUPS = 20


def weights(weighting: Weighting) -> str:
    """That each number is told twice, and how much of the weight each group has beside its part of the rows."""
    groups = [
        f"{clean(f'{group.dimension} {group.value}')} {short(group.weight_share)}, of the rows {short(group.row_share)}"
        for group in weighting.groups[:MAX_GROUPS]
    ]
    told = f" Share of the weight: {'; '.join(groups)}." if groups else ""
    return (
        "Rows count by their weight here, and once everywhere else; policies ask for both. They are as"
        f" {weighting.effective_n} independent cases; {weighting.weightless} rows have no weight.{told}"
    )


def perturbation(report: RobustnessReport) -> str:
    """What is lost under attack: of the primary metric, or answers that moved too far."""
    if report.tolerance is None:
        return "How much of the primary metric is lost under attack and on corrupted input."
    return (
        f"Share of answers that moved by more than {short(report.tolerance)} (unit of the target) under attack and on"
        " corrupted input."
    )


_SIGNS = {
    "labels-only": "the model gives classes and no scores",
    "steps": "it is made of trees, which are flat between their splits",
    "flat": "most finite differences are zero",
    "few-scores": "few different scores answer many different inputs",
    "outdone": "random noise turned more rows than the step did",
}


def attack(kind: str) -> str:
    """An attack in the words of a reader."""
    known = {"noise": "random noise", "fgsm": "gradient step (fgsm)", "search": "search without slopes"}
    return known.get(kind, kind)


def decided(certificate: Certificate) -> str:
    """What was decided on how many rows, at which size."""
    how = {"trees": "decided exactly", "interval-bounds": "bounded", "none": "not decided"}[certificate.method]
    return f"{how} ({certificate.rows} rows, size {short(certificate.budget)})"


def turned(report: RobustnessReport) -> str:
    """How to read what attacks turned: the sizes, what slopes are worth, and how far a certificate goes."""
    unit = "standard deviations" if report.budget_scale == "sd" else "the declared range"
    sizes = ", ".join(f"{attack(kind)} {short(size)}" for kind, size in sorted(report.perturbation_budget.items()))
    told = [f"Share of right answers that each attack turned; sizes as a part of {unit}: {sizes}."]
    told.append("An attack that finds little may have looked badly: the largest share counts.")
    if report.slopes_masked:
        signs = "; ".join(_SIGNS[sign] for sign in report.masking_signs or ())
        told.append(f"The slopes that fgsm follows are masked ({signs}): its success says nothing of strength.")
    made = report.certificate
    if made is not None and made.method == "trees":
        told.append(f"Exact: {made.turned} of {made.rows} can be turned, {made.undecided} are undecided.")
    elif made is not None and made.method == "interval-bounds":
        told.append(f"Proved: nothing turns {made.proved} of {made.rows}; of {made.undecided} nothing is known.")
    elif made is not None:
        told.append(f"Nothing is certified: {clean(made.reason or '')}.")
    return " ".join(told)


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


DIRECTIONS = (
    "Of the rows whose answer moves at all as the input goes through its values, the share in which it also moves the"
    " other way than declared."
)
PROXIES = (
    "How well the protected attribute can be told: 0.5 is chance, 1 is certain (area under the ROC curve). Of words and"
    " classes it is Cramér's V, of which 0 is chance. A model can go by an attribute that it never sees."
)
FLIPS = (
    "Share of rows whose decision changes when the attribute alone is set to another value, everything else left as it"
    " is."
)
CONSISTENCY = (
    "How often the nearest neighbours of a row, by everything but protected attributes and proxies, are answered like"
    " it."
)


def importance(report: ExplainabilityReport) -> str:
    """What the bars of shuffled inputs mean, and how steady their order is."""
    metric = clean(report.metric or "the metric")
    low, high = short_span(report.stability.ci_low, report.stability.ci_high)
    return (
        f"By how much {metric} is worse on {report.sample_size} cases when the values of one input are shuffled. What"
        " two inputs both say, neither seems to need. Halves of the rows agree on the order by"
        f" {short(report.stability.value)} ({low} to {high}; 1 is the same order). Model family by its graph:"
        f" {clean(report.model_family)}."
    )


def response(direction: Direction) -> str:
    """The line and the band of a small chart, and the shares of rows that go each way."""
    declared = f" Declared: {direction.declared}; broken where most rows go against it." if direction.declared else ""
    rising, falling = short(100 * direction.rising, 1), short(100 * direction.falling, 1)
    return (
        f"Line: mean answer. Band: eight of ten rows. Rises somewhere in {rising} % of the rows, falls somewhere in"
        f" {falling} %.{declared}"
    )


def hidden_slices(search: SliceSearch) -> str:
    """How slices were looked for, and what the bars are."""
    return (
        f"{plural(search.searched, 'slice')} looked at on half of the rows, by {clean(search.metric)};"
        f" {search.tried} tried on the other half, {len(search.confirmed)} confirmed (Holm). Bars: by how much the"
        " metric is worse than in the other rows. Where none is confirmed, the end of the interval is what the rows"
        " cannot rule out."
    )
