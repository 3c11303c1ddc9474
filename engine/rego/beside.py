"""Definitions that may not stand beside each other in one package: OPA refuses them, regorus takes one of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from engine.rego.tree import Node, head_of, rule_line

Package = tuple[str, ...]
Placed = tuple[str, Node]
"""The file of a rule, and the rule."""
Told = tuple[str, int, str, str]
"""File, line, problem, hint."""


def beside(rules: Mapping[tuple[Package, str], Sequence[Placed]], packages: Collection[Package]) -> Iterator[Told]:
    """What is wrong with the definitions of each name, those of all modules of a package together."""
    around = {package[:size] for package in packages for size in range(1, len(package) + 1)}
    for (package, name), definitions in rules.items():
        (path, first), *others = definitions
        if (*package, name) in around:
            dotted = ".".join((*package, name))
            yield path, rule_line(first), f"`{name}` is also a package, `{dotted}`", "give one of them another name"
        here = f"{path}:{rule_line(first)}"
        for other, rule in others:
            if (kind := _kind(rule)) != _kind(first):
                problem = f"`{name}` is {kind} here and {_kind(first)} at {here}"
                yield other, rule_line(rule), problem, "give one of them another name"
                break
        yield from _defaults(name, [item for item in definitions if "Default" in item[1]])


def _defaults(name: str, defaults: Sequence[Placed]) -> Iterator[Told]:
    for path, rule in defaults[1:]:
        first = f"{defaults[0][0]}:{rule_line(defaults[0][1])}"
        yield path, rule_line(rule), f"`{name}` has a second default; the first is at {first}", "take one of them out"


def _kind(rule: Node) -> str:
    """What a definition makes of its name, in words; a default counts as what it may stand beside."""
    form, node = next(iter(rule.items()))
    shape = "Default" if form == "Default" else next(iter(node["head"]))
    head = head_of(rule)
    if shape == "Set":
        return "a set"
    if arguments := head.get("args"):
        return f"a function of {len(arguments)}"
    return "a value" if "Var" in head["refr"] else "an object by its keys"
