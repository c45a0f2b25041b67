"""What our own tables share: columns with synonyms, recognition, templates, and the meaning of cells.

A table of ours is described once (:class:`OwnTable`); its template, its recognition and its reading follow from that. Reading is
forgiving in spelling (column synonyms in English and German, ``;``, tab or comma, XLSX, BOM, any line end) and strict in meaning:
an empty cell or ``-`` is *not tested*, ``n.d.`` is refused because it is written for "not detected" and for "not done", and what
contradicts itself is an error that names file, line and column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.clinical.workbooks import Sheet, look_at
from moltrack.formats.dates import with_iso_dates
from moltrack.formats.files import Head, read_bytes, read_text, split_line, xlsx_rows
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, Table, normal_name, read_table
from moltrack.model import FileInfo, Record, Technique

#: How the first line of a template begins; the name of the table follows.
MARK = "#moltrack:"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what a cell means (for the legend), and other spellings of its name."""

    name: str
    meaning: str
    synonyms: tuple[str, ...] = ()
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A table of ours.

    ``needs`` lists alternatives: the table is recognised when every column of one of them is there. ``example`` is the
    commented row of the template, by column. ``in_unit`` are the columns whose unit a header may state: ``value (mg/L)``.
    ``stand_in`` names a column that is read as another one where the table lacks that and the cells hold numbers.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    needs: tuple[frozenset[str], ...]
    rules: tuple[str, ...] = ()
    example: dict[str, str] = field(default_factory=dict)
    describes_samples: bool = True
    in_unit: frozenset[str] = frozenset()
    stand_in: tuple[str, str] | None = None

    @property
    def all_columns(self) -> tuple[Column, ...]:
        return (*OWNER, *self.columns, *DESCRIPTION) if self.describes_samples else self.columns

    def known(self) -> dict[str, str]:
        """Every spelling of every column, reduced, with the column it stands for."""
        spellings: dict[str, str] = {}
        for column in self.all_columns:
            for spelling in (column.name, *column.synonyms):
                spellings.setdefault(normal_name(spelling), column.name)
                if column.numeric:
                    for percent in _PERCENT:
                        spellings.setdefault(normal_name(spelling) + percent, column.name)
        return spellings

    def columns_in(self, header: Iterable[str]) -> list[str]:
        """The column that each cell of a header names; "" = none of the table's."""
        return [column for column, _ in self.named_in(header)]

    def named_in(self, header: Iterable[str]) -> list[tuple[str, str]]:
        """Column, and what the header says of it in parentheses: its unit (``%`` also in words), or how its dates are written."""
        known = self.known()
        numeric = {column.name for column in self.all_columns if column.numeric}
        found = []
        for cell in header:
            column, hint = known.get(normal_name(cell), ""), "%" if _SAYS_PERCENT.search(cell) else ""
            match = _HINT.fullmatch(" ".join(cell.split()))
            if not column and match:
                column, hint = known.get(normal_name(match[1]), ""), match[2]
                if column in numeric and column not in self.in_unit:
                    column, hint = column if hint.lower() in _COUNTED else "", ""
            found.append((column, hint if column else ""))
        return found

    def is_headed_by(self, cells: Iterable[str]) -> bool:
        """True for cells that name every column that the table needs."""
        columns = set(self.columns_in(cells))
        return any(needed <= columns for needed in self.needs)


#: What a header may add to a column's name to say that its cells are percentages: ``VAF (%)``, ``vaf_percent``.
_PERCENT = ("%", "percent", "pct", "prozent", "in%", "inpercent", "inprozent")
_SAYS_PERCENT = re.compile(r"%|percent|pct|prozent", re.IGNORECASE)
#: A unit or a hint behind a column's name: ``value [mg/L]``, ``date (DD.MM.YYYY)``.
_HINT = re.compile(r"(.+?)\s*[\[(]\s*([^\[\]()]+?)\s*[\])]")
#: What a numeric column counts anyway.
_COUNTED = frozenset(
    {
        "bp",
        "nt",
        "reads",
        "x",
        "n",
        "ratio",
        "fraction",
        "mut/wt",
        "copies",
        "events",
        "cells",
        "nuclei",
        "days",
        "years",
        "jahre",
    }
)
#: Lines of titles that may stand above a header, and how many cells a title fills at most.
_TITLES, _TITLE_CELLS = 20, 4

