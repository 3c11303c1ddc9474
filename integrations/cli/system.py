"""`quaestor system`: systems and model versions in the inventory, and their risk tier."""

from datetime import datetime
from pathlib import Path

import click

from integrations.cli.shared import INPUT, INSTANT, print_json, read_values, say, session, table


@click.group(
    epilog="\b\nExamples:\n"
    "  quaestor system register mortgage --model model.onnx --entry entry.yaml --owner mara --as eli\n"
    "  quaestor system classify mortgage --declared high-annex-iii --review 2027-06-01 --facts facts.yaml --as omar\n"
    "  quaestor system tier mortgage\n"
    "  quaestor system promote mortgage@2 --stage staging --as ruth\n"
    "  quaestor system list"
)
def command() -> None:
    """Register systems and model versions, and classify their risk."""


@command.command()
@click.argument("system_id")
@click.option("--model", type=INPUT, required=True, help="Model file.")
@click.option("--entry", type=INPUT, required=True,
              help="YAML or JSON with the fields of a registry-entry; artifact_digest is filled in.")  # fmt: skip
@click.option("--owner", metavar="PERSON", help="Who answers for it; else as its last entry says. Gate registration "
              "asks for one.")  # fmt: skip
@click.option("--as", "actor", metavar="PERSON", required=True, help="Person of the register who registers it.")
@click.pass_context
def register(ctx: click.Context, system_id: str, model: Path, entry: Path, owner: str | None, actor: str) -> int:
    """Register a version of SYSTEM_ID: its model file and its registry entry.

    A model may be of any format; only ONNX models are run. An empty file is none, and text of the name `….onnx`
    neither. A skeleton of the entry: quaestor evidence template registry-entry. By the command line it goes as

    \b
      quaestor system register SYSTEM --model MODEL --entry FILE --owner PERSON --as PERSON
    """
    from evidence.model.errors import QuaestorError
    from integrations.app.systems import is_text, register_version

    if model.samefile(entry):
        raise QuaestorError(f"{model} is given as the entry and as the model", hint="--model takes the model's file")
    values, lines = read_values(entry)
    with session(ctx) as opened:
        signer = opened.person(actor)
        done = register_version(
            opened, system_id, model, values, actor=signer, owner=owner, where=str(entry), lines=lines
        )
    content = done.filed.record.content
    name = f"{system_id}@{content['version']}"
    if done.before is None:
        say(f"registered {name}, {content['artifact_digest']}")
    else:
        say(f"{name} was registered already, with this very file, {content['artifact_digest']}")
        say(f"its entry is renewed: the new one takes the place of {done.before[:19]}")
    if done.same_file:
        also = ", ".join(done.same_file)
        say(f"note: the same file is registered as {also} too; the later entry of a file counts for all its versions")
    assigned = sorted({person["id"] for person in content["role_assignments"].values()})
    if assigned and signer.holder not in assigned:
        say(f"note: its next version is registered by who answers for it (`role_assignments`): {', '.join(assigned)}")
    if is_text(model):
        say(f"note: {model} is text; `quaestor validate` runs ONNX models alone")
    say(f"record {done.filed.record.id}")
    return 0


@command.command()
@click.argument("system_id")
@click.option("--declared", required=True, help="Tier that the owner declares, such as high-annex-iii.")
@click.option("--review", type=INSTANT, required=True, help="When the classification must be reviewed.")
@click.option("--facts", type=INPUT, required=True,
              help="YAML or JSON with what people state: impact_level, automation_level, complexity, …")  # fmt: skip
@click.option("--as", "actor", metavar="PERSON", required=True, help="Person of the register who declares and states.")
@click.pass_context
def classify(ctx: click.Context, system_id: str, declared: str, review: datetime, facts: Path, actor: str) -> int:
    """Compute the AI Act risk tier of SYSTEM_ID from its questionnaire, and record it."""
    from integrations.app.systems import classify_system
    from reports.words.risk import risk_lines

    values, lines = read_values(facts)
    with session(ctx) as opened:
        person = opened.person(actor)
        filed, told = classify_system(
            opened,
            system_id,
            declared=declared,
            review=review,
            facts=values,
            actor=person,
            where=str(facts),
            lines=lines,
        )
    content = filed.record.content
    say(f"{system_id}: tier {content['tier']} (declared {content['declared_tier']})")
    for line in risk_lines(told.risk):
        say(line)
    say(f"record {filed.record.id}")
    return 0


