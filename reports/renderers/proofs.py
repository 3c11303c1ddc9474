"""What was proved of controls, for a terminal, as JSON and as JUnit XML."""

from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from reports.documents.proofs import Proof, Proved
from reports.words.escape import clean

NOT_HAD = "not had"
"""In the place of a number, of a test that cannot be made of other people's Rego."""


def row_of(proved: Proved) -> tuple[str, ...]:
    """A line of the table: how much of each kind held."""
    tests = (proved.cases, proved.rego_tests)
    return (
        proved.control,
        *(f"{sum(1 for item in tried if item.problem is None)}/{len(tried)}" for tried in tests),
        _held(proved.deletions),
        _held(proved.corruptions),
        ("ok" if proved.passed else "FAILED") + (", foreign" if proved.foreign else ""),
    )


def _held(proof: Proof | None) -> str:
    return NOT_HAD if proof is None else f"{proof.tried - proof.passed_on}/{proof.tried}"


def detail_lines(proved: Proved) -> Iterator[str]:
    """Every failure with its place, and under it how to mend it."""
    for failure in proved.failures:
        yield failure.text
        if failure.hint:
            yield f"    {failure.hint}"


def verbose_lines(proved: Proved) -> Iterator[str]:
    """Each case and what it came to, how long all took, and which messages no case gave."""
    said = proved.messages - len(proved.unsaid)
    yield f"{proved.control}  {proved.seconds:.2f} s, {said} of {proved.messages} messages given by some case"
    if proved.signed:
        yield f"    a pass of it is {proved.signed}"
    for case in proved.cases:
        yield f"    {'FAILED' if case.problem else 'ok':<6} {case.actual or '':<14} {case.name}"
    yield from (f"    {'FAILED' if item.problem else 'ok':<6} {item.name}" for item in proved.rego_tests)
    yield from (f"    no case gives: {text}" for text in proved.unsaid)


def json_value(every: Sequence[Proved], bundle: str) -> dict[str, Any]:
    """All of it: a control an object, and how many of them passed and failed. `bundle` is the digest."""
    failed = sum(1 for proved in every if not proved.passed)
    return {
        "bundle": bundle,
        "passed": len(every) - failed,
        "failed": failed,
        "controls": [proved.to_json() for proved in every],
    }


def junit_text(every: Sequence[Proved]) -> str:
    """A `testsuite` a control: a `testcase` for each case and Rego test, and one for its proofs."""
    root = ET.Element("testsuites", {"name": "quaestor policy test"})
    for proved in every:
        tests = [(item.name, item.problem or "") for item in (*proved.cases, *proved.rego_tests)]
        proofs = "proofs that other people's Rego can have" if proved.foreign else "deletion and corruption test"
        failures = (failure.text for failure in proved.failures if failure.kind not in ("case", "rego-test"))
        tests.append((proofs, "\n".join(failures)))
        counts = {"tests": str(len(tests)), "failures": str(sum(bool(problem) for _, problem in tests))}
        suite = ET.SubElement(root, "testsuite", {"name": proved.control, **counts, "time": f"{proved.seconds:.3f}"})
        for name, problem in tests:
            case = ET.SubElement(suite, "testcase", {"classname": proved.file, "name": clean(name)})
            if problem:
                told = ET.SubElement(case, "failure", {"message": clean(problem.split("\n")[0])})
                told.text = "\n".join(clean(line) for line in problem.split("\n"))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
