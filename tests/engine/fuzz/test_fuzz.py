"""The short form of the fuzzer, always of the same seed: OPA, its WebAssembly and regorus answer alike.

The long form: `python -m tests.engine.fuzz --pairs 50000 --seed 1`.
"""

import os
import random
import re
from collections.abc import Sequence

import pytest

from engine.backends.base import Program
from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from engine.bundle.load import Bundle
from evidence.model.canonical import digest_json
from tests.engine.fuzz.agreement import Disagreement, disagreements, engines
from tests.engine.fuzz.controls import Batch, Files, path_of, run_controls, shrunk
from tests.engine.fuzz.shipped import run_shipped
from tests.worlds.linting import lint_files
from tests.worlds.small_bundle import CONTROL, RULES, small_bundle

SEED = 20261121
_TOKEN = re.compile(r'"[^"\n]*"|\w+|:=|==|!=|<=|>=|\s+|.')
_WORDS = (
    "in", "some", "not", "every", "[", "]", "{", "}", "input", "data", "x", "_", "1", '"a"', "null", "walk", "count",
    "contains", "if", "else", "default", ":=", "=", "==", "|", ".", ",", "(", ")", " with ", "-",
)  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def _opa() -> None:
    if find_opa() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no OPA here: {HOW_TO_GET_OPA}")
        pytest.skip(f"no OPA here: {HOW_TO_GET_OPA}")


def test_random_controls() -> None:
    asked, found = run_controls(random.Random(SEED), candidates=240, inputs=20)
    assert asked >= 200
    assert not found, "\n".join(f"{text}\n{item}" for text, item in found)


def test_shipped_controls_on_changed_records(shipped: Bundle) -> None:
    with engines(shipped.program()) as opened:
        _, found = run_shipped(shipped, opened, random.Random(SEED), 200)
    assert not found, "\n".join(map(str, found))


def test_a_disagreement_is_found() -> None:
    """What lint refuses is let by here: an absent operand of `in` as a value, which regorus calls false."""
    text = "package odd\n\nx := (input.absent in [1])\n\ny := 1\n"
    program = Program({"odd.rego": text}, ("odd/x", "odd/y"), {}, digest_json(text))
    with engines(program) as opened:
        (found,) = disagreements(opened, program.rules, b"{}", b'{"parameters":{}}')
    assert found.rule == "odd/x"
    assert found.answers == {"opa": "undefined:", "wasm": "undefined:", "regorus": "false"}


class _Marked(Batch):
    """Takes a control with the marker for one on which engines differ, so that shrinking can be watched."""

    def clean(self, controls: Files) -> dict[str, bytes]:
        return dict(controls)

    def ask(self, controls: Files, documents: Sequence[tuple[bytes, bytes]]) -> list[Disagreement]:
        marked = [path for path, text in controls.items() if b"found" in text.partition(b"package")[2]]
        rules = [f"quaestor/results/{path[-11:-5].replace('-', '_')}" for path in marked]
        return [Disagreement(rule, *documents[0], {"opa": "1", "regorus": "2"}) for rule in rules]

    def on_less(self, controls: Files, found: Disagreement) -> Disagreement:
        return found


def test_a_disagreement_is_made_small() -> None:
    batch = _Marked(random.Random(SEED), 40)
    found = batch.ask(batch.controls, batch.documents(1))[0]
    before = batch.controls[path_of(found.rule)].decode()
    after, left = shrunk(batch, found)
    assert left.answers == found.answers
    assert "found" in after
    assert len(after.partition("package")[2].split("\n")) < len(before.partition("package")[2].split("\n"))


def test_lint_says_what_is_wrong_with_any_text_and_never_raises() -> None:
    rng = random.Random(SEED)
    tokens = _TOKEN.findall(RULES)
    for _ in range(25):
        changed = list(tokens)
        for _ in range(rng.choice((1, 2, 3))):
            place = rng.randrange(len(changed))
            if rng.random() < 0.5:
                changed[place] = rng.choice(_WORDS)
            else:
                other = rng.randrange(len(changed))
                changed[place], changed[other] = changed[other], changed[place]
        files = small_bundle(rules="".join(changed), **{"lib/other.rego": f"package lib.other\n{''.join(changed)}"})
        assert all(error.line > 0 and error.hint for error in lint_files(files) if error.path == CONTROL)
