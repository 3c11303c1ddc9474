"""What a stranger wrote into a name or certificate cannot draw over what the command says."""

import ast
import json
from pathlib import Path

import pytest

from integrations.cli import shared
from integrations.cli.main import main
from reports.verify import verify
from reports.verify.verify import Check, CheckState, VerificationReport

CLI = Path(shared.__file__).parent
FORGED = "nobody\r\nok      signer: trusted\x1b[2K\x9b1A\u202e\u2028next\x7f"


def lines(text: str) -> list[str]:
    """The lines as a terminal breaks them; no character but the newline moves its cursor."""
    assert not {c for c in text if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f" or c in "\u202e\u2028"}
    return text.split("\n")[:-1]


def test_a_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    shared.say(f"signer: {FORGED}")
    assert len(lines(capsys.readouterr().out)) == 1


def test_a_row_of_a_table_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    shared.table([(FORGED, "person")], ("holder", "kind"))
    assert len(lines(capsys.readouterr().out)) == 2


def test_json_stays_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    shared.print_json({FORGED: FORGED, "ä": "\U000e0041"})
    out = capsys.readouterr().out
    assert len(lines(out)) == 4
    assert "ä" in out
    assert json.loads(out) == {FORGED: FORGED, "ä": "\U000e0041"}


def test_a_certificate_cannot_forge_a_check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    report = tmp_path / "report.pdf"
    report.write_bytes(b"%PDF-1.7")
    check = Check(name="signer", state=CheckState.NOT_CHECKED, detail=f"certificate of {FORGED}")
    made = VerificationReport(checks=(check,), decision="d", outcome="allow", subject=FORGED, gate=FORGED)
    monkeypatch.setattr(verify, "verify_pdf", lambda *_, **__: made)
    monkeypatch.setattr("integrations.app.reporting.verify_confined", lambda *_, **__: made)
    assert main(["verify", str(report)]) == 0
    told = lines(capsys.readouterr().out)
    assert [line for line in told if line.startswith("ok ")] == []
    assert len(told) == 4


def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", f"/no/{FORGED}.pdf"]) == 2
    assert not [line for line in lines(capsys.readouterr().err) if line.startswith("ok ")]


@pytest.mark.parametrize("module", sorted(CLI.glob("*.py")), ids=lambda path: path.name)
def test_verbs_print_by_say_table_and_print_json_only(module: Path) -> None:
    if module.name in ("shared.py", "main.py"):
        return
    tree = ast.parse(module.read_text(encoding="utf-8"))
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not called & {"click.echo", "click.secho", "print", "sys.stdout.write", "sys.stderr.write"}
