"""Forms of Rego on which the engines part, or which OPA refuses, told from the syntax tree of a rule alone."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import starmap, zip_longest
from typing import Any, NamedTuple

from engine.rego.tidy import Names
from engine.rego.tree import (
    Node,
    Shapes,
    assignment,
    calls_in,
    declared_names,
    declares,
    every_names,
    fields_of,
    gates_in,
    head_of,
    is_walk,
    literal_name,
    names_in,
    nodes,
    rule_line,
    rule_name,
    unused_names,
)

_CLOSURES = frozenset(("ArrayCompr", "SetCompr", "ObjectCompr", "Every"))
_CONSTANTS = ("String", "RawString", "Number", "Bool", "Null", "Array", "Set", "Object")
_ROOTS = ("data", "input")
Mistake = tuple[int, str, str]
"""Line, problem, hint."""


DEEP = "nested too deeply to be checked", "name an inner part in a rule"


class Form(NamedTuple):
    """What the tree of a rule says by itself: mistakes, what it calls, what it declares in vain; each with its line.

    `idle` are names by `:=` and arguments that nothing asks for, `around` the names that it takes from its module,
    `late` those under a `not` or `every` that a later statement binds, unless they are of the module, `gates` what
    `input.gate` is held against.
    """

    mistakes: list[Mistake]
    calls: list[tuple[list[str], int]]
    unused: list[tuple[str, int]]
    idle: list[tuple[str, int]]
    around: list[str]
    late: list[tuple[str, int]]
    gates: list[tuple[str, int]]


def form_of(rule: Node) -> Form:
    """The form of a rule. It goes through JSON, as the child that parses tells it (`engine.backends.syntax`)."""
    try:
        names = Names(rule)
        seen = calls_in(rule), unused_names(rule), names.unused, sorted(names.around), _late(rule), gates_in(rule)
        return Form(misformed(rule), *seen)
    except RecursionError:
        return Form([(rule_line(rule), *DEEP)], calls_in(rule), [], [], [], [], [])


def misformed(rule: Node) -> list[Mistake]:
    """What is wrong with the form of one rule: its head, the order of its names, what it goes through."""
    checks = (
        _head,
        _default,
        _patterns,
        _keys,
        _objects,
        _names,
        _walks,
        _empties,
        _wildcards,
        _unified,
        _every,
        _comprehended,
        _complete,
        _aliased,
        _declared_late,
    )
    return [mistake for check in checks for mistake in check(rule)]


# -- heads


def _head(rule: Node) -> Iterator[Mistake]:
    """A head is a name, or `name[key]` with a key that its body finds."""
    form, node = next(iter(rule.items()))
    shape, head = ("Default", node) if form == "Default" else next(iter(node["head"].items()))
    kind, reference = next(iter(head["refr"].items()))
    name, line = rule_name(rule), rule_line(rule)
    if shape == "Func" and not head["args"]:
        yield line, f"`{name}` is a function of no arguments", f"write it without them: `{name} := …`"
    if kind == "Var":
        return
    plain = kind == "RefBrack" and next(iter(reference["refr"])) == "Var"
    if not plain:
        yield line, f"the head of `{name}` goes deeper than `{name}[key]`", f"give an object: `{name}[key] := {{…}}`"
    elif shape == "Set":
        hint = f"collect pairs: `{name} contains [key, value]`"
        yield line, f"`{name}[…] contains` makes sets under keys, on which the engines differ", hint
    elif shape != "Compr" or next(iter(reference["index"])) in _CONSTANTS:
        hint = f"give the whole object: `{name} := {{…}}`, or bind the key in the body"
        yield line, f"the head of `{name}` has a key that is written out, which regorus takes for a rule", hint


def _default(rule: Node) -> Iterator[Mistake]:
    """OPA takes for a default what is written out, or gathered."""
    node = rule.get("Default")
    if node is not None and _asks(node["value"]):
        hint = "write a constant; what is found out is a rule's, beside the default"
        yield rule_line(rule), f"the default of `{rule_name(rule)}` is not written out", hint


def _asks(tree: Any) -> bool:
    """Whether an expression names or calls something, what is gathered inside of it aside."""
    return any(not {"Var", "RefDot", "RefBrack", "Call"}.isdisjoint(node) for node in _outside_closures(tree))


def _outside_closures(tree: Any) -> Iterator[Node]:
    """The parts of a tree, what is gathered or held to `every` inside of it aside."""
    todo: list[Any] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict) and _CLOSURES.isdisjoint(node):
            yield node
            todo += node.values()


def _statements(rule: Node) -> Iterator[Node]:
    """The statements of all bodies in a rule, those that stand inside of others too."""
    return (statement for part in nodes(rule, "stmts") for statement in part["stmts"])


def _patterns(rule: Node) -> Iterator[Mistake]:
    """An argument is a name, a constant, or a list or object of these; what `:=` gives a value to is no constant."""
    head = head_of(rule)
    if not all(_is_pattern(argument, constants=True) for argument in head.get("args", ())):
        hint = "name the argument, and ask for what it must be in the body"
        yield rule_line(rule), f"an argument of `{rule_name(rule)}` is neither a name nor written out", hint
    for found in nodes(rule, "AssignExpr"):
        assign = found["AssignExpr"]
        if assign["op"] == "ColEq" and not _is_pattern(assign["lhs"], constants=False):
            yield assign["span"], "`:=` gives a value to what is no name", "name it, and compare it afterwards"


def _is_pattern(node: Node, *, constants: bool) -> bool:
    kind, part = next(iter(node.items()))
    if kind in ("Array", "Object"):
        parts = part["items"] if kind == "Array" else [item[2] for item in part["fields"]]
        return all(_is_pattern(item, constants=constants) for item in parts)
    return kind == "Var" or (constants and kind in _CONSTANTS[:5])


def _keys(rule: Node) -> Iterator[Mistake]:
    """Where an object gives names to its fields, its keys are written out: OPA takes no other, regorus does."""
    hint = "take each by `…[key]`"
    for argument in head_of(rule).get("args", ()):
        if _looked_up(argument):
            yield rule_line(rule), f"a key in an argument of `{rule_name(rule)}` is not written out", hint
    for statement in _statements(rule):
        assign, some = assignment(statement), statement["literal"].get("SomeIn")
        names: set[str] = set()
        if some is not None:
            names = _looked_up(some["value"]) | (_looked_up(some["key"]) if some["key"] else set())
        elif assign is not None and assign["op"] == "ColEq":
            names = _looked_up(assign["lhs"])
        elif assign is not None and (names := _looked_up(assign["lhs"]) | _looked_up(assign["rhs"])):
            names -= _known(rule)
        if names:
            yield statement["span"], f"`{min(names)}` stands under a key that is not written out", hint


def _looked_up(pattern: Node) -> set[str]:
    """The names that a pattern gives to what stands under keys which are not written out."""
    kind, part = next(iter(pattern.items()))
    if kind == "Array":
        return {name for item in part["items"] for name in _looked_up(item)}
    fields = part["fields"] if kind == "Object" else ()
    return {
        name
        for _, key, value in fields
        for name in (_looked_up(value) if next(iter(key)) in _CONSTANTS[:5] else names_in(value))
    }


def _objects(rule: Node) -> Iterator[Mistake]:
    """To OPA an object that gives names fits what has its fields and no other, to regorus whatever has these.

    Of `some … in` inference tells it (`Inference.fitted`): there the type may say that there are no others.
    """
    hint = "take each field by its name, `value := record.field`; compare by `==`, give a name by `:=`"
    if any(map(_holds_object, head_of(rule).get("args", ()))):
        yield (
            rule_line(rule),
            f"an object among the arguments of `{rule_name(rule)}`, on which the engines differ",
            hint,
        )
    for statement in _statements(rule):
        assign = assignment(statement)
        if assign is not None and _takes_fields(assign):
            yield statement["span"], "names beside an object of which not all is written out: the engines differ", hint
    for call in (node["Call"] for node in nodes(rule, "Call")):
        if is_walk(call) and len(call["params"]) == 2 and _holds_object(call["params"][1]):
            yield call["span"], "an object in the pattern of `walk`, on which the engines differ", hint


def _holds_object(pattern: Node) -> bool:
    kind, part = next(iter(pattern.items()))
    return kind == "Object" or (kind == "Array" and any(map(_holds_object, part["items"])))


def _takes_fields(assign: Node) -> bool:
    """Whether a side of `:=` or `=` gives or asks for names, and an object in it meets what is not written out.

    Without names `=` compares, on which the engines agree, as they do of one name with what has none.
    """
    left, right = assign["lhs"], assign["rhs"]
    if assign["op"] == "ColEq":
        return _unmet(left, right)
    names = names_in(left), names_in(right)
    alone = any("Var" in side and not others for side, others in ((left, names[1]), (right, names[0])))
    return any(names) and not alone and (_unmet(left, right) or _unmet(right, left))


def _unmet(pattern: Node, other: Node | None) -> bool:
    """Whether an object of a pattern stands where the other side has none with the same fields, as it is written."""
    kind, part = next(iter(pattern.items()))
    met = other.get(kind) if other is not None else None
    if kind == "Array":
        others = met["items"] if met is not None else []
        return any(starmap(_unmet, zip_longest(part["items"], others[: len(part["items"])])))
    if kind != "Object":
        return False
    if met is None:
        return True
    fields, others = fields_of(part), fields_of(met)
    if None in fields or fields.keys() != others.keys():
        return True
    return any(_unmet(value, others[name]) for name, value in fields.items())


def keyed_value(rule: Node) -> Node | None:
    """The value that `name[key] := value` gives, None for any other rule."""
    _, node = next(iter(rule.items()))
    head = node["head"].get("Compr") if "head" in node else None
    if head is None or "RefBrack" not in head["refr"] or head["assign"] is None:
        return None
    value: Node = head["assign"]["value"]
    return value


def two_valued(rules: Sequence[Node]) -> str:
    """Why the definitions of one name may give a key two values; empty where they cannot.

    OPA looks at the key alone that is asked for, so that it does not see two values of another; the others fail.
    """
    values = [value for rule in rules if (value := keyed_value(rule)) is not None]
    written = all(next(iter(value)) in _CONSTANTS[:5] for value in values)
    return "" if written and len(set(map(Shapes().of, values))) < 2 else "may give a key two values"


# -- names


def _names(rule: Node) -> Iterator[Mistake]:
    form, node = next(iter(rule.items()))
    if form == "Default":
        return
    _, head = next(iter(node["head"].items()))
    given = [name for pattern in head.get("args", ()) for name in names_in(pattern)]
    arguments = set(given)
    for name in sorted(arguments & set(_ROOTS)):
        yield rule_line(rule), f"`{name}` is taken as a name", "name it otherwise"
    for name in sorted({name for name in given if name != "_" and given.count(name) > 1}):
        hint = "give the second another name, and compare the two in the body"  # to OPA equal, to regorus the last
        yield rule_line(rule), f"`{name}` is declared twice", hint
    for body in node["bodies"]:
        yield from _body(body["query"]["stmts"], arguments)
    for kind in sorted(_CLOSURES):
        for part in nodes(rule, kind):
            closure = part[kind]
            named = every_names(closure) if kind == "Every" else []
            own = set(named)
            for name in sorted(own & set(_ROOTS)):
                yield closure["span"], f"`{name}` is taken as a name", "name it otherwise"
            if len(own - {"_"}) < len([name for name in named if name != "_"]):
                yield closure["span"], f"`{named[0]}` is declared twice", "give the second another name"
            yield from _body(closure["query"]["stmts"], own - {"_"})


def _body(statements: Sequence[Node], outer: set[str]) -> Iterator[Mistake]:
    """A name is declared once in a body, and before it is used: to OPA, unlike regorus, a body has this order."""
    declared = set(outer)
    places: dict[str, int] = {}
    owns = [declares(statement) for statement in statements]
    for place, statement in enumerate(statements):
        some = [item[1] for item in statement["literal"].get("SomeVars", {}).get("vars", ())]
        some += _twice(statement)
        for name in sorted({name for name in some if some.count(name) > 1}):
            yield statement["span"], f"`{name}` is declared twice", "give the second another name"
        if "_" in some:
            yield statement["span"], "`some _` declares nothing", "leave it out"
        for name in owns[place]:
            if name in _ROOTS:
                yield statement["span"], f"`{name}` is taken as a name", "name it otherwise"
            elif name in declared:
                yield statement["span"], f"`{name}` is declared twice", "give the second another name"
            declared.add(name)
            places.setdefault(name, place)
    last = max(places.values(), default=-1)
    for place, statement in enumerate(statements):
        own = owns[place]
        if _binds_nothing(statement):
            hint = "write the expression alone, as a statement"
            yield statement["span"], "`_ := …` binds nothing, and may stand before what it uses", hint
        if "SomeIn" in statement["literal"] and not own:
            hint = "ask whether there is any: `count(list) > 0`, or name what is found"
            yield statement["span"], "`some … in` names nothing, and regorus may run it before what it uses", hint
        for name in sorted(_used(statement)) if place <= last else ():
            if places.get(name, -1) > place or (name in own and places[name] == place):
                yield statement["span"], f"`{name}` is used before its declaration", "declare it further up"


def _twice(statement: Node) -> list[str]:
    """The names that `some key, value in …` gives to both: OPA asks whether they are equal, regorus takes the last."""
    some = statement["literal"].get("SomeIn")
    if some is None or not some["key"]:
        return []
    return [name for part in (some["key"], some["value"]) for name in names_in(part) if name != "_"]


def _binds_nothing(statement: Node) -> bool:
    """Whether an assignment gives no name a value; of a `=` one with `_` for a side, which OPA calls unsafe."""
    assign = assignment(statement)
    if assign is None or assign["op"] != "ColEq":
        return assign is not None and "_" in (literal_name(assign["lhs"]), literal_name(assign["rhs"]))
    return names_in(assign["lhs"]) <= {"_"}


def _used(statement: Node) -> set[str]:
    """The names that a statement uses, what it declares itself left out unless it uses it to find its value."""
    kind, literal = next(iter(statement["literal"].items()))
    if kind == "SomeVars":
        return set()
    if kind == "SomeIn":
        return free_names(literal["collection"])
    if (assign := assignment(statement)) is not None and assign["op"] == "ColEq":
        return free_names(assign["rhs"])
    return free_names(literal)


def free_names(node: Any) -> set[str]:
    """The names that an expression takes from around it."""
    names: set[str] = set()
    todo: list[Any] = [node]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            for kind, item in node.items():
                if kind == "Var" and isinstance(item, dict):
                    names.add(item["value"])
                elif kind in _CLOSURES:
                    names |= _of_closure(kind, item)
                elif isinstance(item, (dict, list)):
                    todo.append(item)
    return names


def _of_closure(kind: str, closure: Mapping[str, Any]) -> set[str]:
    statements = closure["query"]["stmts"]
    own = {name for statement in statements for name in declares(statement)}
    if kind == "Every":
        own |= set(every_names(closure))
        return free_names(closure["domain"]) | (free_names(statements) - own)
    return free_names([part for name, part in closure.items() if name != "span"]) - own


# -- what is gone through


def _walks(rule: Node) -> Iterator[Mistake]:
    """`walk(value, [path, value])` stands as a statement: regorus knows no other form."""
    statements = [s["literal"]["Expr"]["expr"] for s in nodes(rule, "literal") if "Expr" in s["literal"]]
    good = [id(expr["Call"]) for expr in statements if "Call" in expr and len(expr["Call"]["params"]) == 2]
    for node in nodes(rule, "Call"):
        call = node["Call"]
        if is_walk(call) and id(call) not in good:
            hint = "write it as a statement of its own: `walk(value, [path, value])`"
            yield call["span"], "`walk` gives no value that every engine finds", hint


def _empties(rule: Node) -> Iterator[Mistake]:
    """OPA refuses to go through what is written as empty."""
    for node in nodes(rule, "SomeIn", "Every", "RefBrack"):
        for kind in ("SomeIn", "Every", "RefBrack"):
            part = node.get(kind)
            if isinstance(part, dict):
                over = part[{"SomeIn": "collection", "Every": "domain", "RefBrack": "refr"}[kind]]
                form, literal = next(iter(over.items()))
                if form in ("Array", "Set", "Object") and not literal.get("items", literal.get("fields")):
                    yield part["span"], "goes through what is written as empty", "name the list itself"


def _wildcards(rule: Node) -> Iterator[Mistake]:
    """OPA refuses to go through something by `_` under a `not`."""
    for node in nodes(rule, "NotExpr"):
        negated = node["NotExpr"]
        if isinstance(negated, dict) and "_" in free_names(negated["expr"]):
            hint = "ask in a helper: `not any_of(list)`"
            yield negated["span"], "goes through a list under `not`", hint


def _late(rule: Node) -> list[tuple[str, int]]:
    """Names under `not` or `every` that a later statement binds: OPA does so first, regorus keeps the order."""
    if not nodes(rule, "NotExpr", "Every"):
        return []
    known = _known(rule)
    found = []
    for body in (part["stmts"] for part in nodes(rule, "stmts")):
        binds = [_bound_by(statement) - known for statement in body]
        last = {name: place for place, names in enumerate(binds) for name in names}
        before: set[str] = set()
        for place, statement in enumerate(body):
            if {"NotExpr", "Every"} & statement["literal"].keys():
                names = {name for name in free_names(statement["literal"]) - before if last.get(name, -1) > place}
                found += [(name, statement["span"]) for name in sorted(names)]
            before |= binds[place]
    return found


def _known(rule: Node) -> set[str]:
    """The names that a rule declares with a value: arguments, and those of `:=`, `some … in` and `every`."""
    known = {name for pattern in head_of(rule).get("args", ()) for name in names_in(pattern)}
    known |= declared_names([one for one in _statements(rule) if "SomeVars" not in one["literal"]])
    for part in nodes(rule, "Every"):
        if isinstance(part["Every"], dict):
            known |= set(every_names(part["Every"]))
    return known


def _bound_by(statement: Node) -> set[str]:
    """The names that a statement binds, where nothing declares them: a side of `=`, or what stands in brackets."""
    if "NotExpr" in statement["literal"]:
        return set()
    assign = assignment(statement)
    sides = names_in(assign["lhs"]) | names_in(assign["rhs"]) if assign is not None and assign["op"] == "Eq" else set()
    return (sides | _found(statement["literal"])) - {"_"}


def _unified(rule: Node) -> Iterator[Mistake]:
    """OPA's compiler to WebAssembly cannot compare a list or object that is written out with a comprehension."""
    for node in nodes(rule, "BoolExpr", "AssignExpr"):
        expr = node.get("BoolExpr") or node["AssignExpr"]
        kinds = {next(iter(expr[side])) for side in ("lhs", "rhs")}
        if kinds & set(_CONSTANTS[5:]) and kinds & set(_CLOSURES) and expr["op"] in ("Eq", "ColEq"):
            hint = "name it first: `found := […]`, then compare `found`"
            yield expr["span"], "compares a comprehension with what is written out", hint
    for node in nodes(rule, "AssignExpr"):
        assign = node["AssignExpr"]
        if _differ(assign["lhs"], assign["rhs"]):
            yield assign["span"], "two sides of other sizes or names, which are never equal", "leave it out, or mend it"


