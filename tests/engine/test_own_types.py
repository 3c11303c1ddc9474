"""An organisation's own evidence types: which schemas are accepted, and which records of them count in a decision."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from engine.backends.base import RegoEngine
from engine.backends.choose import open_engine
from engine.bundle.changes import changes
from engine.bundle.load import Bundle, bundle_from_archive, bundle_from_files
from engine.bundle.own import MAX_DEPTH, read_own
from engine.deciding.decide import decide
from engine.deciding.verdict import Decision, Status
from engine.errors import PolicyErrors
from engine.proofs.policytest import run_policy_tests
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError
from evidence.model.own import model_of, type_of_uri
from evidence.snapshot.model import Entry, Snapshot
from tests.worlds.linting import lint_files
from tests.worlds.own_types import CASES, CASES_PATH, CONTROL_PATH, PATH, SCHEMA, SIGNERS, TYPE, own_files
from tests.worlds.people import DAY, NOW
from tests.worlds.policies import effective
from tests.worlds.records import DIGEST, OTHER_DIGEST
from tests.worlds.small_bundle import small_bundle
from tests.worlds.snapshots import entry, papers, snapshot

Change = Callable[[dict[str, Any]], object]
GOOD = {"artifact_digest": DIGEST, "tested_on": "2026-11-02", "tester": "Attackers Ltd", "grave_open": 0}


def changed(change: Change) -> dict[str, Any]:
    schema = copy.deepcopy(SCHEMA)
    change(schema)
    return schema


def field(**more: Any) -> Change:
    return lambda schema: schema["properties"].update(extra=more)


def told(content: bytes | str | dict[str, Any], path: str = PATH) -> list[tuple[str, str]]:
    """Place and hint of each mistake of a schema."""
    text = json.dumps(content, indent=1) if isinstance(content, dict) else content
    schema, mistakes = read_own(path, text.encode() if isinstance(text, str) else text)
    assert (schema is None) == any(not mistake.warning for mistake in mistakes)
    return [(str(mistake), mistake.hint or "") for mistake in mistakes]


class TestSchema:
    def test_the_worked_one_is_accepted(self) -> None:
        assert told(SCHEMA) == []

    @pytest.mark.parametrize(
        ("change", "problem", "hint"),
        [
            (field(type="string", pattern="x"), "`/properties/extra/pattern` is nothing", "known are"),
            (field(type="string", minimun=1), "`/properties/extra/minimun` is nothing", ""),
            (field(type="number", minimun=1), "`/properties/extra/minimun` is nothing", "did you mean `minimum`"),
            (field(**{"$ref": "#/properties/extra"}), "`/properties/extra/$ref` is a reference", "write"),
            (field(type="object", **{"$ref": "#"}), "`/properties/extra/$ref` is nothing", "write the schema out"),
            (lambda s: s.update({"$defs": {"a": {"$ref": "#/$defs/a"}}}), "`/$defs` is nothing", ""),
            (field(anyOf=[{"type": "string"}]), "`/properties/extra/type` is missing", "write one of object"),
            (field(type=["string", "null"]), "`/properties/extra/type` is no type", "write one of object"),
            (field(type="null"), "`/properties/extra/type` is no type", ""),
            (field(type="string", format="email"), "`/properties/extra/format` is no format", "date or date-time"),
            (field(type="string", enum=[]), "`/properties/extra/enum` is no list", ""),
            (field(type="string", enum=["a", "a"]), "`/properties/extra/enum` is no list", ""),
            (field(type="string", enum=["a", 1]), "`/properties/extra/enum` is no list", ""),
            (field(type="string", enum=["a\u202eb"]), "`/properties/extra/enum` is no list", ""),
            (field(type="string", enum=["2026"], format="date"), "`/properties/extra/enum` stands beside", ""),
            (field(**{"type": "string", "x-happened": True}), "`/properties/extra/x-happened` does not say", ""),
            (field(type="integer", minimum=0.5), "`/properties/extra/minimum` is not a whole number", ""),
            (field(type="integer", maximum=10**30), "`/properties/extra/maximum` is not a whole number", ""),
            (field(type="number", minimum=True), "`/properties/extra/minimum` is not a number", ""),
            (field(type="number", minimum=2, maximum=1), "`/properties/extra/minimum` is above", ""),
            (field(type="array"), "`/properties/extra/items` is missing", ""),
            (field(type="object", properties={"a": {"type": "boolean"}}),
             "`/properties/extra/additionalProperties` is not false", "a list of objects"),
            (field(type="object", additionalProperties=False, properties={}),
             "`/properties/extra/properties` does not name", ""),
            (lambda s: s["properties"].update({"ü": {"type": "string"}}), "`/properties/ü` is no name", "lower-case"),
            (lambda s: s["properties"].update({"a/b~\x1b": {"type": "string"}}), "`/properties/a~1b~0\\x1b` is", ""),
            (lambda s: s["properties"].update({"__class__": {"type": "string"}}), "`/properties/__class__` is no", ""),
            (lambda s: s["properties"].update({"list": {"type": "string"}}), "`/properties/list` is no name", "taken"),
            (lambda s: s["required"].append("testr"), "`/required/4` names no field", "did you mean `tester`"),
            (lambda s: s.update(required=[]), "the schema requires no field", ""),
            (lambda s: s.pop("description"), "the schema has no `description`", ""),
            (lambda s: s.update(description="TBD"), "`/description` is no sentence", ""),
            (lambda s: s.update(description="a\x1b[2Jb"), "`/description` is no sentence", ""),
            (lambda s: s.update(additionalProperties=True), "`/additionalProperties` is not false", ""),
            (lambda s: s.update({"x-classes": ["measured"]}), "`/x-classes` are not classes", "attested, ingested"),
            (lambda s: s.update({"x-classes": ["attested", "derived"]}), "`/x-classes` are not classes", ""),
            (lambda s: s.update({"x-classes": [["attested"]]}), "`/x-classes` are not classes", ""),
            (lambda s: s.pop("x-classes"), "`/x-classes` are not classes", ""),
            (lambda s: s.pop("x-max-age"), "`/x-max-age` is no duration", "P90D"),
            (lambda s: s.update({"x-max-age": "P0D"}), "`/x-max-age` is no duration", ""),
            (lambda s: s.update({"x-max-age": "P11Y"}), "`/x-max-age` is no duration up to P10Y", ""),
            (lambda s: s.update({"x-max-age": f"P{10**30}Y"}), "`/x-max-age` is no duration", ""),
            (lambda s: s.update({"x-about": {"model": "tested_on"}}), "`/x-about/model` names no field", ""),
            (lambda s: s.update({"x-about": {"system": "tester"}}), "`/x-about/system` is no kind of subject", ""),
            (lambda s: s.update({"x-feed": True}), "`/x-feed` is nothing", ""),
            (lambda s: s.update({"$schema": "http://json-schema.org/draft-04/schema"}), "`/$schema` is another", ""),
            (lambda s: s.update(type="array"), "", ""),
        ],
    )  # fmt: skip
    def test_what_no_record_can_be_held_to_is_refused(self, change: Change, problem: str, hint: str) -> None:
        found = told(changed(change))
        assert found
        assert any(problem in text and hint in advice for text, advice in found), found
        assert all(advice for _, advice in found)
        assert all(letter.isprintable() for text, advice in found for letter in text + advice)

    def test_a_mistake_stands_at_its_line(self) -> None:
        text = json.dumps(changed(field(type="string", pattern="x")), indent=1)
        line = text[: text.index('"pattern"')].count("\n") + 1
        assert told(text)[0][0].startswith(f"{PATH}:{line}: ")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]",
            b"null",
            b"{",
            b"\xff\xfe",
            b'{"type": "object", "type": "object"}',
            b'{"type": "object", "properties": {"a": {"type": "number", "minimum": 1e999}}}',
            b'{"x": ' + b"9" * 10_000 + b"}",
            b"[" * 100_000,
            b'{"type":"array","items":' * 5_000 + b"1" + b"}" * 5_000,
            b" " * (1 << 17),
        ],
    )
    def test_what_is_no_schema_at_all(self, content: bytes) -> None:
        assert told(content)

    def test_deep_nesting_is_refused_at_the_level_at_which_it_begins(self) -> None:
        part: dict[str, Any] = {"type": "string"}
        for _ in range(MAX_DEPTH + 1):
            part = {"type": "array", "items": part}
        assert f"deeper than {MAX_DEPTH} levels" in told(changed(field(**part)))[0][0]

    def test_many_mistakes_are_told_shortly(self) -> None:
        wide = {f"f{number}": {"type": "text"} for number in range(190)}
        assert len(told(changed(lambda schema: schema["properties"].update(wide)))) <= 20

    @pytest.mark.parametrize("name", ["Pen", "pen_test", "pénétration", "-a", "a" * 65, "a b", "x\n", "..", ".json"])
    def test_a_name_that_no_type_has(self, name: str) -> None:
        assert "not lower-case words" in told(SCHEMA, f"schemas/custom/{name}.json")[0][0]

    def test_a_file_below_is_not_passed_over(self) -> None:
        files = own_files()
        files |= {"schemas/custom/more/a.json": files[PATH], "schemas/other/b.json": files[PATH]}
        found = {error.path for error in lint_files(files) if not error.warning}
        assert found == {"schemas/custom/more/a.json", "schemas/other/b.json"}

    def test_a_name_of_ours_is_advised_against_and_is_another_type(self) -> None:
        files = own_files()
        files["schemas/custom/approval.json"] = files.pop(PATH)
        (warning,) = [error for error in lint_files(files) if error.path == "schemas/custom/approval.json"]
        assert warning.warning
        assert "Quaestor's own type `approval`" in warning.problem
        assert model_of("custom/approval") is not model_of("approval")

    def test_a_type_that_anybody_could_sign_is_refused(self) -> None:
        (error,) = lint_files(own_files(rule=""))
        assert (error.path, error.problem) == (SIGNERS, f"no rule says who may sign a `{TYPE}`")
        assert f"{TYPE}: {{signed_by: [" in (error.hint or "")

    def test_a_mistaken_schema_is_told_and_not_what_follows_from_it(self) -> None:
        errors = lint_files(own_files(changed(field(type="string", pattern="x"))))
        assert [error.path for error in errors] == [PATH]

    def test_a_schema_of_ours_that_no_record_follows_is_refused(self) -> None:
        files = small_bundle(**{"schemas/penetration-test.json": json.dumps(SCHEMA)})
        with pytest.raises(PolicyErrors, match="no record of the type `penetration-test`") as caught:
            bundle_from_files(files)
        assert "schemas/custom/<name>.json" in (caught.value.errors[0].hint or "")
        assert lint_files(small_bundle(**{"schemas/approval.json": "[]"}))[0].problem == "not a JSON object"


class TestPolicies:
    def test_fields_are_typed(self) -> None:
        files = own_files()
        (path,) = [path for path in files if path.endswith("PEN-01.rego")]
        for wrong, problem in (
            ("test.predicate.grave_opened == 0", "grave_opened"),
            ('test.predicate.grave_open == "0"', "never equal"),
            ('test.predicate.method == "blackbox"', "none of the values"),
            ('test.predicate.tested_on == "2026-01-01T00:00:00Z"', "never equal"),
        ):
            spoilt = {**files, path: files[path].replace(b"test.predicate.grave_open == 0", wrong.encode())}
            assert any(problem in error.problem for error in lint_files(spoilt)), wrong

    def test_cases_deletion_and_corruption_treat_it_like_ours(self) -> None:
        bundle = bundle_from_files(own_files())
        (report,) = run_policy_tests(bundle, lambda program: open_engine("regorus", program), ["PEN-01"])
        assert report.passed, report
        assert len(report.cases) == 7
        assert report.deletions > 2
        assert report.corruptions > report.refused > 2

    def test_a_field_that_no_passing_case_holds_is_not_passed_over(self) -> None:
        """Optional and left out it passes by a `not`, and no test would take it away."""
        schema = json.loads(json.dumps(SCHEMA))
        schema["required"].remove("grave_open")
        every = b"every test in tests { test.predicate.grave_open == 0 }"
        left = b"every test in tests { not grave(test) }"
        files = own_files(schema)
        assert every in files[CONTROL_PATH]
        files[CONTROL_PATH] = (
            files[CONTROL_PATH].replace(every, left) + b"\ngrave(test) if test.predicate.grave_open > 0\n"
        )
        lines = CASES.replace(", grave_open: 0", "").splitlines(keepends=True)
        cases = "".join(line for line in lines if "refused" not in line)
        for text, told in ((cases, "stands in no case that passes"), (CASES, "")):
            bundle = bundle_from_files(files | {CASES_PATH: text.encode()})
            (report,) = run_policy_tests(bundle, lambda program: open_engine("regorus", program), ["PEN-01"])
            assert not report.passed
            assert bool(report.survivors) == (not told)
            assert [error.problem for error in report.mistakes] == (
                [f"`{TYPE}.grave_open` is read, and {told}"] if told else []
            )

    def test_the_digest_covers_it_and_the_difference_names_it(self) -> None:
        strict, loose = own_bundle(), own_bundle(json.dumps(LOOSE))
        assert strict.digest != loose.digest
        (item,) = changes(strict, loose).changed["own types"]
        assert (item.name, [one.field for one in item.fields]) == (TYPE, ["field grave_open"])
        assert changes(unknowing(), strict).added["own types"] == (TYPE,)
        assert changes(strict, loose).files == ()


LOOSE = changed(lambda schema: schema["properties"]["grave_open"].pop("minimum"))


@cache
def own_bundle(schema: str | None = None) -> Bundle:
    return bundle_from_files(own_files(schema))


@cache
def unknowing() -> Bundle:
    """Policies that have another own type."""
    other = b"custom/intrusion-test"
    files = {path: content.replace(TYPE.encode(), other) for path, content in own_files().items()}
    files[f"schemas/{other.decode()}.json"] = files.pop(PATH)
    return bundle_from_files(files)


def attack(signer: str | None = "ben", evidence_class: str = "attested", **content: Any) -> Entry:
    """A record as the ledger takes it in: whatever it holds."""
    given = {name: value for name, value in {**GOOD, **content}.items() if value is not ...}
    more = {name: given.pop(name) for name in ("at", "expires", "subject") if name in given}
    return entry(model_of(TYPE).from_json(given), signer, evidence_class=evidence_class, **more)


@pytest.fixture(scope="module")
def attacked() -> Iterator[RegoEngine]:
    with closing(open_engine("regorus", own_bundle().program())) as opened:
        yield opened


def judged(engine: RegoEngine, *entries: Entry, bundle: Bundle | None = None) -> Decision:
    bundle = own_bundle() if bundle is None else bundle
    return decide(bundle, effective(bundle), snapshot(*papers(*entries)), "attacked", engine)


def status(decision: Decision) -> Status:
    (result,) = decision.results
    return result.status


class TestDecision:
    def test_a_good_record_passes_and_a_bad_one_fails(self, attacked: RegoEngine) -> None:
        made = judged(attacked, attack())
        assert status(made) is Status.PASS
        assert TYPE in {item.type for item in made.evidence}
        assert status(judged(attacked, attack(grave_open=1))) is Status.FAIL
        assert status(judged(attacked, attack(), attack(grave_open=2))) is Status.FAIL

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            ({"grave_open": -1}, "grave_open"),
            ({"grave_open": 0.5}, "grave_open"),
            ({"grave_open": "0"}, "grave_open"),
            ({"grave_open": None}, "grave_open"),
            ({"grave_open": ...}, "grave_open"),
            ({"grave_open": 2**53}, None),
            ({"extra": 1}, "extra"),
            ({"field_0": "x"}, "field_0"),
            ({"TYPE": "approval"}, "TYPE"),
            ({"x" * 5_000: 1}, "x" * 200),
            ({"tester": "n/a"}, "tester"),
            ({"artifact_digest": "sha256:zz"}, "artifact_digest"),
            ({"method": "red-box"}, "method"),
            ({"method": None}, "method"),
            ({"tested_on": "2026-11-31"}, "tested_on"),
            ({"tested_on": "2026-11-02T00:00:00Z"}, "tested_on"),
            ({"tested_on": "2027-01-01"}, "tested_on"),
            ({"again_at": "2026-12-01T09:00:00+05:00"}, "again_at"),
            ({"again_at": "2026-12-01T09:00:00.5Z"}, "again_at"),
            ({"hosts": [{"copy": "db", "share": 1.5}]}, "hosts.0.share"),
            ({"hosts": [{"copy": "db"}, {"share": 1}]}, "hosts.1.copy"),
            ({"hosts": {"copy": "db"}}, "hosts"),
        ],
    )  # fmt: skip
    def test_what_does_not_fit_the_schema_is_turned_away(
        self, attacked: RegoEngine, content: dict[str, Any], why: str | None
    ) -> None:
        if why is None:
            with pytest.raises(EvidenceError, match="canonical"):
                attack(**content)
            return
        made = judged(attacked, attack(**content))
        assert status(made) is Status.MISSING
        assert [(item.type, item.reason, item.why) for item in made.excluded] == [(TYPE, "content-unfit", why)]
        assert Decision.model_validate_json(canonical_bytes(made.to_json())).id == made.id

    def test_all_that_the_schema_has_may_be_there(self, attacked: RegoEngine) -> None:
        more = {"method": "grey-box", "again_at": "2026-12-01T09:00:00Z", "hosts": [{"copy": "db", "share": 1}]}
        assert status(judged(attacked, attack(**more))) is Status.PASS

    def test_who_may_not_sign_and_who_signed_nothing(self, attacked: RegoEngine) -> None:
        for record in (attack("ana"), attack("cleo")):
            made = judged(attacked, record)
            assert status(made) is Status.MISSING
            assert [item.reason for item in made.excluded] == ["not-permitted"]
        # Called ingested, it is held to the rule all the same where a person signed it.
        assert status(judged(attacked, attack("ana", "ingested"))) is Status.MISSING
        assert status(judged(attacked, attack("quaestor", "ingested"))) is Status.PASS

    def test_it_is_neither_measured_nor_derived(self) -> None:
        for other in ("measured", "derived"):
            with pytest.raises(EvidenceError, match="cannot be of class"):
                attack("quaestor", other)

    def test_a_class_that_the_schema_does_not_allow(self) -> None:
        bundle = own_bundle(json.dumps(changed(lambda schema: schema.update({"x-classes": ["attested"]}))))
        with closing(open_engine("regorus", bundle.program())) as engine:
            made = judged(engine, attack("quaestor", "ingested"), bundle=bundle)
        assert [(item.reason, item.why) for item in made.excluded] == [("content-unfit", "evidence_class")]

    def test_one_that_runs_longer_than_its_type_allows(self, attacked: RegoEngine) -> None:
        made = judged(attacked, attack(expires=NOW + timedelta(days=400)))
        assert [(item.reason, item.why) for item in made.excluded] == [("term-unfit", "P1Y")]
        at = NOW - DAY
        assert status(judged(attacked, attack(at=at, expires=at.replace(year=at.year + 1)))) is Status.PASS

    def test_of_another_version(self, attacked: RegoEngine) -> None:
        assert status(judged(attacked, attack(artifact_digest=OTHER_DIGEST))) is Status.MISSING

    def test_policies_that_do_not_know_the_type_count_none(self) -> None:
        bundle = unknowing()
        with closing(open_engine("regorus", bundle.program())) as engine:
            made = judged(engine, attack(), bundle=bundle)
        assert status(made) is Status.MISSING
        assert [(item.reason, item.why) for item in made.excluded] == [("unknown-type", TYPE)]

    def test_a_schema_loosened_later_changes_no_decision_under_the_old_one(self, attacked: RegoEngine) -> None:
        loose = own_bundle(json.dumps(LOOSE))
        record = attack(grave_open=-1)
        with closing(open_engine("regorus", loose.program())) as engine:
            later = judged(engine, record, bundle=loose)
        assert [item.type for item in later.excluded] == []
        before = judged(attacked, record)
        assert before.bundle_digest != later.bundle_digest
        kept = bundle_from_archive(own_bundle().archive())
        taken = Snapshot.model_validate_json(canonical_bytes(snapshot(*papers(record)).to_json()))
        again = decide(kept, effective(kept), taken, "attacked", attacked)
        assert again.body == before.body
        assert status(again) is Status.MISSING

    def test_a_type_like_ours_stands_in_for_none_of_ours(self, attacked: RegoEngine) -> None:
        """A record of `custom/risk-classification` decides no tier, one of `custom/training-run` names no maker."""
        for name in ("risk-classification", "training-run", "approval"):
            own = entry(model_of(f"custom/{name}").from_json({"author": {"id": "ben", "name": "Ben"}}), "ana",
                        evidence_class="attested")  # fmt: skip
            made = judged(attacked, attack(), own)
            assert status(made) is Status.PASS
            assert [item.reason for item in made.excluded] == ["unknown-type"]


class TestTypes:
    @pytest.mark.parametrize(
        "name",
        ["custom/", "custom/A", "custom/a/b", "custom/../approval", "custom/é", "custom/a\n", "Custom/a", "custom"],
    )
    def test_a_name_that_is_no_type(self, name: str) -> None:
        assert type_of_uri(f"https://quaestor.dev/evidence/{name}/v1") is None
        with pytest.raises(KeyError):
            model_of(name)

    def test_a_type_and_its_uri(self) -> None:
        assert type_of_uri(model_of(TYPE).uri()) == TYPE
        assert type_of_uri(model_of("approval").uri()) == "approval"
        assert type_of_uri("https://quaestor.dev/evidence/approval/v2") is None

    def test_names_of_a_models_own_are_content_like_any_other(self) -> None:
        given = {"model_config": 1, "to_json": [None], "__dict__": {"a": 1.5}, "TYPE": "approval", "copy": True}
        assert model_of(TYPE).from_json(given).to_json() == given
