"""How systems and datasets stand, by the decisions that the ledger holds about them."""

from typing import Literal

from pydantic import Field

from evidence.model.base import DigestText, Frozen, Happened, Instant, Name
from evidence.model.predicates.base import Predicate


class StandingDecision(Frozen):
    """The last word of a gate on a version, as of the time when it was made.

    `statuses` tell what it said of each control, `waived_until` when the waiver ends by which one is waived. `gone` are
    records that it counted and that were withdrawn or erased since.
    """

    decision: DigestText
    outcome: Literal["allow", "deny", "indeterminate"]
    decided_at: Happened
    bundle_digest: DigestText
    overlay_digest: DigestText
    statuses: dict[Name, Literal["pass", "fail", "missing", "not-applicable", "waived", "error"]]
    waived_until: dict[Name, Instant]
    gone: tuple[DigestText, ...]


class LetGo(Frozen):
    """Policies by which gate `retirement` let a version go, where they are not those that came with the installation as
    they are, or controls were switched off: the version stands but where they are in force.
    """

    bundle_digest: DigestText
    overlay_digest: DigestText


class StandingVersion(Frozen):
    """A version, and by gate the last word on it."""

    system_id: Name
    version: Name
    digest: DigestText
    decisions: dict[Name, StandingDecision]
    let_go: LetGo | None = None


class RetiredVersion(Frozen):
    """A version that the gate `retirement` let go, and that was neither registered nor promoted since."""

    system_id: Name
    version: Name
    digest: DigestText
    decision: DigestText


class PortfolioStanding(Predicate):
    """How every registered system stands, read off the ledger when the organisation's snapshot is taken."""

    TYPE = "portfolio-standing"
    CLASSES = ("derived",)
    COLLECTOR = "engine, when the snapshot of the organisation is taken"
    MAX_AGE = "P1D"
    RECORD_CLASS = "quality-system"

    versions: tuple[StandingVersion, ...] = Field(
        description="Each version that was promoted or let run once and not retired; else the newest of its system"
    )
    retired: tuple[RetiredVersion, ...] = Field(description="Versions that gate retirement let go; empty list if none")


class DatasetStanding(Frozen):
    """The last word of gate data-intake on a dataset, as of the time when it was made.

    `until` is when the first waiver ends, or control binds again, without which it would not stand as it does; None
    where it rests on none. `tier` and `roles` are those that the system had then. `gone` are records that it counted
    and that were withdrawn, erased or replaced by a person since, and `unseen` records about the dataset that it did
    not look at, but for what runs of a model measured.
    """

    digest: DigestText
    name: str
    decision: DigestText
    outcome: Literal["allow", "deny", "indeterminate"]
    decided_at: Happened
    bundle_digest: DigestText
    overlay_digest: DigestText
    tier: Name
    roles: tuple[Name, ...]
    until: Instant | None = None
    gone: tuple[DigestText, ...]
    unseen: tuple[DigestText, ...]


class IntakeStanding(Predicate):
    """What gate data-intake said last of each dataset of a system, read off the ledger when a snapshot is taken."""

    TYPE = "intake-standing"
    CLASSES = ("derived",)
    COLLECTOR = "engine, when the snapshot of a model or system is taken"
    MAX_AGE = "P1D"
    RECORD_CLASS = "quality-system"

    datasets: tuple[DatasetStanding, ...] = Field(
        description="Each dataset on which gate data-intake decided for the system; empty list if none"
    )
