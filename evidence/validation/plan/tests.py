"""What is tried beside one pass over the test data."""

from typing import Annotated, Literal

from pydantic import Field

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
