"""An incident told at its detection and again when it is over: by which account a decision goes, and what it says."""

import json
from datetime import timedelta
from typing import Any

import pytest

from engine.backends.base import RegoEngine
from engine.bundle.load import Bundle, bundle_from_files
from engine.deciding.decide import admitted, by_type, decide
from engine.deciding.relaxations import EarlierRefusalRelaxation, ReplacedEvidenceRelaxation
from evidence.model.predicates.base import Predicate
from evidence.snapshot.model import Entry, Refusal
from reports.words.decisions import exclusion_text, relaxation_text
from tests.worlds.people import DAY, NOW
from tests.worlds.policies import bench_files, effective
from tests.worlds.records import OTHER_DIGEST, predicate
from tests.worlds.snapshots import entry, papers, snapshot

OPENED = {
    "category": "drift-failure",
    "severity": "medium",
    "business_impact": "low",
    "exposed_users": 0,
    "serious_kind": "none",
    "personal_data_breach": False,
    "nonconformity_confirmed": False,
    "misuse_report": False,
    "detected_at": "2026-11-20T06:00:00Z",
    "triage_owner": {"id": "ana", "name": "Ana"},
    "notified": {},
    "affected_nodes": [],
    "evidence_refs": [],
    "timeline": [{"at": "2026-11-20T06:00:00Z", "text": "The alert fired."}],
    "factors": [],
    "corrective_actions": [],
    "rules_updated": [],
}
ACTION = {"text": "Look at the threshold.", "owner": {"id": "ana", "name": "Ana"}, "due_at": "2026-12-01T00:00:00Z"}
CLOSED = {
    **OPENED,
    "exposed_users": 12,
    "affected_nodes": ["model/mortgage-v1"],
    "resolved_at": "2026-11-20T07:00:00Z",
    "timeline": [*OPENED["timeline"], {"at": "2026-11-20T07:00:00Z", "text": "It was over."}],  # type: ignore[misc]
}


def told(content: dict[str, Any], hours: float, signer: str | None = "quaestor", **more: Any) -> Entry:
    """An account that was collected and filed so many hours after the detection."""
    at = NOW - DAY + timedelta(hours=hours)
    issuer = more.pop("issuer", signer or "quaestor")
    return entry(incident(content), signer, at=at, issuer=issuer, **more)


def incident(content: dict[str, Any]) -> Predicate:
    return predicate("incident-record", **content)


def counted(bundle: Bundle, *entries: Entry) -> list[Entry]:
    found, aside = admitted(bundle, snapshot(*entries))
    assert {why.reason for _, why in aside} <= {"superseded"}
    assert len(found) + len(aside) == len(entries)
    return [one for one in entries if one in found]


def test_the_later_account_stands_for_the_earlier(shipped: Bundle) -> None:
    first, second = told(OPENED, 0), told(CLOSED, 2)
    for given in ((first, second), (second, first)):
        assert counted(shipped, *given) == [second]


def test_however_often_it_is_told(shipped: Bundle) -> None:
    accounts = [told({**CLOSED, "exposed_users": 12 + number}, number) for number in range(5)]
    assert counted(shipped, *accounts) == accounts[-1:]


@pytest.mark.parametrize(
    "second",
    [
        told({**CLOSED, "severity": "low"}, 2),
        told({**CLOSED, "timeline": []}, 2),
        told({**CLOSED, "detected_at": "2026-11-20T06:00:01Z"}, 2),
        told({**CLOSED, "category": "bias"}, 2),
        told(CLOSED, 2, "cleo"),
        told(CLOSED, 2, "cleo", issuer="quaestor"),
        told(CLOSED, 2, issuer="somebody-else"),
        told(CLOSED, 2, None, issuer="quaestor"),
        told(CLOSED, 2, "mallory", issuer="quaestor"),
        told(CLOSED, 2, subject=OTHER_DIGEST),
        told(CLOSED, 2, evidence_class="derived"),
        told(CLOSED, -1),
    ],
    ids=[
        "milder",
        "left-out",
        "another-time",
        "another-kind",
        "another-hand",
        "another-key-of-the-same-issuer",
        "another-issuer",
        "unsigned",
        "signed-by-nobody-known",
        "about-something-else",
        "of-another-class",
        "collected-before",
    ],
)
def test_another_account_stands_beside(shipped: Bundle, second: Entry) -> None:
    first = told(OPENED, 0)
    assert counted(shipped, first, second) == [first, second]


def test_nobody_stands_for_what_nobody_signed(shipped: Bundle) -> None:
    first = told(OPENED, 0, None)
    for second in (told(CLOSED, 2, None), told(CLOSED, 2)):
        assert counted(shipped, first, second) == [first, second]


def test_where_the_last_takes_back_what_stands_beside_it_stands_for_the_earlier(shipped: Bundle) -> None:
    first, second = told(OPENED, 0), told(CLOSED, 2)
    last = told({**CLOSED, "timeline": OPENED["timeline"]}, 3)
    assert counted(shipped, first, second, last) == [second, last]
    milder = told({**CLOSED, "severity": "low"}, 3)
    assert counted(shipped, first, second, milder) == [second, milder]
    other = told({**CLOSED, "severity": "low", "resolved_at": "2026-11-20T07:30:00Z"}, 4)
    assert counted(shipped, first, second, milder, other) == [second, milder, other]


