"""Types of Rego expressions, statement by statement, and with them what a rule reads.

An abstract run of a policy over types instead of values. A statement that uses a name which a later one binds waits for
it, as Rego bodies have no order. What cannot exist, cannot be compared or cannot be told is a mistake at its line.
"""

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter

from engine.rego.builtin_types import entries, keys
from engine.rego.calls import FRACTION_MODULES
from engine.rego.definedness import Definedness
from engine.rego.scope import Scope, UnboundError
from engine.rego.tree import (
    Node,
    callee,
    every_names,
    fields_of,
    is_walk,
    literal_name,
    literal_text,
    may_be_empty,
    member_parts,
    shown,
)
from engine.rego.types import (
    ANY,
    BOOL,
    BROKEN,
    EXACT,
    INT,
    NULL,
    NUMBER,
    TEXT,
    Type,
    array,
    families,
    join,
    literal,
    never_equal,
    not_ordered,
    obj,
    set_of,
    told,
    whole,
    written,
)

TOLD_BY = {
    "is_string": TEXT,
    "is_number": NUMBER,
    "is_boolean": BOOL,
    "is_array": array(ANY, path="?"),
    "is_object": obj({}, extra=ANY, path="?"),
}
"""Built-ins that, as a statement, say of what type a value is."""


