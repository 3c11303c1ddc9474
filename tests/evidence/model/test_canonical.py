"""Canonical JSON and the reader of JSON that is not trusted."""

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evidence.model.canonical import Written, canonical_bytes, digest_json, parse_json
from evidence.model.errors import EvidenceError

SAFE = 2**53 - 1
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(-1e15, 1e15)
    | st.text(st.characters(blacklist_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(blacklist_categories=("Cs",))), inner, max_size=4)
    ),
    max_leaves=20,
)


PIECES = [
    *(sign.encode() for sign in '"{}[],:-.+e019\\/n é'),
    *(b'"a":', b'{"a":1}', b"\\u0041", b"\\ud800", b"\xed\xa0\x80", b"\xff", b"true", b"null", b"NaN", b"1.0", b"1E2"),
]
"""Of which JSON is made, and what is almost JSON."""


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(st.characters()) | st.integers() | st.booleans() | st.none(), inner, max_size=4)
    ),
    max_leaves=12,
)
"""Values that may have no canonical form: any number, lone surrogates, names that are no text."""


class Word(StrEnum):
    ONE = "one\u00e9"


def form(write: Callable[[Any], bytes], value: Any) -> bytes | None:
    try:
        return write(value)
    except (EvidenceError, rfc8785.CanonicalizationError, UnicodeEncodeError):
        return None


class TestFormsOfSharedParts:
    @settings(max_examples=300)
    @given(st.lists(ANY, max_size=4), ANY, st.integers(0, 3))
    def test_are_those_of_the_whole(self, parts: list[Any], other: Any, fresh: int) -> None:
        """Each part is shown several times, in a list of its own too, and beside one that was not there before."""
        written = Written()
        whole = {"parts": parts, "again": [parts, *parts]}
        for value in (whole, {**whole, "parts": [*parts, other]}, parts, [other], whole):
            for level in (fresh, 0):
                assert form(lambda given, level=level: written.bytes_of(given, fresh=level), value) == form(
                    canonical_bytes, value
                )

    def test_a_copy_that_differs_is_written_anew(self) -> None:
        written = Written()
        record = {"id": "a", "predicate": {"share": 0.5, "groups": [{"n": 3}]}}
        assert written.bytes_of({"records": [record]}, fresh=2) == canonical_bytes({"records": [record]})
        for share in (0.25, 0.75):  # the first copy is gone when the second is made, perhaps in its place
            copy = {**record, "predicate": {**record["predicate"], "share": share}}
            assert written.bytes_of({"records": [copy]}, fresh=2) == canonical_bytes({"records": [copy]})


class TestCanonicalForm:
    @settings(max_examples=1000)
    @given(ANY)
    @example({"\ue000": 1, "\U00010000": 2, "a": 3})
    @example({Word.ONE: Word.ONE, "a": (True, None, -0.0, 1.0, 1e-7, 1e16, 1e21, 123456.5, -5e-324, 2**53 - 1)})
    @example([2**53])
    @example([OrderedDict(b=1, a=2), {1: 2}, {1, 2}])
    def test_is_what_the_reference_writes_or_refuses(self, value: Any) -> None:
        assert form(canonical_bytes, value) == form(rfc8785.dumps, value)

    @settings(max_examples=2000)
    @given(st.floats())
    def test_of_a_number_is_that_of_the_reference(self, value: float) -> None:
        assert form(canonical_bytes, value) == form(rfc8785.dumps, value)

    @given(JSON)
    def test_reading_back_and_writing_again_gives_the_same_bytes(self, value: object) -> None:
        once = canonical_bytes(value)
        assert canonical_bytes(parse_json(once, where="test")) == once

    @given(st.dictionaries(st.text(st.characters(blacklist_categories=("Cs",))), st.integers(-9, 9), min_size=2))
    def test_order_of_names_does_not_matter(self, value: dict[str, int]) -> None:
        backwards = dict(reversed(list(value.items())))
        assert digest_json(value) == digest_json(backwards)

    def test_the_example_of_rfc_8785(self) -> None:
        value = {
            "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": '\u20ac$\u000f\nA\'B"\\\\"/',
            "literals": [None, True, False],
        }
        assert (
            canonical_bytes(value)
            == (
                '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
                '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
            ).encode()
        )

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60, {1: 2}, "\ud800"])
    def test_what_has_no_canonical_form_is_refused(self, value: object) -> None:
        with pytest.raises(EvidenceError):
            canonical_bytes(value)


