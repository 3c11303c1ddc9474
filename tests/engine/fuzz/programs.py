"""Random controls as modules: helpers, sets, objects, functions, `every`, `else`, objectives and findings."""

import random
import re
from collections import Counter
from collections.abc import Mapping

from engine.rego.types import BOOL, INT, TEXT, Type, array, obj, set_of
from tests.engine.fuzz.bindings import pair
from tests.engine.fuzz.expressions import Writer

HEAD = """\
# METADATA
# title: Random control
# description: A control that the fuzzer made.
# custom:
#   id: {id}
#   pack: core
#   severity: major
#   basis: policy
#   waivable: true
#   mode: auto
#   tiers: [any]
#   roles: [any]
#   gates: [validation]
#   applies_from: D-POL
#   evidence: {{{evidence}}}
#   parameters: [protected_attributes, methods]
#   objectives:
#     main: {{says: The rules of it hold., covers: [S0.M3.3]}}
#   frameworks: {{eu-ai-act: ["10(2)(f)"]}}
#   remediation: There is nothing to mend.
package controls.fuzz.{package}
"""


def random_control(name: str, types: Mapping[str, Type], rng: random.Random) -> str:
    """The text of a control over one or two types of evidence, given by name as the types of their records."""
    kinds = sorted(rng.sample(sorted(types), rng.choice((1, 2))))
    writer = _Control(rng, {kind: types[kind] for kind in kinds})
    head = HEAD.format(id=name, package=name.replace("-", "_"), evidence=", ".join(f"{kind}: any" for kind in kinds))
    return "\n\n".join([head, *writer.rules_text()]) + "\n"


_NAME = re.compile(r"\bv[0-9]+\b(?! :=)")


_NAMELESS = re.compile(r"\bsome _(?:, _)? in ([^;\n]+)$", re.MULTILINE)
"""A loop that names nothing, alone on its line: lint refuses it."""


