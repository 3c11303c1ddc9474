"""Use cases as a service would call them: a session with its own clock, and actors that are made from no key file."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.backends.base import Program
from evidence.collector import Collected, RecordDraft
from evidence.model.canonical import digest_file
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.subject import Subject
from evidence.trust.keys import SigningKey
from integrations.app.actor import Actor
from integrations.app.adding import Told, add
from integrations.app.approvals import approve
from integrations.app.collecting import collect
from integrations.app.deciding import decide_gate, decisions, file_replay, replay
from integrations.app.engines import KEPT, Engines
from integrations.app.people import add_key, new_holder
from integrations.app.records import add_record, add_records, content_of, find_subject
from integrations.app.session import Session, open_session
from integrations.app.setup import create_workspace
from integrations.app.systems import register_version
from integrations.app.workspace import Workspace
from tests.integrations.doors import SCREEN
from tests.worlds.workspaces import ENTRY

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOLD = {
    "matter_id": "complaint-7",
    "ground": "litigation",
    "scope": ["mortgage"],
    "held_from": "2026-11-20T08:00:00Z",
    "review_at": "2027-02-20T08:00:00Z",
    "issued_by": {"id": "omar", "name": "Omar Haddad"},
    "service_reachable": True,
    "fail_closed_tested_at": "2026-11-19T08:00:00Z",
}


class Clock:
    """Stands until it is set, or goes on by a step each time that it is asked."""

    def __init__(self) -> None:
        self.instant = NOON
        self.step = timedelta()

    def __call__(self) -> datetime:
        told, self.instant = self.instant, self.instant + self.step
        return told


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("session")
    made = create_workspace(
        folder / "lender", name="lender", store="sqlite:///.quaestor/store.db", policies=None, now=NOON
    )
    (folder / "model.onnx").write_bytes(b"\x08weights of a model")
    with open_session(made, Clock()) as session:
        for holder, name, role in (("eli", "Eli Novak", "ml-engineer"), ("omar", "Omar Haddad", "compliance")):
            new_holder(session, holder, name=name, roles=(role,), kind="person", custody="file")
        register_version(session, "mortgage", folder / "model.onnx", ENTRY, actor=session.person("eli"))
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(workspace: Workspace, clock: Clock) -> Iterator[Session]:
    with open_session(workspace, clock) as opened:
        yield opened


def draft(subject: Subject, collected_at: datetime = NOON, **changes: Any) -> RecordDraft:
    return RecordDraft.on(subject, content_of("attestation", {**SCREEN, **changes}, where="test"), collected_at)


def size(session: Session) -> int:
    return len(session.store.entries())


class TestClock:
    def test_what_is_written_bears_the_session_s_time(self, session: Session, clock: Clock) -> None:
        clock.instant = NOON + timedelta(days=3)
        subject = find_subject(session.store, "mortgage")
        filed = add_record(session, draft(subject, collected_at=NOON), actor=session.person("omar"))
        envelope = filed.record.envelope
        assert (envelope.collected_at, envelope.issued_at) == (NOON, clock.instant)
        assert session.store.entries()[filed.receipt.index].at == clock.instant

    def test_a_decision_of_one_instant_has_the_same_bytes_again(self, session: Session, clock: Clock) -> None:
        subject = find_subject(session.store, "mortgage@1")
        clock.instant = NOON + timedelta(days=4)
        recorded = decide_gate(session, "registration", subject, engines=["regorus"])
        assert recorded.decision.instant == clock.instant
        assert replay(session, recorded).same
        assert [d.id for d in decisions(session.store)][-1] == recorded.decision.id

    def test_a_replay_is_filed_as_it_came_out(self, session: Session, clock: Clock) -> None:
        clock.instant = NOON + timedelta(days=4, minutes=1)
        recorded = decide_gate(session, "registration", find_subject(session.store, "mortgage@1"), engines=["regorus"])
        result = replay(session, recorded)
        filed = file_replay(session, recorded, result).record
        assert (filed.type, filed.envelope.evidence_class, filed.envelope.issuer) == (
            "replay-check",
            "measured",
            "quaestor",
        )
        assert filed.content["decision_digest"] == filed.content["recomputed_digest"] == recorded.decision.id
        assert filed.content["succeeded"]
        assert filed.content["signatures_verified"]
        other = file_replay(
            session, recorded, result.model_copy(update={"same": False, "again_id": f"sha256:{64 * 'e'}"})
        )
        assert other.record.content["recomputed_digest"] != recorded.decision.id
        assert not other.record.content["succeeded"]

    def test_a_decision_that_takes_long_is_logged_at_its_instant(self, session: Session, clock: Clock) -> None:
        subject = find_subject(session.store, "mortgage@1")
        clock.instant, clock.step = NOON + timedelta(days=4, hours=1), timedelta(seconds=1)
        recorded = decide_gate(session, "registration", subject, engines=["regorus"])
        assert session.store.entries()[-1].at == recorded.decision.instant == recorded.snapshot.instant

    def test_a_record_bears_one_time_however_long_it_takes(
        self, session: Session, clock: Clock, workspace: Workspace
    ) -> None:
        clock.instant, clock.step = NOON + timedelta(days=5), timedelta(seconds=1)
        model = workspace.settings.root.parent / "model.onnx"
        entry = register_version(session, "mortgage", model, ENTRY, actor=session.person("eli")).filed
        paper = add(
            session,
            "legal-hold",
            [Told(HOLD, None, "hold.yaml")],
            source=model,
            subject="mortgage",
            system_id=None,
            dataset=None,
            owner=None,
            evidence_class="attested",
            expires=None,
            replaces=None,
            signers=["omar"],
        )[0]
        for filed in (entry, paper):
            told = filed.record.envelope
            assert told.issued_at == told.collected_at

    def test_nothing_is_collected_after_the_present(self, session: Session) -> None:
        subject, before = find_subject(session.store, "mortgage"), size(session)
        later = draft(subject, collected_at=NOON + timedelta(seconds=1))
        with pytest.raises(QuaestorError, match="later than now"):
            add_record(session, later, actor=session.person("omar"))
        assert size(session) == before


class TestActor:
    def test_a_key_of_no_file_signs_for_its_holder(self, session: Session, clock: Clock) -> None:
        """As a service does whose keys lie in a vault: the register knows the public key, no folder has the private."""
        clock.instant = NOON + timedelta(days=5)
        key = SigningKey.generate()
        add_key(
            session, key.public_key, "mara", name="Mara Lind", roles=("compliance",), kind="person", custody="vault"
        )
        mara = Actor("mara", "Mara Lind", "person", ("compliance",), key)
        approval = approve(
            session,
            find_subject(session.store, "mortgage@1"),
            gate="staging",
            role="compliance",
            actor=mara,
            decision="approve",
            reason=None,
        )
        assert approval.record.content["approver"] == {"id": "mara", "name": "Mara Lind", "role": "compliance"}

    @pytest.mark.parametrize("holder", ["omar", "nobody"])
    def test_a_key_that_is_not_the_holder_s_signs_nothing(self, session: Session, holder: str) -> None:
        before = size(session)
        liar = Actor(holder, "Omar Haddad", "person", ("compliance",), SigningKey.generate())
        with pytest.raises(QuaestorError, match=f"the register of people has no such key of `{holder}`"):
            add_record(session, draft(find_subject(session.store, "mortgage")), actor=liar)
        assert size(session) == before

    def test_another_person_s_key_does_not_sign_for_omar(self, session: Session) -> None:
        eli = session.person("eli")
        liar = Actor("omar", "Omar Haddad", "person", ("compliance",), eli.signer)
        with pytest.raises(QuaestorError, match="the register of people has no such key of `omar`"):
            add_record(session, draft(find_subject(session.store, "mortgage")), actor=liar)

    def test_a_machine_attests_nothing(self, session: Session) -> None:
        with pytest.raises(QuaestorError, match="attested by a person, and `quaestor` is a machine"):
            add_record(session, draft(find_subject(session.store, "mortgage")), actor=session.machine)

    def test_a_person_measures_nothing(self, session: Session) -> None:
        """A door that hands in the wrong actor must not make a person's word of a measurement, or the other way."""
        subject, before = find_subject(session.store, "mortgage@1"), size(session)
        found = {
            "artifact_digest": subject.digest,
            "signed_kind": "model",
            "algorithm": "DSSE, Ed25519 or ECDSA",
            "key_id": "none",
            "key_custody": "file",
            "signer": "eli",
            "signer_roles": ["ml-engineer"],
            "verified": True,
            "verified_at": "2026-11-21T12:00:00Z",
        }
        measured = RecordDraft.on(subject, content_of("model-signature", found, where="test"), NOON)
        with pytest.raises(QuaestorError, match="class measured under the key of the person `eli`"):
            add_record(session, measured, actor=session.person("eli"))
        assert size(session) == before


