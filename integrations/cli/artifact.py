"""`quaestor artifact`: sign files, and record that their signatures verify."""

from pathlib import Path

import click

from integrations.cli.shared import INPUT, OutputType, say, session, write

KINDS = ("model", "config", "policy", "image", "pretrained-component", "purge-certificate")


@click.group(
    epilog="\b\nExamples:\n  quaestor artifact sign model.onnx --as ruth --output model.sig.json\n"
    "  quaestor artifact verify model.onnx model.sig.json --subject mortgage@2 --kind model"
)
def command() -> None:
    """Sign files, and record that their signatures verify."""


file_argument = click.argument("file", type=INPUT)


@command.command()
@file_argument
@click.option("--as", "actor", metavar="PERSON", required=True, help="Person of the register who signs.")
@click.option(
    "--output",
    "-o",
    type=OutputType(".sig.json", ".sig"),
    required=True,
    help="Signature to write, such as m.sig.json.",
)
@click.pass_context
def sign(ctx: click.Context, file: Path, actor: str, output: Path) -> int:
    """Write a detached signature on FILE."""
    from evidence.trust.artifacts import file_statement

    with session(ctx) as opened:
        signer = opened.person(actor)
        write(opened.sign(file_statement(file, signer.holder, at=opened.now()), signer).data, output)
    say(f"signed {file.name} as {actor}: {output}")
    return 0


@command.command()
@file_argument
@click.argument("signature", type=INPUT)
@click.option("--subject", "subject_text", required=True, help="Model version whose release the file is part of.")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the file is.")
@click.pass_context
def verify(ctx: click.Context, file: Path, signature: Path, subject_text: str, kind: str) -> int:
    """Verify SIGNATURE on FILE and file the result. Exit code 1 where it does not verify."""
    from evidence.trust.artifacts import FileSignature
    from integrations.app.collecting import collect
    from integrations.app.policies import content_digest
    from integrations.app.records import find_subject

    with session(ctx) as opened:
        subject = find_subject(opened.store, subject_text)
        verifier = FileSignature(signature, opened.keyring, subject, kind, opened.now(), content_digest(kind, file))
        (filed,) = collect(opened, verifier, file, system_id=subject.system_id, actor=opened.machine).filed
    content = filed.record.content
    word = "verifies" if content["verified"] else "does NOT verify"
    say(f"{file.name}: the signature by {content['signer']} {word}; record {filed.record.id}")
    return 0 if content["verified"] else 1
