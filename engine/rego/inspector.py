"""The checks of one control: what its rules assert and find, read and declare."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.bundle.control import Control
from engine.bundle.draft import Draft
from engine.bundle.facts import ASKED_FOR, ControlFacts, Message
from engine.errors import PolicyError, did_you_mean
from engine.rego.references import GATE
from engine.rego.tree import Node, arity, head_of, literal_text, rule_line, rule_name
from engine.rego.typecheck import PARAMETER, Module, Policies
from engine.rego.types import Type, has_set

_FINDING_FIELDS = {
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
VERDICTS = ("allow", "approve", "block", "deny", "fail", "reject", "violation", "warn")
"""Rules by which others decide with OPA."""
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""A place in the message of a finding."""


def inspected(draft: Draft, policies: Policies, control: Control, module: Module) -> ControlFacts:
    """What the rules of a control say; its mistakes are told to `policies`."""
    return _Inspector(draft, policies, control, module).facts()


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
            paths={name: read - {GATE} for name, read in paths.items()},
            asks_gate=frozenset(name for name, read in paths.items() if GATE in read),
            messages=tuple(
                Message(objective=objective, text=text, gap=gap) for objective, text, gap in sorted(self.messages)
            ),
        )

    def mistake(
        self,
        line: int,
        problem: str,
        hint: str,
        *,
        warning: bool = False,
        unknown: str | None = None,
        follows: str | None = None,
    ) -> None:
        error = PolicyError(
            problem, path=self.control.path, line=line, hint=hint, warning=warning, unknown=unknown, follows=follows
        )
        self.policies.mistakes.append(error)

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
                hint = did_you_mean(name, self.control.objectives)
                self.mistake(line, f"the objective `{name}` is not in METADATA", hint, unknown="objective")
            seen = self.policies.see(self.module, rule)
            paths[name] = paths.get(name, frozenset()) | seen.reads
            if not _types(seen.reads):
                hint = "a pass rests on records: let the rule read the evidence that shows it"
                problem = f"the objective `{name}` is satisfied without reading evidence"
                self.mistake(line, problem, hint, follows="evidence type")
            if not _has_body(rule):
                self.mistake(line, f"the objective `{name}` is satisfied without a condition", "write `if …`")
        for name in self.control.objectives:
            if name not in paths:
                where = self.document.line("custom", "objectives", name)
                hint = f'write `satisfied contains "{name}" if …`, or take it out of METADATA'
                self.mistake(where, f"no rule satisfies the objective `{name}`", hint, follows="objective")
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
            wanted = _FINDING_FIELDS.get(name, set())
            if name not in _FINDING_FIELDS:
                self.mistake(line, f"a finding has no field `{name}`", f"it may have: {', '.join(_FINDING_FIELDS)}")
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
            problem = "the message of a finding is not a constant text"
            if values is None:  # what was decided by such a control still counts
                self.policies.untidy.append(PolicyError(problem, path=self.control.path, line=line, hint=hint))
            else:
                self.mistake(line, problem, hint)
            return
        filled = given | {
            name for name in ("observed", "expected") if name in kind.fields and name not in kind.optional
        }
        for text in sorted(message.enum):
            places = set(_PLACE.findall(text))
            if "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
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
            hint = did_you_mean(name, known)
            self.mistake(line, f"a finding names the unknown objective `{name}`", hint, follows="objective")

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
                    warning = name not in VERDICTS
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
                    meant = name.lower() in VERDICTS or _shape(rule) == "Set"
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
            problem = f"{who} says that it reads `{kind}` and does not"
            self.mistake(line, problem, "take it out of the list", follows="evidence type")

    def _declared(self, everything: frozenset[str], deciding: frozenset[str]) -> None:
        """What is read is declared, and what is declared is read."""
        used = {path.removeprefix(PARAMETER) for path in everything if path.startswith(PARAMETER)}
        first = rule_line(self.module.rules[0]) if self.module.rules else 1
        for kind in sorted(_types(everything) - set(self.control.evidence)):
            line = self.policies.places.get((self.control.path, kind), first)
            hint = f"add `{kind}: any` to `evidence`"
            problem = f"the evidence type `{kind}` is read and METADATA does not declare it"
            self.mistake(line, problem, hint, follows="evidence type")
        for kind in sorted(set(self.control.evidence) - _types(deciding)):
            line = self.document.line("custom", "evidence", kind)
            hint = "take it out of METADATA, or let a `satisfied` rule read it"
            problem = f"the evidence type `{kind}` is declared and no objective reads it"
            self.mistake(line, problem, hint, follows="evidence type")
        for name in sorted(used - set(self.control.parameters)):
            line = self.policies.places.get((self.control.path, PARAMETER + name), first)
            hint = f"add `{name}` to `parameters`"
            problem = f"the parameter `{name}` is read and METADATA does not declare it"
            self.mistake(line, problem, hint, follows="parameter")
        for index, name in enumerate(self.control.parameters):
            if name not in used and self.policies.knows_parameter(name):
                line = self.document.line("custom", "parameters", index)
                hint = "take it out of METADATA, or use it"
                self.mistake(line, f"the parameter `{name}` is declared and never read", hint, follows="parameter")


def _types(paths: frozenset[str]) -> frozenset[str]:
    return frozenset(path.split("[")[0].removesuffix("/**") for path in paths if not path.startswith((PARAMETER, GATE)))


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
