"""Records that are made with a snapshot, because only the ledger knows them.

They are the `evidence-index`, the `audit-log` entries of the subject, the `feed-status` of the feeds that Quaestor
itself keeps (waivers), the `intake-standing` of a system's datasets, and of the organisation the `portfolio-standing`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from evidence.model.duration import add_duration
from evidence.model.notes import RunStarted
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.log import AuditLog, EvidenceIndex
from evidence.model.predicates.operation import FeedStatus
from evidence.model.predicates.standing import IntakeStanding, PortfolioStanding
from evidence.model.predicates.values import LoggedRun, Period, RecordRef
from evidence.model.record import EvidenceClass, Record, Statement, new_statement, read_record
from evidence.model.row_sketch import same_rows
from evidence.model.subject import SubjectKind
from evidence.snapshot.intake import intake_standing
from evidence.snapshot.model import Entry, Excluded, Snapshot
from evidence.snapshot.runs import read_runs
from evidence.snapshot.standing import standing_of
from evidence.snapshot.view import View
from evidence.trust.envelopes import SignatureState

COLLECTOR = "quaestor"
OWN_FEEDS = ("waiver",)
"""Feeds whose events are born in the store, so that the store can say that its list is complete."""
LATER = (IntakeStanding.TYPE,)
"""Types that earlier releases did not make. A control that asks for one fails where it is not there."""
LOGGED_ACTIONS = ("registered", "promoted", "demoted", "deployed", "refused", "approved", "waived", "decided", "purged")


def untold(snapshot: Snapshot) -> frozenset[str]:
    """Types that the release which took a snapshot did not make.

    It would not have known a record that somebody filed as one either: who holds the installation's key can sign that.
    """
    return frozenset(LATER) - {entry.record.type for entry in snapshot.entries}


def tells_portfolio(snapshot: Snapshot) -> bool:
    """Whether a snapshot says how the organisation's systems stand; a store of an earlier release did not."""
    asked = snapshot.subject.kind is SubjectKind.PORTFOLIO
    return asked and any(entry.record.type == PortfolioStanding.TYPE for entry in snapshot.entries)


def derived_entries(
    view: View, entries: Sequence[Entry], excluded: Sequence[Excluded], *, but: Collection[str] = ()
) -> list[Entry]:
    """The records that the view itself gives rise to; `entries` and `excluded` are those of the snapshot so far.

    `but` are types that are not made (`untold`).
    """
    # What cannot be read may have been an event of the feed.
    unreadable = tuple(sorted(item.id for item in excluded if item.reason == "unreadable"))
    made: list[Predicate] = [
        FeedStatus(
            feed=feed,
            window=Period(start=view.instant.replace(year=view.instant.year - 1, day=1), end=view.instant),
            count=sum(1 for entry in entries if entry.record.type == feed),
            complete=not unreadable,
        )
        for feed in OWN_FEEDS
    ]
    made += _audit_log(view)
    standing = standing_of(view)
    made += () if standing is None else (standing,)
    intake = None if IntakeStanding.TYPE in but else intake_standing(view, entries, excluded)
    made += () if intake is None else (intake,)
    filed, logged, runs = _test_runs(view)
    made.append(
        EvidenceIndex(
            records=tuple(_reference(entry) for entry in sorted(entries, key=lambda e: e.record.id)),
            subject_digest=view.subject.digest,
            test_split_runs=filed,
            logged_test_split_runs=logged,
            test_runs=runs,
            unreadable=unreadable,
        )
    )
    return [
        Entry(
            record=read_record(_statement(content, view)),
            signature=SignatureState(state="absent"),
            derived_here=True,
            filed_at=view.instant,
            log_index=view.holdings.checkpoint.size,
        )
        for content in made
    ]


def _statement(content: Predicate, view: View) -> Statement:
    return new_statement(
        content,
        subject={view.subject.name: view.subject.digest},
        envelope={
            "evidence_class": EvidenceClass.DERIVED,
            "system_id": view.subject.system_id,
            "source": "store",
            "collector": COLLECTOR,
            "issuer": COLLECTOR,
            "issued_at": view.instant,
            "collected_at": view.instant,
            "expires_at": add_duration(view.instant, content.MAX_AGE),
        },
    )