class Papers:
    """A collector of a source outside this code base: gives what it was made with."""

    def __init__(self, *drafts: RecordDraft) -> None:
        self.drafts = drafts

    def collect(self, source: str) -> Collected:
        assert source == "the outside"
        return Collected(records=self.drafts)


class TestCollector:
    def test_what_it_brings_is_permitted_signed_and_filed(self, session: Session, clock: Clock) -> None:
        clock.instant = NOON + timedelta(days=6)
        subject = find_subject(session.store, "mortgage")
        papers = Papers(draft(subject, statement="One."), draft(subject, statement="Two."))
        omar = session.person("omar")
        brought = collect(session, papers, "the outside", system_id="mortgage", actor=omar)
        assert [item.record.content["statement"] for item in brought.filed] == ["One.", "Two."]
        assert {item.record.envelope.issuer for item in brought.filed} == {"omar"}

    def test_all_or_none(self, session: Session) -> None:
        subject, before = find_subject(session.store, "mortgage"), size(session)
        late = draft(subject, collected_at=NOON + timedelta(days=1), statement="Late.")
        with pytest.raises(QuaestorError, match="later than now"):
            add_records(session, [draft(subject, statement="Good."), late], actor=session.person("omar"))
        assert size(session) == before

    def test_a_record_of_another_system_is_refused(self, session: Session) -> None:
        subject, before = find_subject(session.store, "mortgage"), size(session)
        other = draft(subject.model_copy(update={"system_id": "hiring"}))
        with pytest.raises(QuaestorError, match="a record of another system than `mortgage`"):
            collect(session, Papers(other), "the outside", system_id="mortgage", actor=session.person("omar"))
        assert size(session) == before

    @pytest.mark.parametrize("field", ["source", "model_version"])
    def test_a_name_that_would_draw_a_line_of_its_own_is_refused(self, session: Session, field: str) -> None:
        good = draft(find_subject(session.store, "mortgage"))
        bad = RecordDraft(**{**vars(good), field: "x\r\x1b[32mok signer: trusted"})
        with pytest.raises(EvidenceError, match="holds a character that cannot be printed"):
            add_record(session, bad, actor=session.person("omar"))


