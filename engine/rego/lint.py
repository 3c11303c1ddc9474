"""All that is checked before a bundle decides, so that no control passes in silence: file, line and how to mend it."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from engine.access import access_mistakes, unknown_roles
from engine.backends.cache import PrivateCache
from engine.backends.parsing import Parsing, parsing
from engine.backends.syntax import Parser, SyntaxProblem, Tree, parse_modules
from engine.bundle.additions import wrong_packages
from engine.bundle.clean import Clean, content_key, recall_clean
from engine.bundle.control import Control
from engine.bundle.draft import Draft, complete, open_draft
from engine.bundle.facts import ASKED_FOR, ControlFacts, Inspection, Message
from engine.bundle.foreign import FOLDER, foreign_facts
from engine.bundle.parameters import CORE
from engine.bundle.paths import CONTROLS, of_controls, placed
from engine.collector import collector_paused
from engine.errors import PolicyError, did_you_mean, in_order, is_shared
from engine.rego.tree import Node, arity, head_of, literal_text, rule_line, rule_name
from engine.rego.typecheck import PARAMETER, Module, Policies
from engine.rego.types import Type, has_set

FINDING_FIELDS = {
    "objective": {"str"},
    "message": {"str"},
    "values": {"object"},
    "gap": {"bool"},
    "evidence": {"str"},
    "path": {"str"},
    "observed": None,
    "expected": None,
}


_DECIDING = ("satisfied", "findings", "applies")
_VERDICTS = ("allow", "approve", "block", "deny", "fail", "reject", "violation", "warn")
"""Rules by which others decide with OPA."""
PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""A place in the message of a finding."""


@dataclass(frozen=True)
class Look:
    """What was found in a bundle's files: its parts, what its rules say, every mistake, and what is now clean.

    `untidy` is what no decision hangs on: whoever writes policies is told, and what was decided by them still counts.
    """

    draft: Draft
    inspection: Inspection
    mistakes: tuple[PolicyError, ...]
    untidy: tuple[PolicyError, ...]
    clean: Clean


@collector_paused()
def look_through(files: Mapping[str, bytes], store: PrivateCache | None = None) -> Look:
    """Read and check a bundle's files, while the modules are parsed.

    Left out are controls that `store` knows to be clean beside the same shared files.
    """
    with parsing() as parsed:
        draft = open_draft(files)
        clean = recall_clean(store, draft.files) if store is not None else Clean()
        _begin(draft, clean.controls, parsed)
        complete(draft)
        alone = _stands_alone(draft, parsed) if store is not None and not clean.controls else lambda: True
        found = _found(draft, clean.controls, parsed)
        now = _clean_controls(draft, found, parsed, alone) if store is not None else {}
    kept = clean.model_copy(update={"controls": now or clean.controls})
    return Look(draft, found.inspection, found.mistakes, found.untidy, kept)


def _begin(draft: Draft, clean: Mapping[str, ControlFacts], parsed: Parsing) -> None:
    """Have those modules parsed that `_found` will ask for, as far as can be told before anything is read."""
    fresh = [path for path in draft.modules if of_controls(path) and content_key(draft.files, path) not in clean]
    if fresh or not clean:
        shared = [path for path in draft.modules if not of_controls(path)]
        parsed.begin({path: draft.modules[path] for path in shared}, formed=not clean)
        fresh.sort(key=lambda path: PurePosixPath(path).stem)  # its id: so they are looked at
        parsed.begin({path: draft.modules[path] for path in fresh}, formed=True)


class _Found(NamedTuple):
    """What all rules say, the mistakes in them, and what they name in vain."""

    inspection: Inspection
    mistakes: tuple[PolicyError, ...]
    untidy: tuple[PolicyError, ...]


