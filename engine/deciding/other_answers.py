"""What would change a risk tier: each answer of the questionnaire that decides, given otherwise one at a time."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.backends.base import RegoEngine
from engine.bundle.effective import Effective
from engine.bundle.load import Bundle
from engine.deciding.evaluate import PolicyRecord, Records
from engine.deciding.risk import compute_risk
from engine.deciding.verdict import RiskTier
from evidence.model.base import Frozen
from evidence.snapshot.model import Snapshot

QUESTIONNAIRE = "risk-questionnaire"


class OtherAnswer(Frozen):
    """An answer that is not the one given, and what the system's tier would be with it."""

    question: str
    """The field, with the name in it where it holds several: `annex_iii_answers.5b`."""
    answer: str
    """As JSON."""
    risk: RiskTier


def other_answers(
    bundle: Bundle, effective: Effective, snapshot: Snapshot, records: Records, risk: RiskTier, engine: RegoEngine
) -> tuple[OtherAnswer, ...]:
    """The single other answers by which tier or roles would be others, in the order of the schema.

    Of the questions with answers to choose from: what is said in free words has none. Who signed stays who signed, so
    that a reviewed claim holds as it does. `risk` is what policy computed (`compute_risk`) of the same records.
    """
    given = next((record for record in records.get(QUESTIONNAIRE, ()) if record["id"] == risk.record), None)
    if given is None:
        return ()
    found = []
    for question, answer, content in _alternatives(bundle.schemas[QUESTIONNAIRE], given["predicate"]):
        changed = {**records, QUESTIONNAIRE: [_with(record, given, content) for record in records[QUESTIONNAIRE]]}
        computed = compute_risk(bundle, effective, snapshot, "registration", changed, engine)
        other = computed.risk
        # A role that is named is held: that goes without saying.
        roles_differ = other.roles != risk.roles and question != "roles"
        if computed.error is None and (other.tier != risk.tier or roles_differ):
            found.append(OtherAnswer(question=question, answer=json.dumps(answer), risk=other))
    return tuple(found)


def _with(record: PolicyRecord, given: PolicyRecord, content: Mapping[str, Any]) -> PolicyRecord:
    """The record with the other content where it says the same as the one that decides: a second signature."""
    return {**record, "predicate": content} if record["digest"] == given["digest"] else record


def _alternatives(
    schema: Mapping[str, Any], content: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Question, other answer, and the content with it."""
    for name, part in schema["properties"].items():
        now = content.get(name)
        for answer in _choices(part):
            if answer != now:
                yield name, answer, {**content, name: answer}
        for word in _choices(part.get("items", {})):
            said = now or []
            answer = [one for one in said if one != word] if word in said else [*said, word]
            yield name, answer, {**content, name: answer}
        for key in part.get("x-questions", {}):
            for answer in _choices(part["additionalProperties"]):
                if answer != "not-applicable" and answer != (now or {}).get(key):  # that needs a reviewed reason
                    yield f"{name}.{key}", answer, {**content, name: {**(now or {}), key: answer}}


def _choices(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    """The answers that a schema lists; none for free words, numbers and entries."""
    for option in schema.get("anyOf", ()):
        if choices := _choices(option):
            return choices
    return (True, False) if schema.get("type") == "boolean" else tuple(schema.get("enum", ()))
