"""Envelopes signed elsewhere pass the door's checks: who may do what, and for which ledger it was signed."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.model.base import format_instant
from evidence.model.errors import QuaestorError
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.record import EvidenceClass, Statement, new_statement
from evidence.snapshot.take import take_snapshot
from evidence.store.entry import NewStatement
from evidence.trust.keys import SigningKey
from integrations.app.importing import import_record
from integrations.app.people import new_holder
from integrations.app.records import content_of, find_subject, statement_of, versions
from integrations.app.session import Session, open_session
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from tests.worlds.mortgage import lineage, robustness
from tests.worlds.workspaces import MORTGAGE, registered, staffed

FAR = format_instant(datetime.now(UTC) + timedelta(days=4000))
ENVELOPE = ("collected_at", "issued_at", "ledger", "issuer")


def make(folder: Path) -> Path:
    """A workspace `lender` with people and a registered version."""
    return registered(staffed(folder, name="lender"), MORTGAGE / "models/mortgage-v1.onnx")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("importing") / "here")


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Iterator[Session]:
    """A copy of the workspace, open."""
    folder = Path(shutil.copytree(made, tmp_path / "here"))
    now = datetime.now(UTC).replace(microsecond=0)
    with open_session(Workspace(load_settings(folder)), lambda: now) as session:
        yield session


def key(session: Session, holder: str) -> SigningKey:
    return SigningKey.load(session.settings.keys / f"{holder}.pem")


def approval(session: Session, holder: str, role: str, **changes: Any) -> Statement:
    subject = find_subject(session.store, "mortgage@1")
    content = {
        "gate": "validation",
        "artifact_digest": subject.digest,
        "approver": {"id": holder, "name": holder.title(), "role": role},
        "role": role,
        "decision": "approve",
        "conditions": [],
        "decided_at": format_instant(session.now()),
    }
    return record(session, "approval", holder, content, changes)


def waiver(session: Session, holder: str, control: str, **changes: Any) -> Statement:
    subject = find_subject(session.store, "mortgage@1")
    control_made = session.bundle.controls[control]
    content = {
        "control_id": control,
        "control_basis": control_made.basis,
        "control_severity": control_made.severity,
        "scope": subject.digest,
        "risk": "some remain unfairly denied until the next version",
        "risk_owner": {"id": "mara", "name": "Mara"},
        "requested_by": {"id": "mara", "name": "Mara"},
        "approver": {"id": holder, "name": holder.title()},
        "granted_at": format_instant(session.now()),
        "expires_on": format_instant(session.now() + timedelta(days=20)),
    }
    return record(session, "waiver", holder, content, changes)


def entry(session: Session, holder: str, **changes: Any) -> Statement:
    """The registered version's entry again, as another registry would send it."""
    (filed,) = versions(session.store)
    return record(session, "registry-entry", holder, filed.content, changes)


def record(
    session: Session,
    kind: str,
    holder: str,
    content: Mapping[str, Any],
    changes: Mapping[str, Any],
    about: Mapping[str, str] | None = None,
) -> Statement:
    subject = find_subject(session.store, "mortgage@1")
    fields = {name: value for name, value in changes.items() if name in ENVELOPE}
    inside = {name: value for name, value in changes.items() if name not in fields}
    envelope = {
        "evidence_class": EvidenceClass.INGESTED if kind == "registry-entry" else EvidenceClass.ATTESTED,
        "system_id": "mortgage",
        "source": holder,
        "collector": "another tool",
        "issuer": holder,
        "issued_at": session.now(),
        "collected_at": session.now(),
        "expires_at": session.now() + timedelta(days=30),
        "ledger": session.store.ledger,
    }
    typed = content_of(kind, {**content, **inside}, where=kind)
    return new_statement(typed, subject=about or {subject.name: subject.digest}, envelope={**envelope, **fields})


def brought(session: Session, statement: Statement, holder: str) -> str:
    """How bringing the statement under the holder's key ends: `filed`, or why not."""
    before = len(session.store.entries())
    try:
        import_record(session, key(session, holder).sign(statement.payload), where="it.json")
    except QuaestorError as cause:
        assert len(session.store.entries()) == before
        return str(cause)
    return "filed"


