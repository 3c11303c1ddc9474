"""The audit pack: all that a report tells, as one frozen value. Pure: no clock, no files."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from engine.bundle.control import Control
from engine.deciding.verdict import Decision, Status
from evidence.model.base import Frozen, Int
from evidence.model.notes import OtherPolicies
from evidence.snapshot.model import Snapshot
from evidence.trust.keys import Keyring
from reports.charts.registry import Charts, chart_data
from reports.charts.shapes import ChartPoints
from reports.documents.attachments import AttachedFile, wording_of
from reports.documents.describe import describe
from reports.documents.view import ControlView, DecisionView
from reports.words.escape import clean
from reports.words.wording import FRAMEWORK_NAMES, OUTCOME_MEANINGS, OUTCOME_WORDS, STATUS_MEANINGS, STATUS_WORDS


class ArticleControl(Frozen):
    """A control that answers to an article, with its result in a word."""

    control: str
    title: str
    status: Status
    status_words: str
    advisory: bool


class ArticleRow(Frozen):
    """An article of a framework, with the controls that answer to it."""

    article: str
    title: str
    controls: tuple[ArticleControl, ...]

    @property
    def applies(self) -> bool:
        return any(control.status is not Status.NOT_APPLICABLE for control in self.controls)


class FrameworkView(Frozen):
    """A text that controls answer to; `rows` in the order of its articles."""

    id: str
    title: str
    version: str
    rows: tuple[ArticleRow, ...]


class AttachmentView(Frozen):
    """A file inside the report. `relationship` is its AFRelationship."""

    name: str
    description: str
    relationship: str
    digest: str
    size: Int


class KeyView(Frozen):
    """A public key against which signatures are checked: compare its fingerprint with one obtained another way."""

    fingerprint: str
    name: str
    kind: str
    roles: str


class LogView(Frozen):
    """Where the ledger stood when the evidence was gathered."""

    origin: str
    size: Int
    root: str


class GlossaryEntry(Frozen):
    """A word of the report and what it means."""

    word: str
    meaning: str


class AuditPack(Frozen):
    """All that a report tells. `certificate` is the SHA-256 of the certificate that will sign it, or empty."""

    decision: DecisionView
    frameworks: tuple[FrameworkView, ...]
    charts: Charts
    attachments: tuple[AttachmentView, ...]
    keys: tuple[KeyView, ...]
    log: LogView
    certificate: str
    glossary: tuple[GlossaryEntry, ...]


def build_pack(
    decision: Decision,
    snapshot: Snapshot,
    *,
    frameworks: Mapping[str, Mapping[str, Any]],
    controls: Mapping[str, Control],
    limits: Mapping[str, Any],
    keyring: Keyring,
    files: Sequence[AttachedFile] = (),
    points: ChartPoints | None = None,
    certificate: str = "",
    other: OtherPolicies | None = None,
) -> AuditPack:
    """The pack of a decision.

    `frameworks` maps an id to `{title, version, articles: {id: title}}`; `controls` are those of the bundle; `limits`
    are the effective parameters by name, of which charts draw those that they know; `certificate` is the fingerprint of
    the certificate that will sign; `other` says how the policies differ from those of the installation that decided.
    """
    edition = wording_of(files)
    names = {key.holder: key.name for key in keyring.keys}
    view = describe(decision, snapshot, names, frameworks=frameworks, edition=edition, other=other, controls=controls)
    return AuditPack(
        decision=view,
        frameworks=_frameworks(decision, view, frameworks),
        charts=chart_data(snapshot, limits, points),
        attachments=tuple(
            AttachmentView(
                name=file.name,
                description=file.description,
                relationship=file.relationship,
                digest=f"sha256:{sha256(file.data).hexdigest()}",
                size=len(file.data),
            )
            for file in files
        ),
        keys=tuple(
            KeyView(
                fingerprint=key.keyid,
                name=clean(f"{key.name} ({key.holder})"),
                kind=key.kind,
                roles=clean(", ".join(key.roles)),
            )
            for key in sorted(keyring.keys, key=lambda k: (k.kind, k.holder, k.keyid))
        ),
        log=LogView(origin=clean(snapshot.log.origin), size=snapshot.log.size, root=snapshot.log.root),
        certificate=certificate,
        glossary=_glossary(),
    )


def _frameworks(
    decision: Decision, view: DecisionView, titles: Mapping[str, Mapping[str, Any]]
) -> tuple[FrameworkView, ...]:
    shown: dict[str, ControlView] = {control.control: control for control in view.controls}
    rows: dict[str, dict[str, list[ArticleControl]]] = {}
    for result in decision.results:
        control = shown[clean(result.control)]
        entry = ArticleControl(
            control=control.control,
            # A text is answered by what was looked into: other people's claim to it is not read as that.
            title=f"{control.title} (class foreign)" if control.foreign else control.title,
            status=control.status,
            status_words=control.status_words,
            advisory=control.advisory,
        )
        for framework, articles in result.frameworks.items():
            for article in articles:
                rows.setdefault(framework, {}).setdefault(article, []).append(entry)
    known = {name: titles.get(name, {}) for name in rows}
    return tuple(
        FrameworkView(
            id=clean(name),
            title=clean(str(known[name].get("title", FRAMEWORK_NAMES.get(name, name)))),
            version=clean(str(known[name].get("version", ""))),
            rows=tuple(
                ArticleRow(
                    article=clean(article),
                    title=clean(str(known[name].get("articles", {}).get(article, ""))),
                    controls=tuple(sorted(rows[name][article], key=lambda c: (c.advisory, c.control))),
                )
                for article in sorted(rows[name], key=natural_order)
            ),
        )
        for name in sorted(rows)
    )


def natural_order(article: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key under which `9(2)` stands before `10(1)`."""
    return tuple(
        (0, int(part), "") if part.isdigit() and len(part) < 18 else (1, 0, part)
        for part in re.split(r"([0-9]+)", article)
        if part
    )


def _glossary() -> tuple[GlossaryEntry, ...]:
    entries = [
        GlossaryEntry(word=OUTCOME_WORDS[outcome], meaning=OUTCOME_MEANINGS[outcome].format(kind="model"))
        for outcome in OUTCOME_WORDS
    ]
    entries += [GlossaryEntry(word=STATUS_WORDS[status], meaning=STATUS_MEANINGS[status]) for status in STATUS_WORDS]
    entries += [
        GlossaryEntry(word=word, meaning=meaning)
        for word, meaning in (
            (
                "advisory",
                "Shown and explained, but deciding nothing: the rule does not bind yet, or not for this system.",
            ),
            ("blocker, major, minor", "How much a control weighs. A blocker that is not satisfied denies the gate."),
            (
                "law, guidance, policy",
                "Where the requirement comes from: a legal text, guidance, or a policy of the house.",
            ),
            ("finding", "Why an objective is not satisfied, with what was observed and what was expected."),
            (
                "interval",
                "The range in which the true value lies with the stated confidence; policies judge its worse end.",
            ),
            ("snapshot", "The records that counted at the instant of the decision, frozen under one digest."),
            ("digest", "A fingerprint (SHA-256): a change of one bit gives another one."),
            (
                "ledger",
                "The append-only log of records and decisions; its proofs show that nothing was changed later.",
            ),
        )
    ]
    return tuple(entries)
