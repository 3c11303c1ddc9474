"""How statuses, values and times are put into plain words. Every output uses these, so all say the same."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.deciding.verdict import Outcome, Status
from evidence.model.canonical import canonical_bytes
from evidence.model.numbers import outward
from evidence.version import VERSION
from reports.words.escape import clean

MAX_VALUE = 400
MAX_DEPTH = 6
"""Values in one another that are put into words; what lies deeper is shown as JSON."""
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

STATUS_WORDS = {
    Status.PASS: "passed",
    Status.FAIL: "failed",
    Status.MISSING: "evidence missing",
    Status.WAIVED: "waived",
    Status.NOT_APPLICABLE: "not applicable",
    Status.ERROR: "could not be judged",
}
STATUS_MEANINGS = {
    Status.PASS: "Every objective that this gate asks of the control is satisfied, on records that are named.",
    Status.FAIL: "At least one objective is not satisfied: the evidence is there and speaks against it.",
    Status.MISSING: "Evidence that the control reads is absent, out of date, or of too low a class. It counts as no.",
    Status.WAIVED: "Not satisfied, but covered by a time-boxed exception, signed by someone who did not ask for it.",
    Status.NOT_APPLICABLE: "The control does not concern this system; the reason is given.",
    Status.ERROR: "The policy or its engine gave no usable answer. It counts as no.",
}
OUTCOME_WORDS = {
    Outcome.ALLOW: "Allowed",
    Outcome.DENY: "Denied",
    Outcome.INDETERMINATE: "Denied for want of evidence",
}
OUTCOME_MEANINGS = {
    Outcome.ALLOW: "No control that binds at this gate stands against the model.",
    Outcome.DENY: "At least one control that binds at this gate failed.",
    Outcome.INDETERMINATE: "Nothing that binds failed, but evidence is missing or a control could not be judged.",
}
DATASET_ALLOWED = "No control that binds at this gate stands against the dataset."
CLASS_WORDS = {
    "measured": ("Measured", "Quaestor ran the model or the check itself and recorded what it saw."),
    "derived": ("Derived", "Computed by Quaestor from other records, such as the lineage graph."),
    "ingested": ("Ingested", "Taken from another tool's record. Quaestor checked its form, not its truth."),
    "attested": (
        "Attested",
        "Stated and signed by a person. A signature says who stands by it; it is not a measurement.",
    ),
}
"""Evidence classes, the weightiest first: heading and what the class is worth."""
RELAXATION_WORDS = {
    "waiver": "exception granted",
    "disabled-control": "control switched off",
    "earlier-refusal": "refused before",
    "withdrawn-evidence": "evidence withdrawn",
    "replaced-evidence": "evidence replaced",
    "unsigned-evidence": "unsigned evidence accepted",
    "chosen-instant": "instant chosen by the caller",
    "assumed-renewal": "register of people assumed renewed",
    "parameter": "threshold or list replaced",
}
"""Kinds of relaxation, the weightiest first."""
EXCLUSION_WORDS = {
    "expired": "expired",
    "not-yet-collected": "not collected yet",
    "not-yet-filed": "not filed yet",
    "ahead-of-filing": "claims a time to come",
    "unsigned": "not signed as it has to be",
    "withdrawn": "withdrawn",
    "erased": "erased",
    "superseded": "replaced",
    "unknown-person": "names a person whom the register of people has not",
    "unreadable": "cannot be read",
    "foreign": "made for another ledger",
    "unknown-type": "of a type that these policies do not know",
    "content-unfit": "does not fit the schema of its type",
}
EDITIONS: Mapping[str | None, int] = {None: 1, "0.1.0": 2}
"""In which edition of the wording each version of Quaestor writes reports; None stands for those whose reports do not
name their version. The pages of a report are held against the words of its maker's edition. What stands in the
template besides has no edition: since list marks are words of the page, those of the first do not compare, and
`verify` names the version that made them. What an edition changed:

