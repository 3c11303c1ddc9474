"""Checks an audit pack offline: signature, digests, evidence, ledger, and the decision made again.

Nothing in the file is trusted, and nothing of it is run but its policies, by the sandboxed engine of the caller.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from engine.bundle.effective import Override
from engine.deciding.replay import compare
from engine.deciding.verdict import Decision
from evidence.model.base import Frozen
from evidence.model.errors import EvidenceError, QuaestorError, SignatureError
from evidence.trust.keys import public_keyid
from evidence.version import VERSION
from reports.documents.attachments import MANIFEST, REQUIRED, made_with
from reports.pdf.signature import SignatureFacts, certificate_fingerprint, check_signature
from reports.verify import checks
from reports.verify.charts import charts
from reports.verify.checks import Contents, FailedCheck
from reports.verify.complete import complete
from reports.verify.extract import MAX_PDF_BYTES, extract_attachments
from reports.verify.kept import continues
from reports.verify.policies import Compared, Expected, policies
from reports.verify.taken import taken

Replay = Callable[[Contents], tuple[str, Decision]]
"""From the attached policies and snapshot: the bundle's digest, computed anew, and the decision, made anew."""
Pages = Callable[[bytes, Contents, str], str]
"""From the PDF, the attached files and the fingerprint of the certificate: what the pages say is what these give."""
CONTENT_CHECKS = (
    "decision", "keys", "evidence", "snapshot", "ledger", "complete", "taken", "bundle", "replay", "pages"
)  # fmt: skip
"""What is checked of the attached files, in this order: whose they are before anything that costs."""
SHOWN_DIFFERENCES = 5


class CheckState(StrEnum):
    OK = "ok"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"


class Check(Frozen):
    """One thing that was looked at, and in plain words what was found.

    `parameters`, of the check on policies: those that the overlay changed, with their whole values.
    """

    name: str
    state: CheckState
    detail: str
    parameters: tuple[Override, ...] | None = None


Tell = Callable[[Check], None]


class VerificationReport(Frozen):
    """What a verification found. `ok`: nothing failed; `trusted`: and the signer is one that the caller trusts.

    `decision`, `outcome`, `subject` and `gate` are what the attached decision says, empty where it cannot be read.
    """

    checks: tuple[Check, ...]
    decision: str = ""
    outcome: str = ""
    subject: str = ""
    gate: str = ""

    @property
    def ok(self) -> bool:
        return all(check.state is not CheckState.FAILED for check in self.checks)

    @property
    def trusted(self) -> bool:
        return self.ok and all(
            check.state is CheckState.OK for check in self.checks if check.name in ("signer", "keys")
        )

    @property
    def made_again(self) -> bool:
        """Whether the whole decision was made again, nothing of it taken as it stands."""
        return any(check.name == "replay" and check.state is CheckState.OK for check in self.checks)


def verify_pdf(
    pdf: bytes,
    *,
    trust: Sequence[bytes] = (),
    replay: Replay | None = None,
    pages: Pages | None = None,
    expected: Expected | None = None,
    now: datetime | None = None,
    checkpoint: str | None = None,
    tell: Tell = lambda _check: None,
) -> VerificationReport:
    """Check a report, in this process: see `child.verify_confined` for one that nobody vouches for.

    `trust` holds PEM texts: certificates that may have signed the PDF (or issued its signer's), and public keys that
    the ledger and the decision must be signed with. Without any, fingerprints are told so that they can be compared.
    `now` is the present, at which an issuer's certificate must be in force. `checkpoint` is one that the caller kept of
    the ledger, which that of the report must continue.
    `expected` are the policies that the attached ones are compared with.
    Once the signature, the signer or the trusted keys fail, nothing more of the file is worked on. `tell` gets each
    check as soon as it is made. Raises QuaestorError for what the caller has to mend (a trust file that is neither, a
    library that is missing); no content of the PDF raises.
    """
    certificates, keyids = _trust(trust)
    if len(pdf) > MAX_PDF_BYTES:
        return too_large()
    found = _Found(tell)
    facts = _facts(pdf, certificates, now)
    for check in _signature_checks(facts):
        found.add(check)
    if found.failed:
        return found.report(stopped=("attachments", *CONTENT_CHECKS))
    files, problem = _attachments(pdf)
    if problem:
        found.add(_failed("attachments", problem))
        return found.report(stopped=CONTENT_CHECKS)
    contents = _verify_files(found, files, keyids, replay, expected, vouched=facts.trust == "trusted")
    if contents is None:
        return found.report()
    if not found.stopped:
        if checkpoint is not None:
            found.add(_run("checkpoint", lambda: continues(contents, checkpoint)))
        found.add(_compared_pages(pdf, contents, facts.fingerprint, pages))
    return found.report(contents.decision)


