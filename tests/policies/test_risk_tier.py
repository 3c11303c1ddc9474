"""The risk tier, case by case (policies/risk/tier_cases.yaml): the same answer from every Rego engine that is here."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.backends.base import AnswerState, Program, RegoEngine
from engine.backends.compile import compile_wasm, find_opa
from engine.backends.regorus import RegorusEngine
from engine.backends.wasm import WasmEngine
from engine.bundle.documents import read_yaml
from engine.bundle.vocabulary import STRICTEST_FIRST
from evidence.model.canonical import canonical_bytes, digest_json
from evidence.model.predicates import PREDICATES

POLICIES = Path(__file__).parents[2] / "policies"


def read(path: str) -> Any:
    return read_yaml((POLICIES / path).read_text(encoding="utf-8"), path).value


TABLE = read("risk/tier_cases.yaml")
BASE: dict[str, Any] = TABLE["base"]
CASES: list[dict[str, Any]] = TABLE["cases"]
POINTS = sorted(BASE["annex_iii_answers"])
PARAMETERS = {name: item["default"] for name, item in read("parameters/parameters.yaml")["parameters"].items()}
DECISIVE = sorted(
    set(BASE)
    - {
        "size_class",
        "automated_decision_ground",
        "contest_channels",
        "wp248_criteria",
        "art35_triggers",
        "labelled_anonymous",
        "learns_online",
        "legacy_claimed",
        "faces_scraped",  # asked where faces are compared
        "model_origin",  # asked of who is no provider, and where content is generated
    }
)
OPTIONAL = sorted(
    name for name, field in PREDICATES["risk-questionnaire"].model_fields.items() if not field.is_required()
)
SIGNERS = ["mara", "omar"]
Classify = Callable[..., dict[str, Any]]


def program() -> Program:
    folders = ("risk", "lib")
    modules = {
        str(path.relative_to(POLICIES)): path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted((POLICIES / folder).glob("*.rego"))
        if not path.name.endswith("_test.rego")
    }
    modules["asked.rego"] = (
        "package asked\n\nanswer := data.risk.tier.classify(input.questionnaire)\n\nsystem := data.risk.tier.system\n"
    )
    rules = ("asked/answer", "asked/system")
    return Program(modules=modules, rules=rules, groups={}, digest=digest_json(modules))


@pytest.fixture(scope="module")
def engines() -> Iterator[list[RegoEngine]]:
    asked = program()
    opened: list[RegoEngine] = [RegorusEngine(asked)]
    opa = find_opa()
    if opa is not None:
        opened.append(WasmEngine(asked, compile_wasm(asked, opa)))
    yield opened
    for engine in opened:
        engine.close()


def ask(engines: list[RegoEngine], rule: str, document: dict[str, Any], parameters: dict[str, Any]) -> Any:
    values = {name: value for name, value in parameters.items() if value is not None}
    answers = [
        engine.evaluate([rule], canonical_bytes(document), canonical_bytes({"parameters": values}))[rule]
        for engine in engines
    ]
    for answer in answers:
        assert answer.state is AnswerState.VALUE, answer.detail
    assert len({json.dumps(answer.value, sort_keys=True) for answer in answers}) == 1
    return answers[0].value


@pytest.fixture(scope="module")
def classify(engines: list[RegoEngine]) -> Classify:
    def run(questionnaire: dict[str, Any], now: str = "2026-11-21T00:00:00Z", **parameters: Any) -> Any:
        document = {"now": now, "questionnaire": questionnaire}
        return ask(engines, "asked/answer", document, PARAMETERS | parameters)

    return run


def questionnaire(case: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(BASE) | case.get("facts", {})
    made["annex_iii_answers"] = made["annex_iii_answers"] | {str(k): v for k, v in case.get("answers", {}).items()}
    return {name: value for name, value in made.items() if name not in case.get("without", [])}


def test_questionnaires_are_what_the_schema_allows() -> None:
    for case in CASES:
        if "without" not in case:
            PREDICATES["risk-questionnaire"].model_validate_json(canonical_bytes(questionnaire(case)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any], classify: Classify) -> None:
    asked = {"now": case["now"]} if "now" in case else {}
    answer = classify(
        questionnaire(case) | dict.fromkeys(("reviewers", "signers"), case.get("signers", SIGNERS)),
        **asked,
        **case.get("parameters", {}),
    )
    expected = dict(case["expect"])
    reason = expected.pop("reason", "")
    assert {name: answer[name] for name in expected} == expected
    assert any(reason in text for text in answer["reasons"])
    assert answer["path"]


@pytest.mark.parametrize("point", POINTS)
def test_each_annex_iii_point_alone_is_high_risk(point: str, classify: Classify) -> None:
    traits = {"categorised_traits": ["age"]} if point == "1b" else {}
    facts = {"deployer_kind": "private-public-service", **traits}
    answer = classify(questionnaire({"facts": facts, "answers": {point: "yes"}}))
    assert answer["tier"] == "high-annex-iii"
    written = point if len(point) == 1 else f"{point[0]}({point[1]})"
    told = ["Art 50(3)"] if point in ("1b", "1c") else []
    assert answer["articles"] == [f"Annex III {written}", *told, "Art 6(2)"]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("others", ["no", "yes"])
def test_an_unanswered_point_is_undetermined(point: str, others: str, classify: Classify) -> None:
    # Emotions beside work or education are a practice of Art 5, which stands whatever is not answered.
    made = questionnaire({"answers": dict.fromkeys(POINTS, others) | {"1c": "no"}})
    del made["annex_iii_answers"][point]
    answer = classify(made)
    assert answer["tier"] == "undetermined"
    assert f"Annex III point {point} is not answered" in answer["reasons"]


@pytest.mark.parametrize("fact", DECISIVE)
def test_an_unanswered_fact_is_undetermined(fact: str, classify: Classify) -> None:
    for answers in ({}, {"5b": "yes"}):
        made = questionnaire({"answers": answers, "without": [fact]})
        answer = classify(made)
        assert answer["tier"] == "undetermined"
        assert f"{fact} is not answered" in answer["reasons"]


@pytest.mark.parametrize("fact", OPTIONAL)
def test_leaving_an_optional_answer_out_gives_no_milder_tier(fact: str, engines: list[RegoEngine]) -> None:
    """No tier that is told falls but to undetermined, and no role of the Act is lost."""
    for case in CASES:
        made = questionnaire(case) | dict.fromkeys(("reviewers", "signers"), case.get("signers", SIGNERS))
        if fact not in made or (made["biometric_kind"] == "none" and fact == "categorised_traits"):
            continue
        document = {"now": case.get("now", "2026-11-21T00:00:00Z"), "questionnaire": made}
        less = document | {"questionnaire": {name: value for name, value in made.items() if name != fact}}
        parameters = PARAMETERS | case.get("parameters", {})
        full, left = (ask(engines[:1], "asked/answer", asked, parameters) for asked in (document, less))
        if full["tier"] != "undetermined" and left["tier"] != "undetermined":
            assert STRICTEST_FIRST.index(left["tier"]) <= STRICTEST_FIRST.index(full["tier"]), case["name"]
            assert "provider" not in full["roles"] or "provider" in left["roles"], case["name"]


def test_nothing_answered_is_undetermined(classify: Classify) -> None:
    assert classify({})["tier"] == "undetermined"


def test_points_that_are_not_configured_are_undetermined(classify: Classify) -> None:
    assert classify(questionnaire({}), annex_iii_points=None)["tier"] == "undetermined"
    assert classify(questionnaire({}), annex_iii_points=[])["tier"] == "undetermined"


def record(identity: str, case: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"sha256:{identity * 64}", "predicate": questionnaire(case)}


def system(engines: list[RegoEngine], *records: dict[str, Any]) -> Any:
    document = {"now": "2026-11-21T00:00:00Z", "evidence": {"risk-questionnaire": list(records)}}
    return ask(engines, "asked/system", document, PARAMETERS)


def test_a_system_without_a_questionnaire_is_undetermined(engines: list[RegoEngine]) -> None:
    assert system(engines)["tier"] == "undetermined"
    document = {"now": "2026-11-21T00:00:00Z", "evidence": {}}
    assert ask(engines, "asked/system", document, PARAMETERS)["tier"] == "undetermined"


def test_a_system_takes_the_strictest_of_its_questionnaires(engines: list[RegoEngine]) -> None:
    mild = record("1", {"facts": {"roles": ["importer"], "us_flags": ["hipaa-phi"], "interacts_with_persons": True}})
    high = record("2", {"answers": {"5b": "yes"}, "facts": {"rebranded": True}})
    answer = system(engines, high, mild)
    assert answer["tier"] == "high-annex-iii"
    assert "annex-iii: 5b" in answer["path"]
    assert answer["roles"] == ["controller", "deployer", "importer", "provider"]
    assert answer["overlays"] == ["transparency", "us-phi"]
    assert answer["transparency"] is True
    assert answer["questionnaires"] == [mild["id"], high["id"]]
    unknown = record("3", {"without": ["profiling"]})
    assert system(engines, high, mild, unknown)["tier"] == "undetermined"
    banned = record("4", {"facts": {"biometric_kind": "emotion", "context": "workplace"}})
    assert system(engines, high, banned, unknown, mild)["tier"] == "prohibited"


def test_a_claim_counts_once_its_reviewer_has_filed_the_same(engines: list[RegoEngine]) -> None:
    claim = {
        "claim": "obvious-to-persons",
        "reason": "labelled robot arm",
        "reviewed_by": {"id": "omar", "name": "Omar"},
    }
    case = {"facts": {"interacts_with_persons": True, "notice_exception": claim}}
    by = {"state": "verified", "kind": "person", "roles": []}
    mine = record("1", case) | {"digest": "sha256:d", "signature": by | {"signer": "mara"}}
    omar = by | {"signer": "omar", "roles": ["compliance"]}
    second = record("2", case) | {"digest": "sha256:d", "signature": omar}
    owner = second | {"signature": omar | {"roles": ["business-owner"]}}
    assert system(engines, mine, second)["tier"] == "minimal"
    assert system(engines, mine, owner)["tier"] == "limited"
    assert system(engines, mine)["tier"] == "limited"
    assert system(engines, second)["tier"] == "limited"
    assert system(engines, mine, second | {"digest": "sha256:e"})["tier"] == "limited"
    assert system(engines, mine, second | {"signature": by | {"signer": "mara"}})["tier"] == "limited"
    assert system(engines, mine, second | {"signature": omar | {"kind": "machine"}})["tier"] == "limited"


@pytest.mark.parametrize(
    "field", ["lawful_exception", "medical_or_safety_ground", "notice_exception", "marking_exception"]
)
@pytest.mark.parametrize("given", ["n/a", "", True, [], {}, {"claim": 1}, {"claim": "obvious-to-persons"}])
def test_free_text_lifts_nothing(field: str, given: Any, classify: Classify) -> None:
    """Such content does not come through the door; the policy does not rely on that."""
    case = {
        "facts": {
            "interacts_with_persons": True,
            "generates": ["text"],
            "model_origin": "third-party",
            "biometric_kind": "emotion",
        },
        "answers": {"1c": "yes"},
    }
    made = questionnaire(case) | {field: given, "reviewers": SIGNERS, "signers": SIGNERS}
    assert {"Art 50(1)", "Art 50(2)", "Art 50(3)"} <= set(classify(made)["articles"])
    at_work = made | {"context": "workplace"}
    assert classify(at_work)["tier"] == "prohibited"


def test_roles_that_one_questionnaire_leaves_open_are_open_for_the_system(engines: list[RegoEngine]) -> None:
    plain = record("1", {})
    none = record("2", {"facts": {"scope_trigger": "output-used-in-eu", "roles": ["controller"]}})
    assert system(engines, plain)["roles"] == ["deployer"]
    assert system(engines, plain, none)["roles"] == []
