"""One case of the coverage simulation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Interval

Random = np.random.Generator
Floats = NDArray[np.float64]
Draw = Callable[[Random, int], Interval | None]


@dataclass(frozen=True)
class Case:
    """A measure on draws of known truth. `gate` is the end that policies read, `limit` a bound that they hold it to.

    `passes` says what of the draws should pass the limit: `half` or `most` at least, `few` (3 in 100) at most.
    """

    measure: str
    truth: str
    n: int
    value: float
    draw: Draw
    gate: str
    limit: float | None = None
    passes: str = ""

    @property
    def name(self) -> str:
        return f"{self.measure}, {self.truth}, n {self.n}"