class _Control:
    def __init__(self, rng: random.Random, types: Mapping[str, Type]) -> None:
        self.rng = rng
        self.types = types
        self.writer = Writer(rng)
        self.texts: list[str] = []

    def rules_text(self) -> list[str]:
        for kind, record in self.types.items():
            name = kind.replace("-", "_")
            self.writer.rules.append((name, array(record, path=kind)))
            self.texts.append(f'{name} := input.evidence["{kind}"]')
        for _ in range(self.rng.choice((0, 1, 2, 3))):
            self.rng.choice(
                (self.function, self.function, self.fitted, self.partial_set, self.partial_object, self.complete)
            )()
        lists = [kind.replace("-", "_") for kind in self.types]
        asks = [f"count({name}) > 0" for name in lists]
        asks += ["count(data.parameters.protected_attributes) > 0", "count(data.parameters.methods) > 0"]
        self.satisfied(asks)
        for _ in range(self.rng.choice((0, 1, 2))):
            self.rng.choice((lambda: self.satisfied(asks), self.finding))()
        return self.texts

    def start(self) -> tuple[str, list[str]]:
        """A body begins with a record of its own, so that most of it holds for some input."""
        self.writer.names = []
        return "", [self.writer.some()]

    def body(self, lines: list[str], size: int) -> list[str]:
        for _ in range(size):
            if self.rng.random() < 0.12:
                lines += self.every()
            else:
                lines.append(self.writer.plain(1))
        return lines

    def every(self) -> list[str]:
        found = self.writer.reference(("array", "object"))
        if found is None:
            return []
        shown, kind = found
        before = list(self.writer.names)
        name = self.writer.fresh()
        self.writer.names.append((name, kind.item if kind.item is not None else TEXT))
        inner: list[str] = []
        for _ in range(self.rng.choice((1, 1, 2))):
            inner += self.every() if self.rng.random() < 0.1 else [self.writer.plain(1)]
        self.writer.names = before
        counted = [f"count({shown}) > 0"] if self.rng.random() < 0.9 else []
        return [*counted, f"every {name} in {shown} {{", *(f"\t{_apart(line)}" for line in inner), "}"]

    def rule(self, head: str, lines: list[str]) -> None:
        self.writer.loops, self.writer.wild = 0, False
        text = f"{head} if {{\n" + "\n".join(f"\t{_apart(line)}" for line in lines) + "\n}"
        used = Counter(_NAME.findall(text))
        named = _NAME.sub(lambda name: name[0] if used[name[0]] > 1 or f"{name[0]} :=" in text else "_", text)
        self.texts.append(_NAMELESS.sub(r"count(\1) > 0", named))

    def function(self) -> None:
        taken = self.rng.choice([*self.types.values(), TEXT, INT])
        found = self.writer.reference(("object", "str"))
        if found is not None and self.rng.random() < 0.5:
            taken = found[1]
        self.writer.names = [("x", taken)]
        name = f"f{len(self.texts)}"
        word, kind = self.rng.choice([("text", TEXT), ("whole", INT), ("bool", BOOL), ("true", BOOL)])
        if word != "true" and self.rng.random() < 0.2:
            self.texts.append(f"default {name}(_) := {self.literal(word)}")
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            self.writer.names = [("x", taken)]
            lines = self.body([], self.rng.choice((1, 1, 2)))
            head = f"{name}(x)" if word == "true" else f"{name}(x) := {self.writer.value(word, 1)}"
            self.rule(head, lines)
            if word != "true" and self.rng.random() < 0.3:
                for condition in self.rng.choice(((False,), (True,), (True, False), (True, True))):
                    self.writer.names = [("x", taken)]
                    last = f" if {{ {self.writer.plain(2)} }}" if condition else ""
                    self.texts[-1] += f" else := {self.writer.value(word, 2)}{last}"
        self.writer.functions.append((name, taken, kind))

    def fitted(self) -> None:
        """A function of two arguments, each a name, a constant or a pattern; what it is called with fits, or nearly."""
        self.writer.names = []
        name = f"f{len(self.texts)}"
        pairs = [pair(self.writer, 2, values="constant") for _ in range(2)]
        word, kind = self.rng.choice([("text", TEXT), ("whole", INT), ("bool", BOOL)])
        for number in range(self.rng.choice((1, 1, 2))):
            taken = list(pairs) if number == 0 else [pair(self.writer, 2, values="constant"), pairs[1]]
            self.writer.names = [name for one in taken for name in one[2]]
            if pairs[0][2] and pairs[1][2] and self.rng.random() < 0.2:
                taken[1] = (taken[1][0].replace(pairs[1][2][0][0], pairs[0][2][0][0]), *taken[1][1:])
            lines = self.body([], self.rng.choice((1, 2)))
            self.rule(f"{name}({taken[0][0]}, {taken[1][0]}) := {self.writer.value(word, 1)}", lines)
            for _ in range(self.rng.choice((0, 0, 1, 2))):
                self.writer.names = [name for one in taken for name in one[2]]
                last = self.writer.plain(2)
                self.texts[-1] += f" else := {self.writer.value(word, 2)} if {{ {last} }}"
        self.writer.names = []
        self.writer.rules.append((f"{name}({pairs[0][1]}, {pairs[1][1]})", kind))

    def literal(self, word: str) -> str:
        return {"text": '"none"', "whole": "0", "bool": "false"}[word]

    def partial_set(self) -> None:
        name = f"s{len(self.texts)}"
        _, lines = self.start()
        self.body(lines, self.rng.choice((0, 1, 2)))
        self.rule(f"{name} contains {self.writer.text(2)}", lines)
        self.writer.rules.append((name, set_of(TEXT)))

    def partial_object(self) -> None:
        name = f"o{len(self.texts)}"
        _, lines = self.start()
        self.body(lines, self.rng.choice((0, 1)))
        lines.append(f"key := {self.writer.text(3)}")
        self.rule(f"{name}[key] := 1", lines)
        self.writer.rules.append((name, obj({}, extra=INT)))

    def complete(self) -> None:
        name = f"c{len(self.texts)}"
        word, kind = self.rng.choice([("text", TEXT), ("whole", INT), ("bool", BOOL), ("list", array(TEXT))])
        if word != "list" and self.rng.random() < 0.4:
            self.texts.append(f"default {name} := {self.literal(word)}")
        _, lines = self.start()
        self.body(lines, self.rng.choice((0, 1, 2)))
        if self.rng.random() < 0.9:
            self.writer.names = []  # a value that hangs on what the body goes through is refused
        self.rule(f"{name} := {self.writer.value(word, 1)}", lines)
        self.writer.rules.append((name, kind))

    def satisfied(self, asks: list[str]) -> None:
        _, lines = self.start()
        self.body(lines, self.rng.choice((1, 2, 3)))
        if self.rng.random() < 0.2 and len(lines) > 1:
            self.rng.shuffle(lines)
        self.rule('satisfied contains "main"', [*asks, *lines])

    def finding(self) -> None:
        _, lines = self.start()
        self.body(lines, self.rng.choice((1, 2)))
        observed = self.writer.anything(1)
        lines.append(f'finding := {{"objective": "main", "message": "found", "observed": {observed}}}')
        self.rule("findings contains finding", lines)


def _apart(line: str) -> str:
    """A line that begins with a bracket would be taken for arguments of what stands on the line before."""
    return f"true; {line}" if line[0] in "([-" else line
