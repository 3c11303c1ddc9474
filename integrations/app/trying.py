"""One control tried while it is written: on the evidence on record, a file, or a case of its own; again at each save.

Nothing is recorded. The control is asked of regorus, which needs the least time to take a changed policy.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.backends.base import RegoEngine
from engine.backends.choose import open_engine
from engine.backends.regorus import RegorusEngine
from engine.bundle.control import Control
from engine.bundle.effective import Effective
from engine.bundle.files import OVERLAY, policy_paths, read_folder
from engine.bundle.load import Bundle
from engine.bundle.overlay import Overlay, bundle_at, effective_under, overlay_at, with_additions
from engine.deciding.decide import switched_off
from engine.errors import PolicyError, did_you_mean
from engine.proofs.cases import Case, cases_path, read_case, read_cases
from engine.proofs.editing import Editing
from engine.proofs.trial import Given, Trial, given_snapshot, tried
from evidence.model.errors import QuaestorError
from evidence.snapshot.model import Snapshot
from evidence.snapshot.take import take_snapshot
from integrations.app.policies import file_of, told_by_file
from integrations.app.records import find_subject
from integrations.app.session import Session
from integrations.app.settings import cache_folder

POLL_SECONDS = 0.04
SETTLE_SECONDS = 0.01


@dataclass(frozen=True)
class Source:
    """Where the evidence comes from: a snapshot, a file in the shape of a case, or a case of the control by its name.

    `gate` is that of a snapshot, or of a file that names none: None is the first gate of the control.
    """

    snapshot: Snapshot | None = None
    file: Path | None = None
    case: str | None = None
    gate: str | None = None


def on_record(session: Session, subject: str, gate: str | None) -> Source:
    """The evidence that a decision on the subject would rest on, made now. Raises QuaestorError."""
    found = find_subject(session.store, subject)
    return Source(snapshot=take_snapshot(session.store, found, session.now()), gate=gate)


def control_of(bundle: Bundle, control_id: str) -> Control:
    """Raises QuaestorError for one that the bundle does not have."""
    if control_id not in bundle.controls:
        raise QuaestorError(f"no control `{control_id}`", hint=did_you_mean(control_id, bundle.controls))
    return bundle.controls[control_id]


def given_by(
    source: Source, bundle: Bundle, effective: Effective, control: Control, engine: RegoEngine
) -> Given | Case:
    """What the control is judged on. Raises QuaestorError or PolicyErrors for a source that does not fit it."""
    gate = source.gate or control.gates[0]
    if gate not in control.gates:
        known = did_you_mean(gate, control.gates)
        raise QuaestorError(f"`{control.id}` is not asked at gate `{gate}`", hint=f"its gates: {known}")
    if source.snapshot is not None:
        return given_snapshot(bundle, effective, control, source.snapshot, gate, engine)
    if source.file is not None:
        usual = {"gate": gate, "parameters": {item.name: item.value for item in effective.overrides}}
        return read_case(bundle, control, source.file.read_bytes(), str(source.file), usual, source.gate)
    case = read_cases(bundle, control, source.case)[0]
    if case.refused:
        problem = f"a record of the case `{case.name}` is none: no policy would see it"
        hint = "`quaestor policy test` shows such a case as refused"
        raise PolicyError(problem, path=cases_path(control.stem), line=case.line, hint=hint)
    return case


@dataclass(frozen=True)
class Attempt:
    """What came of one save: the trial, or why there is none; with the seconds that it took from when it was seen."""

    trial: Trial | None
    problem: QuaestorError | None
    seconds: float


class Trying:
    """Tries one control of a folder or archive of policies, as often as it is asked. Close it after use."""

    def __init__(self, policies: Path, overlay: Path | None, control_id: str, source: Source) -> None:
        self._policies, self._overlay = policies, overlay
        self._id, self._source = control_id, source
        self._engine: RegoEngine | None = None
        self._follows = True
        """Whether what changes can be checked alone, which of other people's Rego it cannot."""
        self._editing: Editing | None = None
        self.bundle: Bundle | None = None
        """The bundle that was tried last."""
        self.off: str | None = None
        """Why the overlay turns the control off, where it does: no decision asks it then."""

    def once(self) -> Trial:
        """The trial, of what the files say now. Raises QuaestorError, PolicyErrors with every mistake of lint."""
        with told_by_file(self._overlay):
            return self._once()

    def file_of(self, path: str) -> str:
        """A file of the bundle that was tried, by the path under which its author has it."""
        return file_of(path, self._overlay)

    def _once(self) -> Trial:
        overlay = overlay_at(self._overlay) if self._overlay is not None else None
        bundle = self._loaded(overlay)
        effective = effective_under(bundle, overlay)
        control = control_of(bundle, self._id)
        program = bundle.program([control.id])
        self._follows = control.foreign is None
        if not self._follows and self._engine is not None:
            self._engine.close()  # OPA is started again with what the pack holds now
            self._engine = None
        if self._engine is None:
            self._engine = open_engine("regorus", program)
        elif isinstance(self._engine, RegorusEngine):
            self._engine.load(program)
        given = given_by(self._source, bundle, effective, control, self._engine)
        seen = (
            given if isinstance(given, Given) else Given(given.context, given.records, given.aside, given.turned_away)
        )
        off = switched_off(control, effective, seen.context)
        self.bundle, self.off = bundle, effective.disabled[control.id].reason if off else None
        return tried(control, bundle.inspection.controls[control.id], seen, self._engine)

    def attempts(self, wait: Callable[[float], None] = time.sleep) -> Iterator[Attempt]:
        """An attempt now and one after each save, without end; a mistake ends nothing."""
        while True:
            stamps = self._stamps()
            began = time.monotonic()
            try:
                trial, problem = self.once(), None
            except (QuaestorError, OSError) as cause:
                said = cause if isinstance(cause, QuaestorError) else QuaestorError(f"cannot be read: {cause}")
                trial, problem = None, said
            yield Attempt(trial, problem, time.monotonic() - began)
            if self._follows and self._editing is None and self.bundle is not None and self._policies.is_dir():
                self._editing = Editing(self.bundle, self._id)
            while (now := self._stamps()) == stamps:
                wait(POLL_SECONDS)
            while now != stamps:  # some editors empty a file before they fill it
                wait(SETTLE_SECONDS)
                stamps, now = now, self._stamps()

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
        if self._editing is not None:
            self._editing.close()

    def __enter__(self) -> "Trying":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _loaded(self, overlay: Overlay | None) -> Bundle:
        if self._editing is not None:
            again = self._editing.again(with_additions(read_folder(self._policies), overlay))
            if again is not None:
                return again
            self._editing.close()
            self._editing = None
        return bundle_at(self._policies, overlay, cache_folder())

    def _stamps(self) -> Mapping[str, tuple[int, int]]:
        """When each file was written that the trial rests on, and how long it is. Asked many times a second, so paths
        are texts.
        """
        files = [str(self._source.file)] if self._source.file is not None else []
        for folder in (self._policies, self._overlay):
            if folder is not None and folder.is_dir():
                files += [f"{folder}/{name}" for name in (OVERLAY, *policy_paths(folder))]
            elif folder is not None:
                files.append(str(folder))
        found = {}
        for path in files:
            with contextlib.suppress(OSError):  # as editors write: it comes back, or is told as gone
                about = os.stat(path)  # noqa: PTH116 -- a Path of each takes three times as long
                found[path] = about.st_mtime_ns, about.st_size
        return found
