"""The page and the PDF made of it: the template's context, charts, fonts, PDF/A, and that nothing outside is read."""

import os
import re
from dataclasses import fields, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any, cast
from xml.etree import ElementTree as ET

import pikepdf
import pikepdf.pdfa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from engine.deciding.verdict import Decision, Outcome, Status
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError, QuaestorError, SignatureError
from evidence.model.predicates.base import Predicate
from evidence.model.predicates.data import DataQualityReport
from evidence.model.predicates.values import ColumnQuality, FailedCheck
from evidence.model.record import parse_statement, read_record
from evidence.trust.envelopes import open_envelope
from evidence.trust.keys import Keyring, sign_together
from reports.charts import svg
from reports.charts.draw import calibration_chart, interval_chart, roc_chart
from reports.charts.lineage import lineage_chart
from reports.charts.points import read_charts
from reports.charts.registry import Charts, chart_data
from reports.charts.scales import limit_chart
from reports.charts.shapes import ChartPoints, IntervalChart, LineageChart, LineageNode, Mark
from reports.charts.svg import ticks
from reports.documents.pack import AuditPack, build_pack, natural_order
from reports.documents.parties import HolderView, PartiesView, SignerView
from reports.documents.report import pack_of
from reports.documents.view import RelaxationView
from reports.pdf.signature import check_signature, make_signing_certificate, sign_pdf
from reports.renderers import html, pdf
from reports.verify.pages import letters, printed
from reports.words.wording import RELAXATION_WORDS
from tests.worlds import mortgage, samples

_EXTENSION = re.compile("XMP (namespace|property) (pdfuaid:|pdfaExtension[:=]|pdfaSchema=|pdfaProperty=)")
LATER = mortgage.INSTANT - timedelta(days=1, hours=1)
ATTACKS = (
    '<link rel=attachment href="file:///etc/hostname">',
    '<img src="{url}/img">',
    "<style>@import url('{url}/css'); body {{ background: url('{url}/bg') }}</style>",
    '<object data="file:///etc/hostname"></object>',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}/svg"/></svg>',
    "{{{{ 7 * 7 }}}} {{% include '/etc/hostname' %}}",
    '"><base href="{url}/"><a href="file:///etc/hostname">x</a>',
)


@pytest.fixture(scope="module")
def pack() -> AuditPack:
    return pack_of(
        samples.materials(),
        frameworks=samples.FRAMEWORKS,
        controls=samples.CONTROLS,
        limits=samples.LIMITS,
        certificate="ab" * 32,
    )


@pytest.fixture(scope="module")
def signed() -> bytes:
    return samples.report()


