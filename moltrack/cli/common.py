"""What commands share: the store of this call, output for people and for programs."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from moltrack.export.cells import readable, write_rows

if TYPE_CHECKING:
    from moltrack.model import Time
    from moltrack.store import Store

FORMAT_OPTION = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)
#: Forms of a delimited table and what stands between their cells.
DELIMITERS = {"csv": ",", "tsv": "\t"}

#: Characters that steer a terminal or end a line: C0 without tab and line feed, DEL, C1, line and paragraph separators.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")

#: A file to be read. What is wrong with it says its reader, with exit status 1: it is no mistake of usage.
INPUT_PATH = click.Path(path_type=Path, readable=False)

REASON_OPTION = click.option("--reason", required=True, help="Why; kept in the audit trail.")
PATIENT_ARGUMENT = click.argument("patient")
SINCE_OPTION = click.option(
    "--since",
    default="",
    metavar="EVENT",
    help="Count days from this event, when its day is known exactly; the baseline of a series that begins after the first "
    "treatment is its last sample before the event.  [default: the patient's day 0]",
)


def open_store(ctx: click.Context, *, create: bool = False) -> Store:
    """The database of this call, closed when the command ends. Only commands that write create one."""
    from moltrack import pipeline

    store = pipeline.open(ctx.obj, create=create)
    ctx.call_on_close(store.close)
    for warning in store.warnings:
        click.echo(f"Warning: {warning}", err=True)
    return store


def refuse_lone_anchor(anchor: str, day: str) -> None:
    """``--from`` without the days that it is counted in would be dropped without a word."""
    if anchor and not day:
        raise click.UsageError("--from goes with --day.")


def say_unknown_anchor(store: Store, patient: str, *times: Time | None) -> None:
    """Say that days count from an event that is not there (yet): until it is, they cannot be placed."""
    known = {event.name for event in store.events(patient)}
    for anchor in sorted({time.anchor for time in times if time is not None and time.anchor}):
        if anchor not in known:
            click.echo(
                f"Warning: patient {patient} has no event '{anchor}': its days are not placed until there is one.",
                err=True,
            )


def user_name() -> str:
    """Who decides: ``MOLTRACK_USER``, else the login name."""
    import getpass

    try:
        return os.environ.get("MOLTRACK_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def show(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], form: str, *, empty: str) -> None:
    """Rows as a table for people, as CSV, TSV or JSON."""
    if form == "json":
        click.echo(
            json.dumps(
                [{name: row.get(name) for name in columns} for row in rows], ensure_ascii=False, indent=2, default=str
            )
        )
    elif form in DELIMITERS:
        write_rows(sys.stdout, rows, columns, delimiter=DELIMITERS[form])
    elif not rows:
        click.echo(empty)
    else:
        print_table(rows, columns)


def visible(text: str) -> str:
    """Text for a terminal: control characters of a file, which would steer it, as ``\ufffd``; line ends stay."""
    return _CONTROL.sub("\ufffd", text)


def shown_cell(value: Any) -> str:
    """A cell of a table for people."""
    return visible(readable(value))


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def text_width() -> int:
    """Columns of the terminal; 120 where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 120


def print_table(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    title: str = "",
    width: int | None = None,
    whole: Collection[str] = (),
    heading: str = "",
    below: str = "",
) -> None:
    """A table for people: boxed and coloured on a terminal, aligned plain text elsewhere.

    Parameters
    ----------
    width
        Longest line of plain text, in characters; longer cells are continued on further lines. None = lines as long as they are.
    whole
        Columns whose cells are not broken while any other can be.
    heading, below
        Further columns: a line of its own above the rows that share it, and under its row. Such a table is plain text everywhere.
    """
    cells = [[shown_cell(row.get(name)) for name in columns] for row in rows]
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ and not (heading or below):
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
    widths = _natural_widths(cells, columns)
    if width is not None:
        widths = _fitted(widths, columns, width - 2 * (len(columns) - 1), whole)
    for line in (list(columns), ["-" * size for size in widths]):
        _echo_line(line, widths)
    above = ""
    for line, row in zip(cells, rows, strict=True):
        if heading and (text := shown_cell(row.get(heading))) != above:
            click.echo("\n" + "\n".join(_wrapped(text, width or len(text))))
            above = text
        _echo_line(line, widths)
        if below and (text := shown_cell(row.get(below))):
            for part in _wrapped(text, (width or len(text) + 4) - 4):
                click.echo(f"    {part}")


def _echo_line(line: Sequence[str], widths: Sequence[int]) -> None:
    wrapped = [_wrapped(cell, size) for cell, size in zip(line, widths, strict=True)]
    for part in zip_longest(*wrapped, fillvalue=""):
        click.echo("  ".join(text.ljust(size) for text, size in zip(part, widths, strict=True)).rstrip())


#: Widest column of a block; longer cells are continued on further lines.
_BLOCK_CELL = 24


def print_blocks(
    rows: Sequence[Mapping[str, Any]], keys: Sequence[str], columns: Sequence[str], *, noun: str = "columns"
) -> None:
    """A table with too many columns for one line: as many of ``columns`` as fit, beside ``keys``; then the next ones."""
    total = text_width()
    gap = 3 if sys.stdout.isatty() else 2
    natural = _natural_widths(
        [[shown_cell(row.get(name)) for name in (*keys, *columns)] for row in rows], (*keys, *columns)
    )
    key_widths = _fitted(natural[: len(keys)], keys, total // 2)
    room = total - sum(key_widths) - gap * len(keys)
    blocks: list[list[str]] = [[]]
    used = 0
    for name, wanted in zip(columns, natural[len(keys) :], strict=True):
        size = min(wanted, _BLOCK_CELL)
        if blocks[-1] and used + size + gap > room:
            blocks.append([])
            used = 0
        blocks[-1].append(name)
        used += size + gap
    shown = 0
    for block in blocks:
        if shown:
            click.echo()
        title = f"{noun} {shown + 1} to {shown + len(block)} of {len(columns)}" if len(blocks) > 1 else ""
        print_table(rows, [*keys, *block], title=title, width=total)
        shown += len(block)


def _natural_widths(cells: Sequence[Sequence[str]], columns: Sequence[str]) -> list[int]:
    return [max(len(name), *(len(line[i]) for line in cells)) if cells else len(name) for i, name in enumerate(columns)]


def _fitted(widths: Sequence[int], columns: Sequence[str], total: int, whole: Collection[str] = ()) -> list[int]:
    """Widths that sum to at most ``total``: the widest column gives way first, down to its name, and those of ``whole`` last."""
    fitted = list(widths)
    least = [size if name in whole else min(len(name), 12) for name, size in zip(columns, widths, strict=True)]
    while sum(fitted) > total and max(fitted) > 1:
        wider = [i for i, size in enumerate(fitted) if size > least[i]] or range(len(fitted))
        fitted[max(wider, key=lambda i: fitted[i])] -= 1
    return fitted


def _wrapped(cell: str, size: int) -> list[str]:
    """The cell in lines of at most ``size`` characters, broken at spaces where there are any."""
    return [cell] if len(cell) <= size else textwrap.wrap(cell, size, break_on_hyphens=False) or [""]
