"""How far the model's outputs lie from the reference outputs of a plan. Sandboxed child only."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.child.data import Batch, Kind, Source, read_batches
from evidence.validation.child.rows import Layout, Open, labels_of, read_rows
from evidence.validation.child.session import Inputs, Model
from evidence.validation.measures.behaviour import compare_with_reference
from evidence.validation.plan.files import Golden
from evidence.validation.plan.model import Plan

MAX_GOLDEN_ROWS = 1_000_000


def golden_difference(plan: Plan, model: Model, open_table: Open) -> float | None:
    """Largest distance to the reference outputs, where the plan has them.

    Raises EvidenceError where they are too many, or a row of the inputs has a gap.
    """
    golden = plan.golden
    if golden is None:
        return None
    parts: list[NDArray[np.float64]] = []
    for batch in read_batches(open_table("golden", golden.outputs), _golden_kinds(plan, golden)):
        parts.append(_golden_part(plan, golden, batch))
        if sum(map(len, parts)) > MAX_GOLDEN_ROWS:
            raise EvidenceError(
                f"more than {MAX_GOLDEN_ROWS} reference outputs",
                where=golden.outputs.path,
                hint="compare on fewer rows",
            )
    table, name = (golden.inputs, "golden-inputs") if golden.inputs else (plan.data, "data")
    layout = Layout(True, None, (), None)
    return compare_with_reference(
        model,
        _whole(open_table(name, table), plan, layout, model),
        np.concatenate(parts),
        where=golden.outputs.path,
        classes=plan.output.kind == "class",
    )


def _golden_kinds(plan: Plan, golden: Golden) -> dict[str, Kind]:
    names = golden.columns or (golden.column or "",)
    words = plan.output.kind == "class" and isinstance((plan.output.classes or ("",))[0], str)
    return dict.fromkeys(names, "text" if words else "number")


def _golden_part(plan: Plan, golden: Golden, batch: Batch) -> NDArray[np.float64]:
    """The reference outputs of some rows: (rows,), or (rows, classes); of classes alone their places."""
    if golden.columns:
        return np.column_stack([batch.numbers[name] for name in golden.columns])
    assert golden.column is not None
    if plan.output.kind != "class":
        return batch.numbers[golden.column]
    named = plan.data.model_copy(update={"label": golden.column})
    places, known = labels_of(batch, named, plan.output, golden.outputs.path)
    return np.where(known, places, np.nan)


def _whole(source: Source, plan: Plan, layout: Layout, model: Model) -> Iterator[Inputs]:
    """Inputs of every row: with one left out, rows and reference outputs would no longer stand side by side."""
    for rows in read_rows(source, plan, layout, model.dtype):
        if rows.left_out:
            raise EvidenceError(
                "a row of the golden inputs has a gap",
                where=source.where,
                hint="leave the row out of inputs and outputs",
            )
        yield rows.inputs
