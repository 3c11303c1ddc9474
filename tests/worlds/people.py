"""Who is in the worlds of the tests: instants, real keys, and the registers of people that name them."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal

from evidence.trust.keys import Grant, Keyring, SigningKey
from evidence.trust.people import Holder, HolderKey, Register, with_holder

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = timedelta(days=1)
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
FAR = datetime(9999, 1, 1, tzinfo=UTC)
PEOPLE = {"ana": ("model-owner",), "ben": ("compliance",), "cleo": ("ml-engineer",), "dan": ("compliance",)}


@cache
def key_of(name: str) -> SigningKey:
    """The private key of a name; `mallory` is one whom no register names."""
    return SigningKey.generate()


def holder(
    id: str, *roles: str, name: str = "", kind: Literal["person", "machine"] = "person", since: datetime = BEGIN
) -> Holder:
    """The entry of a register for the key of that id."""
    key = key_of(id)
    return Holder(
        id=id,
        name=name or id.title(),
        kind=kind,
        keys=(HolderKey(keyid=key.keyid, public_key=key.public_key, since=since),),
        grants=tuple(Grant(role=role, since=since) for role in roles),
    )


def first_register(origin: str, *holders: Holder, at: datetime = BEGIN, end: datetime = FAR) -> Register:
    """The first version of a register, which one administrator may change."""
    return Register(
        origin=origin,
        version=1,
        issued_at=at,
        expires_at=end,
        threshold=1,
        holders=tuple(sorted(holders, key=lambda one: one.id)),
    )


def register(
    origin: str, *, removed: dict[str, datetime] | None = None, at: datetime = BEGIN, end: datetime = FAR
) -> list[bytes]:
    """Versions of a register of people, as signed by `root`: the machine `quaestor` and PEOPLE, all from 1970 on; then,
    issued `at`, without the `removed` keys."""
    holders = (
        holder("root", "administrator"),
        holder("quaestor", "collector", kind="machine"),
        *(holder(name, *roles) for name, roles in PEOPLE.items()),
    )
    versions = [first_register(origin, *holders, end=end)]
    for name, since in (removed or {}).items():
        known = versions[-1].holder(name)
        assert known is not None
        gone = known.model_copy(update={"keys": (known.keys[0].model_copy(update={"until": since}),)})
        versions.append(with_holder(versions[-1], gone, issued_at=at, expires_at=end))
    return [key_of("root").sign(version.statement().payload) for version in versions]


@cache
def keyring() -> Keyring:
    """The keys of `quaestor` and of PEOPLE."""
    holders = (
        holder("quaestor", "collector", kind="machine"),
        *(holder(name, *roles) for name, roles in PEOPLE.items()),
    )
    return Keyring(keys=tuple(key for one in holders for key in one.trusted()))
