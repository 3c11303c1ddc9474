"""`quaestor evidence`: records in and out of the store."""

from datetime import datetime
from pathlib import Path

import click

from integrations.cli.shared import (
    INPUT,
    INSTANT,
    OutputType,
    as_holder,
    output_option,
    policies_of,
    print_json,
    read_each,
    say,
    session,
    table,
    write,
)


@click.group(
    epilog="\b\nExamples:\n  quaestor evidence add attestation screen.yaml --system mortgage --as omar\n"
    "  quaestor evidence add model-card card.yaml --subject mortgage@2 --as ana\n"
    "  quaestor evidence list --subject mortgage@2\n  quaestor evidence schema fairness-audit"
)
def command() -> None:
    """Add, import, list, show and withdraw evidence records."""


@command.command(name="add")
@click.argument("kind", metavar="TYPE")
@click.argument("file", type=INPUT)
@click.option(
    "--subject",
    "subject_text",
    help="Model version or dataset it is about: SYSTEM@VERSION, SYSTEM@DATASET, digest or file.",
)
@click.option("--system", "system_id", help="System it is about as a whole, or organization.")
@click.option("--dataset", type=INPUT, help="Data file it is about too; its digest is filled in.")
@click.option("--owner", metavar="PERSON", help="Person of the register who answers for what it is about.")
@click.option("--class", "evidence_class", type=click.Choice(["attested", "ingested"]),
              help="Class, where it is not the usual one of the type.")  # fmt: skip
@click.option("--expires", type=INSTANT, help="Until when it may be used; else the type's greatest age.")
@click.option("--replaces", metavar="ID", help="Record that it replaces, where somebody else with the same right "
              "issued that, or you change answers of your own; else what you issued is replaced anyway.")  # fmt: skip
@as_holder
@click.option(
    "--with", "co_signers", multiple=True, metavar="PERSON", help="Who signs beside them; repeat for several."
)
@click.pass_context
def add_(
    ctx: click.Context,
    kind: str,
    file: Path,
    subject_text: str | None,
    system_id: str | None,
    dataset: Path | None,
    owner: str | None,
    evidence_class: str | None,
    expires: datetime | None,
    replaces: str | None,
    actor: str,
    co_signers: tuple[str, ...],
) -> int:
    """Add a record of TYPE whose content FILE (YAML or JSON) holds; of a .jsonl file one a line, all or none."""
    from integrations.app.adding import Told, add
    from integrations.app.admitting import changed_beside, told_otherwise

    each = [Told(*one) for one in read_each(file)]
    with session(ctx) as opened:
        filed = add(
            opened,
            kind,
            each,
            source=file,
            subject=subject_text,
            system_id=system_id,
            dataset=dataset,
            owner=owner,
            evidence_class=evidence_class,
            expires=expires,
            replaces=replaces,
            signers=[actor, *co_signers],
        )
        records = [one.record for one in filed]
        standing, contradicted = changed_beside(opened, records), told_otherwise(opened, records)
    for one in filed:
        say(f"{kind} {one.record.id} at log index {one.receipt.index}")
    for old, fields in standing:
        say(f"  beside it still counts {old}, which answers otherwise: {', '.join(fields)}")
        say(f"  the stricter one binds; two persons replace it: --replaces {old[7:23]} --with PERSON")
    for old, fields in contradicted:
        say(f"  beside it still counts {old}, an earlier account that told otherwise of {', '.join(fields)}")
    if contradicted:
        say("  an account that keeps what each of them told, adds to it or calls it graver stands for them all;")
        say("  a value that was told wrong counts until its account expires")
    return 0


@command.command(name="import")
@click.argument("files", nargs=-1, required=True, type=INPUT)
@click.pass_context
def import_files(ctx: click.Context, files: tuple[Path, ...]) -> int:
    """Import DSSE envelopes that a trusted key signed, in the bytes that came."""
    from integrations.app.importing import import_record

    with session(ctx) as opened:
        for file in files:
            filed = import_record(opened, file.read_bytes(), where=str(file))
            say(f"{filed.record.type} {filed.record.id} at log index {filed.receipt.index}")
    return 0


