"""The one function through which foreign text goes before it is printed, by a report or by the command line."""

import re

# C0 and C1 controls, and the characters that reorder or hide text: all could make a line read other than it is.
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACE = re.compile("[\t\n\r\u2028\u2029]+")


def clean(text: str) -> str:
    """Text on one line in which nothing is hidden: control and direction characters stand as `[U+202E]`."""
    return HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", _SPACE.sub(" ", text))
