"""The printed pages of a report say what its attached files say: what is painted over, added or left out is found."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from evidence.model.canonical import canonical_bytes
from evidence.model.errors import EvidenceError
from evidence.model.notes import new_note
from reports.charts.points import read_charts
from reports.documents.attachments import MANIFEST, AttachedFile, Materials, attached_files, made_with, wording_of
from reports.documents.report import pack_of
from reports.pdf.signature import certificate_fingerprint, sign_pdf
from reports.renderers.html import render_html
from reports.renderers.pdf import FONT_SCHEME, html_to_pdf, render_pdf
from reports.verify.checks import FailedCheck
from reports.verify.extract import extract_attachments
from reports.verify.pages import compare, letters, pages, printed
from reports.verify.replay import replay
from reports.verify.verify import CheckState, VerificationReport, verify_pdf
from reports.words.wording import EDITION, EDITIONS
from tests.worlds import mortgage, samples
from tests.worlds.people import key_of

pytestmark = pytest.mark.slow


def page_of(materials: Materials) -> str:
    """The HTML of the report of these materials, under the sample's certificate."""
    fingerprint = certificate_fingerprint(samples.certificate()[1])
    pack = pack_of(
        materials,
        frameworks=samples.FRAMEWORKS,
        controls=samples.CONTROLS,
        limits=samples.LIMITS,
        certificate=fingerprint,
    )
    return render_html(pack, font_url=lambda name: FONT_SCHEME + name)


def set_as(page: str, materials: Materials) -> bytes:
    """An unsigned report that prints `page`, with the files of `materials`."""
    return html_to_pdf(page, attached_files(materials), mortgage.INSTANT)


def signed(pdf: bytes) -> bytes:
    key, certificate = samples.certificate()
    return sign_pdf(pdf, key, certificate, signing_time=mortgage.INSTANT)


def checked(pdf: bytes) -> VerificationReport:
    return verify_pdf(pdf, trust=[samples.certificate()[1]], replay=replay, pages=pages)


def failures(pdf: bytes) -> dict[str, str]:
    return {check.name: check.detail for check in checked(pdf).checks if check.state is CheckState.FAILED}


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return set_as(page_of(samples.materials()), samples.materials())


def edited(pdf: bytes, edit: Callable[[pikepdf.Pdf], Any]) -> bytes:
    """The report with its pages edited by a holder of the key, and signed."""
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        edit(document)
        document.save(out)
    return signed(out.getvalue())


def draw(document: pikepdf.Pdf, page: int, content: bytes) -> None:
    document.pages[page].contents_add(pikepdf.Stream(document, content))


