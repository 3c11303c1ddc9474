"""The controls that docs/policies.md shows, in a copy of the shipped policies: they lint clean and are proved."""

import re
from pathlib import Path

import pytest

from engine.backends.choose import open_engine
from engine.backends.regorus import RegorusEngine
from engine.bundle.files import read_folder
from engine.bundle.load import bundle_from_files
from engine.proofs.linting import lint
from engine.proofs.policytest import run_policy_tests
from tests.worlds.linting import lint_files
from tests.worlds.small_bundle import write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CONTROL = "controls/documentation/CARD-01"


def blocks(language: str) -> list[bytes]:
    """The code blocks of a language in docs/policies.md, in order."""
    text = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    return [block.encode() for block in re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


def copy_with_the_example() -> dict[str, bytes]:
    control = blocks("rego")[0]
    cases = next(block for block in blocks("yaml") if b"a reviewed card" in block)
    example = {f"{CONTROL}.rego": control, f"{CONTROL}_cases.yaml": cases}
    return {**read_folder(ROOT / "policies"), **example}


def test_the_example_lints_clean() -> None:
    assert [str(error) for error in lint_files(copy_with_the_example()) if error.path.startswith(CONTROL)] == []


def test_the_example_is_proved() -> None:
    (report,) = run_policy_tests(bundle_from_files(copy_with_the_example()), RegorusEngine, only=["CARD-01"])
    assert report.passed, report
    assert [case.name for case in report.cases] == [
        "a reviewed card",
        "nobody looked at it",
        "limits in two letters",
        "limits in name alone",
        "card of another version",
        "no card at all",
    ]
    assert report.deletions > 0


def own_type_files() -> dict[str, bytes]:
    """The shipped policies with the own type that the page shows, and the control over it."""
    files = read_folder(ROOT / "policies")
    *_, signers, cases, _, _, _ = blocks("yaml")  # then the foreign pack, and the settings of pre-commit
    files["access/signers.yaml"] = files["access/signers.yaml"].replace(b"\nsigners:\n", b"\nsigners:\n" + signers)
    files["schemas/custom/penetration-test.json"] = blocks("json")[0]
    files |= {"controls/security-own/PEN-01.rego": blocks("rego")[-2]}
    return files | {"controls/security-own/PEN-01_cases.yaml": cases}


def test_the_example_of_an_own_type_is_proved() -> None:
    files = own_type_files()
    assert [str(error) for error in lint_files(files)] == []
    (report,) = run_policy_tests(bundle_from_files(files), RegorusEngine, only=["PEN-01"])
    assert report.passed, report
    assert [case.expected for case in report.cases] == ["pass", "fail", "refused", "missing", "missing", "missing"]


@pytest.mark.usefixtures("wasm_cache")  # it runs on OPA alone
def test_the_example_of_a_foreign_pack_is_proved(tmp_path: Path) -> None:
    files = own_type_files()
    *_, mapping, cases, _ = blocks("yaml")
    files["foreign/attack-checks/attacks.rego"] = blocks("rego")[-1]
    files["foreign/attack-checks/mapping.yaml"] = mapping
    files["foreign/attack-checks/ATT-01_cases.yaml"] = cases
    assert [str(error) for error in lint(write(files, tmp_path))] == []
    bundle = bundle_from_files(files)
    (report,) = run_policy_tests(bundle, lambda program: open_engine("regorus", program), only=["ATT-01"])
    assert report.passed, report
    assert [case.expected for case in report.cases] == ["pass", "fail", "missing", "missing"]


def test_the_libraries_that_the_page_lists_are_there() -> None:
    section = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8").split("## Libraries")[1].split("\n## ")[0]
    listed = re.findall(r"^\|.*", section, re.MULTILINE)
    calls = re.findall(r"`(\w+)\.(\w+)\(([^`()]*)\)`", "\n".join(row.split("|")[1] for row in listed))
    assert len(calls) > 25
    for library, name, arguments in calls:
        text = (ROOT / "policies" / "lib" / f"{library}.rego").read_text(encoding="utf-8")
        heads = re.findall(rf"^{name}\(([^)]*)\)", text, re.MULTILINE)
        assert len(arguments.split(", ")) in {len(head.split(", ")) for head in heads}, (library, name)
