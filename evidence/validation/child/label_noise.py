"""How many labels of the test and of the training data are wrong, by the rows themselves. Sandboxed child only.

No model is asked: one that learnt the errors would find them right.
"""

from typing import TYPE_CHECKING

from evidence.validation.child.near import classes_of, distinct, places_of
from evidence.validation.measured import Examined
from evidence.validation.measures.label_errors import LEAST, NEIGHBOURS, label_error_rate
from evidence.validation.measures.neighbours import nearest

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench


def label_noise(bench: "Bench") -> Examined:
    """The share of wrong labels in each table that the plan asks about."""
    plan = bench.plan
    numbers, notes = {}, []
    for split in plan.label_noise.splits if plan.label_noise else ():
        frame = bench.test if split == "test" else bench.training
        found = None
        if frame is not None and len(rows := distinct(frame)) > NEIGHBOURS:
            (lie,) = places_of(plan, [rows])
            labels = classes_of(rows)
            # Copies are gone; of the test data the rows of one customer are still one case.
            share = bench.share if split == "test" and plan.data.cluster else 1.0
            found = label_error_rate(labels, labels[nearest(lie, NEIGHBOURS)], plan.confidence, share)
        if found is None:
            notes.append(
                f"label errors of the {split} data are not told: a class has fewer than {LEAST} different rows"
            )
        else:
            numbers[f"label_error_rate:{split}"] = found.recorded()
    return Examined(numbers=numbers, notes=tuple(notes))
