"""All that is checked before a bundle decides, so that no control passes in silence: file, line and how to mend it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import NamedTuple

from engine.access import AccessPolicy, access_of
from engine.backends.cache import PrivateCache
from engine.backends.parsing import Parsing, parsing
from engine.backends.syntax import Parser, SyntaxProblem, Tree, parse_modules
from engine.bundle.access_words import known_words, unknown_words
from engine.bundle.additions import wrong_packages
from engine.bundle.clean import Clean, content_key, recall_clean
from engine.bundle.draft import Draft, complete, gates_named, open_draft
from engine.bundle.effective import CORE
from engine.bundle.facts import ControlFacts, Inspection
from engine.bundle.foreign import FOLDER, foreign_facts
from engine.bundle.paths import CONTROLS, of_controls, placed
from engine.errors import PolicyError, PolicyErrors, causes, did_you_mean, in_order, is_shared
from engine.garbage import collector_paused
from engine.rego.inspector import VERDICTS, inspected
from engine.rego.tree import Node, arity, rule_line, rule_name
from engine.rego.typecheck import Module, Policies


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
    access, policies = _access(draft.files)

    def trees(paths: Collection[str]) -> dict[str, Tree]:
        return parsed.trees([path for path in paths if path in some])

    def unreadable() -> list[PolicyError]:
        return [*_unreadable([*parsed.problems(some), *compiled()]), *access]

    found, told, untidy = _inspected(draft, trees, unreadable, checked=checked)
    words = known_words(draft.signers.roles, gates_named(draft))
    follows = [] if any(map(is_shared, told)) else [*_lone_packs(draft), *_without_law(draft)]
    untidy = in_order([*untidy, *unknown_words(policies, words), *follows])
    if parsed.unanswered:
        told, untidy = in_order([*draft.mistakes, *_unreadable(parsed.unanswered)]), ()
    return _Found(Inspection(controls={**known, **found.controls}), told, untidy)


def _access(files: Mapping[str, bytes]) -> tuple[Sequence[PolicyError], Collection[AccessPolicy]]:
    """The mistakes of the Cedar policies, or the policies, where they have none."""
    try:
        found = access_of(files)
    except PolicyErrors as cause:
        return cause.errors, ()
    return (), found.policies.values() if found is not None else ()


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
            facts[control.id] = inspected(draft, policies, control, module)
    policies.add(trees(draft.modules))  # files that are no control
    modules = [module for path, module in sorted(policies.modules.items()) if path not in checked]
    shared_rules = [(module, rule) for module in modules if not of_controls(module.path) for rule in module.rules]
    silent = _silent_verdicts(policies, shared_rules)  # before what nothing reads is looked at, and asks for others
    for module, rule in shared_rules:
        # What something came to was looked at then.
        if arity(rule) is None and policies.reached(module, rule_name(rule)) is None:
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
        return _Found(Inspection(controls=facts), in_order([*shared, *causes(of_controls_alone)]), ())
    told_of = {(error.path, error.line) for error in mistakes if not error.warning}
    untidy = [error for module in modules for error in policies.idle(module)]
    untidy += [*_unknown_gates(modules, draft.gates), *silent, *policies.untidy]
    untidy = [error for error in untidy if (error.path, error.line) not in told_of]  # it may follow from that
    return _Found(Inspection(controls=facts), in_order(causes(mistakes)), in_order(untidy))


def _silent_verdicts(policies: Policies, rules: Sequence[tuple[Module, Node]]) -> list[PolicyError]:
    """Rules of libraries that are named as verdicts are elsewhere, and that no control comes to."""
    hint = "only a control's `satisfied` makes a pass: let a control ask for it, or take it out"
    return [
        PolicyError(f"nothing reads `{name}`: it decides nothing", path=module.path, line=rule_line(rule), hint=hint)
        for module, rule in rules
        if (name := rule_name(rule)).lower() in VERDICTS and arity(rule) is None and not policies.asked(module, name)
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


def _wrong_packages(modules: Sequence[Module]) -> list[PolicyError]:
    """Libraries stand in the package of their folder, so that no file can slip a rule into a control."""
    mistakes = []
    for module in modules:
        root = placed(module.path).split("/", 1)[0]
        if root != "controls" and module.package[:1] != (root,):
            problem = f"the package `{'.'.join(module.package)}` does not begin with its folder `{root}`"
            mistakes.append(PolicyError(problem, path=module.path, line=1, hint=f"write `package {root}.…`"))
    return mistakes
