"""Walk a small example from its files to a decision: a draft plan, its blanks filled in, signed, run, and judged.

    python -m examples.walk wine [folder]         # or any other of EXAMPLES

Every step is a command of `quaestor`, printed before it runs. The plan that the example keeps is the draft with its
blanks filled in; what the draft says of itself must be what that plan says. The people are invented. No law's papers
are filed, so that the decision lists what a real system would still lack.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from evidence.model.canonical import digest_file
from evidence.model.yaml import parse_yaml
from integrations.cli.main import main as quaestor

TOLD = ("query", "series", "origin", "target")
"""What of the data no file says, and `plan init` is told."""
HERE = Path(__file__).resolve().parent
EXAMPLES = ("boosting", "diabetes", "digits", "network", "postings", "queries", "scans", "seatemp", "wine")
PEOPLE = {"eli": ("Eli Novak", "ml-engineer"), "ana": ("Ana Ruiz", "validator")}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m examples.walk", description=__doc__.split("\n", 1)[0])
    parser.add_argument("example", choices=EXAMPLES)
    parser.add_argument("folder", nargs="?", help="where the workspace is made; emptied first (demo-EXAMPLE)")
    asked = parser.parse_args()
    folder = Path(asked.folder or f"demo-{asked.example}").resolve()
    if folder.exists() and not (folder / "quaestor.toml").is_file():
        parser.error(f"`{folder}` is no workspace, and would be emptied; name another folder")
    if folder.exists():
        shutil.rmtree(folder)
    walk = Walk(asked.example, folder)
    walk.set_up()
    walk.plan()
    return walk.judge()


class Walk:
    """One example and the workspace that it is judged in."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.files = HERE / name
        self.folder = folder
        self.kept: dict[str, Any] = parse_yaml((self.files / "plan.yaml").read_bytes()).value
        places = {"test": self.kept["data"]["path"], "train": self.kept["training"]["path"]}
        self.data = {split: (self.files / place).resolve() for split, place in places.items()}

    def set_up(self) -> None:
        """A workspace, its people, and the model registered."""
        self.run("init", str(self.folder), "--name", "examples", workspace=False)
        for holder, (name, role) in PEOPLE.items():
            self.run("key", "new", holder, "--name", name, "--role", role)
        shutil.copy(self.files / "overlay.yaml", self.folder / "overlay.yaml")
        entry = {
            "name": self.name,
            "version": "1",
            "stage": "development",
            "status": "active",
            "intended_use": "To show how a model of this kind is validated.",
            "use_case_category": "example",
            "business_unit": "examples",
            "role_assignments": {"ml-engineer": {"id": "eli", "name": "Eli Novak", "role": "ml-engineer"}},
            "training_data_refs": [digest_file(self.data["train"])],
            "dependencies": [],
            "member_states": ["IE"],
            "sunset_criteria": [],
        }
        model = str(self.files / "model.onnx")
        self.run(
            "system", "register", self.name, "--model", model, "--entry", self.write("entry", entry), "--as", "eli"
        )

    def plan(self) -> list[tuple[str, Any, Any]]:
        """Draft a plan by the files. The result is where the example's own plan was decided otherwise than drafted."""
        kept = self.kept
        draft = self.folder / "draft.yaml"
        listed = kept["data"]["label"]
        labels = [
            word for name in (listed if isinstance(listed, list) else [listed]) for word in ("--label", str(name))
        ]
        protected = [word for item in kept["plan"]["protected_attributes"] for word in ("--protected", str(item))]
        data = kept["data"] | kept["data"].get("forecast", {})
        told = [word for item in TOLD if item in data for word in (f"--{item}", str(data[item]))]
        self.run(
            "plan", "init", str(self.files / "model.onnx"), str(self.data["test"]), *labels, "--split", "test",
            "--subject", f"{self.name}@1", *protected, *told, "-o", str(draft),
        )  # fmt: skip
        changed = differences(parse_yaml(draft.read_bytes()).value, kept)
        for place, drafted, decided in changed:
            print(f"  {place}: {drafted}, decided as {decided}")
        return changed

    def judge(self) -> int:
        """The plan committed, the model run, and the gate asked. The exit code is the gate's: 0 allow, 1 deny."""
        plan = str(self.files / "plan.yaml")
        subject = f"{self.name}@1"
        digests = {split: digest_file(path) for split, path in self.data.items()}
        training = {
            "started_at": "2026-10-01T08:00:00Z",
            "finished_at": "2026-10-01T08:01:00Z",
            "author": {"id": "eli", "name": "Eli Novak", "role": "ml-engineer"},
            "code_commit": f"examples/{self.name}/train.py",
            "dataset_digests": [digests["train"]],
            "split_digests": digests,
            "purposes": ["example"],
            "data_window": {"start": "1986-01-01T00:00:00Z", "end": "2003-01-01T00:00:00Z"},
            "sample_weighting": "none",
            "features": ["as the plan lists them"],
            "hyperparameters": {},
            "trial_count": 1,
            "objective": ["squared-error" if self.name == "diabetes" else "log-loss"],
            "environment_digest": digest_file(self.files / "train.py"),
            "split_strategy": "random",
            "data_structure": ["independent"],
            "minority_share": 0.1,
            "split_overlap": 0,
            "retraining": False,
            "metrics": {},
        }
        self.run(
            "evidence", "add", "training-run", self.write("training", training), "--subject", subject, "--as", "eli"
        )
        self.run("validate", plan, "--commit", "--as", "ana")
        self.run("validate", plan)
        return self.run("gate", "decide", "validation", subject)

    def write(self, name: str, content: dict[str, Any]) -> str:
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return str(path)

    def run(self, *arguments: str, workspace: bool = True) -> int:
        print("$ quaestor " + " ".join(f"'{word}'" if " " in word else word for word in arguments), flush=True)
        code = quaestor([*(["-w", str(self.folder)] if workspace else []), *arguments])
        if code == 2:
            raise SystemExit("the walk stops: the command above failed")
        return code


def differences(drafted: Any, kept: Any, place: str = "") -> list[tuple[str, Any, Any]]:
    """Where the draft says something else than the plan; a blank says nothing, nor does a file's place."""
    if drafted in (None, [], {}) or place in ("model.path", "data.path"):
        return []
    if isinstance(drafted, dict) and isinstance(kept, dict):
        return [
            item for key in drafted for item in differences(drafted[key], kept.get(key), f"{place}.{key}".strip("."))
        ]
    if isinstance(drafted, list) and isinstance(kept, list) and len(drafted) == len(kept):
        pairs = enumerate(zip(drafted, kept, strict=True))
        return [item for at, (one, two) in pairs for item in differences(one, two, f"{place}.{at}")]
    return [] if drafted == kept else [(place, drafted, kept)]


if __name__ == "__main__":
    sys.exit(main())