2. texts by name where the first had their ids, people by name beside their ids, and the count of advisory controls.
"""
EDITION = EDITIONS[VERSION]
"""The edition of this version: a new version has to say here which one is its own."""
FRAMEWORK_NAMES = {
    "eu-ai-act": "EU AI Act",
    "gdpr": "GDPR",
    "nist-ai-rmf": "NIST AI RMF",
    "iso-42001": "ISO/IEC 42001",
}
"""Short names of texts, in the first edition of the wording."""
_NAMED_SINCE_2 = {
    "ccpa-admt": "CCPA rules on automated decisions",
    "co-sb26-189": "Colorado SB 26-189",
    "cra": "Cyber Resilience Act",
    "feha": "California FEHA rules",
    "hipaa": "HIPAA",
    "iso-5259": "ISO/IEC 5259",
    "mission": "Needs of the mission",
    "nist-ai-600-1": "NIST AI 600-1",
    "nyc-ll144": "New York City Local Law 144",
    "rfc-9162": "RFC 9162",
    "iso-24029": "ISO/IEC 24029",
    "iso-ts-4213": "ISO/IEC TS 4213",
    "openssf-model-signing": "OpenSSF Model Signing",
    "sr-26-2": "SR 26-2",
}


def framework_name(framework: str, titles: Mapping[str, Mapping[str, Any]], edition: int) -> str:
    """The short name of a text; of one of the house's own, its title in the bundle (`titles`) up to a comma."""
    if framework in FRAMEWORK_NAMES or edition < 2:
        return FRAMEWORK_NAMES.get(framework, framework)
    own = str(titles.get(framework, {}).get("title", framework)).partition(",")[0]
    return _NAMED_SINCE_2.get(framework, own)


def asked_before(gates: int, refusals: int) -> str:
    """How many gates had answered on the digest before, and how many refusals are listed as relaxations."""
    answers = f"{plural(gates, 'gate')} answered before" if gates else "no gate answered before"
    return f"{answers}, {plural(refusals, 'earlier refusal')}"


def number(value: float) -> str:
    """A number in at most ten significant digits, with no exponent between 1e-5 and 1e15."""
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e15):
        return str(int(value))
    text = f"{value:.10g}"
    if "e" in text and 1e-5 <= abs(value) < 1e15:
        text = f"{value:.10f}".rstrip("0")
    return text


def short(value: float, digits: int = 3) -> str:
    """A number for a chart: fixed decimals, no negative zero."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def short_span(low: float, high: float, digits: int = 3) -> tuple[str, str]:
    """Both ends of an interval for a chart, rounded outward: neither says more than was measured."""
    return short(outward(low, digits, up=False), digits), short(outward(high, digits, up=True), digits)


def value_text(value: Any) -> str:
    """An observed or expected value in words; empty for none. A metric estimate shows its interval and n.

    Of a mapping each name stands before its value; one in another, or in a list, stands in brackets.
    """
    text = clean(_words(value, MAX_DEPTH))
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}… (whole value in decision.json)"


def _words(value: Any, depth: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return value
    if not depth:
        return canonical_bytes(value).decode()
    if isinstance(value, list):
        return ", ".join(_within(item, depth - 1, brackets=(list, dict)) for item in value) or "none"
    if _is_estimate(value):
        told, low, high, n = (_words(value.get(name), depth - 1) for name in ("value", "ci_low", "ci_high", "n"))
        return f"{told} (interval {low} to {high}{f', n {n}' if 'n' in value else ''})"
    return "; ".join(f"{name}: {_within(value[name], depth - 1, brackets=dict)}" for name in sorted(value)) or "none"


def _within(value: Any, depth: int, *, brackets: type | tuple[type, ...]) -> str:
    """A value inside another; one of these types in brackets, unless it is an estimate, which has its own."""
    text = _words(value, depth)
    return f"({text})" if isinstance(value, brackets) and not _is_estimate(value) else text


def _is_estimate(value: Any) -> bool:
    return isinstance(value, dict) and {"value", "ci_low", "ci_high"} <= set(value)


def instant_text(value: datetime) -> str:
    """`21 November 2026, 08:00:00 UTC`, whatever the locale."""
    return f"{day_text(value.date())}, {value.hour:02}:{value.minute:02}:{value.second:02} UTC"


def moment_text(value: datetime) -> str:
    """`21 November 2026`, with the time of day where it is not midnight: `21 November 2026, 08:00 UTC`."""
    time = "" if (value.hour, value.minute) == (0, 0) else f", {value.hour:02}:{value.minute:02} UTC"
    return f"{day_text(value.date())}{time}"


def day_text(value: date) -> str:
    """`2 December 2027`, whatever the locale."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def format_day(value: datetime) -> str:
    """`2026-11-21`, for rows of tables and charts."""
    return value.date().isoformat()


def iso_day_text(value: str | None) -> str:
    """An ISO day in words; text that is none comes back cleaned."""
    try:
        return day_text(date.fromisoformat(value or ""))
    except ValueError:
        return clean(value or "")


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 control`, `3 controls`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