@command.command(name="list")
@click.option("--subject", "subject_text", help="SYSTEM@VERSION, SYSTEM, digest or file; else every record.")
@click.option("--type", "kind", help="Only records of this evidence type, or of statement:KIND.")
@click.option("--system", "system_id", help="Only records of this system.")
@click.option("--at", type=INSTANT, help="With --subject: as of this instant; else now.")
@click.pass_context
def list_records(
    ctx: click.Context, subject_text: str | None, kind: str | None, system_id: str | None, at: datetime | None
) -> int:
    """List every record, or those that count for a subject and those that do not, with the reason.

    Each record says whether it counts now, and where it was replaced, by which.
    """
    from engine.deciding.decide import admitted
    from evidence.snapshot.take import take_snapshot
    from integrations.app.listing import of_kind, require_kind
    from integrations.app.records import find_subject

    if subject_text is None:
        return _list_all(ctx, kind, system_id)
    with session(ctx) as opened:
        require_kind(opened, kind)
        subject = find_subject(opened.store, subject_text)
        snapshot = take_snapshot(opened.store, subject, at or opened.now())
        counted, turned_away = admitted(opened.bundle, snapshot)
    rows = []
    for entry in sorted(counted, key=lambda e: (e.record.type, e.record.id)):
        envelope = entry.record.envelope.to_json()
        if of_kind(entry.record, kind) and system_id in (None, envelope["system_id"]):
            signer = entry.signature.signer or entry.signature.state
            rows.append(
                (entry.record.type, envelope["evidence_class"], signer, envelope["expires_at"], entry.record.id[:19])
            )
    table(rows, ("type", "class", "signed by", "expires", "id"))
    for item in snapshot.excluded:
        if kind in (None, item.type):
            say(f"does not count: {item.type} {item.id[:19]}: {item.reason}: {item.detail}")
    for entry, why in turned_away:
        if of_kind(entry.record, kind):
            say(f"does not count: {entry.record.type} {entry.record.id[:19]}: {why.reason}: {why.detail}")
    return 0


def _list_all(ctx: click.Context, kind: str | None, system_id: str | None) -> int:
    from integrations.app.listing import excluded_of, records
    from integrations.app.records import find_subject

    rows = []
    with session(ctx) as opened:
        if system_id is not None:
            find_subject(opened.store, system_id)
        out: dict[str, dict[str, str]] = {}
        for record in records(opened, kind=kind, system_id=system_id):
            envelope = record.envelope.to_json()
            system = envelope["system_id"]
            if system not in out:
                out[system] = excluded_of(opened, system, opened.now())
            stands = out[system].get(record.id, "counts")
            rows.append((record.type, system, envelope["issuer"], envelope["collected_at"], record.id[:19], stands))
    table(rows, ("type", "system", "by", "collected", "id", "now"))
    return 0


@command.command()
@click.argument("record_id")
@click.option("--envelope", is_flag=True, help="The signed DSSE envelope, in the bytes that came.")
@output_option
@click.pass_context
def show(ctx: click.Context, record_id: str, envelope: bool, output: Path | None) -> int:
    """Show a record."""
    from evidence.model.canonical import parse_json
    from evidence.trust.envelopes import open_envelope
    from integrations.app.records import resolve_id

    with session(ctx) as opened:
        stored = opened.store.get(resolve_id(opened.store, record_id))
    if envelope:
        write(stored.envelope, output)
    else:
        print_json(parse_json(open_envelope(stored.envelope, where=stored.id), where=stored.id))
    return 0


@command.command()
@click.argument("record_id")
@click.option("--reason", required=True, help="Why it must no longer count.")
@click.option("--as", "actor", metavar="PERSON", required=True, help="Who issued it, and signs.")
@click.option("--with", "second", metavar="PERSON", required=True, help="Second person, who neither trained nor built.")
@click.pass_context
def withdraw(ctx: click.Context, record_id: str, reason: str, actor: str, second: str) -> int:
    """Withdraw a record, two persons signing. It stays in the log; every later decision lists the withdrawal.

    What was measured, a rejection or an incident is never withdrawn, only answered by a later record.
    """
    from integrations.app.records import resolve_id
    from integrations.app.withdrawing import withdraw as withdraw_record

    with session(ctx) as opened:
        full = resolve_id(opened.store, record_id)
        receipt = withdraw_record(opened, full, reason=reason, actor=opened.person(actor), second=opened.person(second))
    say(f"withdrawn {full} at log index {receipt.index}")
    return 0


@command.command()
@click.argument("kind", metavar="TYPE", required=False)
@click.pass_context
def schema(ctx: click.Context, kind: str | None) -> int:
    """Print the JSON Schema of an evidence type, or list them: Quaestor's, and your own of the workspace's policies."""
    from evidence.model.errors import QuaestorError
    from evidence.model.own import is_own
    from evidence.model.predicates import PREDICATES
    from evidence.model.schemas import published_schemas

    schemas = published_schemas()
    if kind not in PREDICATES:
        schemas |= {name: own for name, own in policies_of(ctx).schemas.items() if is_own(name)}
    if kind is None:
        rows = [(n, ", ".join(s["x-classes"]), s["x-max-age"], s.get("description", "")) for n, s in schemas.items()]
        table(rows, ("type", "classes", "max age", "meaning"))
        return 0
    if kind not in schemas:
        raise QuaestorError(f"unknown evidence type `{kind}`", hint="list them with `quaestor evidence schema`")
    print_json(schemas[kind])
    return 0


@command.command()
@click.argument("kind", metavar="TYPE")
@click.option("--output", "-o", type=OutputType(), help="File to write, a new one; else standard output.")
@click.pass_context
def template(ctx: click.Context, kind: str, output: Path | None) -> int:
    """Write a skeleton of a record of TYPE, or of `statement:KIND`, for `evidence add`: fields, types, who signs."""
    from integrations.app.modelines import evidence_name, schema_line
    from integrations.app.skeletons import record_template

    line = schema_line(output, evidence_name(kind)) if output is not None else ""
    write(line + record_template(policies_of(ctx), kind), output)
    return 0
