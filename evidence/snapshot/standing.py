"""How the organisation's systems stand: the last word of each gate on each of their versions, out of the ledger.

What is registered and decided is found in the listing of the portfolio, which the ledger's map proves whole: no system
and no decision can be left out. Of a version's decisions the last one of each gate is opened, which its leaf tells,
and no earlier one but behind a preview, or an allowance that the installation did not sign.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evidence.model.errors import QuaestorError, StoreError
from evidence.model.notes import DecisionNote, Erasure, OtherPolicies
from evidence.model.predicates.inventory import RegistryEntry
from evidence.model.predicates.standing import (
    LetGo,
    PortfolioStanding,
    RetiredVersion,
    StandingDecision,
    StandingVersion,
)
from evidence.model.record import read_record
from evidence.model.subject import system_digest
from evidence.snapshot.view import View
from evidence.snapshot.words import gate_of, gone, taken_back, words_of
from evidence.store.entry import Entry

_END = "retirement"
"""The gate that lets a version go."""
_RELEASES = ("canary", "production", "operation")
"""Gates whose word lets a version run, whatever the registry says of its stage."""


_ADDED = "overlay/"
"""Where in a bundle stands what an organisation adds to the policies; it takes no control of theirs away."""


class _About(NamedTuple):
    """Digests of a system and of a version of it; the system's own where no version of it was registered."""

    system: str
    version: str


class _Named(NamedTuple):
    """What the last registry entry of a version calls it, and whether it was promoted once."""

    system_id: str
    version: str
    promoted: bool


class _Word(NamedTuple):
    """What a gate said last, by its place in the ledger."""

    place: int
    note: DecisionNote


@dataclass(frozen=True)
class _Listed:
    """The listing of the portfolio, by what its entries are about."""

    view: View
    erased: Mapping[str, Erasure]
    """Of registry entries, by id."""
    registered: Mapping[_About, Sequence[Entry]]
    """What registered and moved each version, in ledger order."""
    decided: Mapping[_About, Sequence[Entry]]
    taken_back: Mapping[str | None, Sequence[Entry]]
    """Withdrawals and erasures by the digest of their system."""


def standing_of(view: View) -> PortfolioStanding | None:
    """How every system stands that was registered, whoever signed that.

    None where the view is of no portfolio, or of a ledger that an earlier release wrote and that took in nothing since.
    """
    if view.portfolio is None:
        return None
    listed = _listed(view, view.portfolio)
    versions: list[StandingVersion] = []
    retired: list[RetiredVersion] = []
    for of_system in _by_system(listed.registered).values():
        live: list[tuple[_About, _Named]] = []
        for about in of_system:
            named, end = _named(listed, about), _end(listed, about)
            if end is None:
                live.append((about, named))
                continue
            if _altered(end.note):
                versions.append(_version(listed, about, named, end))
                continue
            retired.append(
                RetiredVersion(
                    system_id=named.system_id,
                    version=named.version,
                    digest=about.version,
                    decision=end.note.decision_id,
                )
            )
        promoted = [item for item in live if item[1].promoted or _released(listed, item[0])]
        # A version in work beside one that was released is none of the portfolio yet.
        versions += [_version(listed, *item) for item in promoted or live[-1:]]
    return PortfolioStanding(
        versions=tuple(sorted(versions, key=_place)),
        retired=tuple(sorted(retired, key=_place)),
    )


def _place(item: StandingVersion | RetiredVersion) -> tuple[str, str, str]:
    return item.system_id, item.version, item.digest


def _listed(view: View, entries: Iterable[Entry]) -> _Listed:
    by_kind: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_kind[entry.kind].append(entry)
    registry = [entry for entry in by_kind["record"] if entry.type in (None, RegistryEntry.uri())]
    digests = {digest for entry in registry for digest in entry.subjects}
    erasures = (entry for entry in by_kind["erasure"] if digests.intersection(entry.subjects))
    erased = {note.erased: note for note, _ in view.read_notes(erasures, Erasure)}
    registered: dict[_About, list[Entry]] = defaultdict(list)
    for entry in registry:
        system = _system(view, entry, erased)
        for digest in sorted({*entry.subjects} - {system}) or [system]:
            registered[_About(system, digest)].append(entry)
    decided: dict[_About, list[Entry]] = defaultdict(list)
    for entry in by_kind["decision"]:
        system = _system(view, entry, erased)
        for digest in entry.subjects:
            decided[_About(system, digest)].append(entry)
    taken_back: dict[str | None, list[Entry]] = defaultdict(list)
    for entry in (*by_kind["withdrawal"], *by_kind["erasure"]):
        taken_back[entry.system].append(entry)
    return _Listed(view, erased, registered, decided, taken_back)


def _system(view: View, entry: Entry, erased: Mapping[str, Erasure]) -> str:
    """The digest of an entry's system; leaves from before the map do not tell it."""
    if entry.system is not None:
        return entry.system
    if entry.id in erased:
        return system_digest(erased[entry.id].system_id or "")
    statement, _ = view.open(entry)
    return system_digest(str(statement.predicate.get("system_id") or ""))