@pytest.fixture
def listener() -> tuple[str, list[str]]:
    """A server on this machine that notes what it is asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def empty_pack() -> AuditPack:
    """A decision about next to nothing, so that every `none` of the template is reached."""
    made = samples.sample()
    bare = made.decision.model_copy(
        update={
            "outcome": Outcome.ALLOW, "results": (), "reasons": (), "relaxations": (), "evidence": (), "excluded": (),
            "prerequisites": (),
        }
    )  # fmt: skip
    snapshot = made.snapshot.model_copy(update={"entries": ()})
    return build_pack(
        Decision.model_validate_json(canonical_bytes(bare.to_json())),
        snapshot,
        frameworks={},
        controls={},
        limits={},
        keyring=Keyring(),
    )


class TestTemplate:
    def test_the_context_is_what_the_template_uses(self) -> None:
        from jinja2 import meta

        source = (html.TEMPLATES / "report.html").read_text(encoding="utf-8")
        tree = html.template().environment.parse(source)
        assert meta.find_undeclared_variables(tree) == {field.name for field in fields(html.ReportContext)}

    def test_no_more_than_two_narrow_charts_stand_side_by_side(self, pack: AuditPack) -> None:
        context = html.report_context(pack)
        figure = html.Figure(title="Answers", caption="", svg=Markup("<svg></svg>"), records=())
        for count, rows in ((1, [1]), (2, [2]), (5, [2, 2, 1])):
            section = html.FigureSection(heading="What drives it", wide=(), narrow=(figure,) * count)
            page = html.template().render(vars(replace(context, sections=(section,))))
            told = [part.partition("</div>")[0].count("<figure") for part in page.split('<div class="pair">')[1:]]
            assert told == rows, "a third would lie beyond the page"

    def test_an_article_under_which_nothing_applies_is_told_in_a_line(self, pack: AuditPack) -> None:
        framework = pack.frameworks[0]
        first, *others = framework.rows
        silent = tuple(c.model_copy(update={"status": Status.NOT_APPLICABLE}) for c in first.controls)
        for rows in ((first.model_copy(update={"controls": silent}), *others), framework.rows):
            changed = framework.model_copy(update={"rows": rows})
            page = html.render_html(pack.model_copy(update={"frameworks": (changed,)}))
            told = page.partition('id="articles"')[2].partition('id="advice"')[0]
            assert all(row.article in told and row.controls[0].control in told for row in rows)
            assert ("No control applies" in told) == (not rows[0].applies)

    def test_page_one_names_replaced_thresholds_and_leaves_their_values_to_the_list(self, pack: AuditPack) -> None:
        kept = [item for item in pack.decision.relaxations if item.kind != "parameter"][:2]
        for count, folded in ((3, False), (4, True)):
            many = tuple(
                RelaxationView(
                    kind="parameter", words="threshold replaced", subjects=(f"limit_{n}",), detail=f"by {n}.5"
                )
                for n in range(count)
            )
            decision = pack.decision.model_copy(update={"relaxations": (*kept, *many)})
            page = html.render_html(pack.model_copy(update={"decision": decision}))
            cover, _, rest = page.partition('<section class="front">')
            assert all(f"limit_{n}" in rest and f"by {n}.5" in rest for n in range(count))
            assert all((f"limit_{n}" in cover) != folded and (f"by {n}.5" in cover) != folded for n in range(count))
            assert ("4 thresholds or lists replaced</b>: in the organisation" in cover) == folded
            assert all(item.detail[:20] in cover for item in kept if "<" not in item.detail)

    def test_page_one_tells_other_policies_and_what_was_relaxed_above_the_reasons(self, pack: AuditPack) -> None:
        unlike = f"decided by other policies: missing: {', '.join(f'OLD-{n:02}' for n in range(9))}"
        more = tuple(
            RelaxationView(kind=kind, words=RELAXATION_WORDS[kind], subjects=subjects, detail="why at length " * 40)
            for kind, subjects in (
                ("disabled-control", ("DOC-01",)),
                ("withdrawn-evidence", tuple(f"sha256:{n:064x}" for n in range(30))),
                ("parameter", tuple(f"limit_{n}" for n in range(30))),
            )
        )
        changed = pack.decision.model_copy(update={"policies": unlike, "relaxations": more})
        assert changed.reasons
        page = html.render_html(pack.model_copy(update={"decision": changed}))
        above = page.partition('id="why"')[0].partition("<body>")[2]
        assert f"D{unlike[1:]}" in above
        assert "<b>Control switched off</b>: DOC-01: why at length" in above
        assert "<b>Evidence withdrawn</b>: 30 records: why at length" in above
        assert "limit_0, limit_1, limit_2, limit_3, limit_4, limit_5 and 24 more: why at length" in above
        assert above.count("why at length") < 60, "page one cuts what is said at length"
        assert unlike[9:] not in page.partition('id="why"')[2]

    def test_page_one_names_of_many_relaxations_each(self, pack: AuditPack) -> None:
        off = tuple(
            RelaxationView(
                kind="disabled-control", words="control switched off", subjects=(f"OFF-{n}",), detail=f"by {n}"
            )
            for n in range(9)
        )
        decision = pack.decision.model_copy(update={"relaxations": off})
        page = html.render_html(pack.model_copy(update={"decision": decision}))
        cover = page.partition('<section class="front">')[0]
        assert all(f"OFF-{n}: by {n}" in cover for n in range(6))
        assert "<b>3 more</b>: control switched off: OFF-6, OFF-7, OFF-8" in cover

    def test_page_one_tells_the_thresholds_that_bore_on_what_failed_those_that_decided_first(
        self, pack: AuditPack
    ) -> None:
        deciding = next(control.control for control in pack.decision.controls if control.decisive)
        many = tuple(
            RelaxationView(
                kind="parameter",
                words="threshold replaced",
                subjects=(f"limit_{n}",),
                detail=f"{n} replaced by {n}.5 in the organisation's overlay",
                change=f"{n} replaced by {n}.5",
                read_by={3: ("MINOR-01",), 8: (deciding,)}.get(n, ()),
            )
            for n in range(23)
        )
        decision = pack.decision.model_copy(update={"relaxations": many})
        page = html.render_html(pack.model_copy(update={"decision": decision}))
        cover, _, rest = page.partition('<section class="front">')
        told = f"limit_8 (8 replaced by 8.5; {deciding}), limit_3 (3 replaced by 3.5; MINOR-01)"
        assert f"no approver is named; read by what decided, failed, was waived or passed: {told}" in cover
        assert "limit_4" not in cover
        assert all(f"{n} replaced by {n}.5 in" in rest for n in range(23))

    def test_page_one_says_how_many_of_what_failed_deny(self, pack: AuditPack) -> None:
        cover = html.render_html(pack).partition('<section class="front">')[0]
        failing = pack.decision.failing
        deny = sum(control.decisive for control in failing)
        assert f"<b>{len(failing)}</b>failed: {deny} den" in cover

    def test_page_one_ends_on_page_one(self, pack: AuditPack) -> None:
        """Three drawn reasons, five roles, eleven signers, two dozen thresholds; one reason; the sample's own."""
        drawn = next(reason for reason in pack.decision.reasons if reason.finding and reason.finding.measured)
        long = drawn.model_copy(update={"text": f"{drawn.text}, and no mitigation with a fitting acceptance covers it"})
        replaced = tuple(
            RelaxationView(
                kind="parameter",
                words="threshold replaced",
                subjects=(f"min_explanation_{n}",),
                detail="replaced",
                change="0.8 replaced by 0.5",
                read_by=("EXP-01",) if n < 5 else (),
            )
            for n in range(24)
        )
        parties = PartiesView(
            origin="example-lender",
            owner="Mara Lind (model-owner)",
            unit="retail lending",
            purpose="Decision support for loan officers on mortgage applications; a person decides.",
            holders=tuple(HolderView(person=f"Some Person {n}", roles=("deployment",)) for n in range(5)),
            signers=tuple(SignerView(name=f"Some Person {n} (compliance)", acts=(), others=n + 1) for n in range(11)),
        )
        full = pack.decision.model_copy(update={"reasons": (long,) * 3, "relaxations": replaced, "parties": parties})
        for told in (full, full.model_copy(update={"reasons": (long,)}), pack.decision):
            first, *_ = printed(pdf.render_pdf(pack.model_copy(update={"decision": told})))
            assert letters(f"the sender gives you another way: {pack.certificate}") in letters(first)

    def test_page_one_tells_a_person_once_and_what_several_signed_once(self, pack: AuditPack) -> None:
        approved, waived = "approved at gate staging on 1 May 2026", "waived INT-01 until 2 May 2026"
        parties = PartiesView(
            origin="example-lender",
            owner="Mara Lind (model-owner)",
            holders=(HolderView(person="Eli Novak", roles=("development", "ml engineer")),),
            signers=(
                SignerView(name="Ana Ruiz (validator)", acts=(approved,), others=2),
                SignerView(name="Omar Haddad (compliance)", acts=(approved, waived)),
                SignerView(name="Dora Weiss (dpo)", acts=(approved,)),
                SignerView(name="Vic Moreau (auditor)", acts=(), others=1),
            ),
        )
        decision = pack.decision.model_copy(update={"parties": parties})
        cover = html.render_html(pack.model_copy(update={"decision": decision})).partition('<section class="front">')[0]
        for words in (
            '<th scope="row">Owner</th><td>Mara Lind (model-owner)</td>',
            "Eli Novak (development, ml engineer)",
            f"<b>A{approved[1:]}</b>: Ana Ruiz (validator), Dora Weiss (dpo)</p>",
            f"<b>A{approved[1:]}; {waived}</b>: Omar Haddad (compliance)</p>",
            "<b>Further records signed</b>: Ana Ruiz (validator) 2, Vic Moreau (auditor) 1</p>",
        ):
            assert words in cover

    def test_how_to_verify_names_what_verify_does(self, pack: AuditPack) -> None:
        told = html.render_html(pack).partition('id="verify"')[2].partition("<h3>Digests")[0]
        complete = "complete: the ledger holds no further record about this subject and its system at this checkpoint"
        assert complete in told
        assert "taken: the snapshot, taken again from the listed entries" in told

    def test_a_pack_of_nothing_renders(self) -> None:
        page = html.render_html(empty_pack())
        assert "No control that binds at this gate failed" in page
        assert "No relaxation shaped this decision" in page
        assert "none is recorded: no registry entry of it counts" in page
        assert ">Policies</th>" not in page

    def test_page_one_says_what_was_decided_about_what_and_how_to_check(self, pack: AuditPack) -> None:
        first = html.render_html(pack).split('<section class="front">')[0]
        for words in (
            "Denied at gate validation",
            mortgage.MODEL,
            "quaestor verify",
            "0.69 (interval 0.59 to 0.8",
            "high-annex-iii",
            "example-lender",
            "Piotr Żółkowski (validator)",
            "waived until 31 December 2026 by Piotr Żółkowski (validator)",
            "new team, one owner so far",
            "sex, age, ethnicity, disability replaced by afam",
            "Mitigate the gap and audit again",
        ):
            assert words in first
        assert '<div class="drawn"><svg' in first
        assert "limit 0.8" in first

    def test_records_alike_stand_together_and_each_is_told(self, pack: AuditPack) -> None:
        page = html.render_html(pack)
        (drift,) = [r for group in pack.decision.evidence for r in group.records if r.type == "drift-report"]
        assert len(drift.ids) == 5
        assert all(name[7:23] in page for name in drift.ids)
        told = [name for group in pack.decision.evidence for record in group.records for name in record.ids]
        assert sorted(told) == sorted(item.id for item in samples.sample().decision.evidence)
        assert sum(group.n for group in pack.decision.evidence) == len(told)

    def test_the_page_refers_to_nothing_outside_itself(self, pack: AuditPack) -> None:
        page = html.render_html(pack)
        assert not re.findall(r'(?:src|href)="(?!#)[^"]*"|url\("(?!data:font/woff2)', page)

    def test_every_letter_of_the_scripts_is_in_a_bundled_font(self) -> None:
        from fontTools.ttLib import TTFont

        letters = set("AZaz09 äöüÄÖÜßéèêçœÉ ąćęłńóśźż ĄĆĘŁŃÓŚŹŻ ΑΩαωάέήίόύώςΐ ЖЯжя €§–—“”„…•".replace(" ", ""))
        for family in ("source-serif-4", "source-sans-3"):
            known = set()
            for path in html.FONTS.glob(f"{family}-*-400-normal.woff2"):
                known |= set(TTFont(path).getBestCmap())
            assert {letter for letter in letters if ord(letter) not in known} == set()

    def test_fonts_come_with_their_licences_and_are_small(self) -> None:
        families = {path.name.split("-latin")[0] for path in html.FONTS.glob("*-latin-400-normal.woff2")}
        for family in families:
            assert "SIL OPEN FONT LICENSE" in (html.FONTS / f"OFL-{family}.txt").read_text(encoding="utf-8").upper()
        assert sum(path.stat().st_size for path in html.FONTS.iterdir()) < 2_000_000


