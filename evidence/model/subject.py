"""What is judged: an immutable model version, a system, a dataset, or an organisation's portfolio."""

from enum import StrEnum
from functools import lru_cache

from evidence.model.base import DigestText, Frozen
from evidence.model.canonical import digest_json


class SubjectKind(StrEnum):
    MODEL = "model"
    SYSTEM = "system"
    DATASET = "dataset"
    PORTFOLIO = "portfolio"


ORGANIZATION = "organization"
"""The organisation as a whole: what statements about it name as their scope, and the id under which its records lie."""

PORTFOLIO_LISTING = digest_json({"listing": "portfolio"})
"""The digest under which the ledger's map has all that tells how the organisation's systems stand, whosever it is."""


class Subject(Frozen):
    """A subject of a decision. `digest` is the SHA-256 of the artifact or dataset, or `system_digest` of the system."""

    kind: SubjectKind
    name: str
    digest: DigestText
    system_id: str

    @property
    def has_tier(self) -> bool:
        """Whether it has a risk tier: an organisation has systems of many."""
        return self.kind is not SubjectKind.PORTFOLIO


@lru_cache(maxsize=4096)
def system_digest(system_id: str) -> str:
    """The digest that stands for a system as a whole in `subject` of an in-toto statement, which asks for one."""
    return digest_json({"system_id": system_id})


@lru_cache(maxsize=64)
def gate_digest(gate: str) -> str:
    """The digest that stands for a gate in `subject` of a decision's statement, so that its leaf tells the gate."""
    return digest_json({"gate": gate})


def system_subject(system_id: str) -> Subject:
    """A system as a whole."""
    return Subject(kind=SubjectKind.SYSTEM, name=system_id, digest=system_digest(system_id), system_id=system_id)


def portfolio_subject() -> Subject:
    """The organisation's portfolio: what it has filed about itself and not about one system."""
    digest = system_digest(ORGANIZATION)
    return Subject(kind=SubjectKind.PORTFOLIO, name=ORGANIZATION, digest=digest, system_id=ORGANIZATION)
