"""Gate data-intake by the command: how a dataset is named, its lineage, and ways to have it taken in by a lie."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.bundle.load import load_bundle
from evidence.model.canonical import digest_file
from evidence.model.subject import Subject, SubjectKind
from integrations.app.settings import builtin_policies, cache_folder
from integrations.app.todo import commands_for
from tests.integrations.doors import Doors, refused
from tests.worlds.records import DATASHEET
from tests.worlds.workspaces import ENTRY, MORTGAGE, registered, staffed

TRAIN = MORTGAGE / "data/train.csv"
LINEAGE = """\
nodes:
  - {{id: bureau, kind: source, origin: bureau, licence: own, purpose: credit, owner: {{id: ada, name: Ada}}}}
  - {{id: clean, kind: run, owner: {{id: ada, name: Ada}}}}
  - {{id: loans, kind: {kind}, digest: "{digest}", origin: bureau, licence: own, purpose: credit,
     owner: {{id: ada, name: Ada}}}}
  - {{id: feature/age, kind: feature, owner: {{id: ada, name: Ada}}}}
edges:
  - {{from: bureau, to: loans, kind: derived, run: clean}}
  - {{from: loans, to: feature/age, kind: derived, run: clean}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a version of `mortgage` and one of `cards`, and a data file."""
    folder = registered(staffed(tmp_path_factory.mktemp("intake") / "lab"), b"\x08weights")
    (folder / "loans.csv").write_text("age,paid\n40,1\n", encoding="utf-8")
    return folder


@pytest.fixture
def shop(made: Path, copied: Callable[[Path], Doors]) -> Doors:
    return copied(made)


def describe(door: Doors, file: str | Path, system: str = "mortgage", by: str = "mara", **changes: Any) -> None:
    """File the datasheet of a file."""
    (door.folder / "sheet.json").write_text(json.dumps({**DATASHEET, **changes}), encoding="utf-8")
    sheet = ("dataset-record", door.folder / "sheet.json")
    added = door("evidence", "add", *sheet, "--system", system, "--dataset", file, "--owner", by, "--as", by)
    assert added.code == 0, added.text


def named(door: Doors, text: object) -> str:
    """What a dataset is called in the list of its tasks."""
    answer = door("gate", "todo", "data-intake", text)
    assert answer.code == 0, answer.text
    return answer.out.split()[0]


class TestTheName:
    def test_is_that_of_the_file_in_its_system(self, shop: Doors) -> None:
        describe(shop, "loans.csv")
        digest = digest_file(Path("loans.csv"))
        for text in ("loans.csv", digest, "mortgage@loans.csv", f"mortgage@{digest}"):
            assert named(shop, text) == "mortgage@loans.csv"

    def test_the_datasheet_takes_the_digest_of_the_file(self, shop: Doors) -> None:
        describe(shop, "loans.csv")
        listed = shop("evidence", "list", "--subject", "mortgage@loans.csv", "--type", "dataset-record").out
        record = json.loads(shop("evidence", "show", listed.split()[-1]).out)
        assert record["predicate"]["content"]["content_digest"] == digest_file(Path("loans.csv"))
        assert {item["name"] for item in record["subject"]} == {"mortgage", "loans.csv"}

    def test_an_unknown_file_is_told_what_describes_it(self, shop: Doors) -> None:
        said = "evidence add dataset-record SHEET --system SYSTEM --dataset loans.csv --as PERSON"
        refused(shop("gate", "decide", "data-intake", "loans.csv"), "nothing registered has the digest", said)

    def test_two_files_of_one_name_are_called_by_their_digests(self, shop: Doors) -> None:
        describe(shop, "loans.csv")
        Path("later").mkdir()
        Path("later/loans.csv").write_text("age,paid\n41,1\n", encoding="utf-8")
        describe(shop, "later/loans.csv")
        digest = digest_file(Path("later/loans.csv"))
        refused(shop("gate", "decide", "data-intake", "mortgage@loans.csv"), "the name of 2 datasets", digest)
        assert named(shop, "later/loans.csv") == f"mortgage@{digest}" == named(shop, f"mortgage@{digest}")

    def test_a_dataset_of_two_systems_is_named_with_its_system(self, shop: Doors) -> None:
        Path("cards.json").write_text(json.dumps({**ENTRY, "name": "cards"}), encoding="utf-8")
        Path("cards.onnx").write_bytes(b"\x08others")
        entered = shop("system", "register", "cards", "--model", "cards.onnx", "--entry", "cards.json", "--as", "eli")
        assert entered.code == 0, entered.text
        for system in ("mortgage", "cards"):
            describe(shop, "loans.csv", system)
        digest = digest_file(Path("loans.csv"))
        said = ("is a dataset of 2 systems", f"name cards@{digest} or mortgage@{digest}")
        refused(shop("gate", "decide", "data-intake", "loans.csv"), *said)
        assert named(shop, "cards@loans.csv") == "cards@loans.csv"

    def test_a_version_of_that_label_goes_first(self, shop: Doors) -> None:
        Path("1").write_text("age,paid\n42,1\n", encoding="utf-8")
        describe(shop, "1")
        assert named(shop, "./1") == f"mortgage@{digest_file(Path('1'))}"
        refused(shop("gate", "decide", "data-intake", "mortgage@1"), "gate `data-intake` judges no model")


class TestLineage:
    def graph(self, shop: Doors, node: str = "loans", kind: str = "dataset") -> Any:
        describe(shop, "loans.csv")
        text = LINEAGE.format(digest=digest_file(Path("loans.csv")), kind=kind)
        Path("lineage.yaml").write_text(text, encoding="utf-8")
        assert shop("lineage", "import", "lineage.yaml", "--system", "mortgage", "--as", "eli").code == 0
        answer = shop("lineage", "record", node, "--subject", "loans.csv")
        if answer.code:
            return answer
        return json.loads(shop("evidence", "show", answer.out.split()[1].rstrip(":")).out)["predicate"]["content"]

    def test_goes_from_the_sources_to_what_was_made_of_the_data(self, shop: Doors) -> None:
        graph = self.graph(shop)
        paths = {name: [path["nodes"] for path in found] for name, found in graph["source_paths"].items()}
        assert paths == {"loans": [["bureau", "loans"]], "feature/age": [["bureau", "loans", "feature/age"]]}
        assert (graph["gaps"], graph["complete_path_share"]) == ([], 1)

    def test_a_node_of_another_kind_is_no_dataset(self, shop: Doors) -> None:
        refused(self.graph(shop, kind="feature"), "`loans` is a feature and no dataset or source")

    def test_another_node_is_not_this_file(self, shop: Doors) -> None:
        refused(
            self.graph(shop, node="bureau"), "`bureau` has no digest, so nothing says that it is mortgage@loans.csv"
        )

    def test_a_second_cleaner_account_is_a_gap(self, shop: Doors) -> None:
        self.graph(shop)
        clean = LINEAGE.format(digest=digest_file(Path("loans.csv")), kind="source").replace("loans,", "own/loans,")
        Path("clean.yaml").write_text(clean.split("edges:")[0] + "edges: []\n", encoding="utf-8")
        assert shop("lineage", "import", "clean.yaml", "--system", "mortgage", "--as", "eli").code == 0
        answer = shop("lineage", "record", "own/loans", "--subject", "loans.csv")
        assert "gap: own/loans: loans is said to be the same file" in answer.out


def test_every_command_for_a_dataset_names_it_and_asks_for_no_model() -> None:
    bundle = load_bundle(builtin_policies(), cache_folder())
    dataset = Subject(kind=SubjectKind.DATASET, name="m@x.csv", digest="sha256:" + "0" * 64, system_id="m")

    def told(kind: str) -> tuple[str, ...]:
        return commands_for(bundle, kind, dataset, "data-intake", (), "o.yaml")

    assert told("data-quality-report") == (
        "quaestor evidence add data-quality-report FILE --subject m@x.csv --as PERSON",
    )
    assert told("dpia") == ("quaestor evidence add dpia FILE --system m --as PERSON",)
    assert told("lineage-graph")[-1] == "quaestor lineage record NODE --subject m@x.csv"
    assert told("fairness-audit") == ("quaestor validate PLAN",)


@pytest.mark.slow
class TestLies:
    """On the lender's training data, which were taken in, and which a run has measured since."""

    def decided(self, lab: Doors, code: int) -> Any:
        output = lab.folder / "decision.json"
        answer = lab("gate", "decide", "data-intake", TRAIN, "--format", "json", "--output", output)
        assert answer.code == code, answer.text
        return json.loads(output.read_text(encoding="utf-8"))

    def against(self, body: Any) -> set[str]:
        return {reason["control"] for reason in body["reasons"]}

    def report(self, lab: Doors, part: str, by: str, **changes: Any) -> str:
        """File the quality report of a part about the training data; its id."""
        (paper,) = lab.folder.glob(f"papers/intake-{part}-*-data-quality-report.json")
        content = {**json.loads(paper.read_text(encoding="utf-8")), **changes}
        (lab.folder / "report.json").write_text(json.dumps(content), encoding="utf-8")
        file = lab.folder / "report.json"
        added = lab("evidence", "add", "data-quality-report", file, "--subject", TRAIN, "--as", by)
        assert added.code == 0, added.text
        return added.out.split()[1]

    def test_what_a_run_measured_of_the_data_counts_for_them(self, lab: Doors) -> None:
        status = {item["control"]: item["status"] for item in self.decided(lab, 0)["results"]}
        assert (status["FAIR-01"], status["EUAIA-10-2"]) == ("pass", "pass")

    def test_the_report_on_other_data_is_not_read(self, lab: Doors) -> None:
        other = self.report(lab, "test", "platform")
        (quality,) = [item for item in self.decided(lab, 0)["results"] if item["control"] == "DQ-01"]
        assert other not in quality["evidence"]

    def test_a_bad_report_is_not_hidden_and_that_it_was_taken_back_is_told(self, lab: Doors) -> None:
        bad = self.report(lab, "train", "ana", failed_checks=[{"check": "poisoning-screen", "blocking": True}])
        assert self.against(self.decided(lab, 1)) == {"DQ-01", "ROB-05"}
        taken = lab("evidence", "withdraw", bad, "--reason", "a slip", "--as", "ana", "--with", "omar")
        assert taken.code == 0, taken.text
        told = {item["kind"]: item for item in self.decided(lab, 0)["relaxations"]}
        assert told["withdrawn-evidence"]["subject"] == bad
        assert told["earlier-refusal"]["gone"] == [bad]

    def test_personal_data_are_not_talked_away(self, lab: Doors) -> None:
        """Beside the true datasheet, and alone: the lineage knows better."""
        describe(lab, TRAIN, by="eli")
        assert "PRIV-02" in self.against(self.decided(lab, 1))
        listed = lab("evidence", "list", "--subject", TRAIN, "--type", "dataset-record").out.splitlines()
        for line in listed:
            if "  mara  " in line:
                name = line.split()[-1]
                assert (
                    lab("evidence", "withdraw", name, "--reason", "a slip", "--as", "mara", "--with", "omar").code == 0
                )
        assert "PRIV-02" in self.against(self.decided(lab, 1))

    def test_a_waiver_is_for_this_dataset_alone(self, lab: Doors) -> None:
        until = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
        granted = lab(
            "waiver", "grant", "DQ-01", "--subject", TRAIN, "--risk", "the check runs next week", "--risk-owner",
            "mara", "--requested-by", "ruth", "--until", until, "--as", "omar",
        )  # fmt: skip
        assert granted.code == 0, granted.text
        scope = json.loads(lab("evidence", "show", granted.out.split()[1]).out)["predicate"]["content"]["scope"]
        assert scope == digest_file(TRAIN)
