"""Notes: what doors write into the ledger besides evidence records, each a typed predicate of an in-toto Statement.

A note is found by its predicate type, in the one table `NOTES`. Of a decision, the body is opaque here, but for the few
facts that later snapshots go by (`DecisionNote.facts`): its form belongs to the floor above.
"""

from functools import cached_property
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import ConfigDict, JsonValue, ValidationError

from evidence.model.base import Date, DigestText, Frozen, Instant, Text
from evidence.model.errors import EvidenceError
from evidence.model.mistakes import explain
from evidence.model.record import Statement, StatementHead, plain_statement
from evidence.model.subject import Subject

_READ = "note that was read"
AnyPart = TypeVar("AnyPart", bound=Frozen)
NoteKind = Literal["decision", "snapshot", "withdrawal", "erasure", "run", "charts", "lineage"]
"""What a note is to the store."""


class Note(Frozen):
    """A note. `TYPE` is its predicate type, `KIND` what the ledger calls it, `BODIES` fields with a model elsewhere."""

    TYPE: ClassVar[str]
    KIND: ClassVar[NoteKind]
    BODIES: ClassVar[tuple[str, ...]] = ()

    system_id: str | None = None
    """The system that it concerns; all but the erasure of a statement without a system have one."""


class Withdrawal(Note):
    """A record that counts no more; it stays in the log."""

    TYPE = "https://quaestor.dev/withdrawal/v1"
    KIND = "withdrawal"

    record: DigestText
    reason: Text
    by: str
    second: str | None = None
    """Who signed beside them."""
    at: Instant


class Erasure(Note):
    """A statement whose payload was deleted. Whom it told to have trained or built a version is kept: who may sign for
    the system hangs on that, and the person it names would else be free to.
    """

    TYPE = "https://quaestor.dev/erasure/v1"
    KIND = "erasure"

    erased: DigestText
    reason: str
    by: str
    at: Instant
    trainer: tuple[str, ...] | None = None
    builder: tuple[str, ...] | None = None


class RunStarted(Note):
    """A validation that is about to run; logged first, so that one whose result is not liked still counts."""

    TYPE = "https://quaestor.dev/validation-started/v1"
    KIND = "run"

    run: str
    plan_digest: DigestText
    split: str
    started_at: Instant
    artifact_digest: DigestText | None = None
    """The model and the data; entries of earlier releases do not say them."""
    dataset_digest: DigestText | None = None


class RunEnded(Note):
    """A run that ended before it measured anything; `ended` is its id."""

    TYPE = "https://quaestor.dev/validation-ended/v1"
    KIND = "run"

    ended: str
    reason: str
    at: Instant


class RunLost(Note):
    """A run that was killed, so that no record of it will come: it stays a run, and a person says what became of it."""

    TYPE = "https://quaestor.dev/validation-lost/v1"
    KIND = "run"

    lost: str
    reason: Text
    by: str
    at: Instant


class RunCharts(Note):
    """Curves of a run; `run` is the id of its `validation-run` record."""

    TYPE = "https://quaestor.dev/validation-charts/v1"
    KIND = "charts"
    BODIES = ("charts",)

    run: DigestText
    charts: dict[str, JsonValue]
    notes: tuple[str, ...] = ()


class LineageImport(Note):
    """A part of an import of lineage, as `evidence.lineage.graph.Lineage`, so that the tables can be made again."""

    TYPE = "https://quaestor.dev/lineage-import/v1"
    KIND = "lineage"
    BODIES = ("lineage",)

    lineage: dict[str, JsonValue]


class SnapshotNote(Note):
    """The snapshot that a decision rests on, as JSON."""

    TYPE = "https://quaestor.dev/snapshot/v1"
    KIND = "snapshot"
    BODIES = ("snapshot",)

    snapshot: dict[str, JsonValue]


class EngineName(Frozen):
    """The engine that computed a decision."""

    name: str
    version: str


class Relaxation(Frozen):
    """The kind of a relaxation and what it is about, and the last day of a control that is off until one; what else the
    decision says of it is not looked at here.
    """

    model_config = ConfigDict(extra="ignore")

    kind: str
    subject: JsonValue = None
    until: Date | None = None


class CountedRecord(Frozen):
    """The id of a record that a decision counted, or says why it did not."""

    model_config = ConfigDict(extra="ignore")

    id: DigestText


class ControlStatus(Frozen):
    """What a decision said of one control."""

    model_config = ConfigDict(extra="ignore")

    control: str
    status: Literal["pass", "fail", "missing", "not-applicable", "waived", "error"]


