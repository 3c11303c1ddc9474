"""Other people's Rego, asked on an OPA server of its own for each pack, beside the engine that runs our own.

Of each record that a control may see the rule is asked once, and what it says becomes the answer that a control of ours
would give: `satisfied` and `findings`. What it says is data of somebody else's making: bounded, without letters that
hide or reorder text, and put into the places of messages that are ours. Nothing that it leaves unsaid is a pass.

A pack shares its server with no other and not with our policies, and OPA refuses it where it calls anything whose
answer is not the same each time, or that reaches out. An error of a built-in ends the evaluation: it could hide a
denial.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.backends.base import (
    CONFLICT,
    FAILURE,
    NO_OPA,
    Answer,
    AnswerState,
    ForeignPack,
    ForeignRule,
    Limits,
    Program,
    RegoEngine,
    failed,
)
from engine.backends.compile import OpaBinary, find_opa, run_opa
from engine.backends.opa_local import LocalOpaEngine
from engine.bundle.control import Foreign
from engine.bundle.foreign import ACCEPTED, DENIES, MORE, NOT_GIVEN, REFUSES, SILENT, UNDEFINED, WARNS
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.errors import QuaestorError

MOST_SAID = 20
"""Denials of one record that are told one by one."""
LONGEST_SAID = 300
CHECK_SECONDS = 60.0
_FORBIDDEN = re.compile(
    r"http\.send|net\.lookup_ip_addr|opa\.runtime|rand\..*|uuid\..*|time\.now_ns|io\.jwt\.(decode_verify|encode_sign.*)"
    r"|crypto\.x509\.parse_and_verify.*|providers\..*|json\.(match|verify)_schema"
)
"""Built-ins that read a clock, randomness, the machine or the network; beside these, all that OPA says may differ."""
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff]+"
)
_PLACE = re.compile(r"\$([a-z]+)((?:\.[A-Za-z_][A-Za-z0-9_-]*)*)")


class ForeignEngine(RegoEngine):
    """An engine that asks the foreign packs of its program beside `native`, which runs everything else.

    OPA is started for a pack when it is first asked. Where that cannot be, each of its rules has an error.
    """

    def __init__(self, native: RegoEngine, packs: tuple[ForeignPack, ...], limits: Limits | None = None) -> None:
        self.name, self.version = native.name, native.version
        self._native = native
        self._limits = limits
        self._packs = {rule: pack for pack in packs for rule in pack.rules}
        self._open: dict[str, LocalOpaEngine | Answer] = {}

    def _evaluate(
        self, rules: tuple[str, ...], input_json: bytes, data_json: bytes, group: str | None
    ) -> dict[str, Answer]:
        ours = tuple(rule for rule in rules if rule not in self._packs)
        answers = self._native.evaluate(ours, input_json, data_json, group=group) if ours else {}
        foreign = [rule for rule in rules if rule in self._packs]
        if foreign:
            document, parameters = json.loads(input_json), json.loads(data_json)["parameters"]
            answers |= {rule: self._ask(rule, document, parameters) for rule in foreign}
        return answers

    def _ask(self, rule: str, document: Mapping[str, Any], parameters: Mapping[str, Any]) -> Answer:
        try:
            return self._asked(rule, document, parameters)
        except Exception as cause:  # what other people's Rego does is no trouble of the rules beside it
            return failed(FAILURE, str(cause))

    def _asked(self, rule: str, document: Mapping[str, Any], parameters: Mapping[str, Any]) -> Answer:
        pack = self._packs[rule]
        engine = self._engine(pack)
        if isinstance(engine, Answer):
            return engine
        question = pack.rules[rule]
        given = {name: parameters[name] for name in question.parameters}
        findings: list[dict[str, Any]] = []
        satisfied = True
        records = document["evidence"].get(question.evidence, [])
        for record in records:
            told, error = _of_record(question, engine, record, {**document, "parameters": given})
            if error is not None:
                return error
            findings += told
            satisfied = satisfied and not told
        value = {"applies": [True], "satisfied": [ACCEPTED] if records and satisfied else [], "findings": findings}
        return Answer(AnswerState.VALUE, value)

    def _engine(self, pack: ForeignPack) -> LocalOpaEngine | Answer:
        """The server of a pack, or the answer of all its rules where there is none."""
        if pack.name not in self._open:
            self._open[pack.name] = self._started(pack)
            if isinstance(opened := self._open[pack.name], LocalOpaEngine):
                self.version = f"{self._native.version}, foreign packs: {opened.version} ({opened.program_digest})"
        return self._open[pack.name]

    def _started(self, pack: ForeignPack) -> LocalOpaEngine | Answer:
        try:
            opa = find_opa()
            if opa is None:
                return failed(NO_OPA)
            wrong = check_pack(pack, opa)
            if wrong:
                return failed(FAILURE, "; ".join(f"{path}:{line}: {said}" for path, line, said in wrong))
            return _PackEngine(pack, self._limits)
        except (QuaestorError, OSError) as cause:
            return failed(FAILURE, str(cause))

    def close(self) -> None:
        """Close the engine of our own policies, and end the servers."""
        try:
            self._native.close()
        finally:
            for engine in self._open.values():
                if isinstance(engine, LocalOpaEngine):
                    engine.close()
            self._open.clear()


class _PackEngine(LocalOpaEngine):
    """OPA with one pack, its data, and a rule of ours for each question."""

    def __init__(self, pack: ForeignPack, limits: Limits | None) -> None:
        options = ("--v0-compatible",) if pack.v0 else ()
        super().__init__(_program(pack), limits=limits, options=options, data=canonical_bytes(dict(pack.data)))
        self._client._session.params = {"strict-builtin-errors": "true"}


def _program(pack: ForeignPack) -> Program:
    """The modules as they are, and one of ours that asks: it holds in the older syntax too."""
    lines = ["package quaestor.foreign", ""]
    for rule in sorted(pack.rules.values(), key=lambda item: item.name):
        lines.append(f"{rule.name} := {{")
        lines.append(f'\t"said": [said | said := data.{rule.asked.query}],')
        positive = f"[held | held := data.{rule.asked.positive}]" if rule.asked.positive else "[]"
        lines += [f'\t"positive": {positive},', "}", ""]
    modules = {f"pack/{path}": text for path, text in pack.modules.items()}
    modules["quaestor/foreign.rego"] = "\n".join(lines)
    rules = tuple(sorted(f"quaestor/foreign/{rule.name}" for rule in pack.rules.values()))
    digest = digest_json({"modules": modules, "data": dict(pack.data), "v0": pack.v0})
    return Program(modules=modules, rules=rules, groups={}, digest=digest)


def check_pack(pack: ForeignPack, opa: OpaBinary) -> list[tuple[str, int, str]]:
    """What OPA refuses in a pack, with file (in the pack) and line: what does not compile, and built-ins out of reach.

    Raises QuaestorError where OPA does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="quaestor-foreign-") as name:
        folder = Path(name)
        (folder / "capabilities.json").write_bytes(_capabilities(opa, folder))
        for path, text in pack.modules.items():
            file = folder / "pack" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        if not pack.modules:
            return [("mapping.yaml", 1, "no Rego in the pack")]
        older = ("--v0-compatible",) if pack.v0 else ()
        command = ["check", "--format", "json", "--capabilities", "capabilities.json", *older, "pack"]
        run = run_opa(opa, command, folder, seconds=CHECK_SECONDS)
    if run.returncode == 0:
        return []
    return sorted(set(_told(run.stdout or run.stderr)))


