"""Whether an expression surely has a value: where it has none, the engines differ under `not` and before an `else`.

OPA and its WebAssembly take the parts of a negated expression out of the `not`, so that a part without a value lets the
whole statement find nothing; regorus calls the statement true. Both are measured
in tests/engine/test_policy_absence.py.
"""

from collections.abc import Sequence
from typing import Any

from engine.backends.builtins import allowed_builtins
from engine.rego.calls import Calls
from engine.rego.scope import Scope, UnboundError
from engine.rego.tree import (
    Node,
    assignment,
    callee,
    is_walk,
    literal_name,
    literal_step,
    literal_text,
    member_parts,
    names_in,
    shown,
)
from engine.rego.types import BROKEN, Type

ALWAYS = ("String", "RawString", "Number", "Bool", "Null", "ArrayCompr", "SetCompr", "ObjectCompr")
"""Expressions that have a value whatever is known; a comprehension is empty where its body finds nothing."""


class Definedness(Calls):
    """Values that may be absent; a base of `Inference`. Asked after the types of an expression are known."""

    def negated(self, expr: Node, scope: Scope, line: int) -> None:
        """Say which part of a negated expression may be absent, where the engines then differ."""
        absent = self.absent_inside(expr, scope)
        if absent is not None:
            self.world.mistake(
                scope,
                line,
                f"`{shown(absent)}`, a part of what stands under `not`, may be absent, and then the engines differ",
                "pass the whole record to a helper that says what holds: `not named(record)`",
            )

    def absent_inside(self, node: Node, scope: Scope) -> Node | None:
        """The part of a negated expression that may be absent.

        Absent itself is a plain reference or call, and a plain side of `==`, on which the engines agree.
        """
        kind, expr = next(iter(node.items()))
        if kind in ("Var", "RefDot", "RefBrack"):
            return self.absent_key(node, scope)
        if kind == "Call":
            return self.first_absent(_arguments(expr), scope)
        if (kind == "BoolExpr" and expr["op"] == "Eq") or kind == "AssignExpr":
            sides = (expr["lhs"], expr["rhs"])
            plain = [side for side in sides if next(iter(side)) in ("Var", "RefDot", "RefBrack")]
            keys = [absent for side in plain if (absent := self.absent_key(side, scope)) is not None]
            return keys[0] if keys else self.first_absent([side for side in sides if side not in plain], scope)
        return self.absent(node, scope)

    def first_absent(self, nodes: Sequence[Node], scope: Scope) -> Node | None:
        for node in nodes:
            if (absent := self.absent(node, scope)) is not None:
                return absent
        return None

    def absent_key(self, reference: Node, scope: Scope) -> Node | None:
        """The part of a reference that stands before its steps or in brackets and may be absent."""
        base, steps = self.flat(reference)
        parts = [] if next(iter(base)) == "Var" else [base]
        return self.first_absent([*parts, *[key for key, _ in steps]], scope)

    def absent(self, node: Node, scope: Scope) -> Node | None:
        """The part of an expression that may have no value; None where the whole surely has one."""
        kind, expr = next(iter(node.items()))
        if kind in ALWAYS:
            return None
        if kind == "Var":
            return None if self.present(node, scope) else node
        if kind in ("RefDot", "RefBrack"):
            inner = self.absent_key(node, scope)
            if inner is None and self.present(node, scope):
                return None
            return None if self.bodies.holds(node, scope) else inner or node
        if kind == "Call":
            inner = self.first_absent(_arguments(expr), scope)
            if inner is None and self.answers(expr, scope):
                return None
            return None if self.bodies.holds(node, scope) else inner or node
        if kind in ("Array", "Set"):
            return self.first_absent(expr["items"], scope)
        if kind == "Object":
            return self.first_absent([part for _, key, item in expr["fields"] for part in (key, item)], scope)
        if kind == "UnaryExpr":
            return self.absent(expr["expr"], scope)
        if kind == "Membership":
            return self.first_absent(member_parts(expr), scope)
        inner = self.first_absent([expr["lhs"], expr["rhs"]], scope)
        divides = kind == "ArithExpr" and expr["op"] in ("Div", "Mod")
        return node if inner is None and divides and next(iter(expr["rhs"])) != "Number" else inner

    def answers(self, expr: Node, scope: Scope) -> bool:
        """Whether a call has a value whatever its arguments are."""
        words = callee(expr["fcn"]) or []
        target = self.target(words, scope) if words else None
        if target is None:
            known = allowed_builtins().get(".".join(words))
            return known is None or known.total  # one that is not allowed is a mistake of its own
        package, name = target
        where, args = self.handed.get(id(expr), (None, ()))
        if where is not scope:
            args = [self.value(item, scope) for item in expr["params"]]
        return not self.world.has_rule(package, name) or self.world.sure(scope, package, name, args, expr["span"])

    def present(self, node: Node, scope: Scope) -> bool:
        """Whether a reference leads to a value, by the types of what it goes through."""
        base, steps = self.flat(node)
        kind, expr = next(iter(base.items()))
        if kind != "Var":
            return self.leads(self.value(base, scope), steps, scope)
        name, line = expr["value"], expr["span"]
        local, bound = scope.find(name)
        if local:
            return bound is None or self.leads(bound, steps, scope)
        own = self.world.has_rule(scope.package, name)
        words = scope.imports.get(name) if not own else None
        if words is not None:
            name, steps = words[0], [*(literal_step(word, line) for word in words[1:]), *steps]
        if name == "input":
            return self._input_leads(base, steps, scope)
        if name == "data":
            return self._data_leads(steps, scope, line)
        if own and not self.world.sure(scope, scope.package, name, None, line):
            return False
        return not own or self.leads(self.value(base, scope), steps, scope)

    def _input_leads(self, base: Node, steps: Sequence[tuple[Any, int]], scope: Scope) -> bool:
        """`input.now`, `input.evidence[…]` and the like are always there."""
        root = literal_text(steps[0][0]) if steps else None
        sure = 2 if root == "evidence" else 1
        return self.leads(self.input(steps[:sure], scope, next(iter(base.values()))["span"]), steps[sure:], scope)

    def _data_leads(self, steps: Sequence[tuple[Any, int]], scope: Scope, line: int) -> bool:
        """A parameter is always there; a rule of a library where one of its definitions surely holds."""
        words = [literal_text(key) for key, _ in steps]
        if words[:1] == ["parameters"]:
            return self.leads(self.data((), steps[:2], scope, line), steps[2:], scope)
        for size in range(1, len(words)):
            package, name = tuple(word or "?" for word in words[:size]), words[size]
            if name is not None and self.world.has_rule(package, name):
                sure = self.world.sure(scope, package, name, None, line)
                return sure and self.leads(self.data((), steps[: size + 1], scope, line), steps[size + 1 :], scope)
        return True  # defined nowhere: a mistake of its own

    def leads(self, kind: Type, steps: Sequence[tuple[Any, int]], scope: Scope) -> bool:
        """Whether steps from a value of some type lead to a value."""
        for key, line in steps:
            if not self._has(kind, key, scope):
                return False
            kind = self.steps(kind, [(key, line)], scope)
        return True

    def _has(self, kind: Type, key: Node, scope: Scope) -> bool:
        word = literal_text(key)
        if word is None and literal_name(key) != "_":
            given = self.value(key, scope)
            names = given.enum if given.kind == "str" and given.enum else None
        else:
            names = frozenset([word]) if word is not None else None
        options = kind.each()
        if BROKEN in options:
            return True  # a mistake of its own
        return names is not None and all(names <= option.fields.keys() - option.optional for option in options)

    def surely_holds(self, statements: Sequence[Node], scope: Scope) -> bool:
        """Whether a body that has been run in `scope` finds something whatever is known: it only names values."""
        for statement in statements:
            assign = assignment(statement)
            if assign is None or not _names_value(assign) or self.absent(assign["rhs"], scope) is not None:
                return False
        return True

    def has_value(self, value: Node, scope: Scope, *, before_else: bool) -> bool:
        """Whether the value of a rule's head, whose body has been run in `scope`, is surely there.

        Before the `else` of a function it has to be: where it is absent OPA goes on to the `else` and regorus ends.
        """
        try:
            absent = self.absent(value, scope)
        except UnboundError:  # a mistake of its own
            return True
        if absent is not None and before_else:
            self.world.mistake(
                scope,
                next(iter(value.values()))["span"],
                f"`{shown(absent)}` in the value before an `else` may be absent, and then the engines differ",
                "bind the value in the body: `f(x) := value if { value := … } else := …`",
            )
        return absent is None

    def every_time(self, parts: Sequence[Node], scope: Scope) -> None:
        """Say which part of a rule's head may be absent for one of several findings of its body, run in `scope`.

        OPA leaves that one out; regorus fails, or loses what it found before.
        """
        try:
            absent = self.first_absent(parts, scope)
        except UnboundError:  # a mistake of its own
            return
        if absent is not None:
            self.world.mistake(
                scope,
                next(iter(absent.values()))["span"],
                f"`{shown(absent)}` in the head of a rule may be absent, and then the engines differ",
                f"bind it in the body: `value := {shown(absent)}`",
            )

    def unary(self, expr: Node, scope: Scope) -> None:
        """OPA reads `-x` as `0 - x`; regorus fails on it when it runs."""
        if next(iter(expr["expr"])) != "Number":
            self.world.mistake(
                scope, expr["span"], "a minus before what is no number literal, which regorus has not", "write `0 - x`"
            )


def only_names(statements: Sequence[Node]) -> bool:
    """Whether a body only names values, as all do that surely hold."""
    assigned = map(assignment, statements)
    return all(assign is not None and _names_value(assign) for assign in assigned)


def _names_value(assign: Node) -> bool:
    return assign["op"] == "ColEq" and literal_name(assign["lhs"]) is not None


def _arguments(call: Node) -> Sequence[Node]:
    """What a call is given; the pattern of `walk` is an output."""
    walks = is_walk(call)
    params: Sequence[Node] = call["params"]
    return [item for item in params if not (walks and item is params[-1] and names_in(item))]
