"""What a reference gives: a local name, the input, a parameter, a rule; and that it was read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from engine.errors import did_you_mean
from engine.rego.bodies import Bodies
from engine.rego.builtin_types import entries, keys
from engine.rego.scope import Scope, UnboundError, World
from engine.rego.tree import Node, flatten, literal_name, literal_step, literal_text
from engine.rego.types import ANY, BROKEN, INSTANT, TEXT, Type, array, families, join, never_equal, obj, text

GATE = "input.gate"
"""What is read where a rule asks which gate it is."""
ROOTS = ("now", "gate", "subject", "system", "policies", "evidence")
INPUT = {
    "now": INSTANT,
    "gate": TEXT,
    "subject": obj(
        {"kind": text(["model", "system", "dataset", "portfolio"]), "name": TEXT, "digest": TEXT, "system_id": TEXT}
    ),
    "system": obj({"id": TEXT, "tier": TEXT, "roles": array(TEXT)}),
    "policies": obj({"bundle_digest": TEXT, "overlay_digest": TEXT, "law_blockers": array(TEXT)}),
}


class References(ABC):
    """References in expressions; a base of `Inference`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bodies = Bodies()
        self._flat: dict[int, tuple[Node, list[tuple[Any, int]]]] = {}

    @abstractmethod
    def value(self, node: Node, scope: Scope) -> Type: ...

    @abstractmethod
    def bind(self, pattern: Node, kind: Type, scope: Scope) -> None: ...

    @abstractmethod
    def iterated(self, kind: Type, scope: Scope, line: int) -> None: ...

    @abstractmethod
    def is_pattern(self, node: Node, scope: Scope) -> bool: ...

    def flat(self, node: Node) -> tuple[Node, list[tuple[Any, int]]]:
        """A reference as its base and its keys: each of a tree, which keeps it, is taken apart once."""
        if (parts := self._flat.get(id(node))) is None:
            parts = self._flat[id(node)] = flatten(node)
        return parts

    def reference(self, node: Node, scope: Scope) -> Type:
        base, steps = self.flat(node)
        kind, expr = next(iter(base.items()))
        if kind != "Var":
            return self.steps(self.value(base, scope), steps, scope)
        name, line = expr["value"], expr["span"]
        local, bound = scope.find(name)
        if local:
            if bound is None:
                if scope.force:
                    return BROKEN
                raise UnboundError(name)
            return self.steps(bound, steps, scope)
        if name == "input":
            return self.input(steps, scope, line)
        if name == "data":
            return self.data((), steps, scope, line)
        if self.world.has_rule(scope.package, name):
            return self.steps(self.world.rule(scope, scope.package, name, line), steps, scope)
        if name in scope.imports:
            target = scope.imports[name]
            if target[0] == "input":
                return self.input([literal_step(word, line) for word in target[1:]] + steps, scope, line)
            return self.data(target[1:], steps, scope, line)
        if scope.force:
            return BROKEN
        raise UnboundError(name)

    def input(self, steps: Sequence[tuple[Any, int]], scope: Scope, line: int) -> Type:
        hint = "a policy sees input.now, gate, subject, system, policies and evidence"
        root = literal_text(steps[0][0]) if steps else None
        if root is None or root not in ROOTS:
            what = f"`input.{root}` does not exist" if root else "`input` as a whole is not read"
            self.world.mistake(scope, line, what, did_you_mean(root, ROOTS) if root else hint)
            return BROKEN
        if root == "gate":
            self.world.read(GATE)
        if root != "evidence":
            return self.steps(INPUT[root], steps[1:], scope)
        if len(steps) == 1:
            self.world.mistake(
                scope, line, "`input.evidence` without a type", 'name the type: input.evidence["fairness-audit"]'
            )
            return BROKEN
        names = self.value(steps[1][0], scope) if literal_text(steps[1][0]) is None else None
        if names is None:
            kinds = [self.world.evidence(scope, literal_text(steps[1][0]) or "", steps[1][1])]
        elif names.kind == "str" and names.enum:
            kinds = [self.world.evidence(scope, name, steps[1][1]) for name in sorted(names.enum)]
        else:
            self.world.mistake(
                scope,
                line,
                "cannot tell which evidence type is read",
                "name the type by a literal, or hand it in as one",
            )
            return BROKEN
        return self.steps(join(kinds), steps[2:], scope)

    def data(self, prefix: tuple[str, ...], steps: Sequence[tuple[Any, int]], scope: Scope, line: int) -> Type:
        """A reference below `data`: a parameter, or a rule of a package that a policy may use."""
        words = list(prefix)
        rest = list(steps)
        while rest and literal_text(rest[0][0]) is not None:
            words.append(literal_text(rest.pop(0)[0]) or "")
        if words[:1] == ["parameters"]:
            if len(words) == 1:
                self.world.mistake(scope, line, "`data.parameters` without a name", "name the parameter")
                return BROKEN
            tail = [literal_step(word, line) for word in words[2:]]
            return self.steps(self.world.parameter(scope, words[1], line), [*tail, *rest], scope)
        allowed = self.may_reach(words, scope)
        for size in range(len(words) - 1, 0, -1):
            package = tuple(words[:size])
            if allowed and self.world.has_rule(package, words[size]):
                tail = [literal_step(word, line) for word in words[size + 1 :]]
                return self.steps(self.world.rule(scope, package, words[size], line), [*tail, *rest], scope)
        if allowed:
            shown = f"data.{'.'.join(words)}" if words else "data"
            hint = "mend the spelling, or write the rule in policies/lib"
            self.world.mistake(scope, line, f"`{shown}` is defined nowhere", hint)
        else:
            self.out_of_reach(words, scope, line)
        return BROKEN

    def may_reach(self, words: Sequence[str], scope: Scope) -> bool:
        """Whether a rule below `data` is one that all controls share, or of the package that asks for it."""
        return words[:1] in (["lib"], ["risk"], ["retention"]) or tuple(words[: len(scope.package)]) == scope.package

    def out_of_reach(self, words: Sequence[str], scope: Scope, line: int) -> None:
        shown = f"data.{'.'.join(words)}" if words else "data"
        hint = "a policy refers to data.parameters, data.lib, data.risk and its own package"
        self.world.mistake(scope, line, f"`{shown}` may not be read here", hint)

    def steps(self, kind: Type, steps: Sequence[tuple[Any, int]], scope: Scope) -> Type:
        for key, line in steps:
            word = literal_text(key)
            kind = self.field(kind, word, line, scope) if word is not None else self.index(kind, key, line, scope)
        return kind

    def field(self, kind: Type, name: str, line: int, scope: Scope) -> Type:
        """The value under a name. A name that cannot exist is a mistake."""
        found, problem, hint = [], "", ""
        for option in kind.each():
            if option.kind == "any":
                found.append(option)
                self.consume(option)
            elif name in option.fields:
                found.append(option.fields[name])
            elif option.kind == "set" and option.item is not None and never_equal(text([name]), option.item):
                problem, hint = f"`{name}` is never in it: {never_equal(text([name]), option.item)}", "mend the name"
            elif option.kind in ("object", "set") and option.item is not None:
                found.append(option.item)
            elif option.kind == "object":
                at = f" in `{option.path}`" if option.path else ""
                problem, hint = f"there is no `{name}`{at}", did_you_mean(name, option.fields)
            else:
                problem = f"{option.words()} has no `{name}`"
                hint = "go through the entries first: `some x in …`" if option.kind == "array" else "mend the path"
        if not found and problem:
            self.world.mistake(scope, line, problem, hint)
            return BROKEN
        result = join(found) if found else ANY
        for option in result.each():
            self.touch(option)
        return result

    def index(self, kind: Type, key: Node, line: int, scope: Scope) -> Type:
        """The values under a key that is not a literal text."""
        name = literal_name(key)
        if name == "_" or (name is not None and self.is_pattern(key, scope)):
            self.iterated(kind, scope, line)
            self.bind(key, keys(kind), scope)
            return entries(kind)
        given = self.value(key, scope)
        problem = never_equal(given, keys(kind)) if families(keys(kind)) else ""
        if problem and kind.kind != "any":
            self.world.mistake(scope, line, f"key: {problem}", "use a key of the type that it has")
        at = key.get("Number", {}).get("value", 0)
        if kind.size is not None and at >= kind.size:
            self.world.mistake(scope, line, f"a list of {kind.size} has no entry {at}", "the first entry is 0")
        if any(option.kind == "any" for option in kind.each()):
            return BROKEN if BROKEN in kind.each() else ANY
        self.consume(given)
        for option in kind.each():
            self.touch(option)
        if kind.kind == "object" and given.kind == "str" and given.enum and not kind.item:
            return join(self.field(kind, word, line, scope) for word in sorted(given.enum) if word in kind.fields)
        self.iterated(kind, scope, line)
        return entries(kind)

    def touch(self, kind: Type) -> None:
        if kind.path:
            self.world.read(kind.path)

    def consume(self, kind: Type) -> None:
        """A value used as a whole: everything in it is read."""
        for option in kind.each():
            if option.path:
                self.world.read(option.path)
                if option.kind in ("array", "object", "any"):
                    self.world.read(f"{option.path}/**")
            elif option.kind in ("array", "set", "object"):
                for part in [*option.fields.values(), *([option.item] if option.item else [])]:
                    self.consume(part)
