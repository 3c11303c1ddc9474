"""Accounts that the same hand gave of one event: which of them are earlier, and which is the last.

What of it counts the schemas of a bundle say, when it decides (`engine.deciding.accounts`).
"""

from collections.abc import Iterable, Iterator, Mapping

from evidence.model.events import Account, Schema, account_of
from evidence.model.own import model_of
from evidence.snapshot.model import Entry


def of_one_hand(schemas: Mapping[str, Schema], entries: Iterable[Entry]) -> Iterator[tuple[list[Entry], Entry]]:
    """The accounts of each event that the same hand signed about the same subject, where there are several: the earlier
    ones, and the last.
    """
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
        if earlier:
            yield earlier, last


def takes_back(told: Account, schema: Schema, earlier: Entry) -> list[str]:
    """The fields in which a later account takes something of an earlier one back."""
    return told.takes_back(schema, earlier.record.content, given=earlier.record.envelope.collected_at)


def told_anew(entries: Iterable[Entry]) -> frozenset[str]:
    """Ids of the accounts for which one stands that says more, by the types as they are published."""
    found = set()
    entries = tuple(entries)
    models = {name: model_of(name) for name in {entry.record.type for entry in entries}}
    schemas = {
        name: {"x-event": model.EVENT, "x-retold": model.RETOLD}
        for name, model in models.items()
        if model.RETOLD is not None
    }
    for earlier, last in of_one_hand(schemas, entries):
        told = Account(last.record.content)
        for entry in earlier:
            content = entry.record.content
            if told.tells_more(content) and not takes_back(told, schemas[last.record.type], entry):
                found.add(entry.record.id)
    return frozenset(found)