class TestNothingIsRead:
    def hostile(self, url: str) -> AuditPack:
        attack = " ".join(ATTACKS).format(url=url)
        made = samples.sample().decision
        results = tuple(
            r.model_copy(
                update={
                    "title": attack,
                    "findings": tuple(f.model_copy(update={"message": attack}) for f in r.findings),
                    "remediation": attack,
                    "frameworks": {attack: (attack,)},
                }
            )
            for r in made.results[:2]
        )
        bad = made.model_copy(
            update={"results": results, "reasons": made.reasons[:1], "gate": attack,
                    "subject": made.subject.model_copy(update={"name": attack})}
        )  # fmt: skip
        return build_pack(
            Decision.model_validate_json(canonical_bytes(bad.to_json())),
            samples.sample().snapshot.model_copy(update={"entries": ()}),
            frameworks={attack: {"title": attack, "version": attack, "articles": {attack: attack}}},
            controls={},
            limits={},
            keyring=samples.keyring(),
        )

    def test_hostile_strings_in_every_field_fetch_and_attach_nothing(self, listener: tuple[str, list[str]]) -> None:
        url, asked = listener
        made = pdf.render_pdf(self.hostile(url))
        assert asked == []
        with pikepdf.open(BytesIO(made)) as document:
            assert len(document.attachments) == 0
        assert b"/URI" not in made

    def test_even_raw_markup_fetches_and_attaches_nothing(self, listener: tuple[str, list[str]]) -> None:
        url, asked = listener
        page = "<html lang=en><title>t</title>" + " ".join(ATTACKS).format(url=url)
        made = pdf.html_to_pdf(page, (), mortgage.INSTANT)
        assert asked == []
        with pikepdf.open(BytesIO(made)) as document:
            assert len(document.attachments) == 0

    def test_a_template_in_a_string_stays_a_string(self, listener: tuple[str, list[str]]) -> None:
        page = html.render_html(self.hostile(listener[0]))
        assert "{{ 7 * 7 }}" in page
        assert "<link rel" not in page

    def test_the_fetcher_knows_fonts_only(self) -> None:
        fetcher = pdf.font_fetcher()
        for url in (
            "file:///etc/hostname",
            "data:text/plain,x",
            "http://127.0.0.1/",
            "quaestor-font:../../pyproject.toml",
        ):
            with pytest.raises(ValueError, match="nothing outside"):
                fetcher.fetch(url)
        assert fetcher.fetch("quaestor-font:source-sans-3-latin-400-normal.woff2").read(4) == b"\0\1\0\0"

    def test_missing_system_libraries_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import builtins

        real = builtins.__import__

        def without(name: str, *args: object, **more: object) -> object:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'\nand more")
            return real(name, *args, **more)

        monkeypatch.setattr(builtins, "__import__", without)
        with pytest.raises(QuaestorError, match=r"libpango-1\.0-0") as caught:
            pdf.load_weasyprint()
        assert "apt-get install libpango-1.0-0 libpangoft2-1.0-0" in str(caught.value.hint)
        assert "brew install pango" in str(caught.value.hint)