class TestHostileJson:
    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (b'{"a": 1, "a": 2}', "stands twice"),
            (b"[NaN]", "not a JSON number"),
            (b"[Infinity]", "not a JSON number"),
            (b"\xff\xfe", "not UTF-8"),
            (b"{", "not JSON"),
            (b"[" * 100 + b"]" * 100, "deeper than 64"),
            (b"[" * 200_000, "JSON"),
            (b'"' + b"x" * 100 + b'"', "more than the limit"),
        ],
    )
    def test_is_refused_with_its_place(self, data: bytes, problem: str) -> None:
        limit = 50 if problem.startswith("more") else 1 << 20
        with pytest.raises(EvidenceError, match=problem) as caught:
            parse_json(data, where="upload.json", limit=limit)
        assert "upload.json" in str(caught.value)

    @given(JSON)
    @example({"a": 1.0, "b": 1, "c": True, "d": [-0.0, 1e300, 1e-7, 5e-324], "é\U0001f600": "\x7f\u2028\\/"})
    def test_blanks_change_no_value(self, value: Any) -> None:
        """Without blanks another reader reads it."""
        close = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        apart = json.dumps(value, separators=(" , ", " : "), ensure_ascii=False).encode()
        assert repr(parse_json(close, where="x")) == repr(parse_json(apart, where="x")) == repr(json.loads(apart))

    @pytest.mark.parametrize(
        "text",
        [
            '{"a":1,"b":{"c":2,"c":2}}',
            '{"a":1,"\\u0061":1}',
            '{"n":NaN}',
            '{"n":[1,-Infinity]}',
            '{"n":Infinity}',
            '["\\ud800"]',
            "[" * 66 + "]" * 66,
        ],
    )
    def test_what_is_refused_with_blanks_is_refused_without(self, text: str) -> None:
        for data in (text, text.replace(",", " , ").replace(":", " : "), f"[ {text}]"):
            try:
                value = parse_json(data.encode(), where="x")
            except EvidenceError:
                continue
            with pytest.raises(EvidenceError):  # a lone surrogate is text, and has no canonical form
                canonical_bytes(value)

    @given(st.lists(st.sampled_from(PIECES), max_size=10).map(b"".join))
    @example(b"1" * 4300)
    @example(b"-" + b"1" * 4301)
    @example(b"1e400")
    @example(b"-0")
    def test_both_readers_read_or_refuse_the_same(self, piece: bytes) -> None:
        found = []
        for data in (b"[" + piece + b"]", b" [" + piece + b"]"):
            try:
                found.append(repr(parse_json(data, where="x")))
            except EvidenceError:
                found.append("refused")
        assert found[0] == found[1]

    @given(st.binary(max_size=200))
    def test_random_bytes_give_a_value_or_our_error(self, data: bytes) -> None:
        try:
            value = parse_json(data, where="x")
        except EvidenceError:
            return
        assert json.loads(data) == value or value != value


class TestHostileSizes:
    """A pack inflates to hundreds of megabytes out of a few kilobytes: what reads it may not grow with the square."""

    def test_a_name_that_stands_twice_is_found_in_one_pass(self) -> None:
        many = b"{" + b",".join(b'"%d":0' % n for n in range(300_000)) + b',"299999":1}'
        begun = time.process_time()
        with pytest.raises(EvidenceError, match="the name `299999` stands twice"):
            parse_json(many, where="test")
        assert time.process_time() - begun < 5

    @pytest.mark.parametrize("item", [b"{},", b"[],", b"0,", b'{"a":[[0,0]]},'])
    def test_more_values_than_a_document_has_are_not_built(self, item: bytes) -> None:
        with pytest.raises(EvidenceError, match="more than 4000000 values"):
            parse_json(b"[" + item * 4_000_000 + b"0]", where="test")

    def test_many_values_are_read(self) -> None:
        assert len(parse_json(b"[" + b"0," * 100_000 + b"0]", where="test")) == 100_001
