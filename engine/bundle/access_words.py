"""Words of closed sets in Cedar policies and in their cases: stages, roles, severities and the like.

To Cedar they are texts like any other: a rule that asks for a misspelt one never holds, in silence, and under a `!` it
lets in whom it was to keep out.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, get_args

from engine.access import AccessPolicy
from engine.bundle.control import Control
from engine.bundle.statements import Apart
from engine.errors import PolicyError, did_you_mean
from evidence.model.predicates.governance import Approval
from evidence.model.predicates.inventory import RegistryEntry
from evidence.model.record import EvidenceClass
from evidence.trust.envelopes import SignatureState

PLACES: Mapping[str, str] = {
    "principal.roles": "role",
    "context.role": "role",
    "context.second_roles": "role",
    "context.issuer_roles": "role",
    "resource.signed_by": "role",
    "resource.kept_from": "act that keeps out",
    "resource.issuer_kind": "kind of issuer",
    "resource.evidence_class": "class of evidence",
    "resource.severity": "severity",
    "resource.basis": "basis",
    "context.evidence_class": "class of evidence",
    "context.stage": "stage",
    "context.gate": "gate",
    "context.decision": "decision",
}
"""By what a request says (`policies/access/schema.cedarschema`), the kind of word that stands there."""
_COMPARED = ("==", "!=", "contains", "containsAny", "containsAll")


def known_words(roles: Collection[str], gates: Collection[str] = ()) -> dict[str, frozenset[str]]:
    """The words of each kind; none of a kind of which nobody knows them here."""
    words: dict[str, Iterable[str]] = {
        "role": roles,
        "gate": gates,
        "stage": get_args(RegistryEntry.model_fields["stage"].annotation),
        "decision": get_args(Approval.model_fields["decision"].annotation),
        "class of evidence": EvidenceClass,
        "severity": get_args(Control.model_fields["severity"].annotation),
        "basis": get_args(Control.model_fields["basis"].annotation),
        "kind of issuer": get_args(SignatureState.model_fields["kind"].annotation),
        "act that keeps out": get_args(Apart),
    }
    return {kind: frozenset(map(str, known)) for kind, known in words.items() if known}


def unknown_words(policies: Iterable[AccessPolicy], known: Mapping[str, Collection[str]]) -> Iterator[PolicyError]:
    """Words with which Cedar policies compare what a request says, and that it never says, at their lines."""
    for policy in policies:
        for place, word in _compared(policy.conditions):
            if (problem := unknown_word(place, word, known)) is not None:
                hint = did_you_mean(word, known[PLACES[place]])
                yield PolicyError(problem, path=policy.path, line=policy.line_of(word), hint=hint)


def unknown_word(place: str, word: str, known: Mapping[str, Collection[str]]) -> str | None:
    """What is wrong with a word at a place of a request, such as `context.stage`; None where nothing is."""
    kind = PLACES.get(place, "")
    return f"unknown {kind} `{word}`" if kind in known and word not in known[kind] else None


def _compared(conditions: Any) -> Iterator[tuple[str, str]]:
    """Each place of a request with each text that it is held against, in Cedar's JSON of a policy's conditions."""
    waiting = [conditions]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict):
            waiting += reversed(node.values())
            if isinstance(like := node.get("like"), dict) and (place := _place(like.get("left"))) in PLACES:
                yield from ((place, text) for text in _whole(like.get("pattern")))
            for compared in (node[name] for name in _COMPARED if isinstance(node.get(name), dict)):
                left, right = compared.get("left"), compared.get("right")
                for asked, given in ((left, right), (right, left)):
                    if (place := _place(asked)) in PLACES:
                        yield from ((place, text) for text in _texts(given))


def _place(node: Any) -> str:
    """`context.stage` of an attribute of one of a request's parts; empty for anything else."""
    attribute = node.get(".") if isinstance(node, dict) else None
    if not isinstance(attribute, dict) or not isinstance(attribute.get("left"), dict):
        return ""
    return f"{attribute['left'].get('Var')}.{attribute.get('attr')}"


def _whole(pattern: Any) -> list[str]:
    """The text of a pattern without a wildcard: it is compared as by `==`."""
    parts = [part.get("Literal") if isinstance(part, dict) else None for part in pattern or ()]
    letters = [part for part in parts if isinstance(part, str)]
    return ["".join(letters)] if len(letters) == len(parts) else []


def _texts(node: Any) -> list[str]:
    """The texts that stand by themselves, in a set, or as an outcome of `if`."""
    if not isinstance(node, dict):
        return []
    one, several, choice = node.get("Value"), node.get("Set", []), node.get("if-then-else", {})
    found = [one] if isinstance(one, str) else []
    parts = [*several, *(choice.get(name) for name in ("then", "else"))]
    return found + [text for part in parts for text in _texts(part)]