class TestPdf:
    def test_no_rule_of_pdfa_3b_is_broken_before_or_after_signing(self, signed: bytes, tmp_path: Path) -> None:
        size = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", signed)[0])
        unsigned = signed[: signed.index(b"%%EOF", size) + 6]
        for name, data in (("unsigned", unsigned), ("signed", signed)):
            path = tmp_path / f"{name}.pdf"
            path.write_bytes(data)
            result = pikepdf.pdfa.validate_written(path, "3b")
            broken = [f for f in result.findings if f.rule.startswith("ISO_")]
            # pikepdf's checker knows no extension schema (ISO 19005-3, 6.6.2.3) and names those of PDF/UA's identifier;
            # veraPDF, which knows them, finds neither PDF/A-3b nor PDF/UA-1 broken.
            assert [f for f in broken if not _EXTENSION.search(f.message)] == [], name
            assert {f.rule for f in broken} <= {"ISO_19005_3:6.6.2.3.1-1"}, name

    def test_it_says_that_it_is_accessible_and_describes_the_schema_of_the_word(self, signed: bytes) -> None:
        with pikepdf.open(BytesIO(signed)) as document:
            packet = ET.fromstring(document.Root["/Metadata"].read_bytes())
        (rdf,) = packet.findall("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF")
        assert [item.get("{http://www.aiim.org/pdfua/ns/id/}part") for item in rdf].count("1") == 1
        (described,) = rdf.iter("{http://www.aiim.org/pdfa/ns/schema#}namespaceURI")
        assert described.text == "http://www.aiim.org/pdfua/ns/id/"

    def test_headings_skip_no_level(self, pack: AuditPack) -> None:
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", html.render_html(pack))]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_it_is_tagged_has_an_outline_and_a_language(self, signed: bytes) -> None:
        with pikepdf.open(BytesIO(signed)) as document:
            assert document.Root["/MarkInfo"]["/Marked"]
            assert "/StructTreeRoot" in document.Root
            assert str(document.Root["/Lang"]) == "en"
            with document.open_outline() as outline:
                titles = [item.title for item in outline.root]
            assert "How to verify" in titles
            assert "/Version" not in document.Root
            widths = {round(float(page.mediabox[2])) for page in document.pages}
            assert widths == {595}

    def test_every_font_is_one_of_ours(self, signed: bytes) -> None:
        with pikepdf.open(BytesIO(signed)) as document:
            names = {
                str(item["/FontName"])
                for item in document.objects
                if isinstance(item, pikepdf.Dictionary) and "/FontName" in item
            }
        assert names
        assert all(re.search(r"\+Q(Sans|Serif|Mono)", name) for name in names), names

    def test_the_same_pack_gives_the_same_bytes_and_the_environment_stays(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "5")
        one, two = pdf.render_pdf(empty_pack()), pdf.render_pdf(empty_pack())
        assert one == two
        assert os.environ["SOURCE_DATE_EPOCH"] == "5"
        monkeypatch.delenv("SOURCE_DATE_EPOCH")
        assert pdf.render_pdf(empty_pack()) == one
        assert "SOURCE_DATE_EPOCH" not in os.environ


