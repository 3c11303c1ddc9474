"""Reading a bundle: metadata, gates, files, digest, archive and the program for the engines."""

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backends.cache import PrivateCache
from engine.bundle.control import read_control
from engine.bundle.documents import read_yaml
from engine.bundle.draft import read_draft
from engine.bundle.load import Bundle, bundle_from_archive, bundle_from_files, load_bundle
from engine.errors import PolicyError, PolicyErrors
from tests.worlds.linting import lint_files
from tests.worlds.policies import POLICIES
from tests.worlds.small_bundle import CASES, CONTROL, GATE, METADATA, RULES, line_of, small_bundle, write


def mistakes(files: dict[str, bytes]) -> list[tuple[str, int, str]]:
    return [(e.path, e.line, e.problem) for e in lint_files(files) if not e.warning]


class TestDefaults:
    SAID = ("id: FAIR-01", "pack: core", "waivable: true", "mode: auto", "tiers: [any]", "roles: [any]")

    def test_what_is_left_out_is_what_nearly_all_say(self) -> None:
        short = METADATA.replace("#   applies_from: D-POL\n", "")
        for line in self.SAID:
            short = short.replace(f"#   {line}\n", "")
        whole, less = (read_draft(small_bundle(metadata=text)) for text in (METADATA, short))
        assert less.mistakes == []
        assert less.controls == whole.controls

    @pytest.mark.parametrize(
        ("basis", "severity", "waivable"),
        [("law", "blocker", False), ("law", "major", True), ("policy", "blocker", True), ("guidance", "minor", True)],
    )
    def test_a_blocker_of_the_law_is_not_waivable(self, basis: str, severity: str, waivable: bool) -> None:
        metadata = METADATA.replace("#   waivable: true\n", "").replace("basis: policy", f"basis: {basis}")
        metadata = metadata.replace("severity: major", f"severity: {severity}")
        assert read_draft(small_bundle(metadata=metadata)).controls["FAIR-01"].waivable is waivable

    def test_a_list_of_types_takes_each_class(self) -> None:
        metadata = METADATA.replace("{fairness-audit: measured}", "[fairness-audit]")
        requirement = read_draft(small_bundle(metadata=metadata)).controls["FAIR-01"].evidence["fairness-audit"]
        assert (requirement.least_class, requirement.max_age) == (None, None)

    def test_a_type_twice_in_the_list(self) -> None:
        metadata = METADATA.replace("{fairness-audit: measured}", "[fairness-audit, fairness-audit]")
        assert next(problem for _, _, problem in mistakes(small_bundle(metadata=metadata))).startswith(
            "`custom.evidence`"
        )

    def test_a_file_whose_name_is_no_id(self) -> None:
        files = small_bundle(metadata=METADATA.replace("#   id: FAIR-01\n", ""))
        files["controls/fairness/fair.rego"] = files.pop(CONTROL)
        assert ("controls/fairness/fair.rego", 1, "the file's name is not the id of a control") in mistakes(files)


