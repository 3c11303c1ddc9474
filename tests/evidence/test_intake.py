"""How the datasets of a system stand at gate data-intake, as a snapshot reads it off the ledger: what a liar would have
it leave out, add, or say of something else.
"""

from datetime import date
from typing import Any

import pytest

from evidence.model.predicates.base import Predicate
from evidence.model.predicates.standing import IntakeStanding
from evidence.model.subject import Subject, portfolio_subject, system_subject
from evidence.snapshot.derived import untold
from evidence.snapshot.intake import intake_standing
from evidence.snapshot.model import Snapshot
from evidence.snapshot.take import take_snapshot
from evidence.snapshot.view import View
from tests.worlds.ledgers import Box, derived
from tests.worlds.people import DAY, NOW
from tests.worlds.records import DATASHEET, DIGEST, OTHER_DIGEST, SUBJECT, audit, predicate

LOANS, INCOME = f"sha256:{64 * 'f'}", f"sha256:{64 * 'e'}"
DATASET = {"kind": "dataset", "name": "loans.csv", "digest": LOANS}
TYPE = IntakeStanding.TYPE


def word(box: Box, outcome: str = "allow", days: int = 4, **more: Any) -> str:
    """A decision of gate data-intake on a dataset."""
    about = {**DATASET, **more.pop("about", {})}
    return box.decided(outcome, NOW - days * DAY, more.pop("gate", "data-intake"), about=about, **more)


def described(box: Box, days: int = 2, *, subject: str = LOANS, content: str = LOANS, **more: Any) -> str:
    record = predicate("dataset-record", **DATASHEET, content_digest=content)
    return box.add(record, at=NOW - days * DAY, subject=subject, **more)


def processing(purpose: str) -> Predicate:
    paper = {"entry_id": "7", "systems": ["mortgage"], "version_family": "mortgage", "feature_necessity": {}}
    return predicate("processing-record", **paper, purposes=[purpose])


def datasets(box: Box, **more: Any) -> list[dict[str, Any]]:
    (content,) = derived(box.take(**more), TYPE)
    found: list[dict[str, Any]] = content["datasets"]
    return found


class TestWhichWordCounts:
    def test_the_last_one_on_each_dataset(self, box: Box) -> None:
        assert datasets(box) == []
        word(box, "deny", 5)
        word(box, "allow", 4, digit="b")
        word(box, "deny", 3, digit="c", about={"digest": INCOME, "name": "income.csv"})
        assert [(one["name"], one["outcome"]) for one in datasets(box)] == [
            ("income.csv", "deny"),
            ("loans.csv", "allow"),
        ]

    def test_a_later_refusal(self, box: Box) -> None:
        word(box, "allow", 4)
        word(box, "indeterminate", 3)
        assert [one["outcome"] for one in datasets(box)] == ["indeterminate"]

    @pytest.mark.parametrize(
        "more",
        [
            {"chosen": True},
            {"signer": "ana"},
            {"signer": None},
            {"gate": "validation"},
            {"about": {"kind": "model"}},
            {"about": {"system_id": "pricing"}},
        ],
        ids=["a preview", "a person's", "nobody's", "another gate", "a model", "another system"],
    )
    @pytest.mark.parametrize("former", [False, True])
    def test_no_other(self, box: Box, more: dict[str, Any], former: bool) -> None:
        word(box, "allow", 3, former=former, **more)
        assert datasets(box) == []
        word(box, "deny", 3)
        assert [one["outcome"] for one in datasets(box)] == ["deny"]

    @pytest.mark.parametrize("former", [False, True])
    def test_nor_does_one_hide_what_was_said_before(self, box: Box, former: bool) -> None:
        word(box, "deny", 4, former=former)
        word(box, "allow", 3, chosen=True, former=former)
        word(box, "allow", 3, signer="ana", former=former)
        assert [one["outcome"] for one in datasets(box)] == ["deny"]

    @pytest.mark.parametrize("signer", ["ana", None])
    def test_a_refusal_counts_whoever_signed_it(self, box: Box, signer: str | None) -> None:
        """Who has a key removed for the time of a refusal gets back no allowance of before it."""
        word(box, "allow", 4)
        word(box, "deny", 3, signer=signer)
        assert [one["outcome"] for one in datasets(box)] == ["deny"]

    def test_of_the_instant_that_is_asked_about(self, box: Box) -> None:
        word(box, "allow", 4)
        word(box, "deny", 2)
        then = take_snapshot(box.store, SUBJECT, NOW - 3 * DAY, instant_chosen=True)
        assert [one["outcome"] for one in derived(then, TYPE)[0]["datasets"]] == ["allow"]


