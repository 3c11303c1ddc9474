"""Who may act: the decision table beside the policies, and that nothing but a clean permit permits."""

import time
from functools import cache
from typing import Any

import pytest

from engine.access import AccessPolicies, AccessRequest, EntityRef, people
from engine.bundle.access_words import known_words, unknown_words
from engine.bundle.documents import read_yaml
from engine.bundle.files import ACCESS_CASES
from engine.errors import PolicyErrors
from engine.proofs.access import AccessCase, needless_policies, read_access_cases, run_access_cases
from tests.worlds.linting import lint_files
from tests.worlds.policies import POLICIES
from tests.worlds.small_bundle import small_bundle

FOLDER = POLICIES / "access"


@cache
def files() -> dict[str, bytes]:
    return {f"access/{path.name}": path.read_bytes() for path in FOLDER.iterdir() if path.suffix != ".json"}


@cache
def policies() -> AccessPolicies:
    return AccessPolicies(files())


PROOFS = {ACCESS_CASES: (POLICIES / ACCESS_CASES).read_bytes()}
ROLES = tuple(read_yaml(files()["access/roles.yaml"], "roles.yaml").value["roles"])
WORDS = known_words(ROLES, [path.stem for path in (POLICIES / "gates").glob("*.yaml")])
CASES = read_access_cases(PROOFS, policies(), WORDS)


class TestTable:
    @pytest.mark.parametrize("case", CASES, ids=[case.name for case, _ in CASES])
    def test_case(self, case: tuple[AccessCase, int]) -> None:
        (outcome,) = run_access_cases(policies(), [case])
        assert outcome.problem == ""
        answer = outcome.answer
        if not answer.allowed:
            asked = outcome.case
            assert answer.reason.startswith(f"{asked.principal} may not {asked.action} ")
            assert all(name in answer.reason for name in asked.policies)

    def test_each_policy_decides_some_case_by_itself(self) -> None:
        assert needless_policies(policies(), run_access_cases(policies(), CASES)) == []

    @pytest.mark.parametrize("name", policies().policies)
    def test_each_policy_turned_round_is_noticed(self, name: str) -> None:
        policy = policies().policies[name]
        turned = {"permit": "forbid", "forbid": "permit"}[policy.effect]
        text = files()[policy.path].decode()
        other = text.replace(policy.text, policy.text.replace(f"\n{policy.effect} ", f"\n{turned} ", 1))
        assert other != text
        outcomes = run_access_cases(AccessPolicies({**files(), policy.path: other.encode()}), CASES)
        assert any(outcome.case.decision != outcome.came_to for outcome in outcomes)

    def test_a_policy_that_no_case_needs_is_told_at_its_line(self) -> None:
        kept = [case for case in CASES if "purge.never_under_hold" not in case[0].policies]
        (told,) = needless_policies(policies(), run_access_cases(policies(), kept))
        text = files()["access/access.cedar"].decode()
        assert told.line == text[: text.index('@id("purge.never_under_hold")')].count("\n") + 1
        assert "purge.never_under_hold" in told.problem

    def test_roles_and_context_of_the_same_case_turn_it(self) -> None:
        for case, _ in CASES:
            if case.decision == "allow":
                context = {**case.context, **({"second_roles": ()} if "second_roles" in case.context else {})}
                bare = case.model_copy(update={"roles": (), "context": context})
                assert not policies().authorize(bare.request).allowed, case.name


MODEL = {"trained_by": people([]), "built_by": people([])}
ACTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "register": ("System", {}, {}),
    "promote": ("Model", MODEL, {"stage": "production", "frozen": False, "emergency": False}),
    "collect": ("System", {}, {"evidence_class": "measured"}),
    "attest": ("System", {}, {"evidence_class": "attested"}),
    "waive": (
        "Waiver",
        {
            "requested_by": EntityRef(type="Person", id="dan"),
            "severity": "major",
            "basis": "policy",
            "waivable": True,
        },
        {},
    ),
    "decide": ("Model", MODEL, {"gate": "production"}),
    "read": ("Model", MODEL, {}),
    "purge": ("Record", {"evidence_class": "attested", "held": False}, {"due": True}),
}
"""Each act on something that nobody here made, asked for or holds: resource, its attributes, and the context.

`attest` is the collecting of what a person attests.
"""

