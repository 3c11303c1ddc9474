"""Imports point one way: integrations -> reports -> engine -> evidence."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDER = ["evidence", "engine", "reports", "integrations"]
MODULES = [module for floor in ORDER for module in sorted((ROOT / floor).rglob("*.py"))]


def imported_roots(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downwards(module: Path) -> None:
    floor = module.relative_to(ROOT).parts[0]
    above = ORDER[ORDER.index(floor) + 1 :]
    assert not imported_roots(module) & set(above)


@pytest.mark.parametrize(
    "module", sorted((ROOT / "evidence" / "model").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_model_imports_no_other_folder_of_its_floor(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("evidence"):
            assert (node.module or "").startswith("evidence.model"), node.module


def test_help_leaves_heavy_modules_out() -> None:
    code = (
        "import sys\nfrom integrations.cli.main import main\nmain(['--help'])\n"
        "heavy = {'pydantic', 'sqlmodel', 'numpy', 'weasyprint', 'wasmtime', 'regorus', 'cryptography', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
