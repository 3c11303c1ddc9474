"""What was proved of controls, as values: text, JUnit and JSON are made of them and of nothing else."""

from collections.abc import Callable, Iterator
from shlex import quote
from typing import Literal

from engine.errors import PolicyError
from engine.proofs.cases import cases_path
from engine.proofs.policytest import CaseOutcome, Report
from evidence.model.base import Frozen
from reports.words.aside import asides_text
from reports.words.controls import SIGNED_WORDS
from reports.words.decisions import cause_at

Kind = Literal["case", "rego-test", "deletion", "corruption", "unweighed", "needless-exception", "mistake"]
Place = Callable[[str], str]
"""Tells a file of a bundle by the path under which its author has it."""


class Failure(Frozen):
    """Something that does not hold: where, and what."""

    kind: Kind
    file: str
    line: int | None = None
    test: str | None = None
    """Name of the case or Rego test; of a deletion or corruption, of the case that it started from."""
    field: str | None = None
    """Path of the evidence that was taken away, made false, or read in vain."""
    problem: str
    hint: str | None = None

    @property
    def text(self) -> str:
        """The failure in a line that begins with its place."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        named = f"{self.test}: " if self.kind in ("case", "rego-test") else ""
        return f"{where}: {named}{self.problem}"


class Tried(Frozen):
    """A case, or a Rego test, which expects nothing but to hold; `problem` is None where it came out as it says."""

    name: str
    line: int | None = None
    expected: str | None = None
    actual: str | None = None
    problem: str | None = None


class Proof(Frozen):
    """How many changes a test tried, and how many of them left a pass."""

    tried: int
    passed_on: int


class Proved(Frozen):
    """All that was proved of a control (or, under the name of its file, of a library; as `access`, of the Cedar
    policies) in `seconds`.
    """

    control: str
    file: str
    passed: bool
    seconds: float
    cases: tuple[Tried, ...]
    rego_tests: tuple[Tried, ...]
    deletions: Proof | None
    """None of other people's Rego, of which neither test can be had; the corruptions alike."""
    corruptions: Proof | None
    messages: int
    unsaid: tuple[str, ...]
    """Messages that no case gave, of so many."""
    failures: tuple[Failure, ...]
    signed: str = ""
    """That a pass of it rests on a signature, in words; empty where records alone decide."""

    @property
    def foreign(self) -> bool:
        return self.deletions is None


def proved(report: Report, seconds: float, place: Place, bundle: str = "") -> Proved:
    """A report of the engine, its files told as `place` does; `bundle` names the policies on a command line."""
    return Proved(
        control=report.name,
        file=place(report.path),
        passed=report.passed,
        seconds=round(seconds, 3),
        cases=tuple(
            Tried(
                name=case.name, line=case.line, expected=case.expected, actual=case.actual, problem=_why(case) or None
            )
            for case in report.cases
        ),
        rego_tests=tuple(
            Tried(name=item.name, line=item.line, problem=item.problem or None) for item in report.rego_tests
        ),
        deletions=None if report.foreign else _deletions(report),
        corruptions=None if report.foreign else Proof(tried=report.corruptions, passed_on=report.undetected),
        messages=report.messages,
        unsaid=report.unsaid,
        failures=tuple(_failures(report, place, bundle)),
        signed=SIGNED_WORDS.get(report.mode, ""),
    )


def _deletions(report: Report) -> Proof:
    return Proof(tried=report.deletions, passed_on=len(report.survivors) + len(report.undecided))


def _failures(report: Report, place: Place, bundle: str) -> Iterator[Failure]:
    """What a deletion or a corruption lets pass stands at the case that it started from."""
    cases, file = place(report.cases_at or cases_path(report.path)), place(report.path)
    lines = {case.name: case.line for case in report.cases}
    for case in report.cases:
        if case.problem:
            given = f"quaestor policy try {report.name} --case {quote(case.name)}{bundle}"
            hint = case.hint or f"see what its rules read: {given}; then mend the rule, or `expect`"
            yield Failure(kind="case", file=cases, line=case.line, test=case.name, problem=_why(case), hint=hint)
    for item in report.rego_tests:
        if item.problem:
            where = place(item.path or report.path)
            yield Failure(kind="rego-test", file=where, line=item.line, test=item.name, problem=item.problem)
    for left in report.survivors:
        line = lines.get(left.case)
        problem = f"without {left}"
        hint = "let a rule ask for it, or name it in `may_be_empty` of METADATA, with the reason"
        yield Failure(
            kind="deletion", file=cases, line=line, test=left.case, field=left.path, problem=problem, hint=hint
        )
    yield from (_mistake(policy, place, kind="deletion") for policy in report.undecided)
    for false in report.believed:
        line = lines.get(false.case)
        problem = f"with {false}"
        exception = "may_stand_beside" if false.form in ("beside", "order") else "may_be_false"
        mend = (
            "let a rule look at every entry, however many there are"
            if false.form == "order"
            else "let a rule refuse it"
        )
        hint = f"{mend}, or name it in `{exception}` of METADATA, with the reason"
        yield Failure(
            kind="corruption", file=cases, line=line, test=false.case, field=false.path, problem=problem, hint=hint
        )
    for path in report.unweighed:
        yield Failure(kind="unweighed", file=file, field=path, problem=path, hint=_UNWEIGHED)
    for path in report.needless:
        problem = f"needless exception `{path}`"
        yield Failure(kind="needless-exception", file=file, field=path, problem=problem, hint="take it out of METADATA")
    yield from (_mistake(mistake, place) for mistake in report.mistakes)


_UNWEIGHED = (
    "write a case that passes by one entry or record of it alone, so that another value breaks it; where any value is "
    "right, say so in `may_differ` of METADATA, with the reason"
)


def _why(case: CaseOutcome) -> str:
    """What is wrong with what a case came to, what was found, and which of its records do not count; else empty."""
    if not case.problem or case.result is None:
        return case.problem
    cause, aside = cause_at(case.result, case.gate, case.tier), asides_text(case.turned_away)
    return f"{case.problem}{f': {cause}' if cause else ''}{f'; {aside}' if aside else ''}"


def _mistake(mistake: PolicyError, place: Place, kind: Kind = "mistake") -> Failure:
    return Failure(kind=kind, file=place(mistake.path), line=mistake.line, problem=mistake.problem, hint=mistake.hint)
