"""Risk tiers, roles and dates as controls name them: `policies/parameters/vocabulary.yaml` and `dates.yaml`."""

import datetime
from collections.abc import Iterable, Mapping

from pydantic import Field

from evidence.model.base import Date, Frozen


class AppliesFrom(Frozen):
    """A date from which something applies; a tier's own date wins over the general one."""

    date: Date
    meaning: str
    note: str | None = None
    by_tier: dict[str, Date] = Field(default_factory=dict)
    when: dict[str, str] = Field(default_factory=dict)
    """Switch parameter -> token of the date that holds instead where the parameter is true."""

    def for_tier(self, tier: str) -> datetime.date:
        """The date for a tier; for a tier without its own the general one."""
        return self.by_tier.get(tier, self.date)


class Tier(Frozen):
    """A risk tier (`tier`), a name for several (`group`), or a duty that may lie on any (`overlay`)."""

    kind: str
    meaning: str
    members: tuple[str, ...] = ()


class Vocabulary(Frozen):
    """The words that METADATA may use for tiers, roles and dates."""

    tiers: dict[str, Tier]
    roles: dict[str, str]
    dates: dict[str, AppliesFrom]

    def date_of(self, token: str, tier: str, parameters: Mapping[str, object]) -> datetime.date:
        """The date that a token stands for, for a tier. Raises KeyError for an unknown token."""
        entry = self.dates[token]
        for switch, other in entry.when.items():
            if parameters.get(switch) is True:
                return self.dates[other].for_tier(tier)
        return entry.for_tier(tier)

    def tier_matches(self, declared: Iterable[str], tier: str) -> bool:
        """Whether a tier is among the declared tiers and groups.

        `undetermined` matches every declaration: an unknown tier must not take a control away.
        """
        if tier == "undetermined":
            return True
        names = tuple(declared)
        return tier in names or any(tier in self.tiers[name].members for name in names if name in self.tiers)

    def roles_match(self, declared: Iterable[str], roles: Iterable[str]) -> bool:
        """Whether the organisation holds a declared role; no known role matches every declaration."""
        held, names = set(roles), set(declared)
        return "any" in names or not held or bool(held & names)

    def strictest(self, tiers: Iterable[str]) -> str:
        """The strictest of several tiers; of none, `undetermined`."""
        known = set(tiers)
        return next((tier for tier in STRICTEST_FIRST if tier in known), "undetermined")


STRICTEST_FIRST = (
    "prohibited",
    "undetermined",
    "high-annex-i-a",
    "high-annex-iii",
    "high-annex-i-b",
    "derogated",
    "limited",
    "minimal",
)
"""Tiers in the order in which one beats another where records disagree."""
