"""A validation that was killed: it stays a run, blocks nothing for ever, and who says what became of it signs."""

import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.model.predicates.log import EvidenceIndex
from evidence.snapshot.take import take_snapshot
from examples.mortgage.demo import Demo
from integrations.app.records import find_subject
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from tests.integrations.doors import Doors, refused
from tests.worlds.workspaces import ROOT, committed, shop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Demo, Path]:
    """A workspace with a committed plan, whose first run was killed once the ledger had it; and the plan."""
    staff = {"eli": "ml-engineer", "ana": "validator", "otto": "validator"}
    demo = shop(tmp_path_factory.mktemp("lost") / "shop", staff)
    plan = committed(demo)
    before = len(entries(demo.folder))
    command = [sys.executable, "-m", "integrations.cli.main", "-w", str(demo.folder), "validate", str(plan)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as run:
        while len(entries(demo.folder)) == before and run.poll() is None:
            time.sleep(0.05)
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL
    return demo, plan


def entries(folder: Path) -> list[object]:
    with Workspace(load_settings(folder)).store() as store:
        return list(store.entries())


def index(folder: Path) -> EvidenceIndex:
    with Workspace(load_settings(folder)).store() as store:
        taken = take_snapshot(store, find_subject(store, "mortgage@1"), datetime.now(UTC).replace(microsecond=0))
    (found,) = [entry.record.typed() for entry in taken.entries if entry.record.type == "evidence-index"]
    assert isinstance(found, EvidenceIndex)
    return found


def test_it_is_told_by_another_who_may_sign_the_plan_and_stays_a_run(
    killed: tuple[Demo, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    demo, plan = killed
    quaestor = Doors(demo.folder, capsys)
    found = index(demo.folder)
    assert (found.test_split_runs, found.logged_test_split_runs) == (0, 1), "killed, it is a run that is kept back"
    again = quaestor("validate", plan)
    assert again.code == 0, again.text
    passed = re.search(r"(\d+) of (\d+) required tests passed", again.out)
    assert passed, "what a gate will ask of the run is told with it"
    assert again.out.count("NOT PASSED") >= int(passed[2]) - int(passed[1])
    assert re.search(r"^roc_auc +\d.* >= 0\.\d+ +passed$", again.out, re.MULTILINE)
    match = re.search(r"run (\S+) of \S+ has no record; was it killed, say so with --lost", again.out)
    assert match
    run = match[1]
    found = index(demo.folder)
    assert (found.test_split_runs, found.logged_test_split_runs) == (1, 2)

    refused(quaestor("validate", plan, "--lost", run, "--reason", "n/a", "--as", "ana"), "says nothing")
    refused(quaestor("validate", plan, "--lost", run, "--reason", "the power failed", "--as", "eli"), "validation-plan")
    refused(quaestor("validate", plan, "--lost", "another", "--reason", "the power failed", "--as", "otto"), run)
    refused(quaestor("validate", plan, "--lost", run), "takes a reason")
    # Who promised what it shall measure, started it and did not like it could else bury it alone.
    own = quaestor("validate", plan, "--lost", run, "--reason", "the power failed", "--as", "ana")
    refused(own, "`ana` signed the plan of the run", "somebody else tells")
    assert index(demo.folder) == found
    told = quaestor("validate", plan, "--lost", run, "--reason", "the power failed", "--as", "otto")
    assert told.code == 0, told.text

    found = index(demo.folder)
    assert (found.test_split_runs, found.logged_test_split_runs) == (2, 2), "accounted for"
    assert len(found.test_runs) == 2, "and still a run on the test data"
    assert all(one.record_id and one.dataset_digest for one in found.test_runs)
    refused(quaestor("validate", plan, "--lost", run, "--reason", "the power failed", "--as", "otto"), "none")
