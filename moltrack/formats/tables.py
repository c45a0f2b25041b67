"""Delimited tables, read with line numbers: forgiving in spelling, strict in meaning.

A reader names its columns and asks each row for a text, a count or a number; whatever cannot be had ends in a
:class:`~moltrack.errors.FormatError` with file, line and column. No reader opens a table on its own.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from moltrack.errors import FormatError, InputError
from moltrack.formats.files import LIMITS, Limits, StoredNumber, delimiter_of, read_bytes, read_text, xlsx_rows
from moltrack.quantity import decimal_sign, is_dotted, parse_number

#: Spellings of "no value" seen in files of real tools.
MISSING = frozenset({"", ".", "na", "n/a", "nan", "null", "none", "-", "[not available]", "[not applicable]", "#n/a"})


def normal_name(name: str) -> str:
    """A column name reduced to what distinguishes it: lower case, no spaces, dots, dashes, underscores, ``#``, quotes."""
    return re.sub(r"[\s._\-#\"'()/®µμ]+", "", name.strip().lower())


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; cells, decimal signs and units of headers by column name (any spelling of :func:`normal_name`)."""

    path: Path
    line: int
    cells: Mapping[str, str]
    decimals: Mapping[str, str | None] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def text(self, column: str, default: str = "") -> str:
        """The cell's text without surrounding space; ``default`` when the column is absent or the cell says "missing"."""
        value = self.cells.get(normal_name(column), "").strip()
        return default if value.lower() in MISSING else value

    def raw(self, column: str) -> str:
        """The cell as it stands, missing-value words included; "" when the column is absent."""
        return self.cells.get(normal_name(column), "").strip()

    def need(self, column: str) -> str:
        """The cell's text; an error when it is missing."""
        value = self.text(column)
        if not value:
            raise self.error(f"column '{column}' is empty.")
        return value

    def number(self, column: str, low: float = -math.inf, high: float = math.inf) -> Decimal | None:
        """The cell as a number within bounds; None when missing."""
        value = self.text(column)
        if not value:
            return None
        try:
            number = parse_number(value, decimal=self.decimals.get(normal_name(column), "."))
        except InputError as error:
            raise self.error(f"column '{column}' holds '{value}': {error}") from None
        if not low <= number <= high:
            raise self.error(f"column '{column}' holds '{value}', expected a number from {low:g} to {high:g}.")
        return number

    def count(self, column: str) -> int | None:
        """The cell as a whole number ≥ 0 (of 64 bits, as a database holds it); None when missing.

        Where the column's decimal sign is not settled, ``1.520`` and ``1,520`` group thousands: a count has no decimals.
        """
        if self.decimal_of(column) is None and re.fullmatch(r"[1-9]\d{0,2}([.,]\d{3})+", self.text(column)):
            return int(re.sub(r"\D", "", self.text(column)))
        number = self.number(column, 0, 2**63 - 1)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise self.error(f"column '{column}' holds '{self.text(column)}', expected a whole number.")
        return int(number)

    def decimal_of(self, column: str) -> str | None:
        """The decimal sign of the column; None = not settled."""
        return self.decimals.get(normal_name(column), ".")

    def unit_of(self, column: str) -> str:
        """The unit that the column's header states; "" = none."""
        return self.units.get(normal_name(column), "")

    def error(self, message: str, advice: str = "") -> FormatError:
        """A :class:`FormatError` at this row, to be raised."""
        return FormatError(message, path=self.path, line=self.line, advice=advice)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its header.

    ``preamble`` holds the lines before the header; ``header_line`` is 1-based; ``unnamed`` are cells under no name: line, column
    (1-based) and text.
    """

    path: Path
    header: tuple[str, ...]
    header_line: int
    rows: tuple[Row, ...]
    preamble: tuple[str, ...] = ()
    unnamed: tuple[tuple[int, int, str], ...] = ()

    def has(self, column: str) -> bool:
        return normal_name(column) in {normal_name(name) for name in self.header}


def read_table(
    path: Path,
    *,
    required: Iterable[str] = (),
    synonyms: Mapping[str, str] | None = None,
    numeric: Iterable[str] = (),
    delimiter: str | None = None,
    comment: str = "##",
    header_starts: str = "",
    header_line: int = 0,
    open_ended: str = "",
    decimal: str | None = None,
    limits: Limits = LIMITS,
) -> Table:
    """A delimited file (or the first sheet of a workbook) as rows with line numbers.

    Parameters
    ----------
    required
        Columns that must be there.
    synonyms
        Other spelling -> column name.
    numeric
        Columns whose decimal sign is settled over the whole column.
    delimiter
        None = tab if the header has one, else ``;`` or ``,``.
    comment
        Lines that begin so before the header are preamble; a single ``#`` before the header's first name is dropped.
    header_starts
        The header is the first line that begins with this (lines before are preamble); "" = the first other line.
    header_line
        The header's line, where the caller knows it; 0 = to be found.
    open_ended
        A last column of this name stands for itself and all unnamed cells after it, which are numbered: ``Otherinfo1`` ...
    decimal
        The decimal sign of every numeric column, when the user states it.

    Raises
    ------
    FormatError
        No header, a required column is missing, or a row holds more cells than the header.
    """
    known = {normal_name(old): normal_name(new) for old, new in (synonyms or {}).items()}
    preamble, header, header_line, chosen, body = _grid(path, delimiter, comment, header_starts, header_line, limits)
    if not header:
        raise FormatError("holds no header line.", path=path)
    if open_ended and header[-1].lower() == open_ended.lower():
        rows_of_cells = list(body)
        unnamed = max((len(cells) for _, cells in rows_of_cells), default=0) - len(header) + 1
        header = [*header[:-1], *(f"{open_ended}{number}" for number in range(1, max(unnamed, 1) + 1))]
        body = iter(rows_of_cells)
    names = [known.get(normal_name(cell), normal_name(cell)) for cell in header]
    missing = [name for name in required if normal_name(name) not in names]
    if missing:
        raise FormatError(
            f"has no column {', '.join(repr(name) for name in missing)} (its columns: {', '.join(header)[:200]}).",
            path=path,
            line=header_line,
        )
    duplicated = {name for name in names if name and names.count(name) > 1}
    if duplicated & {normal_name(name) for name in required}:
        raise FormatError(f"has the column {', '.join(sorted(duplicated))} twice.", path=path, line=header_line)
    raw_rows: list[tuple[int, dict[str, str]]] = []
    nameless_cells: list[tuple[int, int, str]] = []
    nameless = [place for place, name in enumerate(names) if not name]
    for line, cells in body:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            raise FormatError(f"has {len(cells)} cells, but the header names {len(names)}.", path=path, line=line)
        raw_rows.append((line, dict(zip(names, cells, strict=False))))
        nameless_cells += [
            (line, place + 1, cells[place]) for place in nameless if place < len(cells) and cells[place].strip()
        ]
    decimals = _decimals(path, numeric, raw_rows, decimal, chosen)
    rows = tuple(Row(path, line, cells, decimals) for line, cells in raw_rows)
    return Table(path, tuple(header), header_line, rows, tuple(preamble), tuple(nameless_cells))


def _decimals(
    path: Path,
    numeric: Iterable[str],
    rows: list[tuple[int, dict[str, str]]],
    stated: str | None,
    delimiter: str,
) -> dict[str, str | None]:
    """The decimal sign of each numeric column; numbers that a workbook stores as such are written with the sign of its texts."""
    decimals: dict[str, str | None] = {}
    for column in numeric:
        name = normal_name(column)
        typed = [text for _, cells in rows if not isinstance(text := cells.get(name, ""), StoredNumber)]
        try:
            sign = stated if stated is not None else decimal_sign(typed)
        except InputError as error:
            raise FormatError(f"column '{column}': {error}", path=path) from None
        # Semicolons part the cells where a comma is the decimal sign: 1.234 is then as likely a thousand.
        dotted = [text for text in typed if "." in text] if stated is None and delimiter == ";" and sign == "." else []
        decimals[name] = None if dotted and all(map(is_dotted, dotted)) else sign
        if sign == ",":
            for _, cells in rows:
                if isinstance(cells.get(name, ""), StoredNumber):
                    cells[name] = cells[name].replace(".", ",")
    return decimals


#: Preamble, header, its line (1-based), the delimiter ("" in a workbook), rows with their lines.
Grid: TypeAlias = tuple[list[str], list[str], int, str, Iterator[tuple[int, list[str]]]]


def _grid(
    path: Path, delimiter: str | None, comment: str, header_starts: str, header_line: int, limits: Limits
) -> Grid:
    if read_bytes(path, 4) == b"PK\x03\x04":
        return _sheet_grid(path, comment, header_starts, header_line, limits)
    lines = read_text(path, limits=limits).split("\n")
    preamble: list[str] = []
    for index, line in enumerate(lines):
        text = line.lstrip("\ufeff")
        is_header = (
            text.startswith(header_starts)
            if header_starts
            else bool(text.strip(' \t,;"')) and not text.startswith(comment)
        )
        if text.lower().startswith("sep="):
            is_header = False
        if header_line:
            is_header = index == header_line - 1
        if is_header:
            chosen = delimiter or delimiter_of(text)
            body = _csv_rows(path, lines, index, chosen)
            _, header = next(body)
            header = [cell.strip() for cell in header]
            header[0] = header[0].lstrip("#").strip()
            return preamble, header, index + 1, chosen, body
        preamble.append(line)
    return preamble, [], 0, "", iter(())


def _csv_rows(path: Path, lines: list[str], offset: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows from ``lines[offset:]`` on with the 1-based line where each begins; a quoted cell may span lines."""
    reader = csv.reader((line + "\n" for line in lines[offset:]), delimiter=delimiter)
    begin = offset + 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num + offset > begin:
                raise _unclosed(path, begin) from None
            raise FormatError(f"cannot be read as a table ({error}).", path=path, line=begin) from None
        end = offset + reader.line_num
        if end > begin or (cells and cells[-1].endswith("\n")):
            _check_quotes(path, lines[begin - 1 : end], begin, delimiter)
        yield begin, cells
        begin = end + 1


