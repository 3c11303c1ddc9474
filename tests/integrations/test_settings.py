"""What a workspace's file may say, and what it may not: somebody may have sent it."""

import os
from pathlib import Path

import pytest

from evidence.model.errors import QuaestorError
from integrations.app.settings import FILE, cache_folder, load_settings

LINES = 'origin = "o"\nstore = "sqlite:///s.db"\nblobs = "b"\n'
KEYS = 'keys = "keys"\n'


def workspace(folder: Path, *lines: str, mode: int = 0o644) -> Path:
    path = folder / FILE
    path.write_text("".join([LINES, *lines]), encoding="utf-8")
    path.chmod(mode)
    return folder


class TestAWorkspaceThatSomebodySent:
    def test_it_never_names_the_folder_of_native_code(self, tmp_path: Path) -> None:
        with pytest.raises(QuaestorError, match="`cache` is not a workspace's to name"):
            load_settings(workspace(tmp_path, KEYS, 'cache = "patched"\n'), {})

    @pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
    @pytest.mark.parametrize(
        "line",
        [KEYS, f'{KEYS}opa_url = "http://evil.example"\n', f'{KEYS}opa_token = "t"\n', f'{KEYS}opa_ca = "ca.pem"\n'],
    )
    def test_keys_and_engines_are_not_believed_where_others_may_write(
        self, tmp_path: Path, line: str, mode: int
    ) -> None:
        with pytest.raises(QuaestorError, match="can be written by others, so its `keys`") as raised:
            load_settings(workspace(tmp_path, line, mode=mode), {})
        assert "chmod go-w" in (raised.value.hint or "")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
    def test_nor_where_the_file_is_another_users(self, tmp_path: Path) -> None:
        folder = workspace(tmp_path, KEYS)
        os.chown(folder / FILE, 65534, 65534)
        with pytest.raises(QuaestorError, match="belongs to another user"):
            load_settings(folder, {})

    def test_what_the_environment_says_is_believed(self, tmp_path: Path) -> None:
        folder = workspace(tmp_path, KEYS, mode=0o666)
        settings = load_settings(folder, {"QUAESTOR_KEYS": "/home/me/keys", "QUAESTOR_OPA_URL": "https://opa.example"})
        assert (settings.keys, settings.opa_url) == (Path("/home/me/keys"), "https://opa.example")

    def test_ones_own_is_believed(self, tmp_path: Path) -> None:
        settings = load_settings(workspace(tmp_path, KEYS, 'opa_url = "https://opa.example"\n'), {})
        assert (settings.keys, settings.opa_url) == (tmp_path / "keys", "https://opa.example")


class TestCacheFolder:
    def test_is_the_users(self, tmp_path: Path) -> None:
        assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "quaestor"
        assert load_settings(workspace(tmp_path, KEYS), {"XDG_CACHE_HOME": "/c"}).cache == Path("/c/quaestor")

    @pytest.mark.parametrize("environment", [{}, {"XDG_CACHE_HOME": ""}, {"XDG_CACHE_HOME": "workspace/cache"}])
    def test_is_never_where_one_happens_to_stand(self, environment: dict[str, str]) -> None:
        assert cache_folder(environment) == Path.home() / ".cache" / "quaestor"
