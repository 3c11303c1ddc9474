"""Random controls that a bundle may hold, asked of the three engines on random evidence; what differs is made small."""

import json
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.bundle.load import bundle_from_files
from engine.rego.lint import look_through
from engine.rego.types import Type, record_type
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError
from evidence.model.schemas import published_schemas
from tests.engine.fuzz.agreement import Disagreement, disagreements, engines
from tests.engine.fuzz.programs import random_control
from tests.engine.fuzz.values import value
from tests.worlds.small_bundle import CASES, CONTROL, TEST, small_bundle

KINDS = (
    "approval",
    "fairness-audit",
    "incident-record",
    "lineage-graph",
    "robustness-report",
    "training-run",
    "validation-run",
)
LIBRARIES = Path(__file__).parents[3] / "policies" / "lib"
PARAMETERS = (
    {"protected_attributes": ["sex"], "methods": ["erase", "a"]},
    {"protected_attributes": ["a", "granted"], "methods": []},
)
_REACHED = re.compile(r"reached from (\S+):[0-9]+\)")
_NAME = re.compile(r"\bFZ[-_][0-9]+\b")
Files = Mapping[str, bytes]


class Batch:
    """Random controls of one seed in one bundle, so that its WebAssembly is compiled once for all."""

    def __init__(self, rng: random.Random, candidates: int) -> None:
        schemas = published_schemas()
        self.types = {kind: record_type(kind, schemas[kind]) for kind in KINDS}
        self.rng = rng
        self.frame = small_bundle(
            **{f"schemas/{kind}.json": json.dumps(schemas[kind]) for kind in KINDS},
            **{f"lib/{name}.rego": (LIBRARIES / f"{name}.rego").read_text() for name in ("letters", "numbers", "text")},
        )
        for path in (CONTROL, CASES, TEST):
            del self.frame[path]
        made = {}
        for number in range(candidates):
            name = f"FZ-{number:03}"
            made[f"controls/fuzz/{name}.rego"] = random_control(name, self.types, rng).encode()
        self.controls = self.clean(made)

    def clean(self, controls: Files) -> dict[str, bytes]:
        """Those of some controls in which lint finds no mistake, themselves or in what they call."""
        left = dict(controls)
        while True:  # a mistake in a library names the first control that leads there
            bad: set[str] = set()
            for error in look_through({**self.frame, **left}).mistakes:
                if not error.warning:
                    bad |= {error.path, *_REACHED.findall(error.hint or "")}
            if not bad:
                return left
            if bad.isdisjoint(left):
                raise RuntimeError(f"what every control rests on is mistaken: {', '.join(sorted(bad))}")
            left = {path: text for path, text in left.items() if path not in bad}

    def documents(self, number: int) -> list[tuple[bytes, bytes]]:
        """Random inputs with their data."""
        return [self.document() for _ in range(number)]

    def document(self) -> tuple[bytes, bytes]:
        rng = self.rng
        evidence = {kind: records(self.types[kind], rng) for kind in KINDS}
        tier, gate = rng.choice(("minimal", "high-annex-iii")), rng.choice(("validation", "staging"))
        document = {
            "now": "2026-11-21T00:00:00Z",
            "gate": gate,
            "subject": {"kind": "model", "name": "m", "digest": "a", "system_id": "a"},
            "system": {"id": "a", "tier": tier, "roles": ["provider"]},
            "evidence": evidence,
        }
        return canonical_bytes(document), canonical_bytes({"parameters": rng.choice(PARAMETERS)})

    def ask(self, controls: Files, documents: Sequence[tuple[bytes, bytes]]) -> list[Disagreement]:
        """Where the engines differ over some controls. One that an engine refuses, lint having let it by, is left out
        of the others' program and counts as a disagreement of its own.
        """
        controls = dict(controls)
        found: list[Disagreement] = []
        while controls:
            program = bundle_from_files({**self.frame, **controls}).program()
            try:
                with engines(program) as opened:
                    for document, data in documents:
                        found += disagreements(opened, program.rules, document, data, group="validation")
                break
            except QuaestorError as cause:
                names = sorted({name.replace("_", "-") for name in _NAME.findall(str(cause))})
                if not names:
                    raise
                for name in names:
                    del controls[f"controls/fuzz/{name}.rego"]
                    rule = f"quaestor/results/{name.replace('-', '_')}"
                    found.append(Disagreement(rule, b"", b"", {"lint": "finds nothing", "engine": str(cause)}))
        return found

    def on_less(self, controls: Files, found: Disagreement) -> Disagreement:
        """The disagreement on an input without the records that it does not take."""
        program = bundle_from_files({**self.frame, **controls}).program()
        with engines(program) as opened:
            for kind in KINDS:
                for place in range(len(json.loads(found.document)["evidence"][kind]) - 1, -1, -1):
                    document = json.loads(found.document)
                    del document["evidence"][kind][place]
                    left = disagreements(opened, [found.rule], canonical_bytes(document), found.data)
                    found = left[0] if left else found
        return found


