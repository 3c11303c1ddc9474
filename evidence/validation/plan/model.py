"""The validation plan: which model runs on which data, what is measured and within which limits.

A plan is a YAML file; its relative paths are meant from its own folder. `plan:` holds the content of the committed
`validation-plan` record (thresholds, tests, primary metric), whose digest the run cites: what was promised before the
test is then the same as what was tested.
"""

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from evidence.model.base import Frozen, Int, Number
from evidence.model.canonical import digest_file, digest_json
from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import ValidationPlan
from evidence.model.predicates.values import ActionItem, OperatingPoint
from evidence.validation.catalogue import BINARY, SEVERAL, VALUE
from evidence.validation.plan.artifact import ArtifactNotes, Budgets
from evidence.validation.plan.files import DataFile, Golden, ModelFile, Reference, TestData
from evidence.validation.plan.groups import Dimensions, Protected, Smallest
from evidence.validation.plan.inputs import Features
from evidence.validation.plan.output import Output
from evidence.validation.plan.tests import Latency, Robustness

FairnessMeasure = Literal["parity_difference", "odds_difference", "impact_ratio", "mean_difference", "error_difference"]
GAPS_OF_VALUES = ("mean_difference", "error_difference")
"""Fairness measures of answers that are numbers."""


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
                f"the plan has no section `{unknown[0]}`", hint=f"it has: {', '.join((PERFORMANCE, *self.sections))}"
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


def require_apart(digests: Mapping[str, str]) -> None:
    """Raise EvidenceError where the test data, by their digest, are the training data or the reference too."""
    for place, what in (("training.path", "training data"), ("reference.path", "reference")):
        if digests.get(place) == digests["data.path"]:
            raise EvidenceError(
                f"the test data are the {what} too: `data.path` and `{place}` name files of one content",
                hint="test on rows that the model has not seen, against a reference of its own",
            )
