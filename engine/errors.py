"""Mistakes in policies, parameters and gates: each with file, line, what is wrong and how to mend it."""

from collections.abc import Callable, Iterable

from engine.bundle.paths import placed
from evidence.model import mistakes
from evidence.model.errors import QuaestorError

did_you_mean = mistakes.did_you_mean
"""The near name, as every floor says it."""


class PolicyError(QuaestorError):
    """One mistake at one line. `warning` marks advice: it is shown and refuses nothing.

    `advice` is the hint without the place that it was `reached` from, of which a line of a library may have many.
    `unknown` says of what kind a name or text is that stands for nothing (`evidence type`), and `follows` marks what
    such a name elsewhere in the file brings with it (`causes`).
    """

    def __init__(
        self,
        problem: str,
        *,
        path: str,
        line: int,
        hint: str | None = None,
        warning: bool = False,
        reached: str | None = None,
        unknown: str | None = None,
        follows: str | None = None,
    ) -> None:
        super().__init__(problem, where=f"{path}:{line}", hint=f"{hint} (reached from {reached})" if reached else hint)
        self.path = path
        self.line = line
        self.warning = warning
        self.advice = hint
        self.reached = reached
        self.unknown = unknown
        self.follows = follows

    def at(self, path: str) -> "PolicyError":
        """The same mistake, told of a file by another path."""
        return PolicyError(
            self.problem,
            path=path,
            line=self.line,
            hint=self.advice,
            warning=self.warning,
            reached=self.reached,
            unknown=self.unknown,
            follows=self.follows,
        )

    def placed(self, place: Callable[[str], str]) -> "PolicyError":
        """The same, told of files by the paths that `place` gives."""
        path = place(self.path)
        return self if path == self.path else self.at(path)


class PolicyErrors(PolicyError):  # noqa: N818  (the plural says what it holds)
    """All mistakes that were found, so that nobody mends them one run at a time."""

    def __init__(self, errors: Iterable[PolicyError]) -> None:
        self.errors = in_order(errors)
        first = self.errors[0]
        hint = first.hint if len(self.errors) == 1 else None  # of several each line has its own
        super().__init__(first.problem, path=first.path, line=first.line, hint=hint)

    def placed(self, place: Callable[[str], str]) -> "PolicyErrors":
        told = PolicyErrors(self.errors)
        told.errors = tuple(error.placed(place) for error in self.errors)  # in the order that they have
        return told

    @property
    def lines(self) -> tuple[str, ...]:
        """One line a mistake, with how to mend each where there are several."""
        if len(self.errors) == 1:
            return (str(self.errors[0]),)
        told = [f"{error} ({error.hint})" if error.hint else str(error) for error in self.errors]
        files = {error.path for error in self.errors}
        where = self.errors[0].path if len(files) == 1 else "the policies"
        return (f"{len(self.errors)} mistakes in {where}, each with how to mend it", *told)

    def __str__(self) -> str:
        return "\n".join(self.lines)


_SHARED_FIRST = ("schemas", "parameters", "statements", "access", "frameworks", "gates", "lib", "risk", "retention")
"""Folders of a bundle that controls rest on, each before what rests on it."""


def is_shared(error: PolicyError) -> bool:
    """Whether the mistake lies in what all controls share, so that what is said of a control may follow from it."""
    place = placed(error.path)
    return not error.warning and place.split("/", 1)[0] in _SHARED_FIRST and not place.endswith(".cases.json")


def causes(errors: Iterable[PolicyError]) -> list[PolicyError]:
    """Without what a name that stands for nothing brings with it in its file: who mends the name mends that too."""
    told = list(errors)
    unknown = {(error.path, error.unknown) for error in told if error.unknown and not error.warning}
    return [error for error in told if (error.path, error.follows) not in unknown]


def in_order(errors: Iterable[PolicyError]) -> tuple[PolicyError, ...]:
    """What is shared before what rests on it, then by file, line and text; each once."""
    unique = {(_rank(error.path), error.path, error.line, error.problem, error.warning): error for error in errors}
    return tuple(unique[key] for key in sorted(unique))


def _rank(path: str) -> int:
    folder = placed(path).split("/", 1)[0]
    return _SHARED_FIRST.index(folder) if folder in _SHARED_FIRST else len(_SHARED_FIRST)


class NothingAskedError(PolicyError):
    """A gate that asks no control anything."""

    def __init__(self, gate: str, path: str) -> None:
        hint = "a gate that asks nothing would let everything through: name it in a control's `gates`, or enable one"
        super().__init__(f"gate `{gate}` selects no control", path=path, line=1, hint=hint)


def refuse(errors: Iterable[PolicyError]) -> None:
    """Raise PolicyErrors where there is a mistake that is more than a warning."""
    serious = [error for error in errors if not error.warning]
    if serious:
        raise PolicyErrors(serious)