BUILDING = {"attest", "decide", "read"}
MAY: dict[str, set[str]] = {
    "data-scientist": BUILDING,
    "ml-engineer": BUILDING | {"register", "collect"},
    "mlops-engineer": BUILDING | {"promote", "approve"},
    "model-owner": BUILDING | {"register", "promote", "collect", "approve"},
    "validator": BUILDING | {"collect", "approve"},
    "compliance": BUILDING | {"approve", "waive"},
    "risk-officer": BUILDING | {"approve"},
    "dpo": {"attest", "read", "approve"},
    "auditor": {"attest", "read"},
    "administrator": {"attest", "read"},
    "collector": {"collect", "decide", "read"},
}
"""What a role by itself may do, whole: what is not named it may not."""


def may(role: str, act: str, **changes: Any) -> bool:
    if act == "approve":
        kind, attributes = "Model", {**MODEL, **changes}
        context = {"gate": "production", "role": role, "decision": "approve"}
    else:
        kind, attributes, context = ACTS[act]
    asked = AccessRequest(
        principal="rob",
        roles=(role,),
        action={"attest": "collect"}.get(act, act),
        resource=EntityRef(type=kind, id="mortgage@2"),
        attributes=attributes,
        context=context,
    )
    return policies().authorize(asked).allowed


class TestRoles:
    @pytest.mark.parametrize("role", MAY)
    def test_a_role_may_exactly_this(self, role: str) -> None:
        assert {act for act in (*ACTS, "approve") if may(role, act)} == MAY[role]

    @pytest.mark.parametrize("role", [role for role, acts in MAY.items() if "approve" in acts])
    def test_nobody_approves_what_they_made(self, role: str) -> None:
        assert not may(role, "approve", trained_by=people(["rob"]))
        assert not may(role, "approve", built_by=people(["rob"]))

    def test_each_of_them_is_a_role_of_the_register(self) -> None:
        assert set(MAY) <= set(ROLES)


def with_policy(text: str) -> AccessPolicies:
    return AccessPolicies({**files(), "access/more.cedar": text.encode()})


def with_access(text: str) -> AccessPolicies:
    return AccessPolicies({**files(), "access/access.cedar": text.encode()})


READ = next(case.request for case, _ in CASES if case.name == "an auditor reads")


class TestNoSilentPermit:
    def test_a_policy_that_errs_denies_even_where_another_permits(self) -> None:
        overflow = "9223372036854775807 + (if resource.held then 1 else 0)"
        more = with_policy(
            f'@id("read.err") forbid (principal, action == Action::"read", resource is Record)\n'
            f"when {{ {overflow} == 0 }};"
        )
        answer = more.authorize(READ)
        assert not answer.allowed
        assert "a policy could not be judged" in answer.reason

    @pytest.mark.parametrize(
        "action", ["", 'read", resource == Record::"x', "Read", "read\n", "read\x00", "\u202eread", "re\\u0061d\\"]
    )
    def test_odd_actions_are_denied(self, action: str) -> None:
        assert not policies().authorize(READ.model_copy(update={"action": action})).allowed

    @pytest.mark.parametrize("name", ['eve", "x', "eve\n", "", "\U0001f600", "a" * 10_000])
    def test_odd_names_are_only_names(self, name: str) -> None:
        assert policies().authorize(READ.model_copy(update={"principal": name})).allowed
        stranger = READ.model_copy(update={"principal": name, "roles": ()})
        assert not policies().authorize(stranger).allowed

    @pytest.mark.parametrize(
        ("attributes", "context"),
        [
            ({"evidence_class": "measured", "held": "no"}, {}),
            ({"evidence_class": "measured", "held": False, "more": 1}, {}),
            ({"evidence_class": 3, "held": False}, {}),
            ({"evidence_class": "measured", "held": False}, {"due": True}),
            ({"evidence_class": "measured", "held": 1e400}, {}),
        ],
    )
    def test_what_does_not_fit_the_schema_is_denied(self, attributes: dict[str, Any], context: dict[str, Any]) -> None:
        assert not policies().authorize(READ.model_copy(update={"attributes": attributes, "context": context})).allowed


