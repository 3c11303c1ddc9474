"""A report whose ledger proof comes from a real store."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import samples

from evidence.store.records import RecordStore
from evidence.trust import ledger
from reports.documents.attachments import attached_files
from reports.documents.proof import prove
from reports.verify.verify import checks as packchecks


def test_the_proof_of_a_real_ledger_is_accepted_and_no_other_entrys(tmp_path: Path) -> None:
    machine = samples.keys()["quaestor"]
    materials = samples.materials()
    (tmp_path / "blobs").mkdir()
    at = samples.INSTANT - timedelta(hours=1)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with RecordStore.create(url, tmp_path / "blobs", origin="example-lender", signer=machine) as store:

        def keep(envelope: bytes, kind: str, action: str) -> int:
            return store.append(envelope, kind=kind, action=action, actor="quaestor", at=at, signer=machine).index

        for envelope in materials.evidence.values():
            keep(envelope, "record", "imported")
        seen = ledger.parse_checkpoint(store.checkpoint())
        keep(materials.decision_envelope, "decision", "decided")
        log = materials.snapshot.log.model_copy(update={"size": seen.size, "root": f"sha256:{seen.root.hex()}"})
        snapshot = materials.snapshot.model_copy(update={"log": log})
        proof = prove(store, samples.statement_id(materials.decision_envelope), snapshot)
        first = proof.entries[0]
        other = proof.model_copy(update={"leaf": first.leaf, "index": first.index})
    contents = read(replace(materials, proof=proof, snapshot=snapshot))
    assert "entry 22 of 23 in the ledger example-lender" in packchecks.ledger_proof(contents)
    with pytest.raises(packchecks.FailedCheck, match="another statement"):
        packchecks.ledger_proof(read(replace(materials, proof=other, snapshot=snapshot)))


def read(materials: samples.Materials) -> packchecks.Contents:
    return packchecks.read_contents({file.name: file.data for file in attached_files(materials)})