def _differ(left: Node, right: Node) -> bool:
    """Whether two lists or objects, as they are written out, cannot be equal whatever their names stand for."""
    (kind, one), (other, two) = next(iter(left.items())), next(iter(right.items()))
    if kind != other or kind not in ("Array", "Object"):
        return False
    if kind == "Array":
        pairs = list(zip(one["items"], two["items"], strict=False))
        return len(one["items"]) != len(two["items"]) or any(_differ(*pair) for pair in pairs)
    fields, others = fields_of(one), fields_of(two)
    if None in fields or None in others:
        return False
    return fields.keys() != others.keys() or any(_differ(value, others[name]) for name, value in fields.items())


def _every(rule: Node) -> Iterator[Mistake]:
    """Under `every`, regorus takes a `=` for one that gives names a value, also to those that have one."""
    if not _equations(rule):
        return
    lines = set()
    for part in nodes(rule, "Every"):
        if isinstance(part["Every"], dict):
            lines |= {assign["span"] for assign in _equations(part["Every"]["query"])}
    for line in sorted(lines):
        yield line, "`=` under `every`, on which the engines differ", "compare by `==`, give a name by `:=`"


def _equations(tree: Node) -> list[Node]:
    return [node["AssignExpr"] for node in nodes(tree, "AssignExpr") if node["AssignExpr"]["op"] == "Eq"]


