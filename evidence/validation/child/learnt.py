"""What the tables beside the test data show: the training data, and the reference where its quality is asked for.

Sandboxed child only.
"""

from dataclasses import dataclass

from evidence.model.predicates.validation import FairnessAudit
from evidence.validation.child.battery import wanted
from evidence.validation.child.contents import Contents
from evidence.validation.child.counting import (
    count_fairness,
    fairness_of,
    favoured,
)
from evidence.validation.child.data import column_names
from evidence.validation.child.frame import Frame, FrameSample
from evidence.validation.child.identity import row_keys
from evidence.validation.child.rows import (
    Layout,
    Open,
    Report,
    read_rows,
)
from evidence.validation.child.scoring import (
    Pass,
    alike_of,
    associations_of,
    audited,
    cases_of,
    encoded_groups,
    row_counts_of,
)
from evidence.validation.measures.copies import Copies, Overlap
from evidence.validation.plan.model import Plan


@dataclass(frozen=True)
class Learnt:
    """What the training data show: audits of their labels, test rows found there, and a sample for the battery."""

    audits: tuple[FairnessAudit, ...] = ()
    overlap: int | None = None
    frame: Frame | None = None


def read_training(plan: Plan, test: Pass, open_table: Open, report: Report) -> Learnt:
    """The audit of the labels that the model learnt from, and the test rows found there, where the plan names them.

    A row of the training data may miss a feature: what the training did about it is not known here.
    """
    if plan.training is None:
        return Learnt()
    fairness, associations = fairness_of(plan, "training-labels"), associations_of(plan)
    attributes = plan.protected_attributes.attributes if plan.protected_attributes else ()
    names = [item.label for item in attributes]
    overlap, copies = Overlap(test.seen), Copies(names)
    contents = test.contents.setdefault("training", Contents(plan, copies)) if plan.quality else None
    sample = FrameSample(plan.seed) if wanted(plan) else None
    done = left_out = 0
    unknown = dict.fromkeys(names, 0)
    query = plan.data.query if fairness else None
    layout = Layout(True, plan.data, attributes, None, query=query, forecast=plan.data.forecast, whole=False)
    for rows in read_rows(open_table("training", plan.training), plan, layout, test.model.dtype):
        left_out += rows.left_out
        done += len(rows) + rows.left_out
        if contents:
            contents.update(rows)
        if test.backtest:
            test.backtest.check_training(rows.groups, plan.training.path)
        if rows.labels is not None:
            keys = row_keys(rows.inputs, rows.labels)
            overlap.update(keys)
            copies.update(keys, encoded_groups(copies.groups, rows.groups))
            told = encoded_groups(associations.groups, rows.groups)
            associations.update(told, rows.inputs.described(), favoured(plan.output, rows.labels))
            if sample:
                codes = {name: test.performance.groups[name] for name in names}
                sample.update(
                    rows.inputs, rows.labels, encoded_groups(codes, rows.groups), None, cases_of(rows, rows.labels)
                )
            for name in names:
                unknown[name] += int((rows.groups[name].codes < 0).sum())
            if fairness:
                groups = encoded_groups(fairness.groups, rows.groups)
                count_fairness(fairness, plan.output, rows.labels, groups, alike=alike_of(rows))
        report("training labels", done, None)
    frame = sample.frame() if sample else None
    if fairness is None:
        return Learnt((), overlap.rows, frame)
    counts = row_counts_of(done, left_out, 0, unknown)
    return Learnt((audited(plan, fairness, copies, counts, associations),), overlap.rows, frame)


def read_reference(plan: Plan, test: "Pass", open_table: Open, report: Report) -> None:
    """Counts what the reference holds, where the plan asks for its quality."""
    if plan.reference is None or plan.quality is None:
        return
    done, copies = 0, Copies()
    contents = test.contents["reference"] = Contents(plan, copies)
    known = set(column_names(open_table("reference", plan.reference)))
    protected = plan.protected_attributes.attributes if plan.protected_attributes else ()
    attributes = protected if known >= {item.column for item in protected} else ()
    layout = Layout(True, None, attributes, None, whole=False)
    for rows in read_rows(open_table("reference", plan.reference), plan, layout, test.model.dtype):
        copies.update(row_keys(rows.inputs), {})
        contents.update(rows)
        done += len(rows)
        report("quality of the reference", done, None)
