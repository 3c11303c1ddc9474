"""Bad input of every kind: a clear message, the right exit code, no traceback, and nothing recorded is lost."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from evidence.model.canonical import canonical_bytes
from evidence.trust.keys import SigningKey, sign_together
from examples.mortgage.demo import Demo
from integrations.app.settings import load_settings
from integrations.app.workspace import Workspace
from integrations.cli.main import main
from tests.integrations.doors import NO_HOLDS, SCREEN, Answer, Doors, Make, process
from tests.integrations.doors import refused as told_of
from tests.worlds import workspaces
from tests.worlds.workspaces import MORTGAGE, ROOT, committed, plan_of

TEN_GB = 10 * 1024**3


def refused(answer: Answer, *words: str, code: int = 2) -> None:
    """Refused as `told_of` has it, and with how to mend it, unless the disk says no."""
    told_of(answer, *words, code=code)
    mended = ("to mend it", "cannot be written", "No space left")
    assert code != 2 or any(word in answer.text for word in mended), answer.text


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A workspace with people, the first version registered, and its plan committed; it verifies at the end too."""
    demo = workspaces.shop(tmp_path_factory.mktemp("mistakes") / "shop")
    committed(demo)
    yield demo
    space = Workspace(load_settings(demo.folder))
    with space.store() as store:
        report = store.verify(full=True, public_key=space.machine_key.public_key)
    assert report.ok, report.problems


