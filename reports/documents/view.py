"""A decision in plain words: the one reading of it that text, Markdown, JUnit, SARIF, HTML and PDF share."""

from collections.abc import Mapping, Sequence

from engine.deciding.verdict import HARMLESS, Outcome, Status
from evidence.model.base import Frozen, Int, Number
from reports.documents.parties import PartiesView
from reports.words.wording import plural

MAX_IDS = 4
"""Records that a finding names; of more it says how many. All of them stand in the decision."""
MAX_RELAXED = 6
"""Relaxations that page one tells, and names in each; of more it says how many."""
MAX_TOLD = 240
"""Letters that page one has for a relaxation."""
MAX_REPLACED = 3
"""Replaced parameters that page one tells one by one."""
SEVERITIES = ("blocker", "major", "minor")
"""The heaviest first."""


class MeasuredView(Frozen):
    """The number of a finding with its interval, the cases behind it, and the limit that it is held against."""

    value: Number
    low: Number
    high: Number
    n: Int
    limit: Number


class FindingView(Frozen):
    """Why an objective is not satisfied. `evidence` is a record id or empty, `evidence_type` its kind.

    `message` is the text with its places filled.
    """

    objective: str
    says: str
    message: str
    gap: bool
    observed: str
    expected: str
    evidence: str
    evidence_type: str
    path: str
    measured: MeasuredView | None = None


class FoundLine(Frozen):
    """One thing that was found: what it says and, where it has one, the value that was seen."""

    message: str
    observed: str


