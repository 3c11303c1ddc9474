"""What a rule names in vain: `opa check --strict` refuses it, though no decision hangs on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.rego.tree import Node, assignment, declares, every_names, names_in

_GATHERED: Mapping[str, Sequence[str]] = {
    "ArrayCompr": ("term",),
    "SetCompr": ("term",),
    "ObjectCompr": ("key", "value"),
}


class Names:
    """The names of one rule, each looked up where it stands.

    `unused` are those that `:=` or the head of a function declares and nothing asks for, each with its line; `around`
    those that the rule takes from its module and from Rego. Raises RecursionError for a rule that is nested too deeply.
    """

    def __init__(self, rule: Node) -> None:
        self.unused: list[tuple[str, int]] = []
        self.around: set[str] = set()
        self._scopes: list[dict[str, int]] = []
        """The names of each body that stands around and the lines to tell of, 0 once something asked for a name."""
        form, node = next(iter(rule.items()))
        if form == "Default":
            self._arguments(node["args"], node["span"])
            self._see(node["value"])
        else:
            _, head = next(iter(node["head"].items()))
            self._arguments(head.get("args", ()), head["span"])
            given = [head.get("assign"), head.get("key"), _brackets(head["refr"])]
            for body in node["bodies"] or [{"query": {"stmts": []}, "is_else": False}]:
                self._body(body["query"]["stmts"], [body["assign"]] if body["is_else"] else given)
        self._close()

    def _arguments(self, patterns: Sequence[Node], line: int) -> None:
        self._scopes.append({name: line for pattern in patterns for name in names_in(pattern) if name != "_"})
        for pattern in patterns:
            self._pattern(pattern)

    def _close(self) -> None:
        self.unused += [(name, line) for name, line in self._scopes.pop().items() if line]

    def _body(self, statements: Sequence[Node], given: Sequence[Any]) -> None:
        """The statements of a body, and what stands beside it and sees its names."""
        self._scopes.append({name: line for statement in statements for name, line in _declared(statement)})
        for statement in statements:
            self._statement(statement)
        self._see(given)
        self._close()

    def _statement(self, statement: Node) -> None:
        self._see(statement.get("with_mods"))
        kind, literal = next(iter(statement["literal"].items()))
        if kind == "SomeIn":
            self._pattern(literal["key"])
            self._pattern(literal["value"])
            self._see(literal["collection"])
        elif kind == "Every":
            self._see(literal["domain"])
            self._scopes.append(dict.fromkeys(every_names(literal), 0))
            self._body(literal["query"]["stmts"], ())
            self._close()
        elif kind != "SomeVars":
            assigned = _assigned(statement)
            self._pattern(assigned["lhs"] if assigned is not None else None)
            self._see(assigned["rhs"] if assigned is not None else literal)

    def _pattern(self, node: Any) -> None:
        """What a pattern asks for: all in it but the names that it declares."""
        kind, part = next(iter(node.items())) if node is not None else ("Var", {})
        if kind == "Array":
            for item in part["items"]:
                self._pattern(item)
        elif kind == "Object":
            for _, key, item in part["fields"]:
                self._see(key)
                self._pattern(item)
        elif kind != "Var":
            self._see(node)

    def _see(self, node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                self._see(item)
        elif isinstance(node, dict):
            for kind, part in node.items():
                if kind == "Var" and isinstance(part, dict):
                    self._ask(part["value"])
                elif kind in _GATHERED and isinstance(part, dict):
                    self._body(part["query"]["stmts"], [part[name] for name in _GATHERED[kind]])
                elif isinstance(part, (dict, list)):  # most are numbers of lines
                    self._see(part)

    def _ask(self, name: str) -> None:
        for scope in reversed(self._scopes):
            if name in scope:
                scope[name] = 0
                return
        self.around.add(name)


def _brackets(reference: Node) -> list[Node]:
    """What stands in the brackets of a head."""
    found = []
    while next(iter(reference)) != "Var":
        kind, part = next(iter(reference.items()))
        found += [part["index"]] if kind == "RefBrack" else []
        reference = part["refr"]
    return found


def _assigned(statement: Node) -> Any:
    """The two sides of a statement that is `… := …`, None of any other."""
    assign = assignment(statement)
    return assign if assign is not None and assign["op"] == "ColEq" else None


def _declared(statement: Node) -> list[tuple[str, int]]:
    """The names that a statement declares, and the line for those by `:=`; of the others `unused_names` tells."""
    line = statement["span"] if _assigned(statement) is not None else 0
    return [(name, line) for name in sorted(declares(statement))]