def too_large() -> VerificationReport:
    """The report on a file that is not even read."""
    return VerificationReport(checks=(_failed("signature", f"the file has more than {MAX_PDF_BYTES} bytes"),))


class _Found:
    """The checks that were made, told one by one."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._checks: list[Check] = []
        self.stopped = False

    def add(self, check: Check) -> None:
        self._checks.append(check)
        self._tell(check)

    @property
    def failed(self) -> bool:
        return any(check.state is CheckState.FAILED for check in self._checks)

    def stop(self, names: Sequence[str]) -> None:
        """Tell checks that are not made after one that failed."""
        self.stopped = self.stopped or bool(names)
        for name in names:
            self.add(_not_checked(name, "nothing more is read of a file once its signature or content fails so"))

    def report(self, decision: Decision | None = None, *, stopped: Sequence[str] = ()) -> VerificationReport:
        """All of them; `stopped` are those that were not made after one that failed."""
        self.stop(stopped)
        if decision is None:
            return VerificationReport(checks=tuple(self._checks))
        return VerificationReport(
            checks=tuple(self._checks),
            decision=decision.id,
            outcome=decision.outcome.value,
            subject=decision.subject.name,
            gate=decision.gate,
        )


def _facts(pdf: bytes, certificates: Sequence[bytes], now: datetime | None) -> SignatureFacts:
    try:
        return check_signature(pdf, certificates, now=now)
    except (QuaestorError, MemoryError):
        raise
    except Exception as cause:  # a parser on hostile bytes may raise anything
        return SignatureFacts(problem=f"the file cannot be read ({type(cause).__name__})")


def _attachments(pdf: bytes) -> tuple[Mapping[str, bytes], str]:
    """The attached files, and why there are none."""
    try:
        files = extract_attachments(pdf)
    except EvidenceError as cause:
        return {}, str(cause)
    return files, "" if files else "the file has no attachments: it is not an audit pack"


def _verify_files(
    found: _Found,
    files: Mapping[str, bytes],
    keyids: frozenset[str],
    replay: Replay | None,
    expected: Expected | None,
    *,
    vouched: bool,
) -> Contents | None:
    """The files as typed values, where they can be read; what is found of them is told."""
    found.add(_run("attachments", lambda: checks.manifest(files)))
    absent = [name for name in REQUIRED if name not in files]
    if absent:
        found.add(_not_checked("contents", f"not attached: {', '.join(absent)}"))
        return None
    try:
        contents = checks.read_contents(files)
    except QuaestorError as cause:
        found.add(_failed("contents", str(cause)))
        return None
    found.add(_run("decision", lambda: checks.decision(contents)))
    signed = _run("keys", lambda: checks.keys(contents, keyids)) if keyids else _fingerprints(contents, vouched=vouched)
    found.add(signed)
    if signed.state is CheckState.FAILED:
        found.stop(CONTENT_CHECKS[2:])
        return contents
    found.add(_run("evidence", lambda: checks.evidence(contents)))
    found.add(_run("snapshot", lambda: checks.snapshot(contents)))
    found.add(_run("ledger", lambda: checks.ledger_proof(contents)))
    found.add(_run("complete", lambda: complete(contents)))
    found.add(_run("taken", lambda: taken(contents)))
    if contents.charts is not None:
        found.add(_run("charts", lambda: charts(contents)))
    if expected is not None:
        found.add(_compared(contents, expected))
    for check in _replayed(contents, replay):
        found.add(check)
    return contents


def _signature_checks(facts: SignatureFacts) -> list[Check]:
    if not facts.intact:
        return [
            _failed("signature", facts.problem),
            _not_checked("signer", "no intact signature names a signer"),
        ]
    when = facts.signed_at or "no time"
    who = f"certificate SHA-256 {facts.fingerprint} ({facts.subject}), said to be signed at {when}"
    distrust = f" ({facts.distrust})" if facts.distrust else ""
    signer = {
        "trusted": Check(name="signer", state=CheckState.OK, detail=f"trusted: {who}"),
        "not-trusted": _failed("signer", f"not among the certificates that you trust{distrust}: {who}"),
        "not-checked": _not_checked("signer", f"compare it with the one that the sender gives you another way: {who}"),
    }[facts.trust]
    return [
        Check(
            name="signature",
            state=CheckState.OK,
            detail="intact, and it covers every byte of the file, printed pages and attachments alike",
        ),
        signer,
    ]


def _fingerprints(contents: Contents, *, vouched: bool) -> Check:
    told = "; ".join(f"{key.name} ({key.kind}) {key.keyid}" for key in contents.keyring.keys)
    if vouched:
        return Check(name="keys", state=CheckState.OK, detail=f"vouched for by the trusted signer of the file: {told}")
    return _not_checked("keys", f"compare them with those that the sender gives you another way: {told}")


def _compared(contents: Contents, expected: Expected) -> Check:
    compared: Compared | None = None

    def compare_policies() -> str:
        nonlocal compared
        compared = policies(contents, expected)
        if compared.refused:
            raise FailedCheck(compared.detail)
        return compared.detail

    check = _run("policies", compare_policies)
    if compared is None or compared.same:
        return check
    state = CheckState.FAILED if compared.refused else CheckState.NOT_CHECKED
    return Check(name="policies", state=state, detail=check.detail, parameters=compared.parameters or None)


def _compared_pages(pdf: bytes, contents: Contents, certificate: str, pages: Pages | None) -> Check:
    if pages is None:
        return _not_checked("pages", "they are not made again")
    found = _run("pages", lambda: pages(pdf, contents, certificate))
    maker = _maker(contents.files)
    if found.state is CheckState.OK or maker == f"Quaestor {VERSION}":
        return found
    return _failed("pages", f"{found.detail}; {maker} made this report, whose words may be others: verify it with that")


def _maker(files: Mapping[str, bytes]) -> str:
    """Who made the report, as its manifest claims."""
    try:
        version = made_with(files[MANIFEST])
    except (EvidenceError, KeyError):
        version = None
    return f"Quaestor {version}" if version else "another version of Quaestor"


def _replayed(contents: Contents, replay: Replay | None) -> list[Check]:
    if replay is None:
        return [_not_checked("bundle", "no policy engine at hand"), _not_checked("replay", "no policy engine at hand")]
    recorded = contents.decision
    try:
        digest, again = replay(contents)
    except QuaestorError as cause:
        return [
            _not_checked("bundle", "it cannot be loaded"),
            _failed("replay", f"the decision cannot be made again: {cause}"),
        ]
    except Exception as cause:  # an engine on hostile policies: whatever it does is not a pass
        detail = f"the decision cannot be made again ({type(cause).__name__})"
        return [_not_checked("bundle", "it cannot be loaded"), _failed("replay", detail)]
    if digest == recorded.bundle_digest:
        bundle = Check(name="bundle", state=CheckState.OK, detail=f"the attached policies have the digest {digest}")
    else:
        bundle = _failed(
            "bundle", f"the attached policies have the digest {digest}, the decision names {recorded.bundle_digest}"
        )
    result = compare(recorded, again)
    if result.same and (foreign := sorted(item.control for item in again.results if item.foreign is not None)):
        told = f"what other people's Rego said ({', '.join(foreign)}) is taken from the decision, for it needs OPA: "
        again_by = "`quaestor replay` makes it again where the ledger is; all else says the same byte for byte"
        return [bundle, _not_checked("replay", f"{told}{again_by}: {again.outcome}")]
    if result.same:
        detail = (
            f"the attached policies, run again over the attached evidence, say the same byte for byte: {again.outcome}"
        )
        return [bundle, Check(name="replay", state=CheckState.OK, detail=detail)]
    shown = "; ".join(f"{d.path}: {d.recorded} is {d.again} again" for d in result.differences[:SHOWN_DIFFERENCES])
    return [bundle, _failed("replay", f"the decision made again is another one ({again.outcome}): {shown}")]


def _run(name: str, check: Callable[[], str]) -> Check:
    """A check as its outcome; whatever hostile content makes it raise counts as failed."""
    try:
        return Check(name=name, state=CheckState.OK, detail=check())
    except (FailedCheck, QuaestorError) as cause:
        return _failed(name, str(cause))
    except MemoryError:  # the limit of the whole verification, which is told as such
        raise
    except Exception as cause:
        return _failed(name, f"cannot be checked ({type(cause).__name__})")


def _failed(name: str, detail: str) -> Check:
    return Check(name=name, state=CheckState.FAILED, detail=detail)


def _not_checked(name: str, detail: str) -> Check:
    return Check(name=name, state=CheckState.NOT_CHECKED, detail=detail)


def _trust(pems: Sequence[bytes]) -> tuple[list[bytes], frozenset[str]]:
    """Certificates, and the key ids of public keys, of the PEM texts that the caller trusts."""
    certificates, keyids = [], set()
    for pem in pems:
        if b"BEGIN CERTIFICATE" in pem:
            certificate_fingerprint(pem)
            certificates.append(pem)
        elif b"BEGIN PUBLIC KEY" in pem:
            keyids.add(public_keyid(pem.decode("ascii", "replace")))
        else:
            raise SignatureError("a trust file is neither a certificate nor a public key in PEM form")
    return certificates, frozenset(keyids)


__all__ = ["Check", "CheckState", "Contents", "Replay", "VerificationReport", "too_large", "verify_pdf"]
