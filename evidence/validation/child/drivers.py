"""The test of the battery that asks what drives a model: shuffled features, curves, proxies. Sandboxed child only.

A feature is a column, or an array as a whole. Shuffling keeps each feature as it is distributed and breaks how it goes
with the others, so that the model also sees rows that no person could be.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evidence.model.predicates.examined import Direction, Proxy, RankedFeature
from evidence.model.predicates.validation import ExplainabilityReport
from evidence.model.predicates.values import MetricEstimate
from evidence.validation.catalogue import MEASURES
from evidence.validation.child.answers import Answer
from evidence.validation.child.frame import Frame, taken
from evidence.validation.child.session import Inputs
from evidence.validation.kinds import VALUE
from evidence.validation.measured import NO_DIGEST, Examined
from evidence.validation.measures.association import FOLDS, cramers_v, foretold, told_apart
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.curves import Curves, grid_of
from evidence.validation.measures.hidden import WORDS
from evidence.validation.measures.importance import agreement, importance
from evidence.validation.measures.influence import contributions
from evidence.validation.measures.intervals import Floats, Interval
from evidence.validation.measures.values import Amount
from evidence.validation.plan.groups import Smallest
from evidence.validation.plan.inputs import Features
from evidence.validation.plan.tests import Drivers

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

ASKED = 1_000_000
"""Rows that the model is asked of shuffled features altogether: of many features fewer rows each."""
LEAST_ROWS = 500
CURVES = 1_000
"""Rows of which curves are made, of as many features as `DRAWN` and those with a declared direction."""
DRAWN = 12
METHOD = "permutation importance"


@dataclass(frozen=True)
class Part:
    """Where a feature stands among the inputs: places of its numbers, or the name of its text."""

    numbers: slice
    text: str | None = None

    def put(self, inputs: Inputs, other: Inputs) -> Inputs:
        """The inputs with this feature of the other rows."""
        if self.text is not None:
            return replace(inputs, texts=inputs.texts | {self.text: other.texts[self.text]})
        numbers = inputs.numbers.copy()
        numbers[:, self.numbers] = other.numbers[:, self.numbers]
        return replace(inputs, numbers=numbers)


def parts_of(features: Features, inputs: Inputs) -> dict[str, Part]:
    """Each feature of a plan among inputs."""
    found, place = {}, 0
    for item, shape in zip(features.arrays or (), inputs.shapes, strict=False):
        width = int(np.prod(shape))
        found[item.name] = Part(slice(place, place + width))
        place += width
    for column in features.columns:
        if column.text:
            found[column.name] = Part(slice(0, 0), column.name)
            continue
        found[column.name] = Part(slice(place, place + 1))
        place += 1
    return found


def drivers(bench: "Bench") -> Examined:
    """What the plan asks of its features and attributes, as numbers and as a report."""
    settings = bench.plan.drivers
    assert settings is not None
    frame, answer = bench.test, bench.test.answer
    assert answer is not None
    frame = frame.take(~answer.abstained)
    copies = Copies()
    copies.update(frame.cases, {})
    least = (bench.plan.smallest or Smallest()).run
    if copies.effective < least:
        return Examined.silent(f"drivers: fewer than {least} independent cases")
    asked = _Asked(bench, settings, frame)
    if asked.base is None:
        return Examined.silent(f"drivers: `{bench.plan.plan.primary_metric}` is undefined")
    return _reported(bench, settings, asked)


class _Asked:
    """The rows, and what the model says of them when some of their features are those of other rows."""

    def __init__(self, bench: "Bench", settings: Drivers, frame: Frame) -> None:
        self.bench, self.settings = bench, settings
        self.parts = parts_of(bench.plan.features, frame.inputs)
        asked = (len(self.parts) + len(settings.ablation_groups or {})) * settings.repeats
        rows = min(settings.rows, max(LEAST_ROWS, ASKED // max(1, asked)), len(frame))
        self.frame = frame.take(np.sort(self.random("rows").permutation(len(frame))[:rows]))
        copies = Copies()
        copies.update(self.frame.cases, {})
        self.share = copies.share
        assert self.frame.answer is not None
        self.base = self._told(self.frame.answer, np.ones(rows, dtype=np.bool_))

    def random(self, what: str) -> np.random.Generator:
        """Numbers of its own for each subject, so that one more feature changes no other."""
        return np.random.default_rng([self.bench.plan.seed, zlib.crc32(what.encode())])

    def _told(self, answer: Answer, rows: NDArray[np.bool_]) -> Floats | None:
        plan = self.bench.plan
        answer = taken(answer, rows)
        return contributions(
            plan.plan.primary_metric, plan.output, self.frame.labels[rows], answer, self.bench.model.eps
        )

    def losses(self, name: str, features: Mapping[str, Part]) -> tuple[Floats, NDArray[np.int64]]:
        """What each row loses by other values of some features, (repeats, rows), and the rows that these came from."""
        random = self.random(f"shuffled {name}")
        sign = 1.0 if MEASURES[self.bench.plan.plan.primary_metric].better == "more" else -1.0
        found, donors = [], []
        for _ in range(self.settings.repeats):
            donor = random.permutation(len(self.frame))
            other = self.frame.inputs.take(donor)
            inputs = self.frame.inputs
            for part in features.values():
                inputs = part.put(inputs, other)
            answer = self.bench.model.answer(inputs)
            spoke = ~answer.abstained & np.isfinite(answer.scores)
            lost = np.full(len(self.frame), np.nan)
            assert self.frame.answer is not None
            before, after = self._told(self.frame.answer, spoke), self._told(answer, spoke)
            if before is not None and after is not None:
                lost[spoke] = sign * (before - after)
            found.append(lost)
            donors.append(donor)
        return np.array(found), np.array(donors)


def _reported(bench: "Bench", settings: Drivers, asked: _Asked) -> Examined:
    numbers: dict[str, MetricEstimate] = {}
    notes: list[str] = []
    ranked, effects = _ranked(asked, numbers, notes)
    deltas = {}
    for name, members in (settings.ablation_groups or {}).items():
        told, _ = _effect(asked, f"group {name}", {member: asked.parts[member] for member in members})
        if told is not None:
            numbers[f"ablation:{name}"] = told
            deltas[name] = told.value
    directions = dict(_directions(asked, [item.feature for item in ranked]))
    for name in settings.directions or {}:
        if name in directions and (violations := directions[name].violations) is not None:
            numbers[f"monotonicity_violation:{name}"] = violations
        else:
            notes.append(f"drivers: no answer moves with `{name}` in enough rows to say anything of its direction")
    proxies = dict(_proxies(bench, asked))
    for name, proxy in proxies.items():
        told_by = {"answer_proxy": proxy.answers, "input_proxy": proxy.inputs}
        numbers |= {f"{what}:{name}": found for what, found in told_by.items() if found is not None}
    if len(ranked) < 2:
        notes.append("drivers: fewer than two features, so that nothing is ranked and no explainability-report is made")
        return Examined(numbers=numbers, notes=tuple(notes))
    stability = agreement(np.array(effects), asked.random("halves"), bench.plan.confidence).recorded()
    report = ExplainabilityReport(
        artifact_digest=NO_DIGEST,
        method=METHOD,
        sample_size=max(1, int(len(asked.frame) * asked.share + 1e-6)),
        stability=stability,
        model_family="other",
        top_features=tuple(ranked),
        feature_actions=settings.feature_actions or {},
        ablation_deltas=deltas,
        metric=bench.plan.plan.primary_metric,
        directions=directions or None,
        proxies=proxies or None,
    )
    numbers["explanation_stability"] = stability
    return Examined(numbers=numbers, notes=tuple(notes), explainability=report)


def _ranked(
    asked: _Asked, numbers: dict[str, MetricEstimate], notes: list[str]
) -> tuple[list[RankedFeature], list[Floats]]:
    """Every feature by its importance, which goes to `numbers`, and what each row lost by shuffling each."""
    ranked, effects = [], []
    for name, part in asked.parts.items():
        told, losses = _effect(asked, name, {name: part})
        if told is None:
            notes.append(f"drivers: the metric is undefined where `{name}` is shuffled")
            continue
        numbers[f"importance:{name}"] = told
        ranked.append(RankedFeature(feature=name, importance=told.value, interval=told))
        effects.append(np.where(np.isfinite(losses), losses, 0.0).mean(axis=0))
    return sorted(ranked, key=lambda item: (-item.importance, item.feature)), effects


def _effect(asked: _Asked, name: str, features: Mapping[str, Part]) -> tuple[MetricEstimate | None, Floats]:
    """What shuffling some features costs, with what each row lost."""
    losses, donors = asked.losses(name, features)
    told = importance(losses, donors, asked.bench.plan.confidence, asked.share)
    if told is not None and asked.bench.plan.output.kind in VALUE:
        told = Amount(told.value, told.low, told.high, told.n, told.confidence)
    return (told.recorded(_left_out(losses)) if told else None), losses


def _left_out(losses: Floats) -> int:
    """Rows that said nothing in any repeat."""
    return int((~np.isfinite(losses).any(axis=0)).sum())


def _directions(asked: _Asked, ranked: list[str]) -> Iterator[tuple[str, Direction]]:
    """The curves of the features that weigh most, and of those of which the plan declares a direction."""
    bench, declared = asked.bench, asked.settings.directions or {}
    if bench.plan.output.kind not in (*VALUE, "probability", "label") and bench.plan.output.favourable is None:
        return
    texts = {column.name for column in bench.plan.features.columns if column.text}
    single = [name for name in ranked if name not in texts and bench.plan.features.arrays is None]
    rows = np.sort(asked.random("curves").permutation(len(asked.frame))[:CURVES])
    frame = asked.frame.take(rows)
    for name in [name for place, name in enumerate(single) if place < DRAWN or name in declared]:
        curves = _curves(bench, frame, asked.parts[name])
        if curves is None:
            continue
        up, down = curves.steps()
        way = declared.get(name)
        violations = way and curves.violations(way == "up", bench.plan.confidence, asked.share)
        with np.errstate(all="ignore"):
            low, high = np.nanquantile(curves.values, [0.1, 0.9], axis=0)
            mean = np.nanmean(curves.values, axis=0)
        told = [part if np.isfinite(part).all() else np.zeros(0) for part in (mean, low, high)]
        yield (
            name,
            Direction(
                rising=round(float(up.mean()), 6),
                falling=round(float(down.mean()), 6),
                declared=way,
                violations=violations.recorded() if violations else None,
                grid=_digits(curves.grid) if all(map(len, told)) else (),
                mean=_digits(told[0]),
                low=_digits(told[1]),
                high=_digits(told[2]),
            ),
        )


def _digits(values: Floats) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") + 0.0 for value in values)


def _curves(bench: "Bench", frame: Frame, part: Part) -> Curves | None:
    """The curve of each row over the values of a feature; None where it has one value."""
    grid = grid_of(frame.inputs.numbers[:, part.numbers.start])
    if len(grid) < 2:
        return None
    columns = []
    for value in grid:
        numbers = frame.inputs.numbers.copy()
        numbers[:, part.numbers] = value
        columns.append(said(bench, bench.model.answer(frame.inputs.with_numbers(numbers))))
    values = np.column_stack(columns)
    scale = 1.0
    if bench.plan.output.kind in VALUE:
        known = values[np.isfinite(values)]
        scale = float(np.abs(known).max(initial=0.0)) or 1.0
    return Curves(grid, values, scale)


def said(bench: "Bench", answer: Answer) -> Floats:
    """One number of each answer: the score of the positive class, or of the favourable one of several, or the value."""
    output = bench.plan.output
    if answer.chosen is None:
        return answer.scores
    place = output.words.index(str(output.favourable))
    if answer.chances is not None:
        return np.where(answer.abstained, np.nan, answer.chances[:, place].astype(np.float64))
    return np.where(answer.abstained, np.nan, (answer.chosen == place).astype(np.float64))


def _proxies(bench: "Bench", asked: _Asked) -> Iterator[tuple[str, Proxy]]:
    """How well each protected attribute is told by the answers and by the inputs, itself left aside."""
    protected = bench.plan.protected_attributes
    for dimension in protected.attributes if protected else ():
        frame, confidence, share = asked.frame, bench.plan.confidence, asked.share
        codes = frame.groups[dimension.label]
        assert frame.answer is not None
        features: dict[str, Interval | None] = {}
        columns: list[NDArray[Any]] = []
        numbers = frame.inputs.described().astype(np.float64)
        for place, name in enumerate(bench.plan.features.described):
            if name != dimension.column:
                features[name] = told_apart(codes, numbers[:, place], confidence, share)
                columns.append(numbers[:, place])
        for name, texts in frame.inputs.texts.items():
            if name != dimension.column:
                words = np.unique(texts.astype(str), return_inverse=True)[1]
                features[name] = cramers_v(codes, words, confidence, share)
                common = np.argsort(-np.bincount(words), kind="stable")[:WORDS]
                columns += [(words == word).astype(np.float64) for word in common]
        if frame.answer.chosen is not None:
            answers = cramers_v(codes, frame.answer.chosen, confidence, share)
        else:
            answers = told_apart(codes, frame.answer.scores, confidence, share)
        inputs = None
        if columns:
            folds = (frame.cases % np.uint64(FOLDS)).astype(np.int64)
            told = foretold(codes, np.column_stack(columns), folds)
            inputs = told_apart(codes, told, confidence, share, either=False)
        yield (
            dimension.label,
            Proxy(
                answers=answers.recorded() if answers else None,
                inputs=inputs.recorded() if inputs else None,
                features={name: found.recorded() for name, found in features.items() if found is not None},
            ),
        )
