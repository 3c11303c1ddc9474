"""What brings evidence in: a collector reads a source and gives drafts of records, and lineage, as found.

It signs nothing, asks nobody and keeps nothing: whoever calls it has that permitted, signed and filed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from evidence.model.predicates.base import Predicate
from evidence.model.predicates.values import PersonRef
from evidence.model.record import EvidenceClass
from evidence.model.subject import Subject

if TYPE_CHECKING:
    from evidence.lineage.graph import Lineage

Source_contra = TypeVar("Source_contra", contravariant=True)


@dataclass(frozen=True)
class RecordDraft:
    """A record before it is permitted, signed and filed.

    `about` maps names to `sha256:` digests, the subjects of the statement. `collected_at` is when the facts were
    seen. `source` is where they came from, the signer's own word where None. `evidence_class` is the usual one of the
    type where None. The record expires at its type's greatest age, or at `expires_at` where that is earlier. `replaces`
    is the id of a record that it stands in for, `owner` who answers for what the record is about.
    """

    content: Predicate
    about: Mapping[str, str]
    system_id: str
    collected_at: datetime
    source: str | None = None
    model_version: str | None = None
    evidence_class: EvidenceClass | None = None
    expires_at: datetime | None = None
    replaces: str | None = None
    owner: PersonRef | None = None

    @classmethod
    def on(
        cls,
        subject: Subject,
        content: Predicate,
        collected_at: datetime,
        *,
        source: str | None = None,
        model_version: str | None = None,
        expires_at: datetime | None = None,
    ) -> "RecordDraft":
        """A draft about one registered subject."""
        return cls(
            content=content,
            about={subject.name: subject.digest},
            system_id=subject.system_id,
            collected_at=collected_at,
            source=source,
            model_version=model_version,
            expires_at=expires_at,
        )


@dataclass(frozen=True)
class Collected:
    """What a source told: drafts of records, and lineage, where it told of any."""

    records: tuple[RecordDraft, ...] = ()
    lineage: "Lineage | None" = None


class Collector(Protocol[Source_contra]):
    """Reads one kind of source: a file, a folder, a node of the lineage graph, an outside system."""

    def collect(self, source: Source_contra) -> Collected:
        """What the source tells, the same for the same source. Raises EvidenceError that names the place."""
        ...
