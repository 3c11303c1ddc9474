"""The report of a mortgage model that was denied at gate `validation`, out of the real pipeline.

A store holds the register of people, the evidence of `mortgage` and an earlier allowance. Its snapshot is taken,
decided on by the policies of `lender`, and logged; the report is made of that. A forger of the tests changes a step.
"""

import contextlib
import pathlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from engine.bundle.titles import framework_titles
from engine.deciding.byhand import policy_inputs
from engine.deciding.relaxations import (
    WaiverRelaxation,
)
from engine.deciding.verdict import (
    Decision,
    Outcome,
)
from evidence.model.canonical import digest_bytes
from evidence.model.notes import (
    NOTES,
    DecisionNote,
    EngineName,
    Note,
    RunCharts,
    RunStarted,
    SnapshotNote,
    Withdrawal,
    new_note,
)
from evidence.model.predicates import PREDICATES
from evidence.model.record import (
    parse_statement,
)
from evidence.model.subject import system_digest
from evidence.snapshot.model import Snapshot
from evidence.snapshot.take import take_snapshot
from evidence.store.entry import Kind
from evidence.store.records import NewStatement, RecordStore
from evidence.trust import ledger
from evidence.trust.envelopes import open_envelope
from evidence.trust.keys import Keyring, SigningKey
from evidence.trust.people import Register
from evidence.validation.measured import Charts as MeasuredCharts
from evidence.validation.measured import ReliabilityBin, RocPoint
from reports.documents.attachments import Materials
from reports.documents.proof import Continued, LedgerProof, prove
from reports.documents.report import DecisionPack
from reports.pdf.signature import make_signing_certificate
from tests.worlds import lender
from tests.worlds.mortgage import (
    DATA,
    FILED,
    INSTANT,
    MODEL,
    OTHER,
    SUBJECT,
    estimate,
    old_record,
    record_envelopes,
    withdrawn_record,
)
from tests.worlds.people import first_register, holder, key_of

ORIGIN = "example-lender"
SEEN = 41
"""Entries of the ledger when the snapshot is taken."""
FOUNDED = INSTANT - timedelta(days=300)
"""When the register of people was signed."""
FRAMEWORKS = framework_titles(lender.policies()[0])
CONTROLS = lender.policies()[0].controls
LIMITS = lender.policies()[1].values
ROC = (
    (0, 0), (0.02, 0.14), (0.05, 0.29), (0.09, 0.41), (0.14, 0.53), (0.2, 0.63), (0.28, 0.71),
    (0.37, 0.79), (0.47, 0.85), (0.58, 0.9), (0.7, 0.945), (0.83, 0.98), (1, 1),
)  # fmt: skip
RELIABILITY = (
    (0.06, 0.03, 212, 0.01, 0.06), (0.15, 0.06, 240, 0.04, 0.1), (0.25, 0.08, 208, 0.05, 0.13),
    (0.35, 0.11, 166, 0.07, 0.17), (0.45, 0.17, 121, 0.11, 0.25), (0.55, 0.2, 86, 0.13, 0.3),
    (0.66, 0.31, 71, 0.21, 0.42), (0.76, 0.42, 48, 0.29, 0.56), (0.9, 0.68, 38, 0.53, 0.81),
)  # fmt: skip


@cache
def register() -> Register:
    """The register of people of the lender's ledger: Anna administers it."""
    holders = (
        holder("anna", "administrator", "model-owner", "records-manager", name="Anna Müller", since=FOUNDED),
        holder("piotr", "compliance", "validator", name="Piotr Żółkowski", since=FOUNDED),
        holder("quaestor", "collector", name="Quaestor of Example Lender", kind="machine", since=FOUNDED),
    )
    return first_register(ORIGIN, *holders, at=FOUNDED, end=FOUNDED + timedelta(days=700))


@cache
def people() -> bytes:
    """The first version of the register as Anna signed it."""
    return key_of("anna").sign(register().statement().payload)


def keyring() -> Keyring:
    return register().keyring


@dataclass(frozen=True)
class Sample:
    """A denied decision with everything that a report of it holds."""

    decision: Decision
    snapshot: Snapshot
    evidence: dict[str, bytes]


def sample() -> Sample:
    made = materials()
    return Sample(made.decision, made.snapshot, record_envelopes())


