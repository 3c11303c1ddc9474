"""The register of people: who may sign, with which keys, in which roles, since when and until when.

One document, versioned and expiring, signed by a threshold of administrators; each version is signed by those of the
version before and by its own, as root metadata in The Update Framework (TUF specification 1.0, section 5.3). Nothing is
ever taken out: a key is removed and a role ended by an instant, so that "held this role when signing" can be checked
years later from the last version. What is new holds from its own version on: nobody can be given a role for the past.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from evidence.model.base import CLOCKS_DIFFER, Frozen, Instant, Int, Name, format_instant
from evidence.model.canonical import digest_json
from evidence.model.errors import EvidenceError, SignatureError
from evidence.model.record import Statement, explain, plain_statement
from evidence.trust.envelopes import SignatureState, signature_state, unseal
from evidence.trust.keys import Grant, Keyring, TrustedKey, public_keyid

REGISTER = "https://quaestor.dev/people/v1"
ADMINISTRATOR = "administrator"


class HolderKey(Frozen):
    """A key of a holder; `until` says since when it is removed."""

    keyid: str
    public_key: str
    custody: Name = "file"
    since: Instant
    until: Instant | None = None


class Holder(Frozen):
    """A person or a machine: one entry, any number of keys."""

    id: Name
    name: Name
    kind: Literal["person", "machine"]
    keys: tuple[HolderKey, ...] = Field(min_length=1)
    grants: tuple[Grant, ...] = ()

    def trusted(self) -> tuple[TrustedKey, ...]:
        """The holder's keys as a keyring has them."""
        return tuple(
            TrustedKey(**dict(key), holder=self.id, name=self.name, kind=self.kind, grants=self.grants)
            for key in self.keys
        )


