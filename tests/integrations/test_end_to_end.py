"""The whole path once, so that a green `make test` tells of it: measured live, decided, replayed, reported, checked."""

from pathlib import Path

from tests.integrations.doors import Doors


def test_what_was_measured_is_decided_reported_and_verified(lab: Doors, tmp_path: Path) -> None:
    (line,) = [line for line in lab("gate", "list").out.splitlines() if "mortgage@2" in line]
    assert "allow" in line.split()
    decision = line.split()[-1]
    assert lab("replay", decision).code == 0
    pack = tmp_path / "pack.pdf"
    made = lab("report", decision, "--output", pack)
    assert made.code == 0, made.text
    said = lab("verify", pack, "--trust", lab.folder / ".quaestor/keys/report-certificate.pem")
    assert said.code == 0, said.text
    lines = [line for line in said.out.split("\n\n")[0].splitlines() if not line.startswith(" ")]
    checks = {line.split(":")[0].split()[-1]: line.split()[0] for line in lines}
    assert checks.pop("policies") == "-", "whoever verifies judges the demo's own thresholds"
    assert set(checks.values()) == {"ok"}, said.out
    assert {"signature", "evidence", "complete", "taken", "replay", "pages"} <= set(checks)
