"""Reading regorus's syntax trees, in the form that `engine.backends.syntax` gives them."""

from collections.abc import Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]


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
    words: list[str] = []
    kind, expr = next(iter(node.items()))
    while kind != "Var":
        if kind == "RefDot":
            words.append(expr["field"][1])
        elif kind == "RefBrack" and (word := literal_text(expr["index"])) is not None:
            words.append(word)
        else:
            return None
        kind, expr = next(iter(expr["refr"].items()))
    return [expr["value"], *words[::-1]]


def is_walk(call: Node) -> bool:
    """Whether what is called is the built-in `walk`."""
    return bool(call["fcn"].get("Var", {}).get("value") == "walk")


def shown(node: Node) -> str:
    """An expression in short, for messages: `x.y`, `m[key]`, `f(…)`."""
    base, steps = flatten(node)
    kind, expr = next(iter(base.items()))
    text = expr["value"] if kind == "Var" else "…"
    if kind == "Call":
        text = f"{'.'.join(callee(expr['fcn']) or ['?'])}(…)"
    for key, _ in steps:
        word = literal_text(key)
        if word is not None:
            text += f".{word}" if word.isidentifier() else f'["{word}"]'
        else:
            text += f"[{next(iter(key.values())).get('value', '…')}]"
    return str(text)


def declared_names(statements: Sequence[Node]) -> set[str]:
    """Names that a body makes its own: by `some`, `:=` and `some … in`."""
    return {name for statement in statements for name in declares(statement)}


def declares(statement: Node) -> set[str]:
    """The names that one statement makes its own."""
    kind, literal = next(iter(statement["literal"].items()))
    names: set[str] = set()
    if kind == "SomeVars":
        names = {item[1] for item in literal["vars"]}
    elif kind == "SomeIn":
        names = names_in(literal["value"]) | (names_in(literal["key"]) if literal["key"] else set())
    elif (assign := assignment(statement)) is not None and assign["op"] == "ColEq":
        names = names_in(assign["lhs"])
    return names - {"_"}


def assignment(statement: Node) -> Any:
    """Both sides and the `op` of a statement that is `… := …` (`ColEq`) or `… = …` (`Eq`), None of any other."""
    return statement["literal"].get("Expr", {}).get("expr", {}).get("AssignExpr")


def names_in(pattern: Node) -> set[str]:
    kind, expr = next(iter(pattern.items()))
    if kind == "Var":
        return {expr["value"]}
    parts = expr["items"] if kind == "Array" else [item[2] for item in expr["fields"]] if kind == "Object" else []
    return {name for part in parts for name in names_in(part)}


def fields_of(written: Node) -> dict[str | None, Node]:
    """The values of an object that is written out by their names; None for a key that is not a text."""
    return {literal_text(key): value for _, key, value in written["fields"]}


def every_names(every: Node) -> list[str]:
    """The names that `every key, value in …` gives."""
    return [name[1] for name in (every["key"], every["value"]) if name is not None]


class Shapes:
    """Expressions without their places, for comparison: each part of a tree is written out once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Node, str]] = {}
        """By identity, and with the node, so that no other comes to have the same."""

    def of(self, node: Any) -> str:
        """The shape of an expression."""
        if isinstance(node, list):
            return f"[{','.join([self.of(item) for item in node])}]"
        if not isinstance(node, dict):
            return repr(node)
        if (known := self._known.get(id(node))) is None:
            parts = []
            for name, item in node.items():
                if name == "field":
                    parts.append(f"field:{item[1]!r}")
                elif name == "fields":
                    parts.append(f"fields:{self.of([part[1:] for part in item])}")
                elif name != "span":
                    parts.append(f"{name}:{self.of(item)}")
            known = self._known[id(node)] = node, f"{{{','.join(parts)}}}"
        return known[1]


def member_parts(expr: Node) -> list[Node]:
    """The parts of `key, value in collection`."""
    return [part for part in (expr["key"], expr["value"], expr["collection"]) if part is not None]


def may_be_empty(domain: Node) -> bool:
    kind, expr = next(iter(domain.items()))
    if kind in ("Array", "Set"):
        return not expr["items"]
    return kind != "Object" or not expr["fields"]


def rule_name(rule: Node) -> str:
    """The name under which a rule stands in its package."""
    reference = head_of(rule)["refr"]
    while next(iter(reference)) != "Var":
        reference = next(iter(reference.values()))["refr"]
    return literal_name(reference) or ""


def head_of(rule: Node) -> Node:
    form, node = next(iter(rule.items()))
    return node if form == "Default" else next(iter(node["head"].values()))


def arity(rule: Node) -> int | None:
    """The number of a function's arguments, None for a rule."""
    form, node = next(iter(rule.items()))
    if form == "Default":
        return len(node["args"]) or None
    shape, head = next(iter(node["head"].items()))
    return len(head["args"]) if shape == "Func" else None


