"""What is counted of each row, by the kind of the model's answer: how right it is, and for whom. In the child only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import FairnessAudit
from evidence.validation.child.answers import Answer
from evidence.validation.child.rows import Labels
from evidence.validation.kinds import BINARY, LABELS, NUMBER, ONE_ANSWER, RANKING, SEVERAL, VALUE
from evidence.validation.measured import NO_DIGEST
from evidence.validation.measures.classes import ClassPerformance
from evidence.validation.measures.copies import Copies, Keys
from evidence.validation.measures.exposure import ExposureFairness
from evidence.validation.measures.fairness import Audited, Fairness
from evidence.validation.measures.gaps import ValueFairness
from evidence.validation.measures.labels import LabelsPerformance
from evidence.validation.measures.performance import Performance
from evidence.validation.measures.ranking import RankingPerformance
from evidence.validation.measures.tally import Codes, Flags
from evidence.validation.measures.values import Level, ValuePerformance
from evidence.validation.measures.weighted import Estimate, Facts, Weighted, binary, labelled, several, values
from evidence.validation.plan.model import Plan
from evidence.validation.plan.output import Output

Audit = Fairness | ValueFairness | ExposureFairness


@dataclass(frozen=True)
class Alike:
    """What rows belong together, by a key of each row: the `query` of a ranking, and the `cluster` that is one case."""

    query: Keys
    cluster: Keys


def performance_of(output: Output, dimensions: list[str], eps: float) -> Performance:
    """The accumulator for a model of this kind, whose numbers keep the distance `eps` from 1."""
    if output.kind in SEVERAL:
        return ClassPerformance(output.words, dimensions, eps)
    if output.kind in LABELS:
        return LabelsPerformance(output.words, dimensions, eps)
    if output.kind in RANKING:
        return RankingPerformance(output.judged, dimensions)
    if output.kind in VALUE:
        return ValuePerformance(_level(output), dimensions)
    return Performance(dimensions, eps)


def _level(output: Output) -> Level:
    return Level(output.quantile, output.interval.level if output.interval else None)


def count(
    performance: Performance,
    output: Output,
    labels: Labels,
    answer: Answer,
    codes: Mapping[str, Codes],
    alike: Alike | None = None,
    naive: NDArray[np.float64] | None = None,
) -> None:
    """Counts the rows on which the model spoke, and notes those on which it abstained.

    `naive` is the naive error of each row's series, where rows are forecasts.
    """
    if isinstance(performance, RankingPerformance):  # which never abstains
        assert alike is not None
        performance.count(alike.query, alike.cluster, labels.astype(np.float64), answer.scores, codes)
        return
    spoke = ~answer.abstained
    if not spoke.all():
        silent = ~spoke
        performance.exclude(int(silent.sum()), {name: code[silent] for name, code in codes.items()})
        codes = {name: code[spoke] for name, code in codes.items()}
    told, scores = labels[spoke], answer.scores[spoke]
    if isinstance(performance, ClassPerformance):
        assert answer.chosen is not None
        chances = None if answer.chances is None else answer.chances[spoke]
        performance.count(told.astype(np.int64), answer.chosen[spoke], chances, codes)
    elif isinstance(performance, LabelsPerformance):
        assert answer.marks is not None
        assert answer.chances is not None
        performance.count(told.astype(np.bool_), answer.marks[spoke], answer.chances[spoke], codes)
    elif isinstance(performance, ValuePerformance):
        ends = None if answer.low is None or answer.high is None else (answer.low[spoke], answer.high[spoke])
        scale = None if naive is None else naive[spoke]
        performance.count(told.astype(np.float64), scores, ends, codes, scale)
    else:
        predicted = scores >= output.threshold
        performance.update(told, predicted, scores if output.kind == "probability" else None, codes)


def weighted_of(plan: Plan, dimensions: list[str], eps: float) -> Weighted | None:
    """What keeps the rows with their weights; None where each counts once."""
    if plan.data.weight is None:
        return None
    output = plan.output
    estimate: Estimate = binary(eps)
    if output.kind in SEVERAL:
        estimate = several(output.words, eps)
    elif output.kind in LABELS:
        estimate = labelled(output.words)
    elif output.kind in VALUE:
        estimate = values(_level(output))
    return Weighted(estimate, dimensions)


def facts_of(output: Output, labels: Labels, answer: Answer) -> Facts:
    """What weighted metrics know of each row."""
    if output.kind in SEVERAL:
        assert answer.chosen is not None
        known: dict[str, NDArray[Any]] = {"truth": labels.astype(np.int64), "chosen": answer.chosen}
        return known if answer.chances is None else known | {"chances": answer.chances.astype(np.float64)}
    if output.kind in LABELS:
        assert answer.marks is not None
        assert answer.chances is not None
        return {"truth": labels.astype(np.bool_), "marks": answer.marks, "chances": answer.chances}
    if output.kind in VALUE:
        known = {"truth": labels.astype(np.float64), "answer": answer.scores}
        ends = {"low": answer.low, "high": answer.high}
        return known | {name: end for name, end in ends.items() if end is not None}
    known = {"truth": labels, "guess": answer.scores >= output.threshold}
    return known | ({"score": answer.scores} if output.kind == "probability" else {})


def count_weighted(
    weighted: Weighted,
    output: Output,
    answer: Answer,
    labels: Labels,
    weights: NDArray[np.float64],
    cases: tuple[Keys, Keys],
    codes: Mapping[str, Codes],
) -> None:
    """Keeps the rows on which the model spoke, with weights; `cases`: the cluster of each, and which are equal."""
    spoke = ~answer.abstained
    weighted.abstain(weights[~spoke])
    facts = {name: part[spoke] for name, part in facts_of(output, labels, answer).items()}
    clusters, equal = (keys[spoke] for keys in cases)
    weighted.update(weights[spoke], clusters, {name: code[spoke] for name, code in codes.items()}, facts, equal)


def shares_of(output: Output, labels: Labels, answer: Answer) -> dict[str, tuple[Flags, Flags]]:
    """By metric that is a share of rows: which of them it counts, and among which; of rows on which the model spoke.

    Nothing of models whose rows have several answers, or none of their own.
    """
    if output.kind not in ONE_ANSWER:
        return {}
    spoke = ~answer.abstained
    truth, every = labels[spoke], np.ones(int(spoke.sum()), dtype=np.bool_)
    if output.kind in VALUE:
        if answer.low is None or answer.high is None:
            return {}
        return {"interval_coverage": ((answer.low[spoke] <= truth) & (truth <= answer.high[spoke]), every)}
    said = answer.decided(output.threshold)[spoke]
    right = np.asarray(said == truth, dtype=np.bool_)
    if output.kind in SEVERAL:
        return {"accuracy": (right, every), "f1_micro": (right, every)}
    positive, predicted = truth.astype(np.bool_), said.astype(np.bool_)
    return {
        "accuracy": (right, every),
        "precision": (positive, predicted),
        "recall": (predicted, positive),
        "specificity": (~predicted, ~positive),
    }


def check_answer(answer: Answer, output: Output, first_row: int, where: str) -> None:
    """Raises EvidenceError where the model gave a valid row no answer without abstaining."""
    broken = ~np.isfinite(answer.scores) & ~answer.abstained
    if not broken.any():
        return
    row = first_row + int(np.flatnonzero(broken)[0]) + 1
    if output.kind == "class":
        hint = "`output.ids` or `output.classes` must name every class that the model can answer"
        raise EvidenceError(
            f"the model answered with no class of the plan (about data row {row})", where=where, hint=hint
        )
    raise EvidenceError(
        f"the model gave no number for a valid row (about data row {row})",
        where=where,
        hint="declare `output.abstain` where the model refers a case to a person",
    )


def fairness_of(plan: Plan, audited: Audited) -> Audit | None:
    """The accumulator of an audit; None where no attribute is protected."""
    protected = plan.protected_attributes
    if protected is None:
        return None
    made: type[Fairness] | type[ValueFairness] | type[ExposureFairness] = Fairness
    if plan.output.kind in NUMBER:
        made = ExposureFairness if plan.output.kind in RANKING else ValueFairness
    return made([item.label for item in protected.attributes], protected.intersections, audited=audited)


def count_fairness(
    fairness: Audit,
    output: Output,
    labels: Labels,
    codes: Mapping[str, Codes],
    answer: Answer | None = None,
    alike: Alike | None = None,
) -> None:
    """Counts rows of an audit: what each group got and should have got; of training labels the latter alone.

    Of several classes it is one, the favourable, against the rest; of labels one with or without it. An abstention is
    no favourable answer.
    """
    if isinstance(fairness, ExposureFairness):
        assert alike is not None
        scores = None if answer is None else answer.scores
        fairness.update(alike.query, alike.cluster, labels.astype(np.float64), codes, scores)
        return
    if isinstance(fairness, ValueFairness):
        fairness.update(labels.astype(np.float64), codes, None if answer is None else answer.scores)
        return
    got = None if answer is None else favoured(output, answer.decided(output.threshold)) & ~answer.abstained
    fairness.update(favoured(output, labels), codes, got)


def favoured(output: Output, labels: NDArray[Any]) -> NDArray[Any]:
    """Whether each row has what a person wants to get; a value as it is, and a class where none is favourable."""
    if output.kind in NUMBER or output.favourable is None:
        return labels
    if output.kind in BINARY:
        return np.asarray(labels == (output.favourable == "positive"))
    if output.kind in LABELS:
        word, wanted = output.wanted
        return np.asarray(labels[:, output.words.index(word)] == wanted)
    return np.asarray(labels == output.words.index(str(output.favourable)))


def audit(plan: Plan, fairness: Audit, copies: Copies, excluded: int) -> FairnessAudit:
    """The `fairness-audit` content of what was counted; `excluded` rows were left out of every number."""
    if isinstance(fairness, ExposureFairness):
        return fairness.audit(
            artifact_digest=NO_DIGEST,
            dataset_digest=NO_DIGEST,
            binding_gaps=plan.binding_measures,
            mitigation=plan.mitigation,
            excluded=excluded,
            confidence=plan.confidence,
        )
    if isinstance(fairness, ValueFairness):
        return fairness.audit(
            artifact_digest=NO_DIGEST,
            dataset_digest=NO_DIGEST,
            binding_gaps=plan.binding_measures,
            mitigation=plan.mitigation,
            excluded=excluded,
            confidence=plan.confidence,
            copies=copies,
        )
    return fairness.result(confidence=plan.confidence, copies=copies).predicate(
        artifact_digest=NO_DIGEST,
        dataset_digest=NO_DIGEST,
        binding_measures=plan.binding_measures,  # type: ignore[arg-type]
        mitigation=plan.mitigation,
        excluded=excluded,
    )
