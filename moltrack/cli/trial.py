"""``moltrack trial``: tables of a trial over all patients."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moltrack.cli.common import DELIMITERS, INPUT_PATH, SINCE_OPTION, open_store, print_table, show, text_width
from moltrack.cli.written import form_of, table_options, write_delimited, write_parquet
from moltrack.timeline import write_private

if TYPE_CHECKING:
    from moltrack.analysis.trial import LogRank
    from moltrack.export.excel import Sheet
    from moltrack.model import Technique
    from moltrack.timeline.trial import Subject, TrialTable

LOCK_OPTION = click.option(
    "--lock",
    default="",
    metavar="DATE",
    help="Data lock: samples and events after this day are not used. Without it all data are.",
)


@click.group()
def command() -> None:
    """Tables of a trial: visits, endpoints, survival, and a long form, over all patients of the database.

    Each table states the definitions that it uses. What is not known stays empty, with the reason.

    \b
    moltrack trial visits --schedule schedule.csv
    moltrack trial endpoints --lock 2024-06-30 -o endpoints.xlsx
    moltrack trial survival --by mrd --landmark 90
    """


@command.command("schedule")
def schedule_() -> None:
    """Print the empty schedule of visits with its legend.

    \b
    moltrack trial schedule > schedule.csv
    """
    from moltrack.formats.clinical.schedule import template

    click.echo(template(), nl=False)


@command.command()
@click.option(
    "--schedule",
    type=INPUT_PATH,
    required=True,
    metavar="FILE",
    help="Planned visits (see 'moltrack trial schedule'; or YAML: a list 'visits' with the same fields).",
)
@LOCK_OPTION
@SINCE_OPTION
@table_options
@click.pass_context
def visits(ctx: click.Context, schedule: Path, lock: str, since: str, form: str, output: Path | None) -> None:
    """One row per patient and planned visit: the sample, how far from plan, and what could be evaluated.

    A sample in the window is taken, the nearest to plan of several; one outside is named, and the visit counts as missing.

    \b
    moltrack trial visits --schedule schedule.csv --lock 2024-06-30
    """
    from moltrack.timeline.trial import read_schedule, visits_table

    form = form_of(form, output)
    plan = read_schedule(schedule)
    table = visits_table(_subjects(ctx, lock, since), plan)
    hidden = {"visit_number", "window_first", "window_last", "others"}
    tests = {name: name.removeprefix("test ") for name in table.columns if name.startswith("test ")}
    text = [
        {tests.get(name, name): row.get(name) for name in table.columns if name not in hidden and name != "reason"}
        | {"reason": row.get("reason", "")}
        for row in table.rows
    ]
    _put(table, form, output, text, below="reason")


@command.command()
@LOCK_OPTION
@SINCE_OPTION
@click.option("--marker", "markers", multiple=True, help="Only this marker (id, label, gene or lesion); repeatable.")
@click.option("--technique", "techniques", multiple=True, help="Only this technique (qPCR, flow, NGS ...); repeatable.")
@table_options
@click.pass_context
def endpoints(
    ctx: click.Context,
    lock: str,
    since: str,
    markers: tuple[str, ...],
    techniques: tuple[str, ...],
    form: str,
    output: Path | None,
) -> None:
    """One row per patient: best MRD response and times to MRD negativity, clearance, relapse and death.

    In the printed table 62 is a time that was observed, 62+ one that was censored, in days.

    \b
    moltrack trial endpoints --lock 2024-06-30
    moltrack trial endpoints --technique qPCR -o endpoints.xlsx
    """
    from moltrack.analysis.trial import TIMES
    from moltrack.timeline.trial import Selection, endpoints_table

    form = form_of(form, output)
    selection = Selection(markers, frozenset(_technique(name) for name in techniques))
    table = endpoints_table(_subjects(ctx, lock, since), selection)
    text = [
        {
            "patient": row["patient"],
            "day 0": row["day0"],
            "best log10 reduction": _reduction(row),
            "best MRD": row.get("mrd_status", ""),
            **{name.replace("_", " "): _time(row, name) for name in TIMES},
        }
        for row in table.rows
    ]
    _put(table, form, output, text, reasons=[*_reasons(table.rows)])


@command.command()
@click.option(
    "--endpoint",
    type=click.Choice(["rfs", "os", "relapse"]),
    default="rfs",
    show_default=True,
    help="Relapse-free survival, overall survival, or time to hematologic relapse.",
)
@click.option("--by", type=click.Choice(["mrd", "risk"]), default=None, help="Groups: MRD status, or ELN 2022 risk.")
@click.option(
    "--landmark",
    type=click.IntRange(0),
    default=None,
    metavar="DAY",
    help="Fix the MRD status at this day and count from it; who had the event before is left out.",
)
@LOCK_OPTION
@SINCE_OPTION
@table_options
@click.pass_context
def survival(
    ctx: click.Context,
    endpoint: str,
    by: str | None,
    landmark: int | None,
    lock: str,
    since: str,
    form: str,
    output: Path | None,
) -> None:
    """Kaplan-Meier table with numbers at risk and 95 % intervals, by group, and the log-rank test between groups.

    MRD groups are tested only at a --landmark: without one they depend on the outcome.

    \b
    moltrack trial survival --endpoint os --by risk
    moltrack trial survival --by mrd --landmark 90
    """
    from moltrack.timeline.trial import survival_table

    form = form_of(form, output)
    table = survival_table(_subjects(ctx, lock, since), endpoint, by=by or "", landmark=landmark)
    text = [{**row} | {name: f"{row[name]:.3f}" for name in ("survival", "low", "high")} for row in table.rows]
    _put(table, form, output, text)


@command.command("long")
@click.option(
    "--schedule",
    type=INPUT_PATH,
    default=None,
    metavar="FILE",
    help="Planned visits; without it the phase of a sample is its visit.",
)
@LOCK_OPTION
@SINCE_OPTION
@table_options
@click.pass_context
def long_(ctx: click.Context, schedule: Path | None, lock: str, since: str, form: str, output: Path | None) -> None:
    """One row per patient, visit and parameter, with the column names of CDISC's ADaM BDS and SDTM LB.

    No claim of conformance. Nothing is imputed: a result below a limit is a comparator and a bound, AVAL is empty.

    \b
    moltrack trial long -o long.csv
    moltrack trial long --schedule schedule.csv --lock 2024-06-30 -o long.xlsx
    """
    from moltrack.timeline.trial import long_table, read_schedule

    form = form_of(form, output)
    plan = read_schedule(schedule) if schedule is not None else None
    table = long_table(_subjects(ctx, lock, since), plan)
    shown = ("USUBJID", "VISIT", "ADY", "LBREFID", "PARAM", "AVALC", "AVALU", "ABLFL", "CHG", "LBREASND")
    _put(table, form, output, [{name: row.get(name) for name in shown} for row in table.rows])


# --- what the commands share ------------------------------------------------------------------------------------------


def _subjects(ctx: click.Context, lock: str, since: str) -> tuple[Subject, ...]:
    from moltrack.timeline.trial import subjects

    return subjects(open_store(ctx), lock=_lock(lock), since=since)


def _lock(text: str) -> date | None:
    """The day of the data lock; a month stands for its last day."""
    from moltrack.model import Time

    return Time.on(text).last if text else None


def _technique(name: str) -> Technique:
    from moltrack.errors import InputError
    from moltrack.formats.clinical.cells import technique_named
    from moltrack.model import Technique

    found = technique_named(name)
    if found is None:
        raise InputError(f"'{name}' is not a technique.", advice=f"Use one of {', '.join(Technique)}.")
    return found


def _reduction(row: Mapping[str, Any]) -> str:
    if row.get("reduction_log10") is None:
        return ""
    return f"{row['reduction_comparator']}{row['reduction_log10']:.2f} {row['reduction_marker']}"


def _time(row: Mapping[str, Any], name: str) -> str:
    days, status = row[f"{name}_days"], row[f"{name}_status"]
    return "-" if days is None else f"{days:g}{'+' if status == 'censored' else ''}"


def _reasons(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why cells are empty, or what is remarkable, one sentence a patient and reason."""
    said: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for name, value in row.items():
            if name.endswith("_reason") and value:
                said.setdefault((row["patient"], value), []).append(name.removesuffix("_reason").replace("_", " "))
    return [f"{patient}, {', '.join(names)}: {reason}" for (patient, reason), names in said.items()]


