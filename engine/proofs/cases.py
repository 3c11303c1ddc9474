"""Cases of a control: evidence, in the form that a policy sees, and the status that it must come to.

A file has a `base` and `cases`; a case says how it differs (`engine.proofs.changes`), or gives its `evidence` whole.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field, ValidationError

from engine.backends.base import Answer, RegoEngine
from engine.bundle.control import Control
from engine.bundle.documents import Document, parse_model, read_yaml
from engine.bundle.load import Bundle
from engine.bundle.parameter_types import loosened, parse_type, path_of, problems
from engine.bundle.statements import STATEMENT, Signers, facts_problem
from engine.deciding.admission import ATTESTATION
from engine.deciding.evaluate import Context, Policies, PolicyRecord, Records, judge, policy_input
from engine.deciding.verdict import ControlResult
from engine.errors import PolicyError, PolicyErrors, did_you_mean, refuse
from engine.proofs.changes import DifferenceError, Differences, Evidence, record_of
from engine.proofs.sight import Aside, Sight
from evidence.model.base import Frozen, Instant, format_instant, parse_instant
from evidence.model.canonical import Written, canonical_bytes, digest_json
from evidence.model.duration import add_duration
from evidence.model.mistakes import fields_at, name_of, plain
from evidence.model.own import is_own, model_of
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.subject import ORGANIZATION, Subject, SubjectKind, portfolio_subject, system_digest
from evidence.model.yaml import Place

CANDIDATE = f"sha256:{64 * 'c'}"
BUNDLE, OVERLAY = f"sha256:{64 * 'b'}", f"sha256:{64 * 'a'}"
"""Digests of the policies in force, in every case."""
SUBJECT = Subject(kind=SubjectKind.MODEL, name="candidate", digest=CANDIDATE, system_id="system")
SUBJECTS = {kind: SUBJECT.model_copy(update={"kind": kind}) for kind in SubjectKind} | {
    SubjectKind.PORTFOLIO: portfolio_subject().model_copy(update={"digest": CANDIDATE})
}
"""What the cases judge, by kind: the organisation, or the candidate or something else of one system."""
NEAR = 4
"""Cases that are told where none has the name that was asked for."""
_SHORT_DIGEST = re.compile(r"sha256:[0-9a-f]")
_ENVELOPE = ("class", "subject", "system_id", "model_version", "source", "collector", "issuer", "owner")
_TIMES = ("issued_at", "collected_at", "expires_at")
RECORD_FIELDS = (*_ENVELOPE, *_TIMES, "filed_at", "log_index", "id", "digest", "signature", "predicate")
_RECORD_FIELDS = frozenset(RECORD_FIELDS)


BytesOf = Callable[[Any], bytes]
"""The canonical form of a value: `canonical_bytes`, or what knows the forms of its parts."""


class CaseBase(Frozen):
    """What the cases of a file share, as written."""

    gate: str | None = None
    now: Instant = parse_instant("2026-11-21T00:00:00Z")
    tier: str = "high-annex-iii"
    roles: tuple[str, ...] = ("provider", "deployer")
    subject: Literal["model", "dataset", "system", "portfolio"] = "model"
    parameters: dict[str, Any] = Field(default_factory=dict)
    evidence: dict[str, tuple[dict[str, Any], ...]] = Field(default_factory=dict)


class CaseFields(CaseBase):
    """A case, as written: what it says takes the place of what the base says, its parameters one by one.

    `copy` (place: place of another record), `change` (place: value) and `without` (places) work on the base's evidence.
    """

    name: str = Field(min_length=3)
    expect: Literal["pass", "fail", "missing", "not-applicable", "error", "refused"]
    """`refused`: a record of the case is none; the door and the snapshot turn it away before a policy sees it."""
    satisfied: tuple[str, ...] | None = None
    copy_: dict[str, str] = Field(default_factory=dict, alias="copy")
    change: dict[str, Any] = Field(default_factory=dict)
    without: tuple[str, ...] = ()


class CasesFile(Frozen):
    """A file of cases, as written."""

    base: CaseBase = CaseBase()
    cases: tuple[CaseFields, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Case:
    """A case that can be run: `records` are those that the control may see at the case's instant.

    `aside` counts, by type, those that are about another subject.
    """

    name: str
    line: int
    expect: str
    satisfied: frozenset[str] | None
    context: Context
    records: Mapping[str, list[PolicyRecord]]
    aside: Mapping[str, int]
    filed: Records
    """All records that the case gives, before any is set aside."""
    turned_away: tuple[Aside, ...] = ()
    """Those of them that the control does not see, each with why."""
    refused: bool = False
    """A record of the case is none, as the case says."""


def cases_path(path: str) -> str:
    """The file of the cases of a control that stands in `path`."""
    return path.removesuffix(".rego") + "_cases.yaml"


def read_cases(bundle: Bundle, control: Control, only: str | None = None) -> list[Case]:
    """The cases of a control, or the one that is named and no other.

    Raises PolicyError or PolicyErrors for a file that is missing or does not fit.
    """
    document, base, entries = _written(bundle, control)
    chosen = [place for place, entry in enumerate(entries) if only is None or _name_of(entry) == only]
    if not chosen:
        raise document.error(f"no case `{only}`", "cases", hint=_near(str(only), entries, control))
    cases: list[Case] = []
    mistakes: list[PolicyError] = []
    for index in chosen:
        try:
            cases.append(_Reader(bundle, control, document).case(base, entries[index], ("cases", index)))
        except PolicyErrors as cause:
            mistakes += cause.errors
    names = [case.name for case in cases]
    mistakes += [
        PolicyError(f"the case `{case.name}` stands twice", path=document.path, line=case.line, hint="rename one")
        for place, case in enumerate(cases)
        if case.name in names[:place]
    ]
    told = {(mistake.line, mistake.problem): mistake for mistake in mistakes}  # those of the base once, not once a case
    refuse(list(told.values()))
    return cases


def _near(wanted: str, entries: list[Any], control: Control) -> str:
    """The cases that may be meant, else how many there are: a control has dozens, and their names are sentences."""
    from difflib import get_close_matches

    names = [name for entry in entries if (name := _name_of(entry))]
    holding = [name for name in names if wanted.strip() and wanted.strip().lower() in name.lower()]
    near = list(dict.fromkeys([*get_close_matches(wanted, names, n=NEAR), *holding]))[:NEAR]
    if near:
        return f"did you mean {' or '.join(f'`{name}`' for name in near)}"
    return f"it has {len(names)} cases: `quaestor policy test {control.id} -v` lists them"


def passing_case(bundle: Bundle, control: Control) -> Case | None:
    """The first case that is to pass, the others unread; None where there is none. Raises as `read_cases`."""
    document, base, entries = _written(bundle, control)
    for place, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("expect") == "pass":
            return _Reader(bundle, control, document).case(base, entry, ("cases", place))
    return None


def _written(bundle: Bundle, control: Control) -> tuple[Document, CaseBase, list[Any]]:
    """The file of a control's cases, what they share, and each as it is written."""
    path = cases_path(control.stem)
    if path not in bundle.proofs:
        silent = control.foreign is not None and control.foreign.kind != "allow" and not control.foreign.positive
        hint = f"write at least one case that {'fails' if silent else 'passes'}"
        raise PolicyError("the control has no cases", path=path, line=1, hint=hint)
    document = read_yaml(bundle.proofs[path], path)
    whole = document.value if isinstance(document.value, dict) else {}
    for name in whole:
        if name not in CasesFile.model_fields:
            raise document.error(f"unknown field `{name}`", name, hint="write `base` and `cases`")
    entries = whole.get("cases")
    if not isinstance(entries, list) or not entries:
        raise document.error("no `cases`", hint="write `cases: [{name: …, gate: …, expect: pass, evidence: …}]`")
    return document, parse_model(CaseBase, document, whole.get("base", {}), ("base",)), entries