class WaivedControl(Frozen):
    """A relaxation that is a waiver: of which control, and when it ends. Of another kind there is no such end."""

    model_config = ConfigDict(extra="ignore")

    kind: str
    subject: JsonValue = None
    expires_on: Instant | None = None


class JudgedRisk(Frozen):
    """The risk tier and the roles that a decision was made for."""

    model_config = ConfigDict(extra="ignore")

    tier: str
    roles: tuple[str, ...] = ()


class DecisionWords(Frozen):
    """Of a decision's body, what it says of each control, by which policies, for what tier, and which records it looked
    at and did not count: how systems and datasets stand.
    """

    model_config = ConfigDict(extra="ignore")

    overlay_digest: DigestText
    risk: JudgedRisk
    results: tuple[ControlStatus, ...]
    relaxations: tuple[WaivedControl, ...]
    excluded: tuple[CountedRecord, ...] = ()


class DecisionFacts(Frozen):
    """Of a decision's body, what later snapshots go by."""

    model_config = ConfigDict(extra="ignore")

    gate: str
    outcome: Literal["allow", "deny", "indeterminate"]
    subject: Subject
    instant: Instant
    bundle_digest: DigestText
    parameters_digest: DigestText
    relaxations: tuple[Relaxation, ...]
    evidence: tuple[CountedRecord, ...] = ()

    @property
    def is_preview(self) -> bool:
        """Whether it was made as of an instant of the caller's choosing."""
        return any(item.kind == "chosen-instant" for item in self.relaxations)


class OtherPolicies(Frozen):
    """How the policies of a decision differ from those that come with the installation that made it: paths of files."""

    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class DecisionHead(Note):
    """What a decision rests on: the statement of its snapshot, the blobs of its policies and their module."""

    TYPE = "https://quaestor.dev/decision/v1"
    KIND = "decision"

    decision_id: DigestText
    engine: EngineName
    recorded_at: Instant
    snapshot: DigestText
    materials: DigestText
    wasm: DigestText | None = None
    other_policies: OtherPolicies | None = None
    """Where the policies are not those that come with the installation; releases before this one did not look."""


class DecisionNote(DecisionHead):
    """A decision and what it rests on."""

    BODIES = ("decision",)

    decision: dict[str, JsonValue]

    @cached_property
    def facts(self) -> DecisionFacts:
        """Raises EvidenceError where the body lacks one of them."""
        return self._read(DecisionFacts)

    @property
    def words(self) -> DecisionWords:
        """Raises EvidenceError where the body lacks one of them."""
        return self._read(DecisionWords)

    def _read(self, model: type[AnyPart]) -> AnyPart:
        try:
            return model.from_json({name: self.decision[name] for name in model.model_fields if name in self.decision})
        except ValidationError as cause:
            raise EvidenceError(f"the decision does not fit: {explain(cause)}", where=self.decision_id) from None


AnyNote = TypeVar("AnyNote", bound=Note)


class NoteStatement(StatementHead, Generic[AnyNote]):
    """The statement of a note, for who reads both in one go."""

    predicate: AnyNote


_ALL = (Withdrawal, Erasure, RunStarted, RunEnded, RunLost, RunCharts, LineageImport, SnapshotNote, DecisionNote)
NOTES: dict[str, type[Note]] = {note.TYPE: note for note in _ALL}
"""Every note by its predicate type."""


def new_note(note: Note, subject: dict[str, str]) -> Statement:
    """The statement of a note about `subject` (name -> `sha256:` digest)."""
    statement = plain_statement(subject, note.TYPE, note.to_json())
    vars(statement)[_READ] = note
    return statement


def read_note(statement: Statement, *, where: str | None = None) -> Note:
    """The note that a statement holds, read once. Raises EvidenceError for an unknown predicate type or a misfit."""
    known = vars(statement).get(_READ)
    if isinstance(known, Note):
        return known
    where = where or f"statement {statement.id}"
    model = NOTES.get(statement.predicate_type)
    if model is None:
        raise EvidenceError(f"unknown kind of note `{statement.predicate_type}`", where=where)
    predicate = statement.predicate
    # A body is read by its own model; here it has to be an object.
    bodies = {name: predicate[name] for name in model.BODIES if isinstance(predicate.get(name), dict)}
    try:
        note = model.from_json({**predicate, **{name: {} for name in bodies}}).model_copy(update=bodies)
    except ValidationError as cause:
        raise EvidenceError(f"the {model.KIND} does not fit: {explain(cause)}", where=where) from None
    vars(statement)[_READ] = note
    return note
