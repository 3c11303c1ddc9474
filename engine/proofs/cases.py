"""Cases of a control: evidence, in the form that a policy sees, and the status that it must come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field, ValidationError

from engine.backends.base import RegoEngine
from engine.bundle.control import Control
from engine.bundle.documents import Document, parse_model, read_yaml
from engine.bundle.load import Bundle
from engine.bundle.parameters import parse_type, plain, type_problem
from engine.deciding.evaluate import Context, PolicyRecord, judge, policy_input, visible
from engine.deciding.verdict import ControlResult
from engine.errors import PolicyError, PolicyErrors, did_you_mean, refuse
from evidence.model.base import Frozen, Instant, format_instant, parse_instant
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.predicates import PREDICATES
from evidence.model.subject import Subject, SubjectKind

CANDIDATE = f"sha256:{64 * 'c'}"
SUBJECT = Subject(kind=SubjectKind.MODEL, name="candidate", digest=CANDIDATE, system_id="system")
_ENVELOPE = ("class", "subject", "system_id", "model_version", "source", "collector", "issuer", "owner")
_TIMES = ("issued_at", "collected_at", "expires_at")
RECORD_FIELDS = (*_ENVELOPE, *_TIMES, "filed_at", "log_index", "id", "digest", "signature", "predicate")


class _Case(Frozen):
    """A case, as written."""

    name: str = Field(min_length=3)
    gate: str
    expect: Literal["pass", "fail", "missing", "not-applicable", "error"]
    now: Instant = parse_instant("2026-11-21T00:00:00Z")
    tier: str = "high-annex-iii"
    roles: tuple[str, ...] = ("provider", "deployer")
    parameters: dict[str, Any] = Field(default_factory=dict)
    satisfied: tuple[str, ...] | None = None
    evidence: dict[str, tuple[dict[str, Any], ...]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """A case that can be run: `records` are those that the control may see at the case's instant."""

    name: str
    line: int
    expect: str
    satisfied: frozenset[str] | None
    context: Context
    records: Mapping[str, list[PolicyRecord]]


def read_cases(bundle: Bundle, control: Control) -> list[Case]:
    """The cases of a control. Raises PolicyError or PolicyErrors for a file that is missing or does not fit."""
    path = control.path.removesuffix(".rego") + "_cases.yaml"
    if path not in bundle.proofs:
        raise PolicyError("the control has no cases", path=path, line=1, hint="write at least one case that passes")
    document = read_yaml(bundle.proofs[path], path)
    entries = document.value.get("cases") if isinstance(document.value, dict) else None
    if not isinstance(entries, list) or not entries:
        raise document.error("no `cases`", hint="write `cases: [{name: …, gate: …, expect: pass, evidence: …}]`")
    cases: list[Case] = []
    mistakes: list[PolicyError] = []
    for index, entry in enumerate(entries):
        try:
            cases.append(_read_case(bundle, control, document, entry, index))
        except PolicyErrors as cause:
            mistakes += cause.errors
    names = [case.name for case in cases]
    mistakes += [
        PolicyError(f"the case `{case.name}` stands twice", path=path, line=case.line, hint="rename one")
        for place, case in enumerate(cases)
        if case.name in names[:place]
    ]
    refuse(mistakes)
    return cases


def _read_case(bundle: Bundle, control: Control, document: Document, entry: Any, index: int) -> Case:
    at = ("cases", index)
    written = parse_model(_Case, document, entry, at)
    mistakes = [
        document.error(f"the control does not name the gate `{written.gate}`", *at, "gate")
        for _ in range(written.gate not in control.gates)
    ]
    if written.tier not in bundle.vocabulary.tiers:
        hint = did_you_mean(written.tier, bundle.vocabulary.tiers)
        mistakes.append(document.error(f"unknown tier `{written.tier}`", *at, "tier", hint=hint))
    parameters = {name: parameter.default for name, parameter in bundle.catalogue.items()}
    for name, value in written.parameters.items():
        if name not in bundle.catalogue:
            hint = did_you_mean(name, bundle.catalogue)
            mistakes.append(document.error(f"unknown parameter `{name}`", *at, "parameters", name, hint=hint))
            continue
        problem = type_problem(parse_type(bundle.catalogue[name].type), plain(value))
        if problem:
            mistakes.append(document.error(f"`{name}` {problem}", *at, "parameters", name))
        parameters[name] = plain(value)
    records: dict[str, list[PolicyRecord]] = {}
    for kind, items in written.evidence.items():
        if kind not in control.evidence:
            hint = did_you_mean(kind, control.evidence)
            problem = f"the control does not read `{kind}`"
            mistakes.append(document.error(problem, *at, "evidence", kind, hint=hint))
            continue
        for place, item in enumerate(items):
            where = (*at, "evidence", kind, place)
            filed = {"log_index": sum(map(len, records.values())), **plain(item)}
            record, problems = _record(kind, filed, written.now, f"{written.name}/{place}", bundle)
            mistakes += [document.error(problem, *where) for problem in problems]
            records.setdefault(kind, []).append(record)
    refuse(mistakes)
    context = Context(
        gate=written.gate,
        instant=written.now,
        subject=SUBJECT,
        tier=written.tier,
        roles=tuple(sorted(written.roles)),
        vocabulary=bundle.vocabulary,
        parameters=parameters,
    )
    current = {kind: [r for r in items if _is_current(r, written.now)] for kind, items in records.items()}
    return Case(
        name=written.name,
        line=document.line(*at),
        expect=written.expect,
        satisfied=None if written.satisfied is None else frozenset(written.satisfied),
        context=context,
        records=visible(control, current, written.now),
    )


