"""An organisation's overlay: types, floors, disabled controls, and every override named."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bundle.documents import read_yaml
from engine.bundle.draft import read_draft
from engine.bundle.effective import Effective, Off, effective_parameters, read_overlay
from engine.bundle.files import read_folder
from engine.bundle.load import Bundle, bundle_from_files
from engine.bundle.parameters import parse_type, read_catalogue
from engine.errors import PolicyError, PolicyErrors
from tests.worlds.policies import POLICIES
from tests.worlds.small_bundle import METADATA, PARAMETERS, small_bundle

CATALOGUE = read_catalogue(read_yaml(PARAMETERS, "parameters.yaml"))


def overlaid(text: str, bundle: Bundle | None = None) -> Effective:
    controls = bundle.controls.values() if bundle else ()
    return effective_parameters(CATALOGUE, read_overlay(text, "house.yaml"), controls)


def refused(text: str, bundle: Bundle | None = None) -> list[tuple[int, str]]:
    with pytest.raises(PolicyErrors) as caught:
        overlaid(text, bundle)
    return [(error.line, error.problem) for error in caught.value.errors]


def test_without_an_overlay_the_defaults_hold() -> None:
    effective = effective_parameters(CATALOGUE)
    assert effective.values["min_group_size"] == 30
    assert (effective.overrides, effective.disabled) == ((), {})
    assert effective.overlay_digest == overlaid("").overlay_digest


def test_each_override_is_named_with_default_and_value() -> None:
    effective = overlaid("parameters: {min_group_size: 50, tolerance: 0.1, methods: []}")
    assert [(o.name, o.default, o.value) for o in effective.overrides] == [
        ("methods", ["erase"], []),
        ("min_group_size", 30, 50),
    ]
    assert effective.values["min_group_size"] == 50


@pytest.mark.parametrize(
    "value",
    [
        "min_group_size: 31",
        "protected_attributes: [age, sex]",
        "keep: P1Y",
        "keep: P184D",
        "report_days: 14",
        'from_day: "2026-12-01"',
        "approvals: {high: [owner, dpo], low: [owner]}",
    ],
)
def test_a_floor_may_be_made_stricter(value: str) -> None:
    assert len(overlaid(f"parameters:\n  {value}\n").overrides) == 1


@pytest.mark.parametrize(
    "value",
    [
        "min_group_size: 29",
        "protected_attributes: []",
        "protected_attributes: [age]",
        "keep: P5M",
        "keep: P183D",  # from 1 March half a year is 184 days
        "report_days: 16",
        'from_day: "2026-12-03"',
        "approvals: {high: [dpo]}",
        "approvals: {low: [owner]}",
    ],
)
def test_a_floor_may_not_be_made_milder(value: str) -> None:
    ((line, problem),) = refused(f"parameters:\n  {value}\n")
    assert line == 2
    assert problem.startswith(f"`{value.split(':', maxsplit=1)[0]}` is milder than the law's floor")


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("min_grp_size: 50", "unknown parameter `min_grp_size`"),
        ("min_group_size: 50.5", "`min_group_size` is `50.5`, not of type int"),
        ("min_group_size: true", "`min_group_size` is `true`, not of type int"),
        ("min_group_size: '50'", '`min_group_size` is the text `"50"`, not of type int'),
        ("tolerance: .inf", "`tolerance` is `.inf`, not of type float"),
        ("keep: half a year", "`keep` is `half a year`, not of type duration"),
        ("from_day: 2026-13-01", "`from_day` is `2026-13-01`, not of type date"),
        ("protected_attributes: sex", "`protected_attributes` is `sex`, and not a list"),
        ("protected_attributes: [sex, 3]", "`protected_attributes.1` is `3`, not of type str"),
        ("protected_attributes: [sex, sex]", "`protected_attributes.1` is `sex` a second time"),
        ("approvals: [owner]", '`approvals` is `["owner"]`, and not a map'),
    ],
)
def test_a_value_that_does_not_fit(value: str, problem: str) -> None:
    assert refused(f"parameters:\n  {value}\n") == [(2, problem)]


def test_all_mistakes_at_once() -> None:
    lines = [
        line for line, _ in refused("parameters:\n  min_group_size: 2\n  nope: 1\ndisable:\n  FAIR-99: no reason\n")
    ]
    assert lines == [2, 3, 5]


def test_a_field_that_an_overlay_does_not_have() -> None:
    with pytest.raises(PolicyError, match="unknown field `parameter`") as caught:
        read_overlay("parameter: {a: 1}", "house.yaml")
    assert caught.value.hint == "did you mean `parameters`"


class TestDisable:
    def bundle(self, old: str = "", new: str = "") -> Bundle:
        metadata = METADATA.replace(old, new, 1) if old else METADATA
        return bundle_from_files(small_bundle(metadata=metadata))

    def test_with_a_reason(self) -> None:
        effective = overlaid("disable: {FAIR-01: We judge no persons.}", self.bundle())
        assert effective.disabled == {"FAIR-01": Off(reason="We judge no persons.")}

    def test_with_a_reason_and_an_approver(self) -> None:
        effective = overlaid("disable: {FAIR-01: {reason: We judge no persons., approver: ivo}}", self.bundle())
        assert effective.disabled == {"FAIR-01": Off(reason="We judge no persons.", approver="ivo")}
        with pytest.raises(PolicyError, match="aprover"):
            overlaid("disable: {FAIR-01: {reason: We judge no persons., aprover: ivo}}", self.bundle())

    def test_approved_by_nobody(self) -> None:
        text = "disable: {FAIR-01: {reason: We judge no persons., approver: ' '}}"
        assert refused(text, self.bundle()) == [(1, "`FAIR-01` is disabled by nobody")]

    def test_without_a_reason(self) -> None:
        assert refused("disable: {FAIR-01: ' '}", self.bundle()) == [
            (1, "`FAIR-01` is disabled for a reason that says nothing")
        ]

    def test_a_blocker_of_the_law(self) -> None:
        bundle = self.bundle("severity: major\n#   basis: policy", "severity: blocker\n#   basis: law")
        problem = "`FAIR-01` is a blocker whose basis is law: it cannot be disabled"
        assert refused("disable: {FAIR-01: We would rather not.}", bundle) == [(1, problem)]

    def test_one_that_is_not_waivable(self) -> None:
        bundle = self.bundle("waivable: true", "waivable: false")
        problem = "`FAIR-01` is not waivable: it cannot be disabled"
        assert refused("disable: {FAIR-01: We would rather not.}", bundle) == [(1, problem)]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("max_parity_difference", 5, "is 5, and a share is at most 1"),
        ("max_parity_difference", -0.1, "is -0.1, below 0"),
        ("min_impact_ratio", 1.5, "is 1.5, and a ratio is at most 1"),
        ("max_excluded_percent", 101, "is 101, and a percent is at most 100"),
        ("min_group_size", -3, "is -3, below 0"),
    ],
)
def test_a_number_that_its_unit_cannot_have(name: str, value: float, problem: str) -> None:
    """It would be a limit that nothing ever passes, or that everything does."""
    shipped = read_draft(read_folder(POLICIES)).catalogue
    overlay = read_overlay(json.dumps({"parameters": {name: value}}), "overlay.yaml")
    with pytest.raises(PolicyErrors) as caught:
        effective_parameters(shipped, overlay)
    assert [error.problem for error in caught.value.errors] == [f"`{name}` {problem}"]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*CATALOGUE, "other"]), _VALUES, max_size=4))
def test_any_overlay_holds_or_is_refused_and_never_lowers_a_floor(parameters: dict[str, object]) -> None:
    try:
        effective = overlaid(json.dumps({"parameters": parameters}))
    except PolicyError:
        return
    assert effective.values["min_group_size"] >= 30
    assert "sex" in effective.values["protected_attributes"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_any_text_holds_or_is_refused(text: str) -> None:
    where = "house.yaml"
    try:
        overlaid(text)
    except PolicyError as error:
        where = error.path
    assert where == "house.yaml"


@given(st.text(alphabet="listmap<>str,int ", max_size=20))
def test_any_type_name_is_read_or_refused(name: str) -> None:
    said = "is not a parameter type"
    try:
        assert parse_type(name).name in name
    except ValueError as error:
        said = str(error)
    assert "is not a parameter type" in said


def test_what_engines_are_given_follows_the_values_of_a_copy() -> None:
    first = Effective(values={"limit": 1}, overrides=(), disabled={}, overlay_digest=f"sha256:{64 * '0'}")
    assert first.data == b'{"parameters":{"limit":1}}'
    other = first.model_copy(update={"values": {"limit": 2}})
    assert other.data == b'{"parameters":{"limit":2}}'
    assert other.digest != first.digest