def _put(
    table: TrialTable,
    form: str,
    output: Path | None,
    text: Sequence[Mapping[str, Any]],
    *,
    reasons: Sequence[str] = (),
    below: str = "",
) -> None:
    """The table in its form: definitions and remarks beside it, as lines, a key or sheets."""
    columns = list(table.columns)
    if output is None and form == "text":
        _print(table, text, reasons, below)
        return
    if output is None and form in DELIMITERS:
        show(table.rows, columns, form, empty="")
    elif form in DELIMITERS and output is not None:
        write_delimited(table.rows, columns, form, output)
    elif form == "json":
        document = json.dumps(_document(table), ensure_ascii=False, indent=2)
        if output is None:
            click.echo(document)
            return
        write_private(output, document)
    elif form == "xlsx" and output is not None:
        from moltrack.export.excel import write_sheets

        write_sheets(_sheets(table), output)
    elif output is not None:
        write_parquet(table.frame(), output)
    if form not in {"json", "xlsx"}:
        _print_beside(table, err=True)
    if output is not None:
        click.echo(f"Wrote {output}.", err=True)


def _print(table: TrialTable, text: Sequence[Mapping[str, Any]], reasons: Sequence[str], below: str) -> None:
    if not text:
        click.echo("No rows.")
    else:
        columns = [name for name in text[0] if name != below]
        columns = list(dict.fromkeys([*columns, *(name for row in text for name in row if name != below)]))
        print_table(text, columns, width=text_width(), below=below)
    _print_beside(table, reasons)


