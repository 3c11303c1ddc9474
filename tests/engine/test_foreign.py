"""Other people's Rego as controls: what is refused, what its denials and its silence come to, and what it cannot do."""

import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from engine.backends.base import Limits, RegoEngine
from engine.backends.choose import open_engine, policy_module
from engine.backends.crosscheck import CrossCheckEngine
from engine.bundle.changes import changes
from engine.bundle.coverage import coverage
from engine.bundle.foreign import DENIES, MORE, NOT_GIVEN, REFUSES, SILENT, UNDEFINED, WARNS, package_of, rule_names
from engine.bundle.load import Bundle, bundle_from_archive, bundle_from_files, load_bundle
from engine.bundle.opa import opa_bundle, read_opa_bundle
from engine.deciding.decide import decide
from engine.deciding.replay import compare
from engine.deciding.verdict import ControlResult, Decision, Outcome, Status, read_decision
from engine.errors import PolicyError, PolicyErrors
from engine.proofs.linting import lint
from engine.proofs.policytest import run_policy_tests
from evidence.snapshot.model import Entry
from tests.engine.test_own_types import attack
from tests.worlds.foreign import (
    CONFTEST,
    CONFTEST_REGO,
    GATEKEEPER,
    GATEKEEPER_MAPPING,
    MAPPING,
    MORE_PACKS,
    PACKS,
    REGO,
    foreign_bundle,
    foreign_files,
)
from tests.worlds.linting import lint_files
from tests.worlds.own_types import CONTROL, CONTROL_PATH, TYPE
from tests.worlds.policies import effective
from tests.worlds.small_bundle import line_of, write
from tests.worlds.snapshots import papers, snapshot

HEAD = "package main\n\nimport rego.v1\n\n"
COMPLETE = "\ncomplete if true\n\nwarn := set()\n"


pytestmark = pytest.mark.usefixtures("wasm_cache")  # other people's Rego runs on OPA alone


def judged(bundle: Bundle, *entries: Entry, limits: Limits | None = None, engine: str = "regorus") -> Decision:
    with closing(open_engine(engine, bundle.program(), limits=limits)) as opened:
        return decide(bundle, effective(bundle), snapshot(*papers(*entries)), "attacked", opened)


def one(decision: Decision, control: str = "ATT-01") -> ControlResult:
    return next(result for result in decision.results if result.control == control)


def with_rego(rego: str) -> Bundle:
    return bundle_from_files(light({REGO: HEAD + rego + COMPLETE}))


def light(changes: dict[str, str]) -> dict[str, bytes]:
    """The files without Rego of our own, so that they are read in no time: nothing tells the tier then."""
    return {
        path: content
        for path, content in foreign_files(**changes).items()
        if path.startswith("foreign/") or not path.endswith(".rego")
    }


def of(rego: str, *entries: Entry, limits: Limits | None = None) -> ControlResult:
    return one(judged(with_rego(rego), *(entries or (attack(),)), limits=limits))


@cache
def whole() -> Bundle:
    return foreign_bundle(MORE_PACKS)


@pytest.fixture(scope="module")
def every() -> Iterator[RegoEngine]:
    """regorus with every pack."""
    with closing(open_engine("regorus", whole().program())) as opened:
        yield opened


