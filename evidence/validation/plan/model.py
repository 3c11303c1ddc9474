"""The validation plan: which model runs on which data, what is measured and within which limits.

A plan is a YAML file; its relative paths are meant from its own folder. `plan:` holds the content of the committed
`validation-plan` record (thresholds, tests, primary metric), whose digest the run cites: what was promised before the
test is then the same as what was tested.
"""

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from evidence.model.base import Frozen, Int, Number
from evidence.model.canonical import digest_file, digest_json
from evidence.model.errors import EvidenceError, unreadable
from evidence.model.mistakes import did_you_mean, explain
from evidence.model.names import named
from evidence.model.predicates.validation import ValidationPlan
from evidence.model.predicates.values import ActionItem, OperatingPoint
from evidence.validation.catalogue import MEASURES
from evidence.validation.kinds import BINARY, LABELS, NUMBER, RANKING, SEVERAL, VALUE
from evidence.validation.plan.artifact import ArtifactNotes, Budgets
from evidence.validation.plan.files import GAPS, OF_ARRAYS, DataFile, Golden, ModelFile, Reference, TestData
from evidence.validation.plan.groups import Dimensions, Protected, Smallest
from evidence.validation.plan.inputs import Features
from evidence.validation.plan.output import Output
from evidence.validation.plan.tests import (
    Baselines,
    Drivers,
    HiddenSlices,
    Individual,
    LabelNoise,
    Latency,
    Membership,
    OutOfTime,
    Poisoning,
    Quality,
    Recalibration,
    Robustness,
    Uncertainty,
)

FairnessMeasure = Literal[
    "parity_difference",
    "odds_difference",
    "impact_ratio",
    "mean_difference",
    "error_difference",
    "exposure_ratio",
    "exposure_difference",
]


PERFORMANCE = "performance"
"""Name of the pass over the test data: metrics, slices, fairness, calibration, latency."""
_OF_ALL = ("protected_attributes", "smallest", "artifact")
"""Optional parts of a plan that are no section of their own: they say how the pass is made, or what the file is."""


def _level(value: float) -> float:
    if not 0.8 <= value < 1:
        raise ValueError(f"{value:g} is no level for an interval that a gate reads; it lies from 0.8 to below 1")
    return value


