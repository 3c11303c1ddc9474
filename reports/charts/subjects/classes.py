"""How each of several classes does, and which are taken for which."""

from collections.abc import Iterator

from evidence.model.predicates.validation import ValidationRun
from reports.charts.scales import estimates_chart
from reports.charts.shapes import ConfusionChart, IntervalChart
from reports.charts.sources import Sources
from reports.words import charts as words
from reports.words.escape import clean

MAX_CLASSES = 20


def by_class(record: str, run: ValidationRun) -> Iterator[IntervalChart]:
    """Each measure of a class, in the order of the model."""
    for measure, reading in words.OF_A_CLASS.items():
        found = [(word, run.metrics.get(f"{measure}:{word}")) for word in run.classes or ()]
        yield from estimates_chart(
            f"{clean(measure.replace('_', ' '))} of each class".capitalize(),
            reading,
            [(word, estimate) for word, estimate in found if estimate],
            record=record,
        )


def charts(sources: Sources) -> Iterator[ConfusionChart]:
    """The confusion matrix of every run with several classes, as far as it can be read."""
    for record, run in sources.of(ValidationRun):
        if run.classes and run.confusion and len(run.classes) <= MAX_CLASSES:
            yield ConfusionChart(
                classes=tuple(clean(word) for word in run.classes),
                counts=run.confusion,
                caption=words.CONFUSION,
                records=(record,),
            )
