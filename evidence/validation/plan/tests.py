"""What is tried beside one pass over the test data."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from evidence.model.base import Frozen, Int, Name, Number
from evidence.model.predicates.values import Period
from evidence.validation.kinds import BINARY, SCORED, VALUE
from evidence.validation.plan.output import Output

Size = Annotated[Number, Field(gt=0, le=1)]


class Certify(Frozen):
    """On how many rows it is decided, and not only tried, whether any perturbation of the size `budget` turns them."""

    budget: Size
    rows: Annotated[Int, Field(gt=0, le=2000)] = 100


class Robustness(Frozen):
    """Size of each attack (L-infinity, in units of `scale`) and how many rows are tried.

    `scale`: range, where absent: a size is a share of a feature's declared range; sd: of its standard deviation in the
    rows tried. `categories`: how many of the columns that `values` map may be changed at once, by `search` and
    `certify`; none where absent. `tolerance`, in the unit of the target, is how far an answer that is a value may move.
    """

    budgets: dict[Literal["noise", "fgsm", "search"], Size] = Field(min_length=1)
    scale: Literal["range", "sd"] | None = None
    categories: Annotated[Int, Field(gt=0, le=64)] | None = None
    certify: Certify | None = None
    trials: Annotated[Int, Field(gt=0, le=20_000)] = 500
    tolerance: Annotated[Number, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _used(self) -> "Robustness":
        if self.categories and "search" not in self.budgets and self.certify is None:
            raise ValueError("`categories` are changed by `search` and `certify`, and neither is asked for")
        return self


class Latency(Frozen):
    """How many calls are timed, of how many rows each; `warm_up` calls before them do not count."""

    runs: Annotated[Int, Field(gt=0, le=100_000)] = 500
    batch_size: Annotated[Int, Field(gt=0, le=65_536)] = 1
    warm_up: Annotated[Int, Field(ge=0, le=10_000)] = 20


class Incumbent(Frozen):
    """The model that runs today, to be compared with on the same rows: another ONNX file.

    `output` says what its output means where that is not as the candidate's, which must be of the same kind. `columns`
    are the names of the plan's columns that it takes, in its order, where it takes others than the candidate, and
    `input` its tensor.
    """

    path: str
    output: Output | None = None
    columns: Annotated[tuple[str, ...] | None, Field(min_length=1)] = None
    input: str | None = None


class Baselines(Frozen):
    """What the model must be better than: a constant answer, and the `incumbent` where one is named."""

    incumbent: Incumbent | None = None


Names = Annotated[tuple[str, ...] | None, Field(min_length=1)]
"""Columns of `protected_attributes` or `slices`; where absent, all protected ones."""


class Recalibration(Frozen):
    """Calibration slope and intercept, over all rows and in each value of the columns `groups`."""

    groups: Names = None


class OutOfTime(Frozen):
    """The test is of a later time than the training, and its primary metric is looked at over the periods.

    `training_window` is when the training data are of; their own days count before it where their table has them.
    """

    training_window: Period | None = None


class Uncertainty(Frozen):
    """Prediction sets that hold the truth in `level` of the cases, by `groups`, and the risk-coverage curve.

    No `level` where the model gives an interval of its own: that is the set then.
    """

    level: Annotated[Number | None, Field(ge=0.5, lt=1)] = None
    groups: Names = None


def gains_of(output: Output, baseline: str) -> tuple[str, ...]:
    """The metrics in which the gain over a baseline, `trivial` or `incumbent`, is told of a model of this kind."""
    if output.kind in VALUE:
        return ("mae", "mse", "rmse", "r2", *(("pinball",) if output.quantile is not None else ()))
    binary = output.kind in BINARY
    names = ["accuracy", "balanced_accuracy", "f1" if binary else "f1_macro"]
    if binary and baseline == "incumbent":  # a constant finds all rows of the class that it names
        names += ["recall", "specificity"]
    if output.kind in SCORED:
        names += ["roc_auc", "log_loss", "brier"] if binary else ["roc_auc_macro", "log_loss", "brier_multiclass"]
    return tuple(names)


DataCheck = Literal["missing-values", "declared-range", "unseen-categories", "constant-columns", "duplicate-rows"]
"""What is looked for in every table that a plan names."""


class Quality(Frozen):
    """Checks of every table that the plan names; a failed one blocks, unless `warnings` names it.

    `tolerated` is the largest share of a table's rows, in any one column, that a check lets pass; 0 where absent.
    """

    tolerated: dict[
        Literal["missing-values", "declared-range", "unseen-categories", "duplicate-rows"],
        Annotated[Number, Field(ge=0, le=0.5)],
    ] = Field(default_factory=dict)
    warnings: tuple[DataCheck, ...] = Field(default=(), max_length=4)

    @model_validator(mode="after")
    def _judges(self) -> "Quality":
        if len(set(self.warnings)) < len(self.warnings):
            raise ValueError("a check stands twice in `quality.warnings`")
        return self


class LabelNoise(Frozen):
    """The tables of which the share of wrong labels is estimated."""

    splits: tuple[Literal["test", "training"], ...] = Field(min_length=1, max_length=2)


class Poisoning(Frozen):
    """The screen of the training data; `alarm` is how often it may suspect rows where there is nothing to suspect."""

    alarm: Annotated[Number, Field(ge=0.001, le=0.05)] = 0.01


class Membership(Frozen):
    """How well it can be told whether a row was learnt from, by the `attack` that is tried."""

    attack: Literal["loss-threshold"] = "loss-threshold"


class HiddenSlices(Frozen):
    """Slices nobody named are looked for by `metric` (the primary one where absent).

    A slice holds at least `smallest_share` of the rows: a plan may look at smaller ones, not only at larger ones.
    """

    metric: str | None = None
    smallest_share: Annotated[Number, Field(ge=0.005, le=0.1)] = 0.05


class Drivers(Frozen):
    """What drives the model: how often each feature is shuffled, and over how many rows.

    `directions` says of features which way the answer may only go as they rise. `feature_actions` is what was decided
    of a feature, `ablation_groups` names features that are shuffled together.
    """

    repeats: Annotated[Int, Field(ge=2, le=50)] = 5
    rows: Annotated[Int, Field(ge=500, le=20_000)] = 5_000
    directions: dict[str, Literal["up", "down"]] | None = Field(default=None, min_length=1)
    feature_actions: dict[str, Literal["keep", "replace", "remove"]] | None = Field(default=None, min_length=1)
    ablation_groups: dict[Name, Annotated[tuple[str, ...], Field(min_length=1)]] | None = Field(
        default=None, min_length=1
    )


class Individual(Frozen):
    """Whether single persons fare alike: answers when a protected attribute is another, and those of neighbours.

    `proxies` are inputs that are changed like protected attributes. `tolerance`, in the unit of the target, is how far
    an answer that is a value may differ and count as the same.
    """

    proxies: tuple[str, ...] = ()
    neighbours: Annotated[Int, Field(ge=1, le=50)] = 5
    tolerance: Annotated[Number, Field(gt=0)] | None = None