class TestLoading:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("permit (principal, action, resource);", "has no @id"),
            ('@id("waive.never_law") permit (principal, action, resource);', "share the @id `waive.never_law`"),
            ('@id("x") permit (principal, action, resource) when { principal.rolez.isEmpty() };', "rolez"),
            ('@id("x") permit (principal, action == Action::"fly", resource);', "fly"),
            ('@id("x") permit (principal, action == Action::"waive", resource) when { resource.severity };', "type"),
            ('@id("x") permit (principal, action, resource)', "parse|end of input"),
            (f'@id("x") permit (principal, action, resource) when {{ {"(" * 200}true{")" * 200} }};', "nested deeper"),
            (f'@id("x") permit (principal, action, resource) when {{ {"true && " * 9000}true }};', "2000 operators"),
            (f'@id("x") permit (principal, action, resource) when {{ {"true && " * 1500}true }};', "too deep"),
            (f'@id("x") permit (principal, action, resource) when {{ 1 {"+ 1 " * 9000}== 2 }};', "2000 operators"),
        ],
    )
    def test_a_mistake_is_an_error_with_its_file(self, text: str, problem: str) -> None:
        with pytest.raises(PolicyErrors, match=problem) as caught:
            with_policy(text)
        assert str(caught.value.errors[0].path).startswith("access/")

    @pytest.mark.parametrize(
        ("old", "new", "word"),
        [
            ("forbid (principal", "frobid (principal", "frobid"),
            ("principal.roles.containsAny(resource.signed_by)", "principal.rolez.isEmpty()", "rolez"),
            ('Action::"collect", resource)', 'Action::"colect", resource)', "colect"),
            ('@id("attest.apart")\n', "", "no @id"),
            ('@id("attest.apart")', '@id("attest.by_fitting_role")', "share the @id"),
        ],
    )
    def test_lint_finds_it_at_its_line(self, old: str, new: str, word: str) -> None:
        text = files()["access/access.cedar"].decode()
        before, _, after = text.partition(old)
        assert after
        broken = (before + new + after).encode()
        with pytest.raises(PolicyErrors) as caught:
            AccessPolicies({**files(), "access/access.cedar": broken})
        (mistake,) = [one for one in caught.value.errors if word in one.problem]
        assert mistake.path == "access/access.cedar"
        assert abs(mistake.line - (before.count("\n") + 1)) <= ("@id" in old)
        small = {**small_bundle(), **files(), "access/access.cedar": broken}
        assert any((m.path, m.line) == (mistake.path, mistake.line) for m in lint_files(small))

    @pytest.mark.parametrize(
        ("old", "new", "meant"),
        [
            ("permit (", "premit (", "permit"),
            ('"register"', '"regster"', "register"),
            ("context.frozen", "context.frozn", "frozen"),
            ("resource.requested_by", "resource.requestd_by", "requested_by"),
            ("resource is System)", "resource is Sytem)", "System"),
            ("principal.roles", "principl.roles", "principal"),
            ("containsAny", "containAny", "containsAny"),
        ],
    )
    def test_a_misspelt_word_is_told_once_with_the_one_that_is_meant(self, old: str, new: str, meant: str) -> None:
        before, _, after = files()["access/access.cedar"].decode().partition(old)
        assert after
        with pytest.raises(PolicyErrors) as caught:
            with_access(before + new + after)
        (mistake,) = caught.value.errors
        assert (mistake.line, mistake.hint) == (before.count("\n") + 1, f"did you mean `{meant}`")

    def test_a_policy_without_its_end_is_told_where_that_is(self) -> None:
        before, _, after = files()["access/access.cedar"].decode().partition("};\n")
        with pytest.raises(PolicyErrors) as caught:
            with_access(before + "}\n" + after)
        (mistake,) = caught.value.errors
        assert (mistake.line, mistake.problem) == (before.count("\n") + 1, "no `;` ends the Cedar policy")

    def test_without_schema_or_policies_nobody_may_do_anything(self) -> None:
        for left_out in ("access/schema.cedarschema", "access/access.cedar"):
            rest = {name: data for name, data in files().items() if name != left_out}
            with pytest.raises(PolicyErrors, match="no Cedar schema and policies"):
                AccessPolicies(rest)

    @pytest.mark.parametrize("data", [b"\xff\xfe", b"entity Person {", b"entity Person { roles: Sett<String> };"])
    def test_a_schema_that_cannot_be_read(self, data: bytes) -> None:
        with pytest.raises(PolicyErrors):
            AccessPolicies({**files(), "access/schema.cedarschema": data})


