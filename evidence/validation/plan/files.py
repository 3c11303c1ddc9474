"""The files that a plan names: the model, the tables, and what their columns are."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from evidence.model.base import Date, Frozen, Int, Number
from evidence.model.predicates.values import Period

Format = Literal["csv", "parquet", "npz", "images"]
OF_ARRAYS: frozenset[Format] = frozenset({"npz", "images"})
"""Formats whose rows are images, series or ids of words; images are PNG files in one .zip, with a table."""

GAPS = "missing"
"""The dimension of rows with some gap and with none, where the plan says that the model takes gaps."""


Word = str | Int | Number
"""A value of a data column: text (CSV), or a number."""


def _as_text(value: object) -> object:
    """Truth values of a column are read as the words `true` and `false`."""
    return str(value).lower() if isinstance(value, bool) else value


LabelWord = Annotated[Word, BeforeValidator(_as_text, json_schema_input_type=Word | bool)]


class ModelFile(Frozen):
    """The model under test."""

    path: str
    name: str
    version: str


class PeriodColumn(Frozen):
    """The column that says when a row happened: ISO 8601 days or date-times."""

    column: str
    by: Literal["month", "quarter", "year"]


class DataFile(Frozen):
    """A table with the columns that the plan names."""

    path: str
    format: Format


class Forecast(Frozen):
    """Which rows are forecasts of what: the columns of the `series`, of the `origin` (the last day of which anything is
    known) and of the `target` (the day that the row is about), counted in steps.

    `horizon` is how many steps the furthest forecast looks ahead, `season` how many make a season (1 where there is
    none). `cases` says what is independent: series of each other, or stretches of time as long as the horizon, which
    all series share. `history` is a table of the series before the first origin: columns series, target and label.
    """

    series: str
    origin: str
    target: str
    step: Literal["day", "week", "month", "quarter", "year"]
    horizon: Annotated[Int, Field(ge=1, le=512)]
    season: Annotated[Int, Field(ge=1, le=1000)]
    cases: Literal["series", "origin"]
    history: DataFile


class TestData(DataFile):
    """The data that the model is tested on. `missing` says what a gap in a feature or label does.

    error: it ends the run. exclude: the row is left out and counted. score: the model takes gaps, so that a row without
    a number is scored as it is; one without a label, without a word or with an infinite number is left out.

    `positive` and `negative` are the two values of the label where there are two classes. Where a row may have any of
    several labels, `label` lists their columns in the order of the model's scores, all of these two values.
    Rows of one value in the column `cluster` (a customer, a household) are no independent cases. The column `weight`
    says how much each row counts in numbers that are told beside those in which each counts once.
    """

    label: str | tuple[str, ...]
    positive: LabelWord | None = None
    negative: LabelWord | None = None
    split: Literal["validation", "test", "holdout", "golden"]
    population: str
    as_of: Date
    missing: Literal["error", "exclude", "score"] = "error"
    cluster: str | None = None
    weight: str | None = None
    query: str | None = None
    """Of a ranking the column that says which items are ranked together; a query is one independent case."""
    forecast: Forecast | None = None
    period: PeriodColumn | None = None
    window: Period | None = None
    """The one period that all rows are of, where no column says when each happened."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns with what is true of a row: one, or one a label."""
        return (self.label,) if isinstance(self.label, str) else self.label


class Reference(DataFile):
    """The baseline that the test data are compared with: same feature columns, no label needed.

    `window` is the time that the test data stand for. A feature's report has this `target`, the score's `prediction`.
    An alert is raised where the upper end of a distance lies above `alert_above`.
    """

    target: Literal["input", "population", "environment"] = "environment"
    statistics: tuple[Literal["psi", "ks", "js"], ...] = Field(default=("psi",), min_length=1)
    window: Period
    alert_above: Annotated[Number, Field(gt=0)] = 0.2


class Golden(Frozen):
    """Reference outputs, one row for each row of `inputs` (the test data where absent), in the same order.

    `column` holds the score, the class or the value; of scores for several classes `columns` hold one each, in the
    order of `output.classes`.
    """

    outputs: DataFile
    column: str | None = None
    columns: tuple[str, ...] | None = None
    inputs: DataFile | None = None


def format_of(path: Path) -> Format:
    """The format of a table by the ending of its name."""
    endings: dict[str, Format] = {".parquet": "parquet", ".pq": "parquet", ".npz": "npz", ".zip": "images"}
    return endings.get(path.suffix.lower(), "csv")
