"""Records the golden decisions: `python -m tests.golden.record`. Once, for format 1: what stands there is never redone.

Each is a decision with the snapshot, the policies and the compiled module that it was made with; one has its signed
report as well. `test_golden.py` makes every one again, on every engine. The mortgage models are judged by the demo's
own steps, through the command line; the statuses that shipped policies never come to, by the small world of the tests.
"""

import lzma
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.backends.compile import compile_wasm, find_opa
from engine.backends.regorus import RegorusEngine
from engine.bundle.files import OVERLAY, archive
from engine.bundle.load import Bundle
from engine.deciding.decide import decide
from engine.deciding.verdict import Decision
from evidence.model.canonical import canonical_bytes, digest_bytes
from evidence.snapshot.model import Snapshot
from examples.mortgage.demo import Demo
from integrations.app.deciding import decisions, load_decision
from integrations.app.workspace import Workspace
from tests.worlds import snapshots
from tests.worlds.policies import bench_bundle, effective
from tests.worlds.records import audit, high_questionnaire, waiver
from tests.worlds.snapshots import entry, papers

FOLDER = Path(__file__).parent / "decisions"
REPORT, TRUST = "mortgage-2-production.pdf", "trust.pem"


def keep(name: str, decision: Decision, snapshot: Snapshot, policies: bytes, module: bytes) -> None:
    """Write a golden decision. Raises FileExistsError: one that stands is never replaced."""
    place = FOLDER / name
    place.mkdir(parents=True)
    (place / "decision.json").write_bytes(decision.body)
    (place / "snapshot.json.xz").write_bytes(lzma.compress(canonical_bytes(snapshot.to_json())))
    for part, data in (("policies", policies), ("module", module)):
        digest = digest_bytes(data).removeprefix("sha256:")
        shared = FOLDER.parent / part / f"{digest}.xz"
        shared.parent.mkdir(exist_ok=True)
        if not shared.exists():
            shared.write_bytes(lzma.compress(data, preset=9))
        (place / part).write_text(f"{digest}\n", encoding="utf-8")


def mortgage(folder: Path) -> None:
    """Both models of the demo: denied and allowed, and what each further gate says of them."""
    demo = Demo(folder)
    demo.set_up()
    first = demo.judge("1", ["validation"])
    second = demo.judge("2", ["validation", "staging", "production"])
    report = demo.report("2", second[-1])
    for gate, subject in (
        ("staging", "mortgage@1"),
        ("operation", "mortgage@2"),
        ("registration", "mortgage@2"),
        ("retirement", "mortgage@2"),
    ):
        demo.decide(gate, subject)
    demo.run("waiver", "grant", "ROB-01", "--subject", "mortgage@1", "--risk", "noise moves scores", "--risk-owner",
             "mara", "--requested-by", "ruth", "--until", demo.at(60)[:10], "--as", "omar")  # fmt: skip
    demo.run("gate", "decide", "validation", "mortgage@1", "--at", demo.at(0))
    demo.decide("validation", "mortgage@1")
    card = next(record for record in demo._records("1") if record.type == "model-card")
    demo.run("evidence", "withdraw", card.id, "--as", "mara", "--with", "omar", "--reason", "the card of a draft")
    demo.decide("validation", "mortgage@1")
    assert [item["exit"] for item in (*first, *second)] == [1, 0, 0, 0]
    with Workspace.find(str(folder)).store() as store:
        for number, decision in enumerate(list(decisions(store)), start=1):
            made = load_decision(store, decision.id)
            assert made.wasm is not None
            name = f"{number:02d}-{decision.subject.name.replace('@', '-')}-{decision.gate}-{decision.outcome}"
            keep(name, made.decision, made.snapshot, made.bundle, made.wasm)
    (FOLDER.parent / REPORT).write_bytes(report.read_bytes())
    (FOLDER.parent / TRUST).write_bytes((folder / ".quaestor" / "keys" / "report-certificate.pem").read_bytes())


def small() -> Iterator[tuple[str, Snapshot, str, str | None]]:
    """Name, snapshot, gate and overlay of what the shipped policies do not come to."""
    audits = papers(entry(audit(51)))
    good = papers(entry(audit(3)))
    high = (entry(high_questionnaire(), "ana"), entry(audit(3)))
    disabled = "parameters: {section5_literal: true}\ndisable: {BEN-06: measured by another team until spring}\n"
    yield "error", snapshots.snapshot(*papers(entry(audit(7)))), "clash", None
    yield "fail", snapshots.snapshot(*audits), "validation", None
    yield "waived", snapshots.snapshot(*audits, entry(waiver(), "ben")), "validation", None
    yield "unsigned", snapshots.snapshot(*papers(entry(audit(3), None))), "validation", None
    yield "not-applicable", snapshots.snapshot(*high), "deployers", None
    yield "missing", snapshots.snapshot(*papers()), "validation", None
    yield "undetermined", snapshots.snapshot(entry(audit(3))), "validation", None
    yield "prerequisite", snapshots.snapshot(*good), "staging", None
    yield "disabled", snapshots.snapshot(*good), "lax", disabled


def bench() -> None:
    bundle = bench_bundle()
    program = bundle.program()
    opa = find_opa()
    assert opa is not None, "golden decisions are recorded with a compiled module: `make opa`"
    module = compile_wasm(program, opa)
    engine = RegorusEngine(program)
    for name, seen, gate, overlay in small():
        terms = effective(bundle, overlay)
        keep(f"bench-{name}", decide(bundle, terms, seen, gate, engine), seen, _archive(bundle, overlay), module)
    engine.close()


def _archive(bundle: Bundle, overlay: str | None) -> bytes:
    return archive({**bundle.files, **({OVERLAY: overlay.encode()} if overlay else {})})


def main() -> int:
    if FOLDER.exists():
        sys.stderr.write(f"{FOLDER.name} is there; format 1 is recorded once\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        mortgage(Path(folder) / "lender")
    bench()
    return 0


if __name__ == "__main__":
    sys.exit(main())
