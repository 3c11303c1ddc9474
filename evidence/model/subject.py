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


class Subject(Frozen):
    """A subject of a decision. `digest` is the SHA-256 of the artifact or dataset, or `system_digest` of the system."""

    kind: SubjectKind
    name: str
    digest: DigestText
    system_id: str


@lru_cache(maxsize=4096)
def system_digest(system_id: str) -> str:
    """The digest that stands for a system as a whole in `subject` of an in-toto statement, which asks for one."""
    return digest_json({"system_id": system_id})


def system_subject(system_id: str) -> Subject:
    """A system as a whole."""
    return Subject(kind=SubjectKind.SYSTEM, name=system_id, digest=system_digest(system_id), system_id=system_id)
