"""What a bundle answers of a framework: laws by what controls cite, needs by what single objectives cover."""

from pathlib import Path

from engine.bundle.coverage import coverage
from engine.bundle.load import Bundle, bundle_from_files
from tests.worlds.linting import lint_files
from tests.worlds.small_bundle import METADATA, small_bundle

FOLDER = Path(__file__).parents[2] / "policies"
NEEDS = """\
framework: needs
title: Needs
version: "1"
kind: requirements
articles:
  - {id: S0.M3.3, title: Audit each group.}
  - {id: S0.M3.4, title: Explain each answer.}
"""
LAW = """\
framework: eu-ai-act
title: AI Act
version: "2026"
kind: law
articles:
  - {id: "10(2)(f)", title: Bias}
  - {id: "10(3)", title: Representative data}
"""


def bundle(metadata: str = METADATA) -> Bundle:
    files = {"frameworks/needs.yaml": NEEDS, "frameworks/eu-ai-act.yaml": LAW}
    return bundle_from_files(small_bundle(metadata=metadata, **files))


def test_an_article_is_answered_where_a_control_cites_it() -> None:
    small = bundle()
    found = coverage(small, small.frameworks["eu-ai-act"])
    (answer,) = found.covered[0].answers
    assert (answer.control, answer.classes) == ("FAIR-01", ("measured",))
    assert set(answer.objectives) == {"attributes-covered", "groups-large-enough"}
    assert [row.article for row in found.uncovered] == ["10(3)"]


def test_a_need_is_answered_only_by_an_objective_that_covers_it() -> None:
    metadata = METADATA.replace("Each group has enough cases to judge., covers: [S0.M3.3]", "Each group is large.")
    small = bundle(metadata)
    found = coverage(small, small.frameworks["needs"])
    assert [(row.article, [a.objectives for a in row.answers]) for row in found.rows] == [
        ("S0.M3.3", [("attributes-covered",)]),
        ("S0.M3.4", []),
    ]
    assert found.shares == {"measured": 1, "derived": 0, "ingested": 0, "attested": 0}


def test_the_class_told_is_the_least_that_suffices(shipped: Bundle) -> None:
    found = coverage(shipped, shipped.frameworks["eu-ai-act"])
    answers = {answer.control: answer.classes for row in found.rows for answer in row.answers}
    assert answers["EUAIA-05-1"] == ("attested",)
    assert answers["ROB-02"] == ("measured",)
    assert answers["DRIFT-04"][-1] == "ingested"  # a monitoring tool's comparison is enough, so it is not "measured"


def test_an_unknown_need_is_a_mistake_with_its_line() -> None:
    metadata = METADATA.replace("judge., covers: [S0.M3.3]", "judge., covers: [S0.M3.5]")
    files = small_bundle(metadata=metadata, **{"frameworks/needs.yaml": NEEDS})
    (error,) = [error for error in lint_files(files) if not error.warning]
    assert error.problem == "unknown need `S0.M3.5`"
    assert error.hint is not None
    assert "S0.M3." in error.hint
    assert metadata.splitlines()[error.line - 1].startswith("#     groups-large-enough")


def test_part_of_a_framework_by_the_beginning_of_its_ids(shipped: Bundle) -> None:
    needs = coverage(shipped, shipped.frameworks["mission"])
    assert len(needs.rows) == 336
    assert len(needs.starting("S2").rows) == 72
    assert [row.article for row in needs.starting("S2.M1.1").rows] == ["S2.M1.1"]
    assert needs.starting("S2.M1").rows != needs.starting("S2.M10").rows
