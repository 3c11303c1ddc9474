"""Which record a later one replaces: one judgement for the door, the snapshot and whoever verifies a pack.

Only types that tell how something stands now are replaced (`Predicate.SUPERSEDES`): what was measured, decided or
happened is answered by a later record and stands beside it. Whoever replaces is the issuer, or names the record
(`replaces`) and has the same right: a person, who made no version of the system, in every role that its signers held.

The answers from which the duties follow (`Predicate.CHANGED_BY_TWO`) nobody changes alone: a later record replaces an
earlier one where it only completes it, or where two persons signed it who made no version. Else both count, and
policies go by the stricter one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from evidence.model.notes import RunStarted
from evidence.model.own import model_of
from evidence.model.record import Record
from evidence.snapshot.makers import names, persons
from evidence.snapshot.model import Entry, Makers
from evidence.snapshot.view import View
from evidence.snapshot.withdrawal import answered_only
from evidence.trust.envelopes import SignatureState

_Scope = tuple[str, tuple[str, ...], tuple[str, ...]]


def successors(view: View, entries: Sequence[Entry], makers: Makers) -> dict[str, str]:
    """Id of each record that is replaced, and of what replaces it.

    `entries` are those that count, and those that expired, in ledger order: what was replaced does not come back when
    its successor ends. Of one issuer's the latest counts, which is the one collected last, so that taking in an old
    record late replaces nothing; of several collected at one time the one that the log has last.
    """
    run_plans = plans_run(view)
    groups: dict[tuple[_Scope, str], list[Entry]] = {}
    by_id = {entry.record.id: entry for entry in entries}
    for entry in entries:
        scope = _scope(entry.record)
        if scope is not None:
            groups.setdefault((scope, entry.record.envelope.issuer), []).append(entry)
    found = {}
    for group in groups.values():
        group.sort(key=lambda entry: entry.record.envelope.collected_at)
        for place, old in enumerate(group):
            later = (group[i] for i in range(len(group) - 1, place, -1))
            new = next((entry for entry in later if _follows(entry, old, makers)), None)
            if new is not None and not _stays(old.record, run_plans):
                found[old.record.id] = new.record.id
    for entry in entries:
        replaced = by_id.get(entry.record.envelope.replaces or "")
        if replaced is not None and not cannot_replace(entry, replaced, makers, run_plans):
            found[replaced.record.id] = entry.record.id
    return found


def cannot_replace(new: Entry, old: Entry, makers: Makers, run_plans: Callable[[], frozenset[str]]) -> str:
    """Why a record that names another as replaced does not replace it, in words; empty where it does."""
    if _scope(old.record) is None:
        answered = answered_only(old.record)
        return f"it is never replaced{f', being {answered}' if answered else ': later ones stand beside it'}"
    if new.log_index <= old.log_index:
        return "it was filed later"
    if _scope(new.record) != _scope(old.record):
        fields = "".join(f", `{field}`" for field in model_of(old.record.type).SUPERSEDES or ())
        return f"it is another type of record, or about something else (subject{fields})"
    if _stays(old.record, run_plans):
        return "it is a plan under which a run was started: the run goes by it"
    if not _same_right(new.signature, old.signature, makers):
        return "whoever replaces it issued it, or made no version and held every role of whoever did"
    if not _may_change(new, old, makers):
        fields = ", ".join(f"`{field}`" for field in changed(old.record, new.record))
        return f"it changes {fields}, which two persons sign who made no version"
    return ""


def beside(new: Entry, entries: Iterable[Entry]) -> list[tuple[Entry, list[str]]]:
    """Of `entries`, those of the same scope that a new record did not replace, each with what it answers otherwise."""
    scope = _scope(new.record)
    return [
        (entry, changed(entry.record, new.record))
        for entry in entries
        if scope is not None and _scope(entry.record) == scope and entry.record.id != new.record.id
    ]


def plans_run(view: View) -> Callable[[], frozenset[str]]:
    """Digests of the plans under which runs of the system were logged, read when they are first asked for."""
    found: list[frozenset[str]] = []

    def read() -> frozenset[str]:
        if not found:
            found.append(frozenset(note.plan_digest for note, _ in view.notes(RunStarted)))
        return found[0]

    return read


def _scope(record: Record) -> _Scope | None:
    """What a record tells the state of: two of one scope cannot both hold. None for types that replace nothing."""
    fields = model_of(record.type).SUPERSEDES
    if fields is None:
        return None
    return record.type, tuple(sorted(record.subject)), tuple(str(record.content.get(field)) for field in fields)


def _stays(record: Record, run_plans: Callable[[], frozenset[str]]) -> bool:
    """A plan stays beside its successor once a run goes by it, however the run came out."""
    return record.type == "validation-plan" and record.content_digest in run_plans()


def _signers(signature: SignatureState) -> frozenset[str | None]:
    return frozenset(one.signer for one in (signature, *signature.others))


def _follows(new: Entry, old: Entry, makers: Makers) -> bool:
    """Whether one issuer's later record replaces the earlier one: whoever signed that signed this too."""
    return _signers(old.signature) <= _signers(new.signature) and _may_change(new, old, makers)


def _may_change(new: Entry, old: Entry, makers: Makers) -> bool:
    """Whether these signers may say what the new record says otherwise than the old one."""
    if not model_of(old.record.type).CHANGED_BY_TWO or not changed(old.record, new.record):
        return True
    made, apart = {*makers.trainer, *makers.builder}, list[set[str]]()
    for one in persons(new.signature):
        # A name as well as an id: a second id of one person is no second person.
        if not names(one) & made and not any(names(one) & other for other in apart):
            apart.append(names(one))
    return len(apart) > 1


def changed(old: Record, new: Record) -> list[str]:
    """Fields that a record answers otherwise than an earlier one; an entry that a map lacked is answered now.

    `expires_at` is among them where it ends earlier: what was replaced does not come back, so that its answers would
    end with a copy of a second's life.
    """

    def same(field: str) -> bool:
        before, now = old.content.get(field), new.content.get(field)
        if isinstance(before, Mapping) and isinstance(now, Mapping):
            return all(key in now and now[key] == value for key, value in before.items())
        return bool(before == now)

    ends = ["expires_at"] if new.envelope.expires_at < old.envelope.expires_at else []
    return [field for field in sorted({*old.content, *new.content}) if not same(field)] + ends


def _same_right(new: SignatureState, old: SignatureState, makers: Makers) -> bool:
    """Each signer of the old record signs the new one, or somebody does in whose place they could stand."""
    made = {*makers.trainer, *makers.builder}

    def stands_for(one: SignatureState, other: SignatureState) -> bool:
        if one.state != "verified" or other.state != "verified":
            return False
        alike = one.kind == other.kind and bool(other.roles) and set(other.roles) <= set(one.roles)
        return one.signer == other.signer or (alike and not made & names(one))

    return all(any(stands_for(one, other) for one in (new, *new.others)) for other in (old, *old.others))
