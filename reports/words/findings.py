"""A finding in words: its message with the places filled, and its numbers beside the limit."""

import re
from typing import Any, TypeGuard

from engine.deciding.verdict import Finding
from reports.words.escape import clean
from reports.words.wording import number, value_text

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def finding_text(finding: Finding, says: str) -> str:
    """What a finding says, without its numbers. `says` is the plain text of its objective.

    A place `{name}` is filled from `values`, or from `observed` and `expected`; one that nothing fills stays as it is.
    """
    if finding.code == "no-record":
        least = f" of class {finding.values['class']} or better" if "class" in finding.values else ""
        aside = finding.values.get("set_aside")
        others = f"; {aside} about another subject set aside" if aside else ""
        return clean(f"no current {finding.values.get('type', '')} record{least}{others}")
    if finding.code == "not-satisfied":
        return clean(f"not satisfied: {says}")
    fills: dict[str, Any] = {"observed": finding.observed, "expected": finding.expected, **finding.values}
    # One pass: what a value holds is no place.
    return clean(
        _PLACE.sub(
            lambda found: found[0] if (value := fills.get(found[1])) is None else value_text(value),
            finding.message or "",
        )
    )


def finding_line(finding: Finding, says: str) -> str:
    """A finding in one line: with the number, its interval and the limit, unless the message has a place for them."""
    observed, limit = finding.observed, finding.expected
    places = set(_PLACE.findall(finding.message or ""))
    text = finding_text(finding, says)
    if "observed" not in places:
        if is_estimate(observed):
            value, low, high = (short_beside(observed[name], limit) for name in ("value", "ci_low", "ci_high"))
            text += f": {value} (interval {low} to {high}, n {observed['n']})"
        elif is_number(observed):
            text += f": {short_beside(observed, limit)}"
    if "expected" not in places and is_number(limit):
        text += f", limit {number(limit)}"
    return clean(text)


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_estimate(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a metric estimate: a number with its interval and the cases behind it."""
    return isinstance(value, dict) and all(is_number(value.get(name)) for name in ("value", "ci_low", "ci_high", "n"))


def short_beside(value: float, limit: Any) -> str:
    """A number with at most four decimals; in full where these would tell 0 or the limit of another number."""
    if not isinstance(value, float):
        return str(value)
    if abs(value) >= 1e15:
        return number(value)
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    said = float(text)
    return str(value) if said != value and (said == 0 or (is_number(limit) and said == limit)) else text