#: What laboratories call the column ``patient``.
PATIENT_NAMES = (
    "patient_id",
    "patientid",
    "pat_id",
    "case",
    "subject",
    "record_id",
    "subject_id",
    "patienten_id",
    "patientennummer",
)

OWNER = (
    Column("patient", "patient id; empty = given with --patient", ("pat", *PATIENT_NAMES)),
    Column(
        "sample",
        "sample id; empty = given with --sample",
        (
            "sample_id",
            "sampleid",
            "specimen",
            "probe_id",
            "probennummer",
            "proben_id",
            "einsendung",
            "accession",
            "tumor_sample_barcode",
        ),
    ),
)

DESCRIPTION = (
    Column(
        "date",
        "when the sample was taken: 2021-05-12, 2021-05 or 2021",
        ("sample_date", "collection_date", "collected", "entnahme", "entnahmedatum", "abnahmedatum", "datum"),
    ),
    Column("day", "or days from an event: 17, -3, -6..-3", ("day_from_event", "tag")),
    Column("from", "the event that day counts from; empty = the patient's anchor event", ("anchor", "day_from", "ab")),
    Column(
        "order",
        "or its place in the sequence of the patient's samples and events: 1, 2 ...",
        ("sequence", "reihenfolge"),
    ),
    Column(
        "tissue",
        "BM, PB or other",
        ("material", "specimen_type", "gewebe", "untersuchungsmaterial", "probenmaterial", "sample_type"),
    ),
    Column(
        "phase",
        "diagnosis, pre_treatment, after_cycle(N), end_of_treatment, pre_hct, post_hct, follow_up, relapse, other",
        ("timepoint_phase",),
    ),
    Column("label", "the laboratory's own name of the time point", ("timepoint", "time_point", "zeitpunkt", "visit")),
)

ASSAY = Column("assay", "assay id of the assay sheet; empty = the table's name", ("assay_id", "test_id"))
TECHNIQUE = Column(
    "technique", f"one of: {', '.join(t for t in Technique)}", ("method", "methode", "technik", "platform")
)
NOTE = Column(
    "note", "shown with the value wherever it appears", ("notes", "comment", "remark", "bemerkung", "kommentar")
)
RESULT = Column(
    "result",
    "the laboratory's own word, which wins over any limit: positive, negative, not evaluable (also detected, not detected, pos, neg, +; "
    "- only in a column that also holds +)",
    ("interpretation", "befund", "bewertung", "ergebnis", "call", "status"),
)
LIMITS = (
    Column(
        "lod", "limit of detection, in the unit of the value", ("limit_of_detection", "nachweisgrenze"), numeric=True
    ),
    Column(
        "loq",
        "limit of quantification, in the unit of the value",
        ("limit_of_quantification", "bestimmungsgrenze", "quantifizierungsgrenze"),
        numeric=True,
    ),
    Column(
        "cutoff",
        "highest value that negatives show, in the unit of the value",
        ("cut_off", "grenzwert", "schwellenwert", "normal_cutoff"),
        numeric=True,
    ),
)

CELL_RULES = (
    "Empty or - = not tested: the row states nothing. 'n.d.' is refused: write 'not detected' or 'not done' instead.",
    "<x = not detected at x, unless result says positive (then detected below x). A percentage needs % in the cell, in the column's name or in a unit column.",
    "Comma, semicolon or tab between cells, decimal point or comma (one of them per column). Lines that begin with # are comments.",
)

# --- recognition and templates ----------------------------------------------------------------------------------------


