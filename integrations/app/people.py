"""Use cases of the register of people: who may sign, in which roles, since when. Administrators sign every change."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from engine.errors import did_you_mean
from evidence.model.duration import add_duration
from evidence.model.errors import QuaestorError
from evidence.model.names import check_name
from evidence.trust.keys import Grant, SigningKey, public_keyid, sign_together
from evidence.trust.people import ADMINISTRATOR, Holder, HolderKey, Register, next_version, require_signed, with_holder
from integrations.app.session import Session
from integrations.app.workspace import check_holder, key_left

Kind = Literal["person", "machine"]
LASTS = "P1Y"
"""How long a version holds before an administrator must look it over again."""


def new_holder(
    session: Session,
    holder: str,
    *,
    name: str,
    roles: tuple[str, ...],
    kind: Kind,
    custody: str,
    administrators: Sequence[str] = (),
) -> Holder:
    """A new key pair for a holder; the private key goes to the key folder, the public one into the register.

    A holder that is known gets one more key, and roles beside those that they hold. The file is there before the
    register names the key; one that no version names was left by a try that was broken off, and is entered by the next.

    Raises QuaestorError.
    """
    path = session.settings.keys / f"{check_holder(holder)}.pem"
    left = key_left(path)
    key = left or SigningKey.generate()
    if left is not None and session.keyring.find(key.keyid) is not None:
        raise QuaestorError(
            f"`{holder}` has a key in this workspace already",
            where=str(path),
            hint=f"choose another id; for one more key, move this file away (`quaestor key remove {key.keyid[:12]}`, "
            "if it is to count no more)",
        )
    return add_key(
        session,
        key.public_key,
        holder,
        name=name,
        roles=roles,
        kind=kind,
        custody=custody,
        administrators=administrators,
        before=None if left is not None else lambda: key.save(path),
    )


def add_key(
    session: Session,
    pem: str,
    holder: str,
    *,
    name: str,
    roles: tuple[str, ...],
    kind: Kind,
    custody: str,
    administrators: Sequence[str] = (),
    before: Callable[[], None] | None = None,
) -> Holder:
    """A public key (PEM) of a holder, new or known, into the register; `before` is done once nothing is left to refuse.

    Raises QuaestorError for a name or role that cannot be one, and where no administrator signs.
    """
    check_holder(holder)
    for text, what in ((name, "name"), (custody, "custody")):
        check_name(text, what)
    require_roles(session, roles)
    at, register = session.now(), session.register
    added = HolderKey(keyid=public_keyid(pem), public_key=pem, custody=custody, since=at)
    known = register.holder(holder)
    if known is None:
        known = Holder(id=holder, name=name, kind=kind, keys=(added,))
    elif (known.name, known.kind) != (name, kind):
        problem = f"`{holder}` is the {known.kind} {known.name}"
        raise QuaestorError(problem, hint="give the same name and kind, or choose another id")
    else:
        known = known.model_copy(update={"keys": (*known.keys, added)})
    made = _granted(known, roles, at)
    following = with_holder(register, made, issued_at=at, expires_at=_expiry(at))
    _publish(session, following, administrators, at, before=before)
    return made


def remove_key(session: Session, keyid: str, *, since: datetime | None, administrators: Sequence[str] = ()) -> Holder:
    """Remove a key since an instant (else now): what it signed from then on counts no more. Raises QuaestorError."""
    at, register = session.now(), session.register
    found = [(holder, key) for holder in register.holders for key in holder.keys if key.keyid.startswith(keyid)]
    if len(found) != 1 or len(keyid) < 6:
        problem = f"`{keyid}` fits {len(found)} keys" if found else f"no key `{keyid}`"
        raise QuaestorError(problem, hint="give at least six digits of one: `quaestor key list`")
    holder, key = found[0]
    if key.until is not None:
        raise QuaestorError(
            f"key {key.keyid[:12]} of `{holder.id}` is removed already", hint="the keys that hold: `quaestor key list`"
        )
    ended = max(since or at, key.since)
    keys = tuple(one.model_copy(update={"until": ended}) if one is key else one for one in holder.keys)
    made = holder.model_copy(update={"keys": keys})
    _publish(session, with_holder(register, made, issued_at=at, expires_at=_expiry(at)), administrators, at)
    return made


def change_roles(
    session: Session, holder: str, *, grant: tuple[str, ...], end: tuple[str, ...], administrators: Sequence[str] = ()
) -> Holder:
    """Give a holder roles from now on, and end others now. Raises QuaestorError."""
    require_roles(session, grant)
    at, register = session.now(), session.register
    known = register.holder(holder)
    if known is None:
        hint = did_you_mean(holder, [one.id for one in register.holders])
        raise QuaestorError(f"the register of people has no `{holder}`", hint=hint)
    held = {one.role for one in known.grants if one.until is None}
    absent = sorted(set(end) - held)
    if absent:
        raise QuaestorError(f"`{holder}` does not hold the role {absent[0]}", hint=f"held: {', '.join(sorted(held))}")
    grants = tuple(
        one.model_copy(update={"until": at}) if one.role in end and one.until is None else one for one in known.grants
    )
    made = _granted(known.model_copy(update={"grants": grants}), grant, at)
    _publish(session, with_holder(register, made, issued_at=at, expires_at=_expiry(at)), administrators, at)
    return made


def renew(session: Session, *, administrators: Sequence[str] = ()) -> Register:
    """The register as it is, looked over, for another year. Raises QuaestorError."""
    at, register = session.now(), session.register
    following = next_version(register, register.holders, issued_at=at, expires_at=_expiry(at))
    _publish(session, following, administrators, at)
    return following


def require_roles(session: Session, roles: Sequence[str]) -> None:
    """Raise QuaestorError for a role that the policies do not know."""
    known = session.bundle.signers.roles
    for role in roles:
        if role not in known:
            hint = f"{did_you_mean(role, known)}; roles and what they mean: policies/access/roles.yaml"
            raise QuaestorError(f"unknown role `{role}`", hint=hint)


def first_register(
    origin: str, *, administrator: tuple[str, str, SigningKey], machine: tuple[str, str, SigningKey], at: datetime
) -> Register:
    """Version 1: one administrator, and the machine of this installation; each as id, name and key."""

    def holder(kind: Kind, role: str, entry: tuple[str, str, SigningKey]) -> Holder:
        id_, name, key = entry
        keys = (HolderKey(keyid=key.keyid, public_key=key.public_key, since=at),)
        return Holder(id=id_, name=name, kind=kind, keys=keys, grants=(Grant(role=role, since=at),))

    holders = (holder("person", ADMINISTRATOR, administrator), holder("machine", "collector", machine))
    return Register(
        origin=origin,
        version=1,
        issued_at=at,
        expires_at=_expiry(at),
        threshold=1,
        holders=tuple(sorted(holders, key=lambda one: one.id)),
    )


def _granted(holder: Holder, roles: Sequence[str], at: datetime) -> Holder:
    held = {grant.role for grant in holder.grants if grant.until is None}
    more = tuple(Grant(role=role, since=at) for role in dict.fromkeys(roles) if role not in held)
    return holder.model_copy(update={"grants": (*holder.grants, *more)})


def _publish(
    session: Session,
    following: Register,
    administrators: Sequence[str],
    at: datetime,
    *,
    before: Callable[[], None] | None = None,
) -> None:
    """Have administrators sign the next version, and log it; without names, the one whose key is in this workspace.

    `before` is done in between, once it is known that those who signed may.
    """
    present = session.register
    named = list(administrators) or [
        name for name in sorted(present.administrators) if (session.settings.keys / f"{name}.pem").exists()
    ]
    if len(named) != present.threshold and not administrators:
        raise QuaestorError(
            f"{present.threshold} administrators sign a change, and the keys of {len(named)} are in this workspace",
            hint="say who: --as <administrator>, again for each",
        )
    keys = [session.workspace.key_of(name) for name in named]
    envelope = sign_together(keys, following.statement().payload)
    where = f"register of people, version {following.version}"
    for authority in (present, following):
        require_signed(envelope, authority, following, where=where)
    if before is not None:
        before()
    session.store.append_people(envelope, actor=named[0], at=at, signer=session.workspace.machine_key)


def _expiry(at: datetime) -> datetime:
    return add_duration(at, LASTS)