class TestWhatEndsIt:
    def test_nothing_where_nothing_happened(self, box: Box) -> None:
        record = described(box, 5)
        word(box, counted=[record])
        (one,) = datasets(box)
        assert one["gone"] == one["unseen"] == []
        assert "until" not in one

    def test_a_record_that_was_taken_back(self, box: Box) -> None:
        record = box.add(audit(), at=NOW - 5 * DAY)
        word(box, counted=[record])
        box.withdraw(record)
        assert datasets(box)[0]["gone"] == [record]

    def test_a_record_of_the_system_that_a_person_replaced(self, box: Box) -> None:
        """To replace a paper takes it back as to withdraw it does, and one person alone may."""
        system = system_subject("mortgage").digest
        paper = box.add(processing("credit decisions"), "ben", at=NOW - 5 * DAY, subject=system, issuer="ben")
        word(box, counted=[paper])
        assert datasets(box)[0]["gone"] == []
        box.add(processing("marketing"), "ben", at=NOW - 2 * DAY, subject=system, issuer="ben")
        assert datasets(box)[0]["gone"] == [paper]

    def test_a_record_that_was_taken_back_while_it_was_decided(self, box: Box) -> None:
        """The snapshot was taken before, and the decision logged after."""
        record = box.add(audit(), at=NOW - 5 * DAY)
        box.withdraw(record, at=NOW - 4 * DAY)
        word(box, counted=[record])
        assert datasets(box)[0]["gone"] == [record]

    def test_a_description_that_was_filed_while_it_was_decided(self, box: Box) -> None:
        seen, left_out, unseen = (described(box, days) for days in (7, 6, 5))
        word(box, counted=[seen], left_out=[left_out])
        assert datasets(box)[0]["unseen"] == [unseen]

    def test_whatever_else_was_filed_about_it(self, box: Box) -> None:
        word(box, about={"digest": OTHER_DIGEST})
        worse = predicate(
            "data-quality-report", stage="ingestion", dataset_digest=OTHER_DIGEST, checks=[], failed_checks=[]
        )
        brought = {"evidence_class": "ingested", "at": NOW - 3 * DAY}
        about = box.add(worse, subject=OTHER_DIGEST, **brought)
        of_system = box.add(worse, subject=system_subject("mortgage").digest, **brought)
        assert datasets(box)[0]["unseen"] == sorted([about, of_system])

    def test_not_what_a_run_of_a_model_measured_on_it(self, box: Box) -> None:
        """Gate validation judges that; else each run would ask for the data to be taken in anew."""
        word(box, about={"digest": OTHER_DIGEST})
        box.add(audit(), subject=OTHER_DIGEST, at=NOW - 3 * DAY)
        assert datasets(box)[0]["unseen"] == []
        typed = box.add(audit(), "ana", subject=OTHER_DIGEST, at=NOW - 2 * DAY)
        nobodys = box.add(audit(), None, subject=OTHER_DIGEST, at=NOW - 1 * DAY)
        assert datasets(box)[0]["unseen"] == sorted([typed, nobodys])

    def test_another_tier_is_told(self, box: Box) -> None:
        word(box, risk={"tier": "limited", "roles": ["deployer"]})
        assert [(one["tier"], one["roles"]) for one in datasets(box)] == [("limited", ["deployer"])]

    @pytest.mark.parametrize("subject", [LOANS, system_subject("mortgage").digest])
    def test_another_description_of_it(self, box: Box, subject: str) -> None:
        """Whoever has a dataset taken in by fine words does not then say what it is."""
        word(box)
        record = described(box, subject=subject)
        assert datasets(box)[0]["unseen"] == [record]

    def test_not_one_of_other_data(self, box: Box) -> None:
        word(box)
        described(box, subject=INCOME, content=INCOME)
        described(box, subject=OTHER_DIGEST, content=LOANS, system="pricing")
        assert datasets(box)[0]["unseen"] == []

    def test_a_waiver_or_a_control_that_was_off_for_a_time(self, box: Box) -> None:
        word(box, waived={"DG-01": "2027-03-01T00:00:00Z", "DG-02": "2027-02-01T00:00:00Z"})
        assert datasets(box)[0]["until"] == "2027-02-01T00:00:00Z"
        word(box, days=3, off=["DG-01"], until=date(2027, 1, 30).isoformat())
        assert datasets(box)[0]["until"] == "2027-01-31T00:00:00Z"
        word(box, days=2, off=["DG-01"])
        assert "until" not in datasets(box)[0]


def test_of_a_decision_on_something_else_none_is_opened(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither those of a gate of somebody's own, nor, where leaves do not tell the gate, more than one a version."""
    word(box)
    for place in range(3):
        box.decided("allow", NOW - 2 * DAY, "our-own", digit="b", signer="ana" if place else "quaestor")
        box.decided("allow", NOW - DAY, "validation", digit="c", former=True, about={"digest": OTHER_DIGEST})
    opened: list[str] = []
    read = View.open
    monkeypatch.setattr(View, "open", lambda view, entry: opened.append(entry.kind) or read(view, entry))
    view = View(box.store.holdings(DIGEST, "mortgage"), box.store.payload, SUBJECT, box.clock, instant_chosen=False)
    intake_standing(view, [], [])
    assert opened.count("decision") == 2


def test_a_record_that_somebody_filed_stands_for_none(box: Box) -> None:
    """Who holds the installation's key files one that says all is well, and leaves out what the store says."""
    word(box, "deny")
    forged = {**datasets(box)[0], "outcome": "allow"}
    box.add(predicate(TYPE, datasets=[forged]), at=NOW - DAY / 2)
    taken = box.take()
    assert [one["outcome"] for entry in told(taken) for one in entry["datasets"]] == ["deny", "allow"]
    left_out = tuple(entry for entry in taken.entries if not entry.derived_here)
    assert TYPE not in untold(taken.model_copy(update={"entries": left_out}))


def told(taken: Snapshot) -> list[dict[str, Any]]:
    """What counts of the type: first what the store made."""
    entries = [entry for entry in taken.entries if entry.record.type == TYPE]
    return [entry.record.content for entry in sorted(entries, key=lambda entry: not entry.derived_here)]


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (SUBJECT, True),
        (system_subject("mortgage"), True),
        (portfolio_subject(), False),
        (Subject.from_json({**DATASET, "system_id": "mortgage"}), False),
    ],
    ids=["model", "system", "portfolio", "dataset"],
)
def test_of_whom_it_is_told(box: Box, subject: Subject, told: bool) -> None:
    snapshot = box.take(subject=subject)
    assert (derived(snapshot, TYPE) != []) is told
    assert (TYPE in untold(snapshot)) is not told
