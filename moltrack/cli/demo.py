"""``moltrack demo``: the reference case from files to page, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import click

from moltrack.cli.verdicts import RULES_OPTION


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder for the database and the report.",
)
@RULES_OPTION
@click.pass_context
def command(ctx: click.Context, output: Path, rule_files: tuple[str, ...]) -> int:
    """Ingest the example's files, print its table and verdicts, and write its report.

    The case is the one published in Exp Hematol Oncol 2022;11:67; what it does not print is marked illustrative.

    \b
    moltrack demo
    """
    from datetime import UTC, datetime

    from moltrack import pipeline, resources, rules
    from moltrack.cli.batch import run_manifest
    from moltrack.cli.table import show_wide
    from moltrack.timeline import private_folder, timeline, write_private

    used = rules.rules_in_use(rule_files)
    private_folder(output)
    database = output / "moltrack.db"
    with pipeline.open(database) as store:
        status = run_manifest(store, resources.examples_dir() / "manifest.csv")
        for info in store.patients():
            line = timeline(store, info.patient, rules=used)
            click.echo(f"\nPatient {info.patient}: one row per series, one column per sample")
            show_wide(line, "text")
            for verdict in line.risks:
                click.echo()
                click.echo(rules.summary(verdict))
            page = output / f"{info.patient}.html"
            write_private(page, line.page(stamp=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")))
            click.echo()
            click.echo(f"Report: {page.resolve()}")
    click.echo(f"Database: {database.resolve()} (try: moltrack --db {database} trend {info.patient})")
    return status