def waived() -> WaiverRelaxation:
    """The waiver that shaped the decision."""
    (found,) = [item for item in sample().decision.relaxations if isinstance(item, WaiverRelaxation)]
    return found


def snapshot_note(snapshot: Snapshot) -> bytes:
    """The signed statement of a snapshot, which is logged before the decision on it."""
    return _note(SnapshotNote(system_id="mortgage", snapshot=snapshot.to_json()))


def decision_envelope(
    made: Decision, signer: SigningKey, snapshot: Snapshot | None = None, at: datetime = INSTANT + timedelta(seconds=1)
) -> bytes:
    """The signed statement of a decision on a snapshot (that of the sample), as the store keeps it."""
    note = DecisionNote(
        system_id="mortgage",
        decision_id=made.id,
        decision=made.to_json(),
        engine=EngineName(name="regorus", version="1"),
        recorded_at=at,
        snapshot=statement_id(snapshot_note(snapshot or sample().snapshot)),
        materials=digest_bytes(lender.materials()),
    )
    return signer.sign(new_note(note, {SUBJECT.name: MODEL}).payload)


@cache
def registration() -> tuple[bytes, bytes]:
    """What the ledger has of the allowance to enter the inventory: the snapshot and the decision."""
    machine = key_of("quaestor")
    with _store(machine) as store:
        keep(store, record_envelopes().values(), machine)
        snapshot = take_snapshot(store, SUBJECT, FILED)
    made = lender.decide_sample(snapshot, "registration")
    assert made.outcome is Outcome.ALLOW
    return snapshot_note(snapshot), decision_envelope(made, machine, snapshot, FILED)


def statement_id(envelope: bytes) -> str:
    return parse_statement(open_envelope(envelope, where="decision"), where="decision").id


def ledger_proof(envelope: bytes, signer: SigningKey, more: Sequence[bytes] = ()) -> LedgerProof:
    """Out of a ledger under the key of `signer`: the snapshot saw 41 entries, and entry 42 is the decision.

    `more` stand in it too, behind those that the snapshot lists.
    """
    with _ledger(signer, more) as store:
        _finish(store, sample().snapshot, envelope, signer)
        return prove(store, statement_id(envelope), sample().snapshot)


def keep(store: RecordStore, envelopes: Iterable[bytes], signer: SigningKey) -> None:
    """Append statements under one checkpoint, each as what its predicate type says that it is."""
    new = []
    for envelope in envelopes:
        statement = parse_statement(open_envelope(envelope, where="sample"), where="sample")
        kind: Kind = NOTES[statement.predicate_type].KIND if statement.predicate_type in NOTES else "record"
        new.append(NewStatement(envelope, kind, "configured", "quaestor", FILED))
    store.append_many(new, signer=signer)


@contextlib.contextmanager
def _store(signer: SigningKey) -> Iterator[RecordStore]:
    """A store whose ledger begins with the register of people."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.db"
        with RecordStore.create(url, pathlib.Path(folder) / "blobs", origin=ORIGIN, signer=signer) as store:
            store.append_people(people(), actor="anna", at=FOUNDED, signer=signer)
            yield store


@contextlib.contextmanager
def _ledger(signer: SigningKey, more: Sequence[bytes] = ()) -> Iterator[RecordStore]:
    """A store of the entries that the snapshot saw: the register, the records, the allowance of gate `registration`,
    two records that do not count and what one was withdrawn by, a run, `more`, and others' entries.
    """
    envelopes = [*record_envelopes().values(), *registration()]
    envelopes += [key_of("anna").sign(item.payload) for item in (old_record(), withdrawn_record())]
    envelopes += [withdrawal_of(withdrawn_record().id), run_note("r1"), *more, charts_note()]
    envelopes += [_note(_filler(place), OTHER) for place in range(len(envelopes) + 1, SEEN)]
    with _store(signer) as store:
        keep(store, envelopes, signer)
        yield store


def _finish(store: RecordStore, snapshot: Snapshot, envelope: bytes, signer: SigningKey) -> None:
    """The rest of the ledger: the snapshot's note, the decision, and an entry of others."""
    keep(store, [snapshot_note(snapshot)], signer)
    keep(store, [envelope], signer)
    keep(store, [_note(_filler(SEEN), OTHER)], signer)


