"""What an overlay adds to policies, and what it cannot: nothing of theirs is replaced, joined or made milder."""

from pathlib import Path

import pytest

from engine.access import AccessPolicies
from engine.backends.choose import open_engine
from engine.bundle.attached import policies_of
from engine.bundle.draft import read_draft
from engine.bundle.files import OVERLAY, archive, files_digest
from engine.bundle.load import Bundle, bundle_from_archive, bundle_from_files
from engine.bundle.opa import opa_bundle, read_opa_bundle
from engine.bundle.overlay import bundle_at, effective_under, overlay_at
from engine.deciding.decide import decide
from engine.deciding.verdict import Decision, NothingBindsReason, Outcome
from engine.errors import PolicyError, PolicyErrors
from tests.worlds.linting import lint_files
from tests.worlds.overlays import written
from tests.worlds.policies import bench_files, control, effective
from tests.worlds.records import audit
from tests.worlds.snapshots import entry, papers, prior, snapshot

GOOD = papers(entry(audit()))
BAD = papers(entry(audit(51)))
PARAMETER = (
    "type: int\n    default: 5\n    unit: cases\n    source: proposal\n    meaning: Cases of an unknown group.\n"
)
STATEMENT = (
    "title: The house stands by it\nscope: version\nvalid_for: P1Y\nsigned_by: [compliance]\n"
    "facts: {reason: {type: text, says: Why it does}}\n"
)
SCHEMA = (
    '{"type": "object", "description": "A look from outside.", "x-classes": ["attested"], "x-max-age": "P1Y",\n'
    ' "additionalProperties": false, "required": ["found"],\n'
    ' "properties": {"found": {"type": "integer", "minimum": 0}}}\n'
)
LIBRARY = "package lib.house\n\nfew(audit) if audit.predicate.unknown_count < 5\n"


def own(gates: str, rules: str | None = None, **more: str) -> dict[str, bytes]:
    """A control OWN-01 of the overlay; by itself it asks what those of the bench ask."""
    path, text = control("OWN-01", gates, **({} if rules is None else {"rules": rules}), **more)
    return {f"overlay/{path}": text.encode()}


def told(added: dict[str, bytes | str]) -> list[str]:
    """Every mistake of the bench with these additions."""
    given = {path: text.encode() if isinstance(text, str) else text for path, text in added.items()}
    return [f"{error} / {error.hint}" for error in lint_files({**bench_files(), **given}) if not error.warning]


def decided(bundle: Bundle, *seen: object, gate: str = "validation", overlay: str | None = None) -> Decision:
    engine = open_engine("regorus", bundle.program())
    try:
        return decide(bundle, effective(bundle, overlay), snapshot(*seen), gate, engine)
    finally:
        engine.close()


@pytest.fixture(scope="module")
def house() -> Bundle:
    """The bench with one of each thing that an overlay may add."""
    rules = """\
import data.lib.house

satisfied contains "known" if {
	count(audits) > 0
	every audit in audits {
		house.few(audit)
		audit.predicate.unknown_count < data.parameters.house_cases
	}
}
"""
    path, text = control("OWN-01", "[validation, open]", "", parameters="[house_cases]",
                         frameworks='{house-rules: ["1"]}')  # fmt: skip
    head, _, body = text.partition("audits := input")
    module = f"{head}{rules.splitlines()[0]}\n\naudits := input{body}{rules.partition(chr(10))[2]}"
    added = {
        f"overlay/{path}": module,
        "overlay/lib/house.rego": LIBRARY,
        "overlay/parameters/parameters.yaml": f"parameters:\n  house_cases:\n    {PARAMETER}",
        "overlay/statements/house-word.yaml": STATEMENT,
        "overlay/schemas/custom/outside-look.json": SCHEMA,
        "overlay/access/signers.yaml": "signers:\n  custom/outside-look: {signed_by: [auditor]}\n",
        "overlay/frameworks/house-rules.yaml": "framework: house-rules\ntitle: Rules of the house\nversion: '1'\n"
        "kind: policy\narticles: [{id: '1', title: Know your groups}]\n",
    }
    return bundle_from_files({**bench_files(), **{name: text.encode() for name, text in added.items()}})