def _comprehended(rule: Node) -> Iterator[Mistake]:
    """An object that is gathered has one value a key, told from its form. Where a key is given two the engines fail,
    but only an engine that comes to it before another part of the expression turns out to be absent.
    """
    for node in nodes(rule, "ObjectCompr"):
        made = node["ObjectCompr"]
        if isinstance(made, dict) and next(iter(made["value"])) not in _CONSTANTS[:5] and not _one_valued(made):
            hint = "go through the keys, and gather the values of each: `{key: [value | …] | some key in …}`"
            yield made["span"], "an object that is gathered here may give a key two values", hint


def _one_valued(made: Node) -> bool:
    """Whether the value hangs on the key alone: on names that the key, or what stands under it, gives."""
    known = names_in(made["key"]) if next(iter(made["key"])) == "Var" else set()
    return _given(made["value"], made["query"]["stmts"], known)


def _given(value: Node, statements: Sequence[Node], known: set[str]) -> bool:
    """Whether a value is one where what is known is: nothing in it hangs on what a body goes through."""
    own = {name for statement in statements for name in declares(statement)} | _found(statements)
    for _ in statements:
        known = known | {name for statement in statements for name in _follows(statement, known, own)}
    return not (free_names(value) & own) - known and not _wild(value)


def _found(tree: Any) -> set[str]:
    """Names that stand in brackets or in the pattern of `walk`: what is found binds those that nothing declares."""
    names: set[str] = set()
    for node in _outside_closures(tree):
        if isinstance(node.get("RefBrack"), dict):
            names |= names_in(node["RefBrack"]["index"])
        if "Call" in node and is_walk(node["Call"]) and node["Call"]["params"]:
            names |= names_in(node["Call"]["params"][-1])
    return names


