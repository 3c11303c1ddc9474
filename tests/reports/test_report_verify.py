"""A report is believed only whole: whatever is changed in it, or by whom it was signed anew, is found."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from engine.backends.compile import Stamp, stamp
from engine.bundle.files import OVERLAY, archive, read_folder
from engine.deciding.verdict import Decision, Outcome
from evidence.model.base import parse_instant
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.errors import EvidenceError, QuaestorError, SignatureError
from evidence.model.predicates import PREDICATES
from evidence.model.record import ResourceDescriptor, Statement, read_record
from evidence.snapshot.model import Entry, Excluded, Makers, PriorDecision, Refusal, Snapshot
from evidence.trust import ledger
from evidence.trust.envelopes import open_envelope, signature_state
from evidence.trust.keys import SigningKey, sign_together
from integrations.app.reporting import verify_report
from reports.documents.attachments import EVIDENCE, MANIFEST, REQUIRED, Materials, attached_files
from reports.pdf.signature import check_signature, make_signing_certificate, sign_pdf
from reports.renderers.pdf import html_to_pdf
from reports.verify import checks, pages, policies, replay
from reports.verify.checks import FailedCheck
from reports.verify.child import verify_confined
from reports.verify.complete import listed_entries
from reports.verify.extract import extract_attachments
from reports.verify.taken import check_present
from reports.verify.verify import CONTENT_CHECKS, CheckState, VerificationReport, verify_pdf
from reports.words.policies import changed_parameter_text
from tests.worlds import lender, mortgage, samples
from tests.worlds.people import key_of
from tests.worlds.records import predicate

POLICIES = Path(__file__).resolve().parents[2] / "policies"


def failed(report: VerificationReport) -> dict[str, str]:
    return {check.name: check.detail for check in report.checks if check.state is CheckState.FAILED}


def packed(materials: Materials, drop: tuple[str, ...] = (), **changed: bytes) -> bytes:
    """A small signed PDF with the files of `materials`; `changed` replaces files after the manifest was written."""
    key, certificate = samples.certificate()
    files = [
        replace(file, data=changed.get(file.name.replace(".", "_").replace("-", "_"), file.data))
        for file in attached_files(materials)
        if file.name not in drop
    ]
    page = html_to_pdf("<html lang=en><title>t</title><p>pages</p></html>", files, mortgage.INSTANT)
    return sign_pdf(page, key, certificate, signing_time=mortgage.INSTANT)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.fixture(scope="module")
def small() -> bytes:
    """The sample's pack with one short page, which is quick to make."""
    return packed(samples.materials())


class TestAGoodReport:
    def test_every_check_is_ok_and_the_decision_comes_out_again(self, small: bytes) -> None:
        report = verify_pdf(small, trust=[samples.certificate()[1]], replay=replay.replay)
        states = {check.name: check.state for check in report.checks}
        assert states.pop("pages") is CheckState.NOT_CHECKED, "see test_report_pages.py"
        assert set(states.values()) == {CheckState.OK}
        assert report.ok
        assert report.trusted
        assert (report.outcome, report.gate, report.decision) == ("deny", "validation", samples.sample().decision.id)

    def test_without_trust_it_is_ok_but_not_trusted_and_fingerprints_are_told(self, small: bytes) -> None:
        report = verify_pdf(small, replay=replay.replay)
        told = {check.name: check for check in report.checks}
        assert report.ok
        assert not report.trusted
        assert told["signer"].state is CheckState.NOT_CHECKED
        assert key_of("quaestor").keyid in told["keys"].detail

    def test_without_an_engine_the_replay_is_not_claimed(self, small: bytes) -> None:
        report = verify_pdf(small)
        assert {c.name for c in report.checks if c.state is CheckState.NOT_CHECKED} >= {"bundle", "replay"}

    def test_a_public_key_can_be_the_trust(self, small: bytes) -> None:
        good = verify_pdf(small, trust=[key_of("quaestor").public_key.encode()], replay=replay.replay)
        assert good.ok
        other = verify_pdf(small, trust=[SigningKey.generate().public_key.encode()], replay=replay.replay)
        assert set(failed(other)) == {"keys"}


class TestOneByte:
    @pytest.mark.parametrize("tenth", range(10))
    def test_a_flip_anywhere_in_the_file_is_found(self, small: bytes, tenth: int) -> None:
        # A flip in each tenth of the file, at places that differ from run to run of the sample's keys.
        for step in range(6):
            at = min(len(small) - 1, (tenth * 6 + step) * len(small) // 60 + tenth)
            assert not check_signature(flipped(small, at)).intact, at

    def test_a_flip_of_each_digit_of_the_signature_is_found(self, small: bytes) -> None:
        start = small.index(b"/Contents <3082") + len(b"/Contents <")
        for at in [*range(start, start + 3600, 37), start + 5000, start + 12287]:
            assert not check_signature(flipped(small, at)).intact, at

    def test_a_digit_in_another_case_is_found_though_it_means_the_same(self, small: bytes) -> None:
        start = small.index(b"/Contents <3082") + len(b"/Contents <")
        at = next(i for i in range(start, start + 3000) if small[i : i + 1] in b"ABCDEF")
        assert not check_signature(small[:at] + small[at : at + 1].lower() + small[at + 1 :]).intact

    @pytest.mark.parametrize("part", ["text", "attachment", "signature"])
    def test_the_whole_verification_fails(self, small: bytes, part: str) -> None:
        at = {
            "text": small.index(b"stream") + 40,
            "attachment": small.index(b"/EmbeddedFile") + 400,
            "signature": small.index(b"/Contents <3082") + 600,
        }[part]
        report = verify_pdf(flipped(small, at), replay=replay.replay)
        assert not report.ok
        assert "signature" in failed(report)

    def test_bytes_added_after_the_signature_are_found(self, small: bytes) -> None:
        for more in (b"\n", b"%%EOF\n", b"\0" * 100):
            assert not check_signature(small + more).intact
        assert not check_signature(small[:-1]).intact

    def test_an_incremental_update_is_found(self, small: bytes) -> None:
        from pyhanko.pdf_utils import generic
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

        writer = IncrementalPdfFileWriter(BytesIO(small))
        writer.root["/Lang"] = generic.pdf_string("fr")
        writer.update_root()
        out = BytesIO()
        writer.write(out)
        assert out.getvalue().startswith(small)
        assert not check_signature(out.getvalue()).intact

    def test_a_second_signature_is_refused(self, small: bytes) -> None:
        from pyhanko.sign import fields, signers

        key, certificate = samples.certificate()
        signer = signers.SimpleSigner.load_pkcs12_data(_pkcs12(key, certificate), other_certs=[])
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

        out = BytesIO()
        meta = signers.PdfSignatureMetadata(field_name="Second", subfilter=fields.SigSeedSubFilter.PADES)
        signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(small)), meta, signer=signer, output=out)
        assert "2 signatures" in check_signature(out.getvalue()).problem


