"""Lint of a folder of policies: every mistake of what decides, and of the cases that prove it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from engine.backends.cache import PrivateCache
from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from engine.backends.foreign import check_pack
from engine.bundle.access_words import known_words
from engine.bundle.clean import Clean, content_key, remember_clean
from engine.bundle.draft import Draft
from engine.bundle.effective import lapsed
from engine.bundle.facts import Inspection
from engine.bundle.files import ACCESS_CASES, decides, proves, read_folder
from engine.bundle.foreign import FOLDER, MAPPING, is_foreign, pack_files, packs_asked
from engine.bundle.foreign_forms import gathered
from engine.bundle.load import Bundle
from engine.bundle.overlay import mistakes_of, overlay_at, with_additions
from engine.bundle.paths import CONTROLS, placed
from engine.errors import PolicyError, PolicyErrors, in_order
from engine.proofs.access import read_access_cases
from engine.proofs.cases import cases_path, read_cases
from engine.rego.lint import look_through


def lint(
    folder: Path, overlay: Path | None = None, *, day: date | None = None, cache: Path | None = None
) -> tuple[PolicyError, ...]:
    """All mistakes and warnings of a folder of policies with what an overlay adds; paths are those in the folder, and
    under `overlay/` those in the overlay's.

    What an overlay sets and turns off is checked against policies that have no mistake themselves; what it turned off
    until before `day` is told, where somebody says which day it is. In the folder
    `cache` is kept which controls and cases have none, and those are not looked at again.
    """
    files = read_folder(folder)
    try:
        said = overlay_at(overlay) if overlay is not None else None
        files = with_additions(files, said)
    except PolicyError as cause:
        return cause.errors if isinstance(cause, PolicyErrors) else (cause,)
    store = PrivateCache(cache) if cache is not None else None
    look = look_through(files, store)
    draft, mistakes = look.draft, look.mistakes
    of_cases, cases = _of_cases(draft, look.inspection, files, mistakes, look.clean.cases)
    if store is not None:
        remember_clean(store, draft.files, Clean(controls=look.clean.controls, cases=cases))
    found = [*mistakes, *look.untidy, *_of_packs(draft, mistakes), *of_cases]
    if said is not None and all(error.warning for error in found):
        found += mistakes_of(said, draft.catalogue, draft.controls.values())
        found += lapsed(said.document, day) if day is not None else []
    return in_order(found)


def _of_packs(draft: Draft, mistakes: tuple[PolicyError, ...]) -> list[PolicyError]:
    """Where other people's Rego is not what its mapping takes it for; what OPA says of it, since lint itself cannot
    follow it; that OPA could not be asked, where it is not at hand. A decision asks again.
    """
    wrong = {error.path for error in mistakes if not error.warning}
    packs = packs_asked(draft.files, draft.controls.values()) if not any(map(is_foreign, wrong)) else ()
    if not packs:
        return []
    folders = pack_files(draft.files)
    found = [item for pack in packs for item in gathered(pack.name, folders[pack.name], draft.controls.values())]
    opa = find_opa()
    if opa is None:
        problem = "without OPA nobody knows whether the pack compiles, and a decision that asks it has an error"
        return found + [
            PolicyError(problem, path=f"{FOLDER}{pack.name}/{MAPPING}", line=1, hint=HOW_TO_GET_OPA, warning=True)
            for pack in packs
        ]
    hint = "take the module out of the pack, or have its makers mend it"
    older = "if it is written in the older syntax, `rego_version: v0` in mapping.yaml; else have its makers mend it"
    return found + [
        PolicyError(
            f"OPA refuses it: {said}",
            path=f"{FOLDER}{pack.name}/{path}",
            line=line,
            hint=older if "keyword is required" in said else hint,
        )
        for pack in packs
        for path, line, said in check_pack(pack, opa)
    ]


def _of_access(bundle: Bundle) -> list[PolicyError]:
    """Mistakes of the cases of the Cedar policies. That there are none is told where they are run."""
    if ACCESS_CASES not in bundle.proofs:
        return []
    try:
        read_access_cases(bundle.proofs, bundle.access, known_words(bundle.signers.roles))
    except PolicyError as cause:
        return list(cause.errors) if isinstance(cause, PolicyErrors) else [cause]
    return []


def _of_cases(
    draft: Draft,
    inspection: Inspection,
    files: Mapping[str, bytes],
    mistakes: tuple[PolicyError, ...],
    clean: frozenset[str],
) -> tuple[list[PolicyError], frozenset[str]]:
    """Mistakes of the cases of the Cedar policies, and of each control that has none itself, but for those that are
    `clean`; and what is so now.

    Where what all controls share is mistaken, none is read: each case would tell the same again.
    """
    wrong = {error.path for error in mistakes if not error.warning}
    if draft.vocabulary is None or any(not placed(path).startswith((CONTROLS, FOLDER)) for path in wrong):
        return [], clean
    bundle = Bundle(
        files={path: content for path, content in files.items() if decides(path)},
        proofs={path: content for path, content in files.items() if proves(path)},
        controls=draft.controls,
        gates=draft.gates,
        frameworks=draft.frameworks,
        catalogue=draft.catalogue,
        vocabulary=draft.vocabulary,
        schemas=draft.schemas,
        signers=draft.signers,
        inspection=inspection,
    )
    found: list[PolicyError] = _of_access(bundle)
    free: set[str] = set()
    for control in draft.controls.values():
        path = cases_path(control.stem)
        if control.path in wrong or path not in bundle.proofs:
            continue
        key = content_key(files, control.path, path)
        try:
            if key not in clean or control.foreign is not None:
                read_cases(bundle, control)
            free.add(key)
        except PolicyErrors as cause:
            found += cause.errors
        except PolicyError as cause:
            found.append(cause)
    return found, frozenset(free)
