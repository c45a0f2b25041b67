"""``moltrack report``: the page of a patient, or of the cohort."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from moltrack.cli.common import SINCE_OPTION, open_store
from moltrack.cli.verdicts import RULES_OPTION
from moltrack.timeline import write_private


@click.command()
@click.argument("patient", required=False, default="")
@click.option("--cohort", is_flag=True, help="One page over all patients, linked to theirs.")
@click.option("--with-patients", is_flag=True, help="With --cohort: also write every patient's page beside it.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=None,
    help="File to write (with --cohort: a folder); default PATIENT.html.",
)
@click.option(
    "--reviewed-by",
    default="",
    metavar="NAME",
    help="Print who reviewed the report; without it the page says that nobody has.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=None,
    help="With --cohort: processes that read patients; default one per processor when there are many patients.",
)
@SINCE_OPTION
@RULES_OPTION
@click.pass_context
def command(
    ctx: click.Context,
    patient: str,
    cohort: bool,
    with_patients: bool,
    output: Path | None,
    reviewed_by: str,
    jobs: int | None,
    since: str,
    rule_files: tuple[str, ...],
) -> None:
    """Write one self-contained HTML file: verdicts, curves, every value with its source. It opens anywhere, offline.

    \b
    moltrack report P01 -o P01.html
    moltrack report P01 --rules our_flags.yaml --rules our_mrd.yaml
    moltrack report --cohort -o reports

    The page names every rule file behind it, yours with its SHA-256. A file of yours says in 'extends' what it is about: eln2022,
    response_eln2022, mrd_eln2021, flags ... ('moltrack rules list').
    """
    from moltrack.rules import rules_in_use
    from moltrack.timeline import file_name, timeline, write_cohort

    if bool(patient) == cohort:
        raise click.UsageError("Give a patient, or --cohort.")
    if with_patients and not cohort:
        raise click.UsageError("--with-patients goes with --cohort.")
    store = open_store(ctx)
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if cohort:
        folder = output or Path("cohort")
        today = datetime.now(UTC).date()
        index = write_cohort(
            store,
            folder,
            stamp=stamp,
            reviewed_by=reviewed_by,
            with_patients=with_patients,
            as_of=today,
            jobs=jobs or os.cpu_count() or 1,
            rules=rule_files,
        )
        click.echo(f"Wrote {index}.")
        return
    path = output or Path(f"{file_name(patient)}.html")
    line = timeline(store, patient, since=since, rules=rules_in_use(rule_files))
    write_private(path, line.page(stamp=stamp, reviewed_by=reviewed_by))
    click.echo(f"Wrote {path}.")
