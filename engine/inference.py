"""Types of Rego expressions, statement by statement, and with them what a rule reads.

An abstract run of a policy over types instead of values. A statement that uses a name which a later one binds waits for
it, as Rego bodies have no order. What cannot exist, cannot be compared or cannot be told is a mistake at its line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.backends.builtins import allowed_builtins
from engine.builtin_types import ORDER_FREE, TEXT_OF_ORDER, WITHOUT_CONTENTS, call_builtin, entries, keys
from engine.errors import did_you_mean
from engine.rego_types import (
    ANY,
    BOOL,
    INSTANT,
    INT,
    NOTHING,
    NULL,
    NUMBER,
    TEXT,
    Type,
    array,
    families,
    has_set,
    join,
    never_equal,
    not_ordered,
    obj,
    set_of,
    text,
)

Node = Mapping[str, Any]
FRACTION_MODULES = ("lib/numbers.rego", "lib/time.rego")
"""The libraries that turn fractions, or the digits of a text, into whole numbers."""
ROOTS = ("now", "gate", "subject", "system", "evidence")


class UnboundError(Exception):
    """A name that no statement so far binds."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class World(Protocol):
    """What inference asks of the bundle around a module."""

    def mistake(self, scope: "Scope", line: int, problem: str, hint: str, *, warning: bool = False) -> None: ...

    def read(self, path: str) -> None: ...

    def evidence(self, scope: "Scope", name: str, line: int) -> Type: ...

    def parameter(self, scope: "Scope", name: str, line: int) -> Type: ...

    def has_rule(self, package: tuple[str, ...], name: str) -> bool: ...

    def has_package(self, package: tuple[str, ...]) -> bool: ...

    def rule(self, scope: "Scope", package: tuple[str, ...], name: str, line: int) -> Type: ...

    def function(
        self, scope: "Scope", package: tuple[str, ...], name: str, args: Sequence[Type], line: int
    ) -> Type | None: ...