@command.command()
@click.argument("system_id")
@click.pass_context
def tier(ctx: click.Context, system_id: str) -> int:
    """Tell the AI Act risk tier of SYSTEM_ID by its questionnaires, and what would change it; nothing is recorded.

    Where several current questionnaires disagree, the strictest of their tiers holds, and all of them are listed. The
    path, the articles and the reasons are those of the policies (`policies/risk`). What would change it are other
    answers of the questionnaire that decides, one at a time; of what is said in free words none is tried. The
    questions: quaestor evidence template risk-questionnaire
    """
    from integrations.app.systems import tell_tier
    from reports.words.risk import answered_lines, other_answer_lines, risk_lines

    with session(ctx) as opened:
        told = tell_tier(opened, system_id)
    say(f"{system_id}: tier {told.risk.tier}")
    if told.claimed is not None:
        say(f"  decisions go by {told.claimed.tier}: a current risk-classification says so, {told.claimed.record}")
    for line in (
        *answered_lines(told.answered),
        *risk_lines(told.risk),
        *other_answer_lines(told.risk, told.others),
    ):
        say(line)
    return 0


@command.command()
@click.argument("subject_text", metavar="SUBJECT")
@click.option(
    "--stage", type=click.Choice(("development", "staging", "production", "archived")), required=True, help="New stage."
)
@click.option("--as", "actor", metavar="PERSON", required=True, help="Person of the register who moves it.")
@click.option("--emergency", metavar="REASON", help="Pass over a change freeze, and why; --second agrees.")
@click.option(
    "--second", metavar="PERSON", help="Who agrees to the emergency: compliance, a risk officer or an executive."
)
@click.pass_context
def promote(
    ctx: click.Context, subject_text: str, stage: str, actor: str, emergency: str | None, second: str | None
) -> int:
    """Move a version to another stage; staging and production ask for the gate's allowance on the same digest.

    On a day of `freeze_periods` nothing goes to production but in an emergency, which two persons sign and somebody
    else reviews afterwards (CHG-06, statement emergency-review). No emergency passes over a gate.
    """
    from evidence.model.errors import QuaestorError
    from integrations.app.records import find_subject
    from integrations.app.systems import Emergency, promote_version

    if (emergency is None) != (second is None):
        raise QuaestorError(
            "an emergency has a reason and a second person", hint="give --emergency and --second, or none"
        )
    with session(ctx) as opened:
        urgent = Emergency(emergency, opened.person(second)) if emergency is not None and second is not None else None
        subject = find_subject(opened.store, subject_text)
        filed = promote_version(opened, subject, stage, actor=opened.person(actor), emergency=urgent)
    say(f"{subject_text} is at stage {stage}: record {filed.record.id}")
    return 0


@command.command(name="list")
@click.pass_context
def list_systems(ctx: click.Context) -> int:
    """List the registered versions, each by its latest entry; `quaestor system show` has the earlier ones."""
    from integrations.app.records import versions

    with session(ctx) as opened:
        latest = {(r.envelope.system_id, r.content["version"]): r for r in versions(opened.store)}
        rows = [
            (
                r.envelope.system_id,
                r.content["version"],
                r.content["stage"],
                r.content["status"],
                r.content["artifact_digest"],
            )
            for r in latest.values()
        ]
    table(rows, ("system", "version", "stage", "status", "digest"))
    return 0


@command.command()
@click.argument("subject")
@click.pass_context
def show(ctx: click.Context, subject: str) -> int:
    """Show the registry entries of a version (SYSTEM@VERSION, digest or file) as a JSON list, the latest last."""
    from evidence.model.errors import QuaestorError
    from integrations.app.records import entries_of, find_subject

    with session(ctx) as opened:
        found = [record.content for record in entries_of(opened.store, find_subject(opened.store, subject))]
    if not found:
        hint = "name a version, such as SYSTEM@VERSION; they are listed by `quaestor system list`"
        raise QuaestorError(f"`{subject}` is no version of a system", hint=hint)
    print_json(found)
    return 0
