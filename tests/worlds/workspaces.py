"""Workspaces, made by the command itself: a few people and a registered version, or all that the demo does."""

import contextlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from examples.mortgage.demo import Demo
from integrations.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
MORTGAGE = ROOT / "examples" / "mortgage"
STAFF = {"eli": "ml-engineer", "mara": "model-owner", "ana": "validator", "omar": "compliance"}
"""People by id, each with a role; their names are their ids with a capital letter."""
ENTRY = {
    "name": "mortgage",
    "version": "1",
    "stage": "development",
    "status": "active",
    "intended_use": "decision support",
    "use_case_category": "credit scoring",
    "business_unit": "retail lending",
    "role_assignments": {"ml-engineer": {"id": "eli", "name": "Eli Novak"}},
    "training_data_refs": [],
    "dependencies": [],
    "member_states": ["IE"],
    "sunset_criteria": [],
}
"""Content of a registry entry that nothing is wrong with, but for the digest that registering fills in."""
Judged = dict[str, list[dict[str, Any]]]
"""What `Demo.judge` gave for each version."""


def staffed(folder: Path, staff: Mapping[str, str] = STAFF, *, name: str = "") -> Path:
    """A workspace in which each of the staff has a key."""
    run(folder, ["init", folder, *(["--name", name] if name else [])], workspace=False)
    for holder, role in staff.items():
        run(folder, ["key", "new", holder, "--name", holder.title(), "--role", role])
    return folder


def registered(folder: Path, model: Path | bytes, **entry: Any) -> Path:
    """The same workspace, in which `eli` has registered a model as a version of `mortgage`; `entry` changes ENTRY.

    The weights of a model that is none are written beside its entry.
    """
    content = {**ENTRY, **entry}
    paper = folder / f"v{content['version']}.json"
    paper.write_text(json.dumps(content), encoding="utf-8")
    if isinstance(model, bytes):
        weights, model = model, paper.with_suffix(".onnx")
        model.write_bytes(weights)
    run(folder, ["system", "register", "mortgage", "--model", model, "--entry", paper, "--as", "eli"])
    return folder


def by_own_policies(folder: Path) -> Path:
    """The workspace, which from now on decides by what lies in its folder `policies`."""
    settings = folder / "quaestor.toml"
    settings.write_text(f'policies = "policies"\n{settings.read_text(encoding="utf-8")}', encoding="utf-8")
    return folder


def run(folder: Path, arguments: Sequence[object], *, workspace: bool = True) -> None:
    """One command that has to succeed."""
    code = main([*(["-w", str(folder)] if workspace else []), *map(str, arguments)])
    assert code == 0, f"{' '.join(map(str, arguments))}: exit code {code}"


def shop(folder: Path, staff: Mapping[str, str] = STAFF, systems: Sequence[str] = ("mortgage",)) -> Demo:
    """A workspace with staff in which the demo's first model is registered, with the demo's papers to render."""
    demo = Demo(folder)
    with quietly():
        staffed(folder, staff)
        entry = demo.render("papers/registry-entry.yaml", "entry.yaml", version="1")
        for system in systems:
            model = str(MORTGAGE / "models/mortgage-v1.onnx")
            demo.run("system", "register", system, "--model", model, "--entry", str(entry), "--as", "eli")
    return demo


def plan_of(demo: Demo, name: str = "plan.yaml", version: str = "1") -> Path:
    """The demo's plan of a version, written under a name of its own."""
    features = demo.facts["features"]
    return demo.render("plans/plan.yaml", name, version=version, example=str(MORTGAGE), features=features)


def committed(demo: Demo) -> Path:
    """The demo's plan of its first model, committed by `ana`."""
    plan = plan_of(demo)
    with quietly():
        demo.run("validate", str(plan), "--commit", "--as", "ana")
    return plan


def judged(folder: Path, gates: Mapping[str, Sequence[str]]) -> tuple[Demo, Judged]:
    """All that the demo does before its reports: versions measured live, and judged at gates, by version."""
    demo = Demo(folder)
    with quietly():
        demo.set_up()
        return demo, {version: demo.judge(version, list(named)) for version, named in gates.items()}


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """What the demo tells goes nowhere; the stand-in takes bytes too, which `policy export` writes."""
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")):
        yield