class TestMetadata:
    @pytest.mark.parametrize(
        ("old", "new", "problem", "at"),
        [
            ("#   severity: major\n", "", "`custom.severity` is missing", "# custom"),
            (
                "severity: major",
                "severity: huge",
                "`custom.severity`: is `huge`; it must be one of blocker, major, minor",
                "severity",
            ),
            ("waivable: true", "waivable: yes", "`custom.waivable`: is neither true nor false", "waivable"),
            ("pack: core", "pakc: core", "unknown field `custom.pakc`", "pakc"),
            ("pack: core", "pack: core\n#   pack: us", "the key `pack` stands twice", "#   pack: us"),
            ("pack: core", "pack: &p core", "an anchor or alias is not accepted here", "pack"),
            ("pack: core", "pack: !!python/name:os.system x", "the tag", "pack"),
            ("[any]\n#   roles", "[any\n#   roles", "not YAML", "#   roles"),
            ("id: FAIR-01", "id: FAIR-02", "the id `FAIR-02` is not the file's name `FAIR-01`", "id:"),
            ("package controls.fairness", "package controls.fair", "the package `controls.fair.FAIR_01`", "package"),
            ("tiers: [any]", "tiers: [all]", "unknown tier `all`", "tiers"),
            ("roles: [any]", "roles: [all]", "unknown role `all`", "roles"),
            ("gates: [validation]", "gates: [validate]", "unknown gate `validate`", "gates"),
            ("applies_from: D-POL", "applies_from: D-POOL", "unknown date `D-POOL`", "applies_from"),
            (
                "fairness-audit: measured",
                "fairness-adit: measured",
                "unknown evidence type `fairness-adit`",
                "evidence",
            ),
            (
                "fairness-audit: measured",
                "fairness-audit: attested",
                "no fairness-audit record is of class",
                "evidence",
            ),
            (": measured", ": {class: measured, max_age: 90d}", "`custom.evidence.fairness-audit.max_age`", "evidence"),
            ("[min_group_size,", "[min_size,", "unknown parameter `min_size`", "parameters"),
            ('"10(2)(f)"', '"10(2)(z)"', "unknown article of eu-ai-act `10(2)(z)`", "frameworks"),
            ("eu-ai-act:", "eu-ai-akt:", "unknown framework `eu-ai-akt`", "frameworks"),
            (
                "audited., covers",
                "audited., at: [staging], covers",
                "unknown gate of the control `staging`",
                "#     attributes",
            ),
            ("audited., covers", "audited., only: law-scope, covers", "is judged in a law scope", "#     attributes"),
            (
                "#   frameworks",
                "#   may_be_empty: {approval: No approval is a state too.}\n#   frameworks",
                "begins with no evidence",
                "#   may_be",
            ),
            (
                "says: Every protected attribute was audited.",
                "says: yes",
                "`custom.objectives.attributes-covered.says`",
                "#     att",
            ),
        ],
    )
    def test_mistake_with_its_line(self, old: str, new: str, problem: str, at: str) -> None:
        assert old in METADATA
        metadata = METADATA.replace(old, new, 1)
        files = small_bundle(metadata=metadata)
        at_line = [(path, line) for path, line, said in mistakes(files) if problem in said]
        assert at_line == [(CONTROL, line_of(metadata, at))]

    def test_none_at_all(self) -> None:
        files = small_bundle(metadata="package controls.fairness.FAIR_01\n")
        assert (CONTROL, 1, "the package has no METADATA") in mistakes(files)

    def test_same_id_twice(self) -> None:
        other = METADATA.replace("fairness.FAIR", "other.FAIR") + RULES
        files = small_bundle(**{"controls/other/FAIR-01.rego": other})
        problem = f"the id `FAIR-01` is also that of {CONTROL}"
        assert ("controls/other/FAIR-01.rego", 5, problem) in mistakes(files)

    @settings(max_examples=150, deadline=None)
    @given(st.text(max_size=200))
    def test_any_text_ends_in_a_mistake_that_can_be_mended(self, text: str) -> None:
        block = "\n".join(f"# {line}" for line in text.splitlines())
        with pytest.raises(PolicyError):
            read_control(CONTROL, f"# METADATA\n{block}\npackage controls.fairness.FAIR_01\n")

    @settings(max_examples=150, deadline=None)
    @given(st.text(alphabet="{}[]:,-#&*!|>'\"%@` \n\tab1", max_size=80))
    def test_any_yaml_is_read_or_refused(self, text: str) -> None:
        where = ""
        try:
            where = read_yaml(text, "any.yaml").path
        except PolicyError as error:
            where = error.path
        assert where == "any.yaml"

    def test_depth_is_bounded(self) -> None:
        with pytest.raises(PolicyError, match="deeper than 32 levels"):
            read_yaml("[" * 100_000, "deep.yaml")


