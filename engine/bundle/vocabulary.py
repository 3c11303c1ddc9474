"""Risk tiers, roles and dates as controls name them: `policies/parameters/vocabulary.yaml` and `dates.yaml`."""

import datetime
from collections.abc import Iterable, Mapping

from pydantic import Field

from engine.bundle.documents import Document, parse_model
from engine.errors import did_you_mean, refuse
from evidence.model.base import Date, Frozen

DATES_PATH = "parameters/dates.yaml"
VOCABULARY_PATH = "parameters/vocabulary.yaml"


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

        `undetermined` matches every declaration: an unknown tier must not take a control away. So does an overlay
        among the declared names, since whether its duty lies on the system is not in the tier.
        """
        names = tuple(declared)
        if tier == "undetermined" or any(name in self.tiers and self.tiers[name].kind == "overlay" for name in names):
            return True
        return tier in names or any(tier in self.tiers[name].members for name in names if name in self.tiers)

    def roles_match(self, declared: Iterable[str], roles: Iterable[str]) -> bool:
        """Whether the organisation holds a declared role.

        Who names no operator's role (AI Act, Art 3(8)) has not said which duties are theirs: every declaration of
        operators then matches. So does every declaration where no role is known.
        """
        held, names = set(roles), set(declared)
        unsaid = not held & ROLES_OF_THE_ACT and bool(names & ROLES_OF_THE_ACT)
        return "any" in names or not held or unsaid or bool(held & names)

    def strictest(self, tiers: Iterable[str]) -> str:
        """The strictest of several tiers; of none, `undetermined`, which an unknown name counts as too."""
        known = {tier if tier in STRICTEST_FIRST else "undetermined" for tier in tiers}
        return next((tier for tier in STRICTEST_FIRST if tier in known), "undetermined")


STRICTEST_FIRST = (
    "prohibited",
    "undetermined",
    # Annex III binds earlier (2 December 2027) than Annex I (2 August 2028).
    "high-annex-iii",
    "high-annex-i-a",
    "high-annex-i-b",
    "derogated",
    "limited",
    "minimal",
)
"""Tiers in the order in which one beats another where records disagree."""

ROLES_OF_THE_ACT = frozenset(
    ("provider", "deployer", "importer", "distributor", "representative", "product-manufacturer", "gpai-provider")
)
"""Roles of the AI Act (Art 3(3) to (8), 25, 53), of which whoever comes under it has one at least."""


class DatesFile(Frozen):
    """`policies/parameters/dates.yaml`: by token, the day from which something applies."""

    dates: dict[str, AppliesFrom]


class VocabularyFile(Frozen):
    """`policies/parameters/vocabulary.yaml`: the tiers and roles that METADATA may name."""

    tiers: dict[str, Tier]
    roles: dict[str, str]


def read_vocabulary(words: Document, dates: Document) -> Vocabulary:
    """The vocabulary of a bundle. Raises PolicyErrors for a file that does not fit and for an unknown name in it."""
    named, days = parse_model(VocabularyFile, words, words.value), parse_model(DatesFile, dates, dates.value)
    mistakes = [
        words.error(f"unknown tier `{member}`", "tiers", name, "members", hint=did_you_mean(member, named.tiers))
        for name, tier in named.tiers.items()
        for member in tier.members
        if member not in named.tiers
    ]
    mistakes += [
        dates.error(f"unknown date `{token}`", "dates", name, "when", hint=did_you_mean(token, days.dates))
        for name, entry in days.dates.items()
        for token in entry.when.values()
        if token not in days.dates
    ]
    refuse(mistakes)
    return Vocabulary(tiers=named.tiers, roles=named.roles, dates=days.dates)