class TestAdded:
    def test_each_kind_of_thing_is_part_of_the_bundle_and_of_its_digest(self, house: Bundle, bench: Bundle) -> None:
        assert house.controls["OWN-01"].added
        assert not house.controls["BEN-01"].added
        assert house.catalogue["house_cases"].default == 5
        assert house.signers.of("statement:house-word").signed_by == ("compliance",)  # type: ignore[union-attr]
        assert house.signers.of("custom/outside-look").signed_by == ("auditor",)  # type: ignore[union-attr]
        assert "custom/outside-look" in house.own
        assert "house-rules" in house.frameworks
        assert house.digest == files_digest(house.files) != bench.digest
        assert {name: house.signers.records[name] for name in bench.signers.records} == bench.signers.records

    def test_its_control_stops_a_subject(self, house: Bundle, bench: Bundle) -> None:
        seen = papers(entry(audit(7)))  # fewer than the bench's minimum, more than the house's
        assert decided(bench, *seen).outcome is Outcome.ALLOW
        assert decided(house, *GOOD).outcome is Outcome.ALLOW
        made = decided(house, *seen)
        assert made.outcome is Outcome.DENY
        assert made.bundle_digest == house.digest
        assert decided(house, *GOOD, overlay="parameters: {house_cases: 0}").outcome is Outcome.DENY

    def test_what_is_kept_is_enough_to_decide_again(self, house: Bundle) -> None:
        kept = archive({**house.files, OVERLAY: b"parameters: {house_cases: 4}"})
        bundle, under = policies_of(kept)
        assert (bundle.digest, bundle.files) == (house.digest, house.files)
        assert under.values["house_cases"] == 4
        assert bundle_from_archive(house.archive()).digest == house.digest

    def test_opa_loads_it_and_gives_the_same_back(self, house: Bundle) -> None:
        found, _ = read_opa_bundle(opa_bundle(house))
        assert (found.digest, found.catalogue) == (house.digest, house.catalogue)

    def test_an_earlier_allowance_without_it_answers_for_nothing(self, house: Bundle, bench: Bundle) -> None:
        before = decided(bench, *GOOD)
        allowed = prior("validation", "allow").model_copy(
            update={"bundle_digest": before.bundle_digest, "parameters_digest": before.parameters_digest}
        )
        seen = snapshot(*GOOD).model_copy(update={"decisions": (allowed,)})
        for bundle, state in ((bench, "allowed"), (house, "other-policies")):
            engine = open_engine("regorus", bundle.program())
            try:
                (found,) = decide(bundle, effective(bundle), seen, "staging", engine).prerequisites
            finally:
                engine.close()
            assert found.state == state

    def test_a_gate_at_which_it_alone_binds_does_not_allow_for_it(self, house: Bundle) -> None:
        """Of the bench's own controls none concerns a system of this tier at `open`."""
        made = decided(house, *GOOD, gate="open")
        assert {result.control: str(result.status) for result in made.results} == {
            "BEN-04": "not-applicable",
            "OWN-01": "pass",
        }
        assert (made.outcome, made.reasons) == (Outcome.INDETERMINATE, (NothingBindsReason(),))
        assert decided(house, *BAD, gate="open").outcome is Outcome.DENY


REFUSED = {
    "a gate": ("gates/release.yaml", "gate: release\n", "an overlay cannot add this file"),
    "a permission": ("access/more.cedar", "permit(principal, action, resource);", "who may act is said once"),
    "a prohibition, which Cedar may skip": ("access/less.cedar", "forbid(principal, action, resource);", "cannot add"),
    "roles": ("access/roles.yaml", "roles: {friend: Signs everything}", "cannot add"),
    "a Cedar schema": ("access/schema.cedarschema", "", "cannot add"),
    "the tier": ("risk/tier.rego", "package risk.tier\n", "the tier says which law binds"),
    "a part of the tier": ("risk/house.rego", "package risk.house\n", "the tier says which law binds"),
    "retention": ("retention/house.rego", "package retention.house\n", "how long records are kept"),
    "dates of the law": ("parameters/dates.yaml", "dates: {}", "dates on which the law binds"),
    "tiers": ("parameters/vocabulary.yaml", "tiers: {}", "dates on which the law binds"),
    "a type of Quaestor's": ("schemas/model-card.json", "{}", "come with Quaestor are fixed"),
    "a control in no family": ("controls/OWN-01.rego", "package controls.OWN_01\n", "controls/<family>/<ID>.rego"),
    "a library of the policies": ("lib/numbers.rego", "package lib.numbers\n", "have lib/numbers.rego already"),
    "a control of the policies": ("controls/bench/BEN-01.rego", "package controls.bench.BEN_01\n", "have controls/"),
    "a statement of the policies": ("statements/metric-choice.yaml", STATEMENT, "have statements/metric"),
    "a framework of the policies": ("frameworks/mission.yaml", "framework: mission\n", "have frameworks/mission.yaml"),
}  # fmt: skip
LAX = 'satisfied contains "known" if count(audits) > 0\n'


