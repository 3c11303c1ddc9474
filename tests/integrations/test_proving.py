"""Controls proved by several processes: the same reports, in the same order."""

import pytest

from engine.bundle.load import bundle_from_files
from engine.proofs.policytest import Report
from integrations.app import proving
from integrations.app.proving import prove
from tests.worlds.small_bundle import CASES, CONTROL, METADATA, RULES, TEST, small_bundle

ACCESS = {
    "access/schema.cedarschema": """
        entity Person { roles: Set<String> };
        entity System;
        action "read" appliesTo { principal: [Person], resource: [System], context: {} };
    """,
    "access/access.cedar": '@id("read.all") permit (principal, action == Action::"read", resource);',
    "access/access.cases.json": """{"cases": [
        {"name": "anybody reads", "principal": "ana", "roles": [], "action": "read", "attributes": {},
         "resource": {"type": "System", "id": "s"}, "decision": "allow", "policies": ["read.all"]}
    ]}""",
}


def several() -> dict[str, bytes]:
    """A bundle of five controls, of which the third reads its groups too weakly, a library with tests, and Cedar."""
    files = small_bundle(**{"lib/numbers_test.rego": "package lib.numbers_test\n\ntest_micro if 1 == 1\n", **ACCESS})
    weak = (METADATA + RULES.replace("\t\tcount(audit.predicate.group_sizes) > 0\n", "")).encode()
    for number in range(2, 6):
        for path in (CONTROL, CASES, TEST):
            text = weak if (number, path) == (3, CONTROL) else files[path]
            text = text.replace(b"FAIR-01", f"FAIR-0{number}".encode())
            files[path.replace("01", f"0{number}")] = text.replace(b"FAIR_01", f"FAIR_0{number}".encode())
    return files


def told(report: Report) -> tuple[object, ...]:
    mistakes = [str(item) for item in report.mistakes]
    return report.name, report.passed, report.cases, report.survivors, report.believed, report.corruptions, mistakes


def test_processes_come_to_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = bundle_from_files(several())
    one = [told(timed.report) for timed in prove(bundle, "regorus", ())]
    assert [(name, passed) for name, passed, *_ in one] == [
        ("access", True),
        ("lib/numbers_test.rego", True),
        *((f"FAIR-0{number}", number != 3) for number in range(1, 6)),
    ]
    monkeypatch.setattr(proving, "ALONE", 2)
    assert [told(timed.report) for timed in prove(bundle, "regorus", ())] == one
