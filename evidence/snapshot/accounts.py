"""Accounts that the same hand gave of one event, and which later one stands for which.

What of it counts the schemas of a bundle say, when it decides (`engine.deciding.accounts`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from evidence.model.events import Account, Schema, account_of
from evidence.model.own import model_of
from evidence.snapshot.model import Entry

STANDING = 20
"""Accounts of one event that stand beside each other, to which an earlier one is held: the latest. More are a flood."""


@dataclass
class Told:
    """An account that stands, and those for which it does, the latest first; `content` as they are held against it."""

    entry: Entry
    content: Account
    earlier: list[Entry] = field(default_factory=list)

    def takes_back(self, schema: Schema, earlier: Entry) -> list[str]:
        """The fields in which it takes something of an earlier account back."""
        given = earlier.record.envelope.collected_at
        return self.content.takes_back(schema, earlier.record.content, given=given)


def told(schemas: Mapping[str, Schema], entries: Iterable[Entry]) -> Iterator[list[Told]]:
    """The accounts of each event that the same hand signed about the same subject, where there are several: those that
    stand, the latest first, by when they were collected.

    An account is stood for by the latest one that takes nothing of it back.
    """
    events: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        record = entry.record
        event = account_of(schemas.get(record.type, {}), record.content)
        signatures = (entry.signature, *entry.signature.others)
        if event is None or any(one.state != "verified" for one in signatures):
            continue
        hand = frozenset(one.signer for one in signatures), record.envelope.issuer, record.envelope.evidence_class
        events.setdefault((record.type, event, frozenset(record.subject), hand), []).append(entry)
    for accounts in events.values():
        if len(accounts) > 1:
            yield _standing(schemas[accounts[0].record.type], accounts)


def _standing(schema: Schema, accounts: list[Entry]) -> list[Told]:
    accounts.sort(key=lambda entry: (entry.record.envelope.collected_at, entry.log_index))
    standing: list[Told] = []
    for entry in reversed(accounts):
        later = next((one for one in standing[:STANDING] if not one.takes_back(schema, entry)), None)
        if later is None:
            standing.append(Told(entry, Account(entry.record.content)))
        else:
            later.earlier.append(entry)
    return standing


def told_anew(entries: Iterable[Entry]) -> frozenset[str]:
    """Ids of the accounts for which one stands that says more, by the types as they are published."""
    entries = tuple(entries)
    models = {name: model_of(name) for name in {entry.record.type for entry in entries}}
    schemas = {
        name: {"x-event": model.EVENT, "x-retold": model.RETOLD}
        for name, model in models.items()
        if model.RETOLD is not None
    }
    return frozenset(
        entry.record.id
        for accounts in told(schemas, entries)
        for one in accounts
        for entry in one.earlier
        if one.content.tells_more(entry.record.content)
    )
