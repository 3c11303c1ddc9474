"""Proofs of the Cedar policies: requests and what must come of them, and that each policy decides in some of these.

`access/access.cases.json` has `cases`; each names who asks in which roles, the action, the resource with its
attributes, the context, the decision, and the policies (`@id`) that the answer names: those that decided, or, where
nothing permits, those that could have.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from engine.access import AccessDecision, AccessPolicies, AccessRequest, EntityRef, people
from engine.bundle.access_words import PLACES, unknown_word
from engine.bundle.documents import Document, parse_model, read_yaml
from engine.bundle.files import ACCESS_CASES
from engine.errors import PolicyError, did_you_mean, refuse
from evidence.model.base import Frozen
from evidence.model.canonical import canonical_bytes

PERSON, PEOPLE = "person", "people"


class AccessCase(Frozen):
    """A request and what must come of it, as written: `{"person": …}` and `{"people": […]}` stand for persons."""

    name: str = Field(min_length=3)
    principal: str
    roles: tuple[str, ...]
    action: str
    resource: EntityRef
    attributes: dict[str, Any]
    context: dict[str, Any] = Field(default_factory=dict)
    decision: Literal["allow", "deny"]
    policies: tuple[str, ...]

    @property
    def request(self) -> AccessRequest:
        """What is asked of Cedar."""
        return AccessRequest(
            principal=self.principal,
            roles=self.roles,
            action=self.action,
            resource=self.resource,
            attributes={name: _meant(value) for name, value in self.attributes.items()},
            context={name: _meant(value) for name, value in self.context.items()},
        )

    @property
    def text(self) -> str:
        """The request in a line."""
        parts = ((name, given) for name, given in (("with", self.attributes), ("in", self.context)) if given)
        said = "".join(f", {name} {canonical_bytes(given).decode()}" for name, given in parts)
        roles = " and ".join(self.roles) or "nobody"
        return f"{self.principal} as {roles}: {self.action} {self.resource.type} {self.resource.id}{said}"


class AccessCases(Frozen):
    """The file of cases, as written."""

    about: str = ""
    cases: tuple[AccessCase, ...] = Field(min_length=1)


@dataclass(frozen=True)
class AccessOutcome:
    """A case, where it stands, and what came of it; `problem` is empty where that is as it says."""

    case: AccessCase
    line: int
    answer: AccessDecision

    @property
    def came_to(self) -> str:
        return "allow" if self.answer.allowed else "deny"

    @property
    def problem(self) -> str:
        named = sorted(self.case.policies) == sorted(self.answer.policies)
        if self.case.decision == self.came_to and named:
            return ""
        expected = f"{self.case.decision} by {_names(self.case.policies)}"
        return f"expected {expected}, came to {self.came_to} by {_names(self.answer.policies)}: {self.case.text}"


def read_access_cases(
    proofs: Mapping[str, bytes], policies: AccessPolicies, known: Mapping[str, Any]
) -> list[tuple[AccessCase, int]]:
    """The cases of a bundle's Cedar policies, each with its line; `known` are words by kind (`known_words`): a
    case may name any gate.

    Raises PolicyError or PolicyErrors for a file that is missing or does not fit.
    """
    if ACCESS_CASES not in proofs:
        hint = 'write what must come of requests: {"cases": […]}, see docs/policies.md, Access'
        raise PolicyError("the Cedar policies have no cases", path=ACCESS_CASES, line=1, hint=hint)
    document = read_yaml(proofs[ACCESS_CASES], ACCESS_CASES)  # JSON is YAML, whose reader knows the lines
    cases = parse_model(AccessCases, document, document.value).cases
    names = [case.name for case in cases]
    mistakes = [
        document.error(f"the case `{name}` stands twice", "cases", index, "name", hint="rename one")
        for index, name in enumerate(names)
        if name in names[:index]
    ]
    mistakes += [
        mistake for index, case in enumerate(cases) for mistake in _mistakes(document, case, index, policies, known)
    ]
    refuse(mistakes)
    return [(case, document.line("cases", index)) for index, case in enumerate(cases)]


def _mistakes(
    document: Document, case: AccessCase, index: int, policies: AccessPolicies, known: Mapping[str, Any]
) -> Iterator[PolicyError]:
    """Policies that there are not, values that a request cannot hold, and words that none of its places has."""
    at = ("cases", index)
    for number, name in enumerate(case.policies):
        if name not in policies.policies:
            hint = did_you_mean(name, policies.policies)
            yield document.error(f"no policy has the @id `{name}`", *at, "policies", number, hint=hint)
    said: list[tuple[str, Any, tuple[str, ...]]] = [("principal.roles", case.roles, ("roles",))]
    said += [(f"resource.{name}", value, ("attributes", name)) for name, value in case.attributes.items()]
    said += [(f"context.{name}", value, ("context", name)) for name, value in case.context.items()]
    for place, value, where in said:
        if not _is_value(value):
            hint = f'write a text, a number, true, false, a list of texts, {{"{PERSON}": …}} or {{"{PEOPLE}": […]}}'
            yield document.error("is nothing that a request holds", *at, *where, hint=hint)
        for word in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
            if (problem := unknown_word(place, word, known)) is not None:
                yield document.error(problem, *at, *where, hint=did_you_mean(word, known[PLACES[place]]))


def _is_value(value: Any) -> bool:
    if isinstance(value, dict):
        person, several = value.get(PERSON), value.get(PEOPLE)
        return len(value) == 1 and (isinstance(person, str) or _is_texts(several))
    return isinstance(value, (str, bool, int)) or _is_texts(value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _meant(value: Any) -> Any:
    if isinstance(value, dict):
        return people(value[PEOPLE]) if PEOPLE in value else EntityRef(type="Person", id=value[PERSON])
    return value


def run_access_cases(policies: AccessPolicies, cases: list[tuple[AccessCase, int]]) -> list[AccessOutcome]:
    """What comes of each case."""
    return [AccessOutcome(case, line, policies.authorize(case.request)) for case, line in cases]


def needless_policies(policies: AccessPolicies, outcomes: list[AccessOutcome]) -> list[PolicyError]:
    """Policies without which every case would be decided as it is: nothing shows that they are right.

    Each is taken away by itself; only where it decided can that change anything.
    """
    found = []
    for name, policy in policies.policies.items():
        rest = policies.without(name)
        decided = (item for item in outcomes if name in item.answer.policies)
        if not any(rest.authorize(item.case.request).allowed != item.answer.allowed for item in decided):
            turned = "allows" if policy.effect == "permit" else "denies"
            hint = f"write a case in {ACCESS_CASES} that it alone {turned}"
            problem = f"without `{name}` every case is decided alike"
            found.append(PolicyError(problem, path=policy.path, line=policy.line, hint=hint))
    return found


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(sorted(names)) or "no policy"
