"""What is tried beside one pass over the test data."""

from typing import Annotated, Literal

from pydantic import Field

from evidence.model.base import Frozen, Int, Name, Number


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