class TestDecision:
    def asked(self, engine: RegoEngine, *entries: Entry) -> Decision:
        return decide(whole(), effective(whole()), snapshot(*papers(*entries)), "attacked", engine)

    def test_a_denial_denies_and_says_whose_it_is(self, every: RegoEngine) -> None:
        made = self.asked(every, attack(grave_open=2))
        result = one(made)
        assert (made.outcome, result.status) == (Outcome.DENY, Status.FAIL)
        (finding,) = result.findings
        assert finding.message == DENIES
        assert finding.values["said"] == "Attackers Ltd left 2 grave weaknesses open (0.3 each day)"
        assert result.foreign is not None
        assert result.to_json()["foreign"] == {
            "class": "foreign", "pack": "attacks", "kind": "deny", "query": "main.deny", "positive": "main.complete",
        }  # fmt: skip
        assert read_decision(made.to_json(), where="x").body == made.body

    def test_it_passes_where_its_positive_rule_holds_of_every_record(self, every: RegoEngine) -> None:
        good = attack()
        result = one(self.asked(every, good))
        assert (result.status, result.evidence) == (Status.PASS, (good.record.id,))

    def test_a_good_record_hides_no_bad_one(self, every: RegoEngine) -> None:
        assert one(self.asked(every, attack(), attack(grave_open=1))).status is Status.FAIL
        assert one(self.asked(every, attack(), attack(tester="Ab"))).status is Status.MISSING

    def test_silence_is_no_pass(self, every: RegoEngine) -> None:
        made = self.asked(every, attack())
        result = one(made, "GKP-01")
        assert (made.outcome, result.status) == (Outcome.INDETERMINATE, Status.MISSING)
        assert [(finding.message, finding.gap) for finding in result.findings] == [(SILENT, True)]

    def test_a_rule_that_must_be_true_and_has_no_value_leaves_it_open(self, every: RegoEngine) -> None:
        result = one(self.asked(every, attack(tester="Ab")))
        assert [(finding.message, finding.values["rule"]) for finding in result.findings] == [
            (UNDEFINED, "main.complete")
        ]

    def test_without_a_record_it_is_missing(self, every: RegoEngine) -> None:
        assert {result.status for result in self.asked(every).results} == {Status.MISSING}

    def test_a_record_about_another_version_is_not_shown(self, every: RegoEngine) -> None:
        other = self.asked(every, attack(artifact_digest=f"sha256:{64 * 'e'}", grave_open=9))
        assert one(other).status is Status.MISSING

    def test_a_record_of_too_low_a_class_is_not_shown(self) -> None:
        mapping = CONFTEST.replace(f"evidence: [{TYPE}]", f"evidence: {{{TYPE}: ingested}}")
        bundle = bundle_from_files(light({MAPPING: mapping}))
        assert one(judged(bundle, attack(grave_open=1))).status is Status.MISSING
        assert one(judged(bundle, attack("quaestor", "ingested", grave_open=1))).status is Status.FAIL

    def test_a_warning_is_advice(self, every: RegoEngine) -> None:
        for result in (one(self.asked(every, attack()), "ATT-02"), one(self.asked(every), "ATT-02")):
            assert result.advisory
        result = one(self.asked(every, attack()), "ATT-02")
        assert (result.status, result.findings[0].message) == (Status.FAIL, WARNS)
        assert one(self.asked(every, attack(method="grey-box")), "ATT-02").status is Status.MISSING

    def test_the_older_syntax_with_an_input_of_another_shape_and_parameters(self, every: RegoEngine) -> None:
        most = effective(whole()).values["min_group_size"]
        result = one(self.asked(every, attack(grave_open=most + 3)), "GKP-01")
        assert result.findings[0].values["said"] == f"3 weaknesses more than <{most}> allows"
        assert one(self.asked(every, attack(grave_open=most)), "GKP-01").status is Status.MISSING

    def test_libraries_and_data_of_a_pack(self, every: RegoEngine) -> None:
        assert one(self.asked(every, attack(tester="Breakers SA")), "REL-01").status is Status.PASS
        result = one(self.asked(every, attack(tester="Nobody")), "REL-01")
        assert result.findings[0].values["said"] == '"Nobody" is no firm of ours'

    def test_a_gate_of_warnings_alone_lets_nobody_through(self) -> None:
        warned = CONFTEST[: CONFTEST.index("  ATT-01:")] + CONFTEST[CONFTEST.index("  ATT-02:") :]
        bundle = bundle_from_files(foreign_files(**{MAPPING: warned, "foreign/attacks/ATT-01_cases.yaml": None}))
        made = judged(bundle, attack(method="grey-box"))
        assert made.outcome is Outcome.INDETERMINATE

    @pytest.mark.parametrize(
        ("rego", "status", "message"),
        [
            ("allow if input.grave_open == 0", Status.PASS, None),
            ("default allow := false", Status.FAIL, REFUSES),
            ("allow if input.grave_open == 1", Status.MISSING, UNDEFINED),
            ('allow := "yes"', Status.ERROR, None),
            ("allow contains true if true", Status.ERROR, None),
            ("allow := 1", Status.ERROR, None),
        ],
    )
    def test_allow(self, rego: str, status: Status, message: str | None) -> None:
        mapping = CONFTEST.replace("kind: deny", "kind: allow").replace("main.deny", "main.allow")
        mapping = mapping.replace("    positive: main.complete\n", "")
        bundle = bundle_from_files(light({MAPPING: mapping, REGO: f"{HEAD}{rego}\n{COMPLETE}"}))
        result = one(judged(bundle, attack()))
        assert result.status is status
        assert [finding.message for finding in result.findings] == ([message] if message else [])

    @pytest.mark.parametrize(
        ("rego", "status", "said"),
        [
            ('deny contains "a" if true\n\ndeny contains "b" if true\n', Status.FAIL, ["a", "b"]),
            ('deny := ["b", "a", "b"]\n', Status.FAIL, ["a", "b"]),
            ('deny := "a"\n', Status.FAIL, ["a"]),
            ("deny := true\n", Status.FAIL, ["(without words)"]),
            ("deny := false\n", Status.PASS, []),
            ("default deny := false\n", Status.PASS, []),
            ('deny["x"] := {"msg": "a"} if true\n', Status.FAIL, ["a"]),
            ('deny contains {"message": "a", "details": {}} if true\n', Status.FAIL, ["a"]),
            ('deny contains {"code": 7} if true\n', Status.FAIL, ['{"code": 7}']),
            ("deny contains false if true\n", Status.FAIL, ["false"]),
            ("deny contains null if true\n", Status.FAIL, ["null"]),
            ('deny contains "" if true\n', Status.FAIL, ["(without words)"]),
            ("deny := null\n", Status.ERROR, []),
            ("deny := 0\n", Status.ERROR, []),
            ("deny := true if input.grave_open == 7\n", Status.ERROR, []),  # no value says nothing
        ],
    )
    def test_the_forms_of_denials(self, rego: str, status: Status, said: list[str]) -> None:
        result = of(rego)
        assert (result.status, [finding.values["said"] for finding in result.findings]) == (status, said)

    def test_what_the_record_lacks_leaves_it_open(self) -> None:
        mapping = CONFTEST.replace(
            "    query: main.deny\n", "    query: main.deny\n    input: {how: $content.method}\n"
        )
        bundle = foreign_bundle({MAPPING: mapping, REGO: f"{HEAD}deny contains input.how if false\n{COMPLETE}"})
        result = one(judged(bundle, attack()))
        assert (result.status, result.findings[0].message) == (Status.MISSING, NOT_GIVEN)
        assert result.findings[0].values["field"] == "method"
        assert one(judged(bundle, attack(method="grey-box"))).status is Status.PASS