def _wild(tree: Any) -> bool:
    """Whether an expression goes through something by `_`, what is gathered inside of it aside."""
    named = (node.get("Var") for node in _outside_closures(tree))
    return any(isinstance(name, dict) and name["value"] == "_" for name in named)


def _aliased(rule: Node) -> Iterator[Mistake]:
    """regorus takes a second name of a local value for unbound inside of an `every` of the same body, and fails."""
    for body in nodes(rule, "stmts"):
        statements = body["stmts"]
        own = {name for statement in statements for name in declares(statement)}
        aliases = {name for statement in statements for name in _second_names(statement, own)}
        for statement in statements:
            every = statement["literal"].get("Every")
            for name in sorted(aliases & free_names(every["query"])) if every is not None else ():
                hint = "use there what it was made of, or go through the list in a helper that takes it"
                yield (
                    every["span"],
                    f"`{name}`, another name of a local value: regorus finds it not in `every`",
                    hint,
                )


def _declared_late(rule: Node) -> Iterator[Mistake]:
    """regorus declares by `some` once for each entry that a statement before goes through by brackets, and fails."""
    if not nodes(rule, "SomeVars"):
        return
    known = _known(rule)
    for body in nodes(rule, "stmts"):
        went_through = False
        for statement in body["stmts"]:
            if went_through and "SomeVars" in statement["literal"]:
                yield statement["span"], "`some` after `list[_]`, which regorus cannot run", "declare it further up"
            went_through = went_through or bool(_found(statement["literal"]) - known)


