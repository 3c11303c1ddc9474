"""A version in use: what is filed before gates canary, operation, incident and retirement are asked, by the command.

The papers are the demo's (`examples/mortgage/papers`). `canary` begins where gate staging let the version in,
`operation` where gate production did, and the others after `operation`.
"""

import json
import shlex
import time
from typing import Any

from examples.mortgage.demo import DATA, HERE, Demo
from tests.integrations.doors import Doors

VERSION = "2"
SUBJECT = f"mortgage@{VERSION}"
REQUESTS = 80
"""How many requests the log of production holds."""


def canary(demo: Demo) -> None:
    """Mirrored requests and a run on data of late come first; then users meet the version in three steps."""
    demo.run("system", "promote", SUBJECT, "--stage", "staging", "--as", "ruth")
    _of_system(demo, "exposure")
    _of_version(demo, "shadow")
    _validated_on_late_data(demo)
    _of_version(demo, "canary")


def operation(demo: Demo) -> None:
    """A week of figures, logs and plans; a status that is too short is taken back, as `gate todo` says."""
    demo.run("system", "promote", SUBJECT, "--stage", "production", "--as", "ruth")
    for folder in ("exposure", "schedules"):
        _of_system(demo, folder)
    _of_version(demo, "live", requests=REQUESTS)
    _of_system(demo, "service", requests=REQUESTS, features=demo.facts["features"])


def incident(demo: Demo) -> None:
    """An incident that was told when its ticket was opened, and again when it was seen to its end."""
    since = demo.present()
    _of_version(demo, "incident-opened", since=since)
    time.sleep(1)  # what is done about it comes after it
    _of_version(demo, "incident", since=since)


def retirement(demo: Demo, doors: Doors) -> None:
    """Its end is decided and entered; it takes no more requests, and its file was read back."""
    shown = doors("system", "show", SUBJECT)
    assert shown.code == 0, shown.text
    ended = {
        **json.loads(shown.out)[-1],
        "last_placed_on": demo.now.date().isoformat(),
        "deprecation_status": {
            "status": "decommissioned",
            "decided_at": demo.present(),
            "decided_by": {"id": "mara", "name": "Mara Lind", "role": "model-owner"},
        },
    }
    entry = demo.folder / "papers" / "registry-entry-ended.json"
    entry.write_text(json.dumps(ended), encoding="utf-8")
    model = str(HERE / "models" / f"mortgage-v{VERSION}.onnx")
    demo.run("system", "register", "mortgage", "--model", model, "--entry", str(entry), "--as", "eli")
    _of_version(demo, "retirement")
    demo.run("approve", SUBJECT, "--gate", "retirement", "--role", "model-owner", "--as", "mara")


def follow(doors: Doors, gate: str, **stands_for: str) -> None:
    """Run what `gate todo` says of statuses to take back; what is in capitals is the user's."""
    answer = doors("gate", "todo", gate, SUBJECT, "--json")
    for task in json.loads(answer.out)["tasks"]:
        for command in task["commands"]:
            if command.startswith("quaestor evidence withdraw "):
                done = doors(*(stands_for.get(word, word) for word in shlex.split(command)[1:]))
                assert done.code == 0, done.text


def _of_version(demo: Demo, folder: str, **values: Any) -> None:
    model = demo.digest[f"mortgage-v{VERSION}"]
    demo.papers(folder, "--subject", SUBJECT, version=VERSION, model=model, **values)


def _of_system(demo: Demo, folder: str, **values: Any) -> None:
    model = demo.digest[f"mortgage-v{VERSION}"]
    demo.papers(folder, "--system", "mortgage", version=VERSION, model=model, **values)


def _validated_on_late_data(demo: Demo) -> None:
    """The test rows, which gate data-intake let in, stand for the applications of last month."""
    features = demo.facts["features"]
    plan = demo.render("plans/plan.yaml", "plan-late.yaml", version=VERSION, example=str(HERE), features=features)
    text = plan.read_text(encoding="utf-8")
    for old, new in (
        ("  split: test", "  split: holdout"),
        ("as_of: 1990-12-31", f"as_of: {demo.at(-3)[:10]}"),
        ("golden: ", "# golden: "),
        ("  golden_set_digest", "  # golden_set_digest"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    plan.write_text(text, encoding="utf-8")
    demo.run("validate", str(plan), "--commit", "--as", "ana")
    demo.run("validate", str(plan))


def take_in_again(doors: Doors) -> None:
    """Ask gate data-intake anew: what it counted was taken back, or other policies are in force."""
    for part in DATA:
        answer = doors("gate", "decide", "data-intake", f"mortgage@{part}.csv")
        assert answer.code == 0, answer.text
