"""One control tried on evidence, for a terminal and as JSON: its result, each objective, what was read."""

import json
from collections.abc import Iterator
from typing import Any

from engine.deciding.verdict import Finding, ObjectiveResult
from engine.proofs.trial import Read, Trial
from evidence.model.base import format_instant
from reports.words.aside import aside_text, asides_text, of_types
from reports.words.decisions import cause_at, signed_text
from reports.words.escape import clean
from reports.words.findings import finding_line
from reports.words.wording import STATUS_WORDS, plural

MOST_READS = 40
"""Values that are listed; a terminal has no room for the thousands of a large audit."""
_LONGEST = 100


def text_lines(trial: Trial, *, every: bool = False) -> Iterator[str]:
    """Plain text; with `every` all values that were read."""
    context, result = trial.given.context, trial.result
    cause = trial_cause(trial)
    yield clean(f"{result.control}  {result.title}")
    advice = ", advisory" if result.advisory else ""
    why = cause or signed_text(result, trial.control)
    yield clean(f"  {STATUS_WORDS[result.status]} at gate {context.gate}{advice}{f': {why}' if why else ''}")
    if trial.detail:
        yield from (f"    {clean(line)}" for line in trial.detail.splitlines() if line.strip())
    yield clean(
        f"  {context.subject.name}, tier {context.tier}, roles {', '.join(context.roles) or 'none'},"
        f" as of {format_instant(context.instant)}"
    )
    for objective in result.objectives:
        yield from _objective(trial, objective)
    yield from _reads(trial, every=every)
    if trial.given.turned_away:
        yield "  set aside"
    for item in trial.given.turned_away:
        yield clean(f"    {item.type} {short_id(item.id)}: {aside_text(item)}")


def trial_cause(trial: Trial) -> str:
    """The cause of a result that is not a pass, with the records that are there and do not count for it."""
    result, cause = trial.result, trial.result.cause
    if cause is None:
        return ""
    text = cause_at(result, trial.given.context.gate, trial.given.context.tier)
    if cause.kind == "finding":
        absent = _missed(trial, result.findings[cause.finding])
    else:
        absent = set(cause.absent) if cause.kind == "unknown-scope" else set()
    aside = asides_text(of_types(trial.given.turned_away, absent))
    return f"{text}; {aside}" if aside else text


def _missed(trial: Trial, finding: Finding) -> set[str]:
    """The evidence types of which a finding may miss a record: the one that it asks for, and those read in vain."""
    if not finding.gap or finding.evidence is not None:
        return set()
    read = {kind for kind in trial.control.reads[finding.objective] if not trial.given.records.get(kind)}
    return read | {finding.asks_for} if finding.asks_for else read


def _objective(trial: Trial, objective: ObjectiveResult) -> Iterator[str]:
    held = "held" if objective.satisfied else "not held"
    yield clean(f"  {held:<9}{objective.name}{' (advisory)' if objective.advisory else ''}: {objective.says}")
    found = [finding for finding in trial.result.findings if finding.objective == objective.name]
    for finding in found if not objective.satisfied else ():
        gap = "open: " if finding.gap else "against: "
        record = f", record {short_id(finding.evidence)}" if finding.evidence else ""
        path = f" ({finding.path}{record})" if finding.path else ""
        aside = len(of_types(trial.given.turned_away, _missed(trial, finding)))
        line = finding_line(finding, objective.says) + (f"; {plural(aside, 'record')} set aside" if aside else "")
        yield clean(f"             {gap}{line}{path}")


def _reads(trial: Trial, *, every: bool) -> Iterator[str]:
    absent = sorted(kind for kind, records in trial.given.records.items() if not records)
    yield "  read"
    record = None
    shown = trial.reads if every else trial.reads[:MOST_READS]
    for read in shown:
        if read.record is not None and read.record != record:
            record = read.record
            yield clean(f"    record {short_id(record)}")
        yield _read(read)
    if len(trial.reads) > len(shown):
        yield f"    … and {len(trial.reads) - len(shown)} more: --all lists each"
    for kind in absent:
        aside = len(of_types(trial.given.turned_away, (kind,)))
        yield clean(f"    no record of type {kind}{f' that counts; {aside} set aside' if aside else ''}")


def _read(read: Read) -> str:
    by = f"  [{', '.join(read.objectives)}]"
    return clean(f"    {read.pointer} = {value_json(read.value)}{by}")


def value_json(value: Any, longest: int = _LONGEST) -> str:
    """A value as JSON in one line, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def short_id(record: str) -> str:
    """The first digits of a record's id, by which commands find it."""
    return record.removeprefix("sha256:")[:12]


def as_json(trial: Trial) -> dict[str, Any]:
    """The whole trial."""
    context = trial.given.context
    return {
        "gate": context.gate,
        "instant": format_instant(context.instant),
        "subject": context.subject.to_json(),
        "tier": context.tier,
        "roles": list(context.roles),
        "result": trial.result.to_json(),
        "reads": [read.to_json() for read in trial.reads],
        "set_aside": [item.to_json() for item in trial.given.turned_away],
        **({"signed": signed} if (signed := signed_text(trial.result, trial.control)) else {}),
        **({"detail": trial.detail} if trial.detail else {}),
    }
