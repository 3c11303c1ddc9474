"""Imports point one way: integrations -> reports -> engine -> evidence."""

import ast
import json
import os
import subprocess
import sys
import tomllib
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


def test_no_folder_of_tests_is_left_out() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    folders = {file.relative_to(ROOT).parts[1] for file in (ROOT / "tests").rglob("test_*.py")}
    assert sorted(named["testpaths"]) == sorted(f"tests/{folder}" for folder in folders)


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


USE_CASES = sorted((ROOT / "integrations" / "app").glob("*.py"))


@pytest.mark.parametrize("module", USE_CASES, ids=lambda path: path.name)
def test_no_use_case_reads_the_clock_or_a_key_file(module: Path) -> None:
    """The door hands both in: `Session.clock` and `Actor.signer`. Key files are read where the workspace is."""
    clocks = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
    keys = set() if module.name in ("workspace.py", "setup.py") else {("SigningKey", "load")}
    named = {
        (node.value.id, node.attr)
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert not named & (clocks | keys)


HEAVY_FOR_DECIDING = {"weasyprint", "pyhanko", "networkx", "alembic", "numpy", "jinja2", "onnxruntime", "regorus"}


def test_deciding_leaves_out_what_it_does_not_use(tmp_path: Path, shipped_modules: Path) -> None:
    """A whole `gate decide`, refused or made: the gate in a pipeline waits for every module that it imports."""
    code = (
        "import sys\nfrom integrations.cli.main import main\n"
        "folder = sys.argv[1]\nassert main(['init', folder]) == 0\n"
        "at = ['-w', folder]\nassert main([*at, 'key', 'new', 'eli', '--name', 'Eli', '--role', 'ml-engineer']) == 0\n"
        "files = ['--model', sys.argv[2], '--entry', sys.argv[3]]\n"
        "assert main([*at, 'system', 'register', 'small', *files, '--as', 'eli']) == 0\n"
    )
    entry = {
        "name": "small", "version": "1", "stage": "development", "status": "active", "intended_use": "a test",
        "use_case_category": "test", "business_unit": "test", "role_assignments": {}, "training_data_refs": [],
        "dependencies": [], "member_states": [], "sunset_criteria": [],
    }  # fmt: skip
    (tmp_path / "entry.json").write_text(json.dumps(entry), encoding="utf-8")
    (tmp_path / "model.onnx").write_bytes(b"\x08weights")
    files = [str(tmp_path / name) for name in ("lender", "model.onnx", "entry.json")]
    environment = {**os.environ, "XDG_CACHE_HOME": str(shipped_modules.parent)}
    subprocess.run([sys.executable, "-c", code, *files], check=True, cwd=ROOT, env=environment, capture_output=True)
    deciding = (
        "import sys\nfrom integrations.cli.main import main\n"
        "code = main(['-w', sys.argv[1], 'gate', 'decide', 'registration', 'small@1'])\n"
        f"print(code, sorted({HEAVY_FOR_DECIDING!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", deciding, files[0]],
        capture_output=True, text=True, check=True, cwd=ROOT, env=environment,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] in ("1 []", "3 []"), done.stdout[-2000:] + done.stderr


def test_help_leaves_heavy_modules_out() -> None:
    code = (
        "import sys\nfrom integrations.cli.main import main\nmain(['--help'])\n"
        "heavy = {'pydantic', 'sqlalchemy', 'sqlmodel', 'numpy', 'weasyprint', 'wasmtime', 'regorus', 'yaml'}\n"
        "heavy.add('cryptography')\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