def cells_of_line(path: Path, number: int, line: str, delimiter: str) -> list[str]:
    """The cells of one line, for files whose rows are not those of one table.

    Raises
    ------
    FormatError
        A quote is not closed.
    """
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise FormatError(f"cannot be read as a table ({error}).", path=path, line=number) from None


def _check_quotes(path: Path, lines: list[str], begin: int, delimiter: str) -> None:
    # A quote that is never closed runs on to the next quote of the file and takes the rows between into its cell. The
    # cell then ends at the end of the file or before something that is no delimiter, which a strict reader refuses.
    try:
        for _ in csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        raise _unclosed(path, begin) from None


def _unclosed(path: Path, line: int) -> FormatError:
    return FormatError(
        'holds a quote (") that is not closed, which would take the rows after it into one cell.',
        path=path,
        line=line,
        advice="Close or remove the quote in this row.",
    )


def _sheet_grid(path: Path, comment: str, header_starts: str, header_line: int, limits: Limits) -> Grid:
    rows = xlsx_rows(path, limits=limits)
    for index, cells in enumerate(rows):
        first = next((cell for cell in cells if cell), "")
        is_header = first.startswith(header_starts) if header_starts else bool(first) and not first.startswith(comment)
        if header_line:
            is_header = index == header_line - 1
        if is_header:
            body = ((number, row) for number, row in enumerate(rows[index + 1 :], start=index + 2))
            return ["\t".join(row) for row in rows[:index]], [cell.strip() for cell in cells], index + 1, "", body
    return [], [], 0, "", iter(())
