"""A bundle as its files say it, before the rules of its policies were looked at."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from pydantic import Field

from engine.bundle.additions import refused_additions, stray_signer, taken_parameters
from engine.bundle.control import EXCEPTIONS, Control, ControlErrors, read_control
from engine.bundle.documents import Document, parse_model, read_yaml
from engine.bundle.files import ACCESS_CASES, decides, is_pack_test, proves
from engine.bundle.foreign import FOLDER as FOREIGN
from engine.bundle.foreign import MAPPING, hidden, is_foreign, pack_files, read_foreign, unsaid
from engine.bundle.gates import Gate, gate_mistakes, read_gate
from engine.bundle.metadata import wrong_metadata
from engine.bundle.own import FOLDER, line_of_mistake, own_type, read_own
from engine.bundle.parameters import PARAMETERS_PATH, Parameter, read_catalogue, read_words
from engine.bundle.paths import ADDED, is_added, of_controls, placed
from engine.bundle.published import HOW_TO_ADD, beyond_published, in_place_of_broken
from engine.bundle.statements import ROLES_PATH, SIGNERS_PATH, STATEMENT, Signers, read_signers, statement_schema
from engine.bundle.vocabulary import DATES_PATH, VOCABULARY_PATH, Vocabulary, read_vocabulary
from engine.errors import PolicyError, PolicyErrors, did_you_mean, is_shared
from evidence.model.base import Frozen
from evidence.model.canonical import parse_json
from evidence.model.errors import EvidenceError
from evidence.model.own import is_own
from evidence.model.subject import SubjectKind


class FrameworkArticle(Frozen):
    """An article, point or control of a framework, as controls cite it."""

    id: str
    title: str


class Framework(Frozen):
    """A text that controls answer to: `policies/frameworks/<id>.yaml`.

    Controls cite the articles of most; those of the kind `requirements` are needs, which objectives cover.
    """

    framework: str
    title: str
    version: str
    kind: str
    articles: tuple[FrameworkArticle, ...] = Field(min_length=1)


@dataclass
class Draft:
    """What could be read, and every mistake on the way. Whatever is wrong is left out of the mappings."""

    files: Mapping[str, bytes]
    """The files that decide."""
    modules: dict[str, str] = field(default_factory=dict)
    """Rego text by path, tests left out."""
    controls: dict[str, Control] = field(default_factory=dict)
    metadata: dict[str, Document] = field(default_factory=dict)
    mistaken: dict[str, tuple[Control, Document]] = field(default_factory=dict)
    """By path, controls whose METADATA has mistakes, without these: its other words are looked at all the same."""
    gates: dict[str, Gate] = field(default_factory=dict)
    frameworks: dict[str, Framework] = field(default_factory=dict)
    catalogue: dict[str, Parameter] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By name, the sets of words that types of parameters may name."""
    catalogue_read: bool = True
    """Where the catalogue has a mistake, that is told, and not that each of its parameters is unknown."""
    vocabulary: Vocabulary | None = None
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    """JSON Schema by evidence type; kinds of statement (`statement:<kind>`) in the place of `attestation`."""
    unread: set[str] = field(default_factory=set)
    """Evidence types whose schema has mistakes: these are told, and not that the type is unknown."""
    signers: Signers = field(default_factory=Signers)
    mistakes: list[PolicyError] = field(default_factory=list)
    offered: Mapping[str, bytes] = field(default_factory=dict)
    """All files that came, tests and cases too, but for those that an overlay may not add."""

    def note(self, error: PolicyError) -> None:
        self.mistakes += error.errors if isinstance(error, PolicyErrors) else [error]


_NEEDED = (VOCABULARY_PATH, DATES_PATH)
"""What every bundle has, and no overlay."""


def read_draft(files: Mapping[str, bytes]) -> Draft:
    """The parts of a bundle from its files, by path. Raises nothing: mistakes are in the draft."""
    draft = open_draft(files)
    complete(draft)
    return draft


def no_bundle(paths: Container[str], folder: str = ".") -> PolicyError | None:
    """The mistake of whoever named a folder that holds no bundle at all; None where there is one, however wrong."""
    if any(path in paths for path in _NEEDED):
        return None
    hint = "give the folder that holds `controls` and `parameters`; an overlay is given by --overlay"
    return PolicyError("no bundle of policies lies here", path=folder, line=1, hint=hint)


