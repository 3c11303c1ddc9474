"""Why an objective does not hold: of each of its clauses the expression at which it ended, with the values there.

OPA tells what it did in events (`engine.backends.opa_explain`). Of the attempts to satisfy a body those count that came
furthest. An expression that calls rules is followed into those that gave no value; under `not`, into those that did.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from evidence.model.canonical import canonical_bytes

MOST_STEPS = 3
"""Attempts that are told of one body: many elements of a list may fail alike."""
MAX_DEPTH = 12
_INFIX = {
    **{"eq": "==", "equal": "==", "neq": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="},
    **{"plus": "+", "minus": "-", "mul": "*", "div": "/", "rem": "%", "and": "&", "or": "|", "internal.member_2": "in"},
}
Event = Mapping[str, Any]
_ABSENT, _ELSEWHERE = object(), object()
"""Where a reference leads to nothing; where it begins outside of the body, so that its value is not known here."""


@dataclass(frozen=True)
class Value:
    """A part of an expression and what it was."""

    name: str
    value: Any


@dataclass(frozen=True)
class Step:
    """An expression that ended an attempt.

    `verdict`: `false`, `undefined`, `false or undefined`, `none` (of `some`), `not for each` or, under `not`,
    `holds`.
    """

    path: str
    line: int
    expression: str
    verdict: str
    values: tuple[Value, ...] = ()
    inside: tuple["Clause", ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "line": self.line,
            "expression": self.expression,
            "verdict": self.verdict,
            "values": {item.name: item.value for item in self.values},
            "inside": [clause.to_json() for clause in self.inside],
        }


@dataclass(frozen=True)
class Clause:
    """A definition of a rule: where it ended, or with `held` that it has a value. `more` attempts are not told."""

    rule: str
    path: str
    line: int
    steps: tuple[Step, ...] = ()
    held: bool = False
    more: int = 0

    def to_json(self) -> dict[str, Any]:
        told = {"rule": self.rule, "path": self.path, "line": self.line, "held": self.held, "more": self.more}
        return {**told, "steps": [step.to_json() for step in self.steps]}


def clauses_of(
    events: Sequence[Event],
    rule: str,
    key: str | None = None,
    documents: Mapping[str, Any] = MappingProxyType({}),
    file_of: Callable[[str], str] = str,
) -> tuple[Clause, ...]:
    """Each definition of a rule that was tried, of a set only those that add `key`, in the order of their lines.

    `documents` are what was asked on, `input` and `data`: values of theirs are told too. `file_of` names files as their
    author has them.
    """
    found = _Events(events, documents, file_of)
    tried: dict[tuple[str, int], Clause] = {}
    for query, event in found.entered.items():
        head = _head(event)
        if head is not None and _name(head) == rule and (key is None or _key(head) == key):
            clause = found.clause(query, 0)
            known = tried.get((clause.path, clause.line))
            if known is None or not known.steps:  # asked again, a value that is known is not worked out again
                tried[clause.path, clause.line] = clause
    return tuple(tried[place] for place in sorted(tried))


class _Events:
    """The events by query: each body that is evaluated is a query of its own."""

    def __init__(self, events: Sequence[Event], documents: Mapping[str, Any], file_of: Callable[[str], str]) -> None:
        self.events = events
        self._file_of = file_of
        self._documents = documents
        self.entered: dict[int, Event] = {}
        self.left: set[int] = set()
        self.children: dict[int, list[tuple[int, int]]] = {}
        self.of: dict[int, list[tuple[int, Event]]] = {}
        for place, event in enumerate(events):
            query = event["QueryID"]
            self.of.setdefault(query, []).append((place, event))
            if event["Op"] == "Enter" and query not in self.entered:
                self.entered[query] = event
                self.children.setdefault(event["ParentID"], []).append((place, query))
            elif event["Op"] == "Exit":
                self.left.add(query)

    def _place(self, event: Event) -> tuple[str, int]:
        return self._file_of(str(event["Location"]["file"]).removeprefix("src/")), int(event["Location"]["row"])

    def clause(self, query: int, depth: int) -> Clause:
        event = self.entered[query]
        head = _head(event)
        steps, more = self.steps(query, depth)
        name = _name(head) if head is not None else ""
        return Clause(name, *self._place(event), steps=steps, held=query in self.left, more=more)

    def steps(self, query: int, depth: int) -> tuple[tuple[Step, ...], int]:
        """Where the attempts of a body ended that came furthest, and how many are left out."""
        if query in self.left or depth > MAX_DEPTH:
            return (), 0
        ended = [
            (place, event)
            for place, event in self.of[query]
            if event["Op"] == "Fail" and isinstance(event["Node"], dict) and "terms" in event["Node"]
        ]
        furthest = max((event["Node"]["index"] for _, event in ended), default=0)
        body = _Body(self.entered[query]["Node"])
        told: dict[str, Step] = {}
        for place, event in ended:
            if event["Node"]["index"] == furthest:
                step = self._step(query, place, event, body, depth)
                told.setdefault(repr(step), step)
        return tuple(told.values())[:MOST_STEPS], max(len(told) - MOST_STEPS, 0)

    def _step(self, query: int, place: int, event: Event, body: "_Body", depth: int) -> Step:
        node, local = event["Node"], _Locals(event, body, self._documents)
        negated = bool(node.get("negated"))
        inside = self._inside(query, self._began(query, place, node["index"]), place, depth + 1, held=negated)
        text, values = local.shown(node), local.values(node)
        return Step(*self._place(event), f"not {text}" if negated else text, local.verdict(node), values, inside)

    def _began(self, query: int, place: int, index: int) -> int:
        """Where the evaluation of an expression that failed at a place began."""
        return max(
            (
                at
                for at, event in self.of[query]
                if at < place and event["Op"] == "Eval" and event["Node"].get("index") == index
            ),
            default=0,
        )

    def _inside(self, query: int, begin: int, end: int, depth: int, *, held: bool) -> tuple[Clause, ...]:
        """The rules that an expression asked between two places; bodies of its own are gone through."""
        found: list[Clause] = []
        for place, child in self.children.get(query, ()):
            if not begin <= place < end or child == query or depth > MAX_DEPTH:
                continue
            if _head(self.entered[child]) is not None:
                if (child in self.left) == held:
                    found.append(self.clause(child, depth))
            elif held:
                found += self._inside(child, 0, len(self.events), depth, held=True)
            elif child not in self.left:
                steps, more = self.steps(child, depth)
                inner = [clause for step in steps for clause in step.inside]
                if isinstance(self.entered[child]["Node"], list) and steps:
                    found.append(Clause("", *self._place(self.entered[child]), steps=steps, more=more))
                else:  # the statement `every` itself, whose body stands in a query below
                    found += inner
        return tuple({repr(clause): clause for clause in found}.values())


class _Body:
    """The expressions of a body, by the variables that stand for parts of them."""

    def __init__(self, node: Any) -> None:
        expressions = node if isinstance(node, list) else node.get("body") or []
        self.parts: dict[str, Any] = {}
        for expression in expressions:
            terms = expression["terms"]
            if expression.get("generated") and isinstance(terms, list) and len(terms) > 1:
                out = terms[1] if _operator(terms) == "eq" else terms[-1]
                if out["type"] == "var":
                    self.parts[out["value"]] = terms[2] if _operator(terms) == "eq" else terms[:-1]


class _Locals:
    """What variables were at an event, and how parts of an expression are written."""

    def __init__(self, event: Event, body: _Body, documents: Mapping[str, Any]) -> None:
        self._body = body
        self._documents = documents
        self._names = {name: about["name"] for name, about in (event.get("LocalMetadata") or {}).items()}
        self._terms = {item["name"]: item for item in event.get("Locals") or ()}

    @cached_property
    def _known(self) -> dict[str, Any]:
        return {name: _plain(term) for name, term in self._terms.items()}

    def verdict(self, node: Mapping[str, Any]) -> str:
        terms = node["terms"]
        if node.get("negated"):
            return "holds"
        if isinstance(terms, dict) and "domain" in terms:
            return "not for each"
        if self._elements(terms) is not None:
            return "none"
        if node.get("generated") or not isinstance(terms, list) or _operator(terms).startswith("data."):
            return "undefined"
        found = [self._found(term) for term in terms[1:] if term["type"] == "ref"]
        if any(item is _ABSENT for item in found):
            return "undefined"
        return "false or undefined" if any(item is _ELSEWHERE for item in found) else "false"

    def shown(self, node: Mapping[str, Any]) -> str:
        """An expression in words of its author's, as far as OPA kept them."""
        terms = node["terms"]
        if isinstance(terms, dict) and "domain" in terms:
            key = terms.get("key")
            named = [self._term(term) for term in (key, terms["value"]) if term is not None]
            visible = [name for name in named if not name.startswith("__")]
            return f"every {', '.join(visible or named)} in {self._term(terms['domain'])}"
        if isinstance(terms, dict):
            return self._term(terms)
        elements = self._elements(terms)
        if elements is not None:
            return elements
        if node.get("generated") and _operator(terms) == "eq":
            return self._term(terms[2])
        return self._call(terms[:-1] if node.get("generated") else terms)

    def _elements(self, terms: Any) -> str | None:
        """`some key, x in xs`, which OPA writes as `x = xs[key]`, where neither is known yet; else None."""
        if not isinstance(terms, list) or _operator(terms) != "eq" or terms[2]["type"] != "ref":
            return None
        element, (*collection, key) = terms[1], terms[2]["value"]
        if any(term["type"] != "var" or term["value"] in self._known for term in (element, key)):
            return None
        named = [name for name in (self._term(key), self._term(element)) if not name.startswith(("__", "_"))]
        return f"some {', '.join(named)} in {self._term({'type': 'ref', 'value': collection})}" if named else None

    def values(self, node: Mapping[str, Any]) -> tuple[Value, ...]:
        """What the parts of an expression were, each once."""
        terms = node["terms"]
        if isinstance(terms, dict):
            terms = [terms["domain"]] if "domain" in terms else [terms]
        found: dict[str, Any] = {}
        for term in terms:
            self._collect(term, found)
        return tuple(Value(name, value) for name, value in found.items())

    def _collect(self, term: Any, found: dict[str, Any]) -> None:
        kind, value = term["type"], term["value"]
        if kind == "var" and value in self._known:
            found.setdefault(self._term(term), self._known[value])
            part = self._body.parts.get(value)
            for inner in part[1:] if isinstance(part, list) else ():
                self._collect(inner, found)
        elif kind == "ref":
            at = self._found(term)
            if at is not _ABSENT and at is not _ELSEWHERE:
                found.setdefault(self._term(term), at)
            for step in value:
                if step["type"] in ("var", "ref"):
                    self._collect(step, found)

    def _found(self, ref: Any) -> Any:
        """What a reference into a variable leads to; `_ABSENT` or `_ELSEWHERE` where that is not known."""
        first, *steps = ref["value"]
        name = first["value"] if first["type"] == "var" else ""
        if name not in self._known and name not in self._documents:
            return _ELSEWHERE
        value = self._known[name] if name in self._known else self._documents[name]
        nowhere = _ELSEWHERE if name == "data" and steps[:1] and steps[0]["value"] != "parameters" else _ABSENT
        for step in steps:
            key = self._known.get(step["value"], _ABSENT) if step["type"] == "var" else _plain(step)
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return nowhere
        return value

    def _call(self, terms: Sequence[Any]) -> str:
        name, args = _operator(terms), [self._term(term) for term in terms[1:]]
        if name in _INFIX and len(args) == 2:
            return f"{args[0]} {_INFIX[name]} {args[1]}"
        return f"{_short(name)}({', '.join(args)})"

    def _term(self, term: Any) -> str:
        kind, value = term["type"], term["value"]
        if kind == "var":
            if value in self._body.parts:
                part = self._body.parts[value]
                return self._call(part) if isinstance(part, list) else self._term(part)
            named = str(self._names.get(value, value))
            return "_" if named.startswith("$") else named
        if kind == "ref":
            first, *steps = value
            text = self._term(first)
            for step in steps:
                word = step["value"] if step["type"] == "string" else None
                plain = isinstance(word, str) and word.isidentifier()
                text += f".{word}" if plain else f"[{self._literal(step)}]"
            return _short(text)
        return self._literal(term)

    def _literal(self, term: Any) -> str:
        if term["type"] in ("var", "ref"):
            return self._term(term)
        if term["type"] in ("null", "boolean", "number", "string"):
            return canonical_bytes(term["value"]).decode()
        if term["type"] in ("array", "set"):
            open_, close = "[]" if term["type"] == "array" else "{}"
            return f"{open_}{', '.join(self._term(item) for item in term['value'])}{close}"
        return "{…}"


