"""Format 1 of the decision body: data and no sentence of the engine's; another format is refused by its number."""

import json
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from engine.backends.base import RegoEngine
from engine.bundle.load import Bundle
from engine.deciding import relaxations, verdict
from engine.deciding.decide import decide
from engine.deciding.verdict import Decided, Decision, read_decision
from evidence.model.errors import EvidenceError
from evidence.snapshot.model import Excluded
from tests.engine.test_decide import ENTRIES, GATES, GOOD
from tests.worlds.people import DAY, NOW
from tests.worlds.policies import effective
from tests.worlds.records import audit, high_questionnaire, waiver
from tests.worlds.snapshots import entry, papers, prior, snapshot

OVERLAY = "parameters: {section5_literal: true}\ndisable: {BEN-07: measured by another team until spring}"
DETAIL = "these words of the snapshot stand in no decision"
GONE = [
    Excluded(id=f"sha256:{64 * str(n)}", type="fairness-audit", reason=reason, detail=DETAIL, **more)  # type: ignore[arg-type]
    for n, (reason, more) in enumerate(
        (
            ("withdrawn", {"by": "ana", "at": NOW, "why": "wrong file", "signed": False}),
            ("erased", {"by": "ana", "at": NOW, "why": "on request"}),
            ("expired", {"until": NOW}),
            ("not-yet-collected", {"at": NOW}),
            ("not-yet-filed", {"at": NOW}),
            ("unsigned", {"keyid": "0123"}),
            ("superseded", {"replaced_by": f"sha256:{64 * 'f'}"}),
            ("unreadable", {}),
            ("foreign", {}),
        )
    )
]
SEEN = {
    "much": snapshot(*ENTRIES, excluded=GONE, chosen=True, decisions=[prior("validation", "deny")]),
    "nothing": snapshot(),
    "good": snapshot(*GOOD),
    "breach": snapshot(*papers(entry(audit(51)))),
    "waived": snapshot(*papers(entry(audit(51)), entry(waiver(), "ben"))),
    "refused": snapshot(*papers(entry(audit(51)), entry(waiver(approver={"id": "cleo", "name": "C"}), "cleo"))),
    "clash": snapshot(*papers(entry(audit(7)))),
    "high": snapshot(entry(high_questionnaire(), "ana"), entry(audit(51), at=NOW - 30 * DAY)),
}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def enumerations(annotation: Any) -> Iterator[str]:
    """The values that a field's type lists."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (str(item.value) for item in annotation)
    for item in get_args(annotation):
        if isinstance(item, str):
            yield item
        else:
            yield from enumerations(item)


def vocabulary() -> set[str]:
    """Names of fields and values of enumerations of every model that a body is made of."""
    words = {"https://quaestor.dev/decision/v1", "v1", "schema"}
    for model in (*vars(verdict).values(), *vars(relaxations).values()):
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, field in model.model_fields.items():
                words |= {name, *enumerations(field.annotation)}
    return words


ID = re.compile(r"(sha256:)?[0-9a-f]{64}|\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("name", SEEN)
def test_every_string_of_a_body_is_an_id_an_enumeration_or_a_text_of_bundle_or_evidence(
    bench: Bundle, engine: RegoEngine, name: str, gate: str
) -> None:
    seen = SEEN[name]
    policies = " ".join(re.sub(r"\s*\n#?\s*", " ", data.decode()) for data in bench.files.values())
    world_ = {**seen.to_json(), "excluded": [e.model_copy(update={"detail": ""}).to_json() for e in seen.excluded]}
    given = {*strings(world_), *strings(OVERLAY.replace(": ", "|").split("|")), gate}
    made = decide(bench, effective(bench, OVERLAY), seen, gate, engine)
    known = {*vocabulary(), *given, "measured by another team until spring"}
    body = made.to_json()
    body["risk"] |= {
        "path": [],
        "reasons": [],
        "articles": [],
    }  # put together by the bundle's risk policy, not by the engine
    # The evidence that a control lacks is named by its type, a finding's path by the input's own names.
    odd = [
        text
        for text in strings(body)
        if text not in known
        and not ID.fullmatch(text)
        and re.sub(r"\s+", " ", text) not in policies
        and not re.fullmatch(r"evidence/[a-z-]+", text)
    ]
    assert odd == []
    assert DETAIL not in made.body.decode()


def test_the_words_that_the_walk_allows_are_no_sentences() -> None:
    assert [word for word in vocabulary() if " " in word] == []


DIGEST = f"sha256:{64 * 'a'}"


class TestFormat:
    def body(self, bench: Bundle, engine: RegoEngine) -> dict[str, Any]:
        return decide(bench, effective(bench), snapshot(*GOOD), "validation", engine).to_json()

    def test_a_body_says_its_format_and_reads_back(self, bench: Bundle, engine: RegoEngine) -> None:
        body = self.body(bench, engine)
        assert (body["schema"], body["format"]) == ("https://quaestor.dev/decision/v1", 1)
        assert read_decision(body, where="x") == Decision.model_validate(read_decision(body, where="x"))

    def test_one_without_a_format_is_refused_as_older(self, bench: Bundle, engine: RegoEngine) -> None:
        body = {name: value for name, value in self.body(bench, engine).items() if name != "format"}
        with pytest.raises(EvidenceError, match=r"decision\.json: .*written by a version before format 1"):
            read_decision(body, where="decision.json")

    @pytest.mark.parametrize("other", [0, 2, True, "1", None, [1]])
    def test_one_of_another_format_is_refused_by_its_number(
        self, bench: Bundle, engine: RegoEngine, other: object
    ) -> None:
        with pytest.raises(EvidenceError, match="this version reads format 1"):
            read_decision({**self.body(bench, engine), "format": other}, where="x")

    @pytest.mark.parametrize("other", [None, 0, 2, 1.0, True, "1"])
    def test_read_with_its_note_it_is_held_to_the_same(self, bench: Bundle, engine: RegoEngine, other: object) -> None:
        note = {
            "decision_id": DIGEST, "decision": self.body(bench, engine), "engine": {"name": "wasm", "version": "1"},
            "recorded_at": "2026-11-21T12:00:00Z", "snapshot": DIGEST, "materials": DIGEST,
        }  # fmt: skip
        assert Decided.from_json(note).decision == read_decision(note["decision"], where="x")
        body = {name: value for name, value in self.body(bench, engine).items() if name != "format"}
        odd = json.dumps({**note, "decision": body if other is None else {**body, "format": other}})
        with pytest.raises(ValidationError):
            Decided.model_validate_json(odd)

    @pytest.mark.parametrize("body", [None, [], "text", {"format": 1}])
    def test_what_is_no_body_is_refused(self, body: object) -> None:
        with pytest.raises(EvidenceError):
            read_decision(body, where="x")

    @pytest.mark.parametrize(
        "reasons",
        [
            [{"kind": "control", "control": "BEN-99", "status": "fail"}],
            [{"kind": "control", "control": "BEN-01", "status": "fail", "finding": 0}],
            [{"kind": "control", "control": "BEN-01", "status": "fail", "finding": -1}],
            [{"kind": "gate", "gate": "production", "state": "denied"}],
            ["BEN-01: too many"],
            [{"kind": "sentence", "text": "x"}],
        ],
    )
    def test_reasons_point_to_what_is_there(self, bench: Bundle, engine: RegoEngine, reasons: list[Any]) -> None:
        with pytest.raises(EvidenceError, match="does not fit"):
            read_decision({**self.body(bench, engine), "reasons": reasons}, where="x")
