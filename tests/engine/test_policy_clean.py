"""A check that passes over what was clean tells what a check of everything tells."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.backends import cache as cache_module
from engine.backends import parsing
from engine.backends.cache import PrivateCache
from engine.backends.syntax import Parser
from engine.bundle.clean import Clean, content_key
from engine.bundle.files import read_folder
from engine.bundle.load import load_bundle
from engine.errors import PolicyErrors
from engine.proofs.linting import lint
from engine.rego.lint import look_through
from tests.worlds.policies import POLICIES

KEPT = ("FAIR-01", "FAIR-02", "INT-07", "PERF-01")
FAIR = "controls/fairness/FAIR-01"
Files = dict[str, str]
Edit = Callable[[Files], object]


def policies() -> Files:
    """The shipped policies with a handful of controls."""
    return {
        path: content.decode()
        for path, content in read_folder(POLICIES).items()
        if not path.startswith("controls/") or any(f"/{name}" in path for name in KEPT)
    }


def laid_out(files: Files, folder: Path) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def encoded(files: Files) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def put(path: str, old: str, new: str) -> Edit:
    def edit(files: Files) -> None:
        assert old in files[path], old
        files[path] = files[path].replace(old, new, 1)

    return edit


def append(path: str, text: str) -> Edit:
    return lambda files: files.update({path: files[path] + text})


def copied(path: str, to: str) -> Edit:
    return lambda files: files.update({to: files[path]})


EDITS: dict[str, Edit] = {
    "nothing": lambda files: None,
    "a control that reads a field that is not": append(f"{FAIR}.rego", "\nodd if audits[0].predicate.nope\n"),
    "a control that does not parse": append(f"{FAIR}.rego", "\nodd if {\n"),
    "a control that calls a library wrongly": append(f"{FAIR}.rego", '\nodd if data.lib.numbers.micro("x") > 1\n'),
    "a control whose METADATA is mistaken": put(f"{FAIR}.rego", "severity: ", "severity: very-"),
    "a control that calls a function of another": append(
        f"{FAIR}.rego", "\nodd if data.controls.fairness.FAIR_02.signed(audits[0])\n"
    ),
    "a control with a name that it does not use": append(f"{FAIR}.rego", "\nodd if some unused in audits\n"),
    "a control twice": copied(f"{FAIR}.rego", "controls/fairness/FAIR-03.rego"),
    "no such control": lambda files: [files.pop(path) for path in (f"{FAIR}.rego", f"{FAIR}_cases.yaml")],
    "cases without their control": lambda files: files.pop(f"{FAIR}.rego"),
    "cases with an unknown field": put(f"{FAIR}_cases.yaml", "cases:", "casses: 1\ncases:"),
    "cases that name a gate that is not": put(f"{FAIR}_cases.yaml", "gate: ", "gate: un"),
    "a library that is mistaken": append("lib/numbers.rego", "\nodd if input.nope\n"),
    "a library that reads the clock": append("lib/numbers.rego", "\nodd := time.now_ns()\n"),
    "a library with a warning of its package": put("lib/numbers.rego", "package lib", "package controls"),
    "a parameter of another name": put("parameters/parameters.yaml", "min_group_size:", "min_group_sise:"),
    "a schema without its field": put("schemas/fairness-audit.json", '"unknown_count"', '"unknown_counts"'),
    "Cedar that asks for a role of nobody": put("access/access.cedar", '"ml-engineer"', '"ml-enginer"'),
    "Cedar that says nothing": append("access/access.cedar", "\npremit(principal, action, resource);\n"),
}
QUICK = {
    "nothing",
    "a control that reads a field that is not",
    "a library that is mistaken",
    "a parameter of another name",
    "a schema without its field",
    "Cedar that says nothing",
}
"""One of each kind of file."""


def told(folder: Path, cache: Path | None = None) -> list[tuple[str, str | None, bool]]:
    return [(str(error), error.hint, error.warning) for error in lint(folder, cache=cache)]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that knows the policies to be clean, and them beside it."""
    folder = tmp_path_factory.mktemp("known")
    assert told(laid_out(policies(), folder / "policies"), folder / "cache") == []
    assert list((folder / "cache").glob("clean-*"))
    return folder


@pytest.fixture
def cache(known: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(known / "cache", tmp_path / "cache"))


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in EDITS]
)
def test_tells_what_a_check_of_everything_tells(name: str, known: Path, cache: Path, tmp_path: Path) -> None:
    files = policies()
    EDITS[name](files)
    folder = laid_out(files, tmp_path / "after")
    plainly = told(folder)
    assert (plainly == []) == (name in ("nothing", "no such control"))
    assert told(folder, cache) == plainly
    assert told(folder, cache) == plainly, "what was mistaken is told again"
    assert told(known / "policies", cache) == []


def test_a_library_that_is_right_for_its_callers_alone(tmp_path: Path) -> None:
    """Where the last of them goes, it is told; who calls it is not kept."""
    files, cache = policies(), tmp_path / "cache"
    files["lib/odd.rego"] = "package lib.odd\n\nof(kind) := input.evidence[kind]\n"
    calling = {**files, f"{FAIR}.rego": files[f"{FAIR}.rego"] + '\nodd if data.lib.odd.of("fairness-audit")\n'}
    assert [said[0] for said in told(laid_out(calling, tmp_path / "calling"), cache) if not said[2]] == []
    files[f"{FAIR}.rego"] += "\n"
    folder = laid_out(files, tmp_path / "after")
    assert "cannot tell which evidence type is read" in told(folder)[0][0]
    assert told(folder, cache) == told(folder)


