"""An organisation's own evidence types, `custom/<name>`, of which its policies hold the schema.

A ledger takes in a record of such a type without knowing what it holds: policies change, what was filed does not. So
here any content is let in, within the limits of every record, and of the two classes alone that somebody else answers
for. What fits is for the policies that decide to say (`engine.bundle.own`), and these turn away what does not.
"""

import re
from functools import lru_cache
from typing import Any

from pydantic import ConfigDict

from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import PREDICATE_URI, Predicate

CUSTOM = "custom/"
"""What stands before the name in the evidence type."""
MAX_NAME = 64
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_BEFORE, _AFTER = PREDICATE_URI.split("{type}")


class OwnPredicate(Predicate):
    """Content of an organisation's own type. Quaestor neither measures nor derives it."""

    model_config = ConfigDict(populate_by_name=False)

    CLASSES = ("attested", "ingested")
    COLLECTOR = "the organisation's own"
    MAX_AGE = "P10Y"
    RECORD_CLASS = "technical-documentation"


class _AnyContent(OwnPredicate):
    """Any JSON object, as it is written."""

    model_config = ConfigDict(extra="allow")

    def to_json(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


def is_own(type_: str) -> bool:
    """Whether an evidence type is an organisation's own, by its name."""
    name = type_.removeprefix(CUSTOM)
    return name != type_ and len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


def model_of(type_: str) -> type[Predicate]:
    """The model of a type as every ledger knows it. Raises KeyError for what is no type."""
    return _any_content(type_) if is_own(type_) else PREDICATES[type_]


@lru_cache(maxsize=256)
def _any_content(type_: str) -> type[Predicate]:
    return type("AnyContent", (_AnyContent,), {"TYPE": type_, "__module__": __name__})


def type_of_uri(uri: str) -> str | None:
    """The evidence type of an in-toto predicateType; None for one that is no evidence of Quaestor's."""
    type_ = uri.removeprefix(_BEFORE).removesuffix(_AFTER)
    return type_ if PREDICATE_URI.format(type=type_) == uri and (type_ in PREDICATES or is_own(type_)) else None
