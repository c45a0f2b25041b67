"""Tables that a command writes: which form a file takes, and the forms that all tables share."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from moltrack.cli.common import DELIMITERS
from moltrack.errors import InputError
from moltrack.export.cells import write_rows
from moltrack.timeline import write_private

FORMS = ("text", "csv", "tsv", "json", "xlsx", "parquet")
#: Forms that are no text: a terminal cannot show them.
BINARY = frozenset({"xlsx", "parquet"})


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--format`` and ``-o`` of a command that writes a table."""
    form = click.option(
        "--format", "form", type=click.Choice(FORMS), default="text", show_default=True, help="Form of the output."
    )
    output = click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        default=None,
        help="File to write, in the form of its ending (csv where that says nothing); required for xlsx and parquet.",
    )
    return form(output(command))


def form_of(form: str, output: Path | None) -> str:
    """The form to write: as asked for, else that of the file's ending, else CSV.

    Raises
    ------
    click.UsageError
        A workbook or Parquet without a file.
    """
    if output is None:
        if form in BINARY:
            raise click.UsageError(f"--format {form} needs -o FILE.")
        return form
    suffix = output.suffix.lstrip(".").lower()
    return form if form != "text" else suffix if suffix in FORMS else "csv"


def write_delimited(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], form: str, output: Path) -> None:
    """Write rows as CSV or TSV; cells are safe for spreadsheets."""
    buffer = io.StringIO()
    write_rows(buffer, rows, columns, delimiter=DELIMITERS[form])
    write_private(output, buffer.getvalue())


def write_parquet(frame: Any, output: Path) -> None:
    """Write a frame as Parquet, or say what to install."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise InputError(
            "Parquet needs the package pyarrow.", advice="Install it with: pip install 'moltrack[parquet]'"
        ) from None
    write_private(output, frame.to_parquet(None, index=False))
