"""The one YAML reader, through every door that reads a person's file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.bundle.documents import read_yaml
from engine.errors import PolicyError
from evidence.model.errors import EvidenceError
from evidence.model.yaml import MAX_BYTES, MAX_FILE_BYTES, MAX_VALUES, YamlError, parse_yaml, read_mapping
from integrations.cli.shared import read_values

Door = Callable[[Path], Any]
DOORS: dict[str, Door] = {
    "overlays, gates, cases, METADATA": lambda path: read_yaml(path.read_bytes(), path.name).value,
    "plans, lineage": lambda path: read_mapping(path, hint="write it")[0],
    "values of the command line": lambda path: read_values(path)[0],
}
PROBES: dict[str, Any] = {
    "true": True, "True": True, "TRUE": True, "tRUE": "tRUE", "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
    "yes": "yes", "no": "no", "on": "on", "off": "off", "y": "y", "Y": "Y", "NO": "NO",
    "1": 1, "-2": -2, "+3": 3, "007": 7, "0": 0, "1_000": "1_000", "1,000": "1,000", "0x1f": "0x1f", "0o17": "0o17",
    "123456789012345678": 123456789012345678,
    "1.5": 1.5, ".5": 0.5, "5.": 5.0, "1e3": 1000.0, "-1.5E-3": -0.0015, "1e999": "1e999", "9" * 41: "9" * 41,
    ".inf": ".inf", "-.inf": "-.inf", ".nan": ".nan", "NaN": "NaN",
    "2026-01-01": "2026-01-01", "2026-01-01T00:00:00Z": "2026-01-01T00:00:00Z", "1:30": "1:30", "=": "=", "<<": "<<",
    "'1'": "1", '"true"': "true", "''": "", "a b": "a b",
}  # fmt: skip
REFUSED = [
    ("a: 1\nb: 2\na: 3", 3, "the key `a` stands twice"),
    ("a: &x [1]\nb: *x", 1, "an anchor or alias is not accepted"),
    ("a: *x", 1, "an anchor or alias is not accepted"),
    ("a: !!python/object/apply:os.system ['true']", 1, "the tag `tag:yaml.org,2002:python"),
    ("a: ! 12", 1, "the tag `!` is not accepted"),
    ("<<: {a: 1}\n<<: {b: 1}", 2, "the key `<<` stands twice"),
    ("? [a]\n: 1", 1, "a key that is no text"),
    ("a: 1\n---\nb: 2", 2, "a second YAML document"),
    ("a: [1\n", 2, "not YAML"),
    ("a:\n  b: 1\n c: 2", 3, "not YAML"),
    ("a: " + "[" * 1000 + "]" * 1000, 1, "nested deeper than 32 levels"),
    ("a: &a [x, x]\n" + "".join(f"k{i}: &k{i} [*a, *a]\n" for i in range(50)), 1, "an anchor or alias"),
    ("a: \x00", 1, "not YAML"),
]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def written(text: str | bytes) -> Path:
        path = tmp_path / "doc.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return written


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
class TestEveryDoor:
    @pytest.mark.parametrize(("text", "value"), PROBES.items())
    def test_a_plain_value_is_what_yaml_1_2_says(
        self, door: Door, write: Callable[[str], Path], text: str, value: Any
    ) -> None:
        found = door(write(f"a: {text}"))
        assert found == {"a": value}
        assert type(found["a"]) is type(value)

    def test_a_key_is_always_text(self, door: Door, write: Callable[[str], Path]) -> None:
        assert door(write("v: {yes: 1, no: 0, 1: 2, true: 3, ~: 4}")) == {
            "v": {"yes": 1, "no": 0, "1": 2, "true": 3, "~": 4}
        }

    @pytest.mark.parametrize(("text", "line", "problem"), REFUSED)
    def test_what_is_refused_is_refused_with_its_line(
        self, door: Door, write: Callable[[str], Path], text: str, line: int, problem: str
    ) -> None:
        with pytest.raises((EvidenceError, PolicyError)) as raised:
            door(write(text))
        assert (raised.value.where or "").endswith(f"doc.yaml:{line}")
        assert problem in raised.value.problem

    def test_bytes_that_are_no_text(self, door: Door, write: Callable[[bytes], Path]) -> None:
        with pytest.raises((EvidenceError, PolicyError), match="not UTF-8"):
            door(write(b"a: \xff"))


class TestLimits:
    def test_bytes(self, write: Callable[[str], Path]) -> None:
        with pytest.raises(YamlError, match="more than 4 MiB"):
            parse_yaml("a: " + "x" * MAX_BYTES)
        with pytest.raises(EvidenceError, match="more than 262144 bytes"):
            read_mapping(write("a: " + "x" * MAX_FILE_BYTES), hint="")

    def test_values(self) -> None:
        with pytest.raises(YamlError, match="more than 200000 values"):
            parse_yaml("[" + "1," * (MAX_VALUES + 1) + "]")


class TestMappings:
    @pytest.mark.parametrize("text", ["- 1", "", "word", "# nothing"])
    def test_what_is_none_is_told_how_to_begin(self, write: Callable[[str], Path], text: str) -> None:
        with pytest.raises(EvidenceError, match="not a YAML mapping") as raised:
            read_mapping(write(text), hint="start with `nodes:`")
        assert raised.value.hint == "start with `nodes:`"

    def test_each_value_knows_its_line(self, write: Callable[[str], Path]) -> None:
        document = read_mapping(write("a: 1\nb:\n  - c: 2\n  - 3\n"), hint="")[1]
        places: list[tuple[str | int, ...]] = [("a",), ("b", 0, "c"), ("b", 1), ("b", 1, "missing"), ("none",)]
        assert [document.line(place) for place in places] == [1, 3, 4, 4, 1]

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(EvidenceError, match="cannot be read"):
            read_mapping(tmp_path / "none.yaml", hint="")
