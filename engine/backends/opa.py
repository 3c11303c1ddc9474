"""Rego on an OPA server, through opa-python-client.

The modules are uploaded as they stand, under the program's digest. Calls go to one more module that takes `input` and
`data.parameters` out of the call's own document, so that calls with different parameters cannot meet on the server.
Two programs on one server would silently join their rules: a third module gives the program's digest, every call asks
for it, and where two programs lie the digest is a conflict, an error for every call. It is uploaded first and never
taken away, and OPA gives each call one consistent state of its modules. So a server serves one program, and whoever
else may upload to it is trusted.
"""

import json
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from engine.backends.base import (
    BAD_INPUT,
    CONFLICT,
    FAILURE,
    LIMIT,
    Answer,
    AnswerState,
    Limits,
    Program,
    RegoEngine,
    by_gate,
    failed,
    gate_rule,
)
from engine.backends.compile import check_paths
from engine.backends.modules import ModuleGraph
from evidence.model.errors import QuaestorError

if TYPE_CHECKING:
    from opa_client.opa import OpaClient

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_PREFIX = "quaestor-"
_UPLOAD_SECONDS = 60.0
_MOST_ANSWERED = 32 << 20


class OpaEngine(RegoEngine):
    """An OPA server at `url` (http or https, with or without a path). `ca` is a PEM file of a private authority.

    Raises QuaestorError where the server cannot be reached, is not OPA 1.x or refuses the program.
    """

    name = "opa"

    def __init__(
        self,
        program: Program,
        url: str,
        *,
        token: str | None = None,
        ca: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        check_paths(program)
        found = _DIGEST.fullmatch(program.digest)
        if found is None:
            raise QuaestorError(f"`{program.digest}` is not a digest of a program")
        self._program = program
        self._home = f"{_PREFIX}{found[1]}"
        self._package = f"quaestor.calls.p{found[1]}"
        self._names = {
            rule: f"r{n}" for n, rule in enumerate([*program.rules, *map(gate_rule, sorted(program.groups))])
        }
        self._where = url
        self._client = _connect(url, token, ca, (limits or Limits()).seconds)
        self._load()

    def _evaluate(
        self, rules: tuple[str, ...], input_json: bytes, data_json: bytes, group: str | None
    ) -> dict[str, Answer]:
        try:
            data = json.loads(data_json)
            document = {"input": json.loads(input_json), "parameters": data["parameters"]}
        except (ValueError, RecursionError, KeyError, TypeError) as cause:
            return dict.fromkeys(rules, failed(BAD_INPUT, str(cause)))
        if set(data) != {"parameters"}:
            return dict.fromkeys(rules, failed(BAD_INPUT, "`data` holds more than `parameters`"))
        answers: dict[str, Answer] = {}
        if group in self._program.groups:
            answers = by_gate(self._ask(gate_rule(str(group)), document), rules)
        for rule in rules:
            if rule not in answers:
                answers[rule] = self._ask(rule, document)
        return answers

    def _ask(self, rule: str, document: dict[str, Any]) -> Answer:
        import requests

        name = self._names.get(rule)
        if name is None:
            return failed(FAILURE, f"the program has no rule `{rule}`")
        try:
            reply = self._client.query_rule(document, self._package, name)
        except requests.exceptions.HTTPError as cause:
            return _refused(cause.response)
        except requests.exceptions.Timeout as cause:
            return failed(LIMIT, str(cause))
        except (requests.exceptions.RequestException, ValueError, RecursionError) as cause:
            return failed(FAILURE, str(cause))
        result = reply.get("result") if isinstance(reply, dict) else None
        if not isinstance(result, dict) or result.get("program") != self._program.digest:
            return failed(FAILURE, f"the server at `{self._where}` no longer holds this program")
        values = result.get("values")
        if not isinstance(values, list) or len(values) > 1:
            return failed(FAILURE, "the server's answer makes no sense")
        return Answer(AnswerState.VALUE, values[0]) if values else Answer(AnswerState.UNDEFINED)

    def _load(self) -> None:
        """Upload the program unless the whole of it is there."""
        import requests
        from opa_client.errors import RegoParseError

        self._client.timeout, seconds = _UPLOAD_SECONDS, self._client.timeout
        try:
            present = self._present()
            texts = self._texts()
            if not present.issuperset(texts):
                for name, text in texts.items():
                    # rego_compat would rewrite the text: what is decided on would not be what was digested
                    self._client.update_policy_from_string(text, name, rego_compat=False)
                self._present()
            self.version = f"opa {self._server_version()}"
        except RegoParseError as cause:
            raise QuaestorError(f"the OPA server refuses the policies: {cause}", where=self._where) from None
        except requests.exceptions.RequestException as cause:
            raise QuaestorError(
                f"the OPA server cannot be used: {_words(cause)}",
                where=self._where,
                hint="does it run, is the token right?",
            ) from None
        except (ValueError, AttributeError, TypeError):
            raise QuaestorError("the address answers, but not as OPA does", where=self._where) from None
        finally:
            self._client.timeout = seconds

    def _present(self) -> set[str]:
        """Names of this program's modules on the server. Raises QuaestorError where another program is there."""
        ours = {name for name in self._client.get_policies_list() if name.startswith(_PREFIX)}
        if any(not name.startswith(f"{self._home}/") for name in ours):
            raise QuaestorError(
                "the OPA server holds another program of Quaestor's, and the two would mix",
                where=self._where,
                hint="start a server for this bundle, or start that one anew",
            )
        return ours

    def _texts(self) -> dict[str, str]:
        """What is uploaded, by name, in this order: the digest first, the calls last."""
        texts = {f"{self._home}/program.rego": f'package quaestor.program\n\ndigest := "{self._program.digest}"\n'}
        for path in ModuleGraph(self._program).in_order():
            texts[f"{self._home}/{path}"] = self._program.modules[path]
        texts[f"{self._home}/calls.rego"] = self._calls()
        return texts

    def _calls(self) -> str:
        # what runs is asked of the server alone: no policy may call `opa.runtime`
        lines = [f"package {self._package}", "", "version := opa.runtime().version", ""]
        for rule, name in self._names.items():
            lines += [
                f"{name} := {{",
                '\t"program": data.quaestor.program.digest,',
                f'\t"values": [value | value := data.{rule.replace("/", ".")}'
                " with input as input.input with data.parameters as input.parameters],",
                "}",
                "",
            ]
        return "\n".join(lines)

    def _server_version(self) -> str:
        reply = self._client.query_rule({}, self._package, "version")
        found = str(reply.get("result")) if isinstance(reply, dict) else ""
        if not re.fullmatch(r"1\.\d+\.\d+\S*", found):
            raise QuaestorError(f"OPA `{found}` is not OPA 1.x", where=self._where)
        return found

    def close(self) -> None:
        """Close the connections. The program stays on the server, for the next call."""
        self._client.close_connection()


def _connect(url: str, token: str | None, ca: Path | None, seconds: float) -> "OpaClient":
    try:
        version("opa-python-client")
        from opa_client.opa import OpaClient
    except (PackageNotFoundError, ImportError):
        raise QuaestorError("the engine `opa` needs opa-python-client", hint="pip install 'quaestor[opa]'") from None
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        port = 0
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not parts.hostname or not port or not plain:
        raise QuaestorError(f"`{url}` is not the address of an OPA server", hint="such as https://opa.example.org:8181")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    client = OpaClient(host=host, port=port, ssl=parts.scheme == "https", token=token, retries=0, timeout=seconds)
    client.root_url = f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}/v1"
    session = client._session  # the client has no option for what follows
    session.trust_env = False  # no proxy, no token of ~/.netrc, no other authority
    session.max_redirects = 1  # OPA sends `/v1/policies/`, which the client asks for, to `/v1/policies`
    session.hooks["response"] += [_stay_here, _bounded]
    if ca is not None:
        if not ca.is_file():
            raise QuaestorError("there is no such file of certificates", where=str(ca))
        session.verify = str(ca)
    return client