class Register(Frozen):
    """A version of the register of one ledger."""

    origin: Name
    version: Int = Field(ge=1)
    issued_at: Instant
    expires_at: Instant
    threshold: Int = Field(ge=1)
    """How many administrators sign a version."""
    holders: tuple[Holder, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_entry_each(self) -> "Register":
        """Holders, names and keys stand once, so that nobody is two."""
        for what, values in (
            ("the holder", [holder.id.casefold() for holder in self.holders]),
            ("the name", [" ".join(holder.name.split()).casefold() for holder in self.holders]),
            ("the key", [key.keyid for holder in self.holders for key in holder.keys]),
        ):
            twice = next((value for place, value in enumerate(values) if value in values[:place]), None)
            if twice is not None:
                raise ValueError(f"{what} `{twice[:40]}` stands twice; a person is one entry with any number of keys")
        for holder in self.holders:
            for key in holder.keys:
                if key.keyid != public_keyid(key.public_key):
                    raise ValueError(f"key id `{key.keyid[:16]}` of {holder.id} is not that of its public key")
        if self.expires_at <= self.issued_at:
            raise ValueError("`expires_at` is not after `issued_at`")
        if len(self.administrators) < self.threshold:
            raise ValueError(f"{len(self.administrators)} administrators cannot reach the threshold {self.threshold}")
        return self

    @cached_property
    def keyring(self) -> Keyring:
        """Every key, removed ones too, sorted."""
        keys = (key for holder in self.holders for key in holder.trusted())
        return Keyring(keys=tuple(sorted(keys, key=lambda key: (key.holder, key.keyid))))

    @cached_property
    def administrators(self) -> frozenset[str]:
        """Ids of the persons who administer when the version is issued."""
        return frozenset(
            holder.id
            for holder in self.holders
            if holder.kind == "person"
            and any(grant.role == ADMINISTRATOR and grant.held(self.issued_at) for grant in holder.grants)
            and any(
                key.since <= self.issued_at and (key.until is None or self.issued_at < key.until) for key in holder.keys
            )
        )

    def holder(self, name: str) -> Holder | None:
        return next((holder for holder in self.holders if holder.id == name), None)

    def statement(self) -> Statement:
        """The in-toto statement that administrators sign."""
        return plain_statement({f"people of {self.origin}": register_digest(self.origin)}, REGISTER, self.to_json())


def register_digest(origin: str) -> str:
    """The digest that stands for the register of a ledger in `subject` of its statements."""
    return digest_json({"people": origin})


def ledger_name(origin: str, first: str) -> str:
    """What tells a ledger from every other, also from one of the same origin: the id of its first register beside it.

    That holds the first administrator's key, which no other ledger has.
    """
    return f"{origin} {first}"


def read_register(envelope: bytes, *, where: str) -> Register:
    """A version out of its envelope; its signatures are not looked at. Raises EvidenceError or SignatureError."""
    statement = unseal(envelope, where=where).statement
    if statement.predicate_type != REGISTER:
        raise EvidenceError(f"a {statement.predicate_type}, not a register of people", where=where)
    try:
        register = Register.from_json(statement.predicate)
    except ValidationError as cause:
        raise SignatureError(f"not a register of people: {explain(cause)}", where=where) from None
    if statement.subject_digests != (register_digest(register.origin),):
        raise SignatureError("its subject is not the register of its own ledger", where=where)
    return register


def read_chain(
    envelopes: Iterable[bytes],
    origin: str,
    *,
    logged: Sequence[datetime] | None = None,
    where: str = "register of people",
) -> Register:
    """The last version of a chain that begins with version 1, each step checked.

    `logged` says when the ledger took in each version: none claims to be older, and with it a role or a key, by more
    than the clocks of several writers differ. Raises SignatureError where there is no version, one is missing, is not
    signed by whom it must be, or takes back what an earlier one said.
    """
    last: Register | None = None
    entries = ((one, None) for one in envelopes) if logged is None else zip(envelopes, logged, strict=True)
    for envelope, entered in entries:
        following = read_register(envelope, where=where)
        at = f"{where}, version {following.version}"
        if entered is not None and following.issued_at < entered - timedelta(seconds=CLOCKS_DIFFER):
            told = f"{format_instant(following.issued_at)}, and the ledger has it since {format_instant(entered)}"
            raise SignatureError(f"it says that it was issued at {told}", where=at)
        if following.origin != origin:
            raise SignatureError(f"it is that of `{following.origin}`, not of `{origin}`", where=at)
        if last is None:
            if following.version != 1:
                raise SignatureError("the chain does not begin with version 1", where=at)
            _require_new(following, following.holders, where=at)
        else:
            require_successor(last, following, where=at)
            require_signed(envelope, last, following, where=at)
        require_signed(envelope, following, following, where=at)
        last = following
    if last is None:
        raise SignatureError("there is none", where=where, hint="`quaestor init` makes the first version")
    return last


def require_signed(envelope: bytes, authority: Register, register: Register, *, where: str) -> None:
    """Raise SignatureError unless a threshold of the administrators of `authority` signed the envelope."""
    state = signature_state(envelope, authority.keyring, at=register.issued_at, where=where)
    signed = {one.signer for one in _each(state)} & authority.administrators
    if len(signed) < authority.threshold:
        raise SignatureError(
            f"{len(signed)} administrators of version {authority.version} signed it, and {authority.threshold} must",
            where=where,
            hint="let an administrator sign: --as <administrator>, and --with <another> where the threshold asks",
        )


def require_successor(old: Register, new: Register, *, where: str) -> None:
    """Raise SignatureError unless `new` follows `old` and takes back nothing that `old` said."""

    def refuse(problem: str) -> None:
        raise SignatureError(problem, where=where)

    if new.version != old.version + 1:
        refuse(f"version {new.version} does not follow version {old.version}")
    if new.issued_at < old.issued_at:
        refuse("it was issued before the version that it follows")
    known = {holder.id: holder for holder in old.holders}
    gone = sorted(set(known) - {holder.id for holder in new.holders})
    if gone:
        refuse(f"`{gone[0]}` is gone; remove keys and end roles, the entry stays")
    for holder in new.holders:
        before = known.get(holder.id)
        if before is None:
            _require_new(new, [holder], where=where)
            continue
        if (holder.name, holder.kind) != (before.name, before.kind):
            refuse(f"name or kind of `{holder.id}` changed")
        _require_kept(new, before, holder, refuse_at=where)


def _require_kept(new: Register, before: Holder, after: Holder, *, refuse_at: str) -> None:
    """Each key and grant of `before` is there, at most ended; whatever is beside them begins with this version."""
    keys = {key.keyid: key for key in after.keys}
    for key in before.keys:
        now = keys.pop(key.keyid, None)
        if now is None or now.model_copy(update={"until": key.until}) != key:
            raise SignatureError(f"key {key.keyid[:12]} of `{before.id}` is gone or changed", where=refuse_at)
        if key.until is not None and (now.until is None or now.until > key.until):
            raise SignatureError(f"key {key.keyid[:12]} of `{before.id}` was removed and is back", where=refuse_at)
    grants = {(grant.role, grant.since): grant for grant in after.grants}
    for grant in before.grants:
        held = grants.pop((grant.role, grant.since), None)
        if held is None:
            raise SignatureError(
                f"the role {grant.role} of `{before.id}` is gone; end it by an instant", where=refuse_at
            )
        if held.until != grant.until and (grant.until is not None or held.until is None or held.until < new.issued_at):
            problem = f"the end of the role {grant.role} of `{before.id}` lies in the past or was moved"
            raise SignatureError(problem, where=refuse_at)
    for since in [key.since for key in keys.values()] + [grant.since for grant in grants.values()]:
        _require_since(new, after, since, where=refuse_at)


def _require_new(new: Register, holders: Sequence[Holder], *, where: str) -> None:
    for holder in holders:
        for since in [key.since for key in holder.keys] + [grant.since for grant in holder.grants]:
            _require_since(new, holder, since, where=where)


def _require_since(new: Register, holder: Holder, since: datetime, *, where: str) -> None:
    if since < new.issued_at:
        told = f"{format_instant(since)}, before its version of {format_instant(new.issued_at)}"
        raise SignatureError(f"a key or role of `{holder.id}` is to hold since {told}", where=where)


def require_current(register: Register, at: datetime) -> None:
    """Raise SignatureError where the register has expired."""
    if at >= register.expires_at:
        raise SignatureError(
            f"the register of people expired at {format_instant(register.expires_at)}",
            hint="an administrator looks it over and renews it: quaestor key renew --as <administrator>",
        )


def _each(state: SignatureState) -> tuple[SignatureState, ...]:
    return (state, *state.others) if state.state == "verified" else ()


def with_holder(register: Register, holder: Holder, *, issued_at: datetime, expires_at: datetime) -> Register:
    """The next version, with a holder added, or in the place of the one of the same id."""
    others = [known for known in register.holders if known.id != holder.id]
    return next_version(register, [*others, holder], issued_at=issued_at, expires_at=expires_at)


def next_version(
    register: Register,
    holders: Sequence[Holder],
    *,
    issued_at: datetime,
    expires_at: datetime,
) -> Register:
    """The next version of a register. Raises SignatureError where it cannot be one."""
    values: Mapping[str, object] = {
        "origin": register.origin,
        "version": register.version + 1,
        "issued_at": issued_at,
        "expires_at": expires_at,
        "threshold": register.threshold,
        "holders": tuple(sorted(holders, key=lambda holder: holder.id)),
    }
    try:
        made = Register.model_validate(values)
    except ValidationError as cause:
        raise SignatureError(explain(cause), where="register of people") from None
    require_successor(register, made, where="register of people")
    return made