class Plan(Frozen):
    """A validation plan, checked; `folder` is where its paths start."""

    folder: SkipJsonSchema[Path] = Field(exclude=True)
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
    baselines: Baselines | None = None
    recalibration: Recalibration | None = None
    out_of_time: OutOfTime | None = None
    uncertainty: Uncertainty | None = None
    smallest: Smallest | None = None
    """What a run asks of its rows; where absent, as `Smallest` has it."""
    latency: Latency = Latency()
    budgets: Budgets = Budgets()
    seed: Annotated[Int, Field(ge=0)] = 0
    confidence: Annotated[Number, AfterValidator(_level)] = 0.95
    binding_measures: tuple[FairnessMeasure, ...] = ()
    mitigation: tuple[ActionItem, ...] = ()
    artifact: ArtifactNotes | None = None
    quality: Quality | None = None
    label_noise: LabelNoise | None = None
    poisoning: Poisoning | None = None
    membership: Membership | None = None
    hidden_slices: HiddenSlices | None = None
    drivers: Drivers | None = None
    individual: Individual | None = None
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
        if self.data.weight in self.data.labels:
            raise ValueError("`data.weight` is the label: rows of one class alone would count")
        self._check_kind()
        self._check_learnt()
        self._check_formats()
        bare = [c.name for c in self.features.columns if c.range is None and not c.values and not c.text]
        boundless = [f"column `{name}`" for name in bare]
        boundless += [f"array `{item.name}`" for item in self.features.arrays or () if item.range is None]
        if self.robustness and boundless:
            raise ValueError(f"`robustness` needs the `range` of each number; the {boundless[0]} has none")
        if self.robustness and self.robustness.categories and not any(c.values for c in self.features.columns):
            raise ValueError("`robustness.categories` changes columns that have `values`, and none has")
        # Below this number the largest time is no upper bound of the 99th percentile: 0.99^n > (1 - confidence) / 2.
        least = math.ceil(math.log((1 - self.confidence) / 2) / math.log(0.99))
        if self.latency.runs < least:
            raise ValueError(f"`latency.runs` must be at least {least} for an interval of the 99th percentile")
        dimensions = [item.label for item in self.slices]
        if len(set(dimensions)) < len(dimensions) or audited & set(dimensions):
            raise ValueError("a dimension stands twice in `slices` or in both `slices` and `protected_attributes`")
        if self.data.missing == "score" and GAPS in {*dimensions, *audited}:
            raise ValueError(f"`data.missing: score` tells rows with gaps apart as `{GAPS}`; name your dimension else")
        self._check_told()
        return self

    def _check_told(self) -> None:
        """Raise ValueError where what the records say of the operating point would be refused, such as a word that
        cannot be printed.
        """
        for name in (*self.features.whole, *(item.label for item in self.dimensions)):
            try:
                named(name)
            except ValueError as cause:
                raise ValueError(f"the name of a feature or group, {name[:60]!r}, {cause}") from None
        try:
            assert self.operating_point
        except ValidationError as cause:
            raise ValueError(f"a record cannot hold the plan's words for the answer: {explain(cause)}") from None

    def _check_formats(self) -> None:
        """Raise ValueError where a table that the model is asked about cannot hold its inputs."""
        tables = {"data": self.data, "training": self.training, "reference": self.reference}
        tables |= {"golden.inputs": self.golden.inputs if self.golden else None}
        for place, table in tables.items():
            if table is not None and (self.features.layout == "arrays") != (table.format in OF_ARRAYS):
                raise ValueError(
                    "the layout `arrays` goes with data of the format npz or images, and these formats with no other "
                    f"layout; `{place}.format` is {table.format}"
                )
        if self.golden and self.golden.outputs.format == "images":
            raise ValueError("`golden.outputs` is a table of numbers, no images")

    def _check_kind(self) -> None:
        """Raise ValueError where a section does not fit what the output means."""
        kind, two = self.output.kind, (self.data.positive, self.data.negative)
        if (kind in LABELS) == isinstance(self.data.label, str):
            raise ValueError("`data.label` names one column, and of `output.kind: labels` a list of them, one a label")
        if kind in LABELS and self.output.words != self.data.labels:
            raise ValueError("`output.classes` are the columns in `data.label`, in their order; leave it out")
        if len(set(self.data.labels)) < len(self.data.labels):
            raise ValueError("a column stands twice in `data.label`")
        if kind in LABELS and not all(0 < limit < 1 for limit in self.output.limits):
            raise ValueError("each threshold of a label lies between 0 and 1")
        if kind in LABELS and len(self.output.limits) != len(self.data.labels):
            raise ValueError("`output.thresholds` has one threshold a label, in the order of `data.label`")
        if kind in BINARY | LABELS:
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
        if self.protected_attributes and kind in SEVERAL | LABELS and self.output.favourable is None:
            raise ValueError("`output.favourable` is missing: the class that a person wants to get")
        if self.data.forecast:
            self._check_forecast()
        if self.data.weight and (self.data.forecast or kind in RANKING):
            raise ValueError("`data.weight` is for rows that are cases of their own: not of rankings or forecasts")
        unfit = [name for name in self.binding_measures if kind not in MEASURES[name].kinds]
        if unfit:
            raise ValueError(f"`binding_measures` holds `{unfit[0]}`, which a model of the kind {kind} does not have")
        if self.robustness and (self.robustness.tolerance is None) == (kind in NUMBER):
            raise ValueError(
                "`robustness.tolerance` says how far a value or the score of a ranking may move, and is for these alone"
            )
        if (self.data.query is None) == (kind in RANKING):
            raise ValueError("`data.query` is the column of what items are ranked for, and goes with the kind ranking")
        self._check_battery()
        self._check_incumbent()
        self._check_doubt()
        if self.golden and (self.golden.columns is None) == (kind in ("classes", "labels")):
            raise ValueError("`golden.columns` names a column for each of several classes' scores, else `column` one")
        if self.golden and self.golden.columns and len(self.golden.columns) != len(self.output.words):
            raise ValueError("`golden.columns` names one column a class, in the order of `output.classes`")
        if self.golden and kind not in ("classes", "labels") and self.golden.column is None:
            raise ValueError("`golden.column` is missing")

    def _check_battery(self) -> None:
        """Raise ValueError for a test of the battery that no model of this kind can be put to."""
        sections = sorted({row.section for row in MEASURES.values() if row.section})
        fit = sorted({row.section for row in MEASURES.values() if row.section and self.output.kind in row.kinds})
        unfit = [section for section in sections if section not in fit and getattr(self, section) is not None]
        if unfit:
            named, verb = ", ".join(f"`{section}`" for section in unfit), "is" if len(unfit) == 1 else "are"
            raise ValueError(
                f"{named} {verb} not for a model of the kind {self.output.kind}; "
                f"of this battery it takes {', '.join(fit)}"
            )

    def _check_incumbent(self) -> None:
        """Raise ValueError where the incumbent cannot be compared with: another kind of answer, or strange columns."""
        other = self.baselines.incumbent if self.baselines else None
        if other is None:
            return
        if other.output and (other.output.kind, other.output.words, other.output.quantile) != (
            self.output.kind,
            self.output.words,
            self.output.quantile,
        ):
            raise ValueError(
                "`baselines.incumbent.output` answers something else than the model: `kind`, `classes` and `quantile` "
                "are those of `output`"
            )
        known = [column.name for column in self.features.columns]
        strange = [name for name in other.columns or () if name not in known]
        if strange:
            raise ValueError(f"`baselines.incumbent.columns` names `{strange[0]}`, which `features.columns` lacks")
        if len(set(other.columns or ())) < len(other.columns or ()):
            raise ValueError("a column stands twice in `baselines.incumbent.columns`")

    def _check_doubt(self) -> None:
        """Raise ValueError where calibration, time or uncertainty cannot be looked at."""
        if self.uncertainty and self.uncertainty.level is not None and self.output.interval:
            raise ValueError("`uncertainty.level` is not for a model that gives an interval: that is judged as it is")
        for section, asked in (("recalibration", self.recalibration), ("uncertainty", self.uncertainty)):
            known = {*self.audited, *(item.label for item in self.slices)}
            strange = sorted(set((asked and asked.groups) or ()) - known)
            if strange:
                raise ValueError(
                    f"`{section}.groups` names `{strange[0]}`, which is in neither `protected_attributes` nor `slices`"
                )
        if self.out_of_time and self.data.period is None:
            raise ValueError("`out_of_time` needs `data.period`: the column that says when each row happened")
        if self.out_of_time and self.training is None and self.out_of_time.training_window is None:
            raise ValueError("`out_of_time` needs `training`, or `training_window`: when the training data are of")

    @property
    def audited(self) -> tuple[str, ...]:
        """Names of the protected attributes."""
        return tuple(item.label for item in self.protected_attributes.attributes) if self.protected_attributes else ()

    def _check_learnt(self) -> None:
        """Raise ValueError where a test of what the model learnt from has nothing to look at."""
        asked = {
            "label_noise": self.label_noise is not None and "training" in self.label_noise.splits,
            "poisoning": self.poisoning is not None,
            "membership": self.membership is not None,
        }
        needy = [name for name, wanted in asked.items() if wanted]
        if needy and self.training is None:
            raise ValueError(f"`{needy[0]}` looks at the training data; name them in the section `training`")

    def _check_forecast(self) -> None:
        if self.output.kind not in VALUE:
            raise ValueError("`data.forecast` is for answers that are values")
        if self.data.cluster is not None:
            raise ValueError("`data.cluster` and `data.forecast` both say what is one case; keep one")
        if any(item.label == "horizon" for item in self.dimensions):
            raise ValueError("`horizon` is how far a forecast looks ahead; give the dimension another name")
        if self.data.forecast and self.data.forecast.history.format in OF_ARRAYS:
            raise ValueError("`data.forecast.history` is a table: csv or parquet")

    @property
    def dimensions(self) -> Dimensions:
        """Columns by which the results are split: protected ones first."""
        return (*(self.protected_attributes.attributes if self.protected_attributes else ()), *self.slices)

    @property
    def sections(self) -> tuple[str, ...]:
        """Names of what the plan asks for beside one pass over the test data, in their order."""
        optional = [name for name, field in Plan.model_fields.items() if field.default is None and name not in _OF_ALL]
        return tuple(name for name in optional if getattr(self, name) is not None)

    def only(self, names: Collection[str]) -> "Plan":
        """The plan with these of its sections alone; `performance` is the pass over the test data, always made.

        For a trial, never for a run that is filed: its seal is another one than that of the whole plan. Raises
        EvidenceError for a name that is no section of this plan.
        """
        unknown = sorted(set(names) - {PERFORMANCE, *self.sections})
        if unknown:
            raise EvidenceError(
                f"the plan has no section `{unknown[0]}`",
                hint=did_you_mean(unknown[0], (PERFORMANCE, *self.sections)),
            )
        return self.model_copy(update={name: None for name in self.sections if name not in names})

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
        elif output.kind in LABELS:
            positive = "no label in particular" if output.favourable is None else output.wanted[0]
            negative = "without it"
        elif output.kind in RANKING:
            positive, negative = "a place further up", "a place further down"
        other = output.favourable in ("negative", "lower") and not several
        if output.kind in LABELS and output.favourable is not None:
            other = not output.wanted[1]
        return OperatingPoint(
            label=", ".join(self.data.labels),
            positive=positive,
            negative=negative,
            favourable="negative" if other else "positive",
            threshold=output.threshold if output.kind == "probability" else None,
            protected={item.label: item.says for item in attributes},
            kind=None if output.kind == "probability" else None if output.kind == "label" else output.kind,
            classes=output.words or None,
            thresholds=output.limits if output.kind in LABELS else None,
            weight=self.data.weight,
            judged_by=self._judged_by,
        )

    @property
    def flipped(self) -> tuple[str, ...]:
        """Input columns that are set to other values: protected attributes that the model takes, declared proxies."""
        columns = {column.name for column in self.features.columns}
        protected = self.protected_attributes.attributes if self.protected_attributes else ()
        taken = [item.column for item in protected if item.column in columns]
        return tuple(dict.fromkeys([*taken, *(self.individual.proxies if self.individual else ())]))

    @property
    def _judged_by(self) -> str | None:
        """What else decides how good an answer looks, in words: of a ranking how its lists are made and judged."""
        if self.output.kind in RANKING:
            return f"{self.output.judged.says}; a list a {self.data.query}"
        if forecast := self.data.forecast:
            return (
                f"up to {forecast.horizon} {forecast.step}s ahead, season of {forecast.season}, "
                f"cases by {forecast.cases}; "
                f"{forecast.series} from {forecast.origin} to {forecast.target}"
            )
        return None

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
                raise unreadable(path, cause) from None
        return digests

    def file(self, path: str) -> Path:
        """A path of the plan, from the plan's folder."""
        return self.folder / path

    def named_files(self) -> dict[str, Path]:
        """Every file that the plan names, by its place in the plan."""
        named = {"model.path": self.model.path, "data.path": self.data.path}
        optional = {
            "training.path": self.training,
            "data.forecast.history.path": self.data.forecast.history if self.data.forecast else None,
            "reference.path": self.reference,
            "golden.outputs.path": self.golden.outputs if self.golden else None,
            "golden.inputs.path": self.golden.inputs if self.golden else None,
            "baselines.incumbent.path": self.baselines.incumbent if self.baselines else None,
        }
        named |= {place: item.path for place, item in optional.items() if item is not None}
        return {place: self.file(path) for place, path in named.items()}


def require_apart(digests: Mapping[str, str]) -> None:
    """Raise EvidenceError where one file, by its digest, stands for two things.

    The test data are neither the training data nor the reference, and the incumbent is not the model under test.
    """
    for place, what in (("training.path", "training data"), ("reference.path", "reference")):
        if digests.get(place) == digests["data.path"]:
            raise EvidenceError(
                f"the test data are the {what} too: `data.path` and `{place}` name files of one content",
                hint="test on rows that the model has not seen, against a reference of its own",
            )
    if digests.get("baselines.incumbent.path") == digests["model.path"]:
        raise EvidenceError(
            "the incumbent is the model under test: `baselines.incumbent.path` and `model.path` are one file",
            hint="name the model that runs today, or leave the incumbent out",
        )
