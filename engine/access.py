"""Who may act, by Cedar: the only importer of the Cedar binding.

Policies are validated against their schema in strict mode when they are loaded. Cedar skips a policy that errs, a
`forbid` too, so here any evaluation error is a denial. A denial names the `@id` of the policy that said no, or of those
that could have said yes.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal, NamedTuple

from pydantic import Field

from engine.errors import PolicyError, PolicyErrors, did_you_mean
from evidence.model.base import Frozen

SCHEMA = "access/schema.cedarschema"
# Cedar's parser recurses on brackets and on chains of operators: some thousands would end the process.
MAX_NESTING = 100
MAX_OPERATORS = 2000
MAX_BYTES = 1 << 20
MAX_TYPES = 50_000
"""Types of a schema with each name replaced by what it stands for, which is how Cedar holds them: forty records of two
fields, each of the record before, would be 2^40."""
_OPERATORS = re.compile(r"&&|\|\||[.+*!-]|\bif\b")
_ENDS = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|;')
_BLANK = re.compile(r"(?:\s|//[^\n]*)*")
_SILENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*')
_NAMED_TYPE = re.compile(r"\btype\s+(\w+)\s*=([^;]*)")
_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"')
_OWN_ROLES = re.compile(r"(?<!!)(?<!!\()principal\s*\.\s*roles\s*\.\s*contains(?:Any)?\s*\(([^()]*)\)")
_COMMENT = re.compile(r"//[ \t]*([^\n]*)")


_HEAD = re.compile(r"\b(?:permit|forbid)\b")
_UNRECOGNIZED, _UNFIT = "unrecognized ", "unable to find an applicable action"
_CEDAR = ("permit", "forbid", "when", "unless", "principal", "action", "resource", "context", "contains", "containsAll",
          "containsAny", "isEmpty", "has", "like", "is", "in", "if", "then", "else", "Action")  # fmt: skip
"""Words of Cedar that stand in policies beside the names of a schema."""
_PAGE = "see docs/policies.md, Access"


class EntityRef(Frozen):
    """A Cedar entity: `Person::"ana"`."""

    type: str
    id: str


class AccessRequest(Frozen):
    """Who asks to do what to what. `attributes` are those of the resource, `roles` those of the person."""

    principal: str
    roles: tuple[str, ...]
    action: str
    resource: EntityRef
    attributes: dict[str, Any] = Field(default_factory=dict)
    context: dict[str, Any] = Field(default_factory=dict)


class AccessDecision(Frozen):
    """Whether the act is allowed, by which policies (`@id`), and why in words; of a denial, what these policies say."""

    allowed: bool
    policies: tuple[str, ...]
    reason: str
    says: tuple[str, ...] = ()


class AccessPolicies:
    """The Cedar policies of a bundle, validated."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """`files` are the bundle's files by path. Raises PolicyErrors with every mistake that Cedar finds."""
        import cedarpy

        texts = {name: _text(name, data) for name, data in sorted(files.items()) if name.startswith("access/")}
        sources = {name: text for name, text in texts.items() if name.endswith(".cedar")}
        if SCHEMA not in texts or not sources:
            raise PolicyErrors([_error(SCHEMA, "the bundle has no Cedar schema and policies under `access/`")])
        try:
            self._schema = cedarpy.Schema.from_str(texts[SCHEMA])
        except Exception as cause:  # the binding raises its own family
            raise PolicyErrors([_error(SCHEMA, f"the Cedar schema cannot be read: {cause}")]) from None
        errors = []
        names = {*_CEDAR, *_WORD.findall(_SILENT.sub(_only_text, texts[SCHEMA]))}
        for name, text in sources.items():
            checked = cedarpy.validate_policies(text, self._schema)
            if not checked.validation_passed:
                found = [error for each in _statements(text) for error in _faults(name, each, self._schema, names)]
                told = [str(error) for error in checked.errors] or ["the policies do not fit the schema"]
                errors += found or [_error(name, problem) for problem in told]
        if errors:
            raise PolicyErrors(errors)
        self._take(_read(sources))

    def _take(self, policies: Mapping[str, "AccessPolicy"]) -> None:
        import cedarpy

        self.policies = policies
        self._set = cedarpy.PolicySet.from_str("\n".join(policy.text for policy in policies.values()))
        # The answer depends on the request alone, and records under one signature ask the same again and again.
        self._known = lru_cache(maxsize=4096)(self._answer)

    def without(self, name: str) -> "AccessPolicies":
        """The same but for the policy of that `@id`."""
        other = copy(self)
        other._take({each: policy for each, policy in self.policies.items() if each != name})
        return other

    def authorize(self, request: AccessRequest) -> AccessDecision:
        """Allowed only where Cedar allows without any error."""
        person = {"type": "Person", "id": request.principal}
        resource = request.resource.to_json()
        entities = [
            {"uid": person, "attrs": {"roles": sorted(request.roles)}, "parents": []},
            {"uid": resource, "attrs": _cedar_values(request.attributes), "parents": []},
        ]
        query = {
            "principal": person,
            "action": f"Action::{json.dumps(request.action)}",
            "resource": resource,
            "context": _cedar_values(request.context),
        }
        asks = f"{request.principal} may not {request.action} {request.resource.type} {request.resource.id}"
        try:
            written = json.dumps(entities), json.dumps(query)
        except (TypeError, ValueError) as cause:
            return _unfit(asks, cause)
        return self._known(asks, request.action, *written)

    def _answer(self, asks: str, action: str, entities: str, query: str) -> AccessDecision:
        import cedarpy

        try:
            known = cedarpy.Entities.from_json_str(entities, self._schema)
            answer = cedarpy.is_authorized(json.loads(query), self._set, known, self._schema)
        except Exception as cause:  # the binding raises its own family; whatever it is, it is no permission
            return _unfit(asks, cause)
        names = tuple(sorted(answer.diagnostics.id_annotations_by_reason.values()))
        if answer.diagnostics.errors:
            detail = f"a policy could not be judged: {'; '.join(str(error) for error in answer.diagnostics.errors)}"
            return AccessDecision(allowed=False, policies=names, reason=f"{asks}: {detail}")
        if answer.decision == cedarpy.Decision.Allow:
            return AccessDecision(allowed=True, policies=names, reason=f"permitted by {', '.join(names)}")
        if names:
            return self._denied(names, f"{asks}: forbidden by {', '.join(names)}")
        permits = (policy for policy in self.policies.values() if policy.effect == "permit")
        could = tuple(sorted(policy.name for policy in permits if action and policy.action == action))
        unmet = ", ".join(could) or "none is written for this action"
        return self._denied(could, f"{asks}: no policy permits it (not met: {unmet})")

    def _denied(self, names: tuple[str, ...], reason: str) -> AccessDecision:
        says = tuple(self.policies[name].says for name in names if self.policies[name].says)
        return AccessDecision(allowed=False, policies=names, reason=reason, says=says)


