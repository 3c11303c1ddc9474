"""`quaestor artifact`: a signature is tied to what the file says, and to the role of who signed."""

from pathlib import Path

import pytest

from evidence.model.record import parse_statement, read_record
from evidence.trust.envelopes import open_envelope
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from tests.integrations.doors import Doors, Make, refused
from tests.worlds.workspaces import registered, staffed


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = staffed(tmp_path_factory.mktemp("signatures") / "shop", {"eli": "ml-engineer", "ruth": "release-manager"})
    return registered(folder, b"\x08a model")


@pytest.fixture
def quaestor(shop: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(shop, capsys)


class Verified:
    """Signs a file, verifies the signature, and gives the content of the record."""

    def __init__(self, quaestor: Doors, shop: Path, folder: Path) -> None:
        self.quaestor, self.shop, self.folder = quaestor, shop, folder

    def __call__(self, file: Path, kind: str, by: str = "ruth") -> dict[str, object]:
        signature = self.folder / "file.sig.json"
        assert self.quaestor("artifact", "sign", file, "--as", by, "--output", signature).code == 0
        answer = self.quaestor("artifact", "verify", file, signature, "--subject", "mortgage@1", "--kind", kind)
        assert answer.code == 0, answer.text
        with Workspace(load_settings(self.shop)).store() as store:
            *_, last = store.find(kind="record")
            return dict(read_record(parse_statement(open_envelope(last.envelope, where="-"), where="-")).content)


@pytest.fixture
def verified(quaestor: Doors, shop: Path, tmp_path: Path) -> Verified:
    return Verified(quaestor, shop, tmp_path)


def test_an_exported_bundle_has_the_digest_of_the_policies_in_force(verified: Verified, shop: Path) -> None:
    file = verified.folder / "bundle.tar"
    assert verified.quaestor("policy", "export", "--output", file).code == 0
    found = verified(file, "policy")
    assert found["content_digest"] == Workspace(load_settings(shop)).bundle.digest
    assert found["artifact_digest"] != found["content_digest"]


def test_an_overlay_has_the_digest_of_what_it_says(verified: Verified, shop: Path, file: Make) -> None:
    (shop / "overlay.yaml").write_text("parameters: {min_test_periods: 1}\n", encoding="utf-8")
    in_force = Workspace(load_settings(shop)).effective.overlay_digest
    found = verified(file("copy.yaml", "# the same\nparameters:\n  min_test_periods: 1\n"), "config")
    assert found["content_digest"] == in_force
    assert verified(file("other.yaml", "parameters: {min_test_periods: 2}\n"), "config")["content_digest"] != in_force


def test_a_file_that_says_nothing_is_tied_to_nothing(verified: Verified, file: Make) -> None:
    found = verified(file("junk.txt", "no configuration at all\n"), "config")
    assert found["verified"] is True
    assert "content_digest" not in found


def test_junk_is_no_policy(quaestor: Doors, file: Make, tmp_path: Path) -> None:
    junk, signature = file("junk.txt", "no archive\n"), tmp_path / "junk.sig.json"
    assert quaestor("artifact", "sign", junk, "--as", "ruth", "--output", signature).code == 0
    answer = quaestor("artifact", "verify", junk, signature, "--subject", "mortgage@1", "--kind", "policy")
    refused(answer, "archive")


def test_the_record_tells_the_roles_of_the_signer(verified: Verified, file: Make) -> None:
    model = file("model.onnx", "\x08a model")
    assert verified(model, "model")["signer_roles"] == ["release-manager"]
    assert verified(model, "model", by="eli")["signer_roles"] == ["ml-engineer"]


def test_a_key_made_here_lies_in_a_file_whatever_is_said(quaestor: Doors) -> None:
    refused(quaestor("key", "new", "max", "--name", "Max", "--custody", "vault"), "custody")
    assert verified_custody(quaestor) == {"file"}


def verified_custody(quaestor: Doors) -> set[str]:
    return {row.split()[-3] for row in quaestor("key", "list").out.splitlines()[1:] if row.strip()}