@dataclass
class Scope:
    """The names that an expression sees. `force`: an unbound name has an unknown type instead of being waited for."""

    path: str
    package: tuple[str, ...]
    imports: Mapping[str, tuple[str, ...]]
    declared: set[str] = field(default_factory=set)
    bound: dict[str, Type] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()
    """Lists of which a statement around says that they are not empty."""
    parent: "Scope | None" = None
    force: bool = False

    def child(self, declared: Iterable[str] = (), counted: Iterable[str] = ()) -> "Scope":
        return Scope(
            self.path, self.package, self.imports, set(declared), {}, self.counted | set(counted), self, self.force
        )

    def find(self, name: str) -> tuple[bool, Type | None]:
        """Whether a name is a local one, and its type where it is bound."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound:
                return True, scope.bound[name]
            if name in scope.declared:
                return True, None
            scope = scope.parent
        return False, None

    def bind(self, name: str, kind: Type) -> None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound or name in scope.declared:
                scope.bound[name] = join([scope.bound[name], kind]) if name in scope.bound else kind
                return
            scope = scope.parent
        self.bound[name] = kind


class Inference:
    """Types of expressions; every method takes a node of regorus's tree as `engine.backends.syntax` gives it."""

    def __init__(self, world: World) -> None:
        self.world = world

    # -- statements

    def query(self, statements: Sequence[Node], scope: Scope) -> None:
        """Run the statements of a body until each has its types; what is left over is run with unknown types."""
        waiting = list(statements)
        missing: UnboundError | None = None
        while waiting:
            later = []
            for statement in waiting:
                try:
                    self.statement(statement, scope)
                except UnboundError as cause:
                    missing = cause
                    later.append(statement)
            if len(later) == len(waiting):
                if scope.parent is not None and missing is not None and scope.parent.find(missing.name)[0]:
                    raise missing
                self._give_up(later, scope, missing)
                return
            waiting = later

    def _give_up(self, statements: Sequence[Node], scope: Scope, missing: UnboundError | None) -> None:
        name = missing.name if missing is not None else "?"
        if not scope.force:
            line = statements[0]["span"]
            self.world.mistake(scope, line, f"`{name}` is not known here", "bind it, or mend its spelling")
        before, scope.force = scope.force, True
        for statement in statements:
            self.statement(statement, scope)
        scope.force = before

    def statement(self, statement: Node, scope: Scope) -> None:
        line = statement["span"]
        if statement.get("with_mods"):
            self.world.mistake(scope, line, "`with` outside a test", "a policy judges the input that it is given")
        kind, literal = next(iter(statement["literal"].items()))
        if kind == "SomeVars":
            return
        if kind == "SomeIn":
            collection = self.value(literal["collection"], scope)
            self.iterated(collection, scope, line)
            if literal["key"] is not None:
                self.bind(literal["key"], keys(collection), scope)
            self.bind(literal["value"], entries(collection), scope)
        elif kind == "Every":
            self.every(literal, scope)
        elif kind == "NotExpr":
            self.value(literal["expr"], scope)
        else:
            self.top_expression(literal["expr"], scope)

    def every(self, literal: Node, scope: Scope) -> None:
        domain = self.value(literal["domain"], scope)
        self.iterated(domain, scope, literal["span"])
        if shape_of(literal["domain"]) not in scope.counted and _may_be_empty(literal["domain"]):
            self.world.mistake(
                scope,
                literal["span"],
                "`every` over a list that may be empty is true",
                "say beside it that the list is not empty: `count(…) > 0`",
                warning=True,
            )
        inner = scope.child(
            [name[1] for name in (literal["key"], literal["value"]) if name is not None],
        )
        if literal["key"] is not None:
            inner.bound[literal["key"][1]] = keys(domain)
        inner.bound[literal["value"][1]] = entries(domain)
        self.body(literal["query"]["stmts"], inner)

    def body(self, statements: Sequence[Node], scope: Scope) -> Scope:
        """Run a nested body in a scope that knows what it declares and what it counts."""
        scope.declared |= declared_names(statements)
        scope.counted |= counted_lists(statements)
        self.query(statements, scope)
        return scope

    def iterated(self, kind: Type, scope: Scope, line: int) -> None:
        if families(kind) and not families(kind) & {"array", "set", "object", "any"}:
            self.world.mistake(scope, line, f"{kind.words()} has no entries to go through", "name the list itself")
        for option in kind.each():
            self.touch(option)
            if option.item is not None:
                self.touch(option.item)

    def top_expression(self, node: Node, scope: Scope) -> None:
        kind, expr = next(iter(node.items()))
        if kind != "AssignExpr":
            self.value(node, scope)
            return
        if expr["op"] == "ColEq" or self.is_pattern(expr["lhs"], scope):
            self.bind(expr["lhs"], self.value(expr["rhs"], scope), scope)
        elif self.is_pattern(expr["rhs"], scope):
            self.bind(expr["rhs"], self.value(expr["lhs"], scope), scope)
        else:
            self.equal(self.value(expr["lhs"], scope), self.value(expr["rhs"], scope), scope, expr["span"])

    def is_pattern(self, node: Node, scope: Scope) -> bool:
        """Whether a side of `=` holds a name that is not bound yet."""
        kind, expr = next(iter(node.items()))
        if kind == "Var":
            local, bound = scope.find(expr["value"])
            known = local or expr["value"] in scope.imports or self.world.has_rule(scope.package, expr["value"])
            return (bound is None and local) or not (known or expr["value"] in ("input", "data"))
        if kind == "Array":
            return any(self.is_pattern(item, scope) for item in expr["items"])
        return kind == "Object" and any(self.is_pattern(item[2], scope) for item in expr["fields"])

    def bind(self, pattern: Node, kind: Type, scope: Scope) -> None:
        """Bind the names of a pattern to the parts of a value."""
        name, expr = next(iter(pattern.items()))
        if name == "Var":
            if expr["value"] != "_":
                scope.bind(expr["value"], kind)
        elif name == "Array":
            for item in expr["items"]:
                self.bind(item, entries(kind), scope)
        elif name == "Object":
            for _, key, item in expr["fields"]:
                word = literal_text(key)
                self.bind(item, self.field(kind, word, expr["span"], scope) if word is not None else ANY, scope)
        else:
            self.equal(kind, self.value(pattern, scope), scope, expr["span"])

    # -- expressions

    def value(self, node: Node, scope: Scope) -> Type:
        """The type of an expression."""
        kind, expr = next(iter(node.items()))
        if kind in ("String", "RawString"):
            return text([expr["value"]])
        if kind == "Number":
            return INT if isinstance(expr["value"], int) else NUMBER
        if kind in ("Bool", "Null"):
            return BOOL if kind == "Bool" else NULL
        if kind in ("Var", "RefDot", "RefBrack"):
            return self.reference(node, scope)
        if kind in ("Array", "Set"):
            items = join(self.value(item, scope) for item in expr["items"])
            return array(items) if kind == "Array" else set_of(items)
        if kind == "Object":
            return self.object_literal(expr, scope)
        if kind in ("ArrayCompr", "SetCompr", "ObjectCompr"):
            return self.comprehension(kind, expr, scope)
        if kind == "Call":
            return self.call(expr, scope)
        if kind == "UnaryExpr":
            return self.value(expr["expr"], scope)
        if kind == "Membership":
            return self.membership(expr, scope)
        left, right = self.value(expr["lhs"], scope), self.value(expr["rhs"], scope)
        if kind == "BoolExpr":
            return self.comparison(expr, left, right, scope)
        if kind == "ArithExpr":
            return self.arithmetic(expr, left, right, scope)
        if kind == "AssignExpr":
            self.equal(left, right, scope, expr["span"])
            return BOOL
        return set_of(join([entries(left), entries(right)]))

    def object_literal(self, expr: Node, scope: Scope) -> Type:
        fields, others = {}, []
        for _, key, item in expr["fields"]:
            word, kind = literal_text(key), self.value(item, scope)
            if word is None:
                self.value(key, scope)
                others.append(kind)
            else:
                fields[word] = kind
        return obj(fields, extra=join(others) if others else None)

    def comprehension(self, kind: str, expr: Node, scope: Scope) -> Type:
        statements = expr["query"]["stmts"]
        inner = self.body(statements, scope.child())
        if kind == "ObjectCompr":
            self.value(expr["key"], inner)
            return obj({}, extra=self.value(expr["value"], inner))
        term = self.value(expr["term"], inner)
        if kind == "SetCompr":
            return set_of(term)
        return array(term, orderly=not self.disorderly(statements, inner))

    def disorderly(self, statements: Sequence[Node], scope: Scope) -> bool:
        """Whether a body goes through a set or an object, so that a list made of it has no order of its own."""
        domains = [item["SomeIn"]["collection"] for s in statements for item in [s["literal"]] if "SomeIn" in item]
        for statement in statements:
            domains += wildcard_domains(statement)
        for domain in domains:
            kinds = self.value(domain, scope).each()
            if any(option.kind in ("set", "object") or not option.orderly for option in kinds):
                return True
        return False

    def membership(self, expr: Node, scope: Scope) -> Type:
        collection = self.value(expr["collection"], scope)
        self.consume(collection)
        if families(collection) and not families(collection) & {"array", "set", "object", "any"}:
            self.world.mistake(scope, expr["span"], f"{collection.words()} has no entries", "name the list itself")
        if expr["key"] is not None:
            self.bind_or_compare(expr["key"], keys(collection), scope)
        self.bind_or_compare(expr["value"], entries(collection), scope)
        return BOOL

    def bind_or_compare(self, node: Node, kind: Type, scope: Scope) -> None:
        if self.is_pattern(node, scope):
            raise UnboundError(next(iter(node.values())).get("value", "?"))
        value = self.value(node, scope)
        self.equal(value, kind, scope, next(iter(node.values()))["span"])

    def comparison(self, expr: Node, left: Type, right: Type, scope: Scope) -> Type:
        if expr["op"] in ("Eq", "Ne"):
            self.equal(left, right, scope, expr["span"])
            return BOOL
        self.consume(left)
        self.consume(right)
        problem = not_ordered(left, right, expr["op"])
        if problem:
            self.world.mistake(
                scope, expr["span"], problem, "compare a number with a number, an instant with an instant"
            )
        return BOOL

    def equal(self, left: Type, right: Type, scope: Scope, line: int) -> None:
        self.consume(left)
        self.consume(right)
        problem = never_equal(left, right)
        if problem:
            self.world.mistake(scope, line, problem, "mend the spelling, or compare values of one type")

    def arithmetic(self, expr: Node, left: Type, right: Type, scope: Scope) -> Type:
        self.consume(left)
        self.consume(right)
        both = families(left) | families(right)
        if expr["op"] == "Sub" and both == {"set"}:
            return left
        if not both <= {"number", "any"}:
            problem = f"arithmetic on {left.words()} and {right.words()}"
            self.world.mistake(scope, expr["span"], problem, "add numbers to numbers")
            return NUMBER
        whole = all(option.kind == "int" for side in (left, right) for option in side.each())
        if (not whole or expr["op"] == "Div") and scope.path not in FRACTION_MODULES:
            self.world.mistake(
                scope,
                expr["span"],
                "arithmetic on fractions, on which the engines differ",
                "compare the numbers as they are, or turn them into whole millionths with `data.lib.numbers.micro`",
            )
        return INT if whole and expr["op"] != "Div" else NUMBER

    # -- references

    def reference(self, node: Node, scope: Scope) -> Type:
        base, steps = flatten(node)
        kind, expr = next(iter(base.items()))
        if kind != "Var":
            return self.steps(self.value(base, scope), steps, scope)
        name, line = expr["value"], expr["span"]
        local, bound = scope.find(name)
        if local:
            if bound is None:
                if scope.force:
                    return ANY
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
            return ANY
        raise UnboundError(name)

    def input(self, steps: Sequence[tuple[Any, int]], scope: Scope, line: int) -> Type:
        hint = "a policy sees input.now, gate, subject, system and evidence"
        root = literal_text(steps[0][0]) if steps else None
        if root is None or root not in ROOTS:
            what = f"`input.{root}` does not exist" if root else "`input` as a whole is not read"
            self.world.mistake(scope, line, what, did_you_mean(root, ROOTS) if root else hint)
            return ANY
        if root != "evidence":
            return self.steps(INPUT[root], steps[1:], scope)
        if len(steps) == 1:
            self.world.mistake(
                scope, line, "`input.evidence` without a type", 'name the type: input.evidence["fairness-audit"]'
            )
            return ANY
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
            return ANY
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
                return ANY
            tail = [literal_step(word, line) for word in words[2:]]
            return self.steps(self.world.parameter(scope, words[1], line), [*tail, *rest], scope)
        allowed = words[:1] in (["lib"], ["risk"], ["retention"]) or tuple(words[: len(scope.package)]) == scope.package
        for size in range(len(words) - 1, 0, -1):
            package = tuple(words[:size])
            if allowed and self.world.has_rule(package, words[size]):
                tail = [literal_step(word, line) for word in words[size + 1 :]]
                return self.steps(self.world.rule(scope, package, words[size], line), [*tail, *rest], scope)
        shown = f"data.{'.'.join(words)}" if words else "data"
        if allowed:
            hint = "mend the spelling, or write the rule in policies/lib"
            self.world.mistake(scope, line, f"`{shown}` is defined nowhere", hint)
        else:
            hint = "a policy refers to data.parameters, data.lib, data.risk and its own package"
            self.world.mistake(scope, line, f"`{shown}` may not be read here", hint)
        return ANY

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
                found.append(Type("any", option.key, path=option.path))
                self.consume(option)
            elif name in option.fields:
                found.append(option.fields[name])
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
            return ANY
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
        if any(option.kind == "any" for option in kind.each()):
            return ANY
        self.consume(given)
        for option in kind.each():
            self.touch(option)
        if kind.kind == "object" and given.kind == "str" and given.enum and not kind.item:
            return join(self.field(kind, word, line, scope) for word in sorted(given.enum) if word in kind.fields)
        self.iterated(kind, scope, line)
        return entries(kind)

    # -- calls

    def call(self, expr: Node, scope: Scope) -> Type:
        words = callee(expr["fcn"])
        if words is None:
            self.world.mistake(scope, expr["span"], "a call of something that is no name", "name the function")
            return ANY
        name, line = ".".join(words), expr["span"]
        target = self.target(words, scope)
        args = [self.value(item, scope) for item in expr["params"]] if name != "walk" else []
        if target is not None:
            package, rule = target
            result = self.world.function(scope, package, rule, args, line)
            if result is None:
                self.world.mistake(scope, line, f"`{name}` is not a function of {len(args)} arguments", "count them")
                return ANY
            return result
        if name not in allowed_builtins():
            hint = did_you_mean(name, allowed_builtins())
            self.world.mistake(scope, line, f"the built-in `{name}` is not allowed", hint)
            return ANY
        if name == "object.get":
            return self.object_get(expr["params"], args, scope, line)
        return self.builtin(name, expr, args, scope)

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

    def object_get(self, params: Sequence[Node], args: Sequence[Type], scope: Scope, line: int) -> Type:
        word = literal_text(params[1]) if len(params) == 3 else None
        if len(params) != 3:
            self.world.mistake(scope, line, "`object.get` takes three arguments", "object, key, default")
            return ANY
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
            if not kinds <= wanted[verb][0]:
                problem = f"`%{verb}` in `sprintf` is given {kind.words()}, not {wanted[verb][1]}"
                self.world.mistake(scope, line, problem, hint)

    # -- what is read

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


