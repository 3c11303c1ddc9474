"""Many good entries or records, among which a false one has to be seen, wherever it stands.

One false entry beside the one good entry of a case says little: a rule that looks at the second entry alone, or at none
where there are more than three, takes it for seen.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from engine.deciding.evaluate import PolicyRecord
from engine.proofs.falsehoods import is_name
from engine.proofs.places import Step
from evidence.model.canonical import digest_json

ENTRIES, RECORDS = 50, 20
"""Copies of good ones in a crowd: more than anybody counts who asks for some."""
Entries = list[Any] | dict[str, Any]
"""A list, or a map whose names are free."""


@dataclass(frozen=True)
class Crowd:
    """The good entries of a list or map in a case, and those with many more (the same where no more may stand there),
    which differ in the fields `names`.
    """

    few: Entries
    many: Entries
    names: tuple[str, ...] = ()

    def with_false(self, false: Any, field: Step | None) -> Iterator[tuple[str, Entries]]:
        """The entries with a false one in each of the ways that have to come to the same, each in words; `field` is
        where the entry is false.
        """
        names = [name for name in self.names if name != field]
        first, *others = (_varied(false, names, ENTRIES + index) for index in range(len(self.many)))
        few, many = "the good entries", f"{len(self.many)} good entries"
        yield f"before {few} one", _mixed(self.few, before=[first])
        if self.many is self.few:
            yield f"behind {few} one", _mixed(self.few, behind=[first])
            return
        yield f"behind {many} one", _mixed(self.many, behind=[first])
        yield f"amid {many} one", _mixed(self.many, amid=[first])
        yield f"before {few} {len(self.many)}", _mixed(self.few, before=[first, *others])
        yield f"behind {few} {len(self.many)}", _mixed(self.few, behind=[first, *others])


def crowds(good: Entries) -> Iterator[Crowd]:
    """Crowds of good entries: copies that differ in nothing, then in one name, then in all of them."""
    for names in _ways_to_differ(list(good.values()) if isinstance(good, dict) else good):
        if isinstance(good, list):
            copies = enumerate(islice(cycle(good), ENTRIES))
            many: Entries = [*good, *(_varied(entry, names, index) for index, entry in copies)]
        else:
            keys = enumerate(islice(cycle(sorted(good)), ENTRIES))
            many = {**good, **{f"{key} {index:03}": _varied(good[key], names, index) for index, key in keys}}
        yield Crowd(good, many, names)


def copies_of(record: PolicyRecord, log_index: int, differ: Sequence[str]) -> list[PolicyRecord]:
    """Copies of a record, filed from `log_index` on. What the engine tells of a record (`differ`: its digest, its
    event) is another in each, as if each told something else.
    """
    return [
        {
            **record,
            "id": digest_json({"copy": record["id"], "index": index}),
            "log_index": log_index + index,
            **{name: digest_json({name: record[name], "index": index}) for name in differ},
        }
        for index in range(RECORDS)
    ]


def entry_steps(kind: str, steps: Sequence[Step], maps: Collection[str]) -> Iterator[int]:
    """Which of the steps to a place of a record, by index, name an entry of a list or of one of the `maps`."""
    path = f"{kind}[]"
    for index, step in enumerate(steps):
        named = isinstance(step, str) and path not in maps
        if not named:
            yield index
        path += f".{step}" if named else "[]" if isinstance(step, int) else ".*"


def _mixed(
    good: Entries, *, before: Sequence[Any] = (), amid: Sequence[Any] = (), behind: Sequence[Any] = ()
) -> Entries:
    """Good entries with others before, in the middle of and behind them; of a map by the order of its names."""
    if isinstance(good, list):
        half = len(good) // 2
        return [*before, *good[:half], *amid, *good[half:], *behind]
    middle = sorted(good)[(len(good) - 1) // 2]
    return {
        **{f"!{index:03}": entry for index, entry in enumerate(before)},
        **good,
        **{f"{middle}!{index:03}": entry for index, entry in enumerate(amid)},
        **{f"~{index:03}": entry for index, entry in enumerate(behind)},
    }


def _ways_to_differ(entries: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    """Fields by which copies may be told from each other: none, each that holds names alone, all of them."""
    yield ()
    if all(isinstance(entry, dict) for entry in entries):
        shared = sorted(set.intersection(*(set(entry) for entry in entries)))
        named = [
            name for name in shared if all(isinstance(item := entry[name], str) and is_name(item) for entry in entries)
        ]
        yield from ((name,) for name in named)
        if len(named) > 1:
            yield tuple(named)


def _varied(entry: Any, names: Sequence[str], index: int) -> Any:
    return {**entry, **{name: _other(entry[name], index) for name in names}} if names else entry


def _other(name: str, index: int) -> str:
    return digest_json([name, index]) if name.startswith("sha256:") else f"{name} {index:03}"
