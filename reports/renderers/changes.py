"""Two bundles set side by side, for a terminal and for a pull request: what is different, and who would flip."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from engine.bundle.changes import Changed, Changes, FieldChange
from engine.deciding.flips import Verdict, WhatIf
from reports.renderers.markdown import code, literal
from reports.words.escape import clean
from reports.words.wording import plural

MAX_VALUE = 160
_UNJUDGED = "cannot be judged again"
BY_ITSELF = (
    "each gate is judged by itself: earlier gates are left out, so one that follows a gate that closes may stay open"
)


def text_lines(changes: Changes, flips: WhatIf | None) -> Iterator[str]:
    """Plain text; `flips` where it was asked what would have been decided."""
    if changes.empty:
        yield "no difference in what the policies mean"
    for kind in changes.added:
        yield from (f"{kind}: new {clean(name)}" for name in changes.added[kind])
        yield from (f"{kind}: gone {clean(name)}" for name in changes.removed[kind])
        for item in changes.changed[kind]:
            yield f"{kind}: changed {clean(item.name)}"
            yield from (f"    {clean(line)}" for line in _lines(item))
    yield from (f"for every control: changed {clean(path)}" for path in changes.files)
    if flips is None:
        return
    yield ""
    yield _counted(flips)
    yield BY_ITSELF
    for one in flips.unjudged:
        yield clean(f"unknown {one.subject} at gate {one.gate}: {_UNJUDGED}, because {one.why}")
    for verdict in _told(flips.verdicts):
        yield clean(f"{_word(verdict)}  {verdict.subject} at gate {verdict.gate}: {verdict.before} -> {verdict.after}")
        yield from (clean(f"    {part.control}: {part.before} -> {part.after}") for part in verdict.controls)


def markdown_lines(changes: Changes, flips: WhatIf | None) -> Iterator[str]:
    """A comment for a pull request. Nothing in it can make a link, an image, a mention or markup."""
    yield "## Quaestor: what these policies change"
    if flips is not None:
        yield from ("", f"**{literal(_counted(flips))}**", "", literal(BY_ITSELF))
        if flips.unjudged:
            yield from ("", f"| subject | gate | {_UNJUDGED}, because |", "|---|---|---|")
        for one in flips.unjudged:
            yield f"| {literal(one.subject)} | {literal(one.gate)} | {literal(one.why)} |"
        if told := _told(flips.verdicts):
            yield from ("", "| subject | gate | was | would be | controls |", "|---|---|---|---|---|")
        for verdict in told:
            parts = "; ".join(f"{code(c.control)} {literal(c.before)} → {literal(c.after)}" for c in verdict.controls)
            before, after = literal(verdict.before), literal(verdict.after)
            yield f"| {literal(verdict.subject)} | {literal(verdict.gate)} | {before} | {after} | {parts} |"
    if changes.empty:
        yield from ("", "No difference in what the policies mean.")
    for kind in changes.added:
        found = [f"- new {code(name)}" for name in changes.added[kind]]
        found += [f"- gone {code(name)}" for name in changes.removed[kind]]
        for item in changes.changed[kind]:
            found.append(f"- changed {code(item.name)}")
            found += [f"  - {literal(line)}" for line in _lines(item)]
        if found:
            yield from ("", f"### {kind.capitalize()}", "", *found)
    if changes.files:
        yield from ("", "### Rules that every control may use", "", *(f"- {code(path)}" for path in changes.files))


def _lines(item: Changed) -> Iterator[str]:
    yield from (_line(field) for field in item.fields)
    if item.rules:
        yield "its rules differ"


def _line(field: FieldChange) -> str:
    if field.before is None:
        return f"{field.field}: new, {_cut(_text(field.after))}"
    if field.after is None:
        return f"{field.field}: gone, was {_cut(_text(field.before))}"
    before, after = _text(field.before), _text(field.after)
    pairs = enumerate(zip(before, after, strict=False))
    alike = next((place for place, (one, other) in pairs if one != other), min(len(before), len(after)))
    start = alike - MAX_VALUE // 4 if alike > MAX_VALUE // 2 else 0  # what differs is never what is cut off
    return f"{field.field}: {_cut(before, start)} -> {_cut(after, start)}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _cut(text: str, start: int = 0) -> str:
    lead, text = "…" * bool(start), text[start:]
    return lead + (text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…")


def _told(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Who flips first, then those of whom some control changes."""
    return [item for item in verdicts if item.flips] + [i for i in verdicts if not i.flips and i.controls]


def _word(item: Verdict) -> str:
    if not item.flips:
        return "stays "
    return "opens " if item.after == "allow" else "closes"


def _counted(flips: WhatIf) -> str:
    closes = sum(item.flips and item.after != "allow" for item in flips.verdicts)
    opens = sum(item.flips and item.after == "allow" for item in flips.verdicts)
    asked = plural(len(flips.verdicts) + len(flips.unjudged), "latest decision")
    unknown = f"{len(flips.unjudged)} {_UNJUDGED}, " if flips.unjudged else ""
    return f"of {asked} on record, {unknown}{closes} would be refused now, {opens} allowed now"
