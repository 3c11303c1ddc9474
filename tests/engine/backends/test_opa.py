"""A real OPA server on the loopback: token, private authority, strangers, and what a broken server does."""

import ipaddress
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from rego_programs import need_opa, opa_server, program

from engine.backends.base import AnswerState, Limits
from engine.backends.choose import open_engine
from engine.backends.opa import OpaEngine
from evidence.model.errors import QuaestorError

RULE = "quaestor/results/A"
FIRST = program({"A": 'A := "first"', "B": "B := data.lib.b.f(input.x)"}, {"b.rego": "package lib.b\n\nf(x) := x + 1"})
SECOND = program({"A": 'A := "second"'})
DATA = b'{"parameters":{}}'


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with opa_server(need_opa(), tmp_path) as address:
        yield address


class TestProgram:
    def test_what_is_uploaded_is_what_was_given(self, url: str) -> None:
        OpaEngine(FIRST, url).close()
        stored = {item["id"]: item["raw"] for item in requests.get(f"{url}/v1/policies", timeout=5).json()["result"]}
        home = f"quaestor-{FIRST.digest.removeprefix('sha256:')}"
        assert {path: stored[f"{home}/{path}"] for path in FIRST.modules} == FIRST.modules

    def test_a_server_that_holds_it_is_used_as_it_is(self, url: str) -> None:
        for _ in range(2):
            engine = open_engine("opa", FIRST, opa_url=url)
            assert engine.evaluate([RULE, "quaestor/results/B"], b'{"x":1}', DATA)["quaestor/results/B"].value == 2
            engine.close()

    def test_two_programs_do_not_mix(self, url: str) -> None:
        engine = OpaEngine(FIRST, url)
        with pytest.raises(QuaestorError, match="another program"):
            OpaEngine(SECOND, url)
        assert engine.evaluate([RULE], b"{}", DATA)[RULE].value == "first"

    def test_a_second_program_that_comes_later_makes_errors(self, url: str) -> None:
        engine = OpaEngine(FIRST, url)
        text = 'package quaestor.program\n\ndigest := "sha256:another"\n'
        requests.put(f"{url}/v1/policies/quaestor-another/program", data=text, timeout=5).raise_for_status()
        answer = engine.evaluate([RULE], b"{}", DATA)[RULE]
        assert answer.state is AnswerState.ERROR
        assert "more than one program" in answer.detail

    def test_a_program_that_went_away_makes_errors(self, url: str) -> None:
        engine = OpaEngine(FIRST, url)
        home = f"quaestor-{FIRST.digest.removeprefix('sha256:')}"
        requests.delete(f"{url}/v1/policies/{home}/calls.rego", timeout=5).raise_for_status()
        answer = engine.evaluate([RULE], b"{}", DATA)[RULE]
        assert answer.state is AnswerState.ERROR
        assert "no longer holds" in answer.detail

    def test_a_program_that_opa_refuses(self, url: str) -> None:
        with pytest.raises(QuaestorError, match=r"refuses the policies.*nowhere"):
            OpaEngine(program({"A": "A := nowhere"}), url)

    def test_data_beside_parameters_is_refused(self, url: str) -> None:
        engine = OpaEngine(FIRST, url)
        assert engine.evaluate([RULE], b"{}", b'{"parameters":{},"lib":{}}')[RULE].state is AnswerState.ERROR


class TestConnection:
    def test_a_token_is_asked_for_and_given(self, tmp_path: Path) -> None:
        rules = tmp_path / "authz.rego"
        rules.write_text('package system.authz\n\ndefault allow := false\n\nallow if input.identity == "secret"\n')
        options = ("--authentication=token", "--authorization=basic", str(rules))
        with opa_server(need_opa(), tmp_path, *options) as url:
            engine = OpaEngine(FIRST, url, token="secret")
            assert engine.evaluate([RULE], b"{}", DATA)[RULE].value == "first"
            with pytest.raises(QuaestorError, match=r"unauthorized|401|cannot be used|not as OPA"):
                OpaEngine(FIRST, url, token="wrong")

    def test_a_private_authority(self, tmp_path: Path) -> None:
        certificate, key = certificate_of_loopback(tmp_path)
        options = (f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}")
        with opa_server(need_opa(), tmp_path, *options, scheme="https") as url:
            with pytest.raises(QuaestorError, match="cannot be used"):
                OpaEngine(FIRST, url)
            engine = OpaEngine(FIRST, url, ca=certificate)
            assert engine.evaluate([RULE], b"{}", DATA)[RULE].value == "first"

    def test_a_server_that_ended(self, tmp_path: Path) -> None:
        with opa_server(need_opa(), tmp_path) as url:
            engine = OpaEngine(FIRST, url, limits=Limits(seconds=1))
        answer = engine.evaluate([RULE], b"{}", DATA)[RULE]
        assert answer.state is AnswerState.ERROR
        with pytest.raises(QuaestorError, match="cannot be used"):
            OpaEngine(FIRST, url)

    @pytest.mark.parametrize(
        "url",
        [
            "localhost:8181",
            "ftp://a",
            "http://",
            "http://a:b",
            "http://u:p@a",
            "http://a/?x=1",
            "http://a/#x",
            "file:///x",
            "",
        ],
    )
    def test_what_is_no_address(self, url: str) -> None:
        with pytest.raises(QuaestorError, match="not the address of an OPA server"):
            OpaEngine(FIRST, url)

    @pytest.mark.parametrize("kind", ["text", "list", "empty", "elsewhere", "refuse", "cut"])
    def test_a_server_that_is_not_opa(self, kind: str) -> None:
        class Other(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = {"text": b"hello", "list": b"[]", "empty": b"{}"}.get(kind, b"")
                self.send_response({"elsewhere": 302, "refuse": 403}.get(kind, 200))
                self.send_header("location", "http://192.0.2.1/v1/policies")
                self.send_header("content-length", str(len(body) + 9 * (kind == "cut")))
                self.end_headers()
                self.wfile.write(body)

            def do_PUT(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.do_GET()

            do_POST = do_PUT  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Other)
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(QuaestorError, match="OPA"):
                OpaEngine(FIRST, f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            server.server_close()


def certificate_of_loopback(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


def test_the_program_is_json_all_the_way(url: str) -> None:
    """Text that would be syntax in a URL or a query stays data."""
    engine = OpaEngine(program({"A": "A := input.text"}), url)
    text = '"; x := opa.runtime() #?pretty=true\n\u2028'
    assert engine.evaluate([RULE], json.dumps({"text": text}).encode(), DATA)[RULE].value == text