class TestSigning:
    def test_the_same_inputs_give_the_same_bytes(self) -> None:
        key, certificate = samples.certificate()
        page = pdf.html_to_pdf("<html lang=en><title>t</title><p>x</p></html>", (), mortgage.INSTANT)
        one = sign_pdf(page, key, certificate, signing_time=mortgage.INSTANT)
        assert one == sign_pdf(page, key, certificate, signing_time=mortgage.INSTANT)
        assert one.startswith(page)
        facts = check_signature(one, [certificate])
        assert (facts.problem, facts.trust, facts.signed_at) == ("", "trusted", "2026-11-21T08:00:00Z")

    def test_a_key_of_another_kind_or_another_certificate_is_refused(self) -> None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key, certificate = samples.certificate()
        curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with pytest.raises(SignatureError, match="not RSA"):
            sign_pdf(b"%PDF", curve, certificate, signing_time=mortgage.INSTANT)
        other, _ = make_signing_certificate("Other", now=mortgage.INSTANT)
        with pytest.raises(SignatureError, match="does not belong"):
            sign_pdf(b"%PDF", other, certificate, signing_time=mortgage.INSTANT)
        with pytest.raises(SignatureError, match="cannot be signed"):
            sign_pdf(b"no pdf", key, certificate, signing_time=mortgage.INSTANT)


def recorded(*contents: Predicate, points: ChartPoints | None = None, **limits: float) -> Charts:
    """The charts of records with these contents."""
    made = samples.sample().snapshot
    entries = tuple(
        made.entries[0].model_copy(update={"record": read_record(mortgage.statement_of(content, "measured"))})
        for content in contents
    )
    return chart_data(made.model_copy(update={"entries": entries}), {**samples.LIMITS, **limits}, points)


