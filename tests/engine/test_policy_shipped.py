"""The policies that come with Quaestor, under lint: clean as they are, and no misspelt field goes unseen."""

import random
import re
import subprocess
from pathlib import Path

import pytest

from engine.backends.base import Program, RegoEngine
from engine.backends.choose import open_engine
from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from engine.bundle.files import read_folder
from engine.bundle.load import Bundle
from engine.proofs.linting import lint
from engine.proofs.policytest import ACCESS, run_policy_tests
from tests.worlds.linting import lint_files

FOLDER = Path(__file__).parents[2] / "policies"
SHARES = 8
# After a dot, outside text: a step of a path. What lies under `facts` is free form, and its schema says so.
FIELD = re.compile(r"\.predicate\.([a-z_]+)\b(?!\.facts)|\.(collected_at|expires_at|signer|state|tier|roles|now)\b")


def fields(text: str) -> list[tuple[int, int, str]]:
    """Line, end and name of each field that the rules name."""
    found = []
    for match in FIELD.finditer(text, text.index("\npackage ")):
        start = text.rfind("\n", 0, match.start()) + 1
        before = text[start : match.start()]
        if before.count('"') % 2 == 0 and not before.lstrip().startswith(("#", "import")):
            found.append((text.count("\n", 0, match.start()) + 1, match.end(), match.group()))
    return found


def test_no_mistakes(shipped: Bundle, policy_cache: Path) -> None:
    """Of the controls, as the bundle was checked, nor of their cases."""
    assert shipped.controls
    assert [str(error) for error in lint(FOLDER, cache=policy_cache)] == []


@pytest.mark.slow
def test_opa_itself_accepts_them_and_runs_the_same_rego_tests() -> None:
    """`opa check --strict` and `opa test` of the folder, as an author runs them."""
    opa = find_opa()
    assert opa is not None, HOW_TO_GET_OPA
    ours = sum(len(re.findall(r"(?m)^test_\w+ ", path.read_text())) for path in FOLDER.rglob("*_test.rego"))
    for command in (("check", "--strict"), ("test", "--timeout", "60s")):
        ran = subprocess.run(
            [opa.path, *command, "-b", FOLDER], capture_output=True, text=True, timeout=300, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == f"PASS: {ours}/{ours}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_misspelt_field_in_each_control_is_found_at_its_line(seed: int) -> None:
    files, choose, expected = read_folder(FOLDER), random.Random(seed), set()
    for path in sorted(files):
        if path.startswith("controls/") and path.endswith(".rego") and not path.endswith("_test.rego"):
            text = files[path].decode()
            line, end, _ = choose.choice(fields(text))
            files[path] = f"{text[:end]}q{text[end:]}".encode()
            expected.add((path, line))
    found = {(error.path, error.line) for error in lint_files(files) if not error.warning}
    assert len(expected) >= 30
    assert expected - found == set()


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_every_control_is_proved(share: int, shipped: Bundle, shipped_modules: Path) -> None:
    """By its cases, by the deletion and by the corruption test, on the engine that decides; workers share the work."""

    def engine(program: Program) -> RegoEngine:
        # A module for each file of Rego tests would take longer to compile than they take.
        return open_engine("auto" if program.groups else "regorus", program, cache_dir=shipped_modules)

    names = sorted(shipped.controls)[share::SHARES]
    reports = list(run_policy_tests(shipped, engine, share=(share, SHARES)))
    assert [report for report in reports if not report.passed] == []
    cedar = [ACCESS] if share == 0 else []
    assert [report.name for report in reports if report.cases] == [*cedar, *names]
    assert sum(report.deletions > 0 and report.corruptions > 0 for report in reports) == len(names)