@pytest.fixture
def quaestor(shop: Demo, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(shop.folder, capsys)


def entries(folder: Path) -> int:
    with Workspace(load_settings(folder)).store() as store:
        return len(store.entries())


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose overlay has a mistake."""
    folder = tmp_path_factory.mktemp("paths") / "lender"
    assert main(["init", str(folder), "--name", "lender"]) == 0
    (folder / "overlay.yaml").write_text("parameters: {max_regresion: 1}\n", encoding="utf-8")
    (folder / "below").mkdir()
    return folder


class TestPaths:
    """A file is named as the user has it, wherever the command is run."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("here", "arguments", "told"),
        [
            ("..", ("-w", "lender"), "lender/overlay.yaml"),
            ("..", ("-w", "./lender/"), "lender/overlay.yaml"),
            (".", (), "overlay.yaml"),
            ("below", (), "../overlay.yaml"),
            ("below", ("-w", ".."), "../overlay.yaml"),
            (".", ("-w", "{lender}"), "{lender}/overlay.yaml"),
        ],
    )
    def test_of_the_workspace(
        self,
        lender: Path,
        here: str,
        arguments: tuple[str, ...],
        told: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(lender / here)
        given = [argument.format(lender=lender) for argument in arguments]
        assert main([*given, "policy", "lint"]) == 1
        assert capsys.readouterr().out.startswith(f"{told.format(lender=lender)}:1: unknown parameter")
        assert main([*given, "policy", "list"]) == 2
        assert f"quaestor: {told.format(lender=lender)}:1: unknown parameter" in capsys.readouterr().err

    def test_another_whose_path_holds_that_of_the_workspace(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`/b` stands in `/a/b` too."""
        own = tmp_path / "own"
        assert main(["init", str(own)]) == 0
        settings = (own / "quaestor.toml").read_text(encoding="utf-8")
        there = f"/nowhere{own}/overlay.yaml"
        (own / "quaestor.toml").write_text(settings.replace('"overlay.yaml"', f'"{there}"'), encoding="utf-8")
        monkeypatch.chdir(own)
        assert main(["policy", "list"]) == 2
        assert f"quaestor: {there}:1: there is no overlay" in capsys.readouterr().err

    def test_a_traceback_is_shown_where_it_is_asked_for(self, lender: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["-w", str(lender), "policy", "test", "-v"]) == 2, "the verb's own -v tells each case"
        assert "Traceback" not in capsys.readouterr().err
        assert main(["-v", "-w", str(lender), "policy", "test"]) == 2
        assert "Traceback" in capsys.readouterr().err

    def test_of_a_plan(self, shop: Demo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        text = plan_of(shop).read_text(encoding="utf-8")
        (shop.folder / "other.yaml").write_text(text.replace("/test.csv", "/none.csv"), encoding="utf-8")
        monkeypatch.chdir(shop.folder)
        for named in ("other.yaml", str(shop.folder / "other.yaml")):
            assert main(["validate", named, "--check"]) == 2
            assert f"quaestor: {named}:" in capsys.readouterr().err

    def test_of_a_new_workspace(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert main(["init", "bank"]) == 0
        assert "  settings     bank/quaestor.toml\n" in capsys.readouterr().out


class TestNames:
    def test_an_unknown_gate_is_corrected(self, quaestor: Doors) -> None:
        for verb in (["decide", "validaton", "mortgage@1"], ["show", "validaton"]):
            refused(quaestor("gate", *verb), "quaestor: unknown gate `validaton`", "did you mean `validation`")

    @pytest.mark.parametrize(
        ("subject", "word"),
        [
            ("mortgage@9", "did you mean `mortgage@1`"),
            ("mortgag", "did you mean `mortgage`"),
            ("", "no system `` is registered"),
            ("@", "no version `` of `` is registered"),
            ("sha256:" + "0" * 64, "nothing registered has the digest"),
            ("/", "no system `/` is registered"),
            ("x" * 5000, "is registered"),
            ("a\x1b[31m\x07@1", "no version `1` of `a[U+001B][31m[U+0007]` is registered"),
            ("'; DROP TABLE entry; --", "is registered"),
            ("шина\u202e@1", "no version `1` of `шина[U+202E]`"),
        ],
    )
    def test_an_unknown_subject_is_told(self, quaestor: Doors, subject: str, word: str) -> None:
        refused(quaestor("gate", "decide", "validation", subject), word)

    def test_a_file_that_nobody_registered(self, quaestor: Doors, file: Make) -> None:
        refused(quaestor("gate", "decide", "validation", file("m.onnx", b"x")), "quaestor system register")

    def test_an_unknown_control_is_corrected(self, quaestor: Doors) -> None:
        refused(quaestor("policy", "explain", "FAIR-20"), "unknown control `FAIR-20`", "did you mean `FAIR-02`")
        refused(
            quaestor("waiver", "grant", "INT-99", "--subject", "mortgage@1", "--risk", "r", "--risk-owner", "mara",
                     "--requested-by", "eli", "--until", "2026-12-24", "--as", "omar"),
            "unknown control `INT-99`", "known are: INT-01, INT-02, ",
        )  # fmt: skip

    def test_an_unknown_type_is_corrected(self, quaestor: Doors, file: Make) -> None:
        answer = quaestor(
            "evidence", "add", "model-crad", file("a.yaml", "a: 1"), "--system", "mortgage", "--as", "ana"
        )
        refused(answer, "unknown evidence type `model-crad`", "did you mean `model-card`")

    @pytest.mark.parametrize(
        ("feed", "word"),
        [
            ("deployment-recrd", "did you mean `deployment-record`"),
            ("model-card", "no evidence type of events"),
            ("custom/probe", "no evidence type of events"),
        ],
    )
    def test_a_feed_that_no_control_asks_for(self, quaestor: Doors, file: Make, feed: str, word: str) -> None:
        status = file("status.json", json.dumps({**NO_HOLDS, "feed": feed}))
        refused(quaestor("evidence", "add", "feed-status", status, "--system", "mortgage", "--as", "ana"), feed, word)
        status.write_text(json.dumps(NO_HOLDS), encoding="utf-8")
        answer = quaestor("evidence", "add", "feed-status", status, "--system", "mortgage", "--as", "ana")
        assert answer.code == 0, answer.text

    def test_unknown_people(self, quaestor: Doors) -> None:
        answer = quaestor("approve", "mortgage@1", "--gate", "staging", "--role", "validator", "--as", "zoe")
        refused(answer, "no private key of `zoe`", "quaestor key list")
        refused(quaestor("approve", "mortgage@1", "--gate", "staging", "--role", "validator", "--as", "../machine"),
                "`../machine` cannot be an id")  # fmt: skip

    @pytest.mark.parametrize("verb", [["replay"], ["report", "-o", "r.pdf"]])
    def test_unknown_decisions(self, quaestor: Doors, verb: list[str]) -> None:
        refused(quaestor(*verb, "abcdef"), "no decision `abcdef`", "quaestor gate list")
        refused(quaestor(*verb, "decision"), "`decision` is no decision id")

    @pytest.mark.parametrize(
        "arguments",
        [
            ["gate", "decide", "validation", "mortgage@1", "--engine", "spark"],
            ["gate", "decide", "validation", "mortgage@1", "--format", "pdf"],
            ["gate", "decide", "validation", "mortgage@1", "--cross-check", "wasm"],
            ["gate", "decide", "validation", "mortgage@1", "--cross-check", "wasm,wasm"],
            ["gate", "decide", "validation", "mortgage@1", "--at", "yesterday"],
            ["gate", "decide", "validation"],
            ["gate", "dcide"],
            ["gaet"],
            ["system", "promote", "mortgage@1", "--stage", "prod"],
            ["evidence", "add", "model-card", "nowhere.yaml", "--system", "mortgage", "--as", "ana"],
        ],
    )
    def test_usage(self, quaestor: Doors, arguments: list[str]) -> None:
        refused(quaestor(*arguments), "Usage: quaestor", "quaestor: ", "to mend it: see `quaestor")

    def test_arguments_that_are_no_text(self, shop: Demo) -> None:
        refused(process("gate", "decide", "validation", b"mort\xffgage@1", cwd=shop.folder), "is registered")
        refused(process("-w", b"/\xff\xfe", "gate", "list", cwd=shop.folder), "quaestor.toml", "quaestor init")


class TestInstants:
    def test_before_the_first_register_of_people_nothing_is_decided(self, quaestor: Doors) -> None:
        answer = quaestor("gate", "decide", "validation", "mortgage@1", "--at", "1990-01-01", "--engine", "regorus")
        refused(answer, "register of people: there is none")

    def test_outside_of_what_can_be_dated(self, quaestor: Doors) -> None:
        refused(quaestor("gate", "decide", "validation", "mortgage@1", "--at", "0001-01-01"), "1970 to 9000")

    def test_a_waiver_neither_ends_before_it_begins_nor_lasts_for_ever(self, quaestor: Doors) -> None:
        rest = ["--risk", "r", "--risk-owner", "mara", "--requested-by", "eli", "--as", "omar", "--until"]
        before = quaestor("waiver", "grant", "INT-01", "--subject", "mortgage@1", *rest, "2020-01-01")
        refused(before, "before it begins", "choose a later --until")
        refused(quaestor("waiver", "grant", "INT-01", "--subject", "mortgage@1", *rest, "2099-01-01"), "at most")


class TestEvidence:
    @pytest.mark.parametrize(
        ("name", "data", "word"),
        [
            ("a.yaml", "a: 1\n", "does not fit"),
            ("a.yaml", "a: 1\na: 2\n", "a.yaml:2: the key `a` stands twice"),
            ("a.json", '{"a": 1, "a": 2}', "the name `a` stands twice"),
            ("a.yaml", "- 1\n", "not a YAML mapping"),
            ("a.json", "[1]", "not a JSON object"),
            ("a.yaml", "", "not a YAML mapping"),
            ("a.yaml", b"\xff\xfe\x00", "not UTF-8"),
            ("a.json", b"\xff\xfe\x00", "a.json"),
            ("a.yaml", "a: [\n", "not YAML"),
            ("a.yaml", "a: &x 1\nb: *x\n", "alias"),
            ("a.yaml", "a: !!python/object/apply:os.system [id]\n", "tag"),
            ("a.json", '{"a": NaN}', "a.json"),
            ("a.json", "[" * 100_000, "a.json"),
            ("a.yaml", "a: " + "[" * 5000, "a.yaml"),
            ("a.yaml", "a: " + "x" * 300_000, "more than 262144 bytes"),
        ],
    )
    def test_a_file_that_is_no_record(
        self, shop: Demo, quaestor: Doors, file: Make, name: str, data: str | bytes, word: str
    ) -> None:
        before = entries(shop.folder)
        refused(
            quaestor("evidence", "add", "model-card", file(name, data), "--system", "mortgage", "--as", "ana"), word
        )
        assert entries(shop.folder) == before

    def test_a_wrong_word_names_field_and_schema(self, quaestor: Doors, file: Make) -> None:
        feed = {"feed": "legal-hold", "complete": "perhaps"}
        answer = quaestor(
            "evidence", "add", "feed-status", file("a.json", json.dumps(feed)), "--system", "mortgage", "--as", "ana"
        )
        refused(answer, "`complete`", "quaestor evidence schema feed-status")

    def test_about_what(self, quaestor: Doors, shop: Demo, file: Make) -> None:
        paper = file("a.json", json.dumps(SCREEN))
        refused(quaestor("evidence", "add", "attestation", paper, "--as", "omar"), "say what the record is about")
        refused(
            quaestor("evidence", "add", "attestation", paper, "--system", "mortgag", "--as", "omar"),
            "did you mean `mortgage`",
        )
        refused(quaestor("evidence", "add", "attestation", paper, "--system", "mortgage"), "--as")

    @pytest.mark.parametrize("command", [["verify"], ["evidence", "import"], ["validate"]])
    def test_what_is_no_file(self, quaestor: Doors, tmp_path: Path, command: list[str]) -> None:
        """A device gives bytes without end, a pipe may never give one: neither is waited for."""
        os.mkfifo(tmp_path / "pipe")
        for path in (Path("/dev/zero"), tmp_path / "pipe"):
            refused(quaestor(*command, path), "is not a file, but a device or a pipe")

    @pytest.mark.parametrize("data", [b"", b"# A report\n", b"PK\x03\x04 a pack", b"\n" * 1024 + b"%PDF-1.7"])
    def test_what_is_no_pdf_is_no_failed_report(self, quaestor: Doors, file: Make, data: bytes) -> None:
        told = quaestor("verify", file("report.pdf", data))
        refused(told, "report.pdf: not a PDF")
        assert "NOT verified" not in told.text

    def test_a_broken_pdf_is_a_failed_report(self, quaestor: Doors, file: Make) -> None:
        told = quaestor("verify", file("report.pdf", b"%PDF-1.7\nnothing more"))
        assert told.code == 1
        assert "NOT verified: a check failed" in told.text

    @pytest.mark.parametrize(
        ("data", "word"),
        [
            (b"", "not JSON"),
            (b"[" * 100_000, "JSON nested deeper than 64 levels"),
            (b'{"a":' * 100_000, "JSON nested deeper than 64 levels"),
            (b'{"a": -' + b"9" * 5000 + b"}", "not acceptable JSON: a number of 5000 digits"),
            (b'{"a": NaN}', "not acceptable JSON: NaN is not a JSON number"),
            (b'{"a": "\xff"}', "not UTF-8 text (byte 7)"),
            (b"null", "not a DSSE envelope: not a JSON object"),
            (b"[]", "not a DSSE envelope: not a JSON object"),
            (b"7", "not a DSSE envelope: not a JSON object"),
            (b"{}", "not a DSSE envelope: `payload` is missing"),
            (b'{"payload":"","payloadType":"t"}', "not a DSSE envelope: `signatures` is missing"),
            (b'{"payload":"","payloadType":"t","signatures":7}', "`signatures` is not a list of objects"),
            (b'{"payload":"","payloadType":"t","signatures":[null]}', "`signatures` is not a list of objects"),
            (b'{"payload":"","payloadType":"t","signatures":[{"keyid":"a"}]}', "a signature has no `sig`"),
            (
                b'{"payload":"","payloadType":"t","signatures":[{"keyid":"a","sig":"AA=="},{"keyid":"a","sig":"AA=="}]}',
                "two signatures by the key `a`",
            ),
            (
                b'{"payload":"","payloadType":"t","signatures":[{"keyid":"a","sig":"AA=="},{"keyid":"b","sig":"A"}]}',
                "`payload` or a `sig` is not base64",
            ),
            (b'{"payload":null,"payloadType":"t","signatures":[]}', "`payload` or a `sig` is not base64"),
            (b'{"payload":"!","payloadType":"application/vnd.in-toto+json","signatures":[]}', "is not base64"),
            (sign_together([], b"{}"), "not an in-toto Statement"),
        ],
    )
    def test_malformed_envelopes(self, shop: Demo, quaestor: Doors, file: Make, data: bytes, word: str) -> None:
        before = entries(shop.folder)
        refused(quaestor("evidence", "import", file("e.json", data)), word)
        assert entries(shop.folder) == before

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("card.json", b'{"a": "\\ud800"}', ("half a character, \\ud800", "texts hold whole characters")),
            ("card.yaml", b"a: \x82\n", ("not UTF-8 text (byte 3)", "save the file as UTF-8")),
        ],
    )
    def test_text_that_utf8_does_not_have(
        self, quaestor: Doors, file: Make, name: str, data: bytes, words: tuple[str, ...]
    ) -> None:
        paper = file(name, data)
        said = quaestor("evidence", "add", "model-card", paper, "--subject", "mortgage@1", "--as", "ana")
        refused(said, *words)
        assert "codec" not in said.text

    def test_unsigned_foreign_and_altered_records(self, shop: Demo, quaestor: Doors, file: Make) -> None:
        paper = file("a.json", json.dumps(SCREEN))
        done = quaestor("evidence", "add", "attestation", paper, "--system", "mortgage", "--as", "omar")
        assert done.code == 0, done.text
        envelope = quaestor("evidence", "show", done.out.split()[1], "--envelope").out.encode()
        statement = json.loads(quaestor("evidence", "show", done.out.split()[1]).out)
        statement["predicate"]["source"] = "another"
        payload, before = canonical_bytes(statement), entries(shop.folder)
        refused(quaestor("evidence", "import", file("e.json", sign_together([], payload))), "it carries no signature")
        foreign = SigningKey.generate().sign(payload)
        refused(quaestor("evidence", "import", file("e.json", foreign)), "is not trusted", "quaestor key trust")
        altered = json.loads(envelope)
        altered["payload"] = json.loads(sign_together([], payload))["payload"]
        refused(quaestor("evidence", "import", file("e.json", json.dumps(altered))), "the signature does not hold")
        assert entries(shop.folder) == before
        assert quaestor("evidence", "import", file("e.json", envelope)).code == 0
        assert entries(shop.folder) == before, "a record that is there already is not filed twice"

    def test_a_machine_attests_nothing(self, quaestor: Doors, file: Make) -> None:
        assert quaestor("key", "new", "ci", "--name", "CI", "--machine", "--role", "collector").code == 0
        paper = file("a.json", json.dumps(SCREEN))
        answer = quaestor("evidence", "add", "attestation", paper, "--system", "mortgage", "--as", "ci")
        refused(answer, "`ci` is a machine")

    def test_registering_asks_cedar(self, shop: Demo, quaestor: Doors) -> None:
        model, entry = MORTGAGE / "models/mortgage-v2.onnx", shop.folder / "papers/entry.yaml"
        answer = quaestor("system", "register", "other", "--model", model, "--entry", entry, "--as", "ana")
        refused(
            answer,
            "may not register System other",
            "register.by_owner_or_engineer",
            "Asked for: ml-engineer or model-owner or system-owner",
        )
        refused(quaestor("system", "register", "other", "--model", model, "--entry", entry), "--as")
        assert quaestor("key", "new", "ira", "--name", "Ira Holm", "--role", "ml-engineer").code == 0
        answer = quaestor("system", "register", "mortgage", "--model", model, "--entry", entry, "--as", "ira")
        refused(answer, "may not register System mortgage", "register.not_for_others")
        again = quaestor("system", "register", "mortgage", "--model", model, "--entry", entry, "--as", "eli")
        refused(again, "mortgage@1 is registered already, with another model file", "taken are 1")

    def test_what_can_be_no_model_is_not_registered(self, shop: Demo, quaestor: Doors, file: Make) -> None:
        """What is named as another format is not one of its own; what is never run is registered all the same."""
        entry = shop.render("papers/registry-entry.yaml", "other.yaml", version="other")
        before = quaestor("system", "list").out
        for model, words in (
            (file("m.onnx", b""), "m.onnx is empty"),
            (file("m.pt", b""), "m.pt is empty"),
            (file("entry.ONNX", entry.read_bytes()), "is text, and no ONNX model"),
            (entry, "is given as the entry and as the model"),
        ):
            refused(quaestor("system", "register", "new", "--model", model, "--entry", entry, "--as", "eli"), words)
        assert quaestor("system", "list").out == before
        trees = file("trees.json", '{"learner": {}}')
        answer = quaestor("system", "register", "new", "--model", trees, "--entry", entry, "--as", "eli")
        assert answer.code == 0, answer.text
        assert "trees.json is text; `quaestor validate` runs ONNX models alone" in answer.out

    def test_two_systems_differ_by_more_than_the_case_of_letters(self, shop: Demo, quaestor: Doors) -> None:
        model, entry = MORTGAGE / "models/mortgage-v1.onnx", shop.folder / "papers/entry.yaml"
        answer = quaestor("system", "register", "Mortgage", "--model", model, "--entry", entry, "--as", "eli")
        refused(answer, "`Mortgage` differs from `mortgage`", "by the case or form of letters alone")

    def test_the_entries_of_a_version_are_one_document(self, quaestor: Doors) -> None:
        shown = json.loads(quaestor("system", "show", "mortgage@1").out)
        assert [entry["version"] for entry in shown] == ["1"] * len(shown)
        assert shown

    def test_registering_the_same_again_says_so(self, shop: Demo, quaestor: Doors, file: Make) -> None:
        model, entry = MORTGAGE / "models/mortgage-v1.onnx", shop.folder / "papers/entry.yaml"
        again = quaestor("system", "register", "mortgage", "--model", model, "--entry", entry, "--as", "eli")
        assert again.code == 0, again.text
        assert "mortgage@1 was registered already, with this very file" in again.out
        assert "takes the place of sha256:" in again.out
        assert (
            len([line for line in quaestor("system", "list").out.splitlines() if line.startswith("mortgage  1 ")]) == 1
        )
        values = {**yaml.safe_load(entry.read_text(encoding="utf-8")), "version": "twin"}
        twin = file("twin.yaml", yaml.safe_dump(values))
        other = quaestor("system", "register", "mortgage", "--model", model, "--entry", twin, "--as", "eli")
        assert other.out.startswith("registered mortgage@twin")
        assert "the same file is registered as mortgage@1 too" in other.out


class TestLineage:
    def test_a_cycle_is_refused(self, shop: Demo, quaestor: Doors, file: Make) -> None:
        nodes = [{"id": name, "kind": "dataset"} for name in ("a", "b")]
        edges = [{"from": "a", "to": "b"}, {"from": "b", "to": "a"}]
        path = file("cycle.yaml", yaml.safe_dump({"nodes": nodes, "edges": edges}))
        refused(quaestor("lineage", "import", path, "--system", "mortgage", "--as", "eli"), "cycle")
        refused(quaestor("lineage", "trace", "a"), "has no node `a`")

    def test_what_is_no_lineage(self, quaestor: Doors, file: Make) -> None:
        for name, data in (("l.txt", "x"), ("l.yaml", "x: 1"), ("l.json", "x: 1"), ("l.yaml", "")):
            refused(quaestor("lineage", "import", file(name, data), "--system", "mortgage", "--as", "eli"), name)


def table(change: Callable[[list[list[str]]], None]) -> str:
    with (MORTGAGE / "data/test.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    change(rows)
    return "".join(",".join(row) + "\n" for row in rows)


def _set(row: int, column: str, value: str) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        rows[row][rows[0].index(column)] = value

    return change


class TestValidation:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (_set(0, "deny", "dny"), ("no column `deny`", "the table has")),
            (_set(0, "pirat", "prt"), ("no column `pirat`",)),
            (_set(1, "pirat", "NaN"), ("no finite value for `pirat` in data row 1", "data.missing")),
            (_set(1, "pirat", "inf"), ("`pirat`",)),
            (_set(3, "pirat", "high"), ("`high` in the column `pirat` is not a number",)),
            (_set(1, "deny", "maybe"), ("`maybe` in the label column `deny`",)),
            (lambda rows: rows[2].append("1"), (":3: 15 fields where the header has 14",)),
            (lambda rows: rows.__delitem__(slice(1, None)), ("the table has no rows",)),
            (lambda rows: rows.clear(), ("the file is empty",)),
        ],
        ids=["label", "column", "nan", "inf", "text", "label-value", "ragged", "no-rows", "empty"],
    )
    def test_bad_data(
        self, shop: Demo, quaestor: Doors, file: Make, change: Callable[[list[list[str]]], None], words: tuple[str, ...]
    ) -> None:
        data = file("data.csv", table(change))
        text = plan_of(shop).read_text(encoding="utf-8")
        plan, before = file("p.yaml", text.replace(str(MORTGAGE / "data/test.csv"), str(data))), entries(shop.folder)
        refused(quaestor("validate", plan, "--check"), *words)
        refused(quaestor("validate", plan, "--commit", "--as", "ana"), *words)
        assert entries(shop.folder) == before

    def test_a_parquet_footer_that_claims_two_gigabytes(self, shop: Demo, quaestor: Doors, file: Make) -> None:
        data = file("data.parquet", b"PAR1" + b"\x15\x04" * 10 + (2**31 - 1).to_bytes(4, "little") + b"PAR1")
        text = plan_of(shop).read_text(encoding="utf-8").replace(str(MORTGAGE / "data/test.csv"), str(data), 1)
        plan = file("p.yaml", text.replace("format: csv", "format: parquet", 1))
        refused(quaestor("validate", plan, "--commit", "--as", "ana"), "data.parquet")

    @pytest.mark.parametrize("kind", ["bytes", "truncated", "ten-gigabytes"])
    def test_what_is_no_model(self, shop: Demo, quaestor: Doors, file: Make, kind: str) -> None:
        whole = (MORTGAGE / "models/mortgage-v1.onnx").read_bytes()
        claim, length = b"\x08\x3a", TEN_GB
        while length:
            claim, length = claim + bytes([length & 127 | (128 if length > 127 else 0)]), length >> 7
        data = {"bytes": b"no\0model", "truncated": whole[: len(whole) // 2], "ten-gigabytes": claim + b"x"}
        model = file("model.onnx", data[kind])
        entry = shop.render("papers/registry-entry.yaml", f"{kind}.yaml", version=kind)
        assert quaestor("system", "register", "mortgage", "--model", model, "--entry", entry, "--as", "eli").code == 0
        text = plan_of(shop).read_text(encoding="utf-8").replace(str(MORTGAGE / "models/mortgage-v1.onnx"), str(model))
        plan = file("p.yaml", text.replace('version: "1"', f"version: {kind}"))
        refused(quaestor("validate", plan, "--commit", "--as", "ana"), "model.onnx")

    def test_thresholds_come_before_the_test(self, shop: Demo, quaestor: Doors, file: Make) -> None:
        text, before = plan_of(shop).read_text(encoding="utf-8"), entries(shop.folder)
        assert "value: 0.7," in text
        answer = quaestor("validate", file("p.yaml", text.replace("value: 0.7,", "value: 0.6,")))
        refused(answer, "not committed, or was changed since", "--commit --as <person>")
        assert entries(shop.folder) == before
        refused(quaestor("validate", file("p.yaml", text), "--commit"), "a plan is committed by a person")

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ('roc_auc: {op: ">=", value: 0.7', 'roc_auc: {op: "<=", value: 0.7', ("more is better", "not `<=`")),
            ('op: ">=", value: 0.7', 'op: ">=", value: 70', ("70 is no value of roc_auc",)),
            ("budgets: {noise: 0.02", "budgets: {noise: -0.02", ("`robustness.budgets.noise`: is -0.02", "above 0")),
            ("golden: {", "golden_: {", ("`golden_`: is no field here",)),
            ("{id: noise, limit: 0.05}", "{id: noise, limit: 5}", ("no share of attacks that succeed",)),
            ("{id: noise, limit: 0.05}", "{id: pgd, limit: 0.05}", ("`robustness.budgets` has no attack `pgd`",)),
        ],
    )
    def test_a_plan_that_cannot_pass(
        self, shop: Demo, quaestor: Doors, file: Make, old: str, new: str, words: tuple[str, ...]
    ) -> None:
        text, before = plan_of(shop).read_text(encoding="utf-8"), entries(shop.folder)
        assert old in text
        plan = file("p.yaml", text.replace(old, new))
        refused(quaestor("validate", plan, "--check"), "p.yaml:", *words)
        refused(quaestor("validate", plan, "--commit", "--as", "ana"), *words)
        assert entries(shop.folder) == before

    def test_what_is_no_plan(self, quaestor: Doors, file: Make) -> None:
        refused(quaestor("validate", file("p.yaml", "system: mortgage\nmodel: 1\n")), "p.yaml", "`data`")
        refused(quaestor("validate", file("p.yaml", "system: [\n")), "p.yaml:2: not YAML")


class TestWorkspace:
    def test_none(self, tmp_path: Path) -> None:
        refused(process("gate", "list", cwd=tmp_path), "no quaestor.toml in", "quaestor init")

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("quaestor.toml", b"origin = [", ("not TOML",)),
            ("quaestor.toml", b"\xff", ("not TOML",)),
            ("quaestor.toml", b'origin = "x"\n', ("does not fit", "`store`")),
            ("quaestor.toml", b'origin = "x"\nstorre = "y"\n', ("`storre`",)),
            ("overlay.yaml", b"parameters: [1]\n", ("overlay.yaml",)),
            ("overlay.yaml", b"parameters: {min_grp_size: 3}\n", ("min_grp_size", "did you mean `min_group_size`")),
            (".quaestor/keys/machine.pem", b"no key", ("machine.pem", "private key")),
            (".quaestor/keys/machine.pem", None, ("machine.pem", "cannot be read")),
            (".quaestor/store.db", b"no database" * 500, ("store.db",)),
            (".quaestor/store.db", None, ("store.db",)),
        ],
    )
    def test_broken(
        self, empty: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes | None, words: tuple[str, ...]
    ) -> None:
        path = empty / name
        path.chmod(0o600)
        path.unlink()
        if data is not None:
            path.write_bytes(data)
        refused(Doors(empty, capsys)("gate", "decide", "validation", "mortgage@1"), *words)

    @pytest.fixture
    def empty(self, tmp_path: Path, capsys: pytest.CaptureFixture[str], shop: Demo) -> Path:
        """A workspace of the test's own, with a version registered."""
        return Path(shutil.copytree(shop.folder, tmp_path / "own"))

    def test_a_key_of_somebody_else(self, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
        keys = load_settings(empty).keys
        (keys / "ana.pem").write_bytes((keys / "omar.pem").read_bytes())
        answer = Doors(empty, capsys)(
            "approve", "mortgage@1", "--gate", "staging", "--role", "validator", "--as", "ana"
        )
        refused(answer, "the register of people has no such key of `ana`")

    def test_broken_rego_in_ones_own_policies(self, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
        own = Path(shutil.copytree(ROOT / "policies", empty / "policies"))
        rego = own / "controls/fairness/FAIR-02.rego"
        rego.write_text(rego.read_text(encoding="utf-8") + "\nsatisfied contains {\n", encoding="utf-8")
        with (empty / "quaestor.toml").open("a", encoding="utf-8") as settings:
            settings.write('policies = "policies"\n')
        quaestor = Doors(empty, capsys)
        refused(quaestor("gate", "decide", "validation", "mortgage@1"), "controls/fairness/FAIR-02.rego:")
        refused(quaestor("policy", "lint"), "controls/fairness/FAIR-02.rego:", code=1)

    def test_a_folder_without_a_name_is_not_the_one_in_which_one_is(self, tmp_path: Path) -> None:
        refused(process("init", "", cwd=tmp_path), "the folder has no name; write `.` for this one")
        assert list(tmp_path.iterdir()) == []

    def test_policies_that_are_none_make_no_workspace(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "empty").mkdir()
        assert main(["init", str(tmp_path / "new"), "--policies", str(tmp_path / "empty")]) == 2
        said = capsys.readouterr().err
        assert "empty" in said
        assert "to mend it" in said
        assert not (tmp_path / "new").exists()
        assert main(["init", str(tmp_path / "new"), "--policies", str(tmp_path / "gone")]) == 2

    def test_a_store_that_cannot_be_made_leaves_no_half_workspace(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = tmp_path / "new"
        assert main(["init", str(folder), "--store", "mysql://host/db"]) == 2
        assert "unknown kind of store" in capsys.readouterr().err
        assert main(["init", str(folder)]) == 0
        assert main(["init", str(folder)]) == 2
        assert "there is a workspace already" in capsys.readouterr().err

    @pytest.mark.slow
    def test_missing_opa(self, shop: Demo, tmp_path: Path) -> None:
        environment = {"QUAESTOR_OPA": str(tmp_path / "no-opa"), "XDG_CACHE_HOME": str(tmp_path)}
        answer = process(
            "gate", "decide", "validation", "mortgage@1", "--engine", "opa", cwd=shop.folder, environment=environment
        )
        refused(answer, "is not an OPA 1.x program", "make opa")

    def test_a_read_only_folder(self, tmp_path_factory: pytest.TempPathFactory, empty: Path) -> None:
        place = Path(tempfile.mkdtemp())  # pytest's own folders are closed to other users
        try:
            folder = Path(shutil.copytree(empty, place / "own"))
            paper = place / "a.json"
            paper.write_text(json.dumps(SCREEN), encoding="utf-8")
            arguments = ["-w", str(folder), "evidence", "add", "attestation", str(paper), "--system", "mortgage",
                         "--as", "omar"]  # fmt: skip
            before = entries(folder)
            for path in (*folder.rglob("*"), folder, place):
                path.chmod(0o555 if path.is_dir() else 0o444)
                if os.geteuid() == 0:  # the settings of another user are not believed
                    os.chown(path, 65534, 65534)
            said = _as_nobody(arguments)
            refused(said, "store.db")
            assert entries(empty) == before
        finally:
            for path in (place, *(p for p in place.rglob("*") if p.is_dir())):
                path.chmod(0o755)
            shutil.rmtree(place)


def _as_nobody(arguments: list[str]) -> Answer:
    """The command in a forked child without root's rights (the interpreter may lie where only root can read)."""
    main(["evidence", "add", "attestation", os.devnull, "--system", "x"])  # imported before rights are given up
    import cedarpy  # noqa: F401

    import evidence.store.writing  # noqa: F401
    import integrations.app.approvals  # noqa: F401

    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            code = main(arguments)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        said = pipe.read()
    return Answer(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), "", said)


class TestOutput:
    def test_where_nothing_can_be_written(self, shop: Demo, quaestor: Doors, tmp_path: Path) -> None:
        before = entries(shop.folder)
        decide = ["gate", "decide", "validation", "mortgage@1", "--engine", "regorus", "-o"]
        refused(quaestor(*decide, tmp_path), "is a directory")
        refused(quaestor(*decide, tmp_path / "no" / "file"), "is not there; make it first")
        assert entries(shop.folder) == before, "it is said before anything is decided"

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
    def test_a_full_disk(self, shop: Demo, quaestor: Doors) -> None:
        decide = ["gate", "decide", "validation", "mortgage@1", "--engine", "regorus"]
        refused(quaestor(*decide, "-o", "/dev/full"), "/dev/full: cannot be written: No space left on device")
        assert Path("/dev/full").is_char_device(), "a device is not replaced by a file"
        with open("/dev/full", "wb") as full:  # noqa: PTH123
            answer = process(*decide, cwd=shop.folder, stdout=full.fileno())
        refused(answer, "No space left on device")

    @pytest.mark.parametrize("arguments", [["key", "new", "zed", "--name", "Z", "--role", "auditor"], []], ids=str)
    def test_closed_standard_output(self, shop: Demo, arguments: list[str]) -> None:
        before = entries(shop.folder)
        refused(process(*arguments, cwd=shop.folder, shell='"$@" >&-'), "standard output is closed", "/dev/null")
        assert entries(shop.folder) == before, "what was done and not told would be done again"
        assert process(*arguments, cwd=shop.folder, shell='"$@" <&- >&- 2>&-').code == 2

    def test_closed_standard_error(self, shop: Demo) -> None:
        answer = process("gate", "list", cwd=shop.folder, shell='"$@" 2>&-')
        assert answer.code == 0
        assert answer.out == process("gate", "list", cwd=shop.folder).out
        refusal = process("gate", "decide", "nowhere", "mortgage@1", cwd=shop.folder, shell='"$@" 2>&-')
        assert refusal.code == 2

    def test_no_file_of_ours_takes_the_place_of_a_closed_stream(self, shop: Demo) -> None:
        """What a library printed would go into the store."""
        count = "from integrations.cli.main import _open_streams; import os; _open_streams(); print(os.dup(0))"
        line = f'{sys.executable} -c "{count}" <&- 2>&-'
        assert process(cwd=shop.folder, shell=line).out == "3\n"

    @pytest.mark.parametrize("arguments", [["gate", "list"], ["init", "x", "--admin", "r", "--admin-name", "R"]])
    def test_a_folder_that_was_removed(self, tmp_path: Path, arguments: list[str]) -> None:
        answer = process(*arguments, cwd=tmp_path, shell='mkdir gone && cd gone && rmdir ../gone && "$@"')
        refused(answer, "the current folder was removed", "to mend it")

    def test_a_reader_that_goes_away(self, shop: Demo) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        answer = process("policy", "list", cwd=shop.folder, stdout=writer)
        os.close(writer)
        assert answer.code == 141
        assert answer.err == ""


LISTENING = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
"""Starts a command that hears SIGINT: a shell ignores it for what runs in its background, and children inherit that."""


class TestInterrupt:
    def test_control_c(self, shop: Demo, tmp_path: Path) -> None:
        pipe, before = tmp_path / "pipe", entries(shop.folder)
        os.mkfifo(pipe)
        opa = tmp_path / "opa"  # which answers when something comes out of the pipe
        opa.write_text(f"#!/bin/sh\nexec cat {pipe}\n", encoding="utf-8")
        opa.chmod(0o755)
        verb = ["doctor"]
        running = subprocess.Popen(
            [sys.executable, "-c", LISTENING, sys.executable, "-m", "integrations.cli.main", *verb],
            cwd=shop.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "QUAESTOR_OPA": str(opa)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        with pipe.open("wb"):  # opens once the command waits for an answer
            running.send_signal(signal.SIGINT)
            said = running.communicate(timeout=60)[1]
        assert running.returncode == 130
        assert said.strip() == "quaestor: interrupted"
        assert entries(shop.folder) == before
