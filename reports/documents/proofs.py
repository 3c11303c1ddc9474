"""What was proved of controls, as values: text, JUnit and JSON are made of them and of nothing else."""

from collections.abc import Callable, Iterator
from typing import Literal

from engine.errors import PolicyError
from engine.proofs.cases import cases_path
from engine.proofs.policytest import Report
from evidence.model.base import Frozen

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
    """All that was proved of a control (or, under the name of its file, of a library) in `seconds`."""

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

    @property
    def foreign(self) -> bool:
        return self.deletions is None


def proved(report: Report, seconds: float, place: Place) -> Proved:
    """A report of the engine, its files told as `place` does."""
    return Proved(
        control=report.name,
        file=place(report.path),
        passed=report.passed,
        seconds=round(seconds, 3),
        cases=tuple(
            Tried(
                name=case.name, line=case.line, expected=case.expected, actual=case.actual, problem=case.problem or None
            )
            for case in report.cases
        ),
        rego_tests=tuple(Tried(name=item.name, problem=item.problem or None) for item in report.rego_tests),
        deletions=None if report.foreign else Proof(tried=report.deletions, passed_on=len(report.survivors)),
        corruptions=None if report.foreign else Proof(tried=report.corruptions, passed_on=report.undetected),
        messages=report.messages,
        unsaid=report.unsaid,
        failures=tuple(_failures(report, place)),
    )


def _failures(report: Report, place: Place) -> Iterator[Failure]:
    cases, file = place(cases_path(report.stem or report.path)), place(report.path)
    for case in report.cases:
        if case.problem:
            yield Failure(kind="case", file=cases, line=case.line, test=case.name, problem=case.problem)
    for item in report.rego_tests:
        if item.problem:
            yield Failure(kind="rego-test", file=file, test=item.name, problem=item.problem)
    for left in report.survivors:
        yield Failure(kind="deletion", file=file, test=left.case, field=left.path, problem=f"without {left}")
    for false in report.believed:
        yield Failure(kind="corruption", file=file, test=false.case, field=false.path, problem=f"with {false}")
    for path in report.unweighed:
        yield Failure(kind="unweighed", file=file, field=path, problem=path)
    for path in report.needless:
        yield Failure(kind="needless-exception", file=file, field=path, problem=f"needless exception `{path}`")
    yield from (_mistake(mistake, place) for mistake in report.mistakes)


def _mistake(mistake: PolicyError, place: Place) -> Failure:
    return Failure(
        kind="mistake", file=place(mistake.path), line=mistake.line, problem=mistake.problem, hint=mistake.hint
    )
