"""Who can write to the database, and has no key, hides nothing from the doors: they refuse what does not verify."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.model.canonical import digest_file
from evidence.model.errors import QuaestorError
from evidence.model.record import EvidenceClass, new_statement
from integrations.app import systems
from integrations.app.importing import import_record
from integrations.app.records import content_of, find_subject, statement_of, versions
from integrations.app.session import Session, open_session
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from integrations.cli.shared import present
from tests.integrations.doors import Answer, Doors, refused
from tests.worlds.records import DATASHEET
from tests.worlds.workspaces import ENTRY, registered, run, staffed

HIDE = [
    "UPDATE entry SET predicate_type = 'x' WHERE predicate_type LIKE '%registry-entry%'",
    "UPDATE entry SET kind = 'charts' WHERE predicate_type LIKE '%registry-entry%'",
    "UPDATE entry SET system_id = 'other' WHERE predicate_type LIKE '%registry-entry%'",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with `mortgage@1`, `credit@1` and a dataset of each, their files beside it."""
    folder = registered(staffed(tmp_path_factory.mktemp("hidden") / "lab"), b"\x08\x07mortgage")
    entry, model = folder / "credit.json", folder / "credit.onnx"
    entry.write_text(json.dumps({**ENTRY, "name": "credit"}), encoding="utf-8")
    model.write_bytes(b"\x08\x07credit")
    run(folder, ["system", "register", "credit", "--model", model, "--entry", entry, "--as", "eli"])
    sheet = folder / "sheet.json"
    sheet.write_text(json.dumps(DATASHEET), encoding="utf-8")
    for system in ("mortgage", "credit"):
        data = folder / f"{system}.csv"
        data.write_text(f"{system}\n1\n", encoding="utf-8")
        run(folder, ["evidence", "add", "dataset-record", sheet, "--system", system, "--dataset", data, "--as", "mara"])
    return folder


@pytest.fixture
def lab(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(Path(shutil.copytree(made, tmp_path / "lab")), capsys)


def change(lab: Doors, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(lab.folder / ".quaestor/store.db")) as connection, connection:
        assert connection.execute(sql).rowcount > 0


def register(lab: Doors, system: str, **entry: Any) -> Answer:
    """Register a file that nobody has seen yet."""
    paper, model = lab.folder / "new.json", lab.folder / "new.onnx"
    paper.write_text(json.dumps({**ENTRY, **entry}), encoding="utf-8")
    model.write_bytes(b"\x08\x07another")
    return lab("system", "register", system, "--model", model, "--entry", paper, "--as", "eli")


@contextlib.contextmanager
def opened(lab: Doors) -> Iterator[Session]:
    with open_session(Workspace(load_settings(lab.folder)), present) as session:
        yield session


def another_entry(session: Session) -> bytes:
    """An entry of another file as `mortgage@1`, under the hand that may register it."""
    filed = versions(session.store)[0]
    digest = f"sha256:{64 * 'e'}"
    content = content_of("registry-entry", {**filed.content, "artifact_digest": digest}, where="entry")
    at = session.now()
    envelope = {
        "evidence_class": EvidenceClass.INGESTED, "system_id": "mortgage", "source": "eli", "collector": "tool",
        "issuer": "eli", "issued_at": at, "collected_at": at, "expires_at": at.replace(year=at.year + 1),
        "ledger": session.store.ledger,
    }  # fmt: skip
    made = new_statement(content, subject={"mortgage@1": digest}, envelope=envelope)
    return session.sign(made, session.person("eli")).data


class TestRegistrations:
    @pytest.mark.parametrize("sql", HIDE)
    def test_another_file_is_never_registered_as_a_version_that_is_hidden(self, lab: Doors, sql: str) -> None:
        refused(register(lab, "mortgage"), "mortgage@1 is registered already, with another model file")
        change(lab, sql)
        refused(register(lab, "mortgage"), "the store does not verify", "doctor --full")
        refused(register(lab, "MORTGAGE"), "the store does not verify", "doctor --full")

    def test_nor_brought_in(self, lab: Doors) -> None:
        with opened(lab) as session:
            entry = another_entry(session)
            with pytest.raises(QuaestorError, match="is registered already, with another model file"):
                import_record(session, entry, where="entry")
            change(lab, HIDE[0])
            with pytest.raises(QuaestorError, match="the store does not verify"):
                import_record(session, entry, where="entry")

    @pytest.mark.parametrize("sql", HIDE)
    def test_nor_is_a_subject_found_without_it(self, lab: Doors, sql: str) -> None:
        digest = digest_file(lab.folder / "v1.onnx")
        names = ["mortgage@1", "mortgage@9", digest, str(lab.folder / "v1.onnx"), "mortgage", "mortgages"]
        change(lab, sql)
        for name in names:
            refused(lab("system", "show", name), "the store does not verify", "doctor --full")
        refused(lab("system", "list"), "the store does not verify")

    @pytest.mark.parametrize("name", ["mortgage@mortgage.csv", "DIGEST"])
    def test_nor_a_dataset(self, lab: Doors, name: str) -> None:
        digest = digest_file(lab.folder / "mortgage.csv")
        change(lab, "UPDATE entry SET predicate_type = 'x' WHERE predicate_type LIKE '%dataset-record%'")
        refused(lab("gate", "todo", "data-intake", name.replace("DIGEST", digest)), "the store does not verify")


class TestCost:
    """Who a subject is takes the entries of its system and no others: that nothing else is read is shown by taking the
    payloads of all other systems away."""

    @pytest.mark.parametrize("name", ["mortgage", "mortgage@1", "mortgage@mortgage.csv", "v1.onnx", "mortgage.csv"])
    def test_only_what_concerns_the_subject_is_read(
        self, lab: Doors, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.chdir(lab.folder)
        asked = [name, digest_file(Path(name))] if Path(name).is_file() else [name]
        with opened(lab) as session:
            store = session.store
            before = [find_subject(store, text) for text in asked]
            for entry in store.entries():
                if statement_of(store.get(entry.id)).predicate.get("system_id") == "credit":
                    store.blobs.delete(entry.envelope)
            assert [find_subject(store, text) for text in asked] == before
            assert {subject.system_id for subject in before} == {"mortgage"}


def test_two_at_once_do_not_give_a_version_two_files(lab: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is asked while the first, which saw no such version, is about to file."""
    file = systems.add_record
    other: list[Answer] = []

    def after_another(*given: Any, **named: Any) -> Any:
        if not other:
            other.append(Answer(0, "", ""))
            with opened(lab) as session:
                model = lab.folder / "first.onnx"
                model.write_bytes(b"\x08\x07first")
                systems.register_version(
                    session, "mortgage", model, {**ENTRY, "version": "7"}, actor=session.person("eli")
                )
        return file(*given, **named)

    monkeypatch.setattr(systems, "add_record", after_another)
    refused(register(lab, "mortgage", version="7"), "was filed while the entry was judged")
    with opened(lab) as session:
        found = [one for one in versions(session.store, system_id="mortgage") if one.content["version"] == "7"]
    assert len(found) == 1
