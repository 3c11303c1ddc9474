"""Who made the versions of a system: one reading of the ledger for the door, the snapshot and whoever verifies a pack.

Every record that says who trained or built counts for this, whatever became of it: one that expired, was withdrawn or
set aside, or is about another version. Who made one version knows the next as well.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from evidence.model.predicates import PREDICATES
from evidence.snapshot.model import Makers
from evidence.snapshot.view import View
from evidence.trust.envelopes import SignatureState
from evidence.trust.people import Register

MADE_BY: Mapping[str, Literal["trainer", "builder"]] = {"training-run": "trainer", "ci-run": "builder"}
"""Records that say who made a version."""


def makers_of(view: View) -> Makers:
    """Who trained and built versions of the view's system, by all that the ledger holds or says of what was erased."""
    types = {PREDICATES[name].uri(): name for name in MADE_BY}
    found = []
    for leaf in view.records():
        # Entries from before the map do not say what type their record is.
        if leaf.type is None or leaf.type in types:
            statement, state = view.open(leaf)
            content = statement.predicate.get("content")
            if statement.predicate_type in types and isinstance(content, dict):
                found.append((types[statement.predicate_type], content, state))
    told, gone = made_by(found), view.erased.values()
    return Makers(
        trainer=tuple(sorted({*told.trainer, *(name for note in gone for name in note.trainer or ())})),
        builder=tuple(sorted({*told.builder, *(name for note in gone for name in note.builder or ())})),
    )


def made_by(records: Iterable[tuple[str, Mapping[str, Any], SignatureState]]) -> Makers:
    """Authors and signers of records, each a type, a content and its signature; other types say nothing of it.

    Names count as well as ids: a second id of one person would otherwise be a way around.
    """
    found: dict[str, set[str]] = {"trainer": set(), "builder": set()}
    for kind, content, signature in records:
        act = MADE_BY.get(kind)
        if act is not None:
            found[act] |= {plain(text) for text in _author(content)}
            found[act] |= {name for one in persons(signature) for name in names(one)}
    return Makers(trainer=tuple(sorted(found["trainer"])), builder=tuple(sorted(found["builder"])))


def unknown_author(kind: str, content: Mapping[str, Any], register: Register) -> str:
    """Why the author whom a record names is nobody of the register of people, in words; empty where all is well.

    Who made a version must not sign for it, and that can be told of known people alone.
    """
    if kind not in MADE_BY:
        return ""
    author = content["author"]
    known = register.holder(author["id"])
    if known is None or known.kind != "person":
        return f"its author `{author['id']}` is no person of the register of people"
    if plain(known.name) != plain(author["name"]):
        return f"its author `{author['id']}` is called `{author['name']}`, and `{known.name}` in the register of people"
    return ""


def persons(signature: SignatureState) -> list[SignatureState]:
    """The persons whose signatures verify."""
    everyone = (signature, *signature.others)
    return [one for one in everyone if one.state == "verified" and one.kind == "person"]


def names(person: SignatureState) -> set[str]:
    """Id and full name of a signer, as `plain` text."""
    return {plain(text) for text in (person.signer, person.name) if text}


def plain(text: str) -> str:
    """A name as it is compared: small letters, single spaces."""
    return " ".join(text.split()).casefold()


def _author(content: Mapping[str, Any]) -> list[str]:
    author = content.get("author")
    if not isinstance(author, dict):
        return []
    return [author[part] for part in ("id", "name") if isinstance(author.get(part), str)]
