"""The validation plan: which model runs on which data, what is measured and within which limits.

A plan is a YAML file; its relative paths are meant from its own folder. `plan:` holds the content of the committed
`validation-plan` record (thresholds, tests, primary metric), whose digest the run cites: what was promised before the
test is then the same as what was tested.
"""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from evidence.model.base import Date, DigestText, Frozen, Int, Number
from evidence.model.canonical import digest_file, digest_json
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import mistakes_of, name_of
from evidence.model.predicates.validation import ValidationPlan
from evidence.model.predicates.values import ActionItem, OperatingPoint, Period, Range
from evidence.model.yaml import Yaml, read_mapping
from evidence.validation.catalogue import BINARY, SEVERAL, VALUE, Kind
from evidence.validation.measurable import mistakes

FairnessMeasure = Literal["parity_difference", "odds_difference", "impact_ratio", "mean_difference", "error_difference"]
Format = Literal["csv", "parquet", "npz"]
GAPS_OF_VALUES = ("mean_difference", "error_difference")
"""Fairness measures of answers that are numbers."""
MAX_CLASSES = 128
"""Each class has its own curve over the scores, so that memory grows with them."""
Positive = Annotated[Int, Field(gt=0)]
Word = str | Int | Number
"""A value of a data column: text (CSV), or a number."""


def _as_text(value: object) -> object:
    """Truth values of a column are read as the words `true` and `false`."""
    return str(value).lower() if isinstance(value, bool) else value


def _level(value: float) -> float:
    if not 0.8 <= value < 1:
        raise ValueError(f"{value:g} is no level for an interval that a gate reads; it lies from 0.8 to below 1")
    return value


