"""What an insider tries with files, names and inventory entries, without forging anything."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.model.canonical import digest_file
from integrations.app.records import versions
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from tests.integrations.doors import Doors, refused
from tests.worlds.records import DATASHEET
from tests.worlds.workspaces import ENTRY, registered, staffed

SIGN = ("--gate", "production", "--role", "validator", "--as", "ana")

RUN = {
    "commit": "4f1c",
    "author": {"id": "ana", "name": "Ana"},
    "reviewers": [],
    "review_topics": [],
    "stages": {},
    "test_kinds": [],
    "tests_failed": 0,
    "gates": {},
    "rollback_step": "absent",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two versions of `mortgage`; their models and entries lie in it."""
    folder = staffed(tmp_path_factory.mktemp("insiders") / "lab")
    for version in ("1", "2"):
        registered(folder, f"\x08weights {version}".encode(), version=version)
    return folder


@pytest.fixture
def lab(made: Path, copied: Callable[[Path], Doors]) -> Doors:
    return copied(made)


def stages(lab: Doors) -> list[tuple[str, str, str, str]]:
    with Workspace(load_settings(lab.folder)).store() as store:
        return [
            (r.envelope.system_id, r.content["version"], r.content["stage"], r.content["name"]) for r in versions(store)
        ]


def register(lab: Doors, system: str, model: str, **changes: str) -> list[object]:
    """The arguments that register a model under an entry with these changes."""
    (lab.folder / "entry.json").write_text(json.dumps({**ENTRY, **changes}), encoding="utf-8")
    return ["system", "register", system, "--model", model, "--entry", "entry.json", "--as", "eli"]


class TestAFileOfTheNameOfAVersion:
    def test_that_is_another_version_is_refused(self, lab: Doors) -> None:
        shutil.copy(lab.folder / "v2.onnx", lab.folder / "mortgage@1")
        said = ("`mortgage@1` is both a registered version and a file", "write ./mortgage@1 for the file")
        refused(lab("approve", "mortgage@1", *SIGN), *said)
        refused(lab("gate", "decide", "production", "mortgage@1", "--engine", "regorus"), *said)
        refused(lab("system", "promote", "mortgage@1", "--stage", "archived", "--as", "mara"), *said)
        assert "approved mortgage@2" in lab("approve", "./mortgage@1", *SIGN).out

    def test_that_is_this_version_is_no_other(self, lab: Doors) -> None:
        shutil.copy(lab.folder / "v1.onnx", lab.folder / "mortgage@1")
        assert "approved mortgage@1" in lab("approve", "mortgage@1", *SIGN).out

    def test_that_nobody_registered_stands_for_no_other_version(self, lab: Doors) -> None:
        shutil.copy(lab.folder / "v2.onnx", lab.folder / "mortgage@3")
        refused(lab("approve", "mortgage@3", *SIGN), "no version `3` of `mortgage`", "write ./mortgage@3 for the file")

    def test_that_names_no_system_is_a_file(self, lab: Doors) -> None:
        shutil.copy(lab.folder / "v2.onnx", lab.folder / "best@home")
        assert "approved mortgage@2" in lab("approve", "best@home", *SIGN).out

    def test_a_file_of_the_name_of_a_system_is_not_asked(self, lab: Doors) -> None:
        shutil.copy(lab.folder / "v2.onnx", lab.folder / "mortgage")
        refused(lab("approve", "mortgage", *SIGN), "`mortgage` is a system; what is approved is a model version")


class TestStages:
    @pytest.mark.parametrize("stage", ["staging", "production", "archived"])
    def test_a_new_version_begins_in_development(self, lab: Doors, stage: str) -> None:
        before = stages(lab)
        (lab.folder / "v3.onnx").write_bytes(b"\x08weights 3")
        answer = lab(*register(lab, "mortgage", "v3.onnx", version="3", stage=stage))
        refused(answer, f"the entry says stage `{stage}`, and mortgage@3 is in `development`", "system promote")
        assert stages(lab) == before

    def test_an_entry_filed_anew_keeps_the_stage(self, lab: Doors) -> None:
        assert lab("system", "promote", "mortgage@1", "--stage", "archived", "--as", "mara").code == 0
        refused(lab(*register(lab, "mortgage", "v1.onnx")), "mortgage@1 is in `archived`", "write `stage: archived`")
        assert lab(*register(lab, "mortgage", "v1.onnx", stage="archived")).code == 0

    def test_a_version_is_moved_by_its_own_entry(self, lab: Doors) -> None:
        """Two systems have the same file; the other's entry is later, or of the same system under another label."""
        assert lab(*register(lab, "hiring", "v1.onnx", name="hiring")).code == 0
        assert lab(*register(lab, "mortgage", "v1.onnx", version="1b")).code == 0
        assert lab("system", "promote", "mortgage@1", "--stage", "archived", "--as", "mara").code == 0
        assert stages(lab)[-1] == ("mortgage", "1", "archived", "mortgage")
        shown = lab("system", "show", "hiring@1").out
        assert '"hiring"' in shown
        assert '"mortgage"' not in shown

    @pytest.mark.parametrize(("person", "words"), [(None, "--as"), ("eli", "promote.by_release_or_owner")])
    def test_only_a_person_who_may_moves_a_version(self, lab: Doors, person: str | None, words: str) -> None:
        before = stages(lab)
        signed = ["--as", person] if person else []
        refused(lab("system", "promote", "mortgage@1", "--stage", "archived", *signed), words)
        assert stages(lab) == before
        assert lab("system", "promote", "mortgage@1", "--stage", "archived", "--as", "mara").code == 0
        rows = lab("evidence", "list", "--type", "registry-entry").out.splitlines()
        record = rows[-1].split()[4]
        assert '"source": "mara"' in lab("evidence", "show", record).out


class TestADatasheet:
    def test_of_other_data_than_the_file_is_refused(self, lab: Doors) -> None:
        (lab.folder / "bad.csv").write_text("a\n1\n")
        (lab.folder / "good.csv").write_text("a\n2\n")
        sheet = {**DATASHEET, "content_digest": digest_file(lab.folder / "good.csv")}
        (lab.folder / "sheet.json").write_text(json.dumps(sheet), encoding="utf-8")
        add = ("evidence", "add", "dataset-record", "sheet.json", "--system", "mortgage", "--as", "mara", "--dataset")
        refused(lab(*add, "bad.csv"), f"`content_digest` is {sheet['content_digest']}, and bad.csv has the digest")
        said = lab(*add, "good.csv")
        assert said.code == 0, said.text


class TestSilencingAColleague:
    def test_who_is_named_as_the_builder_may_still_reject(self, lab: Doors) -> None:
        """An engineer names the validator as author of a commit; a rejection is filed all the same."""
        run = {**RUN, "artifact_digest": digest_file(lab.folder / "v2.onnx")}
        (lab.folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
        added = lab("evidence", "add", "ci-run", "run.json", "--subject", "mortgage@2", "--as", "eli")
        assert added.code == 0, added.text
        refused(lab("approve", "mortgage@2", *SIGN), "forbidden by approve.separation_of_duties")
        answer = lab("approve", "mortgage@2", *SIGN, "--reject", "--reason", "the sample is biased")
        assert answer.code == 0, answer.text
        assert "rejected mortgage@2 at production as validator" in answer.out
