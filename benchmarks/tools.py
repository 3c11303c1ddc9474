"""The tools of others that are compared with, where they are here."""

import os
import shutil
from pathlib import Path

from benchmarks.timing import ROOT

HOW_TO_GET_OPA = "`make opa` brings it"
HOW_TO_GET_CONFTEST = "`scripts/get_conftest.sh` brings it"


def find_conftest() -> Path | None:
    """The `conftest` of CONFTEST, of PATH or of the project's `.tools/bin`, whichever comes first."""
    on_path = shutil.which("conftest")
    candidates = (os.environ.get("CONFTEST"), on_path, ROOT / ".tools" / "bin" / "conftest")
    return next((Path(path).absolute() for path in candidates if path and Path(path).is_file()), None)