def _second_names(statement: Node, own: set[str]) -> set[str]:
    """Names that a statement gives to local values as they are, or written out in a list, set or object."""
    assign = assignment(statement)
    if assign is None or next(iter(assign["rhs"])) not in ("Var", "Array", "Set", "Object"):
        return set()
    return names_in(assign["lhs"]) if free_names(assign["rhs"]) & own else set()


def _complete(rule: Node) -> Iterator[Mistake]:
    """A rule that gives a value gives one. Where it finds two, OPA fails if something asks for it, regorus always."""
    form, node = next(iter(rule.items()))
    head = node["head"].get("Compr") if form != "Default" else None
    if head is None or "Var" not in head["refr"]:
        return
    values = [
        (body["assign"] if body["is_else"] else head["assign"], body["query"]["stmts"]) for body in node["bodies"]
    ]
    for assign, statements in values or [(head["assign"], [])]:
        if assign is not None and not _given(assign["value"], statements, set()):
            hint = "gather what is found: `name := [value | some … in …]`"
            yield rule_line(rule), f"`{rule_name(rule)}` may give two values", hint


def _follows(statement: Node, known: set[str], own: set[str]) -> set[str]:
    """The names that have one value where those that are known have one: `some known, name in …`, `name := …`."""
    kind, literal = next(iter(statement["literal"].items()))
    if (_used(statement) & own) - known:
        return set()
    if _wild(literal["collection"] if kind == "SomeIn" else literal):
        return set()
    if kind == "SomeIn":
        keyed = literal["key"] is not None and next(iter(literal["key"])) == "Var" and names_in(literal["key"]) <= known
        return names_in(literal["value"]) - {"_"} if keyed else set()
    return declares(statement) if kind == "Expr" else set()


def goes_through(statements: Sequence[Node], given: Sequence[Any]) -> bool:
    """Whether a body, or what is given beside it, may find more than once: by `some … in`, `walk`, `list[_]` or
    `list[name]`.
    """
    if any("SomeIn" in statement["literal"] for statement in statements):
        return True
    for node in _outside_closures([*statements, *given]):
        if "RefBrack" in node and "Var" in node["RefBrack"]["index"]:
            return True
        if "Call" in node and is_walk(node["Call"]):
            return True
    return False
