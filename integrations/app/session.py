"""A session: what every use case works in. The doors open it and hand in the clock."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.access import AccessRequest, EntityRef
from engine.bundle.effective import Effective
from engine.bundle.load import Bundle
from evidence.model.errors import QuaestorError
from evidence.model.predicates.log import Action
from evidence.model.predicates.values import PersonRef
from evidence.model.record import Statement
from evidence.store.entry import Kind, NewStatement, Receipt
from evidence.store.records import RecordStore
from evidence.store.writing import Judged
from evidence.trust.envelopes import Sealed, seal
from evidence.trust.keys import Keyring, SigningKey
from evidence.trust.people import Register
from integrations.app.actor import Actor, Principal
from integrations.app.engines import Engines
from integrations.app.settings import Settings
from integrations.app.workspace import MACHINE, Workspace

Clock = Callable[[], datetime]
"""Gives the present instant: UTC, whole seconds. Use cases read no other."""


@dataclass(frozen=True)
class Session:
    """An open store with the policies, keys, clock and engines that go with it. For one thread."""

    workspace: Workspace
    store: RecordStore
    engines: Engines
    clock: Clock

    @property
    def settings(self) -> Settings:
        return self.workspace.settings

    @property
    def register(self) -> Register:
        """The register of people as it stands. Raises SignatureError or StoreError."""
        return self.store.people()[0]

    @property
    def keyring(self) -> Keyring:
        """Every key that the register names."""
        return self.register.keyring

    @property
    def bundle(self) -> Bundle:
        return self.workspace.bundle

    @property
    def effective(self) -> Effective:
        return self.workspace.effective

    @property
    def machine(self) -> Actor:
        """This installation as an actor: it signs what it measures and derives."""
        return self._actor(MACHINE, self.workspace.machine_key)

    def person(self, holder: str) -> Actor:
        """Who signs with a private key of this workspace's key folder, a person or the machine of another tool.

        Raises QuaestorError, and for this installation: whoever runs the command could let it say anything.
        """
        if holder == MACHINE:
            hint = "name a person, or the machine of the tool that says it: `quaestor key new ci --machine …`"
            raise QuaestorError(f"`{MACHINE}` signs what it measures, derives and decides, and nothing else", hint=hint)
        return self._actor(holder, self.workspace.key_of(holder))

    def known(self, holder: str) -> PersonRef:
        """A person of the register by id. Raises QuaestorError."""
        key = next((key for key in self.keyring.keys if key.holder == holder and key.kind == "person"), None)
        if key is None:
            raise QuaestorError(f"`{holder}` is no person of the register", hint="see `quaestor key list`")
        return PersonRef(id=key.holder, name=key.name)

    def _actor(self, holder: str, key: SigningKey) -> Actor:
        at = self.now()
        trusted = self.keyring.find(key.keyid)
        if trusted is None or trusted.holder != holder or not trusted.valid(at):
            hint = "an administrator adds it: `quaestor key new` or `quaestor key trust`"
            raise QuaestorError(f"the register of people has no such key of `{holder}`", hint=hint)
        return Actor.of(trusted, key, at)

    def now(self) -> datetime:
        """The present instant. A use case asks once, so that all that it writes bears one time."""
        return self.clock()

    def require(
        self,
        principal: Principal,
        action: str,
        resource: EntityRef,
        attributes: Mapping[str, object],
        context: Mapping[str, object] | None = None,
    ) -> None:
        """Raise QuaestorError, naming the policy and what it says, unless Cedar lets the principal act."""
        answer = self.workspace.access.authorize(
            AccessRequest(
                principal=principal.holder,
                roles=principal.roles,
                action=action,
                resource=resource,
                attributes=dict(attributes),
                context=dict(context or {}),
            )
        )
        if not answer.allowed:
            where = "The rules are in policies/access, who holds which role in the register: `quaestor key list`"
            hint = " ".join([*answer.says, where])
            raise QuaestorError(answer.reason, hint=hint)

    def sign(self, statement: Statement, *actors: Actor) -> Sealed:
        """The statement in an envelope signed by the actors.

        Raises QuaestorError unless the register has each key as its holder's: what nobody could verify is not filed.
        """
        for actor in actors:
            key = self.keyring.find(actor.signer.keyid)
            if key is None or key.holder != actor.holder or not key.valid(self.now()):
                hint = "an administrator adds it: `quaestor key new` or `quaestor key trust`"
                raise QuaestorError(f"the register of people has no such key of `{actor.holder}`", hint=hint)
        return seal(statement, [actor.signer for actor in actors])

    def append(self, statement: Statement, *, kind: Kind, action: Action, actor: Actor, at: datetime) -> Receipt:
        """Log a statement that the actor signs. Raises as `RecordStore.append` does, and as `sign`."""
        return self.append_many([NewStatement(self.sign(statement, actor), kind, action, actor.holder, at)])[0]

    def append_many(self, statements: list[NewStatement], judged: Judged | None = None) -> list[Receipt]:
        """Log signed statements, all or none, under one checkpoint of this installation.

        Raises as `RecordStore.append_many` does.
        """
        return self.store.append_many(statements, signer=self.workspace.machine_key, judged=judged)


@contextlib.contextmanager
def open_session(workspace: Workspace, clock: Clock) -> Iterator[Session]:
    """A session on the workspace's store; store and engines are closed at its end. Raises QuaestorError."""
    with workspace.store() as store, Engines(workspace.settings) as engines:
        yield Session(workspace=workspace, store=store, engines=engines, clock=clock)
