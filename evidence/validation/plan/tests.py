"""What is tried beside one pass over the test data."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from evidence.model.base import Frozen, Int, Number

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