def _told(said: bytes) -> Iterator[tuple[str, int, str]]:
    try:
        errors = json.loads(said)["errors"]
        for error in [item for item in errors if item.get("location")] or errors:
            place = error.get("location") or {}
            file = str(place.get("file", "pack/mapping.yaml")).partition("pack/")[2]
            yield file, int(place.get("row", 1)), clean(str(error["message"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        yield "mapping.yaml", 1, clean(said.decode("utf-8", "replace")) or "`opa check` refuses the pack"


def _capabilities(opa: OpaBinary, folder: Path) -> bytes:
    """What this OPA offers, without what is not the same each time or reaches out of the evaluation."""
    run = run_opa(opa, ["capabilities", "--current"], folder, seconds=CHECK_SECONDS)
    try:
        offered = json.loads(run.stdout)
        kept = [
            item
            for item in offered["builtins"]
            if not item.get("nondeterministic") and not _FORBIDDEN.fullmatch(item["name"])
        ]
        return json.dumps({**offered, "builtins": kept, "allow_net": []}).encode()
    except (ValueError, KeyError, TypeError):
        raise QuaestorError("`opa capabilities` gave no answer to be read") from None


def _of_record(
    question: ForeignRule, engine: LocalOpaEngine, record: Mapping[str, Any], around: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], Answer | None]:
    """What the rule says of one record, as findings, of which a record that is accepted has none; or its error."""
    asked = question.asked
    words = {"rule": asked.query, "pack": asked.pack}

    def finding(message: str, *, gap: bool = False, **values: Any) -> dict[str, Any]:
        told = {"objective": ACCEPTED, "message": message, "values": {**words, **values}, "evidence": record["id"]}
        return {**told, "gap": True} if gap else told

    try:
        given = _filled(asked.input, {**around, "record": record, "content": record["predicate"]})
    except _AbsentError as absent:
        return [finding(NOT_GIVEN, gap=True, field=str(absent))], None
    rule = f"quaestor/foreign/{question.name}"
    parameters = canonical_bytes({"parameters": around["parameters"]})
    answer = engine.evaluate([rule], canonical_bytes(given), parameters)[rule]
    if answer.state is not AnswerState.VALUE:
        return [], answer
    said, positive = answer.value["said"], answer.value["positive"]
    if asked.kind == "allow":
        return _allowed(said, finding)
    # A set that no rule adds to is there all the same: a rule without a value is none that says what denies.
    if not said:
        return [], failed(FAILURE, f"`{asked.query}` has no value")
    texts = _texts(said[0])
    if texts is None:
        return [], failed(FAILURE, f"`{asked.query}` is neither denials nor their absence")
    if texts:
        message = WARNS if asked.kind == "warn" else DENIES
        told = [finding(message, said=text) for text in texts[:MOST_SAID]]
        return [*told, *([finding(MORE, more=len(texts) - MOST_SAID)] if len(texts) > MOST_SAID else [])], None
    if asked.positive is None:
        return [finding(SILENT, gap=True)], None
    words["rule"] = asked.positive
    return _allowed(positive, finding)


def can_have_said(
    question: ForeignRule, document: Mapping[str, Any], parameters: Mapping[str, Any], value: Mapping[str, Any]
) -> bool:
    """Whether an answer on record can be the rule's, as far as that is known without asking it.

    It can where each record is accepted, by a rule that must be true, or has findings of the form that we give them.
    """
    asked = question.asked
    around = {**document, "parameters": {name: parameters[name] for name in question.parameters}}
    records = {record["id"]: record for record in document["evidence"].get(question.evidence, [])}
    findings: dict[str, list[Mapping[str, Any]]] = {name: [] for name in records}
    for finding in value["findings"]:
        if finding.get("evidence") not in findings or finding["values"].get("pack") != asked.pack:
            return False
        findings[finding["evidence"]].append(finding)
    if bool(value["satisfied"]) != (bool(records) and not value["findings"]):
        return False
    return all(
        _possible(asked, {**around, "record": r, "content": r["predicate"]}, findings[n]) for n, r in records.items()
    )


def _possible(asked: Foreign, around: Mapping[str, Any], findings: list[Mapping[str, Any]]) -> bool:
    """The same for one record."""
    said = {(finding["message"], finding["values"].get("rule"), finding.get("gap", False)) for finding in findings}
    try:
        _filled(asked.input, around)
    except _AbsentError:
        return said == {(NOT_GIVEN, asked.query, True)}
    must = asked.query if asked.kind == "allow" else asked.positive
    if not findings:
        return must is not None
    alone = {(REFUSES, must, False), (UNDEFINED, must, True)} if must else {(SILENT, asked.query, True)}
    if said <= alone:
        return True
    denied = {(WARNS if asked.kind == "warn" else DENIES, asked.query, False), (MORE, asked.query, False)}
    return asked.kind != "allow" and said <= denied


def _allowed(said: list[Any], finding: Any) -> tuple[list[dict[str, Any]], Answer | None]:
    """Of a rule that must be true: false speaks against the record, and no value says nothing."""
    if not said:
        return [finding(UNDEFINED, gap=True)], None
    if said[0] is True:
        return [], None
    if said[0] is False:
        return [finding(REFUSES)], None
    return [], failed(CONFLICT, "a rule that must be true is neither true nor false")


def _texts(said: Any) -> list[str] | None:
    """The denials of a rule's value, sorted; None for a value that is no form of them.

    A set or list holds one each, an object one a key, a text is one, and true is one without words.
    """
    if said is False:
        return []
    if said is True:
        return ["(without words)"]
    if isinstance(said, str):
        return [clean(said)]
    if isinstance(said, dict):
        said = list(said.values())
    if not isinstance(said, list):
        return None
    return sorted({_text(item) for item in said})


def _text(item: Any) -> str:
    """The words of one denial: itself, or its `msg` or `message`; else what it holds, as JSON."""
    if isinstance(item, dict):
        for name in ("msg", "message"):
            if isinstance(item.get(name), str):
                return clean(item[name])
    return clean(item if isinstance(item, str) else json.dumps(item, sort_keys=True, ensure_ascii=False))


def clean(text: str) -> str:
    """Text on one line, bounded, in which nothing is hidden."""
    plain = " ".join(_HIDDEN.sub(" ", text[: 4 * LONGEST_SAID]).split(" ")).strip()
    plain = re.sub(" +", " ", plain)
    return (plain if len(plain) <= LONGEST_SAID else f"{plain[: LONGEST_SAID - 1]}…") or "(without words)"


class _AbsentError(Exception):
    """A record lacks what a rule is to be given."""


def _filled(value: Any, around: Mapping[str, Any]) -> Any:
    """`input` of the mapping, with what its places stand for."""
    if isinstance(value, dict):
        return {name: _filled(item, around) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(item, around) for item in value]
    found = _PLACE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    here: Any = around.get(found[1])
    for step in found[2].split(".")[1:]:
        if not isinstance(here, dict) or step not in here:
            raise _AbsentError(value.removeprefix("$content.").removeprefix("$"))
        here = here[step]
    return here