def _found(draft: Draft, clean: Mapping[str, ControlFacts], parsed: Parsing) -> _Found:
    """Check all policies of a draft. The mistakes hold the draft's own; warnings are among them.

    Of controls that are `clean` (`engine.bundle.clean`) the facts are taken over, and where there is one, nothing that
    all controls share has a mistake either.

    Where what all controls share is mistaken, that is told, and of the controls only what does not follow from it: that
    they can be read at all.
    """
    known = {
        control.id: clean[key]
        for control in draft.controls.values()
        if control.foreign is None and (key := content_key(draft.files, control.path)) in clean
    }
    fresh = [c.path for c in draft.controls.values() if c.foreign is None and c.id not in known]
    shared = [path for path in draft.modules if not of_controls(path)]
    left_out = {draft.controls[name].path for name in known}
    modules = {path: text for path, text in draft.modules.items() if path not in left_out}
    # Where every control is known, the libraries are not parsed for nothing.
    some = modules if len(modules) > len(shared) or not known else {}
    checked = frozenset(shared if known else ())

    parsed.begin(some, formed=True)
    compiled = parsed.compiled([[*shared, path] for path in fresh])
    access = access_mistakes(draft.files)

    def trees(paths: Collection[str]) -> dict[str, Tree]:
        return parsed.trees([path for path in paths if path in some])

    def unreadable() -> list[PolicyError]:
        return [*_unreadable([*parsed.problems(some), *compiled()]), *access]

    found, told, untidy = _inspected(draft, trees, unreadable, checked=checked)
    if draft.signers.roles:
        untidy = in_order([*untidy, *unknown_roles(draft.files, draft.signers.roles)])
    untidy = in_order([*untidy, *_lone_packs(draft), *_without_law(draft)])
    if parsed.unanswered:
        told, untidy = in_order([*draft.mistakes, *_unreadable(parsed.unanswered)]), ()
    return _Found(Inspection(controls={**known, **found.controls}), told, untidy)


def _clean_controls(draft: Draft, found: _Found, parsed: Parsing, alone: Callable[[], bool]) -> dict[str, ControlFacts]:
    """The facts of the controls in which there is nothing to tell; none where there is in what all share, which has to
    stand `alone`.
    """
    told = {error.path for error in (*found.mistakes, *found.untidy)}
    if parsed.unanswered or not all(placed(path).startswith((CONTROLS, FOLDER)) for path in told) or not alone():
        return {}
    return {
        content_key(draft.files, control.path): found.inspection.controls[control.id]
        for control in draft.controls.values()
        if control.foreign is None and control.path not in told and control.id in found.inspection.controls
    }


def _stands_alone(draft: Draft, parsed: Parsing) -> Callable[[], bool]:
    """Whether what all controls share has no mistake without any of them: of a function that is right for what its
    callers hand in alone, a later check would have to know who still calls it.

    What is given back, asked once the child has nothing else to do, waits until it is known whether it compiles.
    """
    modules = {path: text for path, text in draft.modules.items() if not of_controls(path)}
    parsed.begin(modules, formed=True)
    alone = replace(draft, modules=modules, controls={}, metadata={}, mistaken={}, mistakes=[])
    found = _inspected(alone, parsed.trees, lambda: _unreadable(parsed.problems(modules)), checked=frozenset())
    return lambda: not (found.mistakes or found.untidy or parsed.compiled([list(modules)])())


def inspect_again(
    draft: Draft, known: Mapping[str, Tree], parser: Parser
) -> tuple[Inspection, tuple[PolicyError, ...]]:
    """Check the controls of a draft and those of its modules of which no tree is `known`; the others were checked.

    Whether they compile together is left to the engine that is asked.
    """
    fresh = {path: text for path, text in draft.modules.items() if path not in known}
    parsed, problems = parse_modules(fresh, ask=parser.ask)
    trees = {**known, **parsed}
    found = _inspected(
        draft,
        lambda paths: {path: trees[path] for path in paths if path in trees},
        lambda: _unreadable(problems),
        checked=frozenset(known),
    )
    return found.inspection, found.mistakes


def _unreadable(problems: Sequence[SyntaxProblem]) -> list[PolicyError]:
    return [PolicyError(item.problem, path=item.path, line=item.line, hint="mend the Rego there") for item in problems]


