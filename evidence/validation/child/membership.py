"""Whether the model's loss on a row tells that it learnt from it. Sandboxed child only."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evidence.validation.child.answers import Answer
from evidence.validation.child.frame import Frame
from evidence.validation.child.identity import row_keys
from evidence.validation.child.near import whole
from evidence.validation.child.session import Model
from evidence.validation.kinds import VALUE
from evidence.validation.measured import Examined
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.membership import advantage, area
from evidence.validation.plan.groups import Smallest
from evidence.validation.plan.output import Output

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

_CHUNK_NUMBERS = 1 << 22


def membership(bench: "Bench") -> Examined:
    """Advantage and area of the loss threshold, on test rows that do not stand in the training sample and on that."""
    plan = bench.plan
    if bench.training is None:
        return Examined(notes=("membership inference is not tried: the training data have no row that can be used",))
    learnt = whole(bench.training)
    keys = row_keys(learnt.inputs, learnt.labels)
    known = np.isin(row_keys(bench.test.inputs, bench.test.labels), keys)
    other = whole(bench.test.take(~known))
    inside = losses(_answered(bench.model, learnt), learnt, plan.output, bench.model.eps)
    outside = losses(other.answer, other, plan.output, bench.model.eps)
    copies = Copies()
    copies.update(keys, {})
    shares = (copies.share, bench.share)
    least = (plan.smallest or Smallest()).run
    if min(len(inside) * shares[0], len(outside) * shares[1]) < least:
        told = (
            f"membership inference is not tried: fewer than {least} independent training rows, or others, were answered"
        )
        return Examined(notes=(told,))
    found = {
        "membership_advantage": advantage(inside, outside, plan.seed, plan.confidence, shares),
        "membership_auc": area(inside, outside, plan.confidence, shares),
    }
    return Examined(numbers={name: value.recorded(int(known.sum())) for name, value in found.items() if value})


def losses(answer: Answer | None, frame: Frame, output: Output, eps: float) -> NDArray[np.float64]:
    """The loss of each row that was answered.

    Of scores minus the logarithm of that of the true class, of a class whether it is wrong, of a value its distance.
    """
    if answer is None:
        return np.zeros(0)
    spoke = ~answer.abstained
    if output.kind in VALUE:
        found: NDArray[np.float64] = np.abs(answer.scores - frame.labels.astype(np.float64))
        return found[spoke]
    labels = frame.labels.astype(np.int64)
    if output.kind == "probability":
        chance = np.where(labels == 1, answer.scores, 1 - answer.scores)
    elif output.kind == "classes" and answer.chances is not None:
        chance = answer.chances.astype(np.float64)[np.arange(len(labels)), labels]
    else:
        right = answer.decided(output.threshold).astype(np.int64) == labels
        return np.where(right, 0.0, 1.0)[spoke]
    scored: NDArray[np.float64] = -np.log(np.clip(chance, eps, 1))
    return scored[spoke]


def _answered(model: Model, frame: Frame) -> Answer | None:
    """What the model says of rows that it was not asked about, in parts, since wide rows take much memory."""
    step = max(1, _CHUNK_NUMBERS // max(1, frame.inputs.numbers.shape[1]))
    parts = [model.answer(frame.inputs.take(slice(start, start + step))) for start in range(0, len(frame), step)]
    if not parts:
        return None

    def joined(name: str) -> NDArray[np.generic] | None:
        found = [getattr(part, name) for part in parts]
        return None if found[0] is None else np.concatenate(found)

    names = ("scores", "abstained", "chosen", "chances")
    return Answer(outputs=(), **{name: joined(name) for name in names})  # type: ignore[arg-type]
