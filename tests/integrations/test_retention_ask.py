"""`quaestor retention ask`: what is asked about has the fields that the policy reads, and no others."""

import json

import pytest

from tests.integrations.doors import Doors, Make, refused

ITEM = """id: a
record_class: decision-log
personal: false
holds_reachable: true
holds: []
anchors:
  created: 2020-01-01T00:00:00Z
"""


def test_an_item_is_answered(quaestor: Doors, file: Make) -> None:
    said = quaestor("retention", "ask", file("item.yaml", ITEM))
    assert said.code == 0, said.text
    assert json.loads(said.out)["held"] is False


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("clas: b\n", ("item.yaml:8", "`clas`", "no such field")),
        ("holds_reachible: true\n", ("item.yaml:8", "did you mean `holds_reachable`")),
        ("schedule:\n  perid: P1Y\n", ("item.yaml:9", "`schedule.perid`", "did you mean `period`")),
    ],
)
def test_a_field_that_nothing_reads_is_refused(quaestor: Doors, file: Make, more: str, words: tuple[str, ...]) -> None:
    refused(quaestor("retention", "ask", file("item.yaml", ITEM + more)), *words)


def test_so_is_one_of_a_hold(quaestor: Doors, file: Make) -> None:
    item = {"id": "a", "record_class": "decision-log", "holds_reachable": True, "holds": [{"release_at": "2020"}]}
    said = quaestor("retention", "ask", file("item.json", json.dumps(item)))
    refused(said, "`holds.0.release_at`", "did you mean `released_at`")
