"""A bundle of policies: read, checked, digested, and ready for an engine."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.access import AccessPolicies
from engine.backends.base import Program, gate_rule
from engine.backends.cache import PrivateCache
from engine.bundle.checked import Checked, recall, remember
from engine.bundle.clean import remember_clean
from engine.bundle.control import Control
from engine.bundle.draft import Framework
from engine.bundle.facts import Inspection
from engine.bundle.files import OVERLAY, archive, compressed, decides, files_digest, proves, read_archive, read_folder
from engine.bundle.foreign import is_foreign, packs_asked
from engine.bundle.gates import Gate, selected
from engine.bundle.own_model import typed
from engine.bundle.parameters import Parameter
from engine.bundle.statements import Signers
from engine.bundle.vocabulary import Vocabulary
from engine.errors import NothingAskedError, PolicyError, PolicyErrors, did_you_mean, refuse
from evidence.model.canonical import digest_bytes, digest_json
from evidence.model.events import event_of, tells_events
from evidence.model.own import is_own
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate

EXTRA_RULES: Mapping[str, str] = {
    "quaestor/risk": "data.risk.tier.system",
    "quaestor/retention": "data.retention.schedule.answer(input.item)",
}
"""Rules beside the controls' results: what use cases ask for, and the policy that answers."""


@dataclass(frozen=True)
class Bundle:
    """Checked policies. `files` are those that decide, `proofs` tests and cases; only `files` count in the digest."""

    files: Mapping[str, bytes]
    proofs: Mapping[str, bytes]
    controls: Mapping[str, Control]
    gates: Mapping[str, Gate]
    frameworks: Mapping[str, Framework]
    catalogue: Mapping[str, Parameter]
    vocabulary: Vocabulary
    schemas: Mapping[str, dict[str, object]]
    signers: Signers
    inspection: Inspection

    def __getstate__(self) -> dict[str, Any]:
        """For another process: what follows from the fields follows there again, and models made here it has not."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of {path: digest} of every file that decides."""
        return files_digest(self.files)

    @cached_property
    def access(self) -> AccessPolicies:
        """Who may act. Raises PolicyErrors with every mistake that Cedar finds."""
        return AccessPolicies(self.files)

    @cached_property
    def events(self) -> bool:
        """Whether its policies see in each record which event it tells of."""
        return tells_events(self.schemas.values())

    def event_told(self, kind: str, content: Any, digest: str) -> dict[str, str]:
        """The field of a record of some content and its digest that says which event it tells of, as its policies see
        it; none where they see no events.
        """
        return {"event": event_of(self.schemas.get(kind, {}), content, digest=digest)} if self.events else {}

    @cached_property
    def added(self) -> frozenset[str]:
        """The controls that the overlay brings: they can stop a subject, and none passes for them alone."""
        return frozenset(control.id for control in self.controls.values() if control.added)

    @cached_property
    def _selected(self) -> Mapping[str, tuple[Control, ...]]:
        return {name: selected(gate, self.controls.values()) for name, gate in self.gates.items()}

    @cached_property
    def own(self) -> Mapping[str, type[Predicate]]:
        """The models of the organisation's own evidence types, by type."""
        return {name: typed(name, schema) for name, schema in self.schemas.items() if is_own(name)}

    def model(self, kind: str) -> type[Predicate] | None:
        """What the content of an evidence type is held to; None for a type that nobody knows."""
        return PREDICATES.get(kind) or self.own.get(kind)

    def gate(self, name: str) -> Gate:
        """The gate of a name. Raises PolicyError for one that the bundle does not have."""
        if name not in self.gates:
            raise PolicyError(f"unknown gate `{name}`", path="gates", line=1, hint=did_you_mean(name, self.gates))
        return self.gates[name]

    def select(self, name: str) -> tuple[Control, ...]:
        """The controls that a gate asks, by id. Raises PolicyError for an unknown gate, and for one that asks none."""
        gate = self.gate(name)
        if not self._selected[name]:
            raise NothingAskedError(name, gate.path)
        return self._selected[name]

    def archive(self) -> bytes:
        """A tar of the files that decide: the same bytes for the same bundle."""
        return archive(self.files)

    def modules(self) -> dict[str, str]:
        """Rego text by path, tests and foreign packs left out."""
        return {
            path: content.decode()
            for path, content in self.files.items()
            if path.endswith(".rego") and not is_foreign(path)
        }

    def program(self, only: Collection[str] = ()) -> Program:
        """What an engine loads: the policies, and generated packages with one object a control and one a gate.

        `only` names controls where no other will be asked for: an engine loads the sooner.
        """
        asked = [control for control in self.controls.values() if not only or control.id in only]
        controls = [control for control in asked if control.foreign is None]
        foreign = packs_asked(self.files, asked)
        groups = {name: tuple(c.rule for c in selected(gate, controls)) for name, gate in self.gates.items()}
        groups = {name: rules for name, rules in sorted(groups.items()) if rules}
        left_out = {control.path for control in self.controls.values()} - {control.path for control in controls}
        modules = {path: text for path, text in self.modules().items() if path not in left_out}
        extra = {rule: source for rule, source in EXTRA_RULES.items() if _defines(modules, source)}
        modules |= {f"{control.rule}.rego": self._result(control) for control in controls}
        modules |= {f"{gate_rule(name)}.rego": _gate_module(name, rules) for name, rules in groups.items()}
        if extra:
            lines = [f"{rule.rpartition('/')[2]} := {source}" for rule, source in sorted(extra.items())]
            modules["quaestor/extra.rego"] = "\n\n".join(["package quaestor", *lines]) + "\n"
        rules = (*sorted(c.rule for c in controls), *sorted(extra))
        whole: dict[str, object] = {
            "modules": {p: digest_bytes(t.encode()) for p, t in modules.items()},
            "rules": list(rules),
        }
        if foreign:
            whole["foreign"] = {path: digest_bytes(self.files[path]) for path in self.files if is_foreign(path)}
        return Program(
            modules=dict(sorted(modules.items())),
            rules=rules,
            groups=groups,
            digest=digest_json(whole),
            foreign=foreign,
        )

    def _result(self, control: Control) -> str:
        """One module a control, so that an engine need load no other control for it."""
        facts, source = self.inspection.controls[control.id], f"data.{control.package}"
        applies = f"[x | x := {source}.applies]" if facts.has_applies else "[true]"
        findings = f"{source}.findings" if facts.has_findings else "set()"
        fields = {"applies": applies, "satisfied": f"{source}.satisfied", "findings": findings}
        body = "".join(f'\t"{name}": {value},\n' for name, value in fields.items())
        return f"package quaestor.results\n\n{control.name} := {{\n{body}}}\n"


