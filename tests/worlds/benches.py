"""What a test of the battery works on, without a file or a process: rows and answers that a test makes up."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx

from evidence.validation.child.answers import Answer
from evidence.validation.child.battery import Bench
from evidence.validation.child.frame import Frame
from evidence.validation.child.identity import row_keys
from evidence.validation.child.scan import scan_model
from evidence.validation.child.session import Inputs, Model
from evidence.validation.plan.model import Plan
from tests.worlds.runs import logistic, plan_values


def plan_of(**changes: Any) -> Plan:
    """A plan whose files need not be there."""
    return Plan.from_json(plan_values(**changes) | {"folder": "/plans"})


def model_of(plan: Plan, graph: onnx.ModelProto | None = None) -> Model:
    """The real runtime over a graph."""
    data = (graph or logistic()).SerializeToString()
    return Model(data, scan_model(data), plan)


def bench_of(
    plan: Plan,
    numbers: np.ndarray,
    labels: np.ndarray,
    *,
    answer: Answer | None = None,
    groups: Mapping[str, tuple[Sequence[str], np.ndarray]] | None = None,
    texts: Mapping[str, np.ndarray] | None = None,
    model: Model | None = None,
) -> Bench:
    """Rows of numbers (rows, columns) with labels; what the model says of them, unless an answer is given.

    `groups`: by dimension the names of its values and the code of each row; of others of the plan all are unknown.
    """
    model = model or model_of(plan)
    inputs = Inputs(numbers.astype(np.float32), dict(texts or {}))
    asked = plan.protected_attributes.attributes if plan.protected_attributes else ()
    nobody = np.full(len(labels), -1, dtype=np.int64)
    known = {item.label: ((), nobody) for item in (*asked, *plan.slices)} | dict(groups or {})
    frame = Frame(
        inputs=inputs,
        labels=labels,
        groups={name: codes.astype(np.int64) for name, (_, codes) in known.items()},
        answer=model.answer(inputs) if answer is None else answer,
        of=len(labels),
        cases=row_keys(inputs, labels),
    )
    names = {name: tuple(words) for name, (words, _) in known.items()}
    return Bench(plan, model, frame, None, names, 1.0, lambda *_: None, {})


def answered(scores: np.ndarray) -> Answer:
    """An answer of scores, without abstention."""
    return Answer(scores.astype(np.float64), np.zeros(len(scores), dtype=np.bool_), ())