def is_comment(line: str) -> bool:
    """A line that is no row: empty, ``#`` (quoted where a spreadsheet has saved the template), or Excel's ``sep=``."""
    text = line.lstrip('\ufeff" \t,;')
    return not text or text.startswith("#") or text.lower().startswith("sep=")


def header_of(head: Head, table: OwnTable | None = None) -> tuple[str, ...]:
    """Cells of the table's header, which may stand below titles; without a table those of the first line that is no comment."""
    rows = (() if is_comment(line) else split_line(line) for line in head.lines)
    return tuple(cell.strip().strip('"') for cell in _header_in(rows, table)[1])


def _header_in(rows: Iterable[Sequence[str]], table: OwnTable | None) -> tuple[int, Sequence[str]]:
    """Number (1-based) and cells of the header: the row with the columns that the table needs, else the first that is not empty."""
    first: tuple[int, Sequence[str]] = 0, ()
    titles = 0
    for number, cells in enumerate(rows, start=1):
        filled = sum(bool(cell.strip()) for cell in cells)
        if not filled:
            continue
        if not first[0]:
            first = number, cells
        if table is None or table.is_headed_by(cells):
            return (number, cells) if table is not None else first
        titles += 1
        if filled > _TITLE_CELLS or titles == _TITLES:
            break
    return first


def declared_table(head: Head) -> str:
    """The table that a first line ``#moltrack: NAME`` declares, else ""."""
    first = head.lines[0].replace('"', "").strip().rstrip(",;\t ") if head.lines else ""
    return first[len(MARK) :].strip().lower() if first.lower().startswith(MARK) else ""


def sniff_own(head: Head, table: OwnTable) -> Sniff:
    """Certain by the first line of our templates; likely by the columns that only this table has."""
    if head.is_bcf:
        return Sniff.NO
    if declared := declared_table(head):
        return Sniff.CERTAIN if declared == table.name else Sniff.NO
    header = header_of(head, table)
    if not table.is_headed_by(header):
        return Sniff.NO
    columns = set(table.columns_in(cell for cell in header if cell))
    # A file of another tool may happen to hold our columns among many of its own.
    return Sniff.LIKELY if "" not in columns else Sniff.GENERIC


def template_of(table: OwnTable) -> str:
    """The empty table: first line, legend, header, and one commented example row."""
    lines = [f"{MARK} {table.name}", f"# {table.title}"]
    lines += [f"# {column.name}: {column.meaning}" for column in table.all_columns]
    lines += [f"# {rule}" for rule in (*table.rules, *CELL_RULES)]
    names = [column.name for column in table.all_columns]
    lines.append(",".join(names))
    lines.append("# " + ",".join(table.example.get(name, "") for name in names))
    return "\n".join(lines) + "\n"


