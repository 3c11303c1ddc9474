"""`policy schema` and `policy fmt`."""

import json
from pathlib import Path

import pytest

from tests.integrations.doors import Doors, refused
from tests.worlds.workspaces import ROOT

SHIPPED = ROOT / "policies"


class TestSchema:
    def test_of_every_type_each_field_stands_in_words(self, quaestor: Doors) -> None:
        listed = quaestor("policy", "schema").out
        for path in sorted((SHIPPED / "schemas").glob("*.json")):
            if path.stem == "attestation":  # stands as its kinds of statement
                continue
            assert f"\n{path.stem} " in listed
            fields = json.loads(path.read_text())["properties"]
            said = quaestor("policy", "schema", path.stem)
            assert said.code == 0, said.text
            assert said.out.startswith(f"# {path.stem}: ")
            assert all(f"\n{name}:" in said.out or f"\n# {name}:" in said.out for name in fields)

    def test_says_who_signs_a_statement_and_gives_its_schema(self, quaestor: Doors) -> None:
        said = quaestor("policy", "schema", "statement:fairness-acceptance").out
        assert "# signed by " in said
        told = json.loads(quaestor("policy", "schema", "model-card", "--format", "json").out)
        assert told == json.loads((SHIPPED / "schemas" / "model-card.json").read_text())
        refused(quaestor("policy", "schema", "model-crd"), "unknown evidence type `model-crd`", "`model-card`")


class TestFmt:
    def test_writes_what_had_another_form_and_nothing_else(self, quaestor: Doors, mine: Path) -> None:
        path = mine / "controls" / "fairness" / "FAIR-02.rego"
        text = path.read_text()
        assert quaestor("policy", "fmt", "--check", "--policies", mine).code == 0
        path.write_text(text.replace("\t", "  "))
        checked = quaestor("policy", "fmt", "--check", "--policies", mine)
        assert (checked.code, path.read_text()) == (1, text.replace("\t", "  "))
        assert checked.out == "controls/fairness/FAIR-02.rego\n1 files are not in this form\n"
        assert quaestor("policy", "fmt", "--policies", mine).code == 0
        assert path.read_text() == text

    def test_what_it_refuses(self, quaestor: Doors, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        refused(quaestor("policy", "fmt"), "the policies that come with Quaestor")
        path = mine / "controls" / "fairness" / "FAIR-02.rego"
        path.write_text(path.read_text() + "\nx := := 1\n")
        refused(quaestor("policy", "fmt", "--policies", mine), "cannot read the policies", "fairness/FAIR-02.rego:")
        monkeypatch.setattr("engine.backends.compile.find_opa", lambda: None)
        refused(quaestor("policy", "fmt", "--policies", mine), "no `opa` is at hand", "make opa")
