"""The same event told again, in other words or under another number, is the same event."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.events import Account, account_of, event_of, taken_back
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


GIVEN = datetime(2026, 10, 20, 8, 30, tzinfo=UTC)
"""When an earlier account was given."""
RETOLD = {kind: model for kind, model in PREDICATES.items() if model.RETOLD is not None}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
CONTENTS = st.dictionaries(st.text(max_size=2), VALUES, max_size=4)


def back(change: dict[str, Any], **before: Any) -> list[str]:
    """What a later account takes back of INCIDENT with `before`, where it says `change` besides."""
    told = {**INCIDENT, **before}
    return taken_back(published_schemas()["incident-record"], told, {**told, **change}, given=GIVEN)


class TestToldAgain:
    """A later account may add to an earlier one and call it graver, and take nothing back."""

    def test_what_may_be_called_graver_are_fields_of_the_type_in_values_that_they_have(self) -> None:
        assert set(RETOLD) == {"incident-record", "alert-event"}
        for kind, model in RETOLD.items():
            fields = published_schemas()[kind]["properties"]
            assert model.EVENT
            for name, mild in (model.RETOLD or {}).items():
                if mild is None:
                    assert name in {"estimated_resolution_at", "triage_owner"}
                    continue
                values = fields[name].get("enum", [False, True] if fields[name]["type"] == "boolean" else [])
                # The gravest is the one that no order names; where several are not named, none is graver than another.
                assert set(mild) < set(values) if values else fields[name]["type"] == "integer", name

    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"resolved_at": "2026-10-20T10:00:00Z"},
            {"affected_nodes": ["model/scores", "source/crm", "feature/income"]},
            {"severity": "critical"},
            {"severity": "high"},
            {"serious_kind": "death"},
            {"exposed_users": 3},
            {"misuse_report": True},
            {"triage_owner": {"id": "ben", "name": "Ben"}, "estimated_resolution_at": "2027-01-01T00:00:00Z"},
            {"notified": {"authorities": "2026-10-20T09:00:00Z", "affected-parties": "2026-10-20T10:00:00Z"}},
            {"corrective_actions": [{"text": "b"}, {"text": "a", "owner": "x", "done_at": "2026-10-21T00:00:00Z"}]},
        ],
    )
    def test_what_adds_to_it_takes_nothing_back(self, change: dict[str, Any]) -> None:
        assert back(change, **self.told()) == []

    @pytest.mark.parametrize(
        "change",
        [
            {"severity": "low"},
            {"serious_kind": "none"},
            {"exposed_users": 1},
            {"exposed_users": True},
            {"exposed_users": 2.5},
            {"personal_data_breach": False},
            {"personal_data_breach": 1},
            {"detected_at": "2026-10-20T08:00:01Z"},
            {"affected_nodes": ["model/scores"]},
            {"notified": {}},
            {"notified": {"authorities": "2026-10-20T08:30:00Z"}},
            {"notified": {"authorities": "2026-10-20T09:00:00Z", "affected-parties": "2026-10-20T08:30:00Z"}},
            {"notified": {"authorities": "2026-10-20T09:00:00Z", "affected-parties": "2026-10-20T10:00:00+02:00"}},
            {"corrective_actions": [{"text": "a", "owner": "y"}]},
            {"corrective_actions": [{"text": "a"}]},
            {"corrective_actions": {"text": "a", "owner": "x"}},
            {"category": "bias"},
        ],
    )
    def test_what_is_milder_or_other_takes_it_back(self, change: dict[str, Any]) -> None:
        before = {**self.told(), "serious_kind": "health-harm", "personal_data_breach": True}
        assert back(change, **before) == list(change)

    @pytest.mark.parametrize(
        "later",
        [
            [{"text": "a", "started_at": "2026-10-20T09:00:00Z"}],
            [{"text": "a", "started_at": "2026-10-20T09:00:00Z"}, {"text": "b"}],
            [{"text": "a"}, {"text": "a"}],
        ],
    )
    def test_one_entry_stands_for_one(self, later: list[dict[str, str]]) -> None:
        # Of two actions of one wording the one that nobody began would else be gone behind the other.
        two = [{"text": "a"}, {"text": "a", "started_at": "2026-10-20T09:00:00Z"}]
        assert back({"corrective_actions": later}, corrective_actions=two) == ["corrective_actions"]
        begun = [{"text": "a", "owner": "x"}, {"text": "a", "started_at": "2026-10-20T09:00:00Z", "owner": "y"}]
        assert back({"corrective_actions": begun}, corrective_actions=two) == []

    def test_of_texts_each_counts_once(self) -> None:
        assert back({"evidence_refs": ["a"]}, evidence_refs=["a", "a"]) == []

    def test_what_an_account_leaves_out_it_takes_back(self) -> None:
        told = {**INCIDENT, "resolved_at": "2026-10-20T10:00:00Z"}
        assert taken_back(published_schemas()["incident-record"], told, INCIDENT, given=GIVEN) == ["resolved_at"]

    def test_neither_of_two_grave_kinds_is_graver(self) -> None:
        assert back({"serious_kind": "death"}, serious_kind="health-harm") == ["serious_kind"]

    def test_a_type_without_such_accounts_has_none(self) -> None:
        deployment = {
            "artifact_digest": "sha256:1",
            "environment": "eu",
            "region": "x",
            "started_at": "2026-10-20T08:00:00Z",
        }
        assert account_of(published_schemas()["deployment-record"], deployment) is None

    def test_an_account_that_leaves_a_list_open_is_one_of_the_same(self) -> None:
        schema = published_schemas()["incident-record"]
        assert account_of(schema, INCIDENT) == account_of(schema, {**INCIDENT, "affected_nodes": []})
        assert account_of(schema, INCIDENT) != account_of(schema, {**INCIDENT, "category": "bias"})

    def test_of_however_many_accounts_the_last_is_written_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        written = []

        def counted(value: Any) -> bytes:
            written.append(value)
            return canonical_bytes(value)

        monkeypatch.setattr("evidence.model.events.canonical_bytes", counted)
        schema = published_schemas()["incident-record"]
        notes = [{"at": "2026-10-20T08:00:00Z", "text": str(number)} for number in range(1000)]
        last = Account({**INCIDENT, **self.told(), "timeline": notes})
        for _ in range(100):
            earlier = {**INCIDENT, **self.told(), "timeline": notes[:1]}
            assert last.takes_back(schema, earlier, given=GIVEN) == []
            assert last.tells_more(earlier) == ["timeline"]
        assert len(written) < 100 * 50

    @given(CONTENTS, CONTENTS)
    def test_more_fields_take_nothing_back_and_fewer_do(self, one: dict[str, Any], other: dict[str, Any]) -> None:
        assert taken_back({}, one, {**other, **one}, given=GIVEN) == []
        assert taken_back({}, one, {}, given=GIVEN) == sorted(one)

    @given(CONTENTS, CONTENTS)
    def test_two_that_take_nothing_back_of_each_other_say_the_same(
        self, one: dict[str, Any], other: dict[str, Any]
    ) -> None:
        if not taken_back({}, one, other, given=GIVEN) and not taken_back({}, other, one, given=GIVEN):
            assert _without_order(one) == _without_order(other)

    def told(self) -> dict[str, Any]:
        return {
            "severity": "medium",
            "serious_kind": "none",
            "exposed_users": 2,
            "misuse_report": False,
            "triage_owner": {"id": "ana", "name": "Ana"},
            "estimated_resolution_at": "2026-10-21T00:00:00Z",
            "notified": {"authorities": "2026-10-20T09:00:00Z"},
            "corrective_actions": [{"text": "a", "owner": "x"}],
        }


def _without_order(content: dict[str, Any]) -> dict[str, Any]:
    """Each top list as the set of its entries: an account may tell them in any order, and more than once."""
    return {
        name: {digest_json(item) for item in value} if isinstance(value, list) else digest_json({"": value})
        for name, value in content.items()
    }