def _stay_here(response: Any, **_: Any) -> None:
    """Evidence goes to the server that was named, wherever that would send it."""
    import requests

    if response.is_redirect:
        here, there = urlsplit(response.url), urlsplit(response.headers["location"])
        if there.netloc and (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise requests.exceptions.InvalidURL("it sends the call on to another server")


def _bounded(response: Any, **_: Any) -> None:
    """Read an answer here, so that one without end does not take all the memory there is."""
    import requests
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    try:
        content = response.raw.read(_MOST_ANSWERED + 1, decode_content=True)
    except ReadTimeoutError as cause:
        raise requests.exceptions.ReadTimeout(cause) from None
    except HTTPError as cause:
        raise requests.exceptions.ConnectionError(cause) from None
    if len(content) > _MOST_ANSWERED:
        raise requests.exceptions.ContentDecodingError(f"it answers with more than {_MOST_ANSWERED >> 20} MiB")
    response._content = content


def _refused(response: Any) -> Answer:
    """OPA's own words of an error: a `code`, a `message` and the `errors` behind it."""
    detail = _detail(response)
    if "data.quaestor.program.digest" in detail:
        return failed(FAILURE, "the server holds more than one program of Quaestor's")
    if (
        "produced conflicting values" in detail
        or "must not produce multiple" in detail
        or "keys must be unique" in detail
    ):
        return failed(CONFLICT, detail)
    if "cancel" in detail or "timeout" in detail:
        return failed(LIMIT, detail)
    return failed(FAILURE, detail)


def _words(cause: Any) -> str:
    response = getattr(cause, "response", None)
    return str(cause) if response is None else _detail(response)


def _detail(response: Any) -> str:
    try:
        body = response.json()
        errors = "; ".join(str(item.get("message", "")) for item in body.get("errors") or [])
        return f"{response.status_code} {body.get('code', '')}: {body.get('message', '')} {errors}".strip()
    except (ValueError, AttributeError):
        return f"HTTP status {response.status_code}"