def _reference(entry: Entry) -> RecordRef:
    record, envelope = entry.record, entry.record.envelope
    return RecordRef(
        record_id=record.id,
        type=record.type,
        evidence_class=envelope.evidence_class.value,
        subject_digests=tuple(sorted(record.subject)),
        collected_at=envelope.collected_at,
        expires_at=envelope.expires_at,
        signature_state=entry.signature.state,
        signer_kind=entry.signature.kind,
        signer_role=entry.signature.roles[0] if entry.signature.roles else None,
    )


def _audit_log(view: View) -> list[Predicate]:
    """The ledger's entries about the subject that the view knows.

    Their inclusion under the checkpoint, that it extends the one before it, and that they are all, was verified when
    the view was taken (`evidence.store.holdings`), which is refused where one of these does not hold.
    """
    return [
        AuditLog(
            sequence=leaf.index,
            entry_hash=f"sha256:{leaf.hash.hex()}",
            actor=leaf.actor,
            action=leaf.action,
            object_ref=view.subject.digest,
            at=leaf.at,
            inclusion_verified=True,
            consistency_verified=True,
            checkpoint_witnessed=False,
            chain_verified=True,
        )
        for leaf in view.known
        # Withdrawing a record refuses no update of the artifact, though the log has one word for both.
        if view.subject.digest in leaf.subjects and leaf.action in LOGGED_ACTIONS and leaf.kind != "withdrawal"
    ]


def _test_runs(view: View) -> tuple[int, int, tuple[LoggedRun, ...]]:
    """Runs of the system's models on a test split: how many have a record on file, how many are logged, and each.

    A run is logged before it starts, so one whose result was not liked and not filed still counts. A record stands for
    the run that its source names, so that filing one run twice, or one that never was, makes up for none. A run that
    was killed stays a run; what was told of it (`lost_runs`) stands for its record.
    """
    runs = read_runs(view)
    filed = runs.measured("test")
    # A run that ended before it measured anything told nobody anything.
    ended = runs.ended - filed.keys()
    counted = [note for note in runs.started if note.split == "test" and note.run not in ended]
    started = {note.run for note in counted}
    lost = {name: statement for name, statement in runs.lost.items() if name in started and name not in filed}
    told = filed.keys() | lost.keys()
    known = told if started <= told else told & started
    records = [filed.get(note.run) for note in counted]
    logged = [_logged_run(note, record, lost) for note, record in zip(counted, records, strict=True)]
    return len(known), len(started), tuple(_with_same_rows(logged, records))


def _with_same_rows(runs: Sequence[LoggedRun], records: Sequence[Record | None]) -> Iterator[LoggedRun]:
    """The runs, each with the earlier data that hold mostly its rows: written anew they are no new test."""
    first: dict[str, str] = {}
    sketches: dict[str, list[int]] = {}
    for run, record in zip(runs, records, strict=True):
        data, keys = run.dataset_digest, record.content.get("row_sketch") if record is not None else None
        if data is not None and data not in first and keys:
            sketch = [int(key, 16) for key in keys]
            first[data] = next((other for other, known in sketches.items() if same_rows(sketch, known)), data)
            sketches.setdefault(first[data], sketch)
        same = first.get(data, data) if data is not None else None
        yield run.model_copy(update={"same_rows_as": same}) if same != data else run


def _logged_run(note: RunStarted, record: Record | None, lost: Mapping[str, str]) -> LoggedRun:
    """A run as it was logged; what the entry does not say is as the record has it."""
    content = record.content if record is not None else {}
    return LoggedRun(
        plan_digest=note.plan_digest,
        artifact_digest=note.artifact_digest or content.get("artifact_digest"),
        dataset_digest=note.dataset_digest or content.get("dataset_digest"),
        record_id=record.id if record is not None else lost.get(note.run),
    )
