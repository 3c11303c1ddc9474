"""Who acts: a person or machine, the roles they hold, and how they sign."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from evidence.trust.envelopes import Signer
from evidence.trust.keys import TrustedKey


class Principal(Protocol):
    """Whom Cedar judges: an actor, or the holder of a key that signed elsewhere."""

    @property
    def holder(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def roles(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Actor:
    """A holder of the keyring who acts. Cedar judges the roles; `signer` makes what they sign.

    The command line makes one from a key file, a service from a login.
    """

    holder: str
    name: str
    kind: Literal["person", "machine"]
    roles: tuple[str, ...]
    signer: Signer

    @classmethod
    def of(cls, key: TrustedKey, signer: Signer, at: datetime) -> "Actor":
        """The holder of a key, with the roles that they hold at an instant."""
        return cls(holder=key.holder, name=key.name, kind=key.kind, roles=key.roles_at(at), signer=signer)