def _short(name: str) -> str:
    """A name under `data` as authors write it: `records.named` of a library, a rule of a control by its name."""
    if not name.startswith(("data.lib.", "data.controls.")):
        return name
    first, dot, rest = name.partition("[")
    words = first.split(".")
    kept = words[2:] if words[1] == "lib" else words[4:]
    return ".".join(kept) + dot + rest if kept else name


def _operator(terms: Sequence[Any]) -> str:
    steps = terms[0]["value"] if terms and terms[0]["type"] == "ref" else ()
    return ".".join(str(step["value"]) for step in steps)


def _plain(term: Any) -> Any:
    """A value of OPA's syntax as plain JSON; sets are lists."""
    kind, value = term["type"], term["value"]
    if kind in ("array", "set"):
        return [_plain(item) for item in value]
    if kind == "object":
        return {str(_plain(key)): _plain(item) for key, item in value}
    return None if kind == "null" else value


def _head(event: Event) -> Mapping[str, Any] | None:
    node = event["Node"]
    return node.get("head") if isinstance(node, dict) else None


def _name(head: Mapping[str, Any]) -> str:
    words: Iterable[Any] = head.get("ref") or ()
    return str(next((term["value"] for term in words), head.get("name", "")))


def _key(head: Mapping[str, Any]) -> Any:
    return (head.get("key") or {}).get("value")
