"""Mistakes in a document are told in plain words, each at its line."""

from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from evidence.model.base import Date, Frozen, Instant, Int, Number, Share, Text
from evidence.model.mistakes import explain, refusal
from evidence.model.yaml import parse_yaml


class _Part(Frozen):
    word: str


class _Paper(Frozen):
    text: Text = "some"
    whole: Int = 1
    number: Number = 1.5
    share: Share = 0.5
    flag: bool = True
    choice: Literal["yes", "no"] = "yes"
    only: Literal["this"] = "this"
    day: Date | None = None
    at: Instant | None = None
    parts: tuple[_Part, ...] = Field(default=(_Part(word="w"),), min_length=1)
    by_name: dict[str, Int] = Field(default_factory=dict)
    either: str | Int = 1
    short: Annotated[str, Field(min_length=3, max_length=5, pattern=r"^[a-z]+$")] = "abc"


@pytest.mark.parametrize(
    ("yaml", "told"),
    [
        ("flag: perhaps", "`flag`: is neither true nor false"),
        ("whole: 1.5", "`whole`: is no whole number"),
        ("whole: many", "`whole`: is no whole number"),
        ("number: x", "`number`: not a number"),
        ("share: 1.5", "`share`: is 1.5; it must be at most 1"),
        ("choice: perhaps", "`choice`: is `perhaps`; it must be one of yes, no"),
        ("only: that", "`only`: must be this"),
        ("parts: [{word: 1}]", "`parts.0.word`: is no text; put it in quotes"),
        ("parts: []", "`parts`: has 0 entries; there must be at least 1"),
        ("parts: [{wrd: a}]", "`parts.0.word`: is missing; `parts.0.wrd`: is no field here"),
        ("parts: {word: a}", "`parts`: is no list"),
        ("by_name: [1]", "`by_name`: is no mapping of names to values"),
        ("parts: [a]", "`parts.0`: is no entry with fields of its own"),
        ("either: [1]", "`either`: is no text; is no whole number"),
        ("text:", "`text`: is left blank"),
        ("at: yesterday", "`at`: not an RFC 3339 date-time with zone"),
        ("short: ab", "`short`: has 2 letters; there must be at least 3"),
        ("short: ABC", "`short`: is `ABC`, which has not the form ^[a-z]+$"),
        ("other: 1", "`other`: is no field here"),
    ],
)
def test_is_told_in_plain_words(yaml: str, told: str) -> None:
    document = parse_yaml(f"# first line\n{yaml}\n")
    with pytest.raises(ValidationError) as caught:
        _Paper.from_json(document.value)
    assert explain(caught.value).startswith(told)
    error = refusal(caught.value, what="the paper", where="p.yaml", lines=document.lines, hint="h")
    assert str(error).startswith(f"p.yaml:2: the paper does not fit: {told.partition(';')[0]}")
    assert error.hint == "h"