class TestHostile:
    def test_what_it_says_is_bounded_and_hides_nothing(self) -> None:
        said = "a\\u202eb\\u0000c\\nd" + "x" * 5_000
        result = of(f'deny contains sprintf("{said}%d", [i]) if some i in numbers.range(1, 500)\n')
        # The end that differs is beyond what is shown: all are the same denial.
        (finding,) = result.findings
        assert len(str(finding.values["said"])) == 300
        assert str(finding.values["said"]).startswith("a b c dxx")
        result = of('deny contains sprintf("%d {pack} <b>", [i]) if some i in numbers.range(1, 500)\n')
        assert len(result.findings) == 21
        (more,) = (finding for finding in result.findings if finding.message == MORE)
        assert more.values["more"] == 480
        assert {finding.message for finding in result.findings} == {DENIES, MORE}

    @pytest.mark.parametrize(
        ("rego", "error"),
        [
            ("deny contains 1 if to_number(input.tester) > 3\n", "failure"),  # it would hide the denial
            ("deny := 1 if true\n\ndeny := 2 if true\n", "conflict"),
            ("deny contains 1e400 if true\n", "inexact"),
            ("deny contains x if { some x in [9007199254740993.5, 1e30] }\n", "inexact"),
        ],
    )
    def test_an_error_is_no_pass(self, rego: str, error: str) -> None:
        result = of(rego)
        assert result.status is Status.ERROR
        assert result.cause is not None
        assert result.cause.to_json()["error"] == error

    def test_a_rule_without_end_is_stopped(self) -> None:
        endless = (
            "deny contains 1 if {\n\tn := numbers.range(1, 3000)\n"
            "\tcount([1 | some a in n; some b in n; some c in n; (a + b) + c == 0]) > 0\n}\n"
        )
        result = of(endless, limits=Limits(seconds=1.0))
        assert result.status is Status.ERROR
        assert result.cause is not None
        assert result.cause.to_json()["error"] == "limit"

    @pytest.mark.parametrize(
        "call",
        [
            'http.send({"method": "get", "url": "http://127.0.0.1:1"}).status_code',
            'net.lookup_ip_addr("localhost")',
            "opa.runtime().env.HOME",
            "time.now_ns()",
            'rand.intn("x", 1000)',
            'uuid.rfc4122("x")',
            'io.jwt.decode_verify("x", {})',
            'crypto.x509.parse_and_verify_certificates("x")',
            'json.match_schema({}, {"$ref": "http://127.0.0.1:1"})',
        ],
    )
    def test_what_is_not_the_same_each_time_is_refused(self, call: str, tmp_path: Path) -> None:
        rego = f"deny contains x if x := {call}\n"
        assert of(rego).status is Status.ERROR
        folder = write(light({REGO: HEAD + rego + COMPLETE}), tmp_path)
        (mistake,) = lint(folder)
        name = call.partition("(")[0]
        assert f"OPA refuses it: undefined function {name}" in str(mistake)
        assert (mistake.path, mistake.line) == (REGO, 5)

    def test_a_fresh_name_for_it_is_refused_too(self) -> None:
        assert of("deny contains x if x := 1 with time.now_ns as 1\n").status is Status.ERROR

    def test_without_opa_it_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bundle = whole()
        monkeypatch.setattr("engine.backends.foreign.find_opa", lambda: None)
        made = judged(bundle, attack())
        assert made.outcome is Outcome.INDETERMINATE
        assert {result.status for result in made.results} == {Status.ERROR}
        assert {str(result.cause.to_json()["error"]) for result in made.results if result.cause} == {"no-opa"}

    @pytest.mark.parametrize(
        "package",
        ["quaestor", "quaestor.foreign", "quaestor.program", "system.authz", "system", "parameters", "data.x", "input"],
    )
    def test_packages_that_are_not_its_own(self, package: str) -> None:
        more = {"foreign/attacks/more.rego": f"package {package}\n\nallow := true\n"}
        (mistake, *_) = lint_files(light(more))
        assert "is not for other people's Rego" in mistake.problem
        assert (mistake.path, mistake.line) == ("foreign/attacks/more.rego", 1)

    @pytest.mark.parametrize(
        "text",
        [
            "# a\rpackage main\npackage quaestor.foreign\n",
            "# a\u2028package main\npackage quaestor.foreign\n",
            "# a\x85package main\n\npackage system.authz\n",
            "\ufeff# package main\npackage system.authz\n",
            'package main["x"]\n',
            "package\nmain\n",
            "import rego.v1\npackage main\n",
            "# package main\n",
            "",
        ],
    )
    def test_no_comment_hides_a_package(self, text: str) -> None:
        with pytest.raises(PolicyError):
            package_of("x.rego", text)

    def test_a_package_with_a_comment_or_mark_before_and_behind(self) -> None:
        assert package_of("x.rego", "\ufeff# a\r\n\r\n\tpackage a.b_1 # c\r\n") == "a.b_1"

    def test_it_cannot_speak_for_a_control_of_ours(self) -> None:
        """The rules of a pack lie on a server of their own: a package of our name is only a name there."""
        evil = (
            "package controls.security_own.PEN_01\n\nimport rego.v1\n\n"
            'satisfied contains "nothing-grave-open" if true\n\nfindings := set()\n'
        )
        rule = "\n".join(["package lib.findings", "", "breach(a, b, c, d) := 1", ""])
        bundle = bundle_from_files({
            **foreign_files(),
            CONTROL_PATH: CONTROL.encode(),
            "foreign/attacks/evil.rego": evil.encode(),
            "foreign/attacks/lib.rego": rule.encode(),
        })  # fmt: skip
        made = judged(bundle, attack(grave_open=1))
        assert one(made, "PEN-01").status is Status.FAIL
        assert one(judged(bundle, attack()), "PEN-01").status is Status.PASS

    def test_it_cannot_read_our_policies_nor_those_of_another_pack(self) -> None:
        more = {
            path: text.replace("attacklimits", "main").replace("kind: Attack", "kind: Attack")
            for path, text in MORE_PACKS.items()
            if path.startswith("foreign/gate-keeping")
        }
        rego = (
            "deny contains name if some name, _ in data.controls\n\n"
            "deny contains name if some name, _ in data.risk\n\n"
            "deny contains name if some name, _ in data.rule_data\n"
        )
        nothing = '{"controls": {}, "risk": {}, "rule_data": {}}'  # what nobody gives is refused
        files = {**more, REGO: HEAD + rego + COMPLETE, "foreign/attacks/data.json": nothing}
        made = judged(foreign_bundle(files), attack(grave_open=99))
        assert one(made).status is Status.PASS
        assert one(made, "GKP-01").status is Status.FAIL

    def test_one_that_reads_all_data_cannot_run_beside_what_asks_it(self) -> None:
        assert of("deny contains name if some name, _ in data[input.tester]\n").status is Status.ERROR

    def test_a_pack_that_errs_takes_no_other_with_it(self) -> None:
        made = judged(foreign_bundle({**MORE_PACKS, REGO: HEAD + "deny contains x if x := time.now_ns()\n" + COMPLETE}),
                      attack())  # fmt: skip
        assert one(made).status is Status.ERROR
        assert one(made, "REL-01").status is Status.PASS


