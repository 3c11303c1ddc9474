"""What other policies would have decided comes out the same whether all controls are judged again or only some."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from engine.backends.regorus import RegorusEngine
from engine.bundle.effective import Effective
from engine.bundle.files import read_folder
from engine.bundle.gates import Selection, selected
from engine.bundle.load import Bundle, bundle_from_files
from engine.bundle.touched import touched
from engine.deciding.decide import Standing, Wanted, decide, judged_again, standing
from engine.deciding.flips import verdict
from engine.deciding.risk import Named
from engine.deciding.verdict import ControlResult, Decision, GateReason, NothingBindsReason
from engine.errors import NothingAskedError
from evidence.snapshot.model import Records, Snapshot, records_of
from tests.golden.test_golden import snapshot_of
from tests.worlds.policies import POLICIES, effective

SNAPSHOTS = {
    "02-mortgage-2-validation-allow": "validation",
    "04-mortgage-2-production-allow": "production",
    "07-mortgage-2-registration-deny": "registration",
    "01-mortgage-1-validation-deny": "validation",
}
FAIR, SLICES = "controls/fairness/FAIR-02.rego", "controls/performance/PERF-04.rego"
DRIFT = "controls/monitoring/DRIFT-04.rego"
Edit = Callable[[str], str]


@cache
def shipped() -> tuple[Bundle, Effective]:
    bundle = bundle_from_files(read_folder(POLICIES))
    return bundle, effective(bundle)


@cache
def snapshot(name: str) -> Snapshot:
    return snapshot_of(name)


@cache
def before(name: str) -> Decision:
    bundle, parameters = shipped()
    return decide(bundle, parameters, snapshot(name), SNAPSHOTS[name], engine(bundle))


def named() -> Named:
    """The policies that are signed: a change is signed when it is merged."""
    return Named(shipped()[0].digest, shipped()[1].overlay_digest)


_ENGINES: dict[str, RegorusEngine] = {}


def engine(bundle: Bundle) -> RegorusEngine:
    if bundle.digest not in _ENGINES:
        asked = {
            control.id
            for gate in SNAPSHOTS.values()
            for control in selected(bundle.gate(gate), bundle.controls.values())
        }
        _ENGINES[bundle.digest] = RegorusEngine(bundle.program(asked))
    return _ENGINES[bundle.digest]


def edited(path: str, edit: Edit, **tables: Any) -> Bundle:
    """The shipped bundle with other text in a file, and what METADATA says by it in its tables; not linted again."""
    bundle, _ = shipped()
    text = edit(bundle.files[path].decode())
    assert text != bundle.files[path].decode()
    return replace(bundle, files={**bundle.files, path: text.encode()}, **tables)


def of_control(path: str, edit: Edit, **fields: Any) -> Bundle:
    controls = shipped()[0].controls
    name = path.rpartition("/")[2].removesuffix(".rego")
    return edited(path, edit, controls={**controls, name: controls[name].model_copy(update=fields)})


def of_gate(name: str, **fields: Any) -> Bundle:
    gates = shipped()[0].gates
    gate = gates[name].model_copy(update=fields)
    return edited(f"gates/{name}.yaml", lambda text: text + "\n", gates={**gates, name: gate})


def reached(bundle: Bundle, parameters: Effective) -> frozenset[str] | None:
    old, values = shipped()
    return touched(old, values.values, bundle, parameters.values)


def again(name: str, bundle: Bundle, parameters: Effective, ids: frozenset[str]) -> tuple[Standing, list[str]]:
    """How the decision stands, and the types of the records that were read for it."""
    kept = json.loads(json.dumps(snapshot(name).to_json()))
    read: list[str] = []

    def records(wanted: Wanted) -> Records:
        part = records_of(kept, wanted)
        read.extend(entry.record.type for entry in part.entries)
        return part

    return judged_again(before(name), bundle, parameters, ids, records, lambda _: engine(bundle), named=named()), read


def by_control(results: Iterable[ControlResult]) -> dict[str, ControlResult]:
    return {result.control: result for result in results}


def same(name: str, bundle: Bundle, parameters: Effective) -> Decision | None:
    """Hold the standing of a snapshot under other policies to the whole decision; that decision."""
    ids = reached(bundle, parameters)
    assert ids is not None
    try:
        whole = decide(bundle, parameters, snapshot(name), SNAPSHOTS[name], engine(bundle), named=named())
    except NothingAskedError:
        with pytest.raises(NothingAskedError):
            again(name, bundle, parameters, ids)
        return None
    stands, _ = again(name, bundle, parameters, ids)
    assert by_control(stands.results) == by_control(whole.results)
    told = {r for r in whole.reasons if not isinstance(r, GateReason)}
    assert {*stands.reasons} == told or ({*stands.reasons}, told) == ({NothingBindsReason()}, set())
    was = standing(shipped()[0], before(name))
    assert verdict(whole, was, stands) == verdict(whole, was, standing(bundle, whole))
    return whole


def swapped(old: str, new: str) -> Edit:
    return lambda text: text.replace(old, new, 1)


CHANGES: dict[str, Callable[[], Bundle]] = {
    "a rule": lambda: of_control(SLICES, swapped('"splits-disjoint" if {', '"splits-disjoint" if {\n\tfalse')),
    "how severe": lambda: of_control(FAIR, swapped("severity: blocker", "severity: minor"), severity="minor"),
    "one more gate": lambda: of_control(DRIFT, swapped("gates: [", "gates: [registration, "), gates=("registration",)),
    "no gate of these": lambda: of_control(FAIR, swapped("gates: [", "gates: [operation, "), gates=("operation",)),
    "what a gate denies": lambda: of_gate("validation", denies=("blocker", "major")),
    "what a gate asks": lambda: of_gate("production", select=Selection(families=("fairness",))),
    "nothing asked": lambda: of_gate("validation", select=Selection(packs=("bank",))),
    "a library": lambda: edited("lib/metrics.rego", swapped('"accuracy", "balanced', '"balanced')),
    "a library of libraries": lambda: edited("lib/records.rego", lambda text: f"{text}\nmore := 1\n"),
    "findings": lambda: edited("lib/findings.rego", lambda text: text.replace('"gap": true', '"gap": false')),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_policies(change: str) -> None:
    bundle = CHANGES[change]()
    found = [same(name, bundle, shipped()[1]) for name in SNAPSHOTS]
    told = [(by_control(one.results), {*one.reasons}) if one else None for one in found]
    as_it_was = [(by_control(one.results), {*one.reasons}) for one in map(before, SNAPSHOTS)]
    assert told != as_it_was or "library" in change


@pytest.mark.slow
def test_each_parameter_of_a_control_that_is_asked() -> None:
    bundle, parameters = shipped()
    asked = {name for control in bundle.select("validation") for name in control.parameters}
    tried = flipped = 0
    for name in sorted(asked):
        value = parameters.values[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or tried > 12:
            continue
        moved = parameters.model_copy(update={"values": {**parameters.values, name: value + 1}})
        if reached(bundle, moved) is not None:
            decision = same("01-mortgage-1-validation-deny", bundle, moved)
            assert decision is not None
            tried += 1
            flipped += by_control(decision.results) != by_control(before("01-mortgage-1-validation-deny").results)
    assert tried > 10
    assert flipped > 0


@pytest.mark.parametrize(
    "path",
    [
        "access/signers.yaml",
        "lib/numbers.rego",
        "parameters/dates.yaml",
        "parameters/vocabulary.yaml",
        "risk/tier.rego",
        "schemas/validation-run.json",
        "statements/oversight-design.yaml",
    ],
)
def test_what_reaches_any_control_is_told(path: str) -> None:
    """What counts as evidence, the tier and what it is computed with, dates."""
    bundle, values = shipped()
    moved = replace(bundle, files={**bundle.files, path: bundle.files[path] + b"\n"})
    assert touched(bundle, values.values, moved, values.values) is None


def test_a_term_that_every_waiver_is_held_to() -> None:
    bundle, _ = shipped()
    assert reached(bundle, effective(bundle, "parameters:\n  waiver_max_days: 30\n")) is None


def test_what_waivers_are_asked_of_the_law() -> None:
    """APP-07 reads which controls no waiver reaches: one more or less of them reaches it."""
    bundle = of_control(FAIR, swapped("basis: law", "basis: policy"), basis="policy")
    ids = reached(bundle, shipped()[1])
    assert ids is not None
    assert {"FAIR-02", "APP-07"} <= ids
    assert "PERF-04" not in ids


def test_nobody_has_signed_a_change_yet() -> None:
    """INT-01 asks for a signature on the policies in force, and nobody signs a change before it is merged."""
    case, bundle = "04-mortgage-2-production-allow", edited(SLICES, lambda text: f"{text}\n# another word\n")
    told = decide(bundle, shipped()[1], snapshot(case), SNAPSHOTS[case], engine(bundle), named=named())
    assert by_control(told.results)["INT-01"] == by_control(before(case).results)["INT-01"]


def test_a_reference_that_an_import_cuts_in_two_reaches_all_the_same() -> None:
    rule = "import data.lib as shared\n\nnothing := shared.regimes\n"
    path = "controls/fairness/FAIR-02.rego"
    old, values = shipped()
    cut = replace(old, files={**old.files, path: rule.encode()})
    moved = replace(cut, files={**cut.files, "lib/regimes.rego": old.files["lib/regimes.rego"] + b"\n"})
    ids = touched(cut, values.values, moved, values.values)
    assert ids is not None
    assert "FAIR-02" in ids


SPELT = {
    "an escape": 'data.lib["m\\u0065trics"].',
    "a comment between": 'data.lib[ # of all\n"metrics"].',
    "a comment that is none": '[data, "\u2028# ", data.lib.metrics][2].',
    "another end of a line": 'data.lib[ # of\rall\n"metrics"].',
}


@pytest.mark.parametrize("spelt", SPELT)
def test_a_reference_that_is_spelt_otherwise_reaches_all_the_same(spelt: str) -> None:
    """Lint lets some of these by, and each of them reads the library."""
    old, values = shipped()
    body = old.files[SLICES].decode().replace("import data.lib.metrics\n", "").replace("metrics.", SPELT[spelt])
    odd = replace(old, files={**old.files, SLICES: body.encode()})
    moved = replace(odd, files={**odd.files, "lib/metrics.rego": old.files["lib/metrics.rego"] + b"\n"})
    ids = touched(odd, values.values, moved, values.values)
    assert ids is not None
    assert "PERF-04" in ids


@pytest.mark.parametrize(
    "spelt", ['data.parameters["max_spl\\u0069t_overlap"]', "data.parameters[`max_split_overlap`]"]
)
def test_so_does_a_parameter(spelt: str) -> None:
    old, values = shipped()
    head, _, code = old.files[SLICES].decode().partition("\npackage ")
    body = f"{head}\npackage {code.replace('data.parameters.max_split_overlap', spelt)}"
    odd = replace(old, files={**old.files, SLICES: body.encode()})
    moved = {**values.values, "max_split_overlap": 0.5}
    assert touched(odd, values.values, odd, moved) == frozenset({"PERF-04"})


@pytest.mark.parametrize("head", [" package lib.metrics", "package # here\n lib.metrics", 'package lib["metrics"]'])
def test_a_library_that_names_itself_otherwise(head: str) -> None:
    old, values = shipped()
    text = old.files["lib/metrics.rego"].decode().replace("package lib.metrics", head)
    odd = replace(old, files={**old.files, "lib/metrics.rego": text.encode()})
    ids = touched(old, values.values, odd, values.values)
    assert ids is not None
    assert "PERF-04" in ids


@pytest.mark.parametrize(
    "line", ["import data.lib as shared # all", 'import data["lib"] as shared', "import data.risk # x"]
)
def test_an_import_of_a_whole_folder_reaches_whatever_stands_beside_it(line: str) -> None:
    old, values = shipped()
    odd = replace(old, files={**old.files, FAIR: f"package x\n\n{line}\n".encode()})
    moved = replace(odd, files={**odd.files, "lib/regimes.rego": old.files["lib/regimes.rego"] + b"\n"})
    ids = touched(odd, values.values, moved, values.values)
    assert ids is not None
    assert "FAIR-02" in ids


def test_one_is_not_true() -> None:
    """A parameter of another type is another parameter, though Python takes the two for equal."""
    bundle, values = shipped()
    before = {**values.values, "max_split_overlap": 1}
    after = {**before, "max_split_overlap": True}
    assert touched(bundle, before, bundle, after) == frozenset({"PERF-04"})


def test_what_nothing_reaches_is_not_read() -> None:
    bundle = edited(SLICES, lambda text: f"{text}\n# another word\n")
    assert reached(bundle, shipped()[1]) == frozenset({"PERF-04"})
    case = "01-mortgage-1-validation-deny"
    stands, read = again(case, bundle, shipped()[1], frozenset({"PERF-04"}))
    assert {*read} <= {*bundle.controls["PERF-04"].evidence}
    assert "validation-run" in read
    assert len(stands.results) == len(before(case).results)
    untouched, read = again(case, bundle, shipped()[1], frozenset())
    assert by_control(untouched.results) == by_control(before(case).results)
    assert read == []
