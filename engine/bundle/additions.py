"""What an organisation's overlay may add to policies: things of its own, and nothing that could make others milder.

A control only asks for more; libraries, parameters, statements, own evidence types, their signers and frameworks are
read by nothing but the overlay's own controls, as long as no name of the policies is taken. All else is refused: who
may act, gates, risk tier and retention decide over controls that the overlay does not own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from engine.bundle.documents import Document
from engine.bundle.parameters import PARAMETERS_PATH, READ_BY_ENGINE, Parameter
from engine.bundle.paths import ADDED, is_added, placed
from engine.bundle.statements import SIGNERS_PATH
from engine.errors import PolicyError

_MAY = re.compile(
    r"controls/[^/]+/[^/]+(\.rego|_cases\.yaml)|lib/.+\.rego|(statements|frameworks)/[^/]+\.yaml"
    rf"|schemas/custom/[^/]+\.json|{re.escape(PARAMETERS_PATH)}|{re.escape(SIGNERS_PATH)}"
)
_JOINED = (PARAMETERS_PATH, SIGNERS_PATH)
"""Files that stand in both: names are added to a list, and none of the policies' is taken."""
_WHY: Mapping[str, str] = {
    "gates": "a gate of the overlay would allow by its own controls alone: name the gates there are in METADATA",
    "access": "who may act is said once: a permission that is added would let in whom the policies keep out",
    "risk": "the tier says which law binds: it is the policies' alone to tell",
    "retention": "how long records are kept is the policies' alone to tell",
    "parameters": (
        "new parameters stand at parameters/parameters.yaml; words, tiers and dates on which the law binds are the "
        "policies' alone to tell"
    ),
    "schemas": "the types that come with Quaestor are fixed; yours stand at schemas/custom/<name>.json",
    "foreign": "other people's Rego stands in policies of your own: its mapping may be put into a copy",
    "controls": "controls stand at controls/<family>/<ID>.rego, their cases beside them",
}
_CHANGE = "an overlay adds and replaces nothing: choose another name, or change the policies themselves in a copy"


def refused_additions(files: Iterable[str]) -> dict[str, PolicyError]:
    """By path, each file of a bundle that its overlay may not add, with the reason."""
    known = set(files)
    refused = {}
    for path in sorted(path for path in known if is_added(path)):
        place = placed(path)
        if not _MAY.fullmatch(place):
            why = _WHY.get(place.partition("/")[0], "it is no part of an overlay")
            refused[path] = PolicyError("an overlay cannot add this file", path=path, line=1, hint=why)
        elif place in known and place not in _JOINED:
            refused[path] = PolicyError(f"the policies have {place} already", path=path, line=1, hint=_CHANGE)
    return refused


def taken_parameters(
    document: Document, base: Mapping[str, Parameter], switches: Iterable[str]
) -> Iterator[tuple[str, PolicyError]]:
    """By name, the parameters of an overlay's file that are not its to define.

    `switches` are the parameters on which dates of the law hang.
    """
    spoken_for = {*READ_BY_ENGINE, *switches}
    for name in document.value.get("parameters", {}):
        if name in base:
            hint = "a new value stands in overlay.yaml, under `parameters`; a new parameter has a name of its own"
            yield (
                name,
                document.error(f"the policies have the parameter `{name}` already", "parameters", name, hint=hint),
            )
        elif name in spoken_for:
            hint = "choose another name"
            problem = f"`{name}` decides over more than the overlay's own controls"
            yield name, document.error(problem, "parameters", name, hint=hint)


def stray_signer(document: Document, kind: str, files: Mapping[str, bytes]) -> PolicyError | None:
    """Why an overlay may not say who signs records of a type; None for an own type that it brings itself."""
    if f"{ADDED}schemas/{kind}.json" in files:
        return None
    hint = "name an own type of the overlay (schemas/custom/<name>.json); a statement says in its file who signs it"
    return document.error(f"`{kind}` is no type that the overlay brings", "signers", kind, hint=hint)


def wrong_packages(packages: Mapping[str, tuple[str, ...]]) -> Iterator[PolicyError]:
    """Where a module of an overlay stands in another package than its file's, or in one of the policies.

    `packages` by path, as the parser has them: rules in a package add up, whatever file they stand in.
    """
    base = {package: path for path, package in packages.items() if not is_added(path)}
    for path, package in sorted(packages.items()):
        if not is_added(path):
            continue
        due = tuple(part.replace("-", "_") for part in PurePosixPath(placed(path)).with_suffix("").parts)
        if package != due:
            problem = f"the package `{'.'.join(package)}` does not fit the file"
            yield PolicyError(problem, path=path, line=1, hint=f"write `package {'.'.join(due)}`")
        for other, where in sorted(base.items()):
            shorter = min(len(package), len(other))
            if package[:shorter] == other[:shorter]:
                problem = f"the package `{'.'.join(package)}` reaches into `{'.'.join(other)}` of {where}"
                yield PolicyError(problem, path=path, line=1, hint=_CHANGE)
                break