def _as_dimension(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


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


class FeatureColumn(Frozen):
    """A model input from a data column: a number, or text mapped to numbers by `values`.

    `range` is the declared domain; `input` the ONNX input of the column where each column has its own.
    """

    name: str
    values: dict[str, Number] | None = None
    range: Range | None = None
    input: str | None = None
    text: bool = False


class ArrayInput(Frozen):
    """A model input from an array of an .npz file, one entry a row: an image, a series, the ids of tokens.

    What the graph gets is `(entry * scale - mean) / std`, where `mean` and `std` hold one number, or one a channel; the
    channels are the `first` or the `last` axis of an entry. `range` is the domain of the entries as they are stored.
    """

    name: str
    input: str | None = None
    range: Range | None = None
    scale: Number | None = None
    mean: tuple[Number, ...] | None = None
    std: tuple[Annotated[Number, Field(gt=0)], ...] | None = None
    channels: Literal["first", "last"] = "first"


class Features(Frozen):
    """How data become model inputs.

    `layout` tensor: one (rows, columns) tensor in this order. columns: an input a column; columns that name the same
    `input` make one (rows, columns) tensor in their order. arrays: an input an array of the .npz file.
    """

    layout: Literal["tensor", "columns", "arrays"]
    input: str | None = None
    columns: tuple[FeatureColumn, ...] = Field(default=(), max_length=4096)
    arrays: tuple[ArrayInput, ...] | None = Field(default=None, min_length=1, max_length=64)

    @model_validator(mode="after")
    def _consistent(self) -> "Features":
        if (self.layout == "arrays") != (self.arrays is not None) or (self.layout == "arrays") == bool(self.columns):
            raise ValueError("`arrays` lists what the layout arrays takes, and `columns` what the others take")
        names = [column.name for column in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the column `{twice[0]}` stands twice")
        if self.layout == "tensor" and any(column.text for column in self.columns):
            raise ValueError("a tensor of numbers cannot hold a text column; give it `values`")
        if any(column.text and column.values for column in self.columns):
            raise ValueError("a column is either `text` or mapped by `values`")
        return self

    @property
    def described(self) -> tuple[str, ...]:
        """Numbers by which drift and associations are told: the numeric columns, or mean and spread of each array."""
        if self.arrays is not None:
            return tuple(f"{item.name}:{what}" for item in self.arrays for what in ("mean", "sd"))
        return tuple(column.name for column in self.columns if not column.text)


class Abstain(Frozen):
    """The safe response: `output` (the scored one where absent) holds `value` where a person must decide."""

    value: Number
    output: str | None = None


class IntervalOutput(Frozen):
    """The outputs that hold the ends of an interval around a value, and the share of cases that it is meant to hold."""

    low: str
    high: str
    level: Annotated[Number, Field(gt=0, lt=1)]


class Output(Frozen):
    """Which ONNX output holds the answer, and what it means.

    `kind` probability: the score of the positive class, `index` its column where the output has two axes; predicted
    positive from `threshold` up. `kind` label: the predicted class, positive where it equals `positive`.
    `kind` classes: a score for each of the `classes`, in the order of the output's columns; the first of the highest is
    the answer. `kind` class: the predicted class itself. `ids` are the model's own names of the classes, in their
    order, where those differ from the words of the label column. `kind` value: a number.
    `link` names what turns logits into probabilities. `favourable` is what a person wants to get: positive or negative,
    one of the `classes`, or of a value higher or lower.
    """

    name: str
    kind: Kind = "probability"
    index: Annotated[Int, Field(ge=0)] = 1
    threshold: Number = 0.5
    positive: Int | str = 1
    link: Literal["logistic", "softmax"] | None = None
    # Not strict: see `Dimension.bins`.
    classes: Annotated[tuple[Word, ...] | None, Field(strict=False, min_length=2, max_length=MAX_CLASSES)] = None
    ids: Annotated[tuple[Int | str, ...] | None, Field(strict=False)] = None
    interval: IntervalOutput | None = None
    quantile: Annotated[Number, Field(gt=0, lt=1)] | None = None
    favourable: Word | None = None
    abstain: Abstain | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Output":
        if self.kind not in ("probability",) and self.threshold != 0.5:
            raise ValueError(f"a {self.kind} has no `threshold`")
        if self.kind not in BINARY and (self.index, self.positive) != (1, 1):
            raise ValueError("`index` and `positive` are for two classes")
        if self.link and self.kind not in ("probability", "classes"):
            raise ValueError(f"a {self.kind} has no `link`; it is for scores")
        if self.kind == "classes" and self.link == "logistic":
            raise ValueError("of several classes the link is `softmax`")
        for name, kinds in (("classes", SEVERAL), ("ids", SEVERAL), ("interval", VALUE), ("quantile", VALUE)):
            if getattr(self, name) is not None and self.kind not in kinds:
                raise ValueError(f"a {self.kind} has no `{name}`")
        if self.kind in SEVERAL:
            self._check_classes()
        self._check_favourable()
        return self

    def _check_classes(self) -> None:
        if self.classes is None:
            raise ValueError("`classes` is missing: what the label column calls each class, in the model's order")
        if len({str(word) for word in self.classes}) < len(self.classes):
            raise ValueError("a class stands twice in `classes`")
        if len({isinstance(word, str) for word in self.classes}) > 1:
            raise ValueError("`classes` are all text or all numbers")
        if self.ids is not None and (len(set(self.ids)), len(self.ids)) != (len(self.classes),) * 2:
            raise ValueError(
                "`ids` names each of the `classes` once, in their order; leave it out where the names are equal"
            )

    def _check_favourable(self) -> None:
        if self.kind in BINARY:
            known: tuple[Word, ...] = ("positive", "negative")
        else:
            known = ("higher", "lower") if self.kind in VALUE else (self.classes or ())
        wanted = self.favourable is not None or self.kind in BINARY
        if wanted and self.favourable not in known:
            listed = ", ".join(f"`{word}`" for word in known[:20])
            raise ValueError(f"`favourable` is what a person wants to get: one of {listed}")

    @property
    def words(self) -> tuple[str, ...]:
        """The classes as text, in the order of the model."""
        return tuple(str(word) for word in self.classes or ())


class Dimension(Frozen):
    """A column that splits the rows into groups; numbers are cut at `bins` (each edge opens a new group)."""

    column: str
    name: str = ""
    # Not strict: behind a validator a JSON list arrives as a list.
    bins: Annotated[tuple[Number, ...] | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _ordered(self) -> "Dimension":
        if self.bins is not None and (not self.bins or list(self.bins) != sorted(set(self.bins))):
            raise ValueError("`bins` are edges in rising order")
        return self

    @property
    def label(self) -> str:
        """Name in results."""
        return self.name or self.column

    @property
    def says(self) -> str:
        """The column and where it is cut, in words."""
        return f"{self.column} cut at {', '.join(f'{edge:g}' for edge in self.bins)}" if self.bins else self.column


Dimensions = tuple[Annotated[Dimension, BeforeValidator(_as_dimension)], ...]


class Protected(Frozen):
    """Protected attributes, and the sets of them whose combinations are audited too."""

    attributes: Dimensions = Field(min_length=1)
    intersections: tuple[tuple[str, ...], ...] = ()

    @model_validator(mode="after")
    def _known(self) -> "Protected":
        names = [item.label for item in self.attributes]
        if len(set(names)) < len(names):
            raise ValueError("an attribute stands twice")
        for group in self.intersections:
            unknown = sorted(set(group) - set(names))
            if unknown or len(set(group)) < 2:
                raise ValueError(f"an intersection joins two attributes or more of {', '.join(names)}")
        return self


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


class Robustness(Frozen):
    """Size of each attack (share of a feature's range, L-infinity) and how many rows are tried.

    `tolerance`, in the unit of the target, is how far an answer that is a value may move.
    """

    budgets: dict[Literal["noise", "fgsm"], Annotated[Number, Field(gt=0, le=1)]] = Field(min_length=1)
    trials: Annotated[Int, Field(gt=0, le=20_000)] = 500
    tolerance: Annotated[Number, Field(gt=0)] | None = None


class Latency(Frozen):
    """How many calls are timed, of how many rows each; `warm_up` calls before them do not count."""

    runs: Annotated[Int, Field(gt=0, le=100_000)] = 500
    batch_size: Annotated[Int, Field(gt=0, le=65_536)] = 1
    warm_up: Annotated[Int, Field(ge=0, le=10_000)] = 20


class Smallest(Frozen):
    """Independent cases that a run, a slice or period, and each label in them must have: fewer are a gap, no number.

    A plan may ask for more than is usual, not for less.
    """

    run: Annotated[Int, Field(ge=50)] = 50
    slice: Annotated[Int, Field(ge=20)] = 20
    label: Annotated[Int, Field(ge=5)] = 5


class Budgets(Frozen):
    """Limits of the child process: address space, processor time, wall time; and the size of the model file."""

    memory_mb: Annotated[Int, Field(ge=256, le=1 << 20)] = 4096
    cpu_seconds: Positive = 900
    wall_seconds: Positive = 1200
    model_mb: Annotated[Int, Field(gt=0, le=2047)] = 2047


class FieldNote(Frozen):
    """What no file says about an input or output."""

    classification: str
    unit: str | None = None
    sensitive_label: str | None = None


class ArtifactNotes(Frozen):
    """What the scan of a model file cannot find out, declared by whoever writes the plan."""

    image_digest: DigestText | None = None
    image_format: str | None = None
    build_labels: dict[str, str] | None = None
    pinned_dependencies: bool
    inputs: dict[str, FieldNote]
    outputs: dict[str, FieldNote]
    feature_schema_version: str
    licence: str
    data_use_limits: tuple[str, ...]
    encrypted_at_rest: bool
    encrypted_in_transit: bool
    key_management: Literal["customer-managed", "provider-managed", "none"]
    weights_sensitive: bool
    config_digest: DigestText | None = None


class Plan(Frozen):
    """A validation plan, checked; `folder` is where its paths start."""

    folder: Path = Field(exclude=True)
    system: str
    model: ModelFile
    environment: str
    data: TestData
    features: Features
    output: Output
    protected_attributes: Protected | None = None
    slices: Dimensions = ()
    training: DataFile | None = None
    """Training data: the labels that the model learnt from are audited beside its outputs."""
    reference: Reference | None = None
    golden: Golden | None = None
    robustness: Robustness | None = None
    smallest: Smallest | None = None
    """What a run asks of its rows; where absent, as `Smallest` has it."""
    latency: Latency = Latency()
    budgets: Budgets = Budgets()
    seed: Annotated[Int, Field(ge=0)] = 0
    confidence: Annotated[Number, AfterValidator(_level)] = 0.95
    binding_measures: tuple[FairnessMeasure, ...] = ()
    mitigation: tuple[ActionItem, ...] = ()
    artifact: ArtifactNotes | None = None
    plan: ValidationPlan

    @model_validator(mode="after")
    def _consistent(self) -> "Plan":
        audited = {item.label for item in self.protected_attributes.attributes} if self.protected_attributes else set()
        left_out = sorted(set(self.plan.protected_attributes) - audited)
        if left_out:
            raise ValueError(
                f"`plan.protected_attributes` names `{left_out[0]}`, which `protected_attributes` leaves out"
            )
        if self.protected_attributes and not self.binding_measures:
            raise ValueError("`binding_measures` must name at least one fairness measure where attributes are audited")
        if self.data.period and self.data.window:
            raise ValueError("`data.period` and `data.window` both say when the rows happened; keep one")
        self._check_kind()
        if (self.features.layout == "arrays") != (self.data.format == "npz"):
            raise ValueError(
                "the layout `arrays` goes with data of the format npz, and that format with no other layout"
            )
        bare = [c.name for c in self.features.columns if c.range is None and not c.values and not c.text]
        boundless = [f"column `{name}`" for name in bare]
        boundless += [f"array `{item.name}`" for item in self.features.arrays or () if item.range is None]
        if self.robustness and boundless:
            raise ValueError(f"`robustness` needs the `range` of each number; the {boundless[0]} has none")
        # Below this number the largest time is no upper bound of the 99th percentile: 0.99^n > (1 - confidence) / 2.
        least = math.ceil(math.log((1 - self.confidence) / 2) / math.log(0.99))
        if self.latency.runs < least:
            raise ValueError(f"`latency.runs` must be at least {least} for an interval of the 99th percentile")
        dimensions = [item.label for item in self.slices]
        if len(set(dimensions)) < len(dimensions) or audited & set(dimensions):
            raise ValueError("a dimension stands twice in `slices` or in both `slices` and `protected_attributes`")
        return self

    def _check_kind(self) -> None:
        """Raise ValueError where a section does not fit what the output means."""
        kind, two = self.output.kind, (self.data.positive, self.data.negative)
        if kind in BINARY:
            if None in two:
                raise ValueError("`data.positive` or `data.negative` is missing: the two values of the label")
            if two[0] == two[1]:
                raise ValueError("`data.positive` and `data.negative` are the same value")
            if isinstance(two[0], str) != isinstance(two[1], str):
                raise ValueError("`data.positive` and `data.negative` are both text or both numbers")
        elif two != (None, None):
            raise ValueError(f"`data.positive` and `data.negative` are for two classes; `output.kind` is {kind}")
        if kind == "probability" and not 0 < self.output.threshold < 1:
            raise ValueError("`output.threshold` of a probability lies between 0 and 1")
        if self.protected_attributes and kind in SEVERAL and self.output.favourable is None:
            raise ValueError("`output.favourable` is missing: the class that a person wants to get")
        unfit = [name for name in self.binding_measures if (name in GAPS_OF_VALUES) != (kind in VALUE)]
        if unfit:
            raise ValueError(f"`binding_measures` holds `{unfit[0]}`, which a model of the kind {kind} does not have")
        if self.robustness and (self.robustness.tolerance is None) == (kind in VALUE):
            raise ValueError("`robustness.tolerance` says how far a value may move, and is for values alone")
        if self.golden and (self.golden.columns is None) == (kind == "classes"):
            raise ValueError("`golden.columns` names a column for each of several classes' scores, else `column` one")
        if self.golden and self.golden.columns and len(self.golden.columns) != len(self.output.words):
            raise ValueError("`golden.columns` names one column a class, in the order of `output.classes`")
        if self.golden and kind != "classes" and self.golden.column is None:
            raise ValueError("`golden.column` is missing")

    @property
    def operating_point(self) -> OperatingPoint:
        """What is called positive, favourable and selected, and which columns are protected.

        Of several classes the favourable one is the positive one, against the rest.
        """
        attributes = self.protected_attributes.attributes if self.protected_attributes else ()
        output, several = self.output, self.output.kind in SEVERAL
        positive, negative = str(self.data.positive), str(self.data.negative)
        if several:
            positive = "no class in particular" if output.favourable is None else str(output.favourable)
            negative = "any other class"
        elif output.kind in VALUE:
            positive, negative = "a higher value", "a lower value"
        return OperatingPoint(
            label=self.data.label,
            positive=positive,
            negative=negative,
            favourable="negative" if output.favourable in ("negative", "lower") and not several else "positive",
            threshold=output.threshold if output.kind == "probability" else None,
            protected={item.label: item.says for item in attributes},
            kind=output.kind if output.kind in ("classes", "class", "value") else None,
            classes=output.words if several else None,
        )

    @property
    def digest(self) -> str:
        """Digest of the `validation-plan` content: what `ValidationRun.plan_digest` holds."""
        return digest_json(self.plan.to_json())

    def sealed(self) -> "Plan":
        """The plan whose promises say what else a run goes by, as it is committed: data, operating point, settings.

        Raises EvidenceError for a file that cannot be read, and where one file stands for two things.
        """
        return self.sealed_with(self._file_digests())

    def sealed_with(self, digests: Mapping[str, str]) -> "Plan":
        """The plan sealed over files of these digests, by their places in the plan (see `named_files`).

        Raises EvidenceError where one file stands for two things.
        """
        require_apart(digests)
        promises = self.plan.model_copy(
            update={
                "dataset_digest": digests["data.path"],
                "training_digest": digests.get("training.path"),
                "golden_set_digest": self.plan.golden_set_digest or self._golden_inputs(digests),
                "operating_point": self.operating_point,
                "settings_digest": self._settings_digest(digests),
            }
        )
        return self.model_copy(update={"plan": promises})

    def _golden_inputs(self, digests: Mapping[str, str]) -> str | None:
        """Digest of the inputs whose outputs are compared with reference outputs; None where nothing is compared."""
        return digests.get("golden.inputs.path", digests["data.path"]) if self.golden else None

    def _settings_digest(self, digests: Mapping[str, str]) -> str:
        """Digest of everything that a run goes by besides the promises: the files' contents stand for their paths.

        Committed with the promises, it shows when data, decision threshold or groups were changed after the commitment.
        """
        settings = self.to_json()
        settings.pop("plan")
        for place, digest in digests.items():
            *outer, name = place.split(".")
            holder = settings
            for part in outer:
                holder = holder[part]
            holder[name] = digest
        return digest_json(settings)

    def _file_digests(self) -> dict[str, str]:
        """Digest of every file that the plan names, by its place in the plan."""
        digests = {}
        for place, path in self.named_files().items():
            try:
                digests[place] = digest_file(path)
            except OSError as cause:
                raise EvidenceError(
                    f"cannot be read: {cause.strerror}",
                    where=str(path),
                    hint="make the file readable for you, or name another",
                ) from None
        return digests

    def file(self, path: str) -> Path:
        """A path of the plan, from the plan's folder."""
        return self.folder / path

    def named_files(self) -> dict[str, Path]:
        """Every file that the plan names, by its place in the plan."""
        named = {"model.path": self.model.path, "data.path": self.data.path}
        optional = {
            "training.path": self.training,
            "reference.path": self.reference,
            "golden.outputs.path": self.golden.outputs if self.golden else None,
            "golden.inputs.path": self.golden.inputs if self.golden else None,
        }
        named |= {place: item.path for place, item in optional.items() if item is not None}
        return {place: self.file(path) for place, path in named.items()}


def format_of(path: Path) -> Format:
    """The format of a table by the ending of its name."""
    endings: dict[str, Format] = {".parquet": "parquet", ".pq": "parquet", ".npz": "npz"}
    return endings.get(path.suffix.lower(), "csv")


def require_apart(digests: Mapping[str, str]) -> None:
    """Raise EvidenceError where the test data, by their digest, are the training data or the reference too."""
    for place, what in (("training.path", "training data"), ("reference.path", "reference")):
        if digests.get(place) == digests["data.path"]:
            raise EvidenceError(
                f"the test data are the {what} too: `data.path` and `{place}` name files of one content",
                hint="test on rows that the model has not seen, against a reference of its own",
            )


def load_plan(path: Path) -> Plan:
    """The plan that a YAML file holds.

    Raises EvidenceError with file and line for every mistake in it, a promise that its run could not keep, and where a
    file that it names is not there.
    """
    values, document = read_mapping(path, hint="start with `system: <id>`")
    if "folder" in values:
        raise EvidenceError(
            "unknown field `folder`",
            where=f"{path}:{document.line(('folder',))}",
            hint="leave it out: paths are meant from the folder of the plan",
        )
    try:
        plan = Plan.model_validate_json(json.dumps(values | {"folder": str(path.absolute().parent)}))
    except ValidationError as cause:
        raise _mistakes(cause, path, document) from None
    unkept = [(document.line(place), f"`{place[0]}.{place[1]}`: {problem}") for place, problem in mistakes(plan)]
    if unkept:
        raise _together(unkept, path)
    for place, file in plan.named_files().items():
        if not file.is_file():
            line = document.line(tuple(place.split(".")))
            raise EvidenceError(
                f"`{place}` names `{file}`, which is no file",
                where=f"{path}:{line}",
                hint="paths are meant from the plan's folder",
            )
    return plan


def _mistakes(cause: ValidationError, path: Path, document: Yaml) -> EvidenceError:
    """All mistakes of a plan as one error, in the order of their lines."""
    found = mistakes_of(cause)
    told = [
        (document.line(place), f"`{name_of(place)}`: {words}" if place else words) for place, words in found.items()
    ]
    return _together(told, path)


def _together(found: Iterable[tuple[int, str]], path: Path) -> EvidenceError:
    (line, problem), *rest = sorted(found)
    also = "".join(f"; line {other}: {text}" for other, text in rest[:20])
    return EvidenceError(problem + also, where=f"{path}:{line}", hint="the fields of a plan: `quaestor plan schema`")
