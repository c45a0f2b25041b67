"""How the tables of results are read: what the file says, the samples that its rows describe, then what each row states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from moltrack.formats.clinical import described, own
from moltrack.formats.clinical.cells import UnclearCell
from moltrack.formats.clinical.own import OwnRows, OwnTable
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import Row
from moltrack.model import Record, Refused


def read_results(
    path: Path, options: ReadOptions, table: OwnTable, stated: Callable[[Row, OwnRows], Iterable[Record]]
) -> Iterator[Record]:
    """The records of a table of ours.

    Parameters
    ----------
    stated
        What a row states, nothing for a row that was left empty; a cell that two laboratories mean differently refuses the row.

    Raises
    ------
    FormatError
        The table lacks a column, or a cell cannot be understood; file, line and column are named.
    """
    rows = own.read_own(path, options, table)
    yield rows.info()
    yield from described.sample_infos(rows.rows)
    for row in rows.rows:
        try:
            yield from stated(row, rows)
        except UnclearCell as unclear:
            yield Refused(row.line, str(unclear))