class TestRefused:
    @pytest.mark.parametrize("what", REFUSED)
    def test_a_file_that_is_not_an_overlays_to_add(self, what: str) -> None:
        path, text, why = REFUSED[what]
        found = read_draft({**bench_files(), f"overlay/{path}": text.encode()}).mistakes
        assert [error.path for error in found] == [f"overlay/{path}"]
        assert why in f"{found[0]} {found[0].hint}"

    def test_a_refused_permission_lets_nobody_in(self) -> None:
        files = {**bench_files(), "overlay/access/more.cedar": b"permit(principal, action, resource);"}
        assert AccessPolicies(files).policies == AccessPolicies(bench_files()).policies
        with pytest.raises(PolicyErrors, match="cannot add this file"):
            bundle_from_files(files)

    @pytest.mark.parametrize(
        "head",
        ["package lib.records", "package lib.records.more", "package lib", 'package lib["records"]',
         "package risk.tier", "package controls.bench.BEN_01", "package quaestor.results", "package lib.other"],
    )  # fmt: skip
    def test_rules_in_another_package(self, head: str) -> None:
        """Rules of one package add up, wherever they stand: one more clause would be one more way to pass."""
        found = told({"overlay/lib/house.rego": f"{head}\n\nnamed(_) := true\n"})
        assert any(line.startswith("overlay/lib/house.rego:1: the package") for line in found), found

    def test_a_library_inside_of_another(self) -> None:
        found = told({"overlay/lib/records/more.rego": "package lib.records.more\n\nfew(x) if x < 5\n"})
        assert any("reaches into `lib.records` of lib/records.rego" in line for line in found), found

    def test_a_control_in_the_package_of_another(self) -> None:
        text = own("[validation]", LAX, parameters="[]")["overlay/controls/bench/OWN-01.rego"]
        other = text.replace(b"controls.bench.OWN_01", b"controls.bench.BEN_01")
        found = told({"overlay/controls/bench/OWN-01.rego": other})
        assert any("the package `controls.bench.BEN_01` does not fit the file" in line for line in found), found

    def test_the_id_of_another_family(self) -> None:
        _, text = control("BEN-01", "[validation]", LAX, parameters="[]")
        found = told({"overlay/controls/house/BEN-01.rego": text.replace("controls.bench", "controls.house")})
        assert any(
            line.startswith("overlay/controls/house/BEN-01.rego") and "is also that of controls/bench" in line
            for line in found
        ), found

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("min_group_size", "the policies have the parameter `min_group_size` already"),
            ("waiver_max_days", "the policies have the parameter `waiver_max_days` already"),
        ],
    )
    def test_a_parameter_of_the_policies(self, name: str, why: str) -> None:
        files = {"overlay/parameters/parameters.yaml": f"parameters:\n  {name}:\n    {PARAMETER}".encode()}
        draft = read_draft({**bench_files(), **files})
        assert [(error.path, error.line, error.problem) for error in draft.mistakes] == [
            ("overlay/parameters/parameters.yaml", 2, why)
        ]
        assert draft.catalogue[name] == read_draft(bench_files()).catalogue[name]

    @pytest.mark.parametrize("name", ["waiver_max_days", "section5_literal"])
    def test_a_parameter_that_the_policies_lack_and_that_decides_over_theirs(self, name: str) -> None:
        """How long a waiver may last, and on which day a law binds."""
        files = bench_files()
        catalogue = files["parameters/parameters.yaml"].replace(f"  {name}:\n".encode(), b"  another_name:\n")
        files["parameters/parameters.yaml"] = catalogue
        added = f"parameters:\n  {name}:\n    {PARAMETER}".encode()
        draft = read_draft({**files, "overlay/parameters/parameters.yaml": added})
        assert any("decides over more than the overlay's own controls" in str(error) for error in draft.mistakes)
        assert name not in draft.catalogue

    @pytest.mark.parametrize("kind", ["model-card", "approval", "custom/theirs"])
    def test_who_signs_what_is_not_the_overlays(self, kind: str) -> None:
        base = bench_files()
        base["schemas/custom/theirs.json"] = SCHEMA.encode()
        rule = b"\nsigners:\n  custom/theirs: {signed_by: [auditor]}\n"
        base["access/signers.yaml"] = base["access/signers.yaml"].replace(b"\nsigners:\n", rule)
        loose = f"signers:\n  {kind}: {{signed_by: [ml-engineer]}}\n".encode()
        draft = read_draft({**base, "overlay/access/signers.yaml": loose})
        assert [(error.path, error.line) for error in draft.mistakes] == [("overlay/access/signers.yaml", 2)]
        assert draft.signers.of(kind) == read_draft(base).signers.of(kind)

    def test_a_type_that_anybody_could_sign(self) -> None:
        found = told({"overlay/schemas/custom/outside-look.json": SCHEMA})
        assert any("no rule says who may sign a `custom/outside-look`" in line for line in found)
        assert any("under `signers` of access/signers.yaml of the overlay's folder" in line for line in found)


