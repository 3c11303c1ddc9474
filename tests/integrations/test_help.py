"""What the command says of itself: help of every verb, and the commands that README and demo print."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from integrations.cli.main import VERBS, main, quaestor
from tests.worlds.workspaces import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every verb and subverb with the words that lead to it."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, (*words, name))


EVERY = list(commands(quaestor, ()))


def shell_lines() -> Iterator[tuple[str, str]]:
    """Each `quaestor …` line of the sh blocks of README and docs, with the file it stands in."""
    for path in DOCUMENTS:
        for block in re.findall(r"^```sh\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S):
            for line in block.replace("\\\n", " ").splitlines():
                for part in line.split("&&"):
                    if part.strip().startswith("quaestor "):
                        yield path.name, part.strip()


def examples() -> Iterator[tuple[str, str]]:
    """Each example of a help text."""
    for words, command in EVERY:
        for line in (command.epilog or command.help or "").replace("\\\n", " ").splitlines():
            if line.startswith("  quaestor "):
                yield " ".join(words) or "quaestor", re.split(r" {3,}(?![ -])| && ", line.strip())[0]


def parse(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse a command line without running it. Raises click.UsageError for a verb or option that there is not."""
    words = shlex.split(line.replace("<", "").replace(">", "").replace("…", "x"), comments=True)[1:]
    command: click.Command = quaestor
    context = click.Context(quaestor, info_name="quaestor")
    while True:
        for parameter in command.params:
            if isinstance(parameter.type, click.Path):  # the files of an example are not there
                monkeypatch.setattr(parameter, "type", click.STRING)
        context = command.make_context(command.name or "quaestor", list(words), parent=context)
        if not isinstance(command, click.Group):
            return
        rest = [*context._protected_args, *context.args]
        name, found, words = command.resolve_command(context, rest)
        assert found is not None, name
        command = found


@pytest.mark.parametrize(("words", "command"), EVERY, ids=[" ".join(words) or "quaestor" for words, _ in EVERY])
def test_help_explains_every_option(
    words: tuple[str, ...], command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Usage: quaestor")
    assert command.help, "says what it does"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in text
            assert parameter.help, f"{parameter.opts[0]} says what it is for"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_examples(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    assert f"quaestor {verb}" in capsys.readouterr().out.split("Examples:")[1]


def test_the_verbs_are_those_of_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(re.search(rf"^  {verb} +\S", text, re.M) for verb in VERBS)
    assert "Exit codes: 0 allowed" in text


@pytest.mark.parametrize(("place", "line"), [*shell_lines(), *examples()])
def test_a_printed_command_exists(place: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parse(line, monkeypatch)


def test_the_readme_shows_commands() -> None:
    assert len(list(shell_lines())) >= 10