def open_draft(files: Mapping[str, bytes]) -> Draft:
    """A draft that has its files and modules, so that these can be parsed while it is completed."""
    refused = refused_additions(path for path in files if decides(path) or proves(path))
    files = {path: content for path, content in files.items() if path not in refused}
    draft = Draft(files={path: content for path, content in sorted(files.items()) if decides(path)}, offered=files)
    if (mistake := no_bundle(draft.files)) is not None:
        # Told alone: what else there is to say of some other folder's files follows from it.
        draft.note(mistake)
        draft.files = draft.offered = {}
        return draft
    draft.mistakes += refused.values()
    for path, content in draft.files.items():
        if path.endswith(".rego") and not is_foreign(path):
            _module(draft, path, content)
    return draft


def complete(draft: Draft) -> None:
    """Read all else that the files of a draft say."""
    if not draft.files:
        return
    documents = _documents(draft)
    _schemas(draft)
    _signers(draft, documents)
    _parameters(draft, documents)
    _frameworks(draft, documents)
    _controls(draft)
    _foreign(draft, documents)
    _gates(draft, documents)
    if not any(is_shared(error) for error in draft.mistakes):  # else a word may be unknown for that alone
        _catalogue_words(draft)
    _stray_proofs(draft)


def other_text(draft: Draft, policies: Mapping[str, bytes]) -> Draft:
    """A draft with other Rego, by path, beside all else that an earlier draft read: of its controls only these.

    Every mistake is one of theirs.
    """
    shared = {path: text for path, text in draft.modules.items() if not of_controls(path)}
    files = {path: content for path, content in draft.files.items() if not of_controls(path)}
    again = replace(
        draft, files={**files, **policies}, modules=shared, controls={}, metadata={}, mistaken={}, mistakes=[]
    )
    for path, content in policies.items():
        _module(again, path, content)
    _controls(again)
    if not any(is_shared(error) for error in again.mistakes):
        _catalogue_words(again)
    return again


def _documents(draft: Draft) -> dict[str, Document]:
    documents = {}
    for path, content in draft.files.items():
        if path.endswith(".yaml"):
            try:
                documents[path] = read_yaml(content, path)
            except PolicyError as cause:
                draft.note(cause)
    return documents


def _module(draft: Draft, path: str, content: bytes) -> None:
    try:
        draft.modules[path] = content.decode("utf-8")
    except UnicodeDecodeError:
        draft.note(PolicyError("not UTF-8 text", path=path, line=1, hint="save it as UTF-8"))
        return
    draft.mistakes += wrong_metadata(draft.modules[path], path, package=not of_controls(path))


def _schemas(draft: Draft) -> None:
    own: dict[str, dict[str, Any]] = {}
    for path, content in draft.files.items():
        if placed(path).startswith(FOLDER):
            schema, mistakes = read_own(path, content)
            draft.mistakes += mistakes
            draft.unread |= {own_type(path)} if schema is None else set()
            own |= {own_type(path): schema} if schema is not None else {}
        elif path.startswith("schemas/"):
            try:
                value = parse_json(content, where=path)
            except EvidenceError as cause:
                line = line_of_mistake(cause, path)
                draft.note(PolicyError(cause.problem, path=path, line=line, hint=HOW_TO_ADD))
                continue
            if not isinstance(value, dict):
                draft.note(PolicyError("not a JSON object", path=path, line=1, hint=HOW_TO_ADD))
                continue
            odd = [problem for name, (fits, problem) in _EXTENSIONS.items() if name in value and not fits(value[name])]
            if odd:
                draft.note(PolicyError(odd[0], path=path, line=1, hint=HOW_TO_ADD))
                continue
            draft.schemas[path.removeprefix("schemas/").removesuffix(".json")] = value
    draft.mistakes += beyond_published(draft.schemas, draft.files)
    draft.schemas |= in_place_of_broken(draft.schemas, draft.files)
    draft.schemas |= own


def _is_about(value: Any) -> bool:
    kinds = set(SubjectKind)
    return isinstance(value, dict) and all(kind in kinds and isinstance(name, str) for kind, name in value.items())


