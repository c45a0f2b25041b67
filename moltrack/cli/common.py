"""What commands share: the store of this call, output for people and for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from moltrack.export.cells import readable, write_rows

if TYPE_CHECKING:
    from moltrack.store import Store

FORMAT_OPTION = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)
REASON_OPTION = click.option("--reason", required=True, help="Why; kept in the audit trail.")
PATIENT_ARGUMENT = click.argument("patient")


def open_store(ctx: click.Context, *, create: bool = False) -> Store:
    """The database of this call, closed when the command ends. Only commands that write create one."""
    from moltrack import pipeline

    store = pipeline.open(ctx.obj, create=create)
    ctx.call_on_close(store.close)
    for warning in store.warnings:
        click.echo(f"Warning: {warning}", err=True)
    return store


def user_name() -> str:
    """Who decides: ``MOLTRACK_USER``, else the login name."""
    import getpass

    try:
        return os.environ.get("MOLTRACK_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def show(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], form: str, *, empty: str) -> None:
    """Rows as a table for people, as CSV or as JSON."""
    if form == "json":
        click.echo(
            json.dumps(
                [{name: row.get(name) for name in columns} for row in rows], ensure_ascii=False, indent=2, default=str
            )
        )
    elif form == "csv":
        write_rows(sys.stdout, rows, columns)
    elif not rows:
        click.echo(empty)
    else:
        print_table(rows, columns)


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, title: str = "") -> None:
    """A table for people: boxed and coloured on a terminal, aligned plain text elsewhere."""
    cells = [[readable(row.get(name)) for name in columns] for row in rows]
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title or None, title_justify="left", header_style="bold")
        for name in columns:
            table.add_column(name, overflow="fold")
        for line in cells:
            table.add_row(*(Text(cell) for cell in line))
        Console().print(table)
        return
    if title:
        click.echo(title)
    widths = [
        max(len(name), *(len(line[i]) for line in cells)) if cells else len(name) for i, name in enumerate(columns)
    ]
    for line in [list(columns), ["-" * width for width in widths], *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