class TestEngines:
    @staticmethod
    def program(number: int) -> Program:
        text = f"package p\n\nr := {number}\n"
        return Program(modules={"p.rego": text}, rules=("p/r",), groups={}, digest=f"sha256:{number:064x}")

    def test_one_engine_a_program_and_name(self, workspace: Workspace) -> None:
        with Engines(workspace.settings) as engines:
            first = engines.get(self.program(1), ["regorus"])
            assert engines.get(self.program(1), ["regorus"]) is first
            assert engines.get(self.program(2), ["regorus"]) is not first

    def test_a_module_that_came_along_has_an_engine_of_its_own(self, workspace: Workspace) -> None:
        """Else a pack's module could answer for the house's own, or the other way round."""
        with Engines(workspace.settings) as engines:
            assert engines.get(self.program(1), ["regorus"], b"module") is not engines.get(self.program(1), ["regorus"])

    def test_the_pool_is_bounded_and_an_engine_asked_again_lives_on(self, workspace: Workspace) -> None:
        with Engines(workspace.settings) as engines:
            kept = engines.get(self.program(0), ["regorus"])
            for number in range(1, 2 * KEPT):
                engines.get(self.program(number), ["regorus"])
                assert engines.get(self.program(0), ["regorus"]) is kept
            assert kept.evaluate(["p/r"], b"{}", b"{}")["p/r"].value == 0


def test_the_digest_names_the_registered_file(session: Session, workspace: Workspace) -> None:
    model = workspace.settings.root.parent / "model.onnx"
    assert find_subject(session.store, str(model)).digest == digest_file(model)
