"""What the statements around an expression say of it: that a list has an entry, that a part has a value."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from engine.rego.scope import Scope
from engine.rego.tree import Node, Shapes, callee, declared_names, literal_name, member_parts

Found = TypeVar("Found")


_HOLD_NOTHING = frozenset(("ArrayCompr", "SetCompr", "ObjectCompr", "Membership"))
"""Expressions that may have a value where a part of them has none: to regorus, `in` is one of them."""
_HELD = frozenset(("RefDot", "RefBrack", "Call"))
_CLOSURES = frozenset(("ArrayCompr", "SetCompr", "ObjectCompr", "Every"))
"""Expressions with a body of their own."""
_NAMED = frozenset(("Var", "RefDot", "RefBrack", "Call"))
"""Expressions whose value stands elsewhere."""
_TURNED = {"Lt": "Gt", "Le": "Ge", "Gt": "Lt", "Ge": "Le"}
"""Comparisons, with their sides exchanged."""


class Bodies:
    """Bodies of the trees that a check goes through, each looked at once, and only where it is asked about.

    They are known by the identity of their statements, which the trees keep: a function's body is gone through at each
    kind of call.
    """

    def __init__(self) -> None:
        self._shapes = Shapes()
        self._declared: dict[int, set[str]] = {}
        self._counted: dict[int, frozenset[str]] = {}
        self._held: dict[int, frozenset[str]] = {}
        self._domains: dict[int, list[Node]] = {}

    def declared(self, statements: Sequence[Node]) -> set[str]:
        """The names that a body makes its own."""
        return _once(self._declared, declared_names, statements)

    def domains(self, statements: Sequence[Node]) -> list[Node]:
        """What a body goes through, by `some … in` and by `x[_]` or `x[i]`."""
        return _once(self._domains, _domains, statements)

    def counts(self, node: Node, scope: Scope | None) -> bool:
        """Whether a statement around says that a list is not empty."""
        return self._said(node, scope, self._counted, self._counted_lists)

    def holds(self, node: Node, scope: Scope | None) -> bool:
        """Whether a statement around goes through a reference or call, so that it has a value."""
        return self._said(node, scope, self._held, self._held_parts)

    def _said(
        self,
        node: Node,
        scope: Scope | None,
        known: dict[int, frozenset[str]],
        find: Callable[[Sequence[Node]], frozenset[str]],
    ) -> bool:
        """Whether `find` gives the shape of an expression for a body around it."""
        shape = self._shape(node, scope)
        while shape and scope is not None:
            if shape in _once(known, find, scope.body):
                return True
            if _mentions(shape, scope.declared):  # to those further out another value, which has the name there
                return False
            scope = scope.parent
        return False

    def _shape(self, node: Node, scope: Scope | None) -> str:
        """The shape of an expression; empty where no statement stands around it, and where a `_` stands in it: another
        expression of the shape is one of other entries.
        """
        while scope is not None and not scope.body:
            scope = scope.parent
        shape = self._shapes.of(node) if scope is not None else ""
        return "" if _WILDCARD in shape else shape

    def _counted_lists(self, statements: Sequence[Node]) -> frozenset[str]:
        """Shapes of lists of which a body says `count(…) > 0`, or something else that no empty one fulfils."""
        found = set()
        for statement in statements:
            literal = statement["literal"].get("Expr")
            expr = literal["expr"].get("BoolExpr") if literal else None
            if expr is None:
                continue
            for count, op, other in (
                (expr["lhs"], expr["op"], expr["rhs"]),
                (expr["rhs"], _TURNED.get(expr["op"], expr["op"]), expr["lhs"]),
            ):
                of_list = "Call" in count and callee(count["Call"]["fcn"]) == ["count"] and count["Call"]["params"]
                if of_list and _above_none(op, other):
                    found.add(self._shapes.of(count["Call"]["params"][0]))
        return frozenset(found)

    def _held_parts(self, statements: Sequence[Node]) -> frozenset[str]:
        """Shapes of references and calls that have a value wherever a body holds: its statements go through them."""
        found: set[str] = set()
        todo: list[Any] = []
        for statement in statements:
            kind, literal = next(iter(statement["literal"].items()))
            if kind == "Expr":
                member = literal["expr"].get("Membership")
                todo += member_parts(member) if member is not None and member["key"] is None else [literal["expr"]]
            elif kind in ("SomeIn", "Every"):
                todo.append(literal["collection" if kind == "SomeIn" else "domain"])
            if kind == "SomeIn" and literal["key"] is not None:
                found.add(self._shapes.of({"RefBrack": {"refr": literal["collection"], "index": literal["key"]}}))
        while todo:
            node = todo.pop()
            if isinstance(node, list):
                todo += node
            elif isinstance(node, dict) and _HOLD_NOTHING.isdisjoint(node):
                if not _HELD.isdisjoint(node):
                    found.add(self._shapes.of(node))
                todo += node.values()
        return frozenset(found)


def _above_none(op: str, other: Node) -> bool:
    """Whether a count that compares so with an expression is above 0.

    What has a name, such as a parameter, is taken for above 0 itself.
    """
    kind, expr = next(iter(other.items()))
    if kind != "Number":
        return kind in _NAMED and op in ("Gt", "Ge", "Eq")
    number = expr["value"]
    return (op == "Gt" and number >= 0) or (op in ("Ge", "Eq") and number > 0) or (op == "Ne" and number == 0)


def _once(known: dict[int, Found], find: Callable[[Sequence[Node]], Found], statements: Sequence[Node]) -> Found:
    if (found := known.get(id(statements))) is None:
        found = known[id(statements)] = find(statements)
    return found


def _domains(statements: Sequence[Node]) -> list[Node]:
    literals = [statement["literal"] for statement in statements]
    domains: list[Node] = [literal["SomeIn"]["collection"] for literal in literals if "SomeIn" in literal]
    todo: list[Any] = list(statements)
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            if "RefBrack" in node and literal_name(node["RefBrack"]["index"]) is not None:
                domains.append(node["RefBrack"]["refr"])
            if _CLOSURES.isdisjoint(node):
                todo += node.values()
    return domains


def _mentions(shape: str, names: Iterable[str]) -> bool:
    """Whether an expression of some shape names one of some variables."""
    return any(_named(name) in shape for name in names)


def _named(name: str) -> str:
    """A variable as it stands in a shape (`engine.rego.tree.Shapes`)."""
    return f"Var:{{value:{name!r}}}"


_WILDCARD = _named("_")