INPUT = {
    "now": INSTANT,
    "gate": TEXT,
    "subject": obj(
        {"kind": text(["model", "system", "dataset", "portfolio"]), "name": TEXT, "digest": TEXT, "system_id": TEXT}
    ),
    "system": obj({"id": TEXT, "tier": TEXT, "roles": array(TEXT)}),
}


def flatten(node: Node) -> tuple[Node, list[tuple[Any, int]]]:
    """A reference as its base and its keys, each with its line."""
    steps: list[tuple[Any, int]] = []
    while True:
        kind, expr = next(iter(node.items()))
        if kind == "RefDot":
            line, word = expr["field"]
            steps.append(literal_step(word, line))
        elif kind == "RefBrack":
            steps.append((expr["index"], expr["span"]))
        else:
            return node, steps[::-1]
        node = expr["refr"]


def literal_step(word: str, line: int) -> tuple[Any, int]:
    return {"String": {"span": line, "value": word}}, line


def literal_text(node: Node) -> str | None:
    kind, expr = next(iter(node.items()))
    return expr["value"] if kind in ("String", "RawString") else None


def literal_name(node: Node) -> str | None:
    kind, expr = next(iter(node.items()))
    return expr["value"] if kind == "Var" else None


def callee(node: Node) -> list[str] | None:
    base, steps = flatten(node)
    name = literal_name(base)
    words = [literal_text(key) for key, _ in steps]
    if name is None or any(word is None for word in words):
        return None
    return [name, *(word for word in words if word is not None)]


