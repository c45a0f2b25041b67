"""``moltrack risk``: guideline verdicts with their reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from moltrack.cli.common import INPUT_PATH, open_store
from moltrack.cli.verdicts import EXPLAIN_OPTION, show_verdicts
from moltrack.errors import InputError
from moltrack.timeline import write_private

if TYPE_CHECKING:
    from moltrack.rules import RuleSet


@click.command()
@click.argument("patient", required=False, default="")
@click.option(
    "--table",
    "table",
    type=INPUT_PATH,
    default=None,
    help="Classify a table of patients (CSV, TSV, XLSX) instead; no database is needed.",
)
@click.option(
    "--assume-absent",
    is_flag=True,
    help="With --table: an empty cell means tested and absent; a column that is not there stays unknown.",
)
@click.option("--at", default="", metavar="SAMPLE", help="Judge this sample; default: the diagnosis samples.")
@click.option(
    "--rules",
    "rules_name",
    default="all",
    show_default=True,
    metavar="eln2022|eln2017|eln2024li|all|FILE",
    help="Guideline, or your own rule file.",
)
@EXPLAIN_OPTION
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Form of the output; with --table text is CSV.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, help="File to write (with --table).")
@click.pass_context
def command(
    ctx: click.Context,
    patient: str,
    table: Path | None,
    assume_absent: bool,
    at: str,
    rules_name: str,
    explain: bool,
    form: str,
    output: Path | None,
) -> int:
    """Say what the guidelines say of PATIENT, and what is missing to say more.

    A category is given only if it holds whatever the untested lesions are. For research and for review by a physician.

    \b
    moltrack risk P01 --explain
    moltrack risk P01 --rules eln2022 --format json
    moltrack risk --table cohort.csv --rules eln2022 -o classified.csv

    A table has one row a patient; 'moltrack rules show --columns' lists its columns and those of the result. A cell that cannot be
    read is named and counts as not known; a row that contradicts itself gets no verdict. The exit status is 3 then.
    """
    from moltrack import rules
    from moltrack.timeline import timeline

    if bool(patient) == bool(table):
        raise click.UsageError("Give a patient, or --table FILE.")
    if table is not None:
        if at or explain:
            raise click.UsageError(f"{'--at' if at else '--explain'} goes with a patient, not with --table.")
        return _classify_table(table, rules_name, assume_absent, form, output)
    if assume_absent or output:
        raise click.UsageError(f"{'--assume-absent' if assume_absent else '-o'} goes with --table.")
    if form == "csv":
        raise click.UsageError("--format csv goes with --table.")
    store = open_store(ctx)
    line = timeline(store, patient)
    names = rules.risk_rulesets() if rules_name == "all" else (rules_name,)
    verdicts = [line.risk(name, at=at) for name in names]
    show_verdicts(verdicts, explain=explain, form=form)
    if form == "text" and len(verdicts) > 1:
        changes = rules.changes_between(verdicts)
        if changes:
            click.echo("\n" + changes)
    return 0


def _classify_table(path: Path, rules_name: str, assume_absent: bool, form: str, output: Path | None) -> int:
    """Classify a table; the exit status is 3 when some rows could not be read."""
    import io

    from moltrack import rules
    from moltrack.export.cells import write_rows
    from moltrack.pipeline import read_karyotype, read_patient_table

    names = rules.risk_rulesets() if rules_name == "all" else (rules_name,)
    rulesets = [rules.load_ruleset(name) for name in names]
    table = read_patient_table(path)
    try:
        rules.column_names(table.header)
    except InputError as error:
        where = f"{path.name}:{table.header_line}"
        raise InputError("\n".join(f"{where}: {line}" for line in error.message.splitlines())) from None
    reader = cache(read_karyotype)
    by_ruleset = [
        rules.classify_rows(ruleset, table.rows, assume_absent=assume_absent, karyotype=reader) for ruleset in rulesets
    ]
    results = [row for of_patient in zip(*by_ruleset, strict=True) for row in of_patient]
    problems = dict.fromkeys(f"{path.name}:{row['row']}: {text}" for row in results for text in row["problems"])
    if problems and not any("category" in row for row in results):
        raise InputError("\n".join(problems))
    for problem in problems:
        click.echo(problem, err=True)
    shown = [{name: row.get(name, "") for name in rules.RESULTS} for row in results]
    for row in shown:
        row["problems"] = " ".join(row["problems"])
    if form == "json":
        text = json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
    else:
        buffer = io.StringIO()
        write_rows(buffer, shown, list(rules.RESULTS))
        text = buffer.getvalue()
    if output is None:
        click.echo(text, nl=False)
    else:
        write_private(output, text)
        patients = len(table.rows)
        click.echo(f"Wrote {output}: {patients} patient{'' if patients == 1 else 's'}.", err=True)
        _echo_counts(rulesets, shown)
    return 3 if problems else 0


def _echo_counts(rulesets: Sequence[RuleSet], rows: Sequence[Mapping[str, str]]) -> None:
    """How many patients each guideline puts into each category."""
    from collections import Counter

    for ruleset in rulesets:
        counts = Counter(row["category"][:2] for row in rows if row["ruleset"] == ruleset.id)
        shown = ", ".join(f"{_SHORT.get(name, name)} {count}" for name, count in sorted(counts.items()))
        click.echo(f"{ruleset.title}: {shown}", err=True)


_SHORT = {
    "F": "favorable",
    "I": "intermediate",
    "A": "adverse",
    "NA": "not assessable",
    "-": "not applicable",
    "": "not read",
}