class TestActs:
    def test_what_its_door_would_let_through_is_filed(self, here: Session) -> None:
        assert brought(here, approval(here, "omar", "compliance"), "omar") == "filed"
        assert brought(here, waiver(here, "omar", "FAIR-01"), "omar") == "filed"

    def test_an_approval_in_a_role_that_its_signer_does_not_hold(self, here: Session) -> None:
        assert "approval" in brought(here, approval(here, "eli", "compliance"), "eli")

    def test_an_approval_signed_by_another_than_it_names(self, here: Session) -> None:
        said = brought(here, approval(here, "omar", "compliance", issuer="ana"), "ana")
        assert "the approver is `omar`, and `ana` signed" in said

    def test_a_record_signed_by_another_than_issued_it(self, here: Session) -> None:
        for statement in (approval(here, "omar", "compliance"), entry(here, "mara")):
            assert f"the issuer is `{statement.predicate['issuer']}`, and `eli` signed" in brought(
                here, statement, "eli"
            )

    @pytest.mark.parametrize("digest", ["", "abc", "A" * 64, "a" * 63 + "\n", "g" * 64, "a" * 65])
    def test_a_subject_whose_digest_is_none(self, here: Session, digest: str) -> None:
        good = approval(here, "omar", "compliance")
        subject = (good.subject[0].model_copy(update={"digest": {"sha256": digest}}),)
        statement = good.model_copy(update={"subject": subject})
        assert brought(here, statement, "omar") == (
            "it.json: the `sha256` digest of a subject is not 64 hexadecimal digits in small letters"
        )

    def test_of_several_signers_one_is_the_issuer(self, here: Session) -> None:
        statement = approval(here, "omar", "compliance")
        actors = [here.person(holder) for holder in ("ana", "mara")]
        with pytest.raises(QuaestorError, match="the issuer is `omar`, and `"):
            import_record(here, here.sign(statement, *actors).data, where="it.json")
        filed = import_record(here, here.sign(statement, here.person("omar"), *actors).data, where="it.json")
        assert here.store.entries()[filed.receipt.index].actor == "omar"

    def test_an_approval_of_another_artifact(self, here: Session) -> None:
        other = approval(here, "omar", "compliance", artifact_digest=f"sha256:{64 * 'a'}")
        assert "another artifact" in brought(here, other, "omar")

    def test_an_approval_at_a_gate_that_these_policies_do_not_have(self, here: Session) -> None:
        here.workspace.bundle.gates.pop("canary", None)
        assert "canary" in brought(here, approval(here, "omar", "compliance", gate="canary"), "omar")

    @pytest.mark.parametrize(
        ("control", "changes", "word"),
        [
            ("EUAIA-14-3", {}, "waive.never_law"),
            ("FAIR-01", {"requested_by": {"id": "omar", "name": "Omar"}}, "waive"),
            ("FAIR-01", {"expires_on": FAR}, "a waiver lasts at most"),
            ("FAIR-01", {"scope": f"sha256:{64 * 'a'}"}, "something else than the scope"),
            ("FAIR-01", {"control_id": "FAIR-99"}, "unknown control"),
        ],
    )
    def test_a_waiver_that_its_door_refuses(
        self, here: Session, control: str, changes: dict[str, Any], word: str
    ) -> None:
        assert word in brought(here, waiver(here, "omar", control, **changes), "omar")

    def test_what_is_said_to_come_from_the_future(self, here: Session) -> None:
        later = approval(here, "omar", "compliance", collected_at=here.now() + timedelta(hours=1))
        assert "and the ledger has the record since" in brought(here, later, "omar")


