from pathlib import Path

import pytest

from evidence.model.errors import EvidenceError
from evidence.validation.document import MAX_BYTES, read_yaml


def read(tmp_path: Path, text: str | bytes) -> dict[str, object]:
    path = tmp_path / "doc.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_yaml(path)[0]


class TestScalars:
    def test_words_that_yaml_1_1_takes_for_truth_values_stay_words(self, tmp_path: Path) -> None:
        assert read(tmp_path, "a: [yes, no, on, off, y, n]") == {"a": ["yes", "no", "on", "off", "y", "n"]}

    def test_core_schema(self, tmp_path: Path) -> None:
        text = "a: [1, -2, 1.5, .5, 1e3, true, false, null, ~, '1', 2026-01-01, 1:30, 0x1f]"
        values = [1, -2, 1.5, 0.5, 1000.0, True, False, None, None, "1", "2026-01-01", "1:30", "0x1f"]
        assert read(tmp_path, text) == {"a": values}

    def test_a_key_is_always_text(self, tmp_path: Path) -> None:
        assert read(tmp_path, "values: {yes: 1, no: 0, 1: 2, true: 3}") == {
            "values": {"yes": 1, "no": 0, "1": 2, "true": 3}
        }


class TestPlaces:
    def test_each_value_knows_its_line(self, tmp_path: Path) -> None:
        path = tmp_path / "doc.yaml"
        path.write_text("a: 1\nb:\n  - c: 2\n  - 3\n")
        lines = read_yaml(path)[1]
        assert (lines[("a",)], lines[("b", 0, "c")], lines[("b", 1)]) == (1, 3, 4)


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("a: 1\nb: 2\na: 3", r"doc.yaml:3: the key `a` stands twice"),
            ("a: &x [1]\nb: *x", r"doc.yaml:2: an alias is not allowed"),
            ("a: !!python/object/apply:os.system ['true']", r"doc.yaml:1: the tag"),
            ("? [a]\n: 1", r"a key that is no text"),
            ("a: 1\n---\nb: 2", r"doc.yaml:2: a second document"),
            ("- 1", r"not a YAML mapping"),
            ("", r"not a YAML mapping"),
            ("a: [1", r"doc.yaml:\d: not YAML"),
            ("a: " + "[" * 1000 + "]" * 1000, r"nested deeper"),
            (b"a: \xff", r"not UTF-8"),
            ("a: " + "x" * MAX_BYTES, r"more than \d+ bytes"),
        ],
    )
    def test_with_its_place(self, tmp_path: Path, text: str | bytes, problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            read(tmp_path, text)

    def test_a_bomb_of_anchors_makes_nothing(self, tmp_path: Path) -> None:
        bomb = "a: &a [x, x]\n" + "".join(f"k{i}: &k{i} [*a, *a]\n" for i in range(50))
        with pytest.raises(EvidenceError, match="alias"):
            read(tmp_path, bomb)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(EvidenceError, match="cannot be read"):
            read_yaml(tmp_path / "none.yaml")
