"""The root error: something that somebody has to mend. A breach or a gap in evidence is a status, never an error."""

from pathlib import Path
from typing import Any


class QuaestorError(Exception):
    """A mistake that a person can mend: what is wrong, where, and how to mend it (exit code 2).

    `where` names the place as `file:line` or `record field`; `hint` says how to mend it.
    """

    def __init__(self, problem: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(f"{where}: {problem}" if where else problem)
        self.problem = problem
        self.where = where
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, for another process: Python would make it again out of its words alone."""
        return _as_it_was, (type(self), self.args, vars(self))


def _as_it_was(kind: type[QuaestorError], words: tuple[Any, ...], told: dict[str, Any]) -> QuaestorError:
    error = kind.__new__(kind, *words)
    vars(error).update(told)
    return error


class EvidenceError(QuaestorError):
    """A record, file or document that cannot be taken as evidence."""


def unreadable(path: Path, cause: OSError) -> EvidenceError:
    """What is said of a file that the system does not let us read."""
    hint = "make the file readable for you, or name another"
    return EvidenceError(f"cannot be read: {cause.strerror}", where=str(path), hint=hint)


class StoreError(QuaestorError):
    """The store cannot be opened, read or written; what it had acknowledged is still there."""


class SignatureError(QuaestorError):
    """A key cannot be used, or a signature does not verify."""