def _name_of(entry: Any) -> str | None:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else None


def read_case(
    bundle: Bundle, control: Control, content: bytes, path: str, usual: Mapping[str, Any], gate: str | None = None
) -> Case:
    """The one case that a file holds: the fields of a case in a file of cases; `name` and `expect` may be left out.

    `usual` says what holds where the file does not: `gate`, and `parameters` one by one; `gate` takes the place of the
    file's. Raises as `read_cases`.
    """
    document = read_yaml(content, path)
    if not isinstance(document.value, dict) or "cases" in document.value:
        hint = "write the fields of one case: `gate`, `evidence`, `tier`, …; `--case NAME` takes one of the control's"
        raise document.error("not the fields of one case", hint=hint)
    chosen = {} if gate is None else {"gate": gate}
    # What is to come of it is not asked here, and a record that is none is a mistake, whatever the file expects.
    entry = {"name": "of the file", **document.value, **chosen, "expect": "pass"}
    return _Reader(bundle, control, document).case(CaseBase(**usual), entry, ())


class _Reader:
    """Reads one case over the base of its file."""

    def __init__(self, bundle: Bundle, control: Control, document: Document) -> None:
        self.bundle = bundle
        self.control = control
        self.document = document
        self.mistakes: list[PolicyError] = []
        self.refusals: list[PolicyError] = []
        """What is wrong with records: mistakes of the case, or just what it is to show."""

    def mistake(self, problem: str, *where: str | int, hint: str | None = None) -> None:
        self.mistakes.append(self.document.error(problem, *where, hint=hint))

    def case(self, base: CaseBase, entry: Any, at: Place) -> Case:
        case = parse_model(CaseFields, self.document, entry, at)
        # What the case does not write is the base's.
        written = case.model_copy(
            update={
                name: getattr(base, name)
                for name in CaseBase.model_fields
                if name not in entry and name != "parameters"
            }
        )
        gate_at = (*at, "gate") if "gate" in entry else ("base", "gate")
        if written.gate is None:
            self.mistake("no `gate`, here or in `base`", *at, hint=f"write one of {', '.join(self.control.gates)}")
        elif written.gate not in self.control.gates:
            hint = did_you_mean(written.gate, self.control.gates)
            self.mistake(f"the control does not name the gate `{written.gate}`", *gate_at, hint=hint)
        subject = SUBJECTS[SubjectKind(written.subject)]
        gate = self.bundle.gates.get(written.gate or "")
        if gate is not None and subject.kind not in gate.subjects:
            hint = f"write `subject: {gate.subjects[0]}`"
            self.mistake(f"gate `{gate.gate}` judges no {subject.kind}", *gate_at, hint=hint)
        vocabulary = self.bundle.vocabulary
        if written.tier not in vocabulary.tiers:
            hint = did_you_mean(written.tier, vocabulary.tiers)
            self.mistake(f"unknown tier `{written.tier}`", *at, "tier", hint=hint)
        for role in sorted(set(written.roles) - set(vocabulary.roles)):
            self.mistake(f"unknown role `{role}`", *at, "roles", hint=did_you_mean(role, vocabulary.roles))
        parameters = {name: parameter.default for name, parameter in self.bundle.catalogue.items()}
        parameters |= self._parameters(base.parameters, ("base",)) | self._parameters(case.parameters, at)
        for name in case.satisfied or ():
            if name not in self.control.objectives:
                hint = did_you_mean(name, self.control.objectives)
                self.mistake(f"unknown objective `{name}`", *at, "satisfied", hint=hint)
        records = self._records(written, subject.system_id, at, own="evidence" in entry)
        if case.expect != "refused":
            self.mistakes += self.refusals
        elif not self.refusals and not self.mistakes:
            self.mistake("nothing in its records is refused", *at, "expect", hint="say what it comes to")
        refuse(self.mistakes)
        context = Context(
            gate=str(written.gate),
            instant=written.now,
            subject=subject,
            tier=written.tier,
            roles=tuple(sorted(written.roles)),
            vocabulary=vocabulary,
            parameters=parameters,
            policies=Policies(BUNDLE, OVERLAY, self.bundle.controls),
        )
        sight = Sight(self.control, context, self.bundle)
        seen, aside = sight.of(records)
        return Case(
            name=written.name,
            line=self.document.line(*at),
            expect=written.expect,
            satisfied=None if written.satisfied is None else frozenset(written.satisfied),
            context=context,
            refused=bool(self.refusals),
            records=seen,
            aside=aside,
            filed=records,
            turned_away=sight.aside(records),
        )

    def _parameters(self, given: Mapping[str, Any], at: Place) -> dict[str, Any]:
        catalogue = self.bundle.catalogue
        for name, value in given.items():
            where = (*at, "parameters", name)
            if name not in catalogue:
                self.mistake(f"unknown parameter `{name}`", *where, hint=did_you_mean(name, catalogue))
            else:
                kind = loosened(parse_type(catalogue[name].type, catalogue[name].words))
                for wrong in problems(kind, _plain(value)):
                    self.mistake(f"`{path_of(name, wrong.at)}` {wrong.text}", *where, *wrong.at, hint=wrong.hint)
        return {name: _plain(value) for name, value in given.items() if name in catalogue}

    def _records(self, written: CaseFields, system_id: str, at: Place, *, own: bool) -> dict[str, list[PolicyRecord]]:
        """The records of the case in the form that a policy sees."""
        source: Place = (*at, "evidence") if own else ("base", "evidence")
        fields = {kind: _fields_of(self.bundle.schemas[kind]) for kind in self.control.evidence}
        evidence: Evidence = {}
        for kind, items in written.evidence.items():
            if kind not in fields:
                hint = did_you_mean(kind, fields)
                self.mistake(f"the control does not read `{kind}`", *source, kind, hint=hint)
                continue
            evidence[kind] = []
            for place, item in enumerate(items):
                try:
                    evidence[kind].append(record_of(_plain(item), fields[kind], _RECORD_FIELDS))
                except DifferenceError as cause:
                    self.mistake(str(cause), *source, kind, place)
        if self.mistakes:
            return {}
        differences = Differences(evidence, fields, _RECORD_FIELDS)
        self.mistakes += differences.apply(
            self.document, at, written.copy_, {name: _plain(v) for name, v in written.change.items()}, written.without
        )
        records: dict[str, list[PolicyRecord]] = {}
        count = 0
        for kind, entries in differences.evidence.items():
            for place, item in enumerate(entries):
                record, problems = _record(
                    kind, {"log_index": count, **item}, written.now, count, self.bundle, system_id
                )
                changed = differences.changed.get((kind, place))
                of_base = evidence.get(kind, []) if problems and changed else []
                before = self._problems_of(kind, of_base, written.now, system_id)
                for problem in problems:
                    unchanged = (*source, kind, before.get(problem, place))
                    where = changed if changed and problem not in before else unchanged
                    hint = f"its fields: `quaestor policy schema {kind}`"
                    self.refusals.append(self.document.error(problem, *where, hint=hint))
                records.setdefault(kind, []).append(record)
                count += 1
        return records

    def _problems_of(self, kind: str, given: list[dict[str, Any]], now: datetime, system_id: str) -> dict[str, int]:
        """What is wrong with records before a case changes or copies them, and with the first of which: it is told
        there.
        """
        found: dict[str, int] = {}
        for place, item in enumerate(given):
            for problem in _record(kind, {"log_index": 0, **item}, now, 0, self.bundle, system_id)[1]:
                found.setdefault(problem, place)
        return found