def format_of(
    table: OwnTable,
    read: Callable[[Path, ReadOptions], Iterator[Record]],
    *,
    sniff: Callable[[Head], Sniff] | None = None,
    family: str = "clinical",
    technique: Technique = Technique.UNKNOWN,
    versions: str = "as its template",
    columns_source: str = "moltrack's own table",
) -> Format:
    """The format of a table of ours: recognised by its columns unless ``sniff`` knows better, with its template.

    What a table without rows means is asked.
    """
    return Format(
        name=table.name,
        title=table.title,
        family=family,
        technique=technique,
        sniff=sniff or (lambda head: sniff_own(head, table)),
        read=read,
        versions=versions,
        columns_source=columns_source,
        empty=Empty.ASK,
        template=template_of(table),
    )


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnRows:
    """The rows of a table of ours.

    ``percent`` names the columns whose header says percent, ``plus_minus`` those that write ``+`` and ``-``, ``unused`` the
    headers that are no column of the table; ``percent_lines`` gives by column and name of what is measured the first line that
    writes a percentage; ``notes`` say what of the file is not read.
    """

    rows: tuple[Row, ...]
    percent: frozenset[str] = frozenset()
    plus_minus: frozenset[str] = frozenset()
    unused: tuple[str, ...] = ()
    percent_lines: Mapping[tuple[str, str], int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def info(self) -> FileInfo:
        notes = (f"columns not read: {', '.join(self.unused)}", *self.notes) if self.unused else self.notes
        return FileInfo(header_only=not self.rows, rows=len(self.rows), kept=len(self.rows), notes=notes)

    def extra(self, row: Row) -> tuple[tuple[str, str], ...]:
        """Cells of columns that are not the table's, kept as they are."""
        return tuple((name, text) for name in self.unused if (text := row.text(name)))

    def percent_line(self, row: Row, column: str) -> int | None:
        """The first line that writes a percentage in the column, for the same thing measured."""
        return self.percent_lines.get((column, row.text("name").lower()))


def read_own(path: Path, options: ReadOptions, table: OwnTable) -> OwnRows:
    """The rows of a table of ours, checked: needed columns, no near miss of a column's name, no cell under no name, no row twice.

    Raises
    ------
    FormatError
        A needed column is missing, a column's name is misspelt or there twice, a cell has no column, a date may mean two days, or two
        rows are identical.
    """
    read, named = _read(path, options, table)
    columns = [column for column, _ in named]
    if not any(needed <= set(columns) for needed in table.needs):
        wanted = "; or ".join(", ".join(sorted(needed)) for needed in table.needs)
        raise FormatError(
            f"is not a table '{table.name}': it needs the columns {wanted} (its columns: {', '.join(read.header)[:200]}).",
            path=path,
            line=read.header_line,
            advice=f"See 'moltrack formats --template {table.name}'.",
        )
    unused = tuple(cell for cell, column in zip(read.header, columns, strict=True) if cell and not column)
    _refuse_near_misses(read, unused, table)
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise FormatError(
            f"has the column '{twice[0]}' twice (under two spellings, perhaps).", path=path, line=read.header_line
        )
    sheet = look_at(path) if _is_workbook(path) else Sheet({})
    _refuse_further_tables(path, sheet, table)
    rows = tuple(
        _with_percent_cells(
            read.rows, sheet, [column or normal_name(cell) for cell, column in zip(read.header, columns, strict=True)]
        )
    )
    rows = tuple(row for row in rows if not next(iter(row.cells.values()), "").lstrip().startswith("#"))
    _refuse_cells_without_column(path, read, {row.line for row in rows})
    refuse_twins(rows)
    units = {normal_name(column): hint for column, hint in named if column}
    rows = tuple(replace(row, units=units) for row in with_iso_dates(rows, dict(named)))
    signed = frozenset(name for name in ("result", "value") if any(row.raw(name) == "+" for row in rows))
    percent = frozenset(column for column, hint in named if hint == "%")
    numeric = [column.name for column in table.columns if column.numeric and column.name not in percent]
    return OwnRows(rows, percent, signed, unused, _percent_lines(rows, numeric), _not_read(read, sheet))


def _refuse_near_misses(read: Table, unused: Iterable[str], table: OwnTable) -> None:
    spellings = table.known()
    for cell in unused:
        # A misspelt 'cutoff' that is passed over would turn a negative into a positive.
        if close := get_close_matches(normal_name(cell), spellings, n=1, cutoff=0.87):
            raise FormatError(
                f"has the column '{cell}': is '{spellings[close[0]]}' meant?",
                path=read.path,
                line=read.header_line,
                advice="Rename or remove it.",
            )


def _refuse_further_tables(path: Path, sheet: Sheet, table: OwnTable) -> None:
    for name in sheet.others:
        rows = (() if is_comment(" ".join(row)) else row for row in xlsx_rows(path, name))
        if table.is_headed_by(_header_in(rows, table)[1]):
            raise FormatError(
                f"holds a table '{table.name}' on the sheet '{name}' too, of which only the first sheet would be read.",
                path=path,
                advice="Save each sheet as a file of its own, or hide those that do not belong to it.",
            )


def _refuse_cells_without_column(path: Path, read: Table, lines: set[int]) -> None:
    # The unit beside a value, under a header that was merged over both, would be lost.
    for line, column, text in read.unnamed:
        if line in lines:
            raise FormatError(
                f"holds '{text}' in column {column}, which has no name.",
                path=path,
                line=line,
                advice="Name the column in the header, or empty it.",
            )


def _read(path: Path, options: ReadOptions, table: OwnTable) -> tuple[Table, list[tuple[str, str]]]:
    """The file as rows, with the column and the hint of each cell of its header."""
    line, header = _header(path, options, table)
    named = table.named_in(header)
    read = _read_as(path, options, table, line, header, named)
    if table.stand_in is not None:
        stand_in, missing = table.stand_in
        columns = {column for column, _ in named}
        if missing not in columns and any(re.search(r"\d", row.raw(stand_in)) for row in read.rows):
            named = [(missing if column == stand_in else column, hint) for column, hint in named]
            read = _read_as(path, options, table, line, header, named)
    return read, named


def _read_as(
    path: Path,
    options: ReadOptions,
    table: OwnTable,
    line: int,
    header: Sequence[str],
    named: Iterable[tuple[str, str]],
) -> Table:
    return read_table(
        path,
        synonyms={cell: column for cell, (column, _) in zip(header, named, strict=True) if column},
        numeric=[column.name for column in table.all_columns if column.numeric],
        comment="#",
        header_line=line,
        decimal=options.decimal,
        limits=options.limits,
    )


def _header(path: Path, options: ReadOptions, table: OwnTable) -> tuple[int, list[str]]:
    rows: Iterable[Sequence[str]]
    if _is_workbook(path):
        rows = (() if is_comment(" ".join(row)) else row for row in xlsx_rows(path, limits=options.limits))
    else:
        lines = read_text(path, limits=options.limits).split("\n")
        rows = (() if is_comment(line) else split_line(line.lstrip("\ufeff")) for line in lines)
    number, cells = _header_in(rows, table)
    return number, [cell.strip() for cell in cells]


def _is_workbook(path: Path) -> bool:
    return read_bytes(path, 4) == b"PK\x03\x04"


def _with_percent_cells(rows: Iterable[Row], sheet: Sheet, names: Sequence[str]) -> Iterator[Row]:
    """The rows, with cells that a workbook shows as percent written so."""
    by_line: dict[int, dict[str, str]] = {}
    for (line, column), text in sheet.percent.items():
        if column < len(names):
            by_line.setdefault(line, {})[normal_name(names[column])] = text
    for row in rows:
        shown = by_line.get(row.line, {})
        shown = {name: text.replace(".", ",") if row.decimal_of(name) == "," else text for name, text in shown.items()}
        yield replace(row, cells={**row.cells, **shown}) if shown else row


def _percent_lines(rows: Iterable[Row], columns: Sequence[str]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        for column in columns:
            text = row.text(column)
            if "%" in text or (re.search(r"\d", text) and row.text("unit") == "%"):
                found.setdefault((column, row.text("name").lower()), row.line)
    return found


def _not_read(read: Table, sheet: Sheet) -> tuple[str, ...]:
    titles = [" ".join(line.split()) for line in read.preamble if not is_comment(line)]
    notes = [f"lines above the header not read: {'; '.join(titles)[:200]}"] if titles else []
    return (*notes, *([f"sheets not read: {', '.join(sheet.others)}"] if sheet.others else []))


def refuse_twins(rows: Sequence[Row]) -> None:
    """The same row twice is a copy, not a replicate."""
    seen: dict[tuple[tuple[str, str], ...], Row] = {}
    for row in rows:
        key = tuple(sorted((name, cell.strip()) for name, cell in row.cells.items() if cell.strip()))
        if key in seen:
            raise row.error(
                f"is the same row as line {seen[key].line}.", advice="Remove one; replicates differ in a note."
            )
        seen[key] = row
