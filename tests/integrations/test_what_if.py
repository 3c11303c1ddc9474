"""Which decisions `policy diff --what-if` asks about."""

from pathlib import Path
from typing import Any

import pytest

from evidence.model.errors import StoreError
from evidence.model.notes import DecisionNote, SnapshotNote
from evidence.store.records import RecordStore
from integrations.app import whatif
from integrations.app.deciding import kept_records, kept_snapshot, note_of
from tests.worlds.ledgers import ORIGIN, with_people
from tests.worlds.people import NOW, key_of


def test_the_last_of_each_system_and_no_preview(tmp_path: Path) -> None:
    with RecordStore.create(
        f"sqlite:///{tmp_path}/store.db", tmp_path / "blobs", origin=ORIGIN, signer=key_of("quaestor")
    ) as store:
        box = with_people(store)
        box.decided("deny", digit="1")
        box.decided("deny", digit="2", about={"system_id": "credit", "name": "credit@7"})
        box.decided("deny", gate="staging", digit="3")
        box.decided("allow", digit="4")  # the log has it last, whatever time it states
        box.decided("allow", NOW, digit="5", chosen=True)
        assert [note.decision_id[-1] for note in whatif.latest(store)] == ["4", "3", "2"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entries": {}, "makers": None},
        {"entries": [{}], "makers": {}},
        {"entries": [1], "makers": {}},
        {"entries": 1, "makers": {}},
        {"entries": [{"record": {"type": "x", "envelope": []}}], "makers": {}},
    ],
)
def test_a_snapshot_of_another_form_is_told(body: dict[str, Any], tmp_path: Path) -> None:
    """A note's body is not read with the note."""
    with RecordStore.create(
        f"sqlite:///{tmp_path}/store.db", tmp_path / "blobs", origin=ORIGIN, signer=key_of("quaestor")
    ) as store:
        box = with_people(store)
        kept = box.note(SnapshotNote(system_id="mortgage", snapshot=body), action="decided", at=NOW)
        made = note_of(store.get(box.decided("deny")), DecisionNote)
        note = made.model_copy(update={"snapshot": kept})
        with pytest.raises(StoreError, match="the snapshot does not fit"):
            kept_records(store, note, lambda type_, content: True)
        with pytest.raises(StoreError, match="the snapshot does not fit"):
            kept_snapshot(store, note)