class TestMachinesOfOtherTools:
    """Whoever runs a pipeline holds its key: what it says is another tool's word, never a measurement."""

    @pytest.fixture
    def with_ci(self, here: Session) -> Session:
        new_holder(here, "ci", name="CI", roles=("collector",), kind="machine", custody="file")
        return here

    def said(self, session: Session, content: Predicate, evidence_class: EvidenceClass) -> Statement:
        """A record of what nobody measured or computed, as Quaestor would have made it."""
        subject = find_subject(session.store, "mortgage@1")
        envelope = {
            "evidence_class": evidence_class,
            "system_id": "mortgage",
            "source": "run r1",
            "collector": "quaestor",
            "issuer": "quaestor",
            "issued_at": session.now(),
            "collected_at": session.now(),
            "expires_at": session.now() + timedelta(days=30),
            "ledger": session.store.ledger,
        }
        return new_statement(content, subject={subject.name: subject.digest}, envelope=envelope)

    def test_measure_nothing(self, with_ci: Session) -> None:
        said = brought(with_ci, self.said(with_ci, robustness(), EvidenceClass.MEASURED), "ci")
        assert "class measured under the key of `ci`, and only this installation measures" in said

    def test_derive_nothing(self, with_ci: Session) -> None:
        said = brought(with_ci, self.said(with_ci, lineage(), EvidenceClass.DERIVED), "ci")
        assert "class derived under the key of `ci`" in said

    def test_what_this_installation_measured_comes_back_in(self, with_ci: Session) -> None:
        statement = self.said(with_ci, robustness(), EvidenceClass.MEASURED)
        assert import_record(with_ci, with_ci.sign(statement, with_ci.machine).data, where="it.json").record


class TestRegistryEntries:
    """What `system register` refuses does not come in by the other door."""

    OTHER = f"sha256:{64 * 'a'}"

    def test_the_same_again_is_filed(self, here: Session) -> None:
        assert brought(here, entry(here, "eli"), "eli") == "filed"

    @pytest.mark.parametrize("stage", ["staging", "production", "archived"])
    @pytest.mark.parametrize("version", ["1", "2"])
    def test_a_stage_that_no_gate_allowed(self, here: Session, version: str, stage: str) -> None:
        said = brought(here, entry(here, "eli", version=version, stage=stage), "eli")
        assert f"the entry says stage `{stage}`, and mortgage@{version} is in `development`" in said

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("../mortgage", "cannot be the id of a new system"),
            ("m\u043ertgage", "cannot be the id of a new system"),  # its second letter is Cyrillic
            ("Mortgage", "differs from `mortgage`, which is registered"),
            ("\uff4dortgage", "differs from `mortgage`, which is registered"),
        ],
    )
    def test_an_id_that_reads_as_another_or_is_no_word(self, here: Session, name: str, said: str) -> None:
        statement = entry(here, "eli")
        statement = statement.model_copy(update={"predicate": {**statement.predicate, "system_id": name}})
        assert said in brought(here, statement, "eli")

    def test_an_entry_of_another_artifact(self, here: Session) -> None:
        said = brought(here, entry(here, "eli", artifact_digest=self.OTHER, version="2"), "eli")
        assert "another artifact than the one that it registers" in said

    def test_a_label_that_is_another_file_s(self, here: Session) -> None:
        (filed,) = versions(here.store)
        statement = record(
            here, "registry-entry", "eli", filed.content, {"artifact_digest": self.OTHER}, {"mortgage@1": self.OTHER}
        )
        assert "mortgage@1 is registered already, with another model file" in brought(here, statement, "eli")


class TestLedgers:
    def test_a_record_of_another_workspace_is_refused_though_it_bears_the_same_name(
        self, here: Session, tmp_path: Path
    ) -> None:
        """The other one knows the same person under the same key, as one organisation's workspaces may."""
        folder = make(tmp_path / "there")
        with open_session(Workspace(load_settings(folder)), here.clock) as there:
            statement = approval(there, "omar", "compliance")
            assert there.store.origin == here.store.origin
        assert "signed for another ledger" in brought(here, statement, "omar")

    def test_an_attested_record_says_for_which_ledger_it_was_signed(self, here: Session) -> None:
        assert "does not say for which ledger" in brought(
            here, approval(here, "omar", "compliance", ledger=None), "omar"
        )

    def test_what_is_signed_here_says_so(self, here: Session) -> None:
        (entry,) = here.store.find(kind="record", predicate_type=PREDICATES["registry-entry"].uri())
        assert statement_of(entry).predicate["ledger"] == here.store.ledger

    def test_one_that_lies_in_the_ledger_does_not_count(self, here: Session) -> None:
        statement = approval(here, "omar", "compliance", ledger="lender sha256:another")
        envelope = key(here, "omar").sign(statement.payload)
        here.append_many([NewStatement(envelope, "record", "approved", "omar", here.now())])
        taken = take_snapshot(here.store, find_subject(here.store, "mortgage@1"), here.now())
        assert [(item.id, item.reason) for item in taken.excluded] == [(statement.id, "foreign")]
        assert "lender sha256:another" in taken.excluded[0].detail