class TestReplay:
    def test_the_same_bytes_on_every_engine(self, wasm_cache: Path) -> None:
        records = (attack(grave_open=2), attack(), attack(tester="Ab", method="grey-box"))
        made = [judged(whole(), *records, engine=name) for name in ("regorus", "wasm", "opa")]
        assert compare(made[0], made[1]).same
        assert compare(made[0], made[2]).same

    def test_a_cross_check_asks_opa_twice(self) -> None:
        program = whole().program()
        both = CrossCheckEngine(open_engine("regorus", program), open_engine("wasm", program))
        with closing(both):
            made = decide(whole(), effective(whole()), snapshot(*papers(attack())), "attacked", both)
        assert compare(made, judged(whole(), attack())).same
        assert re.search(r"foreign packs: opa 1\.22\.0 \(sha256:[0-9a-f]{64}\)$", both.first.version)

    def test_the_digest_covers_rego_data_and_mapping_but_not_its_tests(self) -> None:
        plain = whole()
        for path in (MAPPING, REGO, GATEKEEPER, "foreign/releases/rule_data/data.yaml"):
            text = {**PACKS, **MORE_PACKS}[path]
            other = foreign_bundle({**MORE_PACKS, path: f"{text}\n# more\n"})
            assert other.digest != plain.digest, path
            assert other.program().digest != plain.program().digest, path
        theirs = foreign_bundle({**MORE_PACKS, "foreign/attacks/attacks_test.rego": "package main\n"})
        assert theirs.digest == plain.digest

    def test_a_bundle_of_packs_alone_has_nothing_to_compile(self) -> None:
        program = with_rego("deny contains 1 if false\n").program()
        assert program.rules == ()
        assert policy_module(program) is None

    def test_a_bundle_without_packs_has_the_program_that_it_had(self, bench: Bundle) -> None:
        assert bench.program().foreign == ()

    def test_it_comes_back_from_an_archive_from_the_cache_and_from_a_bundle_for_opa(self, tmp_path: Path) -> None:
        bundle = whole()
        folder = write({**bundle.files, **bundle.proofs}, tmp_path / "policies")
        for again in (
            bundle_from_archive(bundle.archive()),
            load_bundle(folder, tmp_path / "cache"),
            load_bundle(folder, tmp_path / "cache"),
            read_opa_bundle(opa_bundle(bundle))[0],
        ):
            assert again.digest == bundle.digest
            assert again.controls == bundle.controls
            assert again.program() == bundle.program()


