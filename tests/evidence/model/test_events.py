"""The same event told again, in other words or under another number, is the same event."""

from typing import Any

import pytest

from evidence.model.canonical import digest_json
from evidence.model.events import event_of
from evidence.model.predicates import PREDICATES
from evidence.model.schemas import published_schemas

INCIDENT = {
    "detected_at": "2026-10-20T08:00:00Z",
    "category": "drift-failure",
    "affected_nodes": ["model/scores", "source/crm"],
    "timeline": [],
}


def event(content: dict[str, Any], kind: str = "incident-record") -> str:
    return event_of(published_schemas()[kind], content, digest=digest_json(content))


@pytest.mark.parametrize(
    "change",
    [
        {"timeline": [{"at": "2026-10-20T08:00:00Z", "text": "Answers fail."}]},
        {"resolved_at": "2026-10-20T10:00:00Z"},
        {"affected_nodes": ["source/crm", "model/scores"]},
    ],
)
def test_other_words_tell_of_the_same_event(change: dict[str, Any]) -> None:
    assert event({**INCIDENT, **change}) == event(INCIDENT)


@pytest.mark.parametrize(
    "change",
    [{"detected_at": "2026-10-20T08:00:01Z"}, {"category": "bias"}, {"affected_nodes": ["model/scores"]}],
)
def test_another_time_kind_or_place_is_another_event(change: dict[str, Any]) -> None:
    assert event({**INCIDENT, **change}) != event(INCIDENT)


def test_where_nothing_tells_events_apart_each_content_is_one() -> None:
    request = {"kind": "erasure", "opened_at": "2026-10-20T00:00:00Z"}
    assert event(request, "subject-request") == digest_json(request)
    short = {"category": "drift-failure"}
    assert event(short) == digest_json(short)


def test_what_tells_events_apart_are_fields_of_the_type() -> None:
    named = {kind: model for kind, model in PREDICATES.items() if model.EVENT}
    assert {kind for kind, model in named.items() if not set(model.EVENT) <= set(model.model_fields)} == set()
    assert all(any(model.model_fields[name].is_required() for name in model.EVENT) for model in named.values())
    assert all(model.FEED for model in named.values())