def _verb_places(form: str) -> list[int]:
    places, index = [], 0
    while index < len(form):
        if form[index] == "%":
            if form[index + 1 : index + 2] != "%":
                places.append(index)
            index += 1
        index += 1
    return places


def declared_names(statements: Sequence[Node]) -> set[str]:
    """Names that a body makes its own: by `some`, `:=` and `some … in`."""
    names: set[str] = set()
    for statement in statements:
        kind, literal = next(iter(statement["literal"].items()))
        if kind == "SomeVars":
            names |= {item[1] for item in literal["vars"]}
        elif kind == "SomeIn":
            names |= names_in(literal["value"]) | (names_in(literal["key"]) if literal["key"] else set())
        elif kind == "Expr" and "AssignExpr" in literal["expr"] and literal["expr"]["AssignExpr"]["op"] == "ColEq":
            names |= names_in(literal["expr"]["AssignExpr"]["lhs"])
    return names - {"_"}


def names_in(pattern: Node) -> set[str]:
    kind, expr = next(iter(pattern.items()))
    if kind == "Var":
        return {expr["value"]}
    parts = expr["items"] if kind == "Array" else [item[2] for item in expr["fields"]] if kind == "Object" else []
    return {name for part in parts for name in names_in(part)}


def shape_of(node: Any) -> str:
    """An expression without its places, for comparison."""
    if isinstance(node, list):
        return f"[{','.join(shape_of(item) for item in node)}]"
    if isinstance(node, dict):
        parts = {name: item for name, item in node.items() if name != "span"}
        if "field" in parts:
            parts["field"] = parts["field"][1]
        elif "fields" in parts:
            parts["fields"] = [item[1:] for item in parts["fields"]]
        return f"{{{','.join(f'{name}:{shape_of(item)}' for name, item in parts.items())}}}"
    return repr(node)


