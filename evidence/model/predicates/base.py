"""What all predicates have in common."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from evidence.model.base import Frozen

PREDICATE_URI = "https://quaestor.dev/evidence/{type}/v1"


ARTIFACT: Mapping[str, str] = {"model": "artifact_digest"}
ARTIFACT_ON_DATA: Mapping[str, str] = {"model": "artifact_digest", "dataset": "dataset_digest"}
DATASET: Mapping[str, str] = {"dataset": "dataset_digest"}
CONTENT: Mapping[str, str] = {"dataset": "content_digest"}
WHAT_IS_DECIDED: Mapping[str, str] = {"model": "artifact_digest", "dataset": "artifact_digest"}
"""What records are about, for `Predicate.ABOUT`."""


class Predicate(Frozen):
    """Content of one kind of evidence record, as typed in the control catalogue."""

    TYPE: ClassVar[str]
    CLASSES: ClassVar[tuple[str, ...]]
    """Evidence classes that the type allows; the first is the usual one."""
    COLLECTOR: ClassVar[str]
    MAX_AGE: ClassVar[str]
    """ISO 8601 duration after which a record of the type is stale, if it does not say earlier."""
    RECORD_CLASS: ClassVar[str]
    """Class of records under which retention keeps it and lets it go (policies/retention/table.rego)."""
    FEED: ClassVar[bool] = False
    """The type brings events, so that none of them is a statement only beside a complete feed-status."""

    EVENT: ClassVar[tuple[str, ...]] = ()
    """The fields of the content that tell one event from another (`evidence.model.events`): when, what, to whom.
    Several records of one event count once. Empty where no fields tell it, so that each content is one of its own."""

    RETOLD: ClassVar[Mapping[str, tuple[Any, ...] | None] | None] = None
    """A later account of the same event that takes nothing of an earlier one back stands in its place
    (`evidence.model.events.taken_back`). By field, from the mildest, the values that a later account may call graver; a
    number without any may grow; what is foreseen or handed on (None) may be told anew. None for the type: each account
    stands for itself."""

    SUPERSEDES: ClassVar[tuple[str, ...] | None] = None
    """A record tells how something stands now, so that a later one about the same subject replaces it, where these
    fields of the content are the same (`evidence.snapshot.superseding`). None: later records stand beside earlier ones.
    """

    CHANGED_BY_TWO: ClassVar[bool] = False
    """Where a later record replaces this one, two persons sign whatever it changes; what was left open one person alone
    may complete."""

    ABOUT: ClassVar[Mapping[str, str]] = {}
    """What a record is about, by kind of the subject that is judged (`model`, `dataset`): the field of the content that
    holds its digest. A policy sees the records of that subject alone; a kind that is not named is not asked."""

    @classmethod
    def uri(cls) -> str:
        """The in-toto predicateType of the type."""
        return PREDICATE_URI.format(type=cls.TYPE)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy; what is changed in it is checked as in a new one, so that no content is about that does not fit."""
        if not update:
            return super().model_copy(deep=deep)
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return self.model_validate({**kept, **update})