def records(kind: Type, rng: random.Random) -> list[object]:
    """A few records of a type, each of its own making."""
    return [value(kind, rng) for _ in range(rng.choice((0, 1, 1, 2, 3)))]


def path_of(rule: str) -> str:
    """The file of a control from its rule `quaestor/results/FZ_001`."""
    return f"controls/fuzz/{rule.rpartition('/')[2].replace('_', '-')}.rego"


def shrunk(batch: Batch, found: Disagreement, rounds: int = 40) -> tuple[str, Disagreement]:
    """The control of a disagreement without the lines that it does not take, and the disagreement that is left; as it
    is where an engine refused it.
    """
    text = batch.controls[path_of(found.rule)].decode()
    if not found.document:
        return text, found
    for _ in range(rounds):
        smaller = _without_a_part(text)
        renamed = {}
        for number, shorter in enumerate(smaller):
            name = f"FZ-{number:03}"
            renamed[f"controls/fuzz/{name}.rego"] = _renamed(shorter, name).encode()
        kept = batch.clean(renamed)
        left = batch.ask(kept, [(found.document, found.data)])
        if not left:
            break
        found = min(left, key=lambda item: (len(kept[path_of(item.rule)]), item.rule))
        text = kept[path_of(found.rule)].decode()
    return text, batch.on_less({path_of(found.rule): text.encode()}, found)


def _without_a_part(text: str) -> list[str]:
    """The text without each rule, each line, each block of lines in braces."""
    head, *rules = text.split("\n\n")
    shorter = ["\n\n".join([head, *rules[:i], *rules[i + 1 :]]) for i in range(len(rules))]
    lines = text.split("\n")
    body = next(number for number, line in enumerate(lines) if line.startswith("package"))
    for start in range(body + 1, len(lines)):
        if lines[start].startswith("\t"):
            ends = [start + 1]
            if lines[start].endswith("{"):
                indent = lines[start][: len(lines[start]) - len(lines[start].lstrip("\t"))]
                ends = [n + 1 for n in range(start, len(lines)) if lines[n] == f"{indent}}}"][:1]
            shorter += ["\n".join(lines[:start] + lines[end:]) for end in ends]
    return shorter[:60]


def _renamed(text: str, name: str) -> str:
    text = re.sub(r"(?m)^#   id: \S+", f"#   id: {name}", text)
    return re.sub(r"(?m)^package \S+", f"package controls.fuzz.{name.replace('-', '_')}", text)


def run_controls(rng: random.Random, *, candidates: int, inputs: int) -> tuple[int, list[tuple[str, Disagreement]]]:
    """How many pairs of a control and an input one batch asked, and each control on which the engines differ, small."""
    batch = Batch(rng, candidates)
    documents = batch.documents(inputs)
    first = {item.rule: item for item in reversed(batch.ask(batch.controls, documents))}
    return len(batch.controls) * inputs, [shrunk(batch, first[rule]) for rule in sorted(first)]
