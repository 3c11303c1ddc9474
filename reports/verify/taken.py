"""The snapshot taken again, by the code that took it in the store, out of the entries and envelopes of the pack.

So a holder of all keys cannot have a record count that had expired, was collected later, is another system's, was
withdrawn or superseded; nor leave one out that counts, nor invent an earlier decision or what the store says of itself.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from evidence.model.base import CLOCKS_DIFFER, format_instant
from evidence.model.canonical import digest_bytes
from evidence.model.errors import QuaestorError, StoreError
from evidence.model.predicates.log import AuditLog
from evidence.model.predicates.standing import IntakeStanding
from evidence.model.subject import system_digest
from evidence.snapshot import model
from evidence.snapshot.derived import untold
from evidence.snapshot.model import Excluded, PriorDecision, Snapshot
from evidence.snapshot.take import forgotten_makers, snapshot_of
from evidence.snapshot.view import View, as_seen
from evidence.store.entry import Entry
from evidence.store.held import Holdings, Listing
from evidence.trust import map as verifiable
from reports.verify.checks import Contents, FailedCheck
from reports.verify.complete import listed_entries
from reports.words.wording import asked_before, plural

MAX_DELAY = timedelta(minutes=10)
"""How long after its instant a decision may be logged that says it was made at the present."""


def taken(contents: Contents) -> str:
    """The snapshot follows from the listed entries by the rules of a store."""
    snapshot = contents.snapshot
    entries = listed_entries(contents.proof.entries)
    check_present(snapshot, entries.get(contents.proof.index))
    payload = _payloads(contents)
    log = snapshot.log.checkpoint
    try:
        seen, gone = as_seen(_holdings(contents, entries), log, payload)
        view = View(seen, payload, snapshot.subject, snapshot.instant, instant_chosen=snapshot.instant_chosen)
        unlisted = _unlisted(view, snapshot)
        again = snapshot_of(view, unlisted, untold(snapshot))
    except QuaestorError as cause:
        raise FailedCheck(f"it cannot be taken again: {cause}") from None
    if again.renewal_assumed != snapshot.renewal_assumed:
        raise FailedCheck("what it assumes of the register of people is not what the register's own expiry asks for")
    # What was erased since cannot be taken again, nor what it had replaced.
    erased = {item.id for item in snapshot.excluded if gone & {item.id, item.replaced_by or ""}}
    _same_records(snapshot, again, erased)
    _same_excluded(snapshot, again, erased)
    _same_decisions(snapshot, again, gone)
    _same_makers(snapshot, again, erased=bool(gone))
    # Accounts that the decision counted are not gone: releases of before did not look for later ones.
    _same_refusals(snapshot, again, gone | {item.id for item in contents.decision.evidence})
    detail = (
        f"taken again by the store's rules, it is the same: {plural(len(again.entries), 'record')} that count, "
        f"{len(again.excluded)} excluded, {asked_before(len(again.decisions), len(again.refusals or ()))}"
    )
    if unlisted:
        told = ", ".join(sorted(unlisted))[:500]
        detail += f"; erased of other versions, and not listed by the release that took it: {told}"
    if gone:
        _same_kinds(snapshot, again)
        _same_intake(snapshot, again, erased | gone)
        return f"{detail}; not checked, since they were erased later: {', '.join(sorted(gone))[:500]}"
    _same_derived(snapshot, again)
    return detail


def _unlisted(view: View, snapshot: Snapshot) -> frozenset[str]:
    """Erased records of other versions that an earlier release did not list, nor knew to keep whom they named.

    The erasures of such a release name nobody. Where one names who made a version, or the snapshot lists another, a
    release took it that lists them all, and one that is not there was left out.
    """
    listed = {item.id for item in snapshot.excluded}
    about = {leaf.id for leaf in view.holdings.about("record")}
    forgotten = forgotten_makers(view, about).keys()
    named = any(view.erased[name].trainer or view.erased[name].builder for name in forgotten)
    return frozenset() if named or forgotten & listed else frozenset(forgotten)


def check_present(snapshot: Snapshot, decision: Entry | None) -> None:
    """Raise FailedCheck where a decision that says it was made at the present was logged at another time."""
    if decision is None:
        raise FailedCheck("the entry of the decision is not among those that are listed")
    # A clock may be set back a little between the two, as the ledger lets it.
    least = -timedelta(seconds=CLOCKS_DIFFER)
    if not snapshot.instant_chosen and not least <= decision.at - snapshot.instant <= MAX_DELAY:
        raise FailedCheck(
            f"the decision says that it was made at the present, {format_instant(snapshot.instant)}, and the ledger "
            f"took it in at {format_instant(decision.at)}"
        )


def _payloads(contents: Contents) -> Callable[[Entry], bytes]:
    """Envelopes by their digest, as a store keeps them: what was signed, and by whom, is what the leaf was made of."""
    listed = (item.envelope.encode() for item in contents.proof.entries if item.envelope is not None)
    known = {digest_bytes(envelope): envelope for envelope in (*contents.evidence, *contents.register, *listed)}

    def payload(entry: Entry) -> bytes:
        if entry.envelope not in known:
            raise StoreError(f"the {entry.kind} of entry {entry.index} is not attached as it was filed: {entry.id}")
        return known[entry.envelope]

    return payload


def _holdings(contents: Contents, entries: Mapping[int, Entry]) -> Holdings:
    """The listings of the proof, which the check `complete` has verified, as a store gives them."""
    proof = verifiable.Proof(None, ())
    return Holdings(
        note=contents.proof.checkpoint,
        checkpoint=contents.snapshot.log.checkpoint,
        entries=tuple(entries[index] for index in sorted(entries)),
        inclusion=(),
        listings=tuple(Listing(item.digest, item.entries, proof) for item in contents.proof.listings),
        system=system_digest(contents.snapshot.subject.system_id),
        last_at=None,
    )


def _same_records(snapshot: Snapshot, again: Snapshot, erased: Collection[str]) -> None:
    counted, known = _counted(snapshot), _counted(again)
    excluded = {item.id: item for item in again.excluded}
    for name, entry in counted.items():
        if name in excluded:
            raise FailedCheck(f"record {name} counts in the snapshot, and it is {_why(excluded[name])}")
        if name not in known:
            raise FailedCheck(f"record {name} counts in the snapshot, and the ledger has none about the subject")
        if entry != known[name]:
            raise FailedCheck(f"record {name}, its signature or its place in the ledger is not as the snapshot says")
    if absent := sorted(known.keys() - counted.keys() - set(erased)):
        raise FailedCheck(f"record {absent[0]} counts, and the snapshot leaves it out")


def _counted(snapshot: Snapshot) -> dict[str, model.Entry]:
    return {entry.record.id: entry for entry in snapshot.entries if not entry.derived_here}


def _why(item: Excluded) -> str:
    return f"{item.reason}: {item.detail}"


def _same_excluded(snapshot: Snapshot, again: Snapshot, erased: Collection[str]) -> None:
    """What is excluded is so for the same reason; the words of the reason are no part of it."""
    stated, known = (
        {item.id: item.model_copy(update={"detail": ""}) for item in one.excluded} for one in (snapshot, again)
    )
    for name in stated.keys() - known.keys() - set(erased):
        raise FailedCheck(f"record {name} is said to be {stated[name].reason}, and the ledger does not bear that out")
    for name, item in known.items():
        if name not in erased and stated.get(name) != item:
            said = stated[name].reason if name in stated else "none of the subject's"
            raise FailedCheck(f"record {name} is {item.reason}, and not as the snapshot says ({said})")


def _same_decisions(snapshot: Snapshot, again: Snapshot, gone: Collection[str]) -> None:
    stated, known = ({item.gate: _but(item, gone) for item in one.decisions} for one in (snapshot, again))
    for gate in sorted(stated.keys() | known.keys()):
        if stated.get(gate) != known.get(gate) or len(stated) < len(snapshot.decisions):
            found = known[gate].outcome if gate in known else "none"
            said = stated[gate].outcome if gate in stated else "none"
            raise FailedCheck(f"the ledger's last decision at gate {gate[:80]} is {found}, the snapshot says {said}")


def _but(item: PriorDecision, gone: Collection[str]) -> PriorDecision:
    """The decision without the records that were erased only after the snapshot was taken."""
    return item.model_copy(update={"gone": tuple(name for name in item.gone or () if name not in gone) or None})


def _same_makers(snapshot: Snapshot, again: Snapshot, *, erased: bool) -> None:
    """Who made versions of the system is as the ledger has it; records erased since may have named more."""
    if snapshot.makers is None or again.makers is None:
        hint = "a pack of an earlier release is checked with that release"
        raise FailedCheck(f"the snapshot does not say who made the versions of the system: {hint}")
    for act in ("trainer", "builder"):
        stated, known = set(getattr(snapshot.makers, act)), set(getattr(again.makers, act))
        if odd := sorted(known - stated):
            raise FailedCheck(
                f"`{odd[0][:80]}` is a {act} of the system by the ledger, and the snapshot does not say so"
            )
        if (odd := sorted(stated - known)) and not erased:
            raise FailedCheck(f"the snapshot names `{odd[0][:80]}` as a {act} of the system, and no record does")


def _same_refusals(snapshot: Snapshot, again: Snapshot, but: Collection[str]) -> None:
    """Earlier decisions that did not allow are told with all that they counted and that counts no more.

    `but` are records that say nothing of that: erased only later, or counted by the decision itself.
    """
    stated, known = (
        {
            item.id: item.model_copy(update={"gone": tuple(name for name in item.gone if name not in but)})
            for item in one
        }
        for one in (snapshot.refusals or (), again.refusals or ())
    )
    for name in sorted(stated.keys() | known.keys()):
        one, other = stated.get(name), known.get(name)
        said = any(item is not None and (item.gone or item.system_id is not None) for item in (one, other))
        if one != other and said:
            raise FailedCheck(
                f"the earlier decision {name}, and what of it counts no more, is not as the ledger has it"
            )


def _same_derived(snapshot: Snapshot, again: Snapshot) -> None:
    """The records that the store made with the snapshot are those that the entries give."""
    stated, known = (
        {entry.record.id: entry for entry in one.entries if entry.derived_here} for one in (snapshot, again)
    )
    for missing in sorted(known.keys() - stated.keys()):
        made = known[missing].record
        others = [entry.record for name, entry in stated.items() if name not in known]
        beside = [other for other in others if other.type == made.type]
        told = next((_difference(made.content, other.content) for other in beside), "it is not there")
        raise FailedCheck(f"the {made.type} made with the snapshot is not what the ledger gives: {told}")
    if stated != known or len(snapshot.entries) != len(again.entries):
        odd = sorted(stated.keys() - known.keys())
        raise FailedCheck(f"record {(odd or ['?'])[0]} is said to be made with the snapshot, and the ledger gives none")


def _same_kinds(snapshot: Snapshot, again: Snapshot) -> None:
    """Whatever was erased, the store makes no record of another type, and none twice; the log alone is of several."""
    stated, known = (
        Counter(entry.record.type for entry in one.entries if entry.derived_here and entry.record.type != AuditLog.TYPE)
        for one in (snapshot, again)
    )
    if stated != known:
        odd = sorted((stated - known) | (known - stated))[0]
        raise FailedCheck(f"the records made with the snapshot are not of the types that a store makes: {odd}")


def _same_intake(snapshot: Snapshot, again: Snapshot, erased: Collection[str]) -> None:
    """How the datasets stand follows from decisions, which nobody erases; of records erased since nothing is known."""
    stated, known = (
        [_without(erased, entry.record.content) for entry in one.entries if entry.record.type == IntakeStanding.TYPE]
        for one in (snapshot, again)
    )
    if stated != known:
        raise FailedCheck(f"the {IntakeStanding.TYPE} made with the snapshot is not what the ledger gives")


def _without(erased: Collection[str], content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The datasets of a standing, without the erased records in what ends its words."""
    ends = ("gone", "unseen")
    return [
        {**dataset, **{field: [name for name in dataset[field] if name not in erased] for field in ends}}
        for dataset in content["datasets"]
    ]


def _difference(known: Mapping[str, object], stated: Mapping[str, object]) -> str:
    field = next((name for name in sorted(known) if known[name] != stated.get(name)), "its times")
    if not isinstance(known.get(field), (int, str, bool)):
        return f"`{field}` differs"
    return f"`{field}` is {str(known[field])[:80]}, the snapshot says {str(stated.get(field))[:80]}"
