"""A bundle of which one control is being written: checked again after each change in the time that a person notices.

Of a change to the control, or to Rego that all share, only the changed modules and the control are checked; every other
change, and one after which this cannot be said, has the whole bundle checked.
"""

from collections.abc import Mapping
from dataclasses import replace

from engine.backends.syntax import Parser, Tree, parse_modules
from engine.bundle.draft import Draft, other_text, read_draft
from engine.bundle.facts import Inspection
from engine.bundle.files import decides, proves
from engine.bundle.foreign import FOLDER as FOREIGN
from engine.bundle.load import Bundle
from engine.bundle.paths import CONTROLS, of_controls, placed
from engine.errors import refuse
from engine.rego.lint import inspect_again


class Editing:
    """One control of a checked bundle, and what was read of all that it rests on. Close it after use."""

    def __init__(self, bundle: Bundle, control_id: str) -> None:
        self._bundle = bundle
        self._path = bundle.controls[control_id].path
        self._draft: Draft = read_draft({p: c for p, c in bundle.files.items() if not of_controls(p)})
        self._parser = Parser()
        self._trees: dict[str, Tree] = parse_modules(self._draft.modules, ask=self._parser.ask)[0]

    def close(self) -> None:
        self._parser.close()

    def again(self, files: Mapping[str, bytes]) -> Bundle | None:
        """The bundle of these files; None where what changed asks for the whole to be checked.

        Raises PolicyErrors with every mistake in what changed.
        """
        now = {path: content for path, content in sorted(files.items()) if decides(path)}
        was = self._bundle.files
        changed = {path for path in {**was, **now} if was.get(path) != now.get(path)}
        shared = changed - {self._path}
        apart = (CONTROLS, FOREIGN)
        if not changed <= now.keys() or any(not p.endswith(".rego") or placed(p).startswith(apart) for p in shared):
            return None
        draft = other_text(self._draft, {path: now[path] for path in {*shared, self._path}})
        # What was checked of a changed library's callers may not hold any more: the control's own are looked at.
        known = {path: tree for path, tree in self._trees.items() if path not in shared}
        inspection, mistakes = inspect_again(draft, known, self._parser)
        refuse(mistakes)
        return replace(
            self._bundle,
            files=now,
            proofs={path: content for path, content in sorted(files.items()) if proves(path)},
            controls={**self._bundle.controls, **draft.controls},
            inspection=Inspection(controls={**self._bundle.inspection.controls, **inspection.controls}),
        )