class TestWords:
    @pytest.mark.parametrize(
        ("old", "new", "problem", "meant"),
        [
            ('stage == "production" && (', 'stage == "prodction" && (', "stage `prodction`", "production"),
            ('resource.issuer_kind == "machine"', '"machin" == resource.issuer_kind', "issuer `machin`", "machine"),
            ('context.evidence_class != "attested"', 'context.evidence_class != "atested"', "`atested`", "attested"),
            ('severity == "blocker"', 'severity == "bloker"', "severity `bloker`", "blocker"),
            ('severity == "blocker"', 'severity like "bloker"', "severity `bloker`", "blocker"),
            ('resource.basis == "law"', 'resource.basis == "laws"', "basis `laws`", "law"),
            ('context.decision == "approve"', 'context.decision == "aprove"', "decision `aprove`", "approve"),
            ('    "review-board",', '    "reviewboard",', "role `reviewboard`", "review-board"),
            ('!(principal.roles.contains("collector"))', 'principal.roles.contains("colector")', "role", "collector"),
            ('!resource.kept_from.isEmpty()', 'resource.kept_from.contains("trainr")', "act that keeps", "trainer"),
        ],
    )  # fmt: skip
    def test_one_that_no_request_says_is_told_at_its_line(self, old: str, new: str, problem: str, meant: str) -> None:
        before, _, after = files()["access/access.cedar"].decode().partition(old)
        assert after
        broken = (before + new + after).encode()
        found = lint_files({**small_bundle(), **files(), "access/access.cedar": broken})
        (told,) = [mistake for mistake in found if mistake.path == "access/access.cedar"]
        assert problem in told.problem
        assert (told.line, told.hint) == (before.count("\n") + 1, f"did you mean `{meant}`")

    def test_what_comes_shipped_says_none(self) -> None:
        assert list(unknown_words(policies().policies.values(), WORDS)) == []


class TestCases:
    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ('"decision": "allow"', '"decision": "alow"', "decision`: is `alow`"),
            ('"policies": ["attest.apart"]', '"policies": ["attest.aprt"]', "no policy has the @id `attest.aprt`"),
            ('{"stage": "archived"', '{"stage": "archivd"', "unknown stage `archivd`"),
            ('{"people": ["ana", "cleo"]}', '{"peple": ["ana", "cleo"]}', "is nothing that a request holds"),
            ('"principal": "rec"', '"princpal": "rec"', "princpal"),
        ],
    )
    def test_a_mistake_is_told_at_its_line(self, old: str, new: str, problem: str) -> None:
        before, _, after = PROOFS[ACCESS_CASES].decode().partition(old)
        assert after
        with pytest.raises(PolicyErrors) as caught:
            read_access_cases({ACCESS_CASES: (before + new + after).encode()}, policies(), WORDS)
        assert any(problem in error.problem for error in caught.value.errors)
        assert {(error.path, error.line) for error in caught.value.errors} == {(ACCESS_CASES, before.count("\n") + 1)}


class TestHostileText:
    """Cedar's parser ends the process, or runs on: such text is refused before Cedar sees it."""

    DOUBLING = "type T0 = { a: String };\n" + "".join(
        f"type T{n} = {{ a: T{n - 1}, b: T{n - 1} }}; // each twice the one before\n" for n in range(1, 40)
    )

    @pytest.mark.parametrize(
        ("schema", "problem"),
        [
            ("entity P { x: " + "Set<" * 200_000 + "String" + ">" * 200_000 + " };", "nested deeper than 100"),
            ("entity P { x: " + "{ a: " * 500 + "String" + "}" * 500 + " };", "nested deeper than 100"),
            (DOUBLING + "entity P { x: T39 };", "more than 50000 types"),
            (DOUBLING + "entity P { x: String };", "more than 50000 types"),
            ("// " + "x" * (1 << 20), "more than 1048576 bytes"),
        ],
    )
    def test_a_schema_that_would_not_end(self, schema: str, problem: str) -> None:
        begun = time.process_time()
        with pytest.raises(PolicyErrors, match=problem):
            AccessPolicies({**files(), "access/schema.cedarschema": schema.encode()})
        assert time.process_time() - begun < 5

    def test_types_that_name_each_other_in_a_circle_are_cedars_to_refuse(self) -> None:
        with pytest.raises(PolicyErrors, match="cannot be read"):
            AccessPolicies({**files(), "access/schema.cedarschema": b"type A = { b: B }; type B = { a: A };"})
