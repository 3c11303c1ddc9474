"""The rules of a bundle as inference sees them: packages, what each rule gives, what it reads through its helpers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple
from weakref import proxy

from engine.backends.builtins import allowed_builtins, refused_builtins
from engine.bundle.parameter_types import parse_type
from engine.bundle.parameters import Parameter
from engine.bundle.paths import of_controls
from engine.errors import PolicyError, did_you_mean
from engine.rego.beside import beside
from engine.rego.definedness import ALWAYS, only_names
from engine.rego.forms import DEEP, Form, form_of, goes_through, two_valued
from engine.rego.inference import Inference
from engine.rego.scope import Scope, UnboundError
from engine.rego.tree import Node, arity, literal_text, rule_line, rule_name
from engine.rego.types import (
    ANY,
    BOOL,
    BROKEN,
    LargeTypeError,
    Type,
    array,
    from_parameter,
    join,
    never_equal,
    obj,
    record_type,
    set_of,
)
from evidence.model.events import tells_again, tells_events

Package = tuple[str, ...]
PARAMETER = "parameter:"
KEYWORDS = ("contains", "every", "if", "in")
"""What `import future.keywords` may name."""
MAX_CALLS = 60
"""Depth of rules calling rules; Rego itself refuses recursion."""


class Import(NamedTuple):
    """One import: what, under which name, and its line."""

    words: Package
    name: str
    line: int


@dataclass(frozen=True)
class Module:
    """A parsed module: its file, package, imports by alias, and rules in order.

    `told` are their forms as the child told them that parsed it, None where it was not asked to.
    """

    path: str
    package: Package
    imports: Mapping[str, Package]
    rules: tuple[Node, ...]
    imported: tuple[Import, ...]
    told: Sequence[Sequence[Any]] | None

    @cached_property
    def forms(self) -> list[tuple[Node, Form]]:
        """Each rule with what its tree says by itself. Raises ValueError where the child did not tell of each rule."""
        forms = map(form_of, self.rules) if self.told is None else (Form(*item) for item in self.told)
        return list(zip(self.rules, forms, strict=True))


class Seen(NamedTuple):
    """What a rule came to: its type, what it reads (evidence paths, parameters), whether it surely has a value, and
    whether it has no mistake.
    """

    kind: Type
    reads: frozenset[str]
    sure: bool = False
    right: bool = True


_NO_BODY: list[Node] = [{"query": {"stmts": []}, "assign": None, "is_else": False}]


class Policies:
    """The modules of a bundle, with the mistakes that inference finds in them."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Any]], catalogue: Mapping[str, Parameter] | None) -> None:
        self.mistakes: list[PolicyError] = []
        self.untidy: list[PolicyError] = []
        """What whoever writes policies mends, and what was decided by them does not hang on."""
        self._two_valued: dict[tuple[Package, str], str] = {}
        self._told: set[tuple[str, int, str]] = set()
        self._mistaken = 0
        self.asked_by: dict[tuple[str, int, str], tuple[str, tuple[Package, str]]] = {}
        """Of mistakes in what all controls share the place in a control, as `path:line`, from which they were come to,
        and what was called there.
        """
        self.fitting: set[tuple[Package, str]] = set()
        """Functions that some call handed what they take."""
        self.modules: dict[str, Module] = {}
        self.places: dict[tuple[str, str], int] = {}
        self.called: set[tuple[Package, str]] = set()
        self._checked: set[int] = set()
        self._rules: dict[tuple[Package, str], list[tuple[Module, Node]]] = {}
        self._arities: set[tuple[Package, str, int | None]] = set()
        self._packages: set[Package] = set()
        self._schemas = schemas
        self._events = tells_events(schemas.values())
        self._retold = tells_again(schemas.values())
        self._records: dict[str, Type] = {}
        self._parameters = {
            name: from_parameter(parse_type(item.type, item.words)) for name, item in (catalogue or {}).items()
        }
        self._parameters_told = catalogue is not None
        self._memo: dict[tuple[Package, str, tuple[str, ...] | None], Seen] = {}
        self._active: list[tuple[Package, str]] = []
        self._circular = False
        self._callers: list[str] = []
        self._reads: list[set[str]] = [set()]
        # No circle: what a check made goes with it, and need not be searched for among all that there is.
        self._infer = Inference(proxy(self))

    def add(self, trees: Mapping[str, Mapping[str, Any]]) -> None:
        """Take in modules by path, those that are here already aside: what all rest on first."""
        for path, tree in sorted(trees.items()):
            if path not in self.modules:
                module = self.modules[path] = _module(path, tree)
                self._packages.add(module.package)
                for rule in module.rules:
                    name = rule_name(rule)
                    self._rules.setdefault((module.package, name), []).append((module, rule))
                    self._arities.add((module.package, name, arity(rule)))

    # -- what inference asks

    def mistake(
        self,
        scope: Scope,
        line: int,
        problem: str,
        hint: str,
        *,
        warning: bool = False,
        unknown: str | None = None,
    ) -> None:
        caller = next((place for place in reversed(self._callers) if not place.startswith(f"{scope.path}:")), None)
        told = (scope.path, line, problem)
        self._mistaken += not warning
        if told not in self._told:
            self._told.add(told)
            asked = next((i for i in reversed(range(len(self._callers))) if of_controls(self._callers[i])), None)
            if asked is not None and not of_controls(scope.path):
                self.asked_by[told] = self._callers[asked], self._active[asked]
            reached = None if warning else caller
            self.mistakes.append(
                PolicyError(
                    problem, path=scope.path, line=line, hint=hint, warning=warning, reached=reached, unknown=unknown
                )
            )

    def read(self, path: str) -> None:
        self._reads[-1].add(path)

    def evidence(self, scope: Scope, name: str, line: int) -> Type:
        if name not in self._schemas:
            hint = did_you_mean(name, self._schemas)
            self.mistake(scope, line, f"unknown evidence type `{name}`", hint, unknown="evidence type")
            return BROKEN
        if name not in self._records:  # of all types few are read
            kind = record_type(name, self._schemas[name], events=self._events, retold=self._retold)
            self._records[name] = array(kind, path=name)
        self.places.setdefault((scope.path, name), line)
        self.read(name)
        return self._records[name]

    def fields_of(self, kind: str) -> frozenset[str]:
        """The fields of a record of an evidence type that some rule read, its content's and its own."""
        record = self._records[kind].item
        assert record is not None
        return frozenset({*record.fields, *record.fields["predicate"].fields} - {"predicate"})

    def knows_parameter(self, name: str) -> bool:
        """Whether the catalogue has it, as far as it could be read."""
        return name in self._parameters or not self._parameters_told

    def parameter(self, scope: Scope, name: str, line: int) -> Type:
        if name not in self._parameters:
            if not self._parameters_told:
                self.read(PARAMETER + name)
                return BROKEN
            hint = did_you_mean(name, self._parameters)
            self.mistake(scope, line, f"unknown parameter `{name}`", hint, unknown="parameter")
            return BROKEN
        self.places.setdefault((scope.path, PARAMETER + name), line)
        self.read(PARAMETER + name)
        return self._parameters[name]

    def has_rule(self, package: Package, name: str) -> bool:
        return (package, name) in self._rules

    def has_package(self, package: Package) -> bool:
        return package in self._packages

    def rule(self, scope: Scope, package: Package, name: str, line: int) -> Type:
        return self._reach(scope, package, name, None, line).kind

    def function(self, scope: Scope, package: Package, name: str, args: Sequence[Type], line: int) -> Type | None:
        if (package, name, len(args)) not in self._arities:
            return None
        self.called.add((package, name))
        return self._reach(scope, package, name, tuple(args), line).kind

    def sure(self, scope: Scope, package: Package, name: str, args: Sequence[Type] | None, line: int) -> bool:
        """Whether a rule, or a function of such arguments, has a value whatever is known."""
        return self._reach(scope, package, name, None if args is None else tuple(args), line).sure

    # -- rules

    def _reach(self, scope: Scope, package: Package, name: str, args: tuple[Type, ...] | None, line: int) -> Seen:
        key = (package, name, None if args is None else tuple([arg.key for arg in args]))
        if key not in self._memo:
            if (package, name) in self._active or len(self._active) > MAX_CALLS:
                self._circular = True
                self.mistake(
                    scope, line, f"`{name}` calls itself", "Rego has no recursion: use `some`, `every` or walk"
                )
                return Seen(BROKEN, frozenset(), sure=True)
            self._active.append((package, name))
            self._callers.append(f"{scope.path}:{line}")
            self._reads.append(set())
            before = self._mistaken
            given = [self.define(module, rule, args) for module, rule in self._rules[package, name]]
            kinds = [kind for kind, _ in given if kind is not None]
            if not kinds:
                self.mistake(scope, line, f"no definition of `{name}` takes these arguments", "mend the arguments")
            kind = join(kinds)
            right = self._mistaken == before
            self._memo[key] = Seen(kind, frozenset(self._reads.pop()), any(sure for _, sure in given), right)
            if right:
                self.fitting.add((package, name))
            self._callers.pop()
            self._active.pop()
        seen = self._memo[key]
        self._mistaken += not seen.right  # whoever asks for it again is as wrong as the first
        self._reads[-1] |= seen.reads
        return seen

    def see(self, module: Module, rule: Node, args: tuple[Type, ...] | None = None) -> Seen:
        """One rule on its own: what it gives and reads."""
        self._reads.append(set())
        depths = len(self._reads), len(self._active), len(self._callers)
        kind = None
        try:
            kind, _ = self.define(module, rule, args)
        except (RecursionError, LargeTypeError, UnboundError) as cause:
            del self._reads[depths[0] :], self._active[depths[1] :], self._callers[depths[2] :]
            scope = Scope(module.path, module.package, module.imports)
            if isinstance(cause, LargeTypeError):
                self.mistake(scope, rule_line(rule), cause.problem, cause.hint or "")
            elif isinstance(cause, UnboundError):
                self.mistake(scope, rule_line(rule), f"`{cause.name}` is not known here", "bind it by `some` or `:=`")
            else:
                self.mistake(scope, rule_line(rule), *DEEP)
        return Seen(kind if kind is not None else ANY, frozenset(self._reads.pop()))

    def reached(self, module: Module, name: str) -> Seen | None:
        """What a rule came to; None where nothing asked for it so far, where it is defined elsewhere too, and where
        rules call themselves: then it hung on which was asked first.
        """
        if self._circular:
            return None
        alone = all(other is module for other, _ in self._rules[module.package, name])
        return self._memo.get((module.package, name, None)) if alone else None

    def asked(self, module: Module, name: str) -> bool:
        """Whether something asked for a rule so far."""
        return (module.package, name, None) in self._memo

    def uncalled(self, modules: Sequence[Module]) -> None:
        """Definitions that no call reached, of arguments of which nothing is said: OPA checks them too."""
        for module in modules:
            for rule in module.rules:
                count = arity(rule)
                if count is not None and id(rule) not in self._checked:
                    self.see(module, rule, (BROKEN,) * count)

    def formed(self, module: Module, rule: Node, form: Form) -> None:
        """What a rule may not say, whether anything reaches it or not: forms on which the engines part or which OPA
        refuses, and calls of built-ins that are not allowed.
        """
        scope = Scope(module.path, module.package, module.imports)
        for line, problem, hint in form.mistakes:
            self.mistake(scope, line, problem, hint)
        for name, line in form.late:
            if not self.has_rule(module.package, name) and name not in module.imports:
                problem = f"`{name}` stands under `not` or `every` before it is bound, and regorus keeps this order"
                self.mistake(scope, line, problem, "bind it further up")
        name = rule_name(rule)
        if (module.package, name) not in self._two_valued:
            definitions = self._rules[module.package, name]
            self._two_valued[module.package, name] = two_valued([other for _, other in definitions])
        if problem := self._two_valued[module.package, name]:
            hint = f"gather them in an object: `{name} := {{key: value | …}}`"
            self.mistake(scope, rule_line(rule), f"`{name}[key]` {problem}", hint)
        allowed = allowed_builtins()
        for words, line in form.calls:
            own = len(words) == 1 and self.has_rule(module.package, words[0])
            name = ".".join(words)
            if not own and words[0] != "data" and words[0] not in module.imports and name not in allowed:
                self.not_allowed(scope, line, name)

    def not_allowed(self, scope: Scope, line: int, name: str) -> None:
        """Tell of a call of what is no rule and no built-in that may be used, and what may have been meant."""
        library, _, rule = name.rpartition(".")
        refused = refused_builtins().get(name)
        homes = sorted(".".join(package) for package, known in self._rules if known == rule and package[0] == "lib")
        families = {known.rpartition(".")[0] for known in (*allowed_builtins(), *refused_builtins())}
        problem = f"the built-in `{name}` is not allowed"
        if refused is not None:
            hint = refused
        elif self.has_package(("lib", library)):
            hint = f"for the library write `import data.lib.{library}`"
        elif library and library not in families and homes:
            problem, hint = f"`{library}` is not imported", f"write `import data.{homes[0]} as {library}`"
        else:
            own = {rule for package, rule in self._rules if package == scope.package}
            hint = did_you_mean(name, {*allowed_builtins(), *own})
        self.mistake(scope, line, problem, hint)

    def imported(self, module: Module) -> None:
        """What a module imports and nobody has, or has twice under one name: what it then means is not told."""
        scope = Scope(module.path, module.package, module.imports)
        libraries = sorted(f"data.{'.'.join(package)}" for package in self._packages if package[0] == "lib")
        known: dict[str, int] = {}
        for words, name, line in module.imported:
            path = ".".join(words)
            if words[0] not in ("data", "input"):
                if words[0] == "future" and words[2:] and words[2] not in KEYWORDS:
                    self.mistake(scope, line, f"there is no keyword `{words[2]}`", did_you_mean(words[2], KEYWORDS))
                continue
            if words[0] == "data" and module.package[: len(words) - 1] == words[1:]:
                hint = "name the rule without a package; regorus does not evaluate what is reached so"
                self.mistake(scope, line, f"`{path}` holds this package", hint)
                continue
            if words[:2] == ("data", "lib") and path not in libraries:
                self.mistake(scope, line, f"there is no library `{path}`", did_you_mean(path, libraries))
            if name in ("data", "input") and words != (name,):
                self.mistake(scope, line, f"`{name}` is taken as a name", "import it `as` another name")
            if name in known:
                problem = f"`{name}` is imported twice, first in line {known[name]}"
                self.mistake(scope, line, problem, "take one out, or import it `as` another name")
            elif self.has_rule(module.package, name):
                hint = "import it `as` another name"
                self.mistake(scope, line, f"`{name}` is a rule of the package, and is imported too", hint)
            known.setdefault(name, line)

    def beside(self) -> None:
        """Definitions of one name that do not go together, in whichever modules of a package they stand."""
        rules = {
            name: sorted(((module.path, rule) for module, rule in definitions), key=itemgetter(0))
            for name, definitions in self._rules.items()
        }
        for path, line, problem, hint in beside(rules, self._packages):
            self.mistakes.append(PolicyError(problem, path=path, line=line, hint=hint))

    def idle(self, module: Module) -> list[PolicyError]:
        """What a module names and nothing asks for: `opa check --strict` refuses it, and no decision hangs on it."""
        forms = [form for _, form in module.forms]
        around = {name for form in forms for name in form.around}
        found = [
            PolicyError(
                f"`{name}` is given a value and not used", path=module.path, line=line, hint="take it out, or `_`"
            )
            for form in forms
            for name, line in form.idle
        ]
        return found + [
            PolicyError(
                f"`{'.'.join(words)}` is imported and not used", path=module.path, line=line, hint="take it out"
            )
            for words, name, line in module.imported
            if words[0] in ("data", "input") and name not in around
        ]

    def define(self, module: Module, rule: Node, args: tuple[Type, ...] | None) -> tuple[Type | None, bool]:
        """The type that one definition of a rule or function gives, None where it cannot take the arguments; and
        whether it surely has a value.
        """
        form, node = next(iter(rule.items()))
        scope, before = Scope(module.path, module.package, module.imports), self._mistaken
        if form == "Default":
            return self._infer.value(node["value"], scope), True
        shape, head = next(iter(node["head"].items()))
        if shape == "Func":
            if args is None or len(args) != len(head["args"]) or not self._take(head["args"], args, scope):
                return None, False
            self._checked.add(id(rule))
        elif args is not None:
            return None, False
        bodies = node["bodies"] or _NO_BODY
        kinds = []
        partial = shape == "Set" or (shape != "Func" and next(iter(head["refr"])) != "Var")  # {} at the least
        sure = partial
        for index, body in enumerate(bodies):
            statements = body["query"]["stmts"]
            inner = self._infer.body(statements, scope.child())
            assign = body["assign"] if body["is_else"] else head.get("assign")
            kinds.append(self._head(shape, head, assign, inner))
            parts = _parts(head, assign) if shape != "Func" else ()
            if parts and goes_through(statements, (assign, head)):
                self._infer.every_time(parts, inner)
            early = shape == "Func" and index + 1 < len(bodies)
            # A body that does more than name values may find nothing: whether its value is there is then only told,
            # before an `else` and beside other mistakes.
            if early or self._mistaken != before or only_names(statements):
                given = assign is None or self._infer.has_value(assign["value"], inner, before_else=early)
                sure = sure or (given and self._infer.surely_holds(statements, inner))
        plain = shape != "Func" or all(next(iter(pattern)) == "Var" for pattern in head["args"])
        return join(kinds), sure and (plain or partial)

    def _take(self, patterns: Sequence[Node], args: Sequence[Type], scope: Scope) -> bool:
        """Bind arguments to the patterns of a function; False where a literal pattern can never match."""
        for pattern, arg in zip(patterns, args, strict=True):
            form = next(iter(pattern))
            if form in ("Var", "Array", "Object"):
                self._infer.bind(pattern, arg, scope)
            elif never_equal(self._infer.value(pattern, scope), arg):
                return False
        return True

    def _head(self, shape: str, head: Node, assign: Node | None, scope: Scope) -> Type:
        """The value of a rule whose body has been run in `scope`."""
        try:
            if shape == "Set":
                value = set_of(self._infer.value(head["key"], scope))
            else:
                value = self._infer.value(assign["value"], scope) if assign is not None else BOOL
            return self._under(head["refr"], value, scope)
        except UnboundError as cause:
            self.mistake(scope, head["span"], f"`{cause.name}` is not known here", "bind it, or mend its spelling")
            return BROKEN

    def _under(self, reference: Node, value: Type, scope: Scope) -> Type:
        """A rule whose head goes deeper than a name (`p[x]`, `p.q`) as the object that it is a part of."""
        form, node = next(iter(reference.items()))
        if form == "Var":
            return value
        if form == "RefDot":
            return self._under(node["refr"], _perhaps(node["field"][1], value), scope)
        word = literal_text(node["index"])
        if word is not None:
            return self._under(node["refr"], _perhaps(word, value), scope)
        self._infer.key(self._infer.value(node["index"], scope), scope, node["span"])
        return self._under(node["refr"], obj({}, extra=value), scope)


