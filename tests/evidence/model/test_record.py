"""Records: in-toto statements with dated, classed, typed content."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from evidence.model.base import format_instant, parse_instant
from evidence.model.canonical import canonical_bytes, digest_bytes
from evidence.model.errors import EvidenceError
from evidence.model.predicates.operation import ResilienceTest
from evidence.model.record import Statement, new_statement, parse_statement, read_record

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
CONTENT = ResilienceTest(
    scenario="stop", environment="staging", mechanism="switch", passed=True, safe_state_seconds=4,
    declared_seconds=30.5,
    performed_at=NOON,
)  # fmt: skip


def envelope(**changes: Any) -> dict[str, Any]:
    base = {
        "evidence_class": "ingested", "system_id": "s", "source": "drill", "collector": "quaestor", "issuer": "eli",
        "issued_at": NOON, "collected_at": NOON, "expires_at": NOON + timedelta(days=30),
    }  # fmt: skip
    from evidence.model.record import EvidenceClass

    merged = base | changes
    return merged | {"evidence_class": EvidenceClass(merged["evidence_class"])}


class TestContent:
    @pytest.mark.parametrize(
        "content",
        [
            {"a": 1, "b": [0.5, "naïve \u2028", None, True]},
            {"b": 1, "a": {"d": 2, "c": 3}},
            {"p": 3e-6, "q": 1e-7, "r": 1e22, "s": 2.0, "t": -0.0},
            {"\ue000": 1, "\U00010000": 2, "a": "\U00020101 \x7f\x1f"},
        ],
    )
    def test_its_text_is_the_canonical_form_that_the_digest_is_of(self, content: dict[str, Any]) -> None:
        record = read_record(new_statement(CONTENT, subject={"m": DIGEST}, envelope=envelope()))
        assert record.content_text.encode() == canonical_bytes(record.content)
        assert digest_bytes(record.content_text.encode()) == record.content_digest
        other_words = record.envelope.model_copy(update={"content": content})
        digest = digest_bytes(canonical_bytes(content))
        copy = record.model_copy(update={"envelope": other_words, "content_digest": digest})
        assert copy.content_text.encode() == canonical_bytes(content)
        other = record.model_copy(update={"envelope": other_words, "content_digest": DIGEST})
        with pytest.raises(EvidenceError, match="not the one that its digest is of"):
            _ = other.content_text

    @pytest.mark.parametrize("odd", [2**60, "\ud800", float("nan")])
    def test_what_has_no_canonical_form_has_no_text(self, odd: Any) -> None:
        record = read_record(new_statement(CONTENT, subject={"m": DIGEST}, envelope=envelope()))
        copy = record.model_copy(update={"envelope": record.envelope.model_copy(update={"content": {"a": odd}})})
        with pytest.raises(EvidenceError, match="no canonical JSON form"):
            _ = copy.content_text


class TestStatement:
    def test_a_copy_that_says_something_else_has_bytes_of_its_own(self) -> None:
        made = new_statement(CONTENT, subject={"m": DIGEST}, envelope=envelope())
        read = parse_statement(made.payload, where="here", id=made.id)
        other = read.model_copy(update={"predicate": {**read.predicate, "system_id": "another"}})
        assert b'"another"' in other.payload
        assert other.id != made.id
        assert read_record(other).envelope.system_id == "another"

    def test_its_id_is_the_digest_of_its_canonical_bytes_and_survives_reading(self) -> None:
        statement = new_statement(CONTENT, subject={"m": DIGEST}, envelope=envelope())
        again = parse_statement(statement.payload, where="x")
        assert again.id == statement.id
        assert again.payload == statement.payload
        assert read_record(again).typed() == CONTENT

    def test_made_and_read_back_are_one_record(self) -> None:
        statement = new_statement(CONTENT, subject={"m": DIGEST}, envelope=envelope(owner={"id": "e", "name": "Eli"}))
        made = read_record(statement)
        for again in (parse_statement(statement.payload, where="x"), Statement.from_json(statement.to_json())):
            assert read_record(again) == made
            assert read_record(again) is read_record(again)

    def test_bytes_of_the_ledger_s_id_are_taken_as_they_are_and_others_brought_into_canonical_form(self) -> None:
        statement = new_statement(CONTENT, subject={"m": DIGEST}, envelope=envelope())
        assert parse_statement(statement.payload, where="x", id=statement.id) == statement
        loose = statement.payload.replace(b'"safe_state_seconds":4', b'"safe_state_seconds": 4.0')
        for id in (None, statement.id, DIGEST):
            read = parse_statement(loose, where="x", id=id)
            assert (read.id, read.payload) == (statement.id, statement.payload)
            assert read_record(read).typed() == CONTENT
        twice = statement.payload.replace(b'{"_type"', b'{"subject":[],"_type"')
        with pytest.raises(EvidenceError, match="stands twice"):
            parse_statement(twice, where="x", id=digest_bytes(twice))

    @pytest.mark.parametrize("change", [{"passed": "yes"}, {"declared_seconds": -1}, {"nothing": 1}])
    def test_a_copy_with_a_change_that_does_not_fit_is_refused(self, change: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            CONTENT.model_copy(update=change)
        assert CONTENT.model_copy(update={"scenario": "overload"}).scenario == "overload"

    def test_instants_are_cut_to_whole_seconds_in_utc(self) -> None:
        content = CONTENT.model_copy(update={})
        raw = content.to_json() | {"performed_at": "2026-11-21T13:00:00.987+01:00"}
        read = ResilienceTest.model_validate_json(canonical_bytes(raw))
        assert read.to_json()["performed_at"] == "2026-11-21T12:00:00Z"

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            ({"evidence_class": "attested"}, "cannot be of class"),
            ({"expires_at": NOON}, "not after"),
        ],
    )
    def test_an_envelope_that_does_not_fit_is_refused(self, change: dict[str, Any], problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            new_statement(CONTENT, subject={"m": DIGEST}, envelope=envelope(**change))

    def test_unknown_type_unknown_field_and_wrong_type_are_named(self) -> None:
        value = new_statement(CONTENT, subject={"m": DIGEST}, envelope=envelope()).to_json()

        def altered(**content: Any) -> bytes:
            predicate = value["predicate"] | {"content": value["predicate"]["content"] | content}
            return canonical_bytes(value | {"predicate": predicate})

        with pytest.raises(EvidenceError, match="unknown evidence type"):
            read_record(parse_statement(canonical_bytes(value | {"predicateType": "https://example.org/x"}), where="f"))
        with pytest.raises(EvidenceError, match="passed_by"):
            read_record(parse_statement(altered(passed_by="x"), where="f"))
        with pytest.raises(EvidenceError, match="passed"):
            read_record(parse_statement(altered(passed="true"), where="f"))

    @given(st.binary(max_size=300))
    def test_random_bytes_are_refused_by_our_error(self, data: bytes) -> None:
        with pytest.raises(EvidenceError):
            parse_statement(data, where="x")


class TestInstants:
    @given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9998, 12, 30)), st.integers(-14 * 60, 14 * 60))
    def test_text_order_is_time_order(self, moment: datetime, minutes: int) -> None:
        zone = timezone(timedelta(minutes=minutes))
        one = parse_instant(moment.replace(tzinfo=zone).isoformat())
        later = one + timedelta(seconds=1)
        assert format_instant(one) < format_instant(later)
        assert parse_instant(format_instant(one)) == one

    @pytest.mark.parametrize(
        "text", ["2026-11-21T08:00:00", "2026-11-21", "yesterday", "2026-13-01T00:00:00Z", 5, None]
    )
    def test_what_has_no_zone_or_is_no_time_is_refused(self, text: object) -> None:
        with pytest.raises(ValueError, match=r"zone|date-time"):
            parse_instant(text)


def test_published_schemas_are_current() -> None:
    import json
    from pathlib import Path

    from evidence.model import schemas

    folder = Path(__file__).resolve().parents[3] / "policies" / "schemas"
    published = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    assert published == schemas.published_schemas(), "run `make schemas`"
    digests = Path(schemas.__file__).with_suffix(".sha256").read_text(encoding="ascii")
    assert digests == schemas.digests_text(), "run `make schemas`"
