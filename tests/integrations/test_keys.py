"""Private keys of a workspace: made together with their entry in the register, and nobody else's to read."""

import os
import subprocess
from pathlib import Path

import pytest

from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey
from integrations.cli.main import main
from tests.integrations.doors import Doors, Make, refused

ZOE = ("key", "new", "zoe", "--name", "Zoe Lang", "--role", "auditor")


@pytest.fixture
def keys(quaestor: Doors) -> Path:
    return quaestor.folder / ".quaestor/keys"


class TestNew:
    @pytest.mark.parametrize("signer", ["ana", "nobody"])
    def test_what_the_register_refuses_leaves_no_key(self, quaestor: Doors, keys: Path, signer: str) -> None:
        before = sorted(keys.iterdir())
        assert quaestor(*ZOE, "--as", signer).code == 2
        assert sorted(keys.iterdir()) == before
        assert quaestor(*ZOE).code == 0

    def test_a_try_that_was_broken_off_is_mended_by_the_next(
        self, quaestor: Doors, keys: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(RecordStore, "append_people", crash)
            assert quaestor(*ZOE).code == 130
        left = SigningKey.load(keys / "zoe.pem")
        said = quaestor(*ZOE)
        assert said.code == 0, said.text
        assert left.keyid in said.out
        refused(quaestor(*ZOE), "has a key in this workspace already", f"quaestor key remove {left.keyid[:12]}")
        assert SigningKey.load(keys / "zoe.pem").keyid == left.keyid

    def test_so_is_one_before_the_key_was_in_its_file(self, quaestor: Doors, keys: Path) -> None:
        (keys / "zoe.pem").touch(0o600)
        assert quaestor(*ZOE).code == 0
        assert SigningKey.load(keys / "zoe.pem").keyid[:16] in quaestor("key", "list").out

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
    def test_a_key_that_another_user_put_there_is_not_entered(self, quaestor: Doors, keys: Path) -> None:
        SigningKey.generate().save(keys / "zoe.pem")
        os.chown(keys / "zoe.pem", 65534, 65534)
        refused(quaestor(*ZOE), "this key was not made here", "quaestor key trust")
        assert "zoe" not in quaestor("key", "list").out

    def test_nor_one_that_a_link_leads_to(self, quaestor: Doors, keys: Path, tmp_path: Path) -> None:
        SigningKey.generate().save(tmp_path / "theirs.pem")
        (keys / "zoe.pem").symlink_to(tmp_path / "theirs.pem")
        refused(quaestor(*ZOE), "this key was not made here", "quaestor key trust")
        assert "zoe" not in quaestor("key", "list").out


class TestOpenToOthers:
    @pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o602, 0o610, 0o666])
    def test_a_key_that_others_can_get_at_signs_nothing(
        self, quaestor: Doors, keys: Path, file: Make, mode: int
    ) -> None:
        ana, model = keys / "ana.pem", file("m.onnx", b"\x08model")
        sign = ("artifact", "sign", model, "--as", "ana", "-o", model.with_suffix(".sig.json"))
        ana.chmod(mode)
        refused(quaestor(*sign), "others can read or write this private key", "chmod 600")
        assert not model.with_suffix(".sig.json").exists()
        said = quaestor("doctor")
        assert said.code == 1
        assert "keys/ana.pem: others can read or write this private key" in said.out
        assert "the store verifies" in said.out
        for own in (0o600, 0o400):
            ana.chmod(own)
            assert quaestor(*sign).code == 0
        assert quaestor("doctor").code == 0

    def test_the_installations_own_key_too(self, quaestor: Doors, keys: Path) -> None:
        (keys / "machine.pem").chmod(0o644)
        said = quaestor("doctor")
        refused(said, "machine.pem: others can read or write this private key")

    def test_a_public_key_is_everybodys(self, quaestor: Doors, keys: Path) -> None:
        (keys / "bob-public.pem").write_text(SigningKey.generate().public_key)
        (keys / "bob-public.pem").chmod(0o644)
        assert quaestor("doctor").code == 0


def test_git_takes_neither_keys_nor_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "new")]) == 0
    capsys.readouterr()
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    told = subprocess.run(["git", "add", "-nA", "."], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert told.splitlines() == ["add 'new/overlay.yaml'", "add 'new/quaestor.toml'"]


def test_a_day_before_the_first_register_is_told_as_such(quaestor: Doors) -> None:
    said = quaestor("gate", "decide", "portfolio", "organization", "--at", "2020-01-01")
    refused(said, "register of people: there is none yet at 2020-01-01T00:00:00Z", "the first version is of 20")
    assert "quaestor init" not in said.text
