"""The pack of one version, where what said who made another version was erased: after the decision, before it, and
before it by a release that did not list it yet.
"""

import shutil
from pathlib import Path

import pytest

from evidence.snapshot import take
from evidence.store import records
from tests.integrations.doors import Answer, Doors, on_file
from tests.integrations.test_erasure_descendants import lending
from tests.worlds.once import once, run_folder
from tests.worlds.workspaces import quietly

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    def make(folder: Path) -> None:
        with quietly():
            lending(folder / "lender")

    lent = once(run_folder(tmp_path_factory) / "lending", make) / "lender"
    return Doors(Path(shutil.copytree(lent, tmp_path / "shop")), capsys)


def erase(shop: Doors) -> str:
    """Erase what says who trained version 1."""
    name = on_file(shop, "training-run", "mortgage@1")[-1].id
    answer = shop("retention", "erase", name, "--reason", "the consent was withdrawn", "--as", "theo")
    assert answer.code == 0, answer.text
    return name


def decide(shop: Doors) -> str:
    assert shop("gate", "decide", "validation", "mortgage@2").code in (1, 3)
    return shop("gate", "list").out.splitlines()[-1].split()[-1]


def report(shop: Doors, decision: str) -> Path:
    path = shop.folder / f"{decision[-8:]}.pdf"
    path.unlink(missing_ok=True)
    answer = shop("report", decision, "-o", path)
    assert answer.code == 0, answer.text
    return path


def verify(shop: Doors, pack: Path) -> Answer:
    return shop("verify", pack, "--trust", shop.folder / ".quaestor/keys/report-certificate.pem")


def test_an_erasure_after_the_decision_takes_nothing_from_a_pack_of_before_or_after_it(shop: Doors) -> None:
    decision = decide(shop)
    early = report(shop, decision).rename(shop.folder / "early.pdf")
    gone = erase(shop)
    assert verify(shop, early).code == 0
    late = verify(shop, report(shop, decision))
    assert late.code == 0, late.out
    assert f"not checked, since they were erased later: {gone}" in late.out


def test_a_release_that_did_not_list_it_is_believed_where_its_erasure_names_nobody(
    shop: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(records, "_told", lambda *_: {})
        earlier.setattr(take, "forgotten_makers", lambda *_: {})
        gone = erase(shop)
        pack = report(shop, decide(shop))
    answer = verify(shop, pack)
    assert answer.code == 0, answer.out
    assert f"erased of other versions, and not listed by the release that took it: {gone}" in answer.out


def test_a_release_that_lists_it_cannot_leave_it_out(shop: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = erase(shop)
    with monkeypatch.context() as tampered:
        tampered.setattr(take, "forgotten_makers", lambda *_: {})
        pack = report(shop, decide(shop))
    answer = verify(shop, pack)
    assert answer.code == 1
    assert f"record {gone} is erased, and not as the snapshot says (none of the subject's)" in answer.out
