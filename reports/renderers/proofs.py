"""What was proved of controls, for a terminal and as JUnit XML."""

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from engine.proofs.cases import cases_path
from engine.proofs.policytest import Report
from reports.words.escape import clean

NOT_HAD = "not had"
"""In the place of a number, of a test that cannot be made of other people's Rego."""


def row_of(report: Report) -> tuple[str, ...]:
    """A line of the table: how much of each kind held."""
    held = sum(1 for case in report.cases if not case.problem)
    told = sum(1 for outcome in report.rego_tests if not outcome.problem)
    return (
        report.name,
        f"{held}/{len(report.cases)}",
        f"{told}/{len(report.rego_tests)}",
        NOT_HAD if report.foreign else f"{report.deletions - len(report.survivors)}/{report.deletions}",
        NOT_HAD if report.foreign else f"{report.corruptions - report.undetected}/{report.corruptions}",
        ("ok" if report.passed else "FAILED") + (", foreign" if report.foreign else ""),
    )


def detail_lines(report: Report) -> Iterator[str]:
    """Every failure, with its place."""
    cases = cases_path(report.stem or report.path)
    yield from (f"{cases}:{case.line}: {case.name}: {case.problem}" for case in report.cases if case.problem)
    yield from (f"{report.path}: {item.name}: {item.problem}" for item in report.rego_tests if item.problem)
    yield from _proof_failures(report)


def verbose_lines(report: Report, seconds: float) -> Iterator[str]:
    """Each case and what it came to, how long all took, and which messages no case gave."""
    said = report.messages - len(report.unsaid)
    yield f"{report.name}  {seconds:.2f} s, {said} of {report.messages} messages given by some case"
    yield from (f"    {'FAILED' if case.problem else 'ok':<6} {case.actual:<14} {case.name}" for case in report.cases)
    yield from (f"    {'FAILED' if item.problem else 'ok':<6} {item.name}" for item in report.rego_tests)
    yield from (f"    no case gives: {text}" for text in report.unsaid)


def junit_text(reports: Sequence[Report], seconds: Sequence[float]) -> str:
    """A `testsuite` a control: a `testcase` for each case and Rego test, and one for its proofs."""
    root = ET.Element("testsuites", {"name": "quaestor policy test"})
    for report, spent in zip(reports, seconds, strict=True):
        tests = [(case.name, case.problem) for case in report.cases]
        tests += [(item.name, item.problem) for item in report.rego_tests]
        proofs = "proofs that other people's Rego can have" if report.foreign else "deletion and corruption test"
        tests.append((proofs, "\n".join(_proof_failures(report))))
        counts = {"tests": str(len(tests)), "failures": str(sum(bool(problem) for _, problem in tests))}
        suite = ET.SubElement(root, "testsuite", {"name": report.name, **counts, "time": f"{spent:.3f}"})
        for name, problem in tests:
            case = ET.SubElement(suite, "testcase", {"classname": report.path, "name": clean(name)})
            if problem:
                told = ET.SubElement(case, "failure", {"message": clean(problem.split("\n")[0])})
                told.text = "\n".join(clean(line) for line in problem.split("\n"))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _proof_failures(report: Report) -> Iterator[str]:
    yield from (f"{report.path}: without {survivor}" for survivor in report.survivors)
    yield from (f"{report.path}: with {survivor}" for survivor in report.believed)
    yield from (f"{report.path}: {path}" for path in report.unweighed)
    yield from (f"{report.path}: needless exception `{path}`" for path in report.needless)
    yield from (str(mistake) for mistake in report.mistakes)
