"""Text that says something: what people write into records, without the words that stand for nothing."""

import re
import unicodedata

MAX_TEXT = 20_000
PLACEHOLDERS = frozenset({
    "", "na", "nan", "none", "nil", "null", "nothing", "tbd", "tbc", "tba", "todo", "fixme", "unknown", "undefined",
    "notapplicable", "notavailable", "notknown", "notyet", "noreason", "xxx", "test", "lorem", "loremipsum", "asdf",
    "foo", "bar", "dummy", "placeholder", "pending", "empty", "blank", "default", "sameasabove", "seeabove", "ditto",
})  # fmt: skip
"""Words that say nothing, in lower case and without anything but letters and digits."""
_KEPT = re.compile(r"[^\w]|_")


def says_something(text: str) -> bool:
    """Whether text is more than a blank, a placeholder (`n/a`, `TBD`, `-`) or one letter over and over."""
    letters = _KEPT.sub("", unicodedata.normalize("NFKC", text).casefold())
    return letters not in PLACEHOLDERS and len(set(letters)) > 1


def said(text: str) -> str:
    """The text as it came. Raises ValueError where it says nothing, is too long, or hides control characters."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"a text of {len(text)} characters, more than {MAX_TEXT}")
    if not says_something(text):
        raise ValueError("says nothing: a blank, a placeholder such as `n/a` or `TBD`, or one letter repeated")
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\r\t" for letter in text):
        raise ValueError("holds control characters")
    return text
