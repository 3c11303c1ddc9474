"""Lineage by hand: what a YAML document may say, and the line of each mistake."""

from pathlib import Path

import pytest

from evidence.lineage.document import read_document
from evidence.model.errors import EvidenceError
from tests.worlds.lineage import NOON, document

WHOLE = """
nodes:
  - id: crm
    kind: source
    version: "3"
    owner: {id: ada, name: Ada}
    origin: credit bureau
    licence: internal
    purpose: credit decisions
    legal_ground: contract
    consent: not-needed
    personal_data: [age]
    collected_on: 2025-01-01
    retain_until: 2030-01-01
  - {id: etl, kind: run}
  - {id: loans, kind: dataset}
  - {id: model, kind: model}
edges:
  - {from: crm, to: loans, kind: derived, run: etl}
  - {from: loans, to: model, kind: trained}
"""


def test_every_fact(tmp_path: Path) -> None:
    found = document(tmp_path, WHOLE)
    crm = found.nodes[0]
    assert crm.version == "3"
    assert crm.node.to_json() == {
        "id": "crm",
        "kind": "source",
        "owner": {"id": "ada", "name": "Ada"},
        "origin": "credit bureau",
        "licence": "internal",
        "purpose": "credit decisions",
        "legal_ground": "contract",
        "consent": "not-needed",
        "personal_data": ["age"],
        "collected_on": "2025-01-01",
        "retain_until": "2030-01-01",
    }
    assert [(edge.from_, edge.to, edge.kind, edge.run) for edge in found.edges] == [
        ("crm", "loans", "derived", "etl"),
        ("loans", "model", "trained", None),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("- a", 1, "not a YAML mapping"),
        ("nodes: []", 1, "`nodes`"),
        ("edges: []", 1, "`nodes`"),
        ("nodes:\n- {id: a, kind: source}\n- {id: b, kind: table}", 3, "`nodes.1.kind`"),
        ("nodes:\n- {id: a, kind: source, license: MIT}", 2, "`nodes.0.license`"),
        ("nodes:\n- {id: a, kind: source}\n- {id: a, kind: dataset}", 3, "`a` stands twice"),
        ("nodes:\n- {id: ' ', kind: source}", 2, "blank id"),
        ('nodes:\n- {id: "a\\0b", kind: source}', 2, "cannot be printed"),
        (f"nodes:\n- {{id: {'x' * 801}, kind: source}}", 2, "more than 800"),
        ("nodes:\n- {id: 7, kind: source}", 2, "`nodes.0.id`"),
        ("nodes:\n- {id: a, kind: source}\nedges:\n- {from: a, to: b, kind: derived}", 4, "unknown node `b`"),
        ("nodes:\n- &x {id: a, kind: source}\n- *x", 2, "anchor or alias"),
    ],
)
def test_mistakes_have_a_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(EvidenceError, match=message) as caught:
        document(tmp_path, text)
    assert caught.value.where == f"{tmp_path}/lineage.yaml:{line}"


def test_the_hint_speaks_of_lineage(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as caught:
        document(tmp_path, "just words")
    assert caught.value.hint == "start with `nodes:`"


@pytest.mark.parametrize(
    ("edge", "message"),
    [
        ("{from: crm, to: loans, kind: trained}", "kind `trained` ends at `loans`, which is a dataset"),
        ("{from: crm, to: loans, kind: served}", "kind `served` ends at `loans`"),
        ("{from: crm, to: loans, kind: read}", "kind `read` ends at `loans`"),
        ("{from: crm, to: loans, kind: produced}", "kind `produced` starts at `crm`, which is a source"),
        ("{from: crm, to: loans, kind: derived, run: loans}", "the run `loans`, which is a dataset"),
        ("{from: crm, to: loans, kind: derived, run: elt}", "the run `elt`, which is no node of the document"),
    ],
)
def test_a_step_cannot_pass_for_one_that_needs_no_run(tmp_path: Path, edge: str, message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        document(tmp_path, WHOLE.replace("{from: crm, to: loans, kind: derived, run: etl}", edge))


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_document(tmp_path / "gone.yaml", "mortgage", at=NOON)