class TestWords:
    def test_of_a_good_report_are_those_of_its_files(self, unsigned: bytes) -> None:
        report = checked(signed(unsigned))
        assert {check.state for check in report.checks} == {CheckState.OK}
        (told,) = [check.detail for check in report.checks if check.name == "pages"]
        assert told == "12 pages: their words are those that the attached files give"

    @pytest.mark.parametrize("height", [162, 210])
    def test_stand_in_their_order_wherever_a_page_ends(self, height: int) -> None:
        page = page_of(samples.materials()).replace("size: A4", f"size: 210mm {height}mm")
        assert failures(signed(set_as(page, samples.materials()))) == {}

    def test_allowed_over_a_denial(self) -> None:
        page = page_of(samples.materials())
        assert "<h1>Denied at gate validation</h1>" in page
        forged = page.replace("<h1>Denied at gate validation</h1>", "<h1>Allowed at gate validation</h1>")
        said = failures(signed(set_as(forged, samples.materials())))
        assert set(said) == {"pages"}
        assert "page 1 says `quaestorauditreportallowedatgate" in said["pages"]

    def test_other_words_of_another_version_are_told_to_be_that(self, monkeypatch: pytest.MonkeyPatch) -> None:
        page = page_of(samples.materials()).replace("How to verify", "How to check")
        assert "another version" not in failures(signed(set_as(page, samples.materials())))["pages"]
        monkeypatch.setattr("reports.documents.attachments.VERSION", "0.0.9")
        monkeypatch.setitem(EDITIONS, "0.0.9", EDITION)
        said = failures(signed(set_as(page, samples.materials())))["pages"]
        assert said.endswith("; Quaestor 0.0.9 made this report, whose words may be others: verify it with that")

    def test_of_a_version_that_is_not_known_are_not_compared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("reports.documents.attachments.VERSION", "9.0.0")
        monkeypatch.setitem(EDITIONS, "9.0.0", EDITION)
        report = signed(set_as(page_of(samples.materials()), samples.materials()))
        assert failures(report) == {}
        monkeypatch.delitem(EDITIONS, "9.0.0")
        said = failures(report)
        assert set(said) == {"pages"}
        assert "the words of Quaestor `9.0.0` are not known here" in said["pages"]
        assert said["pages"].endswith(
            "; Quaestor 9.0.0 made this report, whose words may be others: verify it with that"
        )

    @pytest.mark.parametrize("version", [2, ["0.1.0"], {}])
    def test_of_a_maker_that_is_no_version_are_not_compared(self, version: object) -> None:
        with pytest.raises(EvidenceError, match="does not say which version"):
            made_with(canonical_bytes({"made_with": version}))

    def test_a_report_that_names_no_version_is_in_the_first_edition(self) -> None:
        file = AttachedFile(MANIFEST, b'{"files":[]}', "Supplement", "")
        assert wording_of([file]) == 1
        assert wording_of([]) == EDITION

    def test_a_page_taken_out(self, unsigned: bytes) -> None:
        def edit(document: pikepdf.Pdf) -> None:
            del document.pages[2]

        assert "pages" in failures(edited(unsigned, edit))

    def test_pages_in_another_order(self, unsigned: bytes) -> None:
        def edit(document: pikepdf.Pdf) -> None:
            first, second = document.pages[2].obj["/Contents"], document.pages[3].obj["/Contents"]
            document.pages[2].obj["/Contents"], document.pages[3].obj["/Contents"] = second, first

        assert "pages" in failures(edited(unsigned, edit))

    @pytest.mark.parametrize("mode", [0, 3], ids=["seen", "unseen"])
    def test_words_added_to_a_page(self, unsigned: bytes, mode: int) -> None:
        def edit(document: pikepdf.Pdf) -> None:
            page = document.pages[0]
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            page.obj["/Resources"]["/Font"]["/Fx"] = font
            draw(document, 0, b"BT %d Tr /Fx 20 Tf 100 500 Td (Allowed after all) Tj ET" % mode)

        said = failures(edited(unsigned, edit))["pages"]
        assert "not to be seen" in said if mode else "allowedafterall" in said or "margins of page 1" in said

    def test_an_image_over_a_page(self, unsigned: bytes) -> None:
        def edit(document: pikepdf.Pdf) -> None:
            picture = pikepdf.Stream(document, b"\xff" * 3)
            picture.update(
                {
                    "/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 1, "/Height": 1,
                    "/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8,
                }
            )  # fmt: skip
            resources = document.pages[0].obj["/Resources"]
            resources["/XObject"] = resources.get("/XObject", pikepdf.Dictionary())
            resources["/XObject"]["/Picture"] = document.make_indirect(picture)
            draw(document, 0, b"q 500 0 0 700 40 40 cm /Picture Do Q")

        assert "page 1 holds an image" in failures(edited(unsigned, edit))["pages"]

    def test_of_another_decision_with_the_same_outcome(self, unsigned: bytes) -> None:
        """Pages of this report around the files of another: one sentence of what they tell differs."""
        fingerprint = certificate_fingerprint(samples.certificate()[1])
        pack = pack_of(
            samples.materials(),
            frameworks=samples.FRAMEWORKS,
            controls=samples.CONTROLS,
            limits=samples.LIMITS,
            certificate=fingerprint,
        )
        compare(unsigned, pack)
        told = pack.decision.model_copy(update={"verdict_meaning": "No control failed."})
        with pytest.raises(FailedCheck, match="where the attached files give"):
            compare(unsigned, pack.model_copy(update={"decision": told}))

    def test_words_of_many_scripts_and_signs_are_read_as_they_were_set(self) -> None:
        odd = "Модель Ω «x» 日本語 שלום 12 عربي ﬁnal–“q” … é² ½ 10.5.2. state-of-the-art-words-that-go-on 😀 "
        odd += "Straße e\u0301 soft\u00adly 7."
        pack = pack_of(
            samples.materials(), frameworks=samples.FRAMEWORKS, controls=samples.CONTROLS, limits=samples.LIMITS
        )
        failing = tuple(
            item.model_copy(update={"title": odd, "remediation": f"{odd} " * 8}) for item in pack.decision.failing
        )
        told = {"name": odd, "verdict_meaning": f"{odd} " * 6, "system": odd, "failing": failing}
        pack = pack.model_copy(update={"decision": pack.decision.model_copy(update=told)})
        assert "their words are those" in compare(render_pdf(pack), pack)

    def test_what_setting_a_text_leaves_as_it_is(self) -> None:
        assert letters("Über\u00ad  ﬁne\n– Größe") == letters("ÜBER fine – GRÖSSE")
        assert letters("Words . . . . . . . . . . . . 12") == "words"
        assert letters("a\ufffeb") == "a-b"
        assert letters("Allowed") != letters("Denied")
        assert letters("Ａｌｌｏｗｅｄ") == "allowed", "letters of another width are letters"

    def test_pages_are_read_in_order(self, unsigned: bytes) -> None:
        assert "Denied at gate validation" in next(iter(printed(unsigned)))


