"""What a misspelt name stands for, where it can be told."""

import pytest

from evidence.model.mistakes import did_you_mean
from evidence.model.yaml import YamlError, parse_yaml

IDS = ["ACC-01", "EUAIA-10-2", "FAIR-01", "PERF-01", "PERF-08", "RED-01", "SUP-09"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("perf-08", "PERF-08"),
        ("Red-01", "RED-01"),
        ("PREF-08", "PERF-08"),
        ("PERF-8", "PERF-08"),
        ("fiar-1", "FAIR-01"),
        ("EUIA-10-2", "EUAIA-10-2"),
    ],
)
def test_a_slip(word: str, meant: str) -> None:
    assert did_you_mean(word, IDS) == f"did you mean `{meant}`"


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("PERF-99", "PERF-01, PERF-08"),  # another number is another control
        ("EUAIA-10-3", "EUAIA-10-2"),
        ("NOPE-01", ", ".join(IDS)),
        ("fairness", ", ".join(IDS)),
    ],
)
def test_none_is_named_that_could_as_well_be_another(word: str, known: str) -> None:
    assert did_you_mean(word, IDS) == f"known are: {known}"


@pytest.mark.parametrize(
    ("text", "line"), [("a:\n\tb: 1\n", 2), ("a:\n  b: 1\n \tc: 2\n", 3), ("\ta: 1\n", 1), ("a:\n  - b\n\t- c\n", 3)]
)
def test_a_tab_is_named(text: str, line: int) -> None:
    with pytest.raises(YamlError, match="a tab, where YAML takes spaces alone") as caught:
        parse_yaml(text)
    assert (caught.value.line, caught.value.hint) == (line, "indent with spaces")


def test_a_tab_elsewhere_is_a_blank() -> None:
    assert parse_yaml("a:\tb\nc: [1,\n\t2]\n").value == {"a": "b", "c": [1, 2]}