class TestLint:
    def told(self, **files: str) -> list[str]:
        return [f"{error}; {error.hint}" for error in lint_files(light(files))]

    def test_the_packs_are_sound(self, tmp_path: Path) -> None:
        assert lint(write(foreign_files(**MORE_PACKS), tmp_path)) == ()

    @pytest.mark.parametrize(
        ("old", "new", "problem", "hint"),
        [
            ("query: main.deny", "query: main.dney", "the pack has no rule `main.dney`", "did you mean `main.deny`"),
            ("query: main.deny", "query: man.deny", "the pack has no rule `man.deny`", "did you mean `main.deny`"),
            ("query: main.deny", "query: deny", "`query`", ""),
            ("query: main.deny", "query: data.main[x]", "`query`", ""),
            ("positive: main.complete", "positive: main.compleet", "no rule `main.compleet`", "`main.complete`"),
            ("kind: deny", "kind: dny", "`kind`", ""),
            ("kind: deny\n    query: main.deny", "kind: allow\n    query: main.allow", "`positive` beside a rule", ""),
            ("    query: main.deny", "    query: main.deny\n    inputs: 1", "unknown field `inputs`", "`input`"),
            ("    query: main.deny", "    query: main.deny\n    covers: [S0.M3.3]", "unknown field `covers`", ""),
            ("    query: main.deny", "    query: main.deny\n    basis: law", "unknown field `basis`", ""),
            ("    query: main.deny", "    query: main.deny\n    input: {a: $contents}", "no place", "`$content`"),
            ("    query: main.deny", "    query: main.deny\n    input: [$content.tster]", "no `tster`", "`tester`"),
            ("    query: main.deny", "    query: main.deny\n    input: $content.hosts.copy", "nothing stands in", ""),
            ("    query: main.deny", "    query: main.deny\n    input: $content.tester.x", "nothing stands in", ""),
            ("    query: main.deny", "    query: main.deny\n    input: $parameters.x", "does not name `x`", ""),
            ("    query: main.deny", "    query: main.deny\n    parameters: [min_grup_size]", "unknown parameter",
             "`min_group_size`"),
            (f"evidence: [{TYPE}]\n    kind: deny", "evidence: [custom/penetration-tst]\n    kind: deny",
             "unknown evidence type", f"`{TYPE}`"),
            ("gates: [attacked]\n    evidence", "gates: [atacked]\n    evidence", "unknown gate `atacked`",
             "`attacked`"),
            ("severity: blocker", "severity: grave", "`severity`", ""),
            ("pack: attacks", "pack: attack", "the pack `attack` is not the folder's name", "agree"),
            ("licence: Apache-2.0", "licence: TBD", "`licence`", ""),
            ("rego_version: v1", "rego_version: v2", "`rego_version`", ""),
            ("  ATT-01:", "  att-01:", "is not the id of a control", "capitals"),
        ],
    )  # fmt: skip
    def test_a_mistake_in_the_mapping(self, old: str, new: str, problem: str, hint: str) -> None:
        text = CONFTEST.replace(old, new, 1)
        assert text != CONFTEST
        lines = [
            (number, now)
            for number, (was, now) in enumerate(
                zip([*CONFTEST.splitlines(), *[""] * 3], [*text.splitlines(), *[""] * 3], strict=False), start=1
            )
            if was != now
        ]
        found = self.told(**{MAPPING: text})
        assert any(problem in line and hint in line for line in found), found
        first = lines[0][0]
        assert any(line.startswith(tuple(f"{MAPPING}:{first + more}:" for more in range(3))) for line in found), found

    def test_an_id_that_is_taken_and_a_folder_without_a_mapping(self) -> None:
        again = CONFTEST.replace("pack: attacks", "pack: others")
        found = self.told(**{"foreign/others/mapping.yaml": again, "foreign/others/a.rego": CONFTEST_REGO})
        assert any("the id `ATT-01` is also that of foreign/attacks/mapping.yaml" in line for line in found)
        found = self.told(**{"foreign/x/a.rego": "package a\n"})
        assert any("a foreign pack without a mapping" in line for line in found)

    @pytest.mark.parametrize("root", ["quaestor", "system", "parameters"])
    def test_data_that_is_not_its_own(self, root: str) -> None:
        found = self.told(**{"foreign/attacks/data.json": f'{{"{root}": 1}}'})
        assert any(f"data of the root `{root}`" in line for line in found), found

    def test_data_that_two_files_give(self) -> None:
        found = self.told(**{"foreign/attacks/data.json": '{"a": {"b": 1}}', "foreign/attacks/a/data.yaml": "b: 2\n"})
        assert any("two files of data give `b`" in line for line in found), found

    @pytest.mark.parametrize(
        ("said", "line"),
        [
            ("data.limits.grave", 5),
            ("data.parameters.min_group_size", 5),  # `parameters` of no control names it
            ("data.main.others", 5),
            ("data.release.attacks", 5),
        ],
    )
    def test_what_nothing_in_the_pack_gives_would_keep_a_denial_silent(self, said: str, line: int) -> None:
        rego = f"{HEAD}deny contains 1 if input.grave_open > {said}\n{COMPLETE}"
        found = self.told(**{REGO: rego})
        assert any(told.startswith(f"{REGO}:{line}: `{said}` is given by nothing") for told in found), found

    def test_what_the_pack_gives_is_not_told(self) -> None:
        rego = (
            f'{HEAD}import data.lib.known\n\n# data.gone is but a word, and so is\nword := "data.gone"\n\n'
            "deny contains data.y.z if input.grave_open > data.parameters.min_group_size\n\n"
            "deny contains data.main.word if known\n\ndeny contains data.lib if false\n"
        )
        mapping = CONFTEST.replace("    query: main.deny\n", "    query: main.deny\n    parameters: [min_group_size]\n")
        more = {"foreign/attacks/lib.rego": "package lib\n\nknown := 1\n", "foreign/attacks/y/data.yaml": "z: 1\n"}
        assert self.told(**{REGO: rego + COMPLETE, MAPPING: mapping, **more}) == []

    def test_a_denial_in_a_file_that_only_looks_like_a_test_is_told(self, tmp_path: Path) -> None:
        name = "foreign/attacks/penetration_test.rego"
        files = light({name: HEAD + "deny contains 2 if input.grave_open > 9\n"})
        (mistake,) = lint_files(files)
        assert (mistake.path, mistake.line) == (name, 5)
        assert "a test is not run, and this one says something of the rule `main.deny`" in mistake.problem
        folder = write(files, tmp_path / "policies")
        write(light({name: HEAD + "test_theirs if true\n"}), tmp_path / "policies")
        load_bundle(folder, tmp_path / "cache")
        write(files, folder)  # the checks that are kept do not know this one
        with pytest.raises(PolicyErrors, match="a test is not run"):
            load_bundle(folder, tmp_path / "cache")

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("kind: deny\n", "kind: denies\n", "`denies`"),
            ("positive:", "positve:", "unknown field `positve`"),
            ("query: main.deny\n", "query: main.dny\n", "main.dny"),
        ],
    )
    def test_who_mends_the_mapping_is_not_told_what_follows(
        self, old: str, new: str, said: str, tmp_path: Path
    ) -> None:
        (told,) = lint(write(light({MAPPING: CONFTEST.replace(old, new, 1)}), tmp_path))
        assert said in told.problem
        assert not told.warning

    def test_denials_that_no_control_asks_for_are_told(self, tmp_path: Path) -> None:
        """conftest asks `deny_ports` too."""
        rego = f"{CONFTEST_REGO}\ndeny_ports contains 1 if input.grave_open == 9\n\ndenylist := []\n"
        (told,) = lint(write(light({REGO: rego}), tmp_path))
        assert told.warning
        assert (told.path, told.line) == (MAPPING, 5)
        assert "no control asks the rule `main.deny_ports`, so nobody hears what it denies" in told.problem

    @pytest.mark.parametrize("number", ["0x1F", "0o17", "017", "1_000", "1_0.5", ".inf", "-.NaN"])
    def test_a_number_that_opa_reads_otherwise_is_refused(self, number: str) -> None:
        """As text it would be more than every number: `input.grave_open > data.limit` never denied."""
        found = self.told(**{"foreign/attacks/data.yaml": f"more: 1\nlimit: {number}\n"})
        assert any("data.yaml:2:" in line and f"`{number}` is a number to OPA" in line for line in found), found
        assert self.told(**{"foreign/attacks/data.yaml": f"limit: '{number}'\nz: [0, 0.5, -10, 1e3]\n"}) == []
        mapping = CONFTEST.replace("    query: main.deny\n", f"    query: main.deny\n    input: {{most: {number}}}\n")
        found = self.told(**{MAPPING: mapping})
        assert any(f"{MAPPING}:14: `{number}` is a number to OPA" in line for line in found), found

    @pytest.mark.parametrize("number", ["1e400", "9007199254740993"])
    def test_a_number_that_is_not_exact_is_refused(self, number: str) -> None:
        assert any(
            "data of the pack" in line for line in self.told(**{"foreign/attacks/data.json": f'{{"a": {number}}}'})
        )
        mapping = CONFTEST.replace("    query: main.deny\n", "    query: main.deny\n    input: {a: 9007199254740993}\n")
        assert any("`input` holds a number that is not exact" in line for line in self.told(**{MAPPING: mapping}))

    @pytest.mark.parametrize("place", ["my data", ".hidden", "\u00e9", "/".join(["d" * 60] * 5)])
    def test_a_path_that_no_archive_can_hold_is_refused(self, place: str, tmp_path: Path) -> None:
        """Else a decision would be made that nobody can check again."""
        folder = write(light({f"foreign/attacks/{place}/data.json": '{"a": 1}'}), tmp_path)
        with pytest.raises(PolicyError, match="no archive of the policies can hold this path"):
            lint(folder)
        with pytest.raises(PolicyError, match="no archive of the policies can hold this path"):
            load_bundle(folder, tmp_path / "cache")

    @pytest.mark.parametrize(
        ("rego", "line"),
        [
            ('deny contains said if {\n\tsaid := "x"\n}\n', 5),
            ('default other := 1\n\ndeny[said] := true if said := "x"\n', 7),
            ('# deny contains said\n\ndeny  contains "x" if true\n', 7),
        ],
    )
    def test_a_denial_that_is_taken_for_an_allowance_is_told(self, rego: str, line: int, tmp_path: Path) -> None:
        text = CONFTEST.replace("kind: deny", "kind: allow").replace("    positive: main.complete\n", "")
        told = lint(write(light({MAPPING: text, REGO: f"{HEAD}{rego}{COMPLETE}"}), tmp_path))
        (found,) = [error for error in told if "gathers values" in error.problem]
        where = next(number for number, said in enumerate(text.splitlines(), start=1) if "kind: allow" in said)
        assert (found.path, found.line, found.warning) == (MAPPING, where, False)
        assert f"({REGO}:{line})" in found.problem
        assert found.hint == "write `kind: deny`: what it gathers denies"

    @pytest.mark.parametrize(
        "rego",
        [
            "allow if input.grave_open == 0\n",
            "default allow := false\n\nallow if\n\tallowed[input.tester]\n\nallowed[x] if some x in [1]\n",
            "allow := true if {\n\tsome deny in input.hosts\n\tdeny[_] == 1\n}\n",
            "allow if\nallow_list[input.tester]\n\nallow_list contains 1\n",
        ],
    )
    def test_a_rule_that_is_true_or_false_is_not(self, rego: str, tmp_path: Path) -> None:
        text = CONFTEST.replace("kind: deny", "kind: allow").replace("main.deny", "main.allow")
        text = text.replace("    positive: main.complete\n", "")
        told = lint(write(light({MAPPING: text, REGO: f"{HEAD}{rego}{COMPLETE}"}), tmp_path))
        assert not [error for error in told if "gathers values" in error.problem]

    def test_a_positive_rule_that_gathers_is_told_too(self, tmp_path: Path) -> None:
        text = CONFTEST.replace("positive: main.complete", "positive: main.done")
        told = lint(
            write(
                light({MAPPING: text, REGO: f"{HEAD}deny contains 1 if false\n\ndone contains 1\n{COMPLETE}"}), tmp_path
            )
        )
        (found,) = [error for error in told if "gathers values" in error.problem]
        assert text.splitlines()[found.line - 1].strip() == "positive: main.done"
        assert found.hint == "name a rule that is true or false"

    def test_rego_that_does_not_compile_is_told_with_its_line(self, tmp_path: Path) -> None:
        rego = CONFTEST_REGO.replace("input.grave_open > 0", "input.grave_open > limit")
        (mistake,) = lint(write(light({REGO: rego}), tmp_path))
        assert (mistake.path, mistake.line) == (REGO, line_of(rego, "limit"))
        assert "OPA refuses it: var limit is unsafe" in mistake.problem

    def test_the_older_syntax_is_told_how_it_may_be_read(self, tmp_path: Path) -> None:
        rego = (
            "package main\n\ndeny[msg] { msg := input.tester }\nwarn[msg] { msg := input.tester }\ncomplete { true }\n"
        )
        told = lint(write(light({REGO: rego}), tmp_path))
        assert told
        assert all("`rego_version: v0` in mapping.yaml" in str(mistake.hint) for mistake in told), told

    def test_a_mapping_that_cannot_be_read_is_told_alone(self) -> None:
        found = self.told(**{"foreign/attacks/mapping.yaml": "pack: attacks\nkind: denies\n"})
        assert not any("there is no policy that this file proves" in line for line in found), found
        assert any("unknown field `kind`" in line for line in found)

    def test_without_opa_lint_says_that_it_was_not_compiled(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("engine.proofs.linting.find_opa", lambda: None)
        (told,) = lint(write(foreign_files(), tmp_path))
        assert told.warning
        assert "without OPA nobody knows" in told.problem

    def test_names_of_rules(self) -> None:
        text = (
            'package a\n# ghost contains 1\nx := "deny contains"\ny := `\nspook contains 1\n`\n'
            "deny[m] {\n\twraith == 1\n}\ndefault ok = false\nf(a) = b {\n  b := {\n  hid: a}\n}\n"
        )
        assert rule_names(text) == {"x", "y", "deny", "ok", "f"}

    def test_a_mistake_stops_the_bundle(self) -> None:
        with pytest.raises(PolicyErrors, match=r"no rule `main\.dney`"):
            foreign_bundle({MAPPING: CONFTEST.replace("main.deny", "main.dney")})


class TestProofs:
    def test_its_cases_are_run_and_what_cannot_be_had_is_not_counted(self) -> None:
        bundle = foreign_bundle()
        reports = list(run_policy_tests(bundle, lambda program: open_engine("regorus", program)))
        told = {report.name: report for report in reports if report.name.startswith("ATT")}
        assert all(report.passed and report.foreign and not report.unsaid for report in told.values())
        assert {name: len(report.cases) for name, report in told.items()} == {"ATT-01": 4, "ATT-02": 2}
        assert {(report.deletions, report.corruptions) for report in told.values()} == {(0, 0)}

    def test_a_rule_that_never_says_no_is_not_proved(self) -> None:
        bundle = with_rego("deny contains 1 if false\n")
        (report,) = run_policy_tests(bundle, lambda program: open_engine("regorus", program), ["ATT-01"])
        assert not report.passed
        assert ["no case fails" in mistake.problem for mistake in report.mistakes] == [True]

    def test_without_cases_it_is_not_proved(self) -> None:
        bundle = bundle_from_files(foreign_files(**{"foreign/attacks/ATT-01_cases.yaml": None}))
        (report,) = run_policy_tests(bundle, lambda program: open_engine("regorus", program), ["ATT-01"])
        assert not report.passed

    def test_it_covers_nothing(self) -> None:
        mapping = CONFTEST.replace(
            "    query: main.deny\n", '    query: main.deny\n    frameworks: {eu-ai-act: ["15(5)"]}\n'
        )
        bundle = foreign_bundle({MAPPING: mapping})
        assert bundle.controls["ATT-01"].frameworks == {"eu-ai-act": ("15(5)",)}
        assert all(not coverage(bundle, framework).covered for framework in bundle.frameworks.values())


class TestDifferences:
    def test_by_what_they_mean(self) -> None:
        old = foreign_bundle()
        rego = changes(old, foreign_bundle({REGO: CONFTEST_REGO + "\nmore := 1\n"}))
        assert [(item.name, item.rules) for item in rego.changed["controls"]] == [("ATT-01", True), ("ATT-02", True)]
        assert rego.files == ()
        said = changes(
            old, foreign_bundle({MAPPING: CONFTEST.replace("positive: main.complete", "positive: main.allow")})
        )
        (item,) = said.changed["controls"]
        assert (item.name, item.rules, [field.field for field in item.fields]) == ("ATT-01", False, ["foreign"])

    def test_a_bundle_for_opa_holds_no_rule_of_theirs_that_opa_loads(self) -> None:
        import io
        import tarfile

        with tarfile.open(fileobj=io.BytesIO(opa_bundle(whole()))) as archive:
            names = [name for name in archive.getnames() if name.startswith("foreign/")]
        assert names
        assert not [name for name in names if name.endswith((".rego", "data.json", "data.yaml"))]

    def test_the_mapping_of_gatekeeper_reads_the_older_syntax_alone(self) -> None:
        newer = GATEKEEPER_MAPPING.replace("rego_version: v0", "rego_version: v1")
        bundle = foreign_bundle({**MORE_PACKS, GATEKEEPER: newer})
        assert one(judged(bundle, attack(grave_open=99)), "GKP-01").status is Status.ERROR
