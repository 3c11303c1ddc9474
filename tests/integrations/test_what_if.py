"""Which decisions `policy diff --what-if` asks about."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine.deciding.relaxations import ChosenInstantRelaxation
from engine.deciding.verdict import Decision
from evidence.store.records import RecordStore
from integrations.app import whatif
from tests.worlds.samples import sample


def test_the_last_of_each_system_and_no_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whatif, "note_of", lambda stored, _: SimpleNamespace(decision=stored))
    monkeypatch.setattr(whatif, "read_decision", lambda body, where: body)
    first = sample().decision.model_copy(update={"relaxations": ()})

    def changed(**fields: Any) -> Decision:
        return first.model_copy(update=fields)

    last = changed(instant=first.instant - timedelta(days=1))
    subject = first.subject.model_copy(update={"system_id": "credit", "name": "credit@7"})
    later = first.instant + timedelta(days=9)
    preview = changed(instant=later, relaxations=(ChosenInstantRelaxation(subject=later),))
    elsewhere = changed(subject=subject)
    on_file = [first, elsewhere, last, preview]
    store = cast(RecordStore, SimpleNamespace(find=lambda kind: iter(on_file)))
    assert [decision for decision, _ in whatif._latest(store)] == [elsewhere, last]
