"""How protected attributes go together with the label and the features: a column that was shuffled goes with nothing.

The measure is the correlation ratio, the root of the share of a column's variance that lies between the groups (0 to
1; for two groups the absolute correlation). Among n rows of k groups without any association n times its square is
about chi-squared with k - 1 degrees of freedom. Source: R. A. Fisher, Statistical Methods for Research Workers (1925),
chapter 8.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.model.predicates.values import Association
from evidence.validation.measures.intervals import DECIMALS, Floats
from evidence.validation.measures.tally import Codes, Groups

LEVEL = 0.05
"""Chance, over all comparisons of an attribute, that one without any association reaches `chance_level`."""


class Associations:
    """Accumulates the attributes of rows beside numeric columns, the label last where there is one."""

    def __init__(self, attributes: Sequence[str], columns: Sequence[str]) -> None:
        self.groups = {name: Groups(name) for name in attributes}
        self._columns = tuple(columns)
        self._shift: Floats | None = None
        self._sums: dict[str, Floats] = {name: np.zeros((3, 0, len(columns) + 1)) for name in attributes}

    def update(self, codes: Mapping[str, Codes], values: NDArray[np.generic], labels: NDArray[np.generic]) -> None:
        """Counts a batch: groups by attribute, below 0 where unknown; values (rows, columns), NaN where missing."""
        table = np.column_stack([np.asarray(values, dtype=np.float64), labels.astype(np.float64)])
        if self._shift is None:  # sums about a value of each column, so that a large mean hides no spread
            self._shift = np.nan_to_num(table[0], posinf=0.0, neginf=0.0)
        known = np.isfinite(table)
        shifted = np.subtract(np.where(known, table, self._shift), self._shift, out=table)
        whole = bool(known.all())
        for name, groups in self.groups.items():
            old = self._sums[name]
            new = np.zeros((3, len(groups.names), table.shape[1]))
            new[:, : old.shape[1]] = old
            # All columns of a group at once: a table of many columns has far fewer groups.
            order = np.argsort(codes[name], kind="stable")
            ends = np.searchsorted(codes[name][order], np.arange(len(groups.names) + 1))
            for group, (start, end) in enumerate(pairwise(ends.tolist())):
                if start < end:
                    rows = order[start:end]
                    part = shifted[rows]
                    new[0, group] += end - start if whole else known[rows].sum(axis=0)
                    new[1, group] += part.sum(axis=0)
                    new[2, group] += np.einsum("ij,ij->j", part, part)
            self._sums[name] = new

    def result(self) -> dict[str, Association]:
        """The association of each attribute that has two groups or more."""
        found = {}
        for name, (counts, sums, squares) in self._sums.items():
            groups = int((counts.max(axis=1, initial=0) > 0).sum())
            if groups < 2:
                continue
            ratios = _correlation_ratios(counts, sums, squares)
            n = int(counts[:, -1].sum())
            least = float(special.chdtri(groups - 1, LEVEL / len(ratios))) / n
            found[name] = Association(
                n=n,
                label=ratios[-1],
                features=dict(zip(self._columns, ratios[:-1], strict=True)),
                strongest=max(ratios),
                chance_level=round(min(1.0, least) ** 0.5, DECIMALS),
            )
        return found


def _correlation_ratios(counts: Floats, sums: Floats, squares: Floats) -> list[float]:
    """Correlation ratio of each column, 0 where it is constant; all three sums are (groups, columns)."""
    rows, total = counts.sum(axis=0), sums.sum(axis=0)
    centre = np.divide(total**2, rows, out=np.zeros_like(total), where=rows > 0)
    whole = squares.sum(axis=0) - centre
    between = np.divide(sums**2, counts, out=np.zeros_like(sums), where=counts > 0).sum(axis=0) - centre
    varies = whole > 1e-12 * squares.sum(axis=0)
    shares = np.divide(between, whole, out=np.zeros_like(whole), where=varies)
    return [round(float(value), DECIMALS) for value in np.sqrt(np.clip(shares, 0, 1))]
