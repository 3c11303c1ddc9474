"""Names that an expression sees, and what inference asks of the bundle around a module."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.rego.tree import Node
from engine.rego.types import Type, join


class UnboundError(Exception):
    """A name that no statement so far binds."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class World(Protocol):
    """What inference asks of the bundle around a module."""

    def not_allowed(self, scope: "Scope", line: int, name: str) -> None: ...

    def mistake(self, scope: "Scope", line: int, problem: str, hint: str, *, warning: bool = False) -> None: ...

    def read(self, path: str) -> None: ...

    def evidence(self, scope: "Scope", name: str, line: int) -> Type: ...

    def parameter(self, scope: "Scope", name: str, line: int) -> Type: ...

    def has_rule(self, package: tuple[str, ...], name: str) -> bool: ...

    def has_package(self, package: tuple[str, ...]) -> bool: ...

    def rule(self, scope: "Scope", package: tuple[str, ...], name: str, line: int) -> Type: ...

    def function(
        self, scope: "Scope", package: tuple[str, ...], name: str, args: Sequence[Type], line: int
    ) -> Type | None: ...

    def sure(
        self, scope: "Scope", package: tuple[str, ...], name: str, args: Sequence[Type] | None, line: int
    ) -> bool: ...


@dataclass(slots=True)
class Scope:
    """The names that an expression sees. `force`: an unbound name has an unknown type instead of being waited for."""

    path: str
    package: tuple[str, ...]
    imports: Mapping[str, tuple[str, ...]]
    declared: set[str] = field(default_factory=set)
    bound: dict[str, Type] = field(default_factory=dict)
    body: Sequence[Node] = ()
    """The statements that are run in it."""
    parent: "Scope | None" = None
    force: bool = False
    closed: bool = False
    """Under `not`: nothing in it binds a name that is not bound already."""
    binds: list[str] = field(default_factory=list)
    """The names that were bound in a rule so far, in order: what waits for one of them need not look for it."""

    def child(self, declared: Iterable[str] = ()) -> "Scope":
        return Scope(
            self.path,
            self.package,
            self.imports,
            set(declared),
            parent=self,
            force=self.force,
            binds=self.binds,
        )

    def find(self, name: str) -> tuple[bool, Type | None]:
        """Whether a name is a local one, and its type where it is bound."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound:
                return True, scope.bound[name]
            if name in scope.declared:
                return True, None
            scope = scope.parent
        return False, None

    def bind(self, name: str, kind: Type) -> None:
        """Give a name a type, or one more. Raises UnboundError where it stands under `not` and was not bound before."""
        owner, closed = self, False
        scope: Scope | None = self
        while scope is not None:
            closed = closed or scope.closed
            if name in scope.bound:
                scope.bound[name] = join([scope.bound[name], kind])
                return
            if name in scope.declared:
                owner = scope
                break
            scope = scope.parent
        if not self.force and (closed if scope is not None else self.closed):
            raise UnboundError(name)
        owner.bound[name] = kind
        self.binds.append(name)
