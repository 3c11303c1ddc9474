"""Who stands behind a subject: organisation, purpose, owner, and the people who signed for it.

Taken from the records of the snapshot. What no record says stays empty; nothing is guessed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from evidence.model.base import Frozen, Int
from evidence.model.predicates.governance import Approval, Waiver
from evidence.model.predicates.inventory import RegistryEntry
from evidence.snapshot.model import Entry, Snapshot
from reports.words.decisions import person_text
from reports.words.escape import clean
from reports.words.wording import day_text, plural

_OWNER = "product-owner"


class HolderView(Frozen):
    """A person and all that they answer for."""

    person: str
    roles: tuple[str, ...]

    @property
    def told(self) -> str:
        return f"{self.person} ({', '.join(self.roles)})"


class SignerView(Frozen):
    """A person whose trusted signature stands on records, and what it stands for."""

    name: str
    acts: tuple[str, ...]
    others: Int = 0
    """How many records they signed beside these acts."""

    @property
    def told(self) -> str:
        acts = list(self.acts)
        if self.others:
            acts.append(f"signed {plural(self.others, 'further record' if acts else 'record')}")
        return "; ".join(acts)


class PartiesView(Frozen):
    """Organisation (the ledger's origin, and the unit that answers), owner, purpose, holders of roles, who signed."""

    origin: str
    owner: str
    unit: str = ""
    version: str = ""
    purpose: str = ""
    holders: tuple[HolderView, ...] = ()
    signers: tuple[SignerView, ...] = ()

    @property
    def organisation(self) -> str:
        return f"{self.origin}, {self.unit}" if self.unit else self.origin

    @property
    def signed(self) -> tuple[tuple[str, str], ...]:
        """What was signed, and by whom: persons who did the same stand together, and beside that how many records."""
        alike: dict[tuple[str, ...], list[str]] = {}
        for signer in self.signers:
            if signer.acts:
                alike.setdefault(signer.acts, []).append(signer.name)
        told = [("; ".join(acts), ", ".join(names)) for acts, names in alike.items()]
        records = [f"{signer.name} {signer.others}" for signer in self.signers if signer.others]
        if records:
            told.append(("further records signed" if told else "records signed", ", ".join(records)))
        return tuple(told)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known, as short names and values, for the head of a text."""
        facts = [
            ("for", self.organisation),
            ("owner", self.owner),
            ("purpose", self.purpose),
            ("roles", "; ".join(holder.told for holder in self.holders)),
            *(("signed", f"{signer.name}: {signer.told}") for signer in self.signers),
        ]
        return [(name, value) for name, value in facts if value]


def parties(snapshot: Snapshot, names: Mapping[str, str]) -> PartiesView:
    """The parties that the records of a snapshot name; `names` are those of signers by id, where they are known.

    The registry entry is that of the subject itself; of several, one with a trusted signature, and of these the one
    collected last.
    """
    entries = sorted(snapshot.entries, key=lambda entry: entry.record.id)
    registered = [
        (entry.signature.state == "verified", entry.record.envelope.collected_at, entry.record.id, entry, content)
        for entry in entries
        if isinstance(content := _typed(entry), RegistryEntry) and content.artifact_digest == snapshot.subject.digest
    ]
    found = max(registered, key=lambda item: item[:3], default=None)
    filed, entry = found[3:] if found else (None, None)
    return PartiesView(
        origin=clean(snapshot.log.origin),
        owner=_owner(filed, entry),
        unit=clean(entry.business_unit) if entry else "",
        version=clean(entry.version) if entry else "",
        purpose=clean(entry.intended_use) if entry else "",
        holders=_holders(entry) if entry else (),
        signers=_signers(entries, names, {p.id: p.name for p in (entry.role_assignments.values() if entry else ())}),
    )


def _typed(entry: Entry) -> object:
    return entry.record.typed() if entry.record.type in ("registry-entry", "approval", "waiver") else None


def _holders(entry: RegistryEntry) -> tuple[HolderView, ...]:
    """Each person once, the product owner first."""
    roles: dict[str, list[str]] = {}
    ordered = sorted(entry.role_assignments.items(), key=lambda item: (item[0] != _OWNER, item[0]))
    for role, person in ordered:
        roles.setdefault(person.id, []).append(clean(role.replace("-", " ")))
    names = {person.id: clean(person.name) for _, person in reversed(ordered)}
    return tuple(HolderView(person=names[holder], roles=tuple(held)) for holder, held in roles.items())


def _owner(filed: Entry | None, entry: RegistryEntry | None) -> str:
    """Who is accountable for the system: whom the registry entry was filed for, else its product owner."""
    if filed is None or entry is None:
        return "none is recorded: no registry entry of it counts"
    owner = filed.record.envelope.owner or entry.role_assignments.get(_OWNER)
    return person_text(owner) if owner else "none is recorded in its registry entry"


def _signers(
    entries: Iterable[Entry], registered: Mapping[str, str], said: Mapping[str, str]
) -> tuple[SignerView, ...]:
    """People whose verified signature stands on a record of the snapshot, by what it stands for.

    They have the name that is `registered`: what is `said` of them, and what they say of themselves, is anybody's text.

    Each once, with the roles in which they acted; who only signed records, with the first role that they held.
    """
    acts: dict[str, dict[str, list[str]]] = {}
    names: dict[str, str] = {}
    acted: dict[str, set[str]] = {}
    held: dict[str, str] = {}
    others: Counter[str] = Counter()
    for entry in entries:
        signer = entry.signature.signer
        if entry.signature.state != "verified" or entry.signature.kind != "person" or signer is None:
            continue
        content = _typed(entry)
        role = next(iter(entry.signature.roles), "")
        if isinstance(content, Approval | Waiver) and content.approver.id == signer:
            role = content.role if isinstance(content, Approval) else (content.approver.role or role)
            names[signer] = registered.get(signer, content.approver.name)
            acted.setdefault(signer, set()).update({role} - {""})
            act, what = _act(content)
            acts.setdefault(signer, {}).setdefault(act, []).append(what)
        else:
            names.setdefault(signer, registered.get(signer, said.get(signer, signer)))
            held.setdefault(signer, role)
            others[signer] += 1

    def named(signer: str) -> str:
        roles = ", ".join(sorted(acted.get(signer) or {held.get(signer, "")}))
        return clean(f"{names[signer]} ({roles})" if roles else names[signer])

    return tuple(
        SignerView(
            name=named(signer),
            acts=tuple(act.format(", ".join(sorted(what))) for act, what in sorted(acts.get(signer, {}).items())),
            others=others[signer],
        )
        for signer in sorted(names, key=lambda signer: (signer not in acts, signer))
    )


def _act(content: Approval | Waiver) -> tuple[str, str]:
    """What was done, with a place for what it was done to: acts of one day stand together."""
    if isinstance(content, Waiver):
        return f"waived {{}} until {day_text(content.expires_on.date())}", clean(content.control_id)
    word = {"approve": "approved", "reject": "rejected", "abstain": "abstained"}[content.decision]
    return f"{word} at gate {{}} on {day_text(content.decided_at.date())}", clean(content.gate)
