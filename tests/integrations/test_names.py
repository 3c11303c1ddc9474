"""Names that could draw over what a terminal or a report says, and facts that nobody stated: both are refused."""

import json
from pathlib import Path

import pytest

from evidence.trust.keys import SigningKey
from reports.words.escape import clean
from tests.integrations.doors import Answer, Doors, Make, refused
from tests.worlds.workspaces import ENTRY, staffed

FACTS = {
    "impact_level": "high",
    "automation_level": 1,
    "sensitive_domain": "credit",
    "complexity": "low",
    "monitoring_interval_days": 30,
    "rationale": "Creditworthiness.",
}
ODD = ["a\x1b[32mok", "a\rb", "a\nverified", "a\u202egnp", "a\u200bb", " a", "", "x" * 513]
"""Names that could draw a line of their own, hide a part of themselves, or fill the page."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return staffed(tmp_path_factory.mktemp("names") / "shop", {"eli": "ml-engineer"})


@pytest.fixture
def quaestor(shop: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(shop, capsys)


class TestNamesAtTheDoor:
    @pytest.mark.parametrize("name", ODD)
    def test_of_a_key(self, quaestor: Doors, name: str, tmp_path: Path) -> None:
        before = quaestor("key", "list").out
        (tmp_path / "bob.pem").write_text(SigningKey.generate().public_key, encoding="utf-8")
        trust = ["key", "trust", tmp_path / "bob.pem"]
        for arguments, what in (
            (["key", "new", "bob", "--name", name], "the name `"),
            (["key", "new", name, "--name", "Bob"], "the id `"),
            (["key", "new", "bob", "--name", "Bob", "--role", name], "unknown role `"),
            ([*trust, "--holder", name, "--name", "Bob"], "the id `"),
            ([*trust, "--holder", "bob", "--name", name], "the name `"),
            ([*trust, "--holder", "bob", "--name", "Bob", "--custody", name], "the custody `"),
        ):
            refused(quaestor(*arguments), what)
        assert quaestor("key", "list").out == before

    @pytest.mark.parametrize("name", [*ODD, "mortgage@2"])
    def test_of_a_system_and_a_version(self, quaestor: Doors, name: str, file: Make) -> None:
        before, model = quaestor("evidence", "list").out, file("m.onnx", b"another model")
        entry = dict(ENTRY)
        register = ["--model", model, "--as", "eli", "--entry"]
        refused(quaestor("system", "register", name, *register, file("e.json", json.dumps(entry))), "the system id")
        entry["version"] = name
        refused(quaestor("system", "register", "hiring", *register, file("e.json", json.dumps(entry))), "version")
        assert quaestor("evidence", "list").out == before

    @pytest.mark.parametrize(
        "name", ["../evil", "a b", "a/b", ".a", "-a", "a:b", "x" * 129, "m\u043ertgage", "\u0441redit"]
    )
    def test_of_a_new_system(self, quaestor: Doors, name: str, file: Make) -> None:
        before, model = quaestor("evidence", "list").out, file("m.onnx", b"\x08another model")
        register = ("--model", model, "--as", "eli", "--entry", file("e.json", json.dumps(ENTRY)))
        refused(
            quaestor("system", "register", *register, "--", name), "cannot be the id of a new system", "use letters"
        )
        assert quaestor("evidence", "list").out == before

    def test_of_the_organisation(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        refused(
            Doors(tmp_path, capsys)("init", tmp_path / "own", "--name", "a\x1b[2Jb"), "the name of the organisation"
        )
        assert not (tmp_path / "own" / "quaestor.toml").exists()


def test_what_is_shown_of_unknown_origin_stays_on_its_line() -> None:
    """Such as the name in a stranger's certificate, which `verify` prints."""
    assert clean("a\r\x1b[32m\nok signer:\ttrusted\u202e") == "a [U+001B][32m ok signer: trusted[U+202E]"


class TestClassification:
    """What nobody stated is asked for and never made up."""

    def classify(self, quaestor: Doors, path: Path) -> Answer:
        declared = ["--declared", "high-annex-iii", "--review", "2027-06-01", "--as", "eli", "--facts", path]
        return quaestor("system", "classify", "mortgage", *declared)

    @pytest.mark.parametrize("field", FACTS)
    def test_a_fact_that_is_not_stated(self, quaestor: Doors, file: Make, field: str) -> None:
        before = quaestor("evidence", "list").out
        facts = {name: value for name, value in FACTS.items() if name != field}
        answer = self.classify(quaestor, file("facts.json", json.dumps(facts)))
        refused(answer, f"does not state `{field}`", "--facts FILE")
        assert quaestor("evidence", "list").out == before

    def test_a_fact_that_policy_computes(self, quaestor: Doors, file: Make) -> None:
        for field in ("tier", "reasons", "unknown"):
            answer = self.classify(quaestor, file("facts.json", json.dumps({**FACTS, field: "minimal"})))
            refused(answer, f"`{field}` is not stated by people")

    def test_without_any(self, quaestor: Doors) -> None:
        refused(
            quaestor("system", "classify", "mortgage", "--declared", "minimal", "--review", "2027-06-01"), "--facts"
        )