def _print_beside(table: TrialTable, reasons: Sequence[str] = (), *, err: bool = False) -> None:
    """Reasons, remarks and definitions, as lines."""
    definitions = [f"{item.title}: {item.text} ({item.source})" for item in table.definitions]
    test = [_log_rank_words(table.log_rank)] if table.log_rank is not None else []
    for title, lines in (
        ("Log-rank test", test),
        ("Reasons", reasons),
        ("Remarks", table.notes),
        ("Definitions", definitions),
    ):
        if lines:
            click.echo(f"\n{title}", err=err)
        for line in lines:
            click.echo(
                textwrap.fill(line, text_width(), initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False),
                err=err,
            )


def _log_rank_words(test: LogRank) -> str:
    """``MRD negative: 4 events (7.20 expected) in 12 patients ... p = 0.012 (log-rank test, chi-squared 6.31, df 1)``."""
    p = f"p = {test.p:.2g}" if test.p >= 1e-4 else "p < 0.0001"
    groups = "; ".join(
        f"{group.name}: {group.events} events ({group.expected:.2f} expected) in {group.patients} patients, "
        f"{group.at_risk_last} at risk at the last event"
        for group in test.groups
    )
    return f"{p} (log-rank test, chi-squared {test.statistic:.2f}, df {test.df}). {groups} (day {test.last_event:g})."


def _document(table: TrialTable) -> dict[str, Any]:
    return {
        "columns": dict(table.columns),
        "definitions": [asdict(item) for item in table.definitions],
        "remarks": list(table.notes),
        **({"log_rank": asdict(table.log_rank)} if table.log_rank is not None else {}),
        "rows": [{name: row.get(name) for name in table.columns} for row in table.rows],
    }


def _sheets(table: TrialTable) -> list[Sheet]:
    from moltrack.export.excel import Sheet

    sheets = [
        Sheet(
            table.name.capitalize(),
            list(table.columns),
            [[row.get(name) for name in table.columns] for row in table.rows],
        ),
        Sheet("Columns", ["column", "holds"], [list(item) for item in table.columns.items()]),
    ]
    if table.definitions:
        rows = [[item.name, item.title, item.text, item.source] for item in table.definitions]
        sheets.append(Sheet("Definitions", ["name", "title", "definition", "source"], rows))
    if (test := table.log_rank) is not None:
        head = ["group", "patients", "at risk at the last event", "events", "expected", "chi-squared", "df", "p"]
        cells = [
            [
                group.name,
                group.patients,
                group.at_risk_last,
                group.events,
                group.expected,
                test.statistic,
                test.df,
                test.p,
            ]
            for group in test.groups
        ]
        sheets.append(Sheet("Log-rank test", head, cells))
    if table.notes:
        sheets.append(Sheet("Remarks", ["remark"], [[note] for note in table.notes]))
    return sheets
