"""`quaestor plan`: a first validation plan for a model, and the fields that a plan has."""

import os
from pathlib import Path

import click

from integrations.cli.shared import INPUT, OutputType, print_json, say, write

SPLITS = ("validation", "test", "holdout", "golden")
_FILE = INPUT


@click.group(
    epilog="\b\nExamples:\n  quaestor plan init model.onnx test.csv --label paid --split test --subject loans@1\n"
    "  quaestor validate plan.yaml --check              can it run? nothing is filed\n  quaestor plan schema"
)
def command() -> None:
    """Draft a validation plan, and show the fields of one."""


@command.command()
@click.argument("model", type=_FILE)
@click.argument("data", type=_FILE)
@click.option(
    "--label", metavar="COLUMN", multiple=True, help="Column with the true outcome; repeated, one for each label."
)
@click.option("--split", type=click.Choice(SPLITS), help="Which split of the data this is.")
@click.option("--protected", metavar="COLUMN", multiple=True, help="Column by which fairness is audited; repeatable.")
@click.option("--query", metavar="COLUMN", help="Column of what items are ranked for, where the model ranks.")
@click.option("--series", metavar="COLUMN", help="Column of the series that a row forecasts.")
@click.option("--origin", metavar="COLUMN", help="Column of the last day known to a forecast.")
@click.option("--target", metavar="COLUMN", help="Column of the day that a forecast is about.")
@click.option("--subject", metavar="SYSTEM@VERSION", help="What the model is registered as.")
@click.option(
    "--output", "-o", type=OutputType(), default="plan.yaml", show_default=True, help="File to write, a new one."
)
def init(
    model: Path,
    data: Path,
    label: tuple[str, ...],
    split: str | None,
    protected: tuple[str, ...],
    query: str | None,
    series: str | None,
    origin: str | None,
    target: str | None,
    subject: str | None,
    output: Path,
) -> int:
    """Write a plan for MODEL (ONNX) on DATA (CSV, Parquet, .npz, or a .zip of images).

    What the two say is filled in, the rest is left blank.

    Both files are read in the sandbox; the model does not run.
    """
    from evidence.model.errors import QuaestorError
    from evidence.validation.draft import Asked, draft_plan
    from evidence.validation.plan.files import format_of
    from evidence.validation.runner import look_into
    from integrations.app.modelines import schema_line

    if any((series, origin, target)) and not all((series, origin, target)):
        raise QuaestorError("a forecast has all of --series, --origin and --target", hint="name the three columns")
    system, _, version = (subject or "").partition("@")
    folder = output.absolute().parent
    asked = Asked(
        model_path=os.path.relpath(model, folder),
        data_path=os.path.relpath(data, folder),
        data_format=format_of(data),
        label=label[0] if label else None,
        more_labels=label[1:],
        split=split,
        protected=protected,
        query=query,
        forecast=(series, origin, target) if series and origin and target else None,
        system=system or None,
        version=version or None,
    )
    text = schema_line(output, "plan") + draft_plan(look_into(model, data), asked)
    write(text, output)
    blanks = sum(": decide:" in line or "# decide:" in line for line in text.splitlines())
    say(f"wrote {output}: {blanks} places to decide; then `quaestor validate {output} --check`")
    return 0


@command.command()
def schema() -> int:
    """Print the JSON Schema of a validation plan."""
    from evidence.model.schemas import file_schema
    from evidence.validation.plan.model import Plan

    print_json(file_schema(Plan))
    return 0
