"""The demo: data are taken in, a real mortgage model is refused for a real reason, its successor passes four gates.

    python -m examples.mortgage.demo [folder]          # `make demo` does this, in demo/

Every step is a command of `quaestor` that a user could type; it is printed before it runs. Data, models and
measurements are real; the lender, its people and its papers are invented, and the papers say so.
"""

import argparse
import json
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
import yaml

from engine.deciding.verdict import Decision
from evidence.model.base import format_instant
from evidence.model.canonical import digest_bytes, digest_file
from evidence.model.record import Record, parse_statement, read_record
from evidence.trust.envelopes import open_envelope
from integrations.app.deciding import decisions
from integrations.app.workspace import Workspace
from integrations.cli.main import main as quaestor
from reports.words.decisions import reason_text

HERE = Path(__file__).resolve().parent
PEOPLE = {
    "eli": ("Eli Novak", "ml-engineer"),
    "mara": ("Mara Lind", "model-owner"),
    "ana": ("Ana Ruiz", "validator"),
    "omar": ("Omar Haddad", "compliance"),
    "dora": ("Dora Weiss", "dpo"),
    "ruth": ("Ruth Amsel", "release-manager"),
    "vic": ("Vic Moreau", "auditor"),
    "theo": ("Theo Brandt", "records-manager"),
    "bea": ("Bea Roth", "business-owner"),
    "sam": ("Sam Keller", "system-owner"),
    "iris": ("Iris Falk", "accountable-executive"),
    "lena": ("Lena Fischer", "legal"),
    "rita": ("Rita Doyle", "risk-officer"),
    "sven": ("Sven Holm", "security-officer"),
    "ivan": ("Ivan Petrov", "mlops-engineer"),
    "dirk": ("Dirk Vos", "domain-expert"),
    "nell": ("Nell Nolan", "review-board"),
    "cem": ("Cem Aydin", "review-board"),
    "jo": ("Jo Lindqvist", "review-board"),
}
OWNERS = ("mara", "ana", "omar", "dora")
APPROVERS = {
    "registration": ("nell", "cem", "jo"),
    "staging": (*OWNERS, "lena", "sven", "dirk", "nell"),
    "production": (*OWNERS, "lena", "rita", "sven", "ivan", "nell", "cem", "jo"),
}
"""Who approves at a gate, each in the role of PEOPLE."""
DATA = ("train", "test")
"""The files of data/ that a version is trained and tested on."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m examples.mortgage.demo", description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", default="demo", help="where the workspace is made; emptied first (demo)")
    folder = Path(parser.parse_args().folder).resolve()
    if folder.exists() and not (folder / "quaestor.toml").is_file():
        parser.error(f"`{relative(folder)}` is no workspace of the demo, and would be emptied; name another folder")
    if folder.exists():
        shutil.rmtree(folder)
    started = time.monotonic()
    demo = Demo(folder)
    demo.set_up()
    first = demo.judge("1", ["validation"])
    second = demo.judge("2", ["validation", "registration", "staging", "production"])
    reports = [demo.report("1", first[-1]), demo.report("2", second[-1])]
    verified = demo.run("verify", str(reports[1]))
    demo.close([*demo.taken_in, *first, *second], reports, time.monotonic() - started)
    wanted = [(first[0]["exit"], 1), *((item["exit"], 0) for item in (*demo.taken_in, *second)), (verified, 0)]
    return 0 if all(got == want for got, want in wanted) else 1


class Demo:
    """A workspace in `folder`, and what has been learnt so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.facts: dict[str, Any] = json.loads((HERE / "metadata.json").read_text(encoding="utf-8"))
        files = [*(HERE / "data").glob("*.csv"), *(HERE / "models").iterdir()]
        self.digest = {path.stem: digest_file(path) for path in files}
        self.digest["purpose"] = digest_file(HERE / "papers/purpose.md")
        self.digest["environment"] = digest_bytes((HERE / "train.py").read_bytes())
        parameters = yaml.safe_load((HERE.parent.parent / "policies/parameters/parameters.yaml").read_bytes())[
            "parameters"
        ]
        self.lists = {
            name: parameters[f"{name}_{part}"]["default"]
            for name, part in (("annex_iii", "points"), ("annex_iv", "items"))
        }
        self.taken_in: list[dict[str, Any]] = []
        self.jinja = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)

    # --- the steps -------------------------------------------------------------------------------------------------

    def set_up(self) -> None:
        title("A workspace, its people, and the lender's own thresholds")
        self.run("init", str(self.folder), "--name", "example-lender", workspace=False)
        for holder, (name, role) in PEOPLE.items():
            self.run("key", "new", holder, "--name", name, "--role", role)
        # What the lender's other tools say comes under a key of theirs, not under the one that measures and decides.
        self.run("key", "new", "platform", "--name", "Build and data platform", "--machine", "--role", "collector")
        shutil.copy(HERE / "overlay.yaml", self.folder / "overlay.yaml")
        self._trust_keys()
        title("Two versions of the system are registered")
        for version in ("1", "2"):
            self.register(version)
        title("Where the data come from")
        lineage = self.render("lineage/lineage.yaml", "lineage.yaml", features=self.facts["features"])
        self.run("lineage", "import", str(lineage), "--system", "mortgage", "--as", "platform")
        title("The system's papers (invented): questionnaire, screening of prohibited practices, access, retention")
        self.papers("system", "--system", "mortgage", deployments=0, approvers=approvers())
        facts = self.render("papers/classification.yaml", "classification.yaml")
        self.run("system", "classify", "mortgage", "--declared", "high-annex-iii", "--review", self.at(365)[:10],
                 "--facts", str(facts), "--as", "omar")  # fmt: skip
        self.taken_in = [self.take_in(part) for part in DATA]

    def register(self, version: str, **audit: str) -> None:
        """Enter a version in the registry; `audit` is the digest of the fairness audit that its entry cites."""
        entry = self.render("papers/registry-entry.yaml", f"registry-entry-{version}.yaml", version=version, **audit)
        model = HERE / "models" / f"mortgage-v{version}.onnx"
        self.run("system", "register", "mortgage", "--model", str(model), "--entry", str(entry), "--owner", "mara",
                 "--as", "eli")  # fmt: skip

    def take_in(self, part: str) -> dict[str, Any]:
        """File what a dataset's intake asks for, and ask whether it may be used."""
        title(f"The {part} data are taken in: datasheet, lineage, quality, impact; may they be used?")
        file, subject = HERE / "data" / f"{part}.csv", f"mortgage@{part}.csv"
        self.papers("datasheet", "--system", "mortgage", "--dataset", str(file), part=part)
        self.run("lineage", "record", f"lender/mortgage-{part}", "--subject", subject)
        self.papers("intake", "--subject", subject, part=part)
        return self.decide("data-intake", subject)

    def judge(self, version: str, gates: list[str]) -> list[dict[str, Any]]:
        """Validate a version live, file its papers, and ask the gates in turn."""
        title(f"Version {version}: thresholds first, then the model runs in the sandbox")
        subject = f"mortgage@{version}"
        plan = self.render(
            "plans/plan.yaml",
            f"plan-{version}.yaml",
            version=version,
            example=str(HERE),
            features=self.facts["features"],
        )
        self.run("validate", str(plan), "--commit", "--as", "ana")
        self.run("lineage", "record", f"model/mortgage-v{version}", "--subject", subject)
        self.run("validate", str(plan))
        measured = self._measured(version)
        title(f"Version {version}: its papers (invented, but for the figures)")
        self.papers(
            "version",
            "--subject",
            subject,
            version=version,
            model=self.digest[f"mortgage-v{version}"],
            features=self.facts["features"],
            trials=self.facts["trials"][f"v{version}"],
            auc_train=self.facts["auc"][f"v{version}"]["train"],
            minority_share=self.facts["minority_share"],
            class_shares=self.facts["class_shares"],
            split_overlap=self.facts["split_overlap"],
            measured=measured,
            group_limitations=["afam=yes", "selfemp=yes", "condomin=yes", "single=yes", "afam=no", "selfemp=no",
                               "condomin=no", "single=no"],
            label_gap=measured["label_gap"],
        )  # fmt: skip
        filed = {record.type: record.content_digest for record in self._records(version)}
        self.papers("locked", "--subject", subject, version=version, technical_file=filed["technical-file"],
                    instructions=filed["instructions-for-use"])  # fmt: skip
        return [self.ask(version, gate) for gate in gates]

    def ask(self, version: str, gate: str) -> dict[str, Any]:
        """File what a gate wants beside the papers of a version that was measured, and ask the gate."""
        if gate == "registration":
            self._entered(version)
        if gate in ("staging", "production"):
            self._release(version, gate)
        title(f"May version {version} pass gate {gate}?")
        return self.decide(gate, f"mortgage@{version}")

    def _entered(self, version: str) -> None:
        """What has to be in place before the registry takes a version in: the audit is cited, the board agrees."""
        title(f"The entry of version {version} cites its fairness audit")
        audits = [record for record in self._records(version) if record.type == "fairness-audit"]
        (audit,) = [record for record in audits if record.content["audited"] == "model-outputs"]
        self.register(version, audit=audit.content_digest)
        self._approve(version, "registration")

    def _release(self, version: str, gate: str) -> None:
        """What has to be in place before a release gate: signatures, approvals, and one waiver."""
        subject = f"mortgage@{version}"
        if gate == "staging":
            title("The drills of the validated version are filed")
            self.papers("drills", "--subject", subject, version=version, model=self.digest[f"mortgage-v{version}"])
            title("The release is signed; the keys lie in files, which a waiver accepts until they move to a vault")
            model = HERE / "models" / f"mortgage-v{version}.onnx"
            for number, (kind, file) in enumerate((
                ("model", model),
                ("config", self.folder / "overlay.yaml"),
                ("config", HERE / "train.py"),
                ("policy", self.folder / "bundle.tar"),
                ("image", HERE / "train.py"),
            )):  # fmt: skip
                if kind == "policy":
                    self.run("policy", "export", "--output", str(file))
                signature = self.folder / f"{kind}-{version}-{number}.sig.json"
                self.run("artifact", "sign", str(file), "--as", "ruth", "--output", str(signature))
                self.run("artifact", "verify", str(file), str(signature), "--subject", subject, "--kind", kind)
            self.run("waiver", "grant", "INT-01", "--subject", subject, "--risk", "signing keys lie in files",
                     "--risk-owner", "mara", "--requested-by", "ruth", "--until", self.at(60)[:10],
                     "--as", "omar")  # fmt: skip
        if gate == "production":
            self.run("system", "promote", subject, "--stage", "staging", "--as", "ruth")
            model_digest = self.digest[f"mortgage-v{version}"]
            since = format_instant(self.last().instant)
            self.papers("release", "--subject", subject, version=version, model=model_digest,
                        features=self.facts["features"])  # fmt: skip
            self.papers("pipeline", "--system", "mortgage", version=version, since=since)
            title("The rehearsal in staging is logged and measured")
            self.papers("rehearsal", "--subject", subject, version=version, model=model_digest, since=since)
        title("The decision before this one is made again, and what came of it filed")
        self.run("replay", self.last().id.removeprefix("sha256:")[:16], "--file")
        self._approve(version, gate)

    def _approve(self, version: str, gate: str) -> None:
        title(f"People approve version {version} for {gate}")
        for person in APPROVERS[gate]:
            self.run("approve", f"mortgage@{version}", "--gate", gate, "--role", PEOPLE[person][1], "--as", person)

    def decide(self, gate: str, subject: str) -> dict[str, Any]:
        code = self.run("gate", "decide", gate, subject)
        return {"exit": code, "decision": self.last()}

    def last(self) -> Decision:
        """The decision that was made last."""
        with Workspace.find(str(self.folder)).store() as store:
            return list(decisions(store))[-1]

    def report(self, version: str, decided: dict[str, Any]) -> Path:
        decision = decided["decision"]
        title(f"The report on version {version} at gate {decision.gate}")
        path = self.folder / f"mortgage-{version}-{decision.gate}.pdf"
        self.run("report", decision.id.removeprefix("sha256:")[:16], "--output", str(path))
        return path

    def close(self, decided: list[dict[str, Any]], reports: list[Path], seconds: float) -> None:
        title(f"Done in {seconds:.0f} seconds")
        for item in decided:
            decision = item["decision"]
            print(f"{decision.subject.name:18} {decision.gate:12} {decision.outcome.upper():14} {decision.id[7:23]}")
        refused = next(item["decision"] for item in decided if item["exit"])
        print(f"\nfirst reason: {reason_text(refused.reasons[0], refused)}")
        print("reports:")
        for path in reports:
            print(f"  {relative(path)}")
        name = relative(self.folder)
        print(
            "\nwhat to try next:\n"
            f"  . .venv/bin/activate\n"
            f"  quaestor verify {relative(reports[1])}\n"
            f"  quaestor -w {name} replay {decided[-1]['decision'].id[7:23]} --engine regorus\n"
            f"  quaestor -w {name} gate decide validation mortgage@2 --at 2027-12-03     once these papers ran out\n"
            f"  quaestor -w {name} gate decide validation mortgage@1 --format markdown\n"
            f"  quaestor policy test ROB-02"
        )

    # --- helpers ---------------------------------------------------------------------------------------------------

    def at(self, days: float) -> str:
        """An instant so many days from the demo's beginning."""
        return format_instant(self.now + timedelta(days=days))

    def present(self) -> str:
        """The instant itself: what follows a gate is dated after it."""
        return format_instant(datetime.now(UTC).replace(microsecond=0))

    def render(self, template: str, name: str, **values: Any) -> Path:
        """A paper of the example with its dates and digests filled in, written into the workspace."""
        text = self.jinja.from_string((HERE / template).read_text(encoding="utf-8")).render(
            at=self.at, now=self.present(), digest=self.digest, facts=self.facts, **self.lists, **values
        )
        path = self.folder / "papers" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def papers(self, folder: str, *about: str, **values: Any) -> None:
        """File each paper that a folder of papers/ holds through `quaestor evidence add`."""
        for template in sorted((HERE / "papers" / folder).iterdir()):
            stem = "-".join((folder, *(values[name] for name in ("version", "part") if name in values), template.stem))
            rendered = self.render(f"papers/{folder}/{template.name}", f"{stem}.yaml", **values)
            papers = yaml.safe_load(rendered.read_bytes())
            alike = groupby(papers, key=lambda paper: {**paper, "content": None})
            for number, (paper, group) in enumerate(alike, start=1):
                contents = [one["content"] for one in group]
                many = len(contents) > 1  # one a line
                file = rendered.with_name(f"{stem}-{number:02d}-{paper['type']}.json{'l' * many}")
                lines = [json.dumps(content, indent=None if many else 2) + "\n" for content in contents]
                file.write_text("".join(lines), encoding="utf-8")
                beside = [word for person in paper.get("with", ()) for word in ("--with", person)]
                owned = ("--owner", paper["owner"]) if "owner" in paper else ()
                self.run("evidence", "add", paper["type"], str(file), *about, *owned, "--as", paper["by"], *beside)

    def _trust_keys(self) -> None:
        """The release manager's key goes into the overlay, as an organisation would name its keys."""
        with Workspace.find(str(self.folder)).store() as store:
            keys = store.people()[0].keyring.keys
        key = next(item.keyid for item in keys if item.holder == "ruth")
        path = self.folder / "overlay.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace("<key of ruth>", key), encoding="utf-8")

    def _measured(self, version: str) -> dict[str, float]:
        """Figures of the validation run, for the papers that declare them."""
        found: dict[str, float] = {}
        for record in self._records(version):
            content = record.content
            if record.type == "validation-run":
                found |= {name: estimate["value"] for name, estimate in content["metrics"].items()}
            if record.type == "fairness-audit" and content["audited"] == "model-outputs":
                found["impact_ratio"] = content["impact_ratio"]["afam=yes"]["value"]
                for gap in ("parity_difference", "odds_difference"):
                    found |= {f"{gap}:{name}": estimate["value"] for name, estimate in content[gap].items()}
            if record.type == "fairness-audit" and content["audited"] == "training-labels":
                found["label_gap"] = round(1 - content["impact_ratio"]["afam=yes"]["ci_low"], 6)
        return found

    def _records(self, version: str) -> list[Record]:
        """The records about a version."""
        with Workspace.find(str(self.folder)).store() as store:
            return [
                read_record(parse_statement(open_envelope(stored.envelope, where=stored.id), where=stored.id))
                for stored in store.find(kind="record", subject=self.digest[f"mortgage-v{version}"])
            ]

    def run(self, *arguments: str, workspace: bool = True) -> int:
        shown = [
            argument.replace(str(HERE), "examples/mortgage").replace(str(self.folder), self.folder.name)
            for argument in arguments
        ]
        print("$ quaestor " + " ".join(f"'{a}'" if " " in a else a for a in shown), flush=True)
        self.exit = quaestor([*(["-w", str(self.folder)] if workspace else []), *arguments])
        if self.exit == 2:
            raise SystemExit("the demo stops: the command above failed")
        return self.exit


def approvers() -> list[tuple[str, str]]:
    """Who approves at some gate, with the role in which they do."""
    return [(person, PEOPLE[person][1]) for person in dict.fromkeys(sum(APPROVERS.values(), ()))]


def relative(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def title(text: str) -> None:
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