def _parts(head: Node, assign: Node | None) -> list[Node]:
    """What the head of a rule gives, its key and its value, but for what is always there."""
    kind, reference = next(iter(head["refr"].items()))
    given = [assign["value"]] if assign is not None else []
    given += [head["key"]] if head.get("key") is not None else []
    given += [reference["index"]] if kind == "RefBrack" else []
    return [part for part in given if next(iter(part)) not in ALWAYS]


def _perhaps(name: str, value: Type) -> Type:
    """What a rule of one field adds to an object, where it holds."""
    return obj({name: value}, optional=frozenset({name}))


def _module(path: str, tree: Mapping[str, Any]) -> Module:
    found = []
    for item in tree["imports"]:
        words = _words(item["refr"])
        line = int(next(iter(item["refr"].values()))["span"])
        found.append(Import(words, item["as"][1] if item.get("as") else words[-1], line))
    imports = {item.name: item.words for item in found if item.words[0] in ("data", "input")}
    package = _words(tree["package"]["refr"])
    return Module(path, package, imports, tuple(tree["rules"]), tuple(found), tree.get("forms"))


def _words(node: Node) -> Package:
    """A reference of constants as its words."""
    form, expr = next(iter(node.items()))
    if form == "Var":
        return (expr["value"],)
    if form == "RefDot":
        return (*_words(expr["refr"]), expr["field"][1])
    return (*_words(expr["refr"]), literal_text(expr["index"]) or "?")
