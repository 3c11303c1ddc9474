"""Regular expressions that Go, RE2 in OPA's WebAssembly and Rust's regex read alike.

    pattern = branch {"|" branch};  branch = {piece};  piece = "^" | "$" | atom [repeat]
    atom    = letter | "." | "\\" metacharacter | "[" ["^"] item {item} "]" | "(" pattern ")"
    item    = member ["-" member];  repeat = ("*" | "+" | "?" | "{" n ["," [m]] "}") ["?"]

What lies outside has another meaning, or none, on one of them: `\\d \\w \\s \\b` (of ASCII or of Unicode), `(?…)`,
`&&` and `[` in a class (a set operation in Rust), `{,n}`, one repetition of another, more than 1,000 of one thing.
"""

MOST_REPEATS = 1000
_META = frozenset("\\.+*?()|[]{}^$-/")
_REPEATS = frozenset("*+?{")


class PatternError(Exception):
    """What is wrong with a pattern."""


def pattern_problem(pattern: str) -> str:
    """Why the engines do not read a pattern alike; empty where they do."""
    try:
        reader = _Reader(pattern)
        reader.alternatives(0)
        if reader.rest:
            raise PatternError("`)` without its `(`")
    except PatternError as cause:
        return str(cause)
    return ""


class _Reader:
    """Reads a pattern from its start; each method takes what it is named after and gives how often it repeats."""

    def __init__(self, pattern: str) -> None:
        self.rest = pattern

    def take(self) -> str:
        if not self.rest:
            raise PatternError("the pattern ends too early")
        first, self.rest = self.rest[0], self.rest[1:]
        return first

    def alternatives(self, depth: int) -> int:
        if depth > 8:
            raise PatternError("groups nest deeper than 8 levels")
        most = 1
        while self.rest and not self.rest.startswith(")"):
            most = max(most, self.piece(depth))
        return most

    def piece(self, depth: int) -> int:
        first = self.take()
        if first in "^$|":
            if self.rest[:1] in _REPEATS:
                raise PatternError(f"`{self.rest[0]}` repeats nothing")
            return 1
        inner = 1
        if first == "(":
            if self.rest.startswith("?"):
                raise PatternError("`(?`")
            inner = self.alternatives(depth + 1)
            if self.take() != ")":
                raise PatternError("`(` without its `)`")
        elif first == "[":
            self.members()
        elif first == "\\":
            self.escaped()
        elif first in "*+?{}]":
            raise PatternError(f"`{first}` that repeats nothing" if first in _REPEATS else f"`{first}` without `\\`")
        times = inner * self.repeat()
        if times > MOST_REPEATS:
            raise PatternError(f"more than {MOST_REPEATS} repetitions")
        return times

    def escaped(self) -> str:
        letter = self.take()
        if letter not in _META:
            raise PatternError(f"`\\{letter}`")
        return letter

    def members(self) -> None:
        """What follows `[`, up to and with `]`."""
        if self.rest.startswith("^"):
            self.take()
        if self.rest.startswith("]"):
            raise PatternError("a class without members")
        while (first := self.take()) != "]":
            low = self.member(first)
            if self.rest.startswith("-"):
                self.take()
                high = self.member(self.take())
                if low > high:
                    raise PatternError(f"`{low}-{high}` runs backwards")

    def member(self, letter: str) -> str:
        if letter == "\\":
            return self.escaped()
        if letter in "[]^-&~":
            raise PatternError(f"`{letter}` in a class without `\\`" if letter in _META else f"`{letter}` in a class")
        return letter

    def repeat(self) -> int:
        """How often the atom before is repeated at the most, counting `*` and `+` once."""
        if self.rest[:1] not in _REPEATS:
            return 1
        times = 1
        if self.take() == "{":
            bounds = []
            while (letter := self.take()) != "}":
                bounds.append(letter)
            least, comma, most = "".join(bounds).partition(",")
            if not _is_count(least) or (most and not _is_count(most)):
                raise PatternError(f"`{{{least}{comma}{most}}}`")
            times = int(most or least)
            if times < int(least):
                raise PatternError(f"`{{{least},{most}}}` runs backwards")
            times = max(times, 1)
        if self.rest.startswith("?"):
            self.take()
        if self.rest[:1] in _REPEATS:
            raise PatternError("a repetition of a repetition")
        return times


def _is_count(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) <= 4 and (digits == "0" or digits[0] != "0")