def _is_order(value: Any) -> bool:
    return isinstance(value, dict) and all(mild is None or isinstance(mild, list) for mild in value.values())


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


_EXTENSIONS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "x-about": (_is_about, "`x-about` does not name a field for each of some kinds of subject"),
    "x-event": (_are_names, "`x-event` is not a list of fields"),
    "x-retold": (_is_order, "`x-retold` does not name a list of values, or null, for each of some fields"),
}
"""What Quaestor reads in a schema besides JSON Schema: its form, and what is said where it has another."""


def _signers(draft: Draft, documents: Mapping[str, Document]) -> None:
    for path in (ROLES_PATH, SIGNERS_PATH):
        if path not in draft.files:
            hint = "copy it from Quaestor's policies"
            draft.note(PolicyError("the bundle lacks this file", path=path, line=1, hint=hint))
    types = {**draft.schemas, **dict.fromkeys(draft.unread)}
    draft.signers, mistakes = read_signers(documents, types)
    draft.mistakes += mistakes
    if (added := documents.get(ADDED + SIGNERS_PATH)) is not None and isinstance(added.value, dict):
        strays = (stray_signer(added, kind, draft.files) for kind in added.value.get("signers") or () if kind in types)
        draft.mistakes += [stray for stray in strays if stray is not None]
    if SIGNERS_PATH in documents and not any(placed(mistake.path) == SIGNERS_PATH for mistake in mistakes):
        draft.mistakes += [
            _unsigned(draft, documents, name)
            for name in draft.schemas
            if is_own(name) and name not in draft.signers.records
        ]
    attestation = draft.schemas.pop("attestation", None)
    if attestation is not None:
        for name, kind in sorted(draft.signers.statements.items()):
            draft.schemas[STATEMENT + name] = statement_schema(kind, attestation)


def _unsigned(draft: Draft, documents: Mapping[str, Document], name: str) -> PolicyError:
    """The mistake of an own type that anybody could sign, where the rule for it has its place."""
    path = next(p for p in draft.files if placed(p).startswith(FOLDER) and own_type(p) == name)
    rules = ADDED * is_added(path) + SIGNERS_PATH
    problem, hint = f"no rule says who may sign a `{name}`", f"add `{name}: {{signed_by: [<role>]}}`"
    if rules in documents:
        return documents[rules].error(problem, "signers", hint=hint)
    where = f"{SIGNERS_PATH} of the overlay's folder" if is_added(path) else rules
    return PolicyError(problem, path=path, line=1, hint=f"{hint} under `signers` of {where}")


def _parameters(draft: Draft, documents: Mapping[str, Document]) -> None:
    absent = [path for path in (PARAMETERS_PATH, VOCABULARY_PATH, DATES_PATH) if path not in draft.files]
    for path in absent:
        draft.note(
            PolicyError("the bundle lacks this file", path=path, line=1, hint="copy it from Quaestor's policies")
        )
    draft.catalogue_read = PARAMETERS_PATH in documents
    try:
        if draft.catalogue_read:
            draft.words = read_words(documents[PARAMETERS_PATH], draft.files)
            draft.catalogue = read_catalogue(documents[PARAMETERS_PATH], draft.words)
    except PolicyError as cause:
        draft.note(cause)
        draft.catalogue_read = False
    try:
        if VOCABULARY_PATH in documents and DATES_PATH in documents:
            draft.vocabulary = read_vocabulary(documents[VOCABULARY_PATH], documents[DATES_PATH])
    except PolicyError as cause:
        draft.note(cause)
    if ADDED + PARAMETERS_PATH in documents and draft.catalogue_read:
        _added_parameters(draft, documents[ADDED + PARAMETERS_PATH])


def _added_parameters(draft: Draft, document: Document) -> None:
    try:
        own = read_words(document, draft.files)
        for name in sorted(own.keys() & draft.words.keys()):
            hint = "choose another name, or name those of the policies in the type"
            draft.note(document.error(f"the policies have the words `{name}` already", "words", name, hint=hint))
        found = read_catalogue(document, {**own, **draft.words})
    except PolicyError as cause:
        draft.note(cause)
        draft.catalogue_read = False
        return
    dates = draft.vocabulary.dates.values() if draft.vocabulary is not None else ()
    taken = dict(taken_parameters(document, draft.catalogue, [name for date in dates for name in date.when]))
    draft.mistakes += taken.values()
    draft.catalogue |= {name: one for name, one in found.items() if name not in taken}