def counted_lists(statements: Sequence[Node]) -> frozenset[str]:
    """Shapes of lists of which a body says `count(…) > 0` or compares the count otherwise from below."""
    found = set()
    for statement in statements:
        literal = statement["literal"].get("Expr")
        expr = literal["expr"].get("BoolExpr") if literal else None
        if expr and expr["op"] in ("Gt", "Ge", "Ne", "Eq"):
            for side in (expr["lhs"], expr["rhs"]):
                if "Call" in side and callee(side["Call"]["fcn"]) == ["count"] and side["Call"]["params"]:
                    found.add(shape_of(side["Call"]["params"][0]))
    return frozenset(found)


def _may_be_empty(domain: Node) -> bool:
    kind, expr = next(iter(domain.items()))
    if kind in ("Array", "Set"):
        return not expr["items"]
    return kind != "Object" or not expr["fields"]


def wildcard_domains(node: Any) -> list[Node]:
    """What a statement goes through by `x[_]` or `x[i]`."""
    if isinstance(node, list):
        return [domain for item in node for domain in wildcard_domains(item)]
    if not isinstance(node, dict):
        return []
    found = []
    if "RefBrack" in node and literal_name(node["RefBrack"]["index"]) is not None:
        found.append(node["RefBrack"]["refr"])
    if any(name in node for name in ("ArrayCompr", "SetCompr", "ObjectCompr", "Every")):
        return found
    return found + [domain for item in node.values() for domain in wildcard_domains(item)]


__all__ = ["ANY", "NOTHING", "Inference", "Node", "Scope", "UnboundError", "World", "declared_names"]