class TestCharts:
    def test_the_sample_draws_every_kind(self, pack: AuditPack) -> None:
        charts = pack.charts
        assert charts.fairness[0].title == "Selection-rate ratio by afam, the model's answers"
        assert charts.fairness[0].limit == 0.8
        assert len(charts.performance) == 3
        assert [m.label for m in charts.drift[0].marks] == ["chist", "hirat", "lvrat", "pirat", "unemp"]
        assert charts.roc is not None
        assert charts.calibration is not None
        assert charts.lineage[0].gaps == ("source/credit-bureau: no purpose",)
        assert "log loss" in [m.label for m in charts.other]

    def test_each_drawing_is_svg_with_a_title_that_tells_it(self, pack: AuditPack) -> None:
        charts = pack.charts
        assert charts.roc
        assert charts.calibration
        drawings = [
            interval_chart(c) for c in (*charts.fairness, *charts.performance, *charts.drift, *charts.robustness)
        ]
        drawings += [roc_chart(charts.roc), calibration_chart(charts.calibration), lineage_chart(charts.lineage[0])]
        for drawing in drawings:
            root = ET.fromstring(drawing)
            assert root[0].tag.endswith("title")
            assert root.attrib["aria-label"] == root[0].text
            assert root.attrib["role"] == "img"
        assert "afam=1 0.690, interval 0.590 to 0.800" in drawings[0]

    @pytest.mark.parametrize(
        ("low", "value", "high", "style"),
        [(0.5, 0.6, 0.7, "points"), (0.7, 0.85, 0.9, "points"), (0.7, 0.75, 0.9, "bars"), (0.9, 0.95, 1.0, "bars")],
        ids=["below a floor", "lower end below it", "upper end above a ceiling", "above it"],
    )
    def test_what_is_not_satisfied_is_drawn_as_beyond_its_limit(
        self, low: float, value: float, high: float, style: str
    ) -> None:
        chart = limit_chart("t", Mark(label="observed", value=value, low=low, high=high, n=9), 0.8)
        assert chart.style == style
        assert "<circle" not in interval_chart(chart)

    def test_a_number_beyond_all_measure_is_told_and_not_drawn(self) -> None:
        made = samples.sample()
        huge = {"value": 1e308, "ci_low": -1e308, "ci_high": 1e308, "n": 3}
        results = tuple(
            result.model_copy(
                update={"findings": tuple(item.model_copy(update={"observed": huge}) for item in result.findings)}
            )
            for result in made.decision.results
        )
        bad = made.decision.model_copy(update={"results": results})
        pack = build_pack(bad, made.snapshot, frameworks={}, controls={}, limits={}, keyring=samples.keyring())
        first_page = html.render_html(pack).split('id="contents"')[0]
        assert '<div class="drawn">' not in first_page
        assert "1e+308" in first_page

    def test_of_drift_within_the_limit_the_worst_are_drawn_and_the_rest_counted(self) -> None:
        made = samples.sample().snapshot
        values = {"a": 0.01, "b": 0.02, "c": 0.03, "d": 0.04, "e": 0.05, "f": 0.06, "g": 0.3}
        entries = []
        for name, high in values.items():
            statement = mortgage.statement_of(mortgage.drift(name, high / 2, high), "measured")
            entries.append(made.entries[0].model_copy(update={"record": read_record(statement)}))
        (chart,) = chart_data(made.model_copy(update={"entries": tuple(entries)}), samples.LIMITS).drift
        assert [mark.label for mark in chart.marks] == ["c", "d", "e", "f", "g"]
        assert "2 further rows, none above 0.020." in chart.caption

    def test_data_quality_and_what_the_model_gives_away_are_drawn(self) -> None:
        made = samples.sample().snapshot
        columns = {
            name: ColumnQuality(missing=mortgage.estimate(share, 0.0, 0.2), constant=False)
            for name, share in {"a": 0.1, "b": 0.0, "<b>c": 0.05}.items()
        }
        report = DataQualityReport(
            stage="training",
            dataset_digest="sha256:" + "1" * 64,
            checks=("missing-values", "poisoning-screen"),
            failed_checks=(
                FailedCheck(check="missing-values", blocking=False),
                FailedCheck(check="poisoning-screen", blocking=True),
            ),
            missing_rate=mortgage.estimate(0.12, 0.1, 0.2),
            label_error_rate=mortgage.estimate(0.03, 0.02, 0.05),
            split="training",
            rows=1190,
            columns=columns,
        )
        told = {
            "membership_advantage": mortgage.estimate(0.3, 0.2, 0.4),
            "membership_auc": mortgage.estimate(0.6, 0.5, 0.7),
        }
        run = mortgage.run().model_copy(update={"examined": told})
        entries = [
            made.entries[0].model_copy(update={"record": read_record(mortgage.statement_of(item, "measured"))})
            for item in (report, report.model_copy(update={"split": None}), run)
        ]
        charts = chart_data(
            made.model_copy(update={"entries": tuple(entries)}), {**samples.LIMITS, "max_membership_advantage": 0.1}
        ).of("data", IntervalChart)
        assert [chart.title for chart in charts] == [
            "Data quality: training data",
            "What the model gives away of its training rows",
        ]
        assert [mark.label for mark in charts[0].marks] == [
            "rows with a gap",
            "labels that look wrong",
            "<b>c: missing",
            "a: missing",
        ]
        assert "Failed: missing-values (warning), poisoning-screen." in charts[0].caption
        assert "1190 rows" in charts[0].caption
        assert [(mark.label, mark.judged) for mark in charts[1].marks] == [
            ("advantage", True),
            ("area under the curve", False),
        ]
        assert (charts[1].limit, charts[1].limit_text) == (0.1, "advantage at most 0.10")
        assert all(interval_chart(chart).startswith("<svg") for chart in charts)
        assert "<b>c" not in interval_chart(charts[0])

    def test_a_limit_is_broken_on_the_side_that_it_bounds(self) -> None:
        advantage = {"membership_advantage": mortgage.estimate(0.01, -0.03, 0.05)}
        run = mortgage.run().model_copy(update={"examined": advantage})
        (chart,) = recorded(run, max_membership_advantage=0.1).of("data", IntervalChart)
        assert "<circle" in interval_chart(chart), "below the most that is tolerated"
        (chart,) = recorded(run, max_membership_advantage=0.04).of("data", IntervalChart)
        assert "<circle" not in interval_chart(chart)

    def test_what_two_runs_say_alike_is_drawn_once_under_both(self) -> None:
        once, twice = (
            recorded(mortgage.run()),
            recorded(mortgage.run(), mortgage.run().model_copy(update={"started_at": LATER})),
        )
        assert [chart.title for chart in twice.performance] == [chart.title for chart in once.performance]
        assert {len(chart.records) for chart in twice.performance} == {2}
        assert twice.other == once.other

    def test_what_two_runs_say_otherwise_is_drawn_for_each_and_numbered(self) -> None:
        first = mortgage.run()
        name = next(iter(first.metrics))
        second = first.model_copy(
            update={
                "started_at": LATER,
                "metrics": {**first.metrics, name: mortgage.estimate(0.5, 0.4, 0.6)},
                "latency_ms": {name: mortgage.estimate(99, 98, 100) for name in first.latency_ms},
            }
        )
        charts = recorded(first, second)
        whole = [chart for chart in charts.performance if chart.title.startswith("Measures on the whole split")]
        assert [chart.title[-8:] for chart in whole] == [", 1 of 2", ", 2 of 2"]
        assert [len(chart.records) for chart in whole] == [1, 1]
        labels = [mark.label for mark in charts.other]
        assert labels == [
            "log loss",
            *(f"latency {name} (ms), {nth} of 2" for nth in (1, 2) for name in sorted(first.latency_ms)),
        ]

    def test_drift_of_two_runs_has_a_row_once(self) -> None:
        same, other = mortgage.drift("a", 0.01, 0.02), mortgage.drift("b", 0.01, 0.02)
        (chart,) = recorded(same, other, same.model_copy(update={"alert_raised": True})).drift
        assert [mark.label for mark in chart.marks] == ["a", "b"]
        assert len(chart.records) == 3

    def test_curves_are_drawn_under_the_run_that_kept_them(self) -> None:
        area = {"roc_auc": mortgage.estimate(0.91, 0.9, 0.92)}
        runs = [mortgage.run(), mortgage.run().model_copy(update={"started_at": LATER, "metrics": area})]
        ids = [read_record(mortgage.statement_of(run, "measured")).id for run in runs]
        for of_run, told in zip(ids, (runs[0].metrics["roc_auc"].value, 0.91), strict=True):
            points = read_charts(samples.charts_note(of_run))[1]
            roc = recorded(*runs, points=points).roc
            assert roc is not None
            assert roc.records == (of_run,)
            assert f"{told:.3f}" in roc.caption

    def test_a_label_is_told_whole(self) -> None:
        label = "debt_to_income 0.798082 to 0.878531 and months_in_work >= 30"
        mark = Mark(label=label, value=0.1, low=0.0, high=0.2, n=9)
        chart = IntervalChart(title="t", caption="c", style="bars", marks=(mark,), records=())
        words = [text.text or "" for text in ET.fromstring(interval_chart(chart)) if text.tag.endswith("text")]
        assert label in " ".join(words)
        endless = svg.lines_of("x" * 999, 132)
        assert (len(endless), endless[-1][-1]) == (3, "…")
        assert svg.lines_of("", 132) == [""]
        assert svg.lines_of("lvrat >= 0.878531 and insurance = 0", 132) == ["lvrat >= 0.878531", "and insurance = 0"]

    @settings(max_examples=200, deadline=None)
    @given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 6))
    def test_a_scale_has_two_values_at_least(self, low: float, width: float, wanted: int) -> None:
        assume(low + width > low)
        found = ticks(low, low + width, wanted)
        assert 2 <= len(found) <= 2 * wanted + 2
        assert all(low - width * 1e-6 <= value <= low + width * (1 + 1e-6) for value in found)

    def test_no_word_of_a_drawing_is_a_transparency_group(self, signed: bytes) -> None:
        """PDFium, so Chrome and Edge, cuts the edge off those, and `0.8` reads `.8`."""
        with pikepdf.open(BytesIO(signed)) as document:
            forms = [
                one for one in document.objects if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Form"
            ]
            assert any(b"Tf" in form.read_bytes() for form in forms)
            assert not any("/Group" in form for form in forms)

    def test_how_many_numbers_were_judged_is_told(self) -> None:
        made = samples.sample().snapshot
        run = mortgage.run()
        family = run.test_results["auc"].model_copy(update={"judged": 12, "met": 11})
        told = run.model_copy(update={"judged": {"slices": 3, "periods": 4}, "test_results": {"drift:psi:*": family}})
        record = read_record(mortgage.statement_of(told, "measured"))
        entries = (made.entries[0].model_copy(update={"record": record}),)
        charts = chart_data(made.model_copy(update={"entries": entries}), samples.LIMITS)
        caption = charts.performance[0].caption
        assert "Judged beside each other: 4 periods, 3 slices." in caption
        assert "Test drift:psi:*: 11 of 12 met it." in caption

    def test_an_interval_beyond_the_limit_differs_in_shape_too(self) -> None:
        def chart(low: float) -> str:
            mark = Mark(label="g", value=0.85, low=low, high=0.9, n=9)
            return interval_chart(
                IntervalChart(
                    title="t", caption="c", style="points", marks=(mark,), limit=0.8, limit_text="x", records=()
                )
            )

        assert "<circle" in chart(0.8)
        assert "<circle" not in chart(0.79)

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(st.text(max_size=40), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)),
            max_size=6,
        ),
        st.none() | st.floats(-1e9, 1e9),
        st.sampled_from(["points", "bars"]),
    )
    def test_any_numbers_and_words_give_well_formed_svg(self, rows, limit, style) -> None:  # type: ignore[no-untyped-def]
        from reports.words.wording import clean

        marks = tuple(
            Mark(label=clean(label), value=a, low=min(a, b, c), high=max(a, b, c), n=3) for label, a, b, c in rows
        )
        chart = IntervalChart(title="t", caption="c", style=style, marks=marks, limit=limit, limit_text="l", records=())
        drawing = interval_chart(chart)
        ET.fromstring(drawing)
        assert drawing == interval_chart(chart)
        assert "nan" not in drawing

    def test_lineage_runs_left_to_right_and_survives_a_cycle(self) -> None:
        def graph(*edges: tuple[str, str]) -> LineageChart:
            names = sorted({name for edge in edges for name in edge})
            nodes = tuple(LineageNode(id=n, label=n, kind="dataset", note="") for n in names)
            return LineageChart(nodes=nodes, edges=edges, caption="c", gaps=(), records=())

        def places(drawing: str) -> dict[str, float]:
            # The box's name stands four units right of its left edge.
            return {text.text: float(text.attrib["x"]) for text in ET.fromstring(drawing) if text.tag.endswith("text")}  # type: ignore[misc]

        at = places(lineage_chart(graph(("a", "b"), ("b", "d"), ("a", "d"), ("d", "e"))))
        assert at["a"] < at["b"] < at["d"] < at["e"]
        ET.fromstring(lineage_chart(graph(("a", "b"), ("b", "c"), ("c", "a"))))
        ET.fromstring(lineage_chart(graph()))

    def test_curves_that_are_none_are_refused(self) -> None:
        def with_curves(**changes: Any) -> bytes:
            statement = parse_statement(open_envelope(samples.charts_note(), where="note"), where="note")
            predicate = dict(statement.predicate)
            predicate["charts"] = {**cast(dict[str, Any], predicate["charts"]), **changes}
            return sign_together([], statement.model_copy(update={"predicate": predicate}).payload)

        point = {"false_positive_rate": 0, "true_positive_rate": 1.5}
        with pytest.raises(EvidenceError, match="not between 0 and 1"):
            read_charts(with_curves(roc=[point]))
        with pytest.raises(EvidenceError, match="not chart data"):
            read_charts(with_curves(roc=[[0, 0, 0]]))
        with pytest.raises(EvidenceError, match="not the curves of a run"):
            read_charts(samples.run_note("r1"))
        assert len(read_charts(samples.charts_note())[1].roc) == len(samples.ROC)

    def test_without_curves_or_limits_there_are_no_lines(self) -> None:
        charts = chart_data(
            samples.sample().snapshot, {"min_impact_ratio": "0.8", "max_promotion_drift": True}, ChartPoints()
        )
        assert charts.roc is None
        assert charts.fairness[0].limit is None
        assert charts.drift[0].limit is None


def test_articles_are_in_the_order_of_their_numbers() -> None:
    given_order = ["10(2)(g)", "9(8)", "Annex IV 2", "10(2)(f)", "9(5)", "A.5.4"]
    assert sorted(given_order, key=natural_order) == ["9(5)", "9(8)", "10(2)(f)", "10(2)(g)", "A.5.4", "Annex IV 2"]
