"""Which controls may answer otherwise over the same evidence, when policies or parameters change.

Told from the text, on the safe side: Rego that lint lets by names every package, parameter and part of `input` in so
many words (`engine.rego.references`), so what does not hold the word does not read it.
"""

import re
from collections.abc import Mapping
from typing import Any

from engine.bundle.load import Bundle
from engine.bundle.paths import of_controls, placed
from evidence.model.canonical import canonical_bytes

_JUDGED_APART = ("controls/", "foreign/", "frameworks/", "gates/", "lib/", "retention/", "parameters/parameters.yaml")
"""What a decision reads of other files is compared as parameters, gates and controls."""
_OF_THE_ENGINE = ("waiver_max_days",)
"""Parameters that decisions go by without any rule of a control."""
_WORD = re.compile(r"[A-Za-z_]\w*")
_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*"|`[^`]*`)|#.*')
"""A comment, or a text in which a hash begins none."""
_STEP = r'(?:\s*\.\s*\w+|\s*\[\s*["`]\w+["`]\s*\])'
_PACKAGE = re.compile(rf"\bpackage\s+(\w+{_STEP}*)")
_WIDE = re.compile(rf"\bimport\s+(?:input|data{_STEP}?)(?!\w)(?!\s*[.\[])")
"""An import behind which the rest of a reference may stand anywhere."""
_HIDDEN = re.compile(r"\\u00[3-7]|\r(?!\n)")
"""By what a name may be written otherwise, or a comment end where another reader sees it go on."""
_LAW_BLOCKERS = "input policies"
"""Of what policies are told of themselves, what follows from all controls. The digests are named to them
(`engine.deciding.risk.Named`): the smallest change would alter them."""


def touched(old: Bundle, before: Mapping[str, Any], new: Bundle, after: Mapping[str, Any]) -> frozenset[str] | None:
    """Ids of the new bundle's controls that may come to another result than under the old one, over the same evidence.

    `before` and `after` are the parameters in force with each. A control that only the new bundle has is among them;
    None where the change may reach any control: what counts as evidence, the risk tier, dates, terms of waivers. Both
    have to be told of the same policies in force.
    """
    paths = {path for path in old.files.keys() | new.files.keys() if old.files.get(path) != new.files.get(path)}
    if not all(placed(path).startswith(_JUDGED_APART) for path in paths):
        return None
    # By what an engine is given: to Python 1 is the same as true.
    told = [{name: canonical_bytes(value) for name, value in values.items()} for values in (before, after)]
    changed = {name for name in told[0].keys() | told[1].keys() if told[0].get(name) != told[1].get(name)}
    switches = {switch for entry in new.vocabulary.dates.values() for switch in entry.when}
    if changed & {*_OF_THE_ENGINE, *switches}:
        return None
    shared = [_shared(old), _shared(new)]
    moved = {modules[path] for modules in shared for path in paths & modules.keys()}
    blockers = {_LAW_BLOCKERS} if _binding(old) != _binding(new) else set()
    phrases = _reached(blockers | changed, {text for modules in shared for text in modules.values()}, moved)
    if any(f"{phrase} ".startswith("risk ") for phrase in phrases):
        return None
    return frozenset(
        control.id
        for control in new.controls.values()
        if control != old.controls.get(control.id)
        or control.path in paths
        or control.foreign is not None
        or _mentions(new.files[control.path].decode(), phrases)
    )


def _binding(bundle: Bundle) -> list[tuple[Any, ...]]:
    """What makes a control a blocker of the law for some system on some day (`evaluate.scope_of`)."""
    controls = sorted(bundle.controls.values(), key=lambda control: control.id)
    return [(c.id, c.severity, c.basis, c.law_scope, c.applies_from, c.until) for c in controls]


def _shared(bundle: Bundle) -> dict[str, str]:
    return {path: text for path, text in bundle.modules().items() if not of_controls(path)}


def _reached(phrases: set[str], modules: set[str], moved: set[str]) -> set[str]:
    """`phrases`, and the packages of those modules that were moved or hold a phrase, or use one that does, …"""
    rest = {*modules}
    while hit := {text for text in rest if text in moved or _mentions(text, phrases)}:
        rest -= hit
        phrases = phrases | {phrase for text in hit for phrase in _package(text)}
    return phrases


def _package(text: str) -> set[str]:
    """How a caller names the package of a module: by the last two names of its path."""
    found = _PACKAGE.search(_code(text))
    return {" ".join(_WORD.findall(found[1])[-2:])} if found else set()


def _mentions(text: str, phrases: set[str]) -> bool:
    """Whether a module, comments aside, holds a phrase: its words one after another, whatever stands between them."""
    code = _code(text)
    if _WIDE.search(code) or _HIDDEN.search(code):
        return True
    words = f" {' '.join(_WORD.findall(code))} "
    return any(f" {phrase} " in words for phrase in phrases)


def _code(text: str) -> str:
    return _COMMENT.sub(lambda found: found[1] or "", text)
