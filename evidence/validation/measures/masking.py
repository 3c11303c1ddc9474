"""Signs that the slopes of a model say nothing: an attack by gradients then fails whatever the model withstands.

Five signs are looked for. `labels-only`: the model gives classes and no scores. `steps`: it is made of trees, which are
flat between their splits. `flat`: of the finite differences that
span the whole budget, among the features that show any slope at all, at least half are zero. `few-scores`: at most a
tenth as many different scores as different inputs, as where scores are rounded. `outdone`: random noise of no greater
budget turns more rows than the gradient step does (one-sided sign test at 0.05).
Source of the last: A. Athalye, N. Carlini and D. Wagner, Obfuscated gradients give a false sense of security (ICML
2018); N. Carlini et al., On evaluating adversarial robustness (2019).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from evidence.model.predicates.values import MaskingSign
from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.robustness import Slopes
from evidence.validation.measures.tally import Flags

FLAT = 0.5
FEW = 0.1
_LEVEL = 0.05


@dataclass(frozen=True)
class Masking:
    """The signs; `flat`: share of differences that are zero; `different`: different scores per different input."""

    signs: tuple[MaskingSign, ...]
    flat: float
    different: float


def masking(rows: Floats, found: Slopes, noise: Flags | None, step: Flags, known: tuple[MaskingSign, ...]) -> Masking:
    """What the slopes of the rows (rows, features) look like.

    `noise` and `step` (rows,): which rows random noise of no greater budget, where it was tried, and the gradient step
    turned. `known` are the signs that need no rows. A model without any slope is flat.
    """
    matters = ((found.sign != 0) & found.asked).any(axis=0)
    asked = found.asked[:, matters]
    flat = float((found.sign[:, matters][asked] == 0).mean()) if asked.any() else 1.0
    different = _different(rows, found, matters)
    signs = list(known)
    if flat >= FLAT:
        signs.append("flat")
    if different <= FEW:
        signs.append("few-scores")
    if noise is not None and _more(int((noise & ~step).sum()), int((step & ~noise).sum())):
        signs.append("outdone")
    return Masking(tuple(signs), flat, different)


def _different(rows: Floats, found: Slopes, matters: Flags) -> float:
    """Different scores for each different input that was asked; rows that are copies of another are asked once."""
    _, first = np.unique(rows[: len(found.scores)], axis=0, return_index=True)
    scores = found.scores[np.ix_(first, np.repeat(matters, 2))]
    known = scores[np.repeat(found.asked[np.ix_(first, matters)], 2, axis=1)]
    return len(np.unique(known)) / len(known) if len(known) else 0.0


def _more(ours: int, theirs: int) -> bool:
    """Whether so many against so many is more than chance gives."""
    both = ours + theirs
    return both > 0 and float(special.bdtrc(ours - 1, both, 0.5)) < _LEVEL