@pytest.mark.parametrize("name", ["nothing", "no such control"])
def test_a_bundle_holds_the_same_facts(name: str, cache: Path, tmp_path: Path) -> None:
    files = policies()
    EDITS[name](files)
    files[f"{FAIR[:-1]}2.rego"] += "# said again\n"
    folder = laid_out(files, tmp_path / "after")
    assert load_bundle(folder, cache) == load_bundle(folder)


def test_a_mistaken_control_is_refused_beside_clean_ones(cache: Path, tmp_path: Path) -> None:
    files = policies()
    EDITS["a control that reads a field that is not"](files)
    with pytest.raises(PolicyErrors, match="nope"):
        load_bundle(laid_out(files, tmp_path / "after"), cache)


@pytest.mark.parametrize("mode", [0o700, 0o777])
def test_an_entry_is_believed_where_its_owner_alone_can_have_written_it(cache: Path, tmp_path: Path, mode: int) -> None:
    files = policies()
    right = content_key(encoded(files), f"{FAIR}.rego")
    EDITS["a control that reads a field that is not"](files)
    wrong = content_key(encoded(files), f"{FAIR}.rego")
    (entry,) = cache.glob("clean-*")
    store = PrivateCache(cache)
    store.save(entry.name, (store.load(entry.name) or b"").replace(right.encode(), wrong.encode()))
    cache.chmod(mode)
    assert (told(laid_out(files, tmp_path / "after"), cache) == []) == (mode == 0o700)


class TestRoom:
    def test_what_was_not_used_for_longest_goes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache_module, "LARGEST", 10_000)
        store = PrivateCache(tmp_path / "cache")
        for number in range(9):
            store.save(f"entry-{number}", bytes(1000))
            os.utime(store.folder / f"entry-{number}", (number, number))
        assert store.load("entry-0") is not None, "what is used counts as new"
        store.save("entry-9", bytes(1000))
        assert store.names("entry-") == ["entry-0", "entry-7", "entry-8", "entry-9"]

    def test_an_entry_larger_than_the_cache_stays_until_the_next(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cache_module, "LARGEST", 100)
        store = PrivateCache(tmp_path / "cache")
        store.save("large", bytes(1000))
        assert store.load("large") is not None


def test_where_the_parser_gave_no_answer_nothing_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the controls it was compiling all were looked at but this way, and each would count as clean."""
    files = policies()
    claims = "\tcount(audits) > 0\n\tcount(runs) > 0\n"
    put("controls/fairness/FAIR-02.rego", claims, claims + "\t[first, first] := [1, 2]\n\tfirst <= 2\n")(files)
    folder, kept = laid_out(files, tmp_path / "policies"), tmp_path / "cache"
    begin, crashes = Parser.begin, ["it crashed"]

    def lost(parser: Parser, question: dict[str, Any]) -> Callable[[], Any]:
        if "groups" not in question or not crashes:
            return begin(parser, question)
        parser.close()
        return crashes.pop

    with monkeypatch.context() as patch:
        patch.setattr(Parser, "begin", lost)
        with pytest.raises(PolicyErrors) as first:
            load_bundle(folder, kept)
    assert [error.problem for error in first.value.errors] == ["the policies could not be parsed: it crashed"]
    with pytest.raises(PolicyErrors, match="`first` used before definition"):
        load_bundle(folder, kept)
    with pytest.raises(PolicyErrors, match="`first` used before definition"):
        load_bundle(folder, kept)


def every(question: dict[str, Any]) -> dict[str, Any]:
    return question


def unformed(question: dict[str, Any]) -> dict[str, Any]:
    """The forms of rules are told by the parent."""
    return {**question, "formed": False} if "formed" in question else question


MANY = (
    "a control that reads a field that is not",
    "a control that calls a library wrongly",
    "a control with a name that it does not use",
)


@pytest.mark.slow
@pytest.mark.parametrize("ask", [every, unformed])
@pytest.mark.parametrize("part", [1, 1 << 30])
@pytest.mark.parametrize("edits", [(), MANY, (*MANY, "a control that does not parse"), ("a library that is mistaken",)])
def test_tells_the_same_however_the_work_is_shared_with_the_child(
    edits: tuple[str, ...], part: int, ask: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = policies()
    for name in edits:
        EDITS[name](files)
    whole = look_through(encoded(files))
    begin = Parser.begin
    monkeypatch.setattr(parsing, "_PART", part)
    monkeypatch.setattr(Parser, "begin", lambda parser, question: begin(parser, ask(question)))
    look = look_through(encoded(files))
    assert bool(look.mistakes) == bool(edits)
    assert look.inspection == whole.inspection
    for told, before in ((look.mistakes, whole.mistakes), (look.untidy, whole.untidy)):
        assert [(str(error), error.hint) for error in told] == [(str(error), error.hint) for error in before]


@pytest.mark.slow
def test_a_child_that_dies_is_a_refusal_whatever_it_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, store = laid_out(policies(), tmp_path / "policies"), PrivateCache(tmp_path / "cache")
    monkeypatch.setattr(parsing, "_PART", 40_000)
    begin, asked = Parser.begin, iter(range(0))

    def killed(parser: Parser, question: dict[str, Any]) -> Callable[[], Any]:
        answer = begin(parser, question)
        if next(asked) == 0:
            assert parser._child is not None
            parser._child._process.kill()
        return answer

    monkeypatch.setattr(Parser, "begin", killed)
    asked = iter(range(1, 1000))
    load_bundle(folder)
    questions = next(asked) - 1
    assert questions > 3
    for number in range(questions):
        asked = iter(range(-number, 1000))
        with pytest.raises(PolicyErrors) as refused:
            load_bundle(folder, store.folder)
        said = [error.problem.partition(":")[0] for error in refused.value.errors]
        assert said == ["the policies could not be parsed"]
        assert {store.load(name) for name in store.names("")} == {Clean().model_dump_json().encode()}
