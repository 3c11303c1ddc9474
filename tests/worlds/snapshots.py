"""Snapshots made in memory, for judging alone: what a store would take, `ledgers` has."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine.bundle.load import Bundle
from evidence.model.predicates.base import Predicate
from evidence.model.record import read_record
from evidence.snapshot.model import Entry, Excluded, LogPosition, PriorDecision, Snapshot
from evidence.trust.envelopes import signature_state
from tests.worlds.people import DAY, NOW, keyring
from tests.worlds.policies import effective
from tests.worlds.records import SUBJECT, envelope, questionnaire, statement


def entry(content: Predicate, signer: str | None = "quaestor", **more: Any) -> Entry:
    made = statement(content, **more)
    record, state = read_record(made), signature_state(envelope(made, signer), keyring())
    return Entry(record=record, signature=state, filed_at=record.envelope.collected_at, log_index=0)


def snapshot(
    *entries: Entry,
    instant: datetime = NOW,
    chosen: bool = False,
    decisions: Sequence[PriorDecision] = (),
    excluded: Sequence[Excluded] = (),
) -> Snapshot:
    return Snapshot(
        subject=SUBJECT,
        instant=instant,
        instant_chosen=chosen,
        entries=tuple(entries),
        excluded=tuple(excluded),
        decisions=tuple(decisions),
        people=f"sha256:{64 * 'f'}",
        log=LogPosition(origin="test.example/log", size=1, root=f"sha256:{64 * 'e'}"),
    )


def papers(*entries: Entry) -> tuple[Entry, ...]:
    """Records with the questionnaire of a system with minimal risk, which every allowance needs."""
    return (entry(questionnaire(), "ana"), *entries)


def prior(gate: str, outcome: str, at: datetime = NOW - DAY, digit: str = "a") -> PriorDecision:
    return PriorDecision.model_validate(
        {
            "id": f"sha256:{64 * digit}",
            "gate": gate,
            "outcome": outcome,
            "instant": at,
            "bundle_digest": f"sha256:{64 * '0'}",
            "parameters_digest": f"sha256:{64 * '0'}",
        }
    )


def on_terms_of(bundle: Bundle, decision: PriorDecision) -> PriorDecision:
    """The earlier decision as made under a bundle and its default parameters."""
    parameters = effective(bundle).digest
    return decision.model_copy(update={"bundle_digest": bundle.digest, "parameters_digest": parameters})