def _frameworks(draft: Draft, documents: Mapping[str, Document]) -> None:
    for path, document in documents.items():
        if placed(path).startswith("frameworks/"):
            try:
                framework = parse_model(Framework, document, document.value)
            except PolicyError as cause:
                draft.note(cause)
                continue
            stem = PurePosixPath(path).stem
            if framework.framework != stem:  # one file of each, and its name is that of a page
                problem = f"the framework `{framework.framework}` is not the file's name `{stem}`"
                draft.note(document.error(problem, "framework", hint="make them agree"))
            draft.frameworks[framework.framework] = framework


def _controls(draft: Draft) -> None:
    abouts = {kind: schema.get("x-about", {}) for kind, schema in draft.schemas.items()}
    for path, text in draft.modules.items():
        if not of_controls(path):
            continue
        if placed(path).count("/") != 2:
            hint = "controls stand at controls/<family>/<ID>.rego"
            draft.note(PolicyError("not the place of a control", path=path, line=1, hint=hint))
            continue
        try:
            control, document = read_control(path, text, abouts)
        except PolicyError as cause:
            draft.note(cause)
            if isinstance(cause, ControlErrors):
                draft.mistaken[cause.control.path] = (cause.control, cause.document)
            continue
        _take(draft, control, document)


def _foreign(draft: Draft, documents: Mapping[str, Document]) -> None:
    tests = pack_files({path: content for path, content in draft.offered.items() if is_pack_test(path)})
    for name, of_pack in pack_files(draft.files).items():
        mapping = documents.get(f"{FOREIGN}{name}/{MAPPING}")
        controls, mistakes = read_foreign(name, of_pack, mapping, draft.schemas)
        draft.mistakes += mistakes
        asked = [control for control, _ in controls]
        draft.mistakes += hidden(name, tests.get(name, {}), asked)
        if not any(error.path.endswith(f"/{MAPPING}") and not error.warning for error in mistakes):
            draft.mistakes += unsaid(name, of_pack, asked)
        for control, document in controls:
            _take(draft, control, document)


def _take(draft: Draft, control: Control, document: Document) -> None:
    if control.id in draft.controls:
        other = draft.controls[control.id].path
        draft.note(document.error(f"the id `{control.id}` is also that of {other}", "custom", "id"))
        return
    draft.controls[control.id] = control
    draft.metadata[control.id] = document


def _gates(draft: Draft, documents: Mapping[str, Document]) -> None:
    of_gate = {}
    for path, document in documents.items():
        if path.startswith("gates/"):
            try:
                gate = read_gate(document)
            except PolicyError as cause:
                draft.note(cause)
                continue
            draft.gates[gate.gate] = gate
            of_gate[gate.gate] = document
    unread = gates_named(draft) - draft.gates.keys()
    draft.mistakes += gate_mistakes(draft.gates, of_gate, draft.controls, unread)


def gates_named(draft: Draft) -> set[str]:
    """The gates of which there is a file, those with mistakes too."""
    return {PurePosixPath(path).stem for path in draft.files if path.startswith("gates/")}