def _pkcs12(key: bytes, certificate: bytes) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    private = serialization.load_pem_private_key(key, None)
    return pkcs12.serialize_key_and_certificates(
        b"k", private, x509.load_pem_x509_certificate(certificate), None, serialization.NoEncryption()
    )


class TestSignedAnewByTheForger:
    """Each of these is signed by a valid certificate, so the digests and the replay have to find it."""

    def test_another_signer_is_not_trusted(self) -> None:
        key, certificate = make_signing_certificate("Forger", now=mortgage.INSTANT)
        page = html_to_pdf(
            "<html lang=en><title>t</title></html>", attached_files(samples.materials()), mortgage.INSTANT
        )
        forged = sign_pdf(page, key, certificate, signing_time=mortgage.INSTANT)
        assert set(failed(verify_pdf(forged, trust=[samples.certificate()[1]]))) == {"signer"}

    def test_an_attachment_that_the_manifest_does_not_name_so(self) -> None:
        report = verify_pdf(packed(samples.materials(), bundle_tar=b"other policies"), replay=replay.replay)
        assert {"attachments", "decision", "replay"} <= set(failed(report))
        fewer = {path: data for path, data in lender.policies()[0].files.items() if not path.endswith("FAIR-02.rego")}
        without_input = replace(samples.materials(), inputs=None)
        report = verify_pdf(packed(without_input, bundle_tar=archive(fewer)), replay=replay.replay)
        assert {"attachments", "decision", "bundle", "replay"} <= set(failed(report))

    def test_a_missing_attachment(self) -> None:
        report = verify_pdf(packed(samples.materials(), drop=("ledger-proof.json",)), replay=replay.replay)
        assert "ledger-proof.json" in failed(report)["attachments"]
        assert not report.ok

    @pytest.mark.parametrize(
        ("change", "said"),
        [({"format": None}, "written by a version before format 1"), ({"format": 2}, "this version reads format 1")],
    )
    def test_a_pack_of_another_format_is_refused_in_plain_words(self, change: dict[str, int | None], said: str) -> None:
        body = {**samples.sample().decision.to_json(), **change}
        other = canonical_bytes({name: value for name, value in body.items() if value is not None})
        report = verify_pdf(packed(samples.materials(), decision_json=other), replay=replay.replay)
        assert said in failed(report)["contents"]
        assert not report.ok

    def test_a_decision_turned_into_a_pass(self) -> None:
        made = samples.sample().decision
        allowed = made.model_copy(update={"outcome": Outcome.ALLOW, "reasons": ()})
        report = verify_pdf(packed(replace(samples.materials(), decision=fresh(allowed))), replay=replay.replay)
        assert {"decision", "replay"} <= set(failed(report))

    def test_a_pass_signed_with_the_keys_of_the_house_is_found_by_replay(self) -> None:
        made = samples.sample().decision
        allowed = fresh(made.model_copy(update={"outcome": Outcome.ALLOW, "reasons": ()}))
        envelope = samples.decision_envelope(allowed, key_of("quaestor"))
        forged = replace(
            samples.materials(),
            decision=allowed,
            decision_envelope=envelope,
            proof=samples.ledger_proof(envelope, key_of("quaestor")),
        )
        found = failed(verify_pdf(packed(forged), replay=replay.replay))
        assert set(found) == {"replay"}
        assert "another one" in found["replay"]
        assert "/outcome" in found["replay"]

    def test_a_person_cannot_sign_a_decision(self) -> None:
        envelope = samples.decision_envelope(samples.sample().decision, key_of("anna"))
        forged = replace(
            samples.materials(),
            decision_envelope=envelope,
            proof=samples.ledger_proof(envelope, key_of("quaestor")),
        )
        assert "machine's key" in failed(verify_pdf(packed(forged)))["decision"]

    def test_evidence_with_another_number_in_it(self) -> None:
        lines = next(file.data for file in attached_files(samples.materials()) if file.name == EVIDENCE)
        changed = json.loads(lines.splitlines()[0])
        from base64 import b64decode, b64encode

        payload = json.loads(b64decode(changed["payload"]))
        payload["predicate"]["issuer"] = "someone else"
        changed["payload"] = b64encode(canonical_bytes(payload)).decode()
        first = canonical_bytes(changed) + b"\n"
        report = verify_pdf(packed(samples.materials(), evidence_jsonl=first + b"".join(lines.splitlines(True)[1:])))
        assert {"attachments", "evidence"} <= set(failed(report))

    def test_evidence_left_out(self) -> None:
        kept = dict(list(samples.materials().evidence.items())[1:])
        found = failed(verify_pdf(packed(replace(samples.materials(), evidence=kept))))
        assert "is not attached" in found["evidence"]

    def test_a_record_slipped_into_the_snapshot(self) -> None:
        made = samples.sample()
        extra = made.snapshot.entries[0].model_copy(update={"derived_here": True})
        forged = made.snapshot.model_copy(update={"entries": (*made.snapshot.entries[1:], extra)})
        found = failed(verify_pdf(packed(replace(samples.materials(), snapshot=forged))))
        assert "evidence" in found

    def test_a_better_number_in_the_snapshot(self) -> None:
        materials = samples.materials()
        text = canonical_bytes(materials.snapshot.to_json()).replace(b'"ci_low":0.59', b'"ci_low":0.89')
        report = verify_pdf(packed(materials, snapshot_json=text), replay=replay.replay)
        assert {"attachments", "evidence", "replay"} <= set(failed(report))

    def test_a_checkpoint_of_another_ledger(self) -> None:
        envelope = samples.materials().decision_envelope
        proof = samples.ledger_proof(envelope, SigningKey.generate())
        assert "checkpoint" in failed(verify_pdf(packed(replace(samples.materials(), proof=proof))))["ledger"]

    def test_a_proof_for_another_entry(self) -> None:
        proof = samples.materials().proof.model_copy(update={"index": 41})
        found = failed(verify_pdf(packed(replace(samples.materials(), proof=proof))))
        assert "does not lead" in found["ledger"]

    def test_a_record_in_the_ledger_that_the_snapshot_leaves_out(self) -> None:
        hidden = mortgage.statement_of(mortgage.schedule("hidden", "P1Y"), "attested")
        found = self.completeness(key_of("anna").sign(hidden.payload))
        assert f"the ledger holds record {hidden.id}" in found

    def test_an_entry_left_out_of_the_listing(self) -> None:
        made = samples.materials()
        of_subject, of_system, of_people = made.proof.listings
        shorter = of_system.model_copy(update={"entries": of_system.entries[1:]})
        proof = made.proof.model_copy(update={"listings": (of_subject, shorter, of_people)})
        assert "something was left out" in self.failing(proof=proof)
        dropped = made.proof.model_copy(update={"entries": made.proof.entries[1:]})
        assert "is not attached" in self.failing(proof=dropped)
        register, first, *others = made.proof.entries
        altered = first.model_copy(update={"leaf": first.leaf.replace('"configured"', '"imported"')})
        proof = made.proof.model_copy(update={"entries": (register, altered, *others)})
        assert "one was changed or moved" in self.failing(proof=proof)

    def test_a_listing_of_another_subject(self) -> None:
        proof = samples.materials().proof
        proof = proof.model_copy(update={"listings": proof.listings[:1]})
        assert "not those of the subject, its system and the register" in self.failing(proof=proof)

    def test_a_withdrawal_that_is_not_shown_or_not_heeded(self) -> None:
        made = samples.materials()
        bare = tuple(item.model_copy(update={"envelope": None}) for item in made.proof.entries)
        proof = made.proof.model_copy(update={"entries": bare})
        assert "is not attached as it was filed" in self.failing("taken", proof=proof)
        counted = next(entry.record.id for entry in made.snapshot.entries if entry.record.type == "retention-schedule")
        found = self.completeness(samples.withdrawal_of(counted), "taken")
        assert f"record {counted} counts in the snapshot, and it is withdrawn" in found

    def test_a_run_that_the_snapshot_does_not_count(self) -> None:
        found = self.completeness(samples.run_note("r2"), "taken")
        assert "`logged_test_split_runs` is 2, the snapshot says 1" in found

    def test_a_record_said_to_be_filed_earlier(self) -> None:
        taken = samples.materials().snapshot
        earlier = tuple(
            entry.model_copy(update={"filed_at": entry.filed_at - timedelta(days=300)}) for entry in taken.entries
        )
        assert "says otherwise" in self.failing(snapshot=taken.model_copy(update={"entries": earlier}))

    def failing(self, check: str = "complete", **changed: Any) -> str:
        """What a check says of a pack in which something was changed."""
        return failed(verify_pdf(packed(replace(samples.materials(), **changed))))[check]

    def completeness(self, more: bytes, check: str = "complete") -> str:
        """The same of a pack of a ledger that holds one entry more about the system than the snapshot tells."""
        proof = samples.ledger_proof(samples.materials().decision_envelope, key_of("quaestor"), [more])
        return self.failing(check, proof=proof)

    def test_a_compiled_module_that_the_decision_does_not_name(self) -> None:
        found = failed(verify_pdf(packed(replace(samples.materials(), wasm=b"\0asm other"))))
        assert "compiled policies" in found["decision"]

    def test_an_engine_that_fails_is_no_pass(self, small: bytes) -> None:
        def broken(contents: object) -> tuple[str, Decision]:
            raise RuntimeError("trap")

        report = verify_pdf(small, replay=broken)
        assert set(failed(report)) == {"replay"}


