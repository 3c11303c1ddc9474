"""The pages on plans and evidence name every field, role and point, and no more promises than the code keeps."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.lineage.document import document_schema
from evidence.validation.measurable import METRICS
from evidence.validation.plan.model import Plan

ROOT = Path(__file__).parents[2]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def fields(schema: dict[str, Any]) -> set[str]:
    """Names of all properties of a schema and of what it refers to."""
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


def test_every_field_of_a_plan_is_explained() -> None:
    text = page("plans.md")
    outside = {"id", "name", "role"}  # of persons, in docs/evidence.md
    missing = sorted(name for name in fields(Plan.model_json_schema()) - outside if f"`{name}`" not in text)
    assert missing == []
    assert [name for name in METRICS if name not in text] == []


def test_every_field_of_a_lineage_document_is_explained() -> None:
    text = page("evidence.md")
    assert sorted(name for name in fields(document_schema()) if f"`{name}`" not in text) == []


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("access/roles.yaml", lambda value: list(value["roles"])),
        ("parameters/parameters.yaml", lambda value: value["parameters"]["annex_iii_points"]["default"]),
    ],
)
def test_every_role_and_point_is_listed(file: str, read: Any) -> None:
    names = read(yaml.safe_load((ROOT / "policies" / file).read_bytes()))
    text = page("evidence.md")
    assert names
    assert [name for name in names if f"`{name}`" not in text] == []