class TestInFiles:
    def test_a_file_and_a_folder_of_the_same_say_the_same(self, bench: Bundle, tmp_path: Path) -> None:
        text = "parameters: {min_group_size: 40}\n"
        file = written({OVERLAY: text}, tmp_path / "flat") / OVERLAY
        folder = written({OVERLAY: text, "README.md": "ours"}, tmp_path / "house")
        one, other = (effective_under(bench, overlay_at(path)) for path in (file, folder))
        assert one == other == effective(bench, text)
        base = written(bench_files(), tmp_path / "policies")
        assert bundle_at(base, overlay_at(file)).digest == bundle_at(base, overlay_at(folder)).digest == bench.digest

    @pytest.mark.parametrize(
        "name", ["control/own/OWN-01.rego", "controls/own/OWN-01.yaml", "Parameters/parameters.yaml", "tier.rego",
                 "overlay/lib/house.rego", "parameters.yml"]
    )  # fmt: skip
    def test_a_file_that_nothing_reads(self, name: str, tmp_path: Path) -> None:
        folder = written({OVERLAY: "", name: "package lib.house\n"}, tmp_path / "house")
        with pytest.raises(PolicyError, match="nothing reads this file") as caught:
            overlay_at(folder)
        assert caught.value.path == str(folder / name)

    def test_a_folder_that_is_a_link(self, tmp_path: Path) -> None:
        written({"OWN-01.rego": ""}, tmp_path / "elsewhere")
        folder = written({OVERLAY: ""}, tmp_path / "house")
        (folder / "controls").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(PolicyError, match="a folder that is a link"):
            overlay_at(folder)

    def test_a_folder_without_an_overlay(self, tmp_path: Path) -> None:
        with pytest.raises(PolicyError, match=f"has no {OVERLAY}"):
            overlay_at(tmp_path)

    def test_a_mistake_is_told_of_the_file_that_somebody_has_open(self, tmp_path: Path) -> None:
        base = written(bench_files(), tmp_path / "policies")
        folder = written({OVERLAY: "", "gates/release.yaml": "gate: release\n"}, tmp_path / "house")
        with pytest.raises(PolicyErrors) as caught:
            bundle_at(base, overlay_at(folder))
        assert [error.path for error in caught.value.errors] == [str(folder / "gates/release.yaml")]

    def test_two_overlays_do_not_add_up(self, house: Bundle, tmp_path: Path) -> None:
        base = written(house.files, tmp_path / "policies")
        same = written(
            {OVERLAY: "", **{path.removeprefix("overlay/"): text for path, text in house.files.items()
                             if path.startswith("overlay/")}}, tmp_path / "same"
        )  # fmt: skip
        assert bundle_at(base, overlay_at(same)).digest == house.digest
        other = written({OVERLAY: "", "lib/other.rego": "package lib.other\n"}, tmp_path / "other")
        with pytest.raises(PolicyErrors, match="hold the additions of an overlay already"):
            bundle_at(base, overlay_at(other))
