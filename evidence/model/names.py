"""Names and ids that people and other tools give: what a terminal, a report and a person can take as they are.

A name that could move the cursor, turn the direction of the text or end the line could draw a verdict of its own.
"""

from evidence.model.errors import EvidenceError

MAX_NAME = 512
"""Characters of a name."""


def check_name(text: str, what: str, *, where: str | None = None) -> str:
    """The text, where it can be a name. Raises EvidenceError that says what it is a name of."""
    try:
        return named(text)
    except ValueError as cause:
        short = text if len(text) <= 60 else f"{text[:60]}…"
        seen = "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in short)
        hint = f"use letters, digits, punctuation and spaces within, {MAX_NAME} characters at most"
        raise EvidenceError(f"the {what} `{seen}` {cause}", where=where, hint=hint) from None


def check_id(text: str, what: str, *, where: str | None = None) -> str:
    """The text, where it can be the id of a system or a version, which `SYSTEM@VERSION` joins. Raises EvidenceError."""
    if "@" in text:
        hint = "take the `@` out: it stands between a system and its version"
        raise EvidenceError(f"the {what} `{check_name(text, what)}` holds an `@`", where=where, hint=hint)
    return check_name(text, what, where=where)


def named(text: str) -> str:
    """A name or identifier as it came. Raises ValueError that says what is wrong with it."""
    if not text.strip():
        raise ValueError("is blank")
    if len(text) > MAX_NAME:
        raise ValueError(f"has {len(text)} characters, more than {MAX_NAME}")
    if not text.isprintable():  # no control, format (bidirectional too), surrogate or separator but the plain space
        raise ValueError("holds a character that cannot be printed")
    if text != text.strip():
        raise ValueError("begins or ends with a space")
    if not any(letter.isalnum() for letter in text) and text != "*":
        raise ValueError("has neither letter nor digit")
    return text