class FoundGroup(Frozen):
    """Findings that differ in what they say at most: what is expected, where it is read and in which records are one.

    `says` are the objectives that they speak against, `evidence` the records, both in the order of the findings.
    """

    lines: tuple[FoundLine, ...]
    says: tuple[str, ...]
    gap: bool
    expected: str
    path: str
    evidence_type: str
    evidence: tuple[str, ...]

    @property
    def ids(self) -> str:
        """One id is told whole; of several that are told together, as much as tells them apart."""
        if len(self.evidence) < 2:
            return "".join(self.evidence)
        shown = [name[7:23] if name.startswith("sha256:") else name for name in self.evidence[:MAX_IDS]]
        more = len(self.evidence) - len(shown)
        return " ".join(shown) + (f" and {more} more" if more else "")

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What they hold beside their lines, as names and values; the value of a single line is one of them."""
        single = self.lines[0].observed if len(self.lines) == 1 else ""
        facts = (
            ("observed", single),
            ("expected", self.expected),
            ("where", self.path),
            ("evidence", f"{self.evidence_type} {self.ids}".strip()),
        )
        return tuple((name, value) for name, value in facts if value)

    @property
    def told(self) -> tuple[str, ...]:
        """The lines in words, each with the value that was seen where there are several."""
        if len(self.lines) == 1:
            return (self.lines[0].message,)
        return tuple(f"{line.message}: {line.observed}" if line.observed else line.message for line in self.lines)


class ObjectiveView(Frozen):
    """One assessment objective and its state: `satisfied` or `not satisfied`, `, advisory` where it does not bind."""

    name: str
    says: str
    state: str


class ControlView(Frozen):
    """Result of one control.

    `binds` says from when, for a control that only advises; else it is empty. `decisive`: it is one of the decision's
    reasons; a failed control that is not (a minor one, where the gate asks for majors) is shown and denies nothing.
    `reason` is the whole of why it came to its status; `notes` is what it says of waivers, and of whose Rego judged
    where that is a foreign pack, which `foreign` names; `signed` says that it passed by signature. `found` are the
    findings as they are told, each thing once and that which decided first.
    """

    control: str
    title: str
    family: str
    foreign: str
    status: Status
    status_words: str
    advisory: bool
    decisive: bool
    binds: str
    severity: str
    basis: str
    reason: str
    notes: tuple[str, ...]
    signed: str = ""
    objectives: tuple[ObjectiveView, ...]
    findings: tuple[FindingView, ...]
    found: tuple[FoundGroup, ...]
    remediation: str
    articles: tuple[str, ...]
    evidence: tuple[str, ...]
    waiver: str

    @property
    def harmless(self) -> bool:
        return self.status in HARMLESS

    @property
    def weight(self) -> str:
        """`blocker, law`, with whose Rego judged where it is not ours, and why it denies nothing where that is so."""
        why = self.binds or ("" if self.decisive or self.harmless else "does not deny this gate")
        whose = "class foreign" if self.foreign else ""
        return ", ".join(part for part in (self.severity, self.basis, whose, why) if part)


class RelaxationView(Frozen):
    """Something that made the decision milder, or different, than the policies alone would have it.

    `subjects` are several where what is said of them is the same. Of a parameter, `change` is what replaced what, and
    `read_by` names the binding controls with a result that read it, those that decided first, then the heaviest.
    """

    kind: str
    words: str
    subjects: tuple[str, ...]
    detail: str
    change: str = ""
    read_by: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return ": ".join(part for part in (self.words, ", ".join(self.subjects), self.detail) if part)


class RecordView(Frozen):
    """Evidence records as the decision lists them; `signature` says by whom they are signed.

    Those of one type, issuer and signature stand together: `ids` are theirs, times are the first and the last.
    """

    ids: tuple[str, ...]
    type: str
    collected: str
    expires: str
    source: str
    issuer: str
    signature: str


class EvidenceClassView(Frozen):
    """The records of one evidence class, with what the class is worth."""

    name: str
    title: str
    meaning: str
    n: Int
    records: tuple[RecordView, ...]


class ExcludedView(Frozen):
    """Records about the subject that did not count; `ids` are several where what is said of them is the same."""

    ids: tuple[str, ...]
    type: str
    reason: str
    detail: str

    @property
    def line(self) -> str:
        return ": ".join(part for part in (f"{self.type} {', '.join(self.ids)}", self.reason, self.detail) if part)


class PrerequisiteView(Frozen):
    """An earlier gate that this gate asks for."""

    gate: str
    met: str
    decision: str
    detail: str

    @property
    def line(self) -> str:
        return f"{self.met}: {self.detail}"


class ReasonView(Frozen):
    """A reason of the decision; where a control stands behind it, also its finding and what to do."""

    text: str
    control: str
    finding: FindingView | None = None
    remediation: str


class CountView(Frozen):
    """How many binding controls came to a status; `deny` of them deny the gate (None: this status never does)."""

    words: str
    n: Int
    deny: Int | None = None

    @property
    def effect(self) -> str:
        """`3 deny`; empty where nothing is counted that could."""
        if self.deny is None or not self.n:
            return ""
        return f"{self.deny or 'none'} {'denies' if self.deny < 2 else 'deny'}"

    @property
    def told(self) -> str:
        return f"{self.n} {self.words} ({self.effect})" if self.effect else f"{self.n} {self.words}"


class DigestView(Frozen):
    """A digest with what it is of."""

    label: str
    value: str


class RelaxedView(Frozen):
    """A relaxation as page one tells it: what, and the name, by whom and why, cut where that is long."""

    what: str
    told: str


def _named(subjects: Sequence[str]) -> str:
    """Names where they are few, else the first and how many there are; of records how many."""
    if subjects[0].startswith("sha256:"):
        return plural(len(subjects), "record")
    more = len(subjects) - MAX_RELAXED
    return ", ".join(subjects[:MAX_RELAXED]) + (f" and {more} more" if more > 0 else "")


def _relaxed(item: RelaxationView) -> RelaxedView:
    told = f"{_named(item.subjects)}: {item.detail}"
    return RelaxedView(what=item.words, told=told if len(told) <= MAX_TOLD else f"{told[: MAX_TOLD - 1]}…")


def _further(items: Sequence[RelaxationView]) -> RelaxedView:
    """What page one has no room to tell one by one: each kind with what it concerns."""
    kinds: dict[str, list[str]] = {}
    for item in items:
        kinds.setdefault(item.words, []).extend(item.subjects)
    told = "; ".join(f"{words}: {_named(subjects)}" for words, subjects in kinds.items())
    return RelaxedView(what=f"{len(items)} more", told=told)


def _replaced(changed: Sequence[RelaxationView], weights: Mapping[str, tuple[bool, int]]) -> RelaxedView:
    """Many parameters: how many, and those that bore on a result, by the weight of the control that read them.

    One that passed by them as well: a limit is mostly moved so that something passes.
    """
    lightest = (True, len(SEVERITIES))
    bearing = sorted(
        (item for item in changed if item.read_by),
        key=lambda item: min(weights.get(name, lightest) for name in item.read_by),
    )
    shown = [f"{', '.join(item.subjects)} ({item.change}; {_named(item.read_by)})" for item in bearing[:MAX_RELAXED]]
    if len(bearing) > len(shown):
        shown.append(f"{len(bearing) - len(shown)} more")
    weighed = f"read by what decided, failed, was waived or passed: {', '.join(shown)}" if shown else ""
    none = "none of them is read by a control that decided, failed, was waived or passed"
    return RelaxedView(
        what=f"{sum(len(item.subjects) for item in changed)} thresholds or lists replaced",
        told=f"in the organisation's overlay; no approver is named; {weighed or none}",
    )


class DecisionView(Frozen):
    """A decision, ready to be told. `failing` are controls that failed, `unjudged` those without an answer, those
    that decided first. `decided` is the decision in a sentence, `policies` a clause on how its policies differ from
    those of the installation that decided, empty where they do not; the `summary` is both.
    """

    id: str
    outcome: Outcome
    verdict: str
    verdict_meaning: str
    decided: str
    policies: str
    reasons: tuple[ReasonView, ...]
    parties: PartiesView
    name: str
    digest: str
    kind: str
    system: str
    gate: str
    instant: str
    instant_iso: str
    tier: str
    roles: str
    articles: str
    tier_path: str
    tier_reasons: tuple[str, ...]
    counts: tuple[CountView, ...]
    failing: tuple[ControlView, ...]
    unjudged: tuple[ControlView, ...]
    waived: tuple[ControlView, ...]
    passing: tuple[ControlView, ...]
    not_applicable: tuple[ControlView, ...]
    advisory: tuple[ControlView, ...]
    prerequisites: tuple[PrerequisiteView, ...]
    relaxations: tuple[RelaxationView, ...]
    evidence: tuple[EvidenceClassView, ...]
    excluded: tuple[ExcludedView, ...]
    digests: tuple[DigestView, ...]

    @property
    def summary(self) -> str:
        return f"{self.decided}; {self.policies}" if self.policies else self.decided

    @property
    def relaxed(self) -> tuple[RelaxedView, ...]:
        """The relaxations, the weightiest first, so short that page one always has room for them."""
        changed = [item for item in self.relaxations if item.kind == "parameter"]
        folded = changed if len(changed) > MAX_REPLACED else []
        each = [item for item in self.relaxations if item not in folded]
        weights = {c.control: (not c.decisive, SEVERITIES.index(c.severity)) for c in self.controls}
        told = [_relaxed(item) for item in each[:MAX_RELAXED]]
        if len(each) > MAX_RELAXED:
            told.append(_further(each[MAX_RELAXED:]))
        return (*told, *([_replaced(folded, weights)] if folded else []))

    @property
    def advice(self) -> tuple[ControlView, ...]:
        """What does not bind here or not yet, and would speak against the subject."""
        return tuple(control for control in self.advisory if not control.harmless)

    @property
    def others(self) -> tuple[ControlView, ...]:
        """What speaks against nothing, binding or not."""
        met = (control for control in self.advisory if control.harmless)
        return (*self.waived, *self.passing, *self.not_applicable, *met)

    @property
    def controls(self) -> tuple[ControlView, ...]:
        """Every control, binding ones first, those that speak against the subject before the others."""
        return (
            *self.failing, *self.unjudged, *self.waived, *self.passing, *self.not_applicable, *self.advisory
        )  # fmt: skip
