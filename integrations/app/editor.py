"""Help in an editor: JSON Schemas of the YAML files that people write by hand, and settings of VS Code that name them.

Each schema is that of the model which reads the file, so that it cannot say anything else. METADATA has none: it stands
in the comments of a Rego module, where no YAML schema reaches; `quaestor policy lint` reads it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.bundle.draft import Draft, Framework, read_draft
from engine.bundle.effective import overlay_schema
from engine.bundle.files import read_folder
from engine.bundle.gates import GateFile
from engine.bundle.overlay import overlay_at, with_additions
from engine.bundle.parameters import CatalogueFile
from engine.bundle.statements import ROLES_PATH, SIGNERS_PATH, RolesFile, SignersFile, StatementFile
from engine.bundle.vocabulary import DATES_PATH, VOCABULARY_PATH, DatesFile, VocabularyFile
from engine.proofs.cases import CasesFile
from evidence.lineage.document import document_schema
from evidence.model.canonical import parse_json
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.schemas import file_schema, schema_text
from evidence.validation.plan.model import Plan
from integrations.app.modelines import SCHEMAS, evidence_name
from integrations.app.skeletons import ENTRY, content_schema, written_by_hand
from integrations.app.workspace import write_files

SETTINGS = ".vscode/settings.json"
_FILES = {
    "gate": ["gates/*.yaml"],
    "parameters": ["parameters/parameters.yaml"],
    "dates": [DATES_PATH],
    "vocabulary": [VOCABULARY_PATH],
    "framework": ["frameworks/*.yaml"],
    "statement": ["statements/*.yaml"],
    "roles": [ROLES_PATH],
    "signers": [SIGNERS_PATH],
    "cases": ["controls/*/*_cases.yaml"],
    "overlay": ["overlay.yaml"],
    "plan": ["plan.yaml", "plan-*.yaml", "plans/*.yaml"],
    "lineage": ["lineage.yaml", "lineage-*.yaml"],
    "evidence/risk-questionnaire": ["questionnaire.yaml", "risk-questionnaire.yaml"],
}
"""By schema, the files that it is for. Other files name theirs in a first line (`modelines`)."""


def schemas(draft: Draft) -> dict[str, dict[str, Any]]:
    """Schemas by name: the files of a bundle, overlay, plan and lineage, and `evidence/<type>` of what people file.

    `draft` says which parameters, controls, evidence types and kinds of statement there are.
    """
    controls = [*draft.controls.values(), *(control for control, _ in draft.mistaken.values())]
    made = {
        "gate": file_schema(GateFile),
        "parameters": file_schema(CatalogueFile),
        "dates": file_schema(DatesFile),
        "vocabulary": file_schema(VocabularyFile),
        "framework": file_schema(Framework),
        "statement": file_schema(StatementFile),
        "roles": file_schema(RolesFile),
        "signers": file_schema(SignersFile),
        "cases": file_schema(CasesFile),
        "overlay": overlay_schema(draft.catalogue, controls),
        "plan": file_schema(Plan),
        "lineage": document_schema(),
    }
    for kind in draft.schemas:
        if kind == ENTRY or written_by_hand(kind):
            made[evidence_name(kind)] = content_schema(kind, draft.schemas[kind])
    return made


def write_help(policies: Path, folder: Path, overlay: Path | None = None) -> int:
    """Write schemas and settings into the folder that an editor opens; how many schemas.

    What an overlay, a file or a folder, adds counts too. Settings that are there stay as they are, and what they lack
    is added. Raises QuaestorError, with nothing written, for settings that are not plain JSON, and for a folder that
    cannot be written.
    """
    said = overlay_at(overlay) if overlay is not None else None
    made = schemas(read_draft(with_additions(read_folder(policies), said)))
    wanted = _with_settings(folder / SETTINGS, _settings(policies, folder))
    texts = {f"{SCHEMAS}/{name}.json": schema_text(schema) for name, schema in sorted(made.items())}
    texts |= {SETTINGS: wanted} if wanted is not None else {}
    write_files(folder, {name: text.encode() for name, text in texts.items()})
    return len(made)


def _settings(policies: Path, folder: Path) -> dict[str, Any]:
    """What VS Code is to know: the YAML extension, that of OPA, and the form of `opa fmt`."""
    root = policies.resolve()
    inside = root.is_relative_to(folder.resolve())
    place = root.relative_to(folder.resolve()).as_posix() if inside else "."
    roots = ["${workspaceFolder}" if place == "." else f"${{workspaceFolder}}/{place}"]
    return {
        "yaml.schemas": {f"./{SCHEMAS}/{name}.json": globs for name, globs in _FILES.items()},
        **({"opa.roots": roots} if inside else {}),
        "opa.strictMode": True,
        "[rego]": {"editor.insertSpaces": False, "editor.formatOnSave": True},
    }


def _with_settings(path: Path, wanted: Mapping[str, Any]) -> str | None:
    """The settings of a file with what they lack; None where they lack nothing. Raises QuaestorError."""
    hint = "take the comments and last commas out, or move the file away, run this again, and join both by hand"
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        text = b""
    except OSError as cause:
        hint = "make it a file that you may read"
        raise QuaestorError(f"cannot be read: {cause.strerror}", where=str(path), hint=hint) from None
    try:
        known = parse_json(text, where=str(path)) if text.strip() else {}
    except EvidenceError as cause:
        problem = f"settings that would be lost are not plain JSON: {cause.problem}"
        raise QuaestorError(problem, where=cause.where, hint=hint) from None
    joined = _joined(known, wanted, str(path))
    return json.dumps(joined, indent=2, ensure_ascii=False) + "\n" if joined != known else None


def _joined(known: Any, wanted: Mapping[str, Any], where: str) -> dict[str, Any]:
    """`known` with what it lacks of `wanted`, in the order of both. Raises QuaestorError for what is no object."""
    if not isinstance(known, dict):
        raise QuaestorError("not a JSON object", where=where, hint='write the settings as {"name": value}')
    added = {
        name: _joined(known.get(name, {}), value, f"{where}, `{name}`") if isinstance(value, dict) else value
        for name, value in wanted.items()
        if isinstance(value, dict) or name not in known
    }
    return {**known, **added}
