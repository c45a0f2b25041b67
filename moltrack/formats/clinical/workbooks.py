"""What a workbook shows beyond the values of its cells: percent formats, formulas that were never computed, further sheets."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import open_checked, visible_sheets


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first sheet that is not hidden, looked at once more.

    ``percent`` gives the text with ``%`` of numbers with a percent format, by line (1-based) and column (0-based): a cell that reads
    ``72%`` holds 0.72. ``others`` are the sheets that are not read.
    """

    percent: dict[tuple[int, int], str]
    others: tuple[str, ...] = ()


def look_at(path: Path) -> Sheet:
    """The sheet that is read.

    Raises
    ------
    FormatError
        A formula without a stored result, which would read as an empty cell.
    """
    import openpyxl

    percent: dict[tuple[int, int], str] = {}
    empty: set[tuple[int, int]] = set()
    with open_checked(path) as raw, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles that it drops; number formats it keeps
        book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
        first, *others = visible_sheets(book)
        for line, cells in enumerate(book[first].iter_rows(), start=1):
            for column, cell in enumerate(cells):
                if cell.value is None:
                    empty.add((line, column))
                elif isinstance(cell.value, int | float) and "%" in str(cell.number_format):
                    percent[line, column] = f"{(Decimal(repr(cell.value)) * 100).normalize():f}%"
        book.close()
        if empty:
            _refuse_formulas(path, first, empty)
    return Sheet(percent, tuple(others))


def _refuse_formulas(path: Path, sheet: str, empty: set[tuple[int, int]]) -> None:
    import openpyxl

    with open_checked(path) as raw:
        book = openpyxl.load_workbook(raw, read_only=True)
        for line, cells in enumerate(book[sheet].iter_rows(), start=1):
            for column, cell in enumerate(cells):
                if cell.data_type == "f" and (line, column) in empty:
                    raise FormatError(
                        f"the cell {cell.coordinate} holds a formula without its result.",
                        path=path,
                        line=line,
                        advice="Open and save the workbook in a spreadsheet, or replace formulas by values.",
                    )
        book.close()
