"""Bundles for OPA: the real one loads and verifies them, and what is read back is what was written, or refused."""

import base64
import gzip
import io
import json
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key

from engine.backends.compile import find_opa
from engine.bundle import files as limits
from engine.bundle.files import archive, unpacked
from engine.bundle.load import Bundle, bundle_from_archive, bundle_from_files
from engine.bundle.opa import opa_bundle, read_opa_bundle
from engine.errors import PolicyError
from evidence.model.errors import QuaestorError, SignatureError
from evidence.trust.keys import SigningKey
from tests.worlds.small_bundle import small_bundle

Pair = tuple[str, bytes]


@cache
def bundle() -> Bundle:
    return bundle_from_files(small_bundle())


@cache
def key(algorithm: str = "EdDSA") -> SigningKey:
    return SigningKey.generate() if algorithm == "EdDSA" else SigningKey(generate_private_key(SECP256R1()))


def opa(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    found = find_opa()
    assert found is not None
    command = [str(found.path), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def packed(files: Mapping[str, bytes]) -> bytes:
    return gzip.compress(archive(files), 1)


def changed(**other: bytes) -> bytes:
    """The signed bundle with other files; the names have `/` as `__`, and `manifest` its dot."""
    files = unpacked(opa_bundle(bundle(), key()))
    names = {"manifest": ".manifest", "signatures": ".signatures.json", "data": "data.json"}
    return packed({**files, **{names.get(name, name.replace("__", "/")): content for name, content in other.items()}})


def members(*pairs: Pair, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A compressed tar of these entries behind those of the bundle, in any form that a tar has."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in [*unpacked(opa_bundle(bundle())).items(), *pairs]:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            if (name, content) in pairs:
                entry.type, entry.linkname = kind, "/etc/passwd"
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def entry(name: str, content: bytes, kind: bytes) -> bytes:
    """The blocks of one entry of a tar."""
    head = tarfile.TarInfo(name)
    head.size, head.type = len(content), kind
    return head.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512)


class TestOpa:
    @pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
    def test_loads_and_verifies_it(self, tmp_path: Path, algorithm: str) -> None:
        (tmp_path / "b.tar.gz").write_bytes(opa_bundle(bundle(), key(algorithm)))
        (tmp_path / "key.pem").write_text(key(algorithm).public_key)
        (tmp_path / "other.pem").write_text(SigningKey(generate_private_key(SECP256R1())).public_key)
        asked = opa("eval", "-b", "b.tar.gz", "-f", "json", "data.parameters", cwd=tmp_path)
        values = {name: item.default for name, item in bundle().catalogue.items()}
        assert json.loads(asked.stdout)["result"][0]["expressions"][0]["value"] == json.loads(json.dumps(values))
        verify = ("build", "-b", "b.tar.gz", "-o", "again.tar.gz", "--signing-alg", algorithm, "--verification-key")
        done = opa(*verify, "key.pem", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert opa(*verify, "other.pem", cwd=tmp_path).returncode != 0

    def test_refuses_it_where_a_file_is_another(self, tmp_path: Path) -> None:
        path = next(name for name in bundle().files if name.endswith(".rego"))
        files = unpacked(opa_bundle(bundle(), key()))
        (tmp_path / "b.tar.gz").write_bytes(packed({**files, path: files[path] + b"\n# other\n"}))
        (tmp_path / "key.pem").write_text(key().public_key)
        done = opa("build", "-b", "b.tar.gz", "-o", "a.tar.gz", "--signing-alg", "EdDSA", "--verification-key",
                   "key.pem", cwd=tmp_path)  # fmt: skip
        assert done.returncode != 0
        assert "digest mismatch" in done.stdout + done.stderr

    def test_digests_each_value_as_quaestor_does(self, tmp_path: Path) -> None:
        odd = [0.1, 1e-7, 1e21, -0.0, 2**53 - 1, '\u2028<&>\u2029 \u00e9 \b\f\x7f\t" \U0001f600', {"b": 1, "a": None}]
        name, first = next(iter(bundle().catalogue.items()))
        catalogue = {**bundle().catalogue, name: first.model_copy(update={"default": odd})}
        (tmp_path / "b.tar.gz").write_bytes(opa_bundle(replace(bundle(), catalogue=catalogue), key()))
        (tmp_path / "key.pem").write_text(key().public_key)
        done = opa("build", "-b", "b.tar.gz", "-o", "a.tar.gz", "--signing-alg", "EdDSA", "--verification-key",
                   "key.pem", cwd=tmp_path)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def test_signs_what_quaestor_verifies(self, tmp_path: Path) -> None:
        folder = tmp_path / "b"
        files = unpacked(opa_bundle(bundle()))
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        key("ES256").save(tmp_path / "private.pem")
        done = opa("sign", "--bundle", ".", "--signing-key", "../private.pem", "--signing-alg", "ES256", cwd=folder)
        assert done.returncode == 0, done.stderr
        signed = packed({**files, ".signatures.json": (folder / ".signatures.json").read_bytes()})
        found, is_signed = read_opa_bundle(signed, key("ES256").public_key)
        assert (found.digest, is_signed) == (bundle().digest, True)


class TestReadBack:
    def test_is_the_same_bundle_from_the_same_bytes(self) -> None:
        data = opa_bundle(bundle(), key())
        assert data == opa_bundle(bundle_from_files(small_bundle()), key())
        found, signed = read_opa_bundle(data, key().public_key)
        assert (found, signed) == (Bundle(**{**vars_of(bundle()), "proofs": {}}), True)
        assert found.digest == bundle().digest == bundle_from_archive(opa_bundle(bundle())).digest
        assert gzip.decompress(data)[:9] == b".manifest"
        assert json.loads(unpacked(data)[".manifest"])["revision"] == bundle().digest

    @pytest.mark.parametrize(
        ("made", "problem"),
        [
            (lambda: members(("../outside.rego", b"")), "not a plain path"),
            (lambda: members(("/controls/x/A.rego", b"")), "not a plain path"),
            (lambda: members((".profile", b"")), "not a plain path"),
            (lambda: members((next(iter(bundle().files)), b"other")), "there twice"),
            (lambda: members(("lib/link.rego", b""), kind=tarfile.SYMTYPE), "a link or device"),
            (lambda: members(("lib/link.rego", b""), kind=tarfile.LNKTYPE), "a link or device"),
            (lambda: members(("lib/device.rego", b""), kind=tarfile.CHRTYPE), "a link or device"),
            (lambda: members(("policy.wasm", b"\0asm")), "no part of a bundle"),
            (lambda: members(("lib/data.json", b"{}")), "no part of a bundle"),
            (lambda: changed(manifest=b'{"revision":"x","roots":[""]}'), "not what belongs to these policies"),
            (lambda: changed(data=b'{"parameters":{}}'), "not what belongs to these policies"),
            (lambda: packed({n: c for n, c in unpacked(opa_bundle(bundle())).items() if n != ".manifest"}), "belongs"),
            (lambda: opa_bundle(bundle())[:-9], "cut off"),
            (lambda: opa_bundle(bundle()) + b"\x1f\x8b", "more follows"),
            (lambda: b"\x1f\x8b" + bytes(40), "not an archive"),
            (lambda: changed(signatures=b"{"), "not JSON"),
            (lambda: changed(signatures=b'{"signatures":[]}'), "not one signature"),
            (lambda: changed(signatures=b'{"signatures":["a.b"]}'), "not a compact"),
            (lambda: changed(signatures=b'{"signatures":["e30.e30.e30"]}'), "not over these files"),
        ],
    )  # fmt: skip
    def test_what_is_not_as_it_was_written_is_refused(
        self, made: Callable[[], bytes], problem: str, tmp_path: Path
    ) -> None:
        known = tmp_path / "known"
        assert read_opa_bundle(opa_bundle(bundle()), cache=known)[0].digest == bundle().digest
        assert list(known.iterdir())
        for folder in (None, known):  # that the policies were checked says nothing of the archive around them
            with pytest.raises(QuaestorError) as told:
                read_opa_bundle(made(), cache=folder)
            assert problem in str(told.value)

    @pytest.mark.parametrize("name", ["parameters/data.yaml", "schemas/data.json"])
    def test_a_policy_that_is_data_to_opa_is_not_packed(self, name: str) -> None:
        # OPA merges it into `data.parameters`: entries of maps, names that no catalogue has.
        odd = replace(bundle(), files={**bundle().files, name: b"approvals: {other: [anybody]}\n"})
        with pytest.raises(PolicyError, match="a name that OPA takes for itself"):
            opa_bundle(odd)

    def test_what_only_opa_would_read_is_refused(self) -> None:
        # An entry that Python's reader takes for a folder, at whose content it ends: to Go it is a file.
        whole = gzip.decompress(opa_bundle(bundle()))
        end = whole.rstrip(b"\0") + bytes(-len(whole.rstrip(b"\0")) % 512)
        policy, named = b"package lib.other\n\nx := 1\n", b"23 path=lib/other.rego\n"
        odd = end + entry("p", named, tarfile.XHDTYPE) + entry("x/", policy, tarfile.AREGTYPE) + bytes(1024)
        assert unpacked(gzip.compress(odd)) == unpacked(opa_bundle(bundle()))
        with pytest.raises(PolicyError, match="not laid out as Quaestor writes it"):
            read_opa_bundle(gzip.compress(odd))

    def test_a_small_archive_that_is_large_inside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_TOTAL_BYTES", 1 << 20)
        monkeypatch.setattr(limits, "MAX_FILES", 100)
        bomb = gzip.compress(bytes(64 << 20))
        assert len(bomb) < 1 << 17
        with pytest.raises(PolicyError, match="more than 1 MiB"):
            read_opa_bundle(bomb)

    def test_other_policies_under_the_signature_are_refused_without_a_key_too(self) -> None:
        path = next(name for name in bundle().files if name.endswith(".rego") and name.startswith("controls/"))
        files = {**bundle().files, path: bundle().files[path] + b"\n# other\n"}
        other = unpacked(opa_bundle(bundle_from_files(files)))
        signature = unpacked(opa_bundle(bundle(), key()))[".signatures.json"]
        with pytest.raises(SignatureError, match="not over these files"):
            read_opa_bundle(packed({**other, ".signatures.json": signature}))

    def test_the_key_that_is_named_has_to_have_signed(self) -> None:
        with pytest.raises(SignatureError, match="not signed"):
            read_opa_bundle(opa_bundle(bundle()), key().public_key)
        with pytest.raises(SignatureError, match="did not sign"):
            read_opa_bundle(opa_bundle(bundle(), SigningKey.generate()), key().public_key)
        with pytest.raises(SignatureError, match="another algorithm"):
            read_opa_bundle(opa_bundle(bundle(), key()), key("ES256").public_key)
        with pytest.raises(SignatureError, match="not a public key"):
            read_opa_bundle(opa_bundle(bundle(), key()), "words")

    @pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
    def test_the_token_does_not_choose_its_algorithm(self, algorithm: str) -> None:
        token = json.loads(unpacked(opa_bundle(bundle(), key()))[".signatures.json"])["signatures"][0]
        head = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=").decode()
        forged = json.dumps({"signatures": [".".join([head, *token.split(".")[1:]])]}).encode()
        with pytest.raises(SignatureError, match="another algorithm"):
            read_opa_bundle(changed(signatures=forged), key().public_key)

    def test_a_key_on_another_curve_signs_nothing(self) -> None:
        with pytest.raises(SignatureError, match="P-256"):
            opa_bundle(bundle(), SigningKey(generate_private_key(SECP384R1())))


def vars_of(found: Bundle) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}
