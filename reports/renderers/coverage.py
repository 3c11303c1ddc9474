"""Coverage of frameworks for people: what nobody answers first, then who answers what, and on which evidence."""

from collections.abc import Iterable, Iterator

from engine.bundle.coverage import CLASSES, Answer, Coverage, Covered
from reports.renderers.markdown import code, literal
from reports.words.controls import ADDED_WORD
from reports.words.escape import clean
from reports.words.wording import plural

RESTS_ON = {
    "measured": "measured by Quaestor",
    "derived": "derived from the ledger and the lineage",
    "ingested": "taken in from other tools",
    "attested": "signed by persons",
}
"""What stands behind each class of evidence."""


def text_lines(coverages: Iterable[Coverage]) -> Iterator[str]:
    """Plain text, uncovered articles first."""
    for found in coverages:
        yield clean(f"{found.framework}: {found.title} ({found.version})")
        yield f"  {_counts(found)}"
        for row in found.uncovered:
            yield clean(f"  not covered  {row.article}  {row.title}")
        for row in found.covered:
            yield clean(f"  {row.article}  {row.title}")
            yield from (f"      {_answer(answer)}" for answer in row.answers)
        yield from (f"  {line}" for line in _shares(found))
        yield ""


def markdown_lines(coverages: Iterable[Coverage]) -> Iterator[str]:
    """A page: a table a framework, uncovered articles first."""
    yield "# Coverage"
    yield ""
    yield "Made by `quaestor policy coverage --format markdown`. An article of a law or a standard counts as covered"
    yield "where a control cites it; a need only where an objective's own clause judges it. Classes of evidence are the"
    yield "least that suffice."
    for found in coverages:
        yield from ("", f"## {literal(found.title)}", "", f"{literal(found.version)}. {_counts(found)}", "")
        yield from (f"- {line}" for line in _shares(found))
        yield from ("", "| article | what it asks | answered by | least evidence |", "|---|---|---|---|")
        yield from (_row(row) for row in (*found.uncovered, *found.covered))


def _counts(found: Coverage) -> str:
    asked, open_ = len(found.rows), len(found.uncovered)
    return f"{asked - open_} of {plural(asked, 'article')} covered, {open_} not"


def _shares(found: Coverage) -> Iterator[str]:
    covered = len(found.covered)
    for name in CLASSES:
        if count := found.shares[name]:
            yield f"{RESTS_ON[name]} ({name}): {count} of {covered} covered ({round(100 * count / covered)} %)"


def _answer(answer: Answer) -> str:
    added = f"  ({ADDED_WORD})" if answer.added else ""
    return f"{answer.control}  {', '.join(answer.objectives)}  [{', '.join(answer.classes)}]{added}"


def _row(row: Covered) -> str:
    answered = "; ".join(
        f"{code(a.control)} {literal(', '.join(a.objectives))}{f' ({ADDED_WORD})' if a.added else ''}"
        for a in row.answers
    )
    return f"| {literal(row.article)} | {literal(row.title)} | {answered or '**nobody**'} | {', '.join(row.classes)} |"