def test_a_flood_of_accounts_that_contradict_each_other(shipped: Bundle) -> None:
    """Each is held against the twenty latest ones that stand, so that the cost grows with their number alone."""
    first = told(OPENED, 0)
    shown = [{**OPENED, "dashboard_ref": f"https://example.org/{number}"} for number in range(60)]
    flood = [told(content, 1 + number / 60) for number, content in enumerate(shown)]
    assert counted(shipped, first, *flood) == flood
    last = told({**shown[0], "severity": "high"}, 3)
    assert counted(shipped, first, *flood, last) == [*flood[1:], last]


def test_what_stands_beside_goes_once_an_account_keeps_all_that_was_told(shipped: Bundle) -> None:
    first, milder, whole = told(OPENED, 0), told({**CLOSED, "severity": "low"}, 2), told(CLOSED, 3)
    assert counted(shipped, first, milder, whole) == [whole]


def test_a_decision_names_what_an_account_stands_for(shipped: Bundle, engine: RegoEngine) -> None:
    first, second = told(OPENED, 0), told(CLOSED, 2)
    made = decide(shipped, effective(shipped), snapshot(*papers(first, second)), "incident", engine)
    assert [item.id for item in made.evidence if item.type == "incident-record"] == [second.record.id]
    (aside,) = made.excluded
    assert (aside.id, aside.reason, aside.replaced_by) == (first.record.id, "superseded", second.record.id)
    assert aside.why == "affected_nodes, exposed_users, resolved_at, timeline"
    assert aside.past == "resolved_at, timeline"
    assert second.record.id in exclusion_text(aside)
    relaxation = ReplacedEvidenceRelaxation(subject=first.record.id)
    assert relaxation in made.relaxations
    told_later = "says more of affected_nodes, exposed_users, resolved_at, timeline; what had been already"
    assert told_later in relaxation_text(relaxation, made)


@pytest.mark.parametrize(
    ("at", "past"),
    [("2026-11-20T07:59:00Z", True), ("2026-11-20T08:00:00Z", True), ("2026-11-20T08:01:00Z", False)],
    ids=["before", "as-it-was-given", "after"],
)
def test_what_is_told_only_later_of_times_before_is_said(shipped: Bundle, at: str, past: bool) -> None:
    """The first account, given at eight, left open when a playbook was started. That may be so, or dated back."""
    first = told({**OPENED, "corrective_actions": [ACTION]}, 0)
    begun = {**ACTION, "started_at": "2026-11-20T09:00:00Z"}
    second = told({**OPENED, "corrective_actions": [begun], "acknowledged_at": at}, 2)
    ((_, why),) = admitted(shipped, snapshot(first, second))[1]
    assert why.why == "acknowledged_at, corrective_actions"
    assert why.past == ("acknowledged_at" if past else None)


@pytest.mark.parametrize(
    ("at", "beside"),
    [("2026-11-20T07:59:00Z", True), ("2026-11-20T08:00:00Z", True), ("2026-11-20T08:01:00Z", False)],
    ids=["before", "as-it-was-given", "after"],
)
def test_nobody_was_told_before_an_account_that_names_nobody(shipped: Bundle, at: str, beside: bool) -> None:
    """That map is empty if nobody was told: a notice dated back takes it back."""
    first, second = told(OPENED, 0), told({**OPENED, "notified": {"authorities": at}}, 2)
    assert counted(shipped, first, second) == ([first, second] if beside else [second])


def test_a_refusal_that_went_by_the_earlier_account_is_named(bench: Bundle, engine: RegoEngine) -> None:
    """Not under policies of before, by which that account counts as it did then."""
    first, second = told(OPENED, 0), told(CLOSED, 2)
    name, gone = f"sha256:{64 * '2'}", (first.record.id,)
    refusal = Refusal(id=name, gate="validation", outcome="deny", instant=NOW - DAY, gone=gone)
    seen = snapshot(*papers(first, second)).model_copy(update={"refusals": (refusal,)})
    for bundle, expected in ((bench, [gone]), (of_before(), [])):
        made = decide(bundle, effective(bundle), seen, "validation", engine)
        named = [item.gone for item in made.relaxations if isinstance(item, EarlierRefusalRelaxation)]
        assert named == expected


def test_what_says_the_same_again_is_listed_and_not_on_page_one(shipped: Bundle, engine: RegoEngine) -> None:
    first, second, again = told(OPENED, 0), told(CLOSED, 2), told(CLOSED, 3)
    made = decide(shipped, effective(shipped), snapshot(*papers(first, second, again)), "incident", engine)
    assert {item.id: item.replaced_by for item in made.excluded} == dict.fromkeys(
        (first.record.id, second.record.id), again.record.id
    )
    named = [item.subject for item in made.relaxations if isinstance(item, ReplacedEvidenceRelaxation)]
    assert named == [first.record.id]


def test_a_feed_that_counted_the_earlier_account_has_lost_nothing(shipped: Bundle) -> None:
    first, second, last = told(OPENED, 0), told(CLOSED, 2), told({**CLOSED, "exposed_users": 13}, 25)
    found, aside = admitted(shipped, snapshot(last, second, first))
    (record,) = by_type(shipped, found, aside)["incident-record"]
    assert record["earlier_filed_at"] == ["2026-11-20T08:00:00Z", "2026-11-20T10:00:00Z"]
    assert record["filed_at"] == "2026-11-21T09:00:00Z"


def test_under_policies_of_before_each_account_stands_for_itself() -> None:
    first, second = told(OPENED, 0), told(CLOSED, 2)
    assert counted(of_before(), first, second) == [first, second]


def of_before() -> Bundle:
    files, path = bench_files(), "schemas/incident-record.json"
    schema = {name: item for name, item in json.loads(files[path]).items() if name != "x-retold"}
    return bundle_from_files({**files, path: json.dumps(schema).encode()})
