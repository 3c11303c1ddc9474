"""Random Rego over the evidence schemas: expressions and statements, from a grammar that knows types roughly.

Roughly, since lint is what is tried: what it refuses is thrown away, so the grammar may well make what is wrong, and
makes what is nearly right as often as it can.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from engine.rego.builtin_types import call_builtin
from engine.rego.types import ANY, BOOL, INT, TEXT, Type, array, obj
from tests.engine.fuzz.bindings import binding
from tests.engine.fuzz.values import DAYS, FRACTIONS, INSTANTS, NAMES, TEXTS, WHOLES

ORDERS = ("<", "<=", ">", ">=")
PATTERNS = ("^a", "[a-z]+$", "^[0-9]{1,3}$", "ran|x", "^.$", "é?", "[^a-z]", "^(a|b)*$", "x y", r"a\/b", "[0-9A-F]{2}")
TESTS = ("contains", "startswith", "endswith")
ANY_TESTS = ("strings.any_prefix_match", "strings.any_suffix_match")
SORTS = ("string", "number", "array", "object", "boolean", "null", "set")
MOST_STEPS = 4


@dataclass
class Writer:
    """Writes expressions; `names` are the local names in reach with their types, `rules` what the control defines."""

    rng: random.Random
    names: list[tuple[str, Type]] = field(default_factory=list)
    rules: list[tuple[str, Type]] = field(default_factory=list)
    functions: list[tuple[str, Type, Type]] = field(default_factory=list)
    made: int = 0
    loops: int = 0
    """How many statements of a rule go through something: each multiplies what is found."""
    wild: bool = False
    """Whether one did so by brackets: where regorus comes to a `some x` a second time by it, it fails, saying so."""

    def fresh(self) -> str:
        self.made += 1
        return f"v{self.made}"

    # -- references

    def reference(self, kinds: Sequence[str]) -> tuple[str, Type] | None:
        """A path from a name in reach to a value of one of some kinds, or None where luck has it."""
        roots = self.names * 3 + self.rules
        for _ in range(8):
            if not roots:
                return None
            shown, kind = self.rng.choice(roots)
            for _ in range(MOST_STEPS):
                option = self.rng.choice(kind.each())
                if option.kind in kinds and self.rng.random() < 0.6:
                    return shown, option
                step = self.step(option)
                if step is None:
                    break
                shown, kind = shown + step[0], step[1]
            option = self.rng.choice(kind.each())
            if option.kind in kinds:
                return shown, option
        return None

    def step(self, kind: Type) -> tuple[str, Type] | None:
        if kind.kind == "object" and kind.fields and (kind.item is None or self.rng.random() < 0.7):
            name = self.rng.choice(sorted(kind.fields))
            return (f".{name}" if name.isidentifier() else f'["{name}"]'), kind.fields[name]
        if kind.kind == "object" and kind.item is not None:
            return f"[{self.key()}]", kind.item
        if kind.kind == "array" and kind.item is not None:
            self.loops += 1
            step = self.rng.choice(("[0]", "[_]", "[_]", "[_]")) if self.loops < 7 else "[0]"
            self.wild |= step == "[_]"
            return step, kind.item
        if kind.kind == "any":
            return f".{self.rng.choice(NAMES[:4])}", ANY
        return None

    def key(self) -> str:
        words = [name for name, kind in self.names if kind.kind == "str"]
        return self.rng.choice(words) if words and self.rng.random() < 0.4 else f'"{self.rng.choice(NAMES)}"'

    # -- values

    def value(self, kind: str, depth: int = 0) -> str:
        """An expression of a kind: text, whole, number, bool, list, set, object."""
        makers: dict[str, Callable[[int], str]] = {
            "text": self.text,
            "whole": self.whole,
            "number": self.number,
            "bool": self.truth,
            "list": self.sequence,
            "set": self.set,
            "object": self.object,
        }
        return makers[kind](depth)

    def anything(self, depth: int) -> str:
        return self.value(self.rng.choice(("text", "whole", "number", "bool", "list", "set", "object")), depth)

    def from_path(self, *kinds: str) -> str | None:
        found = self.reference(kinds) if self.rng.random() < 0.75 else None
        return found[0] if found is not None else None

    def text(self, depth: int) -> str:
        path = self.from_path("str")
        if path is not None and (depth > 2 or self.rng.random() < 0.75):
            return path
        inner = depth + 1
        literal = json.dumps(self.rng.choice(TEXTS), ensure_ascii=False)
        if depth > 2:
            return literal
        return self.rng.choice([
            lambda: literal,
            lambda: literal,
            lambda: f"trim({self.text(inner)}, {literal})",
            lambda: f"trim_{self.rng.choice(('left', 'right', 'prefix', 'suffix'))}({self.text(inner)}, {literal})",
            lambda: f"trim_space({self.text(inner)})",
            lambda: f"substring({self.text(inner)}, {self.rng.choice((0, 1, 2))}, {self.rng.choice((0, 1, 3, -1))})",
            lambda: f'replace({self.text(inner)}, "{self.rng.choice("axr")}", {literal})',
            lambda: f'concat("{self.rng.choice(("", ",", " "))}", {self.sequence(inner)})',
            lambda: f'sprintf("%s %d", [{self.text(inner)}, {self.whole(inner)}])',
            lambda: f"type_name({self.anything(inner)})",
            lambda: f"data.lib.text.lower({self.text(inner)})",
            lambda: f"object.get({self.object(inner)}, {self.key()}, {literal})",
            lambda: self.call("str") or literal,
        ])()  # fmt: skip

    def whole(self, depth: int) -> str:
        path = self.from_path("int")
        if path is not None and (depth > 2 or self.rng.random() < 0.5):
            return path
        inner = depth + 1
        literal = str(self.rng.choice(WHOLES))
        if depth > 2:
            return literal
        return self.rng.choice([
            lambda: literal,
            lambda: f"count({self.value(self.rng.choice(('list', 'set', 'object')), inner)})",
            lambda: f"count({self.sequence(inner)})",
            lambda: f"({self.whole(inner)} {self.rng.choice('+-')} {self.whole(inner)})",
            lambda: f"({self.whole(inner)} * {self.rng.choice((2, 10, 100, 1000))})",
            lambda: f"({self.whole(inner)} % {self.rng.choice((2, 3, 7))})",
            lambda: f"abs({self.whole(inner)})",
            lambda: f'strings.count({self.text(inner)}, "{self.rng.choice("ax ")}")',
            lambda: f"sum({self.sequence(inner)})",
            lambda: f"max([{self.whole(inner)}, {self.whole(inner)}])",
            lambda: f"min([{self.whole(inner)}, {self.whole(inner)}])",
            lambda: f"data.lib.numbers.micro({self.number(inner)})",
            lambda: self.call("int") or literal,
        ])()  # fmt: skip

    def number(self, depth: int) -> str:
        path = self.from_path("number", "int")
        if path is not None:
            return path
        return str(self.rng.choice(FRACTIONS)) if self.rng.random() < 0.6 else self.whole(depth + 1)

    def truth(self, depth: int) -> str:
        path = self.from_path("bool")
        if path is not None and self.rng.random() < 0.4:
            return path
        inner = depth + 1
        if depth > 2:
            return self.rng.choice(("true", "false"))
        return self.rng.choice([
            lambda: f"is_{self.rng.choice(SORTS)}({self.anything(inner)})",
            lambda: f"{self.rng.choice(TESTS)}({self.text(inner)}, {self.text(inner)})",
            lambda: f"regex.match({json.dumps(self.rng.choice(PATTERNS), ensure_ascii=False)}, {self.text(inner)})",
            lambda: f"{self.rng.choice(ANY_TESTS)}({self.text(inner)}, {self.sequence(inner)})",
            lambda: f"({self.comparison(inner)})",
            lambda: f"({self.membership(inner)})",
            lambda: self.call("bool") or "true",
        ])()  # fmt: skip

    def sequence(self, depth: int) -> str:
        path = self.from_path("array")
        if path is not None and (depth > 2 or self.rng.random() < 0.5):
            return path
        inner = depth + 1
        literal = "[" + ", ".join(self.text(inner + 1) for _ in range(self.rng.choice((1, 2, 3)))) + "]"
        if depth > 2:
            return literal
        return self.rng.choice([
            lambda: literal,
            lambda: f"[{', '.join(self.whole(inner + 1) for _ in range(2))}]",
            lambda: f"sort({self.rng.choice((self.sequence, self.set))(inner)})",
            lambda: f"split({self.text(inner)}, \"{self.rng.choice(('', ',', ' ', 'a'))}\")",
            lambda: f"array.concat({self.sequence(inner)}, {self.sequence(inner)})",
            lambda: f"array.slice({self.sequence(inner)}, {self.rng.choice((0, 1))}, {self.rng.choice((1, 2, 9))})",
            lambda: f"array.reverse({self.sequence(inner)})",
            lambda: f"numbers.range({self.rng.choice((0, 1, 3))}, {self.rng.choice((0, 2, 5))})",
            lambda: self.comprehension("[", "]", inner),
            lambda: f"sort({self.comprehension('[', ']', inner)})",
            lambda: f"data.parameters.{self.rng.choice(('protected_attributes', 'methods'))}",
        ])()  # fmt: skip

    def set(self, depth: int) -> str:
        path = self.from_path("set")
        if path is not None:
            return path
        inner = depth + 1
        literal = "{" + ", ".join(self.text(inner + 1) for _ in range(self.rng.choice((1, 2, 3)))) + "}"
        if depth > 2:
            return literal
        return self.rng.choice([
            lambda: literal,
            lambda: self.comprehension("{", "}", inner),
            lambda: f"object.keys({self.object(inner)})",
            lambda: f"({self.set(inner)} {self.rng.choice('&|-')} {self.set(inner)})",
            lambda: f"union({{{self.set(inner)}, {self.set(inner)}}})",
            lambda: f"intersection({{{self.set(inner)}, {self.set(inner)}}})",
        ])()  # fmt: skip

    def object(self, depth: int) -> str:
        path = self.from_path("object")
        if path is not None and (depth > 2 or self.rng.random() < 0.6):
            return path
        inner = depth + 1
        literal = f'{{"{self.rng.choice(NAMES)}": {self.text(inner + 1)}}}'
        if depth > 2:
            return literal
        return self.rng.choice([
            lambda: literal,
            lambda: f'{{"a": {self.anything(inner)}, "b": {self.anything(inner)}}}',
            lambda: f"object.union({self.object(inner)}, {self.object(inner)})",
            lambda: f"object.{self.rng.choice(('remove', 'filter'))}({self.object(inner)}, {self.sequence(inner)})",
            lambda: self.comprehension("{", "}", inner, keyed=True),
        ])()  # fmt: skip

    def call(self, kind: str) -> str | None:
        """A call of a function of the control that gives a kind."""
        fitting = [item for item in self.functions if item[2].kind == kind]
        if not fitting:
            return None
        name, taken, _ = self.rng.choice(fitting)
        given = self.reference([taken.kind])
        return f"{name}({given[0]})" if given is not None else None

    def comprehension(self, start: str, end: str, depth: int, *, keyed: bool = False) -> str:
        before = list(self.names)
        body = [self.some()]
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            body.append(self.plain(depth + 1))
        term = self.anything(depth + 2) if self.rng.random() < 0.4 else self.names[-1][0]
        if keyed:
            term = f"{self.text(3)}: {term}"
        self.names = before
        return f"{start}{term} | {'; '.join(body)}{end}"

    # -- statements of one line

    def some(self) -> str:
        """A statement that goes through something and makes its entries known."""
        self.loops += 1
        found = self.reference(("array", "object", "set")) if self.rng.random() < 0.9 and self.loops < 6 else None
        shown, kind = found if found is not None else (self.sequence(3), array(TEXT))
        inner = kind.item if kind.item is not None else _entry(kind)
        name = self.fresh()
        if kind.kind == "object" or self.rng.random() < 0.15:
            first = self.fresh()
            self.names += [(first, INT if kind.kind == "array" else TEXT), (name, inner)]
            return f"some {first}, {name} in {shown}"
        self.names.append((name, inner))
        return f"some {name} in {shown}"

    def comparison(self, depth: int) -> str:
        """Two values of one kind, compared; text with what it may be."""
        found = self.reference(("str",)) if self.rng.random() < 0.4 else None
        if found is not None:
            shown, kind = found
            operator = self.rng.choice(("==", "!="))
            if kind.enum:
                return f'{shown} {operator} "{self.rng.choice(sorted(kind.enum))}"'
            pools = {"date-time": INSTANTS, "date": DAYS}
            if kind.format in pools:
                return f'{shown} {self.rng.choice((*ORDERS, "==", "!="))} "{self.rng.choice(pools[kind.format])}"'
            return f"{shown} {operator} {self.text(depth + 1)}"
        kind_word = self.rng.choice(("whole", "whole", "number", "bool", "list", "set", "object"))
        operators = (*ORDERS, "==", "!=") if kind_word in ("whole", "number") else ("==", "!=")
        return f"{self.value(kind_word, depth + 1)} {self.rng.choice(operators)} {self.value(kind_word, depth + 1)}"

    def membership(self, depth: int) -> str:
        inner = depth + 1
        if self.rng.random() < 0.2:
            return f"{self.key()}, {self.anything(inner)} in {self.object(inner)}"
        over = self.rng.choice((self.sequence, self.set, self.object))(inner)
        return f"{self.rng.choice((self.text, self.text, self.whole))(inner)} in {over}"

    def plain(self, depth: int) -> str:
        """A statement of one line."""
        return self.rng.choice([
            lambda: self.comparison(depth),
            lambda: self.comparison(depth),
            lambda: self.membership(depth),
            lambda: self.truth(depth),
            lambda: f"not {self.negated(depth)}",
            lambda: f"not {self.negated(depth)}",
            self.some,
            lambda: self.assigned(depth),
            lambda: (self.reference(("str", "int", "bool", "object", "array", "any")) or ("true", BOOL))[0],
            self.walked,
            self.united,
            lambda: f"count({self.sequence(depth + 1)}) > 0",
            *[lambda: binding(self, depth)] * 3,
        ])()  # fmt: skip

    def negated(self, depth: int) -> str:
        return self.rng.choice((self.comparison, self.membership, self.truth))(depth)

    def assigned(self, depth: int) -> str:
        word, kind = self.rng.choice([("text", TEXT), ("whole", INT), ("bool", BOOL), ("list", array(TEXT))])
        shown = self.value(word, depth + 1)
        found = self.reference(("str", "object", "array", "any", "int")) if self.rng.random() < 0.5 else None
        if found is not None:
            shown, kind = found
        name = self.fresh()
        self.names.append((name, kind))
        return f"{name} := {shown}"

    def united(self) -> str:
        """Two objects united, of which either may lack what the other has."""
        found = [self.reference(("object",)) for _ in range(2)]
        if None in found:
            return "true"
        (one, kind), (other, second) = (item for item in found if item is not None)
        name = self.fresh()
        self.names.append((name, call_builtin("object.union", [kind, second]).result))
        return f"{name} := object.union({one}, {other})"

    def walked(self) -> str:
        found = self.reference(("object", "array"))
        if found is None or self.loops > 1:
            return "true"
        self.loops += 3
        name = self.fresh()
        self.names.append((name, ANY))
        return f"walk({found[0]}, [_, {name}])"


def _entry(kind: Type) -> Type:
    return next(iter(kind.fields.values())) if kind.fields else obj({})