def _catalogue_words(draft: Draft) -> None:
    """Every word of METADATA that stands for something elsewhere in the bundle."""
    sound = [(control, draft.metadata[name]) for name, control in draft.controls.items()]
    wanted = [framework for framework in draft.frameworks.values() if framework.kind == "requirements"]
    needs = {article.id: article for framework in wanted for article in framework.articles}
    for control, document in (*sound, *draft.mistaken.values()):

        def check(kind: str, word: str, known: Mapping[str, Any], *where: str | int, at: Document = document) -> None:
            if word not in known:
                hint = did_you_mean(word, known)
                draft.note(at.error(f"unknown {kind} `{word}`", "custom", *where, hint=hint, unknown=kind))

        for index, gate in enumerate(control.gates):
            check("gate", gate, draft.gates, "gates", index)
        for objective, says in control.objectives.items():
            for index, gate in enumerate(says.at):
                check("gate of the control", gate, dict.fromkeys(control.gates), "objectives", objective, "at", index)
            for index, need in enumerate(says.covers if wanted else ()):
                check("need", need, needs, "objectives", objective, "covers", index)
            if says.only is not None and control.law_scope is None:
                problem = f"the objective `{objective}` is judged in a law scope, and the control has none"
                draft.note(document.error(problem, "custom", "objectives", objective, hint="add `law_scope`"))
        for parameter in control.parameters:
            names = draft.catalogue if draft.catalogue_read else {parameter: None}
            check("parameter", parameter, names, "parameters", control.parameters.index(parameter))
        for framework, articles in control.frameworks.items():
            check("framework", framework, draft.frameworks, "frameworks", framework)
            if framework in draft.frameworks:
                known = {article.id: article for article in draft.frameworks[framework].articles}
                for index, article in enumerate(articles):
                    check(f"article of {framework}", article, known, "frameworks", framework, index)
        _evidence_words(draft, control, document)
        _vocabulary_words(draft, control, document)


def _evidence_words(draft: Draft, control: Control, document: Document) -> None:
    for kind, wanted in control.evidence.items():
        where = ("custom", "evidence", kind)
        if kind not in draft.schemas:
            hint = did_you_mean(kind, draft.schemas)
            draft.note(document.error(f"unknown evidence type `{kind}`", *where, hint=hint, unknown="evidence type"))
            continue
        classes = draft.schemas[kind].get("x-classes", [])
        if wanted.least_class is not None and wanted.least_class not in classes:
            problem = f"no {kind} record is of class `{wanted.least_class}`"
            draft.note(document.error(problem, *where, hint=f"it allows: {', '.join(classes)}; `any` takes each"))
    for name in EXCEPTIONS:
        for path in getattr(control, name):
            first = path.split(".")[0]
            if first not in control.evidence and (first, name) != ("parameters", "may_be_empty"):
                hint = did_you_mean(first, control.evidence)
                problem = f"`{path}` begins with no evidence type of the control"
                draft.note(document.error(problem, "custom", name, path, hint=hint, follows="evidence type"))


def _vocabulary_words(draft: Draft, control: Control, document: Document) -> None:
    words = draft.vocabulary
    if words is None:
        return
    law = control.law_scope
    named: list[tuple[str, str, Mapping[str, Any], tuple[str | int, ...]]] = []
    named += [("tier", tier, words.tiers, ("tiers", index)) for index, tier in enumerate(control.tiers)]
    named += [("role", role, words.roles, ("roles", index)) for index, role in enumerate(control.roles)]
    named.append(("date", control.applies_from, words.dates, ("applies_from",)))
    if control.until is not None:
        named.append(("date", control.until, words.dates, ("until",)))
    if law is not None:
        named += [("tier", tier, words.tiers, ("law_scope", "tiers", i)) for i, tier in enumerate(law.tiers)]
        named += [("role", role, words.roles, ("law_scope", "roles", i)) for i, role in enumerate(law.roles)]
        named.append(("date", law.from_, words.dates, ("law_scope", "from")))
    for kind, word, known, where in named:
        if word not in known:
            hint = did_you_mean(word, known)
            draft.note(document.error(f"unknown {kind} `{word}`", "custom", *where, hint=hint))


def _stray_proofs(draft: Draft) -> None:
    """A test or cases file that belongs to no control proves nothing and would be skipped in silence."""
    stems = {control.stem for control in draft.controls.values()}
    readable = {path.removesuffix(".rego") for path in draft.modules}
    unread = {error.path.rpartition("/")[0] for error in draft.mistakes if error.path.endswith(f"/{MAPPING}")}
    for path in sorted(draft.offered):
        if is_foreign(path) and path.rpartition("/")[0] in unread:
            continue  # which controls there are is said by a mapping that cannot be read
        stem = path.removesuffix("_cases.yaml").removesuffix("_test.rego")
        if path == ACCESS_CASES:
            known = any(other.startswith("access/") and other.endswith(".cedar") for other in draft.files)
        else:
            known = stem in stems | readable
        if proves(path) and not known:
            hint = "name it after the file that it proves"
            draft.note(PolicyError("there is no policy that this file proves", path=path, line=1, hint=hint))