def _inspected(
    draft: Draft,
    trees: Callable[[Collection[str]], Mapping[str, Tree]],
    unreadable: Callable[[], Sequence[PolicyError]],
    *,
    checked: frozenset[str],
) -> _Found:
    """What all rules say, but for those of modules that are `checked`, whose mistakes nobody asks for.

    `trees` gives those of modules that parse, and may wait for them: each control is looked at while others are parsed,
    always in the same order, so that the same is found. `unreadable` is asked last for what cannot be read at all.
    """
    unused = []
    policies = Policies(draft.schemas, draft.catalogue if draft.catalogue_read else None)
    policies.add(trees([path for path in draft.modules if not of_controls(path)]))
    facts = {}
    for control in sorted(draft.controls.values(), key=lambda c: c.id):
        if control.foreign is not None:
            facts[control.id] = foreign_facts(control)
            continue
        policies.add(trees([control.path]))
        if (module := policies.modules.get(control.path)) is not None:
            facts[control.id] = _Inspector(draft, policies, control, module).facts()
    policies.add(trees(draft.modules))  # files that are no control
    modules = [module for path, module in sorted(policies.modules.items()) if path not in checked]
    shared_rules = [(module, rule) for module in modules if not of_controls(module.path) for rule in module.rules]
    silent = _silent_verdicts(policies, shared_rules)  # before what nothing reads is looked at, and asks for others
    for module, rule in shared_rules:
        if arity(rule) is None:
            policies.see(module, rule)
    policies.uncalled(modules)
    policies.beside()
    for module in modules:
        policies.imported(module)
        for rule, form in module.forms:
            policies.formed(module, rule, form)
            for name, line in form.unused:
                problem = f"`{name}` is declared and not used"
                unused.append(PolicyError(problem, path=module.path, line=line, hint="write `_`, or use it"))
    judged = _at_callers(policies, checked)
    said = {(error.path, error.line) for error in (*unused, *judged) if not error.warning}
    # What does not compile for a reason that is told in our words is told once.
    read = [*draft.mistakes, *(error for error in unreadable() if (error.path, error.line) not in said)]
    mistakes = [*read, *unused, *judged]
    mistakes += _wrong_packages(modules)
    told = {(error.path, error.problem) for error in mistakes}
    beyond = wrong_packages({path: module.package for path, module in policies.modules.items()})
    mistakes += [error for error in beyond if (error.path, error.problem) not in told]
    shared = [error for error in mistakes if is_shared(error)]
    if shared:
        of_controls_alone = [error for error in read if not is_shared(error)]
        return _Found(Inspection(controls=facts), in_order([*shared, *of_controls_alone]), ())
    told_of = {(error.path, error.line) for error in mistakes if not error.warning}
    untidy = [error for module in modules for error in policies.idle(module)]
    untidy += [*_unknown_gates(modules, draft.gates), *silent]
    untidy = [error for error in untidy if (error.path, error.line) not in told_of]  # it may follow from that
    return _Found(Inspection(controls=facts), in_order(mistakes), in_order(untidy))


def _silent_verdicts(policies: Policies, rules: Sequence[tuple[Module, Node]]) -> list[PolicyError]:
    """Rules of libraries that are named as verdicts are elsewhere, and that no control comes to."""
    hint = "only a control's `satisfied` makes a pass: let a control ask for it, or take it out"
    return [
        PolicyError(f"nothing reads `{name}`: it decides nothing", path=module.path, line=rule_line(rule), hint=hint)
        for module, rule in rules
        if (name := rule_name(rule)).lower() in _VERDICTS and arity(rule) is None and not policies.asked(module, name)
    ]