class TestGates:
    def gate(self, text: str, **more: str) -> list[tuple[str, int, str]]:
        return mistakes(small_bundle(**{"gates/staging.yaml": text, **more}))

    def test_that_asks_for_unknown_or_itself(self) -> None:
        text = GATE.replace("gate: validation", "gate: staging")
        assert self.gate(text + "requires: [vaildation]\n") == [("gates/staging.yaml", 5, "unknown gate `vaildation`")]
        round_about = {"gates/validation.yaml": GATE + "requires: [staging]\n"}
        problems = self.gate(text + "requires: [validation]\n", **round_about)
        assert [(path, line) for path, line, _ in problems] == [("gates/staging.yaml", 5), ("gates/validation.yaml", 5)]

    def test_that_does_not_deny_on_blockers(self) -> None:
        text = GATE.replace("gate: validation", "gate: staging").replace("[blocker]", "[major]")
        assert self.gate(text) == [("gates/staging.yaml", 4, "a gate always denies on blockers")]

    def test_that_selects_what_is_not_there(self) -> None:
        text = (
            GATE.replace("gate: validation", "gate: staging") + "select: {controls: [FAIR-01, FAIR-09], packs: [us]}\n"
        )
        assert {problem for *_, problem in self.gate(text)} == {
            "the control `FAIR-01` does not name the gate `staging`",
            "unknown control `FAIR-09`",
            "no control of the bundle is in `us`",
        }

    def test_without_a_control_is_refused_when_asked_for(self) -> None:
        bundle = bundle_from_files(small_bundle(**{"gates/staging.yaml": GATE.replace("gate: v", "gate: staging #")}))
        with pytest.raises(PolicyError, match="gate `staging` selects no control"):
            bundle.select("staging")
        with pytest.raises(PolicyError, match="unknown gate `stage`") as caught:
            bundle.select("stage")
        assert caught.value.hint == "did you mean `staging`"

    def test_selects_the_controls_that_name_it(self) -> None:
        bundle = bundle_from_files(small_bundle())
        assert [control.id for control in bundle.select("validation")] == ["FAIR-01"]


class TestFrameworks:
    @pytest.mark.parametrize("name", ["../../index", "gdpr", "EU-AI-ACT"])
    def test_whose_name_is_not_its_files(self, name: str) -> None:
        """Its pages are written by that name, and a second file of one framework would replace the first."""
        path = "frameworks/eu-ai-act.yaml"
        text = small_bundle()[path].decode().replace("framework: eu-ai-act", f'framework: "{name}"')
        found = mistakes(small_bundle(**{path: text}))
        assert (path, 1, f"the framework `{name}` is not the file's name `eu-ai-act`") in found


