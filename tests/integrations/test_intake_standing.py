"""What gate data-intake says of a dataset stands in the decisions on the models made of it, and in their packs."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence.model.canonical import digest_file
from evidence.model.predicates.standing import IntakeStanding
from evidence.snapshot.model import Entry
from integrations.app.workspace import Workspace
from reports.verify.checks import Contents, FailedCheck, read_contents
from reports.verify.extract import extract_attachments
from reports.verify.taken import taken
from tests.integrations.doors import Doors, refused
from tests.worlds.policies import POLICIES
from tests.worlds.records import DATASHEET, OTHER_DIGEST, audit, questionnaire, statement, training
from tests.worlds.workspaces import by_own_policies, registered, staffed

GATE = """gate: data-intake
title: Data intake
meaning: A dataset asks to be used for training.
denies: [blocker]
select: {controls: [DG-02]}
"""
"""A gate that asks little, so that a dataset passes it by one record."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a model and the record of its training on loans.csv."""
    folder = by_own_policies(registered(staffed(tmp_path_factory.mktemp("intake") / "lab"), b"\x08weights"))
    shutil.copytree(POLICIES, folder / "policies")
    (folder / "policies/gates/data-intake.yaml").write_text(GATE, encoding="utf-8")
    (folder / "loans.csv").write_text("a\n1\n", encoding="utf-8")
    return folder


@pytest.fixture
def lab(made: Path, copied: Callable[[Path], Doors]) -> Doors:
    """A copy of it, with what a decision on the model needs."""
    lab = copied(made)
    run = training("eli", "Eli", dataset_digests=[digest_file(lab.folder / "loans.csv")])
    add(lab, "risk-questionnaire", questionnaire().to_json(), "omar", "--system", "mortgage")
    add(lab, "training-run", run.to_json(), "eli", "--subject", "mortgage@1")
    return lab


def add(lab: Doors, kind: str, content: dict[str, Any], who: str, *about: str) -> None:
    (lab.folder / "paper.json").write_text(json.dumps(content), encoding="utf-8")
    answer = lab("evidence", "add", kind, "paper.json", *about, "--as", who)
    assert answer.code == 0, answer.text


def describe(lab: Doors, **more: Any) -> None:
    sheet = {**DATASHEET, "content_digest": digest_file(lab.folder / "loans.csv"), **more}
    add(lab, "dataset-record", sheet, "mara", "--system", "mortgage", "--dataset", "loans.csv", "--owner", "mara")


def decide(lab: Doors, gate: str, subject: str) -> dict[str, Any]:
    answer = lab("gate", "decide", gate, subject, "--format", "json")
    assert answer.code in (0, 1, 3), answer.text
    decision: dict[str, Any] = json.loads(answer.out)
    return decision


def said(lab: Doors) -> list[str]:
    """What DG-07 finds in the training data of the model."""
    (result,) = [one for one in decide(lab, "validation", "mortgage@1")["results"] if one["control"] == "DG-07"]
    return [one["message"] for one in result["findings"] if one["objective"] == "training-data-taken-in"]


def pack(lab: Doors, path: Path) -> Contents:
    written = lab("report", lab("gate", "list").out.split()[-1], "-o", path)
    assert written.code == 0, written.text
    return read_contents(extract_attachments(path.read_bytes()))


def test_what_was_not_taken_in_or_refused_trains_no_model(lab: Doors) -> None:
    assert said(lab) == ["gate {gate} has not decided on the dataset {dataset}"]
    digest = digest_file(lab.folder / "loans.csv")
    assert f"quaestor gate decide data-intake mortgage@{digest}" in lab("gate", "todo", "validation", "mortgage@1").out
    describe(lab, stewards={})
    assert decide(lab, "data-intake", "loans.csv")["outcome"] != "allow"
    assert said(lab) == ["the last word of gate {gate} on the dataset {name} ({dataset}) is {observed}"]


def test_what_was_taken_in_does_until_it_is_told_otherwise(lab: Doors) -> None:
    describe(lab)
    assert decide(lab, "data-intake", "loans.csv")["reasons"] == []
    assert said(lab) == []
    describe(lab, personal=True)
    (found,) = said(lab)
    assert "more was filed about it since" in found
    assert decide(lab, "data-intake", "loans.csv")["outcome"] == "allow"
    assert said(lab) == []
    policy = lab.folder / "policies/gates/data-intake.yaml"
    policy.write_text(policy.read_text().replace("DG-02", "DG-02, DG-05"), encoding="utf-8")
    (found,) = said(lab)
    assert "by other policies" in found


@pytest.mark.slow
def test_who_has_the_report_alone_finds_it_proved(lab: Doors, tmp_path: Path) -> None:
    describe(lab, stewards={})
    decide(lab, "data-intake", "loans.csv")
    workspace = Workspace.find(str(lab.folder))
    with workspace.store() as store:
        at, key = store.entries()[-1].at, workspace.machine_key
        sealed = key.sign(statement(audit(), at=at, subject=OTHER_DIGEST).payload)
        other = store.append(sealed, kind="record", action="imported", actor="quaestor", at=at, signer=key).id
    decide(lab, "validation", "mortgage@1")
    contents = pack(lab, tmp_path / "validation.pdf")
    verified = lab("verify", tmp_path / "validation.pdf")
    assert verified.code == 0, verified.text
    taken(contents)
    # By a holder of all keys: the refusal is an allowance, or was never given.
    told = next(entry for entry in contents.snapshot.entries if entry.record.type == IntakeStanding.TYPE)
    (dataset,) = told.record.content["datasets"]
    for datasets in ([{**dataset, "outcome": "allow"}], []):
        envelope = told.record.envelope.model_copy(update={"content": {"datasets": datasets}})
        forged = told.model_copy(update={"record": told.record.model_copy(update={"envelope": envelope})})
        with pytest.raises(FailedCheck, match="made with the snapshot"):
            taken(with_entry(contents, told, forged))
    # Nor where a record was erased since: it says nothing of what the gate did.
    with workspace.store() as store:
        at = store.entries()[-1].at
        store.erase(other, reason="due", actor="quaestor", at=at, signer=workspace.machine_key)
    late = pack(lab, tmp_path / "late.pdf")
    assert "not checked, since they were erased later" in taken(late)
    with pytest.raises(FailedCheck, match="intake-standing made with the snapshot"):
        taken(with_entry(late, told, forged))
    # Nor does anything come to count that the store is said to make and does not.
    paper = next(entry for entry in late.snapshot.entries if entry.record.type == "risk-questionnaire")
    stranger = forged.model_copy(update={"record": paper.record})
    with pytest.raises(FailedCheck, match="of the types that a store makes: risk-questionnaire"):
        taken(with_entry(late, stranger, stranger))
    # An earlier release did not tell it, and a control that asks for it is missing evidence there.
    assert "the same" in taken(with_entry(contents, told))


def with_entry(contents: Contents, entry: Entry, *instead: Entry) -> Contents:
    others = (one for one in contents.snapshot.entries if one != entry)
    return replace(contents, snapshot=contents.snapshot.model_copy(update={"entries": (*others, *instead)}))


def test_nobody_types_in_what_the_gate_said(lab: Doors) -> None:
    (lab.folder / "paper.json").write_text('{"datasets": []}', encoding="utf-8")
    answer = lab("evidence", "add", "intake-standing", "paper.json", "--system", "mortgage", "--as", "mara")
    refused(answer, "`intake-standing` is not added by hand", "it is made with every snapshot of a model or system")
