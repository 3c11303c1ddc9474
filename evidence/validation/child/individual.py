"""The test of the battery that asks whether single persons fare alike. Sandboxed child only.

A protected attribute that the model takes is set to each of its other values, everything else left as it is (M. Kusner
et al., Counterfactual fairness, NeurIPS 2017, for a model of the world in which nothing else follows from the
attribute): a row counts where any of these changes its decision.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evidence.model.predicates.values import MetricEstimate
from evidence.validation.child.answers import Answer
from evidence.validation.child.drivers import parts_of
from evidence.validation.child.frame import Frame
from evidence.validation.child.session import Inputs
from evidence.validation.kinds import VALUE
from evidence.validation.measured import Examined
from evidence.validation.measures.consistency import consistency, standardised
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.hidden import WORDS
from evidence.validation.measures.intervals import Floats, wilson
from evidence.validation.measures.neighbours import Indexes, nearest
from evidence.validation.plan.groups import Smallest

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

LEVELS = 20
"""Different values of a column up to which each is tried; of more, the middles of `MIDDLES` parts of equal mass."""
MIDDLES = 5
ROWS = 5_000
"""Rows among which neighbours are looked for."""


def individual(bench: "Bench") -> Examined:
    """How often decisions change with a protected attribute, and how often neighbours are answered alike."""
    frame, least = bench.test, (bench.plan.smallest or Smallest()).run
    copies = Copies()
    copies.update(frame.cases, {})
    if copies.effective < least:
        return Examined.silent(f"individual: fewer than {least} independent cases")
    numbers: dict[str, MetricEstimate] = {}
    notes = []
    for name in bench.plan.flipped:
        changed = _changed(bench, frame, name)
        told = (
            None
            if changed is None
            else wilson(changed.sum() * copies.share, len(frame) * copies.share, bench.plan.confidence)
        )
        if told is None:
            notes.append(f"individual: `{name}` has one value alone, and no other to be set to")
        else:
            numbers[f"flip_rate:{name}"] = told.recorded()
    if not bench.plan.flipped:
        notes.append("individual: no protected attribute or declared proxy is an input, so that none was changed")
    found = _consistency(bench, frame, least)
    if isinstance(found, str):
        notes.append(found)
    else:
        numbers["consistency"] = found
    return Examined(numbers=numbers, notes=tuple(notes))


def _changed(bench: "Bench", frame: Frame, name: str) -> NDArray[np.bool_] | None:
    """Whether any other value of a column changes the decision on each row; None where it has one value."""
    assert frame.answer is not None
    part = parts_of(bench.plan.features, frame.inputs)[name]
    values: NDArray[Any] = (
        frame.inputs.texts[part.text] if part.text is not None else frame.inputs.numbers[:, part.numbers.start]
    )
    levels = _levels(bench, frame, name, values)
    if len(levels) < 2:
        return None
    changed = np.zeros(len(frame), dtype=np.bool_)
    for level in levels:
        other = bench.model.answer(part.put(frame.inputs, _filled(frame.inputs, part.text, level)))
        changed |= _decided_otherwise(bench, frame.answer, other)
    return changed


def _levels(bench: "Bench", frame: Frame, name: str, values: NDArray[Any]) -> list[Any]:
    """Values to set a column to: its own where they are few, of a binned attribute the middle of each group."""
    found, counts = np.unique(values, return_counts=True)
    if len(found) <= LEVELS:
        return list(found.tolist())
    if values.dtype == object:
        return [found[place] for place in np.argsort(-counts, kind="stable")[:LEVELS]]
    protected = bench.plan.protected_attributes
    for dimension in protected.attributes if protected else ():
        if dimension.column == name and dimension.bins is not None:
            codes = frame.groups[dimension.label]
            parts = [values[codes == code] for code in np.unique(codes[codes >= 0])]
            return [float(np.quantile(part, 0.5, method="inverted_cdf")) for part in parts]
    middles = (np.arange(MIDDLES) + 0.5) / MIDDLES
    return sorted(set(np.quantile(values, middles, method="inverted_cdf").tolist()))


def _filled(inputs: Inputs, text: str | None, level: Any) -> Inputs:
    """Inputs that hold one value in every place."""
    if text is not None:
        return replace(inputs, texts={text: np.full(len(inputs), level, dtype=object)})
    return inputs.with_numbers(np.full_like(inputs.numbers, level))


def _decided_otherwise(bench: "Bench", first: Answer, second: Answer) -> NDArray[np.bool_]:
    """Whether two answers to a row are different decisions; to abstain is one."""
    apart = first.abstained != second.abstained
    if bench.plan.output.kind in VALUE:
        assert bench.plan.individual is not None
        with np.errstate(invalid="ignore"):
            moved = np.abs(first.scores - second.scores) > (bench.plan.individual.tolerance or 0.0)
        return np.asarray(apart | moved)
    threshold = bench.plan.output.threshold
    with np.errstate(invalid="ignore"):
        return np.asarray(apart | (~first.abstained & (first.decided(threshold) != second.decided(threshold))))


def _consistency(bench: "Bench", frame: Frame, least: int) -> MetricEstimate | str:
    """The consistency of the answers, or why there is none. Of rows of one case the first alone has a say."""
    assert bench.plan.individual is not None
    kept = np.sort(np.unique(frame.cases, return_index=True)[1])
    kept = np.sort(np.random.default_rng([bench.plan.seed, 3]).permutation(kept)[:ROWS])
    frame = frame.take(kept)
    columns = list(_columns(bench, frame))
    k = bench.plan.individual.neighbours
    if not columns:
        return "individual: every input is protected, and nothing is left to be near by"
    if len(frame) < max(least, 2 * k):
        return f"individual: fewer than {max(least, 2 * k)} different rows to find neighbours among"
    answer = frame.answer
    assert answer is not None
    told = answer

    def differ(places: Indexes) -> NDArray[np.bool_]:
        again = [_decided_otherwise(bench, told, _of(told, places[:, place])) for place in range(places.shape[1])]
        return np.column_stack(again)

    return consistency(nearest(standardised(np.column_stack(columns)), k), differ, bench.plan.confidence).recorded()


def _of(answer: Answer, rows: Indexes) -> Answer:
    chosen = None if answer.chosen is None else answer.chosen[rows]
    return Answer(answer.scores[rows], answer.abstained[rows], (), chosen)


def _columns(bench: "Bench", frame: Frame) -> Iterator[Floats]:
    """What rows are near by: every input that is neither protected nor a proxy of that; of words a column each."""
    protected = bench.plan.protected_attributes
    aside = {item.column for item in protected.attributes} if protected else set()
    aside |= set(bench.plan.flipped)
    for name, part in parts_of(bench.plan.features, frame.inputs).items():
        if name in aside:
            continue
        if part.text is None:
            yield from frame.inputs.numbers[:, part.numbers].astype(np.float64).T
            continue
        words, codes, counts = np.unique(
            frame.inputs.texts[part.text].astype(str), return_inverse=True, return_counts=True
        )
        for word in np.argsort(-counts, kind="stable")[: min(WORDS, len(words))]:
            yield (codes == word).astype(np.float64)
