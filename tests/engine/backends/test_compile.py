"""Modules, their stamps and cache, and the choice of an engine."""

import os
import stat
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from rego_programs import need_opa, program

from engine.backends.base import AnswerState, Limits, Program
from engine.backends.cache import PrivateCache
from engine.backends.choose import open_engine, policy_module
from engine.backends.compile import OPA_VERSION, Stamp, compile_wasm, find_opa, read_stamp, stamp
from engine.backends.wasm import WasmEngine
from evidence.model.errors import QuaestorError

RULE = "quaestor/results/A"
SMALL = program({"A": "A := input.x + data.parameters.y"})
OTHER = program({"A": "A := input.x"})


@pytest.fixture
def no_opa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without OPA."""
    monkeypatch.delenv("QUAESTOR_OPA", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("engine.backends.compile._PROJECT_OPA", tmp_path / "opa")


class TestCompile:
    def test_the_same_program_gives_the_same_bytes(self) -> None:
        assert compile_wasm(SMALL, need_opa()) == compile_wasm(SMALL, need_opa())

    def test_the_module_names_its_program_and_opa(self) -> None:
        opa = need_opa()
        assert read_stamp(compile_wasm(SMALL, opa)) == Stamp(SMALL.digest, opa.version)

    def test_what_opa_refuses_is_told_in_its_words(self) -> None:
        with pytest.raises(QuaestorError, match=r"results/A\.rego:3: rego_unsafe_var_error"):
            compile_wasm(program({"A": "A := nowhere"}), need_opa())

    def test_a_rule_that_no_module_defines(self) -> None:
        with pytest.raises(QuaestorError, match="quaestor/results/B"):
            compile_wasm(Program(SMALL.modules, ("quaestor/results/B",), {}, "sha256:0"), need_opa())

    @pytest.mark.parametrize(
        "path", ["../a.rego", "/a.rego", "a/../../b.rego", "a b.rego", "-e.rego", "a.wasm", "a//b.rego"]
    )
    def test_a_module_path_cannot_leave_its_folder(self, path: str) -> None:
        with pytest.raises(QuaestorError, match="not a plain relative path"):
            compile_wasm(Program({path: "package a"}, (RULE,), {}, "sha256:0"), need_opa())

    @pytest.mark.parametrize("rule", ["-o/x", "quaestor/results/A --x", "a.b", "a", "a/../b", "a/b?x=1"])
    def test_a_rule_path_is_names_only(self, rule: str) -> None:
        with pytest.raises(QuaestorError, match="rule path"):
            compile_wasm(Program(SMALL.modules, (rule,), {}, "sha256:0"), need_opa())


class TestFindOpa:
    def test_a_name_that_is_no_opa_is_a_mistake(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QUAESTOR_OPA", "/bin/true")
        with pytest.raises(QuaestorError, match=r"QUAESTOR_OPA: `/bin/true` is not an OPA"):
            find_opa()

    def test_none(self, no_opa: None) -> None:
        assert find_opa() is None

    def test_on_path(self, no_opa: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        script = tmp_path / "opa"
        script.write_text(f"#!/bin/sh\necho 'Version: {OPA_VERSION}'\n")
        script.chmod(0o755)
        found = find_opa()
        assert found is not None
        assert (found.path, found.version) == (script, OPA_VERSION)
        script.write_text("#!/bin/sh\necho 'Version: 0.70.0'\n")
        assert find_opa() is None


class TestStamp:
    EMPTY = b"\0asm\x01\0\0\0"

    def test_round_trip(self) -> None:
        made_from = Stamp("sha256:" + "a" * 64, "1.22.0")
        assert read_stamp(stamp(self.EMPTY, made_from)) == made_from

    @pytest.mark.parametrize(
        "data", [b"", b"text", EMPTY, EMPTY + b"\0", EMPTY + b"\0\xff\xff\xff\xff\xff\x01", EMPTY + b"\x01\x05a"]
    )
    def test_what_is_no_stamped_module(self, data: bytes) -> None:
        with pytest.raises(QuaestorError, match="policy module"):
            read_stamp(data)

    def test_two_stamps_are_none(self) -> None:
        twice = stamp(stamp(self.EMPTY, Stamp("sha256:1", "1")), Stamp("sha256:2", "1"))
        with pytest.raises(QuaestorError, match="does not name its program"):
            read_stamp(twice)

    def test_a_module_of_another_program_is_not_run(self) -> None:
        with pytest.raises(QuaestorError, match="not of this bundle"):
            WasmEngine(OTHER, compile_wasm(SMALL, need_opa()))

    def test_what_is_no_module_behind_its_stamp(self) -> None:
        with pytest.raises(QuaestorError, match="imports no memory"):
            WasmEngine(SMALL, stamp(self.EMPTY, Stamp(SMALL.digest, "1.22.0")))


class TestCache:
    def test_entries_are_private_and_whole(self, tmp_path: Path) -> None:
        cache = PrivateCache(tmp_path / "deep" / "cache")
        assert cache.load("a") is None
        cache.save("a", b"content")
        assert cache.load("a") == b"content"
        assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
        assert cache.names("a") == ["a"]

    @pytest.mark.parametrize("damage", [b"", b"short", bytes(32) + b"other", sha256(b"content").digest() + b"conten"])
    def test_a_damaged_entry_is_none(self, tmp_path: Path, damage: bytes) -> None:
        cache = PrivateCache(tmp_path / "cache")
        cache.save("a", b"content")
        (cache.folder / "a").write_bytes(damage)
        assert cache.load("a") is None

    def test_a_folder_that_others_may_write_is_no_cache(self, tmp_path: Path) -> None:
        cache = PrivateCache(tmp_path / "cache")
        cache.save("a", b"content")
        cache.folder.chmod(0o770)
        assert (cache.load("a"), cache.names("a")) == (None, [])
        cache.save("b", b"content")
        assert not (cache.folder / "b").exists()

    def test_a_link_to_a_folder_is_no_cache(self, tmp_path: Path) -> None:
        PrivateCache(tmp_path / "real").save("a", b"content")
        (tmp_path / "link").symlink_to(tmp_path / "real")
        assert PrivateCache(tmp_path / "link").load("a") is None

    def test_a_folder_that_cannot_be_made_is_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        PrivateCache(tmp_path / "file" / "cache").save("a", b"content")
        assert not list(tmp_path.glob("**/a"))

    def test_a_native_module_that_wasmtime_refuses_is_made_again(self, tmp_path: Path) -> None:
        wasm, cache = compile_wasm(SMALL, need_opa()), PrivateCache(tmp_path / "cache")
        WasmEngine(SMALL, wasm, cache=cache).close()
        (name,) = cache.names("")
        good = cache.load(name)
        cache.save(name, b"no native module")
        engine = WasmEngine(SMALL, wasm, cache=cache)
        assert engine.evaluate([RULE], b'{"x":1}', b'{"parameters":{"y":2}}')[RULE].value == 3
        assert good is not None
        assert len(cache.load(name) or b"") == len(good)


class TestChoice:
    def answer(self, name: str, wanted: Program = SMALL, **options: object) -> tuple[str, object]:
        engine = open_engine(name, wanted, **options)  # type: ignore[arg-type]
        try:
            return engine.name, engine.evaluate([RULE], b'{"x":1}', b'{"parameters":{"y":2}}')[RULE].value
        finally:
            engine.close()

    def test_auto_builds_where_opa_is(self, tmp_path: Path) -> None:
        need_opa()
        assert self.answer("auto", cache_dir=tmp_path / "cache") == ("wasm", 3)

    def test_auto_needs_no_opa_for_a_module_in_the_cache(self, tmp_path: Path, request: pytest.FixtureRequest) -> None:
        need_opa()
        assert policy_module(SMALL, cache_dir=tmp_path / "cache") is not None
        request.getfixturevalue("no_opa")
        assert self.answer("auto", cache_dir=tmp_path / "cache") == ("wasm", 3)
        assert self.answer("auto", OTHER, cache_dir=tmp_path / "cache") == ("regorus", 1)

    def test_auto_takes_a_given_module_of_this_program_only(self, request: pytest.FixtureRequest) -> None:
        wasm = compile_wasm(SMALL, need_opa())
        request.getfixturevalue("no_opa")
        assert self.answer("auto", wasm_bytes=wasm) == ("wasm", 3)
        assert self.answer("auto", OTHER, wasm_bytes=wasm) == ("regorus", 1)

    def test_auto_without_opa_is_regorus(self, no_opa: None) -> None:
        assert self.answer("auto") == ("regorus", 3)

    def test_wasm_without_opa_says_how_to_get_it(self, no_opa: None) -> None:
        with pytest.raises(QuaestorError, match="no compiled module") as caught:
            self.answer("wasm")
        assert "make opa" in str(caught.value.hint)

    def test_regorus_by_name(self) -> None:
        assert self.answer("regorus") == ("regorus", 3)

    def test_opa_without_an_address_is_a_server_of_our_own(self) -> None:
        need_opa()
        assert self.answer("opa") == ("opa", 3)

    def test_opa_needs_an_address_or_the_program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("engine.backends.opa_local.find_opa", lambda: None)
        with pytest.raises(QuaestorError, match="needs a server or the `opa` program"):
            self.answer("opa")

    def test_no_such_engine(self) -> None:
        with pytest.raises(QuaestorError, match="no engine `rego`"):
            self.answer("rego")

    def test_versions_are_named(self) -> None:
        engine = open_engine("regorus", SMALL, limits=Limits())
        assert engine.version.startswith("regorus 0.")
        engine.close()
        built = open_engine("wasm", SMALL) if need_opa() else None
        assert built is not None
        assert built.version.startswith(f"opa {need_opa().version}, wasmtime ")
        assert built.evaluate([RULE], b"{}", b"{}")[RULE].state is AnswerState.UNDEFINED


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell script")
class TestGetOpa:
    """scripts/get_opa.sh, with a `curl` that copies from a folder: nothing that fails its checksum is installed."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        script = Path(__file__).resolve().parents[3] / "scripts" / "get_opa.sh"
        for folder in ("scripts", "bin", "release"):
            (tmp_path / folder).mkdir()
        (tmp_path / "scripts" / "get_opa.sh").write_text(script.read_text())
        curl = tmp_path / "bin" / "curl"
        curl.write_text(
            '#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\n'
            f'case "$3" in *.sha256) cp "{tmp_path}/release/sum" "$2";; *) cp "{tmp_path}/release/opa" "$2";; esac\n'
        )
        curl.chmod(0o755)
        (tmp_path / "release" / "opa").write_text(f"#!/bin/sh\necho 'Version: {OPA_VERSION}'\n")
        return tmp_path

    def run(self, place: Path) -> tuple[int, str, str]:
        path = f"{place / 'bin'}:/usr/bin:/bin"
        run = subprocess.run(
            ["/bin/sh", str(place / "scripts" / "get_opa.sh")],
            env={"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        return run.returncode, run.stdout.strip(), run.stderr

    def test_a_good_download_is_installed(self, place: Path) -> None:
        digest = sha256((place / "release" / "opa").read_bytes()).hexdigest()
        (place / "release" / "sum").write_text(f"{digest}  opa\n")
        target = place / ".tools" / "bin" / "opa"
        assert self.run(place)[:2] == (0, str(target))
        assert target.exists()

    @pytest.mark.parametrize("published", ["0" * 64 + "  opa\n", "<html>not found</html>\n", "", None])
    def test_a_download_that_fails_its_checksum_is_not(self, place: Path, published: str | None) -> None:
        if published is not None:
            (place / "release" / "sum").write_text(published)
        code, _, said = self.run(place)
        assert code != 0
        assert "nothing is installed" in said
        assert not (place / ".tools" / "bin" / "opa").exists()