def _unfit(asks: str, cause: Exception) -> AccessDecision:
    return AccessDecision(allowed=False, policies=(), reason=f"{asks}: the request does not fit: {cause}")


def _cedar_values(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes or context as Cedar's JSON: an EntityRef, or a list of them, becomes an entity reference."""

    def convert(value: Any) -> Any:
        if isinstance(value, EntityRef):
            return {"__entity": value.to_json()}
        return [convert(item) for item in value] if isinstance(value, (list, tuple)) else value

    return {name: convert(value) for name, value in attributes.items()}


def people(ids: Sequence[str]) -> list[EntityRef]:
    """Persons as entities, for attributes such as `trained_by`."""
    return [EntityRef(type="Person", id=name) for name in sorted(set(ids))]


def access_of(files: Mapping[str, bytes]) -> AccessPolicies | None:
    """Who may act, by a bundle's files; None where they say nothing of it. Raises PolicyErrors with every mistake."""
    said = any(name.startswith("access/") and name.endswith((".cedar", ".cedarschema")) for name in files)
    return AccessPolicies(files) if said else None


class AccessPolicy(NamedTuple):
    """One policy: where it stands, its `@id`, what it does to which action (empty: to several), and what it says.

    `conditions` are Cedar's own JSON of what stands under `when` and `unless`.
    """

    path: str
    line: int
    text: str
    name: str
    effect: Literal["permit", "forbid"]
    action: str
    says: str
    conditions: Any

    def line_of(self, word: str) -> int:
        """The line on which it first names a text, else where it starts."""
        plain = _SILENT.sub(lambda found: found[0] if found[0][0] == '"' else " " * len(found[0]), self.text)
        return self.line + self.text.count("\n", 0, max(plain.find(json.dumps(word, ensure_ascii=False)), 0))


class _Statement(NamedTuple):
    """One policy of a file, the line on which it starts, and the comment above it."""

    line: int
    text: str
    comment: str


def _statements(text: str) -> Iterator[_Statement]:
    """The policies of a file: a semicolon outside text and comments ends one."""
    start = 0
    for found in _ENDS.finditer(text):
        if found[0] == ";":
            yield _placed(text, start, found.end())
            start = found.end()
    if _SILENT.sub("", text[start:]).strip():
        yield _placed(text, start, len(text))


def _placed(text: str, start: int, end: int) -> _Statement:
    begun = _BLANK.match(text, start, end)
    first = begun.end() if begun else start
    comment = " ".join(line.strip() for line in _COMMENT.findall(text[start:first]))
    return _Statement(text.count("\n", 0, first) + 1, text[first:end], comment)


def _faults(path: str, statement: _Statement, schema: Any, names: Collection[str]) -> list[PolicyError]:
    """What Cedar says of one policy alone, at the line of the word that it names, else where the policy starts; beside
    a word that is misspelt, the one of `names` that is meant.
    """
    import cedarpy

    told = [str(getattr(each, "error", each)) for each in cedarpy.validate_policies(statement.text, schema).errors]
    problems = [re.sub(r"^(\[policy0\] )?for policy `policy0`, ", "", each) for each in told]
    # A policy of which a name is unknown fits nothing: who mends the name mends that.
    if any(_UNRECOGNIZED in problem for problem in problems):
        problems = [problem for problem in problems if _UNFIT not in problem]
    errors = []
    for problem in problems:
        if "unexpected token `@`" in problem and (open_end := _without_end(statement.text)) is not None:
            line = statement.line + statement.text.count("\n", 0, open_end)
            errors.append(PolicyError("no `;` ends the Cedar policy", path=path, line=line, hint="write `;` there"))
            continue
        named = re.findall(r"`([^`]+)`", problem) + problem.rsplit(":", 1)[-1].split()
        places = (re.search(rf"(?<!\w){re.escape(word)}(?!\w)", statement.text) for word in named)
        place = next((found.start() for found in places if found), 0)
        line = statement.line + statement.text.count("\n", 0, place)
        words = [word for each in named for word in _WORD.findall(each) if word not in names]
        near = [hint for word in words[:1] if (hint := did_you_mean(word, names)).startswith("did you mean")]
        errors.append(PolicyError(problem, path=path, line=line, hint=near[0] if near else _PAGE))
    return errors


def _without_end(text: str) -> int | None:
    """Where a policy ends that no semicolon ends, in a text that goes on with the annotations of another one."""
    plain = _SILENT.sub(lambda found: " " * len(found[0]), text)
    head = _HEAD.search(plain)
    following = plain.find("@", head.end()) if head else -1
    return len(plain[:following].rstrip()) - 1 if following > 0 else None


def _only_text(found: re.Match[str]) -> str:
    """A quoted text without its quotes, and nothing of a comment."""
    return found[0][1:-1] if found[0][0] == '"' else " "


def _read(sources: Mapping[str, str]) -> dict[str, AccessPolicy]:
    """The policies by their `@id`. Raises PolicyErrors where one has none, or two share one."""
    import cedarpy

    found: dict[str, AccessPolicy] = {}
    errors = []
    for path, text in sources.items():
        for statement in _statements(text):
            try:
                (policy,) = json.loads(cedarpy.policies_to_json_str(statement.text))["staticPolicies"].values()
            except RecursionError:
                errors.append(_error(path, "a policy is nested too deep to be read", statement.line))
                continue
            except ValueError:
                errors.append(_error(path, "no policy that stands by itself", statement.line))
                continue
            name, effect = policy.get("annotations", {}).get("id"), policy["effect"]
            if not name or name in found:
                problem = f"two Cedar policies share the @id `{name}`" if name else "a Cedar policy has no @id"
                errors.append(_error(path, problem, statement.line))
                continue
            action = policy["action"].get("entity", {}).get("id", "")
            says = _says(statement, effect)
            found[name] = AccessPolicy(
                path, statement.line, statement.text, name, effect, action, says, policy.get("conditions", [])
            )
    if errors:
        raise PolicyErrors(errors)
    return found


def _says(statement: _Statement, effect: str) -> str:
    """The comment above a policy, and the roles of which a permit asks one of who acts; empty where it has neither."""
    asked = _OWN_ROLES.findall(statement.text) if effect == "permit" else []
    roles = sorted({word for words in asked for word in _QUOTED.findall(words)})
    return " ".join(filter(None, [statement.comment, f"Asked for: {' or '.join(roles)}." if roles else ""]))


def _text(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise PolicyErrors([_error(name, "not UTF-8 text")]) from None
    if len(data) > MAX_BYTES:
        raise PolicyErrors([_error(name, f"more than {MAX_BYTES} bytes")])
    is_schema = name.endswith(".cedarschema")
    depth = deepest = 0
    # In a policy `<` compares; in a schema it opens the type of a set's entries.
    for bracket in re.findall(r"[()\[\]{}<>]" if is_schema else r"[()\[\]{}]", text):
        depth += 1 if bracket in "([{<" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise PolicyErrors([_error(name, f"brackets nested deeper than {MAX_NESTING}")])
    if len(_OPERATORS.findall(text)) > MAX_OPERATORS:
        raise PolicyErrors([_error(name, f"more than {MAX_OPERATORS} operators in one file")])
    if is_schema and _types_written_out(text) > MAX_TYPES:
        raise PolicyErrors([_error(name, f"more than {MAX_TYPES} types once each name is written out")])
    return text


def _types_written_out(schema: str) -> int:
    """How many types a schema has where each named one counts as often as it is used; one that holds itself, as 0."""
    plain = _SILENT.sub(" ", schema)
    bodies: dict[str, Counter[str]] = {}
    for name, body in _NAMED_TYPE.findall(plain):
        bodies.setdefault(name, Counter()).update(_WORD.findall(body))
    used = {name: {word: n for word, n in words.items() if word in bodies} for name, words in bodies.items()}
    sizes: dict[str, int] = {}
    try:
        for name in TopologicalSorter(used).static_order():
            sizes[name] = bodies[name].total() + sum(n * sizes[word] for word, n in used[name].items())
    except CycleError:  # Cedar names it
        return 0
    return sum(sizes.get(word, 1) for word in _WORD.findall(_NAMED_TYPE.sub(" ", plain))) + sum(sizes.values())


def _error(path: str, problem: str, line: int = 1) -> PolicyError:
    return PolicyError(problem, path=path, line=line, hint=_PAGE)
