"""Accounts of one event that are told as it goes on: an incident at its detection, and again when it is closed.

Whoever told it may tell more, and call it graver; that account then stands for the earlier ones, and a decision lists
what it stands for. An account that takes anything back stands beside them, so that a rule sees both.
"""

from collections.abc import Iterable, Iterator, Mapping

from engine.deciding.admission import Objection
from evidence.model.events import Account, Schema, account_of
from evidence.snapshot.model import Entry


def retold(schemas: Mapping[str, Schema], entries: Iterable[Entry]) -> dict[str, Objection]:
    """By id, why an account does not count beside the later one that stands for it.

    That is the latest of those that the same hand signed about the same subject, by when it was collected: where it
    takes back what an earlier one told, the earlier one stays, whatever came between.
    """
    found = {}
    for earlier, last in _of_one_hand(schemas, entries):
        schema, told = schemas[last.record.type], Account(last.record.content)
        for entry in earlier:
            if not told.takes_back(schema, entry.record.content):
                found[entry.record.id] = _stood_for(entry, last, told)
    return found


def left_beside(schemas: Mapping[str, Schema], entries: Iterable[Entry], latest: str) -> list[tuple[str, list[str]]]:
    """Ids of the accounts of which the `latest` takes something back, so that they stay, with the fields."""
    for earlier, last in _of_one_hand(schemas, entries):
        if last.record.id == latest:
            schema, told = schemas[last.record.type], Account(last.record.content)
            taken = [(entry.record.id, told.takes_back(schema, entry.record.content)) for entry in earlier]
            return [(name, fields) for name, fields in taken if fields]
    return []


def _of_one_hand(schemas: Mapping[str, Schema], entries: Iterable[Entry]) -> Iterator[tuple[list[Entry], Entry]]:
    """The accounts of each event that the same hand signed about the same subject: the earlier ones, and the last."""
    accounts: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        record = entry.record
        event = account_of(schemas.get(record.type, {}), record.content)
        signatures = (entry.signature, *entry.signature.others)
        if event is None or any(one.state != "verified" for one in signatures):
            continue
        hand = frozenset(one.signer for one in signatures), record.envelope.issuer, record.envelope.evidence_class
        accounts.setdefault((record.type, event, frozenset(record.subject), hand), []).append(entry)
    for each in accounts.values():
        *earlier, last = sorted(each, key=lambda entry: (entry.record.envelope.collected_at, entry.log_index))
        yield earlier, last


def _stood_for(entry: Entry, later: Entry, told: Account) -> Objection:
    """`why` names the fields of which the later account says more; none where it says the same again."""
    return Objection(
        reason="superseded",
        why=", ".join(told.tells_more(entry.record.content)),
        detail=f"a later account of the event stands for it: {later.record.id}",
        by=entry.signature.signer,
        replaced_by=later.record.id,
    )