def _plain(value: Any) -> Any:
    """A value of a case as plain JSON; `sha256:e` is short for the digest of 64 times that digit."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return f"sha256:{64 * value[-1]}" if isinstance(value, str) and _SHORT_DIGEST.fullmatch(value) else value


def _fields_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """Fields of the content of a type."""
    return frozenset(schema.get("properties", ()))


def _record(
    kind: str, given: dict[str, Any], now: datetime, position: int, bundle: Bundle, system_id: str
) -> tuple[PolicyRecord, list[str]]:
    """A record as a policy sees it, what the case leaves out filled in, and what is wrong with it.

    `position` is its place among the records of the case: another case with the same content is the same input.
    """
    problems = [f"a record has no field `{name}`" for name in given if name not in RECORD_FIELDS]
    classes = bundle.schemas[kind].get("x-classes")
    evidence_class = given.get("class") or (classes[0] if isinstance(classes, list) and classes else "ingested")
    if isinstance(classes, list) and evidence_class not in classes:
        problems.append(f"a {kind} record cannot be of class `{evidence_class}`")
    content, found = _content(kind, given.get("predicate"), bundle, system_id)
    problems += found
    times: dict[str, datetime] = {}
    usual = {"collected_at": now - _usual_age(kind, now), "expires_at": now + timedelta(days=30)}
    if is_own(kind):  # no record of it is filed for longer
        usual["expires_at"] = min(usual["expires_at"], add_duration(usual["collected_at"], bundle.own[kind].MAX_AGE))
    for name in ("collected_at", "issued_at", "expires_at", "filed_at"):
        try:
            times[name] = parse_instant(given[name]) if name in given else usual.get(name) or times["collected_at"]
        except ValueError as cause:
            problems.append(f"`{name}`: {cause}")
            times[name] = now
    if isinstance(given["log_index"], bool) or not isinstance(given["log_index"], int) or given["log_index"] < 0:
        problems.append("`log_index`: not a place in the ledger, a whole number from 0")
    person = "person" if evidence_class == "attested" else "machine"
    signature = {"state": "verified", "kind": person, "signer": "signer", "roles": _usual_roles(kind, bundle)}
    record = {
        "id": digest_json({"position": position, "type": kind}),
        "subject": [CANDIDATE],
        "system_id": system_id,
        "source": "case",
        "collector": "case",
        "issuer": "case",
        **{name: value for name, value in given.items() if name in _ENVELOPE or name == "id"},
        **({"subject": [_digest(item, system_id) for item in given["subject"]]} if "subject" in given else {}),
        **{name: format_instant(value) for name, value in times.items()},
        "log_index": given["log_index"],
        "class": evidence_class,
        "signature": {**signature, **(given.get("signature") or {})},
        "digest": given.get("digest") or digest_json(content),
        "predicate": content,
    }
    return {**record, **bundle.event_told(kind, content, record["digest"])}, problems


def _usual_age(kind: str, now: datetime) -> timedelta:
    """How long before the instant of a case a record was collected that does not say it: a day, or, of a type that
    counts no longer than that, a second less than it counts."""
    longest = add_duration(now, model_of(ATTESTATION if kind.startswith(STATEMENT) else kind).MAX_AGE) - now
    return min(timedelta(days=1), longest - timedelta(seconds=1))


def _digest(subject: Any, system_id: str) -> Any:
    """A subject of a record as the digest that the ledger has; `system` is the system as a whole."""
    return system_digest(system_id) if subject == "system" else subject


def _usual_roles(kind: str, bundle: Bundle) -> list[str]:
    """Roles of a signer whom the case does not describe: one that may sign records of the type."""
    rule = bundle.signers.of(kind)
    return list(rule.signed_by[:1]) if rule is not None else []


def _content(
    kind: str, given: Any, bundle: Bundle, system_id: str = SUBJECT.system_id, bytes_of: BytesOf = canonical_bytes
) -> tuple[Any, list[str]]:
    """The content of a record, in the form that a decision would see it, and what is wrong with it.

    A case may leave out fields that its control does not read; what it gives has to exist and be of the right type.
    """
    if kind.startswith(STATEMENT):
        return _statement(kind.removeprefix(STATEMENT), given, bundle.signers, system_id, bytes_of)
    model = bundle.model(kind)
    if model is None:
        return given, [f"`{kind}` is no evidence type of Quaestor"]
    return _checked(model, given, bytes_of(given))


def _checked(model: type[Predicate], given: Any, written: bytes) -> tuple[Any, list[str]]:
    try:
        return model.model_validate_json(written).to_json(), []
    except ValidationError as cause:
        wrong = [item for item in cause.errors(include_url=False) if item["type"] != "missing"]
        problems = [f"`{name_of(item['loc'])}`: {plain(item)}{_meant(model, item)}" for item in wrong]
        return given, [*problems, *_unusual_instants(given)]


def _meant(model: type[Predicate], item: Any) -> str:
    """The field that a misspelt one stands for most likely."""
    near = (
        did_you_mean(str(item["loc"][-1]), fields_at(model, item["loc"])) if item["type"] == "extra_forbidden" else ""
    )
    return f"; {near}" if near.startswith("did you mean") else ""


def _statement(name: str, given: Any, signers: Signers, system_id: str, bytes_of: BytesOf) -> tuple[Any, list[str]]:
    """The content of a statement: a case gives its facts, and the rest only where it matters."""
    kind = signers.statements[name]
    scope = {"version": CANDIDATE, "system": system_id, "organization": ORGANIZATION}[kind.scope]
    usual: dict[str, Any] = {
        "statement_type": name,
        "statement": f"{kind.title}.",
        "scope": [scope],
        "role": kind.signed_by[0],
        "co_signers": [],
        **{field: "as compared" if field == "choice" else ["one way", "another way"] for field in kind.weighs},
    }
    whole = {**usual, **given} if isinstance(given, dict) else given
    content, problems = _checked(PREDICATES["attestation"], whole, bytes_of(whole))
    unfit = facts_problem(kind, content) if isinstance(content, dict) else ""
    return content, [*problems, *([unfit] if unfit else [])]


def _unusual_instants(value: Any) -> list[str]:
    """Points in time that are not in the form that policies see: UTC, whole seconds."""
    if isinstance(value, (list, dict)):
        items = value.values() if isinstance(value, dict) else value
        return [problem for item in items for problem in _unusual_instants(item)]
    usual = _usual_instant(value) if isinstance(value, str) else value
    return [] if usual == value else [f"write the instant `{value}` as {usual}"]


@lru_cache(maxsize=4096)
def _usual_instant(text: str) -> str:
    """A point in time in the form that policies see; other text as it is."""
    try:
        return format_instant(parse_instant(text))
    except ValueError:
        return text


def content_problems(kind: str, content: Any, bundle: Bundle, bytes_of: BytesOf = canonical_bytes) -> list[str]:
    """Why content cannot be that of a record of the type; fields may be absent, as in cases."""
    return _content(kind, content, bundle, bytes_of=bytes_of)[1]


class Questions:
    """Asks an engine for one control, the same question once: cases of one base share most of their deletions."""

    def __init__(self, control: Control, engine: RegoEngine) -> None:
        self._rule = control.rule
        self._engine = engine
        self._answers: dict[tuple[bytes, bytes], Answer] = {}
        self._context: Context | None = None
        self.written = Written()
        """Canonical forms of what the case under way holds; its records are not changed but copied."""
        self._data: tuple[Mapping[str, Any], bytes] = ({}, b"")

    def ask(self, evidence: Records, context: Context, parameters: Mapping[str, Any]) -> Answer:
        """The answer on records and parameters."""
        if self._data[0] is not parameters:  # nearly all questions of a case ask with the same
            self._data = parameters, canonical_bytes({"parameters": dict(parameters)})
        if self._context is not context:  # another case shares no records with this one
            self._context, self.written = context, Written()
        question = (policy_input(evidence, context, self.written), self._data[1])
        if question not in self._answers:
            self._answers[question] = self._engine.evaluate([self._rule], *question)[self._rule]
        return self._answers[question]


def run_case(control: Control, case: Case, questions: Questions) -> ControlResult:
    """The result of the control on the case, by the path that a decision takes."""
    answer = questions.ask(case.records, case.context, case.context.parameters)
    return judge(control, answer, case.records, case.context, case.aside)
