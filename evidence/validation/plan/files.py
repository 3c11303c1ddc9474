"""The files that a plan names: the model, the tables, and what their columns are."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from evidence.model.base import Date, Frozen, Int, Number
from evidence.model.predicates.values import Period

Format = Literal["csv", "parquet", "npz"]


Word = str | Int | Number
"""A value of a data column: text (CSV), or a number."""


def _as_text(value: object) -> object:
    """Truth values of a column are read as the words `true` and `false`."""
    return str(value).lower() if isinstance(value, bool) else value


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


class TestData(DataFile):
    """The data that the model is tested on. `missing` says what a gap in a feature or label does.

    `positive` and `negative` are the two values of the label where there are two classes.
    Rows of one value in the column `cluster` (a customer, a household) are no independent cases.
    """

    label: str
    positive: Annotated[Word, BeforeValidator(_as_text)] | None = None
    negative: Annotated[Word, BeforeValidator(_as_text)] | None = None
    split: Literal["validation", "test", "holdout", "golden"]
    population: str
    as_of: Date
    missing: Literal["error", "exclude"] = "error"
    cluster: str | None = None
    period: PeriodColumn | None = None
    window: Period | None = None
    """The one period that all rows are of, where no column says when each happened."""


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
    endings: dict[str, Format] = {".parquet": "parquet", ".pq": "parquet", ".npz": "npz"}
    return endings.get(path.suffix.lower(), "csv")
