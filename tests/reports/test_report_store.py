"""A report whose ledger proof comes from a real store."""

from dataclasses import replace

import pytest

from reports.documents.attachments import Materials, attached_files
from reports.verify import checks
from tests.worlds import samples


def test_the_proof_of_a_real_ledger_is_accepted_and_no_other_entrys() -> None:
    materials = samples.materials()
    first = materials.proof.entries[0]
    other = materials.proof.model_copy(update={"leaf": first.leaf, "index": first.index})
    assert "entry 42 of 44 in the ledger example-lender" in checks.ledger_proof(read(materials))
    with pytest.raises(checks.FailedCheck, match="another statement"):
        checks.ledger_proof(read(replace(materials, proof=other)))


def read(materials: Materials) -> checks.Contents:
    return checks.read_contents({file.name: file.data for file in attached_files(materials)})
