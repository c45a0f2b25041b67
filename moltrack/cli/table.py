"""``moltrack table``: a patient's longitudinal table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from moltrack.cli.common import (
    DELIMITERS,
    PATIENT_ARGUMENT,
    SINCE_OPTION,
    counted,
    open_store,
    print_blocks,
    print_table,
    show,
    text_width,
)
from moltrack.cli.written import form_of, table_options, write_delimited, write_parquet
from moltrack.timeline import write_private

#: Columns for people; the sample stands above its rows.
TEXT_COLUMNS = ("label", "quantity", "status", "value", "assay", "technique", "source")
#: Columns of the wide table that stand left of its samples.
WIDE_KEYS = ("marker", "quantity", "assay", "tissue")


@click.command()
@PATIENT_ARGUMENT
@click.option("--wide", is_flag=True, help="One row per series, one column per sample.")
@click.option("--explain", is_flag=True, help="Add formula, counts, limits, flags, file and line of every value.")
@click.option("--hidden", is_flag=True, help="Also what is kept but not followed as a marker.")
@click.option("--as-of", default="", metavar="DATE", help="As the database stood at the end of that day (UTC).")
@SINCE_OPTION
@table_options
@click.pass_context
def command(
    ctx: click.Context,
    patient: str,
    wide: bool,
    explain: bool,
    hidden: bool,
    as_of: str,
    since: str,
    form: str,
    output: Path | None,
) -> None:
    """Print the longitudinal table of PATIENT.

    Not tested is no row; not detected is a row with its limit; detected without a level is a row without one.

    \b
    moltrack table P01
    moltrack table P01 --wide
    moltrack table P01 --format csv -o P01.csv
    """
    from moltrack.timeline import TABLE_COLUMNS, Timeline

    form = form_of(form, output)
    store = open_store(ctx)
    moment = None
    if as_of:
        from moltrack.model import Time

        last = Time.on(as_of).last
        assert last is not None
        moment = datetime(last.year, last.month, last.day, 23, 59, 59, 999999, tzinfo=UTC)
    timeline = Timeline(store.patient_records(patient, as_of=moment), since=since, audit_head=store.head())
    if output is not None:
        _write(timeline, output, form, wide=wide, hidden=hidden)
        click.echo(f"Wrote {output}.", err=True)
        return
    if wide:
        show_wide(timeline, form)
        return
    rows = [dict(row) for row in timeline.rows(hidden=hidden)]
    if form != "text":
        show(rows, list(TABLE_COLUMNS), form, empty="")
        return
    if not rows:
        click.echo(f"Patient {patient} has no observations.")
    else:
        print_table(
            [_for_people(row) for row in rows],
            TEXT_COLUMNS,
            width=text_width(),
            whole=set(TEXT_COLUMNS) - {"source"},
            heading="sample",
            below="details" if explain else "",
        )
        click.echo()
        _show_verdicts(timeline)
    count = sum(not marker.tracked for marker in timeline.records.markers)
    if count and not hidden:
        click.echo(
            f"{counted(count, 'marker')} kept but not followed (see 'moltrack marker list {patient} --all').", err=True
        )


def _show_verdicts(timeline: Any) -> None:
    """Risk, response and MRD status of every sample; a column that is empty at all of them is left out."""
    from moltrack.timeline import COMPUTED_COLUMNS

    rows = [{"sample": sample, **judged} for sample, judged in timeline.judged.items()]
    columns = [name for name in COMPUTED_COLUMNS if any(row[name] for row in rows)]
    print_table(rows, ["sample", *columns], title="Verdicts", width=text_width())


def show_wide(timeline: Any, form: str) -> None:
    """Print one row per series and one column per sample, as text in blocks of samples that fit the width."""
    frame = timeline.wide()
    rows = [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
    columns = [str(name) for name in frame.columns]
    if form == "text" and rows:
        print_blocks(rows, columns[: len(WIDE_KEYS)], columns[len(WIDE_KEYS) :], noun="samples")
    else:
        show(rows, columns, form, empty=f"Patient {timeline.records.patient.patient} has no observations.")


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    from moltrack.timeline import cell_text

    files, lines = row["file"].split(";"), row["line"].split(";")
    source = ", ".join(f"{file}:{line}" if line != "0" else file for file, line in zip(files, lines, strict=True))
    value = cell_text(row)
    details = [
        f"{name}={row[name]:g}"
        for name in ("alt", "ref", "depth", "cells", "cells_total", "copies", "control_copies", "cutoff", "lod", "loq")
        if row[name] is not None
    ]
    details += [f"printed '{row['printed']}'"] if row["printed"] else []
    details += [row["formula"]] if row["formula"] else []
    details += [row["flags"]] if row["flags"] else []
    return {
        **row,
        "sample": "  ".join(str(row[name]) for name in ("order", "sample", "time", "tissue", "phase") if row[name]),
        "value": value,
        "source": source,
        "details": "; ".join(details),
        "status": row["status"].replace("_", " "),
    }


def _write(timeline: Any, output: Path, form: str, *, wide: bool, hidden: bool) -> None:
    frame = timeline.wide() if wide else timeline.table(hidden=hidden)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    if form in DELIMITERS:
        write_delimited(rows, list(frame.columns), form, output)
    elif form == "json":
        write_private(output, frame.to_json(orient="records", force_ascii=False, indent=2))
    elif form == "xlsx":
        from moltrack.export.excel import write_workbook

        write_workbook(timeline.view, rows, list(frame.columns), output)
    else:
        write_parquet(frame, output)