def place(record: str) -> int:
    """The index in the sample's ledger of a record, where it is none of the sample's own: of the first of `more`."""
    order = [
        "register",
        *record_envelopes(),
        *map(statement_id, registration()),
        old_record().id,
        withdrawn_record().id,
    ]
    return order.index(record) if record in order else len(order) + 2


def withdrawal_of(record: str) -> bytes:
    reason = "signed for the wrong version"
    note = Withdrawal(system_id="mortgage", record=record, reason=reason, by="anna", at=FILED)
    return _note(note, system_digest("mortgage"), "anna")


def run_note(run: str) -> bytes:
    return _note(RunStarted(system_id="mortgage", run=run, plan_digest=DATA, split="test", started_at=FILED))


@cache
def charts_note(run: str | None = None) -> bytes:
    """The curves of the sample's validation run (or of `run`), as the ledger keeps them."""
    of_run = next(
        name for name, envelope in record_envelopes().items()
        if parse_statement(open_envelope(envelope, where=name), where=name).predicate_type
        == PREDICATES["validation-run"].uri()
    )  # fmt: skip
    charts = MeasuredCharts(
        roc=tuple(RocPoint(false_positive_rate=x, true_positive_rate=y) for x, y in ROC),
        reliability=tuple(
            ReliabilityBin(mean_score=score, observed=estimate(rate, low, high, n))
            for score, rate, n, low, high in RELIABILITY
        ),
        batch_difference=0,
        rows=1190,
        excluded=0,
        abstained=0,
        isolation=(),
        libraries={},
    )
    return _note(RunCharts(system_id="mortgage", run=run or of_run, charts=charts.to_json()))


def _filler(place: int) -> Note:
    """A note about something else."""
    return Withdrawal(system_id="other", record=f"sha256:{place:064x}", reason="other", by="anna", at=FILED)


def _note(note: Note, subject: str = MODEL, signer: str = "quaestor") -> bytes:
    return key_of(signer).sign(new_note(note, {"subject": subject}).payload)


Forge = Callable[[Snapshot], Snapshot]


def materials_of(more: Sequence[bytes] = (), forge: Forge = lambda taken: taken) -> Materials:
    """What a report is made of, out of a real store in which `more` stand besides.

    `forge` is what a holder of all the keys makes of the snapshot before it is decided on, signed and logged.
    """
    machine = key_of("quaestor")
    with _ledger(machine, more) as store:
        snapshot = forge(take_snapshot(store, SUBJECT, INSTANT, instant_chosen=True))
        made = lender.decide_sample(snapshot)
        envelope = decision_envelope(made, machine, snapshot)
        _finish(store, snapshot, envelope, machine)
        counted = sorted(entry.record.id for entry in snapshot.entries if not entry.derived_here)
        return Materials(
            decision=made,
            decision_envelope=envelope,
            snapshot=snapshot,
            evidence={name: store.get(name).envelope for name in counted},
            bundle=lender.materials(),
            wasm=None,
            people=(people(),),
            proof=prove(store, statement_id(envelope), snapshot),
            charts=charts_note(),
            inputs=policy_inputs(*lender.policies(), snapshot, made),
        )


@cache
def materials() -> Materials:
    return materials_of()


@contextlib.contextmanager
def kept(size: int) -> Iterator[tuple[str, Continued]]:
    """A checkpoint of the sample's ledger at an earlier size, and the proof that the report's continues it."""
    machine = key_of("quaestor")
    made = materials()
    with _ledger(machine) as store:
        _finish(store, made.snapshot, made.decision_envelope, machine)
        hashes = [entry.hash for entry in store.entries()]
        root = ledger.Frontier().extend(hashes[:size])[0].root
        proof = store.consistency_proof(size, len(hashes))
        note = ledger.sign_checkpoint(ledger.Checkpoint(ORIGIN, size, root), machine)
        yield note, Continued(size=size, consistency=tuple(item.hex() for item in proof))


@cache
def certificate() -> tuple[bytes, bytes]:
    """Key and certificate that sign the sample's reports."""
    return make_signing_certificate("Quaestor reports of Example Lender", now=INSTANT)


@cache
def report() -> bytes:
    """The signed report of the sample."""
    key, cert = certificate()
    pack = DecisionPack(
        frameworks=FRAMEWORKS,
        controls=CONTROLS,
        limits=LIMITS,
        key_pem=key,
        cert_pem=cert,
        signing_time=INSTANT,
    )
    return pack.make(materials())
