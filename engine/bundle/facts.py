"""What linting derives of a bundle; kept with it, so that the linter itself is imported where a bundle is checked."""

from evidence.model.base import Frozen

ASKED_FOR = "evidence/"
"""What stands before an evidence type in the path of a finding that asks for a record of it."""


class Message(Frozen):
    """What a finding of an objective says; with `gap`, that the objective is left open and not broken."""

    objective: str
    text: str
    gap: bool = False


class ControlFacts(Frozen):
    """What the rules of a control say about it.

    `paths`: what deciding each objective reads, and under the name `applies` what
    deciding whether the control applies reads: evidence paths in the form `fairness-audit[].predicate.groups[].n`
    (`/**` for all that lies under one) and parameters as `parameter:min_group_size`.
    """

    has_applies: bool
    has_findings: bool
    paths: dict[str, frozenset[str]]
    asks_gate: frozenset[str]
    """Of the names in `paths` those whose rules ask for `input.gate`: they may ask less at one gate than at another."""
    messages: tuple[Message, ...] = ()
    """What its findings may say, in the order of objective and text."""


class Inspection(Frozen):
    """What linting derived: facts by control id."""

    controls: dict[str, ControlFacts]
