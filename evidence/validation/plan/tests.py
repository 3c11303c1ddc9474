"""What is tried beside one pass over the test data."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from evidence.model.base import Frozen, Int, Number


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