def _at_callers(policies: Policies, checked: Collection[str]) -> list[PolicyError]:
    """The mistakes of all rules. One in a library that only comes of what a control hands in is told at the control,
    the first of each of its lines: the library is right for others, or was `checked` with them.
    """
    found, lines = [], set()
    for error in policies.mistakes:
        asked = policies.asked_by.get((error.path, error.line, error.problem))
        if error.warning or asked is None or not (error.path in checked or asked[1] in policies.fitting):
            found.append(error)
        elif asked[0] not in lines:
            lines.add(asked[0])
            path, _, line = asked[0].rpartition(":")
            problem = f"what is handed in does not fit: {error.problem} (in {error.path}:{error.line})"
            found.append(PolicyError(problem, path=path, line=int(line), hint=f"mend the arguments: {error.advice}"))
    return found


def _unknown_gates(modules: Sequence[Module], gates: Collection[str]) -> list[PolicyError]:
    """Where a rule holds `input.gate` against what is no gate: never so, or always, and no case shows it."""
    return [
        PolicyError(f"unknown gate `{name}`", path=module.path, line=line, hint=did_you_mean(name, gates))
        for module in modules
        for _, form in module.forms
        for name, line in form.gates
        if gates and name not in gates
    ]


def _lone_packs(draft: Draft) -> list[PolicyError]:
    """Packs that one control alone names, and that are spelt nearly as another: who leaves that out means both."""
    count = Counter(control.pack for control in draft.controls.values())
    found = []
    for name, control in draft.controls.items():
        hint = did_you_mean(control.pack, {CORE, *count} - {control.pack})
        if count[control.pack] == 1 and control.pack != CORE and hint.startswith("did you mean"):
            line = draft.metadata[name].line("custom", "pack") if name in draft.metadata else 1
            problem = f"no other control is of the pack `{control.pack}`"
            found.append(PolicyError(problem, path=control.path, line=line, hint=hint))
    return found


def _without_law(draft: Draft) -> Iterator[PolicyError]:
    """Controls that call themselves law and name no article of one: reports tell that a law asks for it."""
    laws = sorted(name for name, framework in draft.frameworks.items() if framework.kind == "law")
    for name, control in draft.controls.items():
        if control.basis == "law" and name in draft.metadata and not any(map(control.frameworks.get, laws)):
            known = ", ".join(laws) or "none"
            hint = f"cite its article under `frameworks` (laws here: {known}), or write `basis: policy`"
            problem = "`basis: law`, and no article of a law is cited"
            yield draft.metadata[name].error(problem, "custom", "basis", hint=hint)


def lint_files(files: Mapping[str, bytes]) -> tuple[PolicyError, ...]:
    """All mistakes and warnings of a bundle's files, by file and line."""
    look = look_through(files)
    return in_order([*look.mistakes, *look.untidy])


def _wrong_packages(modules: Sequence[Module]) -> list[PolicyError]:
    """Libraries stand in the package of their folder, so that no file can slip a rule into a control."""
    mistakes = []
    for module in modules:
        root = placed(module.path).split("/", 1)[0]
        if root != "controls" and module.package[:1] != (root,):
            problem = f"the package `{'.'.join(module.package)}` does not begin with its folder `{root}`"
            mistakes.append(PolicyError(problem, path=module.path, line=1, hint=f"write `package {root}.…`"))
    return mistakes


