"""A record is read once by the door and once by the snapshot: what was parsed is handed on, not made again."""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from evidence.model import canonical
from evidence.snapshot.model import Snapshot
from evidence.snapshot.take import take_snapshot
from integrations.app.records import find_subject
from integrations.app.session import open_session
from integrations.app.workspace import Workspace
from integrations.cli.shared import present
from tests.integrations.doors import SCREEN, Doors, Make
from tests.worlds.workspaces import registered, staffed

MOST = {"canonicalised": 3, "validated": 2, "parsed": 2}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    staff = {"eli": "ml-engineer", "omar": "compliance", "mara": "legal"}
    folder = staffed(tmp_path_factory.mktemp("once") / "shop", staff)
    return Workspace.find(str(registered(folder, b"\x08weights of a model")))


@pytest.fixture
def mark(request: pytest.FixtureRequest) -> str:
    """Text that only the record of this test has."""
    return f"The answers were checked for {request.node.name}."


@pytest.fixture
def counted(shop: Workspace, mark: str, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the marked record went through each, in plain or inside its envelope, once the workspace is there.

    Canonicalised: the one writer of RFC 8785, a document whole. Validated: a pydantic model read out of JSON or of
    values, be it the statement, what stands around the content, or the content. Parsed: the one JSON reader for what is
    not trusted.
    """
    found: Counter[str] = Counter()
    written, loads, from_json = canonical._canonical, json.loads, canonical.from_json
    of_text, of_values = BaseModel.model_validate_json.__func__, BaseModel.model_validate.__func__  # type: ignore[attr-defined]

    def marked(text: bytes | str) -> bool:
        data = text.encode() if isinstance(text, str) else text
        if mark.encode() in data:
            return True
        if not data.startswith(b'{"payload"'):
            return False
        return mark.encode() in b64decode(loads(data)["payload"])

    def whole(value: Any) -> str:
        # What the writer asks itself for is a part of the document.
        with pytest.MonkeyPatch.context() as inside:
            inside.setattr(canonical, "_canonical", written)
            made = written(value)
        found["canonicalised"] += marked(made)
        return made

    def parsed(text: bytes | str, **options: Any) -> Any:
        found["parsed"] += marked(text)
        return loads(text, **options)

    def parsed_plain(text: bytes, **options: Any) -> Any:
        found["parsed"] += marked(text)
        return from_json(text, **options)

    def from_text(cls: type[BaseModel], text: bytes | str, **options: Any) -> Any:
        found["validated"] += marked(text)
        return of_text(cls, text, **options)

    def from_values(cls: type[BaseModel], values: Any, **options: Any) -> Any:
        found["validated"] += mark in str(values)
        return of_values(cls, values, **options)

    monkeypatch.setattr(canonical, "_canonical", whole)
    monkeypatch.setattr(json, "loads", parsed)
    monkeypatch.setattr(canonical, "from_json", parsed_plain)
    monkeypatch.setattr(BaseModel, "model_validate_json", classmethod(from_text))
    monkeypatch.setattr(BaseModel, "model_validate", classmethod(from_values))
    return found


def snapshot(shop: Workspace) -> Snapshot:
    with open_session(shop, present) as session:
        return take_snapshot(session.store, find_subject(session.store, "mortgage"), present())


@pytest.fixture
def added(shop: Workspace, mark: str, file: Make, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Adds the marked record by the command; its id."""

    def add(*signers: str) -> str:
        screen = file("screen.yaml", json.dumps({**SCREEN, "statement": mark}))
        said = Doors(shop.settings.root, capsys)(
            "evidence", "add", "attestation", screen, "--system", "mortgage", *signers
        )
        assert said.code == 0, said.text
        return said.out.split()[1]

    return add


@pytest.mark.parametrize("signers", [["--as", "omar"], ["--as", "omar", "--with", "mara"]])
def test_from_file_to_snapshot(
    shop: Workspace, added: Callable[..., str], counted: Counter[str], signers: list[str]
) -> None:
    id = added(*signers)
    (entry,) = [entry for entry in snapshot(shop).entries if entry.record.id == id]
    assert (entry.signature.state, len(entry.signature.others)) == ("verified", len(signers) // 2 - 1)
    assert dict(counted) == MOST


def test_what_another_tool_signed_is_parsed_at_the_door_too(
    shop: Workspace, added: Callable[..., str], counted: Counter[str], file: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes that came are not trusted: envelope and statement are parsed by the door, and again out of the store."""
    quaestor, id, envelope = Doors(shop.settings.root, capsys), added("--as", "omar"), file("envelope.json", b"")
    assert quaestor("evidence", "show", id, "--envelope", "--output", envelope).code == 0
    counted.clear()
    assert quaestor("evidence", "import", envelope).code == 0
    assert id in {entry.record.id for entry in snapshot(shop).entries}
    assert dict(counted) == {**MOST, "parsed": 4}
