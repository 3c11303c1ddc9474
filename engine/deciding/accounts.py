"""Accounts of one event that are told as it goes on: an incident at its detection, and again when it is closed.

Whoever told it may tell more, and call it graver; that account then stands for the earlier ones, and a decision lists
what it stands for. An account that takes anything back stands beside them, so that a rule sees both.
"""

from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime

from engine.deciding.admission import Objection
from evidence.model.claims import claimed_times
from evidence.model.events import Schema
from evidence.model.own import model_of
from evidence.model.record import Record
from evidence.snapshot.accounts import Told, told
from evidence.snapshot.model import Entry


def retold(schemas: Mapping[str, Schema], entries: Iterable[Entry]) -> dict[str, Objection]:
    """By id, why an account does not count beside the later one that stands for it: the latest of those that the same
    hand signed about the same subject, and that takes nothing of it back.
    """
    found: dict[str, Objection] = {}
    for accounts in told(schemas, entries):
        for later in accounts:
            times = _times(later.entry.record)
            found |= {entry.record.id: _stood_for(entry, later, times) for entry in later.earlier}
    return found


def left_beside(
    schemas: Mapping[str, Schema], entries: Iterable[Entry], latest: Container[str]
) -> list[tuple[str, list[str]]]:
    """Ids of the accounts that stand beside one of the `latest`, since that takes something of them back, with the
    fields.
    """
    found: list[tuple[str, list[str]]] = []
    for accounts in told(schemas, entries):
        for place, later in enumerate(accounts):
            if later.entry.record.id in latest:
                schema, others = schemas[later.entry.record.type], accounts[place + 1 :]
                found += [(one.entry.record.id, later.takes_back(schema, one.entry)) for one in others]
    return found


def _stood_for(entry: Entry, later: Told, times: Mapping[str, Sequence[datetime]]) -> Objection:
    """`why` names the fields of which the later account says more, none where it says the same again; `past` those of
    them that tell what had been already when the earlier one was given, so that nobody takes it for known then.
    """
    return Objection(
        reason="superseded",
        why=", ".join(later.content.tells_more(entry.record.content)),
        past=", ".join(_told_after(entry.record, times)) or None,
        detail=f"a later account of the event stands for it: {later.entry.record.id}",
        by=entry.signature.signer,
        replaced_by=later.entry.record.id,
    )


def _told_after(earlier: Record, times: Mapping[str, Sequence[datetime]]) -> list[str]:
    """The fields in which a later account has more `times` that lie before the earlier one than that had itself."""
    given, known = earlier.envelope.collected_at, _times(earlier)
    return [
        name for name, all_ in times.items() if bisect_right(all_, given) > bisect_right(known.get(name, ()), given)
    ]


def _times(record: Record) -> dict[str, list[datetime]]:
    """By field, when what an account tells had been, in order."""
    found: dict[str, list[datetime]] = {}
    for path, instant in claimed_times(model_of(record.type), record.content):
        found.setdefault(path.partition(".")[0], []).append(instant)
    return {name: sorted(found[name]) for name in sorted(found)}