class _Inspector:
    """The checks of one control."""

    def __init__(self, draft: Draft, policies: Policies, control: Control, module: Module) -> None:
        self.policies = policies
        self.control = control
        self.module = module
        self.document = draft.metadata[control.id]
        self.rules: dict[str, list[Node]] = {}
        self.messages: set[tuple[str, str, bool]] = set()
        for rule in module.rules:
            self.rules.setdefault(rule_name(rule), []).append(rule)

    def facts(self) -> ControlFacts:
        paths = self._satisfied()
        paths["applies"] = self._applies()
        deciding = frozenset().union(*paths.values())
        self._declared(deciding | self._findings() | self._helpers(), deciding)
        self._reads(paths)
        return ControlFacts(
            has_applies="applies" in self.rules,
            has_findings="findings" in self.rules,
            paths=paths,
            messages=tuple(
                Message(objective=objective, text=text, gap=gap) for objective, text, gap in sorted(self.messages)
            ),
        )

    def mistake(self, line: int, problem: str, hint: str, *, warning: bool = False) -> None:
        self.policies.mistakes.append(
            PolicyError(problem, path=self.control.path, line=line, hint=hint, warning=warning)
        )

    def _satisfied(self) -> dict[str, frozenset[str]]:
        """What the `satisfied` rules read, by objective."""
        paths: dict[str, frozenset[str]] = {}
        for rule in self.rules.get("satisfied", []):
            line = rule_line(rule)
            name = _objective_of(rule)
            if name is None:
                hint = 'write `satisfied contains "<objective>" if …`'
                self.mistake(line, "`satisfied` is not asserted as a set of literal objective names", hint)
                continue
            if name not in self.control.objectives:
                hint = f"METADATA has: {', '.join(self.control.objectives)}"
                self.mistake(line, f"the objective `{name}` is not in METADATA", hint)
            seen = self.policies.see(self.module, rule)
            paths[name] = paths.get(name, frozenset()) | seen.reads
            if not _types(seen.reads):
                hint = "a pass rests on records: let the rule read the evidence that shows it"
                self.mistake(line, f"the objective `{name}` is satisfied without reading evidence", hint)
            if not _has_body(rule):
                self.mistake(line, f"the objective `{name}` is satisfied without a condition", "write `if …`")
        for name in self.control.objectives:
            if name not in paths:
                where = self.document.line("custom", "objectives", name)
                hint = f'write `satisfied contains "{name}" if …`, or take it out of METADATA'
                self.mistake(where, f"no rule satisfies the objective `{name}`", hint)
        return paths

    def _applies(self) -> frozenset[str]:
        paths: frozenset[str] = frozenset()
        for rule in self.rules.get("applies", []):
            seen = self.policies.see(self.module, rule)
            paths |= seen.reads
            if any(option.kind not in ("bool", "any") for option in seen.kind.each()):
                self.mistake(rule_line(rule), f"`applies` is {seen.kind.words()}", "make it true or false")
            if next(iter(rule)) == "Default":
                hint = "an unknown fact is missing evidence: leave `applies` undefined where it cannot be told"
                self.mistake(rule_line(rule), "`default applies` hides that a fact is not known", hint)
        return paths

    def _findings(self) -> set[str]:
        paths: set[str] = set()
        for rule in self.rules.get("findings", []):
            line = rule_line(rule)
            if _shape(rule) != "Set":
                self.mistake(line, "`findings` is not a set", "write `findings contains {…} if …`")
                continue
            seen = self.policies.see(self.module, rule)
            paths |= seen.reads
            for option in seen.kind.item.each() if seen.kind.item is not None else ():
                self._finding(line, option)
        return paths

    def _finding(self, line: int, kind: Type) -> None:
        if kind.kind != "object":
            if kind.kind != "any":
                self.mistake(line, f"a finding is {kind.words()}, not an object", "write {objective, message, …}")
            return
        for name in ("objective", "message"):
            if name not in kind.fields and kind.item is None:
                self.mistake(line, f"a finding without `{name}`", "each finding has `objective` and `message`")
        for name, value in kind.fields.items():
            wanted = FINDING_FIELDS.get(name, set())
            if name not in FINDING_FIELDS:
                self.mistake(line, f"a finding has no field `{name}`", f"it may have: {', '.join(FINDING_FIELDS)}")
            elif wanted is not None and not {o.kind for o in value.each()} <= wanted | {"any"}:
                self.mistake(line, f"`{name}` of a finding is {value.words()}", f"make it {' or '.join(wanted)}")
            if name != "values" and has_set(value):
                problem = f"`{name}` of a finding holds a set, or a list made of one, without an order"
                self.mistake(line, problem, "sort it: `sort([x | …])`")
        if "message" in kind.fields:
            self._message(line, kind)
        objective = kind.fields.get("objective")
        if objective is not None:
            self._finding_objective(line, objective)
        self._finding_path(line, kind)
        texts = [kind.fields[name].enum or () if name in kind.fields else () for name in ("objective", "message")]
        self.messages |= {(name, text, "gap" in kind.fields) for name in texts[0] for text in texts[1]}

    def _message(self, line: int, kind: Type) -> None:
        """The message is constant text, and its places are exactly what `values`, or observed and expected, fill."""
        message, values = kind.fields["message"], kind.fields.get("values")
        given = set(values.fields) if values is not None else set()
        for name, value in values.fields.items() if values is not None else ():
            if not {option.kind for option in value.each()} <= {"str", "int", "bool", "any"}:
                hint = "give text, a whole number or a boolean; other numbers are `observed` or `expected`"
                self.mistake(line, f"the value `{name}` of a finding is {value.words()}", hint)
        if values is not None and (values.item is not None or values.optional):
            self.mistake(line, "cannot tell which `values` a finding has", 'write them out: `{"group": group}`')
        if message.enum is None:
            hint = "write a constant text with places, `{group} is too small`, and `values` beside it"
            # Until every control is converted a message may still be put together.
            self.mistake(line, "the message of a finding is not a constant text", hint, warning=values is None)
            return
        filled = given | {
            name for name in ("observed", "expected") if name in kind.fields and name not in kind.optional
        }
        for text in sorted(message.enum):
            places = set(PLACE.findall(text))
            if "{" in PLACE.sub("", text) or "}" in PLACE.sub("", text):
                self.mistake(line, f"a brace that is no place in the message `{text}`", "write `{name}`")
            for name in sorted(places - filled):
                self.mistake(
                    line, f"nothing fills `{{{name}}}` of the message `{text}`", f"add it to `values`: `{name}`"
                )
            for name in sorted(given - places):
                self.mistake(line, f"the message `{text}` has no place for `{name}`", "take it out of `values`")

    def _finding_objective(self, line: int, kind: Type) -> None:
        known = self.control.objectives
        if kind.kind != "str" or kind.enum is None:
            self.mistake(line, "cannot tell which objective a finding is about", "name it by a literal")
            return
        for name in sorted(kind.enum - set(known)):
            hint = f"METADATA has: {', '.join(known)}"
            self.mistake(line, f"a finding names the unknown objective `{name}`", hint)

    def _finding_path(self, line: int, kind: Type) -> None:
        """The path of a finding about records of one type begins with a field that these have."""
        path, evidence = kind.fields.get("path"), kind.fields.get("evidence")
        kinds = {option.path.partition("[]")[0] for option in evidence.each()} if evidence is not None else set()
        if path is None or path.enum is None or len(path.enum) > 1 or len(kinds) != 1 or "" in kinds:
            return
        ((text,), (kind_of_record,)) = path.enum, kinds
        known = self.policies.fields_of(kind_of_record)
        if not text.startswith(ASKED_FOR) and (first := re.split(r"[.\[]", text)[0]) not in known:
            problem = f"the path of a finding names no field of `{kind_of_record}`: `{first}`"
            self.mistake(line, problem, did_you_mean(first, known), warning=True)

    def _helpers(self) -> set[str]:
        """Rules that nothing above reached are checked too; a function that nobody calls is not."""
        paths: set[str] = set()
        self._unread()  # before what nothing reads is looked at, and asks for others
        for name, rules in self.rules.items():
            if name in _DECIDING:
                continue
            seen = self.policies.reached(self.module, name)
            for rule in rules:
                if arity(rule) is None:
                    paths |= (seen or self.policies.see(self.module, rule)).reads
                elif (self.module.package, name) not in self.policies.called:
                    warning = name not in _VERDICTS
                    self.mistake(rule_line(rule), f"nobody calls `{name}`", "take it out", warning=warning)
        return paths

    def _unread(self) -> None:
        """Rules that none of those comes to that decide or explain. Of sets and verdicts it is a mistake: who wrote
        `deny contains …` takes it for one that denies.
        """
        hint = "only `satisfied` makes a pass, and `findings` says why the rest is none: let one of them ask for it"
        for name, rules in self.rules.items():
            if name in _DECIDING or self.policies.asked(self.module, name):
                continue
            for rule in rules:
                if arity(rule) is None:
                    meant = name.lower() in _VERDICTS or _shape(rule) == "Set"
                    self.mistake(
                        rule_line(rule), f"nothing reads `{name}`: it decides nothing", hint, warning=not meant
                    )

    def _reads(self, paths: Mapping[str, frozenset[str]]) -> None:
        """An objective's rules read no type beyond its `reads`, and each that is written there; so does `applies`."""
        written = {name: item.reads for name, item in self.control.objectives.items()}
        for name, kinds in written.items():
            self._held(f"the objective `{name}`", paths.get(name), kinds, ("objectives", name, "reads"))
        if "applies" in self.rules:
            self._held("`applies`", paths["applies"], self.control.applies, ("applies",))
        elif self.control.applies:
            where = self.document.line("custom", "applies")
            self.mistake(where, "METADATA says what `applies` reads and there is no such rule", "take it out")

    def _held(self, who: str, paths: frozenset[str] | None, kinds: Sequence[str], where: tuple[str, ...]) -> None:
        if not kinds or paths is None:
            return
        line = self.document.line("custom", *where)
        for kind in sorted(_types(paths) & set(self.control.evidence) - set(kinds)):
            self.mistake(line, f"{who} reads `{kind}` and its list of types does not name it", f"add `{kind}`")
        for kind in sorted(set(kinds) - _types(paths)):
            self.mistake(line, f"{who} says that it reads `{kind}` and does not", "take it out of the list")

    def _declared(self, everything: frozenset[str], deciding: frozenset[str]) -> None:
        """What is read is declared, and what is declared is read."""
        used = {path.removeprefix(PARAMETER) for path in everything if path.startswith(PARAMETER)}
        first = rule_line(self.module.rules[0]) if self.module.rules else 1
        for kind in sorted(_types(everything) - set(self.control.evidence)):
            line = self.policies.places.get((self.control.path, kind), first)
            hint = f"add `{kind}: any` to `evidence`"
            self.mistake(line, f"the evidence type `{kind}` is read and METADATA does not declare it", hint)
        for kind in sorted(set(self.control.evidence) - _types(deciding)):
            line = self.document.line("custom", "evidence", kind)
            hint = "take it out of METADATA, or let a `satisfied` rule read it"
            self.mistake(line, f"the evidence type `{kind}` is declared and no objective reads it", hint)
        for name in sorted(used - set(self.control.parameters)):
            line = self.policies.places.get((self.control.path, PARAMETER + name), first)
            hint = f"add `{name}` to `parameters`"
            self.mistake(line, f"the parameter `{name}` is read and METADATA does not declare it", hint)
        for index, name in enumerate(self.control.parameters):
            if name not in used and self.policies.knows_parameter(name):
                line = self.document.line("custom", "parameters", index)
                hint = "take it out of METADATA, or use it"
                self.mistake(line, f"the parameter `{name}` is declared and never read", hint)


def _types(paths: frozenset[str]) -> frozenset[str]:
    return frozenset(path.split("[")[0].removesuffix("/**") for path in paths if not path.startswith(PARAMETER))


def _shape(rule: Node) -> str:
    form, node = next(iter(rule.items()))
    return "Default" if form == "Default" else next(iter(node["head"]))


def _objective_of(rule: Node) -> str | None:
    """The literal name that a `satisfied` rule adds to the set; None for any other form."""
    if _shape(rule) != "Set":
        return None
    head: Mapping[str, Any] = head_of(rule)
    return literal_text(head["key"]) if next(iter(head["refr"])) == "Var" else None


def _has_body(rule: Node) -> bool:
    bodies: Sequence[Any] = next(iter(rule.values())).get("bodies", ())
    return any(body["query"]["stmts"] for body in bodies)