class Inference(Definedness):
    """Types of expressions; every method takes a node of regorus's tree as `engine.backends.syntax` gives it."""

    # -- statements

    def query(self, statements: Sequence[Node], scope: Scope) -> None:
        """Run the statements of a body until each has its types; what is left over is run with unknown types.

        One that uses a name which nothing has bound waits until something has: each is run as often as it has names to
        wait for, however many others there are.
        """
        ready = list(enumerate(statements))
        waiting: dict[str, list[tuple[int, Node]]] = {}
        went_on = True
        while ready and went_on:
            went_on, seen = False, len(scope.binds)
            for place, statement in ready:
                try:
                    self.statement(statement, scope)
                    went_on = True
                except UnboundError as cause:
                    waiting.setdefault(cause.name, []).append((place, statement))
            if not waiting:
                return
            bound = dict.fromkeys(scope.binds[seen:]) if went_on else ()
            ready = sorted([item for name in bound for item in waiting.pop(name, ())], key=itemgetter(0))
        for name in waiting:
            if scope.parent is not None and scope.parent.find(name)[0]:
                raise UnboundError(name)
        left = [(place, name, statement) for name, some in waiting.items() for place, statement in some]
        if left:
            self._give_up(sorted(left, key=itemgetter(0)), scope)

    def _give_up(self, left: Sequence[tuple[int, str, Node]], scope: Scope) -> None:
        if not scope.force:
            _, name, first = left[0]
            self.world.mistake(scope, first["span"], f"`{name}` is not known here", "bind it, or mend its spelling")
        before, scope.force = scope.force, True
        for _, _, statement in left:
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
                self.fitted(literal["key"], keys(collection), scope, line)
                self.bind(literal["key"], keys(collection), scope)
            self.fitted(literal["value"], entries(collection), scope, line)
            self.bind(literal["value"], entries(collection), scope)
        elif kind == "Every":
            self.every(literal, scope)
        elif kind == "NotExpr":
            inner = scope.child()
            inner.closed = True
            self.plain(literal["expr"], inner)
            self.negated(literal["expr"], inner, line)
        else:
            self.top_expression(literal["expr"], scope)

    def every(self, literal: Node, scope: Scope) -> None:
        domain = self.value(literal["domain"], scope)
        self.iterated(domain, scope, literal["span"])
        if may_be_empty(literal["domain"]) and not self.bodies.counts(literal["domain"], scope):
            self.world.mistake(
                scope,
                literal["span"],
                "`every` over a list that may be empty is true",
                "say beside it that the list is not empty: `count(…) > 0`",
                warning=True,
            )
        inner = scope.child(every_names(literal))
        if literal["key"] is not None:
            inner.bound[literal["key"][1]] = keys(domain)
        inner.bound[literal["value"][1]] = entries(domain)
        self.body(literal["query"]["stmts"], inner)

    def body(self, statements: Sequence[Node], scope: Scope) -> Scope:
        """Run a nested body in a scope that knows what it declares."""
        scope.body = statements
        scope.declared |= self.bodies.declared(statements)
        self.query(statements, scope)
        return scope

    def iterated(self, kind: Type, scope: Scope, line: int) -> None:
        if not families(kind) <= {"array", "set", "object"} and BROKEN not in kind.each():
            hint = "name the list itself, or ask for it first: `is_array(list)`, `is_object(map)`"
            self.world.mistake(scope, line, f"{kind.words()} has no entries to go through", hint)
        for option in kind.each():
            self.touch(option)
            if option.item is not None:
                self.touch(option.item)

    def top_expression(self, node: Node, scope: Scope) -> None:
        kind, expr = next(iter(node.items()))
        if kind != "AssignExpr":
            self.plain(node, scope)
            self.narrow(kind, expr, scope)
            return
        if expr["op"] == "ColEq" or self.is_pattern(expr["lhs"], scope):
            self.bind(expr["lhs"], self.value(expr["rhs"], scope), scope)
        elif self.is_pattern(expr["rhs"], scope):
            self.bind(expr["rhs"], self.value(expr["lhs"], scope), scope)
        else:
            self.equal(self.value(expr["lhs"], scope), self.value(expr["rhs"], scope), scope, expr["span"])

    def plain(self, node: Node, scope: Scope) -> None:
        """An expression that is a statement: where a part of `x in xs` is absent, no engine finds it."""
        kind, expr = next(iter(node.items()))
        if kind == "Membership" and expr["key"] is None:
            self.members(expr, scope)
        else:
            self.value(node, scope)

    def narrow(self, kind: str, expr: Node, scope: Scope) -> None:
        """`is_string(x)` tells the type of an `x` that the schema leaves open, for the statements after it."""
        name = literal_name(expr["params"][0]) if kind == "Call" and len(expr["params"]) == 1 else None
        told = TOLD_BY.get(".".join(callee(expr["fcn"]) or ())) if name is not None else None
        bound = scope.find(name)[1] if name is not None else None
        if name is not None and told is not None and bound is not None and bound.kind == "any" and bound is not BROKEN:
            item = told.item
            if item is not None and bound.path:
                item = replace(item, path=f"{bound.path}.*", key=f"{bound.key}.*")
            scope.bound[name] = replace(told, path=bound.path, key=f"{told.key}:{bound.key}", item=item)

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
                if word is None:
                    self.key(self.value(key, scope), scope, expr["span"])
                self.bind(item, self.field(kind, word, expr["span"], scope) if word is not None else ANY, scope)
        else:
            self.equal(kind, self.value(pattern, scope), scope, expr["span"])

    def fitted(self, pattern: Node, kind: Type, scope: Scope, line: int) -> None:
        """Say where an object of a pattern meets one that may have more fields: to regorus it fits, to OPA not."""
        name, expr = next(iter(pattern.items()))
        if name == "Array":
            for item in expr["items"]:
                self.fitted(item, entries(kind), scope, line)
        if name != "Object":
            return
        fields = fields_of(expr)
        for option in kind.each():
            if option is BROKEN:  # a mistake of its own
                continue
            if option.kind == "any" or option.item is not None or not option.fields.keys() <= fields.keys():
                hint = "name the whole, and take each field by its name: `value := record.field`"
                problem = "an object in a pattern, of what may have other fields: the engines differ"
                self.world.mistake(scope, line, problem, hint)
            for word in option.fields.keys() & fields.keys():
                self.fitted(fields[word], option.fields[word], scope, line)

    # -- expressions

    def value(self, node: Node, scope: Scope) -> Type:
        """The type of an expression."""
        kind, expr = next(iter(node.items()))
        if kind in ("Var", "RefDot", "RefBrack"):
            return self.reference(node, scope)
        if kind in ("String", "RawString"):
            return literal(expr["value"])
        if kind == "Number":
            return self.number(expr, scope)
        if kind in ("Bool", "Null"):
            return BOOL if kind == "Bool" else NULL
        if kind in ("Array", "Set"):
            return written("array" if kind == "Array" else "set", [self.value(item, scope) for item in expr["items"]])
        if kind == "Object":
            return self.object_literal(expr, scope)
        if kind in ("ArrayCompr", "SetCompr", "ObjectCompr"):
            return self.comprehension(kind, expr, scope)
        if kind == "Call":
            return self.call(expr, scope)
        if kind == "UnaryExpr":
            self.unary(expr, scope)
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
        for side in (left, right):
            if not families(side) <= {"set"} and BROKEN not in side.each():
                hint = "make it a set: `{x | some x in …}`"
                self.world.mistake(scope, expr["span"], f"`&` or `|` of {side.words()}", hint)
        return set_of(join([entries(left), entries(right)]))

    def number(self, expr: Node, scope: Scope) -> Type:
        if not isinstance(expr["value"], int):
            return NUMBER
        if abs(expr["value"]) > EXACT:
            self.world.mistake(scope, expr["span"], "a whole number past 2^53", "count in larger units")
        return whole(abs(expr["value"]))

    def object_literal(self, expr: Node, scope: Scope) -> Type:
        fields, others = {}, []
        for _, key, item in expr["fields"]:
            word, kind = literal_text(key), self.value(item, scope)
            if word is None:
                self.key(self.value(key, scope), scope, expr["span"])
                others.append(kind)
            else:
                fields[word] = kind
        return obj(fields, extra=join(others) if others else None)

    def key(self, kind: Type, scope: Scope, line: int) -> None:
        """The keys of an object are text, as in JSON; of others the engines have each their own."""
        if not families(kind) <= {"str"} and BROKEN not in kind.each():
            hint = "make it text, or collect pairs: `[key, value]`"
            self.world.mistake(scope, line, f"a key of an object is {kind.words()}, not text", hint)

    def comprehension(self, kind: str, expr: Node, scope: Scope) -> Type:
        statements = expr["query"]["stmts"]
        inner = self.body(statements, scope.child())
        if kind == "ObjectCompr":
            self.key(self.value(expr["key"], inner), inner, expr["span"])
            return obj({}, extra=self.value(expr["value"], inner))
        term = self.value(expr["term"], inner)
        if kind == "SetCompr":
            return set_of(term)
        return array(term, orderly=not self.disorderly(statements, inner))

    def disorderly(self, statements: Sequence[Node], scope: Scope) -> bool:
        """Whether a body goes through a set or an object, or what may be one: a list of it has no order of its own."""
        if any(_is_walk(statement) for statement in statements):
            return True
        for domain in self.bodies.domains(statements):
            kinds = self.value(domain, scope).each()
            if any(option.kind in ("set", "object", "any") or not option.orderly for option in kinds):
                return True
        return False

    def membership(self, expr: Node, scope: Scope) -> Type:
        """`in` as a value, or with a key: of an absent part OPA makes nothing, regorus false or, for the key, true."""
        self.members(expr, scope)
        absent = self.first_absent(member_parts(expr), scope)
        if absent is not None:
            self.world.mistake(
                scope,
                expr["span"],
                f"`{shown(absent)}`, a part of `in`, may be absent, and then the engines differ",
                f"name it first: `value := {shown(absent)}`, then `value in …`",
            )
        return BOOL

    def members(self, expr: Node, scope: Scope) -> None:
        collection = self.value(expr["collection"], scope)
        self.consume(collection)
        if families(collection) and not families(collection) & {"array", "set", "object", "any"}:
            self.world.mistake(scope, expr["span"], f"{collection.words()} has no entries", "name the list itself")
        parts = [expr["value"]] if expr["key"] is None else [expr["key"], expr["value"]]
        for part, kind in zip(parts, [keys(collection), entries(collection)][-len(parts) :], strict=True):
            self.equal(self.value(part, scope), kind, scope, next(iter(part.values()))["span"])
        known = [entry for option in collection.each() if option.parts for entry in told(option)]
        if known:
            line = next(iter(expr["value"].values()))["span"]
            self.equal(self.value(expr["value"], scope), join(known), scope, line)

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
        broken = any(BROKEN in side.each() for side in (left, right))
        if not both <= {"number"} and not broken:
            problem = f"arithmetic on {left.words()} and {right.words()}"
            self.world.mistake(scope, expr["span"], problem, "add numbers to numbers")
            return NUMBER
        if broken:
            return BROKEN
        wholes = all(option.kind == "int" for side in (left, right) for option in side.each())
        if (not wholes or expr["op"] == "Div") and scope.path not in FRACTION_MODULES:
            self.world.mistake(
                scope,
                expr["span"],
                "arithmetic on fractions, on which the engines differ",
                "compare the numbers as they are, or turn them into whole millionths with `data.lib.numbers.micro`",
            )
        if not wholes or expr["op"] == "Div":
            return NUMBER
        return self.whole_result(expr, left, right, scope)

    def whole_result(self, expr: Node, left: Type, right: Type, scope: Scope) -> Type:
        """Arithmetic of whole numbers, which regorus counts exactly up to 2^63; a remainder of 0 fails there."""
        one, other = (max((option.most for option in side.each()), default=0) for side in (left, right))
        if expr["op"] == "Mod":
            if expr["rhs"].get("Number", {}).get("value", 0) == 0 and scope.path not in FRACTION_MODULES:
                problem = "a remainder of what may be 0, on which the engines differ"
                self.world.mistake(scope, expr["span"], problem, "write the divisor out as a number")
            return whole(other)
        most = one * other if expr["op"] == "Mul" else one + other
        if most >= EXACT << 10 and scope.path not in FRACTION_MODULES:
            problem = "arithmetic that may pass 2^63, on which the engines differ"
            self.world.mistake(scope, expr["span"], problem, "multiply by no more than 1000, or count in larger units")
            return INT
        return whole(min(most, EXACT << 10))


def _is_walk(statement: Node) -> bool:
    call = statement["literal"].get("Expr", {}).get("expr", {}).get("Call")
    return call is not None and is_walk(call)
