"""How the datasets of a system stand at gate data-intake, as a snapshot reads it off the ledger: what a liar would have
it leave out, add, or say of something else.
"""

from datetime import date
from typing import Any

import pytest

from evidence.model.predicates.standing import IntakeStanding
from evidence.model.subject import Subject, portfolio_subject, system_subject
from evidence.snapshot.derived import untold
from evidence.snapshot.take import take_snapshot
from tests.worlds.ledgers import Box, derived
from tests.worlds.people import DAY, NOW
from tests.worlds.records import OTHER_DIGEST, SUBJECT, audit, predicate

LOANS, INCOME = f"sha256:{64 * 'f'}", f"sha256:{64 * 'e'}"
DATASET = {"kind": "dataset", "name": "loans.csv", "digest": LOANS}
TYPE = IntakeStanding.TYPE
PERSON = {"id": "mara", "name": "Mara Lind", "role": "model-owner"}
SHEET = {
    "version": "1",
    "sources": ["bank"],
    "collected_how": "own-collection",
    "licence": "own",
    "purposes": ["lending"],
    "classification": "internal",
    "special_category": False,
    "offence_data": False,
    "used_for_bias_work": False,
    "personal": False,
    "personal_attributes": [],
    "phi": False,
    "lawful_basis": "none",
    "consent_status": "not-needed",
    "withdrawn_rows": 0,
    "collected_on": "2026-01-01",
    "owning_unit": "lending",
    "stewards": {"access": PERSON},
    "residency": ["eu"],
    "schema_version": "1",
    "schema_compatibility": "full",
    "retention_class": "training-data",
}


def word(box: Box, outcome: str = "allow", days: int = 4, **more: Any) -> str:
    """A decision of gate data-intake on a dataset."""
    about = {**DATASET, **more.pop("about", {})}
    return box.decided(outcome, NOW - days * DAY, more.pop("gate", "data-intake"), about=about, **more)


def described(box: Box, days: int = 2, *, subject: str = LOANS, content: str = LOANS, **more: Any) -> str:
    record = predicate("dataset-record", **SHEET, content_digest=content)
    return box.add(record, at=NOW - days * DAY, subject=subject, **more)


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
        assert one["gone"] == one["described_since"] == []
        assert "until" not in one

    def test_a_record_that_was_taken_back(self, box: Box) -> None:
        record = box.add(audit(), at=NOW - 5 * DAY)
        word(box, counted=[record])
        box.withdraw(record)
        assert datasets(box)[0]["gone"] == [record]

    @pytest.mark.parametrize("subject", [LOANS, system_subject("mortgage").digest])
    def test_another_description_of_it(self, box: Box, subject: str) -> None:
        """Whoever has a dataset taken in by fine words does not then say what it is."""
        word(box)
        record = described(box, subject=subject)
        assert datasets(box)[0]["described_since"] == [record]

    def test_not_one_of_other_data(self, box: Box) -> None:
        word(box)
        described(box, subject=INCOME, content=INCOME)
        described(box, subject=OTHER_DIGEST, content=LOANS, system="pricing")
        assert datasets(box)[0]["described_since"] == []

    def test_a_waiver_or_a_control_that_was_off_for_a_time(self, box: Box) -> None:
        word(box, waived={"DG-01": "2027-03-01T00:00:00Z", "DG-02": "2027-02-01T00:00:00Z"})
        assert datasets(box)[0]["until"] == "2027-02-01T00:00:00Z"
        word(box, days=3, off=["DG-01"], until=date(2027, 1, 30).isoformat())
        assert datasets(box)[0]["until"] == "2027-01-31T00:00:00Z"
        word(box, days=2, off=["DG-01"])
        assert "until" not in datasets(box)[0]


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
