"""How many independent cases the rows of clusters are for one share, where they agree in part only.

Kish's effective size (see `copies`) takes rows of a cluster as wholly alike. Of a share, as a ratio of two sums, the
clusters themselves show how alike they are: with y_c and x_c the sums of a cluster and R = Y / X, the variance of R is
the sum of ((y_c - R x_c) / (1 - x_c / X))^2 over X^2 (each cluster left out once), and its quotient with that of X
independent rows is the design effect. One cluster of mean size counts beside them that nobody has seen, all of the
rarer outcome: of few clusters the one that matters is mostly not there. Intervals rest on X divided by the design
effect, and by how much longer Student's quantile is than the normal one, of as many degrees of freedom as the spread of
what clusters add leaves (Satterthwaite's); never on more than X.
Sources: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), section 6.3; R. M. Bell and D. F. McCaffrey, Bias
reduction in standard errors for linear regression with multi-stage samples, Survey Methodology 28 (2002) 169-181; E. L.
Korn and B. I. Graubard, Confidence intervals for proportions with small expected number of positive counts estimated
from survey data, Survey Methodology 24 (1998) 193-201.
"""

from collections.abc import Mapping

import numpy as np
from scipy import special

from evidence.validation.measures.copies import Keys
from evidence.validation.measures.intervals import Floats, normal_quantile
from evidence.validation.measures.tally import Flags

MOST_CLUSTERS = 1 << 20
"""Clusters whose sums are kept apart; where there are more, Kish's size has to do."""
LEAST_CLUSTERS = 30
LEAST_FREEDOM = 5
"""Clusters, and degrees of freedom, below which a variance between clusters is not trusted."""


class ClusterSums:
    """Accumulates shares by cluster. Memory grows with the clusters, up to `most`, and never with the rows."""

    def __init__(self, most: int = MOST_CLUSTERS) -> None:
        self._most = most
        self._names: tuple[str, ...] = ()
        self._keys: Keys = np.zeros(0, dtype=np.uint64)
        self._sums: Floats = np.zeros((0, 0))
        self._full = False

    def update(self, keys: Keys, shares: Mapping[str, tuple[Flags, Flags]]) -> None:
        """Counts a batch: the cluster of each row (rows,), and by share what it counts and among which rows (rows,)."""
        if self._full or not len(keys) or not shares:
            return
        self._names = tuple(shares)
        flags = [flag for counted, among in shares.values() for flag in (counted & among, among)]
        old, self._sums = self._sums, np.zeros((0, len(flags)))
        distinct, place = np.unique(keys, return_inverse=True)
        new = np.column_stack([np.bincount(place, weights=flag, minlength=len(distinct)) for flag in flags])
        self._keys, place = np.unique(np.concatenate([self._keys, distinct]), return_inverse=True)
        if len(self._keys) > self._most:
            self._full, self._keys = True, self._keys[:0]
            return
        self._sums = np.zeros((len(self._keys), len(flags)))
        if len(old):
            self._sums[place[: len(old)]] = old
        self._sums[place[len(old) :]] += new

    def shares(self, confidence: float) -> dict[str, float]:
        """Effective size per row of each share of which the clusters say how alike their rows are."""
        found = {}
        for at, name in enumerate(self._names if len(self._sums) else ()):
            there = self._sums[:, 2 * at + 1] > 0
            part, whole = self._sums[there, 2 * at], self._sums[there, 2 * at + 1]
            if len(whole) < LEAST_CLUSTERS:
                continue
            n = float(whole.sum())
            share = float(part.sum()) / n
            apart = ((part - share * whole) / (1 - whole / n)) ** 2
            fourth = float((apart**2).sum())
            freedom = float(apart.sum()) ** 2 / fourth if fourth else 0.0
            if freedom < LEAST_FREEDOM:
                continue
            unseen = (n / len(whole) * max(share, 1 - share)) ** 2
            effect = max(1.0, (float(apart.sum()) + unseen) / (n * share * (1 - share)))
            longer = float(special.stdtrit(freedom, (1 + confidence) / 2)) / normal_quantile(confidence)
            found[name] = 1 / effect / longer**2
        return found
