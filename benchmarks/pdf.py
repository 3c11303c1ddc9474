"""The report: our renderer beside a bare WeasyPrint on the same HTML."""

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.table import Peer, Row, costs
from benchmarks.timing import side_by_side
from benchmarks.workspace import decided_workspace
from integrations.app.deciding import decisions, load_decision
from integrations.app.session import open_session
from integrations.cli.shared import present

TITLE = "Report (PDF/A-3 with attachments) of the demo's first decision"


def run(quick: bool) -> list[Row]:
    """Page and PDF of one audit pack; WeasyPrint alone gets the page that ours has rendered, fonts within it."""
    from integrations.app.reporting import framework_titles, materials
    from reports.documents.attachments import attached_files
    from reports.documents.report import pack_of
    from reports.renderers.html import render_html
    from reports.renderers.pdf import VARIANT, load_weasyprint, render_pdf

    with (
        tempfile.TemporaryDirectory(prefix="quaestor-bench-") as folder,
        decided_workspace(Path(folder), "1") as workspace,
    ):
        with open_session(workspace, present) as session:
            decision = next(iter(decisions(session.store)))
            found = materials(session, load_decision(session.store, decision.id))
        bundle = workspace.bundle
        files = attached_files(found)
        pack = pack_of(
            found,
            frameworks=framework_titles(bundle),
            controls=bundle.controls,
            limits=workspace.effective.values,
        )
    page = render_html(pack)
    weasyprint = load_weasyprint()

    def ours() -> Any:
        return render_pdf(pack, files)

    def theirs() -> Any:
        return weasyprint.HTML(string=page).write_pdf(pdf_variant=VARIANT, pdf_tags=True)

    times = side_by_side({"ours": ours, "bare": theirs}, rounds=3 if quick else 7, seconds=120)
    pages = len(weasyprint.HTML(string=page).render().pages)
    name = f"page, PDF and {len(files)} attachments ({pages} pages, {len(page) / 1000:.0f} kB of HTML with its fonts)"
    return [costs(name, times["ours"], Peer("bare WeasyPrint", times["bare"]), 1.2)]