def _record(
    kind: str, given: dict[str, Any], now: datetime, label: str, bundle: Bundle
) -> tuple[PolicyRecord, list[str]]:
    """A record as a policy sees it, what the case leaves out filled in, and what is wrong with it."""
    problems = [f"a record has no field `{name}`" for name in given if name not in RECORD_FIELDS]
    classes = bundle.schemas[kind].get("x-classes")
    evidence_class = given.get("class") or (classes[0] if isinstance(classes, list) and classes else "ingested")
    if isinstance(classes, list) and evidence_class not in classes:
        problems.append(f"a {kind} record cannot be of class `{evidence_class}`")
    content, found = _content(kind, given.get("predicate"))
    problems += found
    times = {
        "issued_at": now - timedelta(days=1),
        "collected_at": now - timedelta(days=1),
        "expires_at": now + timedelta(days=30),
    }
    for name in (*_TIMES, "filed_at"):
        try:
            times[name] = parse_instant(given[name]) if name in given else times.get(name, times["collected_at"])
        except ValueError as cause:
            problems.append(f"`{name}`: {cause}")
    if isinstance(given["log_index"], bool) or not isinstance(given["log_index"], int) or given["log_index"] < 0:
        problems.append("`log_index`: not a place in the ledger, a whole number from 0")
    person = "person" if evidence_class == "attested" else "machine"
    signature = {"state": "verified", "kind": person, "signer": "signer", "roles": []}
    record = {
        "id": digest_json({"case": label, "type": kind}),
        "subject": [CANDIDATE],
        "system_id": SUBJECT.system_id,
        "source": "case",
        "collector": "case",
        "issuer": "case",
        **{name: value for name, value in given.items() if name in _ENVELOPE or name == "id"},
        **{name: format_instant(value) for name, value in times.items()},
        "log_index": given["log_index"],
        "class": evidence_class,
        "signature": {**signature, **(given.get("signature") or {})},
        "digest": given.get("digest") or digest_json(content),
        "predicate": content,
    }
    return record, problems


def _content(kind: str, given: Any) -> tuple[Any, list[str]]:
    """The content of a record, in the form that a decision would see it, and what is wrong with it.

    A case may leave out fields that its control does not read; what it gives has to exist and be of the right type.
    """
    if kind not in PREDICATES:
        return given, [f"`{kind}` is no evidence type of Quaestor"]
    try:
        return PREDICATES[kind].model_validate_json(canonical_bytes(given)).to_json(), []
    except ValidationError as cause:
        wrong = [item for item in cause.errors(include_url=False) if item["type"] != "missing"]
        problems = [f"`{'.'.join(map(str, item['loc'])) or '(whole)'}`: {item['msg']}" for item in wrong]
        return given, [*problems, *_unusual_instants(given)]


def _unusual_instants(value: Any) -> list[str]:
    """Points in time that are not in the form that policies see: UTC, whole seconds."""
    if isinstance(value, (list, dict)):
        items = value.values() if isinstance(value, dict) else value
        return [problem for item in items for problem in _unusual_instants(item)]
    try:
        usual = format_instant(parse_instant(value)) if isinstance(value, str) else value
    except ValueError:
        return []
    return [] if usual == value else [f"write the instant `{value}` as {usual}"]


def _is_current(record: PolicyRecord, now: datetime) -> bool:
    """As the snapshot has it: of its time, and signed by a person where it is an attestation."""
    moment = format_instant(now)
    signature = record["signature"]
    signed = signature.get("state") == "verified" and signature.get("kind") == "person"
    in_time = record["collected_at"] <= moment < record["expires_at"]
    return bool(in_time and (record["class"] != "attested" or signed))


def run_case(control: Control, case: Case, engine: RegoEngine) -> ControlResult:
    """The result of the control on the case, by the path that a decision takes."""
    data = canonical_bytes({"parameters": dict(case.context.parameters)})
    answer = engine.evaluate([control.rule], policy_input(case.records, case.context), data)[control.rule]
    return judge(control, answer, case.records, case.context)
