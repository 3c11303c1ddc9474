"""Two decisions on one snapshot by different policies, set side by side: does the subject flip, and by which controls?

Earlier gates are left out of it: a decision under other policies opens none, so every later gate would seem to close.
"""

from engine.deciding.decide import Standing
from engine.deciding.verdict import (
    HARMLESS,
    ControlReason,
    ControlResult,
    Decision,
    Outcome,
    Status,
    TierReason,
)
from evidence.model.base import Frozen, format_instant
from evidence.model.notes import DecisionFacts

NO_GATE = "no-gate"
"""The outcome where policies have no such gate, or ask nothing at it."""


class ControlFlip(Frozen):
    """A control that comes to another status; `-` where the policies do not ask it there."""

    control: str
    before: str
    after: str


class Verdict(Frozen):
    """What becomes of a subject at a gate. `controls` are those whose status changes, first those that stop it."""

    subject: str
    system: str
    gate: str
    decided_at: str
    before: str
    after: str
    controls: tuple[ControlFlip, ...]

    @property
    def flips(self) -> bool:
        return (self.before == Outcome.ALLOW) != (self.after == Outcome.ALLOW)


class Unjudged(Frozen):
    """A subject at a gate of which the evidence on record cannot be judged again, and why not."""

    subject: str
    system: str
    gate: str
    decided_at: str
    why: str


class WhatIf(Frozen):
    """What other policies would have decided, and whom it cannot be told of: neither a flip nor as it was."""

    verdicts: tuple[Verdict, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 where a subject flips; 3 where none does and of some it cannot be told."""
        if any(item.flips for item in self.verdicts):
            return 1
        return 3 if self.unjudged else 0


def verdict(recorded: Decision, before: Standing | None, after: Standing | None) -> Verdict:
    """The verdict on the subject and gate of a recorded decision. None: these policies have no such gate."""
    return Verdict(
        **_of(recorded),
        before=_outcome(before),
        after=_outcome(after),
        controls=_flips(before, after),
    )


def unjudged(recorded: Decision | DecisionFacts, why: str) -> Unjudged:
    """That a recorded decision cannot be judged again, of which perhaps no more than its facts can be read."""
    return Unjudged(**_of(recorded), why=why)


def _of(recorded: Decision | DecisionFacts) -> dict[str, str]:
    return {
        "subject": recorded.subject.name,
        "system": recorded.subject.system_id,
        "gate": recorded.gate,
        "decided_at": format_instant(recorded.instant),
    }


def _outcome(decision: Standing | None) -> str:
    if decision is None:
        return NO_GATE
    if not decision.reasons:
        return Outcome.ALLOW
    breach = any(
        (isinstance(reason, ControlReason) and reason.status is Status.FAIL)
        or (isinstance(reason, TierReason) and reason.tier == "prohibited")
        for reason in decision.reasons
    )
    return Outcome.DENY if breach else Outcome.INDETERMINATE


def _flips(before: Standing | None, after: Standing | None) -> tuple[ControlFlip, ...]:
    first, second = ({r.control: r for r in decision.results} if decision else {} for decision in (before, after))
    found = []
    for name in first.keys() | second.keys():
        was, now = ("-" if name not in side else _status(side[name]) for side in (first, second))
        if was != now:
            harmless = name not in second or second[name].status in HARMLESS or second[name].advisory
            found.append((harmless, ControlFlip(control=name, before=was, after=now)))
    return tuple(change for _, change in sorted(found, key=lambda pair: (pair[0], pair[1].control)))


def _status(result: ControlResult) -> str:
    """The status, and of one that may stop the subject how severe it is."""
    told = str(result.status) if result.status in HARMLESS else f"{result.status}, {result.severity}"
    return f"{told} (advice)" if result.advisory else told
