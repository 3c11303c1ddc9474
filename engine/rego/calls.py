"""Calls in expressions: functions of the bundle, and the built-ins that are allowed."""

from collections.abc import Sequence

from engine.backends.builtins import AllowedBuiltin, allowed_builtins
from engine.rego.builtin_types import ORDER_FREE, TEXT_OF_ORDER, WITHOUT_CONTENTS, call_builtin, entries
from engine.rego.patterns import pattern_problem
from engine.rego.references import References
from engine.rego.scope import Scope, World
from engine.rego.tree import Node, callee, literal_text
from engine.rego.types import ANY, BROKEN, Type, array, families, has_set, join

FRACTION_MODULES = ("lib/numbers.rego", "lib/time.rego")
"""The libraries that turn fractions, or the digits of a text, into whole numbers."""


class Calls(References):
    """Calls; a base of `Inference`."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.handed: dict[int, tuple[Scope, Sequence[Type]]] = {}
        """What a call of a function handed it, and where, when it was last gone through; by identity, as trees stay."""

    def call(self, expr: Node, scope: Scope) -> Type:
        words = callee(expr["fcn"])
        if words is None:
            self.world.mistake(scope, expr["span"], "a call of something that is no name", "name the function")
            return BROKEN
        name, line = ".".join(words), expr["span"]
        target = self.target(words, scope)
        if name == "walk" and target is None:
            return self.walk(expr["params"], scope)
        args = [self.value(item, scope) for item in expr["params"]]
        if target is not None:
            package, rule = target
            self.handed[id(expr)] = scope, args
            if not self.may_reach([*package, rule], scope):
                self.out_of_reach([*package, rule], scope, line)
                return BROKEN
            if not self.world.has_rule(package, rule):
                hint = "mend the spelling, or write the function in policies/lib"
                self.world.mistake(scope, line, f"`{name}` is defined nowhere", hint)
                return BROKEN
            result = self.world.function(scope, package, rule, args, line)
            if result is None:
                self.world.mistake(scope, line, f"`{name}` is not a function of {len(args)} arguments", "count them")
                return BROKEN
            return result
        allowed = allowed_builtins().get(name)
        if allowed is None:
            self.world.not_allowed(scope, line, name)
            return BROKEN
        self.limited(allowed, expr["params"], args, scope, line)
        if name == "object.get":
            return self.object_get(expr["params"], args, scope, line)
        return self.builtin(name, expr, args, scope)

    def walk(self, params: Sequence[Node], scope: Scope) -> Type:
        """Goes through all that lies under a value, in paths and values of unknown type."""
        if not params:
            return BROKEN
        walked = self.value(params[0], scope)
        self.consume(walked)
        for pattern in params[1:]:
            self.bind(pattern, BROKEN if BROKEN in walked.each() else ANY, scope)
        return ANY

    def target(self, words: Sequence[str], scope: Scope) -> tuple[tuple[str, ...], str] | None:
        """The package and name of a function of the bundle, None for a built-in."""
        if len(words) == 1 and self.world.has_rule(scope.package, words[0]):
            return scope.package, words[0]
        if words[0] == "data":
            return tuple(words[1:-1]), words[-1]
        if words[0] in scope.imports:
            full = (*scope.imports[words[0]][1:], *words[1:])
            return tuple(full[:-1]), full[-1]
        return None

    def builtin(self, name: str, expr: Node, args: Sequence[Type], scope: Scope) -> Type:
        line = expr["span"]
        if name == "sprintf":
            self.sprintf(expr["params"], scope, line)
        for arg in args:
            if name not in WITHOUT_CONTENTS:
                self.consume(arg)
            for option in arg.each():
                self.touch(option)
            if name in TEXT_OF_ORDER and has_set(arg):
                problem = f"`{name}` over a set, whose order differs from engine to engine"
                self.world.mistake(scope, line, problem, "sort it first: `sort(…)`")
        use = call_builtin(name, args)
        if use.problem:
            self.world.mistake(scope, line, use.problem, "hand in what the built-in takes")
        fractions = name in ("sum", "product") and "number" in {o.kind for a in args for o in entries(a).each()}
        if fractions and scope.path not in FRACTION_MODULES:
            problem = f"`{name}` of fractions, on which the engines differ"
            self.world.mistake(scope, line, problem, "sum whole millionths: `data.lib.numbers.micro`")
        if name not in ORDER_FREE and name != "concat" and use.result.kind == "array" and any(map(has_set, args)):
            return array(use.result.item or ANY, orderly=False)
        return use.result

    def limited(
        self, builtin: AllowedBuiltin, params: Sequence[Node], args: Sequence[Type], scope: Scope, line: int
    ) -> None:
        """Say where a call is one on which the engines part: by the file that it stands in, or by its arguments."""
        name = builtin.name
        if builtin.only and scope.path not in builtin.only:
            where = ", ".join(file.removesuffix(".rego").replace("/", ".") for file in builtin.only)
            problem = f"`{name}` outside of `{where}`: of some values it fails, or the engines differ"
            self.world.mistake(scope, line, problem, f"use what `data.{where}` gives")
        elif name in ("max", "min") and not self.never_empty(params, scope):
            hint = f"say beside it that the list is not empty: `count(…) > 0`, then `{name}(…)` of the same"
            self.world.mistake(scope, line, f"`{name}` of a list that may be empty, on which the engines differ", hint)
        elif name == "substring" and (len(params) < 2 or not _is_position(params[1])):
            hint = "write the start as a number, 0 or more"
            self.world.mistake(scope, line, "`substring` from a start that is not written out", hint)
        elif name == "replace" and (len(args) < 2 or not _not_blank(args[1])):
            hint = "write out what is replaced, one letter or more"
            self.world.mistake(scope, line, '`replace` of what may be "", which OPA\'s WebAssembly does not end', hint)
        elif name == "regex.match":
            pattern = literal_text(params[0]) if params else None
            hint = "write it out, of letters, `.`, `^`, `$`, `|`, `(…)`, `[a-z]`, `*`, `+`, `?`, `{n}` and `{n,m}`"
            problem = "it is not written out" if pattern is None else pattern_problem(pattern)
            if problem:
                self.world.mistake(scope, line, f"a pattern that the engines may read differently: {problem}", hint)

    def never_empty(self, params: Sequence[Node], scope: Scope) -> bool:
        """Whether what a call is given has an entry: it is written out, or a statement around counts it."""
        kind, expr = next(iter(params[0].items())) if params else ("", {})
        return (kind in ("Array", "Set") and bool(expr["items"])) or (
            bool(params) and self.bodies.counts(params[0], scope)
        )

    def object_get(self, params: Sequence[Node], args: Sequence[Type], scope: Scope, line: int) -> Type:
        word = literal_text(params[1]) if len(params) == 3 else None
        if len(params) != 3:
            self.world.mistake(scope, line, "`object.get` takes three arguments", "object, key, default")
            return BROKEN
        for place, (arg, family) in enumerate(zip(args, ("object", "str"), strict=False), start=1):
            if not families(arg) <= {family} and BROKEN not in arg.each():
                hint = "hand in an object and the name of one field: of a list regorus fails, and a path has no type"
                self.world.mistake(scope, line, f"argument {place} of `object.get` is {arg.words()}", hint)
        if word is None:
            self.consume(args[0])
            return join([entries(args[0]), args[2]])
        return join([self.field(args[0], word, line, scope), args[2]])

    def sprintf(self, params: Sequence[Node], scope: Scope, line: int) -> None:
        """`%s` with text and `%d` with whole numbers: the rest prints differently from engine to engine."""
        hint = "keep numbers in `observed` and `expected`; `%s` takes text, `%d` whole numbers"
        form = literal_text(params[0]) if params else None
        values = params[1].get("Array") if len(params) == 2 else None
        if form is None or values is None:
            self.world.mistake(scope, line, "`sprintf` without a literal format and list", hint)
            return
        verbs = [form[i + 1 : i + 2] for i in _verb_places(form)]
        wanted = {"s": ({"str"}, "text"), "d": ({"int"}, "a whole number")}
        bad = [verb for verb in verbs if verb not in wanted]
        if bad:
            self.world.mistake(scope, line, f"`sprintf` with `%{bad[0]}`", hint)
            return
        if len(verbs) != len(values["items"]):
            self.world.mistake(
                scope, line, f"`sprintf` has {len(verbs)} places and {len(values['items'])} values", hint
            )
            return
        for verb, item in zip(verbs, values["items"], strict=True):
            kind = self.value(item, scope)
            kinds = {option.kind for option in kind.each()}
            if not kinds <= wanted[verb][0] and BROKEN not in kind.each():
                problem = f"`%{verb}` in `sprintf` is given {kind.words()}, not {wanted[verb][1]}"
                self.world.mistake(scope, line, problem, hint)


def _is_position(node: Node) -> bool:
    kind, expr = next(iter(node.items()))
    return kind == "Number" and type(expr["value"]) is int and expr["value"] >= 0


def _not_blank(kind: Type) -> bool:
    return all(option.enum is not None and "" not in option.enum for option in kind.each())


def _verb_places(form: str) -> list[int]:
    places, index = [], 0
    while index < len(form):
        if form[index] == "%":
            if form[index + 1 : index + 2] != "%":
                places.append(index)
            index += 1
        index += 1
    return places
