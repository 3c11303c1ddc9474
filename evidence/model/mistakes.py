"""What is wrong with a document that somebody wrote, in plain words: each field, its line, and what may stand there.

pydantic finds the mistakes; its own wording is for people who write Python, and stays out of what Quaestor says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from evidence.model.errors import EvidenceError
from evidence.model.yaml import Place, line_at

NO_FIELD = "is no field here"
MAX_TOLD = 20
"""How many mistakes are told at once."""
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": NO_FIELD,
    "int_type": "is no whole number",
    "int_parsing": "is no whole number",
    "int_from_float": "is no whole number",
    "float_type": "is no number",
    "float_parsing": "is no number",
    "finite_number": "is no finite number",
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "date_type": "is no day, such as 2026-01-31",
    "date_parsing": "is no day, such as 2026-01-31",
    "date_from_datetime_parsing": "is no day, such as 2026-01-31",
    "list_type": "is no list",
    "tuple_type": "is no list",
    "set_type": "is no list",
    "frozen_set_type": "is no list",
    "dict_type": "is no mapping of names to values",
    "mapping_type": "is no mapping of names to values",
    "model_type": "is no entry with fields of its own",
    "model_attributes_type": "is no entry with fields of its own",
    "dataclass_type": "is no entry with fields of its own",
    "path_type": "is no path",
    "none_required": "must be left out",
}
_BOUNDED = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}
_BRANCHES = frozenset({"str", "int", "float", "bool", "list", "dict", "none", "nullable"})


def mistakes_of(error: ValidationError) -> dict[Place, str]:
    """What is wrong, by its place in the document, in the order of the fields."""
    found: dict[Place, list[str]] = {}
    for item in error.errors(include_url=False):
        place = tuple(part for part in item["loc"] if not is_branch(part))
        counts_less = item["type"] == "too_short" and any(other[: len(place)] == place for other in found)
        if not counts_less:  # an entry that does not fit is told itself, and not counted
            found.setdefault(place, []).append(plain(item))
    return {place: "; ".join(dict.fromkeys(words)) for place, words in found.items()}


def explain(error: ValidationError) -> str:
    """Every mistake as "`field`: what is wrong", in one line."""
    return "; ".join(f"`{name_of(place)}`: {words}" for place, words in mistakes_of(error).items())


def refusal(
    error: ValidationError, *, what: str, where: str, lines: Mapping[Place, int] | None, hint: str
) -> EvidenceError:
    """All mistakes of a file as one error, in the order of its `lines` where these are known."""
    found = mistakes_of(error)
    if lines is None:
        return EvidenceError(f"{what} does not fit: {explain(error)}", where=where, hint=hint)
    told = sorted(
        (line_at(lines, place), f"`{name_of(place)}`: {words}" if place else words) for place, words in found.items()
    )
    more = f"; and {len(told) - MAX_TOLD} more" if len(told) > MAX_TOLD else ""
    (line, problem), *rest = told[:MAX_TOLD]
    also = "".join(f"; line {other}: {text}" for other, text in rest)
    return EvidenceError(f"{what} does not fit: {problem}{also}{more}", where=f"{where}:{line}", hint=hint)


def fields_at(model: type[BaseModel], place: Place) -> frozenset[str]:
    """The fields that may stand where a place is, so that a misspelt one can be told its likeliest."""
    here = _models(model)
    for part in place[:-1]:
        found = [one.model_fields[part].annotation for one in here if part in one.model_fields]
        here = [one for annotation in found for one in _models(annotation)] if found else here
    return frozenset(field.alias or name for one in here for name, field in one.model_fields.items())


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation names, such as those of a list's entries."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in get_args(annotation) for one in _models(part)]


def name_of(place: Place) -> str:
    """The field that a place names."""
    return ".".join(str(part) for part in place) or "the whole"


def is_branch(part: str | int) -> bool:
    """Whether pydantic put the part in for a branch of a union or a validator, not for a key of the document."""
    return isinstance(part, str) and (
        part in _BRANCHES or part == "[key]" or part.startswith(("function-", "constrained-", "tagged-"))
    )


def plain(item: Any) -> str:
    """What one mistake says, without the field: pydantic's error as data, in words."""
    kind, given, told = str(item["type"]), item.get("input"), item.get("ctx", {})
    if kind != "missing" and given is None:
        return "is left blank"
    if kind == "string_type":
        return "is no text; put it in quotes" if isinstance(given, (bool, int, float)) else "is no text"
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in _BOUNDED:
        word, bound = _BOUNDED[kind]
        return f"is {given}; it must be {word} {told[bound]}"
    if kind in ("literal_error", "enum"):
        listed = str(told["expected"]).replace("'", "").replace(" or ", ", ")
        return f"is {_short(given)}; it must be one of {listed}" if "," in listed else f"must be {listed}"
    if kind in ("too_short", "too_long"):
        least = "at least" if kind == "too_short" else "at most"
        bound = told.get("min_length", told.get("max_length"))
        return f"has {told['actual_length']} entries; there must be {least} {bound}"
    if kind in ("string_too_short", "string_too_long"):
        least = "at least" if kind == "string_too_short" else "at most"
        return f"has {len(str(given))} letters; there must be {least} {told.get('min_length', told.get('max_length'))}"
    if kind == "string_pattern_mismatch":
        if str(told["pattern"]).startswith("^P("):
            return f"is {_short(given)}, which is no duration, such as P90D or P1Y"
        return f"is {_short(given)}, which has not the form {told['pattern']}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"must say {told['discriminator']}, one of {told.get('expected_tags', 'those that are known')}"
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"must {message.removeprefix('Input should ')}" if message.startswith("Input should ") else message


def _short(value: object) -> str:
    text = str(value)
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``did you mean `x` `` where a known word is close, else the known words."""
    names = sorted(known)
    near = _near(word, names)
    if near:
        return f"did you mean `{near[0]}`"
    listed = _kin(word, names) or names
    return f"known are: {', '.join(listed[:40])}" + (", …" if len(listed) > 40 else "") if listed else "there is none"


_NUMBERED = re.compile(r"([A-Za-z]+)((?:-[0-9]+)+)")
"""Names such as PERF-08 and EUAIA-10-2: another number is another thing, and no slip."""


def _near(word: str, names: Sequence[str]) -> Sequence[str]:
    """The known name that a word stands for most likely; none where it could as well be any other."""
    import difflib

    other_case = [name for name in names if name.lower() == word.lower()]
    if other_case:
        return other_case
    # Letters in another order are the likeliest slip, and count no more by ratio than another letter.
    swapped = [name for name in names if name != word and sorted(name) == sorted(word)]
    if swapped:
        return swapped
    if numbered := _NUMBERED.fullmatch(word):
        places = _places(numbered)
        same = {found[1]: name for name in names if (found := _NUMBERED.fullmatch(name)) and _places(found) == places}
        return [same[letters] for letters in difflib.get_close_matches(numbered[1].upper(), same, n=1, cutoff=0.6)]
    return difflib.get_close_matches(word, names, n=1, cutoff=0.6)


def _kin(word: str, names: Sequence[str]) -> Sequence[str]:
    """Of numbered names, those with the letters of the word."""
    numbered = _NUMBERED.fullmatch(word)
    return [name for name in names if numbered and name.upper().startswith(f"{numbered[1].upper()}-")]


def _places(numbered: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in numbered[2].split("-") if part)
