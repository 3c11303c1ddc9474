"""Which decisions `policy diff --what-if` asks about."""

from pathlib import Path

from evidence.store.records import RecordStore
from integrations.app import whatif
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
