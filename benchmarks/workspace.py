"""A workspace like that of `make demo`, made anew: system, lineage, papers, a live validation and one decision."""

import contextlib
import io
import os
from collections.abc import Generator
from pathlib import Path

from examples.mortgage.demo import Demo
from integrations.app.workspace import Workspace

GATE = "validation"


@contextlib.contextmanager
def decided_workspace(folder: Path, version: str) -> Generator[Workspace]:
    """The demo's workspace once gate `validation` has decided on a version; compiled policies are cached in it too."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    try:
        demo = Demo(folder / "demo")
        # a verb may write bytes, as `policy export` does, so the stand-in has a buffer too
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")):
            try:
                demo.set_up()
                demo.judge(version, [GATE])
            except SystemExit as cause:
                raise RuntimeError(f"the demo's workspace cannot be made: {cause}") from None
        yield Workspace.find(str(demo.folder))
    finally:
        os.environ.pop("XDG_CACHE_HOME")
        if before is not None:
            os.environ["XDG_CACHE_HOME"] = before