class TestSignedByTheHouse:
    """Packs by a holder of all keys, whose decision follows from a snapshot that the store would not have taken."""

    def found(self, forge: samples.Forge, more: Sequence[bytes] = ()) -> str:
        """What the one failing check says."""
        told = failed(verify_pdf(packed(samples.materials_of(more, forge)), replay=replay.replay))
        assert set(told) == {"taken"}
        return told["taken"]

    def counted(self, statement: Statement, *reasons: str) -> str:
        """The same, of a snapshot that counts a record which the store excludes."""
        envelope = key_of("anna").sign(statement.payload)

        def forge(taken: Snapshot) -> Snapshot:
            (item,) = [one for one in taken.excluded if one.id == statement.id]
            assert item.reason in reasons
            return counting(taken, statement, envelope)

        return self.found(forge, [envelope])

    def test_a_record_that_had_expired(self) -> None:
        old = mortgage.statement_of(mortgage.schedule("expired", "P1Y"), "attested", timedelta(days=89))
        assert f"record {old.id} counts in the snapshot, and it is expired" in self.counted(old, "expired")

    def test_a_record_that_was_collected_after_the_instant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # As whoever holds the machine's key can write it, who need not ask the door.
        monkeypatch.setattr("evidence.store.checks.record_ahead", lambda *_: None)
        late = mortgage.statement_of(mortgage.schedule("late", "P1Y"), "attested", -timedelta(minutes=30))
        assert "and it is not-yet-collected" in self.counted(late, "not-yet-collected")

    def test_a_record_that_claims_a_time_after_its_filing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("evidence.store.checks.record_ahead", lambda *_: None)
        early = mortgage.statement_of(mortgage.schedule("early", "P1Y"), "attested", timedelta(minutes=30))
        assert "and it is ahead-of-filing" in self.counted(early, "ahead-of-filing")

    def test_a_withdrawn_record(self) -> None:
        gone = mortgage.withdrawn_record()
        envelope = key_of("anna").sign(gone.payload)
        assert "and it is withdrawn" in self.found(lambda taken: counting(taken, gone, envelope))

    def test_a_record_of_another_subject(self) -> None:
        about = {"another model": mortgage.OTHER}
        other = mortgage.statement_of(mortgage.approval(mortgage.ANNA, "model-owner"), "attested", subject=about)
        envelope = key_of("anna").sign(other.payload)
        found = failed(
            verify_pdf(packed(samples.materials_of([envelope], lambda taken: counting(taken, other, envelope))))
        )
        assert "the ledger holds no record" in found["complete"]
        assert "the ledger has none about the subject" in found["taken"]

    def test_an_exclusion_that_does_not_hold(self) -> None:
        def forge(taken: Snapshot) -> Snapshot:
            rejected = next(entry for entry in taken.entries if entry.record.type == "approval")
            item = Excluded(id=rejected.record.id, type="approval", reason="expired", detail="", until=mortgage.INSTANT)
            kept = tuple(entry for entry in taken.entries if entry != rejected)
            return taken.model_copy(update={"entries": kept, "excluded": (*taken.excluded, item)})

        assert "counts, and the snapshot leaves it out" in self.found(forge)

    def test_an_earlier_allowance_that_was_never_given(self) -> None:
        invented = PriorDecision(
            id=mortgage.OTHER,
            gate="staging",
            outcome="allow",
            instant=mortgage.INSTANT - timedelta(days=2),
            bundle_digest=mortgage.OTHER,
            parameters_digest=mortgage.OTHER,
        )
        found = self.found(lambda taken: taken.model_copy(update={"decisions": (*taken.decisions, invented)}))
        assert "the ledger's last decision at gate staging is none, the snapshot says allow" in found

    def test_an_earlier_allowance_that_was_taken_back(self) -> None:
        # At a chosen instant it would be a preview, which opens no gate.
        present = samples.sample().decision.model_copy(update={"relaxations": ()})
        denied = samples.decision_envelope(fresh(present), key_of("quaestor"))

        def forge(taken: Snapshot) -> Snapshot:
            earlier, prior = taken.decisions
            assert (earlier.gate, prior.gate) == ("registration", "validation")
            return taken.model_copy(update={"decisions": (earlier, prior.model_copy(update={"outcome": "allow"}))})

        assert "is deny, the snapshot says allow" in self.found(forge, [denied])

    def test_an_index_that_hides_a_run(self) -> None:
        def forge(taken: Snapshot) -> Snapshot:
            return rewritten(taken, "evidence-index", logged_test_split_runs=1)

        assert "`logged_test_split_runs` is 2, the snapshot says 1" in self.found(forge, [samples.run_note("r2")])

    def test_a_record_that_was_replaced(self) -> None:
        old, new = (mortgage.statement_of(mortgage.schedule("ropa", period), "attested") for period in ("P1Y", "P2Y"))
        envelopes = [key_of("anna").sign(item.payload) for item in (old, new)]

        def forge(taken: Snapshot) -> Snapshot:
            (item,) = [one for one in taken.excluded if one.id == old.id]
            assert (item.reason, item.replaced_by, item.by) == ("superseded", new.id, "anna")
            return counting(taken, old, envelopes[0])

        assert f"record {old.id} counts in the snapshot, and it is superseded" in self.found(forge, envelopes)

    @pytest.mark.parametrize(
        ("makers", "said"),
        [
            (Makers(), "`anna` is a trainer of the system by the ledger, and the snapshot does not say so"),
            (None, "the snapshot does not say who made the versions of the system"),
            (
                Makers(trainer=("anna", "anna müller"), builder=("ben",)),
                "the snapshot names `ben` as a builder of the system, and no record does",
            ),
        ],
    )
    def test_other_makers_than_the_ledger_has(self, makers: Makers | None, said: str) -> None:
        # Of another version, long over: who made that one knows this one.
        about = {"an earlier model": mortgage.OTHER}
        made = mortgage.statement_of(mortgage.training(mortgage.ANNA), "ingested", timedelta(days=400), about)

        def forge(taken: Snapshot) -> Snapshot:
            assert taken.makers == Makers(trainer=("anna", "anna müller"))
            return taken.model_copy(update={"makers": makers})

        assert said in self.found(forge, [key_of("quaestor").sign(made.payload)])

    @pytest.mark.parametrize("told", [(), None])
    def test_an_earlier_refusal_that_is_not_told(self, told: tuple[Refusal, ...] | None) -> None:
        """It counted a record that was withdrawn since."""
        before = samples.sample().decision.model_copy(update={"relaxations": ()})
        gone = mortgage.withdrawn_record().id
        counted = before.evidence[0].model_copy(update={"id": gone})
        denied = fresh(before.model_copy(update={"evidence": (*before.evidence, counted)}))

        def forge(taken: Snapshot) -> Snapshot:
            assert taken.refusals is not None
            assert [(item.id, item.outcome, item.gone) for item in taken.refusals] == [(denied.id, "deny", (gone,))]
            return taken.model_copy(update={"refusals": told})

        envelope = samples.decision_envelope(denied, key_of("quaestor"))
        assert f"the earlier decision {denied.id}, and what of it counts no more" in self.found(forge, [envelope])

    def test_an_earlier_refusal_by_an_account_that_was_told_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A release of before did not tell it: by the policies of its time that account counts still."""
        told = {"signal": "drift", "value": 2, "threshold": 1, "art79_risk": False, "notified": {}}
        told["fired_at"] = "2026-11-19T08:00:00Z"
        contents = (told, {**told, "reviewed_at": "2026-11-19T09:00:00Z"})
        accounts = [
            mortgage.statement_of(predicate("alert-event", **content), "ingested", timedelta(hours=20 - place))
            for place, content in enumerate(contents)
        ]
        before = samples.sample().decision.model_copy(update={"relaxations": ()})
        counted = before.evidence[0].model_copy(update={"id": accounts[0].id})
        denied = fresh(before.model_copy(update={"evidence": (*before.evidence, counted)}))

        def forge(taken: Snapshot) -> Snapshot:
            assert taken.refusals is not None
            assert [(item.id, item.gone) for item in taken.refusals] == [(denied.id, (accounts[0].id,))]
            return taken.model_copy(update={"refusals": ()})

        machine = key_of("quaestor")
        envelopes = [machine.sign(item.payload) for item in accounts]
        envelopes.append(samples.decision_envelope(denied, machine))
        assert f"the earlier decision {denied.id}, and what of it counts no more" in self.found(forge, envelopes)
        monkeypatch.setattr("engine.deciding.decide.retold", lambda schemas, entries: {})
        assert failed(verify_pdf(packed(samples.materials_of(envelopes, forge)), replay=replay.replay)) == {}

    def test_a_feed_that_is_said_to_be_empty(self) -> None:
        def forge(taken: Snapshot) -> Snapshot:
            return rewritten(taken, "feed-status", count=7)

        assert "the feed-status made with the snapshot is not what the ledger gives: `count` is 1" in self.found(forge)

    def test_true_where_the_record_says_1(self) -> None:
        """To Python they are equal. In Rego `true` lies below every number: below each limit that a 1 is beyond."""

        def forge(taken: Snapshot) -> Snapshot:
            (run,) = [entry for entry in taken.entries if entry.record.type == "risk-questionnaire"]
            record = run.record
            content = {name: 1 if value is True else value for name, value in record.content.items()}
            assert content == record.content
            assert canonical_bytes(content) != canonical_bytes(record.content)
            envelope = record.envelope.model_copy(update={"content": content})
            stated = record.model_copy(update={"envelope": envelope})
            vars(stated)["content_text"] = canonical_bytes(content).decode()  # the forger's own program does not object
            others = tuple(entry for entry in taken.entries if entry != run)
            return taken.model_copy(update={"entries": (*others, run.model_copy(update={"record": stated}))})

        made = samples.materials_of((), forge)
        found = failed(verify_pdf(packed(made), replay=replay.replay))
        assert set(found) == {"evidence", "replay"}
        assert "the content is not the one that its digest is of" in found["evidence"]
        assert "the content is not the one that its digest is of" in found["replay"]

    def test_a_present_that_the_ledger_does_not_know(self) -> None:
        forged = failed(
            verify_pdf(packed(samples.materials_of((), lambda t: t.model_copy(update={"instant_chosen": False}))))
        )
        assert "the ledger took it in at" in forged["taken"]

    def test_a_register_that_is_said_to_be_renewed(self) -> None:
        def forge(taken: Snapshot) -> Snapshot:
            return taken.model_copy(update={"renewal_assumed": mortgage.INSTANT})

        made = samples.materials_of((), forge)
        assert "what it assumes of the register of people" in failed(verify_pdf(packed(made)))["taken"]
        others = tuple(item for item in made.decision.relaxations if item.kind != "assumed-renewal")
        assert len(others) < len(made.decision.relaxations)
        silent = fresh(made.decision.model_copy(update={"relaxations": others}))
        envelope = samples.decision_envelope(silent, key_of("quaestor"), made.snapshot)
        told = failed(verify_pdf(packed(replace(made, decision=silent, decision_envelope=envelope))))
        assert "assumed to be renewed, and the decision does not say so" in told["snapshot"]

    def test_a_clock_set_back_as_little_as_the_ledger_lets_it(self) -> None:
        made = samples.materials()
        snapshot = made.snapshot.model_copy(update={"instant_chosen": False})
        entry = listed_entries(made.proof.entries)[made.proof.index]
        for seconds in (-10, 0, 600):
            check_present(snapshot, entry.model_copy(update={"at": snapshot.instant + timedelta(seconds=seconds)}))
        for seconds in (-11, 601):
            with pytest.raises(FailedCheck, match="made at the present"):
                check_present(snapshot, entry.model_copy(update={"at": snapshot.instant + timedelta(seconds=seconds)}))

    def test_a_signature_that_was_taken_off(self) -> None:
        """Without its signature a rejection would be excluded; the leaf holds the digest of what was filed."""
        made = samples.materials()
        name = next(e.record.id for e in made.snapshot.entries if e.record.type == "approval")
        bare = sign_together([], open_envelope(made.evidence[name], where="record"))
        found = failed(verify_pdf(packed(replace(made, evidence={**made.evidence, name: bare}))))
        assert "is not attached as it was filed" in found["taken"]


def counting(taken: Snapshot, statement: Statement, envelope: bytes) -> Snapshot:
    """The snapshot with a record more that counts, and that is excluded no more."""
    signature = signature_state(envelope, samples.keyring(), at=mortgage.FILED)
    entry = Entry(
        record=read_record(statement),
        signature=signature,
        filed_at=mortgage.FILED,
        log_index=samples.place(statement.id),
    )
    excluded = tuple(item for item in taken.excluded if item.id != statement.id)
    return taken.model_copy(update={"entries": (*taken.entries, entry), "excluded": excluded})


def rewritten(taken: Snapshot, kind: str, **changed: Any) -> Snapshot:
    """The snapshot with other content in a record that the store made."""
    entry = next(one for one in taken.entries if one.derived_here and one.record.type == kind)
    record = entry.record
    envelope = record.envelope.model_copy(update={"content": {**record.content, **changed}})
    statement = Statement(
        subject=(
            ResourceDescriptor(name=taken.subject.name, digest={"sha256": mortgage.MODEL.removeprefix("sha256:")}),
        ),
        predicate_type=PREDICATES[kind].uri(),
        predicate=envelope.to_json(),
    )
    others = tuple(one for one in taken.entries if one != entry)
    return taken.model_copy(update={"entries": (*others, entry.model_copy(update={"record": read_record(statement)}))})


def fresh(decision: Decision) -> Decision:
    """The same decision without what it has computed of itself before it was changed."""
    return Decision.model_validate_json(canonical_bytes(decision.to_json()))


class TestHostileFiles:
    @pytest.mark.parametrize(
        "data", [b"", b"%PDF-1.7", b"\0" * 1000, b"%PDF-1.7\n" + b"[" * 100_000, b"PK\x03\x04" * 99]
    )
    def test_what_is_no_pdf_is_a_failed_check_and_no_exception(self, data: bytes) -> None:
        report = verify_pdf(data, replay=replay.replay)
        assert not report.ok
        assert "signature" in failed(report)

    def test_an_unsigned_pack_fails(self) -> None:
        page = html_to_pdf(
            "<html lang=en><title>t</title></html>", attached_files(samples.materials()), mortgage.INSTANT
        )
        assert failed(verify_pdf(page, replay=replay.replay))["signature"] == "the file is not signed"

    def test_a_signed_pdf_without_attachments_is_no_pack(self) -> None:
        key, certificate = samples.certificate()
        page = html_to_pdf("<html lang=en><title>t</title></html>", (), mortgage.INSTANT)
        report = verify_pdf(sign_pdf(page, key, certificate, signing_time=mortgage.INSTANT))
        assert "no attachments" in failed(report)["attachments"]

    def test_an_attachment_that_inflates_past_the_limit_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bomb = attached_with(b"\0" * (3 << 20))
        assert extract_attachments(bomb) == {"bomb": b"\0" * (3 << 20)}
        monkeypatch.setattr("reports.verify.extract.MAX_FILE_BYTES", 1 << 20)
        with pytest.raises(EvidenceError, match="larger than 1048576 bytes once inflated"):
            extract_attachments(bomb)

    def test_a_stream_that_is_not_flate_is_not_unpacked(self) -> None:
        packed_otherwise = attached_with(b"x" * 100).replace(b"/Filter /FlateDecode", b"/Filter /LZWDecode  ")
        with pytest.raises(EvidenceError, match="packed as /LZWDecode"):
            extract_attachments(packed_otherwise)

    def test_a_stream_that_is_cut_short_is_refused(self) -> None:
        data = attached_with(bytes(range(256)) * 40)
        start = data.index(b"x\x9c")
        with pytest.raises(EvidenceError):
            extract_attachments(data[: start + 20] + b"\xff" * 8 + data[start + 28 :])

    def test_more_files_than_a_pack_has_are_refused(self) -> None:
        pdf = pikepdf.new()
        pdf.add_blank_page()
        for number in range(70):
            pdf.attachments[f"f{number}"] = b"x"
        out = BytesIO()
        pdf.save(out)
        with pytest.raises(EvidenceError, match="more than 64"):
            extract_attachments(out.getvalue())

    @pytest.mark.parametrize(
        ("objects", "said"),
        [
            ({"/Type": "/Annot", "/Subtype": "/FileAttachment"}, "attached to a page"),
            ({"/Type": "/Annot", "/Subtype": "/Link", "/A": {"/S": "/Launch"}}, "would run something"),
            ({"/Type": "/Annot", "/A": {"/S": "/JavaScript", "/JS": "app.alert(1)"}}, "would run something"),
            ({"/Type": "/Annot", "/AA": {}}, "would run something"),
            ({"/Type": "/Annot", "/FS": {"/EF": {}, "/UF": "decision.json"}}, "does not name"),
        ],
    )
    def test_a_second_file_and_what_runs_are_refused(self, objects: dict[str, Any], said: str) -> None:
        pdf = pikepdf.new()
        pdf.add_blank_page()
        pdf.attachments["decision.json"] = b"{}"
        pdf.pages[0]["/Annots"] = pikepdf.Array([named(objects)])
        out = BytesIO()
        pdf.save(out)
        with pytest.raises(EvidenceError, match=said):
            extract_attachments(out.getvalue())

    def test_evidence_that_is_no_json_is_a_failed_check(self) -> None:
        report = verify_pdf(packed(samples.materials(), evidence_jsonl=b"{}\n[[[\n"))
        assert "evidence" in failed(report)

    def test_a_trust_file_that_is_none_is_the_callers_mistake(self, small: bytes) -> None:
        with pytest.raises(SignatureError, match="neither a certificate nor a public key"):
            verify_pdf(small, trust=[b"hello"])
        with pytest.raises(QuaestorError, match="PEM"):
            verify_pdf(small, trust=[b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])


class TestWorkStops:
    """Nothing is worked on before it is known whose it is, and nothing costs more than its size."""

    def unasked(self, contents: object) -> tuple[str, Decision]:
        raise AssertionError("the policies were run")

    def test_at_a_broken_signature(self, small: bytes) -> None:
        report = verify_pdf(flipped(small, small.index(b"/EmbeddedFile") + 400), replay=self.unasked)
        assert set(failed(report)) == {"signature"}
        assert [c.name for c in report.checks if c.state is CheckState.NOT_CHECKED][-11:] == [
            "attachments",
            *CONTENT_CHECKS,
        ]

    def test_at_a_signer_that_is_not_trusted(self, small: bytes) -> None:
        _, other = make_signing_certificate("Other", now=mortgage.INSTANT)
        report = verify_pdf(small, trust=[other], replay=self.unasked)
        assert set(failed(report)) == {"signer"}
        assert {c.name: c.state for c in report.checks}["replay"] is CheckState.NOT_CHECKED

    def test_at_keys_that_are_not_trusted(self, small: bytes) -> None:
        report = verify_pdf(small, trust=[SigningKey.generate().public_key.encode()], replay=self.unasked)
        assert set(failed(report)) == {"keys"}
        assert {c.name: c.state for c in report.checks}["evidence"] is CheckState.NOT_CHECKED

    def test_at_a_file_that_unpacks_to_millions_of_values(self) -> None:
        report = verify_pdf(packed(samples.materials(), snapshot_json=b"[" + b"{}," * 5_000_000 + b"{}]"))
        assert "more than 4000000 values" in failed(report)["contents"]


class TestTheChild:
    """Verification as the command runs it: whatever the child does, there is a report, and it is no pass."""

    @pytest.fixture
    def instead(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        """Puts other code into the child's place, as one that was taken over would run it."""

        def put(code: str) -> None:
            folder = tmp_path / "site-packages"
            folder.mkdir()
            text = f"import json, os, time\ndef serve(channel, held):\n    channel.receive()\n    {code}\n"
            (folder / "taken_over.py").write_text(text)
            monkeypatch.syspath_prepend(str(folder))
            monkeypatch.setattr("reports.verify.child._CHILD", "taken_over:serve")

        return put

    def test_says_what_the_checks_say_in_this_process(self, small: bytes) -> None:
        apart, here = verify_confined(small), verify_pdf(small, replay=replay.replay, pages=pages.pages)
        assert apart.checks == here.checks
        assert apart.decision == samples.sample().decision.id

    def test_the_callers_mistake_is_told_as_such(self, small: bytes) -> None:
        with pytest.raises(QuaestorError, match="neither a certificate nor a public key"):
            verify_confined(small, trust=[b"hello"])

    def test_too_slow(self, small: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("reports.verify.child.WALL_SECONDS", 0.01)
        assert "longer than 0.01 seconds" in failed(verify_confined(small))["verification"]

    @pytest.mark.skipif(sys.platform != "linux", reason="macOS keeps limits of memory weakly")
    def test_too_greedy(self, small: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("reports.verify.child.MEMORY", 24 << 20)
        assert "stopped" in failed(verify_confined(small))["verification"]

    @pytest.mark.parametrize(
        "code",
        [
            "os.abort()",
            "pass",
            "channel.send(b'{')",
            "channel.send(b'[]')",
            "channel.send(b'{}')",
            "channel.send(b'{\"check\": 3}')",
            'channel.send(b\'{"decision": "x", "outcome": "allow"}\')',
            "channel.send(b'x' * (2 << 20))",
            "channel.send(b'[' * 500_000)",
            '[channel.send(b\'{"check": {"name": "a", "state": "ok", "detail": ""}}\') for _ in range(999)]',
            "channel.send(json.dumps({'check': {'name': 'signature', 'state': 'fine', 'detail': 'x'}}).encode()); "
            "channel.send(b'{}')",
        ],
    )
    def test_an_answer_that_is_none_is_no_pass(self, instead: Callable[[str], None], code: str, small: bytes) -> None:
        instead(code)
        assert not verify_confined(small).ok

    def test_what_it_says_cannot_draw_on_the_terminal(self, instead: Callable[[str], None], small: bytes) -> None:
        told = {"name": "a\x1b[2J", "state": "ok", "detail": "\x1b[1A\rok signer: trusted\n\u202e"}
        instead(
            f"channel.send(json.dumps({{'check': {told!r}}}).encode()); channel.send(b'{{\"subject\": \"\\u001b\"}}')"
        )
        report = verify_confined(small)
        (check,) = report.checks
        assert (check.name + check.detail + report.subject).isprintable()

    def test_a_file_without_end_is_answered(self) -> None:
        class Endless(BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                assert size is not None
                assert size > 0, "all of it is asked for"
                return b"%PDF-1.7".ljust(size, b"\0")

        begun = time.monotonic()
        assert "more than" in failed(verify_report(Endless(), trust=[]))["signature"]
        with Path("/dev/zero").open("rb") as endless, pytest.raises(EvidenceError, match="not a PDF"):
            verify_report(endless, trust=[])
        assert time.monotonic() - begun < 30


class TestReplay:
    """The decision is made again out of the pack alone."""

    def test_a_module_of_other_policies_is_refused_and_none_is_compiled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def compiler() -> None:
            raise AssertionError("an OPA was looked for")

        monkeypatch.setattr("engine.backends.compile.find_opa", compiler)
        monkeypatch.setattr("engine.backends.choose.find_opa", compiler)
        files = {file.name: file.data for file in attached_files(samples.materials())}
        bundle = archive(read_folder(POLICIES))
        module = stamp(b"\0asm\x01\0\0\0", Stamp(program="sha256:" + "0" * 64, opa="1.0.0"))
        contents = replace(checks.read_contents(files), bundle=bundle, wasm=module)
        with pytest.raises(QuaestorError, match=r"policy.wasm: the attached compiled policies are of `sha256:000"):
            replay.replay(contents)


def named(value: Any) -> Any:
    """A dictionary of PDF, in which text that begins with a slash is a name."""
    if isinstance(value, dict):
        return pikepdf.Dictionary({name: named(part) for name, part in value.items()})
    return pikepdf.Name(value) if value.startswith("/") else pikepdf.String(value)


class TestPolicies:
    """Whose policies decided: what differs from those that the caller expects is always named."""

    def compared(self, files: dict[str, bytes], expected: policies.Expected) -> policies.Compared:
        contents = checks.read_contents({file.name: file.data for file in attached_files(samples.materials())})
        return policies.policies(replace(contents, bundle=archive(files)), expected)

    def test_those_of_this_installation(self) -> None:
        files = read_folder(POLICIES)
        found = self.compared(files, policies.Expected(files=policies.file_digests(files)))
        assert (found.same, found.refused, found.parameters) == (True, False, ())
        assert "no parameter changed" in found.detail

    def test_a_control_that_is_missing_and_a_threshold_that_is_lower(self) -> None:
        files = read_folder(POLICIES)
        released = policies.Expected(files=policies.file_digests(files))
        fewer = {path: data for path, data in files.items() if not path.startswith("controls/fairness/FAIR-02")}
        refused = self.compared(fewer, released.model_copy(update={"digest": digest_json(released.files)}))
        assert refused.refused
        assert refused.detail.endswith("missing: FAIR-02")
        overlay = b"parameters:\n  min_group_size: 2\n"
        found = self.compared({**files, OVERLAY: overlay}, released)
        assert (found.same, found.refused) == (False, False)
        assert found.detail.endswith("parameters changed: 1")
        assert [(one.name, one.value) for one in found.parameters] == [("min_group_size", 2)]

    def test_every_file_that_is_missing(self) -> None:
        files = read_folder(POLICIES)
        names = [f"OLD-{n:02}" for n in range(40)]
        more = {f"controls/old/{name}.rego": mortgage.OTHER for name in names}
        found = self.compared(files, policies.Expected(files=policies.file_digests(files) | more))
        assert found.detail.endswith(f"missing: {', '.join(names)}")

    def test_a_threshold_that_reads_like_the_one_before(self) -> None:
        files = read_folder(POLICIES)
        released = policies.Expected(files=policies.file_digests(files))
        overlay = b"parameters:\n  min_primary_metric: 0.7999999999\n"
        (one,) = self.compared({**files, OVERLAY: overlay}, released).parameters
        assert changed_parameter_text(one) == "min_primary_metric is 0.7999999999 instead of 0.8"


def attached_with(data: bytes) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["bomb"] = data
    out = BytesIO()
    pdf.save(out, compress_streams=True, recompress_flate=True)
    return out.getvalue()


class TestThePack:
    def test_the_manifest_names_every_other_file(self, small: bytes) -> None:
        files = extract_attachments(small)
        assert set(REQUIRED) <= set(files)
        listed = {entry["name"]: entry for entry in json.loads(files[MANIFEST])["files"]}
        assert set(listed) == set(files) - {MANIFEST}
        assert all(listed[name]["sha256"] == sha256(files[name]).hexdigest() for name in listed)

    def test_each_attachment_has_the_relationship_of_the_manifest(self, small: bytes) -> None:
        listed = {e["name"]: e["relationship"] for e in json.loads(extract_attachments(small)[MANIFEST])["files"]}
        with pikepdf.open(BytesIO(small)) as pdf:
            found = {str(spec["/UF"]): str(spec["/AFRelationship"])[1:] for spec in pdf.Root["/AF"]}
        assert {name: found[name] for name in listed} == listed

    def test_the_pdf_says_when_as_the_decision_does(self, small: bytes) -> None:
        with pikepdf.open(BytesIO(small)) as pdf:
            dates = {str(spec["/EF"]["/F"]["/Params"]["/ModDate"]) for spec in pdf.Root["/AF"]}
        assert len(dates) == 1
        assert "20261121080000" in dates.pop()
        assert parse_instant("2026-11-21T08:00:00Z") == mortgage.INSTANT


class TestAKeptCheckpoint:
    """Who kept an earlier checkpoint of the ledger sees whether that of a report continues it."""

    def told(self, materials: Materials, checkpoint: str) -> tuple[CheckState, str]:
        report = verify_pdf(packed(materials), replay=replay.replay, checkpoint=checkpoint)
        (check,) = [check for check in report.checks if check.name == "checkpoint"]
        return check.state, check.detail

    def note(self, size: int, root: bytes) -> str:
        return ledger.sign_checkpoint(ledger.Checkpoint(samples.ORIGIN, size, root), key_of("quaestor"))

    def test_the_reports_own_and_that_of_its_snapshot(self) -> None:
        materials = samples.materials()
        assert self.told(materials, materials.proof.checkpoint)[0] is CheckState.OK
        log = materials.snapshot.log
        assert self.told(materials, self.note(log.size, log.checkpoint.root))[0] is CheckState.OK
        state, said = self.told(materials, self.note(log.size, bytes(32)))
        assert state is CheckState.FAILED
        assert "are not those of the checkpoint that you kept" in said

    def test_a_rollback(self) -> None:
        state, said = self.told(samples.materials(), self.note(4000, bytes(32)))
        assert state is CheckState.FAILED
        assert "it was rolled back" in said

    def test_any_other_takes_a_proof(self) -> None:
        materials = samples.materials()
        with samples.kept(7) as (note, since):
            state, said = self.told(materials, note)
            assert state is CheckState.FAILED
            assert "--since" in said
            proved = replace(materials, proof=materials.proof.model_copy(update={"since": since}))
            assert self.told(proved, note)[0] is CheckState.OK
            assert self.told(proved, self.note(7, bytes(32)))[0] is CheckState.FAILED

    def test_that_of_another_ledger_or_none(self) -> None:
        other = SigningKey.generate()
        foreign = ledger.sign_checkpoint(ledger.Checkpoint(samples.ORIGIN, 7, bytes(32)), other)
        for note in (foreign, "no checkpoint", ""):
            assert self.told(samples.materials(), note)[0] is CheckState.FAILED