def _by_system(registered: Iterable[_About]) -> dict[str, list[_About]]:
    """The versions of each system in the order in which they were first registered.

    What was registered of a system as a whole stands for it only where no version was.
    """
    found: dict[str, list[_About]] = defaultdict(list)
    for about in registered:
        found[about.system].append(about)
    return {
        system: [about for about in abouts if about.version != system] or abouts for system, abouts in found.items()
    }


def _named(listed: _Listed, about: _About) -> _Named:
    entries = listed.registered[about]
    named = _entry(listed, about, entries[-1])
    # No later word takes back that a version came in at a stage.
    promoted = (
        named.promoted
        or any(entry.action == "promoted" for entry in entries)
        or any(_entry(listed, about, entry).promoted for entry in entries[:-1])
    )
    return named._replace(promoted=promoted)


def _entry(listed: _Listed, about: _About, entry: Entry) -> _Named:
    """What an entry says by itself. What cannot be read may have been promoted, and goes by its digest."""
    if entry.id in listed.erased:
        return _Named(listed.erased[entry.id].system_id or about.system, about.version, promoted=True)
    try:
        record = read_record(listed.view.open(entry)[0], where=f"record {entry.id}")
    except StoreError:
        raise
    except QuaestorError:
        return _Named(about.system, about.version, promoted=True)
    promoted = record.content["stage"] != "development"
    return _Named(record.envelope.system_id, record.content["version"], promoted)


def _end(listed: _Listed, about: _About) -> _Word | None:
    """The word by which gate `retirement` let the version go, alone or with its system; None where it stands.

    What was registered or promoted since stands again, and so does what was let go by records that were taken back, or
    while a control was off that binds again.
    """
    arrived = max((e.index for e in listed.registered[about] if e.action != "demoted"), default=-1)
    digests = dict.fromkeys((about.version, about.system))
    found = [_words(listed, _About(about.system, digest), only=_END).get(_END) for digest in digests]
    last = max((word for word in found if word is not None), key=lambda word: word.place, default=None)
    if last is None or last.note.facts.outcome != "allow" or last.place < arrived:
        return None
    today = listed.view.instant.date()
    lapsed = any(item.until is not None and item.until < today for item in last.note.facts.relaxations)
    return None if lapsed or _gone(listed, about, last) else last


def _altered(note: DecisionNote) -> bool:
    """Whether a decision was made by policies that did not come with the installation as they are, or not by all of
    its controls. Who lets a version go by these alone has them asked whether they are in force.
    """
    other = note.other_policies or OtherPolicies()
    replaced = [*other.missing, *other.changed, *(path for path in other.added if not path.startswith(_ADDED))]
    return bool(replaced) or any(item.kind == "disabled-control" for item in note.facts.relaxations)


def _released(listed: _Listed, about: _About) -> bool:
    """Whether a gate that lets a version run ever allowed it."""
    return any(
        word.note.facts.outcome == "allow"
        for entry in listed.decided.get(about, ())
        if (gate := gate_of(entry)) is None or gate in _RELEASES
        for word in _said(listed, about, entry)
        if word.note.facts.gate in _RELEASES
    )


def _words(listed: _Listed, about: _About, *, only: str | None = None) -> dict[str, _Word]:
    """By gate the last decision that counts as a word."""
    found: dict[str, _Word] = {}
    for entry in reversed(listed.decided.get(about, ())):
        gate = gate_of(entry)
        if gate in found or (gate is not None and only not in (None, gate)):
            continue
        for word in _said(listed, about, entry):
            found.setdefault(word.note.facts.gate, word)
    return found


def _said(listed: _Listed, about: _About, entry: Entry) -> Iterator[_Word]:
    """The decision of an entry, where it is on the version and counts as a word."""
    for note in words_of(listed.view, [entry]):
        subject = note.facts.subject
        if _About(system_digest(subject.system_id), subject.digest) == about:
            yield _Word(entry.index, note)


def _gone(listed: _Listed, about: _About, word: _Word) -> tuple[str, ...]:
    """Records that a decision counted and that were withdrawn or erased."""
    backs = (*listed.taken_back.get(about.system, ()), *listed.taken_back.get(None, ()))
    return gone(word.note, taken_back(listed.view, backs))


def _version(listed: _Listed, about: _About, named: _Named, end: _Word | None = None) -> StandingVersion:
    words = _words(listed, about)
    return StandingVersion(
        system_id=named.system_id,
        version=named.version,
        digest=about.version,
        decisions={gate: _decision(listed, about, words[gate]) for gate in sorted(words)},
        let_go=None
        if end is None
        else LetGo(bundle_digest=end.note.facts.bundle_digest, overlay_digest=end.note.words.overlay_digest),
    )


def _decision(listed: _Listed, about: _About, word: _Word) -> StandingDecision:
    facts, words = word.note.facts, word.note.words
    ends = {str(item.subject): item.expires_on for item in words.relaxations if item.kind == "waiver"}
    return StandingDecision(
        decision=word.note.decision_id,
        outcome=facts.outcome,
        decided_at=facts.instant,
        bundle_digest=facts.bundle_digest,
        overlay_digest=words.overlay_digest,
        statuses={item.control: item.status for item in words.results},
        waived_until={control: end for control, end in sorted(ends.items()) if end is not None},
        gone=_gone(listed, about, word),
    )
