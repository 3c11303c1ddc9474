"""Accounts of one event that are told as it goes on: an incident at its detection, and again when it is closed.

Whoever told it may tell more, and call it graver; that account then stands for the earlier ones, and a decision lists
what it stands for. An account that takes anything back stands beside them, so that a rule sees both.
"""

from collections.abc import Iterable, Mapping

from engine.deciding.admission import Objection
from evidence.model.events import Account, Schema
from evidence.snapshot.accounts import of_one_hand
from evidence.snapshot.model import Entry


def retold(schemas: Mapping[str, Schema], entries: Iterable[Entry]) -> dict[str, Objection]:
    """By id, why an account does not count beside the later one that stands for it.

    That is the latest of those that the same hand signed about the same subject, by when it was collected: where it
    takes back what an earlier one told, the earlier one stays, whatever came between.
    """
    found = {}
    for earlier, last in of_one_hand(schemas, entries):
        schema, told = schemas[last.record.type], Account(last.record.content)
        for entry in earlier:
            if not told.takes_back(schema, entry.record.content):
                found[entry.record.id] = _stood_for(entry, last, told)
    return found


def left_beside(schemas: Mapping[str, Schema], entries: Iterable[Entry], latest: str) -> list[tuple[str, list[str]]]:
    """Ids of the accounts of which the `latest` takes something back, so that they stay, with the fields."""
    for earlier, last in of_one_hand(schemas, entries):
        if last.record.id == latest:
            schema, told = schemas[last.record.type], Account(last.record.content)
            taken = [(entry.record.id, told.takes_back(schema, entry.record.content)) for entry in earlier]
            return [(name, fields) for name, fields in taken if fields]
    return []


def _stood_for(entry: Entry, later: Entry, told: Account) -> Objection:
    """`why` names the fields of which the later account says more; none where it says the same again."""
    return Objection(
        reason="superseded",
        why=", ".join(told.tells_more(entry.record.content)),
        detail=f"a later account of the event stands for it: {later.record.id}",
        by=entry.signature.signer,
        replaced_by=later.record.id,
    )