def _gate_module(name: str, rules: tuple[str, ...]) -> str:
    body = "".join(f'\t"{rule.rpartition("/")[2]}": data.{rule.replace("/", ".")},\n' for rule in rules)
    return f"package quaestor.gates\n\n{gate_rule(name).rpartition('/')[2]} := {{\n{body}}}\n"


def _defines(modules: Mapping[str, str], source: str) -> bool:
    package, _, _ = source.partition("(")[0].removeprefix("data.").rpartition(".")
    return any(f"package {package}\n" in text for text in modules.values())


def bundle_from_files(files: Mapping[str, bytes], cache: Path | None = None) -> Bundle:
    """A bundle from its files by path, all checks made. Raises PolicyErrors with every mistake.

    `cache` is a folder in which what the checks derived is kept by digest, so that they run once a bundle.
    """
    store = PrivateCache(cache) if cache is not None else None
    checked = recall(store, files) if store is not None else None
    if checked is None:
        checked = _checked(files, store)
        if store is not None:
            remember(store, files, checked)
    return Bundle(
        files={path: content for path, content in sorted(files.items()) if decides(path)},
        proofs={path: content for path, content in sorted(files.items()) if proves(path)},
        **dict(checked),
    )


def _checked(files: Mapping[str, bytes], store: PrivateCache | None) -> Checked:
    from engine.rego.lint import look_through  # most bundles come checked out of the cache

    look = look_through(files, store)
    draft = look.draft
    if store is not None:
        remember_clean(store, draft.files, look.clean)
    refuse(look.mistakes)
    if not draft.controls or draft.vocabulary is None:
        raise PolicyError("no control in the bundle", path="controls", line=1, hint="give the folder of the policies")
    return Checked(
        controls=dict(sorted(draft.controls.items())),
        gates=dict(sorted(draft.gates.items())),
        frameworks=dict(sorted(draft.frameworks.items())),
        catalogue=draft.catalogue,
        vocabulary=draft.vocabulary,
        schemas=draft.schemas,
        signers=draft.signers,
        inspection=look.inspection,
    )


def bundle_from_archive(data: bytes, cache: Path | None = None) -> Bundle:
    """A bundle from a tar or zip, such as the one in an audit pack, or from one for OPA.

    `cache` as for `bundle_from_files`. Raises PolicyErrors with every mistake.
    """
    if compressed(data):
        from engine.bundle.opa import read_opa_bundle

        return read_opa_bundle(data, cache=cache)[0]
    return bundle_from_files({name: content for name, content in read_archive(data).items() if name != OVERLAY}, cache)


def load_bundle(folder: Path, cache: Path | None = None) -> Bundle:
    """The bundle of a folder of policies. Raises PolicyErrors with every mistake, at paths under `folder`.

    `cache` as for `bundle_from_files`; it is made, readable by its owner alone.
    """
    try:
        return bundle_from_files(read_folder(folder), cache)
    except PolicyErrors as cause:
        raise PolicyErrors(under(folder, error) for error in cause.errors) from None
    except PolicyError as cause:
        raise under(folder, cause) from None


def under(folder: Path, error: PolicyError) -> PolicyError:
    """A mistake in a file of policies, told of its path under the folder that they lie in."""
    if error.path == str(folder):
        return error
    return error.at((folder / error.path).as_posix())
