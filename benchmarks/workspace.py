"""A workspace like that of `make demo`, made anew: system, lineage, papers, a live validation and one decision."""

import contextlib
import os
from collections.abc import Generator, Sequence
from pathlib import Path

from engine.deciding.decide import by_type
from engine.deciding.evaluate import Context, Policies, policy_input
from evidence.snapshot.take import take_snapshot
from integrations.app.deciding import decisions
from integrations.app.workspace import Workspace
from tests.worlds.workspaces import judged

GATE = "validation"


@contextlib.contextmanager
def decided_workspace(folder: Path, version: str, gates: Sequence[str] = (GATE,)) -> Generator[Workspace]:
    """The demo's workspace once some gates have decided on a version; compiled policies are cached in it too."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    try:
        try:
            # Later gates ask how a version compares with the one that was tested before it (PERF-05).
            earlier = {"1": (GATE,)} if version == "2" and len(gates) > 1 else {}
            demo, _ = judged(folder / "demo", {**earlier, version: gates})
        except SystemExit as cause:
            raise RuntimeError(f"the demo's workspace cannot be made: {cause}") from None
        yield Workspace.find(str(demo.folder))
    finally:
        os.environ.pop("XDG_CACHE_HOME")
        if before is not None:
            os.environ["XDG_CACHE_HOME"] = before


def last_input(workspace: Workspace) -> bytes:
    """`input` of the latest decision: all evidence of its snapshot that a control of its gate reads."""
    bundle = workspace.bundle
    with workspace.store() as store:
        decision = list(decisions(store))[-1]
        snapshot = take_snapshot(store, decision.subject, decision.instant, instant_chosen=False)
    kinds = {kind for control in bundle.select(decision.gate) for kind in control.evidence}
    records = by_type(bundle, snapshot.entries, ())
    records = {kind: records.get(kind, []) for kind in sorted(kinds)}
    context = Context(
        gate=decision.gate,
        instant=decision.instant,
        subject=decision.subject,
        tier=decision.risk.tier,
        roles=decision.risk.roles,
        vocabulary=bundle.vocabulary,
        parameters=workspace.effective.values,
        policies=Policies(bundle.digest, workspace.effective.overlay_digest, bundle.controls),
    )
    return policy_input(records, context)