class TestWhatLiesOverAPage:
    @pytest.mark.parametrize(
        "annotation",
        [
            {"/Subtype": "/FreeText", "/Rect": [0, 0, 500, 700], "/Contents": "Allowed"},
            {"/Subtype": "/Stamp", "/Rect": [0, 0, 500, 700]},
            {"/Subtype": "/Widget", "/FT": "/Tx", "/Rect": [0, 0, 500, 700]},
            {"/Subtype": "/Link", "/Rect": [0, 0, 500, 700], "/AP": {}},
        ],
        ids=["text", "stamp", "field", "drawn-link"],
    )
    def test_is_refused(self, unsigned: bytes, annotation: dict[str, Any]) -> None:
        def edit(document: pikepdf.Pdf) -> None:
            made = pikepdf.Dictionary({"/Type": pikepdf.Name.Annot, **{k: named(v) for k, v in annotation.items()}})
            page = document.pages[0].obj
            page["/Annots"] = pikepdf.Array([*page.get("/Annots", []), document.make_indirect(made)])

        assert "laid over a page" in failures(edited(unsigned, edit))["attachments"]

    @pytest.mark.parametrize("entry", ["/OpenAction", "/OCProperties", "/AA"])
    def test_no_report_opens_with_an_action_or_hides_layers(self, unsigned: bytes, entry: str) -> None:
        def edit(document: pikepdf.Pdf) -> None:
            document.Root[entry] = pikepdf.Dictionary()

        assert "a report does not" in failures(edited(unsigned, edit))["attachments"]

    @pytest.mark.parametrize("action", ["/URI", "/GoToR", "/Named", "/SubmitForm", "/Hide"])
    def test_no_link_leads_out_of_the_report(self, unsigned: bytes, action: str) -> None:
        def edit(document: pikepdf.Pdf) -> None:
            document.pages[0].obj["/Extra"] = pikepdf.Dictionary(S=pikepdf.Name(action))

        out = edited(unsigned, edit)
        with pytest.raises(EvidenceError, match="no scripts and actions"):
            extract_attachments(out)


def named(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("/"):
        return pikepdf.Name(value)
    if isinstance(value, dict):
        return pikepdf.Dictionary({key: named(item) for key, item in value.items()})
    return value


class TestCurves:
    """`charts.json` is the note of a run that counts, as the ledger has it."""

    def small(self, charts: bytes | None) -> dict[str, str]:
        materials = replace(samples.materials(), charts=charts)
        files: tuple[AttachedFile, ...] = attached_files(materials)
        pdf = html_to_pdf("<html lang=en><title>t</title><p>pages</p></html>", files, mortgage.INSTANT)
        report = verify_pdf(signed(pdf), replay=replay)
        return {check.name: check.detail for check in report.checks if check.state is CheckState.FAILED}

    def test_of_the_run_are_right(self) -> None:
        assert "charts" not in self.small(samples.charts_note())
        assert "charts" not in self.small(None)

    def test_that_flatter_are_no_entry_of_the_ledger(self) -> None:
        content = read_charts(samples.charts_note())[0]
        better = dict(content.charts) | {"roc": [{"false_positive_rate": 0, "true_positive_rate": 1}] * 2}
        forged = new_note(content.model_copy(update={"charts": better}), {"subject": mortgage.MODEL})
        assert "no entry of the ledger" in self.small(key_of("quaestor").sign(forged.payload))["charts"]

    def test_of_another_run_or_another_signer(self) -> None:
        other = samples.charts_note(run=mortgage.OTHER)
        content = read_charts(samples.charts_note())[0].model_copy(update={"notes": ("by hand",)})
        by_person = key_of("anna").sign(new_note(content, {"subject": mortgage.MODEL}).payload)
        materials = samples.materials_of([other, by_person])
        for charts, problem in ((other, "no validation-run that counts"), (by_person, "no machine's key")):
            files = attached_files(replace(materials, charts=charts))
            pdf = html_to_pdf("<html lang=en><title>t</title><p>pages</p></html>", files, mortgage.INSTANT)
            report = verify_pdf(signed(pdf), replay=replay)
            (said,) = [check.detail for check in report.checks if check.name == "charts"]
            assert problem in said

    def test_that_are_no_note(self) -> None:
        assert "charts" in self.small(b'{"roc":[]}')