def rule_line(rule: Node) -> int:
    return int(next(iter(rule.values()))["span"])


_KINDS = frozenset(
    (
        "ArrayCompr",
        "AssignExpr",
        "BoolExpr",
        "Call",
        "Every",
        "Membership",
        "NotExpr",
        "ObjectCompr",
        "RefBrack",
        "SetCompr",
        "SomeIn",
        "SomeVars",
        "Var",
        "literal",
        "stmts",
    )
)
_latest: tuple[Any, dict[str, list[dict[str, Any]]]] = (None, {})
"""The tree that was gone through last, and its parts by kind: each rule is asked about many kinds in a row."""


def nodes(tree: Any, *kinds: str) -> list[dict[str, Any]]:
    """The parts of a tree that are of one of some `_KINDS`."""
    global _latest  # noqa: PLW0603
    latest = _latest  # another thread may be at a tree of its own
    if latest[0] is not tree:
        latest = _latest = tree, _by_kind(tree)
    parts = latest[1]
    if len(kinds) == 1:
        return parts.get(kinds[0], [])
    return [node for kind in kinds for node in parts.get(kind, ())]


def _by_kind(tree: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    todo: list[Any] = [tree]
    while todo:
        node = todo.pop()
        if type(node) is list:
            todo += [item for item in node if type(item) is dict or type(item) is list]
            continue
        for name, item in node.items():
            if name in _KINDS:
                if name in found:
                    found[name].append(node)
                else:
                    found[name] = [node]
            if type(item) is dict or type(item) is list:  # most are numbers of lines
                todo.append(item)
    return found


def calls_in(rule: Node) -> list[tuple[list[str], int]]:
    """The names that a rule calls, whether it is ever reached or not, with their lines."""
    calls = (node["Call"] for node in nodes(rule, "Call"))
    return [(callee(call["fcn"]) or ["?"], call["span"]) for call in calls if isinstance(call, dict)]


def gates_in(rule: Node) -> list[tuple[str, int]]:
    """The gates, each with its line, that a rule names beside `input.gate`: by `==`, `!=`, `=` or `in`, or as the names
    of an object that `input.gate` is looked up in.
    """
    found = []
    for node in nodes(rule, "BoolExpr", "AssignExpr", "Membership", "RefBrack"):
        ((kind, expr),) = node.items()
        if kind == "RefBrack":
            sides = [expr["index"], *(key for _, key, _ in expr["refr"].get("Object", {}).get("fields", ()))]
        elif kind == "Membership":
            form, whole = next(iter(expr["collection"].items()))
            sides = [expr["value"], *(whole["items"] if form in ("Array", "Set") else ())]
        elif expr["op"] in ("Eq", "Ne", "ColEq"):
            sides = [expr["lhs"], expr["rhs"]]
        else:
            continue
        if any(callee(side) == ["input", "gate"] for side in sides):
            told = [next(iter(side.values())) for side in sides if literal_text(side) is not None]
            found += [(text["value"], text["span"]) for text in told]
    return found


def unused_names(rule: Node) -> list[tuple[str, int]]:
    """Names that `some` or `every` declares in a rule and nothing uses, with their lines: OPA refuses them."""
    used: dict[str, int] = {}
    declared: list[tuple[str, int, int]] = []
    for node in nodes(rule, "Var", "SomeVars", "SomeIn", "Every"):
        if "Var" in node and isinstance(node["Var"], dict) and isinstance(node["Var"].get("value"), str):
            used[node["Var"]["value"]] = used.get(node["Var"]["value"], 0) + 1
        declared += _declares(node)
    return sorted({(name, line) for name, line, own in declared if name != "_" and used.get(name, 0) <= own})


def _declares(node: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """What a statement declares: name, line, and how often the declaration itself names it as a variable."""
    if "SomeVars" in node:
        return [(name, line, 0) for line, name in node["SomeVars"]["vars"]]
    if "SomeIn" in node:
        some = node["SomeIn"]
        names = names_in(some["value"]) | (names_in(some["key"]) if some["key"] else set())
        return [(name, some["span"], 1) for name in names]
    if "Every" in node:
        every = node["Every"]
        return [(item[1], item[0], 0) for item in (every["key"], every["value"]) if item is not None]
    return []