class TestFiles:
    def test_digest_covers_what_decides_and_nothing_else(self) -> None:
        files = small_bundle()
        digest = bundle_from_files(files).digest
        assert bundle_from_files({**files, "README.md": b"x", CASES: files[CASES] + b"\n"}).digest == digest
        assert bundle_from_files({**files, CONTROL: files[CONTROL] + b"\n"}).digest != digest

    def test_archive_is_the_same_bundle_and_the_same_bytes(self) -> None:
        bundle = bundle_from_files(small_bundle())
        again = bundle_from_archive(bundle.archive())
        assert again.digest == bundle.digest
        assert again.archive() == bundle.archive()
        assert again.program().digest == bundle.program().digest

    def test_zip_is_read_too(self) -> None:
        bundle, buffer = bundle_from_files(small_bundle()), io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, content in bundle.files.items():
                archive.writestr(path, content)
        assert bundle_from_archive(buffer.getvalue()).digest == bundle.digest

    @pytest.mark.parametrize("name", ["../lib/x.rego", "/lib/x.rego", "lib/../../x.rego"])
    def test_archive_with_a_path_that_leads_out(self, name: str) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.addfile(tarfile.TarInfo(name))
        with pytest.raises(PolicyError, match="not a plain path"):
            bundle_from_archive(buffer.getvalue())

    def test_archive_with_a_link(self) -> None:
        buffer, link = io.BytesIO(), tarfile.TarInfo("lib/x.rego")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.addfile(link)
        with pytest.raises(PolicyError, match="a link or device"):
            bundle_from_archive(buffer.getvalue())

    @settings(max_examples=80, deadline=None)
    @given(st.binary(max_size=600), st.sampled_from([b"", b"PK\x03\x04"]))
    def test_any_bytes_are_no_archive(self, data: bytes, start: bytes) -> None:
        with pytest.raises(PolicyError):
            bundle_from_archive(start + data)

    def test_link_out_of_the_folder(self, tmp_path: Path) -> None:
        folder = write(small_bundle(), tmp_path / "policies")
        (tmp_path / "secret.rego").write_text("package lib.secret\n")
        (folder / "lib" / "secret.rego").symlink_to(tmp_path / "secret.rego")
        with pytest.raises(PolicyError, match="a link that leads out of the folder"):
            load_bundle(folder)

    def test_mistakes_name_the_file_under_the_folder(self, tmp_path: Path) -> None:
        metadata = METADATA.replace("pack: core", "pakc: core").replace("severity: major", "severity: huge")
        folder = write(small_bundle(metadata=metadata), tmp_path)
        with pytest.raises(PolicyErrors) as caught:
            load_bundle(folder)
        assert {error.path for error in caught.value.errors} == {f"{folder.as_posix()}/{CONTROL}"}
        assert "2 mistakes" in str(caught.value)

    def test_checked_once_for_the_same_files(self, tmp_path: Path) -> None:
        folder, cache = write(small_bundle(), tmp_path / "policies"), tmp_path / "cache"
        first = load_bundle(folder, cache)
        assert cache.stat().st_mode & 0o077 == 0
        assert load_bundle(folder, cache) == first
        tamper(cache)
        assert load_bundle(folder, cache).program().digest != first.program().digest
        (folder / CONTROL).write_text((folder / CONTROL).read_text() + "\nbroken if input.nope\n")
        with pytest.raises(PolicyError, match=r"input\.nope"):
            load_bundle(folder, cache)

    def test_a_cache_that_others_may_write_is_not_believed(self, tmp_path: Path) -> None:
        folder, cache = write(small_bundle(), tmp_path / "policies"), tmp_path / "cache"
        first = load_bundle(folder, cache)
        tamper(cache)
        os.chmod(cache, 0o777)  # noqa: PTH101
        assert load_bundle(folder, cache).program().digest == first.program().digest

    def test_an_entry_that_is_torn_or_of_another_form_is_not_believed(self, tmp_path: Path) -> None:
        folder, cache = write(small_bundle(), tmp_path / "policies"), tmp_path / "cache"
        first = load_bundle(folder, cache)
        (entry,) = cache.glob("bundle-*")
        whole = entry.read_bytes()
        for content in (whole[:-1], whole.replace(b'"has_findings":true', b'"has_findings":false')):
            entry.write_bytes(content)
            assert load_bundle(folder, cache) == first
        PrivateCache(cache).save(entry.name, b'{"controls": {}}')
        assert load_bundle(folder, cache) == first

    def test_a_proof_that_came_later_is_seen(self, tmp_path: Path) -> None:
        folder, cache = write(small_bundle(), tmp_path / "policies"), tmp_path / "cache"
        load_bundle(folder, cache)
        (folder / "lib").mkdir(exist_ok=True)
        (folder / "lib" / "stray_test.rego").write_text("package lib.stray_test\n")
        with pytest.raises(PolicyError, match="there is no policy that this file proves"):
            load_bundle(folder, cache)

    def test_the_shipped_policies_come_back_as_they_were_checked(self, shipped: Bundle) -> None:
        assert shipped == load_bundle(POLICIES)

    def test_a_pipe_is_no_policy(self, tmp_path: Path) -> None:
        folder = write(small_bundle(), tmp_path / "policies")
        os.mkfifo(folder / "lib" / "pipe.rego")
        with pytest.raises(PolicyError, match="not a file that holds text"):
            load_bundle(folder)


def tamper(cache: Path) -> None:
    """As only the owner of the cache can: the one entry says something else, under a digest that fits."""
    (entry,) = cache.glob("bundle-*")
    store = PrivateCache(cache)
    kept = store.load(entry.name)
    assert kept is not None
    changed = kept.replace(b'"has_findings":true', b'"has_findings":false')
    assert changed != kept
    store.save(entry.name, changed)


class TestProgram:
    def test_one_result_a_control_and_one_object_a_gate(self) -> None:
        program = bundle_from_files(small_bundle()).program()
        assert program.rules == ("quaestor/results/FAIR_01",)
        assert program.groups == {"validation": ("quaestor/results/FAIR_01",)}
        assert '"applies": [true]' in program.modules["quaestor/results/FAIR_01.rego"]
        assert "data.quaestor.results.FAIR_01" in program.modules["quaestor/gates/validation.rego"]

    def test_applies_that_is_undefined_is_an_empty_list(self) -> None:
        rules = RULES + "\napplies if count(audits) > 3\n"
        program = bundle_from_files(small_bundle(rules=rules)).program()
        source = "[x | x := data.controls.fairness.FAIR_01.applies]"
        assert f'"applies": {source}' in program.modules["quaestor/results/FAIR_01.rego"]
